# What options make of translation on a distributed router.
ovn-nbctl ls-add in -- ls-add out -- lsp-add-localnet-port out phys phys \
    -- lsp-add in vm1 -- lsp-set-addresses vm1 "00:00:00:00:00:01 10.0.0.11" \
    -- create address_set name=remote addresses=8.8.8.0/24 \
    -- lr-add lr -- set logical_router lr options:ct-commit-all=true \
    >/dev/null
add_leg lr in 00:00:00:00:01:01 10.0.0.1/24 fd01::1/64
add_leg lr out 00:00:00:00:01:02 172.16.0.1/24 fd16::1/64
remote=`ovn-nbctl --bare --columns=_uuid find address_set name=remote`
ovn-nbctl lrp-set-gateway-chassis lr-out ch1 \
    -- --portrange lr-nat-add lr snat 172.16.0.2 10.0.1.0/24 1024-2047 \
    -- --portrange lr-nat-add lr dnat_and_snat 172.16.0.3 10.0.0.3 5000 \
    -- --stateless lr-nat-add lr dnat_and_snat 172.16.0.4 10.0.0.4 \
    -- --stateless lr-nat-add lr dnat_and_snat fd16::4 fd01::4 \
    -- lr-nat-add lr dnat_and_snat 172.16.0.5 10.0.0.5 \
    -- lr-nat-add lr dnat_and_snat 172.16.0.6 10.0.0.6 \
    -- --stateless lr-nat-add lr dnat_and_snat 172.16.0.11 10.0.0.11 vm1 \
        00:00:00:00:16:11 \
    -- lr-nat-add lr snat 172.16.0.7 10.0.2.0/24 \
    -- --id=@m1 create nat type=snat external_ip=172.16.0.8 \
        logical_ip=10.0.2.0/24 match='"ip4.dst == 9.9.9.9"' priority=5 \
    -- --id=@m2 create nat type=dnat external_ip=172.16.0.9 \
        logical_ip=10.0.0.9 match='"ip4.src == 9.9.9.9"' priority=7 \
    -- add logical_router lr nat @m1 @m2 >/dev/null
set_ext () {
    ovn-nbctl set nat `ovn-nbctl --bare --columns=_uuid find nat \
        external_ip=$1` $2=$remote
}
set_ext 172.16.0.5 allowed_ext_ips
set_ext 172.16.0.6 exempted_ext_ips
set_ext 172.16.0.11 allowed_ext_ips
set_ext 172.16.0.7 exempted_ext_ips
golden_stages='lr_in_unsnat'
golden_stages="$golden_stages|lr_in_post_unsnat|lr_in_dnat|lr_in_gw_redirect"
golden_stages="$golden_stages|lr_out_"
