/* Interfaces of the integration bridge that carry a logical port. */
#ifndef CONTROLLER_MODEL_VIF_H
#define CONTROLLER_MODEL_VIF_H 1

#include "lib/inc/inc-table.h"

struct vs_interface;

#define VIF_FIELDS(K, F, T)                                             \
    K(T, istr, iface_id, STR)                                           \
    F(T, const struct vs_interface *, iface, ROW)                       \
    F(T, uint32_t, ofport, U32)          /* 0: none yet. */             \
    F(T, istr, encap_ip, STR)            /* {NULL}: any. */             \
    F(T, istr, iface_id_ver, STR)
INC_TABLE_DECLARE(vif, VIF_FIELDS);

const struct vif *vif_by_iface_id(const char *);

extern struct inc_index vif_by_iface_id_index;
extern const struct inc_rule vifs;

#endif /* controller/model/vif.h */
