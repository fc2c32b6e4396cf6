# Functions for tests of ovn-controller with real databases and a switch that
# moves no packets.

# node_env NAME: the folders of a node, for what is started in a subshell.
node_env () {
    OVS_RUNDIR=`pwd`/$1
    OVN_RUNDIR=$OVS_RUNDIR OVS_LOGDIR=$OVS_RUNDIR OVN_LOGDIR=$OVS_RUNDIR
    OVS_SYSCONFDIR=$OVS_RUNDIR OVN_SYSCONFDIR=$OVS_RUNDIR
    export OVS_RUNDIR OVN_RUNDIR OVS_LOGDIR OVN_LOGDIR
    export OVS_SYSCONFDIR OVN_SYSCONFDIR
}

# start_central: NB and SB databases and ovn-northd.
start_central () {
    start_db nb && start_db sb \
        && start_daemon ovn-northd ovn-northd \
            --ovnnb-db=unix:ovnnb_db.sock --ovnsb-db=unix:ovnsb_db.sock
}

# start_vs NODE, start_switch NODE: ovsdb-server, ovs-vswitchd.
start_vs () {
    (node_env $1 && cd $1 && start_daemon vs ovsdb-server \
        --remote=punix:db.sock \
        --remote=db:Open_vSwitch,Open_vSwitch,manager_options vs.db)
}

start_switch () {
    (node_env $1 && cd $1 && start_daemon vswitchd ovs-vswitchd \
        --enable-dummy=system --disable-system unix:db.sock)
}

# start_controller NODE [ARG...]
start_controller () {
    controller_node=$1
    shift
    (node_env $controller_node && cd $controller_node \
        && start_daemon ovn-controller ovn-controller "$@")
}

# stop_controller NODE [ARG...]: "exit" and wait.
stop_controller () {
    controller_pid=`cat $1/ovn-controller.pid`
    controller_node=$1
    shift
    ctl $controller_node exit "$@" && wait_until stopped $controller_pid
}

# add_node NODE IP [ENCAP]: a node without a controller.
add_node () {
    mkdir $1 \
        && ovsdb-tool create $1/vs.db \
            "$OVS_SRCDIR/vswitchd/vswitch.ovsschema" \
        && start_vs $1 && vsctl $1 --no-wait init && start_switch $1 \
        && vsctl $1 set open . external_ids:system-id=$1 \
            external_ids:hostname=$1.example.org \
            external_ids:ovn-remote=unix:`pwd`/ovnsb_db.sock \
            external_ids:ovn-encap-type=${3-geneve} \
            external_ids:ovn-encap-ip=$2
}

# vsctl NODE ARG..., ctl NODE COMMAND..., ofctl NODE ARG...
vsctl () {
    vsctl_node=$1
    shift
    ovs-vsctl --timeout=20 --db=unix:`pwd`/$vsctl_node/db.sock "$@"
}

ctl () {
    ctl_node=$1
    shift
    ovs-appctl -T 20 -t `pwd`/$ctl_node/ovn-controller.ctl "$@"
}

flows () {
    ovs-ofctl -O OpenFlow15 --no-stats --no-names dump-flows \
        unix:`pwd`/$1/${2-br-int}.mgmt | grep -v '^OFPST' | sort
}

nbctl () {
    ovn-nbctl --db=unix:`pwd`/ovnnb_db.sock "$@"
}

sbctl () {
    ovn-sbctl --db=unix:`pwd`/ovnsb_db.sock "$@"
}

settled () {
    nbctl --timeout=20 --wait=hv sync
}

# add_vif NODE INTERFACE IFACE-ID [EXTERNAL-ID...]
add_vif () {
    vif_node=$1 vif_name=$2 vif_id=$3
    shift 3
    vif_settings=
    for vif_setting; do
        vif_settings="$vif_settings external_ids:$vif_setting"
    done
    vsctl $vif_node add-port br-int $vif_name \
        -- set interface $vif_name external_ids:iface-id=$vif_id \
            $vif_settings
}

# iface_id NODE INTERFACE KEY: its value; fails if it is not there.
iface_id () {
    vsctl $1 get interface $2 external_ids:$3 2>/dev/null
}

# port_is PORT CHASSIS UP: where SB says that it is.  "-" is nowhere.
port_is () {
    port_chassis=`sbctl --bare --columns=chassis find port_binding \
        logical_port=$1`
    test -n "$port_chassis" \
        && port_chassis=`sbctl get chassis $port_chassis name | tr -d '"'`
    port_up=`sbctl --bare --columns=up find port_binding logical_port=$1`
    echo "$1 is at ${port_chassis:--}, up: $port_up"
    test "${port_chassis:--} $port_up" = "$2 $3"
}

# column TABLE RECORD COLUMN VALUE: SB has that value there, as get prints it.
column () {
    column_value=`sbctl get $1 $2 $3` || return 1
    test "$column_value" = "$4" && return
    echo "$3 is $column_value, not $4"
    return 1
}

# count TABLE N [CONDITION...]: SB has so many of such rows.
count () {
    count_table=$1 count_n=$2
    shift 2
    count_has=`sbctl --bare --columns=_uuid find $count_table "$@" \
        | grep -c .`
    test $count_has = $count_n && return
    echo "$count_table has $count_has rows"
    return 1
}

# tunnels NODE: "name type options ovn-chassis-id" of each.
tunnels () {
    for tunnels_port in `vsctl $1 --bare --columns=name find port \
            'external_ids:ovn-chassis-id!=""' | grep . | sort`; do
        echo $tunnels_port \
            `vsctl $1 get interface $tunnels_port type options` \
            `vsctl $1 get port $tunnels_port external_ids:ovn-chassis-id`
    done
}

# same FILE COMMAND...: COMMAND prints what FILE holds.
same () {
    same_file=$1
    shift
    "$@" >same.out
    diff $same_file same.out
}

# warned NODE PATTERN: the node's controller knows of that mistake.
warned () {
    grep "$2" $1/ovn-controller.log
}

# watch_changes SERVER DATABASE TABLE [COLUMNS]: writes them to changes.TABLE.
watch_changes () {
    : >changes.$3
    ovsdb-client --no-headings --detach --no-chdir \
        --pidfile="`pwd`/watch-$3.pid" --log-file="`pwd`/watch-$3.log" \
        monitor $1 $2 $3 ${4+$4,}'!initial' >changes.$3 2>watch-$3.err
}
