/* Sessions of BFD (RFC 5880, asynchronous mode; RFC 5881) between routers and
 * their next hops. */
#ifndef CONTROLLER_PUNT_BFD_H
#define CONTROLLER_PUNT_BFD_H 1

#include "lib/net/bfd.h"
#include "openvswitch/uuid.h"

struct ofpbuf;
struct post;
struct punt_packet;

struct bfd_order {
    struct uuid uuid;            /* Key: of the SB BFD row. */
    bool wanted;
    uint32_t tx_dp, tx_port;     /* Where packets are let in... */
    uint32_t rx_dp, rx_port;     /* ... and the router's port. */
    struct net_bfd_path path;
    uint32_t disc;
    uint32_t min_tx, min_rx;     /* Milliseconds. */
    uint8_t mult;
};

/* What came of it. */
struct bfd_report {
    struct uuid uuid;            /* Key. */
    enum net_bfd_state state;
};

/* For "struct bfd_order"s and "struct bfd_report"s, as many as there are. */
struct post *bfd_order_post_create(void);
struct post *bfd_report_post_create(void);

/* Posts to 'reports'.  A session says that it is down when it is known to be,
 * that is, not before the other side had time to answer: who takes over a
 * session does not cut off a route that works. */
struct bfd_monitor;
struct bfd_monitor *bfd_monitor_create(struct post *reports);
void bfd_monitor_destroy(struct bfd_monitor *);

/* Starts, changes or ends a session. */
void bfd_monitor_order(struct bfd_monitor *, const struct bfd_order *,
                       long long int now);

/* A packet has arrived.  Returns null, or the reason why it does not count. */
const char *bfd_monitor_receive(struct bfd_monitor *,
                                const struct punt_packet *,
                                long long int now);

/* Calls 'send' with a message for the switch for each packet that is due; if
 * that returns false there is no room.  Returns when to call again. */
long long int bfd_monitor_run(struct bfd_monitor *, long long int now,
                              bool (*send)(struct ofpbuf *, void *aux),
                              void *aux);

#endif /* controller/punt/bfd.h */
