/* OpenFlow flows that the controller wants the integration bridge to have. */
#ifndef CONTROLLER_OUT_OFROW_H
#define CONTROLLER_OUT_OFROW_H 1

#include "lib/inc/inc-table.h"

struct match;
struct ofpbuf;

/* 'match' is what ofmatch_pack() made; 'actions' are in the wire format of
 * OpenFlow 1.5, which is the same for what we want and for what the switch
 * says that it has. */
#define OFROW_FIELDS(K, F, T)                                           \
    K(T, uint16_t, of_table, U16)                                          \
    K(T, uint16_t, priority, U16)                                       \
    K(T, iblob, match, BLOB)                                            \
    F(T, uint32_t, cookie, U32)                                         \
    F(T, bool, conjunctive, BOOL)    /* conjunction() actions only. */  \
    F(T, iblob, actions, BLOB)
INC_TABLE_DECLARE(ofrow, OFROW_FIELDS);

/* Emits a flow (inside a rule).  'ofpacts' are struct ofpact; the cookie is
 * the first 32 bits of the uuid of the southbound row behind it.  Several
 * units may want the same table, priority and match: conjunctions are united,
 * else the flow with the lowest cookie is installed and the others wait at its
 * side. */
void ofrow_emit(uint8_t table, uint16_t priority, const struct match *,
                const struct ofpbuf *ofpacts, uint32_t cookie);

/* A match in canonical form: equal matches are equal blobs. */
iblob ofmatch_pack(const struct match *);
void ofmatch_unpack(iblob, struct match *);

/* Appends the wire format of 'ofpacts' to 'out', and the other way round. */
void ofacts_encode(const struct ofpbuf *ofpacts, struct ofpbuf *out);
void ofacts_decode(iblob, struct ofpbuf *ofpacts);

#endif /* controller/out/ofrow.h */
