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
void nbctl_create_indexes(struct ovsdb_idl *);

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
extern const struct ctl_group nbctl_general_group;
extern const struct ctl_group nbctl_port_group;
extern const struct ctl_group nbctl_port_config_group;
extern const struct ctl_group nbctl_switch_group;
extern const struct ctl_group nbctl_sync_group;

#endif /* nbctl.h */
