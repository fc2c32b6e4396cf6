#include <config.h>
#include "controller/punt/waiting.h"

#include <limits.h>

#include "controller/punt/handler.h"
#include "controller/punt/post.h"
#include "coverage.h"
#include "dp-packet.h"
#include "hash.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "openvswitch/ofp-packet.h"
#include "openvswitch/ofpbuf.h"
#include "packets.h"
#include "util.h"

COVERAGE_DEFINE(punt_waiting_full);
COVERAGE_DEFINE(punt_waiting_replaced);
COVERAGE_DEFINE(punt_waiting_expired);
COVERAGE_DEFINE(punt_waiting_released);

/* A packet and how its way goes on. */
struct paused {
    struct ovs_list node;        /* In neighbor's 'packets', oldest first. */
    struct ofputil_packet_in pin;     /* 'packet' is ours. */
    struct ofpbuf *continuation;
};

struct neighbor {
    struct hmap_node hmap_node;
    struct ovs_list list_node;   /* In 'by_age'. */
    struct neighbor_key key;
    struct ovs_list packets;     /* Contains "struct paused"s. */
    size_t n_packets, n_bytes;
    long long int end;           /* When to give up. */
};

struct waiting {
    struct hmap neighbors;
    struct ovs_list by_age;      /* The same, the oldest first. */
    struct post *awaited;
    size_t n_bytes;
    uint32_t serial;
    struct waiting_stats stats;
};

struct waiting *
waiting_create(struct post *awaited)
{
    struct waiting *w = xzalloc(sizeof *w);
    hmap_init(&w->neighbors);
    ovs_list_init(&w->by_age);
    w->awaited = awaited;
    return w;
}

/* What 'paused' takes of the memory. */
static size_t
paused_size(const struct paused *paused)
{
    return (sizeof *paused + paused->pin.packet_len
            + paused->continuation->size);
}

static void
paused_free(struct waiting *w, struct neighbor *n, struct paused *paused)
{
    ovs_list_remove(&paused->node);
    n->n_packets--;
    w->stats.n_packets--;
    n->n_bytes -= paused_size(paused);
    w->n_bytes -= paused_size(paused);
    free(paused->pin.packet);
    ofpbuf_delete(paused->continuation);
    free(paused);
}

static void
neighbor_free(struct waiting *w, struct neighbor *n)
{
    struct paused *paused;

    LIST_FOR_EACH_SAFE (paused, node, &n->packets) {
        paused_free(w, n, paused);
    }
    hmap_remove(&w->neighbors, &n->hmap_node);
    ovs_list_remove(&n->list_node);
    free(n);
}

void
waiting_destroy(struct waiting *w)
{
    struct neighbor *n;

    if (w) {
        HMAP_FOR_EACH_SAFE (n, hmap_node, &w->neighbors) {
            neighbor_free(w, n);
        }
        hmap_destroy(&w->neighbors);
        free(w);
    }
}

static bool
post_state(struct waiting *w, const struct neighbor_key *key, bool wanted)
{
    struct awaited_neighbor awaited;

    memset(&awaited, 0, sizeof awaited);
    awaited.key = *key;
    awaited.wanted = wanted;
    awaited.serial = wanted ? ++w->serial : 0;
    return post_put(w->awaited, &awaited);
}

/* If it fails, the main thread forgets about the neighbor by its age. */
static void
give_up(struct waiting *w, struct neighbor *n)
{
    post_state(w, &n->key, false);
    neighbor_free(w, n);
}

static struct neighbor *
find_neighbor(const struct waiting *w, const struct neighbor_key *key)
{
    struct neighbor *n;

    HMAP_FOR_EACH_WITH_HASH (n, hmap_node, hash_bytes(key, sizeof *key, 0),
                             &w->neighbors) {
        if (!memcmp(&n->key, key, sizeof *key)) {
            return n;
        }
    }
    return NULL;
}

bool
waiting_has(const struct waiting *w, const struct neighbor_key *key)
{
    return find_neighbor(w, key) != NULL;
}

/* May 'size' bytes more wait for neighbors of the router, for another one of
 * them if 'new'? */
static bool
has_share(const struct waiting *w, uint32_t dp_key, size_t size, bool new)
{
    size_t n_neighbors = new, n_bytes = size;
    const struct neighbor *n;

    LIST_FOR_EACH (n, list_node, &w->by_age) {
        if (n->key.dp_key == dp_key) {
            n_neighbors++;
            n_bytes += n->n_bytes;
        }
    }
    return (n_neighbors <= WAITING_MAX_NEIGHBORS / WAITING_SHARE
            && n_bytes <= WAITING_MAX_BYTES / WAITING_SHARE);
}

static struct neighbor *
add_neighbor(struct waiting *w, const struct neighbor_key *key,
             long long int now)
{
    if (hmap_count(&w->neighbors) >= WAITING_MAX_NEIGHBORS
        || !post_state(w, key, true)) {
        return NULL;
    }
    struct neighbor *n = xzalloc(sizeof *n);
    n->key = *key;
    n->end = now + WAITING_MAX_AGE;
    ovs_list_init(&n->packets);
    hmap_insert(&w->neighbors, &n->hmap_node,
                hash_bytes(key, sizeof *key, 0));
    ovs_list_push_back(&w->by_age, &n->list_node);
    return n;
}

static struct paused *
paused_create(const struct punt_packet *p)
{
    struct paused *paused = xmalloc(sizeof *paused);

    paused->pin = *p->pin;
    paused->pin.packet_len = dp_packet_size(p->packet);
    paused->pin.packet = xmemdup(dp_packet_data(p->packet),
                                 paused->pin.packet_len);
    paused->pin.userdata = NULL;
    paused->pin.userdata_len = 0;
    paused->continuation = ofpbuf_clone(p->continuation);
    return paused;
}

bool
waiting_add(struct waiting *w, const struct neighbor_key *key,
            const struct punt_packet *p, long long int now)
{
    size_t size = (sizeof(struct paused) + dp_packet_size(p->packet)
                   + p->continuation->size);
    struct neighbor *n = find_neighbor(w, key);

    if (w->n_bytes + size > WAITING_MAX_BYTES
        || !has_share(w, key->dp_key, size, !n)) {
        n = NULL;
    } else if (!n) {
        n = add_neighbor(w, key, now);
    }
    if (!n) {
        COVERAGE_INC(punt_waiting_full);
        w->stats.n_full++;
        return false;
    }

    if (n->n_packets >= WAITING_MAX_PACKETS) {
        COVERAGE_INC(punt_waiting_replaced);
        w->stats.n_replaced++;
        paused_free(w, n, CONTAINER_OF(ovs_list_front(&n->packets),
                                       struct paused, node));
    }
    struct paused *paused = paused_create(p);
    ovs_list_push_back(&n->packets, &paused->node);
    n->n_packets++;
    n->n_bytes += size;
    w->stats.n_packets++;
    w->n_bytes += size;
    return true;
}

void
waiting_resolve(struct waiting *w, const struct resolved_neighbor *resolved,
                void (*send)(struct ofpbuf *, void *aux), void *aux)
{
    struct neighbor *n = find_neighbor(w, &resolved->key);
    struct paused *paused;

    if (!n) {
        return;
    }
    LIST_FOR_EACH (paused, node, &n->packets) {
        struct eth_header *eth = paused->pin.packet;
        eth->eth_dst = resolved->mac;
        send(ofputil_encode_resume(&paused->pin, paused->continuation,
                                   OFPUTIL_P_OF15_OXM), aux);
        COVERAGE_INC(punt_waiting_released);
        w->stats.n_released++;
    }
    give_up(w, n);
}

long long int
waiting_expire(struct waiting *w, long long int now)
{
    while (!ovs_list_is_empty(&w->by_age)) {
        struct neighbor *n = CONTAINER_OF(ovs_list_front(&w->by_age),
                                          struct neighbor, list_node);
        if (now < n->end) {
            return n->end;
        }
        COVERAGE_ADD(punt_waiting_expired, n->n_packets);
        w->stats.n_expired += n->n_packets;
        give_up(w, n);
    }
    return LLONG_MAX;
}

void
waiting_get_stats(const struct waiting *w, struct waiting_stats *stats)
{
    *stats = w->stats;
    stats->n_neighbors = hmap_count(&w->neighbors);
}

void
waiting_stats_format(const struct waiting_stats *stats, struct ds *ds)
{
    ds_put_format(ds, "waiting packets: %"PRIuSIZE" for %"PRIuSIZE
                  " neighbors, full=%"PRIu64" replaced=%"PRIu64
                  " expired=%"PRIu64" released=%"PRIu64"\n",
                  stats->n_packets, stats->n_neighbors, stats->n_full,
                  stats->n_replaced, stats->n_expired, stats->n_released);
}
