#include <config.h>
#include "input.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/hmap.h"
#include "rows.h"
#include "util.h"

/* The cookie of the flow that matches a conjunction. */
struct conj {
    struct hmap_node hmap_node; /* By 'id' and 'table'. */
    uint32_t id;
    char *table;                /* As in the line: "17". */
    uint32_t cookie;
};

/* What is known about a cookie. */
struct known {
    struct hmap_node hmap_node; /* By 'cookie'. */
    uint32_t cookie;
    char *text;
};

/* Cookies, or conjunctions, of the flow whose lines are being copied. */
struct numbers {
    uint32_t *values;
    size_t n, allocated;
};

struct input {
    struct hmap conjs;
    struct hmap known;
    struct rows *rows;
    struct numbers pending;     /* Cookies. */
    FILE *out;
};

static void
add_number(struct numbers *numbers, uint32_t value)
{
    for (size_t i = 0; i < numbers->n; i++) {
        if (numbers->values[i] == value) {
            return;
        }
    }
    if (numbers->n >= numbers->allocated) {
        numbers->values = x2nrealloc(numbers->values, &numbers->allocated,
                                     sizeof *numbers->values);
    }
    numbers->values[numbers->n++] = value;
}

/* ---- Lines. ---- */

/* Adds the numbers that stand in 'line' behind 'word' and one of 'separators'.
 * Leaves out 0 and those of more than 32 bits, which no row has. */
static void
find_numbers(const char *line, const char *word, const char *separators,
             int base, struct numbers *numbers)
{
    size_t length = strlen(word);

    for (const char *p = line; (p = strstr(p, word)) != NULL; p += length) {
        bool starts = p == line || !(isalnum((unsigned char) p[-1])
                                     || p[-1] == '_');
        const char *digits = p + length;

        if (!starts || !*digits || !strchr(separators, *digits)) {
            continue;
        }
        digits++;
        if (base == 16 && strncmp(digits, "0x", 2)) {
            continue;
        }

        char *end;
        errno = 0;
        unsigned long long int value = strtoull(digits, &end, base);
        bool is_number = (isxdigit((unsigned char) digits[0])
                          && end > digits && !errno
                          && !isalnum((unsigned char) *end));
        if (is_number && value && value <= UINT32_MAX) {
            add_number(numbers, value);
        }
    }
}

/* Cookies are "cookie 0x1" in traces and "cookie=0x1" in dumps. */
static void
find_cookies(const char *line, struct numbers *cookies)
{
    find_numbers(line, "cookie", " =", 16, cookies);
}

/* The OpenFlow table of a line, which the caller must free: "17" in
 * "17. ip, priority 1" of a trace and in "table=17, ip" of a dump, "" if it
 * says none. */
static char *
line_table(const char *line)
{
    const char *p = line + strspn(line, " ");
    size_t n = strspn(p, "0123456789");

    if (n && p[n] == '.' && (p[n + 1] == ' ' || !p[n + 1])) {
        return xmemdup0(p, n);
    }
    p = strstr(line, "table=");
    return p ? xmemdup0(p + 6, strspn(p + 6, "0123456789")) : xstrdup("");
}

/* True of the first line of a flow in a trace, and of what separates flows. */
static bool
starts_flow(const char *line)
{
    const char *p = line + strspn(line, " \t");
    size_t n = strspn(p, "0123456789");

    return !*p || (n && p[n] == '.');
}

/* ---- Conjunctions. ---- */

static uint32_t
hash_conj(uint32_t id, const char *table)
{
    return hash_string(table, id);
}

static const struct conj *
find_conj(const struct input *input, uint32_t id, const char *table)
{
    const struct conj *c;

    HMAP_FOR_EACH_WITH_HASH (c, hmap_node, hash_conj(id, table),
                             &input->conjs) {
        if (c->id == id && !strcmp(c->table, table)) {
            return c;
        }
    }
    return NULL;
}

/* Notes which cookie the conjunction has that the flow matches, if any. */
static void
learn_conj(struct input *input, const char *line)
{
    struct numbers ids = { .n = 0 }, cookies = { .n = 0 };

    find_numbers(line, "conj_id", "=", 0, &ids);
    if (ids.n) {
        find_cookies(line, &cookies);
    }
    if (cookies.n) {
        char *table = line_table(line);

        if (find_conj(input, ids.values[0], table)) {
            free(table);
        } else {
            struct conj *c = xmalloc(sizeof *c);
            c->id = ids.values[0];
            c->table = table;
            c->cookie = cookies.values[0];
            hmap_insert(&input->conjs, &c->hmap_node,
                        hash_conj(c->id, table));
        }
    }
    free(ids.values);
    free(cookies.values);
}

/* A flow with conjunctions has one cookie only, but may serve the
 * conjunctions of several logical flows.  Adds the cookies of all. */
static void
find_conjs(const struct input *input, const char *line,
           struct numbers *cookies)
{
    struct numbers ids = { .n = 0 };

    find_numbers(line, "conjunction", "(", 0, &ids);
    if (ids.n) {
        char *table = line_table(line);

        for (size_t i = 0; i < ids.n; i++) {
            const struct conj *c = find_conj(input, ids.values[i], table);
            if (c) {
                add_number(cookies, c->cookie);
            }
        }
        free(table);
    }
    free(ids.values);
}

/* ---- Output. ---- */

static const char *
cookie_text(struct input *input, uint32_t cookie)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    uint32_t hash = hash_int(cookie, 0);
    struct known *k;

    HMAP_FOR_EACH_WITH_HASH (k, hmap_node, hash, &input->known) {
        if (k->cookie == cookie) {
            return k->text;
        }
    }
    rows_put(input->rows, cookie, &s);
    k = xmalloc(sizeof *k);
    k->cookie = cookie;
    k->text = ds_steal_cstr(&s);
    hmap_insert(&input->known, &k->hmap_node, hash);
    return k->text;
}

static void
flush_pending(struct input *input)
{
    for (size_t i = 0; i < input->pending.n; i++) {
        fputs(cookie_text(input, input->pending.values[i]), input->out);
    }
    input->pending.n = 0;
}

static void
copy_line(struct input *input, const char *line)
{
    struct numbers cookies = { .n = 0 };

    find_cookies(line, &cookies);
    find_conjs(input, line, &cookies);
    if (cookies.n || starts_flow(line)) {
        flush_pending(input);
    }
    fprintf(input->out, "%s\n", line);
    for (size_t i = 0; i < cookies.n; i++) {
        add_number(&input->pending, cookies.values[i]);
    }
    free(cookies.values);
}

/* Copies 'in' to 'out'.  Lines about the rows that a flow comes from stand
 * behind its last line. */
void
input_copy(FILE *in, FILE *out, struct rows *rows)
{
    struct input input = { .rows = rows, .out = out };
    struct ds line = DS_EMPTY_INITIALIZER;
    char **lines = NULL;
    size_t n = 0, allocated = 0;

    /* Flows with a conjunction stand before the one that matches it. */
    hmap_init(&input.conjs);
    hmap_init(&input.known);
    while (!ds_get_line(&line, in)) {
        if (n >= allocated) {
            lines = x2nrealloc(lines, &allocated, sizeof *lines);
        }
        lines[n++] = xstrdup(ds_cstr(&line));
        learn_conj(&input, lines[n - 1]);
    }
    ds_destroy(&line);

    for (size_t i = 0; i < n; i++) {
        copy_line(&input, lines[i]);
        free(lines[i]);
    }
    flush_pending(&input);
    free(lines);

    struct conj *c;
    HMAP_FOR_EACH_POP (c, hmap_node, &input.conjs) {
        free(c->table);
        free(c);
    }
    struct known *k;
    HMAP_FOR_EACH_POP (k, hmap_node, &input.known) {
        free(k->text);
        free(k);
    }
    hmap_destroy(&input.conjs);
    hmap_destroy(&input.known);
    free(input.pending.values);
}
