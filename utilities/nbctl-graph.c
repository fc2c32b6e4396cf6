#include <config.h>
#include "nbctl.h"

#include <string.h>

#include "nbctl-graph.h"
#include "util.h"

/* The command "graph". */

enum format { FORMAT_DOT, FORMAT_SVG, FORMAT_HTML };

static char *
parse_format(const char *arg, enum format *format)
{
    static const char *const names[] = {
        [FORMAT_DOT] = "dot", [FORMAT_SVG] = "svg", [FORMAT_HTML] = "html",
    };

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (!strcmp(arg, names[i])) {
            *format = i;
            return NULL;
        }
    }
    return xasprintf("%s: format must be \"dot\", \"svg\" or \"html\"", arg);
}

/* Parses the command's arguments.  Its option follows the command's name,
 * because in front of it --format is about tables.  Stores the names in
 * '*ids'. */
static char *
parse_args(struct ctl_context *ctx, enum format *format, struct svec *ids)
{
    static const char option[] = "--format=";
    char *error = NULL;

    *format = FORMAT_DOT;
    for (int i = 1; i < ctx->argc && !error; i++) {
        const char *arg = ctx->argv[i];

        if (!strncmp(arg, option, strlen(option))) {
            error = parse_format(arg + strlen(option), format);
        } else if (!strncmp(arg, "--", 2)) {
            error = xasprintf("%s: \"graph\" has no such option", arg);
        } else {
            svec_add(ids, arg);
        }
    }
    return error;
}

static void
graph(struct ctl_context *ctx)
{
    struct svec ids = SVEC_EMPTY_INITIALIZER;
    enum format format;
    struct graph g;

    ctx->error = parse_args(ctx, &format, &ids);
    if (!ctx->error) {
        graph_init(&g, ctx);
        ctx->error = graph_select(&g, ctx, ids.names, ids.n);
        if (ctx->error) {
            /* There is nothing to draw. */
        } else if (format == FORMAT_DOT) {
            graph_put_dot(&g, &ctx->output);
        } else if (format == FORMAT_SVG) {
            ctx->error = graph_put_svg(&g, &ctx->output);
        } else {
            ctx->error = graph_put_html(&g, &ctx->output);
        }
        graph_destroy(&g);
    }
    svec_destroy(&ids);
}

static const struct ctl_cmd cmds[] = {
    { { "graph", 0, INT_MAX, "[--format=dot|svg|html] [SWITCH|ROUTER]...",
        graph_pre, graph, NULL, "", RO },
      "draw a map of the network",
      "Prints a map of switches, routers, their ports, physical networks, and "
      "the chassis that are gateways or could be: as input for Graphviz (the "
      "default), as a drawing in SVG, or as an HTML page with the drawing and "
      "a list of everything, in which one can search and zoom.  The page "
      "loads nothing from elsewhere, so it can be sent around.  In it, a "
      "click on something lets what it is linked to stand out, Enter in the "
      "search goes from hit to hit, and Escape shows all again.  `--format` "
      "follows the command's name; in front of it, it is about tables.\n\n"
      "Which ports are up, and on which chassis, comes from the southbound "
      "database, where `OVN_SB_DB` says or at its default place.  If that "
      "does not answer, the map goes without places of ports.  A solid line "
      "leads to the chassis that is a gateway now, a dashed one to a chassis "
      "that could be.\n\n"
      "With names or UUIDs, only these switches and routers are drawn, and "
      "their direct neighbors, with the numbers of their other links.  In "
      "large networks, switches and routers have the numbers of their ports "
      "instead of each port.\n\n"
      "SVG and HTML need Graphviz's program `dot`, which is stopped after two "
      "minutes.  For example:\n\n"
      "`ovn-nbctl graph --format=html >network.html`" },
    { .syntax = { .name = NULL } },
};

const struct ctl_group nbctl_graph_group = {
    "Map of the network", NULL, cmds
};
