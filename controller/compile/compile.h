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

/* Sets '*key' to the number that the port or multicast group 'name' has on
 * datapath 'dp', 0 for "none".  False if there is no such name. */
bool lport_key(const struct uuid *dp, const char *name, uint32_t *key);

/* The conjunction ids 'first' to 'last' are kept for a flow on a datapath. */
struct local_datapath;
struct conj_block {
    struct uuid lflow;                   /* Logical_Flow. */
    const struct local_datapath *ld;
    uint32_t first, last;
};

/* Calls 'cb' for each block, in no particular order.  Only between runs; takes
 * time in proportion to all logical flows. */
void conj_blocks_list(void (*cb)(const struct conj_block *, void *aux),
                      void *aux);

#endif /* controller/compile/compile.h */
