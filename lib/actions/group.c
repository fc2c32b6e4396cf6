/* Choices that OpenFlow groups make: select, fwd_group. */

#include <config.h>
#include "actions/actions-private.h"

#include "util.h"

/* R = select(ID[=WEIGHT], ...);
 * R = select(values=(ID[=WEIGHT], ...); hash_fields="..."); */

#define DEFAULT_WEIGHT 100

static void
parse_choices(struct ovnact_parser *p, struct ovnact_select *select)
{
    struct ovnact_weighted *choices = NULL;
    size_t n = 0, allocated = 0;
    uint64_t id, weight;

    do {
        if (!ovnact_parse_number(p, 0, UINT16_MAX, "id", &id)) {
            break;
        }
        weight = DEFAULT_WEIGHT;
        if (lexer_match(p->lexer, TOKEN_ASSIGN)
            && !ovnact_parse_number(p, 1, UINT16_MAX, "weight", &weight)) {
            break;
        }
        if (n >= allocated) {
            choices = x2nrealloc(choices, &allocated, sizeof *choices);
        }
        choices[n++] = (struct ovnact_weighted) { id, weight };
    } while (lexer_match(p->lexer, TOKEN_COMMA));

    if (n) {
        select->choices = arena_memdup(p->arena, choices,
                                       n * sizeof *choices);
        select->n_choices = n;
    }
    free(choices);
}

void
ovnact_parse_select(struct ovnact_parser *p, void *select_)
{
    struct ovnact_select *select = select_;

    select->dst = p->dst;
    if (!ovnact_next_table(p, "select", &select->ltable)
        || !lexer_force_match(p->lexer, TOKEN_LPAREN)) {
        return;
    }
    if (lexer_match_id(p->lexer, "values")) {
        if (!lexer_force_match(p->lexer, TOKEN_ASSIGN)
            || !lexer_force_match(p->lexer, TOKEN_LPAREN)) {
            return;
        }
        parse_choices(p, select);
        if (p->lexer->error || !lexer_force_match(p->lexer, TOKEN_RPAREN)
            || !lexer_force_match(p->lexer, TOKEN_SEMICOLON)
            || !lexer_force_id(p->lexer, "hash_fields")) {
            return;
        }
        select->hash_fields = ovnact_parse_hash_fields(p);
    } else {
        parse_choices(p, select);
        if (select->n_choices == 1 && !p->lexer->error) {
            lexer_syntax_error(p->lexer, "expecting at least 2 group "
                               "members.");
        }
    }
    if (p->lexer->error || !lexer_force_match(p->lexer, TOKEN_RPAREN)) {
        return;
    }

    for (size_t i = 0; i < select->n_choices; i++) {
        if (wide_width(select->choices[i].id) > select->dst.n_bits) {
            ovnact_error(p, "cannot use %d-bit field %s for the number "
                         "%d.", select->dst.n_bits, select->dst.symbol->name,
                         select->choices[i].id);
            return;
        }
    }
}

void
ovnact_format_select(const void *select_, struct ds *ds)
{
    const struct ovnact_select *select = select_;

    ovnact_format_dst(&select->dst, ds);
    ds_put_cstr(ds, select->hash_fields ? "select(values=(" : "select(");
    for (size_t i = 0; i < select->n_choices; i++) {
        if (i) {
            ds_put_cstr(ds, ", ");
        }
        ds_put_format(ds, "%"PRIu16"=%"PRIu16, select->choices[i].id,
                      select->choices[i].weight);
    }
    if (select->hash_fields) {
        ds_put_cstr(ds, "); hash_fields=");
        ovnact_format_string(select->hash_fields, ds);
    }
    ds_put_char(ds, ')');
}

/* Appends a bucket that loads 'value' into 'dst' and goes to 'table'. */
static void
format_bucket_actions(const struct mf_subfield *dst, uint64_t value,
                      uint8_t table, struct ds *ds)
{
    uint64_t ofpacts_stub[512 / 8];
    struct ofpbuf ofpacts = OFPBUF_STUB_INITIALIZER(ofpacts_stub);

    ovnact_put_load(&ofpacts, dst, value);
    ovnact_put_resubmit(&ofpacts, table);
    ds_put_cstr(ds, "actions=");
    ovnact_format_ofpacts(&ofpacts, ds);
    ofpbuf_uninit(&ofpacts);
}

void
ovnact_encode_select(const void *select_,
                     const struct ovnact_encode_params *ep,
                     struct ofpbuf *ofpacts)
{
    const struct ovnact_select *select = select_;
    struct mf_subfield dst = field_ref_to_subfield(&select->dst);
    struct ds spec = DS_EMPTY_INITIALIZER;

    /* Parameter 1 << 32 makes dp_hash use the 5-tuple, in such a way that
     * both directions of a connection have the same hash. */
    if (select->hash_fields) {
        ds_put_format(&spec, "type=select,selection_method=hash,fields(%s)",
                      select->hash_fields);
    } else {
        ds_put_cstr(&spec, "type=select,selection_method=dp_hash,"
                    "selection_method_param=4294967296");
    }
    for (size_t i = 0; i < select->n_choices; i++) {
        ds_put_format(&spec, ",bucket=bucket_id=%"PRIuSIZE",weight:%"PRIu16
                      ",", i, select->choices[i].weight);
        format_bucket_actions(&dst, select->choices[i].id,
                              ovnact_of_table(ep, select->ltable), &spec);
    }
    ovnact_put_group(ofpacts, ep, ds_cstr(&spec));
    ds_destroy(&spec);
}

/* fwd_group([liveness=BOOL, ]childports="PORT", ...); */

static void
parse_child_ports(struct ovnact_parser *p, struct ovnact_fwd_group *fg)
{
    const char **ports = NULL;
    size_t n = 0, allocated = 0;

    do {
        const char *port = ovnact_parse_string(p);
        if (!port) {
            break;
        }
        if (n >= allocated) {
            ports = x2nrealloc(ports, &allocated, sizeof *ports);
        }
        ports[n++] = port;
    } while (lexer_match(p->lexer, TOKEN_COMMA));

    if (n) {
        fg->ports = arena_memdup(p->arena, ports, n * sizeof *ports);
        fg->n_ports = n;
    }
    free(ports);
}

void
ovnact_parse_fwd_group(struct ovnact_parser *p, void *fg_)
{
    struct ovnact_fwd_group *fg = fg_;

    if (!lexer_force_match(p->lexer, TOKEN_LPAREN)) {
        return;
    }
    if (lexer_match_id(p->lexer, "liveness")) {
        if (!lexer_force_match(p->lexer, TOKEN_ASSIGN)) {
            return;
        }
        /* Some releases write the value as a string. */
        const char *value = NULL;
        if (p->lexer->token.type == TOKEN_STRING) {
            value = ovnact_parse_string(p);
        } else if (lexer_match_id(p->lexer, "true")) {
            value = "true";
        } else if (lexer_match_id(p->lexer, "false")) {
            value = "false";
        }
        if (!value || (strcmp(value, "true") && strcmp(value, "false"))) {
            lexer_syntax_error(p->lexer, "expecting true or false.");
            return;
        }
        fg->liveness = !strcmp(value, "true");
        if (!lexer_force_match(p->lexer, TOKEN_COMMA)) {
            return;
        }
    }
    if (lexer_force_id(p->lexer, "childports")
        && lexer_force_match(p->lexer, TOKEN_ASSIGN)) {
        parse_child_ports(p, fg);
        lexer_force_match(p->lexer, TOKEN_RPAREN);
    }
}

void
ovnact_format_fwd_group(const void *fg_, struct ds *ds)
{
    const struct ovnact_fwd_group *fg = fg_;

    ds_put_cstr(ds, "fwd_group(");
    if (fg->liveness) {
        ds_put_cstr(ds, "liveness=\"true\", ");
    }
    ds_put_cstr(ds, "childports=");
    for (size_t i = 0; i < fg->n_ports; i++) {
        if (i) {
            ds_put_cstr(ds, ", ");
        }
        ovnact_format_string(fg->ports[i], ds);
    }
    ds_put_char(ds, ')');
}

/* With 'liveness', a port counts only while the tunnel to its chassis is
 * up. */
void
ovnact_encode_fwd_group(const void *fg_,
                        const struct ovnact_encode_params *ep,
                        struct ofpbuf *ofpacts)
{
    const struct ovnact_fwd_group *fg = fg_;
    struct mf_subfield outport = ovnact_subfield(REG_OUTPORT, 0, 16);
    struct ds spec = DS_EMPTY_INITIALIZER;
    size_t n_buckets = 0;

    ds_put_cstr(&spec, "type=select,selection_method=dp_hash");
    for (size_t i = 0; i < fg->n_ports; i++) {
        uint32_t key;
        ofp_port_t ofport;

        if (!ep->callbacks->lookup_port
            || !ep->callbacks->lookup_port(fg->ports[i], &key, ep->aux)) {
            continue;
        }
        ds_put_format(&spec, ",bucket=bucket_id=%"PRIuSIZE",", i);
        if (fg->liveness && ep->callbacks->tunnel_ofport
            && ep->callbacks->tunnel_ofport(fg->ports[i], &ofport,
                                            ep->aux)) {
            ds_put_format(&spec, "watch_port:%"PRIu32",", ofport);
        }
        format_bucket_actions(&outport, key,
                              ep->output_table[ep->table.pipeline], &spec);
        n_buckets++;
    }
    if (n_buckets) {
        ovnact_put_group(ofpacts, ep, ds_cstr(&spec));
    }
    ds_destroy(&spec);
}
