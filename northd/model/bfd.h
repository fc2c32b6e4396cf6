/* BFD sessions (RFC 5880) that routes and policies ask for: northd names them,
 * the chassis that has the port runs them, and their state comes back. */
#ifndef NORTHD_MODEL_BFD_H
#define NORTHD_MODEL_BFD_H 1

#include "lib/inc/inc-table.h"
#include "openvswitch/uuid.h"

struct nb_bfd;
struct port;

/* A session whose port exists. */
#define BFD_SESSION_FIELDS(K, F, T)                                     \
    K(T, const struct nb_bfd *, nb, ROW)                                \
    F(T, const struct port *, port, ROW)                                \
    F(T, bool, v4, BOOL)               /* Of the other end. */          \
    F(T, struct uuid, sb_uuid, UUID)                                    \
    F(T, uint32_t, src_port, U32)      /* UDP. */                       \
    F(T, uint32_t, disc, U32)          /* Our discriminator. */
INC_TABLE_DECLARE(bfd_session, BFD_SESSION_FIELDS);

/* "up", "down", "init" or "admin_down", as the chassis says; "admin_down"
 * while none runs the session. */
const char *bfd_state(const struct nb_bfd *);
/* Is what the session watches known to be dead?  A session that nobody runs
 * tells nothing. */
bool bfd_is_down(const struct nb_bfd *);

extern const struct inc_rule bfd_sessions;
extern struct inc_pool *bfd_ports, *bfd_discs;

/* Before the first run: what the southbound database holds. */
void bfd_seed(void);

#endif /* northd/model/bfd.h */
