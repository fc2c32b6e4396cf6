/* MACs that this chassis has just learned.
 *
 * A chassis says once what it learned, and takes no interest in it any more
 * as soon as the southbound database has another value than before: then its
 * own arrived, or somebody's who knows it better, since a MAC may move from
 * chassis to chassis at any time and nobody may insist.  Whoever turns out to
 * be wrong sees the MAC's next packet punted again. */
#ifndef CONTROLLER_PUNT_LEARNED_H
#define CONTROLLER_PUNT_LEARNED_H 1

#include "controller/punt/put_fdb.h"
#include "controller/punt/used.h"
#include "lib/inc/inc-table.h"

#define LEARNED_FDB_FIELDS(K, F, T)                                     \
    K(T, uint32_t, dp_key, U32)                                         \
    K(T, struct eth_addr, mac, POD)                                     \
    F(T, uint32_t, port_key, U32)                                       \
    F(T, uint32_t, old_port_key, U32)  /* In the database then, 0: none. */ \
    F(T, int64_t, timestamp, I64)      /* Wall clock, ms. */            \
    F(T, bool, news, BOOL)             /* Not only a newer time. */     \
    F(T, int64_t, old_timestamp, I64)                                   \
    F(T, int64_t, msec, I64)           /* When learned, time_msec(). */
INC_TABLE_DECLARE(learned_fdb, LEARNED_FDB_FIELDS);

/* For so long the chassis tries to write what it learned, ms. */
#define LEARNED_FDB_MAX_AGE 5000

/* No more MACs are learned at a port: what goes to others is flooded, as if
 * they were unknown. */
#define LEARNED_FDB_MAX 2048

/* SB FDB rows by MAC and datapath, and by port, whoever wrote them. */
extern struct inc_index sb_fdb_by_mac, sb_fdb_by_port;

extern const struct inc_rule learned_fdbs;

struct limiter;

/* Between runs of the engine.  All take time_msec(). */
void learned_fdb_add(const struct put_fdb *, struct limiter *, int64_t now);
void learned_fdb_use(const struct used_fdb *, int64_t now);
/* Forgets what is done.  Returns when to be called again without any change of
 * the database, LLONG_MAX: never. */
long long int learned_fdb_expire(int64_t now);

#endif /* controller/punt/learned.h */
