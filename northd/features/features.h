/* The rules that feature files export, in no particular order: rules.c says
 * in which they run. */
#ifndef NORTHD_FEATURES_H
#define NORTHD_FEATURES_H 1

struct inc_index;
struct inc_rule;

extern const struct inc_rule address_sets;
extern const struct inc_rule admission;
extern const struct inc_rule arp_responder;
extern const struct inc_rule bfd_flows;
extern const struct inc_rule bfd_rows;
extern const struct inc_rule binding_status;
extern const struct inc_rule dhcp_relay;
extern const struct inc_rule dhcp_relay_switch;
extern const struct inc_rule disabled_ports;
extern const struct inc_rule ecmp_nexthops;
extern const struct inc_rule ecmp_symmetric;
extern const struct inc_rule fdb_flows;
extern const struct inc_rule fdb_learning_ports;
extern const struct inc_rule gateway_ha_groups;
extern const struct inc_rule gateway_redirect;
extern const struct inc_rule gateway_status;
extern const struct inc_rule l2_lookup;
extern const struct inc_rule l2_static;
extern const struct inc_rule large_packets;
extern const struct inc_rule link_local_routes;
extern const struct inc_rule lr_admission;
extern const struct inc_rule lr_arp_requests;
extern const struct inc_rule lr_neighbors;
extern const struct inc_rule lr_net_input;
extern const struct inc_rule lr_resolve_lsps;
extern const struct inc_rule lr_resolve_routers;
extern const struct inc_rule lr_resolve_static;
extern const struct inc_rule lr_static_admission;
extern const struct inc_rule lr_static_input;
extern const struct inc_rule ls_router_arp;
extern const struct inc_rule ls_router_own_arp;
extern const struct inc_rule mcast_groups;
extern const struct inc_rule mcast_relay;
extern const struct inc_rule mcast_relay_static;
extern const struct inc_rule mrouter_groups;
extern const struct inc_rule nat_add_route;
extern const struct inc_rule nat_commit;
extern const struct inc_rule nat_egress;
extern const struct inc_rule nat_force;
extern const struct inc_rule nat_force_router_ip;
extern const struct inc_rule nat_force_static;
extern const struct inc_rule nat_ingress;
extern const struct inc_rule nat_neighbors;
extern const struct inc_rule nat_own_ips;
extern const struct inc_rule nat_redirect;
extern const struct inc_rule nat_static;
extern const struct inc_rule nb_ha_groups;
extern const struct inc_rule nb_progress;
extern const struct inc_rule policy_flows;
extern const struct inc_rule port_bindings;
extern const struct inc_rule port_group_sets;
extern const struct inc_rule port_groups;
extern const struct inc_rule prefix_delegation;
extern const struct inc_rule rbac_permissions;
extern const struct inc_rule rbac_roles;
extern const struct inc_rule route_flows;
extern const struct inc_rule route_tables;
extern const struct inc_rule routing_daemons;
extern const struct inc_rule routing_protocols;
extern const struct inc_rule routing_static;
extern const struct inc_rule sb_settings;
extern const struct inc_rule stage_defaults;
extern const struct inc_rule stale_fdb;
extern const struct inc_rule svc_monitor_set;
extern const struct inc_rule
    address_sets, admission, arp_proxy, arp_responder, binding_status,
    disabled_ports, fdb_flows, fdb_learning_ports, l2_lookup, l2_static,
    lr_admission, lr_arp_requests, lr_neighbors, lr_net_input, lr_network_id,
    lr_ra,
    lr_resolve_lsps, lr_resolve_routers, lr_resolve_static,
    lr_static_admission, lr_static_input, ls_no_router_arp,
    ls_router_arp, ls_router_own_arp,
    mac_thresholds, mcast_groups,
    nb_progress, port_bindings, port_group_sets,
    port_groups, rbac_permissions, rbac_roles, sb_settings, stage_defaults,
    stale_fdb, stale_macs, static_macs, svc_monitor_set;

/* SB MAC_Binding by port and address. */
extern struct inc_index macs_by_neighbor;

#endif /* northd/features/features.h */
