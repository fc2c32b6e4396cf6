#! /usr/bin/env python3
"""Writes what fuzzing starts with: the cases of other tests, one a file.

usage: seeds.py TARGET FOLDER"""

import os
import struct
import sys

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def lines(name):
    with open(os.path.join(TESTS, name), encoding="utf-8") as stream:
        return stream.read().splitlines()


def expressions():
    """Yields the inputs of text.cases."""
    for line in lines("text.cases"):
        if line and not line.startswith(("#", "[")):
            yield line.split(" => ")[0].encode()


def actions():
    """Yields the actions, after a byte that stands for parameters."""
    for name in "actions.cases", "actions-23.03.cases":
        for number, line in enumerate(lines(name)):
            if line and line[0] not in " #":
                yield bytes([number % 32]) + line.encode()


def punts():
    """Yields userdata with each opcode and with each parameter."""
    values = [b"", b"\x01", struct.pack(">I", 7), b"name",
              # reg0[3..4], and an output to port 1.
              struct.pack(">IHH", 0x00010004, 3, 2),
              struct.pack(">HHIHHHH", 0, 16, 1, 0, 0, 0, 0),
              bytes(range(40))]
    for opcode in range(1, 33):
        data = struct.pack(">BBH", 1, opcode, 0)
        for param in range(opcode % 5, 12, 1 + opcode % 3):
            value = values[(opcode + param) % len(values)]
            data += struct.pack(">HH", param, len(value)) + value
            data += bytes(-len(value) % 4)
        yield data


def ip4(proto, payload, ttl=64, fragment=0x4000):
    return struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 1,
                       fragment, ttl, proto, 0, bytes([10, 0, 0, 1]),
                       bytes([10, 0, 0, 2])) + payload


def ip6(proto, payload, hops=64, src=b"\xfd" + bytes(14) + b"\1",
        dst=b"\xfd" + bytes(14) + b"\2"):
    return struct.pack(">IHBB", 6 << 28, len(payload), proto, hops) \
        + src + dst + payload


def transports():
    """Yields protocol numbers and what follows an IP header."""
    yield 17, struct.pack(">HHHH", 53, 53, 12, 0) + b"data"
    for flags in 0x02, 0x10, 0x14:
        yield 6, struct.pack(">HHIIBBHHH", 80, 1000, 1, 2, 0x50, flags, 9, 0,
                             0) + b"data"
    yield 132, struct.pack(">HHIIBBHI", 1, 2, 3, 0, 1, 0, 20, 7) + bytes(12)
    bfd = struct.pack(">BBBBIIIII", 0x20, 0xc0, 3, 24, 9, 1, 10 ** 6, 10 ** 6,
                      0)
    yield 17, struct.pack(">HHHH", 49152, 3784, 8 + len(bfd), 0) + bfd


def frames():
    """Yields frames that punts are about."""
    macs = bytes([0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 1])
    arp = struct.pack(">HHBBH", 1, 0x800, 6, 4, 1) + macs[6:] \
        + bytes([10, 0, 0, 1]) + bytes(6) + bytes([10, 0, 0, 2])
    yield macs + b"\x08\x06" + arp
    for proto, payload in transports():
        for hops in 1, 255:
            yield macs + b"\x08\x00" + ip4(proto, payload, hops)
            yield macs + b"\x86\xdd" + ip6(proto, payload, hops)
        yield macs + b"\x08\x00" + ip4(proto, payload, 64, 0x2000)
        yield macs + b"\x08\x00" + ip4(proto, payload, 64, 0x0005)
        yield macs + b"\x81\x00\x00\x07\x08\x00" + ip4(proto, payload)
        # Hop-by-hop options, a fragment's header, then the transport.
        yield macs + b"\x86\xdd" + ip6(
            0, bytes([44, 0, 1, 4, 0, 0, 0, 0, proto, 0, 0, 1, 0, 0, 0, 9])
            + payload)
    quoted = ip4(17, b"\0\1\0\2\0\x08\0\0")
    yield macs + b"\x08\x00" + ip4(1, bytes([3, 4, 0, 0, 0, 0, 0, 0]) + quoted)
    yield macs + b"\x08\x00" + ip4(1, bytes([8, 0, 0, 0, 0, 1, 0, 1]))
    quoted = ip6(17, b"\0\1\0\2\0\x08\0\0")
    yield macs + b"\x86\xdd" + ip6(
        58, bytes([2, 0, 0, 0, 0, 0, 0, 0]) + quoted)
    yield macs + b"\x86\xdd" + ip6(58, bytes([128, 0, 0, 0, 0, 1, 0, 1]))
    target = b"\xfd" + bytes(14) + b"\2"
    option = bytes([1, 1]) + macs[6:]
    for kind in 135, 136:
        yield macs + b"\x86\xdd" + ip6(
            58, bytes([kind, 0, 0, 0, 0, 0, 0, 0]) + target + option, 255)
    yield macs + b"\x86\xdd" + ip6(
        58, bytes([133, 0, 0, 0, 0, 0, 0, 0]) + option, 255)


def parameters():
    """Yields parameters of punts."""
    values = [(1, struct.pack(">IHH", 0x00010004, 3, 2)),
              (2, struct.pack(">HHIHHHH", 0, 16, 1, 0, 0, 0, 0)),
              (3, bytes([134, 0, 0, 0, 64, 0, 0, 9]) + bytes(8))]
    for value in b"\x05\x14", b"\0\0\x05\x14":
        yield b"".join(struct.pack(">HH", kind, len(v)) + v
                       + bytes(-len(v) % 4) for kind, v in
                       values + [(8, value)])


def packets():
    """Yields punted packets as packet.c wants them, for all handlers."""
    number = 0
    for handler in range(18):
        for frame in frames():
            params = list(parameters())[handler in (11, 12)]
            head = bytes([handler, number % 5 != 0, 7, 1, 2])
            regs = (b"\xfd" + bytes(14) + b"\2" if frame[12] == 0x86
                    else bytes([10, 0, 0, 2]) + bytes(12))
            yield head + regs + bytes([len(params)]) + params + frame
            number += 1


TARGETS = {"lex": expressions, "expr": expressions, "actions": actions,
           "punt": punts, "packet": packets}


def main():
    target, folder = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    for number, data in enumerate(TARGETS[target]()):
        with open(os.path.join(folder, "case-%04d" % number), "wb") as stream:
            stream.write(data)


main()
