#include <config.h>
#include "northd/model/announce.h"

#include "lib/text/addresses.h"
#include "northd/feature.h"
#include "northd/model/gateway.h"
#include "northd/model/nat.h"
#include "northd/model/port.h"
#include "northd/model/residence.h"
#include "northd/model/router.h"
#include "openvswitch/dynamic-string.h"

/* " is_chassis_resident(...)" from " && is_chassis_resident(...)". */
static const char *
without_and(istr resident)
{
    return istr_is_empty(resident) ? "" : resident.s + strlen(" &&");
}

/* Does the port's router live on one chassis, so that one can announce the
 * router port's own addresses: where 'resident' says, or, for gateway routers
 * next to a physical network, where the router is? */
static bool
announces_itself(const struct port *lsp_port, const struct port *lrp_port,
                 istr resident)
{
    const struct router *router = router_of(port_dp(lrp_port));

    if (!istr_is_empty(resident)) {
        return true;
    }
    return (router && router_is_gateway(router)
            && ports_with_trait_exist(port_dp(lsp_port),
                                      PORT_TRAIT_LOCALNET));
}

static void
announce_router_port(const struct port *lrp_port, istr resident,
                     struct db_set *set)
{
    const struct router_port *rp = router_port_of(lrp_port);
    struct ds s = DS_EMPTY_INITIALIZER;
    const struct router_net *net;
    uint32_t n;
    if (!rp) {
        return;
    }

    ds_put_cstr(&s, router_port_mac_text(rp).s);
    for (n = 0; (net = router_net_nth(lrp_port, true, n)) != NULL; n++) {
        ds_put_format(&s, " %s", router_net_ip_text(net).s);
    }
    ds_put_cstr(&s, without_and(resident));
    if (n) {
        db_set_str(set, ds_cstr(&s));
    }
    ds_destroy(&s);
}

/* Addresses that the CMS gives. */
static void
announce_given(const struct port *lsp_port, const struct port *lrp_port,
               const char *addresses, struct db_set *set)
{
    const struct router *router = router_of(port_dp(lrp_port));
    const struct gateway *gateway
        = inc_bucket_first(gateways_of_dp(port_dp(lrp_port)));
    if (!gateway && !(router && router_is_gateway(router))) {
        return;
    }

    struct mac_ips entry;
    char *error = mac_ips_parse(addresses, &entry);
    if (error) {
        invalid(port_lsp(lsp_port), "options:nat-addresses: %s", error);
        free(error);
        return;
    }
    mac_ips_destroy(&entry);
    istr resident = (gateway ? gateway_resident(gateway_port(gateway))
                     : text(""));
    istr given = fmt("%s%s", addresses, without_and(resident));
    db_set_str(set, given.s);
}

istr
port_announcements(const struct port *lsp_port)
{
    const struct port *lrp_port = port_peer(lsp_port);
    struct db_set *set = db_set_start();
    if (port_kind(lsp_port) != PORT_ROUTER || !lrp_port
        || !port_lrp(lrp_port)) {
        return db_set_finish(set);
    }

    const struct ovsdb_datum *options
        = nb_logical_switch_port_options(port_lsp(lsp_port));
    const char *what = db_map_get(options, "nat-addresses");
    bool nat = what && !strcmp(what, "router");
    istr resident = port_resident(lrp_port);
    if (announces_itself(lsp_port, lrp_port, resident)
        && !(nat && db_map_get_bool(options, "exclude-router-ips-from-garp",
                                    false))) {
        announce_router_port(lrp_port, resident, set);
    }
    if (nat) {
        nat_announce(lrp_port, set);
    } else if (what && what[0]) {
        announce_given(lsp_port, lrp_port, what, set);
    }
    return db_set_finish(set);
}
