/* DOC: symmetric replies of ECMP routes
 *
 * Replies to a connection that came in over a route with
 * options:ecmp_symmetric_reply leave by the next hop that its packets came
 * from.  Port and Ethernet address of that one are kept in the connection; a
 * next hop that takes over is noticed by chk_ecmp_nh_mac() of what it sends.
 * Gateway routers only, since connections are tracked on one chassis.
 *
 * With NB_Global.options:ecmp_nexthop_monitor_enable writes SB ECMP_Nexthop:
 * chassis forget the connections over a next hop that goes, or whose Ethernet
 * address, which SB MAC_Binding tells, changes.
 *
 * Reads model/route.h. */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"
#include "northd/model/config.h"
#include "northd/model/datapath.h"
#include "northd/model/onlink.h"
#include "northd/model/port.h"
#include "northd/model/route.h"
#include "northd/model/router.h"
#include "northd/out/sb.h"
#include "packets.h"
#include "sset.h"

/* A group of routes that has the option. */
struct symmetric {
    struct dps dps;
    const struct route_group *group;
    const char *ip;              /* "ip4" or "ip6". */
    istr prefix;
};

/* Packets from and to the prefix go through connection tracking. */
static void
track(const struct symmetric *s, const struct ip_route *route)
{
    flow(s->dps, LR_IN_DEFRAG, 100,
         fmt("%s.dst == %s", s->ip, s->prefix.s),
         text(REG_KNOWN_ECMP_NH" = chk_ecmp_nh(); ct_next;"),
         .hint = ip_route_nb(route));
}

/* A connection from outside remembers where it came from. */
static void
remember(const struct symmetric *s, const struct ip_route *route,
         const struct router_port *rp)
{
    static const char *const protocols[] = { "tcp", "udp", "sctp" };
    istr from = fmt("inport == %s && %s.src == %s", router_port_name(rp).s,
                    s->ip, s->prefix.s);

    flow(s->dps, LR_IN_DEFRAG, 100, from,
         text(REG_KNOWN_ECMP_NH" = chk_ecmp_nh_mac(); ct_next;"),
         .hint = ip_route_nb(route));
    for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
        istr actions = fmt(
            "ct_commit { ct_label.ecmp_reply_eth = eth.src; "
            "ct_mark.ecmp_reply_port = %"PRIu32"; }; "
            "commit_ecmp_nh(ipv6 = %s, proto = %s); next;",
            port_key(ip_route_out(route)), s->ip[2] == '6' ? "true" : "false",
            protocols[i]);
        flow(s->dps, LR_IN_ECMP_STATEFUL, 100,
             fmt("%s && ct.new && !ct.est && %s", from.s, protocols[i]),
             actions, .hint = ip_route_nb(route));
        flow(s->dps, LR_IN_ECMP_STATEFUL, 100,
             fmt("%s && !ct.rpl && ct.est && %s && "REG_KNOWN_ECMP_NH
                 " == 0", from.s, protocols[i]),
             actions, .hint = ip_route_nb(route));
    }
}

/* Replies need neither a route nor a policy nor a neighbor. */
static void
reply(const struct symmetric *s, const struct ip_route *route,
      const struct router_port *rp)
{
    istr match = fmt("ct.rpl && "REG_KNOWN_ECMP_NH" == 1 && "
                     "ct_mark.ecmp_reply_port == %"PRIu32,
                     port_key(ip_route_out(route)));

    flow(s->dps, LR_IN_IP_ROUTING, 10300,
         fmt("%s && "REG_ROUTE_TABLE" == %"PRIu32" && %s.dst == %s", match.s,
             route_table_id((istr) { s->group->table }), s->ip,
             s->prefix.s),
         fmt("ip.ttl--; "REG_ECMP_GROUP" = 0; %s = %s; eth.src = %s; "
             "outport = %s; flags.loopback = 1; next;",
             s->ip[2] == '4' ? REG_SRC4 : REG_SRC6, ip_route_src_text(route).s,
             router_port_mac_text(rp).s, router_port_name(rp).s),
         .hint = ip_route_nb(route));
    /* The same for all routes of the port. */
    flow(s->dps, LR_IN_POLICY, 65535, match, text("next;"),
         .hint = router_port_lrp(rp));
    flow(s->dps, LR_IN_ARP_RESOLVE, 200, match,
         text("eth.dst = ct_label.ecmp_reply_eth; next;"),
         .hint = router_port_lrp(rp));
}

static void
run_ecmp_symmetric(const void *row)
{
    const struct inc_bucket *bucket = row;
    size_t len;
    const struct route_group *group = inc_bucket_key(bucket, &len);
    const struct router *router = router_of(group->dp);
    const struct ip_route *route;
    struct symmetric s = {
        .dps = dps_one(group->dp), .group = group,
        .ip = IN6_IS_ADDR_V4MAPPED(&group->prefix) ? "ip4" : "ip6",
        .prefix = fmt("%s/%"PRIu32, ip_text(&group->prefix).s, group->plen),
    };
    struct sset done = SSET_INITIALIZER(&done);

    INC_BUCKET_FOR_EACH (route, bucket) {
        if (!ip_route_symmetric(route) || !ip_route_out(route) || !router) {
            continue;
        }
        if (!router_is_gateway(router) || group->source == ROUTE_SRC_IP) {
            invalid(ip_route_nb(route), "options:ecmp_symmetric_reply needs a "
                    "gateway router and a route by destination; replies take "
                    "any next hop");
            continue;
        }
        const struct port *out = ip_route_out(route);
        const struct router_port *rp = router_port_of(out);
        if (rp && sset_add(&done, port_name(out).s)) {
            track(&s, route);
            remember(&s, route, rp);
            reply(&s, route, rp);
        }
    }
    sset_destroy(&done);
}
const struct inc_rule ecmp_symmetric = {
    .name = "ecmp_symmetric", .bucket_driver = &routes_by_group,
    .run = run_ecmp_symmetric,
};

static void
neighbor_key(const void *row, struct inc_keys *keys)
{
    char *key = xasprintf("%s %s", sb_mac_binding_logical_port(row),
                          sb_mac_binding_ip(row));
    inc_keys_add(keys, key, strlen(key));
    free(key);
}
struct inc_index macs_by_neighbor = {
    .name = "macs_by_neighbor", .table = &sb_mac_binding_table.inc,
    .keys = neighbor_key,
    .mask = (INC_COL(SB_MAC_BINDING_COL_LOGICAL_PORT)
             | INC_COL(SB_MAC_BINDING_COL_IP)),
};

static istr
learned_mac(const struct port *port, istr ip)
{
    istr key = fmt("%s %s", port_name(port).s, ip.s);
    const struct sb_mac_binding *mb
        = inc_find_one(&macs_by_neighbor, key.s, istr_len(key));
    return text(mb ? sb_mac_binding_mac(mb) : "");
}

static void
run_ecmp_nexthops(const void *row)
{
    const struct ip_route *route = row;
    const struct router *router = router_of(ip_route_dp(route));
    struct in6_addr nexthop = ip_route_nexthop(route);
    if (!ip_route_symmetric(route) || !ip_route_out(route)
        || ipv6_addr_equals(&nexthop, &in6addr_any)
        || ip_route_source(route) == ROUTE_SRC_IP
        || !router || !router_is_gateway(router)
        || !config_ecmp_nexthop_monitor(the_config())) {
        return;
    }

    /* Several routes may share it. */
    istr ip = ip_text(&nexthop);
    struct uuid port = port_sb_uuid(ip_route_out(route));
    emit_sb_ecmp_nexthop_out(&(struct sb_ecmp_nexthop_out_v) {
        .uuid = db_uuid_for(&sb_ecmp_nexthop_table, "%s "UUID_FMT, ip.s,
                            UUID_ARGS(&port)),
        .nexthop = ip, .mac = learned_mac(ip_route_out(route), ip),
        .port = port,
        .datapath = datapath_sb_uuid(ip_route_dp(route)),
    });
}
const struct inc_rule ecmp_nexthops = {
    .name = "ecmp_nexthops", .driver = &ip_route_table,
    .run = run_ecmp_nexthops,
};
