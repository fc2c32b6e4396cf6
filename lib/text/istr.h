/* Interned, immutable, reference-counted strings and byte blobs.
 *
 * Equal content means equal pointer, so rows that hold them compare with ==
 * and hash by address.  Interning is thread-safe (sharded locks); reference
 * counts are atomic.
 *
 * Ownership: istr_intern() and friends return a *borrowed* value that stays
 * valid at least until the calling thread's next istr_pool_reset(): each new
 * result is remembered in a thread-local pool that holds one reference.  The
 * engine resets the pools at the end of each rule's commit.  Whoever keeps a
 * value longer takes a reference of its own (istr_ref()); engine rows do that
 * for their STR and BLOB fields. */
#ifndef LIB_TEXT_ISTR_H
#define LIB_TEXT_ISTR_H 1

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "openvswitch/compiler.h"

/* An interned string.  .s is NUL-terminated, or NULL for "no string" (a zeroed
 * istr).  A struct so that a plain char * cannot be stored by mistake. */
typedef struct { const char *s; } istr;

/* An interned blob of plain data (no pointers that need a reference).  .p is
 * suitably aligned for any type, NULL when empty. */
typedef struct { const void *p; } iblob;

istr istr_intern(const char *);                 /* NULL -> {NULL} */
istr istr_intern_n(const char *, size_t n);
istr istr_fmt(const char *fmt, ...) OVS_PRINTF_FORMAT(1, 2);
istr istr_fmt_valist(const char *fmt, va_list) OVS_PRINTF_FORMAT(1, 0);
size_t istr_len(istr);
uint32_t istr_hash(istr);                       /* Of the content. */
static inline bool istr_eq(istr a, istr b) { return a.s == b.s; }
static inline bool istr_is_empty(istr a) { return !a.s || !a.s[0]; }

iblob iblob_intern(const void *, size_t n);     /* n == 0 -> {NULL} */
size_t iblob_size(iblob);                       /* In bytes. */
uint32_t iblob_hash(iblob);
#define IBLOB_N(BLOB, TYPE) (iblob_size(BLOB) / sizeof(TYPE))

void istr_ref(istr);                            /* NULL is fine. */
void istr_unref(istr);
void iblob_ref(iblob);
void iblob_unref(iblob);

/* Drops the calling thread's borrowed references. */
void istr_pool_reset(void);

/* Takes the calling thread's borrowed references away from it, for
 * istr_pool_free() by any thread later, or NULL if there are none. */
struct istr_pool;
struct istr_pool *istr_pool_detach(void);
void istr_pool_free(struct istr_pool *);

/* Number of distinct live values and the bytes they take, for memory/show and
 * leak tests. */
void istr_usage(size_t *n, size_t *bytes);

#endif /* lib/text/istr.h */
