#include <config.h>
#include "nbctl.h"

#include <string.h>

#include "ovsdb-idl.h"
#include "smap.h"
#include "util.h"

/* What "lsp-add" and its relatives shall create. */
struct new_port {
    const char *name;
    const char *parent;         /* With 'tag', or NULL. */
    int64_t tag;
    const char *type;           /* "" for a virtual interface. */
    const char *address;        /* Or NULL. */
    const char *option;         /* With 'value', or NULL. */
    const char *value;
};

static void
pre_lsp_add(struct ctl_context *ctx)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &nbrec_logical_switch_port_col_addresses,
        &nbrec_logical_switch_port_col_options,
        &nbrec_logical_switch_port_col_parent_name,
        &nbrec_logical_switch_port_col_tag_request,
        &nbrec_logical_switch_port_col_type,
        NULL
    };

    nbctl_pre_ports(ctx);
    ctl_add_columns(ctx->idl, columns);
}

static void
narrow_lsp_add(struct ctl_context *ctx)
{
    nbctl_narrow_to_switch(ctx);
    ctl_need_id(ctx, &nbrec_table_logical_switch_port,
                &nbrec_logical_switch_port_col_name, ctx->argv[2]);
}

/* Checks that 'lsp', which stands in the way of 'p' on switch 'ls', is just
 * like it.  Returns NULL or an error message, which the caller must free. */
static char *
check_existing_port(struct ctl_context *ctx,
                    const struct nbrec_logical_switch_port *lsp,
                    const struct nbrec_logical_switch *ls,
                    const struct new_port *p)
{
    const struct nbrec_logical_switch *owner = nbctl_switch_of_port(ctx, lsp);

    if (owner != ls) {
        return xasprintf("%s: port already exists but in switch %s", p->name,
                         owner && owner->name[0] ? owner->name
                         : owner ? "without a name" : "that is gone");
    }
    if (p->parent && !lsp->parent_name) {
        return xasprintf("%s: port already exists but has no parent",
                         p->name);
    } else if (p->parent && strcmp(p->parent, lsp->parent_name)) {
        return xasprintf("%s: port already exists with different parent %s",
                         p->name, lsp->parent_name);
    } else if (!p->parent && lsp->parent_name) {
        return xasprintf("%s: port already exists but has parent %s",
                         p->name, lsp->parent_name);
    }
    if (p->parent && !lsp->n_tag_request) {
        return xasprintf("%s: port already exists but has no tag_request",
                         p->name);
    } else if (p->parent && lsp->tag_request[0] != p->tag) {
        return xasprintf("%s: port already exists with different "
                         "tag_request %"PRId64, p->name,
                         lsp->tag_request[0]);
    }
    if (p->type[0] && strcmp(lsp->type, p->type)) {
        return xasprintf("%s: port already exists with different type %s",
                         p->name, lsp->type[0] ? lsp->type : "\"\"");
    }
    if (p->option) {
        const char *value = smap_get(&lsp->options, p->option);

        if (!value || strcmp(value, p->value)) {
            return xasprintf("%s: port already exists with different %s %s",
                             p->name, p->option, value ? value : "\"\"");
        }
    }
    return NULL;
}

/* Creates 'p' on the switch named 'switch_id'. */
static char *
add_port(struct ctl_context *ctx, const char *switch_id,
         const struct new_port *p)
{
    bool may_exist = shash_find(&ctx->options, "--may-exist");
    const struct nbrec_logical_switch_port *existing;
    const struct nbrec_logical_switch *ls;
    char *error;

    error = nbctl_find_switch(ctx, switch_id, true, &ls);
    if (error) {
        return error;
    }
    error = nbctl_find_port(ctx, p->name, false, &existing);
    if (error) {
        return error;
    }
    if (existing) {
        return (may_exist
                ? check_existing_port(ctx, existing, ls, p)
                : xasprintf("%s: a port with this name already exists",
                            p->name));
    }

    struct nbrec_logical_switch_port *lsp
        = nbrec_logical_switch_port_insert(ctx->txn);
    nbrec_logical_switch_port_set_name(lsp, p->name);
    if (p->parent) {
        nbrec_logical_switch_port_set_parent_name(lsp, p->parent);
        nbrec_logical_switch_port_set_tag_request(lsp, &p->tag, 1);
    }
    if (p->type[0]) {
        nbrec_logical_switch_port_set_type(lsp, p->type);
    }
    if (p->address) {
        nbrec_logical_switch_port_set_addresses(
            lsp, (const char **) &p->address, 1);
    }
    if (p->option) {
        const struct smap options = SMAP_CONST1(&options, p->option,
                                                p->value);

        nbrec_logical_switch_port_set_options(lsp, &options);
    }
    nbctl_port_joins(ctx, lsp, ls);
    return NULL;
}

static void
lsp_add(struct ctl_context *ctx)
{
    struct new_port p = { .name = ctx->argv[2], .type = "" };
    const struct nbrec_logical_switch *ls;

    ctx->error = nbctl_find_switch(ctx, ctx->argv[1], true, &ls);
    if (ctx->error) {
        return;
    } else if (ctx->argc == 4) {
        ctl_error(ctx, "lsp-add with parent must also specify a tag");
        return;
    } else if (ctx->argc == 5) {
        int tag;

        if (!str_to_int(ctx->argv[4], 10, &tag) || tag < 0 || tag > 4095) {
            ctl_error(ctx, "%s: invalid tag (must be in range 0 to 4095)",
                      ctx->argv[4]);
            return;
        }
        p.parent = ctx->argv[3];
        p.tag = tag;
    }
    ctx->error = add_port(ctx, ctx->argv[1], &p);
}

static void
lsp_add_router_port(struct ctl_context *ctx)
{
    struct new_port p = {
        .name = ctx->argv[2], .type = "router", .address = "router",
        .option = "router-port", .value = ctx->argv[3],
    };

    ctx->error = add_port(ctx, ctx->argv[1], &p);
}

static void
lsp_add_localnet_port(struct ctl_context *ctx)
{
    struct new_port p = {
        .name = ctx->argv[2], .type = "localnet", .address = "unknown",
        .option = "network_name", .value = ctx->argv[3],
    };

    ctx->error = add_port(ctx, ctx->argv[1], &p);
}

static void
lsp_del(struct ctl_context *ctx)
{
    bool must_exist = !shash_find(&ctx->options, "--if-exists");
    const struct nbrec_logical_switch_port *lsp;

    ctx->error = nbctl_find_port(ctx, ctx->argv[1], must_exist, &lsp);
    if (lsp) {
        nbctl_port_leaves(ctx, lsp);
        nbrec_logical_switch_port_delete(lsp);
    }
}

static void
lsp_list(struct ctl_context *ctx)
{
    struct nbctl_names names = NBCTL_NAMES_INITIALIZER;
    const struct nbrec_logical_switch *ls;

    ctx->error = nbctl_find_switch(ctx, ctx->argv[1], true, &ls);
    if (ctx->error) {
        return;
    }

    const struct nbctl_switch *sw = nbctl_switch_ports(ctx, ls);
    if (sw) {
        const struct nbctl_port *port;

        LIST_FOR_EACH (port, list_node, &sw->ports) {
            nbctl_names_add(&names, &port->lsp->header_.uuid,
                            port->lsp->name);
        }
    }
    nbctl_names_print(&names, &ctx->output);
}

static void
lsp_get_ls(struct ctl_context *ctx)
{
    const struct nbrec_logical_switch_port *lsp;

    ctx->error = nbctl_find_port(ctx, ctx->argv[1], true, &lsp);
    if (ctx->error) {
        return;
    }

    const struct nbrec_logical_switch *ls = nbctl_switch_of_port(ctx, lsp);
    if (ls) {
        ds_put_format(&ctx->output, UUID_FMT" (%s)\n",
                      UUID_ARGS(&ls->header_.uuid), ls->name);
    }
}

static void
pre_lsp_get_parent(struct ctl_context *ctx)
{
    nbctl_pre_ports(ctx);
    ovsdb_idl_add_column(ctx->idl,
                         &nbrec_logical_switch_port_col_parent_name);
}

static void
lsp_get_parent(struct ctl_context *ctx)
{
    const struct nbrec_logical_switch_port *lsp;

    ctx->error = nbctl_find_port(ctx, ctx->argv[1], true, &lsp);
    if (lsp && lsp->parent_name) {
        ds_put_format(&ctx->output, "%s\n", lsp->parent_name);
    }
}

static void
pre_lsp_get_tag(struct ctl_context *ctx)
{
    nbctl_pre_ports(ctx);
    ovsdb_idl_add_column(ctx->idl, &nbrec_logical_switch_port_col_tag);
}

static void
lsp_get_tag(struct ctl_context *ctx)
{
    const struct nbrec_logical_switch_port *lsp;

    ctx->error = nbctl_find_port(ctx, ctx->argv[1], true, &lsp);
    if (lsp && lsp->n_tag) {
        ds_put_format(&ctx->output, "%"PRId64"\n", lsp->tag[0]);
    }
}

static const struct ctl_cmd cmds[] = {
    { { "lsp-add", 2, 4, "SWITCH PORT [PARENT] [TAG]", pre_lsp_add, lsp_add,
        NULL, "--may-exist", RW },
      "add logical port PORT on SWITCH",
      "Creates a logical switch port on SWITCH.  With PARENT and TAG, it is "
      "the port of a container inside the virtual machine that has port "
      "PARENT: the machine's interface carries its packets with VLAN ID TAG, "
      "from 1 to 4095, or one that ovn-northd chooses if TAG is 0.\n\n"
      "The names of ports are unique over all switches.  A name that exists "
      "is an error; with `--may-exist` only if that port is on another "
      "switch, or has another parent or tag.",
      .narrow = narrow_lsp_add },
    { { "lsp-add-router-port", 3, 3, "SWITCH PORT PEER", pre_lsp_add,
        lsp_add_router_port, NULL, "--may-exist", RW },
      "add a port that leads to router port PEER",
      "Creates a port of type `router` with option `router-port` set to the "
      "name of a logical router port, and with its addresses.",
      .narrow = narrow_lsp_add },
    { { "lsp-add-localnet-port", 3, 3, "SWITCH PORT NETWORK", pre_lsp_add,
        lsp_add_localnet_port, NULL, "--may-exist", RW },
      "add a port that leads to physical NETWORK",
      "Creates a port of type `localnet` with option `network_name` set to "
      "NETWORK, and for all addresses.",
      .narrow = narrow_lsp_add },
    { { "lsp-del", 1, 1, "PORT", nbctl_pre_ports, lsp_del, NULL,
        "--if-exists", RW },
      "delete PORT from its attached switch",
      "Deletes a logical switch port.  It must exist, unless `--if-exists` "
      "is given.",
      .narrow = nbctl_narrow_to_port },
    { { "lsp-list", 1, 1, "SWITCH", nbctl_pre_ports, lsp_list, NULL, "",
        RO },
      "print the names of all logical ports on SWITCH",
      "Prints UUID and, in parentheses, name of each port of SWITCH, in the "
      "order of names.",
      .narrow = nbctl_narrow_to_switch },
    { { "lsp-get-ls", 1, 1, "PORT", nbctl_pre_ports, lsp_get_ls, NULL, "",
        RO },
      "get the logical switch which the port belongs to",
      "Prints UUID and, in parentheses, name of the switch that has PORT.",
      .narrow = nbctl_narrow_to_port },
    { { "lsp-get-parent", 1, 1, "PORT", pre_lsp_get_parent, lsp_get_parent,
        NULL, "", RO },
      "get the parent of PORT if set",
      "Prints the name of the parent port, or nothing.",
      .narrow = nbctl_narrow_to_port },
    { { "lsp-get-tag", 1, 1, "PORT", pre_lsp_get_tag, lsp_get_tag, NULL, "",
        RO },
      "get the PORT's tag if set",
      "Prints the VLAN ID of PORT's packets, or nothing if it has none or if "
      "ovn-northd has not yet confirmed it.",
      .narrow = nbctl_narrow_to_port },
    { .syntax = { .name = NULL } },
};

const struct ctl_group nbctl_port_group = {
    "Logical switch port commands",
    "PORT is the name of a logical switch port or its whole UUID.",
    cmds
};
