/* Distributed gateway ports and localnet ports as the northbound database has
 * them, before any port has a tunnel key. */
#ifndef NORTHD_MODEL_DGP_H
#define NORTHD_MODEL_DGP_H 1

#include "lib/inc/inc-table.h"

struct nb_logical_router;
struct nb_logical_router_port;
struct nb_logical_switch;
struct nb_logical_switch_port;

/* A router port that is to be on one of several chassis. */
#define DGP_FIELDS(K, F, T)                                             \
    K(T, const struct nb_logical_router_port *, lrp, ROW)               \
    F(T, const struct nb_logical_router *, lr, ROW)
INC_TABLE_DECLARE(dgp, DGP_FIELDS);
bool is_dgp(const struct nb_logical_router_port *);

/* A localnet port of a switch. */
#define LOCALNET_FIELDS(K, F, T)                                        \
    K(T, const struct nb_logical_switch_port *, lsp, ROW)               \
    F(T, const struct nb_logical_switch *, ls, ROW)
INC_TABLE_DECLARE(localnet, LOCALNET_FIELDS);

/* The distributed gateway port that 'lsp' of switch 'ls' is plugged into, if
 * that router is reached by tunnel alone, or NULL: it has no other gateway
 * port, and no physical network is behind this one. */
const struct nb_logical_router_port *tunneled_dgp(
    const struct nb_logical_switch *, const struct nb_logical_switch_port *);

extern struct inc_index dgp_by_lrp, dgps_by_lr, localnets_by_ls;
extern const struct inc_rule dgps, localnets;

#endif /* northd/model/dgp.h */
