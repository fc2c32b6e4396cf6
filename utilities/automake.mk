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
