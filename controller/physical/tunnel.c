/* DOC: flows of tunnels and of ports behind them
 *
 * Geneve carries the datapath as VNI and both logical ports as an option.
 * VXLAN has 24 bits: 12 of the datapath and 12 of the output port, where
 * multicast groups (32768 and up) are 2048 and up (reference F1, F2). */
#include <config.h>
#include "controller/physical/physical.h"

#include "controller/model/binding.h"
#include "controller/model/config.h"
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

void
emit_by_sender(struct flow_maker *f, enum oftable table, uint16_t priority,
               bool (*put)(struct flow_maker *, istr local_ip,
                           const void *aux),
               const void *aux)
{
    const struct own_encap *encap;
    const struct match match = f->match;

    if (put(f, (istr) { NULL }, aux)) {
        flow_emit(f, table, priority);
    }
    INC_FOR_EACH (encap, &own_encap_table) {
        uint32_t id = own_encap_rank(encap);
        if (id && put(f, own_encap_ip(encap), aux)) {
            match_set_reg_masked(&f->match, REG_ZONE, id << ENCAP_ID_OFS,
                                 UINT32_MAX << ENCAP_ID_OFS);
            flow_emit(f, table, priority + 10);
            f->match = match;
        }
    }
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
add_place(struct places *p, const struct uuid *chassis, istr ip)
{
    struct uuid us = config_chassis_uuid(the_config());
    if (!uuid_equals(chassis, &us)) {
        p->chassis[p->n] = *chassis;
        p->ips[p->n++] = ip;
    }
}

/* The tunnel end for 'chassis' among 'encaps', {NULL} if there is none. */
static istr
ip_among(const struct ovsdb_datum *encaps, const struct uuid *chassis)
{
    const struct sb_chassis *row = sb_chassis_get(chassis);
    for (size_t i = 0; row && i < db_n(encaps); i++) {
        const struct sb_encap *encap = sb_encap_get(db_ref(encaps, i));
        if (encap && !strcmp(sb_encap_chassis_name(encap),
                             sb_chassis_name(row))) {
            return istr_intern(sb_encap_ip(encap));
        }
    }
    return (istr) { NULL };
}

static void
places_init(struct places *p, const struct sb_port_binding *pb,
            const struct local_datapath *ld)
{
    const struct uuid *chassis = sb_port_binding_chassis_uuid(pb);
    const struct ovsdb_datum *more = sb_port_binding_additional_chassis(pb);
    size_t max = db_n(more) + 1;

    *p = (struct places) {
        .chassis = xmalloc(max * sizeof *p->chassis),
        .ips = xmalloc(max * sizeof *p->ips),
        .several = db_n(more) > 0,
        .dp_key = local_datapath_key(ld),
        .key = sb_port_binding_tunnel_key(pb),
    };
    if (chassis) {
        add_place(p, chassis, encap_ip(pb));
    }
    for (size_t i = 0; i < db_n(more); i++) {
        const struct uuid *c = db_ref(more, i);
        if (!chassis || !uuid_equals(c, chassis)) {
            add_place(p, c, ip_among(sb_port_binding_additional_encap(pb),
                                     c));
        }
    }
}

void
places_destroy(struct places *p)
{
    free(p->chassis);
    free(p->ips);
}

static bool
put_places(struct flow_maker *f, istr local_ip, const void *places_)
{
    const struct places *p = places_;
    bool any = false;
    for (size_t i = 0; i < p->n; i++) {
        const struct remote_tunnel *tunnel
            = tunnel_to(&p->chassis[i], local_ip, p->ips[i]);
        if (tunnel) {
            put_tunnel(f, tunnel, p->dp_key, p->key);
            any = true;
        }
    }
    if (any && p->several) {
        put_resubmit(f, OFTABLE_LOCAL_OUTPUT);
    }
    return any;
}

/* The datapath if other chassis may have ports of the kind of 'pb', and it is
 * local. */
static const struct local_datapath *
datapath_of(const struct sb_port_binding *pb)
{
    return (strcmp(sb_port_binding_type(pb), "chassisredirect")
            ? local_datapath_by_uuid(sb_port_binding_datapath_uuid(pb))
            : NULL);
}

bool
tunneled_places_init(struct places *p, const struct sb_port_binding *pb)
{
    const struct local_datapath *ld = datapath_of(pb);
    if (!ld) {
        return false;
    }
    places_init(p, pb, ld);
    if (p->several
        || (!is_here(pb)
            && !bridged_by(sb_port_binding_datapath_uuid(pb), pb))) {
        return true;
    }
    places_destroy(p);
    return false;
}

/* A port that is at several places, for migration, gets a copy at each, by
 * tunnels even where its switch is bridged. */
static void
run_remote_port_flows(const void *row)
{
    const struct sb_port_binding *pb = row;
    const struct uuid *dp = sb_port_binding_datapath_uuid(pb);
    const struct local_datapath *ld = datapath_of(pb);
    if (!ld) {
        return;
    }

    struct places places;
    places_init(&places, pb, ld);
    const struct sb_port_binding *localnet = bridged_by(dp, pb);
    bool here = is_here(pb);
    struct flow_maker f;
    flow_init(&f, sb_port_binding_uuid(pb));
    match_datapath(&f, places.dp_key);
    match_outport(&f, places.key);
    if (localnet && !here && !places.several) {
        put_load(&f, MFF_REG0 + REG_OUTPORT, 0, 32,
                 sb_port_binding_tunnel_key(localnet));
        put_resubmit(&f, OFTABLE_LOCAL_OUTPUT);
        flow_emit(&f, OFTABLE_LOCAL_OUTPUT, 100);
    } else if (!here || places.several) {
        emit_by_sender(&f, OFTABLE_REMOTE_OUTPUT, 100, put_places, &places);
    }
    flow_done(&f);
    places_destroy(&places);
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
