/* "test-ovn punt-daemon": the punt thread between a switch and a southbound
 * database, with an engine that knows of learned MACs only. */
#include "test-ovn.h"

#include <getopt.h>
#include <stdlib.h>

#include "controller/model/binding.h"
#include "controller/out/sb.h"
#include "controller/punt/ages.h"
#include "controller/punt/learned.h"
#include "controller/punt/neighbors.h"
#include "controller/punt/thread.h"
#include "daemon.h"
#include "lib/db/db.h"
#include "lib/table/sb-table.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "unixctl.h"

INC_TABLE_DEFINE(sb_learned_fdb, SB_LEARNED_FDB_FIELDS, .kind = INC_OUTPUT);
INC_TABLE_DEFINE(sb_learned_mac, SB_LEARNED_MAC_FIELDS, .kind = INC_OUTPUT);

static void
pb_name_key(const void *pb, struct inc_keys *keys)
{
    const char *name = sb_port_binding_logical_port(pb);
    inc_keys_add(keys, name, strlen(name));
}
struct inc_index pb_by_name = {
    .name = "pb_by_name", .table = &sb_port_binding_table.inc,
    .keys = pb_name_key, .mask = INC_COL(SB_PORT_BINDING_COL_LOGICAL_PORT),
};

static struct inc_table *const tables[] = {
    SB_INC_TABLES, &learned_fdb_table, &sb_learned_fdb_table,
    &learned_mac_table, &awaited_table, &resolved_table,
    &use_interval_table,
    &sb_learned_mac_table, NULL,
};
static struct inc_index *const indexes[] = {
    &sb_fdb_by_uuid, &sb_fdb_by_mac, &sb_fdb_by_port, &sb_datapath_by_key,
    &pb_by_key, &pb_by_name, &sb_mac_binding_by_ip, &sb_mac_binding_by_port,
    &sb_static_mac_binding_by_ip, &learned_mac_index,
    &sb_datapath_binding_by_uuid, NULL,
};
static const struct inc_rule *const rules[] = {
    &learned_fdbs, &learned_macs, &resolved_neighbors, &use_intervals, NULL
};

#define COL(T, NAME) { .column = #NAME, .field = T##__C_##NAME }
static const struct db_sink_column columns[] = {
    COL(sb_learned_fdb, mac), COL(sb_learned_fdb, dp_key),
    COL(sb_learned_fdb, port_key), COL(sb_learned_fdb, timestamp),
};
static const struct db_sink_column mac_columns[] = {
    COL(sb_learned_mac, logical_port), COL(sb_learned_mac, ip),
    COL(sb_learned_mac, mac), COL(sb_learned_mac, timestamp),
    COL(sb_learned_mac, datapath),
};
static const struct db_sink sinks[] = {
    { .out = &sb_learned_fdb_table, .table = &sb_fdb_table,
      .columns = columns, .n_columns = ARRAY_SIZE(columns), .keep = true },
    { .out = &sb_learned_mac_table, .table = &sb_mac_binding_table,
      .columns = mac_columns, .n_columns = ARRAY_SIZE(mac_columns),
      .keep = true },
    { .out = NULL },
};

static bool exiting;

static void
exit_cb(struct unixctl_conn *conn, int argc OVS_UNUSED,
        const char *argv[] OVS_UNUSED, void *aux OVS_UNUSED)
{
    exiting = true;
    unixctl_command_reply(conn, NULL);
}

static void
switch_cb(struct unixctl_conn *conn, int argc, const char *argv[],
          void *punter)
{
    punt_set_remote(punter, argc > 1 ? argv[1] : NULL);
    unixctl_command_reply(conn, NULL);
}

struct args {
    const char *sb, *unixctl;
};

static void
parse_options(int argc, char *argv[], struct args *args)
{
    enum { OPT_SB = 1000, OPT_UNIXCTL, VLOG_OPTION_ENUMS,
           DAEMON_OPTION_ENUMS };
    static const struct option long_options[] = {
        { "sb", required_argument, NULL, OPT_SB },
        { "unixctl", required_argument, NULL, OPT_UNIXCTL },
        VLOG_LONG_OPTIONS,
        DAEMON_LONG_OPTIONS,
        { NULL, 0, NULL, 0 },
    };
    int c;

    while ((c = getopt_long(argc, argv, "v:", long_options, NULL)) != -1) {
        switch (c) {
        case OPT_SB: args->sb = optarg; break;
        case OPT_UNIXCTL: args->unixctl = optarg; break;
        VLOG_OPTION_HANDLERS
        DAEMON_OPTION_HANDLERS
        default: exit(EXIT_FAILURE);
        }
    }
}

/* Arguments: --sb, and those of any daemon.  Commands: exit, switch [REMOTE],
 * punt/show, and those of the engine and the database. */
static void
test_punt_daemon(struct ovs_cmdl_context *ctx)
{
    struct args args = { .sb = NULL };
    struct db_options options = { .leader_only = true };
    const struct inc_config config = {
        .name = "punt", .tables = tables, .indexes = indexes,
        .rules = rules, .n_threads = 1,
    };
    struct unixctl_server *unixctl;

    parse_options(ctx->argc, ctx->argv, &args);
    db_use_columns(&sb_datapath_binding_table, "tunnel_key",
                   "external_ids", NULL);
    db_use_columns(&sb_port_binding_table, "logical_port", "type", "datapath",
                   "tunnel_key", "options", NULL);
    db_use_columns(&sb_static_mac_binding_table, "logical_port", "ip", "mac",
                   "override_dynamic_mac", "datapath", NULL);
    daemonize_start(false);
    if (unixctl_server_create(args.unixctl, &unixctl)) {
        exit(EXIT_FAILURE);
    }
    struct inc *inc = inc_create(&config);
    struct db *db = db_create(&sb_class, &options, sinks);
    struct punter *punter = punt_create();
    db_set_remote(db, args.sb);
    unixctl_command_register("exit", "", 0, 0, exit_cb, NULL);
    unixctl_command_register("switch", "[REMOTE]", 0, 1, switch_cb, punter);
    inc_unixctl_register(inc);
    db_unixctl_register(db, "sb");
    daemonize_complete();

    while (!exiting) {
        db_run(db);
        unixctl_server_run(unixctl);
        if (db_has_ever_synced(db)) {
            punt_run(punter);
            punt_wait(punter);
            inc_run(inc);
            for (enum used_kind kind = 0; kind < N_USED; kind++) {
                punt_set_use_interval(punter, kind, use_interval_msec(kind));
            }
            punt_tell(punter);
            db_sink_run(db);
        }
        db_wait(db);
        unixctl_server_wait(unixctl);
        if (inc_is_dirty(inc) || exiting) {
            poll_immediate_wake();
        }
        poll_block();
    }
    punt_destroy(punter);
    db_destroy(db);
    inc_destroy(inc);
    unixctl_server_destroy(unixctl);
}
OVSTEST_REGISTER("punt-daemon", test_punt_daemon);
