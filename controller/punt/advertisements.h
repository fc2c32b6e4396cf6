/* Periodic advertisements of router ports that have machines here. */
#ifndef CONTROLLER_PUNT_ADVERTISEMENTS_H
#define CONTROLLER_PUNT_ADVERTISEMENTS_H 1

#include "lib/inc/inc-table.h"

struct post;

#define ADVERTISEMENT_FIELDS(K, F, T)                                   \
    K(T, uint32_t, dp_key, U32)        /* The switch... */              \
    K(T, uint32_t, port_key, U32)      /* ... and the router's port. */ \
    F(T, uint32_t, min, U32)           /* Seconds. */                   \
    F(T, uint32_t, max, U32)                                            \
    F(T, iblob, frame, BLOB)
INC_TABLE_DECLARE(advertisement, ADVERTISEMENT_FIELDS);

extern const struct inc_rule advertise_routers;

/* Moves what has changed to 'post' (of struct advertise_order). */
void advertisements_post(struct post *);

#endif /* controller/punt/advertisements.h */
