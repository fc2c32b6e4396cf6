#include <config.h>
#include "northd/model/onlink.h"

#include "northd/feature.h"
#include "northd/model/router.h"
#include "packets.h"

INC_TABLE_DEFINE(router_plen, ROUTER_PLEN_FIELDS, .kind = INC_DERIVED);

struct in6_addr
ip_network(const struct in6_addr *ip, uint32_t plen)
{
    struct in6_addr mask
        = ipv6_create_mask(IN6_IS_ADDR_V4MAPPED(ip) ? plen + 96 : plen);
    return ipv6_addr_bitand(ip, &mask);
}

bool
ip_is_host(const struct in6_addr *ip)
{
    if (!IN6_IS_ADDR_V4MAPPED(ip)) {
        return !(IN6_IS_ADDR_UNSPECIFIED(ip) || IN6_IS_ADDR_LOOPBACK(ip)
                 || IN6_IS_ADDR_MULTICAST(ip));
    }
    uint8_t first = ip->s6_addr[12];
    return (first != 0 && first != 127 && (first < 224 || first >= 240)
            && in6_addr_get_mapped_ipv4(ip) != htonl(UINT32_MAX));
}

istr
ip_text(const struct in6_addr *ip)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    ipv6_format_mapped(ip, &s);
    istr out = text(ds_cstr(&s));
    ds_destroy(&s);
    return out;
}

/* ---- Indexes. ---- */

struct plen_key {
    const struct datapath *dp;
    uint32_t v4, plen;
};

static void
net_plen_key(const void *v_, struct inc_keys *keys)
{
    const struct router_net_v *v = v_;
    struct plen_key key = { v->dp, v->v4, v->plen };
    if (!v->lla) {
        inc_keys_add(keys, &key, sizeof key);
    }
}
struct inc_index nets_by_plen = {
    .name = "nets_by_plen", .table = &router_net_table, .keys = net_plen_key,
    .mask = (INC_MASK(router_net, dp) | INC_MASK(router_net, v4)
             | INC_MASK(router_net, lla)),
};

struct prefix_key {
    const struct datapath *dp;
    uint64_t plen;
    struct in6_addr network;
};

static void
net_prefix_key(const void *v_, struct inc_keys *keys)
{
    const struct router_net_v *v = v_;
    struct prefix_key key = { v->dp, v->plen, ip_network(&v->ip, v->plen) };
    if (!v->lla) {
        inc_keys_add(keys, &key, sizeof key);
    }
}
struct inc_index nets_by_prefix = {
    .name = "nets_by_prefix", .table = &router_net_table,
    .keys = net_prefix_key,
    .mask = INC_MASK(router_net, dp) | INC_MASK(router_net, lla),
};

struct family_key {
    const struct datapath *dp;
    uint64_t v4;
};

static void
router_plen_key(const void *v_, struct inc_keys *keys)
{
    const struct router_plen_v *v = v_;
    struct family_key key = { v->dp, v->v4 };
    inc_keys_add(keys, &key, sizeof key);
}
struct inc_index router_plens_by_dp = {
    .name = "router_plens_by_dp", .table = &router_plen_table,
    .keys = router_plen_key,
};

/* ---- Rules and look-ups. ---- */

static void
run_router_plens(const void *row)
{
    size_t len;
    const struct plen_key *key = inc_bucket_key(row, &len);
    emit_router_plen(&(struct router_plen_v) {
        .dp = key->dp, .v4 = key->v4, .plen = key->plen,
    });
}
const struct inc_rule router_plens = {
    .name = "router_plens", .bucket_driver = &nets_by_plen,
    .run = run_router_plens,
};

const struct router_net *
net_onlink(const struct datapath *dp, const struct in6_addr *ip)
{
    struct family_key family = { dp, IN6_IS_ADDR_V4MAPPED(ip) };
    const struct router_net *best = NULL;
    const struct router_plen *plen;

    INC_BUCKET_FOR_EACH (plen, inc_find(&router_plens_by_dp, &family,
                                        sizeof family)) {
        uint32_t n = router_plen_plen(plen);
        struct prefix_key key = { dp, n, ip_network(ip, n) };
        const struct router_net *net
            = inc_find_one(&nets_by_prefix, &key, sizeof key);
        if (net && (!best || router_net_plen(best) < n)) {
            best = net;
        }
    }
    return best;
}

const struct router_net *
net_with_prefix(const struct datapath *dp, const struct in6_addr *network,
                uint32_t plen)
{
    struct prefix_key key = { dp, plen, *network };
    return inc_find_one(&nets_by_prefix, &key, sizeof key);
}
