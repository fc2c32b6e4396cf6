#include <config.h>
#include "ovn-dirs.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ovs-thread.h"
#include "util.h"

/* A string that is found out on first use. */
struct setting {
    const char *env;            /* Environment variable that has it. */
    struct ovsthread_once once;
    char *value;                /* NULL until found out. */
};

#define SETTING_INITIALIZER(ENV) \
    { .env = ENV, .once = OVSTHREAD_ONCE_INITIALIZER }

static char *
get_env(const char *name)
{
    const char *value = getenv(name);

    return value && value[0] ? xstrdup(value) : NULL;
}

/* Returns the value of 's': its environment variable, or DIR/FILE of the two
 * strings (DIR alone if 'file' is NULL). */
static const char *
get_setting(struct setting *s, const char *dir, const char *file)
{
    if (ovsthread_once_start(&s->once)) {
        s->value = get_env(s->env);
        if (!s->value) {
            s->value = file ? xasprintf("%s/%s", dir, file) : xstrdup(dir);
        }
        ovsthread_once_done(&s->once);
    }
    return s->value;
}

const char *
ovn_sysconfdir(void)
{
    static struct setting s = SETTING_INITIALIZER("OVN_SYSCONFDIR");

    return get_setting(&s, OVN_DEFAULT_SYSCONFDIR, NULL);
}

const char *
ovn_pkgdatadir(void)
{
    static struct setting s = SETTING_INITIALIZER("OVN_PKGDATADIR");

    return get_setting(&s, OVN_DEFAULT_PKGDATADIR, NULL);
}

const char *
ovn_rundir(void)
{
    static struct setting s = SETTING_INITIALIZER("OVN_RUNDIR");

    return get_setting(&s, OVN_DEFAULT_RUNDIR, NULL);
}

const char *
ovn_logdir(void)
{
    static struct setting s = SETTING_INITIALIZER("OVN_LOGDIR");

    return get_setting(&s, OVN_DEFAULT_LOGDIR, NULL);
}

const char *
ovn_dbdir(void)
{
    static struct setting s = SETTING_INITIALIZER("OVN_DBDIR");
    const char *sysconfdir = getenv("OVN_SYSCONFDIR");

    if (sysconfdir && sysconfdir[0]) {
        return get_setting(&s, sysconfdir, "ovn");
    }
    return get_setting(&s, OVN_DEFAULT_DBDIR, NULL);
}

const char *
ovn_bindir(void)
{
    static struct setting s = SETTING_INITIALIZER("OVN_BINDIR");

    return get_setting(&s, OVN_DEFAULT_BINDIR, NULL);
}

/* Builds "unix:RUNDIR/FILE". */
static const char *
get_db(struct setting *s, const char *file)
{
    char *dir = xasprintf("unix:%s", ovn_rundir());
    const char *db = get_setting(s, dir, file);

    free(dir);
    return db;
}

/* Returns the remote of the northbound database. */
const char *
default_nb_db(void)
{
    static struct setting s = SETTING_INITIALIZER("OVN_NB_DB");

    return get_db(&s, "ovnnb_db.sock");
}

/* Returns the remote of the southbound database. */
const char *
default_sb_db(void)
{
    static struct setting s = SETTING_INITIALIZER("OVN_SB_DB");

    return get_db(&s, "ovnsb_db.sock");
}

/* Returns the path of a daemon's control socket for unixctl_server_create().
 * 'arg' is the argument of --unixctl: NULL stands for
 * RUNDIR/PROGRAM.PID.ctl, a relative name is one below RUNDIR, and "none" (no
 * socket) stays as it is.  The caller frees the string.
 *
 * The library's own default lies in Open vSwitch's directory, where users of
 * ovn-appctl do not look. */
char *
ovn_unixctl_path(const char *arg)
{
    if (!arg) {
        return xasprintf("%s/%s.%ld.ctl", ovn_rundir(), program_name,
                         (long int) getpid());
    }
    return strcmp(arg, "none") ? abs_file_name(ovn_rundir(), arg)
                               : xstrdup(arg);
}

/* Returns the path of a daemon's pid file for set_pidfile().  'arg' is the
 * argument of --pidfile: NULL stands for RUNDIR/PROGRAM.pid, a relative name
 * is one below RUNDIR.  The caller frees the string. */
char *
ovn_pidfile_path(const char *arg)
{
    char *name = arg ? xstrdup(arg) : xasprintf("%s.pid", program_name);
    char *path = abs_file_name(ovn_rundir(), name);

    free(name);
    return path;
}
