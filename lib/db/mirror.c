/* The mirror: rows of the input tables, kept equal to the database.
 *
 * Only columns in use are monitored and stored.  A row's change fires the
 * readers of exactly the columns that changed; that holds, too, when the
 * server sends everything from scratch (another server, a database restored
 * from a copy): what arrives is compared with what stands. */
#include <config.h>

#include "lib/db/db.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "lib/db/db-private.h"
#include "openvswitch/json.h"
#include "openvswitch/vlog.h"
#include "ovsdb-error.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(db_mirror);

COVERAGE_DEFINE(db_mirror_insert);
COVERAGE_DEFINE(db_mirror_update);
COVERAGE_DEFINE(db_mirror_delete);

/* Columns in use. */

static struct db_column *
find_column(const struct db_table *table, const char *name)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        if (!strcmp(table->columns[i].name, name)) {
            return &table->columns[i];
        }
    }
    ovs_fatal(0, "table %s has no column %s", table->name, name);
}

static void
use_column(struct db_table *table, struct db_column *column)
{
    ovs_assert(!table->rt);
    if (column->pos < 0) {
        column->pos = table->n_used++;
    }
}

void
db_use_columns(struct db_table *table, const char *column, ...)
{
    va_list args;

    va_start(args, column);
    for (; column; column = va_arg(args, const char *)) {
        use_column(table, find_column(table, column));
    }
    va_end(args);
}

void
db_use_all_columns(struct db_table *table)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        use_column(table, &table->columns[i]);
    }
}

/* Reports that a rule reads a column that nobody asked for, and aborts. */
void
db_unused_column(const struct db_table *table, size_t column)
{
    VLOG_ABORT("column %s.%s is read but was not named in db_use_columns()",
               table->name, table->columns[column].name);
}

/* Rows. */

void
db_row_uuid_key(const void *row_, struct inc_keys *keys)
{
    const struct db_row *row = row_;
    inc_keys_add(keys, &row->uuid, sizeof row->uuid);
}

/* Appends the row's table, its name if it has one, and its uuid.  A running
 * unit then depends on the name. */
void
db_row_describe(const struct inc_row *row_, struct ds *ds)
{
    const struct db_row *row = CONTAINER_OF(row_, struct db_row, inc);
    const struct db_table *table = row->table;

    ds_put_format(ds, "%s ", table->name);
    for (size_t i = 0; i < table->n_columns; i++) {
        const struct db_column *c = &table->columns[i];
        if (c->pos >= 0 && c->type.key.type == OVSDB_TYPE_STRING
            && c->type.n_max == 1
            && (!strcmp(c->name, "name")
                || !strcmp(c->name, "logical_port"))) {
            const struct ovsdb_datum *d = &row->data[c->pos];
            inc_read_row(&row->inc, INC_COL(i));
            if (d->n && db_str(d, 0)[0]) {
                ds_put_format(ds, "\"%s\" ", db_str(d, 0));
            }
        }
    }
    ds_put_format(ds, "("UUID_FMT")", UUID_ARGS(&row->uuid));
}

void
db_row_free(struct inc_row *row_)
{
    struct db_row *row = CONTAINER_OF(row_, struct db_row, inc);
    const struct db_table *table = row->table;

    for (size_t i = 0; i < table->n_columns; i++) {
        const struct db_column *c = &table->columns[i];
        if (c->pos >= 0) {
            ovsdb_datum_destroy(&row->data[c->pos], &c->type);
        }
    }
    free(row);
}

/* Returns the row of 'table' with the given 'uuid', or NULL.  Untracked. */
const struct db_row *
db_row_get(const struct db_table *table, const struct uuid *uuid)
{
    const struct db_row *row;

    HMAP_FOR_EACH_WITH_HASH (row, node, uuid_hash(uuid), &table->rows) {
        if (uuid_equals(&row->uuid, uuid)) {
            return row;
        }
    }
    return NULL;
}

/* Makes '*d' the default of 'type', sharing memory. */
static void
init_default(struct ovsdb_datum *d, const struct ovsdb_type *type)
{
    if (type->n_min) {
        ovsdb_datum_clone(d, ovsdb_datum_default(type));
    } else {
        ovsdb_datum_init_empty(d);
    }
}

/* Parses 'json' into '*d', which has no value before that.  A value that does
 * not parse (the server's schema has another type) is logged and becomes the
 * default. */
static void
parse_datum(const struct db_row *row, const struct db_column *c,
            const struct json *json, struct ovsdb_datum *d)
{
    struct ovsdb_error *error
        = ovsdb_unconstrained_datum_from_json(d, &c->type, json);
    if (error) {
        static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 5);
        char *s = ovsdb_error_to_string_free(error);
        VLOG_WARN_RL(&rl, "row "UUID_FMT" of table %s: bad value of column "
                     "%s, taking its default: %s", UUID_ARGS(&row->uuid),
                     row->table->name, c->name, s);
        free(s);
        init_default(d, &c->type);
    }
}

static struct db_row *
row_create(struct db_table *table, const struct uuid *uuid)
{
    struct db_row *row = xzalloc(sizeof *row
                                 + table->n_used * sizeof row->data[0]);

    row->uuid = *uuid;
    row->table = table;
    row->inc.order = (uint64_t) uuid->parts[0] << 32 | uuid->parts[1];
    return row;
}

static void
insert_row(struct db *db, struct db_table *table, const struct uuid *uuid,
           const struct shash *values)
{
    struct db_row *row = row_create(table, uuid);

    for (size_t i = 0; i < table->n_columns; i++) {
        const struct db_column *c = &table->columns[i];
        if (c->pos >= 0) {
            const struct json *json = (c->is_missing ? NULL
                                       : shash_find_data(values, c->name));
            if (json) {
                parse_datum(row, c, json, &row->data[c->pos]);
            } else {
                init_default(&row->data[c->pos], &c->type);
            }
        }
    }
    row->seen = db->generation;
    hmap_insert(&table->rows, &row->node, uuid_hash(uuid));
    inc_input_insert(&table->inc, &row->inc);
    COVERAGE_INC(db_mirror_insert);
    db_sinks_row_changed(table, row, MIRROR_INSERT);
}

static void
delete_row(struct db_row *row)
{
    struct db_table *table = row->table;

    hmap_remove(&table->rows, &row->node);
    COVERAGE_INC(db_mirror_delete);
    db_sinks_row_changed(table, row, MIRROR_DELETE);
    db_stale_row_gone(table, &row->uuid);
    inc_input_delete(&row->inc);
}

/* Reports that the columns in 'mask' of 'row' have changed.  'mask' may be 0
 * for columns that are not in use. */
static void
row_changed(struct db_row *row, uint32_t mask)
{
    if (mask) {
        inc_input_changed(&row->inc, mask);
        COVERAGE_INC(db_mirror_update);
        db_sinks_row_changed(row->table, row, MIRROR_MODIFY);
    }
}

/* Makes column 'c' of 'row' 'new', whose memory it takes.  Returns the mask of
 * what changed. */
static uint32_t
set_datum(struct db_row *row, const struct db_column *c,
          struct ovsdb_datum *new)
{
    struct ovsdb_datum *old = &row->data[c->pos];
    bool equal = ovsdb_datum_equals(old, new, &c->type);

    if (!equal) {
        ovsdb_datum_swap(old, new);
    }
    ovsdb_datum_destroy(new, &c->type);
    return equal ? 0 : INC_COL(c - row->table->columns);
}

/* Makes 'row' what 'values' say.  Columns that are not in 'values' get their
 * defaults if 'whole', otherwise they stay. */
static void
replace_row(struct db_row *row, const struct shash *values, bool whole)
{
    const struct db_table *table = row->table;
    uint32_t mask = 0;

    for (size_t i = 0; i < table->n_columns; i++) {
        const struct db_column *c = &table->columns[i];
        if (c->pos < 0) {
            continue;
        }

        struct ovsdb_datum new;
        const struct json *json = (c->is_missing ? NULL
                                   : shash_find_data(values, c->name));
        if (json) {
            parse_datum(row, c, json, &new);
        } else if (whole) {
            init_default(&new, &c->type);
        } else {
            continue;
        }
        mask |= set_datum(row, c, &new);
    }
    row_changed(row, mask);
}

/* Applies the differences in 'values' to 'row'.  Returns an error if they do
 * not fit, which means that the mirror is not what the server thinks. */
static struct ovsdb_error *
xor_row(struct db_row *row, const struct shash *values)
{
    struct db_table *table = row->table;
    uint32_t mask = 0;
    const struct shash_node *node;

    SHASH_FOR_EACH (node, values) {
        const struct db_column *c = shash_find_data(&table->rt->columns,
                                                    node->name);
        if (!c) {
            continue;
        }

        struct ovsdb_datum diff, new;
        struct ovsdb_error *error
            = ovsdb_transient_datum_from_json(&diff, &c->type, node->data);
        if (!error) {
            error = ovsdb_datum_apply_diff(&new, &row->data[c->pos], &diff,
                                           &c->type);
            ovsdb_datum_destroy(&diff, &c->type);
        }
        if (error) {
            row_changed(row, mask);
            return error;
        }
        mask |= set_datum(row, c, &new);
    }
    row_changed(row, mask);
    return NULL;
}

/* Updates. */

static struct ovsdb_error *
update_row(struct db *db, struct db_table *table,
           const struct ovsdb_cs_row_update *ru)
{
    struct db_row *row = CONST_CAST(struct db_row *,
                                    db_row_get(table, &ru->row_uuid));

    if (row) {
        row->seen = db->generation;
    }
    switch (ru->type) {
    case OVSDB_CS_ROW_DELETE:
        if (row) {
            delete_row(row);
        }
        return NULL;

    case OVSDB_CS_ROW_INSERT:
        if (row) {
            replace_row(row, ru->columns, true);
        } else {
            insert_row(db, table, &ru->row_uuid, ru->columns);
        }
        return NULL;

    case OVSDB_CS_ROW_UPDATE:
        if (row) {
            replace_row(row, ru->columns, false);
        } else {
            insert_row(db, table, &ru->row_uuid, ru->columns);
        }
        return NULL;

    case OVSDB_CS_ROW_XOR:
        return (row ? xor_row(row, ru->columns)
                : ovsdb_error(NULL, "row "UUID_FMT" of table %s changed, but "
                              "never appeared", UUID_ARGS(&ru->row_uuid),
                              table->name));

    default:
        OVS_NOT_REACHED();
    }
}

static struct ovsdb_error *
update_table(struct db *db, struct db_table *table,
             const struct ovsdb_cs_table_update *tu, bool clear)
{
    if (tu) {
        if (clear) {
            hmap_reserve(&table->rows, tu->n);
        }
        for (size_t i = 0; i < tu->n; i++) {
            struct ovsdb_error *error = update_row(db, table,
                                                   &tu->row_updates[i]);
            if (error) {
                return error;
            }
        }
    }
    if (clear) {
        struct db_row *row;
        HMAP_FOR_EACH_SAFE (row, node, &table->rows) {
            if (row->seen != db->generation) {
                delete_row(row);
            }
        }
    }
    return NULL;
}

/* Applies an update to the mirror.  If it does not fit, logs that, arranges to
 * get everything anew from the server, and returns false. */
bool
db_mirror_update(struct db *db, const struct ovsdb_cs_update_event *update)
{
    struct ovsdb_cs_db_update *du;
    struct ovsdb_error *error = ovsdb_cs_parse_db_update(
        update->table_updates, update->version, &du);

    if (!error) {
        if (update->clear) {
            db->generation++;
        }
        for (size_t i = 0; i < db->class->n_tables && !error; i++) {
            struct db_table *table = db->class->tables[i];
            if (table->rt->monitored) {
                error = update_table(
                    db, table,
                    ovsdb_cs_db_update_find_table(du, table->name),
                    update->clear);
            }
        }
        ovsdb_cs_db_update_destroy(du);
    }
    if (error) {
        static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);
        char *s = ovsdb_error_to_string_free(error);
        VLOG_WARN_RL(&rl, "%s: fetching everything again: %s",
                     db->class->name, s);
        free(s);
        ovsdb_cs_flag_inconsistency(db->cs);
        return false;
    }
    return true;
}

/* Monitoring. */

/* Finds out what of 'table' the server lacks, 'columns' being what it has
 * (NULL: it lacks the table).  Says so once. */
static void
check_schema(struct db *db, struct db_table *table,
             const struct sset *columns)
{
    struct ds missing = DS_EMPTY_INITIALIZER;

    if (table->is_missing != !columns) {
        table->is_missing = !columns;
        db->schema_changed = true;
    }
    for (size_t i = 0; i < table->n_columns; i++) {
        struct db_column *c = &table->columns[i];
        bool is_missing = !columns || !sset_contains(columns, c->name);

        if (c->is_missing && !is_missing) {
            /* An upgraded server takes values that it did not before. */
            for (struct sink *s = table->rt->sinks; s; s = s->next) {
                s->touch_all = true;
            }
        }
        c->is_missing = is_missing;
        if (is_missing && columns) {
            ds_put_format(&missing, "%s%s", missing.length ? ", " : "",
                          c->name);
        }
    }

    if (table->rt->monitored && !table->rt->warned) {
        if (table->is_missing) {
            VLOG_WARN("%s: the server's schema lacks table %s, so it counts "
                      "as empty (database needs upgrade?)",
                      db->class->name, table->name);
            table->rt->warned = true;
        } else if (missing.length) {
            VLOG_WARN("%s: the server's schema lacks in table %s: %s "
                      "(database needs upgrade?)",
                      db->class->name, table->name, ds_cstr(&missing));
            table->rt->warned = true;
        }
    }
    ds_destroy(&missing);
}

/* Returns the requests to monitor the columns in use, as far as the server's
 * 'schema' has them. */
struct json *
db_mirror_monitor_requests(const struct json *schema_json, void *db_)
{
    struct db *db = db_;
    struct shash *schema = ovsdb_cs_parse_schema(schema_json);
    struct json *requests = json_object_create();

    for (size_t i = 0; i < db->class->n_tables; i++) {
        struct db_table *table = db->class->tables[i];

        check_schema(db, table,
                     schema ? shash_find_data(schema, table->name) : NULL);
        if (!table->rt->monitored || table->is_missing) {
            continue;
        }

        struct json *columns = json_array_create_empty();
        for (size_t j = 0; j < table->n_columns; j++) {
            const struct db_column *c = &table->columns[j];
            if (c->pos >= 0 && !c->is_missing) {
                json_array_add(columns, json_string_create(c->name));
            }
        }
        struct json *request = json_object_create();
        json_object_put(request, "columns", columns);
        json_object_put(requests, table->name, json_array_create_1(request));
    }
    ovsdb_cs_free_schema(schema);
    return requests;
}

/* Lifecycle. */

/* Fixes the layout of rows.  Tables that only exist for a sink are monitored
 * as well, with no column at all if need be: the sink must know which rows
 * there are. */
void
db_mirror_init(struct db *db)
{
    for (size_t i = 0; i < db->class->n_tables; i++) {
        struct db_table *table = db->class->tables[i];
        struct db_table_rt *rt = xzalloc(sizeof *rt);

        ovs_assert(!table->rt);
        rt->db = db;
        shash_init(&rt->columns);
        for (size_t j = 0; j < table->n_columns; j++) {
            struct db_column *c = &table->columns[j];
            if (c->pos >= 0) {
                shash_add(&rt->columns, c->name, c);
            }
        }
        rt->monitored = table->n_used > 0;
        table->rt = rt;
    }
}

/* Frees what is not the rows, which belong to the engine. */
void
db_mirror_destroy(struct db *db)
{
    for (size_t i = 0; i < db->class->n_tables; i++) {
        struct db_table *table = db->class->tables[i];

        db_adoptions_destroy(table);
        hmap_destroy(&table->rows);
        hmap_init(&table->rows);
        shash_destroy(&table->rt->columns);
        json_destroy(table->rt->condition);
        free(table->rt);
        table->rt = NULL;
    }
}
