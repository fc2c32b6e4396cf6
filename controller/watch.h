/* Stopwatches of ovn-controller. */
#ifndef CONTROLLER_WATCH_H
#define CONTROLLER_WATCH_H 1

struct inc;

/* Parts of the main loop: computing, what goes to the switch, what the thread
 * for packets has brought, what the switch has confirmed. */
enum controller_part {
    CONTROLLER_GENERATION, CONTROLLER_INSTALLATION, CONTROLLER_PUNTS,
    CONTROLLER_SEQNO,
};

void controller_watch_init(struct inc *);
void controller_watch_start(enum controller_part);
void controller_watch_stop(enum controller_part);
void controller_watch_lflows(const struct inc *);

#endif /* controller/watch.h */
