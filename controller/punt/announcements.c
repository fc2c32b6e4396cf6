/* DOC: announcements
 *
 * Reads Port_Binding.mac of local ports and Port_Binding.nat_addresses of
 * routers' ports, on switches that have a physical network here (reference
 * B64, B65, D83, D86, F53, F104). */
#include <config.h>
#include "controller/punt/announcements.h"

#include "controller/model/binding.h"
#include "controller/model/config.h"
#include "controller/model/local_datapath.h"
#include "controller/punt/announce.h"
#include "controller/punt/post.h"
#include "controller/rule.h"
#include "lib/text/addresses.h"
#include "packets.h"

INC_TABLE_DEFINE(announcement, ANNOUNCEMENT_FIELDS, .kind = INC_OUTPUT,
                 .combine = INC_UNIQUE);

static uint32_t
max_timeout(void)
{
    const char *s = node_option("garp-max-timeout-sec");
    int seconds;
    return s && str_to_int(s, 10, &seconds) && seconds > 0 ? seconds : 0;
}

/* One row for each IP address, or one without any. */
static void
emit_addresses(const struct sb_port_binding *pb, uint32_t dp_key,
               const struct mac_ips *addresses, bool router)
{
    struct announcement_v v = {
        .dp_key = dp_key, .port_key = sb_port_binding_tunnel_key(pb),
        .mac = addresses->mac, .router = router,
        .max_timeout = max_timeout(),
    };

    for (size_t i = 0; i < addresses->n_ips; i++) {
        v.ip = addresses->ips[i].ip;
        emit_announcement(&v);
    }
    if (!addresses->n_ips && !router) {
        emit_announcement(&v);
    }
}

/* The key of a switch that has its physical network here, or 0. */
static uint32_t
bridged_switch(const struct uuid *dp)
{
    const struct local_datapath *ld = local_datapath_by_uuid(dp);
    return (ld && local_datapath_is_switch(ld) && localnet_of(dp)
            ? local_datapath_key(ld) : 0);
}

static bool
is_silenced(const struct sb_port_binding *pb)
{
    return db_map_get_bool(sb_port_binding_options(pb), "disable_garp_rarp",
                           false);
}

static void
run_announce_vifs(const void *row)
{
    const struct local_port *port = row;
    enum lport_kind kind = local_port_kind(port);
    struct uuid dp = local_port_dp(port);
    uint32_t dp_key = bridged_switch(&dp);
    const struct sb_port_binding *pb = local_port_pb(port);

    if ((kind != LPORT_VIF && kind != LPORT_CONTAINER) || !dp_key
        || !local_port_ours(port) || local_port_additional(port)
        || !local_port_ofport(port) || is_silenced(pb)) {
        return;
    }

    const struct ovsdb_datum *macs = sb_port_binding_mac(pb);
    for (size_t i = 0; i < db_n(macs); i++) {
        struct mac_ips addresses;
        char *error = mac_ips_parse(db_str(macs, i), &addresses);
        if (!error) {             /* "unknown" has no address. */
            emit_addresses(pb, dp_key, &addresses, false);
        }
        free(error);
        mac_ips_destroy(&addresses);
    }
}
const struct inc_rule announce_vifs = {
    .name = "announce_vifs", .driver = &local_port_table,
    .run = run_announce_vifs,
};

/* Is the address here?  "MAC IP... [is_chassis_resident("PORT")]": where PORT
 * is, or wherever the router is.  '*text' becomes the part before that
 * condition, to be freed. */
static bool
is_here(const struct sb_port_binding *pb, const char *s, char **text)
{
    const char *condition = strstr(s, " is_chassis_resident(\"");
    if (!condition) {
        *text = xstrdup(s);
        return (strcmp(sb_port_binding_type(pb), "l3gateway")
                || lport_is_resident(sb_port_binding_logical_port(pb)));
    }
    *text = xmemdup0(s, condition - s);

    const char *name = strchr(condition, '"') + 1;
    char *port = xmemdup0(name, strcspn(name, "\""));
    bool here = lport_is_resident(port);
    free(port);
    return here;
}

/* The router may ask for silence. */
static bool
router_is_silenced(const struct sb_port_binding *pb)
{
    const char *name = sb_port_binding_options_get(pb, "peer");
    const struct sb_port_binding *peer
        = name ? inc_find_one(&pb_by_name, name, strlen(name)) : NULL;
    const struct sb_datapath_binding *dp
        = peer ? sb_port_binding_datapath(peer) : NULL;
    return dp && db_map_get_bool(sb_datapath_binding_external_ids(dp),
                                 "disable_garp_rarp", false);
}

static void
run_announce_routers(const void *row)
{
    const struct sb_port_binding *pb = row;
    const struct ovsdb_datum *all = sb_port_binding_nat_addresses(pb);
    uint32_t dp_key = (db_n(all)
                       ? bridged_switch(sb_port_binding_datapath_uuid(pb))
                       : 0);
    if (!dp_key || is_silenced(pb) || router_is_silenced(pb)) {
        return;
    }

    for (size_t i = 0; i < db_n(all); i++) {
        struct mac_ips addresses = { .n_ips = 0 };
        char *text, *error = NULL;

        if (is_here(pb, db_str(all, i), &text)) {
            error = mac_ips_parse(text, &addresses);
            if (error) {
                invalid(pb, "nat_addresses: %s", error);
                free(error);
            } else {
                emit_addresses(pb, dp_key, &addresses, true);
            }
        }
        mac_ips_destroy(&addresses);
        free(text);
    }
}
const struct inc_rule announce_routers = {
    .name = "announce_routers", .driver = &sb_port_binding_table.inc,
    .run = run_announce_routers,
};

void
announcements_post(struct post *post)
{
    struct inc_row *row;

    while ((row = inc_touched_pop(&announcement_table)) != NULL) {
        const struct announcement_v *v = announcement_untracked(row);
        struct announce_order order;

        memset(&order, 0, sizeof order);
        order.key.dp_key = v->dp_key;
        order.key.port_key = v->port_key;
        order.key.ip = v->ip;
        order.key.target = v->target;
        order.key.mac = v->mac;
        order.wanted = !inc_row_is_dead(row);
        order.router = v->router;
        order.max_timeout = v->max_timeout;
        post_put(post, &order);
        if (!order.wanted) {
            inc_row_release(row);
        }
    }
}
