#include <config.h>
#include "source.h"

#include "offline.h"
#include "openvswitch/poll-loop.h"
#include "ovsdb-idl.h"
#include "ovsdb-idl-provider.h"
#include "timeval.h"
#include "util.h"

char *
source_open(struct source *source, const char *name,
            const struct ovsdb_idl_class *class, bool leader_only, bool retry)
{
    source->name = source->remote = name;
    source->database = class->database;
    if (offline_is_file(name)) {
        char *error = offline_start(name, &source->offline, &source->remote);
        if (error) {
            return error;
        }
    }
    source->idl = ovsdb_idl_create_unconnected(class, retry);
    ovsdb_idl_set_leader_only(source->idl, leader_only);
    ovsdb_idl_set_remote(source->idl, source->remote, retry);
    return NULL;
}

void
source_close(struct source *source)
{
    ovsdb_idl_destroy(source->idl);
    source->idl = NULL;
    offline_stop(source->offline);
    source->offline = NULL;
}

static char *
why_dead(const struct source *source)
{
    int error = ovsdb_idl_get_last_error(source->idl);

    if (!error) {
        /* It answered, but does not serve what we asked for. */
        return xasprintf("%s: no %s database, or not the leader of its "
                         "cluster (see --no-leader-only)",
                         source->name, source->database);
    }
    return xasprintf("%s: database connection failed (%s)", source->name,
                     ovs_retval_to_string(error));
}

char *
source_read(struct source *source, int timeout)
{
    long long int give_up = time_msec() + timeout;

    for (;;) {
        ovsdb_idl_run(source->idl);
        if (ovsdb_idl_has_ever_connected(source->idl)) {
            return NULL;
        }
        if (!ovsdb_idl_is_alive(source->idl)) {
            return why_dead(source);
        }
        if (time_msec() >= give_up) {
            return xasprintf("%s: no answer after %d seconds; is the server "
                             "running?", source->name, timeout / 1000);
        }
        ovsdb_idl_wait(source->idl);
        poll_timer_wait_until(give_up);
        poll_block();
    }
}
