/* Random expressions: what the flows match is what the expression says. */

#include "test-ovn.h"

#include <stdlib.h>

#include "flow.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/match.h"
#include "packets.h"
#include "random.h"
#include "text/expr.h"
#include "util.h"

/* Fields overlay each other, and values are few, so that comparisons meet.  A
 * "%" is a value below 'n_values'. */
static const struct {
    const char *field;
    int n_values;
    bool ordinal;
} numbers[] = {
    { "reg0[0..3]", 16, true },
    { "reg0[2..3]", 4, true },
    { "reg0[1]", 2, true },
    { "reg0", 8, true },
    { "reg1", 4, true },
    { "xreg0[0..2]", 8, true },
    { "xxreg0[96..98]", 8, true },
    { "xxreg1[0..1]", 4, true },
    { "flags[0..1]", 4, true },
    { "__inport", 5, true },
    { "ip.proto", 2, false },
    { "ip.ttl", 3, false },
    { "ip.dscp", 2, false },
    { "ip.frag", 4, true },
    { "tcp.src", 8, true },
    { "tcp.dst", 8, true },
    { "udp.src", 8, true },
    { "udp.dst[0..1]", 4, true },
    { "ip4.src", 8, true },
    { "ip4.src[0..1]", 4, true },
    { "ip4.dst", 8, true },
    { "ip6.dst[0..2]", 8, true },
    { "arp.op", 3, false },
    { "arp.spa", 8, true },
    { "icmp4.type", 3, false },
    { "icmp6.type", 3, false },
    { "vlan.vid", 4, true },
    { "vlan.pcp", 2, true },
    { "eth.src[0..2]", 8, true },
    { "ct_mark", 4, true },
    { "ct_label[127]", 2, true },
};

static const char *predicates[] = {
    "ip4", "ip6", "ip", "tcp", "udp", "arp", "icmp", "icmp4", "icmp6",
    "eth.type == 0x800", "eth.type == {0x800, 0x806}",
};

static const char *booleans[] = {
    "vlan.present", "ip.is_frag", "ip.later_frag", "ip.first_frag", "ct.trk",
    "ct.new", "ct.est", "eth.mcast", "ip4.mcast", "reg0[0]", "flags.loopback",
    "is_chassis_resident(\"p1\")", "is_chassis_resident(\"p2\")", "0", "1",
};

static bool
find_port(const char *name, uint32_t *key, void *aux OVS_UNUSED)
{
    *key = atoi(name + 1);
    return *key > 0;
}

static bool
is_resident(const char *name, void *aux OVS_UNUSED)
{
    return !strcmp(name, "p1");
}

static void
put_value(struct ds *s, int n_values, bool masked)
{
    ds_put_format(s, "%d", random_range(n_values));
    if (masked) {
        ds_put_format(s, "/%d", random_range(n_values));
    }
}

static void
put_number_set(struct ds *s, int n_values, bool masked)
{
    int n = 1 + random_range(4);

    ds_put_char(s, '{');
    for (int i = 0; i < n; i++) {
        put_value(s, n_values, masked && !random_range(3));
        ds_put_cstr(s, i < n - 1 ? ", " : "}");
    }
}

static void
put_number(struct ds *s, bool negated)
{
    static const char *relops[] = { "==", "!=", "<", "<=", ">", ">=" };
    size_t i = random_range(ARRAY_SIZE(numbers));
    bool ordinal = numbers[i].ordinal;
    int n_values = numbers[i].n_values;
    const char *relop = relops[!ordinal ? negated : random_range(6)];
    bool equality = relop[1] == '=' && (relop[0] == '=' || relop[0] == '!');
    bool masked = ordinal && equality && !random_range(4);

    if (!strcmp(numbers[i].field, "ip.proto")) {
        ds_put_format(s, "ip.proto %s %d", relop, random_range(2) ? 6 : 17);
    } else if (ordinal && !random_range(6)) {
        put_value(s, n_values, false);
        ds_put_format(s, " <= %s <= ", numbers[i].field);
        put_value(s, n_values, false);
    } else {
        ds_put_format(s, "%s %s ", numbers[i].field, relop);
        if (equality && random_range(2)) {
            put_number_set(s, n_values, masked);
        } else {
            put_value(s, n_values, masked);
        }
    }
}

/* A port that does not exist has number 0 here. */
static void
put_port(struct ds *s, bool negated)
{
    const char *field = random_range(3) ? "inport" : "outport";
    const char *relop = negated ? "!=" : "==";

    if (random_range(2)) {
        ds_put_format(s, "%s %s \"p%d\"", field, relop, random_range(5));
    } else {
        ds_put_format(s, "%s %s {\"p%d\", \"p%d\", \"p%d\"}", field, relop,
                      random_range(5), random_range(5), random_range(5));
    }
}

static void
put_expr(struct ds *s, int depth, bool negated)
{
    int kind = random_range(depth > 0 ? 14 : 8);

    if (kind < 4) {
        put_number(s, negated);
    } else if (kind < 5) {
        put_port(s, negated);
    } else if (kind < 7 && !negated) {
        ds_put_cstr(s, predicates[random_range(ARRAY_SIZE(predicates))]);
    } else if (kind < 8) {
        ds_put_format(s, "%s%s", random_range(2) ? "!" : "",
                      booleans[random_range(ARRAY_SIZE(booleans))]);
    } else {
        bool not = !random_range(4);
        const char *op = random_range(2) ? " && " : " || ";
        int n = 2 + random_range(3);

        ds_put_cstr(s, not ? "!(" : "(");
        for (int i = 0; i < n; i++) {
            ds_put_cstr(s, i ? op : "");
            put_expr(s, depth - 1, negated != not);
        }
        ds_put_char(s, ')');
    }
}

/* Packets. */

static void
random_flow(struct flow *flow)
{
    static const uint16_t types[] = { 0x800, 0x86dd, 0x806, 0x1234 };
    static const uint8_t protos[] = { 1, 6, 17, 58 };
    uint16_t type = types[random_range(4)];
    bool ip = type == 0x800 || type == 0x86dd;

    memset(flow, 0, sizeof *flow);
    flow->dl_type = htons(type);
    flow->dl_src.ea[5] = random_range(8);
    flow->dl_dst.ea[0] = random_range(2);
    flow->regs[0] = random_range(16);
    flow->regs[1] = random_range(8);
    flow->regs[7] = random_range(4);
    flow->regs[10] = random_range(4);
    flow->regs[14] = random_range(5);
    flow->regs[15] = random_range(5);
    flow->ct_mark = random_range(5);
    flow->ct_state = random_range(4) ? random_range(4) | 0x20 : 0;
    flow->ct_label.u64.hi = random_range(2) ? UINT64_C(1) << 63 : 0;
    flow->vlans[0].tci = (random_range(2)
                          ? htons(0x1000 | random_range(2) << 13
                                  | random_range(4))
                          : 0);
    if (type == 0x800 || type == 0x806) {
        flow->nw_src = htonl(random_range(8));
        flow->nw_dst = htonl(random_range(8)
                             | (random_range(2) ? 0xe0000000 : 0));
    }
    if (type == 0x806) {
        flow->nw_proto = random_range(3);
    }
    if (ip) {
        flow->nw_proto = protos[random_range(4)];
        flow->nw_ttl = random_range(3);
        flow->nw_tos = random_range(2) << 2;
        flow->nw_frag = random_range(2) ? 0 : random_range(2) ? 1 : 3;
        flow->tp_src = htons(random_range(8));
        flow->tp_dst = htons(random_range(8));
        flow->ipv6_dst.s6_addr[15] = type == 0x86dd ? random_range(8) : 0;
    }
}

/* Checks. */

static bool
is_match_equal(const struct match *m, const struct flow *flow)
{
    const uint64_t *value = (const uint64_t *) &m->flow;
    const uint64_t *mask = (const uint64_t *) &m->wc.masks;
    const uint64_t *packet = (const uint64_t *) flow;

    for (size_t i = 0; i < FLOW_U64S; i++) {
        if ((value[i] ^ packet[i]) & mask[i]) {
            return false;
        }
    }
    return true;
}

/* What the switch requires of a match. */
static void
check_prereqs(const struct match *m)
{
    const struct flow *mask = &m->wc.masks;
    uint16_t type = ntohs(m->flow.dl_type);
    bool ip = type == 0x800 || type == 0x86dd;

    ovs_assert(!mask->dl_type || mask->dl_type == OVS_BE16_MAX);
    ovs_assert(!mask->nw_proto || mask->nw_proto == UINT8_MAX);
    ovs_assert(!mask->nw_ttl || mask->nw_ttl == UINT8_MAX);
    ovs_assert(!mask->nw_proto || ip || type == 0x806);
    ovs_assert(!(mask->nw_ttl || mask->nw_tos || mask->nw_frag) || ip);
    ovs_assert(!(mask->nw_src || mask->nw_dst)
               || type == 0x800 || type == 0x806);
    ovs_assert(ipv6_mask_is_any(&mask->ipv6_dst) || type == 0x86dd);
    ovs_assert(!(mask->tp_src || mask->tp_dst)
               || (ip && mask->nw_proto && m->flow.nw_proto));
}

struct flows {
    struct expr_matches m;
    struct match *matches;
    uint64_t *clauses;          /* By conjunction: which were satisfied. */
    uint64_t *all;              /* By conjunction: which there are. */
};

static bool
flows_match(struct flows *f, struct flow *flow)
{
    memset(f->clauses, 0, (f->m.n_conjs + 1) * sizeof *f->clauses);
    for (size_t i = 0; i < f->m.n; i++) {
        const struct expr_match *m = &f->m.matches[i];

        if (m->conj_id || !is_match_equal(&f->matches[i], flow)) {
            continue;
        }
        if (!m->n_conjs) {
            return true;
        }
        for (size_t j = 0; j < m->n_conjs; j++) {
            f->clauses[m->conjs[j].id] |= UINT64_C(1) << m->conjs[j].clause;
        }
    }

    bool found = false;
    for (size_t i = 0; i < f->m.n && !found; i++) {
        uint32_t id = f->m.matches[i].conj_id;

        if (id && f->clauses[id] == f->all[id]) {
            flow->conj_id = id;
            found = is_match_equal(&f->matches[i], flow);
            flow->conj_id = 0;
        }
    }
    return found;
}

static void
flows_init(struct flows *f, const struct expr_norm *norm)
{
    expr_to_matches(norm, find_port, NULL, 1, &f->m);
    f->matches = xcalloc(f->m.n + 1, sizeof *f->matches);
    f->clauses = xcalloc(f->m.n_conjs + 1, sizeof *f->clauses);
    f->all = xcalloc(f->m.n_conjs + 1, sizeof *f->all);
    ovs_assert(f->m.n_conjs <= expr_norm_n_conjs(norm));
    for (size_t i = 0; i < f->m.n; i++) {
        const struct expr_match *m = &f->m.matches[i];

        match_init_catchall(&f->matches[i]);
        expr_match_fill(m, &f->matches[i]);
        check_prereqs(&f->matches[i]);
        ovs_assert(m->conj_id <= f->m.n_conjs);
        for (size_t j = 0; j < m->n_conjs; j++) {
            const struct expr_conj *c = &m->conjs[j];

            ovs_assert(c->id >= 1 && c->id <= f->m.n_conjs);
            ovs_assert(c->n_clauses >= 2 && c->n_clauses <= 64);
            ovs_assert(c->clause < c->n_clauses);
            f->all[c->id] = (c->n_clauses == 64 ? UINT64_MAX
                             : (UINT64_C(1) << c->n_clauses) - 1);
        }
    }

    /* No two flows are the same.  Quadratic, so not for the largest. */
    for (size_t i = 0; i < f->m.n && f->m.n < 500; i++) {
        for (size_t j = 0; j < i; j++) {
            ovs_assert(!match_equal(&f->matches[i], &f->matches[j]));
        }
    }
}

static void
flows_destroy(struct flows *f)
{
    expr_matches_destroy(&f->m);
    free(f->matches);
    free(f->clauses);
    free(f->all);
}

static struct expr *
parse(const char *s)
{
    char *error;
    struct expr *expr = expr_parse_string(s, symtab_get(SYMTAB_FLOW), NULL,
                                          &error);

    if (!expr) {
        ovs_fatal(0, "%s: %s", s, error);
    }
    return expr;
}

static struct {
    unsigned int n, n_inexact, n_conj, n_true, n_false;
    size_t max_flows;
} stats;

static void
check_packets(const char *s, const struct expr *expr,
              const struct expr *simple, struct flows *f)
{
    for (int i = 0; i < 60; i++) {
        struct flow flow;
        bool value;

        random_flow(&flow);
        value = expr_evaluate(expr, &flow, find_port, is_resident, NULL);
        if (value != expr_evaluate(simple, &flow, find_port, NULL, NULL)) {
            ovs_fatal(0, "%s: simplification changed it", s);
        }
        if (value != flows_match(f, &flow)) {
            struct ds ds = DS_EMPTY_INITIALIZER;

            expr_matches_format(&f->m, &ds);
            flow_format(&ds, &flow, NULL);
            ovs_fatal(0, "%s: should be %s but is not:\n%s", s,
                      value ? "true" : "false", ds_cstr(&ds));
        }
        stats.n_true += value;
        stats.n_false += !value;
    }
}

static void
check_expr(const char *s)
{
    const struct symtab *symtab = symtab_get(SYMTAB_FLOW);
    struct expr *expr = parse(s);
    struct expr_norm *norm;
    struct ds text = DS_EMPTY_INITIALIZER;
    struct expr *simple, *again;
    char *error;

    /* Formatting keeps the meaning, too. */
    expr_format(expr, &text);
    again = parse(ds_cstr(&text));
    expr_annotate(again);
    expr_annotate(expr);
    simple = expr_clone(again);
    expr_simplify(simple, is_resident, NULL);

    stats.n++;
    error = expr_normalize(simple, symtab, &norm);
    if (error) {
        if (!strchr(s, '!')) {
            ovs_fatal(0, "%s: %s", s, error);
        }
        /* Only a negated predicate can be beyond OpenFlow. */
        ovs_assert(strchr(s, '!'));
        ovs_assert(strstr(error, "excludes a value"));
        stats.n_inexact++;
        free(error);
    } else {
        struct flows f;

        flows_init(&f, norm);
        stats.n_conj += f.m.n_conjs > 0;
        stats.max_flows = MAX(stats.max_flows, f.m.n);
        check_packets(s, expr, simple, &f);
        flows_destroy(&f);
        expr_norm_destroy(norm);
    }

    ds_destroy(&text);
    expr_destroy(expr);
    expr_destroy(again);
    expr_destroy(simple);
}

/* text-random N SEED */
static void
test_random(struct ovs_cmdl_context *ctx)
{
    int n = ctx->argc > 1 ? atoi(ctx->argv[1]) : 2000;
    struct ds s = DS_EMPTY_INITIALIZER;

    random_set_seed(ctx->argc > 2 ? atoi(ctx->argv[2]) : 1);
    for (int i = 0; i < n; i++) {
        ds_clear(&s);
        put_expr(&s, 1 + random_range(4), false);
        check_expr(ds_cstr(&s));
    }
    ds_destroy(&s);
    symtab_exit();

    /* The test has to test something. */
    ovs_assert(stats.n_conj > stats.n / 100);
    ovs_assert(stats.n_inexact < stats.n / 5);
    ovs_assert(stats.n_true > stats.n && stats.n_false > stats.n);
    if (ctx->argc > 1) {
        printf("%u expressions, %u with conjunctions, %u beyond OpenFlow, "
               "%u packets in, %u out, up to %"PRIuSIZE" flows\n",
               stats.n, stats.n_conj,
               stats.n_inexact, stats.n_true, stats.n_false,
               stats.max_flows);
    }
}

OVSTEST_REGISTER("text-random", test_random);
