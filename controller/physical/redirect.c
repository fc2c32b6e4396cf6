/* DOC: flows of chassisredirect ports
 *
 * "Output to cr-P" means: through the router's port P, but on the chassis that
 * is elected for it.  There, P takes its place; elsewhere the packet goes to
 * the first of the candidates that is alive.  The switch chooses among their
 * tunnels by itself, so that it fails over as soon as its BFD does, even while
 * no controller runs.  With redirect-type "bridged" there is no tunnel: the
 * packet is sent to P's Ethernet address through the localnet port of the
 * switch behind P (reference D56). */
#include <config.h>
#include "controller/physical/physical.h"

#include "controller/model/bfd.h"
#include "controller/model/binding.h"
#include "controller/model/ha.h"
#include "controller/model/local_datapath.h"
#include "controller/model/tunnel.h"

static const struct sb_port_binding *
port_by_option(const struct sb_port_binding *pb, const char *key)
{
    const char *name = sb_port_binding_options_get(pb, key);
    return name ? inc_find_one(&pb_by_name, name, strlen(name)) : NULL;
}

/* On the active chassis. */
static void
put_distributed_port(struct flow_maker *f, const struct sb_port_binding *pb)
{
    const struct sb_port_binding *port = port_by_option(pb,
                                                        "distributed-port");
    if (port) {
        put_load(f, MFF_REG0 + REG_OUTPORT, 0, 32,
                 sb_port_binding_tunnel_key(port));
        put_resubmit(f, OFTABLE_LOCAL_OUTPUT);
        flow_emit(f, OFTABLE_LOCAL_OUTPUT, 100);
    }
}

/* Tunnels to the other candidates, the first choice first.  All have one type,
 * since what a packet carries depends on it: that of the first one that is
 * alive. */
static size_t
find_tunnels(const struct ha_candidates *c, istr local_ip,
             const struct remote_tunnel **tunnels)
{
    const struct remote_tunnel *first = NULL;
    bool mixed = false;
    size_t n = 0;

    for (size_t i = 0; i < c->n; i++) {
        const struct remote_tunnel *t
            = tunnel_to(&c->chassis[i], local_ip, (istr) { NULL });
        if (t) {
            mixed |= n && remote_tunnel_type(t)
                          != remote_tunnel_type(tunnels[0]);
            tunnels[n++] = t;
        }
    }
    for (size_t i = 0; mixed && !first && i < n; i++) {
        const struct sb_chassis *chassis = remote_tunnel_chassis(tunnels[i]);
        if (chassis_is_live(sb_chassis_uuid(chassis))) {
            first = tunnels[i];
        }
    }
    size_t n_same = 0;
    for (size_t i = 0; i < n; i++) {
        if (remote_tunnel_type(tunnels[i])
            == remote_tunnel_type(first ? first : tunnels[0])) {
            tunnels[n_same++] = tunnels[i];
        }
    }
    return n_same;
}

static void
put_first_alive(struct flow_maker *f, const struct remote_tunnel **tunnels,
                size_t n)
{
    struct ofpact_bundle *bundle = ofpact_put_BUNDLE(&f->acts);
    bundle->algorithm = NX_BD_ALG_ACTIVE_BACKUP;
    bundle->fields = NX_HASH_FIELDS_ETH_SRC;
    for (size_t i = 0; i < n; i++) {
        ofp_port_t port = u16_to_ofp(remote_tunnel_ofport(tunnels[i]));
        ofpbuf_put(&f->acts, &port, sizeof port);
        bundle = f->acts.header;
        bundle->n_members++;
    }
    ofpact_finish_BUNDLE(&f->acts, &bundle);
}

/* On other chassis. */
static bool
put_redirect(struct flow_maker *f, istr local_ip, const void *port_)
{
    const struct ha_port *port = port_;
    const struct sb_port_binding *pb = ha_port_pb(port);
    struct uuid dp = ha_port_dp(port);
    const struct local_datapath *ld = local_datapath_by_uuid(&dp);
    struct ha_candidates c;

    ha_candidates_init(&c, pb);
    const struct remote_tunnel **tunnels = xmalloc(MAX(1, c.n)
                                                   * sizeof *tunnels);
    size_t n = find_tunnels(&c, local_ip, tunnels);
    if (n) {
        put_encapsulation(f, tunnels[0], local_datapath_key(ld),
                          sb_port_binding_tunnel_key(pb));
        if (n == 1) {
            put_output(f, remote_tunnel_ofport(tunnels[0]));
        } else {
            put_first_alive(f, tunnels, n);
        }
    }
    free(tunnels);
    ha_candidates_destroy(&c);
    return n > 0;
}

/* The same without tunnels. */
static void
put_bridged(struct flow_maker *f, const struct sb_port_binding *pb)
{
    const struct sb_port_binding *port = port_by_option(pb,
                                                        "distributed-port");
    const struct sb_port_binding *peer = port ? port_by_option(port, "peer")
                                              : NULL;
    if (!peer) {
        return;
    }
    const struct uuid *dp = sb_port_binding_datapath_uuid(peer);
    const struct local_datapath *ld = local_datapath_by_uuid(dp);
    const struct sb_port_binding *localnet = localnet_of(dp);
    const struct ovsdb_datum *macs = sb_port_binding_mac(pb);
    struct eth_addr mac;
    if (!ld || !localnet) {
        invalid(pb, "options:redirect-type is \"bridged\", but this chassis "
                "has no localnet port with a bridge mapping on the switch of "
                "port \"%s\"", sb_port_binding_logical_port(peer));
        return;
    }
    if (!db_n(macs) || !ovs_scan(db_str(macs, 0), ETH_ADDR_SCAN_FMT,
                                 ETH_ADDR_SCAN_ARGS(mac))) {
        return;
    }
    ofpact_put_SET_ETH_DST(&f->acts)->mac = mac;
    put_load(f, MFF_METADATA, 0, 64, local_datapath_key(ld));
    put_load(f, MFF_REG0 + REG_OUTPORT, 0, 32,
             sb_port_binding_tunnel_key(localnet));
    put_resubmit(f, OFTABLE_LOG_TO_PHY);
    flow_emit(f, OFTABLE_REMOTE_OUTPUT, 100);
}

static bool
is_bridged(const struct sb_port_binding *pb)
{
    const char *how = sb_port_binding_options_get(pb, "redirect-type");
    return how && !strcasecmp(how, "bridged");
}

static void
run_redirect_flows(const void *row)
{
    const struct ha_port *port = row;
    const struct sb_port_binding *pb = ha_port_pb(port);
    struct uuid dp = ha_port_dp(port);
    const struct local_datapath *ld = local_datapath_by_uuid(&dp);
    if (!ld || strcmp(sb_port_binding_type(pb), "chassisredirect")) {
        return;
    }

    struct flow_maker f;
    flow_init(&f, sb_port_binding_uuid(pb));
    match_datapath(&f, local_datapath_key(ld));
    match_outport(&f, sb_port_binding_tunnel_key(pb));
    if (ha_port_active(port)) {
        put_distributed_port(&f, pb);
    } else if (is_bridged(pb)) {
        put_bridged(&f, pb);
    } else {
        emit_by_sender(&f, OFTABLE_REMOTE_OUTPUT, 100, put_redirect, port);
    }
    flow_done(&f);
}
const struct inc_rule redirect_flows = {
    .name = "redirect_flows", .driver = &ha_port_table,
    .run = run_redirect_flows,
};
