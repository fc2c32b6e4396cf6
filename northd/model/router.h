/* Logical routers, their ports and the networks of these, parsed once; and
 * what each port is plugged into. */
#ifndef NORTHD_MODEL_ROUTER_H
#define NORTHD_MODEL_ROUTER_H 1

#include <netinet/in.h>
#include "lib/inc/inc-table.h"
#include "openvswitch/types.h"

struct datapath;
struct nb_logical_router;
struct nb_logical_router_port;
struct port;

/* A logical router that has a datapath. */
#define ROUTER_FIELDS(K, F, T)                                          \
    K(T, const struct datapath *, dp, ROW)                              \
    F(T, const struct nb_logical_router *, lr, ROW)                     \
    F(T, bool, enabled, BOOL)                                           \
    F(T, bool, is_gateway, BOOL)       /* options:chassis is given: */  \
    F(T, istr, chassis, STR)           /* its value, else "". */        \
    F(T, bool, learn_any_arp, BOOL)    /* always_learn_from_arp_request. */ \
    F(T, bool, dynamic_neigh, BOOL)    /* dynamic_neigh_routers. */     \
    F(T, bool, mcast_relay, BOOL)                                       \
    F(T, bool, mac_aging, BOOL)        /* Learned bindings expire. */
INC_TABLE_DECLARE(router, ROUTER_FIELDS);
/* Null for switches. */
const struct router *router_of(const struct datapath *);

/* A router port that has a usable Ethernet address (chassisredirect ports are
 * none of these). */
#define ROUTER_PORT_FIELDS(K, F, T)                                     \
    K(T, const struct port *, port, ROW)                                \
    F(T, const struct datapath *, dp, ROW)                              \
    F(T, const struct nb_logical_router_port *, lrp, ROW)               \
    F(T, const struct port *, peer, ROW)   /* See port_peer(). */       \
    F(T, const struct datapath *, peer_dp, ROW)    /* Or NULL. */       \
    F(T, struct eth_addr, mac, POD)                                     \
    F(T, istr, mac_text, STR)                                           \
    F(T, istr, name, STR)                  /* Quoted for flows. */      \
    F(T, bool, enabled, BOOL)              /* Port and router are. */   \
    F(T, bool, static_neigh, BOOL)         /* Its router knows the other \
                                            * ones of its switch. */
INC_TABLE_DECLARE(router_port, ROUTER_PORT_FIELDS);
const struct router_port *router_port_of(const struct port *);

/* An address of a router port: each of its networks, and the link-local one
 * that every port has.  'n' is its place among the port's networks of the same
 * family, as flags.network_id has it. */
#define ROUTER_NET_FIELDS(K, F, T)                                      \
    K(T, const struct port *, port, ROW)                                \
    K(T, struct in6_addr, ip, POD)         /* IPv4 is mapped. */        \
    K(T, uint32_t, plen, U32)              /* As its family counts. */  \
    F(T, const struct datapath *, dp, ROW)                              \
    F(T, bool, v4, BOOL)                                                \
    F(T, bool, lla, BOOL)                  /* Link-local IPv6. */       \
    F(T, istr, ip_text, STR)                                            \
    F(T, istr, net_text, STR)              /* "10.0.0.0/24" */          \
    F(T, istr, bcast_text, STR)            /* Directed broadcast or "". */ \
    F(T, uint32_t, n, U32)
INC_TABLE_DECLARE(router_net, ROUTER_NET_FIELDS);

/* An address that some port of the router has, link-local ones aside. */
#define ROUTER_IP_FIELDS(K, F, T)                                       \
    K(T, const struct datapath *, dp, ROW)                              \
    K(T, struct in6_addr, ip, POD)                                      \
    F(T, const struct port *, port, ROW)
INC_TABLE_DECLARE(router_ip, ROUTER_IP_FIELDS);
/* The port of the router 'dp' that has this address (IPv4 mapped), or NULL. */
const struct port *router_ip_owner(const struct datapath *dp,
                                   const struct in6_addr *);

/* A network that some port of the router is in, link-local ones aside: finds
 * networks that several ports are in. */
#define ROUTER_SUBNET_FIELDS(K, F, T)                                   \
    K(T, const struct datapath *, dp, ROW)                              \
    K(T, struct in6_addr, prefix, POD)                                  \
    K(T, uint32_t, plen, U32)                                           \
    F(T, const struct port *, port, ROW)
INC_TABLE_DECLARE(router_subnet, ROUTER_SUBNET_FIELDS);

/* What a port is plugged into: a switch's port of type router into a router
 * port and vice versa, or two router ports into each other. */
#define LINK_FIELDS(K, F, T)                                            \
    K(T, const struct port *, port, ROW)                                \
    F(T, const struct port *, peer, ROW)
INC_TABLE_DECLARE(link, LINK_FIELDS);
/* The other end, or NULL. */
const struct port *port_peer(const struct port *);

extern struct inc_index routers_by_dp, router_ports_by_port,
    router_ports_by_dp, router_ports_by_peer_dp,
    static_router_ports_by_peer_dp, router_nets_by_port, router_nets_by_dp,
    router_ips_by_ip, links_by_port;
extern const struct inc_rule routers, links, router_ports;

/* The networks of a port, or of all ports of a router: for
 * INC_BUCKET_FOR_EACH. */
const struct inc_bucket *router_nets_of_port(const struct port *);
const struct inc_bucket *router_nets_of_dp(const struct datapath *);
const struct inc_bucket *router_ports_of_dp(const struct datapath *);
/* The router ports that are plugged into a switch; only those with
 * static_neigh. */
const struct inc_bucket *router_ports_at(const struct datapath *);
const struct inc_bucket *static_router_ports_at(const struct datapath *);

/* The network of 'port' of a family that has this 'n', NULL past the last. */
const struct router_net *router_net_nth(const struct port *, bool v4,
                                        uint32_t n);

/* The network of 'port' that 'ip' (IPv4 mapped) is in, the longest one if
 * several, or NULL. */
const struct router_net *router_net_of_neighbor(const struct port *,
                                                const struct in6_addr *ip);

#endif /* northd/model/router.h */
