/* The stages of pipeline.def and the registers of registers.def. */
#ifndef NORTHD_PIPELINE_H
#define NORTHD_PIPELINE_H 1

#include <stdbool.h>
#include <stdint.h>

enum stage {
#define STAGE(SYMBOL, KIND, PIPELINE, TABLE, NAME, DEFAULT, DOC) SYMBOL,
#include "northd/pipeline.def"
#undef STAGE
    N_STAGES
};

struct stage_info {
    const char *name;
    const char *default_actions;    /* NULL: none. */
    const char *doc;
    uint8_t table;                  /* Within its pipeline. */
    bool egress;
    bool router;
};
extern const struct stage_info stages[N_STAGES];

struct register_info {
    const char *symbol;
    const char *field;              /* "reg0[11]" */
    const char *doc;
    uint8_t reg, first_bit, last_bit;
    enum stage first, last;
};
extern const struct register_info registers[];
extern const int n_registers;

/* Names of the register fields for use in match and action texts. */
#define REG_LOOKUP_FDB "reg0[11]"
#define REG_PORT_SEC_DROP "reg0[15]"
/* The packet does not come from a VTEP gateway. */
#define NOT_FROM_RAMP "flags[1] == 0"
#define REG_INPORT_ETH "xreg0[0..47]"
#define REG_EGRESS_LOOPBACK "reg9[0]"
#define REG_PKT_LARGER "reg9[1]"
#define REG_NEIGHBOR_KNOWN "reg9[2]"
#define REG_NEIGHBOR_LEARN "reg9[3]"
#define REG_DST_NAT_LOCAL "reg9[4]"
#define REG_RA_RESULT "reg0[5]"
#define REG_ROUTE_TABLE "reg7"
#define REG_NEXT_HOP4 "reg0"            /* Part of REG_NEXT_HOP6. */
#define REG_NEXT_HOP6 "xxreg0"
#define REG_SRC4 "reg1"                 /* Part of REG_NEXT_HOP6. */
#define REG_SRC6 "xxreg1"
#define REG_DHCP_REQUEST "reg9[7]"
#define REG_DHCP_REPLY "reg9[8]"
#define REG_ECMP_GROUP "reg8[0..15]"
#define REG_ECMP_MEMBER "reg8[16..31]"
#define REG_KNOWN_ECMP_NH "reg9[5]"
#define REG_NEXT_HOP_IS_V4 "reg9[9]"
#define REG_POLICY_CHAIN "reg9[16..31]"

#endif /* northd/pipeline.h */
