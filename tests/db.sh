# Shell functions for tests of the mirror and the sink (db.at).  The server is
# "s", its database db, the client "d" (tests/test-db-daemon.c), or $client.

create_db () {
    ovsdb-tool create db "${1-$abs_top_srcdir/tests/db-test.ovsschema}"
}
start_server () {
    start_daemon s ovsdb-server --remote=punix:db.sock "$@" db
}
kill_server () {
    kill -9 `cat s.pid`
    rm -f s.pid db.sock s.ctl .db.~lock~
}
# Starts the server where the client does not find it.
start_offline () {
    start_daemon s ovsdb-server --remote=punix:offline.sock db
}
start_client () {
    start_daemon ${client-d} test-ovn db-daemon \
        -vdb_txn:dbg -vjsonrpc:dbg --remote="unix:`pwd`/db.sock" "$@"
}
ctl () {
    ovs-appctl -t "`pwd`/${client-d}.ctl" "$@"
}
state_has () {
    ctl state | grep -qw $1
}
stats_are () {
    test "`ctl stats`" = "$1"
}
transact () {
    ovsdb-client transact unix:${socket-db.sock} \
        "[\"DB_Test\",$1]" >transact.out \
        || return 1
    if grep error transact.out; then return 1; fi
}
config_is () {
    test "`ctl config $1`" = "\"$2\"" || test "`ctl config $1`" = "$2"
}
barrier_is_there () {
    config_is barrier $barrier
}
# Inserts a row: TABLE ROW.  Changes one: TABLE NAME ROW.  Deletes one: TABLE
# NAME.
ins () {
    transact '{"op":"insert","table":"'$1'","row":'"$2"'}'
}
upd () {
    transact '{"op":"update","table":"'$1'",
               "where":[["name","==","'$2'"]],"row":'"$3"'}'
}
del () {
    transact '{"op":"delete","table":"'$1'","where":[["name","==","'$2'"]]}'
}
# Changes item "i" and deletes all others in one transaction.  The server (3.1)
# looks at that item first, for its uuid, and leaves its references to them.
outlive_peers () {
    transact '{"op":"update","table":"Item","row":{"n":9},
               "where":[["name","==","i"]]},
              {"op":"delete","table":"Item","where":[["name","!=","i"]]}'
}
# Waits until the client has seen all of the database and has done all there
# is to do.
barrier () {
    barrier=$((barrier + 1))
    transact '{"op":"delete","table":"Config",
               "where":[["name","==","barrier"]]},
              {"op":"insert","table":"Config",
               "row":{"name":"barrier","value":"'$barrier'"}}' || return 1
    wait_until barrier_is_there && wait_until state_has ${1-clean}
}
dump () {
    ovsdb-client -f csv --no-headings dump unix:db.sock DB_Test "$@" \
        | grep -v ' table$' | sort
}
# Whether the items are those named in $1, with their numbers.
items_are () {
    test "`dump Item name n | awk -F, '{ print $2 "=" $1 }' | sort \
           | tr '\n' ' '`" = "$1 "
}
# Prints what is monitored of table $1.
monitored () {
    grep 'send request, method="monitor_cond_since"' d.log \
        | grep DB_Test | tr '{}' '\n\n' | grep -A1 "\"$1\":" | tail -1
}
ctl_shows () {
    ctl db/show | grep "$1"
}
# The schema as it may have been once.
old_schema () {
    $PYTHON3 -c '
import json, sys
schema = json.load(sys.stdin)
schema["version"] = "1.0.0"
del schema["tables"]["Item"]["columns"]["note"]
del schema["tables"]["Part"]
del schema["tables"]["Holder"]["columns"]["parts"]
json.dump(schema, sys.stdout)' <"$abs_top_srcdir/tests/db-test.ovsschema"
}
no_config_schema () {
    $PYTHON3 -c '
import json, sys
schema = json.load(sys.stdin)
del schema["tables"]["Config"]
json.dump(schema, sys.stdout)' <"$abs_top_srcdir/tests/db-test.ovsschema"
}
# Upgrades the database.  (A running server of Open vSwitch 3.1 does not tell
# clients the new schema of a database that is not clustered.)
convert_db () {
    kill_server && ovsdb-tool convert db \
        "$abs_top_srcdir/tests/db-test.ovsschema" && start_server
}
item_b_is_there () {
    dump Item name | grep -qx b
}

# A cluster of three servers: s1, s2, s3.
start_member () {
    start_daemon $1 ovsdb-server --remote=punix:$1.sock $1.db
}
start_cluster () {
    ovsdb-tool create-cluster s1.db \
        "$abs_top_srcdir/tests/db-test.ovsschema" unix:s1.raft || return 1
    start_member s1 || return 1
    for member in s2 s3; do
        ovsdb-tool join-cluster $member.db DB_Test unix:$member.raft \
            unix:s1.raft || return 1
        start_member $member || return 1
        ovsdb-client -vconsole:off wait unix:$member.sock DB_Test \
            connected || return 1
    done
}
cluster_remote () {
    for member in s1 s2 s3; do
        printf "unix:`pwd`/$member.sock,"
    done | sed 's/,$//'
}
cluster_leader () {
    for member in s1 s2 s3; do
        if ovs-appctl -T 5 -t "`pwd`/$member.ctl" cluster/status DB_Test \
               2>/dev/null | grep -q '^Role: leader'; then
            echo $member
        fi
    done
}
cluster_items () {
    ovsdb-client -f csv --no-headings dump unix:$1.sock DB_Test Item name n \
        | grep -v ' table$' | sort
}
