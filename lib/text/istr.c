#include <config.h>
#include "lib/text/istr.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "openvswitch/compiler.h"
#include "openvswitch/util.h"
#include "ovs-thread.h"
#include "util.h"

/* A value.  The content follows; for a string, with a null byte.  32 bytes, so
 * that blobs are as well aligned as malloc()'s memory. */
struct node {
    struct node *next;           /* In the shard's chain. */
    uint64_t refs;               /* Atomic.  Drops to 0 only with the lock. */
    uint32_t hash;               /* Of the content. */
    uint32_t len;                /* Bytes of content. */
    uint64_t is_blob;
};
BUILD_ASSERT_DECL(sizeof(struct node) % 16 == 0);

/* Values are spread over shards, so that threads rarely meet at a lock. */
#define N_SHARDS 64
struct shard {
    pthread_mutex_t mutex;
    struct node **chains;        /* 'mask' + 1 of them. */
    size_t mask;
    size_t n;
    size_t bytes;
};
static struct shard shards[N_SHARDS];

/* What a thread borrowed: one reference for each element. */
struct istr_pool {
    size_t n, cap;
    struct node *nodes[];
};
static __thread struct istr_pool *pool;
static pthread_key_t pool_key;   /* Frees the pool of a thread that ends. */

static void
pool_destructor(void *unused OVS_UNUSED)
{
    istr_pool_free(istr_pool_detach());
}

OVS_CONSTRUCTOR(istr_init)
{
    for (size_t i = 0; i < N_SHARDS; i++) {
        pthread_mutex_init(&shards[i].mutex, NULL);
    }
    pthread_key_create(&pool_key, pool_destructor);
}

static struct shard *
shard_of(uint32_t hash)
{
    return &shards[hash & (N_SHARDS - 1)];
}

static struct node **
chain_of(const struct shard *shard, uint32_t hash)
{
    return &shard->chains[hash / N_SHARDS & shard->mask];
}

static struct node *
node_from_content(const void *content)
{
    return (struct node *) CONST_CAST(void *, content) - 1;
}

static void *
node_content(struct node *node)
{
    return node + 1;
}

static size_t
node_bytes(const struct node *node)
{
    return sizeof *node + node->len + !node->is_blob;
}

static void
shard_grow(struct shard *shard)
{
    struct shard new = *shard;

    new.mask = shard->chains ? shard->mask * 2 + 1 : 15;
    new.chains = xcalloc(new.mask + 1, sizeof *new.chains);
    for (size_t i = 0; shard->chains && i <= shard->mask; i++) {
        struct node *node = shard->chains[i];
        while (node) {
            struct node *next = node->next;
            struct node **chain = chain_of(&new, node->hash);
            node->next = *chain;
            *chain = node;
            node = next;
        }
    }
    free(shard->chains);
    shard->chains = new.chains;
    shard->mask = new.mask;
}

static void
node_unref(struct node *node)
{
    uint64_t refs = __atomic_load_n(&node->refs, __ATOMIC_RELAXED);
    while (refs > 1) {
        if (__atomic_compare_exchange_n(&node->refs, &refs, refs - 1, true,
                                        __ATOMIC_RELEASE, __ATOMIC_RELAXED)) {
            return;
        }
    }

    /* Perhaps the last reference.  A lookup may be about to revive it, so this
     * needs the lock. */
    struct shard *shard = shard_of(node->hash);
    pthread_mutex_lock(&shard->mutex);
    if (__atomic_sub_fetch(&node->refs, 1, __ATOMIC_ACQ_REL)) {
        node = NULL;
    } else {
        struct node **p = chain_of(shard, node->hash);
        while (*p != node) {
            p = &(*p)->next;
        }
        *p = node->next;
        shard->bytes -= node_bytes(node);
        if (!--shard->n) {
            /* Nothing is left behind at exit. */
            free(shard->chains);
            shard->chains = NULL;
            shard->mask = 0;
        }
    }
    pthread_mutex_unlock(&shard->mutex);
    free(node);
}

static void
pool_add(struct node *node)
{
    if (!pool || pool->n == pool->cap) {
        size_t cap = pool ? pool->cap * 2 : 64;
        if (!pool) {
            pthread_setspecific(pool_key, &pool_key);
        }
        size_t n = pool ? pool->n : 0;
        pool = xrealloc(pool, sizeof *pool + cap * sizeof pool->nodes[0]);
        pool->n = n;
        pool->cap = cap;
    }
    pool->nodes[pool->n++] = node;
}

/* Returns the value with the given content, with a reference in the thread's
 * pool. */
static struct node *
intern(const void *content, size_t len, bool is_blob)
{
    ovs_assert(len < UINT32_MAX);
    uint32_t hash = hash_bytes(content, len, 0);
    struct shard *shard = shard_of(hash);
    struct node *node = NULL;

    pthread_mutex_lock(&shard->mutex);
    if (shard->chains) {
        for (node = *chain_of(shard, hash); node; node = node->next) {
            if (node->hash == hash && node->len == len
                && node->is_blob == is_blob
                && !memcmp(node_content(node), content, len)) {
                break;
            }
        }
    }
    if (node) {
        __atomic_add_fetch(&node->refs, 1, __ATOMIC_RELAXED);
    } else {
        if (!shard->chains || shard->n > shard->mask) {
            shard_grow(shard);
        }
        node = xmalloc(sizeof *node + len + !is_blob);
        struct node **chain = chain_of(shard, hash);
        *node = (struct node) {
            .next = *chain, .refs = 1, .hash = hash, .len = len,
            .is_blob = is_blob,
        };
        char *copy = node_content(node);
        memcpy(copy, content, len);
        if (!is_blob) {
            copy[len] = '\0';
        }
        *chain = node;
        shard->n++;
        shard->bytes += node_bytes(node);
    }
    pthread_mutex_unlock(&shard->mutex);

    pool_add(node);
    return node;
}

/* Returns the interned string equal to 's', borrowed; {NULL} for NULL. */
istr
istr_intern(const char *s)
{
    return s ? istr_intern_n(s, strlen(s)) : (istr) { NULL };
}

/* Returns the interned string of the 'n' bytes at 's', none of which is null,
 * borrowed. */
istr
istr_intern_n(const char *s, size_t n)
{
    return (istr) { node_content(intern(s, n, false)) };
}

/* Returns the interned string that 'fmt' makes, borrowed. */
istr
istr_fmt(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    istr s = istr_fmt_valist(fmt, args);
    va_end(args);
    return s;
}

istr
istr_fmt_valist(const char *fmt, va_list args_)
{
    char stub[1024];
    va_list args;

    va_copy(args, args_);
    int n = vsnprintf(stub, sizeof stub, fmt, args);
    va_end(args);
    ovs_assert(n >= 0);
    if (n < sizeof stub) {
        return istr_intern_n(stub, n);
    }

    char *big = xvasprintf(fmt, args_);
    istr s = istr_intern_n(big, n);
    free(big);
    return s;
}

/* Length in bytes; 0 for {NULL}. */
size_t
istr_len(istr s)
{
    return s.s ? node_from_content(s.s)->len : 0;
}

/* hash_bytes() of the content, which was computed when it was interned. */
uint32_t
istr_hash(istr s)
{
    return s.s ? node_from_content(s.s)->hash : 0;
}

/* Returns the interned blob equal to the 'n' bytes at 'p', borrowed; {NULL} if
 * 'n' is 0. */
iblob
iblob_intern(const void *p, size_t n)
{
    return (iblob) { n ? node_content(intern(p, n, true)) : NULL };
}

size_t
iblob_size(iblob b)
{
    return b.p ? node_from_content(b.p)->len : 0;
}

uint32_t
iblob_hash(iblob b)
{
    return b.p ? node_from_content(b.p)->hash : 0;
}

static void
content_ref(const void *content)
{
    if (content) {
        __atomic_add_fetch(&node_from_content(content)->refs, 1,
                           __ATOMIC_RELAXED);
    }
}

static void
content_unref(const void *content)
{
    if (content) {
        node_unref(node_from_content(content));
    }
}

/* Takes a reference of one's own. */
void
istr_ref(istr s)
{
    content_ref(s.s);
}

/* Drops a reference that istr_ref() took. */
void
istr_unref(istr s)
{
    content_unref(s.s);
}

void
iblob_ref(iblob b)
{
    content_ref(b.p);
}

void
iblob_unref(iblob b)
{
    content_unref(b.p);
}

void
istr_pool_reset(void)
{
    if (pool) {
        for (size_t i = 0; i < pool->n; i++) {
            node_unref(pool->nodes[i]);
        }
        pool->n = 0;
        if (pool->cap > 65536) {
            /* A rare burst.  Don't keep its memory. */
            free(pool);
            pool = NULL;
        }
    }
}

struct istr_pool *
istr_pool_detach(void)
{
    struct istr_pool *p = pool;
    pool = NULL;
    return p;
}

void
istr_pool_free(struct istr_pool *p)
{
    if (p) {
        for (size_t i = 0; i < p->n; i++) {
            node_unref(p->nodes[i]);
        }
        free(p);
    }
}

void
istr_usage(size_t *n, size_t *bytes)
{
    *n = *bytes = 0;
    for (size_t i = 0; i < N_SHARDS; i++) {
        struct shard *shard = &shards[i];
        pthread_mutex_lock(&shard->mutex);
        *n += shard->n;
        *bytes += shard->bytes;
        if (shard->chains) {
            *bytes += (shard->mask + 1) * sizeof *shard->chains;
        }
        pthread_mutex_unlock(&shard->mutex);
    }
}
