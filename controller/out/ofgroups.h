/* OpenFlow groups and meters that the controller wants the integration bridge
 * to have. */
#ifndef CONTROLLER_OUT_OFGROUPS_H
#define CONTROLLER_OUT_OFGROUPS_H 1

#include "lib/inc/inc-table.h"

/* 'text' is in the syntax of ovs-ofctl, without the number. */
#define OFGROUP_FIELDS(K, F, T)                                         \
    K(T, uint32_t, id, U32)                                             \
    F(T, istr, text, STR)
INC_TABLE_DECLARE(ofgroup, OFGROUP_FIELDS);

#define OFMETER_FIELDS(K, F, T)                                         \
    K(T, uint32_t, id, U32)                                             \
    F(T, istr, text, STR)
INC_TABLE_DECLARE(ofmeter, OFMETER_FIELDS);

/* The number of the group or meter called 'name': different names have
 * different numbers, and a number stays as long as anything uses it.  Which
 * one it is depends on the name alone but for rare collisions, so that a
 * restart finds in the switch what it wants.  For INC_SERIAL rules, which must
 * emit a row with the number. */
enum ofid_kind { OFID_GROUP, OFID_METER, N_OFID_KINDS };
uint32_t ofid_of(enum ofid_kind, const char *name);

/* Emits the group and returns its number.  A group's name is its text. */
uint32_t ofgroup_want(const char *text);

/* Between runs: forgets the names of what nobody wants, if they are many. */
void ofids_sweep(void);
void ofids_exit(void);

/* Calls 'cb' for each name that is wanted, with its number, by name. */
void ofids_list(enum ofid_kind,
                void (*cb)(const char *name, uint32_t id, void *aux),
                void *aux);

#endif /* controller/out/ofgroups.h */
