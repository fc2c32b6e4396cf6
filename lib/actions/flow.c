/* Flow control: output, next, clone, and what has no parameters. */

#include <config.h>
#include "actions/actions-private.h"

#include "util.h"

/* KEYWORD. */

void
ovnact_parse_plain(struct ovnact_parser *p OVS_UNUSED, void *act OVS_UNUSED)
{
    /* There is nothing to parse. */
}

void
ovnact_format_plain(const void *act, struct ds *ds)
{
    ds_put_cstr(ds, ovnact_class(act)->name);
}

void
ovnact_encode_output(const void *act OVS_UNUSED,
                     const struct ovnact_encode_params *ep,
                     struct ofpbuf *ofpacts)
{
    ovnact_put_resubmit(ofpacts, ep->output_table[ep->table.pipeline]);
}

/* Runs a table that does all the work. */
void
ovnact_encode_resubmit_helper(const void *act,
                              const struct ovnact_encode_params *ep,
                              struct ofpbuf *ofpacts)
{
    ovnact_put_resubmit(ofpacts, ep->helpers[ovnact_class(act)->helper]);
}

/* KEYWORD { ACTIONS }. */

void
ovnact_parse_nest(struct ovnact_parser *p, void *nest_)
{
    struct ovnact_nest *nest = nest_;
    bool replaces_packet = ovnact_class(nest)->opcode != PUNT_NONE;

    if (p->lexer->token.type == TOKEN_SEMICOLON && replaces_packet) {
        /* "tcp_reset;" */
        return;
    }
    if (p->lexer->token.type != TOKEN_LCURLY) {
        lexer_syntax_error(p->lexer, "expecting `{'.");
        return;
    }

    /* What nested actions demand of a packet that ovn-controller makes says
     * nothing about the packet that the flow matches. */
    struct expr *outer = p->prereqs;
    p->prereqs = NULL;
    nest->nested = ovnact_parse_block(p);
    if (replaces_packet) {
        expr_destroy(p->prereqs);
        p->prereqs = NULL;
    }
    p->prereqs = expr_and(outer, p->prereqs);
}

void
ovnact_format_nest(const void *nest_, struct ds *ds)
{
    const struct ovnact_nest *nest = nest_;

    ds_put_cstr(ds, ovnact_class(nest)->name);
    ovnact_format_block(nest->nested, ds);
}

void
ovnact_encode_clone(const void *nest_, const struct ovnact_encode_params *ep,
                    struct ofpbuf *ofpacts)
{
    const struct ovnact_nest *nest = nest_;
    size_t start = ofpacts->size;

    ofpact_put_CLONE(ofpacts);
    ovnact_encode_list(nest->nested, ep, ofpacts);
    if (ovnact_fits(ofpacts, start)) {
        struct ofpact_nest *clone = ofpbuf_at_assert(ofpacts, start,
                                                     sizeof *clone);
        ofpacts->header = clone;
        ofpact_finish_CLONE(ofpacts, &clone);
    }
}

/* ovn-controller replaces the packet by another one and injects that with the
 * nested actions, for which it gets them in OpenFlow format. */
void
ovnact_encode_punt_nest(const void *nest_,
                        const struct ovnact_encode_params *ep,
                        struct ofpbuf *ofpacts)
{
    const struct ovnact_nest *nest = nest_;
    uint64_t inner_stub[512 / 8];
    struct ofpbuf inner = OFPBUF_STUB_INITIALIZER(inner_stub);
    uint64_t openflow_stub[512 / 8];
    struct ofpbuf openflow = OFPBUF_STUB_INITIALIZER(openflow_stub);

    ovnact_encode_list(nest->nested, ep, &inner);
    ofpacts_put_openflow_actions(inner.data, inner.size, &openflow,
                                 OFP15_VERSION);

    size_t start = ovnact_punt_begin(nest, NULL, ep, ofpacts);
    punt_put(ofpacts, PUNT_P_ACTIONS, openflow.data, openflow.size);
    punt_end(ofpacts, start);

    ofpbuf_uninit(&inner);
    ofpbuf_uninit(&openflow);
}

/* The packet waits in ovn-controller for the answer to the one that is sent
 * in its place, and then goes on here, to what follows. */
void
ovnact_encode_punt_pause_nest(const void *nest,
                              const struct ovnact_encode_params *ep,
                              struct ofpbuf *ofpacts)
{
    ovnact_encode_punt_nest(nest, ep, ofpacts);
    if (!ep->explicit_arp_output) {
        ovnact_encode_output(NULL, ep, ofpacts);
    }
}

/* next; next(TABLE); next(pipeline=PIPELINE, table=TABLE). */

static const char *const pipeline_names[OVNACT_N_PIPELINES] = {
    [OVNACT_P_INGRESS] = "ingress",
    [OVNACT_P_EGRESS] = "egress",
};

static bool
parse_next_arg(struct ovnact_parser *p, struct ovnact_table *to)
{
    if (lexer_match_id(p->lexer, "pipeline")) {
        if (!lexer_force_match(p->lexer, TOKEN_ASSIGN)) {
            return false;
        }
        for (int i = 0; i < OVNACT_N_PIPELINES; i++) {
            if (lexer_match_id(p->lexer, pipeline_names[i])) {
                to->pipeline = i;
                return true;
            }
        }
        lexer_syntax_error(p->lexer, "expecting `ingress' or `egress'.");
        return false;
    }
    if (lexer_match_id(p->lexer, "table")
        && !lexer_force_match(p->lexer, TOKEN_ASSIGN)) {
        return false;
    }

    uint64_t table;
    if (!ovnact_parse_number(p, 0, UINT8_MAX, "table number", &table)) {
        return false;
    }
    to->ltable = table;
    return true;
}

void
ovnact_parse_next(struct ovnact_parser *p, void *next_)
{
    const struct ovnact_parse_params *pp = p->params;
    struct ovnact_next *next = next_;

    next->from = next->to = pp->table;
    if (!lexer_match(p->lexer, TOKEN_LPAREN)) {
        ovnact_next_table(p, "next", &next->to.ltable);
        return;
    }

    next->to.ltable++;
    do {
        if (!parse_next_arg(p, &next->to)) {
            return;
        }
    } while (lexer_match(p->lexer, TOKEN_COMMA));
    if (!lexer_force_match(p->lexer, TOKEN_RPAREN)) {
        return;
    }

    int n = pp->n_tables[next->to.pipeline];
    if (next->to.ltable >= n) {
        ovnact_error(p, "\"next\" action cannot advance beyond table "
                     "%d of the %s pipeline.", n - 1,
                     pipeline_names[next->to.pipeline]);
    }
}

void
ovnact_format_next(const void *next_, struct ds *ds)
{
    const struct ovnact_next *next = next_;

    ds_put_cstr(ds, "next");
    if (next->to.pipeline != next->from.pipeline) {
        ds_put_format(ds, "(pipeline=%s, table=%d)",
                      pipeline_names[next->to.pipeline], next->to.ltable);
    } else if (next->to.ltable != next->from.ltable + 1) {
        ds_put_format(ds, "(%d)", next->to.ltable);
    }
}

void
ovnact_encode_next(const void *next_, const struct ovnact_encode_params *ep,
                   struct ofpbuf *ofpacts)
{
    const struct ovnact_next *next = next_;

    ovnact_put_resubmit(ofpacts, (ep->first_table[next->to.pipeline]
                                  + next->to.ltable));
}

/* mirror("PORT"). */

void
ovnact_parse_mirror(struct ovnact_parser *p, void *mirror_)
{
    struct ovnact_string *mirror = mirror_;

    if (lexer_force_match(p->lexer, TOKEN_LPAREN)) {
        mirror->string = ovnact_parse_string(p);
        lexer_force_match(p->lexer, TOKEN_RPAREN);
    }
}

void
ovnact_format_mirror(const void *mirror_, struct ds *ds)
{
    const struct ovnact_string *mirror = mirror_;

    ds_put_cstr(ds, "mirror(");
    ovnact_format_string(mirror->string, ds);
    ds_put_char(ds, ')');
}

void
ovnact_encode_mirror(const void *mirror_,
                     const struct ovnact_encode_params *ep,
                     struct ofpbuf *ofpacts)
{
    const struct ovnact_string *mirror = mirror_;
    uint32_t key;

    if (!ep->callbacks->lookup_port
        || !ep->callbacks->lookup_port(mirror->string, &key, ep->aux)) {
        return;
    }

    size_t start = ofpacts->size;
    struct mf_subfield outport = ovnact_whole_field(REG_OUTPORT);
    ofpact_put_CLONE(ofpacts);
    ovnact_put_load(ofpacts, &outport, key);
    ovnact_put_resubmit(ofpacts, ep->output_table[OVNACT_P_INGRESS]);

    struct ofpact_nest *clone = ofpbuf_at_assert(ofpacts, start,
                                                 sizeof *clone);
    ofpacts->header = clone;
    ofpact_finish_CLONE(ofpacts, &clone);
}
