"""Writes database files as ovsdb-server would: one transaction, no time worth
mentioning."""

import hashlib
import json
import subprocess


def write(path, schema, transaction):
    """Makes the file 'path' with rows, by table and uuid."""
    subprocess.run(["ovsdb-tool", "create", path, schema], check=True)
    body = json.dumps(transaction).encode() + b"\n"
    with open(path, "ab") as stream:
        stream.write(b"OVSDB JSON %d %s\n"
                     % (len(body), hashlib.sha1(body).hexdigest().encode()))
        stream.write(body)
