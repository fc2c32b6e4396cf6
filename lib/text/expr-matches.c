/* From the normal form to OpenFlow matches.
 *
 * A product without clauses is one flow.  With one clause it is a flow for
 * each alternative.  With more, the alternatives become flows with
 * conjunction() actions, if that is less than to write out all combinations,
 * and one more flow matches on the conjunction's id. */

#include <config.h>
#include "text/expr-private.h"

#include "flow.h"
#include "hash.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/hmap.h"
#include "openvswitch/ofp-match.h"
#include "svec.h"
#include "util.h"

/* Up to this many combinations are written out.  conjunction() would take
 * hardly less flows (2 x 4: 7 instead of 8) and costs the switch more. */
#define MAX_CROSSPRODUCT 8

struct row {
    struct hmap_node hmap_node;
    const struct cube *cube;
    uint32_t conj_id;
    bool unconditional;         /* Without conjunctions. */
    struct expr_conj *conjs;
    size_t n_conjs, allocated_conjs;
};

struct converter {
    const struct expr_norm *norm;
    struct arena *arena;        /* Of the result. */
    struct arena scratch;
    struct hmap rows;
    struct row **order;         /* In order of creation. */
    size_t n_rows, allocated_rows;
    uint64_t string_vars;       /* 1-bits for variables that are strings, */
    uint64_t port_vars;         /* ... that only packets with ports have. */
    uint8_t frag_var;           /* The variable for ip.frag. */
    bool *port_exists;          /* By index in norm->strings. */
    uint32_t *port_keys;
};

bool
use_crossproduct(const size_t *sizes, size_t n)
{
    size_t product = 1;

    for (size_t i = 0; i < n; i++) {
        product *= sizes[i];
        if (product > MAX_CROSSPRODUCT) {
            return false;
        }
    }
    return true;
}

/* Rows. */

static struct row *
get_row(struct converter *cv, const struct cube *cube, uint32_t conj_id)
{
    uint32_t hash = hash_int(conj_id, cube_hash(cube));
    struct row *row;

    HMAP_FOR_EACH_WITH_HASH (row, hmap_node, hash, &cv->rows) {
        if (row->conj_id == conj_id && cube_equals(row->cube, cube)) {
            return row;
        }
    }

    row = xzalloc(sizeof *row);
    row->cube = cube;
    row->conj_id = conj_id;
    hmap_insert(&cv->rows, &row->hmap_node, hash);
    if (cv->n_rows >= cv->allocated_rows) {
        cv->order = x2nrealloc(cv->order, &cv->allocated_rows,
                               sizeof *cv->order);
    }
    cv->order[cv->n_rows++] = row;
    return row;
}

/* A fragment other than the first has no ports: they count as 0, and the
 * switch refuses flows that match on them.  Returns 'cube' without these
 * conditions if it says that a packet is such a fragment, or null if there is
 * no such packet. */
static const struct cube *
without_absent_ports(struct converter *cv, const struct cube *cube)
{
    const uint64_t frag = UINT64_C(1) << cv->frag_var;
    const struct cube *out = &empty_cube;
    bool later = false;

    if (!(cube->vars & cv->port_vars) || !(cube->vars & frag)) {
        return cube;
    }
    for (size_t i = 0; i < cube->n; i++) {
        const struct term *t = &cube->terms[i];

        later |= t->var == cv->frag_var && t->value & FLOW_NW_FRAG_LATER;
    }
    for (size_t i = 0; i < cube->n && later; i++) {
        const struct term *t = &cube->terms[i];

        if (!(cv->port_vars & UINT64_C(1) << t->var)) {
            out = cube_and(cv->arena, out, cube_from_term(cv->arena, t));
        } else if (t->value) {
            return NULL;
        }
    }
    return later ? out : cube;
}

static void
add_flow(struct converter *cv, const struct cube *cube, uint32_t conj_id)
{
    cube = without_absent_ports(cv, cube);
    if (cube) {
        get_row(cv, cube, conj_id)->unconditional = true;
    }
}

static void
add_conj(struct converter *cv, const struct cube *cube,
         const struct expr_conj *conj)
{
    cube = without_absent_ports(cv, cube);
    if (!cube) {
        return;
    }

    struct row *row = get_row(cv, cube, 0);

    for (size_t i = 0; i < row->n_conjs; i++) {
        if (row->conjs[i].id == conj->id
            && row->conjs[i].clause == conj->clause) {
            return;
        }
    }
    if (row->n_conjs >= row->allocated_conjs) {
        row->conjs = x2nrealloc(row->conjs, &row->allocated_conjs,
                                sizeof *row->conjs);
    }
    row->conjs[row->n_conjs++] = *conj;
}

/* Port names. */

/* Returns 'cube' with numbers for strings, or null if it names a port that
 * does not exist or contradicts itself. */
static const struct cube *
resolve_cube(struct converter *cv, const struct cube *cube)
{
    const struct cube *out = &empty_cube;

    if (!(cube->vars & cv->string_vars)) {
        return cube;
    }
    for (size_t i = 0; i < cube->n; i++) {
        const struct term *t = &cube->terms[i];
        const struct variable *var = &cv->norm->symtab->vars[t->var];
        struct term number = *t;

        if (!var->width) {
            if (!cv->port_exists[t->value]) {
                return NULL;
            }
            number.var = var->number_var;
            number.value = ((wide) cv->port_keys[t->value]
                            << var->number_ofs);
            number.mask = wide_ones(32) << var->number_ofs;
        }
        out = cube_and(cv->arena, out, cube_from_term(cv->arena, &number));
        if (!out) {
            return NULL;
        }
    }
    return out;
}

/* Products. */

/* The clauses of a product while it is converted. */
struct work {
    const struct cube **cubes;
    size_t n;
};

/* Resolves 'clause'. */
static void
resolve_clause(struct converter *cv, const struct clause *clause,
               struct work *work)
{
    work->cubes = arena_alloc(&cv->scratch, clause->n * sizeof *work->cubes);
    work->n = 0;
    for (size_t i = 0; i < clause->n; i++) {
        const struct cube *cube = resolve_cube(cv, clause->cubes[i]);

        if (cube) {
            work->cubes[work->n++] = cube;
        }
    }
}

/* Removes what 'base' excludes from 'work'.  Returns false if the clause is
 * true anyhow. */
static bool
restrict_work(struct work *work, const struct cube *base)
{
    size_t n = 0;

    for (size_t i = 0; i < work->n; i++) {
        if (cube_implies(base, work->cubes[i])) {
            return false;
        }
        if (cubes_overlap(work->cubes[i], base)) {
            work->cubes[n++] = work->cubes[i];
        }
    }
    work->n = n;
    return true;
}

/* Moves what has a single alternative from 'works' to 'base'.  Returns the
 * new base, null if there is no such packet. */
static const struct cube *
settle_works(struct converter *cv, struct work *works, size_t *np,
             const struct cube *base)
{
    bool changed = true;

    while (changed && base) {
        size_t n = 0;

        changed = false;
        for (size_t i = 0; i < *np && base; i++) {
            struct work work = works[i];

            if (!restrict_work(&work, base)) {
                continue;
            } else if (work.n >= 2) {
                works[n++] = work;
            } else {
                base = (work.n ? cube_and(cv->arena, base, work.cubes[0])
                        : NULL);
                changed = true;
            }
        }
        *np = n;
    }
    return base;
}

static void
add_combinations(struct converter *cv, const struct work *works, size_t n,
                 const struct cube *cube)
{
    if (!n) {
        add_flow(cv, cube, 0);
        return;
    }
    for (size_t i = 0; i < works[0].n; i++) {
        const struct cube *both = cube_and(cv->arena, cube,
                                           works[0].cubes[i]);

        if (both) {
            add_combinations(cv, works + 1, n - 1, both);
        }
    }
}

static void
add_conjunction(struct converter *cv, const struct work *works, size_t n,
                const struct cube *base, uint32_t id)
{
    for (size_t i = 0; i < n; i++) {
        struct expr_conj conj = { .id = id, .clause = i, .n_clauses = n };

        for (size_t j = 0; j < works[i].n; j++) {
            const struct cube *both = cube_and(cv->arena, base,
                                               works[i].cubes[j]);

            if (both) {
                add_conj(cv, both, &conj);
            }
        }
    }
    add_flow(cv, base, id);
}

/* Converts a product whose clauses have at least two alternatives left. */
static void
convert_works(struct converter *cv, const struct work *works, size_t n,
              const struct cube *base, uint32_t id)
{
    size_t *sizes = xmalloc((n + 1) * sizeof *sizes);

    for (size_t i = 0; i < n; i++) {
        sizes[i] = works[i].n;
    }
    if (n < 2 || use_crossproduct(sizes, n)) {
        add_combinations(cv, works, n, base);
    } else {
        add_conjunction(cv, works, n, base, id);
    }
    free(sizes);
}

static void
convert_product(struct converter *cv, const struct product *p, uint32_t id)
{
    const struct cube *base = resolve_cube(cv, p->base);
    struct work *works;
    size_t n = p->n;

    if (!base) {
        return;
    }
    works = arena_alloc(&cv->scratch, n * sizeof *works);
    for (size_t i = 0; i < n; i++) {
        resolve_clause(cv, p->clauses[i], &works[i]);
    }
    base = settle_works(cv, works, &n, base);
    base = base ? without_absent_ports(cv, base) : NULL;
    if (base) {
        convert_works(cv, works, n, base, id);
    }
}

static void
resolve_ports(struct converter *cv, expr_port_func *lookup_port, void *aux)
{
    const struct expr_norm *norm = cv->norm;

    cv->port_exists = xzalloc(norm->n_strings * sizeof *cv->port_exists);
    cv->port_keys = xzalloc(norm->n_strings * sizeof *cv->port_keys);
    for (size_t i = 0; i < norm->n_strings; i++) {
        cv->port_exists[i] = (lookup_port
                              && lookup_port(norm->strings[i],
                                             &cv->port_keys[i], aux));
    }
}

static void
find_vars(struct converter *cv)
{
    for (size_t i = 0; i < cv->norm->symtab->n_vars; i++) {
        const struct variable *var = &cv->norm->symtab->vars[i];
        enum mf_prereqs prereqs = var->field->prereqs;

        if (!var->width) {
            cv->string_vars |= UINT64_C(1) << i;
        } else if (prereqs == MFP_TCP || prereqs == MFP_UDP
                   || prereqs == MFP_SCTP) {
            cv->port_vars |= UINT64_C(1) << i;
        } else if (var->field->id == MFF_IP_FRAG) {
            cv->frag_var = i;
        }
    }
}

/* Conjunctions that are left incomplete. */

static void
clear_conjs(struct row *row)
{
    free(row->conjs);
    row->conjs = NULL;
    row->n_conjs = row->allocated_conjs = 0;
}

/* Stores in members[i] which clauses the conjunction 'first_id' + i still has
 * flows for, and in all[i] which it ought to have. */
static void
find_members(const struct converter *cv, uint32_t first_id,
             uint64_t *members, uint64_t *all)
{
    for (size_t i = 0; i < cv->n_rows; i++) {
        const struct row *row = cv->order[i];

        for (size_t j = 0; j < row->n_conjs; j++) {
            const struct expr_conj *c = &row->conjs[j];

            members[c->id - first_id] |= UINT64_C(1) << c->clause;
            all[c->id - first_id] = UINT64_MAX >> (64 - c->n_clauses);
        }
    }
}

/* Whatever conjunctions a flow is in, they lead to the same actions as the
 * flow itself does without a condition, so then it leaves them.  Removes
 * conjunctions that lose all flows of a clause in that way: what they would
 * match is matched already. */
static void
drop_incomplete(struct converter *cv, uint32_t first_id, size_t n_conjs)
{
    uint64_t *members = xcalloc(n_conjs + 1, sizeof *members);
    uint64_t *all = xcalloc(n_conjs + 1, sizeof *all);
    size_t n = 0;

    for (size_t i = 0; i < cv->n_rows; i++) {
        if (cv->order[i]->unconditional) {
            clear_conjs(cv->order[i]);
        }
    }
    find_members(cv, first_id, members, all);
    for (size_t i = 0; i < cv->n_rows; i++) {
        struct row *row = cv->order[i];
        size_t n_left = 0;

        for (size_t j = 0; j < row->n_conjs; j++) {
            uint32_t k = row->conjs[j].id - first_id;

            if (members[k] == all[k]) {
                row->conjs[n_left++] = row->conjs[j];
            }
        }
        row->n_conjs = n_left;

        uint32_t k = row->conj_id - first_id;
        if (row->conj_id ? all[k] && members[k] == all[k]
            : row->unconditional || n_left) {
            cv->order[n++] = row;
        } else {
            clear_conjs(row);
            hmap_remove(&cv->rows, &row->hmap_node);
            free(row);
        }
    }
    cv->n_rows = n;
    free(members);
    free(all);
}

/* Moves the rows to 'out'. */
static void
finish(struct converter *cv, struct expr_matches *out)
{
    out->n = cv->n_rows;
    out->matches = arena_alloc(&out->arena, out->n * sizeof *out->matches);
    for (size_t i = 0; i < cv->n_rows; i++) {
        struct row *row = cv->order[i];
        struct expr_match *m = &out->matches[i];

        m->cube = row->cube;
        m->symtab = cv->norm->symtab;
        m->conj_id = row->conj_id;
        m->n_conjs = row->n_conjs;
        m->conjs = arena_memdup(&out->arena, row->conjs,
                                m->n_conjs * sizeof *m->conjs);
        free(row->conjs);
        free(row);
    }
    free(cv->order);
    hmap_destroy(&cv->rows);
    arena_destroy(&cv->scratch);
    free(cv->port_exists);
    free(cv->port_keys);
}

void
expr_to_matches(const struct expr_norm *norm, expr_port_func *lookup_port,
                void *aux, uint32_t first_conj_id, struct expr_matches *out)
{
    struct converter cv = { .norm = norm, .arena = &out->arena };

    arena_init(&out->arena);
    arena_init(&cv.scratch);
    hmap_init(&cv.rows);
    resolve_ports(&cv, lookup_port, aux);
    find_vars(&cv);
    out->n_conjs = 0;
    for (size_t i = 0; i < norm->n; i++) {
        const struct product *p = norm->products[i];

        convert_product(&cv, p, first_conj_id + out->n_conjs);
        out->n_conjs += p->n >= 2;
    }
    if (out->n_conjs) {
        drop_incomplete(&cv, first_conj_id, out->n_conjs);
    }
    finish(&cv, out);
}

void
expr_matches_destroy(struct expr_matches *matches)
{
    arena_destroy(&matches->arena);
    matches->matches = NULL;
    matches->n = 0;
}

/* Matches. */

/* The caller may have set other registers that are part of the same 128-bit
 * one, so these are filled in one by one. */
static void
fill_registers(const struct term *t, int first_reg, struct match *match)
{
    for (int i = 0; i < 4; i++) {
        uint32_t value = t->value >> (32 * (3 - i));
        uint32_t mask = t->mask >> (32 * (3 - i));

        match->flow.regs[first_reg + i] |= value;
        match->wc.masks.regs[first_reg + i] |= mask;
    }
}

void
expr_match_fill(const struct expr_match *m, struct match *match)
{
    for (size_t i = 0; i < m->cube->n; i++) {
        const struct term *t = &m->cube->terms[i];
        const struct variable *var = &m->symtab->vars[t->var];
        const struct mf_field *field = var->field;

        if (field->id >= MFF_XXREG0 && field->id <= MFF_XXREG3) {
            fill_registers(t, 4 * (field->id - MFF_XXREG0), match);
        } else {
            union mf_value value, mask;

            wide_to_bytes(t->value, &value, field->n_bytes);
            wide_to_bytes(t->mask, &mask, field->n_bytes);

            /* An exact match has no mask: not all ones, if the field does not
             * fill its bytes. */
            bool exact = t->mask == wide_ones(var->width);
            uint32_t protocols = mf_set(field, &value, exact ? NULL : &mask,
                                        match, NULL);
            ovs_assert(protocols);
        }
    }
    if (m->conj_id) {
        match_set_conj_id(match, m->conj_id);
    }
}

void
expr_matches_format(const struct expr_matches *matches, struct ds *ds)
{
    struct svec lines = SVEC_EMPTY_INITIALIZER;
    const char *line;
    size_t i;

    for (i = 0; i < matches->n; i++) {
        const struct expr_match *m = &matches->matches[i];
        struct match match = MATCH_CATCHALL_INITIALIZER;
        struct ds s = DS_EMPTY_INITIALIZER;

        expr_match_fill(m, &match);
        match_format(&match, NULL, &s, OFP_DEFAULT_PRIORITY);
        if (!s.length) {
            ds_put_cstr(&s, "any");
        }
        for (size_t j = 0; j < m->n_conjs; j++) {
            ds_put_format(&s, "%s conjunction(%"PRIu32", %d/%d)",
                          j ? "," : " =>", m->conjs[j].id,
                          m->conjs[j].clause + 1, m->conjs[j].n_clauses);
        }
        svec_add_nocopy(&lines, ds_steal_cstr(&s));
    }
    svec_sort(&lines);
    SVEC_FOR_EACH (i, line, &lines) {
        ds_put_format(ds, "%s\n", line);
    }
    svec_destroy(&lines);
}
