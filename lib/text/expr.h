/* Expressions of the flow language.
 *
 * A match goes through these steps:
 *
 *     text --expr_parse()--> expr          types are checked
 *          --expr_annotate()--> expr       prerequisites are added, predicates
 *                                          are replaced by their meaning
 *          --expr_simplify()--> expr       what is known on this chassis
 *          --expr_normalize()--> norm      an OR of ANDs of ORs
 *          --expr_to_matches()--> matches  OpenFlow, conjunctions included
 *
 * Up to and including normalization nothing depends on the logical datapath,
 * so one 'struct expr_norm' can be shared by all flows with the same text.
 * Port names become numbers in the last step.
 *
 * Each expression, norm and set of matches owns one arena and nothing else;
 * symbols are referred to, so the symbol table must live longer.  Objects may
 * be used by several threads as long as none of them modifies them. */

#ifndef TEXT_EXPR_H
#define TEXT_EXPR_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "openvswitch/match.h"
#include "openvswitch/meta-flow.h"
#include "sset.h"
#include "text/arena.h"
#include "text/lex.h"
#include "text/symtab.h"

struct ds;
struct expr;
struct expr_norm;

/* Constants. */

/* A number with a mask, or a string. */
struct constant {
    wide value;
    wide mask;                  /* Meaningful only if 'masked'. */
    const char *string;         /* Non-null: a string, no number. */
    bool masked;
    enum token_format format;
    uint32_t ofs;               /* Where in the text it is. */
};

/* A set of constants of one type: {1, 2}, $addresses, @ports.  The members
 * (but not the array) that have strings refer to memory of 'arena'. */
struct const_set {
    struct arena arena;
    struct constant *constants;
    size_t n, allocated;
    bool is_string;             /* Meaningful even if empty. */
    bool in_curlies;            /* Written with {}. */
};

void const_set_init(struct const_set *);
void const_set_destroy(struct const_set *);
void const_set_add(struct const_set *, const struct constant *);

/* Adds address 'text' (an integer, IPv4, IPv6 or Ethernet address, perhaps
 * masked) to the set.  Returns an error that the caller frees, or null. */
char *const_set_add_address(struct const_set *, const char *text);
void const_set_add_string(struct const_set *, const char *string);

/* Parses a constant, a set of constants in {}, $name or @name (unknown if
 * 'env' is null) at the current token and initializes '*set' with it.  On
 * error, reports it to the lexer and returns false; there is nothing to
 * destroy then. */
struct expr_env;
bool expr_parse_const_set(struct lexer *, const struct expr_env *,
                          struct const_set *);

/* Parses one constant for a field of 'width' bits (0: string).  A string goes
 * to 'arena'.  On error, reports it to the lexer and returns false. */
bool expr_parse_constant(struct lexer *, int width, struct constant *,
                         struct arena *);
void constant_format(const struct constant *, struct ds *);
void const_set_format(const struct const_set *, struct ds *);

/* Field references, as in the actions "vlan.tci[0..11] = 3;". */

/* Bits 'ofs' ... 'ofs + n_bits - 1' of 'symbol'. */
struct field_ref {
    const struct symbol *symbol;
    int ofs;
    int n_bits;                 /* 0 for strings. */
    bool whole;                 /* Written without []. */
};

/* Parses SYMBOL, SYMBOL[BIT] or SYMBOL[LOW..HIGH] at the current token.  A
 * predicate counts as a field of 1 bit.  On error, reports it to the lexer and
 * returns false. */
bool expr_parse_field(struct lexer *, const struct symtab *,
                      struct field_ref *);

/* Checks that 'ref' can be an operand of an action: it is no predicate, it has
 * 'n_bits' bits (0: is a string), or any number of them if 'n_bits' < 0, and,
 * for 'write', it may be written to (inside ct_commit{} if 'ct_commit').
 * Returns null if so, otherwise an error that the caller frees. */
char *field_ref_check(const struct field_ref *, int n_bits, bool write,
                      bool ct_commit);

/* The bits that 'ref' means, in Open vSwitch's terms.  Not for SYMBOL_OVN. */
struct mf_subfield field_ref_to_subfield(const struct field_ref *);

/* Returns a new annotated expression of what must be true of a packet for it
 * to have 'ref', or null if every packet has it. */
struct expr *field_ref_prereqs(const struct field_ref *);

void field_ref_format(const struct field_ref *, struct ds *);

/* Returns a new annotated expression that says that predicate 'name' holds;
 * there must be such a predicate. */
struct expr *expr_from_predicate(const struct symtab *, const char *name);

/* Parsing. */

/* Where $name and @name come from.  The functions return null for an unknown
 * name.  The set needs to stay only until the parser returns.  The caller
 * sees in the calls what the expression depends on. */
struct expr_env {
    const struct const_set *(*address_set)(const char *name, void *aux);
    const struct const_set *(*port_group)(const char *name, void *aux);
    void *aux;
};

/* Parses an expression that starts at the current token and ends where the
 * grammar cannot go on.  Returns null after it reported an error to 'lexer'.
 * 'env' may be null. */
struct expr *expr_parse(struct lexer *, const struct symtab *,
                        const struct expr_env *env);

/* Parses all of 'text'.  On error returns null and sets '*errorp', which the
 * caller frees. */
struct expr *expr_parse_string(const char *text, const struct symtab *,
                               const struct expr_env *env, char **errorp);

void expr_destroy(struct expr *);
struct expr *expr_clone(const struct expr *);

/* Returns an expression that is true.  For callers that collect. */
struct expr *expr_create_boolean(bool);

/* Returns 'a && b', takes both over.  Null counts as true; the result is null
 * if both are. */
struct expr *expr_and(struct expr *a, struct expr *b);

/* Names that a text mentions, found without parsing it (so that it works for
 * a text with errors, and before any set is looked up). */
struct expr_refs {
    struct sset address_sets;   /* $name. */
    struct sset port_groups;    /* @name. */
    struct sset templates;      /* ^name. */
    struct sset residents;      /* is_chassis_resident("name"). */
    struct sset ports;          /* Other strings: port names in a match. */
};

void expr_refs_init(struct expr_refs *);
void expr_refs_destroy(struct expr_refs *);
void expr_refs_scan(struct expr_refs *, const char *text);

/* Steps. */

/* Adds prerequisites and expands predicates.  Idempotent. */
void expr_annotate(struct expr *);

/* Replaces what is known by its value: is_chassis_resident("NAME") by
 * is_resident(NAME, aux), then constants in && and ||, comparisons that are
 * always true or false.  With null 'is_resident' that function stays. */
typedef bool expr_resident_func(const char *port, void *aux);
void expr_simplify(struct expr *, expr_resident_func *, void *aux);

/* Whether the expression mentions is_chassis_resident(). */
bool expr_has_resident(const struct expr *);

/* If simplification made the expression a constant, returns true and stores
 * the constant. */
bool expr_is_boolean(const struct expr *, bool *value);

/* Brings an annotated and simplified expression in normal form; 'symtab' is
 * the table that it was parsed with.  Returns an
 * error that the caller frees if the result would be absurdly large (more
 * than EXPR_MAX_FLOWS flows), or null. */
#define EXPR_MAX_FLOWS 200000
char *expr_normalize(const struct expr *, const struct symtab *,
                     struct expr_norm **);
void expr_norm_destroy(struct expr_norm *);

/* The number of conjunction ids that expr_to_matches() will use at most. */
size_t expr_norm_n_conjs(const struct expr_norm *);

void expr_norm_format(const struct expr_norm *, struct ds *);
size_t expr_norm_memory(const struct expr_norm *);

/* OpenFlow. */

/* One membership of a flow: conjunction(id, clause + 1/n_clauses). */
struct expr_conj {
    uint32_t id;
    uint8_t clause;             /* 0-based. */
    uint8_t n_clauses;
};

/* What one OpenFlow flow matches.  If 'n_conjs' is 0, then the flow gets the
 * logical flow's actions, otherwise these conjunction actions. */
struct expr_match {
    const struct cube *cube;    /* Use expr_match_fill(). */
    const struct symtab *symtab;
    uint32_t conj_id;           /* Nonzero: matches conj_id=this, too. */
    uint32_t n_conjs;
    const struct expr_conj *conjs;
};

struct expr_matches {
    struct arena arena;
    struct expr_match *matches;
    size_t n;
    size_t n_conjs;             /* Conjunction ids used. */
};

/* Converts 'name' to the number that the logical port has on the datapath.
 * Returns false if there is none: what depends on it is false. */
typedef bool expr_port_func(const char *name, uint32_t *key, void *aux);

/* Converts 'norm' to flows.  The i-th conjunction gets id 'first_conj_id' + i,
 * i < expr_norm_n_conjs(norm); the i of a conjunction does not depend on what
 * 'lookup_port' says.  No two matches are equal.  No matches: never true. */
void expr_to_matches(const struct expr_norm *, expr_port_func *lookup_port,
                     void *aux, uint32_t first_conj_id,
                     struct expr_matches *);
void expr_matches_destroy(struct expr_matches *);

/* Adds to 'match' (where the caller may have set fields that the flow
 * language cannot express, like metadata) what 'expr_match' demands. */
void expr_match_fill(const struct expr_match *, struct match *);

/* Appends all matches to 'ds', one a line, sorted, in OpenFlow syntax. */
void expr_matches_format(const struct expr_matches *, struct ds *);

/* Evaluation, for tracing and tests. */

/* Returns whether 'expr', which must be annotated, is true for 'flow'. */
bool expr_evaluate(const struct expr *, const struct flow *,
                   expr_port_func *, expr_resident_func *, void *aux);

/* Parses 'text' as a description of one packet: comparisons with == of fields
 * and constants, predicates, joined by &&, with prerequisites filled in.  On
 * success stores it in '*flow' and returns null, otherwise returns an error
 * that the caller frees. */
char *expr_parse_microflow(const char *text, const struct symtab *,
                           const struct expr_env *env, expr_port_func *,
                           void *aux, struct flow *flow);

/* Appends 'expr' to 'ds' as text that parses to the same expression. */
void expr_format(const struct expr *, struct ds *);

#endif /* text/expr.h */
