#ifndef UTILITIES_TRACE_NET_H
#define UTILITIES_TRACE_NET_H 1

/* What the southbound database says, in a form in which a packet can be traced
 * through it.
 *
 * A net is made of a snapshot of the database and refers to its rows, so it
 * must be made again when the database changed.  Logical flows are grouped
 * when a packet enters their datapath and parsed when it enters their table.
 */

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/actions/actions.h"
#include "lib/ovn-sb-idl.h"
#include "lib/text/addresses.h"
#include "openvswitch/hmap.h"
#include "openvswitch/shash.h"

struct net_flow;

struct net_chassis {
    const struct sbrec_chassis *row;
    const struct smap *templates; /* NULL: no template variables. */
};

/* The flows of one table. */
struct net_table {
    struct net_flow **flows;    /* The highest priority first. */
    size_t n, allocated;
    bool ready;
};

#define NET_N_TABLES 256

struct net_dp {
    struct hmap_node hmap_node; /* In net's 'dps'. */
    const struct sbrec_datapath_binding *row;
    const char *name;           /* As users call it. */
    char *friendly;             /* A name for people; NULL: 'name'. */
    bool is_router;
    bool is_gateway;            /* A router with an l3gateway port. */
    struct hmap ports;          /* "struct net_port"s by key. */
    struct hmap groups;         /* "struct net_group"s by key. */
    struct net_table *tables[OVNACT_N_PIPELINES]; /* NULL: not visited. */
    struct shash fdb;           /* MAC -> struct net_port. */
};

struct net_port {
    struct hmap_node dp_node;   /* In net_dp's 'ports'. */
    const struct sbrec_port_binding *row;
    const char *name, *type;
    char *friendly;             /* A name for people; NULL: 'name'. */
    uint32_t key;
    struct net_dp *dp;
    struct net_port *peer;      /* Of a patch or l3gateway port. */
    struct net_port *distributed; /* Of a chassisredirect port. */
    const struct net_chassis *chassis; /* NULL: none. */
    struct mac_ips *security;   /* Port security; none: all is allowed. */
    size_t n_security;
    struct hmap macs;           /* "struct net_mac"s. */
};

/* A MAC binding. */
struct net_mac {
    struct hmap_node hmap_node; /* In net_port's 'macs'. */
    struct in6_addr ip;         /* IPv4 as mapped address. */
    struct eth_addr mac;
};

struct net_group {
    struct hmap_node hmap_node; /* In net_dp's 'groups'. */
    const char *name;
    uint32_t key;
    struct net_port **ports;    /* In the order of names. */
    size_t n_ports;
};

struct net_flow {
    const struct sbrec_logical_flow *row;
    const char *stage;          /* Name of the table, "" if unknown. */
    enum ovnact_pipeline pipeline;
    bool parsed;
    const struct net_chassis *chassis; /* That 'parsed' is for. */
    struct expr *match;         /* Null if it cannot be parsed. */
    struct ovnacts acts;
    bool trivial;               /* Matches all and does nothing. */
};

struct net {
    struct ovsdb_idl *idl;
    struct hmap dps;            /* By UUID. */
    struct shash ports;         /* By name. */
    struct shash chassis;       /* By name. */
    struct shash address_sets;  /* "struct const_set"s. */
    struct shash port_groups;   /* "struct const_set"s. */
    struct ovnact_opt_defs dhcp_opts, dhcpv6_opts;
    struct net_flow *flows;
    size_t n_flows;
    struct hmap owned;          /* Flows by UUID of datapath or group. */
    bool explicit_arp_output;   /* See actions.h. */
    bool warned_templates;      /* That they cannot be expanded. */
    struct ds warnings;         /* A line about each unusable row. */
};

/* Asks for what net_create() reads. */
void net_add_columns(struct ovsdb_idl *);
struct net *net_create(struct ovsdb_idl *);
void net_destroy(struct net *);

char *net_find_dp(const struct net *, const char *id, struct net_dp **)
    OVS_WARN_UNUSED_RESULT;
struct net_port *net_find_port(const struct net *, const char *name,
                               bool *ambiguous);
struct net_port *net_dp_port(const struct net_dp *, uint32_t key);
struct net_group *net_dp_group(const struct net_dp *, uint32_t key);
const struct net_group *net_dp_group_by_name(const struct net_dp *,
                                             const char *name);
const struct net_chassis *net_find_chassis(const struct net *,
                                           const char *name);
const struct eth_addr *net_find_mac(const struct net_port *,
                                    const struct in6_addr *);

/* The flows of a table, parsed with the templates of 'chassis'. */
const struct net_table *net_dp_table(struct net *, struct net_dp *,
                                     enum ovnact_pipeline, uint8_t table,
                                     const struct net_chassis *);
struct expr_env net_env(const struct net *);

/* net-flow.c */
char *net_expand(const char *text, const struct net_chassis *);
void net_load_flows(struct net *);
void net_unload_flows(struct net *);

#endif /* utilities/trace/net.h */
