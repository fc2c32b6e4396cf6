#include <config.h>

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command-line.h"
#include "daemon.h"
#include "fatal-signal.h"
#include "lib/ovn-daemon.h"
#include "lib/ovn-dirs.h"
#include "lib/ovn-nb-idl.h"
#include "lib/ovn-sb-idl.h"
#include "lib/ovn-unixctl.h"
#include "lib/ovn-version.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofp-protocol.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vconn.h"
#include "openvswitch/vlog.h"
#include "ovsdb-idl.h"
#include "stream-ssl.h"
#include "stream.h"
#include "trace/options.h"
#include "trace/source.h"
#include "trace/trace.h"
#include "unixctl.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(ovntrace);

/* The tracer: of one packet, or a daemon. */
struct tracer {
    const struct program_options *options;
    struct source sb, nb;
    struct net *net;
    struct why *why;
    char *nb_problem;           /* Why we cannot read it, or NULL. */
    bool exiting;
};

/* ---- Databases. ---- */

static void
drop_nb(struct tracer *tracer, char *problem)
{
    source_close(&tracer->nb);
    free(tracer->nb_problem);
    tracer->nb_problem = xasprintf("The northbound database is not at hand "
                                   "(%s): rows have no names.", problem);
    free(problem);
}

/* Opens the databases.  A northbound database that cannot be read is no
 * error. */
static char *
open_databases(struct tracer *tracer, bool daemon)
{
    const struct program_options *o = tracer->options;
    char *error = source_open(&tracer->sb, o->db, &sbrec_idl_class,
                              o->leader_only, daemon);
    if (error) {
        return error;
    }
    net_add_columns(tracer->sb.idl);

    if (!o->nb_db) {
        drop_nb(tracer, xstrdup("no --nb-db"));
        return NULL;
    }
    error = source_open(&tracer->nb, o->nb_db, &nbrec_idl_class,
                        o->leader_only, daemon);
    if (error) {
        drop_nb(tracer, error);
    } else {
        why_add_columns(tracer->nb.idl);
    }
    return NULL;
}

/* Makes what is made from the databases anew if they have changed. */
static void
refresh(struct tracer *tracer)
{
    unsigned int sb_seqno = ovsdb_idl_get_seqno(tracer->sb.idl);

    if (!tracer->net || tracer->sb.seqno != sb_seqno) {
        net_destroy(tracer->net);
        tracer->net = net_create(tracer->sb.idl);
        tracer->sb.seqno = sb_seqno;
    }

    struct ovsdb_idl *nb = tracer->nb.idl;
    bool ready = nb && ovsdb_idl_has_ever_connected(nb);
    unsigned int nb_seqno = ready ? ovsdb_idl_get_seqno(nb) : 0;
    if (!tracer->why || tracer->nb.seqno != nb_seqno) {
        why_destroy(tracer->why);
        tracer->why = why_create(
            ready ? nb : NULL,
            tracer->nb_problem ? tracer->nb_problem
            : "The northbound database is not connected: rows have no "
              "names.");
        tracer->nb.seqno = nb_seqno;
    }
}

static void
close_databases(struct tracer *tracer)
{
    net_destroy(tracer->net);
    why_destroy(tracer->why);
    source_close(&tracer->sb);
    source_close(&tracer->nb);
    free(tracer->nb_problem);
}

/* ---- Tracing. ---- */

static struct vconn *
open_switch(const char *remote)
{
    struct vconn *vconn = NULL;

    if (remote) {
        int error = vconn_open_block(
            remote, 1u << OFP13_VERSION | 1u << OFP15_VERSION, 0, -1, &vconn);
        if (error) {
            VLOG_WARN("%s: connection failed (%s)", remote,
                      ovs_strerror(error));
            vconn = NULL;
        }
    }
    return vconn;
}

/* Traces what 'args' say: [DATAPATH] MICROFLOW. */
static char *
run_trace(struct tracer *tracer, const struct trace_options *o, int n_args,
          char *args[], struct ds *output)
{
    bool with_why = trace_options_why(o);
    struct vconn *vconn = open_switch(o->ovs);

    refresh(tracer);
    char *error = trace_run(tracer->net, with_why ? tracer->why : NULL, vconn,
                            o, n_args > 1 ? args[0] : NULL, args[n_args - 1],
                            output);
    vconn_close(vconn);
    if (tracer->net->warnings.length) {
        char *warnings = ds_steal_cstr(&tracer->net->warnings);
        char *save = NULL;
        for (char *line = strtok_r(warnings, "\n", &save); line;
             line = strtok_r(NULL, "\n", &save)) {
            VLOG_WARN("%s", line);
        }
        free(warnings);
    }
    return error;
}

static char *
trace_once(struct tracer *tracer, int n_args, char *args[])
{
    struct ds output = DS_EMPTY_INITIALIZER;
    const struct trace_options *o = &tracer->options->trace;

    char *error = open_databases(tracer, false);
    if (!error) {
        error = source_read(&tracer->sb, SOURCE_TIMEOUT);
    }
    if (!error && tracer->nb.idl) {
        char *problem = (trace_options_why(o)
                         ? source_read(&tracer->nb, SOURCE_SHORT_TIMEOUT)
                         : NULL);
        if (problem) {
            drop_nb(tracer, problem);
        }
    }
    if (!error) {
        error = run_trace(tracer, o, n_args, args, &output);
    }
    fputs(ds_cstr(&output), stdout);
    ds_destroy(&output);
    return error;
}

/* ---- Daemon. ---- */

static void
unixctl_exit(struct unixctl_conn *conn, int argc OVS_UNUSED,
             const char *argv[] OVS_UNUSED, void *tracer_)
{
    struct tracer *tracer = tracer_;

    tracer->exiting = true;
    unixctl_command_reply(conn, NULL);
}

static void
unixctl_trace(struct unixctl_conn *conn, int argc, const char *argv_[],
              void *tracer_)
{
    struct tracer *tracer = tracer_;
    struct ds output = DS_EMPTY_INITIALIZER;
    struct trace_options o;
    char *error;

    /* getopt() reorders its arguments and stops at a null pointer. */
    char **argv = xcalloc(argc + 1, sizeof *argv);
    for (int i = 0; i < argc; i++) {
        argv[i] = xstrdup(argv_[i]);
    }
    char **args = argv;
    int n_args;

    trace_options_clone(&o, &tracer->options->trace);
    error = trace_options_parse(argc, argv, &tracer->options->trace, &o,
                                &n_args);
    args += argc - (error ? 0 : n_args);
    if (!error && !ovsdb_idl_has_ever_connected(tracer->sb.idl)) {
        error = xasprintf("%s: not connected to the database",
                          tracer->sb.name);
    }
    if (!error) {
        error = run_trace(tracer, &o, n_args, args, &output);
    }
    if (error) {
        unixctl_command_reply_error(conn, error);
    } else {
        unixctl_command_reply(conn, ds_cstr(&output));
    }

    trace_options_destroy(&o);
    for (int i = 0; i < argc; i++) {
        free(argv[i]);
    }
    free(argv);
    free(error);
    ds_destroy(&output);
}

static char *
run_daemon(struct tracer *tracer)
{
    struct unixctl_server *unixctl;

    daemonize_start(false);
    int retval = ovn_unixctl_server_create(tracer->options->unixctl,
                                           &unixctl);
    if (retval) {
        return xasprintf("failed to create unixctl server (%s)",
                         ovs_retval_to_string(retval));
    }
    unixctl_command_register("exit", "", 0, 0, unixctl_exit, tracer);
    unixctl_command_register("trace", "[OPTION]... [DATAPATH] MICROFLOW",
                             1, INT_MAX, unixctl_trace, tracer);

    char *error = open_databases(tracer, true);
    while (!error && !tracer->exiting) {
        ovsdb_idl_run(tracer->sb.idl);
        if (tracer->nb.idl) {
            ovsdb_idl_run(tracer->nb.idl);
        }
        unixctl_server_run(unixctl);

        /* Who starts a daemon can use it at once. */
        if (ovsdb_idl_has_ever_connected(tracer->sb.idl)) {
            daemonize_complete();
        }
        if (tracer->exiting) {
            break;
        }
        ovsdb_idl_wait(tracer->sb.idl);
        if (tracer->nb.idl) {
            ovsdb_idl_wait(tracer->nb.idl);
        }
        unixctl_server_wait(unixctl);
        poll_block();
    }
    unixctl_server_destroy(unixctl);
    return error;
}

int
main(int argc, char *argv[])
{
    struct program_options options;
    struct tracer tracer = { .options = &options };

    ovn_set_program_name(argv[0]);
    fatal_ignore_sigpipe();
    vlog_set_levels(NULL, VLF_CONSOLE, VLL_WARN);
    vlog_set_levels_from_string_assert("reconnect:warn");
    vlog_set_levels_from_string_assert("timeval:console:err");
    /* It warns of columns that a database of another version lacks. */
    vlog_set_levels_from_string_assert("ovsdb_idl:console:err");

    int n_args = program_options_parse(argc, argv, &options);
    char *error;
    if (get_detach()) {
        error = (n_args ? xstrdup("non-option arguments not supported with "
                                  "--detach (use --help for help)")
                 : run_daemon(&tracer));
    } else {
        error = (n_args < 1 || n_args > 2
                 ? xstrdup("one or two non-option arguments are required "
                           "(use --help for help)")
                 : trace_once(&tracer, n_args, argv + argc - n_args));
    }
    close_databases(&tracer);
    program_options_destroy(&options);
    symtab_exit();
    if (error) {
        fflush(stdout);
        ovs_error(0, "%s", error);
        free(error);
    }
    return error ? EXIT_FAILURE : EXIT_SUCCESS;
}
