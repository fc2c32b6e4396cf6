/* BFD sessions that this chassis runs, and what came of them: SB BFD rows of
 * gateway ports that are here (controller/punt/bfd.h). */
#ifndef CONTROLLER_PUNT_BFD_SESSIONS_H
#define CONTROLLER_PUNT_BFD_SESSIONS_H 1

#include <netinet/in.h>
#include "lib/inc/inc-table.h"
#include "openvswitch/types.h"

struct post;

#define BFD_SESSION_FIELDS(K, F, T)                                     \
    K(T, struct uuid, uuid, UUID)      /* Of the SB BFD row. */         \
    F(T, uint32_t, tx_dp, U32)                                          \
    F(T, uint32_t, tx_port, U32)                                        \
    F(T, uint32_t, rx_dp, U32)                                          \
    F(T, uint32_t, rx_port, U32)                                        \
    F(T, struct eth_addr, src_mac, POD)                                 \
    F(T, struct eth_addr, dst_mac, POD)                                 \
    F(T, struct in6_addr, src, POD)                                     \
    F(T, struct in6_addr, dst, POD)                                     \
    F(T, uint32_t, src_port, U32)                                       \
    F(T, uint32_t, disc, U32)                                           \
    F(T, uint32_t, min_tx, U32)                                         \
    F(T, uint32_t, min_rx, U32)                                         \
    F(T, uint32_t, mult, U32)
INC_TABLE_DECLARE(bfd_session, BFD_SESSION_FIELDS);

/* Set from outside of the rules: what the punt thread says. */
#define BFD_STATE_FIELDS(K, F, T)                                       \
    K(T, struct uuid, uuid, UUID)                                       \
    F(T, uint32_t, state, U32)         /* enum net_bfd_state. */
INC_TABLE_DECLARE(bfd_state, BFD_STATE_FIELDS);

extern struct inc_index bfd_session_index, bfd_state_index;
extern const struct inc_rule bfd_sessions, bfd_statuses;

/* Takes in what is in 'reports' (of struct bfd_report). */
void bfd_sessions_take(struct post *reports);

/* Moves what has changed to 'orders' (of struct bfd_order). */
void bfd_sessions_post(struct post *orders);

#endif /* controller/punt/bfd_sessions.h */
