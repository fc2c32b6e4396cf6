# Translation on a distributed router, of both families.
ovn-nbctl ls-add in -- ls-add out -- lsp-add-localnet-port out phys phys \
    -- lsp-add in vm1 -- lsp-set-addresses vm1 \
        "00:00:00:00:00:01 10.0.0.11 fd01::11" \
    -- lsp-add in vm2 -- lsp-set-addresses vm2 \
        "00:00:00:00:00:02 10.0.0.12 fd01::12" \
    -- lsp-add in vip -- lsp-set-type vip virtual \
    -- lsp-set-addresses vip "00:00:00:00:00:09 10.0.0.9" \
    -- lsp-set-options vip virtual-ip=10.0.0.9 virtual-parents=vm1,vm2 \
    -- lr-add lr
add_leg lr in 00:00:00:00:01:01 10.0.0.1/24 fd01::1/64
add_leg lr out 00:00:00:00:01:02 172.16.0.1/24 fd16::1/64
ovn-nbctl lrp-set-gateway-chassis lr-out ch1 \
    -- set logical_router_port lr-out options:gateway_mtu=1400 \
    -- lr-route-add lr 0.0.0.0/0 172.16.0.254 \
    -- lr-route-add lr ::/0 fd16::fe \
    -- lr-nat-add lr snat 172.16.0.1 10.0.0.0/24 \
    -- lr-nat-add lr snat fd16::1 fd01::/64 \
    -- lr-nat-add lr dnat 172.16.0.13 10.0.0.13 \
    -- lr-nat-add lr dnat fd16::13 fd01::13 \
    -- lr-nat-add lr dnat_and_snat 172.16.0.12 10.0.0.12 \
    -- lr-nat-add lr dnat_and_snat fd16::12 fd01::12 \
    -- lr-nat-add lr dnat_and_snat 172.16.0.11 10.0.0.11 vm1 \
        00:00:00:00:16:11 \
    -- lr-nat-add lr dnat_and_snat fd16::11 fd01::11 vm1 00:00:00:00:16:12 \
    -- lr-nat-add lr dnat_and_snat 172.16.0.9 10.0.0.9 vip 00:00:00:00:16:09
golden_stages='lr_in_admission'
golden_stages="$golden_stages|lr_in_ip_input|lr_in_unsnat|lr_in_post_unsnat"
golden_stages="$golden_stages|lr_in_dnat|lr_in_arp_resolve|lr_in_gw_redirect"
golden_stages="$golden_stages|lr_out_"
golden_stages="$golden_stages|ls_in_l2_lkup"
