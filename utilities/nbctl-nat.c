#include <config.h>
#include "nbctl.h"

#include <stdlib.h>
#include <string.h>

#include "ovsdb-idl.h"
#include "packets.h"
#include "smap.h"
#include "util.h"

const struct nbctl_set nbctl_router_nats = {
    &nbrec_table_logical_router, &nbrec_logical_router_col_nat,
    &nbrec_table_nat
};

static void
pre_nats(struct ctl_context *ctx)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &nbrec_logical_router_col_nat,
        &nbrec_nat_col_external_ip,
        &nbrec_nat_col_gateway_port,
        &nbrec_nat_col_logical_ip,
        &nbrec_nat_col_match,
        &nbrec_nat_col_options,
        &nbrec_nat_col_type,
        NULL
    };

    nbctl_pre_router_ports(ctx);
    ctl_add_columns(ctx->idl, columns);
}

static void
pre_nat_add(struct ctl_context *ctx)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &nbrec_logical_router_port_col_gateway_chassis,
        &nbrec_logical_router_port_col_ha_chassis_group,
        &nbrec_logical_router_port_col_networks,
        &nbrec_nat_col_external_mac,
        &nbrec_nat_col_logical_port,
        NULL
    };

    pre_nats(ctx);
    nbctl_pre_ports(ctx);
    nbctl_pre_gateway_chassis(ctx);
    ctl_add_columns(ctx->idl, columns);
}

/* Which ports rules name turns out later: see router_nats(). */
static void
narrow_nats(struct ctl_context *ctx)
{
    nbctl_narrow_to_router(ctx);
    ctl_need_none(ctx, &nbrec_table_nat);
    ctl_need_none(ctx, &nbrec_table_logical_router_port);
}

static void
narrow_to_gateway_port(struct ctl_context *ctx, const char *id)
{
    ctl_need_id(ctx, &nbrec_table_logical_router_port,
                &nbrec_logical_router_port_col_name, id);
}

static void
narrow_nat_del(struct ctl_context *ctx)
{
    narrow_nats(ctx);
    for (int i = 3; i < ctx->argc; i++) {
        narrow_to_gateway_port(ctx, ctx->argv[i]);
    }
}

static void
narrow_nat_add(struct ctl_context *ctx)
{
    const char *gateway_port = nbctl_option(ctx, "--gateway-port");

    narrow_nats(ctx);
    if (gateway_port) {
        narrow_to_gateway_port(ctx, gateway_port);
    }
    ctl_need_none(ctx, &nbrec_table_gateway_chassis);
    ctl_need_all(ctx, &nbrec_table_ha_chassis_group);
    ctl_need_none(ctx, &nbrec_table_logical_switch);
    ctl_need_none(ctx, &nbrec_table_logical_switch_port);
    if (ctx->argc > 5) {
        ctl_need_id(ctx, &nbrec_table_logical_switch_port,
                    &nbrec_logical_switch_port_col_name, ctx->argv[5]);
    }
}

static void
pre_nat_list(struct ctl_context *ctx)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &nbrec_nat_col_external_mac,
        &nbrec_nat_col_external_port_range,
        &nbrec_nat_col_logical_port,
        &nbrec_nat_col_priority,
        NULL
    };

    pre_nats(ctx);
    ctl_add_columns(ctx->idl, columns);
}

static void
pre_update_ext_ip(struct ctl_context *ctx)
{
    pre_nats(ctx);
    ovsdb_idl_add_column(ctx->idl, &nbrec_address_set_col_name);
    ovsdb_idl_add_column(ctx->idl, &nbrec_nat_col_allowed_ext_ips);
    ovsdb_idl_add_column(ctx->idl, &nbrec_nat_col_exempted_ext_ips);
}

/* The rules of a router, with the ports that they name. */
static struct nbctl_members
router_nats(struct ctl_context *ctx, const struct nbrec_logical_router *lr)
{
    struct nbctl_members m = nbctl_members(ctx, &nbctl_router_nats,
                                           &lr->header_);

    for (size_t i = 0; i < m.n; i++) {
        nbctl_need_rows(ctx, &nbrec_table_logical_router_port,
                        nbrec_nat_get_gateway_port(
                            NBCTL_MEMBER(&m, i, nbrec_nat), OVSDB_TYPE_UUID));
    }
    return m;
}

static char *
check_type(const char *type)
{
    return (!strcmp(type, "dnat") || !strcmp(type, "snat")
            || !strcmp(type, "dnat_and_snat")
            ? NULL
            : xasprintf("%s: type must be one of \"dnat\", \"snat\" and "
                        "\"dnat_and_snat\".", type));
}

/* Returns 'ip' in one form, or as it is if it has none. */
static char *
normalize(const char *ip)
{
    char *normal = nbctl_normalize_prefix(ip);

    return normal ? normal : xstrdup(ip);
}

static bool
same_ip(const char *a_, const char *b_)
{
    char *a = normalize(a_);
    char *b = normalize(b_);
    bool same = !strcmp(a, b);

    free(a);
    free(b);
    return same;
}

/* What a packet must have for a rule: the inside address for "snat", the
 * outside one for the others. */
static const char *
nat_key(const struct nbrec_nat *nat)
{
    return (!strcmp(nat->type, "snat") ? nat->logical_ip
            : nat->external_ip);
}

/* Adding
 * ====== */

/* What "lr-nat-add" shall create. */
struct new_nat {
    const char *type;
    const char *external_ip;
    char *logical_ip;           /* Owned. */
    const char *logical_port;   /* With 'external_mac', or NULL. */
    const char *external_mac;
    const char *port_range;     /* Or NULL. */
    const char *match;          /* Or NULL. */
    int64_t priority;
    bool stateless;
    bool add_route;
    const struct nbrec_logical_router_port *gateway_port;   /* Or NULL. */
};

/* Parses "PORT" or "PORT-PORT". */
static bool
is_port_range(const char *s)
{
    int first, last, n = 0;

    if (!ovs_scan(s, "%d%n", &first, &n) || first < 1 || first > 65535) {
        return false;
    }
    if (!s[n]) {
        return true;
    }
    s += n;
    return (ovs_scan(s, "-%d%n", &last, &n) && !s[n] && last > first
            && last <= 65535);
}

/* Parses the addresses: 'external_ip' must be one, and the logical one of the
 * same kind, which can be a network for "snat". */
static char *
parse_addresses(struct new_nat *p, const char *logical_ip)
{
    char *external_ip = nbctl_normalize_ip(p->external_ip);

    if (!external_ip) {
        return xasprintf("%s: Not a valid IPv4 or IPv6 address.",
                         p->external_ip);
    }

    bool is_snat = !strcmp(p->type, "snat");
    char kind = nbctl_is_ipv6(external_ip) ? '6' : '4';
    free(external_ip);

    p->logical_ip = (is_snat ? nbctl_normalize_prefix(logical_ip)
                     : nbctl_normalize_ip(logical_ip));
    if (p->logical_ip
        && nbctl_is_ipv6(p->logical_ip) == (kind == '6')) {
        return NULL;
    }
    return (is_snat
            ? xasprintf("%s: should be an IPv%c address or network.",
                        logical_ip, kind)
            : xasprintf("%s: Not a valid IPv%c address.", logical_ip, kind));
}

/* Parses what follows the addresses: [PORT EXTERNAL-MAC]
 * [EXTERNAL-PORT-RANGE].  With "--portrange" the last word is a range, else
 * only the last one of three. */
static char *
parse_rest(struct ctl_context *ctx, struct new_nat *p)
{
    char **args = ctx->argv + 5;
    int n = ctx->argc - 5;
    char *error;

    if (n == 3 || (n > 0 && shash_find(&ctx->options, "--portrange"))) {
        p->port_range = args[--n];
    }
    if (n == 1) {
        return xstrdup("lr-nat-add with logical_port must also specify "
                       "external_mac.");
    } else if (n == 2) {
        const struct nbrec_logical_switch_port *lsp;
        struct eth_addr ea;

        if (strcmp(p->type, "dnat_and_snat")) {
            return xstrdup("logical_port and external_mac are only valid "
                           "when type is \"dnat_and_snat\".");
        }
        error = nbctl_find_port(ctx, args[0], true, &lsp);
        if (error) {
            return error;
        } else if (!eth_addr_from_string(args[1], &ea)) {
            return xasprintf("invalid mac address %s.", args[1]);
        }
        p->logical_port = lsp->name;
        p->external_mac = args[1];
    }
    if (p->port_range && !is_port_range(p->port_range)) {
        return xasprintf("invalid port range %s.", p->port_range);
    }
    return NULL;
}

static char *
parse_options(struct ctl_context *ctx, struct new_nat *p)
{
    const char *priority = nbctl_option(ctx, "--priority");

    p->stateless = shash_find(&ctx->options, "--stateless");
    p->add_route = shash_find(&ctx->options, "--add-route");
    p->match = nbctl_option(ctx, "--match");
    if (p->stateless && strcmp(p->type, "dnat_and_snat")) {
        return xstrdup("stateless is not applicable to dnat or snat types");
    } else if (p->add_route && !strcmp(p->type, "snat")) {
        return xstrdup("routes cannot be added for snat types.");
    }
    return priority ? nbctl_parse_priority(priority, &p->priority) : NULL;
}

/* True if 'lrp' has a network that 'ip' is in. */
static bool
port_has_network_of(const struct nbrec_logical_router_port *lrp,
                    const char *ip)
{
    for (size_t i = 0; i < lrp->n_networks; i++) {
        struct in6_addr net;
        unsigned int plen;

        if (nbctl_parse_network(lrp->networks[i], &net, &plen)) {
            char *with_plen = xasprintf("%s/%u", ip, plen);
            bool same = (nbctl_is_ipv6(ip) != IN6_IS_ADDR_V4MAPPED(&net)
                         && same_ip(with_plen, lrp->networks[i]));

            free(with_plen);
            if (same) {
                return true;
            }
        }
    }
    return false;
}

/* The distributed gateway ports of a router, of which NAT rules use one. */
struct gateways {
    struct nbctl_members ports;
};

static struct gateways
find_gateways(struct ctl_context *ctx, const struct nbrec_logical_router *lr)
{
    struct gateways g = {
        nbctl_members(ctx, &nbctl_router_ports, &lr->header_)
    };
    size_t n = 0;

    for (size_t i = 0; i < g.ports.n; i++) {
        const struct nbrec_logical_router_port *lrp
            = NBCTL_MEMBER(&g.ports, i, nbrec_logical_router_port);
        struct nbctl_members gcs = nbctl_gateway_chassis(ctx, lrp);

        if (gcs.n || lrp->ha_chassis_group) {
            g.ports.rows[n++] = g.ports.rows[i];
        }
        nbctl_members_destroy(&gcs);
    }
    g.ports.n = n;
    return g;
}

/* Returns the gateway port for a rule: 'chosen' if the user chose one, else
 * the only one, else the one whose network 'external_ip' is in, or NULL. */
static const struct nbrec_logical_router_port *
effective_gateway(const struct gateways *g,
                  const struct nbrec_logical_router_port *chosen,
                  const char *external_ip)
{
    if (chosen) {
        return chosen;
    }
    for (size_t i = 0; i < g->ports.n; i++) {
        const struct nbrec_logical_router_port *lrp
            = NBCTL_MEMBER(&g->ports, i, nbrec_logical_router_port);

        if (g->ports.n == 1 || port_has_network_of(lrp, external_ip)) {
            return lrp;
        }
    }
    return NULL;
}

static char *
parse_gateway_port(struct ctl_context *ctx,
                   const struct nbrec_logical_router *lr,
                   const struct gateways *g, struct new_nat *p)
{
    const char *name = nbctl_option(ctx, "--gateway-port");
    char *error;

    if (!name) {
        return (g->ports.n > 1
                && !effective_gateway(g, NULL, p->external_ip)
                ? xasprintf("logical router: %s has multiple distributed "
                            "gateway ports and gateway_port can not be "
                            "determined from external IP of NAT rule.",
                            lr->name)
                : NULL);
    }

    error = nbctl_find_router_port(ctx, name, true, &p->gateway_port);
    if (error) {
        return error;
    }
    for (size_t i = 0; i < g->ports.n; i++) {
        if (g->ports.rows[i] == &p->gateway_port->header_) {
            return NULL;
        }
    }
    return (nbctl_is_member(ctx, &nbctl_router_ports, &lr->header_,
                            &p->gateway_port->header_)
            ? xasprintf("%s is not a distributed gateway router port.", name)
            : xasprintf("%s is not a router port of logical router: %s.",
                        name, lr->name));
}

/* Updates 'nat', which is what the user asked for but perhaps in what may
 * change. */
static void
update_nat(const struct nbrec_nat *nat, const struct new_nat *p)
{
    nbrec_nat_set_logical_port(nat, p->logical_port);
    nbrec_nat_set_external_mac(nat, p->external_mac);
}

/* Looks at 'nat', which 'lr' has, when 'p' is to be added.  Stores it in
 * '*samep' if it is the same rule. */
static char *
check_rival(const struct nbrec_nat *nat, const struct new_nat *p,
            const struct gateways *g, bool may_exist,
            const struct nbrec_nat **samep)
{
    bool is_snat = !strcmp(p->type, "snat");
    bool same_logical = same_ip(nat->logical_ip, p->logical_ip);
    bool same_external = same_ip(nat->external_ip, p->external_ip);

    if (!strcmp(nat->type, p->type)
        && (is_snat ? same_logical : same_external)
        && !strcmp(nat->match, p->match ? p->match : "")
        && (effective_gateway(g, nat->gateway_port, nat->external_ip)
            == effective_gateway(g, p->gateway_port, p->external_ip))) {
        if (!same_logical || !same_external) {
            return xasprintf("a NAT with this type (%s), %s (%s) already "
                             "exists", p->type,
                             is_snat ? "logical_ip" : "external_ip",
                             is_snat ? p->logical_ip : p->external_ip);
        } else if (!may_exist) {
            char *external_ip = normalize(p->external_ip);
            char *error = xasprintf("%s, %s: a NAT with this external_ip and "
                                    "logical_ip already exists",
                                    external_ip, p->logical_ip);

            free(external_ip);
            return error;
        }
        *samep = nat;
    } else if (same_external
               && smap_get_bool(&nat->options, "stateless", false)
                  != p->stateless) {
        return xasprintf("%s, %s: External ip cannot be shared across "
                         "stateless and stateful NATs", p->external_ip,
                         p->logical_ip);
    }
    return NULL;
}

static void
insert_nat(struct ctl_context *ctx, const struct nbrec_logical_router *lr,
           const struct new_nat *p)
{
    struct nbrec_nat *nat = nbrec_nat_insert(ctx->txn);
    struct smap options = SMAP_INITIALIZER(&options);

    nbrec_nat_set_type(nat, p->type);
    nbrec_nat_set_external_ip(nat, p->external_ip);
    nbrec_nat_set_logical_ip(nat, p->logical_ip);
    if (p->logical_port) {
        update_nat(nat, p);
    }
    if (p->port_range) {
        nbrec_nat_set_external_port_range(nat, p->port_range);
    }
    if (p->gateway_port) {
        nbrec_nat_set_gateway_port(nat, p->gateway_port);
    }
    if (p->match) {
        nbrec_nat_set_match(nat, p->match);
    }
    if (p->priority) {
        nbrec_nat_set_priority(nat, p->priority);
    }
    smap_add(&options, "stateless", p->stateless ? "true" : "false");
    if (p->add_route) {
        smap_add(&options, "add_route", "true");
    }
    nbrec_nat_set_options(nat, &options);
    smap_destroy(&options);
    nbctl_member_joins(ctx, &nbctl_router_nats, &lr->header_, &nat->header_);
}

/* Adds 'p' to 'lr', or updates the rule that is there. */
static char *
add_nat(struct ctl_context *ctx, const struct nbrec_logical_router *lr,
        const struct gateways *g, const struct new_nat *p)
{
    bool may_exist = shash_find(&ctx->options, "--may-exist");
    struct nbctl_members m = router_nats(ctx, lr);
    const struct nbrec_nat *same = NULL;
    char *error = NULL;

    for (size_t i = 0; i < m.n && !error; i++) {
        error = check_rival(NBCTL_MEMBER(&m, i, nbrec_nat), p, g, may_exist,
                            &same);
    }
    nbctl_members_destroy(&m);
    if (error) {
        return error;
    } else if (same) {
        update_nat(same, p);
    } else {
        insert_nat(ctx, lr, p);
    }
    return NULL;
}

static void
lr_nat_add(struct ctl_context *ctx)
{
    const struct nbrec_logical_router *lr;
    struct new_nat p = { .type = ctx->argv[2], .external_ip = ctx->argv[3] };

    ctx->error = nbctl_find_router(ctx, ctx->argv[1], true, &lr);
    if (ctx->error) {
        return;
    }

    struct gateways g = find_gateways(ctx, lr);
    ctx->error = check_type(p.type);
    if (!ctx->error) {
        ctx->error = parse_addresses(&p, ctx->argv[4]);
    }
    if (!ctx->error) {
        ctx->error = parse_rest(ctx, &p);
    }
    if (!ctx->error) {
        ctx->error = parse_options(ctx, &p);
    }
    if (!ctx->error) {
        ctx->error = parse_gateway_port(ctx, lr, &g, &p);
    }
    if (!ctx->error) {
        ctx->error = add_nat(ctx, lr, &g, &p);
    }
    nbctl_members_destroy(&g.ports);
    free(p.logical_ip);
}

/* Deleting
 * ======== */

static void
lr_nat_del(struct ctl_context *ctx)
{
    bool must_exist = !shash_find(&ctx->options, "--if-exists");
    const char *match = nbctl_option(ctx, "--match");
    const char *type = ctx->argc > 2 ? ctx->argv[2] : NULL;
    const struct nbrec_logical_router_port *port = NULL;
    const struct nbrec_logical_router *lr;
    char *ip = NULL;

    ctx->error = nbctl_find_router(ctx, ctx->argv[1], true, &lr);
    if (!ctx->error && type) {
        ctx->error = check_type(type);
    }
    if (!ctx->error && ctx->argc > 3) {
        ip = nbctl_normalize_prefix(ctx->argv[3]);
        if (!ip || ctx->argc > 4) {
            ctx->error = nbctl_find_router_port(
                ctx, ctx->argv[ip ? 4 : 3], true, &port);
        }
    }
    if (ctx->error) {
        free(ip);
        return;
    }

    struct nbctl_members m = router_nats(ctx, lr);
    bool found = false;
    for (size_t i = 0; i < m.n; i++) {
        const struct nbrec_nat *nat = NBCTL_MEMBER(&m, i, nbrec_nat);

        if ((!type || !strcmp(nat->type, type))
            && (!ip || same_ip(nat_key(nat), ip))
            && (!port || nat->gateway_port == port)
            && (!match || !strcmp(nat->match, match))) {
            nbctl_member_leaves(ctx, &nbctl_router_nats, &lr->header_,
                                &nat->header_);
            found = true;
        }
    }
    nbctl_members_destroy(&m);

    if (!found && must_exist && ip && port) {
        ctl_error(ctx, "no matching NAT with the type (%s), %s (%s) and "
                  "gateway_port (%s)", type,
                  !strcmp(type, "snat") ? "logical_ip" : "external_ip", ip,
                  ctx->argv[4]);
    }
    free(ip);
}

/* Listing
 * ======= */

static int
compare_nats(const void *a_, const void *b_)
{
    const struct ovsdb_idl_row *const *ap = a_;
    const struct ovsdb_idl_row *const *bp = b_;
    const struct nbrec_nat *a = CONTAINER_OF(*ap, const struct nbrec_nat,
                                             header_);
    const struct nbrec_nat *b = CONTAINER_OF(*bp, const struct nbrec_nat,
                                             header_);
    const char *a_port = a->gateway_port ? a->gateway_port->name : "";
    const char *b_port = b->gateway_port ? b->gateway_port->name : "";
    int cmp = strcmp(a->type, b->type);

    cmp = cmp ? cmp : strcmp(a_port, b_port);
    cmp = cmp ? cmp : strcmp(a->external_ip, b->external_ip);
    cmp = cmp ? cmp : strcmp(a->logical_ip, b->logical_ip);
    return cmp ? cmp : strcmp(a->match, b->match);
}

static void
print_columns(const char *const *columns, size_t n, struct ds *s)
{
    static const int widths[] = { 16, 21, 18, 16, 19, 20, 16, 9, 0 };

    for (size_t i = 0; i < n; i++) {
        ds_put_format(s, "%s%-*s", i ? " " : "", widths[i], columns[i]);
    }
    while (ds_chomp(s, ' ')) {
        continue;
    }
    ds_put_char(s, '\n');
}

static void
lr_nat_list(struct ctl_context *ctx)
{
    static const char *const headings[] = {
        "TYPE", "GATEWAY_PORT", "EXTERNAL_IP", "EXTERNAL_PORT", "LOGICAL_IP",
        "EXTERNAL_MAC", "LOGICAL_PORT", "PRIORITY", "MATCH"
    };
    const struct nbrec_logical_router *lr;
    size_t n_columns = 7;

    ctx->error = nbctl_find_router(ctx, ctx->argv[1], true, &lr);
    if (ctx->error) {
        return;
    }

    struct nbctl_members m = router_nats(ctx, lr);
    for (size_t i = 0; i < m.n; i++) {
        if (NBCTL_MEMBER(&m, i, nbrec_nat)->match[0]) {
            n_columns = 9;
        }
    }
    if (m.n) {
        qsort(m.rows, m.n, sizeof *m.rows, compare_nats);
        print_columns(headings, n_columns, &ctx->output);
    }
    for (size_t i = 0; i < m.n; i++) {
        const struct nbrec_nat *nat = NBCTL_MEMBER(&m, i, nbrec_nat);
        char *priority = xasprintf("%"PRId64, nat->priority);
        const char *const columns[] = {
            nat->type, nat->gateway_port ? nat->gateway_port->name : "",
            nat->external_ip, nat->external_port_range, nat->logical_ip,
            nat->external_mac ? nat->external_mac : "",
            nat->logical_port ? nat->logical_port : "",
            priority, nat->match
        };

        print_columns(columns, n_columns, &ctx->output);
        free(priority);
    }
    nbctl_members_destroy(&m);
}

/* Outside addresses
 * ================= */

static char *
find_address_set(struct ctl_context *ctx, const char *id,
                 const struct nbrec_address_set **setp)
{
    const struct nbrec_address_set *set = NULL;
    struct uuid uuid;
    bool is_uuid = uuid_from_string(&uuid, id);

    if (is_uuid) {
        set = NBCTL_BY_UUID(ctx, address_set, &uuid);
    }
    if (!set) {
        NBREC_ADDRESS_SET_FOR_EACH (set, ctx->idl) {
            if (!strcmp(set->name, id)) {
                break;
            }
        }
    }
    *setp = set;
    return (set ? NULL : xasprintf("%s: Address Set %s not found", id,
                                   is_uuid ? "UUID" : "name"));
}

static void
lr_nat_update_ext_ip(struct ctl_context *ctx)
{
    bool exempted = shash_find(&ctx->options, "--is-exempted");
    const char *type = ctx->argv[2];
    const struct nbrec_logical_router *lr;
    const struct nbrec_address_set *set = NULL;
    char *ip = NULL;

    ctx->error = nbctl_find_router(ctx, ctx->argv[1], true, &lr);
    if (!ctx->error) {
        ctx->error = check_type(type);
    }
    if (!ctx->error) {
        ctx->error = find_address_set(ctx, ctx->argv[4], &set);
    }
    if (!ctx->error) {
        ip = nbctl_normalize_prefix(ctx->argv[3]);
        if (!ip) {
            ctl_error(ctx, "%s: Invalid IP address or CIDR", ctx->argv[3]);
        }
    }
    if (ctx->error) {
        free(ip);
        return;
    }

    struct nbctl_members m = router_nats(ctx, lr);
    bool found = false;
    for (size_t i = 0; i < m.n; i++) {
        const struct nbrec_nat *nat = NBCTL_MEMBER(&m, i, nbrec_nat);

        if (strcmp(nat->type, type) || !same_ip(nat_key(nat), ip)) {
            continue;
        }
        found = true;
        if (exempted) {
            nbrec_nat_set_exempted_ext_ips(nat, set);
        } else {
            nbrec_nat_set_allowed_ext_ips(nat, set);
        }
    }
    nbctl_members_destroy(&m);

    if (!found) {
        ctl_error(ctx, "%s: Could not locate nat rule for: %s.", type, ip);
    }
    free(ip);
}

static const struct ctl_cmd cmds[] = {
    { { "lr-nat-add", 4, 7,
        "ROUTER TYPE EXTERNAL-IP LOGICAL-IP [PORT EXTERNAL-MAC] "
        "[EXTERNAL-PORT-RANGE]", pre_nat_add, lr_nat_add, NULL,
        "--may-exist,--stateless,--portrange,--add-route,--gateway-port=,"
        "--priority=,--match=", RW },
      "add a NAT rule to ROUTER",
      "TYPE is `snat`, which gives packets from LOGICAL-IP, an address or a "
      "network, the source EXTERNAL-IP; `dnat`, which sends packets for "
      "EXTERNAL-IP to the address LOGICAL-IP; or `dnat_and_snat`, which does "
      "both for a pair of addresses.\n\n"
      "With PORT and EXTERNAL-MAC, for type `dnat_and_snat` on a router that "
      "is not bound to one chassis, the translation happens on the chassis "
      "of the switch port PORT, without a detour over the gateway chassis, "
      "and EXTERNAL-MAC is the Ethernet address that belongs to "
      "EXTERNAL-IP.  EXTERNAL-PORT-RANGE, such as 1024-2047, limits the "
      "ports that are chosen on the outside; without PORT it needs "
      "`--portrange`.\n\n"
      "`--stateless` is for type `dnat_and_snat`: it rewrites addresses "
      "without connection tracking.  Such an EXTERNAL-IP cannot be in other "
      "rules that are not.  `--add-route` lets routers on the same switch "
      "know the way to EXTERNAL-IP.  `--gateway-port` names the router port "
      "that the rule is for.  It is needed if several have gateway chassis "
      "and none of them has a network that EXTERNAL-IP is in.  `--match` "
      "limits the rule to packets that match an expression; of the rules for "
      "the same addresses the one with the highest `--priority` counts.\n\n"
      "It is an error if there is a rule with this type and gateway port, "
      "and with LOGICAL-IP for `snat` or EXTERNAL-IP for others.  With "
      "`--may-exist`, one that also has the other address gets the new PORT "
      "and EXTERNAL-MAC.",
      .narrow = narrow_nat_add },
    { { "lr-nat-del", 1, 4, "ROUTER [TYPE [IP] [LRP]]", pre_nats,
        lr_nat_del, NULL, "--if-exists,--match=", RW },
      "remove NAT rules from ROUTER",
      "Removes the rules that match all that is given.  IP is the logical "
      "address for `snat`, else the external one.  LRP is a gateway port.  "
      "If both are given, it is an error that no rule matches, unless "
      "`--if-exists` is given.",
      .narrow = narrow_nat_del },
    { { "lr-nat-list", 1, 1, "ROUTER", pre_nat_list, lr_nat_list, NULL, "",
        RO },
      "print NAT rules for ROUTER",
      "Prints a table of the rules.  It has columns for priority and match "
      "only if there is a rule with a match.",
      .narrow = narrow_nats },
    { { "lr-nat-update-ext-ip", 4, 4, "ROUTER TYPE IP ADDRESS-SET",
        pre_update_ext_ip, lr_nat_update_ext_ip, NULL, "--is-exempted", RW },
      "limit a NAT rule to peers in an address set",
      "Lets the rule with TYPE and IP, as in `lr-nat-del`, translate only "
      "packets from and to addresses in ADDRESS-SET, or with `--is-exempted` "
      "only others." },
    { .syntax = { .name = NULL } },
};

const struct ctl_group nbctl_nat_group = {
    "NAT commands", NULL, cmds
};
