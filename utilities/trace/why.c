#include <config.h>
#include "why.h"

#include <stdlib.h>
#include <string.h>

#include "lib/ovn-nb-idl.h"
#include "lib/ovn-sb-idl.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/hmap.h"
#include "ovsdb-idl.h"
#include "ovsdb-idl-provider.h"
#include "smap.h"
#include "util.h"
#include "uuid.h"

/* A row of the northbound database. */
struct why_row {
    struct hmap_node hmap_node; /* By the first part of the UUID. */
    const struct ovsdb_idl_row *row;
    int kind;                   /* Index in 'kinds'. */
};

struct why {
    struct ovsdb_idl *idl;      /* NULL: not reachable. */
    char *problem;
    struct hmap rows;
};

/* ---- Who has a row. ---- */

/* Defines a function that returns the row of table TABLE whose column COLUMN
 * refers to 'row', or NULL. */
#define DEFINE_OWNER(TABLE, NAME, COLUMN, MEMBER)                       \
    static const struct nbrec_##TABLE *                                 \
    TABLE##_of_##NAME(struct ovsdb_idl *idl, const struct uuid *uuid)   \
    {                                                                   \
        const struct nbrec_##TABLE *owner;                              \
                                                                        \
        NBREC_##COLUMN##_FOR_EACH (owner, idl) {                        \
            for (size_t i = 0; i < owner->n_##MEMBER; i++) {            \
                if (uuid_equals(&owner->MEMBER[i]->header_.uuid,        \
                                uuid)) {                                \
                    return owner;                                       \
                }                                                       \
            }                                                           \
        }                                                               \
        return NULL;                                                    \
    }
DEFINE_OWNER(logical_switch, acl, LOGICAL_SWITCH, acls)
DEFINE_OWNER(port_group, acl, PORT_GROUP, acls)
DEFINE_OWNER(logical_switch, qos, LOGICAL_SWITCH, qos_rules)
DEFINE_OWNER(logical_switch, port, LOGICAL_SWITCH, ports)
DEFINE_OWNER(logical_router, port, LOGICAL_ROUTER, ports)
DEFINE_OWNER(logical_router, nat, LOGICAL_ROUTER, nat)
DEFINE_OWNER(logical_router, route, LOGICAL_ROUTER, static_routes)
DEFINE_OWNER(logical_router, policy, LOGICAL_ROUTER, policies)

static void
put_switch(const struct nbrec_logical_switch *ls, struct ds *s)
{
    if (ls) {
        ds_put_format(s, " of switch %s", ls->name);
    }
}

static void
put_router(const struct nbrec_logical_router *lr, struct ds *s)
{
    if (lr) {
        ds_put_format(s, " of router %s", lr->name);
    }
}

/* ---- Rows in words. ---- */

static void
put_acl(struct ovsdb_idl *idl, const struct ovsdb_idl_row *row, struct ds *s)
{
    const struct nbrec_acl *acl
        = CONTAINER_OF(row, struct nbrec_acl, header_);
    const struct nbrec_port_group *pg = port_group_of_acl(idl, &row->uuid);
    bool named = acl->name && acl->name[0];

    ds_put_cstr(s, "ACL");
    if (named) {
        ds_put_format(s, " \"%s\"", acl->name);
    }
    if (pg) {
        ds_put_format(s, " of port group %s", pg->name);
    } else {
        put_switch(logical_switch_of_acl(idl, &row->uuid), s);
    }
    ds_put_format(s, ", priority %"PRId64, acl->priority);
    if (!named) {
        ds_put_format(s, ", %s, match (%s)", acl->direction, acl->match);
    }
    ds_put_format(s, ", action %s", acl->action);
}

static void
put_nat(struct ovsdb_idl *idl, const struct ovsdb_idl_row *row, struct ds *s)
{
    const struct nbrec_nat *nat
        = CONTAINER_OF(row, struct nbrec_nat, header_);

    ds_put_format(s, "NAT %s", nat->type);
    put_router(logical_router_of_nat(idl, &row->uuid), s);
    ds_put_format(s, ", external %s, logical %s", nat->external_ip,
                  nat->logical_ip);
}

static void
put_route(struct ovsdb_idl *idl, const struct ovsdb_idl_row *row,
          struct ds *s)
{
    const struct nbrec_logical_router_static_route *route
        = CONTAINER_OF(row, struct nbrec_logical_router_static_route,
                       header_);

    ds_put_cstr(s, "static route");
    put_router(logical_router_of_route(idl, &row->uuid), s);
    ds_put_format(s, ", %s%s via %s",
                  (route->policy && !strcmp(route->policy, "src-ip")
                   ? "from " : ""), route->ip_prefix, route->nexthop);
}

static void
put_policy(struct ovsdb_idl *idl, const struct ovsdb_idl_row *row,
           struct ds *s)
{
    const struct nbrec_logical_router_policy *policy
        = CONTAINER_OF(row, struct nbrec_logical_router_policy, header_);

    ds_put_cstr(s, "routing policy");
    put_router(logical_router_of_policy(idl, &row->uuid), s);
    ds_put_format(s, ", priority %"PRId64", match (%s), action %s",
                  policy->priority, policy->match, policy->action);
}

static void
put_qos(struct ovsdb_idl *idl, const struct ovsdb_idl_row *row, struct ds *s)
{
    const struct nbrec_qos *qos
        = CONTAINER_OF(row, struct nbrec_qos, header_);

    ds_put_cstr(s, "QoS rule");
    put_switch(logical_switch_of_qos(idl, &row->uuid), s);
    ds_put_format(s, ", priority %"PRId64", %s, match (%s)", qos->priority,
                  qos->direction, qos->match);
}

static void
put_lsp(struct ovsdb_idl *idl, const struct ovsdb_idl_row *row, struct ds *s)
{
    const struct nbrec_logical_switch_port *lsp
        = CONTAINER_OF(row, struct nbrec_logical_switch_port, header_);

    ds_put_format(s, "port \"%s\"", lsp->name);
    put_switch(logical_switch_of_port(idl, &row->uuid), s);
    if (lsp->n_enabled && !lsp->enabled[0]) {
        ds_put_cstr(s, ", which is disabled");
    }
}

static void
put_lrp(struct ovsdb_idl *idl, const struct ovsdb_idl_row *row, struct ds *s)
{
    const struct nbrec_logical_router_port *lrp
        = CONTAINER_OF(row, struct nbrec_logical_router_port, header_);

    ds_put_format(s, "port \"%s\"", lrp->name);
    put_router(logical_router_of_port(idl, &row->uuid), s);
    if (lrp->n_enabled && !lrp->enabled[0]) {
        ds_put_cstr(s, ", which is disabled");
    }
}

static void
put_dhcp(struct ovsdb_idl *idl OVS_UNUSED, const struct ovsdb_idl_row *row,
         struct ds *s)
{
    const struct nbrec_dhcp_options *dhcp
        = CONTAINER_OF(row, struct nbrec_dhcp_options, header_);

    ds_put_format(s, "DHCP options for %s", dhcp->cidr);
}

/* Tables whose rows flows may come from. */
static const struct why_kind {
    const struct ovsdb_idl_table_class *table;
    const char *words;          /* What a row is called. */
    const struct ovsdb_idl_column *name; /* Its name, NULL: none. */
    void (*put)(struct ovsdb_idl *, const struct ovsdb_idl_row *,
                struct ds *);   /* For more than these two. */
} kinds[] = {
    { &nbrec_table_acl, NULL, NULL, put_acl },
    { &nbrec_table_nat, NULL, NULL, put_nat },
    { &nbrec_table_logical_router_static_route, NULL, NULL, put_route },
    { &nbrec_table_logical_router_policy, NULL, NULL, put_policy },
    { &nbrec_table_qos, NULL, NULL, put_qos },
    { &nbrec_table_logical_switch_port, NULL, NULL, put_lsp },
    { &nbrec_table_logical_router_port, NULL, NULL, put_lrp },
    { &nbrec_table_dhcp_options, NULL, NULL, put_dhcp },
    { &nbrec_table_load_balancer, "load balancer",
      &nbrec_load_balancer_col_name, NULL },
    { &nbrec_table_logical_switch, "switch", &nbrec_logical_switch_col_name,
      NULL },
    { &nbrec_table_logical_router, "router", &nbrec_logical_router_col_name,
      NULL },
    { &nbrec_table_port_group, "port group", &nbrec_port_group_col_name,
      NULL },
    { &nbrec_table_load_balancer_group, "load balancer group",
      &nbrec_load_balancer_group_col_name, NULL },
    { &nbrec_table_forwarding_group, "forwarding group",
      &nbrec_forwarding_group_col_name, NULL },
    { &nbrec_table_meter, "meter", &nbrec_meter_col_name, NULL },
    { &nbrec_table_mirror, "mirror", &nbrec_mirror_col_name, NULL },
    { &nbrec_table_copp, "control plane protection",
      &nbrec_copp_col_name, NULL },
    { &nbrec_table_bfd, "BFD session on", &nbrec_bfd_col_logical_port,
      NULL },
    { &nbrec_table_static_mac_binding, "static MAC binding on",
      &nbrec_static_mac_binding_col_logical_port, NULL },
    { &nbrec_table_dns, "DNS records", NULL, NULL },
    { &nbrec_table_dhcp_relay, "DHCP relay", &nbrec_dhcp_relay_col_name,
      NULL },
    { &nbrec_table_mirror_rule, "mirror rule, match",
      &nbrec_mirror_rule_col_match, NULL },
    { &nbrec_table_network_function, "network function",
      &nbrec_network_function_col_name, NULL },
    { &nbrec_table_network_function_group, "network function group",
      &nbrec_network_function_group_col_name, NULL },
    { &nbrec_table_ha_chassis_group, "HA chassis group",
      &nbrec_ha_chassis_group_col_name, NULL },
    { &nbrec_table_gateway_chassis, "gateway chassis",
      &nbrec_gateway_chassis_col_name, NULL },
};

void
why_add_columns(struct ovsdb_idl *idl)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &nbrec_acl_col_action, &nbrec_acl_col_direction,
        &nbrec_acl_col_match, &nbrec_acl_col_name, &nbrec_acl_col_priority,
        &nbrec_dhcp_options_col_cidr,
        &nbrec_logical_router_col_nat, &nbrec_logical_router_col_policies,
        &nbrec_logical_router_col_ports,
        &nbrec_logical_router_col_static_routes,
        &nbrec_logical_router_policy_col_action,
        &nbrec_logical_router_policy_col_match,
        &nbrec_logical_router_policy_col_priority,
        &nbrec_logical_router_port_col_enabled,
        &nbrec_logical_router_port_col_name,
        &nbrec_logical_router_static_route_col_ip_prefix,
        &nbrec_logical_router_static_route_col_nexthop,
        &nbrec_logical_router_static_route_col_policy,
        &nbrec_logical_switch_col_acls, &nbrec_logical_switch_col_ports,
        &nbrec_logical_switch_col_qos_rules,
        &nbrec_logical_switch_port_col_enabled,
        &nbrec_logical_switch_port_col_name,
        &nbrec_nat_col_external_ip, &nbrec_nat_col_logical_ip,
        &nbrec_nat_col_type,
        &nbrec_port_group_col_acls,
        &nbrec_qos_col_direction, &nbrec_qos_col_match,
        &nbrec_qos_col_priority,
    };

    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        ovsdb_idl_add_table(idl, kinds[i].table);
        if (kinds[i].name) {
            ovsdb_idl_add_column(idl, kinds[i].name);
        }
    }
    for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
        ovsdb_idl_add_column(idl, columns[i]);
    }
}

static void
put_row(const struct why *why, const struct why_row *w, struct ds *s)
{
    const struct why_kind *kind = &kinds[w->kind];

    if (kind->put) {
        kind->put(why->idl, w->row, s);
        return;
    }
    ds_put_cstr(s, kind->words);
    if (kind->name) {
        const struct ovsdb_datum *datum = ovsdb_idl_read(w->row, kind->name);
        if (datum->n && datum->keys[0].s->string[0]) {
            ds_put_format(s, " \"%s\"", datum->keys[0].s->string);
            return;
        }
    }
    ds_put_format(s, " "UUID_FMT, UUID_ARGS(&w->row->uuid));
}

/* ---- All of them. ---- */

struct why *
why_create(struct ovsdb_idl *idl, const char *problem)
{
    struct why *why = xzalloc(sizeof *why);

    why->idl = idl;
    hmap_init(&why->rows);
    if (!idl) {
        why->problem = xstrdup(problem);
    }
    for (size_t i = 0; i < ARRAY_SIZE(kinds) && idl; i++) {
        const struct ovsdb_idl_row *row;

        for (row = ovsdb_idl_first_row(idl, kinds[i].table); row;
             row = ovsdb_idl_next_row(row)) {
            struct why_row *w = xmalloc(sizeof *w);
            w->row = row;
            w->kind = i;
            hmap_insert(&why->rows, &w->hmap_node, row->uuid.parts[0]);
        }
    }
    return why;
}

void
why_destroy(struct why *why)
{
    struct why_row *w;

    if (why) {
        HMAP_FOR_EACH_POP (w, hmap_node, &why->rows) {
            free(w);
        }
        hmap_destroy(&why->rows);
        free(why->problem);
        free(why);
    }
}

const char *
why_problem(const struct why *why)
{
    return why->problem;
}

size_t
why_rows(const struct why *why, const char *hint,
         const struct ovsdb_idl_row ***rowsp)
{
    const struct ovsdb_idl_row **rows = NULL;
    size_t n = 0, allocated = 0;
    const struct why_row *w;
    unsigned int part;

    if (hint && str_to_uint(hint, 16, &part)) {
        HMAP_FOR_EACH_WITH_HASH (w, hmap_node, part, &why->rows) {
            if (n >= allocated) {
                rows = x2nrealloc(rows, &allocated, sizeof *rows);
            }
            rows[n++] = w->row;
        }
    }
    *rowsp = rows;
    return n;
}

void
why_put_row(const struct why *why, const struct ovsdb_idl_row *row,
            struct ds *s)
{
    const struct why_row *w;

    HMAP_FOR_EACH_WITH_HASH (w, hmap_node, row->uuid.parts[0], &why->rows) {
        if (w->row == row) {
            put_row(why, w, s);
        }
    }
}

char *
why_flow(struct why *why, const struct sbrec_logical_flow *flow)
{
    const char *hint = smap_get(&flow->external_ids, "stage-hint");
    struct ds s = DS_EMPTY_INITIALIZER;
    const struct ovsdb_idl_row **rows;

    if (!hint || !hint[0]) {
        return NULL;
    }

    /* Eight digits may be those of several rows. */
    size_t n = why_rows(why, hint, &rows);
    for (size_t i = 0; i < n; i++) {
        ds_put_cstr(&s, i ? " or " : "");
        why_put_row(why, rows[i], &s);
    }
    free(rows);
    if (!s.length) {
        ds_put_format(&s, "northbound row %s%s", hint,
                      why->idl ? ", which is not there any more" : "");
    }
    return ds_steal_cstr(&s);
}
