/* DOC: installation
 *
 * A port is installed when the switch has confirmed the flows of a run that
 * knew all about it. */
#include <config.h>
#include "controller/model/install.h"

#include "controller/model/binding.h"
#include "controller/model/local_datapath.h"
#include "controller/rule.h"
#include "openvswitch/shash.h"
#include "timeval.h"

/* Ports that wait: generation from which on they are complete, or NULL while
 * that is not known. */
static struct shash waiting = SHASH_INITIALIZER(&waiting);

static void
install_watch_changed(const struct inc_row *row, uint32_t mask OVS_UNUSED)
{
    const struct install_watch_v *v = install_watch_untracked(row);
    if (!inc_row_is_dead(row)) {
        shash_replace(&waiting, v->name.s, NULL);
    } else {
        /* Gone: whoever comes back under the name is to be confirmed anew. */
        shash_replace(&waiting, v->name.s, &waiting);
    }
}
INC_TABLE_DEFINE(install_watch, INSTALL_WATCH_FIELDS, .kind = INC_DERIVED,
                 .on_change = install_watch_changed);

static void
run_install_watches(const void *row)
{
    const struct local_port *port = row;
    struct uuid dp = local_port_dp(port);

    if (local_port_ofport(port) && local_datapath_by_uuid(&dp)
        && local_port_kind(port) <= LPORT_LOCALPORT) {
        emit_install_watch(&(struct install_watch_v) {
            .name = local_port_name(port),
        });
    }
}
const struct inc_rule install_watches = {
    .name = "install_watches", .driver = &local_port_table,
    .run = run_install_watches,
};

void
install_update(uint64_t generation, bool stable, uint64_t confirmed)
{
    struct shash_node *node;

    SHASH_FOR_EACH_SAFE (node, &waiting) {
        struct installed_v v = { .name = istr_intern(node->name) };

        if (node->data == &waiting) {
            inc_input_unset(&installed_table, &v);
            shash_delete(&waiting, node);
            continue;
        }
        if (!node->data && stable) {
            node->data = (void *) (uintptr_t) generation;
        }
        if (node->data && confirmed >= (uintptr_t) node->data) {
            v.msec = time_wall_msec();
            inc_input_set(&installed_table, &v);
            shash_delete(&waiting, node);
        }
    }
}

void
install_exit(void)
{
    shash_destroy(&waiting);
}
