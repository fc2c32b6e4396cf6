/* Which logical ports are here. */
#ifndef CONTROLLER_MODEL_BINDING_H
#define CONTROLLER_MODEL_BINDING_H 1

#include "lib/inc/inc-table.h"

struct sb_port_binding;

enum lport_kind {
    LPORT_VIF,               /* An interface of the integration bridge. */
    LPORT_CONTAINER,         /* A VLAN of such an interface. */
    LPORT_LOCALPORT,         /* On every chassis, never tunneled. */
    LPORT_LOCALNET,          /* A patch port to a provider bridge. */
    LPORT_L2GATEWAY,         /* The same, on one chassis. */
    LPORT_L3GATEWAY,         /* A port of a gateway router, or its peer. */
    LPORT_REDIRECT,          /* A chassisredirect port: we are elected. */
    LPORT_EXTERNAL,          /* On the physical network; we are elected to
                              * answer it. */
};

#define LOCAL_PORT_FIELDS(K, F, T)                                      \
    K(T, const struct sb_port_binding *, pb, ROW)                       \
    F(T, istr, name, STR)                                               \
    F(T, struct uuid, dp, UUID)          /* Datapath_Binding. */        \
    F(T, uint32_t, kind, U32)                                           \
    F(T, uint32_t, ofport, U32)          /* The parent's of a container; \
                                          * 0: none yet. */             \
    F(T, uint32_t, vlan, U32)            /* 0: no tag. */               \
    F(T, bool, ours, BOOL)               /* Claimed by this chassis. */ \
    F(T, bool, additional, BOOL)         /* ... next to another one. */ \
    F(T, struct uuid, iface, UUID)       /* Interface that carries it. */ \
    F(T, istr, encap_ip, STR)
INC_TABLE_DECLARE(local_port, LOCAL_PORT_FIELDS);

const struct local_port *local_port_by_name(const char *);
/* Does this chassis have the logical port? */
bool lport_is_resident(const char *);
/* Is it an interface, a container or a localport that is not here?
 * Nothing enters or leaves a pipeline by it on this chassis. */
bool lport_is_absent(const char *);

/* Set from outside of the rules (main loop): a port whose flows the switch
 * has confirmed. */
#define INSTALLED_FIELDS(K, F, T)                                       \
    K(T, istr, name, STR)                                               \
    F(T, struct uuid, iface, UUID)       /* Which interface it had, */  \
    F(T, uint32_t, ofport, U32)          /* ... with this number. */    \
    F(T, int64_t, msec, I64)             /* Since the epoch. */
INC_TABLE_DECLARE(installed, INSTALLED_FIELDS);
const struct installed *installed_by_name(const char *);

/* Set from outside of the rules: another chassis took the port from us, so
 * that we do not take it back until our interface comes anew. */
#define LOST_FIELDS(K, F, T) K(T, istr, name, STR)
INC_TABLE_DECLARE(lost, LOST_FIELDS);

/* Who has a port for which there is an interface here; its changes tell the
 * main loop what to put into 'lost'. */
enum claim_state { CLAIM_NONE, CLAIM_OURS, CLAIM_OTHERS };
#define CLAIM_WATCH_FIELDS(K, F, T)                                     \
    K(T, istr, name, STR)                                               \
    F(T, uint32_t, state, U32)
INC_TABLE_DECLARE(claim_watch, CLAIM_WATCH_FIELDS);
/* Moves what was noticed in the last run into 'lost'.  Call between runs, and
 * run again before anything is written if it returns true: else we would take
 * the port back that we just lost. */
bool claims_update_lost(void);

/* Ports whose flows are to be confirmed by the switch. */
extern struct inc_index local_port_by_name_index, local_ports_by_dp,
    pb_by_name, pb_by_dp, pb_by_parent, installed_index, lost_index;
extern const struct inc_rule local_ports, claims, interface_status;

#endif /* controller/model/binding.h */
