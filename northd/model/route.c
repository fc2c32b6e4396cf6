/* DOC: routes
 *
 * Reads the networks of router ports and NB Logical_Router_Static_Route, finds
 * the port that leads to each next hop, and leaves out routes whose BFD
 * session is down. */
#include <config.h>
#include "northd/model/route.h"

#include "northd/feature.h"
#include "lib/text/addresses.h"
#include "northd/model/bfd.h"
#include "northd/model/datapath.h"
#include "northd/model/onlink.h"
#include "northd/model/port.h"
#include "northd/model/router.h"
#include "packets.h"

static void
route_conflict(const void *loser_, const void *winner OVS_UNUSED,
               struct ds *s)
{
    const struct ip_route_v *loser = loser_;
    ds_put_format(s, "route to %s/%"PRIu32" is there twice with the same next "
                  "hop; this one is ignored", ip_text(&loser->prefix).s,
                  loser->plen);
}
INC_TABLE_DEFINE(ip_route, ROUTE_FIELDS, .kind = INC_DERIVED,
                 .combine = INC_UNIQUE, .conflict = route_conflict);

/* ---- Indexes. ---- */

static void
lr_static_route_keys(const void *lr, struct inc_keys *keys)
{
    const struct ovsdb_datum *routes = nb_logical_router_static_routes(lr);
    for (size_t i = 0; i < db_n(routes); i++) {
        inc_keys_add(keys, db_ref(routes, i), sizeof(struct uuid));
    }
}
struct inc_index lr_by_static_route = {
    .name = "lr_by_static_route", .table = &nb_logical_router_table.inc,
    .keys = lr_static_route_keys,
    .mask = INC_COL(NB_LOGICAL_ROUTER_COL_STATIC_ROUTES),
};

static void
route_group_key(const void *v_, struct inc_keys *keys)
{
    const struct ip_route_v *v = v_;
    struct route_group key = { v->dp, v->table_name.s, v->prefix, v->plen,
                               v->source };
    inc_keys_add(keys, &key, sizeof key);
}
struct inc_index routes_by_group = {
    .name = "routes_by_group", .table = &ip_route_table,
    .keys = route_group_key,
};

const struct nb_logical_router *
lr_of_static_route(const struct nb_logical_router_static_route *nb)
{
    return inc_find_one(&lr_by_static_route,
                        nb_logical_router_static_route_uuid(nb),
                        sizeof(struct uuid));
}

uint32_t
route_table_id(istr name)
{
    /* A hash, since it has to be the same after a restart.  Tables of one
     * router whose names collide (one pair in 4 billion) would be mixed. */
    if (istr_is_empty(name)) {
        return 0;
    }
    uint32_t id = hash_string(name.s, 0);
    return id ? id : 1;
}

/* ---- Helpers. ---- */

istr
port_source_address(const struct port *out, const struct in6_addr *nexthop)
{
    bool v4 = IN6_IS_ADDR_V4MAPPED(nexthop);
    bool lla = in6_is_lla(CONST_CAST(struct in6_addr *, nexthop));
    const struct router_net *net = router_net_of_neighbor(out, nexthop);
    const struct router_net *other;
    istr best = { NULL };

    if (net) {
        return router_net_ip_text(net);
    }
    INC_BUCKET_FOR_EACH (other, router_nets_of_port(out)) {
        if (router_net_v4(other) == v4
            && (!best.s || router_net_lla(other) == lla)) {
            best = router_net_ip_text(other);
            if (router_net_lla(other) == lla) {
                break;
            }
        }
    }
    return best;
}

istr
next_hop_actions(const struct next_hop *hop)
{
    return fmt("%s = %s; %s = %s; "REG_NEXT_HOP_IS_V4" = %d; eth.src = %s; "
               "outport = %s;", hop->v4 ? REG_NEXT_HOP4 : REG_NEXT_HOP6,
               hop->ip_text.s, hop->v4 ? REG_SRC4 : REG_SRC6,
               hop->src_text.s, hop->v4, router_port_mac_text(hop->out).s,
               router_port_name(hop->out).s);
}

uint16_t
route_priority(uint32_t plen, enum route_source source)
{
    /* Above 0, where packets without a route are dropped. */
    return plen * 8 + source + 1;
}

/* ---- Connected networks. ---- */

static void
run_connected_routes(const void *row)
{
    const struct router_net *net = row;
    const struct port *port = router_net_port(net);
    const struct router_port *rp = router_port_of(port);
    struct in6_addr ip = router_net_ip(net);

    /* Link-local networks are behind every port, so they are no route of the
     * router: features/routing.c. */
    if (router_net_lla(net) || !rp) {
        return;
    }
    emit_ip_route(&(struct ip_route_v) {
        .dp = router_net_dp(net), .table_name = text(""),
        .prefix = ip_network(&ip, router_net_plen(net)),
        .plen = router_net_plen(net), .source = ROUTE_CONNECTED,
        .nexthop = in6addr_any, .out = port,
        .src_text = router_net_ip_text(net), .selection = text(""),
    });
}
const struct inc_rule connected_routes = {
    .name = "connected_routes", .driver = &router_net_table,
    .run = run_connected_routes,
};

/* ---- Static routes. ---- */

static bool
parse_prefix(const struct nb_logical_router_static_route *nb,
             struct ip_route_v *v)
{
    struct ip_prefix prefix;
    char *error = ip_prefix_parse(
        nb_logical_router_static_route_ip_prefix(nb), &prefix);
    if (error) {
        invalid(nb, "ip_prefix: %s; the route is ignored", error);
        free(error);
        return false;
    }
    v->prefix = ip_network(&prefix.ip, prefix.plen);
    v->plen = prefix.plen;
    return true;
}

/* Sets the next hop.  An empty one means that destinations are on the link of
 * the output port. */
static bool
parse_nexthop(const struct nb_logical_router_static_route *nb,
              struct in6_addr *nexthop)
{
    const char *s = nb_logical_router_static_route_nexthop(nb);
    struct ip_prefix prefix;

    *nexthop = in6addr_any;
    if (!s[0]) {
        return true;
    }
    char *error = ip_prefix_parse(s, &prefix);
    if (error) {
        invalid(nb, "nexthop: %s; the route is ignored", error);
        free(error);
        return false;
    }
    if (prefix.plen != (prefix.is_v4 ? 32 : 128)) {
        invalid(nb, "nexthop \"%s\" is a network, not a host; the route is "
                "ignored", s);
        return false;
    }
    if (!ip_is_host(&prefix.ip)) {
        invalid(nb, "nexthop \"%s\" is the address of no host; the route is "
                "ignored", s);
        return false;
    }
    *nexthop = prefix.ip;
    return true;
}

/* The port that the route names, or the one whose network has its next hop,
 * into v->out, with its address.  False, with a diagnostic, if there is
 * none. */
static bool
find_output(const struct nb_logical_router_static_route *nb,
            struct ip_route_v *v)
{
    const char *name = nb_logical_router_static_route_output_port(nb);
    bool has_nexthop = !ipv6_addr_equals(&v->nexthop, &in6addr_any);
    const struct in6_addr *target = has_nexthop ? &v->nexthop : &v->prefix;

    if (name && name[0]) {
        const struct nb_logical_router_port *lrp = lrp_by_name(name);
        v->out = (lrp ? port_by_uuid(nb_logical_router_port_uuid(lrp))
                  : NULL);
        if (!v->out || port_dp(v->out) != v->dp) {
            invalid(nb, "output_port \"%s\" is no port of this router; the "
                    "route is ignored", name);
            return false;
        }
    } else if (!has_nexthop) {
        invalid(nb, "the route has neither a next hop nor an output port; it "
                "is ignored");
        return false;
    } else {
        const struct router_net *net = net_onlink(v->dp, target);
        if (!net) {
            invalid(nb, "next hop %s is in no network of the router; the "
                    "route is ignored", ip_text(target).s);
            return false;
        }
        v->out = router_net_port(net);
    }

    /* A port that is disabled drops what is sent to it: nothing takes another
     * way. */
    if (!router_port_of(v->out)) {
        return false;              /* The port says why. */
    }
    v->src_text = port_source_address(v->out, target);
    if (!v->src_text.s) {
        invalid(nb, "output port \"%s\" has no %s address; the route is "
                "ignored", port_name(v->out).s,
                IN6_IS_ADDR_V4MAPPED(target) ? "IPv4" : "IPv6");
        return false;
    }
    return true;
}

/* Can the next hop be one of this router's?  It may be an address of the
 * router's own: kube-ovn has such routes, so that policies, which come after
 * routes, get a say. */
static bool
check_nexthop(const struct nb_logical_router_static_route *nb,
              const struct ip_route_v *v)
{
    const char *s = nb_logical_router_static_route_nexthop(nb);

    if (!s[0]) {
        return true;
    }
    if (IN6_IS_ADDR_V4MAPPED(&v->nexthop)
        && !IN6_IS_ADDR_V4MAPPED(&v->prefix)) {
        invalid(nb, "nexthop \"%s\" is of IPv4, the prefix is of IPv6; the "
                "route is ignored", s);
        return false;
    }
    return true;
}

/* A connected network comes first, so that the route would never be taken. */
static bool
is_shadowed(const struct nb_logical_router_static_route *nb,
            const struct ip_route_v *v)
{
    const struct router_net *net
        = (v->source == ROUTE_STATIC
           ? net_with_prefix(v->dp, &v->prefix, v->plen) : NULL);
    const struct router_port *rp
        = net ? router_port_of(router_net_port(net)) : NULL;
    bool shadowed = rp && router_port_enabled(rp);
    if (shadowed) {
        invalid(nb, "%s/%"PRIu32" is a network of the router's port \"%s\": "
                "the route is never taken without "
                "options:override-connected", ip_text(&v->prefix).s, v->plen,
                port_name(router_net_port(net)).s);
    }
    return shadowed;
}

/* The fields of packets that select a member, as lib/actions' select() wants
 * them.  The switch skips those that a packet does not have, so that ports can
 * be named for all protocols at once. */
static istr
selection_fields(const struct nb_logical_router_static_route *nb)
{
    const struct ovsdb_datum *fields
        = nb_logical_router_static_route_selection_fields(nb);
    struct ds s = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < db_n(fields); i++) {
        const char *field = db_str(fields, i);
        const char *sep = i ? "," : "";
        if (!strncmp(field, "tp_", 3)) {
            ds_put_format(&s, "%stcp_%s,udp_%s,sctp_%s", sep, field + 3,
                          field + 3, field + 3);
        } else {
            ds_put_format(&s, "%s%s", sep, field);
        }
    }
    istr out = text(ds_cstr(&s));
    ds_destroy(&s);
    return out;
}

static uint32_t
static_source(const struct nb_logical_router_static_route *nb)
{
    const char *policy = nb_logical_router_static_route_policy(nb);

    if (policy && !strcmp(policy, "src-ip")) {
        return ROUTE_SRC_IP;
    }
    return (db_map_get_bool(nb_logical_router_static_route_options(nb),
                            "override-connected", false)
            ? ROUTE_OVERRIDE : ROUTE_STATIC);
}

/* A session that watches somebody else still decides. */
static void
check_session(const struct nb_logical_router_static_route *nb,
              const struct nb_bfd *session)
{
    const char *s = nb_logical_router_static_route_nexthop(nb);
    struct ip_prefix hop, dst;
    char *error = ip_prefix_parse(nb_bfd_dst_ip(session), &dst);

    if (!error) {
        error = ip_prefix_parse(s, &hop);
    }
    if (!error && !ipv6_addr_equals(&hop.ip, &dst.ip)) {
        invalid(nb, "its BFD session watches %s, not its next hop %s",
                nb_bfd_dst_ip(session), s);
    }
    free(error);
}

static void
run_static_routes(const void *row)
{
    const struct nb_logical_router_static_route *nb = row;
    const struct nb_logical_router *lr = lr_of_static_route(nb);
    struct ip_route_v v = {
        .dp = lr ? datapath_of_lr(lr) : NULL,
        .table_name = text(nb_logical_router_static_route_route_table(nb)),
        .source = static_source(nb),
        .src_text = text(""),
        .selection = selection_fields(nb),
        .symmetric = db_map_get_bool(
            nb_logical_router_static_route_options(nb),
            "ecmp_symmetric_reply", false),
        .nb = nb,
    };

    if (!v.dp || !parse_prefix(nb, &v) || is_shadowed(nb, &v)) {
        return;
    }
    if (strcmp(nb_logical_router_static_route_nexthop(nb), "discard")) {
        if (!parse_nexthop(nb, &v.nexthop) || !check_nexthop(nb, &v)
            || !find_output(nb, &v)) {
            return;
        }
        const struct uuid *bfd = nb_logical_router_static_route_bfd_uuid(nb);
        const struct nb_bfd *session = bfd ? nb_bfd_get(bfd) : NULL;
        if (session) {
            check_session(nb, session);
            if (bfd_is_down(session)) {
                return;
            }
        }
    }
    emit_ip_route(&v);
}
const struct inc_rule static_routes = {
    .name = "static_routes",
    .driver = &nb_logical_router_static_route_table.inc,
    .run = run_static_routes,
};
