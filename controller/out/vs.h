/* What the controller wants the local Open_vSwitch database to hold. */
#ifndef CONTROLLER_OUT_VS_H
#define CONTROLLER_OUT_VS_H 1

#include "lib/db/db.h"
#include "lib/inc/inc-table.h"

#define VS_NEW_BRIDGE_FIELDS(K, F, T)                                   \
    K(T, struct uuid, uuid, UUID)                                       \
    F(T, istr, name, STR)                                               \
    F(T, istr, ports, STR)                                              \
    F(T, istr, fail_mode, STR)                                          \
    F(T, istr, datapath_type, STR)                                      \
    F(T, istr, other_config, STR)                                       \
    F(T, struct uuid, ovs, UUID)         /* The Open_vSwitch row. */
INC_TABLE_DECLARE(vs_new_bridge, VS_NEW_BRIDGE_FIELDS);

#define VS_NEW_PORT_FIELDS(K, F, T)                                     \
    K(T, struct uuid, uuid, UUID)                                       \
    F(T, istr, name, STR)                                               \
    F(T, istr, interfaces, STR)                                         \
    F(T, istr, external_ids, STR)                                       \
    F(T, struct uuid, bridge, UUID)      /* Zero: a new bridge has it. */
INC_TABLE_DECLARE(vs_new_port, VS_NEW_PORT_FIELDS);

#define VS_NEW_IFACE_FIELDS(K, F, T)                                    \
    K(T, struct uuid, uuid, UUID)                                       \
    F(T, istr, name, STR)                                               \
    F(T, istr, type, STR)                                               \
    F(T, istr, options, STR)
INC_TABLE_DECLARE(vs_new_iface, VS_NEW_IFACE_FIELDS);

/* Ports to be removed from their bridge. */
#define VS_GONE_PORT_FIELDS(K, F, T)                                    \
    K(T, struct uuid, uuid, UUID)                                       \
    F(T, struct uuid, bridge, UUID)
INC_TABLE_DECLARE(vs_gone_port, VS_GONE_PORT_FIELDS);

/* Our keys in rows of others. */
#define VS_IFACE_STATUS_FIELDS(K, F, T)                                 \
    K(T, struct uuid, uuid, UUID)                                       \
    F(T, istr, external_ids, STR)
INC_TABLE_DECLARE(vs_iface_status, VS_IFACE_STATUS_FIELDS);

#define VS_IFACE_BFD_FIELDS(K, F, T)                                    \
    K(T, struct uuid, uuid, UUID)                                       \
    F(T, istr, bfd, STR)
INC_TABLE_DECLARE(vs_iface_bfd, VS_IFACE_BFD_FIELDS);

#define VS_BRIDGE_STATUS_FIELDS(K, F, T)                                \
    K(T, struct uuid, uuid, UUID)                                       \
    F(T, istr, external_ids, STR)                                       \
    F(T, istr, datapath_type, STR)       /* {NULL}: as it is. */        \
    F(T, istr, fail_mode, STR)
INC_TABLE_DECLARE(vs_bridge_status, VS_BRIDGE_STATUS_FIELDS);

#define VS_BRIDGE_ZONES_FIELDS(K, F, T)                                 \
    K(T, struct uuid, uuid, UUID)                                       \
    F(T, istr, external_ids, STR)        /* ct-zone-NAME. */
INC_TABLE_DECLARE(vs_bridge_zones, VS_BRIDGE_ZONES_FIELDS);

#define VS_LIMIT_FIELDS(K, F, T)                                        \
    K(T, struct uuid, uuid, UUID)        /* Open_vSwitch. */            \
    F(T, istr, other_config, STR)
INC_TABLE_DECLARE(vs_limit, VS_LIMIT_FIELDS);

extern struct inc_index vs_new_port_by_uuid;
extern const struct inc_rule gone_ports;
extern const struct db_sink vs_sinks[];
void vs_use_columns(void);
void vs_adopt(void);

#endif /* controller/out/vs.h */
