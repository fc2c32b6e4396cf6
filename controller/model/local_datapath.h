/* Logical datapaths that matter on this chassis. */
#ifndef CONTROLLER_MODEL_LOCAL_DATAPATH_H
#define CONTROLLER_MODEL_LOCAL_DATAPATH_H 1

#include "lib/inc/inc-table.h"

struct db_table;

struct sb_datapath_binding;
struct sb_port_binding;

#define LOCAL_DATAPATH_FIELDS(K, F, T)                                  \
    K(T, struct uuid, dp, UUID)          /* Datapath_Binding. */        \
    F(T, const struct sb_datapath_binding *, binding, ROW)              \
    F(T, uint32_t, key, U32)             /* Tunnel key. */              \
    F(T, bool, is_switch, BOOL)
INC_TABLE_DECLARE(local_datapath, LOCAL_DATAPATH_FIELDS);
const struct local_datapath *local_datapath_by_uuid(const struct uuid *);

/* The localnet port of a datapath that has its patch port here. */
#define DP_LOCALNET_FIELDS(K, F, T)                                     \
    K(T, struct uuid, dp, UUID)                                         \
    F(T, const struct sb_port_binding *, pb, ROW)
INC_TABLE_DECLARE(dp_localnet, DP_LOCALNET_FIELDS);
const struct sb_port_binding *localnet_of(const struct uuid *dp);

/* Datapaths with a port here. */
#define DP_SEED_FIELDS(K, F, T) K(T, struct uuid, dp, UUID)
INC_TABLE_DECLARE(dp_seed, DP_SEED_FIELDS);

/* A condition on what the southbound server sends us; json.s NULL: all. */
#define CONDITION_FIELDS(K, F, T)                                       \
    K(T, const struct db_table *, of, PTR)                           \
    F(T, istr, json, STR)
INC_TABLE_DECLARE(condition, CONDITION_FIELDS);

extern struct inc_index local_datapath_index, dp_localnet_index,
    patch_pb_by_dp;
extern const struct inc_rule dp_seeds, local_datapaths, dp_localnets,
    conditions;

#endif /* controller/model/local_datapath.h */
