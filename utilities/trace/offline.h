#ifndef UTILITIES_TRACE_OFFLINE_H
#define UTILITIES_TRACE_OFFLINE_H 1

/* Databases in files, "file:PATH".
 *
 * A private ovsdb-server serves a copy of the file, so the file itself is only
 * read.  A file of a member of a cluster is first converted. */

#include <stdbool.h>

struct offline;

bool offline_is_file(const char *db);

/* Serves the database 'db' ("file:PATH").  On success returns NULL, with a
 * handle for offline_stop() in '*offlinep' and the remote to connect to in
 * '*remotep', which belongs to it.  Else returns an error that the caller
 * frees. */
char *offline_start(const char *db, struct offline **offlinep,
                    const char **remotep);
void offline_stop(struct offline *);

#endif /* utilities/trace/offline.h */
