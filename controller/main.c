/* ovn-controller: compiles what the southbound database says about this node
 * into OpenFlow flows of its integration bridge. */
#include <config.h>

#include <errno.h>
#include <getopt.h>
#include <netdb.h>
#include <stdlib.h>
#include <unistd.h>

#include "command-line.h"
#include "controller/compile/compile.h"
#include "controller/control.h"
#include "controller/exit-signals.h"
#include "controller/model/binding.h"
#include "controller/model/chassis.h"
#include "controller/model/config.h"
#include "controller/model/install.h"
#include "controller/model/local_datapath.h"
#include "controller/model/tunnel.h"
#include "controller/model/zone.h"
#include "controller/out/ofswitch.h"
#include "controller/out/sb.h"
#include "controller/out/vs.h"
#include "controller/punt/advertisements.h"
#include "controller/punt/ages.h"
#include "controller/punt/announcements.h"
#include "controller/punt/bfd_sessions.h"
#include "controller/punt/neighbors.h"
#include "controller/punt/thread.h"
#include "controller/rule.h"
#include "controller/rules.h"
#include "controller/watch.h"
#include "daemon.h"
#include "dirs.h"
#include "fatal-signal.h"
#include "lib/ovn-daemon.h"
#include "lib/ovn-dirs.h"
#include "lib/ovn-options.h"
#include "lib/ovn-sb-idl.h"
#include "lib/ovn-unixctl.h"
#include "lib/ovn-version.h"
#include "lib/text/symtab.h"
#include "memory.h"
#include "openflow/openflow.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "simap.h"
#include "socket-util.h"
#include "stream.h"
#include "stream-ssl.h"
#include "timeval.h"
#include "unixctl.h"

VLOG_DEFINE_THIS_MODULE(main);


/* Milliseconds that taking back our rows may take when we leave. */
#define LEAVE_TIMEOUT 5000

/* ---- Command line. ---- */

static char *unixctl_path, *cli_chassis;

OVS_NO_RETURN static void
usage(void)
{
    printf("%s: OVN controller\n"
           "usage: %s [OPTIONS] [OVS-DATABASE]\n"
           "where OVS-DATABASE is a socket on which the OVS OVSDB server is "
           "listening.\n"
           "(default: unix:%s/db.sock)\n",
           program_name, program_name, ovs_rundir());
    stream_usage("OVS-DATABASE", true, false, true);
    printf("  --peer-ca-cert=FILE     more certificates to send to peers\n");
    daemon_usage();
    vlog_usage();
    printf("\nOther options:\n"
           "  --unixctl=SOCKET          override default control socket "
           "name\n"
           "  -n, --chassis=NAME        use NAME instead of the configured "
           "system-id\n"
           "  --enable-dummy-vif-plug   accepted; there is no VIF plug "
           "provider\n"
           "  --dump-inc-proc-graph[=RULE]\n"
           "                            print the rules, or those up to "
           "RULE, as a\n"
           "                            graph in DOT and exit\n"
           "  -h, --help                display this help message\n"
           "  -o, --options             list available options\n"
           "  -V, --version             display version information\n");
    exit(EXIT_SUCCESS);
}

static char *
parse_options(int argc, char *argv[])
{
    enum {
        OPT_PEER_CA_CERT = UCHAR_MAX + 1,
        OPT_BOOTSTRAP_CA_CERT,
        OPT_UNIXCTL,
        OPT_DUMMY_VIF_PLUG,
        OPT_DUMP_GRAPH,
        VLOG_OPTION_ENUMS,
        DAEMON_OPTION_ENUMS,
        SSL_OPTION_ENUMS,
    };
    static const struct option long_options[] = {
        { "help", no_argument, NULL, 'h' },
        { "options", no_argument, NULL, 'o' },
        { "version", no_argument, NULL, 'V' },
        { "unixctl", required_argument, NULL, OPT_UNIXCTL },
        { "chassis", required_argument, NULL, 'n' },
        { "enable-dummy-vif-plug", no_argument, NULL, OPT_DUMMY_VIF_PLUG },
        { "dump-inc-proc-graph", optional_argument, NULL, OPT_DUMP_GRAPH },
        VLOG_LONG_OPTIONS,
        DAEMON_LONG_OPTIONS,
        STREAM_SSL_LONG_OPTIONS,
        { "peer-ca-cert", required_argument, NULL, OPT_PEER_CA_CERT },
        { "bootstrap-ca-cert", required_argument, NULL,
          OPT_BOOTSTRAP_CA_CERT },
        { NULL, 0, NULL, 0 },
    };

    int c;
    while ((c = ovn_getopt(argc, argv, long_options)) != -1) {
        switch (c) {
        case 'h':
            usage();
        case 'V':
            ovn_print_version(OFP15_VERSION, OFP15_VERSION);
            ovn_print_db_version("SB", sbrec_get_db_version());
            exit(EXIT_SUCCESS);
        case 'n':
            free(cli_chassis);
            cli_chassis = xstrdup(optarg);
            break;
        case OPT_UNIXCTL:
            free(unixctl_path);
            unixctl_path = xstrdup(optarg);
            break;
        case OPT_DUMMY_VIF_PLUG:
            break;
        case OPT_DUMP_GRAPH:
            inc_print_graph(controller_rules, optarg);
            exit(EXIT_SUCCESS);
        VLOG_OPTION_HANDLERS
        OVN_DAEMON_OPTION_HANDLERS
        STREAM_SSL_OPTION_HANDLERS
        case OPT_PEER_CA_CERT:
            stream_ssl_set_peer_ca_cert_file(optarg);
            break;
        case OPT_BOOTSTRAP_CA_CERT:
            stream_ssl_set_ca_cert_file(optarg, true);
            break;
        default:
            OVS_NOT_REACHED();
        }
    }

    argc -= optind;
    argv += optind;
    if (argc > 1) {
        ovs_fatal(0, "at most one argument accepted; use --help for usage");
    }
    return argc ? xstrdup(argv[0])
                : xasprintf("unix:%s/db.sock", ovs_rundir());
}

/* The first line of the file "system-id-override", if it is there: a name for
 * this node that goes before system-id (several controllers on one node). */
static char *
read_system_id_override(void)
{
    char *path = xasprintf("%s/system-id-override", ovn_sysconfdir());
    FILE *file = fopen(path, "r");
    char line[256];
    char *name = NULL;

    if (file) {
        if (fgets(line, sizeof line, file)) {
            line[strcspn(line, "\r\n")] = '\0';
            name = line[0] ? xstrdup(line) : NULL;
        }
        fclose(file);
    }
    free(path);
    return name;
}

/* The machine's full name if it can be found, else its short one. */
static char *
get_hostname(void)
{
    char name[256];
    if (gethostname(name, sizeof name)) {
        VLOG_WARN("gethostname: %s", ovs_strerror(errno));
        return xstrdup("");
    }
    name[sizeof name - 1] = '\0';

    struct addrinfo hints = { .ai_flags = AI_CANONNAME };
    struct addrinfo *ai;
    char *fqdn = NULL;
    if (!getaddrinfo(name, NULL, &hints, &ai)) {
        fqdn = nullable_xstrdup(ai->ai_canonname);
        freeaddrinfo(ai);
    }
    return fqdn ? fqdn : xstrdup(name);
}

/* ---- One engine's life. ---- */

struct controller {
    struct control control;
    struct inc *inc;
    struct db *vs, *sb;
    struct ofswitch *sw;
    struct punter *punter;

    char *chassis_name;              /* From outside of the databases. */
    char *hostname;
    uint64_t generation;             /* Runs of the engine. */
    bool seeded_vs, seeded_sb;
    bool complete;
    bool other_northd;               /* Waiting for another ovn-northd. */
    long long int leave_by;          /* 0: staying. */

    /* nb_cfg on its way to being reported. */
    int64_t pending_nb_cfg;
    uint64_t pending_generation;     /* 0: none. */
    struct progress_v progress;
    long long int report_at;
};

static void
set_process(const struct controller *c)
{
    inc_input_set(&process_table, &(struct process_v) {
        .one = 1,
        .chassis_name = istr_intern(c->chassis_name),
        .hostname = istr_intern(c->hostname),
        .complete = c->complete,
        .leaving = c->leave_by != 0,
    });
    istr_pool_reset();
}

/* What the switch had confirmed in a former life, it has still. */
static void
take_over_progress(struct controller *c)
{
    istr name = bridge_name();
    const struct db_row *row;

    DB_FOR_EACH (row, &vs_bridge_table) {
        const struct vs_bridge *bridge = (const void *) row;
        const char *cfg = vs_bridge_external_ids_get(bridge, "ovn-nb-cfg");
        const char *ts = vs_bridge_external_ids_get(bridge, "ovn-nb-cfg-ts");
        long long int n, msec;

        if (!strcmp(vs_bridge_name(bridge), name.s)
            && cfg && str_to_llong(cfg, 10, &n)
            && ts && str_to_llong(ts, 10, &msec)) {
            c->progress.nb_cfg = n;
            c->progress.nb_cfg_timestamp = msec;
            inc_input_set(&progress_table, &c->progress);
        }
    }
}

/* Takes over what is there from a former life, before anything is computed
 * from it. */
static void
take_over(struct controller *c)
{
    if (!c->seeded_vs) {
        vs_adopt();
        tunnel_seed();
        zones_seed();
        take_over_progress(c);
        c->seeded_vs = true;
    }
    if (!c->seeded_sb && db_has_ever_synced(c->sb)) {
        sb_adopt();
        inc_recompute(c->inc);       /* uuids of our rows may be others. */
        c->seeded_sb = true;
    }
}

/* ---- Settings that are not flows. ---- */

static void
set_probe(struct db *db, const char *option)
{
    const char *s = node_option(option);
    int interval;
    if (s && str_to_int(s, 10, &interval)) {
        db_set_probe_interval(db, interval > 0 ? MAX(interval, 1000) : 0);
    }
}

static void
set_tls(void)
{
    const struct db_row *row;
    DB_FOR_EACH (row, &vs_ssl_table) {
        const struct vs_ssl *ssl = (const void *) row;
        stream_ssl_set_key_and_cert(vs_ssl_private_key(ssl),
                                    vs_ssl_certificate(ssl));
        stream_ssl_set_ca_cert_file(vs_ssl_ca_cert(ssl),
                                    vs_ssl_bootstrap_ca_cert(ssl));
    }
}

/* Points the connections to where the node's configuration says. */
static void
update_remotes(struct controller *c)
{
    const struct config *config = the_config();
    if (!config) {
        return;
    }

    set_tls();
    db_set_remote(c->sb, node_option("ovn-remote"));
    set_probe(c->sb, "ovn-remote-probe-interval");

    const char *bridge_remote = node_option("ovn-bridge-remote");
    char *remote = (bridge_remote
                    ? xstrdup(bridge_remote)
                    : xasprintf("unix:%s/%s.mgmt", ovs_rundir(),
                                config_bridge(config).s));
    ofswitch_set_remote(c->sw, remote);
    punt_set_remote(c->punter, remote);
    free(remote);
    const char *probe = node_option("ovn-bridge-remote-probe-interval");
    int ms;
    ofswitch_set_probe_interval(c->sw, probe && str_to_int(probe, 10, &ms)
                                       ? ms / 1000 : 0);
}

/* Tells the southbound server what to send.  Returns true if that changed. */
static bool
update_conditions(struct controller *c)
{
    struct inc_row *row;
    bool any = false;

    while ((row = inc_touched_pop(&condition_table)) != NULL) {
        const struct condition_v *v = condition_untracked(row);
        bool dead = inc_row_is_dead(row);
        db_set_condition(c->sb, CONST_CAST(struct db_table *, v->of),
                         dead ? NULL : v->json.s);
        if (dead) {
            inc_row_release(row);
        }
        any = true;
    }
    return any;
}

/* ---- Progress. ---- */

/* Reports SB_Global.nb_cfg once the switch has what was computed with it. */
static void
update_progress(struct controller *c, bool stable)
{
    const struct sb_sb_global *global = the_sb_global();
    int64_t nb_cfg = global ? sb_sb_global_nb_cfg(global) : 0;

    /* One at a time, so that many in a row do not put off the report. */
    if (stable && global && nb_cfg != c->progress.nb_cfg
        && !c->pending_generation) {
        c->pending_nb_cfg = nb_cfg;
        c->pending_generation = c->generation;
        c->report_at = time_msec() + c->control.delay_nb_cfg * 1000LL;
    }
    if (c->pending_generation
        && ofswitch_confirmed(c->sw) >= c->pending_generation) {
        if (time_msec() < c->report_at) {
            poll_timer_wait_until(c->report_at);
        } else {
            c->progress.nb_cfg = c->pending_nb_cfg;
            c->progress.nb_cfg_timestamp = time_wall_msec();
            c->pending_generation = 0;
        }
    }
    inc_input_set(&progress_table, &c->progress);
}

/* ---- The loop. ---- */

static void
run_staying(struct controller *c)
{
    bool conditions_changed = update_conditions(c);
    update_remotes(c);
    controller_watch_start(CONTROLLER_INSTALLATION);
    ofswitch_run(c->sw, c->generation);
    controller_watch_stop(CONTROLLER_INSTALLATION);
    db_sink_run(c->vs);

    bool stable = (c->seeded_sb && !conditions_changed
                   && db_is_connected(c->sb)
                   && db_condition_is_current(c->sb)
                   && !inc_is_dirty(c->inc));
    if (c->seeded_sb) {
        db_sink_run(c->sb);
    }
    if (stable && !c->complete) {
        VLOG_INFO("all that concerns this node was received");
        c->complete = true;
        ofswitch_set_complete(c->sw, true);
        /* Nothing else may wake us up to confirm what is there already. */
        poll_immediate_wake();
    }
    set_process(c);
    controller_watch_start(CONTROLLER_SEQNO);
    install_update(c->generation, stable, ofswitch_confirmed(c->sw));
    controller_watch_stop(CONTROLLER_SEQNO);
    update_progress(c, stable);
    istr_pool_reset();
}

static bool
run_leaving(struct controller *c)
{
    db_sink_run(c->vs);
    db_sink_run(c->sb);
    poll_timer_wait_until(c->leave_by);
    if (inc_is_dirty(c->inc)) {
        poll_immediate_wake();
    }
    return (time_msec() >= c->leave_by
            || (!inc_is_dirty(c->inc)
                && (!db_is_connected(c->sb) || db_sink_is_clean(c->sb))
                && (!db_is_connected(c->vs) || db_sink_is_clean(c->vs))));
}

/* Does the node want the same version of ovn-northd, and is that another one?
 * (Reference F46: so that an upgrade of the chassis comes first.) */
static bool
is_other_northd(struct controller *c)
{
    const struct sb_sb_global *global = the_sb_global();
    const char *theirs
        = global ? sb_sb_global_options_get(global, "northd_internal_version")
                 : NULL;
    bool other = (global && node_option_bool("ovn-match-northd-version", false)
                  && (!theirs || strcmp(theirs, OVN_INTERNAL_VERSION)));
    if (other != c->other_northd) {
        c->other_northd = other;
        if (other) {
            VLOG_WARN("ovn-northd's version is \"%s\", ours is \"%s\": "
                      "waiting for the same one", theirs ? theirs : "",
                      OVN_INTERNAL_VERSION);
        } else {
            VLOG_INFO("ovn-northd's version does not stop us any more");
        }
    }
    return other;
}

/* A signal may have the effect of the command "exit" (reference F59). */
static void
follow_signals(struct controller *c)
{
    exit_signals_set_orderly(node_option_bool("ovn-cleanup-on-exit", false));
    if (exit_signals_received() && !c->control.exiting) {
        VLOG_INFO("a signal ends the program: cleaning up");
        c->control.exiting = true;
    }
    exit_signals_wait();
}

/* One turn of the main loop.  Returns true when it is time to exit. */
static bool
run_once(struct controller *c)
{
    db_run(c->vs);
    db_run(c->sb);
    follow_signals(c);
    if (c->control.exiting && c->control.restart) {
        return true;
    }
    if (!db_has_ever_synced(c->vs)) {
        return c->control.exiting;
    }
    if ((c->control.paused || is_other_northd(c)) && !c->control.exiting) {
        return false;
    }
    if (c->control.exiting && !c->leave_by) {
        c->leave_by = time_msec() + LEAVE_TIMEOUT;
        set_process(c);
    }

    take_over(c);
    sb_set_name(chassis_name().s);
    if (c->seeded_sb && !c->leave_by) {
        controller_watch_start(CONTROLLER_PUNTS);
        punt_run(c->punter);
        controller_watch_stop(CONTROLLER_PUNTS);
        bfd_sessions_take(punt_bfd_reports(c->punter));
        punt_wait(c->punter);
    }
    c->generation++;
    controller_watch_start(CONTROLLER_GENERATION);
    inc_run(c->inc);
    if (claims_update_lost()) {
        inc_run(c->inc);
    }
    controller_watch_stop(CONTROLLER_GENERATION);
    controller_watch_lflows(c->inc);
    announcements_post(punt_announcements(c->punter));
    advertisements_post(punt_advertisements(c->punter));
    bfd_sessions_post(punt_bfd_orders(c->punter));
    for (enum used_kind kind = 0; kind < N_USED; kind++) {
        punt_set_use_interval(c->punter, kind, use_interval_msec(kind));
    }
    punt_tell(c->punter);
    if (c->leave_by) {
        return run_leaving(c);
    }
    run_staying(c);
    if (inc_is_dirty(c->inc)) {
        poll_immediate_wake();
    }
    return false;
}

static void
report_memory(const struct controller *c)
{
    memory_run();
    if (memory_should_report()) {
        struct simap usage = SIMAP_INITIALIZER(&usage);
        inc_memory_usage(c->inc, &usage);
        ofswitch_memory_usage(c->sw, &usage);
        memory_report(&usage);
        simap_destroy(&usage);
    }
    memory_wait();
}

static void
controller_start(struct controller *c, const char *ovs_remote)
{
    exit_signals_init();
    vs_use_columns();
    sb_use_columns();
    c->inc = inc_create(&(const struct inc_config) {
        .name = "controller", .tables = controller_tables,
        .indexes = controller_indexes, .rules = controller_rules,
        .n_threads = 1,
    });
    controller_watch_init(c->inc);
    tunnel_names = inc_pool_create(c->inc, "tunnel-name");
    conj_pool = inc_pool_create(c->inc, "conjunction");
    zone_pool = inc_pool_create(c->inc, "zone");

    struct db_options options = { .leader_only = false };
    c->vs = db_create(&vs_class, &options, vs_sinks);
    c->sb = db_create(&sb_class, &options, sb_sinks);
    db_set_remote(c->vs, ovs_remote);
    c->sw = ofswitch_create();
    c->punter = punt_create();
    c->chassis_name = cli_chassis ? xstrdup(cli_chassis)
                                  : read_system_id_override();
    c->hostname = get_hostname();
    c->progress = (struct progress_v) {
        .one = 1, .startup_timestamp = time_wall_msec(),
    };
    set_process(c);
    inc_input_set(&progress_table, &c->progress);
    c->control.inc = c->inc;
    c->control.sb = c->sb;
    c->control.vs = c->vs;
    c->control.sw = c->sw;
    c->control.punter = c->punter;
    control_register(&c->control);
}

static void
controller_stop(struct controller *c)
{
    punt_destroy(c->punter);
    ofswitch_destroy(c->sw);
    db_destroy(c->sb);
    db_destroy(c->vs);
    inc_destroy(c->inc);
    install_exit();
    sb_exit();
    symtab_exit();
    free(c->chassis_name);
    free(c->hostname);
    free(cli_chassis);
    free(unixctl_path);
}

int
main(int argc, char *argv[])
{
    ovs_cmdl_proctitle_init(argc, argv);
    ovn_tune_allocator();
    ovn_set_program_name(argv[0]);
    service_start(&argc, &argv);
    char *ovs_remote = parse_options(argc, argv);
    fatal_ignore_sigpipe();
    daemonize_start(true);

    struct unixctl_server *server;
    if (ovn_unixctl_server_create(unixctl_path, &server)) {
        exit(EXIT_FAILURE);
    }

    struct controller c = { .generation = 0 };
    controller_start(&c, ovs_remote);
    free(ovs_remote);
    daemonize_complete();

    for (;;) {
        if (run_once(&c)) {
            break;
        }
        unixctl_server_run(server);
        report_memory(&c);           /* Answers "memory/show", too. */
        if (c.control.exiting && !c.leave_by) {
            poll_immediate_wake();   /* The command came in this turn. */
        }
        db_wait(c.vs);
        db_wait(c.sb);
        ofswitch_wait(c.sw);
        unixctl_server_wait(server);
        poll_block();
        if (should_service_stop()) {
            break;
        }
    }

    unixctl_server_destroy(server);
    controller_stop(&c);
    service_stop();
    return 0;
}
