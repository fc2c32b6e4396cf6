/* DOC: port security and admission
 *
 * What may enter and leave a switch port.  The checks themselves are made by
 * the controllers from Port_Binding.port_security; the flows here ask for
 * them, drop what no port may send, and shut disabled ports.  Reads the ports'
 * admin state. */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"
#include "northd/model/port.h"

static const struct static_flow admission_flows[] = {
    STATIC_FLOW(DPC_SWITCH, LS_IN_CHECK_PORT_SEC, 100,
                "eth.src[40]", "drop;"),
    STATIC_FLOW(DPC_SWITCH_NO_VLAN, LS_IN_CHECK_PORT_SEC, 100,
                "vlan.present", "drop;"),
    STATIC_FLOW(DPC_SWITCH, LS_IN_CHECK_PORT_SEC, 50,
                "1", REG_PORT_SEC_DROP" = check_in_port_sec(); next;"),
    STATIC_FLOW(DPC_SWITCH, LS_IN_APPLY_PORT_SEC, 50,
                REG_PORT_SEC_DROP" == 1", "drop;"),
    STATIC_FLOW(DPC_SWITCH, LS_OUT_CHECK_PORT_SEC, 100,
                "eth.mcast", REG_PORT_SEC_DROP" = 0; next;"),
    STATIC_FLOW(DPC_SWITCH, LS_OUT_CHECK_PORT_SEC, 0,
                "1", REG_PORT_SEC_DROP" = check_out_port_sec(); next;"),
    STATIC_FLOW(DPC_SWITCH, LS_OUT_APPLY_PORT_SEC, 50,
                REG_PORT_SEC_DROP" == 1", "drop;"),
};

static void
run_admission(const void *row OVS_UNUSED)
{
    static_flows(admission_flows, ARRAY_SIZE(admission_flows));
}
const struct inc_rule admission = { .name = "admission",
                                    .run = run_admission };

static void
run_disabled_ports(const void *row)
{
    const struct port *port = row;
    const struct nb_logical_switch_port *lsp = port_lsp(port);
    if (!lsp || port_enabled(port)) {
        return;
    }

    struct dps dps = dps_one(port_dp(port));
    istr name = port_quoted(port);
    flow(dps, LS_IN_CHECK_PORT_SEC, 100, fmt("inport == %s", name.s),
         text(REG_PORT_SEC_DROP" = 1; next;"), .hint = lsp,
         .io_port = port_name(port).s);
    flow(dps, LS_OUT_CHECK_PORT_SEC, 150, fmt("outport == %s", name.s),
         text(REG_PORT_SEC_DROP" = 1; next;"), .hint = lsp,
         .io_port = port_name(port).s);
}
const struct inc_rule disabled_ports = {
    .name = "disabled_ports", .driver = &port_table,
    .run = run_disabled_ports,
};
