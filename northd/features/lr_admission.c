/* DOC: router admission and delivery
 *
 * A router port takes what is for its own Ethernet address and what is for
 * all; a gateway port takes what is for its own address on the active gateway
 * chassis only.  What reaches the end of the egress pipeline leaves through
 * ports that are enabled.  Reads router ports. */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"
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

    istr actions = fmt(REG_INPORT_ETH" = %s; next;", mac.s);
    flow(dps, LR_IN_ADMISSION, 50, fmt("eth.mcast && inport == %s", name.s),
         actions, .hint = lrp);
    flow(dps, LR_IN_ADMISSION, 50,
         fmt("eth.dst == %s && inport == %s", mac.s, name.s),
         actions, .hint = lrp);

    flow(dps, LR_OUT_DELIVERY, 100, fmt("outport == %s", name.s),
         text("output;"), .hint = lrp);
}
const struct inc_rule lr_admission = {
    .name = "lr_admission", .driver = &router_port_table,
    .run = run_lr_admission,
};
