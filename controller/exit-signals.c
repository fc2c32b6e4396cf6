#include <config.h>
#include "controller/exit-signals.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "fatal-signal.h"
#include "openvswitch/poll-loop.h"
#include "signals.h"
#include "socket-util.h"
#include "util.h"

static volatile sig_atomic_t orderly, received;
static int fds[2];               /* Has a byte once 'received'. */

static void
handle_signal(int sig_nr)
{
    if (!orderly || received) {
        fatal_signal_handler(sig_nr);
        return;
    }

    int saved_errno = errno;
    received = true;
    ignore(write(fds[1], "", 1));
    errno = saved_errno;
}

void
exit_signals_init(void)
{
    static const int signals[] = { SIGTERM, SIGINT };

    /* Its handlers come first, and stay for all but the above. */
    fatal_signal_init();
    xpipe_nonblocking(fds);
    for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
        struct sigaction sa;

        xsigaction(signals[i], NULL, &sa);
        if (sa.sa_handler == fatal_signal_handler) {
            /* Not one that whoever started us wants to be ignored. */
            sa.sa_handler = handle_signal;
            xsigaction(signals[i], &sa, NULL);
        }
    }
}

void
exit_signals_set_orderly(bool orderly_)
{
    orderly = orderly_;
}

bool
exit_signals_received(void)
{
    return received;
}

void
exit_signals_wait(void)
{
    poll_fd_wait(fds[0], POLLIN);
}
