/* DOC: periodic router advertisements
 *
 * Reads Port_Binding.options:ipv6_ra_* of router ports (reference D88-D90). */
#include <config.h>
#include "controller/punt/advertisements.h"

#include "controller/model/binding.h"
#include "controller/model/local_datapath.h"
#include "controller/punt/advertise.h"
#include "controller/punt/post.h"
#include "controller/rule.h"
#include "dp-packet.h"
#include "lib/actions/actions.h"
#include "lib/actions/punt.h"
#include "lib/net/ra.h"
#include "lib/text/symtab.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofpbuf.h"
#include "packets.h"

INC_TABLE_DEFINE(advertisement, ADVERTISEMENT_FIELDS, .kind = INC_OUTPUT,
                 .combine = INC_UNIQUE);

/* RFC 4861, 6.2.1: limits and default of MaxRtrAdvInterval, in seconds. */
enum { MIN_MAX_INTERVAL = 4, MAX_MAX_INTERVAL = 1800,
       DEFAULT_MAX_INTERVAL = 600, MIN_MIN_INTERVAL = 3 };
/* Where the lifetime of the router stands in the message. */
enum { LIFETIME_OFS = 6 };

static const char *
option(const struct sb_port_binding *pb, const char *key)
{
    char *name = xasprintf("ipv6_ra_%s", key);
    const char *value = sb_port_binding_options_get(pb, name);
    free(name);
    return value && value[0] ? value : NULL;
}

/* The advertisement as an action: what is solicited and what is periodic has
 * the same options. */
static char *
action_text(const struct sb_port_binding *pb)
{
    static const struct { const char *key, *arg; bool quoted; } args[] = {
        { "mtu", "mtu", false }, { "prf", "router_preference", true },
        { "dnssl", "dnssl", true }, { "route_info", "route_info", true },
    };
    struct ds s = DS_EMPTY_INITIALIZER;
    const char *mode = option(pb, "address_mode");
    const char *mac = option(pb, "src_eth");

    ds_put_format(&s, "reg0[5] = put_nd_ra_opts(addr_mode = \"%s\", "
                  "slla = %s", mode ? mode : "slaac", mac ? mac : "");
    for (size_t i = 0; i < ARRAY_SIZE(args); i++) {
        const char *value = option(pb, args[i].key);
        if (value && strcmp(value, "0") && !strpbrk(value, "\"\\")) {
            ds_put_format(&s, args[i].quoted ? ", %s = \"%s\""
                          : ", %s = %s", args[i].arg, value);
        }
    }
    const char *rdnss = option(pb, "rdnss");
    if (rdnss) {
        ds_put_format(&s, strchr(rdnss, ',') ? ", rdnss = {%s}"
                      : ", rdnss = %s", rdnss);
    }

    char *prefixes = xstrdup(option(pb, "prefixes") ? option(pb, "prefixes")
                             : ""), *save_ptr = NULL;
    for (const char *prefix = strtok_r(prefixes, " ,", &save_ptr); prefix;
         prefix = strtok_r(NULL, " ,", &save_ptr)) {
        ds_put_format(&s, ", prefix = %s", prefix);
    }
    free(prefixes);
    ds_put_cstr(&s, ");");
    return ds_steal_cstr(&s);
}

/* Appends to 'message' what the first of 'ofpacts' has as options. */
static bool
take_options(const struct ofpbuf *ofpacts, struct ofpbuf *message)
{
    const struct ofpact_controller *oc = ofpacts->data;
    struct punt punt;
    size_t len = 0;

    if (!ofpacts->size || oc->ofpact.type != OFPACT_CONTROLLER) {
        return false;
    }
    char *error = punt_decode(oc->userdata, oc->userdata_len, &punt);
    const void *options = error ? NULL : punt_find(&punt, PUNT_P_OPTIONS, 0,
                                                   &len);
    free(error);
    if (options) {
        ofpbuf_put(message, options, len);
    }
    return len >= RA_MSG_LEN;
}

static char *
make_message(const struct sb_port_binding *pb, struct ofpbuf *message)
{
    const struct ovnact_parse_params pp = {
        .symtab = symtab_get(SYMTAB_FLOW), .n_tables = { 1, 1 },
    };
    struct ovnacts acts;
    struct expr *prereqs = NULL;
    char *text = action_text(pb);
    char *error = ovnacts_parse(text, &pp, &acts, &prereqs);

    free(text);
    if (error) {
        return error;
    }
    static const struct ovnact_callbacks no_callbacks;
    struct ovnact_encode_params ep = { .callbacks = &no_callbacks };
    struct ofpbuf ofpacts;
    ovnact_helper_tables_init(ep.helpers);
    ofpbuf_init(&ofpacts, 0);
    ovnacts_encode(&acts, &ep, &ofpacts);
    if (!take_options(&ofpacts, message)) {
        error = xstrdup("too long");
    }
    ofpbuf_uninit(&ofpacts);
    expr_destroy(prereqs);
    ovnacts_destroy(&acts);
    return error;
}

static uint32_t
seconds(const struct sb_port_binding *pb, const char *key, int dflt,
        int min, int max)
{
    const char *s = option(pb, key);
    int value;
    return MIN(MAX(s && str_to_int(s, 10, &value) ? value : dflt, min), max);
}

/* Fills in the frame. */
static char *
make_frame(const struct sb_port_binding *pb, struct advertisement_v *v)
{
    static const struct eth_addr all_nodes = ETH_ADDR_C(33,33,00,00,00,01);
    const char *mac_s = option(pb, "src_eth");
    const char *ip_s = option(pb, "src_addr");
    struct eth_addr mac;
    struct in6_addr ip;

    if (!mac_s || !eth_addr_from_string(mac_s, &mac)
        || !ip_s || !ipv6_parse(ip_s, &ip)) {
        return xstrdup("no source address");
    }

    struct ofpbuf message;
    ofpbuf_init(&message, 0);
    char *error = make_message(pb, &message);
    if (!error) {
        struct dp_packet frame;
        uint8_t *lifetime = (uint8_t *) message.data + LIFETIME_OFS;
        lifetime[0] = v->max * 3 >> 8;
        lifetime[1] = v->max * 3;
        net_ra(&frame, mac, all_nodes, &ip, &in6addr_all_hosts, message.data,
               message.size);
        if (dp_packet_size(&frame) <= ADVERTISE_MAX_FRAME) {
            v->frame = iblob_intern(dp_packet_data(&frame),
                                    dp_packet_size(&frame));
        } else {
            error = xstrdup("too long");
        }
        dp_packet_uninit(&frame);
    }
    ofpbuf_uninit(&message);
    return error;
}

static void
run_advertise_routers(const void *row)
{
    const struct sb_port_binding *pb = row;
    const char *peer_name = sb_port_binding_options_get(pb, "peer");
    if (!peer_name
        || !db_map_get_bool(sb_port_binding_options(pb),
                            "ipv6_ra_send_periodic", false)) {
        return;
    }
    const struct sb_port_binding *peer
        = inc_find_one(&pb_by_name, peer_name, strlen(peer_name));
    const struct local_datapath *ld
        = (peer ? local_datapath_by_uuid(sb_port_binding_datapath_uuid(peer))
           : NULL);
    if (!ld) {
        return;
    }

    struct advertisement_v v = {
        .dp_key = local_datapath_key(ld),
        .port_key = sb_port_binding_tunnel_key(peer),
        .max = seconds(pb, "max_interval", DEFAULT_MAX_INTERVAL,
                       MIN_MAX_INTERVAL, MAX_MAX_INTERVAL),
    };
    v.min = seconds(pb, "min_interval", v.max >= 9 ? v.max / 3 : v.max,
                    MIN_MIN_INTERVAL, MAX(v.max * 3 / 4, MIN_MIN_INTERVAL));
    char *error = make_frame(pb, &v);
    if (error) {
        invalid(pb, "options:ipv6_ra_*: %s; no periodic advertisements",
                error);
        free(error);
        return;
    }
    emit_advertisement(&v);
}
const struct inc_rule advertise_routers = {
    .name = "advertise_routers", .driver = &sb_port_binding_table.inc,
    .run = run_advertise_routers,
};

void
advertisements_post(struct post *post)
{
    struct inc_row *row;

    while ((row = inc_touched_pop(&advertisement_table)) != NULL) {
        const struct advertisement_v *v = advertisement_untracked(row);
        struct advertise_order order;

        memset(&order, 0, sizeof order);
        order.dp_key = v->dp_key;
        order.port_key = v->port_key;
        order.wanted = !inc_row_is_dead(row);
        if (order.wanted) {
            order.min = v->min;
            order.max = v->max;
            order.len = MIN(iblob_size(v->frame), sizeof order.frame);
            memcpy(order.frame, v->frame.p, order.len);
        }
        post_put(post, &order);
        if (!order.wanted) {
            inc_row_release(row);
        }
    }
}
