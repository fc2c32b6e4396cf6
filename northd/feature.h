/* What a feature needs, and nothing else. */
#ifndef NORTHD_FEATURE_H
#define NORTHD_FEATURE_H 1

#include "lib/db/db.h"
#include "lib/inc/inc-table.h"
#include "lib/table/nb-table.h"
#include "lib/table/sb-table.h"
#include "lib/text/istr.h"
#include "northd/emit.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "util.h"

#endif /* northd/feature.h */
