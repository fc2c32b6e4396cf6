#include <config.h>
#include "text/symtab.h"

#include "hash.h"
#include "openvswitch/dynamic-string.h"
#include "ovs-thread.h"
#include "text/expr-private.h"
#include "util.h"

/* One line of fields.def. */
struct symbol_def {
    const char *name;
    enum symbol_kind kind;
    bool is_subfield;
    bool must_crossproduct;
    enum mf_field_id mff;
    const char *expansion;
    const char *prereqs;
    enum symbol_access access;
    int width;
    enum ovn_field ovn_field;
    const char *doc;
};

#define FIELD(NAME, MFF, PREREQS, ACCESS, DOC)                          \
    { .name = NAME, .kind = SYMBOL_FIELD, .mff = MFF_##MFF,             \
      .prereqs = PREREQS, .access = ACCESS_##ACCESS, .doc = DOC },
#define FIELD_X(NAME, MFF, PREREQS, ACCESS, DOC)                        \
    { .name = NAME, .kind = SYMBOL_FIELD, .mff = MFF_##MFF,             \
      .prereqs = PREREQS, .access = ACCESS_##ACCESS,                    \
      .must_crossproduct = true, .doc = DOC },
#define STRING(NAME, MFF, ACCESS, DOC)                                  \
    { .name = NAME, .kind = SYMBOL_STRING, .mff = MFF_##MFF,            \
      .access = ACCESS_##ACCESS, .doc = DOC },
#define SUBFIELD(NAME, OF, PREREQS, DOC)                                \
    { .name = NAME, .kind = SYMBOL_FIELD, .is_subfield = true,          \
      .expansion = OF, .prereqs = PREREQS, .doc = DOC },
#define PREDICATE(NAME, EXPRESSION, DOC)                                \
    { .name = NAME, .kind = SYMBOL_PREDICATE, .expansion = EXPRESSION,  \
      .doc = DOC },
#define OVNFIELD(NAME, WIDTH, ID, PREREQS, DOC)                         \
    { .name = NAME, .kind = SYMBOL_OVN, .width = WIDTH,                 \
      .ovn_field = OVN_FIELD_##ID, .prereqs = PREREQS,                  \
      .access = ACCESS_READ_WRITE, .doc = DOC },

static const struct symbol_def flow_symbols[] = {
#include "text/fields.def"
};

#define ACL_CT_FIELDS
static const struct symbol_def acl_ct_symbols[] = {
#include "text/fields.def"
};
#undef ACL_CT_FIELDS

static struct symtab symtabs[N_SYMTABS];
static bool built;

const struct symbol *
symtab_find(const struct symtab *symtab, const char *name)
{
    const struct symbol *symbol;

    HMAP_FOR_EACH_WITH_HASH (symbol, hmap_node, hash_string(name, 0),
                             &symtab->symbols) {
        if (!strcmp(symbol->name, name)) {
            return symbol;
        }
    }
    return NULL;
}

const char *
symbol_level_to_string(enum symbol_level level)
{
    switch (level) {
    case LEVEL_NOMINAL: return "nominal";
    case LEVEL_BOOLEAN: return "Boolean";
    case LEVEL_ORDINAL: return "ordinal";
    default: OVS_NOT_REACHED();
    }
}

void
symbol_format(const struct symbol *symbol, struct ds *ds)
{
    static const char *access[] = { "read-only", "read/write", "ct_commit" };

    ds_put_format(ds, "%s: %s ", symbol->name,
                  symbol_level_to_string(symbol->level));
    switch (symbol->kind) {
    case SYMBOL_FIELD:
        ds_put_format(ds, "%s %s[%d..%d]",
                      symbol->expansion ? "subfield" : "field",
                      symbol->field->name, symbol->ofs,
                      symbol->ofs + symbol->width - 1);
        break;
    case SYMBOL_STRING:
        ds_put_format(ds, "string %s", symbol->field->name);
        break;
    case SYMBOL_PREDICATE:
        ds_put_format(ds, "predicate (%s)", symbol->expansion);
        break;
    case SYMBOL_OVN:
        ds_put_format(ds, "ovn-controller field of %d bits", symbol->width);
        break;
    }
    if (symbol->kind != SYMBOL_PREDICATE) {
        ds_put_format(ds, ", %s", access[symbol->access]);
    }
    if (symbol->prereqs) {
        ds_put_format(ds, ", requires %s", symbol->prereqs);
    }
    if (symbol->must_crossproduct) {
        ds_put_cstr(ds, ", in each flow");
    }
    ds_put_char(ds, '\n');
}

/* Building. */

/* Returns the widest register that covers field 'mff', or 'mff' itself for
 * anything but a register, and in '*ofs' where in it 'mff' begins.  The
 * registers with lower numbers are in the more significant bits. */
static enum mf_field_id
find_storage(enum mf_field_id mff, uint8_t *ofs)
{
    if (mff >= MFF_REG0 && mff <= MFF_REG15) {
        int i = mff - MFF_REG0;

        *ofs = 32 * (3 - i % 4);
        return MFF_XXREG0 + i / 4;
    } else if (mff >= MFF_XREG0 && mff <= MFF_XREG7) {
        int i = mff - MFF_XREG0;

        *ofs = 64 * (1 - i % 2);
        return MFF_XXREG0 + i / 2;
    }
    *ofs = 0;
    return mff;
}

/* Open vSwitch keeps 8 bits of some fields that have more, and refuses matches
 * on the others, which are 0. */
static wide
absent_bits(const struct mf_field *field)
{
    return (field->id == MFF_CT_STATE || field->id == MFF_ARP_OP
            ? wide_ones(field->n_bits) & ~wide_ones(8) : 0);
}

/* Returns the index of the variable that is 'field', making one if needed. */
static uint8_t
get_variable(struct symtab *symtab, const struct mf_field *field,
             bool is_string, bool must_crossproduct)
{
    int width = is_string ? 0 : field->n_bits;

    for (size_t i = 0; i < symtab->n_vars; i++) {
        if (symtab->vars[i].field == field
            && symtab->vars[i].width == width) {
            return i;
        }
    }

    /* Cubes have sets of variables as 64-bit numbers. */
    ovs_assert(symtab->n_vars < 64);
    symtab->vars = xrealloc(symtab->vars,
                            (symtab->n_vars + 1) * sizeof *symtab->vars);
    symtab->vars[symtab->n_vars] = (struct variable) {
        .field = field,
        .width = width,
        .absent = absent_bits(field),
        .nominal = is_string || field->maskable == MFM_NONE,
        .must_crossproduct = must_crossproduct,
    };
    return symtab->n_vars++;
}

static uint8_t
get_number_variable(struct symtab *symtab, const struct mf_field *field,
                    bool must_crossproduct, uint8_t *ofs)
{
    return get_variable(symtab, mf_from_id(find_storage(field->id, ofs)),
                        false, must_crossproduct);
}

/* Parses and annotates an expression of fields.def, where errors are ours. */
static struct expr *
parse_own(const struct symtab *symtab, const char *s)
{
    char *error;
    struct expr *expr = expr_parse_string(s, symtab, NULL, &error);

    if (!expr) {
        ovs_fatal(0, "%s: bad expression in symbol table: %s", s, error);
    }
    expr_annotate(expr);
    node_make_permanent(expr->root);
    return expr;
}

static void
resolve_subfield(struct symtab *symtab, struct symbol *symbol)
{
    struct lexer lexer;
    struct field_ref ref;

    lexer_init(&lexer, symbol->expansion);
    if (!expr_parse_field(&lexer, symtab, &ref) || !lexer_force_end(&lexer)) {
        ovs_fatal(0, "%s: bad subfield in symbol table: %s",
                  symbol->name, lexer.error);
    }
    lexer_destroy(&lexer);

    symbol->field = ref.symbol->field;
    symbol->ofs = ref.symbol->ofs + ref.ofs;
    symbol->width = ref.n_bits;
    symbol->level = ref.symbol->level;
    symbol->access = ref.symbol->access;
    symbol->must_crossproduct = ref.symbol->must_crossproduct;
    symbol->var = ref.symbol->var;
    symbol->var_ofs = ref.symbol->var_ofs + ref.ofs;
}

static void
resolve_field(struct symtab *symtab, struct symbol *symbol,
              enum mf_field_id mff)
{
    symbol->field = mf_from_id(mff);
    symbol->width = symbol->field->n_bits;
    symbol->level = (symbol->field->maskable == MFM_NONE
                     ? LEVEL_NOMINAL : LEVEL_ORDINAL);
    symbol->var = get_number_variable(symtab, symbol->field,
                                      symbol->must_crossproduct,
                                      &symbol->var_ofs);
}

static void
resolve_string(struct symtab *symtab, struct symbol *symbol,
               enum mf_field_id mff)
{
    uint8_t number_var, number_ofs;

    symbol->field = mf_from_id(mff);
    symbol->level = LEVEL_NOMINAL;
    number_var = get_number_variable(symtab, symbol->field, false,
                                     &number_ofs);
    symbol->var = get_variable(symtab, symbol->field, true, false);
    symtab->vars[symbol->var].number_var = number_var;
    symtab->vars[symbol->var].number_ofs = number_ofs;
}

static void
add_symbol(struct symtab *symtab, const struct symbol_def *def)
{
    struct symbol *symbol = xmalloc(sizeof *symbol);

    ovs_assert(!symtab_find(symtab, def->name));
    *symbol = (struct symbol) {
        .name = def->name,
        .kind = def->kind,
        .level = LEVEL_ORDINAL,
        .access = def->access,
        .width = def->width,
        .ovn_field = def->ovn_field,
        .expansion = def->expansion,
        .prereqs = def->prereqs,
        .must_crossproduct = def->must_crossproduct,
        .doc = def->doc,
    };
    if (def->prereqs) {
        const struct symbol *other = symtab_find(symtab, def->prereqs);

        /* Equal prerequisites are the same nodes, which occur once in any
         * expression. */
        symbol->prereqs_expr
            = (other && other->kind == SYMBOL_PREDICATE
               ? expr_create(other->predicate_expr->root)
               : parse_own(symtab, def->prereqs));
    }
    if (def->kind == SYMBOL_PREDICATE) {
        struct expr *expr = parse_own(symtab, def->expansion);

        symbol->predicate_expr = expr;
        symbol->width = 1;
    } else if (def->is_subfield) {
        resolve_subfield(symtab, symbol);
    } else if (def->kind == SYMBOL_STRING) {
        resolve_string(symtab, symbol, def->mff);
    } else if (def->kind == SYMBOL_FIELD) {
        resolve_field(symtab, symbol, def->mff);
    }
    hmap_insert(&symtab->symbols, &symbol->hmap_node,
                hash_string(symbol->name, 0));
}

/* A predicate's level depends on the symbols that it mentions itself, not on
 * their prerequisites. */
static void
set_predicate_level(const struct symtab *symtab, struct symbol *symbol)
{
    char *error;
    struct expr *expr = expr_parse_string(symbol->expansion, symtab, NULL,
                                          &error);

    symbol->level = (node_is_nominal(expr->root)
                     ? LEVEL_NOMINAL : LEVEL_BOOLEAN);
    expr_destroy(expr);
}

static void
symtab_init(struct symtab *symtab, const struct symbol_def *defs, size_t n)
{
    *symtab = (struct symtab) {
        .symbols = HMAP_INITIALIZER(&symtab->symbols),
    };
    for (size_t i = 0; i < n; i++) {
        add_symbol(symtab, &defs[i]);
        if (defs[i].kind == SYMBOL_PREDICATE) {
            set_predicate_level(symtab,
                                CONST_CAST(struct symbol *,
                                           symtab_find(symtab,
                                                       defs[i].name)));
        }
    }
}

static void
symtab_destroy(struct symtab *symtab)
{
    struct symbol *symbol;

    HMAP_FOR_EACH_POP (symbol, hmap_node, &symtab->symbols) {
        expr_destroy(CONST_CAST(struct expr *, symbol->prereqs_expr));
        expr_destroy(CONST_CAST(struct expr *, symbol->predicate_expr));
        free(symbol);
    }
    hmap_destroy(&symtab->symbols);
    free(symtab->vars);
}

const struct symtab *
symtab_get(enum symtab_id id)
{
    static struct ovsthread_once once = OVSTHREAD_ONCE_INITIALIZER;

    if (ovsthread_once_start(&once)) {
        symtab_init(&symtabs[SYMTAB_FLOW], flow_symbols,
                    ARRAY_SIZE(flow_symbols));
        symtab_init(&symtabs[SYMTAB_ACL_CT], acl_ct_symbols,
                    ARRAY_SIZE(acl_ct_symbols));
        built = true;
        ovsthread_once_done(&once);
    }
    return &symtabs[id];
}

void
symtab_exit(void)
{
    for (size_t i = 0; built && i < N_SYMTABS; i++) {
        symtab_destroy(&symtabs[i]);
    }
    built = false;
}
