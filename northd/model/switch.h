/* Facts about a logical switch that follow from its configuration and
 * ports. */
#ifndef NORTHD_MODEL_SWITCH_H
#define NORTHD_MODEL_SWITCH_H 1

#include "lib/inc/inc-table.h"

struct datapath;

#define SWITCH_FACTS_FIELDS(K, F, T)                                    \
    K(T, const struct datapath *, dp, ROW)                              \
    F(T, bool, has_unknown, BOOL)      /* Some port takes unknown MACs. */ \
    F(T, bool, localnet_learn, BOOL)   /* Learns MACs from a localnet. */ \
    F(T, bool, vlan_passthru, BOOL)                                     \
    F(T, bool, no_router_arp, BOOL)    /* Routers get only what asks for    \
                                        * their addresses. */
INC_TABLE_DECLARE(switch_facts, SWITCH_FACTS_FIELDS);

/* Null for routers. */
const struct switch_facts *switch_facts_of(const struct datapath *);

extern struct inc_index switch_facts_by_dp;
extern const struct inc_rule switch_facts_rule;

#endif /* northd/model/switch.h */
