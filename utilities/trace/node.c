#include <config.h>
#include "node.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "net.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "smap.h"
#include "util.h"
#include "uuid.h"

/* Appends a node to 'super'. */
struct node *
node_add(struct ovs_list *super, enum node_type type, const char *format, ...)
{
    struct node *node = xzalloc(sizeof *node);
    va_list args;

    va_start(args, format);
    node->text = xvasprintf(format, args);
    va_end(args);
    node->type = type;
    ovs_list_init(&node->subs);
    ovs_list_push_back(super, &node->list_node);
    return node;
}

void
nodes_destroy(struct ovs_list *nodes)
{
    struct node *node;

    LIST_FOR_EACH_POP (node, list_node, nodes) {
        nodes_destroy(&node->subs);
        free(node->text);
        free(node->why);
        free(node);
    }
}

static bool
is_title(const struct node *node)
{
    return node->type == NODE_PIPELINE || node->type == NODE_FORK;
}

/* ---- Detailed: tables, with a title for each pipeline. ----
 *
 * What continues at the end of something is not indented more than that: what
 * a packet meets one after the other stands below each other. */

enum { INDENT = 4 };

static bool
is_shown_in_detail(const struct node *node)
{
    return node->type != NODE_CHANGE && node->type != NODE_OUTPUT;
}

/* Whether nothing comes after 'node' in 'list' that is shown. */
static bool
is_last(const struct ovs_list *list, const struct node *node)
{
    const struct ovs_list *p = node->list_node.next;

    for (; p != list; p = p->next) {
        const struct node *next = CONTAINER_OF(p, struct node, list_node);
        if (is_shown_in_detail(next)) {
            return false;
        }
    }
    return true;
}

static void
detail_title(const struct node *node, int level, struct ds *s)
{
    ds_put_char(s, '\n');
    ds_put_char_multiple(s, ' ', level * INDENT);
    ds_put_cstr(s, node->text);
    ds_put_char(s, '\n');
    ds_put_char_multiple(s, ' ', level * INDENT);
    ds_put_char_multiple(s, '-', strlen(node->text));
    ds_put_char(s, '\n');
}

static void
detail(const struct ovs_list *list, int level, bool why, struct ds *s)
{
    const struct node *node;

    LIST_FOR_EACH (node, list_node, list) {
        bool indent = node->indent || !is_last(list, node);

        if (!is_shown_in_detail(node)) {
            continue;
        }
        if (is_title(node)) {
            detail_title(node, level + indent, s);
            detail(&node->subs, level + 2 * indent, why, s);
        } else if (node->type == NODE_TABLE) {
            ds_put_char_multiple(s, ' ', (level + indent) * INDENT);
            ds_put_format(s, "%s\n", node->text);
            if (why && node->why) {
                ds_put_char_multiple(s, ' ', (level + indent + 1) * INDENT);
                ds_put_format(s, "# %s\n", node->why);
            }
            detail(&node->subs, level + indent, why, s);
        } else {
            ds_put_char_multiple(s, ' ', (level + 1) * INDENT);
            ds_put_cstr(s, node->text);
            ds_put_cstr(s, node->type == NODE_ACTION ? ";\n" : "\n");
        }
    }
}

void
nodes_detailed(const struct ovs_list *nodes, bool why, struct ds *s)
{
    detail(nodes, 0, why, s);
}

/* ---- Summary: like a program, without tables. ---- */

static void
summarize(const struct ovs_list *list, int level, bool why, struct ds *s)
{
    const struct node *node;

    LIST_FOR_EACH (node, list_node, list) {
        if (!is_shown_in_detail(node)) {
            continue;
        }
        if (node->type == NODE_TABLE) {
            if (why && node->why) {
                ds_put_char_multiple(s, ' ', level * INDENT);
                ds_put_format(s, "# %s\n", node->why);
            }
            summarize(&node->subs, level, why, s);
            continue;
        }
        ds_put_char_multiple(s, ' ', level * INDENT);
        ds_put_cstr(s, node->text);
        if (is_title(node) && !ovs_list_is_empty(&node->subs)) {
            ds_put_cstr(s, " {\n");
            summarize(&node->subs, level + 1, why, s);
            ds_put_char_multiple(s, ' ', level * INDENT);
            ds_put_char(s, '}');
        }
        ds_put_cstr(s, ";\n");
    }
}

void
nodes_summary(const struct ovs_list *nodes, bool why, struct ds *s)
{
    summarize(nodes, 0, why, s);
}

/* ---- Minimal: what can be seen from outside. ---- */

static void
minimize(const struct ovs_list *list, int level, struct ds *s)
{
    const struct node *node;

    LIST_FOR_EACH (node, list_node, list) {
        size_t length;

        switch (node->type) {
        case NODE_PIPELINE:
        case NODE_TABLE:
            minimize(&node->subs, level, s);
            break;

        case NODE_ACTION:
        case NODE_NOTE:
            break;

        case NODE_FORK:
        case NODE_CHANGE:
        case NODE_OUTPUT:
        case NODE_ERROR:
            ds_put_char_multiple(s, ' ', level * INDENT);
            ds_put_cstr(s, node->text);
            ds_put_cstr(s, " {\n");
            length = s->length;
            minimize(&node->subs, level + 1, s);
            if (s->length > length) {
                ds_put_char_multiple(s, ' ', level * INDENT);
                ds_put_cstr(s, "};\n");
            } else {
                ds_truncate(s, length - 3);
                ds_put_cstr(s, ";\n");
            }
            break;
        }
    }
}

void
nodes_minimal(const struct ovs_list *nodes, struct ds *s)
{
    minimize(nodes, 0, s);
}

/* ---- JSON. ---- */

static const char *const type_names[] = {
    [NODE_PIPELINE] = "pipeline",
    [NODE_FORK] = "fork",
    [NODE_TABLE] = "table",
    [NODE_ACTION] = "action",
    [NODE_CHANGE] = "change",
    [NODE_OUTPUT] = "output",
    [NODE_NOTE] = "note",
    [NODE_ERROR] = "error",
};

static void
put_flow(const struct net_flow *flow, struct json *object)
{
    const struct sbrec_logical_flow *row = flow->row;
    const char *source = smap_get(&row->external_ids, "source");
    const char *hint = smap_get(&row->external_ids, "stage-hint");

    json_object_put_format(object, "uuid", UUID_FMT,
                           UUID_ARGS(&row->header_.uuid));
    json_object_put_string(object, "pipeline", row->pipeline);
    json_object_put(object, "table", json_integer_create(row->table_id));
    json_object_put_string(object, "stage", flow->stage);
    json_object_put(object, "priority", json_integer_create(row->priority));
    json_object_put_string(object, "match", row->match);
    json_object_put_string(object, "actions", row->actions);
    if (source) {
        json_object_put_string(object, "source", source);
    }
    if (hint) {
        json_object_put_string(object, "stage-hint", hint);
    }
}

/* The nodes as an array of objects, each with a "type", a "text" or what
 * identifies its logical flow, and "steps" in it. */
struct json *
nodes_to_json(const struct ovs_list *nodes)
{
    struct json *array = json_array_create_empty();
    const struct node *node;

    LIST_FOR_EACH (node, list_node, nodes) {
        struct json *object = json_object_create();

        json_object_put_string(object, "type", type_names[node->type]);
        if (node->lflow) {
            put_flow(node->lflow, object);
        } else {
            json_object_put_string(object, "text", node->text);
        }
        if (node->why) {
            json_object_put_string(object, "why", node->why);
        }
        if (!ovs_list_is_empty(&node->subs)) {
            json_object_put(object, "steps", nodes_to_json(&node->subs));
        }
        json_array_add(array, object);
    }
    return array;
}
