#include <config.h>
#include "trace.h"

#include <string.h>

#include "flow.h"
#include "hash.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/meta-flow.h"
#include "random.h"
#include "util.h"

/* ---- Fields. ---- */

/* The value of 'ref', of up to 64 bits. */
uint64_t
ref_get(const struct field_ref *ref, const struct packet *p)
{
    struct mf_subfield sf = field_ref_to_subfield(ref);

    return mf_get_subfield(&sf, &p->flow);
}

void
ref_set(const struct field_ref *ref, uint64_t value, struct packet *p)
{
    struct mf_subfield sf = field_ref_to_subfield(ref);
    union mf_subvalue sv;

    memset(&sv, 0, sizeof sv);
    sv.integer = htonll(value);
    mf_write_subfield_flow(&sf, &sv, &p->flow);
}

/* Whether 'ref' is in the packet, not in our registers. */
static bool
is_packet_data(const struct field_ref *ref)
{
    const struct mf_field *field = ref->symbol->field;

    return field && !mf_is_register(field->id);
}

/* Appends a change of 'ref' to its value in 'p'. */
void
ref_note(const struct field_ref *ref, const struct packet *p,
         struct ovs_list *super)
{
    struct mf_subfield sf = field_ref_to_subfield(ref);
    struct ds s = DS_EMPTY_INITIALIZER;

    field_ref_format(ref, &s);
    ds_put_cstr(&s, " = ");
    if (!sf.ofs && sf.n_bits == sf.field->n_bits) {
        union mf_value value;

        mf_get_value(sf.field, &p->flow, &value);
        mf_format(sf.field, &value, NULL, NULL, &s);
    } else {
        ds_put_format(&s, "%"PRIu64, mf_get_subfield(&sf, &p->flow));
    }
    node_add(super, NODE_CHANGE, "%s", ds_cstr(&s));
    ds_destroy(&s);
}

/* ---- Assignments. ---- */

static void
set_constant(const struct ovnact_load *load, struct packet *p)
{
    struct mf_subfield sf = field_ref_to_subfield(&load->dst);
    union mf_subvalue sv;
    wide value = load->value.value;

    if (load->value.string) {
        uint32_t key;

        value = (trace_lookup_port(load->value.string, &key, p) ? key : 0);
    }
    if (load->value.masked) {
        mf_read_subfield(&sf, &p->flow, &sv);
        value = (value & load->value.mask)
                | (wide_from_bytes(sv.u8 + sizeof sv - sizeof value,
                                   sizeof value) & ~load->value.mask);
    }
    memset(&sv, 0, sizeof sv);
    wide_to_bytes(value, sv.u8 + sizeof sv - sizeof value, sizeof value);
    mf_write_subfield_flow(&sf, &sv, &p->flow);
}

/* Assignments that make a request its answer. */
static const struct {
    const char *field;
    uint64_t value;
    const char *name;           /* Of the answer. */
} answers[] = {
    { "arp.op", ARP_OP_REPLY, "arp_reply" },
    { "icmp4.type", 0, "echo_reply" },
    { "icmp6.type", 129, "echo_reply" },
};

static void
note_answer(struct trace *t, const struct ovnact_load *load,
            uint64_t old_value, struct packet *p)
{
    for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
        if (!strcmp(load->dst.symbol->name, answers[i].field)
            && old_value != answers[i].value
            && ref_get(&load->dst, p) == answers[i].value) {
            packet_replace(t, p, answers[i].name, &p->flow);
        }
    }
}

/* The flow that decides about port security may refuse a packet without a
 * look at addresses, when a port is disabled for instance. */
static void
note_refusal(const struct ovnact_load *load, struct packet *p)
{
    const char *stage = p->lflow ? p->lflow->stage : "";

    if (strstr(stage, "_check_port_sec") && load->dst.n_bits == 1
        && ref_get(&load->dst, p)) {
        p->refused_flow = p->lflow;
    }
}

static void
exec_load(struct trace *t, const struct ovnact_load *load, struct packet *p,
          struct ovs_list *super)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    if (load->ovnact.type == OVNACT_LOAD) {
        uint64_t old_value = (load->dst.n_bits <= 64
                              ? ref_get(&load->dst, p) : 0);
        set_constant(load, p);
        if (load->dst.n_bits && load->dst.n_bits <= 64) {
            note_answer(t, load, old_value, p);
            note_refusal(load, p);
        }
    }
    if (load->ovnact.type == OVNACT_OVNFIELD_LOAD
        || is_packet_data(&load->dst)) {
        ovnact_format(&load->ovnact, &s);
        node_add(super, NODE_CHANGE, "%s", ds_cstr(&s));
    }
    ds_destroy(&s);
}

static void
exec_move(const struct ovnact_move *move, struct packet *p,
          struct ovs_list *super)
{
    struct mf_subfield dst = field_ref_to_subfield(&move->dst);
    struct mf_subfield src = field_ref_to_subfield(&move->src);
    union mf_subvalue dst_value, src_value;

    mf_read_subfield(&dst, &p->flow, &dst_value);
    mf_read_subfield(&src, &p->flow, &src_value);
    mf_write_subfield_flow(&dst, &src_value, &p->flow);
    if (is_packet_data(&move->dst)) {
        ref_note(&move->dst, p, super);
    }
    if (move->ovnact.type == OVNACT_EXCHANGE) {
        mf_write_subfield_flow(&src, &dst_value, &p->flow);
        if (is_packet_data(&move->src)) {
            ref_note(&move->src, p, super);
        }
    }
}

/* Open vSwitch does not forward a packet whose TTL would become 0. */
static void
exec_dec_ttl(struct trace *t, struct packet *p, struct ovs_list *super)
{
    if (p->flow.nw_ttl > 1) {
        p->flow.nw_ttl--;
        node_add(super, NODE_CHANGE, "ip.ttl--");
    } else {
        node_add(super, NODE_ERROR, "*** TTL underflow");
        outcome_add(t, p, OUTCOME_ERROR)->text = xstrdup("its TTL ends");
        p->ended = true;
    }
}

static void
exec_push(const struct ovnact_field *push, struct packet *p)
{
    struct mf_subfield sf = field_ref_to_subfield(&push->field);

    if (p->n_stack >= p->allocated_stack) {
        p->stack = x2nrealloc(p->stack, &p->allocated_stack,
                              sizeof *p->stack);
    }
    mf_read_subfield(&sf, &p->flow, &p->stack[p->n_stack++]);
}

static void
exec_pop(const struct ovnact_field *pop, struct packet *p,
         struct ovs_list *super)
{
    struct mf_subfield sf = field_ref_to_subfield(&pop->field);

    if (p->n_stack) {
        mf_write_subfield_flow(&sf, &p->stack[--p->n_stack], &p->flow);
    } else {
        node_add(super, NODE_ERROR, "/* empty stack */");
    }
}

/* ---- Flow control. ---- */

static void
exec_next(struct trace *t, const struct ovnact_next *next, struct packet *p,
          struct ovs_list *super)
{
    if (next->to.pipeline != p->pipeline) {
        const struct net_port *inport = net_dp_port(p->dp, packet_inport(p));
        const struct net_port *outport = net_dp_port(p->dp,
                                                     packet_outport(p));
        bool egress = next->to.pipeline == OVNACT_P_EGRESS;
        struct node *node = node_add(
            super, NODE_PIPELINE, "%s(dp=\"%s\", inport=\"%s\"%s%s%s)",
            egress ? "egress" : "ingress", trace_dp_name(t, p->dp),
            trace_port_name(t, inport), egress ? ", outport=\"" : "",
            egress ? trace_port_name(t, outport) : "", egress ? "\"" : "");
        super = &node->subs;
    }
    trace_table(t, p, next->to.ltable, next->to.pipeline, super);
}

static void
exec_clone(struct trace *t, const struct ovnact_nest *nest,
           const struct packet *p, struct ovs_list *super)
{
    struct node *node = node_add(super, NODE_FORK, "clone");
    struct packet copy;

    packet_clone(&copy, p);
    trace_actions(t, nest->nested, &copy, &node->subs);
    packet_destroy(&copy);
}

/* One of the choices, by --select-id if that is one of them. */
static uint16_t
choose(struct trace *t, const struct ovnact_select *select,
       const char **comment)
{
    unsigned int id, sum = 0;

    *comment = "";
    if (t->options->select_id && str_to_uint(t->options->select_id, 10, &id)) {
        for (size_t i = 0; i < select->n_choices; i++) {
            if (select->choices[i].id == id) {
                return id;
            }
        }
    }

    *comment = " /* Randomly selected. Use --select-id to specify. */";
    for (size_t i = 0; i < select->n_choices; i++) {
        sum += select->choices[i].weight;
    }
    unsigned int r = random_range(MAX(sum, 1));
    for (size_t i = 0; i < select->n_choices; i++) {
        if (r < select->choices[i].weight) {
            return select->choices[i].id;
        }
        r -= select->choices[i].weight;
    }
    return select->choices[0].id;
}

static void
exec_select(struct trace *t, const struct ovnact_select *select,
            const struct packet *p, struct ovs_list *super)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    const char *comment;
    struct packet copy;
    uint16_t id = choose(t, select, &comment);

    field_ref_format(&select->dst, &s);
    struct node *node = node_add(super, NODE_FORK, "select: %s = %"PRIu16"%s",
                                 ds_cstr(&s), id, comment);
    packet_clone(&copy, p);
    ref_set(&select->dst, id, &copy);
    trace_table(t, &copy, select->ltable, copy.pipeline, &node->subs);
    packet_destroy(&copy);
    ds_destroy(&s);
}

/* To one of several ports. */
static void
exec_fwd_group(struct trace *t, const struct ovnact_fwd_group *group,
               const struct packet *p, struct ovs_list *super)
{
    uint32_t start = flow_hash_5tuple(&p->flow, 0);
    struct packet copy;
    uint32_t key;

    packet_clone(&copy, p);
    for (size_t i = 0; i < group->n_ports; i++) {
        const char *name = group->ports[(start + i) % group->n_ports];
        if (trace_lookup_port(name, &key, &copy)) {
            struct node *node = node_add(super, NODE_FORK,
                                         "fwd_group: outport = \"%s\"", name);
            copy.flow.regs[15] = key;
            trace_output(t, &copy, &node->subs);
            break;
        }
    }
    packet_destroy(&copy);
}

void
exec_basic(struct trace *t, const struct ovnact *act, struct packet *p,
           struct ovs_list *super)
{
    const void *a = act;

    switch ((int) act->type) {
    case OVNACT_OUTPUT: trace_output(t, p, super); break;
    case OVNACT_NEXT: exec_next(t, a, p, super); break;
    case OVNACT_CLONE: exec_clone(t, a, p, super); break;
    case OVNACT_LOAD:
    case OVNACT_OVNFIELD_LOAD: exec_load(t, a, p, super); break;
    case OVNACT_MOVE:
    case OVNACT_EXCHANGE: exec_move(a, p, super); break;
    case OVNACT_DEC_TTL: exec_dec_ttl(t, p, super); break;
    case OVNACT_PUSH: exec_push(a, p); break;
    case OVNACT_POP: exec_pop(a, p, super); break;
    case OVNACT_SELECT: exec_select(t, a, p, super); break;
    case OVNACT_FWD_GROUP: exec_fwd_group(t, a, p, super); break;
    }
}
