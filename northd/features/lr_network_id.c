/* DOC: networks of next hops
 *
 * With options:lb_force_snat_ip=router_ip load balanced packets get the
 * address of the port by which they leave, the one in the network of the next
 * hop if the port has several.  flags.network_id says which.  Reads routers
 * and networks of their ports. */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"
#include "northd/model/router.h"

/* flags.network_id has 4 bits. */
#define MAX_NETWORK_ID 15

static void
run_lr_network_id(const void *row)
{
    const struct router_net *net = row;
    const struct router *router = router_of(router_net_dp(net));
    uint32_t n = router_net_n(net);
    const char *s = (router ? nb_logical_router_options_get(
                                  router_lr(router), "lb_force_snat_ip")
                     : NULL);
    if (!s || strcmp(s, "router_ip") || !n || n > MAX_NETWORK_ID) {
        return;
    }

    const struct router_port *rp = router_port_of(router_net_port(net));
    bool v4 = router_net_v4(net);
    flow(dps_one(router_net_dp(net)), LR_IN_NETWORK_ID, 110,
         fmt("outport == %s && %s == %s && "REG_NEXT_HOP_IS_V4" == %d",
             router_port_name(rp).s, v4 ? REG_NEXT_HOP4 : REG_NEXT_HOP6,
             router_net_net_text(net).s, v4),
         fmt("flags.network_id = %"PRIu32"; next;", n),
         .hint = router_port_lrp(rp));
}
const struct inc_rule lr_network_id = {
    .name = "lr_network_id", .driver = &router_net_table,
    .run = run_lr_network_id,
};
