/* The normal form: last touches, and what can be done with it. */

#include <config.h>
#include "text/expr-normalize.h"

#include "hash.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/hmap.h"
#include "util.h"

/* Final touches. */

/* Drops products that are part of a simpler one.  Quadratic, so only for
 * short lists; redundant flows do no harm. */
static void
drop_implied(struct plist *list)
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
        struct plist list = { &pairp, 1, 1 };

        if (product_count_flat(&pair) > EXPR_MAX_FLOWS) {
            nz->too_large = true;
            break;
        }
        clauses[0] = plist_to_clause(nz, &list);
        clauses[1] = clauses[--n];
    }
    return product_create(nz, p->base, clauses, n);
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
copy_products(struct expr_norm *norm, const struct plist *list)
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

char *
norm_create(struct normalizer *nz, struct plist *list,
            struct expr_norm **normp)
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
