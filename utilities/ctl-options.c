#include <config.h>
#include "ctl-common.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "command-line.h"
#include "daemon.h"
#include "ovn-daemon.h"
#include "ovn-dirs.h"
#include "ovn-version.h"
#include "stream-ssl.h"
#include "util.h"

enum {
    OPT_DB = UCHAR_MAX + 1,
    OPT_NO_SYSLOG,
    OPT_NO_WAIT,
    OPT_WAIT,
    OPT_PRINT_WAIT_TIME,
    OPT_DRY_RUN,
    OPT_ONELINE,
    OPT_LOCAL,
    OPT_COMMANDS,
    OPT_OPTIONS,
    OPT_MANUAL,
    OPT_COMPLETION,
    OPT_LEADER_ONLY,
    OPT_NO_LEADER_ONLY,
    OPT_SHUFFLE_REMOTES,
    OPT_NO_SHUFFLE_REMOTES,
    OPT_BOOTSTRAP_CA_CERT,
    OPT_PEER_CA_CERT,
    DAEMON_OPTION_ENUMS,
    VLOG_OPTION_ENUMS,
    TABLE_OPTION_ENUMS,
    SSL_OPTION_ENUMS
};

static const struct option global_options[] = {
    {"db", required_argument, NULL, OPT_DB},
    {"no-syslog", no_argument, NULL, OPT_NO_SYSLOG},
    {"help", no_argument, NULL, 'h'},
    {"commands", no_argument, NULL, OPT_COMMANDS},
    {"options", no_argument, NULL, OPT_OPTIONS},
    {"print-manual", no_argument, NULL, OPT_MANUAL},
    {"print-completion", no_argument, NULL, OPT_COMPLETION},
    {"leader-only", no_argument, NULL, OPT_LEADER_ONLY},
    {"no-leader-only", no_argument, NULL, OPT_NO_LEADER_ONLY},
    {"shuffle-remotes", no_argument, NULL, OPT_SHUFFLE_REMOTES},
    {"no-shuffle-remotes", no_argument, NULL, OPT_NO_SHUFFLE_REMOTES},
    {"version", no_argument, NULL, 'V'},
    {"unixctl", required_argument, NULL, 'u'},
    {"no-wait", no_argument, NULL, OPT_NO_WAIT},
    {"wait", required_argument, NULL, OPT_WAIT},
    {"print-wait-time", no_argument, NULL, OPT_PRINT_WAIT_TIME},
    {"dry-run", no_argument, NULL, OPT_DRY_RUN},
    {"oneline", no_argument, NULL, OPT_ONELINE},
    {"timeout", required_argument, NULL, 't'},
    DAEMON_LONG_OPTIONS,
    VLOG_LONG_OPTIONS,
    STREAM_SSL_LONG_OPTIONS,
    {"bootstrap-ca-cert", required_argument, NULL, OPT_BOOTSTRAP_CA_CERT},
    {"peer-ca-cert", required_argument, NULL, OPT_PEER_CA_CERT},
    TABLE_LONG_OPTIONS,
    {NULL, 0, NULL, 0},
};
#define N_GLOBAL_OPTIONS (ARRAY_SIZE(global_options) - 1)

/* Sets 'o' to the defaults.  The caller must ctl_options_destroy() it. */
void
ctl_options_init(struct ctl_options *o)
{
    *o = (struct ctl_options) {
        .leader_only = true,
        .shuffle_remotes = true,
        .table_style = TABLE_STYLE_DEFAULT,
    };
}

void
ctl_options_destroy(struct ctl_options *o)
{
    free(o->unixctl_path);
}

/* Returns all options, the global ones and those of the registered commands,
 * which are the ones from 'N_GLOBAL_OPTIONS' on, the same array at each
 * call. */
static const struct option *
all_options(void)
{
    static struct option *options;

    if (!options) {
        size_t n = N_GLOBAL_OPTIONS;
        size_t allocated = ARRAY_SIZE(global_options);

        options = xmemdup(global_options, sizeof global_options);
        ctl_add_cmd_options(&options, &n, &allocated, OPT_LOCAL);
    }
    return options;
}

/* Returns what getopt_long(), which returned 'c' for argument 'arg', found
 * wrong.  'optopt' tells more. */
static char *
getopt_error(int c, const char *arg)
{
    bool is_long = !strncmp(arg, "--", 2);
    int length = strcspn(arg, "=");

    if (c == ':') {
        return (is_long
                ? xasprintf("option '%s' requires an argument", arg)
                : xasprintf("option requires an argument -- '%c'", optopt));
    } else if (!is_long) {
        return xasprintf("unrecognized option '%c'", optopt);
    } else if (optopt) {
        return xasprintf("option '%s' doesn't allow an argument", arg);
    }

    /* getopt_long() takes unique abbreviations.  Was it one of several? */
    int n_matches = 0;
    for (const struct option *o = all_options(); o->name; o++) {
        n_matches += !strncmp(o->name, arg + 2, length - 2);
    }
    return (n_matches > 1 && length > 2
            ? xasprintf("option '%.*s' is ambiguous", length, arg)
            : xasprintf("unrecognized option '%s'", arg));
}

static char *
parse_wait(const struct ctl_program *program, const char *arg,
           struct ctl_options *o)
{
    if (!program->nb_cfg) {
        return xstrdup("--wait not supported");
    } else if (!strcmp(arg, "none")) {
        o->wait = CTL_WAIT_NONE;
    } else if (!strcmp(arg, "sb")) {
        o->wait = CTL_WAIT_SB;
    } else if (!strcmp(arg, "hv")) {
        o->wait = CTL_WAIT_HV;
    } else {
        return xstrdup("argument to --wait must be "
                       "\"none\", \"sb\", or \"hv\"");
    }
    return NULL;
}

static char *
parse_timeout(const char *arg, struct ctl_options *o)
{
    unsigned int timeout;

    if (!str_to_uint(arg, 10, &timeout)) {
        return xasprintf("value %s on -t or --timeout is invalid", arg);
    }
    o->timeout = timeout;
    o->patient = !timeout;
    return NULL;
}

/* The library ends the process on an unknown format, which would be bad for a
 * daemon. */
static char *
check_format(const char *what, const char *arg, const char *const *formats)
{
    for (; *formats; formats++) {
        if (!strcmp(arg, *formats)) {
            return NULL;
        }
    }
    return xasprintf("unknown %s format \"%s\"", what, arg);
}

/* Handles 'c', an option that matters to the run of commands and thus has its
 * meaning in a daemon as well.  Sets '*known' to whether it is one. */
static char *
parse_run_option(const struct ctl_program *program, int c,
                 struct ctl_options *o, bool *known)
{
    static const char *const formats[] = {
        "table", "list", "html", "csv", "json", NULL
    };
    static const char *const cells[] = { "string", "bare", "json", NULL };

    *known = true;
    switch (c) {
    case OPT_NO_WAIT:
        if (!program->nb_cfg) {
            return xstrdup("--no-wait not supported");
        }
        o->wait = CTL_WAIT_NONE;
        return NULL;

    case OPT_WAIT:
        return parse_wait(program, optarg, o);

    case OPT_PRINT_WAIT_TIME:
        o->print_wait_time = true;
        return NULL;

    case OPT_DRY_RUN:
        o->dry_run = true;
        return NULL;

    case OPT_ONELINE:
        o->oneline = true;
        return NULL;

    case 't':
        return parse_timeout(optarg, o);

    case 'f':
    case 'd':
        {
            char *error = (c == 'f'
                           ? check_format("output", optarg, formats)
                           : check_format("data", optarg, cells));
            if (error) {
                return error;
            }
        }
        break;
    }

    switch (c) {
    TABLE_OPTION_HANDLERS(&o->table_style)

    default:
        *known = false;
        break;
    }
    return NULL;
}

static void
set_log_file(const char *arg)
{
    char *name = arg ? xstrdup(arg) : xasprintf("%s.log", program_name);
    char *path = abs_file_name(ovn_logdir(), name);

    vlog_set_log_file(path);
    free(path);
    free(name);
}

/* Handles the options on daemons. */
static void
parse_daemon_option(int c, struct ctl_options *o)
{
    if (c == OPT_DETACH) {
        o->detach = true;
    }
    switch (c) {
        OVN_DAEMON_OPTION_HANDLERS
    }
}

/* Handles the options that print something and end the process. */
static void
parse_info_option(const struct ctl_program *program, int c)
{
    switch (c) {
    case 'h':
        ctl_print_usage(program);
        exit(EXIT_SUCCESS);

    case OPT_COMMANDS:
        ctl_print_commands();
        exit(EXIT_SUCCESS);

    case OPT_OPTIONS:
        ctl_print_options(all_options());
        exit(EXIT_SUCCESS);

    case OPT_MANUAL:
        ctl_print_manual(program);
        exit(EXIT_SUCCESS);

    case OPT_COMPLETION:
        ctl_print_completion(program, all_options());
        exit(EXIT_SUCCESS);

    case 'V':
        ovn_print_version(0, 0);
        ovn_print_db_version(NULL, program->db_version());
        exit(EXIT_SUCCESS);
    }
}

/* Handles an option that has a meaning only for a process of its own. */
static void
parse_process_option(const struct ctl_program *program, int c,
                     struct ctl_options *o)
{
    switch (c) {
    case OPT_DB:
        o->db = optarg;
        break;

    case OPT_LEADER_ONLY:
    case OPT_NO_LEADER_ONLY:
        o->leader_only = c == OPT_LEADER_ONLY;
        break;

    case OPT_SHUFFLE_REMOTES:
    case OPT_NO_SHUFFLE_REMOTES:
        o->shuffle_remotes = c == OPT_SHUFFLE_REMOTES;
        break;

    case OPT_NO_SYSLOG:
        vlog_set_levels(program->module, VLF_SYSLOG, VLL_WARN);
        break;

    case OPT_LOG_FILE:
        set_log_file(optarg);
        break;

    case 'v':
        vlog_set_verbosity(optarg);
        break;

    case OPT_SYSLOG_TARGET:
        vlog_set_syslog_target(optarg);
        break;

    case OPT_SYSLOG_IMPL:
        vlog_set_syslog_method(optarg);
        break;

    STREAM_SSL_OPTION_HANDLERS

    case OPT_BOOTSTRAP_CA_CERT:
        stream_ssl_set_ca_cert_file(optarg, true);
        break;

    case OPT_PEER_CA_CERT:
        stream_ssl_set_peer_ca_cert_file(optarg);
        break;

    DAEMON_OPTION_CASES
        parse_daemon_option(c, o);
        break;

    default:
        parse_info_option(program, c);
        break;
    }
}

/* Returns the long name of the option that getopt_long() calls 'c'. */
static const char *
option_name(int c)
{
    const struct option *o = global_options;

    while (o->name && o->val != c) {
        o++;
    }
    return o->name;
}

/* Handles option 'c', whose name is 'name' if it is one of a command. */
static char *
parse_option(const struct ctl_program *program, int c, const char *name,
             struct ctl_options *o, struct shash *local_options)
{
    if (c == OPT_LOCAL) {
        char *key = xasprintf("--%s", name);

        if (shash_find(local_options, key)) {
            free(key);
            return xasprintf("'%s' option specified multiple times", name);
        }
        shash_add_nocopy(local_options, key, nullable_xstrdup(optarg));
        return NULL;
    }

    bool known;
    char *error = parse_run_option(program, c, o, &known);
    if (error || known) {
        return error;
    } else if (c == 'u') {
        free(o->unixctl_path);
        o->unixctl_path = ovn_unixctl_path(optarg);
    } else if (o->in_daemon) {
        if (c == OPT_DB || c == 'h' || c == 'V') {
            return xstrdup("--db, --help and --version cannot be used with "
                           "commands for a daemon");
        }
    } else {
        if (c != 'v' && c != OPT_NO_SYSLOG && c != OPT_LOG_FILE) {
            o->direct = option_name(c);
        }
        parse_process_option(program, c, o);
    }
    return NULL;
}

/* Parses the options at the start of 'argv' into '*o', those that belong to
 * the first command into 'local_options', from their names with dashes to
 * their arguments or NULL.  'optind' is then the index of the first argument
 * behind them.  Options like --help do not return.
 *
 * 'in_daemon' says that 'argv' comes from a client of this daemon, where
 * options that concern the process do nothing.
 *
 * Returns NULL or an error message, which the caller must free. */
char *
ctl_parse_options(const struct ctl_program *program, int argc, char *argv[],
                  bool in_daemon, struct ctl_options *o,
                  struct shash *local_options)
{
    const struct option *options = all_options();
    char *chars = ovs_cmdl_long_options_to_short_options(options);
    char *short_options = xasprintf("+:%s", chars);
    char *error = NULL;

    free(chars);
    o->in_daemon = in_daemon;
    opterr = 0;
    optind = 0;                 /* Makes glibc start from the beginning. */
    while (!error) {
        int index = 0;
        int at = optind ? optind : 1;
        int c = getopt_long(argc, argv, short_options, options, &index);

        if (c == -1) {
            break;
        } else if (c == '?' || c == ':') {
            error = getopt_error(c, argv[at]);
        } else {
            error = parse_option(program, c, options[index].name, o,
                                 local_options);
        }
    }
    free(short_options);
    return error;
}
