#include "test-ovn.h"

#include "lib/ovn-nb-idl.h"
#include "lib/ovn-sb-idl.h"
#include "openflow/openflow-common.h"
#include "ovn-version.h"

/* Prints what --version of a tool for one database says, and what that of
 * ovn-controller does. */
static void
test_version(struct ovs_cmdl_context *ctx)
{
    ovn_set_program_name("/usr/bin/ovn-nbctl");
    ovn_print_version(0, 0);
    ovn_print_db_version(NULL, nbrec_get_db_version());

    ovn_set_program_name("ovn-controller");
    ovn_print_version(OFP15_VERSION, OFP15_VERSION);
    ovn_print_db_version("SB", sbrec_get_db_version());
}

OVSTEST_REGISTER("version", test_version);
