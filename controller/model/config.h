/* What this node's Open_vSwitch row says about it. */
#ifndef CONTROLLER_MODEL_CONFIG_H
#define CONTROLLER_MODEL_CONFIG_H 1

#include "lib/inc/inc-table.h"

struct vs_open_vswitch;

/* Given from outside of the databases (one row): the command line, and that
 * the process is about to leave. */
#define PROCESS_FIELDS(K, F, T)                                         \
    K(T, uint32_t, one, U32)                                            \
    F(T, istr, chassis_name, STR)    /* -n or system-id-override. */    \
    F(T, istr, hostname, STR)        /* Of the machine. */              \
    F(T, bool, complete, BOOL)       /* All that concerns us was seen: what \
                                      * nobody wants now may be removed. */ \
    F(T, bool, leaving, BOOL)        /* Take back all that we wrote. */
INC_TABLE_DECLARE(process, PROCESS_FIELDS);

/* One row, while the node has a name and is not leaving. */
#define CONFIG_FIELDS(K, F, T)                                          \
    K(T, uint32_t, one, U32)                                            \
    F(T, istr, chassis_name, STR)                                       \
    F(T, struct uuid, chassis_uuid, UUID)  /* Of our SB Chassis row. */ \
    F(T, istr, hostname, STR)                                           \
    F(T, istr, bridge, STR)                /* "br-int" */               \
    F(T, istr, encap_types, STR)           /* Comma-separated. */       \
    F(T, istr, encap_ips, STR)             /* Comma-separated. */       \
    F(T, istr, bridge_mappings, STR)                                    \
    F(T, bool, monitor_all, BOOL)
INC_TABLE_DECLARE(config, CONFIG_FIELDS);

/* Null while the node cannot work: no name yet, or leaving. */
const struct config *the_config(void);
const struct process *the_process(void);
/* May what nobody wants be removed? */
bool may_remove(void);
const struct vs_open_vswitch *the_open_vswitch(void);

/* Our name, also while leaving; null if there is none. */
istr chassis_name(void);

/* Of our integration bridge, also while leaving. */
istr bridge_name(void);

/* external_ids:KEY of the Open_vSwitch row, where KEY-CHASSIS goes before KEY
 * (several controllers share one ovsdb-server).  Null if neither is there. */
const char *node_option(const char *key);
bool node_option_bool(const char *key, bool dflt);

extern struct inc_index config_index, process_index, open_vswitch_index;
extern const struct inc_rule config_rule;

#endif /* controller/model/config.h */
