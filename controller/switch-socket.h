#ifndef OVN_SWITCH_SOCKET_H
#define OVN_SWITCH_SOCKET_H 1

#include <stdbool.h>
#include <sys/stat.h>

struct rconn;

/* What a switch listens on.  Starts as all zero. */
struct switch_socket {
    bool connected;             /* Now. */
    bool known;
    struct stat last;           /* If known: what we were connected to. */
    long long int next_look;
};

void switch_socket_run(struct switch_socket *, struct rconn *,
                       const char *remote);
void switch_socket_wait(const struct switch_socket *);

#endif
