#include <config.h>
#include "nbctl.h"

#include <stdlib.h>

#include "ovsdb-data.h"
#include "ovsdb-idl-provider.h"
#include "ovsdb-idl.h"
#include "util.h"
#include "uuid.h"

/* Rows that other rows have in a set, such as routers' ports and routes.
 *
 * They join and leave by partial updates of the set, so that concurrent runs
 * of ovn-nbctl do not disturb each other and a long set does not travel for
 * each of its members.  See "struct nbctl_context" for what follows from
 * that. */

/* Returns the row of 'table' that has 'uuid', or NULL.  Unlike the library,
 * does not return one that this transaction deleted: it is still there but has
 * no content. */
const struct ovsdb_idl_row *
nbctl_row_by_uuid(const struct ctl_context *ctx,
                  const struct ovsdb_idl_table_class *table,
                  const struct uuid *uuid)
{
    const struct ovsdb_idl_row *row = ovsdb_idl_get_row_for_uuid(
        ctx->idl, table, uuid);

    return row && row->new_datum ? row : NULL;
}

static struct ovsdb_datum *
one_uuid(const struct uuid *uuid)
{
    struct ovsdb_datum *datum = xmalloc(sizeof *datum);

    ovsdb_datum_init_empty(datum);
    datum->n = 1;
    datum->keys = xmalloc(sizeof *datum->keys);
    datum->keys[0].uuid = *uuid;
    return datum;
}

static void
note_change(struct ctl_context *ctx, const struct nbctl_set *set,
            const struct uuid *owner, const struct uuid *member, bool joins)
{
    struct nbctl_context *nb = nbctl_context(ctx);

    if (nb->n_changes >= nb->allocated_changes) {
        nb->changes = x2nrealloc(nb->changes, &nb->allocated_changes,
                                 sizeof *nb->changes);
    }
    nb->changes[nb->n_changes++] = (struct nbctl_change) {
        .set = set, .owner = *owner, .member = *member, .joins = joins
    };
}

/* Writes the whole set of 'owner', a new row that nobody else knows, so that
 * it is just like others for the rest of the transaction. */
void
nbctl_rewrite_set(const struct nbctl_set *set,
                  const struct ovsdb_idl_row *owner,
                  const struct ovsdb_idl_row *member, bool joins)
{
    const struct ovsdb_type *type = &set->column->type;
    union ovsdb_atom key = { .uuid = member->uuid };
    struct ovsdb_datum datum;
    unsigned int index;

    ovsdb_datum_clone(&datum, ovsdb_idl_read(owner, set->column));
    if (joins) {
        ovsdb_datum_add_unsafe(&datum, &key, NULL, type, NULL);
    } else if (ovsdb_datum_find_key(&datum, &key, OVSDB_TYPE_UUID, &index)) {
        ovsdb_datum_remove_unsafe(&datum, index, type);
    }
    ovsdb_datum_sort_unique(&datum, type);
    ovsdb_idl_txn_write(owner, set->column, &datum);
}

/* Adds 'member' to 'owner''s 'set'. */
void
nbctl_member_joins(struct ctl_context *ctx, const struct nbctl_set *set,
                   const struct ovsdb_idl_row *owner,
                   const struct ovsdb_idl_row *member)
{
    if (!owner->old_datum) {
        nbctl_rewrite_set(set, owner, member, true);
        return;
    }
    ovsdb_idl_txn_write_partial_set(owner, set->column,
                                    one_uuid(&member->uuid));
    note_change(ctx, set, &owner->uuid, &member->uuid, true);
}

/* Removes 'member' from 'owner''s 'set'.  The server drops the row if nothing
 * else refers to it. */
void
nbctl_member_leaves(struct ctl_context *ctx, const struct nbctl_set *set,
                    const struct ovsdb_idl_row *owner,
                    const struct ovsdb_idl_row *member)
{
    if (!owner->old_datum) {
        nbctl_rewrite_set(set, owner, member, false);
        return;
    }
    ovsdb_idl_txn_delete_partial_set(owner, set->column,
                                     one_uuid(&member->uuid));
    note_change(ctx, set, &owner->uuid, &member->uuid, false);
}

static void
add_row(struct nbctl_members *m, const struct ovsdb_idl_row *row)
{
    if (m->n >= m->allocated) {
        m->rows = x2nrealloc(m->rows, &m->allocated, sizeof *m->rows);
    }
    m->rows[m->n++] = row;
}

static void
remove_row(struct nbctl_members *m, const struct uuid *uuid)
{
    size_t n = 0;

    for (size_t i = 0; i < m->n; i++) {
        if (!uuid_equals(&m->rows[i]->uuid, uuid)) {
            m->rows[n++] = m->rows[i];
        }
    }
    m->n = n;
}

/* Returns the members of 'owner''s 'set', as this transaction sees it.  The
 * caller must nbctl_members_destroy() them. */
struct nbctl_members
nbctl_members(struct ctl_context *ctx, const struct nbctl_set *set,
              const struct ovsdb_idl_row *owner)
{
    const struct nbctl_context *nb = nbctl_context(ctx);
    const struct ovsdb_datum *datum = ovsdb_idl_read(owner, set->column);
    struct nbctl_members m = { .rows = NULL };
    const struct ovsdb_idl_row *row;

    nbctl_need_rows(ctx, set->member_table, datum);
    for (size_t i = 0; i < datum->n; i++) {
        row = nbctl_row_by_uuid(ctx, set->member_table,
                                &datum->keys[i].uuid);
        if (row) {
            add_row(&m, row);
        }
    }
    for (size_t i = 0; i < nb->n_changes; i++) {
        const struct nbctl_change *c = &nb->changes[i];

        if (c->set != set || !uuid_equals(&c->owner, &owner->uuid)) {
            continue;
        }
        remove_row(&m, &c->member);
        row = nbctl_row_by_uuid(ctx, set->member_table, &c->member);
        if (c->joins && row) {
            add_row(&m, row);
        }
    }
    return m;
}

void
nbctl_members_destroy(struct nbctl_members *m)
{
    free(m->rows);
    *m = (struct nbctl_members) { .rows = NULL };
}

/* Returns the number of members of 'owner''s 'set'. */
size_t
nbctl_n_members(struct ctl_context *ctx, const struct nbctl_set *set,
                const struct ovsdb_idl_row *owner)
{
    struct nbctl_members m = nbctl_members(ctx, set, owner);
    size_t n = m.n;

    nbctl_members_destroy(&m);
    return n;
}

/* True if 'owner' has 'member' in its 'set'. */
bool
nbctl_is_member(struct ctl_context *ctx, const struct nbctl_set *set,
                const struct ovsdb_idl_row *owner,
                const struct ovsdb_idl_row *member)
{
    const struct nbctl_context *nb = nbctl_context(ctx);
    const struct ovsdb_datum *datum;
    union ovsdb_atom key;

    for (size_t i = nb->n_changes; i-- > 0; ) {
        const struct nbctl_change *c = &nb->changes[i];

        if (c->set == set && uuid_equals(&c->owner, &owner->uuid)
            && uuid_equals(&c->member, &member->uuid)) {
            return c->joins;
        }
    }
    datum = ovsdb_idl_read(owner, set->column);
    key.uuid = member->uuid;
    return ovsdb_datum_find_key(datum, &key, OVSDB_TYPE_UUID, NULL);
}

/* Returns a row that has 'member' in its 'set', or NULL. */
const struct ovsdb_idl_row *
nbctl_owner(struct ctl_context *ctx, const struct nbctl_set *set,
            const struct ovsdb_idl_row *member)
{
    const struct ovsdb_idl_row *owner;

    for (owner = ovsdb_idl_first_row(ctx->idl, set->owner_table); owner;
         owner = ovsdb_idl_next_row(owner)) {
        if (nbctl_is_member(ctx, set, owner, member)) {
            return owner;
        }
    }
    if (ctl_is_narrow(set->owner_table)) {
        ctl_need_referrer(ctx, set->owner_table, set->column, &member->uuid);
    }
    return NULL;
}
