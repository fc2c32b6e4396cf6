#include <config.h>
#include "nbctl.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ovsdb-idl.h"
#include "packets.h"
#include "smap.h"
#include "util.h"

/* Finds the port named by the first argument, else sets ctx->error. */
static const struct nbrec_logical_switch_port *
port_arg(struct ctl_context *ctx)
{
    const struct nbrec_logical_switch_port *lsp;

    ctx->error = nbctl_find_port(ctx, ctx->argv[1], true, &lsp);
    return lsp;
}

static int
compare_strings(const void *a_, const void *b_)
{
    const char *const *a = a_;
    const char *const *b = b_;

    return strcmp(*a, *b);
}

/* Prints the 'n' 'strings' in order, one per line. */
static void
print_sorted(struct ctl_context *ctx, char **strings, size_t n)
{
    if (!n) {
        return;
    }

    char **sorted = xmemdup(strings, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, compare_strings);
    for (size_t i = 0; i < n; i++) {
        ds_put_format(&ctx->output, "%s\n", sorted[i]);
    }
    free(sorted);
}

/* Addresses
 * ========= */

static void
pre_addresses(struct ctl_context *ctx)
{
    nbctl_pre_ports(ctx);
    ovsdb_idl_add_column(ctx->idl, &nbrec_logical_switch_port_col_addresses);
    ovsdb_idl_add_column(ctx->idl,
                         &nbrec_logical_switch_port_col_dynamic_addresses);
}

/* If 's' starts with an Ethernet address and a word ends there, returns what
 * follows, else NULL. */
static const char *
skip_mac(const char *s)
{
    struct eth_addr ea;
    int n = 0;

    s += strspn(s, " \t");
    if (!ovs_scan_len(s, &n, ETH_ADDR_SCAN_FMT, ETH_ADDR_SCAN_ARGS(ea))
        || (s[n] && !isspace((unsigned char) s[n]))) {
        return NULL;
    }
    return s + n;
}

static bool
is_dynamic(const char *address)
{
    return !strcmp(address, "dynamic") || !strncmp(address, "dynamic ", 8);
}

static bool
is_valid_address(const char *address)
{
    return (!strcmp(address, "unknown") || !strcmp(address, "router")
            || is_dynamic(address) || skip_mac(address));
}

/* Parses one word of an address, an IPv4 or IPv6 address that may have a
 * prefix length. */
static bool
parse_ip(const char *word, struct in6_addr *ip)
{
    ovs_be32 ip4;
    unsigned int plen;
    char *error = ip_parse_cidr(word, &ip4, &plen);

    if (!error) {
        *ip = in6_addr_mapped_ipv4(ip4);
        return true;
    }
    free(error);

    error = ipv6_parse_cidr(word, ip, &plen);
    if (!error) {
        return true;
    }
    free(error);
    return false;
}

/* Calls 'cb' with each IP address in 'address', one of a port's, until it
 * returns true.  Returns whether it did.  (ovn-northd complains about what is
 * not an address.) */
static bool
for_each_ip(const char *address,
            bool (*cb)(const struct in6_addr *, const void *aux),
            const void *aux)
{
    const char *ips = skip_mac(address);
    bool done = false;

    if (!ips) {
        return false;
    }

    char *copy = xstrdup(ips);
    char *save_ptr = NULL;
    for (char *word = strtok_r(copy, " \t", &save_ptr); word && !done;
         word = strtok_r(NULL, " \t", &save_ptr)) {
        struct in6_addr ip;

        done = parse_ip(word, &ip) && cb(&ip, aux);
    }
    free(copy);
    return done;
}

static bool
is_same_ip(const struct in6_addr *a, const void *b)
{
    return ipv6_addr_equals(a, b);
}

/* True if 'lsp' has 'ip'. */
static bool
port_has_ip(const struct nbrec_logical_switch_port *lsp,
            const struct in6_addr *ip)
{
    for (size_t i = 0; i < lsp->n_addresses; i++) {
        const char *address = lsp->addresses[i];

        if (is_dynamic(address)) {
            address = lsp->dynamic_addresses;
        }
        if (address && for_each_ip(address, is_same_ip, ip)) {
            return true;
        }
    }
    return false;
}

struct duplicate_check {
    const struct nbrec_logical_switch_port *lsp;
    const struct nbctl_switch *sw;
    char **error;
};

/* Returns true, with an error message, if a port other than the one that is
 * to get 'ip' has it. */
static bool
is_duplicate_ip(const struct in6_addr *ip, const void *check_)
{
    const struct duplicate_check *check = check_;
    const struct nbctl_port *port;

    LIST_FOR_EACH (port, list_node, &check->sw->ports) {
        if (port->lsp != check->lsp && port_has_ip(port->lsp, ip)) {
            struct ds s = DS_EMPTY_INITIALIZER;

            ipv6_format_mapped(ip, &s);
            *check->error = xasprintf(
                "Error on switch %s: duplicate IPv%c address '%s' found on "
                "logical switch port '%s'", check->sw->ls->name,
                IN6_IS_ADDR_V4MAPPED(ip) ? '4' : '6', ds_cstr(&s),
                port->lsp->name);
            ds_destroy(&s);
            return true;
        }
    }
    return false;
}

/* Checks 'address', which 'lsp' is to get.  Returns NULL or an error message,
 * which the caller must free. */
static char *
check_address(struct ctl_context *ctx,
              const struct nbrec_logical_switch_port *lsp,
              const char *address)
{
    const struct nbrec_logical_switch *ls = nbctl_switch_of_port(ctx, lsp);
    char *error = NULL;

    if (!is_valid_address(address)) {
        return xasprintf("%s: Invalid address format. See ovn-nb(5). Hint: "
                         "An Ethernet address must be listed before an IP "
                         "address, together as a single argument.", address);
    }
    if (ls) {
        struct duplicate_check check = {
            .lsp = lsp, .sw = nbctl_switch_ports(ctx, ls), .error = &error
        };

        for_each_ip(address, is_duplicate_ip, &check);
    }
    return error;
}

static void
lsp_set_addresses(struct ctl_context *ctx)
{
    const struct nbrec_logical_switch_port *lsp = port_arg(ctx);

    for (int i = 2; i < ctx->argc && !ctx->error; i++) {
        ctx->error = check_address(ctx, lsp, ctx->argv[i]);
    }
    if (!ctx->error) {
        nbrec_logical_switch_port_set_addresses(
            lsp, (const char **) ctx->argv + 2, ctx->argc - 2);
    }
}

static void
lsp_get_addresses(struct ctl_context *ctx)
{
    const struct nbrec_logical_switch_port *lsp = port_arg(ctx);

    if (lsp) {
        print_sorted(ctx, lsp->addresses, lsp->n_addresses);
    }
}

/* Port security
 * ============= */

static void
pre_port_security(struct ctl_context *ctx)
{
    nbctl_pre_ports(ctx);
    ovsdb_idl_add_column(ctx->idl,
                         &nbrec_logical_switch_port_col_port_security);
}

static void
lsp_set_port_security(struct ctl_context *ctx)
{
    const struct nbrec_logical_switch_port *lsp = port_arg(ctx);

    if (lsp) {
        nbrec_logical_switch_port_set_port_security(
            lsp, (const char **) ctx->argv + 2, ctx->argc - 2);
    }
}

static void
lsp_get_port_security(struct ctl_context *ctx)
{
    const struct nbrec_logical_switch_port *lsp = port_arg(ctx);

    if (lsp) {
        print_sorted(ctx, lsp->port_security, lsp->n_port_security);
    }
}

/* State
 * ===== */

static void
pre_up(struct ctl_context *ctx)
{
    nbctl_pre_ports(ctx);
    ovsdb_idl_add_column(ctx->idl, &nbrec_logical_switch_port_col_up);
}

static void
lsp_get_up(struct ctl_context *ctx)
{
    const struct nbrec_logical_switch_port *lsp = port_arg(ctx);

    if (lsp) {
        ds_put_format(&ctx->output, "%s\n",
                      lsp->n_up && lsp->up[0] ? "up" : "down");
    }
}

static void
pre_enabled(struct ctl_context *ctx)
{
    nbctl_pre_ports(ctx);
    ovsdb_idl_add_column(ctx->idl, &nbrec_logical_switch_port_col_enabled);
}

static void
lsp_set_enabled(struct ctl_context *ctx)
{
    const struct nbrec_logical_switch_port *lsp = port_arg(ctx);
    const char *state = ctx->argv[2];
    bool enabled = !strcasecmp(state, "enabled");

    if (!lsp) {
        return;
    } else if (!enabled && strcasecmp(state, "disabled")) {
        ctl_error(ctx, "%s: state must be \"enabled\" or \"disabled\"",
                  state);
    } else {
        nbrec_logical_switch_port_set_enabled(lsp, &enabled, 1);
    }
}

static void
lsp_get_enabled(struct ctl_context *ctx)
{
    const struct nbrec_logical_switch_port *lsp = port_arg(ctx);

    if (lsp) {
        ds_put_format(&ctx->output, "%s\n", (!lsp->n_enabled
                                             || lsp->enabled[0]
                                             ? "enabled" : "disabled"));
    }
}

/* Type and options
 * ================ */

static void
pre_type(struct ctl_context *ctx)
{
    nbctl_pre_ports(ctx);
    ovsdb_idl_add_column(ctx->idl, &nbrec_logical_switch_port_col_type);
    if (ctx->argc > 3) {
        /* Older databases have no such column. */
        ovsdb_idl_add_column(ctx->idl, &nbrec_logical_switch_port_col_peer);
    }
}

static void
lsp_set_type(struct ctl_context *ctx)
{
    static const char *const types[] = {
        "", "external", "l2gateway", "localnet", "localport", "remote",
        "router", "switch", "virtual", "vtep",
    };
    const struct nbrec_logical_switch_port *lsp = port_arg(ctx);
    const char *type = ctx->argv[2];
    const char *peer = ctx->argc > 3 ? ctx->argv[3] : NULL;
    bool known = false;

    if (!lsp) {
        return;
    }
    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        known |= !strcmp(type, types[i]);
    }
    if (!known) {
        ctl_error(ctx, "Logical switch port type '%s' is unrecognized. "
                  "Not setting type.", type);
    } else if (peer && strncmp(peer, "peer=", 5)) {
        ctl_error(ctx, "%s: only \"peer=PEER\" can follow the type", peer);
    } else if (peer && strcmp(type, "switch")) {
        ctl_error(ctx, "a port of type '%s' has no peer", type);
    } else {
        nbrec_logical_switch_port_set_type(lsp, type);
        if (peer) {
            nbrec_logical_switch_port_set_peer(lsp, peer + 5);
        }
    }
}

static void
lsp_get_type(struct ctl_context *ctx)
{
    const struct nbrec_logical_switch_port *lsp = port_arg(ctx);

    if (lsp) {
        ds_put_format(&ctx->output, "%s\n", lsp->type);
    }
}

static void
pre_options(struct ctl_context *ctx)
{
    nbctl_pre_ports(ctx);
    ovsdb_idl_add_column(ctx->idl, &nbrec_logical_switch_port_col_options);
}

static void
lsp_set_options(struct ctl_context *ctx)
{
    const struct nbrec_logical_switch_port *lsp = port_arg(ctx);
    struct smap options = SMAP_INITIALIZER(&options);

    for (int i = 2; i < ctx->argc && !ctx->error; i++) {
        const char *arg = ctx->argv[i];
        size_t n = strcspn(arg, "=");

        if (!arg[n]) {
            ctl_error(ctx, "%s: option must have the form KEY=VALUE", arg);
        } else {
            char *key = xmemdup0(arg, n);

            /* Of several values for a key, the first one counts. */
            if (smap_get(&options, key)) {
                free(key);
            } else {
                smap_add_nocopy(&options, key, xstrdup(arg + n + 1));
            }
        }
    }
    if (!ctx->error) {
        nbrec_logical_switch_port_set_options(lsp, &options);
    }
    smap_destroy(&options);
}

static void
lsp_get_options(struct ctl_context *ctx)
{
    const struct nbrec_logical_switch_port *lsp = port_arg(ctx);

    if (!lsp) {
        return;
    }

    const struct smap_node **nodes = smap_sort(&lsp->options);
    for (size_t i = 0; i < smap_count(&lsp->options); i++) {
        ds_put_format(&ctx->output, "%s=%s\n", nodes[i]->key,
                      nodes[i]->value);
    }
    free(nodes);
}

/* DHCP
 * ==== */

static void
pre_dhcp_options(struct ctl_context *ctx)
{
    nbctl_pre_ports(ctx);
    ovsdb_idl_add_column(ctx->idl,
                         &nbrec_logical_switch_port_col_dhcpv4_options);
    ovsdb_idl_add_column(ctx->idl,
                         &nbrec_logical_switch_port_col_dhcpv6_options);
    ovsdb_idl_add_column(ctx->idl, &nbrec_dhcp_options_col_cidr);
}

static void
narrow_dhcp(struct ctl_context *ctx)
{
    nbctl_narrow_to_port(ctx);
    ctl_need_all(ctx, &nbrec_table_dhcp_options);
}

/* Finds the DHCP options that 'uuid_s' names, for the given version of IP, 4
 * or 6.  Returns NULL or an error message, which the caller must free. */
static char *
find_dhcp_options(struct ctl_context *ctx, const char *uuid_s, int version,
                  const struct nbrec_dhcp_options **optionsp)
{
    const struct nbrec_dhcp_options *options = NULL;
    struct in6_addr ip;
    struct uuid uuid;

    *optionsp = NULL;
    if (uuid_from_string(&uuid, uuid_s)) {
        options = NBCTL_BY_UUID(ctx, dhcp_options, &uuid);
    }
    if (!options) {
        return xasprintf("%s: dhcp options UUID not found", uuid_s);
    }
    if (!parse_ip(options->cidr, &ip)
        || IN6_IS_ADDR_V4MAPPED(&ip) != (version == 4)) {
        return xasprintf("DHCP options cidr '%s' is not IPv%d",
                         options->cidr, version);
    }
    *optionsp = options;
    return NULL;
}

static void
set_dhcp_options(struct ctl_context *ctx, int version)
{
    const struct nbrec_logical_switch_port *lsp = port_arg(ctx);
    const struct nbrec_dhcp_options *options = NULL;

    if (!ctx->error && ctx->argc > 2) {
        ctx->error = find_dhcp_options(ctx, ctx->argv[2], version, &options);
    }
    if (ctx->error) {
        return;
    } else if (version == 4) {
        nbrec_logical_switch_port_set_dhcpv4_options(lsp, options);
    } else {
        nbrec_logical_switch_port_set_dhcpv6_options(lsp, options);
    }
}

static void
get_dhcp_options(struct ctl_context *ctx, int version)
{
    const struct nbrec_logical_switch_port *lsp = port_arg(ctx);
    const struct nbrec_dhcp_options *options
        = (!lsp ? NULL
           : version == 4 ? lsp->dhcpv4_options : lsp->dhcpv6_options);

    if (options) {
        ds_put_format(&ctx->output, UUID_FMT" (%s)\n",
                      UUID_ARGS(&options->header_.uuid), options->cidr);
    }
}

static void
lsp_set_dhcpv4_options(struct ctl_context *ctx)
{
    set_dhcp_options(ctx, 4);
}

static void
lsp_get_dhcpv4_options(struct ctl_context *ctx)
{
    get_dhcp_options(ctx, 4);
}

static void
lsp_set_dhcpv6_options(struct ctl_context *ctx)
{
    set_dhcp_options(ctx, 6);
}

static void
lsp_get_dhcpv6_options(struct ctl_context *ctx)
{
    get_dhcp_options(ctx, 6);
}

static const struct ctl_cmd cmds[] = {
    { { "lsp-set-addresses", 1, INT_MAX, "PORT [ADDRESS]...", pre_addresses,
        lsp_set_addresses, NULL, "", RW },
      "set MAC or MAC+IP addresses for PORT",
      "Replaces the port's addresses.  Each ADDRESS is one argument: an "
      "Ethernet address with any number of IPv4 and IPv6 addresses behind it, "
      "as in \"00:00:00:00:00:01 192.0.2.1\"; `unknown` for packets to "
      "addresses that no port of the switch has; `dynamic`, alone, behind an "
      "Ethernet address or before IP addresses, for what ovn-northd chooses; "
      "or, on a port of type `router`, `router` for the addresses of the "
      "router port.\n\n"
      "An IP address that another port of the same switch has is an error.",
      .narrow = nbctl_narrow_to_port },
    { { "lsp-get-addresses", 1, 1, "PORT", pre_addresses, lsp_get_addresses,
        NULL, "", RO },
      "get a list of MAC or MAC+IP addresses on PORT",
      "Prints the port's addresses, one per line.",
      .narrow = nbctl_narrow_to_port },
    { { "lsp-set-port-security", 1, INT_MAX, "PORT [ADDRS]...",
        pre_port_security, lsp_set_port_security, NULL, "", RW },
      "set port security addresses for PORT",
      "Replaces the addresses that PORT may send from and receive packets "
      "for.  Each of ADDRS is one argument, an Ethernet address that IP "
      "addresses or networks may follow.  Without any, port security is "
      "off.",
      .narrow = nbctl_narrow_to_port },
    { { "lsp-get-port-security", 1, 1, "PORT", pre_port_security,
        lsp_get_port_security, NULL, "", RO },
      "get PORT's port security addresses",
      "Prints what `lsp-set-port-security` has set, one per line.",
      .narrow = nbctl_narrow_to_port },
    { { "lsp-get-up", 1, 1, "PORT", pre_up, lsp_get_up, NULL, "", RO },
      "get state of PORT ('up' or 'down')",
      "Prints `up` if a chassis has PORT and its flows are installed, else "
      "`down`.",
      .narrow = nbctl_narrow_to_port },
    { { "lsp-set-enabled", 2, 2, "PORT STATE", pre_enabled, lsp_set_enabled,
        NULL, "", RW },
      "set administrative state of PORT ('enabled' or 'disabled')",
      "Sets the administrative state.  A port that is `disabled` neither "
      "sends nor receives packets.",
      .narrow = nbctl_narrow_to_port },
    { { "lsp-get-enabled", 1, 1, "PORT", pre_enabled, lsp_get_enabled, NULL,
        "", RO },
      "get administrative state of PORT ('enabled' or 'disabled')",
      "Prints `enabled`, which is the default, or `disabled`.",
      .narrow = nbctl_narrow_to_port },
    { { "lsp-set-type", 2, 3, "PORT TYPE [peer=PEER]", pre_type,
        lsp_set_type, NULL, "", RW },
      "set the type for PORT",
      "Sets the type: empty for the interface of a virtual machine or "
      "container, `router` for a link to a logical router, `switch` for one "
      "to port PEER of another logical switch, `localnet` for a physical "
      "network that is there on each chassis, `localport` for a service that "
      "is there on each chassis, `l2gateway` for a physical network on one "
      "chassis, `vtep` for a port of a VTEP gateway, `external` for a machine "
      "outside of OVN that chassis serve, `virtual` for an address that moves "
      "between ports, or `remote` for a port in another deployment of OVN.",
      .narrow = nbctl_narrow_to_port },
    { { "lsp-get-type", 1, 1, "PORT", pre_type, lsp_get_type, NULL, "",
        RO },
      "get the type for PORT",
      "Prints the type, which is empty for most ports.",
      .narrow = nbctl_narrow_to_port },
    { { "lsp-set-options", 1, INT_MAX, "PORT KEY=VALUE [KEY=VALUE]...",
        pre_options, lsp_set_options, NULL, "", RW },
      "set options related to the type of PORT",
      "Replaces all options of PORT.  See ovn-nb(5) for what there is.  To "
      "change one of several use `set Logical_Switch_Port PORT "
      "options:KEY=VALUE`.",
      .narrow = nbctl_narrow_to_port },
    { { "lsp-get-options", 1, 1, "PORT", pre_options, lsp_get_options, NULL,
        "", RO },
      "get the type specific options for PORT",
      "Prints all options of PORT, one per line.",
      .narrow = nbctl_narrow_to_port },
    { { "lsp-set-dhcpv4-options", 1, 2, "PORT [DHCP_OPTIONS_UUID]",
        pre_dhcp_options, lsp_set_dhcpv4_options, NULL, "", RW },
      "set dhcpv4 options for PORT",
      "Lets OVN answer DHCP requests of PORT with the given row of "
      "DHCP_Options, or without one not answer them.",
      .narrow = narrow_dhcp },
    { { "lsp-get-dhcpv4-options", 1, 1, "PORT", pre_dhcp_options,
        lsp_get_dhcpv4_options, NULL, "", RO },
      "get the dhcpv4 options for PORT",
      "Prints UUID and, in parentheses, network of the row, or nothing.",
      .narrow = narrow_dhcp },
    { { "lsp-set-dhcpv6-options", 1, 2, "PORT [DHCP_OPTIONS_UUID]",
        pre_dhcp_options, lsp_set_dhcpv6_options, NULL, "", RW },
      "set dhcpv6 options for PORT",
      "The same for DHCPv6.",
      .narrow = narrow_dhcp },
    { { "lsp-get-dhcpv6-options", 1, 1, "PORT", pre_dhcp_options,
        lsp_get_dhcpv6_options, NULL, "", RO },
      "get the dhcpv6 options for PORT",
      "The same for DHCPv6.",
      .narrow = narrow_dhcp },
    { .syntax = { .name = NULL } },
};

const struct ctl_group nbctl_port_config_group = {
    "Logical switch port settings", NULL, cmds
};
