#include "test-ovn.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "fatal-signal.h"
#include "ovn-version.h"

static struct ovs_cmdl_command *commands;
static size_t n_commands;

/* Adds a subcommand 'name', with any number of arguments.  Called by
 * OVSTEST_REGISTER before main() starts. */
void
ovstest_register(const char *name, ovs_cmdl_handler handler)
{
    /* There is always room for the entry that ends the table. */
    commands = xrealloc(commands, (n_commands + 2) * sizeof *commands);
    commands[n_commands++] = (struct ovs_cmdl_command) {
        .name = name, .usage = "[ARG...]", .max_args = INT_MAX,
        .handler = handler, .mode = OVS_RO,
    };
    commands[n_commands] = (struct ovs_cmdl_command) { .name = NULL };
}

static int
compare_commands(const void *a_, const void *b_)
{
    const struct ovs_cmdl_command *a = a_;
    const struct ovs_cmdl_command *b = b_;

    return strcmp(a->name, b->name);
}

static void
list_commands(struct ovs_cmdl_context *ctx)
{
    for (size_t i = 0; i < n_commands; i++) {
        puts(commands[i].name);
    }
}

OVSTEST_REGISTER("--help", list_commands);

int
main(int argc, char *argv[])
{
    ovn_set_program_name(argv[0]);
    fatal_ignore_sigpipe();
    qsort(commands, n_commands, sizeof *commands, compare_commands);
    if (argc < 2) {
        ovs_fatal(0, "a test's name is needed (--help lists them)");
    }

    struct ovs_cmdl_context ctx = { .argc = argc - 1, .argv = argv + 1 };
    ovs_cmdl_run_command(&ctx, commands);

    free(commands);
    return 0;
}
