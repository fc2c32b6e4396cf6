#ifndef NBCTL_GRAPH_H
#define NBCTL_GRAPH_H 1

/* The network as nodes and edges, for "graph" and for "show" on a terminal. */

#include <stdbool.h>
#include <stddef.h>

#include "openvswitch/shash.h"
#include "svec.h"
#include "uuid.h"

struct ctl_context;
struct ds;

/* The southbound database, or its absence (nbctl-southbound.c). */
struct nbctl_southbound {
    struct ovsdb_idl *idl;      /* NULL if it cannot be reached. */
    struct shash bindings;      /* "struct sbrec_port_binding"s by port. */
};
void nbctl_southbound_open(struct nbctl_southbound *);
void nbctl_southbound_close(struct nbctl_southbound *);
const struct sbrec_port_binding *nbctl_southbound_find(
    const struct nbctl_southbound *, const char *logical_port);

enum graph_kind {
    GRAPH_SWITCH,
    GRAPH_ROUTER,
    GRAPH_CHASSIS,
    GRAPH_NETWORK,              /* A physical one, of localnet ports. */
    GRAPH_N_KINDS
};

enum graph_state {
    GRAPH_UNKNOWN,
    GRAPH_UP,
    GRAPH_DOWN,
    GRAPH_N_STATES
};

struct graph_port {
    char *name;
    char *type;                 /* "" for that of a virtual machine. */
    char *mac;                  /* Of a router port, else NULL. */
    char *addresses;            /* Or networks, or what it leads to. */
    char *chassis;              /* Where it is, or NULL. */
    enum graph_state state;
    bool linked;                /* An edge stands for it. */
};

struct graph_node {
    enum graph_kind kind;
    struct uuid uuid;           /* Of a switch or router. */
    char *name;
    struct svec notes;          /* Further lines, such as NAT rules. */

    struct graph_port *ports;
    size_t n_ports, allocated_ports;
    size_t n_unlinked;          /* How many of them no edge stands for. */
    size_t n_states[GRAPH_N_STATES]; /* How many of these in which state. */
    size_t n_hidden;            /* How many of its edges are not drawn. */
    size_t n_bound;             /* How many ports a chassis has. */
    size_t n_nats;              /* How many NAT rules a router has. */
    bool is_registered;         /* The southbound knows the chassis. */

    bool named;                 /* Asked for, not just next to such. */
    bool drawn;
    bool expanded;              /* With each of its ports. */
    bool has_edges;
};

enum graph_line {
    GRAPH_LINK,                 /* Packets flow. */
    GRAPH_PHYSICAL,             /* To a physical network. */
    GRAPH_ACTIVE,               /* The gateway is on this chassis. */
    GRAPH_STANDBY               /* It could be. */
};

struct graph_edge {
    size_t a, b;                /* Indexes of nodes. */
    enum graph_line line;
    char *label;
    bool drawn;
};

struct graph {
    struct graph_node *nodes;
    size_t n_nodes, allocated_nodes;
    struct graph_edge *edges;
    size_t n_edges, allocated_edges;
    struct shash index[GRAPH_N_KINDS]; /* Chassis and networks by name. */
    struct shash routers;       /* Indexes of nodes by name of port. */
    bool has_southbound;
    size_t n_drawn;
    size_t n_idle_chassis;      /* Those left out for want of room. */
};

/* The model (nbctl-graph-model.c). */
void graph_pre(struct ctl_context *);
void graph_init(struct graph *, struct ctl_context *);
void graph_destroy(struct graph *);
char *graph_select(struct graph *, struct ctl_context *, char **ids,
                   size_t n_ids);
const struct graph_node **graph_sorted_nodes(const struct graph *);
const char *graph_state_name(enum graph_state);

/* Its forms. */
enum graph_place {
    GRAPH_PAGE,                 /* HTML. */
    GRAPH_LABEL,                /* What DOT calls an HTML-like label. */
    GRAPH_TIP                   /* A tooltip, in quotation marks, in DOT. */
};
void graph_put_escaped(struct ds *, const char *, enum graph_place);
void graph_put_dot(const struct graph *, struct ds *);
char *graph_put_svg(const struct graph *, struct ds *);
char *graph_put_html(const struct graph *, struct ds *);
void graph_put_text(const struct graph *, struct ds *);

#endif /* nbctl-graph.h */
