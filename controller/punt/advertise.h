/* Periodic router advertisements (RFC 4861, 6.2.4). */
#ifndef CONTROLLER_PUNT_ADVERTISE_H
#define CONTROLLER_PUNT_ADVERTISE_H 1

#include <stdbool.h>
#include <stdint.h>

struct ofpbuf;
struct post;

/* Each link of IPv6 carries frames of this size. */
#define ADVERTISE_MAX_FRAME (14 + 1280)

struct advertise_order {
    uint32_t dp_key, port_key;   /* Key: where to let it in. */
    bool wanted;
    uint32_t min, max;           /* Seconds between two of them. */
    uint32_t len;
    uint8_t frame[ADVERTISE_MAX_FRAME];
};

/* For "struct advertise_order"s, as many as there are. */
struct post *advertise_post_create(void);

struct advertiser;
struct advertiser *advertiser_create(void);
void advertiser_destroy(struct advertiser *);

/* Starts, changes or ends what 'order' says. */
void advertiser_order(struct advertiser *, const struct advertise_order *,
                      long long int now);

/* Calls 'send' with a message for the switch for each advertisement that is
 * due; if that returns false there is no room, and the rest is due a little
 * later.  Returns when to call again. */
long long int advertiser_run(struct advertiser *, long long int now,
                             bool (*send)(struct ofpbuf *, void *aux),
                             void *aux);

#endif /* controller/punt/advertise.h */
