/* DOC: BFD sessions
 *
 * Reads NB BFD and gives each session a source port and a discriminator that
 * it keeps. */
#include <config.h>
#include "northd/model/bfd.h"

#include "lib/text/addresses.h"
#include "northd/feature.h"
#include "northd/model/onlink.h"
#include "northd/model/port.h"
#include "northd/model/router.h"

INC_TABLE_DEFINE(bfd_session, BFD_SESSION_FIELDS, .kind = INC_DERIVED);

struct inc_pool *bfd_ports, *bfd_discs;

/* RFC 5881, section 4. */
#define BFD_SRC_PORT_MIN 49152
#define BFD_SRC_PORT_MAX 65535

static struct uuid
session_uuid(const char *port, const char *dst_ip)
{
    return db_uuid_for(&sb_bfd_table, "%s %s", port, dst_ip);
}

static const struct sb_bfd *
southbound_row(const struct nb_bfd *nb)
{
    struct uuid uuid = session_uuid(nb_bfd_logical_port(nb),
                                    nb_bfd_dst_ip(nb));
    return sb_bfd_get(&uuid);
}

const char *
bfd_state(const struct nb_bfd *nb)
{
    const struct sb_bfd *sb = southbound_row(nb);
    return sb ? sb_bfd_status(sb) : "admin_down";
}

bool
bfd_is_down(const struct nb_bfd *nb)
{
    const char *state = bfd_state(nb);
    return !strcmp(state, "down") || !strcmp(state, "init");
}

/* The other end has to be a host of a family that the port has an address
 * of. */
static bool
parse_dst(const struct nb_bfd *nb, const struct port *port, bool *v4)
{
    struct ip_prefix dst;
    char *error = ip_prefix_parse(nb_bfd_dst_ip(nb), &dst);

    if (!error && (dst.plen != (dst.is_v4 ? 32 : 128)
                   || !ip_is_host(&dst.ip))) {
        error = xasprintf("\"%s\" is the address of no host",
                          nb_bfd_dst_ip(nb));
    }
    if (error) {
        invalid(nb, "dst_ip: %s; the session is not run", error);
        free(error);
        return false;
    }
    if (!router_net_nth(port, dst.is_v4, 0)) {
        invalid(nb, "logical_port \"%s\" has no %s address; the session is "
                "not run", port_name(port).s, dst.is_v4 ? "IPv4" : "IPv6");
        return false;
    }
    *v4 = dst.is_v4;
    return true;
}

static void
run_bfd_sessions(const void *row)
{
    const struct nb_bfd *nb = row;
    const char *name = nb_bfd_logical_port(nb);
    const struct nb_logical_router_port *lrp = lrp_by_name(name);
    const struct port *port
        = lrp ? port_by_uuid(nb_logical_router_port_uuid(lrp)) : NULL;
    uint32_t src_port, disc;
    bool v4;

    if (!port) {
        invalid(nb, "logical_port \"%s\" is no router port; the session is "
                "not run", name);
        return;
    }
    if (!parse_dst(nb, port, &v4)) {
        return;
    }
    struct uuid owner = *nb_bfd_uuid(nb);
    if (!inc_pool_take(bfd_ports, owner, 0, BFD_SRC_PORT_MIN,
                       BFD_SRC_PORT_MAX, &src_port, NULL)) {
        invalid(nb, "all source ports of BFD sessions are in use; the session "
                "is not run");
        return;
    }
    if (!inc_pool_take(bfd_discs, owner, 0, 1, UINT32_MAX, &disc, NULL)) {
        OVS_NOT_REACHED();         /* There are more of them than ports. */
    }
    emit_bfd_session(&(struct bfd_session_v) {
        .nb = nb, .port = port, .v4 = v4,
        .src_port = src_port, .disc = disc,
        .sb_uuid = session_uuid(name, nb_bfd_dst_ip(nb)),
    });
}
const struct inc_rule bfd_sessions = {
    .name = "bfd_sessions", .driver = &nb_bfd_table.inc,
    .run = run_bfd_sessions, .flags = INC_SERIAL,
};

static bool
session_key(const struct db_row *row, struct ds *key)
{
    const struct sb_bfd *sb = (const void *) row;
    ds_put_format(key, "%s %s", sb_bfd_logical_port(sb), sb_bfd_dst_ip(sb));
    return true;
}

void
bfd_seed(void)
{
    const struct db_row *row;

    db_adopt(&sb_bfd_table, session_key);
    DB_FOR_EACH (row, &nb_bfd_table) {
        const struct sb_bfd *sb = southbound_row((const void *) row);
        if (sb) {
            inc_pool_seed(bfd_ports, row->uuid, sb_bfd_src_port(sb));
            inc_pool_seed(bfd_discs, row->uuid, sb_bfd_disc(sb));
        }
    }
}
