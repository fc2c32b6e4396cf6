#include <config.h>
#include "nbctl.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "packets.h"
#include "smap.h"
#include "util.h"

/* Arguments that many commands have.  The parsers return NULL or an error
 * message, which the caller must free, the others NULL for nonsense. */

/* Returns the value of 'option', such as "--type", or NULL if it was not
 * given. */
const char *
nbctl_option(const struct ctl_context *ctx, const char *option)
{
    const struct shash_node *node = shash_find(&ctx->options, option);

    return node ? node->data : NULL;
}

/* Reads --may-exist and --add-duplicate of a command whose only argument is a
 * name, which may be left out.  False, with an error, if they do not fit. */
bool
nbctl_add_options(struct ctl_context *ctx, bool *may_exist,
                  bool *add_duplicate)
{
    *may_exist = shash_find(&ctx->options, "--may-exist");
    *add_duplicate = shash_find(&ctx->options, "--add-duplicate");
    if (*may_exist && *add_duplicate) {
        ctl_error(ctx, "--may-exist and --add-duplicate may not be used "
                  "together");
    } else if (ctx->argc <= 1 && (*may_exist || *add_duplicate)) {
        ctl_error(ctx, "%s requires specifying a name",
                  *may_exist ? "--may-exist" : "--add-duplicate");
    }
    return !ctx->error;
}

char *
nbctl_parse_state(const char *arg, bool *enabled)
{
    *enabled = !strcasecmp(arg, "enabled");
    return (*enabled || !strcasecmp(arg, "disabled") ? NULL
            : xasprintf("%s: state must be \"enabled\" or \"disabled\"",
                        arg));
}

char *
nbctl_parse_priority(const char *arg, int64_t *priority)
{
    int value;

    if (!str_to_int(arg, 10, &value) || value < 0 || value > 32767) {
        return xasprintf("%s: priority must in range 0...32767", arg);
    }
    *priority = value;
    return NULL;
}

/* Parses a number from 'min' to 'max'.  Unlike strtoul(), takes neither signs
 * nor what follows a number. */
bool
nbctl_parse_uint(const char *arg, uint32_t min, uint32_t max,
                 int64_t *value)
{
    unsigned int u;

    if (!isdigit((unsigned char) arg[0]) || !str_to_uint(arg, 0, &u)
        || u < min || u > max) {
        return false;
    }
    *value = u;
    return true;
}

/* Parses "to-lport" or "from-lport", which may be abbreviated, into
 * '*direction', a static string. */
char *
nbctl_parse_direction(const char *arg, const char **direction)
{
    size_t n = strlen(arg);

    *direction = (!n ? NULL
                  : !strncmp(arg, "to-lport", n) ? "to-lport"
                  : !strncmp(arg, "from-lport", n) ? "from-lport"
                  : NULL);
    return (*direction ? NULL
            : xasprintf("%s: direction must be \"to-lport\" or "
                        "\"from-lport\"", arg));
}

/* Parses the 'n' 'args' of the form KEY=VALUE into 'options', which is left
 * empty in case of an error.  Of several values for a key the first one
 * counts. */
char *
nbctl_parse_options(char **args, int n, struct smap *options)
{
    smap_init(options);
    for (int i = 0; i < n; i++) {
        size_t len = strcspn(args[i], "=");

        if (!args[i][len]) {
            smap_destroy(options);
            smap_init(options);
            return xasprintf("%s: option must have the form KEY=VALUE",
                             args[i]);
        }

        char *key = xmemdup0(args[i], len);
        if (smap_get(options, key)) {
            free(key);
        } else {
            smap_add_nocopy(options, key, xstrdup(args[i] + len + 1));
        }
    }
    return NULL;
}

/* Parses an IPv4 or IPv6 address that may have a prefix length or mask into
 * 'ip', an IPv4 address as an IPv6-mapped one, and '*plen', of its kind of
 * address. */
bool
nbctl_parse_network(const char *arg, struct in6_addr *ip, unsigned int *plen)
{
    ovs_be32 ip4;
    char *error = ip_parse_cidr(arg, &ip4, plen);

    if (!error) {
        *ip = in6_addr_mapped_ipv4(ip4);
        return true;
    }
    free(error);

    error = ipv6_parse_cidr(arg, ip, plen);
    if (!error) {
        return true;
    }
    free(error);
    return false;
}

/* Returns 'ip', with "/plen" unless 'plen' is that of a host. */
static char *
format_network(const struct in6_addr *ip, unsigned int plen)
{
    bool is_v4 = IN6_IS_ADDR_V4MAPPED(ip);
    struct ds s = DS_EMPTY_INITIALIZER;

    ipv6_format_mapped(ip, &s);
    if (plen < (is_v4 ? 32 : 128)) {
        ds_put_format(&s, "/%u", plen);
    }
    return ds_steal_cstr(&s);
}

/* Returns the network that 'arg' is in, for example 10.0.0.0/24 for
 * 10.0.0.1/24, and 10.0.0.1 for itself. */
char *
nbctl_normalize_prefix(const char *arg)
{
    struct in6_addr ip;
    unsigned int plen;

    if (!nbctl_parse_network(arg, &ip, &plen)) {
        return NULL;
    }

    struct in6_addr mask = ipv6_create_mask(
        plen + (IN6_IS_ADDR_V4MAPPED(&ip) ? 96 : 0));
    ip = ipv6_addr_bitand(&ip, &mask);
    return format_network(&ip, plen);
}

/* Returns an IPv4 or IPv6 address, which must not have a prefix length, in
 * its usual form. */
char *
nbctl_normalize_ip(const char *arg)
{
    struct in6_addr ip;
    ovs_be32 ip4;

    if (ip_parse(arg, &ip4)) {
        ip = in6_addr_mapped_ipv4(ip4);
    } else if (!ipv6_parse(arg, &ip)) {
        return NULL;
    }
    return format_network(&ip, 128);
}

/* True if 'arg' is an IPv6 address, perhaps with a prefix length. */
bool
nbctl_is_ipv6(const char *arg)
{
    return strchr(arg, ':') != NULL;
}
