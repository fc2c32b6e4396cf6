/* The list of what the controller computes. */
#ifndef CONTROLLER_RULES_H
#define CONTROLLER_RULES_H 1

struct inc_index;
struct inc_rule;
struct inc_table;

extern struct inc_table *const controller_tables[];
extern struct inc_index *const controller_indexes[];
extern const struct inc_rule *const controller_rules[];

#endif /* controller/rules.h */
