/* DOC: router admission and delivery
 *
 * A router port takes what is for its own Ethernet address and what is for
 * all; a gateway port takes what is for its own address on the active gateway
 * chassis only.  What reaches the end of the egress pipeline leaves through
 * ports that are enabled.  Reads router ports. */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"
#include "northd/model/gateway.h"
#include "northd/model/port.h"
#include "northd/model/router.h"

static const struct static_flow admission_flows[] = {
    STATIC_FLOW(DPC_ROUTER, LR_IN_ADMISSION, 100,
                "vlan.present || eth.src[40]", "drop;"),
};

static void
run_lr_static_admission(const void *row OVS_UNUSED)
{
    static_flows(admission_flows, ARRAY_SIZE(admission_flows));
}
const struct inc_rule lr_static_admission = {
    .name = "lr_static_admission", .run = run_lr_static_admission,
};

/* On which chassis packets for the port's own address are admitted: a VTEP
 * gateway may send them to any. */
static istr
admission_resident(const struct router_port *rp)
{
    const struct datapath *peer_dp = router_port_peer_dp(rp);
    return (peer_dp && ports_with_trait_exist(peer_dp, PORT_TRAIT_VTEP)
            ? text("") : gateway_resident(router_port_port(rp)));
}

/* Packets that may be as large as they want need not be measured. */
static void
bypass_mtu_check(const struct router_port *rp, struct dps dps)
{
    istr bypass = gateway_mtu_bypass(router_port_port(rp));
    if (!istr_is_empty(bypass)) {
        flow(dps, LR_IN_ADMISSION, 55,
             fmt("eth.dst == %s && inport == %s%s && (%s)",
                 router_port_mac_text(rp).s, router_port_name(rp).s,
                 admission_resident(rp).s, bypass.s),
             fmt(REG_INPORT_ETH" = %s; next;", router_port_mac_text(rp).s),
             .hint = router_port_lrp(rp));
    }
}

/* reside-on-redirect-chassis is for routers with one gateway. */
static void
check_residence(const struct router_port *rp)
{
    const struct nb_logical_router_port *lrp = router_port_lrp(rp);
    if (db_map_get_bool(nb_logical_router_port_options(lrp),
                        "reside-on-redirect-chassis", false)
        && inc_bucket_n(gateways_of_dp(router_port_dp(rp))) > 1) {
        invalid(lrp, "options:reside-on-redirect-chassis has no effect on a "
                "router with several gateway ports");
    }
}

static void
run_lr_admission(const void *row)
{
    const struct router_port *rp = row;
    const struct nb_logical_router_port *lrp = router_port_lrp(rp);
    struct dps dps = dps_one(router_port_dp(rp));
    istr name = router_port_name(rp);
    istr mac = router_port_mac_text(rp);
    if (!router_port_enabled(rp)) {
        return;
    }

    check_residence(rp);
    istr actions = fmt("%s"REG_INPORT_ETH" = %s; next;",
                       gateway_mtu_check(router_port_port(rp)).s, mac.s);
    flow(dps, LR_IN_ADMISSION, 50, fmt("eth.mcast && inport == %s", name.s),
         actions, .hint = lrp);
    flow(dps, LR_IN_ADMISSION, 50,
         fmt("eth.dst == %s && inport == %s%s", mac.s, name.s,
             admission_resident(rp).s),
         actions, .hint = lrp);
    bypass_mtu_check(rp, dps);

    flow(dps, LR_OUT_DELIVERY, 100, fmt("outport == %s", name.s),
         text("output;"), .hint = lrp);
    const struct router *router = router_of(router_port_dp(rp));
    if (router && router_mcast_relay(router)) {
        flow(dps, LR_OUT_DELIVERY, 110,
             fmt("(ip4.mcast || ip6.mcast) && outport == %s", name.s),
             fmt("eth.src = %s; output;", mac.s), .hint = lrp);
    }
}
const struct inc_rule lr_admission = {
    .name = "lr_admission", .driver = &router_port_table,
    .run = run_lr_admission,
};
