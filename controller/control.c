#include <config.h>
#include "controller/control.h"

#include "controller/compile/template.h"
#include "controller/model/binding.h"
#include "controller/model/local_datapath.h"
#include "controller/out/ofgroups.h"
#include "controller/out/ofswitch.h"
#include "controller/out/ofzones.h"
#include "controller/rule.h"
#include "openvswitch/dynamic-string.h"
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

static void
reply_ds(struct unixctl_conn *conn, struct ds *s)
{
    unixctl_command_reply(conn, ds_cstr(s));
    ds_destroy(s);
}

COMMAND(command_dump_bindings)
{
    static const char *const kinds[] = {
        [LPORT_VIF] = "vif", [LPORT_CONTAINER] = "container",
        [LPORT_LOCALPORT] = "localport", [LPORT_LOCALNET] = "localnet",
        [LPORT_L2GATEWAY] = "l2gateway",
        [LPORT_L3GATEWAY] = "l3gateway",
        [LPORT_REDIRECT] = "chassisredirect",
        [LPORT_EXTERNAL] = "external",
    };
    struct ds s = DS_EMPTY_INITIALIZER;
    const struct local_port *port;

    ds_put_cstr(&s, "Local bindings:\n");
    INC_FOR_EACH (port, &local_port_table) {
        ds_put_format(&s, "name: [%s], type: %s, ofport: %"PRIu32", "
                      "tag: %"PRIu32", installed: %s\n",
                      local_port_name(port).s, kinds[local_port_kind(port)],
                      local_port_ofport(port), local_port_vlan(port),
                      installed_by_name(local_port_name(port).s)
                      ? "yes" : "no");
    }
    reply_ds(conn, &s);
}

COMMAND(command_dump_datapaths)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    const struct local_datapath *ld;

    ds_put_cstr(&s, "Local datapaths:\n");
    INC_FOR_EACH (ld, &local_datapath_table) {
        const char *name = sb_datapath_binding_external_ids_get(
            local_datapath_binding(ld), "name");
        ds_put_format(&s, "Datapath: %s, type: %s, key: %"PRIu32"\n",
                      name ? name : "",
                      local_datapath_is_switch(ld) ? "switch" : "router",
                      local_datapath_key(ld));
    }
    reply_ds(conn, &s);
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

COMMAND(command_zones)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    const struct zone *zone;

    INC_FOR_EACH (zone, &zone_table) {
        ds_put_format(&s, "%s %"PRIu32"\n", zone_name(zone).s,
                      zone_zone(zone));
    }
    reply_ds(conn, &s);
}

COMMAND(command_templates)
{
    const struct ovsdb_datum *variables = template_variables();
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&s, "Local template vars:\n");
    for (size_t i = 0; variables && i < db_n(variables); i++) {
        ds_put_format(&s, "name: '%s' value: '%s'\n", db_str(variables, i),
                      db_val_str(variables, i));
    }
    reply_ds(conn, &s);
}

static void
put_id(const char *name, uint32_t id, void *s)
{
    ds_put_format(s, "%s: %"PRIu32"\n", name, id);
}

COMMAND(command_groups)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    ofids_list(OFID_GROUP, put_id, &s);
    reply_ds(conn, &s);
}

COMMAND(command_meters)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    ofids_list(OFID_METER, put_id, &s);
    reply_ds(conn, &s);
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
        { "debug/dump-local-bindings", "", 0, 0, command_dump_bindings },
        { "debug/dump-local-datapaths", "", 0, 0, command_dump_datapaths },
        { "debug/dump-local-template-vars", "", 0, 0, command_templates },
        { "lflow-cache/flush", "", 0, 0, command_cache_flush },
        { "flush-lflow-cache", "[deprecated]", 0, 0, command_cache_flush },
        { "lflow-cache/show-stats", "", 0, 0, command_cache_stats },
        { "ct-zone-list", "", 0, 0, command_zones },
        { "group-table-list", "", 0, 0, command_groups },
        { "meter-table-list", "", 0, 0, command_meters },
    };
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        unixctl_command_register(commands[i].name, commands[i].usage,
                                 commands[i].min_args, commands[i].max_args,
                                 commands[i].cb, control);
    }
    inc_unixctl_register(control->inc);
    db_unixctl_register(control->sb, "sb");
    db_unixctl_register(control->vs, "vs");
}
