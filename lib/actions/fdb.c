/* The forwarding database of logical switches.
 *
 * The syntax of these actions is in fields.c. */

#include <config.h>
#include "actions/actions-private.h"

#include "util.h"

static struct ovnact_arg
arg(const struct ovnact_fields *fields, int i, enum mf_field_id dst)
{
    return (struct ovnact_arg) {
        .src = field_ref_to_subfield(&fields->args[i]), .dst = dst,
    };
}

/* DST = get_fdb(MAC): asks a table that answers in register 'reg', 0 if the
 * MAC is not known. */
static void
encode_get_port(const struct ovnact_fields *fields, enum mf_field_id reg,
                const struct ovnact_encode_params *ep,
                struct ofpbuf *ofpacts)
{
    const struct ovnact_arg args[] = { arg(fields, 0, MFF_ETH_DST) };
    struct mf_subfield result = ovnact_whole_field(reg);
    struct mf_subfield dst = field_ref_to_subfield(&fields->dst);
    bool in_place = ovnact_same_bits(&result, &dst);

    if (!in_place) {
        ovnact_put_push(ofpacts, &result);
    }
    ovnact_setup_args(ofpacts, args, ARRAY_SIZE(args));
    ovnact_put_load(ofpacts, &result, 0);
    ovnact_put_resubmit(ofpacts, ep->helpers[ovnact_class(fields)->helper]);
    ovnact_restore_args(ofpacts, args, ARRAY_SIZE(args));
    if (!in_place) {
        ovnact_put_move(ofpacts, &dst, &result);
        ovnact_put_pop(ofpacts, &result);
    }
}

void
ovnact_encode_get_fdb(const void *fields,
                      const struct ovnact_encode_params *ep,
                      struct ofpbuf *ofpacts)
{
    encode_get_port(fields, REG_OUTPORT, ep, ofpacts);
}

void
ovnact_encode_get_remote_fdb(const void *fields,
                             const struct ovnact_encode_params *ep,
                             struct ofpbuf *ofpacts)
{
    encode_get_port(fields, MFF_REG1, ep, ofpacts);
}

/* put_fdb(PORT, MAC). */
void
ovnact_encode_put_fdb(const void *fields_,
                      const struct ovnact_encode_params *ep,
                      struct ofpbuf *ofpacts)
{
    const struct ovnact_fields *fields = fields_;
    const struct ovnact_arg args[] = {
        arg(fields, 0, REG_INPORT),
        arg(fields, 1, MFF_ETH_SRC),
    };

    ovnact_setup_args(ofpacts, args, ARRAY_SIZE(args));
    ovnact_encode_punt(fields, ep, ofpacts);
    ovnact_restore_args(ofpacts, args, ARRAY_SIZE(args));
}

/* R = lookup_fdb(PORT, MAC). */
void
ovnact_encode_lookup_fdb(const void *fields_,
                         const struct ovnact_encode_params *ep,
                         struct ofpbuf *ofpacts)
{
    const struct ovnact_fields *fields = fields_;
    const struct ovnact_arg args[] = {
        arg(fields, 0, REG_INPORT),
        arg(fields, 1, MFF_ETH_SRC),
    };
    struct mf_subfield dst = field_ref_to_subfield(&fields->dst);
    struct mf_subfield bit = ovnact_result_bit(fields);

    ovnact_setup_args(ofpacts, args, ARRAY_SIZE(args));
    ovnact_put_load(ofpacts, &bit, 0);
    ovnact_put_resubmit(ofpacts, ep->helpers[HELPER_LOOKUP_FDB]);
    ovnact_restore_args(ofpacts, args, ARRAY_SIZE(args));
    ovnact_put_move(ofpacts, &dst, &bit);
}
