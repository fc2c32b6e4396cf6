#ifndef UTILITIES_DETRACE_ROWS_H
#define UTILITIES_DETRACE_ROWS_H 1

/* What rows of the southbound database are, and which northbound rows they
 * come from, in lines for people.
 *
 * An OpenFlow flow has the first 32 bits of the UUID of a southbound row as
 * its cookie. */

#include <stdint.h>

struct ds;
struct ovsdb_idl;
struct rows;
struct why;

/* Asks for what is read of the southbound, northbound and Open vSwitch
 * databases. */
void rows_add_sb_columns(struct ovsdb_idl *);
void rows_add_nb_columns(struct ovsdb_idl *);
void rows_add_vs_columns(struct ovsdb_idl *);

/* 'why' and 'vs' (the Open vSwitch database, or NULL) must live as long as
 * the result. */
struct rows *rows_create(struct ovsdb_idl *sb, struct why *why,
                         struct ovsdb_idl *vs);
void rows_destroy(struct rows *);

/* Appends lines about the rows whose UUIDs start with 'cookie'. */
void rows_put(struct rows *, uint32_t cookie, struct ds *);

#endif /* utilities/detrace/rows.h */
