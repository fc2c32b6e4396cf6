# Files of this folder.
scripts_SCRIPTS += \
	utilities/ovn-ctl \
	utilities/ovn-lib
dist_man_MANS += utilities/ovn-ctl.8
CLEANFILES += \
	utilities/ovn-ctl \
	utilities/ovn-lib
EXTRA_DIST += \
	utilities/ovn-ctl.in \
	utilities/ovn-lib.in

# The script's place before the programs left Open vSwitch's tree.
ovsscriptsdir = $(datadir)/openvswitch/scripts
nodist_ovsscripts_SCRIPTS = utilities/openvswitch/ovn-ctl
CLEANFILES += utilities/openvswitch/ovn-ctl
EXTRA_DIST += utilities/openvswitch/ovn-ctl.in

# The programs that edit databases.
bin_PROGRAMS += \
	utilities/ovn-appctl \
	utilities/ovn-nbctl \
	utilities/ovn-sbctl
utilities_ovn_appctl_SOURCES = utilities/ovn-appctl.c
utilities_ctl_common_sources = \
	utilities/ctl-common.h \
	utilities/ctl-doc.c \
	utilities/ctl-main.c \
	utilities/ctl-options.c \
	utilities/ctl-remote.c \
	utilities/ctl-run.c
utilities_ovn_nbctl_SOURCES = \
	$(utilities_ctl_common_sources) \
	utilities/nbctl-context.c \
	utilities/nbctl-general.c \
	utilities/nbctl-port-config.c \
	utilities/nbctl-port.c \
	utilities/nbctl-switch.c \
	utilities/nbctl.h \
	utilities/ovn-nbctl.c
utilities_ovn_sbctl_SOURCES = \
	$(utilities_ctl_common_sources) \
	utilities/ovn-sbctl.c \
	utilities/sbctl-chassis.c \
	utilities/sbctl-lflow.c \
	utilities/sbctl.h
