# One .at file per area, named in tests/testsuite.at, too.
TESTSUITE_AT = \
	tests/actions.at \
	tests/controller-commands.at \
	tests/controller-gateway.at \
	tests/controller-large.at \
	tests/controller.at \
	tests/controller-random.at \
	tests/controller-zones.at \
	tests/db.at \
	tests/appctl.at \
	tests/debug.at \
	tests/detrace.at \
	tests/flows.at \
	tests/harness.at \
	tests/inc.at \
	tests/local.at \
	tests/manuals.at \
	tests/nbctl-acl.at \
	tests/nbctl-compare.at \
	tests/nbctl-graph.at \
	tests/nbctl-router.at \
	tests/nbctl-service.at \
	tests/nbctl.at \
	tests/northd-peer.at \
	tests/northd-golden.at \
	tests/northd-gateway.at \
	tests/northd-nat.at \
	tests/northd-random.at \
	tests/northd-relay.at \
	tests/northd-route.at \
	tests/northd-scale.at \
	tests/net.at \
	tests/northd.at \
	tests/northd-router.at \
	tests/ofswitch.at \
	tests/ovn-ctl.at \
	tests/ovsdbapp.at \
	tests/peer.at \
	tests/perf.at \
	tests/punt.at \
	tests/sbctl.at \
	tests/schema.at \
	tests/source.at \
	tests/system-clouds.at \
	tests/system-commands.at \
	tests/system-ecmp.at \
	tests/system-failover.at \
	tests/system-routing.at \
	tests/system-stateful.at \
	tests/system-large.at \
	tests/system-flood.at \
	tests/system-nat.at \
	tests/system-neighbor.at \
	tests/system-macros.at \
	tests/system-ports.at \
	tests/system-restart.at \
	tests/system-router.at \
	tests/systemd.at \
	tests/testsuite.at \
	tests/text.at \
	tests/tls.at \
	tests/trace.at \
	tests/unit.at

EXTRA_DIST += \
	$(TESTSUITE_AT) \
	tests/actions-23.03.cases \
	tests/actions.cases \
	tests/atlocal.in \
	tests/db-test.ovsschema \
	tests/controller-gateway.sh \
	tests/controller.sh \
	tests/db.sh \
	tests/check-source.py \
	tests/functions.sh \
	tests/graph-page.py \
	tests/html-check.py \
	tests/fuzz/language.dict \
	tests/fuzz/run \
	tests/fuzz/seeds \
	tests/fuzz/seeds.py \
	tests/lab/functions.sh \
	tests/flows-db.query \
	tests/flows/mcast-relay.flows \
	tests/flows/mcast-relay.sh \
	tests/flows/daemons.flows \
	tests/flows/daemons.sh \
	tests/flows/dhcp-relay.flows \
	tests/flows/dhcp-relay.sh \
	tests/flows/prefixes.flows \
	tests/flows/prefixes.sh \
	tests/flows/bfd.flows \
	tests/flows/bfd.sh \
	tests/flows/gateway.flows \
	tests/flows/gateway.sh \
	tests/flows/arp-proxy.flows \
	tests/flows/arp-proxy.sh \
	tests/flows/localnet.flows \
	tests/flows/localnet.sh \
	tests/flows/nat-common.flows \
	tests/flows/nat-common.sh \
	tests/flows/nat-gateway-router.flows \
	tests/flows/nat-gateway-router.sh \
	tests/flows/nat-options.flows \
	tests/flows/nat-options.sh \
	tests/flows/nat.flows \
	tests/flows/nat.sh \
	tests/flows/nat-places.flows \
	tests/flows/nat-places.sh \
	tests/flows/policies.flows \
	tests/flows/policies.sh \
	tests/flows/ra.flows \
	tests/flows/ra.sh \
	tests/flows/responder.flows \
	tests/flows/responder.sh \
	tests/flows/router.flows \
	tests/flows/router.sh \
	tests/flows/routes.flows \
	tests/flows/routes.sh \
	tests/flows/switch.flows \
	tests/flows/switch.sh \
	tests/flows/symmetric.flows \
	tests/flows/symmetric.sh \
	tests/ctl-compare.py \
	tests/ctl-grammar.txt \
	tests/ctl-known.txt \
	tests/nb-columns.tsv \
	tests/northd-peer-known.txt \
	tests/northd.sh \
	tests/ofswitch.sh \
	tests/ovn-ctl.sh \
	tests/punt.sh \
	tests/random-database.py \
	tests/random-sb.py \
	tests/random-network.py \
	tests/sb-columns.tsv \
	tests/schema-columns.py \
	tests/peer-network.sh \
	tests/perf/ctl \
	tests/perf/flows \
	tests/perf/database.py \
	tests/perf/make-network \
	tests/perf/networks.py \
	tests/perf/perflib.py \
	tests/perf/run \
	tests/system/clouds.sh \
	tests/system/dump-sb \
	tests/system/flood \
	tests/system/functions.sh \
	tests/system/ovsdbapp \
	tests/system/peer \
	tests/system/unpack \
	tests/system/routers.sh \
	tests/system/stateful.sh \
	tests/system/trace-path \
	tests/text.cases \
	tests/flow-coverage.py \
	tests/trace-compare.py \
	tests/trace-db.py \
	tests/trace-known.txt \
	tests/trace-network.sh \
	tests/detrace.sh \
	tests/systemd.sh \
	tests/trace.sh \
	tests/trace/actions.spec \
	tests/trace/actions.transcript \
	tests/trace/chassis.transcript \
	tests/trace/directed.packets \
	tests/trace/errors.transcript \
	tests/trace/every.spec \
	tests/trace/every.transcript \
	tests/trace/forms.transcript \
	tests/trace/network.spec \
	tests/trace/policies.transcript \
	tests/trace/router.transcript \
	tests/trace/routes.transcript \
	tests/trace/reply.transcript \
	tests/trace/verdicts.transcript \
	tests/transcript.py

# All unit tests are subcommands of one program.
noinst_PROGRAMS += tests/test-ovn
tests_test_ovn_SOURCES = \
	$(controller_punt_sources) \
	northd/pipeline.c \
	tests/actions-fixture.c \
	tests/actions-fixture.h \
	tests/flow-matches.c \
	tests/flow-matches.h \
	tests/flows-db.c \
	tests/flows-db.h \
	tests/fuzz/actions.c \
	tests/fuzz/expr.c \
	tests/fuzz/fuzz.c \
	tests/fuzz/fuzz.h \
	tests/fuzz/lex.c \
	tests/fuzz/packet.c \
	tests/fuzz/punt.c \
	tests/test-actions.c \
	tests/test-bfd.c \
	tests/test-db-daemon.c \
	tests/test-db-rules.c \
	tests/test-db-text.c \
	tests/test-db.h \
	tests/test-dirs.c \
	tests/test-flows.c \
	tests/test-inc-pool.c \
	tests/test-inc-random.c \
	tests/test-inc.c \
	tests/test-net.c \
	tests/test-northd-pipeline.c \
	tests/test-ofswitch.c \
	tests/test-ovn.c \
	tests/test-ovn.h \
	tests/test-punt-daemon.c \
	tests/test-punt-limit.c \
	tests/test-punt.c \
	tests/test-text-expr.c \
	tests/test-text-random.c \
	tests/test-version.c

# A small schema for tests of the mirror and the sink.
dt_table_sources = tests/dt-table.c tests/dt-table.h
nodist_tests_test_ovn_SOURCES = $(dt_table_sources)
BUILT_SOURCES += $(dt_table_sources)
CLEANFILES += $(dt_table_sources)
tests/dt-table.c: tests/db-test.ovsschema lib/table/gen-table.py
	$(AM_V_GEN)$(MKDIR_P) tests && \
	$(GEN_TABLE) source dt $(srcdir)/tests/db-test.ovsschema \
	    tests/dt-table.h >$@.tmp && mv $@.tmp $@
tests/dt-table.h: tests/db-test.ovsschema lib/table/gen-table.py
	$(AM_V_GEN)$(MKDIR_P) tests && \
	$(GEN_TABLE) header dt $(srcdir)/tests/db-test.ovsschema >$@.tmp && \
	mv $@.tmp $@

TESTSUITE = tests/testsuite
TESTSUITEFLAGS =
AUTOTEST_PATH = tests:utilities:northd:controller
DISTCLEANFILES += \
	check.log \
	package.m4 \
	tests/atconfig \
	$(TESTSUITE)

package.m4: Makefile
	$(AM_V_GEN){ \
	    echo 'm4_define([AT_PACKAGE_NAME], [$(PACKAGE_NAME)])' && \
	    echo 'm4_define([AT_PACKAGE_TARNAME], [$(PACKAGE_TARNAME)])' && \
	    echo 'm4_define([AT_PACKAGE_VERSION], [$(PACKAGE_VERSION)])' && \
	    echo 'm4_define([AT_PACKAGE_STRING], [$(PACKAGE_STRING)])' && \
	    echo 'm4_define([AT_PACKAGE_BUGREPORT], [$(PACKAGE_BUGREPORT)])'; \
	} >$@.tmp && mv $@.tmp $@

$(TESTSUITE): $(TESTSUITE_AT) package.m4
	$(AM_V_GEN)$(AUTOM4TE) --language=autotest -I . \
	    -I $(srcdir) -o $@.tmp $(srcdir)/tests/testsuite.at \
	&& mv $@.tmp $@

check-local: $(TESTSUITE) tests/atconfig tests/atlocal
	rm -f tests/testsuite.dir/measured.* tests/testsuite.dir/skipped.*; \
	status=0; \
	$(SHELL) $(TESTSUITE) -C tests AUTOTEST_PATH=$(AUTOTEST_PATH) \
	    $(TESTSUITEFLAGS) || status=$$?; \
	cat tests/testsuite.dir/measured.* tests/testsuite.dir/skipped.* \
	    2>/dev/null; \
	exit $$status

clean-local:
	test ! -f $(TESTSUITE) || $(SHELL) $(TESTSUITE) -C tests --clean

# The benchmark of the engine, with and without tracking: built and run by
# tests/perf/inc-bench.sh.
EXTRA_DIST += tests/perf/inc-bench.sh
EXTRA_PROGRAMS = tests/perf/inc-bench tests/perf/inc-bench-notrack
inc_bench_sources = \
	lib/inc/diag.c \
	lib/inc/exec.c \
	lib/inc/explain.c \
	lib/inc/field.c \
	lib/inc/inc.c \
	lib/inc/index.c \
	lib/inc/pool.c \
	lib/inc/slab.c \
	lib/inc/slot.c \
	lib/inc/table.c \
	lib/inc/verify.c \
	lib/text/istr.c \
	tests/perf/inc-bench.c
tests_perf_inc_bench_SOURCES = $(inc_bench_sources)
tests_perf_inc_bench_CPPFLAGS = $(AM_CPPFLAGS)
tests_perf_inc_bench_notrack_SOURCES = $(inc_bench_sources)
tests_perf_inc_bench_notrack_CPPFLAGS = $(AM_CPPFLAGS) -DINC_NO_TRACK

# Options for tests/perf/run.
PERFFLAGS =
perf: all
	$(srcdir)/tests/perf/run --build $(abs_builddir) $(PERFFLAGS)
.PHONY: perf
