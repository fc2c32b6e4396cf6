#include <config.h>
#include "northd/out/nb.h"

#include "lib/table/nb-table.h"
#include "northd/options.h"

INC_TABLE_DEFINE(nb_lsp, NB_LSP_FIELDS, .kind = INC_OUTPUT);
INC_TABLE_DEFINE(nb_lrp, NB_LRP_FIELDS, .kind = INC_OUTPUT);
INC_TABLE_DEFINE(nb_global_out, NB_PROGRESS_FIELDS, .kind = INC_OUTPUT);
INC_TABLE_DEFINE(nb_bfd_out, NB_BFD_FIELDS, .kind = INC_OUTPUT);

static const struct db_sink_column bfd_columns[] = {
    { .column = "status", .field = nb_bfd_out__C_status },
};
static const struct db_sink_column lsp_columns[] = {
    { .column = "up", .field = nb_lsp__C_up },
    { .column = "tag", .field = nb_lsp__C_tag },
};

static const struct db_sink_column lrp_columns[] = {
    { .column = "status", .field = nb_lrp__C_status },
    { .column = "ipv6_prefix", .field = nb_lrp__C_ipv6_prefix },
};

/* All but the few keys of NB_Global.options that we fill in are the CMS's. */
static bool
cms_option(const char *key)
{
    return !option_is_generated(key);
}

#define COL(NAME) { .column = #NAME, .field = nb_global_out__C_##NAME }
static const struct db_sink_column global_columns[] = {
    COL(nb_cfg_timestamp), COL(sb_cfg), COL(sb_cfg_timestamp), COL(hv_cfg),
    COL(hv_cfg_timestamp),
    { .column = "options", .field = nb_global_out__C_options,
      .foreign_key = cms_option },
};

const struct db_sink nb_sinks[] = {
    { .out = &nb_lsp_table, .table = &nb_logical_switch_port_table,
      .columns = lsp_columns, .n_columns = ARRAY_SIZE(lsp_columns),
      .update_only = true },
    { .out = &nb_lrp_table, .table = &nb_logical_router_port_table,
      .columns = lrp_columns, .n_columns = ARRAY_SIZE(lrp_columns),
      .update_only = true },
    { .out = &nb_global_out_table, .table = &nb_nb_global_table,
      .columns = global_columns, .n_columns = ARRAY_SIZE(global_columns),
      .keep = true },
    { .out = &nb_bfd_out_table, .table = &nb_bfd_table,
      .columns = bfd_columns, .n_columns = ARRAY_SIZE(bfd_columns),
      .update_only = true },
    { .out = NULL },
};

void
nb_use_columns(void)
{
    db_use_columns(&nb_nb_global_table, "nb_cfg", "nb_cfg_timestamp",
                   "sb_cfg", "sb_cfg_timestamp", "hv_cfg",
                   "hv_cfg_timestamp", "options", "ipsec", NULL);
    db_use_columns(&nb_logical_switch_table, "name", "ports",
                   "other_config", "external_ids", NULL);
    db_use_columns(&nb_logical_switch_port_table, "name", "type", "options",
                   "parent_name", "tag_request", "tag", "addresses",
                   "port_security", "peer", "up", "enabled", "external_ids",
                   NULL);
    db_use_columns(&nb_logical_router_table, "name", "ports", "enabled",
                   "static_routes", "policies", "nat",
                   "options", "external_ids", NULL);
    db_use_columns(&nb_logical_router_port_table, "name", "networks", "mac",
                   "ipv6_ra_configs",
                   "peer", "enabled", "options", "external_ids",
                   "gateway_chassis", "ha_chassis_group", "status",
                   "ipv6_prefix", "dhcp_relay", NULL);
    db_use_columns(&nb_dhcp_relay_table, "name", "servers", NULL);
    db_use_columns(&nb_gateway_chassis_table, "name", "chassis_name",
                   "priority", NULL);
    db_use_columns(&nb_ha_chassis_group_table, "name", "ha_chassis", NULL);
    db_use_columns(&nb_ha_chassis_table, "chassis_name", "priority", NULL);
    db_use_columns(&nb_static_mac_binding_table, "logical_port", "ip", "mac",
                   "override_dynamic_mac", NULL);
    db_use_columns(&nb_nat_table, "type", "external_ip", "external_mac",
                   "external_port_range", "logical_ip", "logical_port",
                   "allowed_ext_ips", "exempted_ext_ips", "gateway_port",
                   "match", "priority", "options", NULL);
    db_use_columns(&nb_address_set_table, "name", "addresses", NULL);
    db_use_columns(&nb_port_group_table, "name", "ports", NULL);
    db_use_columns(&nb_logical_router_static_route_table, "route_table",
                   "ip_prefix", "policy", "nexthop", "output_port", "bfd",
                   "selection_fields", "options", NULL);
    db_use_columns(&nb_logical_router_policy_table, "priority", "chain",
                   "match", "action", "jump_chain", "nexthop", "nexthops",
                   "output_port", "bfd_sessions", "options", NULL);
    db_use_columns(&nb_bfd_table, "logical_port", "dst_ip", "min_tx",
                   "min_rx", "detect_mult", "status", "options",
                   "external_ids", NULL);
}
