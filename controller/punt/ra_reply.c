/* R = put_nd_ra_opts(...): turns a router solicitation into an advertisement
 * (RFC 4861, 6.2.6). */
#include <config.h>
#include "controller/punt/handler.h"

#include <netinet/icmp6.h>

#include "dp-packet.h"
#include "lib/net/frame.h"
#include "lib/net/ra.h"
#include "openvswitch/ofp-packet.h"
#include "packets.h"
#include "util.h"

static const char *
compose_reply(const struct punt_packet *p, struct dp_packet *reply)
{
    const struct flow *h = &p->headers;
    size_t len;
    const void *options = punt_find(&p->params, PUNT_P_OPTIONS, 0, &len);
    const char *reason = net_check_rs(p->packet, h);

    if (reason) {
        return reason;
    }
    if (!options || len < RA_MSG_LEN) {
        return "no advertisement";
    }

    /* The flow sends the answer to where the question came from.  Who has no
     * address yet listens to all nodes' group. */
    net_ra(reply, h->dl_src, h->dl_dst,
           ipv6_addr_is_set(&h->ipv6_src) ? &h->ipv6_src : &in6addr_all_hosts,
           &h->ipv6_dst, options, len);
    net_copy_vlans(h, reply);
    return NULL;
}

static const char *
run_ra_reply(const struct punt_packet *p, struct punt_result *result)
{
    struct mf_subfield dst;
    struct dp_packet reply;

    if (!p->continuation || !punt_get_result(&p->params, &dst)) {
        return "not paused";
    }
    const char *reason = compose_reply(p, &reply);
    result->message = punt_resume_result(p, reason ? p->packet : &reply, &dst,
                                         !reason);
    if (!reason) {
        dp_packet_uninit(&reply);
    }
    return reason;
}

const struct punt_handler put_nd_ra_opts_handler = {
    .opcode = PUNT_PUT_ND_RA_OPTS, .rate = 400, .run = run_ra_reply,
};
