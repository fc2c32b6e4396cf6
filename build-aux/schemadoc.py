# What a manual says about tables and columns without anybody typing it: the
# types, limits, enumerations and indexes of an OVSDB schema, in words.

import json


class Schema:
    def __init__(self, path):
        with open(path, encoding="utf-8") as f:
            self.json = json.load(f)
        self.name = self.json["name"]
        self.version = self.json["version"]
        self.tables = self.json["tables"]

    def columns(self, table):
        return self.tables[table]["columns"]

    def table_facts(self, table):
        """Sentences on 'table' that follow from the schema."""
        t = self.tables[table]
        facts = []
        if t.get("maxRows") == 1:
            facts.append("The table has at most one row.")
        if not t.get("isRoot") and t.get("maxRows") != 1:
            facts.append("A row that nothing refers to is deleted"
                         " automatically.")
        for index in t.get("indexes", []):
            names = ["`%s`" % c for c in index]
            if len(names) == 1:
                facts.append("%s is unique." % names[0])
            else:
                facts.append("The combination of %s and %s is unique."
                             % (", ".join(names[:-1]), names[-1]))
        return facts

    def column_type(self, table, column):
        """The type of a column in words."""
        c = self.columns(table)[column]
        text = _type(c["type"])
        if c.get("ephemeral"):
            text += ", not stored on disk"
        return text


def _type(t):
    if isinstance(t, str):
        return _base(t, 1)
    lo, hi = t.get("min", 1), t.get("max", 1)
    plural = hi if isinstance(hi, int) else 2
    if "value" in t:
        return "map of %s-%s pairs%s" % (
            _base(t["key"], 1), _base(t["value"], 1), _count(lo, hi))
    key = _base(t["key"], plural)
    if (lo, hi) == (1, 1):
        return key
    if (lo, hi) == (0, 1):
        return "optional " + key
    return "set of %s%s" % (key, _count(lo, hi))


def _count(lo, hi):
    if lo == 0:
        return "" if hi == "unlimited" else ", at most %d" % hi
    if hi == "unlimited":
        return ", at least %d" % lo
    return ", %d to %d" % (lo, hi)


def _base(b, n):
    if isinstance(b, str):
        b = {"type": b}
    word = b["type"]
    if word == "uuid" and "refTable" in b:
        weak = "weak " if b.get("refType") == "weak" else ""
        return "%sreference%s to `%s`" % (weak, "s" if n > 1 else "",
                                          b["refTable"])
    text = word if n == 1 else (word + "s")
    text += _limits(b)
    if "enum" in b:
        e = b["enum"]
        values = e[1] if isinstance(e, list) else [e]
        text += ", " + ("one of " if len(values) > 1 else "always ")
        text += ", ".join("`%s`" % v for v in values)
    return text


def _limits(b):
    lo = b.get("minInteger", b.get("minReal"))
    hi = b.get("maxInteger", b.get("maxReal"))
    if lo is not None and hi is not None:
        return ", in range %s to %s" % (_number(lo), _number(hi))
    if lo is not None:
        return ", at least %s" % _number(lo)
    if hi is not None:
        return ", at most %s" % _number(hi)
    if "maxLength" in b:
        return ", at most %d characters" % b["maxLength"]
    if "minLength" in b:
        return ", at least %d characters" % b["minLength"]
    return ""


def _number(n):
    return "{:,}".format(n)
