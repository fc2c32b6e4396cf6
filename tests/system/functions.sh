# Functions for tests of whole networks.  To be sourced by tests.

. "$abs_top_srcdir/tests/lab/functions.sh"

# Several suites may run at once.
LAB_NAME=ovnt$$-$at_group
LAB_DIR=`pwd`
LAB_OVN_CTL=$abs_top_builddir/utilities/ovn-ctl
LAB_SCHEMAS=${OVN_TEST_SCHEMAS-$abs_top_srcdir}
LAB_BINDIR=$abs_top_builddir/northd:$abs_top_builddir/controller
LAB_BINDIR=${OVN_TEST_BINDIR-$LAB_BINDIR:$abs_top_builddir/utilities}

# A test of namespaces ends with these, too.
system_finish () {
    trap '' 0
    # An orderly exit, after which a sanitizer reports leaks.
    for system_pidfile in */ovn-controller.pid */ovn-northd.pid; do
        system_pid=`cat "$system_pidfile"`
        test -n "$system_pid" || continue
        ovs-appctl -T 10 \
            -t "`pwd`/${system_pidfile%.pid}.$system_pid.ctl" exit \
            && wait_until stopped $system_pid
    done >/dev/null 2>&1
    stop_daemons
    system_status=$?
    lab_down
    sanitizer_reports && test $system_status = 0
}

test_finish () {
    system_finish
}

test_abort () {
    system_finish
}

# missing_programs PROGRAM...: prints those that are not in LAB_BINDIR, and
# fails if there are none.
missing_programs () {
    missing=
    for program; do
        (PATH=$LAB_BINDIR; command -v $program >/dev/null) \
            || missing="$missing $program"
    done
    echo "not built:$missing"
    test -n "$missing"
}

# The databases' users run on the node that has them.
nbctl () {
    on ${CENTRAL-central} ovn-nbctl "$@"
}

sbctl () {
    on ${CENTRAL-central} ovn-sbctl "$@"
}

# two_nodes ENCAP1 ENCAP2: central, and the chassis ch1 and ch2 with a tunnel.
two_nodes () {
    lab_init && lab_network \
        && add_node central && start_central central 192.168.16.1/24 \
        && add_node ch1 && start_chassis ch1 $1 192.168.16.11/24 192.168.16.1 \
        && add_node ch2 && start_chassis ch2 $2 192.168.16.12/24 192.168.16.1
}

# add_port SWITCH PORT NUMBER [ADDRESSES]: a logical port, by default with an
# address that is made of NUMBER.
add_port () {
    nbctl lsp-add $1 $2 -- lsp-set-addresses $2 \
        "${4-00:00:00:00:00:0$3 10.0.0.$3}"
}

# add_machine NODE NAME NUMBER: a machine at the logical port of that name.
add_machine () {
    add_vm $1 $2 $2 00:00:00:00:00:0$3 10.0.0.$3/24
}

# Two chassis, one switch, a machine on each.
two_machines () {           # ENCAP1 ENCAP2
    two_nodes $1 $2 && nbctl ls-add ls1 \
        && add_port ls1 vm1 1 && add_port ls1 vm2 2 \
        && add_machine ch1 vm1 1 && add_machine ch2 vm2 2 && settled
}

# Everything that the northbound database asks for is in place.
settled () {
    nbctl --timeout=30 --wait=hv sync
}

# reaches VM ADDR: at last, all of three pings are answered.
reaches () {
    lab_wait 15 can_ping $1 $2 && return
    echo "$1 does not reach $2"
    return 1
}

# cut_off VM ADDR: no ping is answered.
cut_off () {
    in_vm $1 ip -4 neigh flush all
    in_vm $1 ip -6 neigh flush all
    in_vm $1 ping -q -n -i 0.1 -W 1 -c 3 $2 >cut_off.out 2>&1
    grep -q ' 0 received' cut_off.out && return
    cat cut_off.out
    return 1
}

# measured WHAT <TEXT: "make check" prints this in the end.
measured () {
    sed "s/^/test $at_group measured $1: /" \
        >>"$at_suite_dir/measured.$at_group"
}

# flows NODE: what its br-int holds, without counters.
flows () {
    on $1 ovs-ofctl -O OpenFlow15 --no-stats --no-names dump-flows br-int \
        | grep -v '^OFPST' | sort
}
