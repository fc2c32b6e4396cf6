#include <config.h>
#include "controller/punt/learned.h"

#include <limits.h>

#include "controller/out/sb.h"
#include "controller/punt/ages.h"
#include "controller/punt/limit.h"
#include "coverage.h"
#include "lib/actions/punt.h"
#include "lib/db/db.h"
#include "lib/table/sb-table.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "packets.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(learned);

COVERAGE_DEFINE(learned_fdb_full);

INC_TABLE_DEFINE(learned_fdb, LEARNED_FDB_FIELDS, .kind = INC_INPUT);

/* The key of sb_fdb_by_mac. */
struct fdb_key {
    int64_t dp_key;
    char mac[ETH_ADDR_STRLEN + 1];
};

static size_t
fdb_key_init(struct fdb_key *key, int64_t dp_key, const char *mac)
{
    memset(key, 0, sizeof *key);
    key->dp_key = dp_key;
    ovs_strlcpy(key->mac, mac, sizeof key->mac);
    return sizeof *key;
}

static void
fdb_keys(const void *row, struct inc_keys *keys)
{
    struct fdb_key key;
    size_t n = fdb_key_init(&key, sb_fdb_dp_key(row), sb_fdb_mac(row));

    inc_keys_add(keys, &key, n);
}

struct inc_index sb_fdb_by_mac = {
    .name = "sb_fdb_by_mac", .table = &sb_fdb_table.inc, .keys = fdb_keys,
    .mask = INC_COL(SB_FDB_COL_DP_KEY) | INC_COL(SB_FDB_COL_MAC),
};

static void
fdb_port_keys(const void *row, struct inc_keys *keys)
{
    int64_t key[2] = { sb_fdb_dp_key(row), sb_fdb_port_key(row) };
    inc_keys_add(keys, key, sizeof key);
}

struct inc_index sb_fdb_by_port = {
    .name = "sb_fdb_by_port", .table = &sb_fdb_table.inc,
    .keys = fdb_port_keys,
    .mask = INC_COL(SB_FDB_COL_DP_KEY) | INC_COL(SB_FDB_COL_PORT_KEY),
};

static bool
port_is_full(uint32_t dp_key, uint32_t port_key)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);
    int64_t key[2] = { dp_key, port_key };

    if (inc_bucket_n_untracked(inc_find(&sb_fdb_by_port, key, sizeof key))
        < LEARNED_FDB_MAX) {
        return false;
    }
    COVERAGE_INC(learned_fdb_full);
    VLOG_WARN_RL(&rl, "datapath %"PRIu32", port %"PRIu32" has %d learned "
                 "MACs: no others are learned there", dp_key, port_key,
                 LEARNED_FDB_MAX);
    return true;
}

/* The row of a MAC, or null. */
static const struct sb_fdb *
find_fdb(uint32_t dp_key, struct eth_addr mac)
{
    char mac_s[ETH_ADDR_STRLEN + 1];
    struct fdb_key key;

    snprintf(mac_s, sizeof mac_s, ETH_ADDR_FMT, ETH_ADDR_ARGS(mac));
    size_t n = fdb_key_init(&key, dp_key, mac_s);
    return inc_find_one(&sb_fdb_by_mac, &key, n);
}

/* Sets what the database says of the MAC now, zeros if nothing. */
static void
get_current(uint32_t dp_key, struct eth_addr mac, uint32_t *port_key,
            int64_t *timestamp)
{
    const struct sb_fdb *fdb = find_fdb(dp_key, mac);

    *port_key = fdb ? sb_fdb_port_key(fdb) : 0;
    *timestamp = fdb ? sb_fdb_timestamp(fdb) : 0;
}

static const struct learned_fdb_v *
find_learned(const struct learned_fdb_v *v)
{
    const struct inc_row *row = inc_row_by_key(&learned_fdb_table, v);
    return row ? learned_fdb_untracked(row) : NULL;
}

void
learned_fdb_add(const struct put_fdb *fdb, struct limiter *limiter,
                int64_t now)
{
    struct learned_fdb_v v = {
        .dp_key = fdb->dp_key,
        .mac = fdb->mac,
        .port_key = fdb->port_key,
        .timestamp = time_wall_msec(),
        .news = true,
        .msec = now,
    };

    /* Packets are punted until the switch has the flows that the database's
     * row leads to: what is on its way is no news. */
    const struct learned_fdb_v *learned = find_learned(&v);
    if (learned && learned->port_key == v.port_key) {
        return;
    }
    get_current(v.dp_key, v.mac, &v.old_port_key, &v.old_timestamp);
    if (v.old_port_key == v.port_key) {
        inc_input_unset(&learned_fdb_table, &v);
    } else if (!port_is_full(v.dp_key, v.port_key)
               && limiter_admits_news(limiter, PUNT_PUT_FDB, v.dp_key,
                                      v.port_key)) {
        inc_input_set(&learned_fdb_table, &v);
    }
}

void
learned_fdb_use(const struct used_fdb *used, int64_t now)
{
    struct learned_fdb_v v = {
        .dp_key = used->dp_key, .mac = used->mac, .port_key = used->port_key,
        .timestamp = used->last_use, .msec = now,
    };

    get_current(v.dp_key, v.mac, &v.old_port_key, &v.old_timestamp);
    if (v.old_port_key == v.port_key && !find_learned(&v)
        && age_is_worth_noting(v.dp_key, USED_FDB, v.old_timestamp,
                               v.timestamp)) {
        inc_input_set(&learned_fdb_table, &v);
    }
}

/* Has what was to be written arrived, or something else? */
static bool
is_done(const struct learned_fdb_v *v)
{
    uint32_t port_key;
    int64_t timestamp;

    get_current(v->dp_key, v->mac, &port_key, &timestamp);
    return (port_key != v->old_port_key
            || (!v->news && timestamp != v->old_timestamp));
}

static long long int
learned_deadline(const void *v_)
{
    const struct learned_fdb_v *v = v_;
    return is_done(v) ? LLONG_MIN : v->msec + LEARNED_FDB_MAX_AGE;
}

long long int
learned_fdb_expire(int64_t now)
{
    return inc_input_expire(&learned_fdb_table, now, learned_deadline);
}

static void
run_learned_fdbs(const void *row_)
{
    const struct learned_fdb *row = row_;
    uint32_t dp_key = learned_fdb_dp_key(row);
    struct eth_addr mac = learned_fdb_mac(row);
    char mac_s[ETH_ADDR_STRLEN + 1];

    snprintf(mac_s, sizeof mac_s, ETH_ADDR_FMT, ETH_ADDR_ARGS(mac));

    /* Another controller may have given it another uuid. */
    const struct sb_fdb *fdb = find_fdb(dp_key, mac);
    if (!fdb && !learned_fdb_news(row)) {
        return;
    }
    emit_sb_learned_fdb(&(struct sb_learned_fdb_v) {
        .uuid = fdb ? *sb_fdb_uuid(fdb)
                : db_uuid_for(&sb_fdb_table, "%"PRId64" %s",
                              (int64_t) dp_key, mac_s),
        .mac = istr_intern(mac_s),
        .dp_key = dp_key,
        .port_key = learned_fdb_port_key(row),
        .timestamp = learned_fdb_timestamp(row),
    });
}
const struct inc_rule learned_fdbs = {
    .name = "learned_fdbs", .driver = &learned_fdb_table,
    .run = run_learned_fdbs,
};
