/* The rules that feature files export, in no particular order: rules.c says
 * in which they run. */
#ifndef NORTHD_FEATURES_H
#define NORTHD_FEATURES_H 1

struct inc_rule;

extern const struct inc_rule
    address_sets, admission, arp_responder, binding_status, disabled_ports,
    fdb_flows, fdb_learning_ports, gateway_ha_groups, gateway_redirect,
    gateway_status, l2_lookup, l2_static, large_packets,
    lr_admission, lr_arp_requests, lr_neighbors, lr_net_input,
    lr_resolve_lsps, lr_resolve_routers, lr_resolve_static,
    lr_static_admission, lr_static_input, ls_router_arp, ls_router_own_arp,
    mcast_groups,
    nb_ha_groups, nb_progress, port_bindings, port_group_sets,
    port_groups, rbac_permissions, rbac_roles, sb_settings, stage_defaults,
    stale_fdb, svc_monitor_set;

#endif /* northd/features/features.h */
