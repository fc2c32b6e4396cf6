/* DOC: prefix delegation
 *
 * What a delegating router answers (DHCPv6, RFC 8415) goes to the chassis that
 * asked it.  Reads NB Logical_Router_Port.options:prefix_delegation. */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"
#include "northd/model/gateway.h"
#include "northd/model/prefixes.h"
#include "northd/model/router.h"

static void
run_prefix_delegation(const void *row)
{
    const struct router_net *net = row;
    const struct port *port = router_net_port(net);
    if (router_net_v4(net) || !prefixes_are_asked_at(port)) {
        return;
    }

    const struct router_port *rp = router_port_of(port);
    flow(dps_one(router_net_dp(net)), LR_IN_IP_INPUT, 100,
         fmt("inport == %s && ip6.dst == %s && udp.src == 547 && "
             "udp.dst == 546", router_port_name(rp).s,
             router_net_ip_text(net).s),
         text("reg0 = 0; handle_dhcpv6_reply;"),
         .hint = router_port_lrp(rp));
}
const struct inc_rule prefix_delegation = {
    .name = "prefix_delegation", .driver = &router_net_table,
    .run = run_prefix_delegation,
};
