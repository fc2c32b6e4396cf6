/* Rows of derived tables: contributions of units become rows, and changes of
 * rows become work for other units. */
#include <config.h>
#include "lib/inc/inc-private.h"

#include <stdlib.h>
#include <string.h>

/* ---- A row appears, changes or goes, as others see it. ---- */

static void
row_touch_output(struct inc_row *row)
{
    if (row->table->kind == INC_OUTPUT) {
        row->table->inc->touched = true;
        inc_touch(row);
    }
}

static void
row_on_change(struct inc_row *row, uint32_t mask)
{
    row_touch_output(row);
    if (row->table->on_change) {
        row->table->on_change(row, mask);
    }
}

void
row_appeared(struct inc_row *row)
{
    struct inc_table *table = row->table;
    struct inc *inc = table->inc;

    row->flags = (row->flags & ~ROW_DEAD) | ROW_SEEN;
    table->rt->n_live++;
    slot_fire(inc, &table->slot, MEMBERS);
    index_row_inserted(row);
    units_create(inc, table->rt->drives, table->rt->n_drives, row,
                 &row->units);
    row_on_change(row, INC_ALL);
}

/* 'old' is the value before, or NULL for a table without value struct. */
void
row_changed(struct inc_row *row, const void *old, uint32_t mask)
{
    row_fire(row, mask);
    index_row_changed(row, old, mask);
    row_on_change(row, mask);
}

void
row_gone(struct inc_row *row, const void *old)
{
    struct inc_table *table = row->table;
    struct inc *inc = table->inc;

    row->flags |= ROW_DEAD;
    table->rt->n_live--;
    row_fire(row, INC_ALL);
    slot_fire(inc, &table->slot, MEMBERS);
    index_row_deleted(row, old);
    units_kill(inc, &row->units);
    doom(inc, row);
    row_on_change(row, INC_ALL);
}

/* ---- Memory of rows with a value struct. ---- */

static struct inc_row *
row_create(struct inc_table *table, const void *value, uint32_t hash)
{
    struct inc_table_rt *rt = table->rt;
    struct inc_row *row = slab_alloc(&table->inc->slab, rt->row_size);

    memset(row, 0, rt->row_size);
    row->table = table;
    row->flags = ROW_IN_TABLE | ROW_DEAD;
    memcpy(row_value(row), value, table->value_size);
    value_ref(table, value);
    hmap_insert(&table->rows, &row->node, hash);
    return row;
}

/* Frees a row that nothing refers to. */
void
row_free(struct inc *inc, struct inc_row *row)
{
    struct inc_table *table = row->table;

    ovs_assert(!row->units && !(row->flags & ROW_PENDING));
    if (row->flags & ROW_IN_TABLE) {
        hmap_remove(&table->rows, &row->node);
    }
    slot_destroy(inc, &row->slot);
    if (!table->value_size) {
        free(row->contribs);
        row->contribs = NULL;
        if (table->free_row) {
            table->free_row(row);
        }
        return;
    }
    value_unref(table, row_value(row));
    slab_free(&inc->slab, row, table->rt->row_size);
}

static void *
value_create(struct inc_table *table, const void *value)
{
    void *copy = slab_alloc(&table->inc->slab, table->value_size);
    memcpy(copy, value, table->value_size);
    value_ref(table, copy);
    return copy;
}

static void
value_destroy(struct inc_table *table, void *value)
{
    if (value) {
        value_unref(table, value);
        slab_free(&table->inc->slab, value, table->value_size);
    }
}

static void
row_set_value(struct inc_row *row, const void *value)
{
    struct inc_table *table = row->table;

    value_ref(table, value);
    value_unref(table, row_value(row));
    memcpy(row_value(row), value, table->value_size);
}

static struct inc_row *
row_lookup(const struct inc_table *table, const void *value, uint32_t hash)
{
    struct inc_row *row;

    HMAP_FOR_EACH_WITH_HASH (row, node, hash, &table->rows) {
        if (key_equal(table, inc_value(row), value)) {
            return row;
        }
    }
    return NULL;
}

/* ---- Contributions. ---- */

/* Notes that 'row' is about to change: it will be compared with what it is
 * now. */
static void
row_save(struct inc_row *row)
{
    struct inc_table *table = row->table;
    struct inc_table_rt *rt = table->rt;

    if (!(row->flags & ROW_PENDING)) {
        row->flags |= ROW_PENDING;
        struct pending p = {
            .row = row,
            .old = (row->flags & ROW_DEAD ? NULL
                    : value_create(table, row_value(row))),
        };
        VEC_PUSH(rt->pending, rt->n_pending, rt->cap_pending, p);
        if (rt->n_pending == 1) {
            struct inc *inc = table->inc;
            VEC_PUSH(inc->unsettled_tables, inc->n_unsettled_tables,
                     inc->cap_unsettled_tables, table);
        }
    }
}

/* Returns the contributions to 'row', row->n_contribs of them.  A single one
 * is put into '*stub'. */
const struct contrib *
row_contribs(const struct inc_row *row, struct contrib *stub)
{
    if (row->n_contribs != 1) {
        return row->contribs;
    }
    *stub = (struct contrib) {
        .unit = row->contribs,
        .value = CONST_CAST(void *, inc_value(row)),
    };
    return stub;
}

/* Several contributions stand by unit id, in an array with room for the next
 * power of two. */
static size_t
contribs_size(size_t n)
{
    return ROUND_UP_POW2(n) * sizeof(struct contrib);
}

static size_t
contrib_search(const struct inc_row *row, const struct inc_unit *unit)
{
    const struct contrib *contribs = row->contribs;
    size_t lo = 0, hi = row->n_contribs;

    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (contribs[mid].unit->id < unit->id) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo;
}

bool
row_has_contrib(const struct inc_row *row, const struct inc_unit *unit)
{
    if (row->n_contribs <= 1) {
        return row->n_contribs && row->contribs == unit;
    }
    size_t i = contrib_search(row, unit);
    const struct contrib *contribs = row->contribs;
    return i < row->n_contribs && contribs[i].unit == unit;
}

static void
contrib_insert(struct inc_row *row, struct inc_unit *unit, const void *value)
{
    struct slab *slab = &row->table->inc->slab;
    size_t n = row->n_contribs;
    struct contrib *contribs = row->contribs;

    if (n == 1) {
        struct contrib first = {
            row->contribs, value_create(row->table, row_value(row))
        };
        contribs = slab_alloc(slab, contribs_size(2));
        contribs[0] = first;
    } else if (IS_POW2(n)) {
        contribs = slab_alloc(slab, contribs_size(n + 1));
        memcpy(contribs, row->contribs, n * sizeof *contribs);
        slab_free(slab, row->contribs, contribs_size(n));
    }
    row->contribs = contribs;
    size_t i = contrib_search(row, unit);
    memmove(&contribs[i + 1], &contribs[i], (n - i) * sizeof *contribs);
    contribs[i] = (struct contrib) { unit, value_create(row->table, value) };
    row->n_contribs++;
}

/* Makes 'value' the contribution of 'unit' to 'row'.  Returns true if that
 * differs from what it was. */
static bool
contrib_set(struct inc_row *row, struct inc_unit *unit, const void *value)
{
    struct inc_table *table = row->table;

    if (!row->n_contribs) {
        row_save(row);
        row_set_value(row, value);
        row->contribs = unit;
        row->n_contribs = 1;
    } else if (!row_has_contrib(row, unit)) {
        row_save(row);
        contrib_insert(row, unit, value);
    } else if (row->n_contribs == 1) {
        if (!value_diff(table, row_value(row), value)) {
            return false;
        }
        row_save(row);
        row_set_value(row, value);
    } else {
        struct contrib *contribs = row->contribs;
        struct contrib *c = &contribs[contrib_search(row, unit)];
        if (!value_diff(table, c->value, value)) {
            return false;
        }
        row_save(row);
        value_destroy(table, c->value);
        c->value = value_create(table, value);
    }
    return true;
}

static void
contrib_remove(struct inc_row *row, struct inc_unit *unit)
{
    struct inc_table *table = row->table;
    struct slab *slab = &table->inc->slab;

    row_save(row);
    if (row->n_contribs == 1) {
        ovs_assert(row->contribs == unit);
        row->contribs = NULL;
        row->n_contribs = 0;
        return;
    }

    struct contrib *contribs = row->contribs;
    size_t i = contrib_search(row, unit);
    size_t n = row->n_contribs;
    ovs_assert(i < n && contribs[i].unit == unit);
    value_destroy(table, contribs[i].value);
    memmove(&contribs[i], &contribs[i + 1], (n - i - 1) * sizeof *contribs);
    n = --row->n_contribs;
    if (n == 1) {
        struct contrib last = contribs[0];
        row_set_value(row, last.value);
        value_destroy(table, last.value);
        slab_free(slab, contribs, contribs_size(2));
        row->contribs = last.unit;
    } else if (IS_POW2(n)) {
        struct contrib *new = slab_alloc(slab, contribs_size(n));
        memcpy(new, contribs, n * sizeof *new);
        slab_free(slab, contribs, contribs_size(n + 1));
        row->contribs = new;
    }
}

/* A unit emitted the same key twice.  Merges its two values into one, or keeps
 * the first. */
static void
contrib_again(struct inc *inc, struct inc_row *row, struct inc_unit *unit,
              const void *value, struct emission **diag)
{
    struct inc_table *table = row->table;
    struct contrib stub;
    const struct contrib *c = row_contribs(row, &stub);

    if (row->n_contribs > 1) {
        c += contrib_search(row, unit);
    }
    if (!value_diff(table, c->value, value)) {
        return;
    } else if (table->combine == INC_MERGE) {
        const void *in[2] = { c->value, value };
        void *out = xmemdup(c->value, table->value_size);
        table->merge(in, 2, out);
        contrib_set(row, unit, out);
        free(out);
    } else if (table->conflict) {
        struct ds s = DS_EMPTY_INITIALIZER;
        table->conflict(value, c->value, &s);
        if (s.length) {
            free(*diag);
            diag_emission(inc, ds_cstr(&s), diag);
        }
        ds_destroy(&s);
    }
}

/* ---- Commit of a unit's execution. ---- */

/* Applies one emission of 'unit' and notes its row in inc->scratch.  Returns
 * true if that changed anything. */
static bool
emission_commit(struct inc *inc, struct inc_unit *unit,
                const struct emission *e, struct emission **diag)
{
    const void *value = e + 1;
    struct inc_row *row = row_lookup(e->table, value, e->hash);
    bool changed;

    if (row && row->flags & ROW_MINE) {
        contrib_again(inc, row, unit, value, diag);
        return true;
    }
    if (row) {
        changed = contrib_set(row, unit, value);
    } else {
        row = row_create(e->table, value, e->hash);
        row_save(row);
        row->contribs = unit;
        row->n_contribs = 1;
        changed = true;
    }
    row->flags |= ROW_MINE;
    VEC_PUSH(inc->scratch, inc->n_scratch, inc->cap_scratch, row);
    return changed;
}

/* Makes the 'n' emissions what 'unit' contributes: first takes what is new,
 * then drops what is no more, so that what remains is never gone in between.
 * Returns false if nothing changed. */
bool
unit_commit(struct inc *inc, struct inc_unit *unit, const void *emissions,
            uint32_t n)
{
    const struct emission *e = emissions;
    struct emission *diag = NULL;
    bool changed = false;

    inc->n_scratch = 0;
    for (uint32_t i = 0; i < n; i++) {
        changed |= emission_commit(inc, unit, e, &diag);
        e = (const void *) ((const char *) e + e->size);
    }
    if (diag) {
        changed |= emission_commit(inc, unit, diag, &diag);
        free(diag);
    }

    for (uint32_t i = 0; i < unit->n_out; i++) {
        if (!(unit->out[i]->flags & ROW_MINE)) {
            contrib_remove(unit->out[i], unit);
            changed = true;
        }
    }
    for (size_t i = 0; i < inc->n_scratch; i++) {
        inc->scratch[i]->flags &= ~ROW_MINE;
    }

    if (inc->n_scratch != unit->n_out) {
        slab_free(&inc->slab, unit->out, unit->n_out * sizeof *unit->out);
        unit->n_out = inc->n_scratch;
        unit->out = (unit->n_out
                     ? slab_alloc(&inc->slab, unit->n_out * sizeof *unit->out)
                     : NULL);
    }
    if (unit->n_out) {
        memcpy(unit->out, inc->scratch, unit->n_out * sizeof *unit->out);
    }
    return changed;
}

/* Lets the rows that 'units' share with other units find out again whose
 * contribution wins. */
void
units_reorder(struct inc_unit *units)
{
    for (; units; units = units->next) {
        for (uint32_t i = 0; i < units->n_out; i++) {
            struct inc_row *row = units->out[i];
            if (row->n_contribs > 1 && row->table->combine == INC_UNIQUE) {
                row_save(row);
            }
        }
    }
}

/* ---- Changes of rows take effect. ---- */

/* Computes the value of a row with several contributions. */
static void
row_combine(struct inc *inc, struct inc_row *row)
{
    struct inc_table *table = row->table;
    const struct contrib *contribs = row->contribs;
    size_t n = row->n_contribs;

    if (table->combine == INC_MERGE) {
        const void **in = xmalloc(n * sizeof *in);
        for (size_t i = 0; i < n; i++) {
            in[i] = contribs[i].value;
        }
        void *out = xmemdup(in[0], table->value_size);
        table->merge(in, n, out);
        row_set_value(row, out);
        free(out);
        free(in);
        return;
    }

    const struct contrib *winner = &contribs[0];
    for (size_t i = 1; i < n; i++) {
        if (unit_cmp(inc, contribs[i].unit, winner->unit) < 0) {
            winner = &contribs[i];
        }
    }
    row_set_value(row, winner->value);
    if (table->conflict) {
        diag_conflicts(inc, row, contribs, n, winner->unit);
    }
}

static void
pending_settle(struct inc *inc, struct pending *p)
{
    struct inc_row *row = p->row;
    struct inc_table *table = row->table;

    row->flags &= ~ROW_PENDING;
    if (row->n_contribs > 1) {
        row_combine(inc, row);
    } else if (row->flags & ROW_CONFLICT) {
        diag_conflicts(inc, row, NULL, 0, NULL);
    }

    uint32_t mask = 0;
    if (!p->old != !row->n_contribs) {
        mask = INC_ALL;
    } else if (p->old) {
        mask = value_diff(table, p->old, row_value(row));
    } else {
        doom(inc, row);          /* Came and went unseen. */
    }
    if (mask && inc->journal) {
        journal_note(inc, row, p->old);
    }
    if (!mask) {
        /* Early cutoff. */
    } else if (!p->old) {
        row->order = key_order(table, row_value(row));
        row_appeared(row);
    } else if (!row->n_contribs) {
        row_gone(row, p->old);
    } else {
        row_changed(row, p->old, mask);
    }
    value_destroy(table, p->old);
}

/* Settles the pending rows of 'table': all of them, or those that no other
 * rule is likely to have a word in. */
static void
table_settle_pending(struct inc *inc, struct inc_table *table, bool all)
{
    struct inc_table_rt *rt = table->rt;
    size_t n = 0;

    /* Settling adds nothing to any list but that of diagnostics. */
    for (size_t i = 0; i < rt->n_pending; i++) {
        if (all || rt->pending[i].row->n_contribs == 1) {
            struct pending p = rt->pending[i];
            pending_settle(inc, &p);
        } else {
            rt->pending[n++] = rt->pending[i];
        }
    }
    rt->n_pending = n;
    if (!n && rt->cap_pending > 4096) {
        free(rt->pending);
        rt->pending = NULL;
        rt->cap_pending = 0;
    }
}

/* Lets changes take effect that the running rule made.  A row that has
 * contributions from several units, or none any more, waits for the last of
 * the rules that fill its table, as far as known: what one rule drops another
 * one may bring back.  With 'all' the running rule is done; if none is running
 * the pass is. */
void
inc_table_settle(struct inc *inc, bool all)
{
    size_t n = 0;

    /* The list may grow by the table of diagnostics. */
    for (size_t i = 0; i < inc->n_unsettled_tables; i++) {
        struct inc_table *table = inc->unsettled_tables[i];
        struct inc_table_rt *rt = table->rt;
        if (!rt->late || inc->cur < 0) {
            table_settle_pending(inc, table,
                                 inc->cur < 0
                                 || (all && rt->max_emit <= inc->cur));
        }
        if (rt->n_pending) {
            inc->unsettled_tables[n++] = table;
        }
    }
    inc->n_unsettled_tables = n;
    index_settle(inc);
}

/* ---- Life of a table. ---- */

void
inc_table_init(struct inc_table *table, struct inc *inc)
{
    struct inc_table_rt *rt = xzalloc(sizeof *rt);

    ovs_assert(!table->rt);
    table->inc = inc;
    table->rt = rt;
    table->slot = (struct inc_slot) { .edges = NULL };
    hmap_init(&table->rows);
    while (rt->n_keys < table->n_fields && table->fields[rt->n_keys].key) {
        rt->n_keys++;
    }
    for (size_t i = rt->n_keys; i < table->n_fields; i++) {
        ovs_assert(!table->fields[i].key);
    }
    ovs_assert(table->value_size || table->kind == INC_INPUT);
    ovs_assert(table->combine != INC_MERGE || table->merge);
    rt->row_size = (sizeof(struct inc_row) + ROUND_UP(table->value_size, 8)
                    + table->aux_size);
    rt->min_read = INT_MAX;
    rt->max_emit = -1;
    if (table->broad) {
        for (size_t i = 0; i < ARRAY_SIZE(rt->readers); i++) {
            rt->readers[i] = xcalloc(inc->n_rules / 64 + 1,
                                     sizeof *rt->readers[i]);
        }
    }
}

/* Frees the table's rows, no matter who refers to them. */
void
inc_table_destroy(struct inc_table *table)
{
    struct inc_table_rt *rt = table->rt;
    struct inc *inc = table->inc;
    struct inc_row *row, *next;

    HMAP_FOR_EACH_SAFE (row, next, node, &table->rows) {
        if (table->value_size && row->n_contribs > 1) {
            struct contrib *contribs = row->contribs;
            for (size_t i = 0; i < row->n_contribs; i++) {
                value_destroy(table, contribs[i].value);
            }
            slab_free(&inc->slab, contribs, contribs_size(row->n_contribs));
        }
        row->units = NULL;
        row_free(inc, row);
    }
    hmap_destroy(&table->rows);
    slot_destroy(inc, &table->slot);
    for (size_t i = 0; i < ARRAY_SIZE(rt->readers); i++) {
        free(rt->readers[i]);
    }
    free(rt->pending);
    free(rt->touched);
    free(rt->drives);
    free(rt->indexes);
    free(rt);
    table->rt = NULL;
    table->inc = NULL;
}

/* ---- For rules and sinks. ---- */

const void *
inc_table_first(struct inc_table *table)
{
    struct inc_ctx *ctx = inc_ctx__;

    if (ctx) {
        read_log(ctx, &table->slot, MEMBERS, table, READ_TABLE, table);
    }
    return inc_table_next(table, NULL);
}

const void *
inc_table_next(struct inc_table *table, const void *row_)
{
    const struct inc_row *row = row_;
    struct hmap_node *node = (row ? hmap_next(&table->rows, &row->node)
                              : hmap_first(&table->rows));

    for (; node; node = hmap_next(&table->rows, node)) {
        row = CONTAINER_OF(node, struct inc_row, node);
        if (!(row->flags & ROW_DEAD)) {
            return row;
        }
    }
    return NULL;
}

size_t
inc_table_n(struct inc_table *table)
{
    struct inc_ctx *ctx = inc_ctx__;

    if (ctx) {
        read_log(ctx, &table->slot, MEMBERS, table, READ_TABLE, table);
    }
    return table->rt->n_live;
}

void *
inc_aux(const struct inc_row *row)
{
    return (CONST_CAST(char *, (const char *) (row + 1))
            + ROUND_UP(row->table->value_size, 8));
}

bool
inc_row_is_dead(const struct inc_row *row)
{
    return row->flags & ROW_DEAD;
}

struct inc_row *
inc_row_by_key(struct inc_table *table, const void *value)
{
    struct inc_row *row = row_lookup(table, value, key_hash(table, value));
    bool hidden = (row && row->flags & ROW_DEAD
                   && table->kind != INC_OUTPUT);
    return hidden ? NULL : row;
}

static void
touched_push(struct inc_row *row)
{
    struct inc_table_rt *rt = row->table->rt;

    row->flags |= ROW_TOUCHED;
    VEC_PUSH(rt->touched, rt->n_touched, rt->cap_touched, row);
}

void
inc_touch(struct inc_row *row)
{
    ovs_assert(row->table->kind == INC_OUTPUT);
    row->table->inc->touched = true;
    if (row->flags & ROW_RELEASE) {
        row->flags &= ~ROW_RELEASE;
        row->table->rt->n_released--;
    }
    if (!(row->flags & ROW_TOUCHED)) {
        touched_push(row);
    }
}

struct inc_row *
inc_touched_pop(struct inc_table *table)
{
    struct inc_table_rt *rt = table->rt;

    while (rt->touched_head < rt->n_touched) {
        struct inc_row *row = rt->touched[rt->touched_head++];
        row->flags &= ~ROW_TOUCHED;
        if (rt->touched_head == rt->n_touched) {
            rt->touched_head = rt->n_touched = 0;
            if (rt->cap_touched > 4096) {
                free(rt->touched);
                rt->touched = NULL;
                rt->cap_touched = 0;
            }
        }
        if (!(row->flags & ROW_RELEASE)) {
            return row;
        }
        row->flags &= ~ROW_RELEASE;
        rt->n_released--;
        inc_row_release(row);
    }
    return NULL;
}

size_t
inc_n_touched(const struct inc_table *table)
{
    const struct inc_table_rt *rt = table->rt;
    return rt->n_touched - rt->touched_head - rt->n_released;
}

/* Frees a dead row of an output table: the sink has dealt with it.  A row that
 * has come back to life stays. */
void
inc_row_release(struct inc_row *row)
{
    ovs_assert(row->table->kind == INC_OUTPUT && !row->table->inc->running);
    if (!(row->flags & ROW_DEAD)) {
        return;
    }
    if (row->flags & ROW_TOUCHED) {
        if (!(row->flags & ROW_RELEASE)) {
            row->flags |= ROW_RELEASE;
            row->table->rt->n_released++;
        }
    } else {
        row_free(row->table->inc, row);
    }
}
