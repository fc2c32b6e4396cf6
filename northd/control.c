#include <config.h>
#include "northd/control.h"

#include "lib/db/db.h"
#include "lib/inc/inc-table.h"
#include "lib/table/sb-table.h"
#include "northd/model/config.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "unixctl.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(northd_control);

#define COMMAND(NAME)                                                   \
    static void                                                         \
    NAME(struct unixctl_conn *conn, int argc OVS_UNUSED,                \
         const char *argv[] OVS_UNUSED, void *control_)

COMMAND(command_exit)
{
    struct northd_control *control = control_;
    control->exiting = true;
    poll_immediate_wake();
    unixctl_command_reply(conn, NULL);
}

COMMAND(command_pause)
{
    struct northd_control *control = control_;
    control->paused = true;
    poll_immediate_wake();
    unixctl_command_reply(conn, NULL);
}

COMMAND(command_resume)
{
    struct northd_control *control = control_;
    control->paused = false;
    poll_immediate_wake();
    unixctl_command_reply(conn, NULL);
}

COMMAND(command_is_paused)
{
    const struct northd_control *control = control_;
    unixctl_command_reply(conn, control->paused ? "true" : "false");
}

COMMAND(command_status)
{
    const struct northd_control *control = control_;
    unixctl_command_reply(conn, control->paused ? "Status: paused"
                                : control->active ? "Status: active"
                                : "Status: standby");
}

static void
reply_connection(struct unixctl_conn *conn, const struct db *db)
{
    unixctl_command_reply(conn, db_is_connected(db) ? "connected"
                                                    : "not connected");
}

COMMAND(command_nb_status)
{
    const struct northd_control *control = control_;
    reply_connection(conn, control->nb);
}

COMMAND(command_sb_status)
{
    const struct northd_control *control = control_;
    reply_connection(conn, control->sb);
}

COMMAND(command_nb_reset)
{
    const struct northd_control *control = control_;
    VLOG_INFO("forgetting the northbound cluster's index");
    db_reset_min_index(control->nb);
    unixctl_command_reply(conn, NULL);
}

COMMAND(command_sb_reset)
{
    const struct northd_control *control = control_;
    VLOG_INFO("forgetting the southbound cluster's index");
    db_reset_min_index(control->sb);
    unixctl_command_reply(conn, NULL);
}

static void
command_set_threads(struct unixctl_conn *conn, int argc OVS_UNUSED,
                    const char *argv[], void *control_)
{
    struct northd_control *control = control_;
    int n;

    if (!str_to_int(argv[1], 10, &n) || n < 1 || n > MAX_THREADS) {
        char *error = xasprintf("invalid n_threads: %s (expected 1 to %d)",
                                argv[1], MAX_THREADS);
        unixctl_command_reply_error(conn, error);
        free(error);
        return;
    }
    control->n_threads = n;
    inc_set_n_threads(control->inc, n);
    unixctl_command_reply(conn, NULL);
}

COMMAND(command_get_threads)
{
    const struct northd_control *control = control_;
    char *reply = xasprintf("%u", control->n_threads);
    unixctl_command_reply(conn, reply);
    free(reply);
}

/* What chassis say in other_config that they can.  Those that are not part of
 * this deployment do not count, nor does any if that is to be ignored. */
COMMAND(command_chassis_features)
{
    static const char *const features[] = {
        "ct-no-masked-label", "ovn-ct-lb-related", "mac-binding-timestamp",
        "fdb-timestamp", "ls-dpg-column", "ct-commit-nat-v2",
        "ct-commit-to-zone", "ovn-sample-with-registers", "ct-next-zone",
        "ct-label-flush", "ct-state-save",
    };
    const struct config *global = the_config();
    bool ignore = global && config_ignore_chassis_features(global);
    struct ds s = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < ARRAY_SIZE(features); i++) {
        const char *name = features[i] + 4 * !strncmp(features[i], "ovn-", 4);
        const struct sb_chassis *chassis;
        bool all = true;

        INC_FOR_EACH (chassis, &sb_chassis_table.inc) {
            const struct ovsdb_datum *config
                = sb_chassis_other_config(chassis);
            all = all && (db_map_get_bool(config, "is-remote", false)
                          || db_map_get_bool(config, features[i], false));
        }

        size_t start = s.length;
        ds_put_format(&s, "%s:", name);
        for (char *p = ds_cstr(&s) + start; *p; p++) {
            *p = *p == '-' ? '_' : *p;
        }
        ds_put_char_multiple(&s, ' ', 23 - MIN(22, s.length - start));
        ds_put_format(&s, "%s\n", all || ignore ? "true" : "false");
    }
    unixctl_command_reply(conn, ds_cstr(&s));
    ds_destroy(&s);
}

void
northd_control_register(struct northd_control *control, struct inc *inc,
                        struct db *nb, struct db *sb)
{
    static const struct {
        const char *name, *usage;
        int n_args;
        unixctl_cb_func *cb;
    } commands[] = {
        { "exit", "", 0, command_exit },
        { "pause", "", 0, command_pause },
        { "resume", "", 0, command_resume },
        { "is-paused", "", 0, command_is_paused },
        { "status", "", 0, command_status },
        { "nb-connection-status", "", 0, command_nb_status },
        { "sb-connection-status", "", 0, command_sb_status },
        { "nb-cluster-state-reset", "", 0, command_nb_reset },
        { "sb-cluster-state-reset", "", 0, command_sb_reset },
        { "parallel-build/set-n-threads", "N_THREADS", 1,
          command_set_threads },
        { "parallel-build/get-n-threads", "", 0, command_get_threads },
        { "debug/chassis-features-list", "", 0, command_chassis_features },
        { "set-n-threads", "N_THREADS", 1, command_set_threads },
        { "get-n-threads", "", 0, command_get_threads },
    };

    control->inc = inc;
    control->nb = nb;
    control->sb = sb;
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        unixctl_command_register(commands[i].name, commands[i].usage,
                                 commands[i].n_args, commands[i].n_args,
                                 commands[i].cb, control);
    }
    inc_unixctl_register(inc);
    db_unixctl_register(nb, "nb");
    db_unixctl_register(sb, "sb");
}
