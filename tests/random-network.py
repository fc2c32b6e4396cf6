#!/usr/bin/env python3
"""Writes a northbound database with a small random network of routers.

usage: random-network.py SEED SCHEMA FILE

Switches, routers (distributed, with one or several gateway ports, on a gateway
chassis, next to each other), addresses of both families, NAT of all kinds,
static routes, policies: whatever the random numbers of SEED say, sense and
nonsense.  Prints a line "PORT CHASSIS" for each port that a chassis should
have, and "mac PORT IP MAC" for each neighbor that a router should know."""

import ipaddress
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
        self.hosts = {}                 # Router -> its number in each net.
        self.with_tables = set()        # Routers with tables of routes.
        self.members = {}               # Switch -> names of its ports.
        self.external = set()           # Addresses that NAT has taken.
        self.bound = []
        self.known = []                 # Port, address and MAC of neighbors.
        self.count = 0
        for name, addresses in (
                ("set4", ["203.0.113.0/24", "172.16.10.0/24", "8.8.8.8"]),
                ("set6", ["2001:db8::/32", "fd00:10::/64"])):
            self.add("Address_Set", name, name=name,
                     addresses=["set", addresses])
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
            values = {}
            if self.chance(0.1):
                values["vlan-passthru"] = "true"
            if self.chance(0.15):
                values["broadcast-arps-to-all-routers"] = "false"
            self.tables["Logical_Switch"][row_uuid("s%d" % n)][
                "other_config"] = options(**values)

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
        return str(ipaddress.IPv6Address("fd00:%d::%x" % (n, host)))

    def make_switch(self, n):
        self.members[n] = []
        for port in range(self.random.randint(1, 3)):
            name = "vm%d-%d" % (n, port)
            address = "%s %s" % (mac(2, n * 16 + port),
                                 self.ip4(n, port + 10))
            if self.chance(0.7):
                address += " " + self.ip6(n, port + 10)
            self.members[n].append(self.port(name, address))
            self.tables["Logical_Switch_Port"][row_uuid(name)].update(
                self.port_columns(n, port, address))
            self.bound.append((name, "ch%d" % (port % 2 + 1)))
        if n >= 10:
            row = {"tag": 42} if self.chance(0.2) else {}
            self.members[n].append(self.port(
                "ln%d" % n, "unknown", type="localnet",
                options=options(network_name="phys%d" % n), **row))

    def port_columns(self, n, port, address):
        """What a switch port has besides addresses."""
        row = {}
        if self.chance(0.1):
            row["enabled"] = False
        if self.chance(0.3):
            row["port_security"] = address
        elif self.chance(0.1):
            row["addresses"] = ["set", [address, "unknown"]]
        if port and self.chance(0.15):
            row.update(parent_name="vm%d-0" % n, tag=port)
        return row

    def networks_of(self, n, host):
        networks_ = [self.ip4(n, host) + "/24"]
        if self.chance(0.7):
            networks_.append(self.ip6(n, host) + "/64")
        return networks_

    def make_router(self, router, index):
        self.kind = self.random.choice(("plain", "dgp", "dgp", "gateway"))
        self.ports_of[router], self.nets_of[router] = [], []
        self.hosts[router] = index + 1
        if self.chance(0.3):
            self.with_tables.add(router)
        values = {}
        if self.kind == "gateway":
            values["chassis"] = "ch1"
        if self.chance(0.2):
            values["always_learn_from_arp_request"] = "false"
        if self.chance(0.1):
            values["dynamic_neigh_routers"] = "true"
        if self.chance(0.1):
            values["mcast_relay"] = "true"
        if self.kind == "gateway" and self.chance(0.2):
            values["dnat_force_snat_ip"] = "100.64.0.1"
        for n in self.random.sample(self.inside, min(2, len(self.inside))):
            self.attach(router, n, index + 1)
        most = 1 if self.kind == "gateway" else len(self.outside)
        for n in self.random.sample(
                self.outside, self.random.randint(self.kind != "plain",
                                                  most)):
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
        elif self.chance(0.05):
            row["enabled"] = False
        values = {}
        if router in self.with_tables and self.chance(0.4):
            values["route_table"] = "table1"
        if n < 10 and self.chance(0.1):
            values["reside-on-redirect-chassis"] = "true"
        row["options"] = options(**values)
        if self.chance(0.3):
            row["ipv6_ra_configs"] = options(address_mode="slaac")
        self.router_port(name, mac(1, self.number()),
                         *self.networks_of(n, host), **row)
        self.ports_of[router].append(name)
        self.nets_of[router].append((n, gateway))
        self.members[n].append(self.plug(name))
        self.neighbors(name, n)

    def neighbors(self, port, n):
        """Those that 'port' learned, and those that it was told."""
        for ip in self.ip4(n, 250), self.ip6(n, 250):
            if self.chance(0.5):
                self.known.append((port, ip, mac(8, self.number())))
            if self.chance(0.2):
                self.add("Static_MAC_Binding", "static%d" % self.number(),
                         logical_port=port, ip=ip, mac=mac(9, self.number()),
                         override_dynamic_mac=self.chance(0.5))

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
        host = self.random.choice([host for host in (10, 11, 1, 2, 3, 250)
                                   if host != self.hosts[router]])
        return self.ip6(n, host) if v6 else self.ip4(n, host)

    def prefix(self, v6):
        n = self.random.choice(self.inside + self.outside)
        if v6:
            return self.random.choice(
                ("::/0", self.ip6(n, 0) + "/64", self.ip6(n, 10) + "/128",
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
            # OVN 23.03 gives such a default route the priority of "drop", and
            # uses such routes of the main table for all ports.
            if self.chance(0.15) and not prefix.endswith("/0") \
                    and router not in self.with_tables:
                row["policy"] = "src-ip"
            if router in self.with_tables and self.chance(0.4):
                row["route_table"] = "table1"
            key = prefix, row.get("policy"), row.get("route_table")
            # Next hops of one route must differ, and one cannot discard.
            if (key, hop) in taken or (key, "discard") in taken:
                continue
            alone = (key, None) not in taken
            if alone and self.chance(0.1):
                hop = "discard"
            elif self.chance(0.1):
                row["output_port"] = self.random.choice(
                    self.ports_of[router])
            if alone and hop != "discard" and self.chance(0.1):
                row["options"] = options(ecmp_symmetric_reply="true")
            taken.update(((key, hop), (key, None)))
            names.append(self.route("route%d" % self.number(), prefix, hop,
                                    **row))
            if hop != "discard" and self.chance(0.3):
                names.append(self.another_route(router, prefix, v6, taken,
                                                key, row))
        return [name for name in names if name]

    def another_route(self, router, prefix, v6, taken, key, row):
        """A second next hop, so that a flow chooses one of them."""
        hop = self.next_hop(router, v6)
        if (key, hop) in taken:
            return None
        taken.add((key, hop))
        row = {column: value for column, value in row.items()
               if column != "output_port"}
        return self.route("route%d" % self.number(), prefix, hop, **row)

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
                match = "ip6.src == %s/64" % self.ip6(n, 0)
            action = self.random.choice(("allow", "drop", "reroute",
                                         "reroute"))
            row = {}
            if action == "reroute":
                hops = [self.next_hop(router, v6)]
                # OVN 23.03 forgets the others if one cannot be reached.
                if not v6 and hops[0] != "192.0.2.1" and self.chance(0.5):
                    other = self.next_hop(router, False)
                    if other not in (hops[0], "192.0.2.1"):
                        hops.append(other)
                row["nexthops"] = ["set", sorted(hops)]
            if action != "drop" and self.chance(0.2):
                row["options"] = options(pkt_mark="7")
            names.append(self.add("Logical_Router_Policy",
                                  "policy%d" % self.number(), match=match,
                                  priority=priority, action=action, **row))
        return names

    def nats(self, router, is_gateway):
        """NAT needs a place: a gateway router or a gateway port."""
        places = [n for n, gateway in self.nets_of[router]
                  if n >= 10 and (gateway or is_gateway)]
        inner = [n for n, _ in self.nets_of[router] if n < 10]
        names, taken = [], set()
        if not places or not inner:
            return names
        for _ in range(self.random.randint(0, 6)):
            kind = self.random.choice(("snat", "dnat", "dnat_and_snat"))
            n, outside = self.random.choice(inner), self.random.choice(places)
            host = self.random.randint(10, 12)
            address = self.ip6 if self.chance(0.25) else self.ip4
            external = address(outside, self.random.randint(100, 112))
            logical = address(n, host)
            if kind == "snat" and self.chance(0.7):
                logical = (address(n, 0) + ("/24" if address == self.ip4
                                            else "/64"))
            if external in self.external or (kind, logical) in taken:
                continue
            self.external.add(external)
            taken.add((kind, logical))
            name = self.nat("nat%d" % self.number(), kind, external, logical)
            self.decorate_nat(self.tables["NAT"][row_uuid(name)], kind, n,
                              host, is_gateway)
            if not is_gateway and (len(places) > 1 or self.chance(0.1)):
                self.tables["NAT"][row_uuid(name)]["gateway_port"] = [
                    "uuid", row_uuid("%s-%d" % (router, outside))]
            names.append(name)
        return names

    def decorate_nat(self, row, kind, n, host, is_gateway):
        """What a rule has besides addresses."""
        if kind == "dnat_and_snat" and not is_gateway \
                and self.chance(0.4) and "vm%d-%d" % (n, host - 10) \
                in self.members[n]:
            row["logical_port"] = "vm%d-%d" % (n, host - 10)
            row["external_mac"] = mac(7, self.number())
        if self.chance(0.15):
            column = self.random.choice(("allowed_ext_ips",
                                         "exempted_ext_ips"))
            if kind != "snat" and not is_gateway:
                # OVN 23.03 drops all that comes from an exempted address.
                column = "allowed_ext_ips"
            row[column] = ["uuid", row_uuid(
                "set6" if ":" in row["external_ip"] else "set4")]
        if kind == "dnat_and_snat" and self.chance(0.15):
            row["options"] = options(stateless="true")
        elif self.chance(0.15):
            row["external_port_range"] = "5000-6000"


def main():
    seed, schema, path = sys.argv[1:]
    network = RandomNetwork(seed)
    database.write(path, schema, network.tables)
    for port, chassis in network.bound:
        print(port, chassis)
    for neighbor in network.known:
        print("mac", *neighbor)


if __name__ == "__main__":
    main()
