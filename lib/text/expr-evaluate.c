/* Expressions applied to one packet. */

#include <config.h>
#include "text/expr-private.h"

#include "openvswitch/dynamic-string.h"
#include "util.h"

struct evaluation {
    const struct flow *flow;
    expr_port_func *lookup_port;
    expr_resident_func *is_resident;
    void *aux;
};

static wide
read_field(const struct mf_field *field, const struct flow *flow)
{
    union mf_value value;

    mf_get_value(field, flow, &value);
    return wide_from_bytes(&value, field->n_bytes);
}

/* Returns true if 'c' is equal to 'x', bits of a field or a port's number. */
static bool
constant_equals(const struct evaluation *ev, const struct constant *c, wide x)
{
    if (c->string) {
        uint32_t key;

        return (ev->lookup_port && ev->lookup_port(c->string, &key, ev->aux)
                && key == x);
    }
    return !((c->value ^ x) & (c->masked ? c->mask : ~(wide) 0));
}

static bool
evaluate_cmp(const struct evaluation *ev, const struct node_cmp *cmp)
{
    const struct symbol *symbol = cmp->symbol;
    wide x = read_field(symbol->field, ev->flow);

    if (symbol->kind != SYMBOL_STRING) {
        x = (x >> (symbol->ofs + cmp->ofs)) & wide_ones(cmp->n_bits);
    }
    switch (cmp->relop) {
    case RELOP_EQ:
    case RELOP_NE:
        for (size_t i = 0; i < cmp->n; i++) {
            if (constant_equals(ev, &cmp->constants[i], x)) {
                return cmp->relop == RELOP_EQ;
            }
        }
        return cmp->relop == RELOP_NE;
    case RELOP_LT: return x < cmp->constants[0].value;
    case RELOP_LE: return x <= cmp->constants[0].value;
    case RELOP_GT: return x > cmp->constants[0].value;
    case RELOP_GE: return x >= cmp->constants[0].value;
    }
    OVS_NOT_REACHED();
}

static bool
evaluate(const struct evaluation *ev, const struct node *node)
{
    switch (node->type) {
    case NODE_BOOLEAN:
        return node->boolean;

    case NODE_CMP:
        return evaluate_cmp(ev, &node->cmp);

    case NODE_RESIDENT:
        return ((ev->is_resident
                 && ev->is_resident(node->resident.port, ev->aux))
                != node->resident.negated);

    case NODE_AND:
    case NODE_OR:
        for (size_t i = 0; i < node->logic.n; i++) {
            bool value = evaluate(ev, node->logic.subs[i]);

            if (value == (node->type == NODE_OR)) {
                return value;
            }
        }
        return node->type == NODE_AND;
    }
    OVS_NOT_REACHED();
}

bool
expr_evaluate(const struct expr *expr, const struct flow *flow,
              expr_port_func *lookup_port, expr_resident_func *is_resident,
              void *aux)
{
    struct evaluation ev = { flow, lookup_port, is_resident, aux };

    return evaluate(&ev, expr->root);
}

/* Microflows. */

struct microflow {
    struct evaluation ev;
    struct flow *flow;
    struct flow_wildcards set;  /* Bits of 'flow' that have a value. */
};

static void
wide_to_subvalue(wide x, union mf_subvalue *sv)
{
    memset(sv, 0, sizeof *sv);
    wide_to_bytes(x, sv->u8 + sizeof sv->u8 - sizeof x, sizeof x);
}

/* Gives bits of 'symbol' the value 'x'.  Returns null if that is consistent
 * with what they had, otherwise an error. */
static char *
assign(struct microflow *mf, const struct symbol *symbol, int ofs, int n_bits,
       wide x, wide mask)
{
    union mf_value old_mask;

    mf_get_mask(symbol->field, &mf->set, &old_mask);

    wide known = wide_from_bytes(&old_mask, symbol->field->n_bytes);
    wide value = read_field(symbol->field, mf->flow);
    wide new_mask = (mask & wide_ones(n_bits)) << ofs;
    wide new_value = (x << ofs) & new_mask;

    if ((value ^ new_value) & known & new_mask) {
        return xasprintf("Field %s is given two different values.",
                         symbol->name);
    }

    struct mf_subfield sf = {
        .field = symbol->field, .n_bits = symbol->field->n_bits
    };
    union mf_subvalue sv;
    union mf_value all_mask;

    wide_to_subvalue((value & ~new_mask) | new_value, &sv);
    mf_write_subfield_flow(&sf, &sv, mf->flow);
    memset(&all_mask, 0, sizeof all_mask);
    wide_to_bytes(known | new_mask, &all_mask, symbol->field->n_bytes);
    mf_mask_field_masked(symbol->field, &all_mask, &mf->set);
    return NULL;
}

static char *
assign_cmp(struct microflow *mf, const struct node_cmp *cmp)
{
    const struct constant *c = cmp->constants;
    const struct symbol *symbol = cmp->symbol;

    if (cmp->n == 1 && c->string && cmp->relop == RELOP_EQ) {
        uint32_t key;

        if (!mf->ev.lookup_port
            || !mf->ev.lookup_port(c->string, &key, mf->ev.aux)) {
            return xasprintf("%s: unknown logical port", c->string);
        }
        return assign(mf, symbol, 0, symbol->field->n_bits, key, ~(wide) 0);
    } else if (cmp->n == 1 && cmp->relop == RELOP_EQ) {
        return assign(mf, symbol, symbol->ofs + cmp->ofs, cmp->n_bits,
                      c->value, c->masked ? c->mask : ~(wide) 0);
    } else if (cmp->n == 1 && cmp->relop == RELOP_NE && cmp->n_bits == 1
               && !c->masked) {
        return assign(mf, symbol, symbol->ofs + cmp->ofs, 1, !c->value, 1);
    }
    return NULL;
}

/* Makes what 'node' demands of single fields true. */
static char *
assign_node(struct microflow *mf, const struct node *node)
{
    char *error = NULL;

    if (node->type == NODE_CMP) {
        error = assign_cmp(mf, &node->cmp);
    } else if (node->type == NODE_AND) {
        for (size_t i = 0; i < node->logic.n && !error; i++) {
            error = assign_node(mf, node->logic.subs[i]);
        }
    }
    return error;
}

char *
expr_parse_microflow(const char *text, const struct symtab *symtab,
                     const struct expr_env *env, expr_port_func *lookup_port,
                     void *aux, struct flow *flow)
{
    char *error;
    struct expr *expr = expr_parse_string(text, symtab, env, &error);

    memset(flow, 0, sizeof *flow);
    if (!expr) {
        return error;
    }
    expr_annotate(expr);

    struct microflow mf = {
        .ev = { .flow = flow, .lookup_port = lookup_port, .aux = aux },
        .flow = flow,
    };
    error = assign_node(&mf, expr->root);

    /* What is no assignment, like the "either IPv4 or IPv6" that comes with
     * TCP, has to be settled by something else. */
    if (!error && !evaluate(&mf.ev, expr->root)) {
        error = xstrdup("The description of the packet is ambiguous: it has "
                        "to say `FIELD == VALUE' for each field that matters "
                        "(for example ip4 or ip6), joined by &&.");
    }
    expr_destroy(expr);
    return error;
}
