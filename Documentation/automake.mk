# The manuals: text that mkmanual.py makes man pages and HTML of, see
# Documentation/writing-manuals.md.  FOO.N comes from FOO.N.txt.
MANUALS = \
	Documentation/ovn-architecture.7 \
	Documentation/ovn-controller.8 \
	Documentation/ovn-flows.7 \
	Documentation/ovn-nb.5 \
	Documentation/ovn-northd.8 \
	Documentation/ovn-sb.5

man_MANS += $(MANUALS)
MANUALS_HTML = $(MANUALS:=.html)
html_DATA = $(MANUALS_HTML)
dist_doc_DATA = \
	Documentation/features.md \
	Documentation/writing-manuals.md

# What a change of which concerns any manual.
MANUAL_DEPS = \
	Documentation/include/common-commands.txt \
	Documentation/include/connection-table.txt \
	Documentation/include/daemon.txt \
	Documentation/include/database-conventions.txt \
	Documentation/include/database.txt \
	Documentation/include/engine-commands.txt \
	Documentation/include/logging.txt \
	Documentation/include/pipelines.txt \
	Documentation/include/ssl-table.txt \
	Documentation/include/tls-bootstrap.txt \
	Documentation/include/tls.txt \
	Documentation/include/unixctl.txt \
	Documentation/nb/global.txt \
	Documentation/nb/groups-acl.txt \
	Documentation/nb/load-balancer.txt \
	Documentation/nb/qos-mirror.txt \
	Documentation/nb/router-port.txt \
	Documentation/nb/router.txt \
	Documentation/nb/routes-nat.txt \
	Documentation/nb/services.txt \
	Documentation/nb/switch-port.txt \
	Documentation/nb/switch.txt \
	Documentation/not-implemented.list \
	Documentation/sb/access.txt \
	Documentation/sb/bindings.txt \
	Documentation/sb/flows.txt \
	Documentation/sb/global-chassis.txt \
	Documentation/sb/learned.txt \
	Documentation/sb/services.txt \
	build-aux/manualcheck.py \
	build-aux/manualout.py \
	build-aux/manualtext.py \
	build-aux/mkmanual.py \
	build-aux/schemadoc.py \
	controller/oftables.def \
	lib/actions/actions.def \
	lib/text/fields.def \
	northd/pipeline.def \
	ovn-nb.ovsschema \
	ovn-sb.ovsschema

EXTRA_DIST += \
	$(MANUALS:=.txt) \
	$(MANUAL_DEPS)
CLEANFILES += \
	$(MANUALS) \
	$(MANUALS_HTML)

MKMANUAL = $(PYTHON3) $(srcdir)/build-aux/mkmanual.py
MANUAL_OPTIONS = \
	-I $(srcdir)/Documentation \
	-I $(srcdir) \
	--list=$(srcdir)/Documentation/not-implemented.list \
	--version=$(VERSION)

$(MANUALS): %: %.txt $(MANUAL_DEPS)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	$(MKMANUAL) man $(MANUAL_OPTIONS) $< >$@.tmp && mv $@.tmp $@
$(MANUALS_HTML): %.html: %.txt $(MANUAL_DEPS)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	$(MKMANUAL) html $(MANUAL_OPTIONS) $< >$@.tmp && mv $@.tmp $@
