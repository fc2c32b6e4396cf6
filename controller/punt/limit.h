/* Which part of the controller's time, and of the southbound database, one
 * port may take.
 *
 * Each kind of packet has a rate (thread.c).  A port may cause a part of it,
 * so that a tenant's flood does not silence the others; and however many ports
 * flood, those that send little are heard.  What a port makes the controller
 * write to the database is limited far more. */
#ifndef CONTROLLER_PUNT_LIMIT_H
#define CONTROLLER_PUNT_LIMIT_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ds;
struct limiter;

/* A port gets at most one LIMIT_SHARE-th of the rate of a kind, and so many
 * packets a second if others have taken it all. */
#define LIMIT_SHARE 4
#define LIMIT_RESERVE 5

/* News from a port: a second, and at once after some time without any. */
#define LIMIT_NEWS 10
#define LIMIT_NEWS_BURST 250

struct token_bucket;

/* Remembers at most 'max' ports, those that have been heard of last.
 * Thread-safe. */
struct limiter *limiter_create(size_t max);
void limiter_destroy(struct limiter *);

/* May the port cause one more packet of the kind 'opcode', whose rate is
 * 'rate' packets a second?  'all' has 1000 tokens for each packet of the
 * kind. */
bool limiter_admits(struct limiter *, uint8_t opcode, uint32_t dp_key,
                    uint32_t port_key, unsigned int rate,
                    struct token_bucket *all);

/* May the port, by a packet of the kind 'opcode', add or change one more row
 * of the database, for which nobody asked? */
bool limiter_admits_news(struct limiter *, uint8_t opcode, uint32_t dp_key,
                         uint32_t port_key);

/* Appends a line for each port that was limited. */
void limiter_format(struct limiter *, struct ds *);

#endif /* controller/punt/limit.h */
