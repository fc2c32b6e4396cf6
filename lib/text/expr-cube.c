/* Cubes: ANDs of conditions on bits of different variables. */

#include <config.h>
#include "text/expr-private.h"

#include "hash.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "util.h"

const struct cube empty_cube = { .vars = 0, .n = 0 };

static struct cube *
cube_alloc(struct arena *arena, size_t n)
{
    return arena_alloc(arena, sizeof(struct cube) + n * sizeof(struct term));
}

const struct cube *
cube_from_term(struct arena *arena, const struct term *term)
{
    struct cube *cube = cube_alloc(arena, 1);

    cube->vars = UINT64_C(1) << term->var;
    cube->n = 1;
    cube->terms[0] = *term;
    return cube;
}

const struct cube *
cube_and(struct arena *arena, const struct cube *a, const struct cube *b)
{
    if (!a->n || !b->n) {
        return a->n ? a : b;
    } else if ((a->vars & b->vars) && !cubes_overlap(a, b)) {
        return NULL;
    }

    struct cube *out = cube_alloc(
        arena, __builtin_popcountll(a->vars | b->vars));
    size_t i = 0, j = 0;

    out->vars = a->vars | b->vars;
    out->n = 0;
    while (i < a->n || j < b->n) {
        struct term *t = &out->terms[out->n++];

        if (j >= b->n || (i < a->n && a->terms[i].var < b->terms[j].var)) {
            *t = a->terms[i++];
        } else if (i >= a->n || b->terms[j].var < a->terms[i].var) {
            *t = b->terms[j++];
        } else {
            *t = a->terms[i++];
            t->value |= b->terms[j].value;
            t->mask |= b->terms[j++].mask;
        }
    }
    return out;
}

bool
cubes_overlap(const struct cube *a, const struct cube *b)
{
    size_t i = 0, j = 0;

    if (!(a->vars & b->vars)) {
        return true;
    }
    while (i < a->n && j < b->n) {
        const struct term *x = &a->terms[i];
        const struct term *y = &b->terms[j];

        if (x->var == y->var
            && ((x->value ^ y->value) & x->mask & y->mask)) {
            return false;
        }
        i += x->var <= y->var;
        j += y->var <= x->var;
    }
    return true;
}

bool
cube_implies(const struct cube *a, const struct cube *b)
{
    size_t i = 0;

    if (b->vars & ~a->vars) {
        return false;
    }
    for (size_t j = 0; j < b->n; j++) {
        const struct term *y = &b->terms[j];

        while (a->terms[i].var < y->var) {
            i++;
        }
        if ((y->mask & ~a->terms[i].mask)
            || ((a->terms[i].value ^ y->value) & y->mask)) {
            return false;
        }
    }
    return true;
}

bool
cube_equals(const struct cube *a, const struct cube *b)
{
    if (a->vars != b->vars) {
        return false;
    }
    for (size_t i = 0; i < a->n; i++) {
        if (a->terms[i].value != b->terms[i].value
            || a->terms[i].mask != b->terms[i].mask) {
            return false;
        }
    }
    return true;
}

uint32_t
cube_hash(const struct cube *cube)
{
    uint32_t hash = hash_uint64(cube->vars);

    for (size_t i = 0; i < cube->n; i++) {
        hash = hash_bytes(&cube->terms[i].value, 2 * sizeof(wide), hash);
    }
    return hash;
}

static void
term_format(const struct term *term, const struct variable *var,
            const char **strings, struct ds *ds)
{
    bool exact = term->mask == wide_ones(var->width);

    ds_put_cstr(ds, var->field->name);
    ds_put_char(ds, '=');
    if (!var->width) {
        json_string_escape(strings[term->value], ds);
    } else {
        token_format_integer(term->value, term->mask, !exact, FORMAT_HEX, ds);
    }
}

void
cube_format(const struct cube *cube, const struct symtab *symtab,
            const char **strings, struct ds *ds)
{
    if (!cube->n) {
        ds_put_cstr(ds, "any");
    }
    for (size_t i = 0; i < cube->n; i++) {
        const struct term *term = &cube->terms[i];

        if (i) {
            ds_put_char(ds, ',');
        }
        term_format(term, &symtab->vars[term->var], strings, ds);
    }
}
