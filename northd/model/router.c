/* DOC: routers and router ports
 *
 * Reads NB Logical_Router (enabled, options) and Logical_Router_Port (mac,
 * networks, enabled, peer): what the networks of a router port are, including
 * its automatic link-local address, and which port is plugged into which. */
#include <config.h>
#include "northd/model/router.h"

#include "northd/feature.h"
#include "northd/model/address.h"
#include "northd/model/config.h"
#include "northd/model/datapath.h"
#include "northd/model/onlink.h"
#include "northd/model/port.h"
#include "packets.h"

INC_TABLE_DEFINE(router, ROUTER_FIELDS, .kind = INC_DERIVED);
INC_TABLE_DEFINE(router_port, ROUTER_PORT_FIELDS, .kind = INC_DERIVED);
INC_TABLE_DEFINE(router_net, ROUTER_NET_FIELDS, .kind = INC_DERIVED);
INC_TABLE_DEFINE(link, LINK_FIELDS, .kind = INC_DERIVED);

static void
ip_conflict(const void *loser_, const void *winner_, struct ds *s)
{
    const struct router_ip_v *loser = loser_;
    const struct router_ip_v *winner = winner_;
    ds_put_cstr(s, "IP address ");
    ipv6_format_mapped(&loser->ip, s);
    ds_put_format(s, " of logical router port \"%s\" is also the address of "
                  "port \"%s\" of the same router",
                  port_name(loser->port).s, port_name(winner->port).s);
}
INC_TABLE_DEFINE(router_ip, ROUTER_IP_FIELDS, .kind = INC_DERIVED,
                 .combine = INC_UNIQUE, .conflict = ip_conflict);

static void
subnet_conflict(const void *loser_, const void *winner_, struct ds *s)
{
    const struct router_subnet_v *loser = loser_;
    const struct router_subnet_v *winner = winner_;
    ds_put_cstr(s, "network ");
    ipv6_format_mapped(&loser->prefix, s);
    ds_put_format(s, "/%"PRIu32" of logical router port \"%s\" is also a "
                  "network of port \"%s\" of the same router",
                  loser->plen, port_name(loser->port).s,
                  port_name(winner->port).s);
}
INC_TABLE_DEFINE(router_subnet, ROUTER_SUBNET_FIELDS, .kind = INC_DERIVED,
                 .combine = INC_UNIQUE, .conflict = subnet_conflict);

/* ---- Indexes. ---- */

static void
router_dp_key(const void *v_, struct inc_keys *keys)
{
    const struct router_v *v = v_;
    inc_keys_add(keys, &v->dp, sizeof v->dp);
}
struct inc_index routers_by_dp = {
    .name = "routers_by_dp", .table = &router_table, .keys = router_dp_key,
};

const struct router *
router_of(const struct datapath *dp)
{
    return inc_find_one(&routers_by_dp, &dp, sizeof dp);
}

static void
router_port_key(const void *v_, struct inc_keys *keys)
{
    const struct router_port_v *v = v_;
    inc_keys_add(keys, &v->port, sizeof v->port);
}
struct inc_index router_ports_by_port = {
    .name = "router_ports_by_port", .table = &router_port_table,
    .keys = router_port_key,
};

const struct router_port *
router_port_of(const struct port *port)
{
    return inc_find_one(&router_ports_by_port, &port, sizeof port);
}

static void
router_port_dp_key(const void *v_, struct inc_keys *keys)
{
    const struct router_port_v *v = v_;
    inc_keys_add(keys, &v->dp, sizeof v->dp);
}
struct inc_index router_ports_by_dp = {
    .name = "router_ports_by_dp", .table = &router_port_table,
    .keys = router_port_dp_key, .mask = INC_MASK(router_port, dp),
};

const struct inc_bucket *
router_ports_of_dp(const struct datapath *dp)
{
    return inc_find(&router_ports_by_dp, &dp, sizeof dp);
}

static void
router_port_peer_dp_key(const void *v_, struct inc_keys *keys)
{
    const struct router_port_v *v = v_;
    if (v->peer_dp) {
        inc_keys_add(keys, &v->peer_dp, sizeof v->peer_dp);
    }
}
struct inc_index router_ports_by_peer_dp = {
    .name = "router_ports_by_peer_dp", .table = &router_port_table,
    .keys = router_port_peer_dp_key, .mask = INC_MASK(router_port, peer_dp),
};

const struct inc_bucket *
router_ports_at(const struct datapath *dp)
{
    return inc_find(&router_ports_by_peer_dp, &dp, sizeof dp);
}

static void
static_router_port_key(const void *v_, struct inc_keys *keys)
{
    const struct router_port_v *v = v_;
    if (v->static_neigh) {
        router_port_peer_dp_key(v, keys);
    }
}
struct inc_index static_router_ports_by_peer_dp = {
    .name = "static_router_ports_by_peer_dp", .table = &router_port_table,
    .keys = static_router_port_key,
    .mask = (INC_MASK(router_port, peer_dp)
             | INC_MASK(router_port, static_neigh)),
};

const struct inc_bucket *
static_router_ports_at(const struct datapath *dp)
{
    return inc_find(&static_router_ports_by_peer_dp, &dp, sizeof dp);
}

static void
net_port_key(const void *v_, struct inc_keys *keys)
{
    const struct router_net_v *v = v_;
    inc_keys_add(keys, &v->port, sizeof v->port);
}
struct inc_index router_nets_by_port = {
    .name = "router_nets_by_port", .table = &router_net_table,
    .keys = net_port_key,
};

const struct inc_bucket *
router_nets_of_port(const struct port *port)
{
    return inc_find(&router_nets_by_port, &port, sizeof port);
}

static void
net_dp_key(const void *v_, struct inc_keys *keys)
{
    const struct router_net_v *v = v_;
    inc_keys_add(keys, &v->dp, sizeof v->dp);
}
struct inc_index router_nets_by_dp = {
    .name = "router_nets_by_dp", .table = &router_net_table,
    .keys = net_dp_key, .mask = INC_MASK(router_net, dp),
};

const struct inc_bucket *
router_nets_of_dp(const struct datapath *dp)
{
    return inc_find(&router_nets_by_dp, &dp, sizeof dp);
}

struct dp_ip_key {
    const struct datapath *dp;
    struct in6_addr ip;
};
static void
router_ip_key(const void *v_, struct inc_keys *keys)
{
    const struct router_ip_v *v = v_;
    struct dp_ip_key key = { v->dp, v->ip };
    inc_keys_add(keys, &key, sizeof key);
}
struct inc_index router_ips_by_ip = {
    .name = "router_ips_by_ip", .table = &router_ip_table,
    .keys = router_ip_key,
};

const struct port *
router_ip_owner(const struct datapath *dp, const struct in6_addr *ip)
{
    struct dp_ip_key key = { dp, *ip };
    const struct router_ip *row = inc_find_one(&router_ips_by_ip, &key,
                                               sizeof key);
    return row ? router_ip_port(row) : NULL;
}

static void
link_port_key(const void *v_, struct inc_keys *keys)
{
    const struct link_v *v = v_;
    inc_keys_add(keys, &v->port, sizeof v->port);
}
struct inc_index links_by_port = {
    .name = "links_by_port", .table = &link_table, .keys = link_port_key,
};

const struct port *
port_peer(const struct port *port)
{
    const struct link *link = inc_find_one(&links_by_port, &port,
                                           sizeof port);
    return link ? link_peer(link) : NULL;
}

/* ---- Routers. ---- */

static void
run_routers(const void *row)
{
    const struct datapath *dp = row;
    const struct nb_logical_router *lr = datapath_lr(dp);
    if (!lr) {
        return;
    }

    const struct ovsdb_datum *options = nb_logical_router_options(lr);
    const bool *enabled = nb_logical_router_enabled(lr);
    const char *chassis = db_map_get(options, "chassis");
    if (chassis && chassis[0]
        && !inc_bucket_n(inc_find(&chassis_by_name, chassis,
                                  strlen(chassis)))) {
        invalid(lr, "options:chassis: there is no chassis \"%s\" at present",
                chassis);
    }
    emit_router(&(struct router_v) {
        .dp = dp, .lr = lr, .enabled = !enabled || *enabled,
        .is_gateway = chassis && chassis[0],
        .chassis = text(chassis ? chassis : ""),
        .learn_any_arp = db_map_get_bool(
            options, "always_learn_from_arp_request", true),
        .dynamic_neigh = db_map_get_bool(options, "dynamic_neigh_routers",
                                         false),
        .mcast_relay = db_map_get_bool(options, "mcast_relay", false),
        .mac_aging = db_map_get(options, "mac_binding_age_threshold") != NULL,
    });
}
const struct inc_rule routers = {
    .name = "routers", .driver = &datapath_table, .run = run_routers,
};

/* ---- Links. ---- */

/* The router port that 'lrp' names as its peer, if that one agrees. */
static const struct nb_logical_router_port *
peer_lrp(const struct nb_logical_router_port *lrp)
{
    const char *peer_name = nb_logical_router_port_peer(lrp);
    if (!peer_name || !peer_name[0]) {
        return NULL;
    }

    const char *name = nb_logical_router_port_name(lrp);
    const struct nb_logical_router_port *peer = lrp_by_name(peer_name);
    const char *back = peer ? nb_logical_router_port_peer(peer) : NULL;
    return back && !strcmp(back, name) && peer != lrp ? peer : NULL;
}

static const struct port *
peer_of_lrp(const struct nb_logical_router_port *lrp)
{
    const struct nb_logical_router_port *peer = peer_lrp(lrp);
    return (peer ? port_by_uuid(nb_logical_router_port_uuid(peer))
            : lsp_of_lrp(nb_logical_router_port_name(lrp)));
}

static const struct port *
find_peer_of_lrp(const struct nb_logical_router_port *lrp)
{
    const char *peer_name = nb_logical_router_port_peer(lrp);
    if (peer_name && peer_name[0] && !peer_lrp(lrp)) {
        if (lrp_by_name(peer_name)) {
            invalid(lrp, "peer: logical router port \"%s\" does not have this "
                    "port as its peer; they are not connected", peer_name);
        } else {
            invalid(lrp, "peer: there is no logical router port \"%s\" (a "
                    "switch port is connected by its own "
                    "options:router-port)", peer_name);
        }
    }
    return peer_of_lrp(lrp);
}

static const struct port *
find_peer_of_lsp(const struct port *port)
{
    const struct nb_logical_switch_port *lsp = port_lsp(port);
    const char *name = nb_logical_switch_port_options_get(lsp, "router-port");
    if (!name) {
        return NULL;                    /* bindings.c complains. */
    }

    const struct nb_logical_router_port *lrp = lrp_by_name(name);
    if (!lrp) {
        invalid(lsp, "options:router-port: there is no logical router port "
                "\"%s\"", name);
        return NULL;
    }
    const struct port *other = peer_of_lrp(lrp);
    if (other && other != port) {
        invalid(lsp, "options:router-port: logical router port \"%s\" is "
                "already connected to \"%s\"", name, port_name(other).s);
        return NULL;
    }
    return port_by_uuid(nb_logical_router_port_uuid(lrp));
}

static void
run_links(const void *row)
{
    const struct port *port = row;
    const struct port *peer = NULL;

    if (port_kind(port) == PORT_LRP) {
        peer = find_peer_of_lrp(port_lrp(port));
    } else if (port_kind(port) == PORT_ROUTER) {
        peer = find_peer_of_lsp(port);
    }
    if (peer) {
        emit_link(&(struct link_v) { .port = port, .peer = peer });
    }
}
const struct inc_rule links = {
    .name = "links", .driver = &port_table, .run = run_links,
};

/* ---- Router ports and their networks. ---- */

/* A router port's networks while they are collected. */
struct nets {
    const struct port *port;
    const struct datapath *dp;
    struct ip_prefix *nets;
    size_t n, cap;
};

static struct in6_addr
network_mask(const struct ip_prefix *net)
{
    return ipv6_create_mask(net->is_v4 ? 96 + net->plen : net->plen);
}

static struct in6_addr
network_address(const struct ip_prefix *net)
{
    struct in6_addr mask = network_mask(net);
    return ipv6_addr_bitand(&net->ip, &mask);
}

static istr
format_ip(const struct in6_addr *ip)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    ipv6_format_mapped(ip, &s);
    istr result = text(ds_cstr(&s));
    ds_destroy(&s);
    return result;
}

/* All hosts of an IPv4 network; point-to-point ones (RFC 3021) have no such
 * address. */
static istr
broadcast_text(const struct ip_prefix *net)
{
    if (!net->is_v4 || net->plen > 30) {
        return text("");
    }
    ovs_be32 bcast = (in6_addr_get_mapped_ipv4(&net->ip)
                      | ~be32_prefix_mask(net->plen));
    return fmt(IP_FMT, IP_ARGS(bcast));
}

static bool
is_duplicate(const struct nets *nets, const struct ip_prefix *net)
{
    for (size_t i = 0; i < nets->n; i++) {
        if (nets->nets[i].plen == net->plen
            && ipv6_addr_equals(&nets->nets[i].ip, &net->ip)) {
            return true;
        }
    }
    return false;
}

static void
add_network(struct nets *nets, const struct ip_prefix *net)
{
    if (is_duplicate(nets, net)) {
        return;
    }
    if (nets->n >= nets->cap) {
        nets->nets = x2nrealloc(nets->nets, &nets->cap, sizeof *nets->nets);
    }
    nets->nets[nets->n++] = *net;
}

static void
collect_networks(struct nets *nets, const struct nb_logical_router_port *lrp,
                 struct eth_addr mac)
{
    const struct ovsdb_datum *networks = nb_logical_router_port_networks(lrp);
    for (size_t i = 0; i < db_n(networks); i++) {
        struct ip_prefix net;
        char *error = ip_prefix_parse(db_str(networks, i), &net);
        if (!error && !ip_is_host(&net.ip)) {
            error = xasprintf("\"%s\" has the address of no host",
                              db_str(networks, i));
        }
        if (error) {
            invalid(lrp, "networks: %s; it is ignored", error);
            free(error);
        } else {
            add_network(nets, &net);
        }
    }

    /* The link-local address that follows from the MAC (RFC 4291, 2.5.6 and
     * appendix A). */
    struct ip_prefix lla = { .plen = 64 };
    in6_generate_lla(mac, &lla.ip);
    add_network(nets, &lla);
}

/* Claims the address and the network for the port, once each. */
static void
claim_network(const struct nets *nets, size_t i)
{
    const struct ip_prefix *net = &nets->nets[i];
    struct in6_addr prefix = network_address(net);
    bool ip_seen = false, prefix_seen = false;

    for (size_t j = 0; j < i; j++) {
        const struct ip_prefix *other = &nets->nets[j];
        struct in6_addr other_prefix = network_address(other);
        ip_seen |= ipv6_addr_equals(&other->ip, &net->ip);
        prefix_seen |= (other->plen == net->plen
                        && ipv6_addr_equals(&other_prefix, &prefix));
    }
    if (!ip_seen) {
        emit_router_ip(&(struct router_ip_v) {
            .dp = nets->dp, .ip = net->ip, .port = nets->port,
        });
    }
    if (!prefix_seen) {
        emit_router_subnet(&(struct router_subnet_v) {
            .dp = nets->dp, .prefix = prefix, .plen = net->plen,
            .port = nets->port,
        });
    }
}

static void
emit_networks(const struct nets *nets)
{
    uint32_t n_v4 = 0, n_v6 = 0;

    for (size_t i = 0; i < nets->n; i++) {
        const struct ip_prefix *net = &nets->nets[i];
        struct in6_addr prefix = network_address(net);
        bool lla = !net->is_v4 && in6_is_lla(CONST_CAST(struct in6_addr *,
                                                        &net->ip));

        emit_router_net(&(struct router_net_v) {
            .port = nets->port, .ip = net->ip, .plen = net->plen,
            .dp = nets->dp, .v4 = net->is_v4, .lla = lla,
            .ip_text = format_ip(&net->ip),
            .net_text = fmt("%s/%u", format_ip(&prefix).s, net->plen),
            .bcast_text = broadcast_text(net),
            .n = net->is_v4 ? n_v4++ : n_v6++,
        });
        if (!lla) {
            claim_network(nets, i);
        }
    }
}

static void
run_router_ports(const void *row)
{
    const struct nb_logical_router_port *lrp = row;
    const struct port *port
        = port_by_uuid(nb_logical_router_port_uuid(lrp));
    if (!port) {
        return;
    }

    struct mac_ips mac;
    char *error = mac_ips_parse(nb_logical_router_port_mac(lrp), &mac);
    if (!error && (eth_addr_is_multicast(mac.mac)
                   || eth_addr_is_zero(mac.mac))) {
        error = xasprintf("\"%s\" is the Ethernet address of no host",
                          nb_logical_router_port_mac(lrp));
        mac_ips_destroy(&mac);
    }
    if (error) {
        invalid(lrp, "mac: %s; the port carries no traffic", error);
        free(error);
        return;
    }

    const struct router *router = router_of(port_dp(port));
    const struct port *peer = port_peer(port);
    emit_router_port(&(struct router_port_v) {
        .port = port, .dp = port_dp(port), .lrp = lrp,
        .peer = peer, .peer_dp = peer ? port_dp(peer) : NULL,
        .mac = mac.mac,
        .mac_text = fmt(ETH_ADDR_FMT, ETH_ADDR_ARGS(mac.mac)),
        .name = port_quoted(port),
        .enabled = port_enabled(port) && router && router_enabled(router),
        .static_neigh = router && !router_dynamic_neigh(router),
    });

    struct nets nets = { .port = port, .dp = port_dp(port) };
    collect_networks(&nets, lrp, mac.mac);
    emit_networks(&nets);
    free(nets.nets);
    mac_ips_destroy(&mac);
}
const struct inc_rule router_ports = {
    .name = "router_ports", .driver = &nb_logical_router_port_table.inc,
    .run = run_router_ports,
};

/* ---- Questions. ---- */

const struct router_net *
router_net_nth(const struct port *port, bool v4, uint32_t n)
{
    const struct router_net *net;

    INC_BUCKET_FOR_EACH (net, router_nets_of_port(port)) {
        if (router_net_v4(net) == v4 && router_net_n(net) == n) {
            return net;
        }
    }
    return NULL;
}

const struct router_net *
router_net_of_neighbor(const struct port *port, const struct in6_addr *ip)
{
    const struct router_net *best = NULL, *net;

    INC_BUCKET_FOR_EACH (net, router_nets_of_port(port)) {
        bool v4 = router_net_v4(net);
        struct ip_prefix mine = {
            .ip = router_net_ip(net), .plen = router_net_plen(net),
            .is_v4 = v4,
        };
        struct ip_prefix theirs = { .ip = *ip, .plen = mine.plen,
                                    .is_v4 = v4 };
        struct in6_addr my_prefix = network_address(&mine);
        struct in6_addr their_prefix = network_address(&theirs);
        if (ipv6_addr_equals(&my_prefix, &their_prefix)
            && (!best || router_net_plen(best) < mine.plen)) {
            best = net;
        }
    }
    return best;
}
