/* DOC: bridges
 *
 * Finds the integration bridge, and makes it when it is missing: fail-mode
 * secure, so that nothing is forwarded before our flows are there. */
#include <config.h>
#include "controller/model/bridge.h"

#include "controller/model/config.h"
#include "controller/out/vs.h"
#include "controller/rule.h"

INC_TABLE_DEFINE(mapping, MAPPING_FIELDS, .kind = INC_DERIVED,
                 .combine = INC_UNIQUE);

/* ---- Indexes. ---- */

static void
bridge_name_key(const void *v, struct inc_keys *keys)
{
    const char *name = vs_bridge_name(v);
    inc_keys_add(keys, name, strlen(name));
}
struct inc_index vs_bridge_by_name = {
    .name = "vs_bridge_by_name", .table = &vs_bridge_table.inc,
    .keys = bridge_name_key, .mask = INC_COL(VS_BRIDGE_COL_NAME),
};

static void
add_uuids(const struct ovsdb_datum *set, struct inc_keys *keys)
{
    for (size_t i = 0; i < db_n(set); i++) {
        inc_keys_add(keys, db_ref(set, i), sizeof(struct uuid));
    }
}

static void
bridge_port_keys(const void *v, struct inc_keys *keys)
{
    add_uuids(vs_bridge_ports(v), keys);
}
struct inc_index vs_bridge_by_port = {
    .name = "vs_bridge_by_port", .table = &vs_bridge_table.inc,
    .keys = bridge_port_keys, .mask = INC_COL(VS_BRIDGE_COL_PORTS),
};

static void
port_interface_keys(const void *v, struct inc_keys *keys)
{
    add_uuids(vs_port_interfaces(v), keys);
}
struct inc_index vs_port_by_interface = {
    .name = "vs_port_by_interface", .table = &vs_port_table.inc,
    .keys = port_interface_keys, .mask = INC_COL(VS_PORT_COL_INTERFACES),
};

static void
interface_name_key(const void *v, struct inc_keys *keys)
{
    const char *name = vs_interface_name(v);
    inc_keys_add(keys, name, strlen(name));
}
struct inc_index vs_interface_by_name = {
    .name = "vs_interface_by_name", .table = &vs_interface_table.inc,
    .keys = interface_name_key, .mask = INC_COL(VS_INTERFACE_COL_NAME),
};

static void
mapping_network_key(const void *v_, struct inc_keys *keys)
{
    const struct mapping_v *v = v_;
    inc_keys_add_istr(keys, v->network);
}
struct inc_index mapping_by_network = {
    .name = "mapping_by_network", .table = &mapping_table,
    .keys = mapping_network_key,
};

/* ---- Look-ups. ---- */

const struct vs_bridge *
bridge_by_name(const char *name)
{
    return inc_find_one(&vs_bridge_by_name, name, strlen(name));
}

const struct vs_bridge *
integration_bridge(void)
{
    const struct config *config = the_config();
    return config ? bridge_by_name(config_bridge(config).s) : NULL;
}

const struct vs_bridge *
bridge_of_port(const struct vs_port *port)
{
    return inc_find_one(&vs_bridge_by_port, vs_port_uuid(port),
                        sizeof(struct uuid));
}

const struct vs_port *
port_of_interface(const struct vs_interface *iface)
{
    return inc_find_one(&vs_port_by_interface, vs_interface_uuid(iface),
                        sizeof(struct uuid));
}

const struct vs_interface *
interface_by_name(const char *name)
{
    return inc_find_one(&vs_interface_by_name, name, strlen(name));
}

bool
is_our_interface(const struct vs_interface *iface)
{
    const struct vs_port *port = port_of_interface(iface);
    const struct vs_bridge *bridge = port ? bridge_of_port(port) : NULL;
    return bridge && !strcmp(vs_bridge_name(bridge), bridge_name().s);
}

uint32_t
ofport_of(const struct vs_interface *iface)
{
    const int64_t *ofport = vs_interface_ofport(iface);
    return ofport && *ofport > 0 && *ofport < 0xff00 ? *ofport : 0;
}

uint32_t
ofport_by_name(const char *name)
{
    const struct vs_interface *iface = interface_by_name(name);
    return iface ? ofport_of(iface) : 0;
}

istr
bridge_of_network(const char *network)
{
    const struct mapping *m
        = inc_find_one(&mapping_by_network, network, strlen(network));
    return m ? mapping_bridge(m) : (istr) { NULL };
}

/* ---- Rules. ---- */

static void
run_mappings(const void *row OVS_UNUSED)
{
    const struct config *config = the_config();
    if (!config) {
        return;
    }

    char *copy = xstrdup(config_bridge_mappings(config).s);
    char *save_ptr = NULL;
    for (char *pair = strtok_r(copy, ",", &save_ptr); pair;
         pair = strtok_r(NULL, ",", &save_ptr)) {
        char *colon = strchr(pair, ':');
        if (!colon || colon == pair || !colon[1]) {
            invalid(the_open_vswitch(), "external_ids:ovn-bridge-mappings: "
                    "\"%s\" is not NETWORK:BRIDGE", pair);
            continue;
        }
        *colon = '\0';
        if (!bridge_by_name(colon + 1)) {
            invalid(the_open_vswitch(), "external_ids:ovn-bridge-mappings: "
                    "there is no bridge \"%s\" for network \"%s\"",
                    colon + 1, pair);
        }
        emit_mapping(&(struct mapping_v) {
            .network = istr_intern(pair), .bridge = istr_intern(colon + 1),
        });
    }
    free(copy);
}
const struct inc_rule mappings = { .name = "mappings", .run = run_mappings };

static void
run_make_integration_bridge(const void *row OVS_UNUSED)
{
    const struct config *config = the_config();
    if (!config || integration_bridge()) {
        return;
    }

    istr name = config_bridge(config);
    struct uuid iface = db_uuid_for(&vs_interface_table, "%s", name.s);
    struct uuid port = db_uuid_for(&vs_port_table, "%s", name.s);
    struct uuid bridge = db_uuid_for(&vs_bridge_table, "%s", name.s);
    struct db_map *other_config = db_map_start();
    db_map_put(other_config, "disable-in-band", "true");
    const char *type = node_option("ovn-bridge-datapath-type");

    emit_vs_new_iface(&(struct vs_new_iface_v) {
        .uuid = iface, .name = name, .type = istr_intern("internal"),
        .options = istr_intern(DB_EMPTY_MAP),
    });
    emit_vs_new_port(&(struct vs_new_port_v) {
        .uuid = port, .name = name, .interfaces = db_opt_uuid(&iface),
        .external_ids = istr_intern(DB_EMPTY_MAP),
    });
    emit_vs_new_bridge(&(struct vs_new_bridge_v) {
        .uuid = bridge, .name = name, .ports = db_opt_uuid(&port),
        .fail_mode = db_opt_str("secure"),
        .datapath_type = istr_intern(type ? type : ""),
        .other_config = db_map_finish(other_config),
        .ovs = *vs_open_vswitch_uuid(the_open_vswitch()),
    });
}
const struct inc_rule make_integration_bridge = {
    .name = "make_integration_bridge", .run = run_make_integration_bridge,
};

/* By default the switch looks at one VLAN tag only, and a container's packet
 * may have one of its own below. */
static void
run_vlan_limit(const void *row OVS_UNUSED)
{
    if (the_config()) {
        struct db_map *map = db_map_start();
        db_map_put(map, "vlan-limit", "0");
        emit_vs_limit(&(struct vs_limit_v) {
            .uuid = *vs_open_vswitch_uuid(the_open_vswitch()),
            .other_config = db_map_finish(map),
        });
    }
}
const struct inc_rule vlan_limit = {
    .name = "vlan_limit", .run = run_vlan_limit,
};
