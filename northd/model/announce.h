/* Addresses that chassis announce on physical networks for routers. */
#ifndef NORTHD_MODEL_ANNOUNCE_H
#define NORTHD_MODEL_ANNOUNCE_H 1

#include "lib/text/istr.h"

struct port;

/* Port_Binding.nat_addresses of a switch's port of type router. */
istr port_announcements(const struct port *lsp_port);

#endif /* northd/model/announce.h */
