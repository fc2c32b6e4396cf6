#include "test-ovn.h"
#include "flows-db.h"

#include "openvswitch/json.h"
#include "text/lex.h"

/* Columns of OVSDB's JSON. */

static const struct json *
column(const struct json *row, const char *name)
{
    const struct json *value = shash_find_data(row->object, name);

    if (!value) {
        ovs_fatal(0, "a row has no column %s", name);
    }
    return value;
}

/* The members of a set, or the pairs of a map. */
struct list {
    struct json *const *v;
    size_t n;
};

static struct list
list_column(const struct json *row, const char *name)
{
    struct shash_node *node = shash_find(row->object, name);
    const struct json *value = node->data;

    if (value->type == JSON_ARRAY && value->array.n == 2
        && value->array.elems[1]->type == JSON_ARRAY) {
        const struct json_array *array = &value->array.elems[1]->array;
        return (struct list) { array->elems, array->n };
    }
    /* A set of one value is written as that value. */
    return (struct list) { (struct json *const *) &node->data, 1 };
}

static const char *
string_column(const struct json *row, const char *name)
{
    return json_string(column(row, name));
}

static int64_t
integer_column(const struct json *row, const char *name)
{
    return json_integer(column(row, name));
}

/* ["uuid", "..."], or null for an empty set. */
static const char *
uuid_of(const struct json *value)
{
    return (value->array.n == 2 && !strcmp(json_string(value->array.elems[0]),
                                           "uuid")
            ? json_string(value->array.elems[1]) : NULL);
}

static const char *
map_get(const struct json *row, const char *name, const char *key)
{
    struct list list = list_column(row, name);

    for (size_t i = 0; i < list.n; i++) {
        const struct json *pair = list.v[i];

        if (!strcmp(json_string(pair->array.elems[0]), key)) {
            return json_string(pair->array.elems[1]);
        }
    }
    return NULL;
}

/* Tables. */

static void
add_datapath(struct flows_db *db, const struct json *row)
{
    struct flows_dp *dp = xzalloc(sizeof *dp);

    dp->uuid = uuid_of(column(row, "_uuid"));
    dp->key = integer_column(row, "tunnel_key");
    dp->is_switch = map_get(row, "external_ids", "logical-switch") != NULL;
    simap_init(&dp->ports);
    shash_add(&db->dps, dp->uuid, dp);
}

static void
add_port(struct flows_db *db, const struct json *row, const char *name)
{
    struct flows_dp *dp = shash_find_data(
        &db->dps, uuid_of(column(row, "datapath")));

    simap_put(&dp->ports, string_column(row, name),
              integer_column(row, "tunnel_key"));
}

static struct const_set *
add_set(struct shash *sets, const char *name)
{
    struct const_set *set = xmalloc(sizeof *set);

    const_set_init(set);
    shash_add(sets, name, set);
    return set;
}

static void
add_address_set(struct flows_db *db, const struct json *row)
{
    const char *name = string_column(row, "name");
    struct const_set *set = add_set(&db->address_sets, name);

    struct list list = list_column(row, "addresses");
    for (size_t i = 0; i < list.n; i++) {
        const struct json *address = list.v[i];

        char *error = const_set_add_address(set, json_string(address));
        if (error) {
            ovs_fatal(0, "address set %s: %s", name, error);
        }
    }
}

static void
add_port_group(struct flows_db *db, const struct json *row)
{
    struct const_set *set = add_set(&db->port_groups,
                                    string_column(row, "name"));

    set->is_string = true;
    struct list list = list_column(row, "ports");
    for (size_t i = 0; i < list.n; i++) {
        const struct json *port = list.v[i];

        const_set_add_string(set, json_string(port));
    }
}

static void
add_option(struct ovnact_opt_defs *defs, const struct json *row)
{
    enum ovnact_opt_type type;

    if (!ovnact_opt_type_from_string(string_column(row, "type"), &type)) {
        ovs_fatal(0, "unknown type of DHCP option");
    }
    ovnact_opt_defs_add(defs, string_column(row, "name"),
                        integer_column(row, "code"), type);
}

static const char *
find_template(const char *name, void *db_)
{
    const struct flows_db *db = db_;

    return smap_get(&db->templates, name);
}

static char *
expand(struct flows_db *db, const char *text)
{
    char *s = lex_expand_templates(text, find_template, db);

    return s ? s : xstrdup(text);
}

static void
add_flow(struct flows_db *db, const struct json *row,
         const struct shash *groups)
{
    struct flows_flow *flow = &db->flows[db->n++];
    const char *dp = uuid_of(column(row, "logical_datapath"));
    const char *group = uuid_of(column(row, "logical_dp_group"));
    const char *ct = map_get(row, "tags", "acl_ct_translation");

    *flow = (struct flows_flow) {
        .match = expand(db, string_column(row, "match")),
        .actions = expand(db, string_column(row, "actions")),
        .table.pipeline = (!strcmp(string_column(row, "pipeline"), "egress")
                           ? OVNACT_P_EGRESS : OVNACT_P_INGRESS),
        .table.ltable = integer_column(row, "table_id"),
        .symtab = (ct && !strcmp(ct, "true") ? SYMTAB_ACL_CT : SYMTAB_FLOW),
    };
    if (dp) {
        flow->n_dps = 1;
        flow->dps = xmalloc(sizeof *flow->dps);
        flow->dps[0] = shash_find_data(&db->dps, dp);
        return;
    }

    struct list list = list_column(shash_find_data(groups, group),
                                   "datapaths");
    flow->dps = xcalloc(list.n, sizeof *flow->dps);
    for (size_t i = 0; i < list.n; i++) {
        const struct json *uuid = list.v[i];

        flow->dps[flow->n_dps++] = shash_find_data(&db->dps, uuid_of(uuid));
    }
}

/* The rows of the table that the i-th operation of the query selects. */
static const struct json_array *
rows(const struct flows_db *db, size_t i)
{
    const struct json *result = db->json->array.elems[i];

    return &((const struct json *) shash_find_data(result->object,
                                                   "rows"))->array;
}

static void
load_templates(struct flows_db *db, const char *chassis)
{
    const struct json_array *vars = rows(db, 8);

    for (size_t i = 0; i < vars->n; i++) {
        if (strcmp(string_column(vars->elems[i], "chassis"), chassis)) {
            continue;
        }
        struct list list = list_column(vars->elems[i], "variables");
        for (size_t j = 0; j < list.n; j++) {
            const struct json *pair = list.v[j];

            smap_replace(&db->templates, json_string(pair->array.elems[0]),
                         json_string(pair->array.elems[1]));
        }
    }
}

static void
load_flows(struct flows_db *db)
{
    const struct json_array *groups = rows(db, 9);
    const struct json_array *flows = rows(db, 10);
    struct shash by_uuid = SHASH_INITIALIZER(&by_uuid);

    for (size_t i = 0; i < groups->n; i++) {
        shash_add(&by_uuid, uuid_of(column(groups->elems[i], "_uuid")),
                  groups->elems[i]);
    }
    db->flows = xcalloc(flows->n + 1, sizeof *db->flows);
    for (size_t i = 0; i < flows->n; i++) {
        add_flow(db, flows->elems[i], &by_uuid);
    }
    shash_destroy(&by_uuid);
}

void
flows_db_load(struct flows_db *db, const char *file, const char *chassis)
{
    memset(db, 0, sizeof *db);
    shash_init(&db->address_sets);
    shash_init(&db->port_groups);
    shash_init(&db->dps);
    ovnact_opt_defs_init(&db->dhcp_opts);
    ovnact_opt_defs_init(&db->dhcpv6_opts);
    smap_init(&db->templates);
    sset_init(&db->meters);
    simap_init(&db->groups);

    db->json = json_from_file(file);
    if (db->json->type != JSON_ARRAY || db->json->array.n != 11) {
        ovs_fatal(0, "%s: not the results of flows-db.query", file);
    }
    for (size_t t = 0; t < 8; t++) {
        const struct json_array *table = rows(db, t);
        for (size_t i = 0; i < table->n; i++) {
            const struct json *row = table->elems[i];

            switch (t) {
            case 0: add_datapath(db, row); break;
            case 1: add_port(db, row, "logical_port"); break;
            case 2: add_port(db, row, "name"); break;
            case 3: add_address_set(db, row); break;
            case 4: add_port_group(db, row); break;
            case 5: add_option(&db->dhcp_opts, row); break;
            case 6: add_option(&db->dhcpv6_opts, row); break;
            case 7: sset_add(&db->meters, string_column(row, "name")); break;
            }
        }
    }
    load_templates(db, chassis);
    load_flows(db);
}

static void
destroy_sets(struct shash *sets)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, sets) {
        const_set_destroy(node->data);
    }
    shash_destroy_free_data(sets);
}

void
flows_db_destroy(struct flows_db *db)
{
    struct shash_node *node;

    destroy_sets(&db->address_sets);
    destroy_sets(&db->port_groups);
    SHASH_FOR_EACH (node, &db->dps) {
        struct flows_dp *dp = node->data;
        simap_destroy(&dp->ports);
    }
    shash_destroy_free_data(&db->dps);
    ovnact_opt_defs_destroy(&db->dhcp_opts);
    ovnact_opt_defs_destroy(&db->dhcpv6_opts);
    smap_destroy(&db->templates);
    sset_destroy(&db->meters);
    simap_destroy(&db->groups);
    for (size_t i = 0; i < db->n; i++) {
        free(db->flows[i].match);
        free(db->flows[i].actions);
        free(db->flows[i].dps);
    }
    free(db->flows);
    json_destroy(db->json);
}

/* Callbacks. */

static const struct const_set *
find_address_set(const char *name, void *source_)
{
    const struct flows_source *source = source_;

    return shash_find_data(&source->db->address_sets, name);
}

static const struct const_set *
find_port_group(const char *name, void *source_)
{
    struct flows_source *source = source_;
    char *full = xasprintf("%"PRIu32"_%s", source->dp->key, name);
    const struct const_set *set = shash_find_data(&source->db->port_groups,
                                                  full);

    free(full);
    return set ? set : &source->empty;
}

void
flows_source_init(struct flows_source *source, struct flows_db *db,
                  const struct flows_dp *dp)
{
    *source = (struct flows_source) {
        .db = db, .dp = dp,
        .env = { find_address_set, find_port_group, source },
    };
    const_set_init(&source->empty);
    source->empty.is_string = true;
}

bool
flows_lookup_port(const char *name, uint32_t *key, void *source_)
{
    const struct flows_source *source = source_;
    const struct simap_node *node = simap_find(&source->dp->ports, name);

    *key = node ? node->data : 0;
    return node || !strcmp(name, "none");
}

static bool
tunnel_ofport(const char *name OVS_UNUSED, ofp_port_t *ofport,
              void *aux OVS_UNUSED)
{
    *ofport = OFP_PORT_C(7);
    return true;
}

static bool
is_chassis_resident(const char *name OVS_UNUSED, void *aux OVS_UNUSED)
{
    return true;
}

static uint32_t
get_group(const char *spec, void *source_)
{
    const struct flows_source *source = source_;
    uint32_t id = simap_get(&source->db->groups, spec);

    if (!id) {
        id = simap_count(&source->db->groups) + 1;
        simap_put(&source->db->groups, spec, id);
    }
    return id;
}

static uint32_t
meter_by_name(const char *name, void *source_)
{
    const struct flows_source *source = source_;

    return sset_contains(&source->db->meters, name) ? 51 : 0;
}

static uint32_t
meter_by_rate(uint64_t rate OVS_UNUSED, uint64_t burst OVS_UNUSED,
              void *aux OVS_UNUSED)
{
    return 52;
}

static bool
has_collector_set(uint32_t id OVS_UNUSED, void *aux OVS_UNUSED)
{
    return true;
}

const struct ovnact_callbacks flows_callbacks = {
    .lookup_port = flows_lookup_port,
    .tunnel_ofport = tunnel_ofport,
    .is_chassis_resident = is_chassis_resident,
    .group = get_group,
    .meter_by_name = meter_by_name,
    .meter_by_rate = meter_by_rate,
    .has_collector_set = has_collector_set,
};
