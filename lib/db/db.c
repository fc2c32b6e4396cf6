/* The connection to one database: events, lock, conditions. */
#include <config.h>

#include "lib/db/db.h"

#include <stdlib.h>
#include <string.h>

#include "jsonrpc.h"
#include "lib/db/db-private.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovsdb-cs.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(db);

static void apply_conditions(struct db *);

/* Lifecycle. */

static void
start_cs(struct db *db)
{
    static const struct ovsdb_cs_ops ops = { db_mirror_monitor_requests };
    const struct db_options *o = &db->options;

    db->cs = ovsdb_cs_create(db->class->name,
                             o->max_version ? o->max_version : 3, &ops, db);
    ovsdb_cs_set_leader_only(db->cs, o->leader_only);
    ovsdb_cs_set_shuffle_remotes(db->cs, o->shuffle_remotes);
    ovsdb_cs_set_lock(db->cs, o->lock);
    for (size_t i = 0; i < db->class->n_tables; i++) {
        db->class->tables[i]->rt->cs_has_condition = false;
    }
    apply_conditions(db);
    if (db->remote) {
        ovsdb_cs_set_remote(db->cs, db->remote, true);
    }
    if (db->probe_interval >= 0) {
        ovsdb_cs_set_probe_interval(db->cs, db->probe_interval);
    }
}

/* Creates a mirror of, and sinks into, a database of the given 'class'.
 * db_set_remote() starts it.  There can be only one of each class at a
 * time. */
struct db *
db_create(const struct db_class *class, const struct db_options *options,
          const struct db_sink *sinks)
{
    struct db *db = xzalloc(sizeof *db);

    db->class = class;
    db->options = *options;
    db->options.lock = nullable_xstrdup(options->lock);
    db->probe_interval = -1;
    ovs_list_init(&db->list_node);
    db_txn_init(db);
    db_sinks_create(db, sinks);
    db_stale_use_columns(db);
    db_mirror_init(db);
    db_stale_start(db);
    db_sinks_start(db);
    start_cs(db);
    return db;
}

/* Closes the connection and frees 'db'.  The rows stay with the engine, which
 * may be destroyed before or after. */
void
db_destroy(struct db *db)
{
    if (db) {
        db_show_remove(db);
        ovsdb_cs_destroy(db->cs);
        db_txn_destroy(db);
        db_stale_destroy(db);
        db_sinks_destroy(db);
        db_mirror_destroy(db);
        free(CONST_CAST(char *, db->options.lock));
        free(db->remote);
        free(db);
    }
}

/* Configuration. */

/* Connects to 'remote' (NULL: to nowhere), e.g. "tcp:127.0.0.1:6641", or to
 * one of several, separated by commas.  An existing connection that is among
 * them stays. */
void
db_set_remote(struct db *db, const char *remote)
{
    if (!nullable_string_is_equal(db->remote, remote)) {
        free(db->remote);
        db->remote = nullable_xstrdup(remote);
        ovsdb_cs_set_remote(db->cs, remote, true);
        if (db->probe_interval >= 0) {
            ovsdb_cs_set_probe_interval(db->cs, db->probe_interval);
        }
    }
}

/* Sets the interval of keepalive probes in ms, 0 for none. */
void
db_set_probe_interval(struct db *db, int ms)
{
    if (db->probe_interval != ms) {
        db->probe_interval = ms;
        ovsdb_cs_set_probe_interval(db->cs, ms);
    }
}

void
db_set_leader_only(struct db *db, bool leader_only)
{
    if (db->options.leader_only != leader_only) {
        db->options.leader_only = leader_only;
        ovsdb_cs_set_leader_only(db->cs, leader_only);
    }
}

/* Sets the lock without which nothing is written, or releases it (NULL). */
void
db_set_lock(struct db *db, const char *lock)
{
    if (!nullable_string_is_equal(db->options.lock, lock)) {
        free(CONST_CAST(char *, db->options.lock));
        db->options.lock = nullable_xstrdup(lock);
        ovsdb_cs_set_lock(db->cs, lock);
    }
}

/* Lets us connect to cluster members that seem to have older data than what we
 * have seen, since the cluster was rebuilt. */
void
db_reset_min_index(struct db *db)
{
    ovsdb_cs_reset_min_index(db->cs);
}

/* Conditions. */

/* Tells 'cs' the conditions.  A table that the server lacks must not have one:
 * the request to monitor would fail as a whole. */
static void
apply_conditions(struct db *db)
{
    unsigned int seqno = ovsdb_cs_get_condition_seqno(db->cs);

    for (size_t i = 0; i < db->class->n_tables; i++) {
        const struct db_table *table = db->class->tables[i];
        struct db_table_rt *rt = table->rt;

        if (rt->monitored && !table->is_missing
            && (rt->condition || rt->cs_has_condition)) {
            unsigned int s = ovsdb_cs_set_condition(db->cs, table->name,
                                                    rt->condition);
            seqno = MAX(seqno, s);
            rt->cs_has_condition = true;
        }
    }
    db->cond_seqno = seqno;
}

void
db_set_condition(struct db *db, struct db_table *table, const char *text)
{
    struct db_table_rt *rt = table->rt;
    struct json *condition = text ? json_from_string(text) : NULL;

    ovs_assert(!condition || condition->type == JSON_ARRAY);
    if (condition && rt->condition ? json_equal(condition, rt->condition)
        : condition == rt->condition) {
        json_destroy(condition);
        return;
    }
    json_destroy(rt->condition);
    rt->condition = condition;
    if (rt->monitored && !table->is_missing) {
        unsigned int seqno = ovsdb_cs_set_condition(db->cs, table->name,
                                                    condition);
        db->cond_seqno = MAX(db->cond_seqno, seqno);
        rt->cs_has_condition = true;
    }
}

bool
db_condition_is_current(const struct db *db_)
{
    struct db *db = CONST_CAST(struct db *, db_);

    if (!db->synced) {
        return false;
    }
    if (db->cond_seqno != ovsdb_cs_get_condition_seqno(db->cs)) {
        /* A reconnection may have made them current in another way. */
        apply_conditions(db);
    }
    return db->cond_seqno == ovsdb_cs_get_condition_seqno(db->cs);
}

/* The server's schema has tables that it did not have before, or the other way
 * round. */
static void
schema_changed(struct db *db)
{
    bool restart = false;

    db->schema_changed = false;
    for (size_t i = 0; i < db->class->n_tables; i++) {
        const struct db_table *table = db->class->tables[i];
        if (table->is_missing && table->rt->cs_has_condition) {
            restart = true;
        }
    }
    if (restart) {
        ovsdb_cs_destroy(db->cs);
        db->synced = false;
        db_txn_lost(db);
        start_cs(db);
    } else {
        apply_conditions(db);
    }
}

/* Running. */

static void
process_update(struct db *db, const struct ovsdb_cs_update_event *update)
{
    if (update->clear) {
        db_sinks_check_all(db);
        db_stale_all_gone(db);
    }
    if (db_mirror_update(db, update)) {
        db->seqno++;
        if (update->monitor_reply) {
            db->synced = db->ever_synced = true;
        }
    }
}

void
db_run(struct db *db)
{
    struct ovs_list events;
    struct ovsdb_cs_event *event;

    ovsdb_cs_run(db->cs, &events);
    LIST_FOR_EACH_POP (event, list_node, &events) {
        switch (event->type) {
        case OVSDB_CS_EVENT_TYPE_RECONNECT:
            db->synced = false;
            db_txn_lost(db);
            break;

        case OVSDB_CS_EVENT_TYPE_LOCKED:
            VLOG_INFO("%s: got lock \"%s\"", db->class->name,
                      ovsdb_cs_get_lock(db->cs));
            break;

        case OVSDB_CS_EVENT_TYPE_UPDATE:
            process_update(db, &event->update);
            break;

        case OVSDB_CS_EVENT_TYPE_TXN_REPLY:
            db_txn_reply(db, event->txn_reply);
            break;
        }
        ovsdb_cs_event_destroy(event);
    }
    if (db->schema_changed) {
        schema_changed(db);
    }
}

static bool
has_touched_rows(const struct db *db)
{
    for (size_t i = 0; i < db->n_sinks; i++) {
        const struct sink *s = &db->sinks[i];
        if (s->n_checks || inc_n_touched(s->s->out)) {
            return true;
        }
    }
    return false;
}

void
db_wait(struct db *db)
{
    ovsdb_cs_wait(db->cs);
    if (db->synced && !db->txn.request_id
        && ovsdb_cs_may_send_transaction(db->cs)) {
        if (has_touched_rows(db)) {
            poll_timer_wait_until(db->retry_at);
        }
        db_suspects_wait(db);
    }
}

/* State. */

bool
db_is_connected(const struct db *db)
{
    return db->synced && ovsdb_cs_is_connected(db->cs);
}

bool
db_has_ever_synced(const struct db *db)
{
    return db->ever_synced;
}

bool
db_has_lock(const struct db *db)
{
    return ovsdb_cs_has_lock(db->cs);
}

bool
db_is_lock_contended(const struct db *db)
{
    return ovsdb_cs_is_lock_contended(db->cs);
}

uint64_t
db_seqno(const struct db *db)
{
    return db->seqno;
}
