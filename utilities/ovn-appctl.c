#include <config.h>

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command-line.h"
#include "daemon.h"
#include "jsonrpc.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/vlog.h"
#include "ovn-dirs.h"
#include "ovn-version.h"
#include "timeval.h"
#include "unixctl.h"
#include "util.h"

/* The daemon that most users of this program want to talk to. */
#define DEFAULT_TARGET "ovn-controller"

OVS_NO_RETURN static void
usage(void)
{
    printf("\
%s: query and control OVN daemons\n\
usage: %s [OPTIONS] COMMAND [ARG...]\n\
\n\
Commands that each daemon has:\n\
  list-commands       list the daemon's commands\n\
  version             print the daemon's version\n\
  vlog/list           list the current logging levels\n\
  vlog/list-pattern   list the pattern of messages for each destination\n\
  vlog/set [SPEC]     set logging levels: SPEC has a module, a destination\n\
                      (syslog, console, file) and a level (off, emer, err,\n\
                      warn, info, dbg), each optional, with colons between\n\
  vlog/reopen         open the log file anew\n\
  exit                end the daemon\n\
\n\
Options:\n\
  -t, --target=TARGET daemon's name, or control socket with a leading /\n\
                      (default: " DEFAULT_TARGET ")\n\
  -T, --timeout=SECS  give up after SECS seconds\n\
  -f, --format=FORMAT ask for the reply as \"text\" or \"json\"\n\
  -h, --help          print this text\n\
  -V, --version       print the version of %s\n",
           program_name, program_name, program_name);
    vlog_usage();
    exit(EXIT_SUCCESS);
}

struct appctl_options {
    const char *target;         /* NULL if not given. */
    const char *format;         /* NULL if not given. */
    unsigned int timeout;       /* Seconds, 0 if not given. */
};

static struct appctl_options
parse_options(int argc, char *argv[])
{
    enum {
        VLOG_OPTION_ENUMS = UCHAR_MAX + 1
    };
    static const struct option long_options[] = {
        {"target", required_argument, NULL, 't'},
        {"execute", no_argument, NULL, 'e'},
        {"format", required_argument, NULL, 'f'},
        {"help", no_argument, NULL, 'h'},
        {"option", no_argument, NULL, 'o'},
        {"version", no_argument, NULL, 'V'},
        {"timeout", required_argument, NULL, 'T'},
        VLOG_LONG_OPTIONS,
        {NULL, 0, NULL, 0},
    };
    struct appctl_options o = { .target = NULL };
    char *chars = ovs_cmdl_long_options_to_short_options(long_options);
    char *short_options = xasprintf("+%s", chars);

    for (;;) {
        int c = getopt_long(argc, argv, short_options, long_options, NULL);
        if (c == -1) {
            break;
        }

        switch (c) {
        case 't':
            if (o.target) {
                ovs_fatal(0, "-t or --target may be specified only once");
            }
            o.target = optarg;
            break;

        case 'e':
            /* Very old scripts write -e before the command. */
            break;

        case 'f':
            if (strcmp(optarg, "text") && strcmp(optarg, "json")) {
                ovs_fatal(0, "unknown output format \"%s\"", optarg);
            }
            o.format = optarg;
            break;

        case 'h':
            usage();

        case 'o':
            ovs_cmdl_print_options(long_options);
            exit(EXIT_SUCCESS);

        case 'T':
            if (!str_to_uint(optarg, 10, &o.timeout) || !o.timeout) {
                ovs_fatal(0, "value %s on -T or --timeout is invalid",
                          optarg);
            }
            break;

        case 'V':
            ovn_print_version(0, 0);
            exit(EXIT_SUCCESS);

        VLOG_OPTION_HANDLERS

        case '?':
            exit(EXIT_FAILURE);

        default:
            OVS_NOT_REACHED();
        }
    }
    free(short_options);
    free(chars);

    if (optind >= argc) {
        ovs_fatal(0, "at least one non-option argument is required "
                  "(use --help for help)");
    }
    return o;
}

/* Connects to the control socket 'target', or that of the daemon with this
 * name, which the process ID in its pid file leads to. */
static struct jsonrpc *
connect_to_target(const char *target)
{
    struct jsonrpc *client;
    char *socket_name;

    if (target[0] == '/') {
        socket_name = xstrdup(target);
    } else {
        char *pidfile = xasprintf("%s/%s.pid", ovn_rundir(), target);
        pid_t pid = read_pidfile(pidfile);

        if (pid < 0) {
            ovs_fatal(-pid, "cannot read pidfile \"%s\"", pidfile);
        }
        free(pidfile);
        socket_name = xasprintf("%s/%s.%ld.ctl", ovn_rundir(), target,
                                (long int) pid);
    }

    int error = unixctl_client_create(socket_name, &client);
    if (error) {
        ovs_fatal(error, "cannot connect to \"%s\"", socket_name);
    }
    free(socket_name);
    return client;
}

/* Has the daemon run a command.  Returns its output, which the caller must
 * free. */
static char *
transact(struct jsonrpc *client, const char *target, const char *command,
         int argc, char *argv[])
{
    char *result, *command_error;
    int error = unixctl_client_transact(client, command, argc, argv,
                                        &result, &command_error);

    if (error) {
        ovs_fatal(error, "%s: transaction error", target);
    } else if (command_error) {
        jsonrpc_close(client);
        fputs(command_error, stderr);
        ovs_error(0, "%s: server returned an error", target);
        exit(2);
    }
    return result;
}

int
main(int argc, char *argv[])
{
    ovn_set_program_name(argv[0]);

    struct appctl_options o = parse_options(argc, argv);
    const char *target = o.target ? o.target : DEFAULT_TARGET;

    ctl_timeout_setup(o.timeout);

    struct jsonrpc *client = connect_to_target(target);
    if (o.format && !strcmp(o.format, "json")) {
        char *args[] = { "--format", "json" };

        free(transact(client, target, "set-options", 2, args));
    }

    char *result = transact(client, target, argv[optind],
                            argc - optind - 1, argv + optind + 1);
    fputs(result, stdout);
    free(result);
    jsonrpc_close(client);
    return EXIT_SUCCESS;
}
