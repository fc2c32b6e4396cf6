/* What a file with rules needs. */
#ifndef CONTROLLER_RULE_H
#define CONTROLLER_RULE_H 1

#include "lib/db/db.h"
#include "lib/inc/inc-table.h"
#include "lib/table/sb-table.h"
#include "lib/table/vs-table.h"
#include "lib/text/istr.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "util.h"

#endif /* controller/rule.h */
