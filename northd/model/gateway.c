/* DOC: gateways
 *
 * Reads NB Logical_Router_Port.gateway_chassis and ha_chassis_group: which
 * router ports are distributed gateway ports, which chassis they may be on,
 * and which other chassis have to know where they are. */
#include <config.h>
#include "northd/model/gateway.h"

#include "hmapx.h"
#include "northd/feature.h"
#include "northd/model/datapath.h"
#include "northd/model/match.h"
#include "northd/model/port.h"
#include "northd/model/router.h"

INC_TABLE_DEFINE(gateway, GATEWAY_FIELDS, .kind = INC_DERIVED);
INC_TABLE_DEFINE(gateway_ref, GATEWAY_REF_FIELDS, .kind = INC_DERIVED);
INC_TABLE_DEFINE(dp_chassis, DP_CHASSIS_FIELDS, .kind = INC_DERIVED);

/* Bytes of an Ethernet header without VLAN tag: gateway_mtu does not count
 * them, check_pkt_larger() does. */
#define ETHERNET_OVERHEAD 14

/* ---- Indexes. ---- */

static void
gateway_port_key(const void *v_, struct inc_keys *keys)
{
    const struct gateway_v *v = v_;
    inc_keys_add(keys, &v->port, sizeof v->port);
}
struct inc_index gateway_by_port = {
    .name = "gateway_by_port", .table = &gateway_table,
    .keys = gateway_port_key,
};

static void
gateway_dp_key(const void *v_, struct inc_keys *keys)
{
    const struct gateway_v *v = v_;
    inc_keys_add(keys, &v->dp, sizeof v->dp);
}
struct inc_index gateways_by_dp = {
    .name = "gateways_by_dp", .table = &gateway_table,
    .keys = gateway_dp_key, .mask = INC_MASK(gateway, dp),
};

static void
gateway_group_key(const void *v_, struct inc_keys *keys)
{
    const struct gateway_v *v = v_;
    if (v->nb_group) {
        inc_keys_add(keys, &v->nb_group, sizeof v->nb_group);
    }
}
struct inc_index gateways_by_nb_group = {
    .name = "gateways_by_nb_group", .table = &gateway_table,
    .keys = gateway_group_key, .mask = INC_MASK(gateway, nb_group),
};

static void
ref_group_key(const void *v_, struct inc_keys *keys)
{
    const struct gateway_ref_v *v = v_;
    inc_keys_add(keys, &v->ha_group, sizeof v->ha_group);
}
struct inc_index gateway_refs_by_group = {
    .name = "gateway_refs_by_group", .table = &gateway_ref_table,
    .keys = ref_group_key,
};

static void
dp_chassis_key(const void *v_, struct inc_keys *keys)
{
    const struct dp_chassis_v *v = v_;
    inc_keys_add(keys, &v->dp, sizeof v->dp);
}
struct inc_index dp_chassis_by_dp = {
    .name = "dp_chassis_by_dp", .table = &dp_chassis_table,
    .keys = dp_chassis_key,
};

const struct gateway *
gateway_of(const struct port *lrp_port)
{
    return inc_find_one(&gateway_by_port, &lrp_port, sizeof lrp_port);
}

const struct inc_bucket *
gateways_of_dp(const struct datapath *dp)
{
    return inc_find(&gateways_by_dp, &dp, sizeof dp);
}

istr
gateway_resident(const struct port *lrp_port)
{
    const struct gateway *gateway = gateway_of(lrp_port);
    return (gateway
            ? fmt(" && is_chassis_resident(%s)", gateway_cr_name(gateway).s)
            : text(""));
}

/* ---- MTU. ---- */

static bool
can_have_mtu(const struct port *lrp_port)
{
    const struct router *router = router_of(port_dp(lrp_port));
    return gateway_of(lrp_port) || (router && router_is_gateway(router));
}

uint32_t
gateway_mtu(const struct port *lrp_port)
{
    const struct nb_logical_router_port *lrp = port_lrp(lrp_port);
    const char *s = nb_logical_router_port_options_get(lrp, "gateway_mtu");
    unsigned int mtu;

    if (!s || !can_have_mtu(lrp_port)) {
        return 0;
    }
    /* check_pkt_larger() takes 16 bits. */
    if (!str_to_uint(s, 10, &mtu) || mtu > UINT16_MAX - ETHERNET_OVERHEAD) {
        return 0;
    }
    return mtu;
}

istr
gateway_mtu_bypass(const struct port *lrp_port)
{
    const struct nb_logical_router_port *lrp = port_lrp(lrp_port);
    const char *s = nb_logical_router_port_options_get(lrp,
                                                       "gateway_mtu_bypass");
    return text(s && s[0] && gateway_mtu(lrp_port)
                && match_is_valid(lrp, "options:gateway_mtu_bypass", s,
                                  "all packets are measured") ? s : "");
}

istr
gateway_mtu_check(const struct port *lrp_port)
{
    uint32_t mtu = gateway_mtu(lrp_port);
    return (mtu
            ? fmt(REG_PKT_LARGER" = check_pkt_larger(%"PRIu32"); ",
                  mtu + ETHERNET_OVERHEAD)
            : text(""));
}

/* ---- Gateways. ---- */

static struct uuid
group_uuid(const char *name)
{
    return db_uuid_for(&sb_ha_chassis_group_table, "%s", name);
}

static void
run_gateways(const void *row)
{
    const struct port *cr_port = row;
    if (port_kind(cr_port) != PORT_CR) {
        return;
    }

    const struct nb_logical_router_port *lrp = port_lrp(cr_port);
    const struct port *port = port_by_uuid(nb_logical_router_port_uuid(lrp));
    if (!port) {
        return;
    }
    const struct nb_ha_chassis_group *group
        = nb_logical_router_port_ha_chassis_group(lrp);
    const char *type = nb_logical_router_port_options_get(lrp,
                                                          "redirect-type");
    if (type && strcmp(type, "bridged") && strcmp(type, "overlay")) {
        invalid(lrp, "options:redirect-type \"%s\" is neither \"overlay\" "
                "nor \"bridged\"; \"overlay\" is used", type);
    }
    emit_gateway(&(struct gateway_v) {
        .port = port, .dp = port_dp(cr_port), .cr_port = cr_port,
        .cr_name = port_quoted(cr_port), .nb_group = group,
        .ha_group = group_uuid(group ? nb_ha_chassis_group_name(group)
                                     : port_name(port).s),
        .bridged = type && !strcmp(type, "bridged"),
    });
}
const struct inc_rule gateways = {
    .name = "gateways", .driver = &port_table, .run = run_gateways,
};

/* ---- Who has to know where they are. ---- */

static void
run_switch_chassis(const void *row)
{
    const struct port *port = row;
    if (!port_lsp(port)) {
        return;
    }

    struct uuid sb_uuid = port_sb_uuid(port);
    const struct sb_port_binding *pb = sb_port_binding_get(&sb_uuid);
    const struct uuid *chassis = pb ? sb_port_binding_chassis_uuid(pb) : NULL;
    if (chassis) {
        emit_dp_chassis(&(struct dp_chassis_v) {
            .dp = port_dp(port), .chassis = *chassis,
        });
    }
}
const struct inc_rule switch_chassis = {
    .name = "switch_chassis", .driver = &port_table,
    .run = run_switch_chassis,
};

/* A search over the datapaths from which packets can reach a gateway without
 * leaving the network.  They cross a distributed gateway port only if no
 * localnet is behind it: otherwise the physical network finds the gateway. */
struct search {
    struct hmapx found;
    const struct datapath **dps;     /* The same, in order. */
    size_t n, cap;
};

static void
search_add(struct search *search, const struct datapath *dp)
{
    if (!hmapx_add(&search->found, CONST_CAST(struct datapath *, dp))) {
        return;
    }
    if (search->n >= search->cap) {
        search->dps = x2nrealloc(search->dps, &search->cap,
                                 sizeof *search->dps);
    }
    search->dps[search->n++] = dp;
}

/* Adds what is behind 'port' of the router or switch being searched. */
static void
search_beyond(struct search *search, const struct port *port)
{
    const struct port *peer = port_peer(port);
    if (!peer) {
        return;
    }

    const struct port *lrp = port_lrp(port) ? port : peer;
    const struct datapath *other = port_dp(port_lrp(port) ? peer : port);
    if (gateway_of(lrp)
        && ports_with_trait_exist(other, PORT_TRAIT_LOCALNET)) {
        return;
    }
    search_add(search, port_dp(peer));
}

static void
search_step(struct search *search, const struct datapath *dp)
{
    if (datapath_lr(dp)) {
        const struct router_port *rp;
        INC_BUCKET_FOR_EACH (rp, router_ports_of_dp(dp)) {
            search_beyond(search, router_port_port(rp));
        }
    } else {
        struct port_trait_key key = { dp, PORT_TRAIT_ROUTER };
        const struct port *port;
        INC_BUCKET_FOR_EACH (port, inc_find(&ports_by_trait, &key,
                                            sizeof key)) {
            search_beyond(search, port);
        }
    }
}

/* Without a choice of chassis nobody has to know which one lives. */
static bool
has_choice(const struct gateway *gateway)
{
    const struct nb_ha_chassis_group *group = gateway_nb_group(gateway);
    const struct nb_logical_router_port *lrp
        = port_lrp(gateway_port(gateway));
    return db_n(group ? nb_ha_chassis_group_ha_chassis(group)
                : nb_logical_router_port_gateway_chassis(lrp)) > 1;
}

static void
run_gateway_refs(const void *row)
{
    const struct gateway *gateway = row;
    struct search search = { .found = HMAPX_INITIALIZER(&search.found) };
    if (!has_choice(gateway)) {
        return;
    }

    search_add(&search, gateway_dp(gateway));
    for (size_t i = 0; i < search.n; i++) {
        const struct datapath *dp = search.dps[i];
        const struct dp_chassis *member;
        search_step(&search, dp);
        INC_BUCKET_FOR_EACH (member, inc_find(&dp_chassis_by_dp, &dp,
                                              sizeof dp)) {
            emit_gateway_ref(&(struct gateway_ref_v) {
                .ha_group = gateway_ha_group(gateway),
                .chassis = dp_chassis_chassis(member),
            });
        }
    }
    hmapx_destroy(&search.found);
    free(search.dps);
}
const struct inc_rule gateway_refs = {
    .name = "gateway_refs", .driver = &gateway_table,
    .run = run_gateway_refs,
};
