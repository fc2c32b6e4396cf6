# Files of this folder.

# The script's place before the programs left Open vSwitch's tree.
ovsscriptsdir = $(datadir)/openvswitch/scripts
nodist_ovsscripts_SCRIPTS = utilities/openvswitch/ovn-ctl
CLEANFILES += utilities/openvswitch/ovn-ctl
EXTRA_DIST += utilities/openvswitch/ovn-ctl.in
