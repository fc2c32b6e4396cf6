#include <config.h>

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "detrace/input.h"
#include "detrace/rows.h"
#include "dirs.h"
#include "fatal-signal.h"
#include "lib/ovn-daemon.h"
#include "lib/ovn-dirs.h"
#include "lib/ovn-nb-idl.h"
#include "lib/ovn-options.h"
#include "lib/ovn-sb-idl.h"
#include "lib/ovn-version.h"
#include "openvswitch/vlog.h"
#include "ovsdb-idl.h"
#include "stream-ssl.h"
#include "stream.h"
#include "trace/source.h"
#include "trace/why.h"
#include "util.h"
#include "vswitch-idl.h"

struct detrace_options {
    const char *sb, *nb;
    char *vs;
    bool ovs;
    bool leader_only;
};

/* Opens and reads one database. */
static char *
get_source(struct source *source, const char *name,
           const struct ovsdb_idl_class *class, bool leader_only,
           void (*add_columns)(struct ovsdb_idl *))
{
    char *error = source_open(source, name, class, leader_only, false);
    if (!error) {
        add_columns(source->idl);
        error = source_read(source, SOURCE_TIMEOUT);
    }
    return error;
}

/* Copies standard input to standard output.  A northbound database that
 * cannot be read is no error: cookies are those of southbound rows. */
static char *
detrace(const struct detrace_options *o)
{
    struct source sb = { .idl = NULL }, nb = sb, vs = sb;
    char *error = get_source(&sb, o->sb, &sbrec_idl_class, o->leader_only,
                             rows_add_sb_columns);
    if (!error && o->ovs) {
        error = get_source(&vs, o->vs, &ovsrec_idl_class, false,
                           rows_add_vs_columns);
    }
    if (!error) {
        char *problem = get_source(&nb, o->nb, &nbrec_idl_class,
                                   o->leader_only, rows_add_nb_columns);
        if (problem) {
            ovs_error(0, "%s: northbound rows have no names", problem);
            source_close(&nb);
        }
        struct why *why = why_create(nb.idl, problem);
        struct rows *rows = rows_create(sb.idl, why, vs.idl);
        input_copy(stdin, stdout, rows);
        if (ferror(stdin)) {
            error = xstrdup("standard input cannot be read");
        } else if (fflush(stdout) || ferror(stdout)) {
            error = xstrdup("standard output cannot be written");
        }
        rows_destroy(rows);
        why_destroy(why);
        free(problem);
    }
    source_close(&sb);
    source_close(&nb);
    source_close(&vs);
    return error;
}

/* ---- The command line. ---- */

enum {
    OPT_SB = UCHAR_MAX + 1,
    OPT_NB,
    OPT_OVS,
    OPT_VS,
    OPT_LEADER_ONLY,
    OPT_NO_LEADER_ONLY,
    OPT_COMPLETION,
    SSL_OPTION_ENUMS,
    VLOG_OPTION_ENUMS
};

OVS_NO_RETURN static void
usage(void)
{
    printf("\
%s: name the logical flows behind OpenFlow flows\n\
usage: %s [OPTIONS] < FILE\n\
where FILE is what \"ovs-appctl ofproto/trace\" or \"ovs-ofctl dump-flows\"\n\
prints.\n\
\n\
Options:\n\
  --ovnsb=DATABASE        southbound database, or file:FILE\n\
                          (default: %s)\n\
  --ovnnb=DATABASE        northbound database, or file:FILE\n\
                          (default: %s)\n\
  --no-leader-only        accept any cluster member, not just the leader\n\
  --ovs                   name interfaces of the node's switch, too\n\
  --ovsdb=DATABASE        Open vSwitch's database\n\
                          (default: unix:%s/db.sock)\n\
  -h, --help              display this help message\n\
  -V, --version           display version information\n",
           program_name, program_name, default_sb_db(), default_nb_db(),
           ovs_rundir());
    stream_usage("database", true, true, false);
    vlog_usage();
    exit(EXIT_SUCCESS);
}

/* Prints what makes bash complete our options. */
static void
print_completion(const struct option *long_options)
{
    printf("_ovn_detrace()\n"
           "{\n"
           "    local cur=${COMP_WORDS[COMP_CWORD]}\n"
           "    COMPREPLY=($(compgen -W '");
    for (const struct option *o = long_options; o->name; o++) {
        printf("%s--%s%s", o == long_options ? "" : " ", o->name,
               o->has_arg == required_argument ? "=" : "");
    }
    printf("' -- \"$cur\"))\n"
           "    case ${COMPREPLY[0]} in *=) compopt -o nospace ;; esac\n"
           "}\n"
           "complete -F _ovn_detrace ovn-detrace\n");
}

/* Handles the options that do nothing but print. */
static void
print_and_exit(int c, const struct option *long_options)
{
    switch (c) {
    case 'h':
        usage();
    case OPT_COMPLETION:
        print_completion(long_options);
        break;
    case 'V':
        ovn_print_version(0, 0);
        break;
    default:
        OVS_NOT_REACHED();
    }
    exit(EXIT_SUCCESS);
}

/* Parses the command line; exits if something is wrong with it. */
static void
parse_options(int argc, char *argv[], struct detrace_options *o)
{
    static const struct option long_options[] = {
        { "ovnsb", required_argument, NULL, OPT_SB },
        { "ovnnb", required_argument, NULL, OPT_NB },
        { "ovs", no_argument, NULL, OPT_OVS },
        { "ovsdb", required_argument, NULL, OPT_VS },
        { "leader-only", no_argument, NULL, OPT_LEADER_ONLY },
        { "no-leader-only", no_argument, NULL, OPT_NO_LEADER_ONLY },
        { "help", no_argument, NULL, 'h' },
        { "options", no_argument, NULL, 'o' },
        { "print-completion", no_argument, NULL, OPT_COMPLETION },
        { "version", no_argument, NULL, 'V' },
        STREAM_SSL_LONG_OPTIONS,
        VLOG_LONG_OPTIONS,
        { NULL, 0, NULL, 0 },
    };

    *o = (struct detrace_options) {
        .sb = default_sb_db(), .nb = default_nb_db(), .leader_only = true,
    };
    int c;
    while ((c = ovn_getopt(argc, argv, long_options)) != -1) {
        switch (c) {
        STREAM_SSL_OPTION_HANDLERS
        VLOG_OPTION_HANDLERS
        case OPT_SB: o->sb = optarg; break;
        case OPT_NB: o->nb = optarg; break;
        case OPT_OVS: o->ovs = true; break;
        case OPT_VS:
            free(o->vs);
            o->vs = xstrdup(optarg);
            break;
        case OPT_LEADER_ONLY: o->leader_only = true; break;
        case OPT_NO_LEADER_ONLY: o->leader_only = false; break;
        default: print_and_exit(c, long_options);
        }
    }
    if (optind < argc) {
        ovs_fatal(0, "non-option argument not supported "
                  "(use --help for help)");
    }
    if (!o->vs) {
        o->vs = xasprintf("unix:%s/db.sock", ovs_rundir());
    }
}

int
main(int argc, char *argv[])
{
    struct detrace_options options;

    ovn_set_program_name(argv[0]);
    fatal_ignore_sigpipe();
    vlog_set_levels(NULL, VLF_CONSOLE, VLL_WARN);
    vlog_set_levels_from_string_assert("reconnect:console:err");
    vlog_set_levels_from_string_assert("timeval:console:err");
    /* It warns of columns that a database of another version lacks. */
    vlog_set_levels_from_string_assert("ovsdb_idl:console:err");
    parse_options(argc, argv, &options);

    char *error = detrace(&options);
    free(options.vs);
    if (error) {
        ovs_error(0, "%s", error);
        free(error);
    }
    return error ? EXIT_FAILURE : EXIT_SUCCESS;
}
