/* Connection tracking. */

#include <config.h>
#include "actions/actions-private.h"

#include "openvswitch/ofp-actions.h"
#include "packets.h"
#include "util.h"

/* The connection tracking zone of the flow's datapath.  A switch has one for
 * each port, a router one for DNAT and one for SNAT. */
static struct mf_subfield
zone_register(enum ovnact_zone zone, const struct ovnact_encode_params *ep)
{
    return ovnact_subfield((ep->is_switch ? REG_CT_ZONE
                            : zone == OVNACT_ZONE_SNAT ? REG_SNAT_ZONE
                            : REG_DNAT_ZONE), 0, 16);
}

size_t
ovnact_ct_begin(struct ofpbuf *ofpacts, struct mf_subfield zone,
                uint16_t flags, uint8_t recirc_table)
{
    size_t start = ofpacts->size;
    struct ofpact_conntrack *ct = ofpact_put_CT(ofpacts);

    ct->zone_src = zone;
    ct->flags = flags;
    ct->recirc_table = recirc_table;
    return start;
}

void
ovnact_ct_end(struct ofpbuf *ofpacts, size_t start)
{
    if (ovnact_fits(ofpacts, start)) {
        struct ofpact_conntrack *ct = ofpbuf_at_assert(ofpacts, start,
                                                       sizeof *ct);
        ofpacts->header = ct;
        ofpact_finish_CT(ofpacts, &ct);
    }
}

/* KEYWORD; KEYWORD(dnat); KEYWORD(snat). */

void
ovnact_parse_ct_zone(struct ovnact_parser *p, void *ct_)
{
    struct ovnact_ct_zone *ct = ct_;
    const char *name = ovnact_class(ct)->name;
    bool zone_required = ct->ovnact.type == OVNACT_CT_COMMIT_TO_ZONE;

    if (!zone_required && !ovnact_next_table(p, name, &ct->ltable)) {
        return;
    }
    if (!lexer_match(p->lexer, TOKEN_LPAREN)) {
        if (zone_required) {
            lexer_syntax_error(p->lexer, "expecting `('.");
        }
        return;
    }
    if (lexer_match_id(p->lexer, "dnat")) {
        ct->zone = OVNACT_ZONE_DNAT;
    } else if (lexer_match_id(p->lexer, "snat")) {
        ct->zone = OVNACT_ZONE_SNAT;
    } else {
        lexer_syntax_error(p->lexer, "expecting `dnat' or `snat'.");
        return;
    }
    lexer_force_match(p->lexer, TOKEN_RPAREN);
}

void
ovnact_format_ct_zone(const void *ct_, struct ds *ds)
{
    const struct ovnact_ct_zone *ct = ct_;

    ds_put_cstr(ds, ovnact_class(ct)->name);
    if (ct->zone != OVNACT_ZONE_DEFAULT) {
        ds_put_cstr(ds, ct->zone == OVNACT_ZONE_DNAT ? "(dnat)" : "(snat)");
    }
}

void
ovnact_encode_ct_next(const void *ct_, const struct ovnact_encode_params *ep,
                      struct ofpbuf *ofpacts)
{
    const struct ovnact_ct_zone *ct = ct_;

    size_t start = ovnact_ct_begin(ofpacts, zone_register(ct->zone, ep), 0,
                                   ovnact_of_table(ep, ct->ltable));

    ovnact_ct_end(ofpacts, start);
}

/* Commits.  The empty source NAT lets the connection tracker choose another
 * port if a NATed connection already has this tuple. */
static void
encode_commit(struct mf_subfield zone, const struct ovnact *exec,
              const struct ovnact_encode_params *ep, struct ofpbuf *ofpacts)
{
    size_t start = ovnact_ct_begin(ofpacts, zone, NX_CT_F_COMMIT,
                                   NX_CT_RECIRC_NONE);

    struct ofpact_nat *nat = ofpact_put_NAT(ofpacts);
    nat->flags = NX_NAT_F_SRC;
    nat->range_af = AF_UNSPEC;
    ovnact_encode_list(exec, ep, ofpacts);
    ovnact_ct_end(ofpacts, start);
}

void
ovnact_encode_ct_commit_to_zone(const void *ct_,
                                const struct ovnact_encode_params *ep,
                                struct ofpbuf *ofpacts)
{
    const struct ovnact_ct_zone *ct = ct_;

    encode_commit(zone_register(ct->zone, ep), NULL, ep, ofpacts);
}

void
ovnact_encode_ct_commit_nat(const void *ct_,
                            const struct ovnact_encode_params *ep,
                            struct ofpbuf *ofpacts)
{
    const struct ovnact_ct_zone *ct = ct_;
    size_t start = ovnact_ct_begin(ofpacts, zone_register(ct->zone, ep),
                                   NX_CT_F_COMMIT,
                                   ovnact_of_table(ep, ct->ltable));

    struct ofpact_nat *nat = ofpact_put_NAT(ofpacts);
    nat->range_af = AF_UNSPEC;
    ovnact_ct_end(ofpacts, start);
}

/* ct_commit { ct_mark = ...; ct_label = ...; }. */

/* Reports an error if a nested action is anything but an assignment to
 * ct_mark or ct_label: OpenFlow can do nothing else there. */
static void
check_ct_commit(struct ovnact_parser *p, const struct ovnact *nested)
{
    const struct ovnact *act;

    OVNACT_FOR_EACH (act, nested) {
        const struct field_ref *dst
            = (act->type == OVNACT_LOAD
               ? &((const struct ovnact_load *) act)->dst
               : act->type == OVNACT_MOVE
               ? &((const struct ovnact_move *) act)->dst
               : NULL);
        if (!dst || (dst->symbol->field->id != MFF_CT_MARK
                     && dst->symbol->field->id != MFF_CT_LABEL)) {
            ovnact_error(p, "only assignments to ct_mark and ct_label "
                         "are allowed in ct_commit.");
            return;
        }
    }
}

void
ovnact_parse_ct_commit(struct ovnact_parser *p, void *nest_)
{
    struct ovnact_nest *nest = nest_;
    bool saved = p->in_ct_commit;

    if (p->lexer->token.type == TOKEN_SEMICOLON) {
        return;
    }
    if (p->lexer->token.type != TOKEN_LCURLY) {
        lexer_syntax_error(p->lexer, "expecting `{' or `;'.");
        return;
    }
    p->in_ct_commit = true;
    nest->nested = ovnact_parse_block(p);
    p->in_ct_commit = saved;
    if (!p->lexer->error) {
        check_ct_commit(p, nest->nested);
    }
}

void
ovnact_format_ct_commit(const void *nest, struct ds *ds)
{
    ovnact_format_nest(nest, ds);
}

void
ovnact_encode_ct_commit(const void *nest_,
                        const struct ovnact_encode_params *ep,
                        struct ofpbuf *ofpacts)
{
    const struct ovnact_nest *nest = nest_;

    encode_commit(zone_register(OVNACT_ZONE_DEFAULT, ep), nest->nested, ep,
                  ofpacts);
}

/* KEYWORD; KEYWORD(IP); KEYWORD(IP, PORT); KEYWORD(IP, PORT-PORT). */

static bool
parse_nat_ports(struct ovnact_parser *p, struct ovnact_ct_nat *nat)
{
    uint64_t min, max;

    if (!ovnact_parse_number(p, 1, UINT16_MAX, "port number", &min)) {
        return false;
    }
    max = min;
    if (lexer_match(p->lexer, TOKEN_MINUS)
        && !ovnact_parse_number(p, min, UINT16_MAX, "port number", &max)) {
        return false;
    }
    nat->port_min = min;
    nat->port_max = max;
    return true;
}

void
ovnact_parse_ct_nat(struct ovnact_parser *p, void *nat_)
{
    struct ovnact_ct_nat *nat = nat_;
    const struct token *token = &p->lexer->token;

    nat->family = AF_UNSPEC;
    if (!ovnact_next_table(p, ovnact_class(nat)->name, &nat->ltable)
        || !lexer_match(p->lexer, TOKEN_LPAREN)) {
        return;
    }

    if (token->type == TOKEN_INTEGER && !token->value) {
        /* Open vSwitch does not translate to it. */
        lexer_syntax_error(p->lexer, "expecting an address other than 0.");
        return;
    } else if (token->type == TOKEN_INTEGER
               && token->format == FORMAT_IPV4) {
        nat->family = AF_INET;
        nat->ip4 = htonl(token->value);
    } else if (token->type == TOKEN_INTEGER
               && token->format == FORMAT_IPV6) {
        nat->family = AF_INET6;
        wide_to_bytes(token->value, &nat->ip6, sizeof nat->ip6);
    } else {
        lexer_syntax_error(p->lexer, "expecting IPv4 or IPv6 address.");
        return;
    }
    lexer_next(p->lexer);

    if (lexer_match(p->lexer, TOKEN_COMMA) && !parse_nat_ports(p, nat)) {
        return;
    }
    lexer_force_match(p->lexer, TOKEN_RPAREN);
}

void
ovnact_format_ct_nat(const void *nat_, struct ds *ds)
{
    const struct ovnact_ct_nat *nat = nat_;

    ds_put_cstr(ds, ovnact_class(nat)->name);
    if (nat->family == AF_UNSPEC) {
        return;
    }
    ds_put_char(ds, '(');
    if (nat->family == AF_INET) {
        ds_put_format(ds, IP_FMT, IP_ARGS(nat->ip4));
    } else {
        ipv6_format_addr(&nat->ip6, ds);
    }
    if (nat->port_min) {
        ds_put_format(ds, ",%"PRIu16, nat->port_min);
        if (nat->port_max > nat->port_min) {
            ds_put_format(ds, "-%"PRIu16, nat->port_max);
        }
    }
    ds_put_char(ds, ')');
}

/* Without address, what was translated when the connection was committed is
 * translated (back); with address, commits a translation to it. */
static void
encode_ct_nat(const struct ovnact_ct_nat *nat, struct mf_subfield zone,
              uint16_t nat_flag, const struct ovnact_encode_params *ep,
              struct ofpbuf *ofpacts)
{
    bool commit = nat->family != AF_UNSPEC;
    size_t start = ovnact_ct_begin(ofpacts, zone,
                                   commit ? NX_CT_F_COMMIT : 0,
                                   ovnact_of_table(ep, nat->ltable));

    struct ofpact_nat *on = ofpact_put_NAT(ofpacts);
    on->range_af = nat->family;
    if (commit) {
        on->flags = nat_flag;
        if (nat->family == AF_INET) {
            on->range.addr.ipv4.min = nat->ip4;
        } else {
            on->range.addr.ipv6.min = nat->ip6;
        }
        on->range.proto.min = nat->port_min;
        on->range.proto.max = (nat->port_max > nat->port_min
                               ? nat->port_max : 0);
    }
    ovnact_ct_end(ofpacts, start);
}

void
ovnact_encode_ct_dnat(const void *nat, const struct ovnact_encode_params *ep,
                      struct ofpbuf *ofpacts)
{
    encode_ct_nat(nat, ovnact_subfield(REG_DNAT_ZONE, 0, 16), NX_NAT_F_DST,
                  ep, ofpacts);
}

void
ovnact_encode_ct_snat(const void *nat, const struct ovnact_encode_params *ep,
                      struct ofpbuf *ofpacts)
{
    encode_ct_nat(nat, ovnact_subfield(REG_SNAT_ZONE, 0, 16), NX_NAT_F_SRC,
                  ep, ofpacts);
}

/* The common zone of a distributed router is its DNAT zone. */
void
ovnact_encode_ct_dnat_in_czone(const void *nat,
                               const struct ovnact_encode_params *ep,
                               struct ofpbuf *ofpacts)
{
    ovnact_encode_ct_dnat(nat, ep, ofpacts);
}

void
ovnact_encode_ct_snat_in_czone(const void *nat,
                               const struct ovnact_encode_params *ep,
                               struct ofpbuf *ofpacts)
{
    encode_ct_nat(nat, ovnact_subfield(REG_DNAT_ZONE, 0, 16), NX_NAT_F_SRC,
                  ep, ofpacts);
}

void
ovnact_encode_ct_clear(const void *act OVS_UNUSED,
                       const struct ovnact_encode_params *ep OVS_UNUSED,
                       struct ofpbuf *ofpacts)
{
    ofpact_put_CT_CLEAR(ofpacts);
}

/* ct_snat_to_vip: the table knows the VIP and commits. */
void
ovnact_encode_ct_snat_to_vip(const void *act,
                             const struct ovnact_encode_params *ep,
                             struct ofpbuf *ofpacts)
{
    ovnact_encode_resubmit_helper(act, ep, ofpacts);
}

/* R = ct_state_save(). */
void
ovnact_encode_ct_state_save(const void *fields_,
                            const struct ovnact_encode_params *ep OVS_UNUSED,
                            struct ofpbuf *ofpacts)
{
    const struct ovnact_fields *fields = fields_;
    struct mf_subfield dst = field_ref_to_subfield(&fields->dst);
    struct mf_subfield src = ovnact_subfield(MFF_CT_STATE, 0, 8);

    ovnact_put_move(ofpacts, &dst, &src);
}

/* R = ct_nw_dst() and so on.
 *
 * OpenFlow lets a flow read the original tuple only if its match makes sure
 * that there is one.  So that the match of the logical flow need not, a table
 * copies it to xxreg0, right-justified, which is saved around that. */
void
ovnact_encode_ct_tuple(const void *fields_,
                       const struct ovnact_encode_params *ep,
                       struct ofpbuf *ofpacts)
{
    const struct ovnact_fields *fields = fields_;
    struct mf_subfield dst = field_ref_to_subfield(&fields->dst);
    struct mf_subfield xxreg0 = ovnact_whole_field(MFF_XXREG0);
    struct mf_subfield xxreg1 = ovnact_whole_field(MFF_XXREG1);
    bool conflict = ovnact_overlap(&dst, &xxreg0);

    if (conflict) {
        ovnact_put_push(ofpacts, &xxreg1);
    }
    ovnact_put_push(ofpacts, &xxreg0);
    ovnact_put_load(ofpacts, &xxreg0, 0);
    ovnact_put_resubmit(ofpacts, ep->helpers[ovnact_class(fields)->helper]);
    if (conflict) {
        ovnact_put_move(ofpacts, &xxreg1, &xxreg0);
        ovnact_put_pop(ofpacts, &xxreg0);
    }
    struct mf_subfield result = ovnact_subfield(
        conflict ? MFF_XXREG1 : MFF_XXREG0, 0, dst.n_bits);
    ovnact_put_move(ofpacts, &dst, &result);
    ovnact_put_pop(ofpacts, conflict ? &xxreg1 : &xxreg0);
}
