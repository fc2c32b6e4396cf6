#include <config.h>
#include "controller/punt/limit.h"

#include "coverage.h"
#include "hash.h"
#include "lib/actions/punt.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "openvswitch/token-bucket.h"
#include "util.h"

COVERAGE_DEFINE(punt_port_limited);

struct port_limit {
    struct hmap_node hmap_node;
    struct ovs_list list_node;         /* In 'by_age'. */
    uint32_t key[3];                   /* Datapath, port, opcode. */
    struct token_bucket bucket;        /* 1000 tokens a packet. */
    uint64_t n_limited;
};

struct limiter {
    struct hmap ports;
    struct ovs_list by_age;            /* The same, heard of last in the
                                        * end. */
    size_t max;
};

struct limiter *
limiter_create(size_t max)
{
    struct limiter *limiter = xmalloc(sizeof *limiter);
    hmap_init(&limiter->ports);
    ovs_list_init(&limiter->by_age);
    limiter->max = max;
    return limiter;
}

static void
port_free(struct limiter *limiter, struct port_limit *port)
{
    hmap_remove(&limiter->ports, &port->hmap_node);
    ovs_list_remove(&port->list_node);
    free(port);
}

void
limiter_destroy(struct limiter *limiter)
{
    struct port_limit *port;

    HMAP_FOR_EACH_SAFE (port, hmap_node, &limiter->ports) {
        port_free(limiter, port);
    }
    hmap_destroy(&limiter->ports);
    free(limiter);
}

static struct port_limit *
find_or_add(struct limiter *limiter, const uint32_t key[3], unsigned int rate)
{
    uint32_t hash = hash_words(key, 3, 0);
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
    token_bucket_init(&port->bucket, rate, rate * 1000);
    hmap_insert(&limiter->ports, &port->hmap_node, hash);
    ovs_list_push_back(&limiter->by_age, &port->list_node);
    return port;
}

bool
limiter_admits(struct limiter *limiter, uint8_t opcode, uint32_t dp_key,
               uint32_t port_key, unsigned int rate)
{
    uint32_t key[3] = { dp_key, port_key, opcode };
    struct port_limit *port = find_or_add(limiter, key,
                                          MAX(rate / LIMIT_SHARE, 1));

    if (token_bucket_withdraw(&port->bucket, 1000)) {
        return true;
    }
    COVERAGE_INC(punt_port_limited);
    port->n_limited++;
    return false;
}

void
limiter_format(const struct limiter *limiter, struct ds *ds)
{
    const struct port_limit *port;

    LIST_FOR_EACH (port, list_node, &limiter->by_age) {
        if (port->n_limited) {
            ds_put_format(ds, "datapath %"PRIu32", port %"PRIu32", %s: "
                          "limited=%"PRIu64"\n", port->key[0], port->key[1],
                          punt_opcode_to_string(port->key[2]),
                          port->n_limited);
        }
    }
}
