/* Ethernet and IP addresses as people write them in the databases. */
#ifndef LIB_TEXT_ADDRESSES_H
#define LIB_TEXT_ADDRESSES_H 1

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/types.h"

/* An address with a prefix length.  IPv4 is mapped (::ffff:a.b.c.d), its
 * length counted as IPv4 does (0..32). */
struct ip_prefix {
    struct in6_addr ip;
    uint8_t plen;
    bool is_v4;
};

/* "MAC [IP[/len]]..." */
struct mac_ips {
    struct eth_addr mac;
    struct ip_prefix *ips;
    size_t n_ips;
};

/* Parses "MAC [IP[/len]]...".  Returns NULL on success, with 'out' to be
 * freed by mac_ips_destroy(), else an error (caller frees) that quotes the
 * offending word; 'out' is then empty. */
char *mac_ips_parse(const char *, struct mac_ips *out);
void mac_ips_destroy(struct mac_ips *);

/* Parses "IP" or "IP/len" of either family.  NULL or an error. */
char *ip_prefix_parse(const char *, struct ip_prefix *);
/* An address with a port of TCP, UDP or SCTP, 0 if there is none. */
struct ip_port {
    struct in6_addr ip;              /* IPv4 mapped. */
    uint16_t port;
    bool is_v4;
};

/* Parses "IP", "IPV4:PORT", "[IPV6]" or "[IPV6]:PORT".  NULL or an error. */
char *ip_port_parse(const char *, struct ip_port *);

/* Appends the address, without the length. */
struct ds;
void ip_format(const struct ip_prefix *, struct ds *);
void ip_prefix_format(const struct ip_prefix *, struct ds *);

#endif /* lib/text/addresses.h */
