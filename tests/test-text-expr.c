/* Tests of lib/text: lexer, symbol table, expressions. */

#include "test-ovn.h"

#include <errno.h>
#include <stdio.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/match.h"
#include "text/expr.h"
#include "text/lex.h"
#include "text/symtab.h"
#include "timeval.h"

/* The environment of all cases: address sets, port groups and ports. */

static struct const_set set1, set2, empty_set, pg1, empty_pg;

static void
init_environment(void)
{
    const_set_init(&set1);
    const_set_init(&set2);
    const_set_init(&empty_set);
    const_set_init(&pg1);
    const_set_init(&empty_pg);
    ovs_assert(!const_set_add_address(&set1, "10.0.0.1"));
    ovs_assert(!const_set_add_address(&set1, "10.0.0.2"));
    ovs_assert(!const_set_add_address(&set1, "10.1.0.0/16"));
    ovs_assert(!const_set_add_address(&set2, "fd00::1"));
    ovs_assert(!const_set_add_address(&set2, "fd01::/64"));
    const_set_add_string(&pg1, "p1");
    const_set_add_string(&pg1, "p2");
    const_set_add_string(&pg1, "absent");
    empty_pg.is_string = true;
}

static void
exit_environment(void)
{
    const_set_destroy(&set1);
    const_set_destroy(&set2);
    const_set_destroy(&empty_set);
    const_set_destroy(&pg1);
    const_set_destroy(&empty_pg);
    symtab_exit();
}

static const struct const_set *
find_address_set(const char *name, void *aux OVS_UNUSED)
{
    return (!strcmp(name, "set1") ? &set1
            : !strcmp(name, "set2") ? &set2
            : !strcmp(name, "empty") ? &empty_set
            : NULL);
}

static const struct const_set *
find_port_group(const char *name, void *aux OVS_UNUSED)
{
    return (!strcmp(name, "pg1") ? &pg1
            : !strcmp(name, "empty") ? &empty_pg
            : NULL);
}

static const struct expr_env env = { find_address_set, find_port_group, NULL };

/* Ports p1 ... p99 have these numbers. */
static bool
find_port(const char *name, uint32_t *key, void *aux OVS_UNUSED)
{
    int n;

    if (name[0] != 'p' || !ovs_scan(name + 1, "%d", &n)) {
        return false;
    }
    *key = n;
    return true;
}

static bool
is_resident(const char *name, void *aux OVS_UNUSED)
{
    return !strcmp(name, "p1") || !strcmp(name, "cr-p1");
}

/* What a case does with its input. */

static void
do_lex(const char *input, struct ds *out)
{
    struct lexer lexer;

    for (lexer_init(&lexer, input); lexer.token.type != TOKEN_END;
         lexer_next(&lexer)) {
        if (out->length) {
            ds_put_char(out, ' ');
        }
        token_format(&lexer.token, out);

        enum token_type next = lexer_peek(&lexer);
        struct lexer copy;

        lexer_init(&copy, input + lexer.pos);
        ovs_assert(copy.token.type == next
                   || (copy.error && next == TOKEN_ERROR));
        lexer_destroy(&copy);
    }
    if (lexer.error) {
        ds_put_format(out, "%serror at %"PRIuSIZE": %s",
                      out->length ? " " : "", lexer.error_ofs, lexer.error);
    }
    lexer_destroy(&lexer);
}

static struct expr *
parse(const char *input, enum symtab_id symtab, struct ds *out)
{
    char *error;
    struct expr *expr = expr_parse_string(input, symtab_get(symtab), &env,
                                          &error);

    if (!expr) {
        ds_put_cstr(out, error);
        free(error);
    }
    return expr;
}

static void
do_parse(const char *input, struct ds *out)
{
    struct expr *expr = parse(input, SYMTAB_FLOW, out);

    if (expr) {
        struct ds again = DS_EMPTY_INITIALIZER;

        /* What is formatted has to parse to the same. */
        expr_format(expr, out);
        expr_destroy(expr);
        if (!strstr(ds_cstr(out), "{}")) {
            expr = parse(ds_cstr(out), SYMTAB_FLOW, out);
            ovs_assert(expr);
            expr_format(expr, &again);
            ovs_assert(!strcmp(ds_cstr(&again), ds_cstr(out)));
            expr_destroy(expr);
        }
        ds_destroy(&again);
    }
}

static void
do_annotate(const char *input, struct ds *out)
{
    struct expr *expr = parse(input, SYMTAB_FLOW, out);

    if (expr) {
        struct ds again = DS_EMPTY_INITIALIZER;
        struct expr *clone;

        expr_annotate(expr);
        expr_format(expr, out);

        /* Once more changes nothing. */
        clone = expr_clone(expr);
        expr_destroy(expr);
        expr_annotate(clone);
        expr_format(clone, &again);
        ovs_assert(!strcmp(ds_cstr(&again), ds_cstr(out)));
        expr_destroy(clone);
        ds_destroy(&again);
    }
}

static void
do_simplify(const char *input, struct ds *out)
{
    struct expr *expr = parse(input, SYMTAB_FLOW, out);

    if (expr) {
        expr_simplify(expr, is_resident, NULL);
        expr_format(expr, out);
        expr_destroy(expr);
    }
}

static struct expr_norm *
normalize(const char *input, enum symtab_id id, struct ds *out)
{
    struct expr *expr = parse(input, id, out);
    struct expr_norm *norm;
    char *error;

    if (!expr) {
        return NULL;
    }
    expr_annotate(expr);
    expr_simplify(expr, is_resident, NULL);
    error = expr_normalize(expr, symtab_get(id), &norm);
    expr_destroy(expr);
    if (error) {
        ds_put_cstr(out, error);
        free(error);
        return NULL;
    }
    return norm;
}

/* Newlines are inconvenient in a file with a case a line. */
static void
join_lines(struct ds *out)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    const char *p = ds_cstr(out);

    ds_chomp(out, '\n');
    for (; *p; p++) {
        if (*p == '\n') {
            ds_put_cstr(&s, " | ");
        } else {
            ds_put_char(&s, *p);
        }
    }
    ds_swap(out, &s);
    ds_destroy(&s);
}

static void
do_normalize(const char *input, struct ds *out)
{
    struct expr_norm *norm = normalize(input, SYMTAB_FLOW, out);

    if (norm) {
        expr_norm_format(norm, out);
        expr_norm_destroy(norm);
        join_lines(out);
    }
}

static void
matches(const char *input, enum symtab_id id, struct ds *out)
{
    struct expr_norm *norm = normalize(input, id, out);

    if (norm) {
        struct expr_matches m;

        expr_to_matches(norm, find_port, NULL, 1, &m);
        ovs_assert(m.n_conjs == expr_norm_n_conjs(norm));
        if (m.n) {
            expr_matches_format(&m, out);
            join_lines(out);
        } else {
            ds_put_cstr(out, "never");
        }
        expr_matches_destroy(&m);
        expr_norm_destroy(norm);
    }
}

static void
do_matches(const char *input, struct ds *out)
{
    matches(input, SYMTAB_FLOW, out);
}

static void
do_acl_ct(const char *input, struct ds *out)
{
    matches(input, SYMTAB_ACL_CT, out);
}

/* Just the number of flows. */
static void
do_count(const char *input, struct ds *out)
{
    struct expr_norm *norm = normalize(input, SYMTAB_FLOW, out);

    if (norm) {
        struct expr_matches m;

        expr_to_matches(norm, find_port, NULL, 1, &m);
        ds_put_format(out, "%"PRIuSIZE, m.n);
        expr_matches_destroy(&m);
        expr_norm_destroy(norm);
    }
}

static void
do_refs(const char *input, struct ds *out)
{
    struct expr_refs refs;
    struct {
        char prefix;
        struct sset *names;
    } kinds[] = {
        { '$', &refs.address_sets }, { '@', &refs.port_groups },
        { '^', &refs.templates }, { '!', &refs.residents },
        { '"', &refs.ports },
    };

    expr_refs_init(&refs);
    expr_refs_scan(&refs, input);
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        const char **names = sset_sort(kinds[i].names);

        for (size_t j = 0; names[j]; j++) {
            ds_put_format(out, "%s%c%s", out->length ? " " : "",
                          kinds[i].prefix, names[j]);
        }
        free(names);
    }
    expr_refs_destroy(&refs);
}

static const char *
find_template(const char *name, void *aux OVS_UNUSED)
{
    return (!strcmp(name, "vip") ? "10.0.0.1"
            : !strcmp(name, "port") ? "80"
            : !strcmp(name, "none") ? ""
            : NULL);
}

static void
do_template(const char *input, struct ds *out)
{
    char *s = lex_expand_templates(input, find_template, NULL);

    ds_put_cstr(out, s ? s : "unchanged");
    free(s);
}

static void
do_microflow(const char *input, struct ds *out)
{
    struct flow flow;
    char *error = expr_parse_microflow(input, symtab_get(SYMTAB_FLOW), &env,
                                       find_port, NULL, &flow);

    if (error) {
        ds_put_cstr(out, error);
        free(error);
    } else {
        struct match match;
        struct flow_wildcards wc;

        flow_wildcards_init_for_packet(&wc, &flow);
        match_init(&match, &flow, &wc);
        match_format(&match, NULL, out, OFP_DEFAULT_PRIORITY);
    }
}

/* EXPRESSION @ MICROFLOW: whether the packet satisfies the expression. */
static void
do_evaluate(const char *input, struct ds *out)
{
    const char *at = strstr(input, " @ ");
    char *text = xmemdup0(input, at - input);
    struct expr *expr = parse(text, SYMTAB_FLOW, out);
    struct flow flow;

    if (expr) {
        char *error = expr_parse_microflow(at + 3, symtab_get(SYMTAB_FLOW),
                                           &env, find_port, NULL, &flow);

        expr_annotate(expr);
        if (error) {
            ds_put_cstr(out, error);
            free(error);
        } else {
            ds_put_cstr(out, expr_evaluate(expr, &flow, find_port,
                                           is_resident, NULL)
                        ? "true" : "false");
        }
        expr_destroy(expr);
    }
    free(text);
}

/* FIELD, perhaps with a mode behind it: checks it as an operand. */
static void
do_field(const char *input, struct ds *out)
{
    struct lexer lexer;
    struct field_ref ref;

    lexer_init(&lexer, input);
    if (expr_parse_field(&lexer, symtab_get(SYMTAB_FLOW), &ref)) {
        bool ct_commit = lexer_match_id(&lexer, "ct_commit");
        bool write = lexer_match_id(&lexer, "write") || ct_commit;
        int n_bits = -1;

        lexer_match_int(&lexer, &n_bits);
        char *error = field_ref_check(&ref, n_bits, write, ct_commit);
        if (error) {
            ds_put_cstr(out, error);
            free(error);
        } else {
            field_ref_format(&ref, out);
            if (ref.symbol->kind != SYMBOL_OVN) {
                struct mf_subfield sf = field_ref_to_subfield(&ref);

                ds_put_format(out, ": %s[%d..%d]", sf.field->name, sf.ofs,
                              sf.ofs + sf.n_bits - 1);
            }

            struct expr *prereqs = field_ref_prereqs(&ref);
            if (prereqs) {
                ds_put_cstr(out, " requires ");
                expr_format(prereqs, out);
                expr_destroy(prereqs);
            }
        }
    }
    if (lexer_force_end(&lexer)) {
        ovs_assert(!lexer.error);
    } else {
        ds_put_cstr(out, lexer.error);
    }
    lexer_destroy(&lexer);
}

static const struct mode {
    const char *name;
    void (*run)(const char *input, struct ds *out);
} modes[] = {
    { "lex", do_lex },
    { "parse", do_parse },
    { "annotate", do_annotate },
    { "simplify", do_simplify },
    { "normalize", do_normalize },
    { "matches", do_matches },
    { "acl-ct", do_acl_ct },
    { "count", do_count },
    { "refs", do_refs },
    { "template", do_template },
    { "microflow", do_microflow },
    { "evaluate", do_evaluate },
    { "field", do_field },
};

/* text-cases FILE: runs the cases in FILE.  A line "[MODE]" says what to do
 * with the following lines, which are "INPUT => OUTPUT", and "INPUT" for
 * "INPUT => INPUT".  Empty lines and those that begin with # do not count. */
static void
test_cases(struct ovs_cmdl_context *ctx)
{
    struct ds line = DS_EMPTY_INITIALIZER;
    struct ds out = DS_EMPTY_INITIALIZER;
    const struct mode *mode = NULL;
    FILE *file = fopen(ctx->argv[1], "r");
    int n = 0, n_bad = 0;

    if (!file) {
        ovs_fatal(errno, "%s", ctx->argv[1]);
    }
    init_environment();
    while (!ds_get_line(&line, file)) {
        char *input = ds_cstr(&line);
        char *arrow = strstr(input, " => ");
        const char *expected = arrow ? arrow + 4 : input;

        if (!input[0] || input[0] == '#') {
            continue;
        } else if (input[0] == '[') {
            input[strcspn(input, "]")] = '\0';
            mode = NULL;
            for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
                if (!strcmp(modes[i].name, input + 1)) {
                    mode = &modes[i];
                }
            }
            ovs_assert(mode);
            continue;
        }
        if (arrow) {
            *arrow = '\0';
        }

        ovs_assert(mode);
        ds_clear(&out);
        mode->run(input, &out);
        n++;
        if (strcmp(ds_cstr(&out), expected)) {
            printf("[%s] %s => %s\n", mode->name, input, ds_cstr(&out));
            printf("    instead of %s\n", expected);
            n_bad++;
        }
    }
    fclose(file);
    ds_destroy(&line);
    ds_destroy(&out);
    exit_environment();
    if (n_bad) {
        ovs_fatal(0, "%d of %d cases failed", n_bad, n);
    }
}

OVSTEST_REGISTER("text-cases", test_cases);

/* text-expr MODE: does it with each line of stdin. */
static void
test_expr(struct ovs_cmdl_context *ctx)
{
    struct ds line = DS_EMPTY_INITIALIZER;
    struct ds out = DS_EMPTY_INITIALIZER;

    init_environment();
    while (!ds_get_line(&line, stdin)) {
        for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
            if (!strcmp(modes[i].name, ctx->argv[1])) {
                ds_clear(&out);
                modes[i].run(ds_cstr(&line), &out);
                printf("%s => %s\n", ds_cstr(&line), ds_cstr(&out));
            }
        }
    }
    ds_destroy(&line);
    ds_destroy(&out);
    exit_environment();
}

OVSTEST_REGISTER("text-expr", test_expr);

/* text-benchmark N: compiles each line of stdin N times. */
static void
test_benchmark(struct ovs_cmdl_context *ctx)
{
    const struct symtab *symtab = symtab_get(SYMTAB_FLOW);
    struct ds line = DS_EMPTY_INITIALIZER;
    int n = atoi(ctx->argv[1]);

    init_environment();
    while (!ds_get_line(&line, stdin)) {
        long long int start = time_usec();
        size_t n_flows = 0, memory = 0;

        for (int i = 0; i < n; i++) {
            struct ds out = DS_EMPTY_INITIALIZER;
            struct expr_norm *norm = normalize(ds_cstr(&line),
                                               SYMTAB_FLOW, &out);
            struct expr_matches m;

            ovs_assert(norm && symtab == symtab_get(SYMTAB_FLOW));
            expr_to_matches(norm, find_port, NULL, 1, &m);
            n_flows = m.n;
            memory = expr_norm_memory(norm);
            expr_matches_destroy(&m);
            expr_norm_destroy(norm);
            ds_destroy(&out);
        }
        printf("%6.2f us %5"PRIuSIZE" flows %6"PRIuSIZE" bytes: %s\n",
               (double) (time_usec() - start) / n, n_flows, memory,
               ds_cstr(&line));
    }
    ds_destroy(&line);
    exit_environment();
}

OVSTEST_REGISTER("text-benchmark", test_benchmark);

static void
test_symbols(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    for (int i = 0; i < N_SYMTABS; i++) {
        const struct symtab *symtab = symtab_get(i);
        const struct symbol *symbol;
        struct ds s = DS_EMPTY_INITIALIZER;

        printf("table %d, %"PRIuSIZE" symbols, %"PRIuSIZE" variables\n",
               i, hmap_count(&symtab->symbols), symtab->n_vars);
        HMAP_FOR_EACH (symbol, hmap_node, &symtab->symbols) {
            /* Nothing may be writable here that is not in OpenFlow. */
            ovs_assert(symbol->access == ACCESS_READ_ONLY
                       || !symbol->field || symbol->field->writable);
            symbol_format(symbol, &s);
        }
        fputs(ds_cstr(&s), stdout);
        ds_destroy(&s);
    }
    symtab_exit();
}

OVSTEST_REGISTER("text-symbols", test_symbols);
