# Translation on gateway routers, of both families, with forced addresses.
ovn-nbctl ls-add join -- ls-add out -- lsp-add-localnet-port out phys phys \
    -- lr-add gr -- set logical_router gr options:chassis=ch1 \
        options:dnat_force_snat_ip="100.64.0.20 fd64::20" \
        options:lb_force_snat_ip=router_ip \
    -- lr-add gr2 -- set logical_router gr2 options:chassis=ch2 \
        options:lb_force_snat_ip="100.64.0.30" options:ct-commit-all=true
add_leg gr join 00:00:00:00:01:01 100.64.0.1/24 fd64::1/64
add_leg gr out 00:00:00:00:01:02 172.16.0.1/24 172.16.1.1/24 fd16::1/64
add_leg gr2 join 00:00:00:00:02:01 100.64.0.2/24
add_leg gr2 out 00:00:00:00:02:02 172.16.0.2/24
ovn-nbctl lr-nat-add gr snat 172.16.0.1 10.0.0.0/8 \
    -- lr-nat-add gr snat fd16::1 fd01::/64 \
    -- lr-nat-add gr dnat 172.16.0.51 10.0.0.51 \
    -- lr-nat-add gr dnat_and_snat 172.16.0.52 10.0.0.52 \
    -- lr-nat-add gr dnat_and_snat fd16::52 fd01::52 \
    -- --stateless lr-nat-add gr dnat_and_snat 172.16.0.53 10.0.0.53 \
    -- lr-nat-add gr2 snat 172.16.0.2 0.0.0.0/0 \
    -- lr-nat-add gr2 dnat 172.16.0.61 10.0.0.61
golden_stages='lr_in_ip_input|lr_in_network_id'
golden_stages="$golden_stages|lr_in_unsnat|lr_in_post_unsnat|lr_in_dnat"
golden_stages="$golden_stages|lr_out_"
golden_stages="$golden_stages|ls_in_l2_lkup"
