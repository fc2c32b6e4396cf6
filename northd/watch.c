/* Stopwatches with the names that people and monitoring systems know from
 * OVN, for the rules and the parts of the main loop that do what these names
 * say. */
#include <config.h>
#include "northd/watch.h"

#include "lib/inc/inc.h"
#include "northd/feature.h"
#include "northd/features/features.h"
#include "northd/model/address.h"
#include "northd/model/bfd.h"
#include "northd/model/gateway.h"
#include "northd/model/nat.h"
#include "northd/model/port.h"
#include "northd/model/ra.h"
#include "northd/model/router.h"
#include "northd/rules.h"
#include "stopwatch.h"
#include "timeval.h"
#include "util.h"

/* Where the time for flows goes, by what drives the rules.  What is not here
 * counts as "lflows_datapaths". */
static const struct {
    const struct inc_table *driver;
    const char *name;
} drivers[] = {
    { &port_table, "lflows_ports" },
    { &port_mac_table, "lflows_ports" },
    { &port_ip_table, "lflows_ports" },
    { &router_port_table, "lflows_ports" },
    { &router_net_table, "lflows_ports" },
    { &gateway_table, "lflows_ports" },
    { &ra_table, "lflows_ports" },
    { &nat_table, "lflows_lr_stateful" },
    { &force_snat_table, "lflows_lr_stateful" },
};

static const char *
flow_watch(const struct inc_rule *rule)
{
    if (rule == &dps_meanings) {
        return "lflows_dp_groups";
    }
    for (size_t i = 0; rule->driver && i < ARRAY_SIZE(drivers); i++) {
        if (drivers[i].driver == rule->driver) {
            return drivers[i].name;
        }
    }
    return "lflows_datapaths";
}

static const char *const parts[] = {
    [NORTHD_LOOP] = "ovn-northd-loop",
    [NORTHD_NB_RUN] = "ovnnb_db_run",
    [NORTHD_SB_RUN] = "ovnsb_db_run",
    [NORTHD_TO_SB] = "lflows_to_sb",
};

/* Creates the stopwatches, and lets 'inc' run those of rules. */
void
northd_watch_init(struct inc *inc)
{
    bool is_flow = false;

    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        stopwatch_create(parts[i], SW_MS);
    }
    for (size_t i = 0; northd_rules[i]; i++) {
        const struct inc_rule *rule = northd_rules[i];

        is_flow = is_flow || rule == &stage_defaults;
        if (is_flow) {
            inc_watch(inc, rule, flow_watch(rule));
            /* The second name for all of them is that of older releases. */
            inc_watch(inc, rule, "build_flows_ctx");
            inc_watch(inc, rule, "build_lflows");
        }
        if (rule == &dps_meanings) {
            break;
        }
    }
}

/* A part of the main loop starts or ends. */
void
northd_watch_start(enum northd_part part)
{
    stopwatch_start(parts[part], time_msec());
}

void
northd_watch_stop(enum northd_part part)
{
    stopwatch_stop(parts[part], time_msec());
}
