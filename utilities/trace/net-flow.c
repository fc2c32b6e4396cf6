/* Logical flows: found when a packet enters their datapath, parsed when it
 * enters their table. */

#include <config.h>
#include "net.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "ovsdb-idl.h"
#include "smap.h"
#include "util.h"
#include "uuid.h"

/* The flows of one datapath or group of datapaths. */
struct owned_flows {
    struct hmap_node hmap_node; /* In net's 'owned', by UUID. */
    struct uuid owner;
    const struct sbrec_logical_dp_group *group; /* NULL: a datapath. */
    struct net_flow **flows;
    size_t n, allocated;
};

static struct owned_flows *
find_owned(struct net *net, const struct uuid *owner)
{
    struct owned_flows *o;

    HMAP_FOR_EACH_WITH_HASH (o, hmap_node, uuid_hash(owner), &net->owned) {
        if (uuid_equals(&o->owner, owner)) {
            return o;
        }
    }
    o = xzalloc(sizeof *o);
    o->owner = *owner;
    hmap_insert(&net->owned, &o->hmap_node, uuid_hash(owner));
    return o;
}

static void
add_owned(struct owned_flows *o, struct net_flow *flow)
{
    if (o->n >= o->allocated) {
        o->flows = x2nrealloc(o->flows, &o->allocated, sizeof *o->flows);
    }
    o->flows[o->n++] = flow;
}

void
net_load_flows(struct net *net)
{
    const struct sbrec_logical_flow *row;
    size_t n = 0;

    hmap_init(&net->owned);

    SBREC_LOGICAL_FLOW_FOR_EACH (row, net->idl) {
        n++;
    }
    net->flows = xcalloc(n + 1, sizeof *net->flows);
    SBREC_LOGICAL_FLOW_FOR_EACH (row, net->idl) {
        struct net_flow *flow = &net->flows[net->n_flows++];

        flow->row = row;
        flow->stage = smap_get_def(&row->external_ids, "stage-name", "");
        flow->pipeline = (!strcmp(row->pipeline, "egress")
                          ? OVNACT_P_EGRESS : OVNACT_P_INGRESS);
        if (row->table_id < 0 || row->table_id >= NET_N_TABLES) {
            continue;
        }
        if (row->logical_datapath) {
            add_owned(find_owned(net, &row->logical_datapath->header_.uuid),
                      flow);
        }
        if (row->logical_dp_group) {
            struct owned_flows *o = find_owned(
                net, &row->logical_dp_group->header_.uuid);
            o->group = row->logical_dp_group;
            add_owned(o, flow);
        }
    }
}

static void
add_to_table(struct net_dp *dp, struct net_flow *flow)
{
    struct net_table *table = &dp->tables[flow->pipeline][flow->row->table_id];

    if (table->n >= table->allocated) {
        table->flows = x2nrealloc(table->flows, &table->allocated,
                                  sizeof *table->flows);
    }
    table->flows[table->n++] = flow;
}

static bool
group_has_dp(const struct sbrec_logical_dp_group *group,
             const struct net_dp *dp)
{
    for (size_t i = 0; i < group->n_datapaths; i++) {
        if (group->datapaths[i] == dp->row) {
            return true;
        }
    }
    return false;
}

/* Finds the flows of the datapath. */
static void
enter_dp(struct net *net, struct net_dp *dp)
{
    struct owned_flows *o;

    for (int i = 0; i < OVNACT_N_PIPELINES; i++) {
        dp->tables[i] = xcalloc(NET_N_TABLES, sizeof *dp->tables[i]);
    }
    HMAP_FOR_EACH (o, hmap_node, &net->owned) {
        if (o->group ? group_has_dp(o->group, dp)
            : uuid_equals(&o->owner, &dp->row->header_.uuid)) {
            for (size_t i = 0; i < o->n; i++) {
                /* A flow may have its datapath twice, in the group, too. */
                if (!o->group
                    || o->flows[i]->row->logical_datapath != dp->row) {
                    add_to_table(dp, o->flows[i]);
                }
            }
        }
    }
}

static int
compare_flows(const void *a_, const void *b_)
{
    const struct net_flow *const *a = a_;
    const struct net_flow *const *b = b_;
    int64_t pa = (*a)->row->priority;
    int64_t pb = (*b)->row->priority;

    /* With equal priorities, any order is right, but it shall be the same one
     * each time. */
    return (pa != pb ? (pa > pb ? -1 : 1)
            : uuid_compare_3way(&(*a)->row->header_.uuid,
                                &(*b)->row->header_.uuid));
}

static const char *
lookup_template(const char *name, void *templates)
{
    return smap_get(templates, name);
}

/* Expands template variables.  The caller frees the result, or NULL if
 * there is nothing to expand. */
char *
net_expand(const char *text, const struct net_chassis *chassis)
{
    return (chassis && chassis->templates
            ? lex_expand_templates(text, lookup_template,
                                   CONST_CAST(struct smap *,
                                              chassis->templates))
            : NULL);
}

static char *
parse_flow_texts(struct net *net, struct net_flow *flow, const char *match,
                 const char *actions)
{
    const struct symtab *symtab = symtab_get(
        smap_get_bool(&flow->row->tags, "acl_ct_translation", false)
        ? SYMTAB_ACL_CT : SYMTAB_FLOW);
    const struct ovnact_parse_params params = {
        .symtab = symtab_get(SYMTAB_FLOW),
        .dhcp_opts = &net->dhcp_opts,
        .dhcpv6_opts = &net->dhcpv6_opts,
        .table = { flow->pipeline, flow->row->table_id },
        .n_tables = { NET_N_TABLES - 1, NET_N_TABLES - 1 },
    };
    struct expr_env env = net_env(net);
    struct expr *prereqs;
    char *error;

    struct expr *expr = expr_parse_string(match, symtab, &env, &error);
    if (!expr) {
        char *s = xasprintf("match \"%s\": %s", match, error);
        free(error);
        return s;
    }
    error = ovnacts_parse(actions, &params, &flow->acts, &prereqs);
    if (error) {
        char *s = xasprintf("actions \"%s\": %s", actions, error);
        free(error);
        expr_destroy(expr);
        return s;
    }
    expr_annotate(expr);
    flow->match = expr_and(expr, prereqs);
    return NULL;
}

static void
unparse_flow(struct net_flow *flow)
{
    if (flow->match) {
        expr_destroy(flow->match);
        ovnacts_destroy(&flow->acts);
        flow->match = NULL;
    }
    flow->parsed = false;
}

/* A flow that depends on where it is cannot be used if we do not know. */
static void
warn_templates(struct net *net)
{
    if (!net->warned_templates) {
        ds_put_cstr(&net->warnings, "logical flows with template variables "
                    "are left out where the chassis of the packet is not "
                    "known (use --chassis)\n");
        net->warned_templates = true;
    }
}

static void
parse_flow(struct net *net, struct net_flow *flow,
           const struct net_chassis *chassis)
{
    const struct sbrec_logical_flow *row = flow->row;
    bool has_templates = (strchr(row->match, '^')
                          || strchr(row->actions, '^'));

    if (flow->parsed && (!has_templates || flow->chassis == chassis)) {
        return;
    } else if (has_templates && !chassis) {
        warn_templates(net);
        unparse_flow(flow);
        flow->parsed = true;
        flow->chassis = NULL;
        return;
    }

    char *match = net_expand(row->match, chassis);
    char *actions = net_expand(row->actions, chassis);
    unparse_flow(flow);
    char *error = parse_flow_texts(net, flow, match ? match : row->match,
                                   actions ? actions : row->actions);
    if (error) {
        ds_put_format(&net->warnings, "logical flow %08x (%s): %s; the flow "
                      "is left out\n", row->header_.uuid.parts[0],
                      flow->stage, error);
        free(error);
    }
    flow->trivial = (!strcmp(row->match, "1")
                     && !strcmp(row->actions, "next;"));
    flow->parsed = true;
    flow->chassis = chassis;
    free(match);
    free(actions);
}

const struct net_table *
net_dp_table(struct net *net, struct net_dp *dp,
             enum ovnact_pipeline pipeline, uint8_t table_id,
             const struct net_chassis *chassis)
{
    if (!dp->tables[pipeline]) {
        enter_dp(net, dp);
    }

    struct net_table *table = &dp->tables[pipeline][table_id];
    if (!table->ready) {
        if (table->n) {
            qsort(table->flows, table->n, sizeof *table->flows,
                  compare_flows);
        }
        table->ready = true;
    }
    for (size_t i = 0; i < table->n; i++) {
        parse_flow(net, table->flows[i], chassis);
    }
    return table;
}

void
net_unload_flows(struct net *net)
{
    struct owned_flows *o;

    HMAP_FOR_EACH_POP (o, hmap_node, &net->owned) {
        free(o->flows);
        free(o);
    }
    hmap_destroy(&net->owned);
    for (size_t i = 0; i < net->n_flows; i++) {
        unparse_flow(&net->flows[i]);
    }
    free(net->flows);
}
