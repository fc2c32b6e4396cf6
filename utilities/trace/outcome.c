#include <config.h>
#include "trace.h"

#include <string.h>

#include "flow.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "smap.h"
#include "util.h"
#include "uuid.h"

/* Appends an outcome for the packet as it is.  Valid until the next call. */
struct outcome *
outcome_add(struct trace *t, const struct packet *p, enum outcome_type type)
{
    if (t->n_outcomes >= t->allocated_outcomes) {
        t->outcomes = x2nrealloc(t->outcomes, &t->allocated_outcomes,
                                 sizeof *t->outcomes);
    }

    struct outcome *o = &t->outcomes[t->n_outcomes++];
    *o = (struct outcome) {
        .type = type,
        .dp = p->dp,
        .pipeline = p->pipeline,
        .table = p->table,
        .chassis = p->chassis,
        .lflow = p->lflow,
        .instead = p->instead,
        .instead_by = p->instead_by,
        .refused_by = p->refused_by,
        .flow = p->flow,
    };
    return o;
}

void
outcomes_destroy(struct trace *t)
{
    for (size_t i = 0; i < t->n_outcomes; i++) {
        free(t->outcomes[i].text);
    }
    free(t->outcomes);
    t->outcomes = NULL;
    t->n_outcomes = t->allocated_outcomes = 0;
}

static bool
is_localnet(const struct net_port *port)
{
    return !strcmp(port->type, "localnet");
}

/* Where the packet leaves the network of chassis: the chassis of the port, or,
 * for what is on all of them, the one that the packet is on. */
const struct net_chassis *
outcome_chassis(const struct outcome *o)
{
    return o->port && o->port->chassis ? o->port->chassis : o->chassis;
}

static void
put_delivery(const struct trace *t, const struct outcome *o, struct ds *s)
{
    const struct net_chassis *chassis = outcome_chassis(o);

    ds_put_format(s, "port \"%s\"", trace_port_name(t, o->port));
    if (is_localnet(o->port)) {
        const char *network = smap_get(&o->port->row->options,
                                       "network_name");
        ds_put_format(s, " (physical network \"%s\")",
                      network ? network : "");
    }
    if (chassis) {
        ds_put_format(s, " on chassis \"%s\"", chassis->row->name);
    } else if (!is_localnet(o->port)) {
        ds_put_cstr(s, " (on no chassis)");
    }
}

/* A flow as people find it in "ovn-sbctl lflow-list". */
static void
put_flow(const struct net_flow *flow, struct ds *s)
{
    ds_put_format(s, "logical flow %08x (%s, priority %"PRId64")",
                  flow->row->header_.uuid.parts[0],
                  flow->stage[0] ? flow->stage : "unnamed stage",
                  flow->row->priority);
}

/* The flow that did it, by the northbound row if it comes from one. */
static void
put_cause(const struct trace *t, const struct net_flow *flow, struct ds *s)
{
    char *why = t->why && flow ? why_flow(t->why, flow->row) : NULL;

    if (why) {
        ds_put_cstr(s, why);
    } else if (flow) {
        put_flow(flow, s);
    } else {
        ds_put_cstr(s, "no flow");
    }
    free(why);
}

/* What was made in place of the packet, and by whom. */
static void
put_instead(const struct trace *t, const struct outcome *o, struct ds *s)
{
    if (o->instead) {
        bool waits = (!strcmp(o->instead, "arp")
                      || !strcmp(o->instead, "nd_ns"));

        ds_put_format(s, "%s %s (", (waits ? "waits for an answer to"
                                     : "replaced by"), o->instead);
        put_cause(t, o->instead_by, s);
        ds_put_cstr(s, "), which is ");
    }
}

static const char *
pipeline_name(enum ovnact_pipeline pipeline)
{
    return pipeline == OVNACT_P_EGRESS ? "egress" : "ingress";
}

/* What drops a packet. */
static void
put_drop_cause(const struct trace *t, const struct outcome *o, struct ds *s)
{
    if (o->refused_by) {
        ds_put_format(s, "port security of port \"%s\"",
                      trace_port_name(t, o->refused_by));
    } else {
        put_cause(t, o->lflow, s);
    }
}

/* The flow for what nothing else wants. */
static bool
is_default(const struct net_flow *flow)
{
    return (!strcmp(flow->row->match, "1")
            && !smap_get(&flow->row->external_ids, "stage-hint"));
}

static void
put_end(const struct trace *t, const struct outcome *o, struct ds *s)
{
    const char *dp = trace_dp_name(t, o->dp);

    switch (o->type) {
    case OUTCOME_DELIVERED:
        OVS_NOT_REACHED();

    case OUTCOME_DROPPED:
        if (o->lflow && is_default(o->lflow)) {
            ds_put_format(s, "dropped in %s of \"%s\", because no row allows "
                          "it (", pipeline_name(o->pipeline), dp);
            put_flow(o->lflow, s);
            ds_put_char(s, ')');
        } else {
            ds_put_format(s, "dropped in %s of \"%s\" by ",
                          pipeline_name(o->pipeline), dp);
            put_drop_cause(t, o, s);
        }
        break;

    case OUTCOME_NO_FLOW:
        ds_put_format(s, "dropped in %s of \"%s\", because no row allows it "
                      "(no flow of table %d matches)",
                      pipeline_name(o->pipeline), dp, o->table);
        break;

    case OUTCOME_LOOPBACK:
        ds_put_format(s, "dropped, because it would go back out of port "
                      "\"%s\", where it came from",
                      trace_port_name(t, o->port));
        break;

    case OUTCOME_CONSUMED:
        ds_put_format(s, "ended in %s of \"%s\" by ",
                      pipeline_name(o->pipeline), dp);
        put_cause(t, o->lflow, s);
        break;

    case OUTCOME_ERROR:
        ds_put_format(s, "dropped in %s of \"%s\": %s",
                      pipeline_name(o->pipeline), dp, o->text);
        break;
    }
}

/* Of several ends, the one that explains most. */
static const struct outcome *
main_end(const struct trace *t)
{
    static const int weights[] = {
        [OUTCOME_DELIVERED] = 9, [OUTCOME_ERROR] = 5, [OUTCOME_DROPPED] = 4,
        [OUTCOME_NO_FLOW] = 3, [OUTCOME_CONSUMED] = 2, [OUTCOME_LOOPBACK] = 1,
    };
    const struct outcome *best = NULL;

    for (size_t i = 0; i < t->n_outcomes; i++) {
        const struct outcome *o = &t->outcomes[i];
        if (!best || weights[o->type] > weights[best->type]) {
            best = o;
        }
    }
    return best;
}

static bool
is_repeated(const struct trace *t, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (t->outcomes[j].type == OUTCOME_DELIVERED
            && t->outcomes[j].port == t->outcomes[i].port
            && t->outcomes[j].instead == t->outcomes[i].instead) {
            return true;
        }
    }
    return false;
}

/* Appends in a few words what became of the packet. */
void
outcome_verdict(struct trace *t, struct ds *s)
{
    const struct outcome *end = main_end(t);
    const char *separator = "";

    if (!end) {
        ds_put_cstr(s, "nothing happens to it");
        return;
    } else if (end->type != OUTCOME_DELIVERED) {
        put_instead(t, end, s);
        put_end(t, end, s);
        return;
    }
    for (size_t i = 0; i < t->n_outcomes; i++) {
        const struct outcome *o = &t->outcomes[i];

        if (o->type != OUTCOME_DELIVERED || is_repeated(t, i)) {
            continue;
        }
        ds_put_cstr(s, separator);
        put_instead(t, o, s);
        ds_put_cstr(s, "delivered to ");
        put_delivery(t, o, s);
        separator = "; ";
    }
}

static const char *const type_names[] = {
    [OUTCOME_DELIVERED] = "delivered", [OUTCOME_DROPPED] = "dropped",
    [OUTCOME_NO_FLOW] = "no-flow", [OUTCOME_LOOPBACK] = "loopback",
    [OUTCOME_CONSUMED] = "consumed", [OUTCOME_ERROR] = "error",
};

static struct json *
one_to_json(struct trace *t, const struct outcome *o)
{
    const struct net_chassis *chassis = outcome_chassis(o);
    struct json *object = json_object_create();
    struct ds s = DS_EMPTY_INITIALIZER;
    char *packet = flow_to_string(&o->flow, NULL);

    json_object_put_string(object, "type", type_names[o->type]);
    json_object_put_string(object, "datapath", trace_dp_name(t, o->dp));
    json_object_put_string(object, "pipeline", pipeline_name(o->pipeline));
    json_object_put(object, "table", json_integer_create(o->table));
    json_object_put_string(object, "packet", packet);
    if (o->port) {
        json_object_put_string(object, "port", trace_port_name(t, o->port));
        json_object_put_string(object, "port-type", o->port->type);
    }
    if (chassis) {
        json_object_put_string(object, "chassis", chassis->row->name);
    }
    if (o->instead) {
        json_object_put_string(object, "instead", o->instead);
    }
    if (o->lflow) {
        char *why = t->why ? why_flow(t->why, o->lflow->row) : NULL;
        json_object_put_format(object, "flow", UUID_FMT,
                               UUID_ARGS(&o->lflow->row->header_.uuid));
        if (why) {
            json_object_put_string(object, "why", why);
        }
        free(why);
    }
    if (o->type != OUTCOME_DELIVERED) {
        put_end(t, o, &s);
        json_object_put_string(object, "text", ds_cstr(&s));
    }
    free(packet);
    ds_destroy(&s);
    return object;
}

/* All outcomes, as an array. */
struct json *
outcome_to_json(struct trace *t)
{
    struct json *array = json_array_create_empty();

    for (size_t i = 0; i < t->n_outcomes; i++) {
        json_array_add(array, one_to_json(t, &t->outcomes[i]));
    }
    return array;
}
