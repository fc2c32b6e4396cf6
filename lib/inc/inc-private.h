/* What the files of lib/inc share. */
#ifndef LIB_INC_INC_PRIVATE_H
#define LIB_INC_INC_PRIVATE_H 1

#include "lib/inc/inc.h"

#include <pthread.h>
#include "openvswitch/dynamic-string.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "util.h"

/* Appends an element to a vector that is given by three lvalues. */
#define VEC_PUSH(V, N, CAP, X)                          \
    do {                                                \
        if ((N) == (CAP)) {                             \
            (CAP) = (CAP) ? (CAP) * 2 : 8;              \
            (V) = xrealloc(V, (CAP) * sizeof *(V));     \
        }                                               \
        (V)[(N)++] = (X);                               \
    } while (0)

/* ---- Edges. ---- */

#define EDGE_UNIT_MAX (1u << 28)
#define EDGE_GEN_MAX 0xfffu

static inline uint64_t
edge_make(uint32_t unit, uint32_t gen, uint32_t mask)
{
    return (uint64_t) unit << 36 | (uint64_t) gen << 24 | mask;
}

static inline uint32_t
edge_unit(uint64_t edge)
{
    return edge >> 36;
}

static inline uint32_t
edge_gen(uint64_t edge)
{
    return edge >> 24 & EDGE_GEN_MAX;
}

static inline uint32_t
edge_mask(uint64_t edge)
{
    return edge & INC_ALL;
}

/* Bits of edges from buckets and of table membership. */
#define MEMBERS 1u               /* Looked at the members. */
#define HELD 2u                  /* Has a pointer to the bucket. */

/* ---- Memory for the many small things (slab.c). ---- */

#define SLAB_CLASSES 65          /* In words of 8 bytes. */

struct slab {
    void *free[SLAB_CLASSES];
    char *chunk;                 /* Where the next small thing goes. */
    size_t left;                 /* Bytes left there. */
    void *chunks;                /* All chunks, to free them. */
    size_t bytes;                /* In use. */
};

void *slab_alloc(struct slab *, size_t);
void slab_free(struct slab *, void *, size_t);
void slab_destroy(struct slab *);

/* ---- Units. ---- */

struct inc_unit {
    const void *row;             /* struct inc_row, inc_bucket, or NULL. */
    struct inc_unit *next;       /* Next unit with the same 'row'. */
    struct inc_row **out;        /* Rows that it contributes to. */
    uint32_t n_out;
    uint32_t id;
    uint16_t rule;
    bool dirty;                  /* In its rule's list. */
    bool dead;
};
BUILD_ASSERT_DECL(sizeof(struct inc_unit) <= 40);

/* ---- Rows. ---- */

enum {
    ROW_DEAD = 1 << 0,           /* Deleted, or without contributor. */
    ROW_IN_TABLE = 1 << 1,       /* In table->rows. */
    ROW_PENDING = 1 << 2,        /* In rt->pending. */
    ROW_MINE = 1 << 3,           /* Emitted by the unit that is committed. */
    ROW_TOUCHED = 1 << 4,        /* In rt->touched. */
    ROW_DOOMED = 1 << 5,         /* In inc->doomed. */
    ROW_RELEASE = 1 << 6,        /* Released by the sink though touched. */
    ROW_CONFLICT = 1 << 7,       /* Drives a unit of the conflict rule. */
    ROW_SEEN = 1 << 8,           /* A sink may know of it. */
};

/* One of several contributions to a derived row.  With a single one,
 * row->contribs is the unit and the value is in the row. */
struct contrib {
    struct inc_unit *unit;
    void *value;
};

/* A row that changed in the rule's run. */
struct pending {
    struct inc_row *row;
    void *old;                   /* Value before, or NULL: was not there. */
};

struct inc_table_rt {
    size_t row_size;
    size_t n_keys;               /* Key fields. */
    uint16_t *drives;            /* Rules that it drives. */
    size_t n_drives;
    struct inc_index **indexes;
    size_t n_indexes;
    size_t n_live;

    /* The order of rules: atomic. */
    int min_read;                /* First rule that reads it. */
    int max_emit;                /* Last rule that fills it. */

    /* For 'broad': rules that read each column. */
    uint64_t *readers[24];

    struct pending *pending;
    size_t n_pending, cap_pending;
    bool late;                   /* Settle pending rows at a pass's end. */

    struct inc_row **touched;    /* Queue. */
    size_t touched_head, n_touched, cap_touched;
    size_t n_released;           /* In the queue, but released. */
};

static inline void *
row_value(struct inc_row *row)
{
    return row + 1;
}

/* ---- Indexes. ---- */

struct inc_index_rt {
    struct inc *inc;
    struct hmap buckets;
    struct hmap fresh;           /* Made in threads since the last commit. */
    pthread_mutex_t mutex;       /* Protects 'fresh'. */
    uint16_t *drives;            /* Rules that its buckets drive. */
    size_t n_drives;
    size_t n_empty;              /* Buckets without members, at least. */
    size_t gc_threshold;
};

struct inc_bucket {
    struct inc_slot slot;        /* First. */
    struct hmap_node node;
    struct inc_index *index;
    struct inc_unit *units;      /* Units that it drives. */
    union {
        const struct inc_row *one;     /* cap == 0. */
        const struct inc_row **many;
    };
    uint32_t n;                  /* Elements, removed ones included. */
    uint32_t cap;
    uint32_t n_sorted;           /* Elements in order, at the start. */
    uint32_t n_removed;          /* Elements with bit 0 set. */
    uint32_t len;                /* Of the key. */
    uint8_t n_shifted;           /* Removed at once since it was settled. */
    bool unsettled;              /* In inc->unsettled. */
    char key[] OVS_ALIGNED_VAR(8);
};

struct key {
    const void *p;
    uint32_t len, hash;
};

struct inc_keys {
    struct key *keys;            /* 'p' is an offset until keys_finish(). */
    size_t n, cap;
    char *bytes;
    size_t n_bytes, cap_bytes;
};

/* The buckets that an input row is in. */
struct memberships {
    size_t n;
    struct inc_bucket *buckets[];
};

void index_init(struct inc_index *, struct inc *);
void index_destroy(struct inc_index *);
void index_row_inserted(struct inc_row *);
void index_row_changed(struct inc_row *, const void *old, uint32_t mask);
void index_row_deleted(struct inc_row *, const void *old);
void index_collect(struct inc_index *, const void *v, struct inc_keys *);
void index_merge_fresh(struct inc *);
void index_settle(struct inc *);
void index_gc(struct inc *);
void keys_destroy(struct inc_keys *);
struct inc_bucket *index_lookup(const struct inc_index *, const void *key,
                                size_t len, uint32_t hash);
bool bucket_contains(const struct inc_bucket *, const struct inc_row *);
const struct inc_row *const *bucket_rows(const struct inc_bucket *);

/* ---- Rules and the engine. ---- */

struct rule_rt {
    const struct inc_rule *rule;
    struct inc_unit **dirty;
    size_t n_dirty, cap_dirty;
    struct inc_rule_stats stats;
    size_t n_units;

    /* See watch.c. */
    bool ran;                    /* In this run of the engine. */
    bool watched;                /* It has a stopwatch, which goes. */
    bool has_watch;              /* It has a stopwatch. */
    uint64_t run_usecs;          /* Time it took in this run. */
};

/* A stopwatch that rules share. */
struct watch {
    const char *name;
    size_t *rules;               /* Their indexes. */
    size_t n_rules;
};

/* An entry of the log of reads. */
struct log_entry {
    struct inc_slot *slot;
    uint64_t edge;
};

/* Precedes each value in the buffer of emissions. */
struct emission {
    struct inc_table *table;
    uint32_t hash;               /* Of the key. */
    uint32_t size;               /* Of header and value. */
};

/* What a unit read, for "inc/why". */
enum read_kind { READ_ROW, READ_BUCKET, READ_TABLE };
struct read_record {
    enum read_kind kind;
    const void *what;
    uint32_t mask;
};
struct recorder {
    struct read_record *reads;
    size_t n, cap;
};

struct inc_ctx_private {
    struct inc *inc;
    struct inc_unit *unit;
    uint32_t gen;
    struct log_entry *log;
    size_t n_log, cap_log;
    char *out;                   /* Emissions. */
    size_t n_out, cap_out;
    uint32_t n_emitted;          /* By the running unit. */
    struct recorder *recorder;
    struct istr_pool *borrowed;
};

/* The result of an execution, until commit. */
struct exec_rec {
    struct inc_ctx_private *ctx;
    size_t out_ofs;
    uint32_t n_emitted;
};

struct workers;
struct journal;

struct inc {
    char *name;
    struct inc_table **tables;   /* The last is 'diag'. */
    size_t n_tables;
    struct inc_index **indexes;
    size_t n_indexes;
    struct rule_rt *rules;       /* The last is the conflict rule. */
    size_t n_rules;              /* Without the conflict rule. */

    struct inc_unit **units;     /* By id. */
    uint16_t *gens;              /* By id. */
    size_t n_units, cap_units;
    uint32_t *free_ids;
    size_t n_free_ids, cap_free_ids;
    size_t n_dirty;

    struct slab slab;

    /* Running. */
    bool running;
    bool touched;
    bool parallel;               /* Threads are running units. */
    int cur;                     /* Rule that runs, or -1. */
    struct exec_rec *recs;
    size_t cap_recs;
    unsigned int n_threads;
    size_t batch;                /* See inc_tune(). */
    size_t min_parallel;
    struct inc_ctx **ctxs;
    size_t n_ctxs;
    struct workers *workers;

    /* Waiting for the end of the run, or of a commit. */
    struct inc_row **doomed;     /* Rows to be freed. */
    size_t n_doomed, cap_doomed;
    struct inc_unit **dead;      /* Units to be freed. */
    size_t n_dead, cap_dead;
    struct inc_bucket **unsettled;
    size_t n_unsettled, cap_unsettled;
    struct inc_table **unsettled_tables;    /* With pending rows. */
    size_t n_unsettled_tables, cap_unsettled_tables;
    struct inc_row **scratch;    /* Rows that a unit emits, in a commit. */
    size_t n_scratch, cap_scratch;
    struct inc_keys keys[2];

    struct ovs_list pools;       /* Contains "struct inc_pool"s. */
    bool pools_open;             /* The first run since the start or a
                                  * reset of pools has not ended. */

    struct inc_table *diag;
    struct journal *journal;     /* Nonnull while verifying. */
    bool verify;                 /* OVN_VERIFY=1. */
    long long int log_timeout_ms;
    struct watch *watches;
    size_t n_watches;
    bool any_ran;                /* A rule ran in this run. */
    uint64_t n_runs;
    bool unixctl;
};

/* inc.c */
void unit_mark(struct inc *, struct inc_unit *);
void unit_mark_rules(struct inc *, const uint64_t *rules);
struct inc_unit *unit_create(struct inc *, size_t rule, const void *row,
                             struct inc_unit **list);
void units_kill(struct inc *, struct inc_unit **list);
void units_create(struct inc *, const uint16_t *rules, size_t n,
                  const void *row, struct inc_unit **list);
void doom(struct inc *, struct inc_row *);
uint64_t unit_order(const struct inc *, const struct inc_unit *);
int unit_cmp(const struct inc *, const struct inc_unit *,
             const struct inc_unit *);
void unit_describe(const struct inc *, const struct inc_unit *, struct ds *);

/* slot.c */
void slot_add(struct inc *, struct inc_slot *, uint64_t edge);
void slot_add_log(struct inc *, struct inc_ctx **, size_t n);
void slot_fire(struct inc *, struct inc_slot *, uint32_t mask);
void slot_destroy(struct inc *, struct inc_slot *);
size_t slot_sweep(struct inc *, struct inc_slot *);
void row_fire(struct inc_row *, uint32_t mask);
void read_log(struct inc_ctx *, struct inc_slot *, uint32_t mask,
              struct inc_table *, enum read_kind, const void *what);
void check_emit_order(struct inc *, struct inc_table *);

/* exec.c */
void rule_run(struct inc *, size_t rule);
void unit_execute(struct inc_ctx *, struct inc_unit *, uint32_t gen);
struct inc_ctx *ctx_create(struct inc *);
void ctx_destroy(struct inc_ctx *);
void workers_destroy(struct inc *);

/* table.c */
void inc_table_init(struct inc_table *, struct inc *);
void inc_table_destroy(struct inc_table *);
void units_reorder(struct inc_unit *);
bool unit_commit(struct inc *, struct inc_unit *, const void *emissions,
                 uint32_t n);
void inc_table_settle(struct inc *, bool all);
void row_free(struct inc *, struct inc_row *);
void row_appeared(struct inc_row *);
void row_changed(struct inc_row *, const void *old, uint32_t mask);
void row_gone(struct inc_row *, const void *old);
bool row_has_contrib(const struct inc_row *, const struct inc_unit *);
const struct contrib *row_contribs(const struct inc_row *,
                                   struct contrib *stub);

/* field.c */
bool field_equal(const struct inc_field *, const void *a, const void *b);
uint32_t key_hash(const struct inc_table *, const void *value);
bool key_equal(const struct inc_table *, const void *a, const void *b);
uint32_t value_diff(const struct inc_table *, const void *a, const void *b);
void value_ref(const struct inc_table *, const void *value);
void value_unref(const struct inc_table *, const void *value);
uint64_t key_order(const struct inc_table *, const void *value);
int row_cmp(const struct inc_row *, const struct inc_row *);
void field_format(const struct inc_field *, const void *value, struct ds *);
void value_format(const struct inc_table *, const void *value, bool keys_only,
                  struct ds *);
void row_describe(const struct inc_row *, struct ds *);
void bucket_describe(const struct inc_bucket *, struct ds *);
void mask_format(const struct inc_table *, uint32_t mask, struct ds *);

/* diag.c */
void diag_init(struct inc *);
void diag_destroy(struct inc *);
void diag_emission(struct inc *, const char *text, struct emission **);
void diag_conflicts(struct inc *, struct inc_row *, const struct contrib *,
                    size_t n, const struct inc_unit *winner);

/* pool.c */
void pool_unit_done(struct inc *, const struct inc_unit *);
void pool_run_done(struct inc *);
void pools_destroy(struct inc *);
void pool_memory_usage(const struct inc *, size_t *n);

/* explain.c */
struct unixctl_conn;
void explain_destroy(struct inc *);
struct inc *inc_of_command(struct unixctl_conn *);

/* watch.c */
void watches_run_done(struct inc *);
void watches_destroy(struct inc *);
void inc_unixctl_watch_list(struct unixctl_conn *, int argc,
                            const char *argv[], void *);
void inc_unixctl_watch_enable(struct unixctl_conn *, int argc,
                              const char *argv[], void *);
void inc_unixctl_watch_disable(struct unixctl_conn *, int argc,
                               const char *argv[], void *);

/* verify.c */
void journal_note(struct inc *, struct inc_row *, const void *old);
void verify_structure(struct inc *, struct ds *);
void journal_report(struct inc *);

#endif /* lib/inc/inc-private.h */
