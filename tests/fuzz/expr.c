/* A match that parses keeps its meaning in all steps. */

#include "tests/fuzz/fuzz.h"

#include <netinet/in.h>

#include "flow.h"
#include "hash.h"
#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "tests/flow-matches.h"
#include "text/expr.h"
#include "util.h"

/* $a, $b and so on have as many addresses as their letter says, @a and so on
 * ports.  Others do not exist. */
static const struct const_set *
find_set(const char *name, void *sets_)
{
    struct const_set *sets = sets_;
    int i = name[0] - 'a';

    return i >= 0 && i < 4 && !name[1] ? &sets[i] : NULL;
}

static const struct const_set *
find_ports(const char *name, void *sets_)
{
    return find_set(name, (struct const_set *) sets_ + 4);
}

static void
init_sets(struct const_set sets[8])
{
    static const char *const addresses[] = {
        "10.0.0.1", "10.0.0.0/24", "192.168.0.0/255.255.0.255",
    };
    static const char *const ports[] = { "p1", "p2", "nowhere" };

    for (int i = 0; i < 4; i++) {
        const_set_init(&sets[i]);
        const_set_init(&sets[i + 4]);
        sets[i + 4].is_string = true;
        for (int j = 0; j < i; j++) {
            ovs_assert(!const_set_add_address(&sets[i], addresses[j]));
            const_set_add_string(&sets[i + 4], ports[j]);
        }
    }
}

static bool
find_port(const char *name, uint32_t *key, void *aux OVS_UNUSED)
{
    /* An absent port's number counts as 0 where expressions are evaluated. */
    *key = name[0] == 'p' ? (uint8_t) name[1] : 0;
    return *key != 0;
}

static bool
is_resident(const char *name, void *aux OVS_UNUSED)
{
    return hash_string(name, 0) & 1;
}

/* What is formatted parses as the same. */
static void
check_format(const struct expr *expr, enum symtab_id id)
{
    struct ds a = DS_EMPTY_INITIALIZER, b = DS_EMPTY_INITIALIZER;

    expr_format(expr, &a);
    if (!strstr(ds_cstr(&a), "{}")) {
        char *error;
        struct expr *again = expr_parse_string(
            ds_cstr(&a), symtab_get(id), NULL, &error);

        if (!again) {
            ovs_fatal(0, "%s: does not parse again: %s", ds_cstr(&a), error);
        }
        expr_format(again, &b);
        ovs_assert(!strcmp(ds_cstr(&a), ds_cstr(&b)));
        expr_destroy(again);
    }
    ds_destroy(&a);
    ds_destroy(&b);
}

/* Packets near what the expression says: those that its flows match, with
 * some bits changed. */
static void
check_packets(const struct expr *expr, struct flow_matches *f, uint32_t seed)
{
    for (size_t i = 0; i < 32; i++) {
        struct flow flow;

        memset(&flow, 0, sizeof flow);
        if (f->m.n) {
            seed = hash_int(i, seed);
            flow = f->matches[seed % f->m.n].flow;
        }
        if (i & 1) {
            size_t ofs = hash_int(i, seed) % sizeof flow;
            ((uint8_t *) &flow)[ofs] ^= 1 << (seed >> 24) % 8;
        }
        flow.conj_id = 0;
        if (!(flow.vlans[0].tci & htons(VLAN_CFI))) {
            flow.vlans[0].tci = 0;
        }
        flow.ipv6_label &= htonl(IPV6_LABEL_MASK);
        flow.nw_frag &= 3;
        if (flow.nw_frag & FLOW_NW_FRAG_LATER) {
            flow.tp_src = flow.tp_dst = flow.tcp_flags = 0;
        }
        if (flow.nw_proto == IPPROTO_ICMP
            || flow.nw_proto == IPPROTO_ICMPV6) {
            /* Types and codes have 8 bits. */
            flow.tp_src &= htons(0xff);
            flow.tp_dst &= htons(0xff);
        }
        ovs_assert(flow_matches_contain(f, &flow)
                   == expr_evaluate(expr, &flow, find_port, is_resident,
                                    NULL));
    }
}

static void
check(const char *text, enum symtab_id id, struct const_set *sets)
{
    const struct expr_env env = { find_set, find_ports, sets };
    const struct symtab *symtab = symtab_get(id);
    struct expr_norm *norm;
    char *error;
    struct expr *expr = expr_parse_string(text, symtab, &env, &error);

    if (!expr) {
        ovs_assert(error[0]);
        free(error);
        return;
    }

    check_format(expr, id);
    expr_annotate(expr);
    struct expr *simple = expr_clone(expr);
    expr_simplify(simple, is_resident, NULL);
    error = expr_normalize(simple, symtab, &norm);
    if (!error) {
        struct flow_matches f;

        flow_matches_init(&f, norm, find_port, NULL);
        if (f.m.n < 2000 && id == SYMTAB_FLOW) {
            check_packets(expr, &f, hash_string(text, 0));
        }
        flow_matches_destroy(&f);
        expr_norm_destroy(norm);
    }
    free(error);
    expr_destroy(simple);
    expr_destroy(expr);
}

FUZZ_TARGET(expr)
{
    char *text = xmemdup0((const char *) data, MIN(size, FUZZ_MAX_TEXT));
    struct const_set sets[8];
    struct flow flow;

    init_sets(sets);
    check(text, SYMTAB_FLOW, sets);
    check(text, SYMTAB_ACL_CT, sets);
    free(expr_parse_microflow(text, symtab_get(SYMTAB_FLOW), NULL, find_port,
                              NULL, &flow));
    for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
        const_set_destroy(&sets[i]);
    }
    free(text);
}
