/* DOC: BFD of routes
 *
 * Reads SB BFD.  The chassis that has a gateway router's port, or stands for a
 * distributed one, runs the sessions of that port and writes BFD.status
 * (reference D36, D42, F108). */
#include <config.h>
#include "controller/punt/bfd_sessions.h"

#include "controller/model/binding.h"
#include "controller/out/sb.h"
#include "controller/punt/bfd.h"
#include "controller/punt/neighbors.h"
#include "controller/punt/post.h"
#include "controller/punt/router_port.h"
#include "controller/rule.h"
#include "lib/text/addresses.h"
#include "packets.h"

INC_TABLE_DEFINE(bfd_session, BFD_SESSION_FIELDS, .kind = INC_OUTPUT);
INC_TABLE_DEFINE(bfd_state, BFD_STATE_FIELDS, .kind = INC_INPUT);

static void
session_key(const void *v_, struct inc_keys *keys)
{
    const struct bfd_session_v *v = v_;
    inc_keys_add(keys, &v->uuid, sizeof v->uuid);
}
struct inc_index bfd_session_index = {
    .name = "bfd_session", .table = &bfd_session_table, .keys = session_key,
};

static void
state_key(const void *v_, struct inc_keys *keys)
{
    const struct bfd_state_v *v = v_;
    inc_keys_add(keys, &v->uuid, sizeof v->uuid);
}
struct inc_index bfd_state_index = {
    .name = "bfd_state", .table = &bfd_state_table, .keys = state_key,
};

static const struct sb_port_binding *
find_pb(const char *name)
{
    return name ? inc_find_one(&pb_by_name, name, strlen(name)) : NULL;
}

static void
run_bfd_sessions(const void *row)
{
    const struct sb_bfd *bfd = row;
    const struct sb_port_binding *pb = find_pb(sb_bfd_logical_port(bfd));
    const struct sb_port_binding *peer
        = pb ? find_pb(sb_port_binding_options_get(pb, "peer")) : NULL;
    if (!peer || !router_port_is_here(pb)) {
        return;
    }
    const struct sb_datapath_binding *rx_dp = sb_port_binding_datapath(pb);
    const struct sb_datapath_binding *tx_dp = sb_port_binding_datapath(peer);
    struct ip_prefix dst;
    struct bfd_session_v v = {
        .uuid = *sb_bfd_uuid(bfd), .dst_mac = eth_addr_broadcast,
        .src_port = sb_bfd_src_port(bfd), .disc = sb_bfd_disc(bfd),
        .min_tx = MIN(MAX(sb_bfd_min_tx(bfd), 1), INT32_MAX / 1000),
        .min_rx = MIN(MAX(sb_bfd_min_rx(bfd), 0), INT32_MAX / 1000),
        .mult = MIN(MAX(sb_bfd_detect_mult(bfd), 1), UINT8_MAX),
    };

    if (!rx_dp || !tx_dp) {
        return;
    }
    char *error = ip_prefix_parse(sb_bfd_dst_ip(bfd), &dst);
    if (!error && !router_port_source(pb, &dst, &v.src_mac,
                                        &v.src)) {
        error = xasprintf("port %s has no address of that family",
                          sb_bfd_logical_port(bfd));
    }
    if (error) {
        invalid(bfd, "dst_ip: %s", error);
        free(error);
        return;
    }
    v.dst = dst.ip;
    neighbor_mac(pb, &dst.ip, &v.dst_mac);
    v.rx_dp = sb_datapath_binding_tunnel_key(rx_dp);
    v.rx_port = sb_port_binding_tunnel_key(pb);
    v.tx_dp = sb_datapath_binding_tunnel_key(tx_dp);
    v.tx_port = sb_port_binding_tunnel_key(peer);
    emit_bfd_session(&v);
}
const struct inc_rule bfd_sessions = {
    .name = "bfd_sessions", .driver = &sb_bfd_table.inc,
    .run = run_bfd_sessions,
};

static void
run_bfd_statuses(const void *row)
{
    static const char *const names[] = {
        [NET_BFD_ADMIN_DOWN] = "admin_down", [NET_BFD_DOWN] = "down",
        [NET_BFD_INIT] = "init", [NET_BFD_UP] = "up",
    };
    const struct uuid *uuid = sb_bfd_uuid(row);
    const struct bfd_state *state = inc_find_one(&bfd_state_index, uuid,
                                                 sizeof *uuid);

    if (state && inc_find_one(&bfd_session_index, uuid, sizeof *uuid)) {
        emit_sb_bfd_status(&(struct sb_bfd_status_v) {
            .uuid = *uuid, .status = istr_intern(names[bfd_state_state(
                                                           state)]),
        });
    }
}
const struct inc_rule bfd_statuses = {
    .name = "bfd_statuses", .driver = &sb_bfd_table.inc,
    .run = run_bfd_statuses,
};

void
bfd_sessions_take(struct post *post)
{
    struct bfd_report *reports;
    size_t n = post_take(post, &reports);

    for (size_t i = 0; i < n; i++) {
        inc_input_set(&bfd_state_table, &(struct bfd_state_v) {
            .uuid = reports[i].uuid, .state = reports[i].state,
        });
    }
    free(reports);
}

static void
post_session(struct post *post, const struct bfd_session_v *v, bool wanted)
{
    struct bfd_order order;

    memset(&order, 0, sizeof order);
    order.uuid = v->uuid;
    order.wanted = wanted;
    order.tx_dp = v->tx_dp;
    order.tx_port = v->tx_port;
    order.rx_dp = v->rx_dp;
    order.rx_port = v->rx_port;
    order.path.src_mac = v->src_mac;
    order.path.dst_mac = v->dst_mac;
    order.path.src = v->src;
    order.path.dst = v->dst;
    order.path.src_port = v->src_port;
    order.disc = v->disc;
    order.min_tx = v->min_tx;
    order.min_rx = v->min_rx;
    order.mult = v->mult;
    post_put(post, &order);
}

void
bfd_sessions_post(struct post *post)
{
    struct inc_row *row;

    while ((row = inc_touched_pop(&bfd_session_table)) != NULL) {
        const struct bfd_session_v *v = bfd_session_untracked(row);
        bool dead = inc_row_is_dead(row);

        post_session(post, v, !dead);
        if (dead) {
            inc_input_unset(&bfd_state_table, &(struct bfd_state_v) {
                .uuid = v->uuid,
            });
            inc_row_release(row);
        }
    }
}
