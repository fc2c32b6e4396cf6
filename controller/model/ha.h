/* Ports that several chassis could have, of which one is elected. */
#ifndef CONTROLLER_MODEL_HA_H
#define CONTROLLER_MODEL_HA_H 1

#include "lib/inc/inc-table.h"

struct sb_port_binding;

/* Per port with an HA_Chassis_Group. */
#define HA_PORT_FIELDS(K, F, T)                                         \
    K(T, const struct sb_port_binding *, pb, ROW)                       \
    F(T, istr, name, STR)                                               \
    F(T, struct uuid, dp, UUID)          /* Datapath_Binding. */        \
    F(T, bool, member, BOOL)             /* We are in its group, */     \
    F(T, bool, active, BOOL)             /* ... and elected. */
INC_TABLE_DECLARE(ha_port, HA_PORT_FIELDS);

/* Null if there is no such port, or it has no group. */
const struct ha_port *ha_port_by_name(const char *);
bool ha_is_member(const char *port);
bool ha_is_active(const char *port);

/* The chassis of a port's group, the first choice first. */
struct ha_candidates {
    struct uuid *chassis;
    size_t n;
};
void ha_candidates_init(struct ha_candidates *,
                        const struct sb_port_binding *);
void ha_candidates_destroy(struct ha_candidates *);

extern struct inc_index ha_port_by_name_index;
extern const struct inc_rule ha_ports, ha_seeds;

#endif /* controller/model/ha.h */
