/* DOC: flows of learned MACs
 *
 * Reads SB FDB: where a MAC was learned (get_fdb), and whether it is known
 * (lookup_fdb). */
#include <config.h>
#include "controller/physical/physical.h"

#include "packets.h"

static void
run_fdb_flows(const void *row)
{
    const struct sb_fdb *fdb = row;
    struct eth_addr mac;
    struct flow_maker f;

    if (!eth_addr_from_string(sb_fdb_mac(fdb), &mac)) {
        invalid(fdb, "mac \"%s\" is not an Ethernet address",
                sb_fdb_mac(fdb));
        return;
    }
    flow_init(&f, sb_fdb_uuid(fdb));
    match_datapath(&f, sb_fdb_dp_key(fdb));
    match_set_dl_dst(&f.match, mac);
    put_load(&f, MFF_REG0 + REG_OUTPORT, 0, 32, sb_fdb_port_key(fdb));
    flow_emit(&f, OFTABLE_GET_FDB, 100);

    flow_reset(&f);
    match_datapath(&f, sb_fdb_dp_key(fdb));
    match_inport(&f, sb_fdb_port_key(fdb));
    match_set_dl_src(&f.match, mac);
    put_flag(&f, FLAG_LOOKUP_FDB);
    flow_emit(&f, OFTABLE_LOOKUP_FDB, 100);
    flow_done(&f);
}
const struct inc_rule fdb_flows = {
    .name = "fdb_flows", .driver = &sb_fdb_table.inc, .run = run_fdb_flows,
};
