/* Symbols of the flow language: fields, subfields and predicates.
 *
 * fields.def has all of them in one table.  A symbol table is built from it
 * once, with all prerequisites and predicates parsed and expanded, and is
 * never modified afterward: any thread may use it. */

#ifndef TEXT_SYMTAB_H
#define TEXT_SYMTAB_H 1

#include <stdbool.h>
#include "openvswitch/hmap.h"
#include "openvswitch/meta-flow.h"
#include "text/wide.h"

struct expr;
struct ds;

/* What can be done with a symbol's bits ("level of measurement"). */
enum symbol_level {
    LEVEL_NOMINAL,      /* Only ==, only in positive sense. */
    LEVEL_BOOLEAN,      /* A predicate that can be negated. */
    LEVEL_ORDINAL       /* Any comparison, any bits. */
};

enum symbol_kind {
    SYMBOL_FIELD,       /* A field of libopenvswitch, or some bits of it. */
    SYMBOL_STRING,      /* inport, outport: a name that becomes a number. */
    SYMBOL_PREDICATE,   /* Short for an expression. */
    SYMBOL_OVN          /* Implemented in ovn-controller, assignment only. */
};

/* Who may write to a symbol. */
enum symbol_access {
    ACCESS_READ_ONLY,
    ACCESS_READ_WRITE,
    ACCESS_CT_COMMIT    /* Only inside ct_commit { ... }. */
};

/* Fields that do not exist in Open vSwitch. */
enum ovn_field {
    OVN_FIELD_NONE,
    OVN_FIELD_ICMP4_FRAG_MTU,
    OVN_FIELD_ICMP6_FRAG_MTU,
    OVN_FIELD_ICMP4_INNER_IP4_SRC
};

struct symbol {
    struct hmap_node hmap_node; /* In struct symtab. */
    const char *name;
    enum symbol_kind kind;
    enum symbol_level level;
    enum symbol_access access;
    int width;                  /* In bits; 1 for predicates; 0 for
                                 * strings. */

    /* Where the bits are: SYMBOL_FIELD, SYMBOL_STRING. */
    const struct mf_field *field;
    int ofs;                    /* 'width' bits of 'field' from this bit. */

    /* SYMBOL_OVN. */
    enum ovn_field ovn_field;

    const char *expansion;      /* Predicate or subfield: as fields.def has
                                 * it.  Null for other symbols. */
    const char *prereqs;        /* As fields.def has them, null if none. */
    const char *doc;            /* Sentences for manuals. */

    /* What the above mean, annotated. */
    const struct expr *prereqs_expr;
    const struct expr *predicate_expr;

    /* OpenFlow needs this field in each flow, never only in one dimension of
     * a conjunction, because other fields' existence depends on it. */
    bool must_crossproduct;

    /* Storage.  Fields that overlay each other (reg0 in xxreg0) are parts of
     * one variable. */
    uint8_t var;                /* Index in symtab's 'vars'. */
    uint8_t var_ofs;            /* First bit in the variable. */
};

/* A unit of storage: what normalization calculates with. */
struct variable {
    const struct mf_field *field; /* The widest field that covers it. */
    int width;                  /* Bits; 0 for strings. */
    wide absent;                /* Bits that are 0 in each packet. */
    bool nominal;               /* Only exact matches on all bits. */
    bool must_crossproduct;

    /* For strings, where the 32-bit number goes that a string stands for. */
    uint8_t number_var;
    uint8_t number_ofs;
};

struct symtab {
    struct hmap symbols;
    struct variable *vars;
    size_t n_vars;
};

/* The symbol tables of the flow language.  SYMTAB_ACL_CT is the one for flows
 * with tag acl_ct_translation=true: transport ports and the protocol are
 * looked up in the connection tracker's original tuple. */
enum symtab_id {
    SYMTAB_FLOW,
    SYMTAB_ACL_CT,
    N_SYMTABS
};

/* Returns a table that is built at the first call and lives until
 * symtab_exit(). */
const struct symtab *symtab_get(enum symtab_id);

/* Frees what symtab_get() built, at the end of a program. */
void symtab_exit(void);

/* Returns the symbol named 'name', or null. */
const struct symbol *symtab_find(const struct symtab *, const char *name);

const char *symbol_level_to_string(enum symbol_level);

/* Appends a line that describes 'symbol' to 'ds', for manuals and tests. */
void symbol_format(const struct symbol *, struct ds *);

#endif /* text/symtab.h */
