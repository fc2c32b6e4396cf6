/* This node's rows in the southbound database. */
#ifndef CONTROLLER_MODEL_CHASSIS_H
#define CONTROLLER_MODEL_CHASSIS_H 1

#include "lib/inc/inc-table.h"

/* Set from outside of the rules: the configuration that the switch has
 * confirmed. */
#define PROGRESS_FIELDS(K, F, T)                                        \
    K(T, uint32_t, one, U32)                                            \
    F(T, int64_t, nb_cfg, I64)                                          \
    F(T, int64_t, nb_cfg_timestamp, I64) /* ms since the epoch. */      \
    F(T, int64_t, startup_timestamp, I64)
INC_TABLE_DECLARE(progress, PROGRESS_FIELDS);
const struct progress *the_progress(void);

extern struct inc_index progress_index;
extern const struct inc_rule chassis_row, chassis_encaps, chassis_private_row,
    bridge_progress;

#endif /* controller/model/chassis.h */
