#include <config.h>
#include "controller/punt/announce.h"

#include <limits.h>

#include "controller/punt/handler.h"
#include "controller/punt/post.h"
#include "coverage.h"
#include "dp-packet.h"
#include "hash.h"
#include "heap.h"
#include "lib/net/neighbor.h"
#include "openvswitch/hmap.h"
#include "packets.h"
#include "util.h"

COVERAGE_DEFINE(punt_announced);
COVERAGE_DEFINE(punt_probed);

/* Times that an address is announced, unless for ever. */
#define TIMES 4
/* Milliseconds until we try again to send what found no room. */
#define RETRY 10

struct announced {
    struct hmap_node hmap_node;
    struct heap_node heap_node;  /* By 'due', the first one on top. */
    struct announce_order order;
    long long int due;
    long long int wait;          /* ms until the one after that. */
    int n_left;
};

struct announcer {
    struct hmap all;
    struct heap by_time;         /* Those that are due some time. */
};

struct post *
announce_post_create(void)
{
    return post_create(sizeof(struct announce_order),
                       OFFSETOFEND(struct announce_key, mac), SIZE_MAX);
}

struct announcer *
announcer_create(void)
{
    struct announcer *a = xmalloc(sizeof *a);
    hmap_init(&a->all);
    heap_init(&a->by_time);
    return a;
}

static bool
is_scheduled(const struct announced *item)
{
    return item->due != LLONG_MAX;
}

static void
schedule(struct announcer *a, struct announced *item, long long int due)
{
    if (is_scheduled(item)) {
        heap_remove(&a->by_time, &item->heap_node);
    }
    item->due = due;
    if (is_scheduled(item)) {
        heap_insert(&a->by_time, &item->heap_node, UINT64_MAX - due);
    }
}

static void
item_free(struct announcer *a, struct announced *item)
{
    schedule(a, item, LLONG_MAX);
    hmap_remove(&a->all, &item->hmap_node);
    free(item);
}

void
announcer_destroy(struct announcer *a)
{
    struct announced *item;

    HMAP_FOR_EACH_SAFE (item, hmap_node, &a->all) {
        item_free(a, item);
    }
    hmap_destroy(&a->all);
    heap_destroy(&a->by_time);
    free(a);
}

static struct announced *
find_item(const struct announcer *a, const struct announce_key *key,
          uint32_t hash)
{
    struct announced *item;

    HMAP_FOR_EACH_WITH_HASH (item, hmap_node, hash, &a->all) {
        if (!memcmp(&item->order.key, key,
                    OFFSETOFEND(struct announce_key, mac))) {
            return item;
        }
    }
    return NULL;
}

void
announcer_order(struct announcer *a, const struct announce_order *order,
                long long int now)
{
    uint32_t hash = hash_bytes(&order->key,
                               OFFSETOFEND(struct announce_key, mac), 0);
    struct announced *item = find_item(a, &order->key, hash);

    if (!order->wanted) {
        if (item) {
            item_free(a, item);
        }
        return;
    }
    if (!item) {
        item = xzalloc(sizeof *item);
        item->due = LLONG_MAX;
        hmap_insert(&a->all, &item->hmap_node, hash);
    }
    item->order = *order;
    item->wait = 1000;
    item->n_left = TIMES;
    schedule(a, item, now);
}

static bool
is_question(const struct announce_order *order)
{
    return ipv6_addr_is_set(&order->key.target);
}

static struct ofpbuf *
compose_question(const struct announce_key *key)
{
    struct dp_packet frame;

    if (IN6_IS_ADDR_V4MAPPED(&key->target)) {
        net_arp_request(&frame, eth_addr_broadcast, key->mac,
                        in6_addr_get_mapped_ipv4(&key->ip),
                        in6_addr_get_mapped_ipv4(&key->target));
    } else {
        net_nd_solicitation(&frame, key->mac, &key->ip, &key->target);
    }
    struct ofpbuf *message = punt_output(key->dp_key, key->port_key, &frame);
    dp_packet_uninit(&frame);
    return message;
}

static struct ofpbuf *
compose_announcement(const struct announce_order *order)
{
    const struct announce_key *key = &order->key;
    struct dp_packet frame;

    if (IN6_IS_ADDR_V4MAPPED(&key->ip)) {
        net_announce_ip4(&frame, key->mac,
                         in6_addr_get_mapped_ipv4(&key->ip));
    } else if (ipv6_addr_is_set(&key->ip)) {
        net_announce_ip6(&frame, key->mac, &key->ip, order->router);
    } else {
        net_announce_mac(&frame, key->mac);
    }
    struct ofpbuf *message = punt_inject(key->dp_key, key->port_key, 0,
                                         &frame);
    dp_packet_uninit(&frame);
    return message;
}

/* Sets when 'item' is due after it was announced. */
static void
schedule_next(struct announcer *a, struct announced *item, long long int now)
{
    long long int max = item->order.max_timeout * 1000LL;

    item->n_left--;
    if (max) {
        item->wait = MIN(item->wait, max);
    }
    schedule(a, item, max || item->n_left > 0 ? now + item->wait : LLONG_MAX);
    item->wait = MIN(item->wait * 2, 1 << 30);
}

long long int
announcer_run(struct announcer *a, long long int now,
              bool (*send)(struct ofpbuf *, void *aux), void *aux)
{
    while (!heap_is_empty(&a->by_time)) {
        struct announced *item = CONTAINER_OF(heap_max(&a->by_time),
                                              struct announced, heap_node);
        if (now < item->due) {
            return item->due;
        }
        bool question = is_question(&item->order);
        if (!send(question ? compose_question(&item->order.key)
                  : compose_announcement(&item->order), aux)) {
            return now + RETRY;
        }
        if (question) {
            COVERAGE_INC(punt_probed);
        } else {
            COVERAGE_INC(punt_announced);
        }
        schedule_next(a, item, now);
    }
    return LLONG_MAX;
}
