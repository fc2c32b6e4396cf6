#include <config.h>
#include "controller/punt/used.h"

#include "controller/oftables.h"
#include "controller/punt/neighbor.h"
#include "controller/punt/post.h"
#include "openvswitch/match.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-flow.h"
#include "openvswitch/ofp-group.h"
#include "openvswitch/ofp-protocol.h"
#include "openvswitch/ofpbuf.h"
#include "packets.h"
#include "timeval.h"
#include "util.h"

/* What waits for the main thread; the rest is found the next time. */
#define MAX_USED 20000

/* Where packets from what is known are counted. */
static const uint8_t tables[N_USED] = {
    [USED_NEIGHBOR] = OFTABLE_MAC_CACHE_USE,
    [USED_FDB] = OFTABLE_LOOKUP_FDB,
};

struct post *
used_post_create(enum used_kind kind)
{
    return (kind == USED_NEIGHBOR
            ? post_create(sizeof(struct used_neighbor),
                          OFFSETOFEND(struct used_neighbor, mac), MAX_USED)
            : post_create(sizeof(struct used_fdb),
                          OFFSETOFEND(struct used_fdb, mac), MAX_USED));
}

struct ofpbuf *
used_request(enum used_kind kind)
{
    struct ofputil_flow_stats_request request = {
        .out_port = OFPP_ANY, .out_group = OFPG_ANY,
        .table_id = tables[kind],
    };

    match_init_catchall(&request.match);
    return ofputil_encode_flow_stats_request(&request, OFPUTIL_P_OF15_OXM);
}

static void
take_neighbor(const struct flow *flow, int64_t last_use, struct post *post)
{
    struct used_neighbor used;

    memset(&used, 0, sizeof used);
    used.key.dp_key = ntohll(flow->metadata);
    used.key.port_key = flow->regs[REG_INPORT];
    used.key.ip = (flow->dl_type == htons(ETH_TYPE_IP)
                   ? in6_addr_mapped_ipv4(flow->nw_src) : flow->ipv6_src);
    used.mac = flow->dl_src;
    used.last_use = last_use;
    post_put(post, &used);
}

static void
take_fdb(const struct flow *flow, int64_t last_use, struct post *post)
{
    struct used_fdb used;

    memset(&used, 0, sizeof used);
    used.dp_key = ntohll(flow->metadata);
    used.mac = flow->dl_src;
    used.port_key = flow->regs[REG_INPORT];
    used.last_use = last_use;
    post_put(post, &used);
}

static void
take_flow(const struct ofputil_flow_stats *fs, struct post *posts[N_USED])
{
    if (!fs->packet_count || fs->packet_count == UINT64_MAX
        || fs->idle_age < 0) {
        return;
    }

    int64_t last_use = time_wall_msec() - fs->idle_age * INT64_C(1000);
    if (fs->table_id == tables[USED_NEIGHBOR]) {
        take_neighbor(&fs->match.flow, last_use, posts[USED_NEIGHBOR]);
    } else if (fs->table_id == tables[USED_FDB]) {
        take_fdb(&fs->match.flow, last_use, posts[USED_FDB]);
    }
}

void
used_take(const struct ofpbuf *reply, struct post *posts[N_USED])
{
    struct ofpbuf msg = ofpbuf_const_initializer(reply->data, reply->size);
    struct ofputil_flow_stats fs;
    struct ofpbuf ofpacts;

    ofpbuf_init(&ofpacts, 0);
    while (!ofputil_decode_flow_stats_reply(&fs, &msg, true, &ofpacts)) {
        take_flow(&fs, posts);
    }
    ofpbuf_uninit(&ofpacts);
}
