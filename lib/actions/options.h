/* Options of actions, shared by options.c and those that encode them. */

#ifndef ACTIONS_OPTIONS_H
#define ACTIONS_OPTIONS_H 1

#include "actions/actions-private.h"

/* Codes of the options of put_nd_ra_opts(), as in RFC 4861, 4191 and 8106;
 * what is no option of a router advertisement has a number above 255. */
enum {
    RA_SLLA = 1,
    RA_PREFIX = 3,
    RA_MTU = 5,
    RA_ROUTE_INFO = 24,
    RA_RDNSS = 25,
    RA_DNSSL = 31,
    RA_ADDR_MODE = 256,
    RA_ROUTER_PREFERENCE = 257,
};

/* Parses "(NAME = VALUE, ...)". */
void ovnact_parse_option_list(struct ovnact_parser *,
                              struct ovnact_options *);
void ovnact_format_option_list(const struct ovnact_options *, struct ds *);

/* Returns the first option 'name', or null. */
const struct ovnact_option *ovnact_find_option(const struct ovnact_options *,
                                               const char *name);

/* Reports what is wrong with the options of put_nd_ra_opts(). */
void ovnact_check_nd_ra_opts(struct ovnact_parser *,
                             const struct ovnact_options *);

/* Appends 'name', a domain name, to 'b' in the format of RFC 1035 section
 * 3.1.  If 'base' >= 0, compresses it (section 4.1.4) with pointers to names
 * that begin in 'b' at or after offset 'base', which pointers count from.
 * Returns false if it is not a domain name; appended bytes may remain. */
bool ovnact_put_domain_name(struct ofpbuf *b, const char *name, int base);

#endif /* actions/options.h */
