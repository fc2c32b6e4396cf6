# Functions for tests of networks as clouds make them.  To be sourced after
# routers.sh.

# router_port ROUTER SWITCH MAC NETWORK...: a port of the router at the switch,
# ROUTER-SWITCH, and SWITCH-ROUTER on the other side.
router_port () {
    rp_port=$1-$2 rp_peer=$2-$1 rp_router=$1 rp_switch=$2
    shift 2
    nbctl lrp-add $rp_router $rp_port "$@" \
        -- lsp-add $rp_switch $rp_peer -- lsp-set-type $rp_peer router \
        -- lsp-set-addresses $rp_peer router \
        -- lsp-set-options $rp_peer router-port=$rp_port
}

# localnet SWITCH [TAG]: its port ln-SWITCH on the physical network.
localnet () {
    nbctl lsp-add $1 ln-$1 -- lsp-set-type ln-$1 localnet \
        -- lsp-set-addresses ln-$1 unknown \
        -- lsp-set-options ln-$1 network_name=phys \
        -- set logical_switch_port ln-$1 tag_request=${2-'[]'} tag=${2-'[]'}
}

# ha_group PORT CHASSIS...: a group for a router's port, the first one first.
ha_group () {
    hg_port=$1 hg_priority=30
    shift
    nbctl ha-chassis-group-add hcg-$hg_port || return
    for hg_chassis; do
        nbctl ha-chassis-group-add-chassis hcg-$hg_port $hg_chassis \
            $hg_priority || return
        hg_priority=$((hg_priority - 10))
    done
    nbctl --id=@g get ha_chassis_group hcg-$hg_port \
        -- set logical_router_port $hg_port ha_chassis_group=@g
}

# outside: a machine "host" on the physical network, which serves port 80.
outside () {
    add_host host 172.16.0.1/24 && ipv6_on host fd09::1/64 \
        && serve_peer host 80
}

# empty: nothing is left of what was created.
empty () {
    for em_table in logical_switch logical_router ha_chassis_group \
        load_balancer; do
        for em_row in `nbctl --bare --columns=_uuid list $em_table`; do
            nbctl destroy $em_table $em_row || return
        done
    done
}

# all_reach ADDRESS... -- VM...: each of them each of these, but not itself.
all_reach () {
    ar_addresses=
    while test $1 != --; do
        ar_addresses="$ar_addresses $1"
        shift
    done
    shift
    for ar_vm; do
        for ar_address in $ar_addresses; do
            ip -n `ns $ar_vm` address 2>&1 | grep -qF " $ar_address/" \
                || reaches $ar_vm $ar_address || return
        done
    done
}

# asked VM ADDRESS... : what it is answered, on one line.
asked () {
    as_vm=$1
    shift
    for as_address; do
        ask $as_vm $as_address ${PORT-80}
    done | xargs
}

# no_complaints: northd and the controllers can use all that they are given.
no_complaints () {
    nc_rc=0
    test -n "$NORTHD_BINDIR" \
        || on central ovn-appctl -t ovn-northd diagnostics >diagnostics
    for nc_node in ch1 ch2 ch3; do
        case " $PEER_NODES " in
            *" $nc_node "*) ;;
            *) on $nc_node ovn-appctl -t ovn-controller diagnostics ;;
        esac
    done >>diagnostics
    cat diagnostics
    test ! -s diagnostics
    nc_rc=$?
    rm diagnostics
    return $nc_rc
}

# restart_all: daemons die and come back, node by node.  Controllers of OVN
# 23.03 stay, since their switches would be without flows for long.
restart_all () {
    for ra_node in ch1 ch2 ch3; do
        case " $PEER_NODES " in
            *" $ra_node "*) ;;
            *) on $ra_node "$LAB_OVN_CTL" restart_controller || return ;;
        esac
        ra_pid=`cat $ra_node/ovs-vswitchd.pid`
        kill -9 $ra_pid && wait_until stopped $ra_pid \
            && start_vswitchd $ra_node || return
    done
    on central "$LAB_OVN_CTL" restart_northd && wait_until settled
}
