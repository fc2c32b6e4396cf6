#ifndef OVN_DAEMON_H
#define OVN_DAEMON_H 1

/* Daemon options as daemon.h parses them, but for --pidfile, whose relative
 * and default paths are in OVN's run directory instead of Open vSwitch's.
 * Use with DAEMON_OPTION_ENUMS and DAEMON_LONG_OPTIONS. */

#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include "daemon.h"
#include "lib/ovn-dirs.h"

static inline void
ovn_set_pidfile(const char *arg)
{
    char *path = ovn_pidfile_path(arg);
    set_pidfile(path);
    free(path);
}

/* Adjusts the allocator to programs that receive a large database at once.
 * Each freed large buffer makes glibc sweep all small blocks that were freed
 * since the last one, and JSON is made of small blocks: without its fast lists
 * ovn-northd restarts with 10 % less CPU time.  To be called before threads
 * exist. */
static inline void
ovn_tune_allocator(void)
{
#ifdef __GLIBC__
    mallopt(M_MXFAST, 0);
#endif
}

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
            daemon_set_new_user(optarg);        \
            break;

#endif /* ovn-daemon.h */
