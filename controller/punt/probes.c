/* DOC: probes of next hops
 *
 * Reads SB ECMP_Nexthop.  The chassis that has the router's port asks each
 * next hop by ARP or ND where it is; northd writes what it learns from the
 * answers to ECMP_Nexthop.mac (reference D35, F54, K125).
 *
 * Connections over a next hop that is gone are left to time out: Open vSwitch
 * 3.1 cannot flush connections by their label, where its address is. */
#include <config.h>
#include "controller/punt/announcements.h"

#include "controller/model/config.h"
#include "controller/punt/router_port.h"
#include "controller/rule.h"
#include "lib/text/addresses.h"

/* Seconds, 0: four times in all. */
static uint32_t
max_timeout(void)
{
    const char *s = node_option("arp-nd-max-timeout-sec");
    int seconds;
    return s && str_to_int(s, 10, &seconds) && seconds > 0 ? seconds : 0;
}

static void
run_probe_nexthops(const void *row)
{
    const struct sb_ecmp_nexthop *nexthop = row;
    const struct sb_port_binding *pb = sb_ecmp_nexthop_port(nexthop);
    const struct sb_datapath_binding *dp
        = pb ? sb_port_binding_datapath(pb) : NULL;
    struct ip_prefix target;
    struct announcement_v v = { .router = true };

    if (!dp || !router_port_is_here(pb)) {
        return;
    }
    char *error = ip_prefix_parse(sb_ecmp_nexthop_nexthop(nexthop), &target);
    if (!error && !router_port_source(pb, &target, &v.mac, &v.ip)) {
        error = xasprintf("port %s has no address of that family",
                          sb_port_binding_logical_port(pb));
    }
    if (error) {
        invalid(nexthop, "nexthop: %s", error);
        free(error);
        return;
    }
    v.target = target.ip;
    v.dp_key = sb_datapath_binding_tunnel_key(dp);
    v.port_key = sb_port_binding_tunnel_key(pb);
    v.max_timeout = max_timeout();
    emit_announcement(&v);
}
const struct inc_rule probe_nexthops = {
    .name = "probe_nexthops", .driver = &sb_ecmp_nexthop_table.inc,
    .run = run_probe_nexthops,
};
