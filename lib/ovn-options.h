#ifndef OVN_OPTIONS_H
#define OVN_OPTIONS_H 1

struct option;

/* getopt_long() with the one-letter options that 'long_options' have as
 * values.  Ends the process for 'o', which prints 'long_options', and for what
 * is no option, after getopt_long() has said so.  To be called until it
 * returns -1, with the same arguments. */
int ovn_getopt(int argc, char *argv[], const struct option *long_options);

#endif /* ovn-options.h */
