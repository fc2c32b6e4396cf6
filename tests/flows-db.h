/* A southbound database in memory, as far as logical flows need it. */

#ifndef FLOWS_DB_H
#define FLOWS_DB_H 1

#include "actions/actions.h"
#include "openvswitch/shash.h"
#include "simap.h"
#include "smap.h"
#include "sset.h"
#include "text/expr.h"

struct flows_dp {
    const char *uuid;
    uint32_t key;
    bool is_switch;
    struct simap ports;         /* Ports and multicast groups -> key. */
};

struct flows_flow {
    char *match, *actions;      /* With templates replaced. */
    struct ovnact_table table;
    enum symtab_id symtab;
    const struct flows_dp **dps;
    size_t n_dps;
};

struct flows_db {
    struct shash address_sets;  /* Has "struct const_set"s. */
    struct shash port_groups;   /* By full name, "KEY_NAME". */
    struct shash dps;           /* By uuid.  Has "struct flows_dp"s. */
    struct ovnact_opt_defs dhcp_opts, dhcpv6_opts;
    struct smap templates;
    struct sset meters;
    struct simap groups;        /* Group specification -> id. */
    struct flows_flow *flows;
    size_t n;
    struct json *json;
};

/* Reads what "ovsdb-tool query" prints for the query in tests/flows-db.query.
 * Templates get the values that they have on 'chassis'.  Ends the program if
 * something is wrong. */
void flows_db_load(struct flows_db *, const char *file, const char *chassis);
void flows_db_destroy(struct flows_db *);

/* What the flow language asks for, for one datapath. */
struct flows_source {
    struct flows_db *db;
    const struct flows_dp *dp;
    struct const_set empty;     /* For groups without ports here. */
    struct expr_env env;
};
void flows_source_init(struct flows_source *, struct flows_db *,
                       const struct flows_dp *);
bool flows_lookup_port(const char *name, uint32_t *key, void *source);
extern const struct ovnact_callbacks flows_callbacks; /* 'aux': a source. */

#endif /* flows-db.h */
