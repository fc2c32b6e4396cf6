#include <config.h>
#include "controller/out/ofrow.h"

#include "flow.h"
#include "openvswitch/match.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/vlog.h"
#include "packets.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(ofrow);

/* ---- Matches. ---- */

/* The mask of the outermost VLAN tag as the format of OpenFlow 1.5 for matches
 * can say it: a priority goes only with a VLAN, and as a whole. */
static ovs_be16
canonical_vlan_mask(const struct match *match)
{
    ovs_be16 mask = match->wc.masks.vlans[0].tci;
    ovs_be16 vid_mask = mask & htons(VLAN_VID_MASK | VLAN_CFI);

    return (vlan_tci_to_pcp(mask) && match->flow.vlans[0].tci & vid_mask
            ? vid_mask | htons(VLAN_PCP_MASK) : vid_mask);
}

/* A packed match is a flow map, the values of the flow and those of the mask,
 * for each 64-bit word of which the mask has any bit. */
iblob
ofmatch_pack(const struct match *match_)
{
    /* A match on an Ethernet field implies an Ethernet packet, which the
     * switch says explicitly and rules do not. */
    struct match match = *match_;
    if (match_has_default_packet_type(&match)) {
        match.wc.masks.packet_type = 0;
    }
    match.wc.masks.nw_frag &= FLOW_NW_FRAG_MASK;
    match.wc.masks.vlans[0].tci = canonical_vlan_mask(match_);

    struct minimatch mini;
    minimatch_init(&mini, &match);

    struct flowmap map = mini.mask->masks.map;
    size_t n = flowmap_n_1bits(map);
    size_t size = sizeof map + 2 * n * sizeof(uint64_t);
    uint64_t *buf = xmalloc(size);
    uint64_t *p = buf;
    memcpy(p, &map, sizeof map);
    p += sizeof map / sizeof *p;
    const uint64_t *values = miniflow_get_values(mini.flow);
    const uint64_t *masks = miniflow_get_values(&mini.mask->masks);
    for (size_t i = 0; i < n; i++) {
        p[i] = values[i] & masks[i];
        p[n + i] = masks[i];
    }
    minimatch_destroy(&mini);

    iblob packed = iblob_intern(buf, size);
    free(buf);
    return packed;
}

void
ofmatch_unpack(iblob packed, struct match *match)
{
    const uint64_t *p = packed.p;
    struct flowmap map;
    memcpy(&map, p, sizeof map);
    p += sizeof map / sizeof *p;

    size_t n = flowmap_n_1bits(map);
    uint64_t *flow = (uint64_t *) &match->flow;
    uint64_t *mask = (uint64_t *) &match->wc.masks;
    size_t idx;

    match_init_catchall(match);
    FLOWMAP_FOR_EACH_INDEX (idx, map) {
        flow[idx] = p[0];
        mask[idx] = p[n];
        p++;
    }
}

/* ---- Actions. ---- */

void
ofacts_encode(const struct ofpbuf *ofpacts, struct ofpbuf *out)
{
    ofpacts_put_openflow_actions(ofpacts->data, ofpacts->size, out,
                                 OFP15_VERSION);
}

void
ofacts_decode(iblob actions, struct ofpbuf *ofpacts)
{
    size_t size = iblob_size(actions);
    if (!size) {
        return;                        /* No action: drop. */
    }
    struct ofpbuf wire = ofpbuf_const_initializer(actions.p, size);
    enum ofperr error = ofpacts_pull_openflow_actions(
        &wire, size, OFP15_VERSION, NULL, NULL, ofpacts);
    if (error) {
        /* We encoded it ourselves. */
        VLOG_ERR("cannot decode our own actions: %s",
                 ofperr_to_string(error));
        ofpbuf_clear(ofpacts);
    }
}

/* ---- Flows that several units want. ---- */

/* A conjunction() on the wire. */
#define CONJUNCTION_LEN 16

static int
compare_conjunctions(const void *a, const void *b)
{
    return memcmp(a, b, CONJUNCTION_LEN);
}

/* Brings 'wire', which has conjunctions only, into canonical form: sorted,
 * each one once. */
static void
sort_conjunctions(struct ofpbuf *wire)
{
    char *p = wire->data;
    size_t n = wire->size / CONJUNCTION_LEN;
    size_t kept = 0;

    ovs_assert(wire->size % CONJUNCTION_LEN == 0);
    qsort(p, n, CONJUNCTION_LEN, compare_conjunctions);
    for (size_t i = 0; i < n; i++) {
        const char *c = p + i * CONJUNCTION_LEN;
        char *end = p + kept * CONJUNCTION_LEN;
        if (!kept || memcmp(end - CONJUNCTION_LEN, c, CONJUNCTION_LEN)) {
            memmove(end, c, CONJUNCTION_LEN);
            kept++;
        }
    }
    wire->size = kept * CONJUNCTION_LEN;
}

static int
compare_rows(const void *a_, const void *b_)
{
    const struct ofrow_v *a = *(const struct ofrow_v *const *) a_;
    const struct ofrow_v *b = *(const struct ofrow_v *const *) b_;

    if (a->conjunctive != b->conjunctive) {
        return a->conjunctive ? 1 : -1;
    }
    if (a->cookie != b->cookie) {
        return a->cookie < b->cookie ? -1 : 1;
    }
    size_t an = iblob_size(a->actions);
    size_t bn = iblob_size(b->actions);
    return an != bn ? (an < bn ? -1 : 1) : memcmp(a->actions.p, b->actions.p,
                                                  an);
}

static void
merge_ofrow(const void *const *in, size_t n, void *out_)
{
    const void **sorted = xmemdup(in, n * sizeof *in);
    struct ofrow_v *out = out_;
    const struct ofrow_v *first;

    qsort(sorted, n, sizeof *sorted, compare_rows);
    first = sorted[0];
    out->cookie = first->cookie;
    out->conjunctive = first->conjunctive;
    out->actions = first->actions;
    if (first->conjunctive) {
        struct ofpbuf all;
        ofpbuf_init(&all, 64);
        for (size_t i = 0; i < n; i++) {
            const struct ofrow_v *v = sorted[i];
            ofpbuf_put(&all, v->actions.p, iblob_size(v->actions));
        }
        sort_conjunctions(&all);
        out->actions = iblob_intern(all.data, all.size);
        ofpbuf_uninit(&all);
    }
    free(sorted);
}

INC_TABLE_DEFINE(ofrow, OFROW_FIELDS, .kind = INC_OUTPUT,
                 .combine = INC_MERGE, .merge = merge_ofrow);

static bool
only_conjunctions(const struct ofpbuf *ofpacts)
{
    const struct ofpact *a;
    OFPACT_FOR_EACH (a, ofpacts->data, ofpacts->size) {
        if (a->type != OFPACT_CONJUNCTION) {
            return false;
        }
    }
    return ofpacts->size > 0;
}

void
ofrow_emit(uint8_t table, uint16_t priority, const struct match *match,
           const struct ofpbuf *ofpacts, uint32_t cookie)
{
    struct ofpbuf wire;
    ofpbuf_init(&wire, 128);
    ofacts_encode(ofpacts, &wire);
    bool conjunctive = only_conjunctions(ofpacts);
    if (conjunctive) {
        sort_conjunctions(&wire);
    }
    emit_ofrow(&(struct ofrow_v) {
        .of_table = table, .priority = priority, .match = ofmatch_pack(match),
        .cookie = cookie, .conjunctive = conjunctive,
        .actions = iblob_intern(wire.data, wire.size),
    });
    ofpbuf_uninit(&wire);
}
