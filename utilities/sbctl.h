#ifndef SBCTL_H
#define SBCTL_H 1

/* What the files of ovn-sbctl's command groups share. */

#include "ctl-common.h"
#include "lib/ovn-sb-idl.h"

struct vconn;

/* Logical flows (sbctl-lflow.c). */
void sbctl_put_datapath_name(const struct sbrec_datapath_binding *,
                             struct ds *);
void sbctl_put_openflow(struct vconn *, const struct uuid *, bool stats,
                        struct ds *);

/* Other rows that OpenFlow flows are made from (sbctl-vflows.c). */
struct sbctl_vflows {
    const struct sbrec_datapath_binding *dp;    /* Only those, or NULL. */
    bool print_uuid;
    struct vconn *vconn;        /* For OpenFlow flows, or NULL. */
    bool stats;                 /* With counters. */
};
void sbctl_pre_vflows(struct ctl_context *);
void sbctl_put_vflows(struct ctl_context *, const struct sbctl_vflows *);

extern const struct ctl_group sbctl_chassis_group;
extern const struct ctl_group sbctl_general_group;
extern const struct ctl_group sbctl_lflow_group;
extern const struct ctl_group sbctl_port_group;
extern const struct ctl_group sbctl_show_group;

#endif /* sbctl.h */
