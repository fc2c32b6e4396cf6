# Translation at a bridged gateway port with an MTU, at one whose traffic stays
# on its VLAN, and on another router at one that only tunnels lead to; a router
# that gets routes to external addresses.
ovn-nbctl ls-add in -- ls-add out -- ls-add vlan -- ls-add over \
    -- lsp-add-localnet-port out out-phys phys \
    -- lsp-add-localnet-port vlan vlan-phys phys \
    -- lsp-add in vm1 -- lsp-set-addresses vm1 "00:00:00:00:00:01 10.0.0.11" \
    -- lsp-add in vm2 \
    -- lsp-set-addresses vm2 "00:00:00:00:00:02 10.0.0.12 fd01::12" \
    -- create address_set name=remote addresses=8.8.8.0/24 \
    -- lr-add lr -- lr-add other -- lr-add solo >/dev/null
add_leg lr in 00:00:00:00:01:01 10.0.0.1/24 fd01::1/64
add_leg lr out 00:00:00:00:01:02 172.16.0.1/24 fd16::1/64
add_leg lr vlan 00:00:00:00:01:03 172.17.0.1/24 fd17::1/64
add_leg solo over 00:00:00:00:01:04 172.18.0.1/24 fd18::1/64
add_leg solo in 00:00:00:00:01:05 10.0.0.2/24 fd01::2/64
add_leg other out 00:00:00:00:02:01 172.16.0.2/24
remote=`ovn-nbctl --bare --columns=_uuid find address_set name=remote`
ovn-nbctl lrp-set-gateway-chassis lr-out ch1 \
    -- lrp-set-gateway-chassis lr-vlan ch1 \
    -- lrp-set-gateway-chassis solo-over ch1 \
    -- set logical_router_port lr-vlan options:redirect-type=bridged \
    -- set logical_router_port lr-out options:gateway_mtu=1400 \
        options:gateway_mtu_bypass=tcp \
    -- --gateway-port=lr-out lr-nat-add lr dnat_and_snat 172.16.0.11 \
        10.0.0.11 vm1 00:00:00:00:16:11 \
    -- --gateway-port=lr-vlan lr-nat-add lr dnat_and_snat 172.17.0.12 \
        10.0.0.12 vm2 00:00:00:00:17:12 \
    -- --gateway-port=lr-vlan lr-nat-add lr dnat_and_snat fd17::12 \
        fd01::12 vm2 00:00:00:00:17:13 \
    -- lr-nat-add solo dnat_and_snat 172.18.0.13 10.0.0.13 \
    -- lr-nat-add solo dnat_and_snat fd18::13 fd01::13
for nat in `ovn-nbctl --bare --columns=_uuid find nat \
        external_ip=172.16.0.11`; do
    ovn-nbctl set nat $nat exempted_ext_ips=$remote options:add_route=true
done
golden_stages='lr_in_admission|lr_in_larger_pkts|lr_in_ip_routing'
golden_stages="$golden_stages|lr_in_arp_resolve|lr_in_gw_redirect"
golden_stages="$golden_stages|ls_in_l2_lkup"
