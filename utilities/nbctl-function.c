#include <config.h>
#include "nbctl.h"

#include <stdlib.h>
#include <string.h>

#include "ovsdb-idl.h"
#include "util.h"

static const struct nbctl_set group_functions = {
    &nbrec_table_network_function_group,
    &nbrec_network_function_group_col_network_function,
    &nbrec_table_network_function
};

static void
pre_functions(struct ctl_context *ctx)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &nbrec_network_function_col_id,
        &nbrec_network_function_col_inport,
        &nbrec_network_function_col_name,
        &nbrec_network_function_col_outport,
        NULL
    };

    nbctl_pre_ports(ctx);
    ctl_add_columns(ctx->idl, columns);
}

static void
narrow_function_add(struct ctl_context *ctx)
{
    ctl_need_all(ctx, &nbrec_table_network_function);
    ctl_need_none(ctx, &nbrec_table_logical_switch);
    for (int i = 3; i < ctx->argc; i++) {
        ctl_need_id(ctx, &nbrec_table_logical_switch_port,
                    &nbrec_logical_switch_port_col_name, ctx->argv[i]);
    }
}

static void
pre_groups(struct ctl_context *ctx)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &nbrec_network_function_col_name,
        &nbrec_network_function_group_col_id,
        &nbrec_network_function_group_col_mode,
        &nbrec_network_function_group_col_name,
        &nbrec_network_function_group_col_network_function,
        NULL
    };

    ctl_add_columns(ctx->idl, columns);
}

static char *
find_function(struct ctl_context *ctx, const char *id, bool must_exist,
              const struct nbrec_network_function **nfp)
{
    const struct nbrec_network_function *nf = NULL;
    struct uuid uuid;
    bool is_uuid = uuid_from_string(&uuid, id);

    if (is_uuid) {
        nf = NBCTL_BY_UUID(ctx, network_function, &uuid);
    }
    if (!nf) {
        NBREC_NETWORK_FUNCTION_FOR_EACH (nf, ctx->idl) {
            if (!strcmp(nf->name, id)) {
                break;
            }
        }
    }
    *nfp = nf;
    return (nf || !must_exist ? NULL
            : xasprintf("%s: network function %s not found", id,
                        is_uuid ? "UUID" : "name"));
}

/* Finds the group whose UUID or name is 'id'; NULL if there is none. */
static const struct nbrec_network_function_group *
find_group(struct ctl_context *ctx, const char *id)
{
    const struct nbrec_network_function_group *nfg;
    struct uuid uuid;

    if (uuid_from_string(&uuid, id)) {
        nfg = NBCTL_BY_UUID(ctx, network_function_group, &uuid);
        if (nfg) {
            return nfg;
        }
    }
    NBREC_NETWORK_FUNCTION_GROUP_FOR_EACH (nfg, ctx->idl) {
        if (!strcmp(nfg->name, id)) {
            return nfg;
        }
    }
    return NULL;
}

/* Finds the group whose UUID or name is 'id'.  Returns NULL or an error
 * message, which the caller must free. */
char *
nbctl_find_function_group(struct ctl_context *ctx, const char *id,
                          const struct nbrec_network_function_group **nfg)
{
    struct uuid uuid;

    *nfg = find_group(ctx, id);
    return (*nfg ? NULL
            : xasprintf("%s: network function group %s not found", id,
                        uuid_from_string(&uuid, id) ? "UUID" : "name"));
}

/* Parses a number that tunnels can carry. */
static char *
parse_id(const char *arg, int64_t *id)
{
    return (nbctl_parse_uint(arg, 1, 255, id) ? NULL
            : xasprintf("%s: id must be in the range 1...255", arg));
}

/* Functions
 * ========= */

static char *
check_function(const struct nbrec_network_function *nf, int64_t id,
               const struct nbrec_logical_switch_port *in,
               const struct nbrec_logical_switch_port *out)
{
    return (nf->id != id
            ? xasprintf("%s: network function already exists with id "
                        "%"PRId64, nf->name, nf->id)
            : nf->inport != in || nf->outport != out
            ? xasprintf("%s: network function already exists with different "
                        "ports", nf->name)
            : NULL);
}

static void
nf_add(struct ctl_context *ctx)
{
    const char *name = ctx->argv[1];
    const struct nbrec_logical_switch_port *in, *out;
    const struct nbrec_network_function *old;
    int64_t id;
    char *error;

    error = parse_id(ctx->argv[2], &id);
    error = error ? error : nbctl_find_port(ctx, ctx->argv[3], true, &in);
    error = error ? error : nbctl_find_port(
        ctx, ctx->argv[ctx->argc > 4 ? 4 : 3], true, &out);
    error = error ? error : find_function(ctx, name, false, &old);
    if (!error && old) {
        error = (shash_find(&ctx->options, "--may-exist")
                 ? check_function(old, id, in, out)
                 : xasprintf("%s: a network function with this name already "
                             "exists", name));
    } else if (!error) {
        struct nbrec_network_function *nf
            = nbrec_network_function_insert(ctx->txn);

        nbrec_network_function_set_name(nf, name);
        nbrec_network_function_set_id(nf, id);
        nbrec_network_function_set_inport(nf, in);
        nbrec_network_function_set_outport(nf, out);
    }
    ctx->error = error;
}

static void
nf_del(struct ctl_context *ctx)
{
    bool must_exist = !shash_find(&ctx->options, "--if-exists");
    const struct nbrec_network_function *nf;

    ctx->error = find_function(ctx, ctx->argv[1], must_exist, &nf);
    if (nf) {
        nbrec_network_function_delete(nf);
    }
}

static int
compare_functions(const void *a_, const void *b_)
{
    const struct nbrec_network_function *const *a = a_;
    const struct nbrec_network_function *const *b = b_;

    return strcmp((*a)->name, (*b)->name);
}

static void
nf_list(struct ctl_context *ctx)
{
    const struct nbrec_network_function **nfs = NULL;
    const struct nbrec_network_function *nf;
    size_t n = 0, allocated = 0;

    NBREC_NETWORK_FUNCTION_FOR_EACH (nf, ctx->idl) {
        if (n >= allocated) {
            nfs = x2nrealloc(nfs, &allocated, sizeof *nfs);
        }
        nfs[n++] = nf;
    }
    if (n) {
        qsort(nfs, n, sizeof *nfs, compare_functions);
    }
    for (size_t i = 0; i < n; i++) {
        nf = nfs[i];
        ds_put_format(&ctx->output,
                      UUID_FMT" (%s)\n"
                      "    id: %"PRId64"\n"
                      "    in: %s\n"
                      "    out: %s\n", UUID_ARGS(&nf->header_.uuid),
                      nf->name, nf->id, nf->inport ? nf->inport->name : "",
                      nf->outport ? nf->outport->name : "");
    }
    free(nfs);
}

/* Groups
 * ====== */

static void
nfg_add(struct ctl_context *ctx)
{
    const char *name = ctx->argv[1];
    const char *mode = ctx->argv[3];
    const struct nbrec_network_function *nf = NULL;
    int64_t id;

    ctx->error = parse_id(ctx->argv[2], &id);
    if (!ctx->error && strcmp(mode, "inline")) {
        ctl_error(ctx, "%s: mode must be \"inline\"", mode);
    }
    if (!ctx->error && ctx->argc > 4) {
        ctx->error = find_function(ctx, ctx->argv[4], true, &nf);
    }
    if (ctx->error) {
        return;
    }

    const struct nbrec_network_function_group *old = find_group(ctx, name);
    if (old && !shash_find(&ctx->options, "--may-exist")) {
        ctl_error(ctx, "%s: a network function group with this name already "
                  "exists", name);
    } else if (old && old->id != id) {
        ctl_error(ctx, "%s: network function group already exists with id "
                  "%"PRId64, name, old->id);
    } else if (old && nf && !nbctl_is_member(ctx, &group_functions,
                                             &old->header_, &nf->header_)) {
        nbctl_member_joins(ctx, &group_functions, &old->header_,
                           &nf->header_);
    } else if (!old) {
        struct nbrec_network_function_group *nfg
            = nbrec_network_function_group_insert(ctx->txn);

        nbrec_network_function_group_set_name(nfg, name);
        nbrec_network_function_group_set_id(nfg, id);
        nbrec_network_function_group_set_mode(nfg, mode);
        if (nf) {
            nbctl_member_joins(ctx, &group_functions, &nfg->header_,
                               &nf->header_);
        }
    }
}

static void
nfg_del(struct ctl_context *ctx)
{
    const struct nbrec_network_function_group *nfg;
    char *error = nbctl_find_function_group(ctx, ctx->argv[1], &nfg);

    if (nfg) {
        nbrec_network_function_group_delete(nfg);
    } else if (shash_find(&ctx->options, "--if-exists")) {
        free(error);
    } else {
        ctx->error = error;
    }
}

static void
print_group(struct ctl_context *ctx,
            const struct nbrec_network_function_group *nfg)
{
    struct nbctl_members m = nbctl_members(ctx, &group_functions,
                                           &nfg->header_);
    struct ds *s = &ctx->output;

    ds_put_format(s, UUID_FMT" (%s)\n"
                  "    id: %"PRId64"\n"
                  "    mode: %s\n"
                  "    network functions: [", UUID_ARGS(&nfg->header_.uuid),
                  nfg->name, nfg->id, nfg->mode);
    for (size_t i = 0; i < m.n; i++) {
        ds_put_format(s, "%s%s", i ? " " : "",
                      NBCTL_MEMBER(&m, i, nbrec_network_function)->name);
    }
    ds_put_cstr(s, "]\n");
    nbctl_members_destroy(&m);
}

static int
compare_groups(const void *a_, const void *b_)
{
    const struct nbrec_network_function_group *const *a = a_;
    const struct nbrec_network_function_group *const *b = b_;

    return strcmp((*a)->name, (*b)->name);
}

static void
nfg_list(struct ctl_context *ctx)
{
    const struct nbrec_network_function_group **nfgs = NULL;
    const struct nbrec_network_function_group *nfg;
    size_t n = 0, allocated = 0;

    if (ctx->argc > 1) {
        ctx->error = nbctl_find_function_group(ctx, ctx->argv[1], &nfg);
        if (nfg) {
            print_group(ctx, nfg);
        }
        return;
    }

    NBREC_NETWORK_FUNCTION_GROUP_FOR_EACH (nfg, ctx->idl) {
        if (n >= allocated) {
            nfgs = x2nrealloc(nfgs, &allocated, sizeof *nfgs);
        }
        nfgs[n++] = nfg;
    }
    if (n) {
        qsort(nfgs, n, sizeof *nfgs, compare_groups);
    }
    for (size_t i = 0; i < n; i++) {
        print_group(ctx, nfgs[i]);
    }
    free(nfgs);
}

/* Finds group and function, else sets ctx->error. */
static bool
member_args(struct ctl_context *ctx,
            const struct nbrec_network_function_group **nfg,
            const struct nbrec_network_function **nf)
{
    ctx->error = nbctl_find_function_group(ctx, ctx->argv[1], nfg);
    if (!ctx->error) {
        ctx->error = find_function(ctx, ctx->argv[2], true, nf);
    }
    return !ctx->error;
}

static void
nfg_add_nf(struct ctl_context *ctx)
{
    const struct nbrec_network_function_group *nfg;
    const struct nbrec_network_function *nf;

    if (!member_args(ctx, &nfg, &nf)) {
        return;
    }
    if (!nbctl_is_member(ctx, &group_functions, &nfg->header_,
                         &nf->header_)) {
        nbctl_member_joins(ctx, &group_functions, &nfg->header_,
                           &nf->header_);
    } else if (!shash_find(&ctx->options, "--may-exist")) {
        ctl_error(ctx, "network function %s is already in the network "
                  "function group %s.", ctx->argv[2], ctx->argv[1]);
    }
}

static void
nfg_del_nf(struct ctl_context *ctx)
{
    const struct nbrec_network_function_group *nfg;
    const struct nbrec_network_function *nf;

    if (!member_args(ctx, &nfg, &nf)) {
        return;
    }
    if (nbctl_is_member(ctx, &group_functions, &nfg->header_,
                        &nf->header_)) {
        nbctl_member_leaves(ctx, &group_functions, &nfg->header_,
                            &nf->header_);
    } else if (!shash_find(&ctx->options, "--if-exists")) {
        ctl_error(ctx, "network function %s is not in the network function "
                  "group %s.", ctx->argv[2], ctx->argv[1]);
    }
}

static void
pre_group_edit(struct ctl_context *ctx)
{
    pre_groups(ctx);
    ovsdb_idl_add_column(ctx->idl, &nbrec_network_function_col_name);
}

static const struct ctl_cmd cmds[] = {
    { { "nf-add", 3, 4, "NETWORK-FUNCTION ID PORT-IN [PORT-OUT]",
        pre_functions, nf_add, NULL, "--may-exist", RW },
      "create a network function",
      "Packets enter the function through the switch port PORT-IN and come "
      "out of PORT-OUT, or of PORT-IN again.  ID is a number from 1 to 255 "
      "that no other function has.  The names of functions are unique.  With "
      "`--may-exist`, one that exists is fine if it has that ID and those "
      "ports.",
      .narrow = narrow_function_add },
    { { "nf-del", 1, 1, "NETWORK-FUNCTION", pre_functions, nf_del, NULL,
        "--if-exists", RW },
      "delete a network function",
      "It must exist, unless `--if-exists` is given.  Nothing may use it." },
    { { "nf-list", 0, 0, "", pre_functions, nf_list, NULL, "", RO },
      "print network functions",
      "Prints the functions in the order of names." },
    { { "nfg-add", 3, 4, "NETWORK-FUNCTION-GROUP ID MODE [NETWORK-FUNCTION]",
        pre_group_edit, nfg_add, NULL, "--may-exist", RW },
      "create a network function group",
      "ID is a number from 1 to 255 that no other group has.  MODE is "
      "`inline`.  With `--may-exist`, a group that exists is fine if it has "
      "that ID, and gets the function." },
    { { "nfg-del", 1, 1, "NETWORK-FUNCTION-GROUP", pre_groups, nfg_del, NULL,
        "--if-exists", RW },
      "delete a network function group",
      "It must exist, unless `--if-exists` is given.  No ACL may use it." },
    { { "nfg-list", 0, 1, "[NETWORK-FUNCTION-GROUP]", pre_groups, nfg_list,
        NULL, "", RO },
      "print network function groups",
      "Prints one group, or all in the order of names." },
    { { "nfg-add-nf", 2, 2, "NETWORK-FUNCTION-GROUP NETWORK-FUNCTION",
        pre_group_edit, nfg_add_nf, NULL, "--may-exist", RW },
      "add a network function to a group",
      "That it is in the group is an error, unless `--may-exist` is given." },
    { { "nfg-del-nf", 2, 2, "NETWORK-FUNCTION-GROUP NETWORK-FUNCTION",
        pre_group_edit, nfg_del_nf, NULL, "--if-exists", RW },
      "remove a network function from a group",
      "That it is not in the group is an error, unless `--if-exists` is "
      "given." },
    { .syntax = { .name = NULL } },
};

const struct ctl_group nbctl_function_group = {
    "Network function commands",
    "ACLs send packets through one of the functions in a group, such as a "
    "firewall in a virtual machine.",
    cmds
};
