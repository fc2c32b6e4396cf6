/* DOC: ARP and ND to routers
 *
 * A broadcast that asks for an address of a router need not reach all routers
 * of the switch: it goes to the one that has it, and to all other ports.  What
 * a router asks for itself (gratuitous ARP, duplicate address detection) is
 * nothing for the other routers either, nor is, with
 * broadcast-arps-to-all-routers=false, what asks for unknown addresses.  Reads
 * router ports and their networks. */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"
#include "northd/model/port.h"
#include "northd/model/router.h"

static const struct static_flow router_arp_flows[] = {
    STATIC_FLOW(DPC_SWITCH_NO_ROUTER_ARP, LS_IN_L2_LKUP, 72,
                "eth.mcast && (arp.op == 1 || nd_ns)",
                "outport = \"_MC_flood_l2\"; output;"),
};

static void
run_ls_no_router_arp(const void *row OVS_UNUSED)
{
    static_flows(router_arp_flows, ARRAY_SIZE(router_arp_flows));
}
const struct inc_rule ls_no_router_arp = {
    .name = "ls_no_router_arp", .run = run_ls_no_router_arp,
};

/* The switch's port that the router port is plugged into, or NULL. */
static const struct port *
switch_port_of(const struct router_port *rp)
{
    const struct port *peer = router_port_peer(rp);
    return peer && port_kind(peer) == PORT_ROUTER ? peer : NULL;
}

static void
run_ls_router_arp(const void *row)
{
    const struct router_net *net = row;
    const struct port *lsp
        = switch_port_of(router_port_of(router_net_port(net)));
    if (!lsp) {
        return;
    }

    istr ip = router_net_ip_text(net);
    flow(dps_one(port_dp(lsp)), LS_IN_L2_LKUP, 80,
         router_net_v4(net)
         ? fmt(NOT_FROM_RAMP" && arp.op == 1 && arp.tpa == %s", ip.s)
         : fmt(NOT_FROM_RAMP" && nd_ns_mcast && nd.target == %s", ip.s),
         fmt("clone { outport = %s; output; }; "
             "outport = \"_MC_flood_l2\"; output;", port_quoted(lsp).s),
         .hint = port_lsp(lsp));
}
const struct inc_rule ls_router_arp = {
    .name = "ls_router_arp", .driver = &router_net_table,
    .run = run_ls_router_arp,
};

static void
run_ls_router_own_arp(const void *row)
{
    const struct router_port *rp = row;
    const struct port *lsp = switch_port_of(rp);
    if (!lsp) {
        return;
    }

    flow(dps_one(port_dp(lsp)), LS_IN_L2_LKUP, 75,
         fmt("eth.src == %s && (arp.op == 1 || rarp.op == 3 || nd_ns)",
             router_port_mac_text(rp).s),
         text("outport = \"_MC_flood_l2\"; output;"), .hint = port_lsp(lsp));
}
const struct inc_rule ls_router_own_arp = {
    .name = "ls_router_own_arp", .driver = &router_port_table,
    .run = run_ls_router_own_arp,
};
