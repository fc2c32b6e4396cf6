# A gateway router with symmetric replies, for one next hop of IPv6 and two of
# IPv4.
golden_stages='lr_in_defrag|lr_in_ecmp|lr_in_ip_routing|lr_in_policy'
golden_stages="$golden_stages|lr_in_arp_resolve"
ovn-nbctl create logical_router name=lr0 options:chassis=ch1 \
    -- --id=@a create logical_router_port name=lrp0 mac='"00:00:00:00:00:01"' \
        networks='"10.0.0.1/24","fd00::1/64"' \
    -- add logical_router lr0 ports @a >/dev/null
for route in '"30.0.0.0/24" nexthop=10.0.0.2' \
             '"30.0.0.0/24" nexthop=10.0.0.3' \
             '"fd03::/64" nexthop="fd00::2"'; do
    ovn-nbctl --id=@r create logical_router_static_route ip_prefix=$route \
        options:ecmp_symmetric_reply=true \
        -- add logical_router lr0 static_routes @r >/dev/null
done
