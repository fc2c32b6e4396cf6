#ifndef UTILITIES_TRACE_OPTIONS_H
#define UTILITIES_TRACE_OPTIONS_H 1

/* The command line. */

#include "trace.h"

struct program_options {
    struct trace_options trace;
    const char *db;
    const char *nb_db;          /* NULL: none. */
    const char *unixctl;        /* NULL: the default. */
    bool leader_only;
};

/* Parses the command line; exits if something is wrong with it.  Returns the
 * number of arguments, which are the last ones of 'argv' then. */
int program_options_parse(int argc, char *argv[], struct program_options *);
void program_options_destroy(struct program_options *);

/* The same for the options of one trace, without exiting.  Those that 'base'
 * has are in force, unless others take their place. */
void trace_options_clone(struct trace_options *,
                         const struct trace_options *base);
void trace_options_destroy(struct trace_options *);
char *trace_options_parse(int argc, char *argv[],
                          const struct trace_options *base,
                          struct trace_options *, int *n_args)
    OVS_WARN_UNUSED_RESULT;

/* Whether anything is printed that needs the northbound database. */
bool trace_options_why(const struct trace_options *);

#endif /* utilities/trace/options.h */
