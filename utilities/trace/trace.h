#ifndef UTILITIES_TRACE_H
#define UTILITIES_TRACE_H 1

/* ovn-trace: a packet's way through logical networks.
 *
 *     net.[ch]      what the southbound database says, found by name and key
 *     run.c         pipelines, outputs, from datapath to datapath
 *     exec-*.c      what actions do; one file per family
 *     conn.c        connections, for traces of both directions
 *     node.[ch]     the tree of what happened, and the forms of output
 *     outcome.c     where the packet ended
 *     verdict.c     that in words, and for machines
 *     reason.c      what a drop means that comes from no row
 *     why.[ch]      which northbound row a flow comes from
 *     offline.[ch]  databases in files
 *
 * A 'struct trace' is one run of the tracer.  A 'struct packet' is a packet at
 * a place in a pipeline; copies of it go their own ways. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/actions/actions.h"
#include "net.h"
#include "node.h"
#include "openvswitch/flow.h"
#include "openvswitch/list.h"
#include "packets.h"
#include "why.h"

struct ds;
struct json;
struct vconn;

/* What the user asked for. */
struct trace_options {
    bool detailed, summary, minimal, json;
    enum { WHY_DEFAULT, WHY_YES, WHY_NO } why;
    bool friendly;
    bool reply;
    const char *chassis;        /* NULL if not given. */
    const char *select_id;      /* NULL if not given. */
    uint32_t *ct;               /* ct_state of one ct action each. */
    size_t n_ct, allocated_ct;
    bool has_lb_dst;
    struct in6_addr lb_dst;
    uint16_t lb_dst_port;       /* 0 if not given. */
    const char *ovs;            /* OpenFlow remote, NULL for none. */
    char *default_ovs;          /* Where it points to if not given. */
};

/* A packet that took the place of another one.  Belongs to the trace. */
struct instead {
    const char *name;           /* "arp", "icmp4", "dhcp_reply". */
    const struct net_flow *by;  /* What made it. */
    const struct instead *of;   /* What that took the place of, or NULL. */
    struct flow before;         /* What had become of that by then. */
};

/* Where a packet is, and what it carries. */
struct packet {
    struct flow flow;
    struct net_dp *dp;
    const struct shash *ports;  /* All "struct net_port"s by name. */
    enum ovnact_pipeline pipeline;
    uint8_t table;
    const struct net_flow *lflow; /* The flow that is executed, or NULL. */
    const struct net_chassis *chassis; /* NULL: any. */
    const struct net_chassis *templates; /* Whose variables are used. */
    const struct net_chassis *at; /* Where it seems to be; NULL: unknown. */
    const struct instead *instead; /* NULL: it is what came in. */
    const struct net_port *refused_by; /* Port security does not allow it. */
    const struct net_flow *refused_flow; /* Or this flow, without a look. */
    bool learned;               /* This datapath has seen a neighbor. */
    bool ended;                 /* No action follows. */
    int depth;                  /* Of recursion. */
    union mf_subvalue *stack;   /* Of push and pop. */
    size_t n_stack, allocated_stack;
};

/* The end of a packet, or of a copy of it. */
enum outcome_type {
    OUTCOME_DELIVERED,          /* At 'port'. */
    OUTCOME_DROPPED,            /* By 'lflow', which leads nowhere. */
    OUTCOME_NO_FLOW,            /* No flow of the table matched. */
    OUTCOME_LOOPBACK,           /* Not sent back to where it came from. */
    OUTCOME_CONSUMED,           /* By ovn-controller, in 'lflow'. */
    OUTCOME_ERROR               /* 'text' says what is wrong. */
};

struct outcome {
    enum outcome_type type;
    const struct net_dp *dp;
    enum ovnact_pipeline pipeline;
    uint8_t table;
    const struct net_port *port;
    const struct net_chassis *chassis; /* Where it seems to be, or NULL. */
    const struct net_flow *lflow;
    const struct instead *instead;
    const struct net_port *refused_by;
    const struct net_flow *refused_flow;
    bool learned;
    char *text;
    struct flow flow;           /* The packet in the end. */
};

struct trace {
    struct net *net;
    const struct trace_options *options;
    struct why *why;            /* NULL: rows are not looked up. */
    struct vconn *vconn;        /* NULL: no OpenFlow flows are asked for. */
    size_t ct_used;             /* Of options->ct. */
    size_t n_tables;            /* That were visited. */
    struct ovs_list *conns;     /* Connections, NULL: not tracked. */
    struct arena arena;         /* Of 'struct instead's. */
    const struct flow *question; /* What the packet answers, or NULL. */
    struct outcome *outcomes;
    size_t n_outcomes, allocated_outcomes;
};

/* Entry point: traces 'microflow', in the datapath with that name (NULL: the
 * one of its inport), and appends the output to 'output'.  Returns NULL, or an
 * error that the caller frees. */
char *trace_run(struct net *, struct why *, struct vconn *,
                const struct trace_options *, const char *dp_name,
                const char *microflow, struct ds *output)
    OVS_WARN_UNUSED_RESULT;

/* run.c */
void trace_table(struct trace *, struct packet *, uint8_t table,
                 enum ovnact_pipeline, struct ovs_list *super);
void trace_output(struct trace *, const struct packet *,
                  struct ovs_list *super);
void trace_actions(struct trace *, const struct ovnact *, struct packet *,
                   struct ovs_list *super);
void packet_clone(struct packet *dst, const struct packet *src);
void packet_destroy(struct packet *);
const char *trace_port_name(const struct trace *, const struct net_port *);
const char *trace_dp_name(const struct trace *, const struct net_dp *);
bool trace_lookup_port(const char *name, uint32_t *key, void *packet_);
bool trace_is_resident(const char *name, void *packet_);

static inline uint32_t
packet_inport(const struct packet *p)
{
    return p->flow.regs[14];
}

static inline uint32_t
packet_outport(const struct packet *p)
{
    return p->flow.regs[15];
}

/* What an action does to 'packet'; what is to be seen of it goes to 'super'.
 * One function for each action, found by exec_function(). */
typedef void exec_func(struct trace *, const struct ovnact *,
                       struct packet *, struct ovs_list *super);
exec_func exec_basic, exec_ct, exec_lb, exec_neighbor, exec_fdb,
    exec_replace, exec_service, exec_check;

/* exec-basic.c: helpers. */
uint64_t ref_get(const struct field_ref *, const struct packet *);
void ref_set(const struct field_ref *, uint64_t, struct packet *);
void ref_note(const struct field_ref *, const struct packet *,
              struct ovs_list *super);

/* exec-ct.c: helpers. */
uint32_t ct_next_state(struct trace *, struct packet *, enum ovnact_zone,
                       bool nat, const char **comment);
void ct_set(struct packet *, const struct flow *before, uint32_t state);
void ct_resume(struct trace *, struct packet *copy, uint8_t ltable,
               struct ovs_list *super);
void nat_set(struct flow *, bool dst, const struct in6_addr *, uint16_t port);

/* conn.c */
struct conn_zone {
    const struct net_dp *dp;
    enum ovnact_zone kind;
    uint32_t port;              /* Key of a switch's port, or 0. */
    const struct net_chassis *chassis; /* NULL: any. */
};
struct conn_zone conn_zone(const struct packet *, enum ovnact_zone);
uint32_t conn_lookup(struct trace *, struct packet *, struct conn_zone,
                     bool nat, bool *translated);
void conn_commit(struct trace *, const struct flow *before,
                 struct packet *, struct conn_zone);
void conn_note(const struct flow *before, const struct packet *,
               struct ovs_list *super);
bool conn_is_answer(const struct flow *question, const struct flow *answer);
void conns_destroy(struct ovs_list *);

/* port-sec.c */
bool port_sec_refuses_in(const struct net_port *, const struct flow *);
bool port_sec_refuses_out(const struct net_port *, const struct flow *);

/* outcome.c */
void packet_replace(struct trace *, struct packet *, const char *name,
                    const struct flow *before);
struct outcome *outcome_add(struct trace *, const struct packet *,
                            enum outcome_type);
const struct net_chassis *outcome_chassis(const struct outcome *);
void outcomes_destroy(struct trace *);

/* reason.c */
bool reason_put(const struct trace *, const struct outcome *, struct ds *);

/* verdict.c */
void outcome_verdict(const struct trace *, struct ds *);
struct json *outcome_to_json(const struct trace *);

/* openflow.c */
void openflow_flows(struct vconn *, const struct net_flow *,
                    struct ovs_list *super);

#endif /* utilities/trace/trace.h */
