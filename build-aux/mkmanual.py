#!/usr/bin/env python3
# Makes manual pages from the sources in Documentation/, and checks them.
#
#   mkmanual.py man|html [OPTION]... SOURCE    writes the page to stdout
#   mkmanual.py part [OPTION]... SOURCE      the same for nroff to include
#   mkmanual.py items [OPTION]... SOURCE...    lists what the pages document,
#                                              without what is in the list
#   mkmanual.py check [OPTION]... SOURCE...    compares with schema and list
#
# Options:
#   --section=TITLE    items: only those of this section
#   -I DIR             search DIR for included files and schemas
#   --list=FILE        Documentation/not-implemented.list
#   --features=FILE    feature matrix, to check the list against
#   --code=DIR         programs, to check that they know the keys
#   --version=TEXT     version to print in the page

import argparse
import sys

sys.dont_write_bytecode = True

import manualcheck  # noqa: E402
import manualout    # noqa: E402
import manualtext   # noqa: E402


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("mode",
                        choices=["man", "html", "part", "items", "check"])
    parser.add_argument("-I", dest="dirs", action="append", default=[])
    parser.add_argument("--list")
    parser.add_argument("--features")
    parser.add_argument("--code", action="append", default=[])
    parser.add_argument("--section")
    parser.add_argument("--version", default="")
    parser.add_argument("sources", nargs="+")
    args = parser.parse_args()

    marks = manualcheck.read_list(args.list) if args.list else {}
    pages = [manualtext.parse(s, args.dirs, args.mode == "part")
             for s in args.sources]

    if args.mode == "items":
        for page in pages:
            for item in manualcheck.items(page, args.section):
                if (page.name, item) not in marks:
                    print(page.name, item)
        return 0
    if args.mode == "check":
        problems = manualcheck.check(pages, marks, args.features,
                                      args.code)
        for problem in problems:
            print(problem)
        return 1 if problems else 0
    for page in pages:
        ctx = manualout.Context(page, marks, args.version)
        if args.mode == "part":
            sys.stdout.write(manualout.Nroff(ctx).part())
        else:
            writer = manualout.Nroff if args.mode == "man" else manualout.Html
            sys.stdout.write(writer(ctx).page())
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, ValueError, manualtext.Error) as e:
        sys.exit("mkmanual: %s" % e)
