/* What of that which was learned is in use, as the switch's counters tell. */
#ifndef CONTROLLER_PUNT_USED_H
#define CONTROLLER_PUNT_USED_H 1

#include <stdint.h>
#include "openvswitch/types.h"

struct ofpbuf;
struct post;

enum used_kind {
    USED_NEIGHBOR,               /* struct used_neighbor (neighbor.h). */
    USED_FDB,                    /* struct used_fdb. */
    N_USED
};

/* To the main thread: a learned MAC has sent something. */
struct used_fdb {
    uint32_t dp_key;             /* Key. */
    struct eth_addr mac;         /* Key. */
    uint32_t port_key;
    int64_t last_use;            /* time_wall_msec(). */
};

/* For "struct used_neighbor"s or "struct used_fdb"s. */
struct post *used_post_create(enum used_kind);

/* A request for the statistics of what is known. */
struct ofpbuf *used_request(enum used_kind);

/* Posts what is in the answer, by the kind that it is about. */
void used_take(const struct ofpbuf *reply, struct post *posts[N_USED]);

#endif /* controller/punt/used.h */
