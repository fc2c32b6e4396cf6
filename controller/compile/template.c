#include <config.h>
#include "controller/compile/template.h"

#include "controller/model/config.h"
#include "controller/rule.h"
#include "lib/text/lex.h"

static void
chassis_key(const void *v, struct inc_keys *keys)
{
    const char *chassis = sb_chassis_template_var_chassis(v);
    inc_keys_add(keys, chassis, strlen(chassis));
}
struct inc_index template_var_by_chassis = {
    .name = "template_var_by_chassis",
    .table = &sb_chassis_template_var_table.inc, .keys = chassis_key,
    .mask = INC_COL(SB_CHASSIS_TEMPLATE_VAR_COL_CHASSIS),
};

const struct ovsdb_datum *
template_variables(void)
{
    istr name = chassis_name();
    const struct sb_chassis_template_var *row
        = (name.s ? inc_bucket_first(inc_find_istr(&template_var_by_chassis,
                                                   name)) : NULL);
    return row ? sb_chassis_template_var_variables(row) : NULL;
}

static const char *
lookup(const char *name, void *variables)
{
    return variables ? db_map_get(variables, name) : NULL;
}

char *
expand_templates(const char *text)
{
    if (!strchr(text, '^')) {
        return NULL;
    }
    return lex_expand_templates(text, lookup,
                                CONST_CAST(struct ovsdb_datum *,
                                           template_variables()));
}
