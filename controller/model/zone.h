/* Connection tracking zones of local ports and datapaths. */
#ifndef CONTROLLER_MODEL_ZONE_H
#define CONTROLLER_MODEL_ZONE_H 1

#include "lib/inc/inc-table.h"

/* Zones that somebody asked for by number: nobody else gets them. */
#define REQUESTED_ZONE_FIELDS(K, F, T) K(T, uint32_t, zone, U32)
INC_TABLE_DECLARE(requested_zone, REQUESTED_ZONE_FIELDS);

/* Zones of datapath 'dp' (Datapath_Binding) and of its port 'lport' (NULL:
 * none), 0 for those that there are not. */
struct zones {
    uint32_t port, dnat, snat;
};
struct zones zones_of(const struct uuid *dp, const char *lport);

/* Once, before the first run: takes over the zones that the integration
 * bridge's external_ids name. */
void zones_seed(void);

extern struct inc_index zone_by_name, known_zone_by_name, requested_zone_index;
extern struct inc_pool *zone_pool;
extern const struct inc_rule requested_zones, datapath_zones, port_zones,
    zone_ids;

#endif /* controller/model/zone.h */
