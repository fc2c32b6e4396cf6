/* The groups, or the meters, of the integration bridge: what it has, and how
 * that differs from the tables 'ofgroup' and 'ofmeter'.  For ofswitch.c, which
 * talks to the switch. */
#ifndef CONTROLLER_OUT_OFOBJS_H
#define CONTROLLER_OUT_OFOBJS_H 1

#include <stdbool.h>
#include <stdint.h>

#include "controller/out/ofgroups.h"
#include "lib/text/istr.h"
#include "openvswitch/hmap.h"
#include "openvswitch/ofp-errors.h"

struct ofp_header;
struct ofpbuf;

enum ofobj_change_type { OFOBJ_ADD, OFOBJ_MODIFY, OFOBJ_DELETE };

/* A change on its way.  Holds a reference to the body. */
struct ofobj_change {
    enum ofobj_change_type type;
    uint32_t id;
    iblob body;                      /* {NULL} of a deletion. */
    uint32_t xid;                    /* Set by the sender. */
    bool refused;
};

struct ofobjs {
    enum ofid_kind kind;
    struct hmap installed;           /* struct ofobj. */
    struct hmap refused;             /* struct ofobj: do not send. */

    /* Numbers that are to be deleted when no flow uses them any more. */
    uint32_t *doomed;
    size_t n_doomed, allocated_doomed;

    struct ofobj_change *changes;
    size_t n_changes, allocated_changes;
};

void ofobjs_init(struct ofobjs *, enum ofid_kind);
void ofobjs_destroy(struct ofobjs *);

/* Forgets what the switch has, to read it anew; with 'refused', also what it
 * does not want, which another switch may. */
void ofobjs_reset(struct ofobjs *, bool refused);
/* A request for what the switch has. */
struct ofpbuf *ofobjs_encode_request(const struct ofobjs *);
/* Notes one part of the reply.  Returns false if it cannot be read. */
bool ofobjs_handle_reply(struct ofobjs *, const struct ofp_header *);
/* All is known: compares everything. */
void ofobjs_known(struct ofobjs *);

/* Turns touched rows into changes, but for deletions, which wait for
 * ofobjs_add_deletions(): the flows that use it must go first. */
void ofobjs_compare(struct ofobjs *);
void ofobjs_add_deletions(struct ofobjs *);

/* A change as a message with a transaction id of its own. */
struct ofpbuf *ofobjs_encode_change(const struct ofobjs *,
                                    const struct ofobj_change *);

/* Notes that the switch refuses the change with 'xid', unless it is a
 * deletion.  Returns false if there is none. */
bool ofobjs_refuse(struct ofobjs *, uint32_t xid, enum ofperr);
bool ofobjs_any_refused(const struct ofobjs *);

/* The switch has the changes ('done'), but for those that it refused, or none
 * of them: then they are made again.  Returns true if the switch took what it
 * had refused before. */
bool ofobjs_finish(struct ofobjs *, bool done);

#endif /* controller/out/ofobjs.h */
