#include <config.h>
#include "lib/net/frame.h"

#include <netinet/in.h>
#include <netinet/ip6.h>

#include "csum.h"
#include "dp-packet.h"
#include "flow.h"
#include "packets.h"
#include "util.h"

void
net_copy_vlans(const struct flow *flow, struct dp_packet *frame)
{
    for (int i = FLOW_MAX_VLAN_HEADERS - 1; i >= 0; i--) {
        if (flow->vlans[i].tci & htons(VLAN_CFI)) {
            eth_push_vlan(frame, flow->vlans[i].tpid, flow->vlans[i].tci);
        }
    }
}

static void *
ip4_start(struct dp_packet *frame, ovs_be32 src, ovs_be32 dst, uint8_t proto,
          uint8_t tos, size_t size)
{
    struct ip_header *ip = dp_packet_put_zeros(frame, IP_HEADER_LEN);
    dp_packet_set_l3(frame, ip);

    /* RFC 6864: what is not fragmented needs no identification. */
    ip->ip_ihl_ver = IP_IHL_VER(5, 4);
    ip->ip_tos = tos;
    ip->ip_tot_len = htons(IP_HEADER_LEN + size);
    ip->ip_frag_off = htons(IP_DONT_FRAGMENT);
    ip->ip_ttl = 255;
    ip->ip_proto = proto;
    put_16aligned_be32(&ip->ip_src, src);
    put_16aligned_be32(&ip->ip_dst, dst);
    ip->ip_csum = csum(ip, IP_HEADER_LEN);

    void *l4 = dp_packet_put_zeros(frame, size);
    dp_packet_set_l4(frame, l4);
    return l4;
}

static void *
ip6_start(struct dp_packet *frame, const struct in6_addr *src,
          const struct in6_addr *dst, uint8_t proto, uint8_t tos, size_t size)
{
    struct ovs_16aligned_ip6_hdr *ip = dp_packet_put_zeros(frame,
                                                           IPV6_HEADER_LEN);
    dp_packet_set_l3(frame, ip);

    put_16aligned_be32(&ip->ip6_flow, htonl(6u << 28 | tos << 20));
    ip->ip6_plen = htons(size);
    ip->ip6_nxt = proto;
    ip->ip6_hlim = 255;
    memcpy(&ip->ip6_src, src, sizeof *src);
    memcpy(&ip->ip6_dst, dst, sizeof *dst);

    void *l4 = dp_packet_put_zeros(frame, size);
    dp_packet_set_l4(frame, l4);
    return l4;
}

void *
net_ip_start(struct dp_packet *frame, const struct flow *flow, bool swap,
             uint8_t proto, uint8_t tos, size_t size)
{
    bool is_ip4 = flow->dl_type == htons(ETH_TYPE_IP);
    size_t l3_size = is_ip4 ? IP_HEADER_LEN : IPV6_HEADER_LEN;

    dp_packet_init(frame, ETH_HEADER_LEN + VLAN_HEADER_LEN * 2 + l3_size
                          + size);
    eth_compose(frame, swap ? flow->dl_src : flow->dl_dst,
                swap ? flow->dl_dst : flow->dl_src, ntohs(flow->dl_type), 0);
    if (is_ip4) {
        return ip4_start(frame, swap ? flow->nw_dst : flow->nw_src,
                         swap ? flow->nw_src : flow->nw_dst, proto, tos,
                         size);
    }
    return ip6_start(frame, swap ? &flow->ipv6_dst : &flow->ipv6_src,
                     swap ? &flow->ipv6_src : &flow->ipv6_dst, proto, tos,
                     size);
}

void *
net_icmp6_start(struct dp_packet *frame, struct eth_addr eth_src,
                struct eth_addr eth_dst, const struct in6_addr *src,
                const struct in6_addr *dst, size_t size)
{
    dp_packet_init(frame, ETH_HEADER_LEN + VLAN_HEADER_LEN * 2
                          + IPV6_HEADER_LEN + size);
    eth_compose(frame, eth_dst, eth_src, ETH_TYPE_IPV6, 0);
    return ip6_start(frame, src, dst, IPPROTO_ICMPV6, 0, size);
}

ovs_be16
net_checksum(const struct dp_packet *frame, const void *l4, uint8_t proto,
             size_t size)
{
    if (proto == IPPROTO_ICMP) {
        return csum(l4, size);
    }

    const struct eth_header *eth = dp_packet_eth(frame);
    uint32_t pseudo = (eth->eth_type == htons(ETH_TYPE_IP)
                       ? packet_csum_pseudoheader(dp_packet_l3(frame))
                       : packet_csum_pseudoheader6(dp_packet_l3(frame)));
    return csum_finish(csum_continue(pseudo, l4, size));
}
