/* Small values on their way from one thread to the other.
 *
 * A value starts with its key.  A value that is posted takes the place of an
 * older one with the same key, so that what is under way is bounded and never
 * out of date. */
#ifndef CONTROLLER_PUNT_POST_H
#define CONTROLLER_PUNT_POST_H 1

#include <stdbool.h>
#include <stddef.h>

/* Thread-safe. */
struct post;

/* For values of 'size' bytes, of which the first 'key_size' are the key, which
 * has no padding.  At most 'max' of them wait. */
struct post *post_create(size_t size, size_t key_size, size_t max);
void post_destroy(struct post *);               /* Null is all right. */

/* False if there is no room. */
bool post_put(struct post *, const void *value);

/* Empties the post into '*values', an array to be freed.  Returns how many. */
size_t post_take(struct post *, void *valuesp);
size_t post_n(struct post *);
size_t post_max(const struct post *);

#endif /* controller/punt/post.h */
