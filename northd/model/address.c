/* DOC: port addresses
 *
 * Reads NB Logical_Switch_Port.addresses.  Each Ethernet and each IP address
 * has one owner per switch; who claims it as well gets a diagnostic. */
#include <config.h>
#include "northd/model/address.h"

#include "northd/feature.h"
#include "northd/model/port.h"
#include "northd/model/router.h"
#include "openvswitch/dynamic-string.h"
#include "packets.h"

static void
mac_conflict(const void *loser_, const void *winner_, struct ds *s)
{
    const struct port_mac_v *loser = loser_;
    const struct port_mac_v *winner = winner_;
    ds_put_format(s, "Ethernet address "ETH_ADDR_FMT" of logical switch port "
                  "\"%s\" belongs to port \"%s\" of the same switch; it is "
                  "delivered there only", ETH_ADDR_ARGS(loser->mac),
                  port_name(loser->port).s, port_name(winner->port).s);
}
INC_TABLE_DEFINE(port_mac, PORT_MAC_FIELDS, .kind = INC_DERIVED,
                 .combine = INC_UNIQUE, .conflict = mac_conflict);

static void
ip_conflict(const void *loser_, const void *winner_, struct ds *s)
{
    const struct port_ip_v *loser = loser_;
    const struct port_ip_v *winner = winner_;
    ds_put_cstr(s, "IP address ");
    ipv6_format_mapped(&loser->ip, s);
    ds_put_format(s, " of logical switch port \"%s\" belongs to port \"%s\" "
                  "of the same switch; ARP and neighbor solicitations are "
                  "answered for that one only", port_name(loser->port).s,
                  port_name(winner->port).s);
}
INC_TABLE_DEFINE(port_ip, PORT_IP_FIELDS, .kind = INC_DERIVED,
                 .combine = INC_UNIQUE, .conflict = ip_conflict);
INC_TABLE_DEFINE(port_ips, PORT_IPS_FIELDS, .kind = INC_DERIVED);

static void
ips_port_key(const void *v_, struct inc_keys *keys)
{
    const struct port_ips_v *v = v_;
    inc_keys_add(keys, &v->port, sizeof v->port);
}
struct inc_index port_ips_by_port = {
    .name = "port_ips_by_port", .table = &port_ips_table,
    .keys = ips_port_key,
};

const struct port_ips *
port_ips_of(const struct port *port)
{
    return inc_find_one(&port_ips_by_port, &port, sizeof port);
}

/* The texts of a port's IP addresses, collected over its entries. */
struct ip_texts {
    struct ds ip4, ip6;
};

static void
add_text(struct ip_texts *texts, const struct ip_prefix *ip)
{
    struct ds *s = ip->is_v4 ? &texts->ip4 : &texts->ip6;
    if (s->length) {
        ds_put_char(s, ' ');
    }
    ip_format(ip, s);
}

static void
emit_mac_ips(const struct port *port, const struct mac_ips *entry,
             struct ip_texts *texts)
{
    const struct datapath *dp = port_dp(port);

    emit_port_mac(&(struct port_mac_v) {
        .dp = dp, .mac = entry->mac, .port = port,
    });
    for (size_t i = 0; i < entry->n_ips; i++) {
        emit_port_ip(&(struct port_ip_v) {
            .dp = dp, .ip = entry->ips[i].ip, .port = port,
            .mac = entry->mac,
        });
        add_text(texts, &entry->ips[i]);
    }
}

/* "router": the addresses of the router port at the other end.  Address sets
 * of port groups do not have them: they are not the switch port's own. */
static void
peer_addresses(const struct port *port)
{
    const struct port *peer = port_peer(port);
    const struct router_port *rp = peer ? router_port_of(peer) : NULL;
    if (!rp) {
        return;
    }

    const struct datapath *dp = port_dp(port);
    struct eth_addr mac = router_port_mac(rp);
    const struct router_net *net;
    emit_port_mac(&(struct port_mac_v) {
        .dp = dp, .mac = mac, .port = port,
    });
    INC_BUCKET_FOR_EACH (net, router_nets_of_port(peer)) {
        emit_port_ip(&(struct port_ip_v) {
            .dp = dp, .ip = router_net_ip(net), .port = port, .mac = mac,
        });
    }
}

static void
parse_entry(const struct port *port, const char *entry_text,
            struct ip_texts *texts)
{
    struct mac_ips entry;

    if (!strcmp(entry_text, "unknown")) {
        return;                         /* A trait of the port: port.c. */
    }
    if (!strcmp(entry_text, "router")) {
        peer_addresses(port);
        return;
    }
    if (!strncmp(entry_text, "dynamic", 7) || strstr(entry_text, " dynamic")) {
        invalid(port_lsp(port), "addresses \"%s\": dynamic addresses are not "
                "supported by this release; give the address itself",
                entry_text);
        return;
    }

    char *error = mac_ips_parse(entry_text, &entry);
    if (error) {
        invalid(port_lsp(port), "addresses: %s; this entry is ignored", error);
        free(error);
        return;
    }
    emit_mac_ips(port, &entry, texts);
    mac_ips_destroy(&entry);
}

static void
run_port_addresses(const void *row)
{
    const struct port *port = row;
    const struct nb_logical_switch_port *lsp = port_lsp(port);
    if (!lsp) {
        return;
    }

    struct ip_texts texts = { DS_EMPTY_INITIALIZER, DS_EMPTY_INITIALIZER };
    const struct ovsdb_datum *addresses
        = nb_logical_switch_port_addresses(lsp);
    for (size_t i = 0; i < db_n(addresses); i++) {
        parse_entry(port, db_str(addresses, i), &texts);
    }
    if (texts.ip4.length || texts.ip6.length) {
        emit_port_ips(&(struct port_ips_v) {
            .port = port, .ip4 = text(ds_cstr(&texts.ip4)),
            .ip6 = text(ds_cstr(&texts.ip6)),
        });
    }
    ds_destroy(&texts.ip4);
    ds_destroy(&texts.ip6);
}
const struct inc_rule port_addresses = {
    .name = "port_addresses", .driver = &port_table,
    .run = run_port_addresses,
};
