/* From computed flows to "up": which ports the switch has still to confirm. */
#ifndef CONTROLLER_MODEL_INSTALL_H
#define CONTROLLER_MODEL_INSTALL_H 1

#include "lib/inc/inc-table.h"

/* A port that is here, with an OpenFlow port if it needs one, whose datapath
 * is local. */
#define INSTALL_WATCH_FIELDS(K, F, T)                                   \
    K(T, istr, name, STR)                                               \
    F(T, struct uuid, iface, UUID)                                      \
    F(T, uint32_t, ofport, U32)
INC_TABLE_DECLARE(install_watch, INSTALL_WATCH_FIELDS);

extern const struct inc_rule install_watches;

/* Between runs.  'generation': of the run that just ended.  'stable': the
 * southbound has sent all that the ports need, so that this run's flows are
 * all their flows.  'confirmed': the latest generation that the switch has.
 * Sets and unsets rows of 'installed'. */
void install_update(uint64_t generation, bool stable, uint64_t confirmed);
void install_exit(void);

#endif /* controller/model/install.h */
