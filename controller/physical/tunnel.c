/* DOC: flows of tunnels and of ports behind them
 *
 * Geneve carries the datapath as VNI and both logical ports as an option.
 * VXLAN has 24 bits: 12 of the datapath and 12 of the output port, where
 * multicast groups (32768 and up) are 2048 and up (reference F1, F2). */
#include <config.h>
#include "controller/physical/physical.h"

#include "controller/model/binding.h"
#include "controller/model/local_datapath.h"
#include "controller/model/tunnel.h"
#include "controller/out/sb.h"

enum {
    MIN_MULTICAST = 32768,
    VXLAN_MIN_MULTICAST = 2048,
};

/* ---- Sending. ---- */

void
put_encapsulation(struct flow_maker *f, const struct remote_tunnel *tunnel,
                  uint32_t dp_key, uint32_t outport)
{
    if (remote_tunnel_type(tunnel) == TUNNEL_GENEVE) {
        put_load(f, MFF_TUN_ID, 0, 64, dp_key);
        put_load(f, MFF_TUN_METADATA0, 0, 32, outport);
        put_move(f, MFF_REG0 + REG_INPORT, 0, MFF_TUN_METADATA0, 16, 15);
    } else {
        uint32_t port = (outport < MIN_MULTICAST ? outport
                         : outport - MIN_MULTICAST + VXLAN_MIN_MULTICAST);
        put_load(f, MFF_TUN_ID, 0, 64, dp_key | (uint64_t) port << 12);
    }
}

void
put_tunnel(struct flow_maker *f, const struct remote_tunnel *tunnel,
           uint32_t dp_key, uint32_t outport)
{
    put_encapsulation(f, tunnel, dp_key, outport);
    put_output(f, remote_tunnel_ofport(tunnel));
}

/* Of a port somewhere, is it reached by the physical network that its switch
 * is bridged to? */
static bool
is_bridged_kind(const struct sb_port_binding *pb)
{
    const char *type = sb_port_binding_type(pb);
    return (!type[0] || !strcmp(type, "virtual") || !strcmp(type, "external")
            || !strcmp(type, "l3gateway"));
}

/* Is the switch's traffic between chassis bridged, not tunneled? */
static const struct sb_port_binding *
bridged_by(const struct uuid *dp, const struct sb_port_binding *pb)
{
    const struct sb_sb_global *global = the_sb_global();
    bool always_tunnel = global && db_map_get_bool(
        sb_sb_global_options(global), "always_tunnel", false);
    return (always_tunnel || !is_bridged_kind(pb) ? NULL
            : localnet_of(dp));
}

static istr
encap_ip(const struct sb_port_binding *pb)
{
    const struct sb_encap *encap = sb_port_binding_encap(pb);
    return encap ? istr_intern(sb_encap_ip(encap)) : (istr) { NULL };
}

/* A port on the physical network is nowhere here, even if it is ours to
 * answer. */
static bool
is_here(const struct sb_port_binding *pb)
{
    const struct local_port *port
        = local_port_by_name(sb_port_binding_logical_port(pb));
    return port && local_port_kind(port) != LPORT_EXTERNAL;
}

static void
run_remote_port_flows(const void *row)
{
    const struct sb_port_binding *pb = row;
    const struct uuid *dp = sb_port_binding_datapath_uuid(pb);
    const struct local_datapath *ld = local_datapath_by_uuid(dp);
    if (!ld || is_here(pb)
        || !strcmp(sb_port_binding_type(pb), "chassisredirect")) {
        return;
    }

    uint32_t key = sb_port_binding_tunnel_key(pb);
    const struct sb_port_binding *localnet = bridged_by(dp, pb);
    struct flow_maker f;
    flow_init(&f, sb_port_binding_uuid(pb));
    match_datapath(&f, local_datapath_key(ld));
    match_outport(&f, key);
    if (localnet) {
        put_load(&f, MFF_REG0 + REG_OUTPORT, 0, 32,
                 sb_port_binding_tunnel_key(localnet));
        put_resubmit(&f, OFTABLE_LOCAL_OUTPUT);
        flow_emit(&f, OFTABLE_LOCAL_OUTPUT, 100);
    } else {
        const struct uuid *chassis = sb_port_binding_chassis_uuid(pb);
        const struct remote_tunnel *tunnel
            = chassis ? tunnel_to(chassis, (istr) { NULL }, encap_ip(pb))
                      : NULL;
        if (tunnel) {
            put_tunnel(&f, tunnel, local_datapath_key(ld), key);
            flow_emit(&f, OFTABLE_REMOTE_OUTPUT, 100);
        }
    }
    flow_done(&f);
}
const struct inc_rule remote_port_flows = {
    .name = "remote_port_flows", .driver = &sb_port_binding_table.inc,
    .run = run_remote_port_flows,
};

/* ---- Receiving. ---- */

static void
run_tunnel_flows(const void *row)
{
    const struct remote_tunnel *tunnel = row;
    if (!remote_tunnel_ofport(tunnel)) {
        return;
    }

    struct flow_maker f;
    flow_init(&f, sb_chassis_uuid(remote_tunnel_chassis(tunnel)));
    match_set_in_port(&f.match, u16_to_ofp(remote_tunnel_ofport(tunnel)));
    if (remote_tunnel_type(tunnel) == TUNNEL_GENEVE) {
        put_move(&f, MFF_TUN_ID, 0, MFF_METADATA, 0, 24);
        put_move(&f, MFF_TUN_METADATA0, 16, MFF_REG0 + REG_INPORT, 0, 15);
        put_move(&f, MFF_TUN_METADATA0, 0, MFF_REG0 + REG_OUTPORT, 0, 16);
        put_flag(&f, FLAG_TUNNEL_RX);
        put_resubmit(&f, OFTABLE_LOCAL_OUTPUT);
        flow_emit(&f, OFTABLE_PHY_TO_LOG, 100);
    } else {
        for (int multicast = 0; multicast < 2; multicast++) {
            match_set_tun_id_masked(&f.match,
                                    htonll(multicast ? 1u << 23 : 0),
                                    htonll(1u << 23));
            put_move(&f, MFF_TUN_ID, 0, MFF_METADATA, 0, 12);
            put_move(&f, MFF_TUN_ID, 12, MFF_REG0 + REG_OUTPORT, 0, 11);
            if (multicast) {
                put_load(&f, MFF_REG0 + REG_OUTPORT, 15, 1, 1);
            }
            put_flag(&f, FLAG_TUNNEL_RX);
            put_resubmit(&f, OFTABLE_LOCAL_OUTPUT);
            flow_emit(&f, OFTABLE_PHY_TO_LOG, 100);
        }
    }
    flow_done(&f);
}
const struct inc_rule tunnel_flows = {
    .name = "tunnel_flows", .driver = &remote_tunnel_table,
    .run = run_tunnel_flows,
};
