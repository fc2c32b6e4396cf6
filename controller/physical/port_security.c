/* DOC: flows of port security
 *
 * Expands Port_Binding.port_security of local ports (reference B52-B54).  The
 * answer to check_in_port_sec() and check_out_port_sec() is a flag: 1 refuses
 * the packet.  A port without port security has no flows: nothing is refused.
 *
 * For each entry "MAC [IP[/LEN]]...": other source MACs are refused; with
 * addresses, other IP sources, ARP and ND that claim others, and delivery of
 * what is for others. */
#include <config.h>
#include "controller/physical/physical.h"

#include "controller/model/binding.h"
#include "controller/model/local_datapath.h"
#include "lib/text/addresses.h"
#include "packets.h"

/* Priorities: later exceptions are higher. */
enum {
    PRI_REFUSE_ALL = 80,         /* Some other MAC. */
    PRI_ALLOW_MAC = 85,          /* The MAC, for what is not IP. */
    PRI_REFUSE_IP = 88,          /* IP of the MAC in general ... */
    PRI_ALLOW_IP = 90,           /* ... but for its addresses. */
    PRI_ARP_ND = 95,             /* Looked at in the next table. */
};

struct port_sec {
    struct flow_maker f;
    uint32_t dp_key, key;
    struct mac_ips entry;
    size_t n4, n6;               /* Addresses by family. */
};

/* Starts a match on what the port sends (or gets), of the entry's MAC. */
static void
start(struct port_sec *ps, bool in, bool with_mac)
{
    flow_reset(&ps->f);
    match_datapath(&ps->f, ps->dp_key);
    if (in) {
        match_inport(&ps->f, ps->key);
    } else {
        match_outport(&ps->f, ps->key);
    }
    if (with_mac && in) {
        match_set_dl_src(&ps->f.match, ps->entry.mac);
    } else if (with_mac) {
        match_set_dl_dst(&ps->f.match, ps->entry.mac);
    }
}

static void
emit_verdict(struct port_sec *ps, enum oftable table, uint16_t priority,
             bool refuse)
{
    put_load(&ps->f, MFF_REG0 + REG_FLAGS, FLAG_PORT_SEC, 1, refuse);
    flow_emit(&ps->f, table, priority);
}

/* "IP/LEN" with host bits stands for that host; without, for the network. */
static unsigned int
match_len(const struct ip_prefix *p)
{
    unsigned int width = p->is_v4 ? 32 : 128;
    if (p->is_v4) {
        ovs_be32 ip = in6_addr_get_mapped_ipv4(&p->ip);
        return ip & ~be32_prefix_mask(p->plen) ? width : p->plen;
    }
    struct in6_addr mask = ipv6_create_mask(p->plen);
    struct in6_addr net = ipv6_addr_bitand(&p->ip, &mask);
    return ipv6_addr_equals(&net, &p->ip) ? p->plen : width;
}

static void
match_ip(struct port_sec *ps, const struct ip_prefix *p, bool src)
{
    struct match *match = &ps->f.match;
    unsigned int len = match_len(p);

    if (p->is_v4) {
        ovs_be32 ip = in6_addr_get_mapped_ipv4(&p->ip);
        ovs_be32 mask = be32_prefix_mask(len);
        match_set_dl_type(match, htons(ETH_TYPE_IP));
        if (src) {
            match_set_nw_src_masked(match, ip & mask, mask);
        } else {
            match_set_nw_dst_masked(match, ip & mask, mask);
        }
    } else {
        struct in6_addr mask = ipv6_create_mask(len);
        match_set_dl_type(match, htons(ETH_TYPE_IPV6));
        if (src) {
            match_set_ipv6_src_masked(match, &p->ip, &mask);
        } else {
            match_set_ipv6_dst_masked(match, &p->ip, &mask);
        }
    }
}

static struct ip_prefix
link_local(struct eth_addr mac)
{
    struct ip_prefix p = { .plen = 128 };
    in6_generate_lla(mac, &p.ip);
    return p;
}

/* ---- What the port sends. ---- */

static void
emit_in_dhcp(struct port_sec *ps)
{
    start(ps, true, true);
    match_set_dl_type(&ps->f.match, htons(ETH_TYPE_IP));
    match_set_nw_proto(&ps->f.match, IPPROTO_UDP);
    match_set_nw_src(&ps->f.match, 0);
    match_set_nw_dst(&ps->f.match, OVS_BE32_MAX);
    match_set_tp_src(&ps->f.match, htons(68));
    match_set_tp_dst(&ps->f.match, htons(67));
    emit_verdict(ps, OFTABLE_CHK_IN_PORT_SEC, PRI_ALLOW_IP, false);
}

/* Before it has an address: duplicate address detection and multicast
 * listener reports. */
static void
emit_in_unspecified6(struct port_sec *ps)
{
    static const uint8_t types[] = { 131, 135, 143 };
    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        start(ps, true, true);
        match_set_dl_type(&ps->f.match, htons(ETH_TYPE_IPV6));
        match_set_nw_proto(&ps->f.match, IPPROTO_ICMPV6);
        match_set_ipv6_src(&ps->f.match, &in6addr_any);
        match_set_icmp_type(&ps->f.match, types[i]);
        match_set_icmp_code(&ps->f.match, 0);
        emit_verdict(ps, OFTABLE_CHK_IN_PORT_SEC, PRI_ALLOW_IP, false);
    }
}

static void
emit_in_to_nd_table(struct port_sec *ps)
{
    start(ps, true, true);
    match_set_dl_type(&ps->f.match, htons(ETH_TYPE_ARP));
    put_resubmit(&ps->f, OFTABLE_CHK_IN_PORT_SEC_ND);
    flow_emit(&ps->f, OFTABLE_CHK_IN_PORT_SEC, PRI_ARP_ND);
    for (uint8_t type = 135; type <= 136; type++) {
        start(ps, true, true);
        match_set_dl_type(&ps->f.match, htons(ETH_TYPE_IPV6));
        match_set_nw_proto(&ps->f.match, IPPROTO_ICMPV6);
        match_set_nw_ttl(&ps->f.match, 255);
        match_set_icmp_type(&ps->f.match, type);
        match_set_icmp_code(&ps->f.match, 0);
        put_resubmit(&ps->f, OFTABLE_CHK_IN_PORT_SEC_ND);
        flow_emit(&ps->f, OFTABLE_CHK_IN_PORT_SEC, PRI_ARP_ND);
    }
}

static void
emit_in(struct port_sec *ps)
{
    start(ps, true, true);
    emit_verdict(ps, OFTABLE_CHK_IN_PORT_SEC, PRI_ALLOW_MAC, false);
    emit_in_to_nd_table(ps);
    if (!ps->entry.n_ips) {
        return;
    }

    static const uint16_t families[] = { ETH_TYPE_IP, ETH_TYPE_IPV6 };
    for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
        start(ps, true, true);
        match_set_dl_type(&ps->f.match, htons(families[i]));
        emit_verdict(ps, OFTABLE_CHK_IN_PORT_SEC, PRI_REFUSE_IP, true);
    }
    for (size_t i = 0; i < ps->entry.n_ips; i++) {
        start(ps, true, true);
        match_ip(ps, &ps->entry.ips[i], true);
        emit_verdict(ps, OFTABLE_CHK_IN_PORT_SEC, PRI_ALLOW_IP, false);
    }
    if (ps->n4) {
        emit_in_dhcp(ps);
    }
    if (ps->n6) {
        struct ip_prefix lla = link_local(ps->entry.mac);
        start(ps, true, true);
        match_ip(ps, &lla, true);
        emit_verdict(ps, OFTABLE_CHK_IN_PORT_SEC, PRI_ALLOW_IP, false);
        emit_in_unspecified6(ps);
    }
}

/* ---- ARP and ND that it sends. ---- */

static void
start_arp(struct port_sec *ps)
{
    start(ps, true, true);
    match_set_dl_type(&ps->f.match, htons(ETH_TYPE_ARP));
    match_set_arp_sha(&ps->f.match, ps->entry.mac);
}

static void
emit_arp(struct port_sec *ps)
{
    if (!ps->entry.n_ips) {
        start_arp(ps);
        emit_verdict(ps, OFTABLE_CHK_IN_PORT_SEC_ND, PRI_ALLOW_IP, false);
        return;
    }
    for (size_t i = 0; i < ps->entry.n_ips; i++) {
        const struct ip_prefix *p = &ps->entry.ips[i];
        if (p->is_v4) {
            ovs_be32 mask = be32_prefix_mask(match_len(p));
            start_arp(ps);
            match_set_nw_src_masked(&ps->f.match,
                                    in6_addr_get_mapped_ipv4(&p->ip) & mask,
                                    mask);
            emit_verdict(ps, OFTABLE_CHK_IN_PORT_SEC_ND, PRI_ALLOW_IP,
                         false);
        }
    }
}

static void
start_nd(struct port_sec *ps, uint8_t type)
{
    start(ps, true, true);
    match_set_dl_type(&ps->f.match, htons(ETH_TYPE_IPV6));
    match_set_nw_proto(&ps->f.match, IPPROTO_ICMPV6);
    match_set_nw_ttl(&ps->f.match, 255);
    match_set_icmp_type(&ps->f.match, type);
    match_set_icmp_code(&ps->f.match, 0);
}

/* Each with the link-layer option absent (zero) and with the right one. */
static void
emit_nd(struct port_sec *ps)
{
    for (int own = 0; own < 2; own++) {
        struct eth_addr ll = own ? ps->entry.mac : eth_addr_zero;

        start_nd(ps, 135);
        match_set_arp_sha(&ps->f.match, ll);
        emit_verdict(ps, OFTABLE_CHK_IN_PORT_SEC_ND, PRI_ALLOW_IP, false);

        if (!ps->entry.n_ips) {
            start_nd(ps, 136);
            match_set_arp_tha(&ps->f.match, ll);
            emit_verdict(ps, OFTABLE_CHK_IN_PORT_SEC_ND, PRI_ALLOW_IP,
                         false);
            continue;
        }
        for (size_t i = 0; i <= ps->entry.n_ips; i++) {
            struct ip_prefix target = (i < ps->entry.n_ips
                                       ? ps->entry.ips[i]
                                       : link_local(ps->entry.mac));
            if (!target.is_v4 && ps->n6) {
                struct in6_addr mask = ipv6_create_mask(match_len(&target));
                start_nd(ps, 136);
                match_set_arp_tha(&ps->f.match, ll);
                match_set_nd_target_masked(&ps->f.match, &target.ip, &mask);
                emit_verdict(ps, OFTABLE_CHK_IN_PORT_SEC_ND, PRI_ALLOW_IP,
                             false);
            }
        }
    }
}

/* ---- What the port gets. ---- */

static void
emit_out_ip4(struct port_sec *ps, ovs_be32 ip, ovs_be32 mask)
{
    start(ps, false, true);
    match_set_dl_type(&ps->f.match, htons(ETH_TYPE_IP));
    match_set_nw_dst_masked(&ps->f.match, ip & mask, mask);
    emit_verdict(ps, OFTABLE_CHK_OUT_PORT_SEC, PRI_ALLOW_IP, false);
}

static void
emit_out_families(struct port_sec *ps)
{
    for (size_t i = 0; i < ps->entry.n_ips; i++) {
        const struct ip_prefix *p = &ps->entry.ips[i];
        start(ps, false, true);
        match_ip(ps, p, false);
        emit_verdict(ps, OFTABLE_CHK_OUT_PORT_SEC, PRI_ALLOW_IP, false);
        if (p->is_v4 && p->plen < 32) {
            /* The broadcast address of the host's network. */
            emit_out_ip4(ps, in6_addr_get_mapped_ipv4(&p->ip)
                             | ~be32_prefix_mask(p->plen), OVS_BE32_MAX);
        }
    }
    if (ps->n4) {
        emit_out_ip4(ps, OVS_BE32_MAX, OVS_BE32_MAX);
        emit_out_ip4(ps, htonl(0xe0000000), htonl(0xf0000000));
    }
    if (ps->n6) {
        struct ip_prefix multicast = { .plen = 8 };
        multicast.ip.s6_addr[0] = 0xff;
        struct ip_prefix more[] = { link_local(ps->entry.mac), multicast };
        for (size_t i = 0; i < ARRAY_SIZE(more); i++) {
            start(ps, false, true);
            match_ip(ps, &more[i], false);
            emit_verdict(ps, OFTABLE_CHK_OUT_PORT_SEC, PRI_ALLOW_IP, false);
        }
    }
}

static void
emit_out(struct port_sec *ps)
{
    start(ps, false, true);
    emit_verdict(ps, OFTABLE_CHK_OUT_PORT_SEC, PRI_ALLOW_MAC, false);
    if (ps->entry.n_ips) {
        static const uint16_t families[] = { ETH_TYPE_IP, ETH_TYPE_IPV6 };
        for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
            start(ps, false, true);
            match_set_dl_type(&ps->f.match, htons(families[i]));
            emit_verdict(ps, OFTABLE_CHK_OUT_PORT_SEC, PRI_REFUSE_IP, true);
        }
        emit_out_families(ps);
    }
}

/* ---- The rule. ---- */

static void
emit_defaults(struct port_sec *ps)
{
    start(ps, true, false);
    emit_verdict(ps, OFTABLE_CHK_IN_PORT_SEC, PRI_REFUSE_ALL, true);
    start(ps, true, false);
    emit_verdict(ps, OFTABLE_CHK_IN_PORT_SEC_ND, PRI_REFUSE_ALL, true);
    start(ps, false, false);
    emit_verdict(ps, OFTABLE_CHK_OUT_PORT_SEC, PRI_REFUSE_ALL, true);
}

static void
run_port_security_flows(const void *row)
{
    const struct local_port *port = row;
    const struct sb_port_binding *pb = local_port_pb(port);
    const struct ovsdb_datum *entries = sb_port_binding_port_security(pb);
    struct uuid dp = local_port_dp(port);
    const struct local_datapath *ld = local_datapath_by_uuid(&dp);
    if (!ld || !db_n(entries)) {
        return;
    }

    struct port_sec ps = {
        .dp_key = local_datapath_key(ld),
        .key = sb_port_binding_tunnel_key(pb),
    };
    flow_init(&ps.f, sb_port_binding_uuid(pb));
    emit_defaults(&ps);
    for (size_t i = 0; i < db_n(entries); i++) {
        char *error = mac_ips_parse(db_str(entries, i), &ps.entry);
        if (error) {
            invalid(pb, "port_security: %s; this entry allows nothing",
                    error);
            free(error);
            continue;
        }
        ps.n4 = ps.n6 = 0;
        for (size_t j = 0; j < ps.entry.n_ips; j++) {
            *(ps.entry.ips[j].is_v4 ? &ps.n4 : &ps.n6) += 1;
        }
        emit_in(&ps);
        emit_arp(&ps);
        emit_nd(&ps);
        emit_out(&ps);
        mac_ips_destroy(&ps.entry);
    }
    flow_done(&ps.f);
}
const struct inc_rule port_security_flows = {
    .name = "port_security_flows", .driver = &local_port_table,
    .run = run_port_security_flows,
};
