/* Routing policies and the chains that they form. */
#ifndef NORTHD_MODEL_POLICY_H
#define NORTHD_MODEL_POLICY_H 1

#include "lib/inc/inc-table.h"

struct datapath;
struct nb_logical_router_policy;

/* A policy of a router that has a datapath. */
#define POLICY_FIELDS(K, F, T)                                          \
    K(T, const struct nb_logical_router_policy *, nb, ROW)              \
    F(T, const struct datapath *, dp, ROW)                              \
    F(T, istr, chain, STR)             /* "": asked first. */           \
    F(T, istr, jump, STR)              /* The chain to go to, "": none. */
INC_TABLE_DECLARE(policy, POLICY_FIELDS);

/* A chain of a router, with its number (from 1).  Jumps between two chains
 * with the same 'cycle', unless that is 0, lead in circles. */
#define POLICY_CHAIN_FIELDS(K, F, T)                                    \
    K(T, const struct datapath *, dp, ROW)                              \
    K(T, istr, name, STR)                                               \
    F(T, uint32_t, id, U32)                                             \
    F(T, uint32_t, cycle, U32)
INC_TABLE_DECLARE(policy_chain, POLICY_CHAIN_FIELDS);

/* 0 if no policy of the router is in it. */
uint32_t chain_number(const struct datapath *, istr name);
/* Can a packet come back to chain 'from' after a jump from there to 'to'? */
bool chain_jump_is_circular(const struct datapath *, istr from, istr to);
bool policy_chains_exist(const struct datapath *);

extern struct inc_index lr_by_policy, chained_policies_by_dp,
    policy_chain_index;
extern const struct inc_rule policies, policy_chains;

#endif /* northd/model/policy.h */
