#include <config.h>
#include "sbctl.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ovsdb-data.h"
#include "ovsdb-idl.h"
#include "svec.h"
#include "util.h"

/* "show", with a filter that the library's does not have. */

static const struct ovsdb_idl_column *const chassis_columns[] = {
    &sbrec_chassis_col_hostname, NULL
};

static const struct ovsdb_idl_column *const encap_columns[] = {
    &sbrec_encap_col_ip, &sbrec_encap_col_options, NULL
};

static const struct ovsdb_idl_column *const no_columns[] = { NULL };

/* The tables, in the order of 'struct filter''s members. */
enum { CHASSIS, ENCAP, PORT_BINDING, N_TABLES };

static const char *const table_names[N_TABLES] = {
    "Chassis", "Encap", "Port_Binding"
};

/* For each table, texts one of which a row must contain.  NULL for those that
 * the filter does not name. */
struct filter {
    struct svec *texts[N_TABLES];
};

static void
pre_show(struct ctl_context *ctx)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &sbrec_chassis_col_encaps,
        &sbrec_chassis_col_hostname,
        &sbrec_chassis_col_name,
        &sbrec_encap_col_ip,
        &sbrec_encap_col_options,
        &sbrec_encap_col_type,
        &sbrec_port_binding_col_chassis,
        &sbrec_port_binding_col_logical_port,
        NULL
    };

    ctl_add_columns(ctx->idl, columns);
}

static void
filter_destroy(struct filter *f)
{
    for (size_t i = 0; i < N_TABLES; i++) {
        if (f->texts[i]) {
            svec_destroy(f->texts[i]);
            free(f->texts[i]);
        }
    }
}

/* Parses one "TABLE(TEXT|TEXT)", which it modifies. */
static char *
parse_condition(char *s, struct filter *f)
{
    char *open = strchr(s, '(');
    char *close = strrchr(s, ')');
    char *save_ptr = NULL;

    if (!open || !close || close[1] || close < open) {
        return xasprintf("%s: filter must have the form "
                         "TABLE(TEXT|TEXT)", s);
    }
    *open = *close = '\0';
    for (size_t i = 0; i < N_TABLES; i++) {
        if (strcasecmp(s, table_names[i])) {
            continue;
        }
        if (!f->texts[i]) {
            f->texts[i] = xmalloc(sizeof *f->texts[i]);
            svec_init(f->texts[i]);
        }
        for (char *text = strtok_r(open + 1, "|", &save_ptr); text;
             text = strtok_r(NULL, "|", &save_ptr)) {
            svec_add(f->texts[i], text);
        }
        return NULL;
    }
    return xasprintf("%s: \"show\" prints no such table", s);
}

static char *
parse_filter(const char *arg, struct filter *f)
{
    char *copy = xstrdup(arg ? arg : "");
    char *save_ptr = NULL;
    char *error = NULL;

    for (char *word = strtok_r(copy, ",", &save_ptr); word && !error;
         word = strtok_r(NULL, ",", &save_ptr)) {
        error = parse_condition(word, f);
    }
    free(copy);
    return error;
}

/* True if 's', what is printed of a row of 'table', passes 'f'. */
static bool
filter_passes(const struct filter *f, int table, const char *s)
{
    if (!f->texts[table]) {
        return true;
    }
    for (size_t i = 0; i < f->texts[table]->n; i++) {
        if (strstr(s, f->texts[table]->names[i])) {
            return true;
        }
    }
    return false;
}

/* Appends a row of 'table': its name, from column 'name', and 'columns'. */
static void
put_row(const struct ovsdb_idl_row *row, int table,
        const struct ovsdb_idl_column *name,
        const struct ovsdb_idl_column *const *columns, struct ds *s)
{
    int indent = table == CHASSIS ? 0 : 4;

    ds_put_format(s, "%*s%s ", indent, "", table_names[table]);
    ovsdb_datum_to_string(ovsdb_idl_read(row, name), &name->type, s);
    ds_put_char(s, '\n');
    for (; *columns; columns++) {
        const struct ovsdb_idl_column *column = *columns;
        const struct ovsdb_datum *datum = ovsdb_idl_read(row, column);

        if (!ovsdb_datum_is_default(datum, &column->type)) {
            ds_put_format(s, "%*s%s: ", indent + 4, "", column->name);
            ovsdb_datum_to_string(datum, &column->type, s);
            ds_put_char(s, '\n');
        }
    }
}

/* Appends the same if it passes 'f'.  Returns whether it did. */
static bool
put_filtered(const struct filter *f, const struct ovsdb_idl_row *row,
             int table, const struct ovsdb_idl_column *name,
             const struct ovsdb_idl_column *const *columns, struct ds *s)
{
    size_t start = s->length;

    put_row(row, table, name, columns, s);

    const char *text = ds_cstr(s) + start;
    text += strspn(text, " ") + strlen(table_names[table]);
    if (!filter_passes(f, table, text)) {
        ds_truncate(s, start);
        return false;
    }
    return true;
}

static int
compare_encaps(const void *a_, const void *b_)
{
    const struct sbrec_encap *const *a = a_;
    const struct sbrec_encap *const *b = b_;
    int cmp = strcmp((*a)->type, (*b)->type);

    return cmp ? cmp : strcmp((*a)->ip, (*b)->ip);
}

/* Appends the encapsulations of 'chassis'.  Returns true if one passes 'f'. */
static bool
show_encaps(const struct sbrec_chassis *chassis, const struct filter *f,
            struct ds *s)
{
    struct sbrec_encap **encaps
        = xmemdup(chassis->encaps, chassis->n_encaps * sizeof *encaps);
    bool any = false;

    qsort(encaps, chassis->n_encaps, sizeof *encaps, compare_encaps);
    for (size_t i = 0; i < chassis->n_encaps; i++) {
        any |= put_filtered(f, &encaps[i]->header_, ENCAP,
                            &sbrec_encap_col_type, encap_columns, s);
    }
    free(encaps);
    return any;
}

/* Appends 'chassis' with the 'n' 'bindings' that it has.  It is there only if
 * it and, of each table that the filter names, one of its rows pass. */
static void
show_chassis(const struct sbrec_chassis *chassis,
             const struct sbrec_port_binding **bindings, size_t n,
             const struct filter *f, struct ds *output)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    bool any_encap = !f->texts[ENCAP];
    bool any_binding = !f->texts[PORT_BINDING];
    bool ok;

    ok = put_filtered(f, &chassis->header_, CHASSIS, &sbrec_chassis_col_name,
                      chassis_columns, &s);
    if (ok && chassis->n_encaps) {
        any_encap |= show_encaps(chassis, f, &s);
    }
    for (size_t i = 0; ok && i < n; i++) {
        any_binding |= put_filtered(
            f, &bindings[i]->header_, PORT_BINDING,
            &sbrec_port_binding_col_logical_port, no_columns, &s);
    }
    if (ok && any_encap && any_binding) {
        ds_put_buffer(output, s.string, s.length);
    }
    ds_destroy(&s);
}

static int
compare_chassis(const void *a_, const void *b_)
{
    const struct sbrec_chassis *const *a = a_;
    const struct sbrec_chassis *const *b = b_;
    int cmp = strcmp((*a)->name, (*b)->name);

    return cmp ? cmp : uuid_compare_3way(&(*a)->header_.uuid,
                                         &(*b)->header_.uuid);
}

static int
compare_bindings(const void *a_, const void *b_)
{
    const struct sbrec_port_binding *const *a = a_;
    const struct sbrec_port_binding *const *b = b_;
    const struct sbrec_chassis *a_chassis = (*a)->chassis;
    const struct sbrec_chassis *b_chassis = (*b)->chassis;
    int cmp = compare_chassis(&a_chassis, &b_chassis);

    return cmp ? cmp : strcmp((*a)->logical_port, (*b)->logical_port);
}

/* Collects the port bindings that are on a chassis, by chassis and name. */
static const struct sbrec_port_binding **
collect_bindings(struct ctl_context *ctx, size_t *n)
{
    const struct sbrec_port_binding **bindings = NULL;
    const struct sbrec_port_binding *pb;
    size_t allocated = 0;

    *n = 0;
    SBREC_PORT_BINDING_FOR_EACH (pb, ctx->idl) {
        if (!pb->chassis) {
            continue;
        }
        if (*n >= allocated) {
            bindings = x2nrealloc(bindings, &allocated, sizeof *bindings);
        }
        bindings[(*n)++] = pb;
    }
    if (*n) {
        qsort(bindings, *n, sizeof *bindings, compare_bindings);
    }
    return bindings;
}

static const struct sbrec_chassis **
collect_chassis(struct ctl_context *ctx, size_t *n)
{
    const struct sbrec_chassis **all = NULL;
    const struct sbrec_chassis *chassis;
    size_t allocated = 0;

    *n = 0;
    SBREC_CHASSIS_FOR_EACH (chassis, ctx->idl) {
        if (*n >= allocated) {
            all = x2nrealloc(all, &allocated, sizeof *all);
        }
        all[(*n)++] = chassis;
    }
    if (*n) {
        qsort(all, *n, sizeof *all, compare_chassis);
    }
    return all;
}

static void
show(struct ctl_context *ctx)
{
    const struct shash_node *option = shash_find(&ctx->options, "--filter");
    struct filter f = { .texts = { NULL } };

    ctx->error = parse_filter(option ? option->data : NULL, &f);
    if (!ctx->error) {
        size_t n_bindings, n_chassis;
        const struct sbrec_port_binding **bindings
            = collect_bindings(ctx, &n_bindings);
        const struct sbrec_chassis **chassis = collect_chassis(ctx,
                                                               &n_chassis);
        size_t next = 0;

        for (size_t i = 0; i < n_chassis; i++) {
            size_t first = next;

            while (next < n_bindings
                   && bindings[next]->chassis == chassis[i]) {
                next++;
            }
            show_chassis(chassis[i], bindings + first, next - first, &f,
                         &ctx->output);
        }
        free(bindings);
        free(chassis);
    }
    filter_destroy(&f);
}

static const struct ctl_cmd cmds[] = {
    { { "show", 0, 0, "", pre_show, show, NULL, "--filter=", RO },
      "print overview of database contents",
      "Prints all chassis with their tunnel ends and the ports that are "
      "bound to them, in the order of names.\n\n"
      "`--filter=TABLE(TEXT|TEXT)` leaves out the rows of one of the tables "
      "Chassis, Encap and Port_Binding whose lines contain none of the "
      "texts, and the chassis that then have none left.  Several filters can "
      "follow each other with commas in between.  For example, "
      "`'--filter=Port_Binding(vm1|vm2)'` shows where these ports are." },
    { .syntax = { .name = NULL } },
};

const struct ctl_group sbctl_show_group = {
    "Overview", NULL, cmds
};
