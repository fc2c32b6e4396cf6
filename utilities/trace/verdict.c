/* What became of a packet, in a sentence and for machines. */

#include <config.h>
#include "trace.h"

#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "smap.h"
#include "util.h"
#include "uuid.h"

/* ---- Flows. ---- */

/* Appends what 'ovn-sbctl lflow-list' calls the flow; with 'match', also that,
 * for it may tell what names do not. */
static void
put_flow(const struct net_flow *flow, bool match, struct ds *s)
{
    ds_put_format(s, "logical flow %08x (%s, priority %"PRId64,
                  flow->row->header_.uuid.parts[0],
                  flow->stage[0] ? flow->stage : "unnamed stage",
                  flow->row->priority);
    if (match) {
        ds_put_format(s, ", match (%s)", flow->row->match);
    }
    ds_put_char(s, ')');
}

/* Whether the flow comes from a northbound row. */
static bool
has_row(const struct net_flow *flow)
{
    const char *hint = smap_get(&flow->row->external_ids, "stage-hint");

    return hint && hint[0];
}

/* Appends the flow that did it, by the northbound row if it comes from one.
 * Without the northbound database, the stage tells what kind of row it is. */
static void
put_cause(const struct trace *t, const struct net_flow *flow, bool match,
          struct ds *s)
{
    char *why = t->why && flow ? why_flow(t->why, flow->row) : NULL;

    if (why) {
        ds_put_cstr(s, why);
        if (why_problem(t->why)) {
            ds_put_format(s, " (%s, priority %"PRId64")", flow->stage,
                          flow->row->priority);
        }
    } else if (flow) {
        put_flow(flow, match, s);
    } else {
        ds_put_cstr(s, "no flow");
    }
    free(why);
}

static const char *
pipeline_name(enum ovnact_pipeline pipeline)
{
    return pipeline == OVNACT_P_EGRESS ? "egress" : "ingress";
}

/* ---- Where it went. ---- */

static bool
is_localnet(const struct net_port *port)
{
    return !strcmp(port->type, "localnet");
}

static void
put_port(const struct trace *t, const struct outcome *o, struct ds *s)
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

/* ---- What went in its place. ---- */

/* Packets that answer the one that came in or ask on its behalf; others
 * report that it failed. */
static const struct {
    const char *name;
    const char *words;
} replacements[] = {
    { "arp", "waits for an answer to arp" },
    { "nd_ns", "waits for an answer to nd_ns" },
    { "nd_na", "answered by nd_na" },
    { "nd_na_router", "answered by nd_na_router" },
    { "arp_reply", "answered by an ARP reply" },
    { "echo_reply", "answered by an echo reply" },
    { "dhcp_reply", "answered by a DHCP reply" },
    { "dhcpv6_reply", "answered by a DHCPv6 reply" },
    { "nd_ra", "answered by a router advertisement" },
};

/* What ICMP errors mean, by type and code (-1: any). */
static const struct {
    int proto, type, code;
    const char *words;
} errors[] = {
    { IPPROTO_ICMP, 3, 4, "fragmentation needed" },
    { IPPROTO_ICMP, 3, 2, "protocol unreachable" },
    { IPPROTO_ICMP, 3, 3, "port unreachable" },
    { IPPROTO_ICMP, 3, -1, "destination unreachable" },
    { IPPROTO_ICMP, 11, -1, "time exceeded" },
    { IPPROTO_ICMPV6, 1, 4, "port unreachable" },
    { IPPROTO_ICMPV6, 1, -1, "destination unreachable" },
    { IPPROTO_ICMPV6, 2, -1, "packet too big" },
    { IPPROTO_ICMPV6, 3, -1, "time exceeded" },
    { IPPROTO_ICMPV6, 4, 1, "unrecognized next header" },
};

/* Appends what the packet means if it is an ICMP error. */
static void
put_error(const struct flow *f, struct ds *s)
{
    for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
        if (is_ip_any(f) && f->nw_proto == errors[i].proto
            && ntohs(f->tp_src) == errors[i].type
            && (errors[i].code < 0 || ntohs(f->tp_dst) == errors[i].code)) {
            ds_put_format(s, " \"%s\"", errors[i].words);
            return;
        }
    }
}

/* Appends whose address a request for a neighbor wants to know. */
static void
put_target(const struct flow *f, struct ds *s)
{
    if (f->dl_type == htons(ETH_TYPE_ARP)) {
        ds_put_format(s, " for "IP_FMT, IP_ARGS(f->nw_dst));
    } else if (f->dl_type == htons(ETH_TYPE_IPV6)) {
        ds_put_cstr(s, " for ");
        ipv6_format_addr(&f->nd_target, s);
    }
}

/* 'f' is what became of the last packet in the row. */
static void
put_instead(const struct trace *t, const struct instead *instead,
            const struct flow *f, struct ds *s)
{
    const char *words = "replaced by ";
    bool listed = false;

    for (size_t i = 0; i < ARRAY_SIZE(replacements); i++) {
        if (!strcmp(replacements[i].name, instead->name)) {
            words = replacements[i].words;
            listed = true;
        }
    }
    bool waits = !strncmp(words, "waits", 5);

    if (instead->of) {
        put_instead(t, instead->of, &instead->before, s);
        ds_put_cstr(s, waits ? "" : "is ");
    }
    ds_put_cstr(s, words);
    if (waits) {
        put_target(f, s);
    } else if (!listed) {
        ds_put_cstr(s, instead->name);
        put_error(f, s);
    }
    ds_put_cstr(s, " (");
    put_cause(t, instead->by, false, s);
    ds_put_cstr(s, "), which ");
}

/* Appends what went in place of the packet, if anything, and the verb of what
 * became of that. */
static void
put_beginning(const struct trace *t, const struct outcome *o, struct ds *s)
{
    if (o->instead) {
        put_instead(t, o->instead, &o->flow, s);
        ds_put_cstr(s, "is ");
    }
}

/* ---- Why it went nowhere. ---- */

/* The flow for what nothing else wants. */
static bool
is_default(const struct net_flow *flow)
{
    return !flow || (!strcmp(flow->row->match, "1") && !has_row(flow));
}

static void
put_default(const struct outcome *o, struct ds *s)
{
    ds_put_cstr(s, " (");
    if (o->lflow) {
        put_flow(o->lflow, false, s);
    } else {
        ds_put_format(s, "no flow of table %d matches", o->table);
    }
    ds_put_char(s, ')');
}

/* What dropped it, and what that means if it is no row that says so. */
static void
put_drop(const struct trace *t, const struct outcome *o, struct ds *s)
{
    struct ds reason = DS_EMPTY_INITIALIZER;
    bool known = reason_put(t, o, &reason);

    if (o->refused_by) {
        ds_put_format(s, " by port security of port \"%s\"",
                      trace_port_name(t, o->refused_by));
    } else if (o->refused_flow) {
        ds_put_cstr(s, " by ");
        put_cause(t, o->refused_flow, true, s);
    } else if (o->text) {
        ds_put_format(s, ", because %s", o->text);
    } else if (is_default(o->lflow)) {
        ds_put_format(s, ", because %s", (known ? ds_cstr(&reason)
                                          : "no row allows it"));
        put_default(o, s);
    } else if (known && has_row(o->lflow)) {
        ds_put_cstr(s, " by ");
        put_cause(t, o->lflow, false, s);
        ds_put_format(s, ", because %s", ds_cstr(&reason));
    } else if (known) {
        ds_put_format(s, ", because %s (", ds_cstr(&reason));
        put_flow(o->lflow, false, s);
        ds_put_char(s, ')');
    } else {
        ds_put_cstr(s, " by ");
        put_cause(t, o->lflow, true, s);
    }
    ds_destroy(&reason);
}

static void
put_end(const struct trace *t, const struct outcome *o, struct ds *s)
{
    const char *dp = trace_dp_name(t, o->dp);
    const char *pipeline = pipeline_name(o->pipeline);

    switch (o->type) {
    case OUTCOME_DELIVERED:
        OVS_NOT_REACHED();

    case OUTCOME_DROPPED:
    case OUTCOME_NO_FLOW:
        ds_put_format(s, "dropped in %s of \"%s\"", pipeline, dp);
        put_drop(t, o, s);
        break;

    case OUTCOME_LOOPBACK:
        ds_put_format(s, "dropped, because it would go back out of port "
                      "\"%s\", where it came from",
                      trace_port_name(t, o->port));
        break;

    case OUTCOME_CONSUMED:
        if (o->learned) {
            ds_put_format(s, "taken in by \"%s\", which learns a neighbor "
                          "from it", dp);
            break;
        }
        ds_put_format(s, "taken in by ovn-controller in %s of \"%s\" (",
                      pipeline, dp);
        put_cause(t, o->lflow, false, s);
        ds_put_char(s, ')');
        break;

    case OUTCOME_ERROR:
        ds_put_format(s, "dropped in %s of \"%s\": %s", pipeline, dp,
                      o->text);
        break;
    }
}

/* Of several ends, the one that explains most. */
static const struct outcome *
main_end(const struct trace *t)
{
    static const int weights[] = {
        [OUTCOME_DELIVERED] = 9, [OUTCOME_ERROR] = 5, [OUTCOME_CONSUMED] = 4,
        [OUTCOME_DROPPED] = 3, [OUTCOME_NO_FLOW] = 2, [OUTCOME_LOOPBACK] = 1,
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

/* ---- All of it. ---- */

/* Whether a delivery before number 'i' is of the same packet; with 'port', at
 * the same port, too. */
static bool
is_repeated(const struct trace *t, size_t i, bool port)
{
    for (size_t j = 0; j < i; j++) {
        if (t->outcomes[j].type == OUTCOME_DELIVERED
            && (!port || t->outcomes[j].port == t->outcomes[i].port)
            && t->outcomes[j].instead == t->outcomes[i].instead) {
            return true;
        }
    }
    return false;
}

static void
put_address(const struct flow *f, bool src, struct ds *s)
{
    ovs_be16 port = src ? f->tp_src : f->tp_dst;

    if (f->dl_type == htons(ETH_TYPE_IP)) {
        ds_put_format(s, IP_FMT, IP_ARGS(src ? f->nw_src : f->nw_dst));
    } else {
        ipv6_format_addr_bracket(src ? &f->ipv6_src : &f->ipv6_dst, s, true);
    }
    if (f->nw_proto != IPPROTO_ICMP && f->nw_proto != IPPROTO_ICMPV6) {
        ds_put_format(s, ":%"PRIu16, ntohs(port));
    }
}

/* Who gets an answer from another address than the one that was asked, or at
 * another one, does not know what to do with it. */
static void
put_mismatch(const struct trace *t, const struct outcome *o, struct ds *s)
{
    if (t->question && !o->instead
        && !conn_is_answer(t->question, &o->flow)) {
        ds_put_cstr(s, ", which does not take it for an answer, because it "
                    "goes from ");
        put_address(&o->flow, true, s);
        ds_put_cstr(s, " to ");
        put_address(&o->flow, false, s);
        ds_put_cstr(s, ", not from ");
        put_address(t->question, false, s);
        ds_put_cstr(s, " to ");
        put_address(t->question, true, s);
    }
}

/* Appends delivery number 'first', and the others of the same packet. */
static void
put_deliveries(const struct trace *t, size_t first, struct ds *s)
{
    const struct outcome *o = &t->outcomes[first];

    put_beginning(t, o, s);
    ds_put_cstr(s, "delivered to ");
    put_port(t, o, s);
    put_mismatch(t, o, s);
    for (size_t i = first + 1; i < t->n_outcomes; i++) {
        const struct outcome *other = &t->outcomes[i];

        if (other->type == OUTCOME_DELIVERED && other->instead == o->instead
            && !is_repeated(t, i, true)) {
            ds_put_cstr(s, ", and to ");
            put_port(t, other, s);
            put_mismatch(t, other, s);
        }
    }
}

/* Appends in a few words what became of the packet. */
void
outcome_verdict(const struct trace *t, struct ds *s)
{
    const struct outcome *end = main_end(t);
    const char *separator = "";

    if (!end) {
        ds_put_cstr(s, "nothing happens to it");
        return;
    } else if (end->type != OUTCOME_DELIVERED) {
        put_beginning(t, end, s);
        put_end(t, end, s);
        return;
    }
    for (size_t i = 0; i < t->n_outcomes; i++) {
        if (t->outcomes[i].type == OUTCOME_DELIVERED
            && !is_repeated(t, i, false)) {
            ds_put_cstr(s, separator);
            put_deliveries(t, i, s);
            separator = "; ";
        }
    }
}

/* ---- For machines. ---- */

static const char *const type_names[] = {
    [OUTCOME_DELIVERED] = "delivered", [OUTCOME_DROPPED] = "dropped",
    [OUTCOME_NO_FLOW] = "no-flow", [OUTCOME_LOOPBACK] = "loopback",
    [OUTCOME_CONSUMED] = "consumed", [OUTCOME_ERROR] = "error",
};

static struct json *
one_to_json(const struct trace *t, const struct outcome *o)
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
        json_object_put_string(object, "instead", o->instead->name);
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
outcome_to_json(const struct trace *t)
{
    struct json *array = json_array_create_empty();

    for (size_t i = 0; i < t->n_outcomes; i++) {
        json_array_add(array, one_to_json(t, &t->outcomes[i]));
    }
    return array;
}
