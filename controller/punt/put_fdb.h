/* Learned MACs on their way from the punt thread to the main thread. */
#ifndef CONTROLLER_PUNT_PUT_FDB_H
#define CONTROLLER_PUNT_PUT_FDB_H 1

#include <stdint.h>
#include "openvswitch/types.h"

struct post;

struct put_fdb {
    uint32_t dp_key;             /* Key. */
    struct eth_addr mac;         /* Key. */
    uint32_t port_key;
};

/* For "struct put_fdb"s. */
struct post *put_fdb_post_create(void);

#endif /* controller/punt/put_fdb.h */
