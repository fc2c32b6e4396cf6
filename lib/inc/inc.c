/* The engine: units, input rows, runs. */
#include <config.h>
#include "lib/inc/inc-private.h"

#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "hash.h"
#include "openvswitch/poll-loop.h"
#include "simap.h"
#include "timeval.h"
#include "unixctl.h"

VLOG_DEFINE_THIS_MODULE(inc);

COVERAGE_DEFINE(inc_run);
COVERAGE_DEFINE(inc_extra_pass);

/* A run ends after so many passes over the rules, even if pools keep sending
 * it back. */
#define MAX_PASSES 32

/* ---- Units. ---- */

/* Makes sure that 'unit' runs (again), or, if it is dead, that what it emitted
 * goes. */
void
unit_mark(struct inc *inc, struct inc_unit *unit)
{
    if (!unit->dirty && unit->rule < inc->n_rules) {
        struct rule_rt *rule = &inc->rules[unit->rule];
        unit->dirty = true;
        VEC_PUSH(rule->dirty, rule->n_dirty, rule->cap_dirty, unit);
        inc->n_dirty++;
    }
}

/* Marks all units of the rules in bitmap 'rules'.  Looks at all units there
 * are: for rare events only. */
void
unit_mark_rules(struct inc *inc, const uint64_t *rules)
{
    for (size_t i = 0; i < inc->n_units; i++) {
        struct inc_unit *unit = inc->units[i];
        if (unit && rules[unit->rule / 64] & UINT64_C(1) << unit->rule % 64) {
            unit_mark(inc, unit);
        }
    }
}

/* Creates the unit of 'rule' for 'row' and adds it to '*list', if nonnull. */
struct inc_unit *
unit_create(struct inc *inc, size_t rule, const void *row,
            struct inc_unit **list)
{
    struct inc_unit *unit = slab_alloc(&inc->slab, sizeof *unit);
    uint32_t id;

    if (inc->n_free_ids) {
        /* Its generation went up when its former owner died. */
        id = inc->free_ids[--inc->n_free_ids];
    } else {
        ovs_assert(inc->n_units < EDGE_UNIT_MAX);
        if (inc->n_units == inc->cap_units) {
            inc->cap_units = MAX(64, inc->cap_units + inc->cap_units / 2);
            inc->units = xrealloc(inc->units,
                                  inc->cap_units * sizeof *inc->units);
            inc->gens = xrealloc(inc->gens,
                                 inc->cap_units * sizeof *inc->gens);
        }
        id = inc->n_units++;
        inc->gens[id] = 0;
    }
    *unit = (struct inc_unit) { .row = row, .id = id, .rule = rule };
    if (list) {
        unit->next = *list;
        *list = unit;
    }
    inc->units[id] = unit;
    inc->rules[rule].n_units++;
    unit_mark(inc, unit);
    return unit;
}

/* Creates the units of 'n' rules for 'row'. */
void
units_create(struct inc *inc, const uint16_t *rules, size_t n,
             const void *row, struct inc_unit **list)
{
    for (size_t i = 0; i < n; i++) {
        unit_create(inc, rules[i], row, list);
    }
}

static void
unit_kill(struct inc *inc, struct inc_unit *unit)
{
    unit->dead = true;
    unit->next = NULL;
    inc->rules[unit->rule].n_units--;
    inc->gens[unit->id] = (inc->gens[unit->id] + 1) & EDGE_GEN_MAX;
    if (unit->rule == inc->n_rules) {
        /* The conflict rule never runs. */
        unit_commit(inc, unit, NULL, 0);
    } else {
        unit_mark(inc, unit);
    }
    VEC_PUSH(inc->dead, inc->n_dead, inc->cap_dead, unit);
}

/* Kills the units in 'list': what they emitted goes when it is their rules'
 * turn. */
void
units_kill(struct inc *inc, struct inc_unit **list)
{
    struct inc_unit *unit = *list;

    *list = NULL;
    while (unit) {
        struct inc_unit *next = unit->next;
        unit_kill(inc, unit);
        unit = next;
    }
}

static void
unit_free(struct inc *inc, struct inc_unit *unit)
{
    inc->units[unit->id] = NULL;
    VEC_PUSH(inc->free_ids, inc->n_free_ids, inc->cap_free_ids, unit->id);
    slab_free(&inc->slab, unit->out, unit->n_out * sizeof *unit->out);
    slab_free(&inc->slab, unit, sizeof *unit);
}

static bool
rule_is_bucket_driven(const struct inc *inc, size_t rule)
{
    return rule < inc->n_rules && inc->rules[rule].rule->bucket_driver;
}

/* Returns the row by whose order the unit takes its place, or NULL. */
static const struct inc_row *
unit_row(const struct inc *inc, const struct inc_unit *unit)
{
    if (!rule_is_bucket_driven(inc, unit->rule)) {
        return unit->row;
    }
    const struct inc_bucket *bucket = unit->row;
    return bucket->n_sorted ? bucket_rows(bucket)[0] : NULL;
}

uint64_t
unit_order(const struct inc *inc, const struct inc_unit *unit)
{
    const struct inc_row *row = unit_row(inc, unit);
    return row ? row->order : 0;
}

/* Compares units by the order of their rows. */
int
unit_cmp(const struct inc *inc, const struct inc_unit *a,
         const struct inc_unit *b)
{
    const struct inc_row *ra = unit_row(inc, a);
    const struct inc_row *rb = unit_row(inc, b);

    if (ra && rb && ra != rb) {
        return row_cmp(ra, rb);
    } else if (!ra != !rb) {
        return ra ? 1 : -1;
    } else if (a->rule != b->rule) {
        return a->rule < b->rule ? -1 : 1;
    } else {
        return a->id < b->id ? -1 : a->id > b->id;
    }
}

void
unit_describe(const struct inc *inc, const struct inc_unit *unit,
              struct ds *s)
{
    ds_put_cstr(s, inc->rules[unit->rule].rule->name);
    if (unit->row) {
        ds_put_cstr(s, " of ");
        if (rule_is_bucket_driven(inc, unit->rule)) {
            bucket_describe(unit->row, s);
        } else {
            row_describe(unit->row, s);
        }
    }
}

/* Notes that 'row' is to be freed at the end of the run, unless it has come
 * back by then. */
void
doom(struct inc *inc, struct inc_row *row)
{
    if (!(row->flags & ROW_DOOMED)) {
        row->flags |= ROW_DOOMED;
        VEC_PUSH(inc->doomed, inc->n_doomed, inc->cap_doomed, row);
    }
}

/* ---- Input. ---- */

void
inc_input_insert(struct inc_table *table, struct inc_row *row)
{
    ovs_assert(table->kind == INC_INPUT && !table->inc->running);
    row->table = table;
    row->flags |= ROW_IN_TABLE;
    hmap_insert(&table->rows, &row->node, hash_uint64(row->order));
    row_appeared(row);
}

void
inc_input_changed(struct inc_row *row, uint32_t mask)
{
    ovs_assert(row->table->kind == INC_INPUT && !row->table->inc->running);
    row_changed(row, NULL, mask & INC_ALL);
}

void
inc_input_delete(struct inc_row *row)
{
    ovs_assert(row->table->kind == INC_INPUT && !row->table->inc->running);
    row_gone(row, row->table->value_size ? inc_value(row) : NULL);
    hmap_remove(&row->table->rows, &row->node);
    row->flags &= ~ROW_IN_TABLE;
}

void
inc_input_set(struct inc_table *table, const void *value)
{
    struct inc *inc = table->inc;
    struct inc_row *row = inc_row_by_key(table, value);

    ovs_assert(table->kind == INC_INPUT && !inc->running);
    if (row) {
        uint32_t mask = value_diff(table, inc_value(row), value);
        if (mask) {
            void *old = xmemdup(inc_value(row), table->value_size);
            value_ref(table, value);
            memcpy(row_value(row), value, table->value_size);
            row_changed(row, old, mask);
            value_unref(table, old);
            free(old);
        }
        return;
    }
    row = slab_alloc(&inc->slab, table->rt->row_size);
    memset(row, 0, table->rt->row_size);
    row->table = table;
    row->flags = ROW_IN_TABLE;
    memcpy(row_value(row), value, table->value_size);
    value_ref(table, value);
    hmap_insert(&table->rows, &row->node, key_hash(table, value));
    row->order = key_order(table, value);
    row_appeared(row);
}

void
inc_input_unset(struct inc_table *table, const void *key_value)
{
    struct inc_row *row = inc_row_by_key(table, key_value);
    if (row) {
        inc_input_delete(row);
    }
}

void
inc_input_clear(struct inc_table *table)
{
    struct inc_row *row, *next;

    HMAP_FOR_EACH_SAFE (row, next, node, &table->rows) {
        inc_input_delete(row);
    }
}

long long int
inc_input_expire(struct inc_table *table, long long int now,
                 long long int (*deadline)(const void *value))
{
    long long int first = LLONG_MAX;
    struct inc_row *row, *next;

    HMAP_FOR_EACH_SAFE (row, next, node, &table->rows) {
        long long int end = deadline(inc_value(row));
        if (now < end) {
            first = MIN(first, end);
        } else {
            inc_input_delete(row);
        }
    }
    return first;
}

/* ---- Running. ---- */

static void
free_doomed_rows(struct inc *inc)
{
    for (size_t i = 0; i < inc->n_doomed; i++) {
        struct inc_row *row = inc->doomed[i];
        row->flags &= ~ROW_DOOMED;
        if (!(row->flags & ROW_DEAD)) {
            continue;            /* It came back. */
        }
        if (row->table->kind == INC_OUTPUT) {
            /* A tombstone, until the sink has dealt with it.  If it came and
             * went unseen the sink knows nothing of it. */
            slot_destroy(inc, &row->slot);
            if (!(row->flags & ROW_SEEN)) {
                row_free(inc, row);
            }
        } else {
            row_free(inc, row);
        }
    }
    inc->n_doomed = 0;
}

static void
free_dead_units(struct inc *inc)
{
    for (size_t i = 0; i < inc->n_dead; i++) {
        unit_free(inc, inc->dead[i]);
    }
    inc->n_dead = 0;
}

/* Runs the rules once, in order. */
static void
run_pass(struct inc *inc)
{
    for (size_t i = 0; i < inc->n_rules; i++) {
        inc->cur = i;
        if (inc->rules[i].n_dirty) {
            rule_run(inc, i);
        }
        if (inc->n_unsettled_tables) {
            inc_table_settle(inc, true);
        }
    }
    inc->cur = -1;
    inc_table_settle(inc, true);
}

static void
run_passes(struct inc *inc)
{
    for (int i = 0;; i++) {
        if (!inc->n_dirty && !inc->n_unsettled_tables) {
            pool_run_done(inc);
            if (!inc->n_dirty) {
                break;
            }
        }
        if (i >= MAX_PASSES) {
            VLOG_ERR("%s: rules do not settle: after %d passes, %"PRIuSIZE" "
                     "units would have to run again", inc->name, i,
                     inc->n_dirty);
            break;
        }
        if (i) {
            COVERAGE_INC(inc_extra_pass);
        }
        run_pass(inc);
    }
}

static bool
run__(struct inc *inc)
{
    ovs_assert(!inc->running && !inc_ctx__);
    inc->running = true;
    inc->touched = false;
    index_settle(inc);
    COVERAGE_INC(inc_run);
    run_passes(inc);
    if (inc->journal) {
        journal_report(inc);
    }
    if (!inc->n_dirty) {
        free_dead_units(inc);
        free_doomed_rows(inc);
        index_gc(inc);
    }
    istr_pool_reset();
    watches_run_done(inc);
    inc->n_runs++;
    inc->running = false;
    return inc->touched;
}

bool
inc_run(struct inc *inc)
{
    bool touched = run__(inc);

    if (inc->verify && !inc->journal) {
        char *report = inc_verify(inc);
        if (report) {
            VLOG_FATAL("%s: a computation depends on something that is not "
                       "tracked:\n%s", inc->name, report);
        }
    }
    return touched;
}

bool
inc_is_dirty(const struct inc *inc)
{
    return (inc->n_dirty || inc->n_unsettled || inc->n_unsettled_tables
            || inc->n_doomed);
}

void
inc_recompute(struct inc *inc)
{
    for (size_t i = 0; i < inc->n_units; i++) {
        if (inc->units[i]) {
            unit_mark(inc, inc->units[i]);
        }
    }
}

/* ---- Life of an engine. ---- */

static size_t
count(const void *const *array)
{
    size_t n = 0;

    while (array && array[n]) {
        n++;
    }
    return n;
}

static const struct inc_rule conflict_rule = { .name = "conflict" };

static void
add_driven(uint16_t **drives, size_t *n, size_t rule)
{
    *drives = xrealloc(*drives, (*n + 1) * sizeof **drives);
    (*drives)[(*n)++] = rule;
}

static void
create_rules(struct inc *inc, const struct inc_config *config)
{
    inc->rules = xcalloc(inc->n_rules + 1, sizeof *inc->rules);
    inc->rules[inc->n_rules].rule = &conflict_rule;
    for (size_t i = 0; i < inc->n_rules; i++) {
        const struct inc_rule *rule = config->rules[i];
        struct inc_table *table = rule->driver;

        inc->rules[i].rule = rule;
        ovs_assert(!rule->driver || !rule->bucket_driver);
        if (rule->driver) {
            ovs_assert(table->inc == inc);
            add_driven(&table->rt->drives, &table->rt->n_drives, i);
        } else if (rule->bucket_driver) {
            struct inc_index *index = rule->bucket_driver;
            table = index->table;
            ovs_assert(index->rt);
            add_driven(&index->rt->drives, &index->rt->n_drives, i);
        } else {
            unit_create(inc, i, NULL, NULL);
        }
        if (table) {
            table->rt->min_read = MIN(table->rt->min_read, (int) i);
        }
    }
}

struct inc *
inc_create(const struct inc_config *config)
{
    struct inc *inc = xzalloc(sizeof *inc);

    inc->name = xstrdup(config->name);
    inc->n_rules = count((const void *const *) config->rules);
    inc->n_indexes = count((const void *const *) config->indexes);
    inc->n_threads = MAX(1, config->n_threads);
    inc->min_parallel = 128;     /* Fewer units are not worth waking up. */
    inc->cur = -1;
    inc->pools_open = true;
    ovs_list_init(&inc->pools);
    const char *verify = getenv("OVN_VERIFY");
    inc->verify = verify && !strcmp(verify, "1");
    inc->log_timeout_ms = -1;
    ovs_assert(inc->n_rules < UINT16_MAX);

    size_t n = count((const void *const *) config->tables);
    inc->tables = xcalloc(n + 1, sizeof *inc->tables);
    for (size_t i = 0; i < n; i++) {
        inc->tables[inc->n_tables++] = config->tables[i];
        inc_table_init(config->tables[i], inc);
    }
    diag_init(inc);

    inc->indexes = xcalloc(inc->n_indexes, sizeof *inc->indexes);
    for (size_t i = 0; i < inc->n_indexes; i++) {
        struct inc_index *index = config->indexes[i];
        struct inc_table_rt *rt = index->table->rt;

        ovs_assert(index->table->inc == inc && !index->rt);
        inc->indexes[i] = index;
        index_init(index, inc);
        rt->indexes = xrealloc(rt->indexes,
                               (rt->n_indexes + 1) * sizeof *rt->indexes);
        rt->indexes[rt->n_indexes++] = index;
    }
    create_rules(inc, config);
    return inc;
}

void
inc_set_n_threads(struct inc *inc, unsigned int n)
{
    ovs_assert(!inc->running);
    n = MAX(n, 1);
    if (n != inc->n_threads) {
        workers_destroy(inc);
        inc->n_threads = n;
    }
}

void
inc_tune(struct inc *inc, size_t batch, size_t min_parallel)
{
    inc->batch = batch;
    inc->min_parallel = min_parallel;
}

void
inc_destroy(struct inc *inc)
{
    if (!inc) {
        return;
    }
    ovs_assert(!inc->running);
    workers_destroy(inc);
    for (size_t i = 0; i < inc->n_doomed; i++) {
        struct inc_row *row = inc->doomed[i];
        if (!(row->flags & ROW_IN_TABLE)) {
            row->units = NULL;
            row_free(inc, row);
        }
    }
    for (size_t i = 0; i < inc->n_units; i++) {
        if (inc->units[i]) {
            unit_free(inc, inc->units[i]);
        }
    }
    for (size_t i = 0; i < inc->n_tables; i++) {
        if (inc->tables[i] != inc->diag) {
            inc_table_destroy(inc->tables[i]);
        }
    }
    diag_destroy(inc);
    for (size_t i = 0; i < inc->n_indexes; i++) {
        index_destroy(inc->indexes[i]);
    }
    pools_destroy(inc);
    watches_destroy(inc);
    for (size_t i = 0; i < inc->n_ctxs; i++) {
        ctx_destroy(inc->ctxs[i]);
    }
    for (size_t i = 0; i <= inc->n_rules; i++) {
        free(inc->rules[i].dirty);
    }
    explain_destroy(inc);
    slab_destroy(&inc->slab);
    keys_destroy(&inc->keys[0]);
    keys_destroy(&inc->keys[1]);
    free(inc->ctxs);
    free(inc->recs);
    free(inc->tables);
    free(inc->indexes);
    free(inc->rules);
    free(inc->units);
    free(inc->gens);
    free(inc->free_ids);
    free(inc->doomed);
    free(inc->dead);
    free(inc->unsettled);
    free(inc->unsettled_tables);
    free(inc->scratch);
    free(inc->name);
    free(inc);
}
