#include <config.h>
#include "northd/model/policy.h"

#include "northd/feature.h"
#include "northd/model/datapath.h"
#include "sset.h"

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

uint32_t
chain_number(const struct datapath *dp, istr name)
{
    struct chain_key key = { dp, name.s };
    const struct policy_chain *chain = inc_find_one(&policy_chain_index,
                                                    &key, sizeof key);
    return chain ? policy_chain_id(chain) : 0;
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

    if (dp) {
        emit_policy(&(struct policy_v) {
            .nb = nb, .dp = dp, .chain = text(chain ? chain : ""),
        });
    }
}
const struct inc_rule policies = {
    .name = "policies", .driver = &nb_logical_router_policy_table.inc,
    .run = run_policies,
};

/* Chains are numbered in the order of their names, so that a restart finds
 * the same numbers. */
static void
run_policy_chains(const void *row)
{
    const struct inc_bucket *bucket = row;
    size_t len;
    const struct datapath *const *dp = inc_bucket_key(bucket, &len);
    struct sset names = SSET_INITIALIZER(&names);
    const struct policy *policy;

    INC_BUCKET_FOR_EACH (policy, bucket) {
        sset_add(&names, policy_chain(policy).s);
    }
    const char **sorted = sset_sort(&names);
    size_t n = MIN(sset_count(&names), UINT16_MAX);
    for (size_t i = 0; i < n; i++) {
        emit_policy_chain(&(struct policy_chain_v) {
            .dp = *dp, .name = text(sorted[i]), .id = i + 1,
        });
    }
    free(sorted);
    sset_destroy(&names);
}
const struct inc_rule policy_chains = {
    .name = "policy_chains", .bucket_driver = &chained_policies_by_dp,
    .run = run_policy_chains,
};
