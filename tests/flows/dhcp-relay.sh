# A router that relays DHCP requests of three switches, of which one is bridged
# and one behind a gateway, to a server behind another port.
ovn-nbctl ls-add sw1 -- ls-add sw2 -- ls-add sw3 -- ls-add srv \
    -- lsp-add sw1 vm1 -- lsp-set-addresses vm1 "00:00:00:00:00:01 10.0.1.11" \
    -- lsp-add sw2 vm2 -- lsp-set-addresses vm2 unknown \
    -- lsp-add-localnet-port sw2 phys phys \
    -- lsp-add srv server \
    -- lsp-set-addresses server "00:00:00:00:00:99 10.0.9.9" \
    -- lr-add r
add_leg r sw1 00:00:00:00:01:01 10.0.1.1/24 fd01::1/64
add_leg r sw2 00:00:00:00:01:02 10.0.2.1/24 10.0.3.1/24
add_leg r sw3 00:00:00:00:01:03 10.0.4.1/24
add_leg r srv 00:00:00:00:01:09 10.0.9.1/24
ovn-nbctl --id=@d create dhcp_relay name=d servers=10.0.9.9 \
    -- set logical_router_port r-sw1 dhcp_relay=@d \
    -- set logical_router_port r-sw3 dhcp_relay=@d \
    -- lrp-set-gateway-chassis r-sw3 ch1 \
    -- set logical_router_port r-sw2 dhcp_relay=@d \
        options:dhcpv4_primary_ip=10.0.3.1 \
    -- set logical_switch sw1 other_config:dhcp_relay_port=sw1-r \
    -- set logical_switch sw3 other_config:dhcp_relay_port=sw3-r \
    -- set logical_switch sw2 other_config:dhcp_relay_port=sw2-r >/dev/null
golden_stages='lr_in_dhcp_relay|ls_in_l2_lkup *\), priority=10'
golden_stages="$golden_stages|lr_in_ip_input *\), priority=110"
