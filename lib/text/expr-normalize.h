/* What the files that normalize expressions share. */

#ifndef TEXT_EXPR_NORMALIZE_H
#define TEXT_EXPR_NORMALIZE_H 1

#include "openvswitch/shash.h"
#include "text/expr-private.h"

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
struct plist {
    const struct product **products;
    size_t n, allocated;
};

/* Adds 'p', or notes that the list is too large. */
void plist_add(struct normalizer *, struct plist *, const struct product *);
void plist_destroy(struct plist *);

/* Products and clauses live in the scratch arena and refer to their parts. */
const struct product *product_create(struct normalizer *,
                                     const struct cube *base,
                                     const struct clause **, size_t n);
const struct clause *clause_create(struct normalizer *, const struct cube **,
                                   size_t n);
const struct product *product_from_clause(struct normalizer *,
                                          const struct clause *);

/* Number of cubes that a product has with all clauses multiplied out. */
double product_count_flat(const struct product *);

/* Makes all of the list one clause.  The caller has checked that it is not
 * too large. */
const struct clause *plist_to_clause(struct normalizer *,
                                     const struct plist *);

/* Makes one clause of alternatives for the same variable. */
void plist_merge(struct normalizer *, struct plist *);

/* Appends to 'out' the AND of all 'lists', none of which is empty. */
void plist_multiply_all(struct normalizer *, struct plist *lists, size_t n,
                        struct plist *out);

/* Makes '*normp' of 'list', or returns an error that the caller frees. */
char *norm_create(struct normalizer *, struct plist *list,
                  struct expr_norm **normp);

#endif /* text/expr-normalize.h */
