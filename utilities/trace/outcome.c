/* Where packets end. */

#include <config.h>
#include "trace.h"

#include <stdlib.h>
#include <string.h>

/* Makes 'p' a packet of its own, called 'name', that the flow it is in sends
 * in place of 'before', what it was. */
void
packet_replace(struct trace *t, struct packet *p, const char *name,
               const struct flow *before)
{
    struct instead *instead = arena_alloc(&t->arena, sizeof *instead);

    *instead = (struct instead) {
        .name = name, .by = p->lflow, .of = p->instead, .before = *before,
    };
    p->instead = instead;
}

/* Appends an outcome for the packet as it is.  Valid until the next call. */
struct outcome *
outcome_add(struct trace *t, const struct packet *p, enum outcome_type type)
{
    if (t->n_outcomes >= t->allocated_outcomes) {
        t->outcomes = x2nrealloc(t->outcomes, &t->allocated_outcomes,
                                 sizeof *t->outcomes);
    }

    if (p->learned
        && (type == OUTCOME_DROPPED || type == OUTCOME_NO_FLOW)) {
        type = OUTCOME_CONSUMED;
    }

    struct outcome *o = &t->outcomes[t->n_outcomes++];
    *o = (struct outcome) {
        .type = type,
        .dp = p->dp,
        .pipeline = p->pipeline,
        .table = p->table,
        .chassis = p->at,
        .lflow = p->lflow,
        .instead = p->instead,
        .refused_by = p->refused_by,
        .refused_flow = p->refused_flow,
        .learned = p->learned,
        .flow = p->flow,
    };
    return o;
}

/* Where the packet is in the end: the chassis of the port, or, for what is on
 * all of them, the one that the packet is on.  NULL if it is on none, or we do
 * not know. */
const struct net_chassis *
outcome_chassis(const struct outcome *o)
{
    return (!o->port || !strcmp(o->port->type, "localnet")
            || !strcmp(o->port->type, "localport")
            ? o->chassis : o->port->chassis);
}

/* Forgets all of them, and what packets were replaced by. */
void
outcomes_destroy(struct trace *t)
{
    for (size_t i = 0; i < t->n_outcomes; i++) {
        free(t->outcomes[i].text);
    }
    free(t->outcomes);
    t->outcomes = NULL;
    t->n_outcomes = t->allocated_outcomes = 0;
    arena_destroy(&t->arena);
    arena_init(&t->arena);
}
