/* What the implementations of actions share.  See actions.h first. */

#ifndef ACTIONS_ACTIONS_PRIVATE_H
#define ACTIONS_ACTIONS_PRIVATE_H 1

#include "actions/actions.h"
#include "actions/punt.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofpbuf.h"

/* A row of actions.def. */

enum ovnact_form {
    OVNACT_STMT,
    OVNACT_FUNC,
    OVNACT_CORE
};

struct ovnact_parser;

struct ovnact_class {
    const char *name;           /* Keyword. */
    enum ovnact_form form;
    const char *signature;
    size_t size;                /* Of its structure. */
    enum punt_opcode opcode;
    enum ovnact_helper helper;
    enum ovnact_mlf_bit bit;
    const char *prereq;
    const char *usage;
    const char *doc;

    /* Parses what follows the keyword, up to but without the semicolon, into
     * the zeroed structure 'act' whose header is filled in.  Reports errors
     * to the lexer. */
    void (*parse)(struct ovnact_parser *, void *act);

    /* Appends the canonical text, keyword included, without semicolon. */
    void (*format)(const void *act, struct ds *);

    void (*encode)(const void *act, const struct ovnact_encode_params *,
                   struct ofpbuf *ofpacts);
};

extern const struct ovnact_class ovnact_classes[N_OVNACTS];

/* The row for action 'act', a struct ovnact_*. */
static inline const struct ovnact_class *
ovnact_class(const void *act)
{
    return &ovnact_classes[((const struct ovnact *) act)->type];
}

/* All functions that actions.def names. */
#define OVNACT(ENUM, STRUCT, SYNTAX, ENCODE, ...) \
    void ovnact_parse_##SYNTAX(struct ovnact_parser *, void *act); \
    void ovnact_format_##SYNTAX(const void *act, struct ds *); \
    void ovnact_encode_##ENCODE(const void *act, \
                                const struct ovnact_encode_params *, \
                                struct ofpbuf *ofpacts);
#include "actions/actions.def"
#undef OVNACT

/* Parsing. */

struct ovnact_parser {
    struct lexer *lexer;
    const struct ovnact_parse_params *params;
    struct arena *arena;
    struct expr *prereqs;       /* Null: none so far. */
    struct field_ref dst;       /* Of the FUNC action being parsed. */
    size_t act_ofs;             /* Where the action is in the text. */
    size_t field_ofs;           /* And the last field or option. */
    bool in_ct_commit;          /* ct_mark and ct_label may be written to. */
    int depth;                  /* Of nesting. */
};

/* A new action of 'type' with everything else zeroed. */
void *ovnact_new(struct ovnact_parser *, enum ovnact_type);

/* Reports an error that concerns the action as a whole. */
void ovnact_error(struct ovnact_parser *, const char *format, ...)
    OVS_PRINTF_FORMAT(2, 3);

/* Parses "{ ... }" if the current token is '{', otherwise returns null. */
struct ovnact *ovnact_parse_block(struct ovnact_parser *);

/* Parses a field like expr_parse_field() and checks that it fits letter
 * 'kind' of a signature (see actions.def).  Adds its prerequisites. */
bool ovnact_parse_field(struct ovnact_parser *, char kind, bool write,
                        struct field_ref *);
bool ovnact_check_field(struct ovnact_parser *, const struct field_ref *,
                        int n_bits, bool write);
int ovnact_kind_to_width(char kind);

/* Adds the prerequisites of 'ref', or a predicate. */
void ovnact_add_field_prereqs(struct ovnact_parser *,
                              const struct field_ref *);
void ovnact_add_prereq(struct ovnact_parser *, const char *predicate);

/* Parses an integer from 'min' to 'max'; 'what' is for the error. */
bool ovnact_parse_number(struct ovnact_parser *, uint64_t min, uint64_t max,
                         const char *what, uint64_t *);

/* Parses an IPv4 address. */
bool ovnact_parse_ip4(struct ovnact_parser *, ovs_be32 *);

/* Parses "string" into the arena, null on error. */
const char *ovnact_parse_string(struct ovnact_parser *);

/* Parses ="FIELD,...", names of Open vSwitch fields. */
const char *ovnact_parse_hash_fields(struct ovnact_parser *);

/* Parses "tcp", "udp" or "sctp" into an IPPROTO_*. */
bool ovnact_parse_proto(struct ovnact_parser *, uint8_t *);

/* Parses "ip", "ip:port" or "[ip6]:port" at the current tokens. */
bool ovnact_parse_ip_port(struct ovnact_parser *, struct in6_addr *,
                          uint16_t *port);

/* True if the last table of the pipeline follows the flow's table; otherwise
 * reports that 'name' cannot be used there. */
bool ovnact_next_table(struct ovnact_parser *, const char *name,
                       uint8_t *ltable);

/* Formatting. */

void ovnact_format_block(const struct ovnact *nested, struct ds *);
void ovnact_format_dst(const struct field_ref *, struct ds *);
void ovnact_format_string(const char *, struct ds *);
void ovnact_format_ip_port(const struct in6_addr *, uint16_t port,
                           struct ds *);
const char *ovnact_proto_to_string(uint8_t proto);

/* Encoding. */

void ovnact_encode_list(const struct ovnact *,
                        const struct ovnact_encode_params *,
                        struct ofpbuf *ofpacts);

/* OpenFlow number of logical table 'ltable' of the flow's own pipeline. */
static inline uint8_t
ovnact_of_table(const struct ovnact_encode_params *ep, uint8_t ltable)
{
    return ep->first_table[ep->table.pipeline] + ltable;
}

/* Makes sure that the action that starts at 'start' is short enough for
 * OpenFlow, else takes it away again and returns false. */
bool ovnact_fits(struct ofpbuf *ofpacts, size_t start);

struct mf_subfield ovnact_subfield(enum mf_field_id, int ofs, int n_bits);
struct mf_subfield ovnact_whole_field(enum mf_field_id);

/* The result bit of 'act', in reg10. */
struct mf_subfield ovnact_result_bit(const void *act);

/* Appends a ct action that the caller may add nested actions to, and must
 * complete with ovnact_ct_end(), which may take it away if it is too long. */
size_t ovnact_ct_begin(struct ofpbuf *, struct mf_subfield zone,
                       uint16_t flags, uint8_t recirc_table);
void ovnact_ct_end(struct ofpbuf *, size_t start);

/* The registers that actions and tables agree on. */
#define REG_DNAT_ZONE MFF_REG11
#define REG_SNAT_ZONE MFF_REG12
#define REG_CT_ZONE MFF_REG13
#define REG_FLAGS MFF_REG10
#define REG_INPORT MFF_REG14
#define REG_OUTPORT MFF_REG15
#define CT_MARK_NATTED_BIT 1
#define CT_MARK_SKIP_SNAT_BIT 2
#define CT_MARK_FORCE_SNAT_BIT 3

void ovnact_put_load(struct ofpbuf *, const struct mf_subfield *, wide value);
void ovnact_put_load_masked(struct ofpbuf *, const struct mf_subfield *,
                            wide value, wide mask);
void ovnact_put_move(struct ofpbuf *, const struct mf_subfield *dst,
                     const struct mf_subfield *src);
void ovnact_put_push(struct ofpbuf *, const struct mf_subfield *);
void ovnact_put_pop(struct ofpbuf *, const struct mf_subfield *);
void ovnact_put_resubmit(struct ofpbuf *, uint8_t table);
void ovnact_put_group(struct ofpbuf *, const struct ovnact_encode_params *,
                      const char *spec);

/* Whether 'a' and 'b' are the same bits, perhaps by different names (reg0,
 * xxreg0[96..127]), or have bits in common. */
bool ovnact_same_bits(const struct mf_subfield *a,
                      const struct mf_subfield *b);
bool ovnact_overlap(const struct mf_subfield *a, const struct mf_subfield *b);

/* Copies fields to where a table or ovn-controller expects them, remembering
 * what was there.  ovnact_restore_args() puts that back. */
struct ovnact_arg {
    struct mf_subfield src;
    enum mf_field_id dst;
};
void ovnact_setup_args(struct ofpbuf *, const struct ovnact_arg[], size_t n);
void ovnact_restore_args(struct ofpbuf *, const struct ovnact_arg[],
                         size_t n);

/* Starts a controller action for 'act', with PUNT_P_RESULT if 'dst'. */
size_t ovnact_punt_begin(const void *act, const struct field_ref *dst,
                         const struct ovnact_encode_params *,
                         struct ofpbuf *ofpacts);

/* Formats 'ofpacts' in the syntax of ovs-ofctl, for a group's bucket. */
void ovnact_format_ofpacts(const struct ofpbuf *ofpacts, struct ds *);

#endif /* actions/actions-private.h */
