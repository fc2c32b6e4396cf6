/* DOC: flows of multicast groups
 *
 * A copy to each member of this chassis, and one to each other chassis that
 * has a member (which replicates it there).  Members behind a localnet are
 * reached by the localnet, which is a member itself. */
#include <config.h>
#include "controller/physical/physical.h"

#include "controller/model/binding.h"
#include "controller/model/config.h"
#include "controller/model/local_datapath.h"
#include "controller/model/tunnel.h"
#include "uuidset.h"

static void
mcast_name_key(const void *v, struct inc_keys *keys)
{
    const char *name = sb_multicast_group_name(v);
    istr key = istr_fmt(UUID_FMT" %s",
                        UUID_ARGS(sb_multicast_group_datapath_uuid(v)), name);
    inc_keys_add_istr(keys, key);
}
struct inc_index mcast_by_name = {
    .name = "mcast_by_name", .table = &sb_multicast_group_table.inc,
    .keys = mcast_name_key,
    .mask = INC_COL(SB_MULTICAST_GROUP_COL_NAME)
            | INC_COL(SB_MULTICAST_GROUP_COL_DATAPATH),
};

const struct sb_multicast_group *
mcast_group_by_name(const struct uuid *dp, const char *name)
{
    istr key = istr_fmt(UUID_FMT" %s", UUID_ARGS(dp), name);
    return inc_find_one(&mcast_by_name, key.s, istr_len(key));
}

struct keys {
    uint32_t *a;
    size_t n, cap;
};

/* The chassis that have a member, and the members that are here. */
struct members {
    struct uuid *chassis;
    size_t n_chassis, cap_chassis;
    struct uuidset set;              /* What 'chassis' has. */
    struct keys here;                /* Of ports of this chassis. */
    struct keys patches;             /* Of patch ports, which are on each. */
    uint32_t dp_key, key;            /* Of the datapath and the group. */
};

static void
add_chassis(struct members *m, const struct uuid *chassis)
{
    struct uuid us = config_chassis_uuid(the_config());
    if (uuid_equals(chassis, &us) || uuidset_find(&m->set, chassis)) {
        return;
    }
    uuidset_insert(&m->set, chassis);
    if (m->n_chassis >= m->cap_chassis) {
        m->chassis = x2nrealloc(m->chassis, &m->cap_chassis,
                                sizeof *m->chassis);
    }
    m->chassis[m->n_chassis++] = *chassis;
}

static void
add_key(struct keys *keys, uint32_t key)
{
    if (keys->n >= keys->cap) {
        keys->a = x2nrealloc(keys->a, &keys->cap, sizeof *keys->a);
    }
    keys->a[keys->n++] = key;
}

static void
add_member(struct members *m, const struct sb_port_binding *pb,
           bool bridged)
{
    const struct ovsdb_datum *more = sb_port_binding_additional_chassis(pb);
    const char *type = sb_port_binding_type(pb);

    if (local_port_by_name(sb_port_binding_logical_port(pb))) {
        add_key(&m->here, sb_port_binding_tunnel_key(pb));
        if (!db_n(more)) {
            return;
        }
    }
    if (!strcmp(type, "patch")) {
        add_key(&m->patches, sb_port_binding_tunnel_key(pb));
    }
    const struct uuid *chassis = sb_port_binding_chassis_uuid(pb);
    if (chassis && (!bridged || !strcmp(type, "vtep"))) {
        add_chassis(m, chassis);
    }
    for (size_t i = 0; !bridged && i < db_n(more); i++) {
        add_chassis(m, db_ref(more, i));
    }
}

static int
compare_keys(const void *a_, const void *b_)
{
    const uint32_t *a = a_;
    const uint32_t *b = b_;
    return *a < *b ? -1 : *a > *b;
}

static int
compare_uuids(const void *a, const void *b)
{
    return uuid_compare_3way(a, b);
}

static void
sort_keys(struct keys *keys)
{
    if (keys->n) {
        qsort(keys->a, keys->n, sizeof *keys->a, compare_keys);
    }
}

/* A copy for each port; afterwards the packet is the group's again. */
static void
put_copies(struct flow_maker *f, const struct keys *keys, uint32_t group_key)
{
    for (size_t i = 0; i < keys->n; i++) {
        put_load(f, MFF_REG0 + REG_OUTPORT, 0, 32, keys->a[i]);
        put_resubmit(f, OFTABLE_LOCAL_OUTPUT);
    }
    if (keys->n) {
        put_load(f, MFF_REG0 + REG_OUTPORT, 0, 32, group_key);
    }
}

static void
emit_local(struct flow_maker *f, const struct members *m)
{
    if (m->here.n) {
        put_copies(f, &m->here, m->key);
        flow_emit(f, OFTABLE_LOCAL_OUTPUT, 100);
    }
}

/* A patch port is on all chassis: the copy for it is made where the packet
 * comes from, not where it gets to by a tunnel. */
static bool
put_remote(struct flow_maker *f, istr local_ip, const void *members)
{
    const struct members *m = members;
    bool any = m->patches.n > 0;

    put_copies(f, &m->patches, m->key);
    for (size_t i = 0; i < m->n_chassis; i++) {
        const struct remote_tunnel *tunnel
            = tunnel_to(&m->chassis[i], local_ip, (istr) { NULL });
        if (tunnel) {
            put_tunnel(f, tunnel, m->dp_key, m->key);
            any = true;
        }
    }
    if (any) {
        put_resubmit(f, OFTABLE_LOCAL_OUTPUT);
    }
    return any;
}

static void
run_mcast_flows(const void *row)
{
    const struct sb_multicast_group *group = row;
    const struct uuid *dp = sb_multicast_group_datapath_uuid(group);
    const struct local_datapath *ld = local_datapath_by_uuid(dp);
    if (!ld) {
        return;
    }

    struct members m = {
        .set = UUIDSET_INITIALIZER(&m.set),
        .dp_key = local_datapath_key(ld),
        .key = sb_multicast_group_tunnel_key(group),
    };
    bool bridged = localnet_of(dp) != NULL;
    const struct ovsdb_datum *ports = sb_multicast_group_ports(group);
    for (size_t i = 0; i < db_n(ports); i++) {
        const struct sb_port_binding *pb
            = sb_port_binding_get(db_ref(ports, i));
        if (pb) {
            add_member(&m, pb, bridged);
        }
    }
    sort_keys(&m.here);
    sort_keys(&m.patches);
    if (m.n_chassis) {
        qsort(m.chassis, m.n_chassis, sizeof *m.chassis, compare_uuids);
    }

    struct flow_maker f;
    flow_init(&f, sb_multicast_group_uuid(group));
    match_datapath(&f, m.dp_key);
    match_outport(&f, m.key);
    emit_local(&f, &m);
    emit_by_sender(&f, OFTABLE_REMOTE_OUTPUT, 100, put_remote, &m);
    flow_done(&f);
    uuidset_destroy(&m.set);
    free(m.chassis);
    free(m.here.a);
    free(m.patches.a);
}
const struct inc_rule mcast_flows = {
    .name = "mcast_flows", .driver = &sb_multicast_group_table.inc,
    .run = run_mcast_flows,
};
