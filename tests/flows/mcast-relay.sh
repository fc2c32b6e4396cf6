# A router that relays multicast to one of its ports, one that relays to
# none, and one that has such a port but does not relay.
ovn-nbctl ls-add sw1 -- ls-add sw2 -- lsp-add sw1 vm1 -- lsp-add sw2 vm2 \
    -- lsp-set-addresses vm1 unknown -- lsp-set-addresses vm2 unknown \
    -- lr-add r -- lr-add none -- lr-add off \
    -- set logical_router r options:mcast_relay=true \
    -- set logical_router none options:mcast_relay=true
add_leg r sw1 00:00:00:00:01:01 10.0.1.1/24 fd01::1/64
add_leg r sw2 00:00:00:00:01:02 10.0.2.1/24 fd02::1/64
add_leg none sw1 00:00:00:00:02:01 10.0.1.2/24
add_leg off sw2 00:00:00:00:03:01 10.0.2.3/24
ovn-nbctl set logical_router_port r-sw2 options:mcast_flood=true \
    -- set logical_router_port off-sw2 options:mcast_flood=true
golden_stages='lr_in_ip_input *\), priority=120'
golden_stages="$golden_stages|lr_in_ip_routing *\), priority=10[45]"
