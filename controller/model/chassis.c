/* DOC: registration
 *
 * Writes this node's SB Chassis, Encap and Chassis_Private rows: where it can
 * be reached, what it can do (reference F77-F92), how far it has come. */
#include <config.h>
#include "controller/model/chassis.h"

#include "controller/model/bridge.h"
#include "controller/model/config.h"
#include "controller/model/tunnel.h"
#include "controller/out/sb.h"
#include "controller/out/vs.h"
#include "controller/rule.h"

INC_TABLE_DEFINE(progress, PROGRESS_FIELDS, .kind = INC_INPUT);

static void
constant_key(const void *v OVS_UNUSED, struct inc_keys *keys)
{
    inc_keys_add(keys, "", 1);
}
struct inc_index progress_index = {
    .name = "progress", .table = &progress_table, .keys = constant_key,
};

const struct progress *
the_progress(void)
{
    return inc_find_one(&progress_index, "", 1);
}

/* What every controller of this release can do.  northd uses a feature when
 * all chassis have it. */
static const char *const features[] = {
    "ct-commit-nat-v2", "ct-commit-to-zone", "ct-next-zone",
    "ct-no-masked-label", "ct-state-save", "fdb-timestamp",
    "icmp4-inner-src", "ls-dpg-column", "mac-binding-timestamp",
    "ovn-ct-lb-related", "port-up-notif",
};

/* external_ids that are echoed for the CMS to read: key, default. */
static const struct {
    const char *key, *dflt;
} echoes[] = {
    { "ovn-bridge-mappings", "" },
    { "ovn-chassis-mac-mappings", "" },
    { "ovn-cms-options", "" },
    { "ovn-enable-lflow-cache", "true" },
    { "ovn-limit-lflow-cache", "" },
    { "ovn-memlimit-lflow-cache-kb", "" },
    { "ovn-monitor-all", "false" },
    { "ovn-trim-limit-lflow-cache", "" },
    { "ovn-trim-timeout-ms", "" },
    { "ovn-trim-wmark-perc-lflow-cache", "" },
};

static istr
iface_types(void)
{
    const struct ovsdb_datum *types
        = vs_open_vswitch_iface_types(the_open_vswitch());
    struct ds s = DS_EMPTY_INITIALIZER;
    for (size_t i = 0; i < db_n(types); i++) {
        ds_put_format(&s, "%s%s", i ? "," : "", db_str(types, i));
    }
    istr result = istr_intern(ds_cstr(&s));
    ds_destroy(&s);
    return result;
}

static istr
other_config(void)
{
    const struct vs_bridge *bridge = integration_bridge();
    struct db_map *map = db_map_start();

    for (size_t i = 0; i < ARRAY_SIZE(features); i++) {
        db_map_put(map, features[i], "true");
    }
    /* Open vSwitch 3.1 flushes connections by zone and addresses only. */
    db_map_put(map, "ct-label-flush", "false");
    for (size_t i = 0; i < ARRAY_SIZE(echoes); i++) {
        const char *s = node_option(echoes[i].key);
        db_map_put(map, echoes[i].key, s ? s : echoes[i].dflt);
    }
    db_map_put(map, "is-interconn",
               node_option_bool("ovn-is-interconn", false) ? "true"
                                                           : "false");
    db_map_put(map, "iface-types", iface_types().s);
    db_map_put(map, "datapath-type",
               bridge ? vs_bridge_datapath_type(bridge) : "");
    return db_map_finish(map);
}

static istr
transport_zones(void)
{
    const char *s = node_option("ovn-transport-zones");
    struct db_set *set = db_set_start();
    char *copy = xstrdup(s ? s : "");
    char *save_ptr = NULL;
    for (char *word = strtok_r(copy, ",", &save_ptr); word;
         word = strtok_r(NULL, ",", &save_ptr)) {
        db_set_str(set, word);
    }
    free(copy);
    return db_set_finish(set);
}

/* The schema wants at least one encapsulation. */
static void
run_chassis_row(const void *row OVS_UNUSED)
{
    const struct config *config = the_config();
    if (!config) {
        return;
    }

    struct db_set *encaps = db_set_start();
    const struct own_encap *encap;
    size_t n = 0;
    INC_FOR_EACH (encap, &own_encap_table) {
        struct uuid uuid = own_encap_uuid(encap);
        db_set_uuid(encaps, &uuid);
        n++;
    }
    istr refs = db_set_finish(encaps);
    if (!n) {
        return;
    }
    emit_sb_own_chassis(&(struct sb_own_chassis_v) {
        .uuid = config_chassis_uuid(config),
        .name = config_chassis_name(config),
        .hostname = config_hostname(config),
        .encaps = refs,
        .other_config = other_config(),
        .transport_zones = transport_zones(),
    });
}
const struct inc_rule chassis_row = { .name = "chassis_row",
                                      .run = run_chassis_row };

static void
run_chassis_encaps(const void *row)
{
    const struct own_encap *encap = row;
    const struct config *config = the_config();
    struct db_map *options = db_map_start();

    db_map_put(options, "csum",
               node_option_bool("ovn-encap-csum", true) ? "true" : "false");
    if (!own_encap_rank(encap)) {
        db_map_put(options, "is_default", "true");
    }
    istr text = db_map_finish(options);
    if (config) {
        emit_sb_own_encap(&(struct sb_own_encap_v) {
            .uuid = own_encap_uuid(encap),
            .type = istr_intern(tunnel_types[own_encap_type(encap)]),
            .ip = own_encap_ip(encap), .options = text,
            .chassis_name = config_chassis_name(config),
        });
    }
}
const struct inc_rule chassis_encaps = {
    .name = "chassis_encaps", .driver = &own_encap_table,
    .run = run_chassis_encaps,
};

/* A southbound that does not want to be told (thousands of chassis) says so
 * by enable_chassis_nb_cfg_update.  What it was told last stays there then. */
static bool
reports_nb_cfg(void)
{
    const struct sb_sb_global *global = the_sb_global();
    return (!global || db_map_get_bool(sb_sb_global_options(global),
                                       "enable_chassis_nb_cfg_update", true));
}

static void
run_chassis_private_row(const void *row OVS_UNUSED)
{
    const struct config *config = the_config();
    const struct progress *progress = the_progress();
    if (!config || !inc_table_n(&own_encap_table)) {
        return;
    }

    struct uuid chassis = config_chassis_uuid(config);
    struct sb_own_private_v v = {
        .uuid = db_uuid_for(&sb_chassis_private_table, "%s",
                            config_chassis_name(config).s),
        .name = config_chassis_name(config),
        .chassis = db_opt_uuid(&chassis),
    };
    if (!reports_nb_cfg()) {
        const struct sb_chassis_private *old
            = sb_chassis_private_get(&v.uuid);
        v.nb_cfg = old ? sb_chassis_private_nb_cfg(old) : 0;
        v.nb_cfg_timestamp = (old ? sb_chassis_private_nb_cfg_timestamp(old)
                              : 0);
    } else if (progress) {
        v.nb_cfg = progress_nb_cfg(progress);
        v.nb_cfg_timestamp = progress_nb_cfg_timestamp(progress);
    }
    emit_sb_own_private(&v);
}
const struct inc_rule chassis_private_row = {
    .name = "chassis_private_row", .run = run_chassis_private_row,
};

/* The same, for who asks locally. */
static void
run_bridge_progress(const void *row OVS_UNUSED)
{
    const struct vs_bridge *bridge = integration_bridge();
    const struct progress *progress = the_progress();
    if (!bridge || !progress) {
        return;
    }

    struct db_map *map = db_map_start();
    db_map_put_fmt(map, "ovn-nb-cfg", "%"PRId64, progress_nb_cfg(progress));
    db_map_put_fmt(map, "ovn-nb-cfg-ts", "%"PRId64,
                   progress_nb_cfg_timestamp(progress));
    db_map_put_fmt(map, "ovn-startup-ts", "%"PRId64,
                   progress_startup_timestamp(progress));
    const char *type = node_option("ovn-bridge-datapath-type");
    emit_vs_bridge_status(&(struct vs_bridge_status_v) {
        .uuid = *vs_bridge_uuid(bridge),
        .external_ids = db_map_finish(map),
        .datapath_type = istr_intern(type),
        .fail_mode = db_opt_str("secure"),
    });
}
const struct inc_rule bridge_progress = { .name = "bridge_progress",
                                          .run = run_bridge_progress };
