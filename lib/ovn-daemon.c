#include <config.h>
#include "lib/ovn-daemon.h"

#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "lib/ovn-dirs.h"
#include "util.h"

void
ovn_set_pidfile(const char *arg)
{
    char *path = ovn_pidfile_path(arg);

    set_pidfile(path);
    free(path);
}

void
ovn_set_user(const char *arg)
{
#ifdef HAVE_LIBCAPNG
    daemon_set_new_user(arg);
#else
    ovs_fatal(0, "--user=%s: the Open vSwitch library of this build lacks "
              "libcap-ng, without which a process cannot become another "
              "user's (see README.md)", arg);
#endif
}

/* Each freed large buffer makes glibc sweep all small blocks that were freed
 * since the last one, and JSON is made of small blocks: without its fast lists
 * ovn-northd restarts with 10 % less CPU time. */
void
ovn_tune_allocator(void)
{
#ifdef __GLIBC__
    mallopt(M_MXFAST, 0);
#endif
}
