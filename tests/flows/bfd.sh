# Sessions of both families on one port.
golden_stages='lr_in_ip_input'
ovn-nbctl create logical_router name=lr0 \
    -- --id=@a create logical_router_port name=lrp0 mac='"00:00:00:00:00:01"' \
        networks='"10.0.0.1/24","fd00::1/64"' \
    -- add logical_router lr0 ports @a \
    -- create bfd logical_port=lrp0 dst_ip=10.0.0.2 \
    -- create bfd logical_port=lrp0 dst_ip='"fd00::2"' >/dev/null
