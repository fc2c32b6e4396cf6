#include <config.h>
#include "northd/options.h"

#include <string.h>

const struct option_info options[] = {
#define OPTION(KEY, OWNER, DFLT, DOC) { KEY, OPTION_##OWNER, DFLT, DOC },
#include "northd/options.def"
#undef OPTION
};
const size_t n_options = sizeof options / sizeof *options;

bool
option_is_generated(const char *key)
{
    for (size_t i = 0; i < n_options; i++) {
        if (options[i].owner == OPTION_GENERATED
            && !strcmp(options[i].key, key)) {
            return true;
        }
    }
    return false;
}
