/* DOC: local datapaths
 *
 * The datapaths of local ports and what is reachable from them through patch
 * ports.  Only flows of these are made, and only rows of these are asked of
 * the southbound server (reference J8-J14), unless ovn-monitor-all is set. */
#include <config.h>
#include "controller/model/local_datapath.h"

#include "controller/model/binding.h"
#include "controller/model/config.h"
#include "controller/model/ha.h"
#include "controller/model/vif.h"
#include "controller/rule.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "uuidset.h"

INC_TABLE_DEFINE(local_datapath, LOCAL_DATAPATH_FIELDS, .kind = INC_DERIVED);
INC_TABLE_DEFINE(dp_localnet, DP_LOCALNET_FIELDS, .kind = INC_DERIVED,
                 .combine = INC_UNIQUE);
INC_TABLE_DEFINE(dp_seed, DP_SEED_FIELDS, .kind = INC_DERIVED);
INC_TABLE_DEFINE(condition, CONDITION_FIELDS, .kind = INC_OUTPUT);

static void
dp_key(const void *v_, struct inc_keys *keys)
{
    const struct local_datapath_v *v = v_;
    inc_keys_add(keys, &v->dp, sizeof v->dp);
}
struct inc_index local_datapath_index = {
    .name = "local_datapath", .table = &local_datapath_table, .keys = dp_key,
};

const struct local_datapath *
local_datapath_by_uuid(const struct uuid *dp)
{
    return inc_find_one(&local_datapath_index, dp, sizeof *dp);
}

static void
localnet_dp_key(const void *v_, struct inc_keys *keys)
{
    const struct dp_localnet_v *v = v_;
    inc_keys_add(keys, &v->dp, sizeof v->dp);
}
struct inc_index dp_localnet_index = {
    .name = "dp_localnet", .table = &dp_localnet_table,
    .keys = localnet_dp_key,
};

const struct sb_port_binding *
localnet_of(const struct uuid *dp)
{
    const struct dp_localnet *row
        = inc_find_one(&dp_localnet_index, dp, sizeof *dp);
    return row ? dp_localnet_pb(row) : NULL;
}

static void
patch_dp_key(const void *pb, struct inc_keys *keys)
{
    if (!strcmp(sb_port_binding_type(pb), "patch")) {
        inc_keys_add(keys, sb_port_binding_datapath_uuid(pb),
                     sizeof(struct uuid));
    }
}
struct inc_index patch_pb_by_dp = {
    .name = "patch_pb_by_dp", .table = &sb_port_binding_table.inc,
    .keys = patch_dp_key, .mask = INC_COL(SB_PORT_BINDING_COL_DATAPATH)
                                  | INC_COL(SB_PORT_BINDING_COL_TYPE),
};

/* ---- Which they are. ---- */

/* A localnet's patch port alone does not make its datapath local: it is
 * everywhere. */
static bool
makes_local(const struct local_port *port)
{
    return local_port_kind(port) != LPORT_LOCALNET;
}

static void
run_dp_seeds(const void *row)
{
    const struct inc_bucket *ports = row;
    const struct local_port *port;
    INC_BUCKET_FOR_EACH (port, ports) {
        if (makes_local(port)) {
            size_t len;
            const struct uuid *dp = inc_bucket_key(ports, &len);
            emit_dp_seed(&(struct dp_seed_v) { .dp = *dp });
            return;
        }
    }
}
const struct inc_rule dp_seeds = {
    .name = "dp_seeds", .bucket_driver = &local_ports_by_dp,
    .run = run_dp_seeds,
};

/* The datapaths found so far; those from 'next' on have not been searched. */
struct search {
    struct uuid *dps;
    size_t n, cap, next;
    struct uuidset set;
};

static void
search_add(struct search *search, const struct uuid *dp)
{
    if (uuidset_find(&search->set, dp)) {
        return;
    }
    uuidset_insert(&search->set, dp);
    if (search->n >= search->cap) {
        search->dps = x2nrealloc(search->dps, &search->cap,
                                 sizeof *search->dps);
    }
    search->dps[search->n++] = *dp;
}

/* Is 'pb' a distributed gateway port that nobody but its gateways ever
 * passes? */
static bool
is_boundary(const struct sb_port_binding *pb)
{
    const char *name = sb_port_binding_options_get(pb,
                                                   "chassis-redirect-port");
    const struct sb_port_binding *redirect
        = name ? inc_find_one(&pb_by_name, name, strlen(name)) : NULL;
    return (redirect && !ha_is_member(name)
            && db_map_get_bool(sb_port_binding_options(redirect),
                               "always-redirect", false));
}

/* Adds the datapaths behind the patch ports of 'dp'.  A peer of another type
 * leads nowhere: the server would send its row only because its datapath is
 * local, which would be the reason why it is local. */
static void
search_peers(struct search *search, const struct uuid *dp)
{
    const struct sb_port_binding *pb;
    INC_BUCKET_FOR_EACH (pb, inc_find(&patch_pb_by_dp, dp, sizeof *dp)) {
        const char *peer_name = sb_port_binding_options_get(pb, "peer");
        const struct sb_port_binding *peer
            = peer_name ? inc_find_one(&pb_by_name, peer_name,
                                       strlen(peer_name)) : NULL;
        if (peer && !strcmp(sb_port_binding_type(peer), "patch")
            && !is_boundary(pb) && !is_boundary(peer)) {
            search_add(search, sb_port_binding_datapath_uuid(peer));
        }
    }
}

static void
emit_found(const struct uuid *dp)
{
    const struct sb_datapath_binding *binding = sb_datapath_binding_get(dp);
    if (!binding) {
        return;
    }

    const char *type = sb_datapath_binding_type(binding);
    emit_local_datapath(&(struct local_datapath_v) {
        .dp = *dp, .binding = binding,
        .key = sb_datapath_binding_tunnel_key(binding),
        .is_switch = (type ? !strcmp(type, "logical-switch")
                      : sb_datapath_binding_external_ids_get(
                            binding, "logical-switch") != NULL),
    });
}

static void
run_local_datapaths(const void *row OVS_UNUSED)
{
    struct search search = { .set = UUIDSET_INITIALIZER(&search.set) };
    const struct dp_seed *seed;

    if (!the_config()) {
        return;
    }
    INC_FOR_EACH (seed, &dp_seed_table) {
        struct uuid dp = dp_seed_dp(seed);
        search_add(&search, &dp);
    }
    while (search.next < search.n) {
        struct uuid dp = search.dps[search.next++];
        search_peers(&search, &dp);
        emit_found(&dp);
    }
    free(search.dps);
    uuidset_destroy(&search.set);
}
const struct inc_rule local_datapaths = {
    .name = "local_datapaths", .run = run_local_datapaths,
};

static void
run_dp_localnets(const void *row)
{
    const struct local_port *port = row;
    if (local_port_kind(port) == LPORT_LOCALNET) {
        emit_dp_localnet(&(struct dp_localnet_v) {
            .dp = local_port_dp(port), .pb = local_port_pb(port),
        });
    }
}
const struct inc_rule dp_localnets = {
    .name = "dp_localnets", .driver = &local_port_table,
    .run = run_dp_localnets,
};

/* ---- What the server shall send. ---- */

/* A <condition> in the making. */
struct clauses {
    struct ds s;
};

static void OVS_PRINTF_FORMAT(4, 5)
clause(struct clauses *c, const char *column, const char *function,
       const char *arg_format, ...)
{
    va_list args;

    ds_put_format(&c->s, "%s[\"%s\",\"%s\",", c->s.length ? "," : "", column,
                  function);
    va_start(args, arg_format);
    ds_put_format_valist(&c->s, arg_format, args);
    va_end(args);
    ds_put_char(&c->s, ']');
}

static void
string_clause(struct clauses *c, const char *column, const char *function,
              const char *arg)
{
    struct ds json = DS_EMPTY_INITIALIZER;
    json_string_escape(arg, &json);
    clause(c, column, function, "%s", ds_cstr(&json));
    ds_destroy(&json);
}

static void
option_clause(struct clauses *c, const char *key, const char *value)
{
    struct ds json = DS_EMPTY_INITIALIZER;
    json_string_escape(value, &json);
    clause(c, "options", "includes", "[\"map\",[[\"%s\",%s]]]", key,
           ds_cstr(&json));
    ds_destroy(&json);
}

/* Rows that refer by 'column' to a local datapath. */
static void
datapath_clauses(struct clauses *c, const char *column)
{
    const struct local_datapath *ld;
    INC_FOR_EACH (ld, &local_datapath_table) {
        struct uuid dp = local_datapath_dp(ld);
        clause(c, column, "==", "[\"uuid\",\""UUID_FMT"\"]", UUID_ARGS(&dp));
    }
}

static void
finish(const struct db_table *table, struct clauses *c)
{
    if (!c->s.length) {
        ds_put_cstr(&c->s, "false");
    }
    emit_condition(&(struct condition_v) {
        .of = table, .json = istr_fmt("[%s]", ds_cstr(&c->s)),
    });
    ds_destroy(&c->s);
}

static void
port_binding_condition(const struct config *config)
{
    static const char *const types[] = { "patch", "chassisredirect",
                                         "external" };
    const char *chassis = config_chassis_name(config).s;
    struct uuid uuid = config_chassis_uuid(config);
    struct clauses c = { DS_EMPTY_INITIALIZER };
    const struct vif *vif;

    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        string_clause(&c, "type", "==", types[i]);
    }
    clause(&c, "chassis", "==", "[\"uuid\",\""UUID_FMT"\"]",
           UUID_ARGS(&uuid));
    clause(&c, "requested_chassis", "==", "[\"uuid\",\""UUID_FMT"\"]",
           UUID_ARGS(&uuid));
    option_clause(&c, "l2gateway-chassis", chassis);
    option_clause(&c, "l3gateway-chassis", chassis);
    INC_FOR_EACH (vif, &vif_table) {
        string_clause(&c, "logical_port", "==", vif_iface_id(vif).s);
        string_clause(&c, "parent_port", "==", vif_iface_id(vif).s);
    }
    datapath_clauses(&c, "datapath");
    finish(&sb_port_binding_table, &c);
}

static void
run_conditions(const void *row OVS_UNUSED)
{
    const struct config *config = the_config();
    if (!config || config_monitor_all(config)) {
        return;                        /* No condition: everything. */
    }

    port_binding_condition(config);

    struct clauses flows = { DS_EMPTY_INITIALIZER };
    clause(&flows, "logical_dp_group", "!=", "[\"set\",[]]");
    datapath_clauses(&flows, "logical_datapath");
    finish(&sb_logical_flow_table, &flows);

    struct clauses groups = { DS_EMPTY_INITIALIZER };
    datapath_clauses(&groups, "datapath");
    finish(&sb_multicast_group_table, &groups);

    struct clauses fdb = { DS_EMPTY_INITIALIZER };
    const struct local_datapath *ld;
    INC_FOR_EACH (ld, &local_datapath_table) {
        clause(&fdb, "dp_key", "==", "%"PRIu32, local_datapath_key(ld));
    }
    finish(&sb_fdb_table, &fdb);

    struct clauses macs = { DS_EMPTY_INITIALIZER };
    datapath_clauses(&macs, "datapath");
    finish(&sb_mac_binding_table, &macs);
    struct clauses static_macs = { DS_EMPTY_INITIALIZER };
    datapath_clauses(&static_macs, "datapath");
    finish(&sb_static_mac_binding_table, &static_macs);

    struct clauses nexthops = { DS_EMPTY_INITIALIZER };
    datapath_clauses(&nexthops, "datapath");
    finish(&sb_ecmp_nexthop_table, &nexthops);

    struct clauses private = { DS_EMPTY_INITIALIZER };
    string_clause(&private, "name", "==", config_chassis_name(config).s);
    finish(&sb_chassis_private_table, &private);

    struct clauses templates = { DS_EMPTY_INITIALIZER };
    string_clause(&templates, "chassis", "==",
                  config_chassis_name(config).s);
    finish(&sb_chassis_template_var_table, &templates);
}
const struct inc_rule conditions = { .name = "conditions",
                                     .run = run_conditions };
