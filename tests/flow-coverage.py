#! /usr/bin/env python3
"""Which places of ovn-northd that make flows make none in any golden file.

usage: flow-coverage.py FOLDER SOURCES

FOLDER is northd/features; SOURCES has lines "FILE:LINE", the "source" of all
flows that the scripts in tests/flows led to.  Prints each call of flow() and
each STATIC_FLOW() in FOLDER that is none of these, and fails if there are any.
"""

import os
import re
import sys


def calls(text):
    """Yields the first and last line of each call, and its beginning."""
    for m in re.finditer(r'^(?!#).*?\b(?:flow|STATIC_FLOW)(\()', text, re.M):
        depth, i, in_string = 0, m.start(1), False
        while True:
            c = text[i]
            if in_string:
                if c == '\\':
                    i += 1
                elif c == '"':
                    in_string = False
            elif c == '"':
                in_string = True
            elif c == '(':
                depth += 1
            elif c == ')':
                depth -= 1
                if not depth:
                    break
            i += 1
        yield (text.count('\n', 0, m.start(1)) + 1,
               text.count('\n', 0, i) + 1,
               ' '.join(text[m.start():i + 1].split())[:70])


def main():
    folder, sources = sys.argv[1:]
    made = set()
    with open(sources, encoding='utf-8') as f:
        for line in f:
            name, _, number = line.strip().partition(':')
            made.add((name, int(number)))

    n, missing = 0, 0
    for name in sorted(os.listdir(folder)):
        if not name.endswith('.c'):
            continue
        with open(os.path.join(folder, name), encoding='utf-8') as f:
            text = f.read()
        for first, last, call in calls(text):
            n += 1
            if not any((name, line) in made
                       for line in range(first, last + 1)):
                print('%s:%d: %s' % (name, first, call))
                missing += 1
    if not n:
        sys.exit('%s: no call of flow() there' % folder)
    sys.exit(missing > 0)


if __name__ == '__main__':
    main()
