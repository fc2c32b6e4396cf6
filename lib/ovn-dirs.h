#ifndef OVN_DIRS_H
#define OVN_DIRS_H 1

/* Directories and default endpoints.  Each one comes from an environment
 * variable if that is set and not empty, else from configure.  The strings
 * belong to this module and stay as they are until the process ends. */

const char *ovn_sysconfdir(void);   /* OVN_SYSCONFDIR */
const char *ovn_pkgdatadir(void);   /* OVN_PKGDATADIR: schemas, scripts */
const char *ovn_rundir(void);       /* OVN_RUNDIR: sockets, pid files */
const char *ovn_logdir(void);       /* OVN_LOGDIR */
const char *ovn_dbdir(void);        /* OVN_DBDIR, else OVN_SYSCONFDIR/ovn */
const char *ovn_bindir(void);       /* OVN_BINDIR */

const char *default_nb_db(void);    /* OVN_NB_DB */
const char *default_sb_db(void);    /* OVN_SB_DB */

char *ovn_unixctl_path(const char *arg);
char *ovn_pidfile_path(const char *arg);

#endif /* ovn-dirs.h */
