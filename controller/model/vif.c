/* DOC: virtual interfaces
 *
 * Reads Interface.external_ids:iface-id of the integration bridge's ports.
 * Other external_ids that CMSs write there (attached-mac, vm-id, iface-status)
 * are informational and not looked at. */
#include <config.h>
#include "controller/model/vif.h"

#include "controller/model/bridge.h"
#include "controller/rule.h"

static void
vif_conflict(const void *loser_, const void *winner_, struct ds *s)
{
    const struct vif_v *loser = loser_;
    const struct vif_v *winner = winner_;
    ds_put_format(s, "interface \"%s\" has the same external_ids:iface-id "
                  "\"%s\" as interface \"%s\", which is used",
                  vs_interface_name(loser->iface), loser->iface_id.s,
                  vs_interface_name(winner->iface));
}
INC_TABLE_DEFINE(vif, VIF_FIELDS, .kind = INC_DERIVED,
                 .combine = INC_UNIQUE, .conflict = vif_conflict);

static void
iface_id_key(const void *v_, struct inc_keys *keys)
{
    const struct vif_v *v = v_;
    inc_keys_add_istr(keys, v->iface_id);
}
struct inc_index vif_by_iface_id_index = {
    .name = "vif_by_iface_id", .table = &vif_table, .keys = iface_id_key,
};

const struct vif *
vif_by_iface_id(const char *iface_id)
{
    return inc_find_one(&vif_by_iface_id_index, iface_id, strlen(iface_id));
}

static void
run_vifs(const void *row)
{
    const struct vs_interface *iface = row;
    const char *iface_id = vs_interface_external_ids_get(iface, "iface-id");
    if (!iface_id || !iface_id[0]) {
        return;
    }

    const struct vs_port *port = port_of_interface(iface);
    const struct vs_bridge *bridge = port ? bridge_of_port(port) : NULL;
    if (!bridge || bridge != integration_bridge()) {
        return;
    }
    emit_vif(&(struct vif_v) {
        .iface_id = istr_intern(iface_id), .iface = iface,
        .ofport = ofport_of(iface),
        .encap_ip = istr_intern(vs_interface_external_ids_get(iface,
                                                              "encap-ip")),
        .iface_id_ver = istr_intern(
            vs_interface_external_ids_get(iface, "iface-id-ver")),
    });
}
const struct inc_rule vifs = {
    .name = "vifs", .driver = &vs_interface_table.inc, .run = run_vifs,
};
