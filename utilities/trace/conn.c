/* Connections that a trace of both directions makes. */

#include <config.h>
#include "trace.h"

#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "util.h"

struct tuple {
    struct in6_addr src, dst;   /* IPv4 as mapped addresses. */
    ovs_be16 sport, dport;
    uint8_t proto;
};

struct conn {
    struct ovs_list list_node;
    struct conn_zone zone;
    struct tuple original;      /* As it came. */
    struct tuple translated;    /* After NAT. */
    uint32_t mark;
    ovs_u128 label;
};

/* The zone that 'zone' means where the packet is.  Without saying DNAT or
 * SNAT, it is that of a switch's port, or the one that a router has for
 * DNAT.  Each chassis has its own, if we are to care about chassis. */
struct conn_zone
conn_zone(const struct packet *p, enum ovnact_zone zone)
{
    uint32_t port = (p->pipeline == OVNACT_P_INGRESS ? packet_inport(p)
                     : packet_outport(p));

    return (struct conn_zone) {
        .dp = p->dp,
        .kind = (zone == OVNACT_ZONE_DEFAULT && p->dp->is_router
                 ? OVNACT_ZONE_DNAT : zone),
        .port = zone == OVNACT_ZONE_DEFAULT && !p->dp->is_router ? port : 0,
        .chassis = p->chassis,
    };
}

static struct tuple
flow_tuple(const struct flow *f)
{
    bool icmp = (f->nw_proto == IPPROTO_ICMP
                 || f->nw_proto == IPPROTO_ICMPV6);
    struct tuple tuple;

    /* There is padding. */
    memset(&tuple, 0, sizeof tuple);
    if (f->dl_type == htons(ETH_TYPE_IP)) {
        in6_addr_set_mapped_ipv4(&tuple.src, f->nw_src);
        in6_addr_set_mapped_ipv4(&tuple.dst, f->nw_dst);
    } else {
        tuple.src = f->ipv6_src;
        tuple.dst = f->ipv6_dst;
    }
    tuple.proto = f->nw_proto;
    if (!icmp) {
        tuple.sport = f->tp_src;
        tuple.dport = f->tp_dst;
    }
    return tuple;
}

static struct tuple
reverse(const struct tuple *tuple)
{
    struct tuple r = *tuple;

    r.src = tuple->dst;
    r.dst = tuple->src;
    r.sport = tuple->dport;
    r.dport = tuple->sport;
    return r;
}

static bool
tuple_equals(const struct tuple *a, const struct tuple *b)
{
    return !memcmp(a, b, sizeof *a);
}

static void
set_tuple(struct flow *f, const struct tuple *tuple)
{
    nat_set(f, false, &tuple->src, ntohs(tuple->sport));
    nat_set(f, true, &tuple->dst, ntohs(tuple->dport));
}

static struct conn *
find_conn(struct trace *t, const struct tuple *tuple, struct conn_zone zone,
          bool *is_reply)
{
    struct conn *conn;

    LIST_FOR_EACH (conn, list_node, t->conns) {
        if (conn->zone.dp != zone.dp || conn->zone.kind != zone.kind
            || conn->zone.port != zone.port
            || conn->zone.chassis != zone.chassis) {
            continue;
        }
        struct tuple r = reverse(&conn->translated);
        *is_reply = tuple_equals(tuple, &r);
        if (*is_reply || tuple_equals(tuple, &conn->original)
            || tuple_equals(tuple, &conn->translated)) {
            return conn;
        }
    }
    return NULL;
}

/* Returns the ct_state of the packet in 'zone', translates it if 'nat' and the
 * connection says so, and sets '*translated' to whether that changed it. */
uint32_t
conn_lookup(struct trace *t, struct packet *p, struct conn_zone zone,
            bool nat, bool *translated)
{
    struct tuple tuple = flow_tuple(&p->flow);
    bool is_reply;
    struct conn *conn = find_conn(t, &tuple, zone, &is_reply);

    *translated = false;
    p->flow.ct_mark = conn ? conn->mark : 0;
    p->flow.ct_label = conn ? conn->label : OVS_U128_ZERO;
    if (!conn) {
        return CS_NEW | CS_TRACKED;
    }

    uint32_t state = (CS_TRACKED | CS_ESTABLISHED
                      | (is_reply ? CS_REPLY_DIR : 0));
    if (nat) {
        struct tuple wanted = (is_reply ? reverse(&conn->original)
                               : conn->translated);
        *translated = !tuple_equals(&tuple, &wanted);
        if (*translated) {
            bool src = memcmp(&tuple.src, &wanted.src, sizeof tuple.src);
            bool dst = memcmp(&tuple.dst, &wanted.dst, sizeof tuple.dst);

            set_tuple(&p->flow, &wanted);
            state |= (src ? CS_SRC_NAT : 0) | (dst ? CS_DST_NAT : 0);
        }
    }
    return state;
}

/* Remembers the connection of which 'before' was a packet that became 'p'. */
void
conn_commit(struct trace *t, const struct flow *before, struct packet *p,
            struct conn_zone zone)
{
    struct tuple original = flow_tuple(before);
    struct tuple translated = flow_tuple(&p->flow);
    bool is_reply;
    struct conn *conn = find_conn(t, &original, zone, &is_reply);

    if (!conn) {
        conn = xzalloc(sizeof *conn);
        conn->zone = zone;
        conn->original = original;
        conn->translated = translated;
        ovs_list_push_back(t->conns, &conn->list_node);
    } else if (!is_reply && !tuple_equals(&original, &translated)) {
        conn->translated = translated;
    }
    conn->mark = p->flow.ct_mark;
    conn->label = p->flow.ct_label;
}

/* Whether who sent 'question' will take 'answer' for the answer to it. */
bool
conn_is_answer(const struct flow *question, const struct flow *answer)
{
    struct tuple q = flow_tuple(question), a = flow_tuple(answer);
    struct tuple expected = reverse(&q);

    return tuple_equals(&a, &expected);
}

/* Appends what a translation made of 'before', if it changed anything. */
void
conn_note(const struct flow *before, const struct packet *p,
          struct ovs_list *super)
{
    struct tuple old = flow_tuple(before), new = flow_tuple(&p->flow);
    struct ds s = DS_EMPTY_INITIALIZER;

    if (memcmp(&old.src, &new.src, sizeof old.src)) {
        ds_put_cstr(&s, " src=");
        ipv6_format_mapped(&new.src, &s);
    }
    if (memcmp(&old.dst, &new.dst, sizeof old.dst)) {
        ds_put_cstr(&s, " dst=");
        ipv6_format_mapped(&new.dst, &s);
    }
    if (s.length) {
        node_add(super, NODE_NOTE, "/* translated to%s */", ds_cstr(&s));
    }
    ds_destroy(&s);
}

void
conns_destroy(struct ovs_list *conns)
{
    struct conn *conn;

    LIST_FOR_EACH_POP (conn, list_node, conns) {
        free(conn);
    }
}
