#include <config.h>
#include "nbctl.h"

#include <string.h>

#include "ovsdb-idl.h"
#include "packets.h"
#include "smap.h"
#include "sset.h"
#include "util.h"

const struct nbctl_set nbctl_router_ports = {
    &nbrec_table_logical_router, &nbrec_logical_router_col_ports,
    &nbrec_table_logical_router_port
};

/* Router ports by name, like nbctl-context.c's index of switch ports. */
static struct ovsdb_idl_index *ports_by_name;

void
nbctl_create_router_indexes(struct ovsdb_idl *idl)
{
    if (!ports_by_name) {
        ports_by_name = ovsdb_idl_index_create1(
            idl, &nbrec_logical_router_port_col_name);
    }
}

void
nbctl_pre_routers(struct ctl_context *ctx)
{
    ovsdb_idl_add_column(ctx->idl, &nbrec_logical_router_col_name);
}

/* Says that the command needs the router in its first argument. */
void
nbctl_narrow_to_router(struct ctl_context *ctx)
{
    ctl_need_id(ctx, &nbrec_table_logical_router,
                &nbrec_logical_router_col_name, ctx->argv[1]);
}

/* The same, with the router's ports. */
static void
narrow_to_router_ports(struct ctl_context *ctx)
{
    ctl_need_none(ctx, &nbrec_table_logical_router);
    ctl_need_none(ctx, &nbrec_table_logical_router_port);
    if (ctx->argc > 1) {
        nbctl_narrow_to_router(ctx);
    }
}

/* Says that the command needs the router port in its first argument. */
void
nbctl_narrow_to_router_port(struct ctl_context *ctx)
{
    ctl_need_none(ctx, &nbrec_table_logical_router);
    ctl_need_id(ctx, &nbrec_table_logical_router_port,
                &nbrec_logical_router_port_col_name, ctx->argv[1]);
}

static void
narrow_lrp_add(struct ctl_context *ctx)
{
    narrow_to_router_ports(ctx);
    ctl_need_id(ctx, &nbrec_table_logical_router_port,
                &nbrec_logical_router_port_col_name, ctx->argv[2]);
}

void
nbctl_pre_router_ports(struct ctl_context *ctx)
{
    nbctl_pre_routers(ctx);
    ovsdb_idl_add_column(ctx->idl, &nbrec_logical_router_col_ports);
    ovsdb_idl_add_column(ctx->idl, &nbrec_logical_router_port_col_name);
    nbctl_create_router_indexes(ctx->idl);
}

/* Finds the router whose UUID or name is 'id', like nbctl_find_switch(). */
char *
nbctl_find_router(struct ctl_context *ctx, const char *id, bool must_exist,
                  const struct nbrec_logical_router **lrp)
{
    const struct nbrec_logical_router *lr = NULL;
    struct uuid uuid;
    bool is_uuid = uuid_from_string(&uuid, id);

    *lrp = NULL;
    if (is_uuid) {
        lr = NBCTL_BY_UUID(ctx, logical_router, &uuid);
    }
    if (!lr) {
        const struct nbrec_logical_router *iter;

        NBREC_LOGICAL_ROUTER_FOR_EACH (iter, ctx->idl) {
            if (strcmp(iter->name, id)) {
                continue;
            } else if (lr) {
                return xasprintf("Multiple logical routers named '%s'.  "
                                 "Use a UUID.", id);
            }
            lr = iter;
        }
    }
    if (!lr && must_exist) {
        return xasprintf("%s: router %s not found", id,
                         is_uuid ? "UUID" : "name");
    }
    *lrp = lr;
    return NULL;
}

/* Finds the router port whose UUID or name is 'id', like
 * nbctl_find_switch(). */
char *
nbctl_find_router_port(struct ctl_context *ctx, const char *id,
                       bool must_exist,
                       const struct nbrec_logical_router_port **lrpp)
{
    const struct nbrec_logical_router_port *lrp = NULL;
    struct uuid uuid;
    bool is_uuid = uuid_from_string(&uuid, id);

    if (is_uuid) {
        lrp = NBCTL_BY_UUID(ctx, logical_router_port, &uuid);
    }
    if (!lrp) {
        struct nbrec_logical_router_port *key
            = nbrec_logical_router_port_index_init_row(ports_by_name);

        nbrec_logical_router_port_index_set_name(key, id);
        lrp = nbrec_logical_router_port_index_find(ports_by_name, key);
        nbrec_logical_router_port_index_destroy_row(key);
    }
    *lrpp = lrp;
    return (lrp || !must_exist ? NULL
            : xasprintf("%s: port %s not found", id,
                        is_uuid ? "UUID" : "name"));
}

/* Routers
 * ======= */

static void
lr_add(struct ctl_context *ctx)
{
    const char *name = ctx->argc > 1 ? ctx->argv[1] : NULL;
    bool may_exist, add_duplicate;

    if (!nbctl_add_options(ctx, &may_exist, &add_duplicate)) {
        return;
    }
    if (name && !add_duplicate) {
        const struct nbrec_logical_router *lr;

        NBREC_LOGICAL_ROUTER_FOR_EACH (lr, ctx->idl) {
            if (!strcmp(lr->name, name)) {
                if (!may_exist) {
                    ctl_error(ctx, "%s: a router with this name already "
                              "exists", name);
                }
                return;
            }
        }
    }

    struct nbrec_logical_router *lr = nbrec_logical_router_insert(ctx->txn);
    if (name) {
        nbrec_logical_router_set_name(lr, name);
    }
}

static void
lr_del(struct ctl_context *ctx)
{
    bool must_exist = !shash_find(&ctx->options, "--if-exists");
    const struct nbrec_logical_router *lr;

    ctx->error = nbctl_find_router(ctx, ctx->argv[1], must_exist, &lr);
    if (!lr) {
        return;
    }

    /* The server drops the ports together with the router, but later commands
     * of this transaction would still see them. */
    if (!ctx->last_command) {
        struct nbctl_members ports = nbctl_members(ctx, &nbctl_router_ports,
                                                   &lr->header_);

        for (size_t i = 0; i < ports.n; i++) {
            nbrec_logical_router_port_delete(
                NBCTL_MEMBER(&ports, i, nbrec_logical_router_port));
        }
        nbctl_members_destroy(&ports);
    }
    nbrec_logical_router_delete(lr);
}

static void
lr_list(struct ctl_context *ctx)
{
    struct nbctl_names names = NBCTL_NAMES_INITIALIZER;
    const struct nbrec_logical_router *lr;

    NBREC_LOGICAL_ROUTER_FOR_EACH (lr, ctx->idl) {
        nbctl_names_add(&names, &lr->header_.uuid, lr->name);
    }
    nbctl_names_print(&names, &ctx->output);
}

/* Adding ports
 * ============ */

/* What "lrp-add" shall create. */
struct new_port {
    const char *name;
    const char *mac;
    char **networks;
    size_t n_networks;
    char **settings;            /* Of the form COLUMN[:KEY]=VALUE. */
    size_t n_settings;
};

static void
pre_lrp_add(struct ctl_context *ctx)
{
    nbctl_pre_router_ports(ctx);
    ovsdb_idl_add_column(ctx->idl, &nbrec_logical_router_port_col_mac);
    ovsdb_idl_add_column(ctx->idl, &nbrec_logical_router_port_col_networks);
    ovsdb_idl_add_column(ctx->idl, &nbrec_logical_router_port_col_peer);
}

static char *
check_mac(const struct new_port *p)
{
    struct eth_addr ea;

    return (eth_addr_from_string(p->mac, &ea) ? NULL
            : xasprintf("%s: invalid mac address %s", p->name, p->mac));
}

static char *
check_networks(const struct new_port *p)
{
    for (size_t i = 0; i < p->n_networks; i++) {
        struct in6_addr ip;
        unsigned int plen;

        if (!nbctl_parse_network(p->networks[i], &ip, &plen)) {
            return xasprintf("%s: invalid network address: %s", p->name,
                             p->networks[i]);
        }
    }
    return NULL;
}

/* Adds the 'n' 'networks' to 'set', each in one form. */
static void
collect_networks(char **networks, size_t n, struct sset *set)
{
    for (size_t i = 0; i < n; i++) {
        struct in6_addr ip;
        unsigned int plen;

        if (nbctl_parse_network(networks[i], &ip, &plen)) {
            struct ds s = DS_EMPTY_INITIALIZER;

            ipv6_format_mapped(&ip, &s);
            ds_put_format(&s, "/%u", plen);
            sset_add_and_free(set, ds_steal_cstr(&s));
        }
    }
}

static bool
same_networks(const struct nbrec_logical_router_port *lrp,
              const struct new_port *p)
{
    struct sset a = SSET_INITIALIZER(&a);
    struct sset b = SSET_INITIALIZER(&b);

    collect_networks(lrp->networks, lrp->n_networks, &a);
    collect_networks(p->networks, p->n_networks, &b);

    bool same = sset_equals(&a, &b);
    sset_destroy(&a);
    sset_destroy(&b);
    return same;
}

/* Checks that 'lrp', which stands in the way of 'p' on router 'lr', is just
 * like it.  Returns NULL or an error message, which the caller must free. */
static char *
check_existing_port(struct ctl_context *ctx,
                    const struct nbrec_logical_router_port *lrp,
                    const struct nbrec_logical_router *lr,
                    const struct new_port *p)
{
    const char *peer = NULL;
    struct eth_addr old, new;

    if (!nbctl_is_member(ctx, &nbctl_router_ports, &lr->header_,
                         &lrp->header_)) {
        const struct ovsdb_idl_row *owner
            = nbctl_owner(ctx, &nbctl_router_ports, &lrp->header_);
        const char *name
            = (owner ? CONTAINER_OF(owner, struct nbrec_logical_router,
                                    header_)->name : NULL);

        return xasprintf("%s: port already exists but in router %s", p->name,
                         name && name[0] ? name
                         : name ? "without a name" : "that is gone");
    }
    if (!eth_addr_from_string(lrp->mac, &old)
        || !eth_addr_from_string(p->mac, &new) || !eth_addr_equals(old, new)) {
        return xasprintf("%s: port already exists with mac %s", p->name,
                         lrp->mac);
    }

    char *error = check_networks(p);
    if (error) {
        free(error);
        return xasprintf("%s: Invalid networks configured", p->name);
    }
    if (!same_networks(lrp, p)) {
        return xasprintf("%s: port already exists with different network",
                         p->name);
    }
    for (size_t i = 0; i < p->n_settings; i++) {
        if (!strncmp(p->settings[i], "peer=", 5)) {
            peer = p->settings[i] + 5;
        }
    }
    if (!peer != !lrp->peer || (peer && strcmp(peer, lrp->peer))) {
        return xasprintf("%s: port already exists with mismatching peer",
                         p->name);
    }
    return NULL;
}

static void
lrp_add(struct ctl_context *ctx)
{
    bool may_exist = shash_find(&ctx->options, "--may-exist");
    struct new_port p = {
        .name = ctx->argv[2], .mac = ctx->argv[3], .networks = &ctx->argv[4],
    };
    const struct nbrec_logical_router_port *existing;
    const struct nbrec_logical_router *lr;

    while (4 + p.n_networks < ctx->argc
           && !strchr(p.networks[p.n_networks], '=')) {
        p.n_networks++;
    }
    p.settings = p.networks + p.n_networks;
    p.n_settings = ctx->argc - 4 - p.n_networks;

    ctx->error = nbctl_find_router(ctx, ctx->argv[1], true, &lr);
    if (!ctx->error) {
        ctx->error = check_mac(&p);
    }
    if (!ctx->error) {
        ctx->error = nbctl_find_router_port(ctx, p.name, false, &existing);
    }
    if (ctx->error) {
        return;
    }
    if (existing) {
        ctx->error = (may_exist
                      ? check_existing_port(ctx, existing, lr, &p)
                      : xasprintf("%s: a port with this name already exists",
                                  p.name));
        return;
    }
    ctx->error = check_networks(&p);
    if (ctx->error) {
        return;
    }

    struct nbrec_logical_router_port *lrp
        = nbrec_logical_router_port_insert(ctx->txn);
    nbrec_logical_router_port_set_name(lrp, p.name);
    nbrec_logical_router_port_set_mac(lrp, p.mac);
    nbrec_logical_router_port_set_networks(lrp, (const char **) p.networks,
                                           p.n_networks);
    for (size_t i = 0; i < p.n_settings && !ctx->error; i++) {
        ctx->error = ctl_set_column("Logical_Router_Port", &lrp->header_,
                                    p.settings[i], ctx->symtab);
    }
    nbctl_member_joins(ctx, &nbctl_router_ports, &lr->header_,
                       &lrp->header_);
}

/* Other commands for ports
 * ======================== */

/* Finds the port named by the first argument, else sets ctx->error. */
static const struct nbrec_logical_router_port *
port_arg(struct ctl_context *ctx)
{
    const struct nbrec_logical_router_port *lrp;

    ctx->error = nbctl_find_router_port(ctx, ctx->argv[1], true, &lrp);
    return lrp;
}

static void
lrp_del(struct ctl_context *ctx)
{
    bool must_exist = !shash_find(&ctx->options, "--if-exists");
    const struct nbrec_logical_router_port *lrp;

    ctx->error = nbctl_find_router_port(ctx, ctx->argv[1], must_exist, &lrp);
    if (lrp) {
        const struct ovsdb_idl_row *lr
            = nbctl_owner(ctx, &nbctl_router_ports, &lrp->header_);

        if (lr) {
            nbctl_member_leaves(ctx, &nbctl_router_ports, lr, &lrp->header_);
        }
        nbrec_logical_router_port_delete(lrp);
    }
}

static void
lrp_list(struct ctl_context *ctx)
{
    struct nbctl_names names = NBCTL_NAMES_INITIALIZER;
    const struct nbrec_logical_router *lr;

    ctx->error = nbctl_find_router(ctx, ctx->argv[1], true, &lr);
    if (ctx->error) {
        return;
    }

    struct nbctl_members ports = nbctl_members(ctx, &nbctl_router_ports,
                                               &lr->header_);
    for (size_t i = 0; i < ports.n; i++) {
        const struct nbrec_logical_router_port *lrp
            = NBCTL_MEMBER(&ports, i, nbrec_logical_router_port);

        nbctl_names_add(&names, &lrp->header_.uuid, lrp->name);
    }
    nbctl_names_print(&names, &ctx->output);
    nbctl_members_destroy(&ports);
}

static void
pre_enabled(struct ctl_context *ctx)
{
    nbctl_pre_router_ports(ctx);
    ovsdb_idl_add_column(ctx->idl, &nbrec_logical_router_port_col_enabled);
}

static void
lrp_set_enabled(struct ctl_context *ctx)
{
    const struct nbrec_logical_router_port *lrp = port_arg(ctx);
    bool enabled;

    if (!ctx->error) {
        ctx->error = nbctl_parse_state(ctx->argv[2], &enabled);
    }
    if (!ctx->error) {
        nbrec_logical_router_port_set_enabled(lrp, &enabled, 1);
    }
}

static void
lrp_get_enabled(struct ctl_context *ctx)
{
    const struct nbrec_logical_router_port *lrp = port_arg(ctx);

    if (lrp) {
        ds_put_format(&ctx->output, "%s\n", (!lrp->n_enabled
                                             || lrp->enabled[0]
                                             ? "enabled" : "disabled"));
    }
}

static void
pre_options(struct ctl_context *ctx)
{
    nbctl_pre_router_ports(ctx);
    ovsdb_idl_add_column(ctx->idl, &nbrec_logical_router_port_col_options);
}

static void
lrp_set_options(struct ctl_context *ctx)
{
    const struct nbrec_logical_router_port *lrp = port_arg(ctx);
    struct smap options;

    if (!ctx->error) {
        ctx->error = nbctl_parse_options(ctx->argv + 2, ctx->argc - 2,
                                         &options);
    }
    if (!ctx->error) {
        nbrec_logical_router_port_set_options(lrp, &options);
        smap_destroy(&options);
    }
}

static void
lrp_set_redirect_type(struct ctl_context *ctx)
{
    const struct nbrec_logical_router_port *lrp = port_arg(ctx);
    const char *type = ctx->argv[2];

    if (!lrp) {
        return;
    } else if (strcasecmp(type, "overlay") && strcasecmp(type, "bridged")) {
        ctl_error(ctx, "Invalid redirect type: %s", type);
    } else {
        struct smap options;

        smap_clone(&options, &lrp->options);
        smap_replace(&options, "redirect-type", type);
        nbrec_logical_router_port_verify_options(lrp);
        nbrec_logical_router_port_set_options(lrp, &options);
        smap_destroy(&options);
    }
}

static void
lrp_get_redirect_type(struct ctl_context *ctx)
{
    const struct nbrec_logical_router_port *lrp = port_arg(ctx);

    if (lrp) {
        ds_put_format(&ctx->output, "%s\n",
                      smap_get_def(&lrp->options, "redirect-type",
                                   "overlay"));
    }
}

static const struct ctl_cmd router_cmds[] = {
    { { "lr-add", 0, 1, "[ROUTER]", nbctl_pre_routers, lr_add, NULL,
        "--may-exist,--add-duplicate", RW },
      "create a logical router named ROUTER",
      "Creates a logical router without ports.  One without a name is known "
      "by its UUID only.\n\n"
      "As for switches, a name that another router has is an error, unless "
      "`--may-exist` or `--add-duplicate` is given: then the command does "
      "nothing, or creates a second router of that name.",
      .narrow = narrow_to_router_ports },
    { { "lr-del", 1, 1, "ROUTER", nbctl_pre_router_ports, lr_del, NULL,
        "--if-exists", RW },
      "delete ROUTER and all its ports",
      "Deletes a logical router with its ports, routes, policies and NAT "
      "rules.  It must exist, unless `--if-exists` is given.",
      .narrow = narrow_to_router_ports },
    { { "lr-list", 0, 0, "", nbctl_pre_routers, lr_list, NULL, "", RO },
      "print the names of all logical routers",
      "Prints UUID and, in parentheses, name of each logical router, in the "
      "order of names." },
    { .syntax = { .name = NULL } },
};

const struct ctl_group nbctl_router_group = {
    "Logical router commands",
    "ROUTER is the name of a logical router or its whole UUID.  A name that "
    "several routers have is not good enough.",
    router_cmds
};

static const struct ctl_cmd port_cmds[] = {
    { { "lrp-add", 3, INT_MAX,
        "ROUTER LRP MAC [NETWORK]... [COLUMN[:KEY]=VALUE]...", pre_lrp_add,
        lrp_add, NULL, "--may-exist", RW },
      "add logical port LRP on ROUTER",
      "Creates a logical router port with the Ethernet address MAC.  Each "
      "NETWORK is an IPv4 or IPv6 address of the port with the length of the "
      "network's prefix, such as 192.168.0.1/24.  A port without any has "
      "just its IPv6 link local address.\n\n"
      "Further arguments set other columns of the row; for example, "
      "`peer=NAME` connects the port to the port of another router.\n\n"
      "The names of ports are unique over all routers.  A name that exists "
      "is an error; with `--may-exist` only if that port is on another "
      "router, or has another MAC, network or peer.",
      .narrow = narrow_lrp_add },
    { { "lrp-del", 1, 1, "LRP", nbctl_pre_router_ports, lrp_del, NULL,
        "--if-exists", RW },
      "delete LRP from its attached router",
      "Deletes a logical router port.  It must exist, unless `--if-exists` "
      "is given.",
      .narrow = nbctl_narrow_to_router_port },
    { { "lrp-list", 1, 1, "ROUTER", nbctl_pre_router_ports, lrp_list, NULL,
        "", RO },
      "print the names of all ports on ROUTER",
      "Prints UUID and, in parentheses, name of each port of ROUTER, in the "
      "order of names.",
      .narrow = narrow_to_router_ports },
    { { "lrp-set-enabled", 2, 2, "LRP STATE", pre_enabled, lrp_set_enabled,
        NULL, "", RW },
      "set administrative state of LRP ('enabled' or 'disabled')",
      "STATE is `enabled` or `disabled`.  A disabled port neither receives "
      "nor sends packets.",
      .narrow = nbctl_narrow_to_router_port },
    { { "lrp-get-enabled", 1, 1, "LRP", pre_enabled, lrp_get_enabled, NULL,
        "", RO },
      "get administrative state of LRP",
      "Prints `enabled` or `disabled`.",
      .narrow = nbctl_narrow_to_router_port },
    { { "lrp-set-options", 1, INT_MAX, "LRP [KEY=VALUE]...", pre_options,
        lrp_set_options, NULL, "", RW },
      "set options of LRP",
      "Replaces all options of the port.  `ovn-nb`(5) describes them.",
      .narrow = nbctl_narrow_to_router_port },
    { { "lrp-set-redirect-type", 2, 2, "LRP TYPE", pre_options,
        lrp_set_redirect_type, NULL, "", RW },
      "set how packets travel to the gateway chassis of LRP",
      "TYPE is `overlay` for tunnels, or `bridged` for the physical network "
      "of the port's switch, which must have a localnet port.",
      .narrow = nbctl_narrow_to_router_port },
    { { "lrp-get-redirect-type", 1, 1, "LRP", pre_options,
        lrp_get_redirect_type, NULL, "", RO },
      "get how packets travel to the gateway chassis of LRP",
      "Prints `overlay` or `bridged`.",
      .narrow = nbctl_narrow_to_router_port },
    { .syntax = { .name = NULL } },
};

const struct ctl_group nbctl_router_port_group = {
    "Logical router port commands",
    "LRP is the name of a logical router port or its whole UUID.",
    port_cmds
};
