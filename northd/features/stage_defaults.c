/* DOC: stage defaults
 *
 * The priority-0 flow of each stage, from pipeline.def. */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"

static void
run_stage_defaults(const void *row OVS_UNUSED)
{
    for (int i = 0; i < N_STAGES; i++) {
        const struct stage_info *stage = &stages[i];
        if (stage->default_actions) {
            const struct static_flow f
                = STATIC_FLOW(stage->router ? DPC_ROUTER : DPC_SWITCH, i, 0,
                              "1", stage->default_actions);
            static_flows(&f, 1);
        }
    }
}
const struct inc_rule stage_defaults = { .name = "stage_defaults",
                                         .run = run_stage_defaults };
