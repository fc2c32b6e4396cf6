/* What tests of actions share. */

#ifndef ACTIONS_FIXTURE_H
#define ACTIONS_FIXTURE_H 1

#include "actions/actions.h"
#include "simap.h"

struct ofpbuf;

/* Everything that parsing and encoding depend on, with answers that tests can
 * predict. */
struct actions_fixture {
    struct ovnact_opt_defs dhcp_opts, dhcpv6_opts;
    struct ovnact_parse_params pp;
    struct ovnact_encode_params ep;

    struct simap groups;        /* Group specification -> id. */
    struct simap ports;         /* Name -> number, beside "lspN". */
    bool print_groups;
};

void actions_fixture_init(struct actions_fixture *);
void actions_fixture_destroy(struct actions_fixture *);

/* Applies "NAME=VALUE" to the parameters. */
void actions_fixture_option(struct actions_fixture *, const char *option);

/* "lspN" is port N, "_MC_flood" 32768. */
bool actions_fixture_lookup_port(const char *name, uint32_t *key,
                                 void *fixture);

/* Formats 'acts', parses and formats the result again: it must stay as it
 * is.  Returns it, for the caller to free. */
char *actions_fixture_round_trip(const struct actions_fixture *,
                                 const struct ovnacts *acts);

/* If 'text' parses, takes it through all the steps and returns true. */
bool actions_fixture_check(struct actions_fixture *, const char *text);

/* Converts 'ofpacts' to OpenFlow 1.5 and back, as the switch sees them.  Ends
 * the program if that fails; 'text' is for the message. */
void check_openflow(const char *text, struct ofpbuf *ofpacts);

/* Ends the program if 'spec' is no group. */
void check_group(uint32_t id, const char *spec);

#endif /* actions-fixture.h */
