#include <config.h>
#include "nbctl.h"

#include <stdlib.h>
#include <string.h>

#include "ovsdb-idl.h"
#include "packets.h"
#include "util.h"

static void
pre_bindings(struct ctl_context *ctx)
{
    ovsdb_idl_add_column(ctx->idl, &nbrec_static_mac_binding_col_ip);
    ovsdb_idl_add_column(ctx->idl,
                         &nbrec_static_mac_binding_col_logical_port);
    ovsdb_idl_add_column(ctx->idl, &nbrec_static_mac_binding_col_mac);
}

static void
pre_binding_edit(struct ctl_context *ctx)
{
    nbctl_pre_router_ports(ctx);
    pre_bindings(ctx);
}

static void
narrow_binding(struct ctl_context *ctx)
{
    nbctl_narrow_to_router_port(ctx);
    ctl_need_all(ctx, &nbrec_table_static_mac_binding);
}

/* Parses the arguments LRP and IP, the latter into '*ip', in its usual form,
 * which the caller must free.  Sets ctx->error if they are wrong. */
static const struct nbrec_logical_router_port *
parse_key(struct ctl_context *ctx, char **ip)
{
    const struct nbrec_logical_router_port *lrp;

    *ip = NULL;
    ctx->error = nbctl_find_router_port(ctx, ctx->argv[1], true, &lrp);
    if (!ctx->error) {
        *ip = nbctl_normalize_ip(ctx->argv[2]);
        if (!*ip) {
            ctl_error(ctx, "%s: Not a valid IPv4 or IPv6 address.",
                      ctx->argv[2]);
        }
    }
    return lrp;
}

static const struct nbrec_static_mac_binding *
find_binding(struct ctl_context *ctx,
             const struct nbrec_logical_router_port *lrp, const char *ip)
{
    const struct nbrec_static_mac_binding *smb;

    NBREC_STATIC_MAC_BINDING_FOR_EACH (smb, ctx->idl) {
        if (!strcmp(smb->logical_port, lrp->name) && !strcmp(smb->ip, ip)) {
            return smb;
        }
    }
    return NULL;
}

static void
static_mac_binding_add(struct ctl_context *ctx)
{
    bool may_exist = shash_find(&ctx->options, "--may-exist");
    const char *mac = ctx->argv[3];
    const struct nbrec_static_mac_binding *old;
    const struct nbrec_logical_router_port *lrp;
    struct eth_addr ea;
    char *ip;

    lrp = parse_key(ctx, &ip);
    if (!ctx->error && !eth_addr_from_string(mac, &ea)) {
        ctl_error(ctx, "invalid mac address %s.", mac);
    }
    if (ctx->error) {
        free(ip);
        return;
    }

    old = find_binding(ctx, lrp, ip);
    if (old && may_exist) {
        nbrec_static_mac_binding_set_mac(old, mac);
    } else if (old) {
        ctl_error(ctx, "%s, %s: a Static_MAC_Binding with this logical_port "
                  "and ip already exists", lrp->name, ip);
    } else {
        struct nbrec_static_mac_binding *smb
            = nbrec_static_mac_binding_insert(ctx->txn);

        nbrec_static_mac_binding_set_logical_port(smb, lrp->name);
        nbrec_static_mac_binding_set_ip(smb, ip);
        nbrec_static_mac_binding_set_mac(smb, mac);
    }
    free(ip);
}

static void
static_mac_binding_del(struct ctl_context *ctx)
{
    bool must_exist = !shash_find(&ctx->options, "--if-exists");
    const struct nbrec_logical_router_port *lrp;
    char *ip;

    lrp = parse_key(ctx, &ip);
    if (!ctx->error) {
        const struct nbrec_static_mac_binding *smb = find_binding(ctx, lrp,
                                                                  ip);

        if (smb) {
            nbrec_static_mac_binding_delete(smb);
        } else if (must_exist) {
            ctl_error(ctx, "no matching Static_MAC_Binding with port %s and "
                      "ip %s", lrp->name, ip);
        }
    }
    free(ip);
}

static int
compare_bindings(const void *a_, const void *b_)
{
    const struct nbrec_static_mac_binding *const *ap = a_;
    const struct nbrec_static_mac_binding *const *bp = b_;
    int cmp = strcmp((*ap)->logical_port, (*bp)->logical_port);

    return cmp ? cmp : strcmp((*ap)->ip, (*bp)->ip);
}

static void
static_mac_binding_list(struct ctl_context *ctx)
{
    const struct nbrec_static_mac_binding **bindings = NULL;
    const struct nbrec_static_mac_binding *smb;
    size_t n = 0, allocated = 0;

    NBREC_STATIC_MAC_BINDING_FOR_EACH (smb, ctx->idl) {
        if (n >= allocated) {
            bindings = x2nrealloc(bindings, &allocated, sizeof *bindings);
        }
        bindings[n++] = smb;
    }
    if (n) {
        qsort(bindings, n, sizeof *bindings, compare_bindings);
        ds_put_format(&ctx->output, "%-25s%-25s%s\n", "LOGICAL_PORT", "IP",
                      "MAC");
    }
    for (size_t i = 0; i < n; i++) {
        smb = bindings[i];
        ds_put_format(&ctx->output, "%-25s%-25s%s\n", smb->logical_port,
                      smb->ip, smb->mac);
    }
    free(bindings);
}

static const struct ctl_cmd cmds[] = {
    { { "static-mac-binding-add", 3, 3, "LRP IP MAC", pre_binding_edit,
        static_mac_binding_add, NULL, "--may-exist", RW },
      "add a neighbor to a router port",
      "Tells the router the Ethernet address of a neighbor on the network of "
      "port LRP, so that it need not ask.  It is an error if it has one for "
      "IP; with `--may-exist`, the neighbor gets the new MAC.",
      .narrow = narrow_binding },
    { { "static-mac-binding-del", 2, 2, "LRP IP", pre_binding_edit,
        static_mac_binding_del, NULL, "--if-exists", RW },
      "delete a neighbor of a router port",
      "Such a neighbor must exist, unless `--if-exists` is given.",
      .narrow = narrow_binding },
    { { "static-mac-binding-list", 0, 0, "", pre_bindings,
        static_mac_binding_list, NULL, "", RO },
      "list all neighbors that were added",
      "Prints router port, IP and Ethernet address of each." },
    { .syntax = { .name = NULL } },
};

const struct ctl_group nbctl_neighbor_group = {
    "Static MAC binding commands", NULL, cmds
};
