#include <config.h>
#include "controller/out/sb.h"

#include "controller/model/config.h"
#include "controller/rule.h"
#include "openvswitch/dynamic-string.h"
#include "sset.h"

INC_TABLE_DEFINE(sb_own_chassis, SB_OWN_CHASSIS_FIELDS, .kind = INC_OUTPUT);
INC_TABLE_DEFINE(sb_own_encap, SB_OWN_ENCAP_FIELDS, .kind = INC_OUTPUT);
INC_TABLE_DEFINE(sb_own_private, SB_OWN_PRIVATE_FIELDS, .kind = INC_OUTPUT);
INC_TABLE_DEFINE(sb_claim, SB_CLAIM_FIELDS, .kind = INC_OUTPUT);
INC_TABLE_DEFINE(sb_learned_fdb, SB_LEARNED_FDB_FIELDS,
                 .kind = INC_OUTPUT);
INC_TABLE_DEFINE(sb_learned_mac, SB_LEARNED_MAC_FIELDS,
                 .kind = INC_OUTPUT);
INC_TABLE_DEFINE(sb_bfd_status, SB_BFD_STATUS_FIELDS, .kind = INC_OUTPUT);

static void
constant_key(const void *v OVS_UNUSED, struct inc_keys *keys)
{
    inc_keys_add(keys, "", 1);
}
struct inc_index sb_global_index = {
    .name = "sb_global", .table = &sb_sb_global_table.inc,
    .keys = constant_key,
};

const struct sb_sb_global *
the_sb_global(void)
{
    return inc_find_one(&sb_global_index, "", 1);
}

#define COL(T, NAME) { .column = #NAME, .field = T##__C_##NAME }

/* Keys of other_config and transport of our row are ours alone; columns that
 * are not named here belong to others. */
static const struct db_sink_column chassis_columns[] = {
    COL(sb_own_chassis, name), COL(sb_own_chassis, hostname),
    COL(sb_own_chassis, encaps), COL(sb_own_chassis, other_config),
    COL(sb_own_chassis, transport_zones),
};
static const struct db_sink_column encap_columns[] = {
    COL(sb_own_encap, type), COL(sb_own_encap, ip),
    COL(sb_own_encap, options), COL(sb_own_encap, chassis_name),
};
static const struct db_sink_column private_columns[] = {
    COL(sb_own_private, name), COL(sb_own_private, chassis),
    COL(sb_own_private, nb_cfg), COL(sb_own_private, nb_cfg_timestamp),
};
static const struct db_sink_column claim_columns[] = {
    COL(sb_claim, chassis), COL(sb_claim, encap), COL(sb_claim, up),
    COL(sb_claim, additional_chassis), COL(sb_claim, additional_encap),
};
static const struct db_sink_column fdb_columns[] = {
    COL(sb_learned_fdb, mac), COL(sb_learned_fdb, dp_key),
    COL(sb_learned_fdb, port_key), COL(sb_learned_fdb, timestamp),
};

static const struct db_sink_column mac_columns[] = {
    COL(sb_learned_mac, logical_port), COL(sb_learned_mac, ip),
    COL(sb_learned_mac, mac), COL(sb_learned_mac, timestamp),
    COL(sb_learned_mac, datapath),
};
static const struct db_sink_column bfd_columns[] = {
    COL(sb_bfd_status, status),
};

/* ---- Which rows are ours to delete. ---- */

/* Names that this process has had: who renames the node wants the rows of the
 * old name to go. */
static struct sset our_names = SSET_INITIALIZER(&our_names);

void
sb_set_name(const char *name)
{
    if (name) {
        sset_add(&our_names, name);
    }
}

void
sb_exit(void)
{
    sset_destroy(&our_names);
}

static bool
is_our_name(const char *name)
{
    return sset_contains(&our_names, name);
}

static bool
owns_chassis(const struct db_row *row)
{
    return is_our_name(sb_chassis_name((const void *) row));
}

static bool
owns_encap(const struct db_row *row)
{
    return is_our_name(sb_encap_chassis_name((const void *) row));
}

static bool
owns_private(const struct db_row *row)
{
    return is_our_name(sb_chassis_private_name((const void *) row));
}

#define SINK(OUT, TABLE, COLUMNS, ...)                                  \
    { .out = &OUT##_table, .table = &TABLE, .columns = COLUMNS,         \
      .n_columns = ARRAY_SIZE(COLUMNS), __VA_ARGS__ }

const struct db_sink sb_sinks[] = {
    SINK(sb_own_encap, sb_encap_table, encap_columns, .owns = owns_encap),
    SINK(sb_own_chassis, sb_chassis_table, chassis_columns,
         .owns = owns_chassis),
    SINK(sb_own_private, sb_chassis_private_table, private_columns,
         .owns = owns_private),
    SINK(sb_claim, sb_port_binding_table, claim_columns,
         .update_only = true),
    SINK(sb_learned_fdb, sb_fdb_table, fdb_columns, .keep = true),
    SINK(sb_learned_mac, sb_mac_binding_table, mac_columns, .keep = true),
    SINK(sb_bfd_status, sb_bfd_table, bfd_columns, .update_only = true),
    { .out = NULL },
};

void
sb_use_columns(void)
{
    db_use_columns(&sb_sb_global_table, "nb_cfg", "options", NULL);
    db_use_columns(&sb_chassis_table, "name", "hostname", "encaps",
                   "other_config", "transport_zones", NULL);
    db_use_columns(&sb_chassis_private_table, "name", "chassis", "nb_cfg",
                   "nb_cfg_timestamp", NULL);
    db_use_columns(&sb_encap_table, "type", "ip", "options", "chassis_name",
                   NULL);
    db_use_columns(&sb_datapath_binding_table, "tunnel_key", "type",
                   "external_ids", NULL);
    db_use_columns(&sb_port_binding_table, "logical_port", "type",
                   "datapath", "tunnel_key", "parent_port", "tag", "mac",
                   "nat_addresses",
                   "port_security", "options", "requested_chassis",
                   "chassis", "encap", "up",
                   "additional_chassis", "additional_encap",
                   "ha_chassis_group", NULL);
    db_use_columns(&sb_ha_chassis_group_table, "name", "ha_chassis",
                   "ref_chassis", NULL);
    db_use_columns(&sb_ha_chassis_table, "chassis", "priority", NULL);
    db_use_columns(&sb_multicast_group_table, "datapath", "name",
                   "tunnel_key", "ports", NULL);
    db_use_columns(&sb_logical_dp_group_table, "datapaths", NULL);
    db_use_columns(&sb_logical_flow_table, "logical_datapath",
                   "logical_dp_group", "pipeline", "table_id", "priority",
                   "match", "actions", "controller_meter", "tags", NULL);
    db_use_columns(&sb_address_set_table, "name", "addresses", NULL);
    db_use_columns(&sb_port_group_table, "name", "ports", NULL);
    db_use_columns(&sb_load_balancer_table, "vips", "protocol", "options",
                   "datapaths", "datapath_group", "ls_datapath_group", NULL);
    db_use_columns(&sb_chassis_template_var_table, "chassis", "variables",
                   NULL);
    db_use_columns(&sb_meter_table, "name", "unit", "bands", NULL);
    db_use_columns(&sb_meter_band_table, "action", "rate", "burst_size",
                   NULL);
    db_use_columns(&sb_mac_binding_table, "logical_port", "ip", "mac",
                   "timestamp", "datapath", NULL);
    db_use_columns(&sb_static_mac_binding_table, "logical_port", "ip", "mac",
                   "override_dynamic_mac", "datapath", NULL);
    db_use_columns(&sb_bfd_table, "logical_port", "dst_ip", "src_port",
                   "disc", "min_tx", "min_rx", "detect_mult", "status", NULL);
    db_use_columns(&sb_ecmp_nexthop_table, "nexthop", "port", "datapath",
                   NULL);
    db_use_columns(&sb_fdb_table, "mac", "dp_key", "port_key", "timestamp",
                   NULL);
}

/* ---- Adoption. ---- */

static bool
chassis_key(const struct db_row *row, struct ds *key)
{
    ds_put_cstr(key, row->table == &sb_chassis_table
                     ? sb_chassis_name((const void *) row)
                     : sb_chassis_private_name((const void *) row));
    return true;
}

static bool
encap_key(const struct db_row *row, struct ds *key)
{
    const struct sb_encap *encap = (const void *) row;
    ds_put_format(key, "%s %s %s", sb_encap_type(encap), sb_encap_ip(encap),
                  sb_encap_chassis_name(encap));
    return true;
}

static bool
fdb_key(const struct db_row *row, struct ds *key)
{
    const struct sb_fdb *fdb = (const void *) row;
    ds_put_format(key, "%"PRId64" %s", sb_fdb_dp_key(fdb), sb_fdb_mac(fdb));
    return true;
}

void
sb_adopt(void)
{
    db_adopt(&sb_chassis_table, chassis_key);
    db_adopt(&sb_chassis_private_table, chassis_key);
    db_adopt(&sb_encap_table, encap_key);
    db_adopt(&sb_fdb_table, fdb_key);
}
