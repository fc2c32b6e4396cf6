/* nd_na { ... }, nd_na_router { ... }: answers a neighbor solicitation. */
#include <config.h>
#include "controller/punt/handler.h"

#include <netinet/icmp6.h>

#include "dp-packet.h"
#include "packets.h"
#include "util.h"

/* Returns null if the options of a solicitation, 'n' bytes, are as they have
 * to be. */
static const char *
check_options(const uint8_t *option, size_t n, bool from_nowhere)
{
    while (n) {
        if (n < 2 || !option[1]) {
            return "option without length";
        }
        size_t len = option[1] * 8;
        if (len > n) {
            return "option beyond the end";
        }
        if (option[0] == ND_OPT_SOURCE_LINKADDR && from_nowhere) {
            return "link-layer address of nobody";
        }
        option += len;
        n -= len;
    }
    return NULL;
}

/* The checksum is not looked at: ports that offload checksums to the receiver
 * leave it to be filled in later.  A packet that was damaged on its way costs
 * one answer that nobody wants. */
static const char *
check_solicitation(const struct punt_packet *ns)
{
    const struct flow *h = &ns->headers;

    if (h->dl_type != htons(ETH_TYPE_IPV6) || h->nw_proto != IPPROTO_ICMPV6
        || !dp_packet_l4(ns->packet)) {
        return "not ICMPv6";
    }
    if (h->nw_frag) {
        return "a fragment";
    }
    if (h->tp_src != htons(ND_NEIGHBOR_SOLICIT) || h->tp_dst) {
        return "not a neighbor solicitation";
    }
    if (h->nw_ttl != 255) {
        return "came through a router";
    }

    size_t size = dp_packet_l4_size(ns->packet);
    if (size < ND_MSG_LEN) {
        return "too short";
    }
    if (!ipv6_addr_is_set(&h->nd_target)
        || ipv6_addr_is_multicast(&h->nd_target)) {
        return "bad target";
    }
    if (ipv6_addr_is_multicast(&h->ipv6_src)
        || eth_addr_is_multicast(h->dl_src)) {
        return "multicast source";
    }

    bool from_nowhere = !ipv6_addr_is_set(&h->ipv6_src);
    struct in6_addr solicited_node;
    in6_addr_solicited_node(&solicited_node, &h->nd_target);
    if (from_nowhere && !ipv6_addr_equals(&h->ipv6_dst, &solicited_node)) {
        return "wrong destination of a solicitation from nowhere";
    }
    return check_options((const uint8_t *) dp_packet_l4(ns->packet)
                         + ND_MSG_LEN, size - ND_MSG_LEN, from_nowhere);
}

const char *
nd_na_compose(const struct punt_packet *ns, bool router,
              struct dp_packet *na)
{
    const struct flow *h = &ns->headers;
    const char *reason = check_solicitation(ns);
    if (reason) {
        return reason;
    }

    /* Who looks for a duplicate of the address that it wants has none yet:
     * the answer goes to all nodes and is not called solicited (RFC 4861,
     * 7.2.4). */
    static const struct eth_addr all_nodes_mac
        = ETH_ADDR_C(33,33,00,00,00,01);
    bool solicited = ipv6_addr_is_set(&h->ipv6_src);
    uint32_t rso = (ND_RSO_OVERRIDE | (solicited ? ND_RSO_SOLICITED : 0)
                    | (router ? ND_RSO_ROUTER : 0));

    dp_packet_init(na, 128);
    compose_nd_na(na, h->dl_dst, solicited ? h->dl_src : all_nodes_mac,
                  &h->nd_target,
                  solicited ? &h->ipv6_src : &in6addr_all_hosts, htonl(rso));
    for (int i = FLOW_MAX_VLAN_HEADERS - 1; i >= 0; i--) {
        if (h->vlans[i].tci & htons(VLAN_CFI)) {
            eth_push_vlan(na, h->vlans[i].tpid, h->vlans[i].tci);
        }
    }
    return NULL;
}

static const char *
answer(const struct punt_packet *ns, bool router, struct punt_result *result)
{
    struct dp_packet na;
    const char *reason = nd_na_compose(ns, router, &na);
    if (!reason) {
        reason = punt_packet_out(ns, &na, &result->message);
        dp_packet_uninit(&na);
    }
    return reason;
}

static const char *
run_nd_na(const struct punt_packet *ns, struct punt_result *result)
{
    return answer(ns, false, result);
}

static const char *
run_nd_na_router(const struct punt_packet *ns, struct punt_result *result)
{
    return answer(ns, true, result);
}

const struct punt_handler nd_na_handler = {
    .opcode = PUNT_ND_NA, .rate = 1000, .run = run_nd_na,
};
const struct punt_handler nd_na_router_handler = {
    .opcode = PUNT_ND_NA_ROUTER, .rate = 1000, .run = run_nd_na_router,
};
