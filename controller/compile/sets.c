/* Address sets, port groups and dialect, as the flow language asks for
 * them. */
#include <config.h>
#include "controller/compile/sets.h"

#include "controller/compile/compile.h"
#include "controller/model/local_datapath.h"
#include "controller/out/sb.h"
#include "controller/rule.h"

INC_TABLE_DEFINE(dialect, DIALECT_FIELDS, .kind = INC_DERIVED,
                 .broad = true);

static void
set_name_key(const void *v, struct inc_keys *keys)
{
    const char *name = sb_address_set_name(v);
    inc_keys_add(keys, name, strlen(name));
}
struct inc_index address_set_by_name = {
    .name = "address_set_by_name", .table = &sb_address_set_table.inc,
    .keys = set_name_key, .mask = INC_COL(SB_ADDRESS_SET_COL_NAME),
};

static void
group_name_key(const void *v, struct inc_keys *keys)
{
    const char *name = sb_port_group_name(v);
    inc_keys_add(keys, name, strlen(name));
}
struct inc_index port_group_by_name = {
    .name = "port_group_by_name", .table = &sb_port_group_table.inc,
    .keys = group_name_key, .mask = INC_COL(SB_PORT_GROUP_COL_NAME),
};

static void
constant_key(const void *v OVS_UNUSED, struct inc_keys *keys)
{
    inc_keys_add(keys, "", 1);
}
struct inc_index dialect_index = {
    .name = "dialect", .table = &dialect_table, .keys = constant_key,
};

/* ---- Sets. ---- */

void
set_source_init(struct set_source *source, uint32_t dp_key)
{
    *source = (struct set_source) { .dp_key = dp_key };
    source->env = (struct expr_env) {
        .address_set = set_source_address_set,
        .port_group = set_source_port_group,
        .aux = source,
    };
}

void
set_source_destroy(struct set_source *source)
{
    for (size_t i = 0; i < source->n_sets; i++) {
        const_set_destroy(source->sets[i]);
        free(source->sets[i]);
    }
    free(source->sets);
}

static struct const_set *
new_set(struct set_source *source)
{
    struct const_set *set = xmalloc(sizeof *set);
    const_set_init(set);
    if (source->n_sets >= source->cap_sets) {
        source->sets = x2nrealloc(source->sets, &source->cap_sets,
                                  sizeof *source->sets);
    }
    source->sets[source->n_sets++] = set;
    return set;
}

const struct const_set *
set_source_address_set(const char *name, void *source_)
{
    struct set_source *source = source_;
    const struct sb_address_set *as
        = inc_find_one(&address_set_by_name, name, strlen(name));
    if (!as) {
        return NULL;
    }

    struct const_set *set = new_set(source);
    const struct ovsdb_datum *addresses = sb_address_set_addresses(as);
    for (size_t i = 0; i < db_n(addresses); i++) {
        char *error = const_set_add_address(set, db_str(addresses, i));
        if (error && !source->quiet) {
            invalid(as, "addresses: %s", error);
        }
        free(error);
    }
    return set;
}

/* The part of a group that is on a datapath has the datapath's key in its
 * name. */
static void
add_group_members(struct const_set *set, uint32_t dp_key, const char *name)
{
    istr full = istr_fmt("%"PRIu32"_%s", dp_key, name);
    const struct sb_port_group *pg
        = inc_find_one(&port_group_by_name, full.s, istr_len(full));

    if (pg) {
        const struct ovsdb_datum *ports = sb_port_group_ports(pg);
        for (size_t i = 0; i < db_n(ports); i++) {
            const_set_add_string(set, db_str(ports, i));
        }
    }
}

const struct const_set *
set_source_port_group(const char *name, void *source_)
{
    struct set_source *source = source_;
    struct const_set *set = new_set(source);

    source->by_datapath = true;
    set->is_string = true;
    if (source->dp_key) {
        add_group_members(set, source->dp_key, name);
    } else {
        const struct local_datapath *ld;
        INC_FOR_EACH (ld, &local_datapath_table) {
            add_group_members(set, local_datapath_key(ld), name);
        }
    }
    return set;
}

/* ---- Dialect. ---- */

/* Keys that a northd of 24.09 to 26.03 sets to true.  Older ones mean false by
 * leaving them out, younger ones mean true: their version tells. */
static bool
dialect_bit(const struct sb_sb_global *global, const char *key)
{
    const char *s = sb_sb_global_options_get(global, key);
    if (s) {
        return !strcmp(s, "true");
    }
    const char *version = sb_sb_global_options_get(
        global, "northd_internal_version");
    unsigned int year, month;
    return (version && sscanf(version, "%u.%u", &year, &month) == 2
            && year * 100 + month > 2603);
}

static void
run_dialects(const void *row OVS_UNUSED)
{
    const struct sb_sb_global *global = the_sb_global();
    emit_dialect(&(struct dialect_v) {
        .one = 1,
        .consolidated_registers
            = global && dialect_bit(global, "register_consolidation"),
        .explicit_arp_output
            = global && dialect_bit(global, "arp_ns_explicit_output"),
    });
}
const struct inc_rule dialects = { .name = "dialects", .run = run_dialects };
