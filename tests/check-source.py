"""Checks rules of the source code that a compiler does not.

usage: check-source.py style|features|headers DIR <FILES

FILES names the files of the source tree DIR, one a line.  Prints what is wrong
with them and exits with status 1, or with 0 if all is well.  "headers" prints
the header files among them instead."""

import os
import re
import sys

MAX_COLUMNS = 79
MAX_FILE = 1000
MAX_FUNCTION = 120
SUFFIXES = (".c", ".h", ".def", ".py", ".sh")


def source_files():
    """Returns the source files, sorted: those with a suffix we know, and
    scripts."""
    names = [name for name in sys.stdin.read().splitlines()
             if os.path.isfile(name)]
    return [name for name in sorted(names)
            if name.endswith(SUFFIXES) or is_script(name)]


def is_script(name):
    """Returns true if 'name' starts like a script."""
    with open(name, "rb") as stream:
        return stream.read(2) == b"#!"


def read_lines(name):
    with open(name, encoding="utf-8") as stream:
        return stream.read().splitlines()


def check_lines(lines):
    """Yields what is wrong with single lines."""
    for number, line in enumerate(lines, 1):
        if "\t" in line:
            yield number, "tab"
        if line != line.rstrip():
            yield number, "space at the end of the line"
        if len(line) > MAX_COLUMNS:
            yield number, ("line of %d columns (%d are allowed)"
                           % (len(line), MAX_COLUMNS))


def check_functions(lines):
    """Yields functions of C that are too long.  They start and end with
    braces in the first column; initializers do not start there."""
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line == "}" and start is not None:
            length = number - start
            if length > MAX_FUNCTION:
                yield start, ("function of %d lines (%d are allowed)"
                              % (length, MAX_FUNCTION))
            start = None


def check_style():
    """Yields all that is wrong with the style of the tree."""
    for name in source_files():
        lines = read_lines(name)
        if len(lines) > MAX_FILE:
            yield name, 1, ("file of %d lines (%d are allowed)"
                            % (len(lines), MAX_FILE))
        for number, what in check_lines(lines):
            yield name, number, what
        if name.endswith(".c"):
            for number, what in check_functions(lines):
                yield name, number, what


def check_features():
    """Yields features that include the header of another one: what several
    of them need belongs in the model.  features.h only lists them."""
    include = re.compile(r'#include "(?:.*/)?features/(.*)\.h"')
    for name in source_files():
        if "features" not in name.split(os.sep):
            continue
        own = os.path.splitext(os.path.basename(name))[0]
        for number, line in enumerate(read_lines(name), 1):
            match = include.match(line)
            if match and match.group(1) not in (own, "features"):
                yield name, number, ('includes the header of feature "%s"'
                                     % match.group(1))


def main():
    what, top = sys.argv[1:]
    os.chdir(top)
    if what == "headers":
        for name in source_files():
            if name.endswith(".h"):
                print(name)
        return 0
    check = {"style": check_style, "features": check_features}[what]
    status = 0
    for name, number, problem in check():
        print("%s:%d: %s" % (name, number, problem))
        status = 1
    return status


sys.exit(main())
