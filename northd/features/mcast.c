/* DOC: multicast groups
 *
 * Writes SB Multicast_Group: who gets a switch's broadcasts, who gets what is
 * for unknown MACs, and to which ports a router relays all multicast. */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"
#include "northd/model/datapath.h"
#include "northd/model/port.h"
#include "northd/out/sb.h"

/* Names and keys are shared with the controllers (contracts, 1). */
static const struct mcast_kind {
    enum port_trait trait;
    const char *name;
    uint32_t key;
} mcast_kinds[] = {
    { PORT_TRAIT_FLOOD, "_MC_flood", 32768 },
    { PORT_TRAIT_UNKNOWN, "_MC_unknown", 32769 },
    { PORT_TRAIT_MCAST_STATIC, "_MC_static", 32771 },
    { PORT_TRAIT_FLOOD_L2, "_MC_flood_l2", 32772 },
};

static const struct mcast_kind *
kind_of_trait(uint64_t trait)
{
    for (size_t i = 0; i < ARRAY_SIZE(mcast_kinds); i++) {
        if (mcast_kinds[i].trait == trait) {
            return &mcast_kinds[i];
        }
    }
    return NULL;
}

static void
run_mcast_groups(const void *row)
{
    const struct inc_bucket *members = row;
    size_t len;
    const struct port_trait_key *key = inc_bucket_key(members, &len);
    const struct mcast_kind *kind = kind_of_trait(key->trait);
    if (!kind) {
        return;
    }

    struct db_set *ports = db_set_start();
    const struct port *port;
    INC_BUCKET_FOR_EACH (port, members) {
        struct uuid uuid = port_sb_uuid(port);
        db_set_uuid(ports, &uuid);
    }
    struct uuid dp = datapath_sb_uuid(key->dp);
    emit_sb_mcast(&(struct sb_mcast_v) {
        .uuid = db_uuid_for(&sb_multicast_group_table, UUID_FMT" %s",
                            UUID_ARGS(&dp), kind->name),
        .datapath = dp, .name = text(kind->name), .tunnel_key = kind->key,
        .ports = db_set_finish(ports),
    });
}
const struct inc_rule mcast_groups = {
    .name = "mcast_groups", .bucket_driver = &ports_by_trait,
    .run = run_mcast_groups,
};
