#include <config.h>
#include "trace.h"

#include <stdlib.h>

#include "byte-order.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofp-flow.h"
#include "openvswitch/vconn.h"
#include "util.h"
#include "uuid.h"

/* Appends the flows of the switch that come from 'flow', whose cookie is the
 * first 32 bits of its UUID. */
void
openflow_flows(struct vconn *vconn, const struct net_flow *flow,
               struct ovs_list *super)
{
    struct ofputil_flow_stats_request fsr = {
        .cookie = htonll(flow->row->header_.uuid.parts[0]),
        .cookie_mask = OVS_BE64_MAX,
        .out_port = OFPP_ANY,
        .out_group = OFPG_ANY,
        .table_id = OFPTT_ALL,
    };
    struct ofputil_flow_stats *fses;
    size_t n;

    int error = vconn_dump_flows(
        vconn, &fsr, ofputil_protocol_from_ofp_version(
            vconn_get_version(vconn)), &fses, &n);
    if (error) {
        node_add(super, NODE_ERROR, "*** error obtaining flow stats (%s)",
                 ovs_strerror(error));
        return;
    }
    if (!n) {
        node_add(super, NODE_NOTE, "*** no OpenFlow flows");
    }
    for (size_t i = 0; i < n; i++) {
        struct ds s = DS_EMPTY_INITIALIZER;

        ofputil_flow_stats_format(&s, &fses[i], NULL, NULL, true);
        node_add(super, NODE_NOTE, "%s",
                 ds_cstr(&s) + strspn(ds_cstr(&s), " "));
        ds_destroy(&s);
        free(CONST_CAST(struct ofpact *, fses[i].ofpacts));
    }
    free(fses);
}
