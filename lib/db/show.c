/* Statistics. */
#include <config.h>

#include "lib/db/db.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/db/db-private.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/list.h"
#include "unixctl.h"
#include "util.h"

static struct ovs_list dbs = OVS_LIST_INITIALIZER(&dbs);

void
db_stats_get(const struct db *db, const struct db_table *table,
             struct db_stats *stats)
{
    *stats = table ? table->rt->stats : db->stats;
    for (size_t i = 0; !table && i < db->class->n_tables; i++) {
        const struct db_stats *t = &db->class->tables[i]->rt->stats;
        stats->inserted += t->inserted;
        stats->updated += t->updated;
        stats->deleted += t->deleted;
    }
}

static void
show_table(const struct db_table *table, struct ds *ds)
{
    const struct db_stats *stats = &table->rt->stats;
    size_t n = hmap_count(&table->rows);

    if (n || stats->inserted || stats->updated || stats->deleted) {
        ds_put_format(ds, "  %s: %"PRIuSIZE" rows, %"PRIu64" inserted, "
                      "%"PRIu64" updated, %"PRIu64" deleted\n",
                      table->name, n, stats->inserted, stats->updated,
                      stats->deleted);
    }
}

static void
show_sink(const struct sink *s, struct ds *ds)
{
    size_t n_touched = inc_n_touched(s->s->out);

    if (n_touched || !hmapx_is_empty(&s->dangling)
        || !hmapx_is_empty(&s->floating) || !hmapx_is_empty(&s->deferred)) {
        ds_put_format(ds, "  %s: %"PRIuSIZE" touched, %"PRIuSIZE" with "
                      "dangling references, %"PRIuSIZE" not referred to, "
                      "%"PRIuSIZE" deferred\n", s->s->out->name, n_touched,
                      hmapx_count(&s->dangling), hmapx_count(&s->floating),
                      hmapx_count(&s->deferred));
    }
}

static void
show_db(const struct db *db, struct ds *ds)
{
    const struct suspect *sus;

    ds_put_format(ds, "%s: %s, %s", db->show_name,
                  db->remote ? db->remote : "no remote",
                  db_is_connected(db) ? "connected" : "not connected");
    if (db->options.lock) {
        ds_put_format(ds, ", lock %s %s", db->options.lock,
                      db_has_lock(db) ? "held"
                      : db_is_lock_contended(db) ? "held by another"
                      : "not held");
    }
    ds_put_format(ds, "\n  %"PRIu64" transactions, %"PRIu64" failed%s%s\n",
                  db->stats.txns, db->stats.failed,
                  db->txn.request_id ? ", one in flight" : "",
                  db_sink_is_clean(db) ? ", clean" : "");
    for (size_t i = 0; i < db->class->n_tables; i++) {
        show_table(db->class->tables[i], ds);
    }
    for (size_t i = 0; i < db->n_sinks; i++) {
        show_sink(&db->sinks[i], ds);
    }
    HMAP_FOR_EACH (sus, node, &db->suspects) {
        char *name = sink_row_name(sus->row.sink, NULL, &sus->row.uuid);
        ds_put_format(ds, "  %s%s, failed %d times: %s\n", name,
                      sus->excluded ? " is set aside" : "", sus->n_failures,
                      sus->error);
        free(name);
    }
}

static void
show_cb(struct unixctl_conn *conn, int argc, const char *argv[],
        void *aux OVS_UNUSED)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    bool found = false;
    const struct db *db;

    LIST_FOR_EACH (db, list_node, &dbs) {
        if (argc < 2 || !strcmp(argv[1], db->show_name)) {
            show_db(db, &ds);
            found = true;
        }
    }
    if (found || argc < 2) {
        unixctl_command_reply(conn, ds_cstr(&ds));
    } else {
        unixctl_command_reply_error(conn, "no such database");
    }
    ds_destroy(&ds);
}

/* Makes 'db' appear as 'name' in the output of "db/show". */
void
db_unixctl_register(struct db *db, const char *name)
{
    if (!db->show_name) {
        unixctl_command_register("db/show", "[NAME]", 0, 1, show_cb, NULL);
        db->show_name = xstrdup(name);
        ovs_list_push_back(&dbs, &db->list_node);
    }
}

void
db_show_remove(struct db *db)
{
    if (db->show_name) {
        ovs_list_remove(&db->list_node);
        free(db->show_name);
        db->show_name = NULL;
    }
}
