/* ovn-controller's commands over unixctl. */
#ifndef CONTROLLER_CONTROL_H
#define CONTROLLER_CONTROL_H 1

#include <stdbool.h>

struct db;
struct inc;
struct ofswitch;
struct punter;

struct control {
    bool exiting;
    bool restart;                /* Leave everything as it is. */
    bool paused;
    int delay_nb_cfg;            /* Seconds to wait before reporting. */
    struct inc *inc;
    struct db *sb, *vs;
    struct ofswitch *sw;
    struct punter *punter;
};

void control_register(struct control *);

/* Those that print tables; part of the former. */
void dumps_register(void);

#endif /* controller/control.h */
