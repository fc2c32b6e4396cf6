#!/usr/bin/env python3
# Runs the commands of a transcript and compares what they print with it.
#
#   transcript.py [--peer] FILE     prints the differences, fails if any
#   transcript.py --record FILE     prints the transcript as it should be
#
# A line "$ COMMAND" is run by the shell.  The lines behind it are its output,
# those of standard error with "! " in front, and "=> STATUS" unless it
# succeeds.  UUIDs appear as <0>, <1> and so on, in the order in which they
# appear in the output; a command can use them that way, too.  Names and times
# of log messages and the folder's name are left out.  "$$ COMMAND" is one that
# OVN 23.03 does not have or answers in another way: with --peer, it is run but
# its output does not count.  "# " starts a comment.

import argparse
import copy
import difflib
import os
import re
import subprocess
import sys

UUID = re.compile("-".join("[0-9a-f]{%d}" % n for n in (8, 4, 4, 4, 12)))


class Uuids:
    def __init__(self):
        self.names = {}

    def to_names(self, text):
        def name(match):
            return self.names.setdefault(match.group(0),
                                         "<%d>" % len(self.names))
        return UUID.sub(name, text)

    def from_names(self, text):
        for uuid, name in self.names.items():
            text = text.replace(name, uuid)
        return text


def simplify(text):
    text = text.replace(os.getcwd(), "DIR")
    return re.sub(r"\d{4}-\d\d-\d\dT[0-9:.]*Z\|\d+\|[a-z_]+\|", "", text)


def run(command, uuids):
    p = subprocess.run(["sh", "-c", uuids.from_names(command)],
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, universal_newlines=True,
                       timeout=60)
    lines = uuids.to_names(simplify(p.stdout)).splitlines()
    lines += ["! " + line
              for line in uuids.to_names(simplify(p.stderr)).splitlines()]
    if p.returncode:
        lines.append("=> %d" % p.returncode)
    return lines


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--peer", action="store_true")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("file")
    args = parser.parse_args()

    with open(args.file) as f:
        blocks = re.split(r"^(?=\$\$? |# )", f.read(), flags=re.M)
    uuids = Uuids()
    expected, actual = [], []
    for block in blocks:
        lines = block.splitlines()
        if not lines:
            continue
        output = lines[1:]
        if args.peer and lines[0].startswith("$$"):
            run(lines[0].split(" ", 1)[1], copy.deepcopy(uuids))
        elif not lines[0].startswith("#"):
            output = run(lines[0].split(" ", 1)[1], uuids)
        expected += lines
        actual += [lines[0]] + output

    if args.record:
        print("\n".join(actual))
        return 0
    diff = list(difflib.unified_diff(expected, actual, "expected", "actual",
                                     n=3, lineterm=""))
    print("".join(line + "\n" for line in diff), end="")
    return 1 if diff else 0


if __name__ == "__main__":
    sys.exit(main())
