#include <config.h>
#include "text/lex.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "openvswitch/json.h"
#include "packets.h"
#include "util.h"

static const struct {
    const char *text;
    size_t len;
    enum token_type type;
} punctuation[] = {
#define TOKEN(SUFFIX, TEXT) { TEXT, sizeof TEXT - 1, TOKEN_##SUFFIX },
    LEX_PUNCTUATION
#undef TOKEN
};

static bool
is_id_start(char c)
{
    return isalpha((unsigned char) c) || c == '_';
}

static bool
is_id_char(char c)
{
    return isalnum((unsigned char) c) || c == '_' || c == '.';
}

/* Returns the text of 'type': of punctuation itself, of others what kind of
 * text they are. */
const char *
token_type_to_string(enum token_type type)
{
    switch ((int) type) {
    case TOKEN_END: return "end of input";
    case TOKEN_ERROR: return "error";
    case TOKEN_ID: return "identifier";
    case TOKEN_STRING: return "string";
    case TOKEN_INTEGER: return "integer";
    case TOKEN_MASKED: return "masked integer";
    case TOKEN_ADDRESS_SET: return "address set name";
    case TOKEN_PORT_GROUP: return "port group name";
    case TOKEN_TEMPLATE: return "template name";
    }
    for (size_t i = 0; i < ARRAY_SIZE(punctuation); i++) {
        if (punctuation[i].type == type) {
            return punctuation[i].text;
        }
    }
    OVS_NOT_REACHED();
}

/* Formatting. */

static void
format_hex(wide value, struct ds *ds)
{
    uint64_t hi = value >> 64;
    uint64_t lo = value;

    if (hi) {
        ds_put_format(ds, "0x%"PRIx64"%016"PRIx64, hi, lo);
    } else {
        ds_put_format(ds, "0x%"PRIx64, lo);
    }
}

static void
format_value(wide value, enum token_format format, struct ds *ds)
{
    struct in6_addr in6;
    struct eth_addr ea;
    ovs_be32 ip;

    switch (format) {
    case FORMAT_DECIMAL:
        if (value <= UINT64_MAX) {
            ds_put_format(ds, "%"PRIu64, (uint64_t) value);
        } else {
            format_hex(value, ds);
        }
        break;
    case FORMAT_HEX:
        format_hex(value, ds);
        break;
    case FORMAT_IPV4:
        wide_to_bytes(value, &ip, sizeof ip);
        ds_put_format(ds, IP_FMT, IP_ARGS(ip));
        break;
    case FORMAT_IPV6:
        wide_to_bytes(value, &in6, sizeof in6);
        ipv6_format_addr(&in6, ds);
        break;
    case FORMAT_ETHERNET:
        wide_to_bytes(value, &ea, sizeof ea);
        ds_put_format(ds, ETH_ADDR_FMT, ETH_ADDR_ARGS(ea));
        break;
    default:
        OVS_NOT_REACHED();
    }
}

static int
format_width(enum token_format format)
{
    return (format == FORMAT_IPV4 ? 32
            : format == FORMAT_ETHERNET ? 48
            : 128);
}

/* Appends 'value' to 'ds' as 'format' has it, with '/mask' if 'masked': the
 * prefix length for an IP address's mask where that is possible. */
void
token_format_integer(wide value, wide mask, bool masked,
                     enum token_format format, struct ds *ds)
{
    format_value(value, format, ds);
    if (!masked) {
        return;
    }

    ds_put_char(ds, '/');
    if ((format == FORMAT_IPV4 || format == FORMAT_IPV6)
        && wide_is_prefix_mask(mask, format_width(format))) {
        ds_put_format(ds, "%d", wide_popcount(mask));
    } else {
        format_value(mask, format, ds);
    }
}

void
token_format(const struct token *token, struct ds *ds)
{
    switch ((int) token->type) {
    case TOKEN_END:
        break;
    case TOKEN_ERROR:
        ds_put_format(ds, "error(%s)", token->s);
        break;
    case TOKEN_ID:
        ds_put_cstr(ds, token->s);
        break;
    case TOKEN_STRING:
        json_string_escape(token->s, ds);
        break;
    case TOKEN_INTEGER:
    case TOKEN_MASKED:
        token_format_integer(token->value, token->mask,
                             token->type == TOKEN_MASKED, token->format, ds);
        break;
    case TOKEN_ADDRESS_SET:
        ds_put_format(ds, "$%s", token->s);
        break;
    case TOKEN_PORT_GROUP:
        ds_put_format(ds, "@%s", token->s);
        break;
    case TOKEN_TEMPLATE:
        ds_put_format(ds, "^%s", token->s);
        break;
    default:
        ds_put_cstr(ds, token_type_to_string(token->type));
        break;
    }
}

/* Scanning.
 *
 * Each scan function reads one kind of token that starts at 'p', fills in
 * 'token' except for 'ofs' and 'len', and returns where the token ends.  Its
 * text goes to 'buffer', unless that is null. */

static void
set_text(struct token *token, enum token_type type, struct ds *buffer,
         const char *s, size_t n)
{
    token->type = type;
    if (buffer) {
        ds_clear(buffer);
        ds_put_buffer(buffer, s, n);
        token->s = ds_cstr(buffer);
    }
}

static void OVS_PRINTF_FORMAT(3, 4)
set_error(struct token *token, struct ds *buffer, const char *format, ...)
{
    token->type = TOKEN_ERROR;
    if (buffer) {
        va_list args;

        ds_clear(buffer);
        va_start(args, format);
        ds_put_format_valist(buffer, format, args);
        va_end(args);
        token->s = ds_cstr(buffer);
    }
}

static const char *
scan_name(const char *p, enum token_type type, struct token *token,
          struct ds *buffer)
{
    const char *start = p;

    while (is_id_char(*p)) {
        p++;
    }
    set_text(token, type, buffer, start, p - start);
    return p;
}

static const char *
scan_macro(const char *p, enum token_type type, struct token *token,
           struct ds *buffer)
{
    if (!is_id_start(p[1])) {
        set_error(token, buffer, "`%c' must be followed by a name.", p[0]);
        return p + 1;
    }
    return scan_name(p + 1, type, token, buffer);
}

static const char *
scan_string(const char *p, struct token *token, struct ds *buffer)
{
    const char *start = ++p;
    bool escapes = false;

    for (; *p != '"'; p++) {
        if (*p == '\\') {
            escapes = true;
            p++;
        }
        if (!*p) {
            set_error(token, buffer, "Quoted string is not terminated.");
            return p;
        }
    }

    if (!escapes) {
        set_text(token, TOKEN_STRING, buffer, start, p - start);
    } else {
        char *s;

        if (json_string_unescape(start, p - start, &s)) {
            set_text(token, TOKEN_STRING, buffer, s, strlen(s));
        } else {
            set_error(token, buffer, "Bad quoted string: %s.", s);
        }
        free(s);
    }
    return p + 1;
}

static bool
parse_ethernet(const char *s, size_t n, wide *value)
{
    *value = 0;
    if (n != ETH_ADDR_STRLEN) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (i % 3 == 2) {
            if (s[i] != ':') {
                return false;
            }
        } else if (isxdigit((unsigned char) s[i])) {
            *value = *value << 4 | hexit_value(s[i]);
        } else {
            return false;
        }
    }
    return true;
}

static bool
parse_ip(int family, const char *s, size_t n, wide *value)
{
    char copy[INET6_ADDRSTRLEN];
    struct in6_addr addr;

    if (n >= sizeof copy) {
        return false;
    }
    memcpy(copy, s, n);
    copy[n] = '\0';
    if (inet_pton(family, copy, &addr) != 1) {
        return false;
    }
    *value = wide_from_bytes(&addr, family == AF_INET ? 4 : 16);
    return true;
}

/* Parses the digits of a decimal or hexadecimal number.  Returns null on
 * success, otherwise what is wrong. */
static const char *
parse_digits(const char *s, size_t n, enum token_format format, wide *value)
{
    *value = 0;
    if (format == FORMAT_HEX) {
        s += 2;
        n -= 2;
        if (!n) {
            return "`0x' must be followed by hexadecimal digits.";
        }
        while (n > 1 && *s == '0') {
            s++;
            n--;
        }
        if (n > WIDE_BITS / 4) {
            return "Hexadecimal constant has more than 128 bits.";
        }
        while (n--) {
            *value = *value << 4 | hexit_value(*s++);
        }
        return NULL;
    }

    if (n > 1 && *s == '0') {
        return "Decimal constant has a leading zero.";
    }
    while (n--) {
        *value = *value * 10 + (*s++ - '0');
        if (*value > UINT64_MAX) {
            return "Decimal constant is 2**64 or greater.";
        }
    }
    return NULL;
}

/* Scans one number or address at 'p', without a mask.  Returns null with the
 * reason in '*error' if it is malformed. */
static const char *
scan_number(const char *p, wide *value, enum token_format *format,
            const char **error)
{
    static const char malformed[] = "Malformed numeric constant.";
    const char *start = p;
    size_t n_hex = 0;

    while (isxdigit((unsigned char) p[n_hex])) {
        n_hex++;
    }
    *error = malformed;
    if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X')) {
        *format = FORMAT_HEX;
        for (p += 2; isxdigit((unsigned char) *p); p++) {
            continue;
        }
        *error = parse_digits(start, p - start, FORMAT_HEX, value);
    } else if (p[n_hex] == ':' && (n_hex || p[1] == ':')) {
        while (isxdigit((unsigned char) *p) || *p == ':'
               || (*p == '.' && p[1] != '.')) {
            p++;
        }
        *error = NULL;
        if (parse_ethernet(start, p - start, value)) {
            *format = FORMAT_ETHERNET;
        } else if (parse_ip(AF_INET6, start, p - start, value)) {
            *format = FORMAT_IPV6;
        } else {
            *error = malformed;
        }
    } else {
        while (isdigit((unsigned char) *p)) {
            p++;
        }
        if (*p == '.' && p[1] != '.') {
            while (isdigit((unsigned char) *p) || *p == '.') {
                p++;
            }
            *format = FORMAT_IPV4;
            *error = (parse_ip(AF_INET, start, p - start, value)
                      ? NULL : malformed);
        } else {
            *format = FORMAT_DECIMAL;
            *error = parse_digits(start, p - start, FORMAT_DECIMAL, value);
        }
    }

    if (!*error && (isalnum((unsigned char) *p) || *p == '_')) {
        *error = malformed;
    }
    return p;
}

static bool
is_number_start(const char *p)
{
    return isxdigit((unsigned char) *p) || *p == ':';
}

static const char *
scan_integer(const char *p, struct token *token, struct ds *buffer)
{
    const char *error;

    token->type = TOKEN_INTEGER;
    p = scan_number(p, &token->value, &token->format, &error);
    if (error) {
        set_error(token, buffer, "%s", error);
        return p;
    }
    if (*p != '/' || p[1] == '/' || p[1] == '*') {
        return p;
    }

    enum token_format mask_format;

    token->type = TOKEN_MASKED;
    p++;
    if (!is_number_start(p)) {
        set_error(token, buffer, "`/' must be followed by a mask.");
        return p;
    }
    p = scan_number(p, &token->mask, &mask_format, &error);
    if (error) {
        set_error(token, buffer, "%s", error);
        return p;
    }
    if (mask_format == FORMAT_DECIMAL
        && (token->format == FORMAT_IPV4 || token->format == FORMAT_IPV6)) {
        int width = format_width(token->format);

        if (token->mask > width) {
            set_error(token, buffer, "Prefix length of an IPv%d address is "
                      "greater than %d.", width == 32 ? 4 : 6, width);
            return p;
        }
        token->mask = wide_ones(width) & ~wide_ones(width - token->mask);
    } else if (mask_format != token->format) {
        set_error(token, buffer,
                  "Value and mask are not written in the same form.");
        return p;
    }
    token->value &= token->mask;
    return p;
}

static const char *
scan_punctuation(const char *p, struct token *token, struct ds *buffer)
{
    size_t best = 0;

    for (size_t i = 0; i < ARRAY_SIZE(punctuation); i++) {
        const char *text = punctuation[i].text;
        size_t n = punctuation[i].len;

        if (*p == *text && n > best && (n == 1 || !strncmp(p, text, n))) {
            best = n;
            token->type = punctuation[i].type;
        }
    }
    if (!best) {
        if (*p == '&' || *p == '|') {
            set_error(token, buffer, "A single `%c' has no meaning, write "
                      "`%c%c'.", *p, *p, *p);
        } else if (*p == '/') {
            set_error(token, buffer, "`/' occurs only between a value and a "
                      "mask, without spaces, and in comments.");
        } else if (isprint((unsigned char) *p)) {
            set_error(token, buffer, "Character `%c' has no meaning here.",
                      *p);
        } else {
            set_error(token, buffer, "Byte 0x%02x has no meaning here.",
                      (unsigned char) *p);
        }
        best = 1;
    }
    return p + best;
}

/* Skips white space and comments.  Returns null for an unterminated one. */
static const char *
skip_blank(const char *p)
{
    for (;;) {
        if (isspace((unsigned char) *p)) {
            p++;
        } else if (p[0] == '/' && p[1] == '/') {
            p += strcspn(p, "\n");
        } else if (p[0] == '/' && p[1] == '*') {
            p = strstr(p + 2, "*/");
            if (!p) {
                return NULL;
            }
            p += 2;
        } else {
            return p;
        }
    }
}

/* An identifier such as "fe80" or "ab" in front of a colon is the beginning
 * of an address. */
static bool
is_address_start(const char *p)
{
    size_t n = 0;

    while (isxdigit((unsigned char) p[n])) {
        n++;
    }
    return p[n] == ':' && (n || p[1] == ':');
}

/* Scans the token at or after 'pos' and returns the position after it. */
static size_t
scan(const char *input, size_t pos, struct token *token, struct ds *buffer)
{
    const char *p = skip_blank(input + pos);

    token->s = NULL;
    token->value = token->mask = 0;
    token->format = FORMAT_DECIMAL;
    if (!p) {
        set_error(token, buffer, "Comment `/*' is not terminated.");
        token->ofs = pos;
        token->len = strlen(input) - pos;
        return pos + token->len;
    }

    const char *start = p;

    if (!*p) {
        token->type = TOKEN_END;
    } else if (isdigit((unsigned char) *p) || is_address_start(p)) {
        p = scan_integer(p, token, buffer);
    } else if (is_id_start(*p)) {
        p = scan_name(p, TOKEN_ID, token, buffer);
    } else if (*p == '"') {
        p = scan_string(p, token, buffer);
    } else if (*p == '$') {
        p = scan_macro(p, TOKEN_ADDRESS_SET, token, buffer);
    } else if (*p == '@') {
        p = scan_macro(p, TOKEN_PORT_GROUP, token, buffer);
    } else if (*p == '^') {
        p = scan_macro(p, TOKEN_TEMPLATE, token, buffer);
    } else {
        p = scan_punctuation(p, token, buffer);
    }
    token->ofs = start - input;
    token->len = p - start;
    return p - input;
}

/* Lexer. */

void
lexer_init(struct lexer *lexer, const char *input)
{
    *lexer = (struct lexer) { .input = input };
    ds_init(&lexer->buffer);
    lexer_next(lexer);
}

void
lexer_destroy(struct lexer *lexer)
{
    ds_destroy(&lexer->buffer);
    free(lexer->error);
    lexer->error = NULL;
}

void
lexer_next(struct lexer *lexer)
{
    if (lexer->error) {
        return;
    }
    lexer->pos = scan(lexer->input, lexer->pos, &lexer->token,
                      &lexer->buffer);
    if (lexer->token.type == TOKEN_ERROR) {
        lexer_error(lexer, "%s", lexer->token.s);
    }
}

enum token_type
lexer_peek(const struct lexer *lexer)
{
    struct token token;

    scan(lexer->input, lexer->pos, &token, NULL);
    return token.type;
}

bool
lexer_match(struct lexer *lexer, enum token_type type)
{
    if (lexer->token.type != type) {
        return false;
    }
    lexer_next(lexer);
    return true;
}

bool
lexer_match_id(struct lexer *lexer, const char *id)
{
    if (lexer->token.type != TOKEN_ID || strcmp(lexer->token.s, id)) {
        return false;
    }
    lexer_next(lexer);
    return true;
}

bool
lexer_is_int(const struct lexer *lexer)
{
    return (lexer->token.type == TOKEN_INTEGER
            && lexer->token.format == FORMAT_DECIMAL
            && lexer->token.value <= INT_MAX);
}

bool
lexer_match_int(struct lexer *lexer, int *value)
{
    if (!lexer_is_int(lexer)) {
        return false;
    }
    *value = lexer->token.value;
    lexer_next(lexer);
    return true;
}

bool
lexer_force_match(struct lexer *lexer, enum token_type type)
{
    if (lexer_match(lexer, type)) {
        return true;
    }
    if (type <= TOKEN_TEMPLATE) {
        lexer_syntax_error(lexer, "expecting %s.",
                           token_type_to_string(type));
    } else {
        lexer_syntax_error(lexer, "expecting `%s'.",
                           token_type_to_string(type));
    }
    return false;
}

bool
lexer_force_id(struct lexer *lexer, const char *id)
{
    if (lexer_match_id(lexer, id)) {
        return true;
    }
    lexer_syntax_error(lexer, "expecting `%s'.", id);
    return false;
}

bool
lexer_force_int(struct lexer *lexer, int *value)
{
    if (lexer_match_int(lexer, value)) {
        return true;
    }
    lexer_syntax_error(lexer, "expecting small integer.");
    return false;
}

char *
lexer_force_string(struct lexer *lexer)
{
    if (lexer->token.type != TOKEN_STRING) {
        lexer_syntax_error(lexer, "expecting string.");
        return NULL;
    }

    char *s = xstrdup(lexer->token.s);
    lexer_next(lexer);
    return s;
}

bool
lexer_force_end(struct lexer *lexer)
{
    if (lexer->error) {
        return false;
    }
    if (lexer->token.type == TOKEN_END) {
        return true;
    }
    lexer_syntax_error(lexer, "expecting end of input.");
    return false;
}

/* Takes over 'error' as the lexer's error unless there is one already. */
static void
lexer_set_error(struct lexer *lexer, char *error)
{
    if (lexer->error) {
        free(error);
        return;
    }
    lexer->error = error;
    lexer->error_ofs = lexer->token.ofs;
    lexer->error_len = lexer->token.len;
    lexer->token.type = TOKEN_END;
    lexer->token.s = NULL;
}

void
lexer_error(struct lexer *lexer, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    lexer_set_error(lexer, xvasprintf(format, args));
    va_end(args);
}

void
lexer_verror_at(struct lexer *lexer, size_t ofs, const char *format,
                va_list args)
{
    bool first = !lexer->error;

    lexer_set_error(lexer, xvasprintf(format, args));
    if (first) {
        struct token token;

        scan(lexer->input, ofs, &token, NULL);
        lexer->error_ofs = token.ofs;
        lexer->error_len = token.len;
    }
}

void
lexer_error_at(struct lexer *lexer, size_t ofs, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    lexer_verror_at(lexer, ofs, format, args);
    va_end(args);
}

void
lexer_syntax_error(struct lexer *lexer, const char *format, ...)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    va_list args;

    if (lexer->token.type == TOKEN_END) {
        ds_put_cstr(&s, "Syntax error at end of input ");
    } else {
        ds_put_format(&s, "Syntax error at `%.*s' ", (int) lexer->token.len,
                      lexer->input + lexer->token.ofs);
    }
    va_start(args, format);
    ds_put_format_valist(&s, format, args);
    va_end(args);
    lexer_set_error(lexer, ds_steal_cstr(&s));
}

/* Returns the number of characters in the first 'n' bytes of 's'. */
static int
utf8_length(const char *s, size_t n)
{
    int length = 0;

    for (size_t i = 0; i < n; i++) {
        length += ((uint8_t) s[i] & 0xc0) != 0x80;
    }
    return length;
}

char *
lexer_steal_error(struct lexer *lexer)
{
    char *error = lexer->error;

    if (error && lexer->error_len) {
        int column = utf8_length(lexer->input, lexer->error_ofs) + 1;

        error = xasprintf("%s (column %d)", lexer->error, column);
        free(lexer->error);
    }
    lexer->error = NULL;
    return error;
}

/* Templates. */

char *
lex_expand_templates(const char *text,
                     const char *(*lookup)(const char *name, void *aux),
                     void *aux)
{
    struct ds out = DS_EMPTY_INITIALIZER;
    bool changed = false;
    const char *p = text;

    for (;;) {
        const char *caret = strchr(p, '^');

        if (!caret) {
            break;
        }

        const char *end = caret + 1;
        while (is_id_char(*end)) {
            end++;
        }

        char *name = xmemdup0(caret + 1, end - (caret + 1));
        const char *value = name[0] ? lookup(name, aux) : NULL;

        free(name);
        if (value) {
            ds_put_buffer(&out, p, caret - p);
            ds_put_cstr(&out, value);
            changed = true;
        } else {
            ds_put_buffer(&out, p, end - p);
        }
        p = end;
    }

    if (!changed) {
        ds_destroy(&out);
        return NULL;
    }
    ds_put_cstr(&out, p);
    return ds_steal_cstr(&out);
}
