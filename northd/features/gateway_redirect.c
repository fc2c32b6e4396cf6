/* DOC: gateway redirect
 *
 * Sends what leaves by a distributed gateway port to the chassis that has it.
 * With redirect-type=bridged it goes there over the physical network, to the
 * port's own Ethernet address.  What a floating IP is translated for where its
 * logical port is, leaves from there.  Reads gateway ports and NAT rules. */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"
#include "northd/model/gateway.h"
#include "northd/model/nat.h"
#include "northd/model/port.h"
#include "northd/model/router.h"

static void
run_gateway_redirect(const void *row)
{
    const struct gateway *gateway = row;
    const struct port *port = gateway_port(gateway);
    const struct router_port *rp = router_port_of(port);
    if (!rp) {
        return;
    }

    struct dps dps = dps_one(gateway_dp(gateway));
    const char *name = router_port_name(rp).s;
    const char *cr_name = gateway_cr_name(gateway).s;
    flow(dps, LR_IN_GW_REDIRECT, 50, fmt("outport == %s", name),
         fmt("outport = %s; next;", cr_name), .hint = port_lrp(port));
    if (gateway_bridged(gateway)) {
        flow(dps, LR_IN_ARP_RESOLVE, 50,
             fmt("outport == %s && !is_chassis_resident(%s)", name, cr_name),
             fmt("eth.dst = %s; next;", router_port_mac_text(rp).s),
             .hint = port_lrp(port));
    }
}
const struct inc_rule gateway_redirect = {
    .name = "gateway_redirect", .driver = &gateway_table,
    .run = run_gateway_redirect,
};

/* A virtual port that no chassis has claimed is nowhere. */
static bool
is_unclaimed(const struct port *lport)
{
    if (!lport || port_kind(lport) != PORT_VIRTUAL) {
        return false;
    }
    struct uuid sb_uuid = port_sb_uuid(lport);
    const struct sb_port_binding *pb = sb_port_binding_get(&sb_uuid);
    return !pb || !sb_port_binding_chassis_uuid(pb);
}

static void
run_nat_redirect(const void *row)
{
    const struct nat *nat = row;
    if (!nat_distributed(nat)) {
        return;
    }

    const struct gateway *gateway = gateway_of(nat_gw(nat));
    const char *v = nat_v4(nat) ? "4" : "6";
    struct dps dps = dps_one(nat_dp(nat));
    istr match = fmt("ip%s.src == %s && outport == %s", v,
                     nat_log_text(nat).s, nat_gw_name(nat).s);
    istr here = fmt("%s%s", match.s, nat_resident(nat).s);
    if (!istr_is_empty(nat_allowed(nat))) {
        here = fmt("%s && ip%s.dst == %s", here.s, v, nat_allowed(nat).s);
    } else if (!istr_is_empty(nat_exempted(nat))) {
        flow(dps, LR_IN_GW_REDIRECT, 101,
             fmt("%s && ip%s.dst == %s", here.s, v, nat_exempted(nat).s),
             fmt("outport = %s; next;", gateway_cr_name(gateway).s),
             .hint = nat_nb(nat));
    }
    flow(dps, LR_IN_GW_REDIRECT, 100, here,
         fmt("eth.src = %s; %s = %s; next;", nat_ext_mac(nat).s,
             nat_v4(nat) ? REG_SRC4 : REG_SRC6, nat_ext_text(nat).s),
         .hint = nat_nb(nat));
    if (is_unclaimed(nat_lport(nat))) {
        flow(dps, LR_IN_GW_REDIRECT, 80, match, text("drop;"),
             .hint = nat_nb(nat));
    }
    if (gateway_bridged(gateway)) {
        /* It is not for the gateway's Ethernet address: see above. */
        istr sender = fmt("outport == %s && ip%s.src == %s%s",
                          nat_gw_name(nat).s, v, nat_log_text(nat).s,
                          nat_resident(nat).s);
        flow(dps, LR_IN_ARP_RESOLVE, 90,
             fmt("%s && "REG_NEXT_HOP_IS_V4" == 1", sender.s),
             text("get_arp(outport, "REG_NEXT_HOP4"); next;"),
             .hint = nat_nb(nat));
        flow(dps, LR_IN_ARP_RESOLVE, 90,
             fmt("%s && "REG_NEXT_HOP_IS_V4" == 0", sender.s),
             text("get_nd(outport, "REG_NEXT_HOP6"); next;"),
             .hint = nat_nb(nat));
    }
}
const struct inc_rule nat_redirect = {
    .name = "nat_redirect", .driver = &nat_table, .run = run_nat_redirect,
};
