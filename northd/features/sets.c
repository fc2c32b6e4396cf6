/* DOC: address sets and port groups
 *
 * Copies NB Address_Set; splits NB Port_Group into one SB Port_Group per
 * switch (named "KEY_NAME" after the switch's tunnel key) and two address
 * sets, NAME_ip4 and NAME_ip6, with the addresses of the ports. */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"
#include "northd/model/address.h"
#include "northd/model/config.h"
#include "northd/model/datapath.h"
#include "northd/model/port.h"
#include "northd/out/sb.h"

static void
emit_set(const char *name, istr addresses)
{
    emit_sb_addr_set(&(struct sb_addr_set_v) {
        .uuid = db_uuid_for(&sb_address_set_table, "%s", name),
        .name = text(name), .addresses = addresses,
    });
}

static void
run_address_sets(const void *row)
{
    const struct nb_address_set *as = row;
    const struct ovsdb_datum *addresses = nb_address_set_addresses(as);
    struct db_set *set = db_set_start();

    for (size_t i = 0; i < db_n(addresses); i++) {
        db_set_str(set, db_str(addresses, i));
    }
    emit_set(nb_address_set_name(as), db_set_finish(set));
}
const struct inc_rule address_sets = {
    .name = "address_sets", .driver = &nb_address_set_table.inc,
    .run = run_address_sets,
};

static void
run_svc_monitor_set(const void *row OVS_UNUSED)
{
    struct db_set *set = db_set_start();
    db_set_str(set, config_svc_monitor_mac(the_config()).s);
    emit_set("svc_monitor_mac", db_set_finish(set));
}
const struct inc_rule svc_monitor_set = { .name = "svc_monitor_set",
                                          .run = run_svc_monitor_set };

static void
add_words(struct db_set *set, istr words)
{
    char *copy = xstrdup(words.s ? words.s : "");
    char *save_ptr = NULL;
    for (const char *word = strtok_r(copy, " ", &save_ptr); word;
         word = strtok_r(NULL, " ", &save_ptr)) {
        db_set_str(set, word);
    }
    free(copy);
}

static istr
group_addresses(const struct ovsdb_datum *ports, bool ip6)
{
    struct db_set *set = db_set_start();
    for (size_t i = 0; i < db_n(ports); i++) {
        const struct port *port = port_by_uuid(db_ref(ports, i));
        const struct port_ips *ips = port ? port_ips_of(port) : NULL;
        if (ips) {
            add_words(set, ip6 ? port_ips_ip6(ips) : port_ips_ip4(ips));
        }
    }
    return db_set_finish(set);
}

static void
run_port_group_sets(const void *row)
{
    const struct nb_port_group *pg = row;
    const struct ovsdb_datum *ports = nb_port_group_ports(pg);
    const char *name = nb_port_group_name(pg);

    emit_set(fmt("%s_ip4", name).s, group_addresses(ports, false));
    emit_set(fmt("%s_ip6", name).s, group_addresses(ports, true));
}
const struct inc_rule port_group_sets = {
    .name = "port_group_sets", .driver = &nb_port_group_table.inc,
    .run = run_port_group_sets,
};

/* A port of a group, with the switch it is on. */
struct member {
    const struct datapath *dp;
    const char *name;
};

static int
compare_members(const void *a_, const void *b_)
{
    const struct member *a = a_;
    const struct member *b = b_;
    return a->dp < b->dp ? -1 : a->dp > b->dp;
}

static void
emit_group_part(const char *group, const struct member *members, size_t n)
{
    struct db_set *set = db_set_start();
    for (size_t i = 0; i < n; i++) {
        db_set_str(set, members[i].name);
    }
    istr name = fmt("%"PRIu32"_%s", datapath_key(members[0].dp), group);
    emit_sb_pg(&(struct sb_pg_v) {
        .uuid = db_uuid_for(&sb_port_group_table, "%s", name.s),
        .name = name, .ports = db_set_finish(set),
    });
}

static void
run_port_groups(const void *row)
{
    const struct nb_port_group *pg = row;
    const struct ovsdb_datum *ports = nb_port_group_ports(pg);
    struct member *members = xmalloc((db_n(ports) + 1) * sizeof *members);
    size_t n = 0;

    for (size_t i = 0; i < db_n(ports); i++) {
        const struct port *port = port_by_uuid(db_ref(ports, i));
        if (port) {
            members[n++] = (struct member) { port_dp(port),
                                             port_name(port).s };
        }
    }
    qsort(members, n, sizeof *members, compare_members);
    for (size_t i = 0, j; i < n; i = j) {
        for (j = i + 1; j < n && members[j].dp == members[i].dp; j++) {
            continue;
        }
        emit_group_part(nb_port_group_name(pg), &members[i], j - i);
    }
    free(members);
}
const struct inc_rule port_groups = {
    .name = "port_groups", .driver = &nb_port_group_table.inc,
    .run = run_port_groups,
};
