#include <config.h>
#include "nbctl.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "ovsdb-data.h"
#include "ovsdb-idl-provider.h"
#include "ovsdb-idl.h"
#include "util.h"
#include "uuid.h"

/* Ports by name.  One for the whole process: it belongs to the copy of the
 * database, and there is one. */
static struct ovsdb_idl_index *ports_by_name;

static const struct nbctl_set switch_ports = {
    &nbrec_table_logical_switch, &nbrec_logical_switch_col_ports,
    &nbrec_table_logical_switch_port
};

/* Makes the indexes of 'idl', before it is first run but after its columns
 * were chosen. */
void
nbctl_create_indexes(struct ovsdb_idl *idl)
{
    if (!ports_by_name) {
        ports_by_name = ovsdb_idl_index_create1(
            idl, &nbrec_logical_switch_port_col_name);
    }
}

/* The same for all indexes, for a daemon. */
void
nbctl_create_all_indexes(struct ovsdb_idl *idl)
{
    nbctl_create_indexes(idl);
    nbctl_create_router_indexes(idl);
}

void
nbctl_pre_switches(struct ctl_context *ctx)
{
    ovsdb_idl_add_column(ctx->idl, &nbrec_logical_switch_col_name);
}

void
nbctl_pre_ports(struct ctl_context *ctx)
{
    nbctl_pre_switches(ctx);
    ovsdb_idl_add_column(ctx->idl, &nbrec_logical_switch_col_ports);
    ovsdb_idl_add_column(ctx->idl, &nbrec_logical_switch_port_col_name);
    nbctl_create_indexes(ctx->idl);
}

/* Says that the command needs the switch in its first argument. */
void
nbctl_narrow_to_switch(struct ctl_context *ctx)
{
    ctl_need_none(ctx, &nbrec_table_logical_switch);
    ctl_need_none(ctx, &nbrec_table_logical_switch_port);
    if (ctx->argc > 1) {
        ctl_need_id(ctx, &nbrec_table_logical_switch,
                    &nbrec_logical_switch_col_name, ctx->argv[1]);
    }
}

/* Says that the command needs the switch port in its first argument. */
void
nbctl_narrow_to_port(struct ctl_context *ctx)
{
    ctl_need_none(ctx, &nbrec_table_logical_switch);
    ctl_need_id(ctx, &nbrec_table_logical_switch_port,
                &nbrec_logical_switch_port_col_name, ctx->argv[1]);
}

/* More rows than this, and it is better to have the whole table than a list of
 * them. */
#define MAX_ROWS 1000

/* Sees to it that the rows of 'table' which 'uuids' refers to are here. */
void
nbctl_need_rows(struct ctl_context *ctx,
                const struct ovsdb_idl_table_class *table,
                const struct ovsdb_datum *uuids)
{
    size_t n_missing = 0;

    if (!ctl_is_narrow(table)) {
        return;
    }
    for (size_t i = 0; i < uuids->n; i++) {
        const struct ovsdb_idl_row *row = ovsdb_idl_get_row_for_uuid(
            ctx->idl, table, &uuids->keys[i].uuid);

        /* References make the library have rows without content. */
        n_missing += !row || (!row->old_datum && !row->new_datum);
    }
    if (n_missing > MAX_ROWS) {
        ctl_need_all(ctx, table);
        return;
    }
    for (size_t i = 0; i < uuids->n && n_missing; i++) {
        ctl_need_uuid(ctx, table, &uuids->keys[i].uuid);
    }
}

struct ctl_context *
nbctl_context_create(void)
{
    struct nbctl_context *nb = xzalloc(sizeof *nb);

    hmap_init(&nb->switches);
    hmap_init(&nb->ports);
    return &nb->base;
}

/* Forgets what is derived from the database. */
void
nbctl_context_invalidate(struct ctl_context *ctx)
{
    struct nbctl_context *nb = nbctl_context(ctx);
    struct nbctl_switch *sw;
    struct nbctl_port *port;

    HMAP_FOR_EACH_POP (port, hmap_node, &nb->ports) {
        free(port);
    }
    HMAP_FOR_EACH_POP (sw, hmap_node, &nb->switches) {
        free(sw);
    }
    nb->cache_valid = false;
}

void
nbctl_context_destroy(struct ctl_context *ctx)
{
    struct nbctl_context *nb = nbctl_context(ctx);

    nbctl_context_invalidate(ctx);
    hmap_destroy(&nb->ports);
    hmap_destroy(&nb->switches);
    free(nb->pending);
    free(nb->changes);
    free(nb);
}

static struct nbctl_switch *
cache_find_switch(struct nbctl_context *nb, const struct uuid *uuid)
{
    struct nbctl_switch *sw;

    HMAP_FOR_EACH_WITH_HASH (sw, hmap_node, uuid_hash(uuid), &nb->switches) {
        if (uuid_equals(&sw->ls->header_.uuid, uuid)) {
            return sw;
        }
    }
    return NULL;
}

static struct nbctl_switch *
cache_get_switch(struct nbctl_context *nb,
                 const struct nbrec_logical_switch *ls)
{
    struct nbctl_switch *sw = cache_find_switch(nb, &ls->header_.uuid);

    if (!sw) {
        sw = xmalloc(sizeof *sw);
        sw->ls = ls;
        ovs_list_init(&sw->ports);
        hmap_insert(&nb->switches, &sw->hmap_node,
                    uuid_hash(&ls->header_.uuid));
    }
    return sw;
}

static struct nbctl_port *
cache_find_port(struct nbctl_context *nb, const struct uuid *uuid)
{
    struct nbctl_port *port;

    HMAP_FOR_EACH_WITH_HASH (port, hmap_node, uuid_hash(uuid), &nb->ports) {
        if (uuid_equals(&port->lsp->header_.uuid, uuid)) {
            return port;
        }
    }
    return NULL;
}

static void
cache_remove_port(struct nbctl_context *nb, const struct uuid *uuid)
{
    struct nbctl_port *port = cache_find_port(nb, uuid);

    if (port) {
        hmap_remove(&nb->ports, &port->hmap_node);
        ovs_list_remove(&port->list_node);
        free(port);
    }
}

static void
cache_add_port(struct nbctl_context *nb,
               const struct nbrec_logical_switch_port *lsp,
               const struct nbrec_logical_switch *ls)
{
    struct nbctl_port *port;

    cache_remove_port(nb, &lsp->header_.uuid);
    port = xmalloc(sizeof *port);
    port->lsp = lsp;
    port->sw = cache_get_switch(nb, ls);
    ovs_list_push_back(&port->sw->ports, &port->list_node);
    hmap_insert(&nb->ports, &port->hmap_node,
                uuid_hash(&lsp->header_.uuid));
}

/* Fills the cache from the database and from what this transaction did. */
static void
fill_cache(struct ctl_context *ctx)
{
    struct nbctl_context *nb = nbctl_context(ctx);
    const struct nbrec_logical_switch *ls;

    if (nb->cache_valid) {
        return;
    }

    NBREC_LOGICAL_SWITCH_FOR_EACH (ls, ctx->idl) {
        for (size_t i = 0; i < ls->n_ports; i++) {
            cache_add_port(nb, ls->ports[i], ls);
        }
    }
    for (size_t i = 0; i < nb->n_pending; i++) {
        const struct nbctl_pending *p = &nb->pending[i];
        const struct nbrec_logical_switch_port *lsp
            = NBCTL_BY_UUID(ctx, logical_switch_port, &p->port);

        ls = NBCTL_BY_UUID(ctx, logical_switch, &p->sw);
        if (p->joins && lsp && ls) {
            cache_add_port(nb, lsp, ls);
        } else {
            cache_remove_port(nb, &p->port);
        }
    }
    nb->cache_valid = true;
}

static void
add_pending(struct nbctl_context *nb, const struct uuid *port,
            const struct uuid *sw, bool joins)
{
    if (nb->n_pending >= nb->allocated_pending) {
        nb->pending = x2nrealloc(nb->pending, &nb->allocated_pending,
                                 sizeof *nb->pending);
    }
    nb->pending[nb->n_pending++] = (struct nbctl_pending) {
        .port = *port, .sw = *sw, .joins = joins
    };
}

/* Adds 'lsp', a new row, to switch 'ls'. */
void
nbctl_port_joins(struct ctl_context *ctx,
                 const struct nbrec_logical_switch_port *lsp,
                 const struct nbrec_logical_switch *ls)
{
    struct nbctl_context *nb = nbctl_context(ctx);

    fill_cache(ctx);
    if (ls->header_.old_datum) {
        nbrec_logical_switch_update_ports_addvalue(ls, lsp);
        add_pending(nb, &lsp->header_.uuid, &ls->header_.uuid, true);
    } else {
        nbctl_rewrite_set(&switch_ports, &ls->header_,
                          &lsp->header_, true);
    }
    cache_add_port(nb, lsp, ls);
}

/* Removes 'lsp' from its switch, if any.  The caller deletes the row. */
void
nbctl_port_leaves(struct ctl_context *ctx,
                  const struct nbrec_logical_switch_port *lsp)
{
    struct nbctl_context *nb = nbctl_context(ctx);
    const struct nbrec_logical_switch *ls = nbctl_switch_of_port(ctx, lsp);

    if (ls) {
        if (ls->header_.old_datum) {
            nbrec_logical_switch_update_ports_delvalue(ls, lsp);
            add_pending(nb, &lsp->header_.uuid, &ls->header_.uuid, false);
        } else {
            nbctl_rewrite_set(&switch_ports, &ls->header_,
                              &lsp->header_, false);
        }
        cache_remove_port(nb, &lsp->header_.uuid);
    }
}

/* Returns the switch that has 'lsp', or NULL. */
const struct nbrec_logical_switch *
nbctl_switch_of_port(struct ctl_context *ctx,
                     const struct nbrec_logical_switch_port *lsp)
{
    struct nbctl_context *nb = nbctl_context(ctx);
    struct nbctl_port *port;

    fill_cache(ctx);
    port = cache_find_port(nb, &lsp->header_.uuid);
    if (!port && ctl_is_narrow(&nbrec_table_logical_switch)) {
        ctl_need_referrer(ctx, &nbrec_table_logical_switch,
                          &nbrec_logical_switch_col_ports,
                          &lsp->header_.uuid);
    }
    return port ? port->sw->ls : NULL;
}

const struct nbctl_switch *
nbctl_switch_ports(struct ctl_context *ctx,
                   const struct nbrec_logical_switch *ls)
{
    fill_cache(ctx);
    nbctl_need_rows(ctx, &nbrec_table_logical_switch_port,
                    ovsdb_idl_read(&ls->header_,
                                   &nbrec_logical_switch_col_ports));
    return cache_find_switch(nbctl_context(ctx), &ls->header_.uuid);
}

/* Finds the switch whose UUID or name is 'id' and stores it in '*lsp'.  If
 * there is none, stores NULL, which is an error if 'must_exist'.  (The
 * beginning of a UUID does not do here, unlike in generic commands: a script
 * that deletes a switch "cafe" which is gone must not hit another one.)
 *
 * Returns NULL or an error message, which the caller must free. */
char *
nbctl_find_switch(struct ctl_context *ctx, const char *id, bool must_exist,
                  const struct nbrec_logical_switch **lsp)
{
    const struct nbrec_logical_switch *ls = NULL;
    struct uuid uuid;
    bool is_uuid = uuid_from_string(&uuid, id);

    *lsp = NULL;
    if (is_uuid) {
        ls = NBCTL_BY_UUID(ctx, logical_switch, &uuid);
    }
    if (!ls) {
        const struct nbrec_logical_switch *iter;

        NBREC_LOGICAL_SWITCH_FOR_EACH (iter, ctx->idl) {
            if (strcmp(iter->name, id)) {
                continue;
            } else if (ls) {
                return xasprintf("Multiple logical switches named '%s'.  "
                                 "Use a UUID.", id);
            }
            ls = iter;
        }
    }
    if (!ls && must_exist) {
        return xasprintf("%s: switch %s not found", id,
                         is_uuid ? "UUID" : "name");
    }
    *lsp = ls;
    return NULL;
}

/* Finds the switch port whose UUID or name is 'id', like
 * nbctl_find_switch(). */
char *
nbctl_find_port(struct ctl_context *ctx, const char *id, bool must_exist,
                const struct nbrec_logical_switch_port **lspp)
{
    const struct nbrec_logical_switch_port *lsp = NULL;
    struct uuid uuid;
    bool is_uuid = uuid_from_string(&uuid, id);

    if (is_uuid) {
        lsp = NBCTL_BY_UUID(ctx, logical_switch_port, &uuid);
    }
    if (!lsp) {
        struct nbrec_logical_switch_port *key
            = nbrec_logical_switch_port_index_init_row(ports_by_name);

        nbrec_logical_switch_port_index_set_name(key, id);
        lsp = nbrec_logical_switch_port_index_find(ports_by_name, key);
        nbrec_logical_switch_port_index_destroy_row(key);
    }
    *lspp = lsp;
    return (lsp || !must_exist ? NULL
            : xasprintf("%s: port %s not found", id,
                        is_uuid ? "UUID" : "name"));
}

/* Adds a line to 'n', which borrows 'name'. */
void
nbctl_names_add(struct nbctl_names *n, const struct uuid *uuid,
                const char *name)
{
    if (n->n >= n->allocated) {
        n->names = x2nrealloc(n->names, &n->allocated, sizeof *n->names);
    }
    n->names[n->n++] = (struct nbctl_name) { *uuid, name };
}

static int
compare_names(const void *a_, const void *b_)
{
    const struct nbctl_name *a = a_;
    const struct nbctl_name *b = b_;
    int cmp = strcmp(a->name, b->name);

    return cmp ? cmp : uuid_compare_3way(&a->uuid, &b->uuid);
}

/* Appends the lines to 's' and empties 'n'. */
void
nbctl_names_print(struct nbctl_names *n, struct ds *s)
{
    if (n->n) {
        qsort(n->names, n->n, sizeof *n->names, compare_names);
    }
    for (size_t i = 0; i < n->n; i++) {
        ds_put_format(s, UUID_FMT" (%s)\n", UUID_ARGS(&n->names[i].uuid),
                      n->names[i].name);
    }
    free(n->names);
    *n = (struct nbctl_names) NBCTL_NAMES_INITIALIZER;
}
