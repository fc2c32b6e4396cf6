/* A switch that is started again is alive for other chassis at once, but
 * without flows until we are there.  An rconn would try once a second; here, a
 * new socket is seen and tried right away. */
#include <config.h>
#include "controller/switch-socket.h"

#include <string.h>

#include "openvswitch/poll-loop.h"
#include "openvswitch/rconn.h"
#include "timeval.h"

/* Milliseconds between two looks. */
#define INTERVAL 50

/* Returns false if there is no socket at 'remote' that can be looked at. */
static bool
look(const char *remote, struct stat *s)
{
    return (remote && !strncmp(remote, "unix:", 5)
            && !stat(remote + 5, s) && S_ISSOCK(s->st_mode));
}

static bool
is_same(const struct stat *a, const struct stat *b)
{
    return (a->st_dev == b->st_dev && a->st_ino == b->st_ino
            && a->st_ctim.tv_sec == b->st_ctim.tv_sec
            && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec);
}

/* Lets 'rconn' try at once if 'remote' (NULL: none) has become another socket
 * than it was connected to.  To be called before rconn_run(). */
void
switch_socket_run(struct switch_socket *socket, struct rconn *rconn,
                  const char *remote)
{
    struct stat s;

    if (rconn_is_connected(rconn)) {
        if (!socket->connected) {
            socket->connected = true;
            socket->known = look(remote, &socket->last);
        }
        return;
    }

    socket->connected = false;
    if (time_msec() >= socket->next_look) {
        socket->next_look = time_msec() + INTERVAL;
        if (socket->known && look(remote, &s) && !is_same(&s, &socket->last)) {
            rconn_connect(rconn, remote, remote);
        }
    }
}

/* Wakes up for the next look. */
void
switch_socket_wait(const struct switch_socket *socket)
{
    if (!socket->connected && socket->known) {
        poll_timer_wait_until(socket->next_look);
    }
}
