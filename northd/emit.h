/* How features emit logical flows.
 *
 * flow() is the only way to a Logical_Flow.  Its datapaths are a *handle*: one
 * datapath, or a class (an index bucket of datapaths that share a fact).  When
 * a datapath enters a class, the class's datapath group changes and no flow is
 * generated again. */
#ifndef NORTHD_EMIT_H
#define NORTHD_EMIT_H 1

#include "lib/inc/inc-table.h"
#include "lib/text/istr.h"
#include "northd/pipeline.h"

struct datapath;

/* ---- Handles of datapath sets. ---- */

/* Classes of datapaths: 'datapath_class' rows (model/dp-class.c) tell which
 * datapath is in which. */
enum dp_class {
    DPC_SWITCH,                  /* Every switch. */
    DPC_ROUTER,                  /* Every router. */
    DPC_SWITCH_NO_VLAN,          /* Switches without vlan-passthru. */
    DPC_SWITCH_UNKNOWN,          /* Switches with a port for unknown MACs. */
    DPC_SWITCH_NO_UNKNOWN,       /* Switches without one. */
    DPC_SWITCH_NO_ROUTER_ARP,    /* broadcast-arps-to-all-routers=false. */
    DPC_SWITCH_LOCALNET_LEARN,   /* Switches that learn from a localnet. */
    DPC_ROUTER_LEARN_ANY,        /* always_learn_from_arp_request ... */
    DPC_ROUTER_LEARN_OWN,        /* ... and not. */
    DPC_ROUTER_MAC_AGING,        /* Learned bindings expire. */
    DPC_ROUTER_MCAST_RELAY,      /* Routers that forward multicast ... */
    DPC_ROUTER_NO_MCAST_RELAY,   /* ... and others. */
    DPC_ROUTER_MCAST_STATIC,     /* The former, with ports that take it all */
    DPC_ROUTER_MCAST_NO_STATIC,  /* ... or without. */
    DPC_ROUTER_NAT,              /* Routers that translate addresses. */
    DPC_GW_ROUTER_NAT,           /* Gateway routers that do. */
    DPC_ROUTER_FORCE_LB,         /* lb_force_snat_ip. */
    DPC_ROUTER_COMMIT_SNAT,      /* ct-commit-all with sources translated, */
    DPC_ROUTER_COMMIT_DNAT,      /* ... with destinations. */
    N_DP_CLASSES
};

/* 8 bytes: a datapath row, or a class (small number). */
struct dps { uintptr_t handle; };

static inline struct dps
dps_one(const struct datapath *dp)
{
    return (struct dps) { (uintptr_t) dp };
}

static inline struct dps
dps_class(enum dp_class class)
{
    return (struct dps) { class * 2 + 1 };
}

static inline bool
dps_is_class(struct dps dps)
{
    return dps.handle & 1;
}

static inline enum dp_class
dps_to_class(struct dps dps)
{
    return dps.handle / 2;
}

/* ---- Flows. ---- */

struct flow_args {
    const void *hint;            /* NB row that the flow comes from. */
    const char *io_port;         /* Its inport or outport: only chassis that
                                  * have that port need the flow. */
    const char *meter;           /* Meter of packets to the controller. */
    const char *source;          /* "file:line", from the macro. */
};

void flow__(struct dps, enum stage, uint16_t priority, istr match,
            istr actions, const struct flow_args *);

#define NORTHD_STRING__(X) #X
#define NORTHD_STRING_(X) NORTHD_STRING__(X)
#define NORTHD_SOURCE __FILE__ ":" NORTHD_STRING_(__LINE__)

/* flow(dps, stage, priority, match, actions, [.hint = row, ...]): match and
 * actions are istr (fmt() or text()). */
#define flow(DPS, STAGE, PRIORITY, MATCH, ACTIONS, ...)                 \
    flow__(DPS, STAGE, PRIORITY, MATCH, ACTIONS,                        \
           &(const struct flow_args) { .source = NORTHD_SOURCE,         \
                                       __VA_ARGS__ })
#define fmt istr_fmt
#define text istr_intern

/* ---- Static flows: a table per feature. ---- */

struct static_flow {
    enum dp_class class;
    enum stage stage;
    uint16_t priority;
    const char *match, *actions;
    const char *source;
};
#define STATIC_FLOW(CLASS, STAGE, PRIORITY, MATCH, ACTIONS) \
    { CLASS, STAGE, PRIORITY, MATCH, ACTIONS, NORTHD_SOURCE }
void static_flows(const struct static_flow *, size_t n);

/* ---- The tables behind: logical flows and the sets they apply to. ---- */

#define LFLOW_FIELDS(K, F, T)                                           \
    K(T, struct uuid, uuid, UUID)           /* Hash of the content. */  \
    F(T, istr, match, STR)                                              \
    F(T, istr, actions, STR)                                            \
    F(T, istr, io_port, STR)                                            \
    F(T, istr, meter, STR)                                              \
    F(T, const char *, source, PTR)                                     \
    F(T, uint32_t, hint, U32)                                           \
    F(T, uint16_t, stage, U16)                                          \
    F(T, uint16_t, priority, U16)                                       \
    F(T, iblob, dps, BLOB)                  /* Sorted struct dps[]. */
INC_TABLE_DECLARE(lflow, LFLOW_FIELDS);

/* What a set of handles means at present: one datapath, or a group. */
#define DPS_MEANING_FIELDS(K, F, T)                                     \
    K(T, iblob, dps, BLOB)                                              \
    F(T, bool, is_group, BOOL)                                          \
    F(T, struct uuid, uuid, UUID)  /* Datapath_Binding or Logical_DP_Group, \
                                    * zero for the empty set. */
INC_TABLE_DECLARE(dps_meaning, DPS_MEANING_FIELDS);

#define SB_DP_GROUP_FIELDS(K, F, T)                                     \
    K(T, struct uuid, uuid, UUID)                                       \
    F(T, istr, datapaths, STR)
INC_TABLE_DECLARE(sb_dp_group, SB_DP_GROUP_FIELDS);

extern struct inc_index lflow_by_dps;
extern const struct inc_rule dps_meanings;

#endif /* northd/emit.h */
