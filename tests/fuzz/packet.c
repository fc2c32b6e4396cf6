/* A punted packet, whatever is in it, is handled within its bounds, and what
 * the switch gets as an answer is in order.
 *
 * The input: the handler, whether the switch has paused the packet, datapath
 * and ports, 16 bytes for reg0 to reg3, then parameters with their length,
 * then the frame. */

#include "tests/fuzz/fuzz.h"

#include "controller/punt/bfd.h"
#include "controller/punt/handler.h"
#include "controller/punt/neighbor.h"
#include "controller/punt/post.h"
#include "controller/punt/put_fdb.h"
#include "controller/punt/waiting.h"
#include "csum.h"
#include "dp-packet.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofp-packet.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/vlog.h"
#include "packets.h"
#include "util.h"

struct fuzz_input {
    uint8_t handler, paused, dp, inport, outport;
    uint8_t regs[16];
    uint8_t n_params;
};

static const struct punt_handler *
choose_handler(uint8_t n)
{
    size_t i = 0;
    while (punt_handlers[i]) {
        i++;
    }
    return punt_handlers[n % i];
}

/* The header of IPv4 has its checksum, and lengths are those of the frame. */
static void
check_frame(const void *frame, size_t size, size_t original)
{
    struct dp_packet packet;
    struct flow flow;

    ovs_assert(size >= ETH_HEADER_LEN && size <= MAX(original, 2048));
    dp_packet_use_const(&packet, frame, size);
    flow_extract(&packet, &flow);
    if (flow.dl_type == htons(ETH_TYPE_IP)) {
        const struct ip_header *ip = dp_packet_l3(&packet);
        ovs_assert(ip && !csum(ip, IP_IHL(ip->ip_ihl_ver) * 4));
    }
}

static void
check_message(struct ofpbuf *msg, size_t original)
{
    const struct ofp_header *oh = msg->data;
    struct ofputil_packet_out po;
    struct ofpbuf ofpacts;
    enum ofptype type;

    ofpmsg_update_length(msg);
    ovs_assert(!ofptype_decode(&type, oh));
    if (type == OFPTYPE_PACKET_OUT) {
        ofpbuf_init(&ofpacts, 0);
        ovs_assert(!ofputil_decode_packet_out(&po, oh, NULL, &ofpacts));
        check_frame(po.packet, po.packet_len, original);
        ofpbuf_uninit(&ofpacts);
    } else {
        ovs_assert(type == OFPTYPE_NXT_RESUME);
    }
}

static void
ignore_message(struct ofpbuf *msg, void *aux OVS_UNUSED)
{
    ofpbuf_delete(msg);
}

static bool
ignore_and_go_on(struct ofpbuf *msg, void *aux OVS_UNUSED)
{
    ofpbuf_delete(msg);
    return true;
}

/* Lets the packets that wait for 'key' go on. */
static void
resolve(struct waiting *waiting, struct post *awaited)
{
    struct awaited_neighbor *all;
    size_t n = post_take(awaited, &all);

    for (size_t i = 0; i < n; i++) {
        struct resolved_neighbor resolved = { .key = all[i].key };
        waiting_resolve(waiting, &resolved, ignore_message, NULL);
    }
    free(all);
}

static void
run(const struct punt_handler *handler, struct punt_packet *packet,
    size_t original)
{
    struct post *awaited = post_create(sizeof(struct awaited_neighbor),
                                       sizeof(struct neighbor_key), 10);
    struct post *reports = bfd_report_post_create();
    struct punt_env env = {
        .fdbs = put_fdb_post_create(),
        .macs = post_create(sizeof(struct put_mac),
                            sizeof(struct neighbor_key), 10),
        .waiting = waiting_create(awaited),
        .bfds = bfd_monitor_create(reports),
        .now = 1000,
    };
    struct punt_result result = { .env = &env };
    const struct flow *h = &packet->headers;
    bool is_ip4 = h->dl_type == htons(ETH_TYPE_IP);
    struct bfd_order order = {
        .wanted = true, .disc = 1, .min_tx = 1000, .min_rx = 1000, .mult = 3,
        .rx_dp = ntohll(packet->md.metadata),
        .rx_port = packet->md.regs[14],
        .path.src = is_ip4 ? in6_addr_mapped_ipv4(h->nw_dst) : h->ipv6_dst,
        .path.dst = is_ip4 ? in6_addr_mapped_ipv4(h->nw_src) : h->ipv6_src,
    };

    bfd_monitor_order(env.bfds, &order, 0);
    const char *reason = handler->run(packet, &result);
    ovs_assert(!reason || reason[0]);
    if (result.message) {
        check_message(result.message, original);
        ofpbuf_delete(result.message);
    }
    bfd_monitor_run(env.bfds, 5000, ignore_and_go_on, NULL);
    resolve(env.waiting, awaited);

    waiting_destroy(env.waiting);
    bfd_monitor_destroy(env.bfds);
    post_destroy(awaited);
    post_destroy(reports);
    post_destroy(env.fdbs);
    post_destroy(env.macs);
}

/* Prepends the header to the parameters. */
static void *
make_userdata(uint8_t opcode, const uint8_t *params, size_t n)
{
    struct punt_header *header = xzalloc(sizeof *header + n);
    header->version = PUNT_VERSION;
    header->opcode = opcode;
    memcpy(header + 1, params, n);
    return header;
}

FUZZ_TARGET(packet)
{
    struct fuzz_input in;
    struct flow md;

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    if (size < sizeof in) {
        return;
    }
    memcpy(&in, data, sizeof in);
    data += sizeof in;
    size -= sizeof in;
    size_t n_params = MIN(in.n_params, size);
    size_t n = size - n_params;
    memset(&md, 0, sizeof md);
    md.metadata = htonll(in.dp);
    md.regs[14] = in.inport;
    md.regs[15] = in.outport;
    memcpy(md.regs, in.regs, sizeof in.regs);

    /* Copies of their own, for ASan to see what is beyond. */
    const struct punt_handler *handler = choose_handler(in.handler);
    void *userdata = make_userdata(handler->opcode, data, n_params);
    uint8_t *bytes = xmalloc(MAX(n, 1));
    memcpy(bytes, data + n_params, n);
    struct dp_packet frame;
    struct punt_packet packet;
    dp_packet_use_const(&frame, bytes, n);
    char *error = punt_packet_init(&packet, &md, userdata,
                                   sizeof(struct punt_header) + n_params,
                                   &frame);
    if (!error) {
        struct ofputil_packet_in pin = { .flow_metadata.flow = md };
        struct ofpbuf continuation = ofpbuf_const_initializer("12345678", 8);
        if (in.paused & 1) {
            packet.pin = &pin;
            packet.continuation = &continuation;
        }
        run(handler, &packet, n);
    }
    free(error);
    free(bytes);
    free(userdata);
}
