#include <config.h>
#include "controller/punt/handler.h"

#include "dp-packet.h"
#include "flow.h"
#include "openvswitch/match.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-packet.h"
#include "openvswitch/ofp-protocol.h"
#include "openvswitch/ofpbuf.h"
#include "util.h"

const struct punt_handler *const punt_handlers[] = {
    &nd_na_handler,
    &nd_na_router_handler,
    &put_fdb_handler,
    NULL,
};

char *
punt_packet_init(struct punt_packet *p, const struct flow *md,
                 const void *userdata, size_t userdata_len,
                 struct dp_packet *packet)
{
    char *error = punt_decode(userdata, userdata_len, &p->params);
    if (error) {
        return error;
    }
    if (dp_packet_size(packet) < ETH_HEADER_LEN) {
        return xasprintf("frame of %"PRIu32" bytes", dp_packet_size(packet));
    }
    p->md = *md;
    p->packet = packet;
    flow_extract(packet, &p->headers);
    return NULL;
}

static void
put_set_field(struct ofpbuf *ofpacts, enum mf_field_id id,
              const struct flow *md)
{
    const struct mf_field *field = mf_from_id(id);
    union mf_value value;

    mf_get_value(field, md, &value);
    if (!is_all_zeros(&value, field->n_bytes)) {
        ofpact_put_set_field(ofpacts, field, &value, NULL);
    }
}

const char *
punt_packet_out(const struct punt_packet *from, const struct dp_packet *new,
                struct ofpbuf **message)
{
    size_t len;
    const void *actions = punt_find(&from->params, PUNT_P_ACTIONS, 0, &len);
    if (!actions) {
        return "no actions for the new packet";
    }

    uint64_t ofpacts_stub[1024 / 8];
    struct ofpbuf ofpacts = OFPBUF_STUB_INITIALIZER(ofpacts_stub);
    put_set_field(&ofpacts, MFF_METADATA, &from->md);
    for (int i = 0; i < FLOW_N_REGS; i++) {
        put_set_field(&ofpacts, MFF_REG0 + i, &from->md);
    }

    /* A copy, since actions must be aligned. */
    uint64_t actions_stub[1024 / 8];
    struct ofpbuf openflow = OFPBUF_STUB_INITIALIZER(actions_stub);
    ofpbuf_put(&openflow, actions, len);
    enum ofperr error = ofpacts_pull_openflow_actions(
        &openflow, len, OFP15_VERSION, NULL, NULL, &ofpacts);
    if (!error) {
        struct ofputil_packet_out po = {
            .packet = dp_packet_data(new),
            .packet_len = dp_packet_size(new),
            .buffer_id = UINT32_MAX,
            .ofpacts = ofpacts.data,
            .ofpacts_len = ofpacts.size,
        };
        match_init_catchall(&po.flow_metadata);
        match_set_in_port(&po.flow_metadata, OFPP_CONTROLLER);
        *message = ofputil_encode_packet_out(&po, OFPUTIL_P_OF15_OXM);
    }
    ofpbuf_uninit(&openflow);
    ofpbuf_uninit(&ofpacts);
    return error ? "bad actions for the new packet" : NULL;
}
