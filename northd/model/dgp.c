/* DOC: distributed gateway ports
 *
 * Reads NB Logical_Router_Port.gateway_chassis and ha_chassis_group, and which
 * switches have a localnet port: what has to be known before ports get their
 * keys, since some gateways need further ports. */
#include <config.h>
#include "northd/model/dgp.h"

#include "northd/feature.h"
#include "northd/model/port.h"

INC_TABLE_DEFINE(dgp, DGP_FIELDS, .kind = INC_DERIVED);
INC_TABLE_DEFINE(localnet, LOCALNET_FIELDS, .kind = INC_DERIVED);

static void
dgp_lrp_key(const void *v_, struct inc_keys *keys)
{
    const struct dgp_v *v = v_;
    inc_keys_add(keys, &v->lrp, sizeof v->lrp);
}
struct inc_index dgp_by_lrp = {
    .name = "dgp_by_lrp", .table = &dgp_table, .keys = dgp_lrp_key,
};

static void
dgp_lr_key(const void *v_, struct inc_keys *keys)
{
    const struct dgp_v *v = v_;
    inc_keys_add(keys, &v->lr, sizeof v->lr);
}
struct inc_index dgps_by_lr = {
    .name = "dgps_by_lr", .table = &dgp_table, .keys = dgp_lr_key,
    .mask = INC_MASK(dgp, lr),
};

static void
localnet_key(const void *v_, struct inc_keys *keys)
{
    const struct localnet_v *v = v_;
    inc_keys_add(keys, &v->ls, sizeof v->ls);
}
struct inc_index localnets_by_ls = {
    .name = "localnets_by_ls", .table = &localnet_table,
    .keys = localnet_key, .mask = INC_MASK(localnet, ls),
};

static const struct dgp *
dgp_of(const struct nb_logical_router_port *lrp)
{
    return inc_find_one(&dgp_by_lrp, &lrp, sizeof lrp);
}

bool
is_dgp(const struct nb_logical_router_port *lrp)
{
    return dgp_of(lrp) != NULL;
}

const struct nb_logical_router_port *
tunneled_dgp(const struct nb_logical_switch *ls,
             const struct nb_logical_switch_port *lsp)
{
    const char *name = nb_logical_switch_port_options_get(lsp, "router-port");
    const struct nb_logical_router_port *lrp = name ? lrp_by_name(name)
                                                    : NULL;
    const struct dgp *dgp = lrp ? dgp_of(lrp) : NULL;
    if (!dgp || inc_find_one(&lsps_by_peer, name, strlen(name)) != lsp) {
        return NULL;
    }

    const struct nb_logical_router *lr = dgp_lr(dgp);
    return (inc_bucket_n(inc_find(&dgps_by_lr, &lr, sizeof lr)) == 1
            && !inc_bucket_n(inc_find(&localnets_by_ls, &ls, sizeof ls))
            ? lrp : NULL);
}

/* On a gateway router, which is on one chassis as a whole, a port cannot be
 * somewhere else. */
static void
run_dgps(const void *row)
{
    const struct nb_logical_router_port *lrp = row;
    const struct nb_logical_router *lr
        = inc_find_one(&lr_by_port, nb_logical_router_port_uuid(lrp),
                       sizeof(struct uuid));
    if (!lr || (!db_n(nb_logical_router_port_gateway_chassis(lrp))
                && !nb_logical_router_port_ha_chassis_group_uuid(lrp))) {
        return;
    }

    const char *chassis = nb_logical_router_options_get(lr, "chassis");
    if (chassis && chassis[0]) {
        invalid(lrp, "its router is a gateway router on chassis \"%s\": the "
                "port's own gateway chassis are ignored", chassis);
        return;
    }
    emit_dgp(&(struct dgp_v) { .lrp = lrp, .lr = lr });
}
const struct inc_rule dgps = {
    .name = "dgps", .driver = &nb_logical_router_port_table.inc,
    .run = run_dgps,
};

static void
run_localnets(const void *row)
{
    const struct nb_logical_switch_port *lsp = row;
    if (strcmp(nb_logical_switch_port_type(lsp), "localnet")) {
        return;
    }

    const struct nb_logical_switch *ls
        = inc_find_one(&ls_by_port, nb_logical_switch_port_uuid(lsp),
                       sizeof(struct uuid));
    if (ls) {
        emit_localnet(&(struct localnet_v) { .lsp = lsp, .ls = ls });
    }
}
const struct inc_rule localnets = {
    .name = "localnets", .driver = &nb_logical_switch_port_table.inc,
    .run = run_localnets,
};
