/* Routes of logical routers: connected networks, and static routes that can be
 * used at present. */
#ifndef NORTHD_MODEL_ROUTE_H
#define NORTHD_MODEL_ROUTE_H 1

#include <netinet/in.h>
#include "lib/inc/inc-table.h"

struct datapath;
struct nb_logical_router;
struct nb_logical_router_static_route;
struct port;
struct router_port;

/* Where a route comes from.  Among prefixes of the same length the higher one
 * is taken. */
enum route_source {
    ROUTE_SRC_IP = 0,            /* Static, by source address. */
    ROUTE_STATIC = 4,
    ROUTE_CONNECTED = 5,
    ROUTE_OVERRIDE = 6,          /* Static, before connected ones. */
};

/* Routes with equal 'dp', 'table', 'prefix', 'plen' and 'source' are members
 * of one group (ECMP). */
#define ROUTE_FIELDS(K, F, T)                                           \
    K(T, const struct datapath *, dp, ROW)                              \
    K(T, istr, table_name, STR)        /* Route table, "": main. */     \
    K(T, struct in6_addr, prefix, POD)     /* IPv4 is mapped. */        \
    K(T, uint32_t, plen, U32)              /* As its family counts. */  \
    K(T, uint32_t, source, U32)            /* enum route_source. */     \
    K(T, struct in6_addr, nexthop, POD)    /* Zero: the destination. */ \
    K(T, const struct port *, out, ROW)    /* NULL: discard. */         \
    F(T, istr, src_text, STR)              /* The address of 'out'. */  \
    F(T, bool, symmetric, BOOL)            /* ecmp_symmetric_reply. */  \
    F(T, istr, selection, STR)             /* Hash fields, "": all. */  \
    F(T, const struct nb_logical_router_static_route *, nb, ROW)
INC_TABLE_DECLARE(ip_route, ROUTE_FIELDS);

/* What stands for a route table in REG_ROUTE_TABLE: 0 for the main one. */
uint32_t route_table_id(istr name);

/* The address by which port 'out' asks for 'nexthop', in text; null if it has
 * none of that family. */
istr port_source_address(const struct port *out,
                         const struct in6_addr *nexthop);

/* Where a packet goes next. */
struct next_hop {
    bool v4;                     /* The next hop's family. */
    istr ip_text;                /* An address, or "ip4.dst", "ip6.dst". */
    istr src_text;               /* See port_source_address(). */
    const struct router_port *out;
};
/* The actions that set the registers of the next hop, the output port and the
 * Ethernet source. */
istr next_hop_actions(const struct next_hop *);

/* The priority of a route in LR_IN_IP_ROUTING. */
uint16_t route_priority(uint32_t plen, enum route_source);

/* The router that has a static route, or NULL. */
const struct nb_logical_router *lr_of_static_route(
    const struct nb_logical_router_static_route *);

/* Buckets are groups. */
struct route_group {
    const struct datapath *dp;
    const char *table;           /* Interned. */
    struct in6_addr prefix;
    uint32_t plen, source;
};
extern struct inc_index lr_by_static_route, routes_by_group;
extern const struct inc_rule connected_routes, static_routes;

#endif /* northd/model/route.h */
