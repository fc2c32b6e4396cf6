/* Canonical OVSDB JSON text of column values (RFC 7047 section 5.1).
 *
 * One value has one text: elements in the order of ovsdb_datum, no spaces, a
 * set with one element as a bare atom.  Thus rules can intern the text and
 * compare pointers, and the sink compares a mirrored value with strcmp(). */
#include <config.h>

#include "lib/db/db.h"

#include <float.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lib/db/db-private.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "ovsdb-error.h"
#include "ovs-thread.h"
#include "util.h"
#include "uuid.h"

const char DB_EMPTY_SET[] = "[\"set\",[]]";
const char DB_EMPTY_MAP[] = "[\"map\",[]]";

/* Appends 's' as a JSON string. */
void
db_put_string(struct ds *ds, const char *s)
{
    size_t n = 0;
    while ((unsigned char) s[n] >= ' ' && s[n] != '"' && s[n] != '\\') {
        n++;
    }
    if (s[n]) {
        json_string_escape(s, ds);
        return;
    }

    char *p = ds_put_uninit(ds, n + 2);
    p[0] = '"';
    memcpy(p + 1, s, n);
    p[n + 1] = '"';
}

/* Appends the 36 characters of 'uuid' and no NUL.  Much of what the sink
 * writes are uuids, and printf() takes ten times as long. */
static void
format_uuid(const struct uuid *uuid, char *p)
{
    static const char hex[] = "0123456789abcdef";

    for (int i = 0, digit = 0; i < 36; i++) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            p[i] = '-';
        } else {
            p[i] = hex[(uuid->parts[digit / 8] >> (28 - digit % 8 * 4)) & 15];
            digit++;
        }
    }
}

/* Appends 'uuid' as it stands in "where" and in references. */
void
db_put_uuid(struct ds *ds, const struct uuid *uuid)
{
    char *p = ds_put_uninit(ds, 47);
    memcpy(p, "[\"uuid\",\"", 9);
    format_uuid(uuid, p + 9);
    memcpy(p + 45, "\"]", 2);
}

/* Appends 'uuid' in quotes. */
void
db_put_uuid_string(struct ds *ds, const struct uuid *uuid)
{
    char *p = ds_put_uninit(ds, 38);
    p[0] = p[37] = '"';
    format_uuid(uuid, p + 1);
}

void
db_put_int(struct ds *ds, int64_t x)
{
    char buf[24];
    size_t n = sizeof buf;
    uint64_t u = x < 0 ? 0 - (uint64_t) x : x;

    do {
        buf[--n] = '0' + u % 10;
        u /= 10;
    } while (u);
    if (x < 0) {
        buf[--n] = '-';
    }
    ds_put_buffer(ds, buf + n, sizeof buf - n);
}

/* Appends one element. */
void
db_put_atom(struct ds *ds, const union ovsdb_atom *atom,
            enum ovsdb_atomic_type type)
{
    switch (type) {
    case OVSDB_TYPE_INTEGER:
        db_put_int(ds, atom->integer);
        break;

    case OVSDB_TYPE_REAL:
        ds_put_format(ds, "%.*g", DBL_DIG, atom->real);
        break;

    case OVSDB_TYPE_BOOLEAN:
        ds_put_cstr(ds, atom->boolean ? "true" : "false");
        break;

    case OVSDB_TYPE_STRING:
        db_put_string(ds, json_string(atom->s));
        break;

    case OVSDB_TYPE_UUID:
        db_put_uuid(ds, &atom->uuid);
        break;

    case OVSDB_TYPE_VOID:
    case OVSDB_N_TYPES:
    default:
        OVS_NOT_REACHED();
    }
}

/* Appends the canonical text of those pairs of 'd', a map, whose key is not
 * 'foreign'. */
void
db_map_to_text(const struct ovsdb_datum *d, const struct ovsdb_type *type,
               bool (*foreign)(const char *key), struct ds *ds)
{
    ds_put_cstr(ds, "[\"map\",[");
    bool first = true;
    for (size_t i = 0; i < d->n; i++) {
        if (foreign && foreign(db_str(d, i))) {
            continue;
        }
        ds_put_cstr(ds, first ? "[" : ",[");
        db_put_atom(ds, &d->keys[i], type->key.type);
        ds_put_char(ds, ',');
        db_put_atom(ds, &d->values[i], type->value.type);
        ds_put_char(ds, ']');
        first = false;
    }
    ds_put_cstr(ds, "]]");
}

/* Appends the canonical text of 'd', which has the given 'type', to 'ds'. */
void
db_datum_to_text(const struct ovsdb_datum *d, const struct ovsdb_type *type,
                 struct ds *ds)
{
    if (ovsdb_type_is_map(type)) {
        db_map_to_text(d, type, NULL, ds);
    } else if (d->n == 1) {
        db_put_atom(ds, &d->keys[0], type->key.type);
    } else {
        ds_put_cstr(ds, "[\"set\",[");
        for (size_t i = 0; i < d->n; i++) {
            if (i) {
                ds_put_char(ds, ',');
            }
            db_put_atom(ds, &d->keys[i], type->key.type);
        }
        ds_put_cstr(ds, "]]");
    }
}

/* Parses the 'text' of one value into 'd'.  The library only parses arrays and
 * objects, so a bare atom needs a wrapping. */
struct ovsdb_error *
db_text_to_datum(const char *text, const struct ovsdb_type *type,
                 struct ovsdb_datum *d)
{
    char *wrapped = xasprintf("[%s]", text);
    struct json *json = json_from_string(wrapped);
    struct ovsdb_error *error
        = (json->type != JSON_ARRAY || json_array(json)->n != 1
           ? ovsdb_error(NULL, "%s is not a value", text)
           : ovsdb_unconstrained_datum_from_json(
               d, type, json_array(json)->elems[0]));
    json_destroy(json);
    free(wrapped);
    return error;
}

/* Helpers over datums. */

/* The key at index 'i' of 'd', a set of strings or a map from strings. */
const char *
db_str(const struct ovsdb_datum *d, size_t i)
{
    return json_string(d->keys[i].s);
}

/* The value at index 'i' of 'd', a map to strings. */
const char *
db_val_str(const struct ovsdb_datum *d, size_t i)
{
    return json_string(d->values[i].s);
}

/* Returns the position of 'key' in 'd', whose keys are strings, or
 * 'd->n'. */
static size_t
find_string(const struct ovsdb_datum *d, const char *key)
{
    size_t lo = 0, hi = d->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int cmp = strcmp(key, db_str(d, mid));
        if (!cmp) {
            return mid;
        } else if (cmp < 0) {
            hi = mid;
        } else {
            lo = mid + 1;
        }
    }
    return d->n;
}

/* Returns the value of 'key' in 'd', a map from strings to strings, or NULL if
 * there is none. */
const char *
db_map_get(const struct ovsdb_datum *d, const char *key)
{
    size_t i = find_string(d, key);
    return i < d->n ? db_val_str(d, i) : NULL;
}

/* Returns true if the value of 'key' in 'd' is "true", false if it is
 * "false", in any case of letters, otherwise 'dflt'. */
bool
db_map_get_bool(const struct ovsdb_datum *d, const char *key, bool dflt)
{
    const char *value = db_map_get(d, key);
    return (!value ? dflt
            : dflt ? strcasecmp(value, "false") != 0
            : !strcasecmp(value, "true"));
}

/* Returns the uuid at index 'i' of 'd', a set of uuids. */
const struct uuid *
db_ref(const struct ovsdb_datum *d, size_t i)
{
    return &d->keys[i].uuid;
}

/* Returns true if 'd', a set of strings or a map from strings, has 'key'. */
bool
db_set_contains(const struct ovsdb_datum *d, const char *key)
{
    return find_string(d, key) < d->n;
}

/* Building sets and maps. */

enum item_type { ITEM_STR, ITEM_INT, ITEM_UUID };

struct item {
    enum item_type type;
    int64_t integer;
    struct uuid uuid;
    size_t key, value;          /* Offsets in 'text', for strings. */
    bool value_is_uuid;
    struct uuid value_uuid;
};

/* The elements collected so far.  Text is in one buffer, so that nothing is
 * allocated once the scratch is warm. */
struct scratch {
    struct scratch *next;       /* In the thread's list of unused ones. */
    struct ds text;
    struct item *items;
    struct item **sorted;
    size_t n, n_items, n_sorted;
    struct ds out;
};

struct db_set { struct scratch s; };
struct db_map { struct scratch s; };

static void
free_scratches(void *head_)
{
    struct scratch **head = head_;

    while (*head) {
        struct scratch *s = *head;
        *head = s->next;
        ds_destroy(&s->text);
        ds_destroy(&s->out);
        free(s->items);
        free(s->sorted);
        free(s);
    }
    free(head);
}

/* The calling thread's list of unused scratches.  There is more than one when
 * a set gets built while another one is. */
static struct scratch **
unused_scratches(void)
{
    static struct ovsthread_once once = OVSTHREAD_ONCE_INITIALIZER;
    static pthread_key_t key;

    if (ovsthread_once_start(&once)) {
        xpthread_key_create(&key, free_scratches);
        ovsthread_once_done(&once);
    }

    struct scratch **head = pthread_getspecific(key);
    if (!head) {
        head = xzalloc(sizeof *head);
        xpthread_setspecific(key, head);
    }
    return head;
}

static struct scratch *
start(void)
{
    struct scratch **head = unused_scratches();
    struct scratch *s = *head;

    if (s) {
        *head = s->next;
    } else {
        s = xzalloc(sizeof *s);
    }
    s->n = 0;
    ds_clear(&s->text);
    ds_clear(&s->out);
    return s;
}

static struct item *
add_item(struct scratch *s, enum item_type type)
{
    if (s->n >= s->n_items) {
        s->items = x2nrealloc(s->items, &s->n_items, sizeof *s->items);
    }
    struct item *item = &s->items[s->n++];
    memset(item, 0, sizeof *item);
    item->type = type;
    return item;
}

static size_t
add_text(struct scratch *s, const char *text)
{
    size_t ofs = s->text.length;
    ds_put_buffer(&s->text, text, strlen(text) + 1);
    return ofs;
}

/* For compare_items(): the buffer of the items that are being sorted. */
static __thread const char *sort_text;

static int
compare_items(const void *a_, const void *b_)
{
    const struct item *a = *(struct item *const *) a_;
    const struct item *b = *(struct item *const *) b_;
    int cmp = (a->type != b->type ? (a->type < b->type ? -1 : 1)
               : a->type == ITEM_INT ? (a->integer < b->integer ? -1
                                        : a->integer > b->integer)
               : a->type == ITEM_UUID ? uuid_compare_3way(&a->uuid, &b->uuid)
               : strcmp(sort_text + a->key, sort_text + b->key));

    /* Of equal ones, the latest comes first. */
    return cmp ? cmp : a < b ? 1 : a > b ? -1 : 0;
}

/* Sorts the items into 's->sorted' without duplicates and returns their
 * number. */
static size_t
sort_items(struct scratch *s)
{
    if (s->n > s->n_sorted) {
        s->n_sorted = s->n_items;
        s->sorted = xrealloc(s->sorted, s->n_sorted * sizeof *s->sorted);
    }
    for (size_t i = 0; i < s->n; i++) {
        s->sorted[i] = &s->items[i];
    }
    sort_text = ds_cstr(&s->text);
    if (s->n > 1) {
        qsort(s->sorted, s->n, sizeof *s->sorted, compare_items);
    }

    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) {
        const struct item *a = s->sorted[i];
        const struct item *b = n ? s->sorted[n - 1] : NULL;
        if (!b || a->type != b->type
            || (a->type == ITEM_INT ? a->integer != b->integer
                : a->type == ITEM_UUID ? !uuid_equals(&a->uuid, &b->uuid)
                : strcmp(sort_text + a->key, sort_text + b->key))) {
            s->sorted[n++] = s->sorted[i];
        }
    }
    return n;
}

static void
put_item(struct scratch *s, const struct item *item)
{
    switch (item->type) {
    case ITEM_STR:
        db_put_string(&s->out, s->text.string + item->key);
        break;
    case ITEM_INT:
        db_put_int(&s->out, item->integer);
        break;
    case ITEM_UUID:
        db_put_uuid(&s->out, &item->uuid);
        break;
    }
}

static istr
finish(struct scratch *s)
{
    istr result = istr_intern_n(ds_cstr(&s->out), s->out.length);
    struct scratch **head = unused_scratches();
    s->next = *head;
    *head = s;
    return result;
}

/* Starts a set.  It ends with db_set_finish(). */
struct db_set *
db_set_start(void)
{
    return CONTAINER_OF(start(), struct db_set, s);
}

void
db_set_str(struct db_set *set, const char *element)
{
    size_t key = add_text(&set->s, element);
    add_item(&set->s, ITEM_STR)->key = key;
}

void
db_set_int(struct db_set *set, int64_t element)
{
    add_item(&set->s, ITEM_INT)->integer = element;
}

void
db_set_uuid(struct db_set *set, const struct uuid *element)
{
    add_item(&set->s, ITEM_UUID)->uuid = *element;
}

/* Returns the text of 'set', sorted and without duplicates, and ends
 * 'set'. */
istr
db_set_finish(struct db_set *set)
{
    struct scratch *s = &set->s;
    size_t n = sort_items(s);

    if (n == 1) {
        put_item(s, s->sorted[0]);
    } else {
        ds_put_cstr(&s->out, "[\"set\",[");
        for (size_t i = 0; i < n; i++) {
            if (i) {
                ds_put_char(&s->out, ',');
            }
            put_item(s, s->sorted[i]);
        }
        ds_put_cstr(&s->out, "]]");
    }
    return finish(s);
}

/* Starts a map.  It ends with db_map_finish(). */
struct db_map *
db_map_start(void)
{
    return CONTAINER_OF(start(), struct db_map, s);
}

/* Sets 'key' to 'value', whatever it was before. */
void
db_map_put(struct db_map *map, const char *key, const char *value)
{
    size_t key_ofs = add_text(&map->s, key);
    size_t value_ofs = add_text(&map->s, value);
    struct item *item = add_item(&map->s, ITEM_STR);
    item->key = key_ofs;
    item->value = value_ofs;
}

void
db_map_put_fmt(struct db_map *map, const char *key, const char *fmt, ...)
{
    size_t key_ofs = add_text(&map->s, key);
    size_t value_ofs = map->s.text.length;
    va_list args;

    va_start(args, fmt);
    ds_put_format_valist(&map->s.text, fmt, args);
    va_end(args);
    ds_put_buffer(&map->s.text, "", 1);

    struct item *item = add_item(&map->s, ITEM_STR);
    item->key = key_ofs;
    item->value = value_ofs;
}

/* Sets 'key' to 'uuid', in a map from strings to references. */
void
db_map_put_uuid(struct db_map *map, const char *key, const struct uuid *uuid)
{
    size_t key_ofs = add_text(&map->s, key);
    struct item *item = add_item(&map->s, ITEM_STR);
    item->key = key_ofs;
    item->value_is_uuid = true;
    item->value_uuid = *uuid;
}

/* Puts all pairs of 'd', a map from strings to strings. */
void
db_map_copy(struct db_map *map, const struct ovsdb_datum *d)
{
    for (size_t i = 0; i < d->n; i++) {
        db_map_put(map, db_str(d, i), db_val_str(d, i));
    }
}

/* Returns the text of 'map' and ends it. */
istr
db_map_finish(struct db_map *map)
{
    struct scratch *s = &map->s;
    size_t n = sort_items(s);

    ds_put_cstr(&s->out, "[\"map\",[");
    for (size_t i = 0; i < n; i++) {
        const struct item *item = s->sorted[i];
        ds_put_cstr(&s->out, i ? ",[" : "[");
        put_item(s, item);
        ds_put_char(&s->out, ',');
        if (item->value_is_uuid) {
            db_put_uuid(&s->out, &item->value_uuid);
        } else {
            db_put_string(&s->out, s->text.string + item->value);
        }
        ds_put_char(&s->out, ']');
    }
    ds_put_cstr(&s->out, "]]");
    return finish(s);
}

/* Optional scalars. */

istr
db_opt_str(const char *value)
{
    struct db_set *set = db_set_start();
    if (value) {
        db_set_str(set, value);
    }
    return db_set_finish(set);
}

istr
db_opt_int(bool present, int64_t value)
{
    struct db_set *set = db_set_start();
    if (present) {
        db_set_int(set, value);
    }
    return db_set_finish(set);
}

istr
db_opt_uuid(const struct uuid *value)
{
    struct db_set *set = db_set_start();
    if (value) {
        db_set_uuid(set, value);
    }
    return db_set_finish(set);
}

istr
db_opt_bool(bool present, bool value)
{
    return istr_intern(!present ? DB_EMPTY_SET : value ? "true" : "false");
}
