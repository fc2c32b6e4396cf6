/* handle_bfd_msg(): a BFD packet for a router has come in.  And all the rest
 * of BFD. */
#include <config.h>
#include "controller/punt/bfd.h"

#include <limits.h>

#include "controller/punt/handler.h"
#include "controller/punt/post.h"
#include "coverage.h"
#include "dp-packet.h"
#include "heap.h"
#include "openvswitch/hmap.h"
#include "packets.h"
#include "random.h"
#include "util.h"
#include "uuid.h"

COVERAGE_DEFINE(punt_bfd_sent);

/* As long as a session is not up, there are at most so many packets, in ms
 * (RFC 5880, 6.8.3). */
#define SLOW_INTERVAL 1000
/* Milliseconds until we try again to send what found no room. */
#define RETRY 10
/* Milliseconds that nobody waits for. */
#define MAX_INTERVAL (24 * 60 * 60 * 1000)

struct session {
    struct hmap_node node;
    struct heap_node heap_node;  /* The one with something to do first is on
                                  * top. */
    struct bfd_order order;

    /* RFC 5880, 6.8.1. */
    enum net_bfd_state state;
    enum net_bfd_diag diag;
    uint32_t remote_disc;
    uint32_t remote_min_rx;      /* Milliseconds. */
    uint32_t remote_min_tx;      /* Milliseconds. */
    uint8_t remote_mult;
    bool polling;                /* P bit, until there is an F. */
    bool reply;                  /* F bit, once. */

    long long int next_tx;
    long long int expires;       /* If nothing is heard, LLONG_MAX: never. */
    bool reported;               /* Somebody knows the state. */
};

struct bfd_monitor {
    struct hmap sessions;
    struct heap by_time;
    struct post *reports;
};

struct post *
bfd_order_post_create(void)
{
    return post_create(sizeof(struct bfd_order), sizeof(struct uuid),
                       SIZE_MAX);
}

struct post *
bfd_report_post_create(void)
{
    return post_create(sizeof(struct bfd_report), sizeof(struct uuid),
                       SIZE_MAX);
}

struct bfd_monitor *
bfd_monitor_create(struct post *reports)
{
    struct bfd_monitor *m = xmalloc(sizeof *m);
    hmap_init(&m->sessions);
    heap_init(&m->by_time);
    m->reports = reports;
    return m;
}

static void
session_free(struct bfd_monitor *m, struct session *s)
{
    heap_remove(&m->by_time, &s->heap_node);
    hmap_remove(&m->sessions, &s->node);
    free(s);
}

void
bfd_monitor_destroy(struct bfd_monitor *m)
{
    struct session *s;

    HMAP_FOR_EACH_SAFE (s, node, &m->sessions) {
        session_free(m, s);
    }
    hmap_destroy(&m->sessions);
    heap_destroy(&m->by_time);
    free(m);
}

/* ---- Time. ---- */

static uint64_t
session_priority(const struct session *s)
{
    return UINT64_MAX - MIN(s->next_tx, s->expires);
}

static void
reschedule(struct bfd_monitor *m, struct session *s)
{
    heap_change(&m->by_time, &s->heap_node, session_priority(s));
}

static uint32_t
desired_min_tx(const struct session *s)
{
    return (s->state == NET_BFD_UP ? s->order.min_tx
            : MAX(s->order.min_tx, SLOW_INTERVAL));
}

/* Between two packets, less up to a quarter of it (RFC 5880, 6.8.7). */
static long long int
tx_interval(const struct session *s)
{
    uint32_t interval = MAX(MAX(desired_min_tx(s), s->remote_min_rx), 1);
    uint32_t most = s->order.mult == 1 ? interval - interval / 10 : interval;
    uint32_t least = interval - interval / 4;

    return MAX(least + random_range(most - least + 1), 1);
}

/* Before a session is up, there are OVN controllers that announce short
 * intervals, but keep to the slow one. */
static long long int
detection_time(const struct session *s)
{
    uint32_t least = s->state == NET_BFD_UP ? 1 : SLOW_INTERVAL;
    return ((long long int) s->remote_mult
            * MAX(MAX(s->order.min_rx, s->remote_min_tx), least));
}

/* ---- State. ---- */

static void
report(struct bfd_monitor *m, struct session *s)
{
    struct bfd_report r = { .uuid = s->order.uuid, .state = s->state };
    s->reported = post_put(m->reports, &r);
}

static void
set_state(struct bfd_monitor *m, struct session *s, enum net_bfd_state state,
          enum net_bfd_diag diag)
{
    if (s->state == state) {
        return;
    }
    s->diag = diag;
    if (state == NET_BFD_UP || s->state == NET_BFD_UP) {
        /* The interval that we wish changes with it. */
        s->polling = state == NET_BFD_UP;
    }
    s->state = state;
    if (state != NET_BFD_INIT || s->reported) {
        report(m, s);
    }
}

static void
expire(struct bfd_monitor *m, struct session *s)
{
    s->expires = LLONG_MAX;
    s->remote_disc = 0;
    s->remote_min_rx = 1;
    if (s->state == NET_BFD_INIT || s->state == NET_BFD_UP) {
        set_state(m, s, NET_BFD_DOWN, NET_BFD_DIAG_EXPIRED);
    } else if (!s->reported) {
        report(m, s);
    }
}

/* RFC 5880, 6.8.6. */
static void
advance(struct bfd_monitor *m, struct session *s, enum net_bfd_state remote)
{
    if (remote == NET_BFD_ADMIN_DOWN) {
        set_state(m, s, NET_BFD_DOWN, NET_BFD_DIAG_NEIGHBOR_DOWN);
    } else if (s->state == NET_BFD_DOWN) {
        if (remote == NET_BFD_DOWN) {
            set_state(m, s, NET_BFD_INIT, NET_BFD_DIAG_NONE);
        } else if (remote == NET_BFD_INIT) {
            set_state(m, s, NET_BFD_UP, NET_BFD_DIAG_NONE);
        }
    } else if (s->state == NET_BFD_INIT) {
        if (remote == NET_BFD_INIT || remote == NET_BFD_UP) {
            set_state(m, s, NET_BFD_UP, NET_BFD_DIAG_NONE);
        }
    } else if (remote == NET_BFD_DOWN) {
        set_state(m, s, NET_BFD_DOWN, NET_BFD_DIAG_NEIGHBOR_DOWN);
    }
}

/* ---- Orders. ---- */

static struct session *
find_session(const struct bfd_monitor *m, const struct uuid *uuid)
{
    struct session *s;

    HMAP_FOR_EACH_WITH_HASH (s, node, uuid_hash(uuid), &m->sessions) {
        if (uuid_equals(&s->order.uuid, uuid)) {
            return s;
        }
    }
    return NULL;
}

static struct session *
session_create(struct bfd_monitor *m, const struct bfd_order *order,
               long long int now)
{
    struct session *s = xzalloc(sizeof *s);

    s->order = *order;
    s->state = NET_BFD_DOWN;
    s->remote_min_rx = 1;
    s->next_tx = now;
    s->expires = now + MAX(order->mult * MAX(order->min_rx, SLOW_INTERVAL),
                           3 * SLOW_INTERVAL);
    hmap_insert(&m->sessions, &s->node, uuid_hash(&order->uuid));
    heap_insert(&m->by_time, &s->heap_node, session_priority(s));
    return s;
}

void
bfd_monitor_order(struct bfd_monitor *m, const struct bfd_order *order,
                  long long int now)
{
    struct session *s = find_session(m, &order->uuid);

    if (!order->wanted) {
        if (s) {
            session_free(m, s);
        }
    } else if (!s) {
        session_create(m, order, now);
    } else {
        if (s->order.min_tx != order->min_tx
            || s->order.min_rx != order->min_rx) {
            s->polling = s->state == NET_BFD_UP;
        }
        s->order = *order;
        s->next_tx = MIN(s->next_tx, now + tx_interval(s));
        reschedule(m, s);
    }
}

/* ---- Packets. ---- */

static struct session *
find_receiver(const struct bfd_monitor *m, const struct punt_packet *p,
              const struct net_bfd *packet)
{
    const struct flow *h = &p->headers;
    struct in6_addr src = (h->dl_type == htons(ETH_TYPE_IP)
                           ? in6_addr_mapped_ipv4(h->nw_src) : h->ipv6_src);
    uint32_t dp_key;
    struct session *s;

    if (!punt_datapath(p, &dp_key)) {
        return NULL;
    }
    HMAP_FOR_EACH (s, node, &m->sessions) {
        if (s->order.rx_dp == dp_key && s->order.rx_port == p->md.regs[14]
            && ipv6_addr_equals(&s->order.path.dst, &src)
            && (!packet->your_disc || packet->your_disc == s->order.disc)) {
            return s;
        }
    }
    return NULL;
}

static uint32_t
us_to_ms(uint32_t us)
{
    return MIN(DIV_ROUND_UP((uint64_t) us, 1000), MAX_INTERVAL);
}

const char *
bfd_monitor_receive(struct bfd_monitor *m, const struct punt_packet *p,
                    long long int now)
{
    struct net_bfd packet;
    const char *reason = net_bfd_parse(p->packet, &p->headers, &packet);
    if (reason) {
        return reason;
    }
    struct session *s = find_receiver(m, p, &packet);
    if (!s) {
        return "no such session";
    }

    s->remote_disc = packet.my_disc;
    s->remote_min_rx = us_to_ms(packet.min_rx);
    s->remote_min_tx = us_to_ms(packet.min_tx);
    s->remote_mult = packet.mult;
    if (packet.final) {
        s->polling = false;
    }
    enum net_bfd_state old = s->state;
    advance(m, s, packet.state);
    s->expires = now + detection_time(s);
    if (packet.poll) {
        s->reply = true;
    }
    /* What has changed is told at once. */
    s->next_tx = (s->reply || s->state != old ? now
                  : MIN(s->next_tx, now + tx_interval(s)));
    reschedule(m, s);
    return NULL;
}

static const char *
run_bfd_packet(const struct punt_packet *p, struct punt_result *result)
{
    return bfd_monitor_receive(result->env->bfds, p, result->env->now);
}

const struct punt_handler handle_bfd_msg_handler = {
    .opcode = PUNT_HANDLE_BFD_MSG, .rate = 4000, .run = run_bfd_packet,
};

static struct ofpbuf *
compose(const struct session *s)
{
    struct net_bfd packet = {
        .state = s->state, .diag = s->diag,
        .poll = s->polling && !s->reply, .final = s->reply,
        .mult = s->order.mult,
        .my_disc = s->order.disc, .your_disc = s->remote_disc,
        .min_tx = desired_min_tx(s) * 1000,
        .min_rx = s->order.min_rx * 1000,
    };
    struct dp_packet frame;

    net_bfd_compose(&frame, &s->order.path, &packet);
    struct ofpbuf *message = punt_inject(s->order.tx_dp, s->order.tx_port,
                                         0, &frame);
    dp_packet_uninit(&frame);
    return message;
}

/* A receiver that wants no packets gets none (RFC 5880, 6.8.7), except the
 * answers that it asks for. */
static bool
transmit(struct session *s, long long int now,
         bool (*send)(struct ofpbuf *, void *aux), void *aux)
{
    if (s->reply || s->remote_min_rx) {
        if (!send(compose(s), aux)) {
            return false;
        }
        COVERAGE_INC(punt_bfd_sent);
        s->reply = false;
    }
    s->next_tx = now + tx_interval(s);
    return true;
}

long long int
bfd_monitor_run(struct bfd_monitor *m, long long int now,
        bool (*send)(struct ofpbuf *, void *aux), void *aux)
{
    while (!heap_is_empty(&m->by_time)) {
        struct session *s = CONTAINER_OF(heap_max(&m->by_time),
                                         struct session, heap_node);
        long long int due = MIN(s->next_tx, s->expires);
        if (now < due) {
            return due;
        }
        if (now >= s->expires) {
            expire(m, s);
        }
        if (now >= s->next_tx && !transmit(s, now, send, aux)) {
            reschedule(m, s);
            return now + RETRY;
        }
        reschedule(m, s);
    }
    return LLONG_MAX;
}
