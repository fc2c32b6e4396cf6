/* Tells physical networks where addresses are: gratuitous ARP, unsolicited
 * neighbor advertisements, and RARP for who has no IP address.  And asks next
 * hops of routers where they are, which have no other reason to say so.
 *
 * An announcement or a question is repeated, since some get lost, after 1, 2
 * and 4 seconds; or, if there is an upper limit to that time, for ever. */
#ifndef CONTROLLER_PUNT_ANNOUNCE_H
#define CONTROLLER_PUNT_ANNOUNCE_H 1

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include "openvswitch/types.h"

struct ofpbuf;
struct post;

struct announce_key {
    uint32_t dp_key, port_key;   /* Where to let an announcement in, and by
                                  * what port a question leaves. */
    struct in6_addr ip;          /* IPv4 is mapped; :: is none. */
    struct in6_addr target;      /* Who is asked, by 'ip'; :: is nobody: 'ip'
                                  * is announced. */
    struct eth_addr mac;
};

struct announce_order {
    struct announce_key key;
    bool wanted;
    bool router;
    uint32_t max_timeout;        /* Seconds, 0: four times in all. */
};

/* For "struct announce_order"s, as many as there are. */
struct post *announce_post_create(void);

struct announcer;
struct announcer *announcer_create(void);
void announcer_destroy(struct announcer *);

/* Starts or ends what 'order' says. */
void announcer_order(struct announcer *, const struct announce_order *,
                     long long int now);

/* Calls 'send' with a message for the switch for each announcement that is
 * due; if that returns false there is no room, and the rest is due a little
 * later.  Returns when to call again. */
long long int announcer_run(struct announcer *, long long int now,
                            bool (*send)(struct ofpbuf *, void *aux),
                            void *aux);

#endif /* controller/punt/announce.h */
