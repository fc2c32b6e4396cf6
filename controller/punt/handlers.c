#include <config.h>
#include "controller/punt/handler.h"

#include "controller/oftables.h"
#include "controller/punt/neighbor.h"
#include "dp-packet.h"
#include "flow.h"
#include "openvswitch/match.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-packet.h"
#include "openvswitch/ofp-protocol.h"
#include "openvswitch/ofpbuf.h"
#include "packets.h"
#include "util.h"

const struct punt_handler *const punt_handlers[] = {
    &arp_handler,
    &handle_bfd_msg_handler,
    &icmp4_error_handler,
    &icmp6_error_handler,
    &icmp_handler,
    &nd_na_handler,
    &nd_na_router_handler,
    &nd_ns_handler,
    &put_arp_handler,
    &put_fdb_handler,
    &put_icmp4_frag_mtu_handler,
    &put_icmp4_inner_src_handler,
    &put_icmp6_frag_mtu_handler,
    &put_nd_handler,
    &put_nd_ra_opts_handler,
    &reject_handler,
    &sctp_abort_handler,
    &tcp_reset_handler,
    NULL,
};

char *
punt_packet_init(struct punt_packet *p, const struct flow *md,
                 const void *userdata, size_t userdata_len,
                 struct dp_packet *packet)
{
    char *error = punt_decode(userdata, userdata_len, &p->params);
    if (error) {
        return error;
    }
    if (dp_packet_size(packet) < ETH_HEADER_LEN) {
        return xasprintf("frame of %"PRIu32" bytes", dp_packet_size(packet));
    }
    p->md = *md;
    p->packet = packet;
    p->pin = NULL;
    p->continuation = NULL;
    flow_extract(packet, &p->headers);
    return NULL;
}

static void
put_set_field(struct ofpbuf *ofpacts, enum mf_field_id id,
              const struct flow *md)
{
    const struct mf_field *field = mf_from_id(id);
    union mf_value value;

    mf_get_value(field, md, &value);
    if (!is_all_zeros(&value, field->n_bytes)) {
        ofpact_put_set_field(ofpacts, field, &value, NULL);
    }
}

static struct ofpbuf *
encode_packet_out(const struct dp_packet *frame, const struct ofpbuf *ofpacts)
{
    struct ofputil_packet_out po = {
        .packet = dp_packet_data(frame),
        .packet_len = dp_packet_size(frame),
        .buffer_id = UINT32_MAX,
        .ofpacts = ofpacts->data,
        .ofpacts_len = ofpacts->size,
    };

    match_init_catchall(&po.flow_metadata);
    match_set_in_port(&po.flow_metadata, OFPP_CONTROLLER);
    return ofputil_encode_packet_out(&po, OFPUTIL_P_OF15_OXM);
}

const char *
punt_packet_out(const struct punt_packet *from, const struct dp_packet *new,
                struct ofpbuf **message)
{
    size_t len;
    const void *actions = punt_find(&from->params, PUNT_P_ACTIONS, 0, &len);
    if (!actions) {
        return "no actions for the new packet";
    }

    uint64_t ofpacts_stub[1024 / 8];
    struct ofpbuf ofpacts = OFPBUF_STUB_INITIALIZER(ofpacts_stub);
    put_set_field(&ofpacts, MFF_METADATA, &from->md);
    for (int i = 0; i < FLOW_N_REGS; i++) {
        put_set_field(&ofpacts, MFF_REG0 + i, &from->md);
    }

    /* A copy, since actions must be aligned. */
    uint64_t actions_stub[1024 / 8];
    struct ofpbuf openflow = OFPBUF_STUB_INITIALIZER(actions_stub);
    ofpbuf_put(&openflow, actions, len);
    enum ofperr error = ofpacts_pull_openflow_actions(
        &openflow, len, OFP15_VERSION, NULL, NULL, &ofpacts);
    if (!error) {
        *message = encode_packet_out(new, &ofpacts);
    }
    ofpbuf_uninit(&openflow);
    ofpbuf_uninit(&ofpacts);
    return error ? "bad actions for the new packet" : NULL;
}

static struct ofpbuf *
encode_resume(const struct punt_packet *from, const struct dp_packet *new,
              struct ofputil_packet_in *pin)
{
    pin->packet = dp_packet_data(new);
    pin->packet_len = dp_packet_size(new);
    pin->userdata = NULL;
    pin->userdata_len = 0;
    return ofputil_encode_resume(pin, from->continuation,
                                 OFPUTIL_P_OF15_OXM);
}

struct ofpbuf *
punt_resume(const struct punt_packet *from, const struct dp_packet *new)
{
    struct ofputil_packet_in pin = *from->pin;
    return encode_resume(from, new, &pin);
}

struct ofpbuf *
punt_resume_result(const struct punt_packet *from,
                   const struct dp_packet *new, const struct mf_subfield *dst,
                   uint8_t result)
{
    struct ofputil_packet_in pin = *from->pin;
    union mf_subvalue value;

    memset(&value, 0, sizeof value);
    value.u8_val = result;
    mf_write_subfield(dst, &value, &pin.flow_metadata);
    return encode_resume(from, new, &pin);
}

/* Lets 'frame' start in 'table' with the metadata and registers of 'md'. */
static struct ofpbuf *
start_at(uint8_t table, const struct flow *md, const struct dp_packet *frame)
{
    uint64_t ofpacts_stub[256 / 8];
    struct ofpbuf ofpacts = OFPBUF_STUB_INITIALIZER(ofpacts_stub);

    put_set_field(&ofpacts, MFF_METADATA, md);
    for (int i = 0; i < FLOW_N_REGS; i++) {
        put_set_field(&ofpacts, MFF_REG0 + i, md);
    }
    struct ofpact_resubmit *resubmit = ofpact_put_RESUBMIT(&ofpacts);
    resubmit->in_port = OFPP_CONTROLLER;
    resubmit->table_id = table;
    struct ofpbuf *message = encode_packet_out(frame, &ofpacts);
    ofpbuf_uninit(&ofpacts);
    return message;
}

struct ofpbuf *
punt_inject_md(const struct flow *md, const struct dp_packet *frame)
{
    return start_at(OFTABLE_LOG_INGRESS, md, frame);
}

struct ofpbuf *
punt_inject(uint32_t dp_key, uint32_t port_key, uint32_t flags,
            const struct dp_packet *frame)
{
    struct flow md;

    memset(&md, 0, sizeof md);
    md.metadata = htonll(dp_key);
    md.regs[REG_INPORT] = port_key;
    md.regs[REG_FLAGS] = flags;
    return punt_inject_md(&md, frame);
}

struct ofpbuf *
punt_output(uint32_t dp_key, uint32_t port_key, const struct dp_packet *frame)
{
    struct flow md;

    memset(&md, 0, sizeof md);
    md.metadata = htonll(dp_key);
    md.regs[REG_OUTPORT] = port_key;
    return start_at(OFTABLE_LOCAL_OUTPUT, &md, frame);
}

bool
punt_datapath(const struct punt_packet *p, uint32_t *dp_key)
{
    uint64_t key = ntohll(p->md.metadata);
    *dp_key = key;
    return key && key <= UINT32_MAX;
}

const char *
punt_neighbor(const struct punt_packet *p, bool is_ip4, int reg,
              struct neighbor_key *key)
{
    memset(key, 0, sizeof *key);
    if (!punt_datapath(p, &key->dp_key)) {
        return "no datapath";
    }
    key->port_key = p->md.regs[reg];
    if (!key->port_key) {
        return "no port";
    }

    if (is_ip4) {
        ovs_be32 ip = htonl(p->md.regs[0]);
        if (!ip || ip_is_multicast(ip) || ip == htonl(UINT32_MAX)) {
            return "not the IP address of a node";
        }
        key->ip = in6_addr_mapped_ipv4(ip);
        return NULL;
    }
    ovs_be32 words[4];
    for (int i = 0; i < 4; i++) {
        words[i] = htonl(p->md.regs[i]);
    }
    memcpy(&key->ip, words, sizeof key->ip);
    if (!ipv6_addr_is_set(&key->ip) || ipv6_addr_is_multicast(&key->ip)
        || IN6_IS_ADDR_V4MAPPED(&key->ip)) {
        return "not the IP address of a node";
    }
    return NULL;
}
