/* DOC: configuration of the node
 *
 * Reads Open_vSwitch.external_ids of the local database (reference F25-F64).
 * A node without system-id, encapsulation type or address takes no part. */
#include <config.h>
#include "controller/model/config.h"

#include "controller/rule.h"
#include "lib/table/sb-table.h"

INC_TABLE_DEFINE(process, PROCESS_FIELDS, .kind = INC_INPUT);
INC_TABLE_DEFINE(config, CONFIG_FIELDS, .kind = INC_DERIVED, .broad = true);

static void
constant_key(const void *v OVS_UNUSED, struct inc_keys *keys)
{
    inc_keys_add(keys, "", 1);
}
struct inc_index config_index = {
    .name = "config", .table = &config_table, .keys = constant_key,
};
struct inc_index process_index = {
    .name = "process", .table = &process_table, .keys = constant_key,
};
struct inc_index open_vswitch_index = {
    .name = "open_vswitch", .table = &vs_open_vswitch_table.inc,
    .keys = constant_key,
};

const struct config *
the_config(void)
{
    return inc_find_one(&config_index, "", 1);
}

const struct process *
the_process(void)
{
    return inc_find_one(&process_index, "", 1);
}

bool
may_remove(void)
{
    const struct process *process = the_process();
    return process && (process_complete(process) || process_leaving(process));
}

const struct vs_open_vswitch *
the_open_vswitch(void)
{
    return inc_find_one(&open_vswitch_index, "", 1);
}

istr
chassis_name(void)
{
    const struct process *process = the_process();
    istr name = process ? process_chassis_name(process) : (istr) { NULL };

    if (istr_is_empty(name)) {
        const struct vs_open_vswitch *ovs = the_open_vswitch();
        name = istr_intern(ovs ? vs_open_vswitch_external_ids_get(
                                     ovs, "system-id") : NULL);
    }
    return istr_is_empty(name) ? (istr) { NULL } : name;
}

const char *
node_option(const char *key)
{
    const struct vs_open_vswitch *ovs = the_open_vswitch();
    if (!ovs) {
        return NULL;
    }

    const struct ovsdb_datum *ids = vs_open_vswitch_external_ids(ovs);
    istr name = chassis_name();
    const char *value = NULL;
    if (name.s) {
        value = db_map_get(ids, istr_fmt("%s-%s", key, name.s).s);
    }
    return value ? value : db_map_get(ids, key);
}

bool
node_option_bool(const char *key, bool dflt)
{
    const char *s = node_option(key);
    return (!s ? dflt
            : dflt ? strcasecmp(s, "false") != 0
            : !strcasecmp(s, "true"));
}

static istr
option_or(const char *key, const char *dflt)
{
    const char *s = node_option(key);
    return istr_intern(s && s[0] ? s : dflt);
}

istr
bridge_name(void)
{
    return option_or("ovn-bridge", "br-int");
}

static void
run_config(const void *row OVS_UNUSED)
{
    const struct vs_open_vswitch *ovs = the_open_vswitch();
    const struct process *process = the_process();
    istr name = chassis_name();

    if (!ovs || !process || process_leaving(process)) {
        return;
    }
    if (!name.s) {
        invalid(ovs, "external_ids:system-id is not set: this node takes no "
                "part in the network");
        return;
    }
    emit_config(&(struct config_v) {
        .one = 1,
        .chassis_name = name,
        .chassis_uuid = db_uuid_for(&sb_chassis_table, "%s", name.s),
        .hostname = option_or("hostname", process_hostname(process).s),
        .bridge = bridge_name(),
        .encap_types = option_or("ovn-encap-type", ""),
        .encap_ips = option_or("ovn-encap-ip", ""),
        .bridge_mappings = option_or("ovn-bridge-mappings", ""),
        .monitor_all = node_option_bool("ovn-monitor-all", false),
    });
}
const struct inc_rule config_rule = { .name = "config", .run = run_config };
