/* Sets of numbers as lists of masked values.
 *
 * If all masks are prefixes, a set is a union of intervals, and complement and
 * intersection are exact and small: an interval of W-bit numbers takes at most
 * 2W - 2 prefixes.  With other masks either may be large; both functions have
 * limits, beyond which the caller has to do without. */

#include <config.h>
#include "text/expr-private.h"

#include "util.h"

/* Intersections of this many elements need not be worth it. */
#define SMALL_SET 64

/* Pairs of elements that are looked at for an intersection. */
#define MAX_PAIRS 10000000

struct interval {
    wide low, high;             /* Inclusive. */
};

struct intervals {
    struct interval *v;
    size_t n;
};

static bool
is_intervals(const struct value_set *set)
{
    for (size_t i = 0; i < set->n; i++) {
        if (!wide_is_prefix_mask(set->elems[i].mask, set->width)) {
            return false;
        }
    }
    return true;
}

static int
compare_intervals(const void *a_, const void *b_)
{
    const struct interval *a = a_;
    const struct interval *b = b_;

    return a->low < b->low ? -1 : a->low > b->low;
}

/* Converts 'set' to disjoint, ascending intervals with gaps between them. */
static struct intervals
to_intervals(struct arena *arena, const struct value_set *set)
{
    struct intervals out = {
        arena_alloc(arena, set->n * sizeof *out.v), set->n
    };
    size_t n = 0;

    for (size_t i = 0; i < set->n; i++) {
        out.v[i].low = set->elems[i].value;
        out.v[i].high = (set->elems[i].value
                         | (~set->elems[i].mask & wide_ones(set->width)));
    }
    if (out.n) {
        qsort(out.v, out.n, sizeof *out.v, compare_intervals);
    }
    for (size_t i = 0; i < out.n; i++) {
        if (n && (out.v[i].low <= out.v[n - 1].high
                  || out.v[i].low - 1 == out.v[n - 1].high)) {
            out.v[n - 1].high = MAX(out.v[n - 1].high, out.v[i].high);
        } else {
            out.v[n++] = out.v[i];
        }
    }
    out.n = n;
    return out;
}

/* Appends to 'elems' (if nonnull) the fewest prefixes that make up 'in'.
 * Returns their number. */
static size_t
interval_to_masked(struct interval in, int width, struct masked *elems)
{
    wide ones = wide_ones(width);
    size_t n = 0;

    for (;;) {
        /* The largest aligned block that starts at 'low' and fits. */
        int bits = in.low ? wide_ctz(in.low) : width;
        while (in.low + wide_ones(bits) > in.high
               || in.low + wide_ones(bits) < in.low) {
            bits--;
        }
        if (elems) {
            elems[n].value = in.low;
            elems[n].mask = ones & ~wide_ones(bits);
        }
        n++;

        wide last = in.low + wide_ones(bits);
        if (last >= in.high) {
            return n;
        }
        in.low = last + 1;
    }
}

static void
from_intervals(struct arena *arena, const struct intervals *in, int width,
               struct value_set *set)
{
    size_t n = 0;

    for (size_t i = 0; i < in->n; i++) {
        n += interval_to_masked(in->v[i], width, NULL);
    }
    set->width = width;
    set->elems = arena_alloc(arena, n * sizeof *set->elems);
    set->n = 0;
    for (size_t i = 0; i < in->n; i++) {
        set->n += interval_to_masked(in->v[i], width, set->elems + set->n);
    }
}

static int
compare_masked(const void *a_, const void *b_)
{
    const struct masked *a = a_;
    const struct masked *b = b_;

    return (a->mask != b->mask ? (a->mask < b->mask ? -1 : 1)
            : a->value != b->value ? (a->value < b->value ? -1 : 1)
            : 0);
}

/* Drops duplicates.  Does not drop what is part of something else: whoever
 * adds and removes members of an address set one by one counts on each having
 * its own flow. */
static void
remove_duplicates(struct value_set *set)
{
    size_t n = 0;

    if (set->n > 1) {
        qsort(set->elems, set->n, sizeof *set->elems, compare_masked);
    }
    for (size_t i = 0; i < set->n; i++) {
        if (!n || compare_masked(&set->elems[n - 1], &set->elems[i])) {
            set->elems[n++] = set->elems[i];
        }
    }
    set->n = n;
}

/* Elements for == and, to be complemented, for !=. */
static void
from_constants(struct arena *arena, const struct node_cmp *cmp,
               struct value_set *set)
{
    wide ones = wide_ones(cmp->n_bits);

    set->width = cmp->n_bits;
    set->elems = arena_alloc(arena, cmp->n * sizeof *set->elems);
    set->n = cmp->n;
    for (size_t i = 0; i < cmp->n; i++) {
        const struct constant *c = &cmp->constants[i];

        set->elems[i].mask = c->masked ? c->mask : ones;
        set->elems[i].value = c->value & set->elems[i].mask;
    }
    remove_duplicates(set);
}

/* Stores in '*set' the values for which 'cmp' is true, except for RELOP_NE
 * those for which it is false. */
void
value_set_from_cmp(struct arena *arena, const struct node_cmp *cmp,
                   struct value_set *set)
{
    wide ones = wide_ones(cmp->n_bits);
    struct interval interval = { 0, ones };
    struct intervals intervals = { &interval, 1 };
    wide value = cmp->n ? cmp->constants[0].value : 0;

    switch (cmp->relop) {
    case RELOP_EQ:
    case RELOP_NE:
        from_constants(arena, cmp, set);
        return;
    case RELOP_LT:
        intervals.n = value > 0;
        interval.high = value - 1;
        break;
    case RELOP_LE:
        interval.high = value;
        break;
    case RELOP_GT:
        intervals.n = value < ones;
        interval.low = value + 1;
        break;
    case RELOP_GE:
        interval.low = value;
        break;
    }
    from_intervals(arena, &intervals, cmp->n_bits, set);
}

static void
and_intervals(struct arena *arena, const struct intervals *a,
              const struct intervals *b, struct intervals *out)
{
    size_t i = 0, j = 0;

    out->v = arena_alloc(arena, (a->n + b->n) * sizeof *out->v);
    out->n = 0;
    while (i < a->n && j < b->n) {
        struct interval both = {
            MAX(a->v[i].low, b->v[j].low), MIN(a->v[i].high, b->v[j].high)
        };

        if (both.low <= both.high) {
            out->v[out->n++] = both;
        }
        if (a->v[i].high < b->v[j].high) {
            i++;
        } else {
            j++;
        }
    }
}

static bool
is_exact(const struct value_set *set)
{
    for (size_t i = 0; i < set->n; i++) {
        if (set->elems[i].mask != wide_ones(set->width)) {
            return false;
        }
    }
    return true;
}

static bool
intervals_contain(const struct intervals *intervals, wide x)
{
    size_t low = 0, high = intervals->n;

    while (low < high) {
        size_t mid = (low + high) / 2;

        if (x > intervals->v[mid].high) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low < intervals->n && x >= intervals->v[low].low;
}

/* A set sorted for looking up numbers: elements of one mask are a run. */
struct lookup {
    struct value_set set;
    size_t *runs;               /* Where they begin, and the end. */
    size_t n_runs;
};

static void
lookup_init(struct arena *arena, const struct value_set *set,
            struct lookup *lookup)
{
    lookup->set = *set;
    lookup->set.elems = arena_memdup(arena, set->elems,
                                     set->n * sizeof *set->elems);
    remove_duplicates(&lookup->set);
    lookup->runs = arena_alloc(arena,
                               (set->n + 1) * sizeof *lookup->runs);
    lookup->n_runs = 0;
    for (size_t i = 0; i < lookup->set.n; i++) {
        const struct masked *m = &lookup->set.elems[i];

        if (!i || m[-1].mask != m->mask) {
            lookup->runs[lookup->n_runs++] = i;
        }
    }
    lookup->runs[lookup->n_runs] = lookup->set.n;
}

static bool
lookup_contains(const struct lookup *lookup, wide x)
{
    for (size_t i = 0; i < lookup->n_runs; i++) {
        const struct masked *run = &lookup->set.elems[lookup->runs[i]];
        struct masked key = { x & run->mask, run->mask };

        if (bsearch(&key, run, lookup->runs[i + 1] - lookup->runs[i],
                    sizeof *run, compare_masked)) {
            return true;
        }
    }
    return false;
}

/* Stores in '*out' those elements of 'exact' that are in 'filter'.  The result
 * is exact, too, as nominal fields need it, even where fewer masked values
 * would do. */
static void
filter_exact(struct arena *arena, const struct value_set *exact,
             const struct value_set *filter, struct value_set *out)
{
    bool is_prefixes = is_intervals(filter);
    struct intervals intervals;
    struct lookup lookup;

    if (is_prefixes) {
        intervals = to_intervals(arena, filter);
    } else {
        lookup_init(arena, filter, &lookup);
    }
    out->width = exact->width;
    out->elems = arena_alloc(arena, exact->n * sizeof *out->elems);
    out->n = 0;
    for (size_t i = 0; i < exact->n; i++) {
        wide x = exact->elems[i].value;

        if (is_prefixes ? intervals_contain(&intervals, x)
            : lookup_contains(&lookup, x)) {
            out->elems[out->n++] = exact->elems[i];
        }
    }
}

/* Intersects masked values one by one.  Returns false if the result would
 * have more than 'max' elements, or take too long. */
static bool
and_pairs(struct arena *arena, const struct value_set *a,
          const struct value_set *b, size_t max, struct value_set *out)
{
    struct masked *elems = arena_alloc(arena, max * sizeof *elems);
    size_t n = 0;

    if (b->n && a->n > MAX_PAIRS / b->n) {
        return false;
    }
    for (size_t i = 0; i < a->n; i++) {
        for (size_t j = 0; j < b->n; j++) {
            const struct masked *x = &a->elems[i];
            const struct masked *y = &b->elems[j];

            if ((x->value ^ y->value) & x->mask & y->mask) {
                continue;
            } else if (n >= max) {
                return false;
            }
            elems[n].value = x->value | y->value;
            elems[n].mask = x->mask | y->mask;
            n++;
        }
    }
    *out = (struct value_set) { a->width, elems, n };
    remove_duplicates(out);
    return true;
}

bool
value_set_and(struct arena *arena, const struct value_set *a,
              const struct value_set *b, struct value_set *out)
{
    if (is_exact(a)) {
        filter_exact(arena, a, b, out);
        return true;
    } else if (is_exact(b)) {
        filter_exact(arena, b, a, out);
        return true;
    } else if (is_intervals(a) && is_intervals(b)) {
        struct intervals ia = to_intervals(arena, a);
        struct intervals ib = to_intervals(arena, b);
        struct intervals both;

        and_intervals(arena, &ia, &ib, &both);
        from_intervals(arena, &both, a->width, out);
        return true;
    }
    return and_pairs(arena, a, b, MAX(a->n + b->n, SMALL_SET), out);
}

static void
not_intervals(struct arena *arena, const struct intervals *in, wide ones,
              struct intervals *out)
{
    wide next = 0;
    bool done = false;

    out->v = arena_alloc(arena, (in->n + 1) * sizeof *out->v);
    out->n = 0;
    for (size_t i = 0; i < in->n; i++) {
        if (in->v[i].low > next) {
            out->v[out->n++] = (struct interval) { next, in->v[i].low - 1 };
        }
        next = in->v[i].high + 1;
        done = in->v[i].high == ones;
    }
    if (!done) {
        out->v[out->n++] = (struct interval) { next, ones };
    }
}

/* The complement of one masked value: any bit of the mask differs. */
void
value_set_not_masked(struct arena *arena, const struct masked *m, int width,
                     struct value_set *out)
{
    out->width = width;
    out->elems = arena_alloc(arena,
                             wide_popcount(m->mask) * sizeof *out->elems);
    out->n = 0;
    for (wide rest = m->mask; rest; rest &= rest - 1) {
        wide bit = rest & -rest;

        out->elems[out->n].value = ~m->value & bit;
        out->elems[out->n].mask = bit;
        out->n++;
    }
}

/* Returns a bit outside 'fixed' that most of 'elems' have in their masks, the
 * most significant one of several. */
static wide
most_common_bit(const struct masked *elems, size_t n, wide fixed)
{
    size_t counts[WIDE_BITS] = { 0 };
    int best = 0;

    for (size_t i = 0; i < n; i++) {
        for (wide rest = elems[i].mask & ~fixed; rest; rest &= rest - 1) {
            counts[wide_ctz(rest)]++;
        }
    }
    for (int i = 1; i < WIDE_BITS; i++) {
        best = counts[i] >= counts[best] ? i : best;
    }
    return (wide) 1 << best;
}

/* Numbers that a complement is made of. */
struct complement {
    struct masked *elems;
    size_t n, allocated;
    size_t max;
};

/* Adds to 'c' the numbers in 'fixed' that are in none of 'elems', by looking
 * at one bit after the other.  Where all elements have the same mask, that is
 * about as many as there are elements times bits in the mask.  Returns false
 * if it would be more than 'c->max'. */
static bool
subtract(struct complement *c, const struct masked *elems, size_t n,
         struct masked fixed)
{
    wide common = ~(wide) 0;

    for (size_t i = 0; i < n; i++) {
        if (!(elems[i].mask & ~fixed.mask)) {
            return true;
        }
        common &= elems[i].mask & ~fixed.mask;
    }
    if (!n) {
        if (c->n >= c->max) {
            return false;
        }
        if (c->n >= c->allocated) {
            c->elems = x2nrealloc(c->elems, &c->allocated, sizeof *c->elems);
        }
        c->elems[c->n++] = fixed;
        return true;
    }

    wide bit = (common ? (wide) 1 << (wide_width(common) - 1)
                : most_common_bit(elems, n, fixed.mask));
    struct masked *some = xmalloc(n * sizeof *some);
    bool ok = true;

    fixed.mask |= bit;
    for (int side = 0; side < 2 && ok; side++) {
        size_t n_some = 0;

        fixed.value ^= side ? bit : 0;
        for (size_t i = 0; i < n; i++) {
            if (!(elems[i].mask & (elems[i].value ^ fixed.value) & bit)) {
                some[n_some++] = elems[i];
            }
        }
        ok = subtract(c, some, n_some, fixed);
    }
    free(some);
    return ok;
}

bool
value_set_not(struct arena *arena, const struct value_set *set, size_t max,
              struct value_set *out)
{
    if (is_intervals(set)) {
        struct intervals in = to_intervals(arena, set);
        struct intervals inverse;

        not_intervals(arena, &in, wide_ones(set->width), &inverse);
        from_intervals(arena, &inverse, set->width, out);
        return true;
    } else if (set->n == 1) {
        value_set_not_masked(arena, &set->elems[0], set->width, out);
        return true;
    }

    struct complement c = { .max = max };
    bool ok = subtract(&c, set->elems, set->n, (struct masked) { 0, 0 });

    out->width = set->width;
    out->elems = arena_memdup(arena, c.elems, c.n * sizeof *c.elems);
    out->n = c.n;
    free(c.elems);
    return ok;
}

void
value_set_or(struct arena *arena, const struct value_set *a,
             const struct value_set *b, struct value_set *out)
{
    struct masked *elems = arena_alloc(arena,
                                       (a->n + b->n) * sizeof *elems);

    if (a->n) {
        memcpy(elems, a->elems, a->n * sizeof *elems);
    }
    if (b->n) {
        memcpy(elems + a->n, b->elems, b->n * sizeof *elems);
    }
    *out = (struct value_set) { a->width, elems, a->n + b->n };
    remove_duplicates(out);
}
