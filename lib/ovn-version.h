#ifndef OVN_VERSION_H
#define OVN_VERSION_H 1

#include <stdint.h>

/* Says which flows ovn-northd makes and ovn-controller understands, as
 * upstream composes it: package, southbound schema, number of actions and a
 * counter of changes in their encoding. */
#define OVN_INTERNAL_VERSION PACKAGE_VERSION"-21.8.0-82.15"

void ovn_set_program_name(const char *argv0);
void ovn_print_version(uint8_t min_ofp, uint8_t max_ofp);
void ovn_print_db_version(const char *db, const char *version);

#endif /* ovn-version.h */
