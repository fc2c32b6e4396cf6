/* arp { ... }, nd_ns { ... }: asks who the next hop is.  The packet that made
 * it necessary waits for the answer. */
#include <config.h>
#include "controller/punt/handler.h"

#include "controller/punt/neighbor.h"
#include "controller/punt/waiting.h"
#include "dp-packet.h"
#include "lib/net/frame.h"
#include "lib/net/neighbor.h"
#include "packets.h"
#include "util.h"

static void
compose_question(const struct punt_packet *p, const struct neighbor_key *next,
                 struct dp_packet *question)
{
    const struct flow *h = &p->headers;

    if (p->params.opcode == PUNT_ARP) {
        net_arp_request(question, h->dl_dst, h->dl_src, h->nw_src, h->nw_dst);
    } else {
        /* An IPv4 packet may have an IPv6 next hop (RFC 5549), but has no
         * address to ask from. */
        struct in6_addr src = h->ipv6_src;
        if (h->dl_type == htons(ETH_TYPE_IP)) {
            in6_generate_lla(h->dl_src, &src);
        }
        /* The nested actions may set the target, but not the group to which
         * that belongs: it has to be right from the beginning. */
        net_nd_solicitation(question, h->dl_src, &src, &next->ip);
    }
    net_copy_vlans(h, question);
}

static const char *
run_question(const struct punt_packet *p, struct punt_result *result)
{
    bool is_ip4 = p->params.opcode == PUNT_ARP;
    struct neighbor_key next;
    struct dp_packet question;

    if (!dp_packet_l3(p->packet)
        || (is_ip4 ? p->headers.dl_type != htons(ETH_TYPE_IP)
            : !is_ip_any(&p->headers))) {
        return is_ip4 ? "not IPv4" : "not IP";
    }
    const char *reason = punt_neighbor(p, is_ip4, 15, &next);
    if (reason) {
        return reason;
    }

    compose_question(p, &next, &question);
    reason = punt_packet_out(p, &question, &result->message);
    dp_packet_uninit(&question);
    if (!reason && p->continuation) {
        result->dropped = !waiting_add(result->env->waiting, &next, p,
                                       result->env->now);
    }
    return reason;
}

const struct punt_handler arp_handler = {
    .opcode = PUNT_ARP, .rate = 1000, .run = run_question,
};
const struct punt_handler nd_ns_handler = {
    .opcode = PUNT_ND_NS, .rate = 1000, .run = run_question,
};
