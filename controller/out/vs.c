#include <config.h>
#include "controller/out/vs.h"

#include "controller/model/bridge.h"
#include "controller/model/config.h"
#include "controller/rule.h"
#include "openvswitch/dynamic-string.h"

INC_TABLE_DEFINE(vs_new_bridge, VS_NEW_BRIDGE_FIELDS, .kind = INC_OUTPUT);
INC_TABLE_DEFINE(vs_new_port, VS_NEW_PORT_FIELDS, .kind = INC_OUTPUT);
INC_TABLE_DEFINE(vs_new_iface, VS_NEW_IFACE_FIELDS, .kind = INC_OUTPUT);
INC_TABLE_DEFINE(vs_iface_status, VS_IFACE_STATUS_FIELDS,
                 .kind = INC_OUTPUT);
INC_TABLE_DEFINE(vs_iface_bfd, VS_IFACE_BFD_FIELDS, .kind = INC_OUTPUT);
INC_TABLE_DEFINE(vs_gone_port, VS_GONE_PORT_FIELDS, .kind = INC_OUTPUT);
INC_TABLE_DEFINE(vs_limit, VS_LIMIT_FIELDS, .kind = INC_OUTPUT);
INC_TABLE_DEFINE(vs_bridge_status, VS_BRIDGE_STATUS_FIELDS,
                 .kind = INC_OUTPUT);
INC_TABLE_DEFINE(vs_bridge_zones, VS_BRIDGE_ZONES_FIELDS,
                 .kind = INC_OUTPUT);

#define COL(T, NAME) { .column = #NAME, .field = T##__C_##NAME }

static const struct db_sink_column bridge_columns[] = {
    COL(vs_new_bridge, name), COL(vs_new_bridge, ports),
    COL(vs_new_bridge, fail_mode), COL(vs_new_bridge, datapath_type),
    COL(vs_new_bridge, other_config),
};
static const struct db_sink_column port_columns[] = {
    COL(vs_new_port, name), COL(vs_new_port, interfaces),
    COL(vs_new_port, external_ids),
};
static const struct db_sink_column iface_columns[] = {
    COL(vs_new_iface, name), COL(vs_new_iface, type),
    COL(vs_new_iface, options),
};
static const struct db_sink_column iface_bfd_columns[] = {
    COL(vs_iface_bfd, bfd),
};
/* Of others' rows, only these keys are ours. */
static bool
is_not_ours_at_iface(const char *key)
{
    return strcmp(key, "ovn-installed") && strcmp(key, "ovn-installed-ts");
}

static bool
is_not_ours_at_bridge(const char *key)
{
    return (strcmp(key, "ovn-nb-cfg") && strcmp(key, "ovn-nb-cfg-ts")
            && strcmp(key, "ovn-startup-ts"));
}

static const struct db_sink_column iface_status_columns[] = {
    { .column = "external_ids", .field = vs_iface_status__C_external_ids,
      .foreign_key = is_not_ours_at_iface },
};
static const struct db_sink_column bridge_status_columns[] = {
    { .column = "external_ids", .field = vs_bridge_status__C_external_ids,
      .foreign_key = is_not_ours_at_bridge },
    COL(vs_bridge_status, datapath_type), COL(vs_bridge_status, fail_mode),
};
static bool
is_not_zone(const char *key)
{
    return strncmp(key, "ct-zone-", 8);
}

static const struct db_sink_column bridge_zones_columns[] = {
    { .column = "external_ids", .field = vs_bridge_zones__C_external_ids,
      .foreign_key = is_not_zone },
};
static bool
is_not_vlan_limit(const char *key)
{
    return strcmp(key, "vlan-limit");
}

static const struct db_sink_column limit_columns[] = {
    { .column = "other_config", .field = vs_limit__C_other_config,
      .foreign_key = is_not_vlan_limit },
};

/* A new bridge hangs on the Open_vSwitch row, a new port on its bridge. */
static void
attach_row(const char *table, const struct uuid *parent, const char *column,
           const struct uuid *child, bool insert, struct ds *ops)
{
    ds_put_format(ops, "{\"op\":\"mutate\",\"table\":\"%s\",\"where\":[["
                  "\"_uuid\",\"==\",[\"uuid\",\""UUID_FMT"\"]]],"
                  "\"mutations\":[[\"%s\",\"%s\",[\"uuid\",\""UUID_FMT
                  "\"]]]}", table, UUID_ARGS(parent), column,
                  insert ? "insert" : "delete", UUID_ARGS(child));
}

static void
attach_bridge(const struct inc_row *row, bool insert, struct ds *ops)
{
    const struct vs_new_bridge_v *v = inc_value(row);
    if (insert) {
        attach_row("Open_vSwitch", &v->ovs, "bridges", &v->uuid, true, ops);
    }
}

static void
attach_port(const struct inc_row *row, bool insert, struct ds *ops)
{
    const struct vs_new_port_v *v = inc_value(row);
    if (!uuid_is_zero(&v->bridge)) {
        attach_row("Bridge", &v->bridge, "ports", &v->uuid, insert, ops);
    }
}

/* Marks of the ports that a controller makes (reference F7, F73). */
static const char *const port_marks[] = {
    "ovn-chassis-id", "ovn-localnet-port", "ovn-l2gateway-port",
};

/* Other controllers on this machine have bridges of their own, and patch ports
 * to the same networks, which end in the name of their bridge. */
static bool
is_of_us(const struct vs_port *port, const struct vs_bridge *bridge)
{
    const char *us = bridge_name().s;
    const char *name = vs_port_name(port);
    size_t n = strlen(name), n_us = strlen(us);
    return (!strcmp(vs_bridge_name(bridge), us)
            || (!strncmp(name, "patch-", 6) && n > n_us + 4
                && !strcmp(name + n - n_us, us)
                && !strncmp(name + n - n_us - 4, "-to-", 4)));
}

static bool
is_marked(const struct vs_port *port)
{
    const struct ovsdb_datum *ids = vs_port_external_ids(port);
    for (size_t i = 0; i < ARRAY_SIZE(port_marks); i++) {
        if (db_map_get(ids, port_marks[i])) {
            return true;
        }
    }
    return false;
}

/* Unhooks a port from its bridge; the server then collects the port and its
 * interface. */
static void
detach_port(const struct inc_row *row, bool insert, struct ds *ops)
{
    const struct vs_gone_port_v *v = inc_value(row);
    if (!insert) {
        attach_row("Bridge", &v->bridge, "ports", &v->uuid, false, ops);
    }
}

#define SINK(OUT, TABLE, COLUMNS, ...)                                  \
    { .out = &OUT##_table, .table = &TABLE, .columns = COLUMNS,         \
      .n_columns = ARRAY_SIZE(COLUMNS), __VA_ARGS__ }

const struct db_sink vs_sinks[] = {
    SINK(vs_new_iface, vs_interface_table, iface_columns,
         .keep = true),
    SINK(vs_new_port, vs_port_table, port_columns, .keep = true,
         .attach = attach_port),
    SINK(vs_new_bridge, vs_bridge_table, bridge_columns,
         .keep = true, .attach = attach_bridge),
    SINK(vs_iface_status, vs_interface_table, iface_status_columns,
         .update_only = true),
    SINK(vs_iface_bfd, vs_interface_table, iface_bfd_columns,
         .update_only = true),
    SINK(vs_bridge_status, vs_bridge_table, bridge_status_columns,
         .update_only = true),
    SINK(vs_bridge_zones, vs_bridge_table, bridge_zones_columns,
         .update_only = true),
    SINK(vs_limit, vs_open_vswitch_table, limit_columns,
         .update_only = true),
    { .out = &vs_gone_port_table, .table = &vs_port_table, .deletes = true,
      .attach = detach_port },
    { .out = NULL },
};

void
vs_use_columns(void)
{
    db_use_columns(&vs_open_vswitch_table, "external_ids", "bridges",
                   "other_config", "iface_types", NULL);
    db_use_columns(&vs_bridge_table, "name", "ports", "fail_mode",
                   "datapath_type", "other_config", "external_ids", NULL);
    db_use_columns(&vs_port_table, "name", "interfaces", "external_ids",
                   NULL);
    db_use_columns(&vs_ssl_table, "private_key", "certificate", "ca_cert",
                   "bootstrap_ca_cert", NULL);
    db_use_columns(&vs_interface_table, "name", "type", "options", "ofport",
                   "external_ids", "bfd", "bfd_status", "mtu", "status",
                   NULL);
}

/* ---- Ports that a controller made and nobody wants any more. ---- */

static void
new_port_key(const void *v_, struct inc_keys *keys)
{
    const struct vs_new_port_v *v = v_;
    inc_keys_add(keys, &v->uuid, sizeof v->uuid);
}
struct inc_index vs_new_port_by_uuid = {
    .name = "vs_new_port_by_uuid", .table = &vs_new_port_table,
    .keys = new_port_key,
};

/* A port that is in another bridge than it should be goes from there, to be
 * made anew. */
static bool
is_wanted_in(const struct vs_port *port, const struct vs_bridge *bridge)
{
    const struct vs_new_port *wanted = inc_find_one(
        &vs_new_port_by_uuid, vs_port_uuid(port), sizeof(struct uuid));
    if (!wanted) {
        return false;
    }
    struct uuid where = vs_new_port_bridge(wanted);
    return uuid_equals(&where, vs_bridge_uuid(bridge));
}

static void
run_gone_ports(const void *row)
{
    const struct vs_port *port = row;
    const struct vs_bridge *bridge = bridge_of_port(port);
    if (!bridge || !is_marked(port) || !is_of_us(port, bridge)
        || is_wanted_in(port, bridge) || !may_remove()) {
        return;
    }
    emit_vs_gone_port(&(struct vs_gone_port_v) {
        .uuid = *vs_port_uuid(port), .bridge = *vs_bridge_uuid(bridge),
    });
}
const struct inc_rule gone_ports = {
    .name = "gone_ports", .driver = &vs_port_table.inc,
    .run = run_gone_ports,
};

/* ---- Adoption. ---- */

static bool
name_key(const struct db_row *row, struct ds *key)
{
    ds_put_cstr(key, row->table == &vs_port_table
                     ? vs_port_name((const void *) row)
                     : vs_interface_name((const void *) row));
    return true;
}

void
vs_adopt(void)
{
    db_adopt(&vs_port_table, name_key);
    db_adopt(&vs_interface_table, name_key);
}
