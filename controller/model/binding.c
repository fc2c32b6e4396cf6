/* DOC: port binding
 *
 * Reads SB Port_Binding and the interfaces of the integration bridge.  Claims
 * in SB the ports that have an interface here, unless they are meant for
 * another chassis, and gives them back when the interface goes.  Says "up" in
 * SB when the switch has confirmed the port's flows, and after that
 * "ovn-installed" at the interface (reference B34, B35, J35). */
#include <config.h>
#include "controller/model/binding.h"

#include "controller/model/bridge.h"
#include "controller/model/config.h"
#include "controller/model/ha.h"
#include "controller/model/patch.h"
#include "controller/model/tunnel.h"
#include "controller/model/vif.h"
#include "controller/out/sb.h"
#include "controller/out/vs.h"
#include "controller/rule.h"
#include "openvswitch/list.h"

INC_TABLE_DEFINE(local_port, LOCAL_PORT_FIELDS, .kind = INC_DERIVED);
INC_TABLE_DEFINE(installed, INSTALLED_FIELDS, .kind = INC_INPUT);
INC_TABLE_DEFINE(lost, LOST_FIELDS, .kind = INC_INPUT);

/* ---- Indexes. ---- */

static void
local_name_key(const void *v_, struct inc_keys *keys)
{
    const struct local_port_v *v = v_;
    inc_keys_add_istr(keys, v->name);
}
struct inc_index local_port_by_name_index = {
    .name = "local_port_by_name", .table = &local_port_table,
    .keys = local_name_key, .mask = INC_MASK(local_port, name),
};

static void
local_dp_key(const void *v_, struct inc_keys *keys)
{
    const struct local_port_v *v = v_;
    inc_keys_add(keys, &v->dp, sizeof v->dp);
}
struct inc_index local_ports_by_dp = {
    .name = "local_ports_by_dp", .table = &local_port_table,
    .keys = local_dp_key, .mask = INC_MASK(local_port, dp),
};

static void
pb_name_key(const void *pb, struct inc_keys *keys)
{
    const char *name = sb_port_binding_logical_port(pb);
    inc_keys_add(keys, name, strlen(name));
}
struct inc_index pb_by_name = {
    .name = "pb_by_name", .table = &sb_port_binding_table.inc,
    .keys = pb_name_key, .mask = INC_COL(SB_PORT_BINDING_COL_LOGICAL_PORT),
};

static void
pb_dp_key(const void *pb, struct inc_keys *keys)
{
    inc_keys_add(keys, sb_port_binding_datapath_uuid(pb),
                 sizeof(struct uuid));
}
struct inc_index pb_by_dp = {
    .name = "pb_by_dp", .table = &sb_port_binding_table.inc,
    .keys = pb_dp_key, .mask = INC_COL(SB_PORT_BINDING_COL_DATAPATH),
};

static void
installed_key(const void *v_, struct inc_keys *keys)
{
    const struct installed_v *v = v_;
    inc_keys_add_istr(keys, v->name);
}
struct inc_index installed_index = {
    .name = "installed", .table = &installed_table, .keys = installed_key,
};

static void
lost_key(const void *v_, struct inc_keys *keys)
{
    const struct lost_v *v = v_;
    inc_keys_add_istr(keys, v->name);
}
struct inc_index lost_index = {
    .name = "lost", .table = &lost_table, .keys = lost_key,
};

const struct local_port *
local_port_by_name(const char *name)
{
    return inc_find_one(&local_port_by_name_index, name, strlen(name));
}

const struct installed *
installed_by_name(const char *name)
{
    return inc_find_one(&installed_index, name, strlen(name));
}

/* Has the switch confirmed the flows of the port as it is now?  An interface
 * that comes anew under its name is another one. */
static const struct installed *
installed_port(const struct local_port *port)
{
    const struct installed *i = installed_by_name(local_port_name(port).s);
    if (!i || installed_ofport(i) != local_port_ofport(port)) {
        return NULL;
    }
    struct uuid there = installed_iface(i);
    struct uuid here = local_port_iface(port);
    return uuid_equals(&there, &here) ? i : NULL;
}

bool
lport_is_resident(const char *name)
{
    const struct local_port *port = local_port_by_name(name);
    return port && local_port_ours(port);
}

bool
lport_is_absent(const char *name)
{
    if (lport_is_resident(name)) {
        return false;
    }
    const struct sb_port_binding *pb
        = inc_find_one(&pb_by_name, name, strlen(name));
    const char *type = pb ? sb_port_binding_type(pb) : NULL;
    return type && (!type[0] || !strcmp(type, "localport"));
}

/* ---- Which ports are here. ---- */

static bool
is_us(const char *name, size_t len)
{
    const struct config *config = the_config();
    istr names[] = { config_chassis_name(config), config_hostname(config) };

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (names[i].s && strlen(names[i].s) == len
            && !strncmp(names[i].s, name, len)) {
            return true;
        }
    }
    return false;
}

/* May this chassis have the port?  requested-chassis names who may, by chassis
 * or host name: the one that shall have it, then those that shall have it at
 * the same time (reference F97).  Empty means everybody. */
enum role { ROLE_NONE, ROLE_MAIN, ROLE_ADDITIONAL };

static enum role
role_of(const struct sb_port_binding *pb)
{
    const char *s = sb_port_binding_options_get(pb, "requested-chassis");
    if (!s || !s[0]) {
        return ROLE_MAIN;
    }
    for (enum role role = ROLE_MAIN; ; role = ROLE_ADDITIONAL) {
        size_t len = strcspn(s, ",");
        if (is_us(s, len)) {
            return role;
        }
        if (!s[len]) {
            return ROLE_NONE;
        }
        s += len + 1;
    }
}

/* A recreated interface of the same name must not get its forerunner's port:
 * a version that the port asks for has to match. */
static bool
version_fits(const struct sb_port_binding *pb, const struct vif *vif)
{
    const char *want = sb_port_binding_options_get(pb, "iface-id-ver");
    const char *have = vif_iface_id_ver(vif).s;
    return !want || !want[0] || (have && !strcmp(want, have));
}

static uint32_t
tag_of(const struct sb_port_binding *pb)
{
    const int64_t *tag = sb_port_binding_tag(pb);
    return tag ? *tag : 0;
}

/* Fills in 'v' if 'pb' has an interface here that may carry it; 'carrier' is
 * the logical port whose interface it is. */
static bool
fill_from_vif(const struct sb_port_binding *pb, const char *carrier,
              struct local_port_v *v)
{
    const struct vif *vif = vif_by_iface_id(carrier);
    enum role role = role_of(pb);
    if (!vif || role == ROLE_NONE) {
        return false;
    }
    v->additional = role == ROLE_ADDITIONAL;
    v->ofport = vif_ofport(vif);
    v->iface = *vs_interface_uuid(vif_iface(vif));
    v->encap_ip = vif_encap_ip(vif);
    return v->kind == LPORT_CONTAINER || version_fits(pb, vif);
}

static bool
fill_from_patch(const struct sb_port_binding *pb, struct local_port_v *v)
{
    const char *network = sb_port_binding_options_get(pb, "network_name");
    if (!network || !bridge_of_network(network).s) {
        return false;
    }
    v->ofport = ofport_by_name(
        patch_port_name(sb_port_binding_logical_port(pb)).s);
    return true;
}

/* Is this chassis named by the option 'key'? */
static bool
is_meant_for_us(const struct sb_port_binding *pb, const char *key)
{
    const char *chassis = sb_port_binding_options_get(pb, key);
    return chassis && is_us(chassis, strlen(chassis));
}

static bool
needs_claim(enum lport_kind kind)
{
    return kind != LPORT_LOCALPORT && kind != LPORT_LOCALNET;
}

/* Have all chassis of a group a say in who has it? */
static bool
is_elected(enum lport_kind kind)
{
    return kind == LPORT_REDIRECT || kind == LPORT_EXTERNAL;
}

static enum claim_state
claim_state(const struct sb_port_binding *pb)
{
    const struct uuid *holder = sb_port_binding_chassis_uuid(pb);
    struct uuid us = config_chassis_uuid(the_config());
    return (!holder ? CLAIM_NONE
            : uuid_equals(holder, &us) ? CLAIM_OURS
            : CLAIM_OTHERS);
}

/* Did another chassis take the port from us? */
static bool
is_lost(const struct sb_port_binding *pb)
{
    const char *name = sb_port_binding_logical_port(pb);
    return (claim_state(pb) == CLAIM_OTHERS
            && inc_find_one(&lost_index, name, strlen(name)));
}

static void
run_local_ports(const void *row)
{
    const struct sb_port_binding *pb = row;
    const struct config *config = the_config();
    if (!config) {
        return;
    }

    const char *type = sb_port_binding_type(pb);
    const char *parent = sb_port_binding_parent_port(pb);
    const char *name = sb_port_binding_logical_port(pb);
    struct local_port_v v = {
        .pb = pb, .name = istr_intern(name),
        .dp = *sb_port_binding_datapath_uuid(pb), .vlan = tag_of(pb),
    };
    bool here = false;

    if (!type[0] && parent && parent[0]) {
        v.kind = LPORT_CONTAINER;
        here = v.ours = fill_from_vif(pb, parent, &v);
    } else if (!type[0]) {
        v.kind = LPORT_VIF;
        v.vlan = 0;
        here = v.ours = fill_from_vif(pb, name, &v);
    } else if (!strcmp(type, "localport")) {
        v.kind = LPORT_LOCALPORT;
        here = v.ours = fill_from_vif(pb, name, &v);
    } else if (!strcmp(type, "localnet")) {
        v.kind = LPORT_LOCALNET;
        here = v.ours = fill_from_patch(pb, &v);
    } else if (!strcmp(type, "l2gateway")) {
        v.kind = LPORT_L2GATEWAY;
        here = v.ours = (is_meant_for_us(pb, "l2gateway-chassis")
                         && fill_from_patch(pb, &v));
    } else if (!strcmp(type, "l3gateway")) {
        v.kind = LPORT_L3GATEWAY;
        here = v.ours = is_meant_for_us(pb, "l3gateway-chassis");
    } else if (!strcmp(type, "chassisredirect")) {
        v.kind = LPORT_REDIRECT;
        here = v.ours = ha_is_active(name);
    } else if (!strcmp(type, "external")) {
        v.kind = LPORT_EXTERNAL;
        here = v.ours = ha_is_active(name);
    }
    if (!here) {
        return;
    }
    if (needs_claim(v.kind) && !v.additional) {
        emit_claim_watch(&(struct claim_watch_v) {
            .name = v.name, .state = claim_state(pb),
        });
        if (!is_elected(v.kind) && is_lost(pb)) {
            return;
        }
    }
    emit_local_port(&v);
}
const struct inc_rule local_ports = {
    .name = "local_ports", .driver = &sb_port_binding_table.inc,
    .run = run_local_ports,
};

/* ---- Who has them in SB. ---- */

static const struct local_port *
claimable_port(const struct sb_port_binding *pb)
{
    const struct local_port *port
        = local_port_by_name(sb_port_binding_logical_port(pb));
    return (port && local_port_pb(port) == pb
            && needs_claim(local_port_kind(port))) ? port : NULL;
}

static bool
is_among(const struct ovsdb_datum *refs, const struct uuid *uuid)
{
    union ovsdb_atom atom = { .uuid = *uuid };
    unsigned int idx;
    return ovsdb_datum_find_key(refs, &atom, OVSDB_TYPE_UUID, &idx);
}

/* Is it said that 'us' is one of several that have the port? */
static bool
is_additional(const struct sb_port_binding *pb, const struct uuid *us)
{
    return is_among(sb_port_binding_additional_chassis(pb), us);
}

/* additional_chassis and additional_encap with us, with 'encap' if we ask for
 * one, or without us.  All chassis write these sets: who finds itself
 * overwritten by somebody who did not know of it writes again. */
static void
set_additional(const struct sb_port_binding *pb, const struct uuid *us,
               bool with, const struct uuid *encap, struct sb_claim_v *claim)
{
    const struct ovsdb_datum *chassis = sb_port_binding_additional_chassis(pb);
    const struct ovsdb_datum *encaps = sb_port_binding_additional_encap(pb);
    const char *name = chassis_name().s;
    struct db_set *set = db_set_start();
    for (size_t i = 0; i < db_n(chassis); i++) {
        if (!uuid_equals(db_ref(chassis, i), us)) {
            db_set_uuid(set, db_ref(chassis, i));
        }
    }
    if (with) {
        db_set_uuid(set, us);
    }
    claim->additional_chassis = db_set_finish(set);

    set = db_set_start();
    for (size_t i = 0; i < db_n(encaps); i++) {
        const struct sb_encap *e = sb_encap_get(db_ref(encaps, i));
        if (e && strcmp(sb_encap_chassis_name(e), name)) {
            db_set_uuid(set, db_ref(encaps, i));
        }
    }
    if (with && encap) {
        db_set_uuid(set, encap);
    }
    claim->additional_encap = db_set_finish(set);
}

/* What we say in SB about a port that is here.  "up" is never taken back while
 * we have the port: a restart must not make it flap. */
static void
emit_claim(const struct sb_port_binding *pb, const struct local_port *port)
{
    struct uuid us = config_chassis_uuid(the_config());
    const bool *up = sb_port_binding_up(pb);
    bool is_up = (installed_port(port)
                  || (claim_state(pb) == CLAIM_OURS && up && *up));
    struct uuid encap;
    bool has_encap = encap_of_ip(local_port_encap_ip(port), &encap);
    struct sb_claim_v claim = { .uuid = *sb_port_binding_uuid(pb) };

    if (!local_port_additional(port)) {
        claim.chassis = db_opt_uuid(&us);
        claim.encap = db_opt_uuid(has_encap ? &encap : NULL);
        claim.up = db_opt_bool(true, is_up);
        if (is_additional(pb, &us)) {
            set_additional(pb, &us, false, NULL, &claim);
        }
    } else {
        set_additional(pb, &us, true, has_encap ? &encap : NULL, &claim);
        if (claim_state(pb) == CLAIM_OURS) {
            claim.chassis = claim.encap = db_opt_uuid(NULL);
        }
    }
    emit_sb_claim(&claim);
}

/* Was it a rule of ours that claimed it?  An election is not over before all
 * that it depends on was received. */
static bool
is_to_be_released(const struct sb_port_binding *pb)
{
    const char *type = sb_port_binding_type(pb);
    return (!type[0] || !strcmp(type, "l2gateway")
            || !strcmp(type, "l3gateway")
            || ((!strcmp(type, "chassisredirect")
                 || !strcmp(type, "external")) && may_remove()));
}

/* Is somebody who has the port, too, about to take it over from us?  The end
 * of a migration is not to be seen as a time without the port. */
static bool
is_handed_over(const struct sb_port_binding *pb)
{
    const struct uuid *next = sb_port_binding_requested_chassis_uuid(pb);
    return (next && claim_state(pb) == CLAIM_OURS && is_additional(pb, next));
}

/* Takes back what SB says of us. */
static void
emit_release(const struct sb_port_binding *pb, const struct uuid *us)
{
    const struct uuid *holder = sb_port_binding_chassis_uuid(pb);
    struct sb_claim_v claim = { .uuid = *sb_port_binding_uuid(pb) };
    bool any = false;

    if (holder && uuid_equals(holder, us)) {
        claim.chassis = claim.encap = db_opt_uuid(NULL);
        claim.up = db_opt_bool(true, false);
        any = true;
    }
    if (is_additional(pb, us)) {
        set_additional(pb, us, false, NULL, &claim);
        any = true;
    }
    if (any) {
        emit_sb_claim(&claim);
    }
}

/* While leaving there is no configuration any more, but our name. */
static void
release_while_leaving(const struct sb_port_binding *pb)
{
    const struct process *process = the_process();
    istr name = chassis_name();
    if (process && process_leaving(process) && name.s) {
        struct uuid us = db_uuid_for(&sb_chassis_table, "%s", name.s);
        emit_release(pb, &us);
    }
}

static void
run_claims(const void *row)
{
    const struct sb_port_binding *pb = row;

    if (!the_config()) {
        release_while_leaving(pb);
        return;
    }

    struct uuid us = config_chassis_uuid(the_config());
    const struct local_port *port = claimable_port(pb);
    if (!port) {
        if (is_to_be_released(pb) && !is_handed_over(pb)) {
            emit_release(pb, &us);
        }
    } else if (local_port_additional(port) || !is_lost(pb)) {
        /* Chassis that see different things would take an elected port from
         * each other for ever. */
        emit_claim(pb, port);
    }
}
const struct inc_rule claims = {
    .name = "claims", .driver = &sb_port_binding_table.inc,
    .run = run_claims,
};

/* ---- Ports that another chassis took. ---- */

struct noticed {
    struct ovs_list node;
    istr name;
    bool lost;
};
static struct ovs_list noticed = OVS_LIST_INITIALIZER(&noticed);

static void
notice(istr name, bool lost)
{
    struct noticed *n = xmalloc(sizeof *n);
    istr_ref(name);
    *n = (struct noticed) { .name = name, .lost = lost };
    ovs_list_push_back(&noticed, &n->node);
}

/* Was ours and is another's now: lost.  Anybody's or nobody's later, or the
 * interface gone: we may take it again. */
static void
claim_watch_changed(const struct inc_row *row, uint32_t mask)
{
    const struct claim_watch_v *v = claim_watch_untracked(row);
    bool gone = inc_row_is_dead(row);

    if (!gone && mask != INC_ALL && v->state == CLAIM_OTHERS) {
        notice(v->name, true);
    } else if (gone || v->state == CLAIM_NONE) {
        notice(v->name, false);
    }
}
INC_TABLE_DEFINE(claim_watch, CLAIM_WATCH_FIELDS, .kind = INC_DERIVED,
                 .on_change = claim_watch_changed);

bool
claims_update_lost(void)
{
    struct noticed *n;
    bool any = !ovs_list_is_empty(&noticed);
    LIST_FOR_EACH_POP (n, node, &noticed) {
        struct lost_v v = { .name = n->name };
        if (n->lost) {
            inc_input_set(&lost_table, &v);
        } else {
            inc_input_unset(&lost_table, &v);
        }
        istr_unref(n->name);
        free(n);
    }
    return any;
}

/* ---- What we say at the interface. ---- */

/* Writes our two keys of the interface; {NULL}: takes them away. */
static void
emit_status(const struct vs_interface *iface, istr msec)
{
    struct db_map *map = db_map_start();
    if (msec.s) {
        db_map_put(map, "ovn-installed", "true");
        db_map_put(map, "ovn-installed-ts", msec.s);
    }
    emit_vs_iface_status(&(struct vs_iface_status_v) {
        .uuid = *vs_interface_uuid(iface),
        .external_ids = db_map_finish(map),
    });
}

/* When the port of 'iface', which is here and up, was installed; {NULL} if it
 * is not.  What is said already is not taken back while the port stays, so
 * that a restart goes unnoticed. */
static istr
installed_since(const struct vs_interface *iface,
                const struct local_port *port)
{
    const struct installed *installed = installed_port(port);
    const char *said = vs_interface_external_ids_get(iface,
                                                     "ovn-installed-ts");
    if (said && vs_interface_external_ids_get(iface, "ovn-installed")) {
        return istr_intern(said);
    }
    return (installed ? istr_fmt("%"PRId64, installed_msec(installed))
            : (istr) { NULL });
}

static bool
is_said_to_be_up(const struct sb_port_binding *pb)
{
    const struct config *config = the_config();
    const bool *up = sb_port_binding_up(pb);
    if (!config) {
        return false;
    }
    struct uuid us = config_chassis_uuid(config);
    return ((claim_state(pb) == CLAIM_OURS && up && *up)
            || is_additional(pb, &us));
}

/* ovn-installed, once SB says that the port is up and ours (the CNI waits for
 * it).  'ovn-installed-ts' is in milliseconds. */
static void
run_interface_status(const void *row)
{
    const struct vs_interface *iface = row;
    const char *name = vs_interface_external_ids_get(iface, "iface-id");
    const struct vif *vif = name ? vif_by_iface_id(name) : NULL;
    const struct local_port *port = NULL;
    bool up = false;

    if (vif && vif_iface(vif) == iface) {
        port = local_port_by_name(name);
        if (port && needs_claim(local_port_kind(port))) {
            up = is_said_to_be_up(local_port_pb(port));
        }
    }
    if (the_config() && up) {
        istr msec = installed_since(iface, port);
        if (msec.s) {
            emit_status(iface, msec);
            return;
        }
    }
    if (vs_interface_external_ids_get(iface, "ovn-installed")
        && is_our_interface(iface) && may_remove()) {
        emit_status(iface, (istr) { NULL });
    }
}
const struct inc_rule interface_status = {
    .name = "interface_status", .driver = &vs_interface_table.inc,
    .run = run_interface_status,
};
