/* Which output rows may differ from the database.
 *
 * An output row is compared after a rule changed it (it is on the engine's
 * list of touched rows) and after its row in the mirror changed into something
 * else than it wants (then we put it there).  Our own changes come back as
 * what was wanted, so that nothing follows from them. */
#include <config.h>

#include "lib/db/db.h"

#include <stdlib.h>
#include <string.h>

#include "lib/db/db-private.h"
#include "openvswitch/vlog.h"
#include "ovsdb-data.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(db_sink);

/* So many single rows are noted that may have to be deleted.  Beyond that, all
 * rows of the table are looked at. */
#define MAX_CHECKS 1000

/* Setting up. */

static struct db_column *
find_column(const struct db_sink *s, const char *name)
{
    for (size_t i = 0; i < s->table->n_columns; i++) {
        if (!strcmp(s->table->columns[i].name, name)) {
            return &s->table->columns[i];
        }
    }
    ovs_fatal(0, "sink %s writes column %s, which table %s does not have",
              s->out->name, name, s->table->name);
}

static const struct db_table *
find_table(const struct db *db, const char *name)
{
    for (size_t i = 0; i < db->class->n_tables; i++) {
        if (!strcmp(db->class->tables[i]->name, name)) {
            return db->class->tables[i];
        }
    }
    return NULL;
}

/* Aborts if values of 'field' cannot go into 'column'. */
static void
check_field_type(const struct db_sink *s, const struct inc_field *field,
                 const struct db_column *column)
{
    enum ovsdb_atomic_type type = column->type.key.type;
    bool ok = (column->type.n_max == 1
               && column->type.value.type == OVSDB_TYPE_VOID);

    switch (field->type) {
    case INC_F_STR: ok = true; break;
    case INC_F_BOOL: ok = ok && type == OVSDB_TYPE_BOOLEAN; break;
    case INC_F_UUID: ok = ok && type == OVSDB_TYPE_UUID; break;
    case INC_F_I64: case INC_F_U32: case INC_F_U16:
        ok = ok && type == OVSDB_TYPE_INTEGER;
        break;
    case INC_F_BLOB: case INC_F_ROW: case INC_F_PTR: case INC_F_POD:
    default:
        ok = false;
    }
    if (!ok) {
        ovs_fatal(0, "sink %s: field %s has not the type of column %s.%s",
                  s->out->name, field->name, s->table->name, column->name);
    }
}

static void
init_refs(struct db *db, struct sink_column *sc)
{
    const struct ovsdb_type *type = &sc->column->type;
    const struct ovsdb_base_type *base
        = ovsdb_base_type_is_ref(&type->value) ? &type->value : &type->key;

    if (ovsdb_base_type_is_ref(base)) {
        sc->refs = find_table(db, base->uuid.refTableName);
        sc->weak = ovsdb_base_type_is_weak_ref(base);
    }
}

static void
init_column(struct sink *sink, struct sink_column *sc,
            const struct db_sink_column *c)
{
    const struct db_sink *s = sink->s;

    sc->c = c;
    sc->column = find_column(s, c->column);
    if (!c->format) {
        ovs_assert(c->field < s->out->n_fields);
        sc->field = &s->out->fields[c->field];
        check_field_type(s, sc->field, sc->column);
    }

    const struct ovsdb_type *type = &sc->column->type;
    sc->plain = (sc->field && sc->field->type == INC_F_STR
                 && type->key.type == OVSDB_TYPE_STRING
                 && ovsdb_type_is_scalar(type));
    ovs_assert(!c->foreign_key || ovsdb_type_is_map(type));
    sc->name = xasprintf("\"%s\":", c->column);
    sc->insert_only = c->insert_only || !sc->column->is_mutable;

    struct ds ds = DS_EMPTY_INITIALIZER;
    db_datum_to_text(ovsdb_datum_default(type), type, &ds);
    sc->deflt = ds_steal_cstr(&ds);
    init_refs(sink->db, sc);

    if (!sc->insert_only) {
        db_use_columns(s->table, c->column, NULL);
    }
}

/* Prepares the sinks, which mark the columns that they compare as used. */
void
db_sinks_create(struct db *db, const struct db_sink *sinks)
{
    while (sinks && sinks[db->n_sinks].out) {
        db->n_sinks++;
    }
    db->sinks = xcalloc(db->n_sinks, sizeof *db->sinks);
    for (size_t i = 0; i < db->n_sinks; i++) {
        struct sink *s = &db->sinks[i];

        s->s = &sinks[i];
        s->db = db;
        s->table = s->s->table;
        ovs_assert(s->s->out->fields[0].type == INC_F_UUID);
        s->key = xzalloc(s->s->out->value_size);
        s->n_columns = s->s->n_columns;
        s->columns = xcalloc(s->n_columns, sizeof *s->columns);
        for (size_t j = 0; j < s->n_columns; j++) {
            init_column(s, &s->columns[j], &s->s->columns[j]);
        }
        hmapx_init(&s->dangling);
        hmapx_init(&s->floating);
        hmapx_init(&s->deferred);
        s->check_all = true;
    }
}

/* Attaches the sinks to their tables, whose run-time state exists now. */
void
db_sinks_start(struct db *db)
{
    for (size_t i = 0; i < db->n_sinks; i++) {
        struct sink *s = &db->sinks[i];
        struct db_table_rt *rt = s->table->rt;

        s->next = rt->sinks;
        rt->sinks = s;
        rt->monitored = true;
    }
}

void
db_sinks_destroy(struct db *db)
{
    for (size_t i = 0; i < db->n_sinks; i++) {
        struct sink *s = &db->sinks[i];

        for (size_t j = 0; j < s->n_columns; j++) {
            free(s->columns[j].name);
            free(s->columns[j].deflt);
        }
        free(s->columns);
        free(s->key);
        free(s->checks);
        hmapx_destroy(&s->dangling);
        hmapx_destroy(&s->floating);
        hmapx_destroy(&s->deferred);
    }
    free(db->sinks);
    db->sinks = NULL;
    db->n_sinks = 0;
}

/* Output rows. */

const struct uuid *
sink_row_uuid(const struct sink *s, const struct inc_row *out)
{
    return (const void *) ((const char *) inc_value(out)
                           + s->s->out->fields[0].ofs);
}

/* Returns the output row for 'uuid', which may be dead, or NULL. */
struct inc_row *
sink_find(const struct sink *s, const struct uuid *uuid)
{
    memcpy((char *) s->key + s->s->out->fields[0].ofs, uuid, sizeof *uuid);
    return inc_row_by_key(s->s->out, s->key);
}

/* Lets go of a dead output row that is not in the database. */
void
sink_release(struct sink *s, struct inc_row *out)
{
    hmapx_find_and_delete(&s->dangling, out);
    hmapx_find_and_delete(&s->floating, out);
    hmapx_find_and_delete(&s->deferred, out);
    inc_row_release(out);
}

/* Returns a name of a row for people.  'out' may be NULL.  The caller must
 * free the result. */
char *
sink_row_name(const struct sink *s, const struct inc_row *out,
              const struct uuid *uuid)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    ds_put_format(&ds, "%s row "UUID_FMT, s->table->name, UUID_ARGS(uuid));
    for (size_t i = 0; out && i < s->n_columns; i++) {
        const struct sink_column *sc = &s->columns[i];
        if (sc->plain && (!strcmp(sc->column->name, "name")
                          || !strcmp(sc->column->name, "logical_port"))) {
            const istr *name = (const void *) ((const char *) inc_value(out)
                                               + sc->field->ofs);
            if (name->s) {
                ds_put_format(&ds, " (\"%s\")", name->s);
            }
        }
    }
    return ds_steal_cstr(&ds);
}

/* Rows that nobody emits. */

/* Returns the sink that inserts and deletes rows of 'table', or NULL. */
struct sink *
db_owning_sink(const struct db_table *table)
{
    struct sink *s = table->rt->sinks;
    while (s && (s->s->update_only || s->s->deletes)) {
        s = s->next;
    }
    return s;
}

/* Notes that the row 'uuid' may have to be deleted. */
void
sink_add_check(struct sink *s, const struct uuid *uuid)
{
    if (s->check_all) {
        return;
    }
    if (s->n_checks >= MAX_CHECKS) {
        s->n_checks = 0;
        s->check_all = true;
        return;
    }
    if (s->n_checks >= s->allocated_checks) {
        s->checks = x2nrealloc(s->checks, &s->allocated_checks,
                               sizeof *s->checks);
    }
    s->checks[s->n_checks++] = *uuid;
}

/* Returns true if row 'uuid' is in the mirror, ours, and emitted by nobody.
 * (While an output row exists, even a dead one, it is that row's matter.) */
bool
sink_is_unwanted(struct sink *s, const struct uuid *uuid)
{
    const struct db_row *row = db_row_get(s->table, uuid);
    return row && !sink_find(s, uuid) && (!s->s->owns || s->s->owns(row));
}

/* Looks for rows that nobody emits in all tables: after what was monitored has
 * been replaced as a whole. */
void
db_sinks_check_all(struct db *db)
{
    for (size_t i = 0; i < db->n_sinks; i++) {
        db->sinks[i].check_all = true;
        db->sinks[i].n_checks = 0;
    }
}

/* Changes of the mirror. */

static bool
sink_refs_weakly(const struct sink *s, const struct db_table *table)
{
    for (size_t i = 0; i < s->n_columns; i++) {
        if (s->columns[i].weak && s->columns[i].refs == table) {
            return true;
        }
    }
    return false;
}

/* A row came to 'table': those who wanted to refer to it may have a look. */
static void
touch_dangling(struct db *db, const struct db_table *table)
{
    bool any = false;

    for (size_t i = 0; i < db->n_sinks; i++) {
        struct sink *s = &db->sinks[i];

        if (!hmapx_is_empty(&s->dangling) && sink_refs_weakly(s, table)) {
            struct hmapx_node *node;
            HMAPX_FOR_EACH (node, &s->dangling) {
                inc_touch(node->data);
            }
            hmapx_clear(&s->dangling);
        }
        any = any || !hmapx_is_empty(&s->dangling);
    }
    db->any_dangling = any;
}

static bool
table_refs_strongly(const struct db_table *table, const char *target)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        const struct ovsdb_base_type *base = &table->columns[i].type.key;
        if (ovsdb_base_type_is_strong_ref(base)
            && !strcmp(base->uuid.refTableName, target)) {
            return true;
        }
    }
    return false;
}

/* A row came to 'table'.  It may be the one to which rows that nothing refers
 * to want to be attached. */
static void
touch_unattached(struct db *db, const struct db_table *table)
{
    for (size_t i = 0; i < db->n_sinks; i++) {
        struct sink *s = &db->sinks[i];

        if (s->s->attach && !hmapx_is_empty(&s->floating)
            && table_refs_strongly(table, s->table->name)) {
            struct hmapx_node *node;
            HMAPX_FOR_EACH (node, &s->floating) {
                inc_touch(node->data);
            }
            hmapx_clear(&s->floating);
        }
    }
}

static void
emitted_row_changed(struct sink *s, struct inc_row *out,
                    const struct db_row *row, enum mirror_change change)
{
    if (s->s->deletes) {
        inc_touch(out);
    } else if (change != MIRROR_DELETE) {
        hmapx_find_and_delete(&s->floating, out);
        if (inc_row_is_dead(out) || (s->s->present && !s->s->present(out))
            || sink_row_differs(s, out, row)) {
            inc_touch(out);
            if (!s->db->txn.request_id) {
                /* Not our own echo, overtaken by later wishes. */
                s->db->restoring = true;
            }
        }
    } else if (s->s->update_only) {
        /* It comes back without our doing, or not at all. */
    } else if (!s->table->is_root && !s->s->attach
               && !inc_row_is_dead(out)) {
        /* The server did it since no reference is left. */
        hmapx_add(&s->floating, out);
        s->db->any_floating = true;
    } else {
        inc_touch(out);
    }
}

/* Called when 'row' has come, has changed, or goes. */
void
db_sinks_row_changed(struct db_table *table, struct db_row *row,
                     enum mirror_change change)
{
    struct db *db = table->rt->db;

    if (change == MIRROR_INSERT && db->any_dangling) {
        touch_dangling(db, table);
    }
    if (change == MIRROR_INSERT && db->any_floating) {
        touch_unattached(db, table);
    }
    for (struct sink *s = table->rt->sinks; s; s = s->next) {
        struct inc_row *out = sink_find(s, &row->uuid);
        if (out) {
            emitted_row_changed(s, out, row, change);
        } else if (!sink_only_adds(s) && change != MIRROR_DELETE) {
            sink_add_check(s, &row->uuid);
        }
    }
}

/* Tries the rows again that waited for another one. */
void
sink_retry_deferred(struct db *db)
{
    for (size_t i = 0; i < db->n_sinks; i++) {
        struct sink *s = &db->sinks[i];
        struct hmapx_node *node;

        HMAPX_FOR_EACH (node, &s->deferred) {
            inc_touch(node->data);
        }
        hmapx_clear(&s->deferred);
    }
}

/* State. */

static bool
sinks_are_done(const struct db *db)
{
    if (!db->synced || db->txn.request_id) {
        return false;
    }
    for (size_t i = 0; i < db->n_sinks; i++) {
        const struct sink *s = &db->sinks[i];
        if (s->touch_all || inc_n_touched(s->s->out) || s->n_checks
            || (s->check_all && !sink_only_adds(s))) {
            return false;
        }
    }
    return true;
}

bool
db_sink_is_settled(const struct db *db)
{
    return sinks_are_done(db);
}

bool
db_sink_is_clean(const struct db *db)
{
    if (db->n_excluded || !sinks_are_done(db)) {
        return false;
    }
    for (size_t i = 0; i < db->n_sinks; i++) {
        if (!hmapx_is_empty(&db->sinks[i].deferred)) {
            return false;
        }
    }
    return true;
}
