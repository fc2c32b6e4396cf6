/* Checks of what actions encode as. */

#ifndef TEST_ACTIONS_H
#define TEST_ACTIONS_H 1

#include <stdint.h>

struct ofpbuf;

/* Converts 'ofpacts' to OpenFlow 1.5 and back, as the switch sees them.  Ends
 * the program if that fails; 'text' is for the message. */
void check_openflow(const char *text, struct ofpbuf *ofpacts);

/* Ends the program if 'spec' is no group. */
void check_group(uint32_t id, const char *spec);

#endif /* test-actions.h */
