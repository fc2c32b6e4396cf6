/* put_fdb(PORT, MAC): a MAC has been seen behind a port. */
#include <config.h>
#include "controller/punt/put_fdb.h"

#include "controller/punt/handler.h"
#include "hash.h"
#include "openvswitch/hmap.h"
#include "openvswitch/thread.h"
#include "packets.h"
#include "util.h"

struct queued {
    struct hmap_node node;
    struct put_fdb fdb;
};

struct put_fdb_queue {
    struct ovs_mutex mutex;
    struct hmap entries OVS_GUARDED;   /* Contains "struct queued"s. */
    size_t max;
};

struct put_fdb_queue *
put_fdb_queue_create(size_t max)
{
    struct put_fdb_queue *q = xmalloc(sizeof *q);
    ovs_mutex_init(&q->mutex);
    hmap_init(&q->entries);
    q->max = max;
    return q;
}

void
put_fdb_queue_destroy(struct put_fdb_queue *q)
{
    struct put_fdb *entries;

    if (q) {
        put_fdb_take(q, &entries);
        free(entries);
        hmap_destroy(&q->entries);
        ovs_mutex_destroy(&q->mutex);
        free(q);
    }
}

static struct queued *
find(struct put_fdb_queue *q, const struct put_fdb *fdb, uint32_t hash)
    OVS_REQUIRES(q->mutex)
{
    struct queued *e;

    HMAP_FOR_EACH_WITH_HASH (e, node, hash, &q->entries) {
        if (e->fdb.dp_key == fdb->dp_key
            && eth_addr_equals(e->fdb.mac, fdb->mac)) {
            return e;
        }
    }
    return NULL;
}

bool
put_fdb_post(struct put_fdb_queue *q, const struct put_fdb *fdb)
{
    uint32_t hash = hash_mac(fdb->mac, 0, fdb->dp_key);
    bool ok = true;

    ovs_mutex_lock(&q->mutex);
    struct queued *e = find(q, fdb, hash);
    if (e) {
        e->fdb = *fdb;
    } else if (hmap_count(&q->entries) < q->max) {
        e = xmalloc(sizeof *e);
        e->fdb = *fdb;
        hmap_insert(&q->entries, &e->node, hash);
    } else {
        ok = false;
    }
    ovs_mutex_unlock(&q->mutex);
    return ok;
}

size_t
put_fdb_take(struct put_fdb_queue *q, struct put_fdb **entries)
{
    struct hmap taken = HMAP_INITIALIZER(&taken);
    struct queued *e;
    size_t n = 0;

    ovs_mutex_lock(&q->mutex);
    hmap_swap(&taken, &q->entries);
    ovs_mutex_unlock(&q->mutex);

    *entries = xmalloc(hmap_count(&taken) * sizeof **entries);
    HMAP_FOR_EACH_POP (e, node, &taken) {
        (*entries)[n++] = e->fdb;
        free(e);
    }
    hmap_destroy(&taken);
    return n;
}

size_t
put_fdb_queue_n(struct put_fdb_queue *q)
{
    ovs_mutex_lock(&q->mutex);
    size_t n = hmap_count(&q->entries);
    ovs_mutex_unlock(&q->mutex);
    return n;
}

size_t
put_fdb_queue_max(const struct put_fdb_queue *q)
{
    return q->max;
}

static const char *
run_put_fdb(const struct punt_packet *p, struct punt_result *result)
{
    uint64_t dp_key = ntohll(p->md.metadata);
    struct put_fdb fdb = {
        .dp_key = dp_key,
        .port_key = p->md.regs[14],
        .mac = p->headers.dl_src,
    };

    if (!dp_key || dp_key > UINT32_MAX) {
        return "no datapath";
    }
    if (!fdb.port_key) {
        return "no port";
    }
    if (eth_addr_is_multicast(fdb.mac) || eth_addr_is_zero(fdb.mac)) {
        return "not the Ethernet address of a node";
    }
    result->dropped = !put_fdb_post(result->fdbs, &fdb);
    return NULL;
}

const struct punt_handler put_fdb_handler = {
    .opcode = PUNT_PUT_FDB, .rate = 1000, .run = run_put_fdb,
};
