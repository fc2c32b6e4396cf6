/* What northd reports in the northbound database. */
#ifndef NORTHD_OUT_NB_H
#define NORTHD_OUT_NB_H 1

#include "lib/db/db.h"
#include "lib/inc/inc-table.h"

/* Canonical OVSDB texts; a null one leaves the column alone. */
#define NB_LSP_FIELDS(K, F, T)                                          \
    K(T, struct uuid, uuid, UUID)                                       \
    F(T, istr, up, STR)                                                 \
    F(T, istr, tag, STR)
INC_TABLE_DECLARE(nb_lsp, NB_LSP_FIELDS);

#define NB_LRP_FIELDS(K, F, T)                                          \
    K(T, struct uuid, uuid, UUID)                                       \
    F(T, istr, status, STR)                                             \
    F(T, istr, ipv6_prefix, STR)
INC_TABLE_DECLARE(nb_lrp, NB_LRP_FIELDS);

#define NB_PROGRESS_FIELDS(K, F, T)                                     \
    K(T, struct uuid, uuid, UUID)                                       \
    F(T, int64_t, nb_cfg_timestamp, I64)                                \
    F(T, int64_t, sb_cfg, I64)                                          \
    F(T, int64_t, sb_cfg_timestamp, I64)                                \
    F(T, int64_t, hv_cfg, I64)                                          \
    F(T, int64_t, hv_cfg_timestamp, I64)                                \
    F(T, istr, options, STR)
INC_TABLE_DECLARE(nb_global_out, NB_PROGRESS_FIELDS);

#define NB_BFD_FIELDS(K, F, T)                                          \
    K(T, struct uuid, uuid, UUID)                                       \
    F(T, istr, status, STR)
INC_TABLE_DECLARE(nb_bfd_out, NB_BFD_FIELDS);

extern const struct db_sink nb_sinks[];
void nb_use_columns(void);

#endif /* northd/out/nb.h */
