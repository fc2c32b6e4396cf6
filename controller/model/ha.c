/* DOC: election
 *
 * Reads SB HA_Chassis_Group and HA_Chassis: a port that refers to a group
 * (chassisredirect, external) is active on the chassis with the highest
 * priority among those that are alive (reference D49, D50, J32).  Each chassis
 * finds out by itself, from BFD in its tunnels.  One that nobody answers is
 * taken for cut off and is not active, unless it is alone in its group. */
#include <config.h>
#include "controller/model/ha.h"

#include "controller/model/bfd.h"
#include "controller/model/config.h"
#include "controller/model/local_datapath.h"
#include "controller/rule.h"

INC_TABLE_DEFINE(ha_port, HA_PORT_FIELDS, .kind = INC_DERIVED);

static void
ha_port_key(const void *v_, struct inc_keys *keys)
{
    const struct ha_port_v *v = v_;
    inc_keys_add_istr(keys, v->name);
}
struct inc_index ha_port_by_name_index = {
    .name = "ha_port_by_name", .table = &ha_port_table, .keys = ha_port_key,
    .mask = INC_MASK(ha_port, name),
};

const struct ha_port *
ha_port_by_name(const char *name)
{
    return inc_find_one(&ha_port_by_name_index, name, strlen(name));
}

bool
ha_is_member(const char *name)
{
    const struct ha_port *port = ha_port_by_name(name);
    return port && ha_port_member(port);
}

bool
ha_is_active(const char *name)
{
    const struct ha_port *port = ha_port_by_name(name);
    return port && ha_port_active(port);
}

/* ---- Candidates. ---- */

struct candidate {
    struct uuid chassis;
    int64_t priority;
};

/* Equal priorities are told apart in the same way on all chassis. */
static int
compare_candidates(const void *a_, const void *b_)
{
    const struct candidate *a = a_;
    const struct candidate *b = b_;
    return (a->priority != b->priority
            ? (a->priority > b->priority ? -1 : 1)
            : uuid_compare_3way(&a->chassis, &b->chassis));
}

void
ha_candidates_init(struct ha_candidates *c, const struct sb_port_binding *pb)
{
    const struct sb_ha_chassis_group *group
        = sb_port_binding_ha_chassis_group(pb);
    *c = (struct ha_candidates) { .chassis = NULL };
    if (!group) {
        return;
    }

    const struct ovsdb_datum *members = sb_ha_chassis_group_ha_chassis(group);
    struct candidate *all = xmalloc(MAX(1, db_n(members)) * sizeof *all);
    for (size_t i = 0; i < db_n(members); i++) {
        const struct sb_ha_chassis *m = sb_ha_chassis_get(db_ref(members, i));
        const struct uuid *chassis = m ? sb_ha_chassis_chassis_uuid(m) : NULL;
        if (chassis) {
            all[c->n++] = (struct candidate) {
                .chassis = *chassis, .priority = sb_ha_chassis_priority(m),
            };
        }
    }
    qsort(all, c->n, sizeof *all, compare_candidates);
    c->chassis = xmalloc(MAX(1, c->n) * sizeof *c->chassis);
    for (size_t i = 0; i < c->n; i++) {
        c->chassis[i] = all[i].chassis;
    }
    free(all);
}

void
ha_candidates_destroy(struct ha_candidates *c)
{
    free(c->chassis);
}

/* ---- Election. ---- */

static void
elect(const struct ha_candidates *c, const struct uuid *us,
      struct ha_port_v *v)
{
    bool taken = false;
    for (size_t i = 0; i < c->n && !v->member; i++) {
        if (uuid_equals(&c->chassis[i], us)) {
            v->member = true;
            v->active = !taken && (c->n == 1 || any_chassis_is_live());
        } else {
            taken |= chassis_is_live(&c->chassis[i]);
        }
    }
}

static void
run_ha_ports(const void *row)
{
    const struct sb_port_binding *pb = row;
    const struct config *config = the_config();
    if (!config || !sb_port_binding_ha_chassis_group_uuid(pb)) {
        return;
    }

    struct uuid us = config_chassis_uuid(config);
    struct ha_port_v v = {
        .pb = pb, .name = istr_intern(sb_port_binding_logical_port(pb)),
        .dp = *sb_port_binding_datapath_uuid(pb),
    };
    struct ha_candidates c;
    ha_candidates_init(&c, pb);
    elect(&c, &us, &v);
    ha_candidates_destroy(&c);
    emit_ha_port(&v);
}
const struct inc_rule ha_ports = {
    .name = "ha_ports", .driver = &sb_port_binding_table.inc,
    .run = run_ha_ports,
};

/* Who may have to take over is prepared. */
static void
run_ha_seeds(const void *row)
{
    const struct ha_port *port = row;
    if (ha_port_member(port)) {
        emit_dp_seed(&(struct dp_seed_v) { .dp = ha_port_dp(port) });
    }
}
const struct inc_rule ha_seeds = {
    .name = "ha_seeds", .driver = &ha_port_table, .run = run_ha_seeds,
};
