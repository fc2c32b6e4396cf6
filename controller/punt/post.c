#include <config.h>
#include "controller/punt/post.h"

#include "hash.h"
#include "openvswitch/hmap.h"
#include "openvswitch/thread.h"
#include "util.h"

struct item {
    struct hmap_node node;
    uint8_t value[];
};

struct post {
    struct ovs_mutex mutex;
    struct hmap items OVS_GUARDED;     /* Contains "struct item"s. */
    size_t size, key_size, max;
};

struct post *
post_create(size_t size, size_t key_size, size_t max)
{
    struct post *post = xmalloc(sizeof *post);
    ovs_mutex_init(&post->mutex);
    hmap_init(&post->items);
    post->size = size;
    post->key_size = key_size;
    post->max = max;
    return post;
}

void
post_destroy(struct post *post)
{
    void *values;

    if (post) {
        post_take(post, &values);
        free(values);
        hmap_destroy(&post->items);
        ovs_mutex_destroy(&post->mutex);
        free(post);
    }
}

static struct item *
find(struct post *post, const void *value, uint32_t hash)
    OVS_REQUIRES(post->mutex)
{
    struct item *item;

    HMAP_FOR_EACH_WITH_HASH (item, node, hash, &post->items) {
        if (!memcmp(item->value, value, post->key_size)) {
            return item;
        }
    }
    return NULL;
}

bool
post_put(struct post *post, const void *value)
{
    uint32_t hash = hash_bytes(value, post->key_size, 0);
    bool ok = true;

    ovs_mutex_lock(&post->mutex);
    struct item *item = find(post, value, hash);
    if (!item && hmap_count(&post->items) < post->max) {
        item = xmalloc(sizeof *item + post->size);
        hmap_insert(&post->items, &item->node, hash);
    }
    if (item) {
        memcpy(item->value, value, post->size);
    } else {
        ok = false;
    }
    ovs_mutex_unlock(&post->mutex);
    return ok;
}

size_t
post_take(struct post *post, void *valuesp)
{
    struct hmap taken = HMAP_INITIALIZER(&taken);
    struct item *item;
    size_t n = 0;

    ovs_mutex_lock(&post->mutex);
    hmap_swap(&taken, &post->items);
    ovs_mutex_unlock(&post->mutex);

    uint8_t *values = xmalloc(hmap_count(&taken) * post->size);
    HMAP_FOR_EACH_POP (item, node, &taken) {
        memcpy(values + n++ * post->size, item->value, post->size);
        free(item);
    }
    hmap_destroy(&taken);
    *(void **) valuesp = values;
    return n;
}

size_t
post_n(struct post *post)
{
    ovs_mutex_lock(&post->mutex);
    size_t n = hmap_count(&post->items);
    ovs_mutex_unlock(&post->mutex);
    return n;
}

size_t
post_max(const struct post *post)
{
    return post->max;
}
