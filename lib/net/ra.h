/* Router advertisements (RFC 4861, 4.1 and 4.2). */
#ifndef LIB_NET_RA_H
#define LIB_NET_RA_H 1

#include <stddef.h>
#include "openvswitch/types.h"

struct dp_packet;
struct flow;
struct in6_addr;

/* Returns null if 'packet', whose headers are in 'flow', is a router
 * solicitation in order (6.1.1), else the reason why not. */
const char *net_check_rs(const struct dp_packet *packet,
                         const struct flow *flow);

/* Initializes 'frame', which the caller must uninitialize, as the 'len' bytes
 * of ICMPv6 at 'message', of which the checksum is filled in. */
void net_ra(struct dp_packet *frame, struct eth_addr eth_src,
            struct eth_addr eth_dst, const struct in6_addr *src,
            const struct in6_addr *dst, const void *message, size_t len);

#endif /* lib/net/ra.h */
