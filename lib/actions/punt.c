#include <config.h>
#include "actions/punt.h"

#include "byte-order.h"
#include "nx-match.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofpbuf.h"
#include "unaligned.h"
#include "util.h"

static const struct {
    enum punt_opcode opcode;
    bool pause;
    const char *name;
} opcodes[] = {
#define PUNT(NAME, NUMBER, PAUSE, STRING, PARAMS) \
    { PUNT_##NAME, PAUSE, STRING },
    PUNT_OPCODES
#undef PUNT
};

const char *
punt_opcode_to_string(enum punt_opcode opcode)
{
    for (size_t i = 0; i < ARRAY_SIZE(opcodes); i++) {
        if (opcodes[i].opcode == opcode) {
            return opcodes[i].name;
        }
    }
    return "unknown";
}

bool
punt_opcode_pauses(enum punt_opcode opcode)
{
    for (size_t i = 0; i < ARRAY_SIZE(opcodes); i++) {
        if (opcodes[i].opcode == opcode) {
            return opcodes[i].pause;
        }
    }
    return false;
}

/* Reading. */

char *
punt_decode(const void *userdata, size_t len, struct punt *punt)
{
    const struct punt_header *h = userdata;

    memset(punt, 0, sizeof *punt);
    if (len < sizeof *h) {
        return xasprintf("userdata of %"PRIuSIZE" bytes is shorter than its "
                         "header", len);
    }
    if (h->version != PUNT_VERSION) {
        return xasprintf("userdata has version %d, not %d", h->version,
                         PUNT_VERSION);
    }
    for (size_t i = 0; i < ARRAY_SIZE(opcodes); i++) {
        if (opcodes[i].opcode == h->opcode) {
            punt->opcode = h->opcode;
            punt->params = (const uint8_t *) (h + 1);
            punt->params_len = len - sizeof *h;
            return NULL;
        }
    }
    return xasprintf("userdata has unknown opcode %d", h->opcode);
}

bool
punt_next(struct punt *punt, enum punt_param *param, const void **data,
          size_t *len)
{
    if (punt->params_len < sizeof(struct punt_tlv)) {
        return false;
    }

    /* Type and length are the beginning of 'params', of any alignment. */
    ovs_be16 tlv[2];
    memcpy(tlv, punt->params, sizeof tlv);
    size_t n = ntohs(tlv[1]);
    if (n > punt->params_len - sizeof tlv) {
        punt->params_len = 0;
        return false;
    }
    *param = ntohs(tlv[0]);
    *data = punt->params + sizeof tlv;
    *len = n;

    size_t used = MIN(sizeof tlv + ROUND_UP(n, 4), punt->params_len);
    punt->params += used;
    punt->params_len -= used;
    return true;
}

const void *
punt_find(const struct punt *punt_, enum punt_param wanted, int i,
          size_t *len)
{
    struct punt punt = *punt_;
    enum punt_param param;
    const void *data;

    while (punt_next(&punt, &param, &data, len)) {
        if (param == wanted && !i--) {
            return data;
        }
    }
    *len = 0;
    return NULL;
}

bool
punt_get_u8(const struct punt *punt, enum punt_param param, int i,
            uint8_t *value)
{
    size_t len;
    const uint8_t *data = punt_find(punt, param, i, &len);

    if (!data || len != 1) {
        return false;
    }
    *value = *data;
    return true;
}

bool
punt_get_u32(const struct punt *punt, enum punt_param param, int i,
             uint32_t *value)
{
    size_t len;
    const void *data = punt_find(punt, param, i, &len);

    if (!data || len != 4) {
        return false;
    }
    *value = ntohl(get_unaligned_be32(data));
    return true;
}

bool
punt_get_result(const struct punt *punt, struct mf_subfield *sf)
{
    size_t len;
    const void *data = punt_find(punt, PUNT_P_RESULT, 0, &len);
    struct punt_subfield ps;

    if (!data || len != sizeof ps) {
        return false;
    }
    memcpy(&ps, data, sizeof ps);
    sf->field = mf_from_nxm_header(ntohl(ps.nxm), NULL);
    sf->ofs = ntohs(ps.ofs);
    sf->n_bits = ntohs(ps.n_bits);
    return (sf->field && sf->field->writable && sf->n_bits
            && sf->ofs + sf->n_bits <= sf->field->n_bits);
}

/* Writing. */

size_t
punt_begin(struct ofpbuf *ofpacts, enum punt_opcode opcode,
           uint32_t meter_id)
{
    size_t start = ofpacts->size;
    struct ofpact_controller *oc = ofpact_put_CONTROLLER(ofpacts);

    oc->max_len = UINT16_MAX;
    oc->reason = OFPR_ACTION;
    oc->pause = punt_opcode_pauses(opcode);
    oc->meter_id = meter_id ? meter_id : NX_CTLR_NO_METER;
    oc->provider_meter_id = UINT32_MAX;

    struct punt_header header = { .version = PUNT_VERSION, .opcode = opcode };
    ofpbuf_put(ofpacts, &header, sizeof header);
    return start;
}

void
punt_put(struct ofpbuf *ofpacts, enum punt_param param, const void *data,
         size_t len)
{
    struct punt_tlv tlv = { .type = htons(param), .len = htons(len) };

    /* What is too long here is too long for punt_end(), too. */
    ofpbuf_put(ofpacts, &tlv, sizeof tlv);
    ofpbuf_put(ofpacts, data, len);
    ofpbuf_put_zeros(ofpacts, PAD_SIZE(len, 4));
}

void
punt_put_u8(struct ofpbuf *ofpacts, enum punt_param param, uint8_t value)
{
    punt_put(ofpacts, param, &value, sizeof value);
}

void
punt_put_u32(struct ofpbuf *ofpacts, enum punt_param param, uint32_t value)
{
    ovs_be32 be = htonl(value);

    punt_put(ofpacts, param, &be, sizeof be);
}

void
punt_put_string(struct ofpbuf *ofpacts, enum punt_param param,
                const char *string)
{
    punt_put(ofpacts, param, string, strlen(string));
}

void
punt_put_subfield(struct ofpbuf *ofpacts, enum punt_param param,
                  const struct mf_subfield *sf)
{
    struct punt_subfield ps = {
        .nxm = htonl(nxm_header_from_mff(sf->field)),
        .ofs = htons(sf->ofs),
        .n_bits = htons(sf->n_bits),
    };

    punt_put(ofpacts, param, &ps, sizeof ps);
}

bool
punt_end(struct ofpbuf *ofpacts, size_t start)
{
    struct ofpact_controller *oc = ofpbuf_at_assert(ofpacts, start,
                                                    sizeof *oc);

    /* OpenFlow has a 16-bit length that includes some headers. */
    size_t len = ofpacts->size - start - sizeof *oc;
    if (len > PUNT_MAX_USERDATA) {
        ofpacts->size = start;
        return false;
    }
    oc->userdata_len = len;
    ofpacts->header = oc;
    ofpact_finish_CONTROLLER(ofpacts, &oc);
    return true;
}
