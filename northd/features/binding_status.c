/* DOC: port status
 *
 * Reports in NB Logical_Switch_Port whether a port is up, and the VLAN tag
 * that was chosen for it. */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"
#include "northd/model/port.h"
#include "northd/model/tag.h"
#include "northd/out/nb.h"
#include "northd/out/sb.h"

static void
run_binding_status(const void *row)
{
    const struct port *port = row;
    if (!port_lsp(port)) {
        return;
    }

    struct uuid sb_uuid = port_sb_uuid(port);
    const struct sb_port_binding *pb = sb_port_binding_get(&sb_uuid);
    bool up = (port_kinds[port_kind(port)].always_up
               || (pb && port_binding_is_up(pb)));
    const struct tag *tag = tag_of(port);
    emit_nb_lsp(&(struct nb_lsp_v) {
        .uuid = port_nb_uuid(port),
        .up = db_opt_bool(true, up),
        .tag = tag && tag_report(tag) ? db_opt_int(true, tag_tag(tag))
                                      : (istr) { NULL },
    });
}
const struct inc_rule binding_status = {
    .name = "binding_status", .driver = &port_table,
    .run = run_binding_status,
};
