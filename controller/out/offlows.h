/* Sets of OpenFlow flows, by table, priority and match. */
#ifndef CONTROLLER_OUT_OFFLOWS_H
#define CONTROLLER_OUT_OFFLOWS_H 1

#include "lib/text/istr.h"
#include "openvswitch/hmap.h"

/* What identifies a flow.  'match' is in packed form (ofmatch_pack()). */
struct offlow_key {
    uint16_t table, priority;
    iblob match;
};

/* A member.  Holds references to the blobs. */
struct offlow {
    struct hmap_node node;
    struct offlow_key key;
    uint32_t cookie;
    iblob actions;
};

struct offlow *offlows_find(const struct hmap *, struct offlow_key);

/* Sets the flow's actions and cookie, adding it if it is new. */
void offlows_put(struct hmap *, struct offlow_key, iblob actions,
                 uint32_t cookie);
void offlows_remove(struct hmap *, struct offlow *);    /* NULL is fine. */
void offlows_clear(struct hmap *);

#endif /* controller/out/offlows.h */
