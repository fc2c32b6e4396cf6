/* What northd computes, in order.  Read this first.
 *
 * A rule runs once for each row of its driving table (named in its
 * descriptor), again when something that it read changed, and reads only
 * tables that rules above it fill. */
#include <config.h>
#include "northd/rules.h"

#include "northd/feature.h"
#include "northd/features/features.h"
#include "northd/model/address.h"
#include "northd/model/aging.h"
#include "northd/model/bfd.h"
#include "northd/model/config.h"
#include "northd/model/datapath.h"
#include "northd/model/dgp.h"
#include "northd/model/gateway.h"
#include "northd/model/onlink.h"
#include "northd/model/policy.h"
#include "northd/model/nat.h"
#include "northd/model/port.h"
#include "northd/model/progress.h"
#include "northd/model/route.h"
#include "northd/model/ra.h"
#include "northd/model/router.h"
#include "northd/model/switch.h"
#include "northd/model/tag.h"
#include "northd/out/nb.h"
#include "northd/out/sb.h"

const struct inc_rule *const northd_rules[] = {
    /* The model: what the rows of the databases mean. */
    &config_rule,            /* settings of the whole network */
    &ls_datapaths,           /* switch -> datapath with a tunnel key */
    &lr_datapaths,           /* router -> datapath with a tunnel key */
    &dgps,                   /* router port -> it is a distributed gateway */
    &localnets,              /* switch -> its localnet ports */
    &lsp_ports,              /* switch port -> port with a tunnel key */
    &lrp_ports,              /* router port -> port with a tunnel key */
    &tags,                   /* port -> VLAN tag */
    &routers,                /* router -> its settings */
    &links,                  /* port -> what it is plugged into */
    &router_ports,           /* router port -> MAC and networks */
    &ras,                    /* router port -> its advertisements */
    &port_addresses,         /* port -> its Ethernet and IP addresses */
    &bfd_sessions,           /* BFD -> session with port and discriminator */
    &router_plens,           /* router -> lengths of its prefixes */
    &connected_routes,       /* network of a router port -> route */
    &static_routes,          /* static route -> route */
    &policies,               /* routing policy -> its router */
    &policy_chains,          /* router -> numbers of its policy chains */
    &switch_facts_rule,      /* switch -> what features ask of it */
    &gateways,               /* distributed gateway port -> its chassis */
    &switch_chassis,         /* port -> its switch is on that chassis */
    &nats,                   /* NAT -> what is translated where */
    &nat_add_route,          /* external address -> its neighbors' routes */
    &force_snats,            /* router -> addresses of its own to use */
    &gateway_refs,           /* gateway -> who must know where it is */
    &dp_classes,             /* datapath -> the classes it is in */
    &dp_classes_used,        /* class -> it has a member */

    /* Southbound rows other than flows. */
    &sb_settings,            /* SB_Global */
    &datapath_bindings,      /* datapath -> Datapath_Binding */
    &port_bindings,          /* port -> Port_Binding */
    &gateway_ha_groups,      /* Gateway_Chassis -> HA_Chassis_Group */
    &nb_ha_groups,           /* HA_Chassis_Group in use -> the same */
    &mcast_groups,           /* ports that flood -> Multicast_Group */
    &mrouter_groups,         /* ports of relaying routers -> the same */
    &address_sets,           /* address set -> Address_Set */
    &svc_monitor_set,        /* Address_Set svc_monitor_mac */
    &port_group_sets,        /* port group -> Address_Set */
    &port_groups,            /* port group -> Port_Group per switch */
    &bfd_rows,               /* BFD session -> SB BFD, NB BFD's status */
    &ecmp_nexthops,          /* symmetric route -> ECMP_Nexthop */
    &rbac_permissions,       /* RBAC_Permission */
    &rbac_roles,             /* RBAC_Role */
    &stale_fdb,              /* FDB rows of what is gone or old */
    &static_macs,            /* Static_MAC_Binding */
    &mac_thresholds,         /* router -> its ages of neighbors make sense */
    &stale_macs,             /* MAC_Binding rows of what is gone or old */

    /* Logical flows, by feature. */
    &stage_defaults,         /* each stage's priority 0 */
    &admission,              /* what no port may send */
    &disabled_ports,         /* ports that are administratively down */
    &fdb_flows,              /* learning from a localnet */
    &fdb_learning_ports,     /* learning from ports with unknown MACs */
    &arp_responder,          /* ARP and ND for known addresses */
    &l2_static,              /* flooding, unknown MACs */
    &l2_lookup,              /* known MACs */
    &arp_proxy,              /* ARP and ND for what is behind a router */
    &ls_no_router_arp,       /* ARP that no router gets */
    &ls_router_arp,          /* ARP and ND to routers */
    &ls_router_own_arp,      /* ARP and ND of routers for themselves */
    &routing_daemons,        /* what they may not answer */
    &routing_protocols,      /* ... and what is theirs */
    &lr_static_admission,    /* what no router takes */
    &lr_admission,           /* what a router port takes, delivery */
    &lr_neighbors,           /* learning neighbors, asking for them */
    &lr_arp_requests,        /* learning from ARP requests */
    &lr_static_input,        /* what no router forwards */
    &lr_net_input,           /* what is for a router itself */
    &lr_resolve_static,      /* next hops that were learned */
    &lr_resolve_lsps,        /* next hops that are switch ports */
    &lr_resolve_routers,     /* next hops that are routers */
    &nat_static,             /* translation on all such routers */
    &nat_ingress,            /* destinations, and replies' */
    &nat_egress,             /* sources, and replies' */
    &nat_neighbors,          /* ARP and ND for external addresses */
    &nat_commit,             /* connections that are not translated */
    &nat_own_ips,            /* a router's own address that is translated */
    &nat_redirect,           /* what is translated on its own chassis */
    &nat_force_static,       /* what is not to be forced */
    &nat_force,              /* forced source translation */
    &nat_force_router_ip,    /* ... to the output port's address */
    &lr_ra,                  /* answers to router solicitations */
    &prefix_delegation,      /* what delegating routers answer */
    &dhcp_relay,             /* DHCP requests to another network */
    &dhcp_relay_switch,      /* clients' broadcasts to the relay */
    &mcast_relay_static,     /* multicast that routers relay */
    &mcast_relay,            /* ... and that has been there */
    &lr_network_id,          /* network of the next hop */
    &gateway_redirect,       /* to the chassis that has the gateway */
    &large_packets,          /* what exceeds a gateway's MTU */
    &bfd_flows,              /* packets of BFD sessions */
    &routing_static,         /* what is never routed */
    &route_tables,           /* router port -> its route table */
    &link_local_routes,      /* link-local network of a router port */
    &route_flows,            /* routes to one prefix */
    &ecmp_symmetric,         /* replies by the next hop they came from */
    &policy_flows,           /* routing policies */
    &dps_meanings,           /* set of datapaths -> datapath or group */

    /* Northbound reports. */
    &binding_status,         /* port -> up, tag */
    &gateway_status,         /* router port -> where it is, prefixes */
    &nb_progress,            /* sb_cfg, hv_cfg, generated settings */
    NULL,
};

struct inc_table *const northd_tables[] = {
    NB_INC_TABLES,
    SB_INC_TABLES,
    &config_table,
    &datapath_table,
    &dp_class_member_table,
    &dp_class_used_table,
    &dgp_table,
    &localnet_table,
    &port_table,
    &tag_table,
    &port_mac_table,
    &port_ip_table,
    &port_ips_table,
    &switch_facts_table,
    &progress_table,
    &aging_table,
    &expired_table,
    &sb_mac_delete_table,
    &sb_static_mac_table,
    &ra_table,
    &router_table,
    &router_port_table,
    &router_net_table,
    &router_ip_table,
    &router_subnet_table,
    &link_table,
    &gateway_table,
    &gateway_ref_table,
    &dp_chassis_table,
    &bfd_session_table,
    &router_plen_table,
    &ip_route_table,
    &policy_table,
    &policy_chain_table,
    &sb_bfd_out_table,
    &sb_ecmp_nexthop_out_table,
    &nb_bfd_out_table,
    &nat_table,
    &nat_ip_table,
    &force_snat_table,
    &lflow_table,
    &dps_meaning_table,
    &sb_dp_group_table,
    &sb_datapath_table,
    &sb_port_table,
    &sb_ha_group_table,
    &sb_ha_member_table,
    &nb_lrp_table,
    &sb_mcast_table,
    &sb_addr_set_table,
    &sb_pg_table,
    &sb_global_out_table,
    &sb_role_table,
    &sb_rbac_perm_table,
    &sb_fdb_delete_table,
    &nb_lsp_table,
    &nb_global_out_table,
    NULL,
};

struct inc_index *const northd_indexes[] = {
    &config_index,
    &nb_global_index,
    &encap_by_type,
    &chassis_by_name,
    &chassis_by_host,
    &datapath_by_nb_uuid,
    &datapath_by_key,
    &dp_class_members,
    &dp_class_used_index,
    &dgp_by_lrp,
    &dgps_by_lr,
    &localnets_by_ls,
    &ls_by_port,
    &lr_by_port,
    &port_by_nb_uuid,
    &ports_by_trait,
    &ports_by_dp_key,
    &lrp_by_name_index,
    &lsp_by_name_index,
    &lsps_by_peer,
    &lr_by_nat,
    &chassis_by_lack,
    &nats_by_trait,
    &nats_by_gateway_port,
    &force_snat_by_dp,
    &nat_ip_index,
    &nb_address_set_by_uuid,
    &nb_logical_router_port_by_uuid,
    &tag_by_port,
    &port_ips_by_port,
    &switch_facts_by_dp,
    &nb_dhcp_relay_by_uuid,
    &nb_gateway_chassis_by_uuid,
    &nb_ha_chassis_by_uuid,
    &nb_ha_chassis_group_by_uuid,
    &gateway_by_port,
    &gateways_by_dp,
    &gateways_by_nb_group,
    &gateway_refs_by_group,
    &dp_chassis_by_dp,
    &lflow_by_dps,
    &sb_port_binding_by_uuid,
    &sb_chassis_by_uuid,
    &expired_by_uuid,
    &ras_by_port,
    &routers_by_dp,
    &router_ports_by_port,
    &router_ports_by_dp,
    &router_ports_by_peer_dp,
    &static_router_ports_by_peer_dp,
    &router_nets_by_port,
    &router_nets_by_dp,
    &router_ips_by_ip,
    &links_by_port,
    &nets_by_plen,
    &nets_by_prefix,
    &router_plens_by_dp,
    &lr_by_static_route,
    &routes_by_group,
    &macs_by_neighbor,
    &lr_by_policy,
    &chained_policies_by_dp,
    &policy_chain_index,
    &nb_bfd_by_uuid,
    &sb_bfd_by_uuid,
    NULL,
};
