/* Bridges of the local Open vSwitch: the integration bridge, and the bridges
 * that networks are mapped to. */
#ifndef CONTROLLER_MODEL_BRIDGE_H
#define CONTROLLER_MODEL_BRIDGE_H 1

#include "lib/inc/inc-table.h"

struct vs_bridge;
struct vs_interface;
struct vs_port;

/* Null if there is none. */
const struct vs_bridge *bridge_by_name(const char *);
const struct vs_bridge *integration_bridge(void);
const struct vs_bridge *bridge_of_port(const struct vs_port *);
const struct vs_port *port_of_interface(const struct vs_interface *);
const struct vs_interface *interface_by_name(const char *);
/* OpenFlow port number of an interface by name, 0 if it has none (yet). */
uint32_t ofport_by_name(const char *);
uint32_t ofport_of(const struct vs_interface *);
/* Is it in our integration bridge?  Answers while leaving, too. */
bool is_our_interface(const struct vs_interface *);

/* ovn-bridge-mappings, one row a network. */
#define MAPPING_FIELDS(K, F, T)                                         \
    K(T, istr, network, STR)                                            \
    F(T, istr, bridge, STR)
INC_TABLE_DECLARE(mapping, MAPPING_FIELDS);
/* Name of the bridge that 'network' is mapped to, {NULL} if none. */
istr bridge_of_network(const char *network);

extern struct inc_index vs_bridge_by_name, vs_bridge_by_port,
    vs_port_by_interface, vs_interface_by_name, mapping_by_network;
extern const struct inc_rule mappings, make_integration_bridge, vlan_limit;

#endif /* controller/model/bridge.h */
