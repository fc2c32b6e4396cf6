/* What the files about flows of the physical network share. */
#ifndef CONTROLLER_PHYSICAL_H
#define CONTROLLER_PHYSICAL_H 1

#include "byte-order.h"
#include "controller/oftables.h"
#include "controller/out/ofrow.h"
#include "controller/rule.h"
#include "flow.h"
#include "lib/inc/inc-table.h"
#include "openvswitch/match.h"
#include "openvswitch/meta-flow.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofpbuf.h"
#include "packets.h"
#include "util.h"

/* A flow in the making: start with flow_init(), set the match, append
 * actions, emit.  After flow_emit() the actions are empty and the match is as
 * it was, for the next one. */
struct flow_maker {
    struct match match;
    struct ofpbuf acts;
    uint32_t cookie;
};

/* 'uuid': of the southbound row that the flow comes from, or NULL. */
void flow_init(struct flow_maker *, const struct uuid *);
void flow_emit(struct flow_maker *, enum oftable, uint16_t priority);
void flow_done(struct flow_maker *);
/* Matches everything again. */
void flow_reset(struct flow_maker *);

/* Actions. */
void put_load(struct flow_maker *, enum mf_field_id, int ofs, int n_bits,
              uint64_t value);
void put_move(struct flow_maker *, enum mf_field_id src, int src_ofs,
              enum mf_field_id dst, int dst_ofs, int n_bits);
void put_resubmit(struct flow_maker *, uint8_t table);
void put_output(struct flow_maker *, uint32_t ofport);
void put_push_vlan(struct flow_maker *, uint16_t tpid, uint32_t vid);
void put_stack(struct flow_maker *, bool push, enum mf_field_id);
void put_flag(struct flow_maker *, int bit);
/* Loads the connection tracking zones of datapath 'dp' and of its port 'lport'
 * (NULL: none). */
void put_zones(struct flow_maker *, const struct uuid *dp, const char *lport);

/* Matches. */
void match_datapath(struct flow_maker *, uint32_t key);
void match_outport(struct flow_maker *, uint32_t key);
void match_inport(struct flow_maker *, uint32_t key);
void match_flag(struct flow_maker *, int bit, bool set);

/* Tunnels. */
struct remote_tunnel;
/* Marks the packet as one of datapath 'dp_key' for the logical output port
 * 'outport', whose numbers on the wire depend on the type of the tunnel. */
void put_encapsulation(struct flow_maker *, const struct remote_tunnel *,
                       uint32_t dp_key, uint32_t outport);
/* Emits a flow of 'table' for each of our tunnel addresses: what comes from an
 * interface that asks for one leaves by it (reference F13), with a priority
 * that is 10 higher than that of the rest.  'put' appends the actions for
 * packets that leave by 'local_ip' ({NULL}: the default), and returns false if
 * there are none. */
void emit_by_sender(struct flow_maker *, enum oftable table, uint16_t priority,
                    bool (*put)(struct flow_maker *, istr local_ip,
                                const void *aux),
                    const void *aux);
/* Sends the packet to the other end with that mark. */
void put_tunnel(struct flow_maker *, const struct remote_tunnel *,
                uint32_t dp_key, uint32_t outport);

/* Where a port is, apart from here. */
struct places {
    struct uuid *chassis;
    istr *ips;                       /* {NULL}: whatever is the default. */
    size_t n;
    bool several;                    /* It is at more than one place. */
    uint32_t dp_key, key;
};
/* Finds where the port is.  False, and there is nothing to destroy, if it is
 * not reached by tunnels from here. */
struct sb_port_binding;
bool tunneled_places_init(struct places *, const struct sb_port_binding *);
void places_destroy(struct places *);

/* Largest IP packets that some tunnels take: see large_packet.c. */
#define LARGE_MTU_FIELDS(K, F, T) K(T, uint32_t, mtu, U32)
INC_TABLE_DECLARE(large_mtu, LARGE_MTU_FIELDS);

extern const struct inc_rule static_physical, local_port_flows,
    remote_port_flows, large_packet_flows, large_packet_answers,
    logical_patch_flows, redirect_flows, tunnel_flows,
    mcast_flows, fdb_flows, port_security_flows, neighbor_flows,
    static_neighbor_flows, hairpin_flows,
    ct_orig_flows, chassis_mac_flows;

/* The bit (FLAG_*) that what comes from a port of that kind has set, -1 if
 * none.  'kind' is an enum lport_kind. */
int input_flag(int kind);

/* The port by which enters another datapath, on this chassis, what leaves its
 * own by 'pb'; null if there is none. */
const struct sb_port_binding *patch_peer(const struct sb_port_binding *pb);

/* Multicast_Group by datapath and name. */
struct sb_multicast_group;
const struct sb_multicast_group *mcast_group_by_name(const struct uuid *dp,
                                                     const char *name);
extern struct inc_index mcast_by_name;

#endif /* controller/physical/physical.h */
