/* DOC: HA chassis groups
 *
 * Writes SB HA_Chassis_Group and HA_Chassis: on which chassis a distributed
 * gateway port may be, and which chassis have to know on which it is.  Reads
 * NB Gateway_Chassis, which become a group with the router port's name, and NB
 * HA_Chassis_Group.  Reports in NB where the port is. */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"
#include "northd/model/config.h"
#include "northd/model/gateway.h"
#include "northd/model/port.h"
#include "northd/model/prefixes.h"
#include "northd/out/nb.h"
#include "northd/out/sb.h"

/* Emits the member 'chassis_name' of a group, from the NB row 'row', and adds
 * it to 'members'. */
static void
add_member(const void *row, const char *group, const char *chassis_name,
           int64_t priority, struct db_set *members)
{
    const struct sb_chassis *chassis
        = inc_find_one(&chassis_by_name, chassis_name, strlen(chassis_name));
    if (!chassis) {
        invalid(row, "there is no chassis \"%s\" at present",
                chassis_name);
    }
    struct uuid uuid = db_uuid_for(&sb_ha_chassis_table, "%s %s", group,
                                   chassis_name);
    struct db_map *external_ids = db_map_start();

    db_map_put(external_ids, "chassis-name", chassis_name);
    emit_sb_ha_member(&(struct sb_ha_member_v) {
        .uuid = uuid,
        .chassis = db_opt_uuid(chassis ? sb_chassis_uuid(chassis) : NULL),
        .priority = priority,
        .external_ids = db_map_finish(external_ids),
    });
    db_set_uuid(members, &uuid);
}

static void
emit_group(const struct uuid *uuid, const char *name, istr members)
{
    const struct gateway_ref *ref;
    struct db_set *refs = db_set_start();

    INC_BUCKET_FOR_EACH (ref, inc_find(&gateway_refs_by_group, uuid,
                                       sizeof *uuid)) {
        struct uuid chassis = gateway_ref_chassis(ref);
        if (sb_chassis_get(&chassis)) {
            db_set_uuid(refs, &chassis);
        }
    }
    emit_sb_ha_group(&(struct sb_ha_group_v) {
        .uuid = *uuid, .name = text(name), .ha_chassis = members,
        .ref_chassis = db_set_finish(refs),
    });
}

static void
run_gateway_ha_groups(const void *row)
{
    const struct gateway *gateway = row;
    if (gateway_nb_group(gateway)) {
        return;
    }

    const struct port *port = gateway_port(gateway);
    const char *name = port_name(port).s;
    const struct ovsdb_datum *refs
        = nb_logical_router_port_gateway_chassis(port_lrp(port));
    struct db_set *members = db_set_start();
    for (size_t i = 0; i < db_n(refs); i++) {
        const struct nb_gateway_chassis *gc
            = nb_gateway_chassis_get(db_ref(refs, i));
        if (gc) {
            add_member(gc, name, nb_gateway_chassis_chassis_name(gc),
                       nb_gateway_chassis_priority(gc), members);
        }
    }
    istr members_text = db_set_finish(members);
    struct uuid uuid = gateway_ha_group(gateway);
    emit_group(&uuid, name, members_text);
}
const struct inc_rule gateway_ha_groups = {
    .name = "gateway_ha_groups", .driver = &gateway_table,
    .run = run_gateway_ha_groups,
};

static void
run_nb_ha_groups(const void *row)
{
    size_t len;
    const struct nb_ha_chassis_group *const *key = inc_bucket_key(row, &len);
    const struct nb_ha_chassis_group *group = *key;
    const char *name = nb_ha_chassis_group_name(group);
    const struct ovsdb_datum *refs = nb_ha_chassis_group_ha_chassis(group);
    struct db_set *members = db_set_start();

    for (size_t i = 0; i < db_n(refs); i++) {
        const struct nb_ha_chassis *hc = nb_ha_chassis_get(db_ref(refs, i));
        if (hc) {
            add_member(hc, name, nb_ha_chassis_chassis_name(hc),
                       nb_ha_chassis_priority(hc), members);
        }
    }
    if (!db_n(refs)) {
        invalid(group, "the group has no chassis: the gateways that use it "
                "are nowhere");
    }
    istr members_text = db_set_finish(members);
    struct uuid uuid = db_uuid_for(&sb_ha_chassis_group_table, "%s", name);
    emit_group(&uuid, name, members_text);
}
const struct inc_rule nb_ha_groups = {
    .name = "nb_ha_groups", .bucket_driver = &gateways_by_nb_group,
    .run = run_nb_ha_groups,
};

static void
add_prefix(const char *prefix, void *set)
{
    db_set_str(set, prefix);
}

/* In NB Logical_Router_Port: which chassis has the gateway port (status), and
 * which prefixes a chassis got for the port (ipv6_prefix). */
static void
run_gateway_status(const void *row)
{
    const struct port *port = row;
    if (port_kind(port) != PORT_LRP) {
        return;
    }

    const struct gateway *gateway = gateway_of(port);
    struct db_map *status = db_map_start();
    if (gateway) {
        struct uuid sb_uuid = port_sb_uuid(gateway_cr_port(gateway));
        const struct sb_port_binding *pb = sb_port_binding_get(&sb_uuid);
        const struct sb_chassis *chassis
            = pb ? sb_port_binding_chassis(pb) : NULL;
        if (chassis) {
            db_map_put(status, "hosting-chassis", sb_chassis_name(chassis));
        }
    }
    istr status_text = db_map_finish(status);
    struct db_set *prefixes = db_set_start();
    delegated_prefixes(port, add_prefix, prefixes);
    emit_nb_lrp(&(struct nb_lrp_v) {
        .uuid = port_nb_uuid(port), .status = status_text,
        .ipv6_prefix = db_set_finish(prefixes),
    });
}
const struct inc_rule gateway_status = {
    .name = "gateway_status", .driver = &port_table,
    .run = run_gateway_status,
};
