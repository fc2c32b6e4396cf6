#include <config.h>
#include "northd/model/policy.h"

#include "northd/feature.h"
#include "northd/model/datapath.h"

INC_TABLE_DEFINE(policy, POLICY_FIELDS, .kind = INC_DERIVED);
INC_TABLE_DEFINE(policy_chain, POLICY_CHAIN_FIELDS, .kind = INC_DERIVED);

static void
lr_policy_keys(const void *lr, struct inc_keys *keys)
{
    const struct ovsdb_datum *policies_ = nb_logical_router_policies(lr);
    for (size_t i = 0; i < db_n(policies_); i++) {
        inc_keys_add(keys, db_ref(policies_, i), sizeof(struct uuid));
    }
}
struct inc_index lr_by_policy = {
    .name = "lr_by_policy", .table = &nb_logical_router_table.inc,
    .keys = lr_policy_keys, .mask = INC_COL(NB_LOGICAL_ROUTER_COL_POLICIES),
};

static void
chained_policy_key(const void *v_, struct inc_keys *keys)
{
    const struct policy_v *v = v_;
    if (!istr_is_empty(v->chain)) {
        inc_keys_add(keys, &v->dp, sizeof v->dp);
    }
}
struct inc_index chained_policies_by_dp = {
    .name = "chained_policies_by_dp", .table = &policy_table,
    .keys = chained_policy_key,
    .mask = INC_MASK(policy, dp) | INC_MASK(policy, chain),
};

struct chain_key {
    const struct datapath *dp;
    const char *name;              /* Interned. */
};
static void
policy_chain_key(const void *v_, struct inc_keys *keys)
{
    const struct policy_chain_v *v = v_;
    struct chain_key key = { v->dp, v->name.s };
    inc_keys_add(keys, &key, sizeof key);
}
struct inc_index policy_chain_index = {
    .name = "policy_chain", .table = &policy_chain_table,
    .keys = policy_chain_key,
};

static const struct policy_chain *
chain_by_name(const struct datapath *dp, istr name)
{
    struct chain_key key = { dp, name.s };
    return inc_find_one(&policy_chain_index, &key, sizeof key);
}

uint32_t
chain_number(const struct datapath *dp, istr name)
{
    const struct policy_chain *chain = chain_by_name(dp, name);
    return chain ? policy_chain_id(chain) : 0;
}

bool
chain_jump_is_circular(const struct datapath *dp, istr from, istr to)
{
    const struct policy_chain *a = chain_by_name(dp, from);
    const struct policy_chain *b = chain_by_name(dp, to);
    return (a && b && policy_chain_cycle(a)
            && policy_chain_cycle(a) == policy_chain_cycle(b));
}

bool
policy_chains_exist(const struct datapath *dp)
{
    return inc_bucket_n(inc_find(&chained_policies_by_dp, &dp,
                                 sizeof dp)) > 0;
}

static void
run_policies(const void *row)
{
    const struct nb_logical_router_policy *nb = row;
    const struct nb_logical_router *lr
        = inc_find_one(&lr_by_policy, nb_logical_router_policy_uuid(nb),
                       sizeof(struct uuid));
    const struct datapath *dp = lr ? datapath_of_lr(lr) : NULL;
    const char *chain = nb_logical_router_policy_chain(nb);
    const char *jump = nb_logical_router_policy_jump_chain(nb);
    bool jumps = jump && !strcmp(nb_logical_router_policy_action(nb), "jump");

    if (dp) {
        emit_policy(&(struct policy_v) {
            .nb = nb, .dp = dp, .chain = text(chain ? chain : ""),
            .jump = text(jumps ? jump : ""),
        });
    }
}
const struct inc_rule policies = {
    .name = "policies", .driver = &nb_logical_router_policy_table.inc,
    .run = run_policies,
};

/* ---- Chains. ---- */

/* The chains of a router, and who of them jumps where. */
struct chain_graph {
    const char **names;          /* Sorted and interned. */
    size_t n;
    struct jump { size_t from, to; } *jumps;
    size_t n_jumps;
};

static int
compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* The number of a chain, SIZE_MAX if there is none. */
static size_t
graph_find(const struct chain_graph *g, const char *name)
{
    const char **found = bsearch(&name, g->names, g->n, sizeof *g->names,
                                 compare_names);
    return found ? found - g->names : SIZE_MAX;
}

static void
graph_init(struct chain_graph *g, const struct inc_bucket *policies_)
{
    size_t n = inc_bucket_n(policies_), n_distinct = 0;
    const struct policy *policy;

    *g = (struct chain_graph) { .names = xmalloc(n * sizeof *g->names),
                                .jumps = xmalloc(n * sizeof *g->jumps) };
    INC_BUCKET_FOR_EACH (policy, policies_) {
        g->names[g->n++] = policy_chain(policy).s;
    }
    qsort(g->names, g->n, sizeof *g->names, compare_names);
    for (size_t i = 0; i < g->n; i++) {
        if (!i || g->names[i] != g->names[i - 1]) {
            g->names[n_distinct++] = g->names[i];
        }
    }
    g->n = MIN(n_distinct, UINT16_MAX);

    INC_BUCKET_FOR_EACH (policy, policies_) {
        struct jump jump = { graph_find(g, policy_chain(policy).s),
                             graph_find(g, policy_jump(policy).s) };
        if (jump.from != SIZE_MAX && jump.to != SIZE_MAX) {
            g->jumps[g->n_jumps++] = jump;
        }
    }
}

/* Marks in 'seen' what jumps lead to from 'start', or, with 'back', from
 * where.  Does not mark 'start' unless it is on a cycle. */
static void
graph_reach(const struct chain_graph *g, size_t start, bool back, bool *seen)
{
    size_t *todo = xmalloc((g->n + 1) * sizeof *todo);
    size_t n = 0;

    memset(seen, 0, g->n * sizeof *seen);
    todo[n++] = start;
    while (n) {
        size_t at = todo[--n];
        for (size_t i = 0; i < g->n_jumps; i++) {
            size_t from = back ? g->jumps[i].to : g->jumps[i].from;
            size_t to = back ? g->jumps[i].from : g->jumps[i].to;
            if (from == at && !seen[to]) {
                seen[to] = true;
                todo[n++] = to;
            }
        }
    }
    free(todo);
}

/* Numbers the cycles, in 'cycles', by the first chain of each. */
static void
graph_find_cycles(const struct chain_graph *g, uint32_t *cycles)
{
    bool *after = xmalloc(g->n * sizeof *after);
    bool *before = xmalloc(g->n * sizeof *before);

    memset(cycles, 0, g->n * sizeof *cycles);
    for (size_t i = 0; g->n_jumps && i < g->n; i++) {
        if (cycles[i]) {
            continue;
        }
        graph_reach(g, i, false, after);
        if (!after[i]) {
            continue;
        }
        graph_reach(g, i, true, before);
        for (size_t j = i; j < g->n; j++) {
            if (after[j] && before[j]) {
                cycles[j] = i + 1;
            }
        }
    }
    free(after);
    free(before);
}

/* Chains are numbered in the order of their names, so that a restart finds
 * the same numbers. */
static void
run_policy_chains(const void *row)
{
    const struct inc_bucket *bucket = row;
    size_t len;
    const struct datapath *const *dp = inc_bucket_key(bucket, &len);
    struct chain_graph g;

    graph_init(&g, bucket);
    uint32_t *cycles = xmalloc(g.n * sizeof *cycles);
    graph_find_cycles(&g, cycles);
    for (size_t i = 0; i < g.n; i++) {
        emit_policy_chain(&(struct policy_chain_v) {
            .dp = *dp, .name = text(g.names[i]), .id = i + 1,
            .cycle = cycles[i],
        });
    }
    free(cycles);
    free(g.names);
    free(g.jumps);
}
const struct inc_rule policy_chains = {
    .name = "policy_chains", .bucket_driver = &chained_policies_by_dp,
    .run = run_policy_chains,
};
