/* DOC: BFD
 *
 * Writes SB BFD for each session, reports its state in NB BFD, lets its
 * packets through the router that sends them and hands those that arrive to
 * the controller. */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"
#include "northd/model/bfd.h"
#include "northd/model/onlink.h"
#include "northd/model/port.h"
#include "northd/model/router.h"
#include "northd/out/nb.h"
#include "northd/out/sb.h"

/* The chassis that runs the session: where the port, or the chassisredirect
 * port that stands for it, is bound. */
static const char *
hosting_chassis(const char *port)
{
    const char *const formats[] = { "cr-%s", "%s" };

    for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
        char *name = xasprintf(formats[i], port);
        struct uuid uuid = db_uuid_for(&sb_port_binding_table, "%s", name);
        const struct sb_port_binding *pb = sb_port_binding_get(&uuid);
        const struct sb_chassis *chassis
            = pb ? sb_port_binding_chassis(pb) : NULL;
        free(name);
        if (chassis) {
            return sb_chassis_name(chassis);
        }
    }
    return "";
}

static int64_t
or_default(const int64_t *value, int64_t dflt)
{
    return value ? *value : dflt;
}

static istr
copied_map(const struct ovsdb_datum *datum)
{
    struct db_map *map = db_map_start();
    db_map_copy(map, datum);
    return db_map_finish(map);
}

static void
run_bfd_rows(const void *row)
{
    const struct bfd_session *session = row;
    const struct nb_bfd *nb = bfd_session_nb(session);

    emit_sb_bfd_out(&(struct sb_bfd_out_v) {
        .uuid = bfd_session_sb_uuid(session),
        .src_port = bfd_session_src_port(session),
        .disc = bfd_session_disc(session),
        .logical_port = port_name(bfd_session_port(session)),
        .dst_ip = text(nb_bfd_dst_ip(nb)),
        .min_tx = or_default(nb_bfd_min_tx(nb), 1000),
        .min_rx = or_default(nb_bfd_min_rx(nb), 1000),
        .detect_mult = or_default(nb_bfd_detect_mult(nb), 5),
        .status = text("admin_down"),
        .chassis_name = text(hosting_chassis(nb_bfd_logical_port(nb))),
        .external_ids = copied_map(nb_bfd_external_ids(nb)),
        .options = copied_map(nb_bfd_options(nb)),
    });
    emit_nb_bfd_out(&(struct nb_bfd_out_v) {
        .uuid = *nb_bfd_uuid(nb), .status = db_opt_str(bfd_state(nb)),
    });
}
const struct inc_rule bfd_rows = {
    .name = "bfd_rows", .driver = &bfd_session_table, .run = run_bfd_rows,
};

/* UDP port of single-hop sessions: RFC 5881, section 4. */
#define BFD_PORT 3784

static void
run_bfd_flows(const void *row)
{
    const struct bfd_session *session = row;
    const struct port *port = bfd_session_port(session);
    const struct router_net *net;

    INC_BUCKET_FOR_EACH (net, router_nets_of_port(port)) {
        if (router_net_v4(net) != bfd_session_v4(session)) {
            continue;
        }
        const char *ip = bfd_session_v4(session) ? "ip4" : "ip6";
        struct dps dps = dps_one(port_dp(port));
        flow(dps, LR_IN_IP_INPUT, 110,
             fmt("%s.src == %s && udp.dst == %d", ip,
                 router_net_ip_text(net).s, BFD_PORT),
             text("next;"), .hint = port_lrp(port));
        flow(dps, LR_IN_IP_INPUT, 110,
             fmt("%s.dst == %s && udp.dst == %d", ip,
                 router_net_ip_text(net).s, BFD_PORT),
             text("handle_bfd_msg();"), .hint = port_lrp(port));
    }
}
const struct inc_rule bfd_flows = {
    .name = "bfd_flows", .driver = &bfd_session_table, .run = run_bfd_flows,
};
