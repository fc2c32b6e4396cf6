/* Benchmark of the engine on a synthetic model: ports on switches, eight flows
 * a port, like those of ovn-northd.
 *
 * usage: inc-bench [N-PORTS [N-THREADS]]
 *
 * Compiled with -DINC_NO_TRACK it is the same generator without tracking: then
 * only the first run counts.  Prints "name value unit" lines. */
#include <config.h>

#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "lib/inc/inc-table.h"
#include "openvswitch/vlog.h"
#include "simap.h"
#include "util.h"

#define PORTS_PER_SWITCH 100

#define SWITCH_FIELDS(K, F, T)                  \
    K(T, uint32_t, id, U32)                     \
    F(T, istr, name, STR)                       \
    F(T, istr, dhcp_options, STR)
INC_TABLE_DECLARE(bench_switch, SWITCH_FIELDS);
INC_TABLE_DEFINE(bench_switch, SWITCH_FIELDS, .kind = INC_INPUT);

#define PORT_FIELDS(K, F, T)                    \
    K(T, uint32_t, id, U32)                     \
    F(T, uint32_t, sw, U32)                     \
    F(T, istr, name, STR)                       \
    F(T, istr, addresses, STR)                  \
    F(T, istr, type, STR)                       \
    F(T, istr, peer, STR)                       \
    F(T, bool, enabled, BOOL)
INC_TABLE_DECLARE(bench_port, PORT_FIELDS);
INC_TABLE_DEFINE(bench_port, PORT_FIELDS, .kind = INC_INPUT);

#define OPTIONS_FIELDS(K, F, T)                 \
    K(T, uint32_t, id, U32)                     \
    F(T, bool, learn, BOOL)
INC_TABLE_DECLARE(bench_options, OPTIONS_FIELDS);
INC_TABLE_DEFINE(bench_options, OPTIONS_FIELDS, .kind = INC_INPUT,
                 .broad = true);

/* A port's addresses, parsed. */
#define ADDR_FIELDS(K, F, T)                            \
    K(T, const struct bench_port *, port, ROW)          \
    F(T, const struct bench_switch *, sw, ROW)          \
    F(T, istr, mac, STR)                                \
    F(T, istr, ip, STR)                                 \
    F(T, bool, is_router, BOOL)                         \
    F(T, bool, is_unknown, BOOL)
INC_TABLE_DECLARE(bench_addr, ADDR_FIELDS);
INC_TABLE_DEFINE(bench_addr, ADDR_FIELDS, .kind = INC_DERIVED);

#define FACTS_FIELDS(K, F, T)                           \
    K(T, const struct bench_switch *, sw, ROW)          \
    F(T, uint32_t, n_routers, U32)                      \
    F(T, bool, has_unknown, BOOL)
INC_TABLE_DECLARE(bench_facts, FACTS_FIELDS);
INC_TABLE_DEFINE(bench_facts, FACTS_FIELDS, .kind = INC_DERIVED);

#define FLOW_FIELDS(K, F, T)                            \
    K(T, const struct bench_switch *, dp, ROW)          \
    K(T, uint16_t, stage, U16)                          \
    K(T, uint16_t, priority, U16)                       \
    K(T, istr, match, STR)                              \
    K(T, istr, actions, STR)                            \
    F(T, const struct bench_port *, hint, ROW)
INC_TABLE_DECLARE(bench_flow, FLOW_FIELDS);
INC_TABLE_DEFINE(bench_flow, FLOW_FIELDS, .kind = INC_OUTPUT);

static void
port_name_keys(const void *v_, struct inc_keys *keys)
{
    const struct bench_port_v *v = v_;
    inc_keys_add_istr(keys, v->name);
}
static struct inc_index port_by_name = {
    .name = "port_by_name", .table = &bench_port_table,
    .keys = port_name_keys, .mask = INC_MASK(bench_port, name),
};

static void
switch_id_keys(const void *v_, struct inc_keys *keys)
{
    const struct bench_switch_v *v = v_;
    inc_keys_add(keys, &v->id, sizeof v->id);
}
static struct inc_index switch_by_id = {
    .name = "switch_by_id", .table = &bench_switch_table,
    .keys = switch_id_keys, .mask = INC_MASK(bench_switch, id),
};

static void
addr_port_keys(const void *v_, struct inc_keys *keys)
{
    const struct bench_addr_v *v = v_;
    inc_keys_add(keys, &v->port, sizeof v->port);
}
static struct inc_index addr_by_port = {
    .name = "addr_by_port", .table = &bench_addr_table,
    .keys = addr_port_keys, .mask = INC_MASK(bench_addr, port),
};

static void
addr_sw_keys(const void *v_, struct inc_keys *keys)
{
    const struct bench_addr_v *v = v_;
    inc_keys_add(keys, &v->sw, sizeof v->sw);
}
static struct inc_index addr_by_sw = {
    .name = "addr_by_sw", .table = &bench_addr_table, .keys = addr_sw_keys,
    .mask = INC_MASK(bench_addr, sw),
};

static void
facts_sw_keys(const void *v_, struct inc_keys *keys)
{
    const struct bench_facts_v *v = v_;
    inc_keys_add(keys, &v->sw, sizeof v->sw);
}
static struct inc_index facts_by_sw = {
    .name = "facts_by_sw", .table = &bench_facts_table, .keys = facts_sw_keys,
    .mask = INC_MASK(bench_facts, sw),
};

static void
run_addr(const void *port_)
{
    const struct bench_port *port = port_;
    const char *addresses = bench_port_addresses(port).s;
    const char *space = strchr(addresses, ' ');
    uint32_t sw = bench_port_sw(port);

    emit_bench_addr(&(struct bench_addr_v) {
        .port = port,
        .sw = inc_find_one(&switch_by_id, &sw, sizeof sw),
        .mac = (space ? istr_intern_n(addresses, space - addresses)
                : istr_intern("")),
        .ip = istr_intern(space ? space + 1 : ""),
        .is_router = !strcmp(bench_port_type(port).s, "router"),
        .is_unknown = !strcmp(addresses, "unknown"),
    });
}

static void
run_facts(const void *sw_)
{
    const struct bench_switch *sw = sw_;
    const struct bench_addr *a;
    struct bench_facts_v facts = { .sw = sw };

    INC_BUCKET_FOR_EACH (a, inc_find(&addr_by_sw, &sw, sizeof sw)) {
        facts.n_routers += bench_addr_is_router(a);
        facts.has_unknown |= bench_addr_is_unknown(a);
    }
    emit_bench_facts(&facts);
}

static void
flow(const struct bench_switch *dp, const struct bench_port *hint, int stage,
     int priority, istr match, istr actions)
{
    emit_bench_flow(&(struct bench_flow_v) {
        .dp = dp, .stage = stage, .priority = priority, .match = match,
        .actions = actions, .hint = hint,
    });
}

static void
dhcp_flows(const struct bench_port *port, const struct bench_switch *sw,
           const char *name, const char *mac, const char *ip)
{
    flow(sw, port, 27, 100,
         istr_fmt("inport == \"%s\" && eth.src == %s && (ip4.src == {%s, "
                  "0.0.0.0} && ip4.dst == {10.0.0.1, 255.255.255.255}) && "
                  "udp.src == 68 && udp.dst == 67", name, mac, ip),
         istr_fmt("reg0[3] = put_dhcp_opts(offerip = %s, %s); next;", ip,
                  bench_switch_dhcp_options(sw).s));
    flow(sw, port, 28, 100,
         istr_fmt("inport == \"%s\" && eth.src == %s && ip4 && udp.src == 68 "
                  "&& udp.dst == 67 && reg0[3]", name, mac),
         istr_fmt("eth.dst = eth.src; eth.src = 0a:00:00:00:00:01; ip4.src = "
                  "10.0.0.1; udp.src = 67; udp.dst = 68; outport = inport; "
                  "flags.loopback = 1; output;"));
}

static void
run_flows(const void *addr_)
{
    const struct bench_addr *a = addr_;
    const struct bench_port *port = bench_addr_port(a);
    const struct bench_switch *sw = bench_addr_sw(a);
    const struct bench_facts *facts = inc_find_one(&facts_by_sw, &sw,
                                                   sizeof sw);
    const struct bench_options *o;
    bool learn = false;

    if (!sw || !bench_port_enabled(port)) {
        return;
    }
    INC_FOR_EACH (o, &bench_options_table) {
        learn |= bench_options_learn(o);
    }
    const char *name = bench_port_name(port).s;
    const char *mac = bench_addr_mac(a).s;
    const char *ip = bench_addr_ip(a).s;
    flow(sw, port, 0, 70, istr_fmt("inport == \"%s\"", name),
         istr_fmt("reg0[15] = check_in_port_sec(); next;"));
    flow(sw, port, 14, 70, istr_fmt("outport == \"%s\"", name),
         istr_fmt("reg0[15] = check_out_port_sec(); next;"));
    flow(sw, port, 32, 50, istr_fmt("eth.dst == %s", mac),
         istr_fmt("outport = \"%s\"; output;", name));
    flow(sw, port, 26, 50, istr_fmt("arp.tpa == %s && arp.op == 1", ip),
         istr_fmt("eth.dst = eth.src; eth.src = %s; arp.op = 2; arp.tha = "
                  "arp.sha; arp.sha = %s; arp.tpa = arp.spa; arp.spa = %s; "
                  "outport = inport; flags.loopback = 1; output;", mac, mac,
                  ip));
    flow(sw, port, 26, 100,
         istr_fmt("arp.tpa == %s && arp.op == 1 && inport == \"%s\"", ip,
                  name),
         istr_fmt("next;"));
    flow(sw, port, 40, 100, istr_fmt("outport == \"%s\" && reg0 == %s", name,
                                     ip),
         istr_fmt("eth.dst = %s; next;", mac));
    dhcp_flows(port, sw, name, mac, ip);

    istr peer = bench_port_peer(port);
    const struct bench_port *p
        = peer.s ? inc_bucket_first(inc_find_istr(&port_by_name, peer)) : NULL;
    if (p) {
        flow(sw, port, 33, 10,
             istr_fmt("ip4.dst == %s && outport == \"%s\"", ip, name),
             istr_fmt("next(peer=%s);", bench_port_name(p).s));
    }
    if (learn || (facts && bench_facts_has_unknown(facts))) {
        flow(sw, port, 3, 10, istr_fmt("inport == \"%s\" && unknown", name),
             istr_fmt("next;"));
    }
}

static const struct inc_rule rule_addr = {
    .name = "addr", .driver = &bench_port_table, .run = run_addr
};
static const struct inc_rule rule_facts = {
    .name = "facts", .driver = &bench_switch_table, .run = run_facts
};
static const struct inc_rule rule_flows = {
    .name = "flows", .driver = &bench_addr_table, .run = run_flows
};

static double
now(clockid_t clock)
{
    struct timespec ts;
    clock_gettime(clock, &ts);
    return ts.tv_sec + ts.tv_nsec / 1e9;
}

static size_t
heap(void)
{
    struct mallinfo2 m = mallinfo2();
    return m.uordblks + m.hblkhd;
}

static struct bench_port_v
make_port(uint32_t id)
{
    uint32_t sw = id / PORTS_PER_SWITCH, i = id % PORTS_PER_SWITCH;
    return (struct bench_port_v) {
        .id = id, .sw = sw, .name = istr_fmt("port-%u-%u", sw, i),
        .addresses = istr_fmt("0a:00:%02x:%02x:%02x:%02x 10.%u.%u.%u",
                              sw >> 8, sw & 255, i >> 8, i & 255, sw >> 8,
                              sw & 255, i + 2),
        .type = istr_intern(i ? "" : "router"),
        .peer = (i % 10 ? (istr) { NULL }
                 : istr_fmt("port-%u-%u", sw ^ 1, i)),
        .enabled = true,
    };
}

static void
load(uint32_t n_ports)
{
    for (uint32_t i = 0; i < n_ports / PORTS_PER_SWITCH; i++) {
        inc_input_set(&bench_switch_table, &(struct bench_switch_v) {
            .id = i, .name = istr_fmt("ls%u", i),
            .dhcp_options = istr_fmt("lease_time = 3600, router = 10.%u.0.1, "
                                     "server_id = 10.0.0.1, netmask = "
                                     "255.255.0.0", i) });
        istr_pool_reset();
    }
    for (uint32_t i = 0; i < n_ports; i++) {
        struct bench_port_v v = make_port(i);
        inc_input_set(&bench_port_table, &v);
        istr_pool_reset();
    }
    inc_input_set(&bench_options_table, &(struct bench_options_v) { .id = 0 });
}

static void
drain(void)
{
    struct inc_row *row;
    while ((row = inc_touched_pop(&bench_flow_table))) {
        inc_row_release(row);
    }
}

#ifndef INC_NO_TRACK
static void
measure_changes(struct inc *inc, uint32_t n_ports)
{
    enum { N = 2000 };
    double total = 0, worst = 0;

    for (int i = 0; i < N; i++) {
        struct bench_port_v v = make_port((i * 7919u + 13) % n_ports);
        v.addresses = istr_fmt("0a:00:99:99:%02x:%02x 10.99.%u.%u", i >> 8,
                               i & 255, i >> 8, i & 255);
        double start = now(CLOCK_MONOTONIC);
        inc_input_set(&bench_port_table, &v);
        inc_run(inc);
        drain();
        double t = now(CLOCK_MONOTONIC) - start;
        total += t;
        worst = MAX(worst, t);
    }
    printf("change %.1f us\nchange-worst %.1f us\n", total / N * 1e6,
           worst * 1e6);

    double start = now(CLOCK_MONOTONIC);
    for (int i = 0; i < N; i++) {
        inc_run(inc);
    }
    printf("nothing %.2f us\n", (now(CLOCK_MONOTONIC) - start) / N * 1e6);

    start = now(CLOCK_PROCESS_CPUTIME_ID);
    inc_recompute(inc);
    inc_run(inc);
    printf("recompute-cpu %.3f s\n",
           now(CLOCK_PROCESS_CPUTIME_ID) - start);
}

#endif

static void
print_memory(const struct inc *inc, size_t n_flows)
{
    struct simap usage = SIMAP_INITIALIZER(&usage);

    inc_memory_usage(inc, &usage);
    double edges = simap_get(&usage, "inc-edges");
    printf("edges %.0f\n", edges);
    if (edges) {
        printf("edge-bytes %.2f B\n",
               simap_get(&usage, "inc-edges-KB") * 1024.0 / edges);
    }
    printf("rows %u\nflows %"PRIuSIZE"\n", simap_get(&usage, "inc-rows"),
           n_flows);
    printf("slab-KB %u\nstrings-KB %u\n", simap_get(&usage, "inc-KB"),
           simap_get(&usage, "strings-KB"));
    simap_destroy(&usage);
}

int
main(int argc, char *argv[])
{
    uint32_t n_ports = argc > 1 ? atoi(argv[1]) : 100000;
    unsigned int n_threads = argc > 2 ? atoi(argv[2]) : 1;

    set_program_name(argv[0]);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    struct inc *inc = inc_create(&(struct inc_config) {
        .name = "bench",
        .tables = (struct inc_table *const[]) {
            &bench_switch_table, &bench_port_table, &bench_options_table,
            &bench_addr_table, &bench_facts_table, &bench_flow_table, NULL },
        .indexes = (struct inc_index *const[]) {
            &port_by_name, &switch_by_id, &addr_by_port, &addr_by_sw,
            &facts_by_sw, NULL },
        .rules = (const struct inc_rule *const[]) {
            &rule_addr, &rule_facts, &rule_flows, NULL },
        .n_threads = n_threads,
    });
    load(n_ports);

    size_t heap_before = heap();
    double cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    double wall = now(CLOCK_MONOTONIC);
    inc_run(inc);
    printf("cold-cpu %.3f s\ncold-wall %.3f s\n",
           now(CLOCK_PROCESS_CPUTIME_ID) - cpu, now(CLOCK_MONOTONIC) - wall);
    size_t n_flows = inc_n_touched(&bench_flow_table);
    drain();
    printf("heap %.1f MB\n", (heap() - heap_before) / 1e6);
    print_memory(inc, n_flows);
#ifndef INC_NO_TRACK
    measure_changes(inc, n_ports);
#endif

    struct rusage ru;
    getrusage(RUSAGE_SELF, &ru);
    printf("peak %.1f MB\n", ru.ru_maxrss / 1e3);
    inc_destroy(inc);
    istr_pool_reset();
    return 0;
}
