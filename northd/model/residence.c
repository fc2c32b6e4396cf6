#include <config.h>
#include "northd/model/residence.h"

#include "northd/feature.h"
#include "northd/model/gateway.h"
#include "northd/model/port.h"
#include "northd/model/router.h"

istr
port_resident(const struct port *lrp_port)
{
    const struct nb_logical_router_port *lrp = port_lrp(lrp_port);
    if (gateway_of(lrp_port)
        || !db_map_get_bool(nb_logical_router_port_options(lrp),
                            "reside-on-redirect-chassis", false)) {
        return gateway_resident(lrp_port);
    }

    /* With several gateways nobody can say which one. */
    const struct inc_bucket *gateways = gateways_of_dp(port_dp(lrp_port));
    const struct gateway *gateway = inc_bucket_first(gateways);
    return (gateway && inc_bucket_n(gateways) == 1
            ? fmt(" && is_chassis_resident(%s)", gateway_cr_name(gateway).s)
            : text(""));
}

istr
port_reached_there(const struct port *lrp_port)
{
    const struct router_port *rp = router_port_of(lrp_port);
    const struct port *lsp = rp ? router_port_peer(rp) : NULL;
    return (lsp && ports_with_trait_exist(port_dp(lsp), PORT_TRAIT_LOCALNET)
            ? port_resident(lrp_port) : gateway_resident(lrp_port));
}
