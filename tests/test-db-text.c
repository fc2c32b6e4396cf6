#include "test-ovn.h"

#include <float.h>
#include <stdlib.h>

#include "lib/db/db.h"
#include "lib/table/nb-table.h"
#include "lib/table/sb-table.h"
#include "lib/table/vs-table.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "ovsdb-error.h"
#include "random.h"
#include "uuid.h"

static void
check_text(istr actual, const char *expected)
{
    if (strcmp(actual.s, expected)) {
        ovs_fatal(0, "got %s, expected %s", actual.s, expected);
    }
}

/* Values that rules build. */
static void
test_db_text(struct ovs_cmdl_context *ctx)
{
    struct uuid a, b;
    ovs_assert(uuid_from_string(&a, "ffffffff-0000-4000-8000-000000000001"));
    ovs_assert(uuid_from_string(&b, "0fffffff-0000-4000-8000-000000000001"));

    struct db_set *set = db_set_start();
    check_text(db_set_finish(set), DB_EMPTY_SET);
    set = db_set_start();
    db_set_str(set, "a\"b");
    db_set_str(set, "a\"b");
    check_text(db_set_finish(set), "\"a\\\"b\"");

    /* One inside of another; order; duplicates. */
    set = db_set_start();
    db_set_str(set, "b");
    db_set_str(set, "a\x01");
    struct db_set *inner = db_set_start();
    db_set_int(inner, 10);
    db_set_int(inner, -9);
    db_set_int(inner, INT64_MIN);
    db_set_int(inner, 10);
    check_text(db_set_finish(inner),
               "[\"set\",[-9223372036854775808,-9,10]]");
    db_set_str(set, "a");
    db_set_str(set, "b");
    check_text(db_set_finish(set), "[\"set\",[\"a\",\"a\\u0001\",\"b\"]]");

    set = db_set_start();
    db_set_uuid(set, &a);
    db_set_uuid(set, &b);
    check_text(db_set_finish(set), "[\"set\",["
               "[\"uuid\",\"0fffffff-0000-4000-8000-000000000001\"],"
               "[\"uuid\",\"ffffffff-0000-4000-8000-000000000001\"]]]");

    struct db_map *map = db_map_start();
    check_text(db_map_finish(map), DB_EMPTY_MAP);
    map = db_map_start();
    db_map_put(map, "k2", "v");
    db_map_put(map, "k1", "old");
    db_map_put_fmt(map, "k1", "%s%d", "new", 1);
    db_map_put_uuid(map, "r", &a);
    check_text(db_map_finish(map), "[\"map\",[[\"k1\",\"new1\"],[\"k2\",\"v\"]"
               ",[\"r\",[\"uuid\",\"ffffffff-0000-4000-8000-000000000001\"]]"
               "]]");

    check_text(db_opt_str(NULL), DB_EMPTY_SET);
    check_text(db_opt_str("x"), "\"x\"");
    check_text(db_opt_int(false, 1), DB_EMPTY_SET);
    check_text(db_opt_int(true, 0), "0");
    check_text(db_opt_bool(false, true), DB_EMPTY_SET);
    check_text(db_opt_bool(true, false), "false");
    check_text(db_opt_uuid(NULL), DB_EMPTY_SET);
    check_text(db_opt_uuid(&a),
               "[\"uuid\",\"ffffffff-0000-4000-8000-000000000001\"]");
    istr_pool_reset();
}
OVSTEST_REGISTER("db-text", test_db_text);

static char *
random_string(void)
{
    static const char chars[] = "ab\"\\\n\x7f\x1f \xc3\xa4z";
    char *s = xzalloc(8);
    for (int i = 0, n = random_range(6); i < n; i++) {
        s[i] = "ab\"\\\n\x7f\x1f z"[random_range(9)];
    }
    return random_range(10) ? s : (free(s), xstrdup(chars));
}

static void
random_atom(union ovsdb_atom *atom, enum ovsdb_atomic_type type)
{
    switch (type) {
    case OVSDB_TYPE_INTEGER:
        atom->integer = (random_range(2) ? random_range(20) - 10
                         : (int64_t) random_uint64());
        break;
    case OVSDB_TYPE_REAL:
        atom->real = random_range(100) / 4.0;
        break;
    case OVSDB_TYPE_BOOLEAN:
        atom->boolean = random_range(2);
        break;
    case OVSDB_TYPE_STRING:
        atom->s = ovsdb_atom_string_create_nocopy(random_string());
        break;
    case OVSDB_TYPE_UUID:
        atom->uuid = (struct uuid) { .parts = { random_uint32() } };
        break;
    case OVSDB_TYPE_VOID: case OVSDB_N_TYPES: default:
        OVS_NOT_REACHED();
    }
}

static void
random_datum(struct ovsdb_datum *d, const struct ovsdb_type *type)
{
    int n = type->n_max == 1 ? random_range(2) + type->n_min : random_range(6);

    ovsdb_datum_init_empty(d);
    for (int i = 0; i < MIN(n, type->n_max); i++) {
        union ovsdb_atom key, value;
        random_atom(&key, type->key.type);
        if (ovsdb_type_is_map(type)) {
            random_atom(&value, type->value.type);
        }
        ovsdb_datum_add_unsafe(d, &key, &value, type, NULL);
        ovsdb_atom_destroy(&key, type->key.type);
        if (ovsdb_type_is_map(type)) {
            ovsdb_atom_destroy(&value, type->value.type);
        }
    }
    ovsdb_datum_sort_unique(d, type);
}

/* The text of random values of each column's type, parsed, is the value. */
static void
check_column(const struct db_column *c)
{
    for (int i = 0; i < 20; i++) {
        struct ovsdb_datum d, parsed;
        random_datum(&d, &c->type);

        struct ds text = DS_EMPTY_INITIALIZER;
        db_datum_to_text(&d, &c->type, &text);
        struct ovsdb_error *error = db_text_to_datum(ds_cstr(&text),
                                                     &c->type, &parsed);
        if (error) {
            ovs_fatal(0, "%s: %s", ds_cstr(&text),
                      ovsdb_error_to_string(error));
        }
        ovs_assert(ovsdb_datum_equals(&d, &parsed, &c->type));

        /* The library's own text of sets and maps is the same. */
        struct json *own = ovsdb_datum_to_json(&d, &c->type);
        char *own_text = json_to_string(own, 0);
        if (strcmp(own_text, ds_cstr(&text))) {
            ovs_fatal(0, "%s, but the library has %s", ds_cstr(&text),
                      own_text);
        }
        free(own_text);
        json_destroy(own);
        ovsdb_datum_destroy(&d, &c->type);
        ovsdb_datum_destroy(&parsed, &c->type);
        ds_destroy(&text);
    }
}

static void
test_db_datum_text(struct ovs_cmdl_context *ctx)
{
    const struct db_class *const classes[] = { &nb_class, &sb_class,
                                               &vs_class };
    random_set_seed(1);
    for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
        for (size_t j = 0; j < classes[i]->n_tables; j++) {
            const struct db_table *table = classes[i]->tables[j];
            for (size_t k = 0; k < table->n_columns; k++) {
                check_column(&table->columns[k]);
            }
        }
    }
}
OVSTEST_REGISTER("db-datum-text", test_db_datum_text);

/* Chosen uuids are spread, are the same everywhere, and depend on all of what
 * they are made from. */
static void
test_db_uuid(struct ovs_cmdl_context *ctx)
{
    struct uuid uuid = db_hash_uuid("Logical_Flow", "abc", 3);
    char *s = xasprintf(UUID_FMT, UUID_ARGS(&uuid));
    puts(s);
    free(s);

    enum { N = 200000 };
    struct uuid *uuids = xmalloc(N * sizeof *uuids);
    int ones[128] = { 0 };
    for (int i = 0; i < N; i++) {
        char buf[40];
        int n = snprintf(buf, sizeof buf, "ip4.dst == 10.0.%d.%d && x",
                         i / 256, i % 256);
        uuids[i] = db_hash_uuid("Logical_Flow", buf, n);
        for (int b = 0; b < 128; b++) {
            ones[b] += (uuids[i].parts[b / 32] >> (b % 32)) & 1;
        }
    }
    qsort(uuids, N, sizeof *uuids,
          (int (*)(const void *, const void *)) uuid_compare_3way);
    for (int i = 1; i < N; i++) {
        ovs_assert(!uuid_equals(&uuids[i - 1], &uuids[i]));
    }
    int fixed = 0;
    for (int b = 0; b < 128; b++) {
        if (ones[b] == 0 || ones[b] == N) {
            fixed++;
        } else {
            ovs_assert(abs(ones[b] - N / 2) < N / 100);
        }
    }
    ovs_assert(fixed == 6);
    free(uuids);

    /* A part moved from the name space to the data makes a difference, and so
     * do zeros at the end. */
    struct uuid a = db_hash_uuid("ab", "c", 1);
    struct uuid b = db_hash_uuid("a", "bc", 2);
    struct uuid c = db_hash_uuid("a", "bc\0", 3);
    ovs_assert(!uuid_equals(&a, &b) && !uuid_equals(&b, &c));
}
OVSTEST_REGISTER("db-uuid", test_db_uuid);
