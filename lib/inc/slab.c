/* Memory for rows, units and arrays of edges: many, small, of few sizes, and
 * only ever allocated and freed by the main thread.  Without malloc()'s header
 * and rounding, and with what is freed used again for things of the same
 * size. */
#include <config.h>
#include "lib/inc/inc-private.h"

#include <stdlib.h>

#define CHUNK_SIZE (256 * 1024)

/* AddressSanitizer finds more if each thing is malloc()'s. */
#if defined(__SANITIZE_ADDRESS__)
#define SLAB_MAX 0
#else
#define SLAB_MAX ((SLAB_CLASSES - 1) * 8)
#endif

static void
slab_new_chunk(struct slab *slab)
{
    void **chunk = xmalloc(CHUNK_SIZE);
    *chunk = slab->chunks;
    slab->chunks = chunk;
    slab->chunk = (char *) (chunk + 2);
    slab->left = CHUNK_SIZE - 2 * sizeof *chunk;
}

/* Returns 'size' bytes, not initialized, aligned to 8 bytes. */
void *
slab_alloc(struct slab *slab, size_t size)
{
    size = ROUND_UP(size, 8);
    slab->bytes += size;
    if (size > SLAB_MAX) {
        return xmalloc(size);
    }

    size_t class = size / 8;
    void *p = slab->free[class];
    if (p) {
        slab->free[class] = *(void **) p;
        return p;
    }
    if (slab->left < size) {
        slab_new_chunk(slab);
    }
    p = slab->chunk;
    slab->chunk += size;
    slab->left -= size;
    return p;
}

/* Frees what slab_alloc() returned for the same 'size'. */
void
slab_free(struct slab *slab, void *p, size_t size)
{
    if (!p) {
        return;
    }
    size = ROUND_UP(size, 8);
    slab->bytes -= size;
    if (size > SLAB_MAX) {
        free(p);
    } else {
        *(void **) p = slab->free[size / 8];
        slab->free[size / 8] = p;
    }
}

/* Frees all small things at once.  Large ones must have been freed. */
void
slab_destroy(struct slab *slab)
{
    void **chunk = slab->chunks;
    while (chunk) {
        void **next = *chunk;
        free(chunk);
        chunk = next;
    }
    *slab = (struct slab) { .chunk = NULL };
}
