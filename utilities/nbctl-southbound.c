#include <config.h>
#include "nbctl-graph.h"

#include "lib/ovn-sb-idl.h"
#include "openvswitch/poll-loop.h"
#include "ovn-dirs.h"
#include "ovsdb-idl.h"
#include "timeval.h"
#include "util.h"

/* What the southbound database knows of ports, for commands that can do
 * without.  Those who do not run one must not wait long for it. */
#define PATIENCE_MS 5000

/* Reads the southbound database into '*sb', or finds that it cannot be
 * reached.  The caller must nbctl_southbound_close() it. */
void
nbctl_southbound_open(struct nbctl_southbound *sb)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &sbrec_chassis_col_hostname,
        &sbrec_chassis_col_name,
        &sbrec_port_binding_col_chassis,
        &sbrec_port_binding_col_logical_port,
        &sbrec_port_binding_col_up,
    };
    long long int end = time_msec() + PATIENCE_MS;

    shash_init(&sb->bindings);
    sb->idl = ovsdb_idl_create(default_sb_db(), &sbrec_idl_class, false,
                               false);
    ovsdb_idl_set_leader_only(sb->idl, false);
    for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
        ovsdb_idl_add_column(sb->idl, columns[i]);
    }

    for (;;) {
        ovsdb_idl_run(sb->idl);
        if (ovsdb_idl_has_ever_connected(sb->idl)) {
            break;
        } else if (!ovsdb_idl_is_alive(sb->idl) || time_msec() >= end) {
            ovsdb_idl_destroy(sb->idl);
            sb->idl = NULL;
            return;
        }
        ovsdb_idl_wait(sb->idl);
        poll_timer_wait_until(end);
        poll_block();
    }

    const struct sbrec_port_binding *pb;
    SBREC_PORT_BINDING_FOR_EACH (pb, sb->idl) {
        shash_add_once(&sb->bindings, pb->logical_port, pb);
    }
}

void
nbctl_southbound_close(struct nbctl_southbound *sb)
{
    shash_destroy(&sb->bindings);
    ovsdb_idl_destroy(sb->idl);
}

/* Returns the binding of 'logical_port', or NULL. */
const struct sbrec_port_binding *
nbctl_southbound_find(const struct nbctl_southbound *sb,
                      const char *logical_port)
{
    return shash_find_data(&sb->bindings, logical_port);
}
