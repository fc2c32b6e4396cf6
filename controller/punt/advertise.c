#include <config.h>
#include "controller/punt/advertise.h"

#include <limits.h>

#include "controller/oftables.h"
#include "controller/punt/handler.h"
#include "controller/punt/post.h"
#include "coverage.h"
#include "dp-packet.h"
#include "hash.h"
#include "heap.h"
#include "openvswitch/hmap.h"
#include "random.h"
#include "util.h"

COVERAGE_DEFINE(punt_advertised);

/* The first few come faster (RFC 4861, 6.2.4 and 10), in ms. */
#define N_INITIAL 3
#define MAX_INITIAL_INTERVAL 16000
/* Milliseconds until we try again to send what found no room. */
#define RETRY 10

struct advertised {
    struct hmap_node hmap_node;
    struct heap_node heap_node;  /* By 'due', the first one on top. */
    struct advertise_order order;
    long long int due;
    int n_sent;
};

struct advertiser {
    struct hmap all;
    struct heap by_time;
};

struct post *
advertise_post_create(void)
{
    return post_create(sizeof(struct advertise_order),
                       OFFSETOFEND(struct advertise_order, port_key),
                       SIZE_MAX);
}

struct advertiser *
advertiser_create(void)
{
    struct advertiser *a = xmalloc(sizeof *a);
    hmap_init(&a->all);
    heap_init(&a->by_time);
    return a;
}

static void
item_free(struct advertiser *a, struct advertised *item)
{
    heap_remove(&a->by_time, &item->heap_node);
    hmap_remove(&a->all, &item->hmap_node);
    free(item);
}

void
advertiser_destroy(struct advertiser *a)
{
    struct advertised *item;

    HMAP_FOR_EACH_SAFE (item, hmap_node, &a->all) {
        item_free(a, item);
    }
    hmap_destroy(&a->all);
    heap_destroy(&a->by_time);
    free(a);
}

static void
schedule(struct advertiser *a, struct advertised *item, long long int due)
{
    item->due = due;
    heap_change(&a->by_time, &item->heap_node, UINT64_MAX - due);
}

void
advertiser_order(struct advertiser *a, const struct advertise_order *order,
                 long long int now)
{
    uint32_t hash = hash_2words(order->dp_key, order->port_key);
    struct advertised *item;

    HMAP_FOR_EACH_WITH_HASH (item, hmap_node, hash, &a->all) {
        if (item->order.dp_key == order->dp_key
            && item->order.port_key == order->port_key) {
            break;
        }
    }
    if (!order->wanted) {
        if (item) {
            item_free(a, item);
        }
        return;
    }
    if (!item) {
        item = xzalloc(sizeof *item);
        hmap_insert(&a->all, &item->hmap_node, hash);
        heap_insert(&a->by_time, &item->heap_node, 0);
    }
    item->order = *order;
    item->n_sent = 0;
    schedule(a, item, now);
}

/* Only this chassis' machines need it: the other ones do the same. */
static struct ofpbuf *
compose(const struct advertise_order *order)
{
    struct dp_packet frame;

    dp_packet_use_const(&frame, order->frame, order->len);
    return punt_inject(order->dp_key, order->port_key, 1u << FLAG_LOCAL_ONLY,
                       &frame);
}

static long long int
interval(const struct advertised *item)
{
    uint32_t min = item->order.min * 1000, max = item->order.max * 1000;
    uint32_t ms = min + random_range(MAX(max - min, 1));

    return item->n_sent < N_INITIAL ? MIN(ms, MAX_INITIAL_INTERVAL) : ms;
}

long long int
advertiser_run(struct advertiser *a, long long int now,
               bool (*send)(struct ofpbuf *, void *aux), void *aux)
{
    while (!heap_is_empty(&a->by_time)) {
        struct advertised *item = CONTAINER_OF(heap_max(&a->by_time),
                                               struct advertised, heap_node);
        if (now < item->due) {
            return item->due;
        }
        if (!send(compose(&item->order), aux)) {
            return now + RETRY;
        }
        COVERAGE_INC(punt_advertised);
        item->n_sent += item->n_sent < N_INITIAL;
        schedule(a, item, now + interval(item));
    }
    return LLONG_MAX;
}
