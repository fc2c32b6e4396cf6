/* What the encodings of actions share. */

#include <config.h>
#include "actions/actions-private.h"

#include "util.h"

void
ovnact_helper_tables_init(uint8_t tables[N_HELPERS])
{
    static const uint8_t numbers[N_HELPERS] = {
        [HELPER_MAC_BINDING] = 66,
        [HELPER_MAC_LOOKUP] = 67,
        [HELPER_LB_HAIRPIN] = 68,
        [HELPER_LB_HAIRPIN_REPLY] = 69,
        [HELPER_LB_SNAT_VIP] = 70,
        [HELPER_GET_FDB] = 71,
        [HELPER_LOOKUP_FDB] = 72,
        [HELPER_CHK_IN_PORT_SEC] = 73,
        [HELPER_CHK_OUT_PORT_SEC] = 75,
        [HELPER_ECMP_NH_MAC] = 76,
        [HELPER_ECMP_NH] = 77,
        [HELPER_LB_AFFINITY] = 78,
        [HELPER_MAC_CACHE_USE] = 79,
        [HELPER_CT_NW_DST] = 81,
        [HELPER_CT_IP6_DST] = 82,
        [HELPER_CT_TP_DST] = 83,
        [HELPER_FLOOD_REMOTE] = 84,
        [HELPER_CT_PROTO] = 86,
        [HELPER_GET_REMOTE_FDB] = 87,
        [HELPER_EVPN_ARP] = 89,
    };

    memcpy(tables, numbers, sizeof numbers);
}

bool
ovnact_fits(struct ofpbuf *ofpacts, size_t start)
{
    if (ofpacts->size - start > UINT16_MAX - 1024) {
        ofpacts->size = start;
        return false;
    }
    return true;
}

struct mf_subfield
ovnact_subfield(enum mf_field_id id, int ofs, int n_bits)
{
    return (struct mf_subfield) {
        .field = mf_from_id(id), .ofs = ofs, .n_bits = n_bits,
    };
}

struct mf_subfield
ovnact_whole_field(enum mf_field_id id)
{
    return ovnact_subfield(id, 0, mf_from_id(id)->n_bits);
}

struct mf_subfield
ovnact_result_bit(const void *act)
{
    return ovnact_subfield(REG_FLAGS, ovnact_class(act)->bit, 1);
}

void
ovnact_put_load_masked(struct ofpbuf *ofpacts, const struct mf_subfield *dst,
                       wide value, wide mask)
{
    union mf_value v, m;
    int n_bytes = dst->field->n_bytes;

    mask &= wide_ones(dst->n_bits);
    memset(&v, 0, sizeof v);
    memset(&m, 0, sizeof m);
    wide_to_bytes((value & mask) << dst->ofs, &v, n_bytes);
    wide_to_bytes(mask << dst->ofs, &m, n_bytes);

    /* A field that cannot be masked wants all bits of its bytes, also those
     * that it does not have (vlan_pcp, ip_dscp). */
    bool whole = dst->n_bits == dst->field->n_bits && !dst->ofs
                 && mask == wide_ones(dst->n_bits);
    ofpact_put_set_field(ofpacts, dst->field, &v, whole ? NULL : &m);
}

void
ovnact_put_load(struct ofpbuf *ofpacts, const struct mf_subfield *dst,
                wide value)
{
    ovnact_put_load_masked(ofpacts, dst, value, wide_ones(dst->n_bits));
}

void
ovnact_put_move(struct ofpbuf *ofpacts, const struct mf_subfield *dst,
                const struct mf_subfield *src)
{
    struct ofpact_reg_move *move = ofpact_put_REG_MOVE(ofpacts);

    move->src = *src;
    move->dst = *dst;
}

void
ovnact_put_push(struct ofpbuf *ofpacts, const struct mf_subfield *sf)
{
    ofpact_put_STACK_PUSH(ofpacts)->subfield = *sf;
}

void
ovnact_put_pop(struct ofpbuf *ofpacts, const struct mf_subfield *sf)
{
    ofpact_put_STACK_POP(ofpacts)->subfield = *sf;
}

void
ovnact_put_resubmit(struct ofpbuf *ofpacts, uint8_t table)
{
    struct ofpact_resubmit *resubmit = ofpact_put_RESUBMIT(ofpacts);

    resubmit->in_port = OFPP_IN_PORT;
    resubmit->table_id = table;
}

void
ovnact_put_group(struct ofpbuf *ofpacts,
                 const struct ovnact_encode_params *ep, const char *spec)
{
    uint32_t id = (ep->callbacks->group
                   ? ep->callbacks->group(spec, ep->aux) : 0);
    if (id) {
        ofpact_put_GROUP(ofpacts)->group_id = id;
    }
}

/* Where the bits of 'sf' are stored, such that different names of one
 * register compare as equal: the number of a storage unit, and the first bit
 * in it. */
static void
locate(const struct mf_subfield *sf, int *unit, int *ofs)
{
    enum mf_field_id id = sf->field->id;
    int reg, n;                 /* First register and number of registers. */

    if (id >= MFF_REG0 && id <= MFF_REG15) {
        reg = id - MFF_REG0;
        n = 1;
    } else if (id >= MFF_XREG0 && id <= MFF_XREG7) {
        reg = (id - MFF_XREG0) * 2;
        n = 2;
    } else if (id >= MFF_XXREG0 && id <= MFF_XXREG3) {
        reg = (id - MFF_XXREG0) * 4;
        n = 4;
    } else {
        *unit = id;
        *ofs = sf->ofs;
        return;
    }

    /* Units of 4 registers, the last one in the least significant bits. */
    *unit = MFF_XXREG0 + reg / 4;
    *ofs = (4 - reg % 4 - n) * 32 + sf->ofs;
}

bool
ovnact_overlap(const struct mf_subfield *a, const struct mf_subfield *b)
{
    int unit_a, unit_b, ofs_a, ofs_b;

    locate(a, &unit_a, &ofs_a);
    locate(b, &unit_b, &ofs_b);
    return (unit_a == unit_b && ofs_a < ofs_b + b->n_bits
            && ofs_b < ofs_a + a->n_bits);
}

bool
ovnact_same_bits(const struct mf_subfield *a, const struct mf_subfield *b)
{
    int unit_a, unit_b, ofs_a, ofs_b;

    locate(a, &unit_a, &ofs_a);
    locate(b, &unit_b, &ofs_b);
    return unit_a == unit_b && ofs_a == ofs_b && a->n_bits == b->n_bits;
}

static bool
arg_is_in_place(const struct ovnact_arg *arg)
{
    struct mf_subfield dst = ovnact_whole_field(arg->dst);

    return ovnact_same_bits(&arg->src, &dst);
}

/* All sources are pushed before anything is overwritten, since one argument
 * may be where another one must go. */
void
ovnact_setup_args(struct ofpbuf *ofpacts, const struct ovnact_arg args[],
                  size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!arg_is_in_place(&args[i])) {
            struct mf_subfield dst = ovnact_whole_field(args[i].dst);
            ovnact_put_push(ofpacts, &dst);
        }
    }
    for (size_t i = n; i-- > 0; ) {
        if (!arg_is_in_place(&args[i])) {
            ovnact_put_push(ofpacts, &args[i].src);
        }
    }
    for (size_t i = 0; i < n; i++) {
        if (!arg_is_in_place(&args[i])) {
            struct mf_subfield dst = ovnact_whole_field(args[i].dst);
            ovnact_put_pop(ofpacts, &dst);
        }
    }
}

void
ovnact_restore_args(struct ofpbuf *ofpacts, const struct ovnact_arg args[],
                    size_t n)
{
    for (size_t i = n; i-- > 0; ) {
        if (!arg_is_in_place(&args[i])) {
            struct mf_subfield dst = ovnact_whole_field(args[i].dst);
            ovnact_put_pop(ofpacts, &dst);
        }
    }
}

size_t
ovnact_punt_begin(const void *act, const struct field_ref *dst,
                  const struct ovnact_encode_params *ep,
                  struct ofpbuf *ofpacts)
{
    size_t start = punt_begin(ofpacts, ovnact_class(act)->opcode,
                              ep->controller_meter);
    if (dst) {
        struct mf_subfield sf = field_ref_to_subfield(dst);
        punt_put_subfield(ofpacts, PUNT_P_RESULT, &sf);
    }
    return start;
}

void
ovnact_format_ofpacts(const struct ofpbuf *ofpacts, struct ds *ds)
{
    struct ofpact_format_params fp = { .s = ds };

    ofpacts_format(ofpacts->data, ofpacts->size, &fp);
}
