#include <config.h>
#include "rows.h"

#include <stdlib.h>
#include <string.h>

#include "lib/ovn-nb-idl.h"
#include "lib/ovn-sb-idl.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/hmap.h"
#include "ovsdb-idl.h"
#include "ovsdb-idl-provider.h"
#include "smap.h"
#include "utilities/trace/why.h"
#include "util.h"
#include "uuid.h"
#include "vswitch-idl.h"

/* A row of the southbound database. */
struct row {
    struct hmap_node hmap_node; /* By the first part of the UUID. */
    const struct ovsdb_idl_row *row;
    int kind;                   /* Index in 'sb_kinds'. */
};

struct rows {
    struct hmap rows;           /* "struct row"s. */
    struct why *why;
    struct ovsdb_idl *vs;       /* NULL: not asked for. */
};

/* ---- Northbound rows. ---- */

/* One line has some columns of a row, each after a text. */
#define MAX_PARTS 5
struct nb_line {
    const struct ovsdb_idl_table_class *table;
    struct {
        const char *before;
        const struct ovsdb_idl_column *column;
    } parts[MAX_PARTS];         /* The rest is NULL. */
    const char *after;          /* May be NULL. */
};

/* Scripts know the lines of these tables in this form. */
static const struct nb_line nb_lines[] = {
    { &nbrec_table_acl,
      { { "ACL: ", &nbrec_acl_col_direction },
        { ", priority=", &nbrec_acl_col_priority },
        { ", match=(", &nbrec_acl_col_match },
        { "), ", &nbrec_acl_col_action } }, NULL },
    { &nbrec_table_dhcp_options,
      { { "DHCP Options: cidr ", &nbrec_dhcp_options_col_cidr },
        { " options (", &nbrec_dhcp_options_col_options } }, ")" },
    { &nbrec_table_forwarding_group,
      { { "Forwarding Group: name ", &nbrec_forwarding_group_col_name },
        { " vip ", &nbrec_forwarding_group_col_vip },
        { " vmac ", &nbrec_forwarding_group_col_vmac },
        { " liveness ", &nbrec_forwarding_group_col_liveness },
        { " child ports (", &nbrec_forwarding_group_col_child_port } }, ")" },
    { &nbrec_table_load_balancer,
      { { "Load Balancer: ", &nbrec_load_balancer_col_name },
        { " protocol ", &nbrec_load_balancer_col_protocol },
        { " vips ", &nbrec_load_balancer_col_vips },
        { " ip_port_mappings ",
          &nbrec_load_balancer_col_ip_port_mappings } }, NULL },
    { &nbrec_table_logical_router_policy,
      { { "Logical Router Policy: priority ",
          &nbrec_logical_router_policy_col_priority },
        { " match ", &nbrec_logical_router_policy_col_match },
        { " action ", &nbrec_logical_router_policy_col_action },
        { " nexthop ", &nbrec_logical_router_policy_col_nexthops } }, NULL },
    { &nbrec_table_logical_router_port,
      { { "Logical Router Port: ", &nbrec_logical_router_port_col_name },
        { " mac ", &nbrec_logical_router_port_col_mac },
        { " networks ", &nbrec_logical_router_port_col_networks },
        { " ipv6_ra_configs ",
          &nbrec_logical_router_port_col_ipv6_ra_configs } }, NULL },
    { &nbrec_table_logical_router_static_route,
      { { "Route: ", &nbrec_logical_router_static_route_col_ip_prefix },
        { " via ", &nbrec_logical_router_static_route_col_nexthop },
        { " (port ", &nbrec_logical_router_static_route_col_output_port },
        { "), policy=", &nbrec_logical_router_static_route_col_policy } },
      NULL },
    { &nbrec_table_logical_switch_port,
      { { "Logical Switch Port: ", &nbrec_logical_switch_port_col_name },
        { " type ", &nbrec_logical_switch_port_col_type },
        { " (addresses ", &nbrec_logical_switch_port_col_addresses },
        { ", dynamic addresses ",
          &nbrec_logical_switch_port_col_dynamic_addresses },
        { ", security ", &nbrec_logical_switch_port_col_port_security } },
      ")" },
    { &nbrec_table_nat,
      { { "NAT: external IP ", &nbrec_nat_col_external_ip },
        { " external_mac ", &nbrec_nat_col_external_mac },
        { " logical_ip ", &nbrec_nat_col_logical_ip },
        { " logical_port ", &nbrec_nat_col_logical_port },
        { " type ", &nbrec_nat_col_type } }, NULL },
    { &nbrec_table_qos,
      { { "QoS: priority ", &nbrec_qos_col_priority },
        { " direction ", &nbrec_qos_col_direction },
        { " match ", &nbrec_qos_col_match },
        { " action ", &nbrec_qos_col_action },
        { " bandwidth ", &nbrec_qos_col_bandwidth } }, NULL },
};

/* Strings stand without quotes: the texts around are clear enough. */
static void
put_atom(const union ovsdb_atom *atom, enum ovsdb_atomic_type type,
         struct ds *s)
{
    if (type == OVSDB_TYPE_STRING) {
        ds_put_cstr(s, atom->s->string);
    } else {
        ovsdb_atom_to_string(atom, type, s);
    }
}

/* A value that there is always once stands alone, sets are in brackets, maps
 * in braces. */
static void
put_column(const struct ovsdb_idl_row *row,
           const struct ovsdb_idl_column *column, struct ds *s)
{
    const struct ovsdb_datum *datum = ovsdb_idl_read(row, column);
    bool is_map = column->type.value.type != OVSDB_TYPE_VOID;
    bool is_one = ovsdb_type_is_scalar(&column->type);

    ds_put_cstr(s, is_one ? "" : is_map ? "{" : "[");
    for (size_t i = 0; i < datum->n; i++) {
        ds_put_cstr(s, i ? ", " : "");
        put_atom(&datum->keys[i], column->type.key.type, s);
        if (is_map) {
            ds_put_char(s, '=');
            put_atom(&datum->values[i], column->type.value.type, s);
        }
    }
    ds_put_cstr(s, is_one ? "" : is_map ? "}" : "]");
}

/* Returns false if there is no such form for the row's table. */
static bool
put_nb_line(const struct ovsdb_idl_row *row, struct ds *s)
{
    for (size_t i = 0; i < ARRAY_SIZE(nb_lines); i++) {
        const struct nb_line *line = &nb_lines[i];

        if (row->table->class_ != line->table) {
            continue;
        }
        ds_put_cstr(s, "   * ");
        for (int j = 0; j < MAX_PARTS && line->parts[j].column; j++) {
            ds_put_cstr(s, line->parts[j].before);
            put_column(row, line->parts[j].column, s);
        }
        ds_put_cstr(s, line->after ? line->after : "");
        if (line->table == &nbrec_table_acl
            && CONTAINER_OF(row, struct nbrec_acl, header_)->log) {
            ds_put_cstr(s, " (log)");
        }
        ds_put_char(s, '\n');
        return true;
    }
    return false;
}

static void
put_nb_rows(const struct why *why, const char *hint, struct ds *s)
{
    const struct ovsdb_idl_row **rows;
    size_t n = why_rows(why, hint, &rows);

    for (size_t i = 0; i < n; i++) {
        /* Whose row it is, and its name. */
        ds_put_cstr(s, put_nb_line(rows[i], s) ? "     # " : "   * ");
        why_put_row(why, rows[i], s);
        ds_put_char(s, '\n');
    }
    if (!n && hint && hint[0] && !why_problem(why)) {
        ds_put_format(s, "   * northbound row %s, which is not there any "
                      "more\n", hint);
    }
    free(rows);
}

void
rows_add_nb_columns(struct ovsdb_idl *idl)
{
    why_add_columns(idl);
    for (size_t i = 0; i < ARRAY_SIZE(nb_lines); i++) {
        for (int j = 0; j < MAX_PARTS && nb_lines[i].parts[j].column; j++) {
            ovsdb_idl_add_column(idl, nb_lines[i].parts[j].column);
        }
    }
    ovsdb_idl_add_column(idl, &nbrec_acl_col_log);
}

/* ---- Southbound rows. ---- */

static void
put_dp_name(const struct sbrec_datapath_binding *dp, struct ds *s)
{
    ds_put_format(s, "\"%s\" ("UUID_FMT")",
                  smap_get_def(&dp->external_ids, "name", ""),
                  UUID_ARGS(&dp->header_.uuid));
}

/* Does nothing if there is none. */
static void
put_dp(const struct sbrec_datapath_binding *dp, struct ds *s)
{
    if (dp) {
        ds_put_cstr(s, "  * Logical datapath: ");
        put_dp_name(dp, s);
        ds_put_char(s, '\n');
    }
}

static void
put_chassis_name(const struct sbrec_chassis *chassis, struct ds *s)
{
    ds_put_format(s, "chassis-name \"%s\", chassis-str \"%s\"",
                  chassis->name, chassis->hostname);
}

static void
put_flow_dp(const struct sbrec_datapath_binding *dp, const char *pipeline,
            struct ds *s)
{
    ds_put_cstr(s, "  *     ");
    put_dp_name(dp, s);
    ds_put_format(s, " [%s]\n", pipeline);
}

static void
put_logical_flow(const struct rows *rows, const struct ovsdb_idl_row *row,
                 struct ds *s)
{
    const struct sbrec_logical_flow *flow
        = CONTAINER_OF(row, struct sbrec_logical_flow, header_);
    const struct sbrec_logical_dp_group *group = flow->logical_dp_group;

    ds_put_cstr(s, "  * Logical datapaths:\n");
    if (flow->logical_datapath) {
        put_flow_dp(flow->logical_datapath, flow->pipeline, s);
    }
    for (size_t i = 0; group && i < group->n_datapaths; i++) {
        put_flow_dp(group->datapaths[i], flow->pipeline, s);
    }
    ds_put_format(s, "  * Logical flow: table=%"PRId64" (%s), "
                  "priority=%"PRId64", match=(%s), actions=(%s)\n",
                  flow->table_id,
                  smap_get_def(&flow->external_ids, "stage-name", ""),
                  flow->priority, flow->match, flow->actions);
    put_nb_rows(rows->why, smap_get(&flow->external_ids, "stage-hint"), s);
}

/* The interface of this node that is 'logical_port'. */
static void
put_interface(struct ovsdb_idl *vs, const char *logical_port, struct ds *s)
{
    const struct ovsrec_interface *iface;

    OVSREC_INTERFACE_FOR_EACH (iface, vs) {
        const char *id = smap_get(&iface->external_ids, "iface-id");
        if (id && !strcmp(id, logical_port)) {
            ds_put_format(s, "  * OVS Interface: %s (%s)\n", iface->name, id);
        }
    }
}

static void
put_port_binding(const struct rows *rows, const struct ovsdb_idl_row *row,
                 struct ds *s)
{
    const struct sbrec_port_binding *pb
        = CONTAINER_OF(row, struct sbrec_port_binding, header_);

    put_dp(pb->datapath, s);
    ds_put_format(s, "  * Port Binding: logical_port \"%s\", "
                  "tunnel_key %"PRId64, pb->logical_port, pb->tunnel_key);
    if (pb->chassis) {
        ds_put_cstr(s, ", ");
        put_chassis_name(pb->chassis, s);
    }
    ds_put_char(s, '\n');
    if (rows->vs) {
        put_interface(rows->vs, pb->logical_port, s);
    }
}

static void
put_mac_binding(const struct rows *rows OVS_UNUSED,
                const struct ovsdb_idl_row *row, struct ds *s)
{
    const struct sbrec_mac_binding *mb
        = CONTAINER_OF(row, struct sbrec_mac_binding, header_);

    put_dp(mb->datapath, s);
    ds_put_format(s, "  * MAC Binding: ip \"%s\", logical_port \"%s\", "
                  "mac \"%s\"\n", mb->ip, mb->logical_port, mb->mac);
}

static void
put_static_mac_binding(const struct rows *rows OVS_UNUSED,
                       const struct ovsdb_idl_row *row, struct ds *s)
{
    const struct sbrec_static_mac_binding *mb
        = CONTAINER_OF(row, struct sbrec_static_mac_binding, header_);

    put_dp(mb->datapath, s);
    ds_put_format(s, "  * Static MAC Binding: ip \"%s\", "
                  "logical_port \"%s\", mac \"%s\"\n",
                  mb->ip, mb->logical_port, mb->mac);
}

static void
put_multicast_group(const struct rows *rows OVS_UNUSED,
                    const struct ovsdb_idl_row *row, struct ds *s)
{
    const struct sbrec_multicast_group *mc
        = CONTAINER_OF(row, struct sbrec_multicast_group, header_);

    put_dp(mc->datapath, s);
    ds_put_format(s, "  * Multicast Group: name \"%s\", "
                  "tunnel_key %"PRId64" ports: (", mc->name, mc->tunnel_key);
    for (size_t i = 0; i < mc->n_ports; i++) {
        ds_put_format(s, "%s%s", i ? ", " : "", mc->ports[i]->logical_port);
    }
    ds_put_cstr(s, ")\n");
}

static void
put_chassis(const struct rows *rows OVS_UNUSED,
            const struct ovsdb_idl_row *row, struct ds *s)
{
    ds_put_cstr(s, "  * Chassis: ");
    put_chassis_name(CONTAINER_OF(row, struct sbrec_chassis, header_), s);
    ds_put_char(s, '\n');
}

static void
put_load_balancer(const struct rows *rows OVS_UNUSED,
                  const struct ovsdb_idl_row *row, struct ds *s)
{
    ds_put_cstr(s, "  * Load Balancer: ");
    put_column(row, &sbrec_load_balancer_col_name, s);
    ds_put_cstr(s, " protocol ");
    put_column(row, &sbrec_load_balancer_col_protocol, s);
    ds_put_cstr(s, " vips ");
    put_column(row, &sbrec_load_balancer_col_vips, s);
    ds_put_char(s, '\n');
}

/* The port that an FDB row, which has nothing but keys, is about, or NULL. */
static const struct sbrec_port_binding *
fdb_port(const struct rows *rows, const struct sbrec_fdb *fdb)
{
    const struct row *r;

    HMAP_FOR_EACH (r, hmap_node, &rows->rows) {
        if (r->row->table->class_ == &sbrec_table_port_binding) {
            const struct sbrec_port_binding *pb
                = CONTAINER_OF(r->row, struct sbrec_port_binding, header_);
            if (pb->tunnel_key == fdb->port_key && pb->datapath
                && pb->datapath->tunnel_key == fdb->dp_key) {
                return pb;
            }
        }
    }
    return NULL;
}

static void
put_fdb(const struct rows *rows, const struct ovsdb_idl_row *row,
        struct ds *s)
{
    const struct sbrec_fdb *fdb
        = CONTAINER_OF(row, struct sbrec_fdb, header_);
    const struct sbrec_port_binding *pb = fdb_port(rows, fdb);

    if (pb) {
        put_dp(pb->datapath, s);
    }
    ds_put_format(s, "  * FDB: mac \"%s\", dp_key %"PRId64", "
                  "port_key %"PRId64, fdb->mac, fdb->dp_key, fdb->port_key);
    if (pb) {
        ds_put_format(s, ", logical_port \"%s\"", pb->logical_port);
    }
    ds_put_char(s, '\n');
}

/* Tables that OpenFlow flows come from. */
static const struct sb_kind {
    const struct ovsdb_idl_table_class *table;
    void (*put)(const struct rows *, const struct ovsdb_idl_row *,
                struct ds *);
} sb_kinds[] = {
    { &sbrec_table_chassis, put_chassis },
    { &sbrec_table_fdb, put_fdb },
    { &sbrec_table_load_balancer, put_load_balancer },
    { &sbrec_table_logical_flow, put_logical_flow },
    { &sbrec_table_mac_binding, put_mac_binding },
    { &sbrec_table_multicast_group, put_multicast_group },
    { &sbrec_table_port_binding, put_port_binding },
    { &sbrec_table_static_mac_binding, put_static_mac_binding },
};

void
rows_add_sb_columns(struct ovsdb_idl *idl)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &sbrec_chassis_col_hostname, &sbrec_chassis_col_name,
        &sbrec_datapath_binding_col_external_ids,
        &sbrec_datapath_binding_col_tunnel_key,
        &sbrec_fdb_col_dp_key, &sbrec_fdb_col_mac, &sbrec_fdb_col_port_key,
        &sbrec_load_balancer_col_name, &sbrec_load_balancer_col_protocol,
        &sbrec_load_balancer_col_vips,
        &sbrec_logical_dp_group_col_datapaths,
        &sbrec_logical_flow_col_actions, &sbrec_logical_flow_col_external_ids,
        &sbrec_logical_flow_col_logical_datapath,
        &sbrec_logical_flow_col_logical_dp_group,
        &sbrec_logical_flow_col_match, &sbrec_logical_flow_col_pipeline,
        &sbrec_logical_flow_col_priority, &sbrec_logical_flow_col_table_id,
        &sbrec_mac_binding_col_datapath, &sbrec_mac_binding_col_ip,
        &sbrec_mac_binding_col_logical_port, &sbrec_mac_binding_col_mac,
        &sbrec_multicast_group_col_datapath,
        &sbrec_multicast_group_col_name, &sbrec_multicast_group_col_ports,
        &sbrec_multicast_group_col_tunnel_key,
        &sbrec_port_binding_col_chassis, &sbrec_port_binding_col_datapath,
        &sbrec_port_binding_col_logical_port,
        &sbrec_port_binding_col_tunnel_key,
        &sbrec_static_mac_binding_col_datapath,
        &sbrec_static_mac_binding_col_ip,
        &sbrec_static_mac_binding_col_logical_port,
        &sbrec_static_mac_binding_col_mac,
    };

    for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
        ovsdb_idl_add_column(idl, columns[i]);
    }
}

void
rows_add_vs_columns(struct ovsdb_idl *idl)
{
    ovsdb_idl_add_column(idl, &ovsrec_interface_col_name);
    ovsdb_idl_add_column(idl, &ovsrec_interface_col_external_ids);
}

/* ---- All of them. ---- */

struct rows *
rows_create(struct ovsdb_idl *sb, struct why *why, struct ovsdb_idl *vs)
{
    struct rows *rows = xzalloc(sizeof *rows);

    rows->why = why;
    rows->vs = vs;
    hmap_init(&rows->rows);
    for (size_t i = 0; i < ARRAY_SIZE(sb_kinds); i++) {
        const struct ovsdb_idl_row *row;

        for (row = ovsdb_idl_first_row(sb, sb_kinds[i].table); row;
             row = ovsdb_idl_next_row(row)) {
            struct row *r = xmalloc(sizeof *r);
            r->row = row;
            r->kind = i;
            hmap_insert(&rows->rows, &r->hmap_node, row->uuid.parts[0]);
        }
    }
    return rows;
}

void
rows_destroy(struct rows *rows)
{
    struct row *r;

    if (rows) {
        HMAP_FOR_EACH_POP (r, hmap_node, &rows->rows) {
            free(r);
        }
        hmap_destroy(&rows->rows);
        free(rows);
    }
}

void
rows_put(struct rows *rows, uint32_t cookie, struct ds *s)
{
    bool found = false;
    const struct row *r;

    HMAP_FOR_EACH_WITH_HASH (r, hmap_node, cookie, &rows->rows) {
        sb_kinds[r->kind].put(rows, r->row, s);
        found = true;
    }
    if (!found) {
        ds_put_format(s, "  * no southbound row for cookie %08"PRIx32"\n",
                      cookie);
    }
}
