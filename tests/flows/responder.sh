# Answers to ARP and neighbor solicitations: several addresses, types of port,
# an option that forbids them, ports that are down.
ovn-nbctl set nb_global . options:ignore_lsp_down=false \
    -- ls-add ls1 \
    -- lsp-add ls1 up \
    -- lsp-set-addresses up "00:00:00:00:00:01 10.0.0.1 10.0.0.11 fd00::1" \
    -- lsp-add ls1 down \
    -- lsp-set-addresses down "00:00:00:00:00:02 10.0.0.2" \
    -- lsp-add ls1 silent \
    -- lsp-set-addresses silent "00:00:00:00:00:03 10.0.0.3" \
    -- lsp-set-options silent disable_arp_nd_rsp=true \
    -- lsp-add ls1 local -- lsp-set-type local localport \
    -- lsp-set-addresses local "00:00:00:00:00:04 10.0.0.4" \
    -- lsp-add ls1 router -- lsp-set-type router router \
    -- lsp-set-addresses router "00:00:00:00:00:05 10.0.0.5 fd00::5" \
    -- lsp-set-options router router-port=none \
    -- lsp-add ls1 virtual -- lsp-set-type virtual virtual \
    -- lsp-set-addresses virtual "00:00:00:00:00:06 10.0.0.6"
sync_northd
ovn-sbctl set port_binding silent up=true -- set port_binding up up=true
