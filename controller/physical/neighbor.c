/* DOC: flows of neighbors
 *
 * Reads SB MAC_Binding (learned) and Static_MAC_Binding (configured): the
 * Ethernet address of an IP address (get_arp, get_nd, lookup_arp_ip), whether
 * a pair of them is known (lookup_arp, lookup_nd), and, where bindings age, a
 * flow that counts what comes from the neighbor (mac_cache_use; reference D13,
 * D16). */
#include <config.h>
#include "controller/physical/physical.h"

#include "controller/model/binding.h"
#include "controller/model/local_datapath.h"
#include "lib/text/addresses.h"

/* The result bit of both tables (lib/actions/actions.h). */
enum { FLAG_LOOKUP_MAC = 6 };

/* Priorities: who configures an entry says whether it goes before what is
 * learned. */
enum { STATIC_LOW = 50, LEARNED = 100, STATIC_HIGH = 150 };

struct entry {
    const struct uuid *uuid;
    uint32_t dp_key, port_key;
    struct ip_prefix ip;
    struct eth_addr mac;
    uint16_t priority;
    bool ages;
};

/* Fills in what both tables have in common.  False if the row says nothing
 * here. */
static bool
entry_init(struct entry *e, const void *row, const struct uuid *dp,
           const char *port, const char *ip, const char *mac)
{
    const struct local_datapath *ld = dp ? local_datapath_by_uuid(dp) : NULL;
    const struct sb_port_binding *pb
        = ld ? inc_find_one(&pb_by_name, port, strlen(port)) : NULL;
    if (!pb || !uuid_equals(sb_port_binding_datapath_uuid(pb), dp)) {
        return false;
    }

    char *error = ip_prefix_parse(ip, &e->ip);
    if (error || !eth_addr_from_string(mac, &e->mac)) {
        invalid(row, "\"%s\" at \"%s\" is not an IP address at an Ethernet "
                "address", ip, mac);
        free(error);
        return false;
    }
    const char *age = sb_datapath_binding_external_ids_get(
        local_datapath_binding(ld), "mac_binding_age_threshold");
    e->ages = age && age[0];
    e->dp_key = local_datapath_key(ld);
    e->port_key = sb_port_binding_tunnel_key(pb);
    return true;
}

static void
match_ip_register(struct flow_maker *f, const struct ip_prefix *ip)
{
    if (ip->is_v4) {
        match_set_reg(&f->match, 0, ntohl(in6_addr_get_mapped_ipv4(&ip->ip)));
    } else {
        ovs_be32 words[4];
        memcpy(words, &ip->ip, sizeof words);
        for (int i = 0; i < 4; i++) {
            match_set_reg(&f->match, i, ntohl(words[i]));
        }
    }
}

static void
emit_get(const struct entry *e, struct flow_maker *f)
{
    flow_reset(f);
    match_datapath(f, e->dp_key);
    match_outport(f, e->port_key);
    match_ip_register(f, &e->ip);
    put_load(f, MFF_ETH_DST, 0, 48, eth_addr_to_uint64(e->mac));
    put_flag(f, FLAG_LOOKUP_MAC);
    flow_emit(f, OFTABLE_MAC_BINDING, e->priority);
}

static void
emit_lookup(const struct entry *e, struct flow_maker *f)
{
    flow_reset(f);
    match_datapath(f, e->dp_key);
    match_inport(f, e->port_key);
    match_ip_register(f, &e->ip);
    match_set_dl_src(&f->match, e->mac);
    if (e->ip.is_v4) {
        match_set_dl_type(&f->match, htons(ETH_TYPE_ARP));
    } else {
        match_set_dl_type(&f->match, htons(ETH_TYPE_IPV6));
        match_set_nw_proto(&f->match, IPPROTO_ICMPV6);
    }
    put_flag(f, FLAG_LOOKUP_MAC);
    flow_emit(f, OFTABLE_MAC_LOOKUP, e->priority);
}

/* Its statistics say when the neighbor was heard of last. */
static void
emit_use(const struct entry *e, struct flow_maker *f)
{
    flow_reset(f);
    match_datapath(f, e->dp_key);
    match_inport(f, e->port_key);
    match_set_dl_src(&f->match, e->mac);
    if (e->ip.is_v4) {
        match_set_dl_type(&f->match, htons(ETH_TYPE_IP));
        match_set_nw_src(&f->match, in6_addr_get_mapped_ipv4(&e->ip.ip));
    } else {
        match_set_dl_type(&f->match, htons(ETH_TYPE_IPV6));
        match_set_ipv6_src(&f->match, &e->ip.ip);
    }
    flow_emit(f, OFTABLE_MAC_CACHE_USE, e->priority);
}

static void
emit_entry(const struct entry *e)
{
    struct flow_maker f;

    flow_init(&f, e->uuid);
    emit_get(e, &f);
    emit_lookup(e, &f);
    if (e->ages) {
        emit_use(e, &f);
    }
    flow_done(&f);
}

static void
run_neighbor_flows(const void *row)
{
    const struct sb_mac_binding *mb = row;
    struct entry e = {
        .uuid = sb_mac_binding_uuid(mb), .priority = LEARNED,
    };

    if (entry_init(&e, mb, sb_mac_binding_datapath_uuid(mb),
                   sb_mac_binding_logical_port(mb), sb_mac_binding_ip(mb),
                   sb_mac_binding_mac(mb))) {
        emit_entry(&e);
    }
}
const struct inc_rule neighbor_flows = {
    .name = "neighbor_flows", .driver = &sb_mac_binding_table.inc,
    .run = run_neighbor_flows,
};

static void
run_static_neighbor_flows(const void *row)
{
    const struct sb_static_mac_binding *smb = row;
    struct entry e = { .uuid = sb_static_mac_binding_uuid(smb) };

    if (entry_init(&e, smb, sb_static_mac_binding_datapath_uuid(smb),
                   sb_static_mac_binding_logical_port(smb),
                   sb_static_mac_binding_ip(smb),
                   sb_static_mac_binding_mac(smb))) {
        e.priority = (sb_static_mac_binding_override_dynamic_mac(smb)
                      ? STATIC_HIGH : STATIC_LOW);
        e.ages = false;
        emit_entry(&e);
    }
}
const struct inc_rule static_neighbor_flows = {
    .name = "static_neighbor_flows",
    .driver = &sb_static_mac_binding_table.inc,
    .run = run_static_neighbor_flows,
};
