#include <config.h>
#include "controller/punt/thread.h"

#include <limits.h>

#include "controller/punt/advertise.h"
#include "controller/punt/announce.h"
#include "controller/punt/bfd.h"
#include "controller/punt/handler.h"
#include "controller/punt/learned.h"
#include "controller/punt/limit.h"
#include "controller/punt/neighbors.h"
#include "controller/punt/post.h"
#include "controller/punt/put_fdb.h"
#include "controller/punt/used.h"
#include "controller/punt/waiting.h"
#include "controller/switch-socket.h"
#include "coverage.h"
#include "dp-packet.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofp-connection.h"
#include "openvswitch/ofp-errors.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofp-packet.h"
#include "openvswitch/ofp-switch.h"
#include "openvswitch/ofp-util.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/rconn.h"
#include "openvswitch/thread.h"
#include "openvswitch/token-bucket.h"
#include "openvswitch/vlog.h"
#include "ovs-thread.h"
#include "packets.h"
#include "seq.h"
#include "socket-util.h"
#include "timeval.h"
#include "unixctl.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(punt);

COVERAGE_DEFINE(pinctrl_total_pin_pkts);  /* The name that OVN gave it. */
COVERAGE_DEFINE(punt_received);
COVERAGE_DEFINE(punt_handled);
COVERAGE_DEFINE(punt_invalid);
COVERAGE_DEFINE(punt_limited);
COVERAGE_DEFINE(punt_dropped);

/* Neighbors that wait for the main thread. */
#define MAX_MACS 1000
/* Changes of what is awaited, and what came of it. */
#define MAX_AWAITED (4 * WAITING_MAX_NEIGHBORS)
/* Ports whose packets are counted. */
#define MAX_PORTS 4096
/* Messages of the main thread that wait for this one. */
#define MAX_MESSAGES 100
/* Messages that wait for the switch. */
#define MAX_TXQ 500
/* Messages between two looks at the rest of the world. */
#define MAX_BATCH 100

enum outcome {
    HANDLED,
    LIMITED,                     /* Beyond the rate limit of its kind. */
    INVALID,                     /* The packet is not what it should be. */
    DROPPED,                     /* Nobody handles it, or no room. */
    N_OUTCOMES
};

struct counters {
    uint64_t n[N_OUTCOMES];
};

struct kind {
    const struct punt_handler *handler;   /* Null if there is none. */
    struct token_bucket bucket;           /* 1000 tokens a packet. */
};

struct punter {
    pthread_t thread;
    struct seq *to_thread;       /* Changes when the thread has to look. */
    struct seq *to_main;         /* Changes when the main thread has to. */
    struct post *fdbs;           /* To the main thread: struct put_fdb, */
    struct post *macs;           /* ... struct put_mac, */
    struct post *awaited;        /* ... struct awaited_neighbor, */
    struct post *bfd_reports;    /* ... struct bfd_report, */
    struct post *used[N_USED];   /* ... struct used_neighbor, used_fdb. */
    struct post *resolved;       /* To the thread: struct
                                  * resolved_neighbor, */
    struct post *announcements;  /* ... struct announce_order, */
    struct post *bfd_orders;     /* ... struct bfd_order, */
    struct post *advertisements; /* ... struct advertise_order. */
    struct limiter *limiter;

    struct ovs_mutex mutex;
    bool exiting OVS_GUARDED;
    bool connected OVS_GUARDED;
    char *remote OVS_GUARDED;    /* The wanted one. */
    struct counters counters[UINT8_MAX + 1] OVS_GUARDED;  /* By opcode, 0:
                                                           * undecodable. */
    long long int use_interval[N_USED] OVS_GUARDED;
    struct waiting_stats waiting_stats OVS_GUARDED;
    struct ovs_list messages OVS_GUARDED;    /* struct ofpbuf: to be sent. */
    size_t n_messages OVS_GUARDED;

    /* Of the punt thread. */
    char *current;               /* Remote that 'rconn' connects to. */
    struct rconn *rconn;
    struct switch_socket socket;
    struct rconn_packet_counter *txq;
    unsigned int connection_seqno;
    struct kind kinds[UINT8_MAX + 1];     /* By opcode. */
    struct waiting *waiting;
    struct announcer *announcer;
    struct advertiser *advertiser;
    long long int next_use[N_USED];       /* When to ask for statistics. */
    struct bfd_monitor *bfds;

    /* Of the main thread. */
    uint64_t main_seqno;
    long long int next_expiry;
};

/* ---- The connection. ---- */

/* False if there is no room. */
static bool
send_message(struct punter *p, struct ofpbuf *msg)
{
    return !rconn_send_with_limit(p->rconn, msg, p->txq, MAX_TXQ);
}

/* Asks for packet-ins with userdata, and for nothing else. */
static void
set_up_connection(struct punter *p)
{
    struct ofputil_async_cfg cfg = OFPUTIL_ASYNC_CFG_INIT;
    cfg.primary[OAM_PACKET_IN] = 1u << OFPR_ACTION;
    send_message(p, ofputil_encode_set_async_config(
        &cfg, (1u << OAM_N_TYPES) - 1, OFP15_VERSION));

    send_message(p, ofputil_encode_set_packet_in_format(
        OFP15_VERSION, OFPUTIL_PACKET_IN_NXT2));

    /* A connection of this sort gets packet-ins only after it has said how
     * much of them it wants. */
    struct ofputil_switch_config config = {
        .frag = OFPUTIL_FRAG_NORMAL,
        .invalid_ttl_to_controller = -1,
        .miss_send_len = UINT16_MAX,
    };
    send_message(p, ofputil_encode_set_config(&config, OFP15_VERSION));
}

/* Connects to where the main thread wants. */
static void
follow_remote(struct punter *p)
    OVS_REQUIRES(p->mutex)
{
    if (!nullable_string_is_equal(p->remote, p->current)) {
        free(p->current);
        p->current = nullable_xstrdup(p->remote);
        rconn_disconnect(p->rconn);
        if (p->current) {
            rconn_connect(p->rconn, p->current, p->current);
        }
    }
}

/* Returns false when the thread has to end. */
static bool
run_connection(struct punter *p)
{
    ovs_mutex_lock(&p->mutex);
    bool exiting = p->exiting;
    follow_remote(p);
    ovs_mutex_unlock(&p->mutex);

    switch_socket_run(&p->socket, p->rconn, p->current);
    rconn_run(p->rconn);
    bool connected = rconn_is_connected(p->rconn);
    unsigned int seqno = rconn_get_connection_seqno(p->rconn);
    if (connected && seqno != p->connection_seqno) {
        p->connection_seqno = seqno;
        set_up_connection(p);
    }

    ovs_mutex_lock(&p->mutex);
    p->connected = connected;
    ovs_mutex_unlock(&p->mutex);
    return !exiting;
}

/* ---- Packets. ---- */

static enum outcome
run_handler(struct punter *p, const struct punt_handler *handler,
            const struct punt_packet *packet)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);
    struct punt_env env = {
        .fdbs = p->fdbs, .macs = p->macs, .waiting = p->waiting,
        .bfds = p->bfds,
        .now = time_msec(),
    };
    struct punt_result result = { .env = &env };

    const char *reason = handler->run(packet, &result);
    if (result.message && !send_message(p, result.message)) {
        result.dropped = true;
    }
    if (reason) {
        VLOG_DBG_RL(&rl, "%s in datapath %"PRIu64", port %"PRIu32": %s",
                    punt_opcode_to_string(handler->opcode),
                    ntohll(packet->md.metadata), packet->md.regs[14],
                    reason);
        return INVALID;
    }
    return result.dropped ? DROPPED : HANDLED;
}

/* Sets '*opcode' to the kind of packet, 0 if it cannot be told. */
static enum outcome
handle_packet_in(struct punter *p, const struct ofp_header *oh,
                 uint8_t *opcode)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);
    struct ofputil_packet_in pin;
    struct ofpbuf continuation;
    struct punt params;

    *opcode = 0;
    enum ofperr ofperr = ofputil_decode_packet_in(oh, true, NULL, NULL, &pin,
                                                  NULL, NULL, &continuation);
    if (ofperr) {
        VLOG_WARN_RL(&rl, "bad packet-in: %s", ofperr_to_string(ofperr));
        return INVALID;
    }
    char *error = punt_decode(pin.userdata, pin.userdata_len, &params);
    if (error) {
        VLOG_WARN_RL(&rl, "packet-in with bad userdata: %s", error);
        free(error);
        return INVALID;
    }

    /* Before anything that costs time. */
    *opcode = params.opcode;
    struct kind *kind = &p->kinds[*opcode];
    const struct flow *md = &pin.flow_metadata.flow;
    if (!kind->handler) {
        VLOG_DBG_RL(&rl, "nobody handles %s",
                    punt_opcode_to_string(params.opcode));
        return DROPPED;
    }
    if (!limiter_admits(p->limiter, *opcode, ntohll(md->metadata),
                        md->regs[14], kind->handler->rate, &kind->bucket)) {
        return LIMITED;
    }

    struct dp_packet frame;
    dp_packet_use_const(&frame, pin.packet, pin.packet_len);
    struct punt_packet packet;
    error = punt_packet_init(&packet, md, pin.userdata, pin.userdata_len,
                             &frame);
    if (error) {
        VLOG_DBG_RL(&rl, "%s: %s", punt_opcode_to_string(params.opcode),
                    error);
        free(error);
        return INVALID;
    }
    if (continuation.size) {
        packet.pin = &pin;
        packet.continuation = &continuation;
    }
    return run_handler(p, kind->handler, &packet);
}

static void
count(struct punter *p, uint8_t opcode, enum outcome outcome)
{
    COVERAGE_INC(pinctrl_total_pin_pkts);
    COVERAGE_INC(punt_received);
    switch (outcome) {
    case HANDLED: COVERAGE_INC(punt_handled); break;
    case LIMITED: COVERAGE_INC(punt_limited); break;
    case INVALID: COVERAGE_INC(punt_invalid); break;
    case DROPPED: COVERAGE_INC(punt_dropped); break;
    case N_OUTCOMES: default: OVS_NOT_REACHED();
    }
    ovs_mutex_lock(&p->mutex);
    p->counters[opcode].n[outcome]++;
    ovs_mutex_unlock(&p->mutex);
}

static void
handle_message(struct punter *p, const struct ofpbuf *msg)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);
    const struct ofp_header *oh = msg->data;
    enum ofptype type;

    if (ofptype_decode(&type, oh)) {
        VLOG_WARN_RL(&rl, "undecodable OpenFlow message of type %d",
                     oh->type);
    } else if (type == OFPTYPE_PACKET_IN) {
        uint8_t opcode;
        enum outcome outcome = handle_packet_in(p, oh, &opcode);
        count(p, opcode, outcome);
    } else if (type == OFPTYPE_ECHO_REQUEST) {
        send_message(p, ofputil_encode_echo_reply(oh));
    } else if (type == OFPTYPE_FLOW_STATS_REPLY) {
        used_take(msg, p->used);
    } else if (type == OFPTYPE_ERROR) {
        enum ofperr error = ofperr_decode_msg(oh, NULL);
        VLOG_WARN_RL(&rl, "the switch refused a message: %s",
                     error ? ofperr_to_string(error) : "unknown error");
    }
}

static void
send_or_drop(struct ofpbuf *msg, void *p)
{
    send_message(p, msg);
}

/* Lets packets go on whose neighbors the main thread has found. */
static void
release_waiting(struct punter *p)
{
    struct resolved_neighbor *resolved;
    size_t n = post_take(p->resolved, &resolved);

    for (size_t i = 0; i < n; i++) {
        waiting_resolve(p->waiting, &resolved[i], send_or_drop, p);
    }
    free(resolved);
}

/* False if there is no room. */
static bool
send_if_room(struct ofpbuf *msg, void *p)
{
    return send_message(p, msg);
}

static void
take_orders(struct punter *p)
{
    struct announce_order *orders;
    size_t n = post_take(p->announcements, &orders);

    for (size_t i = 0; i < n; i++) {
        announcer_order(p->announcer, &orders[i], time_msec());
    }
    free(orders);

    struct advertise_order *advertise_orders;
    n = post_take(p->advertisements, &advertise_orders);
    for (size_t i = 0; i < n; i++) {
        advertiser_order(p->advertiser, &advertise_orders[i], time_msec());
    }
    free(advertise_orders);

    struct bfd_order *bfd_orders;
    n = post_take(p->bfd_orders, &bfd_orders);
    for (size_t i = 0; i < n; i++) {
        bfd_monitor_order(p->bfds, &bfd_orders[i], time_msec());
    }
    free(bfd_orders);
}

/* Sends what the main thread wants to be sent. */
static void
send_messages(struct punter *p)
{
    struct ovs_list messages;
    struct ofpbuf *msg;

    ovs_mutex_lock(&p->mutex);
    ovs_list_move(&messages, &p->messages);
    ovs_list_init(&p->messages);
    p->n_messages = 0;
    ovs_mutex_unlock(&p->mutex);
    LIST_FOR_EACH_POP (msg, list_node, &messages) {
        send_message(p, msg);
    }
}

/* Asks the switch for statistics of what was learned, if it is time.  Returns
 * when to ask again. */
static long long int
ask_for_use(struct punter *p, enum used_kind kind, long long int now)
{
    ovs_mutex_lock(&p->mutex);
    long long int interval = p->use_interval[kind];
    ovs_mutex_unlock(&p->mutex);

    if (!interval) {
        return LLONG_MAX;
    }
    if (now >= p->next_use[kind]) {
        send_message(p, used_request(kind));
        p->next_use[kind] = now + interval;
    }
    p->next_use[kind] = MIN(p->next_use[kind], now + interval);
    return p->next_use[kind];
}

/* What is due.  Returns when something will be. */
static long long int
run_timers(struct punter *p)
{
    long long int now = time_msec();
    long long int next = waiting_expire(p->waiting, now);

    /* Without a connection, all this waits for one. */
    if (rconn_is_connected(p->rconn)) {
        long long int t = announcer_run(p->announcer, now, send_if_room, p);
        next = MIN(next, t);
        t = advertiser_run(p->advertiser, now, send_if_room, p);
        next = MIN(next, t);
        t = bfd_monitor_run(p->bfds, now, send_if_room, p);
        next = MIN(next, t);
        for (enum used_kind kind = 0; kind < N_USED; kind++) {
            t = ask_for_use(p, kind, now);
            next = MIN(next, t);
        }
    }

    ovs_mutex_lock(&p->mutex);
    waiting_get_stats(p->waiting, &p->waiting_stats);
    ovs_mutex_unlock(&p->mutex);
    return next;
}

static bool
has_news(struct punter *p)
{
    return (post_n(p->fdbs) || post_n(p->macs) || post_n(p->awaited)
            || post_n(p->bfd_reports) || post_n(p->used[USED_NEIGHBOR])
            || post_n(p->used[USED_FDB]));
}

static void *
punt_thread(void *p_)
{
    struct punter *p = p_;

    for (;;) {
        uint64_t seqno = seq_read(p->to_thread);
        if (!run_connection(p)) {
            break;
        }

        size_t n = 0;
        struct ofpbuf *msg;
        while (n < MAX_BATCH && (msg = rconn_recv(p->rconn))) {
            handle_message(p, msg);
            ofpbuf_delete(msg);
            n++;
        }
        release_waiting(p);
        take_orders(p);
        send_messages(p);
        long long int next = run_timers(p);
        if (has_news(p)) {
            seq_change(p->to_main);
        }

        if (next != LLONG_MAX) {
            poll_timer_wait_until(next);
        }
        switch_socket_wait(&p->socket);
        rconn_run_wait(p->rconn);
        rconn_recv_wait(p->rconn);
        seq_wait(p->to_thread, seqno);
        poll_block();
    }
    return NULL;
}

/* ---- The main thread. ---- */

static void
show_counters(const struct punter *p, uint8_t opcode, struct ds *ds)
    OVS_REQUIRES(p->mutex)
{
    const struct counters *c = &p->counters[opcode];
    uint64_t received = 0;

    for (int i = 0; i < N_OUTCOMES; i++) {
        received += c->n[i];
    }
    if (received) {
        ds_put_format(ds, "%s: received=%"PRIu64" handled=%"PRIu64
                      " limited=%"PRIu64" invalid=%"PRIu64
                      " dropped=%"PRIu64"\n",
                      opcode ? punt_opcode_to_string(opcode) : "undecodable",
                      received, c->n[HANDLED], c->n[LIMITED], c->n[INVALID],
                      c->n[DROPPED]);
    }
}

static void
punt_show(struct unixctl_conn *conn, int argc OVS_UNUSED,
          const char *argv[] OVS_UNUSED, void *p_)
{
    struct punter *p = p_;
    struct ds ds = DS_EMPTY_INITIALIZER;

    ovs_mutex_lock(&p->mutex);
    ds_put_format(&ds, "switch: %s (%sconnected)\n",
                  p->remote ? p->remote : "none",
                  p->connected ? "" : "not ");
    ds_put_format(&ds, "waiting MACs: %"PRIuSIZE" of %"PRIuSIZE"\n",
                  post_n(p->fdbs), post_max(p->fdbs));
    ds_put_format(&ds, "waiting neighbors: %"PRIuSIZE" of %"PRIuSIZE"\n",
                  post_n(p->macs), post_max(p->macs));
    waiting_stats_format(&p->waiting_stats, &ds);
    for (int i = 0; i <= UINT8_MAX; i++) {
        show_counters(p, i, &ds);
    }
    ovs_mutex_unlock(&p->mutex);
    unixctl_command_reply(conn, ds_cstr(&ds));
    ds_destroy(&ds);
}

static void
punt_show_limited(struct unixctl_conn *conn, int argc OVS_UNUSED,
                  const char *argv[] OVS_UNUSED, void *p_)
{
    struct punter *p = p_;
    struct ds ds = DS_EMPTY_INITIALIZER;

    limiter_format(p->limiter, &ds);
    unixctl_command_reply(conn, ds_cstr(&ds));
    ds_destroy(&ds);
}

struct punter *
punt_create(void)
{
    struct punter *p = xzalloc(sizeof *p);

    p->to_thread = seq_create();
    p->to_main = seq_create();
    p->main_seqno = seq_read(p->to_main);
    p->next_expiry = LLONG_MAX;
    p->fdbs = put_fdb_post_create();
    p->macs = post_create(sizeof(struct put_mac), sizeof(struct neighbor_key),
                          MAX_MACS);
    p->awaited = post_create(sizeof(struct awaited_neighbor),
                             sizeof(struct neighbor_key), MAX_AWAITED);
    p->resolved = post_create(sizeof(struct resolved_neighbor),
                              sizeof(struct neighbor_key), MAX_AWAITED);
    p->announcements = announce_post_create();
    p->waiting = waiting_create(p->awaited);
    p->announcer = announcer_create();
    p->advertisements = advertise_post_create();
    p->advertiser = advertiser_create();
    for (enum used_kind kind = 0; kind < N_USED; kind++) {
        p->used[kind] = used_post_create(kind);
    }
    p->bfd_orders = bfd_order_post_create();
    p->bfd_reports = bfd_report_post_create();
    p->bfds = bfd_monitor_create(p->bfd_reports);
    p->limiter = limiter_create(MAX_PORTS);
    p->rconn = rconn_create(0, 1, DSCP_DEFAULT, 1u << OFP15_VERSION);
    p->txq = rconn_packet_counter_create();
    ovs_mutex_init(&p->mutex);
    ovs_mutex_lock(&p->mutex);
    ovs_list_init(&p->messages);
    ovs_mutex_unlock(&p->mutex);
    for (size_t i = 0; punt_handlers[i]; i++) {
        const struct punt_handler *h = punt_handlers[i];
        struct kind *kind = &p->kinds[h->opcode];

        /* A rate in packets a second is one in tokens a millisecond; a second
         * without a packet allows for a second's packets at once. */
        kind->handler = h;
        token_bucket_init(&kind->bucket, h->rate, h->rate * 1000);
    }
    unixctl_command_register("punt/show", "", 0, 0, punt_show, p);
    unixctl_command_register("punt/show-limited", "", 0, 0,
                             punt_show_limited, p);
    p->thread = ovs_thread_create("punt", punt_thread, p);
    return p;
}

void
punt_destroy(struct punter *p)
{
    if (!p) {
        return;
    }
    ovs_mutex_lock(&p->mutex);
    p->exiting = true;
    ovs_mutex_unlock(&p->mutex);
    seq_change(p->to_thread);
    xpthread_join(p->thread, NULL);

    ovs_mutex_lock(&p->mutex);
    ofpbuf_list_delete(&p->messages);
    ovs_mutex_unlock(&p->mutex);
    rconn_destroy(p->rconn);
    rconn_packet_counter_destroy(p->txq);
    waiting_destroy(p->waiting);
    announcer_destroy(p->announcer);
    bfd_monitor_destroy(p->bfds);
    advertiser_destroy(p->advertiser);
    limiter_destroy(p->limiter);
    post_destroy(p->fdbs);
    post_destroy(p->macs);
    post_destroy(p->awaited);
    post_destroy(p->resolved);
    post_destroy(p->announcements);
    post_destroy(p->bfd_orders);
    post_destroy(p->advertisements);
    for (enum used_kind kind = 0; kind < N_USED; kind++) {
        post_destroy(p->used[kind]);
    }
    post_destroy(p->bfd_reports);
    seq_destroy(p->to_thread);
    seq_destroy(p->to_main);
    ovs_mutex_destroy(&p->mutex);
    free(p->current);
    free(p->remote);
    free(p);
}

void
punt_set_remote(struct punter *p, const char *remote)
{
    ovs_mutex_lock(&p->mutex);
    bool changed = !nullable_string_is_equal(p->remote, remote);
    if (changed) {
        free(p->remote);
        p->remote = nullable_xstrdup(remote);
    }
    ovs_mutex_unlock(&p->mutex);
    if (changed) {
        seq_change(p->to_thread);
    }
}

bool
punt_send(struct punter *p, struct ofpbuf *msg)
{
    ovs_mutex_lock(&p->mutex);
    bool ok = p->connected && p->n_messages < MAX_MESSAGES;
    if (ok) {
        ovs_list_push_back(&p->messages, &msg->list_node);
        p->n_messages++;
    }
    ovs_mutex_unlock(&p->mutex);
    if (ok) {
        seq_change(p->to_thread);
    } else {
        ofpbuf_delete(msg);
    }
    return ok;
}

static void
take_used(struct punter *p, int64_t now)
{
    struct used_neighbor *neighbors;
    size_t n = post_take(p->used[USED_NEIGHBOR], &neighbors);
    for (size_t i = 0; i < n; i++) {
        neighbors_use(&neighbors[i], now);
    }
    free(neighbors);

    struct used_fdb *fdbs;
    n = post_take(p->used[USED_FDB], &fdbs);
    for (size_t i = 0; i < n; i++) {
        learned_fdb_use(&fdbs[i], now);
    }
    free(fdbs);
}

void
punt_run(struct punter *p)
{
    int64_t now = time_msec();
    struct put_fdb *fdbs;
    struct put_mac *macs;
    struct awaited_neighbor *awaited;

    p->main_seqno = seq_read(p->to_main);
    size_t n = post_take(p->fdbs, &fdbs);
    for (size_t i = 0; i < n; i++) {
        learned_fdb_add(&fdbs[i], p->limiter, now);
    }
    free(fdbs);
    n = post_take(p->macs, &macs);
    for (size_t i = 0; i < n; i++) {
        neighbors_learn(&macs[i], p->limiter, now);
    }
    free(macs);
    n = post_take(p->awaited, &awaited);
    for (size_t i = 0; i < n; i++) {
        neighbors_await(&awaited[i], now);
    }
    free(awaited);
    take_used(p, now);

    long long int fdb_expiry = learned_fdb_expire(now);
    p->next_expiry = MIN(fdb_expiry, neighbors_expire(now));
}

struct post *
punt_announcements(struct punter *p)
{
    return p->announcements;
}

struct post *
punt_advertisements(struct punter *p)
{
    return p->advertisements;
}

void
punt_set_use_interval(struct punter *p, enum used_kind kind,
                      long long int ms)
{
    ovs_mutex_lock(&p->mutex);
    bool changed = p->use_interval[kind] != ms;
    p->use_interval[kind] = ms;
    ovs_mutex_unlock(&p->mutex);
    if (changed) {
        seq_change(p->to_thread);
    }
}

struct post *
punt_bfd_orders(struct punter *p)
{
    return p->bfd_orders;
}

struct post *
punt_bfd_reports(struct punter *p)
{
    return p->bfd_reports;
}

void
punt_tell(struct punter *p)
{
    if (neighbors_post_resolved(p->resolved) || post_n(p->announcements)
        || post_n(p->bfd_orders) || post_n(p->advertisements)) {
        seq_change(p->to_thread);
    }
}

void
punt_wait(struct punter *p)
{
    seq_wait(p->to_main, p->main_seqno);
    if (p->next_expiry != LLONG_MAX) {
        poll_timer_wait_until(p->next_expiry);
    }
}
