/* Userdata of a packet-in, whatever is in it, is decoded within its bounds. */

#include "tests/fuzz/fuzz.h"

#include "actions/actions.h"
#include "actions/punt.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/vlog.h"
#include "util.h"

static void
check_actions(const void *data, size_t len)
{
    struct ofpbuf openflow = ofpbuf_const_initializer(data, len);
    struct ofpbuf ofpacts;

    ofpbuf_init(&ofpacts, 0);
    ofpacts_pull_openflow_actions(&openflow, len, OFP15_VERSION, NULL, NULL,
                                  &ofpacts);
    ofpbuf_uninit(&ofpacts);
}

FUZZ_TARGET(punt)
{
    struct punt punt;
    char *error = punt_decode(data, size, &punt);

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    if (error) {
        ovs_assert(error[0]);
        free(error);
        return;
    }

    enum punt_param param;
    struct mf_subfield sf;
    const void *p;
    uint32_t u32;
    uint8_t u8;
    size_t n;

    ovs_assert(strcmp(punt_opcode_to_string(punt.opcode), "unknown"));
    punt_opcode_pauses(punt.opcode);
    for (int i = 0; i < 3; i++) {
        punt_get_u32(&punt, PUNT_P_ADDRESS, i, &u32);
        punt_get_u8(&punt, PUNT_P_VERDICT, i, &u8);
    }
    if (punt_get_result(&punt, &sf)) {
        ovs_assert(sf.field && sf.n_bits
                   && sf.ofs + sf.n_bits <= sf.field->n_bits);
    }
    p = punt_find(&punt, PUNT_P_ACTIONS, 0, &n);
    if (p) {
        check_actions(p, n);
    }
    while (punt_next(&punt, &param, &p, &n)) {
        ovs_assert((const uint8_t *) p >= data
                   && (const uint8_t *) p + n <= data + size);
    }
}
