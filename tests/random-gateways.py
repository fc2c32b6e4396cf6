#!/usr/bin/env python3
"""Prints random changes of gateways and NAT rules, a line of arguments for
ovn-nbctl each.  usage: random-gateways.py SEED N"""
import random
import sys

ROUTERS = ["r0", "r1", "r2"]
SWITCHES = ["s0", "s1", "s2"]


def create():
    yield " -- ".join(["ls-add " + s for s in SWITCHES]
                      + ["lr-add " + r for r in ROUTERS])
    for i, router in enumerate(ROUTERS):
        for j, switch in enumerate(SWITCHES):
            port = "%s-%s" % (router, switch)
            back = "%s-%s" % (switch, router)
            yield " -- ".join([
                "lrp-add %s %s 00:00:00:00:%02x:%02x 10.%d.0.%d/24 "
                "fd%02d::%d/64" % (router, port, i, j, j, i + 1, j, i + 1),
                "lsp-add %s %s" % (switch, back),
                "lsp-set-type %s router" % back,
                "lsp-set-addresses %s router" % back,
                "lsp-set-options %s router-port=%s nat-addresses=router"
                % (back, port)])
    for i in range(3):
        yield "lsp-add %s vm%d" % (SWITCHES[i], i)
    yield "ha-chassis-group-add g"
    yield "ha-chassis-group-add-chassis g ch1 9"


def change(rng):
    router = rng.choice(ROUTERS)
    switch = rng.choice(SWITCHES)
    port = "%s-%s" % (router, switch)
    n = rng.randrange(8)
    ext4, ext6 = "10.%d.0.%d" % (n % 3, n + 1), "fd%02d::%d" % (n % 3, n + 1)
    ext, log = rng.choice([(ext4, "10.9.0.%d"), (ext6, "fd09::%d")])
    log %= rng.randrange(1, 9)
    kind = rng.choice(["snat", "dnat", "dnat_and_snat"])
    return rng.choice([
        lambda: "lrp-set-gateway-chassis %s ch%d %d"
        % (port, rng.randrange(1, 4), rng.randrange(9)),
        lambda: "clear logical_router_port %s gateway_chassis" % port,
        lambda: "set logical_router_port %s ha_chassis_group=`ovn-nbctl "
        "--bare --columns=_uuid find ha_chassis_group name=g`" % port,
        lambda: "clear logical_router_port %s ha_chassis_group" % port,
        lambda: "ha-chassis-group-add-chassis g ch%d %d"
        % (rng.randrange(1, 4), rng.randrange(9)),
        lambda: "set logical_router %s options:chassis=ch1" % router,
        lambda: "remove logical_router %s options chassis" % router,
        lambda: "set logical_router_port %s options:gateway_mtu=%d "
        "options:redirect-type=%s"
        % (port, rng.randrange(1000, 1500),
           rng.choice(["overlay", "bridged"])),
        lambda: "set logical_router %s options:dnat_force_snat_ip=10.0.9.9 "
        "options:lb_force_snat_ip=%s options:ct-commit-all=%s"
        % (router, rng.choice(["router_ip", ext4]),
           rng.choice(["true", "false"])),
        lambda: "lr-nat-del " + router,
        lambda: "lrp-del " + port,
        lambda: "lsp-add-localnet-port %s l%d phys" % (switch,
                                                       rng.randrange(9)),
    ] + 6 * [
        lambda: "--may-exist lr-nat-add %s %s %s %s %s"
        % (router, kind, ext, log,
           rng.choice(["", "vm%d 00:00:00:00:99:%02x" % (n % 3, n)])
           if kind == "dnat_and_snat" else "")])()


def main():
    seed, n = (int(arg) for arg in sys.argv[1:])
    rng = random.Random(seed)
    for line in create():
        print(line)
    for _ in range(n):
        print(change(rng))


main()
