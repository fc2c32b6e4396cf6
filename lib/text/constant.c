/* Constants and sets of constants. */

#include <config.h>
#include "text/expr-private.h"

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "util.h"

void
const_set_init(struct const_set *set)
{
    *set = (struct const_set) { .arena = ARENA_INITIALIZER };
}

void
const_set_destroy(struct const_set *set)
{
    if (set) {
        arena_destroy(&set->arena);
        free(set->constants);
        set->constants = NULL;
        set->n = set->allocated = 0;
    }
}

/* Adds a copy of 'constant' to 'set'. */
void
const_set_add(struct const_set *set, const struct constant *constant)
{
    if (set->n >= set->allocated) {
        set->constants = x2nrealloc(set->constants, &set->allocated,
                                    sizeof *set->constants);
    }

    struct constant *c = &set->constants[set->n++];

    *c = *constant;
    if (c->string) {
        c->string = arena_strdup(&set->arena, c->string);
        set->is_string = true;
    }
}

void
const_set_add_string(struct const_set *set, const char *string)
{
    const_set_add(set, &(struct constant) { .string = string });
    set->is_string = true;
}

static void
constant_from_token(const struct token *token, struct constant *c)
{
    *c = (struct constant) {
        .string = token->type == TOKEN_STRING ? token->s : NULL,
        .value = token->value,
        .mask = token->mask,
        .masked = token->type == TOKEN_MASKED,
        .format = token->format,
        .ofs = token->ofs,
    };
}

char *
const_set_add_address(struct const_set *set, const char *text)
{
    struct lexer lexer;
    struct constant c;
    char *error;

    lexer_init(&lexer, text);
    if (lexer.token.type == TOKEN_INTEGER
        || lexer.token.type == TOKEN_MASKED) {
        constant_from_token(&lexer.token, &c);
        lexer_next(&lexer);
        if (lexer_force_end(&lexer)) {
            const_set_add(set, &c);
        }
    } else {
        lexer_syntax_error(&lexer, "expecting address.");
    }
    error = lexer_steal_error(&lexer);
    lexer_destroy(&lexer);
    return error;
}

/* Adds the members of 'src', which the text mentions at 'ofs'. */
static void
const_set_add_all(struct const_set *dst, const struct const_set *src,
                  size_t ofs)
{
    size_t n = dst->n + src->n;

    if (n > dst->allocated) {
        dst->allocated = n;
        dst->constants = xrealloc(dst->constants,
                                  n * sizeof *dst->constants);
    }
    for (size_t i = 0; i < src->n; i++) {
        const_set_add(dst, &src->constants[i]);
        dst->constants[dst->n - 1].ofs = ofs;
    }
}

/* Sets the type of a set at its first element, checks it at others. */
static bool
check_type(struct lexer *lexer, struct const_set *set, bool first,
           bool is_string)
{
    if (first) {
        set->is_string = is_string;
    } else if (set->is_string != is_string) {
        lexer_syntax_error(lexer, "expecting %s.",
                           set->is_string ? "string" : "integer");
        return false;
    }
    return true;
}

static bool
parse_named_set(struct lexer *lexer, const struct expr_env *env,
                struct const_set *set, bool first)
{
    bool is_ports = lexer->token.type == TOKEN_PORT_GROUP;
    const struct const_set *named = NULL;

    if (!check_type(lexer, set, first, is_ports)) {
        return false;
    }
    if (env) {
        named = (is_ports
                 ? env->port_group(lexer->token.s, env->aux)
                 : env->address_set(lexer->token.s, env->aux));
    }
    if (!named) {
        lexer_syntax_error(lexer, "expecting %s.",
                           token_type_to_string(lexer->token.type));
        return false;
    }
    const_set_add_all(set, named, lexer->token.ofs);
    lexer_next(lexer);
    return !lexer->error;
}

static bool
parse_element(struct lexer *lexer, const struct expr_env *env,
              struct const_set *set, bool first)
{
    struct constant c;

    switch ((int) lexer->token.type) {
    case TOKEN_STRING:
    case TOKEN_INTEGER:
    case TOKEN_MASKED:
        if (!check_type(lexer, set, first,
                        lexer->token.type == TOKEN_STRING)) {
            return false;
        }
        constant_from_token(&lexer->token, &c);
        const_set_add(set, &c);
        lexer_next(lexer);
        return !lexer->error;

    case TOKEN_ADDRESS_SET:
    case TOKEN_PORT_GROUP:
        return parse_named_set(lexer, env, set, first);

    default:
        lexer_syntax_error(lexer, "expecting constant.");
        return false;
    }
}

bool
expr_parse_const_set(struct lexer *lexer, const struct expr_env *env,
                     struct const_set *set)
{
    bool ok;

    const_set_init(set);
    if (lexer_match(lexer, TOKEN_LCURLY)) {
        bool first = true;

        set->in_curlies = true;
        do {
            ok = parse_element(lexer, env, set, first);
            lexer_match(lexer, TOKEN_COMMA);
            first = false;
        } while (ok && !lexer->error && !lexer_match(lexer, TOKEN_RCURLY));
        ok = ok && !lexer->error;
    } else {
        /* A macro counts as a set whatever its size is. */
        set->in_curlies = (lexer->token.type == TOKEN_ADDRESS_SET
                           || lexer->token.type == TOKEN_PORT_GROUP);
        ok = parse_element(lexer, env, set, true);
    }

    if (!ok) {
        const_set_destroy(set);
    }
    return ok;
}

/* Returns the number of bits that a field must have to be compared with 'c'.
 * For an address that is its type's width, so that mistakes like an IPv6
 * address for an IPv4 field are found even for ::1.  Of a masked constant the
 * bits count. */
int
constant_width(const struct constant *c)
{
    return (c->masked ? wide_width(c->value | c->mask)
            : c->format == FORMAT_IPV4 ? 32
            : c->format == FORMAT_ETHERNET ? 48
            : c->format == FORMAT_IPV6 ? 128
            : wide_width(c->value));
}

bool
expr_parse_constant(struct lexer *lexer, int width, struct constant *c,
                    struct arena *arena)
{
    bool is_string = lexer->token.type == TOKEN_STRING;

    if (!is_string && lexer->token.type != TOKEN_INTEGER
        && lexer->token.type != TOKEN_MASKED) {
        lexer_syntax_error(lexer, "expecting constant.");
        return false;
    }
    if (is_string != !width) {
        lexer_syntax_error(lexer, "expecting %s.",
                           width ? "integer" : "string");
        return false;
    }
    constant_from_token(&lexer->token, c);
    if (is_string) {
        c->string = arena_strdup(arena, c->string);
    } else {
        if (constant_width(c) > width) {
            lexer_error(lexer, "Constant of %d bits does not fit in %d-bit "
                        "field.", constant_width(c), width);
            return false;
        }
        c->mask &= wide_ones(width);
    }
    lexer_next(lexer);
    return !lexer->error;
}

void
constant_format(const struct constant *c, struct ds *ds)
{
    if (c->string) {
        json_string_escape(c->string, ds);
    } else {
        token_format_integer(c->value, c->mask, c->masked, c->format, ds);
    }
}

void
const_set_format(const struct const_set *set, struct ds *ds)
{
    bool curlies = set->in_curlies || set->n != 1;

    if (curlies) {
        ds_put_char(ds, '{');
    }
    for (size_t i = 0; i < set->n; i++) {
        if (i) {
            ds_put_cstr(ds, ", ");
        }
        constant_format(&set->constants[i], ds);
    }
    if (curlies) {
        ds_put_char(ds, '}');
    }
}
