/* DOC: BFD in tunnels
 *
 * Reads SB HA_Chassis_Group: the members of a group watch each other and all
 * chassis that refer to the group, and these watch the members (reference D50,
 * F11).  Turns on BFD at the tunnels in between, with the timers that
 * SB_Global.options name (F12), and reads what the switch finds out. */
#include <config.h>
#include "controller/model/bfd.h"

#include "controller/model/bridge.h"
#include "controller/model/config.h"
#include "controller/model/tunnel.h"
#include "controller/out/sb.h"
#include "controller/out/vs.h"
#include "controller/rule.h"

INC_TABLE_DEFINE(bfd_peer, BFD_PEER_FIELDS, .kind = INC_DERIVED);
INC_TABLE_DEFINE(live_chassis, LIVE_CHASSIS_FIELDS, .kind = INC_DERIVED);

static void
bfd_peer_key(const void *v_, struct inc_keys *keys)
{
    const struct bfd_peer_v *v = v_;
    inc_keys_add(keys, &v->chassis, sizeof v->chassis);
}
struct inc_index bfd_peer_index = {
    .name = "bfd_peer", .table = &bfd_peer_table, .keys = bfd_peer_key,
};

static void
live_chassis_key(const void *v_, struct inc_keys *keys)
{
    const struct live_chassis_v *v = v_;
    inc_keys_add(keys, &v->chassis, sizeof v->chassis);
}
struct inc_index live_chassis_index = {
    .name = "live_chassis", .table = &live_chassis_table,
    .keys = live_chassis_key,
};

bool
chassis_is_live(const struct uuid *chassis)
{
    return inc_find_one(&live_chassis_index, chassis, sizeof *chassis);
}

bool
any_chassis_is_live(void)
{
    return inc_table_n(&live_chassis_table) > 0;
}

/* ---- Whom to watch. ---- */

static bool
is_member(const struct ovsdb_datum *members, const struct uuid *chassis)
{
    for (size_t i = 0; i < db_n(members); i++) {
        const struct sb_ha_chassis *m = sb_ha_chassis_get(db_ref(members, i));
        const struct uuid *c = m ? sb_ha_chassis_chassis_uuid(m) : NULL;
        if (c && uuid_equals(c, chassis)) {
            return true;
        }
    }
    return false;
}

static bool
refers(const struct ovsdb_datum *refs, const struct uuid *chassis)
{
    for (size_t i = 0; i < db_n(refs); i++) {
        if (uuid_equals(db_ref(refs, i), chassis)) {
            return true;
        }
    }
    return false;
}

static void
watch(const struct uuid *chassis, const struct uuid *us)
{
    if (!uuid_equals(chassis, us)) {
        emit_bfd_peer(&(struct bfd_peer_v) { .chassis = *chassis });
    }
}

/* A group of one has nobody to fail over to. */
static void
run_bfd_peers(const void *row)
{
    const struct sb_ha_chassis_group *group = row;
    const struct config *config = the_config();
    const struct ovsdb_datum *members = sb_ha_chassis_group_ha_chassis(group);
    if (!config || db_n(members) < 2) {
        return;
    }

    struct uuid us = config_chassis_uuid(config);
    const struct ovsdb_datum *refs = sb_ha_chassis_group_ref_chassis(group);
    bool member = is_member(members, &us);
    if (!member && !refers(refs, &us)) {
        return;
    }
    for (size_t i = 0; i < db_n(members); i++) {
        const struct sb_ha_chassis *m = sb_ha_chassis_get(db_ref(members, i));
        const struct uuid *chassis = m ? sb_ha_chassis_chassis_uuid(m) : NULL;
        if (chassis) {
            watch(chassis, &us);
        }
    }
    for (size_t i = 0; member && i < db_n(refs); i++) {
        watch(db_ref(refs, i), &us);
    }
}
const struct inc_rule bfd_peers = {
    .name = "bfd_peers", .driver = &sb_ha_chassis_group_table.inc,
    .run = run_bfd_peers,
};

/* ---- Interface.bfd ---- */

/* A chassis that dies is to be noticed, and another one in its place, within
 * 3 s.  The switch's own default, 1000 ms, three times, leaves no time for the
 * latter. */
#define DEFAULT_MIN_RX "800"

static void
put_timer(struct db_map *map, const char *key, const char *option)
{
    const struct sb_sb_global *global = the_sb_global();
    const char *s = (global ? db_map_get(sb_sb_global_options(global), option)
                     : NULL);
    int n;

    if (!s) {
        return;
    }
    if (!str_to_int(s, 10, &n) || n < 0) {
        invalid(global, "options:%s: \"%s\" is not a number; the default "
                "is used", option, s);
    } else if (n) {
        db_map_put_fmt(map, key, "%d", n);
    }
}

/* Only control packets that have no tunnel key are the switch's: a tenant's
 * own BFD passes. */
static istr
bfd_settings(void)
{
    struct db_map *map = db_map_start();
    db_map_put(map, "enable", "true");
    db_map_put(map, "check_tnl_key", "true");
    db_map_put(map, "min_rx", DEFAULT_MIN_RX);
    put_timer(map, "min_rx", "bfd-min-rx");
    put_timer(map, "decay_min_rx", "bfd-decay-min-rx");
    put_timer(map, "min_tx", "bfd-min-tx");
    put_timer(map, "mult", "bfd-mult");
    return db_map_finish(map);
}

static void
run_tunnel_bfd(const void *row)
{
    const struct remote_tunnel *tunnel = row;
    const struct vs_interface *iface
        = interface_by_name(remote_tunnel_name(tunnel).s);
    if (!iface) {
        return;
    }

    const struct uuid *chassis = sb_chassis_uuid(
        remote_tunnel_chassis(tunnel));
    istr bfd;
    if (inc_find_one(&bfd_peer_index, chassis, sizeof *chassis)) {
        bfd = bfd_settings();
    } else if (may_remove()) {
        bfd = istr_intern(DB_EMPTY_MAP);
    } else {
        return;
    }
    emit_vs_iface_bfd(&(struct vs_iface_bfd_v) {
        .uuid = *vs_interface_uuid(iface), .bfd = bfd,
    });
}
const struct inc_rule tunnel_bfd = {
    .name = "tunnel_bfd", .driver = &remote_tunnel_table,
    .run = run_tunnel_bfd,
};

/* ---- Interface.bfd_status ---- */

static void
run_live_chassis(const void *row)
{
    const struct remote_tunnel *tunnel = row;
    const struct vs_interface *iface
        = interface_by_name(remote_tunnel_name(tunnel).s);
    const char *state = iface ? vs_interface_bfd_status_get(iface, "state")
                              : NULL;
    if (state && !strcmp(state, "up")) {
        emit_live_chassis(&(struct live_chassis_v) {
            .chassis = *sb_chassis_uuid(remote_tunnel_chassis(tunnel)),
        });
    }
}
const struct inc_rule live_chassis_rule = {
    .name = "live_chassis", .driver = &remote_tunnel_table,
    .run = run_live_chassis,
};
