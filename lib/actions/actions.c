#include <config.h>
#include "actions/actions-private.h"

#include "hash.h"
#include "ovs-thread.h"
#include "util.h"

const struct ovnact_class ovnact_classes[N_OVNACTS] = {
#define OVNACT(ENUM, STRUCT, SYNTAX, ENCODE, KEYWORD, FORM, SIGNATURE, \
               OPCODE, TABLE, BIT, PREREQ, USAGE, DOC) \
    [OVNACT_##ENUM] = { \
        .name = KEYWORD, \
        .form = OVNACT_##FORM, \
        .signature = SIGNATURE, \
        .size = sizeof(struct ovnact_##STRUCT), \
        .opcode = PUNT_##OPCODE, \
        .helper = HELPER_##TABLE, \
        .bit = MLF_##BIT##_BIT, \
        .prereq = PREREQ, \
        .usage = USAGE, \
        .doc = DOC, \
        .parse = ovnact_parse_##SYNTAX, \
        .format = ovnact_format_##SYNTAX, \
        .encode = ovnact_encode_##ENCODE, \
    },
#include "actions/actions.def"
#undef OVNACT
};

/* Nested blocks may not be deeper than this: the parser, and OVS, recurse. */
#define MAX_DEPTH 16

const char *
ovnact_name(enum ovnact_type type)
{
    return ovnact_classes[type].name;
}

const char *
ovnact_usage(enum ovnact_type type)
{
    return ovnact_classes[type].usage;
}

const char *
ovnact_doc(enum ovnact_type type)
{
    return ovnact_classes[type].doc;
}

/* Other words for actions. */
static const struct {
    const char *name;
    enum ovnact_type type;
} aliases[] = {
#define OVNACT(...)
#define OVNACT_ALIAS(KEYWORD, ENUM) { KEYWORD, OVNACT_##ENUM },
#include "actions/actions.def"
#undef OVNACT
};

/* Returns the class of form 'form' that has 'name' for another word, or
 * null. */
static const struct ovnact_class *
find_alias(const char *name, enum ovnact_form form)
{
    for (size_t i = 0; i < ARRAY_SIZE(aliases); i++) {
        const struct ovnact_class *class = &ovnact_classes[aliases[i].type];

        if (class->form == form && !strcmp(name, aliases[i].name)) {
            return class;
        }
    }
    return NULL;
}

/* Returns the class whose keyword is 'name' and whose form is 'form', or
 * null. */
static const struct ovnact_class *
find_class(const char *name, enum ovnact_form form)
{
    static struct ovsthread_once once = OVSTHREAD_ONCE_INITIALIZER;
    static const struct ovnact_class *buckets[2][256];
    static uint8_t next[N_OVNACTS];

    BUILD_ASSERT(N_OVNACTS < 255);
    if (ovsthread_once_start(&once)) {
        for (int i = 0; i < N_OVNACTS; i++) {
            const struct ovnact_class *class = &ovnact_classes[i];
            if (class->form != OVNACT_CORE) {
                uint8_t hash = hash_string(class->name, 0);
                const struct ovnact_class **p = &buckets[class->form][hash];

                /* 'next' has index + 1, 0 ends a bucket. */
                next[i] = *p ? *p - ovnact_classes + 1 : 0;
                *p = class;
            }
        }
        ovsthread_once_done(&once);
    }

    const struct ovnact_class *c;
    c = buckets[form][(uint8_t) hash_string(name, 0)];
    while (c && strcmp(c->name, name)) {
        uint8_t i = next[c - ovnact_classes];
        c = i ? &ovnact_classes[i - 1] : NULL;
    }
    return c ? c : find_alias(name, form);
}

static enum ovnact_type
class_to_type(const struct ovnact_class *class)
{
    return class - ovnact_classes;
}

void
ovnact_error(struct ovnact_parser *p, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    lexer_verror_at(p->lexer, p->act_ofs, format, args);
    va_end(args);
}

void *
ovnact_new(struct ovnact_parser *p, enum ovnact_type type)
{
    struct ovnact *act = arena_zalloc(p->arena, ovnact_classes[type].size);

    act->type = type;
    return act;
}

/* Parses what follows the keyword of 'class'. */
static struct ovnact *
parse_class(struct ovnact_parser *p, const struct ovnact_class *class)
{
    struct ovnact *act = ovnact_new(p, class_to_type(class));

    lexer_next(p->lexer);
    class->parse(p, act);
    if (class->prereq) {
        ovnact_add_prereq(p, class->prereq);
    }
    return act;
}

/* Parses what follows "DST =". */
static struct ovnact *
parse_assignment(struct ovnact_parser *p, const struct field_ref *dst)
{
    const struct ovnact_class *func = NULL;

    if (p->lexer->token.type == TOKEN_ID
        && (lexer_peek(p->lexer) == TOKEN_LPAREN
            || lexer_peek(p->lexer) == TOKEN_SEMICOLON)) {
        func = find_class(p->lexer->token.s, OVNACT_FUNC);
    }
    if (func) {
        int n_bits = ovnact_kind_to_width(func->signature[0]);
        if (!ovnact_check_field(p, dst, n_bits, true)) {
            return NULL;
        }
        ovnact_add_field_prereqs(p, dst);
        p->dst = *dst;
        return parse_class(p, func);
    }

    enum ovnact_type type = (dst->symbol->kind == SYMBOL_OVN
                             ? OVNACT_OVNFIELD_LOAD
                             : p->lexer->token.type == TOKEN_ID
                             ? OVNACT_MOVE : OVNACT_LOAD);
    struct ovnact *act = ovnact_new(p, type);
    p->dst = *dst;
    ovnact_classes[type].parse(p, act);
    return act;
}

/* Parses an action that starts with a field. */
static struct ovnact *
parse_field_action(struct ovnact_parser *p)
{
    struct field_ref dst;

    if (!expr_parse_field(p->lexer, p->params->symtab, &dst)) {
        return NULL;
    }
    if (lexer_match(p->lexer, TOKEN_ASSIGN)) {
        return parse_assignment(p, &dst);
    }

    enum ovnact_type type;
    if (lexer_match(p->lexer, TOKEN_EXCHANGE)) {
        type = OVNACT_EXCHANGE;
    } else if (lexer_match(p->lexer, TOKEN_DECREMENT)) {
        type = OVNACT_DEC_TTL;
    } else {
        lexer_syntax_error(p->lexer, "expecting `=' or `<->'.");
        return NULL;
    }

    struct ovnact *act = ovnact_new(p, type);
    p->dst = dst;
    ovnact_classes[type].parse(p, act);
    if (ovnact_classes[type].prereq) {
        ovnact_add_prereq(p, ovnact_classes[type].prereq);
    }
    return act;
}

/* Parses one action and its semicolon.  Returns null on error. */
static struct ovnact *
parse_action(struct ovnact_parser *p)
{
    p->act_ofs = p->field_ofs = p->lexer->token.ofs;
    if (p->lexer->token.type != TOKEN_ID) {
        lexer_syntax_error(p->lexer, "expecting action.");
        return NULL;
    }

    const struct ovnact_class *class = find_class(p->lexer->token.s,
                                                  OVNACT_STMT);
    struct ovnact *act = NULL;
    if (class) {
        act = parse_class(p, class);
    } else {
        enum token_type next = lexer_peek(p->lexer);

        if (!strcmp(p->lexer->token.s, "drop") && next == TOKEN_SEMICOLON) {
            lexer_syntax_error(p->lexer, "expecting action (`drop' must be "
                               "the last action).");
        } else if (next != TOKEN_ASSIGN && next != TOKEN_EXCHANGE
                   && next != TOKEN_DECREMENT && next != TOKEN_LSQUARE) {
            /* Not even the beginning of an assignment. */
            lexer_syntax_error(p->lexer, "expecting action.");
        } else {
            act = parse_field_action(p);
        }
    }
    if (p->lexer->error) {
        return NULL;
    }
    return lexer_force_match(p->lexer, TOKEN_SEMICOLON) ? act : NULL;
}

/* True, after taking it, if the current token begins "drop;" at the end of a
 * list, which 'end' ends. */
static bool
match_drop(struct ovnact_parser *p, enum token_type end)
{
    if (p->lexer->token.type != TOKEN_ID
        || strcmp(p->lexer->token.s, "drop")) {
        return false;
    }
    lexer_next(p->lexer);
    if (!lexer_force_match(p->lexer, TOKEN_SEMICOLON)) {
        return true;
    }
    if (p->lexer->token.type != end) {
        lexer_syntax_error(p->lexer, "expecting %s.",
                           end == TOKEN_END ? "end of input" : "`}'");
    }
    return true;
}

/* Parses actions until 'end', which it does not take.  "drop;" can end a list
 * (23.03 writes it after other actions, too); it does nothing, so nothing is
 * made of it. */
static struct ovnact *
parse_list(struct ovnact_parser *p, enum token_type end)
{
    struct ovnact *first = NULL;
    struct ovnact **tailp = &first;

    while (p->lexer->token.type != end && !p->lexer->error) {
        if (match_drop(p, end)) {
            break;
        }
        *tailp = parse_action(p);
        if (!*tailp) {
            break;
        }
        tailp = &(*tailp)->next;
    }
    return first;
}

struct ovnact *
ovnact_parse_block(struct ovnact_parser *p)
{
    if (!lexer_match(p->lexer, TOKEN_LCURLY)) {
        return NULL;
    }
    if (p->depth >= MAX_DEPTH) {
        lexer_error(p->lexer, "actions are nested more than %d deep.",
                    MAX_DEPTH);
        return NULL;
    }

    size_t outer_ofs = p->act_ofs;
    p->depth++;
    struct ovnact *nested = parse_list(p, TOKEN_RCURLY);
    p->depth--;
    p->act_ofs = outer_ofs;
    lexer_force_match(p->lexer, TOKEN_RCURLY);
    return nested;
}

char *
ovnacts_parse(const char *text, const struct ovnact_parse_params *params,
              struct ovnacts *acts, struct expr **prereqs)
{
    struct lexer lexer;
    struct ovnact_parser p = {
        .lexer = &lexer,
        .params = params,
        .arena = &acts->arena,
    };

    arena_init(&acts->arena);
    lexer_init(&lexer, text);
    acts->first = parse_list(&p, TOKEN_END);
    if (!lexer.error) {
        lexer_force_end(&lexer);
    }

    char *error = lexer_steal_error(&lexer);
    lexer_destroy(&lexer);
    if (error) {
        expr_destroy(p.prereqs);
        ovnacts_destroy(acts);
        *prereqs = NULL;
    } else {
        *prereqs = p.prereqs;
    }
    return error;
}

void
ovnacts_destroy(struct ovnacts *acts)
{
    if (acts) {
        arena_destroy(&acts->arena);
        arena_init(&acts->arena);
        acts->first = NULL;
    }
}

static void
format_list(const struct ovnact *first, struct ds *ds)
{
    const struct ovnact *act;

    OVNACT_FOR_EACH (act, first) {
        if (act != first) {
            ds_put_char(ds, ' ');
        }
        ovnact_class(act)->format(act, ds);
        ds_put_char(ds, ';');
    }
}

void
ovnacts_format(const struct ovnacts *acts, struct ds *ds)
{
    if (acts->first) {
        format_list(acts->first, ds);
    } else {
        ds_put_cstr(ds, "drop;");
    }
}

void
ovnact_format(const struct ovnact *act, struct ds *ds)
{
    ovnact_class(act)->format(act, ds);
}

void
ovnact_format_block(const struct ovnact *nested, struct ds *ds)
{
    ds_put_cstr(ds, " { ");
    if (nested) {
        format_list(nested, ds);
        ds_put_char(ds, ' ');
    }
    ds_put_char(ds, '}');
}

void
ovnact_encode_list(const struct ovnact *first,
                   const struct ovnact_encode_params *ep,
                   struct ofpbuf *ofpacts)
{
    const struct ovnact *act;

    OVNACT_FOR_EACH (act, first) {
        ovnact_class(act)->encode(act, ep, ofpacts);
    }
}

void
ovnacts_encode(const struct ovnacts *acts,
               const struct ovnact_encode_params *ep, struct ofpbuf *ofpacts)
{
    ovnact_encode_list(acts->first, ep, ofpacts);
}

static bool
list_contains(const struct ovnact *first, enum ovnact_type type)
{
    const struct ovnact *act;

    OVNACT_FOR_EACH (act, first) {
        if (act->type == type) {
            return true;
        }
        /* Nested actions are what has 'struct ovnact_nest'. */
        const struct ovnact_class *class = ovnact_class(act);
        if ((class->parse == ovnact_parse_nest
             || class->parse == ovnact_parse_ct_commit)
            && list_contains(((const struct ovnact_nest *) act)->nested,
                             type)) {
            return true;
        }
    }
    return false;
}

bool
ovnacts_contain(const struct ovnacts *acts, enum ovnact_type type)
{
    return list_contains(acts->first, type);
}
