/* DOC: external addresses
 *
 * Who asks for an external address of a router is answered: at a distributed
 * gateway port by the chassis that translates, with the Ethernet address that
 * the address is at.  Switches send such requests to the router, and what is
 * for a floating IP's own Ethernet address; routers take that.  Reads NAT
 * rules. */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"
#include "northd/model/gateway.h"
#include "northd/model/nat.h"
#include "northd/model/port.h"
#include "northd/model/router.h"
#include "northd/model/switch.h"
#include "packets.h"

/* "arp.op == 1 && arp.tpa == IP" or the same of ND. */
static istr
request_match(const struct nat *nat)
{
    const char *ip_text = nat_ext_text(nat).s;
    if (nat_v4(nat)) {
        return fmt("arp.op == 1 && arp.tpa == %s", ip_text);
    }

    struct in6_addr ip = nat_ext_ip(nat), sn;
    char sn_text[INET6_ADDRSTRLEN];
    in6_addr_solicited_node(&sn, &ip);
    inet_ntop(AF_INET6, &sn, sn_text, sizeof sn_text);
    return fmt("ip6.dst == {%s, %s} && nd_ns && nd.target == %s",
               ip_text, sn_text, ip_text);
}

/* Answers with 'mac', an address or a register. */
static istr
reply_action(const struct nat *nat, const char *mac)
{
    return (nat_v4(nat)
            ? fmt("eth.dst = eth.src; eth.src = %s; arp.op = 2; "
                  "arp.tha = arp.sha; arp.sha = %s; arp.tpa <-> arp.spa; "
                  "outport = inport; flags.loopback = 1; output;", mac, mac)
            : fmt("nd_na { eth.src = %s; ip6.src = nd.target; nd.tll = %s; "
                  "outport = inport; flags.loopback = 1; output; };",
                  mac, mac));
}

/* Several rules may share an external address, so these flows are nobody's. */
static void
replies(const struct nat *nat)
{
    struct dps dps = dps_one(nat_dp(nat));
    istr match = request_match(nat);

    flow(dps, LR_IN_IP_INPUT, 90, match, reply_action(nat, REG_INPORT_ETH));
    if (nat_gw(nat)) {
        istr at_gw = fmt("inport == %s && %s", nat_gw_name(nat).s, match.s);
        flow(dps, LR_IN_IP_INPUT, 92,
             fmt("%s%s", at_gw.s, nat_resident(nat).s),
             reply_action(nat, nat_distributed(nat) ? nat_ext_mac(nat).s
                          : REG_INPORT_ETH));
        flow(dps, LR_IN_IP_INPUT, 91, at_gw, text("drop;"));
    }
}

/* The router itself knows where its external addresses are. */
static void
resolution(const struct nat *nat)
{
    const struct router_port *rp = router_port_of(nat_gw(nat));
    const char *name = nat_gw_name(nat).s;
    const char *ip = nat_ext_text(nat).s;
    struct dps dps = dps_one(nat_dp(nat));

    flow(dps, LR_IN_ARP_RESOLVE, 100,
         nat_v4(nat)
         ? fmt("outport == %s && "REG_NEXT_HOP4" == %s && "
               REG_NEXT_HOP_IS_V4" == 1", name, ip)
         : fmt("outport == %s && "REG_NEXT_HOP6" == %s && "
               REG_NEXT_HOP_IS_V4" == 0", name, ip),
         fmt("eth.dst = %s; next;",
             nat_distributed(nat) ? nat_ext_mac(nat).s
             : router_port_mac_text(rp).s));
    /* What came for it and was not translated would go in circles. */
    flow(dps, LR_IN_ARP_RESOLVE, 150,
         fmt("inport == %s && outport == %s && ip%s.dst == %s", name, name,
             nat_v4(nat) ? "4" : "6", ip), text("drop;"));
}

/* A packet for the floating IP that is larger than the gateway's MTU; see
 * gateway_mtu.c. */
static void
too_large(const struct nat *nat, uint32_t mtu)
{
    const char *v = nat_v4(nat) ? "4" : "6";
    istr mtu_code = (nat_v4(nat)
                     ? fmt("icmp4.type = 3; icmp4.code = 4; "
                           "icmp4.frag_mtu = %"PRIu32";", mtu)
                     : fmt("icmp6.type = 2; icmp6.code = 0; "
                           "icmp6.frag_mtu = %"PRIu32";", mtu));
    flow(dps_one(nat_dp(nat)), LR_IN_IP_INPUT, 160,
         fmt("inport == %s && ip%s && ip%s.dst == %s && "REG_PKT_LARGER" && "
             REG_EGRESS_LOOPBACK" == 0", nat_gw_name(nat).s, v, v,
             nat_ext_text(nat).s),
         fmt("icmp%s_error { "REG_EGRESS_LOOPBACK" = 1; "
             REG_PKT_LARGER" = 0; eth.dst = eth.src; eth.src = %s; "
             "ip%s.dst = ip%s.src; ip%s.src = %s; ip.ttl = 254; %s "
             "outport = %s; flags.loopback = 1; output; };", v,
             nat_ext_mac(nat).s, v, v, v, nat_ext_text(nat).s, mtu_code.s,
             nat_gw_name(nat).s), .hint = nat_nb(nat));
}

/* A floating IP with an Ethernet address of its own. */
static void
own_mac(const struct nat *nat)
{
    const struct port *gw = nat_gw(nat);
    const struct router_port *rp = router_port_of(gw);
    uint32_t mtu = gateway_mtu(gw);
    istr taken = fmt("eth.dst == %s && inport == %s%s", nat_ext_mac(nat).s,
                     nat_gw_name(nat).s, nat_resident(nat).s);
    const char *bypass = gateway_mtu_bypass(gw).s;
    istr rest = fmt(REG_INPORT_ETH" = %s; next;",
                    router_port_mac_text(rp).s);

    flow(dps_one(nat_dp(nat)), LR_IN_ADMISSION, 50, taken,
         fmt("%s%s", gateway_mtu_check(gw).s, rest.s), .hint = nat_nb(nat));
    if (bypass[0]) {
        flow(dps_one(nat_dp(nat)), LR_IN_ADMISSION, 55,
             fmt("%s && (%s)", taken.s, bypass), rest, .hint = nat_nb(nat));
    }
    if (mtu) {
        too_large(nat, mtu);
    }
}

/* ---- The switch that the router is plugged into. ---- */

static istr
flood_by(istr router)
{
    return fmt("clone { outport = %s; output; }; "
               "outport = \"_MC_flood_l2\"; output;", router.s);
}

/* What asks for an address that is in no network of the router port finds it
 * like any unknown one, unless these do not reach routers. */
static bool
needs_help(const struct router_port *rp, const struct port *lsp,
           const struct in6_addr *ip)
{
    const struct switch_facts *facts = switch_facts_of(port_dp(lsp));
    return (router_net_of_neighbor(router_port_port(rp), ip)
            || (facts && switch_facts_no_router_arp(facts)));
}

static void
switch_request(const struct nat *nat, const struct router_port *rp)
{
    const struct port *lsp = router_port_peer(rp);
    struct in6_addr ip = nat_ext_ip(nat);

    if (!lsp || port_kind(lsp) != PORT_ROUTER || !needs_help(rp, lsp, &ip)
        || router_ip_owner(nat_dp(nat), &ip)) {
        return;
    }
    istr match = fmt(NOT_FROM_RAMP" && %s == %s",
                     nat_v4(nat) ? "arp.op == 1 && arp.tpa"
                     : "nd_ns && nd.target", nat_ext_text(nat).s);
    flow(dps_one(port_dp(lsp)), LS_IN_L2_LKUP, 80, match,
         flood_by(port_quoted(lsp)));
    /* Others answer for it where a tunnel leads to the gateway. */
    const struct port *cr_port = cr_port_of_lsp(lsp);
    if (cr_port && !nat_distributed(nat)) {
        istr cr_name = port_quoted(cr_port);
        flow(dps_one(port_dp(lsp)), LS_IN_L2_LKUP, 81,
             fmt("%s && !is_chassis_resident(%s)", match.s, cr_name.s),
             flood_by(cr_name));
    }
}

static void
switch_mac(const struct nat *nat)
{
    const struct port *lsp = port_peer(nat_gw(nat));
    if (!lsp || port_kind(lsp) != PORT_ROUTER) {
        return;
    }

    const char *mac = nat_ext_mac(nat).s;
    flow(dps_one(port_dp(lsp)), LS_IN_L2_LKUP, 50,
         fmt("eth.dst == %s%s", mac, nat_resident(nat).s),
         fmt("outport = %s; output;", port_quoted(lsp).s),
         .hint = nat_nb(nat));
    flow(dps_one(port_dp(lsp)), LS_IN_L2_LKUP, 75,
         fmt("eth.src == %s && (arp.op == 1 || rarp.op == 3 || nd_ns)", mac),
         text("outport = \"_MC_flood_l2\"; output;"));
}

static void
run_nat_neighbors(const void *row)
{
    const struct nat *nat = row;
    const struct router_port *rp;

    replies(nat);
    INC_BUCKET_FOR_EACH (rp, router_ports_of_dp(nat_dp(nat))) {
        switch_request(nat, rp);
    }
    if (!nat_gw(nat) || !router_port_of(nat_gw(nat))) {
        return;
    }
    resolution(nat);
    if (nat_distributed(nat)) {
        own_mac(nat);
        switch_mac(nat);
    }
}
const struct inc_rule nat_neighbors = {
    .name = "nat_neighbors", .driver = &nat_table, .run = run_nat_neighbors,
};

/* What is for a router's own address, which translation shares, and was not
 * translated ends here. */
static void
run_nat_own_ips(const void *row)
{
    const struct router_net *net = row;
    struct in6_addr ip = router_net_ip(net);

    if (nat_has_ip(router_net_dp(net), &ip)) {
        flow(dps_one(router_net_dp(net)), LR_IN_ARP_RESOLVE, 2,
             fmt("ip%s.dst == %s", router_net_v4(net) ? "4" : "6",
                 router_net_ip_text(net).s), text("drop;"));
    }
}
const struct inc_rule nat_own_ips = {
    .name = "nat_own_ips", .driver = &router_net_table,
    .run = run_nat_own_ips,
};
