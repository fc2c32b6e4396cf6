/* Nodes of expressions, and the passes that keep them expressions. */

#include <config.h>
#include "text/expr-private.h"

#include "util.h"

bool
relop_from_token(enum token_type type, enum relop *relop)
{
    switch ((int) type) {
    case TOKEN_EQ: *relop = RELOP_EQ; return true;
    case TOKEN_NE: *relop = RELOP_NE; return true;
    case TOKEN_LT: *relop = RELOP_LT; return true;
    case TOKEN_LE: *relop = RELOP_LE; return true;
    case TOKEN_GT: *relop = RELOP_GT; return true;
    case TOKEN_GE: *relop = RELOP_GE; return true;
    default: return false;
    }
}

const char *
relop_to_string(enum relop relop)
{
    static const char *names[] = { "==", "!=", "<", "<=", ">", ">=" };

    return names[relop];
}

enum relop
relop_turn(enum relop relop)
{
    static const enum relop turned[] = {
        RELOP_EQ, RELOP_NE, RELOP_GT, RELOP_GE, RELOP_LT, RELOP_LE
    };

    return turned[relop];
}

enum relop
relop_not(enum relop relop)
{
    static const enum relop inverse[] = {
        RELOP_NE, RELOP_EQ, RELOP_GE, RELOP_GT, RELOP_LE, RELOP_LT
    };

    return inverse[relop];
}

/* Nodes. */

const struct node *
node_boolean(bool value)
{
    static const struct node nodes[2] = {
        { .type = NODE_BOOLEAN, .boolean = false },
        { .type = NODE_BOOLEAN, .boolean = true },
    };

    return &nodes[value];
}

const struct node *
node_cmp(struct arena *arena, const struct node_cmp *cmp)
{
    struct node *node = arena_alloc(arena, sizeof *node);

    node->type = NODE_CMP;
    node->permanent = false;
    node->cmp = *cmp;
    return node;
}

void
node_make_permanent(const struct node *node)
{
    if (!node->permanent && node->type != NODE_BOOLEAN) {
        CONST_CAST(struct node *, node)->permanent = true;
        if (node->type == NODE_AND || node->type == NODE_OR) {
            for (size_t i = 0; i < node->logic.n; i++) {
                node_make_permanent(node->logic.subs[i]);
            }
        }
    }
}

/* Returns true if 'a == CONSTANTS || b == CONSTANTS' is one comparison. */
static bool
can_merge(const struct node *a, const struct node *b)
{
    return (a->type == NODE_CMP
            && b->type == NODE_CMP
            && a->cmp.symbol == b->cmp.symbol
            && a->cmp.ofs == b->cmp.ofs
            && a->cmp.n_bits == b->cmp.n_bits
            && a->cmp.annotated == b->cmp.annotated
            && a->cmp.relop == RELOP_EQ
            && b->cmp.relop == RELOP_EQ);
}

/* Merges nodes[0] with those after it that can be.  Returns the result and
 * stores in '*used' how many nodes are in it. */
static const struct node *
merge_run(struct arena *arena, const struct node **nodes, size_t n,
          size_t *used)
{
    size_t n_constants = nodes[0]->type == NODE_CMP ? nodes[0]->cmp.n : 0;
    size_t i;

    for (i = 1; i < n && can_merge(nodes[0], nodes[i]); i++) {
        n_constants += nodes[i]->cmp.n;
    }
    *used = i;
    if (i == 1) {
        return nodes[0];
    }

    struct constant *all = arena_alloc(arena, n_constants * sizeof *all);
    size_t ofs = 0;
    for (size_t j = 0; j < i; j++) {
        const struct node_cmp *cmp = &nodes[j]->cmp;

        if (cmp->n) {
            memcpy(all + ofs, cmp->constants, cmp->n * sizeof *all);
        }
        ofs += cmp->n;
    }

    struct node_cmp merged = nodes[0]->cmp;
    merged.constants = all;
    merged.n = n_constants;
    merged.in_curlies = true;
    return node_cmp(arena, &merged);
}

/* Drops nodes that occur before.  Fields with the same prerequisites have the
 * very same nodes for them.  Returns the number of nodes left. */
static size_t
drop_repeated(const struct node **nodes, size_t n)
{
    size_t n_out = 0;

    /* Quadratic, so not for lists that cannot be mostly prerequisites. */
    if (n > 64) {
        return n;
    }
    for (size_t i = 0; i < n; i++) {
        size_t j = 0;

        while (j < n_out && nodes[j] != nodes[i]) {
            j++;
        }
        if (j == n_out) {
            nodes[n_out++] = nodes[i];
        }
    }
    return n_out;
}

const struct node *
node_logic(struct arena *arena, enum node_type type,
           const struct node **nodes, size_t n)
{
    bool neutral = type == NODE_AND;
    const struct node **flat;
    size_t n_flat = 0;

    for (size_t i = 0; i < n; i++) {
        n_flat += nodes[i]->type == type ? nodes[i]->logic.n : 1;
    }
    flat = arena_alloc(arena, n_flat * sizeof *flat);
    n_flat = 0;
    for (size_t i = 0; i < n; i++) {
        if (nodes[i]->type == NODE_BOOLEAN) {
            if (nodes[i]->boolean != neutral) {
                return nodes[i];
            }
        } else if (nodes[i]->type == type) {
            memcpy(flat + n_flat, nodes[i]->logic.subs,
                   nodes[i]->logic.n * sizeof *flat);
            n_flat += nodes[i]->logic.n;
        } else {
            flat[n_flat++] = nodes[i];
        }
    }

    n_flat = drop_repeated(flat, n_flat);
    if (type == NODE_OR) {
        size_t n_merged = 0;

        for (size_t i = 0; i < n_flat; ) {
            size_t used;

            flat[n_merged++] = merge_run(arena, flat + i, n_flat - i, &used);
            i += used;
        }
        n_flat = n_merged;
    }
    if (n_flat < 2) {
        return n_flat ? flat[0] : node_boolean(neutral);
    }

    struct node *node = arena_alloc(arena, sizeof *node);
    node->type = type;
    node->permanent = false;
    node->logic.subs = flat;
    node->logic.n = n_flat;
    return node;
}

const struct node *
node_logic2(struct arena *arena, enum node_type type,
            const struct node *a, const struct node *b)
{
    const struct node *nodes[] = { a, b };

    return node_logic(arena, type, nodes, 2);
}

static const struct node *
cmp_not(struct arena *arena, const struct node *node)
{
    struct node_cmp cmp = node->cmp;
    const struct expr *prereqs = cmp.symbol->prereqs_expr;
    const struct node *inverse;

    cmp.relop = relop_not(cmp.relop);
    inverse = node_cmp(arena, &cmp);

    /* An annotated comparison stands beside its prerequisites, which are
     * negated, too: !(C && P) becomes !C || !P.  OpenFlow has no flow for !C
     * without P.  (!C && P) || !P says the same. */
    return (cmp.annotated && prereqs
            ? node_logic2(arena, NODE_AND, inverse, prereqs->root)
            : inverse);
}

const struct node *
node_not(struct arena *arena, const struct node *node)
{
    const struct node *result = NULL;
    struct node *copy;

    switch (node->type) {
    case NODE_BOOLEAN:
        return node_boolean(!node->boolean);

    case NODE_CMP:
        return cmp_not(arena, node);

    case NODE_RESIDENT:
        copy = arena_memdup(arena, node, sizeof *node);
        copy->permanent = false;
        copy->resident.negated = !copy->resident.negated;
        return copy;

    case NODE_AND:
    case NODE_OR: {
        const struct node **subs = xmalloc(node->logic.n * sizeof *subs);

        for (size_t i = 0; i < node->logic.n; i++) {
            subs[i] = node_not(arena, node->logic.subs[i]);
        }
        result = node_logic(arena,
                            node->type == NODE_AND ? NODE_OR : NODE_AND,
                            subs, node->logic.n);
        free(subs);
        return result;
    }
    }
    OVS_NOT_REACHED();
}

bool
node_is_nominal(const struct node *node)
{
    if (node->type == NODE_CMP) {
        return node->cmp.symbol->level == LEVEL_NOMINAL;
    } else if (node->type == NODE_AND || node->type == NODE_OR) {
        for (size_t i = 0; i < node->logic.n; i++) {
            if (node_is_nominal(node->logic.subs[i])) {
                return true;
            }
        }
    }
    return false;
}

/* Expressions. */

struct expr *
expr_create(const struct node *root)
{
    struct expr *expr = xmalloc(sizeof *expr);

    arena_init(&expr->arena);
    expr->root = root;
    return expr;
}

struct expr *
expr_create_boolean(bool value)
{
    return expr_create(node_boolean(value));
}

void
expr_destroy(struct expr *expr)
{
    if (expr) {
        arena_destroy(&expr->arena);
        free(expr);
    }
}

static const struct node *
node_copy(struct arena *arena, const struct node *node)
{
    if (node->permanent) {
        return node;
    }

    struct node *copy = arena_memdup(arena, node, sizeof *node);

    switch (copy->type) {
    case NODE_BOOLEAN:
        break;

    case NODE_CMP: {
        struct constant *constants
            = arena_memdup(arena, copy->cmp.constants,
                           copy->cmp.n * sizeof *constants);

        for (size_t i = 0; i < copy->cmp.n; i++) {
            if (constants[i].string) {
                constants[i].string = arena_strdup(arena,
                                                   constants[i].string);
            }
        }
        copy->cmp.constants = constants;
        break;
    }

    case NODE_AND:
    case NODE_OR: {
        const struct node **subs
            = arena_memdup(arena, copy->logic.subs,
                           copy->logic.n * sizeof *subs);

        for (size_t i = 0; i < copy->logic.n; i++) {
            subs[i] = node_copy(arena, subs[i]);
        }
        copy->logic.subs = subs;
        break;
    }

    case NODE_RESIDENT:
        copy->resident.port = arena_strdup(arena, copy->resident.port);
        break;
    }
    return copy;
}

struct expr *
expr_clone(const struct expr *expr)
{
    struct expr *clone = expr_create(NULL);

    clone->root = node_copy(&clone->arena, expr->root);
    return clone;
}

struct expr *
expr_and(struct expr *a, struct expr *b)
{
    if (!a || !b) {
        return a ? a : b;
    }
    arena_splice(&a->arena, &b->arena);
    a->root = node_logic2(&a->arena, NODE_AND, a->root, b->root);
    expr_destroy(b);
    return a;
}

static bool
node_has_resident(const struct node *node)
{
    if (node->type == NODE_AND || node->type == NODE_OR) {
        for (size_t i = 0; i < node->logic.n; i++) {
            if (node_has_resident(node->logic.subs[i])) {
                return true;
            }
        }
    }
    return node->type == NODE_RESIDENT;
}

bool
expr_has_resident(const struct expr *expr)
{
    return node_has_resident(expr->root);
}

bool
expr_is_boolean(const struct expr *expr, bool *value)
{
    if (expr->root->type != NODE_BOOLEAN) {
        return false;
    }
    *value = expr->root->boolean;
    return true;
}

/* Annotation. */

/* What a comparison of a predicate with constants means. */
static const struct node *
expand_predicate(struct arena *arena, const struct node_cmp *cmp)
{
    const struct node *predicate = cmp->symbol->predicate_expr->root;
    bool found[2] = { false, false };

    for (size_t i = 0; i < cmp->n; i++) {
        const struct constant *c = &cmp->constants[i];

        if (c->masked && !c->mask) {
            found[0] = found[1] = true;
        } else {
            found[!!c->value] = true;
        }
    }
    if (cmp->relop == RELOP_NE) {
        found[0] = !found[0];
        found[1] = !found[1];
    }
    return (found[0] == found[1] ? node_boolean(found[0])
            : found[1] ? predicate
            : node_not(arena, predicate));
}

static const struct node *
without_prereqs(struct arena *arena, const struct node *node)
{
    struct node_cmp cmp = node->cmp;

    cmp.annotated = true;
    return node_cmp(arena, &cmp);
}

static const struct node *
with_prereqs(struct arena *arena, const struct symbol *symbol,
             const struct node *node)
{
    return (symbol->prereqs_expr
            ? node_logic2(arena, NODE_AND, node, symbol->prereqs_expr->root)
            : node);
}

static const struct node *
annotate_cmp(struct arena *arena, const struct node *node)
{
    const struct symbol *symbol = node->cmp.symbol;

    if (node->cmp.annotated) {
        return node;
    } else if (symbol->kind == SYMBOL_PREDICATE) {
        return with_prereqs(arena, symbol,
                            expand_predicate(arena, &node->cmp));
    } else {
        return with_prereqs(arena, symbol, without_prereqs(arena, node));
    }
}

/* Returns true if 'node' is a comparison of 'symbol' to annotate. */
static bool
is_plain_cmp(const struct node *node, const struct symbol *symbol)
{
    return (node && node->type == NODE_CMP && !node->cmp.annotated
            && node->cmp.symbol == symbol
            && symbol->kind != SYMBOL_PREDICATE);
}

/* Annotates nodes[i], and together with it, so that prerequisites are not
 * repeated, those after it that compare the same symbol, which become null in
 * 'nodes'. */
static const struct node *
annotate_group(struct arena *arena, enum node_type type,
               const struct node **nodes, size_t n, size_t i)
{
    const struct symbol *symbol = nodes[i]->cmp.symbol;
    const struct node **group = xmalloc((n - i) * sizeof *group);
    const struct node *node;
    size_t n_group = 0;

    for (size_t j = i; j < n; j++) {
        if (is_plain_cmp(nodes[j], symbol)) {
            group[n_group++] = without_prereqs(arena, nodes[j]);
            if (j > i) {
                nodes[j] = NULL;
            }
        }
    }
    node = with_prereqs(arena, symbol,
                        node_logic(arena, type, group, n_group));
    free(group);
    return node;
}

static const struct node *
annotate_logic(struct arena *arena, const struct node *node)
{
    size_t n = node->logic.n;
    const struct node **subs = xmemdup(node->logic.subs, n * sizeof *subs);
    const struct node *result;
    size_t n_out = 0;

    for (size_t i = 0; i < n; i++) {
        if (!subs[i]) {
            continue;
        }
        subs[n_out++] = (subs[i]->type == NODE_CMP
                         && is_plain_cmp(subs[i], subs[i]->cmp.symbol)
                         ? annotate_group(arena, node->type, subs, n, i)
                         : node_annotate(arena, subs[i]));
    }
    result = node_logic(arena, node->type, subs, n_out);
    free(subs);
    return result;
}

const struct node *
node_annotate(struct arena *arena, const struct node *node)
{
    switch (node->type) {
    case NODE_BOOLEAN:
    case NODE_RESIDENT:
        return node;

    case NODE_CMP:
        return annotate_cmp(arena, node);

    case NODE_AND:
    case NODE_OR:
        return annotate_logic(arena, node);
    }
    OVS_NOT_REACHED();
}

void
expr_annotate(struct expr *expr)
{
    expr->root = node_annotate(&expr->arena, expr->root);
}

/* Simplification. */

static const struct node *
simplify_cmp(const struct node *node)
{
    const struct node_cmp *cmp = &node->cmp;
    wide ones = wide_ones(cmp->n_bits);

    if (!cmp->n) {
        return node_boolean(cmp->relop == RELOP_NE);
    }
    switch (cmp->relop) {
    case RELOP_EQ:
    case RELOP_NE:
        for (size_t i = 0; i < cmp->n; i++) {
            if (cmp->constants[i].masked && !cmp->constants[i].mask) {
                return node_boolean(cmp->relop == RELOP_EQ);
            }
        }
        return node;
    case RELOP_LT:
        return cmp->constants[0].value ? node : node_boolean(false);
    case RELOP_GE:
        return cmp->constants[0].value ? node : node_boolean(true);
    case RELOP_GT:
        return cmp->constants[0].value < ones ? node : node_boolean(false);
    case RELOP_LE:
        return cmp->constants[0].value < ones ? node : node_boolean(true);
    }
    OVS_NOT_REACHED();
}

static const struct node *
node_simplify(struct arena *arena, const struct node *node,
              expr_resident_func *is_resident, void *aux)
{
    switch (node->type) {
    case NODE_BOOLEAN:
        return node;

    case NODE_CMP:
        return simplify_cmp(node);

    case NODE_RESIDENT:
        return (is_resident
                ? node_boolean(is_resident(node->resident.port, aux)
                               != node->resident.negated)
                : node);

    case NODE_AND:
    case NODE_OR: {
        size_t n = node->logic.n;
        const struct node **subs = xmalloc(n * sizeof *subs);
        const struct node *result = node;
        bool changed = false;

        for (size_t i = 0; i < n; i++) {
            subs[i] = node_simplify(arena, node->logic.subs[i], is_resident,
                                    aux);
            changed |= subs[i] != node->logic.subs[i];
        }
        if (changed) {
            result = node_logic(arena, node->type, subs, n);
        }
        free(subs);
        return result;
    }
    }
    OVS_NOT_REACHED();
}

void
expr_simplify(struct expr *expr, expr_resident_func *is_resident, void *aux)
{
    expr->root = node_simplify(&expr->arena, expr->root, is_resident, aux);
}
