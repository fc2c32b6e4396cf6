/* DOC: relay of multicast
 *
 * Routers with options:mcast_relay pass IP multicast, and what hosts report
 * about their groups, to the ports with options:mcast_flood.  The router ports
 * of such routers are the group _MC_mrouter_flood of their switch.  Reads
 * routers and their ports. */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"
#include "northd/model/datapath.h"
#include "northd/model/port.h"
#include "northd/model/router.h"
#include "northd/out/sb.h"

/* Reports have one hop to live, and must reach the next router all the
 * same. */
static const struct static_flow relay_flows[] = {
    STATIC_FLOW(DPC_ROUTER_MCAST_STATIC, LR_IN_IP_INPUT, 120,
                "igmp && ip.ttl == 1", "next;"),
    STATIC_FLOW(DPC_ROUTER_MCAST_STATIC, LR_IN_IP_INPUT, 120,
                "(mldv1 || mldv2) && ip.ttl == 1", "next;"),
    STATIC_FLOW(DPC_ROUTER_MCAST_STATIC, LR_IN_IP_ROUTING, 10460,
                "igmp || mldv1 || mldv2",
                "outport = \"_MC_static\"; next;"),
    STATIC_FLOW(DPC_ROUTER_MCAST_STATIC, LR_IN_IP_ROUTING, 10450,
                "ip4.mcast || ip6.mcast",
                "ip.ttl--; outport = \"_MC_static\"; next;"),
    STATIC_FLOW(DPC_ROUTER_MCAST_NO_STATIC, LR_IN_IP_ROUTING, 10450,
                "ip4.mcast || ip6.mcast", "drop;"),
};

static void
run_mcast_relay_static(const void *row OVS_UNUSED)
{
    static_flows(relay_flows, ARRAY_SIZE(relay_flows));
}
const struct inc_rule mcast_relay_static = {
    .name = "mcast_relay_static", .run = run_mcast_relay_static,
};

/* Reports that come back, through another router or a port that both are
 * plugged into, would go around for ever: their time is never up. */
static void
run_mcast_relay(const void *row)
{
    const struct router_port *rp = row;
    const struct router *router = router_of(router_port_dp(rp));

    if (router && router_mcast_relay(router)) {
        flow(dps_one(router_port_dp(rp)), LR_IN_IP_ROUTING, 10550,
             fmt("eth.src == %s && (igmp || mldv1 || mldv2)",
                 router_port_mac_text(rp).s),
             text("drop;"), .hint = router_port_lrp(rp));
    }
}
const struct inc_rule mcast_relay = {
    .name = "mcast_relay", .driver = &router_port_table,
    .run = run_mcast_relay,
};

/* ---- Multicast routers of a switch. ---- */

static void
run_mrouter_groups(const void *row)
{
    const struct inc_bucket *router_ports = row;
    size_t len;
    const struct datapath *const *key = inc_bucket_key(router_ports, &len);
    const struct datapath *dp = *key;
    if (!dp || !datapath_ls(dp)) {
        return;
    }

    struct db_set *ports = db_set_start();
    const struct router_port *rp;
    bool any = false;
    INC_BUCKET_FOR_EACH (rp, router_ports) {
        const struct router *router = router_of(router_port_dp(rp));
        const struct port *peer = router_port_peer(rp);
        if (router && router_mcast_relay(router) && peer
            && port_enabled(peer)) {
            struct uuid uuid = port_sb_uuid(peer);
            db_set_uuid(ports, &uuid);
            any = true;
        }
    }
    istr members = db_set_finish(ports);
    if (any) {
        struct uuid uuid = datapath_sb_uuid(dp);
        emit_sb_mcast(&(struct sb_mcast_v) {
            .uuid = db_uuid_for(&sb_multicast_group_table,
                                UUID_FMT" _MC_mrouter_flood",
                                UUID_ARGS(&uuid)),
            .datapath = uuid, .name = text("_MC_mrouter_flood"),
            .tunnel_key = 32770, .ports = members,
        });
    }
}
const struct inc_rule mrouter_groups = {
    .name = "mrouter_groups", .bucket_driver = &router_ports_by_peer_dp,
    .run = run_mrouter_groups,
};
