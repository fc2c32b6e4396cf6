#include <config.h>
#include "ctl-common.h"

#include <stdlib.h>
#include <string.h>

#include "ovsdb-idl.h"
#include "ovsdb-idl-provider.h"
#include "util.h"
#include "uuid.h"

/* The library's commands find a row by its UUID even if the transaction has
 * deleted it, and abort when they use it.  For them, it is not there. */

/* How many arguments of a command name records, behind the table. */
static int
n_records(const struct ctl_context *ctx)
{
    static const char *const one[] = {
        "get", "set", "add", "remove", "clear", "wait-until"
    };

    if (!strcmp(ctx->argv[0], "destroy") || !strcmp(ctx->argv[0], "list")) {
        return ctx->argc - 2;
    }
    for (size_t i = 0; i < ARRAY_SIZE(one); i++) {
        if (!strcmp(ctx->argv[0], one[i])) {
            return MIN(1, ctx->argc - 2);
        }
    }
    return 0;
}

static bool
is_deleted(const struct ctl_context *ctx, const struct ovsdb_idl_class *class,
           const char *record)
{
    struct uuid uuid;

    if (!uuid_from_string(&uuid, record)) {
        return false;
    }
    for (size_t i = 0; i < class->n_tables; i++) {
        const struct ovsdb_idl_row *row = ovsdb_idl_get_row_for_uuid(
            ctx->idl, &class->tables[i], &uuid);

        if (row && !row->new_datum) {
            return true;
        }
    }
    return false;
}

/* Runs the command, if the records that it names are there or, with
 * --if-exists, without those that are not. */
static void
run_on_records(struct ctl_context *ctx, const struct ctl_command *c,
               const struct ovsdb_idl_class *class, char **argv, int argc,
               int n)
{
    bool if_exists = shash_find(&ctx->options, "--if-exists");
    int n_kept = 0;

    ctx->argv = xmalloc((argc + 1) * sizeof *argv);
    ctx->argc = 0;
    for (int i = 0; i < argc; i++) {
        bool is_record = i >= 2 && i < 2 + n;

        if (is_record && is_deleted(ctx, class, argv[i])) {
            if (!if_exists) {
                ctl_error(ctx, "no row \"%s\" in table %s", argv[i], argv[1]);
                break;
            }
            continue;
        }
        n_kept += is_record;
        ctx->argv[ctx->argc++] = argv[i];
    }
    ctx->argv[ctx->argc] = NULL;
    if (!ctx->error && (n_kept || !n)) {
        c->syntax->run(ctx);
    }
    free(ctx->argv);
}

/* Runs command 'c', which 'ctx' is about, if it has a function for that. */
void
ctl_run_command(struct ctl_context *ctx, const struct ctl_command *c,
                const struct ovsdb_idl_class *class)
{
    int argc = ctx->argc;
    char **argv = ctx->argv;
    int n = n_records(ctx);

    if (!c->syntax->run) {
        return;
    } else if (strcmp(argv[0], "destroy") || n < 2
               || shash_find(&ctx->options, "--all")) {
        run_on_records(ctx, c, class, argv, argc, n);
    } else {
        /* One by one, since the next argument may name the same row. */
        for (int i = 0; i < n && !ctx->error; i++) {
            char *one[] = { argv[0], argv[1], argv[2 + i], NULL };
            run_on_records(ctx, c, class, one, 3, 1);
        }
    }
    ctx->argv = argv;
    ctx->argc = argc;
}
