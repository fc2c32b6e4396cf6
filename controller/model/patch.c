/* DOC: patch ports
 *
 * A localnet port (or an l2gateway of this chassis) whose network is mapped to
 * a bridge gets a pair of patch ports, once its datapath is local. */
#include <config.h>
#include "controller/model/patch.h"

#include "controller/model/binding.h"
#include "controller/model/bridge.h"
#include "controller/model/config.h"
#include "controller/model/local_datapath.h"
#include "controller/out/vs.h"
#include "controller/rule.h"

istr
patch_port_name(const char *lport)
{
    const struct config *config = the_config();
    return istr_fmt("patch-%s-to-%s", config ? config_bridge(config).s : "",
                    lport);
}

/* Emits one end. */
static void
emit_end(istr name, istr peer, const struct vs_bridge *bridge,
         const char *id_key, const char *lport)
{
    struct uuid iface = db_uuid_for(&vs_interface_table, "%s", name.s);
    struct db_map *options = db_map_start();
    db_map_put(options, "peer", peer.s);
    emit_vs_new_iface(&(struct vs_new_iface_v) {
        .uuid = iface, .name = name, .type = istr_intern("patch"),
        .options = db_map_finish(options),
    });

    struct db_map *ids = db_map_start();
    db_map_put(ids, id_key, lport);
    emit_vs_new_port(&(struct vs_new_port_v) {
        .uuid = db_uuid_for(&vs_port_table, "%s", name.s), .name = name,
        .interfaces = db_opt_uuid(&iface),
        .external_ids = db_map_finish(ids),
        .bridge = *vs_bridge_uuid(bridge),
    });
}

static void
run_patch_ports(const void *row)
{
    const struct local_port *port = row;
    enum lport_kind kind = local_port_kind(port);
    struct uuid dp = local_port_dp(port);
    if ((kind != LPORT_LOCALNET && kind != LPORT_L2GATEWAY)
        || !local_datapath_by_uuid(&dp)) {
        return;
    }

    const char *network = sb_port_binding_options_get(local_port_pb(port),
                                                      "network_name");
    const struct vs_bridge *ours = integration_bridge();
    istr theirs_name = bridge_of_network(network ? network : "");
    const struct vs_bridge *theirs
        = theirs_name.s ? bridge_by_name(theirs_name.s) : NULL;
    if (!ours || !theirs) {
        return;
    }

    const char *lport = local_port_name(port).s;
    const char *id_key = (kind == LPORT_LOCALNET ? "ovn-localnet-port"
                          : "ovn-l2gateway-port");
    istr here = patch_port_name(lport);
    istr there = istr_fmt("patch-%s-to-%s", lport,
                          config_bridge(the_config()).s);
    emit_end(here, there, ours, id_key, lport);
    emit_end(there, here, theirs, id_key, lport);
}
const struct inc_rule patch_ports = {
    .name = "patch_ports", .driver = &local_port_table,
    .run = run_patch_ports,
};
