#ifndef UTILITIES_TRACE_NODE_H
#define UTILITIES_TRACE_NODE_H 1

/* What happened to a packet, as a tree. */

#include <stdbool.h>
#include "compiler.h"
#include "openvswitch/list.h"

struct ds;
struct json;
struct net_flow;

enum node_type {
    NODE_PIPELINE,      /* A title: a pipeline, or a multicast group. */
    NODE_FORK,          /* A title: the packet goes on changed. */
    NODE_TABLE,         /* A logical flow. */
    NODE_ACTION,        /* An action as it is in the flow. */
    NODE_CHANGE,        /* A change of the packet, with its value. */
    NODE_OUTPUT,        /* Delivered to a port. */
    NODE_NOTE,          /* What we think about it. */
    NODE_ERROR          /* Something that must not be overlooked. */
};

struct node {
    struct ovs_list list_node;  /* In the parent's 'subs'. */
    enum node_type type;
    char *text;
    const struct net_flow *lflow; /* NODE_TABLE only. */
    char *why;                  /* NODE_TABLE only, or NULL. */
    bool indent;                /* Even at the end of the parent. */
    struct ovs_list subs;
};

struct node *node_add(struct ovs_list *super, enum node_type,
                      const char *format, ...) OVS_PRINTF_FORMAT(3, 4);
void nodes_destroy(struct ovs_list *);

void nodes_detailed(const struct ovs_list *, bool why, struct ds *);
void nodes_summary(const struct ovs_list *, bool why, struct ds *);
void nodes_minimal(const struct ovs_list *, struct ds *);
struct json *nodes_to_json(const struct ovs_list *);

#endif /* utilities/trace/node.h */
