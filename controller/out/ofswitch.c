#include <config.h>
#include "controller/out/ofswitch.h"

#include <errno.h>

#include "controller/out/ofrow.h"
#include "byte-order.h"
#include "coverage.h"
#include "hash.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/hmap.h"
#include "openvswitch/match.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-bundle.h"
#include "openvswitch/ofp-flow.h"
#include "openvswitch/ofp-match.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofp-print.h"
#include "openvswitch/ofp-util.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/rconn.h"
#include "openvswitch/vconn.h"
#include "openvswitch/vlog.h"
#include "random.h"
#include "simap.h"
#include "socket-util.h"
#include "unixctl.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(ofswitch);

COVERAGE_DEFINE(ofswitch_bundle);
COVERAGE_DEFINE(ofswitch_dump);

/* Geneve option that carries the logical ports (reference F1). */
#define OVN_GENEVE_CLASS 0x0102
#define OVN_GENEVE_TYPE 0x80
#define OVN_GENEVE_LEN 4

enum state {
    S_DOWN,              /* Not connected. */
    S_TLV_WAIT,          /* Asked for the table of Geneve options. */
    S_DUMP_WAIT,         /* Asked for the flows. */
    S_READY,             /* Knows what the switch has. */
    S_BUNDLE_WAIT,       /* Sent a bundle, waits for its barrier. */
};

/* A flow that the switch has.  Holds references to the blobs. */
struct installed {
    struct hmap_node node;           /* In sw->installed. */
    uint16_t table, priority;
    uint32_t cookie;
    iblob match, actions;
};

enum change_type { CHANGE_ADD, CHANGE_MODIFY, CHANGE_DELETE };

/* A change on its way.  Holds references to the blobs. */
struct change {
    struct hmap_node node;           /* In sw->changes, by xid. */
    enum change_type type;
    ovs_be32 xid;
    uint16_t table, priority;
    uint32_t cookie;
    iblob match, actions;
    bool refused;
};

struct ofswitch {
    struct rconn *rconn;
    unsigned int connection_seqno;
    enum state state;
    char *remote;
    bool complete;
    bool check_stale;                /* Look for flows that nobody wants. */
    ovs_be32 wait_xid;               /* Of the reply that 'state' wants. */

    struct hmap installed;
    struct hmap changes;             /* In flight. */
    struct hmap refused;             /* struct installed: do not send. */
    bool bundle_failed;
    uint32_t bundle_id;
    uint64_t bundle_generation;
    uint64_t confirmed;

    struct ofswitch_stats stats;
};

static void ofswitch_show(struct unixctl_conn *, int argc,
                          const char *argv[], void *sw);

/* ---- Sets of flows. ---- */

static uint32_t
flow_hash(uint16_t table, uint16_t priority, iblob match)
{
    return hash_pointer(match.p, table << 16 | priority);
}

static struct installed *
flow_find(const struct hmap *flows, uint16_t table, uint16_t priority,
          iblob match)
{
    struct installed *f;
    HMAP_FOR_EACH_WITH_HASH (f, node, flow_hash(table, priority, match),
                             flows) {
        if (f->table == table && f->priority == priority
            && f->match.p == match.p) {
            return f;
        }
    }
    return NULL;
}

/* Sets the flow's actions and cookie, adding it if it is new. */
static void
flow_put(struct hmap *flows, uint16_t table, uint16_t priority, iblob match,
         iblob actions, uint32_t cookie)
{
    struct installed *f = flow_find(flows, table, priority, match);
    if (!f) {
        f = xzalloc(sizeof *f);
        f->table = table;
        f->priority = priority;
        f->match = match;
        iblob_ref(match);
        hmap_insert(flows, &f->node, flow_hash(table, priority, match));
    }
    iblob_ref(actions);
    iblob_unref(f->actions);
    f->actions = actions;
    f->cookie = cookie;
}

static void
flow_remove(struct hmap *flows, struct installed *f)
{
    hmap_remove(flows, &f->node);
    iblob_unref(f->match);
    iblob_unref(f->actions);
    free(f);
}

static void
flows_clear(struct hmap *flows)
{
    struct installed *f;
    HMAP_FOR_EACH_SAFE (f, node, flows) {
        flow_remove(flows, f);
    }
}

static void
changes_clear(struct ofswitch *sw)
{
    struct change *c;
    HMAP_FOR_EACH_POP (c, node, &sw->changes) {
        iblob_unref(c->match);
        iblob_unref(c->actions);
        free(c);
    }
}

/* ---- Life. ---- */

struct ofswitch *
ofswitch_create(void)
{
    struct ofswitch *sw = xzalloc(sizeof *sw);
    sw->rconn = rconn_create(0, 1, DSCP_DEFAULT, 1u << OFP15_VERSION);
    hmap_init(&sw->installed);
    hmap_init(&sw->changes);
    hmap_init(&sw->refused);
    unixctl_command_register("ofswitch/show", "", 0, 0, ofswitch_show, sw);
    return sw;
}

void
ofswitch_destroy(struct ofswitch *sw)
{
    if (sw) {
        rconn_destroy(sw->rconn);
        flows_clear(&sw->installed);
        flows_clear(&sw->refused);
        changes_clear(sw);
        hmap_destroy(&sw->installed);
        hmap_destroy(&sw->refused);
        hmap_destroy(&sw->changes);
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

/* Has every wanted row compared again. */
static void
touch_all(void)
{
    struct inc_row *row;
    HMAP_FOR_EACH (row, node, &ofrow_table.rows) {
        inc_touch(row);
    }
}

void
ofswitch_set_complete(struct ofswitch *sw, bool complete)
{
    if (complete && !sw->complete) {
        sw->check_stale = true;
        touch_all();
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
    sw->wait_xid = send_msg(sw, ofpraw_alloc(OFPRAW_NXT_TLV_TABLE_REQUEST,
                                         OFP15_VERSION, 0));
    sw->state = S_TLV_WAIT;
}

static void
request_dump(struct ofswitch *sw)
{
    struct ofputil_flow_stats_request fsr = {
        .out_port = OFPP_ANY, .out_group = OFPG_ANY, .table_id = OFPTT_ALL,
    };
    match_init_catchall(&fsr.match);
    flows_clear(&sw->installed);
    sw->wait_xid = send_msg(sw, ofputil_encode_flow_stats_request(
        &fsr, OFPUTIL_P_OF15_OXM));
    sw->state = S_DUMP_WAIT;
    sw->stats.dumps++;
    COVERAGE_INC(ofswitch_dump);
}

void
ofswitch_resync(struct ofswitch *sw)
{
    if (sw->state == S_READY) {
        request_dump(sw);
    }
}

/* Makes sure that our Geneve option is tun_metadata0; options that others have
 * mapped stay. */
static void
handle_tlv_table(struct ofswitch *sw, const struct ofp_header *oh)
{
    struct ofputil_tlv_table_reply reply;
    enum ofperr error = ofputil_decode_tlv_table_reply(oh, &reply);
    if (error) {
        VLOG_WARN("bad reply about the Geneve option table: %s",
                  ofperr_to_string(error));
        request_dump(sw);
        return;
    }

    const struct ofputil_tlv_map *map;
    bool ours = false, taken = false;
    LIST_FOR_EACH (map, list_node, &reply.mappings) {
        if (map->option_class == OVN_GENEVE_CLASS
            && map->option_type == OVN_GENEVE_TYPE
            && map->option_len == OVN_GENEVE_LEN && map->index == 0) {
            ours = true;
        } else if (map->index == 0) {
            taken = true;
        }
    }
    ofputil_uninit_tlv_table(&reply.mappings);
    if (taken) {
        VLOG_WARN("tun_metadata0 of the integration bridge is mapped to a "
                  "Geneve option that is not OVN's: Geneve will not work");
    } else if (!ours) {
        struct ofputil_tlv_map ours_map = {
            .option_class = OVN_GENEVE_CLASS, .option_type = OVN_GENEVE_TYPE,
            .option_len = OVN_GENEVE_LEN, .index = 0,
        };
        struct ofputil_tlv_table_mod mod = { .command = NXTTMC_ADD };
        ovs_list_init(&mod.mappings);
        ovs_list_push_back(&mod.mappings, &ours_map.list_node);
        send_msg(sw, ofputil_encode_tlv_table_mod(OFP15_VERSION, &mod));
    }
    request_dump(sw);
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
        /* The decoder lets a match on Ethernet or on what it carries match on
         * the type of packet as well, which goes without saying here. */
        fs.match.flow.packet_type = 0;
        fs.match.wc.masks.packet_type = 0;
        flow_put(&sw->installed, fs.table_id, fs.priority,
                 ofmatch_pack(&fs.match), iblob_intern(wire.data, wire.size),
                 ntohll(fs.cookie));
        istr_pool_reset();
    }
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
        flows_clear(&sw->refused);
        touch_all();
    }
}

static struct change *
find_change(struct ofswitch *sw, ovs_be32 xid)
{
    struct change *c;
    HMAP_FOR_EACH_WITH_HASH (c, node, hash_int((OVS_FORCE uint32_t) xid, 0),
                             &sw->changes) {
        if (c->xid == xid) {
            return c;
        }
    }
    return NULL;
}

static void
log_refusal(const struct change *c, enum ofperr error)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);
    struct match match;
    struct ofpbuf ofpacts;
    struct ds s = DS_EMPTY_INITIALIZER;

    ofmatch_unpack(c->match, &match);
    ofpbuf_init(&ofpacts, 64);
    ofacts_decode(c->actions, &ofpacts);
    ds_put_format(&s, "table=%u, priority=%u, ", c->table, c->priority);
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

static void
handle_error(struct ofswitch *sw, const struct ofp_header *oh)
{
    enum ofperr error = ofperr_decode_msg(oh, NULL);
    struct change *c = find_change(sw, oh->xid);

    if (sw->state != S_BUNDLE_WAIT) {
        VLOG_WARN("the switch reports %s", ofperr_to_string(error));
        if (sw->state == S_TLV_WAIT && oh->xid == sw->wait_xid) {
            request_dump(sw);
        }
        return;
    }
    sw->bundle_failed = true;
    if (c && !c->refused) {
        c->refused = true;
        log_refusal(c, error);
        sw->stats.refused++;
    } else if (!c) {
        VLOG_DBG("bundle failed: %s", ofperr_to_string(error));
    }
}

/* ---- Bundles. ---- */

static void
apply_change(struct ofswitch *sw, const struct change *c)
{
    struct installed *f;

    switch (c->type) {
    case CHANGE_ADD:
    case CHANGE_MODIFY:
        flow_put(&sw->installed, c->table, c->priority, c->match, c->actions,
                 c->cookie);
        *(c->type == CHANGE_ADD ? &sw->stats.added : &sw->stats.modified)
            += 1;
        break;
    case CHANGE_DELETE:
        f = flow_find(&sw->installed, c->table, c->priority, c->match);
        if (f) {
            flow_remove(&sw->installed, f);
        }
        sw->stats.deleted++;
        break;
    }
}

/* Puts back what a failed bundle wanted, without what the switch refuses.
 * When no refusal explains the failure, all is read again. */
static void
retry_changes(struct ofswitch *sw)
{
    struct change *c;
    bool explained = false;

    HMAP_FOR_EACH (c, node, &sw->changes) {
        if (c->refused) {
            flow_put(&sw->refused, c->table, c->priority, c->match,
                     c->actions, c->cookie);
            explained = true;
        }
        struct inc_row *row = inc_row_by_key(
            &ofrow_table, &(struct ofrow_v) {
                .of_table = c->table, .priority = c->priority,
                .match = c->match });
        if (row) {
            inc_touch(row);
        } else {
            sw->check_stale = true;
        }
    }
    if (!explained) {
        static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);
        VLOG_WARN_RL(&rl, "the switch refused a bundle without saying why; "
                     "reading its flows again");
        rconn_reconnect(sw->rconn);
    }
}

static void
handle_barrier(struct ofswitch *sw)
{
    sw->state = S_READY;
    if (sw->bundle_failed) {
        retry_changes(sw);
    } else {
        struct change *c;
        HMAP_FOR_EACH (c, node, &sw->changes) {
            apply_change(sw, c);
        }
        sw->confirmed = sw->bundle_generation;
    }
    changes_clear(sw);
}

static struct change *
add_change(struct ofswitch *sw, enum change_type type, uint16_t table,
           uint16_t priority, iblob match, iblob actions, uint32_t cookie)
{
    struct change *c = xzalloc(sizeof *c);
    iblob_ref(match);
    iblob_ref(actions);
    c->type = type;
    c->table = table;
    c->priority = priority;
    c->match = match;
    c->actions = actions;
    c->cookie = cookie;
    hmap_insert(&sw->changes, &c->node, random_uint32());
    return c;
}

/* Compares one wanted row with what the switch has. */
static void
compare_row(struct ofswitch *sw, struct inc_row *row)
{
    const struct ofrow_v *v = ofrow_untracked(row);
    struct installed *f = flow_find(&sw->installed, v->of_table, v->priority,
                                    v->match);

    if (inc_row_is_dead(row)) {
        struct installed *r = flow_find(&sw->refused, v->of_table, v->priority,
                                        v->match);
        if (r) {
            flow_remove(&sw->refused, r);
        }
        if (f && sw->complete && !sw->check_stale) {
            add_change(sw, CHANGE_DELETE, f->table, f->priority, f->match,
                       f->actions, f->cookie);
        } else if (f) {
            sw->check_stale = true;
        }
        inc_row_release(row);
        return;
    }

    const struct installed *r = flow_find(&sw->refused, v->of_table,
                                          v->priority, v->match);
    if (r && r->actions.p == v->actions.p) {
        return;
    }
    if (!f) {
        add_change(sw, CHANGE_ADD, v->of_table, v->priority, v->match,
                   v->actions, v->cookie);
    } else if (sw->complete
               && (f->actions.p != v->actions.p || f->cookie != v->cookie)) {
        add_change(sw, CHANGE_MODIFY, v->of_table, v->priority, v->match,
                   v->actions, v->cookie);
    }
}

/* Flows that the switch has and no row wants. */
static void
collect_stale(struct ofswitch *sw)
{
    struct installed *f;

    sw->check_stale = false;
    HMAP_FOR_EACH (f, node, &sw->installed) {
        struct inc_row *row = inc_row_by_key(
            &ofrow_table, &(struct ofrow_v) {
                .of_table = f->table, .priority = f->priority,
                .match = f->match });
        if (!row) {
            add_change(sw, CHANGE_DELETE, f->table, f->priority, f->match,
                       f->actions, f->cookie);
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
        .priority = c->priority, .table_id = c->table,
        .command = (c->type == CHANGE_DELETE ? OFPFC_DELETE_STRICT
                    : OFPFC_ADD),
        .new_cookie = htonll(c->cookie), .buffer_id = UINT32_MAX,
        .out_port = OFPP_ANY, .out_group = OFPG_ANY,
    };

    ofmatch_unpack(c->match, &match);
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

static void
send_bundle_ctrl(struct ofswitch *sw, uint16_t type)
{
    struct ofputil_bundle_ctrl_msg bc = {
        .bundle_id = sw->bundle_id, .type = type,
        .flags = OFPBF_ATOMIC | OFPBF_ORDERED,
    };
    send_msg(sw, ofputil_encode_bundle_ctrl_request(OFP15_VERSION, &bc));
}

static void
send_bundle(struct ofswitch *sw, uint64_t generation)
{
    struct hmap keyed = HMAP_INITIALIZER(&keyed);
    struct change *c;

    sw->bundle_id++;
    sw->bundle_failed = false;
    sw->bundle_generation = generation;
    send_bundle_ctrl(sw, OFPBCT_OPEN_REQUEST);
    HMAP_FOR_EACH_POP (c, node, &sw->changes) {
        struct ofpbuf *flow_mod = encode_change(c);
        struct ofputil_bundle_add_msg add = {
            .bundle_id = sw->bundle_id,
            .flags = OFPBF_ATOMIC | OFPBF_ORDERED,
            .msg = flow_mod->data,
        };
        c->xid = add.msg->xid;
        hmap_insert(&keyed, &c->node,
                    hash_int((OVS_FORCE uint32_t) c->xid, 0));
        send_msg(sw, ofputil_encode_bundle_add(OFP15_VERSION, &add));
        ofpbuf_delete(flow_mod);
    }
    hmap_swap(&keyed, &sw->changes);
    hmap_destroy(&keyed);
    send_bundle_ctrl(sw, OFPBCT_COMMIT_REQUEST);
    sw->wait_xid = send_msg(sw, ofputil_encode_barrier_request(OFP15_VERSION));
    sw->state = S_BUNDLE_WAIT;
    sw->stats.bundles++;
    COVERAGE_INC(ofswitch_bundle);
}

static void
send_differences(struct ofswitch *sw, uint64_t generation)
{
    struct inc_row *row;

    while ((row = inc_touched_pop(&ofrow_table)) != NULL) {
        compare_row(sw, row);
    }
    if (sw->check_stale && sw->complete) {
        collect_stale(sw);
    }
    if (hmap_is_empty(&sw->changes)) {
        sw->confirmed = generation;
    } else {
        send_bundle(sw, generation);
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
    } else if (oh->xid != sw->wait_xid) {
        /* Nothing that we wait for. */
    } else if (type == OFPTYPE_NXT_TLV_TABLE_REPLY
               && sw->state == S_TLV_WAIT) {
        handle_tlv_table(sw, oh);
    } else if (type == OFPTYPE_FLOW_STATS_REPLY
               && sw->state == S_DUMP_WAIT) {
        handle_flow_stats(sw, oh);
    } else if (type == OFPTYPE_BARRIER_REPLY && sw->state == S_BUNDLE_WAIT) {
        handle_barrier(sw);
    }
}

void
ofswitch_run(struct ofswitch *sw, uint64_t generation)
{
    rconn_run(sw->rconn);
    if (!rconn_is_connected(sw->rconn)) {
        sw->state = S_DOWN;
        return;
    }

    unsigned int seqno = rconn_get_connection_seqno(sw->rconn);
    if (sw->state == S_DOWN || seqno != sw->connection_seqno) {
        sw->connection_seqno = seqno;
        changes_clear(sw);
        request_tlv_table(sw);
    }
    for (int i = 0; i < 100; i++) {
        struct ofpbuf *msg = rconn_recv(sw->rconn);
        if (!msg) {
            break;
        }
        handle_message(sw, msg);
        ofpbuf_delete(msg);
    }
    if (sw->state == S_READY) {
        send_differences(sw, generation);
    }
    rconn_run(sw->rconn);
}

void
ofswitch_wait(struct ofswitch *sw)
{
    rconn_run_wait(sw->rconn);
    rconn_recv_wait(sw->rconn);
}

static void
ofswitch_show(struct unixctl_conn *conn, int argc OVS_UNUSED,
              const char *argv[] OVS_UNUSED, void *sw_)
{
    static const char *const names[] = {
        [S_DOWN] = "not connected", [S_TLV_WAIT] = "reading options",
        [S_DUMP_WAIT] = "reading flows", [S_READY] = "up to date",
        [S_BUNDLE_WAIT] = "installing",
    };
    const struct ofswitch *sw = sw_;
    char *s = xasprintf(
        "remote: %s\nstate: %s\ninstalled flows: %"PRIuSIZE"\n"
        "refused flows: %"PRIuSIZE"\nadded: %"PRIu64"\n"
        "modified: %"PRIu64"\ndeleted: %"PRIu64"\nbundles: %"PRIu64"\n"
        "dumps: %"PRIu64"\n",
        sw->remote ? sw->remote : "none", names[sw->state],
        hmap_count(&sw->installed), hmap_count(&sw->refused),
        sw->stats.added, sw->stats.modified, sw->stats.deleted,
        sw->stats.bundles, sw->stats.dumps);
    unixctl_command_reply(conn, s);
    free(s);
}
