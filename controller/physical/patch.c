/* DOC: flows of logical patch ports
 *
 * Where a router meets a switch or another router, what leaves one datapath
 * enters the other on the same chassis, within the switch's tables (reference
 * F76): on all chassis for ports of type patch, on their chassis for ports of
 * type l3gateway. */
#include <config.h>
#include "controller/physical/physical.h"

#include "controller/model/binding.h"
#include "controller/model/local_datapath.h"

/* A packet starts over in another datapath: nothing of its former life goes
 * along but its contents, and which tunnels its sender wants. */
static void
put_enter(struct flow_maker *f, uint32_t dp_key,
          const struct sb_port_binding *port)
{
    uint32_t inport = sb_port_binding_tunnel_key(port);
    size_t ofs = f->acts.size;
    ofpact_put_CLONE(&f->acts);
    ofpact_put_CT_CLEAR(&f->acts);
    for (int i = 0; i < 16; i++) {
        if (i != REG_ZONE && i != REG_DNAT_ZONE && i != REG_SNAT_ZONE) {
            put_load(f, MFF_REG0 + i, 0, 32, i == REG_INPORT ? inport : 0);
        }
    }
    put_zones(f, sb_port_binding_datapath_uuid(port),
              sb_port_binding_logical_port(port));
    put_load(f, MFF_METADATA, 0, 64, dp_key);
    put_resubmit(f, OFTABLE_LOG_INGRESS);
    struct ofpact_nest *clone = ofpbuf_at_assert(&f->acts, ofs, sizeof *clone);
    f->acts.header = clone;
    ofpact_finish_CLONE(&f->acts, &clone);
}

/* The packet may leave by port 'pb' of this chassis. */
static void
emit_egress(struct flow_maker *f, uint32_t dp_key,
            const struct sb_port_binding *pb)
{
    uint32_t key = sb_port_binding_tunnel_key(pb);

    flow_reset(f);
    match_datapath(f, dp_key);
    match_outport(f, key);
    put_zones(f, sb_port_binding_datapath_uuid(pb),
              sb_port_binding_logical_port(pb));
    put_resubmit(f, OFTABLE_CHECK_LOOPBACK);
    flow_emit(f, OFTABLE_LOCAL_OUTPUT, 100);

    match_flag(f, FLAG_LOOPBACK, true);
    put_stack(f, true, MFF_IN_PORT);
    put_load(f, MFF_IN_PORT, 0, 16, 0);
    put_resubmit(f, OFTABLE_LOG_TO_PHY);
    put_stack(f, false, MFF_IN_PORT);
    flow_emit(f, OFTABLE_SAVE_INPORT, 100);

    match_flag(f, FLAG_LOOPBACK, false);
    match_inport(f, key);
    flow_emit(f, OFTABLE_CHECK_LOOPBACK, 100);
}

static const struct sb_port_binding *
peer_of(const struct sb_port_binding *pb)
{
    const char *name = sb_port_binding_options_get(pb, "peer");
    return name ? inc_find_one(&pb_by_name, name, strlen(name)) : NULL;
}

static bool
is_patch_here(const struct sb_port_binding *pb)
{
    const char *type = sb_port_binding_type(pb);
    return (!strcmp(type, "patch")
            || (!strcmp(type, "l3gateway")
                && lport_is_resident(sb_port_binding_logical_port(pb))));
}

const struct sb_port_binding *
patch_peer(const struct sb_port_binding *pb)
{
    if (!is_patch_here(pb)
        || !local_datapath_by_uuid(sb_port_binding_datapath_uuid(pb))) {
        return NULL;
    }
    const struct sb_port_binding *peer = peer_of(pb);
    return (peer
            && local_datapath_by_uuid(sb_port_binding_datapath_uuid(peer))
            ? peer : NULL);
}

static void
run_logical_patch_flows(const void *row)
{
    const struct sb_port_binding *pb = row;
    if (!is_patch_here(pb)) {
        return;
    }
    const struct local_datapath *ld = local_datapath_by_uuid(
        sb_port_binding_datapath_uuid(pb));
    if (!ld) {
        return;
    }

    uint32_t dp_key = local_datapath_key(ld);
    uint32_t key = sb_port_binding_tunnel_key(pb);
    struct flow_maker f;
    flow_init(&f, sb_port_binding_uuid(pb));
    emit_egress(&f, dp_key, pb);

    const struct sb_port_binding *peer = patch_peer(pb);
    if (peer) {
        const struct local_datapath *there = local_datapath_by_uuid(
            sb_port_binding_datapath_uuid(peer));
        flow_reset(&f);
        match_datapath(&f, dp_key);
        match_outport(&f, key);
        put_enter(&f, local_datapath_key(there), peer);
        flow_emit(&f, OFTABLE_LOG_TO_PHY, 100);
    }
    flow_done(&f);
}
const struct inc_rule logical_patch_flows = {
    .name = "logical_patch_flows", .driver = &sb_port_binding_table.inc,
    .run = run_logical_patch_flows,
};
