#include <config.h>
#include "trace.h"

#include <string.h>

#include "flow.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "smap.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(trace_run);

/* A packet that runs in circles has to end somewhere, and copies of it, too:
 * more tables than one can meet on the way through as many routers as IP's TTL
 * allows, and tables of all copies together. */
#define MAX_DEPTH 6000
#define MAX_TABLES 200000

/* ---- Packets. ---- */

/* Makes '*dst' a copy of 'src', to be destroyed by packet_destroy(). */
void
packet_clone(struct packet *dst, const struct packet *src)
{
    *dst = *src;
    if (src->stack) {
        dst->stack = xmemdup(src->stack, src->n_stack * sizeof *src->stack);
        dst->allocated_stack = src->n_stack;
    }
}

void
packet_destroy(struct packet *p)
{
    free(p->stack);
}

/* ---- Names. ---- */

const char *
trace_port_name(const struct trace *t, const struct net_port *port)
{
    return (!port ? "" : t->options->friendly && port->friendly
            ? port->friendly : port->name);
}

const char *
trace_dp_name(const struct trace *t, const struct net_dp *dp)
{
    return t->options->friendly && dp->friendly ? dp->friendly : dp->name;
}

/* Returns the name of a port or group of the packet's datapath. */
static const char *
key_to_name(const struct trace *t, const struct packet *p, uint32_t key)
{
    const struct net_port *port = net_dp_port(p->dp, key);
    const struct net_group *group = net_dp_group(p->dp, key);

    return port ? trace_port_name(t, port) : group ? group->name : "";
}

/* Replaces names of ports in quotes by friendly ones.  The caller frees the
 * result. */
static char *
make_friendly(const struct trace *t, const char *text)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    for (;;) {
        const char *start = t->options->friendly ? strchr(text, '"') : NULL;
        const char *end = start ? strchr(start + 1, '"') : NULL;
        if (!end) {
            break;
        }

        char *name = xmemdup0(start + 1, end - start - 1);
        const struct net_port *port = shash_find_data(&t->net->ports, name);
        ds_put_buffer(&s, text, start + 1 - text);
        ds_put_cstr(&s, port ? trace_port_name(t, port) : name);
        ds_put_char(&s, '"');
        free(name);
        text = end + 1;
    }
    ds_put_cstr(&s, text);
    return ds_steal_cstr(&s);
}

/* An expr_port_func for matches and actions in the packet's datapath. */
bool
trace_lookup_port(const char *name, uint32_t *key, void *p_)
{
    const struct packet *p = p_;
    const struct net_port *port;
    const struct net_group *group;

    if (!strcmp(name, "none")) {
        *key = 0;
        return true;
    }
    port = shash_find_data(p->ports, name);
    if (port && port->dp == p->dp) {
        *key = port->key;
        return true;
    }
    group = net_dp_group_by_name(p->dp, name);
    if (group) {
        *key = group->key;
    }
    return group != NULL;
}

/* Whether the packet is on the chassis where port 'name' is.  If we do not
 * know where it is, it is everywhere.  Patch ports are nowhere, as for
 * ovn-controller. */
bool
trace_is_resident(const char *name, void *p_)
{
    const struct packet *p = p_;
    const struct net_port *port;

    port = shash_find_data(p->ports, name);
    if (port && !strcmp(port->type, "patch")) {
        return false;
    }
    return !p->chassis || (port && port->chassis == p->chassis);
}

/* ---- Tables. ---- */

static const struct net_flow *
find_flow(const struct net_table *table, struct packet *p)
{
    for (size_t i = 0; i < table->n; i++) {
        const struct net_flow *flow = table->flows[i];

        if (flow->match && expr_evaluate(flow->match, &p->flow,
                                         trace_lookup_port,
                                         trace_is_resident, p)) {
            return flow;
        }
    }
    return NULL;
}

static struct node *
add_flow(struct trace *t, const struct net_flow *flow, const struct packet *p,
         struct ovs_list *super)
{
    const char *source = smap_get(&flow->row->external_ids, "source");
    char *match = make_friendly(t, flow->row->match);
    struct node *node = node_add(
        super, NODE_TABLE, "%2d. %s%s%s%s: %s, priority %"PRId64", "
        "uuid %08x", p->table, flow->stage[0] ? flow->stage : "(unnamed)",
        source ? " (" : "", source ? source : "", source ? ")" : "", match,
        flow->row->priority, flow->row->header_.uuid.parts[0]);

    node->lflow = flow;
    if (t->why) {
        node->why = why_flow(t->why, flow->row);
    }
    free(match);
    return node;
}

/* Executes the flow of the table that matches the packet. */
void
trace_table(struct trace *t, struct packet *p, uint8_t table_id,
            enum ovnact_pipeline pipeline, struct ovs_list *super)
{
    const struct net_flow *old_lflow = p->lflow;
    enum ovnact_pipeline old_pipeline = p->pipeline;
    uint8_t old_table = p->table;

    if (++p->depth > MAX_DEPTH || ++t->n_tables > MAX_TABLES) {
        node_add(super, NODE_ERROR, "*** the packet runs in circles");
        outcome_add(t, p, OUTCOME_ERROR)->text
            = xstrdup("the packet runs in circles");
        p->depth--;
        return;
    }

    p->pipeline = pipeline;
    p->table = table_id;
    const struct net_table *table = net_dp_table(t->net, p->dp, pipeline,
                                                 table_id, p->templates);
    const struct net_flow *flow = find_flow(table, p);
    if (!flow) {
        p->lflow = NULL;
        outcome_add(t, p, OUTCOME_NO_FLOW);
    } else if (flow->trivial) {
        p->lflow = flow;
        trace_table(t, p, table_id + 1, pipeline, super);
    } else {
        struct node *node = add_flow(t, flow, p, super);

        if (t->vconn) {
            openflow_flows(t->vconn, flow, &node->subs);
        }
        p->lflow = flow;
        if (flow->acts.first) {
            trace_actions(t, flow->acts.first, p, &node->subs);
        } else {
            node_add(&node->subs, NODE_ACTION, "drop");
            outcome_add(t, p, OUTCOME_DROPPED);
        }
    }
    p->lflow = old_lflow;
    p->pipeline = old_pipeline;
    p->table = old_table;
    p->depth--;
}

/* ---- Actions. ---- */

static exec_func *
exec_function(enum ovnact_type type)
{
    switch (type) {
    case OVNACT_OUTPUT:
    case OVNACT_NEXT:
    case OVNACT_CLONE:
    case OVNACT_LOAD:
    case OVNACT_MOVE:
    case OVNACT_EXCHANGE:
    case OVNACT_DEC_TTL:
    case OVNACT_PUSH:
    case OVNACT_POP:
    case OVNACT_OVNFIELD_LOAD:
    case OVNACT_SELECT:
    case OVNACT_FWD_GROUP:
        return exec_basic;

    case OVNACT_CT_NEXT:
    case OVNACT_CT_COMMIT:
    case OVNACT_CT_COMMIT_TO_ZONE:
    case OVNACT_CT_COMMIT_NAT:
    case OVNACT_CT_DNAT:
    case OVNACT_CT_SNAT:
    case OVNACT_CT_DNAT_IN_CZONE:
    case OVNACT_CT_SNAT_IN_CZONE:
    case OVNACT_CT_CLEAR:
    case OVNACT_CT_STATE_SAVE:
    case OVNACT_CT_NW_DST:
    case OVNACT_CT_IP6_DST:
    case OVNACT_CT_TP_DST:
    case OVNACT_CT_PROTO:
        return exec_ct;

    case OVNACT_CT_LB:
    case OVNACT_CT_LB_MARK:
    case OVNACT_CT_LB_MARK_LOCAL:
    case OVNACT_CT_SNAT_TO_VIP:
    case OVNACT_CHK_LB_HAIRPIN:
    case OVNACT_CHK_LB_HAIRPIN_REPLY:
    case OVNACT_COMMIT_LB_AFF:
    case OVNACT_CHK_LB_AFF:
        return exec_lb;

    case OVNACT_GET_ARP:
    case OVNACT_GET_ND:
    case OVNACT_PUT_ARP:
    case OVNACT_PUT_ND:
    case OVNACT_LOOKUP_ARP:
    case OVNACT_LOOKUP_ND:
    case OVNACT_LOOKUP_ARP_IP:
    case OVNACT_LOOKUP_ND_IP:
    case OVNACT_MAC_CACHE_USE:
    case OVNACT_CHK_EVPN_ARP:
        return exec_neighbor;

    case OVNACT_GET_FDB:
    case OVNACT_PUT_FDB:
    case OVNACT_LOOKUP_FDB:
    case OVNACT_GET_REMOTE_FDB:
    case OVNACT_FLOOD_REMOTE:
    case OVNACT_CHECK_IN_PORT_SEC:
    case OVNACT_CHECK_OUT_PORT_SEC:
        return exec_fdb;

    case OVNACT_ARP:
    case OVNACT_ND_NS:
    case OVNACT_ND_NA:
    case OVNACT_ND_NA_ROUTER:
    case OVNACT_ICMP4:
    case OVNACT_ICMP4_ERROR:
    case OVNACT_ICMP6:
    case OVNACT_ICMP6_ERROR:
    case OVNACT_TCP_RESET:
    case OVNACT_SCTP_ABORT:
    case OVNACT_REJECT:
        return exec_replace;

    case OVNACT_PUT_DHCP_OPTS:
    case OVNACT_PUT_DHCPV6_OPTS:
    case OVNACT_PUT_ND_RA_OPTS:
    case OVNACT_DHCP_RELAY_REQ_CHK:
    case OVNACT_DHCP_RELAY_RESP_CHK:
    case OVNACT_DNS_LOOKUP:
    case OVNACT_HANDLE_DHCPV6_REPLY:
    case OVNACT_HANDLE_SVC_CHECK:
    case OVNACT_HANDLE_BFD_MSG:
    case OVNACT_IGMP:
    case OVNACT_BIND_VPORT:
    case OVNACT_TRIGGER_EVENT:
        return exec_service;

    case OVNACT_COMMIT_ECMP_NH:
    case OVNACT_CHK_ECMP_NH_MAC:
    case OVNACT_CHK_ECMP_NH:
    case OVNACT_LOG:
    case OVNACT_SET_QUEUE:
    case OVNACT_SET_METER:
    case OVNACT_CHECK_PKT_LARGER:
    case OVNACT_SAMPLE:
    case OVNACT_MIRROR:
        return exec_check;

    case N_OVNACTS:
        break;
    }
    OVS_NOT_REACHED();
}

/* Appends the action as text to 'super'. */
static void
add_action(const struct trace *t, const struct ovnact *act,
           struct ovs_list *super)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ovnact_format(act, &s);
    char *text = make_friendly(t, ds_cstr(&s));
    node_add(super, NODE_ACTION, "%s", text);
    free(text);
    ds_destroy(&s);
}

/* Whether what follows 'act' in a flow is for the packet when it comes back
 * from ovn-controller, where it waits. */
static bool
is_pause(const struct ovnact *act)
{
    return act->type == OVNACT_ARP || act->type == OVNACT_ND_NS;
}

/* Whether 'act' gives the packet to ovn-controller, so that it need not go
 * anywhere else. */
static bool
takes_in(const struct ovnact *act)
{
    switch ((int) act->type) {
    case OVNACT_IGMP:
    case OVNACT_HANDLE_SVC_CHECK:
    case OVNACT_HANDLE_BFD_MSG:
    case OVNACT_HANDLE_DHCPV6_REPLY:
    case OVNACT_TRIGGER_EVENT:
    case OVNACT_BIND_VPORT:
    case OVNACT_PUT_ARP:
    case OVNACT_PUT_ND:
    case OVNACT_PUT_FDB:
        return true;
    default:
        return false;
    }
}

/* Executes 'first' and what follows it. */
void
trace_actions(struct trace *t, const struct ovnact *first, struct packet *p,
              struct ovs_list *super)
{
    size_t n_outcomes = t->n_outcomes;
    bool taken_in = false;
    const struct ovnact *act;

    OVNACT_FOR_EACH (act, first) {
        add_action(t, act, super);
        taken_in |= takes_in(act);
        exec_function(act->type)(t, act, p, super);
        if (is_pause(act) || p->ended) {
            break;
        }
    }
    if (t->n_outcomes == n_outcomes) {
        outcome_add(t, p, taken_in ? OUTCOME_CONSUMED : OUTCOME_DROPPED);
    }
}

/* ---- From pipeline to pipeline. ---- */

static void
clear_registers(struct packet *p)
{
    for (int i = 0; i < 10; i++) {
        p->flow.regs[i] = 0;
    }
}

/* The chassis that 'port' is on, NULL if it is on all of them or on none.
 * What leads to a gateway router is where that is. */
static const struct net_chassis *
chassis_of(const struct net_port *port)
{
    return (port->chassis ? port->chassis
            : port->peer ? port->peer->chassis : NULL);
}

/* The packet goes to where 'chassis' is. */
static void
move_to(struct packet *p, const struct net_chassis *chassis)
{
    p->at = p->templates = chassis;
    p->chassis = p->chassis ? chassis : NULL;
}

/* Whether the port leads to another datapath. */
static bool
leads_on(const struct net_port *port)
{
    return !strcmp(port->type, "patch") || !strcmp(port->type, "l3gateway");
}

static void
trace_ingress(struct trace *t, const struct packet *from,
              struct net_port *inport, struct ovs_list *super)
{
    struct packet p;

    packet_clone(&p, from);
    p.dp = inport->dp;
    clear_registers(&p);
    p.refused_by = NULL;
    p.refused_flow = NULL;
    p.learned = false;
    flow_clear_conntrack(&p.flow);
    p.flow.regs[10] = 0;
    p.flow.regs[14] = inport->key;
    p.flow.regs[15] = 0;

    struct node *node = node_add(super, NODE_PIPELINE,
                                 "ingress(dp=\"%s\", inport=\"%s\")",
                                 trace_dp_name(t, p.dp),
                                 trace_port_name(t, inport));
    trace_table(t, &p, 0, OVNACT_P_INGRESS, &node->subs);
    packet_destroy(&p);
}

/* The egress pipeline is through: to the port. */
static void
deliver(struct trace *t, const struct packet *p, struct ovs_list *super)
{
    struct net_port *port = net_dp_port(p->dp, packet_outport(p));

    if (!port) {
        node_add(super, NODE_ERROR, "*** no port has key %"PRIu32,
                 packet_outport(p));
        outcome_add(t, p, OUTCOME_ERROR)->text
            = xasprintf("no port of \"%s\" has key %"PRIu32,
                        trace_dp_name(t, p->dp), packet_outport(p));
        return;
    }

    node_add(super, NODE_NOTE, "/* output to \"%s\", type \"%s\" */",
             trace_port_name(t, port), port->type);
    if (!leads_on(port)) {
        node_add(super, NODE_OUTPUT, "output(\"%s\")",
                 trace_port_name(t, port));
        outcome_add(t, p, OUTCOME_DELIVERED)->port = port;
    } else if (port->peer) {
        trace_ingress(t, p, port->peer, super);
    } else {
        node_add(super, NODE_ERROR,
                 "*** output to type \"%s\" port \"%s\" without peer",
                 port->type, trace_port_name(t, port));
        outcome_add(t, p, OUTCOME_ERROR)->text
            = xasprintf("port \"%s\" of type \"%s\" leads nowhere: there is "
                        "no port \"%s\"", trace_port_name(t, port),
                        port->type, smap_get_def(&port->row->options, "peer",
                                                 ""));
    }
}

/* Through the egress pipeline to one port. */
static void
trace_egress(struct trace *t, const struct packet *from,
             struct net_port *port, struct ovs_list *super)
{
    struct packet p;

    packet_clone(&p, from);
    clear_registers(&p);
    p.flow.regs[15] = port->key;
    p.refused_by = NULL;
    p.refused_flow = NULL;
    if (chassis_of(port)) {
        /* This pipeline runs where the port is. */
        move_to(&p, chassis_of(port));
    }
    trace_table(t, &p, 0, OVNACT_P_EGRESS, super);
    packet_destroy(&p);
}

static struct node *
add_egress(struct trace *t, const struct packet *p,
           const struct net_port *port, struct ovs_list *super)
{
    return node_add(super, NODE_PIPELINE,
                    "egress(dp=\"%s\", inport=\"%s\", outport=\"%s\")",
                    trace_dp_name(t, p->dp),
                    key_to_name(t, p, packet_inport(p)),
                    trace_port_name(t, port));
}

/* Whether 'port' may not be sent to because the packet came from there. */
static bool
is_looped(struct trace *t, const struct packet *p,
          const struct net_port *port, struct ovs_list *super)
{
    if (port->key != packet_inport(p) || p->flow.regs[10] & 1) {
        return false;
    }
    node_add(super, NODE_NOTE, "/* omitting output because inport == outport "
             "&& !flags.loopback */");
    outcome_add(t, p, OUTCOME_LOOPBACK)->port = port;
    return true;
}

static void
trace_multicast(struct trace *t, const struct packet *p,
                const struct net_group *group, struct ovs_list *super)
{
    struct node *node = node_add(super, NODE_PIPELINE,
                                 "multicast(dp=\"%s\", mcgroup=\"%s\")",
                                 trace_dp_name(t, p->dp), group->name);

    for (size_t i = 0; i < group->n_ports; i++) {
        struct node *sub = add_egress(t, p, group->ports[i], &node->subs);

        sub->indent = true;
        if (!is_looped(t, p, group->ports[i], &sub->subs)) {
            trace_egress(t, p, group->ports[i], &sub->subs);
        }
    }
    if (!group->n_ports) {
        outcome_add(t, p, OUTCOME_DROPPED)->text
            = xasprintf("multicast group \"%s\" has no port", group->name);
    }
}

/* A port that stands for another one on its gateway chassis. */
static struct net_port *
redirect(struct trace *t, struct packet *p, struct net_port *port,
         struct ovs_list *super)
{
    if (strcmp(port->type, "chassisredirect")) {
        return port;
    }
    if (!port->distributed) {
        node_add(super, NODE_ERROR, "*** output to type \"%s\" port \"%s\" "
                 "without distributed port", port->type,
                 trace_port_name(t, port));
        outcome_add(t, p, OUTCOME_ERROR)->text
            = xasprintf("port \"%s\" of type \"%s\" has no distributed port",
                        trace_port_name(t, port), port->type);
        return NULL;
    }
    node_add(super, NODE_NOTE, "/* Replacing type \"%s\" outport \"%s\" with "
             "distributed port \"%s\". */", port->type,
             trace_port_name(t, port), trace_port_name(t, port->distributed));
    if (port->chassis) {
        move_to(p, port->chassis);
    } else {
        p->at = NULL;
    }
    return port->distributed;
}

static void
output_from_ingress(struct trace *t, struct packet *p, struct ovs_list *super)
{
    uint32_t key = packet_outport(p);
    struct net_port *port = net_dp_port(p->dp, key);
    const struct net_group *group = net_dp_group(p->dp, key);

    if (port) {
        port = redirect(t, p, port, super);
        if (port && !is_looped(t, p, port, super)) {
            struct node *node = add_egress(t, p, port, super);
            trace_egress(t, p, port, &node->subs);
        }
    } else if (group) {
        trace_multicast(t, p, group, super);
    } else {
        char *error = (key ? xasprintf("unknown port or multicast group "
                                       "%"PRIu32, key)
                       : xstrdup("output to null logical port"));
        node_add(super, NODE_ERROR, "*** %s", error);
        outcome_add(t, p, OUTCOME_ERROR)->text = error;
    }
}

/* "output;" in whichever pipeline the packet is. */
void
trace_output(struct trace *t, const struct packet *packet,
             struct ovs_list *super)
{
    struct packet p;

    packet_clone(&p, packet);
    if (p.pipeline == OVNACT_P_INGRESS) {
        output_from_ingress(t, &p, super);
    } else {
        deliver(t, &p, super);
    }
    packet_destroy(&p);
}
