"""Looks for mistakes in HTML pages: html-check.py PAGE...

Tags that do not match, text that is no text, ids that are there twice, links
within a page or to another of the pages that lead nowhere."""
import html.parser
import os
import re
import sys

VOID = {"br", "col", "hr", "img", "input", "link", "meta", "wbr"}
# What closes the start tag of itself or of another.
INLINE = {"a", "code", "em", "strong", "span", "b", "i"}


class Page(html.parser.HTMLParser):
    def __init__(self, path):
        super().__init__(convert_charrefs=False)
        self.path, self.open, self.ids, self.links = path, [], set(), []
        self.errors = []
        self.feed(open(path, encoding="utf-8").read())
        self.close()
        for tag in self.open:
            self.error("<%s> is not closed" % tag)

    def error(self, message):
        self.errors.append("%s:%d: %s" % (os.path.basename(self.path),
                                          self.getpos()[0], message))

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        for name in names:
            if names.count(name) > 1:
                self.error("<%s> has %s twice" % (tag, name))
        for name, value in attrs:
            if name == "id":
                if value in self.ids:
                    self.error('id "%s" is there twice' % value)
                if not value or re.search(r"\s", value):
                    self.error('id "%s" is none' % value)
                self.ids.add(value)
            elif name == "href":
                self.links.append((self.getpos()[0], value))
        if tag in INLINE and tag in self.open:
            self.error("<%s> within <%s>" % (tag, tag))
        if tag in ("p", "dl", "ul", "pre", "h1", "h2", "h3") \
           and any(t in self.open for t in ("p", "a", "code", "dt")):
            self.error("<%s> within %s" % (tag, self.open))
        if tag in ("dt", "dd") and self.open[-1:] != ["dl"]:
            self.error("<%s> outside of <dl>" % tag)
        if tag == "li" and self.open[-1:] not in (["ul"], ["ol"], ["nav"]):
            self.error("<li> outside of a list")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if self.open[-1:] != [tag]:
            self.error("</%s> within %s" % (tag, self.open[-1:]))
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data):
        if "&" in data:
            self.error("& in text")
        if "<" in data and self.open[-1:] not in (["style"], ["script"]):
            self.error("< in text")
        if self.open[-1:] in (["dl"], ["ul"], ["table"]) and data.strip():
            self.error("text in <%s>" % self.open[-1])


def main():
    pages = {os.path.basename(p): Page(p) for p in sys.argv[1:]}
    for page in pages.values():
        for line, link in page.links:
            name, _, anchor = link.partition("#")
            if re.match(r"https?:", link):
                continue
            target = pages.get(name) if name else page
            if not target or anchor and anchor not in target.ids:
                page.errors.append("%s:%d: %s leads nowhere" % (
                    os.path.basename(page.path), line, link))
        for error in page.errors:
            print(error)
    if any(page.errors for page in pages.values()):
        sys.exit(1)


main()
