#include <config.h>
#include "sbctl.h"

#include <stdlib.h>
#include <string.h>

#include "byte-order.h"
#include "dirs.h"
#include "openvswitch/match.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-flow.h"
#include "openvswitch/ofp-print.h"
#include "openvswitch/vconn.h"
#include "ovsdb-idl.h"
#include "smap.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(sbctl_lflow);

/* A logical flow in one of its datapaths. */
struct lflow {
    const struct sbrec_logical_flow *row;
    const struct sbrec_datapath_binding *dp;
    const char *dp_name;        /* "" if it has none. */
    bool egress;
};

struct lflows {
    struct lflow *flows;
    size_t n, allocated;
};

/* What the user wants to see. */
struct lflow_filter {
    const struct sbrec_datapath_binding *dp;    /* NULL for all. */
    char **uuids;               /* Beginnings of UUIDs; none stands for all. */
    int n_uuids;
};

static void
pre_count_flows(struct ctl_context *ctx)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &sbrec_datapath_binding_col_external_ids,
        &sbrec_logical_dp_group_col_datapaths,
        &sbrec_logical_flow_col_external_ids,
        &sbrec_logical_flow_col_logical_datapath,
        &sbrec_logical_flow_col_logical_dp_group,
        &sbrec_logical_flow_col_pipeline,
        &sbrec_logical_flow_col_table_id,
        NULL
    };

    ctl_add_columns(ctx->idl, columns);
}

static void
pre_lflow_list(struct ctl_context *ctx)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &sbrec_logical_flow_col_actions,
        &sbrec_logical_flow_col_match,
        &sbrec_logical_flow_col_priority,
        NULL
    };

    pre_count_flows(ctx);
    ctl_add_columns(ctx->idl, columns);
    if (shash_find(&ctx->options, "--vflows")) {
        sbctl_pre_vflows(ctx);
    }
}

/* Which flows a datapath has is known when its row is here.  (With --ovs, the
 * command should run only once.) */
static void
narrow_flows(struct ctl_context *ctx)
{
    const struct ovsdb_idl_table_class *flows = &sbrec_table_logical_flow;

    for (size_t i = 0; i < sbrec_idl_class.n_tables; i++) {
        if (&sbrec_idl_class.tables[i] != flows) {
            ctl_need_all(ctx, &sbrec_idl_class.tables[i]);
        }
    }
    if (ctx->argc > 1 && !shash_find(&ctx->options, "--ovs")) {
        ctl_need_none(ctx, flows);
    } else {
        ctl_need_all(ctx, flows);
    }
}

static void
need_flows(struct ctl_context *ctx, const struct sbrec_datapath_binding *dp)
{
    const struct ovsdb_idl_table_class *table = &sbrec_table_logical_flow;
    const struct sbrec_logical_dp_group *g;

    if (!ctl_is_narrow(table)) {
        return;
    } else if (!dp) {
        ctl_need_all(ctx, table);
        return;
    }
    ctl_need_referrer(ctx, table, &sbrec_logical_flow_col_logical_datapath,
                      &dp->header_.uuid);
    SBREC_LOGICAL_DP_GROUP_FOR_EACH (g, ctx->idl) {
        for (size_t i = 0; i < g->n_datapaths; i++) {
            if (g->datapaths[i] == dp) {
                ctl_need_referrer(ctx, table,
                                  &sbrec_logical_flow_col_logical_dp_group,
                                  &g->header_.uuid);
                break;
            }
        }
    }
}

/* Skips the prefix that people copy along with a flow's cookie. */
static const char *
strip_0x(const char *s)
{
    return !strncmp(s, "0x", 2) ? s + 2 : s;
}

static bool
filter_has_flow(const struct lflow_filter *filter,
                const struct sbrec_logical_flow *row)
{
    if (!filter->n_uuids) {
        return true;
    }
    for (int i = 0; i < filter->n_uuids; i++) {
        if (uuid_is_partial_match(&row->header_.uuid,
                                  strip_0x(filter->uuids[i]))) {
            return true;
        }
    }
    return false;
}

/* Makes a filter of the arguments, a datapath and beginnings of UUIDs, both
 * optional.  Returns NULL or an error message, which the caller must free. */
static char *
parse_filter(struct ctl_context *ctx, struct lflow_filter *filter)
{
    int i = 1;

    *filter = (struct lflow_filter) { .dp = NULL };
    if (ctx->argc > 1) {
        const struct ovsdb_idl_row *row;
        char *error = ctl_get_row(ctx, &sbrec_table_datapath_binding,
                                  ctx->argv[1], false, &row);

        if (error) {
            return error;
        } else if (row) {
            filter->dp = CONTAINER_OF(row, struct sbrec_datapath_binding,
                                      header_);
            i++;
        }
    }
    for (filter->uuids = &ctx->argv[i]; i < ctx->argc; i++) {
        if (!uuid_is_partial_string(strip_0x(ctx->argv[i]))) {
            return xasprintf("%s is not a UUID or the beginning of a UUID",
                             ctx->argv[i]);
        }
        filter->n_uuids++;
    }
    return NULL;
}

static void
lflows_add(struct lflows *l, const struct lflow_filter *filter,
           const struct sbrec_logical_flow *row,
           const struct sbrec_datapath_binding *dp)
{
    if (!dp || (filter->dp && filter->dp != dp)) {
        return;
    }
    if (l->n >= l->allocated) {
        l->flows = x2nrealloc(l->flows, &l->allocated, sizeof *l->flows);
    }
    l->flows[l->n++] = (struct lflow) {
        .row = row,
        .dp = dp,
        .dp_name = smap_get_def(&dp->external_ids, "name", ""),
        .egress = !strcmp(row->pipeline, "egress"),
    };
}

static int
compare_integers(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

/* Orders flows by datapath, then the way a packet meets them. */
static int
compare_lflows(const void *a_, const void *b_)
{
    const struct lflow *a = a_;
    const struct lflow *b = b_;
    const struct sbrec_logical_flow *fa = a->row, *fb = b->row;
    int cmp = strcmp(a->dp_name, b->dp_name);

    cmp = cmp ? cmp : uuid_compare_3way(&a->dp->header_.uuid,
                                        &b->dp->header_.uuid);
    cmp = cmp ? cmp : a->egress - b->egress;
    cmp = cmp ? cmp : compare_integers(fa->table_id, fb->table_id);
    cmp = cmp ? cmp : compare_integers(fb->priority, fa->priority);
    cmp = cmp ? cmp : strcmp(fa->match, fb->match);
    cmp = cmp ? cmp : strcmp(fa->actions, fb->actions);
    return cmp ? cmp : uuid_compare_3way(&fa->header_.uuid,
                                         &fb->header_.uuid);
}

/* Collects the flows that pass 'filter' in 'l', in order.  The caller frees
 * l->flows. */
static void
lflows_collect(struct ctl_context *ctx, const struct lflow_filter *filter,
               struct lflows *l)
{
    const struct sbrec_logical_flow *row;

    *l = (struct lflows) { .flows = NULL };
    need_flows(ctx, filter->dp);
    SBREC_LOGICAL_FLOW_FOR_EACH (row, ctx->idl) {
        if (!filter_has_flow(filter, row)) {
            continue;
        }
        lflows_add(l, filter, row, row->logical_datapath);

        const struct sbrec_logical_dp_group *g = row->logical_dp_group;
        for (size_t i = 0; g && i < g->n_datapaths; i++) {
            if (g->datapaths[i] != row->logical_datapath) {
                lflows_add(l, filter, row, g->datapaths[i]);
            }
        }
    }
    if (l->n) {
        qsort(l->flows, l->n, sizeof *l->flows, compare_lflows);
    }
}

/* True if 'b', the flow behind 'a', or NULL, is in another pipeline. */
static bool
is_pipeline_end(const struct lflow *a, const struct lflow *b)
{
    return !b || a->dp != b->dp || a->egress != b->egress;
}

/* Appends the names of 'dp', if it has any. */
void
sbctl_put_datapath_name(const struct sbrec_datapath_binding *dp,
                        struct ds *s)
{
    const char *name = smap_get(&dp->external_ids, "name");
    const char *alias = smap_get(&dp->external_ids, "name2");

    if (name) {
        ds_put_format(s, "\"%s\"", name);
    }
    if (alias && alias[0]) {
        ds_put_format(s, " aka \"%s\"", alias);
    }
}

static void
put_datapath(const struct lflow *f, struct ds *s)
{
    sbctl_put_datapath_name(f->dp, s);
    ds_put_format(s, " ("UUID_FMT")", UUID_ARGS(&f->dp->header_.uuid));
}

static void
put_pipeline(const struct lflow *f, struct ds *s)
{
    ds_put_cstr(s, "Datapath: ");
    put_datapath(f, s);
    ds_put_format(s, "  Pipeline: %s\n", f->row->pipeline);
}

static void
put_stage(const struct lflow *f, struct ds *s)
{
    ds_put_format(s, "table=%-2"PRId64"(%-19s)", f->row->table_id,
                  smap_get_def(&f->row->external_ids, "stage-name", ""));
}

/* OpenFlow flows
 * ============== */

/* Connects to the switch that the user named with --ovs, if at all.  Returns
 * NULL, after a warning, if this fails. */
static struct vconn *
open_switch(struct ctl_context *ctx)
{
    const struct shash_node *option = shash_find(&ctx->options, "--ovs");
    struct vconn *vconn = NULL;

    if (!option) {
        return NULL;
    }

    char *remote = (option->data ? xstrdup(option->data)
                    : xasprintf("unix:%s/br-int.mgmt", ovs_rundir()));
    /* The newest version that both speak shows actions as they were sent. */
    int retval = vconn_open_block(remote, (1u << OFP13_VERSION
                                           | 1u << OFP14_VERSION
                                           | 1u << OFP15_VERSION), 0, -1,
                                  &vconn);
    if (retval) {
        VLOG_WARN("%s: connection failed (%s)", remote,
                  ovs_strerror(retval));
        vconn = NULL;
    }
    free(remote);
    return vconn;
}

static void
put_openflow_flow(const struct ofputil_flow_stats *fs, bool stats,
                  struct ds *s)
{
    ds_put_cstr(s, "    ");
    if (stats) {
        ofputil_flow_stats_format(s, fs, NULL, NULL, true);
    } else {
        struct ofpact_format_params fp = { .s = s };

        ds_put_format(s, "table=%"PRIu8" ", fs->table_id);
        match_format(&fs->match, NULL, s, OFP_DEFAULT_PRIORITY);
        ds_put_cstr(s, " actions=");
        ofpacts_format(fs->ofpacts, fs->ofpacts_len, &fp);
    }
    ds_put_char(s, '\n');
}

/* Appends the flows in the switch that come from the row with 'uuid': their
 * cookie is the first 32 bits of it. */
void
sbctl_put_openflow(struct vconn *vconn, const struct uuid *uuid, bool stats,
                   struct ds *s)
{
    struct ofputil_flow_stats_request fsr = {
        .cookie = htonll(uuid->parts[0]),
        .cookie_mask = OVS_BE64_MAX,
        .out_port = OFPP_ANY,
        .out_group = OFPG_ANY,
        .table_id = OFPTT_ALL,
    };
    struct ofputil_flow_stats *fses;
    size_t n;

    int error = vconn_dump_flows(
        vconn, &fsr, ofputil_protocol_from_ofp_version(
            vconn_get_version(vconn)), &fses, &n);
    if (error) {
        VLOG_WARN("%s: error obtaining flow stats (%s)",
                  vconn_get_name(vconn), ovs_strerror(error));
        return;
    }
    for (size_t i = 0; i < n; i++) {
        put_openflow_flow(&fses[i], stats, s);
        free(CONST_CAST(struct ofpact *, fses[i].ofpacts));
    }
    free(fses);
}

/* Commands
 * ======== */

static void
lflow_list(struct ctl_context *ctx)
{
    bool print_uuid = shash_find(&ctx->options, "--uuid");
    bool stats = shash_find(&ctx->options, "--stats");
    struct ds *s = &ctx->output;
    struct lflow_filter filter;
    struct lflows l;

    ctx->error = parse_filter(ctx, &filter);
    if (ctx->error) {
        return;
    }

    struct vconn *vconn = open_switch(ctx);
    lflows_collect(ctx, &filter, &l);
    for (size_t i = 0; i < l.n; i++) {
        const struct lflow *f = &l.flows[i];

        if (!i || is_pipeline_end(f - 1, f)) {
            put_pipeline(f, s);
        }
        ds_put_cstr(s, "  ");
        if (print_uuid) {
            ds_put_format(s, "uuid=0x%08x, ", f->row->header_.uuid.parts[0]);
        }
        put_stage(f, s);
        ds_put_format(s, ", priority=%-5"PRId64", match=(%s), "
                      "action=(%s)\n",
                      f->row->priority, f->row->match, f->row->actions);
        if (vconn) {
            sbctl_put_openflow(vconn, &f->row->header_.uuid, stats, s);
        }
    }
    if (shash_find(&ctx->options, "--vflows")) {
        const struct sbctl_vflows v = {
            .dp = filter.dp, .print_uuid = print_uuid, .vconn = vconn,
            .stats = stats,
        };

        sbctl_put_vflows(ctx, &v);
    }
    vconn_close(vconn);
    free(l.flows);
}

static void
count_flows(struct ctl_context *ctx)
{
    struct lflow_filter filter = { .dp = NULL };
    struct ds *s = &ctx->output;
    struct lflows l;
    size_t in_table = 0, in_pipeline = 0;

    if (ctx->argc > 1) {
        const struct ovsdb_idl_row *row;

        ctx->error = ctl_get_row(ctx, &sbrec_table_datapath_binding,
                                 ctx->argv[1], false, &row);
        if (ctx->error) {
            return;
        } else if (!row) {
            ds_put_cstr(s, "Total number of logical flows = 0\n");
            return;
        }
        filter.dp = CONTAINER_OF(row, struct sbrec_datapath_binding, header_);
    }

    lflows_collect(ctx, &filter, &l);
    for (size_t i = 0; i < l.n; i++) {
        const struct lflow *f = &l.flows[i];
        const struct lflow *next = i + 1 < l.n ? f + 1 : NULL;

        if (!in_pipeline++) {
            put_pipeline(f, s);
        }
        in_table++;
        if (is_pipeline_end(f, next)
            || f->row->table_id != next->row->table_id) {
            ds_put_cstr(s, "  ");
            put_stage(f, s);
            ds_put_format(s, " lflows=%"PRIuSIZE"\n", in_table);
            in_table = 0;
        }
        if (is_pipeline_end(f, next)) {
            ds_put_cstr(s, "Total number of logical flows in the datapath ");
            put_datapath(f, s);
            ds_put_format(s, " Pipeline: %s = %"PRIuSIZE"\n\n",
                          f->row->pipeline, in_pipeline);
            in_pipeline = 0;
        }
    }
    ds_put_format(s, "Total number of logical flows = %"PRIuSIZE"\n", l.n);
    free(l.flows);
}

static const struct ctl_cmd cmds[] = {
    { { "lflow-list", 0, INT_MAX, "[DATAPATH] [LFLOW]...", pre_lflow_list,
        lflow_list, NULL, "--uuid,--ovs?,--stats,--vflows?", RO },
      "list logical flows for DATAPATH",
      "Prints the logical flows of all datapaths, or of the one with the "
      "given name or UUID, in the order in which packets meet them.  LFLOW is "
      "the beginning of a logical flow's UUID, with or without 0x, such as "
      "the cookie of an OpenFlow flow: only flows that match are printed.\n\n"
      "With `--uuid`, the first 32 bits of each flow's UUID appear, which are "
      "the cookie of OpenFlow flows made from it.\n\n"
      "With `--ovs`, the OpenFlow flows that were made from each logical flow "
      "on this machine follow it.  They are read from the switch at REMOTE, "
      "an OpenFlow connection such as `unix:FILE`, by default that of "
      "`br-int`.  With `--stats`, this includes counters and times.\n\n"
      "With `--vflows`, other rows that OpenFlow flows are made from follow: "
      "port bindings, MAC bindings, multicast groups, chassis and load "
      "balancers.  LFLOW does not limit these.",
      .narrow = narrow_flows },
    { { "dump-flows", 0, INT_MAX, "[DATAPATH] [LFLOW]...", pre_lflow_list,
        lflow_list, NULL, "--uuid,--ovs?,--stats,--vflows?", RO },
      "alias for lflow-list",
      "Does what `lflow-list` does.",
      .narrow = narrow_flows },
    { { "count-flows", 0, 1, "[DATAPATH]", pre_count_flows, count_flows,
        NULL, "", RO },
      "count logical flows for DATAPATH",
      "Prints the number of logical flows in each table, pipeline and "
      "datapath, or in those of one datapath.",
      .narrow = narrow_flows },
    { .syntax = { .name = NULL } },
};

const struct ctl_group sbctl_lflow_group = {
    "Logical flow commands", NULL, cmds
};
