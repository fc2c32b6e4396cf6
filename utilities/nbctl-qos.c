#include <config.h>
#include "nbctl.h"

#include <stdlib.h>
#include <string.h>

#include "ovsdb-idl.h"
#include "util.h"

static const struct nbctl_set switch_rules = {
    &nbrec_table_logical_switch, &nbrec_logical_switch_col_qos_rules,
    &nbrec_table_qos
};

static void
pre_rules(struct ctl_context *ctx)
{
    nbctl_pre_switches(ctx);
    ovsdb_idl_add_column(ctx->idl, &nbrec_logical_switch_col_qos_rules);
    ovsdb_idl_add_column(ctx->idl, &nbrec_qos_col_direction);
    ovsdb_idl_add_column(ctx->idl, &nbrec_qos_col_match);
    ovsdb_idl_add_column(ctx->idl, &nbrec_qos_col_priority);
}

static void
pre_rule_list(struct ctl_context *ctx)
{
    pre_rules(ctx);
    ovsdb_idl_add_column(ctx->idl, &nbrec_qos_col_action);
    ovsdb_idl_add_column(ctx->idl, &nbrec_qos_col_bandwidth);
}

static void
narrow_rules(struct ctl_context *ctx)
{
    struct uuid uuid;

    nbctl_narrow_to_switch(ctx);
    ctl_need_none(ctx, &nbrec_table_qos);
    if (ctx->argc > 2 && uuid_from_string(&uuid, ctx->argv[2])) {
        ctl_need_uuid(ctx, &nbrec_table_qos, &uuid);
    }
}

/* What a rule does: at most two pairs in each column. */
struct effects {
    const char *actions[2];
    int64_t action_values[2];
    size_t n_actions;
    const char *bandwidths[2];
    int64_t bandwidth_values[2];
    size_t n_bandwidths;
};

/* A pair KEY=VALUE that "qos-add" takes. */
struct effect_kind {
    const char *key;
    uint32_t min, max;
    bool is_action;
};

static const struct effect_kind effect_kinds[] = {
    { "dscp", 0, 63, true },
    { "rate", 1, UINT32_MAX, false },
    { "burst", 1, UINT32_MAX, false },
    { "mark", 0, UINT32_MAX, true },
};

/* Sets 'key' to 'value' among 'keys' and 'values'. */
static void
set_pair(const char *keys[], int64_t values[], size_t *n, const char *key,
         int64_t value)
{
    size_t i;

    for (i = 0; i < *n && strcmp(keys[i], key); i++) {
        continue;
    }
    keys[i] = key;
    values[i] = value;
    *n = MAX(*n, i + 1);
}

static char *
parse_effect(const char *arg, struct effects *e)
{
    for (size_t i = 0; i < ARRAY_SIZE(effect_kinds); i++) {
        const struct effect_kind *k = &effect_kinds[i];
        size_t n = strlen(k->key);
        int64_t value;

        if (strncmp(arg, k->key, n) || arg[n] != '=') {
            continue;
        } else if (!nbctl_parse_uint(arg + n + 1, k->min, k->max, &value)) {
            return xasprintf("%s: %s must be in the range %"PRIu32"...%"
                             PRIu32, arg + n + 1, k->key, k->min, k->max);
        } else if (k->is_action) {
            set_pair(e->actions, e->action_values, &e->n_actions, k->key,
                     value);
        } else {
            set_pair(e->bandwidths, e->bandwidth_values, &e->n_bandwidths,
                     k->key, value);
        }
        return NULL;
    }
    return xasprintf("%s: supported arguments are \"dscp=\", \"rate=\", "
                     "\"burst=\", and \"mark=\"", arg);
}

static char *
parse_effects(struct ctl_context *ctx, struct effects *e)
{
    bool has_rate = false;

    for (int i = 5; i < ctx->argc; i++) {
        char *error = parse_effect(ctx->argv[i], e);

        if (error) {
            return error;
        }
        has_rate |= !strncmp(ctx->argv[i], "rate=", 5);
    }
    return (has_rate || e->n_actions ? NULL
            : xstrdup("Either \"rate\" and/or \"dscp\" must be specified"));
}

static bool
has_rule(struct ctl_context *ctx, const struct nbrec_logical_switch *ls,
         const char *direction, int64_t priority, const char *match)
{
    struct nbctl_members m = nbctl_members(ctx, &switch_rules, &ls->header_);
    bool found = false;

    for (size_t i = 0; i < m.n && !found; i++) {
        const struct nbrec_qos *qos = NBCTL_MEMBER(&m, i, nbrec_qos);

        found = (!strcmp(qos->direction, direction)
                 && qos->priority == priority && !strcmp(qos->match, match));
    }
    nbctl_members_destroy(&m);
    return found;
}

static void
qos_add(struct ctl_context *ctx)
{
    const char *match = ctx->argv[4];
    const struct nbrec_logical_switch *ls;
    struct effects e = { .n_actions = 0 };
    const char *direction;
    int64_t priority;
    char *error;

    error = nbctl_parse_direction(ctx->argv[2], &direction);
    error = error ? error : nbctl_parse_priority(ctx->argv[3], &priority);
    error = error ? error : parse_effects(ctx, &e);
    error = error ? error : nbctl_find_switch(ctx, ctx->argv[1], true, &ls);
    if (error) {
        ctx->error = error;
        return;
    }
    if (has_rule(ctx, ls, direction, priority, match)) {
        if (!shash_find(&ctx->options, "--may-exist")) {
            ctl_error(ctx, "Same qos already existed on the ls %s.",
                      ctx->argv[1]);
        }
        return;
    }

    struct nbrec_qos *qos = nbrec_qos_insert(ctx->txn);
    nbrec_qos_set_direction(qos, direction);
    nbrec_qos_set_priority(qos, priority);
    nbrec_qos_set_match(qos, match);
    nbrec_qos_set_action(qos, e.actions, e.action_values, e.n_actions);
    nbrec_qos_set_bandwidth(qos, e.bandwidths, e.bandwidth_values,
                            e.n_bandwidths);
    nbctl_member_joins(ctx, &switch_rules, &ls->header_, &qos->header_);
}

/* Deletes the rule 'uuid' of 'ls'. */
static void
delete_by_uuid(struct ctl_context *ctx, const struct nbrec_logical_switch *ls,
               const struct uuid *uuid)
{
    const struct nbrec_qos *qos = NBCTL_BY_UUID(ctx, qos, uuid);

    if (ctx->argc > 3) {
        ctl_error(ctx, "uuid must be the only argument");
    } else if (!qos || !nbctl_is_member(ctx, &switch_rules, &ls->header_,
                                        &qos->header_)) {
        ctl_error(ctx, "uuid is not found");
    } else {
        nbctl_member_leaves(ctx, &switch_rules, &ls->header_, &qos->header_);
    }
}

static void
qos_del(struct ctl_context *ctx)
{
    const char *match = ctx->argc > 4 ? ctx->argv[4] : NULL;
    const struct nbrec_logical_switch *ls;
    const char *direction = NULL;
    int64_t priority = -1;
    struct uuid uuid;

    ctx->error = nbctl_find_switch(ctx, ctx->argv[1], true, &ls);
    if (!ctx->error && ctx->argc > 2) {
        if (uuid_from_string(&uuid, ctx->argv[2])) {
            delete_by_uuid(ctx, ls, &uuid);
            return;
        }
        ctx->error = nbctl_parse_direction(ctx->argv[2], &direction);
    }
    if (!ctx->error && ctx->argc == 4) {
        ctl_error(ctx, "cannot specify priority without match");
    }
    if (!ctx->error && match) {
        ctx->error = nbctl_parse_priority(ctx->argv[3], &priority);
    }
    if (ctx->error) {
        return;
    }

    struct nbctl_members m = nbctl_members(ctx, &switch_rules, &ls->header_);
    for (size_t i = 0; i < m.n; i++) {
        const struct nbrec_qos *qos = NBCTL_MEMBER(&m, i, nbrec_qos);

        if ((!direction || !strcmp(qos->direction, direction))
            && (!match || (qos->priority == priority
                           && !strcmp(qos->match, match)))) {
            nbctl_member_leaves(ctx, &switch_rules, &ls->header_,
                                &qos->header_);
        }
    }
    nbctl_members_destroy(&m);
}

static int
compare_rules(const void *a_, const void *b_)
{
    const struct ovsdb_idl_row *const *ap = a_;
    const struct ovsdb_idl_row *const *bp = b_;
    const struct nbrec_qos *a = CONTAINER_OF(*ap, const struct nbrec_qos,
                                             header_);
    const struct nbrec_qos *b = CONTAINER_OF(*bp, const struct nbrec_qos,
                                             header_);
    int cmp = strcmp(a->direction, b->direction);

    if (cmp) {
        return cmp;
    } else if (a->priority != b->priority) {
        return a->priority > b->priority ? -1 : 1;
    }
    return strcmp(a->match, b->match);
}

/* Prints 'key' if it is among the 'n' 'keys'. */
static void
print_pair(const char *key, char **keys, const int64_t *values, size_t n,
           struct ds *s)
{
    for (size_t i = 0; i < n; i++) {
        if (!strcmp(keys[i], key)) {
            ds_put_format(s, " %s=%"PRId64, key, values[i]);
        }
    }
}

static void
qos_list(struct ctl_context *ctx)
{
    const struct nbrec_logical_switch *ls;
    struct ds *s = &ctx->output;

    ctx->error = nbctl_find_switch(ctx, ctx->argv[1], true, &ls);
    if (ctx->error) {
        return;
    }

    struct nbctl_members m = nbctl_members(ctx, &switch_rules, &ls->header_);
    if (m.n) {
        qsort(m.rows, m.n, sizeof *m.rows, compare_rules);
    }
    for (size_t i = 0; i < m.n; i++) {
        const struct nbrec_qos *q = NBCTL_MEMBER(&m, i, nbrec_qos);

        ds_put_format(s, "%10s %5"PRId64" (%s)", q->direction, q->priority,
                      q->match);
        print_pair("rate", q->key_bandwidth, q->value_bandwidth,
                   q->n_bandwidth, s);
        print_pair("burst", q->key_bandwidth, q->value_bandwidth,
                   q->n_bandwidth, s);
        print_pair("dscp", q->key_action, q->value_action, q->n_action, s);
        print_pair("mark", q->key_action, q->value_action, q->n_action, s);
        ds_put_char(s, '\n');
    }
    nbctl_members_destroy(&m);
}

static const struct ctl_cmd cmds[] = {
    { { "qos-add", 5, 8,
        "SWITCH DIRECTION PRIORITY MATCH [rate=RATE [burst=BURST]] "
        "[dscp=DSCP] [mark=MARK]", pre_rules, qos_add, NULL, "--may-exist",
        RW },
      "add a QoS rule to SWITCH",
      "Packets in DIRECTION, `from-lport` or `to-lport`, that match the "
      "expression MATCH are dropped beyond RATE kilobits per second, with "
      "bursts of BURST kilobits, and get DSCP, from 0 to 63, and the packet "
      "mark MARK.  Of the rules that match, the one with the highest "
      "PRIORITY, from 0 to 32767, counts.\n\n"
      "It is an error if there is a rule with this direction, priority and "
      "match.  With `--may-exist` the command does nothing then.",
      .narrow = narrow_rules },
    { { "qos-del", 1, 4, "SWITCH [{DIRECTION|UUID} [PRIORITY MATCH]]",
        pre_rules, qos_del, NULL, "", RW },
      "remove QoS rules from SWITCH",
      "Removes the rules that match all that is given, if there are any.  "
      "That none has the UUID is an error.",
      .narrow = narrow_rules },
    { { "qos-list", 1, 1, "SWITCH", pre_rule_list, qos_list, NULL, "", RO },
      "print QoS rules for SWITCH",
      "Prints the rules of each direction, the highest priority first.",
      .narrow = narrow_rules },
    { .syntax = { .name = NULL } },
};

const struct ctl_group nbctl_qos_group = {
    "QoS commands", NULL, cmds
};
