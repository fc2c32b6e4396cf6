#include "tests/test-ovn.h"
#include "tests/actions-fixture.h"

#include <stdio.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-group.h"
#include "openvswitch/ofpbuf.h"

bool
actions_fixture_lookup_port(const char *name, uint32_t *key, void *f_)
{
    const struct actions_fixture *f = f_;
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

    if (!actions_fixture_lookup_port(name, &key, aux) || key % 2) {
        return false;
    }
    *ofport = OFP_PORT_C(100 + key);
    return true;
}

static bool
is_chassis_resident(const char *name, void *aux)
{
    uint32_t key;

    return actions_fixture_lookup_port(name, &key, aux) && key % 2;
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
    struct actions_fixture *f = f_;
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

void
actions_fixture_init(struct actions_fixture *f)
{
    static const struct ovnact_callbacks callbacks = {
        .lookup_port = actions_fixture_lookup_port,
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

void
actions_fixture_destroy(struct actions_fixture *f)
{
    ovnact_opt_defs_destroy(&f->dhcp_opts);
    ovnact_opt_defs_destroy(&f->dhcpv6_opts);
    simap_destroy(&f->groups);
    simap_destroy(&f->ports);
}

void
actions_fixture_option(struct actions_fixture *f, const char *option)
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
        actions_fixture_option(f, "old");
    } else {
        ovs_fatal(0, "%s: unknown option", option);
    }
    f->ep.table = f->pp.table;
}

char *
actions_fixture_round_trip(const struct actions_fixture *f,
                           const struct ovnacts *acts)
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

bool
actions_fixture_check(struct actions_fixture *f, const char *text)
{
    struct ovnacts acts;
    struct expr *prereqs;
    char *error = ovnacts_parse(text, &f->pp, &acts, &prereqs);

    if (error) {
        ovs_assert(error[0]);
        free(error);
        return false;
    }
    free(actions_fixture_round_trip(f, &acts));

    struct ofpbuf ofpacts;
    ofpbuf_init(&ofpacts, 0);
    ovnacts_encode(&acts, &f->ep, &ofpacts);
    check_openflow(text, &ofpacts);
    ofpbuf_uninit(&ofpacts);
    ovnacts_destroy(&acts);
    expr_destroy(prereqs);
    return true;
}
