/* One transaction at a time, from the rows that may differ to the reply.
 *
 * Operations are written as JSON text right away: a cold start inserts some
 * 100,000s of rows, and a tree of JSON objects for them would cost more than
 * all the rest.  Rows leave the engine's list of touched rows when a
 * transaction takes them and go back to it when that fails, so nothing gets
 * lost, and what they want by then is what the next one has. */
#include <config.h>

#include "lib/db/db.h"

#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "jsonrpc.h"
#include "lib/db/db-private.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/vlog.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(db_txn);

COVERAGE_DEFINE(db_txn_sent);
COVERAGE_DEFINE(db_txn_failed);
COVERAGE_DEFINE(db_txn_lost);
COVERAGE_DEFINE(db_row_compared);

/* Bytes of text in one JSON chunk. */
#define CHUNK_SIZE (128 * 1024)

/* Milliseconds until a failed transaction is tried again. */
#define MIN_BACKOFF 100
#define MAX_BACKOFF 8000

struct txn_insert {
    struct hmap_node node;      /* In txn->inserts, by uuid_hash(). */
    size_t index;               /* In txn->rows. */
};

/* Writing operations. */

static void
flush_text(struct txn *txn)
{
    if (txn->text.length) {
        struct json *chunk
            = json_string_create_nocopy(ds_steal_cstr(&txn->text));
        chunk->type = JSON_SERIALIZED_OBJECT;
        json_array_add(txn->params, chunk);
    }
}

/* Returns where to write the next operation. */
struct ds *
db_txn_op_start(struct txn *txn)
{
    if (txn->text.length) {
        ds_put_char(&txn->text, ',');
    }
    return &txn->text;
}

/* 'n_ops' operations have been written. */
void
db_txn_op_end(struct txn *txn, size_t n_ops)
{
    txn->n_ops += n_ops;
    if (txn->text.length >= CHUNK_SIZE) {
        txn->n_bytes += txn->text.length;
        flush_text(txn);
    }
}

/* Rows of the transaction. */

static struct txn_row *
add_row(struct txn *txn, struct sink *s, struct inc_row *out,
        const struct uuid *uuid, enum op_type type)
{
    if (txn->n >= txn->allocated) {
        txn->rows = x2nrealloc(txn->rows, &txn->allocated, sizeof *txn->rows);
    }
    struct txn_row *tr = &txn->rows[txn->n++];
    *tr = (struct txn_row) { .sink = s, .out = out, .uuid = *uuid,
                             .type = type };
    return tr;
}

static void
forget_inserts(struct txn *txn)
{
    struct txn_insert *ti;

    HMAP_FOR_EACH_POP (ti, node, &txn->inserts) {
        free(ti);
    }
    txn->have_inserts = false;
}

static void
clear_rows(struct txn *txn)
{
    forget_inserts(txn);
    txn->n = 0;
    if (txn->allocated > 10000) {
        free(txn->rows);
        txn->rows = NULL;
        txn->allocated = 0;
    }
}

/* Returns the row that 'txn' inserts with the given 'uuid', or NULL. */
struct txn_row *
db_txn_find_insert(struct txn *txn, const struct uuid *uuid)
{
    if (!txn->have_inserts) {
        for (size_t i = 0; i < txn->n; i++) {
            if (txn->rows[i].type == OP_INSERT) {
                struct txn_insert *ti = xmalloc(sizeof *ti);
                ti->index = i;
                hmap_insert(&txn->inserts, &ti->node,
                            uuid_hash(&txn->rows[i].uuid));
            }
        }
        txn->have_inserts = true;
    }

    const struct txn_insert *ti;
    HMAP_FOR_EACH_WITH_HASH (ti, node, uuid_hash(uuid), &txn->inserts) {
        struct txn_row *tr = &txn->rows[ti->index];
        if (tr->type == OP_INSERT && uuid_equals(&tr->uuid, uuid)) {
            return tr;
        }
    }
    return NULL;
}

/* Gives a row back, to be looked at again. */
static void
give_back(struct txn_row *tr)
{
    if (tr->out) {
        inc_touch(tr->out);
    } else {
        sink_add_check(tr->sink, &tr->uuid);
    }
    tr->type = OP_NONE;
}

/* Collecting rows. */

/* Adds 'out' to the transaction, unless there is nothing to do for it. */
static void
add_output_row(struct db *db, struct sink *s, struct inc_row *out)
{
    const struct uuid *uuid = sink_row_uuid(s, out);
    bool exists = db_row_get(s->table, uuid) != NULL;

    if (!hmapx_is_empty(&s->deferred)) {
        hmapx_find_and_delete(&s->deferred, out);
    }
    if (inc_row_is_dead(out)) {
        if (sink_only_adds(s) || !exists) {
            db_suspect_clear(db, uuid);
            sink_release(s, out);
        } else {
            add_row(&db->txn, s, out, uuid, OP_DELETE);
        }
    } else if (s->s->deletes || (s->s->present && !s->s->present(out))) {
        if (exists) {
            add_row(&db->txn, s, out, uuid, OP_DELETE);
        }
    } else if (exists) {
        add_row(&db->txn, s, out, uuid, OP_UPDATE);
    } else if (!s->s->update_only && !s->table->is_missing
               && !hmapx_contains(&s->floating, out)) {
        add_row(&db->txn, s, out, uuid, OP_INSERT);
    }
}

/* Adds the row 'uuid', which may be in the mirror without anybody emitting
 * it. */
static void
add_unwanted_row(struct db *db, struct sink *s, const struct uuid *uuid)
{
    const struct suspect *sus = db_suspect_find(db, uuid);
    if (sink_is_unwanted(s, uuid) && !(sus && sus->excluded)) {
        add_row(&db->txn, s, NULL, uuid, OP_DELETE);
    }
}

static void
collect_unwanted(struct db *db, struct sink *s)
{
    if (sink_only_adds(s)) {
        s->check_all = false;
        s->n_checks = 0;
    }
    if (s->check_all) {
        const struct db_row *row;
        s->check_all = false;
        DB_FOR_EACH (row, s->table) {
            add_unwanted_row(db, s, &row->uuid);
        }
    }
    for (size_t i = 0; i < s->n_checks; i++) {
        add_unwanted_row(db, s, &s->checks[i]);
    }
    s->n_checks = 0;
}

static void
collect_touched(struct db *db, struct sink *s)
{
    if (s->touch_all) {
        struct inc_row *out;
        s->touch_all = false;
        HMAP_FOR_EACH (out, node, &s->s->out->rows) {
            inc_touch(out);
        }
    }

    struct inc_row *out;
    while ((out = inc_touched_pop(s->s->out)) != NULL) {
        struct suspect *sus
            = (!hmap_is_empty(&db->suspects)
               ? db_suspect_find(db, sink_row_uuid(s, out)) : NULL);
        COVERAGE_INC(db_row_compared);
        if (sus && sus->excluded
            && !(inc_row_is_dead(out)
                 && !db_row_get(s->table, &sus->row.uuid))) {
            db_suspect_touched(db, sus, out);
        } else {
            add_output_row(db, s, out);
        }
    }
}

/* Adds the row that 'sus' is about. */
static void
collect_suspect(struct db *db, const struct suspect *sus)
{
    struct txn_row row = sus->row;

    if (row.out) {
        add_output_row(db, row.sink, row.out);
    } else if (sink_is_unwanted(row.sink, &row.uuid)) {
        add_row(&db->txn, row.sink, NULL, &row.uuid, OP_DELETE);
    }
}

/* Rows that come along. */

static bool
add_floating(const struct db_table *refs, const struct uuid *uuid, void *db_)
{
    struct db *db = db_;
    struct sink *s = db_owning_sink(refs);

    if (s && !hmapx_is_empty(&s->floating)) {
        struct inc_row *out = sink_find(s, uuid);
        if (out && hmapx_find_and_delete(&s->floating, out)) {
            add_output_row(db, s, out);
        }
    }
    return false;
}

/* Adds the floating rows that the others refer to. */
static void
collect_floating(struct db *db)
{
    for (size_t i = 0; i < db->txn.n; i++) {
        const struct txn_row *tr = &db->txn.rows[i];
        if (tr->out && tr->type != OP_DELETE) {
            sink_for_each_ref(tr->sink, tr->out, add_floating, db);
        }
    }

    db->any_floating = false;
    for (size_t i = 0; i < db->n_sinks; i++) {
        if (!hmapx_is_empty(&db->sinks[i].floating)) {
            db->any_floating = true;
        }
    }
}

/* Returns true if the row 'uuid' of 'refs' is held back, so that it cannot be
 * referred to. */
static bool
is_held_back(const struct db_table *refs, const struct uuid *uuid, void *db_)
{
    const struct db *db = db_;

    if (db_row_get(refs, uuid)) {
        return false;
    }
    const struct suspect *sus = db_suspect_find(db, uuid);
    if (sus && sus->excluded) {
        return true;
    }
    const struct sink *s = db_owning_sink(refs);
    struct inc_row *out = s ? sink_find(s, uuid) : NULL;
    return out && hmapx_contains(&s->deferred, out);
}

/* Holds back the rows that refer to rows that are held back. */
static void
defer_referrers(struct db *db)
{
    bool again = true;
    while (again) {
        again = false;
        for (size_t i = 0; i < db->txn.n; i++) {
            struct txn_row *tr = &db->txn.rows[i];
            if (tr->out && (tr->type == OP_INSERT || tr->type == OP_UPDATE)
                && sink_for_each_ref(tr->sink, tr->out, is_held_back, db)) {
                hmapx_add(&tr->sink->deferred, tr->out);
                tr->type = OP_NONE;
                again = true;
            }
        }
    }
}

/* For taking a part of the rows, with what that part refers to. */
struct batch {
    struct db *db;
    bool *taken;                /* By index in txn->rows. */
    size_t n;
};

static void take(struct batch *, size_t index);

static bool
take_ref(const struct db_table *refs OVS_UNUSED, const struct uuid *uuid,
         void *batch_)
{
    struct batch *b = batch_;
    struct txn *txn = &b->db->txn;
    const struct txn_row *tr = db_txn_find_insert(txn, uuid);

    if (tr) {
        take(b, tr - txn->rows);
    }
    return false;
}

static void
take(struct batch *b, size_t index)
{
    const struct txn_row *tr = &b->db->txn.rows[index];
    if (!b->taken[index]) {
        b->taken[index] = true;
        b->n++;
        if (tr->out && tr->type != OP_DELETE) {
            sink_for_each_ref(tr->sink, tr->out, take_ref, b);
        }
    }
}

/* Reduces the transaction to 'batch_limit' rows, or a few more. */
static void
take_batch(struct db *db)
{
    struct txn *txn = &db->txn;
    struct batch b = { .db = db, .taken = xzalloc(txn->n) };

    for (size_t i = 0; i < txn->n; i++) {
        if (txn->rows[i].type != OP_NONE && b.n < db->batch_limit) {
            take(&b, i);
        }
    }
    for (size_t i = 0; i < txn->n; i++) {
        if (txn->rows[i].type != OP_NONE && !b.taken[i]) {
            give_back(&txn->rows[i]);
        }
    }
    free(b.taken);
}

/* Sending. */

static void
compose_row(struct txn *txn, struct txn_row *tr)
{
    switch (tr->type) {
    case OP_INSERT:
        db_compose_insert(txn, tr);
        break;
    case OP_UPDATE:
        db_compose_update(txn, tr, db_row_get(tr->sink->table, &tr->uuid));
        break;
    case OP_DELETE:
        db_compose_delete(txn, tr);
        break;
    case OP_NONE:
        break;
    }
}

/* Writes the operations and drops the rows that do not need any. */
static void
compose(struct db *db)
{
    struct txn *txn = &db->txn;

    txn->params = json_array_create_1(json_string_create(db->class->name));
    txn->n_ops = 0;
    txn->n_bytes = 0;
    for (size_t i = 0; i < txn->n; i++) {
        compose_row(txn, &txn->rows[i]);
    }
    forget_inserts(txn);
    txn->n_bytes += txn->text.length;
    flush_text(txn);

    size_t n = 0;
    for (size_t i = 0; i < txn->n; i++) {
        if (txn->rows[i].n_ops) {
            txn->rows[n++] = txn->rows[i];
        }
    }
    txn->n = n;
}

static void
log_txn(const struct db *db, const char *what)
{
    const struct txn *txn = &db->txn;
    size_t n[4] = { 0, 0, 0, 0 };

    for (size_t i = 0; i < txn->n; i++) {
        n[txn->rows[i].type]++;
    }
    VLOG(db->options.dry_run ? VLL_INFO : VLL_DBG,
         "%s: %s: %"PRIuSIZE" rows to insert, %"PRIuSIZE" to update, "
         "%"PRIuSIZE" to delete, %"PRIu64" bytes", db->class->name, what,
         n[OP_INSERT], n[OP_UPDATE], n[OP_DELETE], txn->n_bytes);
    if (VLOG_IS_DBG_ENABLED() && txn->n <= 100) {
        char *s = json_to_string(txn->params, 0);
        VLOG_DBG("%s", s);
        free(s);
    }
}

/* In a dry run, a dead row goes as if it had been deleted. */
static void
finish_dry_run(struct db *db)
{
    struct txn *txn = &db->txn;

    log_txn(db, "dry run");
    json_destroy(txn->params);
    txn->params = NULL;
    for (size_t i = 0; i < txn->n; i++) {
        struct txn_row *tr = &txn->rows[i];
        if (tr->out && tr->type == OP_DELETE && inc_row_is_dead(tr->out)) {
            sink_release(tr->sink, tr->out);
        }
    }
    clear_rows(txn);
}

static void
give_all_back(struct db *db)
{
    struct txn *txn = &db->txn;

    for (size_t i = 0; i < txn->n; i++) {
        struct txn_row *tr = &txn->rows[i];
        const struct suspect *sus = (db->n_excluded
                                     ? db_suspect_find(db, &tr->uuid) : NULL);
        if (!sus || !sus->excluded) {
            give_back(tr);
        }
    }
    clear_rows(txn);
}

/* Composes the transaction and sends it, if it has any operation.  Returns
 * true if it did. */
static bool
compose_and_send(struct db *db)
{
    struct txn *txn = &db->txn;

    compose(db);
    if (!txn->n) {
        json_destroy(txn->params);
        txn->params = NULL;
        clear_rows(txn);
        return false;
    }
    if (db->options.dry_run) {
        finish_dry_run(db);
        return true;
    }

    log_txn(db, "transaction");
    txn->request_id = ovsdb_cs_send_transaction(db->cs, txn->params);
    txn->params = NULL;
    if (txn->request_id) {
        COVERAGE_INC(db_txn_sent);
    } else {
        give_all_back(db);
    }
    return true;
}

/* Tries a row that was set aside, if it is time.  Returns true if that led to
 * a transaction. */
static bool
run_solo(struct db *db)
{
    const struct suspect *sus = db->n_excluded ? db_suspect_due(db) : NULL;
    if (!sus || db->txn.solo) {
        db->txn.solo = false;
        return false;
    }

    struct uuid uuid = sus->row.uuid;
    db->txn.solo = true;
    collect_suspect(db, sus);
    if (db->any_floating) {
        collect_floating(db);
    }
    if (compose_and_send(db)) {
        return true;
    }

    /* It is all right by now. */
    db->txn.solo = false;
    db_suspect_clear(db, &uuid);
    return false;
}

void
db_sink_run(struct db *db)
{
    struct txn *txn = &db->txn;

    if (txn->request_id || !db->synced || time_msec() < db->retry_at
        || (!db->options.dry_run
            && !ovsdb_cs_may_send_transaction(db->cs))) {
        return;
    }
    if (run_solo(db)) {
        return;
    }

    for (size_t i = 0; i < db->n_sinks; i++) {
        collect_touched(db, &db->sinks[i]);
    }
    for (size_t i = 0; i < db->n_sinks; i++) {
        collect_unwanted(db, &db->sinks[i]);
    }
    if (db->any_floating) {
        collect_floating(db);
    }
    if (db->n_excluded) {
        defer_referrers(db);
    }
    if (txn->n > db->batch_limit) {
        take_batch(db);
    }
    compose_and_send(db);
}

/* Replies. */

/* A row that we inserted, or a deletion that we did, has gone through. */
static void
row_done(struct db *db, struct txn_row *tr)
{
    struct db_stats *stats = &tr->sink->table->rt->stats;

    switch (tr->type) {
    case OP_INSERT:
        stats->inserted++;
        if (!tr->sink->table->is_root && !inc_row_is_dead(tr->out)
            && !db_row_get(tr->sink->table, &tr->uuid)) {
            /* Nothing refers to it, so the server dropped it. */
            hmapx_add(&tr->sink->floating, tr->out);
            db->any_floating = true;
        }
        break;
    case OP_UPDATE:
        stats->updated++;
        break;
    case OP_DELETE:
        stats->deleted++;
        if (tr->out) {
            /* The next run finds it to be gone from the mirror. */
            inc_touch(tr->out);
        }
        break;
    case OP_NONE:
        break;
    }
    if (!hmap_is_empty(&db->suspects)) {
        db_suspect_clear(db, &tr->uuid);
    }
}

static void
txn_succeeded(struct db *db)
{
    struct txn *txn = &db->txn;

    for (size_t i = 0; i < txn->n; i++) {
        row_done(db, &txn->rows[i]);
    }
    clear_rows(txn);
    db->stats.txns++;
    db->n_failures = 0;
    db->retry_at = 0;
    db->batch_limit = (db->batch_limit > SIZE_MAX / 2 ? SIZE_MAX
                       : db->batch_limit * 2);
}

/* Returns true if 'error' has nothing to do with any row in particular. */
static bool
is_transient(const char *error)
{
    static const char *const names[] = {
        "I/O error", "aborted", "canceled", "cluster error",
        "database not ready", "not allowed", "not owner",
        "resources exhausted", "timed out", "unknown database",
    };

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (!strcmp(error, names[i])) {
            return true;
        }
    }
    return false;
}

/* Returns the row whose uuid stands at 's', or NULL. */
static struct txn_row *
find_named_row(struct txn *txn, const char *s)
{
    struct uuid uuid;
    if (uuid_from_string_prefix(&uuid, s)) {
        for (size_t i = 0; i < txn->n; i++) {
            if (uuid_equals(&txn->rows[i].uuid, &uuid)) {
                return &txn->rows[i];
            }
        }
    }
    return NULL;
}

/* Returns the row that an error message is about, or NULL.  Of two rows that
 * have the same value in an index, the higher uuid loses. */
static struct txn_row *
find_culprit_by_name(struct txn *txn, const char *error, const char *details)
{
    bool conflict = !strcmp(error, "constraint violation");
    struct txn_row *culprit = NULL;

    for (const char *s = details; *s; s++) {
        struct txn_row *tr = find_named_row(txn, s);
        if (tr && (!culprit
                   || (conflict && uuid_compare_3way(&tr->uuid,
                                                     &culprit->uuid) > 0))) {
            culprit = tr;
        }
    }
    return culprit;
}

/* Returns the row of the operation at index 'op', or NULL. */
static struct txn_row *
find_culprit_by_op(struct txn *txn, size_t op)
{
    for (size_t i = 0; i < txn->n; i++) {
        if (op < txn->rows[i].n_ops) {
            return &txn->rows[i];
        }
        op -= txn->rows[i].n_ops;
    }
    return NULL;
}

/* Looks for the error in a reply.  Returns false if there is none. */
static bool
find_error(const struct jsonrpc_msg *msg, size_t *op, const char **error,
           const char **details)
{
    const struct json *json = NULL;

    *op = SIZE_MAX;
    if (msg->type == JSONRPC_ERROR) {
        json = msg->error;
    } else if (msg->result->type == JSON_ARRAY) {
        const struct json_array *results = json_array(msg->result);
        for (size_t i = 0; i < results->n && !json; i++) {
            const struct json *result = results->elems[i];
            if (result->type == JSON_OBJECT
                && shash_find(json_object(result), "error")) {
                json = result;
                *op = i;
            }
        }
        if (!json) {
            return false;
        }
    }

    *error = "bad reply";
    *details = "";
    if (json && json->type == JSON_OBJECT) {
        const struct json *e = shash_find_data(json_object(json), "error");
        const struct json *d = shash_find_data(json_object(json), "details");
        *error = e && e->type == JSON_STRING ? json_string(e) : *error;
        *details = d && d->type == JSON_STRING ? json_string(d) : *details;
    } else if (json && json->type == JSON_STRING) {
        *error = json_string(json);
    }
    return true;
}

static void
log_failure(const struct db *db, const struct txn_row *culprit,
            const char *message)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 5);
    char *name = (culprit
                  ? sink_row_name(culprit->sink, culprit->out, &culprit->uuid)
                  : NULL);
    VLOG_WARN_RL(&rl, "%s: transaction failed%s%s: %s", db->class->name,
                 name ? " at " : "", name ? name : "", message);
    free(name);
}

static void
txn_failed(struct db *db, size_t op, const char *error, const char *details)
{
    struct txn *txn = &db->txn;
    char *message = xasprintf("%s%s%s", error, details[0] ? ": " : "",
                              details);
    struct txn_row *culprit = find_culprit_by_op(txn, op);
    bool again = false;

    db->stats.failed++;
    db->n_failures++;
    COVERAGE_INC(db_txn_failed);
    if (is_transient(error)) {
        log_failure(db, culprit, message);
    } else {
        if (!culprit) {
            culprit = find_culprit_by_name(txn, error, details);
        }
        if (!culprit && txn->n == 1) {
            culprit = &txn->rows[0];
        }
        if (culprit) {
            again = db_suspect_blame(db, culprit, message);
        } else {
            log_failure(db, NULL, message);
            if (db->n_failures > 1) {
                db->batch_limit = MAX(1, txn->n / 2);
                again = true;
            }
        }
    }
    free(message);

    /* While suspects are tried alone, the others go on. */
    if (again || txn->solo) {
        db->n_failures = again ? MIN(db->n_failures, 1) : 0;
        db->retry_at = 0;
    } else {
        int shift = MIN(db->n_failures - 1, 10);
        db->retry_at = time_msec() + MIN(MIN_BACKOFF << shift, MAX_BACKOFF);
    }
    give_all_back(db);
}

/* Processes the reply to a transaction. */
void
db_txn_reply(struct db *db, const struct jsonrpc_msg *msg)
{
    struct txn *txn = &db->txn;
    if (!txn->request_id || !json_equal(msg->id, txn->request_id)) {
        return;
    }

    size_t op;
    const char *error, *details;
    json_destroy(txn->request_id);
    txn->request_id = NULL;
    if (find_error(msg, &op, &error, &details)) {
        txn_failed(db, op, error, details);
    } else {
        txn_succeeded(db);
    }
}

/* The connection is gone, and with it the reply to the transaction in flight,
 * if any.  Whether it happened will be seen in the mirror. */
void
db_txn_lost(struct db *db)
{
    struct txn *txn = &db->txn;

    if (txn->request_id) {
        COVERAGE_INC(db_txn_lost);
        json_destroy(txn->request_id);
        txn->request_id = NULL;
        give_all_back(db);
    }
    db->n_failures = 0;
    db->retry_at = 0;
}

void
db_txn_init(struct db *db)
{
    hmap_init(&db->txn.inserts);
    hmap_init(&db->suspects);
    db->batch_limit = SIZE_MAX;
}

void
db_txn_destroy(struct db *db)
{
    struct txn *txn = &db->txn;

    json_destroy(txn->request_id);
    clear_rows(txn);
    hmap_destroy(&txn->inserts);
    free(txn->rows);
    ds_destroy(&txn->text);
    db_suspects_destroy(db);
}
