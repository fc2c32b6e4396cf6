/* Assignments and the stack. */

#include <config.h>
#include "actions/actions-private.h"

#include "util.h"

/* FIELD = CONSTANT. */

void
ovnact_parse_load(struct ovnact_parser *p, void *load_)
{
    struct ovnact_load *load = load_;
    const struct field_ref *dst = &p->dst;

    load->dst = *dst;
    if (dst->symbol->kind != SYMBOL_OVN
        && !ovnact_check_field(p, dst, dst->n_bits, true)) {
        return;
    }
    if (!expr_parse_constant(p->lexer, dst->n_bits, &load->value,
                             p->arena)) {
        return;
    }
    if (load->value.masked) {
        if (dst->symbol->kind == SYMBOL_OVN) {
            lexer_error_at(p->lexer, load->value.ofs,
                           "%s cannot be set under a mask.",
                           dst->symbol->name);
            return;
        }
        load->value.value &= load->value.mask;
    }
    ovnact_add_field_prereqs(p, dst);
}

void
ovnact_format_load(const void *load_, struct ds *ds)
{
    const struct ovnact_load *load = load_;

    ovnact_format_dst(&load->dst, ds);
    constant_format(&load->value, ds);
}

void
ovnact_encode_load(const void *load_, const struct ovnact_encode_params *ep,
                   struct ofpbuf *ofpacts)
{
    const struct ovnact_load *load = load_;
    const struct constant *c = &load->value;
    struct mf_subfield dst = field_ref_to_subfield(&load->dst);

    if (c->string) {
        /* A port that is not there has number 0, as has "". */
        uint32_t port = 0;
        if (!c->string[0] || !ep->callbacks->lookup_port
            || !ep->callbacks->lookup_port(c->string, &port, ep->aux)) {
            port = 0;
        }
        ovnact_put_load(ofpacts, &dst, port);
    } else {
        ovnact_put_load_masked(ofpacts, &dst, c->value,
                               c->masked ? c->mask : wide_ones(128));
    }
}

/* Fields that only ovn-controller can set. */
void
ovnact_encode_ovnfield_load(const void *load_,
                            const struct ovnact_encode_params *ep,
                            struct ofpbuf *ofpacts)
{
    const struct ovnact_load *load = load_;
    enum punt_opcode opcode;
    size_t n_bytes = 4;

    switch (load->dst.symbol->ovn_field) {
    case OVN_FIELD_ICMP4_FRAG_MTU:
        opcode = PUNT_PUT_ICMP4_FRAG_MTU;
        n_bytes = 2;
        break;
    case OVN_FIELD_ICMP6_FRAG_MTU:
        opcode = PUNT_PUT_ICMP6_FRAG_MTU;
        break;
    case OVN_FIELD_ICMP4_INNER_IP4_SRC:
        opcode = PUNT_PUT_ICMP4_INNER_SRC;
        break;
    case OVN_FIELD_NONE:
    default:
        OVS_NOT_REACHED();
    }

    uint8_t value[4];
    wide_to_bytes(load->value.value, value, n_bytes);
    size_t start = punt_begin(ofpacts, opcode, ep->controller_meter);
    punt_put(ofpacts, PUNT_P_VALUE, value, n_bytes);
    punt_end(ofpacts, start);
}

/* DST = SRC, A <-> B. */

/* Parses the right side of a copy or exchange, whose left side is given. */
static void
parse_two_fields(struct ovnact_parser *p, struct ovnact_move *move,
                 bool exchange)
{
    int n_bits = p->dst.n_bits;

    move->dst = p->dst;
    if (!ovnact_check_field(p, &move->dst, n_bits, true)) {
        return;
    }
    p->field_ofs = p->lexer->token.ofs;
    if (!expr_parse_field(p->lexer, p->params->symtab, &move->src)) {
        return;
    }

    const struct symbol *a = move->dst.symbol;
    const struct symbol *b = move->src.symbol;
    const char *verb = exchange ? "exchange" : "copy";
    if (!move->dst.n_bits != !move->src.n_bits) {
        lexer_error_at(p->lexer, p->field_ofs,
                       "Can't %s %s field %s %s %s field %s.", verb,
                       move->src.n_bits ? "integer" : "string", b->name,
                       exchange ? "with" : "to", n_bits ? "integer" : "string",
                       a->name);
        return;
    }
    if (move->dst.n_bits != move->src.n_bits) {
        lexer_error_at(p->lexer, p->field_ofs,
                       "Can't %s %d-bit field %s %s %d-bit field %s.", verb,
                       move->src.n_bits, b->name, exchange ? "with" : "to",
                       n_bits, a->name);
        return;
    }
    if (ovnact_check_field(p, &move->src, n_bits, exchange)) {
        ovnact_add_field_prereqs(p, &move->dst);
        ovnact_add_field_prereqs(p, &move->src);
    }
}

void
ovnact_parse_move(struct ovnact_parser *p, void *move)
{
    parse_two_fields(p, move, false);
}

void
ovnact_format_move(const void *move_, struct ds *ds)
{
    const struct ovnact_move *move = move_;

    ovnact_format_dst(&move->dst, ds);
    field_ref_format(&move->src, ds);
}

void
ovnact_encode_move(const void *move_,
                   const struct ovnact_encode_params *ep OVS_UNUSED,
                   struct ofpbuf *ofpacts)
{
    const struct ovnact_move *move = move_;
    struct mf_subfield dst = field_ref_to_subfield(&move->dst);
    struct mf_subfield src = field_ref_to_subfield(&move->src);

    ovnact_put_move(ofpacts, &dst, &src);
}

void
ovnact_parse_exchange(struct ovnact_parser *p, void *move)
{
    parse_two_fields(p, move, true);
}

void
ovnact_format_exchange(const void *move_, struct ds *ds)
{
    const struct ovnact_move *move = move_;

    field_ref_format(&move->dst, ds);
    ds_put_cstr(ds, " <-> ");
    field_ref_format(&move->src, ds);
}

void
ovnact_encode_exchange(const void *move_,
                       const struct ovnact_encode_params *ep OVS_UNUSED,
                       struct ofpbuf *ofpacts)
{
    const struct ovnact_move *move = move_;
    struct mf_subfield a = field_ref_to_subfield(&move->dst);
    struct mf_subfield b = field_ref_to_subfield(&move->src);

    ovnact_put_push(ofpacts, &b);
    ovnact_put_push(ofpacts, &a);
    ovnact_put_pop(ofpacts, &b);
    ovnact_put_pop(ofpacts, &a);
}

/* ip.ttl--. */

void
ovnact_parse_dec_ttl(struct ovnact_parser *p, void *act OVS_UNUSED)
{
    const struct field_ref *dst = &p->dst;

    if (dst->symbol->kind != SYMBOL_FIELD
        || dst->symbol->field->id != MFF_IP_TTL
        || dst->n_bits != dst->symbol->field->n_bits) {
        ovnact_error(p, "Only ip.ttl can be decremented, not %s.",
                     dst->symbol->name);
    }
}

void
ovnact_format_dec_ttl(const void *act, struct ds *ds)
{
    ds_put_cstr(ds, ovnact_class(act)->name);
}

void
ovnact_encode_dec_ttl(const void *act OVS_UNUSED,
                      const struct ovnact_encode_params *ep OVS_UNUSED,
                      struct ofpbuf *ofpacts)
{
    struct ofpact_cnt_ids *ids = ofpact_put_DEC_TTL(ofpacts);

    /* No controller is told about packets whose time has come. */
    ids->n_controllers = 0;
    ofpact_finish_DEC_TTL(ofpacts, &ids);
}

/* push(FIELD), pop(FIELD). */

void
ovnact_parse_stack(struct ovnact_parser *p, void *field_)
{
    struct ovnact_field *field = field_;
    bool pop = field->ovnact.type == OVNACT_POP;

    if (!lexer_force_match(p->lexer, TOKEN_LPAREN)) {
        return;
    }
    p->field_ofs = p->lexer->token.ofs;
    if (!expr_parse_field(p->lexer, p->params->symtab, &field->field)
        || !ovnact_check_field(p, &field->field, field->field.n_bits, pop)) {
        return;
    }
    ovnact_add_field_prereqs(p, &field->field);
    lexer_force_match(p->lexer, TOKEN_RPAREN);
}

void
ovnact_format_stack(const void *field_, struct ds *ds)
{
    const struct ovnact_field *field = field_;

    ds_put_format(ds, "%s(", ovnact_class(field)->name);
    field_ref_format(&field->field, ds);
    ds_put_char(ds, ')');
}

void
ovnact_encode_push(const void *field_,
                   const struct ovnact_encode_params *ep OVS_UNUSED,
                   struct ofpbuf *ofpacts)
{
    const struct ovnact_field *field = field_;
    struct mf_subfield sf = field_ref_to_subfield(&field->field);

    ovnact_put_push(ofpacts, &sf);
}

void
ovnact_encode_pop(const void *field_,
                  const struct ovnact_encode_params *ep OVS_UNUSED,
                  struct ofpbuf *ofpacts)
{
    const struct ovnact_field *field = field_;
    struct mf_subfield sf = field_ref_to_subfield(&field->field);

    ovnact_put_pop(ofpacts, &sf);
}
