#include <config.h>
#include "nbctl-graph.h"

#include <stdlib.h>
#include <string.h>

#include "lib/ovn-sb-idl.h"
#include "nbctl.h"
#include "ovsdb-idl.h"
#include "smap.h"
#include "util.h"

/* A drawing of up to this many switches and routers, and ports, has each
 * port. */
#define MAX_EXPANDED_NODES 40
#define MAX_EXPANDED_PORTS 150

/* A single switch or router with more ports has their number only. */
#define MAX_PORTS 30
#define MAX_SELECTED_PORTS 200

/* Chassis without gateways are drawn up to this number. */
#define MAX_IDLE_CHASSIS 24

/* Asks for what graph_init() needs. */
void
graph_pre(struct ctl_context *ctx)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &nbrec_ha_chassis_col_chassis_name,
        &nbrec_ha_chassis_col_priority,
        &nbrec_ha_chassis_group_col_ha_chassis,
        &nbrec_logical_router_col_enabled,
        &nbrec_logical_router_col_nat,
        &nbrec_logical_router_col_options,
        &nbrec_logical_router_port_col_enabled,
        &nbrec_logical_router_port_col_ha_chassis_group,
        &nbrec_logical_router_port_col_mac,
        &nbrec_logical_router_port_col_networks,
        &nbrec_logical_router_port_col_peer,
        &nbrec_logical_switch_port_col_addresses,
        &nbrec_logical_switch_port_col_enabled,
        &nbrec_logical_switch_port_col_options,
        &nbrec_logical_switch_port_col_parent_name,
        &nbrec_logical_switch_port_col_peer,
        &nbrec_logical_switch_port_col_tag,
        &nbrec_logical_switch_port_col_type,
        &nbrec_logical_switch_port_col_up,
        &nbrec_nat_col_external_ip,
        &nbrec_nat_col_logical_ip,
        &nbrec_nat_col_type,
        NULL
    };

    nbctl_pre_ports(ctx);
    nbctl_pre_router_ports(ctx);
    nbctl_pre_gateway_chassis(ctx);
    ctl_add_columns(ctx->idl, columns);
}

const char *
graph_state_name(enum graph_state state)
{
    return (state == GRAPH_UP ? "up" : state == GRAPH_DOWN ? "down" : "");
}

/* Nodes, ports and edges
 * ====================== */

/* Adds a node and returns its index.  Without a 'name', it gets one from
 * 'uuid'. */
static size_t
add_node(struct graph *g, enum graph_kind kind, const char *name,
         const struct uuid *uuid)
{
    if (g->n_nodes >= g->allocated_nodes) {
        g->nodes = x2nrealloc(g->nodes, &g->allocated_nodes,
                              sizeof *g->nodes);
    }
    g->nodes[g->n_nodes] = (struct graph_node) {
        .kind = kind,
        .uuid = uuid ? *uuid : UUID_ZERO,
        .name = (name[0] || !uuid ? xstrdup(name)
                 : xasprintf(UUID_FMT, UUID_ARGS(uuid))),
        .notes = SVEC_EMPTY_INITIALIZER,
    };
    return g->n_nodes++;
}

/* Returns the index of the chassis or physical network 'name'. */
static size_t
get_named_node(struct graph *g, enum graph_kind kind, const char *name)
{
    const struct shash_node *node = shash_find(&g->index[kind], name);
    if (node) {
        return (uintptr_t) node->data;
    }

    size_t i = add_node(g, kind, name, NULL);
    shash_add(&g->index[kind], name, (void *) (uintptr_t) i);
    return i;
}

/* Adds a port, which takes 'addresses', to 'node'. */
static struct graph_port *
add_port(struct graph_node *node, const char *name, const char *type,
         char *addresses)
{
    if (node->n_ports >= node->allocated_ports) {
        node->ports = x2nrealloc(node->ports, &node->allocated_ports,
                                 sizeof *node->ports);
    }

    struct graph_port *port = &node->ports[node->n_ports++];
    *port = (struct graph_port) {
        .name = xstrdup(name),
        .type = xstrdup(type),
        .addresses = addresses,
    };
    return port;
}

/* Adds an edge, which takes 'label'. */
static void
add_edge(struct graph *g, size_t a, size_t b, enum graph_line line,
         char *label)
{
    if (g->n_edges >= g->allocated_edges) {
        g->edges = x2nrealloc(g->edges, &g->allocated_edges,
                              sizeof *g->edges);
    }
    g->edges[g->n_edges++] = (struct graph_edge) {
        .a = a, .b = b, .line = line, .label = label,
    };
    g->nodes[a].has_edges = g->nodes[b].has_edges = true;
}

static char *
join(char **words, size_t n)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < n; i++) {
        ds_put_format(&s, "%s%s", i ? ", " : "", words[i]);
    }
    return ds_steal_cstr(&s);
}

/* Routers
 * ======= */

/* Adds an edge from router 'r' to 'chassis', which can be its gateway, unless
 * there is one, which then becomes active if this is. */
static void
add_gateway(struct graph *g, size_t r, const char *chassis, bool active,
            const char *port)
{
    size_t c = get_named_node(g, GRAPH_CHASSIS, chassis);

    for (size_t i = 0; i < g->n_edges; i++) {
        struct graph_edge *e = &g->edges[i];

        if (e->a == r && e->b == c) {
            if (active) {
                e->line = GRAPH_ACTIVE;
            }
            return;
        }
    }
    add_edge(g, r, c, active ? GRAPH_ACTIVE : GRAPH_STANDBY, xstrdup(port));
}

/* Adds the chassis that can be the gateway of 'lrp', a port of router 'r', and
 * returns the one that is, or NULL. */
static const char *
add_gateways(struct graph *g, struct ctl_context *ctx,
             const struct nbctl_southbound *sb, size_t r,
             const struct nbrec_logical_router_port *lrp)
{
    char *name = xasprintf("cr-%s", lrp->name);
    const struct sbrec_port_binding *pb = nbctl_southbound_find(sb, name);
    const char *active = pb && pb->chassis ? pb->chassis->name : NULL;
    struct nbctl_members gcs = nbctl_gateway_chassis(ctx, lrp);

    for (size_t i = 0; i < gcs.n; i++) {
        const char *chassis
            = NBCTL_MEMBER(&gcs, i, nbrec_gateway_chassis)->chassis_name;

        add_gateway(g, r, chassis, active && !strcmp(active, chassis),
                    lrp->name);
    }
    nbctl_members_destroy(&gcs);

    const struct nbrec_ha_chassis_group *group = lrp->ha_chassis_group;
    for (size_t i = 0; group && i < group->n_ha_chassis; i++) {
        const char *chassis = group->ha_chassis[i]->chassis_name;

        add_gateway(g, r, chassis, active && !strcmp(active, chassis),
                    lrp->name);
    }
    free(name);
    return active;
}

static void
add_router(struct graph *g, struct ctl_context *ctx,
           const struct nbctl_southbound *sb,
           const struct nbrec_logical_router *lr)
{
    size_t r = add_node(g, GRAPH_ROUTER, lr->name, &lr->header_.uuid);
    const char *home = smap_get(&lr->options, "chassis");

    if (lr->n_enabled && !lr->enabled[0]) {
        svec_add(&g->nodes[r].notes, "disabled");
    }
    if (home && home[0]) {
        add_gateway(g, r, home, sb->idl != NULL, "");
    }

    struct nbctl_members ports = nbctl_members(ctx, &nbctl_router_ports,
                                               &lr->header_);
    for (size_t i = 0; i < ports.n; i++) {
        const struct nbrec_logical_router_port *lrp
            = NBCTL_MEMBER(&ports, i, nbrec_logical_router_port);
        const char *chassis = add_gateways(g, ctx, sb, r, lrp);
        struct graph_port *port = add_port(
            &g->nodes[r], lrp->name,
            (lrp->n_enabled && !lrp->enabled[0] ? "disabled"
             : lrp->n_gateway_chassis || lrp->ha_chassis_group ? "gateway"
             : ""),
            join(lrp->networks, lrp->n_networks));

        port->mac = xstrdup(lrp->mac);
        port->chassis = nullable_xstrdup(chassis);
        shash_add_once(&g->routers, lrp->name, (void *) (uintptr_t) r);
    }
    nbctl_members_destroy(&ports);

    struct nbctl_members nats = nbctl_members(ctx, &nbctl_router_nats,
                                              &lr->header_);
    g->nodes[r].n_nats = nats.n;
    for (size_t i = 0; i < nats.n; i++) {
        const struct nbrec_nat *nat = NBCTL_MEMBER(&nats, i, nbrec_nat);

        svec_add_nocopy(&g->nodes[r].notes,
                        xasprintf("%s %s = %s", nat->type, nat->external_ip,
                                  nat->logical_ip));
    }
    nbctl_members_destroy(&nats);
}

static struct graph_port *
find_port(struct graph_node *node, const char *name)
{
    for (size_t i = 0; i < node->n_ports; i++) {
        if (!strcmp(node->ports[i].name, name)) {
            return &node->ports[i];
        }
    }
    return NULL;
}

/* Adds the edges between routers that are connected without a switch. */
static void
add_peers(struct graph *g, struct ctl_context *ctx)
{
    const struct nbrec_logical_router_port *lrp;

    NBREC_LOGICAL_ROUTER_PORT_FOR_EACH (lrp, ctx->idl) {
        const struct shash_node *a = shash_find(&g->routers, lrp->name);
        const struct shash_node *b = (lrp->peer
                                      ? shash_find(&g->routers, lrp->peer)
                                      : NULL);
        if (!a || !b) {
            continue;
        }

        size_t ai = (uintptr_t) a->data, bi = (uintptr_t) b->data;
        struct graph_port *ap = find_port(&g->nodes[ai], lrp->name);
        struct graph_port *bp = find_port(&g->nodes[bi], lrp->peer);

        /* Each port names the other one; one edge is enough. */
        if (ap && bp && !bp->linked) {
            ap->linked = bp->linked = true;
            add_edge(g, ai, bi, GRAPH_LINK,
                     xasprintf("%s - %s", ap->addresses, bp->addresses));
        }
    }
    for (size_t i = 0; i < g->n_nodes; i++) {
        for (size_t j = 0; j < g->nodes[i].n_ports; j++) {
            g->nodes[i].ports[j].linked = false;
        }
    }
}

/* Switches
 * ======== */

static void
set_state(struct graph_port *port,
          const struct nbrec_logical_switch_port *lsp,
          const struct nbctl_southbound *sb)
{
    const struct sbrec_port_binding *pb;

    pb = nbctl_southbound_find(sb, lsp->name);
    if (pb && pb->chassis) {
        port->chassis = xstrdup(pb->chassis->name);
    }

    /* Some kinds of ports are everywhere, so they are not up or down. */
    if (!strcmp(lsp->type, "router") || !strcmp(lsp->type, "localnet")
        || !strcmp(lsp->type, "localport") || !strcmp(lsp->type, "switch")) {
        return;
    } else if (sb->idl) {
        port->state = (pb && pb->chassis && (!pb->n_up || pb->up[0])
                       ? GRAPH_UP : GRAPH_DOWN);
    } else if (lsp->n_up) {
        port->state = lsp->up[0] ? GRAPH_UP : GRAPH_DOWN;
    }
}

/* Adds the edge that 'lsp', a port of switch 's', stands for, if any. */
static bool
add_switch_edge(struct graph *g, size_t s,
                const struct nbrec_logical_switch_port *lsp)
{
    if (!strcmp(lsp->type, "localnet")) {
        const char *name = smap_get_def(&lsp->options, "network_name", "");
        size_t n = get_named_node(g, GRAPH_NETWORK, name);

        add_edge(g, s, n, GRAPH_PHYSICAL,
                 (lsp->n_tag ? xasprintf("VLAN %"PRId64, lsp->tag[0])
                  : xstrdup("")));
        return true;
    } else if (!strcmp(lsp->type, "router")) {
        const char *peer = smap_get_def(&lsp->options, "router-port", "");
        const struct shash_node *r = shash_find(&g->routers, peer);
        if (!r) {
            return false;
        }

        const struct graph_port *port
            = find_port(&g->nodes[(uintptr_t) r->data], peer);
        add_edge(g, (uintptr_t) r->data, s, GRAPH_LINK,
                 xstrdup(port ? port->addresses : ""));
        return true;
    }
    return false;
}

static void
add_switch_port(struct graph *g, size_t s,
                const struct nbrec_logical_switch_port *lsp,
                const struct nbctl_southbound *sb)
{
    const char *type = (lsp->n_enabled && !lsp->enabled[0] ? "disabled"
                        : lsp->parent_name ? "child" : lsp->type);
    const char *peer = (!strcmp(lsp->type, "router")
                        ? smap_get(&lsp->options, "router-port")
                        : !strcmp(lsp->type, "localnet")
                        ? smap_get(&lsp->options, "network_name") : NULL);
    struct graph_port *port = add_port(
        &g->nodes[s], lsp->name, type,
        peer ? xasprintf("to %s", peer)
        : join(lsp->addresses, lsp->n_addresses));

    set_state(port, lsp, sb);
    if (add_switch_edge(g, s, lsp)) {
        struct graph_node *node = &g->nodes[s];

        node->ports[node->n_ports - 1].linked = true;
    }
}

static int
compare_ports(const void *a_, const void *b_)
{
    const struct graph_port *a = a_;
    const struct graph_port *b = b_;

    return strverscmp(a->name, b->name);
}

static void
finish_node(struct graph *g, struct graph_node *node)
{
    if (node->n_ports) {
        qsort(node->ports, node->n_ports, sizeof *node->ports,
              compare_ports);
    }
    for (size_t i = 0; i < node->n_ports; i++) {
        const struct graph_port *port = &node->ports[i];

        if (!port->linked) {
            node->n_unlinked++;
            node->n_states[port->state]++;
        }
        if (port->chassis && node->kind == GRAPH_SWITCH) {
            const struct shash_node *c
                = shash_find(&g->index[GRAPH_CHASSIS], port->chassis);

            if (c) {
                g->nodes[(uintptr_t) c->data].n_bound++;
            }
        }
    }
}

/* Makes '*g' from the databases.  The caller must graph_destroy() it. */
void
graph_init(struct graph *g, struct ctl_context *ctx)
{
    struct nbctl_southbound sb;

    *g = (struct graph) { .nodes = NULL };
    for (size_t i = 0; i < GRAPH_N_KINDS; i++) {
        shash_init(&g->index[i]);
    }
    shash_init(&g->routers);
    nbctl_southbound_open(&sb);
    g->has_southbound = sb.idl != NULL;

    const struct nbrec_logical_router *lr;
    NBREC_LOGICAL_ROUTER_FOR_EACH (lr, ctx->idl) {
        add_router(g, ctx, &sb, lr);
    }
    add_peers(g, ctx);

    const struct nbrec_logical_switch *ls;
    NBREC_LOGICAL_SWITCH_FOR_EACH (ls, ctx->idl) {
        size_t s = add_node(g, GRAPH_SWITCH, ls->name, &ls->header_.uuid);
        const struct nbctl_switch *sw = nbctl_switch_ports(ctx, ls);
        const struct nbctl_port *port;

        if (sw) {
            LIST_FOR_EACH (port, list_node, &sw->ports) {
                add_switch_port(g, s, port->lsp, &sb);
            }
        }
    }

    if (sb.idl) {
        const struct sbrec_chassis *chassis;

        SBREC_CHASSIS_FOR_EACH (chassis, sb.idl) {
            size_t c = get_named_node(g, GRAPH_CHASSIS, chassis->name);

            g->nodes[c].is_registered = true;
            if (chassis->hostname[0]
                && strcmp(chassis->hostname, chassis->name)) {
                svec_add(&g->nodes[c].notes, chassis->hostname);
            }
        }
    }
    for (size_t i = 0; i < g->n_nodes; i++) {
        finish_node(g, &g->nodes[i]);
    }
    nbctl_southbound_close(&sb);
}

void
graph_destroy(struct graph *g)
{
    for (size_t i = 0; i < g->n_nodes; i++) {
        struct graph_node *node = &g->nodes[i];

        for (size_t j = 0; j < node->n_ports; j++) {
            free(node->ports[j].name);
            free(node->ports[j].type);
            free(node->ports[j].mac);
            free(node->ports[j].addresses);
            free(node->ports[j].chassis);
        }
        free(node->ports);
        free(node->name);
        svec_destroy(&node->notes);
    }
    free(g->nodes);
    for (size_t i = 0; i < g->n_edges; i++) {
        free(g->edges[i].label);
    }
    free(g->edges);
    for (size_t i = 0; i < GRAPH_N_KINDS; i++) {
        shash_destroy(&g->index[i]);
    }
    shash_destroy(&g->routers);
}

/* What is drawn
 * ============= */

static void
draw_node(struct graph *g, struct graph_node *node)
{
    if (!node->drawn) {
        node->drawn = true;
        g->n_drawn++;
    }
}

/* Draws everything that there is room for. */
static void
select_all(struct graph *g)
{
    size_t n_nodes = 0, n_ports = 0, n_idle = 0;

    for (size_t i = 0; i < g->n_nodes; i++) {
        const struct graph_node *node = &g->nodes[i];

        n_nodes += node->kind == GRAPH_SWITCH || node->kind == GRAPH_ROUTER;
        n_ports += node->n_unlinked;
        n_idle += node->kind == GRAPH_CHASSIS && !node->has_edges;
    }
    for (size_t i = 0; i < g->n_nodes; i++) {
        struct graph_node *node = &g->nodes[i];

        if (node->kind == GRAPH_CHASSIS && !node->has_edges
            && n_idle > MAX_IDLE_CHASSIS) {
            g->n_idle_chassis++;
            continue;
        }
        node->named = true;
        draw_node(g, node);
        node->expanded = (n_nodes <= MAX_EXPANDED_NODES
                          && n_ports <= MAX_EXPANDED_PORTS
                          && node->n_unlinked <= MAX_PORTS);
    }
    for (size_t i = 0; i < g->n_edges; i++) {
        g->edges[i].drawn = true;
    }
}

/* Selects the nodes of the row 'uuid'. */
static void
select_uuid(struct graph *g, const struct uuid *uuid)
{
    for (size_t i = 0; i < g->n_nodes; i++) {
        struct graph_node *node = &g->nodes[i];

        if (uuid_equals(&node->uuid, uuid) && !uuid_is_zero(uuid)) {
            node->named = true;
            draw_node(g, node);
            node->expanded = node->n_unlinked <= MAX_SELECTED_PORTS;
        }
    }
}

/* Chooses what is drawn: the 'n_ids' switches and routers named by 'ids', and
 * what is next to them, or all if there are none.  Returns NULL or an error
 * message, which the caller must free. */
char *
graph_select(struct graph *g, struct ctl_context *ctx, char **ids,
             size_t n_ids)
{
    if (!n_ids) {
        select_all(g);
        return NULL;
    }

    for (size_t i = 0; i < n_ids; i++) {
        const struct nbrec_logical_router *lr = NULL;
        const struct nbrec_logical_switch *ls;
        char *error = nbctl_find_switch(ctx, ids[i], false, &ls);

        if (!error) {
            error = nbctl_find_router(ctx, ids[i], false, &lr);
        }
        if (error) {
            return error;
        } else if (!ls && !lr) {
            return xasprintf("%s: no switch or router has this name or UUID",
                             ids[i]);
        }
        if (ls) {
            select_uuid(g, &ls->header_.uuid);
        }
        if (lr) {
            select_uuid(g, &lr->header_.uuid);
        }
    }

    bool *selected = xmalloc(g->n_nodes * sizeof *selected);
    for (size_t i = 0; i < g->n_nodes; i++) {
        selected[i] = g->nodes[i].drawn;
    }
    for (size_t i = 0; i < g->n_edges; i++) {
        struct graph_edge *e = &g->edges[i];

        if (selected[e->a] || selected[e->b]) {
            e->drawn = true;
            draw_node(g, &g->nodes[e->a]);
            draw_node(g, &g->nodes[e->b]);
        } else {
            g->nodes[e->a].n_hidden++;
            g->nodes[e->b].n_hidden++;
        }
    }
    free(selected);
    return NULL;
}

static int
compare_nodes(const void *a_, const void *b_)
{
    const struct graph_node *const *a = a_;
    const struct graph_node *const *b = b_;

    int cmp;

    if ((*a)->kind != (*b)->kind) {
        return (*a)->kind < (*b)->kind ? -1 : 1;
    }
    cmp = strverscmp((*a)->name, (*b)->name);
    return cmp ? cmp : uuid_compare_3way(&(*a)->uuid, &(*b)->uuid);
}

/* Returns the 'g->n_nodes' nodes by kind, and in the order of names.  The
 * caller must free the array. */
const struct graph_node **
graph_sorted_nodes(const struct graph *g)
{
    const struct graph_node **nodes = xmalloc((g->n_nodes + 1)
                                              * sizeof *nodes);

    for (size_t i = 0; i < g->n_nodes; i++) {
        nodes[i] = &g->nodes[i];
    }
    qsort(nodes, g->n_nodes, sizeof *nodes, compare_nodes);
    return nodes;
}
