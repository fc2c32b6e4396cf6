/* DOC: MAC learning
 *
 * Switches learn where unknown MACs are from ports that take unknown traffic
 * and have no port security, and from a localnet with localnet_learn_fdb.
 * From a localnet a MAC is learned where the packet is delivered (egress), not
 * on each chassis that sees it.  Deletes SB FDB rows whose datapath or port is
 * gone, or that are older than the switch's fdb_age_threshold. */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"
#include "northd/model/aging.h"
#include "northd/model/datapath.h"
#include "northd/model/port.h"
#include "northd/out/sb.h"

static const struct static_flow localnet_flows[] = {
    STATIC_FLOW(DPC_SWITCH_LOCALNET_LEARN, LS_OUT_LOOKUP_FDB, 100,
                "flags.localnet == 1",
                REG_LOOKUP_FDB" = lookup_fdb(inport, eth.src); next;"),
    STATIC_FLOW(DPC_SWITCH_LOCALNET_LEARN, LS_OUT_PUT_FDB, 100,
                "flags.localnet == 1 && "REG_LOOKUP_FDB" == 0",
                "put_fdb(inport, eth.src); next;"),
};

static void
run_fdb_flows(const void *row OVS_UNUSED)
{
    static_flows(localnet_flows, ARRAY_SIZE(localnet_flows));
}
const struct inc_rule fdb_flows = { .name = "fdb_flows",
                                    .run = run_fdb_flows };

/* Does the switch learn source MACs from this port? */
static bool
learns(const struct port *port)
{
    const struct nb_logical_switch_port *lsp = port_lsp(port);
    return (lsp
            && (port_kind(port) == PORT_VIF || port_kind(port) == PORT_SWITCH)
            && port_has_trait(port, PORT_TRAIT_UNKNOWN)
            && !db_n(nb_logical_switch_port_port_security(lsp))
            && db_map_get_bool(nb_logical_switch_port_options(lsp),
                               "lsp_learn_fdb", true));
}

static void
run_fdb_learning_ports(const void *row)
{
    const struct port *port = row;
    if (!learns(port)) {
        return;
    }

    struct dps dps = dps_one(port_dp(port));
    istr name = port_quoted(port);
    flow(dps, LS_IN_LOOKUP_FDB, 100, fmt("inport == %s", name.s),
         text(REG_LOOKUP_FDB" = lookup_fdb(inport, eth.src); next;"),
         .hint = port_lsp(port), .io_port = port_name(port).s);
    flow(dps, LS_IN_PUT_FDB, 100,
         fmt("inport == %s && "REG_LOOKUP_FDB" == 0", name.s),
         text("put_fdb(inport, eth.src); next;"),
         .hint = port_lsp(port), .io_port = port_name(port).s);
}
const struct inc_rule fdb_learning_ports = {
    .name = "fdb_learning_ports", .driver = &port_table,
    .run = run_fdb_learning_ports,
};

static bool
has_expired(const struct sb_fdb *fdb, const struct datapath *dp)
{
    const struct nb_logical_switch *ls = datapath_ls(dp);
    const char *s = ls ? nb_logical_switch_other_config_get(
                             ls, "fdb_age_threshold") : NULL;
    int64_t timestamp = sb_fdb_timestamp(fdb);
    unsigned int seconds;

    /* Chassis of old releases note no time. */
    return (s && str_to_uint(s, 10, &seconds) && seconds && timestamp
            && age(AGING_FDB, sb_fdb_uuid(fdb),
                   timestamp + seconds * INT64_C(1000)));
}

static void
run_stale_fdb(const void *row)
{
    const struct sb_fdb *fdb = row;
    const struct datapath *dp = datapath_by_tunnel_key(sb_fdb_dp_key(fdb));

    if (!dp || !port_by_key(dp, sb_fdb_port_key(fdb))
        || has_expired(fdb, dp)) {
        emit_sb_fdb_delete(&(struct sb_fdb_delete_v) {
            .uuid = *sb_fdb_uuid(fdb),
        });
    }
}
const struct inc_rule stale_fdb = {
    .name = "stale_fdb", .driver = &sb_fdb_table.inc, .run = run_stale_fdb,
};
