/* Addresses that this chassis announces on physical networks: those of ports
 * that it has got, and of routers whose gateway it has become.
 *
 * And questions to next hops of routers on this chassis (punt/probes.c).
 *
 * Switches outside learn from it where these addresses are now.  An address is
 * announced when its row appears (controller/punt/announce.h). */
#ifndef CONTROLLER_PUNT_ANNOUNCEMENTS_H
#define CONTROLLER_PUNT_ANNOUNCEMENTS_H 1

#include <netinet/in.h>
#include "lib/inc/inc-table.h"
#include "openvswitch/types.h"

struct post;

#define ANNOUNCEMENT_FIELDS(K, F, T)                                    \
    K(T, uint32_t, dp_key, U32)        /* See "struct announce_key". */ \
    K(T, uint32_t, port_key, U32)                                       \
    K(T, struct in6_addr, ip, POD)     /* ::: the MAC alone. */         \
    K(T, struct in6_addr, target, POD)                                  \
    K(T, struct eth_addr, mac, POD)                                     \
    F(T, bool, router, BOOL)                                            \
    F(T, uint32_t, max_timeout, U32)   /* Seconds; 0: four times. */
INC_TABLE_DECLARE(announcement, ANNOUNCEMENT_FIELDS);

extern const struct inc_rule announce_vifs, announce_routers, probe_nexthops;

/* Moves what has changed to 'post' (of struct announce_order). */
void announcements_post(struct post *);

#endif /* controller/punt/announcements.h */
