/* Matches that the CMS writes in the flow language. */
#ifndef NORTHD_MODEL_MATCH_H
#define NORTHD_MODEL_MATCH_H 1

#include <stdbool.h>

/* Is 'match', from the column or option 'where' of the NB row 'row', an
 * expression?  If not, chassis could not use a flow that it is a part of:
 * gives a diagnostic that ends with 'consequence' and returns false.  Whether
 * sets and ports of these names exist is no matter; of a match with a template
 * variable only chassis know what it is. */
bool match_is_valid(const void *row, const char *where, const char *match,
                    const char *consequence);

#endif /* northd/model/match.h */
