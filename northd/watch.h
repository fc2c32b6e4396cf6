/* Stopwatches of ovn-northd. */
#ifndef NORTHD_WATCH_H
#define NORTHD_WATCH_H 1

struct inc;

/* Parts of the main loop: one turn of it, reading each database, writing the
 * southbound one. */
enum northd_part { NORTHD_LOOP, NORTHD_NB_RUN, NORTHD_SB_RUN, NORTHD_TO_SB };

void northd_watch_init(struct inc *);
void northd_watch_start(enum northd_part);
void northd_watch_stop(enum northd_part);

#endif /* northd/watch.h */
