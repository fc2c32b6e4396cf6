#!/usr/bin/env python3
"""Changes rows of a southbound database at random, as its schema allows.

usage: random-sb.py [-v] SOCKET SRCDIR CHASSIS SEED ROUNDS [CHANGES]

Each round makes CHANGES transactions (default: 20), good ones and bad ones in
any table that a controller may read, and waits until the controller of
CHASSIS has come to terms with them.  Tables, columns, types and references are
those of SRCDIR/ovn-sb.ovsschema, keys those that the manual knows, matches
and actions those of the tests of the flow language.  Prints how many
transactions the server took, and with -v each of them.  The same SEED makes
the same changes of the same database."""
import glob
import json
import random
import re
import socket
import sys
import time

# What others than controllers read, and what the test itself needs.
SKIP_TABLES = {"Connection", "SSL", "RBAC_Role", "RBAC_Permission",
               "SB_Global", "Chassis_Private"}

EXPRESSIONS = [
    "1", "0", "ip4", "ip6", "tcp", "udp.dst == 53", "arp.op == 1",
    "ip4.src == 10.0.0.0/8", "ip4.dst == {10.0.1.1, 10.0.1.2, 10.0.2.0/24}",
    "ip4.src == $as1", "ip6.src == $as1", "inport == @pg1", "ip.ttl == 1",
    "outport == \"p1\"", "inport == {\"p1\", \"nobody\"}", "inport == \"p2\"",
    "is_chassis_resident(\"p1\")", "!is_chassis_resident(\"cr-r-pub\")",
    "tcp.dst == {80, 443, 1000..2000}", "reg0 == 5", "xxreg0[0..31] == 7",
    "eth.dst == ff:ff:ff:ff:ff:ff", "ct.est && !ct.rel", "ct_mark.blocked",
    "flags.loopback == 1", "ip4.dst == ^var", "vlan.present",
    "icmp4.type == 3", "nd_target == fd00::1", "sctp.src > 5",
    # No good.
    "", "(", "ip4.src ==", "ip4.src == fd00::1", "eth.type", "$nobody",
    "ip4.src == $nobody", "inport == @nobody", "tcp.dst == 70000", "^nobody",
    "inport == 5", "a b c", "\"", "ip4.src == 10.0.0.0/99", "1 == 2 ==",
]
STRINGS = [
    "", "0", "1", "-1", "7", "65535", "65536", "4294967296",
    "99999999999999999999", "true", "false", "none", "router", "unknown",
    "10.0.1.1", "10.0.1.1/24", "10.0.1.300", "0.0.0.0", "255.255.255.255",
    "224.0.0.1", "fd00::1", "fd00::1/64", "fd00::/129", "::", "ff02::1",
    "00:00:00:00:00:01", "00:00:00:00:00:01 10.0.1.1 fd00::1", "ff:ff:ff",
    "aa:aa:aa:aa:aa:aa 10.0.9.1/24", "01:00:00:00:00:00", "a,b;c=d:e",
    "10.0.0.0/8:60;30", "10.0.1.1:80", "[fd00::1]:80", "10.0.1.5:80,x:1",
    "\u00fc\n\t\"\\", "%s%n", "hv1", "hv2", "p1", "p2", "r-s1", "s1-r",
    "r-pub", "cr-r-pub", "pub-r", "ln", "phys", "nobody", "_MC_flood",
    "_MC_unknown", "as1", "pg1", "var", "geneve", "vxlan", "x" * 70000,
]
NAMES = ["p1", "p2", "p3", "r-s1", "s1-r", "r-pub", "pub-r", "cr-r-pub", "ln",
         "as1", "pg1", "var", "_MC_flood", "_MC_unknown", "new", "nobody"]
ADDRESSES = ["10.0.1.1", "10.0.1.2", "172.16.0.9", "fd00::1", "fe80::2",
             "00:00:00:00:00:01", "00:00:00:00:00:02", "bad"]
TYPES = ["", "", "", "patch", "localnet", "localport", "chassisredirect",
         "l3gateway", "l2gateway", "vtep", "virtual", "external", "remote",
         "mirror", "bad"]
COLUMN_VALUES = {
    ("Port_Binding", "type"): TYPES,
    ("Port_Binding", "logical_port"): NAMES,
    ("Multicast_Group", "name"): NAMES,
    ("Address_Set", "name"): NAMES,
    ("Port_Group", "name"): NAMES,
    ("Address_Set", "addresses"): ADDRESSES,
    ("MAC_Binding", "logical_port"): NAMES,
    ("Static_MAC_Binding", "logical_port"): NAMES,
    ("BFD", "logical_port"): NAMES,
    ("BFD", "dst_ip"): ADDRESSES,
    ("Logical_Flow", "match"): EXPRESSIONS,
}


class Server:
    """A connection to an ovsdb-server."""
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.decoder = json.JSONDecoder()
        self.text = ""
        self.id = 0

    def receive(self):
        while True:
            try:
                message, end = self.decoder.raw_decode(self.text)
                self.text = self.text[end:].lstrip()
                return message
            except ValueError:
                data = self.socket.recv(1 << 20)
                if not data:
                    sys.exit("the server has closed the connection")
                self.text += data.decode("utf-8", "surrogateescape")

    def send(self, message):
        self.socket.sendall(json.dumps(message).encode())

    def transact(self, operations):
        self.id += 1
        self.send({"method": "transact", "id": self.id,
                   "params": ["OVN_Southbound"] + operations})
        while True:
            message = self.receive()
            if message.get("method") == "echo":
                self.send({"id": message["id"], "error": None,
                           "result": message["params"]})
            elif message.get("id") == self.id:
                return message["result"] or [{"error": message["error"]}]

    def select(self, table, columns, where=()):
        return self.transact([{"op": "select", "table": table,
                               "columns": columns,
                               "where": list(where)}])[0]["rows"]


def read_keys(folder):
    """The keys of maps, by table and column, as the manual has them."""
    keys, table = {}, None
    for name in sorted(glob.glob(folder + "/Documentation/sb/*.txt")):
        for line in open(name, encoding="utf-8"):
            words = line.split()
            if line.startswith("@table "):
                table = words[1]
            elif line.startswith("@key ") and ":" in words[1]:
                column, key = words[1].split(":", 1)
                keys.setdefault((table, column), []).append(key)
    return keys


def read_actions(folder):
    with open(folder + "/tests/actions.cases", encoding="utf-8") as cases:
        return [line.rstrip("\n") for line in cases
                if line.strip() and line[0] not in " #"]


class Mutator:
    def __init__(self, server, folder, seed):
        self.server = server
        self.rng = random.Random(seed)
        with open(folder + "/ovn-sb.ovsschema", encoding="utf-8") as schema:
            self.tables = json.load(schema)["tables"]
        self.names = sorted(set(self.tables) - SKIP_TABLES)
        self.keys = read_keys(folder)
        self.actions = read_actions(folder)
        self.weak_sets = self.find_weak_sets()
        self.rows = {}
        self.first = {table: server.select(table, ["_uuid"] + sorted(
                          self.tables[table]["columns"]))
                      for table in self.names}

    def find_weak_sets(self):
        """Columns of several weak references: (table, column, target)."""
        found = []
        for table in self.names:
            for column, schema in self.tables[table]["columns"].items():
                kind = schema["type"]
                if isinstance(kind, str) or kind.get("max", 1) == 1:
                    continue
                key = kind["key"]
                if isinstance(key, dict) and key.get("refType") == "weak":
                    found.append((table, column, key["refTable"]))
        return sorted(found)

    def refresh(self):
        for table in self.names:
            self.rows[table] = sorted(
                row["_uuid"][1] for row in
                self.server.select(table, ["_uuid"]))

    def string(self, table, column, base):
        if "enum" in base and self.rng.random() < .98:
            return self.rng.choice(base["enum"][1])
        if (table, column) == ("Logical_Flow", "actions"):
            text = self.rng.choice(self.actions)
            return text if self.rng.random() < .9 else text[:len(text) // 2]
        if (table, column) == ("Logical_Flow", "match"):
            n = self.rng.choice([1, 1, 1, 2, 3])
            operator = self.rng.choice([" && ", " || "])
            return operator.join(self.rng.choices(EXPRESSIONS, k=n))
        values = COLUMN_VALUES.get((table, column), STRINGS)
        if self.rng.random() < .1:
            values = STRINGS
        return self.rng.choice(values)

    def integer(self, base):
        low = base.get("minInteger", -2 ** 63)
        high = base.get("maxInteger", 2 ** 63 - 1)
        choices = [low, high, self.rng.randint(low, high)]
        choices += [n for n in (0, 1, 2, 3, 8, 100, 32768, 65535, 2 ** 32)
                    if low <= n <= high] * 3
        if "enum" in base:
            choices = base["enum"][1]
        return self.rng.choice(choices)

    def atom(self, table, column, base):
        if isinstance(base, str):
            base = {"type": base}
        kind = base["type"]
        if kind == "uuid":
            rows = self.rows.get(base.get("refTable"))
            if not rows:
                return None
            return ["uuid", self.rng.choice(rows)]
        if kind == "integer":
            return self.integer(base)
        if kind == "boolean":
            return self.rng.random() < .5
        if kind == "real":
            return self.rng.random() * 1e6
        return self.string(table, column, base)

    def key(self, table, column, base):
        known = self.keys.get((table, column))
        if known and self.rng.random() < .9:
            return self.rng.choice(known)
        return self.atom(table, column, base)

    def value(self, table, column):
        """A value of a column; None if there is none now."""
        kind = self.tables[table]["columns"][column]["type"]
        if isinstance(kind, str) or "key" not in kind:
            return self.atom(table, column, kind)
        low, high = kind.get("min", 1), kind.get("max", 1)
        high = 5 if high == "unlimited" else min(high, 5)
        n = self.rng.randint(low, high)
        if "value" in kind:
            pairs = {}
            for _ in range(n):
                key = self.key(table, column, kind["key"])
                value = self.atom(table, column, kind["value"])
                if key is not None and value is not None:
                    pairs[json.dumps(key)] = [key, value]
            return ["map", list(pairs.values())]
        atoms = {}
        for _ in range(n):
            atom = self.atom(table, column, kind["key"])
            if atom is not None:
                atoms[json.dumps(atom)] = atom
        if len(atoms) < low:
            return None
        return ["set", list(atoms.values())]

    def row(self, table, columns):
        values = {column: self.value(table, column) for column in columns}
        return {column: value for column, value in values.items()
                if value is not None}

    def restore(self):
        """A row as it was in the beginning, wherever it is now."""
        table = self.rng.choice([t for t in self.names if self.first[t]])
        row = dict(self.rng.choice(self.first[table]))
        uuid = row.pop("_uuid")
        if uuid[1] in self.rows[table]:
            return {"op": "update", "table": table, "row": row,
                    "where": [["_uuid", "==", uuid]]}
        return {"op": "insert", "table": table, "uuid": uuid[1], "row": row}

    def operation(self):
        if self.rng.random() < .2:
            return self.restore()
        table = self.rng.choice(self.names)
        # Where most of what a controller does comes from.
        if self.rng.random() < .4:
            table = self.rng.choice(["Port_Binding", "Logical_Flow",
                                     "Datapath_Binding", "HA_Chassis",
                                     "HA_Chassis_Group", "Chassis", "Encap"])
        columns = sorted(self.tables[table]["columns"])
        choice = self.rng.random()
        rows = self.rows[table]
        if choice < .35 or not rows:
            uuid = "%032x" % self.rng.getrandbits(128)
            uuid = "-".join([uuid[:8], uuid[8:12], uuid[12:16], uuid[16:20],
                             uuid[20:]])
            return {"op": "insert", "table": table, "uuid": uuid,
                    "row": self.row(table, columns)}
        where = [["_uuid", "==", ["uuid", self.rng.choice(rows)]]]
        if choice < .5:
            return {"op": "delete", "table": table, "where": where}
        some = self.rng.sample(columns, min(len(columns),
                                            self.rng.choice([1, 1, 2, 4])))
        return {"op": "update", "table": table, "where": where,
                "row": self.row(table, some)}

    def outlive(self):
        """Changes a row and deletes what it refers to, so that the server
        (3.1) leaves the reference.  What is deleted may come back with its
        uuid, when we or a daemon restore it."""
        table, column, target = self.rng.choice(self.weak_sets)
        others = sorted(set(self.tables[table]["columns"]) - {column})
        for row in sorted(self.server.select(table, ["_uuid", column]),
                          key=lambda row: row["_uuid"]):
            value = row[column]
            uuids = value[1] if value[0] == "set" else [value]
            if uuids and others:
                other = self.rng.choice(others)
                return [{"op": "update", "table": table,
                         "row": self.row(table, [other]),
                         "where": [["_uuid", "==", row["_uuid"]]]},
                        {"op": "delete", "table": target,
                         "where": [["_uuid", "==", uuids[0]]]}]
        return []

    def remove_outlived(self, operations):
        """Removes what still refers to rows that will be inserted: the server
        would crash when it goes later.  Our daemons do so for their rows."""
        removals = []
        for operation in operations:
            for table, column, target in self.weak_sets:
                if (operation["op"] == "insert"
                        and operation["table"] == target
                        and operation["uuid"] not in self.rows[target]):
                    uuid = ["set", [["uuid", operation["uuid"]]]]
                    removals.append({"op": "mutate", "table": table,
                                     "where": [[column, "includes", uuid]],
                                     "mutations": [[column, "delete", uuid]]})
        if removals:
            self.server.transact(removals)

    def change(self):
        """Returns the transaction, and whether the server took it."""
        operations = self.outlive() if self.rng.random() < .1 else []
        if not operations:
            operations = [self.operation()
                          for _ in range(self.rng.choice([1, 1, 1, 2, 5]))]
        self.remove_outlived(operations)
        results = self.server.transact(operations)
        return operations, not any("error" in r for r in results if r)


def wait_for(server, chassis, seconds=120):
    """Waits until all that was changed is in the chassis's switch."""
    row = server.select("SB_Global", ["nb_cfg"])[0]
    wanted = row["nb_cfg"] + 1
    server.transact([{"op": "update", "table": "SB_Global", "where": [],
                      "row": {"nb_cfg": wanted}}])
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        rows = server.select("Chassis_Private", ["nb_cfg"],
                             [["name", "==", chassis]])
        if rows and rows[0]["nb_cfg"] >= wanted:
            return
        time.sleep(.02)
    sys.exit("%s does not get to %d" % (chassis, wanted))


def main(args):
    verbose = args[:1] == ["-v"]
    path, folder, chassis, seed, rounds = args[verbose:verbose + 5]
    n = int((args[verbose + 5:] or ["20"])[0])
    server = Server(path)
    mutator = Mutator(server, folder, int(seed))
    taken = 0
    for i in range(int(rounds)):
        mutator.refresh()
        for _ in range(n):
            operations, ok = mutator.change()
            taken += ok
            if verbose:
                print("%d %s %s" % (i, "took" if ok else "refused",
                                    json.dumps(operations)[:2000]))
        sys.stdout.flush()
        wait_for(server, chassis)
    print("%d of %d" % (taken, n * int(rounds)))


if __name__ == "__main__":
    main(sys.argv[1:])
