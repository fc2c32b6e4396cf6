#include <config.h>
#include "text/arena.h"

#include <stdint.h>
#include <string.h>

#include "util.h"

/* Blocks grow, so that a big expression takes few of them and a small one
 * wastes little. */
#define ARENA_MIN_BLOCK 512
#define ARENA_MAX_BLOCK 65536
#define ARENA_ALIGN 16

struct arena_block {
    struct arena_block *next;
    size_t size;                /* Bytes in 'data'. */
    OVS_ALIGNED_VAR(ARENA_ALIGN) uint8_t data[];
};

void
arena_init(struct arena *arena)
{
    *arena = (struct arena) ARENA_INITIALIZER;
}

void
arena_destroy(struct arena *arena)
{
    struct arena_block *block = arena->blocks;

    while (block) {
        struct arena_block *next = block->next;
        free(block);
        block = next;
    }
    arena_init(arena);
}

static void
arena_add_block(struct arena *arena, size_t n)
{
    size_t size = (arena->blocks
                   ? MIN(arena->blocks->size * 2, ARENA_MAX_BLOCK)
                   : ARENA_MIN_BLOCK);
    struct arena_block *block;

    size = MAX(size, n);
    block = xmalloc(sizeof *block + size);
    block->size = size;
    block->next = arena->blocks;
    arena->blocks = block;
    arena->used = 0;
}

void *
arena_alloc(struct arena *arena, size_t n)
{
    n = ROUND_UP(n, ARENA_ALIGN);
    if (!arena->blocks || arena->blocks->size - arena->used < n) {
        arena_add_block(arena, n);
    }

    void *p = arena->blocks->data + arena->used;
    arena->used += n;
    return p;
}

void *
arena_zalloc(struct arena *arena, size_t n)
{
    return memset(arena_alloc(arena, n), 0, n);
}

void *
arena_memdup(struct arena *arena, const void *p, size_t n)
{
    void *copy = arena_alloc(arena, n);

    if (n) {
        memcpy(copy, p, n);
    }
    return copy;
}

char *
arena_strdup(struct arena *arena, const char *s)
{
    return arena_memdup(arena, s, strlen(s) + 1);
}

void
arena_splice(struct arena *dst, struct arena *src)
{
    struct arena_block **tail = &dst->blocks;

    if (!dst->blocks) {
        dst->used = src->used;
    }
    while (*tail) {
        tail = &(*tail)->next;
    }
    *tail = src->blocks;
    arena_init(src);
}

size_t
arena_size(const struct arena *arena)
{
    size_t size = 0;

    for (const struct arena_block *b = arena->blocks; b; b = b->next) {
        size += sizeof *b + b->size;
    }
    return size;
}
