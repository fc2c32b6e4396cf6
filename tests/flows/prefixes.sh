# A router with a gateway port that asks for prefixes, and a gateway router
# that does; a port of each that gets them.
ovn-nbctl ls-add in -- ls-add out -- ls-add in2 \
    -- lr-add r -- lr-add gr -- set logical_router gr options:chassis=ch1
add_leg r in 00:00:00:00:01:01 10.0.1.1/24 fd01::1/64
add_leg r out 00:00:00:00:01:02 172.16.0.1/24 fd16::1/64
add_leg gr in2 00:00:00:00:02:01 fd02::1/64
add_leg gr out 00:00:00:00:02:02 172.16.0.2/24
ovn-nbctl lrp-set-gateway-chassis r-out ch1 \
    -- set logical_router_port r-out options:prefix_delegation=true \
    -- set logical_router_port gr-out options:prefix_delegation=true \
    -- set logical_router_port r-in options:prefix=true \
        ipv6_ra_configs:address_mode=slaac \
        ipv6_ra_configs:send_periodic=true \
    -- set logical_router_port gr-in2 options:prefix=true
golden_stages='lr_in_ip_input *\), priority=100 .*udp'
