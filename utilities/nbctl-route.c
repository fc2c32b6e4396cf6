#include <config.h>
#include "nbctl.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ovsdb-idl.h"
#include "packets.h"
#include "smap.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(nbctl_route);

static const struct nbctl_set router_routes = {
    &nbrec_table_logical_router, &nbrec_logical_router_col_static_routes,
    &nbrec_table_logical_router_static_route
};

/* BFD sessions
 * ============ */

void
nbctl_pre_bfd(struct ctl_context *ctx)
{
    ovsdb_idl_add_column(ctx->idl, &nbrec_bfd_col_dst_ip);
    ovsdb_idl_add_column(ctx->idl, &nbrec_bfd_col_logical_port);
}

/* Finds the BFD session for "--bfd[=UUID]", whose value 'option' may be NULL:
 * the one with that UUID, else one with 'dst_ip' that runs through 'port', or
 * through any port if that is NULL.  If there is none, makes one through
 * 'port'.  Returns NULL or an error message, which the caller must free. */
char *
nbctl_find_bfd(struct ctl_context *ctx, const char *option,
               const char *dst_ip, const char *port,
               const struct nbrec_bfd **bfdp)
{
    const struct nbrec_bfd *bfd = NULL;

    *bfdp = NULL;
    if (option) {
        struct uuid uuid;

        if (uuid_from_string(&uuid, option)) {
            bfd = NBCTL_BY_UUID(ctx, bfd, &uuid);
        }
        *bfdp = bfd;
        return bfd ? NULL : xstrdup("no entry found in the BFD table");
    }

    NBREC_BFD_FOR_EACH (bfd, ctx->idl) {
        if (!strcmp(bfd->dst_ip, dst_ip)
            && (!port || !strcmp(bfd->logical_port, port))) {
            *bfdp = bfd;
            return NULL;
        }
    }
    if (!port) {
        return xstrdup("insert entry in the BFD table failed");
    }

    struct nbrec_bfd *new = nbrec_bfd_insert(ctx->txn);
    nbrec_bfd_set_dst_ip(new, dst_ip);
    nbrec_bfd_set_logical_port(new, port);
    *bfdp = new;
    return NULL;
}

/* Routes
 * ====== */

/* A route in one form.  Members that a command does not restrict are NULL. */
struct route_key {
    char *prefix;               /* Owned. */
    char *nexthop;              /* Owned.  "discard", "" or an IP address. */
    const char *policy;         /* "src-ip" or "dst-ip". */
    const char *table;          /* "" for the main table. */
    const char *port;
};

static void
route_key_destroy(struct route_key *key)
{
    free(key->prefix);
    free(key->nexthop);
}

static const char *
route_policy(const struct nbrec_logical_router_static_route *route)
{
    return route->policy ? route->policy : "dst-ip";
}

static void
pre_routes(struct ctl_context *ctx)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &nbrec_logical_router_col_static_routes,
        &nbrec_logical_router_static_route_col_ip_prefix,
        &nbrec_logical_router_static_route_col_nexthop,
        &nbrec_logical_router_static_route_col_output_port,
        &nbrec_logical_router_static_route_col_policy,
        &nbrec_logical_router_static_route_col_route_table,
        NULL
    };

    nbctl_pre_routers(ctx);
    ctl_add_columns(ctx->idl, columns);
}

static void
narrow_routes(struct ctl_context *ctx)
{
    nbctl_narrow_to_router(ctx);
    ctl_need_none(ctx, &nbrec_table_logical_router_static_route);
    ctl_need_none(ctx, &nbrec_table_logical_router_port);
    for (int i = 3; i < ctx->argc; i++) {
        ctl_need_id(ctx, &nbrec_table_logical_router_port,
                    &nbrec_logical_router_port_col_name, ctx->argv[i]);
    }
    ctl_need_all(ctx, &nbrec_table_bfd);
}

static void
pre_route_add(struct ctl_context *ctx)
{
    pre_routes(ctx);
    nbctl_pre_router_ports(ctx);
    nbctl_pre_bfd(ctx);
    ovsdb_idl_add_column(ctx->idl,
                         &nbrec_logical_router_static_route_col_bfd);
}

static void
pre_route_list(struct ctl_context *ctx)
{
    pre_routes(ctx);
    nbctl_pre_bfd(ctx);
    ovsdb_idl_add_column(ctx->idl,
                         &nbrec_logical_router_static_route_col_bfd);
    ovsdb_idl_add_column(ctx->idl,
                         &nbrec_logical_router_static_route_col_external_ids);
    ovsdb_idl_add_column(ctx->idl,
                         &nbrec_logical_router_static_route_col_options);
}

/* True if 'route' agrees with 'key'. */
static bool
route_matches(const struct nbrec_logical_router_static_route *route,
              const struct route_key *key)
{
    if ((key->policy && strcmp(route_policy(route), key->policy))
        || (key->table && strcmp(route->route_table, key->table))) {
        return false;
    }
    if (key->prefix) {
        char *prefix = nbctl_normalize_prefix(route->ip_prefix);
        bool same = prefix && !strcmp(prefix, key->prefix);

        free(prefix);
        if (!same) {
            return false;
        }
    }
    if (key->nexthop) {
        char *ip = nbctl_normalize_prefix(route->nexthop);
        bool same = !strcmp(ip ? ip : route->nexthop, key->nexthop);

        free(ip);
        if (!same) {
            return false;
        }
    }
    return (!key->port
            || (route->output_port
                && !strcmp(route->output_port, key->port)));
}

static char *
parse_policy(struct ctl_context *ctx, const char **policy)
{
    *policy = nbctl_option(ctx, "--policy");
    return (!*policy || !strcmp(*policy, "src-ip")
            || !strcmp(*policy, "dst-ip")
            ? NULL : xasprintf("bad policy: %s", *policy));
}

/* Parses the arguments of lr-route-add. */
static char *
parse_new_route(struct ctl_context *ctx, bool ecmp, struct route_key *key)
{
    const struct nbrec_logical_router_port *port = NULL;
    const char *nexthop = ctx->argv[3];
    char *error;

    error = parse_policy(ctx, &key->policy);
    if (error) {
        return error;
    }
    key->table = nbctl_option(ctx, "--route-table");
    key->table = key->table ? key->table : "";

    key->prefix = nbctl_normalize_prefix(ctx->argv[2]);
    if (!key->prefix) {
        return xasprintf("bad prefix argument: %s", ctx->argv[2]);
    }

    bool discard = !strcmp(nexthop, "discard");
    bool is_ipv6 = nbctl_is_ipv6(key->prefix);
    key->nexthop = (discard ? xstrdup(nexthop)
                    : nbctl_normalize_ip(nexthop));
    if (!key->nexthop) {
        /* A port alone does for a route to neighbors. */
        error = nbctl_find_router_port(ctx, nexthop, false, &port);
        if (error) {
            return error;
        }
        key->nexthop = port ? xstrdup("") : NULL;
    }
    if (!key->nexthop
        || (!discard && !port && nbctl_is_ipv6(key->nexthop) != is_ipv6)) {
        return xasprintf("bad IPv%c nexthop argument: %s",
                         is_ipv6 ? '6' : '4', nexthop);
    }
    if (ctx->argc > 4) {
        error = nbctl_find_router_port(ctx, ctx->argv[4], true, &port);
    }
    if (!error && discard && shash_find(&ctx->options, "--bfd")) {
        error = xstrdup("bfd dst_ip cannot be discard.");
    } else if (!error && discard && (ecmp || port)) {
        error = xasprintf("%s is not valid for discard routes.",
                          ecmp ? "ecmp" : "outport");
    }
    key->port = port ? port->name : NULL;
    return error;
}

/* True if the two ports, either of which may be NULL for "the one that leads
 * to the next hop", are surely different. */
static bool
ports_differ(const char *a, const char *b)
{
    return a && b && strcmp(a, b);
}

/* Finds what stands in the way of a route 'key' in 'lr'.
 *
 * For an ECMP route, that is one to the same next hop: '*samep'.  For another
 * one it is any route with the prefix.  Of several, the one to the same next
 * hop is the one to update, so that nothing changes if all is well. */
static char *
find_rival(struct ctl_context *ctx, const struct nbrec_logical_router *lr,
           const struct route_key *key, bool ecmp,
           const struct nbrec_logical_router_static_route **rival)
{
    struct nbctl_members m = nbctl_members(ctx, &router_routes, &lr->header_);
    const struct route_key prefix = {
        .prefix = key->prefix, .table = key->table,
        .policy = key->policy ? key->policy : "dst-ip",
    };
    const struct route_key same = { .nexthop = key->nexthop };
    char *error = NULL;

    *rival = NULL;
    for (size_t i = 0; i < m.n && !error; i++) {
        const struct nbrec_logical_router_static_route *route
            = NBCTL_MEMBER(&m, i, nbrec_logical_router_static_route);

        if (!route_matches(route, &prefix)) {
            continue;
        }
        if (ecmp && !strcmp(route->nexthop, "discard")) {
            error = xstrdup("discard nexthop for the same ECMP route "
                            "exists.");
        } else if (route_matches(route, &same)
                   && !ports_differ(route->output_port, key->port)) {
            *rival = route;
        } else if (!ecmp && !*rival) {
            *rival = route;
        }
    }
    nbctl_members_destroy(&m);
    return error;
}

/* Lets 'route' lead where 'key' does.  An output port stays if 'key' names no
 * other one. */
static void
set_route_target(const struct nbrec_logical_router_static_route *route,
                 const struct route_key *key)
{
    nbrec_logical_router_static_route_set_ip_prefix(route, key->prefix);
    nbrec_logical_router_static_route_set_nexthop(route, key->nexthop);
    if (key->port || !strcmp(key->nexthop, "discard")) {
        nbrec_logical_router_static_route_set_output_port(route, key->port);
    }
    if (key->policy) {
        nbrec_logical_router_static_route_set_policy(route, key->policy);
    }
}

static void
insert_route(struct ctl_context *ctx, const struct nbrec_logical_router *lr,
             const struct route_key *key, const struct nbrec_bfd *bfd)
{
    struct nbrec_logical_router_static_route *route
        = nbrec_logical_router_static_route_insert(ctx->txn);
    struct smap options = SMAP_INITIALIZER(&options);

    set_route_target(route, key);
    if (key->table[0]) {
        nbrec_logical_router_static_route_set_route_table(route, key->table);
    }
    if (bfd) {
        nbrec_logical_router_static_route_set_bfd(route, bfd);
    }
    if (shash_find(&ctx->options, "--ecmp-symmetric-reply")) {
        smap_add(&options, "ecmp_symmetric_reply", "true");
    }
    if (shash_find(&ctx->options, "--override-connected")) {
        smap_add(&options, "override-connected", "true");
    }
    if (!smap_is_empty(&options)) {
        nbrec_logical_router_static_route_set_options(route, &options);
    }
    smap_destroy(&options);
    nbctl_member_joins(ctx, &router_routes, &lr->header_, &route->header_);
}

/* Adds the route 'key' to 'lr'. */
static char *
add_route(struct ctl_context *ctx, const struct nbrec_logical_router *lr,
          const struct route_key *key, bool ecmp)
{
    bool may_exist = shash_find(&ctx->options, "--may-exist");
    const struct shash_node *bfd_option = shash_find(&ctx->options, "--bfd");
    const struct nbrec_logical_router_static_route *rival;
    const struct nbrec_bfd *bfd = NULL;
    char *error;

    if (bfd_option && !key->nexthop[0]) {
        return xstrdup("bfd needs the IP address of a nexthop.");
    }
    error = find_rival(ctx, lr, key, ecmp, &rival);
    if (error) {
        return error;
    }
    if (rival && !may_exist) {
        return (ecmp
                ? xstrdup("duplicate nexthop for the same ECMP route")
                : xasprintf("duplicate prefix: %s (policy: %s). Use option "
                            "--ecmp to allow this for ECMP routing.",
                            key->prefix,
                            key->policy ? key->policy : "dst-ip"));
    } else if (rival && ecmp) {
        return NULL;
    }

    if (bfd_option) {
        error = nbctl_find_bfd(ctx, bfd_option->data, key->nexthop,
                               key->port, &bfd);
        if (error) {
            return error;
        }
    }
    if (rival) {
        set_route_target(rival, key);
        if (bfd) {
            nbrec_logical_router_static_route_set_bfd(rival, bfd);
        }
    } else {
        insert_route(ctx, lr, key, bfd);
    }
    return NULL;
}

static void
lr_route_add(struct ctl_context *ctx)
{
    bool ecmp = (shash_find(&ctx->options, "--ecmp")
                 || shash_find(&ctx->options, "--ecmp-symmetric-reply"));
    const struct nbrec_logical_router *lr;
    struct route_key key = { .prefix = NULL };

    ctx->error = nbctl_find_router(ctx, ctx->argv[1], true, &lr);
    if (!ctx->error) {
        ctx->error = parse_new_route(ctx, ecmp, &key);
    }
    if (!ctx->error) {
        ctx->error = add_route(ctx, lr, &key, ecmp);
    }
    route_key_destroy(&key);
}

/* Parses the arguments of lr-route-del. */
static char *
parse_old_route(struct ctl_context *ctx, struct route_key *key)
{
    char *error = parse_policy(ctx, &key->policy);

    if (error) {
        return error;
    }
    key->table = nbctl_option(ctx, "--route-table");
    if (ctx->argc > 2) {
        key->prefix = nbctl_normalize_prefix(ctx->argv[2]);
        if (!key->prefix) {
            return xasprintf("bad prefix argument: %s", ctx->argv[2]);
        }
    }
    if (ctx->argc > 3) {
        key->nexthop = (!strcmp(ctx->argv[3], "discard")
                        ? xstrdup(ctx->argv[3])
                        : nbctl_normalize_prefix(ctx->argv[3]));
        if (!key->nexthop) {
            const struct nbrec_logical_router_port *port;

            error = nbctl_find_router_port(ctx, ctx->argv[3], false, &port);
            if (error) {
                return error;
            } else if (!port || ctx->argc > 4) {
                return xasprintf("bad nexthop argument: %s", ctx->argv[3]);
            }
            key->nexthop = xstrdup("");
            key->port = port->name;
        }
    }
    if (ctx->argc > 4) {
        key->port = ctx->argv[4];
    }

    /* Only "all routes" means those of all tables. */
    if (!key->table && (key->prefix || key->policy)) {
        key->table = "";
    }
    return NULL;
}

static const char *
or_any(const char *s)
{
    return s ? s : "any";
}

static void
lr_route_del(struct ctl_context *ctx)
{
    bool must_exist = !shash_find(&ctx->options, "--if-exists");
    const struct nbrec_logical_router *lr;
    struct route_key key = { .prefix = NULL };

    ctx->error = nbctl_find_router(ctx, ctx->argv[1], true, &lr);
    if (!ctx->error) {
        ctx->error = parse_old_route(ctx, &key);
    }
    if (ctx->error) {
        route_key_destroy(&key);
        return;
    }

    struct nbctl_members m = nbctl_members(ctx, &router_routes, &lr->header_);
    bool found = !key.prefix && !key.policy;
    for (size_t i = 0; i < m.n; i++) {
        const struct nbrec_logical_router_static_route *route
            = NBCTL_MEMBER(&m, i, nbrec_logical_router_static_route);

        if (route_matches(route, &key)) {
            nbctl_member_leaves(ctx, &router_routes, &lr->header_,
                                &route->header_);
            found = true;
        }
    }
    nbctl_members_destroy(&m);

    if (!found && must_exist) {
        ctl_error(ctx, "no matching route: policy '%s', prefix '%s', nexthop "
                  "'%s', output_port '%s'.", or_any(key.policy),
                  or_any(key.prefix), or_any(key.nexthop), or_any(key.port));
    }
    route_key_destroy(&key);
}

/* Listing
 * ======= */

struct listed_route {
    const struct nbrec_logical_router_static_route *route;
    char *prefix, *nexthop;     /* Owned, in one form. */
    struct in6_addr ip;
    unsigned int plen;
};

static int
compare_kinds(const struct listed_route *a, const struct listed_route *b)
{
    bool a_v6 = nbctl_is_ipv6(a->prefix);
    bool b_v6 = nbctl_is_ipv6(b->prefix);

    return (a_v6 != b_v6 ? (a_v6 ? 1 : -1)
            : strcmp(a->route->route_table, b->route->route_table));
}

/* The order in which a router looks at them: longer prefixes first, and of
 * those of the same length the ones for destinations. */
static int
compare_prefixes(const struct listed_route *a, const struct listed_route *b)
{
    if (a->plen != b->plen) {
        return a->plen > b->plen ? -1 : 1;
    }

    int cmp = strcmp(route_policy(a->route), route_policy(b->route));
    return cmp ? cmp : memcmp(&a->ip, &b->ip, sizeof a->ip);
}

static int
compare_routes(const void *a_, const void *b_)
{
    const struct listed_route *a = a_;
    const struct listed_route *b = b_;
    int cmp = compare_kinds(a, b);

    cmp = cmp ? cmp : compare_prefixes(a, b);
    cmp = cmp ? cmp : strcmp(a->nexthop, b->nexthop);
    if (!cmp) {
        const char *a_port = a->route->output_port;
        const char *b_port = b->route->output_port;

        cmp = strcmp(a_port ? a_port : "", b_port ? b_port : "");
    }
    return cmp;
}

static void
print_route(const struct listed_route *r, bool ecmp, struct ds *s)
{
    const struct nbrec_logical_router_static_route *route = r->route;

    ds_put_format(s, "%25s %25s %s", r->prefix, r->nexthop,
                  route_policy(route));
    if (route->output_port) {
        ds_put_format(s, " %s", route->output_port);
    }
    if (smap_get(&route->external_ids, "ic-learned-route")) {
        ds_put_cstr(s, " (learned)");
    }
    if (ecmp) {
        ds_put_cstr(s, " ecmp");
    }
    if (smap_get_bool(&route->options, "ecmp_symmetric_reply", false)) {
        ds_put_cstr(s, " ecmp-symmetric-reply");
    }
    if (route->bfd) {
        ds_put_cstr(s, " bfd");
    }
    ds_put_char(s, '\n');
}

/* Prints the 'n' sorted 'routes' in tables. */
static void
print_routes(const struct listed_route *routes, size_t n, struct ds *s)
{
    for (size_t i = 0; i < n; i++) {
        const struct listed_route *r = &routes[i];
        const char *table = r->route->route_table;

        if (!i || compare_kinds(r - 1, r)) {
            bool is_ipv6 = nbctl_is_ipv6(r->prefix);

            if (i) {
                ds_put_char(s, '\n');
            }
            if (!i || is_ipv6 != nbctl_is_ipv6(r[-1].prefix)) {
                ds_put_format(s, "IPv%c Routes\n", is_ipv6 ? '6' : '4');
            }
            ds_put_format(s, "Route Table %s:\n",
                          table[0] ? table : "<main>");
        }

        bool ecmp = ((i && !compare_kinds(r - 1, r)
                      && !compare_prefixes(r - 1, r))
                     || (i + 1 < n && !compare_kinds(r, r + 1)
                         && !compare_prefixes(r, r + 1)));
        print_route(r, ecmp, s);
    }
}

static void
lr_route_list(struct ctl_context *ctx)
{
    const struct nbrec_logical_router *lr;

    ctx->error = nbctl_find_router(ctx, ctx->argv[1], true, &lr);
    if (ctx->error) {
        return;
    }

    const struct route_key filter = {
        .table = nbctl_option(ctx, "--route-table")
    };
    struct nbctl_members m = nbctl_members(ctx, &router_routes, &lr->header_);
    struct listed_route *routes = xcalloc(MAX(m.n, 1), sizeof *routes);
    size_t n = 0;

    for (size_t i = 0; i < m.n; i++) {
        const struct nbrec_logical_router_static_route *route
            = NBCTL_MEMBER(&m, i, nbrec_logical_router_static_route);
        struct listed_route *r = &routes[n];

        if (!route_matches(route, &filter)) {
            continue;
        } else if (!nbctl_parse_network(route->ip_prefix, &r->ip,
                                        &r->plen)) {
            VLOG_WARN("router "UUID_FMT" (%s) has invalid prefix: %s",
                      UUID_ARGS(&lr->header_.uuid), lr->name,
                      route->ip_prefix);
            continue;
        }
        r->route = route;
        r->prefix = nbctl_normalize_prefix(route->ip_prefix);
        r->nexthop = nbctl_normalize_ip(route->nexthop);
        if (!r->nexthop) {
            r->nexthop = xstrdup(route->nexthop);
        }
        n++;
    }
    nbctl_members_destroy(&m);

    qsort(routes, n, sizeof *routes, compare_routes);
    print_routes(routes, n, &ctx->output);
    for (size_t i = 0; i < n; i++) {
        free(routes[i].prefix);
        free(routes[i].nexthop);
    }
    free(routes);
}

static const struct ctl_cmd cmds[] = {
    { { "lr-route-add", 3, 4, "ROUTER PREFIX NEXTHOP [LRP]", pre_route_add,
        lr_route_add, NULL,
        "--may-exist,--ecmp,--ecmp-symmetric-reply,--override-connected,"
        "--policy=,--route-table=,--bfd?", RW },
      "add a route to ROUTER",
      "Sends packets for PREFIX, such as 192.168.100.0/24 or fd00::/64, to "
      "the IP address NEXTHOP, through the port LRP or else through the one "
      "whose network has NEXTHOP.  Instead of an address, NEXTHOP can be the "
      "name of a router port, for destinations that are neighbors on its "
      "network, or `discard`, which drops the packets.\n\n"
      "`--policy=src-ip` makes the route for packets from PREFIX instead.  "
      "`--route-table` puts it into another than the main table, which "
      "serves the packets that enter through router ports with this table's "
      "name in option `route_table`.\n\n"
      "It is an error if the table has a route with PREFIX and policy.  With "
      "`--may-exist` that route gets the new NEXTHOP and LRP.  With `--ecmp` "
      "the new one shares the packets with it, unless it leads to the same "
      "NEXTHOP, which is an error or, with `--may-exist`, nothing to do.  "
      "`--ecmp-symmetric-reply` is `--ecmp` for routes that reply the way "
      "the packets came.  `--override-connected` prefers the route to the "
      "networks of the router's own ports.\n\n"
      "With `--bfd`, the route counts only while BFD finds NEXTHOP alive, in "
      "the session with the UUID given as `--bfd=UUID`, or in one for "
      "NEXTHOP and LRP, which is created if there is none and LRP is given.",
      .narrow = narrow_routes },
    { { "lr-route-del", 1, 4, "ROUTER [PREFIX [NEXTHOP [LRP]]]",
        pre_route_add, lr_route_del, NULL,
        "--if-exists,--policy=,--route-table=", RW },
      "remove routes from ROUTER",
      "Removes the routes that match all that is given.  PREFIX and "
      "`--policy` concern the main table, unless `--route-table` is given.  "
      "That nothing matches is an error, unless `--if-exists` is given or "
      "all routes are to go.",
      .narrow = narrow_routes },
    { { "lr-route-list", 1, 1, "ROUTER", pre_route_list, lr_route_list, NULL,
        "--route-table=", RO },
      "print routes for ROUTER",
      "Prints all routes, or those of one table, in the order in which the "
      "router looks at them.  Behind policy and output port, `ecmp` marks "
      "those that share the packets with others, `ecmp-symmetric-reply` and "
      "`bfd` those added with these options, and `(learned)` those from "
      "other availability zones.",
      .narrow = narrow_routes },
    { .syntax = { .name = NULL } },
};

const struct ctl_group nbctl_route_group = {
    "Logical router static route commands", NULL, cmds
};
