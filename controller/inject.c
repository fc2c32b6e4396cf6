/* DOC: injected packets
 *
 * A microflow (reference G63) is read twice.  Which datapath it is about
 * follows from its inport, so the first time any port name will do; the second
 * time names stand for the numbers that they have on that datapath. */
#include <config.h>
#include "controller/inject.h"

#include "controller/compile/compile.h"
#include "controller/compile/sets.h"
#include "controller/model/binding.h"
#include "controller/model/local_datapath.h"
#include "controller/model/zone.h"
#include "controller/physical/physical.h"
#include "controller/punt/handler.h"
#include "dp-packet.h"
#include "flow.h"
#include "svec.h"

/* Bytes behind the headers of a packet whose protocol has some. */
enum { PAYLOAD_LEN = 64 };

static const char no_inport[] = "the microflow names no inport";

/* ---- The first time. ---- */

/* Numbers a name by when it was seen first, from 1. */
static bool
number_name(const char *name, uint32_t *key, void *names_)
{
    struct svec *names = names_;
    size_t i = 0;

    if (!strcmp(name, "none")) {
        *key = 0;
        return true;
    }
    while (i < names->n && strcmp(names->names[i], name)) {
        i++;
    }
    if (i == names->n) {
        svec_add(names, name);
    }
    *key = i + 1;
    return true;
}

static char *
parse(const char *microflow, uint32_t dp_key, expr_port_func *lookup,
      void *aux, struct flow *flow)
{
    struct set_source source;

    set_source_init(&source, dp_key);
    source.quiet = true;
    char *error = expr_parse_microflow(microflow, symtab_get(SYMTAB_FLOW),
                                       &source.env, lookup, aux, flow);
    set_source_destroy(&source);
    return error;
}

/* Does anything come from the port on this chassis? */
static bool
is_here(const struct sb_port_binding *pb)
{
    return (local_port_by_name(sb_port_binding_logical_port(pb))
            || !strcmp(sb_port_binding_type(pb), "patch"));
}

/* Finds out which port and datapath the packet starts at. */
static char *
find_start(const char *microflow, const struct sb_port_binding **pb,
           const struct local_datapath **ld)
{
    struct svec names = SVEC_EMPTY_INITIALIZER;
    struct flow flow;
    char *error = parse(microflow, 0, number_name, &names, &flow);
    uint32_t number = flow.regs[REG_INPORT];

    if (error) {
        /* Says enough. */
    } else if (!number || number > names.n) {
        error = xstrdup(no_inport);
    } else {
        const char *name = names.names[number - 1];
        *pb = inc_find_one(&pb_by_name, name, strlen(name));
        *ld = (*pb ? local_datapath_by_uuid(sb_port_binding_datapath_uuid(*pb))
               : NULL);
        if (!*pb) {
            error = xasprintf("inport \"%s\" is not known on this chassis",
                              name);
        } else if (!*ld || !is_here(*pb)) {
            error = xasprintf("inport \"%s\" is not on this chassis", name);
        }
    }
    svec_destroy(&names);
    return error;
}

/* ---- The second time. ---- */

static bool
lookup_here(const char *name, uint32_t *key, void *dp)
{
    return lport_key(dp, name, key);
}

/* What table 0 says of a packet that comes from the port. */
static void
fill_metadata(const struct sb_port_binding *pb,
              const struct local_datapath *ld, struct flow *md)
{
    const char *name = sb_port_binding_logical_port(pb);
    const struct local_port *port = local_port_by_name(name);
    struct uuid dp = local_datapath_dp(ld);
    struct zones zones = zones_of(&dp, name);
    int flag = port ? input_flag(local_port_kind(port)) : -1;

    memset(md, 0, sizeof *md);
    md->metadata = htonll(local_datapath_key(ld));
    md->regs[REG_INPORT] = sb_port_binding_tunnel_key(pb);
    md->regs[REG_ZONE] = zones.port;
    md->regs[REG_DNAT_ZONE] = zones.dnat;
    md->regs[REG_SNAT_ZONE] = zones.snat;
    if (flag >= 0) {
        md->regs[REG_FLAGS] = 1u << flag;
    }
}

char *
inject_compose(const char *microflow, struct ofpbuf **msg)
{
    const struct sb_port_binding *pb = NULL;
    const struct local_datapath *ld = NULL;
    struct flow flow, md;

    *msg = NULL;
    char *error = find_start(microflow, &pb, &ld);
    if (!error) {
        struct uuid dp = local_datapath_dp(ld);
        error = parse(microflow, local_datapath_key(ld), lookup_here, &dp,
                      &flow);
        if (!error
            && flow.regs[REG_INPORT] != sb_port_binding_tunnel_key(pb)) {
            /* It was no name that gave inport its number. */
            error = xstrdup(no_inport);
        }
    }
    if (!error) {
        struct dp_packet frame;

        fill_metadata(pb, ld, &md);
        dp_packet_init(&frame, 0);
        flow_compose(&frame, &flow, NULL, PAYLOAD_LEN);
        *msg = punt_inject_md(&md, &frame);
        dp_packet_uninit(&frame);
    }
    istr_pool_reset();
    return error;
}
