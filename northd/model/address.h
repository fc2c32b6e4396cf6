/* Addresses of switch ports, parsed once, each with one owner per switch. */
#ifndef NORTHD_MODEL_ADDRESS_H
#define NORTHD_MODEL_ADDRESS_H 1

#include "lib/inc/inc-table.h"
#include "lib/text/addresses.h"

struct datapath;
struct port;

/* An Ethernet address that a switch delivers to a port.  When several ports
 * of a switch claim it, one gets it and the others a diagnostic. */
#define PORT_MAC_FIELDS(K, F, T)                                        \
    K(T, const struct datapath *, dp, ROW)                              \
    K(T, struct eth_addr, mac, POD)                                     \
    F(T, const struct port *, port, ROW)
INC_TABLE_DECLARE(port_mac, PORT_MAC_FIELDS);

/* An IP address of a port, with the Ethernet address that goes with it. */
#define PORT_IP_FIELDS(K, F, T)                                         \
    K(T, const struct datapath *, dp, ROW)                              \
    K(T, struct in6_addr, ip, POD)         /* IPv4 is mapped. */        \
    F(T, const struct port *, port, ROW)                                \
    F(T, struct eth_addr, mac, POD)
INC_TABLE_DECLARE(port_ip, PORT_IP_FIELDS);

/* All IP addresses of a port, for address sets of port groups: sorted texts
 * separated by spaces, by family. */
#define PORT_IPS_FIELDS(K, F, T)                                        \
    K(T, const struct port *, port, ROW)                                \
    F(T, istr, ip4, STR)                                                \
    F(T, istr, ip6, STR)
INC_TABLE_DECLARE(port_ips, PORT_IPS_FIELDS);
const struct port_ips *port_ips_of(const struct port *);

extern struct inc_index port_ips_by_port;
extern const struct inc_rule port_addresses;

#endif /* northd/model/address.h */
