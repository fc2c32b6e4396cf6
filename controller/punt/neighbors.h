/* Neighbors of routers in the engine: what this chassis has learned of them,
 * and for whom packets wait in the punt thread.
 *
 * As with MACs (learned.h), a chassis says once what it learned, and takes no
 * interest in it any more as soon as the southbound database has another value
 * than before. */
#ifndef CONTROLLER_PUNT_NEIGHBORS_H
#define CONTROLLER_PUNT_NEIGHBORS_H 1

#include "controller/punt/neighbor.h"
#include "lib/inc/inc-table.h"

struct limiter;
struct post;
struct sb_port_binding;

#define LEARNED_MAC_FIELDS(K, F, T)                                     \
    K(T, struct neighbor_key, key, POD)                                 \
    F(T, struct eth_addr, mac, POD)                                     \
    F(T, int64_t, timestamp, I64)      /* Wall clock, ms. */            \
    F(T, bool, news, BOOL)             /* Not only a newer time. */     \
    F(T, struct eth_addr, old_mac, POD)    /* In the database then. */  \
    F(T, int64_t, old_timestamp, I64)                                   \
    F(T, int64_t, msec, I64)           /* When learned, time_msec(). */
INC_TABLE_DECLARE(learned_mac, LEARNED_MAC_FIELDS);

#define AWAITED_FIELDS(K, F, T)                                         \
    K(T, struct neighbor_key, key, POD)                                 \
    F(T, uint32_t, serial, U32)                                         \
    F(T, int64_t, msec, I64)
INC_TABLE_DECLARE(awaited, AWAITED_FIELDS);

/* For the punt thread. */
#define RESOLVED_FIELDS(K, F, T)                                        \
    K(T, struct neighbor_key, key, POD)                                 \
    F(T, struct eth_addr, mac, POD)                                     \
    F(T, uint32_t, serial, U32)
INC_TABLE_DECLARE(resolved, RESOLVED_FIELDS);

/* For so long the chassis tries to write what it learned, ms. */
#define LEARNED_MAC_MAX_AGE 5000

/* No more neighbors are remembered at a port.  Packets reach others, too, but
 * each has to be asked for anew. */
#define LEARNED_MAC_MAX 8192

extern struct inc_index pb_by_key, sb_mac_binding_by_ip,
    sb_mac_binding_by_port, sb_static_mac_binding_by_ip, learned_mac_index;

extern const struct inc_rule learned_macs, resolved_neighbors;

/* The router port that the key means: the distributed port instead of its
 * chassisredirect port.  Null if it is not known. */
const struct sb_port_binding *neighbor_port(const struct neighbor_key *);

/* Who the neighbor 'ip' of a router's port is.  False if nobody knows. */
bool neighbor_mac(const struct sb_port_binding *, const struct in6_addr *ip,
                  struct eth_addr *);

/* Between runs of the engine.  All take time_msec(). */
void neighbors_learn(const struct put_mac *, struct limiter *, int64_t now);
void neighbors_use(const struct used_neighbor *, int64_t now);
void neighbors_await(const struct awaited_neighbor *, int64_t now);

/* Moves what is resolved to 'post' (of struct resolved_neighbor), true if
 * there was anything. */
bool neighbors_post_resolved(struct post *);

/* Forgets what is done.  Returns when to be called again without any change of
 * the database, LLONG_MAX: never. */
long long int neighbors_expire(int64_t now);

#endif /* controller/punt/neighbors.h */
