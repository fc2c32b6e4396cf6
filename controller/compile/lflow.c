/* DOC: logical flows
 *
 * Compiles each SB Logical_Flow for each local datapath that it applies to.
 * Parsing and normalization are done once per flow, but for port groups, whose
 * members differ by datapath. */
#include <config.h>
#include "controller/compile/compile.h"

#include "controller/compile/sets.h"
#include "controller/compile/template.h"
#include "controller/model/binding.h"
#include "controller/model/local_datapath.h"
#include "controller/model/meter.h"
#include "controller/model/tunnel.h"
#include "controller/out/ofgroups.h"
#include "controller/physical/physical.h"
#include "controller/rule.h"
#include "hash.h"
#include "lib/actions/actions.h"

struct inc_pool *conj_pool;

/* A flow while it is compiled. */
struct compiling {
    const struct sb_logical_flow *lflow;
    const struct local_datapath *ld;     /* The current datapath. */
    struct uuid dp;
    struct ovnact_table table;
    struct ovnacts acts;
    struct expr *prereqs;
    struct expr_norm *norm;              /* NULL: never true. */
    bool by_datapath;
};

/* ---- Names. ---- */

bool
lport_key(const struct uuid *dp, const char *name, uint32_t *key)
{
    if (!strcmp(name, "none")) {
        *key = 0;
        return true;
    }
    const struct sb_port_binding *pb
        = inc_find_one(&pb_by_name, name, strlen(name));
    if (pb && uuid_equals(sb_port_binding_datapath_uuid(pb), dp)) {
        *key = sb_port_binding_tunnel_key(pb);
        return true;
    }
    const struct sb_multicast_group *group = mcast_group_by_name(dp, name);
    if (group) {
        *key = sb_multicast_group_tunnel_key(group);
        return true;
    }
    return false;
}

static bool
lookup_port(const char *name, uint32_t *key, void *c_)
{
    const struct compiling *c = c_;
    return lport_key(&c->dp, name, key);
}

static bool
is_resident(const char *name, void *aux OVS_UNUSED)
{
    return lport_is_resident(name);
}

/* The tunnel to the chassis where a port of another chassis is. */
static bool
tunnel_ofport(const char *name, ofp_port_t *ofport, void *aux OVS_UNUSED)
{
    const struct sb_port_binding *pb
        = inc_find_one(&pb_by_name, name, strlen(name));
    const struct uuid *chassis
        = (pb && !lport_is_resident(name) ? sb_port_binding_chassis_uuid(pb)
           : NULL);
    const struct remote_tunnel *tunnel
        = (chassis ? tunnel_to(chassis, (istr) { NULL }, (istr) { NULL })
           : NULL);
    if (tunnel) {
        *ofport = u16_to_ofp(remote_tunnel_ofport(tunnel));
    }
    return tunnel != NULL;
}

static uint32_t
want_group(const char *spec, void *aux OVS_UNUSED)
{
    return ofgroup_want(spec);
}

static uint32_t
want_meter(const char *name, void *aux OVS_UNUSED)
{
    return meter_want_by_name(name);
}

static uint32_t
want_rate(uint64_t rate, uint64_t burst, void *aux OVS_UNUSED)
{
    return meter_want_by_rate(rate, burst);
}

/* ---- Text to what can be shared by datapaths. ---- */

static bool
parse_actions(struct compiling *c)
{
    const struct ovnact_parse_params params = {
        .symtab = symtab_get(SYMTAB_FLOW),
        .table = c->table,
        .n_tables = { N_INGRESS_TABLES, N_EGRESS_TABLES },
    };
    const char *text = sb_logical_flow_actions(c->lflow);
    char *expanded = expand_templates(text);
    char *error = ovnacts_parse(expanded ? expanded : text, &params, &c->acts,
                                &c->prereqs);
    if (error) {
        invalid(c->lflow, "actions \"%s\": %s; the flow is left out",
                expanded ? expanded : text, error);
    }
    free(expanded);
    free(error);
    return !error;
}

static bool
parse_match_text(struct compiling *c, const char *text)
{
    const struct symtab *symtab = symtab_get(SYMTAB_FLOW);
    struct set_source source;
    char *error;

    expr_norm_destroy(c->norm);
    c->norm = NULL;
    set_source_init(&source, local_datapath_key(c->ld));
    struct expr *expr = expr_parse_string(text, symtab, &source.env, &error);
    c->by_datapath = source.by_datapath;
    set_source_destroy(&source);
    if (!expr) {
        invalid(c->lflow, "match \"%s\": %s; the flow is left out", text,
                error);
        free(error);
        return false;
    }
    expr_annotate(expr);
    expr = expr_and(expr, c->prereqs ? expr_clone(c->prereqs) : NULL);
    expr_simplify(expr, is_resident, NULL);
    error = expr_normalize(expr, symtab, &c->norm);
    expr_destroy(expr);
    if (error) {
        invalid(c->lflow, "match \"%s\": %s; the flow is left out", text,
                error);
        free(error);
        return false;
    }
    return true;
}

static bool
parse_match(struct compiling *c)
{
    const char *text = sb_logical_flow_match(c->lflow);
    char *expanded = expand_templates(text);
    bool ok = parse_match_text(c, expanded ? expanded : text);
    free(expanded);
    return ok;
}

/* ---- One datapath. ---- */

/* Conjunction ids come in blocks of so many that no sensible match needs more,
 * and there are enough blocks for a million flows with conjunctions. */
enum { CONJ_BLOCK_BITS = 12 };

/* Who owns the block of a flow on a datapath. */
static struct uuid
conj_owner(const struct sb_logical_flow *lflow, uint32_t dp_key)
{
    struct { struct uuid uuid; uint32_t key; } id = {
        *sb_logical_flow_uuid(lflow), dp_key
    };
    return db_hash_uuid("conjunction", &id, sizeof id);
}

/* First of the conjunction ids of the flow on this datapath.  Which block is
 * tried first depends on the flow only, so that a restart finds the same ones
 * in the switch. */
static bool
conj_base(struct compiling *c, size_t n, uint32_t *base)
{
    *base = 0;
    if (!n) {
        return true;
    }

    struct uuid owner = conj_owner(c->lflow, local_datapath_key(c->ld));
    uint32_t max = (1u << (32 - CONJ_BLOCK_BITS)) - 1;
    uint32_t want = owner.parts[0] % max + 1, block;

    if (n > 1u << CONJ_BLOCK_BITS
        || (!inc_pool_take(conj_pool, owner, want, want, want, &block, NULL)
            && !inc_pool_take(conj_pool, owner, 0, 1, max, &block, NULL))) {
        invalid(c->lflow, "needs %zu conjunctions, too many; the flow is "
                "left out", n);
        return false;
    }
    *base = block << CONJ_BLOCK_BITS;
    return true;
}

static void
encode_actions(struct compiling *c, struct flow_maker *f)
{
    static const struct ovnact_callbacks callbacks = {
        .lookup_port = lookup_port,
        .is_chassis_resident = is_resident,
        .tunnel_ofport = tunnel_ofport,
        .group = want_group,
        .meter_by_name = want_meter,
        .meter_by_rate = want_rate,
    };
    const char *meter = sb_logical_flow_controller_meter(c->lflow);
    const struct dialect *dialect = inc_find_one(&dialect_index, "", 1);
    struct ovnact_encode_params params = {
        .callbacks = &callbacks, .aux = c,
        .is_switch = local_datapath_is_switch(c->ld),
        .dp_key = local_datapath_key(c->ld), .cookie = f->cookie,
        .controller_meter = meter ? meter_want_by_name(meter) : 0,
        .table = c->table,
        .first_table = { OFTABLE_LOG_INGRESS, OFTABLE_LOG_EGRESS },
        .output_table = { OFTABLE_LARGE_PKT_DETECT, OFTABLE_SAVE_INPORT },
        .consolidated_registers
            = dialect && dialect_consolidated_registers(dialect),
        .explicit_arp_output
            = dialect && dialect_explicit_arp_output(dialect),
    };
    ovnact_helper_tables_init(params.helpers);
    ovnacts_encode(&c->acts, &params, &f->acts);
}

static void
emit_match(struct compiling *c, const struct expr_match *m,
           const struct ofpbuf *acts, struct flow_maker *f)
{
    flow_reset(f);
    match_datapath(f, local_datapath_key(c->ld));
    expr_match_fill(m, &f->match);
    if (!m->n_conjs) {
        ofpbuf_put(&f->acts, acts->data, acts->size);
    }
    for (size_t i = 0; i < m->n_conjs; i++) {
        struct ofpact_conjunction *conj = ofpact_put_CONJUNCTION(&f->acts);
        conj->id = m->conjs[i].id;
        conj->clause = m->conjs[i].clause;
        conj->n_clauses = m->conjs[i].n_clauses;
    }
    flow_emit(f, (c->table.pipeline == OVNACT_P_INGRESS
                  ? OFTABLE_LOG_INGRESS : OFTABLE_LOG_EGRESS)
                 + c->table.ltable,
              sb_logical_flow_priority(c->lflow));
}

static void
compile_for(const struct sb_logical_flow *lflow OVS_UNUSED,
            const struct local_datapath *ld, void *c_)
{
    struct compiling *c = c_;
    uint32_t base;

    c->ld = ld;
    c->dp = local_datapath_dp(ld);
    if ((!c->norm || c->by_datapath) && !parse_match(c)) {
        return;
    }
    if (!conj_base(c, expr_norm_n_conjs(c->norm), &base)) {
        return;
    }

    struct expr_matches matches;
    expr_to_matches(c->norm, lookup_port, c, base, &matches);
    if (matches.n) {
        struct flow_maker f;
        struct ofpbuf acts;
        flow_init(&f, sb_logical_flow_uuid(c->lflow));
        encode_actions(c, &f);
        ofpbuf_init(&acts, f.acts.size);
        ofpbuf_put(&acts, f.acts.data, f.acts.size);
        ofpbuf_clear(&f.acts);
        for (size_t i = 0; i < matches.n; i++) {
            emit_match(c, &matches.matches[i], &acts, &f);
        }
        ofpbuf_uninit(&acts);
        flow_done(&f);
    }
    expr_matches_destroy(&matches);
}

/* ---- The rule. ---- */

/* Flows about an input or output port that another chassis has cannot match
 * here: northd marks them. */
static bool
concerns_absent_port(const struct sb_logical_flow *lflow)
{
    const char *port = sb_logical_flow_tags_get(lflow, "in_out_port");
    return port && lport_is_absent(port);
}

/* Calls 'cb' for each local datapath that the flow applies to. */
static void
for_each_datapath(const struct sb_logical_flow *lflow,
                  void (*cb)(const struct sb_logical_flow *,
                             const struct local_datapath *, void *aux),
                  void *aux)
{
    const struct uuid *dp = sb_logical_flow_logical_datapath_uuid(lflow);
    if (dp) {
        const struct local_datapath *ld = local_datapath_by_uuid(dp);
        if (ld) {
            cb(lflow, ld, aux);
        }
        return;
    }

    const struct sb_logical_dp_group *group
        = sb_logical_flow_logical_dp_group(lflow);
    if (group) {
        const struct ovsdb_datum *dps = sb_logical_dp_group_datapaths(group);
        const struct local_datapath *ld;
        INC_FOR_EACH (ld, &local_datapath_table) {
            union ovsdb_atom atom = { .uuid = local_datapath_dp(ld) };
            unsigned int idx;
            if (ovsdb_datum_find_key(dps, &atom, OVSDB_TYPE_UUID, &idx)) {
                cb(lflow, ld, aux);
            }
        }
    }
}

static void
run_logical_flows(const void *row)
{
    const struct sb_logical_flow *lflow = row;
    bool egress = !strcmp(sb_logical_flow_pipeline(lflow), "egress");
    struct compiling c = {
        .lflow = lflow,
        .table = {
            .pipeline = egress ? OVNACT_P_EGRESS : OVNACT_P_INGRESS,
            .ltable = sb_logical_flow_table_id(lflow),
        },
    };

    if (c.table.ltable >= (egress ? N_EGRESS_TABLES : N_INGRESS_TABLES)) {
        invalid(lflow, "table_id %d is beyond the %s pipeline; the flow is "
                "left out", c.table.ltable,
                sb_logical_flow_pipeline(lflow));
        return;
    }
    if (concerns_absent_port(lflow) || !parse_actions(&c)) {
        return;
    }
    for_each_datapath(lflow, compile_for, &c);
    expr_norm_destroy(c.norm);
    expr_destroy(c.prereqs);
    ovnacts_destroy(&c.acts);
}
const struct inc_rule logical_flows = {
    .name = "logical_flows", .driver = &sb_logical_flow_table.inc,
    .run = run_logical_flows, .flags = INC_SERIAL,
};

/* ---- For people. ---- */

struct conj_listing {
    void (*cb)(const struct conj_block *, void *aux);
    void *aux;
};

static void
list_conj_block(const struct sb_logical_flow *lflow,
                const struct local_datapath *ld, void *listing_)
{
    const struct conj_listing *listing = listing_;
    struct uuid owner = conj_owner(lflow, local_datapath_key(ld));
    uint32_t block;

    if (inc_pool_value(conj_pool, owner, &block)) {
        listing->cb(&(struct conj_block) {
            .lflow = *sb_logical_flow_uuid(lflow), .ld = ld,
            .first = block << CONJ_BLOCK_BITS,
            .last = ((block + 1) << CONJ_BLOCK_BITS) - 1,
        }, listing->aux);
    }
}

void
conj_blocks_list(void (*cb)(const struct conj_block *, void *aux), void *aux)
{
    struct conj_listing listing = { cb, aux };
    const struct sb_logical_flow *lflow;

    INC_FOR_EACH (lflow, &sb_logical_flow_table.inc) {
        for_each_datapath(lflow, list_conj_block, &listing);
    }
}
