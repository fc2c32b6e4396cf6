#include <config.h>
#include "northd/model/match.h"

#include "lib/text/expr.h"
#include "northd/feature.h"

/* Stands for each set that is named. */
static const struct const_set addresses, ports = { .is_string = true };

static const struct const_set *
any_address_set(const char *name OVS_UNUSED, void *aux OVS_UNUSED)
{
    return &addresses;
}

static const struct const_set *
any_port_group(const char *name OVS_UNUSED, void *aux OVS_UNUSED)
{
    return &ports;
}

bool
match_is_valid(const void *row, const char *where, const char *match,
               const char *consequence)
{
    static const struct expr_env env = {
        .address_set = any_address_set, .port_group = any_port_group,
    };
    char *error = NULL;

    if (strchr(match, '^')) {
        return true;
    }
    expr_destroy(expr_parse_string(match, symtab_get(SYMTAB_FLOW), &env,
                                   &error));
    if (error) {
        invalid(row, "%s: %s; %s", where, error, consequence);
        free(error);
        return false;
    }
    return true;
}
