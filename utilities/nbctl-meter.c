#include <config.h>
#include "nbctl.h"

#include <stdlib.h>
#include <string.h>

#include "ovsdb-idl.h"
#include "smap.h"
#include "util.h"

/* Meters
 * ====== */

static void
pre_meters(struct ctl_context *ctx)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &nbrec_meter_band_col_action,
        &nbrec_meter_band_col_burst_size,
        &nbrec_meter_band_col_rate,
        &nbrec_meter_col_bands,
        &nbrec_meter_col_fair,
        &nbrec_meter_col_name,
        &nbrec_meter_col_unit,
        NULL
    };

    ctl_add_columns(ctx->idl, columns);
}

static const struct nbrec_meter *
find_meter(struct ctl_context *ctx, const char *name)
{
    const struct nbrec_meter *meter;

    NBREC_METER_FOR_EACH (meter, ctx->idl) {
        if (!strcmp(meter->name, name)) {
            return meter;
        }
    }
    return NULL;
}

static void
meter_add(struct ctl_context *ctx)
{
    const char *name = ctx->argv[1];
    const char *unit = ctx->argv[4];
    bool fair = shash_find(&ctx->options, "--fair");
    const struct nbrec_meter *meter = find_meter(ctx, name);
    int64_t rate, burst = 0;

    if (meter && !shash_find(&ctx->options, "--may-exist")) {
        ctl_error(ctx, "meter with name \"%s\" already exists", name);
        return;
    } else if (!strncmp(name, "__", 2)) {
        ctl_error(ctx, "meter names that begin with \"__\" are reserved");
        return;
    } else if (strcmp(ctx->argv[2], "drop")) {
        ctl_error(ctx, "action must be \"drop\"");
        return;
    } else if (!nbctl_parse_uint(ctx->argv[3], 1, UINT32_MAX, &rate)) {
        ctl_error(ctx, "rate must be in the range 1...4294967295");
        return;
    } else if (strcmp(unit, "kbps") && strcmp(unit, "pktps")) {
        ctl_error(ctx, "unit must be \"kbps\" or \"pktps\"");
        return;
    } else if (ctx->argc > 5
               && !nbctl_parse_uint(ctx->argv[5], 0, UINT32_MAX, &burst)) {
        ctl_error(ctx, "burst must be in the range 0...4294967295");
        return;
    }

    struct nbrec_meter_band *band = nbrec_meter_band_insert(ctx->txn);
    nbrec_meter_band_set_action(band, "drop");
    nbrec_meter_band_set_rate(band, rate);
    nbrec_meter_band_set_burst_size(band, burst);

    if (!meter) {
        meter = nbrec_meter_insert(ctx->txn);
        nbrec_meter_set_name(meter, name);
    }
    nbrec_meter_set_unit(meter, unit);
    nbrec_meter_set_fair(meter, &fair, fair);
    nbrec_meter_set_bands(meter, &band, 1);
}

static void
meter_del(struct ctl_context *ctx)
{
    const struct nbrec_meter *meter;

    NBREC_METER_FOR_EACH_SAFE (meter, ctx->idl) {
        if (ctx->argc == 1 || !strcmp(meter->name, ctx->argv[1])) {
            nbrec_meter_delete(meter);
        }
    }
}

static int
compare_meters(const void *a_, const void *b_)
{
    const struct nbrec_meter *const *a = a_;
    const struct nbrec_meter *const *b = b_;

    return strcmp((*a)->name, (*b)->name);
}

static int
compare_bands(const void *a_, const void *b_)
{
    const struct nbrec_meter_band *const *a = a_;
    const struct nbrec_meter_band *const *b = b_;

    return ((*a)->rate != (*b)->rate
            ? ((*a)->rate < (*b)->rate ? -1 : 1)
            : (*a)->burst_size < (*b)->burst_size ? -1
            : (*a)->burst_size > (*b)->burst_size);
}

static void
print_meter(const struct nbrec_meter *meter, struct ds *s)
{
    struct nbrec_meter_band **bands
        = xmemdup(meter->bands, meter->n_bands * sizeof *bands);

    qsort(bands, meter->n_bands, sizeof *bands, compare_bands);
    ds_put_format(s, "%s: %sbands:\n", meter->name,
                  meter->n_fair && meter->fair[0] ? "(fair) " : "");
    for (size_t i = 0; i < meter->n_bands; i++) {
        const struct nbrec_meter_band *band = bands[i];

        ds_put_format(s, "  %s: %"PRId64" %s", band->action, band->rate,
                      meter->unit);
        if (band->burst_size) {
            ds_put_format(s, ", %"PRId64" %s burst", band->burst_size,
                          !strcmp(meter->unit, "kbps") ? "kb" : "packet");
        }
        ds_put_char(s, '\n');
    }
    free(bands);
}

static void
meter_list(struct ctl_context *ctx)
{
    const struct nbrec_meter **meters = NULL;
    const struct nbrec_meter *meter;
    size_t n = 0, allocated = 0;

    NBREC_METER_FOR_EACH (meter, ctx->idl) {
        if (n >= allocated) {
            meters = x2nrealloc(meters, &allocated, sizeof *meters);
        }
        meters[n++] = meter;
    }
    if (n) {
        qsort(meters, n, sizeof *meters, compare_meters);
    }
    for (size_t i = 0; i < n; i++) {
        print_meter(meters[i], &ctx->output);
    }
    free(meters);
}

static const struct ctl_cmd meter_cmds[] = {
    { { "meter-add", 4, 5, "NAME ACTION RATE UNIT [BURST]", pre_meters,
        meter_add, NULL, "--fair,--may-exist", RW },
      "add a meter",
      "ACTION is what happens to packets beyond RATE: `drop`.  UNIT is "
      "`kbps` for kilobits per second or `pktps` for packets per second.  "
      "BURST, in kilobits or packets, is 0 by default: the switch chooses.  "
      "A meter with `--fair` is made once for each ACL that uses it, so "
      "that one cannot starve the others.\n\n"
      "The names of meters are unique, and those that begin with two "
      "underscores are reserved for OVN.  With `--may-exist`, a meter that "
      "exists is changed." },
    { { "meter-del", 0, 1, "[NAME]", pre_meters, meter_del, NULL, "", RW },
      "remove meters",
      "Removes the meter NAME, if there is one, or all." },
    { { "meter-list", 0, 0, "", pre_meters, meter_list, NULL, "", RO },
      "print meters",
      "Prints the meters with their bands, in the order of names." },
    { .syntax = { .name = NULL } },
};

const struct ctl_group nbctl_meter_group = {
    "Meter commands", NULL, meter_cmds
};

/* Control plane protection
 * ======================== */

static const char *const protocols[] = {
    "arp", "arp-resolve", "dhcpv4-opts", "dhcpv4-relay", "dhcpv6-opts",
    "dns", "event-elb", "icmp4-error", "icmp6-error", "igmp", "nd-na",
    "nd-ns", "nd-ns-resolve", "nd-ra-opts", "tcp-reset", "bfd", "reject",
    "svc-monitor",
};

static void
pre_copps(struct ctl_context *ctx)
{
    ovsdb_idl_add_column(ctx->idl, &nbrec_copp_col_meters);
    ovsdb_idl_add_column(ctx->idl, &nbrec_copp_col_name);
}

static void
pre_copp_attach(struct ctl_context *ctx)
{
    ovsdb_idl_add_column(ctx->idl, &nbrec_copp_col_name);
    nbctl_pre_switches(ctx);
    nbctl_pre_routers(ctx);
    ovsdb_idl_add_column(ctx->idl, &nbrec_logical_switch_col_copp);
    ovsdb_idl_add_column(ctx->idl, &nbrec_logical_router_col_copp);
}

static char *
check_protocol(const char *protocol)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&s, "Invalid control protocol. Allowed values: ");
    for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
        if (!strcmp(protocol, protocols[i])) {
            ds_destroy(&s);
            return NULL;
        }
        ds_put_format(&s, "%s%s", i ? ", " : "", protocols[i]);
    }
    ds_put_char(&s, '.');
    return ds_steal_cstr(&s);
}

/* Returns the policy whose UUID or name is 'id', or NULL. */
static const struct nbrec_copp *
find_copp(struct ctl_context *ctx, const char *id)
{
    const struct nbrec_copp *copp;
    struct uuid uuid;

    if (uuid_from_string(&uuid, id)) {
        copp = NBCTL_BY_UUID(ctx, copp, &uuid);
        if (copp) {
            return copp;
        }
    }
    NBREC_COPP_FOR_EACH (copp, ctx->idl) {
        if (!strcmp(copp->name, id)) {
            return copp;
        }
    }
    return NULL;
}

static void
copp_add(struct ctl_context *ctx)
{
    const struct nbrec_copp *copp = find_copp(ctx, ctx->argv[1]);
    struct smap meters = SMAP_INITIALIZER(&meters);

    ctx->error = check_protocol(ctx->argv[2]);
    if (ctx->error) {
        return;
    }
    if (copp) {
        smap_destroy(&meters);
        smap_clone(&meters, &copp->meters);
        nbrec_copp_verify_meters(copp);
    } else {
        copp = nbrec_copp_insert(ctx->txn);
        nbrec_copp_set_name(copp, ctx->argv[1]);
    }
    smap_replace(&meters, ctx->argv[2], ctx->argv[3]);
    nbrec_copp_set_meters(copp, &meters);
    smap_destroy(&meters);
}

static void
copp_del(struct ctl_context *ctx)
{
    const struct nbrec_copp *copp = find_copp(ctx, ctx->argv[1]);

    if (ctx->argc > 2) {
        ctx->error = check_protocol(ctx->argv[2]);
    }
    if (ctx->error || !copp) {
        return;
    }
    if (ctx->argc > 2) {
        struct smap meters;

        smap_clone(&meters, &copp->meters);
        smap_remove(&meters, ctx->argv[2]);
        nbrec_copp_verify_meters(copp);
        if (smap_is_empty(&meters)) {
            nbrec_copp_delete(copp);
        } else {
            nbrec_copp_set_meters(copp, &meters);
        }
        smap_destroy(&meters);
    } else {
        nbrec_copp_delete(copp);
    }
}

static void
copp_list(struct ctl_context *ctx)
{
    const struct nbrec_copp *copp = find_copp(ctx, ctx->argv[1]);

    if (copp) {
        const struct smap_node **nodes = smap_sort(&copp->meters);

        for (size_t i = 0; i < smap_count(&copp->meters); i++) {
            ds_put_format(&ctx->output, "%s: %s\n", nodes[i]->key,
                          nodes[i]->value);
        }
        free(nodes);
    }
}

/* Finds the policy named by the first argument, else sets ctx->error. */
static const struct nbrec_copp *
copp_arg(struct ctl_context *ctx)
{
    const struct nbrec_copp *copp = find_copp(ctx, ctx->argv[1]);

    if (!copp) {
        struct uuid uuid;

        ctl_error(ctx, "%s: copp %s not found", ctx->argv[1],
                  (uuid_from_string(&uuid, ctx->argv[1])
                   ? "UUID" : "name"));
    }
    return copp;
}

static void
ls_copp_add(struct ctl_context *ctx)
{
    const struct nbrec_logical_switch *ls;

    ctx->error = nbctl_find_switch(ctx, ctx->argv[2], true, &ls);
    if (!ctx->error) {
        const struct nbrec_copp *copp = copp_arg(ctx);

        if (copp) {
            nbrec_logical_switch_set_copp(ls, copp);
        }
    }
}

static void
lr_copp_add(struct ctl_context *ctx)
{
    const struct nbrec_logical_router *lr;

    ctx->error = nbctl_find_router(ctx, ctx->argv[2], true, &lr);
    if (!ctx->error) {
        const struct nbrec_copp *copp = copp_arg(ctx);

        if (copp) {
            nbrec_logical_router_set_copp(lr, copp);
        }
    }
}

static const struct ctl_cmd copp_cmds[] = {
    { { "copp-add", 3, 3, "COPP PROTOCOL METER", pre_copps, copp_add, NULL,
        "", RW },
      "limit the packets of PROTOCOL in policy COPP",
      "Makes METER, the name of a meter, limit the packets of PROTOCOL that "
      "reach ovn-controller.  Creates the policy if it does not exist." },
    { { "copp-del", 1, 2, "COPP [PROTOCOL]", pre_copps, copp_del, NULL, "",
        RW },
      "remove policy COPP, or its limit for PROTOCOL",
      "Does nothing if there is none.  A policy goes with its last limit." },
    { { "copp-list", 1, 1, "COPP", pre_copps, copp_list, NULL, "", RO },
      "list the limits in policy COPP",
      "Prints protocols and meters." },
    { { "ls-copp-add", 2, 2, "COPP SWITCH", pre_copp_attach, ls_copp_add,
        NULL, "", RW },
      "let SWITCH have policy COPP",
      "A switch has one policy; this replaces another one." },
    { { "lr-copp-add", 2, 2, "COPP ROUTER", pre_copp_attach, lr_copp_add,
        NULL, "", RW },
      "let ROUTER have policy COPP",
      "A router has one policy; this replaces another one." },
    { .syntax = { .name = NULL } },
};

const struct ctl_group nbctl_copp_group = {
    "Control plane protection policy commands",
    "A policy limits the packets that switches and routers send to "
    "ovn-controller, by protocols: `arp`, `arp-resolve`, `bfd`, "
    "`dhcpv4-opts`, `dhcpv4-relay`, `dhcpv6-opts`, `dns`, `event-elb`, "
    "`icmp4-error`, `icmp6-error`, `igmp`, `nd-na`, `nd-ns`, "
    "`nd-ns-resolve`, `nd-ra-opts`, `reject`, `svc-monitor` and `tcp-reset`.",
    copp_cmds
};
