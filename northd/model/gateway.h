/* Distributed gateway ports: router ports that are on one of several chassis
 * at a time, whichever of them lives and has the highest priority. */
#ifndef NORTHD_MODEL_GATEWAY_H
#define NORTHD_MODEL_GATEWAY_H 1

#include "lib/inc/inc-table.h"
#include "lib/text/istr.h"

struct datapath;
struct nb_ha_chassis_group;
struct port;

#define GATEWAY_FIELDS(K, F, T)                                         \
    K(T, const struct port *, port, ROW)     /* The router port. */     \
    F(T, const struct datapath *, dp, ROW)                              \
    F(T, const struct port *, cr_port, ROW)  /* Its chassisredirect port. */ \
    F(T, istr, cr_name, STR)                 /* Of that, quoted. */     \
    F(T, const struct nb_ha_chassis_group *, nb_group, ROW) /* Or NULL. */ \
    F(T, struct uuid, ha_group, UUID)        /* SB HA_Chassis_Group. */ \
    F(T, bool, bridged, BOOL)                /* redirect-type. */
INC_TABLE_DECLARE(gateway, GATEWAY_FIELDS);

/* Null for other ports. */
const struct gateway *gateway_of(const struct port *lrp_port);
/* The distributed gateway ports of a router, for INC_BUCKET_FOR_EACH. */
const struct inc_bucket *gateways_of_dp(const struct datapath *);

/* What a flow that only the active gateway chassis of 'lrp_port' may act upon
 * adds to its match: " && is_chassis_resident(...)", "" for other ports. */
istr gateway_resident(const struct port *lrp_port);

/* options:gateway_mtu of a gateway port (distributed or on a gateway router),
 * 0 if there is none, and the match of options:gateway_mtu_bypass, "" if there
 * is none. */
uint32_t gateway_mtu(const struct port *lrp_port);
istr gateway_mtu_bypass(const struct port *lrp_port);
/* What an action that admits a packet into 'lrp_port' starts with, so that
 * later stages know whether the packet is larger than the port's MTU: "" if it
 * has none. */
istr gateway_mtu_check(const struct port *lrp_port);

/* A chassis whose packets reach a gateway group from within the network: it
 * has to know which member lives. */
#define GATEWAY_REF_FIELDS(K, F, T)                                     \
    K(T, struct uuid, ha_group, UUID)                                   \
    K(T, struct uuid, chassis, UUID)         /* SB Chassis. */
INC_TABLE_DECLARE(gateway_ref, GATEWAY_REF_FIELDS);

/* A chassis that has a port of a switch. */
#define DP_CHASSIS_FIELDS(K, F, T)                                      \
    K(T, const struct datapath *, dp, ROW)                              \
    K(T, struct uuid, chassis, UUID)
INC_TABLE_DECLARE(dp_chassis, DP_CHASSIS_FIELDS);

extern struct inc_index gateway_by_port, gateways_by_dp,
    gateways_by_nb_group, gateway_refs_by_group, dp_chassis_by_dp;
extern const struct inc_rule gateways, switch_chassis, gateway_refs;

#endif /* northd/model/gateway.h */
