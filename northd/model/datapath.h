/* Logical switches and routers as datapaths with a tunnel key. */
#ifndef NORTHD_MODEL_DATAPATH_H
#define NORTHD_MODEL_DATAPATH_H 1

#include "lib/inc/inc-table.h"
#include "northd/emit.h"

struct nb_logical_router;
struct nb_logical_switch;

#define DATAPATH_FIELDS(K, F, T)                                        \
    K(T, struct uuid, nb_uuid, UUID)                                    \
    F(T, const struct nb_logical_switch *, ls, ROW)                     \
    F(T, const struct nb_logical_router *, lr, ROW)                     \
    F(T, struct uuid, sb_uuid, UUID)   /* Of the Datapath_Binding. */   \
    F(T, uint32_t, key, U32)           /* Tunnel key. */
INC_TABLE_DECLARE(datapath, DATAPATH_FIELDS);

/* The datapath of an NB row, or NULL if it got no tunnel key. */
const struct datapath *datapath_of_ls(const struct nb_logical_switch *);
const struct datapath *datapath_of_lr(const struct nb_logical_router *);
/* Is some datapath known by this tunnel key? */
const struct datapath *datapath_by_tunnel_key(uint32_t key);

/* Which datapath is in which class of emit.h. */
#define DP_CLASS_MEMBER_FIELDS(K, F, T)                                 \
    K(T, const struct datapath *, dp, ROW)                              \
    F(T, uint32_t, classes, U32)       /* Bit per enum dp_class. */
INC_TABLE_DECLARE(dp_class_member, DP_CLASS_MEMBER_FIELDS);

/* Classes that have a member: flows of the others are not made. */
#define DP_CLASS_USED_FIELDS(K, F, T) K(T, uint32_t, class, U32)
INC_TABLE_DECLARE(dp_class_used, DP_CLASS_USED_FIELDS);
bool dp_class_is_used(enum dp_class);

/* SB Datapath_Binding, as we want it. */
#define SB_DATAPATH_FIELDS(K, F, T)                                     \
    K(T, struct uuid, uuid, UUID)                                       \
    F(T, uint32_t, tunnel_key, U32)                                     \
    F(T, istr, type, STR)                                               \
    F(T, istr, nb_uuid, STR)                                            \
    F(T, istr, external_ids, STR)
INC_TABLE_DECLARE(sb_datapath, SB_DATAPATH_FIELDS);

extern struct inc_index datapath_by_nb_uuid, datapath_by_key,
    dp_class_members, dp_class_used_index;
extern const struct inc_rule ls_datapaths, lr_datapaths, datapath_bindings,
    dp_classes, dp_classes_used;

/* Before the first run: keys and uuids that the southbound database holds. */
void datapath_seed(void);
extern struct inc_pool *datapath_keys;

#endif /* northd/model/datapath.h */
