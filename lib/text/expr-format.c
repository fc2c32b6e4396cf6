/* From nodes back to text. */

#include <config.h>
#include "text/expr-private.h"

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "util.h"

static void
format_bits(const struct node_cmp *cmp, struct ds *ds)
{
    ds_put_cstr(ds, cmp->symbol->name);
    if (cmp->n_bits == cmp->symbol->width) {
        return;
    } else if (cmp->n_bits == 1) {
        ds_put_format(ds, "[%d]", cmp->ofs);
    } else {
        ds_put_format(ds, "[%d..%d]", cmp->ofs, cmp->ofs + cmp->n_bits - 1);
    }
}

static void
format_cmp(const struct node_cmp *cmp, struct ds *ds)
{
    bool equality = cmp->relop == RELOP_EQ || cmp->relop == RELOP_NE;

    if (cmp->n_bits == 1 && equality && cmp->n == 1
        && !cmp->constants[0].masked) {
        if ((cmp->relop == RELOP_EQ) != cmp->constants[0].value) {
            ds_put_char(ds, '!');
        }
        format_bits(cmp, ds);
        return;
    }

    struct const_set set = {
        .constants = CONST_CAST(struct constant *, cmp->constants),
        .n = cmp->n,
    };
    format_bits(cmp, ds);
    ds_put_format(ds, " %s ", relop_to_string(cmp->relop));
    const_set_format(&set, ds);
}

static void
node_format(const struct node *node, enum node_type parent, struct ds *ds)
{
    switch (node->type) {
    case NODE_BOOLEAN:
        ds_put_char(ds, node->boolean ? '1' : '0');
        break;

    case NODE_CMP:
        format_cmp(&node->cmp, ds);
        break;

    case NODE_RESIDENT:
        ds_put_format(ds, "%sis_chassis_resident(",
                      node->resident.negated ? "!" : "");
        json_string_escape(node->resident.port, ds);
        ds_put_char(ds, ')');
        break;

    case NODE_AND:
    case NODE_OR:
        if (parent == NODE_AND || parent == NODE_OR) {
            ds_put_char(ds, '(');
        }
        for (size_t i = 0; i < node->logic.n; i++) {
            if (i) {
                ds_put_cstr(ds, node->type == NODE_AND ? " && " : " || ");
            }
            node_format(node->logic.subs[i], node->type, ds);
        }
        if (parent == NODE_AND || parent == NODE_OR) {
            ds_put_char(ds, ')');
        }
        break;
    }
}

void
expr_format(const struct expr *expr, struct ds *ds)
{
    node_format(expr->root, NODE_BOOLEAN, ds);
}
