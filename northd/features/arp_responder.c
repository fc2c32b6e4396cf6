/* DOC: ARP and ND responder
 *
 * Answers ARP requests and neighbor solicitations for the addresses of a
 * switch's own ports, so that they need not be flooded.  What a localnet
 * brings in is answered only on the chassis that has the port.  Reads the
 * ports' IP addresses. */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"
#include "northd/model/address.h"
#include "northd/model/config.h"
#include "northd/model/datapath.h"
#include "northd/model/port.h"
#include "northd/model/switch.h"
#include "northd/out/sb.h"
#include "packets.h"

static bool
is_up(const struct port *port)
{
    struct uuid sb_uuid = port_sb_uuid(port);
    const struct sb_port_binding *pb = sb_port_binding_get(&sb_uuid);
    return pb && port_binding_is_up(pb);
}

static bool
answers_for(const struct port *port)
{
    const struct nb_logical_switch_port *lsp = port_lsp(port);
    const struct switch_facts *facts = switch_facts_of(port_dp(port));

    switch (port_kind(port)) {
    case PORT_VIF:
    case PORT_LOCALPORT:
    case PORT_ROUTER:
    case PORT_REMOTE:
        break;
    default:
        return false;
    }
    /* Disabled ports are answered for, too: what is sent to them ends at the
     * switch, and nobody is asked again and again. */
    if (port_has_trait(port, PORT_TRAIT_ANY_ADDRESS)
        || (facts && switch_facts_vlan_passthru(facts))
        || db_map_get_bool(nb_logical_switch_port_options(lsp),
                           "disable_arp_nd_rsp", false)) {
        return false;
    }
    return (config_ignore_lsp_down(the_config())
            || port_kinds[port_kind(port)].always_up
            || port_kind(port) == PORT_LOCALPORT    /* On each chassis. */
            || is_up(port));
}

/* Condition under which a request from a localnet is answered here. */
static istr
locality(const struct port *port)
{
    return (ports_with_trait_exist(port_dp(port), PORT_TRAIT_LOCALNET)
            ? fmt(" && (flags.localnet == 0 || is_chassis_resident(%s))",
                  port_quoted(port).s)
            : text(""));
}

static void
arp_flows(const struct port *port, struct in6_addr ip6, struct eth_addr mac)
{
    struct dps dps = dps_one(port_dp(port));
    ovs_be32 ip = in6_addr_get_mapped_ipv4(&ip6);
    istr name = port_quoted(port);

    flow(dps, LS_IN_ARP_RSP, 50,
         fmt("arp.tpa == "IP_FMT" && arp.op == 1%s", IP_ARGS(ip),
             locality(port).s),
         fmt("eth.dst = eth.src; eth.src = "ETH_ADDR_FMT"; "
             "arp.op = 2; arp.tha = arp.sha; arp.sha = "ETH_ADDR_FMT"; "
             "arp.tpa = arp.spa; arp.spa = "IP_FMT"; "
             "outport = inport; flags.loopback = 1; output;",
             ETH_ADDR_ARGS(mac), ETH_ADDR_ARGS(mac), IP_ARGS(ip)),
         .hint = port_lsp(port));
    /* The owner's own request finds duplicates of its address: it has to
     * travel. */
    flow(dps, LS_IN_ARP_RSP, 100,
         fmt("arp.tpa == "IP_FMT" && arp.op == 1 && inport == %s",
             IP_ARGS(ip), name.s),
         text("next;"), .hint = port_lsp(port), .io_port = port_name(port).s);
}

static void
nd_flows(const struct port *port, struct in6_addr ip, struct eth_addr mac)
{
    struct dps dps = dps_one(port_dp(port));
    istr name = port_quoted(port);
    struct in6_addr sn;
    char ip_s[INET6_ADDRSTRLEN], sn_s[INET6_ADDRSTRLEN];

    in6_addr_solicited_node(&sn, &ip);
    inet_ntop(AF_INET6, &ip, ip_s, sizeof ip_s);
    inet_ntop(AF_INET6, &sn, sn_s, sizeof sn_s);
    istr match = fmt("nd_ns_mcast && ip6.dst == %s && nd.target == %s",
                     sn_s, ip_s);
    flow(dps, LS_IN_ARP_RSP, 50, fmt("%s%s", match.s, locality(port).s),
         fmt("%s { eth.src = "ETH_ADDR_FMT"; ip6.src = %s; nd.target = %s; "
             "nd.tll = "ETH_ADDR_FMT"; outport = inport; "
             "flags.loopback = 1; output; };",
             port_kind(port) == PORT_ROUTER ? "nd_na_router" : "nd_na",
             ETH_ADDR_ARGS(mac), ip_s, ip_s, ETH_ADDR_ARGS(mac)),
         .hint = port_lsp(port));
    flow(dps, LS_IN_ARP_RSP, 100, fmt("%s && inport == %s", match.s,
                                      name.s),
         text("next;"), .hint = port_lsp(port), .io_port = port_name(port).s);
}

static void
run_arp_responder(const void *row)
{
    const struct port_ip *entry = row;
    const struct port *port = port_ip_port(entry);

    if (answers_for(port)) {
        struct in6_addr ip = port_ip_ip(entry);
        struct eth_addr mac = port_ip_mac(entry);
        if (IN6_IS_ADDR_V4MAPPED(&ip)) {
            arp_flows(port, ip, mac);
        } else {
            nd_flows(port, ip, mac);
        }
    }
}
const struct inc_rule arp_responder = {
    .name = "arp_responder", .driver = &port_ip_table,
    .run = run_arp_responder,
};
