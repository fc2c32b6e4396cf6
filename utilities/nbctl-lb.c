#include <config.h>
#include "nbctl.h"

#include <stdlib.h>
#include <string.h>

#include "ovsdb-idl.h"
#include "packets.h"
#include "smap.h"
#include "socket-util.h"
#include "util.h"

static const struct nbctl_set router_lbs = {
    &nbrec_table_logical_router, &nbrec_logical_router_col_load_balancer,
    &nbrec_table_load_balancer
};

static const struct nbctl_set switch_lbs = {
    &nbrec_table_logical_switch, &nbrec_logical_switch_col_load_balancer,
    &nbrec_table_load_balancer
};

static void
pre_lb_names(struct ctl_context *ctx)
{
    ovsdb_idl_add_column(ctx->idl, &nbrec_load_balancer_col_name);
}

static void
pre_lbs(struct ctl_context *ctx)
{
    pre_lb_names(ctx);
    ovsdb_idl_add_column(ctx->idl, &nbrec_load_balancer_col_protocol);
    ovsdb_idl_add_column(ctx->idl, &nbrec_load_balancer_col_vips);
}

static void
pre_lb_list(struct ctl_context *ctx)
{
    pre_lbs(ctx);
    ovsdb_idl_add_column(ctx->idl, &nbrec_load_balancer_col_options);
}

/* Says that the command needs the load balancer in argument 'i'. */
static void
need_lb_arg(struct ctl_context *ctx, int i)
{
    ctl_need_none(ctx, &nbrec_table_load_balancer);
    if (ctx->argc > i) {
        ctl_need_id(ctx, &nbrec_table_load_balancer,
                    &nbrec_load_balancer_col_name, ctx->argv[i]);
    }
}

static void
narrow_lbs(struct ctl_context *ctx)
{
    if (ctx->argc > 1) {
        need_lb_arg(ctx, 1);
    } else {
        ctl_need_all(ctx, &nbrec_table_load_balancer);
    }
}

static void
narrow_router_lbs(struct ctl_context *ctx)
{
    nbctl_narrow_to_router(ctx);
    need_lb_arg(ctx, 2);
}

static void
narrow_switch_lbs(struct ctl_context *ctx)
{
    nbctl_narrow_to_switch(ctx);
    need_lb_arg(ctx, 2);
}

static void
pre_router_lbs(struct ctl_context *ctx)
{
    nbctl_pre_routers(ctx);
    ovsdb_idl_add_column(ctx->idl, &nbrec_logical_router_col_load_balancer);
    pre_lb_names(ctx);
}

static void
pre_router_lb_list(struct ctl_context *ctx)
{
    pre_router_lbs(ctx);
    pre_lb_list(ctx);
}

static void
pre_switch_lbs(struct ctl_context *ctx)
{
    nbctl_pre_switches(ctx);
    ovsdb_idl_add_column(ctx->idl, &nbrec_logical_switch_col_load_balancer);
    pre_lb_names(ctx);
}

static void
pre_switch_lb_list(struct ctl_context *ctx)
{
    pre_switch_lbs(ctx);
    pre_lb_list(ctx);
}

/* Finds the load balancer whose UUID or name is 'id', like
 * nbctl_find_switch(). */
static char *
find_lb(struct ctl_context *ctx, const char *id, bool must_exist,
        const struct nbrec_load_balancer **lbp)
{
    const struct nbrec_load_balancer *lb = NULL;
    struct uuid uuid;
    bool is_uuid = uuid_from_string(&uuid, id);

    *lbp = NULL;
    if (is_uuid) {
        lb = NBCTL_BY_UUID(ctx, load_balancer, &uuid);
    }
    if (!lb) {
        const struct nbrec_load_balancer *iter;

        NBREC_LOAD_BALANCER_FOR_EACH (iter, ctx->idl) {
            if (strcmp(iter->name, id)) {
                continue;
            } else if (lb) {
                return xasprintf("Multiple load balancers named '%s'.  "
                                 "Use a UUID.", id);
            }
            lb = iter;
        }
    }
    if (!lb && must_exist) {
        return xasprintf("%s: load balancer %s not found", id,
                         is_uuid ? "UUID" : "name");
    }
    *lbp = lb;
    return NULL;
}

/* Adding
 * ====== */

/* What "lb-add" shall create. */
struct new_lb {
    char *vip;                  /* Owned.  With a port, if it has one. */
    char *backends;             /* Owned. */
    const char *protocol;       /* NULL if not given. */
    const char *family;         /* For templates. */
    bool template;
};

/* Splits 's', an IPv4 or IPv6 address with a port behind ":" or none, into
 * '*ip', in its usual form, which the caller must free, and '*port', 0 for
 * none. */
static bool
parse_endpoint(const char *s, char **ip, uint16_t *port)
{
    struct sockaddr_storage ss;
    struct ds address = DS_EMPTY_INITIALIZER;

    if (!inet_parse_active(s, 0, &ss, false, NULL)) {
        return false;
    }
    *port = ss_get_port(&ss);
    ss_format_address_nobracks(&ss, &address);
    *ip = ds_steal_cstr(&address);
    return true;
}

static char *
format_endpoint(const char *ip, uint16_t port)
{
    return (!port ? xstrdup(ip)
            : xasprintf(nbctl_is_ipv6(ip) ? "[%s]:%"PRIu16 : "%s:%"PRIu16,
                        ip, port));
}

/* Appends one backend of a VIP with address 'vip_ip' to 'backends', or what is
 * wrong with it to 'errors'. */
static void
parse_backend(const char *s, const char *vip_ip, bool with_port,
              struct ds *backends, struct ds *errors)
{
    const char *separator = errors->length ? ", " : "";
    uint16_t port = 0;
    char *ip = NULL;
    bool ok = parse_endpoint(s, &ip, &port);

    if (ok && nbctl_is_ipv6(ip) != nbctl_is_ipv6(vip_ip)) {
        ds_put_format(errors, "%s%s: IP address family is different from VIP "
                      "%s", separator, s, vip_ip);
    } else if (!ok || !port != !with_port) {
        ds_put_format(errors, "%s%s: should be an IP address%s", separator, s,
                      (with_port ? " and a port number with : as a separator"
                       : ""));
    } else {
        char *endpoint = format_endpoint(ip, port);

        ds_put_format(backends, "%s%s", backends->length ? "," : "",
                      endpoint);
        free(endpoint);
    }
    free(ip);
}

static char *
parse_backends(const char *arg, const char *vip_ip, bool with_port,
               char **backends)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct ds errors = DS_EMPTY_INITIALIZER;
    char *copy = xstrdup(arg);
    char *save_ptr = NULL;

    for (char *word = strtok_r(copy, ",", &save_ptr); word;
         word = strtok_r(NULL, ",", &save_ptr)) {
        parse_backend(word, vip_ip, with_port, &s, &errors);
    }
    free(copy);
    *backends = ds_steal_cstr(&s);
    if (errors.length) {
        ds_put_char(&errors, '.');
        return ds_steal_cstr(&errors);
    }
    ds_destroy(&errors);
    return NULL;
}

/* Checks that a backend that is an address, not a variable, is of 'family'. */
static char *
check_template_backends(const char *backends, const char *vip,
                        const char *family)
{
    char *copy = xstrdup(backends);
    char *save_ptr = NULL;
    char *error = NULL;

    for (char *word = strtok_r(copy, ",", &save_ptr); word && !error;
         word = strtok_r(NULL, ",", &save_ptr)) {
        char kind = (word[0] == '[' ? '6'
                     : word[0] >= '0' && word[0] <= '9' ? '4'
                     : family[3]);

        if (word[0] != '^' && word[1] != '^' && kind != family[3]) {
            error = xasprintf("%s: IP address family is different from VIP "
                              "%s.", word, vip);
        }
    }
    free(copy);
    return error;
}

/* A template has variables, such as "^VIP:^PORT", where another load balancer
 * has addresses.  Each chassis has its own values, so there is little to
 * check. */
static char *
parse_template(struct ctl_context *ctx, struct new_lb *p)
{
    bool with_port = strchr(ctx->argv[2], ':') != NULL;

    if (p->protocol && !with_port) {
        return xstrdup("Protocol is unnecessary when no port of vip is "
                       "given.");
    }
    p->family = ctx->argc > 5 ? ctx->argv[5] : "ipv4";
    if (strcmp(p->family, "ipv4") && strcmp(p->family, "ipv6")) {
        return xasprintf("%s: address family must be \"ipv4\" or \"ipv6\".",
                         p->family);
    }
    if (!ctx->argv[2][0]) {
        return xasprintf("%s: should be a template of the form: "
                         "'^vip_variable[:^port_variable|:port]'.",
                         ctx->argv[2]);
    }
    p->vip = xstrdup(ctx->argv[2]);
    p->backends = xstrdup(ctx->argv[3]);
    return check_template_backends(p->backends, p->vip, p->family);
}

static char *
parse_new_lb(struct ctl_context *ctx, struct new_lb *p)
{
    const char *arg = ctx->argv[2];
    uint16_t port;
    char *ip;

    p->template = shash_find(&ctx->options, "--template");
    if (ctx->argc > 4) {
        p->protocol = ctx->argv[4];
        if (strcmp(p->protocol, "tcp") && strcmp(p->protocol, "udp")
            && strcmp(p->protocol, "sctp")) {
            return xasprintf("%s: protocol must be one of \"tcp\", \"udp\", "
                             " or \"sctp\".", p->protocol);
        }
    }
    if (p->template) {
        return parse_template(ctx, p);
    }
    if (!parse_endpoint(arg, &ip, &port)) {
        return xasprintf("%s: should be an IP address (or an IP address and "
                         "a port number with : as a separator).", arg);
    }

    char *error = parse_backends(ctx->argv[3], ip, port, &p->backends);
    if (!error && p->protocol && !port) {
        error = xstrdup("Protocol is unnecessary when no port of vip is "
                        "given.");
    }
    p->vip = format_endpoint(ip, port);
    free(ip);
    return error;
}

static void
set_vip(const struct nbrec_load_balancer *lb, const struct new_lb *p)
{
    struct smap vips;

    smap_clone(&vips, &lb->vips);
    smap_replace(&vips, p->vip, p->backends);
    nbrec_load_balancer_verify_vips(lb);
    nbrec_load_balancer_set_vips(lb, &vips);
    smap_destroy(&vips);
    if (p->protocol) {
        nbrec_load_balancer_set_protocol(lb, p->protocol);
    }
}

static void
insert_lb(struct ctl_context *ctx, const char *name, const struct new_lb *p)
{
    struct nbrec_load_balancer *lb = nbrec_load_balancer_insert(ctx->txn);
    const struct smap vips = SMAP_CONST1(&vips, p->vip, p->backends);
    struct smap options = SMAP_INITIALIZER(&options);

    nbrec_load_balancer_set_name(lb, name);
    nbrec_load_balancer_set_protocol(lb, p->protocol ? p->protocol : "tcp");
    nbrec_load_balancer_set_vips(lb, &vips);
    if (shash_find(&ctx->options, "--reject")) {
        smap_add(&options, "reject", "true");
    }
    if (shash_find(&ctx->options, "--event")) {
        smap_add(&options, "event", "true");
    }
    if (shash_find(&ctx->options, "--add-route")) {
        smap_add(&options, "add_route", "true");
    }
    if (p->template) {
        smap_add(&options, "template", "true");
        smap_add(&options, "address-family", p->family);
    }
    if (!smap_is_empty(&options)) {
        nbrec_load_balancer_set_options(lb, &options);
    }
    smap_destroy(&options);
}

static void
lb_add(struct ctl_context *ctx)
{
    const char *name = ctx->argv[1];
    const struct nbrec_load_balancer *lb = NULL;
    struct new_lb p = { .vip = NULL };

    if (shash_find(&ctx->options, "--reject")
        && shash_find(&ctx->options, "--event")) {
        ctl_error(ctx, "--reject and --event can't specified at the same "
                  "time");
        return;
    }
    ctx->error = parse_new_lb(ctx, &p);
    if (!ctx->error && !shash_find(&ctx->options, "--add-duplicate")) {
        ctx->error = find_lb(ctx, name, false, &lb);
    }
    if (!ctx->error && lb && smap_get(&lb->vips, p.vip)
        && !shash_find(&ctx->options, "--may-exist")) {
        ctl_error(ctx, "%s: a load balancer with this vip (%s) already "
                  "exists", name, p.vip);
    }
    if (!ctx->error) {
        if (lb) {
            set_vip(lb, &p);
        } else {
            insert_lb(ctx, name, &p);
        }
    }
    free(p.vip);
    free(p.backends);
}

static void
lb_del(struct ctl_context *ctx)
{
    const struct nbrec_load_balancer *lb;

    ctx->error = find_lb(ctx, ctx->argv[1], false, &lb);
    if (!lb) {
        return;
    } else if (ctx->argc < 3) {
        nbrec_load_balancer_delete(lb);
        return;
    }

    const char *vip = ctx->argv[2];
    if (smap_get(&lb->vips, vip)) {
        struct smap vips;

        smap_clone(&vips, &lb->vips);
        smap_remove(&vips, vip);
        nbrec_load_balancer_verify_vips(lb);
        if (smap_is_empty(&vips)) {
            nbrec_load_balancer_delete(lb);
        } else {
            nbrec_load_balancer_set_vips(lb, &vips);
        }
        smap_destroy(&vips);
    } else if (!shash_find(&ctx->options, "--if-exists")) {
        ctl_error(ctx, "vip %s is not part of the load balancer.", vip);
    }
}

/* Listing
 * ======= */

static int
compare_lbs(const void *a_, const void *b_)
{
    const struct ovsdb_idl_row *const *ap = a_;
    const struct ovsdb_idl_row *const *bp = b_;
    const struct nbrec_load_balancer *a
        = CONTAINER_OF(*ap, const struct nbrec_load_balancer, header_);
    const struct nbrec_load_balancer *b
        = CONTAINER_OF(*bp, const struct nbrec_load_balancer, header_);
    int cmp = strcmp(a->name, b->name);

    return cmp ? cmp : uuid_compare_3way(&(*ap)->uuid, &(*bp)->uuid);
}

/* True if 'vip' has a port.  An IPv6 address with one has brackets. */
static bool
vip_has_port(const char *vip)
{
    return (vip[0] == '[' ? strstr(vip, "]:") != NULL
            : strchr(vip, ':') && strchr(vip, ':') == strrchr(vip, ':'));
}

static void
print_lb(const struct nbrec_load_balancer *lb, int vip_width, struct ds *s)
{
    const struct smap_node **vips = smap_sort(&lb->vips);
    size_t n = smap_count(&lb->vips);
    bool is_template = smap_get_bool(&lb->options, "template", false);

    for (size_t i = 0; i < n; i++) {
        const char *protocol
            = (!is_template && !vip_has_port(vips[i]->key) ? ""
               : lb->protocol ? lb->protocol : "tcp");

        if (!i) {
            ds_put_format(s, UUID_FMT"    %-20.16s",
                          UUID_ARGS(&lb->header_.uuid), lb->name);
        } else {
            ds_put_format(s, "%60s", "");
        }
        ds_put_format(s, "%-11.7s%-*s%s\n", protocol, vip_width,
                      vips[i]->key, vips[i]->value);
    }
    free(vips);
}

/* Prints the members of 'm', which it destroys, as a table. */
static void
print_lbs(struct nbctl_members *m, struct ds *s)
{
    int vip_width = 0;
    bool any = false;

    for (size_t i = 0; i < m->n; i++) {
        const struct smap_node *node;

        SMAP_FOR_EACH (node,
                       &NBCTL_MEMBER(m, i, nbrec_load_balancer)->vips) {
            vip_width = MAX(vip_width, strlen(node->key) + 4);
            any = true;
        }
    }
    if (any) {
        qsort(m->rows, m->n, sizeof *m->rows, compare_lbs);
        ds_put_format(s, "%-40s%-20s%-11s%-*s%s\n", "UUID", "LB", "PROTO",
                      vip_width, "VIP", "IPs");
    }
    for (size_t i = 0; i < m->n; i++) {
        print_lb(NBCTL_MEMBER(m, i, nbrec_load_balancer), vip_width, s);
    }
    nbctl_members_destroy(m);
}

static void
lb_list(struct ctl_context *ctx)
{
    const char *id = ctx->argc > 1 ? ctx->argv[1] : NULL;
    struct nbctl_members m = { .rows = NULL };
    const struct nbrec_load_balancer *lb;
    struct uuid uuid;
    bool is_uuid = id && uuid_from_string(&uuid, id);

    NBREC_LOAD_BALANCER_FOR_EACH (lb, ctx->idl) {
        if (id && strcmp(lb->name, id)
            && !(is_uuid && uuid_equals(&lb->header_.uuid, &uuid))) {
            continue;
        }
        if (m.n >= m.allocated) {
            m.rows = x2nrealloc(m.rows, &m.allocated, sizeof *m.rows);
        }
        m.rows[m.n++] = &lb->header_;
    }
    print_lbs(&m, &ctx->output);
}

/* Routers and switches
 * ==================== */

static void
attach(struct ctl_context *ctx, const struct nbctl_set *set,
       const struct ovsdb_idl_row *owner)
{
    const struct nbrec_load_balancer *lb;

    ctx->error = find_lb(ctx, ctx->argv[2], true, &lb);
    if (!lb) {
        return;
    }
    if (!nbctl_is_member(ctx, set, owner, &lb->header_)) {
        nbctl_member_joins(ctx, set, owner, &lb->header_);
    } else if (!shash_find(&ctx->options, "--may-exist")) {
        ctl_error(ctx, UUID_FMT" : a load balancer with this UUID already "
                  "exists", UUID_ARGS(&lb->header_.uuid));
    }
}

static void
detach(struct ctl_context *ctx, const struct nbctl_set *set,
       const struct ovsdb_idl_row *owner, const char *what)
{
    const struct nbrec_load_balancer *lb;

    if (ctx->argc < 3) {
        struct nbctl_members m = nbctl_members(ctx, set, owner);

        for (size_t i = 0; i < m.n; i++) {
            nbctl_member_leaves(ctx, set, owner, m.rows[i]);
        }
        nbctl_members_destroy(&m);
        return;
    }

    ctx->error = find_lb(ctx, ctx->argv[2], true, &lb);
    if (!lb) {
        return;
    }
    if (nbctl_is_member(ctx, set, owner, &lb->header_)) {
        nbctl_member_leaves(ctx, set, owner, &lb->header_);
    } else if (!shash_find(&ctx->options, "--if-exists")) {
        ctl_error(ctx, "load balancer %s is not part of any logical %s.",
                  lb->name, what);
    }
}

/* Finds the router named by the first argument, else sets ctx->error. */
static const struct ovsdb_idl_row *
router_arg(struct ctl_context *ctx)
{
    const struct nbrec_logical_router *lr;

    ctx->error = nbctl_find_router(ctx, ctx->argv[1], true, &lr);
    return lr ? &lr->header_ : NULL;
}

static const struct ovsdb_idl_row *
switch_arg(struct ctl_context *ctx)
{
    const struct nbrec_logical_switch *ls;

    ctx->error = nbctl_find_switch(ctx, ctx->argv[1], true, &ls);
    return ls ? &ls->header_ : NULL;
}

static void
lr_lb_add(struct ctl_context *ctx)
{
    const struct ovsdb_idl_row *lr = router_arg(ctx);

    if (lr) {
        attach(ctx, &router_lbs, lr);
    }
}

static void
lr_lb_del(struct ctl_context *ctx)
{
    const struct ovsdb_idl_row *lr = router_arg(ctx);

    if (lr) {
        detach(ctx, &router_lbs, lr, "router");
    }
}

static void
lr_lb_list(struct ctl_context *ctx)
{
    const struct ovsdb_idl_row *lr = router_arg(ctx);

    if (lr) {
        struct nbctl_members m = nbctl_members(ctx, &router_lbs, lr);

        print_lbs(&m, &ctx->output);
    }
}

static void
ls_lb_add(struct ctl_context *ctx)
{
    const struct ovsdb_idl_row *ls = switch_arg(ctx);

    if (ls) {
        attach(ctx, &switch_lbs, ls);
    }
}

static void
ls_lb_del(struct ctl_context *ctx)
{
    const struct ovsdb_idl_row *ls = switch_arg(ctx);

    if (ls) {
        detach(ctx, &switch_lbs, ls, "switch");
    }
}

static void
ls_lb_list(struct ctl_context *ctx)
{
    const struct ovsdb_idl_row *ls = switch_arg(ctx);

    if (ls) {
        struct nbctl_members m = nbctl_members(ctx, &switch_lbs, ls);

        print_lbs(&m, &ctx->output);
    }
}

static const struct ctl_cmd cmds[] = {
    { { "lb-add", 3, 5, "LB VIP[:PORT] IP[:PORT]... [PROTOCOL] [FAMILY]",
        pre_lbs, lb_add, NULL,
        "--may-exist,--add-duplicate,--reject,--event,--add-route,"
        "--template", RW },
      "create a load balancer or add a VIP to one",
      "Spreads connections to the virtual address VIP, with the given port "
      "or with any, over the addresses IP, which stand in one word with "
      "commas in between.  IPv6 addresses with ports need brackets, such as "
      "[fd00::1]:80.  PROTOCOL is `tcp`, the default, `udp` or `sctp`, and "
      "concerns VIPs with ports only.\n\n"
      "If LB exists, it gets one more VIP.  That it has this one is an "
      "error; with `--may-exist` the VIP gets the new addresses.  "
      "`--add-duplicate` creates a load balancer in any case.  A new one "
      "can have options: `--reject` refuses connections if there are no "
      "addresses to spread them over, or `--event` reports them in the "
      "southbound database; `--add-route` lets routers on the same switch "
      "know the way to VIP; `--template` makes LB a template, where each "
      "chassis replaces words like ^NAME by its own values from the table "
      "Chassis_Template_Var.  FAMILY, `ipv4` (the default) or `ipv6`, says "
      "what kind of addresses come out of it.",
      .narrow = narrow_lbs },
    { { "lb-del", 1, 2, "LB [VIP]", pre_lbs, lb_del, NULL, "--if-exists",
        RW },
      "remove a load balancer or one of its VIPs",
      "A VIP that LB does not have is an error, unless `--if-exists` is "
      "given.  A load balancer goes with its last VIP.",
      .narrow = narrow_lbs },
    { { "lb-list", 0, 1, "[LB]", pre_lb_list, lb_list, NULL, "", RO },
      "print load balancers",
      "Prints a table of the VIPs of LB, or of all.",
      .narrow = narrow_lbs },
    { { "lr-lb-add", 2, 2, "ROUTER LB", pre_router_lbs, lr_lb_add, NULL,
        "--may-exist", RW },
      "add a load balancer to ROUTER",
      "That the router has it is an error, unless `--may-exist` is given.",
      .narrow = narrow_router_lbs },
    { { "lr-lb-del", 1, 2, "ROUTER [LB]", pre_router_lbs, lr_lb_del, NULL,
        "--if-exists", RW },
      "remove load balancers from ROUTER",
      "Removes one, which it must have unless `--if-exists` is given, or "
      "all.",
      .narrow = narrow_router_lbs },
    { { "lr-lb-list", 1, 1, "ROUTER", pre_router_lb_list, lr_lb_list, NULL,
        "", RO },
      "print load balancers of ROUTER",
      "Prints the same table as `lb-list`.",
      .narrow = narrow_router_lbs },
    { { "ls-lb-add", 2, 2, "SWITCH LB", pre_switch_lbs, ls_lb_add, NULL,
        "--may-exist", RW },
      "add a load balancer to SWITCH",
      "That the switch has it is an error, unless `--may-exist` is given.",
      .narrow = narrow_switch_lbs },
    { { "ls-lb-del", 1, 2, "SWITCH [LB]", pre_switch_lbs, ls_lb_del, NULL,
        "--if-exists", RW },
      "remove load balancers from SWITCH",
      "Removes one, which it must have unless `--if-exists` is given, or "
      "all.",
      .narrow = narrow_switch_lbs },
    { { "ls-lb-list", 1, 1, "SWITCH", pre_switch_lb_list, ls_lb_list, NULL,
        "", RO },
      "print load balancers of SWITCH",
      "Prints the same table as `lb-list`.",
      .narrow = narrow_switch_lbs },
    { .syntax = { .name = NULL } },
};

const struct ctl_group nbctl_lb_group = {
    "Load balancer commands",
    "LB is the name of a load balancer or its whole UUID.",
    cmds
};
