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

/* Of a port that waits. */
struct waiting {
    struct uuid iface;
    uint32_t ofport;
    bool gone;               /* ... to be forgotten. */
    uint64_t generation;     /* From which on its flows are complete; 0 while
                              * that is not known. */
};
static struct shash waiting = SHASH_INITIALIZER(&waiting);

static void
install_watch_changed(const struct inc_row *row, uint32_t mask OVS_UNUSED)
{
    const struct install_watch_v *v = install_watch_untracked(row);
    struct waiting *w = xmalloc(sizeof *w);

    /* Gone: whoever comes back under the name is to be confirmed anew. */
    *w = (struct waiting) {
        .iface = v->iface, .ofport = v->ofport, .gone = inc_row_is_dead(row),
    };
    free(shash_replace(&waiting, v->name.s, w));
}
INC_TABLE_DEFINE(install_watch, INSTALL_WATCH_FIELDS, .kind = INC_DERIVED,
                 .on_change = install_watch_changed);

/* Does it have what flows need? */
static bool
is_ready(const struct local_port *port)
{
    enum lport_kind kind = local_port_kind(port);
    return ((kind <= LPORT_LOCALPORT && local_port_ofport(port))
            || kind >= LPORT_L3GATEWAY);
}

static void
run_install_watches(const void *row)
{
    const struct local_port *port = row;
    struct uuid dp = local_port_dp(port);

    if (is_ready(port) && local_datapath_by_uuid(&dp)) {
        emit_install_watch(&(struct install_watch_v) {
            .name = local_port_name(port),
            .iface = local_port_iface(port),
            .ofport = local_port_ofport(port),
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
        struct waiting *w = node->data;
        struct installed_v v = {
            .name = istr_intern(node->name), .iface = w->iface,
            .ofport = w->ofport,
        };

        if (!w->generation && stable) {
            w->generation = generation;
        }
        if (w->gone) {
            inc_input_unset(&installed_table, &v);
        } else if (w->generation && confirmed >= w->generation) {
            v.msec = time_wall_msec();
            inc_input_set(&installed_table, &v);
        } else {
            continue;
        }
        free(w);
        shash_delete(&waiting, node);
    }
}

void
install_exit(void)
{
    shash_destroy_free_data(&waiting);
}
