# Connected networks of both families, static routes by destination and by
# source, without a next hop, to nowhere, in a route table, several to one
# prefix, with hash fields.
golden_stages='lr_in_ip_routing'
ovn-nbctl create logical_router name=lr0 \
    -- --id=@a create logical_router_port name=lrp0 mac='"00:00:00:00:00:01"' \
        networks='"10.0.0.1/24","fd00::1/64"' \
    -- add logical_router lr0 ports @a \
    -- --id=@b create logical_router_port name=lrp1 mac='"00:00:00:00:00:02"' \
        networks='"20.0.0.1/24","fd01::1/64"' options:route_table=red \
    -- add logical_router lr0 ports @b >/dev/null

# route PREFIX NEXTHOP [COLUMN=VALUE...]
route () {
    route_prefix=$1 route_nexthop=$2
    shift 2
    ovn-nbctl --id=@r create logical_router_static_route \
        ip_prefix="\"$route_prefix\"" nexthop="\"$route_nexthop\"" "$@" \
        -- add logical_router lr0 static_routes @r >/dev/null
}
route 0.0.0.0/0 20.0.0.254
route ::/0 fd01::fe
route 30.0.0.5/24 10.0.0.2
route 30.0.0.0/16 10.0.0.3 policy=src-ip
route 40.0.0.0/8 discard
route 50.0.0.0/8 "" output_port=lrp1
route 60.0.0.0/8 1.2.3.4 output_port=lrp0
route 60.0.0.0/8 20.0.0.9 route_table=red
route 70.0.0.0/8 10.0.0.4
route 70.0.0.0/8 20.0.0.4
route 71.0.0.0/8 20.0.0.5 selection_fields=ip_src,tp_src
route 71.0.0.0/8 20.0.0.6 selection_fields=ip_src,tp_src
route 80.0.0.0/8 fd01::9
route 20.0.0.0/24 10.0.0.7 options:override-connected=true
