/* Tokens of the flow language.
 *
 * The match and the actions of a logical flow, an ACL's match, a policy's
 * match and so on are all made of the tokens that this file defines.  See
 * "Logical_Flow" in ovn-sb(5) for the language.
 *
 * The lexer works in place: taking a token allocates no memory, except that
 * the text of strings and names goes to one buffer that is used again for the
 * next token. */

#ifndef TEXT_LEX_H
#define TEXT_LEX_H 1

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include "compiler.h"
#include "openvswitch/dynamic-string.h"
#include "text/wide.h"

/* Punctuation: TOKEN(SUFFIX, "text").  No order is needed, the lexer takes
 * the longest that fits. */
#define LEX_PUNCTUATION                         \
    TOKEN(LPAREN,     "(")                      \
    TOKEN(RPAREN,     ")")                      \
    TOKEN(LCURLY,     "{")                      \
    TOKEN(RCURLY,     "}")                      \
    TOKEN(LSQUARE,    "[")                      \
    TOKEN(RSQUARE,    "]")                      \
    TOKEN(EQ,         "==")                     \
    TOKEN(NE,         "!=")                     \
    TOKEN(LT,         "<")                      \
    TOKEN(LE,         "<=")                     \
    TOKEN(GT,         ">")                      \
    TOKEN(GE,         ">=")                     \
    TOKEN(NOT,        "!")                      \
    TOKEN(AND,        "&&")                     \
    TOKEN(OR,         "||")                     \
    TOKEN(ELLIPSIS,   "..")                     \
    TOKEN(COMMA,      ",")                      \
    TOKEN(SEMICOLON,  ";")                      \
    TOKEN(ASSIGN,     "=")                      \
    TOKEN(EXCHANGE,   "<->")                    \
    TOKEN(DECREMENT,  "--")                     \
    TOKEN(COLON,      ":")                      \
    TOKEN(MINUS,      "-")

enum token_type {
    TOKEN_END,                  /* End of input. */
    TOKEN_ERROR,                /* Not a token; 's' says why.  Never current,
                                 * lexer_next() reports it. */
    TOKEN_ID,                   /* Identifier, dots included: ip4.src. */
    TOKEN_STRING,               /* "quoted"; 's' is the unquoted text. */
    TOKEN_INTEGER,              /* 123, 0x1f, 10.0.0.1, ::1, 0:1:2:3:4:5. */
    TOKEN_MASKED,               /* INTEGER/INTEGER or ADDRESS/PREFIX-LEN. */
    TOKEN_ADDRESS_SET,          /* $name; 's' is the name. */
    TOKEN_PORT_GROUP,           /* @name; 's' is the name. */
    TOKEN_TEMPLATE,             /* ^name; 's' is the name. */
#define TOKEN(SUFFIX, TEXT) TOKEN_##SUFFIX,
    LEX_PUNCTUATION
#undef TOKEN
    N_TOKEN_TYPES
};

/* How an integer was written.  Type checks do not depend on it (an IPv4
 * address is a 32-bit number), formatting does. */
enum OVS_PACKED_ENUM token_format {
    FORMAT_DECIMAL,
    FORMAT_HEX,
    FORMAT_IPV4,
    FORMAT_IPV6,
    FORMAT_ETHERNET
};

struct token {
    enum token_type type;
    enum token_format format;   /* INTEGER and MASKED only. */
    size_t ofs, len;            /* Where in the input it is. */
    const char *s;              /* ID, STRING, ERROR, the macros: text.  Valid
                                 * until the next token is taken. */
    wide value;                 /* INTEGER and MASKED only. */
    wide mask;                  /* MASKED only. */
};

/* Appends 'token' to 'ds', in a form that the lexer reads as equal. */
void token_format(const struct token *, struct ds *);

/* The text of a token type: "==" for TOKEN_EQ; for types with many texts, a
 * description like "string". */
const char *token_type_to_string(enum token_type);

/* Appends 'value' (and '/mask', if 'masked') in 'format' to 'ds'. */
void token_format_integer(wide value, wide mask, bool masked,
                          enum token_format, struct ds *);

struct lexer {
    const char *input;          /* Owned by the caller; must stay. */
    size_t pos;                 /* Just after 'token'. */
    struct token token;         /* The current token. */
    struct ds buffer;           /* Holds token.s. */
    char *error;                /* First error reported, or null. */
    size_t error_ofs;           /* If 'error': the offending token. */
    size_t error_len;
};

/* Starts reading 'input'; the first token is current afterward. */
void lexer_init(struct lexer *, const char *input);
void lexer_destroy(struct lexer *);

/* Makes the next token current.  What is not a token is reported as an error.
 * At the end of input, or after an error was reported, the current token stays
 * TOKEN_END: a parser that ignores an error for a while stops anyhow. */
void lexer_next(struct lexer *);

/* Returns the type of the token after the current one. */
enum token_type lexer_peek(const struct lexer *);

/* If the current token is of 'type' (or the identifier 'id', or an integer
 * that fits in 'int'), takes it and returns true. */
bool lexer_match(struct lexer *, enum token_type type);
bool lexer_match_id(struct lexer *, const char *id);
bool lexer_match_int(struct lexer *, int *value);
bool lexer_is_int(const struct lexer *);

/* Like the above, but if the token is another one, report a syntax error and
 * return false.  The string functions return a copy, that the caller frees,
 * or null. */
bool lexer_force_match(struct lexer *, enum token_type type);
bool lexer_force_id(struct lexer *, const char *id);
bool lexer_force_int(struct lexer *, int *value);
char *lexer_force_string(struct lexer *);
bool lexer_force_end(struct lexer *);

/* Reports an error.  Only the first one is kept.  lexer_error() is about the
 * current token, lexer_error_at() about the one that starts at 'ofs', which
 * was taken already.  lexer_syntax_error() puts "Syntax error at `TOKEN' " or
 * "Syntax error at end of input " before the message, which goes like
 * "expecting port name." */
void lexer_error(struct lexer *, const char *format, ...)
    OVS_PRINTF_FORMAT(2, 3);
void lexer_error_at(struct lexer *, size_t ofs, const char *format, ...)
    OVS_PRINTF_FORMAT(3, 4);
void lexer_verror_at(struct lexer *, size_t ofs, const char *format, va_list)
    OVS_PRINTF_FORMAT(3, 0);
void lexer_syntax_error(struct lexer *, const char *format, ...)
    OVS_PRINTF_FORMAT(2, 3);

/* Returns the error, or null, and leaves none behind.  The caller frees it.
 * It ends with the column of the offending token, counted in characters from
 * 1, unless that is the end of the input. */
char *lexer_steal_error(struct lexer *);

/* Replaces each ^name in 'text' for which 'lookup' returns non-null by that
 * value; an unknown name stays as it is.  The result is null if there is
 * nothing to replace, otherwise the caller frees it. */
char *lex_expand_templates(const char *text,
                           const char *(*lookup)(const char *name, void *aux),
                           void *aux);

#endif /* text/lex.h */
