/* Stopwatches with the names that people and monitoring systems know from
 * OVN, for the rules and the parts of the main loop that do what these names
 * say. */
#include <config.h>
#include "controller/watch.h"

#include "controller/model/bfd.h"
#include "controller/model/binding.h"
#include "controller/model/install.h"
#include "controller/model/patch.h"
#include "controller/model/zone.h"
#include "controller/out/vs.h"
#include "controller/rule.h"
#include "coverage.h"
#include "stopwatch.h"
#include "timeval.h"

/* Times that all logical flows were compiled, in OVN's words. */
COVERAGE_DEFINE(lflow_run);

static const struct {
    const struct inc_rule *rule;
    const char *name;
} rules[] = {
    { &bfd_peers, "bfd-run" },
    { &tunnel_bfd, "bfd-run" },
    { &live_chassis_rule, "bfd-run" },
    { &local_ports, "if-status-mgr-run" },
    { &claims, "if-status-mgr-run" },
    { &interface_status, "if-status-mgr-update" },
    { &install_watches, "if-status-mgr-update" },
    { &patch_ports, "patch-run" },
    { &gone_ports, "patch-run" },
    { &requested_zones, "ct-zone-commit" },
    { &datapath_zones, "ct-zone-commit" },
    { &port_zones, "ct-zone-commit" },
    { &zone_ids, "ct-zone-commit" },
};

static const char *const parts[] = {
    [CONTROLLER_GENERATION] = "flow-generation",
    [CONTROLLER_INSTALLATION] = "flow-installation",
    [CONTROLLER_PUNTS] = "pinctrl-run",
    [CONTROLLER_SEQNO] = "ofctrl-seqno-run",
};

/* Creates the stopwatches, and lets 'inc' run those of rules. */
void
controller_watch_init(struct inc *inc)
{
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        stopwatch_create(parts[i], SW_MS);
    }
    for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
        inc_watch(inc, rules[i].rule, rules[i].name);
    }
}

/* A part of the main loop starts or ends. */
void
controller_watch_start(enum controller_part part)
{
    stopwatch_start(parts[part], time_msec());
}

void
controller_watch_stop(enum controller_part part)
{
    stopwatch_stop(parts[part], time_msec());
}

/* Counts for "lflow_run", after a run of 'inc'. */
void
controller_watch_lflows(const struct inc *inc)
{
    static uint64_t counted;
    struct inc_rule_stats stats;

    inc_rule_stats_get(inc, "logical_flows", &stats);
    if (stats.recomputes > counted) {
        COVERAGE_INC(lflow_run);
    }
    counted = stats.recomputes;
}
