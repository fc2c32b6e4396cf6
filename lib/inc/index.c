/* Indexes: rows by computed keys. */
#include <config.h>
#include "lib/inc/inc-private.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"

/* ---- Keys of a row. ---- */

void
inc_keys_add(struct inc_keys *keys, const void *p, size_t len)
{
    struct key key = {
        .p = (const void *) keys->n_bytes, .len = len,
        .hash = hash_bytes(p, len, 0),
    };

    VEC_PUSH(keys->keys, keys->n, keys->cap, key);
    if (keys->n_bytes + len > keys->cap_bytes) {
        keys->cap_bytes = (keys->n_bytes + len) * 2;
        keys->bytes = xrealloc(keys->bytes, keys->cap_bytes);
    }
    if (len) {
        memcpy(keys->bytes + keys->n_bytes, p, len);
    }
    keys->n_bytes += len;
}

static int
key_cmp(const struct key *a, const struct key *b)
{
    if (a->hash != b->hash) {
        return a->hash < b->hash ? -1 : 1;
    } else if (a->len != b->len) {
        return a->len < b->len ? -1 : 1;
    } else {
        return a->len ? memcmp(a->p, b->p, a->len) : 0;
    }
}

static int
key_cmp_cb(const void *a, const void *b)
{
    return key_cmp(a, b);
}

/* Fills 'keys' with the keys that a row (or value) 'v' has in 'index', sorted,
 * each once. */
void
index_collect(struct inc_index *index, const void *v, struct inc_keys *keys)
{
    keys->n = keys->n_bytes = 0;
    index->keys(v, keys);
    for (size_t i = 0; i < keys->n; i++) {
        keys->keys[i].p = keys->bytes + (size_t) keys->keys[i].p;
    }
    if (keys->n > 1) {
        qsort(keys->keys, keys->n, sizeof *keys->keys, key_cmp_cb);
        size_t n = 1;
        for (size_t i = 1; i < keys->n; i++) {
            if (key_cmp(&keys->keys[n - 1], &keys->keys[i])) {
                keys->keys[n++] = keys->keys[i];
            }
        }
        keys->n = n;
    }
}

void
keys_destroy(struct inc_keys *keys)
{
    free(keys->keys);
    free(keys->bytes);
}

/* ---- Buckets. ---- */

static struct inc_bucket *
find_in(const struct hmap *map, const void *key, size_t len, uint32_t hash)
{
    struct inc_bucket *bucket;

    HMAP_FOR_EACH_WITH_HASH (bucket, node, hash, map) {
        if (bucket->len == len && !(len && memcmp(bucket->key, key, len))) {
            return bucket;
        }
    }
    return NULL;
}

/* Returns the bucket for a key with the given hash, NULL if there is none. */
struct inc_bucket *
index_lookup(const struct inc_index *index, const void *key, size_t len,
             uint32_t hash)
{
    return find_in(&index->rt->buckets, key, len, hash);
}

static struct inc_bucket *
bucket_create(struct inc_index *index, struct hmap *map, const void *key,
              size_t len, uint32_t hash)
{
    struct inc_bucket *bucket = xzalloc(sizeof *bucket + len);

    bucket->index = index;
    bucket->len = len;
    if (len) {
        memcpy(bucket->key, key, len);
    }
    hmap_insert(map, &bucket->node, hash);
    return bucket;
}

static struct inc_bucket *
bucket_get(struct inc_index *index, const void *key, size_t len, uint32_t hash)
{
    struct inc_bucket *bucket = index_lookup(index, key, len, hash);
    if (!bucket) {
        bucket = bucket_create(index, &index->rt->buckets, key, len, hash);
        index->rt->n_empty++;
    }
    return bucket;
}

static size_t
bucket_n(const struct inc_bucket *bucket)
{
    return bucket->n - bucket->n_removed;
}

static bool
is_removed(const struct inc_row *row)
{
    return (uintptr_t) row & 1;
}

static const struct inc_row *
without_tag(const struct inc_row *row)
{
    return (const struct inc_row *) ((uintptr_t) row & ~(uintptr_t) 1);
}

static const struct inc_row **
bucket_array(struct inc_bucket *bucket)
{
    return bucket->cap ? bucket->many : &bucket->one;
}

/* Returns the members of a settled bucket. */
const struct inc_row *const *
bucket_rows(const struct inc_bucket *bucket)
{
    return bucket->cap ? bucket->many : &bucket->one;
}

static void
bucket_unsettle(struct inc_bucket *bucket)
{
    struct inc *inc = bucket->index->rt->inc;

    if (!bucket->unsettled) {
        bucket->unsettled = true;
        VEC_PUSH(inc->unsettled, inc->n_unsettled, inc->cap_unsettled,
                 bucket);
    }
}

static void
bucket_add(struct inc_bucket *bucket, const struct inc_row *row)
{
    if (!bucket_n(bucket)) {
        bucket->index->rt->n_empty--;
    }
    if (!bucket->cap && !bucket->n) {
        bucket->one = row;
        bucket->n = 1;
    } else {
        if (!bucket->cap) {
            const struct inc_row *one = bucket->one;
            bucket->cap = 4;
            bucket->many = xmalloc(bucket->cap * sizeof *bucket->many);
            bucket->many[0] = one;
        } else if (bucket->n == bucket->cap) {
            bucket->cap = bucket->cap * 3 / 2;
            bucket->many = xrealloc(bucket->many,
                                    bucket->cap * sizeof *bucket->many);
        }
        bucket->many[bucket->n++] = row;
    }
    bucket_unsettle(bucket);
}

/* Returns the position of 'row' among the sorted elements, or where it would
 * go.  'row' itself may be tagged as removed there. */
static size_t
bucket_search(struct inc_bucket *bucket, const struct inc_row *row)
{
    const struct inc_row **rows = bucket_array(bucket);
    size_t lo = 0, hi = bucket->n_sorted;

    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (row_cmp(without_tag(rows[mid]), row) < 0) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo;
}

/* Returns true if 'row' is a member of 'bucket', which is settled. */
bool
bucket_contains(const struct inc_bucket *bucket_, const struct inc_row *row)
{
    struct inc_bucket *bucket = CONST_CAST(struct inc_bucket *, bucket_);
    size_t i = bucket_search(bucket, row);
    return i < bucket->n && bucket_rows(bucket)[i] == row;
}

static int
rows_cmp_cb(const void *a_, const void *b_)
{
    const struct inc_row *const *a = a_;
    const struct inc_row *const *b = b_;
    return row_cmp(*a, *b);
}

/* Drops removed elements and puts the others in order. */
static void
bucket_sort(struct inc_bucket *bucket)
{
    const struct inc_row **rows = bucket_array(bucket);
    uint32_t n = bucket->n, n_sorted = bucket->n_sorted;

    bucket->n_shifted = 0;
    if (bucket->n_removed) {
        n = n_sorted = 0;
        for (uint32_t i = 0; i < bucket->n; i++) {
            if (!is_removed(rows[i])) {
                rows[n++] = rows[i];
                n_sorted += i < bucket->n_sorted;
            }
        }
    }
    bucket->n = n;
    bucket->n_removed = 0;

    if (n - n_sorted <= 4) {
        /* A few more: insert each. */
        for (bucket->n_sorted = n_sorted; bucket->n_sorted < n;
             bucket->n_sorted++) {
            const struct inc_row *row = rows[bucket->n_sorted];
            size_t pos = bucket_search(bucket, row);
            memmove(&rows[pos + 1], &rows[pos],
                    (bucket->n_sorted - pos) * sizeof *rows);
            rows[pos] = row;
        }
    } else {
        qsort(rows, n, sizeof *rows, rows_cmp_cb);
        bucket->n_sorted = n;
    }
    if (!n && bucket->cap) {
        free(bucket->many);
        bucket->many = NULL;
        bucket->cap = 0;
    }
}

static void
bucket_remove(struct inc_bucket *bucket, const struct inc_row *row)
{
    const struct inc_row **rows = bucket_array(bucket);
    uint32_t i = bucket_search(bucket, row);

    if (i >= bucket->n_sorted || rows[i] != row) {
        /* Added since the bucket was in order. */
        for (i = bucket->n_sorted; rows[i] != row; i++) {
            ovs_assert(i + 1 < bucket->n);
        }
    }
    if (bucket->n_shifted < 4 && i < bucket->n_sorted) {
        /* The first few go at once. */
        bucket->n--;
        bucket->n_sorted--;
        bucket->n_shifted++;
        memmove(&rows[i], &rows[i + 1], (bucket->n - i) * sizeof *rows);
    } else {
        rows[i] = (const struct inc_row *) ((uintptr_t) row | 1);
        bucket->n_removed++;
    }
    if (!bucket_n(bucket)) {
        bucket->index->rt->n_empty++;
    }
    bucket_unsettle(bucket);
}

static void
bucket_settle(struct inc *inc, struct inc_bucket *bucket)
{
    struct inc_index_rt *rt = bucket->index->rt;

    bucket->unsettled = false;
    bucket_sort(bucket);
    slot_fire(inc, &bucket->slot, MEMBERS);
    if (rt->n_drives) {
        /* The first member decides about the place of the units. */
        units_reorder(bucket->units);
        if (bucket->n && !bucket->units) {
            units_create(inc, rt->drives, rt->n_drives, bucket,
                         &bucket->units);
        } else if (!bucket->n && bucket->units) {
            units_kill(inc, &bucket->units);
        }
    }
}

/* Brings what changed in buckets in order and runs their readers. */
void
index_settle(struct inc *inc)
{
    for (size_t i = 0; i < inc->n_unsettled; i++) {
        bucket_settle(inc, inc->unsettled[i]);
    }
    inc->n_unsettled = 0;
}

static void
bucket_destroy(struct inc_bucket *bucket)
{
    slot_destroy(bucket->index->rt->inc, &bucket->slot);
    if (bucket->cap) {
        free(bucket->many);
    }
    free(bucket);
}

/* ---- Rows come, change and go. ---- */

/* Moves 'row' from buckets for 'old' keys to those for 'new' ones. */
static void
index_move(struct inc_index *index, struct inc_row *row,
           const struct inc_keys *old, const struct inc_keys *new)
{
    size_t i = 0, j = 0;

    while (i < old->n || j < new->n) {
        int cmp = (i >= old->n ? 1 : j >= new->n ? -1
                   : key_cmp(&old->keys[i], &new->keys[j]));
        const struct key *key = cmp <= 0 ? &old->keys[i] : &new->keys[j];
        if (cmp) {
            struct inc_bucket *bucket = bucket_get(index, key->p, key->len,
                                                   key->hash);
            if (cmp < 0) {
                bucket_remove(bucket, row);
            } else {
                bucket_add(bucket, row);
            }
        }
        i += cmp <= 0;
        j += cmp >= 0;
    }
}

static bool
has_memberships(const struct inc_row *row)
{
    return !row->table->value_size;
}

/* Fills 'keys' with the keys under which 'row', which has no value struct, is
 * found in 'index'. */
static void
membership_keys(const struct inc_row *row, const struct inc_index *index,
                struct inc_keys *keys)
{
    const struct memberships *ms = row->contribs;

    keys->n = keys->n_bytes = 0;
    for (size_t i = 0; ms && i < ms->n; i++) {
        const struct inc_bucket *b = ms->buckets[i];
        if (b->index == index) {
            struct key key = {
                .p = b->key, .len = b->len, .hash = b->node.hash
            };
            VEC_PUSH(keys->keys, keys->n, keys->cap, key);
        }
    }
}

/* Replaces what 'row' has in its list of buckets for 'index' by 'new'. */
static void
memberships_replace(struct inc_row *row, const struct inc_index *index,
                    const struct inc_keys *new)
{
    struct memberships *old = row->contribs;
    size_t n = new->n;
    for (size_t i = 0; old && i < old->n; i++) {
        n += old->buckets[i]->index != index;
    }

    struct memberships *ms = NULL;
    if (n) {
        ms = xmalloc(sizeof *ms + n * sizeof ms->buckets[0]);
        ms->n = 0;
        for (size_t i = 0; old && i < old->n; i++) {
            if (old->buckets[i]->index != index) {
                ms->buckets[ms->n++] = old->buckets[i];
            }
        }
        for (size_t i = 0; i < new->n; i++) {
            const struct key *key = &new->keys[i];
            ms->buckets[ms->n++] = index_lookup(index, key->p, key->len,
                                                key->hash);
        }
    }
    free(old);
    row->contribs = ms;
}

/* Brings 'row' where it belongs in 'index'.  'old' and 'new' are what the
 * index's function takes, NULL for none. */
static void
index_update(struct inc_index *index, struct inc_row *row, const void *old,
             const void *new)
{
    struct inc_keys *keys = index->rt->inc->keys;

    keys[0].n = keys[1].n = 0;
    if (has_memberships(row)) {
        membership_keys(row, index, &keys[0]);
    } else if (old) {
        index_collect(index, old, &keys[0]);
    }
    if (new) {
        index_collect(index, new, &keys[1]);
    }
    index_move(index, row, &keys[0], &keys[1]);
    if (has_memberships(row)) {
        memberships_replace(row, index, &keys[1]);
    }
}

static const void *
index_arg(const struct inc_row *row)
{
    return row->table->value_size ? inc_value(row) : row;
}

void
index_row_inserted(struct inc_row *row)
{
    const struct inc_table_rt *rt = row->table->rt;

    for (size_t i = 0; i < rt->n_indexes; i++) {
        index_update(rt->indexes[i], row, NULL, index_arg(row));
    }
}

/* 'old' is the value before, or NULL if the table has no value struct. */
void
index_row_changed(struct inc_row *row, const void *old, uint32_t mask)
{
    const struct inc_table_rt *rt = row->table->rt;

    for (size_t i = 0; i < rt->n_indexes; i++) {
        if (rt->indexes[i]->mask & mask) {
            index_update(rt->indexes[i], row, old, index_arg(row));
        }
    }
}

void
index_row_deleted(struct inc_row *row, const void *old)
{
    const struct inc_table_rt *rt = row->table->rt;

    for (size_t i = 0; i < rt->n_indexes; i++) {
        index_update(rt->indexes[i], row, old, NULL);
    }
}

/* ---- Reading. ---- */

const struct inc_bucket *
inc_find(struct inc_index *index, const void *key, size_t len)
{
    struct inc_index_rt *rt = index->rt;
    struct inc_ctx *ctx = inc_ctx__;
    uint32_t hash = hash_bytes(key, len, 0);
    struct inc_bucket *bucket = index_lookup(index, key, len, hash);

    if (!bucket && rt->inc->parallel) {
        pthread_mutex_lock(&rt->mutex);
        bucket = find_in(&rt->fresh, key, len, hash);
        if (!bucket) {
            bucket = bucket_create(index, &rt->fresh, key, len, hash);
        }
        pthread_mutex_unlock(&rt->mutex);
    } else if (!bucket) {
        bucket = bucket_get(index, key, len, hash);
    }
    if (ctx && !inc_has_seen__(ctx, inc_seen__(ctx, &bucket->slot),
                               &bucket->slot, HELD)) {
        read_log(ctx, &bucket->slot, HELD, index->table, READ_BUCKET, bucket);
    }
    return bucket;
}

/* Takes over the buckets that threads made. */
void
index_merge_fresh(struct inc *inc)
{
    for (size_t i = 0; i < inc->n_indexes; i++) {
        struct inc_index_rt *rt = inc->indexes[i]->rt;
        struct inc_bucket *bucket;

        HMAP_FOR_EACH_POP (bucket, node, &rt->fresh) {
            hmap_insert(&rt->buckets, &bucket->node, bucket->node.hash);
            rt->n_empty++;
        }
    }
}

/* Tracks a look at the members, which are in order afterwards. */
static void
bucket_read(const struct inc_bucket *bucket_)
{
    struct inc_bucket *bucket = CONST_CAST(struct inc_bucket *, bucket_);
    struct inc_ctx *ctx = inc_ctx__;

    if (!ctx) {
        if (bucket->n_removed || bucket->n_sorted < bucket->n) {
            /* Between runs.  It remains for the next run to settle. */
            bucket_sort(bucket);
        }
    } else if (!inc_has_seen__(ctx, inc_seen__(ctx, &bucket->slot),
                               &bucket->slot, MEMBERS)) {
        read_log(ctx, &bucket->slot, MEMBERS, bucket->index->table,
                 READ_BUCKET, bucket);
    }
}

size_t
inc_bucket_n(const struct inc_bucket *bucket)
{
    bucket_read(bucket);
    return bucket->n;
}

const void *
inc_bucket_at(const struct inc_bucket *bucket, size_t i)
{
    bucket_read(bucket);
    ovs_assert(i < bucket->n);
    return bucket_rows(bucket)[i];
}

const void *
inc_bucket_next__(const struct inc_bucket *bucket, size_t i)
{
    bucket_read(bucket);
    return i < bucket->n ? bucket_rows(bucket)[i] : NULL;
}

const void *
inc_bucket_first(const struct inc_bucket *bucket)
{
    return inc_bucket_next__(bucket, 0);
}

const void *
inc_bucket_key(const struct inc_bucket *bucket, size_t *len)
{
    if (len) {
        *len = bucket->len;
    }
    return bucket->key;
}

size_t
inc_bucket_n_untracked(const struct inc_bucket *bucket)
{
    return bucket_n(bucket);
}

const struct inc_row *
inc_bucket_at_untracked(const struct inc_bucket *bucket, size_t i)
{
    ovs_assert(!bucket->n_removed && i < bucket->n);
    return bucket_rows(bucket)[i];
}

struct inc_index *
inc_bucket_index(const struct inc_bucket *bucket)
{
    return bucket->index;
}

/* ---- Life of an index. ---- */

void
index_init(struct inc_index *index, struct inc *inc)
{
    struct inc_index_rt *rt = index->rt = xzalloc(sizeof *rt);

    rt->inc = inc;
    hmap_init(&rt->buckets);
    hmap_init(&rt->fresh);
    pthread_mutex_init(&rt->mutex, NULL);
    rt->gc_threshold = 64;
}

void
index_destroy(struct inc_index *index)
{
    struct inc_index_rt *rt = index->rt;
    struct inc_bucket *bucket;

    ovs_assert(hmap_is_empty(&rt->fresh));
    HMAP_FOR_EACH_POP (bucket, node, &rt->buckets) {
        bucket_destroy(bucket);
    }
    hmap_destroy(&rt->buckets);
    hmap_destroy(&rt->fresh);
    pthread_mutex_destroy(&rt->mutex);
    free(rt->drives);
    free(rt);
    index->rt = NULL;
}

/* Frees buckets that have no member and that nobody holds.  Looks at all of an
 * index only when there are many empty ones in proportion, and again when
 * there are twice as many as it left. */
void
index_gc(struct inc *inc)
{
    for (size_t i = 0; i < inc->n_indexes; i++) {
        struct inc_index_rt *rt = inc->indexes[i]->rt;
        struct inc_bucket *bucket, *next;

        if (rt->n_empty <= rt->gc_threshold
            || rt->n_empty < hmap_count(&rt->buckets) / 8) {
            continue;
        }
        HMAP_FOR_EACH_SAFE (bucket, next, node, &rt->buckets) {
            if (!bucket->n && !bucket->units && !bucket->unsettled
                && !slot_sweep(inc, &bucket->slot)) {
                hmap_remove(&rt->buckets, &bucket->node);
                bucket_destroy(bucket);
                rt->n_empty--;
            }
        }
        rt->gc_threshold = MAX(64, rt->n_empty * 2);
    }
}
