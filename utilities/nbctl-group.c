#include <config.h>
#include "nbctl.h"

#include <stdlib.h>
#include <string.h>

#include "ovsdb-idl.h"
#include "util.h"

void
nbctl_pre_groups(struct ctl_context *ctx)
{
    ovsdb_idl_add_column(ctx->idl, &nbrec_port_group_col_name);
}

static void
pre_group_ports(struct ctl_context *ctx)
{
    nbctl_pre_groups(ctx);
    nbctl_pre_ports(ctx);
    ovsdb_idl_add_column(ctx->idl, &nbrec_port_group_col_ports);
}

/* Says that the command needs the group in its first argument and the ports in
 * the others. */
static void
narrow_group(struct ctl_context *ctx)
{
    ctl_need_id(ctx, &nbrec_table_port_group, &nbrec_port_group_col_name,
                ctx->argv[1]);
    ctl_need_none(ctx, &nbrec_table_logical_switch);
    ctl_need_none(ctx, &nbrec_table_logical_switch_port);
    for (int i = 2; i < ctx->argc; i++) {
        ctl_need_id(ctx, &nbrec_table_logical_switch_port,
                    &nbrec_logical_switch_port_col_name, ctx->argv[i]);
    }
}

/* Returns the port group whose UUID or name is 'id', or NULL. */
const struct nbrec_port_group *
nbctl_find_group(struct ctl_context *ctx, const char *id)
{
    const struct nbrec_port_group *pg;
    struct uuid uuid;

    if (uuid_from_string(&uuid, id)) {
        pg = NBCTL_BY_UUID(ctx, port_group, &uuid);
        if (pg) {
            return pg;
        }
    }
    NBREC_PORT_GROUP_FOR_EACH (pg, ctx->idl) {
        if (!strcmp(pg->name, id)) {
            return pg;
        }
    }
    return NULL;
}

/* Finds the group named by the first argument, else sets ctx->error. */
static const struct nbrec_port_group *
group_arg(struct ctl_context *ctx)
{
    const struct nbrec_port_group *pg = nbctl_find_group(ctx, ctx->argv[1]);

    if (!pg) {
        struct uuid uuid;

        ctl_error(ctx, "%s: port group %s not found", ctx->argv[1],
                  (uuid_from_string(&uuid, ctx->argv[1])
                   ? "UUID" : "name"));
    }
    return pg;
}

/* Makes the switch ports that the arguments from the second on name the ports
 * of 'pg'. */
static char *
set_ports(struct ctl_context *ctx, const struct nbrec_port_group *pg)
{
    size_t n = ctx->argc - 2;
    struct nbrec_logical_switch_port **ports = xcalloc(MAX(n, 1),
                                                       sizeof *ports);
    char *error = NULL;

    for (size_t i = 0; i < n && !error; i++) {
        const struct nbrec_logical_switch_port *lsp;

        error = nbctl_find_port(ctx, ctx->argv[2 + i], true, &lsp);
        ports[i] = CONST_CAST(struct nbrec_logical_switch_port *, lsp);
    }
    if (!error) {
        nbrec_port_group_set_ports(pg, ports, n);
    }
    free(ports);
    return error;
}

static void
pg_add(struct ctl_context *ctx)
{
    const char *name = ctx->argv[1];
    const struct nbrec_port_group *old, *pg = nbrec_port_group_insert(
        ctx->txn);

    ctx->error = set_ports(ctx, pg);
    NBREC_PORT_GROUP_FOR_EACH (old, ctx->idl) {
        if (!ctx->error && old != pg && !strcmp(old->name, name)) {
            ctl_error(ctx, "%s: a port group with this name already exists",
                      name);
        }
    }
    nbrec_port_group_set_name(pg, name);
}

static void
pg_set_ports(struct ctl_context *ctx)
{
    const struct nbrec_port_group *pg = group_arg(ctx);

    if (pg) {
        ctx->error = set_ports(ctx, pg);
    }
}

static void
pg_get_ports(struct ctl_context *ctx)
{
    const struct nbrec_port_group *pg = group_arg(ctx);
    struct nbctl_names names = NBCTL_NAMES_INITIALIZER;

    if (pg) {
        nbctl_need_rows(ctx, &nbrec_table_logical_switch_port,
                        ovsdb_idl_read(&pg->header_,
                                       &nbrec_port_group_col_ports));
    }
    for (size_t i = 0; pg && i < pg->n_ports; i++) {
        nbctl_names_add(&names, &pg->ports[i]->header_.uuid,
                        pg->ports[i]->name);
    }
    nbctl_names_print(&names, &ctx->output);
}

static void
pg_del(struct ctl_context *ctx)
{
    const struct nbrec_port_group *pg = group_arg(ctx);

    if (pg) {
        nbrec_port_group_delete(pg);
    }
}

static const struct ctl_cmd cmds[] = {
    { { "pg-add", 1, INT_MAX, "GROUP [PORT]...", pre_group_ports, pg_add,
        NULL, "", RW },
      "create port group GROUP",
      "Creates a port group with the given switch ports.  The names of "
      "groups are unique.",
      .narrow = narrow_group },
    { { "pg-set-ports", 2, INT_MAX, "GROUP PORT...", pre_group_ports,
        pg_set_ports, NULL, "", RW },
      "set the ports of port group GROUP",
      "Replaces all ports of the group.",
      .narrow = narrow_group },
    { { "pg-get-ports", 1, 1, "GROUP", pre_group_ports, pg_get_ports, NULL,
        "", RO },
      "print the ports of port group GROUP",
      "Prints UUID and, in parentheses, name of each port, in the order of "
      "names.",
      .narrow = narrow_group },
    { { "pg-del", 1, 1, "GROUP", nbctl_pre_groups, pg_del, NULL, "", RW },
      "delete port group GROUP",
      "Deletes the group with its ACLs.  Its ports stay where they are.",
      .narrow = narrow_group },
    { .syntax = { .name = NULL } },
};

const struct ctl_group nbctl_port_group_group = {
    "Port group commands",
    "A port group gives ports of any switches common ACLs, and sets of their "
    "addresses names.  GROUP is its name or its whole UUID.",
    cmds
};
