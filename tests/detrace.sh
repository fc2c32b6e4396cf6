# Functions for the tests of ovn-detrace, which need controller.sh as well.

trace_packet () {           # FLOW
    ovs-appctl -T 20 -t "`pwd`/hv1/vswitchd.ctl" ofproto/trace br-int "$1"
}

detrace () {
    ovn-detrace --ovnsb=unix:`pwd`/ovnsb_db.sock \
        --ovnnb=unix:`pwd`/ovnnb_db.sock "$@"
}

datapath () {               # NAME
    sbctl --bare --columns=_uuid find datapath_binding external_ids:name=$1
}

# cookie TABLE CONDITION...: of the row of SB.
cookie () {
    sbctl --bare --columns=_uuid find "$@" | sed 's/-.*//; s/^0*//'
}

# stop_northd: SB keeps what the test puts there.
stop_northd () {
    northd_pid=`cat ovn-northd.pid`
    ovs-appctl -t "`pwd`/ovn-northd.ctl" exit && wait_until stopped $northd_pid
}

# add_flow PRIORITY MATCH ACTIONS HINT
add_flow () {
    add_flow_match=`echo "$2" | sed 's/"/\\\\"/g'`
    sbctl create logical_flow logical_datapath=$sw0 pipeline=egress \
        table_id=6 priority=$1 match="\"$add_flow_match\"" \
        actions="\"$3\"" external_ids:stage-name=ls_out_acl_eval \
        external_ids:stage-hint=$4
}
