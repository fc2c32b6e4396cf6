/* Where a router port's own traffic is dealt with. */
#ifndef NORTHD_MODEL_RESIDENCE_H
#define NORTHD_MODEL_RESIDENCE_H 1

#include "lib/text/istr.h"

struct port;

/* What a flow adds to its match that only one chassis may act upon, if there
 * is one for 'lrp_port': the chassis that has it as a gateway, or with
 * options:reside-on-redirect-chassis the one that has the router's gateway.
 * "" for ports that are everywhere. */
istr port_resident(const struct port *lrp_port);

/* The same for what other machines send to it.  Where no physical network
 * leads to that chassis, a port that resides there is everywhere, too. */
istr port_reached_there(const struct port *lrp_port);

#endif /* northd/model/residence.h */
