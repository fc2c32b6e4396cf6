/* DOC: address resolution of next hops
 *
 * A router knows the Ethernet addresses of its neighbors that the northbound
 * database names: ports of the switches that it is plugged into, and other
 * routers (with dynamic_neigh_routers only those at the other end of a direct
 * link).  The rest it finds among the learned ones.  Reads the ports'
 * addresses, router ports and their networks. */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"
#include "northd/model/address.h"
#include "northd/model/port.h"
#include "northd/model/router.h"
#include "packets.h"

static const struct static_flow resolve_flows[] = {
    STATIC_FLOW(DPC_ROUTER, LR_IN_ARP_RESOLVE, 500,
                "ip4.mcast || ip6.mcast", "next;"),
    STATIC_FLOW(DPC_ROUTER, LR_IN_ARP_RESOLVE, 1,
                "ip4 && "REG_NEXT_HOP_IS_V4" == 1",
                "get_arp(outport, "REG_NEXT_HOP4"); next;"),
    STATIC_FLOW(DPC_ROUTER, LR_IN_ARP_RESOLVE, 1,
                "ip && "REG_NEXT_HOP_IS_V4" == 0",
                "get_nd(outport, "REG_NEXT_HOP6"); next;"),
};

static void
run_lr_resolve_static(const void *row OVS_UNUSED)
{
    static_flows(resolve_flows, ARRAY_SIZE(resolve_flows));
}
const struct inc_rule lr_resolve_static = {
    .name = "lr_resolve_static", .run = run_lr_resolve_static,
};

/* The neighbor 'ip' of the router port 'rp' has 'mac'. */
static void
resolve(const struct router_port *rp, const struct in6_addr *ip,
        struct eth_addr mac, const void *hint)
{
    struct ds match = DS_EMPTY_INITIALIZER;
    bool v4 = IN6_IS_ADDR_V4MAPPED(ip);

    ds_put_format(&match, "outport == %s && %s == ", router_port_name(rp).s,
                  v4 ? REG_NEXT_HOP4 : REG_NEXT_HOP6);
    ipv6_format_mapped(ip, &match);
    if (v4) {
        /* The register is a part of an IPv6 next hop's. */
        ds_put_cstr(&match, " && "REG_NEXT_HOP_IS_V4" == 1");
    }
    flow(dps_one(router_port_dp(rp)), LR_IN_ARP_RESOLVE, 100,
         text(ds_cstr(&match)),
         fmt("eth.dst = "ETH_ADDR_FMT"; next;", ETH_ADDR_ARGS(mac)),
         .hint = hint);
    ds_destroy(&match);
}

/* An address of a switch's port, for the routers of the switch that are in its
 * network. */
static void
run_lr_resolve_lsps(const void *row)
{
    const struct port_ip *entry = row;
    const struct port *port = port_ip_port(entry);
    if (port_kind(port) == PORT_ROUTER || port_kind(port) == PORT_VIRTUAL
        || !port_enabled(port)) {
        return;
    }

    struct in6_addr ip = port_ip_ip(entry);
    const struct router_port *rp;
    INC_BUCKET_FOR_EACH (rp, router_ports_at(port_ip_dp(entry))) {
        if (router_net_of_neighbor(router_port_port(rp), &ip)) {
            resolve(rp, &ip, port_ip_mac(entry), port_lsp(port));
        }
    }
}
const struct inc_rule lr_resolve_lsps = {
    .name = "lr_resolve_lsps", .driver = &port_ip_table,
    .run = run_lr_resolve_lsps,
};

/* An address of a router port, for the routers at the other end. */
static void
run_lr_resolve_routers(const void *row)
{
    const struct router_net *net = row;
    const struct port *port = router_net_port(net);
    const struct router_port *me = router_port_of(port);
    const struct port *peer = router_port_peer(me);
    if (!peer) {
        return;
    }

    struct in6_addr ip = router_net_ip(net);
    struct eth_addr mac = router_port_mac(me);
    const struct router_port *rp = router_port_of(peer);
    if (rp) {
        resolve(rp, &ip, mac, router_port_lrp(me));
        return;
    }
    INC_BUCKET_FOR_EACH (rp, static_router_ports_at(port_dp(peer))) {
        if (rp != me) {
            resolve(rp, &ip, mac, router_port_lrp(me));
        }
    }
}
const struct inc_rule lr_resolve_routers = {
    .name = "lr_resolve_routers", .driver = &router_net_table,
    .run = run_lr_resolve_routers,
};
