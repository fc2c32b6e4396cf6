# Answers for addresses behind a router: with its own Ethernet address next to
# a physical network, with another one, and nonsense.
ovn-nbctl ls-add ls1 -- lsp-add ls1 ln -- lsp-set-type ln localnet \
    -- lsp-set-addresses ln unknown -- ls-add ls2 -- ls-add ls3 \
    -- --id=@p1 create logical_router_port name=lr-ls1 \
        mac='"00:00:00:00:01:01"' networks=10.0.1.1/24 \
    -- --id=@p2 create logical_router_port name=lr-ls2 \
        mac='"00:00:00:00:01:02"' networks='10.0.2.1/24,"fd02::1/64"' \
    -- --id=@p3 create logical_router_port name=lr-ls3 \
        mac='"00:00:00:00:01:03"' networks=10.0.3.1/24 \
    -- create logical_router name=lr ports=@p1,@p2,@p3 \
    -- lsp-add ls1 ls1-lr -- set logical_switch_port ls1-lr type=router \
        addresses=router options:router-port=lr-ls1 \
        options:arp_proxy='"169.254.0.1 10.0.1.7/16"' \
    -- lsp-add ls2 ls2-lr -- set logical_switch_port ls2-lr type=router \
        addresses=router options:router-port=lr-ls2 \
        options:arp_proxy='"0a:00:00:00:00:55 169.254.0.1 fd33::1 fd44::/64"' \
    -- lsp-add ls3 ls3-lr -- set logical_switch_port ls3-lr type=router \
        addresses=router options:router-port=lr-ls3 \
        options:arp_proxy='"0a:00:00:00:00:55 nonsense"' >/dev/null
