# Policies of each action, with marks, several next hops, chains.
golden_stages='lr_in_policy'
ovn-nbctl create logical_router name=lr0 -- create logical_router name=lr1 \
    -- --id=@a create logical_router_port name=lrp0 mac='"00:00:00:00:00:01"' \
        networks='"10.0.0.1/24","fd00::1/64"' \
    -- add logical_router lr0 ports @a \
    -- --id=@b create logical_router_port name=lrp1 mac='"00:00:00:00:00:02"' \
        networks='"20.0.0.1/24"' -- add logical_router lr0 ports @b >/dev/null

# policy ROUTER PRIORITY MATCH ACTION [COLUMN=VALUE...]
policy () {
    policy_router=$1 policy_priority=$2 policy_match=$3 policy_action=$4
    shift 4
    ovn-nbctl --id=@p create logical_router_policy priority=$policy_priority \
        match="\"$policy_match\"" action=$policy_action "$@" \
        -- add logical_router $policy_router policies @p >/dev/null
}
policy lr0 100 "ip4.src == 1.1.1.1" allow
policy lr0 101 "ip4.src == 1.1.1.2" allow options:pkt_mark=7
policy lr0 102 "ip4.src == 1.1.1.3" drop
policy lr0 103 "ip4.src == 1.1.1.4" reroute nexthop=10.0.0.9
policy lr0 104 "ip4.src == 1.1.1.5" reroute nexthops=20.0.0.5,20.0.0.6 \
    options:pkt_mark=9
policy lr0 105 "ip6.src == fd09::1" reroute nexthops='"fd00::9"'
policy lr0 106 "ip4.src == 1.1.1.6" reroute nexthops='"fd00::9"'
lrp1=`ovn-nbctl --bare --columns=_uuid find logical_router_port name=lrp1`
policy lr0 107 "ip4.src == 1.1.1.7" reroute nexthops=9.9.9.9 output_port=$lrp1
policy lr0 108 "ip4.src == 1.1.1.8" jump jump_chain=inner
policy lr0 50 "ip4.dst == 20.0.0.77" drop chain=inner
policy lr0 40 "ip4.dst == 20.0.0.78" jump chain=inner jump_chain=another
policy lr0 10 "1" allow chain=another options:pkt_mark=5
policy lr1 100 "ip4.src == 1.1.1.1" jump jump_chain=inner
policy lr1 50 "ip4.src == 1.1.1.1" drop chain=inner
policy lr1 40 "ip4.dst == 1.1.1.2" jump chain=inner jump_chain=another
policy lr1 10 "1" allow chain=another
