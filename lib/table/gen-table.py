#!/usr/bin/env python3
"""Writes the tracked accessors of an OVSDB schema's tables, as C.

usage: gen-table.py header PREFIX SCHEMA
       gen-table.py source PREFIX SCHEMA HEADER

lib/db/db.h says what is generated for each table and column.  Rows are
opaque types: the accessors are the only way to a column, and each of them
records the read.
"""

import json
import sys

ATOMS = {
    # type: (C type of a value, C type of an optional value, member of atom)
    'integer': ('int64_t ', 'const int64_t *', 'integer'),
    'real': ('double ', 'const double *', 'real'),
    'boolean': ('bool ', 'const bool *', 'boolean'),
}


class Base:
    """One side of a column's type, from its JSON (RFC 7047 section 3.2)."""

    def __init__(self, src):
        if isinstance(src, str):
            src = {'type': src}
        self.type = src['type']
        self.ref_table = src.get('refTable')
        self.ref_type = src.get('refType', 'strong')
        self.min_int = src.get('minInteger', 'INT64_MIN')
        self.max_int = src.get('maxInteger', 'INT64_MAX')

    def initializer(self):
        parts = ['.type = OVSDB_TYPE_%s' % self.type.upper()]
        if self.type == 'integer':
            parts.append('.integer = { %s, %s }'
                         % (self.min_int, self.max_int))
        elif self.type == 'real':
            parts.append('.real = { -DBL_MAX, DBL_MAX }')
        elif self.type == 'string':
            parts.append('.string = { 0, UINT_MAX }')
        elif self.ref_table:
            parts.append('.uuid = { (char *) "%s", NULL, OVSDB_REF_%s }'
                         % (self.ref_table, self.ref_type.upper()))
        return '{ %s }' % ', '.join(parts)


class Column:
    def __init__(self, name, src):
        self.name = name
        self.mutable = src.get('mutable', True)
        type_ = src['type']
        if isinstance(type_, str):
            type_ = {'key': type_}
        self.key = Base(type_['key'])
        self.value = Base(type_['value']) if 'value' in type_ else None
        self.min = type_.get('min', 1)
        max_ = type_.get('max', 1)
        self.max = 'UINT_MAX' if max_ == 'unlimited' else max_

    def kind(self):
        """How the column's value is presented to readers."""
        if self.value or self.max != 1:
            return 'datum'
        return 'optional' if self.min == 0 else 'scalar'

    def initializer(self):
        value = (self.value.initializer() if self.value
                 else '{ .type = OVSDB_TYPE_VOID }')
        return ('{ .name = "%s", .is_mutable = %s, .pos = -1,\n'
                '      .type = { .key = %s,\n'
                '                .value = %s,\n'
                '                .n_min = %s, .n_max = %s } }'
                % (self.name, 'true' if self.mutable else 'false',
                   self.key.initializer(), value, self.min, self.max))


class Table:
    def __init__(self, prefix, name, src):
        self.name = name
        self.struct = '%s_%s' % (prefix, name.lower())
        self.columns = [Column(n, c)
                        for n, c in sorted(src['columns'].items())]
        self.is_root = src.get('isRoot', False)

    def column_id(self, column):
        return '%s_COL_%s' % (self.struct.upper(), column.name.upper())


class Schema:
    def __init__(self, prefix, path):
        with open(path) as f:
            src = json.load(f)
        self.prefix = prefix
        self.name = src['name']
        self.version = src['version']
        # Without an explicit root set, every table is in it.
        any_root = any('isRoot' in t for t in src['tables'].values())
        self.tables = [Table(prefix, n, t)
                       for n, t in sorted(src['tables'].items())]
        if not any_root:
            for table in self.tables:
                table.is_root = True


class Names:
    """Refuses to define a name twice."""

    def __init__(self, tables):
        self.seen = {}
        self.structs = {t.struct for t in tables}
        for t in tables:
            for suffix in ('_by_uuid', '_get', '_table', '_uuid'):
                self.add(t.struct + suffix, t.name)
        self.reserved = set(self.seen)

    def stem(self, table, column):
        """What the names of a column's accessors start with.  There is a
        suffix where table A's column "b" would take the functions of table
        A_b (northbound: Network_Function.health_check), or its column "table"
        a variable of A (southbound: RBAC_Permission.table)."""
        stem = '%s_%s' % (table.struct, column.name)
        if stem in self.structs:
            return stem + '_ref'
        return stem + '_column' if stem in self.reserved else stem

    def add(self, name, what):
        if name in self.seen:
            sys.exit('%s and %s are both called %s'
                     % (self.seen[name], what, name))
        self.seen[name] = what


def accessor(names, table, column, result, suffix, body, extra=''):
    name = '%s%s' % (names.stem(table, column), suffix)
    names.add(name, '%s.%s' % (table.name, column.name))
    print('''
static inline %s
%s(const struct %s *row%s)
{''' % (result.strip() if not result.endswith('*') else result,
        name, table.struct, extra))
    for line in body:
        print('    ' + line)
    print('}')


def print_accessors(names, prefix, table, column):
    read = 'db_read(row, &%s_table,\n            %s)' % (
        table.struct, table.column_id(column))
    datum = 'const struct ovsdb_datum *d = ' + read + ';'
    kind = column.kind()

    if kind == 'datum':
        accessor(names, table, column, 'const struct ovsdb_datum *', '',
                 ['return %s;' % read])
        if (column.value and column.key.type == 'string'
                and column.value.type == 'string'):
            accessor(names, table, column, 'const char *', '_get',
                     [datum, 'return db_map_get(d, key);'],
                     ',\n    const char *key')
        return

    present = '' if kind == 'scalar' else 'd->n ? '
    absent = '' if kind == 'scalar' else ' : NULL'
    if column.key.type == 'string':
        accessor(names, table, column, 'const char *', '',
                 [datum, 'return %sdb_str(d, 0)%s;' % (present, absent)])
    elif column.key.type == 'uuid':
        accessor(names, table, column, 'const struct uuid *', '_uuid',
                 [datum, 'return %s&d->keys[0].uuid%s;' % (present, absent)])
        if column.key.ref_table:
            ref = '%s_%s' % (prefix, column.key.ref_table.lower())
            uuid = '%s_uuid(row)' % names.stem(table, column)
            accessor(names, table, column, 'const struct %s *' % ref, '',
                     ['const struct uuid *uuid_ =',
                      '    %s;' % uuid,
                      'return uuid_ ? %s_get(uuid_) : NULL;' % ref])
    else:
        value, optional, member = ATOMS[column.key.type]
        if kind == 'scalar':
            accessor(names, table, column, value, '',
                     [datum, 'return d->keys[0].%s;' % member])
        else:
            accessor(names, table, column, optional, '',
                     [datum,
                      'return d->n ? &d->keys[0].%s : NULL;' % member])


def print_table_header(names, table):
    s = table.struct
    print('\n/* %s. */\n' % table.name)
    print('struct %s;' % s)
    print('extern struct db_table %s_table;' % s)
    print('extern struct inc_index %s_by_uuid;' % s)
    print('enum {')
    for column in table.columns:
        print('    %s,' % table.column_id(column))
    print('    %s_N_COLUMNS\n};' % s.upper())
    print('''
static inline const struct uuid *
%(s)s_uuid(const struct %(s)s *row)
{
    return &((const struct db_row *) row)->uuid;
}

static inline const struct %(s)s *
%(s)s_get(const struct uuid *uuid)
{
    return inc_find_one(&%(s)s_by_uuid, uuid, sizeof *uuid);
}''' % {'s': s})


def print_list(name, items):
    """A macro with a list of array elements."""
    print('#define %s \\' % name)
    print(', \\\n'.join('    ' + item for item in items))


def print_header(schema):
    guard = 'LIB_TABLE_%s_TABLE_H' % schema.prefix.upper()
    names = Names(schema.tables)
    print('/* Generated by lib/table/gen-table.py from the schema of %s %s.\n'
          ' * lib/db/db.h says what is here. */' % (schema.name,
                                                     schema.version))
    print('#ifndef %s\n#define %s 1\n' % (guard, guard))
    print('#include "lib/db/db.h"\n')
    print('extern const struct db_class %s_class;\n' % schema.prefix)
    print('/* Elements for the lists in struct inc_config. */')
    print_list('%s_INC_TABLES' % schema.prefix.upper(),
               ['&%s_table.inc' % t.struct for t in schema.tables])
    print_list('%s_INC_INDEXES' % schema.prefix.upper(),
               ['&%s_by_uuid' % t.struct for t in schema.tables])
    # References may go to any table, so columns come after all tables.
    for table in schema.tables:
        print_table_header(names, table)
    for table in schema.tables:
        print('\n/* Columns of %s. */' % table.name)
        for column in table.columns:
            print_accessors(names, schema.prefix, table, column)
    print('\n#endif /* %s */' % guard)


def print_source(schema, header):
    print('/* Generated by lib/table/gen-table.py from the schema of %s %s. */'
          % (schema.name, schema.version))
    print('#include <config.h>\n\n#include "%s"' % header)
    for table in schema.tables:
        s = table.struct
        print('\nstatic struct db_column %s_columns[] = {' % s)
        for column in table.columns:
            print('    %s,' % column.initializer())
        print('};')
        print('''struct inc_index %(s)s_by_uuid = {
    .name = "%(s)s_by_uuid", .table = &%(s)s_table.inc,
    .keys = db_row_uuid_key,
};
struct db_table %(s)s_table = {
    .name = "%(name)s", .columns = %(s)s_columns,
    .n_columns = %(S)s_N_COLUMNS, .is_root = %(root)s,
    .by_uuid = &%(s)s_by_uuid,
    .rows = HMAP_INITIALIZER(&%(s)s_table.rows),
    .adoptions = HMAP_INITIALIZER(&%(s)s_table.adoptions),
    .inc = { .name = "%(s)s", .kind = INC_INPUT,
             .free_row = db_row_free, .describe = db_row_describe },
};''' % {'s': s, 'S': s.upper(), 'name': table.name,
         'root': 'true' if table.is_root else 'false'})
        print('BUILD_ASSERT_DECL(%s_N_COLUMNS ==\n'
              '                  ARRAY_SIZE(%s_columns));' % (s.upper(), s))
    print('\nstatic struct db_table *const %s_tables[] = {' % schema.prefix)
    for table in schema.tables:
        print('    &%s_table,' % table.struct)
    print('};')
    print('''
const struct db_class %(p)s_class = {
    .name = "%(name)s", .version = "%(version)s",
    .tables = %(p)s_tables, .n_tables = ARRAY_SIZE(%(p)s_tables),
};''' % {'p': schema.prefix, 'name': schema.name,
         'version': schema.version})


def main():
    args = sys.argv[1:]
    if len(args) == 3 and args[0] == 'header':
        print_header(Schema(args[1], args[2]))
    elif len(args) == 4 and args[0] == 'source':
        print_source(Schema(args[1], args[2]), args[3])
    else:
        sys.exit(__doc__.strip())


if __name__ == '__main__':
    main()
