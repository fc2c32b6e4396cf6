/* Learned MACs on their way from the punt thread to the main thread. */
#ifndef CONTROLLER_PUNT_PUT_FDB_H
#define CONTROLLER_PUNT_PUT_FDB_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "openvswitch/types.h"

struct put_fdb {
    uint32_t dp_key, port_key;
    struct eth_addr mac;
};

/* Thread-safe. */
struct put_fdb_queue;
struct put_fdb_queue *put_fdb_queue_create(size_t max);
void put_fdb_queue_destroy(struct put_fdb_queue *);

/* Posts an entry, in place of an older one for the same MAC in the same
 * datapath.  False if there is no room. */
bool put_fdb_post(struct put_fdb_queue *, const struct put_fdb *);

/* Empties the queue into '*entries', to be freed.  Returns how many. */
size_t put_fdb_take(struct put_fdb_queue *, struct put_fdb **entries);
size_t put_fdb_queue_n(struct put_fdb_queue *);
size_t put_fdb_queue_max(const struct put_fdb_queue *);

#endif /* controller/punt/put_fdb.h */
