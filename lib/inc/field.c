/* Values of rows, field by field: there may be padding between fields, so
 * whole values are never compared. */
#include <config.h>
#include "lib/inc/inc-private.h"

#include <inttypes.h>
#include <string.h>

#include "hash.h"
#include "uuid.h"

static const void *
field_ptr(const struct inc_field *f, const void *value)
{
    return (const char *) value + f->ofs;
}

static const void *
field_pointer(const struct inc_field *f, const void *value)
{
    const void *p;
    memcpy(&p, field_ptr(f, value), sizeof p);
    return p;
}

/* Returns the value of an integer or boolean field. */
static int64_t
field_integer(const struct inc_field *f, const void *value)
{
    const void *p = field_ptr(f, value);

    switch (f->type) {
    case INC_F_BOOL: return *(const bool *) p;
    case INC_F_I64: return *(const int64_t *) p;
    case INC_F_U32: return *(const uint32_t *) p;
    case INC_F_U16: return *(const uint16_t *) p;
    case INC_F_STR: case INC_F_BLOB: case INC_F_UUID: case INC_F_ROW:
    case INC_F_PTR: case INC_F_POD: default: OVS_NOT_REACHED();
    }
}

static bool
field_is_integer(const struct inc_field *f)
{
    return (f->type == INC_F_BOOL || f->type == INC_F_I64
            || f->type == INC_F_U32 || f->type == INC_F_U16);
}

static bool
field_is_pointer(const struct inc_field *f)
{
    return (f->type == INC_F_STR || f->type == INC_F_BLOB
            || f->type == INC_F_ROW || f->type == INC_F_PTR);
}

bool
field_equal(const struct inc_field *f, const void *a, const void *b)
{
    if (field_is_pointer(f)) {
        return field_pointer(f, a) == field_pointer(f, b);
    } else if (field_is_integer(f)) {
        return field_integer(f, a) == field_integer(f, b);
    } else {
        return !memcmp(field_ptr(f, a), field_ptr(f, b), f->size);
    }
}

/* Hash of the key fields within this process. */
uint32_t
key_hash(const struct inc_table *table, const void *value)
{
    uint32_t hash = 0;

    for (size_t i = 0; i < table->rt->n_keys; i++) {
        const struct inc_field *f = &table->fields[i];
        if (field_is_pointer(f)) {
            hash = hash_pointer(field_pointer(f, value), hash);
        } else if (field_is_integer(f)) {
            hash = hash_uint64_basis(field_integer(f, value), hash);
        } else {
            hash = hash_bytes(field_ptr(f, value), f->size, hash);
        }
    }
    return hash;
}

bool
key_equal(const struct inc_table *table, const void *a, const void *b)
{
    for (size_t i = 0; i < table->rt->n_keys; i++) {
        if (!field_equal(&table->fields[i], a, b)) {
            return false;
        }
    }
    return true;
}

/* Returns the columns in which two values differ. */
uint32_t
value_diff(const struct inc_table *table, const void *a, const void *b)
{
    uint32_t mask = 0;

    for (size_t i = 0; i < table->n_fields; i++) {
        if (!field_equal(&table->fields[i], a, b)) {
            mask |= INC_COL(i);
        }
    }
    return mask;
}

/* Takes references for the strings and blobs in 'value'. */
void
value_ref(const struct inc_table *table, const void *value)
{
    for (size_t i = 0; i < table->n_fields; i++) {
        const struct inc_field *f = &table->fields[i];
        if (f->type == INC_F_STR) {
            istr_ref((istr) { field_pointer(f, value) });
        } else if (f->type == INC_F_BLOB) {
            iblob_ref((iblob) { field_pointer(f, value) });
        }
    }
}

void
value_unref(const struct inc_table *table, const void *value)
{
    for (size_t i = 0; i < table->n_fields; i++) {
        const struct inc_field *f = &table->fields[i];
        if (f->type == INC_F_STR) {
            istr_unref((istr) { field_pointer(f, value) });
        } else if (f->type == INC_F_BLOB) {
            iblob_unref((iblob) { field_pointer(f, value) });
        }
    }
}

/* The same number in each process. */
static uint64_t
field_order(const struct inc_field *f, const void *value)
{
    const struct inc_row *row;
    uint64_t be;

    switch (f->type) {
    case INC_F_ROW:
        row = field_pointer(f, value);
        return row ? row->order : 0;
    case INC_F_UUID:
        memcpy(&be, field_ptr(f, value), sizeof be);
        /* struct uuid is four words, each in host order. */
        return be << 32 | be >> 32;
    case INC_F_STR:
        return (uint64_t) istr_hash((istr) { field_pointer(f, value) }) << 32;
    case INC_F_BLOB:
        return (uint64_t) iblob_hash((iblob) { field_pointer(f, value) })
               << 32;
    case INC_F_PTR:
        return 0;
    case INC_F_POD:
        return (uint64_t) hash_bytes(field_ptr(f, value), f->size, 0) << 32;
    case INC_F_BOOL: case INC_F_I64: case INC_F_U32: case INC_F_U16:
    default:
        return field_integer(f, value);
    }
}

/* Returns the place of a derived row among others: that of the row or the uuid
 * that its key starts with, so that "lowest uuid" means what people expect. */
uint64_t
key_order(const struct inc_table *table, const void *value)
{
    if (!table->rt->n_keys) {
        return 0;
    }
    uint64_t order = field_order(&table->fields[0], value);
    if (table->rt->n_keys > 1) {
        uint64_t rest = 0;
        for (size_t i = 1; i < table->rt->n_keys; i++) {
            uint64_t x = field_order(&table->fields[i], value);
            rest = hash_uint64_basis(x, rest);
        }
        /* The rest breaks ties, mostly. */
        order = (order & ~UINT64_C(0xffffff)) | (rest & 0xffffff);
    }
    return order;
}

static int
field_cmp(const struct inc_field *f, const void *a, const void *b)
{
    if (field_equal(f, a, b)) {
        return 0;
    } else if (field_is_integer(f)) {
        return field_integer(f, a) < field_integer(f, b) ? -1 : 1;
    } else if (!field_is_pointer(f)) {
        return memcmp(field_ptr(f, a), field_ptr(f, b), f->size);
    }

    const void *pa = field_pointer(f, a);
    const void *pb = field_pointer(f, b);
    if (!pa || !pb) {
        return pa ? 1 : -1;
    } else if (f->type == INC_F_STR) {
        return strcmp(pa, pb);
    } else if (f->type == INC_F_ROW) {
        return row_cmp(pa, pb);
    } else if (f->type == INC_F_BLOB) {
        size_t na = iblob_size((iblob) { pa });
        size_t nb = iblob_size((iblob) { pb });
        int cmp = memcmp(pa, pb, MIN(na, nb));
        return cmp ? cmp : na < nb ? -1 : 1;
    } else {
        return 0;
    }
}

/* Compares rows by order, the same in each process but for rows whose keys
 * differ only in opaque pointers. */
int
row_cmp(const struct inc_row *a, const struct inc_row *b)
{
    if (a == b) {
        return 0;
    } else if (a->order != b->order) {
        return a->order < b->order ? -1 : 1;
    } else if (a->table != b->table) {
        int cmp = strcmp(a->table->name, b->table->name);
        if (cmp) {
            return cmp;
        }
    } else if (a->table->value_size) {
        for (size_t i = 0; i < a->table->rt->n_keys; i++) {
            int cmp = field_cmp(&a->table->fields[i], inc_value(a),
                                inc_value(b));
            if (cmp) {
                return cmp;
            }
        }
    }
    return (uintptr_t) a < (uintptr_t) b ? -1 : 1;
}

/* ---- For people. ---- */

static void
bytes_format(const void *p_, size_t n, struct ds *s)
{
    const uint8_t *p = p_;

    for (size_t i = 0; i < n && i < 64; i++) {
        ds_put_format(s, "%02x", p[i]);
    }
    if (n > 64) {
        ds_put_format(s, "...(%"PRIuSIZE" bytes)", n);
    }
}

void
field_format(const struct inc_field *f, const void *value, struct ds *s)
{
    const void *p = field_ptr(f, value);

    switch (f->type) {
    case INC_F_BOOL:
        ds_put_cstr(s, *(const bool *) p ? "true" : "false");
        break;
    case INC_F_I64: case INC_F_U32: case INC_F_U16:
        ds_put_format(s, "%"PRId64, field_integer(f, value));
        break;
    case INC_F_STR:
        p = field_pointer(f, value);
        if (p) {
            ds_put_format(s, "\"%s\"", (const char *) p);
        } else {
            ds_put_cstr(s, "none");
        }
        break;
    case INC_F_BLOB:
        p = field_pointer(f, value);
        bytes_format(p, iblob_size((iblob) { p }), s);
        break;
    case INC_F_UUID: {
        struct uuid uuid;
        memcpy(&uuid, p, sizeof uuid);
        ds_put_format(s, UUID_FMT, UUID_ARGS(&uuid));
        break;
    }
    case INC_F_ROW:
        p = field_pointer(f, value);
        if (p) {
            row_describe(p, s);
        } else {
            ds_put_cstr(s, "none");
        }
        break;
    case INC_F_PTR:
        ds_put_format(s, "%p", field_pointer(f, value));
        break;
    case INC_F_POD:
    default:
        bytes_format(p, f->size, s);
        break;
    }
}

/* Appends the fields of 'value', as "name=value, ...". */
void
value_format(const struct inc_table *table, const void *value, bool keys_only,
             struct ds *s)
{
    size_t n = keys_only ? table->rt->n_keys : table->n_fields;

    for (size_t i = 0; i < n; i++) {
        const struct inc_field *f = &table->fields[i];
        ds_put_format(s, "%s%s=", i ? ", " : "", f->name);
        field_format(f, value, s);
    }
}

/* Appends a name for 'row'.  Its table's function may read columns, which a
 * running unit then depends on. */
void
row_describe(const struct inc_row *row, struct ds *s)
{
    if (row->table->describe) {
        row->table->describe(row, s);
    } else if (row->table->value_size) {
        ds_put_format(s, "%s(", row->table->name);
        value_format(row->table, inc_value(row), true, s);
        ds_put_char(s, ')');
    } else {
        ds_put_format(s, "%s %016"PRIx64, row->table->name, row->order);
    }
}

void
bucket_describe(const struct inc_bucket *bucket, struct ds *s)
{
    ds_put_format(s, "%s[", bucket->index->name);
    bool printable = bucket->len > 0;
    for (size_t i = 0; i < bucket->len; i++) {
        unsigned char c = bucket->key[i];
        printable = printable && c >= ' ' && c < 0x7f;
    }
    if (printable) {
        ds_put_format(s, "\"%.*s\"", (int) bucket->len, bucket->key);
    } else {
        bytes_format(bucket->key, bucket->len, s);
    }
    ds_put_char(s, ']');
}

/* Appends the names of the columns that 'mask' may stand for. */
void
mask_format(const struct inc_table *table, uint32_t mask, struct ds *s)
{
    size_t n = 0;

    if ((mask & INC_ALL) == INC_ALL) {
        ds_put_cstr(s, "all columns");
        return;
    }
    for (size_t i = 0; i < (table->n_fields ? table->n_fields : 1000); i++) {
        const char *name = (i < table->n_fields ? table->fields[i].name
                            : table->column_name ? table->column_name(table, i)
                            : NULL);
        if (!name && (table->column_name || i >= 24)) {
            break;
        }
        if (mask & INC_COL(i)) {
            ds_put_format(s, "%s%s", n++ ? ", " : "", name ? name : "column ");
            if (!name) {
                ds_put_format(s, "%"PRIuSIZE, i);
            }
        }
    }
}
