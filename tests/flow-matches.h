/* Which packets the flows of an expression match, conjunctions included. */

#ifndef FLOW_MATCHES_H
#define FLOW_MATCHES_H 1

#include "text/expr.h"

struct flow;

struct flow_matches {
    struct expr_matches m;
    struct match *matches;
    uint64_t *clauses;          /* By conjunction: which were satisfied. */
    uint64_t *all;              /* By conjunction: which there are. */
};

/* Converts 'norm' to flows and checks what Open vSwitch demands of them. */
void flow_matches_init(struct flow_matches *, const struct expr_norm *,
                       expr_port_func *, void *aux);
void flow_matches_destroy(struct flow_matches *);

/* Whether any of the flows matches 'flow', which does not change. */
bool flow_matches_contain(struct flow_matches *, struct flow *flow);

#endif /* flow-matches.h */
