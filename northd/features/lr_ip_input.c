/* DOC: IP input
 *
 * What is for the router itself: ARP and neighbor solicitations for its
 * addresses, echo requests, and what it does not serve (port and protocol
 * unreachable, TCP reset); packets whose time is up; and what no router
 * forwards.  Reads routers, their ports and networks. */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"
#include "northd/model/gateway.h"
#include "northd/model/nat.h"
#include "northd/model/residence.h"
#include "northd/model/router.h"
#include "packets.h"

static const struct static_flow input_flows[] = {
    /* RFC 1812, 5.3.7: addresses that are no sources or destinations. */
    STATIC_FLOW(DPC_ROUTER, LR_IN_IP_INPUT, 100,
                "ip4.src_mcast || ip4.src == 255.255.255.255 || "
                "ip4.src == 127.0.0.0/8 || ip4.dst == 127.0.0.0/8 || "
                "ip4.src == 0.0.0.0/8 || ip4.dst == 0.0.0.0/8", "drop;"),
    STATIC_FLOW(DPC_ROUTER, LR_IN_IP_INPUT, 85, "arp || nd", "drop;"),
    STATIC_FLOW(DPC_ROUTER, LR_IN_IP_INPUT, 84, "nd_rs || nd_ra", "next;"),
    STATIC_FLOW(DPC_ROUTER, LR_IN_IP_INPUT, 83, "ip6.mcast_rsvd", "drop;"),
    STATIC_FLOW(DPC_ROUTER_MCAST_RELAY, LR_IN_IP_INPUT, 82,
                "ip4.mcast || ip6.mcast", "next;"),
    STATIC_FLOW(DPC_ROUTER_NO_MCAST_RELAY, LR_IN_IP_INPUT, 82,
                "ip4.mcast || ip6.mcast", "drop;"),
    STATIC_FLOW(DPC_ROUTER, LR_IN_IP_INPUT, 50, "eth.bcast", "drop;"),
    STATIC_FLOW(DPC_ROUTER, LR_IN_IP_INPUT, 32,
                "ip.ttl == {0, 1} && !ip.later_frag && "
                "(ip4.mcast || ip6.mcast)", "drop;"),
    STATIC_FLOW(DPC_ROUTER, LR_IN_IP_INPUT, 29, "ip.ttl == {0, 1}", "drop;"),
};

static void
run_lr_static_input(const void *row OVS_UNUSED)
{
    static_flows(input_flows, ARRAY_SIZE(input_flows));
}
const struct inc_rule lr_static_input = {
    .name = "lr_static_input", .run = run_lr_static_input,
};

/* What the flows of one network need. */
struct net_ctx {
    const struct router_net *net;
    const struct port *port;
    const struct nb_logical_router_port *lrp;
    struct dps dps;
    istr name, ip, prefix;
    bool v4;
};

/* ARP requests and neighbor solicitations for the address. */
static void
neighbor_replies(const struct net_ctx *c)
{
    istr resident = port_reached_there(c->port);
    if (c->v4) {
        flow(c->dps, LR_IN_IP_INPUT, 90,
             fmt("inport == %s && arp.op == 1 && arp.tpa == %s && "
                 "arp.spa == %s%s", c->name.s, c->ip.s, c->prefix.s,
                 resident.s),
             text("eth.dst = eth.src; eth.src = "REG_INPORT_ETH"; "
                  "arp.op = 2; arp.tha = arp.sha; "
                  "arp.sha = "REG_INPORT_ETH"; arp.tpa <-> arp.spa; "
                  "outport = inport; flags.loopback = 1; output;"),
             .hint = c->lrp);
        return;
    }

    struct in6_addr ip = router_net_ip(c->net), sn;
    char sn_text[INET6_ADDRSTRLEN];
    in6_addr_solicited_node(&sn, &ip);
    inet_ntop(AF_INET6, &sn, sn_text, sizeof sn_text);
    flow(c->dps, LR_IN_IP_INPUT, 90,
         fmt("inport == %s && ip6.dst == {%s, %s} && nd_ns && "
             "nd.target == %s%s", c->name.s, c->ip.s, sn_text, c->ip.s,
             resident.s),
         text("nd_na_router { eth.src = "REG_INPORT_ETH"; "
              "ip6.src = nd.target; nd.tll = "REG_INPORT_ETH"; "
              "outport = inport; flags.loopback = 1; output; };"),
         .hint = c->lrp);
}

/* RFC 1812, 4.3.3.6, and RFC 4443, 4.2: the port at which it arrives does not
 * matter. */
static void
echo_reply(const struct net_ctx *c)
{
    if (c->v4) {
        flow(c->dps, LR_IN_IP_INPUT, 90,
             fmt("ip4.dst == %s && icmp4.type == 8 && icmp4.code == 0",
                 c->ip.s),
             text("ip4.dst <-> ip4.src; ip.ttl = 255; icmp4.type = 0; "
                  "flags.loopback = 1; next;"), .hint = c->lrp);
    } else {
        flow(c->dps, LR_IN_IP_INPUT, 90,
             fmt("ip6.dst == %s && icmp6.type == 128 && icmp6.code == 0",
                 c->ip.s),
             text("ip6.dst <-> ip6.src; ip.ttl = 255; icmp6.type = 129; "
                  "flags.loopback = 1; next;"), .hint = c->lrp);
    }
}

/* Nobody else has the address as a source, unless the router sent the packet
 * to itself. */
static void
own_source(const struct net_ctx *c)
{
    if (!c->v4) {
        return;
    }

    istr bcast = router_net_bcast_text(c->net);
    istr sources = istr_is_empty(bcast) ? c->ip
                   : fmt("{%s, %s}", c->ip.s, bcast.s);
    flow(c->dps, LR_IN_IP_INPUT, 100,
         fmt("ip4.src == %s && "REG_EGRESS_LOOPBACK" == 0", sources.s),
         text("drop;"), .hint = c->lrp);
}

/* No service listens on the router's address.  On gateways the addresses may
 * be those of NAT and load balancers. */
static void
unreachables(const struct net_ctx *c)
{
    const struct datapath *dp = router_net_dp(c->net);
    const struct router *router = router_of(dp);
    if (!router || router_is_gateway(router)
        || inc_bucket_n(gateways_of_dp(dp))) {
        return;
    }

    const char *v = c->v4 ? "4" : "6";
    istr match = fmt("ip%s.dst == %s && !ip.later_frag", v, c->ip.s);
    istr back = fmt("eth.dst <-> eth.src; ip%s.dst <-> ip%s.src;", v, v);

    flow(c->dps, LR_IN_IP_INPUT, 80, fmt("%s && tcp", match.s),
         fmt("tcp_reset { %s next; };", back.s), .hint = c->lrp);
    flow(c->dps, LR_IN_IP_INPUT, 80, fmt("%s && sctp", match.s),
         fmt("sctp_abort { %s next; };", back.s), .hint = c->lrp);
    /* RFC 792: 3/3 is port unreachable, 3/2 protocol unreachable.  RFC 4443:
     * 1/4 is port unreachable, 1/3 address unreachable. */
    flow(c->dps, LR_IN_IP_INPUT, 80, fmt("%s && udp", match.s),
         fmt("icmp%s { %s ip.ttl = 255; icmp%s.type = %d; icmp%s.code = %d; "
             "next; };", v, back.s, v, c->v4 ? 3 : 1, v, c->v4 ? 3 : 4),
         .hint = c->lrp);
    flow(c->dps, LR_IN_IP_INPUT, 70, match,
         fmt("icmp%s { %s ip.ttl = 255; icmp%s.type = %d; icmp%s.code = %d; "
             "next; };", v, back.s, v, c->v4 ? 3 : 1, v, c->v4 ? 2 : 3),
         .hint = c->lrp);
}

/* Time exceeded: RFC 792 and RFC 4443, 3.3.  The answer comes from the address
 * in the sender's network, else from the first one of the port (networks stand
 * before the automatic link-local one). */
static void
time_exceeded(const struct net_ctx *c)
{
    const char *v = c->v4 ? "4" : "6";
    istr match = fmt("inport == %s && ip%s && ip.ttl == {0, 1} && "
                     "!ip.later_frag", c->name.s, v);
    istr actions = fmt("icmp%s { eth.dst <-> eth.src; icmp%s.type = %d; "
                       "icmp%s.code = 0; ip%s.dst = ip%s.src; "
                       "ip%s.src = %s; ip.ttl = 254; outport = %s; "
                       "flags.loopback = 1; output; };",
                       v, v, c->v4 ? 11 : 3, v, v, v, v, c->ip.s,
                       c->name.s);

    if (router_net_n(c->net)) {
        flow(c->dps, LR_IN_IP_INPUT, 31,
             fmt("%s && ip%s.src == %s", match.s, v, c->prefix.s),
             actions, .hint = c->lrp);
    } else {
        flow(c->dps, LR_IN_IP_INPUT, 30, match, actions, .hint = c->lrp);
    }
}

/* On the way to the outside connections may end at the router's address and
 * be translated or load balanced. */
static bool
is_gateway(const struct datapath *dp)
{
    const struct router *router = router_of(dp);
    return ((router && router_is_gateway(router))
            || inc_bucket_n(gateways_of_dp(dp)));
}

static void
run_lr_net_input(const void *row)
{
    const struct router_net *net = row;
    const struct port *port = router_net_port(net);
    const struct router_port *rp = router_port_of(port);
    const struct net_ctx c = {
        .net = net, .port = port, .lrp = router_port_lrp(rp),
        .dps = dps_one(router_net_dp(net)), .name = router_port_name(rp),
        .ip = router_net_ip_text(net), .prefix = router_net_net_text(net),
        .v4 = router_net_v4(net),
    };

    neighbor_replies(&c);
    echo_reply(&c);
    own_source(&c);
    if (!is_gateway(router_net_dp(net))) {
        unreachables(&c);
    }
    time_exceeded(&c);
    /* An address that translation shares goes on; what is not translated
     * ends later (nat_neighbors.c). */
    struct in6_addr ip = router_net_ip(net);
    if (!nat_has_ip(router_net_dp(net), &ip)) {
        flow(c.dps, LR_IN_IP_INPUT, 60,
             fmt("ip%s.dst == %s", c.v4 ? "4" : "6", c.ip.s), text("drop;"),
             .hint = c.lrp);
    }
}
const struct inc_rule lr_net_input = {
    .name = "lr_net_input", .driver = &router_net_table,
    .run = run_lr_net_input,
};
