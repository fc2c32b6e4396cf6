/* VLAN tags of container ports, localnets and gateways. */
#ifndef NORTHD_MODEL_TAG_H
#define NORTHD_MODEL_TAG_H 1

#include "lib/inc/inc-table.h"

struct port;

#define TAG_FIELDS(K, F, T)                                             \
    K(T, const struct port *, port, ROW)                                \
    F(T, uint32_t, tag, U32)                                            \
    F(T, bool, report, BOOL)     /* To be written to NB's tag column. */
INC_TABLE_DECLARE(tag, TAG_FIELDS);

/* 0: the port has no tag. */
int64_t port_tag(const struct port *);
const struct tag *tag_of(const struct port *);

extern struct inc_index tag_by_port;
extern const struct inc_rule tags;
extern struct inc_pool *tag_pool;

/* Before the first run: tags that the northbound database holds. */
void tag_seed(void);

#endif /* northd/model/tag.h */
