#include <config.h>
#include "nbctl-graph.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "util.h"

/* The graph as text for people, for "show" on a terminal. */

enum { N_COLUMNS = 6 };

static void
get_cells(const struct graph_port *port, const char *cells[N_COLUMNS])
{
    cells[0] = port->name;
    cells[1] = port->type;
    cells[2] = graph_state_name(port->state);
    cells[3] = port->chassis ? port->chassis : "";
    cells[4] = port->mac ? port->mac : "";
    cells[5] = port->addresses;
}

/* Appends 's', in which a terminal shall see no control sequences. */
static void
put_plain(struct ds *out, const char *s)
{
    for (; *s; s++) {
        unsigned char c = *s;
        unsigned char next = s[1];

        if (c < 0x20 || c == 0x7f
            || (c == 0xc2 && next >= 0x80 && next <= 0x9f)) {
            ds_put_format(out, "\\x%02x", c);
        } else {
            ds_put_char(out, c);
        }
    }
}

/* Returns the number of characters of 's' from 'start' on. */
static size_t
width_from(const struct ds *s, size_t start)
{
    size_t n = 0;

    for (size_t i = start; i < s->length; i++) {
        n += (s->string[i] & 0xc0) != 0x80;
    }
    return n;
}

static size_t
text_width(const char *text)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    put_plain(&s, text);
    size_t width = width_from(&s, 0);
    ds_destroy(&s);
    return width;
}

/* Appends a line of 'cells', leaving out the columns without 'widths'. */
static void
put_line(const char *const cells[N_COLUMNS], const size_t widths[N_COLUMNS],
         struct ds *s)
{
    ds_put_cstr(s, "   ");
    for (size_t i = 0; i < N_COLUMNS; i++) {
        if (widths[i]) {
            ds_put_char(s, ' ');
            size_t start = s->length;
            put_plain(s, cells[i]);
            size_t width = width_from(s, start);
            ds_put_char_multiple(s, ' ', widths[i] - width + 1);
        }
    }
    while (s->length && ds_last(s) == ' ') {
        ds_truncate(s, s->length - 1);
    }
    ds_put_char(s, '\n');
}

static void
put_ports(const struct graph_node *node, struct ds *s)
{
    static const char *const headings[N_COLUMNS] = {
        "PORT", "TYPE", "STATE", "CHASSIS", "MAC", "ADDRESSES"
    };
    size_t widths[N_COLUMNS] = { 0 };
    const char *cells[N_COLUMNS];

    for (size_t i = 0; i < node->n_ports; i++) {
        get_cells(&node->ports[i], cells);
        for (size_t j = 0; j < N_COLUMNS; j++) {
            widths[j] = MAX(widths[j], text_width(cells[j]));
        }
    }
    for (size_t j = 0; j < N_COLUMNS; j++) {
        if (widths[j]) {
            widths[j] = MAX(widths[j], strlen(headings[j]));
        }
    }
    put_line(headings, widths, s);
    for (size_t i = 0; i < node->n_ports; i++) {
        get_cells(&node->ports[i], cells);
        put_line(cells, widths, s);
    }
}

static void
put_node(const struct graph_node *node, struct ds *s)
{
    ds_put_format(s, "%s ", node->kind == GRAPH_SWITCH ? "switch" : "router");
    put_plain(s, node->name);
    ds_put_format(s, "  ("UUID_FMT")  %"PRIuSIZE" port%s",
                  UUID_ARGS(&node->uuid), node->n_ports,
                  node->n_ports == 1 ? "" : "s");
    for (enum graph_state state = GRAPH_UP; state < GRAPH_N_STATES; state++) {
        if (node->n_states[state]) {
            ds_put_format(s, ", %"PRIuSIZE" %s", node->n_states[state],
                          graph_state_name(state));
        }
    }
    ds_put_char(s, '\n');
    if (node->n_ports) {
        put_ports(node, s);
    }
    for (size_t i = 0; i < node->notes.n; i++) {
        ds_put_cstr(s, "    ");
        put_plain(s, node->notes.names[i]);
        ds_put_char(s, '\n');
    }
}

/* Appends the selected switches and routers of 'g' with their ports, in the
 * order of names. */
void
graph_put_text(const struct graph *g, struct ds *s)
{
    const struct graph_node **nodes = graph_sorted_nodes(g);
    bool first = true;

    for (size_t i = 0; i < g->n_nodes; i++) {
        const struct graph_node *node = nodes[i];

        if (node->named
            && (node->kind == GRAPH_SWITCH || node->kind == GRAPH_ROUTER)) {
            if (!first) {
                ds_put_char(s, '\n');
            }
            first = false;
            put_node(node, s);
        }
    }
    free(nodes);
}
