#ifndef UTILITIES_TRACE_SOURCE_H
#define UTILITIES_TRACE_SOURCE_H 1

/* Databases that a program reads: served ones, and files. */

#include <stdbool.h>

struct ovsdb_idl;
struct ovsdb_idl_class;
struct offline;

/* How long to wait for a database without which nothing can be said, and for
 * one that is only nice to have, in milliseconds. */
#define SOURCE_TIMEOUT 30000
#define SOURCE_SHORT_TIMEOUT 5000

/* All zeros: not open. */
struct source {
    const char *name;           /* What the user calls it. */
    const char *remote;         /* Where it is served. */
    const char *database;       /* The name of its schema. */
    struct offline *offline;    /* NULL: not a file. */
    struct ovsdb_idl *idl;
    unsigned int seqno;         /* For the user: of what it made from it. */
};

/* Opens the database 'name', a remote or "file:PATH", which must outlive the
 * source.  With 'retry', the connection is made again when it is lost.  The
 * columns to read are to be named before source_read().  Returns NULL, or an
 * error that the caller frees. */
char *source_open(struct source *, const char *name,
                  const struct ovsdb_idl_class *, bool leader_only,
                  bool retry);
/* Of an open or all-zeros source. */
void source_close(struct source *);

/* Waits up to 'timeout' milliseconds for the whole content.  Returns NULL, or
 * an error that the caller frees. */
char *source_read(struct source *, int timeout);

#endif /* utilities/trace/source.h */
