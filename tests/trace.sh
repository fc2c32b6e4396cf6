# Functions for tests of ovn-trace.  To be sourced by tests.

# Packets in the network of tests/trace/network.spec: from vm1 to vm2, to a
# virtual address, to the router; and from outside.
FROM='inport == "vm1" && eth.src == 50:54:00:00:00:01 && ip.ttl == 64'
FROM="$FROM && ip4.src == 10.0.0.1 && eth.dst == 50:54:00:00:00"
P1="$FROM:02 && ip4.dst == 10.0.0.2"
VIP="$FROM:ff && tcp.src == 1000 && tcp.dst == 80"
TO="$FROM:ff"
IN='inport == "ln1" && eth.src == 50:54:00:00:01:07 && ip.ttl == 64'
IN="$IN && eth.dst == 50:54:00:00:00:fe && ip4.src == 10.1.0.7"
IN="$IN && ip4.dst == 172.16.0.9"
export P1 VIP TO IN

# trace_start NAME: starts the databases with what tests/trace/NAME.spec says.
trace_start () {
    start_db nb && start_db sb || return 1
    $PYTHON3 "$abs_top_srcdir/tests/trace-db.py" \
        unix:"`pwd`"/ovnsb_db.sock <"$abs_top_srcdir/tests/trace/$1.spec" \
        || return 1

    trace_scripts
}

# trace_scripts: makes commands for transcripts.
trace_scripts () {
    # Lines that start with # would be comments in a transcript.
    cat >t <<'END'
#! /bin/sh
ovn-trace "$@" >t.out
status=$?
sed 's/^\( *\)#/\1%/' t.out
exit $status
END
    # What can be seen from outside, and the verdict.
    cat >m <<'END'
#! /bin/sh
ovn-trace --minimal --why "$@" >m.out
status=$?
sed '1d; /^$/d; s/^# //' m.out
exit $status
END
    # The verdicts, by a daemon.
    cat >v <<'END'
#! /bin/sh
ovs-appctl -t "`pwd`/ovn-trace.ctl" trace "$@" >v.out || exit
sed -n 's/^# Verdict: //p' v.out | sed 's/flow [0-9a-f]\{8\}/flow UUID/g'
END
    chmod +x t m v
}

# trace_northbound: the northbound rows that network.spec refers to.
trace_northbound () {
    ovn-nbctl \
        -- --id=@web create acl name=allow-web priority=1001 \
            action=allow-related direction=to-lport \
            match='"outport == @servers"' \
        -- --id=@rest create acl priority=1000 action=drop \
            direction=to-lport match='"outport == @servers && tcp"' \
        -- create port_group name=servers acls=@web,@rest \
        -- --id=@lsp create logical_switch_port name=vm2 \
        -- create logical_switch name=sw0 ports=@lsp \
        -- --id=@nat create nat type=snat external_ip=172.16.0.9 \
            logical_ip=10.0.0.0/24 \
        -- create logical_router name=lr0 nat=@nat >/dev/null \
        && trace_hint abcd0001 'acl name=allow-web' \
        && trace_hint abcd0002 'acl action=drop' \
        && trace_hint abcd0003 'logical_switch_port name=vm2' \
        && trace_hint abcd0004 'nat type=snat'
}

# trace_hint HINT 'TABLE CONDITION': makes flows with stage-hint HINT point to
# a northbound row.
trace_hint () {
    hinted=`ovn-nbctl --bare --columns=_uuid find $2`
    for flow in `ovn-sbctl --bare --columns=_uuid find logical_flow \
                     external_ids:stage-hint=$1`; do
        ovn-sbctl set logical_flow $flow \
            external_ids:stage-hint=${hinted%%-*} || return 1
    done
}

# trace_missing_actions: prints the actions that are in no specification.
# Whoever adds one adds it there, too.
trace_missing_actions () {
    tr -d '\n' <"$abs_top_srcdir/lib/actions/actions.def" \
        | grep -o 'OVNACT([A-Z_0-9]*\(, *[a-z_0-9]*\)\{3\}, *"[^"]*"' \
        | sed 's/.*, *"//; s/"$//' | sort -u >words
    test `wc -l <words` -gt 70 || echo "too few: `cat words`"
    while read word; do
        grep -q -F -e "$word" "$abs_top_srcdir/tests/trace/actions.spec" \
            "$abs_top_srcdir/tests/trace/every.spec" || echo "$word"
    done <words
}
