/* Lists of products while an expression is normalized. */

#include <config.h>
#include "text/expr-normalize.h"

#include "util.h"

/* Lists this short are multiplied out even where clauses need fewer flows,
 * since a conjunction costs the switch a second lookup. */
#define CHEAP_PRODUCT 32

void
plist_add(struct normalizer *nz, struct plist *list, const struct product *p)
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

void
plist_destroy(struct plist *list)
{
    free(list->products);
    *list = (struct plist) { NULL, 0, 0 };
}

const struct product *
product_create(struct normalizer *nz, const struct cube *base,
             const struct clause **clauses, size_t n)
{
    struct product *p = arena_alloc(&nz->scratch, sizeof *p);

    p->base = base;
    p->clauses = clauses;
    p->n = n;
    return p;
}

const struct clause *
clause_create(struct normalizer *nz, const struct cube **cubes, size_t n)
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

const struct product *
product_from_clause(struct normalizer *nz, const struct clause *clause)
{
    const struct clause **clauses = arena_memdup(&nz->scratch, &clause,
                                                 sizeof clause);

    return product_create(nz, &empty_cube, clauses, 1);
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
    return clause_create(nz, cubes, n);
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
    return product_create(nz, base, clauses, n);
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
double
product_count_flat(const struct product *p)
{
    double n = 1;

    for (size_t i = 0; i < p->n; i++) {
        n *= p->clauses[i]->n;
    }
    return n;
}

static double
plist_count_flat(const struct plist *list)
{
    double n = 0;

    for (size_t i = 0; i < list->n; i++) {
        n += product_count_flat(list->products[i]);
    }
    return n;
}

/* Number of alternatives in all clauses of 'list'. */
static double
plist_count_alternatives(const struct plist *list)
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
const struct clause *
plist_to_clause(struct normalizer *nz, const struct plist *list)
{
    const struct cube **cubes = arena_alloc(
        &nz->scratch, (size_t) plist_count_flat(list) * sizeof *cubes);
    size_t n = 0;

    for (size_t i = 0; i < list->n; i++) {
        const struct product *p = list->products[i];

        flatten_product(nz, p, 0, p->base, cubes, &n);
    }
    return clause_create(nz, cubes, n);
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
merge_variable(struct normalizer *nz, struct plist *list, int var)
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
    list->products[first] = product_from_clause(nz, clause_create(nz, cubes,
                                                                n));
}

void
plist_merge(struct normalizer *nz, struct plist *list)
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

/* AND. */

/* Returns true if all that 'list' says is about variables that must be in
 * each flow. */
static bool
is_prerequisite(const struct normalizer *nz, const struct plist *list)
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
plist_multiply(struct normalizer *nz, struct plist *acc,
              const struct plist *list)
{
    struct plist out = { NULL, 0, 0 };

    for (size_t i = 0; i < acc->n && !nz->too_large; i++) {
        for (size_t j = 0; j < list->n && !nz->too_large; j++) {
            const struct product *p = multiply(nz, acc->products[i],
                                               list->products[j]);

            if (p) {
                plist_add(nz, &out, p);
            }
        }
    }
    plist_destroy(acc);
    *acc = out;
}

static void
make_list_clause(struct normalizer *nz, struct plist *list)
{
    const struct clause *clause = plist_to_clause(nz, list);

    list->n = 0;
    plist_add(nz, list, product_from_clause(nz, clause));
}

/* Decides whether ORs that are neither a clause nor a prerequisite should
 * become clauses. */
static bool
clauses_are_cheaper(const struct normalizer *nz, const struct plist *lists,
                    size_t n)
{
    double n_products = 1;      /* If everything is multiplied out. */
    double alternatives = 0;    /* In one such product, on average. */
    double n_prereqs = 1;       /* Products of prerequisites only. */
    double n_flows = 1;         /* If ORs become clauses. */

    for (size_t i = 0; i < n; i++) {
        n_products *= lists[i].n;
        alternatives += plist_count_alternatives(&lists[i]) / lists[i].n;
        if (is_prerequisite(nz, &lists[i])) {
            n_prereqs *= lists[i].n;
        } else if (lists[i].n > 1) {
            n_flows += plist_count_flat(&lists[i]);
        } else {
            n_flows += plist_count_alternatives(&lists[i]);
        }
    }

    double multiplied = n_products * (alternatives + 1);
    return (multiplied > CHEAP_PRODUCT && n_flows < EXPR_MAX_FLOWS
            && multiplied > 2 * n_prereqs * n_flows);
}

static int
compare_lists(const void *a_, const void *b_)
{
    const struct plist *a = a_;
    const struct plist *b = b_;

    return a->n < b->n ? -1 : a->n > b->n;
}

/* Appends to 'out' the AND of all 'lists', none of which is empty. */
void
plist_multiply_all(struct normalizer *nz, struct plist *lists, size_t n,
               struct plist *out)
{
    struct plist acc = { NULL, 0, 0 };

    if (clauses_are_cheaper(nz, lists, n)) {
        for (size_t i = 0; i < n; i++) {
            if (lists[i].n > 1 && !is_prerequisite(nz, &lists[i])) {
                make_list_clause(nz, &lists[i]);
            }
        }
    }

    /* Short lists first: they exclude much of the long ones. */
    qsort(lists, n, sizeof *lists, compare_lists);
    plist_add(nz, &acc, product_create(nz, &empty_cube, NULL, 0));
    for (size_t i = 0; i < n && !nz->too_large; i++) {
        plist_multiply(nz, &acc, &lists[i]);
    }
    for (size_t i = 0; i < acc.n && !nz->too_large; i++) {
        plist_add(nz, out, acc.products[i]);
    }
    plist_destroy(&acc);
}
