# A network with something of everything that logical pipelines do, for tests
# of ovn-trace and of those who write logical flows.  To be sourced by tests,
# which set NBCTL and SBCTL to the commands to use.

# trace_network: fills the northbound database.
trace_network () {
    trace_switches && trace_router && trace_gateway && trace_services
}

# trace_chassis: what the chassis would write.  After northd made the ports.
trace_chassis () {
    n=0
    for chassis in hv1 hv2 gw1 gw2; do
        n=$((n + 1))
        $SBCTL chassis-add $chassis geneve 192.168.100.$n || return 1
    done
    for port in vm01 vm02 vm03 cr-lr0-pub vm21; do
        case $port in
        vm01 | vm02) on=hv1 ;;
        vm21 | vm03) on=hv2 ;;
        cr-*) on=gw1 ;;
        esac
        $SBCTL lsp-bind $port $on || return 1
    done
    $SBCTL lsp-bind vm11 hv1 && $SBCTL lsp-bind vm12 hv2 || return 1
    for port in gr0-join gr0-ext; do
        $SBCTL set port_binding $port chassis=`$SBCTL --bare --columns=_uuid \
            find chassis name=gw2` || return 1
    done
    trace_neighbor lr0 lr0-pub 172.16.0.254 \
        && trace_neighbor lr0 lr0-pub 2001:db8::fe \
        && trace_neighbor gr0 gr0-ext 172.17.0.254
}

# trace_neighbor ROUTER PORT IP: a next hop that answered.
trace_neighbor () {
    $SBCTL create mac_binding logical_port=$2 ip="\"$3\"" \
        mac='"0e:00:00:00:00:01"' \
        datapath=`$SBCTL --bare --columns=_uuid find datapath_binding \
            external_ids:name=$1` >/dev/null
}

# Two switches with machines, one with everything that ports can have.
trace_switches () {
    $NBCTL ls-add sw0 -- ls-add sw1 || return 1
    for n in 1 2 3 4; do
        $NBCTL lsp-add sw0 vm0$n -- lsp-set-addresses vm0$n \
            "f0:00:00:00:00:0$n 10.0.0.$n fd00::$n" || return 1
    done
    for n in 1 2 3; do
        $NBCTL lsp-add sw1 vm1$n -- lsp-set-addresses vm1$n \
            "f0:00:00:00:01:0$n 10.0.1.$n fd01::$n" || return 1
    done
    $NBCTL lsp-set-port-security vm02 "f0:00:00:00:00:02 10.0.0.2 fd00::2" \
        -- lsp-set-port-security vm03 f0:00:00:00:00:03 \
        -- lsp-set-addresses vm04 "f0:00:00:00:00:04 10.0.0.4 fd00::4" \
            unknown \
        -- lsp-add sw1 nomad -- lsp-set-addresses nomad unknown \
        -- lsp-add sw0 vip0 -- lsp-set-type vip0 virtual \
        -- lsp-set-options vip0 virtual-ip=10.0.0.50 \
            virtual-parents=vm01,vm03 \
        -- lsp-add sw0 local0 -- lsp-set-type local0 localport \
        -- lsp-set-addresses local0 "f0:00:00:00:00:09 10.0.0.9"
}

# A distributed router with a distributed gateway port, all kinds of NAT,
# routes and policies.
trace_router () {
    $NBCTL lr-add lr0 \
        -- lrp-add lr0 lr0-sw0 00:00:00:00:ff:01 10.0.0.254/24 fd00::fe/64 \
        -- lrp-add lr0 lr0-sw1 00:00:00:00:ff:02 10.0.1.254/24 fd01::fe/64 \
        -- lrp-add lr0 lr0-pub 00:00:20:20:12:13 172.16.0.1/24 2001:db8::1/64 \
        -- lrp-set-gateway-chassis lr0-pub gw1 20 || return 1
    for pair in sw0 sw1 pub; do
        $NBCTL --may-exist ls-add $pair -- lsp-add $pair $pair-lr0 \
            -- lsp-set-type $pair-lr0 router \
            -- lsp-set-addresses $pair-lr0 router \
            -- lsp-set-options $pair-lr0 router-port=lr0-$pair || return 1
    done
    $NBCTL lsp-add pub ln-pub -- lsp-set-type ln-pub localnet \
        -- lsp-set-addresses ln-pub unknown \
        -- lsp-set-options ln-pub network_name=phys \
        -- lr-nat-add lr0 snat 172.16.0.100 10.0.0.0/24 \
        -- lr-nat-add lr0 dnat_and_snat 172.16.0.110 10.0.0.3 \
        -- lr-nat-add lr0 dnat_and_snat 172.16.0.120 10.0.1.2 vm12 \
            30:54:00:00:00:03 \
        -- lr-nat-add lr0 dnat 172.16.0.130 10.0.0.4 \
        -- --stateless lr-nat-add lr0 dnat_and_snat 172.16.0.140 10.0.1.3 \
        -- lr-nat-add lr0 snat 2001:db8::100 fd00::/64 \
        -- lr-route-add lr0 0.0.0.0/0 172.16.0.254 lr0-pub \
        -- lr-route-add lr0 ::/0 2001:db8::fe lr0-pub \
        -- --policy=src-ip lr-route-add lr0 10.0.1.128/25 10.0.0.4 \
        -- --ecmp lr-route-add lr0 192.168.5.0/24 10.0.0.1 \
        -- --ecmp lr-route-add lr0 192.168.5.0/24 10.0.0.2 \
        -- lr-route-add lr0 192.168.66.0/24 discard \
        -- lr-policy-add lr0 100 "ip4.src == 10.0.0.4 && ip4.dst == 8.8.8.8" \
            drop \
        -- lr-policy-add lr0 90 "ip4.src == 10.0.0.2 && ip4.dst == 9.9.9.9" \
            reroute 10.0.1.1 \
        -- lr-policy-add lr0 80 "ip4.src == 10.0.0.1" allow
}

# A gateway router behind a distributed one, with NAT and load balancing.
trace_gateway () {
    $NBCTL ls-add sw2 -- lsp-add sw2 vm21 \
        -- lsp-set-addresses vm21 "f0:00:00:00:02:01 10.0.2.1" \
        -- lsp-add sw2 vm22 \
        -- lsp-set-addresses vm22 "f0:00:00:00:02:02 10.0.2.2" \
        -- lr-add lr1 -- ls-add join -- ls-add ext \
        -- create logical_router name=gr0 options:chassis=gw2 \
            options:lb_force_snat_ip=router_ip >/dev/null || return 1
    $NBCTL lrp-add lr1 lr1-sw2 00:00:00:01:ff:01 10.0.2.254/24 \
        -- lrp-add lr1 lr1-join 00:00:00:01:ff:02 100.64.0.1/24 \
        -- lrp-add gr0 gr0-join 00:00:00:02:ff:01 100.64.0.2/24 \
        -- lrp-add gr0 gr0-ext 00:00:00:02:ff:02 172.17.0.1/24 || return 1
    for pair in sw2-lr1 join-lr1 join-gr0 ext-gr0; do
        sw=${pair%-*} lr=${pair#*-}
        $NBCTL lsp-add $sw $pair -- lsp-set-type $pair router \
            -- lsp-set-addresses $pair router \
            -- lsp-set-options $pair router-port=$lr-$sw || return 1
    done
    $NBCTL lsp-add ext ln-ext -- lsp-set-type ln-ext localnet \
        -- lsp-set-addresses ln-ext unknown \
        -- lsp-set-options ln-ext network_name=phys2 \
        -- lr-route-add lr1 0.0.0.0/0 100.64.0.2 \
        -- lr-route-add gr0 10.0.2.0/24 100.64.0.1 \
        -- lr-route-add gr0 0.0.0.0/0 172.17.0.254 \
        -- lr-nat-add gr0 snat 172.17.0.100 10.0.2.0/24 \
        -- lr-nat-add gr0 dnat_and_snat 172.17.0.110 10.0.2.2 \
        -- lr-nat-add gr0 dnat 172.17.0.120 10.0.2.1
}

trace_services () {
    # Load balancers.
    $NBCTL lb-add lb-in 10.0.0.200:80 10.0.0.1:8080,10.0.1.1:8080 \
        -- lb-add lb-udp 10.0.0.200:53 10.0.0.3:5353,10.0.1.2:5353 udp \
        -- lb-add lb-ip 10.0.0.201 10.0.1.2,10.0.0.3 \
        -- lb-add lb-v6 [fd00::c8]:80 [fd00::1]:8080,[fd01::1]:8080 \
        -- --reject lb-add lb-void 10.0.0.202:80 "" \
        -- lb-add lb-pub 172.16.0.200:80 10.0.0.3:8080,10.0.1.2:8080 \
        -- lb-add lb-ext 172.17.0.200:80 10.0.2.1:8080,10.0.2.2:8080 \
        -- lb-add lb-aff 10.0.0.203:80 10.0.0.1:8080,10.0.1.1:8080 \
        -- set load_balancer lb-aff options:affinity_timeout=60 \
        -- lb-add lb-skip 172.17.0.201:80 10.0.2.1:8080 \
        -- set load_balancer lb-skip options:skip_snat=true || return 1
    for lb in in udp ip v6 void aff; do
        $NBCTL ls-lb-add sw0 lb-$lb -- ls-lb-add sw1 lb-$lb || return 1
    done
    $NBCTL lr-lb-add lr0 lb-pub -- lr-lb-add gr0 lb-ext \
        -- lr-lb-add gr0 lb-skip || return 1

    # ACLs: on a switch, on a port group, before and after load balancing.
    $NBCTL pg-add pg1 vm01 vm03 vm11 -- create address_set name=as1 \
        addresses='"10.0.0.1","10.0.1.1"' >/dev/null || return 1
    $NBCTL --name=allow-web --log acl-add pg1 to-lport 1001 \
            "outport == @pg1 && ip4 && tcp.dst == {80, 8080}" \
            allow-related \
        -- --name=no-telnet acl-add pg1 to-lport 1002 \
            "outport == @pg1 && tcp.dst == 23" reject \
        -- --name=deny-rest acl-add pg1 to-lport 900 \
            "outport == @pg1 && ip4 && tcp" drop \
        -- acl-add sw0 from-lport 1001 \
            "ip4.src == \$as1 && udp.dst == 9" drop \
        -- acl-add sw0 from-lport 1000 "ip4 && tcp.dst == 25" reject \
        -- acl-add sw0 to-lport 1000 "icmp4 && ip4.src == 10.0.1.3" drop \
        -- --apply-after-lb acl-add sw0 from-lport 1003 \
            "ip4 && tcp.dst == 8081" drop \
        -- acl-add sw2 from-lport 1000 "ip4 && udp.dst == 7" drop \
        -- acl-add sw2 from-lport 999 "ip4 && udp" allow-stateless \
        || return 1

    # DHCP, DNS, router advertisements, QoS, multicast.
    dhcp4=`$NBCTL create dhcp_options cidr=10.0.0.0/24 \
        options:server_id=10.0.0.254 options:lease_time=3600 \
        options:server_mac='"c0:ff:ee:00:00:01"' options:router=10.0.0.254`
    dhcp6=`$NBCTL create dhcp_options cidr='"fd00::/64"' \
        options:server_id='"c0:ff:ee:00:00:01"'`
    $NBCTL lsp-set-dhcpv4-options vm01 $dhcp4 \
        -- lsp-set-dhcpv6-options vm01 $dhcp6 \
        -- lsp-set-dhcpv4-options vm02 $dhcp4 \
        -- --id=@d create dns records='"vm1.ovn.org"="10.0.0.1"' \
        -- add logical_switch sw0 dns_records @d \
        -- set logical_router_port lr0-sw0 \
            ipv6_ra_configs:address_mode=slaac \
        -- qos-add sw1 from-lport 100 "ip4.src == 10.0.1.1" dscp=46 \
        -- qos-add sw1 to-lport 100 "udp" rate=1000 \
        -- set logical_switch sw2 other_config:mcast_snoop=true \
        >/dev/null
}
