/* Meters: southbound rows as OpenFlow meters. */
#ifndef CONTROLLER_MODEL_METER_H
#define CONTROLLER_MODEL_METER_H 1

#include "lib/inc/inc-table.h"

/* A southbound meter that can be made. */
#define METER_FIELDS(K, F, T)                                           \
    K(T, istr, name, STR)                                               \
    F(T, istr, text, STR)                /* As for ovs-ofctl. */
INC_TABLE_DECLARE(meter, METER_FIELDS);

/* Some flow uses the meter. */
#define METER_USE_FIELDS(K, F, T)                                       \
    K(T, istr, name, STR)                                               \
    F(T, uint32_t, id, U32)
INC_TABLE_DECLARE(meter_use, METER_USE_FIELDS);

/* In an INC_SERIAL rule that makes flows: the OpenFlow meter for the
 * southbound meter called 'name', 0 if there is none. */
uint32_t meter_want_by_name(const char *name);

/* The same for a meter that drops beyond 'rate' kbps, after 'burst' kilobits
 * (0: no burst). */
uint32_t meter_want_by_rate(uint64_t rate, uint64_t burst);

extern struct inc_index meter_by_name;
extern const struct inc_rule meters, used_meters;

#endif /* controller/model/meter.h */
