/* Stopwatches of rules: how long they take in each run of the engine.
 *
 * Each rule can have one of its own, which "inc-engine/enable-stopwatch" turns
 * on, and any number of rules can share one with a name that people know.
 * "stopwatch/show" prints both. */
#include <config.h>
#include "lib/inc/inc-private.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "stopwatch.h"
#include "unixctl.h"

/* Adds a sample of 'duration' to the stopwatch 'name'. */
static void
add_sample(const char *name, unsigned long long int duration)
{
    stopwatch_start(name, 0);
    stopwatch_stop(name, duration);
}

/* Lets 'rule' be one of those whose time, in milliseconds, each run in which
 * one of them runs adds to the stopwatch 'name', which must stay in memory.
 * There must be such a rule in the engine. */
void
inc_watch(struct inc *inc, const struct inc_rule *rule, const char *name)
{
    struct watch *watch = NULL;

    for (size_t i = 0; i < inc->n_watches && !watch; i++) {
        if (!strcmp(inc->watches[i].name, name)) {
            watch = &inc->watches[i];
        }
    }
    if (!watch) {
        inc->watches = xrealloc(inc->watches, (inc->n_watches + 1)
                                              * sizeof *inc->watches);
        watch = &inc->watches[inc->n_watches++];
        *watch = (struct watch) { .name = name };
        stopwatch_create(name, SW_MS);
    }
    for (size_t i = 0; i < inc->n_rules; i++) {
        if (inc->rules[i].rule == rule) {
            watch->rules = xrealloc(watch->rules, (watch->n_rules + 1)
                                                  * sizeof *watch->rules);
            watch->rules[watch->n_rules++] = i;
            return;
        }
    }
    OVS_NOT_REACHED();
}

/* Ends the measurements of a run.  What the oracle runs counts for nothing. */
void
watches_run_done(struct inc *inc)
{
    if (!inc->any_ran) {
        return;
    }
    for (size_t i = 0; i < inc->n_watches && !inc->journal; i++) {
        const struct watch *watch = &inc->watches[i];
        unsigned long long int usecs = 0;
        bool ran = false;

        for (size_t j = 0; j < watch->n_rules; j++) {
            const struct rule_rt *rule = &inc->rules[watch->rules[j]];
            ran = ran || rule->ran;
            usecs += rule->run_usecs;
        }
        if (ran) {
            add_sample(watch->name, (usecs + 500) / 1000);
        }
    }
    for (size_t i = 0; i <= inc->n_rules; i++) {
        struct rule_rt *rule = &inc->rules[i];
        if (rule->ran && rule->watched && !inc->journal) {
            add_sample(rule->rule->name, rule->run_usecs);
        }
        rule->ran = false;
        rule->run_usecs = 0;
    }
    inc->any_ran = false;
}

void
watches_destroy(struct inc *inc)
{
    for (size_t i = 0; i < inc->n_watches; i++) {
        free(inc->watches[i].rules);
    }
    free(inc->watches);
}

/* ---- Commands. ---- */

/* Calls 'cb' for the rule that a command names in argv[1], or for all, and
 * replies with what that writes. */
static void
for_rules(struct unixctl_conn *conn, int argc, const char *argv[],
          void (*cb)(struct rule_rt *, struct ds *))
{
    struct inc *inc = inc_of_command(conn);
    struct ds reply = DS_EMPTY_INITIALIZER;
    bool found = false;

    for (size_t i = 0; inc && i < inc->n_rules; i++) {
        struct rule_rt *rule = &inc->rules[i];
        if (argc < 2 || !strcmp(argv[1], rule->rule->name)) {
            cb(rule, &reply);
            found = true;
        }
    }
    if (found) {
        unixctl_command_reply(conn, reply.length ? ds_cstr(&reply) : NULL);
    } else if (inc) {
        ds_put_format(&reply, "%s: no such rule (see inc/rules)",
                      argc > 1 ? argv[1] : "");
        unixctl_command_reply_error(conn, ds_cstr(&reply));
    }
    ds_destroy(&reply);
}

static void
list_rule(struct rule_rt *rule, struct ds *s)
{
    ds_put_format(s, "%-32s %s\n", rule->rule->name,
                  rule->watched ? "enabled" : "disabled");
}

void
inc_unixctl_watch_list(struct unixctl_conn *conn, int argc,
                       const char *argv[], void *aux OVS_UNUSED)
{
    for_rules(conn, argc, argv, list_rule);
}

static void
enable_rule(struct rule_rt *rule, struct ds *s OVS_UNUSED)
{
    if (!rule->has_watch) {
        stopwatch_create(rule->rule->name, SW_US);
        rule->has_watch = true;
    }
    rule->watched = true;
}

void
inc_unixctl_watch_enable(struct unixctl_conn *conn, int argc,
                         const char *argv[], void *aux OVS_UNUSED)
{
    for_rules(conn, argc, argv, enable_rule);
}

static void
disable_rule(struct rule_rt *rule, struct ds *s OVS_UNUSED)
{
    rule->watched = false;
}

void
inc_unixctl_watch_disable(struct unixctl_conn *conn, int argc,
                          const char *argv[], void *aux OVS_UNUSED)
{
    for_rules(conn, argc, argv, disable_rule);
}
