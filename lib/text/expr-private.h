/* What the files of the expression compiler share.  Not for others. */

#ifndef TEXT_EXPR_PRIVATE_H
#define TEXT_EXPR_PRIVATE_H 1

#include "text/expr.h"

/* Relational operators. */
enum relop { RELOP_EQ, RELOP_NE, RELOP_LT, RELOP_LE, RELOP_GT, RELOP_GE };

bool relop_from_token(enum token_type, enum relop *);
const char *relop_to_string(enum relop);

/* The operator for when the operands change places, and the one that is true
 * when 'relop' is false. */
enum relop relop_turn(enum relop relop);
enum relop relop_not(enum relop relop);

int constant_width(const struct constant *);

/* Nodes.
 *
 * Nodes are never modified once they are linked to others: every pass makes
 * new nodes where something changes and uses the old ones where nothing does.
 * Hence symbols' prerequisites are parts of many expressions without a copy,
 * and sub-expressions may occur more than once. */

enum node_type {
    NODE_BOOLEAN,
    NODE_CMP,
    NODE_AND,
    NODE_OR,
    NODE_RESIDENT
};

/* A comparison of bits of a symbol with a set of constants.  For RELOP_EQ it
 * is true if any of the constants is equal, for RELOP_NE if all of them
 * differ; the other operators have one constant without a mask. */
struct node_cmp {
    const struct symbol *symbol;
    int ofs;                    /* First bit in 'symbol'. */
    int n_bits;                 /* 0 for strings. */
    enum relop relop;
    bool annotated;             /* Prerequisites are elsewhere. */
    bool in_curlies;            /* For formatting. */
    const struct constant *constants;
    size_t n;
};

struct node {
    enum node_type type;
    bool permanent;             /* In a symbol table: never freed. */
    union {
        bool boolean;           /* NODE_BOOLEAN. */
        struct node_cmp cmp;    /* NODE_CMP. */
        struct {                /* NODE_AND, NODE_OR: at least 2. */
            const struct node **subs;
            size_t n;
        } logic;
        struct {                /* NODE_RESIDENT. */
            const char *port;
            bool negated;
        } resident;
    };
};

struct expr {
    struct arena arena;
    const struct node *root;
};

const struct node *node_boolean(bool);
const struct node *node_cmp(struct arena *, const struct node_cmp *);

/* Returns the conjunction or disjunction of 'n' nodes, one level deep. */
const struct node *node_logic(struct arena *, enum node_type,
                              const struct node **, size_t n);
const struct node *node_logic2(struct arena *, enum node_type,
                               const struct node *, const struct node *);

/* Returns the negation of 'node'.  Comparisons that were annotated keep their
 * prerequisites. */
const struct node *node_not(struct arena *, const struct node *);

/* Adds prerequisites and expands predicates. */
const struct node *node_annotate(struct arena *, const struct node *);

/* Makes 'node' and all in it permanent: clones refer to it. */
void node_make_permanent(const struct node *);

/* An expression for 'root', which is not copied. */
struct expr *expr_create(const struct node *root);

/* Returns true if 'node' mentions a nominal symbol. */
bool node_is_nominal(const struct node *);

/* Normal form.
 *
 * A term is a condition on bits of one variable: bits in 'mask' are those of
 * 'value'.  A string variable's value is an index in the norm's 'strings'.
 *
 * A cube is an AND of terms of different variables in ascending order: what
 * one OpenFlow flow can match.
 *
 * A clause is an OR of cubes.  A product is an AND of a cube and clauses.  The
 * normal form is an OR of products. */

struct term {
    wide value;
    wide mask;
    uint8_t var;
};

struct cube {
    uint64_t vars;              /* 1-bits for variables in 'terms'. */
    size_t n;
    struct term terms[];
};

struct clause {
    uint64_t vars;              /* Variables of any cube. */
    const struct cube **cubes;
    size_t n;
};

struct product {
    const struct cube *base;
    const struct clause **clauses;
    size_t n;
};

struct expr_norm {
    struct arena arena;
    const struct symtab *symtab;
    const struct product **products;
    size_t n;
    size_t n_conjs;             /* Products with at least two clauses. */
    const char **strings;
    size_t n_strings;
};

extern const struct cube empty_cube;

const struct cube *cube_from_term(struct arena *, const struct term *);

/* Returns a cube that is true where both are, or null if there is no such
 * packet. */
const struct cube *cube_and(struct arena *, const struct cube *,
                            const struct cube *);

/* Returns false if no packet is in both. */
bool cubes_overlap(const struct cube *, const struct cube *);

/* Returns true if each packet in 'a' is in 'b', too. */
bool cube_implies(const struct cube *a, const struct cube *b);
bool cube_equals(const struct cube *, const struct cube *);
uint32_t cube_hash(const struct cube *);
void cube_format(const struct cube *, const struct symtab *,
                 const char **strings, struct ds *);

/* Returns whether all combinations of clauses of the given sizes should be
 * written out, instead of using conjunction(). */
bool use_crossproduct(const size_t *sizes, size_t n);

/* Sets of numbers.
 *
 * A list of masked values, any of which may match.  'arena' is for results. */

struct masked {
    wide value;
    wide mask;
};

struct value_set {
    int width;                  /* In bits. */
    struct masked *elems;
    size_t n;
};

void value_set_from_cmp(struct arena *, const struct node_cmp *,
                        struct value_set *);

/* Returns false if the result would have more elements than both sets
 * together: then it is better to match on both. */
bool value_set_and(struct arena *, const struct value_set *,
                   const struct value_set *, struct value_set *);

/* Returns false if the result would have more than 'max' elements, as it can
 * if masks are no prefixes. */
bool value_set_not(struct arena *, const struct value_set *, size_t max,
                   struct value_set *);

/* The complement of a single element. */
void value_set_not_masked(struct arena *, const struct masked *, int width,
                          struct value_set *);

void value_set_or(struct arena *, const struct value_set *,
                  const struct value_set *, struct value_set *);

#endif /* text/expr-private.h */
