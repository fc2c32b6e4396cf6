noinst_LTLIBRARIES += lib/libovn.la
lib_libovn_la_SOURCES = \
	lib/ovn-daemon.c \
	lib/ovn-daemon.h \
	lib/ovn-dirs.c \
	lib/ovn-dirs.h \
	lib/ovn-options.c \
	lib/ovn-options.h \
	lib/ovn-unixctl.c \
	lib/ovn-unixctl.h \
	lib/ovn-version.c \
	lib/ovn-version.h
nodist_lib_libovn_la_SOURCES = \
	lib/ovn-nb-idl.c \
	lib/ovn-nb-idl.h \
	lib/ovn-sb-idl.c \
	lib/ovn-sb-idl.h
lib_libovn_la_CPPFLAGS = $(AM_CPPFLAGS) \
	-DOVN_DEFAULT_BINDIR='"$(bindir)"' \
	-DOVN_DEFAULT_DBDIR='"$(DBDIR)"' \
	-DOVN_DEFAULT_LOGDIR='"$(LOGDIR)"' \
	-DOVN_DEFAULT_PKGDATADIR='"$(pkgdatadir)"' \
	-DOVN_DEFAULT_RUNDIR='"$(RUNDIR)"' \
	-DOVN_DEFAULT_SYSCONFDIR='"$(sysconfdir)"'

BUILT_SOURCES += $(nodist_lib_libovn_la_SOURCES)
CLEANFILES += \
	$(nodist_lib_libovn_la_SOURCES) \
	lib/ovn-nb-idl.ovsidl \
	lib/ovn-sb-idl.ovsidl
EXTRA_DIST += \
	lib/ovn-nb-idl.ann \
	lib/ovn-sb-idl.ann

lib/ovn-nb-idl.ovsidl: ovn-nb.ovsschema lib/ovn-nb-idl.ann
	$(AM_V_GEN)$(MKDIR_P) lib && $(OVSDB_IDLC) annotate \
	    $(srcdir)/ovn-nb.ovsschema $(srcdir)/lib/ovn-nb-idl.ann >$@.tmp \
	&& mv $@.tmp $@
lib/ovn-sb-idl.ovsidl: ovn-sb.ovsschema lib/ovn-sb-idl.ann
	$(AM_V_GEN)$(MKDIR_P) lib && $(OVSDB_IDLC) annotate \
	    $(srcdir)/ovn-sb.ovsschema $(srcdir)/lib/ovn-sb-idl.ann >$@.tmp \
	&& mv $@.tmp $@

SUFFIXES += .ovsidl
.ovsidl.c:
	$(AM_V_GEN)$(OVSDB_IDLC) c-idl-source $< >$@.tmp && mv $@.tmp $@
.ovsidl.h:
	$(AM_V_GEN)$(OVSDB_IDLC) c-idl-header $< >$@.tmp && mv $@.tmp $@
