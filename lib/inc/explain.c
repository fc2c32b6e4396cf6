/* Commands that show what the engine holds and why. */
#include <config.h>
#include "lib/inc/inc-private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "simap.h"
#include "unixctl.h"

/* Commands cannot be unregistered, so they look for the engine here. */
static struct inc *current;

void
explain_destroy(struct inc *inc)
{
    if (current == inc) {
        current = NULL;
    }
}

/* Returns the engine, or NULL after an error reply. */
struct inc *
inc_of_command(struct unixctl_conn *conn)
{
    if (!current) {
        unixctl_command_reply_error(conn, "the engine is not running");
    } else if (current->running) {
        unixctl_command_reply_error(conn, "the engine is busy");
        return NULL;
    }
    return current;
}

static void
reply(struct unixctl_conn *conn, struct ds *s)
{
    unixctl_command_reply(conn, ds_cstr(s));
    ds_destroy(s);
}

/* ---- Rules. ---- */

static const struct rule_rt *
find_rule(const struct inc *inc, const char *name)
{
    for (size_t i = 0; i < inc->n_rules; i++) {
        if (!strcmp(inc->rules[i].rule->name, name)) {
            return &inc->rules[i];
        }
    }
    return NULL;
}

/* Stores the counters of the rule with the given name, all zero if there is
 * none, into '*stats'. */
void
inc_rule_stats_get(const struct inc *inc, const char *name,
                   struct inc_rule_stats *stats)
{
    const struct rule_rt *rule = find_rule(inc, name);

    *stats = rule ? rule->stats : (struct inc_rule_stats) { .runs = 0 };
    if (rule) {
        stats->n_units = rule->n_units;
    }
}

void
inc_stats_clear(struct inc *inc)
{
    for (size_t i = 0; i < inc->n_rules; i++) {
        inc->rules[i].stats = (struct inc_rule_stats) { .runs = 0 };
    }
}

static const char *
rule_driver_name(const struct inc_rule *rule)
{
    return (rule->driver ? rule->driver->name
            : rule->bucket_driver ? rule->bucket_driver->name
            : "-");
}

static void
inc_unixctl_rules(struct unixctl_conn *conn, int argc OVS_UNUSED,
                  const char *argv[] OVS_UNUSED, void *aux OVS_UNUSED)
{
    struct inc *inc = inc_of_command(conn);
    struct ds s = DS_EMPTY_INITIALIZER;

    if (!inc) {
        return;
    }
    ds_put_format(&s, "%-28s %-28s %9s %10s %10s %10s %10s\n", "rule",
                  "driver", "units", "runs", "cut off", "emitted", "usecs");
    for (size_t i = 0; i < inc->n_rules; i++) {
        const struct rule_rt *r = &inc->rules[i];
        ds_put_format(&s, "%-28s %-28s %9"PRIuSIZE" %10"PRIu64" %10"PRIu64
                      " %10"PRIu64" %10"PRIu64"\n", r->rule->name,
                      rule_driver_name(r->rule), r->n_units, r->stats.runs,
                      r->stats.cutoffs, r->stats.emitted, r->stats.usecs);
    }
    reply(conn, &s);
}

/* The counters of OVN's engine: "recompute" counts runs of all units of a
 * rule, "compute" those of some. */
static void
inc_unixctl_show_stats(struct unixctl_conn *conn, int argc,
                       const char *argv[], void *aux OVS_UNUSED)
{
    struct inc *inc = inc_of_command(conn);
    struct ds s = DS_EMPTY_INITIALIZER;
    bool found = false;

    if (!inc) {
        return;
    }
    for (size_t i = 0; i < inc->n_rules; i++) {
        const struct rule_rt *r = &inc->rules[i];
        if (argc > 1 && strcmp(argv[1], r->rule->name)) {
            continue;
        }
        found = true;
        if (argc <= 2) {
            ds_put_format(&s, "Node: %s\n"
                          "- recompute: %12"PRIu64"\n"
                          "- compute:   %12"PRIu64"\n"
                          "- abort:     %12d\n", r->rule->name,
                          r->stats.recomputes, r->stats.computes, 0);
        } else if (!strcmp(argv[2], "recompute")) {
            ds_put_format(&s, "%"PRIu64, r->stats.recomputes);
        } else if (!strcmp(argv[2], "compute")) {
            ds_put_format(&s, "%"PRIu64, r->stats.computes);
        } else if (!strcmp(argv[2], "abort") || !strcmp(argv[2], "cancel")) {
            ds_put_char(&s, '0');
        } else {
            ds_put_format(&s, "%s: no such counter (recompute, compute or "
                          "abort)", argv[2]);
            unixctl_command_reply_error(conn, ds_cstr(&s));
            ds_destroy(&s);
            return;
        }
    }
    if (!found && argc > 1) {
        ds_put_format(&s, "%s: no such rule (see inc/rules)", argv[1]);
        unixctl_command_reply_error(conn, ds_cstr(&s));
        ds_destroy(&s);
        return;
    }
    reply(conn, &s);
}

static void
inc_unixctl_clear_stats(struct unixctl_conn *conn, int argc OVS_UNUSED,
                        const char *argv[] OVS_UNUSED, void *aux OVS_UNUSED)
{
    struct inc *inc = inc_of_command(conn);
    if (inc) {
        inc_stats_clear(inc);
        unixctl_command_reply(conn, NULL);
    }
}

static void
inc_unixctl_recompute(struct unixctl_conn *conn, int argc OVS_UNUSED,
                      const char *argv[] OVS_UNUSED, void *aux OVS_UNUSED)
{
    struct inc *inc = inc_of_command(conn);
    if (inc) {
        /* The caller's main loop runs next. */
        inc_recompute(inc);
        unixctl_command_reply(conn, NULL);
    }
}

static void
inc_unixctl_log_timeout(struct unixctl_conn *conn, int argc OVS_UNUSED,
                        const char *argv[], void *aux OVS_UNUSED)
{
    struct inc *inc = inc_of_command(conn);
    unsigned int ms;

    if (!inc) {
        return;
    }
    if (!str_to_uint(argv[1], 10, &ms)) {
        unixctl_command_reply_error(conn, "unsigned integer required");
        return;
    }
    inc->log_timeout_ms = ms;
    unixctl_command_reply(conn, NULL);
}

static void
inc_unixctl_verify(struct unixctl_conn *conn, int argc OVS_UNUSED,
                   const char *argv[] OVS_UNUSED, void *aux OVS_UNUSED)
{
    struct inc *inc = inc_of_command(conn);

    if (inc) {
        char *report = inc_verify(inc);
        if (report) {
            unixctl_command_reply_error(conn, report);
        } else {
            unixctl_command_reply(conn, "everything is as it should be\n");
        }
        free(report);
    }
}

static void
inc_unixctl_diagnostics(struct unixctl_conn *conn, int argc OVS_UNUSED,
                        const char *argv[] OVS_UNUSED, void *aux OVS_UNUSED)
{
    struct inc *inc = inc_of_command(conn);
    struct ds s = DS_EMPTY_INITIALIZER;

    if (inc) {
        inc_diagnostics(inc, &s);
        reply(conn, &s);
    }
}

/* ---- Tables. ---- */

static struct inc_table *
find_table(const struct inc *inc, const char *name)
{
    for (size_t i = 0; i < inc->n_tables; i++) {
        if (!strcmp(inc->tables[i]->name, name)) {
            return inc->tables[i];
        }
    }
    return NULL;
}

static void
inc_unixctl_table_list(struct unixctl_conn *conn, int argc OVS_UNUSED,
                       const char *argv[] OVS_UNUSED, void *aux OVS_UNUSED)
{
    struct inc *inc = inc_of_command(conn);
    struct ds s = DS_EMPTY_INITIALIZER;

    if (!inc) {
        return;
    }
    for (size_t i = 0; i < inc->n_tables; i++) {
        static const char *kinds[] = {
            [INC_INPUT] = "input", [INC_DERIVED] = "derived",
            [INC_OUTPUT] = "output",
        };
        const struct inc_table *table = inc->tables[i];
        ds_put_format(&s, "%-32s %-8s %"PRIuSIZE" rows\n", table->name,
                      kinds[table->kind], table->rt->n_live);
    }
    reply(conn, &s);
}

static void
row_format(const struct inc_row *row, struct ds *s)
{
    if (row->table->value_size) {
        value_format(row->table, inc_value(row), false, s);
    } else {
        row_describe(row, s);
    }
}

static int
compare_lines(const void *a_, const void *b_)
{
    char *const *a = a_;
    char *const *b = b_;
    return strcmp(*a, *b);
}

static void
inc_unixctl_table_dump(struct unixctl_conn *conn, int argc OVS_UNUSED,
                       const char *argv[], void *aux OVS_UNUSED)
{
    struct inc *inc = inc_of_command(conn);
    if (!inc) {
        return;
    }
    struct inc_table *table = find_table(inc, argv[1]);
    if (!table) {
        unixctl_command_reply_error(conn, "no such table (see table/list)");
        return;
    }

    char **lines = xcalloc(table->rt->n_live, sizeof *lines);
    const struct inc_row *row;
    size_t n = 0;
    INC_FOR_EACH (row, table) {
        struct ds s = DS_EMPTY_INITIALIZER;
        row_format(row, &s);
        lines[n++] = ds_steal_cstr(&s);
    }
    qsort(lines, n, sizeof *lines, compare_lines);

    struct ds s = DS_EMPTY_INITIALIZER;
    for (size_t i = 0; i < n; i++) {
        ds_put_format(&s, "%s\n", lines[i]);
        free(lines[i]);
    }
    free(lines);
    reply(conn, &s);
}

/* ---- Why. ---- */

/* Returns true if people may mean 'row' by 'text': its name, a key field, or
 * the text of one. */
static bool
row_matches(const struct inc_row *row, const char *text)
{
    const struct inc_table *table = row->table;
    struct ds s = DS_EMPTY_INITIALIZER;

    row_describe(row, &s);
    bool match = !strcmp(ds_cstr(&s), text);
    if (!table->value_size && !match) {
        /* Such as: Logical_Switch "sw0". */
        match = strstr(ds_cstr(&s), text) != NULL;
    }
    for (size_t i = 0; i < table->rt->n_keys && !match; i++) {
        ds_clear(&s);
        field_format(&table->fields[i], inc_value(row), &s);
        size_t len = strlen(text);
        match = (!strcmp(ds_cstr(&s), text)
                 || (table->fields[i].type == INC_F_STR && s.length == len + 2
                     && !strncmp(ds_cstr(&s) + 1, text, len)));
    }
    ds_destroy(&s);
    return match;
}

static int
record_cmp(const void *a_, const void *b_)
{
    const struct read_record *a = a_;
    const struct read_record *b = b_;
    return a->kind < b->kind ? -1 : a->kind > b->kind;
}

/* Runs 'unit' with its reads on record and its emissions dropped. */
static void
explain_reads(struct inc *inc, struct inc_unit *unit, struct ds *s)
{
    struct recorder recorder = { .n = 0 };
    struct inc_ctx *ctx = ctx_create(inc);

    inc->running = true;
    inc->cur = unit->rule;
    ctx->p->recorder = &recorder;
    unit_execute(ctx, unit, inc->gens[unit->id]);
    inc->cur = -1;
    inc->running = false;

    qsort(recorder.reads, recorder.n, sizeof *recorder.reads, record_cmp);
    for (size_t i = 0; i < recorder.n; i++) {
        const struct read_record *r = &recorder.reads[i];
        ds_put_cstr(s, "    read ");
        if (r->kind == READ_ROW) {
            const struct inc_row *row = r->what;
            row_describe(row, s);
            ds_put_cstr(s, ": ");
            mask_format(row->table, r->mask, s);
        } else if (r->kind == READ_BUCKET) {
            const struct inc_bucket *bucket = r->what;
            bucket_describe(bucket, s);
            ds_put_format(s, ": %"PRIuSIZE" rows",
                          inc_bucket_n_untracked(bucket));
        } else {
            const struct inc_table *table = r->what;
            ds_put_format(s, "all rows of %s", table->name);
        }
        ds_put_char(s, '\n');
    }
    free(recorder.reads);
    ctx_destroy(ctx);
}

static void
explain_row(struct inc *inc, const struct inc_row *row, struct ds *s)
{
    struct contrib stub;
    const struct contrib *contribs;

    row_format(row, s);
    ds_put_char(s, '\n');
    if (row->table->kind == INC_INPUT) {
        ds_put_cstr(s, "  is input\n");
        return;
    }
    contribs = row_contribs(row, &stub);
    for (size_t i = 0; i < row->n_contribs; i++) {
        struct inc_unit *unit = contribs[i].unit;
        if (i == 20) {
            ds_put_format(s, "  and %"PRIuSIZE" more\n", row->n_contribs - i);
            break;
        }
        ds_put_cstr(s, "  emitted by rule ");
        unit_describe(inc, unit, s);
        if (row->n_contribs > 1) {
            ds_put_cstr(s, ", as ");
            value_format(row->table, contribs[i].value, false, s);
        }
        ds_put_char(s, '\n');
        if (unit->rule < inc->n_rules) {
            explain_reads(inc, unit, s);
        }
    }
}

/* inc/why [TABLE] ROW */
static void
inc_unixctl_why(struct unixctl_conn *conn, int argc, const char *argv[],
                void *aux OVS_UNUSED)
{
    struct inc *inc = inc_of_command(conn);
    struct ds s = DS_EMPTY_INITIALIZER;
    size_t n = 0;

    if (!inc) {
        return;
    }
    if (inc_is_dirty(inc)) {
        /* Input has changed.  What was emitted before it may not be what rows
         * that are still there imply. */
        inc_run(inc);
    }
    if (argc > 2 && !find_table(inc, argv[1])) {
        unixctl_command_reply_error(conn, "no such table (see table/list)");
        return;
    }
    for (size_t i = 0; i < inc->n_tables && n < 20; i++) {
        struct inc_table *table = inc->tables[i];
        const struct inc_row *row;

        if (argc > 2 ? strcmp(table->name, argv[1])
            : table->kind == INC_INPUT) {
            continue;
        }
        INC_FOR_EACH (row, table) {
            if (row_matches(row, argv[argc - 1])) {
                explain_row(inc, row, &s);
                n++;
            }
        }
    }
    if (n) {
        reply(conn, &s);
    } else {
        unixctl_command_reply_error(conn, "no such row");
        ds_destroy(&s);
    }
}

/* ---- The rest. ---- */

/* Registers the commands for 'inc', instead of an engine that had them
 * before. */
void
inc_unixctl_register(struct inc *inc)
{
    static const struct {
        const char *name, *usage;
        int min, max;
        unixctl_cb_func *cb;
    } commands[] = {
        { "inc/rules", "", 0, 0, inc_unixctl_rules },
        { "inc/why", "[TABLE] ROW", 1, 2, inc_unixctl_why },
        { "inc/verify", "", 0, 0, inc_unixctl_verify },
        { "table/list", "", 0, 0, inc_unixctl_table_list },
        { "table/dump", "TABLE", 1, 1, inc_unixctl_table_dump },
        { "diagnostics", "", 0, 0, inc_unixctl_diagnostics },
        { "inc-engine/show-stats", "[NODE [COUNTER]]", 0, 2,
          inc_unixctl_show_stats },
        { "inc-engine/clear-stats", "", 0, 0, inc_unixctl_clear_stats },
        { "inc-engine/recompute", "", 0, 0, inc_unixctl_recompute },
        { "inc-engine/compute-log-timeout", "MSECS", 1, 1,
          inc_unixctl_log_timeout },
        { "inc-engine/list-stopwatches", "[NODE]", 0, 1,
          inc_unixctl_watch_list },
        { "inc-engine/enable-stopwatch", "[NODE]", 0, 1,
          inc_unixctl_watch_enable },
        { "inc-engine/disable-stopwatch", "[NODE]", 0, 1,
          inc_unixctl_watch_disable },
    };

    current = inc;
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        unixctl_command_register(commands[i].name, commands[i].usage,
                                 commands[i].min, commands[i].max,
                                 commands[i].cb, NULL);
    }
}

/* Adds what the engine holds to 'usage'. */
void
inc_memory_usage(const struct inc *inc, struct simap *usage)
{
    size_t n_rows = 0, n_buckets = 0, n_edges = 0, edge_bytes = 0;
    size_t n_strings, string_bytes, n_values;

    for (size_t i = 0; i < inc->n_tables; i++) {
        const struct inc_table *table = inc->tables[i];
        const struct inc_row *row;

        n_rows += table->rt->n_live;
        HMAP_FOR_EACH (row, node, &table->rows) {
            n_edges += row->slot.n;
            edge_bytes += row->slot.cap * sizeof *row->slot.edges;
        }
        n_edges += table->slot.n;
        edge_bytes += table->slot.cap * sizeof *table->slot.edges;
    }
    for (size_t i = 0; i < inc->n_indexes; i++) {
        const struct inc_index_rt *rt = inc->indexes[i]->rt;
        const struct inc_bucket *bucket;

        n_buckets += hmap_count(&rt->buckets);
        HMAP_FOR_EACH (bucket, node, &rt->buckets) {
            n_edges += bucket->slot.n;
            edge_bytes += bucket->slot.cap * sizeof *bucket->slot.edges;
        }
    }
    istr_usage(&n_strings, &string_bytes);
    pool_memory_usage(inc, &n_values);
    simap_increase(usage, "inc-rows", n_rows);
    simap_increase(usage, "inc-units", inc->n_units - inc->n_free_ids);
    simap_increase(usage, "inc-buckets", n_buckets);
    simap_increase(usage, "inc-edges", n_edges);
    simap_increase(usage, "inc-edges-KB", edge_bytes / 1024);
    simap_increase(usage, "inc-KB", inc->slab.bytes / 1024);
    simap_increase(usage, "inc-pool-values", n_values);
    simap_increase(usage, "strings", n_strings);
    simap_increase(usage, "strings-KB", string_bytes / 1024);
}

/* ---- The graph of rules. ---- */

void
inc_print_graph(const struct inc_rule *const *rules, const char *last)
{
    const char *previous = NULL;

    printf("digraph \"rules\" {\n\trankdir=LR;\n");
    for (; *rules; rules++) {
        const struct inc_rule *rule = *rules;
        printf("\t\"%s\" [shape=box];\n", rule->name);
        if (rule->driver) {
            printf("\t\"table %s\" -> \"%s\";\n", rule->driver->name,
                   rule->name);
        } else if (rule->bucket_driver) {
            printf("\t\"index %s\" -> \"%s\";\n",
                   rule->bucket_driver->name, rule->name);
        }
        if (previous) {
            printf("\t\"%s\" -> \"%s\" [style=dotted];\n", previous,
                   rule->name);
        }
        previous = rule->name;
        if (last && !strcmp(last, rule->name)) {
            break;
        }
    }
    printf("}\n");
}
