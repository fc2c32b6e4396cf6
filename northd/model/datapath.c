/* DOC: datapaths
 *
 * Reads NB Logical_Switch and Logical_Router, gives each a tunnel key that it
 * keeps for life (a requested one before any other), and writes SB
 * Datapath_Binding. */
#include <config.h>
#include "northd/model/datapath.h"

#include "northd/feature.h"
#include "northd/model/config.h"
#include "northd/model/nat.h"
#include "northd/model/port.h"
#include "northd/model/router.h"
#include "northd/model/switch.h"
#include "ovs-atomic.h"

INC_TABLE_DEFINE(datapath, DATAPATH_FIELDS, .kind = INC_DERIVED);
INC_TABLE_DEFINE(dp_class_member, DP_CLASS_MEMBER_FIELDS,
                 .kind = INC_DERIVED);
INC_TABLE_DEFINE(dp_class_used, DP_CLASS_USED_FIELDS, .kind = INC_DERIVED);
INC_TABLE_DEFINE(sb_datapath, SB_DATAPATH_FIELDS, .kind = INC_OUTPUT);

struct inc_pool *datapath_keys;

/* ---- Indexes. ---- */

static void
nb_uuid_key(const void *v, struct inc_keys *keys)
{
    const struct datapath_v *dp = v;
    inc_keys_add(keys, &dp->nb_uuid, sizeof dp->nb_uuid);
}
struct inc_index datapath_by_nb_uuid = {
    .name = "datapath_by_nb_uuid", .table = &datapath_table,
    .keys = nb_uuid_key,
};

static void
tunnel_key_key(const void *v, struct inc_keys *keys)
{
    const struct datapath_v *dp = v;
    inc_keys_add(keys, &dp->key, sizeof dp->key);
}
struct inc_index datapath_by_key = {
    .name = "datapath_by_key", .table = &datapath_table,
    .keys = tunnel_key_key, .mask = INC_MASK(datapath, key),
};

static void
class_keys(const void *v, struct inc_keys *keys)
{
    const struct dp_class_member_v *m = v;
    for (uint32_t class = 0; class < N_DP_CLASSES; class++) {
        if (m->classes & (1u << class)) {
            inc_keys_add(keys, &class, sizeof class);
        }
    }
}
struct inc_index dp_class_members = {
    .name = "dp_class_members", .table = &dp_class_member_table,
    .keys = class_keys, .mask = INC_MASK(dp_class_member, classes),
};

static void
class_used_key(const void *v, struct inc_keys *keys)
{
    const struct dp_class_used_v *used = v;
    inc_keys_add(keys, &used->class, sizeof used->class);
}
struct inc_index dp_class_used_index = {
    .name = "dp_class_used", .table = &dp_class_used_table,
    .keys = class_used_key,
};

const struct datapath *
datapath_of_ls(const struct nb_logical_switch *ls)
{
    return inc_find_one(&datapath_by_nb_uuid, nb_logical_switch_uuid(ls),
                        sizeof(struct uuid));
}

const struct datapath *
datapath_of_lr(const struct nb_logical_router *lr)
{
    return inc_find_one(&datapath_by_nb_uuid, nb_logical_router_uuid(lr),
                        sizeof(struct uuid));
}

const struct datapath *
datapath_by_tunnel_key(uint32_t key)
{
    return inc_find_one(&datapath_by_key, &key, sizeof key);
}

bool
dp_class_is_used(enum dp_class class)
{
    uint32_t key = class;
    return inc_bucket_n(inc_find(&dp_class_used_index, &key, sizeof key)) > 0;
}

/* ---- Tunnel keys. ---- */

/* Returns the key that 'row' asks for by 'requested' (an option's value, or
 * NULL), 0 if it asks for none that can be had. */
static uint32_t
requested_key(const void *row, const char *requested)
{
    unsigned int key;

    if (!requested) {
        return 0;
    }
    if (!str_to_uint(requested, 10, &key) || !key || key >= 1u << 24) {
        invalid(row, "requested-tnl-key \"%s\" is not a number from 1 to "
                "16777215; another key is used", requested);
        return 0;
    }
    if (config_vxlan_mode(the_config()) && key > max_datapath_key()) {
        invalid(row, "requested-tnl-key %u is above %u, the largest with "
                "VXLAN; another key is used", key, max_datapath_key());
        return 0;
    }
    return key;
}

static void
emit_with_key(const void *row, const struct uuid *nb_uuid,
              const struct nb_logical_switch *ls,
              const struct nb_logical_router *lr, const char *requested)
{
    uint32_t want = requested_key(row, requested);
    struct uuid holder;
    uint32_t key;

    if (want && !inc_pool_take(datapath_keys, *nb_uuid, want, want, want,
                               &key, &holder)) {
        invalid(row, "requested-tnl-key %"PRIu32" is also requested by "
                UUID_FMT", which has it; another key is used", want,
                UUID_ARGS(&holder));
        want = 0;
    }
    if (!want && !inc_pool_take(datapath_keys, *nb_uuid, 0, 1,
                                max_datapath_key(), &key, NULL)) {
        invalid(row, "all %"PRIu32" tunnel keys are in use: it gets none and "
                "carries no traffic", max_datapath_key());
        return;
    }
    emit_datapath(&(struct datapath_v) {
        .nb_uuid = *nb_uuid, .ls = ls, .lr = lr, .key = key,
        .sb_uuid = db_uuid_for(&sb_datapath_binding_table, UUID_FMT,
                               UUID_ARGS(nb_uuid)),
    });
}

static void
run_ls_datapaths(const void *row)
{
    const struct nb_logical_switch *ls = row;
    emit_with_key(ls, nb_logical_switch_uuid(ls), ls, NULL,
                  nb_logical_switch_other_config_get(ls,
                                                     "requested-tnl-key"));
}
const struct inc_rule ls_datapaths = {
    .name = "ls_datapaths", .driver = &nb_logical_switch_table.inc,
    .run = run_ls_datapaths, .flags = INC_SERIAL,
};

static void
run_lr_datapaths(const void *row)
{
    const struct nb_logical_router *lr = row;
    emit_with_key(lr, nb_logical_router_uuid(lr), NULL, lr,
                  nb_logical_router_options_get(lr, "requested-tnl-key"));
}
const struct inc_rule lr_datapaths = {
    .name = "lr_datapaths", .driver = &nb_logical_router_table.inc,
    .run = run_lr_datapaths, .flags = INC_SERIAL,
};

/* ---- Classes. ---- */

static uint32_t
switch_classes(const struct datapath *dp)
{
    const struct switch_facts *facts = switch_facts_of(dp);
    uint32_t classes = 1u << DPC_SWITCH;

    if (facts) {
        classes |= 1u << (switch_facts_has_unknown(facts)
                          ? DPC_SWITCH_UNKNOWN : DPC_SWITCH_NO_UNKNOWN);
        classes |= !switch_facts_vlan_passthru(facts) << DPC_SWITCH_NO_VLAN;
        classes |= switch_facts_no_router_arp(facts)
                   << DPC_SWITCH_NO_ROUTER_ARP;
        classes |= switch_facts_localnet_learn(facts)
                   << DPC_SWITCH_LOCALNET_LEARN;
    }
    return classes;
}

static uint32_t
relay_classes(const struct datapath *dp, const struct router *router)
{
    if (!router_mcast_relay(router)) {
        return 1u << DPC_ROUTER_NO_MCAST_RELAY;
    }
    return (1u << DPC_ROUTER_MCAST_RELAY
            | 1u << (ports_with_trait_exist(dp, PORT_TRAIT_MCAST_STATIC)
                     ? DPC_ROUTER_MCAST_STATIC
                     : DPC_ROUTER_MCAST_NO_STATIC));
}

static uint32_t
router_classes(const struct datapath *dp)
{
    const struct router *router = router_of(dp);
    uint32_t classes = 1u << DPC_ROUTER;

    if (router) {
        classes |= 1u << (router_learn_any_arp(router)
                          ? DPC_ROUTER_LEARN_ANY : DPC_ROUTER_LEARN_OWN);
        classes |= router_mac_aging(router) << DPC_ROUTER_MAC_AGING;
        classes |= relay_classes(dp, router);
    }
    if (nats_with_trait_exist(dp, NAT_TRAIT_ANY)) {
        classes |= 1u << DPC_ROUTER_NAT;
        if (router && router_is_gateway(router)) {
            classes |= 1u << DPC_GW_ROUTER_NAT;
        }
    }
    classes |= force_snat_exists(dp, FORCE_SNAT_LB) << DPC_ROUTER_FORCE_LB;
    if (router_commits_all(dp)) {
        classes |= (nats_with_trait_exist(dp, NAT_TRAIT_SNAT_CT)
                    << DPC_ROUTER_COMMIT_SNAT);
        classes |= (nats_with_trait_exist(dp, NAT_TRAIT_DNAT_CT)
                    << DPC_ROUTER_COMMIT_DNAT);
    }
    return classes;
}

static void
run_dp_classes(const void *row)
{
    const struct datapath *dp = row;
    emit_dp_class_member(&(struct dp_class_member_v) {
        .dp = dp,
        .classes = datapath_ls(dp) ? switch_classes(dp) : router_classes(dp),
    });
}
const struct inc_rule dp_classes = {
    .name = "dp_classes", .driver = &datapath_table, .run = run_dp_classes,
};

static void
run_dp_classes_used(const void *row)
{
    const struct inc_bucket *members = row;
    size_t len;
    const uint32_t *class = inc_bucket_key(members, &len);
    emit_dp_class_used(&(struct dp_class_used_v) { .class = *class });
}
const struct inc_rule dp_classes_used = {
    .name = "dp_classes_used", .bucket_driver = &dp_class_members,
    .run = run_dp_classes_used,
};

/* ---- Southbound. ---- */

static void
put_nonempty(struct db_map *map, const char *key, const char *value)
{
    if (value && value[0]) {
        db_map_put(map, key, value);
    }
}

/* Puts an option that is a number up to 'max'. */
static void
put_number(struct db_map *map, const void *row, const char *column,
           const struct ovsdb_datum *options, const char *key,
           unsigned int max)
{
    const char *value = db_map_get(options, key);
    unsigned int n;

    if (!value || !value[0]) {
        return;
    }
    if (!str_to_uint(value, 10, &n) || n > max) {
        invalid(row, "%s:%s \"%s\" is not a number from 0 to %u; it is "
                "ignored", column, key, value, max);
        return;
    }
    db_map_put(map, key, value);
}

static istr
switch_external_ids(const struct nb_logical_switch *ls)
{
    struct db_map *map = db_map_start();
    db_map_put_fmt(map, "logical-switch", UUID_FMT,
                   UUID_ARGS(nb_logical_switch_uuid(ls)));
    db_map_put(map, "name", nb_logical_switch_name(ls));
    put_nonempty(map, "name2",
                 nb_logical_switch_external_ids_get(ls,
                                                    "neutron:network_name"));
    const struct ovsdb_datum *config = nb_logical_switch_other_config(ls);
    put_nonempty(map, "interconn-ts", db_map_get(config, "interconn-ts"));
    put_nonempty(map, "fdb_age_threshold",
                 db_map_get(config, "fdb_age_threshold"));
    put_number(map, ls, "other_config", config, "ct-zone-limit", UINT32_MAX);
    return db_map_finish(map);
}

/* Options of a router that chassis look at. */
static void
put_for_chassis(struct db_map *map, const struct nb_logical_router *lr)
{
    const struct ovsdb_datum *options = nb_logical_router_options(lr);

    put_nonempty(map, "mac_binding_age_threshold",
                 db_map_get(options, "mac_binding_age_threshold"));
    put_number(map, lr, "options", options, "ct-zone-limit", UINT32_MAX);
    put_number(map, lr, "options", options, "snat-ct-zone", UINT16_MAX);
    if (!db_map_get_bool(options, "always_learn_from_arp_request", true)) {
        db_map_put(map, "always_learn_from_arp_request", "false");
    }
    if (db_map_get_bool(options, "disable_garp_rarp", false)) {
        db_map_put(map, "disable_garp_rarp", "true");
    }
}

static istr
router_external_ids(const struct nb_logical_router *lr)
{
    struct db_map *map = db_map_start();
    db_map_put_fmt(map, "logical-router", UUID_FMT,
                   UUID_ARGS(nb_logical_router_uuid(lr)));
    db_map_put(map, "name", nb_logical_router_name(lr));
    put_nonempty(map, "name2",
                 nb_logical_router_external_ids_get(lr,
                                                    "neutron:router_name"));
    put_for_chassis(map, lr);
    return db_map_finish(map);
}

static void
run_datapath_bindings(const void *row)
{
    const struct datapath *dp = row;
    const struct nb_logical_switch *ls = datapath_ls(dp);
    struct uuid nb_uuid = datapath_nb_uuid(dp);

    emit_sb_datapath(&(struct sb_datapath_v) {
        .uuid = datapath_sb_uuid(dp),
        .tunnel_key = datapath_key(dp),
        .type = db_opt_str(ls ? "logical-switch" : "logical-router"),
        .nb_uuid = db_opt_uuid(&nb_uuid),
        .external_ids = ls ? switch_external_ids(ls)
                           : router_external_ids(datapath_lr(dp)),
    });
}
const struct inc_rule datapath_bindings = {
    .name = "datapath_bindings", .driver = &datapath_table,
    .run = run_datapath_bindings,
};

/* Finds the NB uuid that a Datapath_Binding stands for. */
static bool
binding_nb_uuid(const struct sb_datapath_binding *binding, struct uuid *uuid)
{
    const struct uuid *nb_uuid = sb_datapath_binding_nb_uuid_uuid(binding);
    if (nb_uuid) {
        *uuid = *nb_uuid;
        return true;
    }
    const char *s = sb_datapath_binding_external_ids_get(binding,
                                                         "logical-switch");
    if (!s) {
        s = sb_datapath_binding_external_ids_get(binding, "logical-router");
    }
    return s && uuid_from_string(uuid, s);
}

static bool
binding_key(const struct db_row *row, struct ds *key)
{
    struct uuid uuid;
    if (!binding_nb_uuid((const struct sb_datapath_binding *) row, &uuid)) {
        return false;
    }
    ds_put_format(key, UUID_FMT, UUID_ARGS(&uuid));
    return true;
}

void
datapath_seed(void)
{
    const struct db_row *row;

    db_adopt(&sb_datapath_binding_table, binding_key);
    DB_FOR_EACH (row, &sb_datapath_binding_table) {
        const struct sb_datapath_binding *binding
            = (const struct sb_datapath_binding *) row;
        struct uuid uuid;
        if (binding_nb_uuid(binding, &uuid)) {
            inc_pool_seed(datapath_keys, uuid,
                          sb_datapath_binding_tunnel_key(binding));
        }
    }
}
