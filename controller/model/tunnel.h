/* Encapsulations and tunnels. */
#ifndef CONTROLLER_MODEL_TUNNEL_H
#define CONTROLLER_MODEL_TUNNEL_H 1

#include "lib/inc/inc-table.h"

struct sb_chassis;

enum tunnel_type { TUNNEL_GENEVE, TUNNEL_VXLAN, N_TUNNEL_TYPES };
extern const char *const tunnel_types[N_TUNNEL_TYPES];

/* One of our own encapsulations: each type with each address. */
#define OWN_ENCAP_FIELDS(K, F, T)                                       \
    K(T, uint32_t, type, U32)                                           \
    K(T, istr, ip, STR)                                                 \
    F(T, struct uuid, uuid, UUID)        /* Of our SB Encap row. */     \
    F(T, uint32_t, rank, U32)            /* 0: the default address. */
INC_TABLE_DECLARE(own_encap, OWN_ENCAP_FIELDS);

/* A tunnel port to another chassis, wanted.  There is one for each type that
 * the pair uses in either direction, each of our and each of its addresses:
 * a chassis receives what it offers and sends what the other offers. */
#define TUNNEL_FIELDS(K, F, T)                                          \
    K(T, const struct sb_chassis *, chassis, ROW)                       \
    K(T, uint32_t, type, U32)                                           \
    K(T, istr, remote_ip, STR)                                          \
    K(T, istr, local_ip, STR)                                           \
    F(T, bool, sends, BOOL)              /* We send by this type. */    \
    F(T, bool, is_default, BOOL)         /* Between default addresses. */ \
    F(T, istr, options, STR)             /* Interface.options. */
INC_TABLE_DECLARE(tunnel, TUNNEL_FIELDS);

/* The same with its name, and its OpenFlow port once the switch gave one. */
#define REMOTE_TUNNEL_FIELDS(K, F, T)                                   \
    K(T, const struct sb_chassis *, chassis, ROW)                       \
    K(T, istr, name, STR)                                               \
    F(T, uint32_t, type, U32)                                           \
    F(T, uint32_t, ofport, U32)                                         \
    F(T, istr, remote_ip, STR)                                          \
    F(T, istr, local_ip, STR)                                           \
    F(T, bool, sends, BOOL)                                             \
    F(T, bool, is_default, BOOL)                                        \
    F(T, uint32_t, overhead, U32)        /* Bytes of headers around an IP \
                                          * packet. */                  \
    F(T, uint32_t, mtu, U32)             /* Of the interface below that it \
                                          * leaves by, 0: unknown. */
INC_TABLE_DECLARE(remote_tunnel, REMOTE_TUNNEL_FIELDS);

/* The tunnel to send to a chassis by: from the address 'local_ip' if we have
 * it ({NULL}: the default one), to 'remote_ip' if it has it ({NULL}: its
 * default).  Null if there is none with an OpenFlow port. */
const struct remote_tunnel *tunnel_to(const struct uuid *chassis,
                                      istr local_ip, istr remote_ip);

/* Number by which flows know our address 'ip', 0 for the default one and for
 * what is not ours. */
uint32_t encap_id_of_ip(istr ip);

/* Uuid of the SB Encap of our address 'ip', by the preferred type.  False if
 * it is {NULL} or none of ours. */
bool encap_of_ip(istr ip, struct uuid *);

extern struct inc_index own_encap_by_ip, sb_encap_by_chassis,
    remote_tunnels_by_chassis;
extern const struct inc_rule own_encaps, tunnels, remote_tunnels;
extern struct inc_pool *tunnel_names;

/* Before the first run: the names of tunnels that are there. */
void tunnel_seed(void);

#endif /* controller/model/tunnel.h */
