/* Control sockets of daemons. */
#ifndef OVN_UNIXCTL_H
#define OVN_UNIXCTL_H 1

struct unixctl_server;

void ovn_unixctl_register(void);
int ovn_unixctl_server_create(const char *arg, struct unixctl_server **);

#endif /* ovn-unixctl.h */
