/* From text to nodes, with all type rules. */

#include <config.h>
#include "text/expr-private.h"

#include "openvswitch/dynamic-string.h"
#include "util.h"

/* Deeper expressions would need a lot of stack here and in each pass. */
#define MAX_DEPTH 100

struct parser {
    struct lexer *lexer;
    const struct symtab *symtab;
    const struct expr_env *env;
    struct arena arena;
    bool negated;               /* Inside an odd number of '!'s. */
    size_t field_ofs;           /* Where the last field is in the text. */
    size_t set_ofs;             /* And the last constants. */
    int depth;                  /* Parentheses that are open. */
};

static const struct node *parse_or_and(struct parser *);

/* Field references. */

static bool
check_bits(struct lexer *lexer, size_t ofs, const struct symbol *symbol,
           int low, int high)
{
    if (low > high) {
        lexer_error_at(lexer, ofs, "Bit range %d to %d of %s is backward.",
                    low, high, symbol->name);
    } else if (symbol->kind == SYMBOL_STRING) {
        lexer_error_at(lexer, ofs, "String field %s has no bits to select.",
                    symbol->name);
    } else if (high >= symbol->width) {
        lexer_error_at(lexer, ofs,
                       "Bits %d to %d are not all in %d-bit field %s.", low,
                       high, symbol->width, symbol->name);
    } else if (symbol->level == LEVEL_NOMINAL
               && (low || high < symbol->width - 1)) {
        lexer_error_at(lexer, ofs,
                       "Bits of nominal field %s cannot be selected.",
                       symbol->name);
    } else {
        return true;
    }
    return false;
}

bool
expr_parse_field(struct lexer *lexer, const struct symtab *symtab,
                 struct field_ref *ref)
{
    const struct symbol *symbol = NULL;
    size_t ofs = lexer->token.ofs;

    if (lexer->token.type == TOKEN_ID) {
        symbol = symtab_find(symtab, lexer->token.s);
    }
    if (!symbol) {
        lexer_syntax_error(lexer, "expecting field name.");
        return false;
    }
    lexer_next(lexer);

    *ref = (struct field_ref) {
        .symbol = symbol, .n_bits = symbol->width, .whole = true,
    };
    if (lexer_match(lexer, TOKEN_LSQUARE)) {
        int low, high;

        if (!lexer_force_int(lexer, &low)) {
            return false;
        }
        high = low;
        if (lexer_match(lexer, TOKEN_ELLIPSIS)
            && !lexer_force_int(lexer, &high)) {
            return false;
        }
        if (!lexer_force_match(lexer, TOKEN_RSQUARE)
            || !check_bits(lexer, ofs, symbol, low, high)) {
            return false;
        }
        ref->ofs = low;
        ref->n_bits = high - low + 1;
        ref->whole = false;
    }
    return !lexer->error;
}

char *
field_ref_check(const struct field_ref *ref, int n_bits, bool write,
                bool ct_commit)
{
    const struct symbol *symbol = ref->symbol;

    if (symbol->kind == SYMBOL_PREDICATE) {
        return xasprintf("Predicate symbol %s cannot be used as a field.",
                         symbol->name);
    } else if (n_bits == 0 && ref->n_bits != 0) {
        return xasprintf("Integer field %s cannot be used where a string is "
                         "needed.", symbol->name);
    } else if (n_bits > 0 && ref->n_bits == 0) {
        return xasprintf("String field %s cannot be used where an integer is "
                         "needed.", symbol->name);
    } else if (n_bits >= 0 && ref->n_bits != n_bits) {
        return xasprintf("Cannot use %d-bit field %s%s where %d bits are "
                         "needed.", ref->n_bits, symbol->name,
                         ref->whole ? "" : "[]", n_bits);
    } else if (write && symbol->access == ACCESS_READ_ONLY) {
        return xasprintf("Field %s is not modifiable.", symbol->name);
    } else if (write && symbol->access == ACCESS_CT_COMMIT && !ct_commit) {
        return xasprintf("Field %s is modifiable only inside ct_commit.",
                         symbol->name);
    } else if (write && symbol->access != ACCESS_CT_COMMIT && ct_commit) {
        return xasprintf("Field %s is not modifiable inside ct_commit.",
                         symbol->name);
    }
    return NULL;
}

struct mf_subfield
field_ref_to_subfield(const struct field_ref *ref)
{
    const struct symbol *symbol = ref->symbol;

    ovs_assert(symbol->field);
    if (symbol->kind == SYMBOL_STRING) {
        return (struct mf_subfield) {
            .field = symbol->field, .n_bits = symbol->field->n_bits,
        };
    }
    return (struct mf_subfield) {
        .field = symbol->field,
        .ofs = symbol->ofs + ref->ofs,
        .n_bits = ref->n_bits,
    };
}

struct expr *
field_ref_prereqs(const struct field_ref *ref)
{
    const struct expr *prereqs = ref->symbol->prereqs_expr;

    return prereqs ? expr_clone(prereqs) : NULL;
}

struct expr *
expr_from_predicate(const struct symtab *symtab, const char *name)
{
    const struct symbol *symbol = symtab_find(symtab, name);

    ovs_assert(symbol && symbol->kind == SYMBOL_PREDICATE);
    return expr_clone(symbol->predicate_expr);
}

void
field_ref_format(const struct field_ref *ref, struct ds *ds)
{
    ds_put_cstr(ds, ref->symbol->name);
    if (!ref->whole) {
        if (ref->n_bits > 1) {
            ds_put_format(ds, "[%d..%d]", ref->ofs,
                          ref->ofs + ref->n_bits - 1);
        } else {
            ds_put_format(ds, "[%d]", ref->ofs);
        }
    }
}

/* Comparisons: type rules. */

static bool
check_constant(struct lexer *lexer, const struct symbol *symbol, int n_bits,
               struct constant *c)
{
    int width = constant_width(c);

    if (width > n_bits) {
        lexer_error_at(lexer, c->ofs,
                       "Constant of %d bits does not fit in %d-bit field %s.",
                       width, n_bits, symbol->name);
        return false;
    }
    if (c->masked) {
        c->mask &= wide_ones(n_bits);
        if (c->mask == wide_ones(n_bits)) {
            c->masked = false;
        } else if (symbol->level == LEVEL_NOMINAL) {
            lexer_error_at(lexer, c->ofs,
                           "Nominal field %s cannot be compared with a "
                           "masked constant.", symbol->name);
            return false;
        }
    }
    return true;
}

/* Nominal fields can be tested only for being equal, because an OpenFlow flow
 * cannot say "any other value". */
static bool
check_nominal(struct parser *p, const struct field_ref *ref, enum relop relop,
              const struct const_set *set)
{
    const struct symbol *symbol = ref->symbol;
    bool positive = (relop == RELOP_EQ) != p->negated;

    if (symbol->kind != SYMBOL_PREDICATE) {
        if (!positive) {
            lexer_error_at(p->lexer, p->field_ofs,
                           "Nominal field %s can only be tested for being "
                           "equal (an outer `!' counts).", symbol->name);
        }
        return positive;
    }
    for (size_t i = 0; i < set->n; i++) {
        if (!set->constants[i].value == positive) {
            lexer_error_at(p->lexer, p->field_ofs,
                           "Nominal predicate %s can only be tested for "
                           "being true: not with `!', not for being 0.",
                           symbol->name);
            return false;
        }
    }
    return true;
}

static bool
check_cmp(struct parser *p, const struct field_ref *ref, enum relop relop,
          const struct const_set *set)
{
    const struct symbol *symbol = ref->symbol;
    struct lexer *lexer = p->lexer;
    bool equality = relop == RELOP_EQ || relop == RELOP_NE;

    if (symbol->kind == SYMBOL_OVN) {
        lexer_error_at(lexer, p->field_ofs,
                       "Field %s can be used only in actions.", symbol->name);
        return false;
    }
    if ((symbol->kind == SYMBOL_STRING) != set->is_string) {
        lexer_error_at(lexer, p->set_ofs,
                       "%s field %s cannot be compared with %s constant.",
                       set->is_string ? "Integer" : "String", symbol->name,
                       set->is_string ? "a string" : "an integer");
        return false;
    }
    if (!equality && symbol->level != LEVEL_ORDINAL) {
        lexer_error_at(lexer, p->field_ofs,
                       "Only == and != can be used with %s %s %s.",
                       symbol_level_to_string(symbol->level),
                       (symbol->kind == SYMBOL_PREDICATE
                        ? "predicate" : "field"),
                       symbol->name);
        return false;
    }
    if (!equality && set->in_curlies) {
        lexer_error_at(lexer, p->set_ofs,
                       "Only == and != can be used with sets.");
        return false;
    }
    for (size_t i = 0; i < set->n && !set->is_string; i++) {
        if (!equality && set->constants[i].masked) {
            lexer_error_at(lexer, set->constants[i].ofs,
                           "Only == and != can be used with masked "
                           "constants (but %s[LOW..HIGH] can be compared).",
                           symbol->name);
            return false;
        }
        if (!check_constant(lexer, symbol, ref->n_bits, &set->constants[i])) {
            return false;
        }
    }
    return (symbol->level != LEVEL_NOMINAL
            || check_nominal(p, ref, relop, set));
}

static const struct node *
make_cmp(struct parser *p, const struct field_ref *ref, enum relop relop,
         struct const_set *set)
{
    if (!check_cmp(p, ref, relop, set)) {
        return NULL;
    }

    struct constant *constants = arena_memdup(&p->arena, set->constants,
                                              set->n * sizeof *constants);
    arena_splice(&p->arena, &set->arena);
    return node_cmp(&p->arena, &(struct node_cmp) {
        .symbol = ref->symbol,
        .ofs = ref->ofs,
        .n_bits = ref->n_bits,
        .relop = relop,
        .in_curlies = set->in_curlies,
        .constants = constants,
        .n = set->n,
    });
}

/* Grammar. */

static bool
parse_field(struct parser *p, struct field_ref *ref)
{
    p->field_ofs = p->lexer->token.ofs;
    return expr_parse_field(p->lexer, p->symtab, ref);
}

static bool
parse_const_set(struct parser *p, struct const_set *set)
{
    p->set_ofs = p->lexer->token.ofs;
    return expr_parse_const_set(p->lexer, p->env, set);
}

static bool
parse_relop(struct parser *p, enum relop *relop)
{
    if (!relop_from_token(p->lexer->token.type, relop)) {
        lexer_syntax_error(p->lexer, "expecting relational operator.");
        return false;
    }
    lexer_next(p->lexer);
    return !p->lexer->error;
}

/* SYMBOL alone, for SYMBOL != 0.  With several bits that must be written out,
 * but for its negation, which is well-known as a test for 0. */
static const struct node *
make_mention(struct parser *p, const struct field_ref *ref)
{
    struct constant zero = { .value = 0 };
    struct constant one = { .value = 1 };
    struct const_set set = { .n = 1 };

    if (ref->n_bits == 0) {
        lexer_syntax_error(p->lexer, "expecting relational operator.");
        return NULL;
    } else if (ref->n_bits == 1) {
        set.constants = &one;
        return make_cmp(p, ref, RELOP_EQ, &set);
    } else if (p->negated) {
        set.constants = &zero;
        return make_cmp(p, ref, RELOP_NE, &set);
    } else {
        lexer_error_at(p->lexer, p->field_ofs,
                       "Field %s has more than one bit: to test it for not "
                       "being 0, write `!= 0'.", ref->symbol->name);
        return NULL;
    }
}

/* SYMBOL, or SYMBOL RELOP CONSTANTS. */
static const struct node *
parse_symbol_first(struct parser *p, bool *explicit_relop)
{
    struct const_set set;
    struct field_ref ref;
    enum relop relop;

    if (!parse_field(p, &ref)) {
        return NULL;
    }
    if (!relop_from_token(p->lexer->token.type, &relop)) {
        if (p->lexer->token.type == TOKEN_ASSIGN) {
            lexer_syntax_error(p->lexer, "expecting relational operator.");
            return NULL;
        }
        return make_mention(p, &ref);
    }
    lexer_next(p->lexer);
    *explicit_relop = true;
    if (!parse_const_set(p, &set)) {
        return NULL;
    }

    const struct node *node = make_cmp(p, &ref, relop, &set);
    const_set_destroy(&set);
    return node;
}

static bool
is_same_direction(enum relop a, enum relop b)
{
    bool a_less = a == RELOP_LT || a == RELOP_LE;
    bool a_greater = a == RELOP_GT || a == RELOP_GE;
    bool b_less = b == RELOP_LT || b == RELOP_LE;
    bool b_greater = b == RELOP_GT || b == RELOP_GE;

    return (a_less && b_less) || (a_greater && b_greater);
}

/* The second half of LOW < SYMBOL < HIGH. */
static const struct node *
parse_range(struct parser *p, const struct field_ref *ref, enum relop first,
            const struct node *lower)
{
    size_t ofs = p->lexer->token.ofs;
    struct const_set set;
    enum relop relop;

    if (!parse_relop(p, &relop)
        || !parse_const_set(p, &set)) {
        return NULL;
    }

    const struct node *upper = NULL;
    if (!is_same_direction(first, relop)) {
        lexer_error_at(p->lexer, ofs,
                       "A range has to be written as `x < %s < y' or `x > "
                       "%s > y', where < may be <= and > may be >=.",
                       ref->symbol->name, ref->symbol->name);
    } else {
        upper = make_cmp(p, ref, relop, &set);
    }
    const_set_destroy(&set);

    /* The negation of the whole is made from the outside. */
    return upper ? node_logic2(&p->arena, NODE_AND, lower, upper) : NULL;
}

static bool
is_boolean_literal(const struct const_set *set)
{
    return (set->n == 1 && !set->in_curlies && !set->is_string
            && !set->constants[0].masked
            && set->constants[0].format == FORMAT_DECIMAL
            && set->constants[0].value <= 1);
}

/* 0, 1, CONSTANTS RELOP SYMBOL, or LOW < SYMBOL < HIGH. */
static const struct node *
parse_constant_first(struct parser *p, bool *explicit_relop)
{
    const struct node *node = NULL;
    struct const_set set;
    struct field_ref ref;
    enum relop relop;

    if (!parse_const_set(p, &set)) {
        return NULL;
    }
    if (!relop_from_token(p->lexer->token.type, &relop)
        && is_boolean_literal(&set)) {
        node = node_boolean(set.constants[0].value);
    } else if (parse_relop(p, &relop)) {
        *explicit_relop = true;
        if (parse_field(p, &ref)) {
            enum relop second;

            node = make_cmp(p, &ref, relop_turn(relop), &set);
            if (node && relop_from_token(p->lexer->token.type, &second)) {
                node = parse_range(p, &ref, relop, node);
            }
        }
    }
    const_set_destroy(&set);
    return node;
}

static const struct node *
parse_function(struct parser *p)
{
    char *port;

    if (strcmp(p->lexer->token.s, "is_chassis_resident")) {
        lexer_syntax_error(p->lexer, "expecting function name.");
        return NULL;
    }
    lexer_next(p->lexer);
    if (!lexer_force_match(p->lexer, TOKEN_LPAREN)) {
        return NULL;
    }
    port = lexer_force_string(p->lexer);
    if (!port) {
        return NULL;
    }

    struct node *node = arena_alloc(&p->arena, sizeof *node);
    *node = (struct node) { .type = NODE_RESIDENT };
    node->resident.port = arena_strdup(&p->arena, port);
    free(port);
    return lexer_force_match(p->lexer, TOKEN_RPAREN) ? node : NULL;
}

/* Something without && and || outside of parentheses, and without '!'. */
static const struct node *
parse_primary(struct parser *p, bool *explicit_relop)
{
    struct lexer *lexer = p->lexer;

    *explicit_relop = false;
    if (lexer->token.type == TOKEN_LPAREN) {
        const struct node *node;

        if (p->depth >= MAX_DEPTH) {
            lexer_error(lexer, "Parentheses are nested more than %d deep.",
                        MAX_DEPTH);
            return NULL;
        }
        lexer_next(lexer);
        p->depth++;
        node = parse_or_and(p);
        p->depth--;
        return node && lexer_force_match(lexer, TOKEN_RPAREN) ? node : NULL;
    } else if (lexer->token.type == TOKEN_ID) {
        if (lexer_peek(lexer) == TOKEN_LPAREN) {
            return parse_function(p);
        }
        return parse_symbol_first(p, explicit_relop);
    } else {
        return parse_constant_first(p, explicit_relop);
    }
}

static const struct node *
parse_not(struct parser *p)
{
    size_t ofs = p->lexer->token.ofs;
    const struct node *node;
    bool explicit_relop;

    if (!lexer_match(p->lexer, TOKEN_NOT)) {
        return parse_primary(p, &explicit_relop);
    }

    p->negated = !p->negated;
    node = parse_primary(p, &explicit_relop);
    p->negated = !p->negated;
    if (node && explicit_relop) {
        lexer_error_at(p->lexer, ofs, "The comparison after ! must be in "
                    "parentheses.");
        return NULL;
    }
    return node ? node_not(&p->arena, node) : NULL;
}

static const struct node *
parse_or_and(struct parser *p)
{
    const struct node *node = parse_not(p);
    enum token_type op = p->lexer->token.type;

    if (!node || (op != TOKEN_AND && op != TOKEN_OR)) {
        return node;
    }

    const struct node **nodes = NULL;
    size_t n = 0, allocated = 0;

    do {
        if (n >= allocated) {
            nodes = x2nrealloc(nodes, &allocated, sizeof *nodes);
        }
        nodes[n++] = node;
        if (!lexer_match(p->lexer, op)) {
            break;
        }
        node = parse_not(p);
    } while (node);

    if (node) {
        node = node_logic(&p->arena, op == TOKEN_AND ? NODE_AND : NODE_OR,
                          nodes, n);
    }
    free(nodes);
    if (node && (p->lexer->token.type == TOKEN_AND
                 || p->lexer->token.type == TOKEN_OR)) {
        lexer_error(p->lexer, "&& and || need parentheses to be used "
                    "together.");
        return NULL;
    }
    return node;
}

struct expr *
expr_parse(struct lexer *lexer, const struct symtab *symtab,
           const struct expr_env *env)
{
    struct parser p = { .lexer = lexer, .symtab = symtab, .env = env };
    const struct node *root;
    struct expr *expr = NULL;

    arena_init(&p.arena);
    root = parse_or_and(&p);
    if (root && !lexer->error) {
        expr = expr_create(root);
        expr->arena = p.arena;
    } else {
        ovs_assert(lexer->error);
        arena_destroy(&p.arena);
    }
    return expr;
}

struct expr *
expr_parse_string(const char *text, const struct symtab *symtab,
                  const struct expr_env *env, char **errorp)
{
    struct lexer lexer;
    struct expr *expr;

    lexer_init(&lexer, text);
    expr = lexer.error ? NULL : expr_parse(&lexer, symtab, env);
    if (expr && !lexer_force_end(&lexer)) {
        expr_destroy(expr);
        expr = NULL;
    }
    *errorp = lexer_steal_error(&lexer);
    lexer_destroy(&lexer);
    return expr;
}

/* References. */

void
expr_refs_init(struct expr_refs *refs)
{
    sset_init(&refs->address_sets);
    sset_init(&refs->port_groups);
    sset_init(&refs->templates);
    sset_init(&refs->residents);
    sset_init(&refs->ports);
}

void
expr_refs_destroy(struct expr_refs *refs)
{
    sset_destroy(&refs->address_sets);
    sset_destroy(&refs->port_groups);
    sset_destroy(&refs->templates);
    sset_destroy(&refs->residents);
    sset_destroy(&refs->ports);
}

void
expr_refs_scan(struct expr_refs *refs, const char *text)
{
    enum { NONE, FUNCTION, ARGUMENT } state = NONE;
    struct lexer lexer;

    for (lexer_init(&lexer, text); lexer.token.type != TOKEN_END;
         lexer_next(&lexer)) {
        const char *s = lexer.token.s;
        enum token_type type = lexer.token.type;

        if (type == TOKEN_ADDRESS_SET) {
            sset_add(&refs->address_sets, s);
        } else if (type == TOKEN_PORT_GROUP) {
            sset_add(&refs->port_groups, s);
        } else if (type == TOKEN_TEMPLATE) {
            sset_add(&refs->templates, s);
        } else if (type == TOKEN_STRING) {
            sset_add(state == ARGUMENT ? &refs->residents : &refs->ports, s);
        }

        if (type == TOKEN_ID && !strcmp(s, "is_chassis_resident")) {
            state = FUNCTION;
        } else {
            state = (state == FUNCTION && type == TOKEN_LPAREN
                     ? ARGUMENT : NONE);
        }
    }
    lexer_destroy(&lexer);
}
