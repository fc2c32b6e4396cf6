# Files of this folder.
scripts_SCRIPTS += \
	utilities/ovn-ctl \
	utilities/ovn-lib
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
	utilities/ovn-debug \
	utilities/ovn-detrace \
	utilities/ovn-nbctl \
	utilities/ovn-sbctl \
	utilities/ovn-trace
utilities_ovn_appctl_SOURCES = utilities/ovn-appctl.c
utilities_ctl_common_sources = \
	utilities/ctl-common.h \
	utilities/ctl-completion.c \
	utilities/ctl-doc.c \
	utilities/ctl-main.c \
	utilities/ctl-deleted.c \
	utilities/ctl-narrow.c \
	utilities/ctl-options.c \
	utilities/ctl-remote.c \
	utilities/ctl-run.c
utilities_ovn_nbctl_SOURCES = \
	$(utilities_ctl_common_sources) \
	utilities/nbctl-acl.c \
	utilities/nbctl-args.c \
	utilities/nbctl-context.c \
	utilities/nbctl-dhcp.c \
	utilities/nbctl-function.c \
	utilities/nbctl-fwd.c \
	utilities/nbctl-general.c \
	utilities/nbctl-graph-dot.c \
	utilities/nbctl-graph-html.c \
	utilities/nbctl-graph-model.c \
	utilities/nbctl-graph-svg.c \
	utilities/nbctl-graph-text.c \
	utilities/nbctl-graph.c \
	utilities/nbctl-graph.h \
	utilities/nbctl-group.c \
	utilities/nbctl-ha.c \
	utilities/nbctl-health.c \
	utilities/nbctl-lb.c \
	utilities/nbctl-members.c \
	utilities/nbctl-meter.c \
	utilities/nbctl-mirror.c \
	utilities/nbctl-nat.c \
	utilities/nbctl-neighbor.c \
	utilities/nbctl-policy.c \
	utilities/nbctl-port.c \
	utilities/nbctl-port-config.c \
	utilities/nbctl-qos.c \
	utilities/nbctl-route.c \
	utilities/nbctl-router.c \
	utilities/nbctl-southbound.c \
	utilities/nbctl-switch.c \
	utilities/nbctl.h \
	utilities/ovn-nbctl.c
utilities_ovn_sbctl_SOURCES = \
	$(utilities_ctl_common_sources) \
	utilities/ovn-sbctl.c \
	utilities/sbctl-chassis.c \
	utilities/sbctl-lflow.c \
	utilities/sbctl-show.c \
	utilities/sbctl-vflows.c \
	utilities/sbctl.h
utilities_ovn_debug_SOURCES = utilities/ovn-debug.c
utilities_ovn_detrace_SOURCES = \
	utilities/detrace/input.c \
	utilities/detrace/input.h \
	utilities/detrace/rows.c \
	utilities/detrace/rows.h \
	utilities/ovn-detrace.c \
	utilities/trace/offline.c \
	utilities/trace/offline.h \
	utilities/trace/source.c \
	utilities/trace/source.h \
	utilities/trace/why.c \
	utilities/trace/why.h
utilities_ovn_trace_SOURCES = \
	utilities/ovn-trace.c \
	utilities/trace/conn.c \
	utilities/trace/exec-basic.c \
	utilities/trace/exec-check.c \
	utilities/trace/exec-ct.c \
	utilities/trace/exec-fdb.c \
	utilities/trace/exec-lb.c \
	utilities/trace/exec-neighbor.c \
	utilities/trace/exec-replace.c \
	utilities/trace/exec-service.c \
	utilities/trace/net-flow.c \
	utilities/trace/net.c \
	utilities/trace/net.h \
	utilities/trace/node.c \
	utilities/trace/node.h \
	utilities/trace/offline.c \
	utilities/trace/offline.h \
	utilities/trace/openflow.c \
	utilities/trace/options.c \
	utilities/trace/options.h \
	utilities/trace/outcome.c \
	utilities/trace/reason.c \
	utilities/trace/verdict.c \
	utilities/trace/port-sec.c \
	utilities/trace/run.c \
	utilities/trace/source.c \
	utilities/trace/source.h \
	utilities/trace/trace.c \
	utilities/trace/trace.h \
	utilities/trace/why.c \
	utilities/trace/why.h

# Their manuals.  The section on commands comes from the program itself, and so
# does the completion.
UTILITIES_MANUALS = \
	utilities/ovn-appctl.8 \
	utilities/ovn-ctl.8 \
	utilities/ovn-debug.8 \
	utilities/ovn-detrace.1 \
	utilities/ovn-nbctl.8 \
	utilities/ovn-sbctl.8 \
	utilities/ovn-trace.8
UTILITIES_HTML = $(UTILITIES_MANUALS:=.html)
html_DATA += $(UTILITIES_HTML)
UTILITIES_COMMANDS = \
	utilities/ovn-ctl-items.txt \
	utilities/ovn-nbctl-commands.txt \
	utilities/ovn-sbctl-commands.txt
man_MANS += $(UTILITIES_MANUALS)
EXTRA_DIST += \
	$(UTILITIES_MANUALS:=.txt) \
	utilities/ctl-daemon.txt \
	utilities/ctl-options.txt
bashcompletiondir = $(datadir)/bash-completion/completions
bashcompletion_DATA = \
	utilities/ovn-appctl.bash \
	utilities/ovn-controller.bash \
	utilities/ovn-ctl.bash \
	utilities/ovn-debug.bash \
	utilities/ovn-detrace.bash \
	utilities/ovn-nbctl.bash \
	utilities/ovn-northd.bash \
	utilities/ovn-sbctl.bash \
	utilities/ovn-trace.bash
CLEANFILES += \
	$(UTILITIES_COMMANDS) \
	$(UTILITIES_MANUALS) \
	$(UTILITIES_HTML) \
	$(bashcompletion_DATA)

# Folders as configured, whatever the environment says.
OVN_CTL_DEFAULTS = unset OVN_RUNDIR OVN_LOGDIR OVN_DBDIR OVN_SYSCONFDIR \
	OVN_PKGDATADIR OVN_BINDIR OVN_SBINDIR OVS_RUNDIR;
utilities/ovn-ctl-items.txt: utilities/ovn-ctl utilities/ovn-lib
	$(AM_V_GEN)$(OVN_CTL_DEFAULTS) utilities/ovn-ctl --print-manual >$@.tmp \
	&& mv $@.tmp $@
utilities/ovn-nbctl-commands.txt: utilities/ovn-nbctl
	$(AM_V_GEN)utilities/ovn-nbctl --print-manual >$@.tmp && mv $@.tmp $@
utilities/ovn-sbctl-commands.txt: utilities/ovn-sbctl
	$(AM_V_GEN)utilities/ovn-sbctl --print-manual >$@.tmp && mv $@.tmp $@
utilities/ovn-nbctl.bash: utilities/ovn-nbctl
	$(AM_V_GEN)utilities/ovn-nbctl --print-completion >$@.tmp \
	&& mv $@.tmp $@
utilities/ovn-sbctl.bash: utilities/ovn-sbctl
	$(AM_V_GEN)utilities/ovn-sbctl --print-completion >$@.tmp \
	&& mv $@.tmp $@
utilities/ovn-appctl.bash: utilities/ovn-appctl
	$(AM_V_GEN)$(OVN_CTL_DEFAULTS) utilities/ovn-appctl --print-completion \
	    >$@.tmp \
	&& mv $@.tmp $@
utilities/ovn-ctl.bash: utilities/ovn-ctl utilities/ovn-lib
	$(AM_V_GEN)utilities/ovn-ctl --print-completion >$@.tmp \
	&& mv $@.tmp $@
# Daemons only have options.
DAEMON_COMPLETION = $(SHELL) $(srcdir)/utilities/daemon-completion
EXTRA_DIST += utilities/daemon-completion
utilities/ovn-controller.bash: controller/ovn-controller \
		utilities/daemon-completion
	$(AM_V_GEN)$(DAEMON_COMPLETION) controller/ovn-controller >$@.tmp \
	&& mv $@.tmp $@
utilities/ovn-northd.bash: northd/ovn-northd utilities/daemon-completion
	$(AM_V_GEN)$(DAEMON_COMPLETION) northd/ovn-northd >$@.tmp \
	&& mv $@.tmp $@
utilities/ovn-debug.bash: utilities/ovn-debug
	$(AM_V_GEN)utilities/ovn-debug --print-completion >$@.tmp \
	&& mv $@.tmp $@
utilities/ovn-detrace.bash: utilities/ovn-detrace
	$(AM_V_GEN)utilities/ovn-detrace --print-completion >$@.tmp \
	&& mv $@.tmp $@
utilities/ovn-trace.bash: utilities/ovn-trace
	$(AM_V_GEN)utilities/ovn-trace --print-completion >$@.tmp \
	&& mv $@.tmp $@
$(UTILITIES_MANUALS): %: %.txt $(MANUAL_DEPS) $(UTILITIES_COMMANDS) \
		utilities/ctl-daemon.txt utilities/ctl-options.txt
	$(AM_V_GEN)$(MKMANUAL) man -I utilities -I $(srcdir)/utilities \
	    $(MANUAL_OPTIONS) $< >$@.tmp && mv $@.tmp $@
$(UTILITIES_HTML): %.html: %.txt $(MANUAL_DEPS) $(UTILITIES_COMMANDS) \
		utilities/ctl-daemon.txt utilities/ctl-options.txt
	$(AM_V_GEN)$(MKMANUAL) html -I utilities -I $(srcdir)/utilities \
	    $(MANUAL_OPTIONS) $< >$@.tmp && mv $@.tmp $@

# Units for systemd, and the files with the options of their programs, which
# belong to the administrator once they are there.  The default folder is one
# that systemd reads for both /usr and /usr/local.
systemdunitdir = $(prefix)/lib/systemd/system
UNITS = \
	utilities/systemd/ovn-central.service \
	utilities/systemd/ovn-controller.service \
	utilities/systemd/ovn-host.service \
	utilities/systemd/ovn-northd.service \
	utilities/systemd/ovn-ovsdb-server-nb.service \
	utilities/systemd/ovn-ovsdb-server-sb.service
nodist_systemdunit_DATA = $(UNITS)
CLEANFILES += $(UNITS)
EXTRA_DIST += \
	$(UNITS:=.in) \
	utilities/systemd/ovn-central.default \
	utilities/systemd/ovn-host.default
# Rotation of logs.
logrotatedir = $(sysconfdir)/logrotate.d
nodist_logrotate_DATA = utilities/ovn-common
CLEANFILES += utilities/ovn-common
EXTRA_DIST += utilities/ovn-common.in

install-data-local:
	$(MKDIR_P) "$(DESTDIR)$(sysconfdir)/default"
	for name in ovn-central ovn-host; do \
	    to="$(DESTDIR)$(sysconfdir)/default/$$name"; \
	    test -e "$$to" || $(INSTALL_DATA) \
	        "$(srcdir)/utilities/systemd/$$name.default" "$$to" \
	        || exit 1; \
	done
uninstall-local:
	for name in ovn-central ovn-host; do \
	    from="$(srcdir)/utilities/systemd/$$name.default"; \
	    to="$(DESTDIR)$(sysconfdir)/default/$$name"; \
	    ! cmp -s "$$from" "$$to" || rm -f "$$to"; \
	done
