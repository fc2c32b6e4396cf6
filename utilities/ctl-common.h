#ifndef CTL_COMMON_H
#define CTL_COMMON_H 1

/* The frame of the programs that edit a database: ovn-nbctl, ovn-sbctl and
 * their relatives.  The library's db-ctl-base parses commands and has the
 * generic ones; this adds options, the transaction, waiting for the rest of
 * OVN, and documentation.
 *
 * A program is a 'struct ctl_program'.  Its commands are rows of tables, one
 * table per group of commands, from which --help, --commands, the completion
 * for bash and the manual page's section on commands are made. */

#include <stdio.h>

#include "db-ctl-base.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "openvswitch/vlog.h"
#include "table.h"

/* A command.  'doc' is one or several paragraphs, separated by empty lines,
 * in which `words` in such quotes are typed as they stand.  A table of
 * commands ends with a row without a name. */
struct ctl_cmd {
    struct ctl_command_syntax syntax;
    const char *help;           /* Half a line for --help. */
    const char *doc;            /* For the manual page. */
    bool force_wait;            /* Waits even if nothing changes. */

    /* Says which rows the command needs (see ctl-narrow.c), or NULL if it
     * may need all. */
    void (*narrow)(struct ctl_context *);
};

struct ctl_group {
    const char *title;          /* Such as "Logical switch commands". */
    const char *intro;          /* What they have in common, or NULL. */
    const struct ctl_cmd *cmds;
};

/* Where the completion finds values for an argument: 'argument' is its name in
 * commands' syntax.  An array ends with a row of NULL. */
struct ctl_completion {
    const char *argument;       /* Such as "SWITCH". */
    const char *table;          /* Such as "Logical_Switch". */
    const char *column;         /* Such as "name". */
};

/* How far the rest of OVN has come, as the global row tells. */
struct ctl_progress {
    int64_t sb_cfg;             /* Processed by ovn-northd. */
    int64_t hv_cfg;             /* Processed by all chassis. */
    int64_t nb_cfg_timestamp;   /* Milliseconds since the epoch. */
    int64_t sb_cfg_timestamp;
    int64_t hv_cfg_timestamp;
};

enum ctl_wait {
    CTL_WAIT_NONE,
    CTL_WAIT_SB,                /* Until ovn-northd is done. */
    CTL_WAIT_HV                 /* Until all chassis are, too. */
};

struct option;

struct ctl_program {
    const char *name;           /* Such as "ovn-nbctl". */
    const char *summary;        /* What it is, for --help. */
    struct vlog_module *module;
    const struct ovsdb_idl_class *idl_class;
    const struct ctl_table_class *table_classes;    /* One per table. */
    const struct ctl_group *const *groups;          /* Ends with NULL. */
    const struct ctl_completion *completions;
    const char *options_env;    /* Such as "OVN_NBCTL_OPTIONS". */
    const char *daemon_env;     /* Such as "OVN_NB_DAEMON". */
    const char *(*default_db)(void);
    const char *(*db_version)(void);

    /* Asks for the columns that each invocation needs. */
    void (*prerequisites)(struct ovsdb_idl *);

    /* Makes indexes for a daemon, which has all columns.  Else the commands'
     * prerequisites do it.  NULL if there are none. */
    void (*create_indexes)(struct ovsdb_idl *);

    /* The table with one row that all databases have, which is inserted if
     * it is not there. */
    const struct ovsdb_idl_table_class *global_table;

    /* For programs that can wait, else NULL.  'nb_cfg' is the column of the
     * global row that a waiting transaction increments. */
    const struct ovsdb_idl_column *nb_cfg;
    struct ctl_progress (*get_progress)(const struct ovsdb_idl_row *global);

    /* Context of the commands of one transaction, for programs that keep more
     * in it than the library, else all NULL.  'context_invalidate' is called
     * when the database changed in other ways than through the program's own
     * commands. */
    struct ctl_context *(*context_create)(void);
    void (*context_invalidate)(struct ctl_context *);
    void (*context_destroy)(struct ctl_context *);
};

/* What the user asked for with global options. */
struct ctl_options {
    const char *db;
    unsigned int timeout;       /* Seconds, 0 for none. */
    bool patient;               /* The user wants no time limit. */
    enum ctl_wait wait;
    bool print_wait_time;
    bool dry_run;
    bool oneline;
    int leader_only;
    int shuffle_remotes;
    bool detach;
    bool in_daemon;             /* A daemon runs this for a client. */
    const char *direct;         /* An option that a daemon cannot obey. */
    char *unixctl_path;
    struct table_style table_style;
};

int ctl_main(const struct ctl_program *, int argc, char *argv[]);

/* For commands. */
void ctl_add_columns(struct ovsdb_idl *,
                     const struct ovsdb_idl_column *const *columns);

/* Options (ctl-options.c). */
char *ctl_parse_options(const struct ctl_program *, int argc, char *argv[],
                        bool in_daemon, struct ctl_options *,
                        struct shash *local_options);
void ctl_options_init(struct ctl_options *);
void ctl_options_destroy(struct ctl_options *);

/* Running commands (ctl-run.c). */
unsigned int ctl_get_timeout(const struct ctl_options *);
void ctl_set_alarm(const struct ctl_options *);
void ctl_await(char *what);
char *ctl_run(const struct ctl_program *, struct ovsdb_idl *,
              const char *args, struct ctl_command *, size_t n_commands,
              const struct ctl_options *, FILE *stream, struct ds *output);
void ctl_commands_destroy(struct ctl_command *, size_t n_commands);
char *ctl_run_prerequisites(const struct ctl_program *, struct ovsdb_idl *,
                            struct ctl_command *, size_t n_commands);

/* Commands behind others that deleted rows (ctl-deleted.c). */
void ctl_run_command(struct ctl_context *, const struct ctl_command *,
                     const struct ovsdb_idl_class *);

/* Copying only some rows of the database (ctl-narrow.c). */
void ctl_narrow_init(const struct ctl_program *);
void ctl_narrow_destroy(void);
void ctl_narrow_command(struct ctl_context *, const struct ctl_command *);
void ctl_narrow_start(struct ovsdb_idl *);
bool ctl_narrow_is_ready(const struct ovsdb_idl *, bool *again);
bool ctl_is_narrow(const struct ovsdb_idl_table_class *);
void ctl_need_all(struct ctl_context *, const struct ovsdb_idl_table_class *);
void ctl_need_none(struct ctl_context *, const struct ovsdb_idl_table_class *);
void ctl_need_uuid(struct ctl_context *, const struct ovsdb_idl_table_class *,
                   const struct uuid *);
void ctl_need_id(struct ctl_context *, const struct ovsdb_idl_table_class *,
                 const struct ovsdb_idl_column *name, const char *id);
void ctl_need_referrer(struct ctl_context *,
                       const struct ovsdb_idl_table_class *,
                       const struct ovsdb_idl_column *, const struct uuid *);

/* Documentation (ctl-doc.c). */
void ctl_print_usage(const struct ctl_program *);
void ctl_print_manual(const struct ctl_program *);
extern const struct ctl_group ctl_db_group; /* list, set, ... */
void ctl_print_completion(const struct ctl_program *, const struct option *);

/* Commands on the tables Connection and SSL (ctl-remote.c), which the
 * databases have in common. */
void ctl_remote_init(const struct ctl_program *);
extern const struct ctl_group ctl_connection_group;
extern const struct ctl_group ctl_ssl_group;

#endif /* ctl-common.h */
