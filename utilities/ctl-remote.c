#include <config.h>
#include "ctl-common.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/vconn.h"
#include "ovsdb-data.h"
#include "ovsdb-idl.h"
#include "ovsdb-idl-provider.h"
#include "stream.h"
#include "svec.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(ctl_remote);

/* The tables and columns in question have the same names in all databases, so
 * these commands work on whichever database the program has.  A column that
 * it lacks is NULL. */
static struct {
    const struct ovsdb_idl_table_class *global;
    const struct ovsdb_idl_column *global_connections;
    const struct ovsdb_idl_column *global_ssl;

    const struct ovsdb_idl_table_class *connection;
    const struct ovsdb_idl_column *target;
    const struct ovsdb_idl_column *inactivity_probe;
    const struct ovsdb_idl_column *read_only;
    const struct ovsdb_idl_column *role;

    const struct ovsdb_idl_table_class *ssl;
    const struct ovsdb_idl_column *private_key;
    const struct ovsdb_idl_column *certificate;
    const struct ovsdb_idl_column *ca_cert;
    const struct ovsdb_idl_column *bootstrap_ca_cert;
    const struct ovsdb_idl_column *ssl_protocols;
    const struct ovsdb_idl_column *ssl_ciphers;
    const struct ovsdb_idl_column *ssl_ciphersuites;
} db;

static const struct ovsdb_idl_table_class *
find_table(const struct ovsdb_idl_class *class, const char *name)
{
    for (size_t i = 0; i < class->n_tables; i++) {
        if (!strcmp(class->tables[i].name, name)) {
            return &class->tables[i];
        }
    }
    OVS_NOT_REACHED();
}

static const struct ovsdb_idl_column *
find_column(const struct ovsdb_idl_table_class *table, const char *name)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        if (!strcmp(table->columns[i].name, name)) {
            return &table->columns[i];
        }
    }
    return NULL;
}

/* Makes the commands in this file work on the database of 'program'. */
void
ctl_remote_init(const struct ctl_program *program)
{
    db.global = program->global_table;
    db.global_connections = find_column(db.global, "connections");
    db.global_ssl = find_column(db.global, "ssl");

    db.connection = find_table(program->idl_class, "Connection");
    db.target = find_column(db.connection, "target");
    db.inactivity_probe = find_column(db.connection, "inactivity_probe");
    db.read_only = find_column(db.connection, "read_only");
    db.role = find_column(db.connection, "role");

    db.ssl = find_table(program->idl_class, "SSL");
    db.private_key = find_column(db.ssl, "private_key");
    db.certificate = find_column(db.ssl, "certificate");
    db.ca_cert = find_column(db.ssl, "ca_cert");
    db.bootstrap_ca_cert = find_column(db.ssl, "bootstrap_ca_cert");
    db.ssl_protocols = find_column(db.ssl, "ssl_protocols");
    db.ssl_ciphers = find_column(db.ssl, "ssl_ciphers");
    db.ssl_ciphersuites = find_column(db.ssl, "ssl_ciphersuites");
}

/* Reading and writing one cell
 * ============================ */

static const char *
get_string(const struct ovsdb_idl_row *row,
           const struct ovsdb_idl_column *column)
{
    const struct ovsdb_datum *datum = ovsdb_idl_read(row, column);

    return datum->n ? datum->keys[0].s->string : "";
}

static bool
get_bool(const struct ovsdb_idl_row *row,
         const struct ovsdb_idl_column *column)
{
    const struct ovsdb_datum *datum = ovsdb_idl_read(row, column);

    return datum->n && datum->keys[0].boolean;
}

static void
write_atom(const struct ovsdb_idl_row *row,
           const struct ovsdb_idl_column *column, union ovsdb_atom atom)
{
    struct ovsdb_datum datum;

    ovsdb_datum_init_empty(&datum);
    ovsdb_datum_add_unsafe(&datum, &atom, NULL, &column->type, NULL);
    ovsdb_idl_txn_write(row, column, &datum);
}

static void
set_string(const struct ovsdb_idl_row *row,
           const struct ovsdb_idl_column *column, const char *s)
{
    union ovsdb_atom atom = { .s = ovsdb_atom_string_create(s) };

    write_atom(row, column, atom);
    ovsdb_atom_destroy(&atom, OVSDB_TYPE_STRING);
}

static void
set_integer(const struct ovsdb_idl_row *row,
            const struct ovsdb_idl_column *column, int64_t value)
{
    write_atom(row, column, (union ovsdb_atom) { .integer = value });
}

static void
set_bool(const struct ovsdb_idl_row *row,
         const struct ovsdb_idl_column *column, bool value)
{
    write_atom(row, column, (union ovsdb_atom) { .boolean = value });
}

/* Sets 'column' of 'row' to the 'n' 'uuids'. */
static void
set_references(const struct ovsdb_idl_row *row,
               const struct ovsdb_idl_column *column,
               const struct uuid *uuids, size_t n)
{
    struct ovsdb_datum datum;

    ovsdb_datum_init_empty(&datum);
    for (size_t i = 0; i < n; i++) {
        union ovsdb_atom atom = { .uuid = uuids[i] };

        ovsdb_datum_add_unsafe(&datum, &atom, NULL, &column->type, NULL);
    }
    ovsdb_datum_sort_unique(&datum, &column->type);
    ovsdb_idl_txn_write(row, column, &datum);
}

static const struct ovsdb_idl_row *
global_row(struct ctl_context *ctx)
{
    return ovsdb_idl_first_row(ctx->idl, db.global);
}

/* Deletes the rows that 'column' of the global row refers to, all of 'table'.
 * The verification keeps a concurrent change from getting lost. */
static void
delete_referenced(struct ctl_context *ctx,
                  const struct ovsdb_idl_table_class *table,
                  const struct ovsdb_idl_column *column)
{
    const struct ovsdb_idl_row *global = global_row(ctx);

    ovsdb_idl_txn_verify(global, column);

    const struct ovsdb_datum *datum = ovsdb_idl_read(global, column);
    for (size_t i = 0; i < datum->n; i++) {
        const struct ovsdb_idl_row *row = ovsdb_idl_get_row_for_uuid(
            ctx->idl, table, &datum->keys[i].uuid);

        if (row) {
            ovsdb_idl_txn_delete(row);
        }
    }
    set_references(global, column, NULL, 0);
}

/* Connections
 * =========== */

static void
pre_connection(struct ctl_context *ctx)
{
    ovsdb_idl_add_column(ctx->idl, db.global_connections);
    ovsdb_idl_add_column(ctx->idl, db.target);
    ovsdb_idl_add_column(ctx->idl, db.inactivity_probe);
    if (db.role) {
        ovsdb_idl_add_column(ctx->idl, db.read_only);
        ovsdb_idl_add_column(ctx->idl, db.role);
    }
}

static void
get_connection(struct ctl_context *ctx)
{
    const struct ovsdb_idl_row *global = global_row(ctx);
    struct svec lines = SVEC_EMPTY_INITIALIZER;

    ovsdb_idl_txn_verify(global, db.global_connections);

    const struct ovsdb_datum *datum = ovsdb_idl_read(global,
                                                     db.global_connections);
    for (size_t i = 0; i < datum->n; i++) {
        const struct ovsdb_idl_row *row = ovsdb_idl_get_row_for_uuid(
            ctx->idl, db.connection, &datum->keys[i].uuid);

        if (!row) {
            continue;
        } else if (db.role) {
            svec_add_nocopy(&lines, xasprintf(
                "%s role=\"%s\" %s",
                get_bool(row, db.read_only) ? "read-only" : "read-write",
                get_string(row, db.role), get_string(row, db.target)));
        } else {
            svec_add(&lines, get_string(row, db.target));
        }
    }
    svec_sort(&lines);

    const char *line;
    size_t i;
    SVEC_FOR_EACH (i, line, &lines) {
        ds_put_format(&ctx->output, "%s\n", line);
    }
    svec_destroy(&lines);
}

static void
del_connection(struct ctl_context *ctx)
{
    delete_referenced(ctx, db.connection, db.global_connections);
}

/* Inserts a connection. */
static const struct ovsdb_idl_row *
add_connection(struct ctl_context *ctx, const char *target,
               const char *probe_ms, bool read_only, const char *role)
{
    const struct ovsdb_idl_row *row = ovsdb_idl_txn_insert(
        ctx->txn, db.connection, NULL);

    if (stream_verify_name(target) && pstream_verify_name(target)) {
        VLOG_WARN("target type \"%s\" is possibly erroneous", target);
    }
    set_string(row, db.target, target);
    if (probe_ms) {
        set_integer(row, db.inactivity_probe, strtoll(probe_ms, NULL, 10));
    }
    if (db.role) {
        set_bool(row, db.read_only, read_only);
        set_string(row, db.role, role);
    }
    return row;
}

static void
set_connection(struct ctl_context *ctx)
{
    const char *probe_ms = shash_find_data(&ctx->options,
                                           "--inactivity-probe");
    struct uuid *uuids = xcalloc(ctx->argc, sizeof *uuids);
    bool read_only = false;
    const char *role = "";
    size_t n = 0;
    long long int ms;

    if (probe_ms && (!str_to_llong(probe_ms, 10, &ms) || ms < 0)) {
        ctl_error(ctx, "%s: inactivity probe interval must be a number of "
                  "milliseconds", probe_ms);
        free(uuids);
        return;
    }

    delete_referenced(ctx, db.connection, db.global_connections);
    for (int i = 1; i < ctx->argc; i++) {
        const char *arg = ctx->argv[i];

        if (db.role && !strcmp(arg, "read-only")) {
            read_only = true;
        } else if (db.role && !strcmp(arg, "read-write")) {
            read_only = false;
        } else if (db.role && !strncmp(arg, "role=", 5)) {
            role = arg + 5;
        } else {
            uuids[n++] = add_connection(ctx, arg, probe_ms, read_only,
                                        role)->uuid;
        }
    }
    set_references(global_row(ctx), db.global_connections, uuids, n);
    free(uuids);
}

/* SSL
 * === */

static void
pre_ssl(struct ctl_context *ctx)
{
    const struct ovsdb_idl_column *const columns[] = {
        db.global_ssl, db.private_key, db.certificate, db.ca_cert,
        db.bootstrap_ca_cert, db.ssl_protocols, db.ssl_ciphers, NULL
    };

    ctl_add_columns(ctx->idl, columns);
    if (ctx->argc > 6) {
        /* Older databases have no such column. */
        ovsdb_idl_add_column(ctx->idl, db.ssl_ciphersuites);
    }
}

static void
get_ssl(struct ctl_context *ctx)
{
    const struct ovsdb_idl_row *global = global_row(ctx);

    ovsdb_idl_txn_verify(global, db.global_ssl);

    const struct ovsdb_datum *datum = ovsdb_idl_read(global, db.global_ssl);
    const struct ovsdb_idl_row *ssl
        = (datum->n ? ovsdb_idl_get_row_for_uuid(ctx->idl, db.ssl,
                                                 &datum->keys[0].uuid)
           : NULL);
    if (ssl) {
        ds_put_format(&ctx->output, "Private key: %s\n"
                      "Certificate: %s\n"
                      "CA Certificate: %s\n"
                      "Bootstrap: %s\n",
                      get_string(ssl, db.private_key),
                      get_string(ssl, db.certificate),
                      get_string(ssl, db.ca_cert),
                      get_bool(ssl, db.bootstrap_ca_cert) ? "true" : "false");
    }
}

static void
del_ssl(struct ctl_context *ctx)
{
    delete_referenced(ctx, db.ssl, db.global_ssl);
}

static void
set_ssl(struct ctl_context *ctx)
{
    delete_referenced(ctx, db.ssl, db.global_ssl);

    const struct ovsdb_idl_row *ssl = ovsdb_idl_txn_insert(ctx->txn, db.ssl,
                                                           NULL);
    set_string(ssl, db.private_key, ctx->argv[1]);
    set_string(ssl, db.certificate, ctx->argv[2]);
    set_string(ssl, db.ca_cert, ctx->argv[3]);
    set_bool(ssl, db.bootstrap_ca_cert,
             shash_find(&ctx->options, "--bootstrap"));
    if (ctx->argc > 4) {
        set_string(ssl, db.ssl_protocols, ctx->argv[4]);
    }
    if (ctx->argc > 5) {
        set_string(ssl, db.ssl_ciphers, ctx->argv[5]);
    }
    if (ctx->argc > 6) {
        set_string(ssl, db.ssl_ciphersuites, ctx->argv[6]);
    }
    set_references(global_row(ctx), db.global_ssl, &ssl->uuid, 1);
}

static const struct ctl_cmd connection_cmds[] = {
    { { "get-connection", 0, 0, "", pre_connection, get_connection, NULL,
        "", RO },
      "print the connections",
      "Prints the targets on which, or to which, the database server takes "
      "connections, one per line." },
    { { "del-connection", 0, 0, "", pre_connection, del_connection, NULL,
        "", RW },
      "delete the connections",
      "Deletes all configured connections.  The server's own Unix domain "
      "socket stays." },
    { { "set-connection", 1, INT_MAX, "TARGET...", pre_connection,
        set_connection, NULL, "--inactivity-probe=", RW },
      "set the list of connections to TARGET...",
      "Replaces all connections by the given targets.  A passive one, such "
      "as `ptcp:6641:192.0.2.1` or `pssl:6641`, makes the server listen; "
      "an active one, such as `tcp:192.0.2.7:6641`, makes it connect.\n\n"
      "In the southbound database, the words `read-only`, `read-write` and "
      "`role=ROLE` hold for the targets behind them: clients of a read-only "
      "target cannot change the database, and those of a target with a role "
      "may do what the rows of RBAC_Role with that name allow.\n\n"
      "With `--inactivity-probe=MSECS`, a connection that was silent for "
      "that many milliseconds is probed; 0 disables this." },
    { .syntax = { .name = NULL } },
};

const struct ctl_group ctl_connection_group = {
    "Connection commands",
    "The server reads its connections from the database itself, from the "
    "rows of the table Connection which the row of global settings refers "
    "to, if it was started the way `ovn-ctl` does it.",
    connection_cmds
};

static const struct ctl_cmd ssl_cmds[] = {
    { { "get-ssl", 0, 0, "", pre_ssl, get_ssl, NULL, "", RO },
      "print the SSL configuration",
      "Prints the files that the database server uses for SSL/TLS." },
    { { "del-ssl", 0, 0, "", pre_ssl, del_ssl, NULL, "", RW },
      "delete the SSL configuration",
      "Deletes the configuration of SSL/TLS." },
    { { "set-ssl", 3, 6,
        "PRIVATE-KEY CERTIFICATE CA-CERT "
        "[SSL-PROTOS [SSL-CIPHERS [SSL-CIPHERSUITES]]]",
        pre_ssl, set_ssl, NULL, "--bootstrap", RW },
      "set the SSL configuration",
      "Sets the names of three PEM files on the server's machine: its private "
      "key, the certificate for it, and the certificate of the authority that "
      "its peers' certificates must come from.  With `--bootstrap`, a CA-CERT "
      "that does not exist is taken from the first peer.\n\n"
      "SSL-PROTOS is a list of protocol versions, SSL-CIPHERS one of ciphers "
      "for TLS up to version 1.2 and SSL-CIPHERSUITES one for TLS 1.3; they "
      "default to what the server considers safe." },
    { .syntax = { .name = NULL } },
};

const struct ctl_group ctl_ssl_group = {
    "SSL commands",
    "These hold for all SSL/TLS connections that the database server has "
    "with its peers.",
    ssl_cmds
};
