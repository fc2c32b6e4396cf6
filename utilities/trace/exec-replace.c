/* Actions that ovn-controller answers with another packet. */

#include <config.h>
#include "trace.h"

#include <string.h>

#include "flow.h"
#include "util.h"

static void
swap_ethernet(struct flow *f)
{
    struct eth_addr mac = f->dl_src;

    f->dl_src = f->dl_dst;
    f->dl_dst = mac;
}

static void
swap_ip(struct flow *f)
{
    ovs_be32 ip4 = f->nw_src;
    struct in6_addr ip6 = f->ipv6_src;

    f->nw_src = f->nw_dst;
    f->nw_dst = ip4;
    f->ipv6_src = f->ipv6_dst;
    f->ipv6_dst = ip6;
}

static void
make_arp(struct flow *f)
{
    f->dl_type = htons(ETH_TYPE_ARP);
    f->nw_proto = ARP_OP_REQUEST;
    f->arp_sha = f->dl_src;
    f->arp_tha = eth_addr_zero;
    f->nw_tos = f->nw_ttl = f->nw_frag = 0;
    f->tp_src = f->tp_dst = 0;
    f->tcp_flags = 0;
}

/* An ICMPv6 packet about 'target', with the hop limit of neighbors. */
static void
make_nd(struct flow *f, uint8_t type, const struct in6_addr *target)
{
    f->dl_type = htons(ETH_TYPE_IPV6);
    f->nw_proto = IPPROTO_ICMPV6;
    f->nw_ttl = 255;
    f->nw_frag = f->nw_tos = 0;
    f->tp_src = htons(type);
    f->tp_dst = 0;
    f->tcp_flags = 0;
    f->nd_target = *target;
    f->arp_sha = f->arp_tha = eth_addr_zero;
}

static void
make_nd_ns(struct flow *f)
{
    bool was_ip4 = f->dl_type == htons(ETH_TYPE_IP);
    struct in6_addr target = f->ipv6_dst;

    make_nd(f, 135, &target);
    if (was_ip4) {
        in6_generate_lla(f->dl_src, &f->ipv6_src);
    }
    f->arp_sha = f->dl_src;
    in6_addr_solicited_node(&f->ipv6_dst, &target);
    ipv6_multicast_to_ethernet(&f->dl_dst, &f->ipv6_dst);
}

static void
make_nd_na(struct flow *f)
{
    struct in6_addr target = f->nd_target;
    struct in6_addr asker = f->ipv6_src;

    swap_ethernet(f);
    make_nd(f, 136, &target);
    f->ipv6_src = target;
    f->ipv6_dst = asker;
    if (ipv6_is_zero(&asker)) {
        /* Who has no address yet listens to all nodes' address. */
        f->ipv6_dst = in6addr_all_hosts;
    }
    f->arp_tha = f->dl_src;
}

static void
make_icmp(struct flow *f, bool v4)
{
    f->nw_proto = v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
    f->nw_ttl = 255;
    f->nw_frag = 0;
    f->tp_src = htons(v4 ? 3 : 1);
    f->tp_dst = htons(1);
    f->tcp_flags = 0;
}

/* Ends a TCP or SCTP connection. */
static void
make_reset(struct flow *f)
{
    ovs_be16 port = f->tp_src;

    f->tp_src = f->tp_dst;
    f->tp_dst = port;
    f->nw_ttl = 255;
    f->nw_frag = 0;
    if (f->nw_proto == IPPROTO_TCP) {
        f->tcp_flags = htons(TCP_RST);
    }
}

/* What rejects the packet.  Goes back to who sent it. */
static const char *
make_reject(struct flow *f)
{
    bool v4 = f->dl_type == htons(ETH_TYPE_IP);

    swap_ethernet(f);
    swap_ip(f);
    if (f->nw_proto == IPPROTO_TCP || f->nw_proto == IPPROTO_SCTP) {
        make_reset(f);
        return f->nw_proto == IPPROTO_TCP ? "tcp_reset" : "sctp_abort";
    }
    make_icmp(f, v4);
    return v4 ? "icmp4" : "icmp6";
}

/* Turns 'f' into the packet that 'type' sends.  Returns what to call it. */
static const char *
make(enum ovnact_type type, struct flow *f)
{
    switch ((int) type) {
    case OVNACT_ARP: make_arp(f); break;
    case OVNACT_ND_NS: make_nd_ns(f); break;
    case OVNACT_ND_NA:
    case OVNACT_ND_NA_ROUTER: make_nd_na(f); break;
    case OVNACT_ICMP4:
    case OVNACT_ICMP4_ERROR: make_icmp(f, true); break;
    case OVNACT_ICMP6:
    case OVNACT_ICMP6_ERROR: make_icmp(f, false); break;
    case OVNACT_TCP_RESET:
    case OVNACT_SCTP_ABORT: make_reset(f); break;
    case OVNACT_REJECT: return make_reject(f);
    }
    return ovnact_name(type);
}

/* Whether the packet is an error itself, to which no error may answer
 * (RFC 1122, section 3.2.2; RFC 4443, section 2.4). */
static bool
is_error(const struct flow *f)
{
    return ((f->nw_proto == IPPROTO_TCP && f->tcp_flags & htons(TCP_RST))
            || (is_icmpv4(f, NULL) && f->tp_src == htons(3))
            || (is_icmpv6(f, NULL) && ntohs(f->tp_src) < 128));
}

void
exec_replace(struct trace *t, const struct ovnact *act, struct packet *p,
             struct ovs_list *super)
{
    const struct ovnact_nest *nest = (const struct ovnact_nest *) act;
    struct packet copy;

    if (act->type == OVNACT_REJECT && is_error(&p->flow)) {
        node_add(super, NODE_NOTE, "/* no error is sent about an error */");
        outcome_add(t, p, OUTCOME_DROPPED);
        return;
    }
    packet_clone(&copy, p);
    flow_clear_conntrack(&copy.flow);
    packet_replace(t, &copy, make(act->type, &copy.flow), &p->flow);
    struct node *node = node_add(super, NODE_FORK, "%s", copy.instead->name);
    trace_actions(t, nest->nested, &copy, &node->subs);
    packet_destroy(&copy);
}
