/* DOC: ports
 *
 * Reads NB Logical_Switch_Port and Logical_Router_Port, finds the datapath of
 * each and gives it a tunnel key that it keeps for life. */
#include <config.h>
#include "northd/model/port.h"

#include "northd/feature.h"
#include "northd/model/config.h"
#include "northd/model/datapath.h"
#include "northd/model/dgp.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"

INC_TABLE_DEFINE(port, PORT_FIELDS, .kind = INC_DERIVED);

struct inc_pool *port_keys;

const struct port_kind_info port_kinds[N_PORT_KINDS] = {
    [PORT_VIF] = { "", "", false },
    [PORT_ROUTER] = { "router", "patch", true },
    [PORT_LOCALNET] = { "localnet", "localnet", false },
    [PORT_LOCALPORT] = { "localport", "localport", false },
    [PORT_L2GATEWAY] = { "l2gateway", "l2gateway", false },
    [PORT_VTEP] = { "vtep", "vtep", false },
    [PORT_EXTERNAL] = { "external", "external", false },
    [PORT_VIRTUAL] = { "virtual", "virtual", false },
    [PORT_REMOTE] = { "remote", "remote", false },
    [PORT_SWITCH] = { "switch", "patch", true },
    [PORT_LRP] = { NULL, "patch", true },
    [PORT_CR] = { NULL, "chassisredirect", false },
    [PORT_CR_LSP] = { NULL, "chassisredirect", false },
};

/* ---- Indexes. ---- */

static void
ls_port_keys(const void *ls, struct inc_keys *keys)
{
    const struct ovsdb_datum *ports = nb_logical_switch_ports(ls);
    for (size_t i = 0; i < db_n(ports); i++) {
        inc_keys_add(keys, db_ref(ports, i), sizeof(struct uuid));
    }
}
struct inc_index ls_by_port = {
    .name = "ls_by_port", .table = &nb_logical_switch_table.inc,
    .keys = ls_port_keys, .mask = INC_COL(NB_LOGICAL_SWITCH_COL_PORTS),
};

static void
lr_port_keys(const void *lr, struct inc_keys *keys)
{
    const struct ovsdb_datum *ports = nb_logical_router_ports(lr);
    for (size_t i = 0; i < db_n(ports); i++) {
        inc_keys_add(keys, db_ref(ports, i), sizeof(struct uuid));
    }
}
struct inc_index lr_by_port = {
    .name = "lr_by_port", .table = &nb_logical_router_table.inc,
    .keys = lr_port_keys, .mask = INC_COL(NB_LOGICAL_ROUTER_COL_PORTS),
};

static void
port_uuid_key(const void *v_, struct inc_keys *keys)
{
    const struct port_v *v = v_;
    inc_keys_add(keys, &v->nb_uuid, sizeof v->nb_uuid);
}
struct inc_index port_by_nb_uuid = {
    .name = "port_by_nb_uuid", .table = &port_table, .keys = port_uuid_key,
};

static void
port_trait_keys(const void *v_, struct inc_keys *keys)
{
    const struct port_v *v = v_;
    for (int trait = 0; trait < N_PORT_TRAITS; trait++) {
        if (v->traits & (1u << trait)) {
            struct port_trait_key key = { v->dp, trait };
            inc_keys_add(keys, &key, sizeof key);
        }
    }
}
struct inc_index ports_by_trait = {
    .name = "ports_by_trait", .table = &port_table, .keys = port_trait_keys,
    .mask = INC_MASK(port, traits) | INC_MASK(port, dp),
};

/* A port's place on the wire. */
struct dp_key_key {
    const struct datapath *dp;
    uint64_t key;
};
static void
port_dp_key_key(const void *v_, struct inc_keys *keys)
{
    const struct port_v *v = v_;
    struct dp_key_key key = { v->dp, v->key };
    inc_keys_add(keys, &key, sizeof key);
}
struct inc_index ports_by_dp_key = {
    .name = "ports_by_dp_key", .table = &port_table,
    .keys = port_dp_key_key,
    .mask = INC_MASK(port, key) | INC_MASK(port, dp),
};

static void
lrp_name_key(const void *lrp, struct inc_keys *keys)
{
    const char *name = nb_logical_router_port_name(lrp);
    inc_keys_add(keys, name, strlen(name));
}
struct inc_index lrp_by_name_index = {
    .name = "lrp_by_name", .table = &nb_logical_router_port_table.inc,
    .keys = lrp_name_key, .mask = INC_COL(NB_LOGICAL_ROUTER_PORT_COL_NAME),
};

static void
lsp_name_key(const void *lsp, struct inc_keys *keys)
{
    const char *name = nb_logical_switch_port_name(lsp);
    inc_keys_add(keys, name, strlen(name));
}
struct inc_index lsp_by_name_index = {
    .name = "lsp_by_name", .table = &nb_logical_switch_port_table.inc,
    .keys = lsp_name_key, .mask = INC_COL(NB_LOGICAL_SWITCH_PORT_COL_NAME),
};

static void
lsp_peer_key(const void *lsp, struct inc_keys *keys)
{
    const char *peer = nb_logical_switch_port_options_get(lsp, "router-port");
    if (peer && !strcmp(nb_logical_switch_port_type(lsp), "router")) {
        inc_keys_add(keys, peer, strlen(peer));
    }
}
struct inc_index lsps_by_peer = {
    .name = "lsps_by_peer", .table = &nb_logical_switch_port_table.inc,
    .keys = lsp_peer_key,
    .mask = INC_COL(NB_LOGICAL_SWITCH_PORT_COL_OPTIONS)
            | INC_COL(NB_LOGICAL_SWITCH_PORT_COL_TYPE),
};

const struct port *
port_by_uuid(const struct uuid *nb_uuid)
{
    return inc_find_one(&port_by_nb_uuid, nb_uuid, sizeof *nb_uuid);
}

const struct port *
port_of_lsp(const struct nb_logical_switch_port *lsp)
{
    return port_by_uuid(nb_logical_switch_port_uuid(lsp));
}

const struct port *
port_by_key(const struct datapath *dp, uint32_t key)
{
    struct dp_key_key k = { dp, key };
    return inc_find_one(&ports_by_dp_key, &k, sizeof k);
}

istr
port_quoted(const struct port *port)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    json_string_escape(port_name(port).s, &s);
    istr quoted = text(ds_cstr(&s));
    ds_destroy(&s);
    return quoted;
}

bool
ports_with_trait_exist(const struct datapath *dp, enum port_trait trait)
{
    struct port_trait_key key = { dp, trait };
    return inc_bucket_n(inc_find(&ports_by_trait, &key, sizeof key)) > 0;
}

const struct nb_logical_router_port *
lrp_by_name(const char *name)
{
    return inc_find_one(&lrp_by_name_index, name, strlen(name));
}

const struct port *
lsp_port_by_name(const char *name)
{
    const struct nb_logical_switch_port *lsp
        = inc_find_one(&lsp_by_name_index, name, strlen(name));
    return lsp ? port_of_lsp(lsp) : NULL;
}

const struct port *
lsp_of_lrp(const char *lrp_name)
{
    const struct nb_logical_switch_port *lsp
        = inc_find_one(&lsps_by_peer, lrp_name, strlen(lrp_name));
    return lsp ? port_of_lsp(lsp) : NULL;
}

/* ---- Tunnel keys. ---- */

static uint32_t
requested_key(const void *row, const char *requested)
{
    unsigned int key;

    if (!requested) {
        return 0;
    }
    if (!str_to_uint(requested, 10, &key) || !key || key > max_port_key()) {
        invalid(row, "options:requested-tnl-key \"%s\" is not a number from "
                "1 to %"PRIu32"; another key is used", requested,
                max_port_key());
        return 0;
    }
    return key;
}

/* Takes a tunnel key for the port 'nb_uuid' on 'dp'.  Returns 0 if there is
 * none left. */
static uint32_t
take_key(const void *row, const struct uuid *nb_uuid,
         const struct datapath *dp, const char *requested)
{
    uint32_t want = requested_key(row, requested);
    struct uuid space = datapath_nb_uuid(dp);
    struct uuid holder;
    uint32_t key;

    if (want) {
        if (inc_pool_take_in(port_keys, space, *nb_uuid, want, want, want,
                             &key, &holder)) {
            return key;
        }
        invalid(row, "options:requested-tnl-key %"PRIu32" is also requested "
                "by "UUID_FMT", which has it; another key is used", want,
                UUID_ARGS(&holder));
    }
    if (inc_pool_take_in(port_keys, space, *nb_uuid, 0, 1, max_port_key(),
                         &key, NULL)) {
        return key;
    }
    invalid(row, "all %"PRIu32" tunnel keys of its datapath are in use: it "
            "gets none and carries no traffic", max_port_key());
    return 0;
}

static struct uuid
binding_uuid(const char *name)
{
    return db_uuid_for(&sb_port_binding_table, "%s", name);
}

/* ---- Chassisredirect ports. ---- */

static struct uuid
cr_uuid(const struct uuid *nb_uuid)
{
    return db_hash_uuid("chassisredirect", nb_uuid, sizeof *nb_uuid);
}

/* Completes and emits the port that stands for the one of the NB row 'row' on
 * its gateway chassis. */
static void
emit_cr_port(const void *row, const struct uuid *nb_uuid, const char *of,
             struct port_v *v)
{
    v->nb_uuid = cr_uuid(nb_uuid);
    v->key = take_key(row, &v->nb_uuid, v->dp, NULL);
    if (v->key) {
        v->name = fmt("cr-%s", of);
        v->sb_uuid = binding_uuid(v->name.s);
        emit_port(v);
    }
}

const struct port *
cr_port_of_lrp(const struct nb_logical_router_port *lrp)
{
    struct uuid uuid = cr_uuid(nb_logical_router_port_uuid(lrp));
    return port_by_uuid(&uuid);
}

const struct port *
cr_port_of_lsp(const struct port *lsp_port)
{
    struct uuid lsp = port_nb_uuid(lsp_port);
    struct uuid uuid = cr_uuid(&lsp);
    return port_by_uuid(&uuid);
}

/* ---- Switch ports. ---- */

static enum port_kind
lsp_kind(const struct nb_logical_switch_port *lsp)
{
    const char *type = nb_logical_switch_port_type(lsp);
    for (int kind = 0; kind < PORT_LRP; kind++) {
        if (!strcmp(type, port_kinds[kind].nb_type)) {
            return kind;
        }
    }
    return N_PORT_KINDS;
}

static bool
lsp_option_bool(const struct nb_logical_switch_port *lsp, const char *key,
                bool dflt)
{
    return db_map_get_bool(nb_logical_switch_port_options(lsp), key, dflt);
}

static uint32_t
lsp_traits(const struct nb_logical_switch_port *lsp, enum port_kind kind,
           bool enabled)
{
    uint32_t traits = 0;

    if (kind == PORT_ROUTER) {
        traits |= 1u << PORT_TRAIT_ROUTER;
    } else if (kind == PORT_VTEP) {
        traits |= 1u << PORT_TRAIT_VTEP;
    } else if (kind == PORT_LOCALNET) {
        traits |= 1u << PORT_TRAIT_LOCALNET;
        if (lsp_option_bool(lsp, "localnet_learn_fdb", false)) {
            traits |= 1u << PORT_TRAIT_LOCALNET_LEARN;
        }
    }
    if (enabled) {
        if (lsp_option_bool(lsp, "receive_multicast", true)) {
            traits |= 1u << PORT_TRAIT_FLOOD;
            if (kind != PORT_ROUTER) {
                traits |= 1u << PORT_TRAIT_FLOOD_L2;
            }
        }
    }
    bool any = db_set_contains(nb_logical_switch_port_addresses(lsp),
                               "unknown");
    if (any) {
        traits |= 1u << PORT_TRAIT_ANY_ADDRESS;
    }
    if (enabled && (any || kind == PORT_SWITCH)) {
        traits |= 1u << PORT_TRAIT_UNKNOWN;
    }
    return traits;
}

/* The switch that has the port; the database lets several have it. */
static const struct nb_logical_switch *
switch_of_lsp(const struct nb_logical_switch_port *lsp)
{
    const struct inc_bucket *owners
        = inc_find(&ls_by_port, nb_logical_switch_port_uuid(lsp),
                   sizeof(struct uuid));
    const struct nb_logical_switch *ls = inc_bucket_first(owners);
    if (inc_bucket_n(owners) > 1) {
        invalid(lsp, "%zu logical switches have this port; it belongs to "
                "\"%s\"", inc_bucket_n(owners), nb_logical_switch_name(ls));
    }
    return ls;
}

static void
run_lsp_ports(const void *row)
{
    const struct nb_logical_switch_port *lsp = row;
    const struct nb_logical_switch *ls = switch_of_lsp(lsp);
    const struct datapath *dp = ls ? datapath_of_ls(ls) : NULL;
    if (!dp) {
        return;
    }

    const char *name = nb_logical_switch_port_name(lsp);
    enum port_kind kind = lsp_kind(lsp);
    if (kind == N_PORT_KINDS) {
        invalid(lsp, "type \"%s\" is unknown; the port is ignored",
                nb_logical_switch_port_type(lsp));
        return;
    }
    if (lrp_by_name(name)) {
        invalid(lsp, "a logical router port has the same name; the switch "
                "port is ignored");
        return;
    }

    const struct uuid *nb_uuid = nb_logical_switch_port_uuid(lsp);
    uint32_t key = take_key(lsp, nb_uuid, dp,
                            nb_logical_switch_port_options_get(
                                lsp, "requested-tnl-key"));
    if (!key) {
        return;
    }
    const bool *enabled_ = nb_logical_switch_port_enabled(lsp);
    bool enabled = !enabled_ || *enabled_;
    emit_port(&(struct port_v) {
        .nb_uuid = *nb_uuid, .lsp = lsp, .dp = dp, .name = text(name),
        .sb_uuid = binding_uuid(name), .key = key, .kind = kind,
        .traits = lsp_traits(lsp, kind, enabled), .enabled = enabled,
    });

    const struct nb_logical_router_port *gateway = tunneled_dgp(ls, lsp);
    if (gateway) {
        emit_cr_port(lsp, nb_uuid, name, &(struct port_v) {
            .lrp = gateway, .dp = dp, .kind = PORT_CR_LSP,
            .enabled = enabled,
        });
    }
}
const struct inc_rule lsp_ports = {
    .name = "lsp_ports", .driver = &nb_logical_switch_port_table.inc,
    .run = run_lsp_ports, .flags = INC_SERIAL,
};

/* ---- Router ports. ---- */

static uint32_t
lrp_traits(const struct nb_logical_router_port *lrp, bool enabled)
{
    return (enabled && db_map_get_bool(nb_logical_router_port_options(lrp),
                                       "mcast_flood", false)
            ? 1u << PORT_TRAIT_MCAST_STATIC : 0);
}

/* The router that has the port; the database lets several have it. */
static const struct nb_logical_router *
router_of_lrp(const struct nb_logical_router_port *lrp)
{
    const struct inc_bucket *owners
        = inc_find(&lr_by_port, nb_logical_router_port_uuid(lrp),
                   sizeof(struct uuid));
    const struct nb_logical_router *lr = inc_bucket_first(owners);
    if (inc_bucket_n(owners) > 1) {
        invalid(lrp, "%zu logical routers have this port; it belongs to "
                "\"%s\"", inc_bucket_n(owners), nb_logical_router_name(lr));
    }
    return lr;
}

static void
run_lrp_ports(const void *row)
{
    const struct nb_logical_router_port *lrp = row;
    const struct uuid *nb_uuid = nb_logical_router_port_uuid(lrp);
    const struct nb_logical_router *lr = router_of_lrp(lrp);
    const struct datapath *dp = lr ? datapath_of_lr(lr) : NULL;
    if (!dp) {
        return;
    }

    const char *name = nb_logical_router_port_name(lrp);
    uint32_t key = take_key(lrp, nb_uuid, dp,
                            nb_logical_router_port_options_get(
                                lrp, "requested-tnl-key"));
    if (!key) {
        return;
    }
    const bool *enabled_ = nb_logical_router_port_enabled(lrp);
    bool enabled = !enabled_ || *enabled_;
    emit_port(&(struct port_v) {
        .nb_uuid = *nb_uuid, .lrp = lrp, .dp = dp, .name = text(name),
        .sb_uuid = binding_uuid(name), .key = key, .kind = PORT_LRP,
        .traits = lrp_traits(lrp, enabled), .enabled = enabled,
    });
    if (is_dgp(lrp)) {
        emit_cr_port(lrp, nb_uuid, name, &(struct port_v) {
            .lrp = lrp, .dp = dp, .kind = PORT_CR, .enabled = enabled,
        });
    }
}
const struct inc_rule lrp_ports = {
    .name = "lrp_ports", .driver = &nb_logical_router_port_table.inc,
    .run = run_lrp_ports, .flags = INC_SERIAL,
};

/* ---- Start. ---- */

static bool
logical_port_key(const struct db_row *row, struct ds *key)
{
    ds_put_cstr(key, sb_port_binding_logical_port(
        (const struct sb_port_binding *) row));
    return true;
}

/* A port may be in the list of a switch that it is not bound to: the database
 * lets several have it. */
static void
seed_key(const struct shash *bindings, const char *name,
         const struct uuid *datapath, struct uuid owner)
{
    const struct sb_port_binding *pb = shash_find_data(bindings, name);
    struct uuid sb_datapath = db_uuid_for(&sb_datapath_binding_table,
                                          UUID_FMT, UUID_ARGS(datapath));
    if (pb && uuid_equals(sb_port_binding_datapath_uuid(pb), &sb_datapath)) {
        inc_pool_seed_in(port_keys, *datapath, owner,
                         sb_port_binding_tunnel_key(pb));
    }
}

/* Seeds the keys of the ports of one datapath.  'bindings' maps logical port
 * names to Port_Bindings. */
static void
seed_ports(const struct shash *bindings, const struct uuid *datapath,
           const struct ovsdb_datum *ports, const struct db_table *table)
{
    for (size_t i = 0; i < db_n(ports); i++) {
        const struct db_row *row = db_row_get(table, db_ref(ports, i));
        if (!row) {
            continue;
        }
        const char *name
            = (table == &nb_logical_switch_port_table
               ? nb_logical_switch_port_name((const void *) row)
               : nb_logical_router_port_name((const void *) row));
        seed_key(bindings, name, datapath, row->uuid);
        char *cr_name = xasprintf("cr-%s", name);
        seed_key(bindings, cr_name, datapath, cr_uuid(&row->uuid));
        free(cr_name);
    }
}

void
port_seed(void)
{
    struct shash bindings = SHASH_INITIALIZER(&bindings);
    const struct db_row *row;

    db_adopt(&sb_port_binding_table, logical_port_key);
    DB_FOR_EACH (row, &sb_port_binding_table) {
        const struct sb_port_binding *pb = (const void *) row;
        shash_add(&bindings, sb_port_binding_logical_port(pb), pb);
    }
    DB_FOR_EACH (row, &nb_logical_switch_table) {
        seed_ports(&bindings, &row->uuid,
                   nb_logical_switch_ports((const void *) row),
                   &nb_logical_switch_port_table);
    }
    DB_FOR_EACH (row, &nb_logical_router_table) {
        seed_ports(&bindings, &row->uuid,
                   nb_logical_router_ports((const void *) row),
                   &nb_logical_router_port_table);
    }
    shash_destroy(&bindings);
}
