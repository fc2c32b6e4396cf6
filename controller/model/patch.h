/* Patch ports between the integration bridge and provider bridges. */
#ifndef CONTROLLER_MODEL_PATCH_H
#define CONTROLLER_MODEL_PATCH_H 1

#include "lib/text/istr.h"

/* The name of a logical port's patch port on the integration bridge, as
 * operators know it (reference F75). */
istr patch_port_name(const char *lport);

extern const struct inc_rule patch_ports;

#endif /* controller/model/patch.h */
