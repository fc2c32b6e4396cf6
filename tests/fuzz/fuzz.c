/* Runs fuzz targets without a fuzzer. */

#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <stdio.h>

#include "text/symtab.h"
#include "util.h"

static uint8_t *
read_file(const char *name, size_t *size)
{
    FILE *stream = fopen(name, "rb");
    size_t allocated = 0;
    uint8_t *data = NULL;

    if (!stream) {
        ovs_fatal(errno, "%s", name);
    }
    *size = 0;
    do {
        allocated += 4096;
        data = xrealloc(data, allocated);
        *size += fread(data + *size, 1, allocated - *size, stream);
    } while (*size == allocated);
    fclose(stream);
    return data;
}

/* In verbose mode one can tell which file makes the program crash. */
void
fuzz_run_files(struct ovs_cmdl_context *ctx,
               void (*target)(const uint8_t *data, size_t size))
{
    bool verbose = ctx->argc > 1 && !strcmp(ctx->argv[1], "-v");

    for (int i = 1 + verbose; i < ctx->argc; i++) {
        size_t size;
        uint8_t *data = read_file(ctx->argv[i], &size);

        if (verbose) {
            puts(ctx->argv[i]);
            fflush(stdout);
        }

        /* A copy of the right size, for ASan to see what is beyond. */
        uint8_t *copy = xmemdup(data, size);
        target(copy, size);
        free(copy);
        free(data);
    }
    symtab_exit();
}
