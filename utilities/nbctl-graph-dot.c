#include <config.h>
#include "nbctl-graph.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "util.h"

/* The graph in the language of Graphviz's "dot". */

/* With more nodes than this in one of the layers (routers; switches; chassis
 * and physical networks), a layered drawing is too wide to be of use, and
 * springs do it. */
#define MAX_LAYER 12

/* Edges have labels if no more nodes than this are drawn, and those that could
 * be a gateway's, which say the same as the active one's, if no more than
 * this. */
#define MAX_LABELED 60
#define MAX_STANDBY_LABELED 20

/* Longer texts are cut off in the drawing. */
#define MAX_TEXT 48

/* Returns the length of the character at 's' if it is one that should not be
 * written as it stands: XML forbids it, or it would reorder the text around
 * it.  Else returns 0. */
static size_t
unprintable(const char *s_)
{
    const unsigned char *s = (const unsigned char *) s_;

    if (s[0] < 0x20 || s[0] == 0x7f) {
        return 1;
    } else if ((s[0] == 0xe2 && s[1] == 0x80 && s[2] >= 0xaa && s[2] <= 0xae)
               || (s[0] == 0xe2 && s[1] == 0x81
                   && s[2] >= 0xa6 && s[2] <= 0xa9)
               || (s[0] == 0xef && s[1] == 0xbf && s[2] >= 0xbe)) {
        return 3;
    } else if (s[0] == 0xc2 && s[1] >= 0x80 && s[1] <= 0x9f) {
        return 2;
    }
    return 0;
}

static bool
continues_character(char c)
{
    return (c & 0xc0) == 0x80;
}

/* Appends 's', text that may be anyone's, so that it is just text at 'place'.
 * That for Graphviz is cut off.  Graphviz replaces \N and the like even after
 * it has resolved the characters' numbers, in labels once, in tooltips twice.
 * There, an invisible character keeps the letter away, too, in case that some
 * other version does it once more. */
void
graph_put_escaped(struct ds *out, const char *s, enum graph_place place)
{
    const char *backslash = (place == GRAPH_LABEL ? "&#92;&#92;"
                             : place == GRAPH_PAGE ? "&#92;"
                             : "&#92;&#92;&#92;&#92;&#8288;");
    size_t n_chars = 0;

    while (*s) {
        size_t n = unprintable(s);

        if (place != GRAPH_PAGE && n_chars++ >= MAX_TEXT) {
            ds_put_cstr(out, "…");
            return;
        } else if (n) {
            for (size_t i = 0; i < n; i++) {
                ds_put_format(out, "%sx%02x", backslash,
                              (unsigned char) s[i]);
            }
            s += n;
        } else if (*s == '\\') {
            ds_put_cstr(out, backslash);
            s++;
        } else if (strchr("&<>\"'", *s)) {
            ds_put_format(out, "&#%d;", *s++);
        } else {
            do {
                ds_put_char(out, *s++);
            } while (continues_character(*s));
        }
    }
}

static void
put_text(struct ds *s, const char *text)
{
    if (text[0]) {
        graph_put_escaped(s, text, GRAPH_LABEL);
    } else {
        ds_put_char(s, ' ');
    }
}

static const char *
state_color(enum graph_state state)
{
    return (state == GRAPH_UP ? "#1a7f37" : state == GRAPH_DOWN ? "#b42318"
            : "#667085");
}

/* Returns 'addresses' without the Ethernet address in front of IP ones, for
 * which a drawing has no room. */
static const char *
without_mac(const char *addresses)
{
    return (strcspn(addresses, " ,") == 17 && addresses[17] == ' '
            && addresses[2] == ':' && addresses[14] == ':'
            ? addresses + 18 : addresses);
}

/* Appends the row of a table for 'port'. */
static void
put_port(const struct graph_port *port, struct ds *s)
{
    ds_put_cstr(s, "<tr><td align=\"left\">");
    put_text(s, port->name);
    ds_put_cstr(s, "</td><td align=\"left\"><font color=\"#667085\">");
    put_text(s, port->type[0] ? port->type
             : without_mac(port->addresses));
    ds_put_format(s, "</font></td><td align=\"left\"><font color=\"%s\">",
                  state_color(port->state));
    ds_put_cstr(s, graph_state_name(port->state));
    ds_put_char(s, ' ');
    if (port->chassis) {
        put_text(s, port->chassis);
    }
    ds_put_cstr(s, "</font></td></tr>");
}

/* Appends the row for all ports of 'node'. */
static void
put_counts(const struct graph_node *node, struct ds *s)
{
    ds_put_format(s, "<tr><td colspan=\"3\">%"PRIuSIZE" port%s",
                  node->n_unlinked, node->n_unlinked == 1 ? "" : "s");
    for (enum graph_state state = GRAPH_UP; state < GRAPH_N_STATES; state++) {
        if (node->n_states[state]) {
            ds_put_format(s, "<font color=\"%s\">, %"PRIuSIZE" %s</font>",
                          state_color(state), node->n_states[state],
                          graph_state_name(state));
        }
    }
    ds_put_cstr(s, "</td></tr>");
}

static void
put_node(const struct graph_node *node, size_t id, size_t order,
         bool has_southbound, struct ds *s)
{
    static const char *const styles[] = {
        [GRAPH_SWITCH] = "fillcolor=\"#e8f1fd\", color=\"#3b73b9\"",
        [GRAPH_ROUTER] = "fillcolor=\"#fdf0dc\", color=\"#b7791f\"",
        [GRAPH_CHASSIS] = "fillcolor=\"#e7f6ec\", color=\"#2f855a\"",
        [GRAPH_NETWORK] = "fillcolor=\"#f0f0f3\", color=\"#667085\"",
    };
    static const char *const kinds[] = {
        [GRAPH_SWITCH] = "switch", [GRAPH_ROUTER] = "router",
        [GRAPH_CHASSIS] = "chassis", [GRAPH_NETWORK] = "network",
    };

    ds_put_format(s, "  n%"PRIuSIZE" [id=\"n%"PRIuSIZE"\", "
                  "class=\"%s\", sortv=%"PRIuSIZE", %s, "
                  "label=<<table border=\"0\" cellborder=\"0\" "
                  "cellspacing=\"0\" cellpadding=\"3\">"
                  "<tr><td colspan=\"3\"><font color=\"#667085\">%s </font>"
                  "<b>", id, id, kinds[node->kind], order + 1,
                  styles[node->kind], kinds[node->kind]);
    put_text(s, node->name);
    ds_put_cstr(s, "</b></td></tr>");
    if (node->kind == GRAPH_CHASSIS) {
        for (size_t i = 0; i < node->notes.n; i++) {
            ds_put_cstr(s, "<tr><td colspan=\"3\">");
            put_text(s, node->notes.names[i]);
            ds_put_cstr(s, "</td></tr>");
        }
        if (has_southbound && !node->is_registered) {
            ds_put_cstr(s, "<tr><td colspan=\"3\">"
                        "<font color=\"#b42318\">not registered</font>"
                        "</td></tr>");
        } else if (has_southbound) {
            ds_put_format(s, "<tr><td colspan=\"3\">%"PRIuSIZE" port%s"
                          "</td></tr>", node->n_bound,
                          node->n_bound == 1 ? "" : "s");
        }
    } else if (node->expanded) {
        for (size_t i = 0; i < node->n_ports; i++) {
            if (!node->ports[i].linked) {
                put_port(&node->ports[i], s);
            }
        }
    } else if (node->n_unlinked) {
        put_counts(node, s);
    }
    if (node->kind == GRAPH_ROUTER && node->n_nats) {
        ds_put_format(s, "<tr><td colspan=\"3\">%"PRIuSIZE" NAT rule%s"
                      "</td></tr>",
                      node->n_nats, node->n_nats == 1 ? "" : "s");
    }
    if (node->n_hidden) {
        ds_put_format(s, "<tr><td colspan=\"3\"><font color=\"#667085\">"
                      "%"PRIuSIZE" more link%s</font></td></tr>",
                      node->n_hidden, node->n_hidden == 1 ? "" : "s");
    }
    ds_put_cstr(s, "</table>>];\n");
}

static void
put_edge(const struct graph *g, size_t id, struct ds *s)
{
    static const char *const styles[] = {
        [GRAPH_LINK] = "class=link, color=\"#475467\"",
        [GRAPH_PHYSICAL] = "class=physical, color=\"#475467\", style=bold",
        [GRAPH_ACTIVE] = "class=active, color=\"#2f855a\", style=bold",
        [GRAPH_STANDBY] = "class=standby, color=\"#2f855a\", style=dashed",
    };
    static const char *const roles[] = {
        [GRAPH_LINK] = "", [GRAPH_PHYSICAL] = "",
        [GRAPH_ACTIVE] = " (active)", [GRAPH_STANDBY] = " (standby)",
    };
    const struct graph_edge *e = &g->edges[id];

    ds_put_format(s, "  n%"PRIuSIZE" -- n%"PRIuSIZE" [id=\"e%"PRIuSIZE"\", "
                  "%s", e->a, e->b, id, styles[e->line]);
    if (e->label[0]) {
        ds_put_cstr(s, ", tooltip=\"");
        graph_put_escaped(s, e->label, GRAPH_TIP);
        ds_put_format(s, "%s\"", roles[e->line]);
    }
    if (g->n_drawn <= (e->line == GRAPH_STANDBY ? MAX_STANDBY_LABELED
                       : MAX_LABELED)) {
        ds_put_cstr(s, ", label=<");
        put_text(s, e->label);
        if (e->line == GRAPH_ACTIVE) {
            ds_put_cstr(s, roles[e->line]);
        }
        ds_put_cstr(s, ">");
    }
    ds_put_cstr(s, "];\n");
}

/* Puts the chassis below everything else. */
static void
put_last_layer(const struct graph *g, struct ds *s)
{
    ds_put_cstr(s, "  { rank=sink;");
    for (size_t i = 0; i < g->n_nodes; i++) {
        if (g->nodes[i].drawn && g->nodes[i].kind == GRAPH_CHASSIS) {
            ds_put_format(s, " n%"PRIuSIZE";", i);
        }
    }
    ds_put_cstr(s, " }\n");
}

/* Returns the layout for 'g', for Graphviz.  The caller frees the string. */
static char *
choose_layout(const struct graph *g)
{
    size_t n[GRAPH_N_KINDS] = { 0 };
    bool linked = false;

    for (size_t i = 0; i < g->n_nodes; i++) {
        n[g->nodes[i].kind] += g->nodes[i].drawn;
    }
    for (size_t i = 0; i < g->n_edges && !linked; i++) {
        linked = g->edges[i].drawn;
    }
    if (!linked && g->n_drawn > MAX_LAYER) {
        /* Rows, in the order of names; boxes are wider than high. */
        int columns = 1;
        while (columns * columns * 2 < g->n_drawn) {
            columns++;
        }
        return xasprintf("osage, pack=12, packmode=array_ui%d", columns);
    }
    return xstrdup(n[GRAPH_SWITCH] <= MAX_LAYER
                   && n[GRAPH_ROUTER] <= MAX_LAYER
                   && n[GRAPH_CHASSIS] + n[GRAPH_NETWORK] <= MAX_LAYER
                   ? "dot, rankdir=TB, nodesep=0.4, ranksep=0.7"
                   : "sfdp, overlap=prism, splines=line, K=1.2");
}

/* Appends 'g' in the language DOT. */
void
graph_put_dot(const struct graph *g, struct ds *s)
{
    char *layout = choose_layout(g);

    ds_put_format(s, "graph ovn {\n"
                  "  graph [charset=\"UTF-8\", bgcolor=\"transparent\", "
                  "fontname=\"Helvetica\", outputorder=edgesfirst, "
                  "layout=%s];\n"
                  "  node [shape=box, style=\"rounded,filled\", "
                  "fontname=\"Helvetica\", fontsize=11, margin=\"0.06,0.03\"];"
                  "\n"
                  "  edge [fontname=\"Helvetica\", fontsize=9, "
                  "fontcolor=\"#475467\"];\n",
                  layout);

    const struct graph_node **nodes = graph_sorted_nodes(g);
    for (size_t i = 0; i < g->n_nodes; i++) {
        if (nodes[i]->drawn) {
            put_node(nodes[i], nodes[i] - g->nodes, i, g->has_southbound, s);
        }
    }
    free(nodes);
    if (g->n_idle_chassis) {
        ds_put_format(s, "  idle [id=\"idle\", label=<%"PRIuSIZE" more "
                      "chassis, without gateways>];\n", g->n_idle_chassis);
    }
    if (!strncmp(layout, "dot,", 4)) {
        put_last_layer(g, s);
    }
    for (size_t i = 0; i < g->n_edges; i++) {
        if (g->edges[i].drawn) {
            put_edge(g, i, s);
        }
    }
    ds_put_cstr(s, "}\n");
    free(layout);
}
