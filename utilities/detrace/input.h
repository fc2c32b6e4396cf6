#ifndef UTILITIES_DETRACE_INPUT_H
#define UTILITIES_DETRACE_INPUT_H 1

/* Copies output of "ofproto/trace" or "dump-flows" and puts lines about
 * cookies below flows. */

#include <stdio.h>

struct rows;

void input_copy(FILE *in, FILE *out, struct rows *);

#endif /* utilities/detrace/input.h */
