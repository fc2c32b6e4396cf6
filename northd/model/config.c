/* DOC: settings
 *
 * Reads NB_Global.options, the encapsulations that chassis offer.  The row
 * 'config' is what every feature sees of them. */
#include <config.h>
#include "northd/model/config.h"

#include "lib/table/nb-table.h"
#include "lib/table/sb-table.h"
#include "northd/feature.h"
#include "packets.h"
#include "random.h"

INC_TABLE_DEFINE(config, CONFIG_FIELDS, .kind = INC_DERIVED, .broad = true);

static struct eth_addr generated_prefix, generated_svc_mac;

void
config_init(void)
{
    random_init();
    eth_addr_random(&generated_prefix);
    eth_addr_random(&generated_svc_mac);
}

/* Single rows are found by a constant key. */
static void
constant_key(const void *v OVS_UNUSED, struct inc_keys *keys)
{
    inc_keys_add(keys, "", 1);
}

struct inc_index config_index = {
    .name = "config", .table = &config_table, .keys = constant_key,
};
struct inc_index nb_global_index = {
    .name = "nb_global", .table = &nb_nb_global_table.inc,
    .keys = constant_key,
};

const struct config *
the_config(void)
{
    return inc_find_one(&config_index, "", 1);
}

const struct nb_nb_global *
the_nb_global(void)
{
    return inc_find_one(&nb_global_index, "", 1);
}

static void
encap_type_key(const void *v, struct inc_keys *keys)
{
    const char *type = sb_encap_type(v);
    inc_keys_add(keys, type, strlen(type));
}
struct inc_index encap_by_type = {
    .name = "encap_by_type", .table = &sb_encap_table.inc,
    .keys = encap_type_key, .mask = INC_COL(SB_ENCAP_COL_TYPE),
};

static void
chassis_name_key(const void *v, struct inc_keys *keys)
{
    const char *name = sb_chassis_name(v);
    inc_keys_add(keys, name, strlen(name));
}
struct inc_index chassis_by_name = {
    .name = "chassis_by_name", .table = &sb_chassis_table.inc,
    .keys = chassis_name_key, .mask = INC_COL(SB_CHASSIS_COL_NAME),
};

static void
chassis_host_key(const void *v, struct inc_keys *keys)
{
    const char *host = sb_chassis_hostname(v);
    inc_keys_add(keys, host, strlen(host));
}
struct inc_index chassis_by_host = {
    .name = "chassis_by_host", .table = &sb_chassis_table.inc,
    .keys = chassis_host_key, .mask = INC_COL(SB_CHASSIS_COL_HOSTNAME),
};

const struct sb_chassis *
chassis_by_name_or_host(const char *name)
{
    const struct sb_chassis *chassis
        = inc_find_one(&chassis_by_name, name, strlen(name));
    return chassis ? chassis : inc_find_one(&chassis_by_host, name,
                                            strlen(name));
}

/* By the features that it does not know. */
static void
chassis_lack_keys(const void *row, struct inc_keys *keys)
{
    static const char *const features[] = {
        "ct-commit-to-zone", "icmp4-inner-src",
    };
    const struct ovsdb_datum *config = sb_chassis_other_config(row);

    if (db_map_get_bool(config, "is-remote", false)) {
        return;
    }
    for (size_t i = 0; i < ARRAY_SIZE(features); i++) {
        if (!db_map_get_bool(config, features[i], false)) {
            inc_keys_add(keys, features[i], strlen(features[i]));
        }
    }
}
struct inc_index chassis_by_lack = {
    .name = "chassis_by_lack", .table = &sb_chassis_table.inc,
    .keys = chassis_lack_keys,
    .mask = INC_COL(SB_CHASSIS_COL_OTHER_CONFIG),
};

bool
chassis_all_know(const char *feature)
{
    return (config_ignore_chassis_features(the_config())
            || !inc_bucket_n(inc_find(&chassis_by_lack, feature,
                                      strlen(feature))));
}

/* A chassis that tunnels by VXLAN limits the whole fabric to the 24 bits of
 * its VNI, unless it is a hardware VTEP, whose VNIs mean something else. */
static bool
any_vxlan_chassis(void)
{
    const struct sb_encap *encap;
    INC_BUCKET_FOR_EACH (encap, inc_find(&encap_by_type, "vxlan", 5)) {
        const char *name = sb_encap_chassis_name(encap);
        const struct sb_chassis *chassis
            = inc_find_one(&chassis_by_name, name, strlen(name));
        if (chassis && !db_map_get_bool(sb_chassis_other_config(chassis),
                                        "is-vtep", false)) {
            return true;
        }
    }
    return false;
}

/* The first three bytes of addresses that northd makes up. */
static istr
mac_prefix(const struct nb_nb_global *nb)
{
    const char *s = nb ? nb_nb_global_options_get(nb, "mac_prefix") : NULL;
    unsigned int a, b, c;
    char extra;

    if (s && s[0] && sscanf(s, "%x:%x:%x%c", &a, &b, &c, &extra) == 3
        && a < 256 && b < 256 && c < 256 && !(a & 1)) {
        return fmt("%02x:%02x:%02x", a, b, c);
    }
    if (s && s[0]) {
        invalid(nb, "options:mac_prefix \"%s\" is not three bytes of a "
                "unicast MAC address; a random prefix is used", s);
    }
    return fmt("%02x:%02x:%02x", generated_prefix.ea[0],
               generated_prefix.ea[1], generated_prefix.ea[2]);
}

/* The address that health checks come from. */
static istr
svc_monitor_mac(const struct nb_nb_global *nb, const char *key,
                struct eth_addr fallback)
{
    const char *s = nb ? nb_nb_global_options_get(nb, key) : NULL;
    struct eth_addr mac;

    if (s && s[0] && !eth_addr_from_string(s, &mac)) {
        invalid(nb, "options:%s \"%s\" is not a MAC address; a random one is "
                "used", key, s);
        s = NULL;
    }
    if (!s || !s[0]) {
        mac = fallback;
    }
    return fmt(ETH_ADDR_FMT, ETH_ADDR_ARGS(mac));
}

static void
run_config(const void *row OVS_UNUSED)
{
    const struct nb_nb_global *nb = the_nb_global();
    const struct ovsdb_datum *options = nb ? nb_nb_global_options(nb) : NULL;
    struct eth_addr svc_mac_dst = generated_svc_mac;
    svc_mac_dst.ea[5] ^= 1;

    emit_config(&(struct config_v) {
        .one = 1,
        .vxlan_mode = (!options
                       || db_map_get_bool(options, "vxlan_mode", true))
                      && any_vxlan_chassis(),
        .ignore_lsp_down = !options || db_map_get_bool(options,
                                                       "ignore_lsp_down",
                                                       true),
        .ecmp_nexthop_monitor = options && db_map_get_bool(
            options, "ecmp_nexthop_monitor_enable", false),
        .use_common_zone = options && db_map_get_bool(
            options, "use_common_zone", false),
        .ignore_chassis_features = options && db_map_get_bool(
            options, "ignore_chassis_features", false),
        .mac_prefix = mac_prefix(nb),
        .svc_monitor_mac = svc_monitor_mac(nb, "svc_monitor_mac",
                                           generated_svc_mac),
        .svc_monitor_mac_dst = svc_monitor_mac(nb, "svc_monitor_mac_dst",
                                               svc_mac_dst),
    });
}
const struct inc_rule config_rule = { .name = "config", .run = run_config };

/* Keys above 2^24 - 2^16 are the interconnection's (reference B5). */
uint32_t
max_datapath_key(void)
{
    return config_vxlan_mode(the_config()) ? (1u << 12) - 1
                                           : (1u << 24) - (1u << 16);
}

uint32_t
max_port_key(void)
{
    return config_vxlan_mode(the_config()) ? (1u << 11) - 1
                                           : (1u << 15) - 1;
}
