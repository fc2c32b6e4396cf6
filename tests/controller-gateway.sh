# Functions for tests of ovn-controller that play ovn-northd.  To be sourced
# after controller.sh.

# add_datapath NAME KEY switch|router
add_datapath () {
    sbctl create datapath_binding tunnel_key=$2 \
        external_ids:logical-$3=`uuidgen` external_ids:name=$1
}

datapath () {
    sbctl --bare --columns=_uuid find datapath_binding external_ids:name=$1
}

# add_binding DATAPATH KEY NAME [COLUMN=VALUE...]
add_binding () {
    ab_datapath=`datapath $1` ab_key=$2 ab_name=$3
    shift 3
    sbctl create port_binding datapath=$ab_datapath tunnel_key=$ab_key \
        logical_port=$ab_name up=false "$@"
}

# set_binding NAME COLUMN=VALUE...
set_binding () {
    sbctl set port_binding "$@"
}

# add_patch DATAPATH KEY NAME DATAPATH KEY NAME: both ends.
add_patch () {
    add_binding $1 $2 $3 type=patch options:peer=$6 \
        && add_binding $4 $5 $6 type=patch options:peer=$3
}

# add_flood DATAPATH KEY PORT...
add_flood () {
    af_datapath=`datapath $1` af_key=$2 af_ports=
    shift 2
    for af_port; do
        af_ports="$af_ports `sbctl --bare --columns=_uuid find port_binding \
            logical_port=$af_port`"
    done
    sbctl create multicast_group name=_MC_flood datapath=$af_datapath \
        tunnel_key=$af_key \
        ports="[`echo $af_ports | tr ' ' ,`]"
}

chassis () {
    sbctl get chassis $1 _uuid
}

# add_group NAME CHASSIS:PRIORITY...
add_group () {
    ag_command="-- create ha_chassis_group name=$1 ha_chassis="
    ag_members= ag_list=
    shift
    for ag_pair; do
        ag_name=${ag_pair%:*}
        ag_members="$ag_members -- --id=@$ag_name create ha_chassis \
            chassis=`chassis $ag_name` priority=${ag_pair#*:} \
            external_ids:chassis-name=$ag_name"
        ag_list="$ag_list${ag_list:+,}@$ag_name"
    done
    sbctl ${ag_members# -- } $ag_command$ag_list
}

# member GROUP CHASSIS: the HA_Chassis row.
member () {
    sbctl --bare --columns=_uuid find ha_chassis chassis=`chassis $2`
}

# datapaths NODE "NAME...": the local ones, sorted.
datapaths () {
    datapaths_are=`ctl $1 debug/dump-local-datapaths \
        | sed -n 's/Datapath: \([^,]*\),.*/\1/p' | sort | tr '\n' ' '`
    echo "$1 has $datapaths_are"
    test "$datapaths_are" = "$2${2:+ }"
}

# flow_actions NODE PATTERN: of the flow.
flow_actions () {
    # Other tests are about zones.
    flows $1 | sed -n "\#$2#s/.*actions=//p" \
        | sed 's/set_field:[0-9a-fx]*->reg1[12],//g
               s,set_field:[0-9a-fx]*/0xffff->reg13\,,,g'
}

# flow_is NODE PATTERN ACTIONS
flow_is () {
    flow_has=`flow_actions "$1" "$2"`
    echo "$1: $flow_has"
    test "$flow_has" = "$3"
}

# no_flow NODE PATTERN
no_flow () {
    ! flows $1 | grep "$2"
}

# to_tunnel DATAPATH PORT: what goes before the output to a Geneve tunnel.
to_tunnel () {
    printf 'set_field:0x%x->tun_id,set_field:0x%x->tun_metadata0,' $1 $2
    printf 'move:NXM_NX_REG14[0..14]->NXM_NX_TUN_METADATA0[16..30],'
}


tunnel_get () {             # NODE CHASSIS COLUMN
    vsctl $1 get interface ovn-$2-0 $3
}

tunnel_is () {              # NODE CHASSIS COLUMN VALUE
    tunnel_has=`tunnel_get $1 $2 $3`
    echo "$1 to $2: $tunnel_has"
    test "$tunnel_has" = "$4"
}

# bfd_is NODE "CHASSIS...": to whom BFD is on.
bfd_is () {
    bfd_on=
    for bfd_to in hv1 hv2 hv3; do
        test $1 = $bfd_to || ! tunnel_get $1 $bfd_to bfd:enable 2>/dev/null \
            | grep true >/dev/null || bfd_on="$bfd_on $bfd_to"
    done
    echo "$1 watches$bfd_on"
    test "${bfd_on# }" = "$2"
}

# bfd_says NODE CHASSIS up|down: the switch has found out.  Its real one, which
# hears of nobody, writes only what changes.
bfd_says () {
    vsctl $1 --no-wait set interface ovn-$2-0 bfd_status:state=$3
}

# bound PORT: some chassis has it.
bound () {
    sbctl --bare --columns=chassis find port_binding logical_port=$1 | grep .
}

# to_datapath DATAPATH PORT: how a packet enters it.
to_datapath () {
    printf 'clone(ct_clear,'
    for td_reg in 0 1 2 3 4 5 6 7 8 9 10; do
        printf 'set_field:0->reg%d,' $td_reg
    done
    printf 'set_field:0x%x->reg14,set_field:0->reg15,' $2
    printf 'set_field:0x%x->metadata,resubmit(,8))' $1
}

# first_of NODE CHASSIS CHASSIS: output to one, or else to the other.
first_of () {
    printf 'bundle(eth_src,0,active_backup,ofport,members:%d,%d)' \
        `tunnel_get $1 $2 ofport` `tunnel_get $1 $3 ofport`
}

# flow_outputs NODE PATTERN "PORT...": ports of its output actions, in any
# order.
flow_outputs () {
    fo_has=`flow_actions "$1" "$2" | grep -o 'output:[0-9]*' | cut -d: -f2 \
        | sort`
    fo_want=`echo $3 | tr ' ' '\n' | sort`
    echo "$1: $fo_has"
    test "$fo_has" = "$fo_want"
}
