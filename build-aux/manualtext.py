# Parser of the manual sources: Documentation/writing-manuals.md has the
# format.  A source becomes a Page: a title, and a list of Block that the
# writers in manualout.py turn into nroff or HTML.

import os
import re


class Error(Exception):
    """A source that does not follow the format; says file and line."""


class Block:
    """One piece of a page.

    'kind' is one of:
      section   level, text
      para      text
      verbatim  text
      bullet    blocks
      item      terms, blocks           a definition: options, commands, ...
      table     name, text, blocks      a database table
      group     text                    a heading inside a table
      column    names, blocks           columns of the table around it
      key       keys, blocks            documented keys of map columns
      tables                            the overview of the database's tables
    """

    def __init__(self, kind, where, **attrs):
        self.kind = kind
        self.where = where
        self.text = ""
        self.level = 1
        self.blocks = []
        self.table = None
        self.__dict__.update(attrs)


class Key:
    """"@key COLUMN:KEY TYPE = DEFAULT"."""

    def __init__(self, column, key, type_, default):
        self.column = column
        self.key = key
        self.type = type_
        self.default = default

    def __str__(self):
        return "%s:%s" % (self.column, self.key)


class Page:
    def __init__(self, path):
        self.path = path
        self.name = None
        self.section = None
        self.title = None
        self.schema = None      # path of the documented database's schema
        self.blocks = []

    def walk(self):
        """Yields all blocks, outer before inner."""
        def visit(blocks):
            for b in blocks:
                yield b
                yield from visit(b.blocks)
        yield from visit(self.blocks)


def item_id(term):
    """The name by which Documentation/not-implemented.list and the checks know
    a definition: its first word, without quotes and without '=VALUE', behind
    the options that a command may have."""
    term = term.replace("`", "").replace("*", "")
    word = re.sub(r"^(\[--\S*\] )+", "", term).split()[0].rstrip(",")
    return re.split(r"[=\[]", word)[0]


class _Line:
    def __init__(self, text, where):
        self.text = text
        self.where = where

    @property
    def indent(self):
        return len(self.text) - len(self.text.lstrip(" "))

    @property
    def blank(self):
        return not self.text.strip()

    def dedented(self, n):
        return _Line(self.text[n:] if not self.blank else "", self.where)


def _read(path, dirs, depth=0):
    """Returns the lines of 'path', included files in place."""
    lines = []
    with open(path, encoding="utf-8") as f:
        for n, text in enumerate(f, 1):
            text = text.rstrip()
            where = "%s:%d" % (path, n)
            if "\t" in text:
                raise Error("%s: tabulator" % where)
            if text.startswith("@include "):
                if depth > 3:
                    raise Error("%s: includes too deep" % where)
                lines += _read(_find(text.split()[1], dirs, where), dirs,
                               depth + 1)
            elif (lines and lines[-1].text.startswith(("@key ", "@table "))
                  and text.startswith("    ")):
                lines[-1].text += " " + text.strip()
            elif not text.startswith("@# "):
                lines.append(_Line(text, where))
    return lines


def _find(name, dirs, where):
    for d in dirs:
        path = os.path.join(d, name)
        if os.path.exists(path):
            return path
    raise Error("%s: %s: no such file in %s" % (where, name, ", ".join(dirs)))


class _Parser:
    def __init__(self, page, dirs):
        self.page = page
        self.dirs = dirs
        self.boilerplate = {}
        self.table = None

    def blocks(self, lines):
        """Parses 'lines' that stand at one level of indentation."""
        out = []
        i = 0
        while i < len(lines):
            ln = lines[i]
            if ln.blank:
                i += 1
            elif ln.indent >= 4:
                i = self._verbatim(lines, i, out)
            elif ln.text.startswith("@"):
                i = self._directive(lines, i, out)
            elif re.match(r"#+ ", ln.text):
                marks, text = ln.text.split(" ", 1)
                out.append(Block("section", ln.where, level=len(marks),
                                 text=text.strip()))
                i += 1
            elif ln.text.startswith(":: "):
                i = self._item(lines, i, out)
            elif ln.text.startswith("- "):
                first = _Line("  " + ln.text[2:], ln.where)
                body, i = self._body(lines, i + 1, [first])
                out.append(Block("bullet", ln.where,
                                 blocks=self.blocks(body)))
            elif ln.indent:
                raise Error("%s: stray indentation" % ln.where)
            else:
                i = self._paragraph(lines, i, out)
        return out

    @staticmethod
    def _body(lines, i, body):
        """Takes the lines that are indented below a bullet or a term."""
        body = list(body)
        while i < len(lines) and (lines[i].blank or lines[i].indent >= 2):
            body.append(lines[i])
            i += 1
        return [ln.dedented(2) for ln in body], i

    @staticmethod
    def _verbatim(lines, i, out):
        first = i
        while i < len(lines) and (lines[i].blank or lines[i].indent >= 4):
            i += 1
        text = "\n".join(ln.text[4:] for ln in lines[first:i]).rstrip("\n")
        out.append(Block("verbatim", lines[first].where, text=text))
        return i

    @staticmethod
    def _paragraph(lines, i, out):
        first = i
        while (i < len(lines) and not lines[i].blank
               and not re.match(r"[@#]|:: |- |  ", lines[i].text)):
            i += 1
        if i == first:
            raise Error("%s: cannot understand this line" % lines[i].where)
        text = "\n".join(ln.text.strip() for ln in lines[first:i])
        text = re.sub(r"(?<=[.?!:])\n", "  ", text).replace("\n", " ")
        out.append(Block("para", lines[first].where, text=text))
        return i

    def _item(self, lines, i, out):
        first = i
        while i < len(lines) and lines[i].text.startswith(":: "):
            i += 1
        terms = [ln.text[3:].strip() for ln in lines[first:i]]
        body, i = self._body(lines, i, [])
        out.append(Block("item", lines[first].where, terms=terms,
                         blocks=self.blocks(body)))
        return i

    def _directive(self, lines, i, out):
        ln = lines[i]
        word, _, rest = ln.text.partition(" ")
        handler = getattr(self, "_at_" + word[1:].replace("-", "_"), None)
        if not handler:
            raise Error("%s: unknown directive %s" % (ln.where, word))
        return handler(lines, i, rest.strip(), out)

    # Directives.  Each returns the number of the next line.

    def _at_page(self, lines, i, rest, out):
        m = re.match(r"([\w-]+)\((\d)\) (.+)$", rest)
        if not m:
            raise Error("%s: expected @page NAME(SECTION) TITLE"
                        % lines[i].where)
        self.page.name, self.page.section, self.page.title = m.groups()
        return i + 1

    def _at_schema(self, lines, i, rest, out):
        self.page.schema = _find(rest, self.dirs, lines[i].where)
        return i + 1

    def _at_tables(self, lines, i, rest, out):
        out.append(Block("tables", lines[i].where))
        return i + 1

    def _rows(self, lines, i, name):
        """The rows of the table in the file 'name', see read_rows()."""
        return read_rows(_find(name, self.dirs, lines[i].where))

    @staticmethod
    def _generated(lines, i, terms, text):
        """A definition that is not in the source."""
        para = [Block("para", lines[i].where, text=text)] if text else []
        return Block("item", lines[i].where,
                     terms=terms if isinstance(terms, list) else [terms],
                     blocks=para)

    def _at_stages(self, lines, i, rest, out):
        name, datapath, pipeline = rest.split()
        for row in self._rows(lines, i, name):
            if row[0] == "STAGE" and row[2:4] == [datapath, pipeline]:
                out.append(self._generated(
                    lines, i, "`%s`, table %s" % (row[5], row[4]), row[7]))
        return i + 1

    def _at_oftables(self, lines, i, rest, out):
        for row in self._rows(lines, i, rest):
            if row[0] == "TABLE":
                out.append(self._generated(lines, i, "%s, `%s`" % (row[2],
                                                                 row[1]),
                                           row[3]))
        return i + 1

    def _symbols(self, lines, i, name, kinds, out):
        """Symbols of the flow language with an item each; those without a
        text of their own belong to the one before."""
        for row in self._rows(lines, i, name):
            if row[0] not in kinds:
                continue
            if not row[-1]:
                out[-1].terms[0] += ", `%s`" % row[1]
                continue
            text = row[-1]
            if row[0] in ("PREDICATE", "SUBFIELD"):
                text += "  `%s`." % row[2]
            needs = {"FIELD": 3, "FIELD_X": 3, "OVNFIELD": 4,
                     "SUBFIELD": 3}.get(row[0])
            if needs and row[needs] != "NULL":
                text += "  Needs `%s`." % row[needs]
            out.append(self._generated(lines, i, "`%s`" % row[1],
                                       text + self._access(row)))

    @staticmethod
    def _access(row):
        """Where a field can be assigned to, if not everywhere."""
        if row[0] == "OVNFIELD":
            return "  Only for assignments."
        if "READ_ONLY" in row:
            return "  Read-only."
        if "CT_COMMIT" in row:
            return "  Can be assigned to only in `ct_commit { ... }`."
        return ""

    def _at_predicates(self, lines, i, rest, out):
        self._symbols(lines, i, rest, ("PREDICATE", "SUBFIELD"), out)
        return i + 1

    def _at_fields(self, lines, i, rest, out):
        self._symbols(lines, i, rest,
                      ("STRING", "FIELD", "FIELD_X", "OVNFIELD"), out)
        return i + 1

    def _at_actions(self, lines, i, rest, out):
        rows = list(self._rows(lines, i, rest))
        aliases = {row[2]: row[1] for row in rows
                   if row[0] == "OVNACT_ALIAS"}
        for row in rows:
            if row[0] == "OVNACT":
                usage, text = [c.replace('\\"', '"') for c in row[12:14]]
                if row[11] != "NULL":
                    text += "  Needs `%s`." % row[11]
                if row[1] in aliases:
                    text += "  `%s` means the same." % aliases[row[1]]
                out.append(self._generated(
                    lines, i, ["`%s`" % form for form in usage.split("\\n")],
                    text))
        return i + 1

    def _at_group(self, lines, i, rest, out):
        out.append(Block("group", lines[i].where, text=rest))
        return i + 1

    def _at_boilerplate(self, lines, i, rest, out):
        body, i2 = self._until(lines, i + 1, "@")
        self.boilerplate[rest] = body
        return i2

    def _at_table(self, lines, i, rest, out):
        name, _, title = rest.partition(" ")
        body, i2 = self._until(lines, i + 1, r"@table |# ")
        self.table = name
        out.append(Block("table", lines[i].where, name=name,
                         text=title.strip(), blocks=self.blocks(body)))
        self.table = None
        return i2

    def _at_column(self, lines, i, rest, out):
        first = i
        names = []
        while i < len(lines) and lines[i].text.startswith("@column "):
            names.append(lines[i].text.split()[1])
            i += 1
        body, i = self._until(lines, i, r"@|#+ ")
        if all(ln.blank for ln in body):
            if names[-1] not in self.boilerplate:
                raise Error("%s: column without text" % lines[first].where)
            body = self.boilerplate[names[-1]]
        out.append(Block("column", lines[first].where, names=names,
                         table=self.table, blocks=self.blocks(body)))
        return i

    def _at_key(self, lines, i, rest, out):
        first = i
        keys = []
        while i < len(lines) and lines[i].text.startswith("@key "):
            keys.append(_key(lines[i]))
            i += 1
        body, i = self._until(lines, i, r"@|#+ ")
        if all(ln.blank for ln in body):
            raise Error("%s: key without text" % lines[first].where)
        out.append(Block("key", lines[first].where, keys=keys,
                         table=self.table, blocks=self.blocks(body)))
        return i

    @staticmethod
    def _until(lines, i, pattern):
        first = i
        while i < len(lines) and not re.match(pattern, lines[i].text):
            i += 1
        return lines[first:i], i


def _key(ln):
    m = re.match(r"@key (\w+):(\S+)(?: +(.*?))?(?:(?:^|\s+)= (.+))?$", ln.text)
    if not m or not m.group(3):
        raise Error("%s: expected @key COLUMN:KEY TYPE [= DEFAULT]" % ln.where)
    return Key(*m.groups())


def read_rows(path):
    """Returns the rows of a table in a C header, "MACRO(ARG, ...)",
    as lists of the macro and its arguments, strings without quotes.
    Rows in "#ifdef" are left out."""
    with open(path, encoding="utf-8") as f:
        text = re.sub(r"/\*.*?\*/|^#ifdef.*?^#(?:else|endif)$|^#.*?$", "",
                      f.read(), flags=re.S | re.M)
    string = r'"(?:[^"\\]|\\.)*"'
    rows = []
    for m in re.finditer(r"^(\w+)\(((?:%s|[^\"()])*)\)" % string, text, re.M):
        row = [m.group(1)]
        for arg in re.findall(r"(?:%s|[^\",])+" % string, m.group(2)):
            parts = re.findall(string, arg)
            row.append("".join(p[1:-1] for p in parts) if parts
                       else arg.strip())
        rows.append(row)
    return rows


def parse(path, dirs, part=False):
    """Reads the page, or 'part' of one, in 'path'; includes are searched in
    'dirs'."""
    page = Page(path)
    page.blocks = _Parser(page, dirs).blocks(_read(path, dirs))
    if not page.name and not part:
        raise Error("%s: no @page line" % path)
    return page
