#include <config.h>
#include "lib/net/bfd.h"

#include "dp-packet.h"
#include "flow.h"
#include "lib/net/frame.h"
#include "packets.h"
#include "unaligned.h"
#include "util.h"

#define BFD_PORT 3784
#define BFD_VERSION 1
#define BFD_TOS 0xc0

struct bfd_header {
    uint8_t vers_diag;
    uint8_t flags;
    uint8_t mult;
    uint8_t length;
    ovs_be32 my_disc;
    ovs_be32 your_disc;
    ovs_be32 min_tx;
    ovs_be32 min_rx;
    ovs_be32 min_rx_echo;
};
BUILD_ASSERT_DECL(sizeof(struct bfd_header) == 24);

enum { FLAG_POLL = 0x20, FLAG_FINAL = 0x10, FLAG_AUTH = 0x04,
       FLAG_MULTIPOINT = 0x01 };

static const char *
check_header(const struct bfd_header *h, size_t size)
{
    if (h->vers_diag >> 5 != BFD_VERSION) {
        return "another version of BFD";
    }
    if (h->length < sizeof *h || h->length > size) {
        return "bad length";
    }
    if (h->flags & FLAG_AUTH) {
        return "authentication, which is not in use";
    }
    if (!h->mult || h->flags & FLAG_MULTIPOINT || !h->my_disc) {
        return "bad BFD header";
    }
    if ((h->flags & FLAG_POLL) && (h->flags & FLAG_FINAL)) {
        return "poll and final at once";
    }
    if (!h->your_disc && h->flags >> 6 > NET_BFD_DOWN) {
        return "a session of nobody";
    }
    return NULL;
}

const char *
net_bfd_parse(const struct dp_packet *packet, const struct flow *flow,
              struct net_bfd *bfd)
{
    struct bfd_header h;

    if (!is_ip_any(flow) || flow->nw_proto != IPPROTO_UDP || flow->nw_frag
        || !dp_packet_l4(packet) || flow->tp_dst != htons(BFD_PORT)) {
        return "not BFD";
    }
    if (flow->nw_ttl != 255) {
        return "came through a router";
    }
    size_t size = dp_packet_l4_size(packet);
    if (size < UDP_HEADER_LEN + sizeof h) {
        return "too short";
    }

    const struct udp_header *udp = dp_packet_l4(packet);
    size_t says = ntohs(udp->udp_len);
    if (says < UDP_HEADER_LEN + sizeof h || says > size) {
        return "bad length";
    }
    memcpy(&h, udp + 1, sizeof h);
    const char *reason = check_header(&h, says - UDP_HEADER_LEN);
    if (!reason) {
        *bfd = (struct net_bfd) {
            .state = h.flags >> 6, .diag = h.vers_diag & 0x1f,
            .poll = h.flags & FLAG_POLL, .final = h.flags & FLAG_FINAL,
            .mult = h.mult, .my_disc = ntohl(h.my_disc),
            .your_disc = ntohl(h.your_disc), .min_tx = ntohl(h.min_tx),
            .min_rx = ntohl(h.min_rx),
        };
    }
    return reason;
}

void
net_bfd_compose(struct dp_packet *frame, const struct net_bfd_path *path,
                const struct net_bfd *bfd)
{
    struct flow flow;

    memset(&flow, 0, sizeof flow);
    flow.dl_src = path->src_mac;
    flow.dl_dst = path->dst_mac;
    if (IN6_IS_ADDR_V4MAPPED(&path->dst)) {
        flow.dl_type = htons(ETH_TYPE_IP);
        flow.nw_src = in6_addr_get_mapped_ipv4(&path->src);
        flow.nw_dst = in6_addr_get_mapped_ipv4(&path->dst);
    } else {
        flow.dl_type = htons(ETH_TYPE_IPV6);
        flow.ipv6_src = path->src;
        flow.ipv6_dst = path->dst;
    }

    struct bfd_header h = {
        .vers_diag = BFD_VERSION << 5 | bfd->diag,
        .flags = (bfd->state << 6 | (bfd->poll ? FLAG_POLL : 0)
                  | (bfd->final ? FLAG_FINAL : 0)),
        .mult = bfd->mult, .length = sizeof h,
        .my_disc = htonl(bfd->my_disc), .your_disc = htonl(bfd->your_disc),
        .min_tx = htonl(bfd->min_tx), .min_rx = htonl(bfd->min_rx),
    };
    size_t size = UDP_HEADER_LEN + sizeof h;
    struct udp_header *udp = net_ip_start(frame, &flow, false, IPPROTO_UDP,
                                          BFD_TOS, size);
    udp->udp_src = htons(path->src_port);
    udp->udp_dst = htons(BFD_PORT);
    udp->udp_len = htons(size);
    memcpy(udp + 1, &h, sizeof h);
    udp->udp_csum = net_checksum(frame, udp, IPPROTO_UDP, size);
    if (!udp->udp_csum) {
        udp->udp_csum = htons(UINT16_MAX);
    }
}
