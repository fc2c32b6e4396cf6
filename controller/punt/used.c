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

/* Neighbors that wait for the main thread; the rest is found the next time. */
#define MAX_USED 20000

struct post *
used_post_create(void)
{
    return post_create(sizeof(struct used_neighbor),
                       OFFSETOFEND(struct used_neighbor, mac), MAX_USED);
}

struct ofpbuf *
used_request(void)
{
    struct ofputil_flow_stats_request request = {
        .out_port = OFPP_ANY, .out_group = OFPG_ANY,
        .table_id = OFTABLE_MAC_CACHE_USE,
    };

    match_init_catchall(&request.match);
    return ofputil_encode_flow_stats_request(&request, OFPUTIL_P_OF15_OXM);
}

static void
take_flow(const struct ofputil_flow_stats *fs, struct post *post)
{
    const struct flow *flow = &fs->match.flow;
    struct used_neighbor used;

    if (!fs->packet_count || fs->packet_count == UINT64_MAX
        || fs->idle_age < 0) {
        return;
    }
    memset(&used, 0, sizeof used);
    used.key.dp_key = ntohll(flow->metadata);
    used.key.port_key = flow->regs[REG_INPORT];
    used.key.ip = (flow->dl_type == htons(ETH_TYPE_IP)
                   ? in6_addr_mapped_ipv4(flow->nw_src) : flow->ipv6_src);
    used.mac = flow->dl_src;
    used.last_use = time_wall_msec() - fs->idle_age * 1000LL;
    post_put(post, &used);
}

void
used_take(const struct ofpbuf *reply, struct post *post)
{
    struct ofpbuf msg = ofpbuf_const_initializer(reply->data, reply->size);
    struct ofputil_flow_stats fs;
    struct ofpbuf ofpacts;

    ofpbuf_init(&ofpacts, 0);
    while (!ofputil_decode_flow_stats_reply(&fs, &msg, true, &ofpacts)) {
        take_flow(&fs, post);
    }
    ofpbuf_uninit(&ofpacts);
}
