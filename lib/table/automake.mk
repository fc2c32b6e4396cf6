# Tracked accessors of the columns of each database.
GEN_TABLE = $(PYTHON3) $(srcdir)/lib/table/gen-table.py
VSWITCH_SCHEMA = $(OVS_SRCDIR)/vswitchd/vswitch.ovsschema

EXTRA_DIST += lib/table/gen-table.py

lib_table_sources = \
	lib/table/nb-table.c \
	lib/table/nb-table.h \
	lib/table/sb-table.c \
	lib/table/sb-table.h \
	lib/table/vs-table.c \
	lib/table/vs-table.h
nodist_lib_libovn_la_SOURCES += $(lib_table_sources)
BUILT_SOURCES += $(lib_table_sources)
CLEANFILES += $(lib_table_sources)

lib/table/nb-table.c: ovn-nb.ovsschema lib/table/gen-table.py
	$(AM_V_GEN)$(MKDIR_P) lib/table && \
	$(GEN_TABLE) source nb $(srcdir)/ovn-nb.ovsschema lib/table/nb-table.h \
	    >$@.tmp && mv $@.tmp $@
lib/table/nb-table.h: ovn-nb.ovsschema lib/table/gen-table.py
	$(AM_V_GEN)$(MKDIR_P) lib/table && \
	$(GEN_TABLE) header nb $(srcdir)/ovn-nb.ovsschema >$@.tmp && \
	mv $@.tmp $@
lib/table/sb-table.c: ovn-sb.ovsschema lib/table/gen-table.py
	$(AM_V_GEN)$(MKDIR_P) lib/table && \
	$(GEN_TABLE) source sb $(srcdir)/ovn-sb.ovsschema lib/table/sb-table.h \
	    >$@.tmp && mv $@.tmp $@
lib/table/sb-table.h: ovn-sb.ovsschema lib/table/gen-table.py
	$(AM_V_GEN)$(MKDIR_P) lib/table && \
	$(GEN_TABLE) header sb $(srcdir)/ovn-sb.ovsschema >$@.tmp && \
	mv $@.tmp $@
lib/table/vs-table.c: $(VSWITCH_SCHEMA) lib/table/gen-table.py
	$(AM_V_GEN)$(MKDIR_P) lib/table && \
	$(GEN_TABLE) source vs $(VSWITCH_SCHEMA) lib/table/vs-table.h \
	    >$@.tmp && mv $@.tmp $@
lib/table/vs-table.h: $(VSWITCH_SCHEMA) lib/table/gen-table.py
	$(AM_V_GEN)$(MKDIR_P) lib/table && \
	$(GEN_TABLE) header vs $(VSWITCH_SCHEMA) >$@.tmp && mv $@.tmp $@
