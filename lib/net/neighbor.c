#include <config.h>
#include "lib/net/neighbor.h"

#include <netinet/icmp6.h>

#include "dp-packet.h"
#include "lib/net/frame.h"
#include "packets.h"
#include "util.h"

void
net_arp_request(struct dp_packet *frame, struct eth_addr dst,
                struct eth_addr sha, ovs_be32 spa, ovs_be32 tpa)
{
    dp_packet_init(frame, 64);
    compose_arp(frame, ARP_OP_REQUEST, sha, eth_addr_zero, true, spa, tpa);
    struct eth_header *eth = dp_packet_data(frame);
    eth->eth_dst = dst;
}

void
net_nd_solicitation(struct dp_packet *frame, struct eth_addr src,
                    const struct in6_addr *ip_src,
                    const struct in6_addr *target)
{
    dp_packet_init(frame, 128);
    compose_nd_ns(frame, src, ip_src, target);
}

void
net_announce_ip4(struct dp_packet *frame, struct eth_addr mac, ovs_be32 ip)
{
    net_arp_request(frame, eth_addr_broadcast, mac, ip, ip);
}

void
net_announce_ip6(struct dp_packet *frame, struct eth_addr mac,
                 const struct in6_addr *ip, bool router)
{
    static const struct eth_addr all_nodes = ETH_ADDR_C(33,33,00,00,00,01);

    dp_packet_init(frame, 128);
    compose_nd_na(frame, mac, all_nodes, ip, &in6addr_all_hosts,
                  htonl(ND_RSO_OVERRIDE | (router ? ND_RSO_ROUTER : 0)));
}

void
net_announce_mac(struct dp_packet *frame, struct eth_addr mac)
{
    dp_packet_init(frame, 64);
    compose_rarp(frame, mac);
}
