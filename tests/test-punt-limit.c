/* What tenants' floods leave for the others: limits of the punt thread. */
#include "test-ovn.h"

#include "controller/punt/handler.h"
#include "controller/punt/limit.h"
#include "controller/punt/neighbor.h"
#include "controller/punt/post.h"
#include "controller/punt/waiting.h"
#include "dp-packet.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofp-packet.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/token-bucket.h"
#include "util.h"

/* Buckets fill while the test runs, more so on a slow machine: what a flood
 * gets may be more than its share, but is far less than the flood. */
enum { RATE = 1000, FLOOD = 50 * RATE };

/* How many of 'n' packets of a port are admitted. */
static int
send_packets(struct limiter *limiter, struct token_bucket *all,
             uint32_t port, int n)
{
    int admitted = 0;
    for (int i = 0; i < n; i++) {
        admitted += limiter_admits(limiter, PUNT_ARP, 1, port, RATE, all);
    }
    return admitted;
}

static int
send_news(struct limiter *limiter, uint32_t port, int n)
{
    int admitted = 0;
    for (int i = 0; i < n; i++) {
        admitted += limiter_admits_news(limiter, PUNT_PUT_FDB, 1, port);
    }
    return admitted;
}

static void
test_limit(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    struct limiter *limiter = limiter_create(100);
    struct token_bucket all;
    struct ds ds = DS_EMPTY_INITIALIZER;

    /* One port gets its share, and many do not get more than there is. */
    token_bucket_init(&all, RATE, RATE * 1000);
    int n = send_packets(limiter, &all, 1, FLOOD);
    ovs_assert(n >= RATE / LIMIT_SHARE && n < FLOOD / 10);
    n = 0;
    for (int port = 2; port < 20; port++) {
        n += send_packets(limiter, &all, port, FLOOD);
    }
    ovs_assert(n < FLOOD);

    /* Who sends little is heard all the same. */
    for (int i = 0; i < RATE; i++) {
        token_bucket_withdraw(&all, 1000);
    }
    ovs_assert(send_packets(limiter, &all, 20, LIMIT_RESERVE)
               == LIMIT_RESERVE);

    /* News are limited for each port by itself. */
    n = send_news(limiter, 1, FLOOD);
    ovs_assert(n >= LIMIT_NEWS_BURST && n < FLOOD / 10);
    ovs_assert(send_news(limiter, 2, 5) == 5);
    limiter_format(limiter, &ds);
    ovs_assert(strstr(ds_cstr(&ds), "datapath 1, port 1, arp: limited="));
    ovs_assert(strstr(ds_cstr(&ds),
                      "datapath 1, port 1, news of put_fdb: limited="));
    ovs_assert(!strstr(ds_cstr(&ds), "port 20,"));
    ovs_assert(!strstr(ds_cstr(&ds), "port 2, news"));

    /* There are never more than 100, whatever the registers say. */
    for (int port = 1000; port < 3000; port++) {
        send_packets(limiter, &all, port, 300);
    }
    ds_clear(&ds);
    limiter_format(limiter, &ds);
    n = 0;
    for (const char *p = ds_cstr(&ds); *p; p++) {
        n += *p == '\n';
    }
    ovs_assert(n == 100);
    ds_destroy(&ds);
    limiter_destroy(limiter);
}
OVSTEST_REGISTER("punt-limit", test_limit);

/* ---- Waiting packets. ---- */

static void
make_key(uint32_t dp_key, uint32_t ip, struct neighbor_key *key)
{
    memset(key, 0, sizeof *key);
    key->dp_key = dp_key;
    key->port_key = 1;
    key->ip = in6_addr_mapped_ipv4(htonl(ip));
}

/* Lets 'n' packets of 'size' bytes wait, each for another neighbor from the
 * one with number 'first' on.  Returns how many do. */
static int
wait_for_many(struct waiting *waiting, uint32_t dp_key, int first, int n,
              size_t size)
{
    struct ofputil_packet_in pin;
    struct ofpbuf continuation = ofpbuf_const_initializer("12345678", 8);
    struct dp_packet frame;
    struct punt_packet packet = {
        .pin = &pin, .continuation = &continuation, .packet = &frame,
    };
    int added = 0;

    memset(&pin, 0, sizeof pin);
    dp_packet_init(&frame, size);
    dp_packet_put_zeros(&frame, size);
    for (int i = 0; i < n; i++) {
        struct neighbor_key key;
        make_key(dp_key, first + i, &key);
        bool ok = waiting_add(waiting, &key, &packet, 0);
        ovs_assert(ok == waiting_has(waiting, &key));
        added += ok;
    }
    dp_packet_uninit(&frame);
    return added;
}

static void
count_message(struct ofpbuf *msg, void *n)
{
    ++*(int *) n;
    ofpbuf_delete(msg);
}

static void
test_waiting(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    struct post *awaited = post_create(sizeof(struct awaited_neighbor),
                                       sizeof(struct neighbor_key),
                                       4 * WAITING_MAX_NEIGHBORS);
    struct waiting *waiting = waiting_create(awaited);
    int share = WAITING_MAX_NEIGHBORS / WAITING_SHARE;
    struct resolved_neighbor resolved;
    struct waiting_stats stats;
    int released = 0;

    /* A router whose neighbors do not answer, and another one. */
    ovs_assert(wait_for_many(waiting, 1, 0, WAITING_MAX_NEIGHBORS, 100)
               == share);
    ovs_assert(wait_for_many(waiting, 2, 0, 10, 100) == 10);
    waiting_get_stats(waiting, &stats);
    ovs_assert(stats.n_neighbors == share + 10 && stats.n_full == 3 * share);

    /* A place that gets free is given to the next one. */
    memset(&resolved, 0, sizeof resolved);
    make_key(1, 0, &resolved.key);
    waiting_resolve(waiting, &resolved, count_message, &released);
    ovs_assert(released == 1);
    ovs_assert(wait_for_many(waiting, 1, share, 5, 100) == 1);

    /* Large packets fill the share of a router earlier. */
    ovs_assert(waiting_expire(waiting, WAITING_MAX_AGE) == LLONG_MAX);
    int n = wait_for_many(waiting, 1, 0, share, 60000);
    ovs_assert(n > 10
               && n <= WAITING_MAX_BYTES / WAITING_SHARE / 60000);
    ovs_assert(wait_for_many(waiting, 2, 0, 10, 60000) == 10);

    waiting_destroy(waiting);
    post_destroy(awaited);
}
OVSTEST_REGISTER("punt-waiting", test_waiting);
