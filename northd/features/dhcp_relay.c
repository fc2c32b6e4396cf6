/* DOC: DHCP relay
 *
 * A router port passes the requests of DHCPv4 clients to a server elsewhere,
 * as if they came from its own address, and the replies back (RFC 1542, 4).
 * The chassis fills in and takes out what the DHCP messages themselves say of
 * the relay.  A switch sends its clients' broadcasts to that port alone.
 *
 * Reads NB Logical_Router_Port.dhcp_relay and DHCP_Relay; other_config:
 * dhcp_relay_port of switches. */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"
#include "northd/model/datapath.h"
#include "northd/model/port.h"
#include "northd/model/router.h"
#include "packets.h"

#define IS_REQUEST "udp.src == 68 && udp.dst == 67"
#define IS_REPLY "udp.src == 67 && udp.dst == 67"

/* The address by which the server knows the network: the one that
 * options:dhcpv4_primary_ip says, by default the first.  NULL if there is
 * none. */
static const struct router_net *
relay_net(const struct router_port *rp)
{
    const struct port *port = router_port_port(rp);
    const char *primary = nb_logical_router_port_options_get(
        router_port_lrp(rp), "dhcpv4_primary_ip");
    const struct router_net *net;

    for (uint32_t n = 0; primary && primary[0]
         && (net = router_net_nth(port, true, n)); n++) {
        if (!strcmp(router_net_ip_text(net).s, primary)) {
            return net;
        }
    }
    return router_net_nth(port, true, 0);
}

/* The server that the port relays to, or "". */
static istr
relay_server(const struct router_port *rp)
{
    const struct nb_dhcp_relay *relay
        = nb_logical_router_port_dhcp_relay(router_port_lrp(rp));
    const char *servers = relay ? nb_dhcp_relay_servers(relay) : NULL;
    ovs_be32 ip;

    return (servers && ip_parse(servers, &ip) && ip && !ip_is_multicast(ip)
            && ip != OVS_BE32_MAX ? text(servers) : text(""));
}

/* Names what is wrong with a port that is to be a relay. */
static void
check_relay(const struct router_port *rp, const struct router_net *net,
            istr server)
{
    const struct nb_logical_router_port *lrp = router_port_lrp(rp);
    const char *primary = nb_logical_router_port_options_get(
        lrp, "dhcpv4_primary_ip");

    if (istr_is_empty(server)) {
        const struct nb_dhcp_relay *relay
            = nb_logical_router_port_dhcp_relay(lrp);
        const char *servers = relay ? nb_dhcp_relay_servers(relay) : NULL;
        invalid(lrp, "its dhcp_relay \"%s\" has \"%s\" as its server, which "
                "is not the IPv4 address of a host; nothing is relayed",
                relay ? nb_dhcp_relay_name(relay) : "",
                servers ? servers : "");
    } else if (!net) {
        invalid(lrp, "a port without an IPv4 network cannot be a DHCP relay; "
                "nothing is relayed");
    } else if (primary && primary[0]
               && strcmp(primary, router_net_ip_text(net).s)) {
        invalid(lrp, "options:dhcpv4_primary_ip \"%s\" is no address of the "
                "port; DHCP requests are relayed from %s", primary,
                router_net_ip_text(net).s);
    }
}

/* A client sends to all, or renews its lease with the relay, which it takes
 * for the server. */
static void
relay_requests(const struct router_port *rp, const char *relay,
               const char *server)
{
    struct dps dps = dps_one(router_port_dp(rp));
    istr name = router_port_name(rp);
    istr match = fmt("inport == %s && ip4.dst == {255.255.255.255, %s} && "
                     "!ip.is_frag && "IS_REQUEST, name.s, relay);

    flow(dps, LR_IN_IP_INPUT, 110, match,
         fmt(REG_DHCP_REQUEST" = dhcp_relay_req_chk(%s, %s); next;", relay,
             server), .hint = router_port_lrp(rp));
    flow(dps, LR_IN_DHCP_RELAY_REQ, 100,
         fmt("inport == %s && ip4 && udp && "REG_DHCP_REQUEST, name.s),
         fmt("ip4.src = %s; ip4.dst = %s; udp.src = 67; next;", relay,
             server), .hint = router_port_lrp(rp));
    flow(dps, LR_IN_DHCP_RELAY_REQ, 90, match, text("drop;"),
         .hint = router_port_lrp(rp));
}

/* The server answers the relay.  The route to the relay's own address has
 * found the output port; the check has found the client's address. */
static void
relay_replies(const struct router_port *rp, const char *relay,
              const char *server)
{
    struct dps dps = dps_one(router_port_dp(rp));
    istr name = router_port_name(rp);
    istr match = fmt("ip4.src == %s && ip4.dst == %s && !ip.is_frag && "
                     IS_REPLY, server, relay);

    flow(dps, LR_IN_IP_INPUT, 110, match, text("next;"),
         .hint = router_port_lrp(rp));
    flow(dps, LR_IN_DHCP_RELAY_RESP_CHK, 100, match,
         fmt("outport = %s; eth.src = %s; "REG_DHCP_REPLY
             " = dhcp_relay_resp_chk(%s, %s); next;", name.s,
             router_port_mac_text(rp).s, relay, server),
         .hint = router_port_lrp(rp));
    flow(dps, LR_IN_DHCP_RELAY_RESP, 100,
         fmt("outport == %s && ip4 && udp && "REG_DHCP_REPLY, name.s),
         fmt("ip4.src = %s; udp.dst = 68; flags.loopback = 1; output;",
             relay), .hint = router_port_lrp(rp));
    flow(dps, LR_IN_DHCP_RELAY_RESP, 90, match, text("drop;"),
         .hint = router_port_lrp(rp));
}

static void
run_dhcp_relay(const void *row)
{
    const struct router_port *rp = row;
    if (!nb_logical_router_port_dhcp_relay_uuid(router_port_lrp(rp))
        || !router_port_enabled(rp)) {
        return;
    }

    const struct router_net *net = relay_net(rp);
    istr server = relay_server(rp);
    check_relay(rp, net, server);
    if (net && !istr_is_empty(server)) {
        relay_requests(rp, router_net_ip_text(net).s, server.s);
        relay_replies(rp, router_net_ip_text(net).s, server.s);
    }
}
const struct inc_rule dhcp_relay = {
    .name = "dhcp_relay", .driver = &router_port_table,
    .run = run_dhcp_relay,
};

/* ---- Switches. ---- */

/* The router port that is plugged into 'lsp' of the switch 'dp' and relays, or
 * NULL. */
static const struct router_port *
switch_relay(const struct datapath *dp, const struct port *lsp)
{
    const struct port *peer
        = lsp && port_dp(lsp) == dp && port_kind(lsp) == PORT_ROUTER
          ? port_peer(lsp) : NULL;
    const struct router_port *rp
        = peer && port_lrp(peer) ? router_port_of(peer) : NULL;
    return (rp && router_port_enabled(rp) && relay_net(rp)
            && !istr_is_empty(relay_server(rp)) ? rp : NULL);
}

/* What comes from a physical network may come to every chassis: all of them
 * would relay it. */
static void
run_dhcp_relay_switch(const void *row)
{
    const struct datapath *dp = row;
    const struct nb_logical_switch *ls = datapath_ls(dp);
    const char *name
        = ls ? nb_logical_switch_other_config_get(ls, "dhcp_relay_port")
             : NULL;
    if (!name || !name[0]) {
        return;
    }

    const struct port *lsp = lsp_port_by_name(name);
    const struct router_port *rp = switch_relay(dp, lsp);
    if (!rp) {
        invalid(ls, "other_config:dhcp_relay_port \"%s\" is no port of this "
                "switch to a router port that relays DHCP; it is ignored",
                name);
        return;
    }

    istr match = text("ip4.dst == 255.255.255.255 && "IS_REQUEST);
    flow(dps_one(dp), LS_IN_L2_LKUP, 100, match,
         fmt("eth.dst = %s; outport = %s; output;",
             router_port_mac_text(rp).s, port_quoted(lsp).s), .hint = ls);
    const struct port *cr_port = cr_port_of_lsp(lsp);
    if (cr_port) {
        istr cr_name = port_quoted(cr_port);
        flow(dps_one(dp), LS_IN_L2_LKUP, 101,
             fmt("%s && !is_chassis_resident(%s)", match.s, cr_name.s),
             fmt("eth.dst = %s; outport = %s; output;",
                 router_port_mac_text(rp).s, cr_name.s), .hint = ls);
    }
    struct port_trait_key key = { dp, PORT_TRAIT_LOCALNET };
    const struct port *localnet;
    INC_BUCKET_FOR_EACH (localnet, inc_find(&ports_by_trait, &key,
                                            sizeof key)) {
        flow(dps_one(dp), LS_IN_L2_LKUP, 101,
             fmt("inport == %s && %s", port_quoted(localnet).s, match.s),
             text("outport = \"_MC_flood_l2\"; output;"), .hint = ls);
    }
}
const struct inc_rule dhcp_relay_switch = {
    .name = "dhcp_relay_switch", .driver = &datapath_table,
    .run = run_dhcp_relay_switch,
};
