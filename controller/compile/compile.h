/* Logical flows as OpenFlow flows. */
#ifndef CONTROLLER_COMPILE_H
#define CONTROLLER_COMPILE_H 1

#include "lib/inc/inc.h"

/* Which dialect of the flow language the northd speaks (contracts, 2). */
#include "lib/inc/inc-table.h"
#define DIALECT_FIELDS(K, F, T)                                         \
    K(T, uint32_t, one, U32)                                            \
    F(T, bool, consolidated_registers, BOOL)                            \
    F(T, bool, explicit_arp_output, BOOL)
INC_TABLE_DECLARE(dialect, DIALECT_FIELDS);

extern struct inc_index dialect_index, address_set_by_name,
    port_group_by_name;
extern struct inc_pool *conj_pool;
extern const struct inc_rule dialects, logical_flows;

#endif /* controller/compile/compile.h */
