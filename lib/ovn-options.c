#include <config.h>
#include "lib/ovn-options.h"

#include <getopt.h>
#include <stdlib.h>

#include "command-line.h"

int
ovn_getopt(int argc, char *argv[], const struct option *long_options)
{
    /* Static, since some options exit: not a leak. */
    static char *letters;

    if (!letters) {
        letters = ovs_cmdl_long_options_to_short_options(long_options);
    }
    int c = getopt_long(argc, argv, letters, long_options, NULL);
    switch (c) {
    case 'o':
        ovs_cmdl_print_options(long_options);
        exit(EXIT_SUCCESS);
    case '?':
        exit(EXIT_FAILURE);
    case -1:
        free(letters);
        letters = NULL;
    }
    return c;
}
