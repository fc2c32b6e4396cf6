/* Which part of the controller's time one port may take.
 *
 * Each kind of packet has a rate (thread.c).  A port may cause a part of it,
 * so that a tenant's flood does not silence the others. */
#ifndef CONTROLLER_PUNT_LIMIT_H
#define CONTROLLER_PUNT_LIMIT_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ds;
struct limiter;

/* A port gets at most one LIMIT_SHARE-th of the rate of a kind. */
#define LIMIT_SHARE 4

/* Remembers at most 'max' ports, those that have been heard of last. */
struct limiter *limiter_create(size_t max);
void limiter_destroy(struct limiter *);

/* May the port cause one more packet of the kind 'opcode', whose rate is
 * 'rate' packets a second? */
bool limiter_admits(struct limiter *, uint8_t opcode, uint32_t dp_key,
                    uint32_t port_key, unsigned int rate);

/* Appends a line for each port that was limited. */
void limiter_format(const struct limiter *, struct ds *);

#endif /* controller/punt/limit.h */
