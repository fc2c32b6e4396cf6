/* Ports of routers in whose name this chassis speaks to their neighbors. */
#ifndef CONTROLLER_PUNT_ROUTER_PORT_H
#define CONTROLLER_PUNT_ROUTER_PORT_H 1

#include <netinet/in.h>
#include <stdbool.h>
#include "openvswitch/types.h"

struct ip_prefix;
struct sb_port_binding;

/* Does this chassis speak for the router's port? */
bool router_port_is_here(const struct sb_port_binding *);

/* The port's MAC, and its address to which 'dst' is nearest.  False if it has
 * none of that family. */
bool router_port_source(const struct sb_port_binding *,
                        const struct ip_prefix *dst, struct eth_addr *mac,
                        struct in6_addr *src);

#endif /* controller/punt/router_port.h */
