# A router between two switches, directly linked to another one: both
# families, several networks on a port, a port that takes unknown addresses,
# a router that learns from requests for its own address only.
ovn-nbctl ls-add ls1 \
    -- lsp-add ls1 a \
    -- lsp-set-addresses a "00:00:00:00:00:01 10.0.0.11 fd01::11" \
    -- lsp-add ls1 far -- lsp-set-addresses far "00:00:00:00:00:0f 10.7.0.1" \
    -- lsp-add ls1 ls1-lr -- lsp-set-type ls1-lr router \
    -- lsp-set-options ls1-lr router-port=lr-ls1 \
    -- lsp-set-addresses ls1-lr router \
    -- ls-add ls2 \
    -- set logical_switch ls2 \
        other_config:broadcast-arps-to-all-routers=false \
    -- lsp-add ls2 b \
    -- lsp-set-addresses b "00:00:00:00:00:02 10.0.2.11 fd02::11" unknown \
    -- lsp-add ls2 ls2-lr -- lsp-set-type ls2-lr router \
    -- lsp-set-options ls2-lr router-port=lr-ls2 \
    -- lsp-set-addresses ls2-lr router \
    -- --id=@p1 create logical_router_port name=lr-ls1 \
        mac='"00:00:00:00:01:01"' networks='10.0.0.1/24,"fd01::1/64"' \
    -- --id=@p2 create logical_router_port name=lr-ls2 \
        mac='"00:00:00:00:01:02"' \
        networks='10.0.2.1/24,10.0.3.1/24,"fd02::1/64"' \
    -- --id=@p3 create logical_router_port name=lr-lr2 \
        mac='"00:00:00:00:01:03"' networks=10.9.0.1/30 peer=lr2-lr \
    -- --id=@p4 create logical_router_port name=lr-off \
        mac='"00:00:00:00:01:04"' networks=10.8.0.1/30 enabled=false \
    -- create logical_router name=lr ports=@p1,@p2,@p3,@p4 \
    -- --id=@q1 create logical_router_port name=lr2-lr \
        mac='"00:00:00:00:02:01"' networks=10.9.0.2/30 peer=lr-lr2 \
    -- --id=@q2 create logical_router_port name=lr2-ls1 \
        mac='"00:00:00:00:02:02"' networks=10.0.0.2/24 \
    -- create logical_router name=lr2 ports=@q1,@q2 \
        options:always_learn_from_arp_request=false \
        options:dynamic_neigh_routers=true options:mcast_relay=true \
        options:mac_binding_age_threshold=60 \
    -- lsp-add ls1 ls1-lr2 -- lsp-set-type ls1-lr2 router \
    -- lsp-set-options ls1-lr2 router-port=lr2-ls1 \
    -- lsp-set-addresses ls1-lr2 router >/dev/null
