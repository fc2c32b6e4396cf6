#! /bin/sh
#
# A network that uses all of OVN 23.03, and the southbound database that its
# ovn-northd makes of it.
#
# usage: peer-network.sh OVN_PEER FOLDER [REPLICAS [OPTION...]]
#
# Fills FOLDER, which must exist and be empty of databases, with ovnnb_db.db
# and ovnsb_db.db, and leaves no process behind.  OVN_PEER is the folder where
# 23.03's packages are unpacked (see PEER_OR_SKIP).  The network is built
# REPLICAS times (default: 1) with other names and addresses.  Options:
#
#   keep      leave both ovsdb-servers running, with FOLDER/ovn{nb,sb}_db.pid
#             and .sock, and .ctl
#   legacy    no chassis understands what came after 22.03, so that northd
#             writes an older dialect
#   sample    what is dropped is sampled
#
# Scripts may also source the file, for its functions.
#
# The network of replica N (0, 1, ...); all names begin with "tN-", those of
# port groups with "tN_":
#
#   tN-a   switch 10.N.1.0/24, fd00:N:1::/64    ports a1 ... a6, parent/child
#          DHCPv4 and v6, DNS, port security, ACLs of all verbs, QoS, mirror,
#          snooping with querier, load balancers, forwarding group, vport
#   tN-b   switch 10.N.2.0/24, fd00:N:2::/64    ports b1 ... b4, stateless
#          ACLs, unknown addresses, RA with prefix on its router port
#   tN-r   router of both, distributed gateway port to tN-pub (172.16.N.0/24),
#          NAT of all kinds, policies, static and ECMP routes, load balancers
#   tN-j   switch 100.64.N.0/24 between tN-r and tN-g
#   tN-g   gateway router on gw1, with SNAT, load balancers with forced and
#          skipped SNAT, ECMP with symmetric reply, relay of multicast
#   tN-pub, tN-ext   switches with localnet ports
#
# Ports tN-a1 and tN-b1 are on chassis hv1, tN-a2 and tN-b2 on hv2; gw1 and
# gw2 are gateways.

pn_nbctl () {
    "$OVN_PEER/usr/bin/ovn-nbctl" --timeout=60 \
        --db="unix:$pn_dir/ovnnb_db.sock" "$@"
}

pn_sbctl () {
    "$OVN_PEER/usr/bin/ovn-sbctl" --timeout=60 \
        --db="unix:$pn_dir/ovnsb_db.sock" "$@"
}

# pn_start_db nb|sb
pn_start_db () {
    pn_db=$pn_dir/ovn$1_db
    ovsdb-tool create "$pn_db.db" \
        "$OVN_PEER/usr/share/ovn/ovn-$1.ovsschema" \
    && ovsdb-server -vconsole:off --detach --no-chdir \
        --pidfile="$pn_db.pid" --unixctl="$pn_db.ctl" \
        --log-file="$pn_db.log" --remote="punix:$pn_db.sock" "$pn_db.db"
}

# pn_stop NAME: ends what NAME.pid says.
pn_stop () {
    test -e "$pn_dir/$1.pid" || return 0
    pn_pid=`cat "$pn_dir/$1.pid"`
    ovs-appctl -T 20 -t "$pn_dir/$1.ctl" exit >/dev/null 2>&1 \
        || kill $pn_pid 2>/dev/null
    while kill -0 $pn_pid 2>/dev/null; do
        sleep 0.05
    done
}

# pn_chassis: the chassis that northd must know about.
pn_chassis () {
    pn_ip=127.0.0
    for pn_name in hv1 hv2 gw1 gw2; do
        pn_ip=127.0.0.$((${pn_ip##*.} + 1))
        pn_sbctl chassis-add $pn_name geneve $pn_ip || return 1
        test "$1" = legacy || pn_sbctl set chassis $pn_name \
            other_config:port-up-notif=true \
            other_config:ct-no-masked-label=true \
            other_config:ovn-ct-lb-related=true \
            other_config:mac-binding-timestamp=true || return 1
    done
}

# What all replicas share.
pn_globals () {
    pn_nbctl \
        -- set nb_global . options:controller_event=true \
            options:mac_prefix=0a:01:02 \
            options:svc_monitor_mac=0a:01:02:03:04:05 \
            options:use_ct_inv_match=true \
        -- meter-add m-log drop 10 pktps 5 \
        -- --fair meter-add m-fair drop 20 pktps \
        -- meter-add m-copp drop 100 kbps 20 \
        -- copp-add copp arp m-copp -- copp-add copp arp-resolve m-copp \
        -- copp-add copp dhcpv4-opts m-copp -- copp-add copp dns m-copp \
        -- copp-add copp event-elb m-copp -- copp-add copp icmp4-error m-copp \
        -- copp-add copp icmp6-error m-copp -- copp-add copp igmp m-copp \
        -- copp-add copp nd-na m-copp -- copp-add copp nd-ns m-copp \
        -- copp-add copp nd-ns-resolve m-copp \
        -- copp-add copp nd-ra-opts m-copp \
        -- copp-add copp tcp-reset m-copp -- copp-add copp bfd m-copp \
        -- copp-add copp reject m-copp -- copp-add copp svc-monitor m-copp \
        -- create address_set name=as4 \
            addresses="\"192.0.2.1\",\"192.0.2.128/25\",\"198.51.100.7\"" \
        -- create address_set name=as6 \
            addresses="\"2001:db8::1\",\"2001:db8:1::/48\"" \
        -- create address_set name=asmac \
            addresses="\"0a:00:00:00:00:01\",\"0a:00:00:00:00:02\"" \
        -- create chassis_template_var chassis=hv1 \
            'variables:vip="192.0.2.200"' 'variables:vport="80"' \
            'variables:back="10.0.1.11:8080"' \
            'variables:vip6="2001:db8::200"' \
            'variables:back6="fd00:0:1::11"' \
        -- create chassis_template_var chassis=hv2 \
            'variables:vip="192.0.2.201"' 'variables:vport="81"' \
            'variables:back="10.0.1.12:8080"' \
            'variables:vip6="2001:db8::201"' \
            'variables:back6="fd00:0:1::12"' \
        >/dev/null
}

# Each of the following builds a part of replica $n, in one transaction.  $t
# is the prefix of all names ($u of those that expressions have without
# quotes), $x and $h the parts of IPv6 and Ethernet addresses that differ.

pn_switches () {
    set --
    for s in a b j pub ext; do
        set -- "$@" -- ls-add ${t}$s
    done
    for i in 1 2 3 4 5 6; do
        set -- "$@" -- lsp-add ${t}a ${t}a$i \
            -- lsp-set-addresses ${t}a$i \
                "0a:$h:00:01:00:1$i 10.$n.1.1$i fd00:$x:1::1$i"
    done
    for i in 1 2 3 4; do
        set -- "$@" -- lsp-add ${t}b ${t}b$i \
            -- lsp-set-addresses ${t}b$i \
                "0a:$h:00:02:00:1$i 10.$n.2.1$i fd00:$x:2::1$i"
    done
    pn_nbctl "$@" \
        -- lsp-set-port-security ${t}a1 \
            "0a:$h:00:01:00:11 10.$n.1.11 fd00:$x:1::11" \
        -- lsp-set-port-security ${t}a2 "0a:$h:00:01:00:12" \
        -- lsp-add ${t}a ${t}a1c ${t}a1 7 \
        -- lsp-set-addresses ${t}a1c "0a:$h:00:01:00:21 10.$n.1.21" \
        -- lsp-add ${t}a ${t}avip -- lsp-set-type ${t}avip virtual \
        -- lsp-set-options ${t}avip virtual-ip=10.$n.1.100 \
            virtual-parents=${t}a1,${t}a2 \
        -- lsp-add ${t}a ${t}aext -- lsp-set-type ${t}aext external \
        -- lsp-set-addresses ${t}aext \
            "0a:$h:00:01:00:31 10.$n.1.31 fd00:$x:1::31" \
        -- set logical_switch ${t}a \
            other_config:subnet=10.$n.1.0/24 \
            other_config:exclude_ips="10.$n.1.1..10.$n.1.99" \
            other_config:mcast_snoop=true other_config:mcast_querier=true \
            other_config:mcast_eth_src=0a:$h:00:01:00:01 \
            other_config:mcast_ip4_src=10.$n.1.1 \
            other_config:mcast_ip6_src=fe80::1 \
            other_config:mcast_flood_unregistered=true \
        -- lsp-add ${t}a ${t}adyn -- lsp-set-addresses ${t}adyn dynamic \
        -- lsp-add ${t}b ${t}bunk -- lsp-set-addresses ${t}bunk unknown \
        -- lsp-set-port-security ${t}bunk "0a:$h:00:02:00:ff" \
        -- lsp-set-enabled ${t}b4 disabled \
        -- set logical_switch_port ${t}b3 options:mcast_flood=true \
            options:mcast_flood_reports=true \
        -- set logical_switch ${t}b other_config:mcast_snoop=true \
            other_config:mcast_querier=false \
            other_config:vlan-passthru=true \
        -- lsp-add ${t}pub ${t}pubn -- lsp-set-type ${t}pubn localnet \
        -- lsp-set-addresses ${t}pubn unknown \
        -- lsp-set-options ${t}pubn network_name=pub localnet_learn_fdb=true \
        -- lsp-add ${t}ext ${t}extn -- lsp-set-type ${t}extn localnet \
        -- lsp-set-addresses ${t}extn unknown \
        -- lsp-set-options ${t}extn network_name=ext \
        -- fwd-group-add ${t}fg ${t}a 10.$n.1.110 0a:$h:00:01:01:10 \
            ${t}a3 ${t}a4 \
        -- --liveness fwd-group-add ${t}fgl ${t}a 10.$n.1.111 \
            0a:$h:00:01:01:11 ${t}a5 ${t}a6 \
        -- mirror-add ${t}mir gre 1 to-lport 192.0.2.99 \
        -- lsp-attach-mirror ${t}a3 ${t}mir \
        -- ls-copp-add copp ${t}a
}

pn_routers () {
    pn_nbctl \
        -- lr-add ${t}r \
        -- lrp-add ${t}r ${t}ra 0a:$h:00:01:00:01 10.$n.1.1/24 \
            fd00:$x:1::1/64 \
        -- lrp-add ${t}r ${t}rb 0a:$h:00:02:00:01 10.$n.2.1/24 \
            10.$n.3.1/24 fd00:$x:2::1/64 \
        -- lrp-add ${t}r ${t}rj 0a:$h:00:03:00:01 100.64.$n.1/24 \
            fd00:$x:3::1/64 \
        -- lrp-add ${t}r ${t}rpub 0a:$h:00:04:00:01 172.16.$n.1/24 \
            fd00:$x:4::1/64 \
        -- lrp-set-gateway-chassis ${t}rpub gw1 20 \
        -- lrp-set-gateway-chassis ${t}rpub gw2 10 \
        -- lsp-add ${t}a ${t}ar -- lsp-set-type ${t}ar router \
        -- lsp-set-addresses ${t}ar router \
        -- lsp-set-options ${t}ar router-port=${t}ra \
            arp_proxy="169.254.1.1 169.254.2.0/24" \
        -- lsp-add ${t}b ${t}br -- lsp-set-type ${t}br router \
        -- lsp-set-addresses ${t}br router \
        -- lsp-set-options ${t}br router-port=${t}rb \
        -- lsp-add ${t}j ${t}jr -- lsp-set-type ${t}jr router \
        -- lsp-set-addresses ${t}jr router \
        -- lsp-set-options ${t}jr router-port=${t}rj \
        -- lsp-add ${t}pub ${t}pubr -- lsp-set-type ${t}pubr router \
        -- lsp-set-addresses ${t}pubr router \
        -- lsp-set-options ${t}pubr router-port=${t}rpub \
            nat-addresses=router \
        -- lr-add ${t}g -- set logical_router ${t}g options:chassis=gw1 \
            options:lb_force_snat_ip=router_ip \
            options:dnat_force_snat_ip="100.64.$n.2 fd00:$x:3::2" \
            options:mcast_relay=true \
            options:always_learn_from_arp_request=false \
        -- lrp-add ${t}g ${t}gj 0a:$h:00:03:00:02 100.64.$n.2/24 \
            fd00:$x:3::2/64 \
        -- lrp-add ${t}g ${t}gext 0a:$h:00:05:00:01 172.17.$n.1/24 \
            fd00:$x:5::1/64 \
        -- lsp-add ${t}j ${t}jg -- lsp-set-type ${t}jg router \
        -- lsp-set-addresses ${t}jg router \
        -- lsp-set-options ${t}jg router-port=${t}gj \
        -- lsp-add ${t}ext ${t}extg -- lsp-set-type ${t}extg router \
        -- lsp-set-addresses ${t}extg router \
        -- lsp-set-options ${t}extg router-port=${t}gext \
        -- set logical_router ${t}r options:mcast_relay=true \
            options:dynamic_neigh_routers=true \
            options:mac_binding_age_threshold=60 \
        -- set logical_router_port ${t}rb \
            ipv6_ra_configs:address_mode=slaac \
            ipv6_ra_configs:mtu=1400 \
            ipv6_ra_configs:send_periodic=true \
            ipv6_ra_configs:rdnss=fd00::53 \
            ipv6_ra_configs:dnssl=example.org \
            ipv6_ra_configs:route_info=HIGH-fd00:9::/64 \
            ipv6_ra_configs:router_preference=LOW \
        -- set logical_router_port ${t}ra \
            ipv6_ra_configs:address_mode=dhcpv6_stateful \
            options:gateway_mtu=1400 \
        -- set logical_router_port ${t}rpub options:gateway_mtu=1450 \
            options:prefix_delegation=true \
        -- set logical_router_port ${t}rb options:prefix=true \
            options:mcast_flood=true \
        -- set logical_router_port ${t}gext options:gateway_mtu=1450 \
            options:gateway_mtu_bypass=tcp \
        -- static-mac-binding-add ${t}rj 100.64.$n.77 0a:$h:00:03:00:77 \
        -- lr-copp-add copp ${t}r
}

pn_routes () {
    pn_nbctl \
        -- lr-route-add ${t}r 0.0.0.0/0 172.16.$n.254 ${t}rpub \
        -- lr-route-add ${t}r ::/0 fd00:$x:4::fe ${t}rpub \
        -- lr-route-add ${t}r 203.0.113.0/24 discard \
        -- lr-route-add ${t}r 198.18.0.0/15 100.64.$n.2 \
        -- --policy=src-ip lr-route-add ${t}r 10.$n.2.128/25 100.64.$n.2 \
        -- --route-table=rt1 lr-route-add ${t}r 192.0.2.0/24 100.64.$n.77 \
        -- set logical_router_port ${t}ra options:route_table=rt1 \
        -- --ecmp lr-route-add ${t}r 198.51.100.0/24 100.64.$n.2 \
        -- --ecmp lr-route-add ${t}r 198.51.100.0/24 100.64.$n.77 \
        -- --ecmp lr-route-add ${t}r 2001:db8:5::/48 fd00:$x:3::2 \
        -- --ecmp lr-route-add ${t}r 2001:db8:5::/48 fd00:$x:3::77 \
        -- lr-route-add ${t}g 10.$n.0.0/16 100.64.$n.1 \
        -- lr-route-add ${t}g fd00:$x::/32 fd00:$x:3::1 \
        -- --ecmp-symmetric-reply lr-route-add ${t}g 0.0.0.0/0 \
            172.17.$n.253 ${t}gext \
        -- --ecmp-symmetric-reply lr-route-add ${t}g 0.0.0.0/0 \
            172.17.$n.254 ${t}gext \
        -- --ecmp-symmetric-reply lr-route-add ${t}g ::/0 \
            fd00:$x:5::fd ${t}gext \
        -- --ecmp-symmetric-reply lr-route-add ${t}g ::/0 \
            fd00:$x:5::fe ${t}gext \
        -- lr-policy-add ${t}r 100 \
            "ip4.src == 10.$n.1.0/24 && ip4.dst == 192.0.2.64/26" drop \
        -- lr-policy-add ${t}r 90 "ip4.dst == 198.18.3.0/24" reroute \
            100.64.$n.77 pkt_mark=7 \
        -- lr-policy-add ${t}r 80 "ip6.dst == 2001:db8:7::/48" reroute \
            fd00:$x:3::2,fd00:$x:3::77 \
        -- lr-policy-add ${t}r 80 "ip4.dst == 198.18.4.0/24" reroute \
            100.64.$n.2,100.64.$n.77 \
        -- lr-policy-add ${t}r 70 "ip4.dst == \$as4" allow pkt_mark=8 \
        -- --id=@bfd create bfd logical_port=${t}rpub \
            dst_ip=172.16.$n.254 min_tx=250 min_rx=250 detect_mult=3 \
        -- --id=@bfdr create logical_router_static_route \
            ip_prefix=198.19.0.0/16 nexthop=172.16.$n.254 bfd=@bfd \
            output_port=${t}rpub \
        -- add logical_router ${t}r static_routes @bfdr
}

pn_nat () {
    pn_nbctl \
        -- lr-nat-add ${t}r snat 172.16.$n.10 10.$n.1.0/24 \
        -- lr-nat-add ${t}r snat fd00:$x:4::10 fd00:$x:1::/64 \
        -- lr-nat-add ${t}r dnat 172.16.$n.11 10.$n.1.12 \
        -- lr-nat-add ${t}r dnat_and_snat 172.16.$n.12 10.$n.1.13 \
        -- lr-nat-add ${t}r dnat_and_snat 172.16.$n.13 10.$n.1.11 ${t}a1 \
            0a:$h:00:04:00:13 \
        -- lr-nat-add ${t}r dnat_and_snat fd00:$x:4::13 fd00:$x:1::11 \
            ${t}a1 0a:$h:00:04:00:13 \
        -- --stateless lr-nat-add ${t}r dnat_and_snat 172.16.$n.14 \
            10.$n.1.14 \
        -- --portrange lr-nat-add ${t}r dnat_and_snat 172.16.$n.15 \
            10.$n.1.15 1000-2000 \
        -- lr-nat-add ${t}g snat 172.17.$n.10 10.$n.0.0/16 \
        -- lr-nat-add ${t}g dnat_and_snat 172.17.$n.12 10.$n.2.13 \
        -- --portrange lr-nat-add ${t}g dnat 172.17.$n.11 10.$n.2.12 \
            3000-3010 \
        -- --id=@allowed create address_set name=${u}allowed \
            addresses="\"192.0.2.0/25\"" \
        -- --id=@exempt create address_set name=${u}exempt \
            addresses="\"192.0.2.128/25\"" \
        -- --id=@n1 create nat type=dnat_and_snat \
            external_ip=172.16.$n.16 logical_ip=10.$n.1.16 \
            allowed_ext_ips=@allowed \
        -- --id=@n2 create nat type=snat external_ip=172.17.$n.16 \
            logical_ip=10.$n.2.14 exempted_ext_ips=@exempt \
        -- --id=@n3 create nat type=dnat_and_snat \
            external_ip=172.17.$n.17 logical_ip=10.$n.2.15 \
            allowed_ext_ips=@allowed \
        -- add logical_router ${t}r nat @n1 \
        -- add logical_router ${t}g nat @n2 @n3
}

pn_load_balancers () {
    pn_nbctl \
        -- lb-add ${t}lb1 10.$n.9.1:80 10.$n.1.11:8080,10.$n.1.12:8080 tcp \
        -- lb-add ${t}lb1 10.$n.9.2:53 10.$n.1.11:53 tcp \
        -- lb-add ${t}lb2 10.$n.9.3:53 10.$n.1.12:53,10.$n.2.11:53 udp \
        -- lb-add ${t}lb3 10.$n.9.4:36412 10.$n.1.13:36412 sctp \
        -- lb-add ${t}lb4 10.$n.9.5 10.$n.1.11,10.$n.2.11 \
        -- lb-add ${t}lb6 "[fd00:$x:9::1]:80" \
            "[fd00:$x:1::11]:8080,[fd00:$x:2::11]:8080" tcp \
        -- lb-add ${t}lb6 "[fd00:$x:9::2]:80" "" tcp \
        -- lb-add ${t}lb7 10.$n.9.7:80 10.$n.1.11:80,10.$n.1.12:80 tcp \
        -- lb-add ${t}lb8 10.$n.9.8:80 10.$n.1.13:80,10.$n.2.11:80 tcp \
        -- lb-add ${t}lb9 172.17.$n.50:80 10.$n.1.11:80,10.$n.2.11:80 tcp \
        -- lb-add ${t}lb10 172.17.$n.51:80 10.$n.1.11:80 tcp \
        -- lb-add ${t}lb11 10.$n.9.11:80 "" tcp \
        -- lb-add ${t}lb12 10.$n.9.12:80 "" tcp \
        -- lb-add ${t}lb13 "[fd00:$x:9::3]:53" \
            "[fd00:$x:1::11]:53,[fd00:$x:2::11]:53" udp \
        -- --id=@t4 create load_balancer name=${t}lbt4 protocol=tcp \
            options:template=true options:address-family=ipv4 \
            vips="{\"^vip:^vport\"=\"^back\"}" \
        -- --id=@t6 create load_balancer name=${t}lbt6 protocol=udp \
            options:template=true options:address-family=ipv6 \
            vips="{\"^vip6\"=\"^back6\"}" \
        || return 1
    pn_nbctl \
        -- set load_balancer ${t}lb7 options:affinity_timeout=60 \
            selection_fields="ip_src,ip_dst" \
        -- set load_balancer ${t}lb13 options:affinity_timeout=30 \
        -- set load_balancer ${t}lb8 options:hairpin_snat_ip=10.$n.9.88 \
            ip_port_mappings:10.$n.1.13=${t}a3:10.$n.1.2 \
            ip_port_mappings:10.$n.2.11=${t}b1:10.$n.2.2 \
        -- --id=@hc create load_balancer_health_check \
            vip="\"10.$n.9.8:80\"" options:interval=5 options:timeout=3 \
            options:success_count=1 options:failure_count=2 \
        -- add load_balancer ${t}lb8 health_check @hc \
        -- set load_balancer ${t}lb10 options:skip_snat=true \
            options:add_route=true options:neighbor_responder=all \
        -- set load_balancer ${t}lb11 options:reject=true \
        -- set load_balancer ${t}lb12 options:event=true \
        -- --id=@lbg create load_balancer_group name=${t}lbg \
        -- add logical_switch ${t}b load_balancer_group @lbg \
        -- add logical_router ${t}g load_balancer_group @lbg \
        || return 1
    set --
    for i in 1 2 3 4 6 7 8 11 12 13; do
        set -- "$@" -- ls-lb-add ${t}a ${t}lb$i
        set -- "$@" -- lr-lb-add ${t}r ${t}lb$i
    done
    # For a distributed router, 23.03 makes no sense of templates.
    for i in t4 t6; do
        set -- "$@" -- ls-lb-add ${t}a ${t}lb$i
    done
    for i in 1 2 9 10 7 6 t4; do
        set -- "$@" -- lr-lb-add ${t}g ${t}lb$i
    done
    pn_nbctl "$@"
}

pn_acls () {
    pn_nbctl \
        -- pg-add ${u}pg1 ${t}a1 ${t}a2 ${t}b1 \
        -- pg-add ${u}pg2 ${t}a3 ${t}b2 \
        -- acl-add ${t}a from-lport 1000 "inport == \"${t}a1\" && ip4" \
            allow-related \
        -- acl-add ${t}a from-lport 999 "inport == \"${t}a2\" && ip6" allow \
        -- acl-add ${t}a from-lport 998 \
            "eth.src == \$asmac && tcp.dst == {22, 80, 443}" drop \
        -- acl-add ${t}a from-lport 997 \
            "ip4.src == \$as4 && 1000 <= udp.dst <= 2000 && 3000 < udp.src" \
            reject \
        -- --log --severity=warning --name=${t}log acl-add ${t}a to-lport \
            1001 "outport == \"${t}a3\" && icmp" drop \
        -- --log --severity=alert acl-add ${t}a to-lport 1002 \
            "outport == \"${t}a3\" && sctp.dst == 36412" reject \
        -- --log --name=${t}allow acl-add ${t}a to-lport 1003 \
            "outport == \"${t}a3\" && tcp.flags[1] == 1" allow-related \
        -- acl-add ${t}a to-lport 900 "ip6.src == \$as6 && icmp6.type == 128" \
            allow-related \
        -- acl-add ${t}a to-lport 899 \
            "ip4.dst != {10.$n.1.11, 10.$n.1.12} && !ip.is_frag" \
            allow-related \
        -- acl-add ${t}b from-lport 1000 "ip4 && udp" allow-stateless \
        -- acl-add ${t}b to-lport 1000 "ip4 && udp" allow-stateless \
        -- acl-add ${t}b from-lport 990 \
            "ip.proto == {47, 50} && ip.dscp == 46" drop \
        -- acl-add ${t}b to-lport 990 "vlan.present || arp.op == 1" allow \
        -- acl-add ${u}pg1 from-lport 1002 \
            "inport == @${u}pg1 && ip4 && 1000 <= tcp.dst <= 2000" \
            allow-related \
        -- acl-add ${u}pg1 to-lport 1002 \
            "outport == @${u}pg1 && ip4.src == {\$${u}pg2_ip4, 192.0.2.7}" \
            allow-related \
        -- acl-add ${u}pg1 to-lport 1001 \
            "outport == @${u}pg1 && ip6.src == \$${u}pg2_ip6 && udp" drop \
        -- acl-add ${u}pg2 from-lport 2000 \
            "inport == @${u}pg2 && (tcp || udp) && ct.new" reject \
        -- --id=@l create acl direction=from-lport priority=1500 \
            match="\"inport == \\\"${t}a4\\\" && tcp\"" action=allow-related \
            label=4711 \
        -- --id=@m create acl direction=to-lport priority=1501 \
            match="\"outport == \\\"${t}a4\\\" && udp\"" action=drop \
            log=true severity=notice meter=m-fair name=${t}fair \
        -- --id=@al create acl direction=from-lport priority=1502 \
            match="\"inport == \\\"${t}a5\\\" && ip4.dst == 10.$n.9.1\"" \
            action=drop options:apply-after-lb=true \
        -- --id=@al2 create acl direction=from-lport priority=1503 \
            match="\"inport == \\\"${t}a5\\\" && ip4\"" \
            action=allow-related options:apply-after-lb=true \
            log=true meter=m-log \
        -- --id=@al3 create acl direction=from-lport priority=1504 \
            match="\"inport == \\\"${t}a5\\\" && tcp.dst == 23\"" \
            action=reject options:apply-after-lb=true \
        -- add logical_switch ${t}a acls @l @m @al @al2 @al3 \
        -- qos-add ${t}a from-lport 100 "inport == \"${t}a1\" && ip4" \
            dscp=46 rate=1000 burst=100 \
        -- qos-add ${t}a to-lport 99 "outport == \"${t}a1\" && ip6" \
            dscp=10 \
        -- qos-add ${t}b from-lport 98 "ip4 && tcp.dst == 80" rate=2000
}

pn_services () {
    pn_nbctl \
        -- --id=@d4 create dhcp_options cidr=10.$n.1.0/24 \
            options:server_id=10.$n.1.1 \
            options:server_mac="\"0a:$h:00:01:00:01\"" \
            options:lease_time=3600 options:router=10.$n.1.1 \
            options:dns_server="\"{10.$n.1.1,192.0.2.53}\"" \
            options:mtu=1400 options:domain_name='"\"example.org\""' \
            options:domain_search_list='"\"a.example,b.example\""' \
            options:classless_static_route="\"{192.0.2.0/24,10.$n.1.1}\"" \
            options:tftp_server=10.$n.1.5 \
            options:bootfile_name='"\"boot\""' options:T1=100 \
            options:T2=200 options:ethernet_encap=1 \
            options:ip_forward_enable=0 options:default_ttl=64 \
            options:ntp_server='"{192.0.2.123}"' \
            options:hostname='"\"vm\""' options:wpad='"\"http://wpad\""' \
            options:path_prefix='"\"/tftp\""' \
            options:tcp_keepalive_interval=10 \
        -- --id=@d6 create dhcp_options cidr="\"fd00:$x:1::/64\"" \
            options:server_id="\"0a:$h:00:01:00:01\"" \
            options:dns_server='"{fd00::53,fd00::54}"' \
            options:domain_search='"\"example.org\""' \
        -- --id=@d6s create dhcp_options cidr="\"fd00:$x:2::/64\"" \
            options:server_id="\"0a:$h:00:02:00:01\"" \
            options:dhcpv6_stateless=true options:dns_server='"fd00::53"' \
        -- set logical_switch_port ${t}a1 dhcpv4_options=@d4 \
            dhcpv6_options=@d6 \
        -- set logical_switch_port ${t}a2 dhcpv4_options=@d4 \
            dhcpv6_options=@d6 \
        -- set logical_switch_port ${t}aext dhcpv4_options=@d4 \
            dhcpv6_options=@d6 \
        -- set logical_switch_port ${t}b1 dhcpv6_options=@d6s \
        -- --id=@dns create dns \
            records:vm1.example.org="\"10.$n.1.11 fd00:$x:1::11\"" \
            records:11.1.$n.10.in-addr.arpa=vm1.example.org \
        -- add logical_switch ${t}a dns_records @dns \
        -- --id=@ha1 create ha_chassis chassis_name=gw1 priority=1 \
        -- --id=@hag create ha_chassis_group name=${t}hag ha_chassis=@ha1 \
        -- set logical_switch_port ${t}aext ha_chassis_group=@hag
}

# Where the ports of replica $n are, and what was learned.
pn_bindings () {
    set --
    for p in a1:hv1 b1:hv1 a2:hv2 b2:hv2 a1c:hv1; do
        set -- "$@" -- lsp-bind ${t}${p%:*} ${p#*:}
    done
    pn_sbctl "$@"
}

# pn_replica N: builds one, northbound.
pn_replica () {
    n=$1 t=t$1- u=t$1_ x=`printf %x $1` h=`printf %02x $1`
    pn_switches && pn_routers && pn_routes && pn_nat && pn_load_balancers \
        && pn_acls && pn_services
} >/dev/null

# pn_northd: starts the peer's northd and waits until it is done.
pn_northd () {
    "$OVN_PEER/usr/bin/ovn-northd" -vconsole:off --detach --no-chdir \
        --pidfile="$pn_dir/northd.pid" --unixctl="$pn_dir/northd.ctl" \
        --log-file="$pn_dir/northd.log" \
        --ovnnb-db="unix:$pn_dir/ovnnb_db.sock" \
        --ovnsb-db="unix:$pn_dir/ovnsb_db.sock" \
    && pn_nbctl --timeout=1800 --wait=sb sync
}

# pn_build OVN_PEER FOLDER [REPLICAS [OPTION...]]: see above.
pn_build () {
    OVN_PEER=$1 pn_dir=`cd "$2" && pwd` pn_replicas=${3-1}
    shift; shift
    test $# = 0 || shift
    pn_options=" $* "
    case $pn_options in
        *' legacy '*) pn_dialect=legacy ;;
        *) pn_dialect= ;;
    esac

    pn_start_db nb && pn_start_db sb && pn_chassis $pn_dialect \
        && pn_globals || return 1
    case $pn_options in
        *' sample '*)
            pn_nbctl set nb_global . options:debug_drop_domain_id=3 \
                options:debug_drop_collector_set=1 || return 1 ;;
    esac
    pn_i=0
    while test $pn_i -lt $pn_replicas; do
        pn_replica $pn_i || return 1
        pn_i=$((pn_i + 1))
    done
    pn_northd || return 1
    pn_i=0
    while test $pn_i -lt $pn_replicas; do
        t=t$pn_i-
        pn_bindings || return 1
        pn_i=$((pn_i + 1))
    done
    pn_nbctl --timeout=1800 --wait=sb sync || return 1
    pn_stop northd
    case $pn_options in
        *' keep '*) return 0 ;;
    esac
    pn_stop ovnsb_db
    pn_stop ovnnb_db
}

case $0 in
    *peer-network.sh)
        pn_build "$@" && exit 0
        pn_stop northd
        pn_stop ovnsb_db
        pn_stop ovnnb_db
        exit 1 ;;
esac
