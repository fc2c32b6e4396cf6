# Writers of manual pages: nroff with the man macros, and HTML.

import html
import re

from manualtext import item_id
from schemadoc import Schema


_INLINE = re.compile(r"`([^`]+)`|(?<![\w*`])\*([^*\s](?:[^*]*[^*\s])?)\*"
                     r"(?![\w*])")


def _inline(text, plain, literal, emphasis):
    """Applies the three functions to the pieces of 'text'."""
    out = []
    at = 0
    for m in _INLINE.finditer(text):
        out.append(plain(text[at:m.start()]))
        if m.group(1) is not None:
            out.append(literal(m.group(1)))
        else:
            out.append(emphasis(m.group(2)))
        at = m.end()
    out.append(plain(text[at:]))
    return "".join(out)


class Context:
    """A page, and what a writer knows besides: the schema and the marks."""

    def __init__(self, page, marks, version):
        self.page = page
        self.schema = Schema(page.schema) if page.schema else None
        self.marks = marks
        self.version = version

    def _mark(self, item, kind):
        features = self.marks.get((self.page.name, item))
        if features is None:
            return None
        why = " (%s)" % features if features else ""
        if kind == "table":
            return ("*Not implemented yet*%s: rows are stored, and nothing"
                    " reads or writes them." % why)
        if kind in ("column", "key"):
            return "*Not implemented yet*%s: stored, without effect." % why
        return "*Not implemented yet*%s." % why

    def table_notes(self, name):
        notes = []
        mark = self._mark(name, "table")
        if mark:
            notes.append(mark)
        if self.schema:
            facts = self.schema.table_facts(name)
            if facts:
                notes.append(" ".join(facts))
        return notes

    def heads(self, block):
        """Yields (heading, note or None) for each column, key or term."""
        if block.kind == "column":
            for name in block.names:
                head = "`%s`" % name
                if self.schema:
                    head += ": " + self.schema.column_type(block.table, name)
                yield head, self._mark("%s.%s" % (block.table, name), "column")
        elif block.kind == "key":
            for k in block.keys:
                head = "`%s:%s`: %s" % (k.column, k.key, k.type)
                if k.default:
                    head += ", default: " + k.default
                item = "%s.%s" % (block.table, k) if block.table else str(k)
                yield head, self._mark(item, "key")
        else:
            for term in block.terms:
                yield term, self._mark(item_id(term), "item")

    def table_list(self):
        for b in self.page.blocks:
            if b.kind == "table":
                yield b.name, b.text


def _grouped(heads):
    """Returns the headings, and the notes: one for all if they agree."""
    heads = list(heads)
    notes = [note for _, note in heads if note]
    if notes and (len(set(notes)) > 1 or len(notes) < len(heads)):
        notes = [h.split(": ", 1)[0] + ": " + n for h, n in heads if n]
    else:
        notes = notes[:1]
    return [h for h, _ in heads], notes


# nroff.

def _roff(text):
    return text.replace("\\", "\\e").replace("`", "\\`").replace("'", "\\(aq")


def _roff_text(text):
    out = _inline(text, _roff,
                  lambda s: "\\fB%s\\fR" % _roff(s).replace("-", "\\-"),
                  lambda s: "\\fI%s\\fR" % _roff(s))
    return "\\&" + out if out[:1] in (".", "'") else out


class Nroff:
    def __init__(self, ctx):
        self.ctx = ctx
        self.out = []

    def page(self):
        p = self.ctx.page
        self.out.append('.\\" Generated from %s; do not edit.'
                        % p.path.split("/")[-1])
        self.out.append('.TH "%s" %s "" "OVN %s" "OVN Manual"'
                        % (p.name, p.section, self.ctx.version))
        self.out += [".ad l", ".nh", ".SH NAME",
                     "%s \\- %s" % (p.name, _roff_text(p.title))]
        self.blocks(p.blocks)
        return "\n".join(self.out) + "\n"

    def part(self):
        self.blocks(self.ctx.page.blocks)
        return "\n".join(self.out) + "\n"

    def blocks(self, blocks):
        for b in blocks:
            getattr(self, b.kind)(b)

    def section(self, b):
        text = b.text.upper() if b.level == 1 else b.text
        self.out.append('%s "%s"' % (".SH" if b.level == 1 else ".SS",
                                     _roff(text)))

    def para(self, b):
        self.out += [".PP", _roff_text(b.text)]

    def verbatim(self, b):
        self.out += [".PP", ".RS 4", ".nf"]
        for line in b.text.split("\n"):
            line = _roff(line).replace("-", "\\-")
            self.out.append("\\&" + line if line[:1] == "." else line)
        self.out += [".fi", ".RE"]

    def bullet(self, b):
        self.out.append(".IP \\(bu 2")
        self._body(b.blocks, [])

    def _body(self, blocks, notes):
        """The text under a heading; its first paragraph needs no macro."""
        for n, note in enumerate(notes):
            self.out += ([".sp"] if n else []) + [_roff_text(note)]
        if blocks and blocks[0].kind == "para":
            self.out += [".sp"] if notes else []
            self.out.append(_roff_text(blocks[0].text))
            blocks = blocks[1:]
        if blocks:
            self.out.append(".RS")
            self.blocks(blocks)
            self.out.append(".RE")

    def item(self, b):
        heads, notes = _grouped(self.ctx.heads(b))
        for n, head in enumerate(heads):
            self.out += [".TQ" if n else ".TP 4", _roff_text(head)]
        self._body(b.blocks, notes)

    column = item
    key = item

    def group(self, b):
        self.out.append('.SS "%s"' % _roff(b.text))

    def table(self, b):
        self.out.append('.SH "%s TABLE"' % _roff(b.name))
        for note in self.ctx.table_notes(b.name):
            self.out += [".PP", _roff_text(note)]
        self.blocks(b.blocks)

    def tables(self, b):
        self.out += [".PP", ".nf"]
        for name, text in self.ctx.table_list():
            self.out.append("\\fB%-34s\\fR%s" % (name, _roff(text)))
        self.out.append(".fi")


# HTML.

_STYLE = """:root { color-scheme: light dark; }
body { max-width: 50em; margin: 2em auto; padding: 0 1em;
       font-family: sans-serif; line-height: 1.4; }
code, pre { font-family: monospace; background: rgba(128, 128, 128, .12); }
pre { padding: .5em 1em; overflow-x: auto; }
nav ul { list-style: none; padding: 0; columns: 14em; }
dt { margin-top: .8em; font-weight: bold; overflow-wrap: anywhere; }
dt + dt { margin-top: .2em; }
dd > p { margin: .3em 0 .6em; }
.note { color: light-dark(#a00, #f88); }
td { padding-right: 2em; vertical-align: top; }
@media print { nav { display: none; } }
"""


# Another of our pages, as it looks in HTML.
_PAGE_REF = re.compile(r"<code>(ovn-[a-z]+)</code>\(([1-8])\)")


def _anchor(text):
    return re.sub(r"[^\w.:/-]+", "-", text)


class Html:
    def __init__(self, ctx):
        self.ctx = ctx
        self.out = []
        self.table_name = None
        self.ids = set()
        self.anchors = set()
        for b in ctx.page.walk():
            if b.kind == "table":
                self.anchors.add(b.name)
            elif b.kind == "column":
                self.anchors |= {"%s.%s" % (b.table, n) for n in b.names}

    def page(self):
        p = self.ctx.page
        title = "%s(%s)" % (p.name, p.section)
        self.out.append("<!DOCTYPE html>\n<html lang=\"en\"><head>"
                        "<meta charset=\"utf-8\">\n<title>%s</title>\n"
                        "<style>\n%s</style></head><body>" % (title, _STYLE))
        self.out.append("<h1>%s</h1><p><b>%s</b> &mdash; %s</p>"
                        % (title, p.name, self._text(p.title)))
        self._contents()
        self.blocks(p.blocks)
        self.out.append("<hr><p>OVN %s</p></body></html>" % self.ctx.version)
        return "\n".join(self.out) + "\n"

    def _contents(self):
        """Links to the sections.  Tables have a list of their own."""
        heads = [(_anchor(b.text), b.text) for b in self.ctx.page.walk()
                 if b.kind == "section" and b.level == 1]
        if len(heads) > 3:
            self.out.append("<nav><ul>")
            self.out += ['<li><a href="#%s">%s</a></li>'
                         % (anchor, self._text(text))
                         for anchor, text in heads]
            self.out.append("</ul></nav>")

    def _id(self, text):
        """The id attribute for 'text', for the first that has it."""
        name = _anchor(text)
        if name in self.ids:
            return ""
        self.ids.add(name)
        return ' id="%s"' % name

    def _literal(self, s):
        code = "<code>%s</code>" % html.escape(s)
        for target in ("%s.%s" % (self.table_name, s.split(":")[0]),
                       s.split(":")[0], s):
            if target in self.anchors:
                return '<a href="#%s">%s</a>' % (target, code)
        return code

    def _text(self, text):
        return _PAGE_REF.sub(r'<a href="\1.\2.html"><code>\1</code></a>(\2)',
                             _inline(text, html.escape, self._literal,
                                     lambda s: "<em>%s</em>"
                                     % html.escape(s)))

    def blocks(self, blocks):
        """Writes 'blocks', neighbours of a kind in one list."""
        open_list = None
        for b in blocks:
            lst = ("dl" if b.kind in ("item", "column", "key")
                   else "ul" if b.kind == "bullet" else None)
            if lst != open_list:
                if open_list:
                    self.out.append("</%s>" % open_list)
                if lst:
                    self.out.append("<%s>" % lst)
                open_list = lst
            getattr(self, b.kind)(b)
        if open_list:
            self.out.append("</%s>" % open_list)

    def section(self, b):
        level = min(b.level + 1, 4)
        self.out.append('<h%d%s>%s</h%d>' % (
            level, self._id(b.text), self._text(b.text), level))

    def para(self, b):
        self.out.append("<p>%s</p>" % self._text(b.text))

    def verbatim(self, b):
        self.out.append("<pre>%s</pre>" % html.escape(b.text))

    def bullet(self, b):
        self.out.append("<li>")
        self.blocks(b.blocks)
        self.out.append("</li>")

    def _note(self, note):
        self.out.append('<p class="note">%s</p>' % self._text(note))

    def item(self, b):
        heads, notes = _grouped(self.ctx.heads(b))
        names = (["%s.%s" % (b.table, n) for n in b.names]
                 if b.kind == "column" else
                 ["%s.%s" % (b.table, k) if b.table else str(k)
                  for k in b.keys]
                 if b.kind == "key" else [item_id(t) for t in b.terms])
        for name, head in zip(names, heads):
            self.out.append('<dt%s>%s</dt>' % (self._id(name),
                                               self._text(head)))
        self.out.append("<dd>")
        for note in notes:
            self._note(note)
        self.blocks(b.blocks)
        self.out.append("</dd>")

    column = item
    key = item

    def group(self, b):
        self.out.append("<h3>%s</h3>" % self._text(b.text))

    def table(self, b):
        self.table_name = b.name
        self.out.append('<h2%s>%s table</h2>' % (self._id(b.name), b.name))
        for n, note in enumerate(self.ctx.table_notes(b.name)):
            if note.startswith("*"):
                self._note(note)
            else:
                self.out.append("<p>%s</p>" % self._text(note))
        self.blocks(b.blocks)
        self.table_name = None

    def tables(self, b):
        self.out.append("<table>")
        for name, text in self.ctx.table_list():
            self.out.append('<tr><td><a href="#%s">%s</a></td><td>%s</td></tr>'
                            % (name, name, self._text(text)))
        self.out.append("</table>")
