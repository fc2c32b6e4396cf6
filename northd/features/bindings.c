/* DOC: port bindings
 *
 * Writes SB Port_Binding for each logical port: its place on the wire, its
 * addresses, its options, which chassis shall have it. */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"
#include "northd/model/announce.h"
#include "northd/model/config.h"
#include "northd/model/datapath.h"
#include "northd/model/gateway.h"
#include "northd/model/nat.h"
#include "northd/model/port.h"
#include "northd/model/prefixes.h"
#include "northd/model/ra.h"
#include "northd/model/router.h"
#include "northd/model/tag.h"
#include "northd/out/sb.h"
#include "openvswitch/dynamic-string.h"

/* Key of Port_Binding.options: northd bound the port. */
#define IS_NB_BOUND "is-remote-nb-bound"

static istr
string_set(const struct ovsdb_datum *strings)
{
    struct db_set *set = db_set_start();
    for (size_t i = 0; i < db_n(strings); i++) {
        db_set_str(set, db_str(strings, i));
    }
    return db_set_finish(set);
}

/* Everything of NB's external_ids, and the name that Neutron gave. */
static istr
external_ids(const struct ovsdb_datum *nb)
{
    struct db_map *map = db_map_start();
    db_map_copy(map, nb);
    const char *name = db_map_get(nb, "neutron:port_name");
    if (name && name[0]) {
        db_map_put(map, "name", name);
    }
    return db_map_finish(map);
}

/* "MAC IP/LEN...", as Port_Binding.mac has it for router ports. */
static istr
lrp_mac(const struct nb_logical_router_port *lrp)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    const struct ovsdb_datum *networks = nb_logical_router_port_networks(lrp);

    ds_put_cstr(&s, nb_logical_router_port_mac(lrp));
    for (size_t i = 0; i < db_n(networks); i++) {
        ds_put_format(&s, " %s", db_str(networks, i));
    }
    struct db_set *set = db_set_start();
    db_set_str(set, ds_cstr(&s));
    ds_destroy(&s);
    return db_set_finish(set);
}

static istr
lsp_mac(const struct nb_logical_switch_port *lsp)
{
    const struct ovsdb_datum *addresses
        = nb_logical_switch_port_addresses(lsp);
    struct db_set *set = db_set_start();

    for (size_t i = 0; i < db_n(addresses); i++) {
        const char *s = db_str(addresses, i);
        if (strcmp(s, "router")) {
            db_set_str(set, s);
            continue;
        }
        const char *peer = nb_logical_switch_port_options_get(lsp,
                                                              "router-port");
        const struct nb_logical_router_port *lrp
            = peer ? lrp_by_name(peer) : NULL;
        if (lrp) {
            struct ds mac = DS_EMPTY_INITIALIZER;
            const struct ovsdb_datum *networks
                = nb_logical_router_port_networks(lrp);
            ds_put_cstr(&mac, nb_logical_router_port_mac(lrp));
            for (size_t j = 0; j < db_n(networks); j++) {
                const char *network = db_str(networks, j);
                ds_put_format(&mac, " %.*s", (int) strcspn(network, "/"),
                              network);
            }
            db_set_str(set, ds_cstr(&mac));
            ds_destroy(&mac);
        }
    }
    return db_set_finish(set);
}

/* The chassis that a router port, or the switch port that it is plugged into,
 * is bound to with its gateway router, or NULL. */
static const char *
gateway_router_chassis(const struct port *port)
{
    const struct port *lrp = port_lrp(port) ? port : port_peer(port);
    const struct router *router = lrp ? router_of(port_dp(lrp)) : NULL;
    return router && router_is_gateway(router) ? router_chassis(router).s
                                               : NULL;
}

static istr
router_lsp_options(const struct port *port, struct db_map *map)
{
    const struct nb_logical_switch_port *lsp = port_lsp(port);
    const char *peer = nb_logical_switch_port_options_get(lsp, "router-port");
    const char *chassis = gateway_router_chassis(port);

    if (peer) {
        db_map_put(map, "peer", peer);
    } else {
        invalid(lsp, "a port of type router needs options:router-port");
    }
    if (chassis) {
        db_map_put(map, "l3gateway-chassis", chassis);
    }
    const struct port *cr_port = cr_port_of_lsp(port);
    if (cr_port) {
        db_map_put(map, "chassis-redirect-port", port_name(cr_port).s);
    }
    return db_map_finish(map);
}

static istr
lsp_options(const struct port *port, bool requested)
{
    const struct nb_logical_switch_port *lsp = port_lsp(port);
    const struct nb_logical_switch *ls = datapath_ls(port_dp(port));
    enum port_kind kind = port_kind(port);
    struct db_map *map = db_map_start();

    if (kind == PORT_ROUTER) {
        return router_lsp_options(port, map);
    }
    db_map_copy(map, nb_logical_switch_port_options(lsp));
    if (kind == PORT_REMOTE && requested) {
        db_map_put(map, IS_NB_BOUND, "true");
    }
    if (kind == PORT_SWITCH) {
        const char *peer = nb_logical_switch_port_peer(lsp);
        if (peer) {
            db_map_put(map, "peer", peer);
        } else {
            invalid(lsp, "a port of type switch needs a peer");
        }
    } else if (db_map_get_bool(nb_logical_switch_other_config(ls),
                               "vlan-passthru", false)) {
        db_map_put(map, "vlan-passthru", "true");
    }
    return db_map_finish(map);
}

/* The uuids of the chassis that options:requested-chassis names, comma
 * separated, by name or by host name: the first in '*main', the others in
 * '*others'.  Names that no chassis has yet are skipped. */
static void
requested_chassis(const struct nb_logical_switch_port *lsp, istr *main,
                  istr *others)
{
    const char *s = nb_logical_switch_port_options_get(lsp,
                                                       "requested-chassis");
    struct db_set *set = db_set_start();
    char *copy = xstrdup(s ? s : "");
    char *save_ptr = NULL;
    bool first = true;

    *main = db_opt_uuid(NULL);
    for (const char *name = strtok_r(copy, ",", &save_ptr); name;
         name = strtok_r(NULL, ",", &save_ptr)) {
        const struct sb_chassis *chassis = chassis_by_name_or_host(name);
        if (chassis && first) {
            *main = db_opt_uuid(sb_chassis_uuid(chassis));
        } else if (chassis) {
            db_set_uuid(set, sb_chassis_uuid(chassis));
        }
        first = false;
    }
    free(copy);
    *others = db_set_finish(set);
}

/* No controller here claims a remote port: it is where options:
 * requested-chassis says.  Without that option, or before the chassis is
 * known, somebody else (ovn-ic) may bind it; but what we bound, which
 * options:is-remote-nb-bound in the southbound tells, we undo (reference
 * B24). */
static void
bind_remote(const struct port *port, struct sb_port_v *v, bool bind)
{
    struct uuid sb_uuid = port_sb_uuid(port);
    const struct sb_port_binding *pb = sb_port_binding_get(&sb_uuid);

    if (bind || (pb && sb_port_binding_options_get(pb, IS_NB_BOUND))) {
        v->chassis = bind ? v->requested_chassis : text(DB_EMPTY_SET);
        v->up = db_opt_bool(true, bind);
        v->initial_up = (istr) { NULL };
    }
}

static void
lsp_binding(const struct port *port, struct sb_port_v *v)
{
    const struct nb_logical_switch_port *lsp = port_lsp(port);
    enum port_kind kind = port_kind(port);
    const char *parent = nb_logical_switch_port_parent_name(lsp);
    int64_t tag = port_tag(port);

    v->parent_port = db_opt_str(parent && parent[0] ? parent : NULL);
    v->tag = db_opt_int(tag > 0, tag);
    v->mac = lsp_mac(lsp);
    v->port_security = string_set(nb_logical_switch_port_port_security(lsp));
    requested_chassis(lsp, &v->requested_chassis,
                      &v->requested_additional_chassis);
    bool requested = strcmp(v->requested_chassis.s, DB_EMPTY_SET) != 0;
    v->options = lsp_options(port, requested);
    v->external_ids = external_ids(nb_logical_switch_port_external_ids(lsp));
    v->nat_addresses = port_announcements(port);
    v->initial_up = db_opt_bool(true, false);
    if (kind == PORT_REMOTE) {
        bind_remote(port, v, requested);
    }
}

/* A port of a router that several deployments share may be at a chassis of
 * another one: options:requested-chassis. */
static void
lrp_requested_chassis(const struct port *port, struct sb_port_v *v)
{
    const struct nb_logical_router_port *lrp = port_lrp(port);
    const char *name = nb_logical_router_port_options_get(
        lrp, "requested-chassis");
    if (!name || !name[0] || port_kind(port) != PORT_LRP) {
        return;
    }
    if (gateway_of(port) || gateway_router_chassis(port)) {
        invalid(lrp, "options:requested-chassis is not for gateway ports and "
                "ports of gateway routers; it is ignored");
        return;
    }

    const struct sb_chassis *chassis = chassis_by_name_or_host(name);
    if (chassis) {
        v->requested_chassis = db_opt_uuid(sb_chassis_uuid(chassis));
        if (db_map_get_bool(sb_chassis_other_config(chassis), "is-remote",
                            false)) {
            v->type = text(port_kinds[PORT_REMOTE].sb_type);
        }
    }
}

static istr
lrp_options(const struct port *port, bool remote)
{
    const struct nb_logical_router_port *lrp = port_lrp(port);
    const char *peer_lrp = nb_logical_router_port_peer(lrp);
    const struct port *peer_lsp = lsp_of_lrp(port_name(port).s);
    const struct gateway *gateway = gateway_of(port);
    const char *chassis = gateway_router_chassis(port);
    struct db_map *map = db_map_start();

    if (peer_lsp) {
        db_map_put(map, "peer", port_name(peer_lsp).s);
    } else if (peer_lrp) {
        db_map_put(map, "peer", peer_lrp);
    }
    if (gateway) {
        db_map_put(map, "chassis-redirect-port",
                   port_name(gateway_cr_port(gateway)).s);
    }
    if (chassis) {
        db_map_put(map, "l3gateway-chassis", chassis);
    }
    if (remote) {
        db_map_put(map, IS_NB_BOUND, "true");
    }
    ra_put_options(port, map);
    prefixes_put_options(port, map);
    return db_map_finish(map);
}

/* Where a distributed gateway port is.  Controllers need not look further than
 * to its chassis (always-redirect) unless some packets leave elsewhere. */
static istr
cr_options(const struct port *port)
{
    const struct nb_logical_router_port *lrp = port_lrp(port);
    const struct port *lrp_port
        = port_by_uuid(nb_logical_router_port_uuid(lrp));
    const struct gateway *gateway = lrp_port ? gateway_of(lrp_port) : NULL;
    const char *type = nb_logical_router_port_options_get(lrp,
                                                          "redirect-type");
    const struct port *peer = lrp_port ? port_peer(lrp_port) : NULL;
    struct db_map *map = db_map_start();

    if (port_kind(port) == PORT_CR) {
        db_map_put(map, "distributed-port", nb_logical_router_port_name(lrp));
    } else if (peer) {
        db_map_put(map, "distributed-port", port_name(peer).s);
    }
    if (type && port_kind(port) == PORT_CR) {
        db_map_put(map, "redirect-type", type);
    }
    if (!(gateway && gateway_bridged(gateway))
        && !(lrp_port && nats_with_trait_exist(port_dp(lrp_port),
                                               NAT_TRAIT_DISTRIBUTED))
        && !(peer && ports_with_trait_exist(port_dp(peer),
                                            PORT_TRAIT_VTEP))) {
        db_map_put(map, "always-redirect", "true");
    }
    return db_map_finish(map);
}

static istr
cr_ha_group(const struct port *port)
{
    const struct nb_logical_router_port *lrp = port_lrp(port);
    const struct port *lrp_port
        = port_by_uuid(nb_logical_router_port_uuid(lrp));
    const struct gateway *gateway = lrp_port ? gateway_of(lrp_port) : NULL;
    struct uuid group = gateway ? gateway_ha_group(gateway) : UUID_ZERO;
    return db_opt_uuid(gateway ? &group : NULL);
}

static void
lrp_binding(const struct port *port, struct sb_port_v *v)
{
    const struct nb_logical_router_port *lrp = port_lrp(port);

    v->initial_up = db_opt_bool(true, false);
    v->parent_port = v->tag = v->requested_chassis = text(DB_EMPTY_SET);
    v->port_security = v->requested_additional_chassis = v->parent_port;
    v->nat_addresses = v->parent_port;
    v->mac = lrp_mac(lrp);
    v->external_ids = external_ids(nb_logical_router_port_external_ids(lrp));
    if (port_kind(port) != PORT_LRP) {
        v->options = cr_options(port);
        v->ha_chassis_group = cr_ha_group(port);
        return;
    }

    lrp_requested_chassis(port, v);
    bool remote = !strcmp(v->type.s, port_kinds[PORT_REMOTE].sb_type);
    v->options = lrp_options(port, remote);
    bind_remote(port, v, remote);
}

static istr
binding_type(const struct port *port)
{
    enum port_kind kind = port_kind(port);
    return text((kind == PORT_LRP || kind == PORT_ROUTER)
                && gateway_router_chassis(port)
                ? "l3gateway" : port_kinds[kind].sb_type);
}

static void
run_port_bindings(const void *row)
{
    const struct port *port = row;
    struct sb_port_v v = {
        .uuid = port_sb_uuid(port),
        .logical_port = port_name(port),
        .type = binding_type(port),
        .datapath = datapath_sb_uuid(port_dp(port)),
        .tunnel_key = port_key(port),
        .ha_chassis_group = text(DB_EMPTY_SET),
    };

    if (port_lsp(port)) {
        lsp_binding(port, &v);
    } else {
        lrp_binding(port, &v);
    }
    emit_sb_port(&v);
}
const struct inc_rule port_bindings = {
    .name = "port_bindings", .driver = &port_table,
    .run = run_port_bindings,
};
