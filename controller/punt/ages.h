/* How soon what was learned is forgotten, unless it is in use. */
#ifndef CONTROLLER_PUNT_AGES_H
#define CONTROLLER_PUNT_AGES_H 1

#include "controller/punt/used.h"
#include "lib/inc/inc-table.h"

struct sb_datapath_binding;

/* The shortest of these times among the datapaths that have any, by enum
 * used_kind, in seconds. */
#define USE_INTERVAL_FIELDS(K, F, T)                                    \
    K(T, uint32_t, kind, U32)                                           \
    F(T, uint32_t, seconds, U32)
INC_TABLE_DECLARE(use_interval, USE_INTERVAL_FIELDS);

extern struct inc_index sb_datapath_by_key;
extern const struct inc_rule use_intervals;

/* Null if there is no such datapath. */
const struct sb_datapath_binding *datapath_by_key(uint32_t dp_key);


/* May what was in use at 'used' be noted, if 'noted' is the time that the
 * database has (both as of time_wall_msec())?  Not more often than necessary:
 * a time may be as old as half of what it is good for. */
bool age_is_worth_noting(uint32_t dp_key, enum used_kind, int64_t noted,
                         int64_t used);

/* How often to look for what is in use, in ms; 0: never. */
long long int use_interval_msec(enum used_kind);

#endif /* controller/punt/ages.h */
