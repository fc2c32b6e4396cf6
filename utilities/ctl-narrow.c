#include <config.h>
#include "ctl-common.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/poll-loop.h"
#include "ovsdb-data.h"
#include "ovsdb-idl.h"
#include "ovsdb-idl-provider.h"
#include "util.h"
#include "uuid.h"

/* A command that names what it works on needs a few rows, and a large database
 * has many.  Commands that have a function 'narrow' say there which rows they
 * need, of each table that their prerequisites ask for.  If each command of a
 * transaction has one, the server sends only these rows.  The library's
 * commands need no table but the one in their arguments.
 *
 * What a command needs can depend on what it found, such as the switch that
 * has a port.  Then it asks for more when it runs and is run again when that
 * is there.
 *
 * This is of the process: it has one copy of a database.  A daemon never
 * narrows its copy. */

struct need {
    struct ovsdb_idl_condition condition;
    bool mentioned;             /* Else the whole table is needed. */
};

static struct {
    const struct ctl_program *program;
    struct need *needs;         /* One per table; NULL if nothing is narrow. */
    bool started;               /* The commands run. */
    unsigned int ready;         /* When the IDL has what was asked for. */
    bool waiting;               /* For that. */
} narrow;

/* What the IDL calls a column, for conditions on the UUID of a row. */
static const struct ovsdb_idl_column uuid_column = {
    .name = "_uuid",
    .type = { .key = OVSDB_BASE_UUID_INIT,
              .value = OVSDB_BASE_VOID_INIT, .n_min = 1, .n_max = 1 },
};

static struct need *
get_need(const struct ovsdb_idl_table_class *table)
{
    return &narrow.needs[table - narrow.program->idl_class->tables];
}

static size_t
n_clauses(const struct need *need)
{
    return need->condition.is_true ? SIZE_MAX
           : hmap_count(&need->condition.clauses);
}

/* True if the commands of this process see only some rows of 'table'. */
bool
ctl_is_narrow(const struct ovsdb_idl_table_class *table)
{
    return (narrow.needs && get_need(table)->mentioned
            && !get_need(table)->condition.is_true);
}

static void
apply(struct ovsdb_idl *idl, const struct ovsdb_idl_table_class *table)
{
    narrow.ready = ovsdb_idl_set_condition(idl, table,
                                           &get_need(table)->condition);
    narrow.waiting = true;
    poll_immediate_wake();
}

/* To be called where 'table''s condition had 'n' clauses before.  If it has
 * more now, arranges that the commands run again when the rows are there. */
static void
asked(struct ctl_context *ctx, const struct ovsdb_idl_table_class *table,
      size_t n)
{
    if (!narrow.started) {
        get_need(table)->mentioned = true;
    } else if (n_clauses(get_need(table)) != n) {
        apply(ctx->idl, table);
        ctx->try_again = true;
    }
}

/* Asks for the rows of 'table' where 'column' is or has the one value or pair
 * of 'key' and 'value', which may be NULL. */
static void
need_match(struct ctl_context *ctx, const struct ovsdb_idl_table_class *table,
           const struct ovsdb_idl_column *column,
           const union ovsdb_atom *key, const union ovsdb_atom *value)
{
    if (!narrow.needs) {
        return;
    }

    struct need *need = get_need(table);
    size_t n = n_clauses(need);
    bool scalar = column->type.n_max == 1 && !value;
    struct ovsdb_datum datum;

    ovsdb_datum_init_empty(&datum);
    ovsdb_datum_add_unsafe(&datum, key, value, &column->type, NULL);
    ovsdb_idl_condition_add_clause(&need->condition,
                                   scalar ? OVSDB_F_EQ : OVSDB_F_INCLUDES,
                                   column, &datum);
    ovsdb_datum_destroy(&datum, &column->type);
    asked(ctx, table, n);
}

/* Asks for the row of 'table' with 'uuid'. */
void
ctl_need_uuid(struct ctl_context *ctx,
              const struct ovsdb_idl_table_class *table,
              const struct uuid *uuid)
{
    union ovsdb_atom key = { .uuid = *uuid };

    need_match(ctx, table, &uuid_column, &key, NULL);
}

/* Asks for the rows of 'table' whose 'column' has a reference to 'uuid'. */
void
ctl_need_referrer(struct ctl_context *ctx,
                  const struct ovsdb_idl_table_class *table,
                  const struct ovsdb_idl_column *column,
                  const struct uuid *uuid)
{
    union ovsdb_atom key = { .uuid = *uuid };

    need_match(ctx, table, column, &key, NULL);
}

static void
need_string(struct ctl_context *ctx, const struct ovsdb_idl_table_class *table,
            const struct ovsdb_idl_column *column, const char *key,
            const char *s)
{
    union ovsdb_atom value = { .s = ovsdb_atom_string_create(s) };

    if (key) {
        union ovsdb_atom k = { .s = ovsdb_atom_string_create(key) };

        need_match(ctx, table, column, &k, &value);
        ovsdb_atom_destroy(&k, OVSDB_TYPE_STRING);
    } else {
        need_match(ctx, table, column, &value, NULL);
    }
    ovsdb_atom_destroy(&value, OVSDB_TYPE_STRING);
}

/* Asks for the rows of 'table' with 'id' as their name, in 'column', or as
 * their UUID. */
void
ctl_need_id(struct ctl_context *ctx, const struct ovsdb_idl_table_class *table,
            const struct ovsdb_idl_column *column, const char *id)
{
    struct uuid uuid;

    if (uuid_from_string(&uuid, id)) {
        ctl_need_uuid(ctx, table, &uuid);
    }
    need_string(ctx, table, column, NULL, id);
}

/* Says that of 'table' no row is needed so far. */
void
ctl_need_none(struct ctl_context *ctx,
              const struct ovsdb_idl_table_class *table)
{
    if (narrow.needs) {
        asked(ctx, table, n_clauses(get_need(table)));
    }
}

/* Asks for all rows of 'table'. */
void
ctl_need_all(struct ctl_context *ctx,
             const struct ovsdb_idl_table_class *table)
{
    if (narrow.needs) {
        struct need *need = get_need(table);
        size_t n = n_clauses(need);

        ovsdb_idl_condition_add_clause_true(&need->condition);
        asked(ctx, table, n);
    }
}

/* Commands of the library
 * ======================= */

/* True if 'a' and 'b' are the same but for case and kind of dash. */
static bool
is_same_name(const char *a, const char *b)
{
    for (; *a && *b; a++, b++) {
        char ca = *a == '-' ? '_' : toupper((unsigned char) *a);
        char cb = *b == '-' ? '_' : toupper((unsigned char) *b);

        if (ca != cb) {
            return false;
        }
    }
    return !*a && !*b;
}

/* Asks for what 'id' can name, or for all of the table. */
static void
need_record(struct ctl_context *ctx,
            const struct ovsdb_idl_table_class *table, const char *id)
{
    const struct ctl_table_class *class = &narrow.program->table_classes[
        table - narrow.program->idl_class->tables];
    struct uuid uuid;

    if (id[0] == '@') {
        return;
    } else if (uuid_from_string(&uuid, id)) {
        ctl_need_uuid(ctx, table, &uuid);
    } else if (!strcmp(id, ".") || uuid_is_partial_string(id) >= 4) {
        ctl_need_all(ctx, table);
        return;
    }
    for (size_t i = 0; i < ARRAY_SIZE(class->row_ids); i++) {
        const struct ctl_row_id *row_id = &class->row_ids[i];
        const struct ovsdb_idl_column *column = row_id->name_column;

        if (!column) {
            continue;
        } else if (row_id->uuid_column
                   || (row_id->key ? column->type.value.type
                       : column->type.key.type) != OVSDB_TYPE_STRING) {
            ctl_need_all(ctx, table);
        } else {
            need_string(ctx, table, column, row_id->key, id);
        }
    }
}

/* Parses 'arg' if it is COLUMN=VALUE or COLUMN:KEY=VALUE with the whole name
 * of a column, and asks for what matches it if 'ask'.  Returns false if it is
 * anything else. */
static bool
parse_condition(const struct ovsdb_idl_table_class *table, const char *arg,
                bool ask)
{
    const struct ovsdb_idl_column *column = NULL;
    struct ovsdb_datum datum;
    char *name, *key = NULL;
    const char *p = arg;
    char *error;

    error = ovsdb_token_parse(&p, &name);
    for (size_t i = 0; !error && i < table->n_columns; i++) {
        if (is_same_name(table->columns[i].name, name)) {
            column = &table->columns[i];
        }
    }
    free(name);
    if (!error && *p == ':') {
        p++;
        error = ovsdb_token_parse(&p, &key);
    }
    if (error || !column || *p != '='
        || (key && !ovsdb_type_is_map(&column->type))) {
        free(error);
        free(key);
        return false;
    }

    /* A pair that is written as a map, and not parsed as one. */
    if (key) {
        union ovsdb_atom k, v;

        ovsdb_datum_init_empty(&datum);
        error = ovsdb_atom_from_string(&k, NULL, &column->type.key, key,
                                       NULL);
        if (!error) {
            error = ovsdb_atom_from_string(&v, NULL, &column->type.value,
                                           p + 1, NULL);
            if (!error) {
                ovsdb_datum_add_unsafe(&datum, &k, &v, &column->type, NULL);
                ovsdb_atom_destroy(&v, column->type.value.type);
            }
            ovsdb_atom_destroy(&k, column->type.key.type);
        }
    } else {
        error = ovsdb_datum_from_string(&datum, &column->type, p + 1, NULL);
    }
    if (!error) {
        if (ask) {
            ovsdb_idl_condition_add_clause(
                &get_need(table)->condition,
                key ? OVSDB_F_INCLUDES : OVSDB_F_EQ, column, &datum);
        }
        ovsdb_datum_destroy(&datum, &column->type);
    }
    free(key);

    bool ok = !error;
    free(error);
    return ok;
}

/* Asks for what the conditions of "find" match.  All of them must hold, so the
 * first one does, unless the library has something to say to another one. */
static void
need_found(struct ctl_context *ctx, const struct ovsdb_idl_table_class *table)
{
    bool ok = ctx->argc > 2;

    for (int i = 2; ok && i < ctx->argc; i++) {
        ok = parse_condition(table, ctx->argv[i], i == 2);
    }
    if (!ok) {
        ctl_need_all(ctx, table);
    }
}

/* Asks for what the records in a command of the library name.  Returns false
 * if that is not known. */
static bool
narrow_generic(struct ctl_context *ctx)
{
    static const char *const commands[] = {
        "add", "clear", "destroy", "find", "get", "list", "remove", "set",
        "wait-until"
    };
    const struct ovsdb_idl_class *class = narrow.program->idl_class;
    const char *name = ctx->argv[0];
    bool known = false;

    if (!strcmp(name, "comment") || !strcmp(name, "create")) {
        return true;
    }
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        known |= !strcmp(name, commands[i]);
    }
    if (!known) {
        return false;
    }
    for (size_t i = 0; i < class->n_tables; i++) {
        const struct ovsdb_idl_table_class *table = &class->tables[i];

        if (is_same_name(table->name, ctx->argv[1])) {
            bool several = (!strcmp(name, "list")
                            || !strcmp(name, "destroy"));
            int end = several ? ctx->argc : 3;

            ctl_need_none(ctx, table);
            if (ctx->argc < 3) {
                ctl_need_all(ctx, table);
            } else if (!strcmp(name, "find")) {
                need_found(ctx, table);
            } else {
                for (int j = 2; j < end; j++) {
                    need_record(ctx, table, ctx->argv[j]);
                }
            }
            return true;
        }
    }
    return false;
}

/* Start
 * ===== */

static const struct ctl_cmd *
find_command(const struct ctl_program *program, const char *name)
{
    for (const struct ctl_group *const *g = program->groups; *g; g++) {
        for (const struct ctl_cmd *c = (*g)->cmds; c->syntax.name; c++) {
            if (!strcmp(c->syntax.name, name)) {
                return c;
            }
        }
    }
    return NULL;
}

/* To be called before the other functions, if the copy of the database may be
 * narrow.  They do nothing otherwise. */
void
ctl_narrow_init(const struct ctl_program *program)
{
    size_t n = program->idl_class->n_tables;

    narrow.program = program;
    narrow.needs = xcalloc(n, sizeof *narrow.needs);
    for (size_t i = 0; i < n; i++) {
        ovsdb_idl_condition_init(&narrow.needs[i].condition);
    }
}

/* Makes the copy as wide as the whole database, if 'command' in 'ctx' does not
 * say what it needs. */
void
ctl_narrow_command(struct ctl_context *ctx, const struct ctl_command *command)
{
    if (!narrow.needs) {
        return;
    }

    const struct ctl_cmd *c = find_command(narrow.program,
                                           command->syntax->name);
    if (c && c->narrow) {
        c->narrow(ctx);
    } else if (!narrow_generic(ctx)) {
        ctl_narrow_destroy();
    }
}

/* Adds a clause that no row matches to the condition of 'table'. */
static void
monitor_uuid(const struct ovsdb_idl_table_class *table)
{
    union ovsdb_atom zero = { .uuid = UUID_ZERO };
    struct ovsdb_datum datum;

    ovsdb_datum_init_empty(&datum);
    ovsdb_datum_add_unsafe(&datum, &zero, NULL, &uuid_column.type, NULL);
    ovsdb_idl_condition_add_clause(&get_need(table)->condition, OVSDB_F_EQ,
                                   &uuid_column, &datum);
    ovsdb_datum_destroy(&datum, &uuid_column.type);
}

/* Makes the IDL ask for the rows that the commands need.  The global row is
 * always there. */
void
ctl_narrow_start(struct ovsdb_idl *idl)
{
    if (!narrow.needs) {
        return;
    }

    const struct ovsdb_idl_class *class = narrow.program->idl_class;
    for (size_t i = 0; i < class->n_tables; i++) {
        const struct ovsdb_idl_table_class *table = &class->tables[i];

        if (ctl_is_narrow(table) && table != narrow.program->global_table) {
            /* ovsdb-server, up to 3.1 at least, crashes when a condition that
             * changes gets a column that was neither in the first one nor
             * among those that are monitored.  This is why commands ask later
             * only for columns that they monitor, and for UUIDs. */
            monitor_uuid(table);
            ovsdb_idl_set_condition(idl, table,
                                    &narrow.needs[i].condition);
        }
    }
    narrow.started = true;
}

/* True if 'idl' has all rows that were asked for.  '*again' is then set to
 * whether they are new. */
bool
ctl_narrow_is_ready(const struct ovsdb_idl *idl, bool *again)
{
    *again = false;
    if (narrow.waiting) {
        if (ovsdb_idl_get_condition_seqno(idl) < narrow.ready) {
            return false;
        }
        narrow.waiting = false;
        *again = true;
    }
    return true;
}

/* Frees what ctl_narrow_init() made. */
void
ctl_narrow_destroy(void)
{
    if (narrow.needs) {
        for (size_t i = 0; i < narrow.program->idl_class->n_tables; i++) {
            ovsdb_idl_condition_destroy(&narrow.needs[i].condition);
        }
        free(narrow.needs);
        narrow.needs = NULL;
    }
}
