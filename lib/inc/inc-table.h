/* Tables from lists of fields.
 *
 * A field list takes the table's name as T, key fields first:
 *
 *   #define PORT_FIELDS(K, F, T)                                     \
 *       K(T, const struct nb_logical_switch_port *, lsp, ROW)        \
 *       F(T, const struct datapath *, dp, ROW)                       \
 *       F(T, istr, name, STR)
 *   INC_TABLE_DECLARE(port, PORT_FIELDS);                 // in the header
 *   INC_TABLE_DEFINE(port, PORT_FIELDS, .kind = INC_DERIVED);  // in one file
 *
 * INC_TABLE_DECLARE gives:
 *
 *   - 'struct port', incomplete for ever, so that readers cannot look into it.
 *     A pointer to it is stable for the life of the key.  It is the pointer to
 *     the row's struct inc_row, cast.
 *   - 'struct port_v', a value, for emitting, for merge functions and for
 *     index keys.
 *   - tracked accessors port_lsp(row), port_dp(row), port_name(row).
 *   - emit_port(&(struct port_v) { ... }).
 *   - port_untracked(const struct inc_row *), the value of a row, for sinks.
 *   - INC_MASK(port, name), for the masks of indexes. */
#ifndef LIB_INC_INC_TABLE_H
#define LIB_INC_INC_TABLE_H 1

#include "lib/inc/inc.h"

#define INC__MEMBER(T, CTYPE, NAME, FT) CTYPE NAME;
#define INC__ENUM(T, CTYPE, NAME, FT) T##__C_##NAME,
#define INC__ACCESSOR(T, CTYPE, NAME, FT)                               \
    static inline CTYPE OVS_UNUSED                                      \
    T##_##NAME(const struct T *row)                                     \
    {                                                                   \
        const struct inc_row *r = (const void *) row;                   \
        inc_read_row(r, INC_COL(T##__C_##NAME));                        \
        return ((const struct T##_v *) inc_value(r))->NAME;             \
    }
#define INC__KEY_FIELD(T, CTYPE, NAME, FT) INC__FIELD(T, NAME, FT, true)
#define INC__VALUE_FIELD(T, CTYPE, NAME, FT) INC__FIELD(T, NAME, FT, false)
#define INC__FIELD(T, NAME, FT, KEY)                                    \
    { .name = #NAME, .type = INC_F_##FT,                                \
      .ofs = offsetof(struct T##_v, NAME),                              \
      .size = sizeof(((struct T##_v *) NULL)->NAME), .key = KEY },

/* The bit of a column of a table. */
#define INC_MASK(T, NAME) INC_COL(T##__C_##NAME)

#define INC_TABLE_DECLARE(T, FIELDS)                                    \
    struct T;                                                           \
    struct T##_v { FIELDS(INC__MEMBER, INC__MEMBER, T) };               \
    enum { FIELDS(INC__ENUM, INC__ENUM, T) T##__N_COLUMNS };            \
    extern struct inc_table T##_table;                                  \
    FIELDS(INC__ACCESSOR, INC__ACCESSOR, T)                             \
    static inline void OVS_UNUSED                                       \
    emit_##T(const struct T##_v *value)                                 \
    {                                                                   \
        inc_emit(&T##_table, value);                                    \
    }                                                                   \
    static inline const struct T##_v * OVS_UNUSED                       \
    T##_untracked(const struct inc_row *row)                            \
    {                                                                   \
        return inc_value(row);                                          \
    }                                                                   \
    struct T

/* The rest of the arguments are initializers of struct inc_table. */
#define INC_TABLE_DEFINE(T, FIELDS, ...)                                \
    static const struct inc_field T##_fields__[] = {                    \
        FIELDS(INC__KEY_FIELD, INC__VALUE_FIELD, T)                     \
    };                                                                  \
    struct inc_table T##_table = {                                      \
        .name = #T,                                                     \
        .value_size = sizeof(struct T##_v),                             \
        .fields = T##_fields__,                                         \
        .n_fields = sizeof T##_fields__ / sizeof T##_fields__[0],       \
        __VA_ARGS__                                                     \
    }

#endif /* lib/inc/inc-table.h */
