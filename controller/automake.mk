bin_PROGRAMS += controller/ovn-controller
controller_ovn_controller_SOURCES = \
    $(controller_punt_sources) \
    controller/compile/compile.h \
    controller/compile/lflow.c \
    controller/compile/sets.c \
    controller/compile/sets.h \
    controller/compile/template.c \
    controller/compile/template.h \
    controller/control.c \
    controller/control.h \
    controller/dumps.c \
    controller/exit-signals.c \
    controller/exit-signals.h \
    controller/inject.c \
    controller/inject.h \
    controller/main.c \
    controller/model/bfd.c \
    controller/model/bfd.h \
    controller/model/binding.c \
    controller/model/binding.h \
    controller/model/bridge.c \
    controller/model/bridge.h \
    controller/model/chassis.c \
    controller/model/chassis.h \
    controller/model/config.c \
    controller/model/config.h \
    controller/model/ha.c \
    controller/model/ha.h \
    controller/model/install.c \
    controller/model/install.h \
    controller/model/local_datapath.c \
    controller/model/local_datapath.h \
    controller/model/meter.c \
    controller/model/meter.h \
    controller/model/patch.c \
    controller/model/patch.h \
    controller/model/tunnel.c \
    controller/model/tunnel.h \
    controller/model/vif.c \
    controller/model/vif.h \
    controller/model/zone.c \
    controller/model/zone.h \
    controller/oftables.h \
    controller/out/sb.c \
    controller/out/sb.h \
    controller/out/vs.c \
    controller/out/vs.h \
    controller/physical/chassis_mac.c \
    controller/physical/common.c \
    controller/physical/ct_orig.c \
    controller/physical/fdb.c \
    controller/physical/large_packet.c \
    controller/physical/lb_hairpin.c \
    controller/physical/local_port.c \
    controller/physical/mcast.c \
    controller/physical/patch.c \
    controller/physical/neighbor.c \
    controller/physical/physical.h \
    controller/physical/port_security.c \
    controller/physical/redirect.c \
    controller/physical/tunnel.c \
    controller/punt/advertisements.c \
    controller/punt/advertisements.h \
    controller/punt/announcements.c \
    controller/punt/announcements.h \
    controller/punt/bfd_sessions.c \
    controller/punt/bfd_sessions.h \
    controller/punt/probes.c \
    controller/punt/router_port.c \
    controller/punt/router_port.h \
    controller/rule.h \
    controller/rules.c \
    controller/rules.h \
    controller/watch.c \
    controller/watch.h

# Tests link these, too.
lib_libovn_la_SOURCES += \
    controller/out/offlows.c \
    controller/out/offlows.h \
    controller/out/ofgroups.c \
    controller/out/ofgroups.h \
    controller/out/ofobjs.c \
    controller/out/ofobjs.h \
    controller/out/ofrow.c \
    controller/out/ofrow.h \
    controller/out/ofswitch.c \
    controller/out/ofswitch.h \
    controller/out/oftlv.c \
    controller/out/oftlv.h \
    controller/out/ofzones.c \
    controller/out/ofzones.h \
    controller/switch-socket.c \
    controller/switch-socket.h

EXTRA_DIST += \
    controller/oftables.def
