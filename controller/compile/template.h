/* Template variables: ^NAME in flows and load balancers stands for something
 * else on each chassis. */
#ifndef CONTROLLER_COMPILE_TEMPLATE_H
#define CONTROLLER_COMPILE_TEMPLATE_H 1

#include "lib/inc/inc.h"

struct ovsdb_datum;

/* 'text' with this chassis's values, to be freed by the caller, or NULL if
 * nothing is to be replaced.  A variable that this chassis does not have stays
 * as it is. */
char *expand_templates(const char *text);

/* This chassis's variables, NULL if there are none. */
const struct ovsdb_datum *template_variables(void);

extern struct inc_index template_var_by_chassis;

#endif /* controller/compile/template.h */
