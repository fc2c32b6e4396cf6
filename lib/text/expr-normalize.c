/* From nodes to the normal form: an OR of products, each of which is an AND
 * of a cube and clauses.
 *
 * How big things stay small:
 *
 * - Comparisons of one variable are combined as sets of numbers before
 *   anything else, so "1000 <= tcp.dst <= 2000 && tcp.dst != 1500" becomes a
 *   dozen prefixes, not a product of two lists.
 *
 * - An OR of alternatives that differ in one variable is one clause, for
 *   which conjunction() needs the sum of the clauses' sizes in flows, not
 *   their product.
 *
 * - An AND of ORs whose alternatives differ in several variables, like
 *   (a || b) && (c || d), is either multiplied out, (a && c) || (a && d) ||
 *   ..., or each OR becomes one clause of cubes with several variables, which
 *   OpenFlow's conjunctions allow, too.  multiply_lists() estimates the flows
 *   that either needs.  Conditions on variables that other fields' existence
 *   depends on (eth.type, ip.proto, ...) are always multiplied out, because
 *   actions that write such fields need them in the final flow. */

#include <config.h>
#include "text/expr-private.h"

#include "hash.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/hmap.h"
#include "openvswitch/shash.h"
#include "util.h"

/* Lists this short are multiplied out even where clauses need fewer flows,
 * since a conjunction costs the switch a second lookup. */
#define CHEAP_PRODUCT 32

/* What the switch can count (the bits of one 64-bit number). */
#define MAX_CLAUSES 64

struct normalizer {
    const struct symtab *symtab;
    struct arena scratch;       /* Everything until it is copied. */
    struct shash strings;       /* Data is the index, as uintptr_t. */
    bool too_large;
    const char *inexact;        /* Field that needs an impossible mask. */
};

/* A list of products, in any order: an OR. */
struct list {
    const struct product **products;
    size_t n, allocated;
};

static void normalize(struct normalizer *, const struct node *,
                      struct list *);

static void
list_add(struct normalizer *nz, struct list *list, const struct product *p)
{
    if (list->n >= EXPR_MAX_FLOWS) {
        nz->too_large = true;
        return;
    }
    if (list->n >= list->allocated) {
        list->products = x2nrealloc(list->products, &list->allocated,
                                    sizeof *list->products);
    }
    list->products[list->n++] = p;
}

static void
list_destroy(struct list *list)
{
    free(list->products);
    *list = (struct list) { NULL, 0, 0 };
}

static const struct product *
make_product(struct normalizer *nz, const struct cube *base,
             const struct clause **clauses, size_t n)
{
    struct product *p = arena_alloc(&nz->scratch, sizeof *p);

    p->base = base;
    p->clauses = clauses;
    p->n = n;
    return p;
}

static const struct clause *
make_clause(struct normalizer *nz, const struct cube **cubes, size_t n)
{
    struct clause *clause = arena_alloc(&nz->scratch, sizeof *clause);

    clause->cubes = cubes;
    clause->n = n;
    clause->vars = 0;
    for (size_t i = 0; i < n; i++) {
        clause->vars |= cubes[i]->vars;
    }
    return clause;
}

static const struct product *
make_clause_product(struct normalizer *nz, const struct clause *clause)
{
    const struct clause **clauses = arena_memdup(&nz->scratch, &clause,
                                                 sizeof clause);

    return make_product(nz, &empty_cube, clauses, 1);
}

/* Products. */

/* Removes from 'clause' what 'base' excludes.  Returns null if 'base' makes
 * it true. */
static const struct clause *
restrict_clause(struct normalizer *nz, const struct clause *clause,
                const struct cube *base)
{
    const struct cube **cubes;
    size_t n = 0;

    if (!(clause->vars & base->vars)) {
        return clause;
    }
    for (size_t i = 0; i < clause->n; i++) {
        if (cube_implies(base, clause->cubes[i])) {
            return NULL;
        }
        n += cubes_overlap(base, clause->cubes[i]);
    }
    if (n == clause->n) {
        return clause;
    }

    cubes = arena_alloc(&nz->scratch, n * sizeof *cubes);
    n = 0;
    for (size_t i = 0; i < clause->n; i++) {
        if (cubes_overlap(base, clause->cubes[i])) {
            cubes[n++] = clause->cubes[i];
        }
    }
    return make_clause(nz, cubes, n);
}

/* Returns an equal product in which no clause is decided by the base or has
 * a single alternative, or null if it cannot be true. */
static const struct product *
reduce_product(struct normalizer *nz, const struct cube *base,
               const struct clause **clauses, size_t n)
{
    bool changed;

    do {
        size_t n_left = 0;

        changed = false;
        for (size_t i = 0; i < n; i++) {
            const struct clause *c = restrict_clause(nz, clauses[i], base);

            if (!c) {
                continue;
            } else if (c->n >= 2) {
                clauses[n_left++] = c;
                continue;
            }

            base = c->n ? cube_and(&nz->scratch, base, c->cubes[0]) : NULL;
            if (!base) {
                return NULL;
            }
            changed = true;
        }
        n = n_left;
    } while (changed && n);
    return make_product(nz, base, clauses, n);
}

static const struct product *
multiply(struct normalizer *nz, const struct product *a,
         const struct product *b)
{
    const struct cube *base = cube_and(&nz->scratch, a->base, b->base);
    const struct clause **clauses;
    size_t n = a->n + b->n;

    if (!base) {
        return NULL;
    }
    clauses = arena_alloc(&nz->scratch, n * sizeof *clauses);
    if (a->n) {
        memcpy(clauses, a->clauses, a->n * sizeof *clauses);
    }
    if (b->n) {
        memcpy(clauses + a->n, b->clauses, b->n * sizeof *clauses);
    }
    return reduce_product(nz, base, clauses, n);
}

/* Number of cubes that 'p' has with all clauses multiplied out. */
static double
count_flat(const struct product *p)
{
    double n = 1;

    for (size_t i = 0; i < p->n; i++) {
        n *= p->clauses[i]->n;
    }
    return n;
}

static double
list_count_flat(const struct list *list)
{
    double n = 0;

    for (size_t i = 0; i < list->n; i++) {
        n += count_flat(list->products[i]);
    }
    return n;
}

/* Number of alternatives in all clauses of 'list'. */
static double
list_count_alternatives(const struct list *list)
{
    double n = 0;

    for (size_t i = 0; i < list->n; i++) {
        for (size_t j = 0; j < list->products[i]->n; j++) {
            n += list->products[i]->clauses[j]->n;
        }
    }
    return n;
}

static void
flatten_product(struct normalizer *nz, const struct product *p, size_t i,
                const struct cube *cube, const struct cube **cubes, size_t *n)
{
    if (i >= p->n) {
        cubes[(*n)++] = cube;
        return;
    }
    for (size_t j = 0; j < p->clauses[i]->n; j++) {
        const struct cube *both = cube_and(&nz->scratch, cube,
                                           p->clauses[i]->cubes[j]);

        if (both) {
            flatten_product(nz, p, i + 1, both, cubes, n);
        }
    }
}

/* Makes all of 'list' one clause.  The caller has checked that it is not too
 * large. */
static const struct clause *
list_to_clause(struct normalizer *nz, const struct list *list)
{
    const struct cube **cubes = arena_alloc(
        &nz->scratch, (size_t) list_count_flat(list) * sizeof *cubes);
    size_t n = 0;

    for (size_t i = 0; i < list->n; i++) {
        const struct product *p = list->products[i];

        flatten_product(nz, p, 0, p->base, cubes, &n);
    }
    return make_clause(nz, cubes, n);
}

/* Comparisons. */

static size_t
string_index(struct normalizer *nz, const char *s)
{
    struct shash_node *node = shash_find(&nz->strings, s);

    if (!node) {
        node = shash_add(&nz->strings, s,
                         (void *) (uintptr_t) shash_count(&nz->strings));
    }
    return (uintptr_t) node->data;
}

static const struct cube *
string_cube(struct normalizer *nz, const struct symbol *symbol, const char *s)
{
    return cube_from_term(&nz->scratch, &(struct term) {
        .var = symbol->var,
        .value = string_index(nz, s),
        .mask = ~(wide) 0,
    });
}

static const struct cube *
number_cube(struct normalizer *nz, const struct node_cmp *cmp,
            const struct masked *m)
{
    int ofs = cmp->symbol->var_ofs + cmp->ofs;

    return cube_from_term(&nz->scratch, &(struct term) {
        .var = cmp->symbol->var,
        .value = m->value << ofs,
        .mask = m->mask << ofs,
    });
}

/* Adds to 'list' what says "any of 'cubes'", all of them of variable 'var'. */
static void
add_alternatives(struct normalizer *nz, uint8_t var,
                 const struct cube **cubes, size_t n, struct list *list)
{
    if (n == 1 || nz->symtab->vars[var].must_crossproduct) {
        for (size_t i = 0; i < n; i++) {
            list_add(nz, list, make_product(nz, cubes[i], NULL, 0));
        }
    } else if (n) {
        list_add(nz, list,
                 make_clause_product(nz, make_clause(nz, cubes, n)));
    }
}

static void
normalize_string(struct normalizer *nz, const struct node_cmp *cmp,
                 struct list *list)
{
    const struct cube **cubes = arena_alloc(&nz->scratch,
                                            cmp->n * sizeof *cubes);
    struct sset seen = SSET_INITIALIZER(&seen);
    size_t n = 0;

    ovs_assert(cmp->relop == RELOP_EQ);
    for (size_t i = 0; i < cmp->n; i++) {
        if (sset_add(&seen, cmp->constants[i].string)) {
            cubes[n++] = string_cube(nz, cmp->symbol,
                                     cmp->constants[i].string);
        }
    }
    sset_destroy(&seen);
    add_alternatives(nz, cmp->symbol->var, cubes, n, list);
}

static void
normalize_values(struct normalizer *nz, const struct node_cmp *cmp,
                 const struct value_set *set, struct list *list)
{
    const struct cube **cubes = arena_alloc(&nz->scratch,
                                            set->n * sizeof *cubes);

    for (size_t i = 0; i < set->n; i++) {
        if (!set->elems[i].mask) {
            list_add(nz, list, make_product(nz, &empty_cube, NULL, 0));
            return;
        }
        cubes[i] = number_cube(nz, cmp, &set->elems[i]);
    }
    add_alternatives(nz, cmp->symbol->var, cubes, set->n, list);
}

static bool
is_number_cmp(const struct node *node)
{
    return (node && node->type == NODE_CMP
            && node->cmp.symbol->kind != SYMBOL_STRING);
}

static bool
is_same_place(const struct node_cmp *a, const struct node_cmp *b)
{
    return (a->symbol->var == b->symbol->var
            && a->symbol->var_ofs + a->ofs == b->symbol->var_ofs + b->ofs
            && a->n_bits == b->n_bits);
}

/* Returns in '*out' the set for 'cmp', the whole of it even for !=. */
static void
cmp_to_values(struct normalizer *nz, const struct node_cmp *cmp,
              struct value_set *out)
{
    struct value_set set;

    value_set_from_cmp(&nz->scratch, cmp, &set);
    if (cmp->relop != RELOP_NE) {
        *out = set;
    } else if (!value_set_not(&nz->scratch, &set, out)) {
        nz->too_large = true;
        *out = set;
    }
}

/* Normalizes the number comparison nodes[i], together with those after it of
 * the same bits, which become null in 'nodes'. */
static void
normalize_numbers(struct normalizer *nz, enum node_type type,
                  const struct node **nodes, size_t n, size_t i,
                  struct list *list)
{
    const struct node_cmp *cmp = &nodes[i]->cmp;
    struct value_set set;

    cmp_to_values(nz, cmp, &set);
    for (size_t j = i + 1; j < n && !nz->too_large; j++) {
        struct value_set other, both;

        if (!is_number_cmp(nodes[j]) || !is_same_place(cmp, &nodes[j]->cmp)) {
            continue;
        }
        cmp_to_values(nz, &nodes[j]->cmp, &other);
        if (type == NODE_OR) {
            value_set_or(&nz->scratch, &set, &other, &both);
        } else if (!value_set_and(&nz->scratch, &set, &other, &both)) {
            nz->too_large = true;
            return;
        }
        set = both;
        nodes[j] = NULL;
    }
    normalize_values(nz, cmp, &set, list);
}

/* OR. */

/* If 'p' is nothing but alternatives for one variable that clauses can be
 * made of, returns its index, otherwise -1. */
static int
single_variable(const struct normalizer *nz, const struct product *p)
{
    uint64_t vars = p->n ? p->clauses[0]->vars : p->base->vars;

    if (p->n > 1 || (p->n && p->base->n) || !vars || (vars & (vars - 1))) {
        return -1;
    }

    int var = __builtin_ctzll(vars);
    return nz->symtab->vars[var].must_crossproduct ? -1 : var;
}

/* Merges products of 'list' that are alternatives for 'var' into one.  Those
 * that were merged become null, except for the first. */
static void
merge_variable(struct normalizer *nz, struct list *list, int var)
{
    const struct cube **cubes;
    size_t n = 0, first = SIZE_MAX;

    for (size_t i = 0; i < list->n; i++) {
        const struct product *p = list->products[i];

        if (p && single_variable(nz, p) == var) {
            n += p->n ? p->clauses[0]->n : 1;
        }
    }

    cubes = arena_alloc(&nz->scratch, n * sizeof *cubes);
    n = 0;
    for (size_t i = 0; i < list->n; i++) {
        const struct product *p = list->products[i];

        if (!p || single_variable(nz, p) != var) {
            continue;
        }
        if (p->n) {
            memcpy(cubes + n, p->clauses[0]->cubes,
                   p->clauses[0]->n * sizeof *cubes);
            n += p->clauses[0]->n;
        } else {
            cubes[n++] = p->base;
        }
        list->products[i] = NULL;
        first = MIN(first, i);
    }
    list->products[first] = make_clause_product(nz, make_clause(nz, cubes,
                                                                n));
}

static void
merge_alternatives(struct normalizer *nz, struct list *list)
{
    uint64_t once = 0, again = 0;
    size_t n = 0;

    for (size_t i = 0; i < list->n; i++) {
        int var = single_variable(nz, list->products[i]);

        if (var >= 0) {
            again |= once & (UINT64_C(1) << var);
            once |= UINT64_C(1) << var;
        }
    }
    for (; again; again &= again - 1) {
        merge_variable(nz, list, __builtin_ctzll(again));
    }
    for (size_t i = 0; i < list->n; i++) {
        if (list->products[i]) {
            list->products[n++] = list->products[i];
        }
    }
    list->n = n;
}

static void
normalize_or(struct normalizer *nz, const struct node *node,
             struct list *list)
{
    size_t n = node->logic.n;
    const struct node **subs = xmemdup(node->logic.subs, n * sizeof *subs);

    for (size_t i = 0; i < n && !nz->too_large; i++) {
        if (is_number_cmp(subs[i])) {
            normalize_numbers(nz, NODE_OR, subs, n, i, list);
        } else if (subs[i]) {
            normalize(nz, subs[i], list);
        }
    }
    free(subs);
    if (!nz->too_large) {
        merge_alternatives(nz, list);
    }
}

/* AND. */

/* Returns true if all that 'list' says is about variables that must be in
 * each flow. */
static bool
is_prerequisite(const struct normalizer *nz, const struct list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        const struct product *p = list->products[i];

        for (size_t j = 0; j < p->base->n; j++) {
            uint8_t var = p->base->terms[j].var;

            if (!nz->symtab->vars[var].must_crossproduct) {
                return false;
            }
        }
        if (p->n) {
            return false;
        }
    }
    return true;
}

/* Replaces 'acc' by 'acc && list'. */
static void
multiply_list(struct normalizer *nz, struct list *acc,
              const struct list *list)
{
    struct list out = { NULL, 0, 0 };

    for (size_t i = 0; i < acc->n && !nz->too_large; i++) {
        for (size_t j = 0; j < list->n && !nz->too_large; j++) {
            const struct product *p = multiply(nz, acc->products[i],
                                               list->products[j]);

            if (p) {
                list_add(nz, &out, p);
            }
        }
    }
    list_destroy(acc);
    *acc = out;
}

static void
make_list_clause(struct normalizer *nz, struct list *list)
{
    const struct clause *clause = list_to_clause(nz, list);

    list->n = 0;
    list_add(nz, list, make_clause_product(nz, clause));
}

/* Decides whether ORs that are neither a clause nor a prerequisite should
 * become clauses. */
static bool
clauses_are_cheaper(const struct normalizer *nz, const struct list *lists,
                    size_t n)
{
    double n_products = 1;      /* If everything is multiplied out. */
    double alternatives = 0;    /* In one such product, on average. */
    double n_prereqs = 1;       /* Products of prerequisites only. */
    double n_flows = 1;         /* If ORs become clauses. */

    for (size_t i = 0; i < n; i++) {
        n_products *= lists[i].n;
        alternatives += list_count_alternatives(&lists[i]) / lists[i].n;
        if (is_prerequisite(nz, &lists[i])) {
            n_prereqs *= lists[i].n;
        } else if (lists[i].n > 1) {
            n_flows += list_count_flat(&lists[i]);
        } else {
            n_flows += list_count_alternatives(&lists[i]);
        }
    }

    double multiplied = n_products * (alternatives + 1);
    return (multiplied > CHEAP_PRODUCT && n_flows < EXPR_MAX_FLOWS
            && multiplied > 2 * n_prereqs * n_flows);
}

static int
compare_lists(const void *a_, const void *b_)
{
    const struct list *a = a_;
    const struct list *b = b_;

    return a->n < b->n ? -1 : a->n > b->n;
}

/* Appends to 'out' the AND of all 'lists', none of which is empty. */
static void
multiply_lists(struct normalizer *nz, struct list *lists, size_t n,
               struct list *out)
{
    struct list acc = { NULL, 0, 0 };

    if (clauses_are_cheaper(nz, lists, n)) {
        for (size_t i = 0; i < n; i++) {
            if (lists[i].n > 1 && !is_prerequisite(nz, &lists[i])) {
                make_list_clause(nz, &lists[i]);
            }
        }
    }

    /* Short lists first: they exclude much of the long ones. */
    qsort(lists, n, sizeof *lists, compare_lists);
    list_add(nz, &acc, make_product(nz, &empty_cube, NULL, 0));
    for (size_t i = 0; i < n && !nz->too_large; i++) {
        multiply_list(nz, &acc, &lists[i]);
    }
    for (size_t i = 0; i < acc.n && !nz->too_large; i++) {
        list_add(nz, out, acc.products[i]);
    }
    list_destroy(&acc);
}

static void
normalize_and(struct normalizer *nz, const struct node *node,
              struct list *list)
{
    size_t n = node->logic.n;
    const struct node **subs = xmemdup(node->logic.subs, n * sizeof *subs);
    struct list *lists = xcalloc(n, sizeof *lists);
    bool possible = true;
    size_t n_lists = 0;

    for (size_t i = 0; i < n && possible && !nz->too_large; i++) {
        if (!subs[i]) {
            continue;
        }

        struct list *sub = &lists[n_lists++];
        if (is_number_cmp(subs[i])) {
            normalize_numbers(nz, NODE_AND, subs, n, i, sub);
        } else {
            normalize(nz, subs[i], sub);
        }
        possible = sub->n > 0;
    }
    if (possible && !nz->too_large) {
        multiply_lists(nz, lists, n_lists, list);
    }

    for (size_t i = 0; i < n_lists; i++) {
        list_destroy(&lists[i]);
    }
    free(lists);
    free(subs);
}

/* Appends to 'list' products that together mean 'node'. */
static void
normalize(struct normalizer *nz, const struct node *node, struct list *list)
{
    switch (node->type) {
    case NODE_BOOLEAN:
        if (node->boolean) {
            list_add(nz, list, make_product(nz, &empty_cube, NULL, 0));
        }
        break;

    case NODE_CMP:
        if (node->cmp.symbol->kind == SYMBOL_STRING) {
            normalize_string(nz, &node->cmp, list);
        } else {
            normalize_numbers(nz, NODE_AND, &node, 1, 0, list);
        }
        break;

    case NODE_AND:
        normalize_and(nz, node, list);
        break;

    case NODE_OR:
        normalize_or(nz, node, list);
        break;

    case NODE_RESIDENT:
        /* Simplification replaces it. */
        OVS_NOT_REACHED();
    }
}

/* Final touches. */

/* Drops products that are part of a simpler one.  Quadratic, so only for
 * short lists; redundant flows do no harm. */
static void
drop_implied(struct list *list)
{
    size_t n = 0;

    if (list->n > 64) {
        return;
    }
    for (size_t i = 0; i < list->n; i++) {
        for (size_t j = 0; j < list->n; j++) {
            const struct product *p = list->products[i];
            const struct product *q = list->products[j];

            if (i != j && q && !q->n && cube_implies(p->base, q->base)) {
                list->products[i] = NULL;
                break;
            }
        }
    }
    for (size_t i = 0; i < list->n; i++) {
        if (list->products[i]) {
            list->products[n++] = list->products[i];
        }
    }
    list->n = n;
}

/* Merges the smallest clauses of 'p' until the switch can count them. */
static const struct product *
limit_clauses(struct normalizer *nz, const struct product *p)
{
    const struct clause **clauses = arena_memdup(&nz->scratch, p->clauses,
                                                 p->n * sizeof *clauses);
    size_t n = p->n;

    while (n > MAX_CLAUSES) {
        for (size_t i = 0; i < 2; i++) {
            size_t min = i;

            for (size_t j = i + 1; j < n; j++) {
                min = clauses[j]->n < clauses[min]->n ? j : min;
            }
            const struct clause *tmp = clauses[i];
            clauses[i] = clauses[min];
            clauses[min] = tmp;
        }

        struct product pair = { &empty_cube, clauses, 2 };
        const struct product *pairp = &pair;
        struct list list = { &pairp, 1, 1 };

        if (count_flat(&pair) > EXPR_MAX_FLOWS) {
            nz->too_large = true;
            break;
        }
        clauses[0] = list_to_clause(nz, &list);
        clauses[1] = clauses[--n];
    }
    return make_product(nz, p->base, clauses, n);
}

/* OpenFlow can match nominal fields only as a whole.  The negation of a
 * predicate may have made conditions on single bits, which are all right as
 * long as something else fixes the whole. */
static void
check_nominal(struct normalizer *nz, const struct cube *cube,
              const struct cube *base)
{
    for (size_t i = 0; i < cube->n; i++) {
        const struct term *t = &cube->terms[i];
        const struct variable *var = &nz->symtab->vars[t->var];

        if (!var->nominal || !var->width
            || t->mask == wide_ones(var->width)) {
            continue;
        }

        struct term exact = {
            .var = t->var, .value = 0, .mask = wide_ones(var->width)
        };
        bool fixed = false;
        for (size_t j = 0; base && j < base->n; j++) {
            fixed |= (base->terms[j].var == t->var
                      && base->terms[j].mask == exact.mask);
        }
        if (!fixed) {
            nz->inexact = var->field->name;
        }
    }
}

static void
check_product(struct normalizer *nz, const struct product *p)
{
    check_nominal(nz, p->base, NULL);
    for (size_t i = 0; i < p->n; i++) {
        for (size_t j = 0; j < p->clauses[i]->n; j++) {
            check_nominal(nz, p->clauses[i]->cubes[j], p->base);
        }
    }
}

/* Copying to the result, where products share clauses. */

struct copied_clause {
    struct hmap_node hmap_node;
    const struct clause *from;
    const struct clause *to;
};

static const struct cube *
copy_cube(struct arena *arena, const struct cube *cube)
{
    return arena_memdup(arena, cube,
                        sizeof *cube + cube->n * sizeof cube->terms[0]);
}

static const struct clause *
copy_clause(struct arena *arena, const struct clause *from,
            struct hmap *copied)
{
    uint32_t hash = hash_pointer(from, 0);
    struct copied_clause *c;

    HMAP_FOR_EACH_WITH_HASH (c, hmap_node, hash, copied) {
        if (c->from == from) {
            return c->to;
        }
    }

    struct clause *to = arena_memdup(arena, from, sizeof *from);
    to->cubes = arena_alloc(arena, to->n * sizeof *to->cubes);
    for (size_t i = 0; i < to->n; i++) {
        to->cubes[i] = copy_cube(arena, from->cubes[i]);
    }

    c = xmalloc(sizeof *c);
    c->from = from;
    c->to = to;
    hmap_insert(copied, &c->hmap_node, hash);
    return to;
}

static void
copy_products(struct expr_norm *norm, const struct list *list)
{
    struct hmap copied = HMAP_INITIALIZER(&copied);
    struct copied_clause *c;

    norm->n = list->n;
    norm->products = arena_alloc(&norm->arena,
                                 norm->n * sizeof *norm->products);
    for (size_t i = 0; i < list->n; i++) {
        struct product *p = arena_memdup(&norm->arena, list->products[i],
                                         sizeof *p);
        const struct clause **clauses = arena_alloc(&norm->arena,
                                                    p->n * sizeof *clauses);

        for (size_t j = 0; j < p->n; j++) {
            clauses[j] = copy_clause(&norm->arena, p->clauses[j], &copied);
        }
        p->base = copy_cube(&norm->arena, p->base);
        p->clauses = clauses;
        norm->products[i] = p;
        norm->n_conjs += p->n >= 2;
    }
    HMAP_FOR_EACH_POP (c, hmap_node, &copied) {
        free(c);
    }
    hmap_destroy(&copied);
}

static void
copy_strings(struct expr_norm *norm, const struct shash *strings)
{
    const struct shash_node *node;

    norm->n_strings = shash_count(strings);
    norm->strings = arena_alloc(&norm->arena,
                                norm->n_strings * sizeof *norm->strings);
    SHASH_FOR_EACH (node, strings) {
        norm->strings[(uintptr_t) node->data]
            = arena_strdup(&norm->arena, node->name);
    }
}

static char *
finish(struct normalizer *nz, struct list *list, struct expr_norm **normp)
{
    if (!nz->too_large) {
        drop_implied(list);
        for (size_t i = 0; i < list->n; i++) {
            if (list->products[i]->n > MAX_CLAUSES) {
                list->products[i] = limit_clauses(nz, list->products[i]);
            }
            check_product(nz, list->products[i]);
        }
    }
    if (nz->too_large) {
        return xasprintf("The expression needs more than %d flows.",
                         EXPR_MAX_FLOWS);
    } else if (nz->inexact) {
        return xasprintf("The expression excludes a value of field %s, for "
                         "which OpenFlow has no match.  A negated predicate "
                         "needs a condition like ip4 beside it.",
                         nz->inexact);
    }

    struct expr_norm *norm = xzalloc(sizeof *norm);
    arena_init(&norm->arena);
    norm->symtab = nz->symtab;
    copy_products(norm, list);
    copy_strings(norm, &nz->strings);
    *normp = norm;
    return NULL;
}

char *
expr_normalize(const struct expr *expr, const struct symtab *symtab,
               struct expr_norm **normp)
{
    struct normalizer nz = { .symtab = symtab };
    struct list list = { NULL, 0, 0 };
    char *error;

    arena_init(&nz.scratch);
    shash_init(&nz.strings);
    *normp = NULL;
    normalize(&nz, expr->root, &list);
    error = finish(&nz, &list, normp);

    list_destroy(&list);
    shash_destroy(&nz.strings);
    arena_destroy(&nz.scratch);
    return error;
}

void
expr_norm_destroy(struct expr_norm *norm)
{
    if (norm) {
        arena_destroy(&norm->arena);
        free(norm);
    }
}

size_t
expr_norm_n_conjs(const struct expr_norm *norm)
{
    return norm->n_conjs;
}

size_t
expr_norm_memory(const struct expr_norm *norm)
{
    return sizeof *norm + arena_size(&norm->arena);
}

void
expr_norm_format(const struct expr_norm *norm, struct ds *ds)
{
    if (!norm->n) {
        ds_put_cstr(ds, "never\n");
    }
    for (size_t i = 0; i < norm->n; i++) {
        const struct product *p = norm->products[i];

        cube_format(p->base, norm->symtab, norm->strings, ds);
        for (size_t j = 0; j < p->n; j++) {
            ds_put_cstr(ds, " and (");
            for (size_t k = 0; k < p->clauses[j]->n; k++) {
                ds_put_cstr(ds, k ? " or " : "");
                cube_format(p->clauses[j]->cubes[k], norm->symtab,
                            norm->strings, ds);
            }
            ds_put_char(ds, ')');
        }
        ds_put_char(ds, '\n');
    }
}
