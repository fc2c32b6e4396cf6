bin_PROGRAMS += northd/ovn-northd
northd_ovn_northd_SOURCES = \
    northd/control.c \
    northd/control.h \
    northd/emit.c \
    northd/emit.h \
    northd/feature.h \
    northd/features/arp_responder.c \
    northd/features/binding_status.c \
    northd/features/bindings.c \
    northd/features/fdb.c \
    northd/features/features.h \
    northd/features/l2.c \
    northd/features/lr_admission.c \
    northd/features/lr_arp_resolve.c \
    northd/features/lr_ip_input.c \
    northd/features/lr_neighbors.c \
    northd/features/ls_router_arp.c \
    northd/features/mcast.c \
    northd/features/port_security.c \
    northd/features/rbac.c \
    northd/features/sets.c \
    northd/features/settings.c \
    northd/features/stage_defaults.c \
    northd/main.c \
    northd/model/address.c \
    northd/model/address.h \
    northd/model/config.c \
    northd/model/config.h \
    northd/model/datapath.c \
    northd/model/datapath.h \
    northd/model/port.c \
    northd/model/port.h \
    northd/model/progress.h \
    northd/model/router.c \
    northd/model/router.h \
    northd/model/switch.c \
    northd/model/switch.h \
    northd/model/tag.c \
    northd/model/tag.h \
    northd/options.c \
    northd/options.h \
    northd/out/nb.c \
    northd/out/nb.h \
    northd/out/sb.c \
    northd/out/sb.h \
    northd/pipeline.c \
    northd/pipeline.h \
    northd/rules.c \
    northd/rules.h
EXTRA_DIST += \
    northd/options.def \
    northd/pipeline.def \
    northd/registers.def
