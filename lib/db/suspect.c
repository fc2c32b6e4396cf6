/* Rows that the server refuses.
 *
 * A transaction is all or nothing, so one bad row would block everything.  The
 * server says which operation failed, or names rows by uuid.  Such a row is
 * watched, and when its next try fails as well, it is set aside with a
 * warning: the rest goes without it (and without what refers to it), and it is
 * tried on its own, with growing intervals and whenever it changes. */
#include <config.h>

#include "lib/db/db-private.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(db_suspect);

COVERAGE_DEFINE(db_row_set_aside);

#define FAILURES_TO_EXCLUDE 2

/* Milliseconds. */
#define MIN_BACKOFF 1000
#define MAX_BACKOFF 32000

struct suspect *
db_suspect_find(const struct db *db, const struct uuid *uuid)
{
    struct suspect *sus;

    HMAP_FOR_EACH_WITH_HASH (sus, node, uuid_hash(uuid), &db->suspects) {
        if (uuid_equals(&sus->row.uuid, uuid)) {
            return sus;
        }
    }
    return NULL;
}

/* Returns the row that has waited longest for its next try, or NULL. */
struct suspect *
db_suspect_due(const struct db *db)
{
    struct suspect *sus, *best = NULL;

    HMAP_FOR_EACH (sus, node, &db->suspects) {
        if (sus->excluded && sus->retry_at <= time_msec()
            && (!best || sus->retry_at < best->retry_at)) {
            best = sus;
        }
    }
    return best;
}

/* The row of 'sus', which is set aside, has changed: it may do now. */
void
db_suspect_touched(struct db *db, struct suspect *sus, struct inc_row *out)
{
    ovs_assert(sus->excluded && db->n_excluded);
    sus->row.out = out;
    sus->retry_at = time_msec();
}

/* Notes that the transaction failed with 'error' because of 'row'.  Returns
 * true if that leads to its being set aside now. */
bool
db_suspect_blame(struct db *db, const struct txn_row *row, const char *error)
{
    struct suspect *sus = db_suspect_find(db, &row->uuid);

    if (!sus) {
        sus = xzalloc(sizeof *sus);
        hmap_insert(&db->suspects, &sus->node, uuid_hash(&row->uuid));
    }
    sus->row = *row;
    sus->n_failures++;
    free(sus->error);
    sus->error = xstrdup(error);

    char *name = sink_row_name(row->sink, row->out, &row->uuid);
    bool newly_excluded = false;
    if (sus->n_failures < FAILURES_TO_EXCLUDE) {
        VLOG_WARN("%s: transaction failed because of %s: %s",
                  db->class->name, name, error);
    } else {
        int shift = MIN(sus->n_failures - FAILURES_TO_EXCLUDE, 10);
        int backoff = MIN(MIN_BACKOFF << shift, MAX_BACKOFF);

        if (!sus->excluded) {
            newly_excluded = sus->excluded = true;
            db->n_excluded++;
            COVERAGE_INC(db_row_set_aside);
            VLOG_WARN("%s: transaction failed again because of %s, which is "
                      "set aside until that changes: %s",
                      db->class->name, name, error);
        } else {
            static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);
            VLOG_WARN_RL(&rl, "%s: %s still fails: %s",
                         db->class->name, name, error);
        }
        sus->retry_at = time_msec() + backoff;
    }
    free(name);
    return newly_excluded;
}

static void
suspect_destroy(struct db *db, struct suspect *sus)
{
    hmap_remove(&db->suspects, &sus->node);
    free(sus->error);
    free(sus);
}

/* The row 'uuid' has gone into the database, or is not wanted any more. */
void
db_suspect_clear(struct db *db, const struct uuid *uuid)
{
    struct suspect *sus = db_suspect_find(db, uuid);

    if (sus) {
        if (sus->excluded) {
            char *name = sink_row_name(sus->row.sink, NULL, uuid);
            VLOG_INFO("%s: %s is no longer set aside", db->class->name, name);
            free(name);
            db->n_excluded--;
            sink_retry_deferred(db);
        }
        suspect_destroy(db, sus);
    }
}

void
db_suspects_wait(const struct db *db)
{
    long long int when = LLONG_MAX;
    const struct suspect *sus;

    HMAP_FOR_EACH (sus, node, &db->suspects) {
        if (sus->excluded) {
            when = MIN(when, sus->retry_at);
        }
    }
    if (when != LLONG_MAX) {
        poll_timer_wait_until(when);
    }
}

void
db_suspects_destroy(struct db *db)
{
    struct suspect *sus;

    HMAP_FOR_EACH_SAFE (sus, node, &db->suspects) {
        suspect_destroy(db, sus);
    }
    hmap_destroy(&db->suspects);
    db->n_excluded = 0;
}
