/* DOC: router advertisements
 *
 * Reads NB Logical_Router_Port.ipv6_ra_configs: what a router port tells about
 * itself and its networks, when it is asked and from time to time. */
#include <config.h>
#include "northd/model/ra.h"

#include "lib/text/addresses.h"
#include "northd/feature.h"
#include "northd/model/port.h"
#include "northd/model/prefixes.h"
#include "northd/model/router.h"
#include "packets.h"

/* RFC 4861, 6.2.1. */
#define MAX_INTERVAL_DEFAULT 600
#define MAX_INTERVAL_LOW 4
#define MAX_INTERVAL_HIGH 1800
#define MIN_INTERVAL_LOW 3

/* RFC 8200, 5. */
#define MIN_MTU 1280

INC_TABLE_DEFINE(ra, RA_FIELDS, .kind = INC_DERIVED);

static void
ra_port_key(const void *v_, struct inc_keys *keys)
{
    const struct ra_v *v = v_;
    inc_keys_add(keys, &v->port, sizeof v->port);
}
struct inc_index ras_by_port = {
    .name = "ras_by_port", .table = &ra_table, .keys = ra_port_key,
};

const struct ra *
ra_of(const struct port *port)
{
    return inc_find_one(&ras_by_port, &port, sizeof port);
}

static const char *
config_get(const struct nb_logical_router_port *lrp, const char *key)
{
    const char *s = nb_logical_router_port_ipv6_ra_configs_get(lrp, key);
    return s && s[0] ? s : NULL;
}

/* A number of the configuration, or 'dflt' if there is none. */
static unsigned int
config_uint(const struct nb_logical_router_port *lrp, const char *key,
            unsigned int dflt)
{
    const char *s = config_get(lrp, key);
    unsigned int value;

    if (!s) {
        return dflt;
    }
    if (!str_to_uint(s, 10, &value)) {
        invalid(lrp, "ipv6_ra_configs:%s \"%s\" is not a number; it is "
                "ignored", key, s);
        return dflt;
    }
    return value;
}

/* "HIGH", "MEDIUM" or "LOW", as the 'len' characters at 's' say in any case;
 * NULL if they say something else. */
static const char *
preference_name(const char *s, size_t len)
{
    static const char *const names[] = { "HIGH", "MEDIUM", "LOW" };
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (len == strlen(names[i]) && !strncasecmp(s, names[i], len)) {
            return names[i];
        }
    }
    return NULL;
}

static istr
parse_preference(const struct nb_logical_router_port *lrp)
{
    const char *s = config_get(lrp, "router_preference");
    const char *name = s ? preference_name(s, strlen(s)) : "";
    if (!name) {
        invalid(lrp, "ipv6_ra_configs:router_preference \"%s\" is none of "
                "HIGH, MEDIUM and LOW; it is ignored", s);
        name = "";
    }
    return text(name);
}

static bool
is_ipv6_prefix(const char *s)
{
    struct ip_prefix net;
    char *error = ip_prefix_parse(s, &net);
    bool ok = !error && !net.is_v4;
    free(error);
    return ok;
}

static istr
parse_rdnss(const struct nb_logical_router_port *lrp)
{
    const char *s = config_get(lrp, "rdnss");
    if (s && (!is_ipv6_prefix(s) || strchr(s, '/'))) {
        invalid(lrp, "ipv6_ra_configs:rdnss \"%s\" is not an IPv6 address; "
                "it is ignored", s);
        s = NULL;
    }
    return text(s ? s : "");
}

/* Normalizes "PREFERENCE-PREFIX,...", without the entries that are wrong. */
static istr
parse_route_info(const struct nb_logical_router_port *lrp)
{
    const char *s = config_get(lrp, "route_info");
    struct ds out = DS_EMPTY_INITIALIZER;
    char *copy = xstrdup(s ? s : "");
    char *save_ptr = NULL;

    for (char *entry = strtok_r(copy, ", ", &save_ptr); entry;
         entry = strtok_r(NULL, ", ", &save_ptr)) {
        size_t len = strcspn(entry, "-");
        const char *name = preference_name(entry, len);
        if (!name || !entry[len] || !is_ipv6_prefix(&entry[len + 1])) {
            invalid(lrp, "ipv6_ra_configs:route_info: \"%s\" is not a "
                    "preference, a dash and an IPv6 prefix; it is ignored",
                    entry);
            continue;
        }
        ds_put_format(&out, "%s%s-%s", out.length ? "," : "", name,
                      &entry[len + 1]);
    }
    free(copy);
    istr result = text(ds_cstr(&out));
    ds_destroy(&out);
    return result;
}

static void
add_prefix(const char *prefix, void *s_)
{
    struct ds *s = s_;
    ds_put_format(s, "%s%s", s->length ? " " : "", prefix);
}

/* Prefixes of the port's networks, and those that were delegated to it. */
static istr
network_prefixes(const struct port *port, istr *lla)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    const struct router_net *net;

    *lla = text("");
    for (uint32_t n = 0; (net = router_net_nth(port, false, n)); n++) {
        if (router_net_lla(net)) {
            *lla = router_net_ip_text(net);
        } else {
            add_prefix(router_net_net_text(net).s, &s);
        }
    }
    delegated_prefixes(port, add_prefix, &s);
    istr result = text(ds_cstr(&s));
    ds_destroy(&s);
    return result;
}

static uint32_t
parse_mtu(const struct nb_logical_router_port *lrp)
{
    unsigned int mtu = config_uint(lrp, "mtu", 0);
    if (mtu && mtu < MIN_MTU) {
        invalid(lrp, "ipv6_ra_configs:mtu %u is below %d; it is ignored", mtu,
                MIN_MTU);
        mtu = 0;
    }
    return mtu;
}

static void
parse_intervals(const struct nb_logical_router_port *lrp, struct ra_v *v)
{
    unsigned int max = config_uint(lrp, "max_interval", MAX_INTERVAL_DEFAULT);
    max = MIN(MAX(max, MAX_INTERVAL_LOW), MAX_INTERVAL_HIGH);

    /* At most three quarters of 'max', by default a third. */
    unsigned int high = max * 3 / 4;
    unsigned int min = config_uint(lrp, "min_interval",
                                   max >= 9 ? max / 3 : high);
    v->max_interval = max;
    v->min_interval = MAX(MIN(min, high), MIN_INTERVAL_LOW);
}

static void
run_ras(const void *row)
{
    const struct router_port *rp = row;
    const struct nb_logical_router_port *lrp = router_port_lrp(rp);
    const char *mode = config_get(lrp, "address_mode");
    if (!mode) {
        return;
    }

    bool stateful = !strcmp(mode, "dhcpv6_stateful");
    if (!stateful && strcmp(mode, "slaac")
        && strcmp(mode, "dhcpv6_stateless")) {
        invalid(lrp, "ipv6_ra_configs:address_mode \"%s\" is none of slaac, "
                "dhcpv6_stateful and dhcpv6_stateless; the port does not "
                "advertise itself", mode);
        return;
    }

    struct ra_v v = {
        .port = router_port_port(rp), .mode = text(mode),
        .mtu = parse_mtu(lrp), .preference = parse_preference(lrp),
        .rdnss = parse_rdnss(lrp), .route_info = parse_route_info(lrp),
        .periodic = db_map_get_bool(
            nb_logical_router_port_ipv6_ra_configs(lrp), "send_periodic",
            false),
    };
    const char *dnssl = config_get(lrp, "dnssl");
    v.dnssl = text(dnssl ? dnssl : "");
    v.prefixes = network_prefixes(v.port, &v.lla);
    parse_intervals(lrp, &v);
    if (!stateful && istr_is_empty(v.prefixes)) {
        invalid(lrp, "ipv6_ra_configs:address_mode \"%s\" needs an IPv6 "
                "network; the port does not advertise itself", mode);
        return;
    }
    emit_ra(&v);
}
const struct inc_rule ras = {
    .name = "ras", .driver = &router_port_table, .run = run_ras,
};

static void
put_nonempty(struct db_map *map, const char *key, istr value)
{
    if (!istr_is_empty(value)) {
        db_map_put(map, key, value.s);
    }
}

void
ra_put_options(const struct port *port, struct db_map *map)
{
    const struct ra *ra = ra_of(port);
    if (!ra || !ra_periodic(ra)) {
        return;
    }

    istr preference = ra_preference(ra);
    db_map_put(map, "ipv6_ra_send_periodic", "true");
    db_map_put(map, "ipv6_ra_address_mode", ra_mode(ra).s);
    db_map_put_fmt(map, "ipv6_ra_max_interval", "%"PRIu32,
                   ra_max_interval(ra));
    db_map_put_fmt(map, "ipv6_ra_min_interval", "%"PRIu32,
                   ra_min_interval(ra));
    if (ra_mtu(ra)) {
        db_map_put_fmt(map, "ipv6_ra_mtu", "%"PRIu32, ra_mtu(ra));
    }
    db_map_put(map, "ipv6_ra_prf",
               istr_is_empty(preference) ? "MEDIUM" : preference.s);
    put_nonempty(map, "ipv6_ra_rdnss", ra_rdnss(ra));
    put_nonempty(map, "ipv6_ra_dnssl", ra_dnssl(ra));
    put_nonempty(map, "ipv6_ra_route_info", ra_route_info(ra));
    put_nonempty(map, "ipv6_ra_prefixes", ra_prefixes(ra));
    put_nonempty(map, "ipv6_ra_src_addr", ra_lla(ra));
    const struct router_port *rp = router_port_of(port);
    if (rp) {
        put_nonempty(map, "ipv6_ra_src_eth", router_port_mac_text(rp));
    }
}
