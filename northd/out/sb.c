#include <config.h>
#include "northd/out/sb.h"

#include "lib/table/sb-table.h"
#include "northd/emit.h"
#include "northd/model/datapath.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"

static void
port_conflict(const void *loser, const void *winner OVS_UNUSED, struct ds *s)
{
    const struct sb_port_v *v = loser;
    ds_put_format(s, "another port has the southbound name \"%s\", too; "
                  "this one is ignored", v->logical_port.s);
}
INC_TABLE_DEFINE(sb_port, SB_PORT_FIELDS, .kind = INC_OUTPUT,
                 .combine = INC_UNIQUE, .conflict = port_conflict);

static void
ha_group_conflict(const void *loser, const void *winner OVS_UNUSED,
                  struct ds *s)
{
    const struct sb_ha_group_v *v = loser;
    ds_put_format(s, "an HA chassis group and the gateway chassis of a "
                  "logical router port make the southbound HA chassis group "
                  "\"%s\"; this one is ignored", v->name.s);
}
INC_TABLE_DEFINE(sb_ha_group, SB_HA_GROUP_FIELDS, .kind = INC_OUTPUT,
                 .combine = INC_UNIQUE, .conflict = ha_group_conflict);

static void
ha_member_conflict(const void *loser, const void *winner, struct ds *s)
{
    const struct sb_ha_member_v *l = loser;
    const struct sb_ha_member_v *w = winner;
    ds_put_format(s, "a chassis is more than once in a group of gateway "
                  "chassis of this name; priority %"PRId64" is ignored, "
                  "%"PRId64" counts", l->priority, w->priority);
}
INC_TABLE_DEFINE(sb_ha_member, SB_HA_CHASSIS_FIELDS, .kind = INC_OUTPUT,
                 .combine = INC_UNIQUE, .conflict = ha_member_conflict);
INC_TABLE_DEFINE(sb_mcast, SB_MCAST_FIELDS, .kind = INC_OUTPUT);

static void
addr_set_conflict(const void *loser, const void *winner OVS_UNUSED,
                  struct ds *s)
{
    const struct sb_addr_set_v *v = loser;
    ds_put_format(s, "another address set or port group makes the southbound "
                  "address set \"%s\", too; this one is ignored",
                  v->name.s);
}
INC_TABLE_DEFINE(sb_addr_set, SB_ADDR_SET_FIELDS, .kind = INC_OUTPUT,
                 .combine = INC_UNIQUE, .conflict = addr_set_conflict);
INC_TABLE_DEFINE(sb_pg, SB_PG_FIELDS, .kind = INC_OUTPUT);
INC_TABLE_DEFINE(sb_global_out, SB_GLOBAL_FIELDS, .kind = INC_OUTPUT);
INC_TABLE_DEFINE(sb_role, SB_RBAC_ROLE_FIELDS, .kind = INC_OUTPUT);
INC_TABLE_DEFINE(sb_rbac_perm, SB_RBAC_PERM_FIELDS, .kind = INC_OUTPUT);
INC_TABLE_DEFINE(sb_bfd_out, SB_BFD_FIELDS, .kind = INC_OUTPUT);
INC_TABLE_DEFINE(sb_ecmp_nexthop_out, SB_ECMP_NEXTHOP_FIELDS,
                 .kind = INC_OUTPUT);
INC_TABLE_DEFINE(sb_fdb_delete, SB_FDB_DELETE_FIELDS, .kind = INC_OUTPUT);
INC_TABLE_DEFINE(sb_mac_delete, SB_MAC_DELETE_FIELDS, .kind = INC_OUTPUT);
INC_TABLE_DEFINE(sb_static_mac, SB_STATIC_MAC_FIELDS, .kind = INC_OUTPUT);

/* ---- Logical_Flow. ---- */

static const struct lflow_v *
lflow_value(const struct inc_row *row)
{
    return inc_value(row);
}

static const struct dps_meaning_v *
meaning_of(const struct inc_row *row)
{
    const struct inc_row *meaning = inc_row_by_key(
        &dps_meaning_table,
        &(struct dps_meaning_v) { .dps = lflow_value(row)->dps });
    return meaning && !inc_row_is_dead(meaning) ? inc_value(meaning) : NULL;
}

static bool
lflow_present(const struct inc_row *row)
{
    return meaning_of(row) != NULL;
}

static void
format_ref(const struct inc_row *row, bool group, struct ds *s)
{
    const struct dps_meaning_v *meaning = meaning_of(row);
    if (meaning && meaning->is_group == group) {
        ds_put_format(s, "[\"uuid\",\""UUID_FMT"\"]",
                      UUID_ARGS(&meaning->uuid));
    } else {
        ds_put_cstr(s, DB_EMPTY_SET);
    }
}

static void
format_logical_datapath(const struct inc_row *row, struct ds *s)
{
    format_ref(row, false, s);
}

static void
format_logical_dp_group(const struct inc_row *row, struct ds *s)
{
    format_ref(row, true, s);
}

static void
format_pipeline(const struct inc_row *row, struct ds *s)
{
    ds_put_cstr(s, stages[lflow_value(row)->stage].egress ? "\"egress\""
                                                          : "\"ingress\"");
}

static void
format_table_id(const struct inc_row *row, struct ds *s)
{
    ds_put_format(s, "%d", stages[lflow_value(row)->stage].table);
}

static void
format_tags(const struct inc_row *row, struct ds *s)
{
    istr io_port = lflow_value(row)->io_port;
    if (!io_port.s) {
        ds_put_cstr(s, DB_EMPTY_MAP);
        return;
    }
    ds_put_cstr(s, "[\"map\",[[\"in_out_port\",");
    json_string_escape(io_port.s, s);
    ds_put_cstr(s, "]]]");
}

static void
format_meter(const struct inc_row *row, struct ds *s)
{
    istr meter = lflow_value(row)->meter;
    if (meter.s) {
        json_string_escape(meter.s, s);
    } else {
        ds_put_cstr(s, DB_EMPTY_SET);
    }
}

static void
format_external_ids(const struct inc_row *row, struct ds *s)
{
    const struct lflow_v *v = lflow_value(row);
    /* The file alone is as much of its path as people want to see. */
    const char *slash = strrchr(v->source, '/');

    ds_put_format(s, "[\"map\",[[\"source\",\"%s\"]",
                  slash ? slash + 1 : v->source);
    if (v->hint) {
        ds_put_format(s, ",[\"stage-hint\",\"%08"PRIx32"\"]", v->hint);
    }
    ds_put_format(s, ",[\"stage-name\",\"%s\"]]]", stages[v->stage].name);
}

#define COL(T, NAME) { .column = #NAME, .field = T##__C_##NAME }

/* Only which datapaths a flow applies to ever changes in its row, and only
 * that is mirrored: the rest is in the row's uuid (DESIGN section 6). */
static const struct db_sink_column lflow_columns[] = {
    { .column = "logical_datapath", .format = format_logical_datapath },
    { .column = "logical_dp_group", .format = format_logical_dp_group },
    { .column = "pipeline", .format = format_pipeline, .insert_only = true },
    { .column = "table_id", .format = format_table_id, .insert_only = true },
    { .column = "priority", .field = lflow__C_priority, .insert_only = true },
    { .column = "match", .field = lflow__C_match, .insert_only = true },
    { .column = "actions", .field = lflow__C_actions, .insert_only = true },
    { .column = "tags", .format = format_tags, .insert_only = true },
    { .column = "controller_meter", .format = format_meter,
      .insert_only = true },
    { .column = "external_ids", .format = format_external_ids,
      .insert_only = true },
};
static const struct db_sink_column dp_group_columns[] = {
    COL(sb_dp_group, datapaths),
};

/* ---- The others. ---- */

static const struct db_sink_column datapath_columns[] = {
    COL(sb_datapath, tunnel_key), COL(sb_datapath, type),
    COL(sb_datapath, nb_uuid), COL(sb_datapath, external_ids),
};

/* Keys of Port_Binding.options that controllers write (contracts, 5). */
static bool
controllers_option(const char *key)
{
    return (!strcmp(key, "additional-chassis-activated")
            || !strcmp(key, "ipv6_ra_pd_list")
            || !strncmp(key, "vport-", 6));
}

static const struct db_sink_column port_columns[] = {
    COL(sb_port, logical_port), COL(sb_port, type), COL(sb_port, datapath),
    COL(sb_port, tunnel_key), COL(sb_port, parent_port), COL(sb_port, tag),
    COL(sb_port, mac), COL(sb_port, port_security),
    COL(sb_port, nat_addresses),
    { .column = "options", .field = sb_port__C_options,
      .foreign_key = controllers_option },
    COL(sb_port, external_ids), COL(sb_port, requested_chassis),
    COL(sb_port, requested_additional_chassis), COL(sb_port, chassis),
    COL(sb_port, up),
    /* Controllers report a port as up only if its row has the column. */
    { .column = "up", .field = sb_port__C_initial_up, .insert_only = true },
    COL(sb_port, ha_chassis_group),
};

static const struct db_sink_column ha_group_columns[] = {
    COL(sb_ha_group, name), COL(sb_ha_group, ha_chassis),
    COL(sb_ha_group, ref_chassis),
};

static const struct db_sink_column ha_member_columns[] = {
    COL(sb_ha_member, chassis), COL(sb_ha_member, priority),
    COL(sb_ha_member, external_ids),
};

static const struct db_sink_column mcast_columns[] = {
    COL(sb_mcast, datapath), COL(sb_mcast, name), COL(sb_mcast, tunnel_key),
    COL(sb_mcast, ports),
};

static const struct db_sink_column addr_set_columns[] = {
    COL(sb_addr_set, name), COL(sb_addr_set, addresses),
};

static const struct db_sink_column pg_columns[] = {
    COL(sb_pg, name), COL(sb_pg, ports),
};

/* The one key of SB_Global.options that is set in the southbound. */
static bool
sbctls_option(const char *key)
{
    return !strcmp(key, "sbctl_probe_interval");
}

static const struct db_sink_column global_columns[] = {
    COL(sb_global_out, nb_cfg), COL(sb_global_out, ipsec),
    { .column = "options", .field = sb_global_out__C_options,
      .foreign_key = sbctls_option },
};

static const struct db_sink_column role_columns[] = {
    COL(sb_role, name), COL(sb_role, permissions),
};

static const struct db_sink_column perm_columns[] = {
    { .column = "table", .field = sb_rbac_perm__C_table_name },
    COL(sb_rbac_perm, authorization),
    COL(sb_rbac_perm, insert_delete), COL(sb_rbac_perm, update),
};

static const struct db_sink_column bfd_columns[] = {
    COL(sb_bfd_out, src_port), COL(sb_bfd_out, disc),
    COL(sb_bfd_out, logical_port), COL(sb_bfd_out, dst_ip),
    COL(sb_bfd_out, min_tx), COL(sb_bfd_out, min_rx),
    COL(sb_bfd_out, detect_mult), COL(sb_bfd_out, chassis_name),
    COL(sb_bfd_out, external_ids), COL(sb_bfd_out, options),
    /* The chassis that runs the session says how it is. */
    { .column = "status", .field = sb_bfd_out__C_status,
      .insert_only = true },
};

static const struct db_sink_column ecmp_nexthop_columns[] = {
    COL(sb_ecmp_nexthop_out, nexthop), COL(sb_ecmp_nexthop_out, mac),
    COL(sb_ecmp_nexthop_out, port), COL(sb_ecmp_nexthop_out, datapath),
};

static const struct db_sink_column static_mac_columns[] = {
    COL(sb_static_mac, logical_port), COL(sb_static_mac, ip),
    COL(sb_static_mac, mac), COL(sb_static_mac, override_dynamic_mac),
    COL(sb_static_mac, datapath),
};

#define SINK(OUT, TABLE, COLUMNS, ...)                                  \
    { .out = &OUT##_table, .table = &TABLE, .columns = COLUMNS,         \
      .n_columns = ARRAY_SIZE(COLUMNS), __VA_ARGS__ }

const struct db_sink sb_sinks[] = {
    SINK(sb_datapath, sb_datapath_binding_table, datapath_columns),
    SINK(sb_ha_member, sb_ha_chassis_table, ha_member_columns),
    SINK(sb_ha_group, sb_ha_chassis_group_table, ha_group_columns),
    SINK(sb_port, sb_port_binding_table, port_columns),
    SINK(sb_mcast, sb_multicast_group_table, mcast_columns),
    SINK(sb_dp_group, sb_logical_dp_group_table, dp_group_columns),
    SINK(lflow, sb_logical_flow_table, lflow_columns,
         .present = lflow_present),
    SINK(sb_addr_set, sb_address_set_table, addr_set_columns),
    SINK(sb_pg, sb_port_group_table, pg_columns),
    SINK(sb_global_out, sb_sb_global_table, global_columns),
    SINK(sb_role, sb_rbac_role_table, role_columns),
    SINK(sb_rbac_perm, sb_rbac_permission_table, perm_columns),
    SINK(sb_bfd_out, sb_bfd_table, bfd_columns),
    SINK(sb_static_mac, sb_static_mac_binding_table, static_mac_columns),
    SINK(sb_ecmp_nexthop_out, sb_ecmp_nexthop_table, ecmp_nexthop_columns),
    { .out = &sb_mac_delete_table, .table = &sb_mac_binding_table,
      .deletes = true },
    { .out = &sb_fdb_delete_table, .table = &sb_fdb_table, .deletes = true },
    { .out = NULL },
};

/* ---- Columns and adoption. ---- */

void
sb_use_columns(void)
{
    db_use_columns(&sb_datapath_binding_table, "tunnel_key", "type",
                   "nb_uuid", "external_ids", NULL);
    db_use_columns(&sb_port_binding_table, "logical_port", "type", "datapath",
                   "tunnel_key", "parent_port", "tag", "mac",
                   "port_security", "nat_addresses", "options", "external_ids",
                   "requested_chassis", "requested_additional_chassis",
                   "chassis", "up", "ha_chassis_group", NULL);
    db_use_columns(&sb_ha_chassis_table, "chassis", "priority",
                   "external_ids", NULL);
    db_use_columns(&sb_ha_chassis_group_table, "name", "ha_chassis",
                   "ref_chassis", NULL);
    db_use_columns(&sb_multicast_group_table, "datapath", "name",
                   "tunnel_key", "ports", NULL);
    db_use_columns(&sb_logical_dp_group_table, "datapaths", NULL);
    db_use_columns(&sb_logical_flow_table, "logical_datapath",
                   "logical_dp_group", NULL);
    db_use_columns(&sb_address_set_table, "name", "addresses", NULL);
    db_use_columns(&sb_port_group_table, "name", "ports", NULL);
    db_use_columns(&sb_sb_global_table, "nb_cfg", "ipsec", "options", NULL);
    db_use_columns(&sb_rbac_role_table, "name", "permissions", NULL);
    db_use_columns(&sb_rbac_permission_table, "table", "authorization",
                   "insert_delete", "update", NULL);
    db_use_columns(&sb_fdb_table, "dp_key", "port_key", "timestamp", NULL);
    db_use_columns(&sb_mac_binding_table, "logical_port", "ip", "mac",
                   "timestamp", "datapath", NULL);
    db_use_columns(&sb_static_mac_binding_table, "logical_port", "ip", "mac",
                   "override_dynamic_mac", "datapath", NULL);
    db_use_columns(&sb_chassis_table, "name", "hostname", "other_config",
                   NULL);
    db_use_columns(&sb_bfd_table, "src_port", "disc", "logical_port",
                   "dst_ip", "min_tx", "min_rx", "detect_mult", "status",
                   "external_ids", "options", "chassis_name", NULL);
    db_use_columns(&sb_ecmp_nexthop_table, "nexthop", "mac", "port",
                   "datapath", NULL);
    db_use_columns(&sb_chassis_private_table, "name", "chassis", "nb_cfg",
                   "nb_cfg_timestamp", NULL);
    db_use_columns(&sb_encap_table, "type", "chassis_name", NULL);
}

static bool
name_key(const struct db_row *row, struct ds *key)
{
    if (row->table == &sb_address_set_table) {
        ds_put_cstr(key, sb_address_set_name((const void *) row));
    } else if (row->table == &sb_port_group_table) {
        ds_put_cstr(key, sb_port_group_name((const void *) row));
    } else if (row->table == &sb_rbac_role_table) {
        ds_put_cstr(key, sb_rbac_role_name((const void *) row));
    } else if (row->table == &sb_rbac_permission_table) {
        ds_put_cstr(key, sb_rbac_permission_table_column((const void *) row));
    } else if (row->table == &sb_ha_chassis_group_table) {
        ds_put_cstr(key, sb_ha_chassis_group_name((const void *) row));
    } else {
        ovs_assert(row->table == &sb_sb_global_table);
    }
    return true;
}

static bool
mcast_key(const struct db_row *row, struct ds *key)
{
    const struct sb_multicast_group *group = (const void *) row;
    ds_put_format(key, UUID_FMT" %s",
                  UUID_ARGS(sb_multicast_group_datapath_uuid(group)),
                  sb_multicast_group_name(group));
    return true;
}

/* "GROUP CHASSIS".  Members do not know their group. */
static bool
ha_member_key(const struct db_row *row, struct ds *key)
{
    const char *chassis = sb_ha_chassis_external_ids_get((const void *) row,
                                                         "chassis-name");
    const struct db_row *group;

    DB_FOR_EACH (group, &sb_ha_chassis_group_table) {
        const struct ovsdb_datum *members
            = sb_ha_chassis_group_ha_chassis((const void *) group);
        for (size_t i = 0; chassis && i < db_n(members); i++) {
            if (uuid_equals(db_ref(members, i), &row->uuid)) {
                ds_put_format(key, "%s %s",
                              sb_ha_chassis_group_name((const void *) group),
                              chassis);
                return true;
            }
        }
    }
    return false;
}

static bool
ecmp_nexthop_key(const struct db_row *row, struct ds *key)
{
    const struct sb_ecmp_nexthop *nexthop = (const void *) row;
    ds_put_format(key, "%s "UUID_FMT, sb_ecmp_nexthop_nexthop(nexthop),
                  UUID_ARGS(sb_ecmp_nexthop_port_uuid(nexthop)));
    return true;
}

void
sb_adopt(void)
{
    db_adopt(&sb_ecmp_nexthop_table, ecmp_nexthop_key);
    db_adopt(&sb_ha_chassis_group_table, name_key);
    db_adopt(&sb_ha_chassis_table, ha_member_key);
    db_adopt(&sb_address_set_table, name_key);
    db_adopt(&sb_port_group_table, name_key);
    db_adopt(&sb_rbac_role_table, name_key);
    db_adopt(&sb_rbac_permission_table, name_key);
    db_adopt(&sb_sb_global_table, name_key);
    db_adopt(&sb_multicast_group_table, mcast_key);
}

bool
port_binding_is_up(const struct sb_port_binding *pb)
{
    const bool *up = sb_port_binding_up(pb);
    return up ? *up : sb_port_binding_chassis_uuid(pb) != NULL;
}
