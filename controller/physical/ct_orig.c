/* DOC: original destination of connections
 *
 * ct_nw_dst() and its like: an action may read what a connection was first
 * sent to only where the match says that there is a connection, hence these
 * tables. */
#include <config.h>
#include "controller/physical/physical.h"

static void
emit_load(struct flow_maker *f, enum oftable table, uint16_t eth_type,
          enum mf_field_id field, int n_bits)
{
    static const uint32_t connected[] = {
        CS_NEW, CS_ESTABLISHED, CS_RELATED, CS_REPLY_DIR, CS_SRC_NAT,
        CS_DST_NAT,
    };
    for (size_t i = 0; i < ARRAY_SIZE(connected); i++) {
        uint32_t bits = connected[i] | CS_TRACKED;
        flow_reset(f);
        match_set_dl_type(&f->match, htons(eth_type));
        match_set_ct_state_masked(&f->match, bits, bits);
        put_move(f, field, 0, MFF_XXREG0, 0, n_bits);
        flow_emit(f, table, 100);
    }
}

static void
run_ct_orig_flows(const void *row OVS_UNUSED)
{
    static const uint16_t eth_types[] = { ETH_TYPE_IP, ETH_TYPE_IPV6 };
    struct flow_maker f;

    flow_init(&f, NULL);
    emit_load(&f, OFTABLE_CT_ORIG_NW_DST, ETH_TYPE_IP, MFF_CT_NW_DST, 32);
    emit_load(&f, OFTABLE_CT_ORIG_IP6_DST, ETH_TYPE_IPV6, MFF_CT_IPV6_DST,
              128);
    for (size_t i = 0; i < ARRAY_SIZE(eth_types); i++) {
        emit_load(&f, OFTABLE_CT_ORIG_TP_DST, eth_types[i], MFF_CT_TP_DST,
                  16);
        emit_load(&f, OFTABLE_CT_ORIG_PROTO, eth_types[i], MFF_CT_NW_PROTO,
                  8);
    }
    flow_done(&f);
}
const struct inc_rule ct_orig_flows = {
    .name = "ct_orig_flows", .run = run_ct_orig_flows,
};
