#include <config.h>
#include "controller/punt/limit.h"

#include "coverage.h"
#include "hash.h"
#include "lib/actions/punt.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "openvswitch/thread.h"
#include "openvswitch/token-bucket.h"
#include "util.h"

COVERAGE_DEFINE(punt_port_limited);

struct port_limit {
    struct hmap_node hmap_node;
    struct ovs_list list_node;         /* In 'by_age'. */
    uint32_t key[4];                   /* Datapath, port, opcode, news. */
    struct token_bucket bucket;        /* 1000 tokens a packet. */
    struct token_bucket reserve;       /* The same. */
    uint64_t n_limited;
};

struct limiter {
    struct ovs_mutex mutex;
    struct hmap ports OVS_GUARDED;
    struct ovs_list by_age OVS_GUARDED;     /* The same, heard of last in the
                                             * end. */
    size_t max;
};

struct limiter *
limiter_create(size_t max)
{
    struct limiter *limiter = xmalloc(sizeof *limiter);
    ovs_mutex_init(&limiter->mutex);
    hmap_init(&limiter->ports);
    ovs_list_init(&limiter->by_age);
    limiter->max = max;
    return limiter;
}

static void
port_free(struct limiter *limiter, struct port_limit *port)
    OVS_REQUIRES(limiter->mutex)
{
    hmap_remove(&limiter->ports, &port->hmap_node);
    ovs_list_remove(&port->list_node);
    free(port);
}

void
limiter_destroy(struct limiter *limiter)
{
    struct port_limit *port;

    ovs_mutex_lock(&limiter->mutex);
    HMAP_FOR_EACH_SAFE (port, hmap_node, &limiter->ports) {
        port_free(limiter, port);
    }
    hmap_destroy(&limiter->ports);
    ovs_mutex_unlock(&limiter->mutex);
    ovs_mutex_destroy(&limiter->mutex);
    free(limiter);
}

static struct port_limit *
find_or_add(struct limiter *limiter, const uint32_t key[4], unsigned int rate,
            unsigned int burst)
    OVS_REQUIRES(limiter->mutex)
{
    uint32_t hash = hash_words(key, 4, 0);
    struct port_limit *port;

    HMAP_FOR_EACH_WITH_HASH (port, hmap_node, hash, &limiter->ports) {
        if (!memcmp(port->key, key, sizeof port->key)) {
            ovs_list_remove(&port->list_node);
            ovs_list_push_back(&limiter->by_age, &port->list_node);
            return port;
        }
    }
    if (hmap_count(&limiter->ports) >= limiter->max) {
        port_free(limiter, CONTAINER_OF(ovs_list_front(&limiter->by_age),
                                        struct port_limit, list_node));
    }
    port = xzalloc(sizeof *port);
    memcpy(port->key, key, sizeof port->key);
    token_bucket_init(&port->bucket, rate, burst * 1000);
    token_bucket_init(&port->reserve, LIMIT_RESERVE, LIMIT_RESERVE * 1000);
    hmap_insert(&limiter->ports, &port->hmap_node, hash);
    ovs_list_push_back(&limiter->by_age, &port->list_node);
    return port;
}

static bool
refuse(struct port_limit *port)
{
    COVERAGE_INC(punt_port_limited);
    port->n_limited++;
    return false;
}

bool
limiter_admits(struct limiter *limiter, uint8_t opcode, uint32_t dp_key,
               uint32_t port_key, unsigned int rate,
               struct token_bucket *all)
{
    uint32_t key[4] = { dp_key, port_key, opcode, 0 };
    unsigned int share = MAX(rate / LIMIT_SHARE, 1);

    ovs_mutex_lock(&limiter->mutex);
    struct port_limit *port = find_or_add(limiter, key, share, share);
    bool ok = token_bucket_withdraw(&port->bucket, 1000);
    if (!ok) {
        refuse(port);
    } else if (!token_bucket_withdraw(all, 1000)) {
        ok = (token_bucket_withdraw(&port->reserve, 1000) || refuse(port));
    }
    ovs_mutex_unlock(&limiter->mutex);
    return ok;
}

bool
limiter_admits_news(struct limiter *limiter, uint8_t opcode, uint32_t dp_key,
                    uint32_t port_key)
{
    uint32_t key[4] = { dp_key, port_key, opcode, 1 };

    ovs_mutex_lock(&limiter->mutex);
    struct port_limit *port = find_or_add(limiter, key, LIMIT_NEWS,
                                          LIMIT_NEWS_BURST);
    bool ok = token_bucket_withdraw(&port->bucket, 1000) || refuse(port);
    ovs_mutex_unlock(&limiter->mutex);
    return ok;
}

void
limiter_format(struct limiter *limiter, struct ds *ds)
{
    const struct port_limit *port;

    ovs_mutex_lock(&limiter->mutex);
    LIST_FOR_EACH (port, list_node, &limiter->by_age) {
        if (port->n_limited) {
            ds_put_format(ds, "datapath %"PRIu32", port %"PRIu32", %s%s: "
                          "limited=%"PRIu64"\n", port->key[0], port->key[1],
                          port->key[3] ? "news of " : "",
                          punt_opcode_to_string(port->key[2]),
                          port->n_limited);
        }
    }
    ovs_mutex_unlock(&limiter->mutex);
}
