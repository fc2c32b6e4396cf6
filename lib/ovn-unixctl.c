#include <config.h>
#include "lib/ovn-unixctl.h"

#include <stdlib.h>
#include <string.h>

#include "lib/ovn-dirs.h"
#include "unixctl.h"
#include "util.h"

/* set-options [--format text|json]
 *
 * Clients of newer Open vSwitch releases send this before a command to choose
 * the form of its answer.  The library's server has only one. */
static void
set_options(struct unixctl_conn *conn, int argc, const char *argv[],
            void *aux OVS_UNUSED)
{
    const char *format = argc > 1 ? argv[argc - 1] : "text";

    if (argc > 1 && !strncmp(argv[1], "--format=", 9)) {
        format = argv[1] + 9;
    } else if (argc > 1 && (argc < 3 || strcmp(argv[1], "--format"))) {
        unixctl_command_reply_error(conn, "the only option is --format");
        return;
    }
    if (!strcmp(format, "text")) {
        unixctl_command_reply(conn, NULL);
    } else if (!strcmp(format, "json")) {
        unixctl_command_reply_error(conn, "this daemon answers in text only");
    } else {
        unixctl_command_reply_error(conn, "the format is text or json");
    }
}

/* Registers the commands that all of our daemons have besides those of the
 * library. */
void
ovn_unixctl_register(void)
{
    unixctl_command_register("set-options", "[--format text|json]", 0, 2,
                             set_options, NULL);
}

/* Creates a daemon's control socket, as '--unixctl=ARG' says (see
 * ovn_unixctl_path()), with ovn_unixctl_register()'s commands.  Returns 0 and
 * the server, or a positive errno value, which is logged. */
int
ovn_unixctl_server_create(const char *arg, struct unixctl_server **server)
{
    char *path = ovn_unixctl_path(arg);
    int error = unixctl_server_create(path, server);

    free(path);
    if (!error) {
        ovn_unixctl_register();
    }
    return error;
}
