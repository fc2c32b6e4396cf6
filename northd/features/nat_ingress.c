/* DOC: destination translation
 *
 * On the way into a router: undoes source translation for replies, translates
 * destinations of new connections.  A gateway router does both for any input
 * port, a distributed router at its gateway port only, on the chassis that
 * translates.  Reads NAT rules. */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"
#include "northd/model/config.h"
#include "northd/model/nat.h"

/* Where rules with a match begin; they go before all others. */
#define MATCH_PRIORITY 300

/* Where a floating IP has an Ethernet address of its own, no other chassis
 * gets here (nat_neighbors.c). */
static istr
unsnat_match(const struct nat *nat)
{
    const char *v = nat_v4(nat) ? "4" : "6";
    return (nat_gw(nat)
            ? fmt("ip && ip%s.dst == %s && inport == %s%s", v,
                  nat_ext_text(nat).s, nat_gw_name(nat).s,
                  nat_distributed(nat) ? "" : nat_resident(nat).s)
            : fmt("ip && ip%s.dst == %s", v, nat_ext_text(nat).s));
}

/* Several rules may share an external address, so the flow is nobody's. */
static void
unsnat(const struct nat *nat)
{
    struct dps dps = dps_one(nat_dp(nat));
    istr match = unsnat_match(nat);
    if (!nat_translates_source(nat)) {
        return;
    }

    if (nat_uses_common_zone(nat)) {
        /* nat_egress.c says why. */
        flow(dps, LR_IN_UNSNAT, 100,
             fmt("%s && flags.loopback == 0", match.s),
             text("ct_snat_in_czone;"));
        flow(dps, LR_IN_UNSNAT, 100,
             fmt("%s && flags.loopback == 1 && flags.use_snat_zone == 1",
                 match.s), text("ct_snat;"));
    } else {
        flow(dps, LR_IN_UNSNAT, nat_gw(nat) ? 100 : 90, match,
             text(nat_stateless(nat) ? "next;" : "ct_snat;"));
    }
}

/* What another chassis has translated may come in again from outside, for a
 * floating IP that is here.  Its source may be the router's own address, which
 * nobody else should have. */
static void
own_source(const struct nat *nat)
{
    if (nat_gw(nat) && nat_translates_source(nat)) {
        flow(dps_one(nat_dp(nat)), LR_IN_IP_INPUT, 120,
             fmt("inport == %s && ip%s.src == %s", nat_gw_name(nat).s,
                 nat_v4(nat) ? "4" : "6", nat_ext_text(nat).s),
             text("next;"));
    }
}

static istr
dnat_action(const struct nat *nat)
{
    /* A gateway router may have to send the packet back out of its input
     * port. */
    istr first = fmt("%s%s",
                     !nat_gw(nat) && force_snat_exists(nat_dp(nat),
                                                       FORCE_SNAT_DNAT)
                     ? "flags.force_snat_for_dnat = 1; " : "",
                     nat_gw(nat) ? "" : "flags.loopback = 1; ");
    return (nat_stateless(nat)
            ? fmt("%sip%s.dst = %s; next;", first.s,
                  nat_v4(nat) ? "4" : "6", nat_log_text(nat).s)
            : fmt("%sct_dnat%s(%s%s);", first.s,
                  nat_uses_common_zone(nat) ? "_in_czone" : "",
                  nat_log_text(nat).s, nat_ports(nat).s));
}

/* Without connection tracking, who translates an ICMP error has to translate
 * the packet in it, too, for its sender to know its own.  It has come from the
 * logical address. */
static void
translate_error(const struct nat *nat, istr match, uint16_t priority)
{
    if (nat_stateless(nat) && nat_v4(nat)
        && db_map_get_bool(nb_nat_options(nat_nb(nat)),
                           "stateless_icmp_helper", true)
        && chassis_all_know("icmp4-inner-src")) {
        flow(dps_one(nat_dp(nat)), LR_IN_DNAT, priority,
             fmt("%s && icmp4.type == {3, 11, 12}", match.s),
             fmt("icmp4.inner_ip4.src = %s; %s", nat_log_text(nat).s,
                 dnat_action(nat).s), .hint = nat_nb(nat));
    }
}

static void
dnat(const struct nat *nat)
{
    const char *v = nat_v4(nat) ? "4" : "6";
    struct dps dps = dps_one(nat_dp(nat));
    istr match = fmt("%s%s", unsnat_match(nat).s, nat_match(nat).s);
    uint16_t priority = (istr_is_empty(nat_match(nat)) ? 100
                         : MATCH_PRIORITY + nat_priority(nat));

    if (!istr_is_empty(nat_allowed(nat))) {
        match = fmt("%s && ip%s.src == %s", match.s, v, nat_allowed(nat).s);
    } else if (!istr_is_empty(nat_exempted(nat))) {
        flow(dps, LR_IN_DNAT, priority + 2,
             fmt("%s && ip%s.src == %s", match.s, v, nat_exempted(nat).s),
             text("next;"), .hint = nat_nb(nat));
    }
    flow(dps, LR_IN_DNAT, priority, match, dnat_action(nat),
         .hint = nat_nb(nat));
    translate_error(nat, match, priority + 1);
}

static void
run_nat_ingress(const void *row)
{
    const struct nat *nat = row;

    own_source(nat);
    unsnat(nat);
    if (nat_translates_destination(nat)) {
        dnat(nat);
    }
}
const struct inc_rule nat_ingress = {
    .name = "nat_ingress", .driver = &nat_table, .run = run_nat_ingress,
};
