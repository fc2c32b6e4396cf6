/* Answers that lib/net composes, and hostile packets. */
#include "test-ovn.h"

#include <netinet/icmp6.h>
#include <netinet/ip6.h>
#include <stdlib.h>

#include "crc32c.h"
#include "csum.h"
#include "dp-packet.h"
#include "flow.h"
#include "lib/net/error.h"
#include "lib/net/neighbor.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofp-flow.h"
#include "packets.h"
#include "random.h"

enum kind { ICMP, ICMP_PORT, RESET, ABORT, REJECT, N_KINDS };

static const struct { const char *name; enum kind kind; } kinds[] = {
    { "icmp", ICMP }, { "icmp-port", ICMP_PORT }, { "reset", RESET },
    { "abort", ABORT }, { "reject", REJECT },
};

static const char *
compose(enum kind kind, const struct dp_packet *packet,
        const struct flow *flow, bool swap, struct dp_packet *answer)
{
    switch (kind) {
    case ICMP: return net_icmp_error(packet, flow, false, swap, answer);
    case ICMP_PORT: return net_icmp_error(packet, flow, true, swap, answer);
    case RESET: return net_tcp_reset(packet, flow, swap, answer);
    case ABORT: return net_sctp_abort(packet, flow, swap, answer);
    case REJECT: return net_reject(packet, flow, swap, answer);
    case N_KINDS: default: OVS_NOT_REACHED();
    }
}

/* Aborts unless all lengths and checksums of 'answer' are right. */
static void
check_answer(struct dp_packet *answer)
{
    struct dp_packet packet;
    struct flow flow;

    dp_packet_use_const(&packet, dp_packet_data(answer),
                        dp_packet_size(answer));
    flow_extract(&packet, &flow);
    void *l4 = dp_packet_l4(&packet);
    size_t size = dp_packet_l4_size(&packet);
    ovs_assert(l4 && size >= 8 && !dp_packet_l2_pad_size(&packet));

    uint32_t sum = 0;
    if (flow.dl_type == htons(ETH_TYPE_IP)) {
        const struct ip_header *ip = dp_packet_l3(&packet);
        ovs_assert(!csum(ip, IP_HEADER_LEN) && ip->ip_ttl == 255);
        if (flow.nw_proto != IPPROTO_ICMP) {
            sum = packet_csum_pseudoheader(ip);
        } else {
            ovs_assert(ntohs(ip->ip_tot_len) <= NET_ICMP4_ERROR_MAX);
        }
    } else {
        const struct ovs_16aligned_ip6_hdr *ip = dp_packet_l3(&packet);
        ovs_assert(ip->ip6_hlim == 255
                   && ntohs(ip->ip6_plen) <= NET_ICMP6_ERROR_MAX - 40);
        sum = packet_csum_pseudoheader6(ip);
    }
    if (flow.nw_proto != IPPROTO_SCTP) {
        ovs_assert(!csum_finish(csum_continue(sum, l4, size)));
    } else {
        struct sctp_header *sh = l4;
        ovs_be32 crc = get_16aligned_be32(&sh->sctp_csum);
        put_16aligned_be32(&sh->sctp_csum, 0);
        ovs_assert(crc == crc32c(l4, size));
        put_16aligned_be32(&sh->sctp_csum, crc);
    }
}

/* Composes an answer to a copy of the 'n' bytes at 'frame', such that a read
 * past its end is seen by the sanitizer. */
static const char *
ask(enum kind kind, const void *frame, size_t n, bool swap,
    struct dp_packet *answer)
{
    void *copy = xmemdup(frame, n);
    struct dp_packet packet;
    struct flow flow;

    dp_packet_use_const(&packet, copy, n);
    flow_extract(&packet, &flow);
    const char *reason = compose(kind, &packet, &flow, swap, answer);
    if (!reason) {
        check_answer(answer);
    }
    free(copy);
    return reason;
}

/* Makes a packet from the text of a flow, with 'n' bytes of payload. */
static void
make_packet(const char *text, size_t n, struct dp_packet *packet)
{
    struct flow flow;
    char *error = parse_ofp_exact_flow(&flow, NULL, NULL, text, NULL);
    if (error) {
        ovs_fatal(0, "%s", error);
    }
    dp_packet_init(packet, 2048);
    uint8_t *payload = xmalloc(n);
    for (size_t i = 0; i < n; i++) {
        payload[i] = i;
    }
    flow_compose(packet, &flow, payload, n);
    free(payload);
}

static void
print_answer(struct dp_packet *answer)
{
    struct flow flow;
    struct ds ds = DS_EMPTY_INITIALIZER;

    flow_extract(answer, &flow);
    flow_format(&ds, &flow, NULL);
    ds_put_char(&ds, '\n');
    const uint8_t *l4 = dp_packet_l4(answer);
    for (size_t i = 0; i < dp_packet_l4_size(answer); i++) {
        ds_put_format(&ds, "%02x", l4[i]);
    }
    puts(ds_cstr(&ds));
    ds_destroy(&ds);
}

/* net-error KIND SWAP N FLOW: answers a packet like FLOW with N bytes of
 * payload.  Prints the answer's headers and what follows the IP header, or why
 * there is none. */
static void
test_error(struct ovs_cmdl_context *ctx)
{
    struct dp_packet packet, answer;

    ovs_assert(ctx->argc == 5);
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        if (strcmp(kinds[i].name, ctx->argv[1])) {
            continue;
        }
        make_packet(ctx->argv[4], atoi(ctx->argv[3]), &packet);
        const char *reason = ask(kinds[i].kind, dp_packet_data(&packet),
                                 dp_packet_size(&packet),
                                 atoi(ctx->argv[2]), &answer);
        if (reason) {
            puts(reason);
        } else {
            print_answer(&answer);
            dp_packet_uninit(&answer);
        }
        dp_packet_uninit(&packet);
    }
}
OVSTEST_REGISTER("net-error", test_error);

/* Answers an SCTP packet with a chunk of 'type' that says that it has 'len'
 * bytes, and has 'n'. */
static const char *
ask_sctp(uint8_t type, uint16_t len, size_t n, struct dp_packet *answer)
{
    struct dp_packet packet;

    make_packet("sctp,eth_src=f0:00:00:00:00:01,nw_src=10.0.0.1,"
                "nw_dst=10.0.1.2,sctp_src=1,sctp_dst=2", 0, &packet);
    dp_packet_set_size(&packet, ETH_HEADER_LEN + IP_HEADER_LEN
                                + SCTP_HEADER_LEN);
    struct sctp_header *sh = dp_packet_l4(&packet);
    put_16aligned_be32(&sh->sctp_vtag, htonl(0x11223344));
    uint8_t *chunk = dp_packet_put_zeros(&packet, n);
    chunk[0] = type;
    chunk[2] = len >> 8;
    chunk[3] = len;
    if (n >= 8) {
        memset(&chunk[4], 0x55, 4);
    }
    struct ip_header *ip = dp_packet_l3(&packet);
    ip->ip_tot_len = htons(IP_HEADER_LEN + SCTP_HEADER_LEN + n);
    ip->ip_csum = 0;
    ip->ip_csum = csum(ip, IP_HEADER_LEN);
    const char *reason = ask(ABORT, dp_packet_data(&packet),
                             dp_packet_size(&packet), true, answer);
    dp_packet_uninit(&packet);
    return reason;
}

static void
check_abort(uint8_t type, uint16_t len, size_t n, uint32_t tag, uint8_t flags)
{
    struct dp_packet answer;
    ovs_assert(!ask_sctp(type, len, n, &answer));
    const struct sctp_header *sh = dp_packet_l4(&answer);
    const uint8_t *chunk = (const uint8_t *) (sh + 1);
    ovs_assert(ntohl(get_16aligned_be32(&sh->sctp_vtag)) == tag);
    ovs_assert(chunk[0] == 6 && chunk[1] == flags);
    dp_packet_uninit(&answer);
}

static void
test_sctp(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    struct dp_packet answer;

    /* DATA, INIT. */
    check_abort(0, 16, 16, 0x11223344, 1);
    check_abort(1, 20, 20, 0x55555555, 0);
    /* Too short, too long, without length, ABORT. */
    ovs_assert(ask_sctp(1, 4, 4, &answer));
    ovs_assert(ask_sctp(0, 17, 16, &answer));
    ovs_assert(ask_sctp(0, 0, 16, &answer));
    ovs_assert(ask_sctp(6, 4, 4, &answer));
}
OVSTEST_REGISTER("net-sctp", test_sctp);

/* Packets of which some bytes are changed, that are cut off or too long. */
static void
garbage(const char *text, int n_rounds)
{
    struct dp_packet packet, answer;

    make_packet(text, 20, &packet);
    for (int i = 0; i < n_rounds; i++) {
        size_t n = dp_packet_size(&packet);
        uint8_t frame[2048];

        memcpy(frame, dp_packet_data(&packet), n);
        for (int j = random_range(4); j > 0; j--) {
            frame[random_range(n)] = random_uint32();
        }
        for (int j = random_range(3) * random_range(600); j > 0; j--) {
            frame[n++] = random_range(4);
        }
        n = random_range(2) ? n : random_range(n) + 1;
        if (n >= ETH_HEADER_LEN
            && !ask(random_range(N_KINDS), frame, n, random_range(2),
                    &answer)) {
            struct flow flow;
            flow_extract(&answer, &flow);
            net_set_icmp4_mtu(&answer, &flow, random_uint32());
            net_set_icmp6_mtu(&answer, &flow, random_uint32());
            net_set_icmp4_inner_src(&answer, &flow,
                                    (OVS_FORCE ovs_be32) random_uint32());
            check_answer(&answer);
            dp_packet_uninit(&answer);
        }
    }
    dp_packet_uninit(&packet);
}

/* net-garbage FLOW... */
static void
test_garbage(struct ovs_cmdl_context *ctx)
{
    random_set_seed(1);
    for (int i = 1; i < ctx->argc; i++) {
        garbage(ctx->argv[i], 50000);
    }
}
OVSTEST_REGISTER("net-garbage", test_garbage);
