/* What the files of lib/db share.
 *
 *   db.c       connection: events from ovsdb-cs, locks, conditions
 *   mirror.c   rows of the input tables, kept equal to the database
 *   sink.c     which output rows may differ from the mirror
 *   compare.c  how one output row differs, as operations
 *   txn.c      one transaction until it is sent
 *   reply.c    what becomes of it
 *   count.c    how often that
 *   suspect.c  rows that the server refuses are set aside
 *   stale.c    weak references that outlived their row
 *   text.c     canonical text of values
 *   uuid.c     chosen uuids
 *   show.c     statistics and unixctl
 */
#ifndef LIB_DB_DB_PRIVATE_H
#define LIB_DB_DB_PRIVATE_H 1

#include "hmapx.h"
#include "lib/db/db.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "openvswitch/shash.h"
#include "openvswitch/token-bucket.h"
#include "ovsdb-cs.h"
#include "sset.h"

/* Run-time state of a table. */
struct db_table_rt {
    struct db *db;
    struct shash columns;            /* Of struct db_column, mirrored ones. */
    struct sink *sinks;              /* Linked by 'next'. */
    bool monitored;
    bool warned;                     /* About what the server lacks. */
    struct json *condition;          /* For monitoring, or NULL: all. */
    bool cs_has_condition;           /* 'cs' was told. */
    bool is_weak_target;             /* Rows that we insert are referred to
                                      * weakly. */
    struct db_stats stats;
};

/* A column that a sink writes. */
struct sink_column {
    const struct db_sink_column *c;
    struct db_column *column;
    const struct inc_field *field;   /* NULL if c->format. */
    char *name;                      /* "\"column\":", ready to paste. */
    char *deflt;                     /* Canonical text of the default. */
    bool plain;                      /* A string, in the field as it is. */
    bool insert_only;                /* Cannot or must not be compared. */
    const struct db_table *refs;     /* What its uuids refer to, or NULL. */
    bool weak;                       /* ... weakly. */
};

/* Run-time state of a sink. */
struct sink {
    const struct db_sink *s;
    struct db *db;
    struct db_table *table;
    struct sink *next;               /* Another one of the same table. */
    struct sink_column *columns;
    size_t n_columns;
    void *key;                       /* Scratch for inc_row_by_key(). */

    /* Rows in the mirror that may have to be deleted, as nobody emits them:
     * all, or these. */
    bool check_all;
    struct uuid *checks;
    size_t n_checks, allocated_checks;

    /* Each output row has to be compared. */
    bool touch_all;

    /* Output rows (struct inc_row) that are as much in the database as they
     * can be at the moment:
     *
     * - 'dangling' have a weak reference to a row that is not there, which
     *   the server drops.  A row that comes makes us look again.
     *
     * - 'floating' are not there, since no strong reference leads to them (of
     *   tables with isRoot false).  They come with the next transaction that
     *   writes a reference to them.
     *
     * - 'deferred' refer to a row that has been set aside, or to one that
     *   waits until references to it are removed; or they are that one. */
    struct hmapx dangling;
    struct hmapx floating;
    struct hmapx deferred;
};

/* OP_UNREF: the row can be inserted after references to it are removed. */
enum op_type { OP_NONE, OP_INSERT, OP_UPDATE, OP_DELETE, OP_UNREF };

/* A row on its way into the database. */
struct txn_row {
    struct sink *sink;
    struct inc_row *out;             /* NULL: a row that nobody emits. */
    struct uuid uuid;
    unsigned int n_ops;              /* Operations in the transaction. */
    enum op_type type;
};

/* One transaction. */
struct txn {
    struct txn_row *rows;
    size_t n, allocated;
    struct json *request_id;         /* In flight, if nonnull. */
    bool solo;                       /* Retries a row that was set aside. */

    /* The rows to be inserted, if somebody asked (struct txn_insert). */
    struct hmap inserts;
    bool have_inserts;

    /* Operations. */
    struct json *params;
    struct ds text;                  /* Not yet in 'params'. */
    size_t n_ops;
    uint64_t n_bytes;
};

struct db {
    const struct db_class *class;
    struct db_options options;       /* 'lock' is ours. */
    struct ovsdb_cs *cs;
    char *remote;                    /* NULL: none yet. */
    int probe_interval;              /* In ms, -1: never set. */

    /* Mirror. */
    bool synced;                     /* Complete since we connected. */
    bool ever_synced;
    uint64_t seqno;
    uint32_t generation;             /* Of db_row.seen. */
    unsigned int cond_seqno;         /* When conditions will be current. */
    bool schema_changed;             /* Tables came to or left the server. */

    /* Sinks. */
    struct sink *sinks;
    size_t n_sinks;
    bool any_dangling, any_floating; /* False: no sink has any. */
    struct txn txn;
    int n_failures;                  /* Since the last success. */
    long long int retry_at;          /* In ms, 0: at once. */
    size_t batch_limit;              /* Rows in a transaction at most. */
    bool restoring;                  /* The next one undoes what others did. */
    struct token_bucket restore_tokens;
    struct hmap gone;                /* Has struct gone of stale.c. */
    bool any_gone;                   /* Any row may have gone unseen. */
    bool any_held;                   /* Some waited for OP_UNREF. */
    struct hmap suspects;            /* Has struct suspect, by uuid. */
    size_t n_excluded;               /* Suspects that are set aside. */
    struct db_stats stats;

    struct ovs_list list_node;       /* In show.c's list. */
    char *show_name;
};

/* mirror.c */
void db_mirror_init(struct db *);
void db_mirror_destroy(struct db *);
struct json *db_mirror_monitor_requests(const struct json *schema, void *db);
bool db_mirror_update(struct db *, const struct ovsdb_cs_update_event *);

/* sink.c */
void db_sinks_create(struct db *, const struct db_sink *);
void db_sinks_start(struct db *);
void db_sinks_destroy(struct db *);
enum mirror_change { MIRROR_INSERT, MIRROR_MODIFY, MIRROR_DELETE };
void db_sinks_row_changed(struct db_table *, struct db_row *,
                          enum mirror_change);
void db_sinks_check_all(struct db *);
struct inc_row *sink_find(const struct sink *, const struct uuid *);
const struct uuid *sink_row_uuid(const struct sink *, const struct inc_row *);
void sink_add_check(struct sink *, const struct uuid *);
bool sink_is_unwanted(struct sink *, const struct uuid *);
void sink_release(struct sink *, struct inc_row *);
void sink_retry_deferred(struct db *);
struct sink *db_owning_sink(const struct db_table *);

/* Is it none of this sink's business what nobody emits? */
static inline bool
sink_only_adds(const struct sink *s)
{
    return s->s->update_only || s->s->keep || s->s->deletes;
}

char *sink_row_name(const struct sink *, const struct inc_row *,
                    const struct uuid *);

/* compare.c */
bool sink_row_differs(const struct sink *, const struct inc_row *,
                      const struct db_row *);
void db_compose_insert(struct txn *, struct txn_row *);
void db_compose_update(struct txn *, struct txn_row *, const struct db_row *);
void db_compose_delete(struct txn *, struct txn_row *);
typedef bool sink_ref_func(const struct db_table *, const struct uuid *,
                           void *aux);
bool sink_for_each_ref(const struct sink *, const struct inc_row *,
                       sink_ref_func *, void *aux);

/* txn.c */
void db_txn_init(struct db *);
void db_txn_destroy(struct db *);
void db_txn_lost(struct db *);
void db_txn_clear(struct txn *);
void db_txn_give_back(struct db *);
struct txn_row *db_txn_find_insert(struct txn *, const struct uuid *);
struct ds *db_txn_op_start(struct txn *);
void db_txn_op_end(struct txn *, size_t n_ops);

/* reply.c */
void db_txn_reply(struct db *, const struct jsonrpc_msg *);

/* suspect.c */
struct suspect {
    struct hmap_node node;           /* In db->suspects. */
    struct txn_row row;
    int n_failures;
    bool excluded;                   /* Set aside, else only watched. */
    long long int retry_at;          /* In ms, if 'excluded'. */
    char *error;                     /* The latest one. */
};
struct suspect *db_suspect_find(const struct db *, const struct uuid *);
struct suspect *db_suspect_due(const struct db *);
void db_suspect_touched(struct db *, struct suspect *, struct inc_row *);
bool db_suspect_blame(struct db *, const struct txn_row *, const char *error);
void db_suspect_clear(struct db *, const struct uuid *);
void db_suspects_wait(const struct db *);
void db_suspects_destroy(struct db *);

/* stale.c */
void db_stale_use_columns(struct db *);
void db_stale_start(struct db *);
void db_stale_all_gone(struct db *);
void db_stale_row_gone(const struct db_table *, const struct uuid *);
bool db_stale_hold_inserts(struct db *);
void db_compose_unref(struct db *, struct txn_row *);
void db_stale_destroy(struct db *);

/* count.c */
enum txn_fate {
    TXN_FATE_SUCCESS,
    TXN_FATE_UNCHANGED,     /* There was nothing to send after all. */
    TXN_FATE_SENT,          /* The fate is not known yet. */
    TXN_FATE_AGAIN,         /* Failed for a reason that passes. */
    TXN_FATE_ERROR,
};
void db_count_txn(enum txn_fate);

/* text.c */
void db_put_string(struct ds *, const char *);
void db_put_uuid(struct ds *, const struct uuid *);
void db_put_uuid_string(struct ds *, const struct uuid *);
void db_put_int(struct ds *, int64_t);
void db_put_atom(struct ds *, const union ovsdb_atom *,
                 enum ovsdb_atomic_type);
void db_map_to_text(const struct ovsdb_datum *, const struct ovsdb_type *,
                    bool (*foreign)(const char *key), struct ds *);

/* uuid.c */
void db_adoptions_destroy(struct db_table *);

/* show.c */
void db_show_remove(struct db *);

#endif /* lib/db/db-private.h */
