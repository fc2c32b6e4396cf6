#include <config.h>
#include "northd/emit.h"

#include "hash.h"
#include "northd/feature.h"
#include "northd/model/datapath.h"

/* ---- Merging: one flow, several units that emit it. ---- */

static int
compare_handles(const void *a_, const void *b_)
{
    const struct dps *a = a_;
    const struct dps *b = b_;
    return a->handle < b->handle ? -1 : a->handle > b->handle;
}

static void
merge_lflow(const void *const *in, size_t n, void *out)
{
    struct lflow_v *flow = out;
    size_t total = 0;

    for (size_t i = 0; i < n; i++) {
        const struct lflow_v *v = in[i];
        total += IBLOB_N(v->dps, struct dps);
    }

    struct dps *all = xmalloc(total * sizeof *all);
    size_t n_all = 0;
    for (size_t i = 0; i < n; i++) {
        const struct lflow_v *v = in[i];
        size_t bytes = iblob_size(v->dps);
        memcpy(&all[n_all], v->dps.p, bytes);
        n_all += bytes / sizeof *all;
        /* Where it stands in our source is the same for every build only
         * if the choice does not depend on the order of 'in'. */
        if (strcmp(v->source, flow->source) < 0) {
            flow->source = v->source;
        }
    }
    qsort(all, n_all, sizeof *all, compare_handles);

    size_t n_distinct = 0;
    for (size_t i = 0; i < n_all; i++) {
        if (!n_distinct || all[n_distinct - 1].handle != all[i].handle) {
            all[n_distinct++] = all[i];
        }
    }
    flow->dps = iblob_intern(all, n_distinct * sizeof *all);
    free(all);
}

INC_TABLE_DEFINE(lflow, LFLOW_FIELDS, .kind = INC_OUTPUT,
                 .combine = INC_MERGE, .merge = merge_lflow);

static void
hash_string128(istr s, ovs_u128 *hash)
{
    if (s.s) {
        hash_bytes128(s.s, istr_len(s), 0, hash);
    }
}

/* Identity of a flow: all that never changes in its row.  Not 'source', so
 * that a new build does not replace every row. */
static struct uuid
content_uuid(enum stage stage, uint16_t priority, istr match, istr actions,
           const struct lflow_v *v)
{
    struct {
        uint32_t stage, priority, hint, pad;
        ovs_u128 match, actions, io_port, meter;
    } content = {
        .stage = stages[stage].table | stages[stage].egress << 8
                 | stages[stage].router << 9,
        .priority = priority,
        .hint = v->hint,
    };
    hash_string128(match, &content.match);
    hash_string128(actions, &content.actions);
    hash_string128(v->io_port, &content.io_port);
    hash_string128(v->meter, &content.meter);
    return db_hash_uuid("Logical_Flow", &content, sizeof content);
}

void
flow__(struct dps dps, enum stage stage, uint16_t priority, istr match,
       istr actions, const struct flow_args *args)
{
    const struct db_row *hint = args->hint;
    struct lflow_v v = {
        .match = match,
        .actions = actions,
        .io_port = istr_intern(args->io_port),
        .meter = istr_intern(args->meter),
        .source = args->source,
        .hint = hint ? hint->uuid.parts[0] : 0,
        .stage = stage,
        .priority = priority,
        .dps = iblob_intern(&dps, sizeof dps),
    };
    v.uuid = content_uuid(stage, priority, match, actions, &v);
    emit_lflow(&v);
}

void
static_flows(const struct static_flow *flows, size_t n)
{
    for (const struct static_flow *f = flows; f < &flows[n]; f++) {
        if (dp_class_is_used(f->class)) {
            flow__(dps_class(f->class), f->stage, f->priority,
                   istr_intern(f->match), istr_intern(f->actions),
                   &(const struct flow_args) { .source = f->source });
        }
    }
}

/* ---- What a set of handles means. ---- */

static void
lflow_dps_key(const void *v_, struct inc_keys *keys)
{
    const struct lflow_v *v = v_;
    inc_keys_add(keys, &v->dps, sizeof v->dps);
}
struct inc_index lflow_by_dps = {
    .name = "lflow_by_dps", .table = &lflow_table, .keys = lflow_dps_key,
    .mask = INC_MASK(lflow, dps),
};

/* A set's meaning changed: every flow that applies to it is to be compared
 * with the database again (its text stays). */
static void
dps_meaning_changed(const struct inc_row *row, uint32_t mask OVS_UNUSED)
{
    const struct dps_meaning_v *v = dps_meaning_untracked(row);
    const struct inc_bucket *flows = inc_find(&lflow_by_dps, &v->dps,
                                              sizeof v->dps);
    for (size_t i = 0; i < inc_bucket_n_untracked(flows); i++) {
        inc_touch(CONST_CAST(struct inc_row *,
                             inc_bucket_at_untracked(flows, i)));
    }
}

INC_TABLE_DEFINE(dps_meaning, DPS_MEANING_FIELDS, .kind = INC_DERIVED,
                 .on_change = dps_meaning_changed);
INC_TABLE_DEFINE(sb_dp_group, SB_DP_GROUP_FIELDS, .kind = INC_OUTPUT);

static int
compare_uuids(const void *a, const void *b)
{
    return uuid_compare_3way(a, b);
}

/* Appends the Datapath_Binding uuids behind 'dps' to the array. */
static void
expand_handle(struct dps dps, struct uuid **uuids, size_t *n, size_t *cap)
{
    if (!dps_is_class(dps)) {
        if (*n >= *cap) {
            *uuids = x2nrealloc(*uuids, cap, sizeof **uuids);
        }
        (*uuids)[(*n)++]
            = datapath_sb_uuid((const struct datapath *) dps.handle);
        return;
    }

    uint32_t class = dps_to_class(dps);
    const struct dp_class_member *member;
    INC_BUCKET_FOR_EACH (member, inc_find(&dp_class_members, &class,
                                          sizeof class)) {
        if (*n >= *cap) {
            *uuids = x2nrealloc(*uuids, cap, sizeof **uuids);
        }
        (*uuids)[(*n)++] = datapath_sb_uuid(dp_class_member_dp(member));
    }
}

/* Emits the group of the 'n' sorted, distinct 'uuids' and returns its uuid,
 * which is a hash of its members: controllers take a group's row for
 * immutable, so that another set has to be another row. */
static struct uuid
emit_group(const struct uuid *uuids, size_t n)
{
    struct uuid group = db_hash_uuid("Logical_DP_Group", uuids,
                                     n * sizeof *uuids);
    struct db_set *set = db_set_start();
    for (size_t i = 0; i < n; i++) {
        db_set_uuid(set, &uuids[i]);
    }
    emit_sb_dp_group(&(struct sb_dp_group_v) {
        .uuid = group, .datapaths = db_set_finish(set),
    });
    return group;
}

static void
run_dps_meanings(const void *row)
{
    size_t len;
    const iblob *key = inc_bucket_key(row, &len);
    const struct dps *handles = key->p;
    struct uuid *uuids = NULL;
    size_t n = 0, cap = 0;

    for (size_t i = 0; i < IBLOB_N(*key, struct dps); i++) {
        expand_handle(handles[i], &uuids, &n, &cap);
    }
    if (n > 1) {
        qsort(uuids, n, sizeof *uuids, compare_uuids);
        size_t distinct = 1;
        for (size_t i = 1; i < n; i++) {
            if (!uuid_equals(&uuids[distinct - 1], &uuids[i])) {
                uuids[distinct++] = uuids[i];
            }
        }
        n = distinct;
    }

    /* A class can become empty in the run in which its flows go. */
    if (n) {
        emit_dps_meaning(&(struct dps_meaning_v) {
            .dps = *key,
            .is_group = n > 1,
            .uuid = n > 1 ? emit_group(uuids, n) : uuids[0],
        });
    }
    free(uuids);
}
const struct inc_rule dps_meanings = {
    .name = "dps_meanings", .bucket_driver = &lflow_by_dps,
    .run = run_dps_meanings,
};
