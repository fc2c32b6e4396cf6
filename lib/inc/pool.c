/* Pools: numbers for owners, which keep what they have. */
#include <config.h>
#include "lib/inc/inc-private.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "uuid.h"

/* A value in the hands of an owner.  Without 'unit' it is only reserved: by a
 * seed until the first run ends, or, since the unit that took it has not taken
 * it again, until the end of the run. */
struct holding {
    struct hmap_node owner_node; /* In space->by_owner. */
    struct hmap_node value_node; /* In space->by_value. */
    struct hmap_node unit_node;  /* In pool->by_unit, if 'unit'. */
    struct ovs_list list_node;   /* In pool->reserved, if not 'unit'. */
    struct space *space;
    struct uuid owner;
    uint32_t value;
    bool wanted;                 /* The owner asked for just this value. */
    bool taken;                  /* By the execution that is under way. */
    bool seed;
    struct inc_unit *unit;
};

/* Units that wait for a value. */
struct wait {
    struct hmap_node node;       /* In space->waits. */
    uint32_t value;
    struct inc_slot slot;
};

/* All values from 'lo' up to but not including 'next' are in use. */
struct hint {
    uint32_t lo;
    uint64_t next;
};

struct space {
    struct hmap_node node;       /* In pool->spaces. */
    struct inc_pool *pool;
    struct uuid uuid;
    struct hmap by_owner, by_value;
    struct hmap waits;
    struct inc_slot any;         /* Units that wait for any value. */
    struct hint *hints;
    size_t n_hints, cap_hints;
};

struct inc_pool {
    struct ovs_list node;        /* In inc->pools. */
    struct inc *inc;
    char *name;
    struct hmap spaces;
    struct hmap by_unit;
    struct ovs_list reserved;
};

struct inc_pool *
inc_pool_create(struct inc *inc, const char *name)
{
    struct inc_pool *pool = xmalloc(sizeof *pool);

    pool->inc = inc;
    pool->name = xstrdup(name);
    hmap_init(&pool->spaces);
    hmap_init(&pool->by_unit);
    ovs_list_init(&pool->reserved);
    ovs_list_push_back(&inc->pools, &pool->node);
    return pool;
}

static struct space *
space_find(const struct inc_pool *pool, struct uuid uuid)
{
    struct space *space;

    HMAP_FOR_EACH_WITH_HASH (space, node, uuid_hash(&uuid), &pool->spaces) {
        if (uuid_equals(&space->uuid, &uuid)) {
            return space;
        }
    }
    return NULL;
}

static struct space *
space_get(struct inc_pool *pool, struct uuid uuid)
{
    struct space *space = space_find(pool, uuid);

    if (space) {
        return space;
    }
    space = xzalloc(sizeof *space);
    space->pool = pool;
    space->uuid = uuid;
    hmap_init(&space->by_owner);
    hmap_init(&space->by_value);
    hmap_init(&space->waits);
    hmap_insert(&pool->spaces, &space->node, uuid_hash(&uuid));
    return space;
}

static struct holding *
holding_by_owner(const struct space *space, const struct uuid *owner)
{
    struct holding *h;

    HMAP_FOR_EACH_WITH_HASH (h, owner_node, uuid_hash(owner),
                             &space->by_owner) {
        if (uuid_equals(&h->owner, owner)) {
            return h;
        }
    }
    return NULL;
}

static struct holding *
holding_by_value(const struct space *space, uint32_t value)
{
    struct holding *h;

    HMAP_FOR_EACH_WITH_HASH (h, value_node, hash_int(value, 0),
                             &space->by_value) {
        if (h->value == value) {
            return h;
        }
    }
    return NULL;
}

static struct wait *
wait_get(struct space *space, uint32_t value, bool create)
{
    uint32_t hash = hash_int(value, 0);
    struct wait *wait;

    HMAP_FOR_EACH_WITH_HASH (wait, node, hash, &space->waits) {
        if (wait->value == value) {
            return wait;
        }
    }
    if (create) {
        wait = xzalloc(sizeof *wait);
        wait->value = value;
        hmap_insert(&space->waits, &wait->node, hash);
    }
    return wait;
}

static void
wait_destroy(struct space *space, struct wait *wait)
{
    hmap_remove(&space->waits, &wait->node);
    slot_destroy(space->pool->inc, &wait->slot);
    free(wait);
}

/* 'value' may be had now, or taken from its owner. */
static void
fire(struct space *space, uint32_t value)
{
    struct inc *inc = space->pool->inc;
    struct wait *wait = wait_get(space, value, false);

    if (wait) {
        slot_fire(inc, &wait->slot, INC_ALL);
        if (!wait->slot.n) {
            wait_destroy(space, wait);
        }
    }
    slot_fire(inc, &space->any, INC_ALL);
}

static void
wait_on(struct inc *inc, struct inc_slot *slot, const struct inc_unit *unit)
{
    slot_add(inc, slot, edge_make(unit->id, inc->gens[unit->id], INC_ALL));
}

/* Takes 'h' out of the hands of its unit or off the list of reservations. */
static void
holding_detach(struct holding *h)
{
    if (h->unit) {
        hmap_remove(&h->space->pool->by_unit, &h->unit_node);
        h->unit = NULL;
    } else {
        ovs_list_remove(&h->list_node);
    }
}

static void
holding_reserve(struct holding *h)
{
    ovs_list_push_back(&h->space->pool->reserved, &h->list_node);
}

static void
holding_attach(struct holding *h, struct inc_unit *unit)
{
    h->unit = unit;
    h->seed = false;
    hmap_insert(&h->space->pool->by_unit, &h->unit_node,
                hash_int(unit->id, 0));
}

static void
holding_unset_value(struct holding *h)
{
    struct space *space = h->space;

    hmap_remove(&space->by_value, &h->value_node);
    for (size_t i = 0; i < space->n_hints; i++) {
        struct hint *hint = &space->hints[i];
        if (h->value >= hint->lo && h->value < hint->next) {
            hint->next = h->value;
        }
    }
}

static void
holding_set_value(struct holding *h, uint32_t value)
{
    h->value = value;
    hmap_insert(&h->space->by_value, &h->value_node, hash_int(value, 0));
}

/* Frees 'h', which is already detached. */
static void
holding_destroy(struct holding *h)
{
    holding_unset_value(h);
    hmap_remove(&h->space->by_owner, &h->owner_node);
    free(h);
}

static struct holding *
holding_create(struct space *space, const struct uuid *owner, uint32_t value)
{
    struct holding *h = xzalloc(sizeof *h);

    h->space = space;
    h->owner = *owner;
    hmap_insert(&space->by_owner, &h->owner_node, uuid_hash(owner));
    holding_set_value(h, value);
    return h;
}

void
inc_pool_seed(struct inc_pool *pool, struct uuid owner, uint32_t value)
{
    inc_pool_seed_in(pool, UUID_ZERO, owner, value);
}

/* Seeds that contradict an earlier one are ignored. */
void
inc_pool_seed_in(struct inc_pool *pool, struct uuid space_uuid,
                 struct uuid owner, uint32_t value)
{
    struct space *space = space_get(pool, space_uuid);

    if (pool->inc->pools_open && !holding_by_owner(space, &owner)
        && !holding_by_value(space, value)) {
        struct holding *h = holding_create(space, &owner, value);
        h->seed = true;
        holding_reserve(h);
    }
}

/* Drops reservations: those by seeds, or all. */
static void
drop_reserved(struct inc_pool *pool, bool all)
{
    struct holding *h, *next;

    LIST_FOR_EACH_SAFE (h, next, list_node, &pool->reserved) {
        if (all || h->seed) {
            struct space *space = h->space;
            uint32_t value = h->value;
            bool seed = h->seed;

            holding_detach(h);
            holding_destroy(h);
            if (seed) {
                fire(space, value);
            }
        }
    }
}

void
inc_pool_unseed_all(struct inc_pool *pool)
{
    drop_reserved(pool, false);
}

void
inc_pools_reset(struct inc *inc)
{
    struct inc_pool *pool;

    LIST_FOR_EACH (pool, node, &inc->pools) {
        struct space *space;

        HMAP_FOR_EACH (space, node, &pool->spaces) {
            struct holding *h, *next;

            HMAP_FOR_EACH_SAFE (h, next, owner_node, &space->by_owner) {
                holding_detach(h);
                holding_destroy(h);
            }
        }
    }
    inc->pools_open = true;
    inc_recompute(inc);
}

/* Returns the lowest free value in lo..hi, or UINT64_MAX. */
static uint64_t
find_free(struct space *space, uint32_t lo, uint32_t hi)
{
    struct hint *hint = NULL;

    for (size_t i = 0; i < space->n_hints; i++) {
        if (space->hints[i].lo == lo) {
            hint = &space->hints[i];
        }
    }
    if (!hint) {
        struct hint new = { lo, lo };
        VEC_PUSH(space->hints, space->n_hints, space->cap_hints, new);
        hint = &space->hints[space->n_hints - 1];
    }
    while (hint->next <= hi && holding_by_value(space, hint->next)) {
        hint->next++;
    }
    return hint->next <= hi ? hint->next : UINT64_MAX;
}

/* Frees a value in lo..hi that only a unit's former execution took. */
static bool
reclaim(struct space *space, uint32_t lo, uint32_t hi)
{
    struct holding *h;

    LIST_FOR_EACH (h, list_node, &space->pool->reserved) {
        if (h->space == space && !h->seed && h->value >= lo && h->value <= hi)
        {
            holding_detach(h);
            holding_destroy(h);
            return true;
        }
    }
    return false;
}

/* Gives 'value' to 'owner', which holds 'h' (or nothing, if null). */
static void
give(struct space *space, struct holding *h, const struct uuid *owner,
     uint32_t value, bool wanted, struct inc_unit *unit)
{
    if (!h) {
        h = holding_create(space, owner, value);
    } else {
        holding_detach(h);
        if (h->value != value) {
            uint32_t old = h->value;
            holding_unset_value(h);
            holding_set_value(h, value);
            fire(space, old);
        } else if (h->wanted && !wanted) {
            fire(space, value);
        }
    }
    holding_attach(h, unit);
    h->wanted = wanted;
    h->taken = true;
}

static bool
take_wanted(struct space *space, const struct uuid *owner, uint32_t want,
            struct inc_unit *unit, struct uuid *holder)
{
    struct inc *inc = space->pool->inc;
    struct holding *h = holding_by_owner(space, owner);
    struct holding *other = holding_by_value(space, want);

    if (other && other != h) {
        if (other->unit && other->wanted) {
            wait_on(inc, &wait_get(space, want, true)->slot, unit);
            if (holder) {
                *holder = other->owner;
            }
            return false;
        }
        if (other->unit) {
            unit_mark(inc, other->unit);
        }
        holding_detach(other);
        holding_destroy(other);
    }
    give(space, h, owner, want, true, unit);
    return true;
}

static bool
take_any(struct space *space, const struct uuid *owner, uint32_t lo,
         uint32_t hi, struct inc_unit *unit, uint32_t *value)
{
    struct holding *h = holding_by_owner(space, owner);
    uint64_t v;

    if (h && h->value >= lo && h->value <= hi) {
        v = h->value;
    } else {
        v = find_free(space, lo, hi);
        if (v > hi && reclaim(space, lo, hi)) {
            v = find_free(space, lo, hi);
        }
        if (v > hi) {
            wait_on(space->pool->inc, &space->any, unit);
            return false;
        }
        h = holding_by_owner(space, owner);
    }
    give(space, h, owner, v, false, unit);
    *value = v;
    return true;
}

bool
inc_pool_value(const struct inc_pool *pool, struct uuid owner,
               uint32_t *value)
{
    const struct space *space = space_find(pool, UUID_ZERO);
    const struct holding *h = space ? holding_by_owner(space, &owner) : NULL;

    if (!h || !h->unit) {
        return false;
    }
    *value = h->value;
    return true;
}

bool
inc_pool_take(struct inc_pool *pool, struct uuid owner, uint32_t want,
              uint32_t lo, uint32_t hi, uint32_t *value, struct uuid *holder)
{
    return inc_pool_take_in(pool, UUID_ZERO, owner, want, lo, hi, value,
                            holder);
}

bool
inc_pool_take_in(struct inc_pool *pool, struct uuid space_uuid,
                 struct uuid owner, uint32_t want, uint32_t lo, uint32_t hi,
                 uint32_t *value, struct uuid *holder)
{
    struct inc_ctx_private *p = inc_ctx__->p;
    struct space *space = space_get(pool, space_uuid);
    struct inc_unit *unit = p->unit;

    ovs_assert(p->inc->rules[unit->rule].rule->flags & INC_SERIAL);
    if (holder) {
        *holder = UUID_ZERO;
    }
    if (p->recorder) {
        /* Only looking. */
        const struct holding *h = holding_by_owner(space, &owner);
        if (h && (!want || h->value == want) && h->value >= lo
            && h->value <= hi) {
            *value = h->value;
            return true;
        }
        return false;
    }
    if (!want) {
        return lo <= hi && take_any(space, &owner, lo, hi, unit, value);
    } else if (want < lo || want > hi) {
        return false;
    }
    *value = want;
    return take_wanted(space, &owner, want, unit, holder);
}

/* 'unit' has run (or died): what it did not take this time it gives back.  The
 * value is anybody's who wants it now, but while others are free its owner may
 * come back for it until the end of the run. */
void
pool_unit_done(struct inc *inc, const struct inc_unit *unit)
{
    struct inc_pool *pool;

    LIST_FOR_EACH (pool, node, &inc->pools) {
        uint32_t hash = hash_int(unit->id, 0);
        struct hmap_node *node = hmap_first_with_hash(&pool->by_unit, hash);

        while (node) {
            struct holding *h = CONTAINER_OF(node, struct holding, unit_node);
            node = hmap_next_with_hash(node);
            if (h->unit != unit) {
                continue;
            }
            if (h->taken && !unit->dead) {
                h->taken = false;
            } else {
                holding_detach(h);
                h->taken = h->wanted = false;
                holding_reserve(h);
                fire(h->space, h->value);
            }
        }
    }
}

/* Frees what nobody came back for. */
void
pool_run_done(struct inc *inc)
{
    struct inc_pool *pool;

    LIST_FOR_EACH (pool, node, &inc->pools) {
        drop_reserved(pool, true);
    }
    inc->pools_open = false;
}

void
pools_destroy(struct inc *inc)
{
    struct inc_pool *pool;

    LIST_FOR_EACH_POP (pool, node, &inc->pools) {
        struct space *space;

        HMAP_FOR_EACH_POP (space, node, &pool->spaces) {
            struct holding *h;
            struct wait *wait, *next;

            HMAP_FOR_EACH_POP (h, owner_node, &space->by_owner) {
                free(h);
            }
            HMAP_FOR_EACH_SAFE (wait, next, node, &space->waits) {
                wait_destroy(space, wait);
            }
            slot_destroy(inc, &space->any);
            hmap_destroy(&space->by_owner);
            hmap_destroy(&space->by_value);
            hmap_destroy(&space->waits);
            free(space->hints);
            free(space);
        }
        hmap_destroy(&pool->spaces);
        hmap_destroy(&pool->by_unit);
        free(pool->name);
        free(pool);
    }
}

/* Number of values that are held. */
void
pool_memory_usage(const struct inc *inc, size_t *n)
{
    const struct inc_pool *pool;

    *n = 0;
    LIST_FOR_EACH (pool, node, &inc->pools) {
        *n += hmap_count(&pool->by_unit);
    }
}
