#!/usr/bin/env python3
"""Writes a northbound database with a small random network of routers.

usage: random-network.py SEED SCHEMA FILE

Switches, routers (distributed, with gateway ports, on a gateway chassis, next
to each other), addresses of both families, NAT of all kinds, static routes,
policies: whatever the random numbers of SEED say, sense and nonsense.  Prints
a line "PORT CHASSIS" for each port that a chassis should have."""

import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "perf"))
import database                                             # noqa: E402
import networks                                             # noqa: E402
from networks import mac, options, row_uuid, uuids          # noqa: E402


class RandomNetwork(networks.Network):
    """Subnets are 10.N.0.0/24 and fd00:N::/64, N the number of the switch;
    behind 172.16.N.0/24 there is a localnet."""

    def __init__(self, seed):
        super().__init__()
        self.random = random.Random(seed)
        self.ports_of = {}              # Router -> names of its ports.
        self.nets_of = {}               # Router -> numbers of its switches.
        self.members = {}               # Switch -> names of its ports.
        self.external = set()           # Addresses that NAT has taken.
        self.bound = []
        self.count = 0
        self.inside = list(range(self.random.randint(2, 4)))
        self.outside = [10 + n for n in range(self.random.randint(1, 2))]
        for n in self.inside + self.outside:
            self.make_switch(n)
        for n in range(self.random.randint(1, 3)):
            self.make_router("r%d" % n, n)
        if len(self.ports_of) > 1 and self.chance(0.5):
            self.peer(*self.random.sample(sorted(self.ports_of), 2))
        for router in sorted(self.ports_of):
            self.finish_router(router)
        for n, ports in sorted(self.members.items()):
            self.switch("s%d" % n, ports)

    def chance(self, probability):
        return self.random.random() < probability

    def number(self):
        self.count += 1
        return self.count

    @staticmethod
    def ip4(n, host):
        return ("172.16.%d.%d" if n >= 10 else "10.%d.0.%d") % (n, host)

    @staticmethod
    def ip6(n, host):
        return "fd00:%d::%x" % (n, host)

    def make_switch(self, n):
        self.members[n] = []
        for port in range(self.random.randint(1, 3)):
            name = "vm%d-%d" % (n, port)
            address = "%s %s" % (mac(2, n * 16 + port),
                                 self.ip4(n, port + 10))
            if self.chance(0.7):
                address += " " + self.ip6(n, port + 10)
            self.members[n].append(self.port(name, address))
            self.bound.append((name, "ch%d" % (port % 2 + 1)))
        if n >= 10:
            self.members[n].append(self.localnet("ln%d" % n, "phys%d" % n))

    def networks_of(self, n, host):
        networks_ = [self.ip4(n, host) + "/24"]
        if self.chance(0.7):
            networks_.append(self.ip6(n, host) + "/64")
        return networks_

    def make_router(self, router, index):
        self.kind = self.random.choice(("plain", "dgp", "dgp", "gateway"))
        self.ports_of[router], self.nets_of[router] = [], []
        values = {}
        if self.kind == "gateway":
            values["chassis"] = "ch1"
        if self.chance(0.2):
            values["always_learn_from_arp_request"] = "false"
        if self.chance(0.1):
            values["dynamic_neigh_routers"] = "true"
        for n in self.random.sample(self.inside, min(2, len(self.inside))):
            self.attach(router, n, index + 1)
        for n in self.random.sample(self.outside,
                                    self.random.randint(0, 1) if
                                    self.kind == "plain" else 1):
            self.attach(router, n, index + 1,
                        gateway=self.kind == "dgp")
        self.add("Logical_Router", router, name=router,
                 options=options(**values))

    def attach(self, router, n, host, gateway=False):
        name = "%s-%d" % (router, n)
        row = {}
        if gateway:
            chassis = self.add("Gateway_Chassis", "gc-" + name,
                               name="gc-" + name, chassis_name="ch1",
                               priority=10)
            row["gateway_chassis"] = uuids([chassis])
            self.bound.append(("cr-" + name, "ch1"))
        self.router_port(name, mac(1, self.number()),
                         *self.networks_of(n, host), **row)
        self.ports_of[router].append(name)
        self.nets_of[router].append((n, gateway))
        self.members[n].append(self.plug(name))

    def peer(self, one, other):
        """Connects two routers without a switch."""
        for router, peer, host in (one, other, 1), (other, one, 2):
            name = "%s-to-%s" % (router, peer)
            self.router_port(name, mac(1, self.number()),
                             "169.254.9.%d/30" % host, "fd99::%d/64" % host,
                             peer="%s-to-%s" % (peer, router))
            self.ports_of[router].append(name)

    def finish_router(self, router):
        row = self.tables["Logical_Router"][row_uuid(router)]
        row["ports"] = uuids(self.ports_of[router])
        row["static_routes"] = uuids(self.routes(router))
        row["policies"] = uuids(self.policies(router))
        row["nat"] = uuids(self.nats(router, "chassis" in dict(
            row["options"][1])))

    def next_hop(self, router, v6):
        """An address on a link of the router, mostly."""
        if self.chance(0.1):
            return "fd00:77::1" if v6 else "192.0.2.1"
        n, _ = self.random.choice(self.nets_of[router])
        # Not itself: 23.03 has such a router ask for its own address.
        own = int(router[1:]) + 1
        host = self.random.choice([h for h in (10, 11, 1, 2, 3, 250)
                                   if h != own])
        return self.ip6(n, host) if v6 else self.ip4(n, host)

    def prefix(self, v6):
        n = self.random.choice(self.inside + self.outside)
        if v6:
            return self.random.choice(
                ("::/0", "fd00:%d::/64" % n, "fd00:%d::a/128" % n,
                 "fd00::/16", "2001:db8::/32"))
        return self.random.choice(
            ("0.0.0.0/0", self.ip4(n, 0) + "/24", self.ip4(n, 10) + "/32",
             "10.0.0.0/8", "203.0.113.0/24", "8.8.0.0/16"))

    def routes(self, router):
        names, taken = [], set()
        for _ in range(self.random.randint(0, 5)):
            v6 = self.chance(0.3)
            prefix, hop = self.prefix(v6), self.next_hop(router, v6)
            row = {}
            # OVN 23.03 gives such a default route the priority of "drop".
            if self.chance(0.15) and not prefix.endswith("/0"):
                row["policy"] = "src-ip"
            if self.chance(0.1):
                hop = "discard"
            # Of several next hops each implementation has its own first one.
            key = prefix, row.get("policy")
            if key in taken:
                continue
            taken.add(key)
            names.append(self.route("route%d" % self.number(), prefix, hop,
                                    **row))
        return names

    def policies(self, router):
        names, priorities = [], self.random.sample(range(1, 100), 4)
        for priority in priorities[:self.random.randint(0, 3)]:
            v6 = self.chance(0.2)
            n = self.random.choice(self.inside)
            match = self.random.choice((
                "ip4.src == %s/24" % self.ip4(n, 0),
                "ip4.dst == 203.0.113.0/24", "tcp.dst == 80 && ip4",
                "inport == \"%s\" && ip4" % self.ports_of[router][0]))
            if v6:
                match = "ip6.src == fd00:%d::/64" % n
            action = self.random.choice(("allow", "drop", "reroute",
                                         "reroute"))
            row = {}
            if action == "reroute":
                row["nexthops"] = ["set", [self.next_hop(router, v6)]]
            names.append(self.add("Logical_Router_Policy",
                                  "policy%d" % self.number(), match=match,
                                  priority=priority, action=action, **row))
        return names

    def nats(self, router, is_gateway):
        """NAT needs a place: a gateway router or a gateway port."""
        places = [n for n, gateway in self.nets_of[router]
                  if n >= 10 and (gateway or is_gateway)]
        names, taken = [], set()
        if not places:
            return names
        for _ in range(self.random.randint(0, 4)):
            inner = [n for n, _ in self.nets_of[router] if n < 10]
            if not inner:
                break
            n, outside = self.random.choice(inner), places[0]
            kind = self.random.choice(("snat", "dnat", "dnat_and_snat"))
            host = self.random.randint(10, 12)
            external = self.ip4(outside, self.random.choice(
                range(100, 112)))
            logical = self.ip4(n, host)
            if kind == "snat" and self.chance(0.7):
                logical = self.ip4(n, 0) + "/24"
            if external in self.external or (kind, logical) in taken:
                continue
            self.external.add(external)
            taken.add((kind, logical))
            name = self.nat("nat%d" % self.number(), kind, external, logical)
            row = self.tables["NAT"][row_uuid(name)]
            if kind == "dnat_and_snat" and not is_gateway \
                    and self.chance(0.4) and host - 10 < len(
                        [p for p in self.members[n] if p.startswith("vm")]):
                row["logical_port"] = "vm%d-%d" % (n, host - 10)
                row["external_mac"] = mac(7, self.number())
            names.append(name)
        return names


def main():
    seed, schema, path = sys.argv[1:]
    network = RandomNetwork(seed)
    database.write(path, schema, network.tables)
    for port, chassis in network.bound:
        print(port, chassis)


if __name__ == "__main__":
    main()
