#ifndef TEST_DB_H
#define TEST_DB_H 1

/* The engine of test-db-daemon.c: what somebody wants (set over unixctl), a
 * mirrored table, and rows made of both for each sort of sink. */

#include "lib/db/db.h"
#include "lib/inc/inc-table.h"
#include "tests/dt-table.h"

#define INTENT_FIELDS(K, F, T)                                           \
    K(T, istr, name, STR)                                                \
    F(T, int64_t, n, I64)                                                \
    F(T, bool, up, BOOL)                                                 \
    F(T, istr, note, STR)      /* Or no string. */                       \
    F(T, istr, tags, STR)      /* Canonical text, as are the next. */    \
    F(T, istr, options, STR)                                             \
    F(T, istr, peers, STR)                                               \
    F(T, istr, text, STR)                                                \
    F(T, istr, team, STR)      /* Or no string. */                       \
    F(T, istr, holder, STR)    /* The name of a Holder. */               \
    F(T, istr, status, STR)    /* Of the Config row of this name. */
INC_TABLE_DECLARE(intent, INTENT_FIELDS);

#define ITEM_FIELDS(K, F, T)                                             \
    K(T, struct uuid, uuid, UUID)                                        \
    F(T, istr, name, STR)                                                \
    F(T, int64_t, n, I64)                                                \
    F(T, bool, up, BOOL)                                                 \
    F(T, istr, note, STR)                                                \
    F(T, istr, tags, STR)                                                \
    F(T, istr, options, STR)                                             \
    F(T, istr, text, STR)                                                \
    F(T, struct uuid, team, UUID)                                        \
    F(T, istr, peers, STR)
INC_TABLE_DECLARE(item, ITEM_FIELDS);

#define TEAM_FIELDS(K, F, T)                                             \
    K(T, struct uuid, uuid, UUID)                                        \
    F(T, istr, name, STR)
INC_TABLE_DECLARE(team, TEAM_FIELDS);

#define PART_FIELDS(K, F, T)                                             \
    K(T, struct uuid, uuid, UUID)                                        \
    F(T, istr, name, STR)                                                \
    F(T, istr, holder, STR)
INC_TABLE_DECLARE(part, PART_FIELDS);

#define STATUS_FIELDS(K, F, T)                                           \
    K(T, struct uuid, uuid, UUID)                                        \
    F(T, istr, status, STR)
INC_TABLE_DECLARE(status, STATUS_FIELDS);

extern const struct inc_config test_db_config;
extern const struct db_sink test_db_sinks[];

#endif /* TEST_DB_H */
