/* Connection tracking zones as the switch knows them.
 *
 * A zone that serves a name for the first time is flushed before any flow uses
 * it for that, so that nobody meets somebody else's connections. */
#ifndef CONTROLLER_OUT_OFZONES_H
#define CONTROLLER_OUT_OFZONES_H 1

#include "lib/inc/inc-table.h"

struct ofpbuf;

/* What is wanted.  Filled by model/zone.c. */
#define ZONE_FIELDS(K, F, T)                                            \
    K(T, istr, name, STR)                                               \
    F(T, uint32_t, zone, U32)                                           \
    F(T, istr, old_name, STR)        /* Under which older releases keep \
                                      * it; {NULL}: the same. */
INC_TABLE_DECLARE(zone, ZONE_FIELDS);

/* What the switch has: zones that were flushed for the name, by us or by who
 * was here before.  Set from outside of the rules. */
#define KNOWN_ZONE_FIELDS(K, F, T)                                      \
    K(T, istr, name, STR)                                               \
    F(T, uint32_t, zone, U32)
INC_TABLE_DECLARE(known_zone, KNOWN_ZONE_FIELDS);

struct zone_flush {
    char *name;
    uint32_t zone;
};

struct ofzones {
    /* To be flushed, or in flight. */
    struct zone_flush *flushes;
    size_t n_flushes, allocated_flushes;
};

void ofzones_destroy(struct ofzones *);

/* Between runs: finds zones that are to be flushed. */
void ofzones_compare(struct ofzones *);
struct ofpbuf *ofzones_encode_flush(const struct ofzones *, size_t i);
/* Between runs: the switch has flushed all of them. */
void ofzones_flushed(struct ofzones *);
/* Between runs: forgets the names that have no zone. */
void ofzones_purge(void);

#endif /* controller/out/ofzones.h */
