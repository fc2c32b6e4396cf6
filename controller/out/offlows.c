#include <config.h>
#include "controller/out/offlows.h"

#include "hash.h"
#include "util.h"

static uint32_t
key_hash(struct offlow_key key)
{
    return hash_pointer(key.match.p, key.table << 16 | key.priority);
}

struct offlow *
offlows_find(const struct hmap *flows, struct offlow_key key)
{
    struct offlow *f;
    HMAP_FOR_EACH_WITH_HASH (f, node, key_hash(key), flows) {
        if (f->key.table == key.table && f->key.priority == key.priority
            && f->key.match.p == key.match.p) {
            return f;
        }
    }
    return NULL;
}

void
offlows_put(struct hmap *flows, struct offlow_key key, iblob actions,
            uint32_t cookie)
{
    struct offlow *f = offlows_find(flows, key);
    if (!f) {
        f = xzalloc(sizeof *f);
        f->key = key;
        iblob_ref(key.match);
        hmap_insert(flows, &f->node, key_hash(key));
    }
    iblob_ref(actions);
    iblob_unref(f->actions);
    f->actions = actions;
    f->cookie = cookie;
}

void
offlows_remove(struct hmap *flows, struct offlow *f)
{
    if (f) {
        hmap_remove(flows, &f->node);
        iblob_unref(f->key.match);
        iblob_unref(f->actions);
        free(f);
    }
}

void
offlows_clear(struct hmap *flows)
{
    struct offlow *f;
    HMAP_FOR_EACH_SAFE (f, node, flows) {
        offlows_remove(flows, f);
    }
}
