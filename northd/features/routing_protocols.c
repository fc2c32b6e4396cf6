/* DOC: routing daemons
 *
 * With options:routing-protocol-redirect of a router port, a daemon behind a
 * port of the switch next to it speaks the protocols in routing-protocols for
 * the router, with the router port's own addresses: the switch delivers them
 * to it instead of the router.  What both need to know, answers to ARP and
 * neighbor discovery, goes to both; the daemon may not answer itself, as the
 * router does.  Reads router ports and their networks. */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"
#include "northd/model/port.h"
#include "northd/model/router.h"

/* What packets of a protocol look like: TCP port 179, to or from, for BGP (RFC
 * 4271, 8), UDP port 3784 for BFD (RFC 5881, 4). */
static const struct protocol {
    const char *name;
    const char *match[2];
} protocols[] = {
    { "BGP", { "tcp.dst == 179", "tcp.src == 179" } },
    { "BFD", { "udp.dst == 3784" } },
};

/* The daemon's port, or NULL. */
static const struct port *
daemon_port(const struct router_port *rp)
{
    const char *name = nb_logical_router_port_options_get(
        router_port_lrp(rp), "routing-protocol-redirect");
    const struct port *lsp = name && name[0] ? lsp_port_by_name(name) : NULL;
    return (lsp && router_port_peer(rp)
            && port_kind(router_port_peer(rp)) == PORT_ROUTER
            && port_kind(lsp) != PORT_ROUTER
            && port_dp(lsp) == router_port_peer_dp(rp) ? lsp : NULL);
}

static bool
is_listed(const struct protocol *protocol, const char *list, size_t len)
{
    return len == strlen(protocol->name)
           && !strncasecmp(list, protocol->name, len);
}

/* Is 'protocol' in the port's list, whose words are separated by commas? */
static bool
is_redirected(const struct router_port *rp, const struct protocol *protocol)
{
    const char *s = nb_logical_router_port_options_get(
        router_port_lrp(rp), "routing-protocols");

    for (; s && *s; s += strspn(s, ", ")) {
        size_t len = strcspn(s, ", ");
        if (is_listed(protocol, s, len)) {
            return true;
        }
        s += len;
    }
    return false;
}

static void
check_protocols(const struct router_port *rp)
{
    const struct nb_logical_router_port *lrp = router_port_lrp(rp);
    const char *s = nb_logical_router_port_options_get(lrp,
                                                       "routing-protocols");

    for (; s && *s; s += strspn(s, ", ")) {
        size_t len = strcspn(s, ", ");
        bool known = false;
        for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
            known |= is_listed(&protocols[i], s, len);
        }
        if (!known && len) {
            invalid(lrp, "options:routing-protocols: \"%.*s\" is neither "
                    "BGP nor BFD; it is ignored", (int) len, s);
        }
        s += len;
    }
}

/* ---- Per router port. ---- */

static void
run_routing_daemons(const void *row)
{
    const struct router_port *rp = row;
    const struct nb_logical_router_port *lrp = router_port_lrp(rp);
    const char *name = nb_logical_router_port_options_get(
        lrp, "routing-protocol-redirect");
    const struct port *lsp = daemon_port(rp);
    if (!name || !name[0]) {
        return;
    }

    check_protocols(rp);
    if (!lsp) {
        invalid(lrp, "options:routing-protocol-redirect \"%s\" is no port "
                "for interfaces of the switch that the router port is "
                "plugged into; nothing is redirected", name);
        return;
    }
    flow(dps_one(port_dp(lsp)), LS_IN_CHECK_PORT_SEC, 80,
         fmt("inport == %s && (arp.op == 2 || nd_na || nd_ra)",
             port_quoted(lsp).s),
         text(REG_PORT_SEC_DROP" = 1; next;"), .hint = lrp,
         .io_port = port_name(lsp).s);
}
const struct inc_rule routing_daemons = {
    .name = "routing_daemons", .driver = &router_port_table,
    .run = run_routing_daemons,
};

/* ---- Per address. ---- */

static void
run_routing_protocols(const void *row)
{
    const struct router_net *net = row;
    const struct router_port *rp = router_port_of(router_net_port(net));
    const struct port *lsp = rp ? daemon_port(rp) : NULL;
    if (!lsp) {
        return;
    }

    const char *ip = router_net_ip_text(net).s;
    const char *v = router_net_v4(net) ? "4" : "6";
    struct dps dps = dps_one(port_dp(lsp));
    istr out = fmt("outport = %s; output;", port_quoted(lsp).s);
    for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
        const struct protocol *p = &protocols[i];
        for (size_t j = 0; j < ARRAY_SIZE(p->match); j++) {
            if (p->match[j] && is_redirected(rp, p)) {
                flow(dps, LS_IN_L2_LKUP, 100,
                     fmt("ip%s.dst == %s && %s", v, ip, p->match[j]), out,
                     .hint = router_port_lrp(rp));
            }
        }
    }
    flow(dps, LS_IN_L2_LKUP, 100,
         router_net_v4(net) ? fmt("arp.op == 2 && arp.tpa == %s", ip)
         : fmt("nd_na && ip6.dst == %s", ip),
         fmt("clone { %s }; outport = %s; output;", out.s,
             port_quoted(router_port_peer(rp)).s),
         .hint = router_port_lrp(rp));
}
const struct inc_rule routing_protocols = {
    .name = "routing_protocols", .driver = &router_net_table,
    .run = run_routing_protocols,
};
