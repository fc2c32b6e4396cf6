/* Encoding of DHCPv4 and DHCPv6 options.
 *
 * They are encoded as they go into the reply, so that ovn-controller only has
 * to copy them; those whose place depends on the request (offerip, boot files,
 * ia_addr) it finds by their code. */

#include <config.h>
#include "actions/actions-private.h"
#include "actions/options.h"

#include "unaligned.h"
#include "util.h"

/* DHCPv4 options longer than this are cut: the length has one byte. */
#define DHCP_MAX_LEN UINT8_MAX

/* RFC 3646. */
#define DHCPV6_DOMAIN_SEARCH 24

/* Returns the offset in 'b', counted from 'base', of a name that begins at or
 * after 'base' and ends like 'name' (in dots), or -1. */
static int
find_suffix(const struct ofpbuf *b, int base, const char *name)
{
    const uint8_t *data = b->data;

    for (size_t i = base; i < b->size; ) {
        /* Does the name at 'i' equal 'name'? */
        const char *s = name;
        size_t j = i;

        while (j < b->size && data[j]) {
            if ((data[j] & 0xc0) == 0xc0) {
                j = j + 1 < b->size ? base + (((data[j] & 0x3f) << 8)
                                              | data[j + 1]) : b->size;
                continue;
            }
            size_t len = data[j];
            if (j + 1 + len > b->size || strncmp((const char *) &data[j + 1],
                                                 s, len)
                || (s[len] && s[len] != '.')) {
                break;
            }
            s += len + (s[len] == '.');
            j += 1 + len;
        }
        if (j < b->size && !data[j] && !*s) {
            return i - base;
        }

        /* The next label. */
        i += !data[i] ? 1 : (data[i] & 0xc0) == 0xc0 ? 2 : 1 + data[i];
    }
    return -1;
}

bool
ovnact_put_domain_name(struct ofpbuf *b, const char *name, int base)
{
    size_t end = b->size;       /* Where complete names end. */
    struct ofpbuf done;

    if (!*name || strlen(name) > 253) {
        return false;
    }
    while (*name) {
        int ofs = -1;
        if (base >= 0) {
            ofpbuf_use_const(&done, b->data, end);
            ofs = find_suffix(&done, base, name);
        }
        if (ofs >= 0 && ofs < 0x4000) {
            ovs_be16 pointer = htons(0xc000 | ofs);
            ofpbuf_put(b, &pointer, sizeof pointer);
            return true;
        }

        size_t len = strcspn(name, ".");
        if (!len || len > 63) {
            return false;
        }
        uint8_t len8 = len;
        ofpbuf_put(b, &len8, 1);
        ofpbuf_put(b, name, len);
        name += len + (name[len] == '.');
    }
    ofpbuf_put_zeros(b, 1);
    return true;
}

/* Appends 'text', domain names separated by commas. */
static void
put_domain_names(struct ofpbuf *b, const char *text, int base)
{
    char *copy = xstrdup(text), *save_ptr = NULL;

    for (char *name = strtok_r(copy, ", ", &save_ptr); name;
         name = strtok_r(NULL, ", ", &save_ptr)) {
        size_t start = b->size;
        if (!ovnact_put_domain_name(b, name, base)) {
            b->size = start;
        }
    }
    free(copy);
}

static void
put_ip4(struct ofpbuf *b, const struct constant *c)
{
    ovs_be32 ip = htonl(c->value);

    ofpbuf_put(b, &ip, sizeof ip);
}

/* RFC 3442: prefix length, the octets that it covers, router. */
static void
put_static_route(struct ofpbuf *b, const struct constant *network,
                 const struct constant *router)
{
    uint32_t mask = network->masked ? (uint32_t) network->mask : UINT32_MAX;
    uint8_t plen = wide_popcount(mask);
    uint8_t octets[4];

    wide_to_bytes(network->value & mask, octets, sizeof octets);
    ofpbuf_put(b, &plen, 1);
    ofpbuf_put(b, octets, DIV_ROUND_UP(plen, 8));
    put_ip4(b, router);
}

/* Appends the values of 'o' to 'b'. */
static void
put_dhcp4_values(struct ofpbuf *b, const struct ovnact_option *o)
{
    size_t start = b->size;

    for (size_t i = 0; i < o->n_values; i++) {
        const struct constant *c = &o->values[i];

        switch (o->def->type) {
        case OPT_BOOL:
        case OPT_UINT8:
            wide_to_bytes(c->value, ofpbuf_put_zeros(b, 1), 1);
            break;
        case OPT_UINT16:
            wide_to_bytes(c->value, ofpbuf_put_zeros(b, 2), 2);
            break;
        case OPT_UINT32:
            wide_to_bytes(c->value, ofpbuf_put_zeros(b, 4), 4);
            break;
        case OPT_IPV4:
            put_ip4(b, c);
            break;
        case OPT_STATIC_ROUTES:
            put_static_route(b, &c[0], &c[1]);
            i++;
            break;
        case OPT_STR:
            ofpbuf_put(b, c->string, strlen(c->string));
            break;
        case OPT_HOST_ID:
            if (c->string) {
                ofpbuf_put(b, c->string, strlen(c->string));
            } else {
                put_ip4(b, c);
            }
            break;
        case OPT_DOMAINS:
            put_domain_names(b, c->string, start);
            break;
        case OPT_IPV6:
        case OPT_MAC:
            /* Not in DHCPv4. */
            break;
        }
    }
}

static void
put_dhcp4_option(struct ofpbuf *b, const struct ovnact_option *o)
{
    uint8_t *header = ofpbuf_put_zeros(b, 2);
    size_t start = b->size;

    header[0] = o->def->code;
    put_dhcp4_values(b, o);
    if (b->size - start > DHCP_MAX_LEN) {
        b->size = start + DHCP_MAX_LEN;
    }
    header = ofpbuf_at_assert(b, start - 2, 2);
    header[1] = b->size - start;
}

void
ovnact_encode_dhcp4_opts(const void *opts_,
                         const struct ovnact_encode_params *ep,
                         struct ofpbuf *ofpacts)
{
    const struct ovnact_options *opts = opts_;
    const struct ovnact_option *offer = ovnact_find_option(opts, "offerip");
    uint64_t b_stub[512 / 8];
    struct ofpbuf b = OFPBUF_STUB_INITIALIZER(b_stub);

    for (size_t i = 0; i < opts->n_options; i++) {
        if (&opts->options[i] != offer) {
            put_dhcp4_option(&b, &opts->options[i]);
        }
    }

    size_t start = ovnact_punt_begin(opts, &opts->dst, ep, ofpacts);
    punt_put_u32(ofpacts, PUNT_P_ADDRESS, offer->values[0].value);
    punt_put(ofpacts, PUNT_P_OPTIONS, b.data, b.size);
    punt_end(ofpacts, start);
    ofpbuf_uninit(&b);
}

static void
put_dhcp6_option(struct ofpbuf *b, const struct ovnact_option *o)
{
    size_t header = b->size;

    ofpbuf_put_zeros(b, 4);
    for (size_t i = 0; i < o->n_values; i++) {
        const struct constant *c = &o->values[i];

        if (o->def->type == OPT_MAC) {
            wide_to_bytes(c->value, ofpbuf_put_zeros(b, 6), 6);
        } else if (!c->string) {
            wide_to_bytes(c->value, ofpbuf_put_zeros(b, 16), 16);
        } else if (o->def->code == DHCPV6_DOMAIN_SEARCH
                   || o->def->type == OPT_DOMAINS) {
            put_domain_names(b, c->string, -1);
        } else {
            ofpbuf_put(b, c->string, strlen(c->string));
        }
    }

    uint8_t *h = ofpbuf_at_assert(b, header, 4);
    put_unaligned_be16((ovs_be16 *) h, htons(o->def->code));
    put_unaligned_be16((ovs_be16 *) (h + 2), htons(b->size - header - 4));
}

void
ovnact_encode_dhcp6_opts(const void *opts_,
                         const struct ovnact_encode_params *ep,
                         struct ofpbuf *ofpacts)
{
    const struct ovnact_options *opts = opts_;
    uint64_t b_stub[512 / 8];
    struct ofpbuf b = OFPBUF_STUB_INITIALIZER(b_stub);

    for (size_t i = 0; i < opts->n_options; i++) {
        put_dhcp6_option(&b, &opts->options[i]);
    }

    size_t start = ovnact_punt_begin(opts, &opts->dst, ep, ofpacts);
    punt_put(ofpacts, PUNT_P_OPTIONS, b.data, b.size);
    punt_end(ofpacts, start);
    ofpbuf_uninit(&b);
}
