#include <config.h>
#include "net.h"

#include <ctype.h>

#include "hash.h"
#include "openvswitch/dynamic-string.h"
#include "ovsdb-idl.h"
#include "packets.h"
#include "smap.h"
#include "util.h"
#include "uuid.h"

void
net_add_columns(struct ovsdb_idl *idl)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &sbrec_address_set_col_addresses,
        &sbrec_address_set_col_name,
        &sbrec_chassis_col_name,
        &sbrec_chassis_template_var_col_chassis,
        &sbrec_chassis_template_var_col_variables,
        &sbrec_datapath_binding_col_external_ids,
        &sbrec_datapath_binding_col_tunnel_key,
        &sbrec_dhcp_options_col_code,
        &sbrec_dhcp_options_col_name,
        &sbrec_dhcp_options_col_type,
        &sbrec_dhcpv6_options_col_code,
        &sbrec_dhcpv6_options_col_name,
        &sbrec_dhcpv6_options_col_type,
        &sbrec_fdb_col_dp_key,
        &sbrec_fdb_col_mac,
        &sbrec_fdb_col_port_key,
        &sbrec_load_balancer_col_datapath_group,
        &sbrec_load_balancer_col_datapaths,
        &sbrec_load_balancer_col_ls_datapath_group,
        &sbrec_load_balancer_col_lr_datapath_group,
        &sbrec_load_balancer_col_name,
        &sbrec_load_balancer_col_options,
        &sbrec_load_balancer_col_protocol,
        &sbrec_load_balancer_col_vips,
        &sbrec_logical_dp_group_col_datapaths,
        &sbrec_logical_flow_col_actions,
        &sbrec_logical_flow_col_external_ids,
        &sbrec_logical_flow_col_logical_datapath,
        &sbrec_logical_flow_col_logical_dp_group,
        &sbrec_logical_flow_col_match,
        &sbrec_logical_flow_col_pipeline,
        &sbrec_logical_flow_col_priority,
        &sbrec_logical_flow_col_table_id,
        &sbrec_logical_flow_col_tags,
        &sbrec_mac_binding_col_ip,
        &sbrec_mac_binding_col_logical_port,
        &sbrec_mac_binding_col_mac,
        &sbrec_multicast_group_col_datapath,
        &sbrec_multicast_group_col_name,
        &sbrec_multicast_group_col_ports,
        &sbrec_multicast_group_col_tunnel_key,
        &sbrec_port_binding_col_chassis,
        &sbrec_port_binding_col_datapath,
        &sbrec_port_binding_col_external_ids,
        &sbrec_port_binding_col_logical_port,
        &sbrec_port_binding_col_options,
        &sbrec_port_binding_col_port_security,
        &sbrec_port_binding_col_tunnel_key,
        &sbrec_port_binding_col_type,
        &sbrec_port_group_col_name,
        &sbrec_port_group_col_ports,
        &sbrec_sb_global_col_options,
        &sbrec_static_mac_binding_col_ip,
        &sbrec_static_mac_binding_col_logical_port,
        &sbrec_static_mac_binding_col_mac,
        &sbrec_static_mac_binding_col_override_dynamic_mac,
    };

    for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
        ovsdb_idl_add_column(idl, columns[i]);
    }
}

/* ---- Names. ---- */

/* The name that people gave to what a CMS calls 'name': 'alias' if there is
 * one, else a short form if 'name' is a UUID.  NULL if 'name' will do. */
static char *
friendly_name(const char *name, const char *alias)
{
    struct uuid uuid;

    if (alias && alias[0]) {
        return strcmp(alias, name) ? xstrdup(alias) : NULL;
    }
    return uuid_from_string(&uuid, name) ? xmemdup0(name, 6) : NULL;
}

/* ---- Datapaths and ports. ---- */

static struct net_dp *
dp_by_row(const struct net *net, const struct sbrec_datapath_binding *row)
{
    struct net_dp *dp;

    if (row) {
        HMAP_FOR_EACH_WITH_HASH (dp, hmap_node, uuid_hash(&row->header_.uuid),
                                 &net->dps) {
            if (dp->row == row) {
                return dp;
            }
        }
    }
    return NULL;
}

static void
load_dps(struct net *net)
{
    const struct sbrec_datapath_binding *row;

    SBREC_DATAPATH_BINDING_FOR_EACH (row, net->idl) {
        struct net_dp *dp = xzalloc(sizeof *dp);
        const char *name = smap_get(&row->external_ids, "name");
        const char *router = smap_get(&row->external_ids, "logical-router");

        dp->row = row;
        dp->is_router = router != NULL;
        dp->name = (name ? name : router ? router
                    : smap_get_def(&row->external_ids, "logical-switch",
                                   "?"));
        dp->friendly = friendly_name(dp->name,
                                     smap_get(&row->external_ids, "name2"));
        hmap_init(&dp->ports);
        hmap_init(&dp->groups);
        shash_init(&dp->fdb);
        hmap_insert(&net->dps, &dp->hmap_node, uuid_hash(&row->header_.uuid));
    }
}

static void
load_port_security(struct net *net, struct net_port *port)
{
    const struct sbrec_port_binding *row = port->row;

    if (!row->n_port_security) {
        return;
    }
    port->security = xcalloc(row->n_port_security, sizeof *port->security);
    for (size_t i = 0; i < row->n_port_security; i++) {
        char *error = mac_ips_parse(row->port_security[i],
                                    &port->security[port->n_security]);
        if (error) {
            ds_put_format(&net->warnings, "port \"%s\": port security: %s\n",
                          port->name, error);
            free(error);
        } else {
            port->n_security++;
        }
    }
}

static void
load_port(struct net *net, const struct sbrec_port_binding *row)
{
    struct net_dp *dp = dp_by_row(net, row->datapath);

    if (!dp || shash_find(&net->ports, row->logical_port)) {
        return;
    }

    struct net_port *port = xzalloc(sizeof *port);
    port->row = row;
    port->name = row->logical_port;
    port->type = row->type;
    port->key = row->tunnel_key;
    port->dp = dp;
    port->friendly = friendly_name(port->name,
                                   smap_get(&row->external_ids, "name"));
    port->chassis = (row->chassis
                     ? net_find_chassis(net, row->chassis->name) : NULL);
    hmap_init(&port->macs);
    load_port_security(net, port);
    hmap_insert(&dp->ports, &port->dp_node, hash_int(port->key, 0));
    shash_add(&net->ports, port->name, port);
    if (!strcmp(port->type, "l3gateway") && dp->is_router) {
        dp->is_gateway = true;
    }
}

static void
link_ports(struct net *net)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &net->ports) {
        struct net_port *port = node->data;
        const struct smap *options = &port->row->options;
        const char *peer = smap_get(options, "peer");
        const char *distributed = smap_get(options, "distributed-port");

        if (peer && (!strcmp(port->type, "patch")
                     || !strcmp(port->type, "l3gateway"))) {
            port->peer = shash_find_data(&net->ports, peer);
        }
        if (distributed && !strcmp(port->type, "chassisredirect")) {
            port->distributed = shash_find_data(&net->ports, distributed);
        }
    }
}

static void
load_ports(struct net *net)
{
    const struct sbrec_port_binding *row;

    SBREC_PORT_BINDING_FOR_EACH (row, net->idl) {
        load_port(net, row);
    }
    link_ports(net);
}

static int
compare_ports(const void *a_, const void *b_)
{
    const struct net_port *const *a = a_;
    const struct net_port *const *b = b_;

    return strcmp((*a)->name, (*b)->name);
}

static void
load_groups(struct net *net)
{
    const struct sbrec_multicast_group *row;

    SBREC_MULTICAST_GROUP_FOR_EACH (row, net->idl) {
        struct net_dp *dp = dp_by_row(net, row->datapath);
        if (!dp) {
            continue;
        }

        struct net_group *group = xzalloc(sizeof *group);
        group->name = row->name;
        group->key = row->tunnel_key;
        group->ports = xcalloc(row->n_ports + 1, sizeof *group->ports);
        for (size_t i = 0; i < row->n_ports; i++) {
            struct net_port *port = shash_find_data(
                &net->ports, row->ports[i]->logical_port);
            if (port && port->dp == dp) {
                group->ports[group->n_ports++] = port;
            }
        }
        qsort(group->ports, group->n_ports, sizeof *group->ports,
              compare_ports);
        hmap_insert(&dp->groups, &group->hmap_node, hash_int(group->key, 0));
    }
}

static void
load_chassis(struct net *net)
{
    const struct sbrec_chassis *row;
    SBREC_CHASSIS_FOR_EACH (row, net->idl) {
        struct net_chassis *chassis = xzalloc(sizeof *chassis);

        chassis->row = row;
        if (!shash_add_once(&net->chassis, row->name, chassis)) {
            free(chassis);
        }
    }

    const struct sbrec_chassis_template_var *var;
    SBREC_CHASSIS_TEMPLATE_VAR_FOR_EACH (var, net->idl) {
        struct net_chassis *chassis = shash_find_data(&net->chassis,
                                                      var->chassis);
        if (chassis) {
            chassis->templates = &var->variables;
        }
    }
}

/* ---- What was learned. ---- */

static void
add_mac(struct net *net, const char *port_name, const char *ip,
        const char *mac, bool replace)
{
    struct net_port *port = shash_find_data(&net->ports, port_name);
    struct net_mac new;

    if (!port) {
        return;
    }
    ovs_be32 ip4;
    if (ip_parse(ip, &ip4)) {
        in6_addr_set_mapped_ipv4(&new.ip, ip4);
    } else if (!ipv6_parse(ip, &new.ip)) {
        return;
    }
    if (!eth_addr_from_string(mac, &new.mac)) {
        return;
    }

    struct eth_addr *old = CONST_CAST(struct eth_addr *,
                                      net_find_mac(port, &new.ip));
    if (old) {
        if (replace) {
            *old = new.mac;
        }
        return;
    }
    struct net_mac *m = xmemdup(&new, sizeof new);
    hmap_insert(&port->macs, &m->hmap_node, hash_bytes(&m->ip, sizeof m->ip,
                                                       0));
}

static void
load_learned(struct net *net)
{
    const struct sbrec_mac_binding *mb;
    SBREC_MAC_BINDING_FOR_EACH (mb, net->idl) {
        add_mac(net, mb->logical_port, mb->ip, mb->mac, false);
    }
    const struct sbrec_static_mac_binding *smb;
    SBREC_STATIC_MAC_BINDING_FOR_EACH (smb, net->idl) {
        add_mac(net, smb->logical_port, smb->ip, smb->mac,
                smb->override_dynamic_mac);
    }

    const struct sbrec_fdb *fdb;
    SBREC_FDB_FOR_EACH (fdb, net->idl) {
        struct net_dp *dp;
        HMAP_FOR_EACH (dp, hmap_node, &net->dps) {
            if (dp->row->tunnel_key == fdb->dp_key) {
                struct net_port *port = net_dp_port(dp, fdb->port_key);
                if (port) {
                    shash_replace(&dp->fdb, fdb->mac, port);
                }
            }
        }
    }
}

/* ---- Names in matches and actions. ---- */

static struct const_set *
get_set(struct shash *sets, const char *name, bool is_string)
{
    struct const_set *set = shash_find_data(sets, name);

    if (!set) {
        set = xmalloc(sizeof *set);
        const_set_init(set);
        set->is_string = is_string;
        shash_add(sets, name, set);
    }
    return set;
}

/* Port groups are split by datapath, whose key and an underscore are before
 * the name.  A port that is not on the datapath of a flow never matches there,
 * so we put them together again. */
static void
load_port_group(struct net *net, const struct sbrec_port_group *row)
{
    const char *name = row->name;

    get_set(&net->port_groups, name, true);
    while (isdigit((unsigned char) *name)) {
        name++;
    }
    name = name > row->name && *name == '_' ? name + 1 : NULL;
    for (size_t i = 0; i < row->n_ports; i++) {
        const_set_add_string(get_set(&net->port_groups, row->name, true),
                             row->ports[i]);
        if (name) {
            const_set_add_string(get_set(&net->port_groups, name, true),
                                 row->ports[i]);
        }
    }
    if (name) {
        get_set(&net->port_groups, name, true);
    }
}

static void
load_sets(struct net *net)
{
    const struct sbrec_address_set *as;
    SBREC_ADDRESS_SET_FOR_EACH (as, net->idl) {
        struct const_set *set = get_set(&net->address_sets, as->name, false);

        for (size_t i = 0; i < as->n_addresses; i++) {
            char *error = const_set_add_address(set, as->addresses[i]);
            if (error) {
                ds_put_format(&net->warnings, "address set \"%s\": %s\n",
                              as->name, error);
                free(error);
            }
        }
    }
    const struct sbrec_port_group *pg;
    SBREC_PORT_GROUP_FOR_EACH (pg, net->idl) {
        load_port_group(net, pg);
    }
}

static void
load_options(struct net *net)
{
    enum ovnact_opt_type type;

    const struct sbrec_dhcp_options *d4;
    SBREC_DHCP_OPTIONS_FOR_EACH (d4, net->idl) {
        if (ovnact_opt_type_from_string(d4->type, &type)) {
            ovnact_opt_defs_add(&net->dhcp_opts, d4->name, d4->code, type);
        }
    }
    const struct sbrec_dhcpv6_options *d6;
    SBREC_DHCPV6_OPTIONS_FOR_EACH (d6, net->idl) {
        if (ovnact_opt_type_from_string(d6->type, &type)) {
            ovnact_opt_defs_add(&net->dhcpv6_opts, d6->name, d6->code, type);
        }
    }

    const struct sbrec_sb_global *global = sbrec_sb_global_first(net->idl);
    net->explicit_arp_output = global && smap_get_bool(
        &global->options, "arp_ns_explicit_output", false);
}

static const struct const_set *
find_address_set(const char *name, void *net_)
{
    const struct net *net = net_;

    return shash_find_data(&net->address_sets, name);
}

static const struct const_set *
find_port_group(const char *name, void *net_)
{
    const struct net *net = net_;

    return shash_find_data(&net->port_groups, name);
}

struct expr_env
net_env(const struct net *net)
{
    return (struct expr_env) {
        .address_set = find_address_set,
        .port_group = find_port_group,
        .aux = CONST_CAST(struct net *, net),
    };
}

/* ---- All of it. ---- */

struct net *
net_create(struct ovsdb_idl *idl)
{
    struct net *net = xzalloc(sizeof *net);

    net->idl = idl;
    hmap_init(&net->dps);
    shash_init(&net->ports);
    shash_init(&net->chassis);
    shash_init(&net->address_sets);
    shash_init(&net->port_groups);
    ovnact_opt_defs_init(&net->dhcp_opts);
    ovnact_opt_defs_init(&net->dhcpv6_opts);
    ds_init(&net->warnings);

    load_chassis(net);
    load_dps(net);
    load_ports(net);
    load_groups(net);
    load_learned(net);
    load_sets(net);
    load_options(net);
    net_load_flows(net);
    return net;
}

static void
destroy_port(struct net_port *port)
{
    struct net_mac *mac;

    HMAP_FOR_EACH_POP (mac, hmap_node, &port->macs) {
        free(mac);
    }
    hmap_destroy(&port->macs);
    for (size_t i = 0; i < port->n_security; i++) {
        mac_ips_destroy(&port->security[i]);
    }
    free(port->security);
    free(port->friendly);
    free(port);
}

static void
destroy_dp(struct net_dp *dp)
{
    struct net_port *port;
    struct net_group *group;

    HMAP_FOR_EACH_POP (port, dp_node, &dp->ports) {
        destroy_port(port);
    }
    HMAP_FOR_EACH_POP (group, hmap_node, &dp->groups) {
        free(group->ports);
        free(group);
    }
    hmap_destroy(&dp->ports);
    hmap_destroy(&dp->groups);
    shash_destroy(&dp->fdb);
    for (int i = 0; i < OVNACT_N_PIPELINES; i++) {
        for (size_t j = 0; dp->tables[i] && j < NET_N_TABLES; j++) {
            free(dp->tables[i][j].flows);
        }
        free(dp->tables[i]);
    }
    free(dp->friendly);
    free(dp);
}

static void
destroy_sets(struct shash *sets)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, sets) {
        const_set_destroy(node->data);
    }
    shash_destroy_free_data(sets);
}

void
net_destroy(struct net *net)
{
    struct net_dp *dp;

    if (!net) {
        return;
    }
    HMAP_FOR_EACH_POP (dp, hmap_node, &net->dps) {
        destroy_dp(dp);
    }
    net_unload_flows(net);
    hmap_destroy(&net->dps);
    shash_destroy(&net->ports);
    shash_destroy_free_data(&net->chassis);
    destroy_sets(&net->address_sets);
    destroy_sets(&net->port_groups);
    ovnact_opt_defs_destroy(&net->dhcp_opts);
    ovnact_opt_defs_destroy(&net->dhcpv6_opts);
    ds_destroy(&net->warnings);
    free(net);
}

/* ---- Lookups. ---- */

/* How many digits of a UUID are enough to mean it. */
#define MIN_UUID_DIGITS 4

static bool
is_prefix(const char *id, const struct uuid *uuid)
{
    char *s = xasprintf(UUID_FMT, UUID_ARGS(uuid));
    size_t length = strlen(id);
    bool is = length >= MIN_UUID_DIGITS && !strncasecmp(id, s, length);

    free(s);
    return is;
}

/* Whether 'id' means the datapath: 'key' is what is compared, a key of its
 * external_ids; NULL for its own UUID. */
static bool
dp_is(const struct net_dp *dp, const char *key, const char *id)
{
    const char *value = key ? smap_get(&dp->row->external_ids, key) : NULL;
    struct uuid uuid;

    if (!key) {
        return is_prefix(id, &dp->row->header_.uuid);
    } else if (!value) {
        return false;
    }
    return (!strcmp(value, id)
            || (!strncmp(key, "logical-", 8)
                && uuid_from_string(&uuid, value) && is_prefix(id, &uuid)));
}

/* Finds the datapath whose name, or alias, or UUID in either database 'id' is,
 * or the start of one of the UUIDs.  Returns NULL, or an error that the caller
 * frees. */
char *
net_find_dp(const struct net *net, const char *id, struct net_dp **dpp)
{
    static const char *const keys[] = {
        "name", "name2", NULL, "logical-switch", "logical-router"
    };

    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        struct ds uuids = DS_EMPTY_INITIALIZER;
        struct net_dp *dp;
        size_t n = 0;

        HMAP_FOR_EACH (dp, hmap_node, &net->dps) {
            if (dp_is(dp, keys[i], id)) {
                *dpp = dp;
                ds_put_format(&uuids, "%s"UUID_FMT, n++ ? ", " : "",
                              UUID_ARGS(&dp->row->header_.uuid));
            }
        }

        char *error = (n < 2 ? NULL
                       : xasprintf("several datapaths are called \"%s\": %s",
                                   id, ds_cstr(&uuids)));
        ds_destroy(&uuids);
        if (n) {
            return error;
        }
    }
    return xasprintf("unknown datapath \"%s\"", id);
}

/* Returns the port called 'name', or if there is none the one with that
 * friendly name, or NULL.  '*ambiguous' says that there is more than one. */
struct net_port *
net_find_port(const struct net *net, const char *name, bool *ambiguous)
{
    struct net_port *port = shash_find_data(&net->ports, name);
    struct shash_node *node;

    *ambiguous = false;
    if (port) {
        return port;
    }
    SHASH_FOR_EACH (node, &net->ports) {
        struct net_port *candidate = node->data;
        if (candidate->friendly && !strcmp(candidate->friendly, name)) {
            *ambiguous = port != NULL;
            port = candidate;
            if (*ambiguous) {
                break;
            }
        }
    }
    return port;
}

struct net_port *
net_dp_port(const struct net_dp *dp, uint32_t key)
{
    struct net_port *port;

    HMAP_FOR_EACH_WITH_HASH (port, dp_node, hash_int(key, 0), &dp->ports) {
        if (port->key == key) {
            return port;
        }
    }
    return NULL;
}

struct net_group *
net_dp_group(const struct net_dp *dp, uint32_t key)
{
    struct net_group *group;

    HMAP_FOR_EACH_WITH_HASH (group, hmap_node, hash_int(key, 0),
                             &dp->groups) {
        if (group->key == key) {
            return group;
        }
    }
    return NULL;
}

const struct net_group *
net_dp_group_by_name(const struct net_dp *dp, const char *name)
{
    const struct net_group *group;

    HMAP_FOR_EACH (group, hmap_node, &dp->groups) {
        if (!strcmp(group->name, name)) {
            return group;
        }
    }
    return NULL;
}

const struct net_chassis *
net_find_chassis(const struct net *net, const char *name)
{
    return shash_find_data(&net->chassis, name);
}

/* The MAC address that the router knows behind 'port' for 'ip', or NULL. */
const struct eth_addr *
net_find_mac(const struct net_port *port, const struct in6_addr *ip)
{
    const struct net_mac *mac;

    HMAP_FOR_EACH_WITH_HASH (mac, hmap_node, hash_bytes(ip, sizeof *ip, 0),
                             &port->macs) {
        if (ipv6_addr_equals(&mac->ip, ip)) {
            return &mac->mac;
        }
    }
    return NULL;
}
