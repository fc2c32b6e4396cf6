/* DOC: destination lookup
 *
 * Broadcast and multicast go to the flood group, known MACs to their port,
 * others to where they were learned, else to the ports that take unknown
 * traffic.  Reads the ports' Ethernet addresses. */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"
#include "northd/model/address.h"
#include "northd/model/port.h"
#include "northd/model/residence.h"
#include "northd/model/router.h"
#include "packets.h"

static const struct static_flow lookup_flows[] = {
    STATIC_FLOW(DPC_SWITCH, LS_IN_L2_LKUP, 70,
                "eth.mcast", "outport = \"_MC_flood\"; output;"),
    STATIC_FLOW(DPC_SWITCH_UNKNOWN, LS_IN_L2_UNKNOWN, 50,
                "outport == \"none\"", "outport = \"_MC_unknown\"; output;"),
    STATIC_FLOW(DPC_SWITCH_NO_UNKNOWN, LS_IN_L2_UNKNOWN, 50,
                "outport == \"none\"", "drop;"),
};

static void
run_l2_static(const void *row OVS_UNUSED)
{
    static_flows(lookup_flows, ARRAY_SIZE(lookup_flows));
}
const struct inc_rule l2_static = { .name = "l2_static",
                                    .run = run_l2_static };

/* With force_fdb_lookup the address of a port that takes unknown traffic is
 * found by learning only: it may move. */
static bool
left_to_learning(const struct port *port)
{
    const struct nb_logical_switch_port *lsp = port_lsp(port);
    return (port_kind(port) == PORT_VIF
            && port_has_trait(port, PORT_TRAIT_UNKNOWN)
            && db_map_get_bool(nb_logical_switch_port_options(lsp),
                               "force_fdb_lookup", false));
}

/* A router port that is on one chassis is reached through the physical network
 * from the others, or by tunnel. */
static istr
residence(const struct port *port)
{
    const struct port *peer = port_peer(port);
    return peer && port_lrp(peer) ? port_reached_there(peer) : text("");
}

static void
tunnel_to_router(const struct port *port, const struct dps dps,
                 struct eth_addr mac)
{
    const struct port *cr_port = cr_port_of_lsp(port);
    if (cr_port && port_enabled(port)) {
        istr cr_name = port_quoted(cr_port);
        flow(dps, LS_IN_L2_LKUP, 50,
             fmt("eth.dst == "ETH_ADDR_FMT" && !is_chassis_resident(%s)",
                 ETH_ADDR_ARGS(mac), cr_name.s),
             fmt("outport = %s; output;", cr_name.s), .hint = port_lsp(port));
    }
}

static void
run_l2_lookup(const void *row)
{
    const struct port_mac *entry = row;
    const struct port *port = port_mac_port(entry);
    if (left_to_learning(port)) {
        return;
    }

    struct eth_addr mac = port_mac_mac(entry);
    istr name = port_quoted(port);
    struct dps dps = dps_one(port_mac_dp(entry));
    tunnel_to_router(port, dps, mac);
    flow(dps, LS_IN_L2_LKUP, 50,
         fmt("eth.dst == "ETH_ADDR_FMT"%s", ETH_ADDR_ARGS(mac),
             residence(port).s),
         port_enabled(port) ? fmt("outport = %s; output;", name.s)
                            : text("drop;"),
         .hint = port_lsp(port));
}
const struct inc_rule l2_lookup = {
    .name = "l2_lookup", .driver = &port_mac_table, .run = run_l2_lookup,
};
