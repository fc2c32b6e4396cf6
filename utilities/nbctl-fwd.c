#include <config.h>
#include "nbctl.h"

#include <stdlib.h>
#include <string.h>

#include "ovsdb-idl.h"
#include "packets.h"
#include "util.h"

static const struct nbctl_set switch_groups = {
    &nbrec_table_logical_switch, &nbrec_logical_switch_col_forwarding_groups,
    &nbrec_table_forwarding_group
};

static void
pre_groups(struct ctl_context *ctx)
{
    nbctl_pre_switches(ctx);
    ovsdb_idl_add_column(ctx->idl, &nbrec_forwarding_group_col_name);
    ovsdb_idl_add_column(ctx->idl,
                         &nbrec_logical_switch_col_forwarding_groups);
}

static void
pre_group_add(struct ctl_context *ctx)
{
    pre_groups(ctx);
    nbctl_pre_ports(ctx);
}

static void
narrow_group_add(struct ctl_context *ctx)
{
    ctl_need_all(ctx, &nbrec_table_forwarding_group);
    ctl_need_id(ctx, &nbrec_table_logical_switch,
                &nbrec_logical_switch_col_name, ctx->argv[2]);
    for (int i = 5; i < ctx->argc; i++) {
        ctl_need_id(ctx, &nbrec_table_logical_switch_port,
                    &nbrec_logical_switch_port_col_name, ctx->argv[i]);
    }
}

static void
pre_group_list(struct ctl_context *ctx)
{
    pre_groups(ctx);
    ovsdb_idl_add_column(ctx->idl, &nbrec_forwarding_group_col_child_port);
    ovsdb_idl_add_column(ctx->idl, &nbrec_forwarding_group_col_vip);
    ovsdb_idl_add_column(ctx->idl, &nbrec_forwarding_group_col_vmac);
}

static const struct nbrec_forwarding_group *
find_group(struct ctl_context *ctx, const char *id)
{
    const struct nbrec_forwarding_group *group;
    struct uuid uuid;

    if (uuid_from_string(&uuid, id)) {
        group = NBCTL_BY_UUID(ctx, forwarding_group, &uuid);
        if (group) {
            return group;
        }
    }
    NBREC_FORWARDING_GROUP_FOR_EACH (group, ctx->idl) {
        if (!strcmp(group->name, id)) {
            return group;
        }
    }
    return NULL;
}

/* Checks that the port named 'name' is on 'ls'. */
static char *
check_child(struct ctl_context *ctx, const struct nbrec_logical_switch *ls,
            const char *name)
{
    const struct nbrec_logical_switch_port *lsp;
    const struct nbrec_logical_switch *owner;
    char *error = nbctl_find_port(ctx, name, false, &lsp);

    if (error) {
        return error;
    } else if (!lsp) {
        return xasprintf("%s: logical switch port does not exist", name);
    }
    owner = nbctl_switch_of_port(ctx, lsp);
    if (owner != ls) {
        return xasprintf("%s: port already exists but in logical switch %s",
                         name, owner ? owner->name : "that is gone");
    }
    return NULL;
}

static void
fwd_group_add(struct ctl_context *ctx)
{
    const char *name = ctx->argv[1];
    const char *vip = ctx->argv[3];
    const char *vmac = ctx->argv[4];
    const struct nbrec_logical_switch *ls;
    struct eth_addr ea;
    ovs_be32 ip;

    ctx->error = nbctl_find_switch(ctx, ctx->argv[2], true, &ls);
    if (ctx->error) {
        return;
    } else if (find_group(ctx, name)) {
        ctl_error(ctx, "%s: a forwarding group by this name already exists",
                  name);
    } else if (!ip_parse(vip, &ip)) {
        ctl_error(ctx, "invalid ip address %s", vip);
    } else if (!eth_addr_from_string(vmac, &ea)) {
        ctl_error(ctx, "invalid mac address %s", vmac);
    }
    for (int i = 5; i < ctx->argc && !ctx->error; i++) {
        ctx->error = check_child(ctx, ls, ctx->argv[i]);
    }
    if (ctx->error) {
        return;
    }

    struct nbrec_forwarding_group *group
        = nbrec_forwarding_group_insert(ctx->txn);
    nbrec_forwarding_group_set_name(group, name);
    nbrec_forwarding_group_set_vip(group, vip);
    nbrec_forwarding_group_set_vmac(group, vmac);
    nbrec_forwarding_group_set_child_port(
        group, (const char **) ctx->argv + 5, ctx->argc - 5);
    if (shash_find(&ctx->options, "--liveness")) {
        nbrec_forwarding_group_set_liveness(group, true);
    }
    nbctl_member_joins(ctx, &switch_groups, &ls->header_, &group->header_);
}

static void
fwd_group_del(struct ctl_context *ctx)
{
    const struct nbrec_forwarding_group *group = find_group(ctx,
                                                            ctx->argv[1]);
    const struct ovsdb_idl_row *ls
        = group ? nbctl_owner(ctx, &switch_groups, &group->header_) : NULL;

    if (ls) {
        nbctl_member_leaves(ctx, &switch_groups, ls, &group->header_);
        nbrec_forwarding_group_delete(group);
    }
}

static void
print_group(const struct nbrec_forwarding_group *group,
            const struct nbrec_logical_switch *ls, struct ds *s)
{
    ds_put_format(s, "%-16s%-14s%-15s%-23s", group->name, ls->name,
                  group->vip, group->vmac);
    for (size_t i = 0; i < group->n_child_port; i++) {
        ds_put_format(s, "%s%s", i ? " " : "", group->child_port[i]);
    }
    ds_put_char(s, '\n');
}

/* Prints the groups of 'ls', or only 'only' unless that is NULL. */
static void
print_groups(struct ctl_context *ctx, const struct nbrec_logical_switch *ls,
             const struct nbrec_forwarding_group *only)
{
    struct nbctl_members m = nbctl_members(ctx, &switch_groups,
                                           &ls->header_);

    for (size_t i = 0; i < m.n; i++) {
        const struct nbrec_forwarding_group *group
            = NBCTL_MEMBER(&m, i, nbrec_forwarding_group);

        if (!only || group == only) {
            print_group(group, ls, &ctx->output);
        }
    }
    nbctl_members_destroy(&m);
}

static void
fwd_group_list(struct ctl_context *ctx)
{
    const struct nbrec_forwarding_group *only = NULL;
    const struct nbrec_logical_switch *ls = NULL;

    if (ctx->argc > 1) {
        ctx->error = nbctl_find_switch(ctx, ctx->argv[1], false, &ls);
        if (!ctx->error && !ls) {
            only = find_group(ctx, ctx->argv[1]);
            if (!only) {
                ctx->error = nbctl_find_switch(ctx, ctx->argv[1], true, &ls);
            }
        }
        if (ctx->error) {
            return;
        }
    }

    ds_put_format(&ctx->output, "%-16s%-14s%-16s%-22s%s\n", "FWD_GROUP",
                  "LS", "VIP", "VMAC", "CHILD_PORTS");
    if (ls) {
        print_groups(ctx, ls, NULL);
    } else {
        NBREC_LOGICAL_SWITCH_FOR_EACH (ls, ctx->idl) {
            print_groups(ctx, ls, only);
        }
    }
}

static const struct ctl_cmd cmds[] = {
    { { "fwd-group-add", 5, INT_MAX, "FWD-GROUP SWITCH VIP VMAC PORT...",
        pre_group_add, fwd_group_add, NULL, "--liveness", RW },
      "add a forwarding group on SWITCH",
      "Spreads the packets for the IPv4 address VIP, which has the Ethernet "
      "address VMAC, over the given ports of the switch.  With `--liveness` "
      "only those count behind which BFD finds somebody alive.  The names of "
      "groups are unique.",
      .narrow = narrow_group_add },
    { { "fwd-group-del", 1, 1, "FWD-GROUP", pre_groups, fwd_group_del, NULL,
        "--if-exists", RW },
      "delete a forwarding group",
      "Does nothing if there is none of that name, with `--if-exists` or "
      "without." },
    { { "fwd-group-list", 0, 1, "[SWITCH|FWD-GROUP]", pre_group_list,
        fwd_group_list, NULL, "", RO },
      "print forwarding groups",
      "Prints a table of the groups, all or those of a switch, or of one." },
    { .syntax = { .name = NULL } },
};

const struct ctl_group nbctl_forwarding_group = {
    "Forwarding group commands", NULL, cmds
};
