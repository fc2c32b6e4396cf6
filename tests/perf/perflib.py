"""What benchmarks of daemons need: servers to talk to, and what a process
costs."""

import json
import os
import signal
import socket
import subprocess
import time

TIMEOUT = 600                   # Seconds that a daemon may take.


class Error(Exception):
    """Something went wrong that the user should read about."""


def undo(operations, results):
    """Returns the operations that take back the insertions of rows, and of
    references to them, in a transaction with these results."""
    named, inverse = {}, []
    for operation, result in zip(operations, results):
        if operation["op"] == "insert":
            named[operation.get("uuid-name")] = result["uuid"]
            inverse.append({"op": "delete", "table": operation["table"],
                            "where": [["_uuid", "==", result["uuid"]]]})
    for operation in operations:
        if operation["op"] == "mutate":
            column, _, (_, members) = operation["mutations"][0]
            gone = [named[value] if kind == "named-uuid" else [kind, value]
                    for kind, value in members]
            inverse.insert(0, dict(operation, mutations=[
                [column, "delete", ["set", gone]]]))
    return inverse


class Client:
    """A connection to ovsdb-server."""

    def __init__(self, path, database):
        self.database = database
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.socket.settimeout(1)
        self.decoder = json.JSONDecoder()
        self.buffer = ""
        self.next_id = 0
        self.watched = []       # Processes that must not end meanwhile.

    def send(self, message):
        self.socket.sendall(json.dumps(message).encode())

    def check(self, end):
        """Fails if it is later than 'end' or a process is gone."""
        for process in self.watched:
            process.check()
        if time.monotonic() > end:
            raise Error("nothing happened for %d seconds" % TIMEOUT)

    def receive(self):
        """Returns the next message."""
        end = time.monotonic() + TIMEOUT
        while True:
            try:
                # Decoding a half of a large message would be a waste.
                if not self.buffer.endswith("}"):
                    raise ValueError
                message, used = self.decoder.raw_decode(self.buffer)
            except ValueError:
                try:
                    chunk = self.socket.recv(1 << 20)
                except socket.timeout:
                    self.check(end)
                    continue
                if not chunk:
                    raise Error("ovsdb-server closed the connection") from None
                self.buffer += chunk.decode()
                continue
            self.buffer = self.buffer[used:].lstrip()
            if message.get("method") == "echo":
                self.send({"id": message["id"], "result": [], "error": None})
                continue
            return message

    def request(self, method, params):
        """Returns the result of a request; what arrives before it is
        dropped."""
        self.next_id += 1
        self.send({"id": self.next_id, "method": method, "params": params})
        while True:
            message = self.receive()
            if message.get("id") == self.next_id and "result" in message:
                if message["error"]:
                    raise Error("%s: %s" % (method, message["error"]))
                return message["result"]

    def transact(self, *operations):
        results = self.request("transact", [self.database, *operations])
        for result in results:
            if result and "error" in result:
                raise Error("transaction failed: %s" % json.dumps(result))
        return results

    def select(self, table, columns, where=()):
        return self.transact({"op": "select", "table": table,
                              "where": list(where), "columns": columns}
                             )[0]["rows"]

    def wait(self, table, column, good, where=()):
        """Waits until 'good' is true of 'column' of the rows of 'table' that
        meet the conditions 'where'."""
        values = {}
        reply = self.request("monitor_cond", [
            self.database, table + column,
            {table: [{"columns": [column], "where": list(where)}]}])
        while True:
            for key, change in reply.get(table, {}).items():
                kind, row = next(iter(change.items()))
                if kind == "delete":
                    values.pop(key, None)
                else:
                    values[key] = row.get(column, values.get(key))
            if good(list(values.values())):
                break
            message = self.receive()
            while message.get("method") != "update2":
                message = self.receive()
            reply = message["params"][1]
        self.request("monitor_cancel", [table + column])


class Process:
    """A process and what it has cost so far."""

    def __init__(self, command, folder, environment):
        self.name = os.path.basename(command[0])
        self.log = os.path.join(folder, self.name + ".err")
        with open(self.log, "wb") as log:
            self.popen = subprocess.Popen(
                command, cwd=folder, env=environment, stdout=log, stderr=log)

    def cpu(self):
        """Returns the CPU time of all threads so far, in seconds."""
        total = 0
        tasks = "/proc/%d/task" % self.popen.pid
        for task in os.listdir(tasks):
            try:
                with open("%s/%s/schedstat" % (tasks, task)) as stream:
                    total += int(stream.read().split()[0])
            except OSError:
                pass            # A thread that has just ended.
        return total / 1e9

    def peak(self):
        """Returns the largest amount of memory it had, in MB."""
        with open("/proc/%d/status" % self.popen.pid) as stream:
            for line in stream:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) / 1024
        return 0

    def check(self):
        if self.popen.poll() is not None:
            with open(self.log) as stream:
                raise Error("%s ended: %s" % (self.name, stream.read()[-500:]))

    def kill(self, how=signal.SIGKILL):
        if self.popen.poll() is None:
            self.popen.send_signal(how)
        self.popen.wait()


def wait_for(condition, what, seconds=30):
    """Waits until the function 'condition' returns something true."""
    end = time.time() + seconds
    while not condition():
        if time.time() > end:
            raise Error("waited in vain for " + what)
        time.sleep(0.02)


class Log:
    """Counts the rows that transactions write to a database file."""

    def __init__(self, path):
        self.path = path
        self.skip()

    def skip(self):
        """Forgets what has been written so far."""
        self.offset = os.path.getsize(self.path)

    def rows(self, ignored=()):
        """Returns the number of rows written since the last call, without
        those of the tables 'ignored'."""
        count = 0
        with open(self.path, "rb") as stream:
            stream.seek(self.offset)
            while True:
                header = stream.readline().split()
                if len(header) < 3:
                    break
                record = json.loads(stream.read(int(header[2])))
                count += sum(len(rows) for table, rows in record.items()
                             if not table.startswith("_")
                             and table not in ignored)
            self.offset = stream.tell()
        return count
