#include <config.h>
#include "controller/out/ofswitch.h"

#include <errno.h>
#include <limits.h>

#include "controller/oftables.h"
#include "controller/out/offlows.h"
#include "controller/out/ofobjs.h"
#include "controller/out/ofrow.h"
#include "controller/out/oftlv.h"
#include "controller/out/ofzones.h"
#include "controller/switch-socket.h"
#include "byte-order.h"
#include "coverage.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/hmap.h"
#include "openvswitch/match.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-bundle.h"
#include "openvswitch/ofp-flow.h"
#include "openvswitch/ofp-match.h"
#include "openvswitch/ofp-monitor.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofp-print.h"
#include "openvswitch/ofp-util.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/rconn.h"
#include "openvswitch/vconn.h"
#include "openvswitch/vlog.h"
#include "simap.h"
#include "socket-util.h"
#include "timeval.h"
#include "unixctl.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(ofswitch);

COVERAGE_DEFINE(ofswitch_bundle);
COVERAGE_DEFINE(ofswitch_dump);

#define BUNDLE_FLAGS (OFPBF_ATOMIC | OFPBF_ORDERED)

/* Milliseconds between two times that we read all flows because somebody else
 * changes them, and how long we wait after a bundle that failed for no reason
 * that we know (doubled each time). */
#define RESYNC_INTERVAL 5000
#define MIN_BACKOFF 1000
#define MAX_BACKOFF 64000

enum state {
    S_DOWN,              /* Not connected. */
    S_TLV_WAIT,          /* Asked for the table of Geneve options. */
    S_METERS_WAIT,       /* Asked for the meters. */
    S_GROUPS_WAIT,       /* Asked for the groups. */
    S_DUMP_WAIT,         /* Asked for the flows. */
    S_BACKOFF,           /* Waits until 'resync_at' to ask for the flows. */
    S_READY,             /* Knows what the switch has. */
    S_BUNDLE_WAIT,       /* Sent a bundle, waits for its barrier. */
};

enum change_type { CHANGE_ADD, CHANGE_MODIFY, CHANGE_DELETE };

/* A change on its way.  Holds references to the blobs. */
struct change {
    enum change_type type;
    bool refused;
    uint32_t cookie;
    uint32_t xid;                    /* Rises along sw->changes. */
    struct offlow_key key;
    iblob actions;
};

struct ofswitch {
    struct rconn *rconn;
    unsigned int connection_seqno;
    enum state state;
    char *remote;
    struct switch_socket socket;
    ovs_be32 wait_xid;               /* Of the reply that 'state' wants. */

    struct hmap installed;           /* struct offlow. */
    struct hmap refused;             /* struct offlow: do not send. */
    struct ofobjs groups, meters;
    struct ofzones zones;
    bool purge_zones;                /* Forget those of no use. */
    bool complete;
    bool check_stale;                /* Look for flows that nobody wants. */
    bool held;                       /* Some changes wait for 'complete'. */

    /* Bundle in flight. */
    struct change *changes;
    size_t n_changes, allocated_changes;
    uint32_t bundle_id;
    uint64_t bundle_generation;
    ovs_be32 commit_xid;
    bool committed;
    enum ofperr bundle_error;        /* Not one flow's. */

    uint64_t confirmed;
    long long int resync_at;         /* LLONG_MAX: never. */
    long long int dumped_at;
    int backoff;

    struct ofswitch_stats stats;
};

static void ofswitch_show(struct unixctl_conn *, int argc,
                          const char *argv[], void *sw);

/* ---- Changes. ---- */

static void
changes_clear(struct ofswitch *sw)
{
    for (size_t i = 0; i < sw->n_changes; i++) {
        iblob_unref(sw->changes[i].key.match);
        iblob_unref(sw->changes[i].actions);
    }
    free(sw->changes);
    sw->changes = NULL;
    sw->n_changes = sw->allocated_changes = 0;
}

static void
add_change(struct ofswitch *sw, enum change_type type, struct offlow_key key,
           iblob actions, uint32_t cookie)
{
    if (sw->n_changes >= sw->allocated_changes) {
        sw->changes = x2nrealloc(sw->changes, &sw->allocated_changes,
                                 sizeof *sw->changes);
    }
    iblob_ref(key.match);
    iblob_ref(actions);
    sw->changes[sw->n_changes++] = (struct change) {
        .type = type, .key = key, .actions = actions, .cookie = cookie,
    };
}

static struct change *
find_change(struct ofswitch *sw, uint32_t xid)
{
    size_t lo = 0, hi = sw->n_changes;
    uint32_t first = sw->n_changes ? sw->changes[0].xid : 0;

    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (sw->changes[mid].xid - first < xid - first) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return (lo < sw->n_changes && sw->changes[lo].xid == xid
            ? &sw->changes[lo] : NULL);
}

/* The row that wants the flow, which may be dead, or NULL. */
static struct inc_row *
find_row(struct offlow_key key)
{
    return inc_row_by_key(&ofrow_table, &(struct ofrow_v) {
        .of_table = key.table, .priority = key.priority, .match = key.match });
}

static void
touch_all_rows(void)
{
    struct inc_row *row;
    HMAP_FOR_EACH (row, node, &ofrow_table.rows) {
        inc_touch(row);
    }
}

/* ---- Life. ---- */

struct ofswitch *
ofswitch_create(void)
{
    struct ofswitch *sw = xzalloc(sizeof *sw);
    sw->rconn = rconn_create(0, 1, DSCP_DEFAULT, 1u << OFP15_VERSION);
    hmap_init(&sw->installed);
    hmap_init(&sw->refused);
    ofobjs_init(&sw->groups, OFID_GROUP);
    ofobjs_init(&sw->meters, OFID_METER);
    sw->resync_at = LLONG_MAX;
    unixctl_command_register("ofswitch/show", "", 0, 0, ofswitch_show, sw);
    return sw;
}

void
ofswitch_destroy(struct ofswitch *sw)
{
    if (sw) {
        rconn_destroy(sw->rconn);
        offlows_clear(&sw->installed);
        offlows_clear(&sw->refused);
        changes_clear(sw);
        hmap_destroy(&sw->installed);
        hmap_destroy(&sw->refused);
        ofobjs_destroy(&sw->groups);
        ofobjs_destroy(&sw->meters);
        ofzones_destroy(&sw->zones);
        ofids_exit();
        free(sw->remote);
        free(sw);
    }
}

void
ofswitch_set_remote(struct ofswitch *sw, const char *remote)
{
    if (nullable_string_is_equal(sw->remote, remote)) {
        return;
    }
    free(sw->remote);
    sw->remote = nullable_xstrdup(remote);
    rconn_disconnect(sw->rconn);
    if (remote) {
        rconn_connect(sw->rconn, remote, remote);
    }
}

void
ofswitch_set_probe_interval(struct ofswitch *sw, int seconds)
{
    rconn_set_probe_interval(sw->rconn, seconds);
}

void
ofswitch_set_complete(struct ofswitch *sw, bool complete)
{
    if (complete && !sw->complete) {
        sw->check_stale = true;
        sw->purge_zones = true;
        if (sw->held) {
            sw->held = false;
            touch_all_rows();
        }
    }
    sw->complete = complete;
}

uint64_t
ofswitch_confirmed(const struct ofswitch *sw)
{
    return sw->confirmed;
}

bool
ofswitch_is_ready(const struct ofswitch *sw)
{
    return sw->state >= S_READY;
}

void
ofswitch_stats_get(const struct ofswitch *sw, struct ofswitch_stats *stats)
{
    *stats = sw->stats;
}

void
ofswitch_memory_usage(const struct ofswitch *sw, struct simap *usage)
{
    simap_increase(usage, "ofswitch-installed",
                   hmap_count(&sw->installed));
}

/* ---- Messages. ---- */

/* Sends 'msg' and returns its xid. */
static ovs_be32
send_msg(struct ofswitch *sw, struct ofpbuf *msg)
{
    const struct ofp_header *oh = msg->data;
    ovs_be32 xid = oh->xid;
    rconn_send(sw->rconn, msg, NULL);
    return xid;
}

static void
request_tlv_table(struct ofswitch *sw)
{
    sw->wait_xid = send_msg(sw, oftlv_encode_request());
    sw->state = S_TLV_WAIT;
}

/* Asks for what the switch has of 'objs'. */
static void
request_objs(struct ofswitch *sw, struct ofobjs *objs, enum state state)
{
    sw->wait_xid = send_msg(sw, ofobjs_encode_request(objs));
    sw->state = state;
}

static void
request_flows(struct ofswitch *sw)
{
    struct ofputil_flow_stats_request fsr = {
        .out_port = OFPP_ANY, .out_group = OFPG_ANY, .table_id = OFPTT_ALL,
    };
    match_init_catchall(&fsr.match);
    offlows_clear(&sw->installed);
    sw->wait_xid = send_msg(sw, ofputil_encode_flow_stats_request(
        &fsr, OFPUTIL_P_OF15_OXM));
    sw->state = S_DUMP_WAIT;
}

/* Asks for meters, then groups, then flows. */
static void
request_dump(struct ofswitch *sw)
{
    ofobjs_reset(&sw->meters, false);
    ofobjs_reset(&sw->groups, false);
    request_objs(sw, &sw->meters, S_METERS_WAIT);
    sw->resync_at = LLONG_MAX;
    sw->dumped_at = time_msec();
    sw->stats.dumps++;
    COVERAGE_INC(ofswitch_dump);
}

/* Asks to be told when others change flows. */
static void
request_monitor(struct ofswitch *sw)
{
    struct ofputil_flow_monitor_request request = {
        .id = 1, .command = OFPFMC_ADD, .table_id = OFPTT_ALL,
        .flags = OFPFMF_ADD | OFPFMF_REMOVED | OFPFMF_MODIFY,
        .out_port = OFPP_ANY, .out_group = OFPG_ANY,
    };
    struct ofpbuf *msg = ofpbuf_new(0);

    match_init_catchall(&request.match);
    ofputil_append_flow_monitor_request(&request, msg, OFPUTIL_P_OF15_OXM);
    ofpmsg_update_length(msg);
    send_msg(sw, msg);
}

void
ofswitch_resync(struct ofswitch *sw)
{
    sw->resync_at = 0;
}

/* Tables that learn() fills: what is there is wanted by no row, and goes with
 * the flow that learned it. */
static bool
is_learned_table(uint8_t table)
{
    return (table == OFTABLE_CHK_LB_HAIRPIN_REPLY
            || table == OFTABLE_CHK_LB_AFFINITY
            || table == OFTABLE_ECMP_NH_MAC || table == OFTABLE_ECMP_NH);
}

/* Others changed some flows (our own changes come abbreviated).  That is not
 * meant to happen, so it is enough to read all of them again soon. */
static void
handle_flow_update(struct ofswitch *sw, const struct ofp_header *oh)
{
    struct ofpbuf msg = ofpbuf_const_initializer(oh, ntohs(oh->length));
    struct ofpbuf ofpacts;

    ofpbuf_init(&ofpacts, 64);
    while (sw->resync_at == LLONG_MAX) {
        struct ofputil_flow_update update;
        if (ofputil_decode_flow_update(&update, &msg, &ofpacts)) {
            break;
        }
        if (update.event == OFPFME_ABBREV || update.event == OFPFME_PAUSED
            || update.event == OFPFME_RESUMED
            || is_learned_table(update.table_id)) {
            continue;
        }
        VLOG_INFO("somebody else changed flows of the integration bridge; "
                  "reading them again");
        sw->resync_at = MAX(sw->dumped_at + RESYNC_INTERVAL, time_msec());
    }
    ofpbuf_uninit(&ofpacts);
}

/* After the meters come the groups, and then the flows. */
static void
request_next(struct ofswitch *sw)
{
    if (sw->state == S_METERS_WAIT) {
        request_objs(sw, &sw->groups, S_GROUPS_WAIT);
    } else {
        request_flows(sw);
    }
}

static void
handle_objs(struct ofswitch *sw, struct ofobjs *objs,
            const struct ofp_header *oh)
{
    if (!ofobjs_handle_reply(objs, oh)) {
        VLOG_WARN("the switch's list of groups or meters cannot be read; "
                  "reconnecting");
        rconn_reconnect(sw->rconn);
    } else if (!ofpmp_more(oh)) {
        request_next(sw);
    }
}

/* Notes the flows of one part of the dump; at the end the switch is known. */
static void
handle_flow_stats(struct ofswitch *sw, const struct ofp_header *oh)
{
    struct ofpbuf msg = ofpbuf_const_initializer(oh, ntohs(oh->length));
    struct ofpbuf ofpacts, wire;
    int error;

    ofpbuf_init(&ofpacts, 256);
    ofpbuf_init(&wire, 256);
    for (;;) {
        struct ofputil_flow_stats fs;
        error = ofputil_decode_flow_stats_reply(&fs, &msg, true, &ofpacts);
        if (error) {
            break;
        }
        struct ofpbuf acts = ofpbuf_const_initializer(fs.ofpacts,
                                                      fs.ofpacts_len);
        ofpbuf_clear(&wire);
        ofacts_encode(&acts, &wire);
        struct offlow_key key = {
            .table = fs.table_id, .priority = fs.priority,
            .match = ofmatch_pack(&fs.match),
        };
        offlows_put(&sw->installed, key, iblob_intern(wire.data, wire.size),
                    ntohll(fs.cookie));
    }
    istr_pool_reset();
    ofpbuf_uninit(&ofpacts);
    ofpbuf_uninit(&wire);
    if (error != EOF) {
        VLOG_WARN("the switch's list of flows cannot be read; reconnecting");
        rconn_reconnect(sw->rconn);
        return;
    }
    if (!ofpmp_more(oh)) {
        VLOG_INFO("the integration bridge has %"PRIuSIZE" flows",
                  hmap_count(&sw->installed));
        sw->state = S_READY;
        sw->check_stale = true;
        touch_all_rows();
        ofobjs_known(&sw->meters);
        ofobjs_known(&sw->groups);
    }
}

/* Leaves the switch alone for a while, then reads all again. */
static void
start_backoff(struct ofswitch *sw)
{
    enum ofperr error = sw->bundle_error;

    sw->backoff = MIN(sw->backoff ? sw->backoff * 2 : MIN_BACKOFF,
                      MAX_BACKOFF);
    VLOG_WARN("the switch took no changes%s%s; trying again in %d s",
              error ? ": " : "", error ? ofperr_to_string(error) : "",
              sw->backoff / 1000);
    sw->resync_at = time_msec() + sw->backoff;
    sw->state = S_BACKOFF;
}

static void
log_refusal(const struct change *c, enum ofperr error)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(60, 100);
    struct match match;
    struct ofpbuf ofpacts;
    struct ds s = DS_EMPTY_INITIALIZER;

    ofmatch_unpack(c->key.match, &match);
    ofpbuf_init(&ofpacts, 64);
    ofacts_decode(c->actions, &ofpacts);
    ds_put_format(&s, "table=%u, priority=%u, ", c->key.table,
                  c->key.priority);
    match_format(&match, NULL, &s, OFP_DEFAULT_PRIORITY);
    ds_put_cstr(&s, ", actions=");
    struct ofpact_format_params fp = { .s = &s };
    ofpacts_format(ofpacts.data, ofpacts.size, &fp);
    VLOG_WARN_RL(&rl, "the switch refuses flow \"%s\" of southbound row "
                 "%08"PRIx32" (%s); it is left out", ds_cstr(&s), c->cookie,
                 ofperr_to_string(error));
    ds_destroy(&s);
    ofpbuf_uninit(&ofpacts);
}

/* Whether the switch objects to a bundle, or to us, not to one message. */
static bool
is_bundle_error(enum ofperr error)
{
    return (error == OFPERR_OFPBRC_IS_SECONDARY
            || (error >= OFPERR_OFPBFC_UNKNOWN
                && error <= OFPERR_OFPBFC_BAD_VERSION));
}

static void
handle_error(struct ofswitch *sw, const struct ofp_header *oh)
{
    enum ofperr error = ofperr_decode_msg(oh, NULL);
    struct change *c = find_change(sw, ntohl(oh->xid));

    if (sw->state != S_BUNDLE_WAIT) {
        VLOG_WARN("the switch reports %s", ofperr_to_string(error));
        if (sw->state == S_TLV_WAIT && oh->xid == sw->wait_xid) {
            request_dump(sw);
        } else if (sw->state == S_DUMP_WAIT && oh->xid == sw->wait_xid) {
            start_backoff(sw);
        } else if ((sw->state == S_METERS_WAIT || sw->state == S_GROUPS_WAIT)
                   && oh->xid == sw->wait_xid) {
            /* It knows no such thing. */
            request_next(sw);
        }
    } else if (c && c->type != CHANGE_DELETE && !is_bundle_error(error)) {
        if (!c->refused) {
            c->refused = true;
            log_refusal(c, error);
            sw->stats.refused++;
        }
    } else if (!is_bundle_error(error)
               && (ofobjs_refuse(&sw->meters, ntohl(oh->xid), error)
                   || ofobjs_refuse(&sw->groups, ntohl(oh->xid), error))) {
        sw->stats.refused++;
    } else if (!sw->bundle_error) {
        sw->bundle_error = error;
    }
}

/* ---- Bundles. ---- */

/* The switch has the change. */
static void
apply_change(struct ofswitch *sw, const struct change *c)
{
    if (c->type == CHANGE_DELETE) {
        offlows_remove(&sw->installed, offlows_find(&sw->installed, c->key));
        sw->stats.deleted++;
        return;
    }
    offlows_put(&sw->installed, c->key, c->actions, c->cookie);
    offlows_remove(&sw->refused, offlows_find(&sw->refused, c->key));
    if (c->type == CHANGE_ADD) {
        sw->stats.added++;
    } else {
        sw->stats.modified++;
    }
}

/* Has the change made again, if it is still wanted. */
static void
retry_change(struct ofswitch *sw, const struct change *c)
{
    struct inc_row *row = find_row(c->key);
    if (row) {
        inc_touch(row);
    } else {
        sw->check_stale = true;
    }
}

/* Groups and meters of the bundle, likewise.  A flow may have been refused for
 * nothing but a group or meter that was. */
static void
finish_objs(struct ofswitch *sw)
{
    bool relieved = ofobjs_finish(&sw->meters, true);
    relieved |= ofobjs_finish(&sw->groups, sw->committed);

    if (relieved && !hmap_is_empty(&sw->refused)) {
        offlows_clear(&sw->refused);
        touch_all_rows();
    }
}

/* All answers to the bundle are here.  Flows of a committed bundle are in the
 * switch, but for those that it refused one by one; a bundle that was not
 * committed because of refused flows is sent again without them; and after any
 * other failure, which may be one of half a bundle, all is read again. */
static void
finish_bundle(struct ofswitch *sw)
{
    ofzones_flushed(&sw->zones);

    bool any_refused = ofobjs_any_refused(&sw->groups);

    for (size_t i = 0; i < sw->n_changes; i++) {
        const struct change *c = &sw->changes[i];
        if (c->refused) {
            offlows_put(&sw->refused, c->key, c->actions, c->cookie);
            any_refused = true;
        }
    }
    if (sw->bundle_error == OFPERR_OFPBFC_MSG_FAILED && any_refused) {
        sw->bundle_error = 0;
    } else if (!sw->committed && !any_refused && !sw->bundle_error) {
        sw->bundle_error = OFPERR_OFPBFC_UNKNOWN;
    }

    if (sw->bundle_error) {
        start_backoff(sw);
    } else {
        for (size_t i = 0; i < sw->n_changes; i++) {
            const struct change *c = &sw->changes[i];
            if (sw->committed && !c->refused) {
                apply_change(sw, c);
            } else {
                retry_change(sw, c);
            }
        }
        finish_objs(sw);
        if (sw->committed && !any_refused) {
            sw->confirmed = MAX(sw->confirmed, sw->bundle_generation);
            sw->backoff = 0;
        }
        sw->state = S_READY;
    }
    changes_clear(sw);
}

static struct offlow_key
row_key(const struct ofrow_v *v)
{
    return (struct offlow_key) {
        .table = v->of_table, .priority = v->priority, .match = v->match,
    };
}

/* The flow 'f' of the switch is not wanted. */
static void
delete_flow(struct ofswitch *sw, const struct offlow *f)
{
    if (!sw->complete) {
        sw->check_stale = true;
    } else if (!sw->check_stale) {
        add_change(sw, CHANGE_DELETE, f->key, f->actions, f->cookie);
    }
}

/* Compares one wanted row with what the switch has. */
static void
compare_row(struct ofswitch *sw, struct inc_row *row)
{
    const struct ofrow_v *v = ofrow_untracked(row);
    struct offlow_key key = row_key(v);
    struct offlow *f = offlows_find(&sw->installed, key);
    struct offlow *r = offlows_find(&sw->refused, key);

    if (inc_row_is_dead(row)) {
        offlows_remove(&sw->refused, r);
        if (f) {
            delete_flow(sw, f);
        }
        inc_row_release(row);
    } else if (!f) {
        if (!r || r->actions.p != v->actions.p) {
            add_change(sw, CHANGE_ADD, key, v->actions, v->cookie);
        }
    } else if (f->actions.p == v->actions.p && f->cookie == v->cookie) {
        offlows_remove(&sw->refused, r);
    } else if (!sw->complete) {
        sw->held = true;
    } else if (r && r->actions.p == v->actions.p) {
        /* What it has is as little wanted as before. */
        add_change(sw, CHANGE_DELETE, key, f->actions, f->cookie);
    } else {
        add_change(sw, CHANGE_MODIFY, key, v->actions, v->cookie);
    }
}

/* Flows that the switch has and no row wants. */
static void
collect_stale(struct ofswitch *sw)
{
    struct offlow *f;

    sw->check_stale = false;
    HMAP_FOR_EACH (f, node, &sw->installed) {
        if (!is_learned_table(f->key.table) && !find_row(f->key)) {
            add_change(sw, CHANGE_DELETE, f->key, f->actions, f->cookie);
        }
    }
}

/* Encodes a change as a flow_mod. */
static struct ofpbuf *
encode_change(const struct change *c)
{
    struct match match;
    struct ofpbuf ofpacts;
    struct ofputil_flow_mod fm = {
        .priority = c->key.priority, .table_id = c->key.table,
        .command = (c->type == CHANGE_DELETE ? OFPFC_DELETE_STRICT
                    : OFPFC_ADD),
        .new_cookie = htonll(c->cookie), .buffer_id = UINT32_MAX,
        .out_port = OFPP_ANY, .out_group = OFPG_ANY,
    };

    ofmatch_unpack(c->key.match, &match);
    minimatch_init(&fm.match, &match);
    ofpbuf_init(&ofpacts, 64);
    if (c->type != CHANGE_DELETE) {
        ofacts_decode(c->actions, &ofpacts);
        fm.ofpacts = ofpacts.data;
        fm.ofpacts_len = ofpacts.size;
    }
    struct ofpbuf *msg = ofputil_encode_flow_mod(&fm, OFPUTIL_P_OF15_OXM);
    minimatch_destroy(&fm.match);
    ofpbuf_uninit(&ofpacts);
    return msg;
}

static ovs_be32
send_bundle_ctrl(struct ofswitch *sw, uint16_t type)
{
    struct ofputil_bundle_ctrl_msg bc = {
        .bundle_id = sw->bundle_id, .type = type, .flags = BUNDLE_FLAGS,
    };
    return send_msg(sw, ofputil_encode_bundle_ctrl_request(OFP15_VERSION,
                                                           &bc));
}

/* Adds 'msg' to the open bundle.  Returns its xid. */
static uint32_t
bundle_add(struct ofswitch *sw, struct ofpbuf *msg)
{
    struct ofputil_bundle_add_msg add = {
        .bundle_id = sw->bundle_id, .flags = BUNDLE_FLAGS, .msg = msg->data,
    };
    ovs_be32 xid = send_msg(sw, ofputil_encode_bundle_add(OFP15_VERSION,
                                                          &add));
    ofpbuf_delete(msg);
    return ntohl(xid);
}

/* Adds the changes of groups that are deletions, or those that are not. */
static void
bundle_groups(struct ofswitch *sw, bool deletions)
{
    for (size_t i = 0; i < sw->groups.n_changes; i++) {
        struct ofobj_change *c = &sw->groups.changes[i];
        if ((c->type == OFOBJ_DELETE) == deletions) {
            c->xid = bundle_add(sw, ofobjs_encode_change(&sw->groups, c));
        }
    }
}

static void
send_bundle(struct ofswitch *sw)
{
    sw->bundle_id++;
    send_bundle_ctrl(sw, OFPBCT_OPEN_REQUEST);
    bundle_groups(sw, false);
    for (size_t i = 0; i < sw->n_changes; i++) {
        struct change *c = &sw->changes[i];
        c->xid = bundle_add(sw, encode_change(c));
    }
    bundle_groups(sw, true);
    sw->commit_xid = send_bundle_ctrl(sw, OFPBCT_COMMIT_REQUEST);
    sw->stats.bundles++;
    COVERAGE_INC(ofswitch_bundle);
}

/* Meters cannot be in a bundle.  Those that flows need go before it; those
 * that no flow uses go when there is none. */
static void
send_meters(struct ofswitch *sw)
{
    for (size_t i = 0; i < sw->meters.n_changes; i++) {
        struct ofobj_change *c = &sw->meters.changes[i];
        c->xid = ntohl(send_msg(sw, ofobjs_encode_change(&sw->meters, c)));
    }
}

static void
send_zones(struct ofswitch *sw)
{
    for (size_t i = 0; i < sw->zones.n_flushes; i++) {
        send_msg(sw, ofzones_encode_flush(&sw->zones, i));
    }
}

/* Sends all changes, and a barrier behind them. */
static void
send_changes(struct ofswitch *sw, uint64_t generation)
{
    bool bundle = sw->n_changes || sw->groups.n_changes;

    sw->bundle_error = 0;
    sw->committed = !bundle;
    sw->bundle_generation = generation;
    send_zones(sw);
    send_meters(sw);
    if (bundle) {
        send_bundle(sw);
    }
    sw->wait_xid = send_msg(sw, ofputil_encode_barrier_request(OFP15_VERSION));
    sw->state = S_BUNDLE_WAIT;
}

/* Only when nothing is in flight. */
static void
send_differences(struct ofswitch *sw, uint64_t generation)
{
    struct inc_row *row;

    ofzones_compare(&sw->zones);
    if (sw->purge_zones) {
        sw->purge_zones = false;
        ofzones_purge();
    }
    ofobjs_compare(&sw->meters);
    ofobjs_compare(&sw->groups);
    while ((row = inc_touched_pop(&ofrow_table)) != NULL) {
        compare_row(sw, row);
    }
    if (sw->complete) {
        if (sw->check_stale) {
            collect_stale(sw);
        }
        ofobjs_add_deletions(&sw->groups);
        if (!sw->n_changes) {
            ofobjs_add_deletions(&sw->meters);
        }
    }
    ofids_sweep();
    uint64_t confirms = sw->complete ? generation : 0;
    if (sw->n_changes || sw->groups.n_changes || sw->meters.n_changes
        || sw->zones.n_flushes) {
        send_changes(sw, confirms);
    } else {
        sw->confirmed = MAX(sw->confirmed, confirms);
    }
}

/* ---- Running. ---- */

static void
handle_message(struct ofswitch *sw, const struct ofpbuf *msg)
{
    const struct ofp_header *oh = msg->data;
    enum ofptype type;

    if (ofptype_decode(&type, oh)) {
        return;
    }
    if (type == OFPTYPE_ECHO_REQUEST) {
        send_msg(sw, ofputil_encode_echo_reply(oh));
    } else if (type == OFPTYPE_ERROR) {
        handle_error(sw, oh);
    } else if (type == OFPTYPE_FLOW_MONITOR_STATS_REPLY) {
        handle_flow_update(sw, oh);
    } else if (type == OFPTYPE_BUNDLE_CONTROL) {
        sw->committed |= oh->xid == sw->commit_xid;
    } else if (oh->xid != sw->wait_xid) {
        /* Nothing that we wait for. */
    } else if (type == OFPTYPE_NXT_TLV_TABLE_REPLY
               && sw->state == S_TLV_WAIT) {
        struct ofpbuf *mod = oftlv_handle_reply(oh);
        if (mod) {
            send_msg(sw, mod);
        }
        request_dump(sw);
    } else if (type == OFPTYPE_METER_CONFIG_STATS_REPLY
               && sw->state == S_METERS_WAIT) {
        handle_objs(sw, &sw->meters, oh);
    } else if (type == OFPTYPE_GROUP_DESC_STATS_REPLY
               && sw->state == S_GROUPS_WAIT) {
        handle_objs(sw, &sw->groups, oh);
    } else if (type == OFPTYPE_FLOW_STATS_REPLY
               && sw->state == S_DUMP_WAIT) {
        handle_flow_stats(sw, oh);
    } else if (type == OFPTYPE_BARRIER_REPLY && sw->state == S_BUNDLE_WAIT) {
        finish_bundle(sw);
    }
}

static void
handle_connection(struct ofswitch *sw)
{
    sw->connection_seqno = rconn_get_connection_seqno(sw->rconn);
    changes_clear(sw);
    offlows_clear(&sw->refused);
    ofobjs_reset(&sw->meters, true);
    ofobjs_reset(&sw->groups, true);
    sw->bundle_error = 0;
    request_tlv_table(sw);
    request_monitor(sw);
}

void
ofswitch_run(struct ofswitch *sw, uint64_t generation)
{
    switch_socket_run(&sw->socket, sw->rconn, sw->remote);
    rconn_run(sw->rconn);
    if (!rconn_is_connected(sw->rconn)) {
        sw->state = S_DOWN;
        return;
    }

    if (sw->state == S_DOWN
        || rconn_get_connection_seqno(sw->rconn) != sw->connection_seqno) {
        handle_connection(sw);
    }
    for (int i = 0; i < 100; i++) {
        struct ofpbuf *msg = rconn_recv(sw->rconn);
        if (!msg) {
            break;
        }
        handle_message(sw, msg);
        ofpbuf_delete(msg);
    }
    if ((sw->state == S_READY || sw->state == S_BACKOFF)
        && time_msec() >= sw->resync_at) {
        request_dump(sw);
    }
    if (sw->state == S_READY) {
        send_differences(sw, generation);
    }
    rconn_run(sw->rconn);
}

void
ofswitch_wait(struct ofswitch *sw)
{
    switch_socket_wait(&sw->socket);
    rconn_run_wait(sw->rconn);
    rconn_recv_wait(sw->rconn);
    if ((sw->state == S_READY || sw->state == S_BACKOFF)
        && sw->resync_at != LLONG_MAX) {
        poll_timer_wait_until(sw->resync_at);
    }
}

static void
ofswitch_show(struct unixctl_conn *conn, int argc OVS_UNUSED,
              const char *argv[] OVS_UNUSED, void *sw_)
{
    static const char *const names[] = {
        [S_DOWN] = "not connected", [S_TLV_WAIT] = "reading options",
        [S_METERS_WAIT] = "reading meters",
        [S_GROUPS_WAIT] = "reading groups",
        [S_DUMP_WAIT] = "reading flows", [S_BACKOFF] = "waiting",
        [S_READY] = "up to date", [S_BUNDLE_WAIT] = "installing",
    };
    const struct ofswitch *sw = sw_;
    char *s = xasprintf(
        "remote: %s\nstate: %s\ninstalled flows: %"PRIuSIZE"\n"
        "installed groups: %"PRIuSIZE"\ninstalled meters: %"PRIuSIZE"\n"
        "refused flows: %"PRIuSIZE"\nadded: %"PRIu64"\n"
        "modified: %"PRIu64"\ndeleted: %"PRIu64"\nbundles: %"PRIu64"\n"
        "dumps: %"PRIu64"\n",
        sw->remote ? sw->remote : "none", names[sw->state],
        hmap_count(&sw->installed), hmap_count(&sw->groups.installed),
        hmap_count(&sw->meters.installed), hmap_count(&sw->refused),
        sw->stats.added, sw->stats.modified, sw->stats.deleted,
        sw->stats.bundles, sw->stats.dumps);
    unixctl_command_reply(conn, s);
    free(s);
}
