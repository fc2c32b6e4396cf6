/* Commands that print what the engine's tables hold: a heading, then a line a
 * row, sorted, so that two outputs can be compared. */
#include <config.h>
#include "controller/control.h"

#include "controller/compile/compile.h"
#include "controller/compile/template.h"
#include "controller/model/binding.h"
#include "controller/model/local_datapath.h"
#include "controller/out/ofgroups.h"
#include "controller/out/ofzones.h"
#include "controller/physical/physical.h"
#include "controller/punt/neighbors.h"
#include "controller/rule.h"
#include "svec.h"
#include "unixctl.h"

/* ---- Lines. ---- */

static void OVS_PRINTF_FORMAT(2, 3)
put_line(struct svec *lines, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    svec_add_nocopy(lines, xvasprintf(format, args));
    va_end(args);
}

/* Replies with 'heading' (perhaps null) and the sorted lines, and destroys
 * these. */
static void
reply(struct unixctl_conn *conn, const char *heading, struct svec *lines)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    if (heading) {
        ds_put_format(&s, "%s:\n", heading);
    }
    svec_sort(lines);
    for (size_t i = 0; i < lines->n; i++) {
        ds_put_format(&s, "%s\n", lines->names[i]);
    }
    unixctl_command_reply(conn, ds_cstr(&s));
    ds_destroy(&s);
    svec_destroy(lines);
}

static const char *
datapath_name(const struct local_datapath *ld)
{
    const char *name = sb_datapath_binding_external_ids_get(
        local_datapath_binding(ld), "name");
    return name ? name : "";
}

static const struct local_datapath *
datapath_of(const struct sb_port_binding *pb)
{
    return local_datapath_by_uuid(sb_port_binding_datapath_uuid(pb));
}

/* ---- Ports. ---- */

#define COMMAND(NAME)                                                   \
    static void                                                         \
    NAME(struct unixctl_conn *conn, int argc OVS_UNUSED,                \
         const char *argv[] OVS_UNUSED, void *aux OVS_UNUSED)

COMMAND(dump_bindings)
{
    static const char *const kinds[] = {
        [LPORT_VIF] = "vif", [LPORT_CONTAINER] = "container",
        [LPORT_LOCALPORT] = "localport", [LPORT_LOCALNET] = "localnet",
        [LPORT_L2GATEWAY] = "l2gateway",
        [LPORT_L3GATEWAY] = "l3gateway",
        [LPORT_REDIRECT] = "chassisredirect",
        [LPORT_EXTERNAL] = "external",
    };
    struct svec lines = SVEC_EMPTY_INITIALIZER;
    const struct local_port *port;

    INC_FOR_EACH (port, &local_port_table) {
        const char *name = local_port_name(port).s;
        put_line(&lines, "name: [%s], type: %s, ofport: %"PRIu32", "
                 "tag: %"PRIu32", installed: %s", name,
                 kinds[local_port_kind(port)], local_port_ofport(port),
                 local_port_vlan(port),
                 installed_by_name(name) ? "yes" : "no");
    }
    reply(conn, "Local bindings", &lines);
}

/* Ports whose flows are made here: all of the local datapaths but those that
 * only another chassis has. */
COMMAND(dump_related_ports)
{
    struct svec lines = SVEC_EMPTY_INITIALIZER;
    const struct sb_port_binding *pb;

    INC_FOR_EACH (pb, &sb_port_binding_table.inc) {
        const struct local_datapath *ld = datapath_of(pb);
        const char *name = sb_port_binding_logical_port(pb);
        if (ld && !lport_is_absent(name)) {
            put_line(&lines, "name: %s, datapath: %s, id: "
                     "%"PRIu32"_%"PRId64, name, datapath_name(ld),
                     local_datapath_key(ld), sb_port_binding_tunnel_key(pb));
        }
    }
    reply(conn, "Related ports", &lines);
}

COMMAND(dump_peer_ports)
{
    struct svec lines = SVEC_EMPTY_INITIALIZER;
    const struct sb_port_binding *pb;

    INC_FOR_EACH (pb, &sb_port_binding_table.inc) {
        const struct sb_port_binding *peer = patch_peer(pb);
        if (peer) {
            put_line(&lines, "name: %s, datapath: %s, peer: %s, "
                     "peer datapath: %s", sb_port_binding_logical_port(pb),
                     datapath_name(datapath_of(pb)),
                     sb_port_binding_logical_port(peer),
                     datapath_name(datapath_of(peer)));
        }
    }
    reply(conn, "Peer ports", &lines);
}

/* ---- Datapaths. ---- */

COMMAND(dump_datapaths)
{
    struct svec lines = SVEC_EMPTY_INITIALIZER;
    const struct local_datapath *ld;

    INC_FOR_EACH (ld, &local_datapath_table) {
        put_line(&lines, "Datapath: %s, type: %s, key: %"PRIu32,
                 datapath_name(ld),
                 local_datapath_is_switch(ld) ? "switch" : "router",
                 local_datapath_key(ld));
    }
    reply(conn, "Local datapaths", &lines);
}

COMMAND(dump_zones)
{
    struct svec lines = SVEC_EMPTY_INITIALIZER;
    const struct zone *zone;

    INC_FOR_EACH (zone, &zone_table) {
        put_line(&lines, "%s %"PRIu32, zone_name(zone).s, zone_zone(zone));
    }
    reply(conn, NULL, &lines);
}

/* What the southbound database says of them, and, until it does, what this
 * chassis has learned. */
COMMAND(dump_mac_bindings)
{
    struct svec lines = SVEC_EMPTY_INITIALIZER;
    const struct sb_mac_binding *mb;
    const struct learned_mac *learned;

    INC_FOR_EACH (mb, &sb_mac_binding_table.inc) {
        const struct uuid *dp = sb_mac_binding_datapath_uuid(mb);
        const struct local_datapath *ld = dp ? local_datapath_by_uuid(dp)
                                             : NULL;
        if (ld) {
            put_line(&lines, "port: %s, ip: %s, mac: %s, datapath: %s, "
                     "timestamp: %"PRId64, sb_mac_binding_logical_port(mb),
                     sb_mac_binding_ip(mb), sb_mac_binding_mac(mb),
                     datapath_name(ld), sb_mac_binding_timestamp(mb));
        }
    }
    INC_FOR_EACH (learned, &learned_mac_table) {
        struct neighbor_key key = learned_mac_key(learned);
        const struct sb_port_binding *pb = neighbor_port(&key);
        const struct local_datapath *ld = pb ? datapath_of(pb) : NULL;
        struct eth_addr mac = learned_mac_mac(learned);
        char ip[INET6_ADDRSTRLEN];

        ipv6_string_mapped(ip, &key.ip);
        if (ld) {
            put_line(&lines, "port: %s, ip: %s, mac: "ETH_ADDR_FMT", "
                     "datapath: %s, just learned",
                     sb_port_binding_logical_port(pb), ip,
                     ETH_ADDR_ARGS(mac), datapath_name(ld));
        }
    }
    reply(conn, "MAC bindings", &lines);
}

/* ---- Flows. ---- */

static void
put_conj_block(const struct conj_block *block, void *lines)
{
    put_line(lines, "lflow: "UUID_FMT", datapath: %s, ids: %"PRIu32"-%"PRIu32,
             UUID_ARGS(&block->lflow), datapath_name(block->ld),
             block->first, block->last);
}

COMMAND(dump_conj_ids)
{
    struct svec lines = SVEC_EMPTY_INITIALIZER;
    conj_blocks_list(put_conj_block, &lines);
    reply(conn, "Conjunction IDs", &lines);
}

COMMAND(dump_templates)
{
    const struct ovsdb_datum *variables = template_variables();
    struct svec lines = SVEC_EMPTY_INITIALIZER;

    for (size_t i = 0; variables && i < db_n(variables); i++) {
        put_line(&lines, "name: '%s' value: '%s'", db_str(variables, i),
                 db_val_str(variables, i));
    }
    reply(conn, "Local template vars", &lines);
}

static void
put_id(const char *name, uint32_t id, void *lines)
{
    put_line(lines, "%s: %"PRIu32, name, id);
}

COMMAND(dump_groups)
{
    struct svec lines = SVEC_EMPTY_INITIALIZER;
    ofids_list(OFID_GROUP, put_id, &lines);
    reply(conn, NULL, &lines);
}

COMMAND(dump_meters)
{
    struct svec lines = SVEC_EMPTY_INITIALIZER;
    ofids_list(OFID_METER, put_id, &lines);
    reply(conn, NULL, &lines);
}

void
dumps_register(void)
{
    static const struct {
        const char *name;
        unixctl_cb_func *cb;
    } commands[] = {
        { "ct-zone-list", dump_zones },
        { "debug/dump-lflow-conj-ids", dump_conj_ids },
        { "debug/dump-local-bindings", dump_bindings },
        { "debug/dump-local-datapaths", dump_datapaths },
        { "debug/dump-local-template-vars", dump_templates },
        { "debug/dump-mac-bindings", dump_mac_bindings },
        { "debug/dump-peer-ports", dump_peer_ports },
        { "debug/dump-related-ports", dump_related_ports },
        { "group-table-list", dump_groups },
        { "meter-table-list", dump_meters },
    };
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        unixctl_command_register(commands[i].name, "", 0, 0, commands[i].cb,
                                 NULL);
    }
}
