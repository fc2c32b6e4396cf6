/* Questions and announcements about neighbors: ARP (RFC 826), RARP (RFC 903),
 * neighbor discovery (RFC 4861).  All initialize 'frame', which the caller
 * must uninitialize. */
#ifndef LIB_NET_NEIGHBOR_H
#define LIB_NET_NEIGHBOR_H 1

#include "openvswitch/types.h"

struct dp_packet;
struct in6_addr;

/* Who has 'tpa'?  To 'dst' and from 'sha'. */
void net_arp_request(struct dp_packet *frame, struct eth_addr dst,
                     struct eth_addr sha, ovs_be32 spa, ovs_be32 tpa);

/* Who has 'target'?  To the target's solicited-node group. */
void net_nd_solicitation(struct dp_packet *frame, struct eth_addr src,
                         const struct in6_addr *ip_src,
                         const struct in6_addr *target);

/* "I am 'mac'", to everybody: gratuitous ARP, unsolicited advertisement, and
 * RARP for who has no IP address. */
void net_announce_ip4(struct dp_packet *frame, struct eth_addr mac,
                      ovs_be32 ip);
void net_announce_ip6(struct dp_packet *frame, struct eth_addr mac,
                      const struct in6_addr *ip, bool router);
void net_announce_mac(struct dp_packet *frame, struct eth_addr mac);

#endif /* lib/net/neighbor.h */
