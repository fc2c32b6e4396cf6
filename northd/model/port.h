/* Logical ports, of switches and of routers, with a tunnel key. */
#ifndef NORTHD_MODEL_PORT_H
#define NORTHD_MODEL_PORT_H 1

#include <netinet/in.h>
#include "lib/inc/inc-table.h"
#include "openvswitch/types.h"

struct datapath;
struct nb_logical_router_port;
struct nb_logical_switch_port;

enum port_kind {
    PORT_VIF, PORT_ROUTER, PORT_LOCALNET, PORT_LOCALPORT, PORT_L2GATEWAY,
    PORT_VTEP, PORT_EXTERNAL, PORT_VIRTUAL, PORT_REMOTE, PORT_SWITCH,
    PORT_LRP,                        /* Not a switch's port. */
    PORT_CR,                         /* Where an LRP's gateway is. */
    PORT_CR_LSP,                     /* The same, for the switch. */
    N_PORT_KINDS
};
struct port_kind_info {
    const char *nb_type;             /* Logical_Switch_Port.type. */
    const char *sb_type;             /* Port_Binding.type. */
    bool always_up;                  /* No chassis has to claim it. */
};
extern const struct port_kind_info port_kinds[N_PORT_KINDS];

/* What features ask of ports, as bits that ports can be found by. */
enum port_trait {
    PORT_TRAIT_FLOOD,                /* Takes broadcast and multicast. */
    PORT_TRAIT_FLOOD_L2,             /* ... and is no router's. */
    PORT_TRAIT_UNKNOWN,              /* Takes unknown unicast. */
    PORT_TRAIT_ANY_ADDRESS,          /* Would, were it enabled. */
    PORT_TRAIT_LOCALNET,
    PORT_TRAIT_LOCALNET_LEARN,       /* MACs from it are learned. */
    PORT_TRAIT_ROUTER,               /* Of type router. */
    PORT_TRAIT_VTEP,
    PORT_TRAIT_MCAST_STATIC,         /* Of a router: takes all multicast that
                                      * it relays. */
    N_PORT_TRAITS
};

#define PORT_FIELDS(K, F, T)                                            \
    K(T, struct uuid, nb_uuid, UUID)                                    \
    F(T, const struct nb_logical_switch_port *, lsp, ROW)  /* Or ... */ \
    F(T, const struct nb_logical_router_port *, lrp, ROW)               \
    F(T, const struct datapath *, dp, ROW)                              \
    F(T, istr, name, STR)                                               \
    F(T, struct uuid, sb_uuid, UUID)       /* Of the Port_Binding. */   \
    F(T, uint32_t, key, U32)               /* Tunnel key. */            \
    F(T, uint32_t, kind, U32)              /* enum port_kind. */        \
    F(T, uint32_t, traits, U32)            /* Bit per enum port_trait. */ \
    F(T, bool, enabled, BOOL)
INC_TABLE_DECLARE(port, PORT_FIELDS);

static inline bool
port_has_trait(const struct port *port, enum port_trait trait)
{
    return port_traits(port) & (1u << trait);
}
/* The port's name as a string of the flow language, in quotes. */
istr port_quoted(const struct port *);
bool ports_with_trait_exist(const struct datapath *, enum port_trait);
/* The port of an NB row, or NULL if it could not be given a key. */
const struct port *port_of_lsp(const struct nb_logical_switch_port *);
const struct port *port_by_uuid(const struct uuid *nb_uuid);
/* The chassisredirect port of a router port, or NULL.  Its 'lrp' is the
 * router port's, its 'nb_uuid' one that no row has. */
const struct port *cr_port_of_lrp(const struct nb_logical_router_port *);
/* The chassisredirect port by which the other chassis of a switch reach the
 * gateway that 'lsp_port' is plugged into, or NULL: a physical network leads
 * there, or the router is everywhere.  Its 'lrp' is the gateway port. */
const struct port *cr_port_of_lsp(const struct port *lsp_port);
const struct port *port_by_key(const struct datapath *, uint32_t key);
const struct nb_logical_router_port *lrp_by_name(const char *);
/* A switch's port by its name, or NULL. */
const struct port *lsp_port_by_name(const char *);
/* An LSP of type router that names 'lrp' as its peer, or NULL. */
const struct port *lsp_of_lrp(const char *lrp_name);

/* The key of ports_by_trait's buckets. */
struct port_trait_key {
    const struct datapath *dp;
    uint64_t trait;
};

extern struct inc_index port_by_nb_uuid, ports_by_trait, ports_by_dp_key,
    ls_by_port, lr_by_port, lrp_by_name_index, lsp_by_name_index,
    lsps_by_peer;
extern const struct inc_rule lsp_ports, lrp_ports;
extern struct inc_pool *port_keys;

/* Before the first run: keys and uuids that the southbound database holds. */
void port_seed(void);

#endif /* northd/model/port.h */
