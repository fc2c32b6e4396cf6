/* Answers to packets that cannot be delivered: ICMP errors (RFC 792, RFC 1122
 * 3.2.2, RFC 1812 4.3.2, RFC 4443), TCP resets (RFC 9293 3.5.2), SCTP aborts
 * (RFC 9260 8.4).
 *
 * Packets may hold anything.  Functions take a packet with its layer offsets
 * set and 'flow', its headers (flow_extract()).  Those that compose an answer
 * initialize 'answer', which the caller must uninitialize, and return null;
 * else they return the reason why there is none (constant). */
#ifndef LIB_NET_ERROR_H
#define LIB_NET_ERROR_H 1

#include <stdbool.h>
#include <stdint.h>
#include "openvswitch/types.h"

struct dp_packet;
struct flow;

/* The sizes up to which errors quote what they are about, with all IP
 * headers. */
#define NET_ICMP4_ERROR_MAX 576
#define NET_ICMP6_ERROR_MAX 1280

/* Who sends the answer.  Addresses stay as they are, as if the answer went on
 * where the packet was going, unless 'swap': then it goes to where the packet
 * came from. */

/* An ICMP error of the packet's IP version about it, quoting as much of it as
 * is allowed.  Says "host unreachable" (IPv4) or "administratively prohibited"
 * (IPv6); with 'port', "port unreachable" if it is about UDP. */
const char *net_icmp_error(const struct dp_packet *, const struct flow *flow,
                           bool port, bool swap, struct dp_packet *answer);

/* Ports are always swapped: they say which connection this is about. */
const char *net_tcp_reset(const struct dp_packet *, const struct flow *flow,
                          bool swap, struct dp_packet *answer);
const char *net_sctp_abort(const struct dp_packet *, const struct flow *flow,
                           bool swap, struct dp_packet *answer);

/* What fits the packet's protocol. */
const char *net_reject(const struct dp_packet *, const struct flow *flow,
                       bool swap, struct dp_packet *answer);

/* Says in an ICMP error, in place, which size would have fitted.  Return null
 * or the reason why the packet is no ICMP error with room for that. */
const char *net_set_icmp4_mtu(struct dp_packet *, const struct flow *flow,
                              uint16_t mtu);
const char *net_set_icmp6_mtu(struct dp_packet *, const struct flow *flow,
                              uint32_t mtu);

/* Sets the source of the packet that an ICMPv4 error quotes. */
const char *net_set_icmp4_inner_src(struct dp_packet *,
                                    const struct flow *flow, ovs_be32 src);

#endif /* lib/net/error.h */
