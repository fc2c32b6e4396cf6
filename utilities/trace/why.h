#ifndef UTILITIES_TRACE_WHY_H
#define UTILITIES_TRACE_WHY_H 1

/* Which northbound row a logical flow comes from.
 *
 * The southbound database has only the first 32 bits of the row's UUID.  The
 * rest is in the northbound database, if we can reach it. */

#include <stdbool.h>
#include <stddef.h>

struct ds;
struct ovsdb_idl;
struct ovsdb_idl_row;
struct sbrec_logical_flow;
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
char *why_flow(struct why *, const struct sbrec_logical_flow *);

/* The rows whose UUIDs start with the digits 'hint', which a flow has as
 * "stage-hint"; may be NULL.  Returns their number; the caller frees
 * '*rowsp'. */
size_t why_rows(const struct why *, const char *hint,
                const struct ovsdb_idl_row ***rowsp);

/* Appends one of these in words. */
void why_put_row(const struct why *, const struct ovsdb_idl_row *,
                 struct ds *);

#endif /* utilities/trace/why.h */
