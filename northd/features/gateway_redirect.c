/* DOC: gateway redirect
 *
 * Sends what leaves by a distributed gateway port to the chassis that has it.
 * With redirect-type=bridged it goes there over the physical network, to the
 * port's own Ethernet address. */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"
#include "northd/model/gateway.h"
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
