/* Frames in the making, for files of lib/net. */
#ifndef LIB_NET_FRAME_H
#define LIB_NET_FRAME_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "openvswitch/types.h"

struct dp_packet;
struct flow;
struct in6_addr;

/* Gives 'frame' the VLAN tags that 'flow' has. */
void net_copy_vlans(const struct flow *, struct dp_packet *frame);

/* Initializes 'frame' with headers of Ethernet and of the IP version of
 * 'flow', whose addresses it gets, the other way round if 'swap'; 'size' bytes
 * of 'proto' follow, zeroed.  Returns those.  The caller fills them in and
 * calls net_finish(). */
void *net_ip_start(struct dp_packet *frame, const struct flow *, bool swap,
                   uint8_t proto, uint8_t tos, size_t size);

/* The checksum of the 'size' bytes at 'l4', where the field for it is 0 (TCP,
 * ICMPv4, ICMPv6). */
ovs_be16 net_checksum(const struct dp_packet *frame, const void *l4,
                      uint8_t proto, size_t size);

/* Initializes 'frame' with headers of Ethernet and IPv6 (hop limit 255) and
 * 'size' bytes of ICMPv6, zeroed, which it returns. */
void *net_icmp6_start(struct dp_packet *frame, struct eth_addr eth_src,
                      struct eth_addr eth_dst, const struct in6_addr *src,
                      const struct in6_addr *dst, size_t size);

#endif /* lib/net/frame.h */
