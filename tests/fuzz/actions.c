/* Actions that parse keep their meaning as text, and become OpenFlow that the
 * switch takes. */

#include "tests/fuzz/fuzz.h"

#include "openvswitch/ofpbuf.h"
#include "tests/actions-fixture.h"
#include "util.h"

/* The first byte selects the parameters, the others are the text. */
FUZZ_TARGET(actions)
{
    if (!size) {
        return;
    }

    char *text = xmemdup0((const char *) data + 1,
                          MIN(size - 1, FUZZ_MAX_TEXT));
    struct actions_fixture f;

    actions_fixture_init(&f);
    f.pp.table.pipeline = f.ep.table.pipeline = data[0] & 1;
    f.ep.is_switch = (data[0] & 2) != 0;
    f.ep.consolidated_registers = (data[0] & 4) != 0;
    f.ep.explicit_arp_output = (data[0] & 8) != 0;
    f.ep.controller_meter = data[0] & 16;
    actions_fixture_check(&f, text);
    actions_fixture_destroy(&f);
    free(text);
}
