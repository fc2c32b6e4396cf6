#include <config.h>
#include "nbctl.h"

#include "ovn-dirs.h"
#include "ovsdb-idl.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(nbctl);

/* How users can name the rows of each table, besides by UUID. */
static const struct ctl_table_class table_classes[] = {
    [NBREC_TABLE_ACL].row_ids[0] = {&nbrec_acl_col_name, NULL, NULL},
    [NBREC_TABLE_ADDRESS_SET].row_ids[0]
        = {&nbrec_address_set_col_name, NULL, NULL},
    [NBREC_TABLE_CHASSIS_TEMPLATE_VAR].row_ids[0]
        = {&nbrec_chassis_template_var_col_chassis, NULL, NULL},
    [NBREC_TABLE_CONNECTION].row_ids[0]
        = {&nbrec_connection_col_target, NULL, NULL},
    [NBREC_TABLE_COPP].row_ids[0] = {&nbrec_copp_col_name, NULL, NULL},
    [NBREC_TABLE_DHCP_OPTIONS].row_ids = {
        {&nbrec_logical_switch_port_col_name, NULL,
         &nbrec_logical_switch_port_col_dhcpv4_options},
        {&nbrec_logical_switch_port_col_external_ids,
         "neutron:port_name", &nbrec_logical_switch_port_col_dhcpv4_options},
        {&nbrec_logical_switch_port_col_name, NULL,
         &nbrec_logical_switch_port_col_dhcpv6_options},
        {&nbrec_logical_switch_port_col_external_ids,
         "neutron:port_name", &nbrec_logical_switch_port_col_dhcpv6_options}},
    [NBREC_TABLE_FORWARDING_GROUP].row_ids[0]
        = {&nbrec_forwarding_group_col_name, NULL, NULL},
    [NBREC_TABLE_HA_CHASSIS].row_ids[0]
        = {&nbrec_ha_chassis_col_chassis_name, NULL, NULL},
    [NBREC_TABLE_HA_CHASSIS_GROUP].row_ids[0]
        = {&nbrec_ha_chassis_group_col_name, NULL, NULL},
    [NBREC_TABLE_LOAD_BALANCER].row_ids[0]
        = {&nbrec_load_balancer_col_name, NULL, NULL},
    [NBREC_TABLE_LOAD_BALANCER_GROUP].row_ids[0]
        = {&nbrec_load_balancer_group_col_name, NULL, NULL},
    [NBREC_TABLE_LOAD_BALANCER_HEALTH_CHECK].row_ids[0]
        = {&nbrec_load_balancer_health_check_col_vip, NULL, NULL},
    [NBREC_TABLE_LOGICAL_ROUTER].row_ids = {
        {&nbrec_logical_router_col_name, NULL, NULL},
        {&nbrec_logical_router_col_external_ids, "neutron:router_name",
         NULL}},
    [NBREC_TABLE_LOGICAL_ROUTER_PORT].row_ids[0]
        = {&nbrec_logical_router_port_col_name, NULL, NULL},
    [NBREC_TABLE_LOGICAL_SWITCH].row_ids = {
        {&nbrec_logical_switch_col_name, NULL, NULL},
        {&nbrec_logical_switch_col_external_ids, "neutron:network_name",
         NULL}},
    [NBREC_TABLE_LOGICAL_SWITCH_PORT].row_ids = {
        {&nbrec_logical_switch_port_col_name, NULL, NULL},
        {&nbrec_logical_switch_port_col_external_ids, "neutron:port_name",
         NULL}},
    [NBREC_TABLE_METER].row_ids[0] = {&nbrec_meter_col_name, NULL, NULL},
    [NBREC_TABLE_MIRROR].row_ids[0] = {&nbrec_mirror_col_name, NULL, NULL},
    [NBREC_TABLE_NAT].row_ids[0] = {&nbrec_nat_col_external_ip, NULL, NULL},
    [NBREC_TABLE_NETWORK_FUNCTION].row_ids[0]
        = {&nbrec_network_function_col_name, NULL, NULL},
    [NBREC_TABLE_NETWORK_FUNCTION_GROUP].row_ids[0]
        = {&nbrec_network_function_group_col_name, NULL, NULL},
    [NBREC_TABLE_PORT_GROUP].row_ids[0]
        = {&nbrec_port_group_col_name, NULL, NULL},
    [NBREC_N_TABLES - 1] = { .row_ids[3] = {NULL, NULL, NULL} },
};
BUILD_ASSERT_DECL(ARRAY_SIZE(table_classes) == NBREC_N_TABLES);

static const struct ctl_completion completions[] = {
    {"SWITCH", "Logical_Switch", "name"},
    {"PORT", "Logical_Switch_Port", "name"},
    {"PARENT", "Logical_Switch_Port", "name"},
    {"PEER", "Logical_Router_Port", "name"},
    {"ROUTER", "Logical_Router", "name"},
    {"LRP", "Logical_Router_Port", "name"},
    {"GROUP", "Port_Group", "name"},
    {"FWD-GROUP", "Forwarding_Group", "name"},
    {"NETWORK-FUNCTION", "Network_Function", "name"},
    {"NETWORK-FUNCTION-GROUP", "Network_Function_Group", "name"},
    {"LB", "Load_Balancer", "name"},
    {"COPP", "Copp", "name"},
    {"MIRROR", "Mirror", "name"},
    {"METER", "Meter", "name"},
    {"HA-GROUP", "HA_Chassis_Group", "name"},
    {"ADDRESS-SET", "Address_Set", "name"},
    {NULL, NULL, NULL},
};

static const struct ctl_group *const groups[] = {
    &nbctl_general_group,
    &nbctl_graph_group,
    &nbctl_switch_group,
    &nbctl_acl_group,
    &nbctl_qos_group,
    &nbctl_meter_group,
    &nbctl_mirror_group,
    &nbctl_port_group,
    &nbctl_port_config_group,
    &nbctl_health_group,
    &nbctl_forwarding_group,
    &nbctl_function_group,
    &nbctl_router_group,
    &nbctl_router_port_group,
    &nbctl_gateway_group,
    &nbctl_route_group,
    &nbctl_policy_group,
    &nbctl_nat_group,
    &nbctl_lb_group,
    &nbctl_dhcp_group,
    &nbctl_port_group_group,
    &nbctl_ha_group,
    &nbctl_copp_group,
    &nbctl_neighbor_group,
    &ctl_connection_group,
    &ctl_ssl_group,
    &nbctl_sync_group,
    NULL
};

static void
prerequisites(struct ovsdb_idl *idl)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &nbrec_nb_global_col_nb_cfg,
        &nbrec_nb_global_col_nb_cfg_timestamp,
        &nbrec_nb_global_col_sb_cfg,
        &nbrec_nb_global_col_sb_cfg_timestamp,
        &nbrec_nb_global_col_hv_cfg,
        &nbrec_nb_global_col_hv_cfg_timestamp,
        NULL
    };

    ctl_add_columns(idl, columns);
}

static struct ctl_progress
get_progress(const struct ovsdb_idl_row *row)
{
    const struct nbrec_nb_global *nb
        = CONTAINER_OF(row, struct nbrec_nb_global, header_);

    return (struct ctl_progress) {
        .sb_cfg = nb->sb_cfg,
        .hv_cfg = nb->hv_cfg,
        .nb_cfg_timestamp = nb->nb_cfg_timestamp,
        .sb_cfg_timestamp = nb->sb_cfg_timestamp,
        .hv_cfg_timestamp = nb->hv_cfg_timestamp,
    };
}

int
main(int argc, char *argv[])
{
    const struct ctl_program program = {
        .name = "ovn-nbctl",
        .summary = "OVN northbound DB management utility",
        .module = &this_module,
        .idl_class = &nbrec_idl_class,
        .table_classes = table_classes,
        .groups = groups,
        .completions = completions,
        .options_env = "OVN_NBCTL_OPTIONS",
        .daemon_env = "OVN_NB_DAEMON",
        .default_db = default_nb_db,
        .db_version = nbrec_get_db_version,
        .prerequisites = prerequisites,
        .create_indexes = nbctl_create_all_indexes,
        .global_table = &nbrec_table_nb_global,
        .nb_cfg = &nbrec_nb_global_col_nb_cfg,
        .get_progress = get_progress,
        .context_create = nbctl_context_create,
        .context_invalidate = nbctl_context_invalidate,
        .context_destroy = nbctl_context_destroy,
    };

    return ctl_main(&program, argc, argv);
}
