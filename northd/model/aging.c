#include <config.h>
#include "northd/model/aging.h"

#include "heap.h"
#include "lib/table/nb-table.h"
#include "northd/model/config.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "timeval.h"
#include "util.h"

/* After the rows of one turn the databases and the chassis get a break. */
#define BULK_DELAY_MS 5000

static const char *const limit_options[N_AGING_KINDS] = {
    [AGING_MAC_BINDING] = "mac_binding_removal_limit",
    [AGING_FDB] = "fdb_removal_limit",
};

/* A row of the table 'aging'. */
struct timer {
    struct hmap_node node;           /* In 'timers'. */
    struct heap_node heap_node;      /* In queues[].heap, unless it expired. */
    struct uuid uuid;
    int64_t deadline;
    enum aging_kind kind;
    bool expired;
};

static struct hmap timers = HMAP_INITIALIZER(&timers);

/* The rows of a kind that have not expired, the first one on top.  Of what has
 * waited for its turn no more than a bulk goes at a time. */
static struct aging_queue {
    struct heap heap;
    long long int next_bulk;         /* Milliseconds, monotonic. */
} queues[N_AGING_KINDS];

/* Expired rows that are gone, or not expired any more: for the next turn. */
static struct uuid *obsolete;
static size_t n_obsolete, obsolete_cap;

static struct timer *
find_timer(const struct uuid *uuid)
{
    struct timer *t;
    HMAP_FOR_EACH_WITH_HASH (t, node, uuid_hash(uuid), &timers) {
        if (uuid_equals(&t->uuid, uuid)) {
            return t;
        }
    }
    return NULL;
}

/* Takes it out of where it waits. */
static void
stop_timer(struct timer *t)
{
    if (!t->expired) {
        heap_remove(&queues[t->kind].heap, &t->heap_node);
        return;
    }
    if (n_obsolete >= obsolete_cap) {
        obsolete = x2nrealloc(obsolete, &obsolete_cap, sizeof *obsolete);
    }
    obsolete[n_obsolete++] = t->uuid;
    t->expired = false;
}

static void
aging_changed(const struct inc_row *row, uint32_t mask OVS_UNUSED)
{
    const struct aging_v *v = aging_untracked(row);
    struct timer *t = find_timer(&v->uuid);

    if (t) {
        stop_timer(t);
    }
    if (inc_row_is_dead(row)) {
        if (t) {
            hmap_remove(&timers, &t->node);
            free(t);
        }
        return;
    }
    if (!t) {
        t = xzalloc(sizeof *t);
        t->uuid = v->uuid;
        hmap_insert(&timers, &t->node, uuid_hash(&v->uuid));
    }
    t->deadline = v->deadline;
    t->kind = v->kind;
    heap_insert(&queues[t->kind].heap, &t->heap_node,
                INT64_MAX - MAX(t->deadline, 0));
}

INC_TABLE_DEFINE(aging, AGING_FIELDS, .kind = INC_DERIVED,
                 .on_change = aging_changed);
INC_TABLE_DEFINE(expired, EXPIRED_FIELDS, .kind = INC_INPUT);

static void
expired_key(const void *v_, struct inc_keys *keys)
{
    const struct expired_v *v = v_;
    inc_keys_add(keys, &v->uuid, sizeof v->uuid);
}
struct inc_index expired_by_uuid = {
    .name = "expired_by_uuid", .table = &expired_table, .keys = expired_key,
};

bool
age(enum aging_kind kind, const struct uuid *uuid, int64_t deadline)
{
    emit_aging(&(struct aging_v) {
        .uuid = *uuid, .deadline = deadline, .kind = kind,
    });
    const struct expired *row = inc_find_one(&expired_by_uuid, uuid,
                                             sizeof *uuid);
    return row && expired_deadline(row) == deadline;
}

static size_t
removal_limit(enum aging_kind kind)
{
    const struct nb_nb_global *global = the_nb_global();
    const char *s = (global ? nb_nb_global_options_get(global,
                                                       limit_options[kind])
                     : NULL);
    unsigned int limit;
    return s && str_to_uint(s, 10, &limit) && limit ? limit : SIZE_MAX;
}

static struct timer *
first_timer(const struct aging_queue *queue)
{
    return (heap_is_empty(&queue->heap) ? NULL
            : CONTAINER_OF(heap_max(&queue->heap), struct timer, heap_node));
}

static void
expire(struct aging_queue *queue, int64_t now, size_t limit)
{
    struct timer *t;
    size_t n = 0;

    while ((t = first_timer(queue)) && t->deadline <= now) {
        if (n++ >= limit) {
            queue->next_bulk = time_msec() + BULK_DELAY_MS;
            return;
        }
        heap_remove(&queue->heap, &t->heap_node);
        t->expired = true;
        inc_input_set(&expired_table, &(struct expired_v) {
            .uuid = t->uuid, .deadline = t->deadline,
        });
    }
}

void
aging_run(void)
{
    for (size_t i = 0; i < n_obsolete; i++) {
        inc_input_unset(&expired_table, &(struct expired_v) {
            .uuid = obsolete[i],
        });
    }
    n_obsolete = 0;
    for (int kind = 0; kind < N_AGING_KINDS; kind++) {
        if (time_msec() >= queues[kind].next_bulk) {
            expire(&queues[kind], time_wall_msec(), removal_limit(kind));
        }
    }
}

void
aging_wait(void)
{
    for (int kind = 0; kind < N_AGING_KINDS; kind++) {
        const struct aging_queue *queue = &queues[kind];
        const struct timer *t = first_timer(queue);
        if (t) {
            long long int left = MAX(0, t->deadline - time_wall_msec());
            poll_timer_wait_until(MAX(queue->next_bulk, time_msec() + left));
        }
    }
    if (n_obsolete) {
        poll_immediate_wake();
    }
}

void
aging_destroy(void)
{
    struct timer *t;

    HMAP_FOR_EACH_POP (t, node, &timers) {
        free(t);
    }
    hmap_destroy(&timers);
    for (int kind = 0; kind < N_AGING_KINDS; kind++) {
        heap_destroy(&queues[kind].heap);
    }
    free(obsolete);
}
