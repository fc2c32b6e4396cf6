/* Which network of a router an address is in.
 *
 * A question that each next hop asks.  It must not depend on all networks of
 * the router, so the networks are found by prefix, one look-up for each prefix
 * length that the router uses. */
#ifndef NORTHD_MODEL_ONLINK_H
#define NORTHD_MODEL_ONLINK_H 1

#include <netinet/in.h>
#include "lib/inc/inc-table.h"

struct datapath;
struct router_net;

/* A prefix length that networks of a router have. */
#define ROUTER_PLEN_FIELDS(K, F, T)                                     \
    K(T, const struct datapath *, dp, ROW)                              \
    K(T, bool, v4, BOOL)                                                \
    K(T, uint32_t, plen, U32)
INC_TABLE_DECLARE(router_plen, ROUTER_PLEN_FIELDS);

/* The network of router 'dp' with the longest prefix that 'ip' (IPv4 mapped)
 * is in, or NULL.  Link-local networks do not count: every port has the same
 * one. */
const struct router_net *net_onlink(const struct datapath *dp,
                                    const struct in6_addr *ip);

/* A network of router 'dp' that is just this one, or NULL. */
const struct router_net *net_with_prefix(const struct datapath *dp,
                                         const struct in6_addr *network,
                                         uint32_t plen);

/* 'ip' without the bits that are not in its first 'plen' ones, which are
 * counted as the address's family does. */
struct in6_addr ip_network(const struct in6_addr *ip, uint32_t plen);
/* Can a host have the address?  Not if it is unspecified, of a loopback
 * interface, of a group, or for all. */
bool ip_is_host(const struct in6_addr *ip);
/* The address as the flow language writes it. */
istr ip_text(const struct in6_addr *ip);

extern struct inc_index nets_by_plen, nets_by_prefix, router_plens_by_dp;
extern const struct inc_rule router_plens;

#endif /* northd/model/onlink.h */
