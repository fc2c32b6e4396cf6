/* One output row against one row of the mirror, as operations.
 *
 * Values are compared as canonical text.  Only where that differs, they are
 * parsed, to find out whether they really do and what the least write is. */
#include <config.h>

#include "lib/db/db.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/db/db-private.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/vlog.h"
#include "ovsdb-error.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(db_compare);

/* Desired values. */

static const void *
field_ptr(const struct sink_column *sc, const struct inc_row *out)
{
    return (const char *) inc_value(out) + sc->field->ofs;
}

static int64_t
field_int(const struct sink_column *sc, const struct inc_row *out)
{
    const void *p = field_ptr(sc, out);

    switch (sc->field->type) {
    case INC_F_I64: return *(const int64_t *) p;
    case INC_F_U32: return *(const uint32_t *) p;
    case INC_F_U16: return *(const uint16_t *) p;
    case INC_F_BOOL: return *(const bool *) p;
    case INC_F_STR: case INC_F_BLOB: case INC_F_UUID: case INC_F_ROW:
    case INC_F_PTR: case INC_F_POD:
    default:
        OVS_NOT_REACHED();
    }
}

/* Returns true if 'out' leaves the column alone. */
static bool
column_is_absent(const struct sink_column *sc, const struct inc_row *out)
{
    return (sc->column->is_missing
            || (sc->field && sc->field->type == INC_F_STR
                && !((const istr *) field_ptr(sc, out))->s));
}

/* Appends the canonical text of what 'out' wants in the column. */
static void
put_desired(const struct sink_column *sc, const struct inc_row *out,
            struct ds *ds)
{
    if (sc->c->format) {
        sc->c->format(out, ds);
        return;
    }

    const void *p = field_ptr(sc, out);
    switch (sc->field->type) {
    case INC_F_STR: {
        istr s = *(const istr *) p;
        if (sc->plain) {
            db_put_string(ds, s.s);
        } else {
            ds_put_buffer(ds, s.s, istr_len(s));
        }
        break;
    }

    case INC_F_UUID:
        if (!sc->column->type.n_min && uuid_is_zero(p)) {
            ds_put_cstr(ds, DB_EMPTY_SET);
        } else {
            db_put_uuid(ds, p);
        }
        break;

    case INC_F_BOOL:
        ds_put_cstr(ds, *(const bool *) p ? "true" : "false");
        break;

    case INC_F_I64: case INC_F_U32: case INC_F_U16:
        db_put_int(ds, field_int(sc, out));
        break;

    case INC_F_BLOB: case INC_F_ROW: case INC_F_PTR: case INC_F_POD:
    default:
        OVS_NOT_REACHED();
    }
}

/* Calls 'func' for each row that 'out' refers to strongly, until it returns
 * true, and returns what the last call returned. */
bool
sink_for_each_ref(const struct sink *s, const struct inc_row *out,
                  sink_ref_func *func, void *aux)
{
    static const char mark[] = "\"uuid\",\"";
    struct ds ds = DS_EMPTY_INITIALIZER;
    bool done = false;

    for (size_t i = 0; i < s->n_columns && !done; i++) {
        const struct sink_column *sc = &s->columns[i];
        if (!sc->refs || sc->weak || column_is_absent(sc, out)) {
            continue;
        }

        ds_clear(&ds);
        put_desired(sc, out, &ds);
        for (const char *p = strstr(ds_cstr(&ds), mark); p && !done;
             p = strstr(p, mark)) {
            struct uuid uuid;
            p += strlen(mark);
            done = (uuid_from_string_prefix(&uuid, p)
                    && func(sc->refs, &uuid, aux));
        }
    }
    ds_destroy(&ds);
    return done;
}

/* Comparing. */

/* Returns true if the column of 'row' does not have the value that 'out'
 * wants.  May also return true if it has in another notation. */
static bool
column_differs(const struct sink_column *sc, const struct inc_row *out,
               const struct db_row *row)
{
    const struct ovsdb_datum *d = &row->data[sc->column->pos];
    const struct ovsdb_type *type = &sc->column->type;

    if (sc->field && !ovsdb_type_is_map(type) && type->n_max == 1 && d->n) {
        /* The frequent simple types. */
        const void *p = field_ptr(sc, out);
        if (sc->plain) {
            return strcmp(db_str(d, 0), ((const istr *) p)->s) != 0;
        } else if (sc->field->type == INC_F_UUID) {
            return !uuid_equals(&d->keys[0].uuid, p);
        } else if (sc->field->type != INC_F_STR) {
            return (type->key.type == OVSDB_TYPE_BOOLEAN
                    ? d->keys[0].boolean != !!field_int(sc, out)
                    : d->keys[0].integer != field_int(sc, out));
        }
    }

    static struct ds actual = DS_EMPTY_INITIALIZER;
    ds_clear(&actual);
    if (sc->c->foreign_key) {
        db_map_to_text(d, type, sc->c->foreign_key, &actual);
    } else {
        db_datum_to_text(d, type, &actual);
    }
    if (sc->field && sc->field->type == INC_F_STR && !sc->plain) {
        const istr *desired = field_ptr(sc, out);
        return (istr_len(*desired) != actual.length
                || memcmp(desired->s, actual.string, actual.length));
    }

    static struct ds desired = DS_EMPTY_INITIALIZER;
    ds_clear(&desired);
    put_desired(sc, out, &desired);
    return strcmp(ds_cstr(&desired), ds_cstr(&actual)) != 0;
}

/* Returns false if 'row' is what 'out' wants.  May return true, though
 * db_compose_update() finds nothing to do. */
bool
sink_row_differs(const struct sink *s, const struct inc_row *out,
                 const struct db_row *row)
{
    for (size_t i = 0; i < s->n_columns; i++) {
        const struct sink_column *sc = &s->columns[i];
        if (!sc->insert_only && !column_is_absent(sc, out)
            && column_differs(sc, out, row)) {
            return true;
        }
    }
    return false;
}

/* Operations. */

/* Starts an operation on the row of 'tr'. */
static struct ds *
start_op(struct txn *txn, const struct txn_row *tr, const char *op)
{
    struct ds *ds = db_txn_op_start(txn);

    ds_put_cstr(ds, "{\"op\":\"");
    ds_put_cstr(ds, op);
    ds_put_cstr(ds, "\",\"table\":\"");
    ds_put_cstr(ds, tr->sink->table->name);
    ds_put_cstr(ds, "\",\"where\":[[\"_uuid\",\"==\",");
    db_put_uuid(ds, &tr->uuid);
    ds_put_cstr(ds, "]]");
    return ds;
}

static void
end_op(struct txn *txn, struct txn_row *tr)
{
    db_txn_op_end(txn, 1);
    tr->n_ops++;
}

/* Returns the number of JSON objects in 's'. */
static size_t
count_objects(const char *s)
{
    size_t n = 0;
    int depth = 0;
    bool quoted = false;

    for (; *s; s++) {
        if (quoted) {
            if (*s == '\\' && s[1]) {
                s++;
            } else if (*s == '"') {
                quoted = false;
            }
        } else if (*s == '"') {
            quoted = true;
        } else if (*s == '{') {
            n += !depth++;
        } else if (*s == '}') {
            depth--;
        }
    }
    return n;
}

static void
compose_attach(struct txn *txn, struct txn_row *tr)
{
    if (tr->sink->s->attach && tr->out) {
        struct ds ds = DS_EMPTY_INITIALIZER;
        tr->sink->s->attach(tr->out, tr->type == OP_INSERT, &ds);
        size_t n_ops = count_objects(ds_cstr(&ds));
        if (n_ops) {
            ds_put_buffer(db_txn_op_start(txn), ds.string, ds.length);
            db_txn_op_end(txn, n_ops);
            tr->n_ops += n_ops;
        }
        ds_destroy(&ds);
    }
}

/* Adds the operations that insert 'tr'. */
void
db_compose_insert(struct txn *txn, struct txn_row *tr)
{
    const struct sink *s = tr->sink;
    struct ds *ds = db_txn_op_start(txn);

    ds_put_cstr(ds, "{\"op\":\"insert\",\"table\":\"");
    ds_put_cstr(ds, s->table->name);
    ds_put_cstr(ds, "\",\"uuid\":");
    db_put_uuid_string(ds, &tr->uuid);
    ds_put_cstr(ds, ",\"row\":{");
    bool first = true;
    for (size_t i = 0; i < s->n_columns; i++) {
        const struct sink_column *sc = &s->columns[i];
        if (column_is_absent(sc, tr->out)) {
            continue;
        }

        size_t start = ds->length;
        if (!first) {
            ds_put_char(ds, ',');
        }
        ds_put_cstr(ds, sc->name);
        size_t value = ds->length;
        put_desired(sc, tr->out, ds);
        if (!strcmp(ds_cstr(ds) + value, sc->deflt)) {
            ds_truncate(ds, start);
        } else {
            first = false;
        }
    }
    ds_put_cstr(ds, "}}");
    end_op(txn, tr);
    compose_attach(txn, tr);
}

/* Adds the operations that delete 'tr'. */
void
db_compose_delete(struct txn *txn, struct txn_row *tr)
{
    compose_attach(txn, tr);
    ds_put_char(start_op(txn, tr, "delete"), '}');
    end_op(txn, tr);
}

/* Differences of sets and maps. */

/* Parses the desired value of a column.  Returns false (and logs) if it makes
 * no sense, which is an error of a rule. */
static bool
parse_desired(const struct sink_column *sc, const struct inc_row *out,
              struct ovsdb_datum *d)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    put_desired(sc, out, &ds);

    struct ovsdb_error *error
        = db_text_to_datum(ds_cstr(&ds), &sc->column->type, d);
    if (error) {
        char *s = ovsdb_error_to_string_free(error);
        VLOG_ERR("column %s cannot become %s: %s",
                 sc->column->name, ds_cstr(&ds), s);
        free(s);
    }
    ds_destroy(&ds);
    return !error;
}

/* Removes from 'd' the weak references to rows that are not there: the server
 * would drop them.  Returns true if there were any. */
static bool
drop_dangling(const struct sink_column *sc, struct txn *txn,
              struct ovsdb_datum *d)
{
    const struct db_table *refs = sc->refs;
    if (!sc->weak || !refs->rt->monitored || refs->rt->condition
        || ovsdb_type_is_map(&sc->column->type)) {
        return false;
    }

    bool any = false;
    for (size_t i = d->n; i-- > 0; ) {
        const struct uuid *uuid = &d->keys[i].uuid;
        if (!db_row_get(refs, uuid) && !db_txn_find_insert(txn, uuid)) {
            ovsdb_datum_remove_unsafe(d, i, &sc->column->type);
            any = true;
        }
    }
    if (any) {
        ovsdb_datum_sort_unique(d, &sc->column->type);
    }
    return any;
}

/* Removes the keys of others from 'd'. */
static void
drop_foreign(const struct sink_column *sc, struct ovsdb_datum *d)
{
    for (size_t i = d->n; sc->c->foreign_key && i-- > 0; ) {
        if (sc->c->foreign_key(db_str(d, i))) {
            ovsdb_datum_remove_unsafe(d, i, &sc->column->type);
        }
    }
    ovsdb_datum_sort_unique(d, &sc->column->type);
}

/* What distinguishes two sets or maps: texts of elements, with commas. */
struct diff {
    struct ds added, removed;
    size_t n;
};

static void
put_element(struct ds *ds, const struct ovsdb_datum *d, size_t i,
            const struct ovsdb_type *type, bool with_value)
{
    if (ds->length) {
        ds_put_char(ds, ',');
    }
    if (with_value) {
        ds_put_char(ds, '[');
    }
    db_put_atom(ds, &d->keys[i], type->key.type);
    if (with_value) {
        ds_put_char(ds, ',');
        db_put_atom(ds, &d->values[i], type->value.type);
        ds_put_char(ds, ']');
    }
}

static void
diff_datums(const struct ovsdb_datum *old, const struct ovsdb_datum *new,
            const struct ovsdb_type *type, struct diff *diff)
{
    bool is_map = ovsdb_type_is_map(type);
    size_t i = 0, j = 0;

    *diff = (struct diff) { .n = 0 };
    while (i < old->n || j < new->n) {
        int cmp = (i >= old->n ? 1
                   : j >= new->n ? -1
                   : ovsdb_atom_compare_3way(&old->keys[i], &new->keys[j],
                                             type->key.type));
        bool changed = (!cmp && is_map
                        && !ovsdb_atom_equals(&old->values[i],
                                              &new->values[j],
                                              type->value.type));
        if (cmp < 0 || changed) {
            put_element(&diff->removed, old, i, type, false);
        }
        if (cmp > 0 || changed) {
            put_element(&diff->added, new, j, type, is_map);
        }
        diff->n += cmp || changed;
        i += cmp <= 0;
        j += cmp >= 0;
    }
}

static void
put_mutation(struct ds *ds, const struct sink_column *sc, const char *mutator,
             const char *type, const struct ds *elements)
{
    if (elements->length) {
        ds_put_format(ds, "%s[\"%s\",\"%s\",[\"%s\",[",
                      ds->length ? "," : "", sc->column->name, mutator, type);
        ds_put_buffer(ds, elements->string, elements->length);
        ds_put_cstr(ds, "]]]");
    }
}

/* Appends to 'columns' or 'mutations' what it takes to make the column what
 * 'out' wants.  Sets '*dangling' if the row cannot have all it wants. */
static void
update_column(struct txn *txn, const struct sink_column *sc,
              const struct inc_row *out, const struct db_row *row,
              struct ds *columns, struct ds *mutations, bool *dangling)
{
    const struct ovsdb_type *type = &sc->column->type;
    const struct ovsdb_datum *mirrored = &row->data[sc->column->pos];
    struct ovsdb_datum old, new;

    if (!parse_desired(sc, out, &new)) {
        return;
    }
    if (drop_dangling(sc, txn, &new)) {
        *dangling = true;
    }
    ovsdb_datum_clone(&old, mirrored);
    if (sc->c->foreign_key) {
        ovsdb_datum_unshare(&old, type);
        drop_foreign(sc, &old);
        drop_foreign(sc, &new);
    }

    struct diff diff;
    diff_datums(&old, &new, type, &diff);
    if (!diff.n) {
        /* Another notation of the same. */
    } else if (type->n_max > 1
               && (sc->c->foreign_key || diff.n * 4 <= mirrored->n)) {
        put_mutation(mutations, sc, "delete", "set", &diff.removed);
        put_mutation(mutations, sc, "insert",
                     ovsdb_type_is_map(type) ? "map" : "set", &diff.added);
    } else {
        if (columns->length) {
            ds_put_char(columns, ',');
        }
        ds_put_cstr(columns, sc->name);
        db_datum_to_text(&new, type, columns);
    }
    ds_destroy(&diff.added);
    ds_destroy(&diff.removed);
    ovsdb_datum_destroy(&old, type);
    ovsdb_datum_destroy(&new, type);
}

/* Adds the operations, if any, that make 'row' what 'tr' wants. */
void
db_compose_update(struct txn *txn, struct txn_row *tr,
                  const struct db_row *row)
{
    struct sink *s = tr->sink;
    struct ds columns = DS_EMPTY_INITIALIZER;
    struct ds mutations = DS_EMPTY_INITIALIZER;
    bool dangling = false;

    for (size_t i = 0; i < s->n_columns; i++) {
        const struct sink_column *sc = &s->columns[i];
        if (!sc->insert_only && !column_is_absent(sc, tr->out)
            && column_differs(sc, tr->out, row)) {
            update_column(txn, sc, tr->out, row, &columns, &mutations,
                          &dangling);
        }
    }
    if (columns.length) {
        struct ds *ds = start_op(txn, tr, "update");
        ds_put_cstr(ds, ",\"row\":{");
        ds_put_buffer(ds, columns.string, columns.length);
        ds_put_cstr(ds, "}}");
        end_op(txn, tr);
    }
    if (mutations.length) {
        struct ds *ds = start_op(txn, tr, "mutate");
        ds_put_cstr(ds, ",\"mutations\":[");
        ds_put_buffer(ds, mutations.string, mutations.length);
        ds_put_cstr(ds, "]}");
        end_op(txn, tr);
    }
    ds_destroy(&columns);
    ds_destroy(&mutations);

    if (dangling) {
        hmapx_add(&s->dangling, tr->out);
        s->db->any_dangling = true;
    } else if (!hmapx_is_empty(&s->dangling)) {
        hmapx_find_and_delete(&s->dangling, tr->out);
    }
}
