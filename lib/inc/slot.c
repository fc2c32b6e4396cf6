/* Slots and their edges: who read what. */
#include <config.h>
#include "lib/inc/inc-private.h"

#include <stdlib.h>
#include <string.h>

#include "bitmap.h"
#include "coverage.h"

VLOG_DEFINE_THIS_MODULE(inc_slot);

COVERAGE_DEFINE(inc_edge_added);
COVERAGE_DEFINE(inc_slot_swept);

__thread struct inc_ctx *inc_ctx__;

/* Returns true if the unit of 'edge' has not run again, nor gone, since. */
static bool
edge_is_live(const struct inc *inc, uint64_t edge)
{
    return inc->gens[edge_unit(edge)] == edge_gen(edge);
}

/* Drops stale edges.  Returns the number of those left. */
size_t
slot_sweep(struct inc *inc, struct inc_slot *slot)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < slot->n; i++) {
        if (edge_is_live(inc, slot->edges[i])) {
            slot->edges[n++] = slot->edges[i];
        }
    }
    slot->n = n;
    COVERAGE_INC(inc_slot_swept);
    return n;
}

static void
slot_resize(struct inc *inc, struct inc_slot *slot, uint32_t cap)
{
    uint64_t *edges = NULL;

    if (cap) {
        edges = slab_alloc(&inc->slab, cap * sizeof *edges);
        if (slot->n) {
            memcpy(edges, slot->edges, slot->n * sizeof *edges);
        }
    }
    slab_free(&inc->slab, slot->edges, slot->cap * sizeof *edges);
    slot->edges = edges;
    slot->cap = cap;
}

/* Adds an edge.  Stale edges go when there is no room: so each edge is paid
 * for once when it comes and once when it goes. */
void
slot_add(struct inc *inc, struct inc_slot *slot, uint64_t edge)
{
    if (slot->n == slot->cap) {
        slot_sweep(inc, slot);
        if (slot->n >= slot->cap - slot->cap / 4) {
            slot_resize(inc, slot, slot->cap + slot->cap / 2 + 1);
        }
    }
    slot->edges[slot->n++] = edge;
    COVERAGE_INC(inc_edge_added);
}

void
slot_destroy(struct inc *inc, struct inc_slot *slot)
{
    slot->n = 0;
    slot_resize(inc, slot, 0);
}

/* Adds the edges in the logs of 'n' threads, and empties the logs.  Slots that
 * had no edge get an array of just the right size: the first pass counts, in
 * 'cap', the second one allocates and fills. */
void
slot_add_log(struct inc *inc, struct inc_ctx **ctxs, size_t n)
{
    enum { AHEAD = 12 };

    for (size_t t = 0; t < n; t++) {
        struct log_entry *log = ctxs[t]->p->log;
        size_t n_log = ctxs[t]->p->n_log;

        for (size_t i = 0; i < n_log; i++) {
            if (i + AHEAD < n_log) {
                OVS_PREFETCH_WRITE(log[i + AHEAD].slot);
            }
            if (!log[i].slot->edges) {
                log[i].slot->cap++;
            }
        }
    }
    for (size_t t = 0; t < n; t++) {
        struct log_entry *log = ctxs[t]->p->log;
        size_t n_log = ctxs[t]->p->n_log;

        for (size_t i = 0; i < n_log; i++) {
            struct inc_slot *slot = log[i].slot;
            if (i + AHEAD < n_log) {
                OVS_PREFETCH_WRITE(log[i + AHEAD].slot);
            }
            if (!slot->edges) {
                slot->edges = slab_alloc(&inc->slab,
                                         slot->cap * sizeof *slot->edges);
            }
            slot_add(inc, slot, log[i].edge);
        }
        ctxs[t]->p->n_log = 0;
    }
}

/* Marks the units that looked at one of the columns 'mask'.  Their edges go:
 * they come again when the unit runs. */
void
slot_fire(struct inc *inc, struct inc_slot *slot, uint32_t mask)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < slot->n; i++) {
        uint64_t edge = slot->edges[i];
        if (!edge_is_live(inc, edge)) {
            continue;
        }
        if (edge_mask(edge) & mask) {
            unit_mark(inc, inc->units[edge_unit(edge)]);
        } else {
            slot->edges[n++] = edge;
        }
    }
    slot->n = n;
}

/* Runs the readers of columns 'mask' of 'row'. */
void
row_fire(struct inc_row *row, uint32_t mask)
{
    struct inc_table *table = row->table;
    struct inc *inc = table->inc;

    if (!table->broad) {
        slot_fire(inc, &row->slot, mask);
        return;
    }
    size_t n_words = inc->n_rules / 64 + 1;
    uint64_t *rules = xcalloc(n_words, sizeof *rules);
    for (size_t i = 0; i < ARRAY_SIZE(table->rt->readers); i++) {
        if (mask & 1u << i) {
            for (size_t j = 0; j < n_words; j++) {
                rules[j] |= table->rt->readers[i][j];
            }
        }
    }
    unit_mark_rules(inc, rules);
    free(rules);
}

static void
order_violated(const struct inc *inc, int reader,
               const struct inc_table *table, int writer)
{
#ifdef NDEBUG
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);
#define REPORT(...) VLOG_ERR_RL(&rl, __VA_ARGS__)
#else
#define REPORT VLOG_FATAL
#endif
    REPORT("%s: rule \"%s\" reads table \"%s\", which rule \"%s\" fills: "
           "a rule may read only what rules above it in the list fill",
           inc->name, inc->rules[reader].rule->name, table->name,
           inc->rules[writer].rule->name);
}

/* The running rule fills 'table': no rule up to here may have read it. */
void
check_emit_order(struct inc *inc, struct inc_table *table)
{
    struct inc_table_rt *rt = table->rt;
    int min_read = __atomic_load_n(&rt->min_read, __ATOMIC_RELAXED);

    if (min_read <= inc->cur) {
        order_violated(inc, min_read, table, inc->cur);
    }
    if (__atomic_load_n(&rt->max_emit, __ATOMIC_RELAXED) < inc->cur) {
        __atomic_store_n(&rt->max_emit, inc->cur, __ATOMIC_RELAXED);
    }
}

#ifndef INC_NO_TRACK
/* The running rule reads 'table': no rule from here on may fill it. */
static void
check_read_order(struct inc *inc, struct inc_table *table)
{
    struct inc_table_rt *rt = table->rt;
    int max_emit = __atomic_load_n(&rt->max_emit, __ATOMIC_RELAXED);

    if (max_emit >= inc->cur) {
        order_violated(inc, inc->cur, table, max_emit);
    }
    if (__atomic_load_n(&rt->min_read, __ATOMIC_RELAXED) > inc->cur) {
        __atomic_store_n(&rt->min_read, inc->cur, __ATOMIC_RELAXED);
    }
}

static void
read_record(struct recorder *r, enum read_kind kind, const void *what,
            uint32_t mask)
{
    for (size_t i = 0; i < r->n; i++) {
        if (r->reads[i].what == what && r->reads[i].kind == kind) {
            r->reads[i].mask |= mask;
            return;
        }
    }
    struct read_record record = { .kind = kind, .what = what, .mask = mask };
    VEC_PUSH(r->reads, r->n, r->cap, record);
}
#endif /* !INC_NO_TRACK */

/* Notes in the log that the running unit looked at 'mask' of 'slot', which is
 * that of 'what' and belongs to 'table'. */
void
read_log(struct inc_ctx *ctx, struct inc_slot *slot, uint32_t mask,
         struct inc_table *table, enum read_kind kind, const void *what)
{
#ifndef INC_NO_TRACK
    struct inc_ctx_private *p = ctx->p;
    struct inc_seen__ *seen = inc_seen__(ctx, slot);

    if (seen->slot == slot && seen->exec == ctx->exec) {
        seen->mask |= mask;
        if (seen->log != SIZE_MAX) {
            p->log[seen->log].edge |= mask;
        }
    } else {
        if (table->kind != INC_INPUT) {
            check_read_order(p->inc, table);
        }
        *seen = (struct inc_seen__) {
            .slot = slot, .exec = ctx->exec, .mask = mask, .log = SIZE_MAX,
        };
        if (!p->recorder && !(kind == READ_ROW && table->broad)) {
            struct log_entry e = { slot, edge_make(p->unit->id, p->gen,
                                                   mask) };
            seen->log = p->n_log;
            VEC_PUSH(p->log, p->n_log, p->cap_log, e);
        }
    }
    if (p->recorder) {
        read_record(p->recorder, kind, what, mask);
    }
#endif
}

/* Notes that the running rule reads columns 'mask' of a broad table. */
static void
broad_read(struct inc *inc, struct inc_table *table, uint32_t mask)
{
    uint64_t bit = UINT64_C(1) << inc->cur % 64;

    for (size_t i = 0; i < ARRAY_SIZE(table->rt->readers); i++) {
        if (mask & 1u << i) {
            uint64_t *word = &table->rt->readers[i][inc->cur / 64];
            if (!(__atomic_load_n(word, __ATOMIC_RELAXED) & bit)) {
                __atomic_fetch_or(word, bit, __ATOMIC_RELAXED);
            }
        }
    }
}

void
inc_read_slow__(struct inc_ctx *ctx, const struct inc_row *row_, uint32_t mask)
{
    struct inc_row *row = CONST_CAST(struct inc_row *, row_);
    struct inc_table *table = row->table;

    if (table->broad && !ctx->p->recorder) {
        broad_read(ctx->p->inc, table, mask);
    }
    read_log(ctx, &row->slot, mask, table, READ_ROW, row);
}
