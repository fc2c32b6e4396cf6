# Shell functions for tests of the OpenFlow sink (ofswitch.at).  The switch is
# "v", with the bridge br0; the client is "c" (tests/test-ofswitch.c).

start_vswitchd () {
    start_daemon v ovs-vswitchd --enable-dummy --disable-system \
        unix:db.sock >/dev/null 2>&1
}
start_switch () {
    ovsdb-tool create conf.db \
        "${OVS_PKGDATADIR-/usr/share/openvswitch}/vswitch.ovsschema" \
        && start_daemon o ovsdb-server --remote=punix:db.sock conf.db \
        && vsctl --no-wait init && start_vswitchd \
        && vsctl add-br br0 -- set Bridge br0 datapath-type=dummy \
               fail-mode=secure
}
kill_vswitchd () {
    vswitchd_pid=`cat v.pid`
    kill -9 $vswitchd_pid && wait_until stopped $vswitchd_pid
    rm -f v.pid v.ctl br0.mgmt br0.snoop
}
vsctl () {
    ovs-vsctl --db=unix:db.sock "$@"
}
ofctl () {
    ovs-ofctl -O OpenFlow15 "$@"
}
start_client () {
    start_daemon c test-ovn ofswitch --remote="unix:`pwd`/br0.mgmt" \
        -vrconn:warn
}
kill_client () {
    client_pid=`cat c.pid`
    kill -9 $client_pid && wait_until stopped $client_pid && rm -f c.pid c.ctl
}
ctl () {
    ovs-appctl -t "`pwd`/c.ctl" "$@"
}
state_has () {
    ctl state | grep -qw $1
}
# Lets the client want what the file "want" says, and waits until it has it.
load () {
    ctl load "`pwd`/want" && wait_until state_has confirmed
}
# Prints the flows of the switch.
flows () {
    ofctl --no-names --no-stats dump-flows br0.mgmt | grep -v OFPST_FLOW \
        | sed 's/^ *//' | sort
}
stats_have () {
    ctl stats >stats.out
    for word; do
        grep -qw "$word" stats.out || return 1
    done
}
