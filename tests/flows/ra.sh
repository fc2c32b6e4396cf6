# Router advertisements: all that can be configured; little; nothing usable.
ovn-nbctl --id=@p1 create logical_router_port name=full \
        mac='"00:00:00:00:01:01"' \
        networks='10.0.0.1/24,"fd01::1/64","fd02::1/96"' \
        ipv6_ra_configs:address_mode=dhcpv6_stateful \
        ipv6_ra_configs:mtu=1450 ipv6_ra_configs:router_preference=high \
        ipv6_ra_configs:rdnss='"fd01::53"' ipv6_ra_configs:dnssl=example.org \
        ipv6_ra_configs:route_info='"HIGH-fd77::/64,low-fd78::/64"' \
        ipv6_ra_configs:send_periodic=true ipv6_ra_configs:max_interval=100 \
    -- --id=@p2 create logical_router_port name=little \
        mac='"00:00:00:00:01:02"' networks='"fd03::1/64"' \
        ipv6_ra_configs:address_mode=slaac ipv6_ra_configs:mtu=10 \
        ipv6_ra_configs:rdnss=10.0.0.1 ipv6_ra_configs:route_info=nonsense \
        ipv6_ra_configs:router_preference=best \
        ipv6_ra_configs:send_periodic=true ipv6_ra_configs:max_interval=2 \
        ipv6_ra_configs:min_interval=1000 \
    -- --id=@p3 create logical_router_port name=ipv4 \
        mac='"00:00:00:00:01:03"' networks=10.0.3.1/24 \
        ipv6_ra_configs:address_mode=slaac \
    -- --id=@p4 create logical_router_port name=wrong \
        mac='"00:00:00:00:01:04"' networks='"fd04::1/64"' \
        ipv6_ra_configs:address_mode=nonsense \
    -- --id=@p5 create logical_router_port name=silent \
        mac='"00:00:00:00:01:05"' networks='"fd05::1/64"' \
        ipv6_ra_configs:send_periodic=true \
    -- create logical_router name=lr ports=@p1,@p2,@p3,@p4,@p5 >/dev/null
golden_stages='lr_in_nd_ra'
