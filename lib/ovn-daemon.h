#ifndef OVN_DAEMON_H
#define OVN_DAEMON_H 1

/* Daemon options as daemon.h parses them, but for --pidfile, whose relative
 * and default paths are in OVN's run directory instead of Open vSwitch's, and
 * for --user, which says what is missing if it cannot work.  Use with
 * DAEMON_OPTION_ENUMS and DAEMON_LONG_OPTIONS. */

#include "daemon.h"

/* Sets the pidfile to 'arg', or to the default if it is NULL. */
void ovn_set_pidfile(const char *arg);

/* Makes the process run as 'arg', USER[:GROUP], from daemonize_start() on.  If
 * that cannot be, says why and ends it. */
void ovn_set_user(const char *arg);

/* Adjusts the allocator to programs that receive a large database at once.  To
 * be called before threads exist. */
void ovn_tune_allocator(void);

#define OVN_DAEMON_OPTION_HANDLERS              \
        case OPT_DETACH:                        \
            set_detach();                       \
            break;                              \
        case OPT_NO_SELF_CONFINEMENT:           \
            daemon_disable_self_confinement();  \
            break;                              \
        case OPT_NO_CHDIR:                      \
            set_no_chdir();                     \
            break;                              \
        case OPT_PIDFILE:                       \
            ovn_set_pidfile(optarg);            \
            break;                              \
        case OPT_OVERWRITE_PIDFILE:             \
            ignore_existing_pidfile();          \
            break;                              \
        case OPT_MONITOR:                       \
            daemon_set_monitor();               \
            break;                              \
        case OPT_USER_GROUP:                    \
            ovn_set_user(optarg);               \
            break;

#endif /* ovn-daemon.h */
