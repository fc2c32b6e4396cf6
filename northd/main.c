/* ovn-northd: compiles the northbound database into the southbound one. */
#include <config.h>

#include <getopt.h>
#include <limits.h>
#include <stdlib.h>

#include "command-line.h"
#include "daemon.h"
#include "fatal-signal.h"
#include "lib/db/db.h"
#include "lib/ovn-daemon.h"
#include "lib/ovn-dirs.h"
#include "lib/ovn-unixctl.h"
#include "lib/ovn-version.h"
#include "lib/ovn-nb-idl.h"
#include "lib/ovn-options.h"
#include "lib/ovn-sb-idl.h"
#include "lib/text/symtab.h"
#include "memory.h"
#include "northd/control.h"
#include "northd/feature.h"
#include "northd/model/bfd.h"
#include "northd/model/aging.h"
#include "northd/model/config.h"
#include "northd/model/datapath.h"
#include "northd/model/port.h"
#include "northd/model/progress.h"
#include "northd/model/tag.h"
#include "northd/out/nb.h"
#include "northd/out/sb.h"
#include "northd/rules.h"
#include "northd/watch.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "simap.h"
#include "stream.h"
#include "stream-ssl.h"
#include "timeval.h"
#include "unixctl.h"

VLOG_DEFINE_THIS_MODULE(ovn_northd);

static const char *nb_remote, *sb_remote, *unixctl_path;
static bool start_paused;
static unsigned int n_threads = 1;

OVS_NO_RETURN static void
usage(void)
{
    printf("%s: OVN northbound management daemon\n"
           "usage: %s [OPTIONS]\n\n"
           "Options:\n"
           "  --ovnnb-db=DATABASE       connect to ovn-nb database at "
           "DATABASE\n"
           "                            (default: %s)\n"
           "  --ovnsb-db=DATABASE       connect to ovn-sb database at "
           "DATABASE\n"
           "                            (default: %s)\n"
           "  --dry-run                 start in paused state (do not commit "
           "db changes)\n"
           "  --n-threads=N             use N threads to compute, 1 to 256\n"
           "                            (default: 1)\n"
           "  --dump-inc-proc-graph[=RULE]\n"
           "                            print the rules, or those up to "
           "RULE, as a\n"
           "                            graph in DOT and exit\n"
           "  --unixctl=SOCKET          override default control socket "
           "name\n"
           "  -h, --help                display this help message\n"
           "  -o, --options             list available options\n"
           "  -V, --version             display version information\n",
           program_name, program_name, default_nb_db(), default_sb_db());
    stream_usage("database", true, true, false);
    daemon_usage();
    vlog_usage();
    exit(EXIT_SUCCESS);
}

/* Parses --n-threads; out of range values are moved into it. */
static unsigned int
parse_n_threads(const char *s)
{
    int n;

    if (!str_to_int(s, 10, &n)) {
        ovs_fatal(0, "--n-threads=%s: not a number", s);
    }
    if (n < 1 || n > MAX_THREADS) {
        VLOG_WARN("--n-threads=%d is not between 1 and %d; using %d", n,
                  MAX_THREADS, n < 1 ? 1 : MAX_THREADS);
    }
    return n < 1 ? 1 : n > MAX_THREADS ? MAX_THREADS : n;
}

static void
parse_options(int argc, char *argv[])
{
    enum {
        OPT_NB = UCHAR_MAX + 1, OPT_SB, OPT_UNIXCTL, OPT_DRY_RUN,
        OPT_N_THREADS, OPT_DUMP_GRAPH,
        DAEMON_OPTION_ENUMS,
        VLOG_OPTION_ENUMS,
        SSL_OPTION_ENUMS,
    };
    static const struct option long_options[] = {
        { "ovnnb-db", required_argument, NULL, OPT_NB },
        { "ovnsb-db", required_argument, NULL, OPT_SB },
        { "unixctl", required_argument, NULL, OPT_UNIXCTL },
        { "dry-run", no_argument, NULL, OPT_DRY_RUN },
        { "n-threads", required_argument, NULL, OPT_N_THREADS },
        { "dump-inc-proc-graph", optional_argument, NULL, OPT_DUMP_GRAPH },
        { "help", no_argument, NULL, 'h' },
        { "options", no_argument, NULL, 'o' },
        { "version", no_argument, NULL, 'V' },
        DAEMON_LONG_OPTIONS,
        VLOG_LONG_OPTIONS,
        STREAM_SSL_LONG_OPTIONS,
        { NULL, 0, NULL, 0 },
    };

    int c;
    while ((c = ovn_getopt(argc, argv, long_options)) != -1) {
        switch (c) {
        OVN_DAEMON_OPTION_HANDLERS
        VLOG_OPTION_HANDLERS;
        STREAM_SSL_OPTION_HANDLERS;
        case OPT_NB:
            nb_remote = optarg;
            break;
        case OPT_SB:
            sb_remote = optarg;
            break;
        case OPT_UNIXCTL:
            unixctl_path = optarg;
            break;
        case OPT_DRY_RUN:
            start_paused = true;
            break;
        case OPT_DUMP_GRAPH:
            inc_print_graph(northd_rules, optarg);
            exit(EXIT_SUCCESS);
        case OPT_N_THREADS:
            n_threads = parse_n_threads(optarg);
            break;
        case 'h':
            usage();
        case 'V':
            ovn_print_version(0, 0);
            ovn_print_db_version(NULL, sbrec_get_db_version());
            exit(EXIT_SUCCESS);
        default:
            OVS_NOT_REACHED();
        }
    }
    if (optind < argc) {
        ovs_fatal(0, "unexpected argument \"%s\"; use --help for usage",
                  argv[optind]);
    }
    if (!nb_remote) {
        nb_remote = default_nb_db();
    }
    if (!sb_remote) {
        sb_remote = default_sb_db();
    }
}

/* ---- One engine's life. ---- */

static struct inc *
create_engine(void)
{
    struct inc *inc = inc_create(&(const struct inc_config) {
        .name = "northd", .tables = northd_tables,
        .indexes = northd_indexes, .rules = northd_rules,
        .n_threads = n_threads,
    });
    datapath_keys = inc_pool_create(inc, "datapath-key");
    port_keys = inc_pool_create(inc, "port-key");
    tag_pool = inc_pool_create(inc, "tag");
    bfd_ports = inc_pool_create(inc, "bfd-port");
    bfd_discs = inc_pool_create(inc, "bfd-discriminator");
    return inc;
}

/* Before rules run for the first time, and each time that another northd may
 * have written the southbound database since: takes over what it holds. */
static void
take_over(void)
{
    sb_adopt();
    datapath_seed();
    port_seed();
    tag_seed();
    bfd_seed();
}

/* Reports how far configurations have come.  SB_Global.nb_cfg comes back to us
 * from the database, which wrote it in the same transaction as everything that
 * was computed with it. */
static void
update_progress(void)
{
    static struct progress_v p = { .one = 1 };
    static int64_t last_nb_cfg = -1;
    const struct nb_nb_global *nb = the_nb_global();
    const struct sb_sb_global *sb = NULL;
    const struct db_row *row;
    DB_FOR_EACH (row, &sb_sb_global_table) {
        sb = (const struct sb_sb_global *) row;
    }

    if (!nb) {
        p.nb_cfg_timestamp = p.sb_cfg = p.sb_cfg_timestamp = 0;
    } else {
        int64_t nb_cfg = nb_nb_global_nb_cfg(nb);
        int64_t sb_cfg = sb ? sb_sb_global_nb_cfg(sb) : 0;

        if (last_nb_cfg < 0) {
            /* What a former northd reported stands. */
            p.nb_cfg_timestamp = nb_nb_global_nb_cfg_timestamp(nb);
            p.sb_cfg_timestamp = nb_nb_global_sb_cfg_timestamp(nb);
            p.sb_cfg = nb_nb_global_sb_cfg(nb);
        }
        if (nb_cfg != last_nb_cfg && nb_cfg != p.sb_cfg) {
            p.nb_cfg_timestamp = time_wall_msec();
        }
        if (sb_cfg != p.sb_cfg) {
            p.sb_cfg = sb_cfg;
            p.sb_cfg_timestamp = time_wall_msec();
        }
        last_nb_cfg = nb_cfg;
    }
    inc_input_set(&progress_table, &p);
}

static void
update_probe_interval(struct db *nb, struct db *sb)
{
    const struct nb_nb_global *global = the_nb_global();
    const char *s = (global ? nb_nb_global_options_get(
                                  global, "northd_probe_interval")
                            : NULL);
    int interval = -1;

    if (s && str_to_int(s, 10, &interval) && interval > 0) {
        interval = MAX(interval, 1000);
    }
    db_set_probe_interval(nb, interval);
    db_set_probe_interval(sb, interval);
}

/* Before this time changes are collected but not acted on. */
static long long int next_run;

/* The CMS may want northd to pause after each run as long as the run took, up
 * to so many milliseconds, so that more changes come together. */
static long long int
backoff_interval(void)
{
    const struct nb_nb_global *global = the_nb_global();
    const char *s = (global ? nb_nb_global_options_get(
                                  global, "northd-backoff-interval-ms")
                            : NULL);
    int interval;
    return s && str_to_int(s, 10, &interval) ? MAX(interval, 0) : 0;
}

/* One turn of the main loop while this northd is the active one; 'took_over'
 * says whether it was before. */
static void
run_active(struct inc *inc, struct db *nb, struct db *sb, bool took_over)
{
    if (!took_over) {
        VLOG_INFO("ovn-northd lock acquired. This ovn-northd instance is now "
                  "active.");
        inc_pools_reset(inc);
        take_over();
    }
    update_progress();
    aging_run();
    if (!took_over || time_msec() >= next_run) {
        long long int start = time_msec();
        inc_run(inc);
        next_run = time_msec() + MIN(time_msec() - start, backoff_interval());
    }
    update_probe_interval(nb, sb);
    northd_watch_start(NORTHD_TO_SB);
    db_sink_run(sb);
    northd_watch_stop(NORTHD_TO_SB);
    db_sink_run(nb);
}

static void
report_memory(const struct inc *inc)
{
    if (memory_should_report()) {
        struct simap usage = SIMAP_INITIALIZER(&usage);
        inc_memory_usage(inc, &usage);
        memory_report(&usage);
        simap_destroy(&usage);
    }
}

static void
loop(struct northd_control *control, struct inc *inc, struct db *nb,
     struct db *sb, struct unixctl_server *server)
{
    bool was_active = false, took_over = false;

    while (!control->exiting) {
        memory_run();
        report_memory(inc);
        northd_watch_start(NORTHD_LOOP);

        db_set_lock(sb, control->paused ? NULL : "ovn_northd");
        northd_watch_start(NORTHD_NB_RUN);
        db_run(nb);
        northd_watch_stop(NORTHD_NB_RUN);
        northd_watch_start(NORTHD_SB_RUN);
        db_run(sb);
        northd_watch_stop(NORTHD_SB_RUN);
        control->active = (!control->paused && db_has_lock(sb));
        if (control->active && db_is_connected(nb) && db_is_connected(sb)) {
            run_active(inc, nb, sb, took_over);
            took_over = true;
        } else if (was_active && !control->active) {
            VLOG_INFO("ovn-northd lock lost or given up. This ovn-northd "
                      "instance is now on standby.");
        }
        was_active = control->active;
        took_over = took_over && was_active;

        northd_watch_stop(NORTHD_LOOP);
        unixctl_server_run(server);
        db_wait(nb);
        db_wait(sb);
        unixctl_server_wait(server);
        memory_wait();
        if (control->exiting) {
            poll_immediate_wake();
        } else if (control->active && inc_is_dirty(inc)
                   && db_is_connected(nb) && db_is_connected(sb)) {
            poll_timer_wait_until(next_run);
        } else if (control->active && took_over) {
            aging_wait();
        }
        poll_block();
        if (should_service_stop()) {
            control->exiting = true;
        }
    }
}

int
main(int argc, char *argv[])
{
    ovs_cmdl_proctitle_init(argc, argv);
    ovn_tune_allocator();
    ovn_set_program_name(argv[0]);
    service_start(&argc, &argv);
    parse_options(argc, argv);
    fatal_ignore_sigpipe();

    daemonize_start(false);

    struct unixctl_server *server;
    if (ovn_unixctl_server_create(unixctl_path, &server)) {
        exit(EXIT_FAILURE);
    }

    config_init();
    nb_use_columns();
    sb_use_columns();
    struct inc *inc = create_engine();
    northd_watch_init(inc);
    struct db_options nb_options = { .leader_only = true };
    struct db *nb = db_create(&nb_class, &nb_options, nb_sinks);
    struct db_options sb_options = { .leader_only = true };
    struct db *sb = db_create(&sb_class, &sb_options, sb_sinks);
    db_set_remote(nb, nb_remote);
    db_set_remote(sb, sb_remote);

    struct northd_control control = {
        .paused = start_paused, .n_threads = n_threads,
    };
    northd_control_register(&control, inc, nb, sb);
    daemonize_complete();

    loop(&control, inc, nb, sb, server);

    unixctl_server_destroy(server);
    db_destroy(nb);
    db_destroy(sb);
    inc_destroy(inc);
    aging_destroy();
    symtab_exit();
    service_stop();
    return 0;
}
