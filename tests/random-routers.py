#!/usr/bin/env python3
# Changes routers, what is plugged into them and what they announce at random,
# good and bad input alike, with ovn-nbctl.
#
#   random-routers.py SEED STEPS
#
# northd must run with OVN_VERIFY=1: it computes all anew after each change and
# aborts if the outcome differs from what stood.

import random
import subprocess
import sys

NAMES = 4
rng = random.Random(int(sys.argv[1]))


def any_of(*choices):
    return rng.choice(choices)


def number():
    return rng.randrange(NAMES)


def mac():
    return any_of("00:00:00:00:01:%02x" % number(),
                  "0a:00:00:00:%02x:01" % number(), "nonsense")


def network():
    return any_of("10.%d.0.%d/24" % (number(), rng.randrange(1, 4)),
                  "10.%d.0.1/16" % number(), "10.0.%d.1/31" % number(),
                  "fd0%d::%d/64" % (number(), number()), "fe80::%d/64"
                  % number(), "nonsense")


def quoted(values):
    return ",".join('"%s"' % v for v in values) or "[]"


def option(table, row, column, key, *values):
    value = any_of(None, *values)
    if value is None:
        return ["remove", table, row, column, key]
    return ["set", table, row, "%s:%s=%s" % (column, key,
                                             '"%s"' % value)]


def change_router():
    name = "r%d" % number()
    return any_of(
        ["--may-exist", "lr-add", name],
        ["--if-exists", "lr-del", name],
        ["set", "logical_router", name, "enabled=%s"
         % any_of("true", "false", "[]")],
        option("logical_router", name, "options", "chassis", "ch1", "ch2"),
        option("logical_router", name, "options",
               "always_learn_from_arp_request", "true", "false"),
        option("logical_router", name, "options", "dynamic_neigh_routers",
               "true", "false"),
        option("logical_router", name, "options", "mcast_relay", "true"),
        option("logical_router", name, "options", "lb_force_snat_ip",
               "router_ip", "10.0.0.9"),
        option("logical_router", name, "options",
               "mac_binding_age_threshold", "10", "10.0.0.0/8:5;x", "0"),
        ["--may-exist", "lr-nat-add", name, any_of("snat", "dnat_and_snat"),
         "10.%d.0.%d" % (number(), rng.randrange(1, 4)),
         "10.9.0.%d" % number()],
        ["lr-nat-del", name])


def change_router_port():
    name = "p%d" % number()
    table = "logical_router_port"
    return any_of(
        ["--may-exist", "lrp-add", "r%d" % number(), name,
         "00:00:00:00:01:0%d" % number(), "10.%d.0.1/24" % number()],
        ["--if-exists", "lrp-del", name],
        ["set", table, name, 'mac="%s"' % mac()],
        ["set", table, name, "networks=%s"
         % quoted([network() for _ in range(rng.randrange(4))])],
        ["set", table, name, "enabled=%s" % any_of("true", "false", "[]")],
        ["set", table, name, "peer=%s" % any_of("p%d" % number(), "[]")],
        option(table, name, "options", "reside-on-redirect-chassis", "true"),
        option(table, name, "options", "gateway_mtu", "1400", "nonsense"),
        option(table, name, "ipv6_ra_configs", "address_mode", "slaac",
               "dhcpv6_stateful", "nonsense"),
        option(table, name, "ipv6_ra_configs", "send_periodic", "true"),
        option(table, name, "options", "mcast_flood", "true"),
        option(table, name, "options", "prefix_delegation", "true"),
        option(table, name, "options", "prefix", "true"),
        option(table, name, "options", "dhcpv4_primary_ip", "10.1.0.1"),
        ["--id=@relay", "create", "dhcp_relay", "name=relay",
         "servers=%s" % any_of("10.0.0.9", "10.1.0.9", "nonsense"),
         "--", "set", table, name, "dhcp_relay=@relay"],
        ["clear", table, name, "dhcp_relay"],
        option(table, name, "ipv6_ra_configs", "mtu", "1400", "10"),
        ["lrp-set-gateway-chassis", name, "ch%d" % rng.randrange(1, 3),
         str(number())],
        ["clear", table, name, "gateway_chassis"])


def change_switch_port():
    name = "l%d" % number()
    table = "logical_switch_port"
    return any_of(
        ["--may-exist", "ls-add", "s%d" % number()],
        ["--if-exists", "ls-del", "s%d" % number()],
        option("logical_switch", "s%d" % number(), "other_config",
               "dhcp_relay_port", "l0", "l1", "l2"),
        ["--may-exist", "lsp-add", "s%d" % number(), name],
        ["--if-exists", "lsp-del", name],
        ["lsp-set-type", name, any_of("router", "router", "router", "",
                                      "localnet")],
        ["lsp-set-addresses", name, any_of(
            "router", "unknown", "%s 10.%d.0.7" % (mac(), number()))],
        option(table, name, "options", "router-port", "p0", "p1", "p2", "p3"),
        option(table, name, "options", "nat-addresses", "router",
               "00:00:00:00:00:01 10.0.0.1", "nonsense"),
        option(table, name, "options", "arp_proxy", "10.0.0.0/8",
               "00:00:00:00:00:01 10.0.0.1 fd00::/8", "nonsense"),
        option(table, name, "options", "exclude-router-ips-from-garp",
               "true"),
        ["lsp-set-enabled", name, any_of("enabled", "disabled")],
        option("logical_switch", "s%d" % number(), "other_config",
               "broadcast-arps-to-all-routers", "false"))


def change_static_mac():
    return ["create", "static_mac_binding", "logical_port=p%d" % number(),
            'ip="%s"' % any_of("10.0.0.%d" % number(), "fd00::1", "x"),
            'mac="%s"' % mac()]


def nbctl(command):
    return subprocess.run(["ovn-nbctl", "-vconsole:off"] + command,
                          stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode == 0


changed = 0
for step in range(int(sys.argv[2])):
    change = rng.choice([change_router, change_router_port,
                         change_router_port, change_switch_port,
                         change_switch_port, change_static_mac])
    # Many are impossible at present.
    changed += nbctl(change())
    if not step % 10 and not nbctl(["--timeout=60", "--wait=sb", "sync"]):
        sys.exit("step %d: northd does not answer" % step)
if not nbctl(["--timeout=60", "--wait=sb", "sync"]):
    sys.exit("northd does not answer")
if changed < int(sys.argv[2]) / 10:
    sys.exit("only %d changes were possible" % changed)
