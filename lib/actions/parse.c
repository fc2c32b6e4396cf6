/* What the parsers and formatters of actions share. */

#include <config.h>
#include "actions/actions-private.h"

#include "openvswitch/json.h"
#include "packets.h"
#include "util.h"

/* Returns the width of field that letter 'kind' of a signature demands, 0 for
 * a string, -1 for an integer of any width. */
int
ovnact_kind_to_width(char kind)
{
    switch (kind) {
    case 'p': return 0;
    case 'b': return 1;
    case 'o': return 8;
    case 'w': return 16;
    case '4': return 32;
    case 'm': return 48;
    case '6': return 128;
    case '*': return -1;
    default: OVS_NOT_REACHED();
    }
}

void
ovnact_add_field_prereqs(struct ovnact_parser *p,
                         const struct field_ref *ref)
{
    p->prereqs = expr_and(p->prereqs, field_ref_prereqs(ref));
}

void
ovnact_add_prereq(struct ovnact_parser *p, const char *predicate)
{
    p->prereqs = expr_and(p->prereqs, expr_from_predicate(p->params->symtab,
                                                          predicate));
}

/* Checks that 'ref' has 'n_bits' bits (0: a string; negative: any integer),
 * and with 'write' that it can be written to here. */
bool
ovnact_check_field(struct ovnact_parser *p, const struct field_ref *ref,
                   int n_bits, bool write)
{
    char *error = field_ref_check(ref, n_bits, write, p->in_ct_commit);
    if (!error && ref->symbol->kind == SYMBOL_OVN) {
        error = xasprintf("%s can only be set to a constant.",
                          ref->symbol->name);
    }
    if (!error && n_bits < 0 && !ref->n_bits) {
        error = xasprintf("Cannot use string field %s where integer field "
                          "is required.", ref->symbol->name);
    }
    if (error) {
        lexer_error_at(p->lexer, p->field_ofs, "%s", error);
        free(error);
        return false;
    }
    return true;
}

bool
ovnact_parse_field(struct ovnact_parser *p, char kind, bool write,
                   struct field_ref *ref)
{
    p->field_ofs = p->lexer->token.ofs;
    if (!expr_parse_field(p->lexer, p->params->symtab, ref)
        || !ovnact_check_field(p, ref, ovnact_kind_to_width(kind), write)) {
        return false;
    }
    ovnact_add_field_prereqs(p, ref);
    return true;
}

bool
ovnact_parse_number(struct ovnact_parser *p, uint64_t min, uint64_t max,
                    const char *what, uint64_t *number)
{
    const struct token *token = &p->lexer->token;

    *number = 0;
    if (token->type != TOKEN_INTEGER) {
        lexer_syntax_error(p->lexer, "expecting %s.", what);
        return false;
    }
    if (token->value < min || token->value > max) {
        lexer_syntax_error(p->lexer, "expecting %s from %"PRIu64" to "
                           "%"PRIu64".", what, min, max);
        return false;
    }
    *number = token->value;
    lexer_next(p->lexer);
    return true;
}

bool
ovnact_parse_ip4(struct ovnact_parser *p, ovs_be32 *ip)
{
    const struct token *token = &p->lexer->token;

    if (token->type != TOKEN_INTEGER || token->format != FORMAT_IPV4) {
        lexer_syntax_error(p->lexer, "expecting IPv4 address.");
        return false;
    }
    *ip = htonl(token->value);
    lexer_next(p->lexer);
    return true;
}

const char *
ovnact_parse_string(struct ovnact_parser *p)
{
    char *string = lexer_force_string(p->lexer);
    if (!string) {
        return NULL;
    }
    const char *copy = arena_strdup(p->arena, string);
    free(string);
    return copy;
}

const char *
ovnact_parse_hash_fields(struct ovnact_parser *p)
{
    const char *fields;

    if (!lexer_force_match(p->lexer, TOKEN_ASSIGN)) {
        return NULL;
    }
    fields = ovnact_parse_string(p);
    if (!fields) {
        return NULL;
    }

    /* They become part of a group's text, so let nothing else pass. */
    char *copy = xstrdup(fields), *save_ptr = NULL;
    for (char *name = strtok_r(copy, ",", &save_ptr); name;
         name = strtok_r(NULL, ",", &save_ptr)) {
        if (!mf_from_name(name)) {
            ovnact_error(p, "%s is not a field to hash.", name);
            break;
        }
    }
    free(copy);
    return fields;
}

static const struct {
    const char *name;
    uint8_t proto;
} protos[] = {
    { "tcp", IPPROTO_TCP },
    { "udp", IPPROTO_UDP },
    { "sctp", IPPROTO_SCTP },
};

bool
ovnact_parse_proto(struct ovnact_parser *p, uint8_t *proto)
{
    for (size_t i = 0; i < ARRAY_SIZE(protos); i++) {
        if (lexer_match_id(p->lexer, protos[i].name)) {
            *proto = protos[i].proto;
            return true;
        }
    }
    lexer_syntax_error(p->lexer, "expecting tcp, udp or sctp.");
    return false;
}

const char *
ovnact_proto_to_string(uint8_t proto)
{
    for (size_t i = 0; i < ARRAY_SIZE(protos); i++) {
        if (protos[i].proto == proto) {
            return protos[i].name;
        }
    }
    OVS_NOT_REACHED();
}

/* Parses ":PORT" if there is one. */
static bool
parse_port(struct ovnact_parser *p, uint16_t *port)
{
    uint64_t number;

    if (lexer_match(p->lexer, TOKEN_COLON)) {
        if (!ovnact_parse_number(p, 1, UINT16_MAX, "port number", &number)) {
            return false;
        }
        *port = number;
    }
    return true;
}

bool
ovnact_parse_ip_port(struct ovnact_parser *p, struct in6_addr *ip,
                     uint16_t *port)
{
    const struct token *token = &p->lexer->token;
    bool bracket = lexer_match(p->lexer, TOKEN_LSQUARE);

    *port = 0;
    if (token->type == TOKEN_INTEGER && !token->value) {
        /* Open vSwitch does not translate to it. */
        lexer_syntax_error(p->lexer, "expecting an address other than 0.");
        return false;
    }
    if (token->type == TOKEN_INTEGER && token->format == FORMAT_IPV4
        && !bracket) {
        in6_addr_set_mapped_ipv4(ip, htonl(token->value));
        lexer_next(p->lexer);
        return parse_port(p, port);
    }
    if (token->type == TOKEN_INTEGER && token->format == FORMAT_IPV6) {
        wide_to_bytes(token->value, ip, sizeof *ip);
        lexer_next(p->lexer);
        /* Without brackets a port would look like part of the address. */
        return (!bracket
                || (lexer_force_match(p->lexer, TOKEN_RSQUARE)
                    && parse_port(p, port)));
    }
    lexer_syntax_error(p->lexer, "expecting %s address.",
                       bracket ? "IPv6" : "IP");
    return false;
}

bool
ovnact_next_table(struct ovnact_parser *p, const char *name, uint8_t *ltable)
{
    const struct ovnact_parse_params *pp = p->params;

    if (pp->table.ltable + 1 >= pp->n_tables[pp->table.pipeline]) {
        ovnact_error(p, "\"%s\" action not allowed in last table.",
                     name);
        return false;
    }
    *ltable = pp->table.ltable + 1;
    return true;
}

/* Formatting. */

void
ovnact_format_dst(const struct field_ref *dst, struct ds *ds)
{
    field_ref_format(dst, ds);
    ds_put_cstr(ds, " = ");
}

void
ovnact_format_string(const char *string, struct ds *ds)
{
    json_string_escape(string, ds);
}

void
ovnact_format_ip_port(const struct in6_addr *ip, uint16_t port,
                      struct ds *ds)
{
    if (IN6_IS_ADDR_V4MAPPED(ip)) {
        ip_format_masked(in6_addr_get_mapped_ipv4(ip), OVS_BE32_MAX, ds);
    } else {
        ipv6_format_addr_bracket(ip, ds, port != 0);
    }
    if (port) {
        ds_put_format(ds, ":%"PRIu16, port);
    }
}
