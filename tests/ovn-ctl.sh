# Functions for the tests of ovn-ctl.

# older_schema NEW OLD: writes a schema that lacks a table and a column that
# NEW has, under a lower version.
older_schema () {
    $PYTHON3 - "$@" <<'END'
import json, sys
schema = json.load(open(sys.argv[1]))
schema["version"] = "5.0.0"
schema["cksum"] = "1 2"
del schema["tables"]["Static_MAC_Binding"]
del schema["tables"]["Address_Set"]["columns"]["external_ids"]
json.dump(schema, open(sys.argv[2], "w"))
END
}

# free_ports N: prints N TCP ports that nobody uses.
free_ports () {
    $PYTHON3 -c '
import socket
s = [socket.socket() for i in range('$1')]
for x in s: x.bind(("127.0.0.1", 0))
print(*sorted(x.getsockname()[1] for x in s))'
}

# on_node N ARG...: ovn-ctl as if on a host of its own.
on_node () {
    node=`pwd`/$1
    shift
    test -d $node || mkdir $node
    OVN_RUNDIR=$node OVN_LOGDIR=$node OVN_DBDIR=$node OVN_SYSCONFDIR=$node \
        ovn-ctl "$@"
}

# transact SOCKET OPERATIONS
transact () {
    ovsdb-client --no-leader-only transact unix:$1 "$2"
}
