/* DOC: packets that are too large for a tunnel
 *
 * A tunnel adds headers, and what does not fit into the network below then is
 * lost, or arrives in fragments.  The sender of an IP packet gets an ICMP
 * error instead (RFC 1191, RFC 8201), which says how much fits, so that path
 * MTU discovery works between chassis (reference D60, F99).  It seems to come
 * from the destination, since a switch has no address of its own, and goes
 * back to the port where the packet came from: behind a router, through that.
 *
 * How much fits is known in two cases.
 *
 * - The switch says by which interface it sends (status:tunnel_egress_iface
 *   of the tunnel), and that is one of the switch's own, such as a bridge with
 *   the node's address.  That counts for all ports behind the tunnel.
 *   For routes by interfaces that the switch does not have, the kernel's own
 *   path MTU discovery is all that there is.
 *
 * - The port is at several chassis, and its switch is bridged to a physical
 *   network.  Only while that is so, its packets are tunneled, by machines
 *   that have been told the MTU of the physical network, which is the best
 *   guess for what is below: that of the sender's interface is taken.
 *
 * With ovn-encap-df_default=false, fragments are what the operator wants, and
 * nobody is told anything.  Chassisredirect ports are no concern here: for
 * what leaves by a gateway there is options:gateway_mtu.  Copies for multicast
 * groups have no answers (RFC 1122, 3.2.2). */
#include <config.h>
#include "controller/physical/physical.h"

#include "bitmap.h"
#include "controller/model/binding.h"
#include "controller/model/config.h"
#include "controller/model/local_datapath.h"
#include "controller/model/tunnel.h"
#include "lib/actions/punt.h"

INC_TABLE_DEFINE(large_mtu, LARGE_MTU_FIELDS, .kind = INC_DERIVED);

/* The ingress pipeline does not need its registers any more.  In this one, how
 * much fits (16 bits), and above that whether it is exceeded. */
enum { REG_LARGE = 9, LARGE_BIT = 16 };

/* Below this there is no use in telling (RFC 791, 3.2; RFC 8200, 5). */
enum { MIN_MTU4 = 68, MIN_MTU6 = 1280 };

/* ---- Is a packet too large? ---- */

struct large {
    struct places places;
    uint32_t sender_mtu;             /* For tunnels of which nothing is known;
                                      * 0: they take everything. */
    unsigned long *mtus;             /* Those for which there are answers. */
};

/* The largest IP packet that goes through all tunnels to the port, 0 if
 * unknown. */
static uint32_t
narrowest(const struct large *l, istr local_ip)
{
    uint32_t min = 0;
    for (size_t i = 0; i < l->places.n; i++) {
        const struct remote_tunnel *t = tunnel_to(
            &l->places.chassis[i], local_ip, l->places.ips[i]);
        uint32_t mtu = t ? remote_tunnel_mtu(t) : 0;
        mtu = t && !mtu ? l->sender_mtu : mtu;
        if (mtu >= MIN_MTU4 + (t ? remote_tunnel_overhead(t) : 0)) {
            mtu -= remote_tunnel_overhead(t);
            min = min ? MIN(min, mtu) : mtu;
        }
    }
    return min;
}

static bool
put_check(struct flow_maker *f, istr local_ip, const void *large)
{
    const struct large *l = large;
    uint32_t mtu = narrowest(l, local_ip);
    if (!mtu) {
        return false;
    }
    if (!bitmap_is_set(l->mtus, mtu)) {
        /* A unit may emit a row only once. */
        bitmap_set1(l->mtus, mtu);
        emit_large_mtu(&(struct large_mtu_v) { .mtu = mtu });
    }
    put_load(f, MFF_REG0 + REG_LARGE, 0, 16, mtu);
    struct ofpact_check_pkt_larger *check
        = ofpact_put_CHECK_PKT_LARGER(&f->acts);
    check->pkt_len = mtu + ETH_HEADER_LEN;
    check->dst = (struct mf_subfield) {
        mf_from_id(MFF_REG0 + REG_LARGE), LARGE_BIT, 1,
    };
    put_resubmit(f, OFTABLE_LARGE_PKT_PROCESS);
    return true;
}

static uint32_t
port_mtu(const struct local_port *port)
{
    struct uuid uuid = local_port_iface(port);
    const struct vs_interface *iface = vs_interface_get(&uuid);
    const int64_t *mtu = iface ? vs_interface_mtu(iface) : NULL;
    return mtu && *mtu > 0 && *mtu <= UINT16_MAX ? *mtu : 0;
}

/* By the MTU of each sender of this chassis. */
static void
emit_senders(struct flow_maker *f, struct large *l, const struct uuid *dp)
{
    const struct local_port *port;
    INC_BUCKET_FOR_EACH (port, inc_find(&local_ports_by_dp, dp, sizeof *dp)) {
        enum lport_kind kind = local_port_kind(port);
        l->sender_mtu = (kind == LPORT_VIF || kind == LPORT_CONTAINER
                         ? port_mtu(port) : 0);
        if (l->sender_mtu) {
            match_inport(f, sb_port_binding_tunnel_key(local_port_pb(port)));
            emit_by_sender(f, OFTABLE_LARGE_PKT_DETECT, 120, put_check, l);
        }
    }
}

static void
run_large_packet_flows(const void *row)
{
    const struct sb_port_binding *pb = row;
    const char *df = node_option("ovn-encap-df_default");
    struct large l = { .sender_mtu = 0 };
    if ((df && !strcmp(df, "false")) || !tunneled_places_init(&l.places, pb)) {
        return;
    }

    const struct uuid *dp = sb_port_binding_datapath_uuid(pb);
    struct flow_maker f;
    l.mtus = bitmap_allocate(UINT16_MAX + 1);
    flow_init(&f, sb_port_binding_uuid(pb));
    match_datapath(&f, l.places.dp_key);
    match_outport(&f, l.places.key);
    emit_by_sender(&f, OFTABLE_LARGE_PKT_DETECT, 100, put_check, &l);
    if (l.places.several && localnet_of(dp)) {
        emit_senders(&f, &l, dp);
    }
    flow_done(&f);
    bitmap_free(l.mtus);
    places_destroy(&l.places);
}
const struct inc_rule large_packet_flows = {
    .name = "large_packet_flows", .driver = &sb_port_binding_table.inc,
    .run = run_large_packet_flows,
};

/* ---- The answer. ---- */

static void
put_exchange(struct flow_maker *f, enum mf_field_id a, enum mf_field_id b)
{
    put_stack(f, true, a);
    put_stack(f, true, b);
    put_stack(f, false, a);
    put_stack(f, false, b);
}

/* Makes the error that quotes the packet one of this kind, and sends it back
 * to where the packet came from, whose egress pipeline it passes. */
static void
put_answer(struct flow_maker *f, bool is_ip4, uint32_t mtu)
{
    put_exchange(f, MFF_ETH_SRC, MFF_ETH_DST);
    size_t start;
    if (is_ip4) {
        put_exchange(f, MFF_IPV4_SRC, MFF_IPV4_DST);
        put_load(f, MFF_ICMPV4_TYPE, 0, 8, 3);
        put_load(f, MFF_ICMPV4_CODE, 0, 8, 4);
        start = punt_begin(&f->acts, PUNT_PUT_ICMP4_FRAG_MTU, 0);
        ovs_be16 value = htons(mtu);
        punt_put(&f->acts, PUNT_P_VALUE, &value, sizeof value);
    } else {
        put_exchange(f, MFF_IPV6_SRC, MFF_IPV6_DST);
        put_load(f, MFF_ICMPV6_TYPE, 0, 8, 2);
        put_load(f, MFF_ICMPV6_CODE, 0, 8, 0);
        start = punt_begin(&f->acts, PUNT_PUT_ICMP6_FRAG_MTU, 0);
        punt_put_u32(&f->acts, PUNT_P_VALUE, mtu);
    }
    punt_end(&f->acts, start);
    ofpact_put_SET_IP_TTL(&f->acts)->ttl = 255;
    put_exchange(f, MFF_REG0 + REG_INPORT, MFF_REG0 + REG_OUTPORT);
    put_load(f, MFF_REG0 + REG_FLAGS, 0, 32, 0);
    put_resubmit(f, OFTABLE_LOCAL_OUTPUT);
}

static void
emit_answer(struct flow_maker *f, bool is_ip4, uint32_t mtu)
{
    struct flow_maker inner;
    uint64_t openflow_stub[512 / 8];
    struct ofpbuf openflow = OFPBUF_STUB_INITIALIZER(openflow_stub);

    flow_init(&inner, NULL);
    put_answer(&inner, is_ip4, mtu);
    ofpacts_put_openflow_actions(inner.acts.data, inner.acts.size, &openflow,
                                 OFP15_VERSION);
    flow_done(&inner);

    flow_reset(f);
    match_set_dl_type(&f->match, htons(is_ip4 ? ETH_TYPE_IP : ETH_TYPE_IPV6));
    match_set_reg_masked(&f->match, REG_LARGE, mtu | 1u << LARGE_BIT,
                         (2u << LARGE_BIT) - 1);
    size_t start = punt_begin(&f->acts,
                              is_ip4 ? PUNT_ICMP4_ERROR : PUNT_ICMP6_ERROR, 0);
    punt_put(&f->acts, PUNT_P_ACTIONS, openflow.data, openflow.size);
    punt_end(&f->acts, start);
    flow_emit(f, OFTABLE_LARGE_PKT_PROCESS, 100);
    ofpbuf_uninit(&openflow);
}

static void
run_large_packet_answers(const void *row)
{
    uint32_t mtu = large_mtu_mtu(row);
    struct flow_maker f;
    flow_init(&f, NULL);
    emit_answer(&f, true, mtu);
    if (mtu >= MIN_MTU6) {
        emit_answer(&f, false, mtu);
    }
    flow_done(&f);
}
const struct inc_rule large_packet_answers = {
    .name = "large_packet_answers", .driver = &large_mtu_table,
    .run = run_large_packet_answers,
};
