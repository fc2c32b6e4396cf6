/* The reply to a transaction: done, or what to do about the failure. */
#include <config.h>

#include "lib/db/db.h"

#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "jsonrpc.h"
#include "lib/db/db-private.h"
#include "openvswitch/json.h"
#include "openvswitch/vlog.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(db_reply);

COVERAGE_DEFINE(db_txn_failed);

/* Milliseconds until a failed transaction is tried again. */
#define MIN_BACKOFF 100
#define MAX_BACKOFF 8000

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
    case OP_UNREF:
        /* Now it can be inserted. */
        inc_touch(tr->out);
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
    db_txn_clear(txn);
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
    db_count_txn(is_transient(error) ? TXN_FATE_AGAIN : TXN_FATE_ERROR);
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
    db_txn_give_back(db);
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
        db_count_txn(TXN_FATE_SUCCESS);
        txn_succeeded(db);
    }
}
