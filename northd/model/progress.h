/* How far configurations have come, as main.c sees it between runs. */
#ifndef NORTHD_MODEL_PROGRESS_H
#define NORTHD_MODEL_PROGRESS_H 1

#include "lib/inc/inc-table.h"

/* One row.  Times are milliseconds since the epoch, of this process's clock:
 * not a function of the databases, hence an input. */
#define PROGRESS_FIELDS(K, F, T)                                        \
    K(T, uint32_t, one, U32)                                            \
    F(T, int64_t, nb_cfg_timestamp, I64) /* When NB's nb_cfg was seen. */ \
    F(T, int64_t, sb_cfg, I64)       /* nb_cfg that the SB holds. */    \
    F(T, int64_t, sb_cfg_timestamp, I64)
INC_TABLE_DECLARE(progress, PROGRESS_FIELDS);

#endif /* northd/model/progress.h */
