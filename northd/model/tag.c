/* DOC: VLAN tags
 *
 * The tag of a port is what tag_request asks for; 0 there is "one that no
 * other child of the same parent has", which is chosen here and kept.  Reads
 * NB Logical_Switch_Port.tag_request, tag and parent_name. */
#include <config.h>
#include "northd/model/tag.h"

#include "northd/feature.h"
#include "northd/model/port.h"

INC_TABLE_DEFINE(tag, TAG_FIELDS, .kind = INC_DERIVED);

struct inc_pool *tag_pool;

static void
tag_port_key(const void *v_, struct inc_keys *keys)
{
    const struct tag_v *v = v_;
    inc_keys_add(keys, &v->port, sizeof v->port);
}
struct inc_index tag_by_port = {
    .name = "tag_by_port", .table = &tag_table, .keys = tag_port_key,
};

const struct tag *
tag_of(const struct port *port)
{
    return inc_find_one(&tag_by_port, &port, sizeof port);
}

int64_t
port_tag(const struct port *port)
{
    const struct tag *tag = tag_of(port);
    return tag ? tag_tag(tag) : 0;
}

/* The children of one parent share a tag space. */
static struct uuid
tag_space(const char *parent)
{
    return db_hash_uuid("parent", parent, strlen(parent));
}

static uint32_t
child_tag(const struct nb_logical_switch_port *lsp, const char *parent,
          int64_t request)
{
    struct uuid owner = *nb_logical_switch_port_uuid(lsp);
    struct uuid space = tag_space(parent);
    uint32_t tag;

    if (request) {
        if (!inc_pool_take_in(tag_pool, space, owner, request, request,
                              request, &tag, NULL)) {
            invalid(lsp, "another child of \"%s\" has VLAN tag %"PRId64
                    " as well", parent, request);
        }
        return request;
    }
    if (!inc_pool_take_in(tag_pool, space, owner, 0, 1, 4095, &tag, NULL)) {
        invalid(lsp, "all VLAN tags of parent \"%s\" are in use", parent);
        return 0;
    }
    return tag;
}

static void
run_tags(const void *row)
{
    const struct port *port = row;
    const struct nb_logical_switch_port *lsp = port_lsp(port);
    if (!lsp) {
        return;
    }

    const int64_t *request = nb_logical_switch_port_tag_request(lsp);
    const char *parent = nb_logical_switch_port_parent_name(lsp);
    struct tag_v v = { .port = port, .report = request != NULL };
    if (!request) {
        /* Set by the CMS itself. */
        const int64_t *tag = nb_logical_switch_port_tag(lsp);
        v.tag = tag ? *tag : 0;
    } else if (parent && parent[0]) {
        v.tag = child_tag(lsp, parent, *request);
    } else {
        v.tag = *request;
    }
    if (v.tag) {
        emit_tag(&v);
    }
}
const struct inc_rule tags = {
    .name = "tags", .driver = &port_table, .run = run_tags,
    .flags = INC_SERIAL,
};

void
tag_seed(void)
{
    const struct db_row *row;
    DB_FOR_EACH (row, &nb_logical_switch_port_table) {
        const struct nb_logical_switch_port *lsp = (const void *) row;
        const int64_t *tag = nb_logical_switch_port_tag(lsp);
        const char *parent = nb_logical_switch_port_parent_name(lsp);
        if (tag && parent && parent[0]) {
            inc_pool_seed_in(tag_pool, tag_space(parent), row->uuid, *tag);
        }
    }
}
