/* What pipeline.def and registers.def promise. */
#include "test-ovn.h"

#include <stdio.h>
#include <string.h>

#include "northd/pipeline.h"

/* What a controller accepts (reference, compatibility contracts 1). */
#define MAX_INGRESS 34
#define MAX_EGRESS 16

static const char *
stage_prefix(bool router, bool egress)
{
    return (router ? (egress ? "lr_out_" : "lr_in_")
            : egress ? "ls_out_" : "ls_in_");
}

/* Tables of a pipeline are numbered without gaps from 0, in the order in which
 * they stand, and named after it, each name once. */
static void
check_pipeline(bool router, bool egress)
{
    const char *prefix = stage_prefix(router, egress);
    int n = 0;

    for (int i = 0; i < N_STAGES; i++) {
        const struct stage_info *stage = &stages[i];
        if (stage->router != router || stage->egress != egress) {
            continue;
        }
        if (stage->table != n) {
            ovs_fatal(0, "%s: table %d, not %d", stage->name, stage->table, n);
        }
        if (strncmp(stage->name, prefix, strlen(prefix))) {
            ovs_fatal(0, "%s: does not start with %s", stage->name, prefix);
        }
        ovs_assert(stage->doc && stage->doc[0]);
        for (int j = 0; j < i; j++) {
            ovs_assert(strcmp(stages[j].name, stage->name));
        }
        n++;
    }
    ovs_assert(n > 0);
    ovs_assert(n <= (egress ? MAX_EGRESS : MAX_INGRESS));
}

static void
test_stages(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    for (int i = 0; i < 4; i++) {
        check_pipeline(i & 1, i & 2);
    }
    /* People's runbooks know them. */
    ovs_assert(stages[LS_IN_L2_LKUP].table == 32);
    ovs_assert(stages[LS_OUT_APPLY_PORT_SEC].table == 15);
}
OVSTEST_REGISTER("northd-stages", test_stages);

/* Does the text in 'field' name the bits that the numbers say? */
static bool
field_is_true(const struct register_info *r)
{
    char text[32];

    if (r->first_bit == r->last_bit) {
        snprintf(text, sizeof text, "reg%d[%d]", r->reg, r->first_bit);
    } else if (r->first_bit == 0 && r->last_bit == 127) {
        snprintf(text, sizeof text, "xxreg%d", r->reg / 4);
    } else if (r->first_bit == 0 && r->last_bit == 31) {
        snprintf(text, sizeof text, "reg%d", r->reg);
    } else if (r->last_bit > 31) {
        snprintf(text, sizeof text, "xreg%d[%d..%d]", r->reg / 2,
                 r->first_bit, r->last_bit);
    } else {
        snprintf(text, sizeof text, "reg%d[%d..%d]", r->reg, r->first_bit,
                 r->last_bit);
    }
    return !strcmp(r->field, text);
}

static void
check_register(const struct register_info *r)
{
    const struct stage_info *first = &stages[r->first];
    const struct stage_info *last = &stages[r->last];

    if (first->router != last->router || first->egress != last->egress
        || r->first > r->last) {
        ovs_fatal(0, "%s: lives from %s to %s", r->symbol, first->name,
                  last->name);
    }
    if (r->first_bit > r->last_bit || r->reg > 9
        || (r->last_bit > 31 && r->reg % (r->last_bit > 63 ? 4 : 2))
        || !field_is_true(r)) {
        ovs_fatal(0, "%s: is not %s", r->symbol, r->field);
    }
}

/* Registers start at 0 in both pipelines, so that only those of one pipeline
 * can meet; stages of one pipeline are in order.  A flow reads before it
 * writes. */
static bool
overlap(const struct register_info *a, const struct register_info *b)
{
    int a_bit = a->reg * 32, b_bit = b->reg * 32;
    return (a_bit + a->first_bit <= b_bit + b->last_bit
            && b_bit + b->first_bit <= a_bit + a->last_bit
            && (a->first == b->first
                || (a->first < b->last && b->first < a->last)));
}

static void
test_registers(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    ovs_assert(n_registers > 0);
    for (int i = 0; i < n_registers; i++) {
        check_register(&registers[i]);
        for (int j = 0; j < i; j++) {
            if (overlap(&registers[i], &registers[j])) {
                ovs_fatal(0, "%s and %s share bits in a stage",
                          registers[i].symbol, registers[j].symbol);
            }
        }
    }

    /* The check can fail. */
    struct register_info a = registers[0];
    ovs_assert(overlap(&a, &registers[0]));
    a.reg++;
    ovs_assert(!overlap(&a, &registers[0]));
}
OVSTEST_REGISTER("northd-registers", test_registers);
