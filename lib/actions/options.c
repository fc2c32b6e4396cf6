/* Options: put_dhcp_opts, put_dhcpv6_opts, put_nd_ra_opts, trigger_event.
 *
 * What an option is called, and how its value looks, comes from a set of
 * definitions: from the southbound database for DHCP, from here for router
 * advertisements and events.  How a value is encoded is in dhcp.c. */

#include <config.h>
#include "actions/actions-private.h"
#include "actions/options.h"

#include "util.h"

static const char *const opt_type_names[] = {
    [OPT_BOOL] = "bool",
    [OPT_UINT8] = "uint8",
    [OPT_UINT16] = "uint16",
    [OPT_UINT32] = "uint32",
    [OPT_IPV4] = "ipv4",
    [OPT_STATIC_ROUTES] = "static_routes",
    [OPT_STR] = "str",
    [OPT_HOST_ID] = "host_id",
    [OPT_DOMAINS] = "domains",
    [OPT_IPV6] = "ipv6",
    [OPT_MAC] = "mac",
};

bool
ovnact_opt_type_from_string(const char *s, enum ovnact_opt_type *type)
{
    if (!strcmp(s, "domain")) {
        /* As it is called for DHCPv6. */
        s = "domains";
    }
    for (size_t i = 0; i < ARRAY_SIZE(opt_type_names); i++) {
        if (!strcmp(opt_type_names[i], s)) {
            *type = i;
            return true;
        }
    }
    return false;
}

void
ovnact_opt_defs_init(struct ovnact_opt_defs *defs)
{
    shash_init(&defs->defs);
}

void
ovnact_opt_defs_destroy(struct ovnact_opt_defs *defs)
{
    shash_destroy_free_data(&defs->defs);
}

bool
ovnact_opt_defs_add(struct ovnact_opt_defs *defs, const char *name,
                    uint16_t code, enum ovnact_opt_type type)
{
    if (shash_find(&defs->defs, name)) {
        return false;
    }

    struct ovnact_opt_def *def = xzalloc(sizeof *def);
    struct shash_node *node = shash_add(&defs->defs, name, def);
    *def = (struct ovnact_opt_def) {
        .name = node->name, .code = code, .type = type,
    };
    return true;
}

static const struct ovnact_opt_def nd_ra_defs[] = {
    { "addr_mode", RA_ADDR_MODE, OPT_STR },
    { "slla", RA_SLLA, OPT_MAC },
    { "mtu", RA_MTU, OPT_UINT32 },
    { "prefix", RA_PREFIX, OPT_IPV6 },
    { "router_preference", RA_ROUTER_PREFERENCE, OPT_STR },
    { "rdnss", RA_RDNSS, OPT_IPV6 },
    { "dnssl", RA_DNSSL, OPT_STR },
    { "route_info", RA_ROUTE_INFO, OPT_STR },
};

static const struct ovnact_opt_def event_defs[] = {
    { "event", 0, OPT_STR },
    { "vip", 1, OPT_STR },
    { "protocol", 2, OPT_STR },
    { "load_balancer", 3, OPT_STR },
};

static const struct ovnact_opt_def *
find_static(const struct ovnact_opt_def *defs, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (!strcmp(defs[i].name, name)) {
            return &defs[i];
        }
    }
    return NULL;
}

/* Returns the definition of option 'name' of an action of 'type', or null. */
static const struct ovnact_opt_def *
find_def(const struct ovnact_parse_params *pp, enum ovnact_type type,
         const char *name)
{
    const struct ovnact_opt_defs *defs = NULL;

    switch ((int) type) {
    case OVNACT_PUT_DHCP_OPTS:
        defs = pp->dhcp_opts;
        break;
    case OVNACT_PUT_DHCPV6_OPTS:
        defs = pp->dhcpv6_opts;
        break;
    case OVNACT_PUT_ND_RA_OPTS:
        return find_static(nd_ra_defs, ARRAY_SIZE(nd_ra_defs), name);
    case OVNACT_TRIGGER_EVENT:
        return find_static(event_defs, ARRAY_SIZE(event_defs), name);
    default:
        OVS_NOT_REACHED();
    }
    return defs ? shash_find_data(&defs->defs, name) : NULL;
}

/* Returns why 'c' cannot be a value of 'def', or null. */
static const char *
check_value(const struct ovnact_opt_def *def, const struct constant *c)
{
    bool is_int = !c->string;

    switch (def->type) {
    case OPT_BOOL:
        return is_int && c->value <= 1 ? NULL : "0 or 1";
    case OPT_UINT8:
        return is_int && c->value <= UINT8_MAX ? NULL : "an 8-bit integer";
    case OPT_UINT16:
        return is_int && c->value <= UINT16_MAX ? NULL : "a 16-bit integer";
    case OPT_UINT32:
        return is_int && c->value <= UINT32_MAX ? NULL : "a 32-bit integer";
    case OPT_IPV4:
    case OPT_STATIC_ROUTES:
        return is_int && c->format == FORMAT_IPV4 ? NULL : "an IPv4 address";
    case OPT_STR:
    case OPT_DOMAINS:
        return !is_int ? NULL : "a string";
    case OPT_HOST_ID:
        return (!is_int || c->format == FORMAT_IPV4 ? NULL
                : "a string or an IPv4 address");
    case OPT_IPV6:
        return is_int && c->format == FORMAT_IPV6 ? NULL : "an IPv6 address";
    case OPT_MAC:
        return (is_int && c->format == FORMAT_ETHERNET ? NULL
                : "an Ethernet address");
    }
    OVS_NOT_REACHED();
}

/* Whether an option of 'type' may have several values. */
static bool
takes_many(enum ovnact_opt_type type)
{
    return (type == OPT_IPV4 || type == OPT_IPV6
            || type == OPT_STATIC_ROUTES || type == OPT_STR
            || type == OPT_DOMAINS);
}

static bool
check_option(struct ovnact_parser *p, const struct ovnact_option *o)
{
    if (!o->n_values || (o->n_values > 1 && !takes_many(o->def->type))) {
        lexer_error_at(p->lexer, p->field_ofs, "option %s needs one value.",
                       o->def->name);
        return false;
    }
    if (o->def->type == OPT_STATIC_ROUTES && o->n_values % 2) {
        lexer_error_at(p->lexer, p->field_ofs,
                       "option %s needs pairs of network and router.",
                       o->def->name);
        return false;
    }
    for (size_t i = 0; i < o->n_values; i++) {
        const char *expected = check_value(o->def, &o->values[i]);
        if (expected) {
            lexer_error_at(p->lexer, o->values[i].ofs, "option %s must be %s.",
                           o->def->name, expected);
            return false;
        }
    }
    return true;
}

/* Parses "NAME = VALUE" or "NAME = {VALUE, ...}". */
static bool
parse_option(struct ovnact_parser *p, enum ovnact_type type,
             struct ovnact_option *o)
{
    struct const_set cs;

    p->field_ofs = p->lexer->token.ofs;
    if (p->lexer->token.type != TOKEN_ID) {
        lexer_syntax_error(p->lexer, "expecting option name.");
        return false;
    }
    o->def = find_def(p->params, type, p->lexer->token.s);
    if (!o->def) {
        lexer_error(p->lexer, "Invalid option %s of %s.",
                    p->lexer->token.s, ovnact_name(type));
        return false;
    }
    lexer_next(p->lexer);
    if (!lexer_force_match(p->lexer, TOKEN_ASSIGN)
        || !expr_parse_const_set(p->lexer, NULL, &cs)) {
        return false;
    }

    /* Strings are in the arena of 'cs'. */
    arena_splice(p->arena, &cs.arena);
    o->n_values = cs.n;
    o->values = arena_memdup(p->arena, cs.constants,
                             cs.n * sizeof *cs.constants);
    o->in_curlies = cs.in_curlies;
    const_set_destroy(&cs);
    return check_option(p, o);
}

void
ovnact_parse_option_list(struct ovnact_parser *p, struct ovnact_options *opts)
{
    struct ovnact_option *options = NULL;
    size_t n = 0, allocated = 0;

    if (!lexer_force_match(p->lexer, TOKEN_LPAREN)) {
        return;
    }
    while (p->lexer->token.type != TOKEN_RPAREN) {
        if (n >= allocated) {
            options = x2nrealloc(options, &allocated, sizeof *options);
        }
        if (!parse_option(p, opts->ovnact.type, &options[n])) {
            break;
        }
        n++;
        if (!lexer_match(p->lexer, TOKEN_COMMA)) {
            break;
        }
    }
    lexer_force_match(p->lexer, TOKEN_RPAREN);

    if (n) {
        opts->options = arena_memdup(p->arena, options, n * sizeof *options);
        opts->n_options = n;
    }
    free(options);
}

void
ovnact_format_option_list(const struct ovnact_options *opts, struct ds *ds)
{
    ds_put_char(ds, '(');
    for (size_t i = 0; i < opts->n_options; i++) {
        const struct ovnact_option *o = &opts->options[i];

        ds_put_format(ds, "%s%s = ", i ? ", " : "", o->def->name);
        if (o->in_curlies) {
            ds_put_char(ds, '{');
        }
        for (size_t j = 0; j < o->n_values; j++) {
            if (j) {
                ds_put_cstr(ds, ", ");
            }
            constant_format(&o->values[j], ds);
        }
        if (o->in_curlies) {
            ds_put_char(ds, '}');
        }
    }
    ds_put_char(ds, ')');
}

const struct ovnact_option *
ovnact_find_option(const struct ovnact_options *opts, const char *name)
{
    for (size_t i = 0; i < opts->n_options; i++) {
        if (!strcmp(opts->options[i].def->name, name)) {
            return &opts->options[i];
        }
    }
    return NULL;
}

/* R = put_dhcp_opts(...), R = put_dhcpv6_opts(...),
 * R = put_nd_ra_opts(...). */

void
ovnact_parse_dhcp_opts(struct ovnact_parser *p, void *opts_)
{
    struct ovnact_options *opts = opts_;

    opts->dst = p->dst;
    ovnact_parse_option_list(p, opts);
    if (p->lexer->error) {
        return;
    }
    if (p->params->table.pipeline != OVNACT_P_INGRESS) {
        ovnact_error(p, "%s is valid only in ingress pipelines.",
                     ovnact_class(opts)->name);
    } else if (opts->ovnact.type == OVNACT_PUT_DHCP_OPTS) {
        const struct ovnact_option *o = ovnact_find_option(opts, "offerip");
        if (!o || o->n_values != 1) {
            ovnact_error(p, "put_dhcp_opts requires offerip to be "
                         "specified.");
        }
    } else if (opts->ovnact.type == OVNACT_PUT_ND_RA_OPTS) {
        ovnact_check_nd_ra_opts(p, opts);
    }
}

void
ovnact_format_dhcp_opts(const void *opts_, struct ds *ds)
{
    const struct ovnact_options *opts = opts_;

    ovnact_format_dst(&opts->dst, ds);
    ds_put_cstr(ds, ovnact_class(opts)->name);
    ovnact_format_option_list(opts, ds);
}

/* trigger_event(event = "NAME", KEY = "VALUE", ...). */

static const struct {
    const char *name;
    enum punt_event event;
} events[] = {
    { "empty_lb_backends", PUNT_EVENT_EMPTY_LB_BACKENDS },
};

void
ovnact_parse_event(struct ovnact_parser *p, void *opts_)
{
    struct ovnact_options *opts = opts_;

    ovnact_parse_option_list(p, opts);
    if (p->lexer->error) {
        return;
    }
    const struct ovnact_option *o = ovnact_find_option(opts, "event");
    if (!o) {
        ovnact_error(p, "trigger_event requires event to be "
                     "specified.");
        return;
    }
    for (size_t i = 0; i < ARRAY_SIZE(events); i++) {
        if (!strcmp(events[i].name, o->values[0].string)) {
            return;
        }
    }
    ovnact_error(p, "Unknown event \"%s\".", o->values[0].string);
}

void
ovnact_format_event(const void *opts_, struct ds *ds)
{
    const struct ovnact_options *opts = opts_;

    ds_put_cstr(ds, ovnact_class(opts)->name);
    ovnact_format_option_list(opts, ds);
}

void
ovnact_encode_event(const void *opts_, const struct ovnact_encode_params *ep,
                    struct ofpbuf *ofpacts)
{
    const struct ovnact_options *opts = opts_;
    const char *name = ovnact_find_option(opts, "event")->values[0].string;
    size_t start = ovnact_punt_begin(opts, NULL, ep, ofpacts);

    for (size_t i = 0; i < ARRAY_SIZE(events); i++) {
        if (!strcmp(events[i].name, name)) {
            punt_put_u32(ofpacts, PUNT_P_EVENT, events[i].event);
        }
    }
    for (size_t i = 0; i < opts->n_options; i++) {
        const struct ovnact_option *o = &opts->options[i];
        if (strcmp(o->def->name, "event")) {
            punt_put_string(ofpacts, PUNT_P_NAME, o->def->name);
            punt_put_string(ofpacts, PUNT_P_VALUE, o->values[0].string);
        }
    }
    punt_end(ofpacts, start);
}
