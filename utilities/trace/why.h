#ifndef UTILITIES_TRACE_WHY_H
#define UTILITIES_TRACE_WHY_H 1

/* Which northbound row a logical flow comes from.
 *
 * The southbound database has only the first 32 bits of the row's UUID.  The
 * rest is in the northbound database, if we can reach it. */

#include <stdbool.h>

struct net_flow;
struct ovsdb_idl;
struct why;

/* Asks for what is read. */
void why_add_columns(struct ovsdb_idl *);

/* 'idl' is of the northbound database, NULL if that is not reachable, which
 * 'problem' describes. */
struct why *why_create(struct ovsdb_idl *, const char *problem);
void why_destroy(struct why *);

/* A line about the northbound database being out of reach, or NULL. */
const char *why_problem(const struct why *);

/* Returns the row in words, which the caller must free, or NULL if the flow
 * comes from no row. */
char *why_flow(struct why *, const struct net_flow *);

#endif /* utilities/trace/why.h */
