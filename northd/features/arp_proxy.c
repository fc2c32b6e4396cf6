/* DOC: ARP and ND proxy
 *
 * A switch answers ARP requests and neighbor solicitations for the addresses
 * and prefixes of a router port's options:arp_proxy with the router's Ethernet
 * address, or with one given first, which the router then takes packets for.
 * Reads switch ports of type router. */
#include <config.h>
#include "northd/features/features.h"

#include "lib/text/addresses.h"
#include "northd/feature.h"
#include "northd/model/gateway.h"
#include "northd/model/port.h"
#include "northd/model/router.h"
#include "openvswitch/dynamic-string.h"
#include "packets.h"

/* options:arp_proxy of a port. */
struct proxy {
    struct mac_ips addresses;    /* The MAC counts if it was given. */
    bool has_mac;
};

/* Parses "[MAC] IP[/LEN]...".  Returns NULL or an error. */
static char *
parse_proxy(const char *s, struct proxy *proxy)
{
    char *error = mac_ips_parse(s, &proxy->addresses);

    proxy->has_mac = !error;
    if (error) {
        struct eth_addr mac;
        char *first = xmemdup0(s, strcspn(s, " \t"));
        if (!eth_addr_from_string(first, &mac)) {
            free(error);
            char *with_mac = xasprintf("00:00:00:00:00:00 %s", s);
            error = mac_ips_parse(with_mac, &proxy->addresses);
            free(with_mac);
        }
        free(first);
    }
    return error;
}

/* Appends the addresses of a family as "{A, B}" and returns true if there
 * are any. */
static bool
put_addresses(const struct proxy *proxy, bool v4, struct ds *s)
{
    bool any = false;

    for (size_t i = 0; i < proxy->addresses.n_ips; i++) {
        const struct ip_prefix *ip = &proxy->addresses.ips[i];
        if (ip->is_v4 == v4) {
            struct ip_prefix net = *ip;
            struct in6_addr mask = ipv6_create_mask((v4 ? 96 : 0) + ip->plen);
            net.ip = ipv6_addr_bitand(&ip->ip, &mask);
            ds_put_cstr(s, any ? ", " : "{");
            ip_prefix_format(&net, s);
            any = true;
        }
    }
    if (any) {
        ds_put_char(s, '}');
    }
    return any;
}

/* What a network of a port answers for itself comes first: the prefixes may
 * have the addresses of other ports in them. */
#define PROXY_PRIORITY 30

static void
proxy_replies(const struct port *lsp_port, const struct proxy *proxy,
              istr mac)
{
    struct dps dps = dps_one(port_dp(lsp_port));
    struct ds ips = DS_EMPTY_INITIALIZER;
    const char *local = (ports_with_trait_exist(port_dp(lsp_port),
                                                PORT_TRAIT_LOCALNET)
                         ? " && flags.localnet == 0" : "");

    /* The router itself asks for hosts in those prefixes, too. */
    flow(dps, LS_IN_ARP_RSP, PROXY_PRIORITY + 1,
         fmt("inport == %s && (arp.op == 1 || nd_ns)",
             port_quoted(lsp_port).s),
         text("next;"), .hint = port_lsp(lsp_port));

    if (put_addresses(proxy, true, &ips)) {
        flow(dps, LS_IN_ARP_RSP, PROXY_PRIORITY,
             fmt("arp.op == 1 && arp.tpa == %s%s", ds_cstr(&ips), local),
             fmt("eth.dst = eth.src; eth.src = %s; arp.op = 2; "
                 "arp.tha = arp.sha; arp.sha = %s; arp.tpa <-> arp.spa; "
                 "outport = inport; flags.loopback = 1; output;", mac.s,
                 mac.s),
             .hint = port_lsp(lsp_port));
    }
    ds_clear(&ips);
    if (put_addresses(proxy, false, &ips)) {
        flow(dps, LS_IN_ARP_RSP, PROXY_PRIORITY,
             fmt("nd_ns_mcast && nd.target == %s%s", ds_cstr(&ips), local),
             fmt("nd_na_router { eth.src = %s; ip6.src = nd.target; "
                 "nd.tll = %s; outport = inport; flags.loopback = 1; "
                 "output; };", mac.s, mac.s),
             .hint = port_lsp(lsp_port));
    }
    ds_destroy(&ips);
}

/* The Ethernet address that only the answers have leads to the router. */
static void
proxy_mac(const struct port *lsp_port, const struct router_port *rp,
          istr mac)
{
    istr resident = gateway_resident(router_port_port(rp));
    flow(dps_one(port_dp(lsp_port)), LS_IN_L2_LKUP, 50,
         fmt("eth.dst == %s%s", mac.s, resident.s),
         fmt("outport = %s; output;", port_quoted(lsp_port).s),
         .hint = port_lsp(lsp_port));
    if (router_port_enabled(rp)) {
        flow(dps_one(router_port_dp(rp)), LR_IN_ADMISSION, 50,
             fmt("eth.dst == %s && inport == %s%s", mac.s,
                 router_port_name(rp).s, resident.s),
             fmt("%s"REG_INPORT_ETH" = %s; next;",
                 gateway_mtu_check(router_port_port(rp)).s,
                 router_port_mac_text(rp).s),
             .hint = port_lsp(lsp_port));
    }
}

static void
run_arp_proxy(const void *row)
{
    const struct router_port *rp = row;
    const struct port *lsp_port = router_port_peer(rp);
    if (!lsp_port || port_kind(lsp_port) != PORT_ROUTER
        || !port_enabled(lsp_port)) {
        return;
    }
    const char *s = nb_logical_switch_port_options_get(port_lsp(lsp_port),
                                                       "arp_proxy");
    if (!s || !s[0]) {
        return;
    }

    struct proxy proxy;
    char *error = parse_proxy(s, &proxy);
    if (error) {
        invalid(port_lsp(lsp_port), "options:arp_proxy: %s", error);
        free(error);
        return;
    }
    istr mac = (proxy.has_mac
                ? fmt(ETH_ADDR_FMT, ETH_ADDR_ARGS(proxy.addresses.mac))
                : router_port_mac_text(rp));
    proxy_replies(lsp_port, &proxy, mac);
    if (proxy.has_mac
        && !eth_addr_equals(proxy.addresses.mac, router_port_mac(rp))) {
        proxy_mac(lsp_port, rp, mac);
    }
    mac_ips_destroy(&proxy.addresses);
}
const struct inc_rule arp_proxy = {
    .name = "arp_proxy", .driver = &router_port_table, .run = run_arp_proxy,
};
