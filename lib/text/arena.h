/* Memory that is given back all at once.
 *
 * A parsed expression is hundreds of small objects that live and die
 * together.  An arena takes them from a few large blocks. */

#ifndef TEXT_ARENA_H
#define TEXT_ARENA_H 1

#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *blocks; /* The first one is the one being filled. */
    size_t used;                /* Bytes used in the first block. */
};

#define ARENA_INITIALIZER { NULL, 0 }

void arena_init(struct arena *);
void arena_destroy(struct arena *);

/* Allocates 'n' bytes aligned for any object; never returns null. */
void *arena_alloc(struct arena *, size_t n);
void *arena_zalloc(struct arena *, size_t n);
void *arena_memdup(struct arena *, const void *, size_t n);
char *arena_strdup(struct arena *, const char *);

/* Moves everything that 'src' holds to 'dst' and leaves 'src' empty.  No
 * object changes its address. */
void arena_splice(struct arena *dst, struct arena *src);

/* Bytes of memory that 'arena' occupies, for memory reports. */
size_t arena_size(const struct arena *);

#endif /* text/arena.h */
