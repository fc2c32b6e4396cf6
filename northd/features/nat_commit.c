/* DOC: committing all connections
 *
 * With options:ct-commit-all a router commits what it does not translate as
 * well, to each of its zones in which it translates something: so it knows
 * replies, and who filters can tell new connections from broken ones.  Reads
 * options of routers and NAT rules. */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"

static const struct static_flow commit_flows[] = {
    /* Neighbor discovery is not of connections. */
    STATIC_FLOW(DPC_ROUTER_COMMIT_SNAT, LR_IN_UNSNAT, 11,
                "nd || nd_rs || nd_ra", "next;"),
    STATIC_FLOW(DPC_ROUTER_COMMIT_SNAT, LR_IN_UNSNAT, 10, "ip", "ct_snat;"),
    /* Other zones will tell about themselves: the flag remembers. */
    STATIC_FLOW(DPC_ROUTER_COMMIT_SNAT, LR_IN_POST_UNSNAT, 10,
                "ip && ct.new", "flags.unsnat_new = 1; next;"),
    /* What was translated has been committed by that.  A stage after all
     * translation, whatever its priorities. */
    STATIC_FLOW(DPC_ROUTER_COMMIT_SNAT, LR_OUT_POST_SNAT, 10,
                "ip && flags.unsnat_new == 1 && !ct.snat",
                "ct_commit_to_zone(snat); next;"),

    STATIC_FLOW(DPC_ROUTER_COMMIT_DNAT, LR_IN_DNAT, 11,
                "nd || nd_rs || nd_ra", "next;"),
    STATIC_FLOW(DPC_ROUTER_COMMIT_DNAT, LR_IN_DNAT, 10,
                "ip && (!ct.trk || !ct.rpl)",
                "ct_commit_to_zone(dnat); next;"),
    STATIC_FLOW(DPC_ROUTER_COMMIT_DNAT, LR_OUT_UNDNAT, 11,
                "nd || nd_rs || nd_ra", "next;"),
    STATIC_FLOW(DPC_ROUTER_COMMIT_DNAT, LR_OUT_UNDNAT, 10,
                "ip && (!ct.trk || ct.rpl)", "ct_dnat;"),
};

static void
run_nat_commit(const void *row OVS_UNUSED)
{
    static_flows(commit_flows, ARRAY_SIZE(commit_flows));
}
const struct inc_rule nat_commit = {
    .name = "nat_commit", .run = run_nat_commit,
};
