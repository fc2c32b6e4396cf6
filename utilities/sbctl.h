#ifndef SBCTL_H
#define SBCTL_H 1

/* What the files of ovn-sbctl's command groups share. */

#include "ctl-common.h"
#include "lib/ovn-sb-idl.h"

extern const struct ctl_group sbctl_chassis_group;
extern const struct ctl_group sbctl_general_group;
extern const struct ctl_group sbctl_lflow_group;
extern const struct ctl_group sbctl_port_group;

#endif /* sbctl.h */
