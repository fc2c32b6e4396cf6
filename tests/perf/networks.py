"""Networks to measure with, as rows of the northbound database.

Each kind of network is a class. It has the rows that are there from the
start, the names of ports for the chassis at hand, and the changes that are
worth a measurement. The same arguments give the same rows."""

import uuid

SPACE = uuid.UUID("9a8c4a0e-5f3f-4d57-8f50-6d1f2f6a3f0b")

# The chassis at hand, as tests/perf/run names it.
CHASSIS = "perf"


def row_uuid(name):
    """Returns the uuid of the row that stands for 'name'."""
    return str(uuid.uuid5(SPACE, name))


def uuids(names):
    """Returns a set of references to rows."""
    return ["set", [["uuid", row_uuid(name)] for name in names]]


def options(**values):
    return ["map", [[key, str(value)] for key, value in values.items()]]


def mac(kind, number):
    """Returns an Ethernet address of its own for each kind and number."""
    return "0a:%02x:%02x:%02x:%02x:%02x" % (
        kind, number >> 24, number >> 16 & 255, number >> 8 & 255,
        number & 255)


def insert(table, parent, parent_name, column, row):
    """Returns the operations that insert a row that 'column' of the row of
    table 'parent' with that name refers to."""
    return [{"op": "insert", "table": table, "uuid-name": "new", "row": row},
            {"op": "mutate", "table": parent,
             "where": [["name", "==", parent_name]],
             "mutations": [[column, "insert",
                            ["set", [["named-uuid", "new"]]]]]}]


class Network:
    """Rows, by table and uuid."""

    def __init__(self):
        self.tables = {}
        # What is measured: (what happens, function of a number that returns
        # the operations). Each number is used once.
        self.changes = []
        self.add("NB_Global", "global", options=["map", [
            # Otherwise northd makes them up.
            ["mac_prefix", "0a:01:02"],
            ["svc_monitor_mac", "0a:01:02:03:04:05"]]])

    def add(self, table, key, **row):
        """Adds a row; 'key' is its name in row_uuid()."""
        self.tables.setdefault(table, {})[row_uuid(key)] = row
        return key

    def switch(self, name, ports):
        self.add("Logical_Switch", name, name=name, ports=uuids(ports))

    def port(self, name, address, **row):
        return self.add("Logical_Switch_Port", name, name=name,
                        addresses=address, **row)

    def secured_port(self, name, address):
        return self.port(name, address, port_security=address)

    def router_port(self, name, address, *networks, **row):
        return self.add("Logical_Router_Port", name, name=name, mac=address,
                        networks=["set", list(networks)], **row)

    def plug(self, router_port):
        """Adds the switch's end of a router port."""
        return self.port("to-" + router_port, "router", type="router",
                         options=options(**{"router-port": router_port}))

    def localnet(self, name, network):
        return self.port(name, "unknown", type="localnet",
                         options=options(network_name=network))

    def route(self, key, prefix, nexthop, **row):
        return self.add("Logical_Router_Static_Route", key, ip_prefix=prefix,
                        nexthop=nexthop, **row)

    def nat(self, key, kind, external, logical):
        return self.add("NAT", key, type=kind, external_ip=external,
                        logical_ip=logical)


class Flat(Network):
    """Switches with ports, which nothing connects."""

    def __init__(self, size, ports):
        super().__init__()
        for switch in range(size):
            self.switch("s%d" % switch, [
                self.secured_port("p%d-%d" % (switch, port),
                                  self.address(switch, port))
                for port in range(ports)])
        # One per switch first.
        self.local = ["p%d-%d" % (switch, port)
                      for port in range(ports) for switch in range(size)]
        self.changes = [("port", self.new_port)]
        self.text = "%d switches of %d ports" % (size, ports)

    @staticmethod
    def address(switch, port):
        return "%s 10.%d.%d.%d" % (mac(0, switch * 250 + port + 1),
                                   switch >> 8, switch & 255, port + 1)

    @staticmethod
    def new_port(i):
        address = "%s 10.0.255.%d" % (mac(255, i), i + 1)
        return insert("Logical_Switch_Port", "Logical_Switch", "s0", "ports",
                      {"name": "new-%d" % i, "addresses": address,
                       "port_security": address})


def new_chassis(i):
    """A chassis registers: operations on the southbound database."""
    name, ip = "new-%d" % i, "192.168.%d.%d" % (i >> 8, i & 255)
    return [{"op": "insert", "table": "Encap", "uuid-name": "encap",
             "row": {"type": "geneve", "ip": ip, "chassis_name": name}},
            {"op": "insert", "table": "Chassis",
             "row": {"name": name, "hostname": name,
                     "encaps": ["named-uuid", "encap"]}}]


class OpenStack(Network):
    """Tenants, each with a router that has a gateway port to the common
    provider network with three chassis, source NAT, floating IPs, and two
    networks."""

    NETWORKS = 2
    FLOATING = 4                # Floating IPs of a tenant.

    def __init__(self, size, ports):
        super().__init__()
        public = [self.localnet("public-net", "physnet")]
        for tenant in range(size):
            public.append(self.tenant(tenant, ports // self.NETWORKS))
        self.switch("public", public)
        self.local = ["p%d-0-%d" % (tenant, port)
                      for port in range(ports // self.NETWORKS)
                      for tenant in range(size)]
        self.changes = [("port", self.new_port), ("route", self.new_route),
                        ("floating IP", self.new_nat),
                        ("network", self.new_network)]
        self.text = ("%d tenants with a router, %d networks and %d ports"
                     % (size, self.NETWORKS, ports))

    @staticmethod
    def outside(tenant, number):
        """The tenant's address of that number on the provider network."""
        host = tenant * 16 + number + 256
        return "172.%d.%d.%d" % (16 + (host >> 16), host >> 8 & 255,
                                 host & 255)

    def chassis_group(self, tenant):
        members = [self.add("HA_Chassis", "hac%d-%d" % (tenant, n),
                            chassis_name="gw%d" % ((tenant + n) % 3),
                            priority=n + 1) for n in range(3)]
        return self.add("HA_Chassis_Group", "hag%d" % tenant,
                        name="hag%d" % tenant, ha_chassis=uuids(members))

    def tenant(self, tenant, ports):
        """Returns the switch port that the tenant's router is plugged
        into."""
        inside, nats = [], []
        for n in range(self.NETWORKS):
            subnet = "10.%d.%d" % (n, tenant % 250)
            inside.append(self.router_port(
                "r%d-n%d" % (tenant, n), mac(1, tenant * 2 + n),
                subnet + ".1/24"))
            self.switch("n%d-%d" % (tenant, n), [self.plug(inside[-1])] + [
                self.secured_port(
                    "p%d-%d-%d" % (tenant, n, port), "%s %s.%d" % (
                        mac(2 + n, tenant * 250 + port), subnet, port + 2))
                for port in range(ports)])
            nats.append(self.nat("snat%d-%d" % (tenant, n), "snat",
                                 self.outside(tenant, 0), subnet + ".0/24"))
        nats += [self.nat("fip%d-%d" % (tenant, n), "dnat_and_snat",
                          self.outside(tenant, n + 1),
                          "10.0.%d.%d" % (tenant % 250, n + 2))
                 for n in range(min(ports, self.FLOATING))]
        gateway = self.router_port(
            "r%d-public" % tenant, mac(4, tenant),
            self.outside(tenant, 0) + "/12",
            ha_chassis_group=["uuid", row_uuid(self.chassis_group(tenant))])
        route = self.route("default%d" % tenant, "0.0.0.0/0", "172.16.0.1")
        self.add("Logical_Router", "r%d" % tenant, name="r%d" % tenant,
                 # As Neutron does. Each router would know each other one
                 # otherwise.
                 options=options(dynamic_neigh_routers="true",
                                 always_learn_from_arp_request="false"),
                 ports=uuids(inside + [gateway]), nat=uuids(nats),
                 static_routes=uuids([route]))
        return self.port("to-" + gateway, "router", type="router",
                         options=options(**{"router-port": gateway,
                                            "nat-addresses": "router"}))

    @staticmethod
    def new_port(i):
        address = "%s 10.0.0.%d" % (mac(255, i), i + 200)
        return insert("Logical_Switch_Port", "Logical_Switch", "n0-0",
                      "ports", {"name": "new-%d" % i, "addresses": address,
                                "port_security": address})

    @staticmethod
    def new_route(i):
        return insert("Logical_Router_Static_Route", "Logical_Router", "r0",
                      "static_routes", {"ip_prefix": "192.0.%d.0/24" % i,
                                        "nexthop": "10.0.0.9"})

    @staticmethod
    def new_nat(i):
        return insert("NAT", "Logical_Router", "r0", "nat",
                      {"type": "dnat_and_snat",
                       "external_ip": "172.31.0.%d" % (i + 1),
                       "logical_ip": "10.1.0.%d" % (i + 2)})

    @staticmethod
    def new_network(i):
        name = "new-network-%d" % i
        return insert(
            "Logical_Router_Port", "Logical_Router", "r0", "ports",
            {"name": name, "mac": mac(5, i), "networks": "10.2.%d.1/24" % i}
        ) + [{"op": "insert", "table": "Logical_Switch_Port",
              "uuid-name": "port",
              "row": {"name": "to-" + name, "type": "router",
                      "addresses": "router",
                      "options": options(**{"router-port": name})}},
             {"op": "insert", "table": "Logical_Switch",
              "row": {"name": name, "ports": ["named-uuid", "port"]}}]


class Kubernetes(Network):
    """Nodes, each with a switch for its pods and a gateway router; a join
    switch between these and one router of the cluster."""

    def __init__(self, size, ports):
        super().__init__()
        self.cluster_ports, self.cluster_routes, self.join = [], [], []
        for node in range(size):
            self.node(node, ports)
        join = self.router_port("cluster-join", mac(4, 0), "100.64.0.1/16")
        self.switch("join", [self.plug(join)] + self.join)
        self.add("Logical_Router", "cluster", name="cluster",
                 ports=uuids([join] + self.cluster_ports),
                 static_routes=uuids(self.cluster_routes))
        self.local = ["p0-%d" % port for port in range(ports)]
        self.size = size
        self.changes = [("pod", self.new_port), ("route", self.new_route),
                        ("NAT", self.new_nat), ("node", self.new_node)]
        self.text = "%d nodes of %d pods" % (size, ports)

    @staticmethod
    def subnet(node):
        return "10.%d.%d" % (128 + (node >> 8), node & 255)

    @staticmethod
    def join_address(node):
        host = node + 2
        return "100.64.%d.%d" % (host >> 8, host & 255)

    def node(self, node, ports):
        chassis = "node%d" % node if node else CHASSIS
        subnet, address = self.subnet(node), self.join_address(node)
        down = self.router_port("rtos-%d" % node, mac(1, node),
                                subnet + ".1/24")
        self.switch("node%d" % node, [self.plug(down)] + [
            self.secured_port("p%d-%d" % (node, port), "%s %s.%d" % (
                mac(2, node * 250 + port), subnet, port + 2))
            for port in range(ports)])
        self.cluster_ports.append(down)
        self.cluster_routes.append(self.route(
            "cluster-route%d" % node, subnet + ".0/24", address,
            policy="src-ip"))

        join = self.router_port("gr-join-%d" % node, mac(5, node),
                                address + "/16")
        outside = self.router_port(
            "gr-ext-%d" % node, mac(6, node), "172.18.%d.%d/16" % (
                node + 2 >> 8, node + 2 & 255))
        self.join.append(self.plug(join))
        self.switch("ext%d" % node, [
            self.plug(outside), self.localnet("ext-net%d" % node, "physnet")])
        self.add("Logical_Router", "gr%d" % node, name="gr%d" % node,
                 # Each router would know each other one otherwise.
                 options=options(chassis=chassis,
                                 dynamic_neigh_routers="true",
                                 always_learn_from_arp_request="false"),
                 ports=uuids([join, outside]),
                 static_routes=uuids([
                     self.route("gr-in%d" % node, "10.128.0.0/9",
                                "100.64.0.1"),
                     self.route("gr-out%d" % node, "0.0.0.0/0",
                                "172.18.0.1")]),
                 nat=uuids([self.nat("gr-snat%d" % node, "snat",
                                     "172.18.%d.%d" % (node + 2 >> 8,
                                                       node + 2 & 255),
                                     subnet + ".0/24")]))

    @staticmethod
    def new_port(i):
        address = "%s 10.128.0.%d" % (mac(255, i), i + 200)
        return insert("Logical_Switch_Port", "Logical_Switch", "node0",
                      "ports", {"name": "new-%d" % i, "addresses": address,
                                "port_security": address})

    @staticmethod
    def new_route(i):
        return insert("Logical_Router_Static_Route", "Logical_Router",
                      "cluster", "static_routes",
                      {"ip_prefix": "192.0.%d.0/24" % i,
                       "nexthop": "100.64.0.2"})

    @staticmethod
    def new_nat(i):
        return insert("NAT", "Logical_Router", "gr0", "nat",
                      {"type": "snat", "external_ip": "172.18.0.2",
                       "logical_ip": "192.0.%d.0/24" % i})

    def new_node(self, i):
        """The operations that add a node, its rows made as those from the
        start are."""
        node = Network()
        node.__class__ = Kubernetes
        node.cluster_ports, node.cluster_routes, node.join = [], [], []
        Kubernetes.node(node, self.size + i, 10)
        del node.tables["NB_Global"]
        operations = [
            {"op": "insert", "table": table, "uuid": key, "row": row}
            for table, rows in node.tables.items()
            for key, row in rows.items()]
        for table, name, column, keys in (
                ("Logical_Router", "cluster", "ports", node.cluster_ports),
                ("Logical_Router", "cluster", "static_routes",
                 node.cluster_routes),
                ("Logical_Switch", "join", "ports", node.join)):
            operations.append({
                "op": "mutate", "table": table,
                "where": [["name", "==", name]],
                "mutations": [[column, "insert", uuids(keys)]]})
        return operations


KINDS = {"flat": Flat, "openstack": OpenStack, "kubernetes": Kubernetes}
