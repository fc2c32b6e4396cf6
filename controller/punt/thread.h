/* The thread that handles packets punted by the switch.
 *
 * It has a connection to the switch of its own, so that neither a busy main
 * loop delays answers nor a flood of punted packets delays flows.  It knows
 * neither databases nor the engine: what it learns goes into bounded queues,
 * from which punt_run() moves it into input tables, and what it has to know
 * comes from output tables by punt_tell().
 *
 * All functions are for the main thread. */
#ifndef CONTROLLER_PUNT_THREAD_H
#define CONTROLLER_PUNT_THREAD_H 1

#include "controller/punt/used.h"

struct post;

/* "struct punt" is a punt's parameters (lib/actions/punt.h). */
struct punter;

/* Starts the thread; after daemonize_start(), since a process with threads
 * must not fork.  Registers the unixctl commands punt/.... */
struct punter *punt_create(void);

/* Ends the thread and frees all.  Null is all right. */
void punt_destroy(struct punter *);

/* Where the switch listens, e.g. "unix:/var/run/openvswitch/br-int.mgmt";
 * null disconnects. */
void punt_set_remote(struct punter *, const char *);

/* Moves what was punted into input tables.  Call between db_run() and
 * inc_run(), not before the southbound mirror is there. */
void punt_run(struct punter *);

/* Where to post what the thread shall do: "struct announce_order"s. */
struct post *punt_announcements(struct punter *);

/* "struct advertise_order"s. */
struct post *punt_advertisements(struct punter *);
/* "struct bfd_order"s, and where the thread posts "struct bfd_report"s. */
struct post *punt_bfd_orders(struct punter *);
struct post *punt_bfd_reports(struct punter *);

/* How often the thread looks for what is in use, in ms; 0: never. */
void punt_set_use_interval(struct punter *, enum used_kind,
                           long long int ms);

/* Has the thread send a message, which it takes over, to the switch.  False,
 * and the message is gone, if there is no connection or no room. */
struct ofpbuf;
bool punt_send(struct punter *, struct ofpbuf *);

/* Tells the thread what follows.  Call after inc_run(), and after what was
 * posted. */
void punt_tell(struct punter *);

/* Only in turns of the main loop that call punt_run(): otherwise nobody would
 * take what wakes it up. */
void punt_wait(struct punter *);

#endif /* controller/punt/thread.h */
