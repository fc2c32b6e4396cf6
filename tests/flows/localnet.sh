# A bridged switch: learning, VLANs passed through or not, localports.
ovn-nbctl ls-add ls1 \
    -- lsp-add ls1 p1 -- lsp-set-addresses p1 "00:00:00:00:00:01 10.0.0.1" \
    -- lsp-add ls1 ln1 -- lsp-set-type ln1 localnet \
    -- lsp-set-addresses ln1 unknown \
    -- lsp-set-options ln1 network_name=phys localnet_learn_fdb=true \
    -- lsp-add ls1 lp -- lsp-set-type lp localport \
    -- lsp-set-addresses lp "00:00:00:00:00:0a 10.0.0.10" \
    -- ls-add ls2 -- set logical_switch ls2 other_config:vlan-passthru=true \
    -- lsp-add ls2 q1 -- lsp-set-addresses q1 "00:00:00:00:00:02 10.0.0.2" \
    -- lsp-add ls2 ln2 -- lsp-set-type ln2 localnet \
    -- lsp-set-addresses ln2 unknown \
    -- lsp-set-options ln2 network_name=phys
