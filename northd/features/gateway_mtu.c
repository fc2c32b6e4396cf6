/* DOC: gateway MTU
 *
 * Tells senders (RFC 1191, RFC 8201) when a packet is larger than
 * options:gateway_mtu of the gateway port by which it would leave or through
 * which it came.  How a packet that comes in is measured is part of admission
 * (gateway_mtu_check()). */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"
#include "northd/model/gateway.h"
#include "northd/model/port.h"
#include "northd/model/router.h"

/* The action that answers a packet which came in by 'in', from its address
 * 'net', with an error that names the MTU; the answer goes through the
 * router. */
static istr
error_action(const struct router_port *in, const struct router_net *net,
             uint32_t mtu)
{
    const char *mac = router_port_mac_text(in).s;
    const char *ip = router_net_ip_text(net).s;
    return (router_net_v4(net)
            ? fmt("icmp4_error { " REG_EGRESS_LOOPBACK " = 1; "
                  REG_PKT_LARGER " = 0; eth.dst = %s; ip4.dst = ip4.src; "
                  "ip4.src = %s; ip.ttl = 255; icmp4.type = 3; "
                  "icmp4.code = 4; icmp4.frag_mtu = %"PRIu32"; "
                  "next(pipeline=ingress, table=0); };", mac, ip, mtu)
            : fmt("icmp6_error { " REG_EGRESS_LOOPBACK " = 1; "
                  REG_PKT_LARGER " = 0; eth.dst = %s; ip6.dst = ip6.src; "
                  "ip6.src = %s; ip.ttl = 255; icmp6.type = 2; "
                  "icmp6.code = 0; icmp6.frag_mtu = %"PRIu32"; "
                  "next(pipeline=ingress, table=0); };", mac, ip, mtu));
}

/* The first address of a port in a family, link-local ones last. */
static const struct router_net *
first_net(const struct port *port, bool v4)
{
    const struct router_net *found = NULL;
    const struct router_net *net;

    INC_BUCKET_FOR_EACH (net, router_nets_of_port(port)) {
        if (router_net_v4(net) == v4
            && (!found || (router_net_lla(found) && !router_net_lla(net))
                || (router_net_lla(found) == router_net_lla(net)
                    && router_net_n(net) < router_net_n(found)))) {
            found = net;
        }
    }
    return found;
}

/* What comes in by 'in' and is too large: 'where' is the rest of the match. */
static void
error_flows(const struct router_port *in, enum stage stage, const char *where,
            uint32_t mtu, const struct nb_logical_router_port *hint)
{
    for (int v6 = 0; v6 < 2; v6++) {
        const struct router_net *net = first_net(router_port_port(in), !v6);
        if (net) {
            flow(dps_one(router_port_dp(in)), stage, 150,
                 fmt("inport == %s%s && %s && "REG_PKT_LARGER" && "
                     REG_EGRESS_LOOPBACK" == 0", router_port_name(in).s,
                     where, v6 ? "ip6" : "ip4"),
                 error_action(in, net, mtu), .hint = hint);
        }
    }
}

static void
check_option(const struct nb_logical_router_port *lrp, uint32_t mtu)
{
    const char *s = nb_logical_router_port_options_get(lrp, "gateway_mtu");
    if (s && !mtu && strcmp(s, "0")) {
        invalid(lrp, "options:gateway_mtu \"%s\" has no effect: a number of "
                "bytes up to 65521 on a distributed gateway port or a "
                "gateway router's port would have", s);
    }
}

static void
run_large_packets(const void *row)
{
    const struct router_port *out = row;
    const struct port *port = router_port_port(out);
    const struct nb_logical_router_port *lrp = router_port_lrp(out);
    const struct datapath *dp = router_port_dp(out);
    uint32_t mtu = gateway_mtu(port);

    check_option(lrp, mtu);
    if (!mtu) {
        return;
    }

    const char *bypass = gateway_mtu_bypass(port).s;
    istr is_out = fmt("outport == %s", router_port_name(out).s);
    flow(dps_one(dp), LR_IN_CHK_PKT_LEN, 50, is_out,
         fmt("%snext;", gateway_mtu_check(port).s), .hint = lrp);
    if (bypass[0]) {
        flow(dps_one(dp), LR_IN_CHK_PKT_LEN, 55,
             fmt("%s && (%s)", is_out.s, bypass), text("next;"), .hint = lrp);
    }

    istr where = fmt(" && %s", is_out.s);
    const struct router_port *in;
    INC_BUCKET_FOR_EACH (in, router_ports_of_dp(dp)) {
        if (in != out) {
            error_flows(in, LR_IN_LARGER_PKTS, where.s, mtu, lrp);
        }
    }
    error_flows(out, LR_IN_IP_INPUT, "", mtu, lrp);
}
const struct inc_rule large_packets = {
    .name = "large_packets", .driver = &router_port_table,
    .run = run_large_packets,
};
