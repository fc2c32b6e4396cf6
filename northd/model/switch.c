/* DOC: switch facts
 *
 * What many features ask of a logical switch, computed once: does a port take
 * unknown destinations, does it pass VLAN tags, does it learn from a
 * localnet. */
#include <config.h>
#include "northd/model/switch.h"

#include "northd/feature.h"
#include "northd/model/datapath.h"
#include "northd/model/port.h"

INC_TABLE_DEFINE(switch_facts, SWITCH_FACTS_FIELDS, .kind = INC_DERIVED);

static void
dp_key(const void *v_, struct inc_keys *keys)
{
    const struct switch_facts_v *v = v_;
    inc_keys_add(keys, &v->dp, sizeof v->dp);
}
struct inc_index switch_facts_by_dp = {
    .name = "switch_facts_by_dp", .table = &switch_facts_table,
    .keys = dp_key,
};

const struct switch_facts *
switch_facts_of(const struct datapath *dp)
{
    return inc_find_one(&switch_facts_by_dp, &dp, sizeof dp);
}

static void
run_switch_facts(const void *row)
{
    const struct datapath *dp = row;
    const struct nb_logical_switch *ls = datapath_ls(dp);

    if (ls) {
        emit_switch_facts(&(struct switch_facts_v) {
            .dp = dp,
            .has_unknown = ports_with_trait_exist(dp, PORT_TRAIT_UNKNOWN),
            .localnet_learn = ports_with_trait_exist(
                dp, PORT_TRAIT_LOCALNET_LEARN),
            .vlan_passthru = db_map_get_bool(
                nb_logical_switch_other_config(ls), "vlan-passthru", false),
            .no_router_arp = !db_map_get_bool(
                nb_logical_switch_other_config(ls),
                "broadcast-arps-to-all-routers", true),
        });
    }
}
const struct inc_rule switch_facts_rule = {
    .name = "switch_facts", .driver = &datapath_table,
    .run = run_switch_facts,
};
