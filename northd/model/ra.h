/* Router advertisements of router ports (ipv6_ra_configs), checked. */
#ifndef NORTHD_MODEL_RA_H
#define NORTHD_MODEL_RA_H 1

#include "lib/inc/inc-table.h"

struct datapath;
struct db_map;
struct port;

/* A router port that advertises itself. */
#define RA_FIELDS(K, F, T)                                              \
    K(T, const struct port *, port, ROW)                                \
    F(T, istr, mode, STR)              /* address_mode. */              \
    F(T, uint32_t, mtu, U32)           /* 0: none. */                   \
    F(T, istr, preference, STR)        /* "HIGH"..., "" if not given. */ \
    F(T, istr, rdnss, STR)             /* These are "" if not given. */ \
    F(T, istr, dnssl, STR)                                              \
    F(T, istr, route_info, STR)                                         \
    F(T, istr, prefixes, STR)          /* Separated by spaces. */       \
    F(T, istr, lla, STR)               /* The port's own address. */    \
    F(T, bool, periodic, BOOL)         /* Also without being asked: */  \
    F(T, uint32_t, max_interval, U32)  /* after so many seconds. */     \
    F(T, uint32_t, min_interval, U32)
INC_TABLE_DECLARE(ra, RA_FIELDS);

/* Null if the port does not advertise itself. */
const struct ra *ra_of(const struct port *lrp_port);
/* What the chassis need for periodic advertisements of a router port, as
 * Port_Binding.options. */
void ra_put_options(const struct port *lrp_port, struct db_map *);

extern struct inc_index ras_by_port;
extern const struct inc_rule ras;

#endif /* northd/model/ra.h */
