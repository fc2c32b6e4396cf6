/* Any text is a sequence of tokens, perhaps up to an error. */

#include "tests/fuzz/fuzz.h"

#include "openvswitch/dynamic-string.h"
#include "text/expr.h"
#include "text/lex.h"
#include "util.h"

/* A token's text is read as one token, an equal one. */
static void
check_token(const struct token *token)
{
    struct ds a = DS_EMPTY_INITIALIZER, b = DS_EMPTY_INITIALIZER;
    struct lexer lexer;

    token_format(token, &a);
    lexer_init(&lexer, ds_cstr(&a));
    ovs_assert(lexer.token.type == token->type);
    token_format(&lexer.token, &b);
    ovs_assert(!strcmp(ds_cstr(&a), ds_cstr(&b)));
    if (token->type == TOKEN_INTEGER || token->type == TOKEN_MASKED) {
        ovs_assert(lexer.token.value == token->value);
    }
    lexer_next(&lexer);
    ovs_assert(lexer.token.type == TOKEN_END && !lexer.error);
    lexer_destroy(&lexer);
    ds_destroy(&a);
    ds_destroy(&b);
}

static const char *
find_template(const char *name, void *aux OVS_UNUSED)
{
    return (name[0] < 'c' ? "" : name[0] < 'm' ? "x.y" : NULL);
}

FUZZ_TARGET(lex)
{
    char *text = xmemdup0((const char *) data, MIN(size, FUZZ_MAX_TEXT));
    size_t len = strlen(text), end = 0;
    struct expr_refs refs;
    struct lexer lexer;

    for (lexer_init(&lexer, text); lexer.token.type != TOKEN_END; ) {
        ovs_assert(lexer.token.ofs >= end);
        end = lexer.token.ofs + lexer.token.len;
        ovs_assert(end <= len && lexer.token.len);
        check_token(&lexer.token);

        enum token_type next = lexer_peek(&lexer);
        lexer_next(&lexer);
        ovs_assert(lexer.token.type == next
                   || (next == TOKEN_ERROR && lexer.error));
    }
    ovs_assert(!lexer.error || lexer.error_ofs + lexer.error_len <= len);
    free(lexer_steal_error(&lexer));
    lexer_destroy(&lexer);

    free(lex_expand_templates(text, find_template, NULL));
    expr_refs_init(&refs);
    expr_refs_scan(&refs, text);
    expr_refs_destroy(&refs);
    free(text);
}
