/* DOC: neighbor learning
 *
 * Routers learn the Ethernet addresses of their neighbors from ARP and
 * neighbor discovery, unless the binding is known already.  With
 * always_learn_from_arp_request=false a request teaches only who asks for the
 * router's own address, or what updates a binding that is there.  Asks for
 * next hops that are not known, with an address of its own as the source (RFC
 * 4861, 7.2.2): neighbors need not answer questions from elsewhere.  Reads
 * routers and their networks. */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"
#include "northd/model/gateway.h"
#include "northd/model/router.h"

#define LOOKUP_ARP REG_NEIGHBOR_KNOWN" = lookup_arp(inport, arp.spa, arp.sha);"
#define LOOKUP_NA REG_NEIGHBOR_KNOWN" = lookup_nd(inport, nd.target, nd.tll);"
#define LOOKUP_NS REG_NEIGHBOR_KNOWN" = lookup_nd(inport, ip6.src, nd.sll);"
#define LEARN REG_NEIGHBOR_LEARN" = 1;"

/* The solicited-node multicast group of the next hop, RFC 4291, 2.7.1, and
 * its Ethernet address, RFC 2464, section 7. */
#define SOLICITED_NODE \
    "eth.dst = 33:33:ff:00:00:00; " \
    "eth.dst[0..23] = "REG_NEXT_HOP6"[0..23]; " \
    "ip6.dst = ff02::1:ff00:0; ip6.dst[0..23] = "REG_NEXT_HOP6"[0..23]; "

static const struct static_flow neighbor_flows[] = {
    STATIC_FLOW(DPC_ROUTER_LEARN_ANY, LR_IN_LOOKUP_NEIGHBOR, 100,
                "arp.op == 2", LOOKUP_ARP" next;"),
    STATIC_FLOW(DPC_ROUTER_LEARN_ANY, LR_IN_LOOKUP_NEIGHBOR, 100,
                "nd_na", LOOKUP_NA" next;"),
    STATIC_FLOW(DPC_ROUTER_LEARN_ANY, LR_IN_LOOKUP_NEIGHBOR, 100,
                "nd_ns", LOOKUP_NS" next;"),
    STATIC_FLOW(DPC_ROUTER_LEARN_ANY, LR_IN_LEARN_NEIGHBOR, 100,
                REG_NEIGHBOR_KNOWN" == 1", "next;"),

    STATIC_FLOW(DPC_ROUTER_LEARN_OWN, LR_IN_LOOKUP_NEIGHBOR, 100,
                "arp.op == 2", LOOKUP_ARP" "LEARN" next;"),
    STATIC_FLOW(DPC_ROUTER_LEARN_OWN, LR_IN_LOOKUP_NEIGHBOR, 100,
                "nd_na", LOOKUP_NA" "LEARN" next;"),
    STATIC_FLOW(DPC_ROUTER_LEARN_OWN, LR_IN_LOOKUP_NEIGHBOR, 100,
                "nd_ns", LOOKUP_NS" "
                REG_NEIGHBOR_LEARN" = lookup_nd_ip(inport, ip6.src); next;"),
    STATIC_FLOW(DPC_ROUTER_LEARN_OWN, LR_IN_LEARN_NEIGHBOR, 100,
                REG_NEIGHBOR_KNOWN" == 1 || "REG_NEIGHBOR_LEARN" == 0",
                "next;"),

    /* A neighbor that keeps its address is still there. */
    STATIC_FLOW(DPC_ROUTER_MAC_AGING, LR_IN_LEARN_NEIGHBOR, 105,
                REG_NEIGHBOR_KNOWN" == 1", "mac_cache_use; next;"),

    /* Solicitations of somebody who has no address yet, or does not tell. */
    STATIC_FLOW(DPC_ROUTER, LR_IN_LEARN_NEIGHBOR, 95,
                "nd_ns && (ip6.src == 0 || nd.sll == 0)", "next;"),
    STATIC_FLOW(DPC_ROUTER, LR_IN_LEARN_NEIGHBOR, 95,
                "nd_na && nd.tll == 0",
                "put_nd(inport, nd.target, eth.src); next;"),
    STATIC_FLOW(DPC_ROUTER, LR_IN_LEARN_NEIGHBOR, 90,
                "arp", "put_arp(inport, arp.spa, arp.sha); next;"),
    STATIC_FLOW(DPC_ROUTER, LR_IN_LEARN_NEIGHBOR, 90,
                "nd_na", "put_nd(inport, nd.target, nd.tll); next;"),
    STATIC_FLOW(DPC_ROUTER, LR_IN_LEARN_NEIGHBOR, 90,
                "nd_ns", "put_nd(inport, ip6.src, nd.sll); next;"),

    STATIC_FLOW(DPC_ROUTER, LR_IN_ARP_REQUEST, 100,
                "eth.dst == 00:00:00:00:00:00 && ip4 && "
                REG_NEXT_HOP_IS_V4" == 1",
                "arp { eth.dst = ff:ff:ff:ff:ff:ff; "
                "arp.spa = "REG_SRC4"; arp.tpa = "REG_NEXT_HOP4"; "
                "arp.op = 1; output; }; output;"),
    STATIC_FLOW(DPC_ROUTER, LR_IN_ARP_REQUEST, 100,
                "eth.dst == 00:00:00:00:00:00 && ip && "
                REG_NEXT_HOP_IS_V4" == 0",
                "nd_ns { "SOLICITED_NODE"ip6.src = "REG_SRC6"; "
                "nd.target = "REG_NEXT_HOP6"; output; }; output;"),
};

static void
run_lr_neighbors(const void *row OVS_UNUSED)
{
    static_flows(neighbor_flows, ARRAY_SIZE(neighbor_flows));
}
const struct inc_rule lr_neighbors = {
    .name = "lr_neighbors", .run = run_lr_neighbors,
};

/* Requests of neighbors, per network of a port. */
static void
run_lr_arp_requests(const void *row)
{
    const struct router_net *net = row;
    if (!router_net_v4(net)) {
        return;
    }

    const struct port *port = router_net_port(net);
    const struct router_port *rp = router_port_of(port);
    const struct router *router = router_of(router_net_dp(net));
    struct dps dps = dps_one(router_net_dp(net));
    istr match = fmt("inport == %s && arp.spa == %s && arp.op == 1%s",
                     router_port_name(rp).s, router_net_net_text(net).s,
                     gateway_resident(port).s);
    if (router_learn_any_arp(router)) {
        flow(dps, LR_IN_LOOKUP_NEIGHBOR, 100, match,
             text(LOOKUP_ARP" next;"), .hint = router_port_lrp(rp));
        return;
    }

    flow(dps, LR_IN_LOOKUP_NEIGHBOR, 110,
         fmt("%s && arp.tpa == %s", match.s, router_net_ip_text(net).s),
         text(LOOKUP_ARP" "LEARN" next;"), .hint = router_port_lrp(rp));
    flow(dps, LR_IN_LOOKUP_NEIGHBOR, 100, match,
         text(LOOKUP_ARP" "
              REG_NEIGHBOR_LEARN" = lookup_arp_ip(inport, arp.spa); next;"),
         .hint = router_port_lrp(rp));
}
const struct inc_rule lr_arp_requests = {
    .name = "lr_arp_requests", .driver = &router_net_table,
    .run = run_lr_arp_requests,
};
