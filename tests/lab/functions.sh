# Networks of nodes and virtual machines on one machine.  To be sourced by
# POSIX shells, as root.
#
# Each node and each VM is a network namespace.  Nodes hang on one Ethernet
# segment, a bridge in a namespace of its own.  A node that is a chassis runs
# an ovsdb-server and an ovs-vswitchd with datapaths in userspace, so that no
# kernel module is needed: br-phys holds the uplink and the address of tunnels,
# br-int the VMs.
#
# Settings, all with defaults:
#
#   LAB_NAME      prefix of all namespaces; labs with different names can be up
#                 side by side
#   LAB_DIR       folder for the nodes' sockets, logs and databases
#   LAB_BINDIR    folders with OVN's programs, separated by colons
#   LAB_OVN_CTL   ovn-ctl to start them with
#   LAB_SCHEMAS   folder with the schemas
#
# Commands that fail print why and return a failure.

lab_init () {
    : "${LAB_NAME:=lab}" "${LAB_DIR:=/run/ovn-$LAB_NAME}"
    PATH=$PATH:/usr/sbin:/sbin
    mkdir -p "$LAB_DIR" || return
    LAB_DIR=$(cd "$LAB_DIR" && pwd)
}

lab_fail () {
    printf '%s\n' "$*" >&2
    return 1
}

# ns NODE: the name of its namespace.
ns () {
    echo "$LAB_NAME-$1"
}

# Can this user and this machine have a lab at all?  Prints the reason if not.
lab_possible () {
    test "$(id -u)" = 0 \
        || { echo "only root can create namespaces"; return 1; }
    for lp_program in ip ethtool ovsdb-server ovs-vswitchd ovs-vsctl; do
        command -v $lp_program >/dev/null \
            || { echo "there is no $lp_program"; return 1; }
    done
    if ! lp_why=$(ip netns add "$(ns probe)" 2>&1); then
        echo "no network namespaces: $lp_why"
        return 1
    fi
    lp_rc=0
    lp_why=$({ ip -n "$(ns probe)" link add p0 type veth peer name p1 \
               && ip -n "$(ns probe)" link add p2 type bridge; } 2>&1) \
        || { echo "no veth or bridge devices: $lp_why"; lp_rc=1; }
    ip netns delete "$(ns probe)"
    return $lp_rc
}

# The environment of a node, as arguments of env.  ovn-nbctl and ovn-sbctl find
# the databases of the node "central" everywhere.
node_env () {               # NODE
    ne_dir=$LAB_DIR/$1
    for ne_kind in RUNDIR LOGDIR DBDIR SYSCONFDIR; do
        printf '%s\n' "OVS_$ne_kind=$ne_dir" "OVN_$ne_kind=$ne_dir"
    done
    ne_bindir=$LAB_BINDIR ne_schemas=$LAB_SCHEMAS
    if test -e "$ne_dir/programs"; then
        { read -r ne_bindir; read -r ne_schemas; } <"$ne_dir/programs"
    fi
    printf '%s\n' "OVN_PKGDATADIR=$ne_schemas" "OVN_BINDIR=$ne_bindir" \
           "OVN_SBINDIR=/usr/sbin" "PATH=$ne_bindir:$PATH"
    test ! -S "$LAB_DIR/central/ovnnb_db.sock" \
        || printf '%s\n' "OVN_NB_DB=unix:$LAB_DIR/central/ovnnb_db.sock" \
                  "OVN_SB_DB=unix:$LAB_DIR/central/ovnsb_db.sock"
}

# node_programs NODE BINDIR SCHEMAS: runs other programs there than elsewhere.
node_programs () {
    printf '%s\n' "$2" "$3" >"$LAB_DIR/$1/programs"
}

# on NODE COMMAND...: runs a command there.
on () {
    on_node=$1
    shift
    (IFS='
'
     set -f
     exec ip netns exec "$(ns "$on_node")" env $(node_env "$on_node") "$@")
}

# Namespaces that exist.
lab_namespaces () {
    ip netns list 2>/dev/null | cut -d' ' -f1 | grep "^$LAB_NAME-"
}

# quiet_link NAMESPACE DEVICE: up, with everything off that a datapath in
# userspace would get to see as wrong checksums or frames of 64 kB.
quiet_link () {
    ip netns exec "$1" ethtool -K "$2" tx off sg off tso off gso off gro off \
        >/dev/null 2>&1
    ip -n "$1" link set "$2" up
}

# new_namespace NAME
new_namespace () {
    nn_ns=$(ns "$1")
    ip netns add "$nn_ns" && ip -n "$nn_ns" link set lo up || return
    ip netns exec "$nn_ns" sysctl -q -w \
        net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
}

# The segment that nodes hang on.
lab_network () {
    new_namespace net || return
    ip -n "$(ns net)" link add br0 type bridge mcast_snooping 0 \
        && ip -n "$(ns net)" link set br0 up
}

# add_node NODE: a host with one network card, eth0.
add_node () {
    new_namespace "$1" || return
    mkdir -p "$LAB_DIR/$1" || return
    ip -n "$(ns "$1")" link add eth0 type veth \
       peer name "$1" netns "$(ns net)" || return
    # The card's frames belong to br-phys alone, though the kernel sees them.
    ip netns exec "$(ns "$1")" sysctl -q -w net.ipv4.conf.all.rp_filter=1 \
        net.ipv4.conf.eth0.rp_filter=1 net.ipv4.conf.all.arp_ignore=1 || return
    quiet_link "$(ns net)" "$1" && quiet_link "$(ns "$1")" eth0 || return
    ip -n "$(ns net)" link set "$1" master br0
}

# start_central NODE [ADDR/LEN]: databases and ovn-northd, reachable over TCP.
# Those of a node called "central" are found by ovn-nbctl on all nodes.
start_central () {
    test -z "$2" || ip -n "$(ns "$1")" address add "$2" dev eth0 || return
    on "$1" "$LAB_OVN_CTL" start_northd || return
    on "$1" ovn-nbctl set-connection ptcp:6641 \
        && on "$1" ovn-sbctl set-connection ptcp:6642
}

# start_switch NODE ADDR/LEN: Open vSwitch with br-phys, and ADDR on it.
start_switch () {
    ss_dir=$LAB_DIR/$1
    ss_schema=/usr/share/openvswitch/vswitch.ovsschema
    test -e "$ss_dir/conf.db" \
        || ovsdb-tool create "$ss_dir/conf.db" $ss_schema || return
    on "$1" ovsdb-server "$ss_dir/conf.db" --remote="punix:$ss_dir/db.sock" \
       --remote=db:Open_vSwitch,Open_vSwitch,manager_options \
       -vconsole:off --pidfile --log-file --detach --no-chdir || return
    on "$1" ovs-vsctl --no-wait init \
       -- set open . external_ids:system-id="$1" \
       external_ids:hostname="$1" || return
    start_vswitchd "$1" || return
    on "$1" ovs-vsctl add-br br-phys \
       -- set bridge br-phys datapath_type=netdev \
       -- add-port br-phys eth0 || return
    quiet_link "$(ns "$1")" br-phys \
        && ip -n "$(ns "$1")" address add "$2" dev br-phys
}

start_vswitchd () {         # NODE
    on "$1" ovs-vswitchd "unix:$LAB_DIR/$1/db.sock" --disable-system \
       -vconsole:off --pidfile --log-file --detach --no-chdir
}

# configure_chassis NODE ENCAP ADDR[,ADDR] REMOTE: what ovn-controller needs to
# know.
configure_chassis () {
    on "$1" ovs-vsctl set open . "external_ids:ovn-encap-type=$2" \
       "external_ids:ovn-encap-ip=$(printf '"%s"' "$3")" \
       "external_ids:ovn-remote=$(printf '"%s"' "$4")" \
       external_ids:ovn-bridge-datapath-type=netdev \
       -- --may-exist add-br br-int \
       -- set bridge br-int datapath_type=netdev fail-mode=secure \
       other_config:disable-in-band=true
}

# start_chassis NODE ENCAP ADDR/LEN CENTRAL-ADDR: all of it.
start_chassis () {
    start_switch "$1" "$3" \
        && configure_chassis "$1" "$2" "${3%/*}" "tcp:$4:6642" \
        && on "$1" "$LAB_OVN_CTL" start_controller
}

# add_vm NODE VM PORT MAC [ADDR/LEN]: a machine whose card, eth0, is plugged
# into NODE's br-int and bound to the logical port PORT.
add_vm () {
    new_namespace "$2" || return
    ip -n "$(ns "$2")" link add eth0 address "$4" mtu 1400 type veth \
       peer name "$2" netns "$(ns "$1")" || return
    quiet_link "$(ns "$2")" eth0 && quiet_link "$(ns "$1")" "$2" || return
    test -z "$5" || ip -n "$(ns "$2")" address add "$5" dev eth0 || return
    on "$1" ovs-vsctl --no-wait -- add-port br-int "$2" \
       -- set interface "$2" "external_ids:iface-id=$3"
}

# add_host HOST ADDR/LEN: a machine outside of OVN, on the nodes' segment.
add_host () {
    new_namespace "$1" || return
    ip -n "$(ns "$1")" link add eth0 type veth \
       peer name "$1" netns "$(ns net)" || return
    quiet_link "$(ns net)" "$1" && quiet_link "$(ns "$1")" eth0 || return
    ip -n "$(ns net)" link set "$1" master br0 \
        && ip -n "$(ns "$1")" address add "$2" dev eth0
}

# add_trunk_vm NODE VM PORT: a machine that has containers, which add_container
# adds.  Its inside is a bridge, br-VM, that tags their frames.
add_trunk_vm () {
    ip -n "$(ns "$1")" link add "$2" type veth peer name "$2-in" || return
    quiet_link "$(ns "$1")" "$2" && quiet_link "$(ns "$1")" "$2-in" || return
    on "$1" ovs-vsctl add-br "br-$2" \
       -- set bridge "br-$2" datapath_type=netdev \
       -- add-port "br-$2" "$2-in" -- add-port br-int "$2" \
       -- set interface "$2" "external_ids:iface-id=$3"
}

# add_container NODE VM CONTAINER VLAN MAC ADDR/LEN
add_container () {
    new_namespace "$3" || return
    ip -n "$(ns "$3")" link add eth0 address "$5" mtu 1400 type veth \
       peer name "$3" netns "$(ns "$1")" || return
    quiet_link "$(ns "$3")" eth0 && quiet_link "$(ns "$1")" "$3" || return
    ip -n "$(ns "$3")" address add "$6" dev eth0 || return
    on "$1" ovs-vsctl add-port "br-$2" "$3" "tag=$4"
}

# in_vm VM COMMAND...
in_vm () {
    iv_ns=$(ns "$1")
    shift
    ip netns exec "$iv_ns" "$@"
}

# can_ping VM ADDR [COUNT]: all of COUNT (3) answered?
can_ping () {
    in_vm "$1" ping -q -n -i 0.1 -W 2 -c "${3:-3}" "$2" >/dev/null 2>&1
}

# lab_wait SECONDS COMMAND...: until it succeeds.
lab_wait () {
    lw_end=$(($(date +%s) + $1))
    shift
    until "$@"; do
        test "$(date +%s)" -lt $lw_end || return 1
        sleep 0.1
    done
}

# Ends all processes of some namespaces: daemons, and shells of people.
kill_namespaces () {
    for kn_signal in TERM KILL; do
        kn_pids=$(for kn_ns; do ip netns pids "$kn_ns"; done 2>/dev/null)
        test -n "$kn_pids" || return 0
        # One by one: an id may be gone by now.
        for kn_pid in $kn_pids; do
            test "$kn_pid" = $$ || kill -$kn_signal "$kn_pid" 2>/dev/null
        done
        for kn_try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
            kn_pids=$(for kn_ns; do ip netns pids "$kn_ns"; done 2>/dev/null)
            test -n "$kn_pids" || return 0
            sleep 0.1
        done
    done
}

# Takes down whatever there is of the lab, in whatever state.  The folder with
# its logs stays.
lab_down () {
    ld_all=$(lab_namespaces)
    kill_namespaces $ld_all
    for ld_ns in $ld_all; do
        ip netns delete "$ld_ns"
    done
}
