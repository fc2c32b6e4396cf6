#include <config.h>
#include "controller/out/ofobjs.h"

#include <errno.h>

#include "hash.h"
#include "openvswitch/ofp-group.h"
#include "openvswitch/ofp-meter.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(ofobjs);

/* The longest group that fits into a message in a bundle. */
#define MAX_BODY (UINT16_MAX - 64)

/* One that the switch has, or refuses.  'body' is the message that adds it,
 * without transaction id: equal bodies are equal groups or meters.  Holds a
 * reference to it. */
struct ofobj {
    struct hmap_node node;
    uint32_t id;
    iblob body;
};

static const char *
kind_name(const struct ofobjs *o)
{
    return o->kind == OFID_GROUP ? "group" : "meter";
}

/* ---- Sets. ---- */

static struct ofobj *
find_obj(const struct hmap *set, uint32_t id)
{
    struct ofobj *obj;
    HMAP_FOR_EACH_WITH_HASH (obj, node, hash_int(id, 0), set) {
        if (obj->id == id) {
            return obj;
        }
    }
    return NULL;
}

static void
put_obj(struct hmap *set, uint32_t id, iblob body)
{
    struct ofobj *obj = find_obj(set, id);
    if (!obj) {
        obj = xzalloc(sizeof *obj);
        obj->id = id;
        hmap_insert(set, &obj->node, hash_int(id, 0));
    }
    iblob_ref(body);
    iblob_unref(obj->body);
    obj->body = body;
}

/* 'obj' may be NULL. */
static void
remove_obj(struct hmap *set, struct ofobj *obj)
{
    if (obj) {
        hmap_remove(set, &obj->node);
        iblob_unref(obj->body);
        free(obj);
    }
}

static void
clear_set(struct hmap *set)
{
    struct ofobj *obj;
    HMAP_FOR_EACH_SAFE (obj, node, set) {
        remove_obj(set, obj);
    }
}

static void
clear_changes(struct ofobjs *o)
{
    for (size_t i = 0; i < o->n_changes; i++) {
        iblob_unref(o->changes[i].body);
    }
    o->n_changes = 0;
}

void
ofobjs_init(struct ofobjs *o, enum ofid_kind kind)
{
    *o = (struct ofobjs) { .kind = kind };
    hmap_init(&o->installed);
    hmap_init(&o->refused);
}

void
ofobjs_destroy(struct ofobjs *o)
{
    ofobjs_reset(o, true);
    hmap_destroy(&o->installed);
    hmap_destroy(&o->refused);
    free(o->doomed);
    free(o->changes);
}

void
ofobjs_reset(struct ofobjs *o, bool refused)
{
    clear_set(&o->installed);
    if (refused) {
        clear_set(&o->refused);
    }
    clear_changes(o);
    o->n_doomed = 0;
}

/* ---- Rows. ---- */

static struct inc_table *
table_of(const struct ofobjs *o)
{
    return o->kind == OFID_GROUP ? &ofgroup_table : &ofmeter_table;
}

/* The row of number 'id', which may be dead, or NULL. */
static struct inc_row *
find_row(const struct ofobjs *o, uint32_t id)
{
    return (o->kind == OFID_GROUP
            ? inc_row_by_key(&ofgroup_table,
                             &(struct ofgroup_v) { .id = id })
            : inc_row_by_key(&ofmeter_table,
                             &(struct ofmeter_v) { .id = id }));
}

static bool
has_live_row(const struct ofobjs *o, uint32_t id)
{
    const struct inc_row *row = find_row(o, id);
    return row && !inc_row_is_dead(row);
}

static void
doom(struct ofobjs *o, uint32_t id)
{
    if (o->n_doomed >= o->allocated_doomed) {
        o->doomed = x2nrealloc(o->doomed, &o->allocated_doomed,
                               sizeof *o->doomed);
    }
    o->doomed[o->n_doomed++] = id;
}

static void
add_change(struct ofobjs *o, enum ofobj_change_type type, uint32_t id,
           iblob body)
{
    if (o->n_changes >= o->allocated_changes) {
        o->changes = x2nrealloc(o->changes, &o->allocated_changes,
                                sizeof *o->changes);
    }
    iblob_ref(body);
    o->changes[o->n_changes++] = (struct ofobj_change) {
        .type = type, .id = id, .body = body,
    };
}

/* ---- Bodies. ---- */

/* Takes 'msg'. */
static iblob
intern_body(struct ofpbuf *msg)
{
    struct ofp_header *oh = msg->data;
    oh->xid = 0;
    iblob body = iblob_intern(msg->data, msg->size);
    ofpbuf_delete(msg);
    return body;
}

static char *
parse_group(uint32_t id, const char *text, struct ofpbuf **msg)
{
    char *s = xasprintf("group_id=%"PRIu32",%s", id, text);
    struct ofputil_group_mod gm;
    enum ofputil_protocol usable;
    char *error = parse_ofp_group_mod_str(&gm, OFPGC11_ADD, s, NULL, NULL,
                                          &usable);
    if (!error) {
        *msg = ofputil_encode_group_mod(OFP15_VERSION, &gm, NULL, -1);
        ofputil_uninit_group_mod(&gm);
    }
    free(s);
    return error;
}

static char *
parse_meter(uint32_t id, const char *text, struct ofpbuf **msg)
{
    char *s = xasprintf("meter=%"PRIu32",%s", id, text);
    struct ofputil_meter_mod mm;
    enum ofputil_protocol usable;
    char *error = parse_ofp_meter_mod_str(&mm, s, OFPMC13_ADD, &usable);
    if (!error) {
        *msg = ofputil_encode_meter_mod(OFP15_VERSION, &mm);
        free(mm.meter.bands);
    }
    free(s);
    return error;
}

/* The body of what 'text' says; {NULL}, after a warning, if it says nothing
 * that could be sent. */
static iblob
text_to_body(const struct ofobjs *o, uint32_t id, const char *text)
{
    struct ofpbuf *msg;
    char *error = (o->kind == OFID_GROUP ? parse_group(id, text, &msg)
                   : parse_meter(id, text, &msg));
    if (!error && msg->size > MAX_BODY) {
        error = xstrdup("too long for one OpenFlow message");
        ofpbuf_delete(msg);
    }
    if (error) {
        static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(60, 100);
        VLOG_WARN_RL(&rl, "%s \"%.200s\" is left out: %s", kind_name(o), text,
                     error);
        free(error);
        return (iblob) { NULL };
    }
    return intern_body(msg);
}

struct ofpbuf *
ofobjs_encode_change(const struct ofobjs *o, const struct ofobj_change *c)
{
    if (o->kind == OFID_METER) {
        struct ofputil_meter_mod mm = {
            .command = OFPMC13_DELETE, .meter.meter_id = c->id,
        };
        struct ofpbuf bands;
        ofpbuf_init(&bands, 64);
        if (c->type != OFOBJ_DELETE) {
            ofputil_decode_meter_mod(c->body.p, &mm, &bands);
            mm.command = (c->type == OFOBJ_ADD ? OFPMC13_ADD
                          : OFPMC13_MODIFY);
        }
        struct ofpbuf *msg = ofputil_encode_meter_mod(OFP15_VERSION, &mm);
        ofpbuf_uninit(&bands);
        return msg;
    }

    struct ofputil_group_mod gm = {
        .command = OFPGC11_DELETE, .group_id = c->id,
        .command_bucket_id = OFPG15_BUCKET_ALL,
        .buckets = OVS_LIST_INITIALIZER(&gm.buckets),
    };
    if (c->type != OFOBJ_DELETE) {
        ofputil_decode_group_mod(c->body.p, &gm);
        gm.command = c->type == OFOBJ_ADD ? OFPGC11_ADD : OFPGC11_MODIFY;
    }
    struct ofpbuf *msg = ofputil_encode_group_mod(OFP15_VERSION, &gm, NULL,
                                                  -1);
    ofputil_uninit_group_mod(&gm);
    return msg;
}

/* ---- What the switch has. ---- */

struct ofpbuf *
ofobjs_encode_request(const struct ofobjs *o)
{
    return (o->kind == OFID_GROUP
            ? ofputil_encode_group_desc_request(OFP15_VERSION, OFPG_ALL)
            : ofputil_encode_meter_request(OFP15_VERSION,
                                           OFPUTIL_METER_CONFIG,
                                           OFPM13_ALL));
}

static int
read_group(struct ofobjs *o, struct ofpbuf *msg)
{
    struct ofputil_group_desc gd;
    int error = ofputil_decode_group_desc_reply(&gd, msg, OFP15_VERSION);
    if (error) {
        return error;
    }
    struct ofputil_group_mod gm = {
        .command = OFPGC11_ADD, .type = gd.type, .group_id = gd.group_id,
        .command_bucket_id = OFPG15_BUCKET_ALL, .props = gd.props,
    };
    ovs_list_move(&gm.buckets, &gd.buckets);
    put_obj(&o->installed, gd.group_id,
            intern_body(ofputil_encode_group_mod(OFP15_VERSION, &gm, NULL,
                                                 -1)));
    ofputil_uninit_group_mod(&gm);
    return 0;
}

static int
read_meter(struct ofobjs *o, struct ofpbuf *msg)
{
    struct ofputil_meter_mod mm = { .command = OFPMC13_ADD };
    struct ofpbuf bands;

    ofpbuf_init(&bands, 64);
    int error = ofputil_decode_meter_config(msg, &mm.meter, &bands);
    if (!error && mm.meter.meter_id <= OFPM13_MAX) {
        put_obj(&o->installed, mm.meter.meter_id,
                intern_body(ofputil_encode_meter_mod(OFP15_VERSION, &mm)));
    }
    ofpbuf_uninit(&bands);
    return error;
}

bool
ofobjs_handle_reply(struct ofobjs *o, const struct ofp_header *oh)
{
    struct ofpbuf msg = ofpbuf_const_initializer(oh, ntohs(oh->length));
    int error;

    do {
        error = (o->kind == OFID_GROUP ? read_group(o, &msg)
                 : read_meter(o, &msg));
    } while (!error);
    istr_pool_reset();
    return error == EOF;
}

void
ofobjs_known(struct ofobjs *o)
{
    struct inc_row *row;
    struct ofobj *obj;

    HMAP_FOR_EACH (row, node, &table_of(o)->rows) {
        inc_touch(row);
    }
    HMAP_FOR_EACH (obj, node, &o->installed) {
        if (!find_row(o, obj->id)) {
            doom(o, obj->id);
        }
    }
}

/* ---- Differences. ---- */

static void
compare_live(struct ofobjs *o, uint32_t id, const char *text)
{
    iblob body = text_to_body(o, id, text);
    struct ofobj *obj = find_obj(&o->installed, id);
    struct ofobj *refused = find_obj(&o->refused, id);

    if (!body.p) {
        put_obj(&o->refused, id, body);
    } else if ((!refused || refused->body.p != body.p)
               && (!obj || obj->body.p != body.p)) {
        add_change(o, obj ? OFOBJ_MODIFY : OFOBJ_ADD, id, body);
    }
}

void
ofobjs_compare(struct ofobjs *o)
{
    struct inc_row *row;

    while ((row = inc_touched_pop(table_of(o))) != NULL) {
        const struct ofgroup_v *group = ofgroup_untracked(row);
        const struct ofmeter_v *meter = ofmeter_untracked(row);
        bool is_group = o->kind == OFID_GROUP;
        uint32_t id = is_group ? group->id : meter->id;

        if (!inc_row_is_dead(row)) {
            compare_live(o, id, (is_group ? group->text : meter->text).s);
            continue;
        }
        remove_obj(&o->refused, find_obj(&o->refused, id));
        if (find_obj(&o->installed, id)) {
            doom(o, id);
        }
        inc_row_release(row);
    }
    istr_pool_reset();
}

void
ofobjs_add_deletions(struct ofobjs *o)
{
    for (size_t i = 0; i < o->n_doomed; i++) {
        uint32_t id = o->doomed[i];
        if (find_obj(&o->installed, id) && !has_live_row(o, id)) {
            add_change(o, OFOBJ_DELETE, id, (iblob) { NULL });
        }
    }
    o->n_doomed = 0;
}

/* ---- Answers. ---- */

bool
ofobjs_refuse(struct ofobjs *o, uint32_t xid, enum ofperr error)
{
    for (size_t i = 0; i < o->n_changes; i++) {
        struct ofobj_change *c = &o->changes[i];
        if (c->xid == xid && c->type != OFOBJ_DELETE && !c->refused) {
            static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(60, 100);
            VLOG_WARN_RL(&rl, "the switch refuses %s %"PRIu32" (%s); it and "
                         "its flows are left out", kind_name(o), c->id,
                         ofperr_to_string(error));
            c->refused = true;
            return true;
        }
    }
    return false;
}

bool
ofobjs_any_refused(const struct ofobjs *o)
{
    for (size_t i = 0; i < o->n_changes; i++) {
        if (o->changes[i].refused) {
            return true;
        }
    }
    return false;
}

/* Returns true if the switch had refused it before. */
static bool
apply_change(struct ofobjs *o, const struct ofobj_change *c)
{
    struct ofobj *refused = find_obj(&o->refused, c->id);

    if (c->type == OFOBJ_DELETE) {
        remove_obj(&o->installed, find_obj(&o->installed, c->id));
    } else {
        put_obj(&o->installed, c->id, c->body);
    }
    remove_obj(&o->refused, refused);
    return refused != NULL;
}

static void
retry_change(struct ofobjs *o, const struct ofobj_change *c)
{
    struct inc_row *row = find_row(o, c->id);

    if (row) {
        inc_touch(row);
    } else {
        doom(o, c->id);
    }
}

bool
ofobjs_finish(struct ofobjs *o, bool done)
{
    bool relieved = false;

    for (size_t i = 0; i < o->n_changes; i++) {
        const struct ofobj_change *c = &o->changes[i];
        if (c->refused) {
            put_obj(&o->refused, c->id, c->body);
        } else if (done) {
            relieved |= apply_change(o, c);
        } else {
            retry_change(o, c);
        }
    }
    clear_changes(o);
    return relieved;
}
