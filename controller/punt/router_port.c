#include <config.h>
#include "controller/punt/router_port.h"

#include "controller/model/binding.h"
#include "controller/rule.h"
#include "lib/text/addresses.h"
#include "packets.h"

bool
router_port_is_here(const struct sb_port_binding *pb)
{
    const char *name = sb_port_binding_logical_port(pb);

    if (!strcmp(sb_port_binding_type(pb), "l3gateway")) {
        return lport_is_resident(name);
    }
    char *redirect = xasprintf("cr-%s", name);
    bool here = lport_is_resident(redirect);
    free(redirect);
    return here;
}

bool
router_port_source(const struct sb_port_binding *pb,
                   const struct ip_prefix *dst, struct eth_addr *mac,
                   struct in6_addr *src)
{
    const struct ovsdb_datum *macs = sb_port_binding_mac(pb);
    bool found = false, on_link = false;

    for (size_t i = 0; i < db_n(macs); i++) {
        struct mac_ips addresses;
        char *error = mac_ips_parse(db_str(macs, i), &addresses);
        free(error);
        for (size_t j = 0; j < addresses.n_ips && !on_link; j++) {
            const struct ip_prefix *ip = &addresses.ips[j];
            if (ip->is_v4 != dst->is_v4) {
                continue;
            }
            struct in6_addr mask = ipv6_create_mask(ip->plen
                                                    + (ip->is_v4 ? 96 : 0));
            struct in6_addr a = ipv6_addr_bitand(&ip->ip, &mask);
            struct in6_addr b = ipv6_addr_bitand(&dst->ip, &mask);
            on_link = ipv6_addr_equals(&a, &b);
            if (!found || on_link) {
                *mac = addresses.mac;
                *src = ip->ip;
                found = true;
            }
        }
        mac_ips_destroy(&addresses);
    }
    return found;
}
