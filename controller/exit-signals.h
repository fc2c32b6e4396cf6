/* Signals that ask the process to end (SIGTERM, SIGINT).
 *
 * Usually they do it at once, and everything stays as it is, for a controller
 * that comes later.  If the node wants it (ovn-cleanup-on-exit), the first one
 * makes the main loop leave in good order, as the command "exit" does; a
 * second one does not wait for that. */
#ifndef CONTROLLER_EXIT_SIGNALS_H
#define CONTROLLER_EXIT_SIGNALS_H 1

#include <stdbool.h>

/* While the process has a single thread, after it has become a daemon. */
void exit_signals_init(void);

/* Shall the first signal make us leave in good order? */
void exit_signals_set_orderly(bool);

/* Has there been such a signal? */
bool exit_signals_received(void);

/* Wakes poll_block() up when there is one, and ever after. */
void exit_signals_wait(void);

#endif /* controller/exit-signals.h */
