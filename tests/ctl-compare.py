#!/usr/bin/env python3
# Types random commands into two or more implementations of ovn-nbctl, each
# with a database of its own, and compares exit status, output, messages and
# the rows that result.
#
#   ctl-compare.py [OPTION]... NAME=PROGRAM...
#
# NAME is for the report; a name that ends with "-daemon" runs PROGRAM as a
# daemon and its clients.  What is typed comes from --grammar, and differences
# that are meant to be from --known.  UUIDs are compared by the content of the
# row that they name.  Fails if there is any other difference.

import argparse
import json
import os
import random
import re
import shlex
import socket
import subprocess
import sys
import time

UUID = re.compile("-".join("[0-9a-f]{%d}" % n for n in (8, 4, 4, 4, 12)))
DATABASE = "OVN_Northbound"


class Grammar:
    """What can be typed: words by name, and patterns of commands."""

    def __init__(self, path, new):
        self.words, self.commands, self.setup = {}, [], []
        with open(path) as f:
            for line in f:
                line = line.strip()
                if not line or line.startswith("#"):
                    continue
                if line.startswith("setup "):
                    self.setup.append(line.split()[1:])
                    continue
                name, equals, rest = line.partition(" = ")
                if equals:
                    good, _, bad = rest.partition(" ! ")
                    self.words[name] = tuple(
                        [w.strip() for w in part.split(" | ") if w.strip()]
                        for part in (good, bad))
                elif not line.startswith("new "):
                    self.commands.append(line.split()[1:])
                elif new:
                    self.commands.append(line.split()[2:])

    def word(self, name, rng, uuids):
        """Returns a word that can stand for 'name'."""
        if name not in self.words:
            return name
        good, bad = self.words[name]
        word = rng.choice(bad if bad and rng.random() < .06 else good)
        if word.startswith("@"):
            return rng.choice(uuids(word[1:]))
        return "" if word == '""' else word.strip('"')

    def option(self, pattern, rng, uuids):
        name, equals, value = pattern.strip("()").partition("=")
        return name + (equals and "=" + self.word(value, rng, uuids))

    def command(self, rng, uuids):
        """Returns a command as a list of words."""
        pattern = rng.choice(self.commands)
        options, words, skip = [], [], False
        for token in pattern:
            if token.startswith("("):
                if rng.random() < .3:
                    options.append(self.option(token, rng, uuids))
                continue
            if token.startswith("["):
                skip = skip or rng.random() < .35
            if skip:
                continue
            name = token.strip("[]")
            if name[-1] in "*+" and name[:-1] in self.words:
                n = rng.choice((0, 1, 1, 2, 3) if name[-1] == "*"
                               else (1, 1, 2, 3))
                words += [self.word(name[:-1], rng, uuids) for _ in range(n)]
            elif name.startswith("--"):
                options.append(self.option(name, rng, uuids))
            else:
                word = self.word(name, rng, uuids)
                words += word.split() if name == "QOSARG" else [word]
        if rng.random() < .02:
            words.pop()
        elif rng.random() < .02:
            words.append("extra")
        return options + words

    def line(self, rng, uuids):
        """Returns one or more commands."""
        words = self.command(rng, uuids)
        while rng.random() < .15:
            words += ["--"] + self.command(rng, uuids)
        return words


class Client:
    """A connection to a database server, for whole copies of it."""

    def __init__(self, path, schema):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.tables = schema["tables"]
        self.buffer = b""

    def transact(self, operations):
        request = {"method": "transact", "id": 0,
                   "params": [DATABASE] + operations}
        self.socket.sendall(json.dumps(request).encode())
        decoder = json.JSONDecoder()
        while True:
            try:
                reply, end = decoder.raw_decode(self.buffer.decode())
            except ValueError:
                data = self.socket.recv(1 << 20)
                if not data:
                    raise SystemExit("the database server is gone")
                self.buffer += data
                continue
            self.buffer = self.buffer.decode()[end:].lstrip().encode()
            if reply.get("method") == "echo":
                self.socket.sendall(json.dumps(
                    {"result": reply["params"], "error": None,
                     "id": reply["id"]}).encode())
                continue
            return reply["result"]

    def rows(self):
        """Returns all rows: (table, row) by UUID."""
        names = sorted(self.tables)
        replies = self.transact([{"op": "select", "table": name, "where": []}
                                 for name in names])
        return {row["_uuid"][1]: (name, row)
                for name, reply in zip(names, replies)
                for row in reply["rows"]}

    def clear(self):
        self.transact([{"op": "delete", "table": name, "where": []}
                       for name in sorted(self.tables)])


class Side:
    """One implementation with its database."""

    def __init__(self, spec, schema_path, quiet):
        self.name, _, self.program = spec.partition("=")
        os.mkdir(self.name)
        self.folder = os.path.abspath(self.name)
        # A daemon's log messages do not reach the client.
        self.quiet = quiet
        self.processes = []
        self.environment = dict(os.environ, OVS_RUNDIR=self.folder,
                                OVN_RUNDIR=self.folder, OVS_CTL_TIMEOUT="30")
        for name in list(self.environment):
            if re.match(r"OVN_(NB|SB)(CTL|_)", name):
                del self.environment[name]
        path = os.path.join(self.folder, "nb")
        subprocess.run(["ovsdb-tool", "create", path + ".db", schema_path],
                       check=True)
        self.start(["ovsdb-server", path + ".db", "--no-chdir",
                    "-vconsole:off", "--remote=punix:" + path + ".sock",
                    "--unixctl=" + path + ".ctl"], path + ".sock")
        self.argv = [self.program, "--no-syslog",
                     "--db=unix:" + path + ".sock"]
        if self.name.endswith("-daemon"):
            self.environment["OVN_NB_DAEMON"] = path + ".daemon"
            self.start(self.argv + ["--detach", "--no-chdir", "--unixctl="
                                    + path + ".daemon"], path + ".daemon")
            self.argv = [self.program, "--no-syslog"]
        with open(schema_path) as f:
            self.client = Client(path + ".sock", json.load(f))
        self.refresh()

    def start(self, argv, awaited):
        """Starts a program in the foreground, whatever it is."""
        argv = [arg for arg in argv if arg != "--detach"] if (
            "ovsdb-server" in argv[0]) else argv + ["--pidfile=%s.pid"
                                                    % awaited]
        if "ovsdb-server" in argv[0]:
            self.processes.append(subprocess.Popen(
                argv, env=self.environment, stdin=subprocess.DEVNULL))
        else:
            subprocess.run(argv, env=self.environment, check=True,
                           stdout=subprocess.DEVNULL)
        for _ in range(100):
            if os.path.exists(awaited):
                return
            time.sleep(.05)
        raise SystemExit("%s does not start" % argv[0])

    def refresh(self):
        """Reads the rows, and names each after its content."""
        self.rows = self.client.rows()
        self.names = {}
        for uuid in self.rows:
            self.row_name(uuid, 0)
        self.uuids = {}
        for uuid, name in sorted(self.names.items()):
            self.uuids.setdefault(name, uuid)

    def value(self, value, depth):
        """Returns 'value' of a column with UUIDs replaced by names."""
        if isinstance(value, list) and value[0] in ("set", "map"):
            return sorted(json.dumps(self.value(v, depth)) for v in value[1])
        if isinstance(value, list) and value[0] == "uuid":
            return self.row_name(value[1], depth + 1)
        if isinstance(value, list):
            return [self.value(v, depth) for v in value]
        if isinstance(value, str):
            return UUID.sub(lambda m: self.row_name(m.group(0), depth + 1),
                            value)
        return value

    def row_name(self, uuid, depth):
        if uuid not in self.rows or depth > 8:
            return "<?>"
        if uuid not in self.names:
            table, row = self.rows[uuid]
            content = {column: self.value(value, depth)
                       for column, value in row.items()
                       if not column.startswith("_")}
            self.names[uuid] = "<%s %s>" % (
                table, json.dumps(content, sort_keys=True))
        return self.names[uuid]

    def content(self):
        return sorted(self.name_of(uuid) for uuid in self.rows)

    def name_of(self, uuid):
        return self.names[uuid]

    def restart(self, grammar):
        """Brings the database to the state in which each test starts."""
        for _ in range(20):
            self.client.clear()
            ok = True
            for words in grammar.setup:
                self.begin(words)
                self.process.communicate(timeout=60)
                ok = ok and self.process.returncode == 0
            if ok:
                break
            # A daemon may not have heard yet that everything is gone.
            time.sleep(.1)
        self.refresh()

    def begin(self, words):
        argv = [self.uuids.get(word, word) for word in words]
        self.process = subprocess.Popen(
            self.argv + argv, env=self.environment, cwd=self.folder,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, universal_newlines=True)

    def end(self):
        """Returns what the command did: status, output, messages, rows."""
        out, err = self.process.communicate(timeout=60)
        before = dict(self.names)
        self.refresh()

        def name(match):
            uuid = match.group(0)
            return self.names.get(uuid) or before.get(uuid, "<?>")

        if self.quiet:
            err = re.sub(r"(?m)^\d{4}-.*\n", "", err)
        err = re.sub(r"\d{4}-\d\d-\d\dT[0-9:.]*Z\|\d+\|[a-z_]+\|", "", err)
        # Which of two rows is the first is a matter of chance.
        err = re.sub(r"First row.*", "", err)
        err = err.replace(os.path.basename(self.program), "ovn-nbctl")
        return {"status": self.process.returncode,
                "output": UUID.sub(name, out), "messages": UUID.sub(name, err),
                "rows": self.content()}

    def stop(self):
        pidfile = os.path.join(self.folder, "nb.daemon.pid")
        if os.path.exists(pidfile):
            with open(pidfile) as f:
                os.kill(int(f.read()), 15)
        for process in self.processes:
            process.terminate()
            process.wait()


def unordered(text):
    """What is left of an output if its order does not count."""
    return sorted(re.split(r"[\s,\[\]{}]+", text))


class Known:
    """Differences that are meant to be.  Each line of the file has a regular
    expression for what was typed, a tab, one for the messages and the output
    of all sides, a tab, and the reason."""

    def __init__(self, path):
        self.rules, self.seen = [], {}
        with open(path) as f:
            for line in f:
                if line.strip() and not line.startswith("#"):
                    typed, said, reason = line.rstrip("\n").split("\t")
                    self.rules.append((re.compile(typed), re.compile(said),
                                       reason))

    def find(self, typed, results):
        said = "\n".join(r["messages"] + r["output"] for r in results)
        for rule in self.rules:
            if rule[0].search(typed) and rule[1].search(said):
                self.seen[rule[2]] = self.seen.get(rule[2], 0) + 1
                return True
        return False


def differences(first, other):
    """Returns what differs, as a list of words."""
    found = [key for key in ("status", "messages", "rows")
             if first[key] != other[key]]
    if first["output"] != other["output"]:
        found.append("order" if unordered(first["output"])
                     == unordered(other["output"]) else "output")
    return found


def report(number, typed, found, sides, results):
    print("%d: ovn-nbctl %s\n   differ: %s" % (number, typed,
                                             " ".join(found)))
    for side, result in zip(sides, results):
        print("   %s: => %d" % (side.name, result["status"]))
        for key in "messages", "output":
            for line in result[key].splitlines()[:12]:
                print("     %s" % line[:300])
    if "rows" in found:
        for mark, a, b in (("-", 0, 1), ("+", 1, 0)):
            others = list(results[b]["rows"])
            for row in results[a]["rows"]:
                if row in others:
                    others.remove(row)
                else:
                    print("   %s %s" % (mark, row[:600]))
    sys.stdout.flush()


def compare(sides, grammar, known, args):
    """Returns the number of differences that are not known."""
    rng = random.Random(args.seed)
    n_differences, n_ok = 0, 0

    def choose_uuids(table):
        names = sorted({side_name for uuid, side_name
                        in sides[0].names.items()
                        if sides[0].rows[uuid][0] == table})
        return names or ["11111111-2222-3333-4444-555555555555"]

    for number in range(args.count):
        if number % args.every == 0:
            for side in sides:
                side.restart(grammar)
        words = grammar.line(rng, choose_uuids)
        for side in sides:
            side.begin(words)
        results = [side.end() for side in sides]
        typed = " ".join(shlex.quote(
            "<%s>" % re.match("<([A-Za-z_]+) {", word).group(1)
            if re.match("<([A-Za-z_]+) {", word) else word)
            for word in words)
        if args.verbose:
            print("%d: %s => %d" % (number, typed, results[0]["status"]))
        n_ok += results[0]["status"] == 0
        found = []
        for result in results[1:]:
            found += [f for f in differences(results[0], result)
                      if f not in found]
        if found == ["order"] and not args.order:
            found = []
        if found and not known.find(typed, results):
            n_differences += 1
            report(number, typed, found, sides, results)
        if "rows" in found:
            for side in sides:
                side.restart(grammar)
    print("%d command lines, %d of them successful, %d differences"
          % (args.count, n_ok, n_differences))
    for reason, n in sorted(known.seen.items()):
        print("%5d known: %s" % (n, reason))
    return n_differences


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser()
    parser.add_argument("--grammar",
                        default=os.path.join(here, "ctl-grammar.txt"))
    parser.add_argument("--known", default=os.path.join(here, "ctl-known.txt"))
    parser.add_argument("--schema", default=os.path.join(
        os.path.dirname(here), "ovn-nb.ovsschema"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=400,
                        help="number of command lines")
    parser.add_argument("--every", type=int, default=150,
                        help="start again from nothing after so many")
    parser.add_argument("--new", action="store_true",
                        help="also type what OVN 23.03 does not know")
    parser.add_argument("--order", action="store_true",
                        help="the order of an output counts")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("side", nargs="+", metavar="NAME=PROGRAM")
    args = parser.parse_args()

    grammar = Grammar(args.grammar, args.new)
    known = Known(args.known)
    sides = []
    try:
        for spec in args.side:
            sides.append(Side(spec, args.schema, any(
                "-daemon=" in other for other in args.side)))
        return 1 if compare(sides, grammar, known, args) else 0
    finally:
        for side in sides:
            side.stop()


if __name__ == "__main__":
    sys.exit(main())
