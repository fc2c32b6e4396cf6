/* "test-ovn db-daemon": a daemon with a tiny engine between what unixctl
 * commands say and a database of the schema db-test.ovsschema. */
#include "test-ovn.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>

#include "daemon.h"
#include "fatal-signal.h"
#include "lib/db/db.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "simap.h"
#include "test-db.h"
#include "unixctl.h"
#include "uuid.h"

static struct db *db;
static struct inc *inc;
static bool exiting;
static bool hold;               /* Do not run rules yet. */

static istr
parse_set(const char *value)
{
    char *copy = xstrdup(value), *save = NULL;
    struct db_set *set = db_set_start();

    for (char *p = strtok_r(copy, ",", &save); p;
         p = strtok_r(NULL, ",", &save)) {
        db_set_str(set, p);
    }
    free(copy);
    return db_set_finish(set);
}

static istr
parse_map(const char *value)
{
    char *copy = xstrdup(value), *save = NULL;
    struct db_map *map = db_map_start();

    for (char *p = strtok_r(copy, ",", &save); p;
         p = strtok_r(NULL, ",", &save)) {
        char *v = strchr(p, '=');
        if (v) {
            *v++ = '\0';
            db_map_put(map, p, v);
        }
    }
    free(copy);
    return db_map_finish(map);
}

/* Names of items, as references to them. */
static istr
parse_peers(const char *value)
{
    char *copy = xstrdup(value), *save = NULL;
    struct db_set *set = db_set_start();

    for (char *p = strtok_r(copy, ",", &save); p;
         p = strtok_r(NULL, ",", &save)) {
        struct uuid uuid = db_uuid_for(&dt_item_table, "%s", p);
        db_set_uuid(set, &uuid);
    }
    free(copy);
    return db_set_finish(set);
}

/* Applies "key=value" to 'v'. */
static void
parse_arg(struct intent_v *v, const char *arg)
{
    const char *value = strchr(arg, '=');
    size_t n = value ? value - arg : 0;

    ovs_assert(value);
    value++;
#define IS(KEY) (n == strlen(KEY) && !strncmp(arg, KEY, n))
    if (IS("n")) {
        v->n = atoi(value);
    } else if (IS("up")) {
        v->up = !strcmp(value, "true");
    } else if (IS("note")) {
        v->note = istr_intern(value);
    } else if (IS("tags")) {
        v->tags = parse_set(value);
    } else if (IS("options")) {
        v->options = parse_map(value);
    } else if (IS("peers")) {
        v->peers = parse_peers(value);
    } else if (IS("text")) {
        v->text = istr_intern(value);
    } else if (IS("team")) {
        v->team = istr_intern(value);
    } else if (IS("holder")) {
        v->holder = istr_intern(value);
    } else if (IS("status")) {
        v->status = istr_intern(value);
    } else {
        ovs_fatal(0, "bad argument %s", arg);
    }
}

static struct intent_v
default_intent(const char *name)
{
    return (struct intent_v) {
        .name = istr_intern(name),
        .tags = istr_intern(DB_EMPTY_SET),
        .options = istr_intern(DB_EMPTY_MAP),
        .peers = istr_intern(DB_EMPTY_SET),
        .text = istr_intern(""),
    };
}

static void
set_cb(struct unixctl_conn *conn, int argc, const char *argv[],
       void *aux OVS_UNUSED)
{
    struct intent_v v = default_intent(argv[1]);
    for (int i = 2; i < argc; i++) {
        parse_arg(&v, argv[i]);
    }
    inc_input_set(&intent_table, &v);
    unixctl_command_reply(conn, NULL);
}

/* fill N ARG...: N items "i0", "i1"... */
static void
fill_cb(struct unixctl_conn *conn, int argc, const char *argv[],
        void *aux OVS_UNUSED)
{
    for (int i = 0; i < atoi(argv[1]); i++) {
        char *name = xasprintf("i%d", i);
        struct intent_v v = default_intent(name);
        for (int j = 2; j < argc; j++) {
            parse_arg(&v, argv[j]);
        }
        inc_input_set(&intent_table, &v);
        free(name);
    }
    unixctl_command_reply(conn, NULL);
}

static void
unset_cb(struct unixctl_conn *conn, int argc, const char *argv[],
         void *aux OVS_UNUSED)
{
    for (int i = 1; i < argc; i++) {
        struct intent_v v = default_intent(argv[i]);
        inc_input_unset(&intent_table, &v);
    }
    unixctl_command_reply(conn, NULL);
}

/* What has been written so far. */
static void
stats_cb(struct unixctl_conn *conn, int argc OVS_UNUSED,
         const char *argv[] OVS_UNUSED, void *aux OVS_UNUSED)
{
    struct db_stats s;
    db_stats_get(db, NULL, &s);
    char *reply = xasprintf("txns=%"PRIu64" failed=%"PRIu64" inserted=%"PRIu64
                            " updated=%"PRIu64" deleted=%"PRIu64,
                            s.txns, s.failed, s.inserted, s.updated,
                            s.deleted);
    unixctl_command_reply(conn, reply);
    free(reply);
}

static void
runs_cb(struct unixctl_conn *conn, int argc OVS_UNUSED, const char *argv[],
        void *aux OVS_UNUSED)
{
    struct inc_rule_stats stats;
    inc_rule_stats_get(inc, argv[1], &stats);
    char *reply = xasprintf("%"PRIu64, stats.runs);
    unixctl_command_reply(conn, reply);
    free(reply);
}

/* Words that are true of the state. */
static void
state_cb(struct unixctl_conn *conn, int argc OVS_UNUSED,
         const char *argv[] OVS_UNUSED, void *aux OVS_UNUSED)
{
    char *reply = xasprintf("%s%s%s%s%s%s",
                            db_is_connected(db) ? "connected " : "",
                            db_has_lock(db) ? "locked " : "",
                            db_is_lock_contended(db) ? "contended " : "",
                            db_sink_is_settled(db) && !inc_is_dirty(inc)
                            ? "settled " : "",
                            db_sink_is_clean(db) && !inc_is_dirty(inc)
                            ? "clean " : "",
                            db_condition_is_current(db) ? "current " : "");
    unixctl_command_reply(conn, reply);
    free(reply);
}

/* config NAME: the value of a row of the mirror. */
static void
config_cb(struct unixctl_conn *conn, int argc OVS_UNUSED, const char *argv[],
          void *aux OVS_UNUSED)
{
    const struct db_row *row;

    DB_FOR_EACH (row, &dt_config_table) {
        const struct dt_config *c = (const void *) row;
        if (!strcmp(dt_config_name(c), argv[1])) {
            unixctl_command_reply(conn, dt_config_value(c));
            return;
        }
    }
    unixctl_command_reply_error(conn, "no such row");
}

static void
condition_cb(struct unixctl_conn *conn, int argc, const char *argv[],
             void *aux OVS_UNUSED)
{
    db_set_condition(db, &dt_config_table, argc > 1 ? argv[1] : NULL);
    unixctl_command_reply(conn, NULL);
}

static void
remote_cb(struct unixctl_conn *conn, int argc OVS_UNUSED, const char *argv[],
          void *aux OVS_UNUSED)
{
    db_set_remote(db, argv[1]);
    unixctl_command_reply(conn, NULL);
}

static void
go_cb(struct unixctl_conn *conn, int argc OVS_UNUSED,
      const char *argv[] OVS_UNUSED, void *aux OVS_UNUSED)
{
    hold = false;
    unixctl_command_reply(conn, NULL);
}

static void
exit_cb(struct unixctl_conn *conn, int argc OVS_UNUSED,
        const char *argv[] OVS_UNUSED, void *aux OVS_UNUSED)
{
    exiting = true;
    unixctl_command_reply(conn, NULL);
}

static void
register_commands(void)
{
    unixctl_command_register("exit", "", 0, 0, exit_cb, NULL);
    unixctl_command_register("set", "", 1, 100, set_cb, NULL);
    unixctl_command_register("unset", "", 1, 100, unset_cb, NULL);
    unixctl_command_register("fill", "", 1, 100, fill_cb, NULL);
    unixctl_command_register("go", "", 0, 0, go_cb, NULL);
    unixctl_command_register("stats", "", 0, 0, stats_cb, NULL);
    unixctl_command_register("runs", "", 1, 1, runs_cb, NULL);
    unixctl_command_register("state", "", 0, 0, state_cb, NULL);
    unixctl_command_register("config", "", 1, 1, config_cb, NULL);
    unixctl_command_register("condition", "", 0, 1, condition_cb, NULL);
    unixctl_command_register("remote", "", 1, 1, remote_cb, NULL);
    inc_unixctl_register(inc);
    db_unixctl_register(db, "test");
}

static bool
item_key(const struct db_row *row, struct ds *ds)
{
    ds_put_cstr(ds, dt_item_name((const void *) row));
    return true;
}

enum { OPT_REMOTE = 1000, OPT_LOCK, OPT_DRY_RUN, OPT_HOLD, OPT_UNIXCTL,
       OPT_CONDITION, VLOG_OPTION_ENUMS, DAEMON_OPTION_ENUMS };

struct test_args {
    struct db_options options;
    const char *remote, *unixctl, *condition;
};

static void
parse_options(int argc, char *argv[], struct test_args *args)
{
    static const struct option long_options[] = {
        { "remote", required_argument, NULL, OPT_REMOTE },
        { "lock", required_argument, NULL, OPT_LOCK },
        { "dry-run", no_argument, NULL, OPT_DRY_RUN },
        { "hold", no_argument, NULL, OPT_HOLD },
        { "unixctl", required_argument, NULL, OPT_UNIXCTL },
        { "condition", required_argument, NULL, OPT_CONDITION },
        VLOG_LONG_OPTIONS,
        DAEMON_LONG_OPTIONS,
        { NULL, 0, NULL, 0 },
    };
    int c;

    while ((c = getopt_long(argc, argv, "v:", long_options, NULL)) != -1) {
        switch (c) {
        case OPT_REMOTE: args->remote = optarg; break;
        case OPT_LOCK: args->options.lock = optarg; break;
        case OPT_DRY_RUN: args->options.dry_run = true; break;
        case OPT_HOLD: hold = true; break;
        case OPT_UNIXCTL: args->unixctl = optarg; break;
        case OPT_CONDITION: args->condition = optarg; break;
        VLOG_OPTION_HANDLERS
        DAEMON_OPTION_HANDLERS
        default: exit(EXIT_FAILURE);
        }
    }
}

/* Arguments: --remote, --lock, --dry-run, --condition, --hold (until the
 * command "go"), and those of any daemon. */
static void
test_db_daemon(struct ovs_cmdl_context *ctx)
{
    struct test_args args = { .remote = "unix:db.sock",
                              .options.leader_only = true };
    struct unixctl_server *unixctl;
    bool ready = false;

    parse_options(ctx->argc, ctx->argv, &args);
    daemonize_start(false);
    int error = unixctl_server_create(args.unixctl, &unixctl);
    if (error) {
        exit(EXIT_FAILURE);
    }

    db_use_columns(&dt_config_table, "name", "value", "unread", NULL);
    db_use_columns(&dt_holder_table, "name", "parts", NULL);
    inc = inc_create(&test_db_config);
    db = db_create(&dt_class, &args.options, test_db_sinks);
    if (args.condition) {
        db_set_condition(db, &dt_config_table, args.condition);
    }
    db_set_remote(db, args.remote);
    register_commands();
    daemonize_complete();

    while (!exiting) {
        db_run(db);
        unixctl_server_run(unixctl);
        if (db_has_ever_synced(db) && !hold) {
            if (!ready) {
                ready = true;
                db_adopt(&dt_item_table, item_key);
            }
            inc_run(inc);
            db_sink_run(db);
        }
        db_wait(db);
        if (ready && inc_is_dirty(inc)) {
            poll_immediate_wake();
        }
        unixctl_server_wait(unixctl);
        if (exiting) {
            poll_immediate_wake();
        }
        poll_block();
    }
    db_destroy(db);
    inc_destroy(inc);
    unixctl_server_destroy(unixctl);
}

OVSTEST_REGISTER("db-daemon", test_db_daemon);
