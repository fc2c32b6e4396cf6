#include <config.h>
#include "nbctl.h"

#include <stdlib.h>
#include <string.h>

#include "ovsdb-idl.h"
#include "smap.h"
#include "util.h"

static const struct nbctl_set switch_acls = {
    &nbrec_table_logical_switch, &nbrec_logical_switch_col_acls,
    &nbrec_table_acl
};

static const struct nbctl_set group_acls = {
    &nbrec_table_port_group, &nbrec_port_group_col_acls, &nbrec_table_acl
};

/* What has ACLs: a switch or a port group. */
struct entity {
    const struct nbctl_set *set;
    const struct ovsdb_idl_row *row;
};

static void
pre_acls(struct ctl_context *ctx)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &nbrec_acl_col_direction,
        &nbrec_acl_col_match,
        &nbrec_acl_col_priority,
        &nbrec_acl_col_tier,
        &nbrec_logical_switch_col_acls,
        &nbrec_port_group_col_acls,
        NULL
    };

    nbctl_pre_switches(ctx);
    nbctl_pre_groups(ctx);
    ctl_add_columns(ctx->idl, columns);
}

static void
narrow_acls(struct ctl_context *ctx)
{
    ctl_need_all(ctx, &nbrec_table_network_function_group);
    ctl_need_all(ctx, &nbrec_table_sample);
    if (shash_find(&ctx->options, "--all")) {
        ctl_need_all(ctx, &nbrec_table_acl);
        ctl_need_all(ctx, &nbrec_table_logical_switch);
        ctl_need_all(ctx, &nbrec_table_logical_switch_port);
        ctl_need_all(ctx, &nbrec_table_port_group);
        return;
    }
    nbctl_narrow_to_switch(ctx);
    ctl_need_id(ctx, &nbrec_table_port_group, &nbrec_port_group_col_name,
                ctx->argv[1]);
    ctl_need_none(ctx, &nbrec_table_acl);
}

static void
pre_acl_add(struct ctl_context *ctx)
{
    pre_acls(ctx);
    if (ctx->argc > 6) {
        ovsdb_idl_add_column(ctx->idl,
                             &nbrec_network_function_group_col_name);
    }
    if (shash_find(&ctx->options, "--sample-new")
        || shash_find(&ctx->options, "--sample-est")) {
        ovsdb_idl_add_table(ctx->idl, &nbrec_table_sample);
    }
}

static void
pre_acl_list(struct ctl_context *ctx)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &nbrec_acl_col_action,
        &nbrec_acl_col_label,
        &nbrec_acl_col_log,
        &nbrec_acl_col_meter,
        &nbrec_acl_col_name,
        &nbrec_acl_col_network_function_group,
        &nbrec_acl_col_options,
        &nbrec_acl_col_severity,
        &nbrec_network_function_group_col_name,
        NULL
    };

    pre_acls(ctx);
    ctl_add_columns(ctx->idl, columns);
    if (shash_find(&ctx->options, "--all")) {
        nbctl_pre_ports(ctx);
        ovsdb_idl_add_column(ctx->idl, &nbrec_port_group_col_ports);
    }
}

/* Finds the switch or port group that the first argument names. */
static char *
find_entity(struct ctl_context *ctx, struct entity *e)
{
    const char *type = nbctl_option(ctx, "--type");
    const char *id = ctx->argv[1];
    const struct nbrec_logical_switch *ls = NULL;
    const struct nbrec_port_group *pg = NULL;
    bool only_switch = type && !strcmp(type, "switch");
    bool only_group = type && !strcmp(type, "port-group");
    struct uuid uuid;

    if (type && !only_switch && !only_group) {
        return xasprintf("Invalid value '%s' for option --type", type);
    }
    if (!only_group) {
        char *error = nbctl_find_switch(ctx, id, only_switch, &ls);

        if (error) {
            return error;
        }
    }
    if (!only_switch) {
        pg = nbctl_find_group(ctx, id);
        if (only_group && !pg) {
            return xasprintf("%s: port group %s not found", id,
                             uuid_from_string(&uuid, id) ? "UUID" : "name");
        }
    }
    if (ls && pg) {
        return xasprintf("Same name '%s' exists in both port-groups and "
                         "logical switches. Specify --type=port-group or "
                         "switch, or use a UUID.", id);
    } else if (!ls && !pg) {
        return xasprintf("'%s' is not found for port-group or switch.", id);
    }
    *e = (ls ? (struct entity) { &switch_acls, &ls->header_ }
          : (struct entity) { &group_acls, &pg->header_ });
    return NULL;
}

static char *
parse_tier(struct ctl_context *ctx, int64_t *tier)
{
    const char *arg = nbctl_option(ctx, "--tier");

    return (!arg || nbctl_parse_uint(arg, 0, 3, tier) ? NULL
            : xasprintf("%s: tier must in range 0...3", arg));
}

/* Adding
 * ====== */

/* What "acl-add" shall create. */
struct new_acl {
    const char *direction;
    int64_t priority;
    const char *match;
    const char *action;
    int64_t tier;
    int64_t label;
    const char *severity;       /* NULL for the options not given. */
    const char *name;
    const char *meter;
    const struct nbrec_network_function_group *nfg;
    const struct ovsdb_idl_row *sample_new;
    const struct ovsdb_idl_row *sample_est;
};

static char *
check_action(const char *action)
{
    static const char *const actions[] = {
        "allow", "allow-related", "allow-stateless", "drop", "reject",
        "pass",
    };

    for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
        if (!strcmp(action, actions[i])) {
            return NULL;
        }
    }
    return xasprintf("%s: action must be one of \"allow\", "
                     "\"allow-related\", \"allow-stateless\", \"drop\", "
                     "\"reject\", and \"pass\"", action);
}

static char *
parse_label(struct ctl_context *ctx, struct new_acl *p)
{
    const char *label = nbctl_option(ctx, "--label");

    if (!label) {
        return NULL;
    } else if (!nbctl_parse_uint(label, 0, UINT32_MAX, &p->label)) {
        return xasprintf("%s: label must in range 0...4294967295", label);
    } else if (strcmp(p->action, "allow")
               && strcmp(p->action, "allow-related")) {
        return xstrdup("label can only be set with actions \"allow\" or "
                       "\"allow-related\"");
    }
    return NULL;
}

static char *
parse_log(struct ctl_context *ctx, struct new_acl *p)
{
    static const char *const severities[] = {
        "alert", "warning", "notice", "info", "debug"
    };

    p->name = nbctl_option(ctx, "--name");
    p->meter = nbctl_option(ctx, "--meter");
    p->severity = nbctl_option(ctx, "--severity");
    for (size_t i = 0; p->severity && i < ARRAY_SIZE(severities); i++) {
        if (!strcmp(p->severity, severities[i])) {
            return NULL;
        }
    }
    return p->severity ? xasprintf("bad severity: %s", p->severity) : NULL;
}

static char *
parse_sample(struct ctl_context *ctx, const char *option,
             const struct ovsdb_idl_row **row)
{
    const char *id = nbctl_option(ctx, option);

    return id ? ctl_get_row(ctx, &nbrec_table_sample, id, true, row) : NULL;
}

static char *
parse_new_acl(struct ctl_context *ctx, struct new_acl *p)
{
    char *error;

    p->match = ctx->argv[4];
    p->action = ctx->argv[5];

    error = nbctl_parse_direction(ctx->argv[2], &p->direction);
    error = error ? error : nbctl_parse_priority(ctx->argv[3], &p->priority);
    error = error ? error : check_action(p->action);
    error = error ? error : parse_log(ctx, p);
    error = error ? error : parse_label(ctx, p);
    error = error ? error : parse_tier(ctx, &p->tier);
    error = error ? error : parse_sample(ctx, "--sample-new",
                                         &p->sample_new);
    error = error ? error : parse_sample(ctx, "--sample-est",
                                         &p->sample_est);
    if (!error && ctx->argc > 6) {
        error = nbctl_find_function_group(ctx, ctx->argv[6], &p->nfg);
    }
    return error;
}

static bool
has_acl(struct ctl_context *ctx, const struct entity *e,
        const struct new_acl *p)
{
    struct nbctl_members m = nbctl_members(ctx, e->set, e->row);
    bool found = false;

    for (size_t i = 0; i < m.n && !found; i++) {
        const struct nbrec_acl *acl = NBCTL_MEMBER(&m, i, nbrec_acl);

        found = (!strcmp(acl->direction, p->direction)
                 && acl->priority == p->priority
                 && acl->tier == p->tier
                 && !strcmp(acl->match, p->match));
    }
    nbctl_members_destroy(&m);
    return found;
}

static void
insert_acl(struct ctl_context *ctx, const struct entity *e,
           const struct new_acl *p)
{
    struct nbrec_acl *acl = nbrec_acl_insert(ctx->txn);

    nbrec_acl_set_direction(acl, p->direction);
    nbrec_acl_set_priority(acl, p->priority);
    nbrec_acl_set_match(acl, p->match);
    nbrec_acl_set_action(acl, p->action);
    if (shash_find(&ctx->options, "--log") || p->severity || p->name
        || p->meter) {
        nbrec_acl_set_log(acl, true);
        nbrec_acl_set_severity(acl, p->severity);
        nbrec_acl_set_name(acl, p->name);
        nbrec_acl_set_meter(acl, p->meter);
    }
    if (p->label) {
        nbrec_acl_set_label(acl, p->label);
    }
    if (p->tier) {
        nbrec_acl_set_tier(acl, p->tier);
    }
    if (shash_find(&ctx->options, "--apply-after-lb")
        && !strcmp(p->direction, "from-lport")) {
        const struct smap options = SMAP_CONST1(&options, "apply-after-lb",
                                                "true");

        nbrec_acl_set_options(acl, &options);
    }
    if (p->nfg) {
        nbrec_acl_set_network_function_group(acl, p->nfg);
    }
    if (p->sample_new) {
        nbrec_acl_set_sample_new(
            acl, CONTAINER_OF(p->sample_new, struct nbrec_sample, header_));
    }
    if (p->sample_est) {
        nbrec_acl_set_sample_est(
            acl, CONTAINER_OF(p->sample_est, struct nbrec_sample, header_));
    }
    nbctl_member_joins(ctx, e->set, e->row, &acl->header_);
}

static void
acl_add(struct ctl_context *ctx)
{
    struct new_acl p = { .tier = 0 };
    struct entity e;

    ctx->error = find_entity(ctx, &e);
    if (!ctx->error) {
        ctx->error = parse_new_acl(ctx, &p);
    }
    if (ctx->error) {
        return;
    }
    if (!has_acl(ctx, &e, &p)) {
        insert_acl(ctx, &e, &p);
    } else if (!shash_find(&ctx->options, "--may-exist")) {
        ctl_error(ctx, "Same ACL already existed on the ls %s.",
                  ctx->argv[1]);
    }
}

/* Deleting
 * ======== */

static void
acl_del(struct ctl_context *ctx)
{
    const char *direction = NULL;
    const char *match = ctx->argc > 4 ? ctx->argv[4] : NULL;
    int64_t priority = -1;
    int64_t tier = -1;
    struct entity e;

    ctx->error = find_entity(ctx, &e);
    if (!ctx->error && ctx->argc > 2) {
        ctx->error = nbctl_parse_direction(ctx->argv[2], &direction);
    }
    if (!ctx->error && ctx->argc > 3) {
        ctx->error = nbctl_parse_priority(ctx->argv[3], &priority);
    }
    if (!ctx->error && ctx->argc == 4) {
        ctl_error(ctx, "cannot specify priority without match");
    }
    if (!ctx->error) {
        ctx->error = parse_tier(ctx, &tier);
    }
    if (ctx->error) {
        return;
    }

    struct nbctl_members m = nbctl_members(ctx, e.set, e.row);
    for (size_t i = 0; i < m.n; i++) {
        const struct nbrec_acl *acl = NBCTL_MEMBER(&m, i, nbrec_acl);

        if ((!direction || !strcmp(acl->direction, direction))
            && (!match || (acl->priority == priority
                           && !strcmp(acl->match, match)))
            && (tier < 0 || acl->tier == tier)) {
            nbctl_member_leaves(ctx, e.set, e.row, &acl->header_);
        }
    }
    nbctl_members_destroy(&m);
}

/* Listing
 * ======= */

static bool
is_after_lb(const struct nbrec_acl *acl)
{
    return smap_get_bool(&acl->options, "apply-after-lb", false);
}

static int
compare_acls(const void *a_, const void *b_)
{
    const struct ovsdb_idl_row *const *ap = a_;
    const struct ovsdb_idl_row *const *bp = b_;
    const struct nbrec_acl *a = CONTAINER_OF(*ap, const struct nbrec_acl,
                                             header_);
    const struct nbrec_acl *b = CONTAINER_OF(*bp, const struct nbrec_acl,
                                             header_);
    int cmp = strcmp(a->direction, b->direction);

    if (cmp) {
        return cmp;
    } else if (is_after_lb(a) != is_after_lb(b)
               && !strcmp(a->direction, "from-lport")) {
        return is_after_lb(a) ? 1 : -1;
    } else if (a->tier != b->tier) {
        return a->tier < b->tier ? -1 : 1;
    } else if (a->priority != b->priority) {
        return a->priority > b->priority ? -1 : 1;
    }
    return strcmp(a->match, b->match);
}

static void
print_log(const struct nbrec_acl *acl, struct ds *s)
{
    const char *separator = "";

    ds_put_cstr(s, " log(");
    if (acl->name) {
        ds_put_format(s, "name=%s", acl->name);
        separator = ",";
    }
    if (acl->severity) {
        ds_put_format(s, "%sseverity=%s", separator, acl->severity);
        separator = ",";
    }
    if (acl->meter) {
        ds_put_format(s, "%smeter=\"%s\"", separator, acl->meter);
    }
    ds_put_char(s, ')');
}

static void
print_acl(const struct nbrec_acl *acl, struct ds *s)
{
    ds_put_format(s, "%10s %5"PRId64" (%s) %s", acl->direction,
                  acl->priority, acl->match, acl->action);
    if (acl->log) {
        print_log(acl, s);
    }
    if (acl->label) {
        ds_put_format(s, " label=%"PRId64, acl->label);
    }
    if (acl->tier) {
        ds_put_format(s, " tier=%"PRId64, acl->tier);
    }
    if (acl->network_function_group) {
        ds_put_format(s, " network-function-group=%s",
                      acl->network_function_group->name);
    }
    if (is_after_lb(acl) && !strcmp(acl->direction, "from-lport")) {
        ds_put_cstr(s, " [after-lb]");
    }
    ds_put_char(s, '\n');
}

/* True if a port of 'pg' is on 'ls'. */
static bool
has_port_on(struct ctl_context *ctx, const struct nbrec_port_group *pg,
            const struct ovsdb_idl_row *ls)
{
    for (size_t i = 0; i < pg->n_ports; i++) {
        const struct nbrec_logical_switch *owner
            = nbctl_switch_of_port(ctx, pg->ports[i]);

        if (owner && &owner->header_ == ls) {
            return true;
        }
    }
    return false;
}

/* Appends to 'm' the ACLs of the port groups that have ports on 'ls'. */
static void
add_group_acls(struct ctl_context *ctx, const struct ovsdb_idl_row *ls,
               struct nbctl_members *m)
{
    const struct nbrec_port_group *pg;

    NBREC_PORT_GROUP_FOR_EACH (pg, ctx->idl) {
        if (!has_port_on(ctx, pg, ls)) {
            continue;
        }

        struct nbctl_members more = nbctl_members(ctx, &group_acls,
                                                  &pg->header_);
        m->rows = xrealloc(m->rows, (m->n + more.n + 1) * sizeof *m->rows);
        for (size_t i = 0; i < more.n; i++) {
            m->rows[m->n++] = more.rows[i];
        }
        nbctl_members_destroy(&more);
    }
}

static void
acl_list(struct ctl_context *ctx)
{
    struct entity e;

    ctx->error = find_entity(ctx, &e);
    if (ctx->error) {
        return;
    }

    struct nbctl_members m = nbctl_members(ctx, e.set, e.row);
    if (shash_find(&ctx->options, "--all") && e.set == &switch_acls) {
        add_group_acls(ctx, e.row, &m);
    }
    if (m.n) {
        qsort(m.rows, m.n, sizeof *m.rows, compare_acls);
    }
    for (size_t i = 0; i < m.n; i++) {
        print_acl(NBCTL_MEMBER(&m, i, nbrec_acl), &ctx->output);
    }
    nbctl_members_destroy(&m);
}

static const struct ctl_cmd cmds[] = {
    { { "acl-add", 5, 6,
        "{SWITCH|GROUP} DIRECTION PRIORITY MATCH ACTION "
        "[NETWORK-FUNCTION-GROUP]", pre_acl_add, acl_add, NULL,
        "--type=,--log,--severity=,--name=,--meter=,--label=,--may-exist,"
        "--apply-after-lb,--tier=,--sample-new=,--sample-est=", RW },
      "add an ACL to a switch or port group",
      "Packets in DIRECTION, `from-lport` or `to-lport`, that match the "
      "expression MATCH have ACTION happen to them: `allow`, "
      "`allow-related`, `allow-stateless`, `drop`, `reject`, or `pass` to "
      "the next tier.  Of the ACLs of a tier that match, the one with the "
      "highest PRIORITY, from 0 to 32767, counts.  With "
      "NETWORK-FUNCTION-GROUP, allowed packets take the way through one of "
      "its network functions.  `ovn-nb`(5) describes all of this.\n\n"
      "`--log` logs the packets, and so do `--name` and `--severity` "
      "(`alert`, `warning`, `notice`, `info` or `debug`), which the log "
      "then mentions, and `--meter`, the name of a meter that limits their "
      "rate.  `--label` is a number for their connections, with action "
      "`allow` or `allow-related`.  `--apply-after-lb` lets the ACL see "
      "packets from ports after load balancing; it means nothing to an ACL "
      "for packets to ports.  `--tier` is a number from "
      "0, the first tier and the default, to 3.  `--sample-new` and "
      "`--sample-est` are UUIDs of rows in table Sample, for packets of new "
      "and of established connections.\n\n"
      "It is an error if there is an ACL with this direction, priority, "
      "match and tier.  With `--may-exist` the command does nothing then.",
      .narrow = narrow_acls },
    { { "acl-del", 1, 4, "{SWITCH|GROUP} [DIRECTION [PRIORITY MATCH]]",
        pre_acls, acl_del, NULL, "--type=,--tier=", RW },
      "remove ACLs from a switch or port group",
      "Removes the ACLs that match all that is given, if there are any.",
      .narrow = narrow_acls },
    { { "acl-list", 1, 1, "{SWITCH|GROUP}", pre_acl_list, acl_list, NULL,
        "--type=,--all", RO },
      "print ACLs of a switch or port group",
      "Prints the ACLs in the order in which packets meet them.  With "
      "`--all`, those of the port groups with ports on the switch are among "
      "them.",
      .narrow = narrow_acls },
    { .syntax = { .name = NULL } },
};

const struct ctl_group nbctl_acl_group = {
    "ACL commands",
    "If a switch and a port group have the same name, `--type=switch` or "
    "`--type=port-group` tells them apart.",
    cmds
};
