/* Building blocks of flows, and the flows that do not depend on anything. */
#include <config.h>
#include "controller/physical/physical.h"

#include "controller/model/tunnel.h"
#include "controller/model/zone.h"

void
flow_init(struct flow_maker *f, const struct uuid *uuid)
{
    flow_reset(f);
    ofpbuf_init(&f->acts, 256);
    f->cookie = uuid ? uuid->parts[0] : 0;
}

void
flow_reset(struct flow_maker *f)
{
    match_init_catchall(&f->match);
}

void
flow_emit(struct flow_maker *f, enum oftable table, uint16_t priority)
{
    ofrow_emit(table, priority, &f->match, &f->acts, f->cookie);
    ofpbuf_clear(&f->acts);
}

void
flow_done(struct flow_maker *f)
{
    ofpbuf_uninit(&f->acts);
}

/* ---- Actions. ---- */

void
put_load(struct flow_maker *f, enum mf_field_id field, int ofs, int n_bits,
         uint64_t value)
{
    struct ofpact_set_field *sf = ofpact_put_set_field(
        &f->acts, mf_from_id(field), NULL, NULL);
    ovs_be64 n_value = htonll(value);

    bitwise_copy(&n_value, 8, 0, sf->value, sf->field->n_bytes, ofs, n_bits);
    bitwise_one(ofpact_set_field_mask(sf), sf->field->n_bytes, ofs, n_bits);
}

void
put_move(struct flow_maker *f, enum mf_field_id src, int src_ofs,
         enum mf_field_id dst, int dst_ofs, int n_bits)
{
    struct ofpact_reg_move *move = ofpact_put_REG_MOVE(&f->acts);
    move->src = (struct mf_subfield) { mf_from_id(src), src_ofs, n_bits };
    move->dst = (struct mf_subfield) { mf_from_id(dst), dst_ofs, n_bits };
}

void
put_resubmit(struct flow_maker *f, uint8_t table)
{
    struct ofpact_resubmit *resubmit = ofpact_put_RESUBMIT(&f->acts);
    resubmit->in_port = OFPP_IN_PORT;
    resubmit->table_id = table;
}

void
put_output(struct flow_maker *f, uint32_t ofport)
{
    ofpact_put_OUTPUT(&f->acts)->port = u16_to_ofp(ofport);
}

void
put_push_vlan(struct flow_maker *f, uint16_t tpid, uint32_t vid)
{
    ofpact_put_PUSH_VLAN(&f->acts)->ethertype = htons(tpid);
    struct ofpact_vlan_vid *vlan_vid = ofpact_put_SET_VLAN_VID(&f->acts);
    vlan_vid->vlan_vid = vid;
    vlan_vid->push_vlan_if_needed = false;
    vlan_vid->flow_has_vlan = true;
}

void
put_stack(struct flow_maker *f, bool push, enum mf_field_id field)
{
    struct ofpact_stack *stack = (push ? ofpact_put_STACK_PUSH(&f->acts)
                                  : ofpact_put_STACK_POP(&f->acts));
    stack->subfield.field = mf_from_id(field);
    stack->subfield.ofs = 0;
    stack->subfield.n_bits = stack->subfield.field->n_bits;
}

void
put_flag(struct flow_maker *f, int bit)
{
    put_load(f, MFF_REG0 + REG_FLAGS, bit, 1, 1);
}

void
put_zones(struct flow_maker *f, const struct uuid *dp, const char *lport)
{
    struct zones zones = zones_of(dp, lport);

    put_load(f, MFF_REG0 + REG_ZONE, 0, 16, zones.port);
    put_load(f, MFF_REG0 + REG_DNAT_ZONE, 0, 32, zones.dnat);
    put_load(f, MFF_REG0 + REG_SNAT_ZONE, 0, 32, zones.snat);
}

/* ---- Matches. ---- */

void
match_datapath(struct flow_maker *f, uint32_t key)
{
    match_set_metadata(&f->match, htonll(key));
}

void
match_outport(struct flow_maker *f, uint32_t key)
{
    match_set_reg(&f->match, REG_OUTPORT, key);
}

void
match_inport(struct flow_maker *f, uint32_t key)
{
    match_set_reg(&f->match, REG_INPORT, key);
}

void
match_flag(struct flow_maker *f, int bit, bool set)
{
    match_set_reg_masked(&f->match, REG_FLAGS, set ? 1u << bit : 0,
                         1u << bit);
}

/* ---- Flows of every chassis. ---- */

static void
run_static_physical(const void *row OVS_UNUSED)
{
    struct flow_maker f;
    flow_init(&f, NULL);

    /* What does not go to another chassis stays here. */
    put_resubmit(&f, OFTABLE_LOCAL_OUTPUT);
    flow_emit(&f, OFTABLE_REMOTE_OUTPUT, 0);
    static const int stay[] = { FLAG_LOCAL_ONLY, FLAG_LOCALPORT };
    for (size_t i = 0; i < ARRAY_SIZE(stay); i++) {
        flow_reset(&f);
        match_flag(&f, stay[i], true);
        put_resubmit(&f, OFTABLE_LOCAL_OUTPUT);
        flow_emit(&f, OFTABLE_REMOTE_OUTPUT, 150);
        put_resubmit(&f, OFTABLE_REMOTE_OUTPUT);
        flow_emit(&f, OFTABLE_LARGE_PKT_DETECT, 150);
    }
    flow_reset(&f);

    /* What fits is sent. */
    put_resubmit(&f, OFTABLE_REMOTE_OUTPUT);
    flow_emit(&f, OFTABLE_LARGE_PKT_DETECT, 0);
    put_resubmit(&f, OFTABLE_REMOTE_OUTPUT);
    flow_emit(&f, OFTABLE_LARGE_PKT_PROCESS, 0);

    /* The egress pipeline starts with logical registers zeroed. */
    for (int i = 0; i < 10; i++) {
        put_load(&f, MFF_REG0 + i, 0, 32, 0);
    }
    put_resubmit(&f, OFTABLE_LOG_EGRESS);
    flow_emit(&f, OFTABLE_CHECK_LOOPBACK, 0);

    put_resubmit(&f, OFTABLE_LOG_TO_PHY);
    flow_emit(&f, OFTABLE_SAVE_INPORT, 0);
    flow_done(&f);
}
const struct inc_rule static_physical = {
    .name = "static_physical", .run = run_static_physical,
};
