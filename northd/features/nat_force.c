/* DOC: forced source translation
 *
 * A gateway router can be told to give the packets of connections whose
 * destination it has translated (dnat_force_snat_ip) or load balanced
 * (lb_force_snat_ip) an address of its own, so that replies come back to it.
 * Whether a packet is of such a connection is in its flags.  Reads
 * options of routers. */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"
#include "northd/model/nat.h"
#include "northd/model/router.h"

static const struct static_flow force_flows[] = {
    STATIC_FLOW(DPC_ROUTER_FORCE_LB, LR_OUT_SNAT, 120,
                "flags.skip_snat_for_lb == 1 && ip", "next;"),
};

static void
run_nat_force_static(const void *row OVS_UNUSED)
{
    static_flows(force_flows, ARRAY_SIZE(force_flows));
}
const struct inc_rule nat_force_static = {
    .name = "nat_force_static", .run = run_nat_force_static,
};

static void
run_nat_force(const void *row)
{
    const struct force_snat *force = row;
    const char *v = force_snat_v4(force) ? "4" : "6";
    const char *ip = force_snat_ip_text(force).s;
    struct dps dps = dps_one(force_snat_dp(force));
    bool lb = force_snat_what(force) == FORCE_SNAT_LB;
    if (!ip[0]) {
        return;                         /* By network: below. */
    }

    flow(dps, LR_IN_UNSNAT, lb ? 100 : 110, fmt("ip%s.dst == %s", v, ip),
         text("ct_snat;"));
    flow(dps, LR_OUT_SNAT, 100,
         fmt("flags.force_snat_for_%s == 1 && ip%s", lb ? "lb" : "dnat", v),
         fmt("ct_snat(%s);", ip));
}
const struct inc_rule nat_force = {
    .name = "nat_force", .driver = &force_snat_table, .run = run_nat_force,
};

/* lb_force_snat_ip=router_ip: the address of the output port that is in the
 * network of the next hop (flags.network_id tells which). */
static void
run_nat_force_router_ip(const void *row)
{
    const struct router_net *net = row;
    const struct router_port *rp = router_port_of(router_net_port(net));
    struct dps dps = dps_one(router_net_dp(net));
    if (!rp || router_net_lla(net)
        || !force_snat_is_router_ip(router_net_dp(net))) {
        return;
    }

    const char *v = router_net_v4(net) ? "4" : "6";
    const char *ip = router_net_ip_text(net).s;
    flow(dps, LR_IN_UNSNAT, 110,
         fmt("inport == %s && ip%s.dst == %s", router_port_name(rp).s, v, ip),
         text("ct_snat;"), .hint = router_port_lrp(rp));
    flow(dps, LR_OUT_SNAT, 110,
         fmt("flags.force_snat_for_lb == 1 && flags.network_id == %"PRIu32
             " && ip%s && outport == %s", router_net_n(net), v,
             router_port_name(rp).s),
         fmt("ct_snat(%s);", ip), .hint = router_port_lrp(rp));
}
const struct inc_rule nat_force_router_ip = {
    .name = "nat_force_router_ip", .driver = &router_net_table,
    .run = run_nat_force_router_ip,
};
