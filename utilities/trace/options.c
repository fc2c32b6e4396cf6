#include <config.h>
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon.h"
#include "dirs.h"
#include "flow.h"
#include "lib/ovn-daemon.h"
#include "lib/ovn-dirs.h"
#include "lib/ovn-options.h"
#include "lib/ovn-sb-idl.h"
#include "lib/ovn-version.h"
#include "offline.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "socket-util.h"
#include "stream-ssl.h"
#include "stream.h"
#include "util.h"

enum {
    OPT_DB = UCHAR_MAX + 1,
    OPT_NB_DB,
    OPT_UNIXCTL,
    OPT_LEADER_ONLY,
    OPT_NO_LEADER_ONLY,
    OPT_BOOTSTRAP_CA_CERT,
    OPT_PEER_CA_CERT,
    OPT_COMPLETION,

    /* Of one trace. */
    OPT_DETAILED,
    OPT_SUMMARY,
    OPT_MINIMAL,
    OPT_ALL,
    OPT_FORMAT,
    OPT_WHY,
    OPT_NO_WHY,
    OPT_CT,
    OPT_LB_DST,
    OPT_SELECT_ID,
    OPT_CHASSIS,
    OPT_REPLY,
    OPT_OVS,
    OPT_FRIENDLY_NAMES,
    OPT_NO_FRIENDLY_NAMES,

    DAEMON_OPTION_ENUMS,
    SSL_OPTION_ENUMS,
    VLOG_OPTION_ENUMS
};

#define TRACE_LONG_OPTIONS                                      \
    { "detailed", no_argument, NULL, OPT_DETAILED },            \
    { "summary", no_argument, NULL, OPT_SUMMARY },              \
    { "minimal", no_argument, NULL, OPT_MINIMAL },              \
    { "all", no_argument, NULL, OPT_ALL },                      \
    { "format", required_argument, NULL, OPT_FORMAT },          \
    { "why", no_argument, NULL, OPT_WHY },                      \
    { "no-why", no_argument, NULL, OPT_NO_WHY },                \
    { "ct", required_argument, NULL, OPT_CT },                  \
    { "lb-dst", required_argument, NULL, OPT_LB_DST },          \
    { "select-id", required_argument, NULL, OPT_SELECT_ID },    \
    { "chassis", required_argument, NULL, OPT_CHASSIS },        \
    { "reply", no_argument, NULL, OPT_REPLY },                  \
    { "ovs", optional_argument, NULL, OPT_OVS },                \
    { "friendly-names", no_argument, NULL, OPT_FRIENDLY_NAMES }, \
    { "no-friendly-names", no_argument, NULL, OPT_NO_FRIENDLY_NAMES }

/* ---- Options of a trace. ---- */

void
trace_options_clone(struct trace_options *o, const struct trace_options *base)
{
    *o = *base;
    o->detailed = o->summary = o->minimal = false;
    o->ct = base->n_ct ? xmemdup(base->ct, base->n_ct * sizeof *o->ct) : NULL;
    o->allocated_ct = o->n_ct;
    o->default_ovs = nullable_xstrdup(base->default_ovs);
    if (o->ovs == base->default_ovs) {
        o->ovs = o->default_ovs;
    }
}

void
trace_options_destroy(struct trace_options *o)
{
    free(o->ct);
    free(o->default_ovs);
}

static char *
parse_ct(const char *arg, struct trace_options *o)
{
    struct ds error = DS_EMPTY_INITIALIZER;
    uint32_t state;

    if (!parse_ct_state(arg, CS_TRACKED, &state, &error)) {
        return ds_steal_cstr(&error);
    }
    ds_destroy(&error);
    if (o->n_ct >= o->allocated_ct) {
        o->ct = x2nrealloc(o->ct, &o->allocated_ct, sizeof *o->ct);
    }
    o->ct[o->n_ct++] = state;
    return NULL;
}

/* IP, IP:PORT or [IP6]:PORT. */
static char *
parse_lb_dst(const char *arg, struct trace_options *o)
{
    struct sockaddr_storage ss;
    struct in6_addr ip;

    if (ipv6_parse(arg, &ip)) {
        o->lb_dst = ip;
        o->lb_dst_port = 0;
    } else if ((arg[0] == '[' || ('0' <= arg[0] && arg[0] <= '9'))
               && inet_parse_active(arg, 0, &ss, false, NULL)) {
        o->lb_dst = ss_get_address(&ss);
        o->lb_dst_port = ss_get_port(&ss);
    } else {
        return xasprintf("%s: bad address", arg);
    }
    o->has_lb_dst = true;
    return NULL;
}

static char *
parse_format(const char *arg, struct trace_options *o)
{
    if (strcmp(arg, "json") && strcmp(arg, "text")) {
        return xasprintf("unknown output format \"%s\"", arg);
    }
    o->json = !strcmp(arg, "json");
    return NULL;
}

static void
set_ovs(const char *arg, struct trace_options *o)
{
    if (!arg && !o->default_ovs) {
        o->default_ovs = xasprintf("unix:%s/br-int.mgmt", ovs_rundir());
    }
    o->ovs = arg ? arg : o->default_ovs;
}

/* Handles option 'c' if it is one of a trace, which '*known' says. */
static char *
parse_trace_option(int c, struct trace_options *o, bool *known)
{
    unsigned int id;

    *known = true;
    switch (c) {
    case OPT_DETAILED: o->detailed = true; break;
    case OPT_SUMMARY: o->summary = true; break;
    case OPT_MINIMAL: o->minimal = true; break;
    case OPT_ALL: o->detailed = o->summary = o->minimal = true; break;
    case OPT_FORMAT: return parse_format(optarg, o);
    case OPT_WHY: o->why = WHY_YES; break;
    case OPT_NO_WHY: o->why = WHY_NO; break;
    case OPT_CT: return parse_ct(optarg, o);
    case OPT_LB_DST: return parse_lb_dst(optarg, o);
    case OPT_SELECT_ID:
        if (!str_to_uint(optarg, 10, &id)) {
            return xasprintf("%s: bad select-id", optarg);
        }
        o->select_id = optarg;
        break;
    case OPT_CHASSIS: o->chassis = optarg; break;
    case OPT_REPLY: o->reply = true; break;
    case OPT_OVS: set_ovs(optarg, o); break;
    case OPT_FRIENDLY_NAMES: o->friendly = true; break;
    case OPT_NO_FRIENDLY_NAMES: o->friendly = false; break;
    default: *known = false; break;
    }
    return NULL;
}

/* Chooses the forms if the user did not. */
static void
finish_trace_options(struct trace_options *o,
                     const struct trace_options *base)
{
    if (!o->detailed && !o->summary && !o->minimal) {
        o->detailed = !base || base->detailed;
        o->summary = base && base->summary;
        o->minimal = base && base->minimal;
    }
}

char *
trace_options_parse(int argc, char *argv[], const struct trace_options *base,
                    struct trace_options *o, int *n_args)
{
    static const struct option long_options[] = {
        TRACE_LONG_OPTIONS,
        { NULL, 0, NULL, 0 }
    };
    char *error = NULL;

    opterr = 0;
    optind = 0;
    while (!error) {
        bool known;
        int c = getopt_long(argc, argv, ":", long_options, NULL);
        if (c == -1) {
            break;
        }
        error = parse_trace_option(c, o, &known);
        if (!known) {
            error = xasprintf(c == ':' ? "option '%s' requires an argument"
                              : "unrecognized option '%s'",
                              argv[optind - 1]);
        }
    }
    finish_trace_options(o, base);
    *n_args = argc - optind;
    if (!error && (*n_args < 1 || *n_args > 2)) {
        error = xstrdup("one or two non-option arguments are required");
    }
    return error;
}

bool
trace_options_why(const struct trace_options *o)
{
    return (o->why == WHY_YES
            || (o->why == WHY_DEFAULT && (o->detailed || o->json)));
}

/* ---- The command line. ---- */

OVS_NO_RETURN static void
usage(void)
{
    printf("\
%s: OVN trace utility\n\
usage: %s [OPTIONS] [DATAPATH] MICROFLOW\n\
       %s [OPTIONS] --detach\n\
\n\
Forms of output:\n\
  --detailed              the flows of each table, and why (default)\n\
  --summary               the actions\n\
  --minimal               what can be seen from outside\n\
  --all                   all three\n\
  --format=json           for machines\n\
  --why, --no-why         name northbound rows, and say what became of the\n\
                          packet; default: in the detailed form\n\
  --no-friendly-names     keep names that are UUIDs\n\
\n\
What is to be assumed:\n\
  --ct=FLAGS              connection state that the next action finds\n\
                          (default: trk,est)\n\
  --lb-dst=IP[:PORT]      backend that load balancers choose\n\
  --select-id=ID          choice of the select action\n\
  --chassis=CHASSIS       chassis where the packet is\n\
  --reply                 trace the first packet of a connection, and the\n\
                          answer to it\n",
           program_name, program_name, program_name);
    printf("\n\
Databases and switch:\n\
  --db=DATABASE           southbound database, or file:FILE\n\
                          (default: %s)\n\
  --nb-db=DATABASE        northbound database, or file:FILE\n\
                          (default: %s)\n\
  --no-leader-only        accept any cluster member, not just the leader\n\
  --ovs[=REMOTE]          show OpenFlow flows of the switch at REMOTE\n\
                          (default: unix:%s/br-int.mgmt)\n\
  --unixctl=SOCKET        control socket of the daemon\n\
  -h, --help              display this help message\n\
  -V, --version           display version information\n",
           default_sb_db(), default_nb_db(), ovs_rundir());
    stream_usage("database", true, true, true);
    daemon_usage();
    vlog_usage();
    exit(EXIT_SUCCESS);
}

/* Prints what makes bash complete our options, and datapaths. */
static void
print_completion(const struct option *long_options)
{
    printf("_ovn_trace()\n"
           "{\n"
           "    local cur=${COMP_WORDS[COMP_CWORD]} words word\n"
           "    COMPREPLY=()\n"
           "    case $cur in\n"
           "    -*) words=$(printf '%%s\\n' ");
    for (const struct option *o = long_options; o->name; o++) {
        printf("%s--%s%s", o == long_options ? "" : " ", o->name,
               o->has_arg == required_argument ? "=" : "");
    }
    /* Names are anybody's, so that the shell must not expand them. */
    printf(") ;;\n"
           "    *) words=$(ovn-sbctl -t 2 --bare --columns=external_ids \\\n"
           "            list Datapath_Binding 2>/dev/null \\\n"
           "            | tr ' ' '\\n' | sed -n 's/^name=//p') ;;\n"
           "    esac\n"
           "    while IFS= read -r word; do\n"
           "        if [[ -n $word && $word == \"$cur\"* ]]; then\n"
           "            printf -v word %%q \"$word\"\n"
           "            COMPREPLY+=(\"$word\")\n"
           "        fi\n"
           "    done <<<\"$words\"\n"
           "    case ${COMPREPLY[0]} in *=) compopt -o nospace ;; esac\n"
           "}\n"
           "complete -F _ovn_trace ovn-trace\n");
}

/* Databases that the user did not name.  The northbound one of this machine
 * says nothing about a southbound one from elsewhere. */
static void
set_default_databases(struct program_options *o)
{
    bool is_file = o->db && offline_is_file(o->db);

    if (!o->db) {
        o->db = default_sb_db();
    }
    if (!o->nb_db && !is_file) {
        o->nb_db = default_nb_db();
    }
}

int
program_options_parse(int argc, char *argv[], struct program_options *o)
{
    static const struct option long_options[] = {
        { "db", required_argument, NULL, OPT_DB },
        { "nb-db", required_argument, NULL, OPT_NB_DB },
        { "unixctl", required_argument, NULL, OPT_UNIXCTL },
        { "leader-only", no_argument, NULL, OPT_LEADER_ONLY },
        { "no-leader-only", no_argument, NULL, OPT_NO_LEADER_ONLY },
        { "help", no_argument, NULL, 'h' },
        { "options", no_argument, NULL, 'o' },
        { "print-completion", no_argument, NULL, OPT_COMPLETION },
        { "version", no_argument, NULL, 'V' },
        TRACE_LONG_OPTIONS,
        DAEMON_LONG_OPTIONS,
        VLOG_LONG_OPTIONS,
        STREAM_SSL_LONG_OPTIONS,
        { "bootstrap-ca-cert", required_argument, NULL,
          OPT_BOOTSTRAP_CA_CERT },
        { "peer-ca-cert", required_argument, NULL, OPT_PEER_CA_CERT },
        { NULL, 0, NULL, 0 },
    };

    *o = (struct program_options) { .leader_only = true };
    o->trace.friendly = true;
    int c;
    while ((c = ovn_getopt(argc, argv, long_options)) != -1) {

        bool known;
        char *error = parse_trace_option(c, &o->trace, &known);
        if (error) {
            ovs_fatal(0, "%s", error);
        } else if (known) {
            continue;
        }
        switch (c) {
        OVN_DAEMON_OPTION_HANDLERS
        VLOG_OPTION_HANDLERS
        STREAM_SSL_OPTION_HANDLERS
        case OPT_BOOTSTRAP_CA_CERT:
            stream_ssl_set_ca_cert_file(optarg, true);
            break;
        case OPT_PEER_CA_CERT:
            stream_ssl_set_peer_ca_cert_file(optarg);
            break;
        case OPT_DB: o->db = optarg; break;
        case OPT_NB_DB: o->nb_db = optarg; break;
        case OPT_UNIXCTL: o->unixctl = optarg; break;
        case OPT_LEADER_ONLY: o->leader_only = true; break;
        case OPT_NO_LEADER_ONLY: o->leader_only = false; break;
        case 'h':
            usage();
        case OPT_COMPLETION:
            print_completion(long_options);
            exit(EXIT_SUCCESS);
        case 'V':
            ovn_print_version(0, 0);
            ovn_print_db_version(NULL, sbrec_get_db_version());
            exit(EXIT_SUCCESS);
        default:
            OVS_NOT_REACHED();
        }
    }
    finish_trace_options(&o->trace, NULL);
    set_default_databases(o);
    return argc - optind;
}

void
program_options_destroy(struct program_options *o)
{
    trace_options_destroy(&o->trace);
}
