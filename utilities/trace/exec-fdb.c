#include <config.h>
#include "trace.h"

#include <inttypes.h>
#include <stdio.h>

#include "util.h"

/* The port on which the MAC address in 'ref' was learned, or NULL. */
static const struct net_port *
find_fdb(const struct field_ref *ref, const struct packet *p,
         struct eth_addr *mac)
{
    char s[ETH_ADDR_STRLEN + 1];

    eth_addr_from_uint64(ref_get(ref, p), mac);
    snprintf(s, sizeof s, ETH_ADDR_FMT, ETH_ADDR_ARGS(*mac));
    return shash_find_data(&p->dp->fdb, s);
}

static void
note_fdb(bool found, struct eth_addr mac, struct ovs_list *super)
{
    if (found) {
        node_add(super, NODE_NOTE, "/* MAC lookup for "ETH_ADDR_FMT" found "
                 "in FDB. */", ETH_ADDR_ARGS(mac));
    } else {
        node_add(super, NODE_NOTE,
                 "/* lookup mac failed in mac learning table. */");
    }
}

static void
exec_get_fdb(const struct ovnact_fields *get, struct packet *p,
             struct ovs_list *super)
{
    struct eth_addr mac;
    const struct net_port *port = find_fdb(&get->args[0], p, &mac);

    ref_set(&get->dst, port ? port->key : 0, p);
    if (port) {
        note_fdb(true, mac, super);
    }
}

static void
exec_lookup_fdb(const struct ovnact_fields *lookup, struct packet *p,
                struct ovs_list *super)
{
    struct eth_addr mac;
    const struct net_port *port = find_fdb(&lookup->args[1], p, &mac);
    bool found = port && port->key == ref_get(&lookup->args[0], p);

    ref_set(&lookup->dst, found, p);
    note_fdb(found, mac, super);
}

static void
exec_port_sec(struct trace *t, const struct ovnact_fields *check,
              struct packet *p, struct ovs_list *super)
{
    bool in = check->ovnact.type == OVNACT_CHECK_IN_PORT_SEC;
    const struct net_port *port = net_dp_port(p->dp, (in ? packet_inport(p)
                                                      : packet_outport(p)));

    bool refused = port && (in ? port_sec_refuses_in(port, &p->flow)
                            : port_sec_refuses_out(port, &p->flow));

    ref_set(&check->dst, refused, p);
    p->refused_by = refused ? port : NULL;
    if (refused) {
        node_add(super, NODE_NOTE, "/* port security of \"%s\" refuses it */",
                 trace_port_name(t, port));
    }
}

void
exec_fdb(struct trace *t, const struct ovnact *act,
         struct packet *p, struct ovs_list *super)
{
    const void *a = act;

    switch ((int) act->type) {
    case OVNACT_GET_FDB: exec_get_fdb(a, p, super); break;
    case OVNACT_LOOKUP_FDB: exec_lookup_fdb(a, p, super); break;
    case OVNACT_CHECK_IN_PORT_SEC:
    case OVNACT_CHECK_OUT_PORT_SEC: exec_port_sec(t, a, p, super); break;

    case OVNACT_GET_REMOTE_FDB:
        /* What a chassis learns from its fabric is not in the database. */
        ref_set(&((const struct ovnact_fields *) act)->dst, 0, p);
        break;

    /* put_fdb and flood_remote change nothing that we follow. */
    }
}
