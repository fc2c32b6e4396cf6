/* Unit tests of pools: numbers that owners keep. */
#include "test-ovn.h"

#include <stdlib.h>
#include <string.h>

#include "lib/inc/inc-table.h"
#include "random.h"
#include "uuid.h"

/* Owners ask for numbers. */
#define OWNER_FIELDS(K, F, T)           \
    K(T, uint32_t, id, U32)             \
    F(T, uint32_t, want, U32)           \
    F(T, uint32_t, space, U32)
INC_TABLE_DECLARE(owner, OWNER_FIELDS);
INC_TABLE_DEFINE(owner, OWNER_FIELDS, .kind = INC_INPUT);

#define RANGE_FIELDS(K, F, T)           \
    K(T, uint32_t, id, U32)             \
    F(T, uint32_t, lo, U32)             \
    F(T, uint32_t, hi, U32)
INC_TABLE_DECLARE(range, RANGE_FIELDS);
INC_TABLE_DEFINE(range, RANGE_FIELDS, .kind = INC_INPUT);

#define KEY_FIELDS(K, F, T)                     \
    K(T, const struct owner *, owner, ROW)      \
    F(T, uint32_t, key, U32)
INC_TABLE_DECLARE(tkey, KEY_FIELDS);
INC_TABLE_DEFINE(tkey, KEY_FIELDS, .kind = INC_DERIVED);

static void
key_keys(const void *v_, struct inc_keys *keys)
{
    const struct tkey_v *v = v_;
    inc_keys_add(keys, &v->owner, sizeof v->owner);
}
static struct inc_index key_by_owner = {
    .name = "key_by_owner", .table = &tkey_table, .keys = key_keys,
    .mask = INC_MASK(tkey, owner),
};

static struct inc_pool *pool;

static struct uuid
make_uuid(uint32_t id)
{
    return (struct uuid) { .parts = { id, 1, 2, 3 } };
}

/* A wish comes first; who cannot have it takes what there is. */
static void
run_key(const void *owner_)
{
    const struct owner *owner = owner_;
    struct uuid uuid = make_uuid(owner_id(owner)), holder;
    struct uuid space = make_uuid(owner_space(owner));
    uint32_t want = owner_want(owner), key;
    const struct range *range;
    uint32_t lo = 1, hi = 1000;

    INC_FOR_EACH (range, &range_table) {
        lo = range_lo(range);
        hi = range_hi(range);
    }
    if (want && !inc_pool_take_in(pool, space, uuid, want, lo, hi, &key,
                                  &holder)) {
        invalid(owner, "%u is in use by %u", want, holder.parts[0]);
        want = 0;
    }
    if (want || inc_pool_take_in(pool, space, uuid, 0, lo, hi, &key, NULL)) {
        emit_tkey(&(struct tkey_v) { owner, key });
    } else {
        invalid(owner, "exhausted");
    }
}

static const struct inc_rule rule_key = {
    .name = "key", .driver = &owner_table, .run = run_key,
    .flags = INC_SERIAL,
};

static struct inc *
start(void)
{
    struct inc *inc = inc_create(&(struct inc_config) {
        .name = "pools",
        .tables = (struct inc_table *const[]) {
            &owner_table, &range_table, &tkey_table, NULL },
        .indexes = (struct inc_index *const[]) { &key_by_owner, NULL },
        .rules = (const struct inc_rule *const[]) { &rule_key, NULL },
        .n_threads = 2,
    });
    pool = inc_pool_create(inc, "keys");
    return inc;
}

static void
set_owner(uint32_t id, uint32_t want)
{
    inc_input_set(&owner_table, &(struct owner_v) { .id = id, .want = want });
}

static void
del_owner(uint32_t id)
{
    inc_input_unset(&owner_table, &(struct owner_v) { .id = id });
}

static void
set_range(uint32_t lo, uint32_t hi)
{
    inc_input_set(&range_table, &(struct range_v) { .lo = lo, .hi = hi });
}

static void
settle(struct inc *inc)
{
    inc_run(inc);
    char *report = inc_verify(inc);
    if (report) {
        ovs_fatal(0, "%s", report);
    }
}

/* The key of an owner, or 0. */
static uint32_t
key_of(uint32_t id)
{
    const struct inc_row *owner = inc_row_by_key(&owner_table,
                                                 &(struct owner_v) { id });
    const struct inc_row *key = inc_find_one(&key_by_owner, &owner,
                                             sizeof owner);
    return key ? tkey_untracked(key)->key : 0;
}

static void
test_sticky(void)
{
    struct inc *inc = start();

    for (uint32_t id = 1; id <= 5; id++) {
        set_owner(id, 0);
    }
    settle(inc);
    for (uint32_t id = 1; id <= 5; id++) {
        ovs_assert(key_of(id) == id);
    }
    del_owner(2);
    settle(inc);
    ovs_assert(key_of(5) == 5);
    set_owner(6, 0);
    set_owner(7, 0);
    settle(inc);
    ovs_assert(key_of(6) == 2 && key_of(7) == 6);
    /* Gone and back within a run: another row, the same owner. */
    del_owner(6);
    set_owner(8, 0);
    set_owner(6, 0);
    settle(inc);
    ovs_assert(key_of(6) == 2 && key_of(8) == 7);
    inc_destroy(inc);
}

static void
test_seed(void)
{
    struct inc *inc = start();

    inc_pool_seed_in(pool, make_uuid(0), make_uuid(3), 1);
    inc_pool_seed_in(pool, make_uuid(0), make_uuid(4), 2);
    inc_pool_seed_in(pool, make_uuid(0), make_uuid(5), 2);
    inc_pool_seed_in(pool, make_uuid(0), make_uuid(9), 3);
    set_owner(1, 0);
    set_owner(3, 0);
    set_owner(5, 0);
    settle(inc);
    /* 9 is no more, but its seed kept others off until the run's end. */
    ovs_assert(key_of(3) == 1 && key_of(1) == 4 && key_of(5) == 5);
    set_owner(10, 0);
    settle(inc);
    ovs_assert(key_of(10) == 2 && key_of(1) == 4);

    /* Too late. */
    inc_pool_seed_in(pool, make_uuid(0), make_uuid(11), 3);
    set_owner(12, 0);
    settle(inc);
    ovs_assert(key_of(12) == 3);
    inc_destroy(inc);

    /* Seeds may leave nothing for others, until they go. */
    inc = start();
    inc_pool_seed_in(pool, make_uuid(0), make_uuid(9), 1);
    set_range(1, 1);
    set_owner(1, 0);
    settle(inc);
    ovs_assert(key_of(1) == 1 && !inc_n_diagnostics(inc));
    inc_destroy(inc);
}

static void
test_want(void)
{
    struct inc *inc = start();

    for (uint32_t id = 1; id <= 3; id++) {
        set_owner(id, 0);
    }
    settle(inc);
    /* Taken away from one who did not ask for it. */
    set_owner(4, 2);
    settle(inc);
    ovs_assert(key_of(4) == 2 && key_of(2) == 4 && key_of(1) == 1);
    /* But not from one who did. */
    set_owner(5, 2);
    settle(inc);
    ovs_assert(key_of(4) == 2 && key_of(5) == 5);
    ovs_assert(inc_n_diagnostics(inc) == 1);
    /* Until that one lets go. */
    set_owner(4, 0);
    settle(inc);
    ovs_assert(key_of(5) == 2 && key_of(4) && key_of(4) != 2);
    ovs_assert(!inc_n_diagnostics(inc));
    set_owner(6, 2);
    settle(inc);
    ovs_assert(inc_n_diagnostics(inc) == 1 && key_of(6) != 2);
    del_owner(5);
    settle(inc);
    ovs_assert(key_of(6) == 2 && !inc_n_diagnostics(inc));
    /* Out of range: none. */
    set_owner(7, 5000);
    settle(inc);
    ovs_assert(inc_n_diagnostics(inc) == 1 && key_of(7) < 1000);
    inc_destroy(inc);
}

static void
test_exhausted(void)
{
    struct inc *inc = start();

    set_range(1, 3);
    for (uint32_t id = 1; id <= 5; id++) {
        set_owner(id, 0);
    }
    settle(inc);
    ovs_assert(inc_n_diagnostics(inc) == 2 && !key_of(4) && !key_of(5));
    del_owner(2);
    settle(inc);
    ovs_assert(inc_n_diagnostics(inc) == 1 && key_of(1) == 1);
    ovs_assert((key_of(4) == 2) != (key_of(5) == 2));
    /* A range that keeps some where they are and moves others. */
    set_range(3, 6);
    settle(inc);
    ovs_assert(!inc_n_diagnostics(inc) && key_of(3) == 3);
    ovs_assert(key_of(1) >= 4 && key_of(4) >= 4 && key_of(5) >= 4);
    /* Another space has its own numbers. */
    inc_input_set(&owner_table, &(struct owner_v) { .id = 9, .space = 1 });
    settle(inc);
    ovs_assert(key_of(9) == 3);
    inc_destroy(inc);
}

/* Whatever happens, no number has two owners, who has one keeps it if nobody
 * wants it, and a wish that can be fulfilled is. */
static void
check_random(const uint32_t want[], const bool present[],
             const uint32_t before[], uint32_t n, uint32_t hi)
{
    for (uint32_t i = 1; i < n; i++) {
        uint32_t key = present[i] ? key_of(i) : 0;
        bool wanted = false, wanted_before = false;

        ovs_assert(key <= hi);
        for (uint32_t j = 1; j < n; j++) {
            if (present[j] && j != i) {
                ovs_assert(!key || key != key_of(j));
                wanted |= want[j] == before[i];
                wanted_before |= want[i] && want[j] == want[i]
                                 && key_of(j) == want[i];
            }
        }
        if (present[i] && want[i] && want[i] <= hi) {
            ovs_assert(key == want[i] || wanted_before);
        } else if (present[i] && before[i] && before[i] <= hi && !wanted
                   && !want[i]) {
            ovs_assert(key == before[i]);
        }
    }
}

static void
test_random(void)
{
    enum { N = 12 };
    uint32_t want[N] = { 0 }, before[N] = { 0 };
    bool present[N] = { false };
    uint32_t hi = 10;
    struct inc *inc = start();

    random_set_seed(1);
    set_range(1, hi);
    for (int i = 0; i < 3000; i++) {
        for (int k = random_range(4); k >= 0; k--) {
            uint32_t id = 1 + random_range(N - 1);
            if (random_range(3)) {
                want[id] = random_range(2) ? 0 : 1 + random_range(12);
                present[id] = true;
                set_owner(id, want[id]);
            } else {
                del_owner(id);
                present[id] = false;
            }
        }
        if (random_range(20) == 0) {
            hi = 5 + random_range(10);
            set_range(1, hi);
        }
        settle(inc);
        check_random(want, present, before, N, hi);
        for (uint32_t id = 1; id < N; id++) {
            before[id] = present[id] ? key_of(id) : 0;
        }
    }
    inc_destroy(inc);
}

/* ---- A pool that an earlier and a later rule share. ---- */

#define LATE_FIELDS(K, F, T)                    \
    K(T, const struct owner *, owner, ROW)      \
    F(T, uint32_t, key, U32)
INC_TABLE_DECLARE(late, LATE_FIELDS);
INC_TABLE_DEFINE(late, LATE_FIELDS, .kind = INC_DERIVED);

/* Owners from 100 on are served by this rule instead. */
static void
run_early(const void *owner)
{
    if (owner_id(owner) < 100) {
        run_key(owner);
    }
}

static void
run_late(const void *owner_)
{
    const struct owner *owner = owner_;
    uint32_t key;

    if (owner_id(owner) >= 100
        && inc_pool_take_in(pool, make_uuid(0), make_uuid(owner_id(owner)),
                            owner_want(owner), 1, 1000, &key, NULL)) {
        emit_late(&(struct late_v) { owner, key });
    }
}

/* The later rule takes a number away from a unit of the earlier one, which has
 * to run again: a second pass. */
static void
test_passes(void)
{
    static const struct inc_rule early = {
        .name = "early", .driver = &owner_table, .run = run_early,
        .flags = INC_SERIAL,
    };
    static const struct inc_rule later = {
        .name = "late", .driver = &owner_table, .run = run_late,
        .flags = INC_SERIAL,
    };
    struct inc *inc = inc_create(&(struct inc_config) {
        .name = "passes",
        .tables = (struct inc_table *const[]) {
            &owner_table, &range_table, &tkey_table, &late_table, NULL },
        .indexes = (struct inc_index *const[]) { &key_by_owner, NULL },
        .rules = (const struct inc_rule *const[]) { &early, &later, NULL },
    });
    pool = inc_pool_create(inc, "keys");

    set_owner(1, 0);
    set_owner(100, 1);
    inc_run(inc);
    ovs_assert(key_of(1) == 2 && !inc_is_dirty(inc));
    char *report = inc_verify(inc);
    ovs_assert(!report);
    inc_destroy(inc);
}

static void
test_inc_pool(struct ovs_cmdl_context *ctx)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } tests[] = {
        { "sticky", test_sticky }, { "seed", test_seed },
        { "want", test_want }, { "exhausted", test_exhausted },
        { "random", test_random }, { "passes", test_passes },
    };

    for (size_t i = 0; i < ARRAY_SIZE(tests); i++) {
        if (ctx->argc < 2 || !strcmp(ctx->argv[1], tests[i].name)) {
            tests[i].run();
        }
    }
}

OVSTEST_REGISTER("inc-pool", test_inc_pool);
