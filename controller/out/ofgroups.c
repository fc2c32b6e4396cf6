#include <config.h>
#include "controller/out/ofgroups.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "openvswitch/hmap.h"
#include "util.h"

/* ---- The tables. ---- */

/* Several units want the same: the texts are equal, but for a moment while a
 * meter changes. */
static void
merge_ofgroup(const void *const *in, size_t n, void *out_)
{
    struct ofgroup_v *out = out_;
    for (size_t i = 1; i < n; i++) {
        const struct ofgroup_v *v = in[i];
        if (strcmp(v->text.s, out->text.s) < 0) {
            out->text = v->text;
        }
    }
}
INC_TABLE_DEFINE(ofgroup, OFGROUP_FIELDS, .kind = INC_OUTPUT,
                 .combine = INC_MERGE, .merge = merge_ofgroup);

static void
merge_ofmeter(const void *const *in, size_t n, void *out_)
{
    struct ofmeter_v *out = out_;
    for (size_t i = 1; i < n; i++) {
        const struct ofmeter_v *v = in[i];
        if (strcmp(v->text.s, out->text.s) < 0) {
            out->text = v->text;
        }
    }
}
INC_TABLE_DEFINE(ofmeter, OFMETER_FIELDS, .kind = INC_OUTPUT,
                 .combine = INC_MERGE, .merge = merge_ofmeter);

/* ---- Numbers. ---- */

/* OpenFlow reserves numbers beyond this for both. */
#define MAX_ID 0xfffeffff

struct ofid {
    struct hmap_node name_node, id_node;
    uint32_t id;
    char *name;
};

static struct ofids {
    struct hmap by_name, by_id;
} all_ids[N_OFID_KINDS] = {
    [OFID_GROUP] = {
        HMAP_INITIALIZER(&all_ids[OFID_GROUP].by_name),
        HMAP_INITIALIZER(&all_ids[OFID_GROUP].by_id),
    },
    [OFID_METER] = {
        HMAP_INITIALIZER(&all_ids[OFID_METER].by_name),
        HMAP_INITIALIZER(&all_ids[OFID_METER].by_id),
    },
};

static bool
is_taken(const struct ofids *ids, uint32_t id)
{
    const struct ofid *ofid;
    HMAP_FOR_EACH_WITH_HASH (ofid, id_node, hash_int(id, 0), &ids->by_id) {
        if (ofid->id == id) {
            return true;
        }
    }
    return false;
}

uint32_t
ofid_of(enum ofid_kind kind, const char *name)
{
    struct ofids *ids = &all_ids[kind];
    uint32_t hash = hash_string(name, 0);
    struct ofid *ofid;

    HMAP_FOR_EACH_WITH_HASH (ofid, name_node, hash, &ids->by_name) {
        if (!strcmp(ofid->name, name)) {
            return ofid->id;
        }
    }

    uint32_t id = hash % MAX_ID + 1;
    while (is_taken(ids, id)) {
        id = id % MAX_ID + 1;
    }
    ofid = xmalloc(sizeof *ofid);
    ofid->id = id;
    ofid->name = xstrdup(name);
    hmap_insert(&ids->by_name, &ofid->name_node, hash);
    hmap_insert(&ids->by_id, &ofid->id_node, hash_int(id, 0));
    return id;
}

uint32_t
ofgroup_want(const char *text)
{
    uint32_t id = ofid_of(OFID_GROUP, text);
    emit_ofgroup(&(struct ofgroup_v) { .id = id, .text = istr_intern(text) });
    return id;
}

static bool
is_wanted(enum ofid_kind kind, uint32_t id)
{
    const struct inc_row *row
        = (kind == OFID_GROUP
           ? inc_row_by_key(&ofgroup_table, &(struct ofgroup_v) { .id = id })
           : inc_row_by_key(&ofmeter_table, &(struct ofmeter_v) { .id = id }));
    return row && !inc_row_is_dead(row);
}

static void
forget(struct ofids *ids, struct ofid *ofid)
{
    hmap_remove(&ids->by_name, &ofid->name_node);
    hmap_remove(&ids->by_id, &ofid->id_node);
    free(ofid->name);
    free(ofid);
}

void
ofids_sweep(void)
{
    static const struct inc_table *const tables[] = {
        [OFID_GROUP] = &ofgroup_table, [OFID_METER] = &ofmeter_table,
    };
    for (int kind = 0; kind < N_OFID_KINDS; kind++) {
        struct ofids *ids = &all_ids[kind];
        struct ofid *ofid;

        if (hmap_count(&ids->by_name)
            <= 2 * hmap_count(&tables[kind]->rows) + 64) {
            continue;
        }
        HMAP_FOR_EACH_SAFE (ofid, name_node, &ids->by_name) {
            if (!is_wanted(kind, ofid->id)) {
                forget(ids, ofid);
            }
        }
    }
}

void
ofids_exit(void)
{
    for (int kind = 0; kind < N_OFID_KINDS; kind++) {
        struct ofids *ids = &all_ids[kind];
        struct ofid *ofid;
        HMAP_FOR_EACH_SAFE (ofid, name_node, &ids->by_name) {
            forget(ids, ofid);
        }
        hmap_destroy(&ids->by_name);
        hmap_destroy(&ids->by_id);
        hmap_init(&ids->by_name);
        hmap_init(&ids->by_id);
    }
}

static int
compare_names(const void *a_, const void *b_)
{
    const struct ofid *const *a = a_;
    const struct ofid *const *b = b_;
    return strcmp((*a)->name, (*b)->name);
}

void
ofids_list(enum ofid_kind kind,
           void (*cb)(const char *name, uint32_t id, void *aux), void *aux)
{
    struct ofids *ids = &all_ids[kind];
    const struct ofid **sorted = xmalloc(hmap_count(&ids->by_name)
                                         * sizeof *sorted + 1);
    const struct ofid *ofid;
    size_t n = 0;

    HMAP_FOR_EACH (ofid, name_node, &ids->by_name) {
        if (is_wanted(kind, ofid->id)) {
            sorted[n++] = ofid;
        }
    }
    qsort(sorted, n, sizeof *sorted, compare_names);
    for (size_t i = 0; i < n; i++) {
        cb(sorted[i]->name, sorted[i]->id, aux);
    }
    free(sorted);
}
