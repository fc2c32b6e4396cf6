/* What handlers of punted packets have in common: one file per protocol.
 *
 * A handler runs in the punt thread.  It gets one packet, looks at nothing
 * else, and leaves what follows in 'struct punt_result'.  Packets come from
 * tenants and may hold anything; what is in the userdata comes from our own
 * flows, or those of a former program, and is checked, too. */
#ifndef CONTROLLER_PUNT_HANDLER_H
#define CONTROLLER_PUNT_HANDLER_H 1

#include "lib/actions/punt.h"
#include "openvswitch/flow.h"

struct bfd_monitor;
struct dp_packet;
struct neighbor_key;
struct ofpbuf;
struct ofputil_packet_in;
struct post;
struct waiting;

/* A packet that the switch punted. */
struct punt_packet {
    struct punt params;          /* What is to be done. */
    struct flow md;              /* 'metadata' and 'regs' are meaningful: the
                                  * state of the pipeline. */
    struct flow headers;         /* Of the packet. */
    struct dp_packet *packet;    /* With layer offsets set. */
    /* If the switch has paused the packet, else null. */
    const struct ofputil_packet_in *pin;
    const struct ofpbuf *continuation;
};

/* What handlers work with. */
struct punt_env {
    struct post *fdbs;           /* Of struct put_fdb. */
    struct post *macs;           /* Of struct put_mac. */
    struct waiting *waiting;
    struct bfd_monitor *bfds;
    long long int now;           /* time_msec(). */
};

/* What follows from a packet. */
struct punt_result {
    struct punt_env *env;
    struct ofpbuf *message;      /* To be sent to the switch, or null. */
    bool dropped;                /* In order, but no room for it. */
};

struct punt_handler {
    enum punt_opcode opcode;
    unsigned int rate;           /* Packets a second at most, on average, of
                                  * which one port may cause a part. */
    /* Returns null, or the reason why the packet is no good (constant). */
    const char *(*run)(const struct punt_packet *, struct punt_result *);
};

/* All handlers, ended by null. */
extern const struct punt_handler *const punt_handlers[];

extern const struct punt_handler arp_handler;
extern const struct punt_handler handle_bfd_msg_handler;
extern const struct punt_handler icmp4_error_handler;
extern const struct punt_handler icmp6_error_handler;
extern const struct punt_handler icmp_handler;
extern const struct punt_handler nd_na_handler;
extern const struct punt_handler nd_na_router_handler;
extern const struct punt_handler nd_ns_handler;
extern const struct punt_handler put_arp_handler;
extern const struct punt_handler put_fdb_handler;
extern const struct punt_handler put_icmp4_frag_mtu_handler;
extern const struct punt_handler put_icmp4_inner_src_handler;
extern const struct punt_handler put_icmp6_frag_mtu_handler;
extern const struct punt_handler put_nd_handler;
extern const struct punt_handler put_nd_ra_opts_handler;
extern const struct punt_handler reject_handler;
extern const struct punt_handler sctp_abort_handler;
extern const struct punt_handler tcp_reset_handler;

/* Takes the packet-in 'md' and 'userdata' (both stay the caller's, and so does
 * 'packet', whose layer offsets get set) apart.  Returns null or the reason
 * why it is no good, to be freed. */
char *punt_packet_init(struct punt_packet *, const struct flow *md,
                       const void *userdata, size_t userdata_len,
                       struct dp_packet *packet);

/* A packet-out that sends 'new' through the actions that 'from' has as
 * parameter PUNT_P_ACTIONS, with the registers and the metadata of 'from', so
 * that it goes on in the pipeline where the action stood.  Its input port is
 * OFPP_CONTROLLER, so that it may leave by any port.  Returns null, or the
 * reason why there is no message. */
const char *punt_packet_out(const struct punt_packet *from,
                            const struct dp_packet *new, struct ofpbuf **);

/* A message that lets a paused packet go on as 'new'. */
struct ofpbuf *punt_resume(const struct punt_packet *from,
                           const struct dp_packet *new);

/* The same, and 'result' becomes the value of 'dst'. */
struct ofpbuf *punt_resume_result(const struct punt_packet *from,
                                  const struct dp_packet *new,
                                  const struct mf_subfield *dst,
                                  uint8_t result);

/* A message that lets 'frame' enter a datapath by a port, as if it came from
 * there, with 'flags' (FLAG_*). */
struct ofpbuf *punt_inject(uint32_t dp_key, uint32_t port_key, uint32_t flags,
                           const struct dp_packet *frame);

/* The same, with the metadata and all registers of 'md'. */
struct ofpbuf *punt_inject_md(const struct flow *md,
                              const struct dp_packet *frame);

/* A message that lets 'frame' leave a datapath by a port, through the egress
 * pipeline. */
struct ofpbuf *punt_output(uint32_t dp_key, uint32_t port_key,
                           const struct dp_packet *frame);

/* Sets '*dp_key' to the datapath.  False if there is none. */
bool punt_datapath(const struct punt_packet *, uint32_t *dp_key);

/* Sets 'key' to the IP address that is in reg0 (IPv4) or xxreg0, as seen from
 * the port in register 'reg'.  Returns null or what is wrong. */
const char *punt_neighbor(const struct punt_packet *, bool is_ip4, int reg,
                          struct neighbor_key *key);

/* Makes the neighbor advertisement (RFC 4861, 4.4) that answers the
 * solicitation 'ns' for its target from its destination's Ethernet address.
 * Initializes 'na', which the caller must uninitialize, or returns the reason
 * why 'ns' deserves no answer (RFC 4861, 7.1.1). */
const char *nd_na_compose(const struct punt_packet *ns, bool router,
                          struct dp_packet *na);

#endif /* controller/punt/handler.h */
