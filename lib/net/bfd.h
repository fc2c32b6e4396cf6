/* BFD control packets (RFC 5880, 4.1) over UDP with one hop (RFC 5881). */
#ifndef LIB_NET_BFD_H
#define LIB_NET_BFD_H 1

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include "openvswitch/types.h"

struct dp_packet;
struct flow;

enum net_bfd_state {
    NET_BFD_ADMIN_DOWN, NET_BFD_DOWN, NET_BFD_INIT, NET_BFD_UP,
};

enum net_bfd_diag {
    NET_BFD_DIAG_NONE = 0, NET_BFD_DIAG_EXPIRED = 1,
    NET_BFD_DIAG_NEIGHBOR_DOWN = 3,
};

struct net_bfd {
    enum net_bfd_state state;
    uint8_t diag;
    bool poll, final;
    uint8_t mult;
    uint32_t my_disc, your_disc;
    uint32_t min_tx, min_rx;     /* Microseconds. */
};

/* Between whom. */
struct net_bfd_path {
    struct eth_addr src_mac, dst_mac;
    struct in6_addr src, dst;    /* IPv4 is mapped. */
    uint16_t src_port;
};

/* Reads 'packet', whose headers are in 'flow'.  Returns null or the reason why
 * it has to be discarded (RFC 5880, 6.8.6, as far as that does not depend on
 * a session; RFC 5881, section 5). */
const char *net_bfd_parse(const struct dp_packet *packet,
                          const struct flow *flow, struct net_bfd *);

/* Initializes 'frame', which the caller must uninitialize. */
void net_bfd_compose(struct dp_packet *frame, const struct net_bfd_path *,
                     const struct net_bfd *);

#endif /* lib/net/bfd.h */
