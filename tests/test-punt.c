/* Punted packets: handlers fed by hand, and userdata for flows. */
#include "test-ovn.h"

#include <limits.h>
#include <netinet/icmp6.h>
#include <stdlib.h>

#include "controller/punt/announce.h"
#include "controller/punt/handler.h"
#include "controller/punt/post.h"
#include "csum.h"
#include "dp-packet.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-packet.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/vlog.h"
#include "packets.h"
#include "random.h"

/* ---- Helpers. ---- */

static const struct eth_addr asker_mac = ETH_ADDR_C(f0,00,00,00,00,01);

static struct in6_addr
ip6(const char *s)
{
    struct in6_addr addr;
    ovs_assert(ipv6_parse(s, &addr));
    return addr;
}

/* Sets 'ns' to a solicitation for fd00::2 by 'src'. */
static void
make_ns(struct dp_packet *ns, const char *src)
{
    struct in6_addr ip_src = ip6(src), target = ip6("fd00::2");

    dp_packet_init(ns, 128);
    compose_nd_ns(ns, asker_mac, &ip_src, &target);
}

/* Parses 'actions' as OpenFlow actions into 'openflow', as they stand in a
 * parameter. */
static void
parse_actions(const char *actions, struct ofpbuf *openflow)
{
    struct ofpbuf ofpacts;
    enum ofputil_protocol protocols;
    struct ofpact_parse_params pp = {
        .ofpacts = &ofpacts, .usable_protocols = &protocols,
    };

    ofpbuf_init(&ofpacts, 0);
    ofpbuf_init(openflow, 0);
    char *error = ofpacts_parse_actions(actions, &pp);
    if (error) {
        ovs_fatal(0, "%s", error);
    }
    ofpacts_put_openflow_actions(ofpacts.data, ofpacts.size, openflow,
                                 OFP15_VERSION);
    ofpbuf_uninit(&ofpacts);
}

/* Appends to 'ofpacts' a controller action with userdata: nested 'actions', or
 * a value in hex digits. */
static struct ofpact_controller *
put_punt(struct ofpbuf *ofpacts, enum punt_opcode opcode,
         const char *actions)
{
    size_t start = punt_begin(ofpacts, opcode, 0);
    if (actions && strspn(actions, "0123456789abcdef") == strlen(actions)) {
        struct ofpbuf value;
        ofpbuf_init(&value, 0);
        ofpbuf_put_hex(&value, actions, NULL);
        if (opcode == PUNT_PUT_ND_RA_OPTS) {
            struct mf_subfield dst = { mf_from_id(MFF_REG0), 5, 1 };
            punt_put_subfield(ofpacts, PUNT_P_RESULT, &dst);
            punt_put(ofpacts, PUNT_P_OPTIONS, value.data, value.size);
        } else {
            punt_put(ofpacts, PUNT_P_VALUE, value.data, value.size);
        }
        ofpbuf_uninit(&value);
    } else if (actions) {
        struct ofpbuf openflow;
        parse_actions(actions, &openflow);
        punt_put(ofpacts, PUNT_P_ACTIONS, openflow.data, openflow.size);
        ofpbuf_uninit(&openflow);
    }
    ovs_assert(punt_end(ofpacts, start));
    return ofpbuf_at_assert(ofpacts, start, sizeof(struct ofpact_controller));
}

/* Feeds a copy of the 'n' bytes at 'frame' to the solicitation code, such that
 * a read past its end is seen by the sanitizer.  Returns null if there is an
 * answer, in '*na' if 'na' is nonnull. */
static const char *
ask(const void *frame, size_t n, struct dp_packet *na)
{
    static const struct punt_header header
        = { .version = PUNT_VERSION, .opcode = PUNT_ND_NA };
    void *copy = xmemdup(frame, n);
    struct punt_packet p;
    struct dp_packet packet, answer;
    struct flow md;

    memset(&md, 0, sizeof md);
    dp_packet_use_const(&packet, copy, n);
    char *error = punt_packet_init(&p, &md, &header, sizeof header, &packet);
    const char *reason = "no frame";
    if (!error) {
        reason = nd_na_compose(&p, false, &answer);
        if (!reason && na) {
            *na = answer;
        } else if (!reason) {
            dp_packet_uninit(&answer);
        }
    }
    free(error);
    free(copy);
    return reason;
}

static void
expect(struct dp_packet *ns, const char *wanted)
{
    const char *reason = ask(dp_packet_data(ns), dp_packet_size(ns), NULL);
    if (!nullable_string_is_equal(reason, wanted)) {
        ovs_fatal(0, "expected \"%s\", got \"%s\"",
                  wanted ? wanted : "an answer",
                  reason ? reason : "an answer");
    }
    dp_packet_uninit(ns);
}

/* ---- Neighbor solicitations. ---- */

static void
check_na(const struct dp_packet *na, const char *dst, struct eth_addr dl_dst,
         uint32_t rso)
{
    struct in6_addr ip_dst = ip6(dst), ip_src = ip6("fd00::2");
    struct dp_packet packet;
    struct flow h;

    dp_packet_use_const(&packet, dp_packet_data(na), dp_packet_size(na));
    flow_extract(&packet, &h);
    ovs_assert(h.dl_type == htons(ETH_TYPE_IPV6) && h.nw_ttl == 255);
    ovs_assert(h.tp_src == htons(ND_NEIGHBOR_ADVERT) && !h.tp_dst);
    ovs_assert(ipv6_addr_equals(&h.ipv6_src, &ip_src));
    ovs_assert(ipv6_addr_equals(&h.ipv6_dst, &ip_dst));
    ovs_assert(ipv6_addr_equals(&h.nd_target, &ip_src));
    ovs_assert(eth_addr_equals(h.dl_dst, dl_dst));
    ovs_assert(eth_addr_equals(h.arp_tha, h.dl_src));
    ovs_assert(ntohl(h.igmp_group_ip4) == rso);

    struct ovs_nd_msg *msg = dp_packet_l4(&packet);
    ovs_be16 csum = msg->icmph.icmp6_cksum;
    msg->icmph.icmp6_cksum = 0;
    ovs_assert(csum == packet_csum_upperlayer6(dp_packet_l3(&packet), msg,
                                               IPPROTO_ICMPV6,
                                               dp_packet_l4_size(&packet)));
}

static void
test_answers(void)
{
    static const struct eth_addr all_nodes = ETH_ADDR_C(33,33,00,00,00,01);
    struct dp_packet ns, na;

    make_ns(&ns, "fd00::1");
    ovs_assert(!ask(dp_packet_data(&ns), dp_packet_size(&ns), &na));
    check_na(&na, "fd00::1", asker_mac, ND_RSO_SOLICITED | ND_RSO_OVERRIDE);
    dp_packet_uninit(&na);

    /* The answer comes with the tags of the question. */
    eth_push_vlan(&ns, htons(ETH_TYPE_VLAN_8021Q), htons(0x6007));
    ovs_assert(!ask(dp_packet_data(&ns), dp_packet_size(&ns), &na));
    check_na(&na, "fd00::1", asker_mac, ND_RSO_SOLICITED | ND_RSO_OVERRIDE);
    const struct vlan_eth_header *veh = dp_packet_data(&na);
    ovs_assert(veh->veth_type == htons(ETH_TYPE_VLAN_8021Q)
               && veh->veth_tci == htons(0x6007));
    dp_packet_uninit(&na);
    dp_packet_uninit(&ns);

    /* Duplicate address detection, which has no link-layer option. */
    make_ns(&ns, "::");
    dp_packet_set_size(&ns, dp_packet_size(&ns) - ND_LLA_OPT_LEN);
    struct ovs_16aligned_ip6_hdr *ip = dp_packet_l3(&ns);
    ip->ip6_plen = htons(ND_MSG_LEN);
    ovs_assert(!ask(dp_packet_data(&ns), dp_packet_size(&ns), &na));
    check_na(&na, "ff02::1", all_nodes, ND_RSO_OVERRIDE);
    dp_packet_uninit(&na);
    dp_packet_uninit(&ns);
}

/* What must not be answered, and why. */
static void
test_refusals(void)
{
    struct dp_packet ns;
    struct ovs_16aligned_ip6_hdr *ip;
    struct ovs_nd_msg *msg;

#define START(SRC)                                                      \
    make_ns(&ns, SRC); ip = dp_packet_l3(&ns); msg = dp_packet_l4(&ns)
    START("fd00::1"); ip->ip6_hlim = 64;
    expect(&ns, "came through a router");
    START("fd00::1"); msg->icmph.icmp6_type = ND_NEIGHBOR_ADVERT;
    expect(&ns, "not a neighbor solicitation");
    START("fd00::1"); msg->icmph.icmp6_code = 1;
    expect(&ns, "not a neighbor solicitation");
    START("fd00::1"); ip->ip6_nxt = IPPROTO_UDP;
    expect(&ns, "not ICMPv6");
    START("fd00::1"); ip->ip6_plen = htons(1000);
    expect(&ns, "not ICMPv6");
    START("fd00::1"); msg->options[0].len = 0;
    expect(&ns, "option without length");
    START("fd00::1"); msg->options[0].len = 2;
    expect(&ns, "option beyond the end");
    START("fd00::1"); memset(&msg->target, 0, sizeof msg->target);
    expect(&ns, "bad target");
    START("fd00::1"); msg->target.be16[0] = htons(0xff02);
    expect(&ns, "bad target");
    START("ff02::1");
    expect(&ns, "multicast source");
    START("::");
    expect(&ns, "link-layer address of nobody");
    START("::"); msg->options[0].type = 200; ip->ip6_dst.be16[7] = 0;
    expect(&ns, "wrong destination of a solicitation from nowhere");
    START("fd00::1"); msg->options[0].type = 200;
    expect(&ns, NULL);
#undef START
}

/* No prefix of a solicitation, and no damaged one, leads to worse than no
 * answer. */
static void
test_garbage(void)
{
    struct dp_packet ns;

    make_ns(&ns, "fd00::1");
    for (size_t n = 0; n < dp_packet_size(&ns); n++) {
        ovs_assert(ask(dp_packet_data(&ns), n, NULL));
    }
    random_set_seed(1);
    for (int i = 0; i < 100000; i++) {
        size_t n = dp_packet_size(&ns);
        uint8_t frame[128];

        memcpy(frame, dp_packet_data(&ns), n);
        for (int j = random_range(4); j >= 0; j--) {
            frame[random_range(n)] = random_uint32();
        }
        for (int j = random_range(3) * 8; j > 0; j--) {
            frame[n++] = random_range(4);
        }
        ask(frame, random_range(2) ? n : random_range(n + 1), NULL);
    }
    dp_packet_uninit(&ns);
}

static void
test_nd_na(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    test_answers();
    test_refusals();
    test_garbage();
}
OVSTEST_REGISTER("punt-nd-na", test_nd_na);

/* ---- Packet-outs. ---- */

static const char *
make_packet_out(const void *userdata, size_t len, const struct flow *md,
                struct ofpbuf **msg)
{
    struct punt_packet p;
    struct dp_packet ns;

    make_ns(&ns, "fd00::1");
    char *error = punt_packet_init(&p, md, userdata, len, &ns);
    ovs_assert(!error);
    *msg = NULL;
    const char *reason = punt_packet_out(&p, &ns, msg);
    dp_packet_uninit(&ns);
    return reason;
}

static void
test_packet_out(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    struct ofpbuf ofpacts, *msg;
    struct flow md;

    memset(&md, 0, sizeof md);
    md.metadata = htonll(5);
    md.regs[14] = 3;
    md.regs[0] = 0x80000000;

    ofpbuf_init(&ofpacts, 0);
    struct ofpact_controller *oc = put_punt(
        &ofpacts, PUNT_ND_NA, "move:NXM_NX_REG14[]->NXM_NX_REG15[],"
        "resubmit(,42)");
    void *userdata = xmemdup(oc->userdata, oc->userdata_len);
    size_t len = oc->userdata_len;
    ovs_assert(!make_packet_out(userdata, len, &md, &msg));

    struct ofputil_packet_out po;
    struct ofpbuf decoded;
    ofpbuf_init(&decoded, 0);
    ovs_assert(!ofputil_decode_packet_out(&po, msg->data, NULL, &decoded));
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct ofpact_format_params fp = { .s = &ds };
    ofpacts_format(po.ofpacts, po.ofpacts_len, &fp);
    puts(ds_cstr(&ds));
    ovs_assert(po.flow_metadata.flow.in_port.ofp_port == OFPP_CONTROLLER);
    ds_destroy(&ds);
    ofpbuf_uninit(&decoded);
    ofpbuf_delete(msg);

    /* Userdata cut off anywhere, and damaged. */
    vlog_set_levels(NULL, VLF_CONSOLE, VLL_OFF);
    for (size_t n = sizeof(struct punt_header); n < len; n++) {
        void *part = xmemdup(userdata, n);
        ovs_assert(make_packet_out(part, n, &md, &msg) && !msg);
        free(part);
    }
    for (int i = 0; i < 10000; i++) {
        uint8_t *bad = xmemdup(userdata, len);
        bad[sizeof(struct punt_header)
            + random_range(len - sizeof(struct punt_header))]
            = random_uint32();
        make_packet_out(bad, len, &md, &msg);
        ofpbuf_delete(msg);
        free(bad);
    }
    free(userdata);
    ofpbuf_uninit(&ofpacts);
}
OVSTEST_REGISTER("punt-packet-out", test_packet_out);

/* ---- What threads post to each other. ---- */

static void
test_post(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    struct value { uint32_t key[2]; uint32_t data; };
    struct post *post = post_create(sizeof(struct value), 8, 2);
    struct value a = { { 1, 10 }, 10 }, b = { { 2, 10 }, 10 };
    struct value c = { { 1, 11 }, 10 }, *values;

    ovs_assert(post_put(post, &a) && post_put(post, &b));
    ovs_assert(!post_put(post, &c));
    a.data = 12;
    ovs_assert(post_put(post, &a));         /* Takes the old one's place. */
    ovs_assert(post_n(post) == 2 && post_max(post) == 2);
    ovs_assert(post_take(post, &values) == 2);
    ovs_assert(values[0].key[0] + values[1].key[0] == 3);
    ovs_assert(values[values[1].key[0] == 1].data == 12);
    free(values);
    ovs_assert(post_take(post, &values) == 0);
    free(values);
    ovs_assert(post_put(post, &c));
    post_destroy(post);
}
OVSTEST_REGISTER("punt-post", test_post);

/* ---- Announcements. ---- */

struct sent {
    int n;
    bool full;
};

static bool
pretend_to_send(struct ofpbuf *message, void *sent_)
{
    struct sent *sent = sent_;

    ofpbuf_delete(message);
    sent->n += !sent->full;
    return !sent->full;
}

/* Runs 'a' whenever it wants from 'now' to 'end'.  Returns how many were
 * sent. */
static int
announce_until(struct announcer *a, long long int now, long long int end)
{
    struct sent sent = { .n = 0 };

    while (now < end) {
        long long int next = announcer_run(a, now, pretend_to_send, &sent);
        ovs_assert(next > now);
        now = next;
    }
    return sent.n;
}

static void
test_announce(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    struct announce_order a_order, b_order;
    struct announcer *a = announcer_create();
    struct sent sent = { .full = true };

    memset(&a_order, 0, sizeof a_order);
    a_order.key.dp_key = 1;
    a_order.key.port_key = 2;
    a_order.key.ip = ip6("::ffff:10.0.0.1");
    a_order.key.mac = asker_mac;
    a_order.wanted = true;
    b_order = a_order;
    b_order.key.ip = ip6("fd00::1");
    b_order.max_timeout = 3;

    /* At 0, 1, 3 and 7 seconds. */
    announcer_order(a, &a_order, 0);
    ovs_assert(announcer_run(a, 0, pretend_to_send, &sent) == 10);
    ovs_assert(announce_until(a, 0, 1) == 1);
    ovs_assert(announce_until(a, 1, 1001) == 1);
    ovs_assert(announce_until(a, 1001, 3001) == 1);
    ovs_assert(announce_until(a, 3001, 6999) == 0);
    ovs_assert(announce_until(a, 6999, 1000000) == 1);
    ovs_assert(announcer_run(a, 1000000, pretend_to_send, &sent)
               == LLONG_MAX);

    /* At 0, 1, 3, 6, 9... seconds, until nobody wants it any more. */
    announcer_order(a, &a_order, 0);
    announcer_order(a, &b_order, 0);
    ovs_assert(announce_until(a, 0, 30001) == 4 + 12);
    b_order.wanted = a_order.wanted = false;
    announcer_order(a, &b_order, 30001);
    announcer_order(a, &a_order, 30001);
    announcer_order(a, &a_order, 30001);
    ovs_assert(announce_until(a, 30001, 60000) == 0);

    /* A question is another thing than an announcement by the same port. */
    a_order.wanted = b_order.wanted = true;
    a_order.key.target = ip6("::ffff:10.0.0.2");
    b_order.key.target = ip6("fd00::2");
    announcer_order(a, &a_order, 60000);
    announcer_order(a, &b_order, 60000);
    a_order.wanted = false;
    a_order.key.target = in6addr_any;
    announcer_order(a, &a_order, 60000);
    ovs_assert(announce_until(a, 60000, 90001) == 4 + 12);
    announcer_destroy(a);
}
OVSTEST_REGISTER("punt-announce", test_announce);

/* ---- Userdata for flows of tests. ---- */

/* punt-flow KIND [ACTIONS|VALUE]: prints an action for ovs-ofctl. */
static void
punt_flow(struct ovs_cmdl_context *ctx)
{
    struct ofpbuf ofpacts;
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct ofpact_format_params fp = { .s = &ds };
    int opcode = 1;

    ovs_assert(ctx->argc > 1);
    while (strcmp(punt_opcode_to_string(opcode), ctx->argv[1])) {
        ovs_assert(opcode++ < UINT8_MAX);
    }
    ofpbuf_init(&ofpacts, 0);
    put_punt(&ofpacts, opcode, ctx->argc > 2 ? ctx->argv[2] : NULL);
    ofpacts_format(ofpacts.data, ofpacts.size, &fp);
    puts(ds_cstr(&ds));
    ds_destroy(&ds);
    ofpbuf_uninit(&ofpacts);
}
OVSTEST_REGISTER("punt-flow", punt_flow);
