#include <config.h>
#include "lib/net/ra.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>

#include "dp-packet.h"
#include "flow.h"
#include "lib/net/frame.h"
#include "packets.h"
#include "util.h"

/* What precedes the options of a solicitation. */
#define RS_MSG_LEN 8

static const char *
check_options(const uint8_t *option, size_t n, bool from_nowhere)
{
    while (n) {
        if (n < 2 || !option[1] || option[1] * 8u > n) {
            return "bad length of an option";
        }
        if (option[0] == ND_OPT_SOURCE_LINKADDR && from_nowhere) {
            return "link-layer address of nobody";
        }
        n -= option[1] * 8u;
        option += option[1] * 8u;
    }
    return NULL;
}

const char *
net_check_rs(const struct dp_packet *packet, const struct flow *flow)
{
    const uint8_t *rs = dp_packet_l4(packet);

    if (!is_icmpv6(flow, NULL) || flow->nw_frag || !rs
        || dp_packet_l4_size(packet) < RS_MSG_LEN) {
        return "not ICMPv6";
    }
    if (rs[0] != ND_ROUTER_SOLICIT || rs[1]) {
        return "not a router solicitation";
    }
    if (flow->nw_ttl != 255) {
        return "came through a router";
    }
    if (ipv6_addr_is_multicast(&flow->ipv6_src)
        || eth_addr_is_multicast(flow->dl_src)) {
        return "multicast source";
    }
    return check_options(rs + RS_MSG_LEN,
                         dp_packet_l4_size(packet) - RS_MSG_LEN,
                         !ipv6_addr_is_set(&flow->ipv6_src));
}

void
net_ra(struct dp_packet *frame, struct eth_addr eth_src,
       struct eth_addr eth_dst, const struct in6_addr *src,
       const struct in6_addr *dst, const void *message, size_t len)
{
    struct icmp6_header *icmp = net_icmp6_start(frame, eth_src, eth_dst, src,
                                                dst, len);
    memcpy(icmp, message, len);
    icmp->icmp6_cksum = 0;
    icmp->icmp6_cksum = net_checksum(frame, icmp, IPPROTO_ICMPV6, len);
}
