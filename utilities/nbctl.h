#ifndef NBCTL_H
#define NBCTL_H 1

/* What the files of ovn-nbctl's command groups share. */

#include "ctl-common.h"
#include "lib/ovn-nb-idl.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"

/* A switch port and the switch that has it. */
struct nbctl_port {
    struct hmap_node hmap_node; /* In nbctl_context's 'ports'. */
    struct ovs_list list_node;  /* In nbctl_switch's 'ports'. */
    const struct nbrec_logical_switch_port *lsp;
    struct nbctl_switch *sw;
};

/* A switch and its ports, in the order of the database, new ones behind. */
struct nbctl_switch {
    struct hmap_node hmap_node; /* In nbctl_context's 'switches'. */
    const struct nbrec_logical_switch *ls;
    struct ovs_list ports;      /* Has "struct nbctl_port"s. */
};

/* The context of the commands in one transaction.
 *
 * Ports join and leave a switch by partial updates of its column "ports", so
 * that concurrent runs of ovn-nbctl do not disturb each other.  The library
 * does not show these in its copy of the database before they are committed,
 * so later commands of the same transaction must learn who has a port from
 * here.  'pending' outlives the cache: it has what to apply to a new one. */
struct nbctl_context {
    struct ctl_context base;

    bool cache_valid;
    struct hmap switches;       /* "struct nbctl_switch"es by UUID of row. */
    struct hmap ports;          /* "struct nbctl_port"s by UUID of row. */

    struct nbctl_pending {
        struct uuid port;
        struct uuid sw;
        bool joins;
    } *pending;
    size_t n_pending, allocated_pending;

    /* The same for members of other sets (nbctl-members.c). */
    struct nbctl_change {
        const struct nbctl_set *set;
        struct uuid owner;
        struct uuid member;
        bool joins;
    } *changes;
    size_t n_changes, allocated_changes;
};

static inline struct nbctl_context *
nbctl_context(struct ctl_context *ctx)
{
    return CONTAINER_OF(ctx, struct nbctl_context, base);
}

struct ctl_context *nbctl_context_create(void);
void nbctl_context_invalidate(struct ctl_context *);
void nbctl_context_destroy(struct ctl_context *);

/* What must be monitored for the cache and the searches below. */
void nbctl_pre_switches(struct ctl_context *);
void nbctl_pre_ports(struct ctl_context *);
void nbctl_narrow_to_switch(struct ctl_context *);
void nbctl_narrow_to_port(struct ctl_context *);
void nbctl_need_rows(struct ctl_context *,
                     const struct ovsdb_idl_table_class *,
                     const struct ovsdb_datum *);
void nbctl_create_indexes(struct ovsdb_idl *);
void nbctl_create_all_indexes(struct ovsdb_idl *);

char *nbctl_find_switch(struct ctl_context *, const char *id, bool must_exist,
                        const struct nbrec_logical_switch **);
char *nbctl_find_port(struct ctl_context *, const char *id, bool must_exist,
                      const struct nbrec_logical_switch_port **);
const struct nbrec_logical_switch *nbctl_switch_of_port(
    struct ctl_context *, const struct nbrec_logical_switch_port *);

void nbctl_port_joins(struct ctl_context *,
                      const struct nbrec_logical_switch_port *,
                      const struct nbrec_logical_switch *);
void nbctl_port_leaves(struct ctl_context *,
                       const struct nbrec_logical_switch_port *);

/* The switch's ports, as an nbctl_switch whose list of ports can be walked.
 * NULL if it has not been committed nor got a port yet. */
const struct nbctl_switch *nbctl_switch_ports(
    struct ctl_context *, const struct nbrec_logical_switch *);

/* A row of the table that the IDL's struct nbrec_STRUCT is for, or NULL. */
#define NBCTL_BY_UUID(CTX, STRUCT, UUID)                                \
    ((const struct nbrec_##STRUCT *) nbctl_row_by_uuid(                 \
        CTX, &nbrec_table_##STRUCT, UUID))
const struct ovsdb_idl_row *nbctl_row_by_uuid(
    const struct ctl_context *, const struct ovsdb_idl_table_class *,
    const struct uuid *);

/* A column that has a set of rows. */
struct nbctl_set {
    const struct ovsdb_idl_table_class *owner_table;
    const struct ovsdb_idl_column *column;
    const struct ovsdb_idl_table_class *member_table;
};

/* Some of them, in the order of the database, new ones behind. */
struct nbctl_members {
    const struct ovsdb_idl_row **rows;
    size_t n, allocated;
};
#define NBCTL_MEMBER(MEMBERS, I, STRUCT)                            \
    CONTAINER_OF((MEMBERS)->rows[I], const struct STRUCT, header_)

void nbctl_rewrite_set(const struct nbctl_set *,
                       const struct ovsdb_idl_row *owner,
                       const struct ovsdb_idl_row *member, bool joins);
void nbctl_member_joins(struct ctl_context *, const struct nbctl_set *,
                        const struct ovsdb_idl_row *owner,
                        const struct ovsdb_idl_row *member);
void nbctl_member_leaves(struct ctl_context *, const struct nbctl_set *,
                         const struct ovsdb_idl_row *owner,
                         const struct ovsdb_idl_row *member);
struct nbctl_members nbctl_members(struct ctl_context *,
                                   const struct nbctl_set *,
                                   const struct ovsdb_idl_row *owner);
void nbctl_members_destroy(struct nbctl_members *);
size_t nbctl_n_members(struct ctl_context *, const struct nbctl_set *,
                       const struct ovsdb_idl_row *owner);
bool nbctl_is_member(struct ctl_context *, const struct nbctl_set *,
                     const struct ovsdb_idl_row *owner,
                     const struct ovsdb_idl_row *member);
const struct ovsdb_idl_row *nbctl_owner(struct ctl_context *,
                                        const struct nbctl_set *,
                                        const struct ovsdb_idl_row *member);

/* Routers (nbctl-router.c). */
extern const struct nbctl_set nbctl_router_ports;
void nbctl_pre_routers(struct ctl_context *);
void nbctl_narrow_to_router(struct ctl_context *);
void nbctl_narrow_to_router_port(struct ctl_context *);
void nbctl_pre_router_ports(struct ctl_context *);
void nbctl_create_router_indexes(struct ovsdb_idl *);
char *nbctl_find_router(struct ctl_context *, const char *id, bool must_exist,
                        const struct nbrec_logical_router **);
char *nbctl_find_router_port(struct ctl_context *, const char *id,
                             bool must_exist,
                             const struct nbrec_logical_router_port **);

/* Gateway chassis, that of the highest priority first (nbctl-ha.c). */
void nbctl_pre_gateway_chassis(struct ctl_context *);
struct nbctl_members nbctl_gateway_chassis(
    struct ctl_context *, const struct nbrec_logical_router_port *);

/* NAT rules (nbctl-nat.c). */
extern const struct nbctl_set nbctl_router_nats;

/* BFD sessions (nbctl-route.c). */
void nbctl_pre_bfd(struct ctl_context *);
char *nbctl_find_bfd(struct ctl_context *, const char *option,
                     const char *dst_ip, const char *port,
                     const struct nbrec_bfd **);

/* Arguments (nbctl-args.c). */
const char *nbctl_option(const struct ctl_context *, const char *option);
bool nbctl_add_options(struct ctl_context *, bool *may_exist,
                       bool *add_duplicate);
bool nbctl_parse_uint(const char *arg, uint32_t min, uint32_t max,
                      int64_t *);
char *nbctl_parse_direction(const char *arg, const char **direction);
char *nbctl_parse_state(const char *arg, bool *enabled);
char *nbctl_parse_priority(const char *arg, int64_t *);
bool nbctl_parse_network(const char *arg, struct in6_addr *,
                         unsigned int *plen);
char *nbctl_normalize_prefix(const char *);
char *nbctl_normalize_ip(const char *);
bool nbctl_is_ipv6(const char *arg);
char *nbctl_parse_options(char **args, int n, struct smap *);

/* Port groups (nbctl-group.c). */
void nbctl_pre_groups(struct ctl_context *);
const struct nbrec_port_group *nbctl_find_group(struct ctl_context *,
                                                const char *id);

/* Network functions (nbctl-function.c). */
char *nbctl_find_function_group(
    struct ctl_context *, const char *id,
    const struct nbrec_network_function_group **);

/* Output of "UUID (NAME)" lines in the order of names. */
struct nbctl_names {
    struct nbctl_name {
        struct uuid uuid;
        const char *name;
    } *names;
    size_t n, allocated;
};
#define NBCTL_NAMES_INITIALIZER { NULL, 0, 0 }
void nbctl_names_add(struct nbctl_names *, const struct uuid *,
                     const char *name);
void nbctl_names_print(struct nbctl_names *, struct ds *);

/* Command groups. */
extern const struct ctl_group nbctl_acl_group;
extern const struct ctl_group nbctl_copp_group;
extern const struct ctl_group nbctl_dhcp_group;
extern const struct ctl_group nbctl_forwarding_group;
extern const struct ctl_group nbctl_function_group;
extern const struct ctl_group nbctl_gateway_group;
extern const struct ctl_group nbctl_general_group;
extern const struct ctl_group nbctl_graph_group;
extern const struct ctl_group nbctl_ha_group;
extern const struct ctl_group nbctl_health_group;
extern const struct ctl_group nbctl_lb_group;
extern const struct ctl_group nbctl_meter_group;
extern const struct ctl_group nbctl_mirror_group;
extern const struct ctl_group nbctl_nat_group;
extern const struct ctl_group nbctl_neighbor_group;
extern const struct ctl_group nbctl_policy_group;
extern const struct ctl_group nbctl_port_group;
extern const struct ctl_group nbctl_port_group_group;
extern const struct ctl_group nbctl_qos_group;
extern const struct ctl_group nbctl_port_config_group;
extern const struct ctl_group nbctl_route_group;
extern const struct ctl_group nbctl_router_group;
extern const struct ctl_group nbctl_router_port_group;
extern const struct ctl_group nbctl_switch_group;
extern const struct ctl_group nbctl_sync_group;

#endif /* nbctl.h */
