/* Port security, as ovn-controller's flows have it
 * (controller/physical/port_security.c). */

#include <config.h>
#include "trace.h"

#include "flow.h"
#include "util.h"

/* A packet is looked at from one side: what it claims to come from, or where
 * it goes. */
static struct in6_addr
address_of(const struct flow *f, bool src)
{
    struct in6_addr ip;

    if (f->dl_type == htons(ETH_TYPE_IPV6)) {
        return src ? f->ipv6_src : f->ipv6_dst;
    }
    in6_addr_set_mapped_ipv4(&ip, src ? f->nw_src : f->nw_dst);
    return ip;
}

/* "IP/LEN" with host bits stands for that host; without, for the network. */
static bool
prefix_has(const struct ip_prefix *prefix, const struct in6_addr *ip)
{
    unsigned int base = prefix->is_v4 ? 96 : 0;
    struct in6_addr mask = ipv6_create_mask(base + prefix->plen);
    struct in6_addr net = ipv6_addr_bitand(&prefix->ip, &mask);
    struct in6_addr masked = ipv6_addr_bitand(ip, &mask);

    return (ipv6_addr_equals(&net, &prefix->ip)
            ? ipv6_addr_equals(&masked, &net)
            : ipv6_addr_equals(ip, &prefix->ip));
}

static bool
has_family(const struct mac_ips *entry, bool v4)
{
    for (size_t i = 0; i < entry->n_ips; i++) {
        if (entry->ips[i].is_v4 == v4) {
            return true;
        }
    }
    return false;
}

static bool
has_address(const struct mac_ips *entry, const struct in6_addr *ip)
{
    for (size_t i = 0; i < entry->n_ips; i++) {
        if (entry->ips[i].is_v4 == IN6_IS_ADDR_V4MAPPED(ip)
            && prefix_has(&entry->ips[i], ip)) {
            return true;
        }
    }
    return false;
}

static bool
is_link_local_of(const struct mac_ips *entry, const struct in6_addr *ip)
{
    struct in6_addr lla;

    in6_generate_lla(entry->mac, &lla);
    return has_family(entry, false) && ipv6_addr_equals(ip, &lla);
}

static bool
is_neighbor_discovery(const struct flow *f)
{
    return (f->dl_type == htons(ETH_TYPE_IPV6)
            && f->nw_proto == IPPROTO_ICMPV6 && f->nw_ttl == 255
            && (f->tp_src == htons(135) || f->tp_src == htons(136))
            && !f->tp_dst);
}

static bool
allows_arp(const struct mac_ips *entry, const struct flow *f)
{
    struct in6_addr spa;

    in6_addr_set_mapped_ipv4(&spa, f->nw_src);
    return (eth_addr_equals(f->arp_sha, entry->mac)
            && (!entry->n_ips || has_address(entry, &spa)));
}

static bool
allows_nd(const struct mac_ips *entry, const struct flow *f)
{
    bool ns = f->tp_src == htons(135);
    struct eth_addr ll = ns ? f->arp_sha : f->arp_tha;

    if (!eth_addr_is_zero(ll) && !eth_addr_equals(ll, entry->mac)) {
        return false;
    }
    return (ns || !entry->n_ips || has_address(entry, &f->nd_target)
            || is_link_local_of(entry, &f->nd_target));
}

/* Before a port has an address: DHCP, duplicate address detection, multicast
 * listener reports. */
static bool
is_unspecified(const struct mac_ips *entry, const struct flow *f)
{
    if (f->dl_type == htons(ETH_TYPE_IP)) {
        return (has_family(entry, true) && !f->nw_src
                && f->nw_dst == OVS_BE32_MAX && f->nw_proto == IPPROTO_UDP
                && f->tp_src == htons(68) && f->tp_dst == htons(67));
    }
    return (has_family(entry, false) && ipv6_is_zero(&f->ipv6_src)
            && f->nw_proto == IPPROTO_ICMPV6 && !f->tp_dst
            && (f->tp_src == htons(131) || f->tp_src == htons(135)
                || f->tp_src == htons(143)));
}

static bool
allows_in(const struct mac_ips *entry, const struct flow *f)
{
    if (!eth_addr_equals(entry->mac, f->dl_src)) {
        return false;
    } else if (f->dl_type == htons(ETH_TYPE_ARP)) {
        return allows_arp(entry, f);
    } else if (is_neighbor_discovery(f)) {
        return allows_nd(entry, f);
    } else if (!is_ip_any(f) || !entry->n_ips) {
        return true;
    }

    struct in6_addr src = address_of(f, true);
    return (has_address(entry, &src) || is_link_local_of(entry, &src)
            || is_unspecified(entry, f));
}

static bool
allows_out(const struct mac_ips *entry, const struct flow *f)
{
    if (!eth_addr_equals(entry->mac, f->dl_dst)) {
        return false;
    } else if (!is_ip_any(f) || !entry->n_ips) {
        return true;
    }

    struct in6_addr dst = address_of(f, false);
    if (has_address(entry, &dst) || is_link_local_of(entry, &dst)) {
        return true;
    } else if (f->dl_type == htons(ETH_TYPE_IPV6)) {
        return has_family(entry, false) && ipv6_addr_is_multicast(&dst);
    }
    for (size_t i = 0; i < entry->n_ips; i++) {
        const struct ip_prefix *prefix = &entry->ips[i];
        if (prefix->is_v4 && prefix->plen < 32
            && f->nw_dst == (in6_addr_get_mapped_ipv4(&prefix->ip)
                             | ~be32_prefix_mask(prefix->plen))) {
            return true;
        }
    }
    return (has_family(entry, true)
            && (f->nw_dst == OVS_BE32_MAX || ip_is_multicast(f->nw_dst)));
}

/* Whether port security refuses what 'port' sends. */
bool
port_sec_refuses_in(const struct net_port *port, const struct flow *f)
{
    for (size_t i = 0; i < port->n_security; i++) {
        if (allows_in(&port->security[i], f)) {
            return false;
        }
    }
    return port->row->n_port_security > 0;
}

/* Whether port security refuses to deliver the packet to 'port'. */
bool
port_sec_refuses_out(const struct net_port *port, const struct flow *f)
{
    for (size_t i = 0; i < port->n_security; i++) {
        if (allows_out(&port->security[i], f)) {
            return false;
        }
    }
    return port->row->n_port_security > 0;
}
