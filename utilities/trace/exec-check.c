/* Quality of service, observation, multipath symmetry. */

#include <config.h>
#include "trace.h"

#include "flow.h"
#include "util.h"

static void
exec_log(const struct ovnact_log *log, const struct packet *p,
         struct ovs_list *super)
{
    struct flow flow = p->flow;

    /* As packets are logged: without the connection's original tuple. */
    flow_clear_conntrack(&flow);
    flow.ct_state = p->flow.ct_state;
    flow.ct_mark = p->flow.ct_mark;
    flow.ct_label = p->flow.ct_label;
    char *packet = flow_to_string(&flow, NULL);

    node_add(super, NODE_FORK, "LOG: ACL name=%s, direction=%s, verdict=%s, "
             "severity=%s, packet=\"%s\"", log->name ? log->name : "<unnamed>",
             p->pipeline == OVNACT_P_INGRESS ? "IN" : "OUT",
             ovnact_verdict_to_string(log->verdict),
             ovnact_severity_to_string(log->severity), packet);
    free(packet);
}

void
exec_check(struct trace *t OVS_UNUSED, const struct ovnact *act,
           struct packet *p, struct ovs_list *super)
{
    const struct ovnact_fields *fields = (const void *) act;
    const struct ovnact_number *number = (const void *) act;

    switch ((int) act->type) {
    case OVNACT_LOG:
        exec_log((const void *) act, p, super);
        break;

    case OVNACT_CHECK_PKT_LARGER:
        /* A microflow has no length: a small packet. */
        ref_set(&number->dst, 0, p);
        break;

    case OVNACT_CHK_ECMP_NH:
    case OVNACT_CHK_ECMP_NH_MAC:
        /* Next hops of connections are not in the database. */
        ref_set(&fields->dst, 0, p);
        break;

    /* set_queue, set_meter, sample, mirror and commit_ecmp_nh leave the packet
     * alone. */
    }
}
