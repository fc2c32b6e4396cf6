/* DOC: routing policies
 *
 * After a route is found, the router's policies may allow the packet, drop it
 * or send it to other next hops, of which a member is selected if there are
 * several.  Policies of a chain are asked only by "jump".  Next hops whose BFD
 * session is down are left out; a policy without any is skipped.
 *
 * Reads NB Logical_Router_Policy. */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"
#include "lib/text/addresses.h"
#include "northd/model/bfd.h"
#include "northd/model/datapath.h"
#include "northd/model/match.h"
#include "northd/model/onlink.h"
#include "northd/model/policy.h"
#include "northd/model/port.h"
#include "northd/model/route.h"
#include "northd/model/router.h"

#define MAX_HOPS 64

/* A policy's next hops that are alive, in registers. */
struct hops {
    istr actions[MAX_HOPS];
    size_t n;
};

/* "pkt.mark = N; " if the policy asks for it. */
static istr
mark_action(const struct nb_logical_router_policy *nb)
{
    const char *s = nb_logical_router_policy_options_get(nb, "pkt_mark");
    unsigned long long mark;

    if (!s) {
        return text("");
    }
    if (!str_to_ullong(s, 0, &mark) || mark > UINT32_MAX) {
        invalid(nb, "options:pkt_mark \"%s\" is not a number of 32 bits; "
                "packets are not marked", s);
        return text("");
    }
    return mark ? fmt("pkt.mark = %llu; ", mark) : text("");
}

static bool
is_dead(const struct nb_logical_router_policy *nb, const char *nexthop)
{
    const struct ovsdb_datum *sessions
        = nb_logical_router_policy_bfd_sessions(nb);

    for (size_t i = 0; i < db_n(sessions); i++) {
        const struct nb_bfd *session = nb_bfd_get(db_ref(sessions, i));
        if (session && !strcmp(nb_bfd_dst_ip(session), nexthop)
            && bfd_is_down(session)) {
            return true;
        }
    }
    return false;
}

/* The port by which the policy reaches 'ip', or NULL. */
static const struct port *
output_port(const struct nb_logical_router_policy *nb,
            const struct datapath *dp, const struct in6_addr *ip)
{
    const struct uuid *named = nb_logical_router_policy_output_port_uuid(nb);
    if (named) {
        const struct port *port = port_by_uuid(named);
        return port && port_dp(port) == dp ? port : NULL;
    }
    const struct router_net *net = net_onlink(dp, ip);
    return net ? router_net_port(net) : NULL;
}

static void
add_hop(const struct nb_logical_router_policy *nb, const struct datapath *dp,
        const char *s, struct hops *hops)
{
    struct ip_prefix ip;

    char *error = ip_prefix_parse(s, &ip);
    if (error) {
        invalid(nb, "nexthops: %s; it is left out", error);
        free(error);
        return;
    }
    const struct port *out = output_port(nb, dp, &ip.ip);
    const struct router_port *rp = out ? router_port_of(out) : NULL;
    istr src = rp ? port_source_address(out, &ip.ip) : (istr) { NULL };
    if (!src.s) {
        invalid(nb, "next hop \"%s\" cannot be reached from the router; it "
                "is left out", s);
        return;
    }
    if (is_dead(nb, s)) {
        return;
    }
    if (hops->n >= MAX_HOPS) {
        invalid(nb, "more than %d next hops; \"%s\" is left out", MAX_HOPS,
                s);
        return;
    }
    hops->actions[hops->n++] = next_hop_actions(&(struct next_hop) {
        .v4 = ip.is_v4, .ip_text = ip_text(&ip.ip), .src_text = src,
        .out = rp,
    });
}

/* Sessions that watch none of the next hops are of no use. */
static void
check_sessions(const struct nb_logical_router_policy *nb)
{
    const struct ovsdb_datum *nexthops
        = nb_logical_router_policy_nexthops(nb);
    const struct ovsdb_datum *sessions
        = nb_logical_router_policy_bfd_sessions(nb);
    const char *nexthop = nb_logical_router_policy_nexthop(nb);

    for (size_t i = 0; i < db_n(sessions); i++) {
        const struct nb_bfd *session = nb_bfd_get(db_ref(sessions, i));
        const char *dst = session ? nb_bfd_dst_ip(session) : NULL;
        if (dst && !db_set_contains(nexthops, dst)
            && !(nexthop && !strcmp(nexthop, dst))) {
            invalid(nb, "its BFD session with %s watches none of its next "
                    "hops", dst);
        }
    }
}

static void
find_hops(const struct nb_logical_router_policy *nb,
          const struct datapath *dp, struct hops *hops)
{
    const struct ovsdb_datum *nexthops
        = nb_logical_router_policy_nexthops(nb);
    const char *nexthop = nb_logical_router_policy_nexthop(nb);

    hops->n = 0;
    for (size_t i = 0; i < db_n(nexthops); i++) {
        add_hop(nb, dp, db_str(nexthops, i), hops);
    }
    if (!db_n(nexthops)) {
        if (nexthop && nexthop[0]) {
            add_hop(nb, dp, nexthop, hops);
        } else {
            invalid(nb, "action \"reroute\" needs next hops; the policy is "
                    "ignored");
        }
    }
}

/* The member is found again by the same match, as in features/routing.c. */
static void
reroute(const struct nb_logical_router_policy *nb, const struct datapath *dp,
        istr match, uint16_t priority)
{
    struct dps dps = dps_one(dp);
    istr mark = mark_action(nb);
    struct hops hops;

    check_sessions(nb);
    find_hops(nb, dp, &hops);
    if (!hops.n) {
        return;
    }
    if (hops.n == 1) {
        flow(dps, LR_IN_POLICY, priority, match,
             fmt("%s%s flags.loopback = 1; "REG_ECMP_GROUP" = 0; next;",
                 mark.s, hops.actions[0].s), .hint = nb);
        return;
    }

    struct ds members = DS_EMPTY_INITIALIZER;
    for (size_t i = 0; i < hops.n; i++) {
        ds_put_format(&members, "%s%"PRIuSIZE, i ? ", " : "", i + 1);
        flow(dps, LR_IN_POLICY_ECMP, priority,
             fmt(REG_ECMP_GROUP" == 1 && "REG_ECMP_MEMBER" == %"PRIuSIZE
                 " && (%s)", i + 1, match.s),
             fmt("%s flags.loopback = 1; next;", hops.actions[i].s),
             .hint = nb);
    }
    flow(dps, LR_IN_POLICY, priority, match,
         fmt("%s"REG_ECMP_GROUP" = 1; "REG_ECMP_MEMBER" = select(%s);",
             mark.s, ds_cstr(&members)), .hint = nb);
    ds_destroy(&members);
}

static void
jump(const struct policy *policy, istr match, uint16_t priority)
{
    const struct nb_logical_router_policy *nb = policy_nb(policy);
    const struct datapath *dp = policy_dp(policy);
    istr chain = policy_jump(policy);
    uint32_t id = istr_is_empty(chain) ? 0 : chain_number(dp, chain);

    if (!id) {
        invalid(nb, "jump_chain \"%s\" has no policy; the policy is ignored",
                chain.s);
        return;
    }
    if (chain_jump_is_circular(dp, policy_chain(policy), chain)) {
        invalid(nb, "its jump from chain \"%s\" to \"%s\" leads back to "
                "\"%s\": packets would go in circles; the policy is ignored",
                policy_chain(policy).s, chain.s, policy_chain(policy).s);
        return;
    }
    flow(dps_one(dp), LR_IN_POLICY, priority, match,
         fmt("%s"REG_POLICY_CHAIN" = %"PRIu32
             "; next(pipeline=ingress, table=%d);", mark_action(nb).s, id,
             stages[LR_IN_POLICY].table), .hint = nb);
}

static void
run_policies(const void *row)
{
    const struct policy *policy = row;
    const struct nb_logical_router_policy *nb = policy_nb(policy);
    const struct datapath *dp = policy_dp(policy);
    const char *action = nb_logical_router_policy_action(nb);
    int64_t priority = nb_logical_router_policy_priority(nb);
    istr chain = policy_chain(policy);
    istr match = text(nb_logical_router_policy_match(nb));
    if (!match_is_valid(nb, "match", match.s, "the policy is ignored")) {
        return;
    }

    /* Only where there are chains need the others be told apart. */
    if (!istr_is_empty(chain)) {
        match = fmt(REG_POLICY_CHAIN" == %"PRIu32" && (%s)",
                    chain_number(dp, chain), match.s);
    } else if (policy_chains_exist(dp)) {
        match = fmt(REG_POLICY_CHAIN" == 0 && (%s)", match.s);
    }

    if (!strcmp(action, "reroute")) {
        reroute(nb, dp, match, priority);
    } else if (!strcmp(action, "jump")) {
        jump(policy, match, priority);
    } else if (!strcmp(action, "drop")) {
        flow(dps_one(dp), LR_IN_POLICY, priority, match, text("drop;"),
             .hint = nb);
    } else {
        flow(dps_one(dp), LR_IN_POLICY, priority, match,
             fmt("%s"REG_ECMP_GROUP" = 0; next;", mark_action(nb).s),
             .hint = nb);
    }
}
const struct inc_rule policy_flows = {
    .name = "policy_flows", .driver = &policy_table, .run = run_policies,
};
