/* Router advertisements: put_nd_ra_opts. */

#include <config.h>
#include "actions/actions-private.h"
#include "actions/options.h"

#include "packets.h"
#include "util.h"

/* ICMPv6 type of a router advertisement. */
#define RA_TYPE 134

/* Flags, RFC 4861 section 4.2 and RFC 4191 section 2.2. */
#define RA_MANAGED 0x80
#define RA_OTHER 0x40
#define RA_PRF_HIGH 0x08
#define RA_PRF_LOW 0x18

/* Flags of a prefix, RFC 4861 section 4.6.2. */
#define PREFIX_ON_LINK 0x80
#define PREFIX_AUTONOMOUS 0x40

/* The router preference with name 'name' (of 'len' characters), or -1. */
static int
preference_from_string(const char *name, size_t len)
{
    if (len == 4 && !strncmp(name, "HIGH", len)) {
        return RA_PRF_HIGH;
    } else if (len == 3 && !strncmp(name, "LOW", len)) {
        return RA_PRF_LOW;
    } else if (len == 6 && !strncmp(name, "MEDIUM", len)) {
        return 0;
    }
    return -1;
}

/* Parses "PREFERENCE-PREFIX/LEN". */
static bool
parse_route(const char *s, int *preference, struct in6_addr *ip,
            unsigned int *plen)
{
    size_t len = strcspn(s, "-");
    char *error;

    *preference = preference_from_string(s, len);
    if (*preference < 0 || !s[len]) {
        return false;
    }
    error = ipv6_parse_cidr(s + len + 1, ip, plen);
    free(error);
    return !error;
}

void
ovnact_check_nd_ra_opts(struct ovnact_parser *p,
                        const struct ovnact_options *opts)
{
    const struct ovnact_option *o;
    bool prefix_needed = true;

    o = ovnact_find_option(opts, "addr_mode");
    if (!o) {
        ovnact_error(p, "put_nd_ra_opts requires addr_mode.");
        return;
    }
    const char *mode = o->values[0].string;
    if (!strcmp(mode, "dhcpv6_stateful")) {
        prefix_needed = false;
    } else if (strcmp(mode, "slaac") && strcmp(mode, "dhcpv6_stateless")) {
        ovnact_error(p, "Invalid value for \"addr_mode\" option: "
                     "\"%s\".", mode);
        return;
    }
    if (!ovnact_find_option(opts, "slla")) {
        ovnact_error(p, "slla option not present.");
        return;
    }
    if (prefix_needed && !ovnact_find_option(opts, "prefix")) {
        ovnact_error(p, "prefix option needs to be set when address "
                     "mode is slaac or dhcpv6_stateless.");
        return;
    }
    o = ovnact_find_option(opts, "router_preference");
    if (o && preference_from_string(o->values[0].string,
                                    strlen(o->values[0].string)) < 0) {
        ovnact_error(p, "Invalid value for \"router_preference\" "
                     "option: \"%s\".", o->values[0].string);
    }
}

/* Appends an option header for 'n' units of 8 bytes in all, and zeros for
 * the rest.  Returns the option. */
static uint8_t *
put_option(struct ofpbuf *b, uint8_t type, uint8_t n)
{
    uint8_t *o = ofpbuf_put_zeros(b, n * 8);

    o[0] = type;
    o[1] = n;
    return o;
}

static void
put_prefixes(struct ofpbuf *b, const struct ovnact_option *o, bool autonomous)
{
    for (size_t i = 0; i < o->n_values; i++) {
        const struct constant *c = &o->values[i];
        uint8_t *p = put_option(b, RA_PREFIX, 4);

        p[2] = c->masked ? wide_popcount(c->mask) : 128;
        p[3] = PREFIX_ON_LINK | (autonomous ? PREFIX_AUTONOMOUS : 0);
        memset(&p[4], 0xff, 8); /* Lifetimes: infinite. */
        wide_to_bytes(c->value & (c->masked ? c->mask : wide_ones(128)),
                      &p[16], 16);
    }
}

static void
put_rdnss(struct ofpbuf *b, const struct ovnact_option *o)
{
    size_t n = MIN(o->n_values, 127);
    uint8_t *p = put_option(b, RA_RDNSS, 1 + 2 * n);

    memset(&p[4], 0xff, 4);
    for (size_t i = 0; i < n; i++) {
        wide_to_bytes(o->values[i].value, &p[8 + 16 * i], 16);
    }
}

/* RFC 8106: names cannot be compressed here. */
static void
put_dnssl(struct ofpbuf *b, const struct ovnact_option *o)
{
    size_t start = b->size;

    put_option(b, RA_DNSSL, 1);
    for (size_t i = 0; i < o->n_values; i++) {
        char *copy = xstrdup(o->values[i].string), *save_ptr = NULL;

        for (char *name = strtok_r(copy, ", ", &save_ptr); name;
             name = strtok_r(NULL, ", ", &save_ptr)) {
            size_t end = b->size;
            if (!ovnact_put_domain_name(b, name, -1)
                || b->size - start > 255 * 8) {
                b->size = end;
            }
        }
        free(copy);
    }
    ofpbuf_put_zeros(b, PAD_SIZE(b->size - start, 8));
    uint8_t *p = ofpbuf_at_assert(b, start, 8);
    p[1] = (b->size - start) / 8;
    memset(&p[4], 0xff, 4);
}

/* "PREFERENCE-PREFIX/LEN,...", RFC 4191 section 2.3. */
static void
put_route_info(struct ofpbuf *b, const struct ovnact_option *o)
{
    char *copy = xstrdup(o->values[0].string), *save_ptr = NULL;

    for (char *s = strtok_r(copy, ", ", &save_ptr); s;
         s = strtok_r(NULL, ", ", &save_ptr)) {
        struct in6_addr ip;
        unsigned int plen;
        int preference;

        if (parse_route(s, &preference, &ip, &plen)) {
            int units = 1 + DIV_ROUND_UP(plen, 64);
            uint8_t *p = put_option(b, RA_ROUTE_INFO, units);

            p[2] = plen;
            p[3] = preference;
            memset(&p[4], 0xff, 4);
            memcpy(&p[8], &ip, (units - 1) * 8);
        }
    }
    free(copy);
}

/* The flags byte of the advertisement. */
static uint8_t
ra_flags(const struct ovnact_options *opts)
{
    const char *mode
        = ovnact_find_option(opts, "addr_mode")->values[0].string;
    const struct ovnact_option *prf
        = ovnact_find_option(opts, "router_preference");
    uint8_t flags = (!strcmp(mode, "dhcpv6_stateful") ? RA_MANAGED
                     : !strcmp(mode, "dhcpv6_stateless") ? RA_OTHER : 0);

    if (prf) {
        const char *s = prf->values[0].string;
        flags |= preference_from_string(s, strlen(s));
    }
    return flags;
}

void
ovnact_encode_nd_ra_opts(const void *opts_,
                         const struct ovnact_encode_params *ep,
                         struct ofpbuf *ofpacts)
{
    const struct ovnact_options *opts = opts_;
    uint64_t b_stub[512 / 8];
    struct ofpbuf b = OFPBUF_STUB_INITIALIZER(b_stub);

    uint8_t *ra = ofpbuf_put_zeros(&b, 16);
    ra[0] = RA_TYPE;
    ra[4] = 255;                /* Hop limit. */
    ra[5] = ra_flags(opts);
    ra[6] = ra[7] = 0xff;       /* Router lifetime. */

    bool autonomous = !(ra[5] & RA_MANAGED);
    for (size_t i = 0; i < opts->n_options; i++) {
        const struct ovnact_option *o = &opts->options[i];

        switch (o->def->code) {
        case RA_SLLA:
            wide_to_bytes(o->values[0].value, &put_option(&b, RA_SLLA, 1)[2],
                          6);
            break;
        case RA_MTU:
            wide_to_bytes(o->values[0].value, &put_option(&b, RA_MTU, 1)[4],
                          4);
            break;
        case RA_PREFIX:
            put_prefixes(&b, o, autonomous);
            break;
        case RA_RDNSS:
            put_rdnss(&b, o);
            break;
        case RA_DNSSL:
            put_dnssl(&b, o);
            break;
        case RA_ROUTE_INFO:
            put_route_info(&b, o);
            break;
        }
    }

    size_t start = ovnact_punt_begin(opts, &opts->dst, ep, ofpacts);
    punt_put(ofpacts, PUNT_P_OPTIONS, b.data, b.size);
    punt_end(ofpacts, start);
    ofpbuf_uninit(&b);
}
