/* DOC: routing
 *
 * The longest prefix decides; among equal ones connected networks come before
 * static routes, and these before routes by source address.  Several routes
 * to one prefix are a group, of which a member is selected by the hash of a
 * packet's headers.  A packet leaves with its next hop, the address to ask for
 * it with, its output port and that port's Ethernet address.
 *
 * Reads model/route.h. */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"
#include "northd/model/datapath.h"
#include "northd/model/onlink.h"
#include "northd/model/port.h"
#include "northd/model/route.h"
#include "northd/model/router.h"
#include "packets.h"

static const struct static_flow routing_flows[] = {
    /* What the stages before have not taken is not for others. */
    STATIC_FLOW(DPC_ROUTER, LR_IN_IP_ROUTING, 10550,
                "nd_rs || nd_ra", "drop;"),
    STATIC_FLOW(DPC_ROUTER, LR_IN_IP_ROUTING_ECMP, 10000,
                REG_ECMP_GROUP " == 0", "next;"),
    STATIC_FLOW(DPC_ROUTER, LR_IN_POLICY_ECMP, 65535,
                REG_ECMP_GROUP " == 0", "next;"),
};

static void
run_routing_static(const void *row OVS_UNUSED)
{
    static_flows(routing_flows, ARRAY_SIZE(routing_flows));
}
const struct inc_rule routing_static = { .name = "routing_static",
                                         .run = run_routing_static };

/* ---- Which table a port's packets are routed by. ---- */

static void
run_route_tables(const void *row)
{
    const struct router_port *rp = row;
    const char *table = nb_logical_router_port_options_get(
        router_port_lrp(rp), "route_table");

    if (table && table[0]) {
        flow(dps_one(router_port_dp(rp)), LR_IN_IP_ROUTING_PRE, 100,
             fmt("inport == %s", router_port_name(rp).s),
             fmt(REG_ROUTE_TABLE" = %"PRIu32"; next;",
                 route_table_id(text(table))),
             .hint = router_port_lrp(rp),
             .io_port = port_name(router_port_port(rp)).s);
    }
}
const struct inc_rule route_tables = {
    .name = "route_tables", .driver = &router_port_table,
    .run = run_route_tables,
};

/* ---- Link-local networks: behind each port there is one. ---- */

static void
run_link_local_routes(const void *row)
{
    const struct router_net *net = row;
    const struct router_port *rp = router_port_of(router_net_port(net));

    if (router_net_lla(net) && rp && router_port_enabled(rp)) {
        flow(dps_one(router_net_dp(net)), LR_IN_IP_ROUTING,
             route_priority(64, ROUTE_CONNECTED),
             fmt("inport == %s && ip6.dst == fe80::/64",
                 router_port_name(rp).s),
             fmt("ip.ttl--; "REG_ECMP_GROUP" = 0; "
                 REG_NEXT_HOP6" = ip6.dst; "REG_SRC6" = %s; "
                 REG_NEXT_HOP_IS_V4" = 0; eth.src = %s; outport = %s; "
                 "flags.loopback = 1; next;", router_net_ip_text(net).s,
                 router_port_mac_text(rp).s, router_port_name(rp).s),
             .hint = router_port_lrp(rp));
    }
}
const struct inc_rule link_local_routes = {
    .name = "link_local_routes", .driver = &router_net_table,
    .run = run_link_local_routes,
};

/* ---- Routes. ---- */

/* What packets a group is for, apart from the prefix's length. */
static istr
group_match(const struct route_group *group)
{
    bool v4 = IN6_IS_ADDR_V4MAPPED(&group->prefix);
    const char *end = group->source == ROUTE_SRC_IP ? "src" : "dst";
    istr prefix = fmt("ip%d.%s == %s/%"PRIu32, v4 ? 4 : 6, end,
                      ip_text(&group->prefix).s, group->plen);

    /* Connected networks are in every route table. */
    if (group->source == ROUTE_CONNECTED) {
        return prefix;
    }
    return fmt(REG_ROUTE_TABLE" == %"PRIu32" && %s",
               route_table_id((istr) { group->table }), prefix.s);
}

/* The next hop of a packet that takes the route, in registers. */
static istr
route_next_hop(const struct route_group *group, const struct ip_route *route)
{
    struct in6_addr nexthop = ip_route_nexthop(route);
    bool is_dst = ipv6_addr_equals(&nexthop, &in6addr_any);
    struct next_hop hop = {
        .v4 = IN6_IS_ADDR_V4MAPPED(is_dst ? &group->prefix : &nexthop),
        .src_text = ip_route_src_text(route),
        .out = router_port_of(ip_route_out(route)),
    };

    hop.ip_text = (is_dst ? text(hop.v4 ? "ip4.dst" : "ip6.dst")
                   : ip_text(&nexthop));
    return next_hop_actions(&hop);
}

static void
single_route(const struct route_group *group, const struct ip_route *route)
{
    struct dps dps = dps_one(group->dp);
    uint16_t priority = route_priority(group->plen, group->source);
    const struct port *out = ip_route_out(route);
    const void *hint = ip_route_nb(route);

    if (!out) {
        flow(dps, LR_IN_IP_ROUTING, priority, group_match(group),
             text("drop;"), .hint = hint);
        return;
    }
    flow(dps, LR_IN_IP_ROUTING, priority, group_match(group),
         fmt("ip.ttl--; "REG_ECMP_GROUP" = 0; %s flags.loopback = 1; next;",
             route_next_hop(group, route).s),
         .hint = hint ? hint : port_lrp(out));
}

/* A member is selected in one stage, and takes effect in the next one, which
 * has to find the group again: the same match does that, so that groups need
 * no number that would have to be kept. */
static void
several_routes(const struct route_group *group,
               const struct ip_route *const *routes, size_t n)
{
    struct dps dps = dps_one(group->dp);
    uint16_t priority = route_priority(group->plen, group->source);
    istr match = group_match(group);
    struct ds members = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < n; i++) {
        ds_put_format(&members, "%s%"PRIuSIZE, i ? ", " : "", i + 1);
        flow(dps, LR_IN_IP_ROUTING_ECMP, priority,
             fmt(REG_ECMP_MEMBER" == %"PRIuSIZE" && %s", i + 1, match.s),
             fmt("%s next;", route_next_hop(group, routes[i]).s),
             .hint = ip_route_nb(routes[i]));
    }

    istr hash = ip_route_selection(routes[0]);
    istr select = (n == 1 ? fmt(REG_ECMP_MEMBER" = 1; next;")
                   : istr_is_empty(hash)
                   ? fmt(REG_ECMP_MEMBER" = select(%s);", ds_cstr(&members))
                   : fmt(REG_ECMP_MEMBER
                         " = select(values=(%s); hash_fields=\"%s\");",
                         ds_cstr(&members), hash.s));
    flow(dps, LR_IN_IP_ROUTING, priority, match,
         fmt("ip.ttl--; flags.loopback = 1; "REG_ECMP_GROUP" = 1; %s",
             select.s), .hint = ip_route_nb(routes[0]));
    ds_destroy(&members);
}

static int
compare_routes(const void *a_, const void *b_)
{
    const struct ip_route *a = *(const struct ip_route *const *) a_;
    const struct ip_route *b = *(const struct ip_route *const *) b_;
    struct in6_addr a_hop = ip_route_nexthop(a), b_hop = ip_route_nexthop(b);
    int cmp = memcmp(&a_hop, &b_hop, sizeof a_hop);
    return cmp ? cmp : strcmp(port_name(ip_route_out(a)).s,
                              port_name(ip_route_out(b)).s);
}

static void
run_route_flows(const void *row)
{
    const struct inc_bucket *bucket = row;
    size_t len, n = 0;
    const struct route_group *group = inc_bucket_key(bucket, &len);
    const struct ip_route **routes = xmalloc(inc_bucket_n(bucket)
                                          * sizeof *routes);
    const struct ip_route *route, *discard = NULL;
    bool symmetric = false;

    INC_BUCKET_FOR_EACH (route, bucket) {
        if (!ip_route_out(route)) {
            discard = route;
        } else if (router_port_of(ip_route_out(route))) {
            routes[n++] = route;
            symmetric |= ip_route_symmetric(route);
        }
    }
    if (!n) {
        if (discard) {
            single_route(group, discard);
        }
    } else {
        if (discard) {
            invalid(ip_route_nb(discard), "other routes to the same prefix "
                    "have next hops; they are taken, nothing is discarded");
        }
        qsort(routes, n, sizeof *routes, compare_routes);
        /* With symmetric replies the connection is tracked even while there is
         * one next hop: there may be more of them before it ends. */
        if (n == 1 && !symmetric) {
            single_route(group, routes[0]);
        } else {
            several_routes(group, routes, n);
        }
    }
    free(routes);
}
const struct inc_rule route_flows = {
    .name = "route_flows", .bucket_driver = &routes_by_group,
    .run = run_route_flows,
};
