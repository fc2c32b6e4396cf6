/* What northd wants the southbound database to hold: output tables, and the
 * sinks that bind them to database tables. */
#ifndef NORTHD_OUT_SB_H
#define NORTHD_OUT_SB_H 1

#include "lib/db/db.h"
#include "lib/inc/inc-table.h"

/* A field is canonical OVSDB text (lib/db/db.h) unless its column is a plain
 * string or number. */
#define SB_PORT_FIELDS(K, F, T)                                         \
    K(T, struct uuid, uuid, UUID)                                       \
    F(T, istr, logical_port, STR)                                       \
    F(T, istr, type, STR)                                               \
    F(T, struct uuid, datapath, UUID)                                   \
    F(T, uint32_t, tunnel_key, U32)                                     \
    F(T, istr, parent_port, STR)                                        \
    F(T, istr, tag, STR)                                                \
    F(T, istr, mac, STR)                                                \
    F(T, istr, port_security, STR)                                      \
    F(T, istr, nat_addresses, STR)                                      \
    F(T, istr, options, STR)                                            \
    F(T, istr, external_ids, STR)                                       \
    F(T, istr, requested_chassis, STR)                                  \
    F(T, istr, requested_additional_chassis, STR)                       \
    F(T, istr, chassis, STR)           /* Only of remote ports. */      \
    F(T, istr, up, STR)                /* Only of remote ports. */      \
    F(T, istr, initial_up, STR)        /* Of the others. */             \
    F(T, istr, ha_chassis_group, STR)
INC_TABLE_DECLARE(sb_port, SB_PORT_FIELDS);

#define SB_HA_GROUP_FIELDS(K, F, T)                                     \
    K(T, struct uuid, uuid, UUID)                                       \
    F(T, istr, name, STR)                                               \
    F(T, istr, ha_chassis, STR)                                         \
    F(T, istr, ref_chassis, STR)
INC_TABLE_DECLARE(sb_ha_group, SB_HA_GROUP_FIELDS);

#define SB_HA_CHASSIS_FIELDS(K, F, T)                                   \
    K(T, struct uuid, uuid, UUID)                                       \
    F(T, istr, chassis, STR)                                            \
    F(T, int64_t, priority, I64)                                        \
    F(T, istr, external_ids, STR)
INC_TABLE_DECLARE(sb_ha_member, SB_HA_CHASSIS_FIELDS);

#define SB_MCAST_FIELDS(K, F, T)                                        \
    K(T, struct uuid, uuid, UUID)                                       \
    F(T, struct uuid, datapath, UUID)                                   \
    F(T, istr, name, STR)                                               \
    F(T, uint32_t, tunnel_key, U32)                                     \
    F(T, istr, ports, STR)
INC_TABLE_DECLARE(sb_mcast, SB_MCAST_FIELDS);

#define SB_ADDR_SET_FIELDS(K, F, T)                                     \
    K(T, struct uuid, uuid, UUID)                                       \
    F(T, istr, name, STR)                                               \
    F(T, istr, addresses, STR)
INC_TABLE_DECLARE(sb_addr_set, SB_ADDR_SET_FIELDS);

#define SB_PG_FIELDS(K, F, T)                                           \
    K(T, struct uuid, uuid, UUID)                                       \
    F(T, istr, name, STR)                                               \
    F(T, istr, ports, STR)
INC_TABLE_DECLARE(sb_pg, SB_PG_FIELDS);

#define SB_GLOBAL_FIELDS(K, F, T)                                       \
    K(T, struct uuid, uuid, UUID)                                       \
    F(T, int64_t, nb_cfg, I64)                                          \
    F(T, bool, ipsec, BOOL)                                             \
    F(T, istr, options, STR)
INC_TABLE_DECLARE(sb_global_out, SB_GLOBAL_FIELDS);

#define SB_RBAC_ROLE_FIELDS(K, F, T)                                    \
    K(T, struct uuid, uuid, UUID)                                       \
    F(T, istr, name, STR)                                               \
    F(T, istr, permissions, STR)
INC_TABLE_DECLARE(sb_role, SB_RBAC_ROLE_FIELDS);

#define SB_RBAC_PERM_FIELDS(K, F, T)                                    \
    K(T, struct uuid, uuid, UUID)                                       \
    F(T, istr, table_name, STR)                                              \
    F(T, istr, authorization, STR)                                      \
    F(T, bool, insert_delete, BOOL)                                     \
    F(T, istr, update, STR)
INC_TABLE_DECLARE(sb_rbac_perm, SB_RBAC_PERM_FIELDS);

#define SB_BFD_FIELDS(K, F, T)                                          \
    K(T, struct uuid, uuid, UUID)                                       \
    F(T, uint32_t, src_port, U32)                                       \
    F(T, uint32_t, disc, U32)                                           \
    F(T, istr, logical_port, STR)                                       \
    F(T, istr, dst_ip, STR)                                             \
    F(T, int64_t, min_tx, I64)                                          \
    F(T, int64_t, min_rx, I64)                                          \
    F(T, int64_t, detect_mult, I64)                                     \
    F(T, istr, status, STR)            /* To begin with. */             \
    F(T, istr, chassis_name, STR)                                       \
    F(T, istr, external_ids, STR)                                       \
    F(T, istr, options, STR)
INC_TABLE_DECLARE(sb_bfd_out, SB_BFD_FIELDS);

/* A next hop of routes with symmetric replies, and what it has been learned
 * to be at ('mac', "" if nothing). */
#define SB_ECMP_NEXTHOP_FIELDS(K, F, T)                                 \
    K(T, struct uuid, uuid, UUID)                                       \
    F(T, istr, nexthop, STR)                                            \
    F(T, istr, mac, STR)                                                \
    F(T, struct uuid, port, UUID)                                       \
    F(T, struct uuid, datapath, UUID)
INC_TABLE_DECLARE(sb_ecmp_nexthop_out, SB_ECMP_NEXTHOP_FIELDS);

/* Rows that must not exist. */
#define SB_FDB_DELETE_FIELDS(K, F, T) K(T, struct uuid, uuid, UUID)
INC_TABLE_DECLARE(sb_fdb_delete, SB_FDB_DELETE_FIELDS);

#define SB_MAC_DELETE_FIELDS(K, F, T) K(T, struct uuid, uuid, UUID)
INC_TABLE_DECLARE(sb_mac_delete, SB_MAC_DELETE_FIELDS);

#define SB_STATIC_MAC_FIELDS(K, F, T)                                   \
    K(T, struct uuid, uuid, UUID)          /* The NB row's as well. */  \
    F(T, istr, logical_port, STR)                                       \
    F(T, istr, ip, STR)                                                 \
    F(T, istr, mac, STR)                                                \
    F(T, bool, override_dynamic_mac, BOOL)                              \
    F(T, struct uuid, datapath, UUID)
INC_TABLE_DECLARE(sb_static_mac, SB_STATIC_MAC_FIELDS);

/* The sinks, for db_create(); ends with .out == NULL. */
extern const struct db_sink sb_sinks[];

/* Marks the southbound columns that northd reads, and remembers the uuids of
 * the rows that a former northd made. */
void sb_use_columns(void);
void sb_adopt(void);

struct sb_port_binding;
/* Does the port work: a chassis has it and says that its flows are there (or
 * is too old to say)? */
bool port_binding_is_up(const struct sb_port_binding *);

#endif /* northd/out/sb.h */
