/* Neighbors of routers, as the punt thread and the main thread tell each other
 * of them. */
#ifndef CONTROLLER_PUNT_NEIGHBOR_H
#define CONTROLLER_PUNT_NEIGHBOR_H 1

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include "openvswitch/types.h"

/* An IP address (IPv4: mapped into IPv6) as seen from a logical port.  Has no
 * padding. */
struct neighbor_key {
    uint32_t dp_key, port_key;
    struct in6_addr ip;
};

/* To the main thread: the neighbor has said who it is. */
struct put_mac {
    struct neighbor_key key;
    struct eth_addr mac;
};

/* To the main thread: packets wait for the neighbor, or do not any more. */
struct awaited_neighbor {
    struct neighbor_key key;
    bool wanted;
    uint32_t serial;             /* Another one each time it is wanted. */
};

/* To the main thread: traffic came from the neighbor. */
struct used_neighbor {
    struct neighbor_key key;
    struct eth_addr mac;
    int64_t last_use;            /* time_wall_msec(). */
};

/* To the punt thread: who an awaited neighbor is. */
struct resolved_neighbor {
    struct neighbor_key key;
    struct eth_addr mac;
};

#endif /* controller/punt/neighbor.h */
