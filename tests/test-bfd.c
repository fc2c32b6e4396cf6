/* BFD sessions that talk to each other, with time that the test makes. */
#include "test-ovn.h"

#include <stdlib.h>

#include "controller/punt/bfd.h"
#include "controller/punt/handler.h"
#include "controller/punt/post.h"
#include "dp-packet.h"
#include "openvswitch/ofp-packet.h"
#include "openvswitch/ofpbuf.h"
#include "packets.h"
#include "random.h"

struct side {
    struct bfd_monitor *m;
    struct post *reports;
    struct bfd_order order;
    enum net_bfd_state state;    /* As reported. */
    int n_reports;
    int n_sent;
    struct side *peer;
    bool cut;                    /* Nothing gets through from here. */
    long long int now;
};

static struct in6_addr
address(int i)
{
    return in6_addr_mapped_ipv4(htonl(0x0a000000 | i));
}

static void
side_init(struct side *side, struct side *peer, int i, uint32_t min_tx)
{
    memset(side, 0, sizeof *side);
    side->peer = peer;
    side->reports = bfd_report_post_create();
    side->m = bfd_monitor_create(side->reports);
    side->state = NET_BFD_ADMIN_DOWN;
    side->order = (struct bfd_order) {
        .wanted = true, .tx_dp = 3, .tx_port = i, .rx_dp = 1, .rx_port = 1,
        .disc = 10 + i, .min_tx = min_tx, .min_rx = 100, .mult = 3,
    };
    side->order.path.src = address(i);
    side->order.path.dst = address(3 - i);
    side->order.path.src_port = 50000;
}

static void
side_destroy(struct side *side)
{
    bfd_monitor_destroy(side->m);
    post_destroy(side->reports);
}

/* What arrives at a router's port. */
static const char *
receive(struct side *side, const void *frame, size_t n, long long int now)
{
    static const struct punt_header header
        = { .version = PUNT_VERSION, .opcode = PUNT_HANDLE_BFD_MSG };
    void *copy = xmemdup(frame, n);
    struct dp_packet packet;
    struct punt_packet p;
    struct flow md;

    memset(&md, 0, sizeof md);
    md.metadata = htonll(1);
    md.regs[14] = 1;
    dp_packet_use_const(&packet, copy, n);
    char *error = punt_packet_init(&p, &md, &header, sizeof header, &packet);
    const char *reason = (error ? "no frame"
                          : bfd_monitor_receive(side->m, &p, now));
    free(error);
    free(copy);
    return reason;
}

static bool
deliver(struct ofpbuf *message, void *side_)
{
    struct side *side = side_;
    struct ofputil_packet_out po;
    struct ofpbuf ofpacts;

    ofpbuf_init(&ofpacts, 0);
    ovs_assert(!ofputil_decode_packet_out(&po, message->data, NULL,
                                          &ofpacts));
    side->n_sent++;
    if (!side->cut) {
        receive(side->peer, po.packet, po.packet_len, side->now);
    }
    ofpbuf_uninit(&ofpacts);
    ofpbuf_delete(message);
    return true;
}

static void
take_reports(struct side *side)
{
    struct bfd_report *reports;
    size_t n = post_take(side->reports, &reports);

    if (n) {
        side->state = reports[n - 1].state;
        side->n_reports++;
    }
    free(reports);
}

/* Runs both sides, a millisecond at a time. */
static void
run(struct side sides[2], long long int *now, int n)
{
    for (int i = 0; i < n; i++, ++*now) {
        for (int j = 0; j < 2; j++) {
            sides[j].now = *now;
            bfd_monitor_run(sides[j].m, *now, deliver, &sides[j]);
            take_reports(&sides[j]);
        }
    }
}

static void
test_sessions(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    struct side sides[2];
    long long int now = 1000;

    random_set_seed(1);
    side_init(&sides[0], &sides[1], 1, 100);
    side_init(&sides[1], &sides[0], 2, 200);
    bfd_monitor_order(sides[0].m, &sides[0].order, now);

    /* Nobody is there: known after a while, in slow packets. */
    run(sides, &now, 2900);
    ovs_assert(sides[0].state == NET_BFD_ADMIN_DOWN);
    ovs_assert(sides[0].n_sent <= 4);
    run(sides, &now, 200);
    ovs_assert(sides[0].state == NET_BFD_DOWN);

    /* Somebody comes. */
    bfd_monitor_order(sides[1].m, &sides[1].order, now);
    run(sides, &now, 2500);
    ovs_assert(sides[0].state == NET_BFD_UP && sides[1].state == NET_BFD_UP);
    sides[0].n_sent = sides[1].n_sent = 0;
    run(sides, &now, 10000);
    ovs_assert(sides[0].n_sent >= 100 && sides[0].n_sent <= 140);
    ovs_assert(sides[1].n_sent >= 50 && sides[1].n_sent <= 70);
    ovs_assert(sides[0].n_reports <= 3 && sides[1].n_reports == 1);

    /* One direction fails: both know, after three intervals. */
    sides[1].cut = true;
    run(sides, &now, 300);
    ovs_assert(sides[0].state == NET_BFD_UP && sides[1].state == NET_BFD_UP);
    run(sides, &now, 1500);
    ovs_assert(sides[0].state == NET_BFD_DOWN);
    ovs_assert(sides[1].state != NET_BFD_UP);
    sides[1].cut = false;
    run(sides, &now, 3000);
    ovs_assert(sides[0].state == NET_BFD_UP && sides[1].state == NET_BFD_UP);

    /* Other parameters, without an interruption. */
    int n_reports = sides[0].n_reports;
    sides[0].order.min_tx = 50;
    bfd_monitor_order(sides[0].m, &sides[0].order, now);
    run(sides, &now, 3000);
    sides[0].order.min_tx = 1000;
    bfd_monitor_order(sides[0].m, &sides[0].order, now);
    run(sides, &now, 10000);
    ovs_assert(sides[0].n_reports == n_reports);
    ovs_assert(sides[0].state == NET_BFD_UP && sides[1].state == NET_BFD_UP);

    /* One of them is not wanted any more. */
    sides[0].order.wanted = false;
    bfd_monitor_order(sides[0].m, &sides[0].order, now);
    run(sides, &now, 4000);
    ovs_assert(sides[1].state == NET_BFD_DOWN);
    side_destroy(&sides[0]);
    side_destroy(&sides[1]);
}
OVSTEST_REGISTER("punt-bfd", test_sessions);

/* What the other side says by itself. */
static void
say(struct side sides[2], enum net_bfd_state state, long long int now)
{
    struct net_bfd packet = {
        .state = state, .mult = 3, .my_disc = sides[1].order.disc,
        .your_disc = sides[0].order.disc, .min_tx = 100000, .min_rx = 100000,
    };
    struct dp_packet frame;

    net_bfd_compose(&frame, &sides[1].order.path, &packet);
    ovs_assert(!receive(&sides[0], dp_packet_data(&frame),
                        dp_packet_size(&frame), now));
    dp_packet_uninit(&frame);
}

/* The other side announces short intervals, but keeps to that of a second as
 * long as the session is not up, as OVN 23.03 does. */
static void
test_slow_start(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    struct side sides[2];
    long long int now = 1000;

    random_set_seed(1);
    side_init(&sides[0], &sides[1], 1, 100);
    side_init(&sides[1], &sides[0], 2, 100);
    sides[0].cut = true;
    bfd_monitor_order(sides[0].m, &sides[0].order, now);
    say(sides, NET_BFD_DOWN, now);
    run(sides, &now, 1000);
    say(sides, NET_BFD_UP, now);
    run(sides, &now, 10);
    ovs_assert(sides[0].state == NET_BFD_UP);
    /* Once it is up, it is missed as soon as it may be. */
    run(sides, &now, 400);
    ovs_assert(sides[0].state == NET_BFD_DOWN);
    side_destroy(&sides[0]);
    side_destroy(&sides[1]);
}
OVSTEST_REGISTER("punt-bfd-slow-start", test_slow_start);

static void
test_garbage(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    struct side sides[2];
    struct net_bfd bfd = {
        .state = NET_BFD_DOWN, .mult = 3, .my_disc = 5, .your_disc = 11,
        .min_tx = 100000, .min_rx = 100000,
    };
    struct dp_packet frame;

    random_set_seed(1);
    side_init(&sides[0], &sides[1], 1, 100);
    side_init(&sides[1], &sides[0], 2, 100);
    bfd_monitor_order(sides[0].m, &sides[0].order, 0);
    net_bfd_compose(&frame, &sides[1].order.path, &bfd);

    size_t n = dp_packet_size(&frame);
    uint8_t *good = dp_packet_data(&frame);
    ovs_assert(!receive(&sides[0], good, n, 0));
    for (size_t i = 0; i < n; i++) {
        ovs_assert(receive(&sides[0], good, i, 0));
    }
    for (int i = 0; i < 100000; i++) {
        uint8_t bad[256];
        memcpy(bad, good, n);
        for (int j = random_range(4); j > 0; j--) {
            bad[random_range(n)] = random_uint32();
        }
        receive(&sides[0], bad, random_range(4) ? n : random_range(n), i);
        ovs_assert(bfd_monitor_run(sides[0].m, i, deliver, &sides[0]) > i);
        take_reports(&sides[0]);
    }

    /* Through a router, another version, no discriminator, nobody's. */
    struct ip_header *ip = dp_packet_l3(&frame);
    uint8_t *header = good + n - 24;
    ip->ip_ttl = 254;
    ovs_assert(receive(&sides[0], good, n, 0));
    ip->ip_ttl = 255;
    header[0] = 0;
    ovs_assert(receive(&sides[0], good, n, 0));
    header[0] = 0x20;
    header[11] = 99;
    ovs_assert(receive(&sides[0], good, n, 0));
    header[11] = 0;
    ovs_assert(!receive(&sides[0], good, n, 0));
    header[1] = 0xc0;
    ovs_assert(receive(&sides[0], good, n, 0));
    dp_packet_uninit(&frame);
    side_destroy(&sides[0]);
    side_destroy(&sides[1]);
}
OVSTEST_REGISTER("punt-bfd-garbage", test_garbage);
