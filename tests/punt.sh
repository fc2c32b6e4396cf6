# Shell functions for tests of punted packets (punt.at).  The punt thread is in
# the daemon "punt" (tests/test-punt-daemon.c).

punt_ctl () {
    ovs-appctl -t "`pwd`/punt.ctl" "$@"
}
vs_ctl () {
    ovs-appctl -t "`pwd`/ovs-vswitchd.ctl" "$@"
}
# Starts the switch.
start_vswitchd () {
    start_daemon ovs-vswitchd ovs-vswitchd --enable-dummy=override \
        --disable-system unix:`pwd`/db.sock
}
# sb OPERATION: changes the southbound database.
sb () {
    ovsdb-client transact unix:ovnsb_db.sock '["OVN_Southbound",'"$1"']' \
        >transact.out && ! grep error transact.out
}
# fdb_is LINES: all rows of FDB, each as "mac,dp_key,port_key".
fdb_is () {
    ovsdb-client dump -f csv --no-headings unix:ovnsb_db.sock \
        OVN_Southbound FDB mac dp_key port_key \
        | tr -d '"' | awk -F, 'NF == 3 { print $2 "," $1 "," $3 }' | sort >fdb
    cat fdb
    test "`cat fdb`" = "$1"
}
# fdb_has N: the number of rows of FDB.
fdb_has () {
    ovsdb-client dump -f csv --no-headings unix:ovnsb_db.sock \
        OVN_Southbound FDB mac | grep : >fdb
    wc -l fdb
    test `wc -l <fdb` = $1
}
# fdb_has_of DATAPATH PORT N: that port has at least N rows of FDB.
fdb_has_of () {
    ovsdb-client dump -f csv --no-headings unix:ovnsb_db.sock \
        OVN_Southbound FDB mac dp_key port_key | grep "^$1,.*,$2\$" >fdb
    wc -l fdb
    test `wc -l <fdb` -ge $3
}
# learn MAC PORT: a packet from MAC comes in.
learn () {
    vs_ctl netdev-dummy/receive $2 \
        "in_port(1),eth(src=$1,dst=00:00:00:00:00:ff),eth_type(0x1234)"
}
# sent N: so many packets have left by port p1.
sent () {
    ovs-pcap p1.pcap
    test `ovs-pcap p1.pcap | wc -l` = $1
}
# macs_are LINES: all rows of MAC_Binding, each as "port,ip,mac".
macs_are () {
    ovsdb-client transact unix:ovnsb_db.sock '["OVN_Southbound",
        {"op":"select","table":"MAC_Binding","where":[],
         "columns":["logical_port","ip","mac"]}]' >macs.json
    python3 -c 'import json, sys
for row in json.load(sys.stdin)[0]["rows"]:
    print("%s,%s,%s" % (row["logical_port"], row["ip"], row["mac"]))' \
        <macs.json | sort >macs
    cat macs
    test "`cat macs`" = "$1"
}
# sb_uuid TABLE: the uuid of its only row.
sb_uuid () {
    ovsdb-client transact unix:ovnsb_db.sock '["OVN_Southbound",
        {"op":"select","table":"'$1'","where":[],"columns":["_uuid"]}]' \
        | sed 's/.*"uuid","\([^"]*\)".*/\1/'
}
