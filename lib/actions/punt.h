/* What an OpenFlow packet-in to ovn-controller means.
 *
 * Actions that OpenFlow cannot do are done by ovn-controller ("punt"): they
 * are encoded as a controller() action whose userdata says what to do.  The
 * userdata is
 *
 *     struct punt_header { version, opcode }
 *     any number of { type, length, 'length' bytes, padding to 4 bytes }
 *
 * in network byte order.  Numbers of opcodes and parameters never change
 * their meaning, since flows of a previous program stay in the switch for a
 * while after an upgrade; a change that needs one bumps PUNT_VERSION. */

#ifndef ACTIONS_PUNT_H
#define ACTIONS_PUNT_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "openvswitch/meta-flow.h"
#include "openvswitch/types.h"

struct ofpbuf;

#define PUNT_VERSION 1

/* PUNT(NAME, number, pause, "name", "parameters").  With 'pause', the switch
 * keeps the packet's state and waits for NXT_RESUME. */
#define PUNT_OPCODES                                                        \
    PUNT(ARP,                  1, true,  "arp",      "ACTIONS")             \
    PUNT(ND_NS,                2, true,  "nd_ns",    "ACTIONS")             \
    PUNT(ND_NA,                3, false, "nd_na",    "ACTIONS")             \
    PUNT(ND_NA_ROUTER,         4, false, "nd_na_router", "ACTIONS")         \
    PUNT(PUT_ARP,              5, false, "put_arp",                         \
         "reg14 port, reg0 IP, eth.src")                                    \
    PUNT(PUT_ND,               6, false, "put_nd",                          \
         "reg14 port, xxreg0 IP, eth.src")                                  \
    PUNT(PUT_FDB,              7, false, "put_fdb",                         \
         "reg14 port, eth.src")                                             \
    PUNT(PUT_DHCP_OPTS,        8, true,  "put_dhcp_opts",                   \
         "RESULT, ADDRESS offer, OPTIONS code len data")                    \
    PUNT(PUT_DHCPV6_OPTS,      9, true,  "put_dhcpv6_opts",                 \
         "RESULT, OPTIONS be16 code be16 len data")                         \
    PUNT(PUT_ND_RA_OPTS,      10, true,  "put_nd_ra_opts",                  \
         "RESULT, OPTIONS an ICMPv6 RA without checksum")                   \
    PUNT(DNS_LOOKUP,          11, true,  "dns_lookup", "RESULT")            \
    PUNT(LOG,                 12, false, "log", "VERDICT, SEVERITY, NAME")  \
    PUNT(ICMP,                13, false, "icmp", "ACTIONS")                 \
    PUNT(ICMP4_ERROR,         14, false, "icmp4_error", "ACTIONS")          \
    PUNT(ICMP6_ERROR,         15, false, "icmp6_error", "ACTIONS")          \
    PUNT(TCP_RESET,           16, false, "tcp_reset", "ACTIONS")            \
    PUNT(SCTP_ABORT,          17, false, "sctp_abort", "ACTIONS")           \
    PUNT(REJECT,              18, false, "reject", "ACTIONS")               \
    PUNT(PUT_ICMP4_FRAG_MTU,  19, true,  "put_icmp4_frag_mtu", "VALUE be16")\
    PUNT(PUT_ICMP6_FRAG_MTU,  20, true,  "put_icmp6_frag_mtu", "VALUE be32")\
    PUNT(PUT_ICMP4_INNER_SRC, 21, true,  "put_icmp4_inner_src",             \
         "VALUE be32")                                                      \
    PUNT(TRIGGER_EVENT,       22, false, "trigger_event",                   \
         "EVENT, then NAME and VALUE for each option")                      \
    PUNT(IGMP,                23, false, "igmp", "reg14 port")              \
    PUNT(BIND_VPORT,          24, false, "bind_vport",                      \
         "PORT vport, reg14 parent")                                        \
    PUNT(HANDLE_SVC_CHECK,    25, false, "handle_svc_check", "reg14 port")  \
    PUNT(HANDLE_DHCPV6_REPLY, 26, false, "handle_dhcpv6_reply",             \
         "reg14 port")                                                      \
    PUNT(HANDLE_BFD_MSG,      27, false, "handle_bfd_msg", "reg14 port")    \
    PUNT(DHCP_RELAY_REQ_CHK,  28, true,  "dhcp_relay_req_chk",              \
         "RESULT, ADDRESS relay, ADDRESS server")                           \
    PUNT(DHCP_RELAY_RESP_CHK, 29, true,  "dhcp_relay_resp_chk",             \
         "RESULT, ADDRESS relay, ADDRESS server")                           \
    PUNT(ACTIVATION_STRATEGY, 30, false, "activation_strategy", "PORT")     \
    PUNT(SPLIT_BUF,           31, false, "split_buf", "none")

enum punt_opcode {
    PUNT_NONE = 0,
#define PUNT(NAME, NUMBER, PAUSE, STRING, PARAMS) PUNT_##NAME = NUMBER,
    PUNT_OPCODES
#undef PUNT
};

/* Parameters. */
enum punt_param {
    PUNT_P_RESULT = 1,          /* Where the result goes: struct
                                 * punt_subfield. */
    PUNT_P_ACTIONS = 2,         /* OpenFlow 1.5 actions for the new packet. */
    PUNT_P_OPTIONS = 3,         /* Options as they go into the reply. */
    PUNT_P_ADDRESS = 4,         /* An IPv4 address. */
    PUNT_P_VERDICT = 5,         /* A byte, enum ovnact_log_verdict. */
    PUNT_P_SEVERITY = 6,        /* A byte, 1 alert ... 7 debug. */
    PUNT_P_NAME = 7,            /* Text, not terminated. */
    PUNT_P_VALUE = 8,           /* A number, or text, not terminated. */
    PUNT_P_EVENT = 9,           /* be32, enum punt_event. */
    PUNT_P_PORT = 10,           /* be32, the key of a logical port. */
};

enum punt_event {
    PUNT_EVENT_EMPTY_LB_BACKENDS = 1,
};

struct punt_header {
    uint8_t version;
    uint8_t opcode;
    ovs_be16 reserved;          /* 0 when sent, ignored when received. */
};

struct punt_tlv {
    ovs_be16 type;              /* enum punt_param. */
    ovs_be16 len;               /* Of the data, without padding. */
};

struct punt_subfield {
    ovs_be32 nxm;               /* Header of the field. */
    ovs_be16 ofs, n_bits;
};

/* Reading userdata. */

struct punt {
    enum punt_opcode opcode;
    const uint8_t *params;      /* Not yet read parameters. */
    size_t params_len;
};

/* Checks the userdata of a packet-in and prepares '*punt' for reading its
 * parameters.  'userdata' must stay.  Returns an error that the caller frees,
 * or null. */
char *punt_decode(const void *userdata, size_t len, struct punt *);

/* Reads the next parameter.  False at the end. */
bool punt_next(struct punt *, enum punt_param *, const void **data,
               size_t *len);

/* Starts over and looks for parameter 'param', the 'i'th one of its kind from
 * 0.  Returns its data and '*len', or null. */
const void *punt_find(const struct punt *, enum punt_param, int i,
                      size_t *len);

/* Numbers and results.  False if the parameter is missing or malformed. */
bool punt_get_u8(const struct punt *, enum punt_param, int i, uint8_t *);
bool punt_get_u32(const struct punt *, enum punt_param, int i, uint32_t *);
bool punt_get_result(const struct punt *, struct mf_subfield *);

const char *punt_opcode_to_string(enum punt_opcode);
bool punt_opcode_pauses(enum punt_opcode);

/* Writing userdata. */

/* Appends a controller action to 'ofpacts' that has only a header so far.
 * Returns a position for punt_end(). */
size_t punt_begin(struct ofpbuf *ofpacts, enum punt_opcode,
                  uint32_t meter_id);
void punt_put(struct ofpbuf *ofpacts, enum punt_param, const void *,
              size_t len);
void punt_put_u8(struct ofpbuf *ofpacts, enum punt_param, uint8_t);
void punt_put_u32(struct ofpbuf *ofpacts, enum punt_param, uint32_t);
void punt_put_string(struct ofpbuf *ofpacts, enum punt_param, const char *);
void punt_put_subfield(struct ofpbuf *ofpacts, enum punt_param,
                       const struct mf_subfield *);

/* Finishes the action.  If the userdata is longer than OpenFlow allows, takes
 * the action away again and returns false. */
#define PUNT_MAX_USERDATA (UINT16_MAX - 1024)
bool punt_end(struct ofpbuf *ofpacts, size_t start);

#endif /* actions/punt.h */
