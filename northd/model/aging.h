/* Rows of the southbound database that expire unless chassis refresh them. */
#ifndef NORTHD_MODEL_AGING_H
#define NORTHD_MODEL_AGING_H 1

#include "lib/inc/inc-table.h"

enum aging_kind { AGING_MAC_BINDING, AGING_FDB, N_AGING_KINDS };

/* When a row expires, in milliseconds of the wall clock. */
#define AGING_FIELDS(K, F, T)                                           \
    K(T, struct uuid, uuid, UUID)                                       \
    F(T, int64_t, deadline, I64)                                        \
    F(T, uint32_t, kind, U32)          /* enum aging_kind. */
INC_TABLE_DECLARE(aging, AGING_FIELDS);

/* Input: the time of rows that have expired has come. */
#define EXPIRED_FIELDS(K, F, T)                                         \
    K(T, struct uuid, uuid, UUID)                                       \
    F(T, int64_t, deadline, I64)
INC_TABLE_DECLARE(expired, EXPIRED_FIELDS);
extern struct inc_index expired_by_uuid;

/* In a rule: says when the row 'uuid' expires, and returns true if it has. */
bool age(enum aging_kind, const struct uuid *, int64_t deadline);

/* Between two runs: marks what has expired since; at most so many rows a turn
 * as NB_Global.options allow. */
void aging_run(void);
/* Wakes up the poll loop when aging_run() has something to do. */
void aging_wait(void);
void aging_destroy(void);

#endif /* northd/model/aging.h */
