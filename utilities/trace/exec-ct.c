#include <config.h>
#include "trace.h"

#include <string.h>

#include "flow.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

#define DEFAULT_COMMENT " /* default (use --ct to customize) */"

/* The ct_state that the next action on connections finds: what the user said,
 * else what the connections say that this trace made, else an established
 * connection.  'nat': the action translates, too. */
uint32_t
ct_next_state(struct trace *t, struct packet *p, enum ovnact_zone zone,
              bool nat, const char **comment)
{
    const struct trace_options *o = t->options;
    bool translated;

    *comment = "";
    if (t->ct_used < o->n_ct) {
        return o->ct[t->ct_used++] | CS_TRACKED;
    } else if (t->conns) {
        return conn_lookup(t, p, conn_zone(p, zone), nat, &translated);
    }
    *comment = DEFAULT_COMMENT;
    return CS_ESTABLISHED | CS_TRACKED;
}

/* What the connection tracker knows about the packet, as matches see it.
 * 'before' is the packet as it was before any translation: what a connection
 * began with, unless the packet goes in the other direction, where the
 * translated one shows that. */
void
ct_set(struct packet *p, const struct flow *before, uint32_t state)
{
    bool reply = state & CS_REPLY_DIR;
    struct flow *f = &p->flow;
    struct flow original = reply ? *f : *before;

    f->ct_state = state;
    f->ct_nw_proto = f->nw_proto;
    f->ct_nw_src = reply ? original.nw_dst : original.nw_src;
    f->ct_nw_dst = reply ? original.nw_src : original.nw_dst;
    if (f->dl_type == htons(ETH_TYPE_IPV6)) {
        f->ct_ipv6_src = reply ? original.ipv6_dst : original.ipv6_src;
        f->ct_ipv6_dst = reply ? original.ipv6_src : original.ipv6_dst;
    }
    f->ct_tp_src = reply ? original.tp_dst : original.tp_src;
    f->ct_tp_dst = reply ? original.tp_src : original.tp_dst;
}

/* A copy of the packet goes on in 'ltable', when the connection tracker is
 * done with it. */
void
ct_resume(struct trace *t, struct packet *copy, uint8_t ltable,
          struct ovs_list *super)
{
    trace_table(t, copy, ltable, copy->pipeline, super);
    packet_destroy(copy);
}

static void
exec_ct_next(struct trace *t, const struct ovnact_ct_zone *ct,
             const struct packet *p, struct ovs_list *super)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    const char *comment;
    struct packet copy;

    packet_clone(&copy, p);
    uint32_t state = ct_next_state(t, &copy, ct->zone, false, &comment);
    format_flags(&s, ct_state_to_string, state, '|');
    struct node *node = node_add(super, NODE_FORK, "ct_next(ct_state=%s%s)",
                                 ds_cstr(&s), comment);
    ct_set(&copy, &p->flow, state);
    ct_resume(t, &copy, ct->ltable, &node->subs);
    ds_destroy(&s);
}

/* Without effect on this packet; the connection remembers. */
static void
exec_ct_commit(struct trace *t, const struct ovnact *act,
               const struct packet *p)
{
    struct packet copy;
    enum ovnact_zone zone = OVNACT_ZONE_DEFAULT;

    if (!t->conns) {
        return;
    }
    packet_clone(&copy, p);
    if (act->type == OVNACT_CT_COMMIT) {
        const struct ovnact_nest *nest = (const struct ovnact_nest *) act;
        struct ovs_list unseen = OVS_LIST_INITIALIZER(&unseen);
        const struct ovnact *sub;

        OVNACT_FOR_EACH (sub, nest->nested) {
            exec_basic(t, sub, &copy, &unseen);
        }
        nodes_destroy(&unseen);
    } else {
        zone = ((const struct ovnact_ct_zone *) act)->zone;
    }
    conn_commit(t, &p->flow, &copy, conn_zone(p, zone));
    packet_destroy(&copy);
}

static void
exec_ct_commit_nat(struct trace *t, const struct ovnact_ct_zone *ct,
                   const struct packet *p, struct ovs_list *super)
{
    struct packet copy;
    bool translated = false;

    packet_clone(&copy, p);
    if (t->conns) {
        uint32_t state = conn_lookup(t, &copy, conn_zone(p, ct->zone), true,
                                     &translated);
        ct_set(&copy, &p->flow, state);
        conn_commit(t, &p->flow, &copy, conn_zone(p, ct->zone));
    }
    struct node *node = node_add(super, NODE_FORK, "ct_commit_nat%s",
                                 translated ? "" : " /* assuming no un-nat "
                                 "entry, so no change */");
    ct_resume(t, &copy, ct->ltable, &node->subs);
}

/* ---- ct_dnat, ct_snat. ---- */

static bool
is_dnat(const struct ovnact_ct_nat *nat)
{
    return (nat->ovnact.type == OVNACT_CT_DNAT
            || nat->ovnact.type == OVNACT_CT_DNAT_IN_CZONE);
}

/* The common zone of a distributed router is its DNAT zone. */
static enum ovnact_zone
nat_zone(const struct ovnact_ct_nat *nat)
{
    return (nat->ovnact.type == OVNACT_CT_SNAT
            ? OVNACT_ZONE_SNAT : OVNACT_ZONE_DNAT);
}

/* Translates (back) as the connection says, if there is one. */
static void
exec_undo_nat(struct trace *t, const struct ovnact_ct_nat *nat,
              const struct packet *p, struct ovs_list *super)
{
    const char *comment = "";
    bool translated = false;
    bool dnat = is_dnat(nat);
    struct packet copy;

    packet_clone(&copy, p);
    if (t->conns && t->ct_used >= t->options->n_ct) {
        uint32_t state = conn_lookup(t, &copy, conn_zone(p, nat_zone(nat)),
                                     true, &translated);
        ct_set(&copy, &p->flow, state);
    } else if (!(copy.flow.ct_state & CS_TRACKED)) {
        uint32_t state = ct_next_state(t, &copy, nat_zone(nat), true,
                                       &comment);
        ct_set(&copy, &p->flow, state);
    }

    struct node *node = node_add(super, NODE_FORK, "%s%s%s%s%s",
                                 ovnact_name(nat->ovnact.type),
                                 translated ? "" : " /* assuming no un-",
                                 translated ? "" : dnat ? "dnat" : "snat",
                                 translated ? "" : " entry, so no change */",
                                 comment);
    conn_note(&p->flow, &copy, &node->subs);
    ct_resume(t, &copy, nat->ltable, &node->subs);
}

/* Sets an address and, if not 0, the port that goes with it, in a packet that
 * has ports. */
void
nat_set(struct flow *f, bool dst, const struct in6_addr *ip, uint16_t port)
{
    if (IN6_IS_ADDR_V4MAPPED(ip)) {
        *(dst ? &f->nw_dst : &f->nw_src) = in6_addr_get_mapped_ipv4(ip);
    } else {
        *(dst ? &f->ipv6_dst : &f->ipv6_src) = *ip;
    }
    if (port && (f->nw_proto == IPPROTO_TCP || f->nw_proto == IPPROTO_UDP
                 || f->nw_proto == IPPROTO_SCTP)) {
        *(dst ? &f->tp_dst : &f->tp_src) = htons(port);
    }
}

static void
exec_do_nat(struct trace *t, const struct ovnact_ct_nat *nat,
            const struct packet *p, struct ovs_list *super)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    bool dnat = is_dnat(nat);
    struct packet copy;
    struct in6_addr ip;

    if (nat->family == AF_INET) {
        in6_addr_set_mapped_ipv4(&ip, nat->ip4);
    } else {
        ip = nat->ip6;
    }
    ipv6_format_mapped(&ip, &s);
    struct node *node = node_add(super, NODE_FORK, "%s(ip%d.%s=%s)",
                                 ovnact_name(nat->ovnact.type),
                                 nat->family == AF_INET ? 4 : 6,
                                 dnat ? "dst" : "src", ds_cstr(&s));
    ds_destroy(&s);

    packet_clone(&copy, p);
    struct conn_zone zone = conn_zone(p, nat_zone(nat));
    bool translated = false;
    uint32_t state = copy.flow.ct_state | CS_TRACKED;
    if (t->conns) {
        state = conn_lookup(t, &copy, zone, true, &translated);
    }
    if (!translated) {
        nat_set(&copy.flow, dnat, &ip, nat->port_min);
        if (t->conns) {
            conn_commit(t, &p->flow, &copy, zone);
        }
    }
    ct_set(&copy, &p->flow, state | (dnat ? CS_DST_NAT : CS_SRC_NAT));
    ct_resume(t, &copy, nat->ltable, &node->subs);
}

/* ---- Original tuple. ---- */

static void
exec_ct_tuple(const struct ovnact_fields *fields, struct packet *p)
{
    struct mf_subfield sf = field_ref_to_subfield(&fields->dst);
    const struct flow *f = &p->flow;
    union mf_subvalue sv;

    memset(&sv, 0, sizeof sv);
    switch ((int) fields->ovnact.type) {
    case OVNACT_CT_STATE_SAVE: sv.integer = htonll(f->ct_state); break;
    case OVNACT_CT_NW_DST: sv.integer = htonll(ntohl(f->ct_nw_dst)); break;
    case OVNACT_CT_IP6_DST: sv.ipv6 = f->ct_ipv6_dst; break;
    case OVNACT_CT_TP_DST: sv.integer = htonll(ntohs(f->ct_tp_dst)); break;
    case OVNACT_CT_PROTO: sv.integer = htonll(f->ct_nw_proto); break;
    }
    mf_write_subfield_flow(&sf, &sv, &p->flow);
}

void
exec_ct(struct trace *t, const struct ovnact *act, struct packet *p,
        struct ovs_list *super)
{
    const void *a = act;

    switch ((int) act->type) {
    case OVNACT_CT_NEXT: exec_ct_next(t, a, p, super); break;
    case OVNACT_CT_COMMIT:
    case OVNACT_CT_COMMIT_TO_ZONE: exec_ct_commit(t, act, p); break;
    case OVNACT_CT_COMMIT_NAT: exec_ct_commit_nat(t, a, p, super); break;
    case OVNACT_CT_CLEAR: flow_clear_conntrack(&p->flow); break;
    case OVNACT_CT_DNAT:
    case OVNACT_CT_SNAT:
    case OVNACT_CT_DNAT_IN_CZONE:
    case OVNACT_CT_SNAT_IN_CZONE:
        if (((const struct ovnact_ct_nat *) act)->family == AF_UNSPEC) {
            exec_undo_nat(t, a, p, super);
        } else {
            exec_do_nat(t, a, p, super);
        }
        break;
    default: exec_ct_tuple(a, p); break;
    }
}
