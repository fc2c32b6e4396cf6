/* Packets that a person lets enter at a logical port. */
#ifndef CONTROLLER_INJECT_H
#define CONTROLLER_INJECT_H 1

struct ofpbuf;

/* Makes a message that lets the packet that 'microflow' describes enter at its
 * inport, as if it came from there.  Only between runs of the engine.  Returns
 * null and sets '*msg', the caller's, or returns an error, the caller's too.
 */
char *inject_compose(const char *microflow, struct ofpbuf **msg);

#endif /* controller/inject.h */
