#ifndef TEST_OVN_H
#define TEST_OVN_H 1

/* Unit tests are subcommands of one program, so that it takes one link to
 * build them all:
 *
 *     static void
 *     test_thing(struct ovs_cmdl_context *ctx)
 *     {
 *         ovs_assert(thing(ctx->argv[1]) == 5);
 *     }
 *
 *     OVSTEST_REGISTER("thing", test_thing);
 *
 * "test-ovn thing ARG..." calls test_thing() with "thing" in argv[0]. */

#include <config.h>
#undef NDEBUG
#include "command-line.h"
#include "compiler.h"
#include "util.h"

void ovstest_register(const char *name, ovs_cmdl_handler);

#define OVSTEST_REGISTER(NAME, FUNCTION) \
    OVS_CONSTRUCTOR(register_##FUNCTION) \
    { \
        ovstest_register(NAME, FUNCTION); \
    }

#endif /* test-ovn.h */
