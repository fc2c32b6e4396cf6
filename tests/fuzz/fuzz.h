/* Fuzz targets.
 *
 *     FUZZ_TARGET(name)
 *     {
 *         ... data, size ...
 *     }
 *
 * defines one.  "tests/fuzz/run" builds each of them with libFuzzer.
 * Everywhere else they are subcommands of test-ovn: "test-ovn fuzz-name
 * FILE..." runs the target for each of the files, so that what a fuzzer found
 * once is tested forever. */

#ifndef FUZZ_H
#define FUZZ_H 1

#include <stddef.h>
#include <stdint.h>

#include "tests/test-ovn.h"

#ifdef FUZZ_LIBFUZZER
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_TARGET(NAME)                                               \
    static void fuzz_##NAME(const uint8_t *data, size_t size);          \
                                                                        \
    int                                                                 \
    LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)            \
    {                                                                   \
        fuzz_##NAME(data, size);                                        \
        return 0;                                                       \
    }                                                                   \
                                                                        \
    static void                                                         \
    fuzz_##NAME(const uint8_t *data, size_t size)
#else
void fuzz_run_files(struct ovs_cmdl_context *,
                    void (*target)(const uint8_t *data, size_t size));

#define FUZZ_TARGET(NAME)                                               \
    static void fuzz_##NAME(const uint8_t *data, size_t size);          \
                                                                        \
    static void                                                         \
    fuzz_##NAME##_files(struct ovs_cmdl_context *ctx)                   \
    {                                                                   \
        fuzz_run_files(ctx, fuzz_##NAME);                               \
    }                                                                   \
    OVSTEST_REGISTER("fuzz-" #NAME, fuzz_##NAME##_files)                \
                                                                        \
    static void                                                         \
    fuzz_##NAME(const uint8_t *data, size_t size)
#endif

/* More than this takes long and finds nothing else. */
#define FUZZ_MAX_TEXT 4096

#endif /* fuzz.h */
