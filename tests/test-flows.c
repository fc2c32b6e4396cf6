/* Logical flows of a whole southbound database. */

#include "test-ovn.h"

#include <stdio.h>
#include <sys/resource.h>

#include "actions-fixture.h"
#include "flows-db.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/match.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofpbuf.h"

/* How 23.03's ovn-controller numbers its tables, and the registers and the
 * implied output of its northd. */
static void
init_params(const struct flows_flow *flow, struct flows_source *source,
            struct ovnact_parse_params *pp, struct ovnact_encode_params *ep)
{
    *pp = (struct ovnact_parse_params) {
        .symtab = symtab_get(SYMTAB_FLOW),
        .dhcp_opts = &source->db->dhcp_opts,
        .dhcpv6_opts = &source->db->dhcpv6_opts,
        .table = flow->table,
        .n_tables = { 32, 32 },
    };
    *ep = (struct ovnact_encode_params) {
        .callbacks = &flows_callbacks,
        .aux = source,
        .is_switch = source->dp->is_switch,
        .dp_key = source->dp->key,
        .cookie = 0xc00c1e,
        .table = flow->table,
        .first_table = { 8, 42 },
        .output_table = { 37, 64 },
    };
    ovnact_helper_tables_init(ep->helpers);
}

struct totals {
    size_t n_flows;             /* Flows. */
    size_t n_compiled;          /* Flows times datapaths. */
    size_t n_matches;           /* OpenFlow matches. */
    size_t n_conjunctive;       /* Of them, with conjunction actions. */
    size_t n_never;             /* Compiled flows that never match. */
    size_t n_ofpacts;           /* Bytes of OpenFlow actions. */
    size_t n_failures;
};

static void OVS_PRINTF_FORMAT(3, 4)
fail(struct totals *totals, const struct flows_flow *flow,
     const char *format, ...)
{
    va_list args;

    printf("table %d, match \"%s\", actions \"%s\": ",
           flow->table.ltable, flow->match, flow->actions);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    totals->n_failures++;
}

/* The match. */

static bool
is_resident(const char *name OVS_UNUSED, void *aux OVS_UNUSED)
{
    return true;
}

/* Parses 'text' and normalizes it, together with 'prereqs', which may be
 * null.  On success '*canonical' is the parsed expression's text. */
static char *
compile_match(const char *text, enum symtab_id id,
              const struct flows_source *source, const struct expr *prereqs,
              struct ds *canonical, struct expr_norm **norm)
{
    const struct symtab *symtab = symtab_get(id);
    char *error;
    struct expr *expr = expr_parse_string(text, symtab, &source->env, &error);

    if (!expr) {
        return error;
    }
    if (canonical) {
        expr_format(expr, canonical);
    }
    expr_annotate(expr);
    expr = expr_and(expr, prereqs ? expr_clone(prereqs) : NULL);
    expr_simplify(expr, is_resident, NULL);
    error = expr_normalize(expr, symtab, norm);
    expr_destroy(expr);
    return error;
}

/* Formats 'flow''s match, which means 'norm' and is 'canonical' as text, and
 * checks that the text means the same. */
static void
check_match_text(struct totals *totals, const struct flows_flow *flow,
                 const struct flows_source *source, const char *canonical,
                 const struct expr *prereqs, const struct expr_norm *norm)
{
    struct ds again = DS_EMPTY_INITIALIZER;
    struct ds a = DS_EMPTY_INITIALIZER, b = DS_EMPTY_INITIALIZER;
    struct expr_norm *norm2;
    char *error;

    /* No text stands for the empty set that a group is here. */
    if (strstr(canonical, "{}")) {
        return;
    }
    error = compile_match(canonical, flow->symtab, source, prereqs, &again,
                          &norm2);
    if (error) {
        fail(totals, flow, "match %s does not parse again: %s", canonical,
             error);
        free(error);
        return;
    }
    expr_norm_format(norm, &a);
    expr_norm_format(norm2, &b);
    if (strcmp(canonical, ds_cstr(&again))) {
        fail(totals, flow, "match %s becomes %s", canonical,
             ds_cstr(&again));
    }
    if (strcmp(ds_cstr(&a), ds_cstr(&b))) {
        fail(totals, flow, "match %s means %s, not %s", canonical,
             ds_cstr(&b), ds_cstr(&a));
    }
    expr_norm_destroy(norm2);
    ds_destroy(&a);
    ds_destroy(&b);
    ds_destroy(&again);
}

/* Checks that Open vSwitch takes each of the flows. */
static void
check_matches(struct totals *totals, const struct flows_flow *flow,
              const struct expr_matches *matches,
              const struct ofpbuf *ofpacts)
{
    for (size_t i = 0; i < matches->n; i++) {
        const struct expr_match *m = &matches->matches[i];
        struct match match;

        match_init_catchall(&match);
        expr_match_fill(m, &match);
        if (m->n_conjs) {
            totals->n_conjunctive++;
            continue;
        }

        struct ofpact_check_params cp = {
            .match = &match, .max_ports = OFPP_MAX, .n_tables = 255,
        };
        enum ofperr ofperr = ofpacts_check(ofpacts->data, ofpacts->size, &cp);
        if (ofperr) {
            fail(totals, flow, "actions do not fit the match: %s",
                 ofperr_to_string(ofperr));
        }
    }
}

/* The actions. */

static void
check_actions_text(struct totals *totals, const struct flows_flow *flow,
                   const struct ovnacts *acts,
                   const struct ovnact_parse_params *pp,
                   const struct ovnact_encode_params *ep,
                   const struct ofpbuf *ofpacts)
{
    struct ds a = DS_EMPTY_INITIALIZER, b = DS_EMPTY_INITIALIZER;
    struct ovnacts again;
    struct expr *prereqs;
    struct ofpbuf ofpacts2;

    ovnacts_format(acts, &a);
    char *error = ovnacts_parse(ds_cstr(&a), pp, &again, &prereqs);
    if (error) {
        fail(totals, flow, "actions %s do not parse again: %s", ds_cstr(&a),
             error);
        free(error);
        ds_destroy(&a);
        return;
    }
    ovnacts_format(&again, &b);
    if (strcmp(ds_cstr(&a), ds_cstr(&b))) {
        fail(totals, flow, "actions %s become %s", ds_cstr(&a), ds_cstr(&b));
    }
    ofpbuf_init(&ofpacts2, 0);
    ovnacts_encode(&again, ep, &ofpacts2);
    if (!ofpacts_equal_stringwise(ofpacts->data, ofpacts->size,
                                  ofpacts2.data, ofpacts2.size)) {
        fail(totals, flow, "actions %s encode differently", ds_cstr(&a));
    }
    ofpbuf_uninit(&ofpacts2);
    ovnacts_destroy(&again);
    expr_destroy(prereqs);
    ds_destroy(&a);
    ds_destroy(&b);
}

/* One flow. */

static void
check_compiled(struct totals *totals, const struct flows_flow *flow,
               struct flows_source *source, const struct ovnacts *acts,
               const struct expr *prereqs,
               const struct ovnact_parse_params *pp,
               const struct ovnact_encode_params *ep)
{
    struct ds canonical = DS_EMPTY_INITIALIZER;
    struct expr_norm *norm;
    struct expr_matches matches;
    struct ofpbuf ofpacts;

    char *error = compile_match(flow->match, flow->symtab, source, prereqs,
                                &canonical, &norm);
    if (error) {
        fail(totals, flow, "match: %s", error);
        free(error);
        ds_destroy(&canonical);
        return;
    }
    check_match_text(totals, flow, source, ds_cstr(&canonical), prereqs,
                     norm);

    ofpbuf_init(&ofpacts, 0);
    ovnacts_encode(acts, ep, &ofpacts);
    if (acts->first && !ofpacts.size) {
        fail(totals, flow, "encodes as nothing");
    }
    check_actions_text(totals, flow, acts, pp, ep, &ofpacts);
    check_openflow(flow->actions, &ofpacts);

    expr_to_matches(norm, flows_lookup_port, source, 1, &matches);
    check_matches(totals, flow, &matches, &ofpacts);

    totals->n_compiled++;
    totals->n_matches += matches.n;
    totals->n_never += !matches.n;
    totals->n_ofpacts += ofpacts.size;
    expr_matches_destroy(&matches);
    expr_norm_destroy(norm);
    ofpbuf_uninit(&ofpacts);
    ds_destroy(&canonical);
}

static void
check_flow(struct totals *totals, const struct flows_flow *flow,
           struct flows_db *db)
{
    totals->n_flows++;
    for (size_t i = 0; i < flow->n_dps; i++) {
        struct flows_source source;
        struct ovnact_parse_params pp;
        struct ovnact_encode_params ep;
        struct ovnacts acts;
        struct expr *prereqs;

        flows_source_init(&source, db, flow->dps[i]);
        init_params(flow, &source, &pp, &ep);
        char *error = ovnacts_parse(flow->actions, &pp, &acts, &prereqs);
        if (error) {
            fail(totals, flow, "actions: %s", error);
            free(error);
            return;
        }
        check_compiled(totals, flow, &source, &acts, prereqs, &pp, &ep);
        ovnacts_destroy(&acts);
        expr_destroy(prereqs);
    }
}

/* "flows FILE CHASSIS": takes all flows of the database in FILE (see
 * flows-db.h) from text to OpenFlow and back to text.  Prints what goes
 * wrong, and how much there was. */
static void
test_flows(struct ovs_cmdl_context *ctx)
{
    struct totals totals = { .n_flows = 0 };
    struct simap_node *node;
    struct flows_db db;
    size_t n_failures;

    flows_db_load(&db, ctx->argv[1], ctx->argv[2]);
    for (size_t i = 0; i < db.n; i++) {
        check_flow(&totals, &db.flows[i], &db);
    }
    SIMAP_FOR_EACH (node, &db.groups) {
        check_group(node->data, node->name);
    }
    printf("%"PRIuSIZE" flows, %"PRIuSIZE" with datapaths, "
           "%"PRIuSIZE" matches (%"PRIuSIZE" in conjunctions), "
           "%"PRIuSIZE" never true, %"PRIuSIZE" groups, "
           "%"PRIuSIZE" failures\n",
           totals.n_flows, totals.n_compiled, totals.n_matches,
           totals.n_conjunctive, totals.n_never, simap_count(&db.groups),
           totals.n_failures);
    n_failures = totals.n_failures;
    flows_db_destroy(&db);
    symtab_exit();
    if (n_failures) {
        exit(1);
    }
}

OVSTEST_REGISTER("flows", test_flows);

/* The benchmark. */

struct stage {
    const char *name;
    long long int usec;
};

enum {
    STAGE_ACTIONS, STAGE_MATCH, STAGE_NORMALIZE, STAGE_MATCHES, STAGE_ENCODE,
    N_STAGES
};

/* CPU time of this process, in microseconds. */
static long long int
cpu_usec(void)
{
    struct rusage ru;

    getrusage(RUSAGE_SELF, &ru);
    return (ru.ru_utime.tv_sec * 1000000LL + ru.ru_utime.tv_usec
            + ru.ru_stime.tv_sec * 1000000LL + ru.ru_stime.tv_usec);
}

/* What ovn-controller does for a flow and one datapath, but for sending it to
 * the switch.  The flows are independent, so each stage is done for a batch of
 * them before the next one, for its time to be measured. */
#define BATCH 1000
struct bench_flow {
    const struct flows_flow *flow;
    struct flows_source source;
    struct ovnact_parse_params pp;
    struct ovnact_encode_params ep;
    struct ovnacts acts;
    struct expr *prereqs, *expr;
    struct expr_norm *norm;
    struct expr_matches matches;
    struct ofpbuf ofpacts;
};

static void
bench_stage(struct bench_flow *b, int stage)
{
    const struct symtab *symtab = symtab_get(b->flow->symtab);
    char *error = NULL;

    switch (stage) {
    case STAGE_ACTIONS:
        error = ovnacts_parse(b->flow->actions, &b->pp, &b->acts,
                              &b->prereqs);
        break;
    case STAGE_MATCH:
        b->expr = expr_parse_string(b->flow->match, symtab, &b->source.env,
                                    &error);
        if (!error) {
            expr_annotate(b->expr);
            b->expr = expr_and(b->expr, b->prereqs);
            expr_simplify(b->expr, is_resident, NULL);
        }
        break;
    case STAGE_NORMALIZE:
        error = expr_normalize(b->expr, symtab, &b->norm);
        expr_destroy(b->expr);
        break;
    case STAGE_MATCHES:
        expr_to_matches(b->norm, flows_lookup_port, &b->source, 1,
                        &b->matches);
        for (size_t i = 0; i < b->matches.n; i++) {
            struct match match;

            match_init_catchall(&match);
            expr_match_fill(&b->matches.matches[i], &match);
        }
        expr_norm_destroy(b->norm);
        break;
    case STAGE_ENCODE:
        ofpbuf_init(&b->ofpacts, 256);
        ovnacts_encode(&b->acts, &b->ep, &b->ofpacts);
        ofpbuf_uninit(&b->ofpacts);
        ovnacts_destroy(&b->acts);
        break;
    }
    if (error) {
        ovs_fatal(0, "%s: %s", b->flow->match, error);
    }
}

static size_t
bench_batch(struct flows_db *db, size_t first, size_t n,
            struct stage stages[N_STAGES])
{
    static struct bench_flow batch[BATCH];
    size_t n_matches = 0;

    for (size_t i = 0; i < n; i++) {
        struct bench_flow *b = &batch[i];

        b->flow = &db->flows[first + i];
        flows_source_init(&b->source, db, b->flow->dps[0]);
        b->source.env.aux = &b->source;
        init_params(b->flow, &b->source, &b->pp, &b->ep);
    }
    for (int s = 0; s < N_STAGES; s++) {
        long long int start = cpu_usec();

        for (size_t i = 0; i < n; i++) {
            bench_stage(&batch[i], s);
        }
        stages[s].usec += cpu_usec() - start;
    }
    for (size_t i = 0; i < n; i++) {
        n_matches += batch[i].matches.n;
        expr_matches_destroy(&batch[i].matches);
    }
    return n_matches;
}

/* "flows-bench FILE CHASSIS [ROUNDS]": compiles all flows of the database in
 * FILE, each for its first datapath, and prints the CPU time. */
static void
test_flows_bench(struct ovs_cmdl_context *ctx)
{
    struct stage stages[N_STAGES] = {
        [STAGE_ACTIONS] = { .name = "parse actions" },
        [STAGE_MATCH] = { .name = "parse match" },
        [STAGE_NORMALIZE] = { .name = "normalize" },
        [STAGE_MATCHES] = { .name = "to OpenFlow matches" },
        [STAGE_ENCODE] = { .name = "to OpenFlow actions" },
    };
    int n_rounds = ctx->argc > 3 ? atoi(ctx->argv[3]) : 1;
    size_t n_matches = 0;
    struct flows_db db;
    double total = 0;

    flows_db_load(&db, ctx->argv[1], ctx->argv[2]);
    for (int round = 0; round < n_rounds; round++) {
        n_matches = 0;
        for (size_t i = 0; i < db.n; i += BATCH) {
            n_matches += bench_batch(&db, i, MIN(BATCH, db.n - i), stages);
        }
    }
    printf("%"PRIuSIZE" flows, %"PRIuSIZE" matches\n", db.n, n_matches);
    for (int s = 0; s < N_STAGES; s++) {
        double usec = (double) stages[s].usec / n_rounds / db.n;

        printf("%-20s %6.2f us a flow\n", stages[s].name, usec);
        total += usec;
    }
    printf("%-20s %6.2f us a flow, %.2f s\n", "all", total,
           total * db.n / 1e6);
    flows_db_destroy(&db);
    symtab_exit();
}

OVSTEST_REGISTER("flows-bench", test_flows_bench);
