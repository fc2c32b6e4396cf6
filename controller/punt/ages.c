#include <config.h>
#include "controller/punt/ages.h"

#include "lib/table/sb-table.h"
#include "util.h"

static void
merge_intervals(const void *const *in, size_t n, void *out_)
{
    struct use_interval_v *out = out_;

    for (size_t i = 0; i < n; i++) {
        const struct use_interval_v *v = in[i];
        out->seconds = MIN(out->seconds, v->seconds);
    }
}
INC_TABLE_DEFINE(use_interval, USE_INTERVAL_FIELDS, .kind = INC_DERIVED,
                 .combine = INC_MERGE, .merge = merge_intervals);

static void
dp_key(const void *binding, struct inc_keys *keys)
{
    int64_t key = sb_datapath_binding_tunnel_key(binding);
    inc_keys_add(keys, &key, sizeof key);
}
struct inc_index sb_datapath_by_key = {
    .name = "sb_datapath_by_key", .table = &sb_datapath_binding_table.inc,
    .keys = dp_key, .mask = INC_COL(SB_DATAPATH_BINDING_COL_TUNNEL_KEY),
};

const struct sb_datapath_binding *
datapath_by_key(uint32_t dp_key_)
{
    int64_t key = dp_key_;
    return inc_find_one(&sb_datapath_by_key, &key, sizeof key);
}

/* The shortest time of "[CIDR:]SECONDS;...", 0 if there is none. */
static uint32_t
shortest_age(const char *s)
{
    char *copy = nullable_xstrdup(s), *save_ptr = NULL;
    uint32_t shortest = 0;

    for (char *part = copy ? strtok_r(copy, ";", &save_ptr) : NULL; part;
         part = strtok_r(NULL, ";", &save_ptr)) {
        const char *colon = strrchr(part, ':');
        unsigned int age;
        if (str_to_uint(colon ? colon + 1 : part, 10, &age) && age
            && age <= INT32_MAX / 1000) {
            shortest = shortest ? MIN(shortest, age) : age;
        }
    }
    free(copy);
    return shortest;
}

/* A switch has one time, a router may have several. */
static const char *const keys[N_USED] = {
    [USED_NEIGHBOR] = "mac_binding_age_threshold",
    [USED_FDB] = "fdb_age_threshold",
};

static uint32_t
datapath_age(const struct sb_datapath_binding *dp, enum used_kind kind)
{
    return shortest_age(sb_datapath_binding_external_ids_get(dp, keys[kind]));
}

static uint32_t
age_of(uint32_t dp_key_, enum used_kind kind)
{
    const struct sb_datapath_binding *dp = datapath_by_key(dp_key_);
    return dp ? datapath_age(dp, kind) : 0;
}

bool
age_is_worth_noting(uint32_t dp_key_, enum used_kind kind, int64_t noted,
                    int64_t used)
{
    uint32_t age = age_of(dp_key_, kind);
    return age && noted + age * INT64_C(500) <= used;
}

static void
run_use_intervals(const void *row)
{
    for (enum used_kind kind = 0; kind < N_USED; kind++) {
        uint32_t age = datapath_age(row, kind);
        if (age) {
            emit_use_interval(&(struct use_interval_v) {
                .kind = kind, .seconds = age,
            });
        }
    }
}
const struct inc_rule use_intervals = {
    .name = "use_intervals", .driver = &sb_datapath_binding_table.inc,
    .run = run_use_intervals,
};

/* Often enough that half of the time and this are less than all of it. */
long long int
use_interval_msec(enum used_kind kind)
{
    const struct use_interval_v key = { .kind = kind };
    const struct inc_row *row = inc_row_by_key(&use_interval_table, &key);
    return row ? use_interval_untracked(row)->seconds * 1000LL / 4 : 0;
}
