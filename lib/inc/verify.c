/* The oracle: everything runs again, and nothing may change. */
#include <config.h>
#include "lib/inc/inc-private.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"

/* Where a row stood before everything ran again. */
struct journal_entry {
    struct hmap_node node;
    struct inc_row *row;
    void *old;                   /* Value, or NULL if there was none. */
};

struct journal {
    struct hmap entries;
    struct ds report;
    size_t n_lines;
};

#define MAX_LINES 50

static void OVS_PRINTF_FORMAT(2, 3)
complain(struct ds *s, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    ds_put_format_valist(s, fmt, args);
    va_end(args);
    ds_put_char(s, '\n');
}

/* A row is about to differ from 'old' (NULL: it was not there). */
void
journal_note(struct inc *inc, struct inc_row *row, const void *old)
{
    struct journal *journal = inc->journal;
    uint32_t hash = hash_pointer(row, 0);
    struct journal_entry *e;

    HMAP_FOR_EACH_WITH_HASH (e, node, hash, &journal->entries) {
        if (e->row == row) {
            return;
        }
    }
    e = xmalloc(sizeof *e);
    e->row = row;
    e->old = old ? xmemdup(old, row->table->value_size) : NULL;
    if (old) {
        value_ref(row->table, e->old);
    }
    hmap_insert(&journal->entries, &e->node, hash);
}

static void
report_contributors(const struct inc *inc, const struct inc_row *row,
                    struct ds *s)
{
    struct contrib stub;
    const struct contrib *contribs = row_contribs(row, &stub);

    for (size_t i = 0; i < MIN(row->n_contribs, 5); i++) {
        ds_put_cstr(s, i ? ", " : " by ");
        unit_describe(inc, contribs[i].unit, s);
    }
}

static void
report_entry(const struct inc *inc, const struct journal_entry *e,
             struct ds *s)
{
    const struct inc_row *row = e->row;
    const struct inc_table *table = row->table;
    bool dead = row->flags & ROW_DEAD;
    uint32_t mask = (e->old && !dead
                     ? value_diff(table, e->old, inc_value(row))
                     : e->old || !dead ? INC_ALL : 0);

    if (!mask) {
        return;
    }
    ds_put_format(s, "table %s: ", table->name);
    if (!e->old) {
        ds_put_cstr(s, "row was missing: ");
        value_format(table, inc_value(row), false, s);
    } else if (dead) {
        ds_put_cstr(s, "row should be gone: ");
        value_format(table, e->old, false, s);
    } else {
        ds_put_cstr(s, "row ");
        value_format(table, e->old, true, s);
        for (size_t i = 0; i < table->n_fields; i++) {
            const struct inc_field *f = &table->fields[i];
            if (!field_equal(f, e->old, inc_value(row))) {
                ds_put_format(s, "; %s was ", f->name);
                field_format(f, e->old, s);
                ds_put_cstr(s, " and should be ");
                field_format(f, inc_value(row), s);
            }
        }
    }
    report_contributors(inc, row, s);
    ds_put_char(s, '\n');
}

/* Compares what changed in the run with how it was before. */
void
journal_report(struct inc *inc)
{
    struct journal *journal = inc->journal;
    struct journal_entry *e;

    HMAP_FOR_EACH_POP (e, node, &journal->entries) {
        if (journal->n_lines < MAX_LINES) {
            size_t length = journal->report.length;
            report_entry(inc, e, &journal->report);
            journal->n_lines += journal->report.length > length;
        }
        if (e->old) {
            value_unref(e->row->table, e->old);
            free(e->old);
        }
        free(e);
    }
}

static size_t
count_units(const struct inc_unit *unit, size_t max_rule)
{
    size_t n = 0;

    for (; unit; unit = unit->next) {
        n += unit->rule < max_rule && !unit->dead;
    }
    return n;
}

static void
verify_row(const struct inc *inc, const struct inc_row *row, struct ds *s)
{
    const struct inc_table *table = row->table;

    if (count_units(row->units, inc->n_rules) != table->rt->n_drives) {
        ds_put_format(s, "table %s: wrong number of units for ", table->name);
        row_describe(row, s);
        ds_put_char(s, '\n');
    }
}

static size_t
verify_table(const struct inc *inc, struct inc_table *table, struct ds *s)
{
    size_t n_contribs = 0, n = 0;
    const struct inc_row *row;

    INC_FOR_EACH (row, table) {
        verify_row(inc, row, s);
        if (table->kind != INC_INPUT) {
            n_contribs += row->n_contribs;
        }
        n++;
    }
    if (n != table->rt->n_live) {
        complain(s, "table %s: %"PRIuSIZE" rows, but %"PRIuSIZE" counted",
                 table->name, n, table->rt->n_live);
    }
    return n_contribs;
}

/* Computes the keys of all rows of the index's table afresh and looks for each
 * row in its buckets. */
static void
verify_index(struct inc *inc, struct inc_index *index, struct ds *s)
{
    struct inc_keys *keys = &inc->keys[0];
    size_t n = 0, n_found = 0, n_empty = 0;
    const struct inc_bucket *bucket;
    const struct inc_row *row;

    INC_FOR_EACH (row, index->table) {
        index_collect(index, (index->table->value_size ? inc_value(row) : row),
                      keys);
        for (size_t i = 0; i < keys->n; i++) {
            const struct key *key = &keys->keys[i];
            bucket = index_lookup(index, key->p, key->len, key->hash);
            if (!bucket || !bucket_contains(bucket, row)) {
                ds_put_format(s, "index %s: not under its key: ",
                              index->name);
                row_describe(row, s);
                ds_put_char(s, '\n');
            }
            n++;
        }
    }
    HMAP_FOR_EACH (bucket, node, &index->rt->buckets) {
        n_found += bucket->n;
        n_empty += !bucket->n;
        if (count_units(bucket->units, inc->n_rules)
            != (bucket->n ? index->rt->n_drives : 0)) {
            complain(s, "index %s: wrong number of units for a bucket",
                     index->name);
        }
    }
    if (n != n_found) {
        complain(s, "index %s: %"PRIuSIZE" members, should be %"PRIuSIZE,
                 index->name, n_found, n);
    }
    if (n_empty != index->rt->n_empty) {
        complain(s, "index %s: %"PRIuSIZE" empty buckets, but %"PRIuSIZE" "
                 "counted", index->name, n_empty, index->rt->n_empty);
    }
}

/* Checks that units, rows and indexes agree with each other. */
void
verify_structure(struct inc *inc, struct ds *s)
{
    size_t n_contribs = 0, n_out = 0;

    for (size_t i = 0; i < inc->n_tables; i++) {
        n_contribs += verify_table(inc, inc->tables[i], s);
    }
    for (size_t i = 0; i < inc->n_indexes; i++) {
        verify_index(inc, inc->indexes[i], s);
    }
    for (size_t i = 0; i < inc->n_units; i++) {
        const struct inc_unit *unit = inc->units[i];
        for (size_t j = 0; unit && j < unit->n_out; j++) {
            if (!row_has_contrib(unit->out[j], unit)) {
                ds_put_cstr(s, "contribution lost of ");
                unit_describe(inc, unit, s);
                ds_put_char(s, '\n');
            }
        }
        n_out += unit ? unit->n_out : 0;
    }
    if (n_contribs != n_out) {
        complain(s, "rows have %"PRIuSIZE" contributions, but units made "
                 "%"PRIuSIZE, n_contribs, n_out);
    }
}

char *
inc_verify(struct inc *inc)
{
    struct journal journal = {
        .entries = HMAP_INITIALIZER(&journal.entries),
        .report = DS_EMPTY_INITIALIZER,
    };
    bool verify = inc->verify;

    inc->verify = false;
    if (inc_is_dirty(inc)) {
        inc_run(inc);
    }

    /* People and tests look at the counters. */
    struct inc_rule_stats *stats = xmalloc(inc->n_rules * sizeof *stats);
    for (size_t i = 0; i < inc->n_rules; i++) {
        stats[i] = inc->rules[i].stats;
    }

    verify_structure(inc, &journal.report);
    inc_recompute(inc);
    inc->journal = &journal;
    inc_run(inc);
    inc->journal = NULL;
    inc->verify = verify;

    for (size_t i = 0; i < inc->n_rules; i++) {
        inc->rules[i].stats = stats[i];
    }
    free(stats);
    hmap_destroy(&journal.entries);
    if (!journal.report.length) {
        ds_destroy(&journal.report);
        return NULL;
    }
    return ds_steal_cstr(&journal.report);
}
