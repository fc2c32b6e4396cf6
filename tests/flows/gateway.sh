# Distributed gateway ports, overlay and bridged, one with an MTU; a gateway
# router.
ovn-nbctl ls-add in -- ls-add out -- ls-add vlan -- ls-add join \
    -- ls-add over \
    -- lsp-add-localnet-port out out-phys phys \
    -- lsp-add-localnet-port vlan vlan-phys phys \
    -- lr-add lr -- lr-add solo -- lr-add gr \
    -- set logical_router gr options:chassis=ch3
add_leg lr in 00:00:00:00:01:01 10.0.0.1/24 fd01::1/64
add_leg lr out 00:00:00:00:01:02 172.16.0.1/24 172.16.1.1/24 fd16::1/64
add_leg lr vlan 00:00:00:00:01:03 172.17.0.1/24
add_leg lr join 00:00:00:00:01:04 100.64.0.1/24
add_leg solo in 00:00:00:00:01:06 10.0.0.2/24
add_leg solo over 00:00:00:00:01:05 172.18.0.1/24 fd18::1/64
add_leg gr join 00:00:00:00:02:01 100.64.0.2/24 fd64::2/64
ovn-nbctl lrp-set-gateway-chassis lr-out ch1 20 \
    -- lrp-set-gateway-chassis lr-out ch2 10 \
    -- lrp-set-gateway-chassis lr-vlan ch2 \
    -- lrp-set-gateway-chassis solo-over ch1 \
    -- set logical_router_port lr-vlan options:redirect-type=bridged \
    -- set logical_router_port lr-out options:gateway_mtu=1400 \
        options:gateway_mtu_bypass=tcp \
    -- set logical_router_port gr-join options:gateway_mtu=1300
golden_stages='lr_in_admission|lr_in_chk_pkt_len|lr_in_larger_pkts'
golden_stages="$golden_stages|lr_in_network_id|lr_in_arp_resolve"
golden_stages="$golden_stages|lr_in_gw_redirect|ls_in_l2_lkup"
