#include "tests/test-ovn.h"
#include "tests/flow-matches.h"

#include "flow.h"
#include "openvswitch/match.h"
#include "openvswitch/ofp-match.h"
#include "openvswitch/ofpbuf.h"
#include "packets.h"
#include "util.h"

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
    bool arp = type == 0x806 || type == 0x8035;

    ovs_assert(!mask->dl_type || mask->dl_type == OVS_BE16_MAX);
    ovs_assert(!mask->nw_proto || mask->nw_proto == UINT8_MAX);
    ovs_assert(!mask->nw_ttl || mask->nw_ttl == UINT8_MAX);
    ovs_assert(!mask->nw_proto || ip || arp);
    ovs_assert(!(mask->nw_ttl || mask->nw_tos || mask->nw_frag) || ip);
    ovs_assert(!(mask->nw_src || mask->nw_dst)
               || type == 0x800 || arp);
    ovs_assert(ipv6_mask_is_any(&mask->ipv6_dst) || type == 0x86dd);
    ovs_assert(!(mask->tp_src || mask->tp_dst)
               || (ip && mask->nw_proto && m->flow.nw_proto));
}

/* What is sent to the switch is the same match. */
static void
check_wire(const struct match *m)
{
    struct ofpbuf b;
    struct match again;
    uint16_t padded;

    ofpbuf_init(&b, 0);
    ofputil_put_ofp11_match(&b, m, OFPUTIL_P_OF15_OXM);
    char *before = match_to_string(m, NULL, OFP_DEFAULT_PRIORITY);
    if (ofputil_pull_ofp11_match(&b, NULL, NULL, &again, &padded)) {
        ovs_fatal(0, "%s: is no valid match", before);
    }
    char *after = match_to_string(&again, NULL, OFP_DEFAULT_PRIORITY);
    if (strcmp(before, after)) {
        ovs_fatal(0, "%s: becomes %s", before, after);
    }
    free(before);
    free(after);
    ofpbuf_uninit(&b);
}

bool
flow_matches_contain(struct flow_matches *f, struct flow *flow)
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

/* Each conjunction has flows for all of its clauses, and one that it leads
 * to, or none at all. */
static void
check_complete(struct flow_matches *f)
{
    uint64_t *results = xcalloc(f->m.n_conjs + 1, sizeof *results);

    memset(f->clauses, 0, (f->m.n_conjs + 1) * sizeof *f->clauses);
    for (size_t i = 0; i < f->m.n; i++) {
        const struct expr_match *m = &f->m.matches[i];

        results[m->conj_id]++;
        for (size_t j = 0; j < m->n_conjs; j++) {
            f->clauses[m->conjs[j].id] |= UINT64_C(1) << m->conjs[j].clause;
        }
    }
    for (size_t i = 1; i <= f->m.n_conjs; i++) {
        ovs_assert(f->clauses[i] == f->all[i]);
        ovs_assert(results[i] == (f->all[i] != 0));
    }
    free(results);
}

void
flow_matches_init(struct flow_matches *f, const struct expr_norm *norm,
                  expr_port_func *lookup_port, void *aux)
{
    expr_to_matches(norm, lookup_port, aux, 1, &f->m);
    f->matches = xcalloc(f->m.n + 1, sizeof *f->matches);
    f->clauses = xcalloc(f->m.n_conjs + 1, sizeof *f->clauses);
    f->all = xcalloc(f->m.n_conjs + 1, sizeof *f->all);
    ovs_assert(f->m.n_conjs <= expr_norm_n_conjs(norm));
    for (size_t i = 0; i < f->m.n; i++) {
        const struct expr_match *m = &f->m.matches[i];

        match_init_catchall(&f->matches[i]);
        expr_match_fill(m, &f->matches[i]);
        check_prereqs(&f->matches[i]);
        check_wire(&f->matches[i]);
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

    check_complete(f);

    /* No two flows are the same.  Quadratic, so not for the largest. */
    for (size_t i = 0; i < f->m.n && f->m.n < 500; i++) {
        for (size_t j = 0; j < i; j++) {
            ovs_assert(!match_equal(&f->matches[i], &f->matches[j]));
        }
    }
}

void
flow_matches_destroy(struct flow_matches *f)
{
    expr_matches_destroy(&f->m);
    free(f->matches);
    free(f->clauses);
    free(f->all);
}
