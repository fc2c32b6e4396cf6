/* The integration bridge's flow table, kept equal to the 'ofrow' table.
 *
 * What the switch has is read back when the connection comes up; from then on
 * only differences are sent, each time in one bundle, so that packets never
 * meet half of a change.  A flow that the switch refuses is named once and
 * left out; the others go on. */
#ifndef CONTROLLER_OUT_OFSWITCH_H
#define CONTROLLER_OUT_OFSWITCH_H 1

#include <stdbool.h>
#include <stdint.h>

struct ofswitch;
struct simap;

struct ofswitch *ofswitch_create(void);
void ofswitch_destroy(struct ofswitch *);

/* Where the switch listens, e.g. "unix:/var/run/openvswitch/br-int.mgmt";
 * NULL disconnects. */
void ofswitch_set_remote(struct ofswitch *, const char *);
void ofswitch_set_probe_interval(struct ofswitch *, int seconds);

/* Until this is called with true, flows are added only: one that seems
 * unwanted, or to need a change, may depend on what was not yet seen. */
void ofswitch_set_complete(struct ofswitch *, bool);

/* Processes messages and sends what differs.  'generation' counts the runs of
 * the engine; call after each. */
void ofswitch_run(struct ofswitch *, uint64_t generation);
void ofswitch_wait(struct ofswitch *);

/* The latest generation all of whose flows the switch has confirmed (but for
 * those that it refuses), 0: none.  None is before 'complete'. */
uint64_t ofswitch_confirmed(const struct ofswitch *);
bool ofswitch_is_ready(const struct ofswitch *);

/* Reads the switch's flows again as soon as nothing is in flight.  (That comes
 * by itself, too, when somebody else changes them.) */
void ofswitch_resync(struct ofswitch *);

/* Counters since start, for tests and "ofswitch/show". */
struct ofswitch_stats {
    uint64_t added, modified, deleted, refused, bundles, dumps;
};
void ofswitch_stats_get(const struct ofswitch *, struct ofswitch_stats *);
void ofswitch_memory_usage(const struct ofswitch *, struct simap *);

#endif /* controller/out/ofswitch.h */
