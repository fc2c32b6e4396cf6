/* The tables of oftables.def, and what registers mean (reference K123, K31).
 */
#ifndef CONTROLLER_OFTABLES_H
#define CONTROLLER_OFTABLES_H 1

enum oftable {
#define TABLE(SYMBOL, NUMBER, DOC) OFTABLE_##SYMBOL = NUMBER,
#include "controller/oftables.def"
#undef TABLE
};

/* Logical tables of a pipeline. */
enum { N_INGRESS_TABLES = 34, N_EGRESS_TABLES = 16 };

/* Registers, for match_set_reg() and MFF_REG0 + n. */
enum {
    REG_FLAGS = 10,
    REG_DNAT_ZONE = 11,
    REG_SNAT_ZONE = 12,
    REG_ZONE = 13,               /* Of the port, in bits 0 to 15. */
    REG_INPORT = 14,
    REG_OUTPORT = 15,
};

/* The upper half of REG_ZONE says which of our tunnel addresses the sender
 * wants; 0: the default. */
enum { ENCAP_ID_OFS = 16, ENCAP_ID_BITS = 16 };

/* Bits of REG_FLAGS. */
enum {
    FLAG_LOOPBACK = 0,           /* May leave by its input port. */
    FLAG_LOCAL_ONLY = 4,         /* Not to other chassis. */
    FLAG_NESTED = 5,             /* From a container. */
    FLAG_LB_HAIRPIN = 7,         /* Result of CHK_LB_HAIRPIN, _REPLY. */
    FLAG_LOOKUP_FDB = 8,         /* Result of LOOKUP_FDB. */
    FLAG_LOCALPORT = 10,         /* From a localport. */
    FLAG_PORT_SEC = 12,          /* Result of port security. */
    FLAG_LOCALNET = 15,          /* From a localnet port. */
    FLAG_TUNNEL_RX = 16,         /* From another chassis. */
};

#endif /* controller/oftables.h */
