/* What the controller wants the southbound database to hold. */
#ifndef CONTROLLER_OUT_SB_H
#define CONTROLLER_OUT_SB_H 1

#include "lib/db/db.h"
#include "lib/inc/inc-table.h"

struct sb_sb_global;

#define SB_OWN_CHASSIS_FIELDS(K, F, T)                                  \
    K(T, struct uuid, uuid, UUID)                                       \
    F(T, istr, name, STR)                                               \
    F(T, istr, hostname, STR)                                           \
    F(T, istr, encaps, STR)                                             \
    F(T, istr, other_config, STR)                                       \
    F(T, istr, transport_zones, STR)
INC_TABLE_DECLARE(sb_own_chassis, SB_OWN_CHASSIS_FIELDS);

#define SB_OWN_ENCAP_FIELDS(K, F, T)                                    \
    K(T, struct uuid, uuid, UUID)                                       \
    F(T, istr, type, STR)                                               \
    F(T, istr, ip, STR)                                                 \
    F(T, istr, options, STR)                                            \
    F(T, istr, chassis_name, STR)
INC_TABLE_DECLARE(sb_own_encap, SB_OWN_ENCAP_FIELDS);

#define SB_OWN_PRIVATE_FIELDS(K, F, T)                                  \
    K(T, struct uuid, uuid, UUID)                                       \
    F(T, istr, name, STR)                                               \
    F(T, istr, chassis, STR)                                            \
    F(T, int64_t, nb_cfg, I64)                                          \
    F(T, int64_t, nb_cfg_timestamp, I64)
INC_TABLE_DECLARE(sb_own_private, SB_OWN_PRIVATE_FIELDS);

/* Our columns of a Port_Binding. */
#define SB_CLAIM_FIELDS(K, F, T)                                        \
    K(T, struct uuid, uuid, UUID)                                       \
    F(T, istr, chassis, STR)                                            \
    F(T, istr, encap, STR)                                              \
    F(T, istr, additional_chassis, STR)                                 \
    F(T, istr, additional_encap, STR)                                   \
    F(T, istr, up, STR)
INC_TABLE_DECLARE(sb_claim, SB_CLAIM_FIELDS);

/* A MAC that was learned. */
#define SB_LEARNED_FDB_FIELDS(K, F, T)                                  \
    K(T, struct uuid, uuid, UUID)                                       \
    F(T, istr, mac, STR)                                                \
    F(T, uint32_t, dp_key, U32)                                         \
    F(T, uint32_t, port_key, U32)                                       \
    F(T, int64_t, timestamp, I64)
INC_TABLE_DECLARE(sb_learned_fdb, SB_LEARNED_FDB_FIELDS);

/* A neighbor that was learned, or heard of again. */
#define SB_LEARNED_MAC_FIELDS(K, F, T)                                  \
    K(T, struct uuid, uuid, UUID)                                       \
    F(T, istr, logical_port, STR)                                       \
    F(T, istr, ip, STR)                                                 \
    F(T, istr, mac, STR)                                                \
    F(T, int64_t, timestamp, I64)                                       \
    F(T, struct uuid, datapath, UUID)
INC_TABLE_DECLARE(sb_learned_mac, SB_LEARNED_MAC_FIELDS);

/* The state of a BFD session that runs here. */
#define SB_BFD_STATUS_FIELDS(K, F, T)                                   \
    K(T, struct uuid, uuid, UUID)                                       \
    F(T, istr, status, STR)
INC_TABLE_DECLARE(sb_bfd_status, SB_BFD_STATUS_FIELDS);

/* Null if there is none. */
const struct sb_sb_global *the_sb_global(void);

extern struct inc_index sb_global_index;
extern const struct db_sink sb_sinks[];
void sb_use_columns(void);
void sb_adopt(void);

/* Says which name is ours now; rows of that name, and of former ones, are
 * deleted unless somebody emits them. */
void sb_set_name(const char *);
void sb_exit(void);

#endif /* controller/out/sb.h */
