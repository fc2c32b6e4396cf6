/* One transaction at a time: collecting, composing, sending.
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
#include "lib/db/db-private.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/token-bucket.h"
#include "openvswitch/vlog.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(db_txn);

COVERAGE_DEFINE(db_txn_sent);
COVERAGE_DEFINE(db_txn_lost);
COVERAGE_DEFINE(db_row_compared);

/* Bytes of text in one JSON chunk. */
#define CHUNK_SIZE (128 * 1024)

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

/* Forgets all rows. */
void
db_txn_clear(struct txn *txn)
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
compose_row(struct db *db, struct txn_row *tr)
{
    struct txn *txn = &db->txn;

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
    case OP_UNREF:
        db_compose_unref(db, tr);
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
        compose_row(db, &txn->rows[i]);
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
    size_t n[5] = { 0, 0, 0, 0, 0 };

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
    db_txn_clear(txn);
}

/* Gives all rows back, but for those that have been set aside. */
void
db_txn_give_back(struct db *db)
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
    db_txn_clear(txn);
}

/* Composes the transaction and sends it, if it has any operation.  Returns
 * true if it did. */
static bool
compose_and_send(struct db *db)
{
    struct txn *txn = &db->txn;

    compose(db);
    if (!txn->n) {
        db_count_txn(TXN_FATE_UNCHANGED);
        json_destroy(txn->params);
        txn->params = NULL;
        db_txn_clear(txn);
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
        db_count_txn(TXN_FATE_SENT);
    } else {
        db_txn_give_back(db);
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
    db_stale_hold_inserts(db);
    if (compose_and_send(db)) {
        return true;
    }

    /* It is all right by now. */
    db->txn.solo = false;
    db_suspect_clear(db, &uuid);
    return false;
}

/* Another client that keeps changing what we keep restoring must not occupy
 * the server (and us) forever: after RESTORE_BURST transactions in a row that
 * restore something, there are RESTORE_RATE a second. */
#define RESTORE_RATE 10
#define RESTORE_BURST 50

static bool
may_restore(struct db *db)
{
    if (db->restoring) {
        if (!token_bucket_withdraw(&db->restore_tokens,
                                   1000 / RESTORE_RATE)) {
            static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 1);
            VLOG_WARN_RL(&rl, "%s: another client keeps changing what we "
                         "write", db->class->name);
            db->retry_at = time_msec() + 1000 / RESTORE_RATE;
            return false;
        }
        db->restoring = false;
    }
    return true;
}

void
db_sink_run(struct db *db)
{
    struct txn *txn = &db->txn;

    if (txn->request_id || !db->synced || time_msec() < db->retry_at
        || (!db->options.dry_run
            && !ovsdb_cs_may_send_transaction(db->cs))
        || !may_restore(db)) {
        return;
    }
    if (run_solo(db)) {
        return;
    }

    if (db->any_held) {
        db->any_held = false;
        sink_retry_deferred(db);
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
    if (db_stale_hold_inserts(db) || db->n_excluded) {
        defer_referrers(db);
    }
    if (txn->n > db->batch_limit) {
        take_batch(db);
    }
    compose_and_send(db);
}

/* Lifecycle. */

/* The connection is gone, and with it the reply to the transaction in flight,
 * if any.  Whether it happened will be seen in the mirror. */
void
db_txn_lost(struct db *db)
{
    struct txn *txn = &db->txn;

    if (txn->request_id) {
        COVERAGE_INC(db_txn_lost);
        db_count_txn(TXN_FATE_AGAIN);
        json_destroy(txn->request_id);
        txn->request_id = NULL;
        db_txn_give_back(db);
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
    token_bucket_init(&db->restore_tokens, 1,
                      RESTORE_BURST * 1000 / RESTORE_RATE);
}

void
db_txn_destroy(struct db *db)
{
    struct txn *txn = &db->txn;

    json_destroy(txn->request_id);
    db_txn_clear(txn);
    hmap_destroy(&txn->inserts);
    free(txn->rows);
    ds_destroy(&txn->text);
    db_suspects_destroy(db);
}
