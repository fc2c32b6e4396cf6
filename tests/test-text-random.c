/* Random expressions: what the flows match is what the expression says. */

#include "test-ovn.h"

#include <stdlib.h>

#include "flow.h"
#include "flow-matches.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/match.h"
#include "packets.h"
#include "random.h"
#include "text/expr.h"
#include "util.h"

/* What expressions are made of. */

struct number {
    const char *field;
    int n_values;               /* Constants are below it. */
    bool ordinal;
};

struct vocabulary {
    const struct number *numbers;
    size_t n_numbers;
    const char *const *predicates;
    size_t n_predicates;
    const char *const *booleans; /* Predicates that can be negated. */
    size_t n_booleans;
};

#define VOCABULARY(NUMBERS, PREDICATES, BOOLEANS)       \
    { NUMBERS, ARRAY_SIZE(NUMBERS),                     \
      PREDICATES, ARRAY_SIZE(PREDICATES),               \
      BOOLEANS, ARRAY_SIZE(BOOLEANS) }

/* Fields overlay each other, and values are few, so that comparisons meet. */
static const struct number many_numbers[] = {
    { "reg0[0..3]", 16, true },
    { "reg0[2..3]", 4, true },
    { "reg0[1]", 2, true },
    { "reg0", 8, true },
    { "reg1", 4, true },
    { "reg8", 64, true },
    { "reg8[1..5]", 32, true },
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
    { "vlan.pcp", 8, true },
    { "vlan.pcp[0..1]", 4, true },
    { "vlan.tci", 8, true },
    { "vlan.tci[12..15]", 16, true },
    { "eth.src[0..2]", 8, true },
    { "ct_mark", 4, true },
    { "ct_label[127]", 2, true },
};

static const char *const many_predicates[] = {
    "ip4", "ip6", "ip", "tcp", "udp", "arp", "icmp", "icmp4", "icmp6",
    "eth.type == 0x800", "eth.type == {0x800, 0x806}",
};

static const char *const many_booleans[] = {
    "vlan.present", "ip.is_frag", "ip.later_frag", "ip.first_frag", "ct.trk",
    "ct.new", "ct.est", "eth.mcast", "ip4.mcast", "reg0[0]", "flags.loopback",
    "is_chassis_resident(\"p1\")", "is_chassis_resident(\"p2\")", "0", "1",
};

static const struct vocabulary many = VOCABULARY(
    many_numbers, many_predicates, many_booleans);

/* What all_flows() takes all values of. */
static const struct number few_numbers[] = {
    { "reg0", 4, true },
    { "reg0[0]", 2, true },
    { "xreg0[32..33]", 4, true },
    { "ip.proto", 2, false },
    { "tcp.src", 3, true },
    { "tcp.dst", 3, true },
    { "udp.dst", 3, true },
    { "ip4.src", 4, true },
    { "ip4.src[1]", 2, true },
    { "ip6.src", 4, true },
    { "arp.spa", 4, true },
};

static const char *const few_predicates[] = {
    "ip4", "ip6", "ip", "tcp", "udp", "arp",
};

static const char *const few_booleans[] = {
    "ct.trk", "ct.new", "reg0[1]", "is_chassis_resident(\"p1\")",
    "is_chassis_resident(\"p2\")",
};

static const struct vocabulary few = VOCABULARY(
    few_numbers, few_predicates, few_booleans);

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
    int n = 1 + random_range(random_range(4) ? 4 : 12);

    ds_put_char(s, '{');
    for (int i = 0; i < n; i++) {
        put_value(s, n_values, masked && !random_range(3));
        ds_put_cstr(s, i < n - 1 ? ", " : "}");
    }
}

static void
put_number(struct ds *s, const struct vocabulary *v, bool negated)
{
    static const char *relops[] = { "==", "!=", "<", "<=", ">", ">=" };
    const struct number *number = &v->numbers[random_range(v->n_numbers)];
    bool ordinal = number->ordinal;
    int n_values = number->n_values;
    const char *relop = relops[!ordinal ? negated : random_range(6)];
    bool equality = relop[1] == '=' && (relop[0] == '=' || relop[0] == '!');
    bool masked = ordinal && equality && !random_range(4);

    if (!strcmp(number->field, "ip.proto")) {
        ds_put_format(s, "ip.proto %s %d", relop, random_range(2) ? 6 : 17);
    } else if (ordinal && !random_range(6)) {
        put_value(s, n_values, false);
        ds_put_format(s, " <= %s <= ", number->field);
        put_value(s, n_values, false);
    } else {
        ds_put_format(s, "%s %s ", number->field, relop);
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
put_expr(struct ds *s, const struct vocabulary *v, int depth, bool negated)
{
    int kind = random_range(depth > 0 ? 14 : 8);

    if (kind < 4) {
        put_number(s, v, negated);
    } else if (kind < 5) {
        put_port(s, negated);
    } else if (kind < 7 && !negated) {
        ds_put_cstr(s, v->predicates[random_range(v->n_predicates)]);
    } else if (kind < 8) {
        ds_put_format(s, "%s%s", random_range(2) ? "!" : "",
                      v->booleans[random_range(v->n_booleans)]);
    } else {
        bool not = !random_range(4);
        const char *op = random_range(2) ? " && " : " || ";
        int n = 2 + random_range(3);

        ds_put_cstr(s, not ? "!(" : "(");
        for (int i = 0; i < n; i++) {
            ds_put_cstr(s, i ? op : "");
            put_expr(s, v, depth - 1, negated != not);
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
    flow->regs[8] = random_range(64);
    flow->regs[10] = random_range(4);
    flow->regs[14] = random_range(5);
    flow->regs[15] = random_range(5);
    flow->ct_mark = random_range(5);
    flow->ct_state = random_range(4) ? random_range(4) | 0x20 : 0;
    flow->ct_label.u64.hi = random_range(2) ? UINT64_C(1) << 63 : 0;
    flow->vlans[0].tci = (random_range(2)
                          ? htons(0x1000 | random_range(8) << 13
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
        if (!(flow->nw_frag & FLOW_NW_FRAG_LATER)) {
            flow->tp_src = htons(random_range(8));
            flow->tp_dst = htons(random_range(8));
        }
        flow->ipv6_dst.s6_addr[15] = type == 0x86dd ? random_range(8) : 0;
    }
}

/* Checks. */

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

/* An expression in its forms. */
struct subject {
    const char *text;
    const struct expr *expr;    /* Annotated. */
    const struct expr *simple;  /* And simplified. */
    struct flow_matches f;
};

static void
check_flow(struct subject *sub, struct flow *flow)
{
    bool value = expr_evaluate(sub->expr, flow, find_port, is_resident, NULL);

    if (value != expr_evaluate(sub->simple, flow, find_port, NULL, NULL)) {
        ovs_fatal(0, "%s: simplification changed it", sub->text);
    }
    if (value != flow_matches_contain(&sub->f, flow)) {
        struct ds ds = DS_EMPTY_INITIALIZER;

        expr_matches_format(&sub->f.m, &ds);
        flow_format(&ds, flow, NULL);
        ovs_fatal(0, "%s: should be %s but is not:\n%s", sub->text,
                  value ? "true" : "false", ds_cstr(&ds));
    }
    stats.n_true += value;
    stats.n_false += !value;
}

static void
check_random_flows(struct subject *sub)
{
    for (int i = 0; i < 60; i++) {
        struct flow flow;

        random_flow(&flow);
        check_flow(sub, &flow);
    }
}

/* Takes a number below 'n' off '*i'. */
static unsigned int
digit(unsigned int *i, unsigned int n)
{
    unsigned int value = *i % n;

    *i /= n;
    return value;
}

/* Each packet that the small vocabulary can tell from others. */
static void
check_all_flows(struct subject *sub)
{
    static const uint16_t types[] = { 0x800, 0x86dd, 0x806 };
    static const uint8_t ct_states[] = { 0, 0x20, 0x21 };

    for (unsigned int i = 0; ; i++) {
        unsigned int rest = i;
        struct flow flow;

        memset(&flow, 0, sizeof flow);
        flow.dl_type = htons(types[digit(&rest, 3)]);
        flow.regs[0] = digit(&rest, 4);
        flow.regs[14] = digit(&rest, 3);
        flow.ct_state = ct_states[digit(&rest, 3)];
        flow.nw_proto = digit(&rest, 2) ? IPPROTO_TCP : IPPROTO_UDP;
        flow.tp_src = htons(digit(&rest, 3));
        flow.tp_dst = htons(digit(&rest, 3));
        flow.nw_src = htonl(digit(&rest, 4));
        if (rest) {
            break;
        }
        if (flow.dl_type == htons(0x86dd)) {
            flow.ipv6_src.s6_addr[15] = ntohl(flow.nw_src);
            flow.nw_src = 0;
        } else if (flow.dl_type == htons(0x806)) {
            flow.nw_proto = 1;
            flow.tp_src = flow.tp_dst = 0;
        }
        check_flow(sub, &flow);
    }
}

static void
check_expr(const char *s, void (*check_flows)(struct subject *))
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
        /* Only a negated predicate can be beyond OpenFlow. */
        if (!strchr(s, '!') || !strstr(error, "excludes a value")) {
            ovs_fatal(0, "%s: %s", s, error);
        }
        stats.n_inexact++;
        free(error);
    } else {
        struct subject sub = { .text = s, .expr = expr, .simple = simple };

        flow_matches_init(&sub.f, norm, find_port, NULL);
        stats.n_conj += sub.f.m.n_conjs > 0;
        stats.max_flows = MAX(stats.max_flows, sub.f.m.n);
        check_flows(&sub);
        flow_matches_destroy(&sub.f);
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
        put_expr(&s, &many, 1 + random_range(4), false);
        check_expr(ds_cstr(&s), check_random_flows);
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

/* text-exhaustive [N [SEED]]: expressions of few fields, all packets. */
static void
test_exhaustive(struct ovs_cmdl_context *ctx)
{
    int n = ctx->argc > 1 ? atoi(ctx->argv[1]) : 1000;
    struct ds s = DS_EMPTY_INITIALIZER;

    random_set_seed(ctx->argc > 2 ? atoi(ctx->argv[2]) : 1);
    for (int i = 0; i < n; i++) {
        ds_clear(&s);
        put_expr(&s, &few, 1 + random_range(4), false);
        check_expr(ds_cstr(&s), check_all_flows);
    }
    ds_destroy(&s);
    symtab_exit();

    printf("%u expressions, %u with conjunctions, %u beyond OpenFlow, "
           "%u packets in, %u out\n", stats.n, stats.n_conj, stats.n_inexact,
           stats.n_true, stats.n_false);
    ovs_assert(n < 100 || stats.n_conj > 3);
    ovs_assert(stats.n_inexact < stats.n / 3);
}

OVSTEST_REGISTER("text-exhaustive", test_exhaustive);
