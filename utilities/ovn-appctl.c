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
  -f, --format=FORMAT print the reply as \"text\" or \"json\"\n\
  -h, --help          print this text\n\
  -V, --version       print the version of %s\n",
           program_name, program_name, program_name);
    vlog_usage();
    exit(EXIT_SUCCESS);
}

/* Prints what makes bash complete options, the daemons that run, and the
 * commands of the daemon that is asked. */
static void
print_completion(void)
{
    printf("\
_ovn_appctl()\n\
{\n\
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n\
    local dir=${OVN_RUNDIR:-%s} target=" DEFAULT_TARGET " i word words\n\
    COMPREPLY=()\n\
    for ((i = 1; i < COMP_CWORD; i++)); do\n\
        word=${COMP_WORDS[i]}\n\
        case $word in\n\
        -t|--target|-T|--timeout|-f|--format)\n\
            if [[ ${COMP_WORDS[i + 1]} == = ]]; then ((i++)); fi\n\
            if ((i + 1 == COMP_CWORD)); then break; fi\n\
            ((i++))\n\
            case $word in -t|--target) target=${COMP_WORDS[i]} ;; esac ;;\n\
        --target=*) target=${word#*=} ;;\n\
        -*|=) ;;\n\
        *) return ;;\n\
        esac\n\
    done\n\
    if [[ $prev == = && COMP_CWORD -gt 2 ]]; then\n\
        prev=${COMP_WORDS[COMP_CWORD - 2]}\n\
    elif [[ $cur == = ]]; then\n\
        cur=\n\
    fi\n\
    case $prev in\n\
    -t|--target)\n\
        words=$(cd \"$dir\" 2>/dev/null && for i in *.*.ctl; do\n\
                    echo \"${i%%%%.*}\"\n\
                done | grep -v '^\\*')\n\
        if [[ $cur == /* ]]; then\n\
            COMPREPLY=($(compgen -f -- \"$cur\"))\n\
            return\n\
        fi ;;\n\
    -f|--format) words='text json' ;;\n\
    -T|--timeout) return ;;\n\
    *)\n\
        if [[ $cur == -* ]]; then\n\
            words='--target= --timeout= --format= --help --version'\n\
        else\n\
            words=$(ovn-appctl --timeout=2 --target=\"$target\" \\\n\
                        list-commands 2>/dev/null |\n\
                    sed -n 's/^  \\([^ ]*\\).*/\\1/p')\n\
        fi ;;\n\
    esac\n\
    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n\
    if [[ ${COMPREPLY[0]} == --*= ]]; then\n\
        compopt -o nospace 2>/dev/null\n\
    fi\n\
}\n\
complete -F _ovn_appctl ovn-appctl\n", ovn_rundir());
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
        OPT_COMPLETION = UCHAR_MAX + 1,
        VLOG_OPTION_ENUMS
    };
    static const struct option long_options[] = {
        {"target", required_argument, NULL, 't'},
        {"execute", no_argument, NULL, 'e'},
        {"format", required_argument, NULL, 'f'},
        {"help", no_argument, NULL, 'h'},
        {"option", no_argument, NULL, 'o'},
        {"print-completion", no_argument, NULL, OPT_COMPLETION},
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

        case OPT_COMPLETION:
            print_completion();
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

/* Asks the daemon for answers in JSON.  Returns false if it has no choice. */
static bool
ask_for_json(struct jsonrpc *client, const char *target)
{
    char *args[] = { "--format", "json" };
    char *result, *command_error;
    int error = unixctl_client_transact(client, "set-options", 2, args,
                                        &result, &command_error);
    bool accepted = !command_error;

    if (error) {
        ovs_fatal(error, "%s: transaction error", target);
    }
    free(result);
    free(command_error);
    return accepted;
}

/* Prints an answer in text as a daemon that answers in JSON would send it for
 * a command that only has text. */
static void
print_as_json(const char *text)
{
    struct json *json = json_object_create();
    json_object_put_string(json, "reply-format", "plain");
    json_object_put_string(json, "reply", text);

    char *s = json_to_string(json, JSSF_SORT);
    puts(s);
    free(s);
    json_destroy(json);
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
    bool json = o.format && !strcmp(o.format, "json");
    bool pack = json && !ask_for_json(client, target);

    char *result = transact(client, target, argv[optind],
                            argc - optind - 1, argv + optind + 1);
    if (pack) {
        print_as_json(result);
    } else {
        fputs(result, stdout);
    }
    free(result);
    jsonrpc_close(client);
    return EXIT_SUCCESS;
}
