/* DOC: connection tracking zones
 *
 * Each local port has one, and each local datapath one for DNAT and one for
 * SNAT (reference F101).  The bridge's external_ids keep them by name (F70),
 * so that connections survive a restart, and another controller. */
#include <config.h>
#include "controller/model/zone.h"

#include "controller/model/binding.h"
#include "controller/model/bridge.h"
#include "controller/model/config.h"
#include "controller/model/local_datapath.h"
#include "controller/out/ofzones.h"
#include "controller/out/vs.h"
#include "controller/rule.h"

#define ID_PREFIX "ct-zone-"

struct inc_pool *zone_pool;

/* Two datapaths may ask for the same zone. */
static void
merge_requested_zone(const void *const *in OVS_UNUSED, size_t n OVS_UNUSED,
                     void *out OVS_UNUSED)
{
}
INC_TABLE_DEFINE(requested_zone, REQUESTED_ZONE_FIELDS, .kind = INC_DERIVED,
                 .combine = INC_MERGE, .merge = merge_requested_zone);

static void
requested_key(const void *v_, struct inc_keys *keys)
{
    const struct requested_zone_v *v = v_;
    inc_keys_add(keys, &v->zone, sizeof v->zone);
}
struct inc_index requested_zone_index = {
    .name = "requested_zone", .table = &requested_zone_table,
    .keys = requested_key,
};

static void
zone_name_key(const void *v_, struct inc_keys *keys)
{
    const struct zone_v *v = v_;
    inc_keys_add_istr(keys, v->name);
}
struct inc_index zone_by_name = {
    .name = "zone_by_name", .table = &zone_table, .keys = zone_name_key,
};

static void
known_name_key(const void *v_, struct inc_keys *keys)
{
    const struct known_zone_v *v = v_;
    inc_keys_add_istr(keys, v->name);
}
struct inc_index known_zone_by_name = {
    .name = "known_zone_by_name", .table = &known_zone_table,
    .keys = known_name_key,
};

/* ---- Names. ---- */

static istr
datapath_zone_name(const struct sb_datapath_binding *dp, const char *use)
{
    const char *name = sb_datapath_binding_external_ids_get(dp, "name");
    return (name ? istr_fmt("%s_%s", name, use)
            : istr_fmt(UUID_FMT"_%s", UUID_ARGS(sb_datapath_binding_uuid(dp)),
                       use));
}

static uint32_t
zone_number(istr name)
{
    const struct zone *zone = inc_bucket_first(inc_find_istr(&zone_by_name,
                                                             name));
    return zone ? zone_zone(zone) : 0;
}

struct zones
zones_of(const struct uuid *dp, const char *lport)
{
    const struct sb_datapath_binding *binding = sb_datapath_binding_get(dp);
    struct zones zones = { .port = lport ? zone_number(istr_intern(lport))
                                         : 0 };
    if (binding) {
        zones.dnat = zone_number(datapath_zone_name(binding, "dnat"));
        zones.snat = zone_number(datapath_zone_name(binding, "snat"));
    }
    return zones;
}

/* ---- Numbers. ---- */

/* The zone that external_ids:snat-ct-zone of 'dp' asks for, -1 for none. */
static int
requested_snat_zone(const struct sb_datapath_binding *dp)
{
    const char *s = sb_datapath_binding_external_ids_get(dp, "snat-ct-zone");
    int zone;

    if (!s) {
        return -1;
    }
    return str_to_int(s, 10, &zone) && zone >= 0 && zone <= UINT16_MAX
           ? zone : -2;
}

static void
run_requested_zones(const void *row)
{
    const struct local_datapath *ld = row;
    int zone = requested_snat_zone(local_datapath_binding(ld));

    if (zone >= 0) {
        emit_requested_zone(&(struct requested_zone_v) { .zone = zone });
    } else if (zone != -1) {
        invalid(local_datapath_binding(ld), "external_ids:snat-ct-zone is "
                "not a number from 0 to 65535");
    }
}
const struct inc_rule requested_zones = {
    .name = "requested_zones", .driver = &local_datapath_table,
    .run = run_requested_zones,
};

static bool
is_requested(uint32_t zone)
{
    return inc_find_one(&requested_zone_index, &zone, sizeof zone) != NULL;
}

/* The zone that the switch already has for the name, 0 if none. */
static uint32_t
known_number(istr name)
{
    const struct known_zone *known
        = (name.s ? inc_bucket_first(inc_find_istr(&known_zone_by_name, name))
           : NULL);
    return known ? known_zone_zone(known) : 0;
}

/* external_ids:ct-zone-range of the node. */
static void
zone_range(uint32_t *min, uint32_t *max)
{
    const char *s = node_option("ct-zone-range");
    unsigned int lo, hi;
    int n = 0;

    *min = 1;
    *max = UINT16_MAX;
    if (!s) {
        return;
    }
    if (sscanf(s, "%u-%u%n", &lo, &hi, &n) == 2 && !s[n] && lo >= 1
        && lo <= hi && hi <= UINT16_MAX) {
        *min = lo;
        *max = hi;
    } else {
        invalid(the_open_vswitch(), "external_ids:ct-zone-range \"%s\" is "
                "not FIRST-LAST with numbers from 1 to 65535", s);
    }
}

/* Takes a zone that nobody asked for, 'known' if possible.  Returns 0 if none
 * is left. */
static uint32_t
take_zone(struct uuid owner, uint32_t known)
{
    uint32_t min, max, zone;

    zone_range(&min, &max);
    if (known && !is_requested(known)
        && inc_pool_take(zone_pool, owner, known, min, max, &zone, NULL)) {
        return zone;
    }
    while (inc_pool_take(zone_pool, owner, 0, min, max, &zone, NULL)) {
        if (!is_requested(zone)) {
            return zone;
        }
        min = zone + 1;
    }
    return 0;
}

/* Emits a zone for 'name', which belongs to the southbound row 'row'. */
static void
emit_any_zone(const void *row, const struct uuid *uuid, istr name,
              istr old_name)
{
    uint32_t known = known_number(name);
    istr owner = istr_fmt(UUID_FMT" %s", UUID_ARGS(uuid), name.s);
    uint32_t zone = take_zone(db_hash_uuid("zone", owner.s, istr_len(owner)),
                              known ? known : known_number(old_name));

    if (zone) {
        emit_zone(&(struct zone_v) {
            .name = name, .zone = zone, .old_name = old_name,
        });
    } else {
        invalid(row, "no connection tracking zone is left for \"%s\"",
                name.s);
    }
}

static void
run_datapath_zones(const void *row)
{
    static const char *const uses[] = { "dnat", "snat" };
    const struct local_datapath *ld = row;
    const struct sb_datapath_binding *dp = local_datapath_binding(ld);
    struct uuid uuid = local_datapath_dp(ld);

    for (size_t i = 0; i < ARRAY_SIZE(uses); i++) {
        istr name = datapath_zone_name(dp, uses[i]);
        istr old_name = istr_fmt(UUID_FMT"_%s", UUID_ARGS(&uuid), uses[i]);
        int requested = i ? requested_snat_zone(dp) : -1;
        if (requested >= 0) {
            emit_zone(&(struct zone_v) {
                .name = name, .zone = requested, .old_name = old_name,
            });
        } else {
            emit_any_zone(dp, &uuid, name, old_name);
        }
    }
}
const struct inc_rule datapath_zones = {
    .name = "datapath_zones", .driver = &local_datapath_table,
    .run = run_datapath_zones, .flags = INC_SERIAL,
};

static void
run_port_zones(const void *row)
{
    const struct local_port *port = row;
    const struct sb_port_binding *pb = local_port_pb(port);
    emit_any_zone(pb, sb_port_binding_uuid(pb), local_port_name(port),
                  (istr) { NULL });
}
const struct inc_rule port_zones = {
    .name = "port_zones", .driver = &local_port_table,
    .run = run_port_zones, .flags = INC_SERIAL,
};

/* ---- The bridge's external_ids. ---- */

/* A zone is written down once it was flushed.  Those of a former life stay
 * until it is known that nobody wants them, and when we leave. */
static bool
is_kept(const struct known_zone *known)
{
    const struct process *process = the_process();
    istr name = known_zone_name(known);
    const struct zone *zone = inc_bucket_first(inc_find_istr(&zone_by_name,
                                                             name));
    return (zone ? zone_zone(zone) == known_zone_zone(known)
            : !process || !process_complete(process)
              || process_leaving(process));
}

static void
run_zone_ids(const void *row OVS_UNUSED)
{
    const struct vs_bridge *bridge = bridge_by_name(bridge_name().s);
    const struct known_zone *known;
    if (!bridge) {
        return;
    }

    struct db_map *map = db_map_start();
    INC_FOR_EACH (known, &known_zone_table) {
        if (is_kept(known)) {
            istr key = istr_fmt(ID_PREFIX"%s", known_zone_name(known).s);
            db_map_put_fmt(map, key.s, "%"PRIu32, known_zone_zone(known));
        }
    }
    emit_vs_bridge_zones(&(struct vs_bridge_zones_v) {
        .uuid = *vs_bridge_uuid(bridge), .external_ids = db_map_finish(map),
    });
}
const struct inc_rule zone_ids = { .name = "zone_ids", .run = run_zone_ids };

static void
seed_from(const struct ovsdb_datum *ids)
{
    for (size_t i = 0; i < db_n(ids); i++) {
        const char *key = db_str(ids, i);
        unsigned int zone;
        if (!strncmp(key, ID_PREFIX, strlen(ID_PREFIX))
            && str_to_uint(db_val_str(ids, i), 10, &zone)
            && zone <= UINT16_MAX) {
            inc_input_set(&known_zone_table, &(struct known_zone_v) {
                .name = istr_intern(key + strlen(ID_PREFIX)), .zone = zone,
            });
        }
    }
}

void
zones_seed(void)
{
    istr name = bridge_name();
    const struct db_row *row;

    DB_FOR_EACH (row, &vs_bridge_table) {
        const struct vs_bridge *bridge = (const void *) row;
        if (!strcmp(vs_bridge_name(bridge), name.s)) {
            seed_from(vs_bridge_external_ids(bridge));
        }
    }
}
