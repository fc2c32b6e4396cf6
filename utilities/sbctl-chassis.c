#include <config.h>
#include "sbctl.h"

#include <string.h>

#include "ovsdb-idl.h"
#include "smap.h"
#include "sset.h"
#include "util.h"

/* Chassis
 * ======= */

static void
pre_chassis(struct ctl_context *ctx)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &sbrec_chassis_col_encaps,
        &sbrec_chassis_col_name,
        &sbrec_chassis_private_col_name,
        &sbrec_encap_col_chassis_name,
        &sbrec_encap_col_ip,
        &sbrec_encap_col_options,
        &sbrec_encap_col_type,
        NULL
    };

    ctl_add_columns(ctx->idl, columns);
}

/* Finds the chassis with 'name' and stores it in '*chassisp', or NULL, which
 * is an error if 'must_exist'.  Returns NULL or an error message, which the
 * caller must free. */
static char *
find_chassis(struct ctl_context *ctx, const char *name, bool must_exist,
             const struct sbrec_chassis **chassisp)
{
    const struct sbrec_chassis *chassis;

    SBREC_CHASSIS_FOR_EACH (chassis, ctx->idl) {
        if (!strcmp(chassis->name, name)) {
            *chassisp = chassis;
            return NULL;
        }
    }
    *chassisp = NULL;
    return must_exist ? xasprintf("no chassis named %s", name) : NULL;
}

static void
chassis_add(struct ctl_context *ctx)
{
    bool may_exist = shash_find(&ctx->options, "--may-exist");
    const char *name = ctx->argv[1];
    const char *ip = ctx->argv[3];
    const struct sbrec_chassis *chassis;

    ctx->error = find_chassis(ctx, name, false, &chassis);
    if (chassis && !may_exist) {
        ctl_error(ctx, "cannot create a chassis named %s because a chassis "
                  "named %s already exists", name, name);
    }
    if (chassis) {
        return;
    }

    struct sset types;
    sset_from_delimited_string(&types, ctx->argv[2], ",");

    size_t n = 0;
    struct sbrec_encap **encaps = xmalloc(sset_count(&types)
                                          * sizeof *encaps);
    const struct smap options = SMAP_CONST1(&options, "csum", "true");
    const char *type;
    SSET_FOR_EACH (type, &types) {
        struct sbrec_encap *encap = sbrec_encap_insert(ctx->txn);

        sbrec_encap_set_type(encap, type);
        sbrec_encap_set_ip(encap, ip);
        sbrec_encap_set_options(encap, &options);
        sbrec_encap_set_chassis_name(encap, name);
        encaps[n++] = encap;
    }
    sset_destroy(&types);

    struct sbrec_chassis *new = sbrec_chassis_insert(ctx->txn);
    sbrec_chassis_set_name(new, name);
    sbrec_chassis_set_encaps(new, encaps, n);
    free(encaps);
}

static void
chassis_del(struct ctl_context *ctx)
{
    bool must_exist = !shash_find(&ctx->options, "--if-exists");
    const struct sbrec_chassis_private *private;
    const struct sbrec_chassis *chassis;

    ctx->error = find_chassis(ctx, ctx->argv[1], must_exist, &chassis);
    if (!chassis) {
        return;
    }
    for (size_t i = 0; i < chassis->n_encaps; i++) {
        sbrec_encap_delete(chassis->encaps[i]);
    }
    SBREC_CHASSIS_PRIVATE_FOR_EACH_SAFE (private, ctx->idl) {
        if (!strcmp(private->name, ctx->argv[1])) {
            sbrec_chassis_private_delete(private);
        }
    }
    sbrec_chassis_delete(chassis);
}

static const struct ctl_cmd chassis_cmds[] = {
    { { "chassis-add", 3, 3, "CHASSIS ENCAP-TYPE ENCAP-IP", pre_chassis,
        chassis_add, NULL, "--may-exist", RW },
      "create a new chassis named CHASSIS",
      "Creates a chassis with one tunnel end at ENCAP-IP for each of the "
      "types, with commas in between, in ENCAP-TYPE.  A chassis with that "
      "name is an error, unless `--may-exist` is given.  This is for tests: "
      "ovn-controller registers its chassis itself." },
    { { "chassis-del", 1, 1, "CHASSIS", pre_chassis, chassis_del, NULL,
        "--if-exists", RW },
      "delete CHASSIS and all of its encaps",
      "Deletes a chassis that will not come back, with its tunnel ends and "
      "its row of Chassis_Private.  It must exist, unless `--if-exists` is "
      "given." },
    { .syntax = { .name = NULL } },
};

const struct ctl_group sbctl_chassis_group = {
    "Chassis commands", NULL, chassis_cmds
};

/* Port bindings
 * ============= */

static void
pre_port(struct ctl_context *ctx)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &sbrec_chassis_col_name,
        &sbrec_port_binding_col_chassis,
        &sbrec_port_binding_col_logical_port,
        &sbrec_port_binding_col_up,
        NULL
    };

    ctl_add_columns(ctx->idl, columns);
}

static char *
find_port(struct ctl_context *ctx, const char *name, bool must_exist,
          const struct sbrec_port_binding **portp)
{
    const struct sbrec_port_binding *port;

    SBREC_PORT_BINDING_FOR_EACH (port, ctx->idl) {
        if (!strcmp(port->logical_port, name)) {
            *portp = port;
            return NULL;
        }
    }
    *portp = NULL;
    return must_exist ? xasprintf("no port named %s", name) : NULL;
}

static void
lsp_bind(struct ctl_context *ctx)
{
    bool may_exist = shash_find(&ctx->options, "--may-exist");
    const struct sbrec_port_binding *port;
    const struct sbrec_chassis *chassis;
    bool up = true;

    ctx->error = find_port(ctx, ctx->argv[1], true, &port);
    if (ctx->error) {
        return;
    }
    ctx->error = find_chassis(ctx, ctx->argv[2], true, &chassis);
    if (ctx->error) {
        return;
    }
    if (port->chassis) {
        if (!may_exist || port->chassis != chassis) {
            ctl_error(ctx, "lport (%s) has already been binded to chassis "
                      "(%s)", port->logical_port, port->chassis->name);
        }
        return;
    }
    sbrec_port_binding_set_chassis(port, chassis);
    sbrec_port_binding_set_up(port, &up, 1);
}

static void
lsp_unbind(struct ctl_context *ctx)
{
    bool must_exist = !shash_find(&ctx->options, "--if-exists");
    const struct sbrec_port_binding *port;

    ctx->error = find_port(ctx, ctx->argv[1], must_exist, &port);
    if (port) {
        sbrec_port_binding_set_chassis(port, NULL);
        sbrec_port_binding_set_up(port, NULL, 0);
    }
}

static const struct ctl_cmd port_cmds[] = {
    { { "lsp-bind", 2, 2, "PORT CHASSIS", pre_port, lsp_bind, NULL,
        "--may-exist", RW },
      "bind logical port PORT to CHASSIS",
      "Binds the port to the chassis, as the chassis itself would.  It is an "
      "error if the port is bound, but with `--may-exist` only if it is bound "
      "to another chassis." },
    { { "lsp-unbind", 1, 1, "PORT", pre_port, lsp_unbind, NULL,
        "--if-exists", RW },
      "reset the port binding of logical port PORT",
      "Removes the binding of PORT to its chassis, if any.  The port must "
      "exist, unless `--if-exists` is given." },
    { .syntax = { .name = NULL } },
};

const struct ctl_group sbctl_port_group = {
    "Port binding commands", NULL, port_cmds
};

/* General
 * ======= */

static void
nothing(struct ctl_context *ctx OVS_UNUSED)
{
}

static void
pre_ip_multicast_flush(struct ctl_context *ctx)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &sbrec_datapath_binding_col_external_ids,
        &sbrec_ip_multicast_col_datapath,
        &sbrec_ip_multicast_col_seq_no,
        NULL
    };

    ctl_add_columns(ctx->idl, columns);
}

static void
ip_multicast_flush(struct ctl_context *ctx)
{
    const struct sbrec_ip_multicast *ip_mcast;
    const struct ovsdb_idl_row *row;

    ctx->error = ctl_get_row(ctx, &sbrec_table_datapath_binding,
                             ctx->argv[1], false, &row);
    if (ctx->error) {
        return;
    } else if (!row) {
        ctl_error(ctx, "%s is not a valid datapath", ctx->argv[1]);
        return;
    }
    SBREC_IP_MULTICAST_FOR_EACH (ip_mcast, ctx->idl) {
        if (ip_mcast->datapath && &ip_mcast->datapath->header_ == row) {
            sbrec_ip_multicast_set_seq_no(ip_mcast, ip_mcast->seq_no + 1);
        }
    }
}

static const struct ctl_cmd general_cmds[] = {
    { { "init", 0, 0, "", NULL, nothing, NULL, "", RW },
      "initialize the database",
      "Creates the row of global settings in a database that is new, else "
      "does nothing.  Other commands do the same, so nobody needs this one." },
    { { "ip-multicast-flush", 1, 1, "SWITCH", pre_ip_multicast_flush,
        ip_multicast_flush, NULL, "", RW },
      "forget the multicast groups learned on SWITCH",
      "Makes all chassis forget the multicast groups that they learned on the "
      "logical switch." },
    { .syntax = { .name = NULL } },
};

const struct ctl_group sbctl_general_group = {
    "General commands", NULL, general_cmds
};
