#!/usr/bin/env python3
"""Changes a northbound database at random, good and bad input alike.

usage: random-database.py [-t TABLES] [-p PID] [-v] NB SB SEED STEPS

NB and SB are the sockets of the databases, PID is ovn-northd's.

What can be changed comes from the schema that the server has, and from the
keys that the manual documents (Documentation/nb); TABLES (comma separated)
confines changes to some tables.  What chassis write in the southbound database
changes, too.  Each step is a transaction of some changes, and waits until
ovn-northd has followed.

ovn-northd must run with OVN_VERIFY=1: it computes all anew after each change,
and aborts if the outcome differs from what stood.  -v prints the transactions,
so that one can be found that does harm."""

import argparse
import json
import os
import random
import re
import socket
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
MANUAL = os.path.join(HERE, "..", "Documentation", "nb")
CHASSIS = ["ch1", "ch2", "ch3"]
WAIT_SECONDS = 120


class Server:
    """A connection to an ovsdb-server."""

    def __init__(self, path, database):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.database, self.text, self.id = database, "", 0
        self.tables = self.call("get_schema", [database])["tables"]

    def send(self, message):
        self.socket.sendall(json.dumps(message).encode())

    def receive(self):
        while True:
            try:
                message, end = json.JSONDecoder().raw_decode(self.text)
                self.text = self.text[end:].lstrip()
                return message
            except ValueError:
                received = self.socket.recv(65536)
                if not received:
                    sys.exit("the database server is gone")
                self.text += received.decode()

    def call(self, method, params):
        self.id += 1
        self.send({"method": method, "params": params, "id": self.id})
        while True:
            message = self.receive()
            if message.get("method") == "echo":
                self.send({"result": message["params"], "error": None,
                           "id": message["id"]})
            elif message.get("id") == self.id:
                return message["result"]

    def transact(self, operations):
        """Returns the results, or None if it was refused."""
        results = self.call("transact", [self.database] + operations)
        failed = [r for r in results if r and r.get("error")]
        return None if failed else results

    def rows(self, table, columns):
        result = self.transact([{"op": "select", "table": table, "where": [],
                                 "columns": ["_uuid"] + columns}])
        return result[0]["rows"]


def documented_keys():
    """(table, column) -> [(key, what the manual says of its values)]"""
    keys, table = {}, None
    for name in sorted(os.listdir(MANUAL)):
        with open(os.path.join(MANUAL, name), encoding="utf-8") as stream:
            for line in stream:
                words = line.split(None, 2)
                if words and words[0] == "@table":
                    table = words[1]
                elif words and words[0] == "@key":
                    column, _, key = words[1].partition(":")
                    keys.setdefault((table, column), []).append(
                        (key, words[2].strip() if len(words) > 2 else ""))
    return keys


class Values:
    """Values that a column may have, and some that it should not."""

    def __init__(self, rng):
        self.rng = rng

    def any_of(self, *choices):
        return self.rng.choice(choices)

    def number(self, n=4):
        return self.rng.randrange(n)

    def ip4(self):
        return self.any_of(
            "10.%d.0.%d" % (self.number(), self.any_of(1, 2, 3, 10, 11)),
            "172.16.1%d.%d" % (self.number(2), self.any_of(1, 2, 100, 101)),
            "10.%d.0.255" % self.number(), "169.254.9.1", "224.0.0.5",
            "0.0.0.0", "255.255.255.255", "10.0.0.256", "127.0.0.1")

    def ip6(self):
        return self.any_of("fd00:%d::%d" % (self.number(), self.number()),
                           "fd00:1%d::%d" % (self.number(2), self.number()),
                           "fe80::%d" % self.number(), "::", "ff02::1",
                           "fd00::1::2", "::ffff:10.0.0.1", "FD00:0::a",
                           "::10.0.0.1")

    def ip(self):
        return self.any_of(self.ip4, self.ip4, self.ip6)()

    def prefix(self):
        if self.number(2):
            return "%s/%s" % (self.ip4(), self.any_of(0, 8, 16, 24, 24, 30,
                                                      31, 32, 33, "x",
                                                      "255.255.0.0"))
        return "%s/%s" % (self.ip6(), self.any_of(0, 16, 64, 64, 127, 128,
                                                  129, ""))

    def mac(self):
        return self.any_of("0a:00:00:00:01:%02x" % self.number(8),
                           "02:00:00:00:02:%02x" % self.number(8),
                           "00:00:00:00:00:00", "01:00:5e:00:00:01",
                           "ff:ff:ff:ff:ff:ff", "0a:00:00:00:01")

    def addresses(self):
        return self.any_of(
            self.mac(), "%s %s" % (self.mac(), self.ip()),
            "%s %s %s" % (self.mac(), self.ip(), self.ip()),
            "%s %s" % (self.mac(), self.prefix()), "unknown", "router",
            "dynamic", "%s dynamic" % self.mac(), "dynamic %s" % self.ip(),
            "%s %s" % (self.ip(), self.prefix()))

    def name(self):
        return self.any_of("r%d" % self.number(3), "s%d" % self.number(4),
                           "r%d-%d" % (self.number(3), self.number(4)),
                           "r%d-1%d" % (self.number(3), self.number(2)),
                           "s%d-r%d" % (self.number(4), self.number(3)),
                           "vm%d-%d" % (self.number(4), self.number(3)),
                           "cr-r0-10", "x%d" % self.number(4),
                           "wei\"rd\\", "", "_MC_flood", "p\u00e9")

    def match(self):
        return self.any_of(
            "1", "0", "ip", "ip4", "ip4.src == %s" % self.prefix(),
            "ip6.dst == %s" % self.prefix(), "inport == \"%s\"" % self.name(),
            "tcp.dst == %d" % self.number(70000), "ip4.dst == $a0", "ip4 &&",
            "1) || (1", "ip4.src == {10.0.0.1, 10.0.0.2} && udp", "\"",
            "is_chassis_resident(\"cr-r0-10\")", "tcp.dst == 80 || arp", "")

    def integer(self, low=-2, high=40000):
        return self.any_of(0, 1, 2, 10, 100, 255, 1000, 1280, 1400, 4096,
                           32767, 65535, self.rng.randint(low, high), low,
                           high)

    def garbage(self):
        return self.any_of(
            "", " ", "nonsense", "-1", "4294967296", "true", "a,b;c:d=e",
            "99999999999999999999", "\"", "\\", "%s%n", "x" * 300, "\n",
            "{", "$a0", "\u20ac", ";", "1; drop; ")

    def seconds(self):
        return ";".join(self.any_of("%s:%d" % (self.prefix(), self.number()),
                                    "%d" % self.number(), "x", "")
                        for _ in range(self.number()))

    def anything(self):
        return self.any_of(
            self.ip, self.prefix, self.mac, self.addresses, self.name,
            self.match, self.garbage, lambda: str(self.integer()),
            lambda: self.any_of("true", "false", "router", "discard",
                                "BGP,BFD", "router_ip", "slaac", "bridged"),
            lambda: self.any_of(*CHASSIS), self.seconds,
            lambda: "%s %s" % (self.ip(), self.ip()),
            lambda: "%s,%s" % (self.name(), self.any_of(*CHASSIS)))()

    # What a column's name, with or without its table, says of its values.
    STRINGS = {
        "name": "name", "peer": "name", "output_port": "name",
        "logical_port": "name", "parent_name": "name", "mac": "mac",
        "external_mac": "mac", "networks": "prefix", "ip_prefix": "prefix",
        "nexthop": "hop", "nexthops": "ip", "external_ip": "ip",
        "logical_ip": "inside", "dst_ip": "ip", "ip": "ip",
        "addresses": "addresses", "port_security": "addresses",
        "match": "match", "chassis_name": "chassis", "chain": "chain",
        "jump_chain": "chain", "route_table": "chain", "type": "type",
        "NAT.type": "nat_type", "action": "action", "policy": "policy",
        "external_port_range": "port_range", "servers": "ip",
        "Address_Set.addresses": "prefix", "cidr": "prefix",
    }

    def hop(self):
        return self.any_of(self.ip, self.ip, lambda: "discard",
                           lambda: "")()

    def inside(self):
        return self.any_of(self.ip, self.prefix)()

    def chassis(self):
        return self.any_of(*CHASSIS, "nowhere", "")

    def chain(self):
        return self.any_of("", "", "a", "b", "c")

    def type(self):
        return self.any_of("router", "router", "", "localnet", "virtual",
                           "l2gateway", "external", "vtep", "remote",
                           "switch", "localport", "nonsense")

    def nat_type(self):
        return self.any_of("snat", "dnat", "dnat_and_snat")

    def action(self):
        return self.any_of("allow", "drop", "reroute", "jump")

    def policy(self):
        return self.any_of("src-ip", "dst-ip")

    def port_range(self):
        return self.any_of("", "1000-2000", "80", "2000-1000", "0-1",
                           "1-65536", "x-y")

    def string(self, table, column):
        if not self.number(12):
            return self.anything()
        kind = self.STRINGS.get("%s.%s" % (table, column),
                                self.STRINGS.get(column))
        return getattr(self, kind)() if kind else self.anything()

    def of_key(self, says):
        """A value of a key of which the manual 'says' what it is."""
        if not self.number(6):
            return self.anything()
        if says.startswith("boolean"):
            return self.any_of("true", "true", "false")
        if says.startswith("integer"):
            return str(self.integer())
        for words, kind in (("chassis", self.chassis),
                            ("IP pref", self.prefix),
                            ("MAC addr", self.mac), ("port", self.name),
                            ("match", self.match), ("address", self.ip)):
            if words in says:
                return kind()
        quoted = re.findall("`([^`]*)`", says)
        return self.any_of(*quoted) if quoted else self.anything()


class Fuzzer:
    """Changes the northbound database 'nb', and what chassis write in
    'sb'."""

    # What routers are made of is what most changes concern.
    FAVOURITES = {
        "Logical_Router": 5, "Logical_Router_Port": 12, "NAT": 10,
        "Logical_Router_Static_Route": 10, "Logical_Router_Policy": 8,
        "Gateway_Chassis": 4, "HA_Chassis": 3, "HA_Chassis_Group": 3,
        "BFD": 4, "Static_MAC_Binding": 3, "Logical_Switch": 3,
        "Logical_Switch_Port": 12, "Address_Set": 2, "DHCP_Relay": 2,
        "NB_Global": 2,
    }
    # What northd itself writes, what makes the database unreachable, and what
    # the steps are counted with.
    LEFT_ALONE = {"Connection", "SSL"}
    LEFT_ALONE_COLUMNS = {"nb_cfg", "nb_cfg_timestamp", "sb_cfg", "hv_cfg",
                          "sb_cfg_timestamp", "hv_cfg_timestamp",
                          "connections", "ssl"}

    def __init__(self, nb, sb, rng, tables, pid):
        self.nb, self.sb, self.rng, self.pid = nb, sb, rng, pid
        self.values, self.keys = Values(rng), documented_keys()
        self.tables = sorted(set(tables or nb.tables) - self.LEFT_ALONE)
        self.weights = [self.FAVOURITES.get(t, 1) for t in self.tables]
        self.parents = self.find_parents()
        self.changed = 0

    @staticmethod
    def parts(column):
        """The types of keys and values, and how many there may be."""
        kind = column["type"]
        if isinstance(kind, str):
            return {"type": kind}, None, 1, 1
        base = [{"type": k} if isinstance(k, str) else k
                for k in (kind["key"], kind.get("value")) if k]
        return (base[0], base[1] if len(base) > 1 else None,
                kind.get("min", 1), kind.get("max", 1))

    def find_parents(self):
        """table -> [(table, column) whose strong references keep rows]"""
        parents = {}
        for table in self.tables:
            for name, column in self.nb.tables[table]["columns"].items():
                key = self.parts(column)[0]
                if key.get("refTable") and name not in \
                        self.LEFT_ALONE_COLUMNS:
                    parents.setdefault(key["refTable"], []).append(
                        (table, name))
        return parents

    def row(self, table):
        """The uuid of a row, or None."""
        rows = self.nb.rows(table, [])
        rows.sort(key=lambda r: r["_uuid"])
        return self.rng.choice(rows)["_uuid"] if rows else None

    def atom(self, table, column, base):
        if "enum" in base:
            values = base["enum"]
            values = values[1] if isinstance(values, list) else [values]
            return self.rng.choice(values)
        kind = base["type"]
        if kind == "uuid":
            return self.row(base["refTable"]) if "refTable" in base else None
        if kind == "boolean":
            return self.rng.random() < 0.5
        if kind == "integer":
            return self.values.integer(base.get("minInteger", -2),
                                       base.get("maxInteger", 70000))
        if kind == "real":
            return self.rng.random()
        return self.values.string(table, column)

    def map_entry(self, table, column, key, value):
        documented = self.keys.get((table, column))
        if documented and self.rng.random() < 0.95:
            name, says = self.rng.choice(documented)
            return [name, self.values.of_key(says)]
        return [self.atom(table, column, key),
                self.atom(table, column, value)]

    def value(self, table, column):
        key, value, least, most = self.parts(
            self.nb.tables[table]["columns"][column])
        n = self.rng.choice((0, 1, 1, 2, 3))
        n = max(least, min(n, 8 if most == "unlimited" else most))
        if value:
            entries = [self.map_entry(table, column, key, value)
                       for _ in range(n)]
            return ["map", list({str(e[0]): e for e in entries}.values())]
        atoms = [a for a in (self.atom(table, column, key)
                             for _ in range(n)) if a is not None]
        if (least, most) == (1, 1):
            return atoms[0] if atoms else ["set", []]
        return ["set", list({str(a): a for a in atoms}.values())]

    def columns(self, table):
        return sorted(set(self.nb.tables[table]["columns"])
                      - self.LEFT_ALONE_COLUMNS)

    def insert(self, table):
        """A new row, and who refers to it if nobody else keeps it."""
        row = {}
        for column in self.columns(table):
            key, _, least, _ = self.parts(
                self.nb.tables[table]["columns"][column])
            # Children come by themselves.
            if not key.get("refTable") and (least or self.rng.random() < .5):
                row[column] = self.value(table, column)
        operations = [{"op": "insert", "table": table, "row": row,
                       "uuid-name": "new"}]
        if not self.nb.tables[table].get("isRoot"):
            parent, column = self.rng.choice(self.parents.get(
                table, [(None, None)]))
            uuid = self.row(parent) if parent else None
            if not uuid:
                return []
            operations.append(self.refer(parent, uuid, column,
                                         ["named-uuid", "new"]))
        return operations

    def refer(self, table, uuid, column, target):
        most = self.parts(self.nb.tables[table]["columns"][column])[3]
        where = [["_uuid", "==", uuid]]
        if most == 1:
            return {"op": "update", "table": table, "where": where,
                    "row": {column: target}}
        return {"op": "mutate", "table": table, "where": where,
                "mutations": [[column, "insert", target]]}

    def update(self, table):
        uuid = self.row(table)
        if not uuid:
            return self.insert(table)
        column = self.rng.choice(self.columns(table))
        key, value, _, most = self.parts(
            self.nb.tables[table]["columns"][column])
        where = [["_uuid", "==", uuid]]
        if value and self.rng.random() < 0.8:
            entry = self.map_entry(table, column, key, value)
            mutations = [[column, "delete", ["set", [entry[0]]]],
                         [column, "insert", ["map", [entry]]]]
            if self.rng.random() < 0.25:
                mutations.pop()
            return [{"op": "mutate", "table": table, "where": where,
                     "mutations": mutations}]
        if key.get("refTable") and most != 1 and self.rng.random() < 0.8:
            target = self.row(key["refTable"])
            return [{"op": "mutate", "table": table, "where": where,
                     "mutations": [[column, self.rng.choice(
                         ("insert", "insert", "delete")), target]]}
                    ] if target else []
        return [{"op": "update", "table": table, "where": where,
                 "row": {column: self.value(table, column)}}]

    def delete(self, table):
        uuid = self.row(table)
        if not uuid:
            return []
        if self.nb.tables[table].get("isRoot"):
            return [{"op": "delete", "table": table,
                     "where": [["_uuid", "==", uuid]]}]
        return [{"op": "mutate", "table": parent, "where": [],
                 "mutations": [[column, "delete", uuid]]}
                for parent, column in self.parents.get(table, [])
                if self.parts(self.nb.tables[parent]["columns"][column])[3]
                != 1]

    def northbound(self):
        table = self.rng.choices(self.tables, self.weights)[0]
        if table == "NB_Global":
            return self.update(table)
        return self.rng.choices((self.insert, self.update, self.delete),
                                (5, 12, 2))[0](table)

    # What chassis do.

    def sb_row(self, table):
        rows = self.sb.rows(table, [])
        rows.sort(key=lambda r: r["_uuid"])
        return self.rng.choice(rows)["_uuid"] if rows else None

    def chassis_change(self):
        name = self.rng.choice(CHASSIS)
        if self.rng.random() < 0.3:
            return [{"op": "delete", "table": "Chassis",
                     "where": [["name", "==", name]]}]
        if self.rng.random() < 0.4:
            return [{"op": "update", "table": "Chassis",
                     "where": [["name", "==", name]],
                     "row": {"other_config": self.chassis_config()}}]
        return self.new_chassis(name)

    def chassis_config(self):
        config = [["ct-commit-to-zone", "true"], ["is-remote", "false"],
                  ["is-vtep", "true"]]
        return ["map", [c for c in config if self.rng.random() < 0.7]]

    def new_chassis(self, name):
        return [{"op": "insert", "table": "Encap", "uuid-name": "encap",
                 "row": {"type": "geneve", "ip": "192.0.2.%s" % name[2:],
                         "chassis_name": name}},
                {"op": "insert", "table": "Chassis",
                 "row": {"name": name, "hostname": "host-" + name,
                         "encaps": ["named-uuid", "encap"],
                         "other_config": self.chassis_config()}}]

    def binding_change(self):
        uuid, chassis = self.sb_row("Port_Binding"), self.sb_row("Chassis")
        if not uuid:
            return []
        row = self.values.any_of(
            {"chassis": chassis or ["set", []], "up": True},
            {"chassis": chassis or ["set", []]}, {"chassis": ["set", []]},
            {"up": self.rng.random() < 0.5})
        operations = [{"op": "update", "table": "Port_Binding",
                       "where": [["_uuid", "==", uuid]], "row": row}]
        if self.rng.random() < 0.2:
            operations.append({
                "op": "mutate", "table": "Port_Binding",
                "where": [["_uuid", "==", uuid]], "mutations": [
                    ["options", "insert",
                     ["map", [["ipv6_ra_pd_list",
                               "1:%s" % self.values.prefix()]]]]]})
        return operations

    def learned(self):
        datapath = self.sb_row("Datapath_Binding")
        if not datapath:
            return []
        return [self.values.any_of(
            {"op": "insert", "table": "MAC_Binding",
             "row": {"datapath": datapath, "ip": self.values.ip(),
                     "logical_port": self.values.name(),
                     "mac": self.values.mac(),
                     "timestamp": self.values.integer()}},
            {"op": "insert", "table": "FDB",
             "row": {"mac": self.values.mac(),
                     "dp_key": self.rng.randint(1, 9),
                     "port_key": self.rng.randint(1, 9)}})]

    def bfd(self):
        uuid = self.sb_row("BFD")
        status = self.values.any_of("up", "down", "init", "admin_down")
        return [{"op": "update", "table": "BFD",
                 "where": [["_uuid", "==", uuid]],
                 "row": {"status": status}}] if uuid else []

    def southbound(self):
        return self.rng.choice((self.chassis_change, self.binding_change,
                                self.binding_change, self.binding_change,
                                self.learned, self.bfd))()

    def step(self, n, verbose):
        """Changes something, and waits until northd has followed."""
        if self.rng.random() < 0.2:
            operations = self.southbound()
            if verbose:
                print(n, "SB", json.dumps(operations), flush=True)
            if operations and self.sb.transact(operations):
                self.changed += 1
        operations = []
        for i in range(self.rng.choice((1, 1, 1, 2, 4))):
            new = self.northbound()
            operations += json.loads(json.dumps(new).replace(
                '"new"', '"new%d"' % i))
        if verbose:
            print(n, "NB", json.dumps(operations), flush=True)
        if operations and self.nb.transact(operations):
            self.changed += 1
        self.wait(n)

    def wait(self, n):
        self.nb.transact([{"op": "update", "table": "NB_Global", "where": [],
                           "row": {"nb_cfg": n}}])
        for _ in range(WAIT_SECONDS):
            if self.nb.transact([{
                    "op": "wait", "timeout": 1000, "table": "NB_Global",
                    "where": [], "columns": ["sb_cfg"], "until": "==",
                    "rows": [{"sb_cfg": n}]}]):
                return
            if self.pid and not os.path.exists("/proc/%d" % self.pid):
                sys.exit("step %d: ovn-northd died" % n)
        sys.exit("step %d: ovn-northd does not answer" % n)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("-t", "--tables", default="")
    parser.add_argument("-p", "--pid", type=int)
    parser.add_argument("-v", "--verbose", action="store_true")
    for name in "nb", "sb":
        parser.add_argument(name)
    parser.add_argument("seed", type=int)
    parser.add_argument("steps", type=int)
    args = parser.parse_args()

    fuzzer = Fuzzer(Server(args.nb, "OVN_Northbound"),
                    Server(args.sb, "OVN_Southbound"),
                    random.Random(args.seed),
                    [t for t in args.tables.split(",") if t], args.pid)
    for name in CHASSIS[:2]:
        fuzzer.sb.transact(fuzzer.new_chassis(name))
    for n in range(1, args.steps + 1):
        fuzzer.step(n, args.verbose)
    print("%d transactions" % fuzzer.changed)
    if fuzzer.changed < args.steps / 10:
        sys.exit("too few changes were possible")


if __name__ == "__main__":
    main()
