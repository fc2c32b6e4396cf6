#include <config.h>
#include "controller/punt/neighbors.h"

#include <limits.h>

#include "controller/model/binding.h"
#include "controller/out/sb.h"
#include "controller/punt/ages.h"
#include "controller/punt/limit.h"
#include "controller/punt/post.h"
#include "controller/punt/waiting.h"
#include "coverage.h"
#include "lib/actions/punt.h"
#include "lib/db/db.h"
#include "lib/table/sb-table.h"
#include "lib/text/addresses.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "packets.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(neighbors);

COVERAGE_DEFINE(learned_mac_full);

INC_TABLE_DEFINE(learned_mac, LEARNED_MAC_FIELDS, .kind = INC_INPUT);
INC_TABLE_DEFINE(awaited, AWAITED_FIELDS, .kind = INC_INPUT);
INC_TABLE_DEFINE(resolved, RESOLVED_FIELDS, .kind = INC_OUTPUT);

/* ---- Indexes. ---- */

/* The key of pb_by_key. */
struct pb_key {
    struct uuid dp;
    int64_t key;
};

static void
pb_key(const void *pb, struct inc_keys *keys)
{
    struct pb_key key;

    memset(&key, 0, sizeof key);
    key.dp = *sb_port_binding_datapath_uuid(pb);
    key.key = sb_port_binding_tunnel_key(pb);
    inc_keys_add(keys, &key, sizeof key);
}
struct inc_index pb_by_key = {
    .name = "pb_by_key", .table = &sb_port_binding_table.inc,
    .keys = pb_key, .mask = INC_COL(SB_PORT_BINDING_COL_DATAPATH)
                            | INC_COL(SB_PORT_BINDING_COL_TUNNEL_KEY),
};

/* Appends to 'ds' the key of an IP address at a logical port, which does not
 * depend on how the address is written. */
static void
put_ip_key(struct ds *ds, const char *port, const struct in6_addr *ip)
{
    ds_put_buffer(ds, (const char *) ip, sizeof *ip);
    ds_put_cstr(ds, port);
}

static void
add_ip_key(const char *port, const char *ip_s, struct inc_keys *keys)
{
    struct ip_prefix ip;
    char *error = ip_prefix_parse(ip_s, &ip);

    if (!error) {
        struct ds ds = DS_EMPTY_INITIALIZER;
        put_ip_key(&ds, port, &ip.ip);
        inc_keys_add(keys, ds.string, ds.length);
        ds_destroy(&ds);
    }
    free(error);
}

static void
mac_binding_key(const void *row, struct inc_keys *keys)
{
    add_ip_key(sb_mac_binding_logical_port(row), sb_mac_binding_ip(row),
               keys);
}
struct inc_index sb_mac_binding_by_ip = {
    .name = "sb_mac_binding_by_ip", .table = &sb_mac_binding_table.inc,
    .keys = mac_binding_key,
    .mask = INC_COL(SB_MAC_BINDING_COL_LOGICAL_PORT)
            | INC_COL(SB_MAC_BINDING_COL_IP),
};

static void
mac_binding_port_key(const void *row, struct inc_keys *keys)
{
    const char *port = sb_mac_binding_logical_port(row);
    inc_keys_add(keys, port, strlen(port));
}
struct inc_index sb_mac_binding_by_port = {
    .name = "sb_mac_binding_by_port", .table = &sb_mac_binding_table.inc,
    .keys = mac_binding_port_key,
    .mask = INC_COL(SB_MAC_BINDING_COL_LOGICAL_PORT),
};

static void
static_mac_binding_key(const void *row, struct inc_keys *keys)
{
    add_ip_key(sb_static_mac_binding_logical_port(row),
               sb_static_mac_binding_ip(row), keys);
}
struct inc_index sb_static_mac_binding_by_ip = {
    .name = "sb_static_mac_binding_by_ip",
    .table = &sb_static_mac_binding_table.inc,
    .keys = static_mac_binding_key,
    .mask = INC_COL(SB_STATIC_MAC_BINDING_COL_LOGICAL_PORT)
            | INC_COL(SB_STATIC_MAC_BINDING_COL_IP),
};

static void
learned_key(const void *v_, struct inc_keys *keys)
{
    const struct learned_mac_v *v = v_;
    inc_keys_add(keys, &v->key, sizeof v->key);
}
struct inc_index learned_mac_index = {
    .name = "learned_mac", .table = &learned_mac_table,
    .keys = learned_key,
};

static const void *
find_by_ip(struct inc_index *index, const char *port,
           const struct in6_addr *ip)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    put_ip_key(&ds, port, ip);
    const void *row = inc_find_one(index, ds.string, ds.length);
    ds_destroy(&ds);
    return row;
}

/* ---- Ports. ---- */

const struct sb_port_binding *
neighbor_port(const struct neighbor_key *key)
{
    const struct sb_datapath_binding *dp = datapath_by_key(key->dp_key);
    if (!dp) {
        return NULL;
    }

    struct pb_key pb_key;
    memset(&pb_key, 0, sizeof pb_key);
    pb_key.dp = *sb_datapath_binding_uuid(dp);
    pb_key.key = key->port_key;
    const struct sb_port_binding *pb = inc_find_one(&pb_by_key, &pb_key,
                                                    sizeof pb_key);
    const char *name
        = (pb && !strcmp(sb_port_binding_type(pb), "chassisredirect")
           ? sb_port_binding_options_get(pb, "distributed-port") : NULL);
    return name ? inc_find_one(&pb_by_name, name, strlen(name)) : pb;
}

static const struct sb_mac_binding *
find_binding(const struct sb_port_binding *pb, const struct in6_addr *ip)
{
    return find_by_ip(&sb_mac_binding_by_ip,
                      sb_port_binding_logical_port(pb), ip);
}

/* ---- What this chassis learned. ---- */

/* Sets what the database says of the neighbor now, zeros if nothing. */
static void
get_current(const struct neighbor_key *key, struct eth_addr *mac,
            int64_t *timestamp)
{
    const struct sb_port_binding *pb = neighbor_port(key);
    const struct sb_mac_binding *mb = pb ? find_binding(pb, &key->ip) : NULL;

    *mac = eth_addr_zero;
    *timestamp = 0;
    if (mb) {
        eth_addr_from_string(sb_mac_binding_mac(mb), mac);
        *timestamp = sb_mac_binding_timestamp(mb);
    }
}

static const struct learned_mac_v *
find_learned(const struct learned_mac_v *v)
{
    const struct inc_row *row = inc_row_by_key(&learned_mac_table, v);
    return row ? learned_mac_untracked(row) : NULL;
}

/* Are no more neighbors remembered at the port? */
static bool
port_is_full(const struct neighbor_key *key)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);
    const struct sb_port_binding *pb = neighbor_port(key);
    const char *port = pb ? sb_port_binding_logical_port(pb) : "";

    if (inc_bucket_n_untracked(inc_find(&sb_mac_binding_by_port, port,
                                        strlen(port))) < LEARNED_MAC_MAX) {
        return false;
    }
    COVERAGE_INC(learned_mac_full);
    VLOG_WARN_RL(&rl, "%s has %d learned neighbors: no others are "
                 "remembered there", port, LEARNED_MAC_MAX);
    return true;
}

/* Has anybody asked for it, or may the port tell more that nobody did? */
static bool
is_welcome(const struct neighbor_key *key, struct limiter *limiter)
{
    const struct awaited_v awaited = { .key = *key };

    return (inc_row_by_key(&awaited_table, &awaited)
            || limiter_admits_news(limiter,
                                   IN6_IS_ADDR_V4MAPPED(&key->ip)
                                   ? PUNT_PUT_ARP : PUNT_PUT_ND,
                                   key->dp_key, key->port_key));
}

void
neighbors_learn(const struct put_mac *put, struct limiter *limiter,
                int64_t now)
{
    struct learned_mac_v v = {
        .key = put->key, .mac = put->mac, .timestamp = time_wall_msec(),
        .news = true, .msec = now,
    };
    const struct learned_mac_v *learned = find_learned(&v);

    /* Packets are punted until the switch has the flows that the database's
     * row leads to: what is on its way is no news. */
    if (learned && eth_addr_equals(learned->mac, v.mac)) {
        return;
    }
    get_current(&v.key, &v.old_mac, &v.old_timestamp);
    if (eth_addr_equals(v.old_mac, v.mac)) {
        inc_input_unset(&learned_mac_table, &v);
    } else if (is_welcome(&v.key, limiter)) {
        v.news = !eth_addr_is_zero(v.old_mac) || !port_is_full(&v.key);
        inc_input_set(&learned_mac_table, &v);
    }
}

void
neighbors_use(const struct used_neighbor *used, int64_t now)
{
    struct learned_mac_v v = {
        .key = used->key, .mac = used->mac, .timestamp = used->last_use,
        .msec = now,
    };

    get_current(&v.key, &v.old_mac, &v.old_timestamp);
    if (eth_addr_equals(v.old_mac, v.mac) && !find_learned(&v)
        && age_is_worth_noting(v.key.dp_key, USED_NEIGHBOR, v.old_timestamp,
                               v.timestamp)) {
        inc_input_set(&learned_mac_table, &v);
    }
}

/* Has what was to be written arrived, or something else? */
static bool
is_done(const struct learned_mac_v *v)
{
    struct eth_addr mac;
    int64_t timestamp;

    get_current(&v->key, &mac, &timestamp);
    return (!eth_addr_equals(mac, v->old_mac)
            || (!v->news && timestamp != v->old_timestamp));
}

static void
run_learned_macs(const void *row_)
{
    const struct learned_mac *row = row_;
    struct neighbor_key key = learned_mac_key(row);
    const struct sb_port_binding *pb = neighbor_port(&key);
    if (!pb) {
        return;
    }

    struct eth_addr mac = learned_mac_mac(row);
    char mac_s[ETH_ADDR_STRLEN + 1];
    struct ds ip = DS_EMPTY_INITIALIZER;
    const char *port = sb_port_binding_logical_port(pb);
    snprintf(mac_s, sizeof mac_s, ETH_ADDR_FMT, ETH_ADDR_ARGS(mac));
    ipv6_format_mapped(&key.ip, &ip);

    /* Another controller may have given it another uuid. */
    const struct sb_mac_binding *mb = find_binding(pb, &key.ip);
    if (mb || learned_mac_news(row)) {
        emit_sb_learned_mac(&(struct sb_learned_mac_v) {
            .uuid = mb ? *sb_mac_binding_uuid(mb)
                    : db_uuid_for(&sb_mac_binding_table, "%s %s", port,
                                  ds_cstr(&ip)),
            .logical_port = istr_intern(port),
            .ip = mb ? istr_intern(sb_mac_binding_ip(mb))
                  : istr_intern(ds_cstr(&ip)),
            .mac = istr_intern(mac_s),
            .timestamp = learned_mac_timestamp(row),
            .datapath = *sb_port_binding_datapath_uuid(pb),
        });
    }
    ds_destroy(&ip);
}
const struct inc_rule learned_macs = {
    .name = "learned_macs", .driver = &learned_mac_table,
    .run = run_learned_macs,
};

/* ---- For whom packets wait. ---- */

void
neighbors_await(const struct awaited_neighbor *awaited, int64_t now)
{
    struct awaited_v v = {
        .key = awaited->key, .serial = awaited->serial, .msec = now,
    };

    if (awaited->wanted) {
        inc_input_set(&awaited_table, &v);
    } else {
        inc_input_unset(&awaited_table, &v);
    }
}

static bool
static_mac(const struct sb_port_binding *pb, const struct in6_addr *ip,
           bool override, struct eth_addr *mac)
{
    const struct sb_static_mac_binding *smb
        = find_by_ip(&sb_static_mac_binding_by_ip,
                     sb_port_binding_logical_port(pb), ip);
    return (smb && sb_static_mac_binding_override_dynamic_mac(smb) == override
            && eth_addr_from_string(sb_static_mac_binding_mac(smb), mac));
}

/* What was learned here goes before what the database says, which may not have
 * arrived there yet. */
static bool
dynamic_mac(const struct sb_port_binding *pb, const struct in6_addr *ip,
            struct eth_addr *mac)
{
    const struct sb_datapath_binding *dp = sb_port_binding_datapath(pb);
    struct neighbor_key key = {
        .dp_key = dp ? sb_datapath_binding_tunnel_key(dp) : 0,
        .port_key = sb_port_binding_tunnel_key(pb), .ip = *ip,
    };

    const struct learned_mac *learned
        = inc_find_one(&learned_mac_index, &key, sizeof key);
    if (learned) {
        *mac = learned_mac_mac(learned);
        return true;
    }
    const struct sb_mac_binding *mb = find_binding(pb, &key.ip);
    return mb && eth_addr_from_string(sb_mac_binding_mac(mb), mac);
}

bool
neighbor_mac(const struct sb_port_binding *pb, const struct in6_addr *ip,
             struct eth_addr *mac)
{
    return (static_mac(pb, ip, true, mac) || dynamic_mac(pb, ip, mac)
            || static_mac(pb, ip, false, mac));
}

static void
run_resolved_neighbors(const void *row_)
{
    const struct awaited *row = row_;
    struct resolved_v v = {
        .key = awaited_key(row), .serial = awaited_serial(row),
    };
    const struct sb_port_binding *pb = neighbor_port(&v.key);

    if (pb && neighbor_mac(pb, &v.key.ip, &v.mac)) {
        emit_resolved(&v);
    }
}
const struct inc_rule resolved_neighbors = {
    .name = "resolved_neighbors", .driver = &awaited_table,
    .run = run_resolved_neighbors,
};

bool
neighbors_post_resolved(struct post *post)
{
    struct inc_row *row;
    bool any = false;

    while ((row = inc_touched_pop(&resolved_table)) != NULL) {
        const struct resolved_v *v = resolved_untracked(row);
        struct resolved_neighbor resolved = { .key = v->key, .mac = v->mac };

        if (inc_row_is_dead(row)) {
            inc_row_release(row);
        } else {
            /* If there is no room, packets wait in vain, at most for as long
             * as they always may. */
            any = post_put(post, &resolved) || any;
        }
    }
    return any;
}

/* ---- Time. ---- */

static long long int
learned_deadline(const void *v_)
{
    const struct learned_mac_v *v = v_;
    return is_done(v) ? LLONG_MIN : v->msec + LEARNED_MAC_MAX_AGE;
}

static long long int
awaited_deadline(const void *v_)
{
    const struct awaited_v *v = v_;
    return v->msec + 2 * WAITING_MAX_AGE;
}

long long int
neighbors_expire(int64_t now)
{
    long long int learned = inc_input_expire(&learned_mac_table, now,
                                             learned_deadline);
    long long int awaited = inc_input_expire(&awaited_table, now,
                                             awaited_deadline);
    return MIN(learned, awaited);
}
