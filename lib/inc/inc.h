/* Incremental engine: tables, indexes, rules.
 *
 * A megaflow is a remembered call of OVS's translator: each header field that
 * it looked at is un-wildcarded.  Here a *unit* is a remembered call of a
 * *rule* for one row; each row, index bucket and column that it looked at has
 * an *edge* back to the unit.  When a read column changes, the units whose
 * edges cover it run again; what they emitted before and do not emit now goes
 * away.  Over-approximation costs a spurious run; a missed edge is a bug,
 * which the oracle (inc_verify()) finds.
 *
 * Rules stand in one ordered list.  A rule may read only tables that rules
 * above it fill (asserted), so one pass over the list settles everything.
 *
 * Life of a run, per rule in list order:
 *   1. the rule's dirty units execute (in parallel if there are many and the
 *      rule is not INC_SERIAL): reads go to a per-thread edge log, emissions
 *      to a per-thread buffer.  Nothing shared is written but index buckets
 *      for keys nobody asked for before (under a lock).
 *   2. commit, single-threaded, in unit order (so results do not depend on
 *      threads): edges are added, each unit's new emissions replace its old
 *      ones (new retained first, then old released), changed rows mark the
 *      units that read the changed columns.
 * Nothing proportional to the number of rows happens for a small change. */
#ifndef LIB_INC_INC_H
#define LIB_INC_INC_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/text/istr.h"
#include "openvswitch/compiler.h"
#include "openvswitch/hmap.h"
#include "openvswitch/uuid.h"

struct ds;
struct inc;
struct inc_bucket;
struct inc_ctx;
struct simap;
struct inc_rule;
struct inc_unit;

/* What can be read: 16 bytes in each row, bucket and table.  An edge is 8
 * bytes: unit id:28 | unit generation:12 | column mask:24. */
struct inc_slot {
    uint64_t *edges;
    uint32_t n, cap;
};

#define INC_ALL 0xffffffu              /* All columns. */
#define INC_COL(N) (1u << ((N) % 24))  /* Aliasing is safe. */

/* Header of every row of every table.  Private to lib/inc, but for the
 * allocation of input rows. */
struct inc_row {
    struct inc_slot slot;
    struct hmap_node node;       /* In table->rows (derived: by key hash;
                                  * input: by 'order'). */
    struct inc_table *table;
    struct inc_unit *units;      /* Units that this row drives. */
    void *contribs;              /* Derived rows: see table.c. */
    uint64_t order;              /* Same in every process that sees the same
                                  * databases: decides who wins. */
    uint32_t flags;
    uint32_t n_contribs;
};

/* ---- Tables. ---- */

enum inc_kind {
    INC_INPUT,                   /* Rows come from outside (inc_input_*()). */
    INC_DERIVED,                 /* Rows come from rules. */
    INC_OUTPUT,                  /* Derived, and a sink drains its touched
                                  * rows (inc_touched_pop()). */
};

enum inc_ftype {
    INC_F_BOOL, INC_F_I64, INC_F_U32, INC_F_U16, INC_F_STR /* istr */,
    INC_F_BLOB /* iblob */, INC_F_UUID, INC_F_ROW /* const struct T * */,
    INC_F_PTR /* stable opaque pointer, e.g. struct inc_bucket * */,
    INC_F_POD /* any padding-free bytes: eth_addr, in6_addr... */
};

struct inc_field {
    const char *name;
    enum inc_ftype type;
    uint16_t ofs, size;          /* In the value struct. */
    bool key;
};

/* How rows with the same key from several units become one. */
enum inc_combine {
    INC_UNIQUE,      /* The contributor whose driving row has the lowest
                      * 'order' wins; with 'conflict' set, each loser gets a
                      * diagnostic through it. */
    INC_MERGE,       /* 'merge' unites the contributions. */
};

struct inc_table {
    const char *name;
    enum inc_kind kind;
    enum inc_combine combine;
    size_t value_size;                   /* Of the value struct (derived). */
    const struct inc_field *fields;      /* Key fields first. */
    size_t n_fields;
    /* INC_MERGE: unites the 'n' contributions (value structs with the same
     * key, in an unspecified order) into 'out', which starts as a copy of
     * in[0].  Must be commutative and associative. */
    void (*merge)(const void *const *in, size_t n, void *out);
    /* INC_UNIQUE: text for the diagnostic of a loser, or NULL to be silent. */
    void (*conflict)(const void *loser_value, const void *winner_value,
                     struct ds *);
    /* Called at commit when a derived row appears, changes or goes
     * ('mask' = changed columns; INC_ALL on insert and delete). */
    void (*on_change)(const struct inc_row *, uint32_t mask);
    /* Appends a name for people, e.g. `Logical_Switch_Port "p1"'. */
    void (*describe)(const struct inc_row *, struct ds *);
    /* Input rows: frees the row's memory, after the run in which it was
     * deleted. */
    void (*free_row)(struct inc_row *);
    /* The name of a column without field, for people; NULL past the last.
     * May be NULL. */
    const char *(*column_name)(const struct inc_table *, size_t column);
    size_t aux_size;                     /* Bytes of sink state per row. */
    /* Read by nearly every unit (global options): edges are replaced by one
     * bitmap of rules per column. */
    bool broad;

    /* Run time, private to lib/inc. */
    struct inc *inc;
    struct hmap rows;
    struct inc_slot slot;                /* Membership of the whole table. */
    struct inc_table_rt *rt;
};

/* INC_TABLE_DECLARE() and INC_TABLE_DEFINE(), which define a table from a list
 * of its fields, are in "lib/inc/inc-table.h". */

/* Value struct of a row of a table that has one (value_size != 0), untracked:
 * for sinks, merge, on_change.  ROW and PTR fields of a dead row may
 * dangle. */
static inline const void *inc_value(const struct inc_row *);
void *inc_aux(const struct inc_row *);          /* Zeroed in a new row. */
bool inc_row_is_dead(const struct inc_row *);   /* No contributor left. */

/* Input rows: 'row' was allocated zeroed by the caller with room for the
 * header; 'order' is set by the caller, and its contents are there, since
 * indexes follow at once.  A deleted row's memory, with its contents, stays as
 * it is until the end of the next inc_run().  Cheap; the units run in
 * inc_run(). */
void inc_input_insert(struct inc_table *, struct inc_row *);
void inc_input_changed(struct inc_row *, uint32_t mask);
void inc_input_delete(struct inc_row *);

/* Small in-memory input tables (timers, punted packets, progress reports):
 * sets the row with the value's key fields, or removes it.  Usable between
 * runs only.  Fires nothing when equal.  The table is declared with
 * INC_TABLE_DECLARE and .kind = INC_INPUT. */
void inc_input_set(struct inc_table *, const void *value);
void inc_input_unset(struct inc_table *, const void *key_value);
void inc_input_clear(struct inc_table *);
/* Removes the rows of such a table whose time has come: 'deadline', given the
 * row's value, is not after 'now'.  Returns the first deadline of those that
 * stay, or LLONG_MAX. */
long long int inc_input_expire(struct inc_table *, long long int now,
                               long long int (*deadline)(const void *value));

/* ---- Reading, inside a rule (outside of one: allowed, untracked). ---- */

/* Records that the running unit, if any, looked at columns 'mask' of 'row'.
 * Every accessor of every column calls it. */
static inline void inc_read_row(const struct inc_row *row, uint32_t mask);

/* The same for the slot in a row's header. */
static inline void inc_read__(struct inc_slot *, uint32_t mask);

/* Every row (ROW: const struct T *) of TABLE (struct inc_table *), in no
 * particular order.  Depends on the membership of the whole table: rows that
 * come and go run the unit again. */
#define INC_FOR_EACH(ROW, TABLE)                                    \
    for ((ROW) = inc_table_first(TABLE); (ROW);                     \
         (ROW) = inc_table_next(TABLE, ROW))
const void *inc_table_first(struct inc_table *);
const void *inc_table_next(struct inc_table *, const void *row);
size_t inc_table_n(struct inc_table *);         /* Tracked. */

/* ---- Indexes. ---- */

/* Collects the keys of one row (usually one; any number is fine). */
struct inc_keys;
void inc_keys_add(struct inc_keys *, const void *key, size_t len);
static inline void inc_keys_add_istr(struct inc_keys *, istr);  /* Content. */

struct inc_index {
    const char *name;
    struct inc_table *table;
    /* For tables with a value struct 'v' is that, for other (input) tables the
     * row itself (accessors work, untracked).  Must be a pure function of the
     * columns in 'mask' and of what never changes in the row. */
    void (*keys)(const void *v, struct inc_keys *);
    uint32_t mask;
    struct inc_index_rt *rt;
};

/* The bucket for a key.  Never null: an absent key has an empty bucket, and
 * having asked is a dependency.  A bucket tells its readers when a member
 * joins or leaves, not when a member changes.  It lives as long as it has a
 * member, or a unit whose latest execution found it: what a unit emits may
 * point to it (INC_F_PTR).  Outside of a rule, only until the next
 * inc_run(). */
const struct inc_bucket *inc_find(struct inc_index *, const void *key,
                                  size_t len);
static inline const struct inc_bucket *inc_find_istr(struct inc_index *, istr);
size_t inc_bucket_n(const struct inc_bucket *);            /* Tracked. */
const void *inc_bucket_at(const struct inc_bucket *, size_t i);
/* Members stand by rising 'order'.  This is the first, or NULL.  Tracked. */
const void *inc_bucket_first(const struct inc_bucket *);
/* A bucket's key, for rules driven by buckets. */
const void *inc_bucket_key(const struct inc_bucket *, size_t *len);
/* ROW: const struct T *. */
#define INC_BUCKET_FOR_EACH(ROW, BUCKET)                                \
    for (size_t INC_CONCAT__(inc_i, __LINE__) = 0;                      \
         ((ROW) = inc_bucket_next__(BUCKET,                             \
                                    INC_CONCAT__(inc_i, __LINE__)++));)
#define INC_CONCAT__(A, B) INC_CONCAT2__(A, B)
#define INC_CONCAT2__(A, B) A##B
const void *inc_bucket_next__(const struct inc_bucket *, size_t i);

/* The same as a sink needs them, outside of rules: untracked. */
size_t inc_bucket_n_untracked(const struct inc_bucket *);
const struct inc_row *inc_bucket_at_untracked(const struct inc_bucket *,
                                              size_t i);
struct inc_index *inc_bucket_index(const struct inc_bucket *);

/* First member of the bucket for a key, or NULL. */
static inline const void *inc_find_one(struct inc_index *, const void *key,
                                       size_t len);

/* ---- Rules. ---- */

enum {
    INC_SERIAL = 1 << 0,   /* Order-sensitive (allocators): never threaded,
                            * units run in the order of their rows. */
};

struct inc_rule {
    const char *name;
    /* Exactly one of these, or neither for a rule with a single unit. */
    struct inc_table *driver;         /* Once per row. */
    struct inc_index *bucket_driver;  /* Once per non-empty bucket. */
    /* 'row': const struct T * of the driver, const struct inc_bucket *, or
     * NULL.  Reads through accessors, emits; no other side effect. */
    void (*run)(const void *row);
    unsigned int flags;
};

/* Emits a row (inside a rule only). */
void inc_emit(struct inc_table *, const void *value);

/* Emits a diagnostic about 'row' (any table's, or NULL): logged as a warning
 * once when it appears, retracted with an info message when its cause goes,
 * listed by the unixctl command "diagnostics". */
void invalid(const void *row, const char *fmt, ...) OVS_PRINTF_FORMAT(2, 3);

size_t inc_n_diagnostics(const struct inc *);
void inc_diagnostics(const struct inc *, struct ds *);  /* One a line. */

/* ---- Pools: sticky allocators, used by INC_SERIAL rules. ---- */

struct inc_pool;
struct inc_pool *inc_pool_create(struct inc *, const char *name);
/* Before the first run: 'owner' held 'value' in a former life.  Reserved for
 * that owner until the first run has ended. */
void inc_pool_seed(struct inc_pool *, struct uuid owner, uint32_t value);
void inc_pool_unseed_all(struct inc_pool *);
/* Between two runs: forgets who holds what, as before the first run, and marks
 * every unit dirty.  For a process that takes over again from another one,
 * which may have handed out values in the meantime: seed the pools anew. */
void inc_pools_reset(struct inc *);
/* Takes a value in lo..hi for 'owner' on behalf of the running unit, which
 * holds it as long as its latest execution takes it.  Sticky: the owner gets
 * what it held before if that is in the range and (when 'want' is nonzero)
 * equal to 'want'.  'want' nonzero: that value or none; it is taken away from
 * an owner that did not ask for it by 'want' (whose unit runs again).
 * Returns false if not to be had; the unit runs again when that may change.
 * On failure '*holder' (if nonnull) is who has 'want'. */
bool inc_pool_take(struct inc_pool *, struct uuid owner, uint32_t want,
                   uint32_t lo, uint32_t hi, uint32_t *value,
                   struct uuid *holder);
/* Sets '*value' to what 'owner' holds, if anything.  Not for rules: it tracks
 * nothing. */
bool inc_pool_value(const struct inc_pool *, struct uuid owner,
                    uint32_t *value);
/* A pool per key (port keys per datapath): pools nest by 'space'. */
bool inc_pool_take_in(struct inc_pool *, struct uuid space, struct uuid owner,
                      uint32_t want, uint32_t lo, uint32_t hi,
                      uint32_t *value, struct uuid *holder);
void inc_pool_seed_in(struct inc_pool *, struct uuid space, struct uuid owner,
                      uint32_t value);

/* ---- Running. ---- */

struct inc_config {
    const char *name;                       /* For logs. */
    struct inc_table *const *tables;        /* NULL-terminated: all. */
    struct inc_index *const *indexes;       /* NULL-terminated: all. */
    const struct inc_rule *const *rules;    /* NULL-terminated, in order. */
    unsigned int n_threads;                 /* 1: no threads. */
};
struct inc *inc_create(const struct inc_config *);
void inc_destroy(struct inc *);             /* Frees every row and edge. */
void inc_set_n_threads(struct inc *, unsigned int);

/* Sets the number of units between two commits (0: as usual) and the number
 * of dirty units from which on threads share them: for tests. */
void inc_tune(struct inc *, size_t batch, size_t min_parallel);

/* Runs what is dirty.  Returns true if any output row was touched.  With
 * OVN_VERIFY=1 in the environment it ends with inc_verify() and aborts the
 * process with the report when that finds a difference. */
bool inc_run(struct inc *);
bool inc_is_dirty(const struct inc *);
void inc_recompute(struct inc *);           /* Marks every unit dirty. */
/* The oracle: marks every unit dirty, runs, compares all tables and indexes
 * with what stood.  Returns NULL if nothing changed, else a report. */
char *inc_verify(struct inc *);

/* ---- Sinks. ---- */

/* Takes the next touched row of an output table off the list, or NULL.  A
 * dead row (inc_row_is_dead()) is a tombstone: it stays until the sink has
 * dealt with it and calls inc_row_release(); emitted again before that, the
 * same row comes back to life (and is touched). */
struct inc_row *inc_touched_pop(struct inc_table *);
size_t inc_n_touched(const struct inc_table *);
void inc_touch(struct inc_row *);           /* Puts it (back) on the list. */
void inc_row_release(struct inc_row *);
struct inc_row *inc_row_by_key(struct inc_table *, const void *key_value);

/* ---- Statistics and explanations. ---- */

struct inc_rule_stats {
    uint64_t runs, cutoffs, emitted, usecs;
    uint64_t recomputes;         /* Times that all its units ran. */
    uint64_t computes;           /* Times that only some did. */
    size_t n_units;
};
void inc_rule_stats_get(const struct inc *, const char *rule,
                        struct inc_rule_stats *);
void inc_stats_clear(struct inc *);
void inc_watch(struct inc *, const struct inc_rule *, const char *name);
/* inc/rules, inc/why TABLE ROW, inc/verify, table/list, table/dump NAME,
 * diagnostics, inc-engine/{show-stats,clear-stats,recompute,...}. */
void inc_unixctl_register(struct inc *);
/* Prints to stdout, in the language of Graphviz, which table drives which rule
 * and the order in which rules run; with 'last', only up to the rule of that
 * name (all of them if there is none). */
void inc_print_graph(const struct inc_rule *const *rules, const char *last);
void inc_memory_usage(const struct inc *, struct simap *);

/* ---- Inline functions and what they need. ---- */

/* An execution of a unit remembers what it read already.  Keyed by execution,
 * not by unit: the edges of a former execution are stale. */
#define INC_SEEN__ 256
struct inc_seen__ {
    const struct inc_slot *slot;
    uint32_t exec;
    uint32_t mask;
    size_t log;                  /* Where the edge is in the log. */
};

/* A thread that runs units. */
struct inc_ctx {
    struct inc_seen__ seen[INC_SEEN__];
    uint32_t exec;               /* Serial number of this execution. */
    struct inc_ctx_private *p;
};
extern __thread struct inc_ctx *inc_ctx__;      /* NULL outside of a rule. */

void inc_read_slow__(struct inc_ctx *, const struct inc_row *, uint32_t mask);

static inline struct inc_seen__ *
inc_seen__(struct inc_ctx *ctx, const struct inc_slot *slot)
{
    uintptr_t x = (uintptr_t) slot;
    return &ctx->seen[(x >> 4 ^ x >> 11) & (INC_SEEN__ - 1)];
}

static inline bool
inc_has_seen__(const struct inc_ctx *ctx, const struct inc_seen__ *seen,
               const struct inc_slot *slot, uint32_t mask)
{
    return (seen->slot == slot && seen->exec == ctx->exec
            && !(mask & ~seen->mask));
}

static inline void
inc_read_row(const struct inc_row *row, uint32_t mask)
{
#ifndef INC_NO_TRACK
    struct inc_ctx *ctx = inc_ctx__;
    if (ctx && !inc_has_seen__(ctx, inc_seen__(ctx, &row->slot), &row->slot,
                               mask)) {
        inc_read_slow__(ctx, row, mask);
    }
#endif
}

static inline void
inc_read__(struct inc_slot *slot, uint32_t mask)
{
    inc_read_row((const struct inc_row *) (void *) slot, mask);
}

static inline const void *
inc_value(const struct inc_row *row)
{
    return row + 1;
}

static inline void
inc_keys_add_istr(struct inc_keys *keys, istr s)
{
    inc_keys_add(keys, s.s, s.s ? istr_len(s) : 0);
}

static inline const struct inc_bucket *
inc_find_istr(struct inc_index *index, istr s)
{
    return inc_find(index, s.s, s.s ? istr_len(s) : 0);
}

static inline const void *
inc_find_one(struct inc_index *index, const void *key, size_t len)
{
    return inc_bucket_first(inc_find(index, key, len));
}

#endif /* lib/inc/inc.h */
