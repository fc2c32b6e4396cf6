#include <config.h>
#include "nbctl.h"

#include <stdlib.h>
#include <string.h>

#include "ovsdb-idl.h"
#include "util.h"

/* Gateway chassis
 * =============== */

static const struct nbctl_set port_gateways = {
    &nbrec_table_logical_router_port,
    &nbrec_logical_router_port_col_gateway_chassis,
    &nbrec_table_gateway_chassis
};

void
nbctl_pre_gateway_chassis(struct ctl_context *ctx)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &nbrec_gateway_chassis_col_chassis_name,
        &nbrec_gateway_chassis_col_name,
        &nbrec_gateway_chassis_col_priority,
        &nbrec_logical_router_port_col_gateway_chassis,
        NULL
    };

    nbctl_pre_router_ports(ctx);
    ctl_add_columns(ctx->idl, columns);
}

static void
narrow_gateways(struct ctl_context *ctx)
{
    nbctl_narrow_to_router_port(ctx);
    ctl_need_none(ctx, &nbrec_table_gateway_chassis);
}

static int
compare_gateways(const void *a_, const void *b_)
{
    const struct ovsdb_idl_row *const *ap = a_;
    const struct ovsdb_idl_row *const *bp = b_;
    const struct nbrec_gateway_chassis *a
        = CONTAINER_OF(*ap, const struct nbrec_gateway_chassis, header_);
    const struct nbrec_gateway_chassis *b
        = CONTAINER_OF(*bp, const struct nbrec_gateway_chassis, header_);

    return (a->priority != b->priority
            ? (a->priority > b->priority ? -1 : 1)
            : strcmp(a->name, b->name));
}

/* Returns the gateway chassis of 'lrp'.  The caller must
 * nbctl_members_destroy() them. */
struct nbctl_members
nbctl_gateway_chassis(struct ctl_context *ctx,
                      const struct nbrec_logical_router_port *lrp)
{
    struct nbctl_members m = nbctl_members(ctx, &port_gateways,
                                           &lrp->header_);

    if (m.n) {
        qsort(m.rows, m.n, sizeof *m.rows, compare_gateways);
    }
    return m;
}

/* Returns the one for the chassis 'name', or NULL. */
static const struct nbrec_gateway_chassis *
find_gateway(struct ctl_context *ctx,
             const struct nbrec_logical_router_port *lrp, const char *name)
{
    struct nbctl_members m = nbctl_gateway_chassis(ctx, lrp);
    const struct nbrec_gateway_chassis *found = NULL;

    for (size_t i = 0; i < m.n && !found; i++) {
        const struct nbrec_gateway_chassis *gc
            = NBCTL_MEMBER(&m, i, nbrec_gateway_chassis);

        if (!strcmp(gc->chassis_name, name)) {
            found = gc;
        }
    }
    nbctl_members_destroy(&m);
    return found;
}

/* Finds the port named by the first argument, else sets ctx->error. */
static const struct nbrec_logical_router_port *
port_arg(struct ctl_context *ctx)
{
    const struct nbrec_logical_router_port *lrp;

    ctx->error = nbctl_find_router_port(ctx, ctx->argv[1], true, &lrp);
    return lrp;
}

static void
lrp_set_gateway_chassis(struct ctl_context *ctx)
{
    const struct nbrec_logical_router_port *lrp = port_arg(ctx);
    const char *chassis = ctx->argv[2];
    int64_t priority = 0;

    if (!ctx->error && ctx->argc > 3) {
        ctx->error = nbctl_parse_priority(ctx->argv[3], &priority);
    }
    if (ctx->error) {
        return;
    }

    const struct nbrec_gateway_chassis *old = find_gateway(ctx, lrp, chassis);
    if (old) {
        nbrec_gateway_chassis_set_priority(old, priority);
        return;
    }

    struct nbrec_gateway_chassis *gc
        = nbrec_gateway_chassis_insert(ctx->txn);
    char *name = xasprintf("%s-%s", lrp->name, chassis);
    nbrec_gateway_chassis_set_name(gc, name);
    free(name);
    nbrec_gateway_chassis_set_chassis_name(gc, chassis);
    nbrec_gateway_chassis_set_priority(gc, priority);
    nbctl_member_joins(ctx, &port_gateways, &lrp->header_, &gc->header_);
}

static void
lrp_del_gateway_chassis(struct ctl_context *ctx)
{
    const struct nbrec_logical_router_port *lrp = port_arg(ctx);

    if (!lrp) {
        return;
    }

    const struct nbrec_gateway_chassis *gc = find_gateway(ctx, lrp,
                                                          ctx->argv[2]);
    if (!gc) {
        ctl_error(ctx, "chassis %s is not added to logical port %s",
                  ctx->argv[2], ctx->argv[1]);
        return;
    }
    nbctl_member_leaves(ctx, &port_gateways, &lrp->header_, &gc->header_);
    nbrec_gateway_chassis_delete(gc);
}

static void
lrp_get_gateway_chassis(struct ctl_context *ctx)
{
    const struct nbrec_logical_router_port *lrp = port_arg(ctx);

    if (!lrp) {
        return;
    }

    struct nbctl_members m = nbctl_gateway_chassis(ctx, lrp);
    for (size_t i = 0; i < m.n; i++) {
        const struct nbrec_gateway_chassis *gc
            = NBCTL_MEMBER(&m, i, nbrec_gateway_chassis);

        ds_put_format(&ctx->output, "%s %5"PRId64"\n", gc->name,
                      gc->priority);
    }
    nbctl_members_destroy(&m);
}

static const struct ctl_cmd gateway_cmds[] = {
    { { "lrp-set-gateway-chassis", 2, 3, "LRP CHASSIS [PRIORITY]",
        nbctl_pre_gateway_chassis, lrp_set_gateway_chassis, NULL,
        "--may-exist", RW },
      "make CHASSIS a gateway for LRP",
      "Makes the chassis of that name a gateway for the port, or changes the "
      "PRIORITY, from 0 to 32767 and 0 by default, of one that is.  Of those "
      "that are in order, the one of the highest priority does the work.  It "
      "need not exist yet.",
      .narrow = narrow_gateways },
    { { "lrp-del-gateway-chassis", 2, 2, "LRP CHASSIS",
        nbctl_pre_gateway_chassis, lrp_del_gateway_chassis, NULL, "", RW },
      "remove CHASSIS from the gateways for LRP",
      "That it is not one is an error.",
      .narrow = narrow_gateways },
    { { "lrp-get-gateway-chassis", 1, 1, "LRP", nbctl_pre_gateway_chassis,
        lrp_get_gateway_chassis, NULL, "", RO },
      "print the gateways for LRP with their priorities",
      "Prints name and priority of each gateway, the highest priority "
      "first.  The name consists of the port's and the chassis's with a dash "
      "in between.",
      .narrow = narrow_gateways },
    { .syntax = { .name = NULL } },
};

const struct ctl_group nbctl_gateway_group = {
    "Gateway chassis commands",
    "What leaves a router through a port with gateway chassis does so on one "
    "of these.",
    gateway_cmds
};

/* HA chassis groups
 * ================= */

static const struct nbctl_set group_chassis = {
    &nbrec_table_ha_chassis_group, &nbrec_ha_chassis_group_col_ha_chassis,
    &nbrec_table_ha_chassis
};

static void
pre_groups(struct ctl_context *ctx)
{
    ovsdb_idl_add_column(ctx->idl, &nbrec_ha_chassis_group_col_name);
}

static void
pre_group_chassis(struct ctl_context *ctx)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &nbrec_ha_chassis_col_chassis_name,
        &nbrec_ha_chassis_col_priority,
        &nbrec_ha_chassis_group_col_ha_chassis,
        NULL
    };

    pre_groups(ctx);
    ctl_add_columns(ctx->idl, columns);
}

/* Returns the group whose name or UUID is 'id', or NULL. */
static const struct nbrec_ha_chassis_group *
find_group(struct ctl_context *ctx, const char *id)
{
    const struct nbrec_ha_chassis_group *group;
    struct uuid uuid;

    if (uuid_from_string(&uuid, id)) {
        group = NBCTL_BY_UUID(ctx, ha_chassis_group, &uuid);
        if (group) {
            return group;
        }
    }
    NBREC_HA_CHASSIS_GROUP_FOR_EACH (group, ctx->idl) {
        if (!strcmp(group->name, id)) {
            return group;
        }
    }
    return NULL;
}

/* Finds the group named by the first argument, else sets ctx->error. */
static const struct nbrec_ha_chassis_group *
group_arg(struct ctl_context *ctx)
{
    const struct nbrec_ha_chassis_group *group = find_group(ctx,
                                                            ctx->argv[1]);

    if (!group) {
        struct uuid uuid;

        /* The misspelled word has been there for so long that it stays. */
        ctl_error(ctx, "%s: ha_chassi_group %s not found", ctx->argv[1],
                  (uuid_from_string(&uuid, ctx->argv[1])
                   ? "UUID" : "name"));
    }
    return group;
}

/* Finds the chassis that the second argument names in 'group', or NULL. */
static const struct nbrec_ha_chassis *
find_chassis(struct ctl_context *ctx,
             const struct nbrec_ha_chassis_group *group)
{
    struct nbctl_members m = nbctl_members(ctx, &group_chassis,
                                           &group->header_);
    const struct nbrec_ha_chassis *found = NULL;

    for (size_t i = 0; i < m.n && !found; i++) {
        const struct nbrec_ha_chassis *hc
            = NBCTL_MEMBER(&m, i, nbrec_ha_chassis);

        if (!strcmp(hc->chassis_name, ctx->argv[2])) {
            found = hc;
        }
    }
    nbctl_members_destroy(&m);
    return found;
}

/* Finds both, else sets ctx->error. */
static const struct nbrec_ha_chassis *
chassis_arg(struct ctl_context *ctx,
            const struct nbrec_ha_chassis_group **groupp)
{
    const struct nbrec_ha_chassis_group *group = group_arg(ctx);
    const struct nbrec_ha_chassis *hc = group ? find_chassis(ctx, group)
                                              : NULL;

    if (group && !hc) {
        ctl_error(ctx, "%s: ha chassis not found in %s ha chassis group",
                  ctx->argv[2], ctx->argv[1]);
    }
    *groupp = group;
    return hc;
}

static void
ha_group_add(struct ctl_context *ctx)
{
    const char *name = ctx->argv[1];
    const struct nbrec_ha_chassis_group *old;

    NBREC_HA_CHASSIS_GROUP_FOR_EACH (old, ctx->idl) {
        if (!strcmp(old->name, name)) {
            ctl_error(ctx, "%s: an HA chassis group with this name already "
                      "exists", name);
            return;
        }
    }
    nbrec_ha_chassis_group_set_name(nbrec_ha_chassis_group_insert(ctx->txn),
                                    name);
}

static void
ha_group_del(struct ctl_context *ctx)
{
    const struct nbrec_ha_chassis_group *group = group_arg(ctx);

    if (group) {
        nbrec_ha_chassis_group_delete(group);
    }
}

static int
compare_groups(const void *a_, const void *b_)
{
    const struct nbrec_ha_chassis_group *const *a = a_;
    const struct nbrec_ha_chassis_group *const *b = b_;

    return strcmp((*a)->name, (*b)->name);
}

static int
compare_chassis(const void *a_, const void *b_)
{
    const struct ovsdb_idl_row *const *ap = a_;
    const struct ovsdb_idl_row *const *bp = b_;
    const struct nbrec_ha_chassis *a
        = CONTAINER_OF(*ap, const struct nbrec_ha_chassis, header_);
    const struct nbrec_ha_chassis *b
        = CONTAINER_OF(*bp, const struct nbrec_ha_chassis, header_);

    return (a->priority != b->priority
            ? (a->priority > b->priority ? -1 : 1)
            : strcmp(a->chassis_name, b->chassis_name));
}

static void
list_group(struct ctl_context *ctx,
           const struct nbrec_ha_chassis_group *group)
{
    struct nbctl_members m = nbctl_members(ctx, &group_chassis,
                                           &group->header_);
    struct ds *s = &ctx->output;

    if (m.n) {
        qsort(m.rows, m.n, sizeof *m.rows, compare_chassis);
    }
    ds_put_format(s, UUID_FMT" (%s)\n", UUID_ARGS(&group->header_.uuid),
                  group->name);
    for (size_t i = 0; i < m.n; i++) {
        const struct nbrec_ha_chassis *hc
            = NBCTL_MEMBER(&m, i, nbrec_ha_chassis);

        ds_put_format(s, "    "UUID_FMT" (%s)\n    priority %"PRId64"\n\n",
                      UUID_ARGS(&hc->header_.uuid), hc->chassis_name,
                      hc->priority);
    }
    ds_put_char(s, '\n');
    nbctl_members_destroy(&m);
}

static void
ha_group_list(struct ctl_context *ctx)
{
    const struct nbrec_ha_chassis_group **groups = NULL;
    const struct nbrec_ha_chassis_group *group;
    size_t n = 0, allocated = 0;

    if (ctx->argc > 1) {
        group = group_arg(ctx);
        if (group) {
            list_group(ctx, group);
        }
        return;
    }

    NBREC_HA_CHASSIS_GROUP_FOR_EACH (group, ctx->idl) {
        if (n >= allocated) {
            groups = x2nrealloc(groups, &allocated, sizeof *groups);
        }
        groups[n++] = group;
    }
    if (n) {
        qsort(groups, n, sizeof *groups, compare_groups);
    }
    for (size_t i = 0; i < n; i++) {
        list_group(ctx, groups[i]);
    }
    free(groups);
}

static void
ha_group_add_chassis(struct ctl_context *ctx)
{
    const struct nbrec_ha_chassis_group *group = group_arg(ctx);
    int64_t priority;

    if (!ctx->error) {
        ctx->error = nbctl_parse_priority(ctx->argv[3], &priority);
    }
    if (ctx->error) {
        return;
    }

    const struct nbrec_ha_chassis *old = find_chassis(ctx, group);
    if (old) {
        nbrec_ha_chassis_set_priority(old, priority);
        return;
    }

    struct nbrec_ha_chassis *hc = nbrec_ha_chassis_insert(ctx->txn);
    nbrec_ha_chassis_set_chassis_name(hc, ctx->argv[2]);
    nbrec_ha_chassis_set_priority(hc, priority);
    nbctl_member_joins(ctx, &group_chassis, &group->header_, &hc->header_);
}

static void
ha_group_remove_chassis(struct ctl_context *ctx)
{
    const struct nbrec_ha_chassis_group *group;
    const struct nbrec_ha_chassis *hc = chassis_arg(ctx, &group);

    if (hc) {
        nbctl_member_leaves(ctx, &group_chassis, &group->header_,
                            &hc->header_);
        nbrec_ha_chassis_delete(hc);
    }
}

static void
ha_group_set_chassis_prio(struct ctl_context *ctx)
{
    const struct nbrec_ha_chassis_group *group = group_arg(ctx);
    int64_t priority;

    if (!ctx->error) {
        ctx->error = nbctl_parse_priority(ctx->argv[3], &priority);
    }
    if (!ctx->error) {
        const struct nbrec_ha_chassis *hc = chassis_arg(ctx, &group);

        if (hc) {
            nbrec_ha_chassis_set_priority(hc, priority);
        }
    }
}

static const struct ctl_cmd ha_cmds[] = {
    { { "ha-chassis-group-add", 1, 1, "HA-GROUP", pre_groups, ha_group_add,
        NULL, "", RW },
      "create an HA chassis group",
      "The names of groups are unique." },
    { { "ha-chassis-group-del", 1, 1, "HA-GROUP", pre_groups, ha_group_del,
        NULL, "", RW },
      "delete an HA chassis group",
      "Nothing may use the group any more." },
    { { "ha-chassis-group-list", 0, 1, "[HA-GROUP]", pre_group_chassis,
        ha_group_list, NULL, "", RO },
      "list the HA chassis groups",
      "Prints UUID and name of each group, or of one, and of the chassis in "
      "it, with their priorities, the highest first." },
    { { "ha-chassis-group-add-chassis", 3, 3, "HA-GROUP CHASSIS PRIORITY",
        pre_group_chassis, ha_group_add_chassis, NULL, "", RW },
      "add CHASSIS to an HA chassis group",
      "PRIORITY is a number from 0 to 32767.  One that is in the group gets "
      "the new priority." },
    { { "ha-chassis-group-remove-chassis", 2, 2, "HA-GROUP CHASSIS",
        pre_group_chassis, ha_group_remove_chassis, NULL, "", RW },
      "remove CHASSIS from an HA chassis group",
      "That it is not in the group is an error." },
    { { "ha-chassis-group-set-chassis-prio", 3, 3,
        "HA-GROUP CHASSIS PRIORITY", pre_group_chassis,
        ha_group_set_chassis_prio, NULL, "", RW },
      "change the priority of CHASSIS in an HA chassis group",
      "It must be in the group." },
    { .syntax = { .name = NULL } },
};

const struct ctl_group nbctl_ha_group = {
    "HA chassis group commands",
    "A group of chassis can stand in for gateway chassis, and serves ports "
    "of type `external`.  CHASSIS is a name; such a chassis need not exist "
    "yet.",
    ha_cmds
};
