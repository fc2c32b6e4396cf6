/* What the controller computes, in order.  Read this first.
 *
 * A rule runs once for each row of its driving table (named in its
 * descriptor), again when something that it read changed, and reads only
 * tables that rules above it fill. */
#include <config.h>
#include "controller/rules.h"

#include "controller/compile/compile.h"
#include "controller/compile/template.h"
#include "controller/model/bfd.h"
#include "controller/model/binding.h"
#include "controller/model/bridge.h"
#include "controller/model/chassis.h"
#include "controller/model/config.h"
#include "controller/model/ha.h"
#include "controller/model/install.h"
#include "controller/model/local_datapath.h"
#include "controller/model/meter.h"
#include "controller/model/patch.h"
#include "controller/model/tunnel.h"
#include "controller/model/vif.h"
#include "controller/model/zone.h"
#include "controller/out/ofgroups.h"
#include "controller/out/ofrow.h"
#include "controller/out/ofzones.h"
#include "controller/out/sb.h"
#include "controller/out/vs.h"
#include "controller/physical/physical.h"
#include "controller/punt/advertisements.h"
#include "controller/punt/ages.h"
#include "controller/punt/announcements.h"
#include "controller/punt/bfd_sessions.h"
#include "controller/punt/learned.h"
#include "controller/punt/neighbors.h"
#include "controller/rule.h"

const struct inc_rule *const controller_rules[] = {
    /* The node. */
    &config_rule,            /* Open_vSwitch -> what it says of the node */
    &make_integration_bridge,
    &vlan_limit,             /* packets with several VLAN tags */
    &mappings,               /* ovn-bridge-mappings */
    &own_encaps,             /* ovn-encap-type, -ip -> our encapsulations */
    &chassis_row,            /* SB Chassis */
    &chassis_encaps,         /* SB Encap */
    &chassis_private_row,    /* SB Chassis_Private */
    &bridge_progress,        /* the bridge's external_ids */

    /* Tunnels. */
    &tunnels,                /* other chassis -> tunnels to it */
    &remote_tunnels,         /* tunnel -> port of the bridge */

    /* Gateways. */
    &bfd_peers,              /* HA_Chassis_Group -> chassis to watch */
    &tunnel_bfd,             /* tunnel -> BFD on or off */
    &live_chassis_rule,      /* tunnel whose BFD is up -> chassis alive */
    &ha_ports,               /* port with a group -> elected or not */

    /* Ports. */
    &vifs,                   /* interface with an iface-id -> vif */
    &local_ports,            /* Port_Binding -> local port */
    &claims,                 /* Port_Binding -> chassis, up */
    &interface_status,       /* interface -> ovn-installed */

    /* Datapaths. */
    &dp_seeds,               /* datapath with a port here */
    &ha_seeds,               /* datapath that we may take over */
    &local_datapaths,        /* ... and what is reachable from there */
    &dp_localnets,           /* datapath -> its localnet port */
    &conditions,             /* what the southbound server shall send */
    &patch_ports,            /* localnet port -> pair of patch ports */
    &gone_ports,             /* ports of the bridge that nobody wants */
    &install_watches,        /* local port -> to be confirmed */

    /* Connection tracking zones. */
    &requested_zones,        /* datapath -> zone that it asks for */
    &datapath_zones,         /* datapath -> zones for DNAT and SNAT */
    &port_zones,             /* local port -> zone */
    &zone_ids,               /* the bridge's external_ids */

    /* Flows. */
    &static_physical,        /* what each chassis has */
    &ct_orig_flows,          /* where connections were first sent to */
    &local_port_flows,       /* local port -> its OpenFlow port */
    &chassis_mac_flows,      /* localnet port -> routers' addresses */
    &remote_port_flows,      /* port of another chassis -> tunnel */
    &large_packet_flows,     /* ... whose tunnel is too narrow */
    &large_packet_answers,   /* what the sender is told then */
    &logical_patch_flows,    /* between routers and switches */
    &redirect_flows,         /* to the active gateway */
    &tunnel_flows,           /* what comes by a tunnel */
    &mcast_flows,            /* multicast group */
    &fdb_flows,              /* learned MAC */
    &neighbor_flows,         /* learned neighbor */
    &static_neighbor_flows,  /* configured neighbor */
    &port_security_flows,    /* local port -> port security */
    &meters,                 /* SB Meter */
    &dialects,               /* what northd means by its flows */
    &hairpin_flows,          /* load balancer -> itself as client */
    &logical_flows,          /* logical flow */
    &used_meters,            /* meter that a flow uses */

    /* Punted packets. */
    &learned_fdbs,           /* MAC seen here -> SB FDB */
    &learned_macs,           /* neighbor heard of here -> SB MAC_Binding */
    &resolved_neighbors,     /* for whom packets wait -> who that is */
    &announce_vifs,          /* local port -> address to be announced */
    &announce_routers,       /* the same for addresses of routers */
    &probe_nexthops,         /* ECMP_Nexthop -> whom to ask where it is */
    &advertise_routers,      /* periodic router advertisements */
    &use_intervals,          /* how soon what is unused goes */
    &bfd_sessions,           /* BFD of routes that is run here */
    &bfd_statuses,           /* ... and what came of it -> SB BFD */
    NULL,
};

struct inc_table *const controller_tables[] = {
    SB_INC_TABLES,
    VS_INC_TABLES,
    &process_table,
    &config_table,
    &mapping_table,
    &own_encap_table,
    &bfd_peer_table,
    &live_chassis_table,
    &ha_port_table,
    &tunnel_table,
    &remote_tunnel_table,
    &vif_table,
    &local_port_table,
    &installed_table,
    &lost_table,
    &claim_watch_table,
    &dp_seed_table,
    &local_datapath_table,
    &dp_localnet_table,
    &condition_table,
    &install_watch_table,
    &progress_table,
    &dialect_table,
    &learned_fdb_table,
    &learned_mac_table,
    &awaited_table,
    &resolved_table,
    &announcement_table,
    &advertisement_table,
    &use_interval_table,
    &bfd_session_table,
    &bfd_state_table,
    &sb_bfd_status_table,
    &large_mtu_table,
    &ofrow_table,
    &sb_own_chassis_table,
    &sb_own_encap_table,
    &sb_own_private_table,
    &sb_claim_table,
    &sb_learned_fdb_table,
    &sb_learned_mac_table,
    &vs_new_bridge_table,
    &vs_new_port_table,
    &vs_new_iface_table,
    &vs_gone_port_table,
    &vs_iface_bfd_table,
    &vs_iface_status_table,
    &vs_bridge_status_table,
    &zone_table,
    &known_zone_table,
    &requested_zone_table,
    &meter_table,
    &meter_use_table,
    &ofgroup_table,
    &ofmeter_table,
    &vs_limit_table,
    &vs_bridge_zones_table,
    NULL,
};

struct inc_index *const controller_indexes[] = {
    &config_index,
    &process_index,
    &open_vswitch_index,
    &sb_global_index,
    &vs_bridge_by_name,
    &vs_bridge_by_port,
    &vs_port_by_interface,
    &vs_interface_by_name,
    &vs_interface_by_uuid,
    &mapping_by_network,
    &own_encap_by_ip,
    &sb_encap_by_chassis,
    &remote_tunnels_by_chassis,
    &bfd_peer_index,
    &live_chassis_index,
    &ha_port_by_name_index,
    &vif_by_iface_id_index,
    &local_port_by_name_index,
    &local_ports_by_dp,
    &pb_by_name,
    &installed_index,
    &lost_index,
    &progress_index,
    &local_datapath_index,
    &dp_localnet_index,
    &patch_pb_by_dp,
    &vs_new_port_by_uuid,
    &mcast_by_name,
    &dialect_index,
    &address_set_by_name,
    &port_group_by_name,
    &sb_fdb_by_mac,
    &sb_fdb_by_port,
    &sb_datapath_by_key,
    &pb_by_key,
    &sb_mac_binding_by_ip,
    &sb_mac_binding_by_port,
    &sb_static_mac_binding_by_ip,
    &learned_mac_index,
    &bfd_session_index,
    &bfd_state_index,
    &sb_port_binding_by_uuid,
    &sb_datapath_binding_by_uuid,
    &sb_ha_chassis_group_by_uuid,
    &sb_ha_chassis_by_uuid,
    &sb_chassis_by_uuid,
    &sb_chassis_private_by_uuid,
    &sb_encap_by_uuid,
    &sb_logical_dp_group_by_uuid,
    &zone_by_name,
    &known_zone_by_name,
    &requested_zone_index,
    &meter_by_name,
    &template_var_by_chassis,
    &sb_meter_band_by_uuid,
    NULL,
};
