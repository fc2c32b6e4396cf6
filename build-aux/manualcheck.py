# Checks of the manuals: against the schema, against the list of what is not
# implemented yet, and of that list against the feature matrix.

import os
import re

from manualtext import Error, item_id
from schemadoc import Schema

# How many features the inventory has in each area.
FEATURES = {"A": 159, "B": 129, "C": 58, "D": 111, "E": 36, "F": 123,
            "G": 281, "H": 31, "I": 13, "J": 39, "K": 126}
STATES = ("done", "partly", "not yet")


def read_list(path):
    """Returns {(page, item): features} from not-implemented.list, whose lines
    are "PAGE ITEM [FEATURES]"."""
    marks = {}
    with open(path, encoding="utf-8") as f:
        for n, line in enumerate(f, 1):
            words = line.split("#")[0].split(None, 2)
            if not words:
                continue
            if len(words) < 2:
                raise Error("%s:%d: expected PAGE ITEM [FEATURES]" % (path, n))
            key = (words[0], words[1])
            if key in marks:
                raise Error("%s:%d: %s %s stands here twice"
                            % ((path, n) + key))
            marks[key] = words[2].strip() if len(words) > 2 else ""
    return marks


def items(page, section=None):
    """Yields the name of all that 'page', or a section of it, documents, in
    order."""
    inside = section is None
    for b in page.walk():
        if section and b.kind == "section" and b.level == 1:
            inside = b.text == section
        if not inside:
            continue
        if b.kind == "table":
            yield b.name
        elif b.kind == "column":
            for name in b.names:
                yield "%s.%s" % (b.table, name)
        elif b.kind == "key":
            for k in b.keys:
                yield "%s.%s" % (b.table, k) if b.table else str(k)
        elif b.kind == "item":
            for term in b.terms:
                yield item_id(term)


def _check_schema(page, schema):
    documented = list(items(page))
    known = set(documented)
    for table in schema.tables:
        if table not in known:
            yield "%s: table %s is not documented" % (page.name, table)
            continue
        for column in schema.columns(table):
            if "%s.%s" % (table, column) not in known:
                yield ("%s: column %s.%s is not documented"
                       % (page.name, table, column))
    for b in page.walk():
        if b.kind == "table" and b.name not in schema.tables:
            yield "%s: the schema has no table %s" % (b.where, b.name)
        elif b.kind in ("column", "key") and b.table in schema.tables:
            names = (b.names if b.kind == "column"
                     else [k.column for k in b.keys])
            for name in names:
                if name not in schema.columns(b.table):
                    yield ("%s: the schema has no column %s.%s"
                           % (b.where, b.table, name))
    for item in known:
        if "." in item and documented.count(item) > 1:
            yield "%s: %s is documented twice" % (page.name, item)


def expand(text):
    """Returns the feature ids of a text like "A1-A5, B7"."""
    ids = []
    for a, lo, b, hi in re.findall(r"\b([A-K])(\d+)(?:-([A-K])?(\d+))?", text):
        ids += ["%s%d" % (a, n) for n in range(int(lo), int(hi or lo) + 1)]
    return ids


def read_features(path):
    """Returns {feature id: state} from the tables of the feature matrix, whose
    rows are "| IDS | STATE | what |"."""
    states = {}
    with open(path, encoding="utf-8") as f:
        for n, line in enumerate(f, 1):
            m = re.match(r"\| *([A-K]\d[^|]*?) *\| *([^|]+?) *\|", line)
            if not m:
                continue
            for feature in expand(m.group(1)):
                if feature in states:
                    raise Error("%s:%d: %s stands here twice"
                                % (path, n, feature))
                states[feature] = m.group(2)
    return states


def _check_features(states):
    for area, n in FEATURES.items():
        for i in range(1, n + 1):
            state = states.pop("%s%d" % (area, i), None)
            if state not in STATES:
                yield "features.md: %s%d is %s" % (area, i,
                                                   state or "missing")
    for feature in states:
        yield "features.md: there is no feature %s" % feature


def _check_list(pages, marks, states):
    known = {page.name: set(items(page)) for page in pages}
    for (page, item), ids in marks.items():
        if page not in known:
            continue
        if item not in known[page]:
            yield "not-implemented.list: %s does not document %s" % (page,
                                                                     item)
        for i in expand(ids) if states is not None else []:
            if states.get(i) not in STATES[1:]:
                yield ("not-implemented.list: %s %s names %s, which is \"%s\""
                       " in the feature matrix" % (page, item, i,
                                                   states.get(i, "missing")))


def read_code(dirs):
    """Returns the text of all source files in 'dirs'; quotes within strings
    count like others."""
    text = []
    for top in dirs:
        for folder, _, names in sorted(os.walk(top)):
            for name in sorted(names):
                if name.endswith((".c", ".def", ".h")):
                    path = os.path.join(folder, name)
                    with open(path, encoding="utf-8") as f:
                        text.append(f.read())
    return "".join(text).replace("\\", "")


def _check_code(page, marks, code):
    """A key that works stands somewhere in the code, as a string.  The tables
    of the database server and obsolete keys are nobody's."""
    for b in page.walk():
        if b.kind != "key" or b.table in ("Connection", "SSL"):
            continue
        for k in b.keys:
            names = ["%s.%s" % (b.table, k), "%s.%s" % (b.table, k.column),
                     b.table] if b.table else [str(k)]
            if (any((page.name, name) in marks for name in names)
                    or k.type.endswith(", obsolete")
                    or '"%s"' % k.key in code):
                continue
            yield "%s: no program knows %s" % (page.name, names[0])


def check(pages, marks, features, code_dirs):
    """Returns all that is wrong with 'pages', as printable lines."""
    problems = []
    if code_dirs:
        code = read_code(code_dirs)
        for page in pages:
            problems += _check_code(page, marks, code)
    for page in pages:
        if page.schema:
            problems += _check_schema(page, Schema(page.schema))
    states = read_features(features) if features else None
    problems += _check_list(pages, marks, states)
    if states is not None:
        problems += _check_features(states)
    return problems
