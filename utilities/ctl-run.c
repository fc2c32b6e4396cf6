#include <config.h>
#include "ctl-common.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "fatal-signal.h"
#include "openvswitch/poll-loop.h"
#include "ovsdb-data.h"
#include "ovsdb-idl.h"
#include "ovsdb-idl-provider.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(ctl_run);

/* A user should learn what a silent program waits for.  After this many
 * milliseconds, or half of the user's time limit, we say it on a terminal.
 * Elsewhere our output may be somebody's data, to which people like to add
 * standard error, so that it only becomes part of the error message. */
#define PATIENCE_MS 5000

/* What we wait for, or did. */
static char *awaited;

/* When the process ends by SIGALRM. */
static long long int alarm_at = LLONG_MAX;

struct patience {
    long long int end;          /* When to speak. */
    bool spoke;

    /* When a daemon gives up, because its client did.  (A process of its own
     * has an alarm, see ctl_set_alarm().) */
    long long int deadline;

    long long int start;        /* Of the server's silence. */
    long long int busy;         /* Our CPU time then, in milliseconds. */
};

/* A database that has not answered after so many seconds is taken for one that
 * never will, unless the user set a limit or wants none. */
#define NO_ANSWER_SECS 60

/* One transaction's worth of commands.  The members that a failed attempt
 * leaves behind are freed by attempt_destroy(). */
struct attempt {
    const struct ctl_program *program;
    const struct ctl_options *options;
    struct ovsdb_idl *idl;
    struct ctl_command *commands;
    size_t n_commands;

    struct ovsdb_idl_txn *txn;
    struct ovsdb_symbol_table *symtab;
    struct ctl_context *ctx;
    long long int start;        /* Wall clock, when it was sent. */
};

enum attempt_result {
    ATTEMPT_FAILED,             /* With an error message. */
    ATTEMPT_AGAIN,              /* When the database has changed. */
    ATTEMPT_UNCHANGED,          /* There was nothing to commit. */
    ATTEMPT_COMMITTED
};

/* This much CPU time, in milliseconds, means that the server sends something
 * and does not just keep the connection alive.  (The library does not tell,
 * and a large database may take longer than anybody would wait for
 * silence.) */
#define BUSY_MS 10

static long long int
cpu_msec(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return timeval_to_msec(&usage.ru_utime) + timeval_to_msec(&usage.ru_stime);
}

static struct ctl_context *
context_create(const struct ctl_program *program)
{
    return (program->context_create
            ? program->context_create()
            : xzalloc(sizeof(struct ctl_context)));
}

static void
context_destroy(const struct ctl_program *program, struct ctl_context *ctx)
{
    if (program->context_destroy) {
        program->context_destroy(ctx);
    } else {
        free(ctx);
    }
}

static void
patience_init(struct patience *p, const struct ctl_options *o)
{
    long long int ms = PATIENCE_MS;

    if (o->timeout && o->timeout * 1000LL / 2 < ms) {
        ms = o->timeout * 1000LL / 2;
    }
    *p = (struct patience) {
        .end = time_msec() + ms,
        .spoke = o->in_daemon || !isatty(STDERR_FILENO),
        .start = time_msec(),
        .busy = cpu_msec(),
        .deadline = (o->in_daemon && o->timeout
                     ? time_msec() + o->timeout * 1000LL : LLONG_MAX),
    };
}

/* Runs when a signal ends the process.  Others than SIGALRM come from who
 * knows why. */
static void
tell_alarm(void *aux OVS_UNUSED)
{
    if (awaited && time_msec() >= alarm_at) {
        ovs_error(0, "timed out waiting for %s", awaited);
    }
}

/* Returns the user's limit on our run time in seconds, or 0. */
unsigned int
ctl_get_timeout(const struct ctl_options *o)
{
    const char *env = getenv("OVS_CTL_TIMEOUT");
    unsigned int timeout = o->timeout;

    if (!timeout && !o->patient && env && env[0]) {
        str_to_uint(env, 10, &timeout);
    }
    return timeout;
}

/* Lets SIGALRM end the process after the time that the user has for it, if
 * that is limited, with a message that says what it waited for. */
void
ctl_set_alarm(const struct ctl_options *o)
{
    unsigned int timeout = ctl_get_timeout(o);

    if (timeout) {
        alarm_at = time_msec() + timeout * 1000LL;
        fatal_signal_add_hook(tell_alarm, NULL, NULL, false);
        ctl_timeout_setup(timeout);
    }
}

/* Notes that we wait for 'what', which is then ours. */
void
ctl_await(char *what)
{
    free(awaited);
    awaited = what;
}

static char *
timed_out(void)
{
    return xasprintf("timed out waiting for %s", awaited);
}

/* Returns true if it is time to give up, else arranges to wake up then. */
static bool
is_time_out(const struct patience *p)
{
    if (time_msec() >= p->deadline) {
        return true;
    } else if (p->deadline != LLONG_MAX) {
        poll_timer_wait_until(p->deadline);
    }
    return false;
}

/* Returns the number of seconds after which a server that does not say
 * anything gets none of our time. */
static unsigned int
no_answer_secs(void)
{
    const char *env = getenv("OVN_CTL_NO_ANSWER");
    unsigned int secs;

    return (env && str_to_uint(env, 10, &secs) && secs ? secs
            : NO_ANSWER_SECS);
}

/* The same when waiting for the database server to say anything. */
static bool
is_silent(struct patience *p, const struct ctl_options *o)
{
    long long int ms = no_answer_secs() * 1000LL;

    if (o->timeout || o->patient) {
        return false;
    }
    if (cpu_msec() - p->busy >= BUSY_MS) {
        p->start = time_msec();
        p->busy = cpu_msec();
    }
    if (time_msec() >= p->start + ms) {
        return true;
    }
    poll_timer_wait_until(p->start + ms);
    return false;
}

static char *
no_answer(const struct ctl_options *o, const char *what)
{
    return xasprintf("%s: %s after %u seconds; is the server running and not "
                     "overloaded, and does its cluster have a leader? "
                     "(--no-leader-only takes any member, --timeout sets "
                     "another limit)", o->db, what, no_answer_secs());
}

/* Tells the user once, when it is time, what we wait for.  Before, arranges to
 * wake up at that time. */
static void
tell_awaited(struct patience *p)
{
    if (p->spoke) {
        return;
    } else if (time_msec() < p->end) {
        poll_timer_wait_until(p->end);
    } else {
        p->spoke = true;
        ovs_error(0, "still waiting for %s", awaited);
    }
}

/* Asks 'idl' for what the 'n' 'commands' need.  Returns NULL or an error
 * message, which the caller must free. */
char *
ctl_run_prerequisites(const struct ctl_program *program,
                      struct ovsdb_idl *idl,
                      struct ctl_command *commands, size_t n)
{
    char *error = NULL;

    ovsdb_idl_add_table(idl, program->global_table);
    program->prerequisites(idl);
    for (struct ctl_command *c = commands; c < &commands[n] && !error; c++) {
        struct ctl_context *ctx = context_create(program);

        ds_init(&c->output);
        c->table = NULL;
        ctl_context_init(ctx, c, idl, NULL, NULL,
                         program->context_invalidate);
        if (c->syntax->prerequisites) {
            c->syntax->prerequisites(ctx);
        }
        if (ctx->error) {
            error = xstrdup(ctx->error);
        } else {
            ctl_narrow_command(ctx, c);
        }
        ctl_context_done(ctx, c);
        context_destroy(program, ctx);
    }
    ctl_narrow_start(idl);
    return error;
}

/* Asks 'idl' for the 'columns', an array that ends with NULL, and their
 * tables. */
void
ctl_add_columns(struct ovsdb_idl *idl,
                const struct ovsdb_idl_column *const *columns)
{
    for (; *columns; columns++) {
        ovsdb_idl_add_column(idl, *columns);
    }
}

static void
reset_outputs(struct ctl_command *commands, size_t n)
{
    for (struct ctl_command *c = commands; c < &commands[n]; c++) {
        ds_destroy(&c->output);
        ds_init(&c->output);
        table_destroy(c->table);
        free(c->table);
        c->table = NULL;
    }
}

/* Frees the 'n' 'commands' that ctl_parse_commands() made. */
void
ctl_commands_destroy(struct ctl_command *commands, size_t n)
{
    if (commands) {
        for (struct ctl_command *c = commands; c < &commands[n]; c++) {
            shash_destroy_free_data(&c->options);
        }
        free(commands);
    }
}

static void
attempt_destroy(struct attempt *a)
{
    if (a->ctx) {
        ctl_context_done(a->ctx, NULL);
        context_destroy(a->program, a->ctx);
    }
    if (a->symtab) {
        ovsdb_symbol_table_destroy(a->symtab);
    }
    if (a->txn) {
        ovsdb_idl_txn_destroy(a->txn);
    }
    reset_outputs(a->commands, a->n_commands);
}

/* True if one of the commands, such as "sync", wants to wait even for what
 * others changed. */
static bool
is_wait_forced(const struct attempt *a)
{
    for (size_t i = 0; i < a->n_commands; i++) {
        const struct ctl_command_syntax *syntax = a->commands[i].syntax;

        for (const struct ctl_group *const *g = a->program->groups; *g; g++) {
            for (const struct ctl_cmd *c = (*g)->cmds; c->syntax.name; c++) {
                if (!strcmp(c->syntax.name, syntax->name) && c->force_wait) {
                    return true;
                }
            }
        }
    }
    return false;
}

/* Starts the transaction: with a row of global settings, and with a new
 * sequence number if the rest of OVN shall say when it has seen it. */
static void
begin_transaction(struct attempt *a, const char *args)
{
    const struct ctl_program *program = a->program;

    a->txn = ovsdb_idl_txn_create(a->idl);
    if (a->options->dry_run) {
        ovsdb_idl_txn_set_dry_run(a->txn);
    }
    ovsdb_idl_txn_add_comment(a->txn, "%s: %s", program->name, args);

    const struct ovsdb_idl_row *global = ovsdb_idl_first_row(
        a->idl, program->global_table);
    if (!global) {
        global = ovsdb_idl_txn_insert(a->txn, program->global_table, NULL);
    }
    if (a->options->wait != CTL_WAIT_NONE) {
        ovsdb_idl_txn_increment(a->txn, global, program->nb_cfg,
                                is_wait_forced(a));
    }
}

/* Runs all commands.  Returns false if one cannot do its work, with the
 * reason in '*errorp', or with NULL there if it could after a change in the
 * database. */
static bool
run_commands(struct attempt *a, char **errorp)
{
    const struct ctl_command *end = &a->commands[a->n_commands];
    struct ctl_context *ctx;

    a->symtab = ovsdb_symbol_table_create();
    ctx = a->ctx = context_create(a->program);
    ctl_context_init(ctx, NULL, a->idl, a->txn, a->symtab,
                     a->program->context_invalidate);
    for (struct ctl_command *c = a->commands; c < end; c++) {
        ctl_context_init_command(ctx, c, c == end - 1);
        ctl_run_command(ctx, c, a->program->idl_class);
        if (ctx->error && !ctx->try_again) {
            *errorp = xstrdup(ctx->error);
        }
        ctl_context_done_command(ctx, c);
        if (*errorp || ctx->try_again) {
            return false;
        }
    }
    return true;
}

/* Checks that rows which the user gave an @ID are there, and will be. */
static char *
check_symbols(const struct ovsdb_symbol_table *symtab)
{
    const struct shash_node *node;

    SHASH_FOR_EACH (node, &symtab->sh) {
        const struct ovsdb_symbol *symbol = node->data;

        if (!symbol->created) {
            return xasprintf("row id \"%s\" is referenced but never created "
                             "(e.g. with \"-- --id=%s create ...\")",
                             node->name, node->name);
        }
        if (!symbol->strong_ref) {
            VLOG_WARN("row id \"%s\" was created but %s reference to it was "
                      "inserted, so it will not actually appear in the "
                      "database", node->name,
                      symbol->weak_ref ? "only a weak" : "no");
        }
    }
    return NULL;
}

/* Lets commands complete their output after the commit. */
static char *
postprocess(struct attempt *a)
{
    char *error = NULL;

    for (size_t i = 0; i < a->n_commands && !error; i++) {
        struct ctl_command *c = &a->commands[i];

        if (c->syntax->postprocess) {
            ctl_context_init(a->ctx, c, a->idl, a->txn, a->symtab,
                             a->program->context_invalidate);
            c->syntax->postprocess(a->ctx);
            if (a->ctx->error) {
                error = xstrdup(a->ctx->error);
            }
            ctl_context_done(a->ctx, c);
        }
    }
    return error;
}

/* Sends the transaction and waits for the reply. */
static enum ovsdb_idl_txn_status
commit_block(struct attempt *a, char **errorp)
{
    enum ovsdb_idl_txn_status status;
    struct patience patience;

    patience_init(&patience, a->options);
    ctl_await(xasprintf("%s to commit", a->options->db));
    while ((status = ovsdb_idl_txn_commit(a->txn)) == TXN_INCOMPLETE) {
        if (is_time_out(&patience)) {
            *errorp = timed_out();
            return TXN_ERROR;
        } else if (is_silent(&patience, a->options)) {
            *errorp = no_answer(a->options, "no reply to the transaction, "
                                "which may yet be committed,");
            return TXN_ERROR;
        }
        tell_awaited(&patience);
        ovsdb_idl_run(a->idl);
        ovsdb_idl_wait(a->idl);
        ovsdb_idl_txn_wait(a->txn);
        poll_block();
    }
    return status;
}

static enum attempt_result
commit(struct attempt *a, char **errorp)
{
    a->start = time_wall_msec();

    enum ovsdb_idl_txn_status status = commit_block(a, errorp);
    if (*errorp) {
        return ATTEMPT_FAILED;
    }
    switch (status) {
    case TXN_UNCHANGED:
    case TXN_SUCCESS:
        *errorp = postprocess(a);
        return (*errorp ? ATTEMPT_FAILED
                : status == TXN_SUCCESS ? ATTEMPT_COMMITTED
                : ATTEMPT_UNCHANGED);

    case TXN_TRY_AGAIN:
        return ATTEMPT_AGAIN;

    case TXN_ERROR:
        *errorp = xasprintf("transaction error: %s",
                            ovsdb_idl_txn_get_error(a->txn));
        return ATTEMPT_FAILED;

    case TXN_ABORTED:
    case TXN_NOT_LOCKED:
    case TXN_UNCOMMITTED:
    case TXN_INCOMPLETE:
    default:
        *errorp = xasprintf("transaction failed: %s",
                            ovsdb_idl_txn_status_to_string(status));
        return ATTEMPT_FAILED;
    }
}

/* Runs the commands in one transaction.  The caller must attempt_destroy('a')
 * in any case. */
static enum attempt_result
attempt_run(struct attempt *a, const char *args, char **errorp)
{
    reset_outputs(a->commands, a->n_commands);
    begin_transaction(a, args);

    bool ok = run_commands(a, errorp);
    if (ok) {
        *errorp = check_symbols(a->symtab);
    }
    if (!ok || *errorp) {
        ovsdb_idl_txn_abort(a->txn);
        return *errorp ? ATTEMPT_FAILED : ATTEMPT_AGAIN;
    }
    return commit(a, errorp);
}

/* Appends 's' as one line, with new-lines and backslashes escaped. */
static void
put_one_line(const struct ds *s, struct ds *output)
{
    size_t n = s->length;

    if (n && s->string[n - 1] == '\n') {
        n--;
    }
    for (size_t i = 0; i < n; i++) {
        char c = s->string[i];

        if (c == '\n') {
            ds_put_cstr(output, "\\n");
        } else if (c == '\\') {
            ds_put_cstr(output, "\\\\");
        } else {
            ds_put_char(output, c);
        }
    }
    ds_put_char(output, '\n');
}

static void
put_outputs(const struct attempt *a, struct ds *output)
{
    for (size_t i = 0; i < a->n_commands; i++) {
        const struct ctl_command *c = &a->commands[i];

        if (c->table) {
            table_format(c->table, &a->options->table_style, output);
        } else if (a->options->oneline) {
            put_one_line(&c->output, output);
        } else {
            ds_put_buffer(output, c->output.string, c->output.length);
        }
    }
    table_format_reset();
}

/* Appends how long each part of OVN took from 'start' on. */
static void
put_wait_time(const struct ctl_progress *p, const struct attempt *a,
              int64_t nb_cfg, struct ds *output)
{
    long long int delay = p->nb_cfg_timestamp - a->start;
    long long int sb = p->sb_cfg_timestamp - a->start;
    long long int hv = p->hv_cfg_timestamp - a->start;

    ds_put_format(output, "Time spent on processing nb_cfg %"PRId64":\n"
                  "\tovn-northd delay before processing:\t%lldms\n"
                  "\tovn-northd completion:\t\t\t%lldms\n",
                  nb_cfg, MAX(delay, 0), MAX(sb, 0));
    if (a->options->wait == CTL_WAIT_HV) {
        ds_put_format(output, "\tovn-controller(s) completion:\t\t%lldms\n",
                      MAX(hv, 0));
    }
}

/* True if the part of OVN that the user waits for has processed 'nb_cfg'. */
static bool
is_caught_up(const struct ctl_progress *p, enum ctl_wait wait, int64_t nb_cfg)
{
    return ((wait == CTL_WAIT_SB ? p->sb_cfg : MIN(p->sb_cfg, p->hv_cfg))
            >= nb_cfg);
}

/* Notes whom we wait for. */
static void
await_progress(const struct attempt *a, const struct ctl_progress *p,
               int64_t nb_cfg)
{
    if (p->sb_cfg < nb_cfg) {
        ctl_await(xasprintf("ovn-northd to process nb_cfg %"PRId64" (sb_cfg "
                            "is %"PRId64"); is it running?",
                            nb_cfg, p->sb_cfg));
    } else if (a->options->wait == CTL_WAIT_HV) {
        ctl_await(xasprintf("all chassis to process nb_cfg %"PRId64" (hv_cfg "
                            "is %"PRId64"); \"ovn-sbctl list "
                            "Chassis_Private\" tells which are late",
                            nb_cfg, p->hv_cfg));
    }
}

/* Waits until the rest of OVN has caught up with 'nb_cfg'. */
static char *
wait_for_ovn(const struct attempt *a, int64_t nb_cfg, struct ds *output)
{
    const struct ctl_program *program = a->program;
    struct patience patience;

    /* What we wait for may take long, so survive a lost connection. */
    ovsdb_idl_enable_reconnect(a->idl);

    patience_init(&patience, a->options);
    for (;;) {
        struct ctl_progress progress = { .sb_cfg = 0 };

        ovsdb_idl_run(a->idl);
        if (!ovsdb_idl_is_alive(a->idl)) {
            return xasprintf("%s: database connection lost while waiting "
                             "for nb_cfg %"PRId64, a->options->db, nb_cfg);
        }

        const struct ovsdb_idl_row *global = ovsdb_idl_first_row(
            a->idl, program->global_table);
        if (global) {
            progress = program->get_progress(global);
            if (is_caught_up(&progress, a->options->wait, nb_cfg)) {
                if (a->options->print_wait_time) {
                    put_wait_time(&progress, a, nb_cfg, output);
                }
                return NULL;
            }
        }
        await_progress(a, &progress, nb_cfg);
        if (is_time_out(&patience)) {
            return timed_out();
        } else if (ovsdb_idl_is_connected(a->idl)) {
            patience.start = time_msec();
        } else if (is_silent(&patience, a->options)) {
            return no_answer(a->options, "lost, and no answer");
        }
        tell_awaited(&patience);
        ovsdb_idl_wait(a->idl);
        poll_block();
    }
}

/* After the last attempt: output, and waiting.  What the commands printed must
 * not get lost if the wait does not end well, so it goes to 'stream' first,
 * if there is one. */
static char *
finish(struct attempt *a, enum attempt_result result, FILE *stream,
       struct ds *output)
{
    put_outputs(a, output);
    if (stream) {
        fputs(ds_cstr(output), stream);
        fflush(stream);
        ds_clear(output);
    }
    if (result != ATTEMPT_COMMITTED || a->options->wait == CTL_WAIT_NONE
        || a->options->dry_run) {
        return NULL;
    }
    return wait_for_ovn(a, ovsdb_idl_txn_get_increment_new_value(a->txn),
                        output);
}

/* Runs 'commands', which 'args' describes, in one transaction on 'idl',
 * whose prerequisites must be set, and waits as 'options' says.  Appends the
 * output to 'output', but if 'stream' is nonnull prints what there is before
 * waiting.
 *
 * Each attempt needs a new state of the database: if one fails, this is
 * because the database changed under it.
 *
 * Returns NULL or an error message, which the caller must free. */
char *
ctl_run(const struct ctl_program *program, struct ovsdb_idl *idl,
        const char *args, struct ctl_command *commands, size_t n_commands,
        const struct ctl_options *options, FILE *stream, struct ds *output)
{
    bool first = true;
    unsigned int seqno = 0;
    struct patience patience;

    for (size_t i = 0; i < n_commands; i++) {
        ds_init(&commands[i].output);
        commands[i].table = NULL;
    }
    patience_init(&patience, options);
    for (;;) {
        ovsdb_idl_run(idl);
        if (!ovsdb_idl_is_alive(idl)) {
            int retval = ovsdb_idl_get_last_error(idl);

            return xasprintf("%s: database connection failed (%s)",
                             options->db, ovs_retval_to_string(retval));
        }

        bool again, ready = ctl_narrow_is_ready(idl, &again);
        if (ovsdb_idl_has_ever_connected(idl) && ready
            && (first || again || seqno != ovsdb_idl_get_seqno(idl))) {
            struct attempt a = {
                .program = program, .options = options, .idl = idl,
                .commands = commands, .n_commands = n_commands,
            };
            char *error = NULL;

            first = false;
            seqno = ovsdb_idl_get_seqno(idl);

            enum attempt_result result = attempt_run(&a, args, &error);
            if (result == ATTEMPT_UNCHANGED || result == ATTEMPT_COMMITTED) {
                error = finish(&a, result, stream, output);
            }
            attempt_destroy(&a);
            if (result != ATTEMPT_AGAIN) {
                return error;
            }
        }

        if (!ready || seqno == ovsdb_idl_get_seqno(idl)) {
            ctl_await(xasprintf(first ? "%s to answer" : "a change in %s",
                                options->db));
            if (is_time_out(&patience)) {
                return timed_out();
            } else if (!first && ready && ovsdb_idl_is_connected(idl)) {
                patience.start = time_msec();
            } else if (is_silent(&patience, options)) {
                return no_answer(options, "no answer");
            }
            tell_awaited(&patience);
            ovsdb_idl_wait(idl);
            poll_block();
        }
    }
}
