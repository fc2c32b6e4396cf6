#include <config.h>
#include "nbctl.h"

#include <stdlib.h>
#include <string.h>

#include "ovsdb-idl.h"
#include "packets.h"
#include "util.h"

static const struct nbctl_set mirror_rules = {
    &nbrec_table_mirror, &nbrec_mirror_col_mirror_rules,
    &nbrec_table_mirror_rule
};

static const struct nbctl_set port_mirrors = {
    &nbrec_table_logical_switch_port,
    &nbrec_logical_switch_port_col_mirror_rules, &nbrec_table_mirror
};

static void
pre_mirrors(struct ctl_context *ctx)
{
    ovsdb_idl_add_column(ctx->idl, &nbrec_mirror_col_name);
}

static void
pre_mirror_list(struct ctl_context *ctx)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &nbrec_mirror_col_filter,
        &nbrec_mirror_col_index,
        &nbrec_mirror_col_mirror_rules,
        &nbrec_mirror_col_sink,
        &nbrec_mirror_col_type,
        &nbrec_mirror_rule_col_action,
        &nbrec_mirror_rule_col_match,
        &nbrec_mirror_rule_col_priority,
        NULL
    };

    pre_mirrors(ctx);
    ctl_add_columns(ctx->idl, columns);
}

static void
pre_attach(struct ctl_context *ctx)
{
    pre_mirrors(ctx);
    nbctl_pre_ports(ctx);
    ovsdb_idl_add_column(ctx->idl,
                         &nbrec_logical_switch_port_col_mirror_rules);
}

static void
narrow_attach(struct ctl_context *ctx)
{
    nbctl_narrow_to_port(ctx);
    ctl_need_all(ctx, &nbrec_table_mirror);
}

/* Returns the mirror whose UUID or name is 'id', or NULL. */
static const struct nbrec_mirror *
find_mirror(struct ctl_context *ctx, const char *id)
{
    const struct nbrec_mirror *mirror;
    struct uuid uuid;

    if (uuid_from_string(&uuid, id)) {
        mirror = NBCTL_BY_UUID(ctx, mirror, &uuid);
        if (mirror) {
            return mirror;
        }
    }
    NBREC_MIRROR_FOR_EACH (mirror, ctx->idl) {
        if (!strcmp(mirror->name, id)) {
            return mirror;
        }
    }
    return NULL;
}

/* Finds the mirror named by argument 'i', else sets ctx->error. */
static const struct nbrec_mirror *
mirror_arg(struct ctl_context *ctx, int i)
{
    const struct nbrec_mirror *mirror = find_mirror(ctx, ctx->argv[i]);

    if (!mirror) {
        struct uuid uuid;

        ctl_error(ctx, "%s: mirror %s not found", ctx->argv[i],
                  (uuid_from_string(&uuid, ctx->argv[i])
                   ? "UUID" : "name"));
    }
    return mirror;
}

/* Mirrors
 * ======= */

struct new_mirror {
    const char *type;
    int64_t index;
    const char *filter;
    const char *sink;
};

static char *
parse_filter(const char *arg, const char **filter)
{
    if (!strcmp(arg, "both")) {
        *filter = "both";
        return NULL;
    }

    char *error = nbctl_parse_direction(arg, filter);
    if (error) {
        free(error);
        return xasprintf("%s: selection must be \"to-lport\" or "
                         "\"from-lport\"", arg);
    }
    return NULL;
}

/* Parses TYPE [INDEX] FILTER SINK.  Only tunnels need an INDEX. */
static char *
parse_mirror(struct ctl_context *ctx, struct new_mirror *p)
{
    char **args = ctx->argv + 2;
    int n = ctx->argc - 2;
    bool is_tunnel;
    char *error;

    p->type = *args++;
    is_tunnel = !strcmp(p->type, "gre") || !strcmp(p->type, "erspan");
    if (!is_tunnel && strcmp(p->type, "local") && strcmp(p->type, "lport")) {
        return xasprintf("%s: type must be \"gre\", \"erspan\", \"local\" "
                         "or \"lport\"", p->type);
    }
    if (is_tunnel && n < 4) {
        return xasprintf("a mirror of type \"%s\" needs INDEX, FILTER and "
                         "SINK", p->type);
    }
    if (n == 4) {
        long long int index;

        if (!str_to_llong(*args++, 10, &index)) {
            return xstrdup("Invalid Index");
        }
        p->index = index;
    }
    error = parse_filter(*args++, &p->filter);
    if (error) {
        return error;
    }

    p->sink = *args;
    char *ip = nbctl_normalize_ip(p->sink);
    if (is_tunnel && !ip) {
        error = xasprintf("Invalid sink ip: %s", p->sink);
    }
    free(ip);
    return error;
}

static void
mirror_add(struct ctl_context *ctx)
{
    const char *name = ctx->argv[1];
    struct new_mirror p = { .index = 0 };
    const struct nbrec_mirror *old;

    NBREC_MIRROR_FOR_EACH (old, ctx->idl) {
        if (!strcmp(old->name, name)) {
            if (!shash_find(&ctx->options, "--may-exist")) {
                ctl_error(ctx, "Mirror with %s name already exists.", name);
            }
            return;
        }
    }
    ctx->error = parse_mirror(ctx, &p);
    if (ctx->error) {
        return;
    }

    struct nbrec_mirror *mirror = nbrec_mirror_insert(ctx->txn);
    nbrec_mirror_set_name(mirror, name);
    nbrec_mirror_set_type(mirror, p.type);
    nbrec_mirror_set_index(mirror, p.index);
    nbrec_mirror_set_filter(mirror, p.filter);
    nbrec_mirror_set_sink(mirror, p.sink);
}

static void
mirror_del(struct ctl_context *ctx)
{
    const struct nbrec_mirror *mirror;

    if (ctx->argc > 1) {
        mirror = find_mirror(ctx, ctx->argv[1]);
        if (mirror) {
            nbrec_mirror_delete(mirror);
        }
        return;
    }
    NBREC_MIRROR_FOR_EACH_SAFE (mirror, ctx->idl) {
        nbrec_mirror_delete(mirror);
    }
}

static int
compare_mirrors(const void *a_, const void *b_)
{
    const struct nbrec_mirror *const *a = a_;
    const struct nbrec_mirror *const *b = b_;

    return strcmp((*a)->name, (*b)->name);
}

static int
compare_rules(const void *a_, const void *b_)
{
    const struct ovsdb_idl_row *const *ap = a_;
    const struct ovsdb_idl_row *const *bp = b_;
    const struct nbrec_mirror_rule *a
        = CONTAINER_OF(*ap, const struct nbrec_mirror_rule, header_);
    const struct nbrec_mirror_rule *b
        = CONTAINER_OF(*bp, const struct nbrec_mirror_rule, header_);

    return (a->priority != b->priority
            ? (a->priority > b->priority ? -1 : 1)
            : strcmp(a->match, b->match));
}

static void
print_mirror(struct ctl_context *ctx, const struct nbrec_mirror *mirror)
{
    struct nbctl_members m = nbctl_members(ctx, &mirror_rules,
                                           &mirror->header_);
    struct ds *s = &ctx->output;

    ds_put_format(s, "%s:\n", mirror->name);
    ds_put_format(s, "  Type     :  %s\n", mirror->type);
    ds_put_format(s, "  Sink     :  %s\n", mirror->sink);
    ds_put_format(s, "  Filter   :  %s\n", mirror->filter);
    ds_put_format(s, "  Index/Key:  %"PRId64"\n", mirror->index);
    if (m.n) {
        qsort(m.rows, m.n, sizeof *m.rows, compare_rules);
        ds_put_cstr(s, "  Rules    :\n");
    }
    for (size_t i = 0; i < m.n; i++) {
        const struct nbrec_mirror_rule *rule
            = NBCTL_MEMBER(&m, i, nbrec_mirror_rule);

        ds_put_format(s, "    %5"PRId64" (%s) %s\n", rule->priority,
                      rule->match, rule->action);
    }
    ds_put_char(s, '\n');
    nbctl_members_destroy(&m);
}

static void
mirror_list(struct ctl_context *ctx)
{
    const struct nbrec_mirror **mirrors = NULL;
    const struct nbrec_mirror *mirror;
    size_t n = 0, allocated = 0;

    NBREC_MIRROR_FOR_EACH (mirror, ctx->idl) {
        if (n >= allocated) {
            mirrors = x2nrealloc(mirrors, &allocated, sizeof *mirrors);
        }
        mirrors[n++] = mirror;
    }
    if (n) {
        qsort(mirrors, n, sizeof *mirrors, compare_mirrors);
    }
    for (size_t i = 0; i < n; i++) {
        print_mirror(ctx, mirrors[i]);
    }
    free(mirrors);
}

/* Rules
 * ===== */

static void
mirror_rule_add(struct ctl_context *ctx)
{
    const struct nbrec_mirror *mirror = mirror_arg(ctx, 1);
    const char *action = ctx->argv[4];
    int64_t priority;

    if (mirror) {
        ctx->error = nbctl_parse_priority(ctx->argv[2], &priority);
    }
    if (ctx->error) {
        return;
    } else if (strcmp(action, "mirror") && strcmp(action, "skip")) {
        ctl_error(ctx, "%s: action must be \"mirror\" or \"skip\"", action);
        return;
    }

    struct nbctl_members m = nbctl_members(ctx, &mirror_rules,
                                           &mirror->header_);
    for (size_t i = 0; i < m.n && !ctx->error; i++) {
        const struct nbrec_mirror_rule *rule
            = NBCTL_MEMBER(&m, i, nbrec_mirror_rule);

        if (rule->priority == priority
            && !strcmp(rule->match, ctx->argv[3])) {
            ctl_error(ctx, "Same mirror rule already existed on the mirror "
                      "%s.", ctx->argv[1]);
        }
    }
    nbctl_members_destroy(&m);
    if (ctx->error) {
        return;
    }

    struct nbrec_mirror_rule *rule = nbrec_mirror_rule_insert(ctx->txn);
    nbrec_mirror_rule_set_priority(rule, priority);
    nbrec_mirror_rule_set_match(rule, ctx->argv[3]);
    nbrec_mirror_rule_set_action(rule, action);
    nbctl_member_joins(ctx, &mirror_rules, &mirror->header_,
                       &rule->header_);
}

static void
mirror_rule_del(struct ctl_context *ctx)
{
    const struct nbrec_mirror *mirror = mirror_arg(ctx, 1);
    const char *match = ctx->argc > 3 ? ctx->argv[3] : NULL;
    int64_t priority = -1;

    if (mirror && ctx->argc == 3) {
        ctl_error(ctx, "cannot specify priority without match");
    } else if (mirror && match) {
        ctx->error = nbctl_parse_priority(ctx->argv[2], &priority);
    }
    if (ctx->error) {
        return;
    }

    struct nbctl_members m = nbctl_members(ctx, &mirror_rules,
                                           &mirror->header_);
    for (size_t i = 0; i < m.n; i++) {
        const struct nbrec_mirror_rule *rule
            = NBCTL_MEMBER(&m, i, nbrec_mirror_rule);

        if (!match || (rule->priority == priority
                       && !strcmp(rule->match, match))) {
            nbctl_member_leaves(ctx, &mirror_rules, &mirror->header_,
                                &rule->header_);
        }
    }
    nbctl_members_destroy(&m);
}

/* Ports
 * ===== */

/* Finds port and mirror, else sets ctx->error. */
static const struct nbrec_mirror *
attach_args(struct ctl_context *ctx,
            const struct nbrec_logical_switch_port **lsp)
{
    ctx->error = nbctl_find_port(ctx, ctx->argv[1], true, lsp);
    return ctx->error ? NULL : mirror_arg(ctx, 2);
}

static void
lsp_attach_mirror(struct ctl_context *ctx)
{
    const struct nbrec_logical_switch_port *lsp;
    const struct nbrec_mirror *mirror = attach_args(ctx, &lsp);

    if (!mirror) {
        return;
    }
    if (!nbctl_is_member(ctx, &port_mirrors, &lsp->header_,
                         &mirror->header_)) {
        nbctl_member_joins(ctx, &port_mirrors, &lsp->header_,
                           &mirror->header_);
    } else if (!shash_find(&ctx->options, "--may-exist")) {
        ctl_error(ctx, "mirror %s is already attached to the logical port "
                  "%s.", ctx->argv[2], ctx->argv[1]);
    }
}

static void
lsp_detach_mirror(struct ctl_context *ctx)
{
    const struct nbrec_logical_switch_port *lsp;
    const struct nbrec_mirror *mirror = attach_args(ctx, &lsp);

    if (mirror && nbctl_is_member(ctx, &port_mirrors, &lsp->header_,
                                  &mirror->header_)) {
        nbctl_member_leaves(ctx, &port_mirrors, &lsp->header_,
                            &mirror->header_);
    }
}

static const struct ctl_cmd cmds[] = {
    { { "mirror-add", 4, 5, "MIRROR TYPE [INDEX] FILTER SINK", pre_mirrors,
        mirror_add, NULL, "--may-exist", RW },
      "create a mirror",
      "TYPE is `gre` or `erspan` for a tunnel to the IP address SINK, with "
      "the key or session INDEX; `local` for an interface of the chassis's "
      "integration bridge whose `external_ids:mirror-id` is SINK; or `lport` "
      "for the logical switch port SINK.  FILTER is `from-lport` for packets "
      "that a port sends, `to-lport` for those it receives, or `both`.\n\n"
      "The names of mirrors are unique.  With `--may-exist`, the command "
      "does nothing if the mirror exists." },
    { { "mirror-del", 0, 1, "[MIRROR]", pre_mirrors, mirror_del, NULL, "",
        RW },
      "remove mirrors",
      "Removes the mirror, if there is one, or all." },
    { { "mirror-list", 0, 0, "", pre_mirror_list, mirror_list, NULL, "",
        RO },
      "print mirrors",
      "Prints the mirrors with their rules, in the order of names." },
    { { "mirror-rule-add", 4, 4, "MIRROR PRIORITY MATCH ACTION",
        pre_mirror_list, mirror_rule_add, NULL, "", RW },
      "add a rule to a mirror",
      "Limits a mirror of type `lport`: of the packets that match the "
      "expression MATCH a copy is made if ACTION is `mirror` and not if it "
      "is `skip`.  Of the rules that match, the one with the highest "
      "PRIORITY, from 0 to 32767, counts." },
    { { "mirror-rule-del", 1, 3, "MIRROR [PRIORITY MATCH]", pre_mirror_list,
        mirror_rule_del, NULL, "", RW },
      "remove rules from a mirror",
      "Removes the rule with PRIORITY and MATCH, if there is one, or all." },
    { { "lsp-attach-mirror", 2, 2, "PORT MIRROR", pre_attach,
        lsp_attach_mirror, NULL, "--may-exist", RW },
      "mirror the packets of PORT",
      "That MIRROR does so already is an error, unless `--may-exist` is "
      "given.",
      .narrow = narrow_attach },
    { { "lsp-detach-mirror", 2, 2, "PORT MIRROR", pre_attach,
        lsp_detach_mirror, NULL, "", RW },
      "stop mirroring the packets of PORT",
      "Does nothing if MIRROR does not mirror them.",
      .narrow = narrow_attach },
    { .syntax = { .name = NULL } },
};

const struct ctl_group nbctl_mirror_group = {
    "Mirror commands",
    "A mirror sends copies of the packets of switch ports elsewhere.  MIRROR "
    "is its name or its whole UUID.",
    cmds
};
