/* icmp4 { ... }, icmp6 { ... }, icmp4_error { ... }, icmp6_error { ... },
 * tcp_reset { ... }, sctp_abort { ... }, reject { ... }: tells the sender that
 * its packet is not welcome; and the fields that only such answers have. */
#include <config.h>
#include "controller/punt/handler.h"

#include "dp-packet.h"
#include "lib/net/error.h"
#include "unaligned.h"
#include "util.h"

static const char *
compose(const struct punt_packet *p, struct dp_packet *answer)
{
    const struct flow *h = &p->headers;

    switch (p->params.opcode) {
    case PUNT_ICMP:
        return net_icmp_error(p->packet, h, true, false, answer);
    case PUNT_ICMP4_ERROR:
    case PUNT_ICMP6_ERROR:
        return net_icmp_error(p->packet, h, false, false, answer);
    case PUNT_TCP_RESET:
        return net_tcp_reset(p->packet, h, false, answer);
    case PUNT_SCTP_ABORT:
        return net_sctp_abort(p->packet, h, false, answer);
    case PUNT_REJECT:
        return net_reject(p->packet, h, true, answer);
    default:
        OVS_NOT_REACHED();
    }
}

static const char *
run_error(const struct punt_packet *p, struct punt_result *result)
{
    struct dp_packet answer;
    const char *reason = compose(p, &answer);

    if (!reason) {
        reason = punt_packet_out(p, &answer, &result->message);
        dp_packet_uninit(&answer);
    }
    return reason;
}

#define ERROR_HANDLER(NAME, OPCODE)                             \
    const struct punt_handler NAME##_handler = {                \
        .opcode = OPCODE, .rate = 400, .run = run_error,        \
    }
ERROR_HANDLER(icmp, PUNT_ICMP);
ERROR_HANDLER(icmp4_error, PUNT_ICMP4_ERROR);
ERROR_HANDLER(icmp6_error, PUNT_ICMP6_ERROR);
ERROR_HANDLER(tcp_reset, PUNT_TCP_RESET);
ERROR_HANDLER(sctp_abort, PUNT_SCTP_ABORT);
ERROR_HANDLER(reject, PUNT_REJECT);

/* ---- Fields: icmp4.frag_mtu, icmp6.frag_mtu, icmp4.inner_ip4.src. ---- */

static const char *
set_field(const struct punt_packet *p, struct dp_packet *packet)
{
    size_t len;
    const void *value = punt_find(&p->params, PUNT_P_VALUE, 0, &len);
    bool is_short = p->params.opcode == PUNT_PUT_ICMP4_FRAG_MTU;

    if (!value || len != (is_short ? 2 : 4)) {
        return "no value for the field";
    }
    if (is_short) {
        return net_set_icmp4_mtu(packet, &p->headers,
                                 ntohs(get_unaligned_be16(value)));
    }
    ovs_be32 word = get_unaligned_be32(value);
    return (p->params.opcode == PUNT_PUT_ICMP6_FRAG_MTU
            ? net_set_icmp6_mtu(packet, &p->headers, ntohl(word))
            : net_set_icmp4_inner_src(packet, &p->headers, word));
}

/* What is no such answer goes on as it is. */
static const char *
run_set_field(const struct punt_packet *p, struct punt_result *result)
{
    if (!p->continuation) {
        return "not paused";
    }
    struct dp_packet *packet = dp_packet_clone(p->packet);
    const char *reason = set_field(p, packet);
    result->message = punt_resume(p, packet);
    dp_packet_delete(packet);
    return reason;
}

#define FIELD_HANDLER(NAME, OPCODE)                             \
    const struct punt_handler NAME##_handler = {                \
        .opcode = OPCODE, .rate = 400, .run = run_set_field,    \
    }
FIELD_HANDLER(put_icmp4_frag_mtu, PUNT_PUT_ICMP4_FRAG_MTU);
FIELD_HANDLER(put_icmp6_frag_mtu, PUNT_PUT_ICMP6_FRAG_MTU);
FIELD_HANDLER(put_icmp4_inner_src, PUNT_PUT_ICMP4_INNER_SRC);
