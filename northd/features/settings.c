/* DOC: settings and progress
 *
 * Copies NB_Global.options to SB_Global, fills in what northd generates, and
 * reports how far a change has come: nb_cfg to the southbound, sb_cfg and
 * hv_cfg back (reference J15-J19). */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"
#include "northd/model/config.h"
#include "northd/model/progress.h"
#include "lib/ovn-version.h"
#include "northd/options.h"
#include "northd/out/nb.h"
#include "northd/out/sb.h"

INC_TABLE_DEFINE(progress, PROGRESS_FIELDS, .kind = INC_INPUT);

static const char *
option_or(const struct nb_nb_global *nb, const char *key, const char *dflt)
{
    const char *s = nb ? nb_nb_global_options_get(nb, key) : NULL;
    return s && s[0] ? s : dflt;
}

/* Puts the keys that northd generates. */
static void
put_generated(struct db_map *map, const struct nb_nb_global *nb)
{
    const struct config *config = the_config();
    db_map_put(map, "mac_prefix",
               option_or(nb, "mac_prefix", config_mac_prefix(config).s));
    db_map_put(map, "svc_monitor_mac",
               option_or(nb, "svc_monitor_mac",
                         config_svc_monitor_mac(config).s));
    db_map_put(map, "svc_monitor_mac_dst",
               option_or(nb, "svc_monitor_mac_dst",
                         config_svc_monitor_mac_dst(config).s));
    db_map_put_fmt(map, "max_tunid", "%"PRIu32, max_datapath_key());
    db_map_put(map, "northd_internal_version", OVN_INTERNAL_VERSION);
}

static void
run_sb_settings(const void *row OVS_UNUSED)
{
    const struct nb_nb_global *nb = the_nb_global();
    struct db_map *map = db_map_start();

    if (nb) {
        db_map_copy(map, nb_nb_global_options(nb));
    }
    put_generated(map, nb);
    for (size_t i = 0; i < n_options; i++) {
        if (options[i].owner == OPTION_SB) {
            db_map_put(map, options[i].key, options[i].dflt);
        }
    }
    emit_sb_global_out(&(struct sb_global_out_v) {
        .uuid = db_uuid_for(&sb_sb_global_table, "%s", ""),
        .nb_cfg = nb ? nb_nb_global_nb_cfg(nb) : 0,
        .ipsec = nb && nb_nb_global_ipsec(nb),
        .options = db_map_finish(map),
    });
}
const struct inc_rule sb_settings = { .name = "sb_settings",
                                      .run = run_sb_settings };

/* The lowest configuration that all chassis of this zone have, at most
 * 'hv_cfg', and when the last of them got there.  A Chassis_Private whose
 * Chassis is gone counts: something died there. */
static int64_t
lowest_hv_cfg(int64_t hv_cfg, int64_t *timestamp)
{
    const struct sb_chassis_private *private;

    *timestamp = 0;
    INC_FOR_EACH (private, &sb_chassis_private_table.inc) {
        const struct sb_chassis *chassis
            = sb_chassis_private_chassis(private);
        if (chassis && db_map_get_bool(sb_chassis_other_config(chassis),
                                       "is-remote", false)) {
            continue;
        }
        int64_t nb_cfg = sb_chassis_private_nb_cfg(private);
        int64_t ts = sb_chassis_private_nb_cfg_timestamp(private);
        if (nb_cfg < hv_cfg) {
            hv_cfg = nb_cfg;
            *timestamp = 0;
        }
        if (nb_cfg == hv_cfg && ts > *timestamp) {
            *timestamp = ts;
        }
    }
    return hv_cfg;
}

static void
run_nb_progress(const void *row)
{
    const struct progress *progress = row;
    const struct nb_nb_global *nb = the_nb_global();
    struct db_map *map = db_map_start();
    int64_t hv_timestamp;
    int64_t hv_cfg = lowest_hv_cfg(progress_sb_cfg(progress), &hv_timestamp);

    put_generated(map, nb);
    emit_nb_global_out(&(struct nb_global_out_v) {
        .uuid = nb ? *nb_nb_global_uuid(nb)
                   : db_uuid_for(&nb_nb_global_table, "%s", ""),
        .nb_cfg_timestamp = progress_nb_cfg_timestamp(progress),
        .sb_cfg = progress_sb_cfg(progress),
        .sb_cfg_timestamp = progress_sb_cfg_timestamp(progress),
        .hv_cfg = hv_cfg,
        .hv_cfg_timestamp = hv_timestamp,
        .options = db_map_finish(map),
    });
}
const struct inc_rule nb_progress = {
    .name = "nb_progress", .driver = &progress_table, .run = run_nb_progress,
};
