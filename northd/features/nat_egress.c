/* DOC: source translation
 *
 * On the way out of a router: undoes destination translation for replies,
 * translates sources of new connections, and sends what is for one of the
 * router's own external addresses back through its ingress pipeline.  A
 * gateway router does so for any output port, a distributed router at its
 * gateway port only, on the chassis that translates.
 *
 * With NB_Global.options:use_common_zone distributed routers do both
 * translations in one zone, which some hardware needs.  A packet that gets
 * both on one chassis, from one floating IP to another, cannot: its source is
 * translated in the other zone.  A bit says so before it is, and a flag when
 * it comes in again.  Reads NAT rules. */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"
#include "northd/model/nat.h"
#include "northd/model/port.h"

/* Where rules with a match begin; they go before all others. */
#define MATCH_PRIORITY 300
/* What distributed routers add to the priority of a rule. */
#define DISTRIBUTED_PRIORITY 128

static const struct static_flow nat_flows[] = {
    /* Neighbor discovery must not depend on connections. */
    STATIC_FLOW(DPC_ROUTER_NAT, LR_OUT_SNAT, 120, "nd_ns", "next;"),
    STATIC_FLOW(DPC_GW_ROUTER_NAT, LR_OUT_UNDNAT, 100,
                "nd || nd_rs || nd_ra", "next;"),
    STATIC_FLOW(DPC_GW_ROUTER_NAT, LR_OUT_UNDNAT, 50,
                "ip", "flags.loopback = 1; ct_dnat;"),
    STATIC_FLOW(DPC_GW_ROUTER_NAT, LR_OUT_POST_UNDNAT, 50,
                "ip && ct.new", "ct_commit { }; next;"),
};

static void
run_nat_static(const void *row OVS_UNUSED)
{
    static_flows(nat_flows, ARRAY_SIZE(nat_flows));
}
const struct inc_rule nat_static = {
    .name = "nat_static", .run = run_nat_static,
};

/* "eth.src = MAC; " for floating IPs with an address of their own: the
 * physical network is to learn where they are. */
static istr
source_mac(const struct nat *nat)
{
    return (nat_distributed(nat)
            ? fmt("eth.src = %s; ", nat_ext_mac(nat).s) : text(""));
}

/* "ip && ip4.src == LOGICAL[ && outport == GW && residency]" */
static istr
source_match(const struct nat *nat)
{
    const char *v = nat_v4(nat) ? "4" : "6";
    return (nat_gw(nat)
            ? fmt("ip && ip%s.src == %s && outport == %s%s", v,
                  nat_log_text(nat).s, nat_gw_name(nat).s,
                  nat_resident(nat).s)
            : fmt("ip && ip%s.src == %s", v, nat_log_text(nat).s));
}

/* Gateway routers do it for all packets: see above. */
static void
undnat(const struct nat *nat)
{
    if (nat_gw(nat) && nat_translates_destination(nat)) {
        flow(dps_one(nat_dp(nat)), LR_OUT_UNDNAT, 100, source_match(nat),
             fmt("%s%s", source_mac(nat).s,
                 nat_stateless(nat) ? "next;"
                 : nat_uses_common_zone(nat) ? "ct_dnat_in_czone;"
                 : "ct_dnat;"),
             .hint = nat_nb(nat));
    }
}

static uint16_t
snat_priority(const struct nat *nat)
{
    if (!istr_is_empty(nat_match(nat))) {
        return MATCH_PRIORITY + nat_priority(nat);
    }
    return (nat_plen(nat) + 1
            + (nat_gw(nat) ? DISTRIBUTED_PRIORITY : 0));
}

static void
snat(const struct nat *nat)
{
    const char *v = nat_v4(nat) ? "4" : "6";
    struct dps dps = dps_one(nat_dp(nat));
    istr match = fmt("%s%s", source_match(nat).s, nat_match(nat).s);
    uint16_t priority = snat_priority(nat);

    if (!istr_is_empty(nat_allowed(nat))) {
        match = fmt("%s && ip%s.dst == %s", match.s, v, nat_allowed(nat).s);
    } else if (!istr_is_empty(nat_exempted(nat))) {
        flow(dps, LR_OUT_SNAT, priority + 2,
             fmt("%s && ip%s.dst == %s", match.s, v, nat_exempted(nat).s),
             text("next;"), .hint = nat_nb(nat));
    }
    if (nat_stateless(nat)) {
        flow(dps, LR_OUT_SNAT, priority, match,
             fmt("%sip%s.src = %s; next;", source_mac(nat).s, v,
                 nat_ext_text(nat).s), .hint = nat_nb(nat));
        return;
    }

    /* A reply has the source that it must have. */
    bool common = nat_uses_common_zone(nat);
    istr args = fmt("(%s%s);", nat_ext_text(nat).s, nat_ports(nat).s);
    match = fmt("%s && (!ct.trk || !ct.rpl)", match.s);
    flow(dps, LR_OUT_SNAT, priority,
         common ? fmt("%s && "REG_DST_NAT_LOCAL" == 0", match.s) : match,
         fmt("%sct_snat%s%s", source_mac(nat).s, common ? "_in_czone" : "",
             args.s), .hint = nat_nb(nat));
    if (common) {
        flow(dps, LR_OUT_SNAT, priority,
             fmt("%s && "REG_DST_NAT_LOCAL" == 1", match.s),
             fmt("%sct_snat%s", source_mac(nat).s, args.s),
             .hint = nat_nb(nat));
    }
}

/* What is for an external address of the router itself goes through the
 * router once more, as if it came from outside, to have its destination
 * translated.  Several rules may share the address: the flow is nobody's. */
static void
egress_loopback(const struct nat *nat)
{
    bool common = nat_uses_common_zone(nat);

    if (common) {
        flow(dps_one(nat_dp(nat)), LR_OUT_CHK_DNAT_LOCAL, 50,
             fmt("ip%s.dst == %s%s", nat_v4(nat) ? "4" : "6",
                 nat_ext_text(nat).s, nat_resident(nat).s),
             text(REG_DST_NAT_LOCAL" = 1; next;"));
    }
    if (nat_gw(nat)) {
        flow(dps_one(nat_dp(nat)), LR_OUT_EGR_LOOP, 100,
             fmt("ip%s.dst == %s && outport == %s%s",
                 nat_v4(nat) ? "4" : "6", nat_ext_text(nat).s,
                 nat_gw_name(nat).s, nat_resident(nat).s),
             fmt("clone { ct_clear; inport = outport; outport = \"\"; "
                 "eth.dst <-> eth.src; flags = 0; flags.loopback = 1; %s"
                 "reg0 = 0; reg1 = 0; reg2 = 0; reg3 = 0; reg4 = 0; "
                 "reg5 = 0; reg6 = 0; reg7 = 0; reg8 = 0; reg9 = 0; "
                 REG_EGRESS_LOOPBACK" = 1; "
                 "next(pipeline=ingress, table=0); };",
                 common ? "flags.use_snat_zone = "REG_DST_NAT_LOCAL"; " : ""));
    }
}

static void
run_nat_egress(const void *row)
{
    const struct nat *nat = row;
    undnat(nat);
    if (nat_translates_source(nat)) {
        snat(nat);
    }
    egress_loopback(nat);
}
const struct inc_rule nat_egress = {
    .name = "nat_egress", .driver = &nat_table, .run = run_nat_egress,
};
