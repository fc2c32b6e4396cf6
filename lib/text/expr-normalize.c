/* From nodes to the normal form: an OR of products, each of which is an AND
 * of a cube and clauses.
 *
 * How big things stay small:
 *
 * - Comparisons of one variable are combined as sets of numbers before
 *   anything else, so "1000 <= tcp.dst <= 2000 && tcp.dst != 1500" becomes a
 *   dozen prefixes, not a product of two lists.
 *
 *   With masks that are no prefixes that may fail ("ip4.src != {1/1, 2/2,
 *   4/4, ...}"): then each constant becomes a clause, and comparisons that
 *   cannot be combined stay side by side.
 *
 * - An OR of alternatives that differ in one variable is one clause, for
 *   which conjunction() needs the sum of the clauses' sizes in flows, not
 *   their product.
 *
 * - An AND of ORs whose alternatives differ in several variables, like
 *   (a || b) && (c || d), is either multiplied out, (a && c) || (a && d) ||
 *   ..., or each OR becomes one clause of cubes with several variables, which
 *   OpenFlow's conjunctions allow, too.  plist_multiply_all() estimates the
 *   flows that either needs.  Conditions on variables that other fields'
 *   existence depends on (eth.type, ip.proto, ...) are always multiplied out,
 *   because actions that write such fields need them in the final flow.
 *
 * So three ranges of ports and two sets of 1000 addresses, joined by &&, are
 * three clauses, and as many flows as these have alternatives, and one. */

#include <config.h>
#include "text/expr-normalize.h"

#include "sset.h"
#include "util.h"

/* A complement of this many elements is no problem. */
#define SMALL_COMPLEMENT 256

static void normalize(struct normalizer *, const struct node *,
                      struct plist *);

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

/* Open vSwitch can match bits of a VLAN's number, but only the whole priority,
 * and that only where it matches the bit that says that there is a tag.  (It
 * accepts other matches on vlan_tci, and sends the switch different ones.)
 *
 * Stores in 'out' what 'm', a condition on vlan_tci, means in these terms, and
 * returns the number of elements, any of which has to be true. */
#define MAX_VLAN_FORMS 9
static size_t
vlan_forms(struct masked m, struct masked out[MAX_VLAN_FORMS])
{
    const wide cfi = 0x1000, pcp = 0xe000;
    size_t n = 0;

    if (!(m.mask & pcp)) {
        out[0] = m;
        return 1;
    }

    /* Without a tag all bits are 0. */
    if (!m.value) {
        out[n++] = (struct masked) { 0, (m.mask & ~pcp) | cfi };
    }
    if (!((m.value ^ cfi) & m.mask & cfi)) {
        for (wide x = 0; x <= pcp; x += 0x2000) {
            if (!((x ^ m.value) & m.mask & pcp)) {
                out[n++] = (struct masked) {
                    (m.value & ~pcp) | x | cfi, m.mask | pcp | cfi
                };
            }
        }
    }
    return n;
}

/* Stores in 'out' the forms in which bits of variable 'var' can be compared
 * with 'm', like vlan_forms(). */
static size_t
wire_forms(const struct variable *var, struct masked m,
           struct masked out[MAX_VLAN_FORMS])
{
    if (m.value & var->absent) {
        return 0;
    } else if (var->field->id == MFF_CT_NW_PROTO && !m.value) {
        /* Without a tuple it is 0, so libopenvswitch leaves it away. */
        return 0;
    }
    if (!var->nominal) {
        m.mask &= ~var->absent;
    }
    if (var->field->id == MFF_VLAN_TCI) {
        return vlan_forms(m, out);
    }
    out[0] = m;
    return 1;
}

/* Adds to 'list' what says "any of 'cubes'", all of them of variable 'var'. */
static void
add_alternatives(struct normalizer *nz, uint8_t var,
                 const struct cube **cubes, size_t n, struct plist *list)
{
    if (n == 1 || nz->symtab->vars[var].must_crossproduct) {
        for (size_t i = 0; i < n; i++) {
            plist_add(nz, list, product_create(nz, cubes[i], NULL, 0));
        }
    } else if (n) {
        plist_add(nz, list,
                 product_from_clause(nz, clause_create(nz, cubes, n)));
    }
}

static void
normalize_string(struct normalizer *nz, const struct node_cmp *cmp,
                 struct plist *list)
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
                 const struct value_set *set, struct plist *list)
{
    uint8_t var = cmp->symbol->var;
    int ofs = cmp->symbol->var_ofs + cmp->ofs;
    const struct cube **cubes = NULL;
    size_t n = 0, allocated = 0;

    for (size_t i = 0; i < set->n; i++) {
        struct masked m = {
            set->elems[i].value << ofs, set->elems[i].mask << ofs
        };
        struct masked forms[MAX_VLAN_FORMS];
        size_t n_forms = wire_forms(&nz->symtab->vars[var], m, forms);

        for (size_t j = 0; j < n_forms; j++) {
            if (!forms[j].mask) {
                /* All packets. */
                plist_add(nz, list, product_create(nz, &empty_cube, NULL, 0));
                free(cubes);
                return;
            }
            if (n >= allocated) {
                cubes = x2nrealloc(cubes, &allocated, sizeof *cubes);
            }
            cubes[n++] = cube_from_term(&nz->scratch, &(struct term) {
                .var = var, .value = forms[j].value, .mask = forms[j].mask,
            });
        }
    }
    add_alternatives(nz, var, arena_memdup(&nz->scratch, cubes,
                                           n * sizeof *cubes), n, list);
    free(cubes);
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

/* Returns how large the complement of 'set' may become.  More would be worse
 * than a clause for each element, but only so many clauses are possible. */
static size_t
max_complement(const struct normalizer *nz, const struct node_cmp *cmp,
               const struct value_set *set)
{
    size_t n = 0;

    if (nz->symtab->vars[cmp->symbol->var].must_crossproduct
        || set->n > MAX_CLAUSES) {
        return EXPR_MAX_FLOWS;
    }
    for (size_t i = 0; i < set->n; i++) {
        n += wide_popcount(set->elems[i].mask);
    }
    return MAX(2 * n, SMALL_COMPLEMENT);
}

/* Stores in '*out' the set for 'cmp', the whole of it even for !=.  Returns
 * false if it is too large. */
static bool
cmp_to_values(struct normalizer *nz, const struct node_cmp *cmp,
              struct value_set *out)
{
    struct value_set set;

    value_set_from_cmp(&nz->scratch, cmp, &set);
    if (cmp->relop != RELOP_NE) {
        *out = set;
        return true;
    }
    return value_set_not(&nz->scratch, &set, max_complement(nz, cmp, &set),
                         out);
}

/* Adds to 'list' what says that 'cmp', a !=, is true, with a clause for each
 * of its constants. */
static void
normalize_none_of(struct normalizer *nz, const struct node_cmp *cmp,
                  struct plist *list)
{
    struct value_set set;

    value_set_from_cmp(&nz->scratch, cmp, &set);
    if (set.n > MAX_CLAUSES
        || nz->symtab->vars[cmp->symbol->var].must_crossproduct) {
        nz->too_large = true;
        return;
    }

    const struct clause **clauses = arena_alloc(&nz->scratch,
                                                set.n * sizeof *clauses);
    for (size_t i = 0; i < set.n; i++) {
        struct value_set not;
        struct plist one = { NULL, 0, 0 };

        value_set_not_masked(&nz->scratch, &set.elems[i], set.width, &not);
        normalize_values(nz, cmp, &not, &one);
        clauses[i] = plist_to_clause(nz, &one);
        plist_destroy(&one);
    }
    plist_add(nz, list, product_create(nz, &empty_cube, clauses, set.n));
}

/* Normalizes the number comparison nodes[i], together with those after it of
 * the same bits where that pays, which become null in 'nodes'. */
static void
normalize_numbers(struct normalizer *nz, enum node_type type,
                  const struct node **nodes, size_t n, size_t i,
                  struct plist *list)
{
    const struct node_cmp *cmp = &nodes[i]->cmp;
    struct value_set set;

    if (!cmp_to_values(nz, cmp, &set)) {
        normalize_none_of(nz, cmp, list);
        return;
    }
    for (size_t j = i + 1; j < n; j++) {
        struct value_set other, both;

        if (!is_number_cmp(nodes[j]) || !is_same_place(cmp, &nodes[j]->cmp)
            || !cmp_to_values(nz, &nodes[j]->cmp, &other)) {
            continue;
        }
        if (type == NODE_OR) {
            value_set_or(&nz->scratch, &set, &other, &both);
        } else if (!value_set_and(&nz->scratch, &set, &other, &both)) {
            continue;
        }
        set = both;
        nodes[j] = NULL;
    }
    normalize_values(nz, cmp, &set, list);
}

/* OR. */

static void
normalize_or(struct normalizer *nz, const struct node *node,
             struct plist *list)
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
        plist_merge(nz, list);
    }
}

/* AND. */

static void
normalize_and(struct normalizer *nz, const struct node *node,
              struct plist *list)
{
    size_t n = node->logic.n;
    const struct node **subs = xmemdup(node->logic.subs, n * sizeof *subs);
    struct plist *lists = xcalloc(n, sizeof *lists);
    bool possible = true;
    size_t n_lists = 0;

    for (size_t i = 0; i < n && possible && !nz->too_large; i++) {
        if (!subs[i]) {
            continue;
        }

        struct plist *sub = &lists[n_lists++];
        if (is_number_cmp(subs[i])) {
            normalize_numbers(nz, NODE_AND, subs, n, i, sub);
        } else {
            normalize(nz, subs[i], sub);
        }
        possible = sub->n > 0;
    }
    if (possible && !nz->too_large) {
        plist_multiply_all(nz, lists, n_lists, list);
    }

    for (size_t i = 0; i < n_lists; i++) {
        plist_destroy(&lists[i]);
    }
    free(lists);
    free(subs);
}

/* Appends to 'list' products that together mean 'node'. */
static void
normalize(struct normalizer *nz, const struct node *node, struct plist *list)
{
    switch (node->type) {
    case NODE_BOOLEAN:
        if (node->boolean) {
            plist_add(nz, list, product_create(nz, &empty_cube, NULL, 0));
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

char *
expr_normalize(const struct expr *expr, const struct symtab *symtab,
               struct expr_norm **normp)
{
    struct normalizer nz = { .symtab = symtab };
    struct plist list = { NULL, 0, 0 };
    char *error;

    arena_init(&nz.scratch);
    shash_init(&nz.strings);
    *normp = NULL;
    normalize(&nz, expr->root, &list);
    error = norm_create(&nz, &list, normp);

    plist_destroy(&list);
    shash_destroy(&nz.strings);
    arena_destroy(&nz.scratch);
    return error;
}

