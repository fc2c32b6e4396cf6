/* "test-ovn ofswitch": a daemon with a tiny engine between a file of flows, in
 * the syntax of ovs-ofctl, and a switch.  "test-ovn ofswitch-flows" makes such
 * files. */
#include "test-ovn.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "byte-order.h"
#include "controller/out/ofgroups.h"
#include "controller/out/ofrow.h"
#include "controller/out/ofswitch.h"
#include "controller/out/ofzones.h"
#include "daemon.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/match.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-flow.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "sset.h"
#include "timeval.h"
#include "unixctl.h"

/* ---- The engine: each line of the file is one contributor. ---- */

#define LINE_FIELDS(K, F, T) K(T, istr, text, STR)
INC_TABLE_DECLARE(line, LINE_FIELDS);
INC_TABLE_DEFINE(line, LINE_FIELDS, .kind = INC_INPUT);

/* Parses 's', which starts with "add ", into '*fm'.  Returns an error or
 * NULL. */
static char *
parse_flow(const char *s, struct ofputil_flow_mod *fm)
{
    enum ofputil_protocol usable;
    return parse_ofp_flow_mod_str(fm, s, NULL, NULL, OFPFC_ADD, &usable);
}

/* Emits what "group ID TEXT", "meter ID TEXT" or "zone NAME NUMBER" says, if
 * 'text' is that. */
static bool
run_other_line(const char *text)
{
    char name[16];
    uint32_t number;
    int n = -1;

    if (sscanf(text, "group %"SCNu32" %n", &number, &n) == 1 && n > 0) {
        emit_ofgroup(&(struct ofgroup_v) {
            .id = number, .text = istr_intern(text + n),
        });
    } else if (sscanf(text, "meter %"SCNu32" %n", &number, &n) == 1
               && n > 0) {
        emit_ofmeter(&(struct ofmeter_v) {
            .id = number, .text = istr_intern(text + n),
        });
    } else if (sscanf(text, "zone %15s %"SCNu32, name, &number) == 2) {
        emit_zone(&(struct zone_v) {
            .name = istr_intern(name), .zone = number,
        });
    } else {
        return false;
    }
    return true;
}

/* The text is a flow, after an optional "NAME|" that tells contributors of one
 * flow apart. */
static void
run_lines(const void *row)
{
    const char *text = line_text(row).s;
    if (run_other_line(text)) {
        return;
    }

    const char *bar = strchr(text, '|');
    struct ofputil_flow_mod fm;
    char *error = parse_flow(bar ? bar + 1 : text, &fm);

    if (error) {
        ovs_fatal(0, "%s: %s", text, error);
    }
    struct match match;
    struct ofpbuf ofpacts = ofpbuf_const_initializer(fm.ofpacts,
                                                     fm.ofpacts_len);
    minimatch_expand(&fm.match, &match);
    ofrow_emit(fm.table_id, fm.priority, &match, &ofpacts,
               ntohll(fm.new_cookie));
    minimatch_destroy(&fm.match);
    free(CONST_CAST(struct ofpact *, fm.ofpacts));
}

static const struct inc_rule line_rule = {
    .name = "lines", .driver = &line_table, .run = run_lines,
};
static struct inc_table *const tables[] = {
    &line_table, &ofrow_table, &ofgroup_table, &ofmeter_table, &zone_table,
    &known_zone_table, NULL
};
static struct inc_index *const indexes[] = { NULL };
static const struct inc_rule *const rules[] = { &line_rule, NULL };

/* ---- The daemon. ---- */

static struct ofswitch *sw;
static struct sset lines = SSET_INITIALIZER(&lines);
static uint64_t generation, loaded;
static bool exiting;

static void
read_lines(const char *name, struct sset *new)
{
    FILE *file = fopen(name, "r");
    struct ds s = DS_EMPTY_INITIALIZER;

    ovs_assert(file);
    while (!ds_get_line(&s, file)) {
        if (s.length && *ds_cstr(&s) != '#') {
            sset_add(new, ds_cstr(&s));
        }
    }
    ds_destroy(&s);
    fclose(file);
}

/* load FILE: what it says is what the switch shall have. */
static void
load_cb(struct unixctl_conn *conn, int argc OVS_UNUSED, const char *argv[],
        void *aux OVS_UNUSED)
{
    struct sset new = SSET_INITIALIZER(&new);
    const char *s;

    read_lines(argv[1], &new);
    SSET_FOR_EACH (s, &new) {
        if (!sset_contains(&lines, s)) {
            inc_input_set(&line_table,
                          &(struct line_v) { .text = istr_intern(s) });
        }
    }
    SSET_FOR_EACH (s, &lines) {
        if (!sset_contains(&new, s)) {
            inc_input_unset(&line_table,
                            &(struct line_v) { .text = istr_intern(s) });
        }
    }
    istr_pool_reset();
    sset_swap(&lines, &new);
    sset_destroy(&new);
    loaded = generation + 1;
    unixctl_command_reply(conn, NULL);
}

static void
complete_cb(struct unixctl_conn *conn, int argc OVS_UNUSED,
            const char *argv[] OVS_UNUSED, void *aux OVS_UNUSED)
{
    ofswitch_set_complete(sw, true);
    unixctl_command_reply(conn, NULL);
}

static void
resync_cb(struct unixctl_conn *conn, int argc OVS_UNUSED,
          const char *argv[] OVS_UNUSED, void *aux OVS_UNUSED)
{
    ofswitch_resync(sw);
    unixctl_command_reply(conn, NULL);
}

/* What was sent so far. */
static void
stats_cb(struct unixctl_conn *conn, int argc OVS_UNUSED,
         const char *argv[] OVS_UNUSED, void *aux OVS_UNUSED)
{
    struct ofswitch_stats s;
    ofswitch_stats_get(sw, &s);
    char *reply = xasprintf("added=%"PRIu64" modified=%"PRIu64
                            " deleted=%"PRIu64" refused=%"PRIu64
                            " bundles=%"PRIu64" dumps=%"PRIu64,
                            s.added, s.modified, s.deleted, s.refused,
                            s.bundles, s.dumps);
    unixctl_command_reply(conn, reply);
    free(reply);
}

/* Words that are true of the state. */
static void
state_cb(struct unixctl_conn *conn, int argc OVS_UNUSED,
         const char *argv[] OVS_UNUSED, void *aux OVS_UNUSED)
{
    bool idle = (ofswitch_is_ready(sw) && !inc_n_touched(&ofrow_table)
                 && !inc_n_touched(&ofgroup_table)
                 && !inc_n_touched(&ofmeter_table));
    char *reply = xasprintf("%s%s%s", ofswitch_is_ready(sw) ? "ready " : "",
                            idle ? "idle " : "",
                            ofswitch_confirmed(sw) >= loaded
                            ? "confirmed " : "");
    unixctl_command_reply(conn, reply);
    free(reply);
}

static void
exit_cb(struct unixctl_conn *conn, int argc OVS_UNUSED,
        const char *argv[] OVS_UNUSED, void *aux OVS_UNUSED)
{
    exiting = true;
    unixctl_command_reply(conn, NULL);
}

static void
register_commands(void)
{
    unixctl_command_register("exit", "", 0, 0, exit_cb, NULL);
    unixctl_command_register("load", "", 1, 1, load_cb, NULL);
    unixctl_command_register("complete", "", 0, 0, complete_cb, NULL);
    unixctl_command_register("resync", "", 0, 0, resync_cb, NULL);
    unixctl_command_register("stats", "", 0, 0, stats_cb, NULL);
    unixctl_command_register("state", "", 0, 0, state_cb, NULL);
}

enum { OPT_REMOTE = 1000, OPT_UNIXCTL, VLOG_OPTION_ENUMS,
       DAEMON_OPTION_ENUMS };

static void
parse_options(int argc, char *argv[], const char **remote,
              const char **unixctl)
{
    static const struct option long_options[] = {
        { "remote", required_argument, NULL, OPT_REMOTE },
        { "unixctl", required_argument, NULL, OPT_UNIXCTL },
        VLOG_LONG_OPTIONS,
        DAEMON_LONG_OPTIONS,
        { NULL, 0, NULL, 0 },
    };
    int c;

    while ((c = getopt_long(argc, argv, "v:", long_options, NULL)) != -1) {
        switch (c) {
        case OPT_REMOTE: *remote = optarg; break;
        case OPT_UNIXCTL: *unixctl = optarg; break;
        VLOG_OPTION_HANDLERS
        DAEMON_OPTION_HANDLERS
        default: exit(EXIT_FAILURE);
        }
    }
}

/* Arguments: --remote, and those of any daemon. */
static void
test_ofswitch(struct ovs_cmdl_context *ctx)
{
    const char *remote = NULL, *unixctl_path = NULL;
    struct unixctl_server *unixctl;

    parse_options(ctx->argc, ctx->argv, &remote, &unixctl_path);
    daemonize_start(false);
    if (unixctl_server_create(unixctl_path, &unixctl)) {
        exit(EXIT_FAILURE);
    }
    struct inc *inc = inc_create(&(const struct inc_config) {
        .name = "test", .tables = tables, .indexes = indexes, .rules = rules,
        .n_threads = 1,
    });
    sw = ofswitch_create();
    ofswitch_set_remote(sw, remote);
    register_commands();
    daemonize_complete();

    while (!exiting) {
        unixctl_server_run(unixctl);
        generation++;
        inc_run(inc);
        ofswitch_run(sw, generation);
        istr_pool_reset();
        ofswitch_wait(sw);
        unixctl_server_wait(unixctl);
        if (inc_is_dirty(inc) || exiting) {
            poll_immediate_wake();
        }
        poll_block();
    }
    ofswitch_destroy(sw);
    inc_destroy(inc);
    sset_destroy(&lines);
    unixctl_server_destroy(unixctl);
}

OVSTEST_REGISTER("ofswitch", test_ofswitch);

/* ---- Flows of all kinds. ---- */

static const char *const matches[] = {
    "", "ip", "ipv6", "arp", "tcp", "tcp6", "udp", "udp6", "sctp", "sctp6",
    "icmp", "icmp6", "icmp6,icmp_type=135", "icmp6,icmp_type=136",
    "in_port=5", "in_port=controller", "metadata=0x1f",
    "metadata=0x100/0xff00", "reg0=1,reg15=0x8000/0xffff,metadata=3",
    "reg10=0x1/0x1", "xreg4=0x123456789abcdef0", "xxreg1=0x1234/0xffff",
    "tun_id=0x77", "tun_id=0x1/0x1,in_port=9",
    "tun_src=1.2.3.4,tun_dst=5.6.7.8",
    "tun_ipv6_dst=fd00::1", "tun_flags=+oam",
    "dl_src=00:00:00:00:00:01", "dl_dst=01:00:00:00:00:00/01:00:00:00:00:00",
    "dl_dst=00:11:22:33:44:55,dl_src=0a:00:00:00:00:00/ff:00:00:00:00:00",
    "dl_type=0x88cc", "vlan_tci=0", "vlan_tci=0x1000/0x1000", "dl_vlan=100",
    "dl_vlan=7,dl_vlan_pcp=3", "vlan_tci=0x7005/0x7fff",
    "vlan_tci=0/0x1000", "vlan_vid=0x1000/0x1000",
    "ip,nw_src=10.0.0.0/8", "ip,nw_dst=10.1.2.3,nw_ttl=1", "ip,nw_tos=40",
    "ip,nw_ecn=1", "ip,ip_frag=later", "ip,ip_frag=not_later", "ip,nw_frag=no",
    "ip,nw_proto=89", "ip,nw_src=224.0.0.0/4",
    "ip,nw_dst=10.0.0.7/255.0.0.255",
    "ipv6,ipv6_src=fe80::/10", "ipv6,ipv6_dst=ff02::1,nw_ttl=255",
    "ipv6,ipv6_label=0x12345", "ipv6,ipv6_dst=ff02::1:ff00:0/104",
    "arp,arp_op=1,arp_tpa=10.0.0.1", "arp,arp_op=2,arp_spa=10.0.0.0/24",
    "arp,arp_sha=00:00:00:00:00:05", "arp,arp_tha=00:00:00:00:00:06",
    "icmp,icmp_type=3,icmp_code=4", "icmp6,icmp_type=2,icmp_code=0",
    "icmp6,icmp_type=135,nd_target=fe80::1",
    "icmp6,icmp_type=135,nd_target=::,nd_sll=00:00:00:00:00:00",
    "icmp6,icmp_type=136,nd_tll=00:00:00:00:00:01",
    "icmp6,icmp_type=136,nd_target=fe80::/16", "tcp,tp_src=80",
    "tcp,tp_dst=0x8000/0xfff0", "tcp,tcp_flags=+syn-ack",
    "tcp6,tcp_flags=+rst", "udp,tp_dst=53", "udp6,tp_src=547,tp_dst=546",
    "sctp,tp_dst=36412", "ct_state=+trk+new-est", "ct_state=-trk",
    "ct_state=+est-rel+rpl-inv+trk,ct_mark=0x1/0x1,ip",
    "ct_label=0x2/0x2", "ct_mark=0x5", "ct_zone=3",
    "ct_state=+trk+dnat,ct_nw_src=10.0.0.1,ct_nw_proto=6,ct_tp_dst=80,ip",
    "ct_state=+trk,ct_ipv6_dst=fd00::1,ct_nw_proto=17,ipv6", "conj_id=77,ip",
    "pkt_mark=0x1/0x1", "pkt_mark=5", "skb_priority=1", "actset_output=3",
    "recirc_id=0", "mpls,mpls_label=7,mpls_bos=1",
    "mpls,mpls_tc=3", "tun_gbp_id=3", "nsh,nsh_spi=4", "packet_type=(0,0)",
    "rarp", "ip,nw_src=10.0.0.1,tun_id=1,ct_state=+trk,reg3=5,dl_vlan=4",
};

static const char *const more_actions[] = {
    "drop", "push_vlan:0x8100,set_field:4196->vlan_vid,output:2",
    "pop_vlan,output:3", "strip_vlan", "mod_vlan_vid:7,resubmit(,9)",
    "move:NXM_NX_TUN_METADATA0[16..30]->NXM_NX_REG14[0..14],resubmit(,8)",
    "set_field:0x12345->tun_metadata0",
    "set_field:0x12345/0xfffff->tun_metadata0",
    "move:NXM_NX_REG14[0..14]->NXM_NX_TUN_METADATA0[16..30],output:4",
    "load:0x7->OXM_OF_METADATA[],load:0->NXM_OF_IN_PORT[],resubmit(,65)",
    "conjunction(5,1/2)", "conjunction(6,2/3),conjunction(7,1/2)",
    "conjunction(7,1/2),conjunction(6,2/3)",
    "note:00.01.02", "note:00.01.02.03.04.05,output:1", "dec_ttl,IN_PORT",
    "ct(commit,zone=NXM_NX_REG13[0..15],nat(src=1.2.3.4-1.2.3.9:100-200,"
    "random),exec(set_field:1->ct_mark,set_field:0x1/0x1->ct_label))",
    "ct(commit,force,table=5,zone=9,alg=ftp)", "ct_clear,CONTROLLER:128",
    "controller(userdata=00.00.00.01.00.00.00.02,pause),output:7",
    "push:NXM_NX_REG14[],pop:NXM_NX_REG15[],resubmit(,44)",
    "clone(ct_clear,set_field:1->reg1,clone(resubmit(,9))),output:7",
    "check_pkt_larger(1500)->NXM_NX_REG9[1],resubmit(,10)",
    "multipath(symmetric_l4,0,hrw,4,0,NXM_NX_REG4[0..3])", "enqueue:1:2",
    "bundle(eth_src,0,hrw,ofport,members:4,8)", "FLOOD", "LOCAL,output:1",
    "set_queue:3,output:4,pop_queue", "output:NXM_NX_REG15[0..15]",
    "output(port=2,max_len=100)", "fin_timeout(idle_timeout=10)",
    "encap(nsh),output:2", "push_mpls:0x8847,set_field:5->mpls_label,output:1",
    "delete_field:tun_metadata0,output:1", "resubmit(,9,ct)",
};

/* Prints flow 'n' with 'actions' and the first match from 'start' on that
 * allows them.  Returns false if none does. */
static bool
print_flow(int n, const char *actions, size_t start)
{
    for (size_t i = 0; i < ARRAY_SIZE(matches); i++) {
        const char *match = matches[(start + i) % ARRAY_SIZE(matches)];
        struct ofputil_flow_mod fm;
        char *s = xasprintf("cookie=%#x,table=%d,priority=%d,%s%sactions=%s",
                            n * 2654435761u, n % 66, 100 + n / 66, match,
                            match[0] ? "," : "", actions);
        char *error = parse_flow(s, &fm);
        if (!error) {
            minimatch_destroy(&fm.match);
            free(CONST_CAST(struct ofpact *, fm.ofpacts));
            puts(s);
        }
        free(s);
        if (!error) {
            return true;
        }
        free(error);
    }
    return false;
}

/* ofswitch-flows N <actions.cases: prints at least N flows, with all actions
 * of the file and all kinds of matches. */
static void
test_flows(struct ovs_cmdl_context *ctx)
{
    int n_wanted = atoi(ctx->argv[1]);
    struct sset actions = SSET_INITIALIZER(&actions);
    struct ds s = DS_EMPTY_INITIALIZER;
    int n = 0;

    for (size_t i = 0; i < ARRAY_SIZE(more_actions); i++) {
        sset_add(&actions, more_actions[i]);
    }
    while (!ds_get_line(&s, stdin)) {
        static const char mark[] = "    encodes as ";
        const char *text = ds_cstr(&s) + strlen(mark);
        /* There are no groups and meters here. */
        if (!strncmp(ds_cstr(&s), mark, strlen(mark))
            && !strstr(text, "group:") && !strstr(text, "meter:")) {
            sset_add(&actions, text);
        }
    }
    const char **array = sset_sort(&actions);
    while (n < n_wanted) {
        for (size_t i = 0; i < sset_count(&actions); i++) {
            if (!print_flow(n, array[i], n)) {
                ovs_fatal(0, "%s: no match fits", array[i]);
            }
            n++;
        }
    }
    free(array);
    ds_destroy(&s);
    sset_destroy(&actions);
}

OVSTEST_REGISTER("ofswitch-flows", test_flows);
