/* Diagnostics: what is wrong with the input, as rows of a table.  A row
 * appears with its cause and goes with it. */
#include <config.h>
#include "lib/inc/inc-private.h"

#include <stdlib.h>
#include <string.h>

#include "sort.h"
#include "svec.h"

VLOG_DEFINE_THIS_MODULE(diagnostics);

struct diag_v {
    istr text;
};

static const struct inc_field diag_fields[] = {
    { .name = "text", .type = INC_F_STR, .ofs = offsetof(struct diag_v, text),
      .size = sizeof(istr), .key = true },
};

static const char *
diag_text(const struct inc_row *row)
{
    const struct diag_v *v = inc_value(row);
    return v->text.s;
}

static void
diag_on_change(const struct inc_row *row, uint32_t mask OVS_UNUSED)
{
    if (inc_row_is_dead(row)) {
        VLOG_INFO("resolved: %s", diag_text(row));
    } else {
        VLOG_WARN("%s", diag_text(row));
    }
}

void
diag_init(struct inc *inc)
{
    struct inc_table *table = inc->diag = xmalloc(sizeof *table);

    *table = (struct inc_table) {
        .name = "diagnostic",
        .kind = INC_DERIVED,
        .value_size = sizeof(struct diag_v),
        .fields = diag_fields,
        .n_fields = ARRAY_SIZE(diag_fields),
        .on_change = diag_on_change,
    };
    inc_table_init(table, inc);
    table->rt->late = true;
    inc->tables[inc->n_tables++] = table;
}

void
diag_destroy(struct inc *inc)
{
    inc_table_destroy(inc->diag);
    free(inc->diag);
}

void
invalid(const void *row, const char *fmt, ...)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    va_list args;

    ovs_assert(inc_ctx__);
    if (row) {
        row_describe(row, &s);
        ds_put_cstr(&s, ": ");
    }
    va_start(args, fmt);
    ds_put_format_valist(&s, fmt, args);
    va_end(args);

    struct diag_v v = { istr_intern(ds_cstr(&s)) };
    inc_emit(inc_ctx__->p->inc->diag, &v);
    ds_destroy(&s);
}

/* Stores in '*ep' an emission of a diagnostic, which the caller frees. */
void
diag_emission(struct inc *inc, const char *text, struct emission **ep)
{
    struct diag_v v = { istr_intern(text) };
    size_t size = sizeof(struct emission) + sizeof v;
    struct emission *e = *ep = xmalloc(size);

    *e = (struct emission) {
        .table = inc->diag, .hash = key_hash(inc->diag, &v), .size = size,
    };
    memcpy(e + 1, &v, sizeof v);
}

/* Returns the unit of the conflict rule for 'row', or NULL. */
static struct inc_unit **
find_conflict_unit(const struct inc *inc, struct inc_row *row)
{
    struct inc_unit **p = &row->units;

    while (*p && (*p)->rule != inc->n_rules) {
        p = &(*p)->next;
    }
    return p;
}

/* Appends to 'out' the diagnostics of those of the 'n' contributions to 'row'
 * that lose against that of 'winner', and returns how many there are. */
static uint32_t
conflict_texts(struct inc *inc, const struct inc_row *row,
               const struct contrib *contribs, size_t n,
               const struct inc_unit *winner, struct ds *out)
{
    struct inc_table *table = row->table;
    uint32_t n_texts = 0;

    for (size_t i = 0; i < n; i++) {
        const struct contrib *c = &contribs[i];
        struct ds text = DS_EMPTY_INITIALIZER;

        if (c->unit != winner && value_diff(table, c->value, inc_value(row))) {
            table->conflict(c->value, inc_value(row), &text);
        }
        if (text.length) {
            struct ds s = DS_EMPTY_INITIALIZER;
            struct emission *e;

            if (c->unit->row && !inc->rules[c->unit->rule].rule->bucket_driver)
            {
                row_describe(c->unit->row, &s);
                ds_put_cstr(&s, ": ");
            }
            ds_put_cstr(&s, ds_cstr(&text));
            diag_emission(inc, ds_cstr(&s), &e);
            ds_put_buffer(out, (const char *) e, e->size);
            free(e);
            ds_destroy(&s);
            n_texts++;
        }
        ds_destroy(&text);
    }
    return n_texts;
}

/* Brings the diagnostics about the losers of 'row' up to date.  They hang on
 * the row, not on the losing units, which need not run when the winner
 * changes: so the row drives a unit of its own for them. */
void
diag_conflicts(struct inc *inc, struct inc_row *row,
               const struct contrib *contribs, size_t n,
               const struct inc_unit *winner)
{
    struct ds emissions = DS_EMPTY_INITIALIZER;
    uint32_t n_texts = conflict_texts(inc, row, contribs, n, winner,
                                      &emissions);
    struct inc_unit **unit = find_conflict_unit(inc, row);

    if (n_texts) {
        if (!*unit) {
            unit_create(inc, inc->n_rules, row, &row->units);
            unit = find_conflict_unit(inc, row);
            row->flags |= ROW_CONFLICT;
        }
        unit_commit(inc, *unit, emissions.string, n_texts);
    } else if (*unit) {
        struct inc_unit *only = *unit;
        *unit = only->next;
        only->next = NULL;
        units_kill(inc, &only);
        row->flags &= ~ROW_CONFLICT;
    }
    ds_destroy(&emissions);
}

size_t
inc_n_diagnostics(const struct inc *inc)
{
    return inc->diag->rt->n_live;
}

/* Appends the diagnostics, sorted, one a line. */
void
inc_diagnostics(const struct inc *inc, struct ds *s)
{
    struct svec texts = SVEC_EMPTY_INITIALIZER;
    const struct inc_row *row;

    INC_FOR_EACH (row, inc->diag) {
        svec_add(&texts, diag_text(row));
    }
    svec_sort(&texts);
    for (size_t i = 0; i < texts.n; i++) {
        ds_put_format(s, "%s\n", texts.names[i]);
    }
    svec_destroy(&texts);
}
