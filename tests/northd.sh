# Functions for tests of ovn-northd with real databases.  To be sourced by
# tests.

# start_northd [ARG...]: starts the databases, unless they run, and northd.
start_northd () {
    for northd_db in nb sb; do
        test -e ovn${northd_db}_db.pid || start_db $northd_db || return 1
    done
    start_daemon northd ovn-northd "$@"
}

# kill_northd [NAME]: takes it off without a chance to say goodbye.
kill_northd () {
    northd_pid=`cat ${1-northd}.pid`
    kill -9 $northd_pid && wait_until stopped $northd_pid \
        && rm ${1-northd}.pid
}

# northd COMMAND...: asks northd over its control socket.
northd () {
    ovs-appctl -t "`pwd`/northd.ctl" "$@"
}

northd_is_active () {
    test "`northd status`" = "Status: active"
}

# sync_northd: waits until the southbound database has it all.
sync_northd () {
    # A slow machine makes ovn-nbctl complain, which is no failure.
    ovn-nbctl --wait=sb sync 2>sync.err && return
    cat sync.err >&2
    return 1
}

# values TABLE COLUMN [CONDITION...]: the column of southbound rows, sorted.
values () {
    values_table=$1 values_column=$2
    shift 2
    ovn-sbctl --bare --columns=$values_column find $values_table "$@" \
        | sed '/^$/d' | sort
}

# port_is NAME COLUMN VALUE: a column of a port's southbound row has VALUE.
port_is () {
    port_is_value=`values port_binding $2 logical_port=$1`
    test "$port_is_value" = "$3" && return
    echo "$2 of $1 is $port_is_value, not $3"
    return 1
}

# nb_uuid TABLE NAME: the uuid of a northbound row.
nb_uuid () {
    ovn-nbctl --bare --columns=_uuid find $1 name=$2
}

# add_group NAME PORT...: a port group with these ports.
add_group () {
    group=$1
    shift
    ports=
    for port; do
        ports=$ports,`nb_uuid logical_switch_port $port`
    done
    ovn-nbctl create port_group name=$group ${ports:+ports=${ports#,}} \
        >/dev/null
}

# given TABLE: the tunnel keys of southbound rows.
given () {
    ovn-sbctl -f csv --no-heading --columns=_uuid,tunnel_key list $1 | sort
}

# group_members SWITCH GROUP: the names of a multicast group's ports.
group_members () {
    for binding in `values multicast_group ports name=$2 \
            datapath=\`values datapath_binding _uuid external_ids:name=$1\``
    do
        ovn-sbctl --bare --columns=logical_port list port_binding $binding
    done | sort | xargs
}

# flows [DATAPATH]: the logical flows, without what differs between runs.
flows () {
    ovn-sbctl dump-flows "$@" | sed 's/ ([0-9a-f-]\{36\})//'
}

# dump_all: all that northd writes, without what differs between two runs on
# the same northbound database: versions of rows, times, random addresses.
dump_all () {
    for dumped in ${1-nb sb}; do
        for table in `ovsdb-client list-tables unix:ovn${dumped}_db.sock \
                          | sed '1,2d'`; do
            case $table in
            Connection | SSL) continue ;;
            esac
            echo "== $table"
            ovsdb-client dump unix:ovn${dumped}_db.sock $table -f csv \
                --no-heading | sort
        done
    done | sed 's/svc_monitor_mac[_a-z]*="[0-9a-f:]*"/svc_monitor/g
                s/mac_prefix="[0-9a-f:]*"/mac_prefix/'
}

# transactions nb|sb: how many have changed that database.
transactions () {
    ovsdb-tool show-log ovn$1_db.db | grep -c '^record'
}

# rule_runs RULE: how often units of the rule ran so far.
rule_runs () {
    northd inc/rules | awk -v rule=$1 '$1 == rule { print $2 }'
}

# golden NAME: runs tests/flows/NAME.sh and compares the flows with
# tests/flows/NAME.flows, or writes that file if UPDATE_GOLDEN=1.  The script
# may set 'golden_stages' to a regular expression of the stages that it is
# about.
golden () {
    golden_stages=
    . "$abs_top_srcdir/tests/flows/$1.sh" && sync_northd || return 1
    flows | grep -v 'priority=0 .*match=(1), action=(next;)' \
        | grep -E "^Datapath|\(($golden_stages)" >$1.flows
    test "$UPDATE_GOLDEN" != 1 \
        || cp $1.flows "$abs_top_srcdir/tests/flows/$1.flows"
    diff -u "$abs_top_srcdir/tests/flows/$1.flows" $1.flows
}

# add_leg ROUTER SWITCH MAC NETWORK...: a port of ROUTER, ROUTER-SWITCH, that
# is plugged into SWITCH at SWITCH-ROUTER.
add_leg () {
    leg_router=$1 leg_switch=$2
    shift 2
    ovn-nbctl lrp-add $leg_router $leg_router-$leg_switch "$@" \
        -- lsp-add $leg_switch $leg_switch-$leg_router \
        -- lsp-set-type $leg_switch-$leg_router router \
        -- lsp-set-addresses $leg_switch-$leg_router router \
        -- lsp-set-options $leg_switch-$leg_router \
               router-port=$leg_router-$leg_switch
}

# chassis_names: the names of the chassis whose uuids come in, on one line.
chassis_names () {
    for chassis_uuid in `cat`; do
        ovn-sbctl get chassis $chassis_uuid name | tr -d '"'
    done | sort | xargs
}

# outcome CHASSIS DATAPATH FLOW [ARG...]: what becomes of a packet there: the
# actions of ovn-trace --minimal, without its comments.
outcome () {
    outcome_chassis=$1 outcome_datapath=$2 outcome_flow=$3
    shift 3
    ovn-trace --minimal --chassis=$outcome_chassis "$@" $outcome_datapath \
        "$outcome_flow" | sed '/^#/d; s/ *\/\*[^*]*\*\///g; s/^ *//'
}

# monitored TABLE: the columns of it that northd asked for, by its log.
monitored () {
    grep '"monitor_cond' northd.log \
        | grep -o "\"$1\":\[{\"columns\":\[[^]]*" | sed 's/.*\[//' | sort -u
}

# what_changed RECORD: how many rows of which tables the southbound
# transactions from RECORD on changed.
what_changed () {
    ovsdb-tool -mm show-log ovnsb_db.db | sed -n "/^record $1:/,\$p" \
        | sed -n 's/^  table \([A-Za-z_]*\) \(insert\|delete\|\).*:$/\1 \2/p' \
        | sed 's/ $//' | sort | uniq -c | sed 's/^ *//'
}

# contents FILE: the output of dump_all without uuids and keys, which depend
# on history, and without what is not northd's.
contents () {
    sed 's/^[0-9a-f-]*,//
         s/[0-9a-f]\{8\}-[0-9a-f-]\{27\}/UUID/g' $1 \
        | awk '/^== / { t = $2 }
               t ~ /_Binding$/ { gsub(/,[0-9]+,/, ",KEY,")
                                 sub(/,[0-9]+$/, ",KEY") }
               t !~ /^(SB_Global|Chassis|Encap)$/ { print t, $0 }' | sort
}

# learn_neighbor PORT IP MAC: a chassis learned it at the router port.
learn_neighbor () {
    learned_at=`values port_binding datapath logical_port=$1`
    ovn-sbctl create mac_binding logical_port=$1 ip="\"$2\"" mac="\"$3\"" \
        datapath=$learned_at >/dev/null
}

# outcomes_side SIDE SEED SCHEMAS NORTHD: in the folder SIDE, has NORTHD
# compile the random network of SEED, with ports bound to chassis.
outcomes_side () {
    mkdir $1 && (
        cd $1
        OVN_RUNDIR=`pwd` OVN_DBDIR=`pwd` OVS_RUNDIR=`pwd`
        OVN_NB_DB=unix:`pwd`/ovnnb_db.sock OVN_SB_DB=unix:`pwd`/ovnsb_db.sock
        export OVN_RUNDIR OVN_DBDIR OVS_RUNDIR OVN_NB_DB OVN_SB_DB
        $PYTHON3 "$abs_top_srcdir/tests/random-network.py" $2 \
            "$3/ovn-nb.ovsschema" ovnnb_db.db >bound || exit 1
        ovsdb-tool create ovnsb_db.db "$3/ovn-sb.ovsschema" || exit 1
        start_db nb && start_db sb || exit 1
        start_daemon northd "$4" --ovnnb-db=$OVN_NB_DB \
            --ovnsb-db=$OVN_SB_DB || exit 1
        ovn-sbctl chassis-add ch1 geneve 192.0.2.1 \
            -- chassis-add ch2 geneve 192.0.2.2 || exit 1
        ovn-nbctl --wait=sb sync || exit 1
        sed '/^mac /d' bound | while read port chassis; do
            ovn-sbctl lsp-bind $port $chassis \
                -- set port_binding $port up=true || exit 1
        done || exit 1
        sed -n 's/^mac //p' bound | while read port ip mac; do
            learn_neighbor $port $ip $mac || exit 1
        done || exit 1
        ovn-nbctl --wait=sb sync
    )
}
