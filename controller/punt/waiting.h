/* Packets that wait for the Ethernet address of the neighbor to which they
 * go.
 *
 * So that nobody can fill the memory with packets for neighbors that are not
 * there: there is a limit to how many packets wait for one neighbor (the
 * oldest one has to go), for how many neighbors they wait, how many bytes they
 * have, and how long they wait.  One router may have a part of that. */
#ifndef CONTROLLER_PUNT_WAITING_H
#define CONTROLLER_PUNT_WAITING_H 1

#include "controller/punt/neighbor.h"

struct ds;
struct ofpbuf;
struct post;
struct punt_packet;

/* Milliseconds. */
#define WAITING_MAX_AGE 10000

#define WAITING_MAX_NEIGHBORS 1000
#define WAITING_MAX_PACKETS 4         /* For each of them. */
#define WAITING_MAX_BYTES (4 * 1024 * 1024)
#define WAITING_SHARE 4               /* That part of both for a router. */

struct waiting;

/* Posts to 'awaited' (struct awaited_neighbor) for whom packets begin and stop
 * to wait. */
struct waiting *waiting_create(struct post *awaited);
void waiting_destroy(struct waiting *);

/* Keeps a paused packet, of which it makes copies.  False if there is no
 * room. */
bool waiting_add(struct waiting *, const struct neighbor_key *,
                 const struct punt_packet *, long long int now);

/* Does any packet wait for it? */
bool waiting_has(const struct waiting *, const struct neighbor_key *);

/* Lets the packets for a neighbor go on to 'mac': calls 'send' with a message
 * for the switch for each of them, which 'send' has to free. */
void waiting_resolve(struct waiting *, const struct resolved_neighbor *,
                     void (*send)(struct ofpbuf *, void *aux), void *aux);

/* Forgets what has waited for too long.  Returns when to call again. */
long long int waiting_expire(struct waiting *, long long int now);

struct waiting_stats {
    size_t n_packets, n_neighbors;           /* Now. */
    uint64_t n_full, n_replaced, n_expired, n_released;   /* Packets. */
};
void waiting_get_stats(const struct waiting *, struct waiting_stats *);
/* Appends a line. */
void waiting_stats_format(const struct waiting_stats *, struct ds *);

#endif /* controller/punt/waiting.h */
