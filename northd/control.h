/* ovn-northd's commands over unixctl. */
#ifndef NORTHD_CONTROL_H
#define NORTHD_CONTROL_H 1

#include <stdbool.h>

struct db;
struct inc;

#define MAX_THREADS 256

struct northd_control {
    bool exiting, paused;
    bool active;             /* We hold the lock. */
    unsigned int n_threads;
    struct inc *inc;
    struct db *nb, *sb;
};

/* Registers the commands; 'control' must outlive the unixctl server. */
void northd_control_register(struct northd_control *, struct inc *,
                             struct db *nb, struct db *sb);

#endif /* northd/control.h */
