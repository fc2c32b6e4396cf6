#include <config.h>
#include "sbctl.h"

#include "ovn-dirs.h"
#include "ovsdb-idl.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(sbctl);

/* How users can name the rows of each table, besides by UUID. */
static const struct ctl_table_class table_classes[] = {
    [SBREC_TABLE_ADDRESS_SET].row_ids[0]
        = {&sbrec_address_set_col_name, NULL, NULL},
    [SBREC_TABLE_CHASSIS].row_ids[0]
        = {&sbrec_chassis_col_name, NULL, NULL},
    [SBREC_TABLE_CHASSIS_PRIVATE].row_ids[0]
        = {&sbrec_chassis_private_col_name, NULL, NULL},
    [SBREC_TABLE_CHASSIS_TEMPLATE_VAR].row_ids[0]
        = {&sbrec_chassis_template_var_col_chassis, NULL, NULL},
    [SBREC_TABLE_CONNECTION].row_ids[0]
        = {&sbrec_connection_col_target, NULL, NULL},
    [SBREC_TABLE_DATAPATH_BINDING].row_ids = {
        {&sbrec_datapath_binding_col_external_ids, "name", NULL},
        {&sbrec_datapath_binding_col_external_ids, "name2", NULL},
        {&sbrec_datapath_binding_col_external_ids, "logical-switch", NULL},
        {&sbrec_datapath_binding_col_external_ids, "logical-router", NULL}},
    [SBREC_TABLE_DHCP_OPTIONS].row_ids[0]
        = {&sbrec_dhcp_options_col_name, NULL, NULL},
    [SBREC_TABLE_DHCPV6_OPTIONS].row_ids[0]
        = {&sbrec_dhcpv6_options_col_name, NULL, NULL},
    [SBREC_TABLE_GATEWAY_CHASSIS].row_ids[0]
        = {&sbrec_gateway_chassis_col_name, NULL, NULL},
    [SBREC_TABLE_HA_CHASSIS_GROUP].row_ids[0]
        = {&sbrec_ha_chassis_group_col_name, NULL, NULL},
    [SBREC_TABLE_LOAD_BALANCER].row_ids[0]
        = {&sbrec_load_balancer_col_name, NULL, NULL},
    [SBREC_TABLE_MAC_BINDING].row_ids[0]
        = {&sbrec_mac_binding_col_logical_port, NULL, NULL},
    [SBREC_TABLE_METER].row_ids[0] = {&sbrec_meter_col_name, NULL, NULL},
    [SBREC_TABLE_MIRROR].row_ids[0] = {&sbrec_mirror_col_name, NULL, NULL},
    [SBREC_TABLE_PORT_BINDING].row_ids = {
        {&sbrec_port_binding_col_logical_port, NULL, NULL},
        {&sbrec_port_binding_col_external_ids, "name", NULL}},
    [SBREC_TABLE_PORT_GROUP].row_ids[0]
        = {&sbrec_port_group_col_name, NULL, NULL},
    [SBREC_TABLE_RBAC_PERMISSION].row_ids[0]
        = {&sbrec_rbac_permission_col_table, NULL, NULL},
    [SBREC_TABLE_RBAC_ROLE].row_ids[0]
        = {&sbrec_rbac_role_col_name, NULL, NULL},
    [SBREC_TABLE_SERVICE_MONITOR].row_ids[0]
        = {&sbrec_service_monitor_col_logical_port, NULL, NULL},
    [SBREC_N_TABLES - 1] = { .row_ids[3] = {NULL, NULL, NULL} },
};
BUILD_ASSERT_DECL(ARRAY_SIZE(table_classes) == SBREC_N_TABLES);

static const struct ctl_completion completions[] = {
    {"CHASSIS", "Chassis", "name"},
    {"PORT", "Port_Binding", "logical_port"},
    {NULL, NULL, NULL},
};

static const struct ctl_group *const groups[] = {
    &sbctl_general_group,
    &sbctl_show_group,
    &sbctl_chassis_group,
    &sbctl_port_group,
    &sbctl_lflow_group,
    &ctl_connection_group,
    &ctl_ssl_group,
    NULL
};

static void
prerequisites(struct ovsdb_idl *idl OVS_UNUSED)
{
}

int
main(int argc, char *argv[])
{
    const struct ctl_program program = {
        .name = "ovn-sbctl",
        .summary = "OVN southbound DB management utility",
        .module = &this_module,
        .idl_class = &sbrec_idl_class,
        .table_classes = table_classes,
        .groups = groups,
        .completions = completions,
        .options_env = "OVN_SBCTL_OPTIONS",
        .daemon_env = "OVN_SB_DAEMON",
        .default_db = default_sb_db,
        .db_version = sbrec_get_db_version,
        .prerequisites = prerequisites,
        .global_table = &sbrec_table_sb_global,
    };

    return ctl_main(&program, argc, argv);
}
