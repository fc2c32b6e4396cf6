# Switches with static and unknown addresses, learning, a disabled port.
ovn-nbctl ls-add ls1 \
    -- lsp-add ls1 p1 -- lsp-set-addresses p1 "00:00:00:00:00:01 10.0.0.1" \
    -- lsp-add ls1 p2 -- lsp-set-addresses p2 unknown \
    -- lsp-add ls1 p3 -- lsp-set-addresses p3 "00:00:00:00:00:03 10.0.0.3" \
    -- lsp-set-enabled p3 disabled \
    -- lsp-add ls1 p4 -- lsp-set-addresses p4 00:00:00:00:00:04 unknown \
    -- lsp-set-port-security p4 00:00:00:00:00:04 \
    -- lsp-add ls1 p5 -- lsp-set-addresses p5 00:00:00:00:00:05 unknown \
    -- lsp-set-options p5 force_fdb_lookup=true lsp_learn_fdb=false \
    -- ls-add ls2 \
    -- lsp-add ls2 q1 -- lsp-set-addresses q1 00:00:00:00:00:01
# A name that has to be quoted.
ovn-nbctl lsp-add ls2 'a"b\c' \
    -- lsp-set-addresses 'a"b\c' "00:00:00:00:00:09 10.0.0.9"
