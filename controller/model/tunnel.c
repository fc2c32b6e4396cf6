/* DOC: tunnels
 *
 * A chassis receives what it offers and is sent what it offers: towards each
 * chassis we send by the best type that both offer, else by the best one that
 * it offers, and are ready for what it will choose by the same rule.  Reads
 * SB Chassis and Encap, ovn-encap-type and ovn-encap-ip; writes tunnel ports
 * to the integration bridge. */
#include <config.h>
#include "controller/model/tunnel.h"

#include "controller/model/bridge.h"
#include "controller/model/config.h"
#include "controller/out/vs.h"
#include "controller/rule.h"
#include "packets.h"

INC_TABLE_DEFINE(own_encap, OWN_ENCAP_FIELDS, .kind = INC_DERIVED,
                 .combine = INC_UNIQUE);
INC_TABLE_DEFINE(tunnel, TUNNEL_FIELDS, .kind = INC_DERIVED,
                 .combine = INC_UNIQUE);
INC_TABLE_DEFINE(remote_tunnel, REMOTE_TUNNEL_FIELDS, .kind = INC_DERIVED);

struct inc_pool *tunnel_names;

/* In order of preference. */
const char *const tunnel_types[N_TUNNEL_TYPES] = {
    [TUNNEL_GENEVE] = "geneve",
    [TUNNEL_VXLAN] = "vxlan",
};

static enum tunnel_type
tunnel_type_from_string(const char *s)
{
    enum tunnel_type type;
    for (type = 0; type < N_TUNNEL_TYPES; type++) {
        if (!strcmp(s, tunnel_types[type])) {
            break;
        }
    }
    return type;
}

/* ---- Indexes. ---- */

static void
encap_ip_key(const void *v_, struct inc_keys *keys)
{
    const struct own_encap_v *v = v_;
    inc_keys_add_istr(keys, v->ip);
}
struct inc_index own_encap_by_ip = {
    .name = "own_encap_by_ip", .table = &own_encap_table,
    .keys = encap_ip_key,
};

static void
encap_chassis_key(const void *v, struct inc_keys *keys)
{
    const char *name = sb_encap_chassis_name(v);
    inc_keys_add(keys, name, strlen(name));
}
struct inc_index sb_encap_by_chassis = {
    .name = "sb_encap_by_chassis", .table = &sb_encap_table.inc,
    .keys = encap_chassis_key, .mask = INC_COL(SB_ENCAP_COL_CHASSIS_NAME),
};

static void
remote_chassis_key(const void *v_, struct inc_keys *keys)
{
    const struct remote_tunnel_v *v = v_;
    inc_keys_add(keys, sb_chassis_uuid(v->chassis), sizeof(struct uuid));
}
struct inc_index remote_tunnels_by_chassis = {
    .name = "remote_tunnels_by_chassis", .table = &remote_tunnel_table,
    .keys = remote_chassis_key,
};

/* ---- Our own encapsulations. ---- */

/* Calls 'cb' for each word of a comma-separated list. */
static void
for_each_word(const char *list, void (*cb)(const char *word, void *aux),
              void *aux)
{
    char *copy = xstrdup(list);
    char *save_ptr = NULL;
    for (char *word = strtok_r(copy, ", ", &save_ptr); word;
         word = strtok_r(NULL, ", ", &save_ptr)) {
        cb(word, aux);
    }
    free(copy);
}

struct encap_loop {
    enum tunnel_type type;
    uint32_t n;                       /* Addresses so far. */
};

static void
add_own_ip(const char *ip, void *loop_)
{
    struct encap_loop *loop = loop_;
    const char *chassis = config_chassis_name(the_config()).s;
    const char *dflt = node_option("ovn-encap-ip-default");
    bool is_default = dflt && dflt[0] ? !strcmp(dflt, ip) : loop->n == 0;

    ovs_be32 ip4;
    struct in6_addr ip6;
    if (!ip_parse(ip, &ip4) && !ipv6_parse(ip, &ip6)) {
        invalid(the_open_vswitch(), "external_ids:ovn-encap-ip: \"%s\" is "
                "not an IP address", ip);
        return;
    }
    loop->n++;
    emit_own_encap(&(struct own_encap_v) {
        .type = loop->type, .ip = istr_intern(ip),
        .uuid = db_uuid_for(&sb_encap_table, "%s %s %s",
                            tunnel_types[loop->type], ip, chassis),
        .rank = is_default ? 0 : loop->n,
    });
}

static void
add_own_type(const char *word, void *config_)
{
    const struct config *config = config_;
    enum tunnel_type type = tunnel_type_from_string(word);

    if (type == N_TUNNEL_TYPES) {
        invalid(the_open_vswitch(), "external_ids:ovn-encap-type: \"%s\" is "
                "neither geneve nor vxlan", word);
        return;
    }
    struct encap_loop loop = { .type = type };
    for_each_word(config_encap_ips(config).s, add_own_ip, &loop);
}

static void
run_own_encaps(const void *row OVS_UNUSED)
{
    const struct config *config = the_config();
    if (!config) {
        return;
    }
    if (istr_is_empty(config_encap_types(config))
        || istr_is_empty(config_encap_ips(config))) {
        invalid(the_open_vswitch(), "external_ids:ovn-encap-type and "
                "ovn-encap-ip are not both set: no other chassis can send "
                "to this node");
        return;
    }
    for_each_word(config_encap_types(config).s, add_own_type,
                  CONST_CAST(struct config *, config));
}
const struct inc_rule own_encaps = { .name = "own_encaps",
                                     .run = run_own_encaps };

bool
encap_of_ip(istr ip, struct uuid *uuid)
{
    const struct own_encap *encap, *best = NULL;
    if (!ip.s) {
        return false;
    }
    INC_BUCKET_FOR_EACH (encap, inc_find_istr(&own_encap_by_ip, ip)) {
        if (!best || own_encap_type(encap) < own_encap_type(best)) {
            best = encap;
        }
    }
    if (best) {
        *uuid = own_encap_uuid(best);
    }
    return best != NULL;
}

uint32_t
encap_id_of_ip(istr ip)
{
    const struct own_encap *encap
        = ip.s ? inc_find_one(&own_encap_by_ip, ip.s, istr_len(ip)) : NULL;
    return encap ? own_encap_rank(encap) : 0;
}

/* ---- Tunnels to other chassis. ---- */

/* What a pair uses: best type that both offer, else the best that 'offered'
 * has (both are bits per type). */
static enum tunnel_type
choose_type(uint32_t offered, uint32_t other)
{
    uint32_t common = offered & other;
    return ctz32(common ? common : offered);
}

static uint32_t
own_types(void)
{
    const struct own_encap *encap;
    uint32_t types = 0;
    INC_FOR_EACH (encap, &own_encap_table) {
        types |= 1u << own_encap_type(encap);
    }
    return types;
}

static istr
make_options(const char *remote_ip, istr local_ip, bool several_ips,
               const struct ovsdb_datum *encap_options)
{
    const char *csum = db_map_get(encap_options, "csum");
    const char *dst_port = db_map_get(encap_options, "dst_port");
    const char *tos = node_option("ovn-encap-tos");
    const char *df_default = node_option("ovn-encap-df_default");
    struct db_map *map = db_map_start();

    db_map_put(map, "key", "flow");
    db_map_put(map, "remote_ip", remote_ip);
    if (several_ips) {
        db_map_put(map, "local_ip", local_ip.s);
    }
    if (csum && (!strcmp(csum, "true") || !strcmp(csum, "false"))) {
        db_map_put(map, "csum", csum);
    }
    if (dst_port) {
        db_map_put(map, "dst_port", dst_port);
    }
    if (tos) {
        db_map_put(map, "tos", tos);
    }
    if (df_default) {
        db_map_put(map, "df_default", df_default);
    }
    return db_map_finish(map);
}

static bool
is_default_encap(const struct sb_encap *encap)
{
    return db_map_get_bool(sb_encap_options(encap), "is_default", false);
}

/* Emits tunnels of 'type' between each of our and each of the chassis's
 * addresses.  The offers of one side may lack 'type': then the addresses of
 * its other types serve, each once. */
static void
emit_tunnels(const struct sb_chassis *chassis, enum tunnel_type type,
             bool sends)
{
    const char *name = sb_chassis_name(chassis);
    const struct inc_bucket *theirs = inc_find(&sb_encap_by_chassis, name,
                                               strlen(name));
    const struct own_encap *own;
    const struct sb_encap *encap;
    size_t n_own = 0;
    uint32_t own_type = choose_type(own_types(), 1u << type);

    INC_FOR_EACH (own, &own_encap_table) {
        n_own += own_encap_type(own) == own_type;
    }
    INC_BUCKET_FOR_EACH (encap, theirs) {
        bool has_type = false;
        const struct sb_encap *e;
        INC_BUCKET_FOR_EACH (e, theirs) {
            has_type |= !strcmp(sb_encap_type(e), tunnel_types[type]);
        }
        if (has_type && strcmp(sb_encap_type(encap), tunnel_types[type])) {
            continue;
        }
        INC_FOR_EACH (own, &own_encap_table) {
            if (own_encap_type(own) == own_type) {
                istr local_ip = own_encap_ip(own);
                const char *ip = sb_encap_ip(encap);
                emit_tunnel(&(struct tunnel_v) {
                    .chassis = chassis, .type = type,
                    .remote_ip = istr_intern(ip), .local_ip = local_ip,
                    .sends = sends,
                    .is_default = (!own_encap_rank(own)
                                   && (is_default_encap(encap)
                                       || inc_bucket_n(theirs) == 1)),
                    .options = make_options(ip, local_ip, n_own > 1,
                                            sb_encap_options(encap)),
                });
            }
        }
    }
}

static uint32_t
offered_types(const struct sb_chassis *chassis)
{
    const char *name = sb_chassis_name(chassis);
    const struct sb_encap *encap;
    uint32_t types = 0;
    INC_BUCKET_FOR_EACH (encap, inc_find(&sb_encap_by_chassis, name,
                                         strlen(name))) {
        enum tunnel_type type = tunnel_type_from_string(sb_encap_type(encap));
        if (type < N_TUNNEL_TYPES) {
            types |= 1u << type;
        }
    }
    return types;
}

/* Chassis without zones are in a zone of their own. */
static bool
shares_zone(const struct sb_chassis *chassis)
{
    const struct ovsdb_datum *theirs = sb_chassis_transport_zones(chassis);
    const char *s = node_option("ovn-transport-zones");
    char *copy = xstrdup(s ? s : "");
    char *save_ptr = NULL;
    bool any = false, shares = false;

    for (char *zone = strtok_r(copy, ",", &save_ptr); zone;
         zone = strtok_r(NULL, ",", &save_ptr)) {
        any = true;
        shares |= db_set_contains(theirs, zone);
    }
    free(copy);
    return any ? shares : !db_n(theirs);
}

/* Gateways between availability zones talk to chassis of other zones, nobody
 * else does. */
static bool
is_within_reach(const struct sb_chassis *chassis)
{
    return (shares_zone(chassis)
            && (!db_map_get_bool(sb_chassis_other_config(chassis),
                                 "is-remote", false)
                || node_option_bool("ovn-is-interconn", false)));
}

static void
run_tunnels(const void *row)
{
    const struct sb_chassis *chassis = row;
    const struct config *config = the_config();
    if (!config || !integration_bridge() || !is_within_reach(chassis)
        || !strcmp(sb_chassis_name(chassis), config_chassis_name(config).s)) {
        return;
    }

    uint32_t theirs = offered_types(chassis);
    uint32_t ours = own_types();
    if (!theirs || !ours) {
        return;
    }
    enum tunnel_type sends = choose_type(theirs, ours);
    enum tunnel_type receives = choose_type(ours, theirs);
    emit_tunnels(chassis, sends, true);
    if (receives != sends) {
        emit_tunnels(chassis, receives, false);
    }
}
const struct inc_rule tunnels = {
    .name = "tunnels", .driver = &sb_chassis_table.inc, .run = run_tunnels,
};

/* ---- Tunnel ports. ---- */

/* What operators and tools find in Port.external_ids:ovn-chassis-id; with the
 * type, the identity of a tunnel. */
static istr
chassis_id(const struct tunnel *tunnel)
{
    return istr_fmt("%s@%s%%%s", sb_chassis_name(tunnel_chassis(tunnel)),
                    tunnel_remote_ip(tunnel).s, tunnel_local_ip(tunnel).s);
}

/* "ovnIDX-CHASSI", the common part of names of tunnels to a chassis. */
static istr
name_prefix(const char *chassis)
{
    const struct vs_open_vswitch *ovs = the_open_vswitch();
    istr us = chassis_name();
    const char *idx = NULL;
    if (ovs && us.s) {
        idx = db_map_get(vs_open_vswitch_other_config(ovs),
                         istr_fmt("ovn-chassis-idx-%s", us.s).s);
    }
    return istr_fmt("ovn%s-%.6s", idx ? idx : "", chassis);
}

static struct uuid
name_owner(const char *id, const char *type)
{
    istr s = istr_fmt("%s %s", id, type);
    return db_hash_uuid("tunnel", s.s, istr_len(s));
}

/* The Ethernet header of the packet inside, the tunnel's own header (Geneve's
 * with the option that holds ports, RFC 8926, 3.4), UDP's and the outer IP
 * header. */
static uint32_t
overhead(enum tunnel_type type, const char *remote_ip)
{
    return (ETH_HEADER_LEN + (type == TUNNEL_GENEVE ? 8 + 8 : 8)
            + UDP_HEADER_LEN
            + (strchr(remote_ip, ':') ? IPV6_HEADER_LEN : IP_HEADER_LEN));
}

/* MTU of the interface that the switch sends the tunnel's packets by, as far
 * as that is one of its own, else 0. */
static uint32_t
mtu_below(const char *name)
{
    const struct vs_interface *iface = interface_by_name(name);
    const char *below_name
        = iface ? vs_interface_status_get(iface, "tunnel_egress_iface") : NULL;
    const struct vs_interface *below
        = below_name ? interface_by_name(below_name) : NULL;
    const int64_t *mtu = below ? vs_interface_mtu(below) : NULL;
    return mtu && *mtu > 0 && *mtu <= UINT16_MAX ? *mtu : 0;
}

static void
run_remote_tunnels(const void *row)
{
    const struct tunnel *tunnel = row;
    const struct vs_bridge *bridge = integration_bridge();
    if (!bridge) {
        return;
    }

    const char *type = tunnel_types[tunnel_type(tunnel)];
    istr id = chassis_id(tunnel);
    istr prefix = name_prefix(sb_chassis_name(tunnel_chassis(tunnel)));
    uint32_t n;
    if (!inc_pool_take_in(tunnel_names,
                          db_hash_uuid("prefix", prefix.s, istr_len(prefix)),
                          name_owner(id.s, type), 0, 1, 1u << 20, &n, NULL)) {
        return;
    }
    istr name = istr_fmt("%s-%"PRIx32, prefix.s, n - 1);
    struct uuid iface = db_uuid_for(&vs_interface_table, "%s", name.s);
    emit_vs_new_iface(&(struct vs_new_iface_v) {
        .uuid = iface, .name = name, .type = istr_intern(type),
        .options = tunnel_options(tunnel),
    });
    struct db_map *ids = db_map_start();
    db_map_put(ids, "ovn-chassis-id", id.s);
    emit_vs_new_port(&(struct vs_new_port_v) {
        .uuid = db_uuid_for(&vs_port_table, "%s", name.s), .name = name,
        .interfaces = db_opt_uuid(&iface),
        .external_ids = db_map_finish(ids),
        .bridge = *vs_bridge_uuid(bridge),
    });
    emit_remote_tunnel(&(struct remote_tunnel_v) {
        .chassis = tunnel_chassis(tunnel), .name = name,
        .type = tunnel_type(tunnel), .ofport = ofport_by_name(name.s),
        .remote_ip = tunnel_remote_ip(tunnel),
        .local_ip = tunnel_local_ip(tunnel), .sends = tunnel_sends(tunnel),
        .is_default = tunnel_is_default(tunnel),
        .overhead = overhead(tunnel_type(tunnel), tunnel_remote_ip(tunnel).s),
        .mtu = mtu_below(name.s),
    });
}
const struct inc_rule remote_tunnels = {
    .name = "remote_tunnels", .driver = &tunnel_table,
    .run = run_remote_tunnels, .flags = INC_SERIAL,
};

const struct remote_tunnel *
tunnel_to(const struct uuid *chassis, istr local_ip, istr remote_ip)
{
    const struct remote_tunnel *t, *best = NULL;
    int best_score = -1;

    INC_BUCKET_FOR_EACH (t, inc_find(&remote_tunnels_by_chassis, chassis,
                                     sizeof *chassis)) {
        if (!remote_tunnel_sends(t) || !remote_tunnel_ofport(t)) {
            continue;
        }
        int score = ((local_ip.s && istr_eq(remote_tunnel_local_ip(t),
                                            local_ip)) * 4
                     + (remote_ip.s && istr_eq(remote_tunnel_remote_ip(t),
                                               remote_ip)) * 2
                     + remote_tunnel_is_default(t));
        if (score > best_score
            || (score == best_score
                && strcmp(remote_tunnel_name(t).s,
                          remote_tunnel_name(best).s) < 0)) {
            best = t;
            best_score = score;
        }
    }
    return best;
}

/* Our address that comes first. */
static istr
default_ip(void)
{
    const char *ip = node_option("ovn-encap-ip-default");
    if (!ip || !ip[0]) {
        ip = node_option("ovn-encap-ip");
    }
    ip = ip ? ip : "";
    return istr_fmt("%.*s", (int) strcspn(ip, ", "), ip);
}

/* A tunnel that is there keeps its name. */
void
tunnel_seed(void)
{
    const struct db_row *row;
    DB_FOR_EACH (row, &vs_port_table) {
        const struct vs_port *port = (const void *) row;
        const char *id = vs_port_external_ids_get(port, "ovn-chassis-id");
        const char *name = vs_port_name(port);
        const char *dash = strrchr(name, '-');
        const struct ovsdb_datum *ifaces = vs_port_interfaces(port);
        const struct db_row *iface
            = (id && db_n(ifaces) == 1
               ? db_row_get(&vs_interface_table, db_ref(ifaces, 0)) : NULL);
        int n;
        if (!iface || !dash || !str_to_int(dash + 1, 16, &n) || n < 0) {
            continue;
        }
        /* OVN 23.03 does not say our address. */
        istr full = (strchr(id, '%') ? istr_intern(id)
                     : istr_fmt("%s%%%s", id, default_ip().s));
        struct uuid owner = name_owner(
            full.s, vs_interface_type((const void *) iface));
        inc_pool_seed_in(tunnel_names,
                         db_hash_uuid("prefix", name, dash - name), owner,
                         n + 1);
    }
}
