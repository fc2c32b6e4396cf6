#ifndef OVN_VERSION_H
#define OVN_VERSION_H 1

#include <stdint.h>

void ovn_set_program_name(const char *argv0);
void ovn_print_version(uint8_t min_ofp, uint8_t max_ofp);
void ovn_print_db_version(const char *db, const char *version);

#endif /* ovn-version.h */
