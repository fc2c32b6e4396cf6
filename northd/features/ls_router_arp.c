/* DOC: ARP and ND to routers
 *
 * A broadcast that asks for an address of a router need not reach all routers
 * of the switch: it goes to the one that has it, and to all other ports.  What
 * a router asks for itself (gratuitous ARP, duplicate address detection) is
 * nothing for the other routers either, nor is, with
 * broadcast-arps-to-all-routers=false, what asks for unknown addresses.  A
 * gateway that is reached by tunnel gets requests, and router solicitations,
 * on its chassis.  Reads router ports and their networks. */
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

static istr
flood_by(istr router)
{
    return fmt("clone { outport = %s; output; }; "
               "outport = \"_MC_flood_l2\"; output;", router.s);
}

/* The same from chassis that do not have the gateway behind 'lsp'. */
static void
tunnel_to_router(const struct port *lsp, uint16_t priority, istr match)
{
    const struct port *cr_port = cr_port_of_lsp(lsp);
    if (cr_port) {
        istr cr_name = port_quoted(cr_port);
        flow(dps_one(port_dp(lsp)), LS_IN_L2_LKUP, priority,
             fmt("%s && !is_chassis_resident(%s)", match.s, cr_name.s),
             flood_by(cr_name), .hint = port_lsp(lsp));
    }
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
    istr match = (router_net_v4(net)
                  ? fmt(NOT_FROM_RAMP" && arp.op == 1 && arp.tpa == %s", ip.s)
                  : fmt(NOT_FROM_RAMP" && nd_ns_mcast && nd.target == %s",
                        ip.s));
    flow(dps_one(port_dp(lsp)), LS_IN_L2_LKUP, 80, match,
         flood_by(port_quoted(lsp)), .hint = port_lsp(lsp));
    tunnel_to_router(lsp, 81, match);
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
    tunnel_to_router(lsp, 81, text("ip6.dst == ff02::2 && nd_rs"));
}
const struct inc_rule ls_router_own_arp = {
    .name = "ls_router_own_arp", .driver = &router_port_table,
    .run = run_ls_router_own_arp,
};
