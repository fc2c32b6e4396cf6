#include <config.h>
#include "controller/control.h"

#include "controller/inject.h"
#include "controller/out/ofswitch.h"
#include "controller/punt/thread.h"
#include "controller/rule.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "unixctl.h"

VLOG_DEFINE_THIS_MODULE(control);

#define COMMAND(NAME)                                                   \
    static void                                                         \
    NAME(struct unixctl_conn *conn, int argc OVS_UNUSED,                \
         const char *argv[] OVS_UNUSED, void *control_ OVS_UNUSED)

static void
command_exit(struct unixctl_conn *conn, int argc, const char *argv[],
             void *control_)
{
    struct control *control = control_;
    if (argc > 1 && strcmp(argv[1], "--restart")) {
        unixctl_command_reply_error(conn, "the only option is --restart");
        return;
    }
    control->restart = argc > 1;
    control->exiting = true;
    poll_immediate_wake();
    unixctl_command_reply(conn, NULL);
}

COMMAND(command_connection_status)
{
    const struct control *control = control_;
    unixctl_command_reply(conn, db_is_connected(control->sb)
                                ? "connected" : "not connected");
}

COMMAND(command_recompute)
{
    const struct control *control = control_;
    inc_recompute(control->inc);
    ofswitch_resync(control->sw);
    poll_immediate_wake();
    unixctl_command_reply(conn, NULL);
}

COMMAND(command_reset)
{
    const struct control *control = control_;
    VLOG_INFO("forgetting the southbound cluster's index");
    db_reset_min_index(control->sb);
    unixctl_command_reply(conn, NULL);
}

COMMAND(command_pause)
{
    struct control *control = control_;
    control->paused = true;
    unixctl_command_reply(conn, NULL);
}

COMMAND(command_resume)
{
    struct control *control = control_;
    control->paused = false;
    poll_immediate_wake();
    unixctl_command_reply(conn, NULL);
}

COMMAND(command_status)
{
    const struct control *control = control_;
    unixctl_command_reply(conn, control->paused ? "paused" : "running");
}

static void
command_delay(struct unixctl_conn *conn, int argc OVS_UNUSED,
              const char *argv[], void *control_)
{
    struct control *control = control_;
    int seconds;
    if (!str_to_int(argv[1], 10, &seconds) || seconds < 0) {
        unixctl_command_reply_error(conn, "not a number of seconds");
        return;
    }
    control->delay_nb_cfg = seconds;
    unixctl_command_reply(conn, NULL);
}

/* There is no cache of parsed flows that could be flushed or limited. */
COMMAND(command_cache_flush)
{
    unixctl_command_reply(conn, NULL);
}

COMMAND(command_cache_stats)
{
    unixctl_command_reply(conn,
                          "Enabled: false\n"
                          "high-watermark  : 0\n"
                          "total           : 0\n"
                          "cache-expr      : 0\n"
                          "cache-matches   : 0\n"
                          "trim count      : 0\n"
                          "Mem usage (KB)  : 0\n");
}

static void
command_inject(struct unixctl_conn *conn, int argc OVS_UNUSED,
               const char *argv[], void *control_)
{
    const struct control *control = control_;
    struct ofpbuf *message;
    char *error = inject_compose(argv[1], &message);

    if (!error && !punt_send(control->punter, message)) {
        error = xstrdup("not connected to the integration bridge, "
                        "or too many packets wait for it");
    }
    if (error) {
        unixctl_command_reply_error(conn, error);
        free(error);
    } else {
        unixctl_command_reply(conn, NULL);
    }
}

void
control_register(struct control *control)
{
    static const struct {
        const char *name, *usage;
        int min_args, max_args;
        unixctl_cb_func *cb;
    } commands[] = {
        { "exit", "[--restart]", 0, 1, command_exit },
        { "connection-status", "", 0, 0, command_connection_status },
        { "recompute", "[deprecated]", 0, 0, command_recompute },
        { "sb-cluster-state-reset", "", 0, 0, command_reset },
        { "debug/pause", "", 0, 0, command_pause },
        { "debug/resume", "", 0, 0, command_resume },
        { "debug/status", "", 0, 0, command_status },
        { "debug/delay-nb-cfg-report", "SECONDS", 1, 1, command_delay },
        { "inject-pkt", "MICROFLOW", 1, 1, command_inject },
        { "lflow-cache/flush", "", 0, 0, command_cache_flush },
        { "flush-lflow-cache", "[deprecated]", 0, 0, command_cache_flush },
        { "lflow-cache/show-stats", "", 0, 0, command_cache_stats },
    };
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        unixctl_command_register(commands[i].name, commands[i].usage,
                                 commands[i].min_args, commands[i].max_args,
                                 commands[i].cb, control);
    }
    dumps_register();
    inc_unixctl_register(control->inc);
    db_unixctl_register(control->sb, "sb");
    db_unixctl_register(control->vs, "vs");
}
