#include <config.h>
#include "northd/model/prefixes.h"

#include "lib/text/addresses.h"
#include "northd/feature.h"
#include "northd/model/gateway.h"
#include "northd/model/port.h"
#include "northd/model/router.h"

static bool
option_bool(const struct port *port, const char *key)
{
    return db_map_get_bool(nb_logical_router_port_options(port_lrp(port)),
                           key, false);
}

/* One chassis has to be in charge of the port. */
bool
prefixes_are_asked_at(const struct port *port)
{
    const struct router *router = router_of(port_dp(port));
    return (option_bool(port, "prefix_delegation")
            && (gateway_of(port) || (router && router_is_gateway(router))));
}

/* The chassis that asked writes what it got to the bindings of the ports that
 * it is for: "NUMBER:PREFIX", separated by commas, with the number of the
 * association (IA_PD). */
void
delegated_prefixes(const struct port *port,
                   void (*add)(const char *prefix, void *aux), void *aux)
{
    if (!option_bool(port, "prefix")) {
        return;
    }

    struct uuid sb_uuid = port_sb_uuid(port);
    const struct sb_port_binding *pb = sb_port_binding_get(&sb_uuid);
    const char *list
        = pb ? sb_port_binding_options_get(pb, "ipv6_ra_pd_list") : NULL;
    char *copy = xstrdup(list ? list : "");
    char *save_ptr = NULL;
    for (char *entry = strtok_r(copy, ", ", &save_ptr); entry;
         entry = strtok_r(NULL, ", ", &save_ptr)) {
        size_t digits = strspn(entry, "0123456789");
        const char *prefix = &entry[digits + 1];
        struct ip_prefix net;
        char *error = (digits && entry[digits] == ':'
                       ? ip_prefix_parse(prefix, &net)
                       : xasprintf("a number and a colon come first"));
        if (!error && net.is_v4) {
            error = xasprintf("%s is not IPv6", prefix);
        }
        if (error) {
            invalid(port_lrp(port), "southbound options:ipv6_ra_pd_list: "
                    "\"%s\" is not a delegated prefix (%s); it is ignored",
                    entry, error);
            free(error);
        } else {
            add(prefix, aux);
        }
    }
    free(copy);
}

void
prefixes_put_options(const struct port *port, struct db_map *map)
{
    if (prefixes_are_asked_at(port)) {
        db_map_put(map, "ipv6_prefix_delegation", "true");
    } else if (option_bool(port, "prefix_delegation")) {
        invalid(port_lrp(port), "options:prefix_delegation is for ports of "
                "gateway routers and for gateway ports; it is ignored");
    }
    if (option_bool(port, "prefix")) {
        db_map_put(map, "ipv6_prefix", "true");
    }
}
