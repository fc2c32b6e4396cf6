/* DOC: flows of MAC addresses of chassis
 *
 * A distributed router is on all chassis with one MAC address, which a
 * physical network would see at many places.  With ovn-chassis-mac-mappings a
 * chassis sends there with an address of its own instead, and gives what comes
 * with another chassis's address the router's back (reference F40, F105). */
#include <config.h>
#include "controller/physical/physical.h"

#include "controller/model/binding.h"
#include "controller/model/config.h"
#include "controller/model/local_datapath.h"

/* The only conjunction in PHY_TO_LOG.  Those of logical flows start at 256. */
enum { CHASSIS_MAC_CONJ = 100 };

struct localnet {
    struct uuid dp;
    const char *name;
    uint32_t dp_key, key, ofport, vlan;
    uint16_t tpid;
};

/* Finds the address of 'network' in "NETWORK:MAC,...". */
static bool
find_mac(const char *mappings, const char *network, struct eth_addr *mac)
{
    size_t n = strlen(network);

    for (const char *p = mappings; p && *p; p = strchr(p, ',')) {
        p += *p == ',';
        if (!strncmp(p, network, n) && p[n] == ':') {
            char *s = xmemdup0(p + n + 1, strcspn(p + n + 1, ","));
            bool ok = eth_addr_from_string(s, mac);
            free(s);
            return ok;
        }
    }
    return false;
}

/* ---- Routers of the switch. ---- */

/* A port of a router with a gateway keeps its address, which is on one chassis
 * only; unless others send to that one through the physical network. */
static bool
is_replaced(const struct sb_port_binding *port)
{
    const char *cr_name = sb_port_binding_options_get(
        port, "chassis-redirect-port");
    const struct sb_port_binding *cr
        = cr_name ? inc_find_one(&pb_by_name, cr_name, strlen(cr_name))
                  : NULL;
    if (!cr) {
        return true;
    }
    const char *type = sb_port_binding_options_get(cr, "redirect-type");
    if (!type) {
        type = sb_port_binding_options_get(port, "redirect-type");
    }
    return type && !strcmp(type, "bridged") && !lport_is_resident(cr_name);
}

/* The address of the router behind the switch's patch port 'pb'. */
static bool
router_mac(const struct sb_port_binding *pb, struct eth_addr *mac)
{
    const char *peer_name = sb_port_binding_options_get(pb, "peer");
    const struct sb_port_binding *peer
        = peer_name ? inc_find_one(&pb_by_name, peer_name, strlen(peer_name))
                    : NULL;
    const struct ovsdb_datum *macs = peer ? sb_port_binding_mac(peer) : NULL;
    return (macs && db_n(macs) && is_replaced(peer)
            && ovs_scan(db_str(macs, 0), ETH_ADDR_SCAN_FMT,
                        ETH_ADDR_SCAN_ARGS(*mac)));
}

/* ---- Sending. ---- */

static void
emit_sending(const struct localnet *l, struct flow_maker *f,
             struct eth_addr router, struct eth_addr chassis)
{
    flow_reset(f);
    match_datapath(f, l->dp_key);
    match_outport(f, l->key);
    match_set_dl_src(&f->match, router);
    ofpact_put_SET_ETH_SRC(&f->acts)->mac = chassis;
    if (l->vlan) {
        put_push_vlan(f, l->tpid, l->vlan);
    }
    put_output(f, l->ofport);
    if (l->vlan) {
        ofpact_put_STRIP_VLAN(&f->acts);
    }
    ofpact_put_SET_ETH_SRC(&f->acts)->mac = router;
    flow_emit(f, OFTABLE_LOG_TO_PHY, 150);
}

/* ---- Receiving. ---- */

static void
put_conjunction(struct flow_maker *f, int clause)
{
    struct ofpact_conjunction *conj = ofpact_put_CONJUNCTION(&f->acts);
    conj->id = CHASSIS_MAC_CONJ;
    conj->clause = clause;
    conj->n_clauses = 2;
}

static void
match_from(const struct localnet *l, struct flow_maker *f)
{
    match_set_in_port(&f->match, u16_to_ofp(l->ofport));
    if (l->vlan) {
        match_set_dl_vlan(&f->match, htons(l->vlan), 0);
    } else {
        match_set_dl_tci_masked(&f->match, 0, htons(VLAN_CFI));
    }
}

/* What comes from one of the chassis is the router's. */
static void
emit_receiving(const struct localnet *l, struct flow_maker *f,
               struct eth_addr router)
{
    flow_reset(f);
    match_from(l, f);
    put_conjunction(f, 1);
    flow_emit(f, OFTABLE_PHY_TO_LOG, 180);

    match_set_conj_id(&f->match, CHASSIS_MAC_CONJ);
    if (l->vlan) {
        ofpact_put_STRIP_VLAN(&f->acts);
    }
    ofpact_put_SET_ETH_SRC(&f->acts)->mac = router;
    put_flag(f, FLAG_LOCALNET);
    put_zones(f, &l->dp, l->name);
    put_load(f, MFF_METADATA, 0, 64, l->dp_key);
    put_load(f, MFF_REG0 + REG_INPORT, 0, 32, l->key);
    put_resubmit(f, OFTABLE_LOG_INGRESS);
    flow_emit(f, OFTABLE_PHY_TO_LOG, 180);
}

/* The other chassis' addresses in the network. */
static void
emit_chassis(struct flow_maker *f, const char *network)
{
    const struct config *config = the_config();
    const struct sb_chassis *chassis;

    INC_FOR_EACH (chassis, &sb_chassis_table.inc) {
        const char *mappings = sb_chassis_other_config_get(
            chassis, "ovn-chassis-mac-mappings");
        struct eth_addr mac;
        if (config && strcmp(sb_chassis_name(chassis),
                             config_chassis_name(config).s)
            && find_mac(mappings, network, &mac)) {
            flow_reset(f);
            match_set_dl_src(&f->match, mac);
            put_conjunction(f, 0);
            flow_emit(f, OFTABLE_PHY_TO_LOG, 180);
        }
    }
}

/* ---- The rule. ---- */

static void
emit_for(const struct localnet *l, const struct sb_port_binding *pb,
         const char *network)
{
    const char *mappings = node_option("ovn-chassis-mac-mappings");
    const struct sb_port_binding *patch;
    struct eth_addr mac, router;
    struct flow_maker f;
    bool any = false;

    flow_init(&f, sb_port_binding_uuid(pb));
    bool ours = find_mac(mappings, network, &mac);
    INC_BUCKET_FOR_EACH (patch, inc_find(&patch_pb_by_dp, &l->dp,
                                         sizeof l->dp)) {
        if (!router_mac(patch, &router)) {
            continue;
        }
        if (ours) {
            emit_sending(l, &f, router, mac);
        }
        /* A chassis's address does not tell of which router the packet is. */
        if (!any) {
            emit_receiving(l, &f, router);
            emit_chassis(&f, network);
            any = true;
        }
    }
    flow_done(&f);
}

static void
run_chassis_mac_flows(const void *row)
{
    const struct local_port *port = row;
    struct uuid dp = local_port_dp(port);
    const struct local_datapath *ld = local_datapath_by_uuid(&dp);
    if (!ld || local_port_kind(port) != LPORT_LOCALNET
        || !local_port_ofport(port)) {
        return;
    }

    const struct sb_port_binding *pb = local_port_pb(port);
    const char *network = sb_port_binding_options_get(pb, "network_name");
    const char *ethtype = sb_port_binding_options_get(pb, "ethtype");
    struct localnet l = {
        .dp = dp, .name = local_port_name(port).s,
        .dp_key = local_datapath_key(ld),
        .key = sb_port_binding_tunnel_key(pb),
        .ofport = local_port_ofport(port), .vlan = local_port_vlan(port),
        .tpid = ethtype && !strcmp(ethtype, "802.1ad") ? ETH_TYPE_VLAN_8021AD
                                                       : ETH_TYPE_VLAN_8021Q,
    };
    if (network && !db_map_get_bool(sb_port_binding_options(pb),
                                    "vlan-passthru", false)) {
        emit_for(&l, pb, network);
    }
}
const struct inc_rule chassis_mac_flows = {
    .name = "chassis_mac_flows", .driver = &local_port_table,
    .run = run_chassis_mac_flows,
};
