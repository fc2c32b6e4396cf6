/* Address translation on logical routers: each rule, parsed and checked. */
#ifndef NORTHD_MODEL_NAT_H
#define NORTHD_MODEL_NAT_H 1

#include <netinet/in.h>
#include "lib/inc/inc-table.h"
#include "lib/text/istr.h"

struct datapath;
struct db_set;
struct nb_nat;
struct port;

enum nat_type {
    NAT_SNAT,                    /* Sources on the way out. */
    NAT_DNAT,                    /* Destinations on the way in. */
    NAT_BOTH                     /* Both, one to one. */
};

/* A NAT row of a gateway router, or of a router with a distributed gateway
 * port.  Names and texts are ready for the flow language. */
#define NAT_FIELDS(K, F, T)                                             \
    K(T, const struct datapath *, dp, ROW)                              \
    K(T, const struct nb_nat *, nb, ROW)                                \
    F(T, uint32_t, type, U32)              /* enum nat_type. */         \
    F(T, bool, v4, BOOL)                                                \
    F(T, struct in6_addr, ext_ip, POD)     /* IPv4 is mapped. */        \
    F(T, istr, ext_text, STR)                                           \
    F(T, istr, log_text, STR)              /* Address or prefix. */     \
    F(T, uint32_t, plen, U32)              /* Of it. */                 \
    F(T, const struct port *, gw, ROW)     /* NULL on gateway routers. */ \
    F(T, istr, gw_name, STR)                                            \
    F(T, istr, resident, STR)              /* Who translates: "" or     \
                    " && is_chassis_resident(...)". */                  \
    F(T, bool, distributed, BOOL)          /* Where 'lport' is. */      \
    F(T, istr, ext_mac, STR)               /* Then, else "". */         \
    F(T, const struct port *, lport, ROW)  /* Then, if it exists. */    \
    F(T, bool, stateless, BOOL)                                         \
    F(T, istr, ports, STR)                 /* "" or ",1000-2000". */    \
    F(T, istr, allowed, STR)               /* Remote addresses, "" or "$set"; \
                                            * ... */                    \
    F(T, istr, exempted, STR)              /* ... not these. */         \
    F(T, istr, match, STR)                 /* "" or " && (...)". */     \
    F(T, uint32_t, priority, U32)          /* Counts with a match. */
INC_TABLE_DECLARE(nat, NAT_FIELDS);

static inline bool
nat_translates_source(const struct nat *nat)
{
    return nat_type(nat) != NAT_DNAT;
}
static inline bool
nat_translates_destination(const struct nat *nat)
{
    return nat_type(nat) != NAT_SNAT;
}

/* Does the rule use one connection tracking zone for both directions of
 * translation (NB_Global.options:use_common_zone)?  Gateway routers do not. */
bool nat_uses_common_zone(const struct nat *);

/* What a router's NAT rows amount to, as bits that they can be found by. */
enum nat_trait {
    NAT_TRAIT_ANY,
    NAT_TRAIT_DISTRIBUTED,
    NAT_TRAIT_SNAT_CT,           /* Needs the router's SNAT zone. */
    NAT_TRAIT_DNAT_CT,           /* Needs its DNAT zone. */
    N_NAT_TRAITS
};
bool nats_with_trait_exist(const struct datapath *, enum nat_trait);
const struct inc_bucket *nats_of_dp(const struct datapath *);

/* An address that a gateway router gives to what it has translated already
 * (options:dnat_force_snat_ip, lb_force_snat_ip). */
enum force_snat_kind { FORCE_SNAT_DNAT, FORCE_SNAT_LB, N_FORCE_SNAT };
#define FORCE_SNAT_FIELDS(K, F, T)                                      \
    K(T, const struct datapath *, dp, ROW)                              \
    K(T, uint32_t, what, U32)              /* enum force_snat_kind. */       \
    K(T, bool, v4, BOOL)                                                \
    F(T, istr, ip_text, STR)               /* "": the output port's own. */
INC_TABLE_DECLARE(force_snat, FORCE_SNAT_FIELDS);
bool force_snat_exists(const struct datapath *, enum force_snat_kind);
/* lb_force_snat_ip=router_ip. */
bool force_snat_is_router_ip(const struct datapath *);

/* options:ct-commit-all, and all chassis know how to. */
bool router_commits_all(const struct datapath *);

/* An address that a router translates from or to. */
#define NAT_IP_FIELDS(K, F, T)                                          \
    K(T, const struct datapath *, dp, ROW)                              \
    K(T, struct in6_addr, ip, POD)
INC_TABLE_DECLARE(nat_ip, NAT_IP_FIELDS);
bool nat_has_ip(const struct datapath *, const struct in6_addr *);

/* Adds the external addresses of a router that its port 'lrp_port' announces,
 * as Port_Binding.nat_addresses has them. */
void nat_announce(const struct port *lrp_port, struct db_set *);

extern struct inc_index lr_by_nat, nats_by_trait, nats_by_gateway_port,
    force_snat_by_dp, nat_ip_index;
extern const struct inc_rule nats, force_snats;

#endif /* northd/model/nat.h */
