#include <config.h>
#include "lib/net/error.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip6.h>

#include "crc32c.h"
#include "csum.h"
#include "dp-packet.h"
#include "flow.h"
#include "lib/net/frame.h"
#include "packets.h"
#include "unaligned.h"
#include "util.h"

/* RFC 1812, 4.3.2.5: errors are urgent ("internetwork control"). */
#define ICMP4_ERROR_TOS 0xc0

/* Types of ICMP messages. */
enum {
    ICMP_UNREACHABLE = 3, ICMP_QUENCH = 4, ICMP_REDIRECTION = 5,
    ICMP_EXCEEDED = 11, ICMP_PARAMETER = 12, ICMP6_REDIRECTION = 137,
};
enum { CODE_HOST = 1, CODE_PORT = 3, CODE6_PROHIBITED = 1, CODE6_PORT = 4 };

/* ---- What deserves an answer. ---- */

static const char *
check_ip4(const struct flow *flow)
{
    uint32_t src = ntohl(flow->nw_src);

    if (!src || src >> 24 == 127 || src >> 28 >= 14) {
        return "source is not a host";
    }
    if (ip_is_multicast(flow->nw_dst) || flow->nw_dst == htonl(UINT32_MAX)) {
        return "destination is a group";
    }
    return NULL;
}

static const char *
check_ip6(const struct flow *flow)
{
    if (!ipv6_addr_is_set(&flow->ipv6_src)
        || ipv6_addr_is_multicast(&flow->ipv6_src)
        || IN6_IS_ADDR_LOOPBACK(&flow->ipv6_src)) {
        return "source is not a host";
    }
    return (ipv6_addr_is_multicast(&flow->ipv6_dst) ? "destination is a group"
            : NULL);
}

/* Checks what all answers have in common.  'l3_size' becomes the size of the
 * IP packet, without what the link adds to short frames. */
static const char *
check_ip(const struct dp_packet *packet, const struct flow *flow,
         size_t *l3_size)
{
    bool is_ip4 = flow->dl_type == htons(ETH_TYPE_IP);
    const void *l3 = dp_packet_l3(packet);

    if (!l3 || (!is_ip4 && flow->dl_type != htons(ETH_TYPE_IPV6))) {
        return "not IP";
    }
    *l3_size = dp_packet_l3_size(packet);
    if (*l3_size < (is_ip4 ? IP_HEADER_LEN : IPV6_HEADER_LEN)) {
        return "too short";
    }
    if (flow->nw_frag & FLOW_NW_FRAG_LATER) {
        return "a fragment beyond the first";
    }
    if (eth_addr_is_multicast(flow->dl_dst)) {
        return "Ethernet destination is a group";
    }

    size_t says;
    if (is_ip4) {
        const struct ip_header *ip = l3;
        says = ntohs(ip->ip_tot_len);
    } else {
        const struct ovs_16aligned_ip6_hdr *ip6 = l3;
        says = IPV6_HEADER_LEN + ntohs(ip6->ip6_plen);
    }
    if (says < (is_ip4 ? IP_HEADER_LEN : IPV6_HEADER_LEN)) {
        return "too short";
    }
    *l3_size = MIN(*l3_size, says);
    return is_ip4 ? check_ip4(flow) : check_ip6(flow);
}

/* The part of the IP packet that is of its transport protocol, or null if
 * there are fewer than 'min' bytes of it. */
static const void *
transport(const struct dp_packet *packet, size_t l3_size, size_t min,
          size_t *size)
{
    const uint8_t *l3 = dp_packet_l3(packet);
    const uint8_t *l4 = dp_packet_l4(packet);

    if (!l4 || l4 < l3 || (size_t) (l4 - l3) > l3_size) {
        return NULL;
    }
    *size = l3_size - (l4 - l3);
    return *size >= min ? l4 : NULL;
}

/* Errors never cause errors. */
static const char *
check_icmp(const struct dp_packet *packet, const struct flow *flow,
           size_t l3_size)
{
    bool is_ip4 = flow->dl_type == htons(ETH_TYPE_IP);
    uint8_t proto = is_ip4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
    size_t size;

    if (flow->nw_proto != proto) {
        return NULL;
    }
    const uint8_t *type = transport(packet, l3_size, 1, &size);
    if (!type) {
        return "ICMP without a type";
    }
    if (!is_ip4) {
        return (*type < 128 || *type == ICMP6_REDIRECTION
                ? "an ICMPv6 error" : NULL);
    }
    switch (*type) {
    case ICMP_UNREACHABLE: case ICMP_QUENCH: case ICMP_REDIRECTION:
    case ICMP_EXCEEDED: case ICMP_PARAMETER:
        return "an ICMP error";
    default:
        return NULL;
    }
}

/* ---- ICMP. ---- */

static void
put_icmp4_error(const struct dp_packet *packet, const struct flow *flow,
                size_t l3_size, bool port, bool swap,
                struct dp_packet *answer)
{
    size_t quote = MIN(l3_size, NET_ICMP4_ERROR_MAX - IP_HEADER_LEN
                                - ICMP_HEADER_LEN);
    size_t size = ICMP_HEADER_LEN + quote;
    struct icmp_header *icmp = net_ip_start(
        answer, flow, swap, IPPROTO_ICMP, ICMP4_ERROR_TOS, size);

    icmp->icmp_type = ICMP_UNREACHABLE;
    icmp->icmp_code = (port && flow->nw_proto == IPPROTO_UDP ? CODE_PORT
                       : CODE_HOST);
    memcpy(icmp + 1, dp_packet_l3(packet), quote);
    icmp->icmp_csum = net_checksum(answer, icmp, IPPROTO_ICMP, size);
}

static void
put_icmp6_error(const struct dp_packet *packet, const struct flow *flow,
                size_t l3_size, bool port, bool swap,
                struct dp_packet *answer)
{
    size_t quote = MIN(l3_size, NET_ICMP6_ERROR_MAX - IPV6_HEADER_LEN
                                - ICMP6_DATA_HEADER_LEN);
    size_t size = ICMP6_DATA_HEADER_LEN + quote;
    struct icmp6_data_header *icmp = net_ip_start(
        answer, flow, swap, IPPROTO_ICMPV6, 0, size);

    icmp->icmp6_base.icmp6_type = ICMP6_DST_UNREACH;
    icmp->icmp6_base.icmp6_code = (port && flow->nw_proto == IPPROTO_UDP
                                   ? CODE6_PORT : CODE6_PROHIBITED);
    memcpy(icmp + 1, dp_packet_l3(packet), quote);
    icmp->icmp6_base.icmp6_cksum = net_checksum(answer, icmp, IPPROTO_ICMPV6,
                                                size);
}

const char *
net_icmp_error(const struct dp_packet *packet, const struct flow *flow,
               bool port, bool swap, struct dp_packet *answer)
{
    size_t l3_size;
    const char *reason = check_ip(packet, flow, &l3_size);
    if (!reason) {
        reason = check_icmp(packet, flow, l3_size);
    }
    if (reason) {
        return reason;
    }
    if (flow->dl_type == htons(ETH_TYPE_IP)) {
        put_icmp4_error(packet, flow, l3_size, port, swap, answer);
    } else {
        put_icmp6_error(packet, flow, l3_size, port, swap, answer);
    }
    net_copy_vlans(flow, answer);
    return NULL;
}

/* ---- TCP. ---- */

const char *
net_tcp_reset(const struct dp_packet *packet, const struct flow *flow,
              bool swap, struct dp_packet *answer)
{
    size_t l3_size, size;
    const char *reason = check_ip(packet, flow, &l3_size);
    if (reason) {
        return reason;
    }
    const struct tcp_header *tcp
        = (flow->nw_proto == IPPROTO_TCP
           ? transport(packet, l3_size, TCP_HEADER_LEN, &size) : NULL);
    if (!tcp) {
        return "not TCP";
    }

    uint16_t flags = TCP_FLAGS(tcp->tcp_ctl);
    size_t offset = TCP_OFFSET(tcp->tcp_ctl) * 4;
    if (flags & TCP_RST) {
        return "a TCP reset";
    }
    if (offset < TCP_HEADER_LEN || offset > size) {
        return "bad TCP header";
    }

    struct tcp_header *rst = net_ip_start(answer, flow, swap, IPPROTO_TCP, 0,
                                          TCP_HEADER_LEN);
    rst->tcp_src = tcp->tcp_dst;
    rst->tcp_dst = tcp->tcp_src;
    if (flags & TCP_ACK) {
        rst->tcp_seq = tcp->tcp_ack;
        rst->tcp_ctl = TCP_CTL(TCP_RST, 5);
    } else {
        uint32_t next = (ntohl(get_16aligned_be32(&tcp->tcp_seq))
                         + (size - offset) + !!(flags & TCP_SYN)
                         + !!(flags & TCP_FIN));
        put_16aligned_be32(&rst->tcp_ack, htonl(next));
        rst->tcp_ctl = TCP_CTL(TCP_RST | TCP_ACK, 5);
    }
    rst->tcp_csum = net_checksum(answer, rst, IPPROTO_TCP, TCP_HEADER_LEN);
    net_copy_vlans(flow, answer);
    return NULL;
}

/* ---- SCTP. ---- */

struct sctp_chunk {
    uint8_t type;
    uint8_t flags;
    ovs_be16 len;                /* With this header. */
};

/* Types of chunks. */
enum {
    SCTP_INIT = 1, SCTP_ABORT = 6, SCTP_COOKIE_ERROR = 9,
    SCTP_SHUTDOWN_COMPLETE = 14,
};
/* An ABORT's flag: the tag is the one of the packet, not of its receiver. */
#define SCTP_REFLECTED 1

/* Looks at the chunks of an SCTP packet of 'size' bytes.  Returns null and
 * what the abort has to have as tag and as flags, or why there is none. */
static const char *
check_sctp(const struct sctp_header *sctp, size_t size, ovs_be32 *tag,
           uint8_t *flags)
{
    const uint8_t *p = (const uint8_t *) (sctp + 1);
    struct sctp_chunk chunk;

    *tag = get_16aligned_be32(&sctp->sctp_vtag);
    *flags = SCTP_REFLECTED;
    for (size_t n = size - sizeof *sctp; n >= sizeof chunk; ) {
        memcpy(&chunk, p, sizeof chunk);
        size_t len = ntohs(chunk.len);
        if (len < sizeof chunk || len > n) {
            return "bad SCTP chunk";
        }
        if (chunk.type == SCTP_ABORT || chunk.type == SCTP_COOKIE_ERROR
            || chunk.type == SCTP_SHUTDOWN_COMPLETE) {
            return "an SCTP chunk that is not answered";
        }
        if (chunk.type == SCTP_INIT) {
            if (len < sizeof chunk + sizeof *tag) {
                return "bad SCTP chunk";
            }
            *tag = get_unaligned_be32((const void *) (p + sizeof chunk));
            *flags = 0;
        }
        size_t used = MIN(ROUND_UP(len, 4), n);
        p += used;
        n -= used;
    }
    return NULL;
}

const char *
net_sctp_abort(const struct dp_packet *packet, const struct flow *flow,
               bool swap, struct dp_packet *answer)
{
    size_t l3_size, size;
    ovs_be32 tag;
    uint8_t flags;

    const char *reason = check_ip(packet, flow, &l3_size);
    if (reason) {
        return reason;
    }
    const struct sctp_header *sctp
        = (flow->nw_proto == IPPROTO_SCTP
           ? transport(packet, l3_size, SCTP_HEADER_LEN, &size) : NULL);
    if (!sctp) {
        return "not SCTP";
    }
    reason = check_sctp(sctp, size, &tag, &flags);
    if (reason) {
        return reason;
    }

    size_t n = SCTP_HEADER_LEN + sizeof(struct sctp_chunk);
    struct sctp_header *sh = net_ip_start(answer, flow, swap, IPPROTO_SCTP,
                                          0, n);
    sh->sctp_src = sctp->sctp_dst;
    sh->sctp_dst = sctp->sctp_src;
    put_16aligned_be32(&sh->sctp_vtag, tag);
    struct sctp_chunk chunk = {
        .type = SCTP_ABORT, .flags = flags, .len = htons(sizeof chunk),
    };
    memcpy(sh + 1, &chunk, sizeof chunk);
    put_16aligned_be32(&sh->sctp_csum, crc32c((const void *) sh, n));
    net_copy_vlans(flow, answer);
    return NULL;
}

const char *
net_reject(const struct dp_packet *packet, const struct flow *flow,
           bool swap, struct dp_packet *answer)
{
    switch (flow->nw_proto) {
    case IPPROTO_TCP:
        return net_tcp_reset(packet, flow, swap, answer);
    case IPPROTO_SCTP:
        return net_sctp_abort(packet, flow, swap, answer);
    default:
        return net_icmp_error(packet, flow, true, swap, answer);
    }
}

/* ---- The size that fits. ---- */

const char *
net_set_icmp4_mtu(struct dp_packet *packet, const struct flow *flow,
                  uint16_t mtu)
{
    if (!is_icmpv4(flow, NULL) || flow->nw_frag || !dp_packet_l4(packet)
        || dp_packet_l4_size(packet) < ICMP_HEADER_LEN) {
        return "not ICMP";
    }

    struct icmp_header *icmp = dp_packet_l4(packet);
    if (icmp->icmp_type != ICMP_UNREACHABLE) {
        return "not an ICMP error with a size";
    }
    icmp->icmp_csum = recalc_csum16(icmp->icmp_csum,
                                    icmp->icmp_fields.frag.mtu, htons(mtu));
    icmp->icmp_fields.frag.mtu = htons(mtu);
    return NULL;
}

const char *
net_set_icmp6_mtu(struct dp_packet *packet, const struct flow *flow,
                  uint32_t mtu)
{
    if (!is_icmpv6(flow, NULL) || flow->nw_frag || !dp_packet_l4(packet)
        || dp_packet_l4_size(packet) < ICMP6_DATA_HEADER_LEN) {
        return "not ICMPv6";
    }

    struct icmp6_data_header *icmp = dp_packet_l4(packet);
    if (icmp->icmp6_base.icmp6_type >= 128) {
        return "not an ICMPv6 error with a size";
    }
    ovs_be32 old = get_16aligned_be32(icmp->icmp6_data.be32);
    icmp->icmp6_base.icmp6_cksum = recalc_csum32(icmp->icmp6_base.icmp6_cksum,
                                                 old, htonl(mtu));
    put_16aligned_be32(icmp->icmp6_data.be32, htonl(mtu));
    return NULL;
}

const char *
net_set_icmp4_inner_src(struct dp_packet *packet, const struct flow *flow,
                        ovs_be32 src)
{
    size_t size = dp_packet_l4(packet) ? dp_packet_l4_size(packet) : 0;

    if (!is_icmpv4(flow, NULL) || flow->nw_frag
        || size < ICMP_HEADER_LEN + IP_HEADER_LEN) {
        return "not an ICMP error";
    }

    struct icmp_header *icmp = dp_packet_l4(packet);
    struct ip_header *inner = (struct ip_header *) (icmp + 1);
    if (IP_VER(inner->ip_ihl_ver) != 4) {
        return "not an ICMP error";
    }
    inner->ip_csum = recalc_csum32(inner->ip_csum,
                                   get_16aligned_be32(&inner->ip_src), src);
    put_16aligned_be32(&inner->ip_src, src);
    icmp->icmp_csum = 0;
    icmp->icmp_csum = csum(icmp, size);
    return NULL;
}
