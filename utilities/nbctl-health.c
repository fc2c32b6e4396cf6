#include <config.h>
#include "nbctl.h"

#include <stdlib.h>
#include <string.h>

#include "ovsdb-idl.h"
#include "util.h"

static const struct nbctl_set port_checks = {
    &nbrec_table_logical_switch_port,
    &nbrec_logical_switch_port_col_health_checks,
    &nbrec_table_logical_switch_port_health_check
};

static void
pre_checks(struct ctl_context *ctx)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &nbrec_logical_switch_port_col_health_checks,
        &nbrec_logical_switch_port_health_check_col_address,
        &nbrec_logical_switch_port_health_check_col_port,
        &nbrec_logical_switch_port_health_check_col_protocol,
        &nbrec_logical_switch_port_health_check_col_src_ip,
        &nbrec_logical_switch_port_health_check_col_status,
        NULL
    };

    nbctl_pre_ports(ctx);
    ctl_add_columns(ctx->idl, columns);
}

static void
narrow_checks(struct ctl_context *ctx)
{
    nbctl_narrow_to_port(ctx);
    ctl_need_none(ctx, &nbrec_table_logical_switch_port_health_check);
}

/* Finds the port named by the first argument, else sets ctx->error. */
static const struct nbrec_logical_switch_port *
port_arg(struct ctl_context *ctx)
{
    const struct nbrec_logical_switch_port *lsp;

    ctx->error = nbctl_find_port(ctx, ctx->argv[1], true, &lsp);
    return lsp;
}

static char *
parse_ip(const char *arg, char **ip)
{
    *ip = nbctl_normalize_ip(arg);
    return (*ip ? NULL
            : xasprintf("%s: Not a valid IPv4 or IPv6 address.", arg));
}

static char *
add_check(struct ctl_context *ctx,
          const struct nbrec_logical_switch_port *lsp, const char *src_ip,
          int64_t port, const char *address)
{
    const char *protocol = ctx->argv[2];
    struct nbctl_members m = nbctl_members(ctx, &port_checks,
                                           &lsp->header_);
    char *error = NULL;

    for (size_t i = 0; i < m.n && !error; i++) {
        const struct nbrec_logical_switch_port_health_check *hc
            = NBCTL_MEMBER(&m, i, nbrec_logical_switch_port_health_check);

        if (!strcmp(hc->protocol, protocol) && hc->port == port
            && !strcmp(hc->address, address)) {
            error = xasprintf("%s: port already has a health check for %s "
                              "port %"PRId64" of %s", lsp->name, protocol,
                              port, address);
        }
    }
    nbctl_members_destroy(&m);
    if (error) {
        return error;
    }

    struct nbrec_logical_switch_port_health_check *hc
        = nbrec_logical_switch_port_health_check_insert(ctx->txn);
    nbrec_logical_switch_port_health_check_set_protocol(hc, protocol);
    nbrec_logical_switch_port_health_check_set_src_ip(hc, src_ip);
    nbrec_logical_switch_port_health_check_set_port(hc, port);
    nbrec_logical_switch_port_health_check_set_address(hc, address);
    nbctl_member_joins(ctx, &port_checks, &lsp->header_, &hc->header_);
    return NULL;
}

static void
lsp_hc_add(struct ctl_context *ctx)
{
    const struct nbrec_logical_switch_port *lsp = port_arg(ctx);
    const char *protocol = ctx->argv[2];
    bool is_icmp = !strcmp(protocol, "icmp");
    char *src_ip = NULL, *address = NULL;
    int64_t port = 0;

    if (!lsp) {
        return;
    }
    if (!is_icmp && strcmp(protocol, "tcp") && strcmp(protocol, "udp")) {
        ctl_error(ctx, "%s: protocol must be one of \"tcp\", \"udp\", or "
                  "\"icmp\".", protocol);
    } else if (is_icmp != (ctx->argc == 5)) {
        ctl_error(ctx, is_icmp ? "protocol icmp has no port"
                                 : "protocol %s needs a port", protocol);
    } else if (!is_icmp
               && !nbctl_parse_uint(ctx->argv[4], 1, 65535, &port)) {
        ctl_error(ctx, "%s: port must be in the range 1...65535",
                  ctx->argv[4]);
    } else {
        ctx->error = parse_ip(ctx->argv[3], &src_ip);
        if (!ctx->error) {
            ctx->error = parse_ip(ctx->argv[ctx->argc - 1], &address);
        }
        if (!ctx->error
            && nbctl_is_ipv6(src_ip) != nbctl_is_ipv6(address)) {
            ctl_error(ctx, "%s and %s are not of the same kind", src_ip,
                      address);
        }
        if (!ctx->error) {
            ctx->error = add_check(ctx, lsp, src_ip, port, address);
        }
    }
    free(src_ip);
    free(address);
}

static void
lsp_hc_del(struct ctl_context *ctx)
{
    const struct nbrec_logical_switch_port *lsp = port_arg(ctx);
    struct uuid uuid;
    bool found = false;

    if (!lsp) {
        return;
    } else if (ctx->argc > 2 && !uuid_from_string(&uuid, ctx->argv[2])) {
        ctl_error(ctx, "%s is not a UUID", ctx->argv[2]);
        return;
    }

    struct nbctl_members m = nbctl_members(ctx, &port_checks,
                                           &lsp->header_);
    for (size_t i = 0; i < m.n; i++) {
        if (ctx->argc < 3 || uuid_equals(&m.rows[i]->uuid, &uuid)) {
            nbctl_member_leaves(ctx, &port_checks, &lsp->header_, m.rows[i]);
            found = true;
        }
    }
    nbctl_members_destroy(&m);
    if (ctx->argc > 2 && !found) {
        ctl_error(ctx, "%s: health check UUID not found", ctx->argv[2]);
    }
}

static int
compare_checks(const void *a_, const void *b_)
{
    const struct ovsdb_idl_row *const *ap = a_;
    const struct ovsdb_idl_row *const *bp = b_;
    const struct nbrec_logical_switch_port_health_check *a = CONTAINER_OF(
        *ap, const struct nbrec_logical_switch_port_health_check, header_);
    const struct nbrec_logical_switch_port_health_check *b = CONTAINER_OF(
        *bp, const struct nbrec_logical_switch_port_health_check, header_);
    int cmp = strcmp(a->address, b->address);

    cmp = cmp ? cmp : strcmp(a->protocol, b->protocol);
    return cmp ? cmp : a->port < b->port ? -1 : a->port > b->port;
}

static void
lsp_hc_list(struct ctl_context *ctx)
{
    const struct nbrec_logical_switch_port *lsp = port_arg(ctx);
    struct ds *s = &ctx->output;

    if (!lsp) {
        return;
    }

    struct nbctl_members m = nbctl_members(ctx, &port_checks,
                                           &lsp->header_);
    if (m.n) {
        qsort(m.rows, m.n, sizeof *m.rows, compare_checks);
    }
    for (size_t i = 0; i < m.n; i++) {
        const struct nbrec_logical_switch_port_health_check *hc
            = NBCTL_MEMBER(&m, i, nbrec_logical_switch_port_health_check);

        ds_put_format(s, UUID_FMT"\n"
                      "    protocol: %s\n"
                      "    source: %s\n",
                      UUID_ARGS(&hc->header_.uuid), hc->protocol,
                      hc->src_ip);
        if (hc->port) {
            ds_put_format(s, "    port: %"PRId64"\n", hc->port);
        }
        ds_put_format(s, "    address: %s\n", hc->address);
        if (hc->status) {
            ds_put_format(s, "    status: %s\n", hc->status);
        }
    }
    nbctl_members_destroy(&m);
}

static const struct ctl_cmd cmds[] = {
    { { "lsp-hc-add", 4, 5, "PORT PROTOCOL SRC-IP [DST-PORT] ADDRESS",
        pre_checks, lsp_hc_add, NULL, "", RW },
      "check the health of what is behind PORT",
      "The chassis of PORT asks ADDRESS behind it from time to time for a "
      "sign of life, from the address SRC-IP.  PROTOCOL is `icmp`, or `tcp` "
      "or `udp`, which need DST-PORT.",
      .narrow = narrow_checks },
    { { "lsp-hc-del", 1, 2, "PORT [UUID]", pre_checks, lsp_hc_del, NULL, "",
        RW },
      "remove health checks from PORT",
      "Removes the check with that UUID, or all.",
      .narrow = narrow_checks },
    { { "lsp-hc-list", 1, 1, "PORT", pre_checks, lsp_hc_list, NULL, "",
        RO },
      "print health checks of PORT",
      "Prints UUIDs, settings, and what the last check found, if there was "
      "one: `online`, `offline` or `error`.",
      .narrow = narrow_checks },
    { .syntax = { .name = NULL } },
};

const struct ctl_group nbctl_health_group = {
    "Health check commands for switch ports", NULL, cmds
};
