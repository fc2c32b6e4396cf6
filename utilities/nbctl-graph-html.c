#include <config.h>
#include "nbctl-graph.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "uuid.h"
#include "util.h"

/* The drawing in a page with a list of everything, in which one can search.
 * The page loads nothing, and its policy lets only its own script run, so that
 * a name that is taken for HTML could still do nothing. */

static const char style[] =
":root{color-scheme:light dark}\n"
"*{box-sizing:border-box}\n"
"body{margin:0;display:flex;flex-direction:column;height:100vh;"
"font:14px system-ui,sans-serif;color:#1d2939;background:#fff}\n"
"header{display:flex;flex-wrap:wrap;gap:.4em .6em;align-items:center;"
"padding:.5em .8em;border-bottom:1px solid #8886}\n"
"header b{font-size:1.1em}\n"
"input{font:inherit;padding:.3em .5em;width:19em}\n"
"button{font:inherit;padding:.3em .7em}\n"
"main{display:flex;flex:1;min-height:0}\n"
"#map{flex:1;overflow:hidden;cursor:grab;touch-action:none}\n"
"#map svg{width:100%;height:100%;display:block;user-select:none}\n"
"#map .node{cursor:pointer}\n"
"#list{width:26em;max-width:45%;overflow:auto;padding:.5em;"
"border-left:1px solid #8886}\n"
"details{margin:.15em 0}\n"
"summary{cursor:pointer;overflow-wrap:anywhere}\n"
"summary i,.t,.line{color:#667085;font-style:normal}\n"
"table{border-collapse:collapse;margin:.2em 0 .5em 1em;font-size:12px}\n"
"td{padding:.1em .5em .1em 0;overflow-wrap:anywhere;vertical-align:top}\n"
"p{margin:.1em 0 .1em 1.3em;font-size:12px;overflow-wrap:anywhere}\n"
".up{color:#1a7f37}.down{color:#b42318}\n"
".line::before{content:'';display:inline-block;width:2em;"
"margin-right:.3em;vertical-align:middle;border-top:2px solid #475467}\n"
".line.active::before,.line.standby::before{border-color:#2f855a}\n"
".line.standby::before{border-top-style:dashed;border-width:1.5px}\n"
".dim{opacity:.15}\n"
".mark>path,.mark>polygon,.mark>a>path{stroke:#d6336c;stroke-width:3px}\n"
"[hidden]{display:none}\n"
"@media (prefers-color-scheme:dark){\n"
"body{color:#e4e7ec;background:#15191f}\n"
"summary i,.t,.line{color:#98a2b3}.up{color:#4ade80}.down{color:#ff8a7a}\n"
".line::before{border-color:#98a2b3}\n"
".line.active::before,.line.standby::before{border-color:#4ade80}\n"
"#map .node path{fill:#2b3038;stroke:#98a2b3}\n"
"#map .switch path{fill:#15304f;stroke:#5b9bd5}\n"
"#map .router path{fill:#4a3510;stroke:#d99a2b}\n"
"#map .chassis path{fill:#12382a;stroke:#3fae7a}\n"
"#map text,#map text[fill='#475467']{fill:#e4e7ec}\n"
"#map text[fill='#667085']{fill:#98a2b3}\n"
"#map text[fill='#1a7f37']{fill:#4ade80}\n"
"#map text[fill='#b42318']{fill:#ff8a7a}\n"
"#map .link path,#map .physical path{stroke:#98a2b3}\n"
"#map .active path,#map .standby path{stroke:#4ade80}\n"
"#map .node.mark path{stroke:#ff6ba0}\n"
"}\n";

static const char script[] =
"'use strict';\n"
"const get = id => document.getElementById(id);\n"
"const q = get('q'), map = get('map'), found = get('found');\n"
"const svg = map.querySelector('svg');\n"
"const items = [...document.querySelectorAll('#list details')];\n"
"const nodes = [...svg.querySelectorAll('.node')];\n"
"const edges = [...svg.querySelectorAll('.edge')];\n"
"const node = item => get(item.dataset.node);\n"
"const text = e => e.textContent.toLowerCase();\n"
"for (const e of edges)\n"
"  e.ends = text(e.querySelector('title')).split('--');\n"
"for (const item of items) {\n"
"  item.text = text(item);\n"
"  item.rows = [...item.querySelectorAll('tr,p')].map(e => [e, text(e)]);\n"
"  const n = node(item);\n"
"  if (n) n.addEventListener('click', e => {\n"
"    if (dragged) return;\n"
"    item.hidden = false; item.open = true; item.scrollIntoView();\n"
"    mark(n); e.stopPropagation();\n"
"  });\n"
"  item.firstElementChild.addEventListener('click', () => n && center(n));\n"
"}\n"
"for (const title of svg.querySelectorAll('title')) title.remove();\n"
"svg.removeAttribute('width'); svg.removeAttribute('height');\n"
"const drawn = svg.getAttribute('viewBox').split(/[ ,]+/).map(Number);\n"
"// A small network need not fill the window with huge letters.\n"
"const big = Math.max(1, Math.min(map.clientWidth / drawn[2],\n"
"                                 map.clientHeight / drawn[3]) / 2);\n"
"const whole = [drawn[0] - drawn[2] * (big - 1) / 2,\n"
"               drawn[1] - drawn[3] * (big - 1) / 2,\n"
"               drawn[2] * big, drawn[3] * big];\n"
"let box = [...whole], dragged = false, hit = -1;\n"
"const show = b => { box = b; svg.setAttribute('viewBox', b.join(' ')); };\n"
"show(box);\n"
"function zoom(f, x = .5, y = .5) {\n"
"  const [l, t, w, h] = box;\n"
"  show([l + w * x * (1 - f), t + h * y * (1 - f), w * f, h * f]);\n"
"}\n"
"// Marks a node, and lets only what is linked to it stand out.\n"
"function mark(n) {\n"
"  const near = new Set(n ? [n.id] : []);\n"
"  for (const e of edges) {\n"
"    const mine = n && e.ends.includes(n.id);\n"
"    if (mine) e.ends.forEach(id => near.add(id));\n"
"    e.classList.toggle('dim', !!n && !mine);\n"
"  }\n"
"  for (const m of nodes) {\n"
"    m.classList.toggle('mark', m == n);\n"
"    m.classList.toggle('dim', !!n && !near.has(m.id));\n"
"  }\n"
"}\n"
"function center(n) {\n"
"  const b = n.getBBox(), w = Math.max(b.width * 3, 500);\n"
"  const h = w * whole[3] / whole[2], g = svg.querySelector('g.graph');\n"
"  const o = g.transform.baseVal.consolidate().matrix;\n"
"  show([b.x + b.width / 2 + o.e - w / 2, b.y + b.height / 2 + o.f - h / 2,\n"
"        w, h]);\n"
"  mark(n);\n"
"}\n"
"function search() {\n"
"  const word = q.value.trim().toLowerCase();\n"
"  let hits = 0;\n"
"  mark(null);\n"
"  hit = -1;\n"
"  for (const item of items) {\n"
"    const hit = item.text.includes(word), n = node(item);\n"
"    const all = !word || text(item.firstElementChild).includes(word);\n"
"    item.hidden = !hit; hits += hit;\n"
"    item.open = hit && !all;\n"
"    for (const [e, t] of item.rows) e.hidden = !all && !t.includes(word);\n"
"    if (n) n.classList.toggle('dim', !hit);\n"
"  }\n"
"  for (const e of edges) e.classList.toggle('dim', !!word);\n"
"  found.textContent = word ? hits + ' of ' + items.length : '';\n"
"}\n"
"function all() { q.value = ''; search(); show([...whole]); }\n"
"q.addEventListener('input', search);\n"
"q.addEventListener('keydown', e => {\n"
"  const hits = items.filter(i => !i.hidden && node(i));\n"
"  if (e.key == 'Enter' && hits.length) {\n"
"    hit = (hit + (e.shiftKey ? hits.length - 1 : 1)) % hits.length;\n"
"    center(node(hits[hit])); hits[hit].scrollIntoView();\n"
"  }\n"
"});\n"
"document.addEventListener('keydown', e => {\n"
"  if (e.key == 'Escape') all();\n"
"  if (e.target == q) return;\n"
"  if (e.key == '/') { q.focus(); e.preventDefault(); }\n"
"  if (e.key == '+') zoom(.7);\n"
"  if (e.key == '-') zoom(1.4);\n"
"});\n"
"get('in').addEventListener('click', () => zoom(.7));\n"
"get('out').addEventListener('click', () => zoom(1.4));\n"
"get('all').addEventListener('click', all);\n"
"map.addEventListener('click', () => dragged || search());\n"
"map.addEventListener('pointerdown', () => { dragged = false; });\n"
"map.addEventListener('wheel', e => {\n"
"  const r = map.getBoundingClientRect();\n"
"  e.preventDefault();\n"
"  zoom(e.deltaY < 0 ? .85 : 1.18, (e.clientX - r.left) / r.width,\n"
"       (e.clientY - r.top) / r.height);\n"
"}, {passive: false});\n"
"map.addEventListener('pointermove', e => {\n"
"  if (!(e.buttons & 1)) return;\n"
"  const m = svg.getScreenCTM();\n"
"  dragged = dragged || e.movementX || e.movementY;\n"
"  show([box[0] - e.movementX / m.a, box[1] - e.movementY / m.d,\n"
"        box[2], box[3]]);\n"
"});\n";

static const char *const titles[GRAPH_N_KINDS] = {
    [GRAPH_SWITCH] = "switch",
    [GRAPH_ROUTER] = "router",
    [GRAPH_CHASSIS] = "chassis",
    [GRAPH_NETWORK] = "network",
};

static void
put_cell(const char *class, const char *text, struct ds *s)
{
    ds_put_format(s, "<td class=\"%s\">", class);
    graph_put_escaped(s, text, GRAPH_PAGE);
    ds_put_cstr(s, "</td>");
}

static void
put_port(const struct graph_port *port, struct ds *s)
{
    const char *state = graph_state_name(port->state);

    ds_put_cstr(s, "<tr>");
    put_cell("n", port->name, s);
    put_cell("t", port->type, s);
    put_cell("m", port->mac ? port->mac : "", s);
    put_cell("a", port->addresses, s);
    put_cell(state, state, s);
    put_cell("c", port->chassis ? port->chassis : "", s);
    ds_put_cstr(s, "</tr>\n");
}

/* Appends the item of the list for 'node'. */
static void
put_item(const struct graph_node *node, size_t id, struct ds *s)
{
    ds_put_format(s, "<details data-node=\"n%"PRIuSIZE"\"><summary>"
                  "<i>%s</i> ", id, titles[node->kind]);
    graph_put_escaped(s, node->name, GRAPH_PAGE);
    if (node->n_ports) {
        ds_put_format(s, " <i>%"PRIuSIZE" port%s</i>", node->n_ports,
                      node->n_ports == 1 ? "" : "s");
    }
    if (node->n_states[GRAPH_DOWN]) {
        ds_put_format(s, " <span class=\"down\">%"PRIuSIZE" down</span>",
                      node->n_states[GRAPH_DOWN]);
    }
    if (node->n_bound) {
        ds_put_format(s, " <i>has %"PRIuSIZE" port%s</i>", node->n_bound,
                      node->n_bound == 1 ? "" : "s");
    }
    ds_put_cstr(s, "</summary>\n");
    for (size_t i = 0; i < node->notes.n; i++) {
        ds_put_cstr(s, "<p>");
        graph_put_escaped(s, node->notes.names[i], GRAPH_PAGE);
        ds_put_cstr(s, "</p>\n");
    }
    if (node->n_ports) {
        ds_put_cstr(s, "<table>\n");
        for (size_t i = 0; i < node->n_ports; i++) {
            put_port(&node->ports[i], s);
        }
        ds_put_cstr(s, "</table>\n");
    }
    ds_put_cstr(s, "</details>\n");
}

/* Appends what the lines mean that are drawn and have no obvious meaning. */
static void
put_legend(const struct graph *g, struct ds *s)
{
    bool has_active = false, has_standby = false;

    for (size_t i = 0; i < g->n_edges; i++) {
        const struct graph_edge *e = &g->edges[i];

        has_active |= e->drawn && e->line == GRAPH_ACTIVE;
        has_standby |= e->drawn && e->line == GRAPH_STANDBY;
    }
    if (has_active) {
        ds_put_cstr(s, "<span class=\"line active\">active gateway</span>\n");
    }
    if (has_standby) {
        ds_put_format(s, "<span class=\"line standby\">%s gateway</span>\n",
                      g->has_southbound ? "standby" : "possible");
    }
}

/* Appends how many things of which kind there are, and what the colors of
 * ports mean. */
static void
put_summary(const struct graph *g, struct ds *s)
{
    static const char *const plurals[GRAPH_N_KINDS] = {
        [GRAPH_SWITCH] = "switches",
        [GRAPH_ROUTER] = "routers",
        [GRAPH_CHASSIS] = "chassis",
        [GRAPH_NETWORK] = "networks",
    };

    ds_put_cstr(s, "<span>");
    for (enum graph_kind kind = 0; kind < GRAPH_N_KINDS; kind++) {
        size_t n = 0;

        for (size_t i = 0; i < g->n_nodes; i++) {
            n += g->nodes[i].drawn && g->nodes[i].kind == kind;
        }
        ds_put_format(s, "%s%"PRIuSIZE" %s", kind ? ", " : "", n,
                      n == 1 ? titles[kind] : plurals[kind]);
    }
    ds_put_format(s, "</span>\n<span>%s</span>\n",
                  g->has_southbound
                  ? "States from the southbound database"
                  : "The southbound database could not be reached: states "
                    "as of the last report, no places");
    put_legend(g, s);
}

/* Appends a page with 'g'.  Returns NULL or an error message, which the caller
 * must free. */
char *
graph_put_html(const struct graph *g, struct ds *s)
{
    struct ds svg = DS_EMPTY_INITIALIZER;
    char *error = graph_put_svg(g, &svg);
    const char *start = error ? NULL : strstr(ds_cstr(&svg), "<svg");

    if (!start) {
        ds_destroy(&svg);
        return error ? error : xstrdup("Graphviz drew no SVG");
    }

    /* Nobody who can write to the database knows this number. */
    struct uuid nonce;
    uuid_generate(&nonce);
    ds_put_format(s, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
                  "<meta charset=\"UTF-8\">\n"
                  "<meta http-equiv=\"Content-Security-Policy\" content=\""
                  "default-src 'none'; style-src 'unsafe-inline'; "
                  "script-src 'nonce-"UUID_FMT"'\">\n"
                  "<title>OVN network</title>\n<style>\n%s</style>\n"
                  "</head>\n<body>\n<header><b>OVN network</b>\n"
                  "<input id=\"q\" type=\"search\" placeholder=\"Name, "
                  "address, chassis, state\" aria-label=\"Search\">\n"
                  "<span id=\"found\"></span>\n"
                  "<button id=\"in\" title=\"Closer (+)\">+"
                  "</button>"
                  "<button id=\"out\" title=\"Farther away (-)\">−"
                  "</button>"
                  "<button id=\"all\" title=\"Everything (Escape)\">"
                  "Whole network</button>\n",
                  UUID_ARGS(&nonce), style);
    put_summary(g, s);
    ds_put_cstr(s, "</header>\n<main><div id=\"map\">\n");
    ds_put_cstr(s, start);
    ds_put_cstr(s, "</div>\n<div id=\"list\">\n");

    const struct graph_node **nodes = graph_sorted_nodes(g);
    for (size_t i = 0; i < g->n_nodes; i++) {
        const struct graph_node *node = nodes[i];

        if (node->drawn || (g->n_idle_chassis
                            && node->kind == GRAPH_CHASSIS)) {
            put_item(node, node - g->nodes, s);
        }
    }
    free(nodes);
    ds_put_format(s, "</div></main>\n<script nonce=\""UUID_FMT"\">\n"
                  "%s</script>\n</body>\n</html>\n",
                  UUID_ARGS(&nonce), script);
    ds_destroy(&svg);
    return NULL;
}
