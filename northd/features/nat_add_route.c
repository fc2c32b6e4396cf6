/* DOC: routes to external addresses
 *
 * With NAT.options:add_route the routers at the other end of a router's links
 * know how to reach the external address: by the link on which they meet, at
 * the Ethernet address that answers for it.  Reads NAT rules. */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"
#include "northd/model/nat.h"
#include "northd/model/port.h"
#include "northd/model/route.h"
#include "northd/model/router.h"

static void
add_neighbor(const struct nat *nat, const struct router_port *owner,
             const struct router_port *neighbor)
{
    const struct port *out = router_port_port(neighbor);
    struct in6_addr ip = nat_ext_ip(nat);
    istr src = port_source_address(out, &ip);
    if (neighbor == owner || !router_port_enabled(neighbor) || !src.s) {
        return;
    }

    emit_ip_route(&(struct ip_route_v) {
        .dp = router_port_dp(neighbor), .table_name = text(""),
        .prefix = ip, .plen = nat_v4(nat) ? 32 : 128,
        .source = ROUTE_STATIC, .nexthop = in6addr_any, .out = out,
        .src_text = src, .selection = text(""),
    });
    flow(dps_one(router_port_dp(neighbor)), LR_IN_ARP_RESOLVE, 100,
         fmt("outport == %s && %s == %s && "REG_NEXT_HOP_IS_V4" == %d",
             router_port_name(neighbor).s,
             nat_v4(nat) ? REG_NEXT_HOP4 : REG_NEXT_HOP6,
             nat_ext_text(nat).s, nat_v4(nat)),
         fmt("eth.dst = %s; next;",
             nat_distributed(nat) ? nat_ext_mac(nat).s
             : router_port_mac_text(owner).s), .hint = nat_nb(nat));
}

static void
add_neighbors(const struct nat *nat, const struct router_port *owner)
{
    const struct port *peer = router_port_peer(owner);
    const struct router_port *neighbor;
    if (!peer) {
        return;
    }

    if (port_kind(peer) == PORT_LRP) {
        neighbor = router_port_of(peer);
        if (neighbor) {
            add_neighbor(nat, owner, neighbor);
        }
        return;
    }
    INC_BUCKET_FOR_EACH (neighbor, router_ports_at(port_dp(peer))) {
        add_neighbor(nat, owner, neighbor);
    }
}

static void
run_nat_add_route(const void *row)
{
    const struct nat *nat = row;
    const struct router_port *owner;
    if (!db_map_get_bool(nb_nat_options(nat_nb(nat)), "add_route", false)) {
        return;
    }

    if (nat_gw(nat)) {
        owner = router_port_of(nat_gw(nat));
        if (owner) {
            add_neighbors(nat, owner);
        }
        return;
    }
    INC_BUCKET_FOR_EACH (owner, router_ports_of_dp(nat_dp(nat))) {
        add_neighbors(nat, owner);
    }
}
const struct inc_rule nat_add_route = {
    .name = "nat_add_route", .driver = &nat_table, .run = run_nat_add_route,
};
