/* The list of what northd computes. */
#ifndef NORTHD_RULES_H
#define NORTHD_RULES_H 1

struct inc_index;
struct inc_rule;
struct inc_table;

extern struct inc_table *const northd_tables[];
extern struct inc_index *const northd_indexes[];
extern const struct inc_rule *const northd_rules[];

#endif /* northd/rules.h */
