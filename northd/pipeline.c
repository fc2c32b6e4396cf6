#include <config.h>
#include "northd/pipeline.h"

#include <stddef.h>

enum { SWITCH, ROUTER };
enum { INGRESS, EGRESS };

const struct stage_info stages[N_STAGES] = {
#define STAGE(SYMBOL, KIND, PIPELINE, TABLE, NAME, DEFAULT, DOC) \
    [SYMBOL] = { .name = NAME, .default_actions = DEFAULT, .doc = DOC, \
                 .table = TABLE, .egress = PIPELINE == EGRESS, \
                 .router = KIND == ROUTER },
#include "northd/pipeline.def"
#undef STAGE
};

const struct register_info registers[] = {
#define REGISTER(SYMBOL, KIND, FIELD, REG, FIRST_BIT, LAST_BIT, FIRST, LAST, \
                 DOC) \
    { #SYMBOL, FIELD, DOC, REG, FIRST_BIT, LAST_BIT, FIRST, LAST },
#include "northd/registers.def"
#undef REGISTER
};
const int n_registers = sizeof registers / sizeof *registers;
