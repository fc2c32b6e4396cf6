"""Lists the tables and columns of an OVSDB schema, in the form of
tests/nb-columns.tsv."""

import json
import sys


def atom(base):
    """Describes one base type of OVSDB."""
    if isinstance(base, str):
        return base
    text = base["type"]
    if "refTable" in base:
        text += "->%s(%s)" % (base["refTable"],
                              base.get("refType", "strong"))
    if "enum" in base:
        enum = base["enum"]
        values = enum[1] if isinstance(enum, list) else [enum]
        text += "{%s}" % "|".join(values)
    for limit in ("minInteger", "maxInteger", "minLength", "maxLength"):
        if limit in base:
            text += " %s=%s" % (limit, base[limit])
    return text


def column_line(table, name, column):
    """Describes one column."""
    ctype = column["type"]
    if isinstance(ctype, str):
        ctype = {"key": ctype}
    text = atom(ctype["key"])
    if "value" in ctype:
        text = "map %s : %s" % (text, atom(ctype["value"]))
    notes = []
    if column.get("ephemeral"):
        notes.append("ephemeral")
    if not column.get("mutable", True):
        notes.append("immutable")
    return (table, name, text, ctype.get("min", 1), ctype.get("max", 1),
            " ".join(notes))


def table_line(name, table):
    """Describes one table."""
    notes = []
    if table.get("isRoot"):
        notes.append("root")
    if "maxRows" in table:
        notes.append("maxRows=%d" % table["maxRows"])
    if "indexes" in table:
        indexes = [",".join(index) for index in table["indexes"]]
        notes.append("indexes=" + ";".join(indexes))
    return name, "-", "table", "", "", " ".join(notes)


def main():
    with open(sys.argv[1]) as source:
        schema = json.load(source)
    print("# database %s, schema version %s"
          % (schema["name"], schema["version"]))
    print("\t".join(("table", "column", "type", "min", "max", "notes")))
    for name, table in schema["tables"].items():
        print("\t".join(map(str, table_line(name, table))))
        for cname, column in table["columns"].items():
            print("\t".join(map(str, column_line(name, cname, column))))


main()
