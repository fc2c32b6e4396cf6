#include <config.h>
#include "nbctl.h"

#include <string.h>
#include <unistd.h>

#include "nbctl-graph.h"
#include "ovsdb-idl.h"
#include "smap.h"
#include "util.h"

/* show
 * ==== */

/* True if a person will read the output rather than a script. */
static bool
is_readable(const struct ctl_context *ctx)
{
    return (!shash_find(&ctx->options, "--classic")
            && (shash_find(&ctx->options, "--readable")
                || isatty(STDOUT_FILENO)));
}

static void
pre_show(struct ctl_context *ctx)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &nbrec_logical_router_col_external_ids,
        &nbrec_logical_router_col_nat,
        &nbrec_logical_router_port_col_mac,
        &nbrec_logical_router_port_col_networks,
        &nbrec_logical_switch_col_external_ids,
        &nbrec_logical_switch_port_col_addresses,
        &nbrec_logical_switch_port_col_external_ids,
        &nbrec_logical_switch_port_col_options,
        &nbrec_logical_switch_port_col_parent_name,
        &nbrec_logical_switch_port_col_tag,
        &nbrec_logical_switch_port_col_type,
        &nbrec_nat_col_external_ip,
        &nbrec_nat_col_external_port_range,
        &nbrec_nat_col_logical_ip,
        &nbrec_nat_col_type,
        NULL
    };

    if (is_readable(ctx)) {
        graph_pre(ctx);
        return;
    }
    nbctl_pre_ports(ctx);
    nbctl_pre_router_ports(ctx);
    nbctl_pre_gateway_chassis(ctx);
    ctl_add_columns(ctx->idl, columns);
}

static void
narrow_show(struct ctl_context *ctx)
{
    if (ctx->argc > 1 && !is_readable(ctx)) {
        nbctl_narrow_to_switch(ctx);
        nbctl_narrow_to_router(ctx);
        ctl_need_none(ctx, &nbrec_table_logical_router_port);
        ctl_need_none(ctx, &nbrec_table_gateway_chassis);
        ctl_need_none(ctx, &nbrec_table_nat);
        return;
    }
    for (size_t i = 0; i < nbrec_idl_class.n_tables; i++) {
        ctl_need_all(ctx, &nbrec_idl_class.tables[i]);
    }
}

/* Appends the name that another system gave an object, if it did. */
static void
show_alias(const struct smap *external_ids, const char *key, struct ds *s)
{
    const char *alias = smap_get(external_ids, key);

    if (alias && alias[0]) {
        ds_put_format(s, " (aka %s)", alias);
    }
}

/* Appends a line 'label' with the 'n' 'items' in quotes. */
static void
show_list(const char *label, char **items, size_t n, struct ds *s)
{
    ds_put_format(s, "        %s: [\"", label);
    for (size_t i = 0; i < n; i++) {
        ds_put_format(s, "%s%s", i ? "\", \"" : "", items[i]);
    }
    ds_put_cstr(s, "\"]\n");
}

static void
show_switch_port(const struct nbrec_logical_switch_port *lsp, struct ds *s)
{
    const char *router_port = smap_get(&lsp->options, "router-port");

    ds_put_format(s, "    port %s", lsp->name);
    show_alias(&lsp->external_ids, "neutron:port_name", s);
    ds_put_char(s, '\n');

    if (lsp->type[0]) {
        ds_put_format(s, "        type: %s\n", lsp->type);
    }
    if (lsp->parent_name) {
        ds_put_format(s, "        parent: %s\n", lsp->parent_name);
    }
    if (lsp->n_tag) {
        ds_put_format(s, "        tag: %"PRId64"\n", lsp->tag[0]);
    }

    /* With "router" alone, the addresses are those of the router port, which
     * has a line of its own. */
    if (lsp->n_addresses && strcmp(lsp->addresses[0], "router")) {
        show_list("addresses", lsp->addresses, lsp->n_addresses, s);
    }
    if (router_port) {
        ds_put_format(s, "        router-port: %s\n", router_port);
    }
}

static void
show_switch(struct ctl_context *ctx, const struct nbrec_logical_switch *ls)
{
    struct ds *s = &ctx->output;

    ds_put_format(s, "switch "UUID_FMT" (%s)",
                  UUID_ARGS(&ls->header_.uuid), ls->name);
    show_alias(&ls->external_ids, "neutron:network_name", s);
    ds_put_char(s, '\n');

    const struct nbctl_switch *sw = nbctl_switch_ports(ctx, ls);
    if (sw) {
        const struct nbctl_port *port;

        LIST_FOR_EACH (port, list_node, &sw->ports) {
            show_switch_port(port->lsp, s);
        }
    }
}

static void
show_gateway_chassis(struct ctl_context *ctx,
                     const struct nbrec_logical_router_port *lrp)
{
    struct nbctl_members gcs = nbctl_gateway_chassis(ctx, lrp);
    struct ds *s = &ctx->output;

    if (gcs.n) {
        ds_put_cstr(s, "        gateway chassis: [");
        for (size_t i = 0; i < gcs.n; i++) {
            ds_put_format(s, "%s%s", i ? " " : "",
                          NBCTL_MEMBER(&gcs, i, nbrec_gateway_chassis)
                          ->chassis_name);
        }
        ds_put_cstr(s, "]\n");
    }
    nbctl_members_destroy(&gcs);
}

static void
show_nat(const struct nbrec_nat *nat, struct ds *s)
{
    ds_put_format(s, "    nat "UUID_FMT"\n"
                  "        external ip: \"%s\"\n",
                  UUID_ARGS(&nat->header_.uuid), nat->external_ip);
    if (nat->external_port_range[0]) {
        ds_put_format(s, "        external port(s): \"%s\"\n",
                      nat->external_port_range);
    }
    ds_put_format(s, "        logical ip: \"%s\"\n"
                  "        type: \"%s\"\n", nat->logical_ip, nat->type);
}

static void
show_router(struct ctl_context *ctx, const struct nbrec_logical_router *lr)
{
    struct ds *s = &ctx->output;

    ds_put_format(s, "router "UUID_FMT" (%s)",
                  UUID_ARGS(&lr->header_.uuid), lr->name);
    show_alias(&lr->external_ids, "neutron:router_name", s);
    ds_put_char(s, '\n');

    struct nbctl_members ports = nbctl_members(ctx, &nbctl_router_ports,
                                               &lr->header_);
    for (size_t i = 0; i < ports.n; i++) {
        const struct nbrec_logical_router_port *lrp
            = NBCTL_MEMBER(&ports, i, nbrec_logical_router_port);

        ds_put_format(s, "    port %s\n"
                      "        mac: \"%s\"\n", lrp->name, lrp->mac);
        if (lrp->n_networks) {
            show_list("networks", lrp->networks, lrp->n_networks, s);
        }
        show_gateway_chassis(ctx, lrp);
    }
    nbctl_members_destroy(&ports);

    struct nbctl_members nats = nbctl_members(ctx, &nbctl_router_nats,
                                              &lr->header_);
    for (size_t i = 0; i < nats.n; i++) {
        show_nat(NBCTL_MEMBER(&nats, i, nbrec_nat), s);
    }
    nbctl_members_destroy(&nats);
}

/* Prints the switch and the router that 'id' names; scripts rely on silence
 * if there is neither. */
static void
show_one(struct ctl_context *ctx, const char *id)
{
    const struct nbrec_logical_switch *ls;
    const struct nbrec_logical_router *lr;

    ctx->error = nbctl_find_switch(ctx, id, false, &ls);
    if (ctx->error) {
        return;
    } else if (ls) {
        show_switch(ctx, ls);
    }
    ctx->error = nbctl_find_router(ctx, id, false, &lr);
    if (lr) {
        show_router(ctx, lr);
    }
}

/* Prints the same for people, with states. */
static void
show_readable(struct ctl_context *ctx)
{
    struct graph g;

    graph_init(&g, ctx);
    ctx->error = graph_select(&g, ctx, ctx->argv + 1, ctx->argc - 1);
    if (!ctx->error) {
        graph_put_text(&g, &ctx->output);
    }
    graph_destroy(&g);
}

static void
show(struct ctl_context *ctx)
{
    if (is_readable(ctx)) {
        show_readable(ctx);
        return;
    }
    if (ctx->argc > 1) {
        show_one(ctx, ctx->argv[1]);
        return;
    }

    const struct nbrec_logical_switch *ls;
    NBREC_LOGICAL_SWITCH_FOR_EACH (ls, ctx->idl) {
        show_switch(ctx, ls);
    }

    const struct nbrec_logical_router *lr;
    NBREC_LOGICAL_ROUTER_FOR_EACH (lr, ctx->idl) {
        show_router(ctx, lr);
    }
}

/* Any transaction creates the row of global settings, and any transaction can
 * wait, so these two have nothing left to do. */
static void
nothing(struct ctl_context *ctx OVS_UNUSED)
{
}

static const struct ctl_cmd general_cmds[] = {
    { { "init", 0, 0, "", NULL, nothing, NULL, "", RW },
      "initialize the database",
      "Creates the row of global settings in a database that is new, else "
      "does nothing.  Other commands do the same, so nobody needs this one." },
    { { "show", 0, 1, "[SWITCH|ROUTER]", pre_show, show, NULL,
        "--classic,--readable", RO },
      "print overview of database contents",
      "Prints all logical switches and routers with their ports and the "
      "routers' NAT rules, or only those of the switch or router with the "
      "given name or UUID.\n\n"
      "On a terminal, there is a table for each switch and router, in the "
      "order of names, and if the southbound database answers (at "
      "`OVN_SB_DB` or its default place), which ports are up, and where.  "
      "Else, as for scripts, the output has the form that it has always had; "
      "so it has if a daemon does the work.  `--readable` and `--classic` "
      "demand the one or the other.",
      .narrow = narrow_show },
    { .syntax = { .name = NULL } },
};

const struct ctl_group nbctl_general_group = {
    "General commands", NULL, general_cmds
};

static const struct ctl_cmd sync_cmds[] = {
    { { "sync", 0, 0, "", NULL, nothing, NULL, "", RO },
      "wait even for earlier changes to take effect",
      "Does nothing itself, but makes `--wait=sb` and `--wait=hv` wait for "
      "all changes that were made before, by whomever.  Without it, an "
      "invocation waits for its own changes only, and not at all if it makes "
      "none.",
      .force_wait = true },
    { .syntax = { .name = NULL } },
};

const struct ctl_group nbctl_sync_group = {
    "Synchronization command (use with --wait=sb|hv)", NULL, sync_cmds
};
