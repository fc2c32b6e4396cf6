/* What it means that a flow drops a packet, where that comes from no row, or
 * from one that does not say why. */

#include <config.h>
#include "trace.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "util.h"

/* In which flow, about which packet, and in which words.  The first line that
 * fits is the one.  Stages and matches are those that ovn-northd, ours and
 * OVN's, has had since 22.03. */
static const struct reason {
    const char *stage;          /* A shell pattern. */
    const char *match;          /* Likewise, of the flow's match; "1" for no
                                 * flow at all. */
    const char *packet;         /* An expression, or NULL for any packet. */
    const char *words;          /* With {field}s, see put_field(). */
} reasons[] = {
    /* Switches. */
    { "ls_in_check_port_sec", "vlan.present", NULL,
      "the switch takes no packets with VLAN tags" },
    { "ls_in_check_port_sec", "eth.src[[]40]", NULL,
      "its source {eth.src} is a multicast address" },
    { "ls_*_acl*", "*ct.inv*", "ct.inv",
      "the connection tracker finds it invalid" },
    { "ls_*_acl*", "*blocked == 1*", "ct.est",
      "an ACL has blocked its connection" },
    { "ls_*_acl*", "1", NULL, "no ACL allows it" },
    { "ls_in_l2_lkup", "*mcast*", NULL,
      "no port has joined the multicast group {ip.dst}" },
    { "ls_in_l2_*", "outport == \"none\"", NULL,
      "no port of the switch has the address {eth.dst}" },
    { "ls_in_l2_*", "1", NULL,
      "no port of the switch has the address {eth.dst}" },

    /* Routers. */
    { "lr_in_admission", "vlan.present*", "vlan.present",
      "the router takes no packets with VLAN tags" },
    { "lr_in_admission", "*eth.src[[]40]", NULL,
      "its source {eth.src} is a multicast address" },
    { "lr_in_admission", "1", NULL,
      "the router port does not listen to {eth.dst} here" },
    { "lr_in_ip_input", "ip.ttl == *", NULL, "its TTL ends" },
    { "lr_in_ip_input", "ip4.src_mcast*", "ip4.dst == {0.0.0.0/8, "
      "127.0.0.0/8}", "its destination {ip.dst} is not valid" },
    { "lr_in_ip_input", "ip4.src_mcast*", NULL,
      "its source {ip.src} is not valid" },
    { "lr_in_ip_input", "ip[46].src == *", NULL,
      "its source {ip.src} is an address of the router, or a broadcast" },
    { "lr_in_ip_input", "ip[46].dst == *", NULL,
      "it is for the router itself, which does not answer it" },
    { "lr_in_ip_input", "*arp.tpa == *", NULL,
      "the router answers it on another chassis" },
    { "lr_in_ip_input", "*nd.target == *", NULL,
      "the router answers it on another chassis" },
    { "lr_in_ip_input", "arp || nd", NULL,
      "the router neither answers nor forwards it" },
    { "lr_in_ip_input", "*eth.bcast*", NULL,
      "the router forwards no broadcasts" },
    { "lr_in_ip_input", "*mcast*", NULL,
      "the router forwards no multicast" },
    { "lr_in_ip_routing", "nd_r[sa]*", NULL,
      "the router does not forward it" },
    { "lr_in_ip_routing", "*mcast*", NULL,
      "the router forwards no multicast" },
    { "lr_in_ip_routing", "1", "ip", "no route leads to {ip.dst}" },
    { "lr_in_arp_resolve", "*ip[46].dst == *", NULL,
      "{ip.dst} is an address of the router itself" },
};

static void
put_ip(const struct flow *f, bool src, struct ds *s)
{
    if (f->dl_type == htons(ETH_TYPE_IPV6)) {
        ipv6_format_addr(src ? &f->ipv6_src : &f->ipv6_dst, s);
    } else {
        ds_put_format(s, IP_FMT, IP_ARGS(src ? f->nw_src : f->nw_dst));
    }
}

/* Appends the value that the packet has in the field with that name. */
static void
put_field(const struct flow *f, const char *name, struct ds *s)
{
    if (!strncmp(name, "eth.", 4)) {
        bool src = !strncmp(name, "eth.src", 7);
        ds_put_format(s, ETH_ADDR_FMT,
                      ETH_ADDR_ARGS(src ? f->dl_src : f->dl_dst));
    } else {
        put_ip(f, !strncmp(name, "ip.src", 6), s);
    }
}

static void
put_words(const char *words, const struct flow *f, struct ds *s)
{
    for (;;) {
        const char *brace = strchr(words, '{');
        if (!brace) {
            break;
        }
        ds_put_buffer(s, words, brace - words);
        put_field(f, brace + 1, s);
        words = strchr(brace, '}') + 1;
    }
    ds_put_cstr(s, words);
}

static bool
packet_is(const char *text, const struct flow *f)
{
    char *error;
    struct expr *expr = expr_parse_string(text, symtab_get(SYMTAB_FLOW), NULL,
                                          &error);

    ovs_assert(expr);
    expr_annotate(expr);
    bool is = expr_evaluate(expr, f, NULL, NULL, NULL);
    expr_destroy(expr);
    return is;
}

/* The name of the table where nothing matched, or "". */
static const char *
stage_of(const struct outcome *o)
{
    const struct net_table *table = &o->dp->tables[o->pipeline][o->table];

    return (o->lflow ? o->lflow->stage : table->n ? table->flows[0]->stage
            : "");
}

/* Appends in words why the packet was dropped, if we know.  Returns whether we
 * do. */
bool
reason_put(const struct trace *t OVS_UNUSED, const struct outcome *o,
           struct ds *s)
{
    const char *match = o->lflow ? o->lflow->row->match : "1";
    const char *stage = stage_of(o);

    for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
        const struct reason *r = &reasons[i];

        if (!fnmatch(r->stage, stage, 0) && !fnmatch(r->match, match, 0)
            && (!r->packet || packet_is(r->packet, &o->flow))) {
            put_words(r->words, &o->flow, s);
            return true;
        }
    }
    return false;
}
