#include <config.h>
#include "nbctl.h"

#include <stdlib.h>
#include <string.h>

#include "ovsdb-idl.h"
#include "smap.h"
#include "sset.h"
#include "svec.h"
#include "util.h"

static const struct nbctl_set router_policies = {
    &nbrec_table_logical_router, &nbrec_logical_router_col_policies,
    &nbrec_table_logical_router_policy
};

static void
pre_policies(struct ctl_context *ctx)
{
    nbctl_pre_routers(ctx);
    ovsdb_idl_add_column(ctx->idl, &nbrec_logical_router_col_policies);
    ovsdb_idl_add_column(ctx->idl, &nbrec_logical_router_policy_col_chain);
    ovsdb_idl_add_column(ctx->idl, &nbrec_logical_router_policy_col_match);
    ovsdb_idl_add_column(ctx->idl, &nbrec_logical_router_policy_col_priority);
}

static void
pre_policy_add(struct ctl_context *ctx)
{
    pre_policies(ctx);
    nbctl_pre_router_ports(ctx);
    nbctl_pre_bfd(ctx);
}

static void
narrow_policies(struct ctl_context *ctx)
{
    const char *port = nbctl_option(ctx, "--output-port");

    nbctl_narrow_to_router(ctx);
    ctl_need_none(ctx, &nbrec_table_logical_router_policy);
    ctl_need_all(ctx, &nbrec_table_bfd);
    ctl_need_none(ctx, &nbrec_table_logical_router_port);
    if (port) {
        ctl_need_id(ctx, &nbrec_table_logical_router_port,
                    &nbrec_logical_router_port_col_name, port);
    }
}

/* The policies' output ports can be any. */
static void
narrow_policy_list(struct ctl_context *ctx)
{
    narrow_policies(ctx);
    ctl_need_all(ctx, &nbrec_table_logical_router_port);
}

static void
pre_policy_list(struct ctl_context *ctx)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &nbrec_logical_router_policy_col_action,
        &nbrec_logical_router_policy_col_bfd_sessions,
        &nbrec_logical_router_policy_col_jump_chain,
        &nbrec_logical_router_policy_col_nexthop,
        &nbrec_logical_router_policy_col_nexthops,
        &nbrec_logical_router_policy_col_options,
        &nbrec_logical_router_policy_col_output_port,
        NULL
    };

    pre_policy_add(ctx);
    ctl_add_columns(ctx->idl, columns);
}

static const char *
policy_chain(const struct nbrec_logical_router_policy *policy)
{
    return policy->chain ? policy->chain : "";
}

/* Adding
 * ====== */

/* What "lr-policy-add" shall create. */
struct new_policy {
    int64_t priority;
    const char *match;
    const char *action;
    const char *jump_chain;     /* For action "jump". */
    struct svec nexthops;       /* For action "reroute". */
    const struct nbrec_logical_router_port *output_port;
    struct smap options;
};

/* Parses 'arg', a list of IP addresses. */
static char *
parse_nexthops(const char *arg, struct svec *nexthops)
{
    char *copy = xstrdup(arg);
    char *save_ptr = NULL;
    char *error = NULL;

    for (char *word = strtok_r(copy, ",", &save_ptr); word && !error;
         word = strtok_r(NULL, ",", &save_ptr)) {
        char *ip = nbctl_normalize_ip(word);

        if (!ip) {
            error = xasprintf("bad next hop argument: %s", arg);
        } else if (nexthops->n && (nbctl_is_ipv6(nexthops->names[0])
                                   != nbctl_is_ipv6(ip))) {
            error = xasprintf("bad next hops argument, not in the same addr "
                              "family : %s", arg);
            free(ip);
        } else if (svec_contains_unsorted(nexthops, ip)) {
            free(ip);
        } else {
            svec_add_nocopy(nexthops, ip);
        }
    }
    free(copy);
    if (!error && !nexthops->n) {
        error = xasprintf("bad next hop argument: %s", arg);
    }
    return error;
}

static char *
parse_policy_options(struct ctl_context *ctx, int from, struct smap *options)
{
    for (int i = from; i < ctx->argc; i++) {
        const char *arg = ctx->argv[i];
        size_t len = strcspn(arg, "=");

        if (!arg[len] || !arg[len + 1]) {
            return xasprintf("No value specified for the option : %.*s",
                             (int) len, arg);
        }

        char *key = xmemdup0(arg, len);
        smap_replace(options, key, arg + len + 1);
        free(key);
    }
    return NULL;
}

static char *
parse_new_policy(struct ctl_context *ctx, struct new_policy *p)
{
    int options_from = 5;
    char *error;

    error = nbctl_parse_priority(ctx->argv[2], &p->priority);
    if (error) {
        return error;
    }
    p->match = ctx->argv[3];
    p->action = ctx->argv[4];

    if (!strcmp(p->action, "reroute")) {
        if (ctx->argc < 6) {
            return xstrdup("Nexthop is required when action is reroute.");
        }
        error = parse_nexthops(ctx->argv[5], &p->nexthops);
        options_from = 6;
    } else if (!strcmp(p->action, "jump")) {
        if (ctx->argc < 6) {
            return xstrdup("A chain is required when action is jump.");
        }
        p->jump_chain = ctx->argv[5];
        options_from = 6;
    } else if (strcmp(p->action, "allow") && strcmp(p->action, "drop")) {
        return xasprintf("%s: action must be one of \"allow\", \"drop\", "
                         "and \"reroute\"", p->action);
    }
    if (!error) {
        error = parse_policy_options(ctx, options_from, &p->options);
    }

    const char *port = nbctl_option(ctx, "--output-port");
    if (!error && port) {
        error = nbctl_find_router_port(ctx, port, true, &p->output_port);
    }
    return error;
}

static const struct nbrec_logical_router_policy *
find_policy(struct ctl_context *ctx, const struct nbrec_logical_router *lr,
            const char *chain, const struct new_policy *p)
{
    struct nbctl_members m = nbctl_members(ctx, &router_policies,
                                           &lr->header_);
    const struct nbrec_logical_router_policy *found = NULL;

    for (size_t i = 0; i < m.n && !found; i++) {
        const struct nbrec_logical_router_policy *policy
            = NBCTL_MEMBER(&m, i, nbrec_logical_router_policy);

        if (policy->priority == p->priority
            && !strcmp(policy->match, p->match)
            && !strcmp(policy_chain(policy), chain)) {
            found = policy;
        }
    }
    nbctl_members_destroy(&m);
    return found;
}

/* Finds or makes the BFD sessions for the next hops of 'p', which the caller
 * must free. */
static char *
find_bfd_sessions(struct ctl_context *ctx, const struct new_policy *p,
                  struct nbrec_bfd ***sessions, size_t *n)
{
    const struct shash_node *option = shash_find(&ctx->options, "--bfd");

    *sessions = NULL;
    *n = 0;
    if (!option) {
        return NULL;
    } else if (!p->nexthops.n) {
        return xstrdup("bfd is only valid when action is reroute.");
    }

    *sessions = xcalloc(p->nexthops.n, sizeof **sessions);
    for (size_t i = 0; i < p->nexthops.n; i++) {
        const struct nbrec_bfd *bfd;
        char *error = nbctl_find_bfd(
            ctx, option->data, p->nexthops.names[i],
            p->output_port ? p->output_port->name : NULL, &bfd);

        if (error) {
            return error;
        }
        (*sessions)[(*n)++] = CONST_CAST(struct nbrec_bfd *, bfd);
        if (option->data) {
            break;
        }
    }
    return NULL;
}

static char *
insert_policy(struct ctl_context *ctx, const struct nbrec_logical_router *lr,
              const char *chain, const struct new_policy *p)
{
    struct nbrec_bfd **sessions;
    size_t n_sessions;
    char *error = find_bfd_sessions(ctx, p, &sessions, &n_sessions);

    if (error) {
        free(sessions);
        return error;
    }

    struct nbrec_logical_router_policy *policy
        = nbrec_logical_router_policy_insert(ctx->txn);
    nbrec_logical_router_policy_set_priority(policy, p->priority);
    nbrec_logical_router_policy_set_match(policy, p->match);
    nbrec_logical_router_policy_set_action(policy, p->action);
    if (chain[0]) {
        nbrec_logical_router_policy_set_chain(policy, chain);
    }
    if (p->jump_chain) {
        nbrec_logical_router_policy_set_jump_chain(policy, p->jump_chain);
    }
    if (p->nexthops.n) {
        nbrec_logical_router_policy_set_nexthops(
            policy, (const char **) p->nexthops.names, p->nexthops.n);
    }
    if (p->output_port) {
        nbrec_logical_router_policy_set_output_port(policy, p->output_port);
    }
    if (n_sessions) {
        nbrec_logical_router_policy_set_bfd_sessions(policy, sessions,
                                                     n_sessions);
    }
    free(sessions);
    if (!smap_is_empty(&p->options)) {
        nbrec_logical_router_policy_set_options(policy, &p->options);
    }
    nbctl_member_joins(ctx, &router_policies, &lr->header_,
                       &policy->header_);
    return NULL;
}

static void
lr_policy_add(struct ctl_context *ctx)
{
    bool may_exist = shash_find(&ctx->options, "--may-exist");
    const char *chain = nbctl_option(ctx, "--chain");
    const struct nbrec_logical_router *lr;
    struct new_policy p = { .nexthops = SVEC_EMPTY_INITIALIZER };

    chain = chain ? chain : "";
    smap_init(&p.options);
    ctx->error = nbctl_find_router(ctx, ctx->argv[1], true, &lr);
    if (!ctx->error) {
        ctx->error = parse_new_policy(ctx, &p);
    }
    if (!ctx->error) {
        if (!find_policy(ctx, lr, chain, &p)) {
            ctx->error = insert_policy(ctx, lr, chain, &p);
        } else if (!may_exist) {
            ctl_error(ctx, "Same routing policy already existed on the "
                      "logical router %s.", ctx->argv[1]);
        }
    }
    svec_destroy(&p.nexthops);
    smap_destroy(&p.options);
}

/* Deleting
 * ======== */

static void
lr_policy_del(struct ctl_context *ctx)
{
    bool must_exist = !shash_find(&ctx->options, "--if-exists");
    const char *chain = nbctl_option(ctx, "--chain");
    const char *match = ctx->argc > 3 ? ctx->argv[3] : NULL;
    const struct nbrec_logical_router *lr;
    int64_t priority = -1;
    struct uuid uuid;
    bool is_uuid = false;

    ctx->error = nbctl_find_router(ctx, ctx->argv[1], true, &lr);
    if (!ctx->error && ctx->argc > 2) {
        is_uuid = uuid_from_string(&uuid, ctx->argv[2]);
        if (!is_uuid) {
            ctx->error = nbctl_parse_priority(ctx->argv[2], &priority);
        }
    }
    if (ctx->error) {
        return;
    }
    if (!chain && priority >= 0) {
        /* Only "all policies" means those of all chains. */
        chain = "";
    }

    struct nbctl_members m = nbctl_members(ctx, &router_policies,
                                           &lr->header_);
    bool found = false;
    for (size_t i = 0; i < m.n; i++) {
        const struct nbrec_logical_router_policy *policy
            = NBCTL_MEMBER(&m, i, nbrec_logical_router_policy);

        if (is_uuid && !uuid_equals(&policy->header_.uuid, &uuid)) {
            continue;
        }
        found = true;
        if ((chain && strcmp(policy_chain(policy), chain))
            || (priority >= 0 && policy->priority != priority)
            || (match && strcmp(policy->match, match))) {
            continue;
        }
        nbctl_member_leaves(ctx, &router_policies, &lr->header_,
                            &policy->header_);
    }
    nbctl_members_destroy(&m);

    if (is_uuid && !found && must_exist) {
        ctl_error(ctx, "Logical router policy uuid is not found.");
    }
}

/* Listing
 * ======= */

static int
compare_policies(const void *a_, const void *b_)
{
    const struct ovsdb_idl_row *const *ap = a_;
    const struct ovsdb_idl_row *const *bp = b_;
    const struct nbrec_logical_router_policy *a
        = CONTAINER_OF(*ap, const struct nbrec_logical_router_policy,
                       header_);
    const struct nbrec_logical_router_policy *b
        = CONTAINER_OF(*bp, const struct nbrec_logical_router_policy,
                       header_);
    int cmp = strcmp(policy_chain(a), policy_chain(b));

    if (cmp) {
        return cmp;
    } else if (a->priority != b->priority) {
        return a->priority > b->priority ? -1 : 1;
    }
    return strcmp(a->match, b->match);
}

static void
print_target(const struct nbrec_logical_router_policy *policy, struct ds *s)
{
    if (policy->n_nexthops) {
        for (size_t i = 0; i < policy->n_nexthops; i++) {
            char *ip = nbctl_normalize_ip(policy->nexthops[i]);

            ds_put_format(s, i ? ", %s" : " %25s",
                          ip ? ip : policy->nexthops[i]);
            free(ip);
        }
    } else if (policy->nexthop) {
        ds_put_format(s, " %25s", policy->nexthop);
    } else if (policy->jump_chain) {
        ds_put_format(s, " %25s", policy->jump_chain);
    }
    if (policy->output_port) {
        ds_put_format(s, " %s", policy->output_port->name);
    }
}

static void
print_policy(const struct nbrec_logical_router_policy *policy, struct ds *s)
{
    ds_put_format(s, "%10"PRId64" %50s %15s", policy->priority,
                  policy->match, policy->action);
    print_target(policy, s);
    if (!smap_is_empty(&policy->options)) {
        const struct smap_node **nodes = smap_sort(&policy->options);

        ds_put_format(s, "%15s", "");
        for (size_t i = 0; i < smap_count(&policy->options); i++) {
            ds_put_format(s, "%s%s=%s", i ? "," : "", nodes[i]->key,
                          nodes[i]->value);
        }
        free(nodes);
    }
    if (policy->n_bfd_sessions) {
        ds_put_cstr(s, " bfd");
    }
    ds_put_char(s, '\n');
}

static void
lr_policy_list(struct ctl_context *ctx)
{
    const struct nbrec_logical_router *lr;
    struct ds *s = &ctx->output;

    ctx->error = nbctl_find_router(ctx, ctx->argv[1], true, &lr);
    if (ctx->error) {
        return;
    }

    struct nbctl_members m = nbctl_members(ctx, &router_policies,
                                           &lr->header_);
    if (m.n) {
        qsort(m.rows, m.n, sizeof *m.rows, compare_policies);
        ds_put_cstr(s, "Routing Policies\n");
    }

    const char *chain = "";
    for (size_t i = 0; i < m.n; i++) {
        const struct nbrec_logical_router_policy *policy
            = NBCTL_MEMBER(&m, i, nbrec_logical_router_policy);

        if (strcmp(policy_chain(policy), chain)) {
            chain = policy_chain(policy);
            ds_put_format(s, "Chain %s\n", chain);
        }
        print_policy(policy, s);
    }
    nbctl_members_destroy(&m);
}

static const struct ctl_cmd cmds[] = {
    { { "lr-policy-add", 4, INT_MAX,
        "ROUTER PRIORITY MATCH ACTION [NEXTHOP[,NEXTHOP]...|CHAIN] "
        "[KEY=VALUE]...", pre_policy_add, lr_policy_add, NULL,
        "--may-exist,--bfd?,--chain=,--output-port=", RW },
      "add a policy to ROUTER",
      "Adds a routing policy: packets that match the expression MATCH have "
      "ACTION happen to them.  That is `allow`, `drop`, `reroute` to NEXTHOP "
      "or one of several, or `jump` to CHAIN.  Of the policies that match "
      "the one with the highest PRIORITY, from 0 to 32767, counts.  Each "
      "KEY=VALUE is an option of the policy, such as `pkt_mark`.\n\n"
      "`--chain` adds the policy to a chain, which packets come to by "
      "policies that jump to it.  With `--output-port` the rerouted packets "
      "leave through a given router port.  With `--bfd` a NEXTHOP counts "
      "only while BFD finds it alive, in the session with the UUID given as "
      "`--bfd=UUID`, or in one for NEXTHOP and the output port, which is "
      "created if there is none and the output port is given.\n\n"
      "It is an error if the router has a policy with PRIORITY, MATCH and "
      "chain.  With `--may-exist` the command does nothing then.",
      .narrow = narrow_policies },
    { { "lr-policy-del", 1, 3, "ROUTER [{PRIORITY|UUID} [MATCH]]",
        pre_policies, lr_policy_del, NULL, "--if-exists,--chain=", RW },
      "remove policies from ROUTER",
      "Removes the policies that match all that is given.  A PRIORITY "
      "concerns policies outside of chains, unless `--chain` is given.  A "
      "UUID that none has is an error, unless `--if-exists` is given.",
      .narrow = narrow_policies },
    { { "lr-policy-list", 1, 1, "ROUTER", pre_policy_list, lr_policy_list,
        NULL, "", RO },
      "print policies for ROUTER",
      "Prints the policies, the highest priority first, and those of each "
      "chain behind its name.",
      .narrow = narrow_policy_list },
    { .syntax = { .name = NULL } },
};

const struct ctl_group nbctl_policy_group = {
    "Logical router policy commands", NULL, cmds
};
