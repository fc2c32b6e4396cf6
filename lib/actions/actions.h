/* Actions of the flow language.
 *
 * The actions of a logical flow go through these steps:
 *
 *     text --ovnacts_parse()--> ovnacts      checked, independent of datapath
 *          --ovnacts_encode()--> ofpacts     OpenFlow 1.5 for one datapath
 *
 * ovnacts_format() turns parsed actions back into text in one canonical
 * spelling, which parses to equal actions again.
 *
 * actions.def lists all actions.  An action is implemented by a syntax (parse
 * and format), an encoding, and a structure below; many actions share them.
 *
 * Parsed actions live in one arena, refer to the symbol table and are never
 * modified: threads may share them. */

#ifndef ACTIONS_ACTIONS_H
#define ACTIONS_ACTIONS_H 1

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "openvswitch/ofp-actions.h"
#include "openvswitch/shash.h"
#include "text/arena.h"
#include "text/expr.h"
#include "text/lex.h"
#include "text/symtab.h"

struct ds;
struct ofpbuf;

enum ovnact_type {
#define OVNACT(ENUM, ...) OVNACT_##ENUM,
#include "actions/actions.def"
#undef OVNACT
    N_OVNACTS
};

/* Logical pipelines and their tables. */

enum ovnact_pipeline {
    OVNACT_P_INGRESS,
    OVNACT_P_EGRESS,
    OVNACT_N_PIPELINES
};

/* A table of a pipeline. */
struct ovnact_table {
    enum ovnact_pipeline pipeline;
    uint8_t ltable;             /* Logical_Flow.table_id. */
};

/* Parsed actions. */

/* The beginning of each action. */
struct ovnact {
    enum ovnact_type type;
    struct ovnact *next;        /* Null in the last one. */
};

/* Parsed actions, to be destroyed with ovnacts_destroy(). */
struct ovnacts {
    struct arena arena;         /* Holds everything below. */
    struct ovnact *first;       /* Null means "drop;". */
};

#define OVNACT_FOR_EACH(POS, FIRST) \
    for ((POS) = (FIRST); (POS); (POS) = (POS)->next)

/* No parameters. */
struct ovnact_null {
    struct ovnact ovnact;
};

struct ovnact_next {
    struct ovnact ovnact;
    struct ovnact_table from;   /* Where the flow is. */
    struct ovnact_table to;
};

/* Actions with nested actions. */
struct ovnact_nest {
    struct ovnact ovnact;
    struct ovnact *nested;      /* Null: none. */
};

/* FIELD = CONSTANT. */
struct ovnact_load {
    struct ovnact ovnact;
    struct field_ref dst;
    struct constant value;
};

/* DST = SRC, A <-> B. */
struct ovnact_move {
    struct ovnact ovnact;
    struct field_ref dst;
    struct field_ref src;
};

struct ovnact_field {
    struct ovnact ovnact;
    struct field_ref field;
};

/* Actions all of whose parameters are fields, DST = KEYWORD(ARGS). */
#define OVNACT_MAX_ARGS 3
struct ovnact_fields {
    struct ovnact ovnact;
    struct field_ref dst;       /* Null 'symbol' if there is no result. */
    struct field_ref args[OVNACT_MAX_ARGS];
    int n_args;
};

/* A number; FUNC actions have a result, too. */
struct ovnact_number {
    struct ovnact ovnact;
    struct field_ref dst;
    uint32_t number;
};

struct ovnact_string {
    struct ovnact ovnact;
    const char *string;
};

/* Which connection tracking zone of a router. */
enum ovnact_zone {
    OVNACT_ZONE_DEFAULT,
    OVNACT_ZONE_DNAT,
    OVNACT_ZONE_SNAT
};

struct ovnact_ct_zone {
    struct ovnact ovnact;
    enum ovnact_zone zone;
    uint8_t ltable;             /* Where to continue. */
};

struct ovnact_ct_nat {
    struct ovnact ovnact;
    int family;                 /* AF_INET, AF_INET6, or AF_UNSPEC. */
    union {
        ovs_be32 ip4;
        struct in6_addr ip6;
    };
    uint16_t port_min;          /* 0: any port.  0 < min <= max. */
    uint16_t port_max;
    uint8_t ltable;             /* Where to continue. */
};

struct ovnact_backend {
    const char *lport;          /* ct_lb_mark_local only, else null. */
    struct in6_addr ip;         /* IPv4 as mapped address. */
    uint16_t port;              /* 0: keep the port. */
};

struct ovnact_ct_lb {
    struct ovnact ovnact;
    struct ovnact_backend *backends;
    size_t n_backends;
    const char *hash_fields;    /* Null: by dp_hash. */
    enum {
        OVNACT_LB_NO_FLAG,
        OVNACT_LB_SKIP_SNAT,
        OVNACT_LB_FORCE_SNAT
    } flag;
    uint8_t ltable;             /* Where to continue. */
};

struct ovnact_lb_aff {
    struct ovnact ovnact;
    struct in6_addr vip, backend; /* IPv4 as mapped addresses. */
    uint16_t vip_port, backend_port;
    uint8_t proto;              /* IPPROTO_*, or 0. */
    uint16_t timeout;           /* Seconds. */
};

struct ovnact_ecmp_nh {
    struct ovnact ovnact;
    bool ipv6;
    uint8_t proto;              /* IPPROTO_*, or 0. */
};

struct ovnact_weighted {
    uint16_t id, weight;
};

struct ovnact_select {
    struct ovnact ovnact;
    struct field_ref dst;
    struct ovnact_weighted *choices;
    size_t n_choices;
    const char *hash_fields;    /* Null: the 5-tuple. */
    uint8_t ltable;             /* Where to continue. */
};

struct ovnact_fwd_group {
    struct ovnact ovnact;
    bool liveness;
    const char **ports;
    size_t n_ports;
    uint8_t ltable;
};

/* NAME = VALUE... as in DHCP options, and events. */
struct ovnact_option {
    const struct ovnact_opt_def *def; /* Stays with the options' owner. */
    struct constant *values;
    size_t n_values;
    bool in_curlies;
};

struct ovnact_options {
    struct ovnact ovnact;
    struct field_ref dst;
    struct ovnact_option *options;
    size_t n_options;
};

struct ovnact_dhcp_relay {
    struct ovnact ovnact;
    struct field_ref dst;
    ovs_be32 relay, server;
};

struct ovnact_bind_vport {
    struct ovnact ovnact;
    const char *vport;
    struct field_ref parent;
};

struct ovnact_log {
    struct ovnact ovnact;
    const char *name;           /* Null if none. */
    const char *meter;          /* Null if none. */
    uint8_t verdict;            /* enum ovnact_log_verdict. */
    uint8_t severity;           /* As in syslog: 1 alert ... 7 debug. */
};

struct ovnact_set_meter {
    struct ovnact ovnact;
    uint64_t rate, burst;       /* In kbps and kilobits, burst 0: none. */
};

struct ovnact_sample {
    struct ovnact ovnact;
    uint16_t probability;
    uint32_t collector_set;
    uint8_t obs_domain;
    bool use_cookie;            /* Observation point is the flow's cookie. */
    uint32_t obs_point;
    struct field_ref obs_field; /* If 'symbol', the observation point. */
};

/* Log verdicts, as ovn-controller logs them. */
enum ovnact_log_verdict {
    LOG_VERDICT_ALLOW,
    LOG_VERDICT_DROP,
    LOG_VERDICT_REJECT,
    LOG_VERDICT_PASS,
    N_LOG_VERDICTS,
    LOG_VERDICT_UNKNOWN = 255
};
const char *ovnact_verdict_to_string(uint8_t verdict);
const char *ovnact_severity_to_string(uint8_t severity);

/* Options of put_dhcp_opts() and its like. */

/* How the values of an option look and are encoded. */
enum ovnact_opt_type {
    OPT_BOOL, OPT_UINT8, OPT_UINT16, OPT_UINT32, OPT_IPV4,
    OPT_STATIC_ROUTES, OPT_STR, OPT_HOST_ID, OPT_DOMAINS, OPT_IPV6, OPT_MAC,
};

struct ovnact_opt_def {
    const char *name;
    uint16_t code;
    enum ovnact_opt_type type;
};

/* Converts the 'type' column of SB tables DHCP_Options and DHCPv6_Options.
 * Returns false if there is no such type. */
bool ovnact_opt_type_from_string(const char *, enum ovnact_opt_type *);

/* Names of options, owned by the caller; they must stay as long as actions
 * that use them. */
struct ovnact_opt_defs {
    struct shash defs;          /* Has "struct ovnact_opt_def"s. */
};

void ovnact_opt_defs_init(struct ovnact_opt_defs *);
void ovnact_opt_defs_destroy(struct ovnact_opt_defs *);
/* A second definition of a name replaces nothing and returns false. */
bool ovnact_opt_defs_add(struct ovnact_opt_defs *, const char *name,
                         uint16_t code, enum ovnact_opt_type);

/* Parsing. */

struct ovnact_parse_params {
    const struct symtab *symtab;

    /* Rows of SB DHCP_Options and DHCPv6_Options.  Null: none. */
    const struct ovnact_opt_defs *dhcp_opts;
    const struct ovnact_opt_defs *dhcpv6_opts;

    struct ovnact_table table;  /* Where the flow is. */
    uint8_t n_tables[OVNACT_N_PIPELINES]; /* Logical tables a pipeline has. */
};

/* Parses 'text', all of it.  On success returns null and initializes '*acts',
 * which the caller must destroy; '*prereqs' receives an annotated expression
 * that the caller must AND to the flow's match and destroy, or null if there
 * is none.  On failure returns an error that the caller frees; it names the
 * offending token and what was expected. */
char *ovnacts_parse(const char *text, const struct ovnact_parse_params *,
                    struct ovnacts *acts, struct expr **prereqs)
    OVS_WARN_UNUSED_RESULT;

void ovnacts_destroy(struct ovnacts *);

/* Appends the canonical text of 'acts' to 'ds'. */
void ovnacts_format(const struct ovnacts *acts, struct ds *);

/* Appends the canonical text of one action, without semicolon. */
void ovnact_format(const struct ovnact *, struct ds *);

/* Whether any of 'acts', at any depth, is of 'type'. */
bool ovnacts_contain(const struct ovnacts *acts, enum ovnact_type type);

/* The keyword of an action, the forms in which it is written, a line each, and
 * what it does. */
const char *ovnact_name(enum ovnact_type);
const char *ovnact_usage(enum ovnact_type);
const char *ovnact_doc(enum ovnact_type);

/* Encoding. */

/* Bits of reg10 in which a helper table answers. */
enum ovnact_mlf_bit {
    MLF_NONE_BIT = -1,
    MLF_LOOKUP_MAC_BIT = 6,
    MLF_LOOKUP_LB_HAIRPIN_BIT = 7,
    MLF_LOOKUP_FDB_BIT = 8,
    MLF_CHECK_PORT_SEC_BIT = 12,
    MLF_LOOKUP_COMMIT_ECMP_NH_BIT = 13,
    MLF_USE_LB_AFF_SESSION_BIT = 14,
};

/* OpenFlow tables outside the logical pipelines that actions consult.
 *
 * Actions set up the arguments in the fields given here, clear the result,
 * resubmit to the table, and take the result from where it is said to be.  A
 * table has no flow for what it does not know.
 *
 * HELPER(NAME, arguments, result) */
#define OVNACT_HELPERS                                                      \
    HELPER(MAC_BINDING,  "reg15 port, reg0|xxreg0 IP", "eth_dst, MLF bit 6")\
    HELPER(MAC_LOOKUP,   "reg14 port, reg0|xxreg0 IP, eth_src", "MLF bit 6")\
    HELPER(LB_HAIRPIN,        "the packet", "MLF bit 7")                    \
    HELPER(LB_HAIRPIN_REPLY,  "the packet", "MLF bit 7")                    \
    HELPER(LB_SNAT_VIP,       "the packet", "none: it does the SNAT")       \
    HELPER(GET_FDB,      "eth_dst", "reg15")                                \
    HELPER(LOOKUP_FDB,   "reg14 port, eth_src", "MLF bit 8")                \
    HELPER(CHK_IN_PORT_SEC,   "reg14 port, the packet", "MLF bit 12")       \
    HELPER(CHK_OUT_PORT_SEC,  "reg15 port, the packet", "MLF bit 12")       \
    HELPER(ECMP_NH_MAC,       "the packet", "MLF bit 13")                   \
    HELPER(ECMP_NH,           "the packet", "MLF bit 13")                   \
    HELPER(LB_AFFINITY,       "the packet", "MLF bit 14 and registers")     \
    HELPER(MAC_CACHE_USE,     "the packet", "none: it only counts")         \
    HELPER(CT_NW_DST,    "the packet", "xxreg0[0..31]")                     \
    HELPER(CT_IP6_DST,   "the packet", "xxreg0[0..127]")                    \
    HELPER(CT_TP_DST,    "the packet", "xxreg0[0..15]")                     \
    HELPER(CT_PROTO,     "the packet", "xxreg0[0..7]")                      \
    HELPER(FLOOD_REMOTE,      "the packet", "none: it outputs")             \
    HELPER(GET_REMOTE_FDB,    "eth_dst", "reg1")                            \
    HELPER(EVPN_ARP,     "reg0 IP", "eth_dst, MLF bit 6")

enum ovnact_helper {
    HELPER_NONE = -1,
#define HELPER(NAME, ARGS, RESULT) HELPER_##NAME,
    OVNACT_HELPERS
#undef HELPER
    N_HELPERS
};

/* Fills in the numbers that OVN 26.03 uses for the helper tables. */
void ovnact_helper_tables_init(uint8_t tables[N_HELPERS]);

/* What encoding asks of the rest of ovn-controller.  'aux' comes from the
 * parameters. */
struct ovnact_callbacks {
    /* Stores in '*key' the number of logical port or multicast group 'name'
     * on the flow's datapath; false if there is none. */
    bool (*lookup_port)(const char *name, uint32_t *key, void *aux);

    /* Stores the OpenFlow port of the tunnel to the chassis where logical
     * port 'name' is; false if it is nowhere or here. */
    bool (*tunnel_ofport)(const char *name, ofp_port_t *, void *aux);

    bool (*is_chassis_resident)(const char *name, void *aux);

    /* Returns the id of an OpenFlow group with the properties and buckets
     * 'spec', in the syntax of ovs-ofctl without "group_id=": the same id for
     * the same text.  0 if no id is left: the action is left out. */
    uint32_t (*group)(const char *spec, void *aux);

    /* Returns the id of an OpenFlow meter: for the row of SB table Meter that
     * is called 'name', or one that drops beyond 'rate' kbps with 'burst'
     * kilobits (0: no burst).  0 if there is none. */
    uint32_t (*meter_by_name)(const char *name, void *aux);
    uint32_t (*meter_by_rate)(uint64_t rate, uint64_t burst, void *aux);

    /* Whether Open vSwitch has a Flow_Sample_Collector_Set 'id'. */
    bool (*has_collector_set)(uint32_t id, void *aux);
};

struct ovnact_encode_params {
    const struct ovnact_callbacks *callbacks; /* Null ones: never found. */
    void *aux;

    bool is_switch;             /* Of the flow's datapath. */
    uint32_t dp_key;            /* Tunnel key of the datapath. */
    uint32_t cookie;            /* Of the OpenFlow flow, for sample(). */
    uint32_t controller_meter;  /* OpenFlow meter for punts, 0: none. */

    struct ovnact_table table;  /* Where the flow is. */

    /* OpenFlow numbers of tables. */
    uint8_t first_table[OVNACT_N_PIPELINES]; /* Logical table 0. */
    uint8_t output_table[OVNACT_N_PIPELINES]; /* Where "output;" leads. */
    uint8_t helpers[N_HELPERS];

    /* Dialect of the northd that wrote the flow.
     *
     * Where the backend of a load balancer with affinity is put: reg4 or
     * xxreg1, and reg2[0..15]; if false as before 25.03, in reg4 or (switch)
     * xxreg0 or (router) xxreg1, and reg8[0..15]. */
    bool consolidated_registers;

    /* Flows have "output;" behind arp {...} and nd_ns {...}, for the packet
     * that waited for the answer; if false as before 24.09, it is implied. */
    bool explicit_arp_output;
};

/* Appends the OpenFlow actions for 'acts' to 'ofpacts'.  Cannot fail: what
 * cannot be done here and now (an unknown port, no group id left) makes the
 * action in question have no effect, or assign 0. */
void ovnacts_encode(const struct ovnacts *acts,
                    const struct ovnact_encode_params *,
                    struct ofpbuf *ofpacts);

#endif /* actions/actions.h */
