/* Keys of NB_Global.options, from options.def. */
#ifndef NORTHD_OPTIONS_H
#define NORTHD_OPTIONS_H 1

#include <stdbool.h>
#include <stddef.h>

enum option_owner { OPTION_CMS, OPTION_GENERATED, OPTION_SB };

struct option_info {
    const char *key;
    enum option_owner owner;
    const char *dflt;               /* NULL: none. */
    const char *doc;
};
extern const struct option_info options[];
extern const size_t n_options;

/* Does northd fill in this key of NB_Global.options? */
bool option_is_generated(const char *key);

#endif /* northd/options.h */
