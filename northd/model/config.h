/* The network-wide settings that features look at, parsed once. */
#ifndef NORTHD_MODEL_CONFIG_H
#define NORTHD_MODEL_CONFIG_H 1

#include "lib/inc/inc-table.h"

struct nb_nb_global;

/* One row.  'broad': nearly every unit may read it, so that its readers are
 * kept as a bitmap of rules per column. */
#define CONFIG_FIELDS(K, F, T)                                          \
    K(T, uint32_t, one, U32)                                            \
    F(T, bool, vxlan_mode, BOOL)     /* 12-bit datapath and port keys. */ \
    F(T, bool, ignore_lsp_down, BOOL)                                   \
    F(T, bool, ecmp_nexthop_monitor, BOOL)                              \
    F(T, bool, use_common_zone, BOOL)                                   \
    F(T, bool, ignore_chassis_features, BOOL)                           \
    F(T, istr, mac_prefix, STR)                                         \
    F(T, istr, svc_monitor_mac, STR)                                    \
    F(T, istr, svc_monitor_mac_dst, STR)
INC_TABLE_DECLARE(config, CONFIG_FIELDS);

/* The row; never null inside rules below 'config_rule'. */
const struct config *the_config(void);

/* Largest tunnel keys, by config_vxlan_mode(). */
uint32_t max_datapath_key(void);
uint32_t max_port_key(void);

/* The NB_Global row, or NULL while there is none. */
const struct nb_nb_global *the_nb_global(void);

/* A chassis by its name, else by its host name; NULL if there is none. */
struct sb_chassis;
const struct sb_chassis *chassis_by_name_or_host(const char *);

/* Do all chassis of this deployment say in other_config that they know
 * 'feature', one of those in config.c?  A chassis drops a flow with an action
 * that it does not know (contracts, 4).  True, too, if what chassis say is to
 * be ignored. */
bool chassis_all_know(const char *feature);

extern struct inc_index chassis_by_host, chassis_by_lack, chassis_by_name,
    config_index, encap_by_type, nb_global_index;
extern const struct inc_rule config_rule;

/* Draws the random parts of the settings that are generated once (mac_prefix,
 * svc_monitor_mac), for databases that have none yet. */
void config_init(void);

#endif /* northd/model/config.h */
