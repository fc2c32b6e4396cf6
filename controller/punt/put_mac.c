/* put_arp(PORT, IP, MAC), put_nd(PORT, IP, MAC): a neighbor has said who it
 * is. */
#include <config.h>
#include "controller/punt/handler.h"

#include "controller/punt/neighbor.h"
#include "controller/punt/post.h"
#include "packets.h"
#include "util.h"

static const char *
run_put_mac(const struct punt_packet *p, struct punt_result *result)
{
    struct put_mac put = { .mac = p->headers.dl_src };

    if (eth_addr_is_multicast(put.mac) || eth_addr_is_zero(put.mac)) {
        return "not the Ethernet address of a node";
    }
    const char *reason = punt_neighbor(p, p->params.opcode == PUNT_PUT_ARP,
                                       14, &put.key);
    if (!reason) {
        result->dropped = !post_put(result->env->macs, &put);
    }
    return reason;
}

const struct punt_handler put_arp_handler = {
    .opcode = PUNT_PUT_ARP, .rate = 1000, .run = run_put_mac,
};
const struct punt_handler put_nd_handler = {
    .opcode = PUNT_PUT_ND, .rate = 1000, .run = run_put_mac,
};
