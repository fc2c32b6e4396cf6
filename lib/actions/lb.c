/* Load balancers: ct_lb and its relatives, affinity. */

#include <config.h>
#include "actions/actions-private.h"

#include "packets.h"
#include "util.h"

/* ct_lb; ct_lb(backends=IP[:PORT],...[; hash_fields="..."][; FLAG]); */

static bool
parse_backend(struct ovnact_parser *p, bool local, struct ovnact_backend *b)
{
    if (local) {
        b->lport = ovnact_parse_string(p);
        if (!b->lport || !lexer_force_match(p->lexer, TOKEN_COLON)) {
            return false;
        }
    }
    return ovnact_parse_ip_port(p, &b->ip, &b->port);
}

static bool
at_end_of_backends(const struct ovnact_parser *p)
{
    return (p->lexer->token.type == TOKEN_SEMICOLON
            || p->lexer->token.type == TOKEN_RPAREN);
}

static void
parse_backends(struct ovnact_parser *p, struct ovnact_ct_lb *lb)
{
    bool local = lb->ovnact.type == OVNACT_CT_LB_MARK_LOCAL;
    struct ovnact_backend *backends = NULL;
    size_t n = 0, allocated = 0;

    while (!p->lexer->error && !at_end_of_backends(p)) {
        if (n >= allocated) {
            backends = x2nrealloc(backends, &allocated, sizeof *backends);
        }
        memset(&backends[n], 0, sizeof backends[n]);
        if (!parse_backend(p, local, &backends[n])) {
            break;
        }
        n++;
        if (!at_end_of_backends(p)) {
            lexer_force_match(p->lexer, TOKEN_COMMA);
        }
    }
    if (n) {
        lb->backends = arena_memdup(p->arena, backends, n * sizeof *backends);
        lb->n_backends = n;
    }
    free(backends);
}

void
ovnact_parse_ct_lb(struct ovnact_parser *p, void *lb_)
{
    struct ovnact_ct_lb *lb = lb_;

    if (!ovnact_next_table(p, ovnact_class(lb)->name, &lb->ltable)
        || !lexer_match(p->lexer, TOKEN_LPAREN)
        || lexer_match(p->lexer, TOKEN_RPAREN)) {
        return;
    }
    if (!lexer_force_id(p->lexer, "backends")
        || !lexer_force_match(p->lexer, TOKEN_ASSIGN)) {
        return;
    }
    parse_backends(p, lb);
    if (!lb->n_backends && !p->lexer->error) {
        lexer_syntax_error(p->lexer, "expecting backend.");
    }
    while (lexer_match(p->lexer, TOKEN_SEMICOLON)) {
        if (lexer_match_id(p->lexer, "hash_fields")) {
            lb->hash_fields = ovnact_parse_hash_fields(p);
        } else if (lexer_match_id(p->lexer, "skip_snat")) {
            lb->flag = OVNACT_LB_SKIP_SNAT;
        } else if (lexer_match_id(p->lexer, "force_snat")) {
            lb->flag = OVNACT_LB_FORCE_SNAT;
        } else if (p->lexer->token.type != TOKEN_RPAREN) {
            lexer_syntax_error(p->lexer, "expecting hash_fields, skip_snat "
                               "or force_snat.");
        }
    }
    lexer_force_match(p->lexer, TOKEN_RPAREN);
}

void
ovnact_format_ct_lb(const void *lb_, struct ds *ds)
{
    const struct ovnact_ct_lb *lb = lb_;

    ds_put_cstr(ds, ovnact_class(lb)->name);
    if (!lb->n_backends) {
        return;
    }
    ds_put_cstr(ds, "(backends=");
    for (size_t i = 0; i < lb->n_backends; i++) {
        const struct ovnact_backend *b = &lb->backends[i];

        if (i) {
            ds_put_char(ds, ',');
        }
        if (b->lport) {
            ovnact_format_string(b->lport, ds);
            ds_put_char(ds, ':');
        }
        ovnact_format_ip_port(&b->ip, b->port, ds);
    }
    if (lb->hash_fields) {
        ds_put_cstr(ds, "; hash_fields=");
        ovnact_format_string(lb->hash_fields, ds);
    }
    if (lb->flag != OVNACT_LB_NO_FLAG) {
        ds_put_format(ds, "; %s", (lb->flag == OVNACT_LB_SKIP_SNAT
                                   ? "skip_snat" : "force_snat"));
    }
    ds_put_char(ds, ')');
}

/* Appends the part of a group that is before its buckets.  'hash_fields' may
 * be null. */
static void
format_group_header(const char *hash_fields, struct ds *ds)
{
    if (hash_fields) {
        ds_put_format(ds, "type=select,selection_method=hash,fields(%s)",
                      hash_fields);
    } else {
        ds_put_cstr(ds, "type=select,selection_method=dp_hash");
    }
}

static void
format_lb_bucket(const struct ovnact_ct_lb *lb, size_t i,
                 const char *zone_reg, uint8_t recirc_table, struct ds *ds)
{
    const struct ovnact_backend *b = &lb->backends[i];
    const char *flags = (lb->ovnact.type == OVNACT_CT_LB
                         ? "ct_label" : "ct_mark");

    ds_put_format(ds, ",bucket=bucket_id=%"PRIuSIZE",weight:100,"
                  "actions=ct(nat(dst=", i);
    ovnact_format_ip_port(&b->ip, b->port, ds);
    ds_put_format(ds, "),commit,table=%d,zone=%s[0..15],exec(set_field:%d/%d"
                  "->%s", recirc_table, zone_reg, 1 << CT_MARK_NATTED_BIT,
                  1 << CT_MARK_NATTED_BIT, flags);
    if (lb->flag != OVNACT_LB_NO_FLAG) {
        int bit = 1 << (lb->flag == OVNACT_LB_SKIP_SNAT
                        ? CT_MARK_SKIP_SNAT_BIT : CT_MARK_FORCE_SNAT_BIT);
        ds_put_format(ds, ",set_field:%d/%d->%s", bit, bit, flags);
    }
    ds_put_cstr(ds, "))");
}

void
ovnact_encode_ct_lb(const void *lb_, const struct ovnact_encode_params *ep,
                    struct ofpbuf *ofpacts)
{
    const struct ovnact_ct_lb *lb = lb_;
    enum mf_field_id zone = ep->is_switch ? REG_CT_ZONE : REG_DNAT_ZONE;
    uint8_t recirc_table = ovnact_of_table(ep, lb->ltable);

    if (!lb->n_backends) {
        /* Translate as the connection's first packet was. */
        size_t start = ovnact_ct_begin(ofpacts, ovnact_subfield(zone, 0, 16),
                                       0, recirc_table);
        ofpact_put_NAT(ofpacts)->range_af = AF_UNSPEC;
        ovnact_ct_end(ofpacts, start);
        return;
    }

    struct ds spec = DS_EMPTY_INITIALIZER;
    size_t n_buckets = 0;
    format_group_header(lb->hash_fields, &spec);
    for (size_t i = 0; i < lb->n_backends; i++) {
        const char *lport = lb->backends[i].lport;
        if (!lport || (ep->callbacks->is_chassis_resident
                       && ep->callbacks->is_chassis_resident(lport,
                                                             ep->aux))) {
            format_lb_bucket(lb, i, (zone == REG_CT_ZONE ? "NXM_NX_REG13"
                                     : "NXM_NX_REG11"), recirc_table, &spec);
            n_buckets++;
        }
    }
    if (n_buckets) {
        ovnact_put_group(ofpacts, ep, ds_cstr(&spec));
    }
    ds_destroy(&spec);
}

/* commit_lb_aff(vip = "IP:PORT", backend = "IP:PORT", proto = PROTO,
 *               timeout = SECONDS); */

/* Parses a string with an address and a port in it. */
static bool
parse_endpoint(struct ovnact_parser *p, struct in6_addr *ip, uint16_t *port)
{
    size_t ofs = p->lexer->token.ofs;
    const char *string = ovnact_parse_string(p);
    struct lexer lexer;
    struct ovnact_parser sub = *p;

    if (!string) {
        return false;
    }
    sub.lexer = &lexer;
    sub.act_ofs = sub.field_ofs = 0;
    lexer_init(&lexer, string);
    bool ok = ovnact_parse_ip_port(&sub, ip, port) && lexer_force_end(&lexer);
    if (!ok) {
        lexer_error_at(p->lexer, ofs, "\"%s\" is not an address and a port.",
                       string);
    }
    lexer_destroy(&lexer);
    return ok;
}

static bool
parse_lb_aff_arg(struct ovnact_parser *p, struct ovnact_lb_aff *aff)
{
    uint64_t timeout;

    if (lexer_match_id(p->lexer, "vip")) {
        return (lexer_force_match(p->lexer, TOKEN_ASSIGN)
                && parse_endpoint(p, &aff->vip, &aff->vip_port));
    } else if (lexer_match_id(p->lexer, "backend")) {
        return (lexer_force_match(p->lexer, TOKEN_ASSIGN)
                && parse_endpoint(p, &aff->backend, &aff->backend_port));
    } else if (lexer_match_id(p->lexer, "proto")) {
        return (lexer_force_match(p->lexer, TOKEN_ASSIGN)
                && ovnact_parse_proto(p, &aff->proto));
    } else if (lexer_match_id(p->lexer, "timeout")) {
        if (!lexer_force_match(p->lexer, TOKEN_ASSIGN)
            || !ovnact_parse_number(p, 1, UINT16_MAX, "timeout", &timeout)) {
            return false;
        }
        aff->timeout = timeout;
        return true;
    }
    lexer_syntax_error(p->lexer, "expecting vip, backend, proto or timeout.");
    return false;
}

void
ovnact_parse_lb_aff(struct ovnact_parser *p, void *aff_)
{
    struct ovnact_lb_aff *aff = aff_;

    if (!lexer_force_match(p->lexer, TOKEN_LPAREN)) {
        return;
    }
    do {
        if (!parse_lb_aff_arg(p, aff)) {
            return;
        }
    } while (lexer_match(p->lexer, TOKEN_COMMA));
    if (!lexer_force_match(p->lexer, TOKEN_RPAREN)) {
        return;
    }

    const struct in6_addr none = IN6ADDR_ANY_INIT;
    if (IN6_ARE_ADDR_EQUAL(&aff->vip, &none)
        || IN6_ARE_ADDR_EQUAL(&aff->backend, &none)) {
        ovnact_error(p, "commit_lb_aff needs a vip and a backend.");
    } else if (IN6_IS_ADDR_V4MAPPED(&aff->vip)
               != IN6_IS_ADDR_V4MAPPED(&aff->backend)) {
        ovnact_error(p, "vip and backend of commit_lb_aff are of "
                     "different IP versions.");
    } else if (!aff->timeout) {
        ovnact_error(p, "commit_lb_aff needs a timeout.");
    } else if ((aff->vip_port || aff->backend_port) && !aff->proto) {
        ovnact_error(p, "commit_lb_aff needs a proto for its ports.");
    } else {
        /* What is learned has the source address of the packet. */
        ovnact_add_prereq(p, IN6_IS_ADDR_V4MAPPED(&aff->vip) ? "ip4" : "ip6");
    }
}

void
ovnact_format_lb_aff(const void *aff_, struct ds *ds)
{
    const struct ovnact_lb_aff *aff = aff_;

    ds_put_cstr(ds, "commit_lb_aff(vip = \"");
    ovnact_format_ip_port(&aff->vip, aff->vip_port, ds);
    ds_put_cstr(ds, "\", backend = \"");
    ovnact_format_ip_port(&aff->backend, aff->backend_port, ds);
    ds_put_char(ds, '"');
    if (aff->proto) {
        ds_put_format(ds, ", proto = %s", ovnact_proto_to_string(aff->proto));
    }
    ds_put_format(ds, ", timeout = %"PRIu16")", aff->timeout);
}

/* The L4 port field of 'proto'. */
static enum mf_field_id
port_field(uint8_t proto, bool dst)
{
    switch (proto) {
    case IPPROTO_TCP: return dst ? MFF_TCP_DST : MFF_TCP_SRC;
    case IPPROTO_UDP: return dst ? MFF_UDP_DST : MFF_UDP_SRC;
    default: return dst ? MFF_SCTP_DST : MFF_SCTP_SRC;
    }
}

/* A learned flow matches on, or loads, 'dst' = the low bits of 'value'. */
static void
learn_value(struct ofpbuf *ofpacts, struct mf_subfield dst, wide value,
            uint16_t dst_type)
{
    struct ofpact_learn_spec *spec = ofpbuf_put_zeros(ofpacts, sizeof *spec);
    size_t n_bytes = DIV_ROUND_UP(dst.n_bits, 8);

    spec->dst = dst;
    spec->n_bits = dst.n_bits;
    spec->dst_type = dst_type;
    spec->src_type = NX_LEARN_SRC_IMMEDIATE;
    wide_to_bytes(value, ofpbuf_put_zeros(ofpacts, OFPACT_ALIGN(n_bytes)),
                  n_bytes);
}

/* A learned flow matches on 'dst' = what field 'src' of the packet is now. */
static void
learn_field(struct ofpbuf *ofpacts, enum mf_field_id dst,
            enum mf_field_id src)
{
    struct ofpact_learn_spec *spec = ofpbuf_put_zeros(ofpacts, sizeof *spec);

    spec->dst = ovnact_whole_field(dst);
    spec->src = ovnact_whole_field(src);
    spec->n_bits = spec->dst.n_bits;
    spec->dst_type = NX_LEARN_DST_MATCH;
    spec->src_type = NX_LEARN_SRC_FIELD;
}

static size_t
learn_begin(struct ofpbuf *ofpacts, uint8_t table, uint16_t idle_timeout,
            uint16_t hard_timeout, uint32_t cookie)
{
    size_t start = ofpacts->size;
    struct ofpact_learn *learn = ofpact_put_LEARN(ofpacts);

    learn->flags = NX_LEARN_F_DELETE_LEARNED;
    learn->idle_timeout = idle_timeout;
    learn->hard_timeout = hard_timeout;
    learn->priority = OFP_DEFAULT_PRIORITY;
    learn->table_id = table;
    learn->cookie = htonll(cookie);
    return start;
}

static void
learn_end(struct ofpbuf *ofpacts, size_t start)
{
    struct ofpact_learn *learn = ofpbuf_at_assert(ofpacts, start,
                                                  sizeof *learn);
    ofpacts->header = learn;
    ofpact_finish_LEARN(ofpacts, &learn);
}

static wide
ip_to_wide(const struct in6_addr *ip)
{
    return (IN6_IS_ADDR_V4MAPPED(ip)
            ? ntohl(in6_addr_get_mapped_ipv4(ip))
            : wide_from_bytes(ip, sizeof *ip));
}

/* Where the flow that commit_lb_aff learns puts the backend. */
static void
affinity_registers(bool ipv4, const struct ovnact_encode_params *ep,
                   struct mf_subfield *ip, struct mf_subfield *port)
{
    bool old = !ep->consolidated_registers;

    *ip = ovnact_whole_field(ipv4 ? MFF_REG4
                             : old && ep->is_switch ? MFF_XXREG0
                             : MFF_XXREG1);
    *port = ovnact_subfield(old ? MFF_REG8 : MFF_REG2, 0, 16);
}

void
ovnact_encode_lb_aff(const void *aff_, const struct ovnact_encode_params *ep,
                     struct ofpbuf *ofpacts)
{
    const struct ovnact_lb_aff *aff = aff_;
    bool ipv4 = IN6_IS_ADDR_V4MAPPED(&aff->vip);
    struct mf_subfield ip_reg, port_reg;

    affinity_registers(ipv4, ep, &ip_reg, &port_reg);
    size_t start = learn_begin(ofpacts, ep->helpers[HELPER_LB_AFFINITY],
                               aff->timeout, 0, ep->cookie);

    learn_field(ofpacts, MFF_METADATA, MFF_METADATA);
    learn_value(ofpacts, ovnact_whole_field(MFF_ETH_TYPE),
                ipv4 ? ETH_TYPE_IP : ETH_TYPE_IPV6, NX_LEARN_DST_MATCH);
    learn_field(ofpacts, ipv4 ? MFF_IPV4_SRC : MFF_IPV6_SRC,
                ipv4 ? MFF_IPV4_SRC : MFF_IPV6_SRC);
    learn_value(ofpacts,
                ovnact_whole_field(ipv4 ? MFF_IPV4_DST : MFF_IPV6_DST),
                ip_to_wide(&aff->vip), NX_LEARN_DST_MATCH);
    if (aff->proto) {
        learn_value(ofpacts, ovnact_whole_field(MFF_IP_PROTO), aff->proto,
                    NX_LEARN_DST_MATCH);
        if (aff->vip_port) {
            learn_value(ofpacts,
                        ovnact_whole_field(port_field(aff->proto, true)),
                        aff->vip_port, NX_LEARN_DST_MATCH);
        }
    }

    learn_value(ofpacts, ovnact_result_bit(aff), 1, NX_LEARN_DST_LOAD);
    learn_value(ofpacts, ip_reg, ip_to_wide(&aff->backend),
                NX_LEARN_DST_LOAD);
    if (aff->backend_port) {
        learn_value(ofpacts, port_reg, aff->backend_port, NX_LEARN_DST_LOAD);
    }
    learn_end(ofpacts, start);
}

/* commit_ecmp_nh(ipv6 = BOOL[, proto = PROTO]); */

void
ovnact_parse_ecmp_nh(struct ovnact_parser *p, void *nh_)
{
    struct ovnact_ecmp_nh *nh = nh_;

    if (!lexer_force_match(p->lexer, TOKEN_LPAREN)
        || !lexer_force_id(p->lexer, "ipv6")
        || !lexer_force_match(p->lexer, TOKEN_ASSIGN)) {
        return;
    }
    if (lexer_match_id(p->lexer, "true")) {
        nh->ipv6 = true;
    } else if (!lexer_match_id(p->lexer, "false")) {
        lexer_syntax_error(p->lexer, "expecting true or false.");
        return;
    }
    if (lexer_match(p->lexer, TOKEN_COMMA)
        && (!lexer_force_id(p->lexer, "proto")
            || !lexer_force_match(p->lexer, TOKEN_ASSIGN)
            || !ovnact_parse_proto(p, &nh->proto))) {
        return;
    }
    lexer_force_match(p->lexer, TOKEN_RPAREN);

    /* What is learned has addresses and ports of the packet. */
    ovnact_add_prereq(p, nh->ipv6 ? "ip6" : "ip4");
    if (nh->proto) {
        ovnact_add_prereq(p, ovnact_proto_to_string(nh->proto));
    }
}

void
ovnact_format_ecmp_nh(const void *nh_, struct ds *ds)
{
    const struct ovnact_ecmp_nh *nh = nh_;

    ds_put_format(ds, "commit_ecmp_nh(ipv6 = %s",
                  nh->ipv6 ? "true" : "false");
    if (nh->proto) {
        ds_put_format(ds, ", proto = %s", ovnact_proto_to_string(nh->proto));
    }
    ds_put_char(ds, ')');
}

/* Learns a flow for the connection's packets in one direction.  'reply': for
 * those that go back to the next hop. */
static void
learn_ecmp_nh(const struct ovnact_ecmp_nh *nh, bool reply,
              const struct ovnact_encode_params *ep, struct ofpbuf *ofpacts)
{
    enum mf_field_id src = nh->ipv6 ? MFF_IPV6_SRC : MFF_IPV4_SRC;
    enum mf_field_id dst = nh->ipv6 ? MFF_IPV6_DST : MFF_IPV4_DST;
    uint8_t table = ep->helpers[reply ? HELPER_ECMP_NH : HELPER_ECMP_NH_MAC];
    size_t start = learn_begin(ofpacts, table, 20, 30, ep->cookie);

    learn_field(ofpacts, MFF_METADATA, MFF_METADATA);
    if (!reply) {
        learn_field(ofpacts, MFF_ETH_SRC, MFF_ETH_SRC);
    }
    learn_value(ofpacts, ovnact_whole_field(MFF_ETH_TYPE),
                nh->ipv6 ? ETH_TYPE_IPV6 : ETH_TYPE_IP, NX_LEARN_DST_MATCH);
    learn_field(ofpacts, src, reply ? dst : src);
    learn_field(ofpacts, dst, reply ? src : dst);
    if (nh->proto) {
        enum mf_field_id sport = port_field(nh->proto, false);
        enum mf_field_id dport = port_field(nh->proto, true);

        learn_value(ofpacts, ovnact_whole_field(MFF_IP_PROTO), nh->proto,
                    NX_LEARN_DST_MATCH);
        learn_field(ofpacts, sport, reply ? dport : sport);
        learn_field(ofpacts, dport, reply ? sport : dport);
    }
    learn_value(ofpacts, ovnact_result_bit(nh), 1, NX_LEARN_DST_LOAD);
    learn_end(ofpacts, start);
}

void
ovnact_encode_ecmp_nh(const void *nh, const struct ovnact_encode_params *ep,
                      struct ofpbuf *ofpacts)
{
    learn_ecmp_nh(nh, false, ep, ofpacts);
    learn_ecmp_nh(nh, true, ep, ofpacts);
}
