/* Weak references that outlive the row they refer to.
 *
 * ovsdb-server 3.1 leaves a weak reference in place if one transaction changes
 * the row that has it and deletes the row that it refers to, and it looks at
 * the first one first (the table that an operation named first, and in one
 * table as uuids have it).  This happens in sets and maps that may have more
 * than one element; those of one are looked at as a whole.  The server has
 * forgotten such a reference, but the column still shows it.  If a row with
 * the same uuid comes back meanwhile, and the reference goes away later, the
 * server looks for what it has forgotten, and crashes.
 *
 * Our uuids are functions of keys, so we do bring rows back with the same
 * uuid.  Before that, a transaction of its own removes references that stand
 * in the mirror without their row.  While the row is absent, that is safe.
 *
 * We look for them only when a row is to be inserted whose uuid was seen to go
 * (or, once after everything came anew, any row): else nothing can refer to
 * it. */
#include <config.h>

#include "lib/db/db-private.h"

#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "openvswitch/json.h"
#include "openvswitch/vlog.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(db_stale);

COVERAGE_DEFINE(db_stale_search);
COVERAGE_DEFINE(db_stale_ref);

/* So many uuids are noted.  Beyond that, any row may have been there. */
#define MAX_GONE 10000

/* A uuid that a row of ours had, or may have had. */
struct gone {
    struct hmap_node node;      /* In db->gone, by uuid_hash(). */
    struct uuid uuid;
    struct ds ops;              /* Remove what refers to it. */
    size_t n_ops;               /* 0: nothing does, as far as we know. */
};

/* Returns the table to which 'c' may have several weak references, in its
 * values (of a map) or else in its keys, if the sinks of 'db' insert rows of
 * it.  Else NULL. */
static struct db_table *
weak_target(const struct db *db, const struct db_column *c, bool in_values)
{
    const struct ovsdb_base_type *base = (in_values ? &c->type.value
                                          : &c->type.key);

    if (!ovsdb_base_type_is_weak_ref(base) || c->type.n_min
        || c->type.n_max <= 1) {
        return NULL;
    }
    for (size_t i = 0; i < db->n_sinks; i++) {
        const struct db_sink *s = db->sinks[i].s;
        if (!s->update_only && !s->deletes
            && !strcmp(s->table->name, base->uuid.refTableName)) {
            return s->table;
        }
    }
    return NULL;
}

/* Marks the columns as used in which we have to look.  After the sinks were
 * prepared, before the layout of rows is fixed. */
void
db_stale_use_columns(struct db *db)
{
    hmap_init(&db->gone);
    for (size_t i = 0; i < db->class->n_tables; i++) {
        struct db_table *table = db->class->tables[i];
        for (size_t j = 0; j < table->n_columns; j++) {
            const struct db_column *c = &table->columns[j];
            if (weak_target(db, c, false) || weak_target(db, c, true)) {
                db_use_columns(table, c->name, NULL);
            }
        }
    }
}

/* Finds out which columns to look in, and whose rows they refer to. */
void
db_stale_start(struct db *db)
{
    for (size_t i = 0; i < db->class->n_tables; i++) {
        struct db_table *table = db->class->tables[i];
        for (size_t j = 0; j < table->n_columns; j++) {
            for (int in_values = 0; in_values < 2; in_values++) {
                struct db_table *target
                    = weak_target(db, &table->columns[j], in_values);
                if (target) {
                    target->rt->is_weak_target = true;
                }
            }
        }
    }
}

static struct gone *
find_gone(const struct db *db, const struct uuid *uuid)
{
    struct gone *g;

    HMAP_FOR_EACH_WITH_HASH (g, node, uuid_hash(uuid), &db->gone) {
        if (uuid_equals(&g->uuid, uuid)) {
            return g;
        }
    }
    return NULL;
}

static struct gone *
add_gone(struct db *db, const struct uuid *uuid)
{
    struct gone *g = xzalloc(sizeof *g);

    g->uuid = *uuid;
    ds_init(&g->ops);
    hmap_insert(&db->gone, &g->node, uuid_hash(uuid));
    return g;
}

static void
remove_gone(struct db *db, struct gone *g)
{
    hmap_remove(&db->gone, &g->node);
    ds_destroy(&g->ops);
    free(g);
}

/* Any row may have gone unseen. */
void
db_stale_all_gone(struct db *db)
{
    struct gone *g;

    HMAP_FOR_EACH_SAFE (g, node, &db->gone) {
        remove_gone(db, g);
    }
    db->any_gone = true;
}

/* The row 'uuid' has gone from 'table'. */
void
db_stale_row_gone(const struct db_table *table, const struct uuid *uuid)
{
    struct db *db = table->rt->db;

    if (table->rt->is_weak_target && !db->any_gone && !find_gone(db, uuid)) {
        if (hmap_count(&db->gone) >= MAX_GONE) {
            db_stale_all_gone(db);
        } else {
            add_gone(db, uuid);
        }
    }
}

/* Adds the operation that removes element 'i' of 'c' in 'row'. */
static void
add_removal(struct gone *g, const struct db_row *row,
            const struct db_column *c, size_t i)
{
    const struct ovsdb_datum *d = &row->data[c->pos];
    struct ovsdb_datum element = {
        .n = 1, .keys = &d->keys[i], .values = d->values ? &d->values[i] : NULL
    };
    struct json *json = ovsdb_datum_to_json(&element, &c->type);

    if (g->ops.length) {
        ds_put_char(&g->ops, ',');
    }
    ds_put_format(&g->ops, "{\"op\":\"mutate\",\"table\":\"%s\","
                  "\"where\":[[\"_uuid\",\"==\",[\"uuid\",\""UUID_FMT"\"]]],"
                  "\"mutations\":[[\"%s\",\"delete\",", row->table->name,
                  UUID_ARGS(&row->uuid), c->name);
    json_to_ds(json, 0, &g->ops);
    ds_put_cstr(&g->ops, "]]}");
    json_destroy(json);
    g->n_ops++;
}

static void
search_column(struct db *db, const struct db_table *table,
              const struct db_column *c, bool in_values,
              const struct db_table *target)
{
    const struct db_row *row;

    DB_FOR_EACH (row, table) {
        const struct ovsdb_datum *d = &row->data[c->pos];
        for (size_t i = 0; i < d->n; i++) {
            const struct uuid *uuid = (in_values ? &d->values[i].uuid
                                       : &d->keys[i].uuid);
            struct gone *g = find_gone(db, uuid);

            if ((g || db->any_gone) && !db_row_get(target, uuid)) {
                add_removal(g ? g : add_gone(db, uuid), row, c, i);
            }
        }
    }
}

/* Looks for references to what has gone, and forgets what has none. */
static void
search(struct db *db)
{
    struct gone *g;

    COVERAGE_INC(db_stale_search);
    HMAP_FOR_EACH (g, node, &db->gone) {
        ds_clear(&g->ops);
        g->n_ops = 0;
    }
    for (size_t i = 0; i < db->class->n_tables; i++) {
        const struct db_table *table = db->class->tables[i];
        for (size_t j = 0; j < table->n_columns; j++) {
            const struct db_column *c = &table->columns[j];
            if (c->pos < 0 || c->is_missing) {
                continue;
            }
            for (int in_values = 0; in_values < 2; in_values++) {
                const struct db_table *target = weak_target(db, c, in_values);
                if (target) {
                    search_column(db, table, c, in_values, target);
                }
            }
        }
    }
    db->any_gone = false;
    HMAP_FOR_EACH_SAFE (g, node, &db->gone) {
        if (!g->n_ops) {
            remove_gone(db, g);
        }
    }
}

/* Turns each insertion that would meet references into their removal.  What
 * refers to such a row has to wait, as the row does.  Returns true if there
 * is any. */
bool
db_stale_hold_inserts(struct db *db)
{
    struct txn *txn = &db->txn;
    bool searched = false, any = false;

    if (hmap_is_empty(&db->gone) && !db->any_gone) {
        return false;
    }
    for (size_t i = 0; i < txn->n; i++) {
        struct txn_row *tr = &txn->rows[i];
        if (tr->type != OP_INSERT || !tr->sink->table->rt->is_weak_target
            || (!db->any_gone && !find_gone(db, &tr->uuid))) {
            continue;
        }
        if (!searched) {
            search(db);
            searched = true;
        }
        if (find_gone(db, &tr->uuid)) {
            tr->type = OP_UNREF;
            hmapx_add(&tr->sink->deferred, tr->out);
            any = true;
        }
    }
    db->any_held = db->any_held || any;
    return any;
}

/* Adds the operations that remove what refers to 'tr'. */
void
db_compose_unref(struct db *db, struct txn_row *tr)
{
    const struct gone *g = find_gone(db, &tr->uuid);
    struct ds *ds = db_txn_op_start(&db->txn);
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 5);

    VLOG_INFO_RL(&rl, "%s: removing %"PRIuSIZE" references that outlived "
                 "%s row "UUID_FMT, db->class->name, g->n_ops,
                 tr->sink->table->name, UUID_ARGS(&tr->uuid));
    COVERAGE_ADD(db_stale_ref, g->n_ops);
    ds_put_buffer(ds, g->ops.string, g->ops.length);
    tr->n_ops += g->n_ops;
    db_txn_op_end(&db->txn, g->n_ops);
}

void
db_stale_destroy(struct db *db)
{
    db_stale_all_gone(db);
    hmap_destroy(&db->gone);
}
