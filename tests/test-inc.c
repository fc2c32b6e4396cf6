/* Unit tests of the engine: one small model, one function for each
 * mechanism.  "test-ovn inc" runs them all, "test-ovn inc NAME" one. */
#include "test-ovn.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/inc/inc-table.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "simap.h"
#include "unixctl.h"

/* ---- The model: "port"s are input, with a name, a switch and a peer. ---- */

#define PORT_FIELDS(K, F, T)            \
    K(T, uint32_t, id, U32)             \
    F(T, istr, name, STR)               \
    F(T, uint32_t, sw, U32)             \
    F(T, istr, peer, STR)               \
    F(T, int64_t, noise, I64)
INC_TABLE_DECLARE(port, PORT_FIELDS);
INC_TABLE_DEFINE(port, PORT_FIELDS, .kind = INC_INPUT);

#define OPTIONS_FIELDS(K, F, T)         \
    K(T, uint32_t, id, U32)             \
    F(T, int64_t, a, I64)               \
    F(T, int64_t, b, I64)
INC_TABLE_DECLARE(options, OPTIONS_FIELDS);
INC_TABLE_DEFINE(options, OPTIONS_FIELDS, .kind = INC_INPUT, .broad = true);

/* What is known of a port: derived. */
#define FACT_FIELDS(K, F, T)                            \
    K(T, const struct port *, port, ROW)                \
    F(T, bool, has_peer, BOOL)                          \
    F(T, uint16_t, name_len, U16)                       \
    F(T, const struct port *, peer, ROW)
INC_TABLE_DECLARE(fact, FACT_FIELDS);
INC_TABLE_DEFINE(fact, FACT_FIELDS, .kind = INC_DERIVED);

/* Names are to be unique. */
#define NAME_FIELDS(K, F, T)                            \
    K(T, istr, name, STR)                               \
    F(T, uint32_t, id, U32)
INC_TABLE_DECLARE(name, NAME_FIELDS);

static void
name_conflict(const void *loser_, const void *winner_, struct ds *s)
{
    const struct name_v *loser = loser_;
    const struct name_v *winner = winner_;

    ds_put_format(s, "name %s of %u belongs to %u", loser->name.s, loser->id,
                  winner->id);
}

INC_TABLE_DEFINE(name, NAME_FIELDS, .kind = INC_DERIVED,
                 .combine = INC_UNIQUE, .conflict = name_conflict);

/* Flows unite the bits of switches. */
#define FLOW_FIELDS(K, F, T)                            \
    K(T, istr, match, STR)                              \
    F(T, int64_t, bits, I64)                            \
    F(T, iblob, blob, BLOB)
INC_TABLE_DECLARE(tflow, FLOW_FIELDS);

static void
flow_merge(const void *const *in, size_t n, void *out_)
{
    struct tflow_v *out = out_;

    for (size_t i = 0; i < n; i++) {
        const struct tflow_v *v = in[i];
        out->bits |= v->bits;
    }
}

static int n_on_change;
static uint32_t last_mask;

static void
flow_on_change(const struct inc_row *row OVS_UNUSED, uint32_t mask)
{
    n_on_change++;
    last_mask = mask;
}

INC_TABLE_DEFINE(tflow, FLOW_FIELDS, .kind = INC_OUTPUT,
                 .combine = INC_MERGE, .merge = flow_merge,
                 .on_change = flow_on_change, .aux_size = 8);

static void
port_name_keys(const void *v_, struct inc_keys *keys)
{
    const struct port_v *v = v_;
    inc_keys_add_istr(keys, v->name);
}

static void
port_sw_keys(const void *v_, struct inc_keys *keys)
{
    const struct port_v *v = v_;
    inc_keys_add(keys, &v->sw, sizeof v->sw);
}

static void
fact_peer_keys(const void *v_, struct inc_keys *keys)
{
    const struct fact_v *v = v_;
    if (v->peer) {
        inc_keys_add(keys, &v->peer, sizeof v->peer);
        inc_keys_add(keys, &v->peer, sizeof v->peer);
    }
}

static struct inc_index port_by_name = {
    .name = "port_by_name", .table = &port_table, .keys = port_name_keys,
    .mask = INC_MASK(port, name),
};
static struct inc_index port_by_sw = {
    .name = "port_by_sw", .table = &port_table, .keys = port_sw_keys,
    .mask = INC_MASK(port, sw),
};
static struct inc_index fact_by_peer = {
    .name = "fact_by_peer", .table = &fact_table, .keys = fact_peer_keys,
    .mask = INC_MASK(fact, peer),
};

static void
run_fact(const void *port_)
{
    const struct port *port = port_;
    istr peer = port_peer(port);
    struct fact_v f = {
        .port = port, .has_peer = !istr_is_empty(peer),
        .name_len = istr_len(port_name(port)),
        .peer = peer.s ? inc_bucket_first(inc_find_istr(&port_by_name, peer))
                       : NULL,
    };
    emit_fact(&f);
}

static void
run_name(const void *port_)
{
    const struct port *port = port_;
    emit_name(&(struct name_v) { port_name(port), port_id(port) });
}

/* Reads the global options and what facts say. */
static void
run_flow(const void *fact_)
{
    const struct fact *fact = fact_;
    const struct port *port = fact_port(fact);
    const struct options *o;

    if (istr_is_empty(port_name(port))) {
        invalid(port, "no name");
        return;
    }
    INC_FOR_EACH (o, &options_table) {
        emit_tflow(&(struct tflow_v) {
            .match = istr_fmt("options %"PRId64, options_a(o)), .bits = 1 });
    }
    emit_tflow(&(struct tflow_v) {
        .match = istr_fmt("len %u", fact_name_len(fact)),
        .bits = INT64_C(1) << port_sw(port), });
    emit_tflow(&(struct tflow_v) {
        .match = istr_fmt("port %s peers %"PRIuSIZE, port_name(port).s,
                          inc_bucket_n(inc_find(&fact_by_peer, &port,
                                                sizeof port))),
        .bits = INT64_C(1) << port_sw(port),
        .blob = iblob_intern("blob", 4) });
}

/* Once per switch that has ports. */
static void
run_switch(const void *bucket_)
{
    const struct inc_bucket *bucket = bucket_;
    size_t len;
    const uint32_t *sw = inc_bucket_key(bucket, &len);
    const struct port *port;
    uint32_t sum = 0;

    ovs_assert(len == sizeof *sw);
    INC_BUCKET_FOR_EACH (port, bucket) {
        sum += port_id(port);
    }
    emit_tflow(&(struct tflow_v) {
        .match = istr_fmt("switch %u sum %u", *sw, sum), .bits = 0 });
}

static int64_t untracked;
static int n_once;

static void
run_once(const void *none)
{
    ovs_assert(!none);
    n_once++;
    emit_tflow(&(struct tflow_v) {
        .match = istr_fmt("once %"PRIuSIZE" %"PRId64,
                          inc_table_n(&port_table), untracked) });
}

static const struct inc_rule rule_fact = {
    .name = "fact", .driver = &port_table, .run = run_fact
};
static const struct inc_rule rule_name = {
    .name = "name", .driver = &port_table, .run = run_name
};
static const struct inc_rule rule_flow = {
    .name = "flow", .driver = &fact_table, .run = run_flow
};
static const struct inc_rule rule_switch = {
    .name = "switch", .bucket_driver = &port_by_sw, .run = run_switch
};
static const struct inc_rule rule_once = { .name = "once", .run = run_once };

static struct inc_table *const tables[] = {
    &port_table, &options_table, &fact_table, &name_table, &tflow_table, NULL
};
static struct inc_index *const indexes[] = {
    &port_by_name, &port_by_sw, &fact_by_peer, NULL
};
static const struct inc_rule *const rules[] = {
    &rule_fact, &rule_name, &rule_flow, &rule_switch, &rule_once, NULL
};

static struct inc *
start(void)
{
    return inc_create(&(struct inc_config) {
        .name = "test", .tables = tables, .indexes = indexes, .rules = rules,
        .n_threads = 1,
    });
}

static void
set_port(uint32_t id, const char *name, uint32_t sw, const char *peer)
{
    inc_input_set(&port_table, &(struct port_v) {
        .id = id, .name = istr_intern(name), .sw = sw,
        .peer = istr_intern(peer) });
}

static void
del_port(uint32_t id)
{
    inc_input_unset(&port_table, &(struct port_v) { .id = id });
}

static struct inc_row *
flow_row(const char *match)
{
    return inc_row_by_key(&tflow_table, &(struct tflow_v) {
        .match = istr_intern(match) });
}

static bool
has_flow(const char *match)
{
    const struct inc_row *row = flow_row(match);
    return row && !inc_row_is_dead(row);
}

static int64_t
flow_bits(const char *match)
{
    ovs_assert(has_flow(match));
    return tflow_untracked(flow_row(match))->bits;
}

static uint64_t
runs(struct inc *inc, const char *rule)
{
    struct inc_rule_stats stats;

    inc_rule_stats_get(inc, rule, &stats);
    return stats.runs;
}

/* Runs, verifies, drains the sink as a real one would, and returns the number
 * of touched rows.  Counters start at 0. */
static size_t
settle(struct inc *inc)
{
    struct inc_row *row;
    size_t n = 0;

    inc_stats_clear(inc);
    bool touched = inc_run(inc);
    char *report = inc_verify(inc);
    if (report) {
        ovs_fatal(0, "%s", report);
    }
    ovs_assert(!touched || inc_n_touched(&tflow_table));
    while ((row = inc_touched_pop(&tflow_table))) {
        inc_row_release(row);
        n++;
    }
    return n;
}

static void
finish(struct inc *inc)
{
    size_t n, bytes;

    inc_destroy(inc);
    istr_pool_reset();
    istr_usage(&n, &bytes);
    ovs_assert(!n);
}

/* ---- Tests. ---- */

static void
test_basic(void)
{
    struct inc *inc = start();

    ovs_assert(inc_is_dirty(inc));
    settle(inc);
    ovs_assert(has_flow("once 0 0"));
    ovs_assert(!inc_is_dirty(inc));
    ovs_assert(!settle(inc) && !runs(inc, "once"));

    set_port(1, "a", 1, NULL);
    set_port(2, "b", 2, NULL);
    settle(inc);
    ovs_assert(flow_bits("len 1") == 6 && has_flow("port a peers 0"));
    ovs_assert(runs(inc, "fact") == 2 && runs(inc, "flow") == 2);

    /* The same value fires nothing. */
    set_port(1, "a", 1, NULL);
    ovs_assert(!inc_is_dirty(inc));
    ovs_assert(!settle(inc));

    del_port(2);
    ovs_assert(settle(inc));
    ovs_assert(!runs(inc, "fact") && !runs(inc, "flow"));
    ovs_assert(flow_bits("len 1") == 2 && !flow_row("port b peers 0"));
    finish(inc);
}

/* A field that changed runs those who read it, and an equal row nobody. */
static void
test_cutoff(void)
{
    struct inc *inc = start();

    set_port(1, "a", 1, NULL);
    settle(inc);
    /* Nobody reads noise. */
    inc_input_set(&port_table, &(struct port_v) {
        .id = 1, .name = istr_intern("a"), .sw = 1, .noise = 5 });
    ovs_assert(!settle(inc));
    ovs_assert(!runs(inc, "fact") && !runs(inc, "name"));
    /* 'fact' reads the peer, but its row remains but for one field that
     * 'flow' does not read. */
    set_port(1, "a", 1, "nobody");
    ovs_assert(!settle(inc));
    ovs_assert(runs(inc, "fact") == 1);
    ovs_assert(!runs(inc, "flow") && !runs(inc, "name"));

    struct inc_rule_stats stats;
    set_port(1, "a", 1, "somebody");
    settle(inc);
    inc_rule_stats_get(inc, "fact", &stats);
    ovs_assert(stats.runs == 1 && stats.cutoffs == 1 && stats.n_units == 1);
    finish(inc);
}

/* "Not found" is a dependency, and buckets for absent keys do not stay. */
static void
test_absent(void)
{
    struct inc *inc = start();
    struct simap usage = SIMAP_INITIALIZER(&usage);

    set_port(1, "a", 1, "b");
    settle(inc);
    ovs_assert(has_flow("port a peers 0"));
    set_port(2, "b", 1, NULL);
    settle(inc);
    ovs_assert(runs(inc, "fact") == 2 && has_flow("port b peers 1"));
    del_port(2);
    settle(inc);
    ovs_assert(runs(inc, "fact") == 1 && !has_flow("port b peers 1"));

    for (int i = 0; i < 10000; i++) {
        char name[32];
        snprintf(name, sizeof name, "absent%d", i);
        set_port(1, "a", 1, name);
        inc_run(inc);
    }
    inc_memory_usage(inc, &usage);
    ovs_assert(simap_get(&usage, "inc-buckets") < 200);
    simap_destroy(&usage);

    /* The one that is still asked for is still there. */
    set_port(2, "absent9999", 1, NULL);
    settle(inc);
    ovs_assert(has_flow("port absent9999 peers 1"));
    finish(inc);
}

/* Units of buckets live as long as there are members. */
static void
test_buckets(void)
{
    struct inc *inc = start();

    set_port(1, "a", 7, NULL);
    set_port(2, "b", 7, NULL);
    settle(inc);
    ovs_assert(has_flow("switch 7 sum 3") && runs(inc, "switch") == 1);
    set_port(2, "b", 8, NULL);
    settle(inc);
    ovs_assert(has_flow("switch 7 sum 1") && has_flow("switch 8 sum 2"));
    set_port(1, "a", 8, NULL);
    settle(inc);
    ovs_assert(!has_flow("switch 7 sum 1") && has_flow("switch 8 sum 3"));

    /* A key that leaves and comes back within one run. */
    del_port(1);
    del_port(2);
    set_port(3, "c", 8, NULL);
    settle(inc);
    ovs_assert(has_flow("switch 8 sum 3") && runs(inc, "switch") == 1);
    finish(inc);
}

/* Two claim a name: the lower one wins, the other one gets a diagnostic, which
 * goes when either of them does. */
static void
test_unique(void)
{
    struct inc *inc = start();
    struct ds s = DS_EMPTY_INITIALIZER;

    set_port(5, "x", 1, NULL);
    settle(inc);
    ovs_assert(!inc_n_diagnostics(inc));
    set_port(3, "x", 1, NULL);
    set_port(9, "x", 1, NULL);
    settle(inc);

    const struct name_v key = { .name = istr_intern("x") };
    struct inc_row *row = inc_row_by_key(&name_table, &key);
    ovs_assert(name_untracked(row)->id == 3 && inc_n_diagnostics(inc) == 2);
    inc_diagnostics(inc, &s);
    ovs_assert(!strcmp(ds_cstr(&s),
                       "port(id=5): name x of 5 belongs to 3\n"
                       "port(id=9): name x of 9 belongs to 3\n"));
    ds_destroy(&s);

    del_port(3);
    settle(inc);
    ovs_assert(inc_row_by_key(&name_table, &(struct name_v) {
                   .name = istr_intern("x") }) == row);
    ovs_assert(name_untracked(row)->id == 5 && inc_n_diagnostics(inc) == 1);
    set_port(9, "y", 1, NULL);
    settle(inc);
    ovs_assert(!inc_n_diagnostics(inc));
    set_port(9, "x", 1, NULL);
    settle(inc);
    del_port(5);
    del_port(9);
    settle(inc);
    ovs_assert(!inc_n_diagnostics(inc));
    finish(inc);
}

/* Contributions stand side by side: when one goes the row stays. */
static void
test_merge(void)
{
    struct inc *inc = start();

    for (uint32_t i = 1; i <= 20; i++) {
        char name[8];
        snprintf(name, sizeof name, "p%02u", i);
        set_port(i, name, i, NULL);
    }
    settle(inc);
    struct inc_row *row = flow_row("len 3");
    ovs_assert(flow_bits("len 3") == 0x1ffffe);
    n_on_change = 0;
    for (uint32_t i = 1; i <= 19; i++) {
        uint32_t id = i * 7 % 20;
        del_port(id ? id : 20);
        settle(inc);
        ovs_assert(row == flow_row("len 3") && !inc_row_is_dead(row));
    }
    ovs_assert(__builtin_popcountll(flow_bits("len 3")) == 1);
    for (uint32_t i = 20; i > 0; i--) {
        set_port(i, "abc", i, NULL);
    }
    settle(inc);
    ovs_assert(row == flow_row("len 3") && flow_bits("len 3") == 0x1ffffe);
    finish(inc);
}

/* An output row that goes is a tombstone until the sink releases it, and may
 * come back before. */
static void
test_tombstones(void)
{
    struct inc *inc = start();

    set_port(1, "a", 1, NULL);
    settle(inc);
    struct inc_row *row = flow_row("len 1");
    memcpy(inc_aux(row), "sinkdata", 8);

    del_port(1);
    inc_run(inc);
    ovs_assert(inc_row_is_dead(row) && row == flow_row("len 1"));
    struct inc_row *popped;
    while ((popped = inc_touched_pop(&tflow_table))) {
        if (popped != row) {
            inc_row_release(popped);
        }
    }

    /* Revived while the sink deletes it. */
    set_port(2, "b", 3, NULL);
    inc_run(inc);
    ovs_assert(flow_row("len 1") == row && !inc_row_is_dead(row));
    ovs_assert(!memcmp(inc_aux(row), "sinkdata", 8));
    ovs_assert(tflow_untracked(row)->bits == 8);
    inc_row_release(row);        /* Too late: it lives. */
    ovs_assert(flow_row("len 1") == row);
    ovs_assert(settle(inc) == 5);

    /* Put back on the list, and released there. */
    inc_touch(row);
    ovs_assert(inc_n_touched(&tflow_table) == 1);
    del_port(2);
    inc_run(inc);
    size_t n = inc_n_touched(&tflow_table);
    inc_row_release(row);
    ovs_assert(inc_n_touched(&tflow_table) == n - 1);
    ovs_assert(settle(inc) == n - 1 && !flow_row("len 1"));

    /* Came and went between two runs. */
    set_port(2, "bbbbb", 3, NULL);
    del_port(2);
    settle(inc);
    ovs_assert(!flow_row("len 5"));
    finish(inc);
}

/* A row that one unit drops and another one emits in the same run is neither
 * deleted nor touched. */
static void
test_retain(void)
{
    struct inc *inc = start();

    set_port(1, "a", 4, NULL);
    settle(inc);
    n_on_change = 0;
    del_port(1);
    set_port(2, "a", 4, NULL);
    /* Only the sum of the switch changes. */
    ovs_assert(settle(inc) == 2 && n_on_change == 2);
    ovs_assert(has_flow("switch 4 sum 2") && flow_bits("len 1") == 16);

    /* Only what changed of a row is fired. */
    set_port(3, "b", 5, NULL);
    settle(inc);
    ovs_assert(flow_bits("len 1") == 48);
    n_on_change = 0;
    set_port(3, "", 5, NULL);
    settle(inc);
    ovs_assert(flow_bits("len 1") == 16);
    finish(inc);
}

/* Global options: rules are remembered instead of units. */
static void
test_broad(void)
{
    struct inc *inc = start();

    inc_input_set(&options_table, &(struct options_v) { .a = 5 });
    for (uint32_t i = 0; i < 10; i++) {
        set_port(i, "abc", i, NULL);
    }
    settle(inc);
    ovs_assert(has_flow("options 5"));
    inc_input_set(&options_table, &(struct options_v) { .a = 5, .b = 1 });
    ovs_assert(!settle(inc) && !runs(inc, "flow"));
    inc_input_set(&options_table, &(struct options_v) { .a = 6, .b = 1 });
    ovs_assert(settle(inc) == 2 && runs(inc, "flow") == 10);
    ovs_assert(!runs(inc, "fact") && has_flow("options 6"));
    inc_input_clear(&options_table);
    settle(inc);
    ovs_assert(!has_flow("options 6"));
    finish(inc);
}

static void
test_diagnostics(void)
{
    struct inc *inc = start();
    struct ds s = DS_EMPTY_INITIALIZER;

    set_port(1, "", 1, NULL);
    set_port(2, "ok", 1, NULL);
    settle(inc);
    inc_diagnostics(inc, &s);
    ovs_assert(!strcmp(ds_cstr(&s), "port(id=1): no name\n"));
    ds_destroy(&s);
    ovs_assert(has_flow("len 2"));
    set_port(1, "ok2", 1, NULL);
    settle(inc);
    ovs_assert(!inc_n_diagnostics(inc));
    finish(inc);
}

/* The oracle sees what nobody tracks. */
static void
test_oracle(void)
{
    struct inc *inc = start();

    untracked = 0;
    settle(inc);
    untracked = 1;
    char *report = inc_verify(inc);
    untracked = 0;
    ovs_assert(report && strstr(report, "once 0 0")
               && strstr(report, "once 0 1"));
    free(report);
    finish(inc);
}

/* Generations are 12 bits: unit ids and generations wrap without loss. */
static void
test_generations(void)
{
    struct inc *inc = start();

    set_port(1, "a", 1, "b");
    for (int i = 0; i < 9000; i++) {
        set_port(2, i % 2 ? "b" : "c", i % 3, NULL);
        set_port(3 + i % 5, "other", 1, "b");
        inc_run(inc);
        if (i % 7 == 0) {
            del_port(3 + i % 5);
            del_port(2);
        }
    }
    settle(inc);
    finish(inc);
}

/* Many units in threads, which ask for the same absent keys at the same time,
 * and the result is that of one thread. */
static void
test_threads(void)
{
    enum { N = 3000 };
    int64_t bits[2];

    for (int i = 0; i < 2; i++) {
        struct inc *inc = start();
        inc_set_n_threads(inc, i ? 4 : 1);
        for (uint32_t id = 0; id < N; id++) {
            char name[16], peer[16];
            snprintf(name, sizeof name, "p%u", id);
            snprintf(peer, sizeof peer, "p%u", id % 50 + N - 20);
            set_port(id, name, id % 40, peer);
        }
        settle(inc);
        bits[i] = flow_bits("len 5");
        ovs_assert(has_flow("port p2999 peers 60"));
        ovs_assert(runs(inc, "fact") == N && runs(inc, "switch") == 40);

        set_port(N, "p3010", 1, NULL);
        settle(inc);
        ovs_assert(runs(inc, "fact") == 61);
        ovs_assert(has_flow("port p3010 peers 60"));
        inc_recompute(inc);
        inc_set_n_threads(inc, 2);
        ovs_assert(!settle(inc));
        finish(inc);
    }
    ovs_assert(bits[0] == bits[1]);
}

/* An interned value lives as long as somebody has a reference. */
static void
test_istr(void)
{
    size_t n, bytes;
    istr a = istr_intern("abc");

    ovs_assert(istr_eq(a, istr_fmt("%s", "abc")) && istr_len(a) == 3);
    ovs_assert(!istr_eq(a, istr_intern("abd")));
    ovs_assert(istr_is_empty(istr_intern(NULL))
               && istr_is_empty(istr_intern("")));
    ovs_assert(iblob_intern("abc", 3).p != (const void *) a.s);
    ovs_assert(!iblob_intern("", 0).p);
    ovs_assert(iblob_size(iblob_intern("\0\0\0\0", 4)) == 4);
    ovs_assert(!((uintptr_t) iblob_intern("x", 1).p % 16));
    istr_ref(a);
    istr_pool_reset();
    istr_usage(&n, &bytes);
    ovs_assert(n == 1 && !strcmp(a.s, "abc"));
    ovs_assert(istr_intern("abc").s == a.s);
    struct istr_pool *p = istr_pool_detach();
    istr_unref(a);
    istr_usage(&n, &bytes);
    ovs_assert(n == 1);
    istr_pool_free(p);
    istr_usage(&n, &bytes);
    ovs_assert(!n && !bytes);

    struct ds s = DS_EMPTY_INITIALIZER;
    ds_put_char_multiple(&s, 'x', 5000);
    ovs_assert(istr_len(istr_fmt("%s", ds_cstr(&s))) == 5000);
    ds_destroy(&s);
    istr_pool_reset();
}

static const struct {
    const char *name;
    void (*run)(void);
} tests[] = {
    { "basic", test_basic }, { "cutoff", test_cutoff },
    { "absent", test_absent }, { "buckets", test_buckets },
    { "unique", test_unique }, { "merge", test_merge },
    { "tombstones", test_tombstones }, { "retain", test_retain },
    { "broad", test_broad }, { "diagnostics", test_diagnostics },
    { "oracle", test_oracle }, { "generations", test_generations },
    { "threads", test_threads }, { "istr", test_istr },
};

static void
test_inc(struct ovs_cmdl_context *ctx)
{
    for (size_t i = 0; i < ARRAY_SIZE(tests); i++) {
        if (ctx->argc < 2 || !strcmp(ctx->argv[1], tests[i].name)) {
            tests[i].run();
        }
    }
}

OVSTEST_REGISTER("inc", test_inc);

/* ---- What must not be, and what people see. ---- */

/* A rule reads what a rule below it fills. */
static void
test_inc_order(struct ovs_cmdl_context *ctx)
{
    bool reader_first = ctx->argc > 1;
    const struct inc_rule *const wrong[] = {
        &rule_fact, reader_first ? &rule_flow : &rule_name,
        reader_first ? &rule_name : &rule_flow, &rule_fact, NULL
    };
    struct inc *inc = inc_create(&(struct inc_config) {
        .name = "wrong", .tables = tables, .indexes = indexes, .rules = wrong,
    });

    set_port(1, "a", 1, NULL);
    inc_run(inc);
    inc_destroy(inc);
}

OVSTEST_REGISTER("inc-order", test_inc_order);

static void
server_port(struct unixctl_conn *conn, int argc, const char *argv[],
            void *aux OVS_UNUSED)
{
    set_port(atoi(argv[1]), argv[2], atoi(argv[3]),
             argc > 4 ? argv[4] : NULL);
    unixctl_command_reply(conn, NULL);
}

static void
server_exit(struct unixctl_conn *conn, int argc OVS_UNUSED,
            const char *argv[] OVS_UNUSED, void *exiting)
{
    *(bool *) exiting = true;
    unixctl_command_reply(conn, NULL);
}

/* inc-server SOCKET: runs the model, for the engine's commands. */
static void
test_inc_server(struct ovs_cmdl_context *ctx)
{
    struct unixctl_server *server;
    struct inc *inc = start();
    bool exiting = false;

    int error = unixctl_server_create(ctx->argv[1], &server);
    ovs_assert(!error);
    unixctl_command_register("port", "ID NAME SWITCH [PEER]", 3, 4,
                             server_port, NULL);
    unixctl_command_register("exit", "", 0, 0, server_exit, &exiting);
    inc_unixctl_register(inc);
    while (!exiting) {
        inc_run(inc);
        unixctl_server_run(server);
        unixctl_server_wait(server);
        if (exiting || inc_is_dirty(inc)) {
            poll_immediate_wake();
        }
        poll_block();
    }
    unixctl_server_destroy(server);
    inc_destroy(inc);
}

OVSTEST_REGISTER("inc-server", test_inc_server);
