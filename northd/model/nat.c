/* DOC: address translation
 *
 * Reads NB NAT: which addresses a router translates, where (on the gateway
 * chassis or, for a distributed floating IP, on the chassis of the logical
 * port), and for whom. */
#include <config.h>
#include "northd/model/nat.h"

#include "lib/text/addresses.h"
#include "northd/feature.h"
#include "northd/model/config.h"
#include "northd/model/gateway.h"
#include "northd/model/match.h"
#include "northd/model/onlink.h"
#include "northd/model/port.h"
#include "northd/model/datapath.h"
#include "northd/model/router.h"
#include "openvswitch/json.h"
#include "packets.h"
#include "sset.h"

INC_TABLE_DEFINE(nat, NAT_FIELDS, .kind = INC_DERIVED);
INC_TABLE_DEFINE(force_snat, FORCE_SNAT_FIELDS, .kind = INC_DERIVED);
INC_TABLE_DEFINE(nat_ip, NAT_IP_FIELDS, .kind = INC_DERIVED);

/* ---- Indexes. ---- */

static void
lr_nat_keys(const void *lr, struct inc_keys *keys)
{
    const struct ovsdb_datum *nats_ = nb_logical_router_nat(lr);
    for (size_t i = 0; i < db_n(nats_); i++) {
        inc_keys_add(keys, db_ref(nats_, i), sizeof(struct uuid));
    }
}
struct inc_index lr_by_nat = {
    .name = "lr_by_nat", .table = &nb_logical_router_table.inc,
    .keys = lr_nat_keys, .mask = INC_COL(NB_LOGICAL_ROUTER_COL_NAT),
};

struct nat_trait_key {
    const struct datapath *dp;
    uint64_t trait;
};

static void
nat_trait_keys(const void *v_, struct inc_keys *keys)
{
    const struct nat_v *v = v_;
    bool traits[N_NAT_TRAITS] = {
        [NAT_TRAIT_ANY] = true,
        [NAT_TRAIT_DISTRIBUTED] = v->distributed,
        [NAT_TRAIT_SNAT_CT] = v->type != NAT_DNAT && !v->stateless,
        [NAT_TRAIT_DNAT_CT] = v->type != NAT_SNAT && !v->stateless,
    };
    for (int trait = 0; trait < N_NAT_TRAITS; trait++) {
        if (traits[trait]) {
            struct nat_trait_key key = { v->dp, trait };
            inc_keys_add(keys, &key, sizeof key);
        }
    }
}
struct inc_index nats_by_trait = {
    .name = "nats_by_trait", .table = &nat_table, .keys = nat_trait_keys,
    .mask = (INC_MASK(nat, type) | INC_MASK(nat, stateless)
             | INC_MASK(nat, distributed)),
};

static void
nat_gateway_key(const void *v_, struct inc_keys *keys)
{
    const struct nat_v *v = v_;
    if (v->gw) {
        inc_keys_add(keys, &v->gw, sizeof v->gw);
    }
}
struct inc_index nats_by_gateway_port = {
    .name = "nats_by_gateway_port", .table = &nat_table,
    .keys = nat_gateway_key, .mask = INC_MASK(nat, gw),
};

static void
force_snat_key(const void *v_, struct inc_keys *keys)
{
    const struct force_snat_v *v = v_;
    inc_keys_add(keys, &v->dp, sizeof v->dp);
}
struct inc_index force_snat_by_dp = {
    .name = "force_snat_by_dp", .table = &force_snat_table,
    .keys = force_snat_key,
};

struct nat_ip_key {
    const struct datapath *dp;
    struct in6_addr ip;
};

static void
nat_ip_keys(const void *v_, struct inc_keys *keys)
{
    const struct nat_ip_v *v = v_;
    struct nat_ip_key key = { v->dp, v->ip };
    inc_keys_add(keys, &key, sizeof key);
}
struct inc_index nat_ip_index = {
    .name = "nat_ip_index", .table = &nat_ip_table, .keys = nat_ip_keys,
};

bool
router_commits_all(const struct datapath *dp)
{
    const struct nb_logical_router *lr = datapath_lr(dp);
    return (db_map_get_bool(nb_logical_router_options(lr), "ct-commit-all",
                            false)
            && chassis_all_know("ct-commit-to-zone"));
}

bool
nat_uses_common_zone(const struct nat *nat)
{
    return (nat_gw(nat) && !nat_stateless(nat)
            && config_use_common_zone(the_config()));
}

static const struct inc_bucket *
nats_with_trait(const struct datapath *dp, enum nat_trait trait)
{
    struct nat_trait_key key = { dp, trait };
    return inc_find(&nats_by_trait, &key, sizeof key);
}

bool
nats_with_trait_exist(const struct datapath *dp, enum nat_trait trait)
{
    return inc_bucket_n(nats_with_trait(dp, trait)) > 0;
}

const struct inc_bucket *
nats_of_dp(const struct datapath *dp)
{
    return nats_with_trait(dp, NAT_TRAIT_ANY);
}

bool
force_snat_exists(const struct datapath *dp, enum force_snat_kind what)
{
    const struct force_snat *force;
    INC_BUCKET_FOR_EACH (force, inc_find(&force_snat_by_dp, &dp, sizeof dp)) {
        if (force_snat_what(force) == what) {
            return true;
        }
    }
    return false;
}

bool
force_snat_is_router_ip(const struct datapath *dp)
{
    const struct force_snat *force;
    INC_BUCKET_FOR_EACH (force, inc_find(&force_snat_by_dp, &dp, sizeof dp)) {
        if (istr_is_empty(force_snat_ip_text(force))) {
            return true;
        }
    }
    return false;
}

bool
nat_has_ip(const struct datapath *dp, const struct in6_addr *ip)
{
    struct nat_ip_key key = { dp, *ip };
    return inc_bucket_n(inc_find(&nat_ip_index, &key, sizeof key)) > 0;
}

/* ---- One row. ---- */

static bool
parse_type(const struct nb_nat *nb, struct nat_v *v)
{
    const char *type = nb_nat_type(nb);
    if (!strcmp(type, "snat")) {
        v->type = NAT_SNAT;
    } else if (!strcmp(type, "dnat")) {
        v->type = NAT_DNAT;
    } else if (!strcmp(type, "dnat_and_snat")) {
        v->type = NAT_BOTH;
    } else {
        invalid(nb, "type \"%s\" is unknown; the rule is ignored", type);
        return false;
    }
    return true;
}

static uint32_t
full_plen(const struct ip_prefix *ip)
{
    return ip->is_v4 ? 32 : 128;
}

/* Only the bits of the prefix: a match with more would not be one. */
static void
mask_prefix(struct ip_prefix *prefix)
{
    struct in6_addr mask = ipv6_create_mask(prefix->is_v4 ? 96 + prefix->plen
                                            : prefix->plen);
    prefix->ip = ipv6_addr_bitand(&prefix->ip, &mask);
}

static istr
prefix_text(const struct ip_prefix *prefix)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    ip_format(prefix, &s);
    if (prefix->plen < full_plen(prefix)) {
        ds_put_format(&s, "/%d", prefix->plen);
    }
    istr result = text(ds_cstr(&s));
    ds_destroy(&s);
    return result;
}

static bool
parse_addresses(const struct nb_nat *nb, struct nat_v *v)
{
    struct ip_prefix ext, log;
    char *error = ip_prefix_parse(nb_nat_external_ip(nb), &ext);
    if (!error && ext.plen < full_plen(&ext)) {
        error = xasprintf("\"%s\" is a network", nb_nat_external_ip(nb));
    } else if (!error && !ip_is_host(&ext.ip)) {
        error = xasprintf("\"%s\" is the address of no host",
                          nb_nat_external_ip(nb));
    }
    if (error) {
        invalid(nb, "external_ip: %s; the rule is ignored", error);
        free(error);
        return false;
    }

    error = ip_prefix_parse(nb_nat_logical_ip(nb), &log);
    if (!error && v->type != NAT_SNAT && log.plen < full_plen(&log)) {
        error = xasprintf("\"%s\" is a network, which only a rule of type "
                          "snat may have", nb_nat_logical_ip(nb));
    }
    if (!error && log.plen == full_plen(&log) && !ip_is_host(&log.ip)) {
        error = xasprintf("\"%s\" is the address of no host",
                          nb_nat_logical_ip(nb));
    }
    if (!error && log.is_v4 != ext.is_v4) {
        error = xasprintf("\"%s\" and the external address are of different "
                          "families", nb_nat_logical_ip(nb));
    }
    if (error) {
        invalid(nb, "logical_ip: %s; the rule is ignored", error);
        free(error);
        return false;
    }

    mask_prefix(&log);
    v->v4 = ext.is_v4;
    v->ext_ip = ext.ip;
    v->ext_text = prefix_text(&ext);
    v->log_text = prefix_text(&log);
    v->plen = log.plen;
    return true;
}

/* external_port_range: "LOW-HIGH" or a single port. */
static bool
parse_ports(const struct nb_nat *nb, struct nat_v *v)
{
    const char *s = nb_nat_external_port_range(nb);
    int n = 0, low, high;

    v->ports = text("");
    if (!s[0]) {
        return true;
    }
    if (ovs_scan(s, "%d-%d%n", &low, &high, &n) && !s[n]) {
        n = -1;
    } else if (ovs_scan(s, "%d%n", &low, &n) && !s[n]) {
        high = low;
        n = -1;
    }
    if (n >= 0 || low < 1 || high < low || high > UINT16_MAX) {
        invalid(nb, "external_port_range \"%s\" is not a range of ports; "
                "the rule is ignored", s);
        return false;
    }
    v->ports = low == high ? fmt(",%d", low) : fmt(",%d-%d", low, high);
    return true;
}

static bool
parse_conditions(const struct nb_nat *nb, struct nat_v *v)
{
    const struct nb_address_set *allowed = nb_nat_allowed_ext_ips(nb);
    const struct nb_address_set *exempted = nb_nat_exempted_ext_ips(nb);
    const char *match = nb_nat_match(nb);

    if (allowed && exempted) {
        invalid(nb, "it has both allowed_ext_ips and exempted_ext_ips; the "
                "rule is ignored");
        return false;
    }
    v->allowed = allowed ? fmt("$%s", nb_address_set_name(allowed))
                 : text("");
    v->exempted = exempted ? fmt("$%s", nb_address_set_name(exempted))
                  : text("");
    if (match[0] && !match_is_valid(nb, "match", match,
                                    "the rule is ignored")) {
        return false;
    }
    v->match = match[0] ? fmt(" && (%s)", match) : text("");
    v->priority = nb_nat_priority(nb);
    v->stateless = db_map_get_bool(nb_nat_options(nb), "stateless", false);
    if (v->stateless && v->type != NAT_BOTH) {
        invalid(nb, "options:stateless is for rules of type dnat_and_snat; "
                "it is ignored");
        v->stateless = false;
    }
    return true;
}

/* ---- Where it is translated. ---- */

/* The gateway port of router 'dp' that translates for 'nb', or NULL with
 * a diagnostic. */
static const struct gateway *
choose_gateway(const struct nb_nat *nb, const struct datapath *dp,
               const struct in6_addr *ext_ip)
{
    const struct uuid *wanted = nb_nat_gateway_port_uuid(nb);
    const struct inc_bucket *gws = gateways_of_dp(dp);
    const struct gateway *gateway;

    if (wanted) {
        const struct port *port = port_by_uuid(wanted);
        gateway = port ? gateway_of(port) : NULL;
        if (!gateway || gateway_dp(gateway) != dp) {
            invalid(nb, "gateway_port is no distributed gateway port of "
                    "logical router \"%s\"; the rule is ignored",
                    nb_logical_router_name(datapath_lr(dp)));
            return NULL;
        }
        return gateway;
    }
    if (inc_bucket_n(gws) == 1) {
        return inc_bucket_first(gws);
    }
    INC_BUCKET_FOR_EACH (gateway, gws) {
        if (router_net_of_neighbor(gateway_port(gateway), ext_ip)) {
            return gateway;
        }
    }
    if (inc_bucket_n(gws)) {
        invalid(nb, "logical router \"%s\" has several distributed gateway "
                "ports, none of them in the network of the external address: "
                "the rule needs a gateway_port and is ignored",
                nb_logical_router_name(datapath_lr(dp)));
    } else {
        invalid(nb, "logical router \"%s\" is neither a gateway router nor "
                "has it a distributed gateway port: the rule has no effect",
                nb_logical_router_name(datapath_lr(dp)));
    }
    return NULL;
}

static istr
quote(const char *s)
{
    struct ds quoted = DS_EMPTY_INITIALIZER;
    json_string_escape(s, &quoted);
    istr result = text(ds_cstr(&quoted));
    ds_destroy(&quoted);
    return result;
}

/* A floating IP with an Ethernet address of its own is translated where its
 * logical port is. */
static bool
parse_distribution(const struct nb_nat *nb, struct nat_v *v)
{
    const char *mac_text = nb_nat_external_mac(nb);
    const char *lport = nb_nat_logical_port(nb);
    struct eth_addr mac;

    v->ext_mac = text("");
    if (v->type != NAT_BOTH || !v->gw || (!mac_text && !lport)) {
        return true;
    }
    if (!mac_text || !lport) {
        invalid(nb, "external_mac and logical_port need each other; the "
                "address is translated by the gateway");
        return true;
    }
    if (!eth_addr_from_string(mac_text, &mac) || eth_addr_is_multicast(mac)
        || eth_addr_is_zero(mac)) {
        invalid(nb, "external_mac \"%s\" is not the Ethernet address of a "
                "host; the rule is ignored", mac_text);
        return false;
    }
    v->distributed = true;
    v->ext_mac = fmt(ETH_ADDR_FMT, ETH_ADDR_ARGS(mac));
    v->resident = fmt(" && is_chassis_resident(%s)", quote(lport).s);
    v->lport = lsp_port_by_name(lport);
    if (!v->lport) {
        invalid(nb, "logical_port: there is no logical switch port \"%s\"; "
                "no chassis translates the address", lport);
    }
    return true;
}

static bool
choose_place(const struct nb_nat *nb, struct nat_v *v)
{
    const struct router *router = router_of(v->dp);

    v->gw_name = v->resident = text("");
    if (!router) {
        return false;
    }
    if (!router_is_gateway(router)) {
        const struct gateway *gateway = choose_gateway(nb, v->dp, &v->ext_ip);
        if (!gateway) {
            return false;
        }
        v->gw = gateway_port(gateway);
        v->gw_name = port_quoted(v->gw);
        v->resident = gateway_resident(v->gw);
    }
    return parse_distribution(nb, v);
}

static void
run_nats(const void *row)
{
    const struct nb_nat *nb = row;
    const struct nb_logical_router *lr;

    INC_BUCKET_FOR_EACH (lr, inc_find(&lr_by_nat, nb_nat_uuid(nb),
                                      sizeof(struct uuid))) {
        struct nat_v v = { .dp = datapath_of_lr(lr), .nb = nb };
        if (v.dp && parse_type(nb, &v) && parse_addresses(nb, &v)
            && parse_ports(nb, &v) && parse_conditions(nb, &v)
            && choose_place(nb, &v)) {
            emit_nat(&v);
            emit_nat_ip(&(struct nat_ip_v) { .dp = v.dp, .ip = v.ext_ip });
        }
    }
}
const struct inc_rule nats = {
    .name = "nats", .driver = &nb_nat_table.inc, .run = run_nats,
};

/* ---- Forced source translation. ---- */

static void
emit_force(const struct router *router, enum force_snat_kind what,
           const struct ip_prefix *ip)
{
    emit_force_snat(&(struct force_snat_v) {
        .dp = router_dp(router), .what = what, .v4 = ip->is_v4,
        .ip_text = prefix_text(ip),
    });
    emit_nat_ip(&(struct nat_ip_v) {
        .dp = router_dp(router), .ip = ip->ip,
    });
}

/* The output port's own addresses. */
static void
emit_force_router_ip(const struct router *router)
{
    const struct datapath *dp = router_dp(router);
    const struct router_net *net;

    for (int v6 = 0; v6 < 2; v6++) {
        emit_force_snat(&(struct force_snat_v) {
            .dp = dp, .what = FORCE_SNAT_LB, .v4 = !v6, .ip_text = text(""),
        });
    }
    INC_BUCKET_FOR_EACH (net, router_nets_of_dp(dp)) {
        if (!router_net_lla(net)) {
            emit_nat_ip(&(struct nat_ip_v) {
                .dp = dp, .ip = router_net_ip(net),
            });
        }
    }
}

/* "IP [IP]", one of each family. */
static void
parse_force(const struct router *router, enum force_snat_kind what,
            const char *option)
{
    const struct nb_logical_router *lr = router_lr(router);
    const char *s = nb_logical_router_options_get(lr, option);
    if (!s) {
        return;
    }
    if (what == FORCE_SNAT_LB && !strcmp(s, "router_ip")) {
        emit_force_router_ip(router);
        return;
    }

    char *copy = xstrdup(s), *save_ptr = NULL;
    bool seen[2] = { false, false };
    for (char *word = strtok_r(copy, " ,", &save_ptr); word;
         word = strtok_r(NULL, " ,", &save_ptr)) {
        struct ip_prefix ip;
        char *error = ip_prefix_parse(word, &ip);
        if (!error && ip.plen < full_plen(&ip)) {
            error = xasprintf("\"%s\" is a network", word);
        } else if (!error && seen[ip.is_v4]) {
            error = xasprintf("\"%s\" is one too many of its family", word);
        }
        if (error) {
            invalid(lr, "options:%s: %s; it is ignored", option, error);
            free(error);
        } else {
            seen[ip.is_v4] = true;
            emit_force(router, what, &ip);
        }
    }
    free(copy);
}

static void
run_force_snats(const void *row)
{
    const struct router *router = row;
    if (router_is_gateway(router)) {
        parse_force(router, FORCE_SNAT_DNAT, "dnat_force_snat_ip");
        parse_force(router, FORCE_SNAT_LB, "lb_force_snat_ip");
    }
}
const struct inc_rule force_snats = {
    .name = "force_snats", .driver = &router_table, .run = run_force_snats,
};

/* ---- Announcements. ---- */

static istr
announcement(const char *mac, const struct sset *ips, const char *cr_name)
{
    const char **sorted = sset_sort(ips);
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&s, mac);
    for (size_t i = 0; i < sset_count(ips); i++) {
        ds_put_format(&s, " %s", sorted[i]);
    }
    if (cr_name) {
        ds_put_format(&s, " is_chassis_resident(%s)", cr_name);
    }
    free(sorted);
    istr result = text(ds_cstr(&s));
    ds_destroy(&s);
    return result;
}

/* "MAC IP... [is_chassis_resident("PORT")]".  Addresses that are translated
 * where the gateway is are one entry, distributed ones one each.  Announcing
 * is for IPv4: neighbors ask for IPv6 addresses. */
void
nat_announce(const struct port *lrp_port, struct db_set *set)
{
    const struct datapath *dp = port_dp(lrp_port);
    const struct router_port *rp = router_port_of(lrp_port);
    const struct gateway *gateway = gateway_of(lrp_port);
    struct sset central = SSET_INITIALIZER(&central);
    const struct nat *nat;
    if (!rp) {
        return;
    }

    INC_BUCKET_FOR_EACH (nat, gateway
                         ? inc_find(&nats_by_gateway_port, &lrp_port,
                                    sizeof lrp_port)
                         : nats_of_dp(dp)) {
        struct in6_addr ip = nat_ext_ip(nat);
        if (!nat_v4(nat) || router_ip_owner(dp, &ip)) {
            continue;
        }
        if (nat_distributed(nat)) {
            /* " && is_chassis_resident(...)", without the "&&". */
            istr entry = fmt("%s %s %s", nat_ext_mac(nat).s,
                             nat_ext_text(nat).s, nat_resident(nat).s + 4);
            db_set_str(set, entry.s);
        } else {
            sset_add(&central, nat_ext_text(nat).s);
        }
    }
    if (!sset_is_empty(&central)) {
        istr entry = announcement(router_port_mac_text(rp).s, &central,
                                  gateway ? gateway_cr_name(gateway).s : NULL);
        db_set_str(set, entry.s);
    }
    sset_destroy(&central);
}
