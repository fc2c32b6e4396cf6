/* DOC: flows of load balancers whose client is its own backend
 *
 * A packet that a backend sends to a VIP may come back to it.  CHK_LB_HAIRPIN
 * knows it, once its destination was translated, and learns how its answer
 * will look; CT_SNAT_HAIRPIN makes the VIP (or hairpin_snat_ip) its source, so
 * that the answer comes back to the switch (reference E9, E10). */
#include <config.h>
#include "controller/physical/physical.h"

#include "controller/compile/compile.h"
#include "controller/compile/template.h"
#include "controller/model/local_datapath.h"
#include "controller/out/sb.h"
#include "learn.h"
#include "lib/text/addresses.h"

/* Bit of ct_mark, formerly of ct_label, of a connection that a load balancer
 * has translated. */
enum { CT_NATTED = 1 << 1 };

struct hairpin {
    const struct sb_load_balancer *lb;
    const char *protocol;            /* As fields are named: "TCP". */
    uint8_t proto;
    bool old_registers, use_label;
    bool has_snat[2];                /* hairpin_snat_ip: IPv6, IPv4. */
    struct in6_addr snat[2];
    struct ip_port vip;              /* The current one. */
};

/* ---- Where it applies. ---- */

static bool
contains(const struct ovsdb_datum *dps, struct uuid dp)
{
    union ovsdb_atom atom = { .uuid = dp };
    unsigned int idx;
    return ovsdb_datum_find_key(dps, &atom, OVSDB_TYPE_UUID, &idx);
}

static bool
group_contains(const struct sb_logical_dp_group *group, struct uuid dp)
{
    return group && contains(sb_logical_dp_group_datapaths(group), dp);
}

static bool
applies_to(const struct sb_load_balancer *lb, const struct local_datapath *ld)
{
    struct uuid dp = local_datapath_dp(ld);
    return (local_datapath_is_switch(ld)
            && (contains(sb_load_balancer_datapaths(lb), dp)
                || group_contains(sb_load_balancer_datapath_group(lb), dp)
                || group_contains(sb_load_balancer_ls_datapath_group(lb),
                                  dp)));
}

static bool
is_local(const struct sb_load_balancer *lb)
{
    const struct local_datapath *ld;
    INC_FOR_EACH (ld, &local_datapath_table) {
        if (applies_to(lb, ld)) {
            return true;
        }
    }
    return false;
}

/* ---- Flows. ---- */

/* Matches packets with the protocol. */
static void
match_protocol(const struct hairpin *h, struct flow_maker *f)
{
    match_set_dl_type(&f->match, htons(h->vip.is_v4 ? ETH_TYPE_IP
                                       : ETH_TYPE_IPV6));
    if (h->vip.port) {
        match_set_nw_proto(&f->match, h->proto);
    }
}

/* Matches packets whose destination was the VIP: northd's flows keep it in
 * registers. */
static void
match_vip(const struct hairpin *h, struct flow_maker *f)
{
    match_protocol(h, f);
    if (h->vip.is_v4) {
        match_set_reg(&f->match, h->old_registers ? 1 : 4,
                      ntohl(in6_addr_get_mapped_ipv4(&h->vip.ip)));
    } else {
        ovs_be32 words[4];
        memcpy(words, &h->vip.ip, sizeof words);
        for (int i = 0; i < 4; i++) {
            match_set_reg(&f->match, 4 + i, ntohl(words[i]));
        }
    }
    if (h->vip.port) {
        match_set_reg_masked(&f->match, 2, h->vip.port, UINT16_MAX);
    }
}

static const struct in6_addr *
source_of(const struct hairpin *h)
{
    return h->has_snat[h->vip.is_v4] ? &h->snat[h->vip.is_v4] : &h->vip.ip;
}

/* Learns to know the answer, which goes from the backend to the source that
 * CT_SNAT_HAIRPIN gives. */
static void
put_learn(const struct hairpin *h, struct flow_maker *f)
{
    bool is_v4 = h->vip.is_v4;
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_format(&s, "table=%d,delete_learned,cookie=%#"PRIx32","
                  "OXM_OF_METADATA[],eth_type=%#x,NXM_%s_SRC[],%s=",
                  OFTABLE_CHK_LB_HAIRPIN_REPLY, f->cookie,
                  is_v4 ? ETH_TYPE_IP : ETH_TYPE_IPV6,
                  is_v4 ? "OF_IP" : "NX_IPV6", is_v4 ? "ip_dst" : "ipv6_dst");
    ipv6_format_mapped(source_of(h), &s);
    if (h->vip.port) {
        ds_put_format(&s, ",nw_proto=%d,OXM_OF_%s_SRC[]=OXM_OF_%s_DST[]",
                      h->proto, h->protocol, h->protocol);
    } else {
        ds_put_cstr(&s, ",OXM_OF_IP_PROTO[]");
    }
    ds_put_format(&s, ",load:1->NXM_NX_REG%d[%d]", REG_FLAGS,
                  FLAG_LB_HAIRPIN);
    char *error = learn_parse(ds_cstr(&s), NULL, NULL, &f->acts);
    ovs_assert(!error);
    ds_destroy(&s);
}

static void
match_natted(const struct hairpin *h, struct flow_maker *f)
{
    if (h->use_label) {
        ovs_u128 natted = { .u64.lo = CT_NATTED };
        match_set_ct_label_masked(&f->match, natted, natted);
    } else {
        match_set_ct_mark_masked(&f->match, CT_NATTED, CT_NATTED);
    }
}

static void
emit_backend(const struct hairpin *h, struct flow_maker *f,
             const struct ip_port *backend)
{
    flow_reset(f);
    match_vip(h, f);
    match_natted(h, f);
    if (backend->is_v4) {
        ovs_be32 ip = in6_addr_get_mapped_ipv4(&backend->ip);
        match_set_nw_src(&f->match, ip);
        match_set_nw_dst(&f->match, ip);
    } else {
        match_set_ipv6_src(&f->match, &backend->ip);
        match_set_ipv6_dst(&f->match, &backend->ip);
    }
    if (h->vip.port) {
        match_set_tp_dst(&f->match, htons(backend->port));
    }
    put_flag(f, FLAG_LB_HAIRPIN);
    put_learn(h, f);
    flow_emit(f, OFTABLE_CHK_LB_HAIRPIN, 100);
}

/* Commits a translation of the source in the SNAT zone of the datapath. */
static void
put_snat(const struct hairpin *h, struct flow_maker *f)
{
    size_t start = f->acts.size;
    struct ofpact_conntrack *ct = ofpact_put_CT(&f->acts);
    ct->flags = NX_CT_F_COMMIT;
    ct->recirc_table = NX_CT_RECIRC_NONE;
    ct->zone_src.field = mf_from_id(MFF_REG0 + REG_SNAT_ZONE);
    ct->zone_src.n_bits = 16;

    struct ofpact_nat *nat = ofpact_put_NAT(&f->acts);
    nat->flags = NX_NAT_F_SRC;
    if (h->vip.is_v4) {
        nat->range_af = AF_INET;
        nat->range.addr.ipv4.min = in6_addr_get_mapped_ipv4(source_of(h));
    } else {
        nat->range_af = AF_INET6;
        nat->range.addr.ipv6.min = *source_of(h);
    }
    ct = ofpbuf_at_assert(&f->acts, start, sizeof *ct);
    f->acts.header = ct;
    ofpact_finish_CT(&f->acts, &ct);
}

static void
emit_snat(const struct hairpin *h, struct flow_maker *f)
{
    const struct local_datapath *ld;

    flow_reset(f);
    match_vip(h, f);
    if (!h->has_snat[h->vip.is_v4]) {
        put_snat(h, f);
        flow_emit(f, OFTABLE_CT_SNAT_HAIRPIN, h->vip.port ? 100 : 90);
        return;
    }
    /* Load balancers of other switches may have the same VIP with another
     * source. */
    INC_FOR_EACH (ld, &local_datapath_table) {
        if (applies_to(h->lb, ld)) {
            match_datapath(f, local_datapath_key(ld));
            put_snat(h, f);
            flow_emit(f, OFTABLE_CT_SNAT_HAIRPIN, 200);
        }
    }
}

/* ---- Southbound rows. ---- */

static bool
parse_endpoint(const struct hairpin *h, const char *column, const char *s,
               struct ip_port *out)
{
    char *error = ip_port_parse(s, out);
    if (error) {
        invalid(h->lb, "%s: %s", column, error);
        free(error);
        return false;
    }
    return true;
}

static void
emit_vip(struct hairpin *h, struct flow_maker *f, const char *vip,
         const char *backends)
{
    if (!parse_endpoint(h, "vips", vip, &h->vip)) {
        return;
    }
    char *expanded = expand_templates(backends);
    char *copy = expanded ? expanded : xstrdup(backends), *save_ptr = NULL;
    for (char *word = strtok_r(copy, ", ", &save_ptr); word;
         word = strtok_r(NULL, ", ", &save_ptr)) {
        struct ip_port backend;
        if (parse_endpoint(h, "vips", word, &backend)
            && backend.is_v4 == h->vip.is_v4) {
            emit_backend(h, f, &backend);
        }
    }
    free(copy);
    emit_snat(h, f);
}

/* options:hairpin_snat_ip, "IPV4 [IPV6]" in any order. */
static void
parse_snat_ip(struct hairpin *h)
{
    const char *s = sb_load_balancer_options_get(h->lb, "hairpin_snat_ip");
    char *copy = nullable_xstrdup(s), *save_ptr = NULL;

    for (char *word = copy ? strtok_r(copy, " ", &save_ptr) : NULL; word;
         word = strtok_r(NULL, " ", &save_ptr)) {
        struct ip_port ip;
        if (parse_endpoint(h, "options:hairpin_snat_ip", word, &ip)) {
            h->has_snat[ip.is_v4] = true;
            h->snat[ip.is_v4] = ip.ip;
        }
    }
    free(copy);
}

/* 22.03 knew ct_label only, and did not say so. */
static bool
northd_uses_label(void)
{
    const struct sb_sb_global *global = the_sb_global();
    const char *s = (global ? sb_sb_global_options_get(
                                  global, "lb_hairpin_use_ct_mark") : NULL);
    const char *version = (global ? sb_sb_global_options_get(
                               global, "northd_internal_version") : NULL);
    unsigned int year, month;

    return (s ? !strcmp(s, "false")
            : version && sscanf(version, "%u.%u", &year, &month) == 2
              && year * 100 + month < 2206);
}

static void
run_hairpin_flows(const void *row)
{
    const struct sb_load_balancer *lb = row;
    if (!is_local(lb)) {
        return;
    }

    const struct dialect *dialect = inc_find_one(&dialect_index, "", 1);
    const char *protocol = sb_load_balancer_protocol(lb);
    bool udp = protocol && !strcmp(protocol, "udp");
    bool sctp = protocol && !strcmp(protocol, "sctp");
    struct hairpin h = {
        .lb = lb,
        .protocol = udp ? "UDP" : sctp ? "SCTP" : "TCP",
        .proto = udp ? IPPROTO_UDP : sctp ? IPPROTO_SCTP : IPPROTO_TCP,
        .old_registers = !dialect || !dialect_consolidated_registers(dialect),
        .use_label = northd_uses_label(),
    };
    const struct ovsdb_datum *vips = sb_load_balancer_vips(lb);
    struct flow_maker f;

    parse_snat_ip(&h);
    flow_init(&f, sb_load_balancer_uuid(lb));
    for (size_t i = 0; i < db_n(vips); i++) {
        const char *vip = db_str(vips, i);
        char *expanded = expand_templates(vip);
        emit_vip(&h, &f, expanded ? expanded : vip, db_val_str(vips, i));
        free(expanded);
    }
    flow_done(&f);
}
const struct inc_rule hairpin_flows = {
    .name = "hairpin_flows", .driver = &sb_load_balancer_table.inc,
    .run = run_hairpin_flows,
};
