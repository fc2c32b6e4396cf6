# Functions for tests of routers and gateways.  To be sourced after
# functions.sh.

# start_nodes N: central and the chassis ch1...chN with ENCAP.  Those in
# PEER_NODES run OVN 23.03.
start_nodes () {
    lab_init && lab_network && add_node central || return
    test -z "$NORTHD_BINDIR" \
        || node_programs central "$NORTHD_BINDIR" "$NORTHD_SCHEMAS"
    start_central central 192.168.16.1/24 || return
    sn_i=1
    while test $sn_i -le $1; do
        add_node ch$sn_i || return
        case " $PEER_NODES " in
            *" ch$sn_i "*)
                node_programs ch$sn_i "$OVN_PEER/usr/bin" \
                    "$OVN_PEER/usr/share/ovn" || return ;;
        esac
        start_chassis ch$sn_i ${ENCAP-geneve} \
            192.168.16.1$sn_i/24 192.168.16.1 || return
        sn_i=$((sn_i + 1))
    done
}

# peer_northd: the central node runs OVN 23.03 in OVN_PEER.
peer_northd () {
    : "${PEER_NODES=}"
    NORTHD_BINDIR=$OVN_PEER/usr/bin
    NORTHD_SCHEMAS=$OVN_PEER/usr/share/ovn
}

# Addresses are made of numbers: switch S has the networks 10.0.S.0/24 and
# fd0S::/64, machine N of it 00:00:00:00:0S:0N, 10.0.S.N and fd0S::N, a router
# there 00:00:00:00:0S:fe, 10.0.S.254 and fd0S::fe.

# add_switch S: the switch lsS.
add_switch () {
    nbctl ls-add ls$1
}

# add_vm_port S N: the port vmSN of lsS.
add_vm_port () {
    nbctl lsp-add ls$1 vm$1$2 -- lsp-set-addresses vm$1$2 \
        "00:00:00:00:0$1:0$2 10.0.$1.$2 fd0$1::$2"
}

# connect_switch ROUTER S: the router's port ROUTER-lsS at the switch.
connect_switch () {
    nbctl lrp-add $1 $1-ls$2 00:00:00:00:0$2:fe 10.0.$2.254/24 fd0$2::fe/64 \
        -- lsp-add ls$2 ls$2-$1 -- lsp-set-type ls$2-$1 router \
        -- lsp-set-addresses ls$2-$1 router \
        -- lsp-set-options ls$2-$1 router-port=$1-ls$2
}

# ipv6_on MACHINE ADDR/LEN
ipv6_on () {
    in_vm $1 sysctl -q -w net.ipv6.conf.eth0.disable_ipv6=0 \
        net.ipv6.conf.eth0.accept_dad=0 net.ipv6.conf.eth0.accept_ra=0 \
        net.ipv6.conf.eth0.router_solicitations=0 \
        && ip -n `ns $1` address add $2 dev eth0 nodad
}

# add_routed_vm NODE S N: the machine vmSN, with its router as default route.
# Neighbours of IPv6 are told, so that nobody has to ask.
add_routed_vm () {
    arv_vm=vm$2$3
    add_vm $1 $arv_vm $arv_vm 00:00:00:00:0$2:0$3 10.0.$2.$3/24 \
        && ipv6_on $arv_vm fd0$2::$3/64 \
        && ip -n `ns $arv_vm` neigh replace fd0$2::fe dev eth0 \
            lladdr 00:00:00:00:0$2:fe \
        && ip -n `ns $arv_vm` route add default via 10.0.$2.254 \
        && ip -n `ns $arv_vm` -6 route add default via fd0$2::fe
}

# add_public ROUTER NODE...: the switch public with a localnet port on the
# nodes' segment, the router's port ROUTER-pub there, 172.16.0.254 and
# fd09::fe, which may be on any of the nodes, the first one first, and a
# machine "host" outside, 172.16.0.1 and fd09::1, which everybody knows.
add_public () {
    ap_router=$1
    shift
    nbctl --may-exist ls-add public \
        -- --may-exist lsp-add public ln -- lsp-set-type ln localnet \
        -- lsp-set-addresses ln unknown \
        -- lsp-set-options ln network_name=phys \
        -- lsp-add public host \
        -- lsp-set-addresses host "00:00:00:00:09:01 172.16.0.1 fd09::1" \
        -- lrp-add $ap_router $ap_router-pub 00:00:00:00:09:fe \
            172.16.0.254/24 fd09::fe/64 \
        -- lsp-add public pub-$ap_router \
        -- lsp-set-type pub-$ap_router router \
        -- lsp-set-addresses pub-$ap_router router \
        -- lsp-set-options pub-$ap_router router-port=$ap_router-pub || return
    ap_priority=30
    for ap_node; do
        on $ap_node ovs-vsctl set open . \
            external_ids:ovn-bridge-mappings=phys:br-phys \
            && nbctl lrp-set-gateway-chassis $ap_router-pub $ap_node \
                $ap_priority || return
        ap_priority=$((ap_priority - 10))
    done
    add_host host 172.16.0.1/24 && ipv6_on host fd09::1/64 \
        && ip -n `ns host` link set eth0 address 00:00:00:00:09:01 \
        && ip -n `ns host` neigh replace fd09::fe dev eth0 \
            lladdr 00:00:00:00:09:fe \
        && ip -n `ns host` route add 10.0.0.0/8 via 172.16.0.254 \
        && ip -n `ns host` -6 route add fd00::/8 via fd09::fe
}

# bound_to PORT NODE: SB says that the node has the port.
bound_to () {
    bt_chassis=`sbctl --bare --columns=chassis find port_binding \
        logical_port=$1`
    bt_name=-
    test -z "$bt_chassis" \
        || bt_name=`sbctl --bare --columns=name list chassis $bt_chassis`
    echo "$1 is bound to $bt_name"
    test "$bt_name" = $2
}

# map_physical NODE...: reaches the nodes' segment as the network "phys".
map_physical () {
    for mp_node; do
        on $mp_node ovs-vsctl set open . \
            external_ids:ovn-bridge-mappings=phys:br-phys || return
    done
}

# way MACHINE ADDR: each hop on it, on one line.
way () {
    in_vm $1 $PYTHON3 "$abs_top_srcdir/tests/system/trace-path" $2 | xargs
}

# ping_start NAME MACHINE ADDR: pings every 20 ms, until ping_stop.
ping_start () {
    # Else the answers of a former one might be taken for its own.
    : >$1.ping
    (exec ip netns exec `ns $2` ping -n -D -i 0.02 $3 >$1.ping 2>&1) &
    echo $! >$1.ping_pid
    wait_until pinged $1 50
}

# pinged NAME N: so many answers have come.
pinged () {
    test `grep -c ' time=' $1.ping` -ge $2
}

# ping_stop NAME...: waits until another 50 answers have come, and prints the
# longest gap between two of them.
ping_stop () {
    for ps_name; do
        wait_until pinged $ps_name $((`grep -c ' time=' $ps_name.ping` + 50)) \
            || return
    done
    for ps_name; do
        kill -INT `cat $ps_name.ping_pid`
        wait_until stopped `cat $ps_name.ping_pid` || return
        echo "$ps_name: gap of `gap $ps_name` ms, `lost $ps_name` lost"
    done
}

# gap NAME: the longest time between two answers, in milliseconds.
gap () {
    sed -n 's/^\[\([0-9.]*\)\].* time=.*/\1/p' "$1.ping" | awk '
        NR > 1 && $1 - last > longest { longest = $1 - last }
        { last = $1 }
        END { printf "%d\n", longest * 1000 }'
}

# lost NAME: how many pings before the last answer were not answered.
lost () {
    sed -n 's/.*icmp_seq=\([0-9]*\) .* time=.*/\1/p' "$1.ping" | sort -n -u \
        | awk '{ last = $1 } END { print last - NR }'
}
