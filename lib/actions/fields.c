/* Actions whose parameters are fields only: [DST =] KEYWORD(FIELD, ...), as
 * their signature in actions.def says; and the encodings that are not
 * specific to one of them. */

#include <config.h>
#include "actions/actions-private.h"

#include "util.h"

void
ovnact_parse_fields(struct ovnact_parser *p, void *fields_)
{
    struct ovnact_fields *fields = fields_;
    const struct ovnact_class *class = ovnact_class(fields);
    const char *kinds = strchr(class->signature, ':') + 1;

    if (class->form == OVNACT_FUNC) {
        fields->dst = p->dst;
    }
    if (!lexer_force_match(p->lexer, TOKEN_LPAREN)) {
        return;
    }
    for (const char *kind = kinds; *kind; kind++) {
        if ((kind != kinds && !lexer_force_match(p->lexer, TOKEN_COMMA))
            || !ovnact_parse_field(p, *kind, false,
                                   &fields->args[fields->n_args])) {
            return;
        }
        fields->n_args++;
    }
    lexer_force_match(p->lexer, TOKEN_RPAREN);
}

void
ovnact_format_fields(const void *fields_, struct ds *ds)
{
    const struct ovnact_fields *fields = fields_;

    if (fields->dst.symbol) {
        ovnact_format_dst(&fields->dst, ds);
    }
    ds_put_format(ds, "%s(", ovnact_class(fields)->name);
    for (int i = 0; i < fields->n_args; i++) {
        if (i) {
            ds_put_cstr(ds, ", ");
        }
        field_ref_format(&fields->args[i], ds);
    }
    ds_put_char(ds, ')');
}

/* Asks a helper table a question that it answers with a bit. */
void
ovnact_encode_lookup_bit(const void *fields_,
                         const struct ovnact_encode_params *ep,
                         struct ofpbuf *ofpacts)
{
    const struct ovnact_fields *fields = fields_;
    struct mf_subfield dst = field_ref_to_subfield(&fields->dst);
    struct mf_subfield bit = ovnact_result_bit(fields);

    ovnact_put_load(ofpacts, &bit, 0);
    ovnact_put_resubmit(ofpacts, ep->helpers[ovnact_class(fields)->helper]);
    ovnact_put_move(ofpacts, &dst, &bit);
}

/* Sends the packet to ovn-controller, with nothing but the opcode. */
void
ovnact_encode_punt(const void *act, const struct ovnact_encode_params *ep,
                   struct ofpbuf *ofpacts)
{
    punt_end(ofpacts, ovnact_punt_begin(act, NULL, ep, ofpacts));
}

/* Likewise, and ovn-controller sets the result before it resumes. */
void
ovnact_encode_punt_result(const void *fields_,
                          const struct ovnact_encode_params *ep,
                          struct ofpbuf *ofpacts)
{
    const struct ovnact_fields *fields = fields_;

    punt_end(ofpacts, ovnact_punt_begin(fields, &fields->dst, ep, ofpacts));
}
