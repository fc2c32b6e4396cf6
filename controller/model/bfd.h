/* Liveness of other chassis, as far as somebody's failover depends on it. */
#ifndef CONTROLLER_MODEL_BFD_H
#define CONTROLLER_MODEL_BFD_H 1

#include "lib/inc/inc-table.h"

/* Chassis whose life we have to know about. */
#define BFD_PEER_FIELDS(K, F, T) K(T, struct uuid, chassis, UUID)
INC_TABLE_DECLARE(bfd_peer, BFD_PEER_FIELDS);

/* Chassis that BFD says to be reachable by a tunnel. */
#define LIVE_CHASSIS_FIELDS(K, F, T) K(T, struct uuid, chassis, UUID)
INC_TABLE_DECLARE(live_chassis, LIVE_CHASSIS_FIELDS);

bool chassis_is_live(const struct uuid *chassis);
/* Is any other chassis?  If none is, it is rather us who is cut off. */
bool any_chassis_is_live(void);

extern struct inc_index bfd_peer_index, live_chassis_index;
extern const struct inc_rule bfd_peers, tunnel_bfd, live_chassis_rule;

#endif /* controller/model/bfd.h */
