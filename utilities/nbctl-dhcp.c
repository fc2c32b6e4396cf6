#include <config.h>
#include "nbctl.h"

#include <stdlib.h>
#include <string.h>

#include "ovsdb-idl.h"
#include "smap.h"
#include "util.h"

static void
pre_dhcp(struct ctl_context *ctx)
{
    ovsdb_idl_add_column(ctx->idl, &nbrec_dhcp_options_col_cidr);
}

static void
pre_dhcp_options(struct ctl_context *ctx)
{
    pre_dhcp(ctx);
    ovsdb_idl_add_column(ctx->idl, &nbrec_dhcp_options_col_options);
}

/* Finds the row whose UUID is the first argument, else sets ctx->error. */
static const struct nbrec_dhcp_options *
dhcp_arg(struct ctl_context *ctx)
{
    const struct nbrec_dhcp_options *dhcp = NULL;
    struct uuid uuid;

    if (uuid_from_string(&uuid, ctx->argv[1])) {
        dhcp = NBCTL_BY_UUID(ctx, dhcp_options, &uuid);
    }
    if (!dhcp) {
        ctl_error(ctx, "%s: dhcp options UUID not found", ctx->argv[1]);
    }
    return dhcp;
}

static void
dhcp_options_create(struct ctl_context *ctx)
{
    const char *cidr = ctx->argv[1];
    struct smap external_ids;
    char *prefix = nbctl_normalize_prefix(cidr);

    if (!prefix) {
        ctl_error(ctx, "Invalid cidr format '%s'", cidr);
        return;
    }
    free(prefix);
    ctx->error = nbctl_parse_options(ctx->argv + 2, ctx->argc - 2,
                                     &external_ids);
    if (ctx->error) {
        return;
    }

    struct nbrec_dhcp_options *dhcp = nbrec_dhcp_options_insert(ctx->txn);
    nbrec_dhcp_options_set_cidr(dhcp, cidr);
    nbrec_dhcp_options_set_external_ids(dhcp, &external_ids);
    smap_destroy(&external_ids);
}

static void
dhcp_options_del(struct ctl_context *ctx)
{
    const struct nbrec_dhcp_options *dhcp = dhcp_arg(ctx);

    if (dhcp) {
        nbrec_dhcp_options_delete(dhcp);
    }
}

static int
compare_uuids(const void *a_, const void *b_)
{
    const struct uuid *a = a_;
    const struct uuid *b = b_;

    return uuid_compare_3way(a, b);
}

static void
dhcp_options_list(struct ctl_context *ctx)
{
    const struct nbrec_dhcp_options *dhcp;
    struct uuid *uuids = NULL;
    size_t n = 0, allocated = 0;

    NBREC_DHCP_OPTIONS_FOR_EACH (dhcp, ctx->idl) {
        if (n >= allocated) {
            uuids = x2nrealloc(uuids, &allocated, sizeof *uuids);
        }
        uuids[n++] = dhcp->header_.uuid;
    }
    if (n) {
        qsort(uuids, n, sizeof *uuids, compare_uuids);
    }
    for (size_t i = 0; i < n; i++) {
        ds_put_format(&ctx->output, UUID_FMT"\n", UUID_ARGS(&uuids[i]));
    }
    free(uuids);
}

static void
dhcp_options_set_options(struct ctl_context *ctx)
{
    const struct nbrec_dhcp_options *dhcp = dhcp_arg(ctx);
    struct smap options;

    if (!ctx->error) {
        ctx->error = nbctl_parse_options(ctx->argv + 2, ctx->argc - 2,
                                         &options);
    }
    if (!ctx->error) {
        nbrec_dhcp_options_set_options(dhcp, &options);
        smap_destroy(&options);
    }
}

static void
dhcp_options_get_options(struct ctl_context *ctx)
{
    const struct nbrec_dhcp_options *dhcp = dhcp_arg(ctx);

    if (dhcp) {
        const struct smap_node **nodes = smap_sort(&dhcp->options);

        for (size_t i = 0; i < smap_count(&dhcp->options); i++) {
            ds_put_format(&ctx->output, "%s=%s\n", nodes[i]->key,
                          nodes[i]->value);
        }
        free(nodes);
    }
}

static const struct ctl_cmd cmds[] = {
    { { "dhcp-options-create", 1, INT_MAX, "CIDR [KEY=VALUE]...", NULL,
        dhcp_options_create, NULL, "", RW },
      "create a row of DHCP options with CIDR",
      "CIDR is the IPv4 or IPv6 network of the ports that are going to use "
      "the row.  Each KEY=VALUE becomes an external ID of it, to find the "
      "row by." },
    { { "dhcp-options-del", 1, 1, "DHCP_OPTIONS_UUID", pre_dhcp,
        dhcp_options_del, NULL, "", RW },
      "delete DHCP_OPTIONS_UUID",
      "Ports that use the row have no DHCP options any more." },
    { { "dhcp-options-list", 0, 0, "", pre_dhcp, dhcp_options_list, NULL, "",
        RO },
      "list the rows of DHCP options",
      "Prints their UUIDs." },
    { { "dhcp-options-set-options", 1, INT_MAX,
        "DHCP_OPTIONS_UUID [KEY=VALUE]...", pre_dhcp_options,
        dhcp_options_set_options, NULL, "", RW },
      "set DHCP options for DHCP_OPTIONS_UUID",
      "Replaces all options of the row.  `ovn-nb`(5) describes them." },
    { { "dhcp-options-get-options", 1, 1, "DHCP_OPTIONS_UUID",
        pre_dhcp_options, dhcp_options_get_options, NULL, "", RO },
      "print the DHCP options of DHCP_OPTIONS_UUID",
      "Prints KEY=VALUE, one per line." },
    { .syntax = { .name = NULL } },
};

const struct ctl_group nbctl_dhcp_group = {
    "DHCP options commands",
    "These edit the rows that `lsp-set-dhcpv4-options` and "
    "`lsp-set-dhcpv6-options` give to ports.",
    cmds
};
