/* IPv6 prefix delegation (RFC 8415, 6.3): a gateway port asks for prefixes,
 * other ports of its router get them. */
#ifndef NORTHD_MODEL_PREFIXES_H
#define NORTHD_MODEL_PREFIXES_H 1

#include <stdbool.h>
#include "lib/text/istr.h"

struct db_map;
struct nb_logical_router_port;
struct port;

/* Does the chassis of this router port ask for prefixes there? */
bool prefixes_are_asked_at(const struct port *lrp_port);
/* Calls 'add' for each prefix ("2001:db8:1::/64") that was delegated to a
 * router port. */
void delegated_prefixes(const struct port *lrp_port,
                        void (*add)(const char *prefix, void *aux),
                        void *aux);
/* What chassis need for it, as Port_Binding.options. */
void prefixes_put_options(const struct port *lrp_port, struct db_map *);

#endif /* northd/model/prefixes.h */
