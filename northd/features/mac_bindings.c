/* DOC: neighbors in the southbound database
 *
 * Writes SB Static_MAC_Binding.  Deletes SB MAC_Binding rows whose router or
 * port is gone, and those that have not been used for as long as the router's
 * options:mac_binding_age_threshold says. */
#include <config.h>
#include "northd/features/features.h"

#include "lib/text/addresses.h"
#include "northd/feature.h"
#include "northd/model/aging.h"
#include "northd/model/datapath.h"
#include "northd/model/port.h"
#include "northd/model/router.h"
#include "northd/out/sb.h"
#include "packets.h"

/* ---- Static ones. ---- */

static void
run_static_macs(const void *row)
{
    const struct nb_static_mac_binding *mb = row;
    const char *port_name = nb_static_mac_binding_logical_port(mb);
    const struct nb_logical_router_port *lrp = lrp_by_name(port_name);
    const struct port *port
        = lrp ? port_by_uuid(nb_logical_router_port_uuid(lrp)) : NULL;
    if (!port) {
        invalid(mb, "there is no logical router port \"%s\"", port_name);
        return;
    }

    struct ip_prefix ip;
    struct eth_addr mac;
    const char *ip_s = nb_static_mac_binding_ip(mb);
    const char *mac_s = nb_static_mac_binding_mac(mb);
    char *error = ip_prefix_parse(ip_s, &ip);
    if (!error && !eth_addr_from_string(mac_s, &mac)) {
        error = xasprintf("\"%s\" is not an Ethernet address", mac_s);
    }
    if (error) {
        invalid(mb, "%s; it is ignored", error);
        free(error);
        return;
    }
    emit_sb_static_mac(&(struct sb_static_mac_v) {
        .uuid = *nb_static_mac_binding_uuid(mb),
        .logical_port = text(port_name), .ip = text(ip_s),
        .mac = text(mac_s),
        .override_dynamic_mac
            = nb_static_mac_binding_override_dynamic_mac(mb),
        .datapath = datapath_sb_uuid(port_dp(port)),
    });
}
const struct inc_rule static_macs = {
    .name = "static_macs", .driver = &nb_static_mac_binding_table.inc,
    .run = run_static_macs,
};

/* ---- Learned ones. ---- */

/* An entry of mac_binding_age_threshold. */
struct threshold {
    struct in6_addr prefix, mask;
    unsigned int seconds;
};

/* Parses "[PREFIX:]SECONDS".  IPv6 prefixes may stand in brackets.  Returns
 * NULL or an error. */
static char *
parse_threshold(char *s, struct threshold *out)
{
    char *colon = strrchr(s, ':');
    const char *seconds = colon ? colon + 1 : s;

    memset(out, 0, sizeof *out);
    if (!str_to_uint(seconds, 10, &out->seconds)) {
        return xasprintf("\"%s\" is not a number of seconds", seconds);
    }
    if (!colon) {
        return NULL;
    }

    *colon = '\0';
    char *bracket = strchr(s, ']');
    if (s[0] == '[' && bracket) {
        memmove(bracket, bracket + 1, strlen(bracket));
        s++;
    }
    struct ip_prefix net;
    char *error = ip_prefix_parse(s, &net);
    if (!error) {
        out->mask = ipv6_create_mask(net.plen + (net.is_v4 ? 96 : 0));
        out->prefix = ipv6_addr_bitand(&net.ip, &out->mask);
    }
    return error;
}

/* After how many seconds a router forgets the neighbor 'ip', 0: never.  The
 * entry with the longest prefix decides. */
static unsigned int
age_threshold(const struct nb_logical_router *lr, const struct in6_addr *ip)
{
    const char *s = nb_logical_router_options_get(
        lr, "mac_binding_age_threshold");
    unsigned int best = 0;
    int best_len = -1;
    char *copy = xstrdup(s ? s : "");
    char *save_ptr = NULL;

    for (char *word = strtok_r(copy, ";", &save_ptr); word;
         word = strtok_r(NULL, ";", &save_ptr)) {
        struct threshold t;
        char *error = parse_threshold(word, &t);
        if (error) {
            free(error);                /* mac_thresholds complains. */
            continue;
        }
        struct in6_addr prefix = ipv6_addr_bitand(ip, &t.mask);
        int len = ipv6_count_cidr_bits(&t.mask);
        if (ipv6_addr_equals(&prefix, &t.prefix) && len > best_len) {
            best = t.seconds;
            best_len = len;
        }
    }
    free(copy);
    return best;
}

static void
run_mac_thresholds(const void *row)
{
    const struct nb_logical_router *lr = row;
    const char *s = nb_logical_router_options_get(
        lr, "mac_binding_age_threshold");
    char *copy = xstrdup(s ? s : "");
    char *save_ptr = NULL;

    for (char *word = strtok_r(copy, ";", &save_ptr); word;
         word = strtok_r(NULL, ";", &save_ptr)) {
        struct threshold t;
        char *error = parse_threshold(word, &t);
        if (error) {
            invalid(lr, "options:mac_binding_age_threshold: %s; this entry "
                    "is ignored", error);
            free(error);
        }
    }
    free(copy);
}
const struct inc_rule mac_thresholds = {
    .name = "mac_thresholds", .driver = &nb_logical_router_table.inc,
    .run = run_mac_thresholds,
};

/* The router of a learned neighbor, NULL if it or its port is gone. */
static const struct datapath *
router_of_binding(const struct sb_mac_binding *mb)
{
    const struct nb_logical_router_port *lrp
        = lrp_by_name(sb_mac_binding_logical_port(mb));
    const struct port *port
        = lrp ? port_by_uuid(nb_logical_router_port_uuid(lrp)) : NULL;
    if (!port) {
        return NULL;
    }
    struct uuid sb_uuid = datapath_sb_uuid(port_dp(port));
    return (uuid_equals(&sb_uuid, sb_mac_binding_datapath_uuid(mb))
            ? port_dp(port) : NULL);
}

static bool
has_expired(const struct sb_mac_binding *mb, const struct datapath *dp)
{
    int64_t timestamp = sb_mac_binding_timestamp(mb);
    struct ip_prefix ip;
    char *error = ip_prefix_parse(sb_mac_binding_ip(mb), &ip);
    if (error) {
        free(error);
        return true;
    }

    /* Chassis of old releases note no time. */
    unsigned int seconds = age_threshold(datapath_lr(dp), &ip.ip);
    return (seconds && timestamp
            && age(AGING_MAC_BINDING, sb_mac_binding_uuid(mb),
                   timestamp + seconds * INT64_C(1000)));
}

static void
run_stale_macs(const void *row)
{
    const struct sb_mac_binding *mb = row;
    const struct datapath *dp = router_of_binding(mb);

    if (!dp || has_expired(mb, dp)) {
        emit_sb_mac_delete(&(struct sb_mac_delete_v) {
            .uuid = *sb_mac_binding_uuid(mb),
        });
    }
}
const struct inc_rule stale_macs = {
    .name = "stale_macs", .driver = &sb_mac_binding_table.inc,
    .run = run_stale_macs,
};
