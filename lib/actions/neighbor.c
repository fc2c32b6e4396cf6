/* Neighbors: MAC bindings.
 *
 * The syntax of these actions is in fields.c; packets that ovn-controller
 * makes (arp, nd_ns, nd_na) are in flow.c. */

#include <config.h>
#include "actions/actions-private.h"

#include "util.h"

/* Where tables and ovn-controller expect an IP address like argument 'i'. */
static enum mf_field_id
ip_register(const struct ovnact_fields *fields, int i)
{
    return fields->args[i].n_bits == 32 ? MFF_REG0 : MFF_XXREG0;
}

static struct ovnact_arg
arg(const struct ovnact_fields *fields, int i, enum mf_field_id dst)
{
    return (struct ovnact_arg) {
        .src = field_ref_to_subfield(&fields->args[i]), .dst = dst,
    };
}

static void
resubmit_helper(const struct ovnact_fields *fields,
                const struct ovnact_encode_params *ep,
                struct ofpbuf *ofpacts)
{
    ovnact_put_resubmit(ofpacts, ep->helpers[ovnact_class(fields)->helper]);
}

/* get_arp(PORT, IP), get_nd(PORT, IP): eth.dst is the result, 0 if there is
 * none. */
void
ovnact_encode_get_mac(const void *fields_,
                      const struct ovnact_encode_params *ep,
                      struct ofpbuf *ofpacts)
{
    const struct ovnact_fields *fields = fields_;
    const struct ovnact_arg args[] = {
        arg(fields, 0, REG_OUTPORT),
        arg(fields, 1, ip_register(fields, 1)),
    };
    struct mf_subfield eth_dst = ovnact_whole_field(MFF_ETH_DST);

    ovnact_setup_args(ofpacts, args, ARRAY_SIZE(args));
    ovnact_put_load(ofpacts, &eth_dst, 0);
    resubmit_helper(fields, ep, ofpacts);
    ovnact_restore_args(ofpacts, args, ARRAY_SIZE(args));
}

/* put_arp(PORT, IP, MAC), put_nd(PORT, IP, MAC). */
void
ovnact_encode_put_mac(const void *fields_,
                      const struct ovnact_encode_params *ep,
                      struct ofpbuf *ofpacts)
{
    const struct ovnact_fields *fields = fields_;
    const struct ovnact_arg args[] = {
        arg(fields, 0, REG_INPORT),
        arg(fields, 1, ip_register(fields, 1)),
        arg(fields, 2, MFF_ETH_SRC),
    };

    ovnact_setup_args(ofpacts, args, ARRAY_SIZE(args));
    ovnact_encode_punt(fields, ep, ofpacts);
    ovnact_restore_args(ofpacts, args, ARRAY_SIZE(args));
}

/* Clears the result bit, asks the table, restores 'args', sets the result.
 * In this order the result may overlap an argument's register. */
static void
lookup(const struct ovnact_fields *fields, const struct ovnact_arg args[],
       size_t n, const struct ovnact_encode_params *ep,
       struct ofpbuf *ofpacts)
{
    struct mf_subfield dst = field_ref_to_subfield(&fields->dst);
    struct mf_subfield bit = ovnact_result_bit(fields);

    ovnact_setup_args(ofpacts, args, n);
    ovnact_put_load(ofpacts, &bit, 0);
    resubmit_helper(fields, ep, ofpacts);
    ovnact_restore_args(ofpacts, args, n);
    ovnact_put_move(ofpacts, &dst, &bit);
}

/* R = lookup_arp(PORT, IP, MAC), R = lookup_nd(PORT, IP, MAC). */
void
ovnact_encode_lookup_mac(const void *fields_,
                         const struct ovnact_encode_params *ep,
                         struct ofpbuf *ofpacts)
{
    const struct ovnact_fields *fields = fields_;
    const struct ovnact_arg args[] = {
        arg(fields, 0, REG_INPORT),
        arg(fields, 1, ip_register(fields, 1)),
        arg(fields, 2, MFF_ETH_SRC),
    };

    lookup(fields, args, ARRAY_SIZE(args), ep, ofpacts);
}

/* R = lookup_arp_ip(PORT, IP), R = lookup_nd_ip(PORT, IP): the table is the
 * one of get_arp(), whose effect on eth.dst is not wanted. */
void
ovnact_encode_lookup_mac_ip(const void *fields_,
                            const struct ovnact_encode_params *ep,
                            struct ofpbuf *ofpacts)
{
    const struct ovnact_fields *fields = fields_;
    const struct ovnact_arg args[] = {
        arg(fields, 0, REG_OUTPORT),
        arg(fields, 1, ip_register(fields, 1)),
    };
    struct mf_subfield eth_dst = ovnact_whole_field(MFF_ETH_DST);

    ovnact_put_push(ofpacts, &eth_dst);
    lookup(fields, args, ARRAY_SIZE(args), ep, ofpacts);
    ovnact_put_pop(ofpacts, &eth_dst);
}

/* R = chk_evpn_arp(IP). */
void
ovnact_encode_evpn_arp(const void *fields_,
                       const struct ovnact_encode_params *ep,
                       struct ofpbuf *ofpacts)
{
    const struct ovnact_fields *fields = fields_;
    const struct ovnact_arg args[] = { arg(fields, 0, MFF_REG0) };

    lookup(fields, args, ARRAY_SIZE(args), ep, ofpacts);
}
