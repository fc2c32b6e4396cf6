#include "test-ovn.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "actions/actions.h"
#include "actions/punt.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/match.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-group.h"
#include "openvswitch/ofpbuf.h"
#include "random.h"
#include "simap.h"
#include "test-actions.h"

/* Everything that parsing and encoding depend on, with answers that tests can
 * predict. */
struct fixture {
    struct ovnact_opt_defs dhcp_opts, dhcpv6_opts;
    struct ovnact_parse_params pp;
    struct ovnact_encode_params ep;

    struct simap groups;        /* Group specification -> id. */
    struct simap ports;         /* Name -> number, beside "lspN". */
    bool print_groups;
};

/* "lspN" is port N, "_MC_flood" 32768. */
static bool
lookup_port(const char *name, uint32_t *key, void *f_)
{
    const struct fixture *f = f_;
    int n;

    if (simap_contains(&f->ports, name)) {
        *key = simap_get(&f->ports, name);
        return true;
    } else if (ovs_scan(name, "lsp%d", &n)) {
        *key = n;
        return true;
    } else if (!strcmp(name, "_MC_flood")) {
        *key = 32768;
        return true;
    }
    return false;
}

/* Ports with even numbers are behind tunnel 100 + N, others here. */
static bool
tunnel_ofport(const char *name, ofp_port_t *ofport, void *aux)
{
    uint32_t key;

    if (!lookup_port(name, &key, aux) || key % 2) {
        return false;
    }
    *ofport = OFP_PORT_C(100 + key);
    return true;
}

static bool
is_chassis_resident(const char *name, void *aux)
{
    uint32_t key;

    return lookup_port(name, &key, aux) && key % 2;
}

void
check_group(uint32_t id, const char *spec)
{
    struct ofputil_group_mod gm;
    enum ofputil_protocol protocols;
    char *text = xasprintf("group_id=%"PRIu32",%s", id, spec);
    char *error = parse_ofp_group_mod_str(&gm, OFPGC15_ADD, text, NULL, NULL,
                                          &protocols);

    if (error) {
        ovs_fatal(0, "%s: %s", spec, error);
    }
    ofputil_uninit_group_mod(&gm);
    free(text);
}

static uint32_t
get_group(const char *spec, void *f_)
{
    struct fixture *f = f_;
    uint32_t id = simap_get(&f->groups, spec);

    if (!id) {
        id = simap_count(&f->groups) + 1;
        simap_put(&f->groups, spec, id);
        check_group(id, spec);
        if (f->print_groups) {
            printf("    group %"PRIu32": %s\n", id, spec);
        }
    }
    return id;
}

static uint32_t
meter_by_name(const char *name, void *aux OVS_UNUSED)
{
    return !strcmp(name, "m1") ? 51 : 0;
}

static uint32_t
meter_by_rate(uint64_t rate, uint64_t burst, void *aux OVS_UNUSED)
{
    return rate + burst;
}

static bool
has_collector_set(uint32_t id, void *aux OVS_UNUSED)
{
    return id != 404;
}

static void
fixture_init(struct fixture *f)
{
    static const struct ovnact_callbacks callbacks = {
        .lookup_port = lookup_port,
        .tunnel_ofport = tunnel_ofport,
        .is_chassis_resident = is_chassis_resident,
        .group = get_group,
        .meter_by_name = meter_by_name,
        .meter_by_rate = meter_by_rate,
        .has_collector_set = has_collector_set,
    };
    static const struct {
        const char *name, *type;
        int code;
    } v4[] = {
        { "offerip", "ipv4", 0 }, { "netmask", "ipv4", 1 },
        { "router", "ipv4", 3 }, { "dns_server", "ipv4", 6 },
        { "domain_name", "str", 15 }, { "ip_forward_enable", "bool", 19 },
        { "default_ttl", "uint8", 23 }, { "mtu", "uint16", 26 },
        { "ethernet_encap", "bool", 36 },
        { "tcp_keepalive_interval", "uint32", 38 },
        { "ntp_server", "ipv4", 42 }, { "lease_time", "uint32", 51 },
        { "server_id", "ipv4", 54 }, { "T1", "uint32", 58 },
        { "tftp_server", "host_id", 66 },
        { "domain_search_list", "domains", 119 },
        { "classless_static_route", "static_routes", 121 },
    }, v6[] = {
        { "server_id", "mac", 2 }, { "ia_addr", "ipv6", 5 },
        { "dns_server", "ipv6", 23 }, { "domain_search", "str", 24 },
        { "fqdn", "domain", 39 },
    };
    enum ovnact_opt_type type;

    memset(f, 0, sizeof *f);
    ovnact_opt_defs_init(&f->dhcp_opts);
    for (size_t i = 0; i < ARRAY_SIZE(v4); i++) {
        ovs_assert(ovnact_opt_type_from_string(v4[i].type, &type));
        ovs_assert(ovnact_opt_defs_add(&f->dhcp_opts, v4[i].name, v4[i].code,
                                       type));
    }
    ovnact_opt_defs_init(&f->dhcpv6_opts);
    for (size_t i = 0; i < ARRAY_SIZE(v6); i++) {
        ovs_assert(ovnact_opt_type_from_string(v6[i].type, &type));
        ovs_assert(ovnact_opt_defs_add(&f->dhcpv6_opts, v6[i].name,
                                       v6[i].code, type));
    }
    simap_init(&f->groups);
    simap_init(&f->ports);

    f->pp = (struct ovnact_parse_params) {
        .symtab = symtab_get(SYMTAB_FLOW),
        .dhcp_opts = &f->dhcp_opts,
        .dhcpv6_opts = &f->dhcpv6_opts,
        .table = { OVNACT_P_INGRESS, 10 },
        .n_tables = { 34, 16 },
    };
    f->ep = (struct ovnact_encode_params) {
        .callbacks = &callbacks,
        .aux = f,
        .is_switch = true,
        .dp_key = 0xabc,
        .cookie = 0xc00c1e,
        .table = f->pp.table,
        .first_table = { 8, 48 },
        .output_table = { 42, 64 },
        .consolidated_registers = true,
        .explicit_arp_output = true,
    };
    ovnact_helper_tables_init(f->ep.helpers);
}

static void
fixture_destroy(struct fixture *f)
{
    ovnact_opt_defs_destroy(&f->dhcp_opts);
    ovnact_opt_defs_destroy(&f->dhcpv6_opts);
    simap_destroy(&f->groups);
    simap_destroy(&f->ports);
}

/* Applies "NAME=VALUE" to the parameters. */
static void
fixture_option(struct fixture *f, const char *option)
{
    char name[64];
    int n;

    if (!strcmp(option, "egress")) {
        f->pp.table.pipeline = OVNACT_P_EGRESS;
    } else if (!strcmp(option, "router")) {
        f->ep.is_switch = false;
    } else if (!strcmp(option, "old")) {
        f->ep.consolidated_registers = false;
        f->ep.explicit_arp_output = false;
    } else if (ovs_scan(option, "table=%d", &n)) {
        f->pp.table.ltable = n;
    } else if (ovs_scan(option, "port=%63[^=]=%d", name, &n)) {
        simap_put(&f->ports, name, n);
    } else if (ovs_scan(option, "meter=%d", &n)) {
        f->ep.controller_meter = n;
    } else if (!strcmp(option, "peer")) {
        /* As 23.03's ovn-controller numbers its tables. */
        f->ep.first_table[OVNACT_P_EGRESS] = 42;
        f->ep.output_table[OVNACT_P_INGRESS] = 37;
        f->pp.n_tables[0] = f->pp.n_tables[1] = 32;
        fixture_option(f, "old");
    } else {
        ovs_fatal(0, "%s: unknown option", option);
    }
    f->ep.table = f->pp.table;
}

/* Formats 'acts', parses and formats the result again: it must stay as it
 * is.  Returns it, for the caller to free. */
static char *
round_trip(const struct fixture *f, const struct ovnacts *acts)
{
    struct ds a = DS_EMPTY_INITIALIZER, b = DS_EMPTY_INITIALIZER;
    struct ovnacts again;
    struct expr *prereqs;

    ovnacts_format(acts, &a);
    char *error = ovnacts_parse(ds_cstr(&a), &f->pp, &again, &prereqs);
    if (error) {
        ovs_fatal(0, "%s: does not parse again: %s", ds_cstr(&a), error);
    }
    ovnacts_format(&again, &b);
    if (strcmp(ds_cstr(&a), ds_cstr(&b))) {
        ovs_fatal(0, "%s: becomes %s", ds_cstr(&a), ds_cstr(&b));
    }
    ovnacts_destroy(&again);
    expr_destroy(prereqs);
    ds_destroy(&b);
    return ds_steal_cstr(&a);
}

void
check_openflow(const char *text, struct ofpbuf *ofpacts)
{
    struct ofpbuf openflow, again;

    if (!ofpacts->size) {
        return;
    }
    ofpbuf_init(&openflow, 0);
    ofpbuf_init(&again, 0);
    ofpacts_put_openflow_actions(ofpacts->data, ofpacts->size, &openflow,
                                 OFP15_VERSION);
    enum ofperr error = ofpacts_pull_openflow_actions(
        &openflow, openflow.size, OFP15_VERSION, NULL, NULL, &again);
    if (error) {
        ovs_fatal(0, "%s: bad OpenFlow: %s", text, ofperr_to_string(error));
    }
    ofpbuf_uninit(&openflow);
    ofpbuf_uninit(ofpacts);
    *ofpacts = again;
}

/* Checks the actions against what the prerequisites demand of a match: Open
 * vSwitch would refuse a flow if they were too few. */
static void
check_consistency(const struct fixture *f, const char *text,
                  const struct expr *prereqs, const struct ofpbuf *ofpacts)
{
    struct expr_norm *norm;
    struct expr_matches matches;
    struct expr *e = prereqs ? expr_clone(prereqs) : expr_create_boolean(true);

    expr_simplify(e, NULL, NULL);
    char *error = expr_normalize(e, f->pp.symtab, &norm);
    ovs_assert(!error);
    expr_to_matches(norm, lookup_port, CONST_CAST(struct fixture *, f), 1,
                    &matches);
    for (size_t i = 0; i < matches.n; i++) {
        struct match match;

        match_init_catchall(&match);
        expr_match_fill(&matches.matches[i], &match);
        struct ofpact_check_params cp = {
            .match = &match, .max_ports = OFPP_MAX, .n_tables = 255,
        };
        enum ofperr ofperr = ofpacts_check(ofpacts->data, ofpacts->size, &cp);
        if (ofperr) {
            ovs_fatal(0, "%s: inconsistent: %s", text,
                      ofperr_to_string(ofperr));
        }
    }
    expr_matches_destroy(&matches);
    expr_norm_destroy(norm);
    expr_destroy(e);
}

/* Prints userdata of controller actions. */
static void
print_punt(const struct ofpact_controller *oc, int indent)
{
    struct punt punt;
    char *error = punt_decode(oc->userdata, oc->userdata_len, &punt);
    enum punt_param param;
    const void *data;
    size_t len;

    if (error) {
        ovs_fatal(0, "bad userdata: %s", error);
    }
    printf("%*spunt %s%s\n", indent, "", punt_opcode_to_string(punt.opcode),
           oc->pause ? ", pause" : "");
    while (punt_next(&punt, &param, &data, &len)) {
        struct ds s = DS_EMPTY_INITIALIZER;

        if (param == PUNT_P_ACTIONS) {
            struct ofpbuf openflow = ofpbuf_const_initializer(data, len);
            struct ofpbuf ofpacts;
            ofpbuf_init(&ofpacts, 0);
            if (ofpacts_pull_openflow_actions(&openflow, len, OFP15_VERSION,
                                              NULL, NULL, &ofpacts)) {
                ovs_fatal(0, "bad nested actions");
            }
            struct ofpact_format_params fp = { .s = &s };
            ofpacts_format(ofpacts.data, ofpacts.size, &fp);
            ofpbuf_uninit(&ofpacts);
        } else if (param == PUNT_P_RESULT) {
            struct mf_subfield sf;
            ovs_assert(punt_get_result(&punt, &sf) || true);
            ds_put_hex(&s, data, len);
        } else if (param == PUNT_P_NAME) {
            ds_put_format(&s, "\"%.*s\"", (int) len, (const char *) data);
        } else {
            ds_put_hex(&s, data, len);
        }
        printf("%*s  param %d: %s\n", indent, "", param, ds_cstr(&s));
        ds_destroy(&s);
    }
}

/* Parses, formats and encodes 'text' and prints the results. */
static void
run(struct fixture *f, const char *text, bool quiet)
{
    struct ovnacts acts;
    struct expr *prereqs;
    char *error = ovnacts_parse(text, &f->pp, &acts, &prereqs);

    if (error) {
        printf("%s    error: %s\n", quiet ? text : "", error);
        free(error);
        return;
    }

    char *canonical = round_trip(f, &acts);
    if (!quiet && strcmp(canonical, text)) {
        printf("    formats as %s\n", canonical);
    }
    free(canonical);

    struct ofpbuf ofpacts;
    ofpbuf_init(&ofpacts, 0);
    f->print_groups = !quiet;
    ovnacts_encode(&acts, &f->ep, &ofpacts);
    check_openflow(text, &ofpacts);
    check_consistency(f, text, prereqs, &ofpacts);
    if (!quiet) {
        struct ds s = DS_EMPTY_INITIALIZER;
        struct ofpact_format_params fp = { .s = &s };
        const struct ofpact *a;

        ofpacts_format(ofpacts.data, ofpacts.size, &fp);
        printf("    encodes as %s\n", ds_cstr(&s));
        OFPACT_FOR_EACH (a, ofpacts.data, ofpacts.size) {
            if (a->type == OFPACT_CONTROLLER) {
                print_punt(ofpact_get_CONTROLLER(a), 6);
            }
        }
        if (prereqs) {
            ds_clear(&s);
            expr_format(prereqs, &s);
            printf("    has prereqs %s\n", ds_cstr(&s));
        }
        ds_destroy(&s);
    }
    ofpbuf_uninit(&ofpacts);
    ovnacts_destroy(&acts);
    expr_destroy(prereqs);
}

/* "actions [OPTION...] < FILE": prints each line of FILE that is not indented
 * and is no comment, and what becomes of it.  So if the input has the results
 * in it, as indented lines, the output must be the same as the input.  A line
 * "# set OPTION..." sets options from there on, from scratch.  With option
 * "quiet" as the first one, prints only errors. */
static void
test_actions(struct ovs_cmdl_context *ctx)
{
    struct ds line = DS_EMPTY_INITIALIZER;
    struct fixture f;
    bool quiet = ctx->argc > 1 && !strcmp(ctx->argv[1], "quiet");

    fixture_init(&f);
    for (int i = 1 + quiet; i < ctx->argc; i++) {
        fixture_option(&f, ctx->argv[i]);
    }
    while (!ds_get_line(&line, stdin)) {
        const char *s = ds_cstr(&line);

        if (!strncmp(s, "# set", 5)) {
            char *save_ptr = NULL;
            char *copy = xstrdup(s + 5);

            fixture_destroy(&f);
            fixture_init(&f);
            for (char *o = strtok_r(copy, " ", &save_ptr); o;
                 o = strtok_r(NULL, " ", &save_ptr)) {
                fixture_option(&f, o);
            }
            free(copy);
        }
        if (*s == ' ') {
            continue;
        }
        if (!quiet) {
            puts(s);
        }
        if (*s && *s != '#') {
            run(&f, s, quiet);
        }
    }
    ds_destroy(&line);
    fixture_destroy(&f);
    symtab_exit();
}

OVSTEST_REGISTER("actions", test_actions);

/* "actions-fuzz N SEED < FILE": mutates the lines of FILE N times, at random,
 * and takes whatever parses through format, encoding and OpenFlow. */

static void
mutate(struct ds *s, const struct ds *other)
{
    size_t pos = s->length ? random_range(s->length) : 0;
    size_t n = s->length - pos;
    size_t few = 1 + random_range(8);

    switch (random_range(9)) {
    case 0:                     /* Drop some characters. */
        n = MIN(n, few);
        memmove(&s->string[pos], &s->string[pos + n], s->length - pos - n);
        s->length -= n;
        s->string[s->length] = '\0';
        break;
    case 1:                     /* Another character. */
        if (n) {
            s->string[pos] = " ;,(){}[]=<>-\"./:$@^019afregXip"[
                random_range(31)];
        }
        break;
    case 2:                     /* Cut. */
        ds_truncate(s, pos);
        break;
    case 3:                     /* The rest of another text. */
        ds_truncate(s, pos);
        if (other->length) {
            ds_put_cstr(s, &other->string[random_range(other->length)]);
        }
        break;
    case 4:                     /* Twice. */
        {
            char *tail = xstrdup(&s->string[pos]);
            ds_put_cstr(s, tail);
            free(tail);
        }
        break;

    /* From here on the result may well be right. */
    case 5:                     /* Another text behind it. */
        ds_put_format(s, " %s", ds_cstr_ro(other));
        break;
    case 6:                     /* As nested actions. */
        {
            static const char *const nests[] = {
                "clone", "arp", "nd_na", "icmp6", "reject", "ct_commit",
            };
            char *inner = ds_steal_cstr(s);
            ds_put_format(s, "%s { %s };", nests[random_range(6)], inner);
            free(inner);
        }
        break;
    case 7:
    case 8:                     /* Another digit. */
        pos += strcspn(ds_cstr(s) + pos, "0123456789");
        if (pos < s->length) {
            s->string[pos] = "0123456789"[random_range(10)];
        }
        break;
    }
    if (s->length > 4096) {
        ds_truncate(s, 4096);
    }
}

static void
fuzz_one(struct fixture *f, const char *text, int *n_ok)
{
    struct ovnacts acts;
    struct expr *prereqs;
    char *error = ovnacts_parse(text, &f->pp, &acts, &prereqs);

    if (error) {
        ovs_assert(error[0]);
        free(error);
        return;
    }
    ++*n_ok;
    free(round_trip(f, &acts));

    struct ofpbuf ofpacts;
    ofpbuf_init(&ofpacts, 0);
    ovnacts_encode(&acts, &f->ep, &ofpacts);
    check_openflow(text, &ofpacts);
    ofpbuf_uninit(&ofpacts);
    ovnacts_destroy(&acts);
    expr_destroy(prereqs);
}

static void
test_actions_fuzz(struct ovs_cmdl_context *ctx)
{
    int n = atoi(ctx->argv[1]), n_ok = 0;
    struct ds *texts = NULL;
    size_t n_texts = 0, allocated = 0;
    struct ds line = DS_EMPTY_INITIALIZER;
    struct fixture f;

    random_set_seed(atoi(ctx->argv[2]));
    fixture_init(&f);
    while (!ds_get_line(&line, stdin)) {
        const char *s = ds_cstr(&line);
        if (*s && *s != ' ' && *s != '#') {
            if (n_texts >= allocated) {
                texts = x2nrealloc(texts, &allocated, sizeof *texts);
            }
            ds_clone(&texts[n_texts++], &line);
        }
    }
    ovs_assert(n_texts);

    for (int i = 0; i < n; i++) {
        struct ds s;

        ds_clone(&s, &texts[random_range(n_texts)]);
        for (int j = random_range(8) / 3; j >= 0; j--) {
            mutate(&s, &texts[random_range(n_texts)]);
        }
        f.pp.table.pipeline = f.ep.table.pipeline = random_range(2);
        f.ep.is_switch = random_range(2);
        f.ep.consolidated_registers = random_range(2);
        f.ep.explicit_arp_output = random_range(2);
        fuzz_one(&f, ds_cstr(&s), &n_ok);
        ds_destroy(&s);
        if (simap_count(&f.groups) > 1000) {
            simap_clear(&f.groups);
        }
    }
    /* If nothing parses, nothing was tested. */
    fprintf(stderr, "%d of %d texts were parsed\n", n_ok, n);
    ovs_assert(n_ok > n / 20);

    for (size_t i = 0; i < n_texts; i++) {
        ds_destroy(&texts[i]);
    }
    free(texts);
    ds_destroy(&line);
    fixture_destroy(&f);
    symtab_exit();
}

OVSTEST_REGISTER("actions-fuzz", test_actions_fuzz);

/* Userdata from a switch must never hurt, whatever is in it. */
static void
test_actions_punt(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    uint8_t data[64];

    random_set_seed(1);
    for (int i = 0; i < 100000; i++) {
        size_t len = random_range(sizeof data);
        struct punt punt;

        random_bytes(data, sizeof data);
        data[0] = random_range(8) ? PUNT_VERSION : data[0];
        data[1] = random_range(40);
        for (size_t j = 2; j < len; j++) {
            data[j] = random_range(3) ? data[j] % 12 : data[j];
        }

        /* On the heap, so that ASan sees a byte too many. */
        uint8_t *copy = xmemdup(data, len);
        char *error = punt_decode(copy, len, &punt);
        if (!error) {
            enum punt_param param;
            struct mf_subfield sf;
            const void *p;
            uint32_t u32;
            uint8_t u8;
            size_t n;

            ovs_assert(strcmp(punt_opcode_to_string(punt.opcode),
                              "unknown"));
            punt_get_u32(&punt, PUNT_P_PORT, 0, &u32);
            punt_get_u8(&punt, PUNT_P_VERDICT, 0, &u8);
            punt_get_result(&punt, &sf);
            while (punt_next(&punt, &param, &p, &n)) {
                ovs_assert((const uint8_t *) p + n <= copy + len);
            }
        }
        free(error);
        free(copy);
    }
}

OVSTEST_REGISTER("actions-punt", test_actions_punt);
