#include <config.h>
#include "trace.h"

#include "openvswitch/dynamic-string.h"
#include "util.h"

/* The IP address that argument 'ref' has. */
static struct in6_addr
get_ip(const struct field_ref *ref, const struct packet *p)
{
    struct mf_subfield sf = field_ref_to_subfield(ref);
    union mf_subvalue sv;
    struct in6_addr ip;

    mf_read_subfield(&sf, &p->flow, &sv);
    if (sf.n_bits == 32) {
        in6_addr_set_mapped_ipv4(&ip, htonl(ntohll(sv.integer)));
        return ip;
    }
    return sv.ipv6;
}

/* The MAC address behind the port and IP address in the arguments, or NULL. */
static const struct eth_addr *
find_mac(const struct ovnact_fields *fields, const struct packet *p)
{
    const struct net_port *port = net_dp_port(p->dp,
                                              ref_get(&fields->args[0], p));
    struct in6_addr ip = get_ip(&fields->args[1], p);

    if (port && port->distributed) {
        port = port->distributed;
    }
    return port ? net_find_mac(port, &ip) : NULL;
}

static void
exec_get(const struct ovnact_fields *get, struct packet *p,
         struct ovs_list *super)
{
    const struct eth_addr *mac = find_mac(get, p);

    if (mac) {
        p->flow.dl_dst = *mac;
        node_add(super, NODE_NOTE, "/* MAC binding to "ETH_ADDR_FMT". */",
                 ETH_ADDR_ARGS(*mac));
    } else {
        p->flow.dl_dst = eth_addr_zero;
        node_add(super, NODE_NOTE, "/* No MAC binding. */");
    }
    node_add(super, NODE_CHANGE, "eth.dst = "ETH_ADDR_FMT,
             ETH_ADDR_ARGS(p->flow.dl_dst));
}

static void
exec_lookup(const struct ovnact_fields *lookup, struct packet *p,
            struct ovs_list *super)
{
    const struct eth_addr *mac = find_mac(lookup, p);
    bool found = mac;

    if (found && lookup->n_args == 3) {
        found = eth_addr_to_uint64(*mac) == ref_get(&lookup->args[2], p);
    }
    ref_set(&lookup->dst, found, p);
    if (!found) {
        node_add(super, NODE_NOTE, "/* lookup failed - No MAC binding. */");
    } else if (lookup->n_args == 3) {
        node_add(super, NODE_NOTE,
                 "/* MAC binding to "ETH_ADDR_FMT" found. */",
                 ETH_ADDR_ARGS(*mac));
    } else {
        node_add(super, NODE_NOTE, "/* MAC binding found. */");
    }
}

void
exec_neighbor(struct trace *t OVS_UNUSED, const struct ovnact *act,
              struct packet *p, struct ovs_list *super)
{
    const void *a = act;

    switch ((int) act->type) {
    case OVNACT_GET_ARP:
    case OVNACT_GET_ND: exec_get(a, p, super); break;
    case OVNACT_LOOKUP_ARP:
    case OVNACT_LOOKUP_ND:
    case OVNACT_LOOKUP_ARP_IP:
    case OVNACT_LOOKUP_ND_IP: exec_lookup(a, p, super); break;
    case OVNACT_PUT_ARP:
    case OVNACT_PUT_ND: p->learned = true; break;

    case OVNACT_CHK_EVPN_ARP:
        /* What a chassis learns from its fabric is not in the database. */
        ref_set(&((const struct ovnact_fields *) act)->dst, 0, p);
        break;

    /* mac_cache_use changes nothing that we follow. */
    }
}
