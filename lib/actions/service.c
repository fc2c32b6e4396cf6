/* Services of ovn-controller that need a syntax or arguments of their own:
 * bind_vport, handle_svc_check, DHCP relay. */

#include <config.h>
#include "actions/actions-private.h"

#include "packets.h"
#include "util.h"

/* bind_vport("VPORT", PARENT). */

void
ovnact_parse_bind_vport(struct ovnact_parser *p, void *bind_)
{
    struct ovnact_bind_vport *bind = bind_;

    if (!lexer_force_match(p->lexer, TOKEN_LPAREN)) {
        return;
    }
    bind->vport = ovnact_parse_string(p);
    if (bind->vport && lexer_force_match(p->lexer, TOKEN_COMMA)
        && ovnact_parse_field(p, 'p', false, &bind->parent)) {
        lexer_force_match(p->lexer, TOKEN_RPAREN);
    }
}

void
ovnact_format_bind_vport(const void *bind_, struct ds *ds)
{
    const struct ovnact_bind_vport *bind = bind_;

    ds_put_cstr(ds, "bind_vport(");
    ovnact_format_string(bind->vport, ds);
    ds_put_cstr(ds, ", ");
    field_ref_format(&bind->parent, ds);
    ds_put_char(ds, ')');
}

void
ovnact_encode_bind_vport(const void *bind_,
                         const struct ovnact_encode_params *ep,
                         struct ofpbuf *ofpacts)
{
    const struct ovnact_bind_vport *bind = bind_;
    const struct ovnact_arg args[] = {
        { field_ref_to_subfield(&bind->parent), REG_INPORT },
    };
    uint32_t key;

    if (!ep->callbacks->lookup_port
        || !ep->callbacks->lookup_port(bind->vport, &key, ep->aux)) {
        return;
    }
    ovnact_setup_args(ofpacts, args, ARRAY_SIZE(args));
    size_t start = ovnact_punt_begin(bind, NULL, ep, ofpacts);
    punt_put_u32(ofpacts, PUNT_P_PORT, key);
    punt_end(ofpacts, start);
    ovnact_restore_args(ofpacts, args, ARRAY_SIZE(args));
}

/* handle_svc_check(PORT). */
void
ovnact_encode_svc_check(const void *fields_,
                        const struct ovnact_encode_params *ep,
                        struct ofpbuf *ofpacts)
{
    const struct ovnact_fields *fields = fields_;
    const struct ovnact_arg args[] = {
        { field_ref_to_subfield(&fields->args[0]), REG_INPORT },
    };

    ovnact_setup_args(ofpacts, args, ARRAY_SIZE(args));
    ovnact_encode_punt(fields, ep, ofpacts);
    ovnact_restore_args(ofpacts, args, ARRAY_SIZE(args));
}

/* R = dhcp_relay_req_chk(RELAY, SERVER),
 * R = dhcp_relay_resp_chk(RELAY, SERVER). */

void
ovnact_parse_dhcp_relay(struct ovnact_parser *p, void *relay_)
{
    struct ovnact_dhcp_relay *relay = relay_;

    relay->dst = p->dst;
    if (lexer_force_match(p->lexer, TOKEN_LPAREN)
        && ovnact_parse_ip4(p, &relay->relay)
        && lexer_force_match(p->lexer, TOKEN_COMMA)
        && ovnact_parse_ip4(p, &relay->server)) {
        lexer_force_match(p->lexer, TOKEN_RPAREN);
    }
}

void
ovnact_format_dhcp_relay(const void *relay_, struct ds *ds)
{
    const struct ovnact_dhcp_relay *relay = relay_;

    ovnact_format_dst(&relay->dst, ds);
    ds_put_format(ds, "%s("IP_FMT", "IP_FMT")", ovnact_class(relay)->name,
                  IP_ARGS(relay->relay), IP_ARGS(relay->server));
}

void
ovnact_encode_dhcp_relay(const void *relay_,
                         const struct ovnact_encode_params *ep,
                         struct ofpbuf *ofpacts)
{
    const struct ovnact_dhcp_relay *relay = relay_;
    size_t start = ovnact_punt_begin(relay, &relay->dst, ep, ofpacts);

    punt_put_u32(ofpacts, PUNT_P_ADDRESS, ntohl(relay->relay));
    punt_put_u32(ofpacts, PUNT_P_ADDRESS, ntohl(relay->server));
    punt_end(ofpacts, start);
}
