# Functions for tests of daemons.  To be sourced.

# The test's own folder takes the place of all folders of the system.
use_own_dirs () {
    OVS_RUNDIR=`pwd`
    OVS_LOGDIR=$OVS_RUNDIR
    OVS_DBDIR=$OVS_RUNDIR
    OVS_SYSCONFDIR=$OVS_RUNDIR
    OVN_RUNDIR=$OVS_RUNDIR
    OVN_LOGDIR=$OVS_RUNDIR
    OVN_DBDIR=$OVS_RUNDIR
    OVN_SYSCONFDIR=$OVS_RUNDIR
    export OVS_RUNDIR OVS_LOGDIR OVS_DBDIR OVS_SYSCONFDIR
    export OVN_RUNDIR OVN_LOGDIR OVN_DBDIR OVN_SYSCONFDIR
}

# Kills what has a pidfile here.
kill_daemons () {
    for pidfile in *.pid */*.pid; do
        test ! -s $pidfile || kill `cat $pidfile`
    done 2>/dev/null
    :
}

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
print(*[x.getsockname()[1] for x in s])'
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

# wait_for COMMAND...: until it succeeds, ten seconds at most.
wait_for () {
    for i in `seq 100`; do
        if "$@"; then return 0; fi
        sleep 0.1
    done
    echo "waited in vain for: $*" >&2
    return 1
}
