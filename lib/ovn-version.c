#include <config.h>
#include "ovn-version.h"

#include <stdio.h>

#include "util.h"

/* Sets the global 'program_name' from 'argv0' and our version.  Each program
 * calls it first of all. */
void
ovn_set_program_name(const char *argv0)
{
    ovs_set_program_name(argv0, VERSION);
}

/* Prints the first lines of what --version says: program and version, the
 * library's version and, unless both arguments are 0, the range of OpenFlow
 * versions (numbers of the wire protocol). */
void
ovn_print_version(uint8_t min_ofp, uint8_t max_ofp)
{
    ovs_print_version(min_ofp, max_ofp);
}

/* Prints the line on a database's schema 'version'.  'db' is "SB" or the like
 * in a program that uses several databases, else NULL. */
void
ovn_print_db_version(const char *db, const char *version)
{
    printf("%s%sDB Schema %s\n", db ? db : "", db ? " " : "", version);
}
