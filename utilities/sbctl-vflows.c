#include <config.h>
#include "sbctl.h"

#include <stdlib.h>
#include <string.h>

#include "ovsdb-idl.h"
#include "smap.h"
#include "util.h"

/* Rows other than logical flows from which chassis make OpenFlow flows. */

void
sbctl_pre_vflows(struct ctl_context *ctx)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &sbrec_chassis_col_name,
        &sbrec_datapath_binding_col_external_ids,
        &sbrec_load_balancer_col_datapath_group,
        &sbrec_load_balancer_col_datapaths,
        &sbrec_load_balancer_col_lr_datapath_group,
        &sbrec_load_balancer_col_ls_datapath_group,
        &sbrec_load_balancer_col_name,
        &sbrec_load_balancer_col_protocol,
        &sbrec_load_balancer_col_vips,
        &sbrec_logical_dp_group_col_datapaths,
        &sbrec_mac_binding_col_datapath,
        &sbrec_mac_binding_col_ip,
        &sbrec_mac_binding_col_logical_port,
        &sbrec_mac_binding_col_mac,
        &sbrec_multicast_group_col_datapath,
        &sbrec_multicast_group_col_name,
        &sbrec_multicast_group_col_ports,
        &sbrec_multicast_group_col_tunnel_key,
        &sbrec_port_binding_col_datapath,
        &sbrec_port_binding_col_logical_port,
        &sbrec_port_binding_col_tunnel_key,
        NULL
    };

    ctl_add_columns(ctx->idl, columns);
}

/* One kind of row, which appears under 'title'.  The functions cast the row
 * to their type. */
struct section {
    const char *title;
    const struct ovsdb_idl_table_class *table;

    /* The row's datapath; NULL if it has none or several. */
    const struct sbrec_datapath_binding *(*datapath)(
        const struct ovsdb_idl_row *);

    /* True if a row that has no datapath of its own concerns 'dp'.  NULL if
     * it concerns all. */
    bool (*concerns)(const struct ovsdb_idl_row *,
                     const struct sbrec_datapath_binding *dp);

    /* What the rows are sorted by. */
    const char *(*key)(const struct ovsdb_idl_row *);

    /* Appends the rest of the row.  'dp' is the only datapath that the user
     * wants to see, or NULL. */
    void (*put)(const struct ovsdb_idl_row *,
                const struct sbrec_datapath_binding *dp, struct ds *);
};

static const struct sbrec_port_binding *
pb_cast(const struct ovsdb_idl_row *row)
{
    return CONTAINER_OF(row, const struct sbrec_port_binding, header_);
}

static const struct sbrec_datapath_binding *
pb_datapath(const struct ovsdb_idl_row *row)
{
    return pb_cast(row)->datapath;
}

static const char *
pb_key(const struct ovsdb_idl_row *row)
{
    return pb_cast(row)->logical_port;
}

static void
pb_put(const struct ovsdb_idl_row *row,
       const struct sbrec_datapath_binding *dp OVS_UNUSED, struct ds *s)
{
    const struct sbrec_port_binding *pb = pb_cast(row);

    ds_put_format(s, "logical_port=%s, tunnel_key=%-5"PRId64"\n",
                  pb->logical_port, pb->tunnel_key);
}

static const struct sbrec_mac_binding *
mb_cast(const struct ovsdb_idl_row *row)
{
    return CONTAINER_OF(row, const struct sbrec_mac_binding, header_);
}

static const struct sbrec_datapath_binding *
mb_datapath(const struct ovsdb_idl_row *row)
{
    return mb_cast(row)->datapath;
}

static const char *
mb_key(const struct ovsdb_idl_row *row)
{
    return mb_cast(row)->ip;
}

static void
mb_put(const struct ovsdb_idl_row *row,
       const struct sbrec_datapath_binding *dp OVS_UNUSED, struct ds *s)
{
    const struct sbrec_mac_binding *mb = mb_cast(row);

    ds_put_format(s, "logical_port=%s, ip=%s, mac=%s\n", mb->logical_port,
                  mb->ip, mb->mac);
}

static const struct sbrec_multicast_group *
mc_cast(const struct ovsdb_idl_row *row)
{
    return CONTAINER_OF(row, const struct sbrec_multicast_group, header_);
}

static const struct sbrec_datapath_binding *
mc_datapath(const struct ovsdb_idl_row *row)
{
    return mc_cast(row)->datapath;
}

static const char *
mc_key(const struct ovsdb_idl_row *row)
{
    return mc_cast(row)->name;
}

static void
mc_put(const struct ovsdb_idl_row *row,
       const struct sbrec_datapath_binding *dp OVS_UNUSED, struct ds *s)
{
    const struct sbrec_multicast_group *mc = mc_cast(row);

    ds_put_format(s, "name=%s, tunnel_key=%-5"PRId64", ports=(", mc->name,
                  mc->tunnel_key);
    for (size_t i = 0; i < mc->n_ports; i++) {
        ds_put_format(s, "%s%s", i ? ", " : "", mc->ports[i]->logical_port);
    }
    ds_put_cstr(s, ")\n");
}

static const char *
chassis_key(const struct ovsdb_idl_row *row)
{
    return CONTAINER_OF(row, struct sbrec_chassis, header_)->name;
}

static void
chassis_put(const struct ovsdb_idl_row *row,
            const struct sbrec_datapath_binding *dp OVS_UNUSED, struct ds *s)
{
    ds_put_format(s, "name=%s\n", chassis_key(row));
}

static const struct sbrec_load_balancer *
lb_cast(const struct ovsdb_idl_row *row)
{
    return CONTAINER_OF(row, const struct sbrec_load_balancer, header_);
}

static const char *
lb_key(const struct ovsdb_idl_row *row)
{
    return lb_cast(row)->name;
}

/* Appends the names of the 'n' datapaths to 's', and returns true if one of
 * them is 'dp'. */
static bool
list_datapaths(struct sbrec_datapath_binding **datapaths, size_t n,
               const struct sbrec_datapath_binding *dp, struct ds *s)
{
    bool found = false;

    for (size_t i = 0; i < n; i++) {
        found |= datapaths[i] == dp;
        ds_put_cstr(s, "datapath=");
        sbctl_put_datapath_name(datapaths[i], s);
        ds_put_cstr(s, ", ");
    }
    return found;
}

/* The same for all that the load balancer is on, by itself or in a group. */
static bool
list_lb_datapaths(const struct sbrec_load_balancer *lb,
                  const struct sbrec_datapath_binding *dp, struct ds *s)
{
    const struct sbrec_logical_dp_group *groups[] = {
        lb->datapath_group, lb->ls_datapath_group, lb->lr_datapath_group
    };
    bool found = list_datapaths(lb->datapaths, lb->n_datapaths, dp, s);

    for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
        if (groups[i]) {
            found |= list_datapaths(groups[i]->datapaths,
                                    groups[i]->n_datapaths, dp, s);
        }
    }
    return found;
}

static bool
lb_concerns(const struct ovsdb_idl_row *row,
            const struct sbrec_datapath_binding *dp)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    bool found = list_lb_datapaths(lb_cast(row), dp, &s);

    ds_destroy(&s);
    return found;
}

static void
lb_put(const struct ovsdb_idl_row *row,
       const struct sbrec_datapath_binding *dp, struct ds *s)
{
    const struct sbrec_load_balancer *lb = lb_cast(row);
    const struct smap_node **vips = smap_sort(&lb->vips);

    ds_put_format(s, "name=\"%s\", protocol=\"%s\", ", lb->name,
                  lb->protocol ? lb->protocol : "");
    if (!dp) {
        list_lb_datapaths(lb, NULL, s);
    }
    ds_put_cstr(s, "\n  vips:\n");
    for (size_t i = 0; i < smap_count(&lb->vips); i++) {
        ds_put_format(s, "    %s = %s\n", vips[i]->key, vips[i]->value);
    }
    ds_put_char(s, '\n');
    free(vips);
}

static const struct section sections[] = {
    { "Port Bindings", &sbrec_table_port_binding, pb_datapath, NULL, pb_key,
      pb_put },
    { "MAC Bindings", &sbrec_table_mac_binding, mb_datapath, NULL, mb_key,
      mb_put },
    { "MC Groups", &sbrec_table_multicast_group, mc_datapath, NULL, mc_key,
      mc_put },
    { "Chassis", &sbrec_table_chassis, NULL, NULL, chassis_key,
      chassis_put },
    { "Load Balancers", &sbrec_table_load_balancer, NULL, lb_concerns,
      lb_key, lb_put },
};

struct entry {
    const struct ovsdb_idl_row *row;
    const struct sbrec_datapath_binding *dp;    /* Or NULL. */
    const char *dp_name;
    const char *key;
};

static int
compare_entries(const void *a_, const void *b_)
{
    const struct entry *a = a_;
    const struct entry *b = b_;
    int cmp = strcmp(a->dp_name, b->dp_name);

    cmp = cmp ? cmp : strcmp(a->key, b->key);
    return cmp ? cmp : uuid_compare_3way(&a->row->uuid, &b->row->uuid);
}

static void
put_section(const struct section *section, struct ctl_context *ctx,
            const struct sbctl_vflows *v)
{
    const struct ovsdb_idl_row *row;
    struct entry *entries = NULL;
    size_t n = 0, allocated = 0;
    struct ds *s = &ctx->output;

    for (row = ovsdb_idl_first_row(ctx->idl, section->table); row;
         row = ovsdb_idl_next_row(row)) {
        const struct sbrec_datapath_binding *dp
            = section->datapath ? section->datapath(row) : NULL;

        if (v->dp && (section->datapath ? dp != v->dp
                      : section->concerns && !section->concerns(row,
                                                                v->dp))) {
            continue;
        }
        if (n >= allocated) {
            entries = x2nrealloc(entries, &allocated, sizeof *entries);
        }
        entries[n++] = (struct entry) {
            .row = row, .dp = dp, .key = section->key(row),
            .dp_name = dp ? smap_get_def(&dp->external_ids, "name", "") : "",
        };
    }
    if (n) {
        qsort(entries, n, sizeof *entries, compare_entries);
        ds_put_format(s, "\n%s:\n", section->title);
    }
    for (size_t i = 0; i < n; i++) {
        const struct entry *e = &entries[i];

        ds_put_cstr(s, "  ");
        if (v->print_uuid) {
            ds_put_format(s, "uuid=0x%08x, ", e->row->uuid.parts[0]);
        }
        if (e->dp && !v->dp) {
            ds_put_cstr(s, "datapath=");
            sbctl_put_datapath_name(e->dp, s);
            ds_put_cstr(s, ", ");
        }
        section->put(e->row, v->dp, s);
        if (v->vconn) {
            sbctl_put_openflow(v->vconn, &e->row->uuid, v->stats, s);
        }
    }
    free(entries);
}

/* Appends the rows, as 'v' wants them. */
void
sbctl_put_vflows(struct ctl_context *ctx, const struct sbctl_vflows *v)
{
    for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
        put_section(&sections[i], ctx, v);
    }
}
