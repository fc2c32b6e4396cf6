#include <config.h>
#include "ctl-common.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command-line.h"
#include "daemon.h"
#include "fatal-signal.h"
#include "jsonrpc.h"
#include "openvswitch/poll-loop.h"
#include "ovn-dirs.h"
#include "ovn-unixctl.h"
#include "ovn-version.h"
#include "ovsdb-idl.h"
#include "ovsdb-idl-provider.h"
#include "process.h"
#include "svec.h"
#include "timeval.h"
#include "unixctl.h"
#include "util.h"

/* Commands of a process of their own
 * ================================== */

static struct ovsdb_idl *
create_idl(const struct ctl_program *program, const struct ctl_options *o,
           bool retry)
{
    struct ovsdb_idl *idl = ovsdb_idl_create_unconnected(program->idl_class,
                                                         retry);

    ovsdb_idl_set_shuffle_remotes(idl, o->shuffle_remotes);
    ovsdb_idl_set_remote(idl, o->db, retry);
    ovsdb_idl_set_leader_only(idl, o->leader_only);
    ovsdb_idl_set_db_change_aware(idl, false);
    return idl;
}

/* Runs the commands in 'argv' behind the options, printing the output. */
static char *
run_directly(const struct ctl_program *program, int argc, char *argv[],
             struct shash *local_options, const struct ctl_options *o)
{
    struct ds output = DS_EMPTY_INITIALIZER;
    struct ctl_command *commands = NULL;
    size_t n_commands = 0;

    char *error = ctl_parse_commands(argc - optind, argv + optind,
                                     local_options, &commands, &n_commands);
    if (error) {
        return error;
    }

    char *args = process_escape_args(argv);
    vlog(program->module,
         ctl_might_write_to_db(commands, n_commands) ? VLL_INFO : VLL_DBG,
         "Called as %s", args);
    ctl_set_alarm(o);

    struct ovsdb_idl *idl = create_idl(program, o, false);

    ctl_narrow_init(program);
    error = ctl_run_prerequisites(program, idl, commands, n_commands);
    if (!error) {
        error = ctl_run(program, idl, args, commands, n_commands, o, stdout,
                        &output);
        fputs(ds_cstr(&output), stdout);
    }
    ctl_commands_destroy(commands, n_commands);
    ctl_narrow_destroy();
    ovsdb_idl_destroy(idl);
    ds_destroy(&output);
    free(args);
    return error;
}

/* Daemon
 * ====== */

/* What the daemon's commands work on. */
struct server {
    const struct ctl_program *program;
    const struct ctl_options *options;
    struct ovsdb_idl *idl;
    bool exiting;
};

/* A daemon cannot know what its clients will ask for. */
static void
add_all_columns(struct ovsdb_idl *idl, const struct ovsdb_idl_class *class)
{
    for (size_t i = 0; i < class->n_tables; i++) {
        const struct ovsdb_idl_table_class *table = &class->tables[i];

        ovsdb_idl_add_table(idl, table);
        for (size_t j = 0; j < table->n_columns; j++) {
            ovsdb_idl_add_column(idl, &table->columns[j]);
        }
    }
}

static void
server_exit(struct unixctl_conn *conn, int argc OVS_UNUSED,
            const char *argv[] OVS_UNUSED, void *server_)
{
    struct server *server = server_;

    server->exiting = true;
    unixctl_command_reply(conn, NULL);
}

/* Runs what a client asked for: options and commands. */
static char *
server_run_args(struct server *server, int argc, char *argv[],
                struct ds *output)
{
    struct shash local_options = SHASH_INITIALIZER(&local_options);
    struct ctl_command *commands = NULL;
    size_t n_commands = 0;
    struct ctl_options o;

    ctl_options_init(&o);
    o.db = server->options->db;

    char *error = ctl_parse_options(server->program, argc, argv, true, &o,
                                    &local_options);
    if (!error) {
        error = ctl_parse_commands(argc - optind, argv + optind,
                                   &local_options, &commands, &n_commands);
    }
    if (!error) {
        /* All columns are here, but wrong arguments show, too. */
        error = ctl_run_prerequisites(server->program, server->idl, commands,
                                      n_commands);
    }
    if (!error) {
        char *args = process_escape_args(argv);

        vlog(server->program->module,
             ctl_might_write_to_db(commands, n_commands) ? VLL_INFO : VLL_DBG,
             "Running command %s", args);
        error = ctl_run(server->program, server->idl, args, commands,
                        n_commands, &o, NULL, output);
        free(args);
    }
    ctl_commands_destroy(commands, n_commands);
    shash_destroy_free_data(&local_options);
    ctl_options_destroy(&o);
    return error;
}

static void
server_run(struct unixctl_conn *conn, int argc, const char *argv_[],
           void *server_)
{
    struct server *server = server_;
    struct ds output = DS_EMPTY_INITIALIZER;

    /* getopt() reorders its arguments and stops at a null pointer. */
    char **argv = xcalloc(argc + 1, sizeof *argv);
    for (int i = 0; i < argc; i++) {
        argv[i] = xstrdup(argv_[i]);
    }

    char *error = server_run_args(server, argc, argv, &output);
    if (error) {
        unixctl_command_reply_error(conn, error);
    } else {
        unixctl_command_reply(conn, ds_cstr(&output));
    }

    for (int i = 0; i < argc; i++) {
        free(argv[i]);
    }
    free(argv);
    free(error);
    ds_destroy(&output);
}

/* Becomes a daemon that keeps a copy of the whole database, prints its control
 * socket's name and serves clients until one says "exit". */
static char *
run_daemon(const struct ctl_program *program, const struct ctl_options *o)
{
    struct server server = { .program = program, .options = o };
    struct unixctl_server *unixctl;

    daemonize_start(false);

    char *path = (o->unixctl_path
                  ? xstrdup(o->unixctl_path) : ovn_unixctl_path(NULL));
    int error = unixctl_server_create(path, &unixctl);
    if (error) {
        char *message = xasprintf("%s: failed to create control socket (%s)",
                                  path, ovs_retval_to_string(error));
        free(path);
        return message;
    }
    puts(path);
    fflush(stdout);
    free(path);

    ovn_unixctl_register();
    unixctl_command_register("exit", "", 0, 0, server_exit, &server);
    unixctl_command_register("run", "", 0, INT_MAX, server_run, &server);

    server.idl = create_idl(program, o, true);
    add_all_columns(server.idl, program->idl_class);
    if (program->create_indexes) {
        program->create_indexes(server.idl);
    }
    daemonize_complete();

    for (;;) {
        ovsdb_idl_run(server.idl);
        unixctl_server_run(unixctl);
        if (server.exiting) {
            break;
        }
        ovsdb_idl_wait(server.idl);
        unixctl_server_wait(unixctl);
        poll_block();
    }
    unixctl_server_destroy(unixctl);
    ovsdb_idl_destroy(server.idl);
    return NULL;
}

/* Client
 * ====== */

/* Returns the control socket of the daemon that shall do the work, or NULL if
 * this process shall. */
static const char *
choose_daemon(const struct ctl_program *program, const struct ctl_options *o)
{
    const char *daemon = (o->unixctl_path ? o->unixctl_path
                          : getenv(program->daemon_env));

    if (!daemon || !daemon[0] || o->detach) {
        return NULL;
    } else if (o->direct) {
        vlog(program->module, VLL_WARN,
             "not using %s daemon because of %s option", program->name,
             o->direct);
        return NULL;
    }
    return daemon;
}

/* Lets the daemon at control socket 'path' run 'argv'. */
static char *
run_in_daemon(const struct ctl_program *program, const char *path,
              int argc, char *argv[], const struct ctl_options *o)
{
    struct jsonrpc *client;

    ctl_set_alarm(o);

    int error = unixctl_client_create(path, &client);
    if (error) {
        return xasprintf("%s: could not connect to %s daemon (%s); unset %s "
                         "to avoid using daemon", path, program->name,
                         ovs_retval_to_string(error), program->daemon_env);
    }

    /* The daemon gives up when we do. */
    struct svec args = SVEC_EMPTY_INITIALIZER;
    unsigned int timeout = ctl_get_timeout(o);
    if (timeout || o->patient) {
        svec_add_nocopy(&args, xasprintf("--timeout=%u", timeout));
    }
    for (int i = 1; i < argc; i++) {
        svec_add(&args, argv[i]);
    }

    char *result, *reply_error;
    ctl_await(xasprintf("the %s daemon at %s to answer", program->name,
                        path));
    error = unixctl_client_transact(client, "run", args.n, args.names,
                                    &result, &reply_error);
    svec_destroy(&args);
    jsonrpc_close(client);
    if (error) {
        return xasprintf("%s: transaction error (%s)", path,
                         ovs_retval_to_string(error));
    } else if (reply_error) {
        /* The server ends it with a new-line, which we do, too. */
        size_t n = strcspn(reply_error, "\n");

        reply_error[n] = reply_error[n + !!reply_error[n]] ? '\n' : '\0';
        free(result);
        return reply_error;
    }
    fputs(result, stdout);
    free(result);
    return NULL;
}

/* Start
 * ===== */

/* Makes the library know the commands of 'program', in the form that it keeps
 * pointers to: an array that ends with a row without a name. */
static void
register_commands(const struct ctl_program *program)
{
    static struct ctl_command_syntax *all;
    size_t n = 0, allocated = 0;

    for (const struct ctl_group *const *g = program->groups; *g; g++) {
        for (const struct ctl_cmd *c = (*g)->cmds; c->syntax.name; c++) {
            /* What the library has itself is there to be documented. */
            if (!c->syntax.run) {
                continue;
            }
            if (n + 1 >= allocated) {
                all = x2nrealloc(all, &allocated, sizeof *all);
            }
            all[n++] = c->syntax;
        }
    }
    memset(&all[n], 0, sizeof all[n]);
    ctl_register_commands(all);
}

/* Returns the arguments with those from the environment variable 'env' put
 * in front.  The caller must free the array. */
static char **
add_env_options(int *argcp, char *argv[], const char *env)
{
    const char *options = getenv(env);
    struct svec args = SVEC_EMPTY_INITIALIZER;

    svec_add(&args, argv[0]);
    if (options) {
        svec_parse_words(&args, options);
    }
    for (int i = 1; i < *argcp; i++) {
        svec_add(&args, argv[i]);
    }
    svec_terminate(&args);
    *argcp = args.n;
    return args.names;
}

/* The main() of a program.  Returns its exit status. */
int
ctl_main(const struct ctl_program *program, int argc, char *argv_[])
{
    struct shash local_options = SHASH_INITIALIZER(&local_options);
    struct ctl_options o;

    ovn_set_program_name(argv_[0]);
    fatal_ignore_sigpipe();
    vlog_set_levels(NULL, VLF_CONSOLE, VLL_WARN);
    vlog_set_levels_from_string_assert("reconnect:warn");
    /* That the machine is busy is no business of who reads our output. */
    vlog_set_levels_from_string_assert("timeval:console:err");

    ctl_init__(program->idl_class, program->table_classes, NULL, NULL);
    ctl_remote_init(program);
    register_commands(program);

    char **argv = add_env_options(&argc, argv_, program->options_env);
    ctl_options_init(&o);
    char *error = ctl_parse_options(program, argc, argv, false, &o,
                                    &local_options);
    if (!error) {
        const char *daemon = choose_daemon(program, &o);

        if (!o.db) {
            o.db = program->default_db();
        }
        if (o.detach) {
            error = (optind < argc
                     ? xstrdup("--detach does not go with commands")
                     : run_daemon(program, &o));
        } else if (daemon) {
            error = run_in_daemon(program, daemon, argc, argv, &o);
        } else {
            error = run_directly(program, argc, argv, &local_options, &o);
        }
    }
    if (error) {
        ctl_fatal("%s", error);
    }

    shash_destroy_free_data(&local_options);
    ctl_options_destroy(&o);
    for (int i = 0; i < argc; i++) {
        free(argv[i]);
    }
    free(argv);
    return EXIT_SUCCESS;
}
