/* Property test of the engine: random tables, indexes, rules and changes.
 * After each run nothing may change when everything runs again, and in the end
 * an engine that has only ever seen the final input must hold the same. */
#include "test-ovn.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "lib/inc/inc.h"
#include "openvswitch/dynamic-string.h"
#include "random.h"
#include "openvswitch/vlog.h"

#define N_INPUTS 3               /* The last one is broad. */
#define N_DERIVED 6
#define N_TABLES (N_INPUTS + N_DERIVED)
#define N_RULES 9
#define N_INDEXES (3 * (N_TABLES - 1))
#define N_IDS 25

/* All tables have the same fields. */
struct val {
    const struct inc_row *r;
    uint32_t k;
    bool flag;
    int64_t x;
    istr s;
    const struct inc_row *ref;
};
enum { C_R, C_K, C_FLAG, C_X, C_S, C_REF };

#define FIELD(NAME, TYPE, KEY)                                          \
    { .name = #NAME, .type = TYPE, .ofs = offsetof(struct val, NAME),   \
      .size = sizeof(((struct val *) NULL)->NAME), .key = KEY }
static const struct inc_field fields[] = {
    FIELD(r, INC_F_ROW, true), FIELD(k, INC_F_U32, true),
    FIELD(flag, INC_F_BOOL, false), FIELD(x, INC_F_I64, false),
    FIELD(s, INC_F_STR, false), FIELD(ref, INC_F_ROW, false),
};

/* The random model. */
struct rule_model {
    int out;                     /* Table. */
    int n_ops;
    uint32_t ops[6];             /* Random numbers, see interpret(). */
    int n_emits;
    uint32_t emits[3];
};
static struct {
    struct inc_table tables[N_TABLES];
    char table_names[N_TABLES][16];
    struct inc_index indexes[N_INDEXES];
    char index_names[N_INDEXES][16];
    struct inc_rule rules[N_RULES];
    char rule_names[N_RULES][16];
    struct rule_model models[N_RULES];
    int last_rule[N_TABLES];     /* That fills the table. */
} m;
static bool lose_reads;          /* To see that the test can fail. */

static const struct val *
read_row(const struct inc_row *row, int column)
{
    if (!lose_reads || column != C_X) {
        inc_read_row(row, INC_COL(column));
    }
    return inc_value(row);
}

static uint64_t
mix(uint64_t h, uint64_t x)
{
    return hash_uint64_basis(x, h) | (h ^ x) << 32;
}

/* Returns a table that 'rule' may read. */
static int
readable_table(int rule, uint32_t random)
{
    int t = random % (N_TABLES - 1);
    t += t >= N_INPUTS - 1;
    return m.last_rule[t] < rule ? t : t % (N_INPUTS - 1);
}

static struct inc_index *
readable_index(int rule, uint32_t random)
{
    int t = readable_table(rule, random / 3);
    return &m.indexes[3 * (t >= N_INPUTS ? t - 1 : t) + random % 3];
}

static uint64_t
read_bucket(const struct inc_bucket *bucket, uint32_t how, uint64_t h,
            const struct inc_row **cur)
{
    const struct inc_row *row;

    switch (how % 4) {
    case 0:
        return mix(h, inc_bucket_n(bucket));
    case 1:
        row = inc_bucket_first(bucket);
        if (row) {
            *cur = row;
        }
        return mix(h, !row);
    case 2:
        INC_BUCKET_FOR_EACH (row, bucket) {
            h += hash_uint64(read_row(row, C_X)->x);
        }
        return h;
    default:
        for (size_t i = 0; i < inc_bucket_n(bucket); i++) {
            row = inc_bucket_at(bucket, i);
            h = mix(h, read_row(row, C_K)->k);
        }
        return h;
    }
}

/* One step of a rule: looks at something, and may move on to another row. */
static uint64_t
interpret(int rule, uint32_t op, uint64_t h, const struct inc_row **cur)
{
    const struct inc_row *row = *cur;
    struct inc_table *table;
    uint32_t key;

    switch (op % 9) {
    case 0: case 1:
        return row ? mix(h, read_row(row, C_X)->x) : h;
    case 2:
        return row ? mix(h, istr_hash(read_row(row, C_S)->s)) : h;
    case 3:
        if (row && read_row(row, C_REF)->ref) {
            *cur = read_row(row, C_REF)->ref;
        }
        return mix(h, *cur == row);
    case 4: case 5:
        key = op / 1000 % 2 ? h % 5 : op / 2000 % 5;
        return read_bucket(inc_find(readable_index(rule, op / 9), &key,
                                    sizeof key), op / 500, h, cur);
    case 6:
        return read_bucket(inc_find(readable_index(rule, op / 27 * 3 + 2),
                                    cur, sizeof *cur), op / 500, h, cur);
    case 7:
        table = &m.tables[readable_table(rule, op / 9)];
        if (op / 90 % 2) {
            return mix(h, inc_table_n(table));
        }
        INC_FOR_EACH (row, table) {
            h += hash_uint64(read_row(row, C_FLAG)->flag);
        }
        return h;
    case 8:
    default:
        INC_FOR_EACH (row, &m.tables[N_INPUTS - 1]) {
            int column = op / 9 % 2 ? C_X : C_FLAG;
            const struct val *v = read_row(row, column);
            h += column == C_X ? v->x : v->flag;
        }
        return h;
    }
}

static void
run_rule(int rule, const struct inc_row *row)
{
    const struct rule_model *model = &m.models[rule];
    const struct inc_row *cur = row;
    uint64_t h = rule;

    for (int i = 0; i < model->n_ops; i++) {
        h = mix(h, interpret(rule, model->ops[i], h, &cur));
        if (i == 1 && h % 7 == 0) {
            break;
        }
    }
    for (int i = 0; i < model->n_emits; i++) {
        uint32_t e = model->emits[i];
        struct val v = {
            .r = e % 3 == 0 ? row : e % 3 == 1 ? cur : NULL,
            .k = e / 3 % 2 ? h % 6 : 0,
            .flag = h / 16 % 2,
            .x = h / 32 % 4,
            .s = istr_fmt("s%u", (unsigned int) (h / 128 % 3)),
            .ref = e / 6 % 2 ? cur : NULL,
        };
        if (h / 1024 % 4 != i) {
            inc_emit(&m.tables[model->out], &v);
        }
        h = mix(h, e);
    }
    if (h % 64 == 0) {
        invalid(row, "rule %d dislikes it", rule);
    }
}

/* Rules are functions, so each needs one. */
#define RULE_FUNCTION(N)                                                \
    static void run##N(const void *row) { run_rule(N, row); }           \
    static void run_bucket##N(const void *bucket)                       \
    { run_rule(N, inc_bucket_first(bucket)); }
RULE_FUNCTION(0) RULE_FUNCTION(1) RULE_FUNCTION(2)
RULE_FUNCTION(3) RULE_FUNCTION(4) RULE_FUNCTION(5)
RULE_FUNCTION(6) RULE_FUNCTION(7) RULE_FUNCTION(8)
static void (*const functions[])(const void *) = {
    run0, run1, run2, run3, run4, run5, run6, run7, run8
};
static void (*const bucket_functions[])(const void *) = {
    run_bucket0, run_bucket1, run_bucket2, run_bucket3, run_bucket4,
    run_bucket5, run_bucket6, run_bucket7, run_bucket8
};
BUILD_ASSERT_DECL(ARRAY_SIZE(functions) == N_RULES);

/* ---- Making a model. ---- */

static void
x_keys(const void *v_, struct inc_keys *keys)
{
    const struct val *v = v_;
    uint32_t key = v->x % 5;
    inc_keys_add(keys, &key, sizeof key);
}

static void
many_keys(const void *v_, struct inc_keys *keys)
{
    const struct val *v = v_;
    for (int64_t i = 0; i < v->x % 3; i++) {
        uint32_t key = (v->k + i * i + (v->s.s ? v->s.s[1] : 0)) % 5;
        inc_keys_add(keys, &key, sizeof key);
    }
}

static void
ref_keys(const void *v_, struct inc_keys *keys)
{
    const struct val *v = v_;
    inc_keys_add(keys, &v->ref, sizeof v->ref);
}

/* Commutative and associative. */
static void
merge(const void *const *in, size_t n, void *out_)
{
    struct val *out = out_;

    for (size_t i = 1; i < n; i++) {
        const struct val *v = in[i];
        out->flag |= v->flag;
        out->x = MAX(out->x, v->x);
        out->s = strcmp(v->s.s, out->s.s) > 0 ? v->s : out->s;
        out->ref = out->ref == v->ref ? out->ref : NULL;
    }
}

static void
conflict(const void *loser_, const void *winner_, struct ds *s)
{
    const struct val *loser = loser_;
    const struct val *winner = winner_;
    if (loser->x != winner->x) {
        ds_put_format(s, "%"PRId64" loses against %"PRId64, loser->x,
                      winner->x);
    }
}

static void
make_tables(void)
{
    for (int i = 0; i < N_TABLES; i++) {
        bool merges = random_range(2);
        snprintf(m.table_names[i], sizeof m.table_names[i], "t%d", i);
        m.tables[i] = (struct inc_table) {
            .name = m.table_names[i],
            .kind = (i < N_INPUTS ? INC_INPUT
                     : i % 2 ? INC_OUTPUT : INC_DERIVED),
            .value_size = sizeof(struct val),
            .fields = fields,
            .n_fields = ARRAY_SIZE(fields),
            .combine = merges ? INC_MERGE : INC_UNIQUE,
            .merge = merges ? merge : NULL,
            .conflict = merges || random_range(2) ? NULL : conflict,
            .broad = i == N_INPUTS - 1,
        };
        m.last_rule[i] = -1;
    }
    for (int i = 0; i < N_INDEXES; i++) {
        static const struct {
            void (*keys)(const void *, struct inc_keys *);
            uint32_t mask;
        } types[3] = {
            { x_keys, INC_COL(C_X) },
            { many_keys, INC_COL(C_K) | INC_COL(C_X) | INC_COL(C_S) },
            { ref_keys, INC_COL(C_REF) },
        };
        int t = i / 3;
        snprintf(m.index_names[i], sizeof m.index_names[i], "i%d", i);
        m.indexes[i] = (struct inc_index) {
            .name = m.index_names[i],
            .table = &m.tables[t + (t >= N_INPUTS - 1)],
            .keys = types[i % 3].keys, .mask = types[i % 3].mask,
        };
    }
}

static void
make_rules(void)
{
    int out = N_INPUTS;

    for (int i = 0; i < N_RULES; i++) {
        struct rule_model *model = &m.models[i];
        out += i && out < N_TABLES - 1 && random_range(3) > 0;
        model->out = out;
        m.last_rule[out] = i;
        model->n_ops = 1 + random_range(ARRAY_SIZE(model->ops));
        for (int j = 0; j < model->n_ops; j++) {
            model->ops[j] = random_uint32();
        }
        model->n_emits = 1 + random_range(ARRAY_SIZE(model->emits));
        for (int j = 0; j < model->n_emits; j++) {
            model->emits[j] = random_uint32();
        }
    }
    for (int i = 0; i < N_RULES; i++) {
        struct inc_rule *rule = &m.rules[i];
        uint32_t random = random_uint32();
        snprintf(m.rule_names[i], sizeof m.rule_names[i], "r%d", i);
        *rule = (struct inc_rule) { .name = m.rule_names[i],
                                    .run = functions[i] };
        if (random % 8 == 0) {
            /* A single unit. */
        } else if (random % 4 == 1) {
            rule->bucket_driver = readable_index(i, random / 8);
            rule->run = bucket_functions[i];
        } else {
            rule->driver = &m.tables[readable_table(i, random / 8)];
        }
        rule->flags = random % 5 ? 0 : INC_SERIAL;
    }
}

static struct inc *
start(unsigned int n_threads)
{
    struct inc_table *tables[N_TABLES + 1] = { NULL };
    struct inc_index *indexes[N_INDEXES + 1] = { NULL };
    const struct inc_rule *rules[N_RULES + 1] = { NULL };

    for (int i = 0; i < N_TABLES; i++) {
        tables[i] = &m.tables[i];
    }
    for (int i = 0; i < N_INDEXES; i++) {
        indexes[i] = &m.indexes[i];
    }
    for (int i = 0; i < N_RULES; i++) {
        rules[i] = &m.rules[i];
    }
    struct inc *inc = inc_create(&(struct inc_config) {
        .name = "random", .tables = tables, .indexes = indexes,
        .rules = rules, .n_threads = n_threads });
    inc_tune(inc, 1 + random_range(40), 2);
    return inc;
}

/* ---- Input. ---- */

static struct {
    bool present;
    bool flag;
    int64_t x;
    int s;
    int ref;                     /* Id in table 0, or -1. */
} input[N_INPUTS][N_IDS];

static void
apply_input(int t, int id)
{
    struct val v = {
        .k = id, .flag = input[t][id].flag, .x = input[t][id].x,
        .s = istr_fmt("s%d", input[t][id].s),
    };

    if (input[t][id].present) {
        inc_input_set(&m.tables[t], &v);
    } else {
        inc_input_unset(&m.tables[t], &v);
    }
}

static void
change_input(void)
{
    int t = random_range(N_INPUTS);
    int id = random_range(t == N_INPUTS - 1 ? 2 : N_IDS);

    switch (random_range(8)) {
    case 0: case 1: case 2:
        input[t][id].present = true;
        /* fall through */
    case 3: case 4:
        input[t][id].x = random_range(6);
        break;
    case 5:
        input[t][id].s = random_range(4);
        break;
    case 6:
        input[t][id].flag = random_range(2);
        break;
    case 7:
        input[t][id].present = false;
        break;
    }
    apply_input(t, id);
    if (random_range(200) == 0) {
        inc_input_clear(&m.tables[t]);
        for (int i = 0; i < N_IDS; i++) {
            input[t][i].present = false;
        }
    }
}

/* ---- Comparing. ---- */

static void
row_text(const struct inc_row *row, struct ds *s)
{
    if (!row) {
        ds_put_cstr(s, "-");
        return;
    }
    const struct val *v = inc_value(row);
    ds_put_format(s, "%s(", row->table->name);
    row_text(v->r, s);
    ds_put_format(s, ",%u)", v->k);
}

static int
compare_strings(const void *a_, const void *b_)
{
    char *const *a = a_;
    char *const *b = b_;
    return strcmp(*a, *b);
}

/* Returns all that the engine holds, as text. */
static char *
dump(struct inc *inc)
{
    struct ds all = DS_EMPTY_INITIALIZER;

    for (int t = 0; t < N_TABLES; t++) {
        char **lines = xcalloc(inc_table_n(&m.tables[t]), sizeof *lines);
        const struct inc_row *row;
        size_t n = 0;

        INC_FOR_EACH (row, &m.tables[t]) {
            struct ds s = DS_EMPTY_INITIALIZER;
            const struct val *v = inc_value(row);
            row_text(row, &s);
            ds_put_format(&s, " %d %"PRId64" %s ", v->flag, v->x, v->s.s);
            row_text(v->ref, &s);
            lines[n++] = ds_steal_cstr(&s);
        }
        qsort(lines, n, sizeof *lines, compare_strings);
        for (size_t i = 0; i < n; i++) {
            ds_put_format(&all, "%s\n", lines[i]);
            free(lines[i]);
        }
        free(lines);
    }
    inc_diagnostics(inc, &all);
    return ds_steal_cstr(&all);
}

/* Drains some of what is touched, like a sink that is sometimes busy. */
static void
drain(void)
{
    for (int t = N_INPUTS; t < N_TABLES; t++) {
        struct inc_row *row;
        while (m.tables[t].kind == INC_OUTPUT && random_range(10)
               && (row = inc_touched_pop(&m.tables[t]))) {
            if (random_range(20) == 0) {
                inc_touch(row);
            } else {
                inc_row_release(row);
            }
        }
    }
}

/* Prints the first lines in which two dumps differ. */
static void
print_difference(uint32_t seed, char *a, char *b)
{
    char *save_a = NULL, *save_b = NULL;
    char *line_a = strtok_r(a, "\n", &save_a);
    char *line_b = strtok_r(b, "\n", &save_b);

    while (line_a && line_b && !strcmp(line_a, line_b)) {
        line_a = strtok_r(NULL, "\n", &save_a);
        line_b = strtok_r(NULL, "\n", &save_b);
    }
    printf("seed %"PRIu32": in the end there is\n  %s\nbut it should be\n"
           "  %s\n", seed, line_a ? line_a : "nothing",
           line_b ? line_b : "nothing");
}

/* Returns false if the oracle or the comparison found something. */
static bool
test_seed(uint32_t seed, int n_runs, unsigned int n_threads)
{
    bool ok = true;

    random_set_seed(seed);
    make_tables();
    make_rules();
    memset(input, 0, sizeof input);

    struct inc *inc = start(n_threads);
    for (int i = 0; i < n_runs && ok; i++) {
        for (int n = random_range(random_range(10) ? 6 : 60); n > 0; n--) {
            change_input();
        }
        inc_run(inc);
        char *report = inc_verify(inc);
        if (report) {
            if (!lose_reads) {
                printf("seed %"PRIu32", run %d:\n%s\n", seed, i, report);
            }
            free(report);
            ok = false;
        }
        drain();
    }
    char *incremental = dump(inc);
    inc_destroy(inc);

    inc = start(1);
    for (int t = 0; t < N_INPUTS; t++) {
        for (int i = 0; i < N_IDS; i++) {
            apply_input(t, i);
        }
    }
    inc_run(inc);
    char *fresh = dump(inc);
    inc_destroy(inc);
    if (ok && strcmp(incremental, fresh)) {
        if (!lose_reads) {
            print_difference(seed, incremental, fresh);
        }
        ok = false;
    }
    free(incremental);
    free(fresh);

    size_t n, bytes;
    istr_pool_reset();
    istr_usage(&n, &bytes);
    ovs_assert(!n);
    return ok;
}

/* inc-random SEED N-SEEDS N-RUNS N-THREADS [lose-reads] */
static void
test_inc_random(struct ovs_cmdl_context *ctx)
{
    uint32_t seed = atoi(ctx->argv[1]);
    int n_seeds = atoi(ctx->argv[2]);
    int n_bad = 0;

    vlog_set_levels_from_string_assert("ANY:off");
    setvbuf(stdout, NULL, _IOLBF, 0);
    lose_reads = ctx->argc > 5;
    if (lose_reads) {
        unsetenv("OVN_VERIFY");
    }
    for (int i = 0; i < n_seeds; i++) {
        n_bad += !test_seed(seed + i, atoi(ctx->argv[3]),
                            atoi(ctx->argv[4]));
    }
    if (lose_reads) {
        /* Rules that look at x without saying so: it has to be noticed. */
        ovs_assert(n_bad > n_seeds / 2);
    } else {
        ovs_assert(!n_bad);
    }
}

OVSTEST_REGISTER("inc-random", test_inc_random);
