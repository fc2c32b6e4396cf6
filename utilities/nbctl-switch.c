#include <config.h>
#include "nbctl.h"

#include "ovsdb-idl.h"
#include "util.h"

static void
pre_ls_add(struct ctl_context *ctx)
{
    nbctl_pre_switches(ctx);
}

static void
ls_add(struct ctl_context *ctx)
{
    const char *name = ctx->argc > 1 ? ctx->argv[1] : NULL;
    bool may_exist, add_duplicate;

    if (!nbctl_add_options(ctx, &may_exist, &add_duplicate)) {
        return;
    }
    if (name && !add_duplicate) {
        const struct nbrec_logical_switch *ls;

        NBREC_LOGICAL_SWITCH_FOR_EACH (ls, ctx->idl) {
            if (!strcmp(ls->name, name)) {
                if (!may_exist) {
                    ctl_error(ctx, "%s: a switch with this name already "
                              "exists", name);
                }
                return;
            }
        }
    }

    struct nbrec_logical_switch *ls = nbrec_logical_switch_insert(ctx->txn);
    if (name) {
        nbrec_logical_switch_set_name(ls, name);
    }
}

static void
ls_del(struct ctl_context *ctx)
{
    bool must_exist = !shash_find(&ctx->options, "--if-exists");
    const struct nbrec_logical_switch *ls;

    ctx->error = nbctl_find_switch(ctx, ctx->argv[1], must_exist, &ls);
    if (!ls) {
        return;
    }

    /* The server drops the ports together with the switch, but later commands
     * of this transaction would still see them. */
    const struct nbctl_switch *sw = (ctx->last_command ? NULL
                                     : nbctl_switch_ports(ctx, ls));
    if (sw) {
        struct nbctl_port *port;

        LIST_FOR_EACH_SAFE (port, list_node, &sw->ports) {
            const struct nbrec_logical_switch_port *lsp = port->lsp;

            nbctl_port_leaves(ctx, lsp);
            nbrec_logical_switch_port_delete(lsp);
        }
    }
    nbctl_context_invalidate(ctx);
    nbrec_logical_switch_delete(ls);
}

static void
ls_list(struct ctl_context *ctx)
{
    struct nbctl_names names = NBCTL_NAMES_INITIALIZER;
    const struct nbrec_logical_switch *ls;

    NBREC_LOGICAL_SWITCH_FOR_EACH (ls, ctx->idl) {
        nbctl_names_add(&names, &ls->header_.uuid, ls->name);
    }
    nbctl_names_print(&names, &ctx->output);
}

static const struct ctl_cmd cmds[] = {
    { { "ls-add", 0, 1, "[SWITCH]", pre_ls_add, ls_add, NULL,
        "--may-exist,--add-duplicate", RW },
      "create a logical switch named SWITCH",
      "Creates a logical switch without ports.  One without a name is known "
      "by its UUID only.\n\n"
      "A name that another switch has is an error, because nobody could tell "
      "them apart by it.  With `--may-exist` the command does nothing "
      "instead, and with `--add-duplicate` it creates the second switch all "
      "the same.",
      .narrow = nbctl_narrow_to_switch },
    { { "ls-del", 1, 1, "SWITCH", nbctl_pre_ports, ls_del, NULL,
        "--if-exists", RW },
      "delete SWITCH and all its ports",
      "Deletes a logical switch with all its ports.  It must exist, unless "
      "`--if-exists` is given.",
      .narrow = nbctl_narrow_to_switch },
    { { "ls-list", 0, 0, "", nbctl_pre_switches, ls_list, NULL, "", RO },
      "print the names of all logical switches",
      "Prints UUID and, in parentheses, name of each logical switch, in the "
      "order of names." },
    { .syntax = { .name = NULL } },
};

const struct ctl_group nbctl_switch_group = {
    "Logical switch commands",
    "SWITCH is the name of a logical switch or its whole UUID.  A name that "
    "several switches have is not good enough.",
    cmds
};
