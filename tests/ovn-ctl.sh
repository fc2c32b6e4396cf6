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

# can_enter USER DIR
can_enter () {
    $PYTHON3 -c '
import os, pwd, sys
os.setgroups([])
os.setgid(pwd.getpwnam(sys.argv[1]).pw_gid)
os.setuid(pwd.getpwnam(sys.argv[1]).pw_uid)
os.chdir(sys.argv[2])' "$@" 2>/dev/null
}

# runs_as USER NAME: do the daemon with NAME.pid and the process that watches
# over it have all of USER's ids, and none of root's rights on files?
runs_as () {
    ra_id=`id -u $1`
    ra_pid=`cat $2.pid` || return
    ra_monitor=`awk '/^PPid:/ { print $2 }' /proc/$ra_pid/status`
    for ra_status in /proc/$ra_pid/status /proc/$ra_monitor/status; do
        awk -v id=$ra_id '/^Uid:/ && ($2 " " $3 " " $4 == id " " id " " id) {
                              print "yes" }' $ra_status | grep -q yes \
            || { cat $ra_status; return 1; }
        # CAP_DAC_OVERRIDE is bit 1.
        ra_caps=`awk '/^CapEff:/ { print $2 }' $ra_status`
        test $((0x$ra_caps & 2)) = 0 || { cat $ra_status; return 1; }
    done
}
