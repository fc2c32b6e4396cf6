#include <config.h>
#include "trace.h"

#include <string.h>

#include "flow.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "util.h"

/* ---- Microflows. ---- */

/* Port names in a microflow. */
struct names {
    const struct net *net;
    const struct net_dp *dp;    /* NULL: any, which gives ports other numbers
                                 * than their keys: those of 'found'. */
    struct net_port **found;
    size_t n_found, allocated_found;
    char *unknown;              /* What is wrong with the first bad name. */
};

/* Which one 'port' is of those that were found, from 1. */
static uint32_t
number_port(struct names *names, struct net_port *port)
{
    size_t i = 0;

    while (i < names->n_found && names->found[i] != port) {
        i++;
    }
    if (i >= names->allocated_found) {
        names->found = x2nrealloc(names->found, &names->allocated_found,
                                  sizeof *names->found);
    }
    if (i == names->n_found) {
        names->found[names->n_found++] = port;
    }
    return i + 1;
}

static bool
lookup_name(const char *name, uint32_t *key, void *names_)
{
    struct names *names = names_;
    bool ambiguous;
    struct net_port *port = net_find_port(names->net, name, &ambiguous);
    const struct net_group *group = (names->dp
                                     ? net_dp_group_by_name(names->dp, name)
                                     : NULL);

    if (!strcmp(name, "none")) {
        *key = 0;
        return true;
    } else if (!port && group) {
        *key = group->key;
        return true;
    } else if (ambiguous) {
        if (!names->unknown) {
            names->unknown = xasprintf("several ports are called \"%s\"",
                                       name);
        }
        return false;
    } else if (!port) {
        if (!names->unknown) {
            names->unknown = xasprintf("unknown port \"%s\"", name);
        }
        return false;
    } else if (names->dp && port->dp != names->dp) {
        if (!names->unknown) {
            names->unknown = xasprintf("port \"%s\" is not in datapath "
                                       "\"%s\" but in \"%s\"", name,
                                       names->dp->name, port->dp->name);
        }
        return false;
    }
    *key = names->dp ? port->key : number_port(names, port);
    return true;
}

static char *
parse_flow(const char *text, struct names *names, struct flow *flow)
{
    struct expr_env env = net_env(names->net);
    char *error = expr_parse_microflow(text, symtab_get(SYMTAB_FLOW), &env,
                                       lookup_name, names, flow);

    if (names->unknown) {
        free(error);
        error = names->unknown;
        names->unknown = NULL;
    } else if (error) {
        char *s = xasprintf("error parsing flow: %s", error);
        free(error);
        error = s;
    }
    return error;
}

/* Parses the microflow into 'flow' and finds out where it starts. */
static char *
parse_microflow(const struct net *net, const char *dp_name, const char *text,
                struct flow *flow, struct net_dp **dpp)
{
    struct names names = { .net = net };
    char *error;

    *dpp = NULL;
    if (dp_name) {
        char *problem = net_find_dp(net, dp_name, dpp);
        if (problem) {
            return problem;
        }
        names.dp = *dpp;
    }
    error = parse_flow(text, &names, flow);
    if (!error && !names.dp && flow->regs[14] - 1 < names.n_found) {
        /* Other ports must be in the same datapath. */
        *dpp = names.found[flow->regs[14] - 1]->dp;
        names.dp = *dpp;
        error = parse_flow(text, &names, flow);
    }
    if (!error && (!*dpp || !flow->regs[14])) {
        error = xstrdup("error parsing flow: flow match expression does not "
                        "match on inport");
    }
    free(names.found);
    return error;
}

/* ---- Tracing. ---- */

/* Where a packet starts. */
struct start {
    struct flow flow;
    struct net_dp *dp;
    const struct net_chassis *chassis; /* NULL: any. */
    const struct net_chassis *at; /* Where the inport may be, or NULL. */
};

static void
run_packet(struct trace *t, const struct start *start, struct ovs_list *nodes)
{
    struct net_dp *dp = start->dp;
    const struct net_port *inport = net_dp_port(dp, start->flow.regs[14]);
    struct packet p = {
        .flow = start->flow,
        .dp = dp,
        .ports = &t->net->ports,
        .chassis = start->chassis,
        .at = (start->chassis ? start->chassis
               : inport && inport->chassis ? inport->chassis : start->at),
    };
    /* ovn-controller sets it before the first table. */
    if (inport && !strcmp(inport->type, "localnet")) {
        p.flow.regs[10] |= 1u << 15;    /* flags.localnet */
    }
    struct node *node = node_add(nodes, NODE_PIPELINE,
                                 "ingress(dp=\"%s\", inport=\"%s\")",
                                 trace_dp_name(t, dp),
                                 trace_port_name(t, inport));
    p.templates = p.at;
    trace_table(t, &p, 0, OVNACT_P_INGRESS, &node->subs);
    packet_destroy(&p);
}

/* ---- Output. ---- */

static void
put_verdict(struct trace *t, struct ds *s)
{
    ds_put_char(s, '\n');
    if (t->why && why_problem(t->why)) {
        ds_put_format(s, "# %s\n", why_problem(t->why));
    }
    ds_put_cstr(s, "# Verdict: ");
    outcome_verdict(t, s);
    ds_put_cstr(s, ".\n");
}

/* By default, the verdict ends the detailed form; the others stay as programs
 * expect them. */
static void
put_forms(struct trace *t, const struct ovs_list *nodes, struct ds *s)
{
    const struct trace_options *o = t->options;
    bool several = o->detailed + o->summary + o->minimal > 1;

    if (o->detailed) {
        ds_put_cstr(s, several ? "# Detailed trace.\n" : "");
        nodes_detailed(nodes, o->why != WHY_NO, s);
        if (o->why == WHY_DEFAULT) {
            put_verdict(t, s);
        }
    }
    if (o->summary) {
        ds_put_cstr(s, several ? "# Summary trace.\n" : "");
        nodes_summary(nodes, o->why == WHY_YES, s);
    }
    if (o->minimal) {
        ds_put_cstr(s, several ? "# Minimal trace.\n" : "");
        nodes_minimal(nodes, s);
    }
    if (o->why == WHY_YES) {
        put_verdict(t, s);
    }
}

static void
put_text(struct trace *t, const char *title, const struct start *start,
         const struct ovs_list *nodes, struct ds *s)
{
    char *packet = flow_to_string(&start->flow, NULL);

    ds_put_format(s, "%s# %s\n", title, packet);
    free(packet);
    put_forms(t, nodes, s);
}

static struct json *
make_json(struct trace *t, const struct start *start,
          const struct ovs_list *nodes)
{
    const struct net_dp *dp = start->dp;
    struct json *object = json_object_create();
    char *packet = flow_to_string(&start->flow, NULL);
    struct ds verdict = DS_EMPTY_INITIALIZER;

    outcome_verdict(t, &verdict);
    json_object_put_string(object, "packet", packet);
    json_object_put_string(object, "datapath", trace_dp_name(t, dp));
    json_object_put_string(object, "inport", trace_port_name(
                               t, net_dp_port(dp, start->flow.regs[14])));
    json_object_put(object, "trace", nodes_to_json(nodes));
    json_object_put(object, "outcomes", outcome_to_json(t));
    json_object_put_string(object, "verdict", ds_cstr(&verdict));
    if (t->why && why_problem(t->why)) {
        json_object_put_string(object, "warning", why_problem(t->why));
    }
    ds_destroy(&verdict);
    free(packet);
    return object;
}

/* ---- Both directions. ---- */

/* Makes 'flow' the answer to the packet that was delivered as 'o' says.
 * Returns NULL, or why nothing answers it. */
static const char *
make_reply(const struct outcome *o, struct flow *flow)
{
    *flow = o->flow;
    flow_clear_conntrack(flow);
    memset(flow->regs, 0, sizeof flow->regs);
    flow->regs[14] = o->port->key;
    flow->dl_src = o->flow.dl_dst;
    flow->dl_dst = o->flow.dl_src;
    if (!is_ip_any(flow)) {
        return "it is not IP";
    } else if (eth_addr_is_multicast(o->flow.dl_dst)) {
        return "it is for many";
    }
    flow->nw_src = o->flow.nw_dst;
    flow->nw_dst = o->flow.nw_src;
    flow->ipv6_src = o->flow.ipv6_dst;
    flow->ipv6_dst = o->flow.ipv6_src;
    flow->nw_ttl = 64;
    if (is_icmpv4(flow, NULL)) {
        /* Echo. */
        flow->tp_src = htons(0);
        return (o->flow.tp_src == htons(8) ? NULL
                : "it is no echo request (icmp4.type == 8)");
    } else if (is_icmpv6(flow, NULL)) {
        flow->tp_src = htons(129);
        return (o->flow.tp_src == htons(128) ? NULL
                : "it is no echo request (icmp6.type == 128)");
    }
    flow->tp_src = o->flow.tp_dst;
    flow->tp_dst = o->flow.tp_src;
    return NULL;
}

/* Starts with the answer to the first delivery that somebody answers.  Returns
 * NULL, or why there is none. */
static const char *
find_reply(const struct trace *t, struct start *start)
{
    const char *reason = "it is not delivered";

    for (size_t i = 0; i < t->n_outcomes; i++) {
        const struct outcome *o = &t->outcomes[i];

        if (o->type != OUTCOME_DELIVERED || o->instead) {
            continue;
        }
        reason = make_reply(o, &start->flow);
        if (!reason) {
            start->dp = o->port->dp;
            start->at = outcome_chassis(o);
            start->chassis = t->options->chassis ? start->at : NULL;
            return NULL;
        }
    }
    return reason;
}

/* Traces one direction.  Text goes to 'output', or JSON to '*json'. */
static void
run_direction(struct trace *t, const char *title, const struct start *start,
              struct ds *output, struct json **json)
{
    struct ovs_list nodes = OVS_LIST_INITIALIZER(&nodes);

    outcomes_destroy(t);
    run_packet(t, start, &nodes);
    if (t->options->json) {
        *json = make_json(t, start, &nodes);
    } else {
        put_text(t, title, start, &nodes, output);
    }
    nodes_destroy(&nodes);
}

static void
run(struct trace *t, const struct start *start, struct ds *output)
{
    struct json *json = NULL, *reply_json = NULL;
    struct start reply;

    run_direction(t, "", start, output, &json);
    if (t->options->reply) {
        const char *reason = find_reply(t, &reply);
        if (!reason) {
            t->question = &start->flow;
            run_direction(t, "\n# Reply.\n", &reply, output, &reply_json);
        } else if (!json) {
            ds_put_format(output, "\n# Reply.\n# Verdict: nothing answers the "
                          "packet: %s.\n", reason);
        }
    }
    if (json) {
        if (reply_json) {
            json_object_put(json, "reply", reply_json);
        }
        json_to_ds(json, JSSF_PRETTY | JSSF_SORT, output);
        ds_put_char(output, '\n');
        json_destroy(json);
    }
}

char *
trace_run(struct net *net, struct why *why, struct vconn *vconn,
          const struct trace_options *options, const char *dp_name,
          const char *microflow, struct ds *output)
{
    struct ovs_list conns = OVS_LIST_INITIALIZER(&conns);
    struct start start = { .chassis = NULL };

    if (options->chassis) {
        start.chassis = net_find_chassis(net, options->chassis);
        if (!start.chassis) {
            return xasprintf("unknown chassis \"%s\"", options->chassis);
        }
    }

    char *error = parse_microflow(net, dp_name, microflow, &start.flow,
                                  &start.dp);
    if (!error) {
        struct trace t = {
            .net = net,
            .options = options,
            .why = why,
            .vconn = vconn,
            .conns = options->reply ? &conns : NULL,
        };
        run(&t, &start, output);
        outcomes_destroy(&t);
        conns_destroy(&conns);
    }
    return error;
}
