/* DOC: flows of local ports
 *
 * Between a logical port of this chassis and its OpenFlow port, both ways.  A
 * container's packets carry its VLAN on its parent's interface; a localnet's
 * packets carry the network's VLAN, if any, on the patch port. */
#include <config.h>
#include "controller/physical/physical.h"

#include "controller/model/binding.h"
#include "controller/model/local_datapath.h"
#include "controller/model/tunnel.h"

struct port_flows {
    enum lport_kind kind;
    uint32_t dp_key, key, ofport, vlan;
    uint16_t tpid;
    bool passthru;                   /* Tags pass untouched. */
    struct uuid dp;
    const char *name;
    uint32_t encap_id;               /* Tunnels by which it sends. */
};

static bool
is_patch(const struct port_flows *p)
{
    return p->kind == LPORT_LOCALNET || p->kind == LPORT_L2GATEWAY;
}

int
input_flag(int kind)
{
    return (kind == LPORT_CONTAINER ? FLAG_NESTED
            : kind == LPORT_LOCALPORT ? FLAG_LOCALPORT
            : kind == LPORT_LOCALNET ? FLAG_LOCALNET
            : -1);
}

/* A packet comes in by the OpenFlow port. */
static void
emit_input(const struct port_flows *p, struct flow_maker *f)
{
    flow_reset(f);
    match_set_in_port(&f->match, u16_to_ofp(p->ofport));
    if (p->vlan) {
        match_set_dl_vlan(&f->match, htons(p->vlan), 0);
        ofpact_put_STRIP_VLAN(&f->acts);
    } else if (is_patch(p) && !p->passthru) {
        match_set_dl_tci_masked(&f->match, 0, htons(VLAN_CFI));
    }
    int flag = input_flag(p->kind);
    if (flag >= 0) {
        put_flag(f, flag);
    }
    put_zones(f, &p->dp, p->name);
    if (p->encap_id) {
        put_load(f, MFF_REG0 + REG_ZONE, ENCAP_ID_OFS, ENCAP_ID_BITS,
                 p->encap_id);
    }
    put_load(f, MFF_METADATA, 0, 64, p->dp_key);
    put_load(f, MFF_REG0 + REG_INPORT, 0, 32, p->key);
    put_resubmit(f, OFTABLE_LOG_INGRESS);
    flow_emit(f, OFTABLE_PHY_TO_LOG, p->vlan ? 150 : 100);
}

/* It goes to a port of this chassis. */
static void
emit_local_output(const struct port_flows *p, struct flow_maker *f)
{
    flow_reset(f);
    match_datapath(f, p->dp_key);
    match_outport(f, p->key);
    put_zones(f, &p->dp, p->name);
    put_resubmit(f, OFTABLE_CHECK_LOOPBACK);
    flow_emit(f, OFTABLE_LOCAL_OUTPUT, 100);

    if (is_patch(p)) {
        /* What a localport sends stays on the chassis. */
        match_flag(f, FLAG_LOCALPORT, true);
        flow_emit(f, OFTABLE_LOCAL_OUTPUT, 160);
    }
}

static void
emit_loopback(const struct port_flows *p, struct flow_maker *f)
{
    static const int allowed[] = { FLAG_LOOPBACK, FLAG_NESTED };

    flow_reset(f);
    match_datapath(f, p->dp_key);
    match_inport(f, p->key);
    match_outport(f, p->key);
    match_flag(f, FLAG_LOOPBACK, false);
    flow_emit(f, OFTABLE_CHECK_LOOPBACK, 100);

    /* A switch drops what would leave by its input port; not if the packet
     * does not have one any more. */
    for (size_t i = 0; i < ARRAY_SIZE(allowed); i++) {
        flow_reset(f);
        match_datapath(f, p->dp_key);
        match_outport(f, p->key);
        match_flag(f, allowed[i], true);
        put_stack(f, true, MFF_IN_PORT);
        put_load(f, MFF_IN_PORT, 0, 16, 0);
        put_resubmit(f, OFTABLE_LOG_TO_PHY);
        put_stack(f, false, MFF_IN_PORT);
        flow_emit(f, OFTABLE_SAVE_INPORT, allowed[i] == FLAG_NESTED ? 99
                                                                  : 100);
    }
}

static void
emit_output(const struct port_flows *p, struct flow_maker *f)
{
    flow_reset(f);
    match_datapath(f, p->dp_key);
    match_outport(f, p->key);
    if (p->vlan) {
        put_push_vlan(f, p->tpid, p->vlan);
    }
    put_output(f, p->ofport);
    if (p->vlan) {
        ofpact_put_STRIP_VLAN(&f->acts);
    }
    flow_emit(f, OFTABLE_LOG_TO_PHY, 100);
}

static void
run_local_port_flows(const void *row)
{
    const struct local_port *port = row;
    struct uuid dp = local_port_dp(port);
    const struct local_datapath *ld = local_datapath_by_uuid(&dp);
    if (!ld || !local_port_ofport(port)) {
        return;
    }

    const struct sb_port_binding *pb = local_port_pb(port);
    const char *ethtype = sb_port_binding_options_get(pb, "ethtype");
    struct port_flows p = {
        .kind = local_port_kind(port),
        .dp_key = local_datapath_key(ld),
        .key = sb_port_binding_tunnel_key(pb),
        .ofport = local_port_ofport(port), .vlan = local_port_vlan(port),
        .tpid = ethtype && !strcmp(ethtype, "802.1ad") ? ETH_TYPE_VLAN_8021AD
                                                       : ETH_TYPE_VLAN_8021Q,
        .passthru = db_map_get_bool(sb_port_binding_options(pb),
                                    "vlan-passthru", false),
        .dp = dp, .name = local_port_name(port).s,
        .encap_id = encap_id_of_ip(local_port_encap_ip(port)),
    };
    struct flow_maker f;
    flow_init(&f, sb_port_binding_uuid(pb));
    emit_input(&p, &f);
    emit_local_output(&p, &f);
    emit_loopback(&p, &f);
    emit_output(&p, &f);
    flow_done(&f);
}
const struct inc_rule local_port_flows = {
    .name = "local_port_flows", .driver = &local_port_table,
    .run = run_local_port_flows,
};
