#include <config.h>
#include "lib/text/addresses.h"

#include <arpa/inet.h>

#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "util.h"

/* OVS's parser takes octets modulo 256. */
static bool
octets_are_in_range(const char *s)
{
    char address[INET_ADDRSTRLEN];
    struct in_addr ip;

    ovs_strlcpy(address, s, MIN(sizeof address, strcspn(s, "/") + 1));
    return inet_pton(AF_INET, address, &ip) == 1;
}

char *
ip_prefix_parse(const char *s, struct ip_prefix *out)
{
    memset(out, 0, sizeof *out);
    if (strchr(s, ':')) {
        unsigned int plen;
        char *error = ipv6_parse_cidr(s, &out->ip, &plen);
        if (error) {
            free(error);
            return xasprintf("\"%s\" is not an IP address", s);
        }
        /* That is how IPv4 addresses are stored everywhere. */
        if (IN6_IS_ADDR_V4MAPPED(&out->ip)) {
            return xasprintf("\"%s\" is an IPv4 address written as an IPv6 "
                             "one", s);
        }
        out->plen = plen;
    } else {
        unsigned int plen;
        ovs_be32 ip;
        char *error = ip_parse_cidr(s, &ip, &plen);
        if (error || !octets_are_in_range(s)) {
            free(error);
            return xasprintf("\"%s\" is not an IP address", s);
        }
        in6_addr_set_mapped_ipv4(&out->ip, ip);
        out->plen = plen;
        out->is_v4 = true;
    }
    return NULL;
}

char *
ip_port_parse(const char *s, struct ip_port *out)
{
    const char *colon = strchr(s, ':');
    bool bracket = s[0] == '[';
    const char *end = (bracket ? strchr(s, ']')
                       : colon && !strchr(colon + 1, ':') ? colon
                       : strchr(s, '\0'));
    struct ip_prefix prefix;
    unsigned int port = 0;

    memset(out, 0, sizeof *out);
    if (end) {
        char *address = xmemdup0(s + bracket, end - s - bracket);
        char *error = ip_prefix_parse(address, &prefix);
        bool ok = (!error && !strchr(address, '/')
                   && !(bracket && prefix.is_v4));
        free(error);
        free(address);
        end += bracket;
        if (ok && (!*end || (*end == ':' && str_to_uint(end + 1, 10, &port)
                             && port && port <= UINT16_MAX))) {
            out->ip = prefix.ip;
            out->port = port;
            out->is_v4 = prefix.is_v4;
            return NULL;
        }
    }
    return xasprintf("\"%s\" is not an IP address with or without port", s);
}

void
ip_format(const struct ip_prefix *p, struct ds *s)
{
    ipv6_format_mapped(&p->ip, s);
}

void
ip_prefix_format(const struct ip_prefix *p, struct ds *s)
{
    ip_format(p, s);
    if (p->plen != (p->is_v4 ? 32 : 128)) {
        ds_put_format(s, "/%u", p->plen);
    }
}

void
mac_ips_destroy(struct mac_ips *m)
{
    free(m->ips);
    m->ips = NULL;
    m->n_ips = 0;
}

char *
mac_ips_parse(const char *s, struct mac_ips *out)
{
    memset(out, 0, sizeof *out);

    char *copy = xstrdup(s);
    char *save_ptr = NULL;
    char *error = NULL;
    size_t cap = 0;
    const char *word = strtok_r(copy, " \t", &save_ptr);
    if (!word || !eth_addr_from_string(word, &out->mac)) {
        error = xasprintf("\"%s\" does not start with an Ethernet address",
                          s);
    }
    while (!error && (word = strtok_r(NULL, " \t", &save_ptr)) != NULL) {
        if (out->n_ips >= cap) {
            out->ips = x2nrealloc(out->ips, &cap, sizeof *out->ips);
        }
        error = ip_prefix_parse(word, &out->ips[out->n_ips]);
        out->n_ips += !error;
    }
    free(copy);
    if (error) {
        mac_ips_destroy(out);
    }
    return error;
}
