# A routing daemon behind a switch's port that speaks BGP and BFD with the
# addresses of the router port next to it, and another that speaks BGP only.
golden_stages='ls_in_check_port_sec|ls_in_l2_lkup'
ovn-nbctl ls-add ls -- lsp-add ls bgp -- lsp-set-addresses bgp unknown \
    -- lsp-add ls vm -- lsp-set-addresses vm "00:00:00:00:00:02 10.0.0.2" \
    -- ls-add ls2 -- lsp-add ls2 bgp2 -- lr-add lr
add_leg lr ls 00:00:00:00:01:01 10.0.0.1/24 fd00::1/64
add_leg lr ls2 00:00:00:00:01:02 10.0.2.1/24
ovn-nbctl set logical_router_port lr-ls options:routing-protocols=BGP,BFD \
        options:routing-protocol-redirect=bgp \
    -- set logical_router_port lr-ls2 options:routing-protocols=BGP \
        options:routing-protocol-redirect=bgp2
