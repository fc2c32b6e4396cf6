/* Where $SET and @GROUP of one flow come from. */
#ifndef CONTROLLER_COMPILE_SETS_H
#define CONTROLLER_COMPILE_SETS_H 1

#include "lib/text/expr.h"

struct set_source {
    struct expr_env env;             /* For expr_parse(). */
    uint32_t dp_key;                 /* 0: of any local datapath. */
    bool quiet;                      /* Bad members get no diagnostic: outside
                                      * of rules. */
    bool by_datapath;                /* A port group was asked for: the result
                                      * holds for this datapath only. */
    struct const_set **sets;
    size_t n_sets, cap_sets;
};

void set_source_init(struct set_source *, uint32_t dp_key);
void set_source_destroy(struct set_source *);
const struct const_set *set_source_address_set(const char *, void *source);
const struct const_set *set_source_port_group(const char *, void *source);

#endif /* controller/compile/sets.h */
