/* Execution of a rule's dirty units, in threads if there are many, and their
 * commit. */
#include <config.h>
#include "lib/inc/inc-private.h"

#include <stdlib.h>
#include <string.h>

#include "ovs-rcu.h"
#include "ovs-thread.h"
#include "timeval.h"

VLOG_DEFINE_THIS_MODULE(inc_exec);

/* Units between two commits: enough to make the passes over the log of reads
 * worth while, few enough that what they emit stays in the cache.  For threads
 * more, since they wait for each other at each commit. */
#define BATCH 512
#define BATCH_THREADS 4096
#define MAX_CHUNK 32             /* Units that a thread takes at a time. */

/* A rule may mark its own units (a pool takes a value away), but not for
 * ever. */
#define MAX_ROUNDS 1000

/* ---- One unit. ---- */

struct inc_ctx *
ctx_create(struct inc *inc)
{
    struct inc_ctx *ctx = xzalloc(sizeof *ctx);
    ctx->p = xzalloc(sizeof *ctx->p);
    ctx->p->inc = inc;
    return ctx;
}

void
ctx_destroy(struct inc_ctx *ctx)
{
    istr_pool_free(ctx->p->borrowed);
    free(ctx->p->log);
    free(ctx->p->out);
    free(ctx->p);
    free(ctx);
}

/* Runs 'unit', which has been given generation 'gen'. */
void
unit_execute(struct inc_ctx *ctx, struct inc_unit *unit, uint32_t gen)
{
    struct inc_ctx_private *p = ctx->p;

    if (!++ctx->exec) {
        memset(ctx->seen, 0, sizeof ctx->seen);
        ctx->exec = 1;
    }
    p->unit = unit;
    p->gen = gen;
    p->n_emitted = 0;
    inc_ctx__ = ctx;
    p->inc->rules[unit->rule].rule->run(unit->row);
    inc_ctx__ = NULL;
}

void
inc_emit(struct inc_table *table, const void *value)
{
    struct inc_ctx *ctx = inc_ctx__;
    ovs_assert(ctx && table->kind != INC_INPUT);
    struct inc_ctx_private *p = ctx->p;

    check_emit_order(p->inc, table);
    size_t size = sizeof(struct emission) + ROUND_UP(table->value_size, 8);
    if (p->n_out + size > p->cap_out) {
        p->cap_out = (p->n_out + size) * 2;
        p->out = xrealloc(p->out, p->cap_out);
    }
    struct emission *e = (struct emission *) (p->out + p->n_out);
    *e = (struct emission) {
        .table = table, .hash = key_hash(table, value), .size = size,
    };
    memcpy(e + 1, value, table->value_size);
    p->n_out += size;
    p->n_emitted++;
}

static void
execute_into(struct inc_ctx *ctx, struct inc_unit *unit, struct exec_rec *rec)
{
    struct inc_ctx_private *p = ctx->p;

    *rec = (struct exec_rec) { .ctx = p, .out_ofs = p->n_out };
    if (!unit->dead) {
        unit_execute(ctx, unit, p->inc->gens[unit->id]);
        rec->n_emitted = p->n_emitted;
    }
}

/* ---- Threads. ---- */

struct workers {
    struct inc *inc;
    pthread_t *threads;
    size_t n;

    pthread_mutex_t mutex;
    pthread_cond_t work;         /* 'job' went up, or 'exiting'. */
    pthread_cond_t done;         /* 'n_busy' went to 0. */
    uint64_t job;
    size_t n_busy;
    bool exiting;
    size_t next_index;           /* For workers that start. */

    /* The job. */
    struct inc_unit **units;
    size_t n_units;
    size_t next;                 /* Atomic. */
    size_t chunk;                /* Units to take at a time. */
};

static void
work(struct workers *w, struct inc_ctx *ctx)
{
    for (;;) {
        size_t i = __atomic_fetch_add(&w->next, w->chunk, __ATOMIC_RELAXED);
        size_t end = MIN(i + w->chunk, w->n_units);
        if (i >= end) {
            break;
        }
        for (; i < end; i++) {
            execute_into(ctx, w->units[i], &w->inc->recs[i]);
        }
    }
}

static void *
worker_main(void *w_)
{
    struct workers *w = w_;
    uint64_t job = 0;

    ovsrcu_quiesce_start();
    pthread_mutex_lock(&w->mutex);
    struct inc_ctx *ctx = w->inc->ctxs[++w->next_index];
    for (;;) {
        while (w->job == job && !w->exiting) {
            pthread_cond_wait(&w->work, &w->mutex);
        }
        if (w->exiting) {
            break;
        }
        job = w->job;
        pthread_mutex_unlock(&w->mutex);

        work(w, ctx);
        ctx->p->borrowed = istr_pool_detach();

        pthread_mutex_lock(&w->mutex);
        if (!--w->n_busy) {
            pthread_cond_signal(&w->done);
        }
    }
    pthread_mutex_unlock(&w->mutex);
    return NULL;
}

/* Starts threads when they are needed for the first time: a daemon has
 * detached by then. */
static struct workers *
workers_get(struct inc *inc)
{
    if (!inc->workers) {
        struct workers *w = inc->workers = xzalloc(sizeof *w);
        w->inc = inc;
        w->n = inc->n_threads - 1;
        w->threads = xcalloc(w->n, sizeof *w->threads);
        pthread_mutex_init(&w->mutex, NULL);
        pthread_cond_init(&w->work, NULL);
        pthread_cond_init(&w->done, NULL);
        for (size_t i = 0; i < w->n; i++) {
            w->threads[i] = ovs_thread_create("inc", worker_main, w);
        }
    }
    return inc->workers;
}

void
workers_destroy(struct inc *inc)
{
    struct workers *w = inc->workers;

    if (!w) {
        return;
    }
    pthread_mutex_lock(&w->mutex);
    w->exiting = true;
    pthread_cond_broadcast(&w->work);
    pthread_mutex_unlock(&w->mutex);
    for (size_t i = 0; i < w->n; i++) {
        pthread_join(w->threads[i], NULL);
    }
    pthread_mutex_destroy(&w->mutex);
    pthread_cond_destroy(&w->work);
    pthread_cond_destroy(&w->done);
    free(w->threads);
    free(w);
    inc->workers = NULL;
}

static void
execute_parallel(struct inc *inc, struct inc_unit **units, size_t n)
{
    struct workers *w = workers_get(inc);

    pthread_mutex_lock(&w->mutex);
    inc->parallel = true;
    w->units = units;
    w->n_units = n;
    w->next = 0;
    w->chunk = MAX(1, MIN(MAX_CHUNK, n / (4 * inc->n_threads)));
    w->n_busy = w->n;
    w->job++;
    pthread_cond_broadcast(&w->work);
    pthread_mutex_unlock(&w->mutex);

    work(w, inc->ctxs[0]);

    pthread_mutex_lock(&w->mutex);
    while (w->n_busy) {
        pthread_cond_wait(&w->done, &w->mutex);
    }
    inc->parallel = false;
    pthread_mutex_unlock(&w->mutex);
    index_merge_fresh(inc);
}

/* ---- A rule. ---- */

/* Commits the executions of 'units', in order. */
static void
commit_batch(struct inc *inc, struct rule_rt *rule, struct inc_unit **units,
             size_t n)
{
    slot_add_log(inc, inc->ctxs, inc->n_ctxs);
    for (size_t i = 0; i < n; i++) {
        const struct exec_rec *rec = &inc->recs[i];
        bool changed = unit_commit(inc, units[i], rec->ctx->out + rec->out_ofs,
                                   rec->n_emitted);
        rule->stats.runs += !units[i]->dead;
        rule->stats.cutoffs += !changed;
        rule->stats.emitted += rec->n_emitted;
    }
    inc_table_settle(inc, false);
    for (size_t i = 0; i < inc->n_ctxs; i++) {
        struct inc_ctx_private *p = inc->ctxs[i]->p;
        p->n_out = 0;
        if (p->cap_out > 1 << 24) {
            free(p->out);
            p->out = NULL;
            p->cap_out = 0;
        }
        if (p->cap_log > 1 << 20) {
            free(p->log);
            p->log = NULL;
            p->cap_log = 0;
        }
        istr_pool_free(p->borrowed);
        p->borrowed = NULL;
    }
    istr_pool_reset();
}

static void
run_batch(struct inc *inc, struct rule_rt *rule, struct inc_unit **units,
          size_t n)
{
    bool serial = rule->rule->flags & INC_SERIAL;

    for (size_t i = 0; i < n; i++) {
        struct inc_unit *unit = units[i];
        unit->dirty = false;
        inc->gens[unit->id] = (inc->gens[unit->id] + 1) & EDGE_GEN_MAX;
    }
    inc->n_dirty -= n;
    if (!serial && inc->n_threads > 1 && n >= inc->min_parallel) {
        execute_parallel(inc, units, n);
    } else {
        for (size_t i = 0; i < n; i++) {
            execute_into(inc->ctxs[0], units[i], &inc->recs[i]);
            if (serial) {
                pool_unit_done(inc, units[i]);
            }
        }
    }
    commit_batch(inc, rule, units, n);
}

/* Sorts units of a serial rule: first those that are dead, since they give
 * back what they hold, then by the order of their rows. */
struct sort_entry {
    const struct inc *inc;
    struct inc_unit *unit;
};

static int
sort_entry_cmp(const void *a_, const void *b_)
{
    const struct sort_entry *a = a_;
    const struct sort_entry *b = b_;

    if (a->unit->dead != b->unit->dead) {
        return a->unit->dead ? -1 : 1;
    } else if (a->unit->dead) {
        return a->unit->id < b->unit->id ? -1 : a->unit->id > b->unit->id;
    }
    return unit_cmp(a->inc, a->unit, b->unit);
}

static void
sort_units(const struct inc *inc, struct inc_unit **units, size_t n)
{
    struct sort_entry *entries = xmalloc(n * sizeof *entries);

    for (size_t i = 0; i < n; i++) {
        entries[i] = (struct sort_entry) { inc, units[i] };
    }
    qsort(entries, n, sizeof *entries, sort_entry_cmp);
    for (size_t i = 0; i < n; i++) {
        units[i] = entries[i].unit;
    }
    free(entries);
}

static void
prepare(struct inc *inc, size_t batch)
{
    if (inc->cap_recs < batch) {
        inc->cap_recs = batch;
        free(inc->recs);
        inc->recs = xmalloc(batch * sizeof *inc->recs);
    }
    if (inc->n_ctxs < inc->n_threads) {
        inc->ctxs = xrealloc(inc->ctxs, inc->n_threads * sizeof *inc->ctxs);
        while (inc->n_ctxs < inc->n_threads) {
            inc->ctxs[inc->n_ctxs++] = ctx_create(inc);
        }
    }
}

/* Runs the dirty units of 'rule', until there are none. */
void
rule_run(struct inc *inc, size_t rule_idx)
{
    struct rule_rt *rule = &inc->rules[rule_idx];
    bool serial = rule->rule->flags & INC_SERIAL;
    long long int start = time_usec();
    bool all = rule->n_dirty >= rule->n_units;

    for (int i = 0; rule->n_dirty && i < MAX_ROUNDS; i++) {
        struct inc_unit **units = rule->dirty;
        size_t n = rule->n_dirty;
        rule->dirty = NULL;
        rule->n_dirty = rule->cap_dirty = 0;

        size_t batch = (inc->batch ? inc->batch
                        : inc->n_threads > 1 && !serial ? BATCH_THREADS
                        : BATCH);
        batch = MIN(batch, n);
        prepare(inc, batch);
        if (serial) {
            sort_units(inc, units, n);
        }
        for (size_t ofs = 0; ofs < n; ofs += batch) {
            run_batch(inc, rule, units + ofs, MIN(batch, n - ofs));
        }
        if (!rule->dirty) {
            rule->dirty = units;
            rule->cap_dirty = n;
            if (n > 4096) {
                free(units);
                rule->dirty = NULL;
                rule->cap_dirty = 0;
            }
        } else {
            free(units);
        }
    }

    rule->stats.recomputes += all;
    rule->stats.computes += !all;
    long long int usecs = time_usec() - start;
    rule->stats.usecs += usecs;
    rule->run_usecs += usecs;
    rule->ran = inc->any_ran = true;
    if (inc->log_timeout_ms >= 0 && usecs / 1000 > inc->log_timeout_ms) {
        VLOG_INFO("%s: rule %s took %lld ms", inc->name, rule->rule->name,
                  usecs / 1000);
    }
}
