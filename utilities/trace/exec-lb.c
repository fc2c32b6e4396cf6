#include <config.h>
#include "trace.h"

#include <string.h>

#include "flow.h"
#include "openvswitch/dynamic-string.h"
#include "smap.h"
#include "util.h"

/* ---- ct_lb and its relatives. ---- */

static bool
is_lb_dst(const struct trace *t, const struct ovnact_backend *b)
{
    return (ipv6_addr_equals(&b->ip, &t->options->lb_dst)
            && (!t->options->lb_dst_port
                || b->port == t->options->lb_dst_port));
}

/* Returns the backend for the packet, of those where the packet is: the one
 * that the user wants, else one by the packet's addresses and ports.  NULL if
 * there is none.  '*certain' is false if it might as well be another one. */
static const struct ovnact_backend *
choose_backend(struct trace *t, const struct ovnact_ct_lb *lb,
               struct packet *p, bool *certain)
{
    uint32_t start = flow_hash_5tuple(&p->flow, 0);
    const struct ovnact_backend *chosen = NULL;
    size_t n = 0;

    for (size_t i = 0; i < lb->n_backends; i++) {
        const struct ovnact_backend *b
            = &lb->backends[(start + i) % lb->n_backends];
        if (b->lport && !trace_is_resident(b->lport, p)) {
            continue;
        } else if (t->options->has_lb_dst && is_lb_dst(t, b)) {
            *certain = true;
            return b;
        } else if (!n++) {
            chosen = b;
        }
    }
    *certain = n < 2;
    return chosen;
}

/* Flags for the connection, in ct_label before 22.03. */
static void
set_lb_flags(const struct ovnact_ct_lb *lb, struct flow *f)
{
    uint32_t flags = (2 | (lb->flag == OVNACT_LB_SKIP_SNAT ? 4 : 0)
                      | (lb->flag == OVNACT_LB_FORCE_SNAT ? 8 : 0));

    if (lb->ovnact.type == OVNACT_CT_LB) {
        f->ct_label.u64.lo |= flags;
    } else {
        f->ct_mark |= flags;
    }
}

static void
note_backend(const struct in6_addr *ip, uint16_t port, bool certain,
             struct ovs_list *super)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ipv6_format_mapped(ip, &s);
    if (port) {
        ds_put_format(&s, " port %"PRIu16, port);
    }
    node_add(super, NODE_NOTE, "/* load balanced to %s%s */", ds_cstr(&s),
             certain ? "" : ", one of several (--lb-dst chooses)");
    ds_destroy(&s);
}

static bool
same_family(const struct in6_addr *ip, const struct flow *f)
{
    return (f->dl_type == htons(IN6_IS_ADDR_V4MAPPED(ip)
                                ? ETH_TYPE_IP : ETH_TYPE_IPV6));
}

/* To a backend. */
static void
exec_balance(struct trace *t, const struct ovnact_ct_lb *lb,
             const struct packet *p, struct packet *copy,
             struct ovs_list *super)
{
    struct conn_zone zone = conn_zone(p, OVNACT_ZONE_DEFAULT);
    bool certain;
    const struct ovnact_backend *b = choose_backend(t, lb, copy, &certain);

    if (!b) {
        node_add(super, NODE_NOTE, "/* no backend is on this chassis */");
        return;
    }
    if (same_family(&b->ip, &copy->flow)) {
        nat_set(&copy->flow, true, &b->ip, b->port);
    }
    set_lb_flags(lb, &copy->flow);
    if (t->conns) {
        conn_commit(t, &p->flow, copy, zone);
    }
    ct_set(copy, &p->flow, copy->flow.ct_state | CS_DST_NAT);
    note_backend(&b->ip, b->port, certain, super);
}

static void
exec_ct_lb(struct trace *t, const struct ovnact_ct_lb *lb,
           const struct packet *p, struct ovs_list *super)
{
    const struct trace_options *o = t->options;
    const char *comment;
    struct packet copy;

    packet_clone(&copy, p);
    uint32_t state = ct_next_state(t, &copy, OVNACT_ZONE_DEFAULT, true,
                                   &comment);
    struct node *node = node_add(super, NODE_FORK, "%s%s",
                                 ovnact_name(lb->ovnact.type), comment);
    ct_set(&copy, &p->flow, state);
    conn_note(&p->flow, &copy, &node->subs);
    if (lb->n_backends) {
        exec_balance(t, lb, p, &copy, &node->subs);
    } else if (o->has_lb_dst && !t->conns
               && same_family(&o->lb_dst, &copy.flow)) {
        nat_set(&copy.flow, true, &o->lb_dst, o->lb_dst_port);
        ct_set(&copy, &p->flow, state | CS_DST_NAT);
        note_backend(&o->lb_dst, o->lb_dst_port, true, &node->subs);
    }
    ct_resume(t, &copy, lb->ltable, &node->subs);
}

/* ---- Hairpins: load balanced back to who sent it. ---- */

/* Parses an address, perhaps with a port. */
static bool
parse_endpoint(const char *s, struct in6_addr *ip, uint16_t *port)
{
    struct ip_port endpoint;
    char *error = ip_port_parse(s, &endpoint);

    if (error) {
        free(error);
        return false;
    }
    *ip = endpoint.ip;
    *port = endpoint.port;
    return true;
}

static bool
in_group(const struct sbrec_logical_dp_group *group, const struct net_dp *dp)
{
    for (size_t i = 0; group && i < group->n_datapaths; i++) {
        if (group->datapaths[i] == dp->row) {
            return true;
        }
    }
    return false;
}

static bool
lb_is_on(const struct sbrec_load_balancer *lb, const struct net_dp *dp)
{
    for (size_t i = 0; i < lb->n_datapaths; i++) {
        if (lb->datapaths[i] == dp->row) {
            return true;
        }
    }
    return (in_group(lb->datapath_group, dp)
            || in_group(lb->ls_datapath_group, dp)
            || in_group(lb->lr_datapath_group, dp));
}

static uint8_t
lb_proto(const struct sbrec_load_balancer *lb)
{
    return (!lb->protocol || !strcmp(lb->protocol, "tcp") ? IPPROTO_TCP
            : !strcmp(lb->protocol, "udp") ? IPPROTO_UDP : IPPROTO_SCTP);
}

/* The address that hairpinned packets get as their source: the VIP unless
 * hairpin_snat_ip has one of its family. */
static struct in6_addr
hairpin_source(const struct sbrec_load_balancer *lb,
               const struct in6_addr *vip)
{
    const char *list = smap_get_def(&lb->options, "hairpin_snat_ip", "");
    struct in6_addr ip, result = *vip;
    uint16_t port;
    char *copy = xstrdup(list), *save = NULL;

    for (char *s = strtok_r(copy, " ,", &save); s;
         s = strtok_r(NULL, " ,", &save)) {
        if (parse_endpoint(s, &ip, &port)
            && IN6_IS_ADDR_V4MAPPED(&ip) == IN6_IS_ADDR_V4MAPPED(vip)) {
            result = ip;
        }
    }
    free(copy);
    return result;
}

static void
flow_addresses(const struct flow *f, struct in6_addr *src,
               struct in6_addr *dst)
{
    if (f->dl_type == htons(ETH_TYPE_IP)) {
        in6_addr_set_mapped_ipv4(src, f->nw_src);
        in6_addr_set_mapped_ipv4(dst, f->nw_dst);
    } else {
        *src = f->ipv6_src;
        *dst = f->ipv6_dst;
    }
}

/* Whether the packet's connection began with one for that VIP. */
static bool
was_for(const struct flow *f, const struct in6_addr *vip, uint16_t port)
{
    struct in6_addr dst = f->ct_ipv6_dst;

    if (f->dl_type == htons(ETH_TYPE_IP)) {
        in6_addr_set_mapped_ipv4(&dst, f->ct_nw_dst);
    }
    return (ipv6_addr_equals(&dst, vip)
            && (!port || port == ntohs(f->ct_tp_dst)));
}

/* Whether the packet is one that a VIP's backend sent to itself, or its answer
 * to such a packet. */
static bool
is_hairpin(const struct sbrec_load_balancer *lb, const char *vip,
           const char *backends, const struct flow *f, bool reply,
           struct in6_addr *source)
{
    struct in6_addr src, dst, vip_ip, ip;
    uint16_t vip_port, port;
    bool found = false;

    if (!parse_endpoint(vip, &vip_ip, &vip_port)
        || (!reply && !was_for(f, &vip_ip, vip_port))) {
        return false;
    }
    *source = hairpin_source(lb, &vip_ip);
    flow_addresses(f, &src, &dst);
    char *copy = xstrdup(backends), *save = NULL;
    for (char *s = strtok_r(copy, ", ", &save); s && !found;
         s = strtok_r(NULL, ", ", &save)) {
        if (!parse_endpoint(s, &ip, &port)
            || !ipv6_addr_equals(&ip, &src)
            || !ipv6_addr_equals(reply ? source : &ip, &dst)) {
            continue;
        }
        found = (!port || (f->nw_proto == lb_proto(lb)
                           && port == ntohs(reply ? f->tp_src : f->tp_dst)));
    }
    free(copy);
    return found;
}

/* The same for what a row has, which may contain template variables. */
static bool
vip_is_hairpin(const struct sbrec_load_balancer *lb,
               const struct smap_node *vip, const struct packet *p,
               bool reply, struct in6_addr *source)
{
    char *key = net_expand(vip->key, p->templates);
    char *value = net_expand(vip->value, p->templates);
    bool is = is_hairpin(lb, key ? key : vip->key,
                         value ? value : vip->value, &p->flow, reply, source);

    free(key);
    free(value);
    return is;
}

static bool
find_hairpin(struct trace *t, const struct packet *p, bool reply,
             struct in6_addr *source)
{
    const struct sbrec_load_balancer *lb;

    if (!is_ip_any(&p->flow)) {
        return false;
    }
    SBREC_LOAD_BALANCER_FOR_EACH (lb, t->net->idl) {
        struct smap_node *vip;

        if (!lb_is_on(lb, p->dp)) {
            continue;
        }
        SMAP_FOR_EACH (vip, &lb->vips) {
            if (vip_is_hairpin(lb, vip, p, reply, source)) {
                return true;
            }
        }
    }
    return false;
}

static void
exec_chk_hairpin(struct trace *t, const struct ovnact_fields *chk,
                 struct packet *p, struct ovs_list *super)
{
    bool reply = chk->ovnact.type == OVNACT_CHK_LB_HAIRPIN_REPLY;
    struct in6_addr source;

    /* Only what was load balanced comes back to its sender that way. */
    bool found = ((reply || (p->flow.ct_state & CS_DST_NAT))
                  && find_hairpin(t, p, reply, &source));
    ref_set(&chk->dst, found, p);
    ref_note(&chk->dst, p, super);
}

static void
exec_snat_to_vip(struct trace *t, struct packet *p, struct ovs_list *super)
{
    struct in6_addr source;

    if (find_hairpin(t, p, false, &source)) {
        struct ds s = DS_EMPTY_INITIALIZER;

        struct flow before = p->flow;
        nat_set(&p->flow, false, &source, 0);
        if (t->conns) {
            conn_commit(t, &before, p, conn_zone(p, OVNACT_ZONE_SNAT));
        }
        p->flow.ct_state |= CS_SRC_NAT;
        ipv6_format_mapped(&source, &s);
        node_add(super, NODE_ERROR, "/* nat(src=%s) */", ds_cstr(&s));
        ds_destroy(&s);
    }
}

void
exec_lb(struct trace *t, const struct ovnact *act, struct packet *p,
        struct ovs_list *super)
{
    const void *a = act;

    switch ((int) act->type) {
    case OVNACT_CT_LB:
    case OVNACT_CT_LB_MARK:
    case OVNACT_CT_LB_MARK_LOCAL: exec_ct_lb(t, a, p, super); break;
    case OVNACT_CHK_LB_HAIRPIN:
    case OVNACT_CHK_LB_HAIRPIN_REPLY: exec_chk_hairpin(t, a, p, super); break;
    case OVNACT_CT_SNAT_TO_VIP: exec_snat_to_vip(t, p, super); break;

    case OVNACT_CHK_LB_AFF:
        /* Which clients a backend serves is not in the database. */
        ref_set(&((const struct ovnact_fields *) act)->dst, 0, p);
        break;
    }
}
