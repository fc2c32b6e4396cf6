#include "test-ovn.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ovn-dirs.h"

static void
check_string(const char *actual, const char *expected)
{
    if (strcmp(actual, expected)) {
        ovs_fatal(0, "got \"%s\", expected \"%s\"", actual, expected);
    }
}

static void
check_allocated(char *actual, const char *expected)
{
    check_string(actual, expected);
    free(actual);
}

/* Variables win over what configure said, and what they do not name follows
 * from the others. */
static void
test_dirs(struct ovs_cmdl_context *ctx)
{
    setenv("OVN_RUNDIR", "/tmp/run", 1);
    setenv("OVN_SYSCONFDIR", "/tmp/etc", 1);
    setenv("OVN_DBDIR", "", 1);
    setenv("OVN_SB_DB", "tcp:127.0.0.1:6642", 1);
    unsetenv("OVN_NB_DB");

    check_string(ovn_rundir(), "/tmp/run");
    check_string(ovn_sysconfdir(), "/tmp/etc");
    check_string(ovn_dbdir(), "/tmp/etc/ovn");
    check_string(default_nb_db(), "unix:/tmp/run/ovnnb_db.sock");
    check_string(default_sb_db(), "tcp:127.0.0.1:6642");

    check_allocated(ovn_unixctl_path("none"), "none");
    check_allocated(ovn_unixctl_path("x.ctl"), "/tmp/run/x.ctl");
    check_allocated(ovn_unixctl_path("/x.ctl"), "/x.ctl");
    char *unixctl = xasprintf("/tmp/run/%s.%ld.ctl", program_name,
                              (long int) getpid());
    check_allocated(ovn_unixctl_path(NULL), unixctl);
    free(unixctl);
    check_allocated(ovn_pidfile_path(NULL), "/tmp/run/test-ovn.pid");
    check_allocated(ovn_pidfile_path("y.pid"), "/tmp/run/y.pid");
}

OVSTEST_REGISTER("dirs", test_dirs);
