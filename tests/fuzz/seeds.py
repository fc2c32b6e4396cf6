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


TARGETS = {"lex": expressions, "expr": expressions, "actions": actions,
           "punt": punts}


def main():
    target, folder = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    for number, data in enumerate(TARGETS[target]()):
        with open(os.path.join(folder, "case-%04d" % number), "wb") as stream:
            stream.write(data)


main()
